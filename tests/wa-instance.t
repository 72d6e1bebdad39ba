#!/bin/sh
# wa-instance(1): numbers are set up, watched and taken off; tokens are sealed
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
store=$HOME/.local/share/frontdesk
frontdesk init --user >/dev/null || exit 1
umask 022
secret=EAAsealed0token0of0the0test0bytes
sql () { sqlite3 -readonly "$store/desk.db" "$@"; }
state () { wa-instance show "$1" --json | jq -r .state; }
# TYPE ...: how many events of an instance there are
told () { desk-events --type "instance.$1" 2>/dev/null | wc -l; }
types () { jq -r .type "$@"; }
sim () {	# [OPTION ...]: wa-sim, its address in $api
	rm -f port
	wa-sim --port-file port --record record --phone-number-id 100 "$@" >said 2>sim.err </dev/null &
	sim=$!
	pids="$pids $sim"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
wrote () {	# PHONE TEXT: the customer writes; the id of the conversation
	jq -cn --arg p "$1" --arg t "$2" '{from: $p, name: "Ana", text: $t}' |
	    wa-sim --bodies --phone-number-id 100 --account-id 900 | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
calls () { jq -s 'map(select(.status == 200 and .body.status == null)) | length' record; }

check 'add writes the settings, the row, an event with its actor, the audit' '
	printf "# ours\n[desk]\nname = Shop\n" >frontdesk.conf &&
	wa-instance add sales --phone-number-id 100 --account-id 900 \
	    --phone "+49 30 1" --app-id 5 --json ai=off quiet=1s >got &&
	jq -e ".type == \"instance.added\" and .subject == \"instance/sales\" and
	    .data == {instance: \"sales\", actor: \"user:me\", kind: \"cloud\"}" got &&
	cat >want <<-E && same want frontdesk.conf &&
	# ours
	[desk]
	name = Shop

	[instance sales]
	kind = cloud
	phone_number_id = 100
	account_id = 900
	app_id = 5
	phone = +49 30 1
	ai = off
	quiet = 1s
	E
	desk-config check &&
	[ "$(sql "SELECT phone_number_id, account_id, ai, known, state
	    FROM instance")" = "100|900|0|1|connecting" ] &&
	[ "$(sql "SELECT actor, action, object FROM audit")" = "user:me|instance.add|sales" ]
'
check 'what cannot be is refused, and nothing changes' '
	cp frontdesk.conf before &&
	status 65 wa-instance add sales --phone-number-id 200 &&
	status 65 wa-instance add other --phone-number-id 100 2>err &&
	grep "that number is \[instance sales\] already" err &&
	status 64 wa-instance add other 2>err && grep "phone-number-id" err &&
	status 65 wa-instance add "a b" --phone-number-id 7 2>err &&
	grep -x "wa-instance: \[instance a b\]: a name is of letters, digits, dot, dash and underscore, at most 64" err &&
	status 66 env FRONTDESK_CONF="$work/none.conf" wa-instance add new --phone-number-id 7 2>err &&
	grep -x "wa-instance: $work/none.conf: no such settings file: make it, or name another one" err &&
	status 65 wa-instance add new --phone-number-id 7 webhook=http://desk.example.com/ 2>err && grep "https:// only" err &&
	for how in "add new --phone-number-id 7" "set sales"; do
		status 78 wa-instance $how url=http://example.com 2>err &&
		grep -x "wa-instance: url: wants https://; plain http goes to this machine only (127.0.0.1, \[::1\], localhost)" err || exit 1
	done && status 65 wa-instance set sales webhook=http://127.example.com/ &&
	for id in abc 12a " 1" 1-2; do
		status 78 wa-instance add new --phone-number-id "$id" 2>err &&
		grep -x "wa-instance: phone_number_id: wants an id, which is of digits" err || exit 1
	done &&
	status 64 wa-instance add other --phone-number-id 7 rte=1 2>err &&
	grep "did you mean rate" err &&
	status 78 wa-instance add other --phone-number-id 7 hours=none 2>err &&
	grep "there is no \[hours none\]" err &&
	status 78 wa-instance set sales rate=0 && status 78 wa-instance set sales ignore=all &&
	status 64 wa-instance set sales token=x 2>err && grep "a token is no setting" err &&
	status 64 wa-instance set sales ai && status 64 wa-instance set sales &&
	status 66 wa-instance set nobody ai=on 2>err && grep "no instance .nobody." err &&
	same before frontdesk.conf && [ "$(sql "SELECT count(*) FROM instance")" -eq 1 ] &&
	[ "$(told added)" -eq 1 ] && [ "$(told changed)" -eq 0 ]
'
check 'set: an event names what changed; what is so already is none' '
	wa-instance set sales ai=on rate=20 "ignore=groups status" --json >got &&
	jq -e ".data.changed == [\"ai\", \"rate\", \"ignore\"]" got &&
	[ "$(sql "SELECT ai FROM instance")" -eq 1 ] &&
	wa-instance set sales ai=on rate=20 --json >got && same /dev/null got &&
	wa-instance set sales --unset quiet -u rate --json >got &&
	jq -e ".data.changed == [\"quiet\", \"rate\"]" got &&
	desk-config get "instance sales.rate" >got && echo 80 >want && same want got &&
	wa-instance set sales ignore= && desk-config check &&
	wa-instance show sales --json | jq -e ".settings.ignore == \"\""
'
check 'a store that refuses: the settings are as they were' '
	cp frontdesk.conf before &&
	sqlite3 "$store/desk.db" "CREATE TRIGGER no BEFORE UPDATE ON instance
	    BEGIN SELECT raise(FAIL, \"not now\"); END" &&
	status 70 wa-instance set sales ai=off phone=+1 2>err
	sqlite3 "$store/desk.db" "DROP TRIGGER no" && same before frontdesk.conf
'
check 'a token goes in by standard input or a file, and is sealed for each reader' '
	echo "$secret" | wa-instance token sales --json >got &&
	jq -e ".type == \"instance.changed\" and .data.changed == [\"token\"]" got &&
	sqlite3 -readonly "$store/auth.db" "SELECT name, reader FROM secret" >got &&
	printf "token-sales|%s\n" wa-instance wa-media wa-send >want && same want got &&
	[ "$(stat -c %a "$store/key" "$store"/key/* "$store/auth.db" | sort -u |
	    tr "\n" " ")" = "600 700 " ] &&
	wa-instance show sales | grep -x "token            sealed" &&
	echo "$secret" >token.file && printf "[instance sales]\nphone_number_id = 100\n" >two.conf &&
	FRONTDESK_CONF=$work/two.conf wa-instance add more --phone-number-id 101 \
	    --token-file token.file && FRONTDESK_CONF=$work/two.conf wa-instance rm more
'
check 'what is no token is refused: empty, two lines, blanks, a file that is not there' '
	for bad in "" "a\nb\n" "a b" "\001"; do
		printf "$bad" | status 65 wa-instance token sales || exit 1
	done &&
	status 66 wa-instance add x --phone-number-id 9 --token-file none
'
sim --token-file token.file
check 'wa-send opens it: sent, connected, last seen, one event' '
	wa-instance set sales "url=$api" && [ "$(state sales)" = connecting ] &&
	c=$(wrote 491700000001 hello) && [ "$(state sales)" = connected ] &&
	conv reply "$c" "hi there" && wa-send --follow --once --from start -q &&
	[ "$(calls)" -eq 1 ] && [ "$(told connected)" -eq 1 ] &&
	[ "$(told error)" -eq 0 ] &&
	wa-instance show sales --json | jq -e ".seen != null and .reason == null"
'
check 'webhooks: connecting ends with the first, no matter how many come' '
	wa-instance restart sales && [ "$(state sales)" = connecting ] &&
	wrote 491700000002 a && wrote 491700000002 b && wrote 491700000003 c &&
	[ "$(state sales)" = connected ] && [ "$(told connected)" -eq 2 ] &&
	[ "$(told connecting)" -eq 1 ] &&
	desk-events --type instance.connecting | jq -e ".data.was == \"connected\" and
	    .data.actor == \"user:me\" and .data.reason == \"restarted\""
'
wa-send --follow --poll 100ms 2>send.err &
sender=$!
pids="$pids $sender"
check 'a token that is refused: one error, a reason, a problem with its remedy' '
	echo wrong | wa-instance token sales && c=$(wrote 491700000001 again) &&
	: >record && conv reply "$c" one && conv reply "$c" two &&
	wait_for sh -c "wa-instance show sales --json | jq -e \".state == \\\"error\\\"\"" &&
	[ "$(told error)" -eq 1 ] && [ "$(calls)" -eq 0 ] &&
	desk-events --type instance.error | jq -e ".data.error.code == 190 and
	    .data.was == \"connected\" and (.data.reason | test(\"access token\"))" &&
	{ frontdesk status >got; grep "^problem: instance sales is stopped: the access token .*:\
 wa-instance token sales < TOKEN-FILE\$" got; }
'
check 'a webhook does not end an error' '
	wrote 491700000004 x && [ "$(state sales)" = error ] && [ "$(told connected)" -eq 2 ]
'
check 'a new token: the running wa-send takes it up at once, and sends what waits' '
	wa-instance token sales <token.file &&
	wait_for sh -c "wa-instance show sales --json | jq -e \".state == \\\"connected\\\"\"" &&
	wait_for sh -c "[ \$(jq -s \"map(select(.status == 200)) | length\" record) -eq 2 ]" &&
	[ "$(told connected)" -eq 3 ] && [ "$(told error)" -eq 1 ]
'
check 'restart clears a stop: it tries at once' '
	echo wrong >other && cp token.file kept && c=$(wrote 491700000001 more) &&
	wa-instance set sales token_file=other &&
	: >record && conv reply "$c" three &&
	wait_for sh -c "wa-instance show sales --json | jq -e \".state == \\\"error\\\"\"" &&
	cat kept >other && wa-instance restart sales &&
	wait_for sh -c "[ \$(jq -s \"map(select(.status == 200)) | length\" record) -eq 1 ]" &&
	wait_for sh -c "wa-instance show sales --json | jq -e \".state == \\\"connected\\\"\"" &&
	wa-instance set sales --unset token_file && [ "$(told error)" -eq 2 ]
'
check 'nobody there for a while: disconnected, once; then connected again' '
	kill $sim && c=$(wrote 491700000001 lost) && conv reply "$c" four &&
	for _ in 1 2; do
		wait_for sh -c "wa-instance show sales --json |
		    jq -e \".state == \\\"disconnected\\\"\"" && break
	done &&
	[ "$(told disconnected)" -eq 1 ] &&
	{ frontdesk status >got; grep "^problem: instance sales is disconnected: .*:\
 wa-instance check sales\$" got; } &&
	desk-events --type instance.disconnected | jq -e ".data.reason != null" &&
	echo "${api##*:}" >old.port
'
sim -l "127.0.0.1:$(cat old.port)" --token-file token.file
check 'restart once it is there again: connected, and what waited goes out' '
	before=$(told connected) && wa-instance restart sales &&
	conv reply "$(conv list --ids | head -n 1)" ping &&
	wait_for sh -c "wa-instance show sales --json | jq -e \".state == \\\"connected\\\"\"" &&
	[ "$(told connected)" -gt "$before" ]
'
check 'the token is nowhere: store, logs, events, command lines, environments' '
	echo "$secret" | wa-instance token sales &&
	ps -eo args >ps.txt && cat /proc/[0-9]*/environ >env.txt 2>/dev/null
	desk-events >events.txt && wa-instance show sales >show.txt &&
	wa-instance list --json >>show.txt && frontdesk status >>show.txt
	grep -q "Core file size *0 " "/proc/$sender/limits" 2>/dev/null ||
	    grep -qi "core file size *0" "/proc/$sender/limits" &&
	! grep -rlaF "$secret" "$store" ps.txt env.txt events.txt show.txt *.err \
	    frontdesk.conf
'
kill $sender && wait $sender
c=$(wrote 491700000001 key)
check 'a lost key is made anew, what another key opens is sealed again' '
	wa-instance token sales <token.file && rm "$store/key/wa-send" &&
	conv reply "$c" five && wa-instance keys &&
	: >record && wa-send --follow --once -q && [ "$(calls)" -eq 1 ]
'
check 'all keys lost: it says so, and a new token mends it' '
	rm "$store"/key/* && conv reply "$c" six &&
	: >record && { timeout 5 wa-send --follow --once -q 2>err; :; } &&
	[ "$(state sales)" = error ] &&
	wa-instance show sales | grep "reason .*cannot be opened" &&
	wa-instance token sales <token.file && wa-send --follow --once -q &&
	[ "$(calls)" -eq 1 ] && [ "$(state sales)" = connected ]
'
check 'credentials, as systemd names the files of a folder' '
	wa-instance token sales --forget && mkdir -p creds && cp token.file creds/token_sales &&
	conv reply "$c" seven && : >record &&
	CREDENTIALS_DIRECTORY=$work/creds wa-send --follow --once -q && [ "$(calls)" -eq 1 ] &&
	wa-instance token sales <token.file
'
check 'account webhooks change state and limits of whom they concern' '
	change () {
		jq -cn --arg f "$1" --argjson v "$2" "{object:
		    \"whatsapp_business_account\", entry: [{id: \"900\", time: 1,
		    changes: [{field: \$f, value: \$v}]}]}" | wa-recv --stdin >/dev/null
	} &&
	change account_update "{\"event\":\"DISABLED_UPDATE\",
	    \"ban_info\":{\"waba_ban_state\":\"DISABLE\"}}" && [ "$(state sales)" = error ] &&
	change account_update "{\"event\":\"DISABLED_UPDATE\",
	    \"ban_info\":{\"waba_ban_state\":\"REINSTATE\"}}" && [ "$(state sales)" = connecting ] &&
	change account_update "{\"event\":\"ACCOUNT_OFFBOARDED\"}" &&
	[ "$(state sales)" = disconnected ] &&
	change account_update "{\"event\":\"VERIFIED_ACCOUNT\"}" &&
	[ "$(state sales)" = disconnected ] &&
	change account_update "{\"event\":\"ACCOUNT_RECONNECTED\"}" &&
	[ "$(state sales)" = connecting ] &&
	change phone_number_quality_update "{\"display_phone_number\":\"49301\",
	    \"event\":\"FLAGGED\",\"current_limit\":\"TIER_10K\"}" &&
	wa-instance show sales --json |
	    jq -e ".quality == \"RED\" and .messaging_limit == \"TIER_10K\"" &&
	desk-events --type instance.changed | tail -n 1 |
	    jq -e ".data.changed == [\"quality\", \"messaging_limit\"] and
	    .data.quality == \"RED\" and .data.actor == \"system\""
'
check 'list: a table, plain, JSON; off a terminal --watch prints what changes' '
	wa-instance restart sales &&
	wa-instance list | head -n 1 | grep "^NAME *KIND *PHONE *STATE" &&
	[ "$(wa-instance list --plain | cut -f 1,4)" = "sales	connecting" ] &&
	wa-instance list --json | jq -e ".instance == \"sales\" and .known" &&
	{ timeout 30 wa-instance list --watch >watched & watcher=$!; } &&
	wait_for test -s watched && wrote 491700000005 x &&
	wait_for grep -q "	connected	" watched && kill $watcher &&
	[ "$(cut -f 4 watched)" = "connecting
connected" ]
'
check 'qr: clear words, for a number and for a linked device' '
	status 65 wa-instance qr sales 2>err && grep "has no QR code" err &&
	wa-instance add phone --kind link && status 69 wa-instance qr phone 2>err &&
	grep "linked devices are not part of this version" err && wa-instance rm phone
'
check 'rm refuses while messages are queued; --yes cancels them; history stays' '
	c=$(wrote 491700000001 last) && conv reply "$c" eight && conv reply "$c" nine &&
	status 1 wa-instance rm sales 2>err && grep "2 messages are queued" err &&
	grep -q "instance sales" frontdesk.conf &&
	wa-instance rm sales --yes --json >got &&
	printf "%s\n" instance.removed message.cancelled message.cancelled >want &&
	types got >list && same want list &&
	jq -s -e ".[1].data.reason == \"removed\"" got &&
	printf "# ours\n[desk]\nname = Shop\n" >want && same want frontdesk.conf &&
	conv show "$c" | grep -q last && ! sqlite3 -readonly "$store/auth.db" \
	    "SELECT 1 FROM secret" | grep . &&
	[ -z "$(wa-instance list --plain)" ] &&
	status 66 wa-instance rm sales && status 66 wa-instance show sales
'
check 'a webhook of a removed number is kept, and named with what to do' '
	c=$(wrote 491700000009 "anybody there") && conv show "$c" --json >got &&
	grep -q "anybody there" got && [ "$(sql "SELECT owner FROM conversation
	    WHERE id = \"$c\"")" = queue ] && { frontdesk status >got; :; } &&
	grep "wa-instance add NAME --phone-number-id 100\$" got &&
	wa-instance list --plain >list && [ "$(wc -l <list)" -eq 1 ] && grep "not in the settings\$" list
'
check 'a number nobody set up: list and status tell of it, though nobody wrote' '
	jq -c ".entry[0].changes[0].value.metadata.phone_number_id = \"106000000000555\"" \
	    "$top/tests/data/webhooks/status-sent.json" | wa-recv --stdin >/dev/null &&
	status 1 frontdesk status >got && wa-instance list --plain >list && [ "$(wc -l <list)" -eq 2 ] &&
	name=$(cut -f 1 list | grep -v sales) &&
	grep -x "problem: instance $name is not configured: webhooks come for it: wa-instance add NAME --phone-number-id 106000000000555" got &&
	wa-instance add other --phone-number-id 106000000000555 && { frontdesk status >got; ! grep 106000000000555 got; } && wa-instance rm other &&
	{ frontdesk status >got; ! grep 106000000000555 got; } && ! wa-instance list --plain | grep -q other
'
check 'it comes back under its name, with its history' '
	wa-instance add sales --phone-number-id 100 && conv list --instance sales --ids | grep -q . &&
	[ "$(wa-instance list --plain | cut -f 1)" = sales ] &&
	{ frontdesk status >got; ! grep "add NAME" got; }
'
check 'a full disk ends the watching, too' '
	status 74 timeout 5 wa-instance list --watch >/dev/full 2>err && grep "No space left" err
'
check 'no number and no word of a message is in what it logs' '
	! grep -E "49170000000|hi there|anybody" *.err
'
done_testing
