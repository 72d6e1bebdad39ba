#!/usr/bin/perl
# post.pl PORT SECRET_FILE BODIES [TIMES [CLIENTS [SEED]]] - post bodies, signed
#
# Every line of BODIES, TIMES times over, shuffled, by CLIENTS processes at a
# time, each on a connection it keeps; one that is lost is made again and the
# body posted again, as the provider does. Prints how many were acknowledged.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use List::Util qw(shuffle);

my ($port, $secret_file, $file, $times, $clients, $seed) =
    (@ARGV, (1, 1, 1)[@ARGV - 3 .. 2]);
my $tries_most = $ENV{TRIES} // 1;
srand($seed);
sub slurp { open my $f, '<:raw', $_[0] or die "$_[0]: $!\n"; local $/; <$f> }
chomp(my ($secret) = split /\n/, slurp($secret_file));
my @bodies = split /\n/, slurp($file);
my @all = shuffle((@bodies) x $times);

sub post {
	my ($socket, $body) = @_;
	print $socket "POST /webhook HTTP/1.1\r\nHost: desk\r\n",
	    "Content-Type: application/json\r\n",
	    "X-Hub-Signature-256: sha256=", hmac_sha256_hex($body, $secret),
	    "\r\nContent-Length: ", length $body, "\r\n\r\n", $body
	    or return 0;
	my $line = <$socket> // return 0;
	my ($status) = $line =~ m{^HTTP/1.1 (\d+)};
	my $len = 0;
	while (defined(my $h = <$socket>)) {
		last if $h eq "\r\n";
		$len = $1 if $h =~ /^Content-Length: (\d+)/i;
	}
	read $socket, my $rest, $len if $len;
	return $status // 0;
}

my @pids;
for my $n (0 .. $clients - 1) {
	my $pid = fork // die "fork: $!\n";
	if ($pid) { push @pids, $pid; next }
	local $SIG{PIPE} = 'IGNORE';
	my $socket;
	for (my $i = $n; $i < @all; $i += $clients) {
		my ($tries, $status) = (0, 0);
		until ($status == 200) {
			exit 1 if $tries++ >= $tries_most;
			select undef, undef, undef, 0.02 if $tries > 1;
			$socket = IO::Socket::INET->new(
			    PeerAddr => '127.0.0.1', PeerPort => $port)
			    if !$socket || !$socket->connected;
			$status = $socket ? post($socket, $all[$i]) : 0;
			undef $socket if $status != 200;
		}
	}
	exit 0;
}
my $bad = 0;
for (@pids) { waitpid $_, 0; $bad++ if $? }
print scalar(@all), "\n" unless $bad;
exit($bad ? 1 : 0);
