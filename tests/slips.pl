#!/usr/bin/perl
# slips.pl make LANGUAGE PHRASE <documents: one slip of the pen in each word of five
# letters or more, {id, query, word} a line: a letter left out, put in, doubled,
# put for another, or two swapped. The same slips each time. query and word have
# PHRASE before them.
# slips.pl judge WORDS SLIPS: what kb-search found for the words and for the
# slips: how many words found something, and of how many of them the first hit of
# the slip was one of the word's.
use strict;
use warnings;
use utf8;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;
my $most = 250;    # words of a language
my %letters = (
	ru => 'абвгдежзийклмнопрстуфхцчшщыьэюя',
	uk => 'абвгдежзиіїйклмнопрстуфхцчшщьюя',
	ar => 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي',
);

# What srand() makes of a number is not the same everywhere.
my $state = 4711;
sub some {
	my ($n) = @_;
	$state = ($state * 1103515245 + 12345) % 2147483648;
	return int($state / 65536) % $n;
}

sub slip {
	my ($word, $letters) = @_;
	my ($i, $kind) = (some(length $word), some(5));
	# Few get the first letter wrong.
	$i = some(length $word) if $i == 0 && some(5) > 0;
	my ($before, $at, $behind) = (substr($word, 0, $i), substr($word, $i, 1), substr($word, $i + 1));
	my $other = substr($letters, some(length $letters), 1);
	return $before . $behind if $kind == 0;
	return $before . $other . $at . $behind if $kind == 1;
	return $before . $at . $at . $behind if $kind == 2;
	return $before . $other . $behind if $kind == 3;
	return $before . $behind if $behind eq '';
	return $before . substr($behind, 0, 1) . $at . substr($behind, 1);
}

sub make {
	my ($language, $phrase) = @_;
	my $letters = $letters{$language} // 'abcdefghijklmnopqrstuvwxyz';
	my (%known, @words);
	utf8::decode($phrase);
	while (my $line = <STDIN>) {
		my $d = $json->decode($line);
		for my $word ("$d->{title} $d->{text}" =~ /\p{L}+/g) {
			push @words, lc $word if length $word >= 5 && !$known{lc $word};
			$known{lc $word} = 1;
		}
	}
	# From all over the documents.
	my $step = @words > $most ? @words / $most : 1;
	for (my $n = 0; $n < @words; $n += $step) {
		my $word = $words[int $n];
		my $slip = slip($word, $letters);
		next if $known{$slip};
		print $json->encode({ id => "$language-$word", query => "$phrase$slip",
			word => "$phrase$word" }), "\n";
	}
}

sub read_hits {
	my ($path) = @_;
	open(my $in, '<', $path) or die "$path: $!";
	my @all = map { [ map { $_->{passage} } @{ $json->decode($_)->{hits} } ] } <$in>;
	return @all;
}

sub judge {
	my ($words, $slips) = @_;
	my @word = read_hits($words);
	my @slip = read_hits($slips);
	my ($count, $right) = (0, 0);
	for my $i (0 .. $#word) {
		next if !@{ $word[$i] };
		$count++;
		$right++ if @{ $slip[$i] } && grep { $_ eq $slip[$i][0] } @{ $word[$i] };
	}
	print "$count\t$right\n";
}

my $what = shift // '';
$what eq 'make' ? make(@ARGV) : $what eq 'judge' ? judge(@ARGV) : die "make or judge\n";
