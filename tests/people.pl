#!/usr/bin/perl
# people.pl PEOPLE SEED - what some people write over the years, as bodies
#
# A person has an id and a number; some change both, and numbers that were
# given up are given to others. They write under the number, the id or both.
# One body a line, in the order in which it happened.
use strict;
use warnings;
use JSON::PP;

my ($people, $seed) = (@ARGV, 1);
srand($seed);
my $json = JSON::PP->new->utf8->canonical;
my $t = 1_700_000_000;
my ($serial, $ids, $numbers) = (0, 0, 0);
my @free;	# numbers nobody has

sub number { return @free && rand() < 0.6 ? splice(@free, rand @free, 1) :
    sprintf '4915%06d', ++$numbers }
sub id { return sprintf 'DE.%08d', ++$ids }

sub body {
	my ($field, %value) = @_;
	print $json->encode({ object => 'whatsapp_business_account', entry => [{
	    id => '1', changes => [{ field => $field, value => {
	    messaging_product => 'whatsapp', metadata => {
		phone_number_id => '106000000000001',
		display_phone_number => '15550783881' }, %value } }] }] }), "\n";
}

my @people = map { { name => "P$_", phone => number(), id => id() } }
    1 .. $people;
for (1 .. 12 * $people) {
	my $p = $people[rand @people];
	$t += 1 + int rand 5;
	my $what = rand;
	my %m = (id => 'wamid.' . ++$serial, timestamp => "$t");
	if ($what < 0.05) {
		my ($was, $old) = @$p{qw(phone id)};
		@$p{qw(phone id)} = (number(), id());
		push @free, $was;
		body('messages', messages => [{ %m, type => 'system',
		    from => $was, from_user_id => $old, system => {
			type => 'user_changed_number', wa_id => $p->{phone},
			user_id => $p->{id} } }]);
	} elsif ($what < 0.08) {
		# Somebody leaves; another person gets the number.
		push @free, $p->{phone};
		%$p = (name => "P" . ++$people, phone => number(), id => id());
	} elsif ($what < 0.15) {
		body('smb_message_echoes', message_echoes => [{ %m,
		    from => '15550783881', to => $p->{phone},
		    to_user_id => $p->{id}, type => 'text',
		    text => { body => "to $p->{name}" } }]);
	} else {
		my $how = rand;
		$m{from} = $p->{phone} if $how < 0.6;
		$m{from_user_id} = $p->{id} if $how > 0.3;
		body('messages', contacts => [{ profile => {},
		    wa_id => $m{from} // '' }], messages => [{ %m,
		    type => 'text', text => { body => $p->{name} } }]);
	}
}
