#!/usr/bin/perl
# desk.pl MESSAGES CONVERSATIONS OPEN - SQL that fills an empty desk.db: so many
# messages over so many conversations, of which so many are open; the words by
# Zipf's law out of 30,000, the newest message is of 2026-11-23T12:00Z
use strict;
use warnings;

my ($messages, $conversations, $open) = @ARGV;
my ($now, $apart) = (1795435200000, 20000);	# a message each 20 s
my @digits = split //, '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
my @owners = qw(ai queue user);
my @priorities = qw(medium medium medium low high urgent);
my @languages = qw(en es pt de fr hi ar id);

sub id {	# a short id, well spread
	my $n = ($_[0] * 2654435761) & 0xffffffff;
	return sprintf 'c%07x', $n & 0xfffffff;
}
sub ulid {	# of a time and a number
	my ($ms, $n, $text) = (@_, '');
	for (1 .. 10) { $text = $digits[$ms & 31] . $text; $ms >>= 5; }
	my $rest = '';
	$n = ($n * 2654435761) & 0xffffffff;
	for (1 .. 16) { $rest .= $digits[$n & 31]; $n = ($n >> 5) | (($n & 31) << 27); }
	return $text . $rest;
}
my @syllables = map { my $c = $_; map { "$c$_" } qw(a e i o u) }
    qw(b d f g k l m n p r s t v z);
sub word {	# rank to word
	my ($n, $text) = ($_[0] + 70, '');
	do { $text .= $syllables[$n % 70]; $n = int($n / 70); } while $n > 0;
	return $text;
}
my @words = map { word($_) } 1 .. 30000;
srand 7;
sub some_words {
	return join ' ', map { $words[int(30000 ** rand() - 1)] } 1 .. 4 + int(rand 12);
}
my (@rows, $table);
sub flush { print "INSERT INTO $table VALUES ", join(",\n", @rows), ";\n" if @rows; @rows = (); }
sub row {
	my ($to, $values) = @_;
	flush() if defined $table && ($table ne $to || @rows >= 500);
	$table = $to;
	push @rows, "($values)";
}

print "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN;\n";
row('instance (name, kind, phone_number_id, created_ms)', "'shop$_', 'cloud', '$_', 0") for 1 .. 4;
my $each = int($messages / $conversations);
for my $i (0 .. $conversations - 1) {
	my $id = id($i);
	my $last = $now - ($conversations - 1 - $i) * $apart;
	row('contact (id, instance, name, created_ms)',
	    "'$id', 'shop@{[1 + $i % 4]}', " . ($i % 5 ? "'Customer $i'" : 'NULL') . ", 0");
}
for my $i (0 .. $conversations - 1) {
	row('contact_alias (instance, kind, value, contact, since_ms)',
	    "'shop@{[1 + $i % 4]}', 'phone', '49170@{[1000000 + $i]}', '@{[id($i)]}', 0");
}
for my $i (0 .. $conversations - 1) {
	my $id = id($i);
	my $last = $now - ($conversations - 1 - $i) * $apart;
	my $is_open = $i % $conversations < $open;
	my $owner = $owners[$i % 3];
	row('conversation (id, instance, contact, number, status, owner, assignee, priority,'
	    . ' language, opened_ms, reopened_ms, last_in_ms, last_out_ms, waiting_ms)',
	    join ', ', "'$id'", "'shop@{[1 + $i % 4]}'", "'$id'", 1, $is_open ? "'open'" : "'resolved'",
	    "'$owner'", $owner eq 'user' ? "'agent@{[$i % 7]}'" : 'NULL', "'$priorities[$i % 6]'",
	    "'$languages[$i % 8]'", $last - $each * $conversations * $apart, $last, $last, 'NULL',
	    $is_open && $i % 2 ? $last : 'NULL');
}
for my $i (0 .. $conversations - 1) {
	row('conversation_tag', "'@{[id($i)]}', 'tag@{[$i % 12]}'") if $i % 3 == 0;
}
for my $n (0 .. $each * $conversations - 1) {
	my $i = $n % $conversations;
	my $ms = $now - ($each * $conversations - 1 - $n) * $apart;
	my $in = int($n / $conversations) % 2 != $each % 2;
	my $m = ulid($ms, $n);
	row('message (id, instance, conversation, contact, direction, kind, wamid, wa_ms,'
	    . ' stored_ms, author, status, text, sender)',
	    join ', ', "'$m'", "'shop@{[1 + $i % 4]}'", "'@{[id($i)]}'", "'@{[id($i)]}'",
	    $in ? "'in'" : "'out'", "'text'", "'wamid.$n'", $ms, $ms,
	    $in ? ('NULL', 'NULL') : ("'ai'", "'read'"), "'@{[some_words()]}'",
	    $in ? qq('["phone:49170@{[1000000 + $i]}","name:Customer $i"]') : 'NULL');
}
for my $n (0 .. $each * $conversations - 1) {
	my $i = $n % $conversations;
	my $ms = $now - ($each * $conversations - 1 - $n) * $apart;
	my $m = ulid($ms, $n);
	row('event (id, type, source, subject, time_ms, depth, data)',
	    "'$m', 'message.@{[int($n / $conversations) % 2 != $each % 2 ? 'received' : 'queued']}',"
	    . " '/instance/shop@{[1 + $i % 4]}', 'conversation/@{[id($i)]}', $ms, 0,"
	    . qq( '{"message":"$m","conversation":"@{[id($i)]}","kind":"text"}'));
}
flush();
print "COMMIT; PRAGMA journal_mode = WAL;\n";
