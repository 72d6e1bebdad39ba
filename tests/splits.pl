#!/usr/bin/perl
# splits.pl SEED STEPS - merge and split at random, then hold views together
#
# In the person's store: customers write under several names, are answered,
# react, edit, are merged and split, in two instances, one of which opens a new
# conversation after each resolve. At the end the union of all that conv show
# --json and desk-events --conversation print must be the log, each event once
# and where its message is; conv show must have each text once and there, too.
# Prints what is wrong, a line each; at the end the number of splits and merges.
use strict;
use warnings;
use JSON::PP;

my ($seed, $steps) = (@ARGV, 40);
srand($seed);
my $json = JSON::PP->new->utf8->canonical;
my $db = "$ENV{HOME}/.local/share/frontdesk/desk.db";
my $t = 1_790_000_000;
my ($serial, $merges, $splits) = (0, 0, 0);
my %written = (a => [], b => []);	# wamids by instance

sub wrong { print "@_\n" }

sub rows {
	my ($sql) = @_;
	open(my $in, '-|', 'sqlite3', '-readonly', $db, $sql) or die;
	chomp(my @rows = <$in>);
	close($in) or die "splits.pl: $sql\n";
	return @rows;
}

sub lines {
	open(my $in, '-|', @_) or die;
	my @lines = map { $json->decode($_) } <$in>;
	close($in) or wrong("@_: $?");
	return @lines;
}

sub one_of { return $_[rand @_] }

sub take_in {
	my ($at, %value) = @_;
	open(my $out, '|-', 'wa-recv --stdin >/dev/null') or die;
	print $out $json->encode({ object => 'whatsapp_business_account',
	    entry => [{ id => '1', changes => [{ field => 'messages',
	    value => { messaging_product => 'whatsapp', metadata => {
		phone_number_id => $at eq 'a' ? '1001' : '1002',
		display_phone_number => '15550783881' }, %value } }] }] }), "\n";
	close($out) or die "splits.pl: wa-recv: $?\n";
}

# Some know a number, some an id, some both; so there is what to merge.
sub person {
	my $n = int rand 5;
	return (one_of({ from => "4915$n" }, { from_user_id => "DE.$n" },
	    { from => "4915$n", from_user_id => "DE.$n" }), "P$n");
}

sub write_in {
	my ($at, %more) = @_;
	my ($who, $name) = person();
	my $id = 'wamid.' . ++$serial;
	my %c = (profile => { name => $name });
	$c{wa_id} = $who->{from} if $who->{from};
	$c{user_id} = $who->{from_user_id} if $who->{from_user_id};
	push @{ $written{$at} }, $id if !%more;
	take_in($at, contacts => [\%c], messages => [{ id => $id,
	    timestamp => "$t", %$who, $more{type} ? () :
	    (type => 'text', text => { body => "said-$serial" }), %more }]);
}

sub talks {
	my ($at) = @_;
	return rows("SELECT id FROM conversation WHERE merged_into IS NULL"
	    . " AND instance = '$at' ORDER BY id");
}

sub step {
	my $at = one_of('a', 'b');
	my @talks = talks($at);
	my $what = rand;
	$t += int rand 3;
	($ENV{FRONTDESK_NOW}) =
	    rows("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', $t, 'unixepoch')");
	return write_in($at) if @talks < 2 || $what < 0.3;
	my $talk = one_of(@talks);
	if ($what < 0.4 && @{ $written{$at} }) {
		# About a message, that of another person too.
		my $on = one_of(@{ $written{$at} });
		return write_in($at, @{ one_of(
		    [type => 'reaction', reaction => { message_id => $on,
			emoji => '+' }],
		    [type => 'edit', edit => { original_message_id => $on,
			message => { type => 'text',
			text => { body => "edited-$serial" } } }]) });
	} elsif ($what < 0.5) {
		my $n = ++$serial;
		system("conv reply $talk said-$n >/dev/null 2>&1");
	} elsif ($what < 0.55) {
		my $n = ++$serial;
		system("conv note $talk said-$n");
	} elsif ($what < 0.62) {
		my ($m) = rows("SELECT id FROM message WHERE direction = 'out'"
		    . " AND instance = '$at' ORDER BY random() LIMIT 1");
		$m and take_in($at, statuses => [{ id => "wamid.out.$m",
		    status => one_of('sent', 'delivered', 'read', 'failed'),
		    timestamp => "$t", recipient_id => '',
		    errors => [{ code => 131026, title => 'Undeliverable' }],
		    biz_opaque_callback_data => $m }]);
	} elsif ($what < 0.68) {
		system("conv resolve $talk");
	} elsif ($what < 0.7) {
		system("conv escalate $talk >/dev/null 2>&1");
	} elsif ($what < 0.84) {
		my $other = one_of(grep { $_ ne $talk } @talks);
		$merges++ if system("conv merge $talk $other") == 0;
	} else {
		my ($mine) = rows("SELECT group_concat(kind || ':' || value, ' ')"
		    . " FROM contact_alias WHERE contact = (SELECT contact FROM"
		    . " conversation WHERE id = '$talk')");
		my @names = split ' ', $mine;
		return if @names < 2;
		my $n = 1 + int rand(@names - 1);
		$splits++ if system("conv split $talk @names[0 .. $n - 1]") == 0;
	}
}

