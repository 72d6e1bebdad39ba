#!/bin/sh
# surveys: the customer is asked how it was, once, and rates it
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

cat >frontdesk.conf <<'END'
[desk]
language = en
[instance sales]
phone_number_id = 1001
survey = on
END
frontdesk init --user >/dev/null 2>&1
db=$HOME/.local/share/frontdesk/desk.db
sql () { sqlite3 -cmd '.timeout 5000' "$db" "$1"; }
echo 0 >counter
clock=1795435200	# 2026-11-23T12:00:00Z
# PHONE MESSAGE: by the provider, a second after the last one
heard () {
	n=$(($(cat counter) + 1)) && echo $n >counter
	jq -cn --arg p "$1" --argjson m "$2" --arg id "wamid.W$n" --arg at $((clock + n)) '{object: "whatsapp_business_account",
	    entry: [{id: "1", changes: [{field: "messages", value: {messaging_product: "whatsapp", metadata: {phone_number_id: "1001", display_phone_number: "49301001"},
	    contacts: [{wa_id: $p, profile: {name: "Ada"}}], messages: [{from: $p, id: $id, timestamp: $at} + $m]}}]}]}' | at wa-recv --stdin
}
wrote () { heard "$1" "$(jq -cn --arg t "$2" '{type: "text", text: {body: $t}}')"; }
chose () { heard "$1" "$(jq -cn --arg i "$2" '{type: "interactive", interactive: {type: "list_reply", list_reply: {id: $i, title: "5 ★★★★★"}}}')"; }
# COMMAND ...: the clock a second on
at () { FRONTDESK_NOW=$(date -u -d "@$((clock + $(cat counter)))" +%Y-%m-%dT%H:%M:%SZ) "$@"; }
of () { sql "SELECT c.id FROM conversation c JOIN contact_alias a ON a.contact = c.contact WHERE a.value = '$1'"; }
# PHONE: somebody wrote, was answered, and it is resolved; the id
served () {
	wrote "$1" "Where is my parcel?" >/dev/null && c=$(of "$1") && echo x >>dummy && tick && at conv reply "$c" "It is here." && tick && at conv resolve "$c" && tick && echo "$c"
}
tick () { echo $(($(cat counter) + 2)) >counter; }
asked () { sql "SELECT count(*) FROM survey WHERE conversation = '$1'"; }
rating () { sql "SELECT coalesce(rating, '-'), comment IS NOT NULL FROM survey WHERE conversation = '$1'"; }
row () { sql "SELECT status, owner, waiting_ms IS NOT NULL FROM conversation WHERE id = '$1'"; }
is () { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }

check 'asked by a list after the resolve, once' '
	c=$(served 491700000001) && is "$(asked $c)" 1 &&
	sql "SELECT author, kind, content FROM message WHERE id = (SELECT message FROM survey)" >got && jq -Rce "split(\"|\") | .[0], .[1], (.[2] | fromjson | [.action.button, .action.sections[0].rows[0].id, .action.sections[0].rows[4].title, (.body.text | test(\"1 to 5\"))])" got >said &&
	printf "%s\n" "\"system\"" "\"interactive\"" "[\"Options\",\"rate-5\",\"1 ★\",true]" >want && same want said && echo $c >first &&
	conv show $c | grep -q "^  rated .*asked, no answer yet" && conv resolve $c && conv reopen $c && tick && at conv resolve $c && is "$(sql "SELECT count(*) FROM message WHERE author = \"system\"")" 1
