#!/bin/sh
# wa-send(1) against wa-sim(1): what goes out, what does not, and never twice
# shellcheck disable=SC2016,SC2086
. "${0%/*}/lib.sh"

cat >frontdesk.conf <<'END'
[instance sales]
phone_number_id = 100000000000001
read_receipts = never
[wa]
# Many messages go to one customer here.
pair_every = 0s
# Waiting proves nothing here.
retry = 200ms
probe = 4s
END
echo api-token >token
frontdesk init --user >/dev/null || exit 1
sim () {	# [OPTION ...]: wa-sim, its address in $api, its calls in record
	rm -f port
	wa-sim --port-file port --token-file token --record record "$@" \
	    >said 2>sim.err </dev/null &
	pids="$pids $!"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
faults () { curl -s -d "$1" "$api/sim/fault" >/dev/null; }
send () { wa-send --url "$api" --token-file token "$@"; }
# PHONE: the customer writes; the conversation's id is printed
wrote () {
	echo "{\"from\":\"$1\",\"name\":\"Ana\",\"text\":\"hello\"}" |
	    wa-sim --bodies | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
# CONVERSATION AUTHOR TEXT: a line that queues it
queued () {
	jq -cn --arg c "$1" --arg a "$2" --arg t "$3" '{type: "message.queued",
	    data: {conversation: $c, instance: "sales", kind: "text",
	    author: $a, text: $t}}'
}
# Queued and kept in the store: without a token nothing goes out.
keep () { queued "$@" >kept && status 69 wa-send -q <kept >kept.out 2>kept.err; }
waiting () {	# CONVERSATION: since when its customer waits
	sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT waiting_ms FROM conversation WHERE id = '$1'"
}
at () {	# MESSAGE: its place on the ladder
	sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT status FROM message WHERE id = '$1'"
}
calls () { jq -s 'map(select(.body.text)) | length' record; }
types () { jq -r .type "$@"; }
: >record
sim

check 'a dry run prints what a success prints, and sends nothing' '
	a=$(wrote 491700000001) && queued $a ai "It leaves tomorrow." >in &&
	wa-send --dry-run <in >got && sed -n 1p got >first && same in first &&
	sed -n 2p got | jq -e ".type == \"request.previewed\" and
	    .data.path == \"/v23.0/100000000000001/messages\" and
	    .data.method == \"POST\" and
	    .data.headers[\"User-Agent\"] == \"frontdesk/0.1.0\" and
	    .data.body.to == \"491700000001\" and
	    .data.body.text.body == \"It leaves tomorrow.\"" &&
	! grep -qi -e authorization -e bearer got &&
	sed 1,2d got | jq -e ".type == \"message.accepted\" and
	    (.data.wamid | startswith(\"wamid.dry-run.\")) and
	    .data.text == \"It leaves tomorrow.\"" &&
	[ "$(calls)" -eq 0 ] &&
	! desk-events --since 1d | grep -q message.accepted
'
check 'a dry run refuses what the real one would: nobody to write to, no such file' '
	{ echo "{\"type\":\"message.queued\",\"data\":{\"text\":\"hi\",\"instance\":\"sales\"}}"
	echo "{\"type\":\"message.queued\",\"data\":{\"instance\":\"sales\",\"phone\":\"491700000097\",\"kind\":\"image\",
	    \"content\":{\"media\":\"sha256:$(printf %064d 1)\"}}}" | tr -d "\n"; echo; } >in &&
	for how in --dry-run "--url $api --token-file token"; do
		wa-send -q $how <in 2>err | grep -v instance.connected |
		    jq -r "[.type, .data.errors[0].title // \"\"] | join(\": \")" >got.${how%% *} || exit 1
	done && same got.--url got.--dry-run &&
	grep -qx "message.failed: the customer has no address" got.--dry-run &&
	grep -q "^message.failed: media: no file sha256:0" got.--dry-run && [ "$(calls)" -eq 0 ]
'
check 'a scratch store forbids sending' '
	a=$(wrote 491700000001) && queued $a ai "scratch" >in &&
	frontdesk scratch wa-send --url "$api" --token-file token -q <in >got &&
	jq -e ".data.wamid | startswith(\"wamid.dry-run.\")" got &&
	[ "$(calls)" -eq 0 ]
'
check 'a message goes out, to the number, with our id; a repeat does nothing' '
	a=$(wrote 491700000001) && queued $a ai "It leaves tomorrow." >in &&
	send <in >one && send <in >two && same one two && [ "$(calls)" -eq 1 ] &&
	jq -e ".body | .to == \"491700000001\" and
	    .text.body == \"It leaves tomorrow.\" and
	    .biz_opaque_callback_data != null and .type == \"text\" and
	    .messaging_product == \"whatsapp\"" record &&
	jq -e -s ".[0].type == \"message.queued\" and
	    (.[1] | .type == \"message.accepted\" and
	    .data.wamid == \"$(jq -r .id record)\")" one
'
check 'a customer without a number is written to by BSUID' '
	: >record &&
	b=$(echo "{\"user_id\":\"DE.abc123\",\"text\":\"hi\"}" | wa-sim --bodies |
	    wa-recv --stdin | jq -r "select(.type == \"message.received\").data.conversation") &&
	queued $b ai "hello" | send -q >got &&
	jq -e ".body.recipient == \"DE.abc123\" and .body.to == null" record
'
kill $pids 2>/dev/null
pids=
sim --delay 100ms
check 'recipients side by side, each in order' '
	: >record && : >in &&
	for p in 1 2 3 4 5 6; do
		c=$(wrote 49170000010$p) &&
		for n in 1 2 3 4; do queued $c ai "$p-$n" >>in; done || exit
	done && sort -t- -k2 in >mixed &&
	from=$(date +%s%N) && send -q <mixed >got &&
	took=$((($(date +%s%N) - from) / 1000000)) &&
	[ "$(grep -c message.accepted got)" -eq 24 ] &&
	[ "$took" -lt 1800 ] &&
	for p in 1 2 3 4 5 6; do
		jq -r "select(.body.to == \"49170000010$p\").body.text.body" record
	done >order && sort order >sorted && same sorted order
'
kill $pids 2>/dev/null
pids=
sim
check 'whoever took it meanwhile has the word: cancelled, owner' '
	: >record && a=$(wrote 491700000002) && keep $a ai "too late" &&
	conv take $a >/dev/null && send -q <kept >got && [ "$(calls)" -eq 0 ] &&
	tail -n 1 got | jq -e ".type == \"message.cancelled\" and
	    .data.reason == \"owner\""
'
check 'taken and given back: an older owner_rev is cancelled' '
	a=$(wrote 491700000003) && keep $a ai "old news" &&
	conv take $a >/dev/null && conv release --to-ai $a >/dev/null &&
	send -q <kept >got && [ "$(calls)" -eq 0 ] &&
	tail -n 1 got | jq -e ".type == \"message.cancelled\" and
	    .data.reason == \"owner_rev\""
'
check 'so has who answers the customer in another conversation: cancelled, elsewhere' '
	cp frontdesk.conf kept.conf && printf "[instance sales]\nphone_number_id = 100000000000001\nafter_resolve = new\n" >>frontdesk.conf &&
	a=$(wrote 491700000098) && conv resolve $a && b=$(wrote 491700000098) && [ "$a" != "$b" ] && keep $b ai "old news" &&
	conv reply $a "I have it here" 2>/dev/null && : >record && send -q <kept >got; cp kept.conf frontdesk.conf; [ "$(calls)" -eq 0 ] &&
	tail -n 1 got | jq -e ".type == \"message.cancelled\" and
	    .data.reason == \"elsewhere\""
'
# PHONE TEXT: the line of its message.received; WAMID PHONE: it is deleted
asks () {
	jq -cn --arg p "$1" --arg t "$2" '{from: $p, name: "Ana", text: $t}' | wa-sim --bodies |
	    wa-recv --stdin | jq -c 'select(.type == "message.received")'
}
deletes () {
	jq -cn --arg w "$1" --arg p "$2" '{from: $p, type: "revoke",
	    revoke: {original_message_id: $w}}' | wa-sim --bodies | wa-recv --stdin >/dev/null
}
# RECEIVED AUTHOR TEXT: an answer to it is queued, and waits
answers () {
	queued "$(echo "$1" | jq -r .data.conversation)" "$2" "$3" |
	    jq -c --arg id "$(echo "$1" | jq -r .id)" '.causeid = $id' >kept &&
	status 69 wa-send -q <kept >kept.out 2>kept.err
}
check 'what the customer took back before it was answered: the AI says nothing, a person does' '
	: >record && q=$(asks 491700000081 "where is it?") && answers "$q" ai "There." &&
	c=$(echo "$q" | jq -r .data.conversation) && w=$(echo "$q" | jq -r .data.wamid) &&
	cp kept ai && answers "$q" user:me "I looked." && cp kept me && deletes $w 491700000081 &&
	send -q <ai >one && send -q <ai >two && same one two && [ "$(calls)" -eq 0 ] &&
	jq -se "length == 1 and .[0].type == \"message.cancelled\" and
	    .[0].data.reason == \"taken_back\"" one && [ -z "$(waiting $c)" ] &&
	send -q <me >got && [ "$(calls)" -eq 1 ]
'
check 'one of two questions taken back: the answer goes; both, and a new one: it does not' '
	: >record && p=491700000082 && q=$(asks $p one) && r=$(asks $p two) && answers "$r" ai "Both." &&
	deletes "$(echo "$r" | jq -r .data.wamid)" $p && send -q <kept >got && [ "$(calls)" -eq 1 ] &&
	p=491700000083 && q=$(asks $p one) && r=$(asks $p two) && answers "$r" ai "Both." &&
	asks $p three >new && for x in "$q" "$r"; do
		deletes "$(echo "$x" | jq -r .data.wamid)" $p || exit 1
	done && send -q <kept >got && [ "$(calls)" -eq 1 ] &&
	jq -e ".data.reason == \"taken_back\"" got &&
	[ -n "$(waiting "$(echo "$q" | jq -r .data.conversation)")" ]
'
check 'a day after the customer wrote the window is shut' '
	: >record && a=$(wrote 491700000004) && keep $a ai "slow" &&
	FRONTDESK_NOW=$(date -u -d "+25 hours" +%FT%TZ) send -q <kept >got &&
	[ "$(calls)" -eq 0 ] &&
	jq -e -s ".[-2].type == \"message.cancelled\" and
	    .[-2].data.reason == \"window\" and
	    .[-1].type == \"conversation.escalated\"" got
'
check 'what waited longer than a day is left to people' '
	: >record && a=$(wrote 491700000005) && keep $a ai "old" &&
	FRONTDESK_NOW=$(date -u -d "+25 hours" +%FT%TZ) send --follow --once &&
	desk-events --since 1d --type message.cancelled | tail -n 1 |
	    jq -e ".data.reason == \"age\"" &&
	conv list --owner queue --ids | grep -q "^$a" && [ "$(calls)" -eq 0 ]
'
check 'what stands before it in the store and is nobody'"'"'s goes first: no run waits for ever' '
	: >record && a=$(wrote 491700000012) && keep $a ai first && queued $a ai second >in &&
	timeout 60 wa-send --url "$api" --token-file token -q <in >got &&
	jq -r ".body.text.body // empty" record >order && printf "%s\n" first second >want && same want order &&
	[ "$(grep -c message.accepted got)" -eq 2 ]
'
check '429 and 500 pass: it is sent later, and what is behind it waits' '
	: >record && a=$(wrote 491700000006) && faults "429:#1,500:#2" &&
	sim_n=$(curl -s "$api/sim/state" | jq .calls) &&
	faults "429:#$((sim_n + 1)),500:#$((sim_n + 2))" &&
	{ queued $a ai first; queued $a ai second; } >in &&
	send -q <in >got 2>err &&
	jq -r "[.body.text.body, .status] | join(\" \")" record >order &&
	printf "%s\n" "first 429" "first 500" "first 200" "second 200" >want &&
	same want order && [ "$(grep -c message.accepted got)" -eq 2 ] &&
	grep -q "again in" err
'
check 'a final refusal fails it: code, class, and people are told' '
	: >record && a=$(wrote 491700000007) && faults 131026 &&
	queued $a ai "no" | send -q >got 2>err && [ "$(calls)" -eq 1 ] &&
	jq -e -s ".[0].type == \"message.failed\" and
	    (.[0].data.errors[0] | .code == 131026 and
	    .class == \"recipient\" and .fbtrace_id != null) and
	    .[1].type == \"conversation.escalated\"" got &&
	faults none
'
check 'a token that is not accepted: the instance stops, the queue is kept' '
	: >record && a=$(wrote 491700000008) && echo wrong >bad &&
	queued $a ai "later" >in &&
	status 69 wa-send --url "$api" --token-file bad -q <in >got 2>err &&
	sed -n 1p got | jq -e ".type == \"instance.error\" and
	    .data.error.code == 190 and .data.instance == \"sales\"" &&
	sed 1d got | jq -e ".type == \"health.alert\" and
	    .data.severity == \"critical\" and .data.instance == \"sales\"" &&
	[ "$(calls)" -eq 0 ] &&
	status 1 frontdesk status >well &&
	grep "^problem: instance sales is stopped: .*: wa-instance token sales < TOKEN-FILE" well &&
	send -q <in >got && [ "$(calls)" -eq 1 ] &&
	grep -q message.accepted got && tail -n 1 got |
	    jq -e ".type == \"instance.connected\" and
	    .data.instance == \"sales\"" &&
	queued $a ai "again" | send -q >got &&
	[ "$(types got)" = message.accepted ] &&
	{ frontdesk status >well; ! grep "is stopped" well; }
'
check 'nobody there: not sent, and the queue is kept' '
	a=$(wrote 491700000009) && queued $a ai "x" >in &&
	{ timeout 1 wa-send --url http://127.0.0.1:9 --token-file token -q <in >got 2>err; :; } &&
	grep -q "Connection refused: again" err && ! grep -q accepted got &&
	: >record && send -q <in >got && grep -q message.accepted got &&
	[ "$(calls)" -eq 1 ]
'
check 'without a token all of the input is kept, not only its beginning' '
	: >record && a=$(wrote 491700000025) &&
	for n in $(seq 80); do queued $a "user:me" "line $n"; done >in &&
	status 69 wa-send <in >got 2>err &&
	[ "$(grep -c "\"line " got)" -eq 80 ] && grep -q "no access token" err &&
	send <in >got && [ "$(calls)" -eq 80 ] &&
	jq -r .body.text.body record | cut -d" " -f2 >order &&
	seq 80 >want && same want order
'
check 'the same lines twice at once: one call each, and both print what came of them' '
	: >record && a=$(wrote 491700000090) && b=$(wrote 491700000091) &&
	{ queued $a user:me "at once 1"; queued $b user:me "at once 2"; } >in &&
	for n in 1 2 3 4; do send -q <in >got$n 2>err$n & done
	wait $(jobs -p) && for n in 1 2 3 4; do sort got$n | jq -r "[.type, .id] | join(\" \")" >ids$n; done &&
	[ "$(grep -c message.accepted ids1)" -eq 2 ] && same ids1 ids2 && same ids1 ids3 && same ids1 ids4 && [ "$(calls)" -eq 2 ]
'
check 'the same lines twice at once on an instance that is stopped: both say so' '
	queued $(wrote 491700000092) user:me "no token" >in && for n in 1 2; do
		{ wa-send -q <in >got$n 2>err$n; echo $? >rc$n; } & done; wait
	[ "$(cat rc1)" -eq 69 ] && [ "$(cat rc2)" -eq 69 ] &&
	send -q <in >got 2>err && types got | grep -qx message.accepted
'
check 'following --once ends while an instance is stopped: 69, and it stays queued' '
	keep $(wrote 491700000093) user:me "once" &&
	status 69 timeout 20 wa-send --follow --once --from end 2>err && grep -q "stays queued" err &&
	send --follow --once --from end && desk-events --type message.accepted | tail -n 1 | jq -r .data.text | grep -qx once
'
check 'what was queued before anything ever sent goes out, before what came later' '
	: >record && export FRONTDESK_STORE=$work/before && frontdesk init "$FRONTDESK_STORE" &&
	c=$(wrote 491700000094) && conv reply $c first && queued $c user:me "by hand" | send -q >got &&
	send --follow --once && conv reply $c second && send --follow --once && send --follow --once --cursor another &&
	jq -r .body.text.body record >got && printf "%s\n" "by hand" first second | same - got &&
	: >record && export FRONTDESK_STORE=$work/old && frontdesk init "$FRONTDESK_STORE" && c=$(wrote 491700000094) &&
	conv reply $c stale && sleep 0.1 && send --follow --once --max-age 50ms && [ ! -s record ] &&
	desk-events --type message.cancelled | jq -e ".data.reason == \"age\""
'
check 'a line without an instance is of the only one there is' '
	echo "{\"type\":\"message.queued\",\"data\":{\"text\":\"hi\",\"phone\":\"491700000001\"}}" >line &&
	frontdesk scratch wa-send --dry-run -q <line | jq -se "any(.[]; .type == \"request.previewed\" and
	    .data.instance == \"sales\" and .data.path == \"/v23.0/100000000000001/messages\")" &&
	{ cat frontdesk.conf; printf "[instance other]\nphone_number_id = 100000000000002\n"; } >two.conf &&
	FRONTDESK_CONF=$work/two.conf frontdesk scratch wa-send --dry-run -q <line | jq -se "any(.[]; .type == \"request.previewed\" and .data.instance == \"default\")"
'
check 'what comes of no call is known: the rest stays queued, people are told, one at a time tries' '
	: >record && for n in $(seq 1 30); do
		echo "{\"from\":\"49179$(printf %07d "$n")\",\"text\":\"hi\"}"
	done | wa-sim --bodies | wa-recv --stdin | jq -c "select(.type == \"message.received\") | {type: \"message.queued\",
		data: {conversation: .data.conversation, instance: \"sales\", kind: \"text\", author: \"system\", text: \"brake\"}}" >in &&
	[ "$(wc -l <in)" -eq 30 ] && faults html && status 69 send -q -j 2 <in >got 2>err &&
	n=$(types got | grep -c message.held) && [ "$n" -ge 5 ] && [ "$n" -le 10 ] && [ "$(calls)" -eq "$n" ] &&
	[ "$(types got | grep -c -e instance.disconnected -e health.alert)" -eq 2 ] &&
	jq -se "any(.[]; .type == \"instance.disconnected\" and (.data.reason | startswith(\"nobody knows what comes of its calls: a gateway\")))" got &&
	: >record && { timeout 1 wa-send --follow --from end --url "$api" --token-file token 2>err; [ "$(calls)" -eq 1 ]; } &&
	faults none && sed "s/^probe.*/probe = 50ms/" frontdesk.conf >probe.conf &&
	FRONTDESK_CONF=$work/probe.conf timeout 20 wa-send --follow --once --from end --url "$api" --token-file token 2>err &&
	[ "$(sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" "SELECT count(*) FROM message WHERE text = \"brake\" AND status = \"accepted\"")" -ge $((29 - n)) ] &&
	desk-events --type instance.connected | tail -n 1 | grep -q sales
'
for fault in reset-after-read garbled drop; do
	check "no whole answer ($fault): held, not sent again" '
		: >record && a=$(wrote 491700000010) && faults $fault &&
		queued $a ai "held $fault" >in && send -q <in >got 2>err &&
		faults none &&
		jq -e ".type == \"message.held\" and .data.reason != null" got &&
		send -q <in >again && same got again && [ "$(calls)" -eq 1 ]
	'
done
# MESSAGE STATUS: the body of the webhook that says so
status_body () {
	jq -cn --arg id "$1" --arg s "$2" --arg t "$(date +%s)" \
	    --arg w "$(jq -r .id record | tail -n 1)" '{
	    object: "whatsapp_business_account", entry: [{id: "1",
	    changes: [{field: "messages", value: {
	    messaging_product: "whatsapp",
	    metadata: {phone_number_id: "100000000000001"},
	    statuses: [{id: $w, status: $s, timestamp: $t,
	    recipient_id: "491700000011", biz_opaque_callback_data: $id} +
	    if $s == "failed" then {errors: [{code: 131026, title: "x"}]}
	    else {} end]}}]}]}'
}
check 'a status settles a held message' '
	: >record && a=$(wrote 491700000011) && faults reset-after-read &&
	queued $a ai "settled" | send -q >got 2>err && faults none &&
	id=$(jq -r .data.message got) && wamid=$(jq -r .id record) &&
	[ "$(at $id)" = held ] &&
	status_body $id delivered >body &&
	wa-recv --stdin <body | jq -e "select(.type == \"message.delivered\") |
	    .data.message == \"$id\"" && [ "$(at $id)" = delivered ]
'
check 'killed between the mark and the outcome: held, and no second call' '
	for at in posted worked begin.after-commit finish.before-commit; do
		: >record && a=$(wrote 49170000013) &&
		queued $a ai "killed at $at" >in &&
		{ FRONTDESK_FAULT=wa-send.$at:1 send -q <in >got 2>err; :; } &&
		n=$(calls) && { [ "$n" -le 1 ] || exit; } &&
		send -q <in >got 2>err && [ "$(calls)" -eq "$n" ] &&
		[ "$(types got)" = message.held ] || { echo "$at"; exit 1; }
	done
'
check 'killed before the mark: sent, once' '
	for at in before-commit after-commit begin.before-commit; do
		: >record && a=$(wrote 49170000014) &&
		queued $a ai "killed at $at" >in &&
		{ FRONTDESK_FAULT=wa-send.$at:1 send -q <in >got 2>err; :; } &&
		[ "$(calls)" -eq 0 ] && send -q <in >got 2>err &&
		[ "$(calls)" -eq 1 ] && grep -q message.accepted got ||
		    { echo "$at"; exit 1; }
	done
'
check 'killed after the outcome: sent once, the same lines again' '
	: >record && a=$(wrote 49170000015) && queued $a ai "done" >in &&
	{ FRONTDESK_FAULT=wa-send.finish.after-commit:1 send -q <in >got 2>err; :; } &&
	[ "$(calls)" -eq 1 ] && send -q <in >got && [ "$(calls)" -eq 1 ] &&
	grep -q message.accepted got
'
check 'too long, empty, or of a kind that cannot be sent: failed, not posted' '
	: >record && a=$(wrote 491700000016) &&
	fine=$(head -c 4096 /dev/zero | tr "\0" x) &&
	b=$(wrote 491700000017) && c=$(wrote 491700000022) &&
	{ queued $a ai x | jq -c ".data.kind = \"image\" |
	    .data.content = {link: \"http://x.example/1.png\",
	    caption: (\"x\" * 1025)}"; queued $b ai ""; } | send -q >got 2>err &&
	grep -q "image.caption: 1025 characters, the most is 1024" got &&
	[ "$(grep -c message.failed got)" -eq 2 ] && [ "$(calls)" -eq 0 ] &&
	queued $c ai "$fine" | send -q >got && [ "$(calls)" -eq 1 ]
'
check 'buttons go through as they are' '
	: >record && a=$(wrote 491700000018) &&
	queued $a ai x | jq -c ".data.kind = \"interactive\" |
	    .data.content = {type: \"button\", body: {text: \"Choose\"},
	    action: {buttons: [{type: \"reply\",
	    reply: {id: \"1\", title: \"Yes\"}}]}}" | send -q >got &&
	jq -e ".status == 200 and .body.type == \"interactive\" and
	    .body.interactive.body.text == \"Choose\"" record
'
check 'whom a refused answer was for waits again' '
	a=$(wrote 491700000024) && [ -n "$(waiting $a)" ] &&
	conv reply $a "An answer." >/dev/null && [ -z "$(waiting $a)" ] &&
	desk-events --since 1h --type message.queued | tail -n 1 >in &&
	faults 131026 && send -q <in >got 2>err && faults none &&
	[ "$(types got | head -n 1)" = message.failed ] && [ -n "$(waiting $a)" ]
'
check 'a person who has it keeps it when a further message fails, and is awaited until they write' '
	a=$(wrote 491700000096) && last () { desk-events --type message.queued | tail -n 1; } &&
	conv reply $a one && last | send -q >got && [ -z "$(waiting $a)" ] &&
	conv reply $a two && last >in && conv reply $a three && last >in3 && faults 131026 && send -q <in >got 2>err && faults none &&
	[ "$(types got | xargs)" = "message.failed conversation.awaited contact.changed" ] &&
	jq -se ".[1].data | .owner == \"user\" and .assignee == \"me\" and .reason == \"a message could not be sent\"" got &&
	wa-send -q <in >again && same got again && conv list --owner user --waiting --ids | grep -qx $a &&
	: "what was on its way then does not hide it" && send -q <in3 >got && [ "$(types got | head -n 1)" = message.accepted ] &&
	[ -n "$(waiting $a)" ] && conv reply $a four && [ -z "$(waiting $a)" ] && last >in4 &&
	: "refused by a status, read twice" && send -q <in4 >got && id=$(jq -r "select(.type == \"message.accepted\").data.message" got) &&
	status_body $id failed | sed s,491700000011,491700000096, | wa-recv --stdin >failed && send -q <failed >got && [ "$(types got)" = conversation.awaited ] &&
	conv list --waiting | grep "^$a .* me .*! four$" && conv list --json | jq -se "any(.[]; .conversation == \"$a\" and .text_status == \"failed\")" &&
	send --follow --once --cursor anew && [ "$(desk-events --conversation $a --type conversation.awaited | wc -l)" -eq 2 ] &&
	frontdesk status --json | jq .waiting_for_people >people && wa-send --retry $id && [ -z "$(waiting $a)" ] &&
	frontdesk status --json | jq -e ".waiting_for_people + 1 == $(cat people)" && send --follow --once &&
	[ "$(at $id)" != failed ] && [ -z "$(waiting $a)" ]
'
check 'what fails behind a resolve opens the conversation again' '
	a=$(wrote 491700000095) && conv reply $a "Done, goodbye." && desk-events --type message.queued | tail -n 1 | send -q >got &&
	id=$(jq -r "select(.type == \"message.accepted\").data.message" got) && conv resolve $a &&
	status_body $id failed | sed s,491700000011,491700000095, | wa-recv --stdin >failed && send -q <failed >got &&
	[ "$(types got | xargs)" = "conversation.reopened conversation.awaited" ] && send -q <failed >again && same got again &&
	conv list --waiting --ids | grep -qx $a
'
check 'what fails after it was accepted is told to people, once' '
	: >record && a=$(wrote 491700000023) && queued $a ai "lost" | send -q >got &&
	id=$(jq -r .data.message got) && [ "$(at $id)" = accepted ] &&
	status_body $id failed | wa-recv --stdin >failed &&
	wa-send -q <failed >got && wa-send -q <failed >again && same got again &&
	jq -e ".type == \"conversation.escalated\" and
	    .data.conversation == \"$a\"" got && [ "$(at $id)" = failed ] &&
	[ -n "$(waiting $a)" ]
'
# A provider that names each message wamid.FILE, and tells the bodies in early
# before it has answered.
early_provider () {
	cat >provider <<-'END'
	#!/bin/sh
	len=0
	while IFS= read -r line; do
		line=$(printf %s "$line" | tr -d '\r')
		[ -n "$line" ] || break
		case $line in
		[Cc]ontent-[Ll]ength:*) len=${line#*: } ;;
		esac
	done
	head -c "$len" >posted
	wa-recv --stdin <early >early.out
	answer="{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"$(cat name)\"}]}"
	printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
	    "${#answer}" "$answer"
	END
	chmod +x provider
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr \
	    EXEC:./provider 2>socat.log &
	pids="$pids $!"
	wait_for grep -q 'listening on' socat.log
	provider=http://$(sed -n 's/.*listening on AF=2 //p' socat.log)
}
# WAMID STATUS TIME: the body of the webhook that says so, without our id
untracked () {
	jq -cn --arg w "$1" --arg s "$2" --arg t "$3" '{
	    object: "whatsapp_business_account", entry: [{id: "1",
	    changes: [{field: "messages", value: {
	    messaging_product: "whatsapp",
	    metadata: {phone_number_id: "100000000000001"},
	    statuses: [{id: $w, status: $s, timestamp: $t} +
	    if $s == "failed" then {errors: [{code: 131026, title: "x",
	    error_data: {details: "why so"}}]} else {} end]}}]}]}'
}
# CONVERSATION: the events of its message, in order
told () {
	desk-events --since 1d | jq -r --arg c "$1" 'select(.data.conversation == $c) |
	    select(.type | test("^message.(acc|sent|del|read|fail)|escalated")) |
	    [.type, .data.reason, .data.errors[0].code, .data.errors[0].class,
	    .data.message != null] | map(. // "" | tostring) | join(" ")'
}
early_provider
check 'a status before the answer, without our id, is told as one behind it' '
	now=$(date +%s) && n=0 && for s in "failed" "sent delivered read" "sent failed"; do
		n=$((n + 1)) && : >early && : >later &&
		a=$(wrote 4917000000$((n + 39))) && b=$(wrote 4917000000$((n + 49))) &&
		for x in $s; do
			untracked wamid.before$n $x $now >>early
			untracked wamid.behind$n $x $now >>later
		done && echo wamid.before$n >name &&
		queued $a ai "early" >in && wa-send --url "$provider" --token-file token -q <in >got 2>err &&
		wa-send --url "$provider" --token-file token -q <in >again 2>>err && same got again &&
		echo wamid.behind$n >name && : >early &&
		queued $b ai "late" | wa-send --url "$provider" --token-file token -q >out 2>>err &&
		wa-recv --stdin <later | wa-send -q >>out && told $a >one && told $b >two && same two one &&
		[ "$(at "$(jq -r .data.message got | head -n 1)")" = "${s##* }" ] || { cat err; exit 1; }
	done && cat one && grep -qx "message.failed  131026  true" one &&
	grep -q "^conversation.escalated a message could not be delivered" one
'
check 'and is to be seen: in the conversation, the list, the queue, and it waits' '
	c=$(sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT conversation FROM message WHERE wamid = '\''wamid.before1'\''") &&
	conv show $c >show && grep -q "failed: x (131026): why so" show &&
	[ -n "$(waiting $c)" ] && conv list --owner queue --ids | grep -q "^$c" &&
	wa-send --list-failed --json | jq -se "map(select(.conversation == \"$c\")) |
	    length == 1 and .[0].reason == \"x\""
'
check 'killed between the status and the answer: held, and the name tells it' '
	for at in posted worked finish.before-commit; do
		n=$((${n:-60} + 1)) && d=$(wrote 4917000000$n) && echo wamid.$at >name &&
		untracked wamid.$at failed "$(date +%s)" >early &&
		queued $d ai "killed at $at" >in &&
		{ FRONTDESK_FAULT=wa-send.$at:1 wa-send --url "$provider" --token-file token -q <in >got 2>err; :; } &&
		wa-send --url "$provider" --token-file token -q <in >got 2>err &&
		id=$(jq -r .data.message got) && [ "$(at $id)" = held ] &&
		: >early &&
		untracked wamid.$at sent "$(date +%s)" |
		    jq -c --arg id $id ".entry[0].changes[0].value.statuses[0].biz_opaque_callback_data = \$id" |
		    wa-recv --stdin | wa-send -q >out && [ "$(at $id)" = failed ] &&
		desk-events --since 1d --type message.failed |
		    jq -se "map(select(.data.message == \"$id\")) | length == 1 and
		    .[0].data.conversation == \"$d\" and .[0].data.errors[0].code == 131026" ||
		    { echo "$at"; exit 1; }
	done
'
check 'a held message is told to people once, after --hold' '
	a=$(wrote 491700000019) && faults drop &&
	queued $a ai "who knows" | send -q >got 2>err && faults none &&
	conv list --owner ai --ids | grep -q "^$a" &&
	{ wa-send --url "$api" --token-file token --follow --hold 0s --poll 100ms >out 2>err & } && follow=$! &&
	wait_for sh -c "conv list --owner queue --ids | grep -q ^$a" && sleep 0.3 && kill $follow && wait $follow &&
	conv list --owner queue --ids | grep -q "^$a" &&
	[ "$(desk-events --since 1d --type conversation.escalated |
	    grep -c "$a")" -eq 1 ] && grep -q "delivery unknown" <<-END
	$(desk-events --since 1d --type conversation.escalated)
	END
'
check 'whom a held message was for waits again once people are asked' '
	id=$(sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT id FROM message WHERE status = '\''held'\'' AND text = '\''who knows'\''") &&
	c=$(sqlite3 -readonly "$HOME/.local/share/frontdesk/desk.db" \
	    "SELECT conversation FROM message WHERE id = '\''$id'\''") &&
	[ -n "$(waiting $c)" ] && conv list --waiting --ids | grep -q "^$c"
'
check 'a person settles what is held: by an answer, or by resolving' '
	for how in "reply I am looking." resolve archive; do
		: >record && n=$((${n:-30} + 1)) && a=$(wrote 4917000000$n) && faults reset-after-read &&
		queued $a ai "held until $how" | send -q >got 2>err && faults none &&
		id=$(jq -r .data.message got) && [ "$(at $id)" = held ] &&
		{ frontdesk status --json >doubt; jq -e ".in_doubt >= 1" doubt; } &&
		set -- $how && verb=$1 && shift &&
		conv $verb $a ${1:+"$*"} >/dev/null && [ "$(at $id)" = failed ] &&
		[ -z "$(waiting $a)" ] &&
		desk-events --since 1d --type message.failed | tail -n 1 >failed &&
		jq -e ".data.reason == \"settled by a person\" and
		    .data.message == \"$id\"" failed &&
		wa-send -q <failed >out && ! test -s out || exit 1
	done &&
	status_body $id sent | wa-recv --stdin >out && [ "$(at $id)" = failed ] &&
	status_body $id delivered | wa-recv --stdin >out &&
	[ "$(at $id)" = delivered ]
'
check 'as a service: what a person types is out at once' '
	: >record && a=$(wrote 491700000020) && {
		wa-send --url "$api" --token-file token --follow --poll 60s 2>err &
		follow=$!
	} && sleep 0.5 && conv reply $a "From a person." >/dev/null &&
	wait_for grep -q "From a person." record &&
	wait_for sh -c "desk-events --since 1d --type message.accepted |
	    grep -q \"From a person\"" &&
	kill $follow && wait $follow
'
check 'no number, no word of a message, no token in what it logs' '
	: >record && a=$(wrote 491700000021) && faults 100 &&
	queued $a ai "Secret words" | send -q >got 2>err && faults none &&
	[ -s err ] && ! grep -e 4917 -e Secret -e api-token err &&
	desk-events --since 1d --type message.failed >events &&
	! jq -c "del(.data.text, .data.phone, .data.name)" events |
	    grep -e 491700000021 -e Secret
'
check 'wrong use is 64, a token file that is not there 66' '
	status 64 wa-send --url http://example.com <in &&
	status 64 wa-send --url ftp://127.0.0.1/ <in &&
	status 64 wa-send x <in && status 66 wa-send --token-file none <in
'
check 'bad lines are named, the next still goes through' '
	printf "%s\n" oops "{\"type\":\"x\"}" >in &&
	status 65 wa-send --dry-run <in >got 2>err &&
	echo "{\"type\":\"x\"}" >want && same want got &&
	grep -q "^wa-send: stdin:1: " err
'
kill $pids 2>/dev/null
pids=
echo app-secret >secret
wa-recv --listen 127.0.0.1:0 --port-file hookport --secret-file secret 2>recv.err &
pids="$pids $!"
wa-recv --follow 2>recv.err2 &
pids="$pids $!"
wait_for test -s hookport
sim --status-delay 1ms --fault early --secret-file secret \
    --webhook "http://127.0.0.1:$(cat hookport)/"
check 'statuses that come before the answer count once it is here' '
	: >record && a=$(wrote 491700000012) &&
	queued $a ai "early" | send -q >got && id=$(jq -r .data.message got) &&
	[ "$(types got)" = message.accepted ] &&
	wait_for sh -c "desk-events --since 1d --type message.read | grep -q $id" &&
	[ "$(at $id)" = read ]
'
# The last, for the instance is gone behind it.
check 'an instance that is removed is not sent for any more, though wa-send runs on' '
	: >record && a=$(wrote 491700000099) && { send --follow --poll 200ms 2>err & s=$!; } && pids="$pids $s" &&
	conv reply $a "before" >/dev/null && wait_for grep -q before record && wa-instance rm sales --yes &&
	wait_for grep -q "the instance was removed" err || { conv reply $a "after" >/dev/null; sleep 1; }
	conv reply $a "behind" >/dev/null; sleep 1; kill $s; grep -q before record && ! grep -q "behind" record
'
done_testing
