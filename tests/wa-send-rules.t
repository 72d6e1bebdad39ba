#!/bin/sh
# wa-send(1): whom it does not write to, how fast, how long it tries, what a
# person may decide, and what the customer is told of reading and typing
# shellcheck disable=SC2016,SC2086,SC2119,SC2120
. "${0%/*}/lib.sh"

settings () {	# LINE ...: of [wa], beside those of all
	cat >frontdesk.conf <<-END
	[instance sales]
	phone_number_id = 100000000000001
	account_id = 200000000000001
	read_receipts = ${receipts:-never}
	rate = ${rate:-1000}
	[wa]
	pair_every = 0s
	retry = 50ms
	probe = 200ms
	END
	[ $# -eq 0 ] || printf '%s\n' "$@" >>frontdesk.conf
}
settings
echo api-token >token
frontdesk init --user >/dev/null || exit 1
db=$HOME/.local/share/frontdesk/desk.db
sql () { sqlite3 -cmd '.timeout 5000' "$db" "$1"; }
rm -f port && : >record
wa-sim --port-file port --token-file token --record record --no-status \
    >said 2>sim.err </dev/null &
pids=$!
wait_for test -s port
api=http://127.0.0.1:$(cat port)
faults () { curl -s -d "$1" "$api/sim/fault" >/dev/null; }
calls () { curl -s "$api/sim/state" | jq .calls; }
send () { wa-send --url "$api" --token-file token "$@"; }
wrote () {	# PHONE [TEXT]
	jq -cn --arg p "$1" --arg t "${2:-hello}" '{from: $p, name: "Ana", text: $t}' |
	    wa-sim --bodies | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
queued () {	# CONVERSATION AUTHOR TEXT
	jq -cn --arg c "$1" --arg a "$2" --arg t "$3" '{type: "message.queued",
	    data: {conversation: $c, instance: "sales", kind: "text",
	    author: $a, text: $t}}'
}
template () {	# CONVERSATION NAME
	queued $1 user:me x | jq -c --arg n "$2" '.data |= (del(.text) | .kind = "template" |
	    .content = {name: $n, language: {code: "en_US"}})'
}
at () { sql "SELECT status FROM message WHERE id = '$1'"; }
posts () { jq -c 'select(.body.type)' record | wc -l; }
types () { jq -r .type "$@"; }
webhook () {	# FIELD VALUE: a change of the account
	jq -cn --arg f "$1" --argjson v "$2" '{object: "whatsapp_business_account",
	    entry: [{id: "200000000000001", changes: [{field: $f, value: $v}]}]}' |
	    wa-recv --stdin >/dev/null
}
preferences () {	# PHONE stop|resume
	webhook user_preferences "$(jq -cn --arg p $1 --arg v $2 --arg t $(($(date +%s) + ${3:-0})) '{
	    messaging_product: "whatsapp", metadata: {display_phone_number: "1",
	    phone_number_id: "100000000000001"}, contacts: [{wa_id: $p}],
	    user_preferences: [{wa_id: $p, detail: "x", category: "marketing_messages",
	    value: $v, timestamp: $t}]}')"
}
templates () {	# what the account told of its templates
	sql "CREATE TABLE IF NOT EXISTS template (account TEXT NOT NULL, name TEXT
	    NOT NULL, language TEXT NOT NULL, id TEXT, status TEXT NOT NULL, category
	    TEXT NOT NULL, quality TEXT, reason TEXT, format TEXT NOT NULL,
	    components TEXT NOT NULL, synced_ms INTEGER NOT NULL, removed_ms INTEGER,
	    PRIMARY KEY (account, name, language)) STRICT, WITHOUT ROWID;
	    INSERT OR IGNORE INTO template VALUES
	    ('200000000000001', 'sale', 'en_US', NULL, 'APPROVED', 'MARKETING', NULL, NULL, 'POSITIONAL', '[]', 1, NULL),
	    ('200000000000001', 'order_update', 'en_US', NULL, 'APPROVED', 'UTILITY', NULL, NULL, 'POSITIONAL', '[]', 1, NULL),
	    ('200000000000001', 'old', 'en_US', NULL, 'PAUSED', 'UTILITY', NULL, NULL, 'POSITIONAL', '[]', 1, NULL)"
}
templates

