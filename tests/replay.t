#!/bin/sh
# Bodies posted three times, shuffled, by four clients: the same store content
# and byte-identical events as one ordered pass. COUNT bodies, 5000 by default.
#
# What may depend on who came first is left out, and only this:
#   - the order of the log (seq);
#   - which message caused conversation.opened, conversation.taken,
#     contact.changed and instance.connected, so their ids, times and causes;
#     how many of each a conversation or an instance has is compared, but of
#     contact.changed.
# The clock stands still, so that "stored at" is the same on both sides.
. "${0%/*}/lib.sh"
here=$top/tests
FRONTDESK_NOW=2026-09-23T12:00:00Z
export FRONTDESK_NOW
cat >frontdesk.conf <<-'EOT'
	[instance sales]
	phone_number_id = 106000000000001
EOT
echo topsecret >secret
cat >content.sql <<-'EOT'
	SELECT id, type, source, subject, time_ms, cause, depth, stage, data, extra
	  FROM event WHERE type NOT LIKE 'conversation.%'
	   AND type NOT LIKE 'instance.c%' AND type <> 'contact.changed' ORDER BY id;
	SELECT type, subject, count(*) FROM event
	 WHERE type LIKE 'conversation.%' OR type LIKE 'instance.c%' GROUP BY 1, 2 ORDER BY 1, 2;
	SELECT * FROM message ORDER BY id;
	SELECT * FROM message_status ORDER BY 1, 2, 3;
	SELECT * FROM contact ORDER BY id;
	SELECT * FROM contact_alias ORDER BY 1, 2, 3;
	SELECT * FROM conversation ORDER BY id;
	SELECT * FROM instance ORDER BY name;
EOT

content () {	# HOME: everything the store says, in an order of its own
	sqlite3 -readonly "$1/.local/share/frontdesk/desk.db" <content.sql
}
lines () {	# HOME: the lines of all events, read back
	HOME=$1 wa-recv --stdin <bodies >lines.all &&
		grep -vE '"type":"(conversation\.|contact\.changed)' lines.all |
		sort
}

check 'a store for each way' '
	mkdir ordered shuffled &&
	HOME=$work/ordered frontdesk init --user >/dev/null &&
	HOME=$work/shuffled frontdesk init --user >/dev/null &&
	perl "$here/bodies.pl" "${COUNT:-5000}" 1 >bodies &&
	[ "$(wc -l <bodies)" -eq "${COUNT:-5000}" ]
'
check 'one ordered pass' '
	HOME=$work/ordered wa-recv --stdin <bodies >/dev/null
'
HOME=$work/shuffled wa-recv --listen 127.0.0.1:0 --port-file port \
	--secret-file secret 2>listener.err &
listener=$!
pids="$pids $listener"
check 'three times, shuffled, by four clients, every one acknowledged' '
	wait_for test -s port &&
	perl "$here/post.pl" "$(cat port)" secret bodies 3 4 7 >acknowledged &&
	[ "$(cat acknowledged)" -eq $((3 * ${COUNT:-5000})) ]
'
kill "$listener"
code=0
wait "$listener" || code=$?
check 'the listener drains' '[ $code -eq 0 ]'
check 'followed to the end' 'HOME=$work/shuffled wa-recv --follow --once'
check 'the same store content' '
	content ordered >want && content shuffled >got &&
	[ "$(wc -l <want)" -gt "${COUNT:-5000}" ] && same want got
'
check 'byte-identical events' '
	lines "$work/ordered" >want && lines "$work/shuffled" >got &&
	[ "$(wc -l <want)" -ge "${COUNT:-5000}" ] && cmp want got
'
check 'reading them back changed nothing' '
	content ordered >want && content shuffled >got && same want got
'
done_testing
