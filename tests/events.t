#!/bin/sh
# frontdesk-events(7): every type of event, made by the programs themselves,
# held against its schema and against the page
#
# A scenario runs the desk through all that it can say. Each event that is in
# its log, as a printed line and as a row, must be of its schema; a type that
# the desk knows and that nothing here makes fails the test by name.
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
events () { PYTHONWARNINGS=ignore python3 "$top/tests/events.py" "$top/share/schema" "$@"; }
desk=$HOME/.local/share/frontdesk/desk.db

cat >frontdesk.conf <<'END'
[instance sales]
phone_number_id = 100000000000001
END
sed 's/^phone_number_id.*/&\nread_receipts = view/' frontdesk.conf >view.conf
frontdesk init --user >/dev/null || exit 1
echo api-token >token
sim () {	# [OPTION ...]: wa-sim, its address in $api
	rm -f port
	wa-sim --port-file port --token-file token "$@" \
	    >said 2>sim.err </dev/null &
	pids="$pids $!"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
faults () { curl -s -d "$1" "$api/sim/fault" >/dev/null; }
send () { wa-send --url "$api" --token-file token -q "$@" >sent 2>&1; }
timed () { route --follow --once --cursor timed --from end -f timed >/dev/null; }
# PHONE TEXT: the customer writes; the id of the conversation is printed
wrote () {
	jq -cn --arg p "$1" --arg t "$2" '{from: $p, name: "Ana", text: $t}' |
	    wa-sim --bodies | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
# CONVERSATION TEXT: a line that queues an answer of the AI
queued () {
	jq -cn --arg c "$1" --arg t "$2" '{type: "message.queued",
	    data: {conversation: $c, instance: "sales", kind: "text",
	    author: "ai", owner_rev: 1, text: $t}}'
}
made () {	# TYPE ...: the log has some of each
	for type in "$@"; do
		desk-events --type "$type" | grep -q . ||
			{ echo "no $type"; return 1; }
	done
}

check 'webhooks: every body of tests/data/webhooks' '
	cat "$top"/tests/data/webhooks/*.json | jq -c . |
	    wa-recv --stdin >received 2>err &&
	made message.received message.echoed message.imported message.reacted \
	    message.edited message.revoked message.sent message.delivered \
	    message.read message.played message.deleted message.failed \
	    account.changed template.changed contact.changed \
	    health.alert health.cleared message.ignored contact.opted_out conversation.opened conversation.taken \
	    instance.error health.body_unknown
'
check 'documents: in, unreadable, changed, gone' '
	mkdir docs && cp "$top/share/sample/docs/delivery.md" docs/ &&
	printf "a\0b\0\001\002\377" >docs/broken.md &&
	{ kb-ingest docs; :; } >/dev/null 2>&1 && echo "More." >>docs/delivery.md &&
	kb-ingest docs/delivery.md >/dev/null &&
	rm docs/delivery.md && echo "# Left" >docs/left.md &&
	{ kb-ingest --prune docs; :; } >/dev/null 2>&1 &&
	made document.ready document.failed document.removed
'
check 'rules and the AI: routed, tagged, prioritised, answered, declined' '
	kb-ingest "$top/share/sample/docs" >/dev/null &&
	cat >rules <<-E &&
	match text /refund/i tag billing priority high
	match text /boss/i escalate "asked for the boss"
	match text /team/i assign @returns
	E
	{ wrote 491700000001 "How long does delivery to Italy take?"
	wrote 491700000002 "I want a refund for my zeppelin licence"
	wrote 491700000003 "Give me your boss"; } >ids &&
	route --follow --once --from start -f rules >/dev/null &&
	ai-reply --follow --once --from start >/dev/null &&
	made message.routed conversation.tagged conversation.prioritised \
	    conversation.escalated reply.drafted reply.declined message.queued
'
check 'timers, a snooze, and what rules ask others for' '
	cat >timed <<-E &&
	match idle 10m notify leads
	match text /later/ snooze 10m set attribute seen yes
	E
	timed &&
	wrote 491700000005 "later please" && wrote 491700000006 "and I" && timed &&
	FRONTDESK_NOW=$(date -u -d "now + 11 minutes" +%FT%TZ) timed &&
	made timer.fired rules.fired action.requested conversation.snoozed conversation.reopened contact.changed
'
check 'what is promised: chosen, due soon, missed' '
	cp frontdesk.conf kept.conf && printf "[sla fast]\nresolution = 10m\n" >>frontdesk.conf &&
	printf "match text /urgent/ sla fast\nmatch sla due within 5m notify leads\n" >timed && timed &&
	wrote 491700000010 "urgent please" >/dev/null && timed &&
	FRONTDESK_NOW=$(date -u -d "now + 6 minutes" +%FT%TZ) timed && FRONTDESK_NOW=$(date -u -d "now + 11 minutes" +%FT%TZ) timed &&
	cp kept.conf frontdesk.conf && made conversation.sla_set &&
	desk-events --type timer.fired | jq -se "map(select(.data.timer == \"sla\").data.after_ms) == [300000, 0]"
'
check 'what rules ask for is done, is not, and is asked for once more' '
	perl "$top/tests/hook.pl" hook.port calls faults none & pids="$pids $!"
	wait_for test -s hook.port && cp frontdesk.conf kept.conf && echo 1234567890123456 >hook.secret &&
	printf "[webhook yes]\nurl = http://127.0.0.1:%s/\nprivate = on\nsecret_file = hook.secret\n" "$(cat hook.port)" >>frontdesk.conf &&
	printf "[webhook no]\nurl = http://127.0.0.1:9/\nprivate = on\nsecret_file = hook.secret\ntries = 1\n" >>frontdesk.conf &&
	echo "match text /teapot/ webhook yes, no" >asked && wrote 491700000007 "a teapot" >/dev/null &&
	route --follow --once --cursor asked --from start -f asked >/dev/null && desk-hook --follow --once --from start >/dev/null 2>&1 &&
	desk-hook --retry "$(desk-hook --list-failed --plain | cut -f1)" && desk-hook --follow --once >/dev/null 2>&1
	printf "[command good]\ncommand = /bin/true\n[command bad]\ncommand = /bin/false\n" >>frontdesk.conf &&
	echo "match text /kettle/ run good, bad" >asked && wrote 491700000008 "a kettle" >/dev/null &&
	route --follow --once --cursor asked -f asked >/dev/null && desk-run --follow --once --from start >/dev/null 2>&1
	printf "[channel good]\nexec = /bin/true\n[channel bad]\nexec = /bin/false\n[notify]\ntries = 1\nalerts = good\n" >>frontdesk.conf &&
	echo "match text /spoon/ notify good, bad" >asked && wrote 491700000009 "a spoon" >/dev/null &&
	route --follow --once --cursor asked -f asked >/dev/null && desk-notify --follow --once --from start >/dev/null 2>&1
	cp kept.conf frontdesk.conf && made notification.sent notification.failed webhook.delivered webhook.failed action.retried command.ran command.failed
'
check 'a tool that the AI has run' '
	mkdir tools.d && printf "description = x\ncommand = /bin/true\n" >tools.d/nothing.conf &&
	cause=$(desk-events --type message.routed | tail -n 1) && echo "$cause" |
	    jq -c "{tool: \"nothing\", conversation: .data.conversation, cause: .id}" >in &&
	perl -MIO::Socket::UNIX -e "
		socketpair(my \$a, my \$b, AF_UNIX, SOCK_STREAM, 0);
		if (fork == 0) { close(\$a); open(STDIN, q(<&), \$b); exec qw(ai-tool serve) }
		close(\$b); print {\$a} <STDIN>; \$a->flush; print <\$a>; wait" <in >got &&
	made tool.ran
'
# Two calls are under way at once before the first is answered.
sim --delay 200ms
check 'sending: accepted, failed, cancelled, held; the token is refused, then not' '
	a=$(wrote 491700000011 one) && queued "$a" yes | send && made message.accepted &&
	a=$(wrote 491700000012 two) && faults 131026 && queued "$a" no | send
	faults 131026 && conv reply "$a" "not this one either" &&
	{ desk-events --type message.queued | tail -n 1 | send; :; }
	faults none
	made conversation.awaited &&
	a=$(wrote 491700000013 three) && queued "$a" late >in &&
	{ wa-send -q <in >/dev/null 2>&1; :; } && conv take "$a" && send <in
	made message.cancelled
	a=$(wrote 491700000014 four) && faults drop && queued "$a" lost | send
	faults none
	made message.held &&
	a=$(wrote 491700000015 five) && b=$(wrote 491700000016 six) &&
	{ queued "$a" again; queued "$b" too; } >in &&
	faults "190:#$(($(curl -s "$api/sim/state" | jq .calls) + 1))" &&
	{ send <in; :; } && faults none &&
	made instance.error instance.connected &&
	made message.failed message.held message.cancelled instance.error \
	    health.alert
'
check 'agents: all that conv does' '
	c=$(wrote 491700000021 "a question") && conv take "$c" &&
	conv note "$c" "a note" && conv reply "$c" "an answer" &&
	conv tag "$c" x && conv untag "$c" x && conv priority "$c" urgent &&
	conv release "$c" && conv pause --for 1h "$c" && conv assign "$c" me && conv release --to-ai "$c" &&
	conv escalate "$c" "a reason" && conv resolve "$c" && conv take "$c" &&
	conv archive "$c" &&
	failed=$(wa-send --list-failed --json | jq -r .message | head -n 1) &&
	wa-send --retry "$failed" &&
	EDITOR="echo written >" script -qec "conv reply $c" /dev/null </dev/null && made presence.typing &&
	c=$(wrote 491700000022 "look at this") &&
	FRONTDESK_CONF=$work/view.conf conv show "$c" &&
	made message.retried message.viewed &&
	made conversation.taken conversation.noted message.queued \
	    conversation.tagged conversation.untagged \
	    conversation.prioritised conversation.released \
	    conversation.assigned conversation.escalated \
	    conversation.resolved conversation.reopened conversation.archived
'
check 'contacts: two are one, and are two again' '
	a=$(wrote 491700000031 "from the one") && b=$(wrote 491700000032 "from the other") &&
	conv merge "$a" "$b" && conv split "$a" 491700000032 &&
	made contact.merged conversation.merged contact.split
'
check 'instances: all that becomes of one' '
	cp frontdesk.conf kept.conf &&
	wa-instance add spare --phone-number-id 100000000000009 account_id=77 &&
	wa-instance token spare <token && wa-instance restart spare &&
	change () {
		jq -cn --arg f "$1" --argjson v "$2" "{object:
		    \"whatsapp_business_account\", entry: [{id: \"77\", time: 1,
		    changes: [{field: \$f, value: \$v}]}]}" | wa-recv --stdin
	} &&
	change account_update "{\"event\":\"ACCOUNT_OFFBOARDED\"}" &&
	change phone_number_quality_update \
	    "{\"event\":\"FLAGGED\",\"current_limit\":\"TIER_1K\"}" &&
	wa-instance rm spare && cp kept.conf frontdesk.conf &&
	made instance.added instance.changed instance.connecting \
	    instance.disconnected instance.removed
'
check 'media: kept, and not to be had' '
	printf "a note" >note.txt && at=$api/v23.0/100000000000001/media &&
	id=$(curl -sf -H "Authorization: Bearer api-token" -F messaging_product=whatsapp \
	    -F type=text/plain -F "file=@note.txt;type=text/plain" "$at" | jq -r .id) &&
	for id in "$id" 1234567890; do
		jq -cn --arg i "$id" --arg s "$(sha256sum <note.txt | cut -c1-64)" \
		    "{from: \"491700000041\", type: \"document\", document:
		    {id: \$i, mime_type: \"text/plain\", sha256: \$s}}"
	done | wa-sim --bodies | wa-recv --stdin >got &&
	grep -v "conversation\." got | wa-media -q --url "$api" --token-file token >/dev/null 2>&1
	made media.stored media.failed
'
check 'voice notes: written down, and not' '
	perl "$top/tests/hear.pl" ear.port heard faults & pids="$pids $!"
	wait_for test -s ear.port && cp frontdesk.conf kept.conf &&
	printf "[transcribe]\nurl = http://127.0.0.1:%s/v1\n" "$(cat ear.port)" >>frontdesk.conf &&
	printf "OggS<good day>" >note.ogg && at=$api/v23.0/100000000000001/media &&
	id=$(curl -sf -H "Authorization: Bearer api-token" -F messaging_product=whatsapp \
	    -F type=audio/ogg -F "file=@note.ogg;type=audio/ogg" "$at" | jq -r .id) &&
	jq -cn --arg i "$id" --arg s "$(sha256sum <note.ogg | cut -c1-64)" \
	    "{from: \"491700000042\", type: \"audio\", audio:
	    {id: \$i, mime_type: \"audio/ogg\", sha256: \$s, voice: true}},
	    {from: \"491700000043\", type: \"audio\", audio:
	    {id: \"1234567891\", mime_type: \"audio/ogg\", voice: true}}" |
	    wa-sim --bodies | wa-recv --stdin | grep -v "conversation\." |
	    wa-media --url "$api" --token-file token 2>err | ai-transcribe -q >/dev/null
	cp kept.conf frontdesk.conf && made message.transcribed transcription.failed
'
check 'labels of a model' '
	echo "{}" >model.says
	python3 "$top/tests/model.py" model.port model.asked model.says & pids="$pids $!"
	wait_for test -s model.port && cp frontdesk.conf kept.conf &&
	printf "[profile labels]\nprovider = openai\nurl = http://127.0.0.1:%s/v1\nmodel = m-1\n[label]\nprofile = labels\n" \
	    "$(cat model.port)" >>frontdesk.conf &&
	jq -nc "{answers: [{form: \"labels\", say: {intent: \"none\", intent_score: 0.7, sentiment: 0.6,
	    sentiment_label: \"positive\", evidence: [\"lovely\"]}}]}" >model.says &&
	echo "{\"type\":\"message.received\",\"data\":{\"phone\":\"491700000077\",\"text\":\"What a lovely shop\"}}" |
	    ai-label -q >/dev/null
	cp kept.conf frontdesk.conf && made message.labelled
'
check 'the rest: people, teams, a report' '
	desk-user add anna --role agent --account nobody &&
	desk-user set anna --role admin --capacity 3 && desk-user away anna &&
	desk-team add returns anna && desk-team rm returns anna &&
	desk-team rm returns && desk-user rm anna --yes &&
	made team.added team.changed team.removed &&
	c=$(desk-events --type message.received | jq -r .data.contact | head -n 1) &&
	desk-contact block "$c" && desk-contact unblock "$c" && desk-contact opt-out "$c" &&
	desk-contact opt-in "$c" && desk-contact set "$c" plan gold && desk-contact zone "$c" Asia/Tokyo &&
	made contact.blocked && sed -i "s/^phone_number_id.*/&\nsurvey = on/" frontdesk.conf &&
	s=$(wrote 491700000077 "hello") && conv reply "$s" "hi" && conv resolve "$s" &&
	for m in "{\"type\":\"interactive\",\"interactive\":{\"type\":\"list_reply\",\"list_reply\":{\"id\":\"rate-5\",\"title\":\"5\"}}}" "{\"type\":\"text\",\"text\":{\"body\":\"well done\"}}"; do
		jq -cn --argjson m "$m" "{from: \"491700000077\"} + \$m" | wa-sim --bodies | wa-recv --stdin >/dev/null
	done && made conversation.rated conversation.commented &&
	report -o page.html && made user.added user.changed user.removed \
	    report.written
'

desk-events >lines 2>err
sqlite3 -readonly "$desk" "SELECT json_object('specversion', '1.0', 'id', id,
	'source', source, 'type', type, 'time',
	strftime('%Y-%m-%dT%H:%M:%fZ', time_ms / 1000.0, 'unixepoch'),
	'depth', depth, 'data', json(data)) FROM event ORDER BY seq" >rows
check 'every line is of its schema' '
	[ -s lines ] && events lines lines
'
check 'every row is of its schema, and nothing personal is in it' '
	[ -s rows ] && events rows rows
'
check 'the expected events of tests/data/webhooks are of their schemas' '
	cat "$top"/tests/data/webhooks/*.events >lines && events lines lines
'
check 'the list of types, the schemas and the page are one' '
	sed -n "/event_types\[\] = {/,/NULL/s/^	\"\(.*\)\",/\1/p" \
	    "$top/lib/desk/event.c" | sort >types && [ -s types ] &&
	(cd "$top/share/schema/event" && ls) | grep -v "^common" |
	    sed "s/\.json$//" | sort >schemas && same types schemas &&
	events page "$top/man/frontdesk-events.7"
'
check 'every type was made by something above, and no other' '
	sqlite3 -readonly "$desk" "SELECT DISTINCT type FROM event" | sort >got &&
	same types got
'
check 'a field that is not in its schema is found' '
	head -n 1 lines | jq -c ".data.secret = 1" >bad &&
	! events lines bad >out && grep -q secret out
'
done_testing