check 'who stopped marketing gets none of it, but is served' '
	: >record && a=$(wrote 491700000001) && echo $a >first && preferences 491700000001 stop &&
	{ template $a sale; template $a order_update; queued $a user:me hi; } | send -q >got &&
	jq -se "(.[0] | .type == \"message.cancelled\" and .data.reason == \"opted_out\") and
	    .[1].type == \"message.accepted\" and .[2].type == \"message.accepted\"" got &&
	[ "$(posts)" -eq 2 ]
'
check 'who wants it again gets it again' '
	preferences 491700000001 resume 5 && template $(cat first) sale | jq -c ".n = 2" | send -q >got &&
	[ "$(types got)" = message.accepted ]
'
check 'a shut window: cancelled, with what may be sent instead; conv says it too' '
	a=$(wrote 491700000002) && FRONTDESK_NOW=$(date -u -d "+25 hours" +%FT%TZ) &&
	export FRONTDESK_NOW && queued $a user:me late | send -q >got
	jq -se "(.[0].data | .reason == \"window\" and
	    .templates == [\"order_update\", \"sale\"])" got &&
	status 1 conv reply $a late 2>err &&
	grep -q "usable templates: order_update, sale" err &&
	conv reply $a --template order_update --language en_US; r=$?
	unset FRONTDESK_NOW; [ $r -eq 0 ]
'
check 'a template that is missing, paused or disabled: an alert, once each, until it is taken' '
	a=$(wrote 491700000071) &&
	alerts () { jq -r "select(.type | startswith(\"health\")).data |
	    [.what, .about, .instance, .severity, .reason] | map(. // \"\") | join(\" \")" got; } &&
	for code in 132001 132015 132016; do
		for x in 1 2; do
			faults $code && template $a order_update | jq -c ".n = \"$code $x\"" | send -q >got 2>err
			faults none; alerts >>alerted
			[ "$(types got | head -n 1)" = message.failed ] || exit 1
		done
	done && cat alerted && printf "%s\n" \
	    "template_missing order_update sales warning the template is not there in this language" \
	    "template_paused order_update sales warning the template is paused" \
	    "template_disabled order_update sales critical the template is disabled" >want && same want alerted &&
	{ frontdesk status >status; :; } && grep -q "template_disabled order_update of instance sales" status &&
	template $a order_update | send -q >got && [ "$(types got | head -n 1)" = message.accepted ] &&
	alerts | sort >taken && printf "%s\n" "template_disabled order_update sales  " \
	    "template_missing order_update sales  " "template_paused order_update sales  " >want && same want taken &&
	{ frontdesk status >status; :; } && ! grep -q "order_update of instance sales" status &&
	template $a order_update | jq -c ".n = 2" | send -q >got && [ -z "$(alerts)" ] &&
	faults 132015 && template $a order_update | jq -c ".n = 3" | send -q >got 2>err; faults none
	[ "$(alerts | wc -l)" -eq 1 ]
'
check 'and where a status tells it' '
	a=$(wrote 491700000072) && template $a sale | send -q >got &&
	wamid=$(jq -r "select(.type == \"message.accepted\").data.wamid" got) &&
	jq -cn --arg w "$wamid" --arg t "$(date +%s)" "{object: \"whatsapp_business_account\", entry: [{id: \"1\",
	    changes: [{field: \"messages\", value: {metadata: {phone_number_id: \"100000000000001\"},
	    statuses: [{id: \$w, status: \"failed\", timestamp: \$t, errors: [{code: 132015, title: \"x\"}]}]}}]}]}" |
	    wa-recv --stdin >failed && wa-send -q <failed >one && wa-send -q <failed >two && same one two &&
	[ "$(types one | xargs)" = "conversation.escalated health.alert" ] &&
	jq -se ".[1].data | .what == \"template_paused\" and .about == \"sale\"" one
'
check 'reactions, statuses, system events and echoes do not open the window' '
	a=$(wrote 491700000003) && sql "UPDATE conversation SET last_in_ms = last_in_ms - 25 * 3600000 WHERE id = '\''$a'\''" &&
	before=$(sql "SELECT last_in_ms FROM conversation WHERE id = '\''$a'\''") &&
	jq -cn "{from: \"491700000003\", type: \"reaction\", reaction: {message_id: \"w\", emoji: \"x\"}}" |
	    wa-sim --bodies | wa-recv --stdin >/dev/null &&
	jq -cn "{from: \"491700000003\", type: \"system\", system: {type: \"customer_identity_changed\", body: \"x\"}}" |
	    wa-sim --bodies | wa-recv --stdin >/dev/null &&
	[ "$(sql "SELECT last_in_ms FROM conversation WHERE id = '\''$a'\''")" = "$before" ] &&
	queued $a ai late | send -q >got && [ "$(types got | head -n 1)" = message.cancelled ]
'
check 'a recipient gets a burst, then one at a time; a restart does not forget' '
	settings "pair_every = 300ms" "pair_burst = 3" && : >record &&
	a=$(wrote 491700000004) && b=$(wrote 491700000005) &&
	for n in 1 2 3 4; do queued $a user:me $n; done >in && queued $b user:me other >>in &&
	send -q <in >got && queued $a user:me 5 >in && send -q <in >got; r=$?; settings; [ $r -eq 0 ] &&
	jq -r .body.text.body record >order && [ "$(grep -v other order | xargs)" = "1 2 3 4 5" ] &&
	[ "$(tail -n 2 order | xargs)" = "4 5" ] && [ "$(grep -c other order)" -eq 1 ] &&
	jq -s "map(select(.body.text.body != \"other\").time | (.[:19] + \"Z\" | fromdate) * 1000 + (.[20:23] | tonumber))
	    | {burst: (.[2] - .[0]), fourth: (.[3] - .[2]), fifth: (.[4] - .[3])}" record >waits && cat waits &&
	jq -se ".[0] | .burst < 200 and .fourth >= 250 and .fifth >= 200 and .fourth + .fifth >= 550" waits
'
check 'a number keeps to its rate' '
	rate=20 settings && : >record && for n in $(seq 30); do
		queued $(wrote 4917000010$n) user:me $n; done >in &&
	from=$(date +%s%N) && send -q <in >got &&
	took=$((($(date +%s%N) - from) / 1000000)) && echo "took $took ms" &&
	[ "$(posts)" -eq 30 ] && [ $took -ge 1200 ] && [ $took -le 4000 ]; r=$?; settings; [ $r -eq 0 ]
'
check 'refused again and again: after give_up it fails, people are asked, the next goes' '
	settings "give_up = 600ms" "pair_wait = 50ms" && : >record &&
	a=$(wrote 491700000006) && n=$(calls) && faults "131056:#$((n + 1))-$((n + 3))" &&
	{ queued $a ai first; queued $a user:me second; } | send -q >got 2>err
	faults none; settings
	[ "$(types got | xargs)" = "message.failed conversation.escalated message.accepted" ] &&
	jq -se ".[0].data.errors[0].title | startswith(\"given up\")" got &&
	[ "$(jq -r .body.text.body record | tail -n 1)" = second ]
'
n=60
for refusal in 131056 429=86400 503=86400 131000 131048; do
	n=$((n + 1))
	check "no wait goes beyond give_up: $refusal" '
		settings "give_up = 1s" "pair_wait = 20s" "retry = 20s" && : >record &&
		a=$(wrote 4917000000$n) && faults "$refusal:#$(($(calls) + 1))" &&
		{ queued $a ai first; queued $a user:me second; } >in &&
		from=$(date +%s%N) && timeout 15 wa-send --url "$api" --token-file token -q <in >got 2>err
		took=$((($(date +%s%N) - from) / 1000000)); faults none; settings
		cat err; echo "$took ms" && [ $took -ge 900 ] && [ $took -le 4000 ] &&
		[ "$(types got | grep -v instance | xargs)" = "message.failed conversation.escalated message.accepted" ] &&
		jq -se ".[0].data.errors[0].title | startswith(\"given up\")" got &&
		left=$(sed -n "s/.*again in \([0-9]*\) ms/\1/p" err | head -n 1) && [ "$left" -le 1000 ]
	'
done
for after in 429=1 429-date=2; do
	check "the provider'\''s word counts: $after, and the whole number waits" '
		: >record && a=$(wrote 491700000007) && b=$(wrote 491700000008) &&
		faults "$after:#$(($(calls) + 1))" && queued $a ai a$after >in &&
		from=$(date +%s%N) && { send -q <in >got 2>err; :; } &&
		took=$((($(date +%s%N) - from) / 1000000)) && faults none && echo "$took" &&
		[ $took -ge 900 ] && [ $took -le 4000 ] && grep -q message.accepted got
	'
done
check 'a service that fails is asked five times, no more' '
	: >record && a=$(wrote 491700000009) && faults 131000 &&
	settings "retry = 10ms" && queued $a ai x | send -q >got 2>err; faults none
	settings && [ "$(posts)" -eq 5 ] && [ "$(types got | head -n 1)" = message.failed ] &&
	grep -c "again in" err | grep -qx 4
'
check 'waits differ by the message, and are the same each time' '
	settings "retry = 200ms" "tries = 2" && for n in 1 2; do
		a=$(wrote 49170000004$n) && faults 131000 &&
		{ queued $a ai j1; } | jq -c ".id = \"01M850000000000000000000A$n\"" | send -q 2>&1 >/dev/null |
		    sed -n "s/.*again in \([0-9]*\) ms/\1/p"
	done >waits; faults none; settings
	[ "$(wc -l <waits)" -eq 2 ] && [ "$(sort -u waits | wc -l)" -eq 2 ] &&
	awk "\$1 < 200 || \$1 > 240 {exit 1}" waits
'

check 'a restart into a token that is still bad costs one call, a good one sends all' '
	: >record && echo wrong >bad && for n in 1 2 3 4 5 6 7 8; do
		queued $(wrote 49170000005$n) ai "kept $n"; done >in &&
	status 69 wa-send --url "$api" --token-file bad -q <in >got 2>err &&
	before=$(grep -c . record) &&
	status 69 wa-send --url "$api" --token-file bad -q <in >got 2>err &&
	[ $(($(grep -c . record) - before)) -le 1 ] &&
	: >record && send -q <in >got && [ "$(posts)" -eq 8 ] &&
	[ "$(types got | grep -c instance.connected)" -eq 1 ]
'
check '--list-failed and --list-held: a table, JSON, tab-separated; nothing personal' '
	a=$(wrote 491700000010) && faults 131026 && queued $a ai "secret words" | send -q >got 2>err
	faults reset-after-read && b=$(wrote 491700000011) && queued $b ai "more secret" | send -q >got2 2>err
	faults none; failed=$(jq -r "select(.type == \"message.failed\").data.message" got)
	held=$(jq -r "select(.type == \"message.held\").data.message" got2)
	echo $failed >failed; echo $held >held; echo $a >whose
	wa-send --list-failed --json >list && jq -se "map(select(.message == \"$failed\"))[0] |
	    .conversation == \"$a\" and .instance == \"sales\" and .attempt == 1 and
	    .reason == \"the message cannot be delivered\"" list &&
	wa-send --list-held --plain >list && [ "$(cut -f1 list)" = "$held" ] &&
	[ "$(awk -F"\t" "{print NF}" list)" -eq 8 ] &&
	wa-send --list-held >list && grep -q "^MESSAGE " list && grep -q "$held" list &&
	wa-send --list-failed >>list && ! grep -e secret -e 4917 list &&
	status 64 wa-send --list-held --list-failed
'
check '--retry: a failed one again, by a person, in the audit; the AI wrote it, a person sends it' '
	failed=$(cat failed) && : >record &&
	[ "$(sql "SELECT owner FROM conversation WHERE id = '\''$(cat whose)'\''")" = queue ] &&
	wa-send --retry $failed && [ "$(at $failed)" = queued ] &&
	desk-events --type message.retried | tail -n 1 >in && send -q <in >got &&
	[ "$(types got)" = message.accepted ] && [ "$(posts)" -eq 1 ] &&
	[ "$(sql "SELECT actor || action FROM audit WHERE object = '\''$failed'\''")" = user:memessage.retry ] &&
	send -q <in >again && same got again && [ "$(posts)" -eq 1 ]
'
check '--retry: the only way that a held one goes out again' '
	held=$(cat held) && send --follow --once 2>err && : >record &&
	send --follow --once --cursor again 2>err && [ "$(posts)" -eq 0 ] &&
	wa-send --retry $held && desk-events --type message.retried | tail -n 1 | send -q >got &&
	[ "$(types got)" = message.accepted ] && [ "$(posts)" -eq 1 ]
'
check '--retry: not what went out, and all of them or none' '
	held=$(cat held) && status 1 wa-send --retry $held 2>err && grep -q "only what failed or is held" err &&
	status 66 wa-send --retry 01JD0000000000000000000000 && status 64 wa-send --retry x &&
	a=$(wrote 491700000012) && faults 131026 && queued $a ai x | send -q >got 2>err; faults none
	failed=$(jq -r "select(.type == \"message.failed\").data.message" got)
	status 1 wa-send --retry $failed --retry $held && [ "$(at $failed)" = failed ]
'
check 'who is blocked is not written to' '
	: >record && a=$(wrote 491700000014) && k=$(sql "SELECT contact FROM conversation WHERE id = '\''$a'\''") &&
	block () {
		sql "INSERT INTO event (id, type, source, subject, time_ms, depth, data) VALUES
		    ('\''$1'\'', '\''contact.blocked'\'', '\''/desk'\'', '\''contact/$k'\'', $2, 0, '\''{\"blocked\":$3}'\'')"
	} && block 01JD0000000000000000000001 1 true && queued $a user:me hi | send -q >got &&
	[ "$(posts)" -eq 0 ] && jq -e ".data.reason == \"blocked\"" got &&
	block 01JD0000000000000000000002 2 false && queued $a user:me "hi again" | send -q >got &&
	[ "$(types got)" = message.accepted ]
'
check 'who cannot be reached is marked, until they write or something reaches them' '
	a=$(wrote 491700000015) && faults 131026 && queued $a user:me x | send -q >got 2>err; faults none
	jq -se "map(select(.type == \"contact.changed\")) | length == 1 and
	    .[0].data.change == \"unreachable\" and .[0].data.reason == \"the message cannot be delivered\"" got &&
	conv show $a >out && grep -q "reached .*not since .*: the message cannot be delivered" out &&
	status_of () {	# STATUS [ERRORS]
		queued $a user:me "$1 ${2:-}" | send -q >sent && w=$(sql "SELECT wamid FROM message
		    WHERE conversation = '\''$a'\'' AND wamid IS NOT NULL ORDER BY attempt_ms DESC LIMIT 1") &&
		webhook messages "$(jq -cn --arg s $1 --arg w $w --arg t $(date +%s) --argjson e "${2:-null}" "{
		    messaging_product: \"whatsapp\", metadata: {display_phone_number: \"1\",
		    phone_number_id: \"100000000000001\"}, statuses: [{id: \$w, status: \$s,
		    timestamp: \$t, recipient_id: \"491700000015\"} + if \$e then {errors: \$e} else {} end]}")"
	} &&
	status_of delivered && conv show $a >out && ! grep -q "reached " out &&
	desk-events --type contact.changed | tail -n 1 | jq -e ".data.change == \"reachable\"" &&
	status_of failed "[{\"code\": 131026, \"title\": \"Message undeliverable\"}]" &&
	conv show $a >out && grep -q "reached .*not since " out &&
	wrote 491700000015 "me again" && conv show $a >out && ! grep -q "reached " out
'
check 'what a merged contact said, and how fast it was written to, holds for the other' '
	: >record && a=$(wrote 491700000016) && b=$(wrote 491700000017) && preferences 491700000017 stop &&
	conv merge $a $b >got && k=$(sql "SELECT contact FROM conversation WHERE id = '\''$a'\''") &&
	template $a sale | send -q >got &&
	[ "$(posts)" -eq 0 ] && jq -e ".data.reason == \"opted_out\"" got &&
	c=$(wrote 491700000018) && l=$(sql "SELECT contact FROM conversation WHERE id = '\''$c'\''") &&
	sql "INSERT INTO pace VALUES ('\''sales/$l'\'', 99)" && conv merge $a $c &&
	[ "$(sql "SELECT even_ms FROM pace WHERE key = '\''sales/$k'\''")" -ge 99 ]
'
check 'a country that is not allowed fails one message, and the next customer is served' '
	: >record && a=$(wrote 491700000060) && b=$(wrote 491700000061) &&
	faults "130497:#$(($(calls) + 1))" && queued $a user:me x | send -q >got 2>err; faults none
	[ "$(types got | head -n 1)" = message.failed ] && ! grep -q instance.error got &&
	jq -se ".[0].data.errors[0].class == \"recipient\"" got &&
	queued $b user:me x | send -q >got && [ "$(types got | head -n 1)" = message.accepted ]
'
check 'a number the account does not have stops the instance, and nothing is lost' '
	sed "s/100000000000001/100000000000009/" frontdesk.conf >other.conf && : >record &&
	a=$(wrote 491700000062) && queued $a user:me kept >in &&
	(export FRONTDESK_CONF=$work/other.conf; status 69 wa-send --url "$api" --token-file token -q <in >got 2>err) &&
	types got >got.types && grep -qx instance.error got.types &&
	grep -q "wa-send: instance sales: stopped: the number is wrong, deleted or not for this token: " err &&
	! grep -q message.failed got && send -q <in >got && types got | grep -qx message.accepted
'
check 'the number in the answer is the same customer'\''s from then on' '
	a=$(wrote 447700900111) && k=$(sql "SELECT contact FROM conversation WHERE id = '\''$a'\''") &&
	curl -s -d "{\"other_ids\":{\"447700900111\":\"447700900999\"}}" "$api/sim/state" >/dev/null &&
	queued $a user:me hi | send -q >got && types got | grep -qx message.accepted &&
	[ "$(wrote 447700900999)" = "$a" ] &&
	[ "$(sql "SELECT count(DISTINCT contact) FROM contact_alias WHERE value LIKE '\''447700900%'\''")" -eq 1 ]
'
check 'why the provider keeps a message for now is in the event' '
	curl -s -d "{\"templates\":[{\"name\":\"order_update\",\"message_status\":\"held_for_quality_assessment\"}]}" "$api/sim/state" >/dev/null &&
	template $(wrote 491700000063) order_update | send -q >got &&
	jq -se "any(.[]; .data.message_status == \"held_for_quality_assessment\")" got &&
	curl -s -d "{\"templates\":[]}" "$api/sim/state" >/dev/null
'
check 'a medium of ours is sent by the id it was uploaded under' '
	sql "CREATE TABLE IF NOT EXISTS media_upload (instance TEXT NOT NULL, sha256 TEXT NOT NULL,
	    provider_id TEXT NOT NULL, uploaded_ms INTEGER NOT NULL, PRIMARY KEY (instance, sha256));
	    INSERT INTO media_upload VALUES ('\''sales'\'', '\''aa11'\'', '\''998877'\'', $(date +%s)000)" &&
	: >record && a=$(wrote 491700000015) && queued $a user:me "The blue one" |
	    jq -c ".data.kind = \"image\" | .data.content = {media: \"sha256:aa11\"}" | send -q >got &&
	jq -e ".body.image == {id: \"998877\", caption: \"The blue one\"}" record
'
check 'a medium of ours is waited for, and fails in the end' '
	settings "give_up = 1s" && : >record && a=$(wrote 491700000013) &&
	echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg== |
	    base64 -d >dot.png && conv reply --file dot.png $a see >/dev/null &&
	desk-events --type message.queued | tail -n 1 | send -q >got 2>err; settings
	jq -se ".[0].data.errors[0].title == \"media: was not uploaded in time\"" got && [ "$(posts)" -eq 0 ]
'

# --- reading and typing ---
seen () { jq -c 'select(.body.status == "read").body' record; }
wamid_of () { sql "SELECT wamid FROM message WHERE conversation = '$1' AND direction = 'in' ORDER BY wa_ms DESC LIMIT 1"; }
started () { jq -cn --arg c "$1" '{type: "reply.started", subject: "conversation/\($c)",
	data: {conversation: $c, contact: "x", instance: "sales"}}'; }
check 'the AI begins: its last message is read, once' '
	receipts=ai settings && : >record && a=$(wrote 491700000020) && echo $a >whose &&
	started $a >in && send -q <in && started $a | jq -c ".n = 1" | send -q &&
	seen >got && jq -cn --arg w "$(wamid_of $a)" "{messaging_product: \"whatsapp\",
	    status: \"read\", message_id: \$w}" >want && same want got &&
	PYTHONWARNINGS=ignore python3 "$top/tests/graph.py" "$top/share/schema" seen got
'
check 'and not a second time when it is answered' '
	queued $(cat whose) ai "an answer" | send -q >got && [ "$(seen | wc -l)" -eq 1 ] && [ "$(posts)" -eq 1 ]
'
check 'whom a person answers is read then, also with reply; with never and view not' '
	n=30; for r in ai reply never view; do
		n=$((n + 1)); receipts=$r settings && : >record && a=$(wrote 4917000000$n) &&
		queued $a user:me "from a person" | send -q >sent && seen | wc -l
	done | xargs >got && echo 1 1 0 0 >want && same want got &&
	for r in reply never view; do
		n=$((n + 1)); receipts=$r settings && : >record && started $(wrote 4917000000$n) | send -q && seen | wc -l
	done | xargs >got && echo 0 0 0 >want && same want got
'
check 'an agent looks: told once, where so set' '
	receipts=view settings && : >record && a=$(wrote 491700000022) &&
	conv show $a >/dev/null && conv show $a >/dev/null &&
	desk-events --type message.viewed >in && [ "$(wc -l <in)" -eq 1 ] && send -q <in && [ "$(seen | wc -l)" -eq 1 ] &&
	receipts=ai settings && conv show $(wrote 491700000023) >/dev/null &&
	[ "$(desk-events --type message.viewed | wc -l)" -eq 1 ]
'
check 'a person writes: where so set, while they do, and not where nothing is told to be read' '
	typed () { seen | jq -c .typing_indicator | xargs; }
	begun () { desk-events --type presence.typing | tail -n 1; }
	receipts=ai settings && : >record && a=$(wrote 491700000030) && EDITOR="false >" script -qec "conv reply $a" /dev/null </dev/null >/dev/null
	begun >in && [ -s in ] && send -q <in && [ "$(seen | wc -l)" -eq 0 ] &&
	for r in view never; do
		receipts=$r settings && echo "typing_people = on" >more && sed -i "/^\[instance sales\]/r more" frontdesk.conf && : >record &&
		a=$(wrote 49170000003$(printf %s $r | wc -c)) && EDITOR="false >" script -qec "conv reply $a" /dev/null </dev/null >/dev/null
		begun >in && send -q <in && echo "ended $(typed)" &&
		sql "UPDATE writer SET until_ms = 9000000000000" && a=$(wrote 49170000004$(printf %s $r | wc -c)) && begun | jq -c --arg c "$a" ".data.conversation = \$c | .subject = \"conversation/\(\$c)\" | .id = null | del(.id)" >in &&
		sql "INSERT INTO writer VALUES ('\''$a'\'', '\''x'\'', '\''bert'\'', 1, 9000000000000)" && send -q <in && echo "goes on $(typed)"
	done >got; cat got; printf "%s\n" "ended " "goes on {type:text}" "ended " "goes on " >want && same want got
'
check 'old and imported messages, and those without a name, are left alone' '
	receipts=ai settings && : >record && a=$(wrote 491700000024) &&
	sql "UPDATE message SET wa_ms = wa_ms - 31 * 86400000 WHERE conversation = '\''$a'\''" &&
	started $a | send -q && b=$(wrote 491700000025) &&
	sql "UPDATE message SET wamid = NULL WHERE conversation = '\''$b'\''" && started $b | send -q &&
	c=$(wrote 491700000026) &&
	sql "UPDATE event SET type = '\''message.imported'\'' WHERE id IN (SELECT id FROM message WHERE conversation = '\''$c'\'')" &&
	started $c | send -q && [ "$(seen | wc -l)" -eq 0 ]
'
check 'a receipt that fails is tried once more and holds up nothing' '
	receipts=ai settings && : >record && a=$(wrote 491700000027) && faults "500@read" &&
	{ started $a; queued $a user:me "meanwhile"; } | send -q >got 2>err; faults none
	[ "$(types got)" = message.accepted ] && [ "$(seen | wc -l)" -le 3 ] && [ "$(seen | wc -l)" -ge 2 ]
'
cat >slow.pl <<'END'
use strict; use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 5, ReuseAddr => 1) or die;
open my $f, '>', 'model.port'; print $f $s->sockport; close $f;
while (my $c = $s->accept) {
	my $n = 0; while (<$c>) { $n = $1 if /^content-length: (\d+)/i; last if /^\r?$/ }
	read $c, my $body, $n; sleep 3;
	my $j = '{"choices":[{"message":{"content":"HANDOVER"}}],"usage":{}}';
	print $c "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($j) . "\r\nConnection: close\r\n\r\n$j"; close $c;
}
END
perl slow.pl & pids="$pids $!"
wait_for test -s model.port
receipts=ai settings "typing_every = 500ms"
printf '%s\n' "[ai]" "provider = openai" "model = m" \
    "url = http://127.0.0.1:$(cat model.port)/" "[instance sales]" "quiet = 0ms" "typing_people = on" >>frontdesk.conf
kb-ingest "$top/share/sample/docs" >/dev/null 2>&1
: >record
ai-reply --follow --from end --poll 100ms 2>ai.err & pids="$pids $!"
wa-send --url "$api" --token-file token --follow --from end --poll 100ms 2>err & pids="$pids $!"
check 'while the AI works the customer sees it, again and again, until it has' '
	up () { [ "$(sql "SELECT count(*) FROM worker WHERE pid > 0")" -eq 2 ]; } && wait_for up &&
	a=$(wrote 491700000028 "How long does delivery take?") &&
	desk-events --type message.received | tail -n 1 | route -q >/dev/null &&
	wait_for sh -c "grep -q \"\\\"to\\\":\\\"491700000028\\\"\" record" &&
	sleep 1 && seen | jq -c .typing_indicator >got && cat got &&
	[ "$(grep -c text got)" -ge 4 ] && [ "$(grep -c text got)" -le 8 ] &&
	jq -c "select(.body.type or .body.typing_indicator) | .body.type" record | tail -n 1 | grep -q text
'
check 'and while a person writes, until what they wrote is there' '
	: >record && a=$(wrote 491700000050 "Is anybody there?") && EDITOR="sleep 2; echo Yes. >" script -qec "conv reply $a" /dev/null </dev/null &&
	wait_for sh -c "grep -q \"\\\"to\\\":\\\"491700000050\\\"\" record" && sleep 1 && seen | jq -c .typing_indicator >got && cat got &&
	[ "$(grep -c text got)" -ge 3 ] && [ "$(grep -c text got)" -le 6 ] &&
	jq -c "select(.body.type or .body.typing_indicator) | .body.type" record | tail -n 1 | grep -q text
'
done_testing
