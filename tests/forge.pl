#!/usr/bin/perl
# forge.pl PORT SECRET_FILE COUNT CLIENTS [SEED] - post bodies whose signature
# is forged or damaged, and count the answers: a line "STATUS COUNT" each
#
# Of a body that is signed rightly, each post damages one thing: a bit of the
# signature or of the body, their length, the form of the header, the secret,
# the kind of hash, or which body it belongs to.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha1_hex hmac_sha256_base64 hmac_sha256_hex sha256_hex);
use IO::Socket::INET;

my ($port, $secret_file, $count, $clients, $seed) = (@ARGV, 1);
open my $f, '<', $secret_file or die "$secret_file: $!\n";
chomp(my $secret = <$f>);
my $H = 'X-Hub-Signature-256';

sub body { sprintf '{"object":"whatsapp_business_account","n":%d,"r":%d}', @_ }
sub flip {	# one bit of a string
	my ($s) = @_;
	my $at = int rand 8 * length $s;
	vec($s, $at, 1) ^= 1;
	return $s;
}
my @ways = (
	sub {	# a bit of the digest, and a digit still
		my ($b, $d) = @_;
		my $at = int rand length $d;
		my $new = sprintf '%x', hex(substr $d, $at, 1) ^ (1 << int rand 4);
		substr($d, $at, 1) = $new;
		return ($b, "$H: sha256=$d");
	},
	sub { my ($b, $d) = @_; (flip($b), "$H: sha256=$d") },
	sub { my ($b, $d) = @_; ("$b ", "$H: sha256=$d") },
	sub { my ($b, $d) = @_; (substr($b, 0, -1), "$H: sha256=$d") },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . substr $d, 0, int rand 64) },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=${d}0") },
	sub { my ($b, $d) = @_; ($b, "$H: sha1=" . hmac_sha1_hex($b, $secret)) },
	sub { my ($b, $d) = @_; ($b, "X-Hub-Signature: sha256=$d") },
	sub { my ($b, $d) = @_; ($b, "$H: sha512=$d") },
	sub { my ($b, $d) = @_; ($b, "$H: $d") },
	sub { my ($b, $d) = @_; ($b, "$H:") },
	sub { my ($b, $d) = @_; ($b, 'X-None: 1') },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . hmac_sha256_hex($b, "${secret}x")) },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . hmac_sha256_hex($b, '')) },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . sha256_hex($b)) },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . sha256_hex($secret . $b)) },
	sub { my ($b, $d) = @_; ($b, "$H: sha256=" . hmac_sha256_base64($b, $secret)) },
	sub { my ($b, $d) = @_; (body(1, 2), "$H: sha256=$d") },
	sub {	# two of them, the second one right
		my ($b, $d) = @_;
		return ($b, "$H: sha256=" . ('0' x 64) . "\r\n$H: sha256=$d");
	},
	sub { my ($b, $d) = @_; ($b, "$H: sha256=$d,sha256=$d") },
);

sub post {
	my ($s, $body, $header) = @_;
	print $s "POST / HTTP/1.1\r\nHost: desk\r\n$header\r\nContent-Length: ",
	    length $body, "\r\n\r\n", $body or return 0;
	my $line = <$s> // return 0;
	my ($status, $len) = ($line =~ m{^HTTP/1.1 (\d+)}, 0);
	while (defined(my $h = <$s>)) {
		last if $h eq "\r\n";
		$len = $1 if $h =~ /^Content-Length: (\d+)/i;
	}
	read $s, my $rest, $len if $len;
	return $status // 0;
}

my @pipes;
for my $n (0 .. $clients - 1) {
	my $pid = open(my $out, '-|') // die "fork: $!\n";
	if ($pid) { push @pipes, $out; next }
	local $SIG{PIPE} = 'IGNORE';
	srand($seed + $n);
	my ($s, %got);
	for (my $i = $n; $i < $count; $i += $clients) {
		my $b = body($i, int rand 1e9);
		my ($body, $header) = $ways[$i / $clients % @ways]->($b,
		    hmac_sha256_hex($b, $secret));
		$s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		    PeerPort => $port) if !$s || !$s->connected;
		my $status = $s ? post($s, $body, $header) : 0;
		undef $s if $status != 401 && $status != 403;
		$got{$status}++;
	}
	print "$_ $got{$_}\n" for keys %got;
	exit 0;
}
my %all;
for my $out (@pipes) {
	while (<$out>) { my ($status, $k) = split; $all{$status} += $k }
}
print "$_ $all{$_}\n" for sort keys %all;
