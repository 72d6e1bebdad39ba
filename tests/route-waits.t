#!/bin/sh
# route(1): --follow decides when the label that rules ask for is there, or after
# a while, in the order of the conversation, and loses and doubles nothing
# shellcheck disable=SC2016,SC2154
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
# PHONE JSON: a customer wrote; nobody has decided yet
wrote () { jq -nc --arg from "$1" --argjson what "$2" '{from: $from} + $what' | wa-sim --bodies | wa-recv --stdin >/dev/null; }
text () { jq -nc --arg text "$1" '{text: $text}'; }
settings () {	# WAIT
	model openai && printf '[label]\nprofile = default\nwait = %s\n' "$1" >>frontdesk.conf &&
	openai_says '{"intent": "refund", "intent_score": 0.9, "sentiment": 0, "sentiment_label": "neutral", "evidence": []}'
}
decide () { route --follow --once --from start -f own; }
label () { ai-label --follow --once --from start; }
waiting () { [ "$(sql "SELECT count(*) FROM job WHERE stage = 'route' AND waits > 0")" -eq "$1" ]; }
routed () { desk-events --type message.routed | jq -c .data; }
of () { routed | jq -sc --arg c "$(sql "SELECT conversation FROM message JOIN contact_alias USING (contact) WHERE value = '$1' LIMIT 1")" \
	'map(select(.conversation == $c)) | .[]'; }
one () { jq -se "length == 1 and (.[0] | $1)"; }
mkdir intents.d && printf 'I want my money back\n' >intents.d/refund.txt
echo 'back: match intent refund > 0.5 tag refund' >own

check 'it decides once the label is there, and by it' '
	settings 60s && wrote 1 "$(text "please give it back")" && { decide 2>err & } && pid=$! && wait_for waiting 1 &&
	[ -z "$(routed)" ] && label && wait $pid && of 1 | one ".rules == [\"back\"] and .intent == \"refund\"" && waiting 0
'
check 'after a while it goes by what it can tell itself' '
	settings 300ms && wrote 2 "$(text "please give it back")" && decide 2>err && of 2 | one ".rules == [] and .intent == null" &&
	label && decide && of 2 | one ".rules == []"
'
check 'what has its label already waits for nothing, nor does what has no words' '
	settings 60s && wrote 3 "$(text "please give it back")" && wrote 4 "{\"type\":\"location\",\"location\":{\"latitude\":52.5,\"longitude\":13.4}}" && label && timeout 20 route --follow --once -f own &&
	of 3 | one ".rules == [\"back\"]" && of 4 | one ".kind == \"location\""
'
check 'messages of a conversation keep their order, others go before' '
	settings 60s && wrote 5 "$(text "please give it back")" && wrote 5 "{\"type\":\"location\",\"location\":{\"latitude\":52.5,\"longitude\":13.4}}" && wrote 6 "{\"type\":\"location\",\"location\":{\"latitude\":52.5,\"longitude\":13.4}}" &&
	{ decide & } && pid=$! && wait_for waiting 1 && wait_for eval "of 6 | grep -q location" && [ -z "$(of 5)" ] &&
	label && wait $pid && of 5 | jq -r .kind >got && printf "text\nlocation\n" >want && same want got
'
check 'killed while it waits and while it decides: decided once' '
	settings 60s && wrote 7 "$(text "please give it back")" && { route --follow --once -f own & } && pid=$! && wait_for waiting 1 && kill -9 $pid
	wait $pid; label && status 137 env FRONTDESK_FAULT=route.begin.before-commit:1 route --follow --once -f own &&
	[ -z "$(of 7)" ] && status 137 env FRONTDESK_FAULT=route.begin.after-commit:1 route --follow --once -f own &&
	decide && of 7 | one ".rules == [\"back\"]"
'
check 'the wait ends in time while the service runs' '
	settings 400ms && wrote 8 "$(text "please give it back")" && { route --follow -f own & } && pid=$! && wait_for eval "of 8 | grep -q rules" &&
	kill $pid && wait $pid
'
check 'with 0, without a set-up, and where no rule asks it waits for nothing' '
	settings 0s && wrote 9 "$(text hello)" && timeout 20 route --follow --once -f own && of 9 | one ".rules == []" &&
	settings 60s && sed -i "/^profile/d" frontdesk.conf && wrote 10 "$(text hello)" && timeout 20 route --follow --once -f own &&
	of 10 | one ".rules == []" && settings 60s && echo "greets: match text \"hello\" tag hello" >plain && wrote 11 "$(text hello)" &&
	timeout 20 route --follow --once -f plain && of 11 | one ".rules == [\"greets\"]"
'
check 'no message was decided twice, and a replay decides the same' '
	[ "$(routed | jq -r .message | sort | uniq -d)" = "" ] && route --replay -f own >got
	printf "[rules]\nfile = own\n" >>frontdesk.conf && route --replay -f own >got && same /dev/null got
'
done_testing
