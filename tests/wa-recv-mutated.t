#!/bin/sh
# wa-recv(1): 10,000 bodies that went wrong: no crash, nothing dropped in
# silence, and every event of a shape that is written down
. "${0%/*}/lib.sh"
many=${COUNT:-10000}
cat >frontdesk.conf <<-'EOT'
	[instance sales]
	phone_number_id = 106000000000001
EOT
frontdesk init --user >/dev/null
desk=$HOME/.local/share/frontdesk/desk.db
perl "$top/tests/mutate.pl" "$many" "${SEED:-1}" "$top"/tests/data/webhooks/*.json >mutated
echo "# seed ${SEED:-1}"

check 'all are read; what is no object is named, and the status says so' '
	[ "$(wc -l <mutated)" -eq "$many" ] &&
	status 65 wa-recv --stdin <mutated >events 2>err &&
	grep -c "^wa-recv: stdin:[0-9]*: not a JSON object, left out$" err >left_out &&
	[ "$(cat left_out)" -gt $((many / 10)) ] &&
	[ "$(cat left_out)" -lt $((many / 2)) ] &&
	! grep -v "^wa-recv: " err
'
check 'every body that was read is kept' '
	[ "$(wa-recv --export | wc -l)" -eq $((many - $(cat left_out))) ]
'
check 'and has left an event or more' '
	wa-recv --export | head -n 150 >sample &&
	while IFS= read -r body; do
		printf "%s\n" "$body" | wa-recv --stdin 2>/dev/null | grep -q . || exit 1
	done <sample
'
check 'every event is of a shape that is written down' '
	! python3 -c "import jsonschema" 2>/dev/null ||
	python3 "$top/tests/events.py" "$top/share/schema" lines events
'
check 'no line is longer than it may be' '! awk "length > 65536 { print; bad = 1 } END { exit !bad }" events'
check 'the same bodies by way of the inbox: nothing new' '
	sqlite3 -readonly "$desk" "SELECT count(*) FROM event" >before &&
	wa-recv --follow --once 2>/dev/null &&
	sqlite3 -readonly "$desk" "SELECT count(*) FROM event" >after && same before after
'
check 'nothing was set aside as a failure of ours' '
	! grep -q "\"reason\":\"failed\"" events && ! grep "set aside" err
'
check 'the store is sound' '
	[ "$(sqlite3 -readonly "$desk" "PRAGMA integrity_check")" = ok ] &&
	[ -z "$(sqlite3 -readonly "$desk" "PRAGMA foreign_key_check")" ]
'
done_testing
