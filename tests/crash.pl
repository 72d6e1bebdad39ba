#!/usr/bin/perl
# crash.pl - kill the stages of a running desk again and again, then count
#
#	crash.pl KILLS SEED FOLDER
#
# Runs a whole desk in FOLDER against a pretended WhatsApp under load. Each
# start of a stage is told, by a seeded plan, at which kill point to die or
# after which instant it is killed. When KILLS have happened and every point
# had its share, the load ends, everything runs to rest without faults, and
# one line a question is printed: "ok what" or "not ok what". Kills a point
# come as lines "# kills POINT N".
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use IO::Socket::INET;
use POSIX qw(:sys_wait_h dup2 _exit);
use Time::HiRes qw(time sleep);

my ($kills_wanted, $seed, $dir) = @ARGV;
srand($seed);
chdir $dir or die "crash.pl: $dir: $!\n";
$ENV{FRONTDESK_STORE} = "$dir/store";
$ENV{FRONTDESK_CONF} = "$dir/frontdesk.conf";

# The kill points of each stage; "instant" is a kill from outside.
my @waits = qw(before-commit after-commit begin.before-commit
    begin.after-commit worked finish.before-commit finish.after-commit);
my %stages = (
	'recv' => { cmd => ['wa-recv'], points => [
	    'wa-recv.inbox.before-commit', 'wa-recv.inbox.after-commit' ] },
	'follow' => { cmd => ['wa-recv', '--follow'], points => [
	    'wa-recv.before-commit', 'wa-recv.after-commit' ] },
	'route' => { cmd => ['route', '--follow'], points => [
	    'route.before-commit', 'route.after-commit' ] },
	'ai-reply' => { cmd => ['ai-reply', '--follow'], points => [
	    map { "ai-reply.$_" } @waits ] },
	'wa-send' => { cmd => ['wa-send', '--follow'], points => [
	    (map { "wa-send.$_" } @waits), 'wa-send.posted' ] },
);
my @names = sort keys %stages;

# The receiver's socket outlives it, as one of systemd does.
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
    Listen => 1024, ReuseAddr => 1) or die "crash.pl: socket: $!\n";
my $port = $socket->sockport;

my (%pid_name, %up, %kills, $faulty, $stopping);
$faulty = 1;
$stopping = 0;
my $total = 0;

