#!/usr/bin/perl
# kb-crash.pl - kill kb-ingest at random points; no document is ever half
#
#	kb-crash.pl KILLS SEED FOLDER
#
# Documents change all the time: version V of a document says V in each of its
# passages, and some passages are the same in several documents. Each run is
# killed at a point or an instant of a seeded plan; after each, each document
# that can be found is wholly of one version it was given, not older than one
# that was found before. In the end a run without faults leaves the last
# version of each. Prints "ok what" or "not ok what" a line.
use strict;
use warnings;
use Time::HiRes qw(time sleep);
use POSIX qw(:sys_wait_h _exit);

my ($kills_wanted, $seed, $dir) = @ARGV;
srand($seed);
chdir $dir or die "kb-crash.pl: $dir: $!\n";
my $documents = 24;
my @points = map { "kb-ingest.$_" } qw(built-some before-swap after-swap
    hidden changed rewording reworded-some);
my (%version, %given, %found, %kills);	# by document
my $kills = 0;

sub write_document {
	my ($n) = @_;
	my $v = ++$version{$n};
	my $parts = 1 + int(rand(30));
	open(my $fh, '>', "docs/d$n.md") or die;
	# A new title now and then: then words are made anew.
	my $title = $n % 3 ? "Document $n" : "Document $n in form " . int($v / 2);
	print $fh "# $title\n\n";
	for my $i (1 .. $parts) {
		my $words = join ' ', map { "w" . int(rand(500)) } 1 .. 120;
		print $fh "## Part $i\n\nThis is version $v of document $n, part $i of $parts. $words\n\n";
		# Alike in all documents of the same kind, whatever version.
		print $fh "## Alike $i\n\nAlike of kind ", $n % 4, " and part $i, for whoever reads it.\n\n"
		    if $i % 2;
	}
	close($fh);
	$given{$n}{$v} = $parts;
}

sub base {
	my ($sql) = @_;
	open(my $p, '-|', 'sqlite3', '-readonly', '-separator', "\t",
	    "$dir/store/kb.db", $sql) or die;
	my @rows = <$p>;
	close($p) or die "kb-crash.pl: sqlite3 failed\n";
	chomp(@rows);
	return @rows;
}

my @bad;
sub look {
	my ($when) = @_;
	my (%parts, %versions, %alike);
	for (base("SELECT d.source, replace(p.text, char(10), ' ') FROM document d"
	    . " JOIN place x ON x.document = d.id AND x.version = d.version"
	    . " JOIN passage p ON p.row = x.row ORDER BY d.source, x.ordinal")) {
		my ($source, $text) = split /\t/;
		my ($n) = $source =~ /d(\d+)\.md/;
		while ($text =~ /version (\d+) of document (\d+), part (\d+) of (\d+)/g) {
			push @bad, "$when: $source has a passage of d$2" if $2 != $n;
			$versions{$n}{$1} = 1;
			$parts{$n}++;
		}
		while ($text =~ /Alike of kind (\d) and part (\d+)/g) {
			push @bad, "$when: $source has a text of kind $1" if $1 != $n % 4;
			$alike{$n}++;
		}
	}
	for my $n (keys %found) {
		push @bad, "$when: d$n was found before and is not"
		    if !$parts{$n} && -e "docs/d$n.md";
	}
	for my $n (keys %parts) {
		my @v = keys %{ $versions{$n} };
		push @bad, "$when: d$n is of versions @v" if @v != 1;
		my $want = $given{$n}{$v[0]};
		push @bad, "$when: d$n has $parts{$n} parts of $want" if $parts{$n} != $want;
		my $odd = int(($want + 1) / 2);
		push @bad, "$when: d$n has " . ($alike{$n} // 0) . " parts alike of $odd"
		    if ($alike{$n} // 0) != $odd;
		push @bad, "$when: d$n went back to $v[0]" if $v[0] < ($found{$n} // 0);
		$found{$n} = $v[0];
	}
	my ($lost) = base("SELECT count(*) FROM place x JOIN passage p ON p.row = x.row"
	    . " JOIN document d ON d.id = x.document AND d.version = x.version"
	    . " LEFT JOIN document o ON o.id = p.document AND o.version = p.version"
	    . " WHERE o.id IS NULL");
	push @bad, "$when: $lost places of passages that are not found" if $lost;
}

mkdir 'docs';
write_document($_) for 1 .. $documents;
my $begun = time;
my $runs = 0;
while ($kills < $kills_wanted && @bad < 5 && time - $begun < 30 + $kills_wanted * 3) {
	write_document(1 + int(rand($documents))) for 1 .. 1 + int(rand(8));
	my $gone = rand() < 0.2 ? 1 + int(rand($documents)) : 0;
	unlink "docs/d$gone.md" if $gone;
	my $point = rand() < 0.5 ? $points[int(rand(@points))] : undef;
	# A run of these takes some 0.05 to 0.3 s.
	my $after = defined $point ? 5 : rand() < 0.3 ? rand(0.02) : rand(0.25);
	my $what = rand();
	my @command = $what < 0.8 ? ('kb-ingest', '--prune', 'docs') :
	    $what < 0.9 ? ('kb-doc', 'rm', '--source', "docs/d$gone.md") :
	    ('kb-doc', 'reindex');
	my $pid = fork() // die;
	if ($pid == 0) {
		$ENV{FRONTDESK_FAULT} = "$point:" . (1 + int(rand(3))) if defined $point;
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', "$dir/run.err");
		exec(@command) or _exit(127);
	}
	my $until = time + $after;
	my $ended = 0;
	while (time < $until && !$ended) {
		$ended = waitpid($pid, WNOHANG) > 0;
		sleep 0.002 unless $ended;
	}
	if (!$ended) {
		kill 'KILL', $pid;
		waitpid($pid, 0);
	}
	my $status = $?;
	if (($status & 127) == 9) {
		$kills++;
		$kills{defined $point && $ended ? $point : 'instant'}++;
	} elsif ($status != 0) {
		push @bad, "@command ended with " . ($status >> 8) . ": " . `cat run.err`;
	}
	delete $found{$gone} if $gone;
	look("run " . ++$runs . " (@command, " . ($point // sprintf('%.3f s', $after)) . ")");
	write_document($gone) if $gone;
}
print $kills >= $kills_wanted ? "ok" : "not ok", " $kills of $kills_wanted kills\n";
print "# $runs runs, seed $seed\n";
print "# $_: $kills{$_}\n" for sort keys %kills;
print @bad ? "not ok" : "ok", " after each, every document is whole and of one version\n";
print "# $_\n" for @bad;
@bad = ();
system("kb-ingest --prune docs >/dev/null 2>run.err") == 0 or push @bad, `cat run.err`;
look("the end");
for my $n (1 .. $documents) {
	push @bad, "d$n is of version " . ($found{$n} // 'none') . ", not $version{$n}"
	    if ($found{$n} // 0) != $version{$n};
}
print @bad ? "not ok" : "ok", " the next run leaves the last version of each\n";
print "# $_\n" for @bad;
