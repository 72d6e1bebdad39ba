#!/usr/bin/perl
# tool.pl - what a tool calls, on loopback, in the ways that go wrong
#
#	tool.pl PORTFILE RECORD
#
# Writes the port the kernel chose to PORTFILE and appends each request to
# RECORD: its head and body, and a line "--". What it answers, its path says:
# /ok, /slow, /huge, /drip, /garbage, /nul, /empty, /gone, /error, /reset,
# /away (a redirect to /secret), /utf8. Ends with SIGTERM.
use strict;
use warnings;
use File::Basename qw(dirname);
require(dirname($0) . "/loop.pl");

my ($port_file, $record) = @ARGV;
listen_at($port_file);
open(my $p, '<', $port_file) or die "tool.pl: $!\n";
chomp(my $port = <$p>);

sub said {
	my ($c, $status, $body, @headers) = @_;
	later(0, $c, "HTTP/1.1 $status X\r\n" . join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($body) . "\r\n\r\n$body");
}

my %answers = (
	ok => sub { said($_[0], 200, "{\"state\":\"on its way\"}\n") },
	slow => sub { later(20000, $_[0], "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n") },
	huge => sub { said($_[0], 200, "line\n" x 2000000) },
	drip => sub {
		my $c = shift;
		later(0, $c, "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n");
		later(100 * $_, $c, 'x') for 1 .. 100;
	},
	garbage => sub { said($_[0], 200, join('', map { chr(128 + $_ * 37 % 128) } 1 .. 300)) },
	nul => sub { said($_[0], 200, "a\0b\x1b[31mc\x07\n") },
	empty => sub { said($_[0], 200, '') },
	gone => sub { said($_[0], 404, "no such order zebra") },
	error => sub { said($_[0], 500, "stack trace zebra") },
	reset => sub { later(0, $_[0], undef, 1) },
	away => sub { said($_[0], 302, '', "Location: http://127.0.0.1:$port/secret") },
	utf8 => sub { said($_[0], 200, "gr\xc3\xbc\xc3\x9fe " x 200) },
	secret => sub { said($_[0], 200, 'the secret') },
);

serve(sub {
	my ($c, $head, $body) = @_;
	my ($what) = $head =~ m{^\S+ /(\w+)};
	open(my $r, '>>', $record) or die "tool.pl: $!\n";
	print $r "$head$body\n--\n";
	close($r);
	($answers{$what // ''} // $answers{gone})->($c);
});