step() for 1 .. $steps;

# --- hold together ---

my @all = lines('conv', 'list', '--json', '--status', 'all');
my %is = map { ($_->{conversation} => $_) } @all;
my %home = map { split /\|/ } rows('SELECT id, conversation FROM message');
my %of = map { split /\|/ } rows("SELECT substr(text, 1), conversation"
    . " FROM message WHERE text GLOB 'said-*'");
my (%seen, %shown);
for my $talk (sort keys %is) {
	my @events = lines('conv', 'show', '--json', $talk);
	my @again = lines('desk-events', '--conversation', $talk);
	wrong("$talk: desk-events --conversation has other events")
	    if $json->encode([map { $_->{id} } @events])
	    ne $json->encode([map { $_->{id} } @again]);
	for my $e (@events) {
		my $d = $e->{data};
		my $what = "$talk: $e->{type} $e->{id}";
		wrong("$what: once more") if $seen{ $e->{id} }++;
		wrong("$what: subject $e->{subject}")
		    if $e->{subject} ne "conversation/$talk";
		wrong("$what: conversation $d->{conversation}")
		    if $d->{conversation} && $d->{conversation} ne $talk;
		wrong("$what: contact $d->{contact}")
		    if $d->{contact} && $d->{contact} ne $is{$talk}{contact};
		wrong("$what: the message is elsewhere")
		    if $d->{message} && ($home{ $d->{message} } // '') ne $talk;
		for my $key ('name', 'phone') {
			wrong("$what: $key $d->{$key}") if exists $d->{$key} &&
			    ($d->{$key} // '') ne ($is{$talk}{$key} // '');
		}
	}
	my $text = `conv show $talk`;
	for (grep { /^\d\d:\d\d/ } split /\n/, $text) {
		next unless /\b((?:said|edited)-\d+)/;
		next if $1 =~ /^edited/;
		wrong("$talk: conv show: $1 belongs to $of{$1}")
		    if $of{$1} ne $talk;
		wrong("$talk: conv show: $1 once more") if $shown{$1}++;
	}
	# Who waits, and how long a free text is taken: by what is in it.
	my ($clocks) = rows("SELECT coalesce(last_in_ms, 0) || ' ' ||"
	    . " coalesce((SELECT max(wa_ms) FROM message m WHERE"
	    . " m.conversation = c.id AND direction = 'in' AND kind NOT IN"
	    . " ('reaction', 'edit', 'revoke', 'system', 'history')), 0)"
	    . " FROM conversation c WHERE id = '$talk'");
	my ($is, $want) = split / /, $clocks;
	wrong("$talk: last_in_ms $is, and not $want") if $is != $want;
	wrong("$talk: nothing is in it and it is $is{$talk}{status}")
	    if !grep { $_ eq $talk } values %home;
}
wrong("$_ is in no conversation")
    for grep { !$seen{$_} } rows('SELECT id FROM message');
wrong("$_ is in no conversation") for grep { !$seen{$_} }
    rows("SELECT id FROM event WHERE subject LIKE 'conversation/%'");
wrong("$_ is not shown") for grep {
	!$shown{$_} && !rows("SELECT 1 FROM message m JOIN message e ON"
	    . " e.quoted = m.wamid AND e.kind = 'edit' WHERE m.text = '$_'")
} keys %of;
print STDERR "$merges merges, $splits splits, ", scalar keys %seen,
    " events, ", scalar keys %home, " messages\n";