sub start {
	my ($name) = @_;
	my $s = $stages{$name};
	my ($point, $after) = (undef, undef);
	if ($faulty) {
		# Least often first, so that no point is left out.
		my @by = sort { ($kills{$a} // 0) <=> ($kills{$b} // 0) }
		    (@{ $s->{points} }, "$name.instant");
		$point = $by[int(rand(@by > 3 ? 3 : @by))];
		$after = $point =~ /instant$/ ? 0.02 + rand(0.2) : 1;
	}
	my $pid = fork() // die "crash.pl: fork: $!\n";
	if ($pid == 0) {
		if ($name eq 'recv') {
			# dup2 onto itself would leave close-on-exec set.
			dup2(fileno($socket), 3) if fileno($socket) != 3;
			open(my $three, '<&=', 3);
			fcntl($three, F_SETFD, 0);
			$ENV{LISTEN_FDS} = 1;
			$ENV{LISTEN_PID} = $$;
		}
		$ENV{FRONTDESK_FAULT} = "$point:" . (1 + int(rand(2)))
		    if defined $point && $point !~ /instant$/;
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>>', "$dir/$name.out");
		open(STDERR, '>>', "$dir/$name.err");
		exec(@{ $s->{cmd} }) or _exit(127);
	}
	$pid_name{$pid} = $name;
	$up{$name} = { pid => $pid, point => $point,
	    kill_at => defined $after ? time + $after : undef };
}

sub reap {
	while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
		my $status = $?;
		my $name = delete $pid_name{$pid} or next;
		my $was = delete $up{$name};
		if (($status & 127) == 9 && defined $was->{point}) {
			my $point = $was->{outside} && $was->{point} !~ /instant$/ ?
			    "$name.instant" : $was->{point};
			$kills{$point}++;
			$total++;
		} elsif (!$stopping) {
			my $why = $status & 127 ? 'signal ' . ($status & 127) :
			    'status ' . ($status >> 8);
			print "not ok $name ended by itself: $why\n";
			print "# see $name.err: ", `tail -n 3 $name.err`;
			finish(1);
		}
		start($name) unless $stopping;
	}
}

sub finish {
	$stopping = 1;
	kill 'KILL', keys %pid_name;
	kill 'KILL', $main::sim if $main::sim;
	exit $_[0];
}

# The pretended WhatsApp: customers' lines on its input.
pipe(my $sim_in, my $feed) or die;
our $sim = fork() // die;
if ($sim == 0) {
	open(STDIN, '<&', $sim_in);
	close($feed);
	open(STDOUT, '>', "$dir/sim.out");
	open(STDERR, '>', "$dir/sim.err");
	exec('wa-sim', '--listen', '127.0.0.1:0', '--port-file', 'sim.port',
	    '--webhook', "http://127.0.0.1:$port/", '--secret-file', 'secret',
	    '--token-file', 'token', '--record', 'calls.jsonl',
	    '--seed', $seed, '--status-delay', '5ms') or _exit(127);
}
close($sim_in);
$feed->autoflush(1);
$SIG{PIPE} = 'IGNORE';
for (1 .. 200) { last if -s 'sim.port'; sleep 0.05 }
open(my $fh, '<', 'sim.port') or die "crash.pl: wa-sim did not start\n";
chomp(my $sim_port = <$fh>);
close($fh);

open($fh, '>>', 'frontdesk.conf') or die;
print $fh "[instance shop]\nphone_number_id = 100000000000001\n",
    "url = http://127.0.0.1:$sim_port\ntoken_file = $dir/token\n",
    "quiet = 20ms\nquiet_max = 100ms\n",
    "[listen]\nsecrets_file = $dir/secret\nverify_token_file = $dir/verify\n";
close($fh);

# A reader's cursor begins at the end of the log: one that is killed before it
# stands there would begin again behind what came meanwhile.
for my $name ('route', 'ai-reply') {
	system($name, '--follow', '--once', '--from=start') == 0 or
	    die "crash.pl: $name did not begin\n";
}
start($_) for @names;
my ($sent, $next_line, $begun) = (0, time, time);
# Mostly what can be answered: a conversation handed over gives the AI no work.
my @words = (('How long does delivery take?', 'when do i get my money back',
    'Can I change my order?', 'which payment methods do you take') x 4,
    'what is the weather on mars', 'I want to talk to a human', 'gracias');
my $need = @names;
$need += @{ $_->{points} } for values %stages;

while (1) {
	reap();
	my $now = time;
	if ($now >= $next_line && $sent < 20 * $kills_wanted) {
		# A customer a few lines each: order and bursts matter.
		my $who = 491700000000 + int($sent / 2);
		my $text = $words[int(rand(@words))];
		print $feed qq({"from":"$who","text":"$text ($sent)"}\n);
		$sent++;
		$next_line = $now + 0.012;
	}
	for my $name (@names) {
		my $u = $up{$name} or next;
		if (defined $u->{kill_at} && $now >= $u->{kill_at}) {
			$u->{outside} = 1;
			kill 'KILL', $u->{pid};
			delete $u->{kill_at};
		}
	}
	last if $total >= $kills_wanted && keys(%kills) >= $need;
	if ($now - $begun > 5 + $kills_wanted) {
		print "# not every point was reached in time\n";
		last;
	}
	sleep 0.005;
}

# To rest: nobody dies any more, and everything owed is done.
$faulty = 0;
for my $name (@names) {
	my $u = $up{$name} or next;
	$u->{point} //= "$name.instant";
	$u->{outside} = 1;
	kill 'KILL', $u->{pid};
}
sub sql {
	my ($q) = @_;
	open(my $p, '-|', 'sqlite3', '-readonly', '-cmd', '.timeout 5000',
	    "$dir/store/desk.db", $q) or die;
	my @rows = <$p>;
	close($p);
	chomp(@rows);
	return @rows;
}
my $rest_until = time + 60;
my $quiet = 0;
while (time < $rest_until && $quiet < 3) {
	reap();
	my ($n) = sql("SELECT count(*) FROM message WHERE direction='in'");
	my ($jobs) = sql("SELECT count(*) FROM job");
	my ($lag) = sql("SELECT count(*) FROM event WHERE type IN"
	    . " ('message.received') AND id NOT IN (SELECT cause FROM event"
	    . " WHERE type = 'message.routed')");
	my ($queued) = sql("SELECT count(*) FROM message WHERE direction='out'"
	    . " AND status IN ('queued', 'sending')");
	$quiet = $n >= $sent && $jobs == 0 && $lag == 0 && $queued == 0 ?
	    $quiet + 1 : 0;
	sleep 0.2;
}
$stopping = 1;
kill 'TERM', keys %pid_name;
my $end = time + 12;
while (%pid_name && time < $end) { reap(); sleep 0.02 }
print %pid_name ? "not ok" : "ok", " all stages stop when asked\n";
kill 'KILL', keys %pid_name;
close($feed);
sleep 0.2;
kill 'KILL', $sim;

sub zero {
	my ($what, $q) = @_;
	my @rows = sql($q);
	print @rows ? "not ok" : "ok", " $what\n";
	print "# $_\n" for @rows[0 .. ($#rows < 9 ? $#rows : 9)];
}
print "# $sent messages, $total kills, seed $seed\n";
print "# kills $_ $kills{$_}\n" for sort keys %kills;
my @points = map { my $n = $_; (@{ $stages{$n}{points} }, "$n.instant") } @names;
my @missed = grep { !$kills{$_} } @points;
print @missed ? "not ok" : "ok", " every kill point was used\n";
print "# none at $_\n" for @missed;
print $total >= $kills_wanted ? "ok" : "not ok", " $kills_wanted kills\n";
my ($in) = sql("SELECT count(*) FROM message WHERE direction='in'");
print $in == $sent ? "ok" : "not ok",
    " every message is stored, once ($in of $sent)\n";
zero('no message is routed twice or not at all',
    "SELECT m.id || ' ' || (SELECT count(*) FROM event e WHERE"
    . " e.type='message.routed' AND e.cause = m.id) FROM message m WHERE"
    . " m.direction='in' AND (SELECT count(*) FROM event e WHERE"
    . " e.type='message.routed' AND e.cause = m.id) <> 1");
zero('no work is left open', "SELECT stage || ' ' || key FROM job");
zero('nothing queued is forgotten', "SELECT id || ' ' || status FROM message"
    . " WHERE direction='out' AND status IN ('queued', 'sending')");
zero('every conversation is answered, handed over or held',
    "SELECT c.id || ' ' || c.owner FROM conversation c WHERE"
    . " c.owner = 'ai' AND NOT EXISTS (SELECT 1 FROM message m WHERE"
    . " m.conversation = c.id AND m.direction = 'out' AND m.author = 'ai')");
zero('the same cause was answered once',
    "SELECT cause || ' ' || count(*) FROM reply JOIN message m"
    . " ON m.id = reply.message GROUP BY cause HAVING count(*) > 1");
zero('every send has an outcome', "SELECT id || ' ' || status FROM message"
    . " WHERE direction='out' AND status NOT IN ('accepted', 'sent',"
    . " 'delivered', 'read', 'played', 'held', 'cancelled')");
my ($check) = sql("PRAGMA integrity_check");
print $check eq 'ok' ? "ok" : "not ok", " the store is sound: $check\n";

# What the provider saw: no message of ours twice.
my (%seen, @twice);
open($fh, '<', 'calls.jsonl') or die;
while (<$fh>) {
	next unless /"biz_opaque_callback_data":"([0-9A-Z]{26})"/;
	push @twice, $1 if $seen{$1}++;
}
close($fh);
print @twice ? "not ok" : "ok", " no message went out twice\n";
print "# twice: $_\n" for @twice;
my ($held) = sql("SELECT count(*) FROM message WHERE status = 'held'");
print "# ", scalar(keys %seen), " sent, $held held\n";
exit 0;
