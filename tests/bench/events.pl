# events.pl COUNT [plain] - messages of customers, of about a kilobyte each
#
# Two in three have one of a thousand words that rules know, word0 to word999.
# plain: only what a hand-typed line needs, of COUNT / 20 customers.
use strict;
use warnings;

my ($count, $plain) = @ARGV;
my @said = map { "said$_" } 1 .. 400;
srand 7;
for my $n (1 .. $count) {
	my $text = '';
	$text .= (rand() < 0.02 ? 'word' . int rand 1000 : $said[rand @said]) . ' '
		while length $text < ($plain ? 60 : 300);
	my @t = gmtime 1795000000 + 3 * $n;
	my $time = sprintf '%04d-%02d-%02dT%02d:%02d:%02d.000Z',
		$t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0];
	my $who = $n * 7919 % ($count / 20 || 1);
	if ($plain) {
		printf qq({"type":"message.received","time":"%s","data":{"wamid":"w%d","kind":"text","phone":"4917%06d","text":"%s"}}\n),
			$time, $n, $who, $text;
		next;
	}
	printf qq({"specversion":"1.0","id":"01JD%022d","source":"/instance/default","type":"message.received","time":"%s","subject":"conversation/%d","data":{"message":"01JD%022d","wamid":"wamid.%040d","conversation":"%d","contact":"%d","instance":"default","kind":"text","text":"%s","phone":"4917%08d","more":"%s"}}\n),
		$n, $time, $who, $n, $n, $who, $who, $text, $who, 'x' x 250;
}