'
check 'an answer is a rating: nothing opens, nobody waits, no rule and no AI looks at it' '
	c=$(cat first) && chose 491700000001 rate-4 >lines && jq -r .type lines | xargs >got && is "$(cat got)" "message.received conversation.rated" &&
	jq -ce "select(.type == \"conversation.rated\").data | [.rating, .actor, (.message | length)]" lines >got && echo "[4,\"customer\",26]" >want && same want got &&
	[ "$(jq -r "select(.type == \"message.received\").data.kind" lines)" = rating ] && is "$(rating $c)" "4|0" && is "$(row $c)" "resolved|user|0" &&
	echo "match any reply \"hm\"" >own && route -q -f own <lines | jq -r .type >got && ! grep -q -e routed -e queued got
'
check 'the words behind it are the comment; the next ones open it' '
	c=$(cat first) && wrote 491700000001 "quick and kind" >lines && jq -r .type lines | xargs >got && is "$(cat got)" "message.received conversation.commented" &&
	is "$(rating $c)" "4|1" && is "$(row $c)" "resolved|user|0" && conv show $c >got && grep -q "^  rated .*4 of 5: quick and kind" got && grep -q "the customer rated it 4 of 5" got &&
	wrote 491700000001 "one more thing" >lines && grep -q conversation.reopened lines && is "$(row $c | cut -d "|" -f 1,3)" "open|1" && ! sql "SELECT data FROM event WHERE type GLOB \"conversation.*ed\"" | grep -q quick
'
check 'a bare digit or stars right behind it; a question is no comment' '
	i=10 && for text in 5 " 3 " "4/5" "2." "★★★" "⭐️⭐️" "٤" "५" "1️⃣"; do
		c=$(served 4917000000$i) && wrote 4917000000$i "$text" >lines && rating $c || exit 1; i=$((i + 1))
	done | cut -d "|" -f 1 | xargs >got && is "$(cat got)" "5 3 4 2 3 2 4 5 1" &&
	c=$(of 491700000010) && wrote 491700000010 "And when is the next one coming?" >lines && grep -q conversation.reopened lines && is "$(rating $c)" "5|0"
'
check 'what is no rating is a message like any other' '
	i=30 && for text in 6 0 "5 parcels" "4 5" "★★★★★★" "4 ★★★" "10" "-3" "thanks" "5/10"; do
		c=$(served 4917000000$i) && wrote 4917000000$i "$text" >/dev/null && is "$(rating $c)" "-|0" && row $c | grep -q "^open" || exit 1; i=$((i + 1))
	done
'
check 'a digit later than other words is none, unless it quotes the question' '
	c=$(served 491700000050) && wrote 491700000050 "how many do I get" >/dev/null && wrote 491700000050 3 >/dev/null && is "$(rating $c)" "-|0" &&
	sql "UPDATE message SET wamid = \"wamid.Q\" WHERE id = (SELECT message FROM survey WHERE conversation = \"$c\")" &&
	heard 491700000050 "{\"type\":\"text\",\"text\":{\"body\":\"2\"},\"context\":{\"id\":\"wamid.Q\",\"from\":\"49301001\"}}" >/dev/null && is "$(rating $c)" "2|0" && row $c | grep -q "^open"
'
check 'another customer rates nothing of this one; a second rating changes nothing' '
	c=$(served 491700000060) && chose 491700000061 rate-1 >/dev/null && is "$(rating $c)" "-|0" && chose 491700000060 rate-4 >/dev/null && chose 491700000060 rate-5 >lines && is "$(rating $c)" "4|0" &&
	is "$(row $c)" "resolved|user|0" && [ "$(jq -r .type lines | xargs)" = message.received ] && wrote 491700000060 "friendly enough" >/dev/null && is "$(rating $c)" "4|1" && chose 491700000060 rate-3 >/dev/null && is "$(row $c)" "resolved|user|0"
'
check 'not asked: unanswered, off, --no-survey, opted out, blocked, no words' '
	wrote 491700000070 hi >/dev/null && c=$(of 491700000070) && at conv resolve $c && is "$(asked $c)" 0 &&
	wrote 491700000071 hi >/dev/null && c=$(of 491700000071) && tick && at conv reply $c ho && at conv resolve --no-survey $c && is "$(asked $c)" 0 &&
	wrote 491700000072 hi >/dev/null && c=$(of 491700000072) && tick && at conv reply $c ho && desk-contact opt-out $c && at conv resolve $c && is "$(asked $c)" 0 &&
	wrote 491700000073 hi >/dev/null && c=$(of 491700000073) && tick && at conv reply $c ho && desk-contact block $c && at conv resolve $c && is "$(asked $c)" 0 &&
	printf "[reply survey]\nen =\n" >>frontdesk.conf && c=$(served 491700000074) && is "$(asked $c)" 0 && sed -i "/reply survey/,\$d" frontdesk.conf &&
	sed -i "s/^survey = on/survey = off/" frontdesk.conf && c=$(served 491700000075) && is "$(asked $c)" 0 && sed -i "s/^survey = off/survey = on/" frontdesk.conf
'
check 'out of the window: nobody is asked, or by the template that is set' '
	late () { FRONTDESK_NOW=2026-11-25T12:00:00Z "$@"; }
	for p in 491700000080 491700000081; do wrote $p hi >/dev/null && c=$(of $p) && tick && at conv reply $c ho || exit 1; done &&
	late conv resolve $(of 491700000080) && is "$(asked $(of 491700000080))" 0 &&
	sed -i "s/^survey = on/&\nsurvey_template = how_was_it\naccount_id = 2001/" frontdesk.conf && desk-config check >/dev/null &&
	late conv resolve $(of 491700000081) && is "$(asked $(of 491700000081))" 0 && sed -i "/^survey_template/d" frontdesk.conf
'
check 'out of the window: a template asks, in their language, and its buttons and plain digits rate' '
	sed -i "s/^survey = on/&\nsurvey_template = how_was_it\naccount_id = 2001/" frontdesk.conf &&
	for l in en_US es; do sql "INSERT INTO template (account, name, language, status, category, format, components, synced_ms) VALUES (\"2001\", \"how_was_it\", \"$l\", \"APPROVED\", \"UTILITY\", \"POSITIONAL\",
	    \"[{\"\"type\"\":\"\"BODY\"\",\"\"text\"\":\"\"$l?\"\"},{\"\"type\"\":\"\"BUTTONS\"\",\"\"buttons\"\":[{\"\"type\"\":\"\"QUICK_REPLY\"\",\"\"text\"\":\"\"5 ★\"\"},{\"\"type\"\":\"\"QUICK_REPLY\"\",\"\"text\"\":\"\"1\"\"}]}]\", 1)" || exit 1; done &&
	for p in 491700000082 491700000083; do wrote $p hi >/dev/null && c=$(of $p) && tick && at conv reply $c ho || exit 1; done &&
	sql "UPDATE conversation SET language = \"es\" WHERE id = \"$(of 491700000083)\"" &&
	echo $(($(cat counter) + 90000)) >counter &&
	for p in 491700000082 491700000083; do at conv resolve $(of $p) && is "$(asked $(of $p))" 1 || exit 1; done &&
	is "$(sql "SELECT kind || json_extract(content, \"\$.name\") || json_extract(content, \"\$.language.code\") FROM message WHERE id IN (SELECT message FROM survey WHERE conversation = \"$(of 491700000083)\")")" templatehow_was_ites &&
	tick && c=$(of 491700000082) && heard 491700000082 "{\"type\": \"button\", \"button\": {\"payload\": \"5 ★\", \"text\": \"5 ★\"}}" >/dev/null && is "$(rating $c)" "5|0" &&
	tick && d=$(of 491700000083) && wrote 491700000083 4 >/dev/null && is "$(rating $d)" "4|0" && is "$(row $c)" "resolved|user|0"
	r=$?; sed -i "/^survey_template/d; /^account_id/d" frontdesk.conf; [ $r -eq 0 ]
'
check 'rules: a rule asks whatever the setting says, a rating is an occasion, resolve asks too' '
	sed -i "s/^survey = on/survey = off/" frontdesk.conf && printf "match text /how/ survey\nbad: match rated <= 2 tag unhappy\n" >own && at route --follow --once --from end -f own &&
	wrote 491700000090 hello >/dev/null && c=$(of 491700000090) && tick && at conv reply $c hi && tick && wrote 491700000090 "how nice" >/dev/null && at route --follow --once -f own >/dev/null &&
	is "$(asked $c)" 1 && tick && chose 491700000090 rate-1 >/dev/null && at route --follow --once -f own >/dev/null && is "$(sql "SELECT tag FROM conversation_tag WHERE conversation = \"$c\"")" unhappy
