#!/usr/bin/perl
# drip.pl PORT COUNT SECONDS - so many clients that send a byte now and then
#
# Half of them never end their headers, half never their body. Prints how many
# were still there at the end, and the greatest age in whole seconds at which
# one was cut.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time sleep);

my ($port, $count, $seconds) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my (@open, %born);
for (1 .. $count) {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
	    PeerPort => $port) or next;
	$s->blocking(0);
	syswrite $s, "POST / HTTP/1.1\r\nHost: desk\r\n" .
	    ($_ % 2 ? 'X-Slow: ' : "Content-Length: 9999\r\n\r\n");
	$born{$s} = time;
	push @open, $s;
}
my ($end, $oldest) = (time + $seconds, 0);
while (@open && time < $end) {
	my @left;
	for my $s (@open) {
		my $sent = syswrite $s, 'x';
		my $got = sysread $s, my $answer, 10;
		if (!defined $sent || (defined $got && $got == 0)) {
			my $age = time - $born{$s};
			$oldest = $age if $age > $oldest;
			close $s;
		} else {
			push @left, $s;
		}
	}
	@open = @left;
	sleep 0.2;
}
printf "%d %d\n", scalar @open, $oldest;
