#!/usr/bin/perl
# hear.pl - a pretended transcription endpoint on loopback
#
#	hear.pl PORTFILE RECORD FAULTS
#
# Speaks POST /v1/audio/transcriptions. What is heard in a file is what stands
# in it between "<" and ">", or nothing. Writes the port the kernel chose to
# PORTFILE and appends each request to RECORD as a line of JSON: path, key, the
# fields of the form, of the file its name, type, size and MD5, status. FAULTS,
# if it is there, says how to answer, a line each; the first is used up:
#
#	COUNT KIND [ARGUMENT]	COUNT times, -1 for ever
#
#	status N		that status; "status 429 7" with Retry-After: 7;
#				"status 429 code:NAME" with an error of that code
#	body TEXT		200 with that body
#	slow MS			a right answer, after so long
#	hang			none
#	reset			the connection is closed without one
#	half			and within it
#	big			200 with 3 MiB
#	key KEY			401 unless the key is that one
#
# Ends with SIGTERM. Many connections at a time.
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use File::Basename qw(dirname);
use JSON::PP;
require(dirname($0) . "/loop.pl");

my ($port_file, $record, $faults) = @ARGV;
my $json = JSON::PP->new->canonical->utf8;
listen_at($port_file);

sub fault {
	open(my $f, '<', $faults) or return ();
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
	open($f, '>', "$faults.new") or die "hear.pl: $!\n";
	print $f @lines;
	close($f);
	rename("$faults.new", $faults);
	return @found;
}

sub form {	# BOUNDARY BODY: its fields; the file's are file_*
	my ($boundary, $body) = @_;
	my %form;
	for my $part (split(/(?:\r\n)?--\Q$boundary\E(?:--)?\r\n/, $body)) {
		my ($head, $value) = split(/\r\n\r\n/, $part, 2);
		next if !defined $value;
		my ($name) = $head =~ /name="([^"]*)"/;
		if ($head =~ /filename="([^"]*)"/) {
			$form{file_name} = $1;
			($form{file_type}) = $head =~ /^content-type: *(\S+)/mi;
			$form{file_size} = length $value;
			$form{file_md5} = md5_hex($value);
			($form{words}) = $value =~ /<([^>]*)>/;
		} else {
			$form{$name} = $value;
		}
	}
	return %form;
}

sub answer {
	my ($c, $status, $text, $wait, @headers) = @_;
	later($wait // 0, $c, "HTTP/1.1 $status X\r\n" .
	    "Content-Type: application/json\r\n" .
	    join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($text) . "\r\n\r\n$text");
	return $status;
}

serve(sub {
	my ($c, $head, $body) = @_;
	my ($path) = $head =~ /^\S+ (\S+)/;
	my ($key) = $head =~ /^authorization: bearer *(\S+)/mi;
	my ($boundary) = $head =~ /^content-type: *multipart\/form-data;.*boundary="?([^\r\n";]+)/mi;
	my %form = defined $boundary ? form($boundary, $body) : ();
	my $words = delete $form{words} // '';
	utf8::decode($words);
	my ($kind, @arg) = fault();
	my ($right, $status) = ($json->encode({ text => $words }), 0);
	$kind //= '';
	if ($kind eq 'status' || ($kind eq 'key' && ($key // '') ne $arg[0])) {
		my $n = $kind eq 'key' ? 401 : $arg[0];
		my $about = $kind eq 'key' ? '' : $arg[1] // '';
		my $code = $about =~ /^code:(.*)/ ? $1 : 'none';
		$status = answer($c, $n, "{\"error\":{\"code\":\"$code\",\"message\":\"secret words\"}}",
		    0, $about =~ /^\d+$/ ? "Retry-After: $about" : ());
	} elsif ($kind eq 'body') {
		$status = answer($c, 200, "@arg");
	} elsif ($kind eq 'big') {
		$status = answer($c, 200, '{"text":"' . 'x' x (3 << 20) . '"}');
	} elsif ($kind eq 'reset') {
		later(0, $c, undef, 1);
	} elsif ($kind eq 'half') {
		later(0, $c, "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n{\"te", 1);
	} elsif ($kind ne 'hang') {
		$status = answer($c, 200, $right, $kind eq 'slow' ? $arg[0] : 0);
	}
	open(my $r, '>>', $record) or die "hear.pl: $!\n";
	print $r $json->encode({ path => $path, key => $key // '',
	    status => $status + 0, %form }), "\n";
	close($r);
});
