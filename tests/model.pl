#!/usr/bin/perl
# model.pl - a pretended model on loopback
#
#	model.pl PORTFILE RECORD ANSWER
#
# Writes the port the kernel chose to PORTFILE, appends each request to RECORD
# as a line of JSON (path, key, body), and answers with the file ANSWER as it
# stands then: the first line is the status, a number of milliseconds to wait
# and extra headers, the rest is the body. A status of 0 closes the connection
# without an answer. Many connections at a time; ends with SIGTERM.
use strict;
use warnings;
use File::Basename qw(dirname);
require(dirname($0) . "/loop.pl");

my ($port_file, $record, $answer) = @ARGV;
listen_at($port_file);

sub answer {
	my ($c) = @_;
	open(my $f, '<', $answer) or die "model.pl: $answer: $!\n";
	local $/;
	my ($first, $body) = split(/\n/, <$f>, 2);
	close($f);
	my ($status, $wait, @headers) = split(/ /, $first);
	later($wait // 0, $c, $status == 0 ? undef :
	    "HTTP/1.1 $status X\r\nContent-Type: application/json\r\n" .
	    join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($body) . "\r\n\r\n$body",
	    $status == 0);
}

serve(sub {
	my ($c, $head, $body) = @_;
	my ($path) = $head =~ /^\S+ (\S+)/;
	my ($key) = $head =~ /^(?:authorization: bearer|x-api-key:) *(\S+)/mi;
	open(my $r, '>>', $record) or die "model.pl: $!\n";
	printf $r "{\"path\":\"%s\",\"key\":\"%s\",\"body\":%s}\n", $path,
	    $key // '', $body || 'null';
	close($r);
	answer($c);
});
