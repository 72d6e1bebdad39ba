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
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

my ($port_file, $record, $answer) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
    Listen => 1024, ReuseAddr => 1) or die "model.pl: $!\n";
open(my $out, '>', "$port_file.new") or die "model.pl: $!\n";
print $out $listen->sockport, "\n";
close($out);
rename("$port_file.new", $port_file);
$SIG{PIPE} = 'IGNORE';

my $select = IO::Select->new($listen);
my (%in, @due);

sub answer {
	my ($c) = @_;
	open(my $f, '<', $answer) or die "model.pl: $answer: $!\n";
	local $/;
	my ($first, $body) = split(/\n/, <$f>, 2);
	close($f);
	my ($status, $wait, @headers) = split(/ /, $first);
	push @due, { at => time + ($wait // 0) / 1000, to => $c, text =>
	    $status == 0 ? undef :
	    "HTTP/1.1 $status X\r\nContent-Type: application/json\r\n" .
	    join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($body) . "\r\n\r\n$body" };
}

while (1) {
	my $wait = 1;
	for my $d (@due) {
		my $left = $d->{at} - time;
		$wait = $left < 0 ? 0 : $left if $left < $wait;
	}
	for my $c ($select->can_read($wait)) {
		if ($c == $listen) {
			my $new = $listen->accept or next;
			$select->add($new);
			$in{$new} = '';
			next;
		}
		if (!sysread($c, $in{$c}, 65536, length $in{$c})) {
			$select->remove($c);
			delete $in{$c};
			close($c);
			next;
		}
		while ($in{$c} =~ /^(.*?\r\n\r\n)/s) {
			my $head = $1;
			my ($len) = $head =~ /^content-length: *(\d+)/mi;
			$len //= 0;
			last if length($in{$c}) < length($head) + $len;
			my $body = substr($in{$c}, length $head, $len);
			$in{$c} = substr($in{$c}, length($head) + $len);
			my ($path) = $head =~ /^\S+ (\S+)/;
			my ($key) = $head =~
			    /^(?:authorization: bearer|x-api-key:) *(\S+)/mi;
			open(my $r, '>>', $record) or die "model.pl: $!\n";
			printf $r "{\"path\":\"%s\",\"key\":\"%s\",\"body\":%s}\n",
			    $path, $key // '', $body || 'null';
			close($r);
			answer($c);
		}
	}
	my $now = time;
	my @later;
	for my $d (@due) {
		if ($d->{at} > $now) { push @later, $d; next }
		if (defined $d->{text}) { syswrite($d->{to}, $d->{text}) }
		else {
			$select->remove($d->{to});
			delete $in{$d->{to}};
			close($d->{to});
		}
	}
	@due = @later;
}
