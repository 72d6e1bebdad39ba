#!/usr/bin/perl
# hook.pl - a receiver of webhooks on loopback
#
#	hook.pl PORTFILE RECORD FAULTS SECRET ...
#
# Writes the port the kernel chose to PORTFILE and appends each call to RECORD
# as a line of JSON: path, id, timestamp, the body, status, and signed: how many
# of the SECRETs it is signed with, by a count of our own. FAULTS, if it is
# there, says how to answer, a line each; the first is used up:
#
#	COUNT KIND [ARGUMENT]	COUNT times, -1 for ever
#
#	status N [SECONDS]	that status, with Retry-After
#	goto URL		302 to there
#	hang			no answer
#	reset			the connection is closed without one
#	big			200 with 3 MiB
#	cut			200 whose body ends early
#	headers			200 with 2 MB of headers
#
# Ends with SIGTERM. Many connections at a time.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_base64);
use File::Basename qw(dirname);
use JSON::PP;
use MIME::Base64 qw(decode_base64);
require(dirname($0) . "/loop.pl");

my ($port_file, $record, $faults, @secrets) = @ARGV;
my $json = JSON::PP->new->canonical->utf8;
listen_at($port_file);

sub fault {
	open(my $f, '<', $faults) or return;
	my @lines = <$f>;
	close($f);
	my @found;
	for (@lines) {
		my ($count, $kind, @arg) = split ' ';
		next if !$count;
		@found = ($kind, @arg);
		$count-- if $count > 0;
		$_ = join(' ', $count, $kind, @arg) . "\n";
		last;
	}
	open($f, '>', "$faults.new") or die "hook.pl: $!\n";
	print $f @lines;
	close($f);
	rename("$faults.new", $faults);
	return @found;
}

sub answer {
	my ($c, $status, $text, @headers) = @_;
	later(0, $c, "HTTP/1.1 $status X\r\n" .
	    join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($text) . "\r\n\r\n$text");
	return $status;
}

sub signed {
	my ($signatures, $content) = @_;
	my $found = 0;
	for my $secret (@secrets) {
		my $key = $secret =~ /^whsec_(.*)/ ? decode_base64($1) : $secret;
		my $want = hmac_sha256_base64($content, $key);
		$want .= '=' while length($want) % 4;
		$found += grep { $_ eq "v1,$want" } split(' ', $signatures);
	}
	return $found;
}

serve(sub {
	my ($c, $head, $body) = @_;
	my ($path) = $head =~ /^\S+ (\S+)/;
	my ($id) = $head =~ /^webhook-id: *(\S+)/mi;
	my ($time) = $head =~ /^webhook-timestamp: *(\S+)/mi;
	my ($signatures) = $head =~ /^webhook-signature: *(.*?)\r/mi;
	my ($kind, @arg) = fault();
	my $status = 0;
	$kind //= '';
	if ($kind eq 'status') {
		$status = answer($c, $arg[0], 'words of theirs',
		    @arg > 1 ? "Retry-After: $arg[1]" : ());
	} elsif ($kind eq 'goto') {
		$status = answer($c, 302, '', "Location: $arg[0]");
	} elsif ($kind eq 'big') {
		$status = answer($c, 200, 'x' x (3 << 20));
	} elsif ($kind eq 'cut') {
		later(0, $c, "HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\nabc", 1);
		$status = 200;
	} elsif ($kind eq 'headers') {
		later(0, $c, "HTTP/1.1 200 X\r\n" .
		    ('X-Long: ' . 'x' x 1000 . "\r\n") x 2000 . "\r\n", 1);
		$status = 200;
	} elsif ($kind eq 'reset') {
		later(0, $c, undef, 1);
	} elsif ($kind ne 'hang') {
		$status = answer($c, 204, '');
	}
	open(my $r, '>>', $record) or die "hook.pl: $!\n";
	print $r $json->encode({ path => $path, id => $id // '',
	    timestamp => $time // '', body => eval { $json->decode($body) },
	    type => $head =~ /^content-type: *(\S+)/mi ? $1 : '',
	    signed => signed($signatures // '', "$id.$time.$body"),
	    status => $status + 0 }), "\n";
	close($r);
});
