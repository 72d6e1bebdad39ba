#!/bin/sh
# ai-reply(1) and voice notes: an answer waits for what was said, is made of
# it, and what nobody heard is left to people, never passed over
# shellcheck disable=SC2016,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"
. "$top/tests/voice.sh"

settings "key_file = key"
routes () { route --follow --once --from start; }
reply () { ai-reply --follow --once --from start --poll 50ms 2>reply.err; }
question='How long does delivery to Italy take?'
ask () {	# PHONE LINE ...: they are written, fetched and routed
	say "$@" && media && routes
}
sent () {	# PHONE: what was queued for its conversation, a line each
	desk-events --type message.queued | jq -c --arg c "$(talk "$1")" 'select(.data.conversation == $c).data'
}
owner () { sql "SELECT owner FROM conversation WHERE id = '$(talk "$1")'"; }
waiting () {	# N: so many jobs of ai-reply have found that words are missing
	[ "$(sql "SELECT count(*) FROM job WHERE stage = 'ai-reply' AND waits > 0")" -eq "$1" ]
}
start () {	# STAGE ...: as a service
	"$@" 2>>service.err & pid=$!
	pids="$pids $pid"
}
end () { kill "$pid"; wait "$pid"; }
answered () { sent "$1" | grep -q .; }
for stage in ai-reply ai-transcribe route; do $stage --follow --once --from end; done

check 'a voice note that is written down already is answered by its words' '
	ask "$(note 491700000001 "$question")" && listen && reply &&
	sent 491700000001 | jq -se "length == 1 and (.[0].text | test(\"4 to 6 working days\")) and .[0].author == \"ai\""
'
check 'one that is not waits for its words, is tried no more often for that, and goes out as they come' '
	start ai-reply --follow --from start --poll 10s && ask "$(note 491700000002 "$question")" && wait_for waiting 1 && ! answered 491700000002 &&
	[ "$(owner 491700000002)" = ai ] && t=$(date +%s%N) && listen && wait_for answered 491700000002 && t=$((($(date +%s%N) - t) / 1000000)) && end &&
	echo "# answered after $t ms" && [ "$t" -lt 2000 ] &&
	sent 491700000002 | jq -se "length == 1 and (.[0].text | test(\"4 to 6 working days\"))" &&
	[ "$(desk-events --type reply.started | jq -r .data.conversation | grep -c "$(talk 491700000002)")" -eq 1 ] &&
	[ "$(sql "SELECT sum(failures) FROM worker WHERE stage = '\''ai-reply'\''")" -eq 0 ]
'
check 'text and voice of one burst are answered together, in one' '
	start ai-reply --follow --from start --poll 10s && ask "$(text 491700000003 "hi there, a question:")" "$(note 491700000003 "$question")" && wait_for waiting 1 &&
	ask "$(text 491700000003 "What does delivery to France cost?")" && sleep 0.3 && ! answered 491700000003 && listen && wait_for answered 491700000003 && sleep 0.3 && end &&
	sent 491700000003 | jq -se "length == 1 and (.[0].text | test(\"4 to 6 working days\") and test(\"Source: .*\"))"
'
check 'what fails is told in the customer'"'"'s language, and a person is asked' '
	ask "$(text 491700000004 "Hallo, guten Tag!")" && reply && echo "1 status 400" >faults && start ai-reply --follow --from start --poll 10s &&
	ask "$(note 491700000004 "words")" && wait_for waiting 1 && listen 2>/dev/null && wait_for waiting 0 && end &&
	sent 491700000004 | tail -n 1 | jq -e ".author == \"system\" and (.text | startswith(\"Ihre Sprachnachricht konnte ich nicht\"))" &&
	[ "$(owner 491700000004)" = queue ] && desk-events --type reply.declined | tail -n 1 | jq -e ".data.reason == \"a voice note that was not heard\""