'
check 'rules: escalate upon a bad rating opens again what is closed, for the queue, once; a good one does not' '
	sed -i "s/^survey = off/survey = on/" frontdesk.conf && printf "bad: match rated <= 2 escalate \"rated badly\"\n" >own && c=$(served 491700000091) && sql "SELECT owner, assignee FROM conversation WHERE id = \"$c\"" | grep -q "^user|" &&
	at route --follow --once -f own >/dev/null && since=$(sql "SELECT max(seq) FROM event") && tick && chose 491700000091 rate-1 >lines && tick && at route -q -f own <lines >got && tick && at route -q -f own <lines >again && same got again &&
	is "$(row $c)" "open|queue|1" && is "$(sql "SELECT group_concat(type || json_extract(data, \"\$.owner\"), \" \") FROM event WHERE seq > $since AND type GLOB \"conversation.[er]*\" AND type <> \"conversation.rated\"")" "conversation.reopenedqueue conversation.escalatedqueue" &&
	is "$(sql "SELECT resolved_ms IS NULL, assignee IS NULL, handed_ms >= reopened_ms FROM conversation WHERE id = \"$c\"")" "1|1|1" &&
	c=$(served 491700000092) && at conv archive $c && tick && chose 491700000092 rate-2 | at route -q -f own >/dev/null && is "$(row $c)" "open|queue|1" &&
	printf "bad: match rated <= 2 escalate \"rated badly\" assign me\n" >own && c=$(served 491700000094) && desk-user add anna && at conv assign $c anna && at conv resolve $c && tick && chose 491700000094 rate-1 | at route -q -f own >/dev/null && is "$(row $c)" "open|user|1" && is "$(sql "SELECT assignee FROM conversation WHERE id = \"$c\"")" me &&
	c=$(served 491700000093) && chose 491700000093 rate-4 | at route -q -f own >/dev/null && is "$(row $c)" "resolved|user|0"
