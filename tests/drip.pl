#!/usr/bin/perl
# drip.pl PORT COUNT SECONDS - so many clients that send a byte now and then
#
# One third of them never end their headers, one never their body, one reads its
# answer a byte at a time. Prints how many were still there at the end, and the
# greatest age in whole seconds at which one was cut.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP);
use Time::HiRes qw(time sleep);

use constant { TCP_INFO => 11, ESTABLISHED => 1 };	# tcp(7), <netinet/tcp.h>

my ($port, $count, $seconds) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my (@open, %born, %reads);
for (1 .. $count) {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
	    PeerPort => $port) or next;
	$s->blocking(0);
	syswrite $s, $_ % 3 == 2 ? "GET /healthz HTTP/1.1\r\nHost: desk\r\n" .
	    "Connection: close\r\n\r\n" :
	    "POST / HTTP/1.1\r\nHost: desk\r\n" .
	    ($_ % 3 ? 'X-Slow: ' : "Content-Length: 9999\r\n\r\n");
	$reads{$s} = $_ % 3 == 2;
	$born{$s} = time;
	push @open, $s;
}
my ($end, $oldest) = (time + $seconds, 0);
while (@open && time < $end) {
	my @left;
	for my $s (@open) {
		my $sent = $reads{$s} ? 1 : syswrite $s, 'x';
		my $got = sysread $s, my $answer, $reads{$s} ? 1 : 10;
		# What it had to say may lie here unread when it is gone.
		my $gone = $reads{$s} && unpack('C',
		    getsockopt($s, IPPROTO_TCP, TCP_INFO)) != ESTABLISHED;
		if ($gone || !defined $sent || (defined $got && $got == 0)) {
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
