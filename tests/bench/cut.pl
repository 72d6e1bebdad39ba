#!/usr/bin/perl
# cut.pl IMAGE LOG AT ACKED WHERE KEEP SEED - a disk after its power was cut
#
# IMAGE is the disk as it was at the beginning and is what it may be after the
# cut; LOG the writes in between as qemu's blklogwrites notes them (the format
# of the kernel's dm-log-writes). What was written before the last flush is
# there; of the sectors written after it each is there with the chance KEEP:
# until its next flush a disk may have kept any of them, in any order, and half
# of a write. SEED makes the choice repeatable.
#
# Sectors from byte AT on are not of the file system: each tells of one
# message that was acknowledged by then. Their ids are written to ACKED.
#
# WHERE is "end", or "flush" for a moment just before a flush, any one after
# the first acknowledgement. Prints one object: writes, flushes, acked, and of
# the sectors after the last flush how many there were and were kept.
#
# Exit status 75: the log has a hole, because the kill came in the middle of
# two entries; such a cut says nothing and is to be done again.
use strict;
use warnings;
no warnings 'portable';	# numbers of 64 bits

use constant { MAGIC => 0x6a736677736872, SECTOR => 512,
	FLUSH => 1, DISCARD => 4 };

my ($image, $log, $at, $acked, $where, $keep, $seed) = @ARGV;
my $first_mark = $at / SECTOR;
srand $seed;
open my $in, '<:raw', $log or die "cut: $log: $!\n";
my $end = -s $log;

sub take {	# bytes at a place of the log; fewer at its end
	my ($from, $want) = @_;
	seek $in, $from, 0 or die "cut: $log: $!\n";
	defined read $in, my ($bytes), $want or die "cut: $log: $!\n";
	return $bytes;
}

# Its first sector is written at a flush, or after thousands of entries.
my ($magic, $version, $noted, $size) = unpack 'Q<Q<Q<L<', take(0, 28);
if (!$magic) {
	$noted = 0;
} elsif ($magic != MAGIC || $version != 1 || $size != SECTOR) {
	die "cut: $log: no log of writes\n";
}

my (@entries, @flushes, $marked);
my $place = SECTOR;
while ($place + SECTOR <= $end) {
	my ($sector, $count, $flags) = unpack 'Q<Q<Q<', take($place, 24);
	last unless $sector || $count || $flags;
	die "cut: $log: a discard, which the guest was not to send\n"
		if $flags & DISCARD;
	$place += SECTOR;
	last if $place + $count * SECTOR > $end;
	push @flushes, scalar @entries if $flags & FLUSH && $marked;
	push @entries, { flush => $flags & FLUSH, sector => $sector,
		count => $count, from => $place };
	$marked = 1 if $count && $sector >= $first_mark;
	$place += $count * SECTOR;
}
if (@entries < $noted) {
	print STDERR "cut: $log: a hole after " . @entries . " of $noted\n";
	exit 75;
}
if ($where eq 'flush') {
	die "cut: $log: no flush after an acknowledgement\n" unless @flushes;
	$#entries = $flushes[rand @flushes] - 1;
}

my ($sure, $nflushes) = (0, 0);
for my $i (0 .. $#entries) {
	next unless $entries[$i]{flush};
	$nflushes++;
	$sure = $i;
}

my ($nwrites, $nacked, $unsure, $kept) = (0, 0, 0, 0);
open my $out, '+<:raw', $image or die "cut: $image: $!\n";
open my $ids, '>', $acked or die "cut: $acked: $!\n";
for my $i (0 .. $#entries) {
	my ($sector, $count, $from) = @{$entries[$i]}{qw(sector count from)};
	next unless $count;
	my $bytes = take($from, $count * SECTOR);
	if ($sector >= $first_mark) {
		while ($bytes =~ /^acked (\S+)\n/mg) {
			print $ids "$1\n";
			$nacked++;
		}
		next;
	}
	$nwrites++;
	for my $n (0 .. $count - 1) {
		if ($i > $sure) {
			$unsure++;
			next if rand() >= $keep;
			$kept++;
		}
		seek $out, ($sector + $n) * SECTOR, 0 or die "cut: $!\n";
		print $out substr $bytes, $n * SECTOR, SECTOR
			or die "cut: $image: $!\n";
	}
}
close $ids or die "cut: $acked: $!\n";
close $out or die "cut: $image: $!\n";
printf '{"writes":%d,"flushes":%d,"acked":%d,"unsure":%d,"kept":%d}' . "\n",
	$nwrites, $nflushes, $nacked, $unsure, $kept;