'
check 'what they say behind a rating that was handed over is its comment, and waits for an answer; once answered it is neither' '
	printf "bad: match rated <= 2 escalate \"rated badly\"\nm: match text \"slow\" tag slow\n" >own && c=$(served 491700000101) && tick && chose 491700000101 rate-1 | at route -q -f own >/dev/null && tick &&
	wrote 491700000101 "it was slow" >lines && jq -r .type lines | xargs >got && is "$(cat got)" "message.received conversation.commented" && tick && at route -q -f own <lines >/dev/null &&
	is "$(rating $c)" "1|1" && is "$(row $c)" "open|queue|1" && is "$(sql "SELECT kind FROM message WHERE id = (SELECT comment FROM survey WHERE conversation = \"$c\")")" text && conv list --tag slow --ids | grep -qx $c &&
	conv show $c | grep -q "^  rated .*1 of 5: it was slow" && wrote 491700000101 "very slow" | jq -r .type | xargs >got && is "$(cat got)" message.received &&
	c=$(served 491700000102) && tick && chose 491700000102 rate-2 | at route -q -f own >/dev/null && tick && at conv reply $c "sorry for that" && tick && wrote 491700000102 "never mind" | jq -r .type | xargs >got && is "$(cat got)" message.received && is "$(rating $c)" "2|0"
'
check 'behind a rating: what asks is a message, without a question mark too; what answers a person is none of it; a wish for a person is heard' '
	: >own && k=200 && for text in "where is my parcel" "I need the invoice" "Wann kommt es" "Cuándo llega" "मेरा पार्सल कहाँ है" "متى يصل الطرد" "it was slow" "muy amables" "alles bestens"; do
		k=$((k + 1)) && c=$(served 491700000$k) && chose 491700000$k rate-3 >/dev/null && tick && wrote 491700000$k "$text" >/dev/null && row $c | cut -d "|" -f 1 || exit 1
	done | xargs >got && is "$(cat got)" "open open open open open open resolved resolved resolved" &&
	c=$(served 491700000231) && chose 491700000231 rate-2 >/dev/null && tick && at conv reply $c "send a photo, please" && tick && at conv resolve $c && tick && wrote 491700000231 "the zipper is broken" >/dev/null && is "$(row $c | cut -d "|" -f 1,3)" "open|1" && is "$(rating $c)" "2|0" &&
	printf "l: match text \"lawyer\" escalate \"law\" tag law\nm: match text \"nice\" tag nice\n" >own && k=240 && for text in "I call my lawyer" "let a human agent look at that" "nice people"; do
		k=$((k + 1)) && c=$(served 491700000$k) && chose 491700000$k rate-4 >/dev/null && tick && wrote 491700000$k "$text" >lines && tick && at route -q -f own <lines >/dev/null && row $c && conv list --status all --json --contact $c | jq -r ".tags | join(\" \")" || exit 1
	done >got && printf "%s\n" "open|queue|1" law "open|queue|1" "" "resolved|user|0" "" | same - got && is "$(sql "SELECT count(*) FROM message WHERE author = \"rule\" AND conversation = \"$(of 491700000242)\"")" 1 &&
	: >own && for k in 251 252 253; do c=$(served 491700000$k) && chose 491700000$k rate-$((k - 250)) >/dev/null && tick && wrote 491700000$k "it was slow" >/dev/null && echo "$(row $c | cut -d "|" -f 1,3) $(rating $c)" || exit 1; done >got && printf "%s\n" "open|1 1|1" "open|1 2|1" "resolved|0 3|1" | same - got
'
done_testing
