#!/usr/bin/perl
# bodies.pl COUNT [SEED] - webhook bodies of a busy desk, one a line
#
# Every kind of traffic that can be told in any order: the same customer is
# always named in the same way and keeps one profile name, so that nothing of
# the outcome may depend on what arrived first.
use strict;
use warnings;
use utf8;
use JSON::PP;

my ($count, $seed) = (@ARGV, 1);
srand($seed);
binmode STDOUT, ':raw';
my $json = JSON::PP->new->utf8->canonical;
my $start = 1_790_000_000;
my $serial = 0;
my @seen;	# wamids of customers' messages
my @ours;	# wamids of ours

my @words = qw(where is my parcel lamp order invoice broken blue when does it
    arrive Grüße wo ist mein Paket danke refund please);
sub words { join ' ', map { $words[rand @words] } 1 .. 2 + int rand 8 }

# A third has a number and an id, a tenth only an id, the others a number.
sub customer {
	my $n = int rand 200;
	my %c = (name => "Customer $n");
	$c{phone} = sprintf '4915500%06d', $n if $n % 10;
	$c{bsuid} = sprintf 'DE.77%08d', $n if !($n % 10) || $n % 3 == 0;
	return \%c;
}

sub message {
	my ($c) = @_;
	my $id = sprintf 'wamid.HBgTEST%06d', ++$serial;
	my %m = (id => $id, timestamp => '' . ($start + int rand 100_000));
	$m{from} = $c->{phone} // '';
	$m{from_user_id} = $c->{bsuid} if $c->{bsuid};
	my $kind = int rand 20;
	if ($kind == 0 && @seen) {
		$m{type} = 'reaction';
		$m{reaction} = { message_id => $seen[rand @seen],
		    emoji => rand() < 0.3 ? '' : "\x{1F44D}" };
	} elsif ($kind == 1 && @seen) {
		$m{type} = 'edit';
		$m{edit} = { original_message_id => $seen[rand @seen],
		    message => { type => 'text', text => { body => words() } } };
	} elsif ($kind == 2 && @seen) {
		$m{type} = 'revoke';
		$m{revoke} = { original_message_id => $seen[rand @seen] };
	} elsif ($kind == 3) {
		$m{type} = 'image';
		$m{image} = { id => "9$serial", mime_type => 'image/jpeg',
		    sha256 => 'x' x 44, caption => words() };
	} elsif ($kind == 4) {
		$m{type} = 'audio';
		$m{audio} = { id => "8$serial", voice => JSON::PP::true,
		    mime_type => 'audio/ogg; codecs=opus', sha256 => 'y' x 44 };
	} elsif ($kind == 5) {
		$m{type} = 'interactive';
		$m{interactive} = { type => 'button_reply',
		    button_reply => { id => 'b1', title => words() } };
	} elsif ($kind == 6) {
		$m{type} = 'unsupported';
		$m{errors} = [ { code => 131051, title => 'Unsupported' } ];
	} else {
		$m{type} = 'text';
		$m{text} = { body => words() };
		push @seen, $id;
	}
	return \%m;
}

sub contact {
	my ($c) = @_;
	my %k = (profile => { name => $c->{name} }, wa_id => $c->{phone} // '');
	$k{user_id} = $c->{bsuid} if $c->{bsuid};
	return \%k;
}

sub change {
	my ($field, %value) = @_;
	my $n = 1 + int rand 3;
	return { field => $field, value => { messaging_product => 'whatsapp',
	    metadata => { phone_number_id => "10600000000000$n",
		display_phone_number => "1555078388$n" }, %value } };
}

sub one_change {
	my $what = rand;
	if ($what < 0.45) {
		my @c = map { customer() } 1 .. (rand() < 0.2 ? 3 : 1);
		return change('messages',
		    contacts => [ map { contact($_) } @c ],
		    messages => [ map { message($_) } @c ]);
	}
	if ($what < 0.92) {
		my @steps = qw(sent delivered read played failed);
		push @ours, sprintf 'wamid.HBgOURS%06d', ++$serial
		    if !@ours || rand() < 0.4;
		my %s = (id => $ours[rand @ours], status => $steps[rand @steps],
		    recipient_id => '4915500000001');
		# Of one message and one status there is one time.
		$s{timestamp} = '' . ($start + unpack '%16C*', $s{id} . $s{status});
		$s{errors} = [ { code => 131026, title => 'Undeliverable' } ]
		    if $s{status} eq 'failed';
		return change('messages', statuses => [ \%s ]);
	}
	if ($what < 0.96) {
		my $c = customer();
		return change('smb_message_echoes', message_echoes => [ {
		    id => sprintf('wamid.HBgECHO%06d', ++$serial),
		    from => '15550783881', type => 'text',
		    to => $c->{phone} // '', to_user_id => $c->{bsuid} // '',
		    timestamp => '' . ($start + int rand 100_000),
		    text => { body => words() } } ]);
	}
	if ($what < 0.98) {
		return { field => 'account_update',
		    value => { event => 'ACCOUNT_UPDATE', n => ++$serial } };
	}
	return change('messages',
	    errors => [ { code => 130429, title => 'Rate limit ' . ++$serial } ]);
}

for (1 .. $count) {
	my @entries = map { { id => '102000000000001',
	    time => $start + int rand 100_000,
	    changes => [ map { one_change() } 1 .. (rand() < 0.1 ? 2 : 1) ] } }
	    1 .. (rand() < 0.05 ? 2 : 1);
	print $json->encode({ object => 'whatsapp_business_account',
	    entry => \@entries }), "\n";
}
