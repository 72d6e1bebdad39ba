# loop.pl - many connections of HTTP on loopback, in one loop
#
#	require "$dir/loop.pl";
#	listen_at(PORTFILE);		writes the port the kernel chose
#	serve(sub { my ($c, $head, $body) = @_; ... });
#	later(MS, $c, TEXT, CLOSE);	what $c gets, after so long; TEXT may be
#					undef, and the connection closed
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

my ($listen, $select, %in, @due);

sub listen_at {
	my ($port_file) = @_;
	$listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
	    Listen => 1024, ReuseAddr => 1) or die "$0: $!\n";
	open(my $out, '>', "$port_file.new") or die "$0: $!\n";
	print $out $listen->sockport, "\n";
	close($out);
	rename("$port_file.new", $port_file);
	$SIG{PIPE} = 'IGNORE';
	$select = IO::Select->new($listen);
}

sub later {
	my ($ms, $c, $text, $close) = @_;
	push @due, { at => time + $ms / 1000, to => $c, text => $text,
	    close => $close };
}

sub serve {
	my ($take) = @_;
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
				if ($head =~ /^expect: *100-continue/mi &&
				    length($in{$c}) == length($head)) {
					syswrite($c, "HTTP/1.1 100 Continue\r\n\r\n");
				}
				last if length($in{$c}) < length($head) + $len;
				my $body = substr($in{$c}, length $head, $len);
				$in{$c} = substr($in{$c}, length($head) + $len);
				$take->($c, $head, $body);
			}
		}
		my $now = time;
		my @later;
		for my $d (@due) {
			if ($d->{at} > $now) { push @later, $d; next }
			next if !$d->{to}->opened;
			my ($text, $at) = ($d->{text} // '', 0);
			$d->{to}->blocking(1);
			while ($at < length $text) {
				my $n = syswrite($d->{to}, $text, length($text) - $at, $at);
				last if !$n;
				$at += $n;
			}
			if ($d->{close}) {
				$select->remove($d->{to});
				delete $in{$d->{to}};
				close($d->{to});
			}
		}
		@due = @later;
	}
}

1;
