#!/bin/sh
# route(1): rules that ask what a message is about or how it is meant get an
# answer without a model, a model's is heeded, and the decision says which
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
cp -r "$top/tests/label/bank" intents.d
one () { jq -se "length == 1 and (.[0] | $1)"; }
say () { jq -nc --arg phone "$1" --arg text "$2" '{type: "message.received", data: {kind: "text", phone: $phone, text: $text}}'; }
decided () { say "$@" | route -q | jq -c 'select(.type == "message.routed").data'; }

check 'a rule on an intent: without a model that is said, and the rule does not fire' '
	echo "lost: match intent card_lost > 0.6 tag lost" >rules &&
	decided 1 "I lost my card" 2>err | one ".rules == [] and .intent == null and has(\"sentiment\") == false" &&
	grep -q "there is no model of intents yet: run route --train" err
'
check 'with one it fires where the text is about it, and the decision says so' '
	route --train >/dev/null && decided 2 "I lost my card" 2>err | one ".rules == [\"lost\"] and .intent == \"card_lost\" and .intent_score > 0.6" &&
	same /dev/null err && decided 3 "what is the capital of Peru" | one ".rules == [] and .intent == null"
'
check 'a rule on sentiment' '
	echo "sad: match sentiment < -0.4 priority high" >rules &&
	decided 4 "Unfortunately my card still has not arrived" | one ".rules == [\"sad\"] and .sentiment < -0.4 and .sentiment_label == \"negative\" and has(\"intent\") == false" &&
	decided 5 "Wonderful, thank you so much!" | one ".rules == [] and .sentiment_label == \"positive\"" &&
	decided 6 "When do you open?" | one ".rules == [] and .sentiment_label == \"neutral\""
'
check 'where no rule asks nothing is looked for, and nothing is said' '
	echo "hello: match text \"hello\" tag hello" >rules &&
	decided 7 "hello, I lost my card" | one ".rules == [\"hello\"] and has(\"intent\") == false and has(\"sentiment\") == false"
'
check 'a broken model is said, and the message goes through' '
	echo "lost: match intent card_lost tag lost" >rules && echo broken >"$store/intents.model" &&
	decided 8 "I lost my card" 2>err | one ".rules == [] and .intent == null" && grep -q "it is no model of intents" err &&
	route --train >/dev/null
'
check 'a dry run decides by the same model' '
	say 9 "I lost my card" | route -q --dry-run | jq -c "select(.type == \"message.routed\").data" | one ".rules == [\"lost\"]"
'
check 'so does a scratch store, which has a copy of it' '
	say 10 "I lost my card" | frontdesk scratch route -q 2>err | jq -c "select(.type == \"message.routed\").data" | one ".rules == [\"lost\"]" &&
	same /dev/null err && say 10 "x" | frontdesk scratch sh -c "route --train >/dev/null; echo broken >\"\$FRONTDESK_STORE/intents.model\"" &&
	decided 11 "I lost my card" 2>err | one ".rules == [\"lost\"]"
'
check 'a replay by the same rules has the same decisions' '
	route --replay -f rules >got && cat got && same /dev/null got
'
check 'a negator that is the subject reaches as far as what is said of it' '
	printf "%s\n" "None of your drivers were friendly" "Not one of the people there was helpful" "Keiner von den Leuten dort war freundlich" "Nadie de su equipo fue amable" "Ninguém da equipe foi simpático" | route --label 2>/dev/null | jq -r .sentiment_label | sort -u >got &&
	echo negative >want && same want got && printf "%s\n" "Everybody was friendly, none of us had to wait" | route --label 2>/dev/null | jq -e ".sentiment_label != \"negative\""
'
check 'what is denied in thinking or saying so is denied; what cannot be said enough is not' '
	printf "%b\n" "I don\047t think it was good" "I can\047t say I\047m impressed" "No puedo decir que esté contento" "Ich kann nicht sagen, dass ich zufrieden bin" "je ne peux pas dire que je suis satisfait" "Não acho que foi bom" | route --label 2>/dev/null | jq -r .sentiment_label | sort -u >got && echo negative | same - got &&
	printf "%b\n" "I can\047t say enough good things" "I don\047t think so, it was great" | route --label 2>/dev/null | jq -r .sentiment_label | sort -u >got && echo positive | same - got
'
check 'an edit has its turn behind the message that a label is awaited of' '
	cp frontdesk.conf kept.conf && printf "[ai]\nprovider = openai\nurl = http://127.0.0.1:9/v1\nmodel = m\n[label]\nprofile = default\nwait = 1s\n[instance shop]\nphone_number_id = 100000000000001\n" >frontdesk.conf &&
	printf "s: match sentiment negative tag bad\noff: match text \"off\" ai off\nx: match edited text \"x\" reply \"edited\"\n" >rules && export FRONTDESK_STORE=$work/edits && frontdesk init $work/edits >/dev/null && route --follow --once -q --from=start >/dev/null &&
	echo "{\"from\":\"4917123\",\"text\":\"off\"} {\"from\":\"4917123\",\"edit\":\"x\"}" | jq -c . | wa-sim --bodies | wa-recv --stdin >/dev/null && route --follow --once -q --poll=50ms -f rules >/dev/null; cp kept.conf frontdesk.conf
	desk-events --type message.routed --type conversation.paused --type rules.fired --type message.queued | jq -r .type | xargs >got && echo "conversation.paused message.routed rules.fired" | same - got
'
done_testing