'
check 'nobody listens in time: the same, after the deadline' '
	settings "key_file = key" "deadline = 700ms" && t=$(date +%s%N) && ask "$(note 491700000005 "words")" && reply && t=$((($(date +%s%N) - t) / 1000000)) &&
	settings "key_file = key" && [ "$t" -ge 600 ] && sent 491700000005 | jq -se "length == 1 and (.[0].text | test(\"could not listen\"))" && [ "$(owner 491700000005)" = queue ]; r=$?
	settings "key_file = key"; [ $r -eq 0 ]
'
check 'its text is answered, and the voice note that nobody heard is for a person' '
	echo "1 status 400" >faults && ask "$(text 491700000006 "$question")" "$(note 491700000006 "words")" && listen 2>/dev/null; reply &&
	sent 491700000006 | jq -se "length == 1 and (.[0].text | test(\"4 to 6 working days\") and test(\"the rest\"))" && [ "$(owner 491700000006)" = queue ]
'
check 'a greeting beside it is not all there is' '
	echo "1 status 400" >faults && ask "$(text 491700000007 "hello")" "$(note 491700000007 "words")" && listen 2>/dev/null; reply &&
	sent 491700000007 | jq -se "length == 1 and (.[0].text | test(\"could not listen\"))" && [ "$(owner 491700000007)" = queue ]
'
check 'a person who takes it meanwhile has it' '
	start ai-reply --follow --from start --poll 10s && ask "$(note 491700000008 "$question")" && wait_for waiting 1 && conv take "$(talk 491700000008)" && listen &&
	wait_for waiting 0 && end && ! answered 491700000008 && desk-events --type reply.declined | tail -n 1 | jq -e ".data.reason == \"owner\""
'
check 'one that is taken back meanwhile is not answered' '
	start ai-reply --follow --from start --poll 10s && ask "$(note 491700000009 "$question")" && wait_for waiting 1 &&
	wamid=$(desk-events --type message.received | tail -n 1 | jq -r .data.wamid) && m=$(desk-events --type message.received | tail -n 1 | jq -r .data.message) &&
	sql "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, quoted) SELECT '\''01M850000000000000000000ZZ'\'', instance, conversation, contact, '\''in'\'', '\''revoke'\'', wa_ms, stored_ms, wamid FROM message WHERE id = '\''$m'\''" &&
	listen && wait_for waiting 0 && end && ! answered 491700000009
'
check 'killed while it waits: one answer' '
	FRONTDESK_FAULT=ai-reply.begin.after-commit:1 ai-reply --follow --from start & ask "$(note 491700000010 "$question")"; wait $!; wait_for waiting 1 && listen && reply &&
	sent 491700000010 | jq -se "length == 1"
'
check 'what was said before counts in the next question' '
	ask "$(text 491700000001 "and to France?")" && reply && sent 491700000001 | tail -n 1 | jq -e ".text | test(\"3 to 5 working days\")"
'
check 'stdin form: route, ai-transcribe and ai-reply in a pipe' '
	say "$(note 491700000011 "$question")" && media && desk-events --type message.received | tail -n 1 >in &&
	route -q <in | cat in - | ai-transcribe | ai-reply >got && [ "$(jq -r .type got | grep -c message.transcribed)" -eq 1 ] &&
	jq -se "map(select(.type == \"message.queued\").data.text) | length == 1 and (.[0] | test(\"4 to 6 working days\"))" got
'
check 'a dry run waits for nobody' '
	say "$(note 491700000012 "$question")" && desk-events --type message.received | tail -n 1 | route -q | timeout 5 ai-reply -q --dry-run >got &&
	jq -se "map(select(.type == \"message.queued\").data.text) | length == 1 and (.[0] | test(\"could not listen\"))" got
'
check 'no transcriber is set up: told at once that it cannot be read' '
	printf "[instance shop]\nphone_number_id = 100000000000001\nquiet = 0ms\n" >frontdesk.conf &&
	ask "$(note 491700000013 "$question")" && reply && sent 491700000013 | jq -se "length == 1 and (.[0].text | test(\"cannot read this kind\"))"
'
done_testing
