#!/usr/bin/perl
# mangle.pl SEED COUNT FILE... - lines nobody would write, made of lines that
# somebody did: one a line, the same for the same SEED. A few are left as they
# were, so that each reader sees good ones between bad ones.
use strict;
use warnings;

my ($seed, $count, @files) = @ARGV;
srand $seed;
my @lines;
for my $file (@files) {
	open my $in, '<:raw', $file or die "mangle: $file: $!\n";
	push @lines, grep { length } map { chomp; $_ } <$in>;
}
@lines or die "mangle: no lines\n";

my @values = ('null', 'true', '-1', '1e999', '99999999999999999999', '""', '[]',
	'{}', '[[[[[[[[]]]]]]]]', '"\ud800"', '"\u0000"', '"\\\\', "\"\xff\xfe\"",
	"\"\xed\xa0\x80\"", '"' . 'x' x 20000 . '"', '{"a":1,"a":2}',
	'{"type":"message.received"}', '"2026-13-45T99:99:99Z"', '"$(id)"',
	"\"\xe2\x80\xae\"", '[' x 200 . ']' x 200);

sub place { int rand(1 + length $_[0]) }
sub bytes { join '', map { chr int rand 256 } 1 .. 1 + int rand $_[0] }

my @ways = (
	sub { my $at = place($_[0]);		# some bytes are other ones
		substr $_[0], $at, 1, chr int rand 256 if $at < length $_[0] },
	sub { substr $_[0], place($_[0]), 0, bytes(8) },
	sub { my $at = place($_[0]);		# a part is missing
		substr $_[0], $at, int(rand 40), '' if $at < length $_[0] },
	sub { $_[0] = substr $_[0], 0, place($_[0]) },
	sub { my $at = place($_[0]);		# a part comes twice
		my $part = substr $_[0], $at, int rand 60;
		substr $_[0], $at, 0, $part },
	sub { my ($n, $i) = (0, 0);		# a value is another one
		$n++ while $_[0] =~ /:(?:"[^"]*"|[\w.+-]+)/g;
		return unless $n;
		my ($which, $new) = (int rand $n, $values[rand @values]);
		$_[0] =~ s/:("[^"]*"|[\w.+-]+)/$i++ == $which ? ":$new" : ":$1"/ge },
	sub { $_[0] =~ s/"(\w+)":/rand() < .1 ? '"' . bytes(3) . '":' : "\"$1\":"/ge },
	sub { my $other = $lines[rand @lines];	# two of them in one
		$_[0] = substr($_[0], 0, place($_[0])) . substr $other, place($other) },
	sub { $_[0] = bytes(300) },
	sub { $_[0] =~ s/\d/int rand 10/ge },
);

binmode STDOUT;
for my $n (1 .. $count) {
	my $line = $lines[rand @lines];
	if (rand() > .1) {
		$ways[rand @ways]->($line) for 1 .. 1 + int rand 3;
	}
	$line =~ tr/\n/ /;
	print "$line\n";
}
