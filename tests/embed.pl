#!/usr/bin/perl
# embed.pl - a pretended embedding model on loopback
#
#	embed.pl PORTFILE RECORD FAULTS
#
# Speaks POST /v1/embeddings. The vector of a text is made of its words and the
# groups of letters in them, hashed: texts that share words are near. Writes the
# port the kernel chose to PORTFILE and appends each request to RECORD as a line
# of JSON (path, key, model, inputs, format, dimensions, status). FAULTS, if it
# is there, says how to answer, a line each; of the first line that is for this
# request one is used up and the line is rewritten:
#
#	COUNT KIND [ARGUMENT]	COUNT times, -1 for ever
#
#	status N		that status; "status 429 7" with Retry-After: 7;
#				"status 429 code:NAME" with an error of that code
#	garbled			200 and half of an object
#	short			one vector less than texts
#	dimensions N		vectors of N numbers
#	nan			the first vector is of no numbers
#	nan-for WORD		those of texts with that word
#	zero			the first vector is of zeros
#	index			the same index twice
#	slow MS			a right answer, after so long
#	reset			the connection is closed without an answer
#	half			and within it
#	arrays			a right answer, floats as numbers
#	reversed		a right answer, the last text first
#	refuse WORD		400 if a text has that word
#	most N			413 if there are more than N texts
#
# Ends with SIGTERM. Many connections at a time.
use strict;
use warnings;
use Digest::MD5 qw(md5);
use File::Basename qw(dirname);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(time);

require(dirname($0) . "/loop.pl");

my ($port_file, $record, $faults) = @ARGV;
my $own = $ENV{DIMENSIONS} // 64;
my $json = JSON::PP->new->canonical;
listen_at($port_file);

# The next fault for these texts: (KIND, ARGUMENT...), or ().
sub fault {
	my (@texts) = @_;
	open(my $f, '<', $faults) or return ();
	my @lines = <$f>;
	close($f);
	my @found;
	for (@lines) {
		my ($count, $kind, @arg) = split ' ';
		next if !$count;
		next if $kind =~ /^(?:refuse|nan-for)$/ &&
		    !grep { index($_, $arg[0]) >= 0 } @texts;
		next if $kind eq 'most' && @texts <= $arg[0];
		@found = ($kind, @arg);
		$count-- if $count > 0;
		$_ = join(' ', $count, $kind, @arg) . "\n";
		last;
	}
	return () if !@found;
	open($f, '>', "$faults.new") or die "embed.pl: $!\n";
	print $f @lines;
	close($f);
	rename("$faults.new", $faults);
	return @found;
}

sub vector {
	my ($text, $d) = @_;
	my @v = (0.01) x $d;
	for my $word (lc($text) =~ /\w+/g) {
		my $weight = length($word) > 3 ? 1 : 0.2;
		my @parts = ($word, map { substr("<$word>", $_, 4) }
		    0 .. length($word) - 2);
		for (@parts) {
			my ($at, $sign) = unpack('NN', md5($_));
			$v[$at % $d] += $sign & 1 ? $weight : -$weight;
		}
	}
	return @v;
}

sub answer {
	my ($request) = @_;
	my @texts = ref $request->{input} ? @{$request->{input}} : $request->{input};
	my ($kind, @arg) = fault(@texts);
	$kind //= '';
	my $d = $request->{dimensions} // $own;
	$d = $arg[0] if $kind eq 'dimensions';
	return (0, '', 0) if $kind eq 'reset';
	if ($kind eq 'status') {
		my ($name) = ($arg[1] // '') =~ /^code:(.*)/;
		my @headers = defined $arg[1] && !defined $name ?
		    ("Retry-After: $arg[1]") : ();
		return ($arg[0], $json->encode({ error => { code => $name,
		    message => 'the key sk-secret is wrong' } }), 0, @headers);
	}
	return (400, '{"error":{"type":"invalid_request_error","code":null}}', 0)
	    if $kind eq 'refuse';
	return (413, 'too large', 0) if $kind eq 'most';
	return (200, '{"data":[{"embedd', 0) if $kind eq 'garbled';
	my @data;
	my $i = 0;
	for my $text (@texts) {
		my @v = vector($text, $d);
		@v = map { 0 } @v if $kind eq 'zero' && $i == 0;
		@v = map { 9**9**9 / 9**9**9 } @v if $kind eq 'nan' && $i == 0 ||
		    $kind eq 'nan-for' && index($text, $arg[0]) >= 0;
		push @data, { object => 'embedding',
		    index => $kind eq 'index' ? 0 : $i,
		    embedding => ($request->{encoding_format} // '') ne 'base64' ||
			$kind eq 'arrays' ? [map { $_ + 0 } @v] :
			encode_base64(pack('f<*', @v), '') };
		$i++;
	}
	pop @data if $kind eq 'short';
	@data = reverse @data if $kind eq 'reversed';
	return (200, $json->encode({ object => 'list', data => \@data,
	    model => $request->{model}, usage => { prompt_tokens => 1 } }),
	    $kind eq 'slow' ? $arg[0] : $kind eq 'half' ? -1 : 0);
}

sub take {
	my ($c, $head, $body) = @_;
	my ($path) = $head =~ /^\S+ (\S+)/;
	my ($key) = $head =~ /^authorization: bearer *(\S+)/mi;
	my $request = eval { $json->decode($body) } // {};
	my ($status, $text, $wait, @headers) = $path eq '/v1/embeddings' ?
	    answer($request) : (404, '{}', 0);
	open(my $r, '>>', $record) or die "embed.pl: $!\n";
	print $r $json->encode({ path => $path, key => $key // '',
	    model => $request->{model}, input => $request->{input},
	    format => $request->{encoding_format},
	    dimensions => $request->{dimensions}, status => $status + 0,
	    at => time }), "\n";
	close($r);
	my $all = $status == 0 ? undef :
	    "HTTP/1.1 $status X\r\nContent-Type: application/json\r\n" .
	    join('', map { "$_\r\n" } @headers) .
	    'Content-Length: ' . length($text) . "\r\n\r\n$text";
	my $half = $wait < 0;
	$all = substr($all, 0, length($all) / 2) if $half;
	later($half ? 0 : $wait, $c, $all, $status == 0 || $half);
}

serve(\&take);
