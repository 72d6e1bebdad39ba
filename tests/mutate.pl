#!/usr/bin/perl
# mutate.pl COUNT SEED FILE... - bodies that went wrong, one a line
#
# Half of them are JSON still: a value somewhere is gone, replaced by another
# kind of value, moved, doubled or grown. In the other half bytes are wrong.
use strict;
use warnings;
use JSON::PP;

my ($count, $seed, @files) = @ARGV;
srand $seed;
binmode STDOUT, ':raw';
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my @bodies = map { open my $f, '<:raw', $_ or die "$_: $!\n";
    local $/; $json->decode(<$f>) } @files;
my @values = (undef, {}, [], '', '0', 0, -1, 1e300, 9007199254740993,
    '99999999999999999999', "\x{0}", "a\x{7}b", "\x{202e}abc", 'x' x 5000,
    'wamid.X', '16505551234', 'US.1', JSON::PP::true, [ [ [ [] ] ] ],
    { id => {} }, [ 1, 'two', undef ], "' OR 1=1 --", '../../etc/passwd');

# Every place of a value: what holds it, and its key or index.
sub places {
	my ($v, $list) = @_;
	if (ref $v eq 'HASH') {
		for (sort keys %$v) { push @$list, [ $v, $_ ]; places($v->{$_}, $list) }
	} elsif (ref $v eq 'ARRAY') {
		for (0 .. $#$v) { push @$list, [ $v, $_ ]; places($v->[$_], $list) }
	}
	return $list;
}
sub value_at { my ($in, $key) = @{ $_[0] };
	return ref $in eq 'HASH' ? $in->{$key} : $in->[$key] }
sub put_at { my ($in, $key) = @{ $_[0] };
	if (ref $in eq 'HASH') { $in->{$key} = $_[1] } else { $in->[$key] = $_[1] } }

sub one_wrong {
	my ($body) = @_;
	my $all = places($body, []);
	return unless @$all;
	my $p = $all->[rand @$all];
	my $how = int rand 5;
	if ($how == 0) {
		if (ref $p->[0] eq 'HASH') { delete $p->[0]{ $p->[1] } }
		else { splice @{ $p->[0] }, $p->[1], 1 }
	} elsif ($how == 1) {
		put_at($p, $json->decode($json->encode(
		    value_at($all->[rand @$all]))));
	} elsif ($how == 2 && ref $p->[0] eq 'ARRAY') {
		push @{ $p->[0] }, map { $json->decode($json->encode(
		    value_at($p))) } 1 .. rand 4;
	} elsif ($how == 3 && !ref value_at($p)) {
		put_at($p, (value_at($p) // '') . chr(32 + rand 90));
	} else {
		put_at($p, $json->decode($json->encode(
		    $values[rand @values])));
	}
}

for (1 .. $count) {
	my $body = $json->decode($json->encode($bodies[rand @bodies]));
	one_wrong($body) for 1 .. 1 + rand 4;
	my $line = $json->encode($body);
	if (rand() < 0.5) {
		for (1 .. 1 + rand 3) {
			my $at = int rand length $line;
			my $how = int rand 4;
			if ($how == 0) { substr($line, $at, 1) = chr rand 256 }
			elsif ($how == 1) { substr($line, $at, rand 30) = '' }
			elsif ($how == 2) { substr($line, $at, 0) =
			    substr $line, rand length $line, rand 60 }
			elsif (rand() < 0.3) { $line = substr $line, 0, 1 + $at }
		}
		$line =~ tr/\n/ /;
		$line = "{" if $line eq "";
	}
	print $line, "\n";
}
