#!/usr/bin/perl
# histories.pl FILE CONF - run the histories of FILE, each in its orders
#
# A history is a title, lines of what happened, "->" and the end that is
# wanted. Each line is a webhook body in short (see body() below), a whole body
# in JSON, or "do COMMAND ...". A title that begins with "any:" is run in many
# orders with duplicates, and the end must always be that. Each run has an
# instance of its own in one store; CONF gets their sections. One line of TAP
# a history.
use strict;
use warnings;
use utf8;
use JSON::PP;

my ($file, $conf) = @ARGV;
my $json = JSON::PP->new->utf8->canonical;
my $db = "$ENV{HOME}/.local/share/frontdesk/desk.db";
binmode STDOUT, ':utf8';
srand(7);

# 4915... -> a number, DE.x -> an id: the provider's fields for both.
my $zero = 1_790_000_000;
sub body {
	my ($run, $line, $n) = @_;
	return $json->decode(do { my $l = $line; $l =~ s/RUN/$run/g; $l })
	    if $line =~ /^\{/;
	my ($kind, $t, @rest) = split ' ', $line;
	my %k;
	for (@rest) {
		my ($key, $value) = split /=/, $_, 2;
		$value =~ tr/_/ / if $key eq 'text' || $key eq 'name';
		$k{$key} = $value // '';
	}
	my $at = '' . ($zero + $t);
	my $id = 'wamid.' . ($k{id} // "$kind$t" . ($k{from} // $k{to} // ''));
	my %c;
	$c{wa_id} = $k{wa} if exists $k{wa};
	$c{wa_id} = $k{from} if !exists $k{wa} && ($k{from} // '') =~ /^\d/;
	$c{user_id} = $k{user} if $k{user};
	$c{parent_user_id} = $k{parent} if $k{parent};
	$c{lid} = $k{lid} if $k{lid};
	$c{profile}{name} = $k{name} if $k{name};
	$c{profile}{username} = $k{username} if $k{username};
	my ($field, %value) = ('messages');
	my %m = (id => $id, timestamp => $at, type => 'text',
	    text => { body => $k{text} // $t });
	if ($kind eq 'in') {
		$m{from} = $k{from} if exists $k{from};
		$m{from_user_id} = $k{user} if $k{user};
		$m{from_parent_user_id} = $k{parent} if $k{parent};
		$m{group_id} = $k{group} if $k{group};
		%value = (contacts => [\%c], messages => [\%m]);
	} elsif ($kind eq 'echo') {
		$field = 'smb_message_echoes';
		@m{qw(from to)} = ('15550783881', $k{to} // '');
		$m{to_user_id} = $k{user} if $k{user};
		%value = (message_echoes => [\%m]);
	} elsif ($kind eq 'past') {
		$field = 'history';
		$m{from} = $k{ours} ? '15550783881' : $k{thread};
		%value = (history => [{ threads => [{ id => $k{thread},
		    messages => [\%m] }] }]);
	} elsif ($kind eq 'sync') {
		$field = 'smb_app_state_sync';
		%value = (state_sync => [{ type => 'contact',
		    action => $k{action} // 'add',
		    contact => { phone_number => $k{phone},
			full_name => $k{name} // '' },
		    metadata => { timestamp => $at . '000' } }]);
	} elsif ($kind eq 'status') {
		%value = (statuses => [{ id => "wamid.$k{of}",
		    status => $k{is} // 'delivered', timestamp => $at,
		    recipient_id => $k{to} // '',
		    ($k{user} ? (recipient_user_id => $k{user}) : ()),
		    biz_opaque_callback_data => $k{tracker} // '' }]);
	} elsif ($kind eq 'number') {
		delete $m{text};
		@m{qw(type from)} = ('system', $k{from});
		$m{from_user_id} = $k{user} if $k{user};
		$m{system} = { type => 'user_changed_number',
		    wa_id => $k{to} };
		$m{system}{user_id} = $k{newuser} if $k{newuser};
		%value = (messages => [\%m]);
	} elsif ($kind eq 'newid') {
		delete $m{text};
		@m{qw(type from)} = ('system', $k{from} // '');
		$m{from_user_id} = $k{old};
		$m{system} = { type => 'user_changed_user_id',
		    user_id => $k{new} };
		%value = (messages => [\%m]);
	} elsif ($kind eq 'idupdate') {
		$field = 'user_id_update';
		%value = (user_id_update => [{ wa_id => $k{wa} // '',
		    user_id => { previous => $k{old}, current => $k{new} },
		    timestamp => $at }]);
	} elsif ($kind eq 'wish') {
		$field = 'user_preferences';
		%value = (user_preferences => [{ wa_id => $k{from} // '',
		    user_id => $k{user} // '', value => 'stop',
		    category => 'marketing_messages', timestamp => $at }]);
	} elsif ($kind eq 'react' || $kind eq 'edit' || $kind eq 'revoke') {
		delete $m{text};
		@m{qw(type from)} = ($kind eq 'react' ? 'reaction' : $kind,
		    $k{from});
		my $on = "wamid.$k{on}";
		$m{reaction} = { message_id => $on, emoji => $k{emoji} // '' }
		    if $kind eq 'react';
		$m{edit} = { original_message_id => $on, message => {
		    type => 'text', text => { body => $k{text} } } }
		    if $kind eq 'edit';
		$m{revoke} = { original_message_id => $on }
		    if $kind eq 'revoke';
		%value = (contacts => [\%c], messages => [\%m]);
	} else {
		die "histories.pl: $line: what is that?\n";
	}
	my $number = $run . ($k{at} // 'a');
	return { object => 'whatsapp_business_account', entry => [{
	    id => '1', changes => [{ field => $field, value => {
	    messaging_product => 'whatsapp', metadata => {
		phone_number_id => $number,
		display_phone_number => '15550783881' }, %value } }] }] };
}

sub has_do { return scalar grep { /^do / } @_ }

sub take_in {
	my (@bodies) = @_;
	return if !@bodies;
	open(my $out, '|-', 'wa-recv --stdin >/dev/null 2>>err') or die;
	print $out $json->encode($_), "\n" for @bodies;
	close($out) or die "histories.pl: wa-recv: $?\n";
}

sub rows {
	my ($sql) = @_;
	open(my $in, '-|', 'sqlite3', '-readonly', $db, $sql) or die;
	binmode $in, ':utf8';
	my @rows = <$in>;
	close($in);
	chomp(@rows);
	return @rows;
}

# What is in the store of the instances of a run, in words that do not tell
# ids: contacts with the names they have and had, the address answered to, and
# their conversations with what was said.
sub end_of {
	my ($run) = @_;
	my @rows;
	for my $at ('a', 'b') {
		my $i = "$run$at";
		next if !rows("SELECT 1 FROM contact WHERE instance = '$i' LIMIT 1");
		my %to = map { my $o = $json->decode($_);
		    ($o->{conversation} => $o->{address} // 'nobody') }
		    split /\n/, `conv list --json --status all --instance $i`;
		my $mark = $at eq 'a' ? '' : "$at: ";
		for (rows(<<"SQL")) {
SELECT k.id || '|' ||
  coalesce((SELECT group_concat(x, ' ') FROM (SELECT kind || ':' || value AS x
    FROM held_alias WHERE contact = k.id ORDER BY kind <> 'phone', kind, value)), '-') ||
  coalesce((SELECT ' was ' || group_concat(x, ' ') FROM (SELECT kind || ':' || value AS x
    FROM contact_alias a WHERE contact = k.id AND NOT EXISTS (SELECT 1 FROM held_alias h
      WHERE h.contact = a.contact AND h.kind = a.kind AND h.value = a.value)
    ORDER BY kind, value)), '') || '|' || coalesce(k.name, '-')
FROM contact k WHERE k.instance = '$i' AND k.merged_into IS NULL
SQL
			my ($id, $names, $name) = split /\|/;
			my $to = '';
			my @talks = map {
				my ($talk, $status, $owner, $said) = split /\|/;
				$to = " | to $to{$talk}" if $to{$talk};
				"  $status $owner: $said";
			} rows(<<"SQL");
SELECT c.id, c.status, c.owner || coalesce(' ' || c.assignee, ''),
  coalesce((SELECT group_concat(x, ', ') FROM (SELECT
    CASE direction WHEN 'in' THEN '' WHEN 'note' THEN 'note ' ELSE '> ' END ||
    CASE WHEN kind IN ('text', 'history') THEN coalesce(text, '')
    ELSE kind || coalesce(' ' || text, '') END AS x
    FROM message m WHERE m.conversation = c.id AND m.contact = '$id'
    AND kind <> 'system'
    ORDER BY wa_ms, id)), '-')
FROM conversation c WHERE c.contact = '$id' AND c.merged_into IS NULL
ORDER BY c.opened_ms, c.number
SQL
			push @rows, join "\n", "$mark$names | $name$to", @talks;
		}
	}
	my ($left) = rows("SELECT count(*) FROM message m JOIN conversation c"
	    . " ON c.id = m.conversation WHERE m.instance LIKE '${run}_' AND"
	    . " (c.merged_into IS NOT NULL OR c.contact <> m.contact)");
	push @rows, "$left messages are lost" if $left;
	return join("\n", sort @rows) . "\n";
}

sub talk_of {
	my ($run, $name) = @_;
	my ($kind, $value) = split /:/, $name, 2;
	my ($id) = rows("SELECT c.id FROM held_alias a JOIN conversation c ON"
	    . " c.contact = a.contact AND c.merged_into IS NULL"
	    . " WHERE a.instance LIKE '${run}_' AND kind = '$kind'"
	    . " AND value = '$value' ORDER BY c.number DESC LIMIT 1");
	return $id // 'none';
}

sub shuffled {
	my @list = @_;
	for (my $i = @list; --$i > 0;) {
		my $j = int rand($i + 1);
		@list[$i, $j] = @list[$j, $i];
	}
	return @list;
}

sub permutations {
	my ($done, @left) = @_;
	return [@$done] if !@left;
	return map {
		my @rest = @left;
		my ($one) = splice @rest, $_, 1;
		permutations([@$done, $one], @rest);
	} 0 .. $#left;
}

# Where the order is told, twice each; else every order of few, some of many.
sub orders {
	my ($any, @lines) = @_;
	return ([@lines]) if !$any;
	my @all = @lines <= 4 ? permutations([], @lines) :
	    ([@lines], [reverse @lines], map { [shuffled(@lines)] } 1 .. 8);
	push @all, [shuffled(@lines, @lines)], [shuffled(@lines, @lines)];
	return @all;
}

# --- read ---

open(my $in, '<:utf8', $file) or die "histories.pl: $file: $!\n";
my (@histories, $h);
while (<$in>) {
	chomp;
	next if /^#/ || /^\s*$/;
	if (/^== (any: )?(.*)/) {
		push @histories, $h = { title => $2, any => !!$1,
		    set => '', lines => [], want => [] };
	} elsif (/^->$/) {
		$h->{end} = 1;
	} elsif (/^set (.*)/) {
		$h->{set} .= "$1\n";
	} else {
		push @{ $h->{end} ? $h->{want} : $h->{lines} }, $_;
	}
}

# Names as a number, so that phone_number_id may be one; each its own section.
my $serial = 100;
open(my $c, '>>', $conf) or die;
for $h (@histories) {
	for my $order (orders($h->{any}, @{ $h->{lines} })) {
		my $run = $serial++;
		push @{ $h->{runs} }, [$run, $order];
		for ('a', 'b') {
			print $c "[instance $run$_]\nphone_number_id = $run$_\n";
			print $c $h->{set};
		}
	}
}
close($c);
# All that has no commands in it goes in one pour.
take_in(map {
	my $one = $_;
	map {
		my ($run, $order) = @$_;
		has_do(@$order) ? () : map { body($run, $_) } @$order;
	} @{ $one->{runs} };
} @histories);
print '1..', scalar(@histories), "\n";
my $n = 0;
for $h (@histories) {
	my $want = join("\n", @{ $h->{want} }) . "\n";
	my $bad;
	for (@{ $h->{runs} }) {
		my ($run, $order) = @$_;
		for my $line (has_do(@$order) ? @$order : ()) {
			if ($line =~ /^do (.*)/) {
				my $command = $1;
				$command =~ s/%(\w+:[^%]*)%/talk_of($run, $1)/ge;
				$command =~ s/RUN/$run/g;
				system($command) == 0 or $bad = "$command: $?\n";
			} else {
				take_in(body($run, $line));
			}
		}
		my $got = end_of($run);
		next if $got eq $want && !$bad;
		$bad = ($bad // '') . "in this order:\n" . join("\n", @$order)
		    . "\nwanted:\n${want}got:\n$got";
		last;
	}
	$n++;
	print $bad ? 'not ok' : 'ok', " $n - $h->{title} (",
	    scalar @{ $h->{runs} }, @{ $h->{runs} } == 1 ? " order)\n" :
	    " orders)\n";
	if ($bad) {
		$bad =~ s/^/# /mg;
		print "$bad\n";
	}
}
