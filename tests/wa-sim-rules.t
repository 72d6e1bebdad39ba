#!/bin/sh
# wa-sim(1): the provider's rules, with its codes; webhooks; what customers do
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
. "$top/tests/sim.sh"

to () { send "\"to\":\"$1\",\"text\":{\"body\":\"x\"}"; }
many () {	# PHONE N ...: as many messages as there are Ns, at once
	phone=$1
	shift
	for n in "$@"; do shift; set -- "$@" -o answer "$api$messages"; done
	call -d "{\"messaging_product\":\"whatsapp\",\"to\":\"$phone\",\"text\":{\"body\":\"x\"}}" \
	    -H 'Content-Type: application/json' "$@"
}
last () {	# STATUS CODE: what the last answer was
	[ "$(jq .error.code answer)" = "$1" ]
}
template () {	# NAME [COMPONENT ...]: send it, in English
	name=$1
	shift
	list=
	for c in "$@"; do list="$list${list:+,}$c"; done
	send "\"to\":\"491700000001\",\"type\":\"template\",\"template\":{\"name\":\"$name\",
	    \"language\":{\"code\":\"en_US\"},\"components\":[$list]}"
}
body () {	# TEXT ...: a component with these parameters
	printf '{"type":"body","parameters":['
	sep=
	for t in "$@"; do printf '%s{"type":"text","text":"%s"}' "$sep" "$t"; sep=,; done
	printf ']}'
}
cat >state.json <<'END'
{"templates": [
 {"name": "plain", "components": [{"type": "BODY", "text": "Hello"}]},
 {"name": "two", "category": "MARKETING", "components": [
  {"type": "HEADER", "format": "IMAGE"},
  {"type": "BODY", "text": "Hello {{1}}, {{2}}"},
  {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"},
   {"type": "URL", "text": "Go", "url": "https://x.example/{{1}}"}]}]},
 {"name": "named", "components": [{"type": "BODY", "text": "Hello {{name}}"}]},
 {"name": "code", "category": "AUTHENTICATION", "components": [{"type": "BODY"},
  {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]},
 {"name": "paused", "status": "PAUSED"}, {"name": "disabled", "status": "DISABLED"},
 {"name": "pending", "status": "PENDING"}]}
END
receiver
# At 20 times the speed: a window of 5 s, a message to a customer in 3.
sim --strict --state state.json --token-file token --secret-file secret \
    --webhook "$hook" --speed 20 --window 100s --pair 60s --burst 8 --status-delay 10ms

check 'who never wrote may be sent a template only' '
	to 491700000001 | grep -qx 400 && last 131047 &&
	template plain | grep -qx 200 && state "{\"wrote\":[\"491700000007\"]}" &&
	to 491700000007 | grep -qx 200
'
check 'who wrote may be answered for a window, not longer' '
	say "{\"from\":\"491700000002\",\"text\":\"hi\"}" &&
	to 491700000002 | grep -qx 200 && sleep 5.2 &&
	to 491700000002 | grep -qx 400 && last 131047 &&
	say "{\"from\":\"491700000002\",\"type\":\"system\",\"system\":{\"type\":\"x\"}}" &&
	to 491700000002 | grep -qx 400
'
check 'one person by phone and by id: one window' '
	say "{\"from\":\"491700000003\",\"user_id\":\"DE.abc3\",\"text\":\"hi\"}" &&
	send "\"recipient\":\"DE.abc3\",\"text\":{\"body\":\"x\"}" | grep -qx 200 &&
	jq -e ".contacts[0].user_id == \"DE.abc3\"" answer &&
	send "\"recipient\":\"DE.other\",\"text\":{\"body\":\"x\"}" | grep -qx 400 &&
	last 131047
'
check 'a burst borrows from later: 131056, for this customer alone' '
	say "{\"from\":\"491700000004\",\"text\":\"hi\"}" && say "{\"from\":\"491700000005\",\"text\":\"hi\"}" &&
	many 491700000004 1 2 3 4 5 6 7 8 9 >got && { yes 200 | head -8; echo 400; } >want &&
	same want got && last 131056 &&
	jq -e ".error.is_transient" answer && say "{\"from\":\"491700000005\",\"text\":\"hi\"}" &&
	to 491700000005 | grep -qx 200 && sleep 3.1 && to 491700000004 | grep -qx 200
'
check 'templates: unknown, paused, disabled, not approved yet' '
	template none | grep -qx 404 && last 132001 &&
	template paused | grep -qx 400 && last 132015 &&
	template disabled | grep -qx 400 && last 132016 &&
	template pending | grep -qx 404 && last 132001
'
png='{"type":"header","parameters":[{"type":"image","image":{"link":"https://x.example/a.png"}}]}'
go='{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"t"}]}'
check 'templates: the parameters fit' '
	template two "$png" "$(body Ana x)" "$go" | grep -qx 200 &&
	jq -e ".messages[0].message_status == \"accepted\"" answer &&
	template two "$png" "$(body Ana)" "$go" | grep -qx 400 && last 132000 &&
	template two "$(body Ana x)" "$go" | grep -qx 400 && last 132000 &&
	template two "$png" "$(body Ana x)" | grep -qx 400 && last 132000 &&
	template plain "$(body Ana)" | grep -qx 400 && last 132000 &&
	template two "$png" "$(body Ana "a     b")" "$go" | grep -qx 400 && last 132012 &&
	template named "$(body Ana)" | grep -qx 400 && last 100 &&
	template named "{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"parameter_name\":\"name\",\"text\":\"Ana\"}]}" | grep -qx 200
'
check 'a code needs a phone number' '
	send "\"recipient\":\"DE.abc3\",\"type\":\"template\",\"template\":{\"name\":\"code\",
	    \"language\":{\"code\":\"en_US\"},\"components\":[{\"type\":\"button\",\"sub_type\":\"url\",
	    \"index\":\"0\",\"parameters\":[{\"type\":\"text\",\"text\":\"1\"}]}]}" | grep -qx 400 && last 131062
'
check 'who stopped marketing, who is not there: a status says so' '
	: >bodies && state "{\"opted_out\":[\"491700000001\"],\"unreachable\":[\"491700000005\"]}" &&
	template two "$png" "$(body Ana x)" "$go" | grep -qx 200 &&
	wait_for grep -q "failed.*131050" bodies && template plain | grep -qx 200 &&
	say "{\"from\":\"491700000005\",\"text\":\"hi\"}" &&
	to 491700000005 | grep -qx 200 && wait_for grep -q "failed.*131026" bodies &&
	say "{\"from\":\"491700000005\",\"text\":\"hi\"}" && state "{\"as_status\":[]}" && to 491700000005 | grep -qx 400 && last 131026
'
check 'the number itself, testers, restrictions' '
	to 15550000001 | grep -qx 400 && last 131021 &&
	state "{\"number\":{\"testers\":[\"491700000003\"]}}" &&
	to 491700000004 | grep -qx 400 && last 131030 &&
	state "{\"number\":{\"testers\":null},\"account\":{\"restricted\":true}}" &&
	to 491700000003 | grep -qx 403 && last 131031 &&
	get "$number?fields=health_status" && jq -e ".health_status.can_send_message == \"BLOCKED\"" answer &&
	state "{\"account\":{\"restricted\":false,\"blocked\":true}}" &&
	to 491700000003 | grep -qx 403 && last 368 &&
	state "{\"account\":{\"blocked\":false,\"payment\":false}}" &&
	to 491700000003 | grep -qx 400 && last 131042 && state "{\"account\":{\"payment\":true}}"
'
check 'a read receipt names what was received, media what was uploaded' '
	id=$(say "{\"from\":\"491700000006\",\"text\":\"hi\"}" | jq -r .id) &&
	send "\"status\":\"read\",\"message_id\":\"$id\"" | grep -qx 200 &&
	send "\"status\":\"read\",\"message_id\":\"wamid.x\"" | grep -qx 400 && last 131009 &&
	send "\"to\":\"491700000006\",\"type\":\"image\",\"image\":{\"id\":\"77\"}" | grep -qx 400 && last 100
'
check 'without a token, or not as JSON: refused' '
	[ "$(curl -s -o answer -w "%{http_code}" "$api$number")" = 401 ] && last 190 &&
	[ "$(call -d "$text" "$api$messages")" = 400 ] && last 100
'
sim_end
sim --rate 5
check 'more than the number may a second: 130429' '
	many 491700000011 1 2 3 4 5 6 >got && { yes 200 | head -5; echo 429; } >want &&
	same want got && last 130429 && sleep 0.3 && to 491700000020 | grep -qx 200
'
# What wa-send's catalogue holds for wrong, as it would be posted, and the code.
wrong () {	# NAME CODE
	jq -c --arg n "$1" 'select(.name == $n) | {messaging_product: "whatsapp", to: "491700000004", type: .kind} +
	    {(.kind): (if .kind == "text" then {body: .text} else (.content | .contacts? // .) end)} |
	    if .interactive then .interactive.body = {text: "x"} else . end' "$top/tests/data/outgoing.jsonl" >line &&
	post "$messages" "$(cat line)" >got
	[ "$(head -n 1 got)" = 400 ] && last "$2" && return
	echo "$1"; cat line answer; return 1
}
check 'what wa-send knows to be refused is refused' '
	wrong "text of blanks" 131008 && wrong "link with a blank" 131009 && wrong "258 contacts" 131009 &&
	wrong "id with a blank behind" 131009 && wrong "two headers" 100 &&
	wrong "flow with its data and a payload" 100 && wrong "flow with no data" 131009 &&
	wrong "address to open, and a country" 100 && wrong "quick reply without a payload" 131008 &&
	wrong "url button without a text" 131008 && wrong "url button with a payload" 131009 &&
	wrong "template text with a new line" 132012 && wrong "template text with a tab" 132012 &&
	wrong "template text with five blanks" 132012 &&
	to 4917 | grep -qx 400 && last 131009
'
check 'groups take text, media and plain templates' '
	group () { post "$messages" "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"group\",\"to\":\"the-group\",$1}" | head -n 1; }
	group "\"text\":{\"body\":\"x\"}" | grep -qx 200 &&
	group "\"type\":\"location\",\"location\":{\"latitude\":\"1\",\"longitude\":\"1\"}" | grep -qx 400 && last 131051 &&
	group "\"type\":\"template\",\"template\":{\"name\":\"any\",\"language\":{\"code\":\"en\"},\"components\":[$go]}" |
	    grep -qx 400 && last 131051
'
check 'the lenient one: whom it does not know may be written to' '
	sleep 1 && to 491700000004 | grep -qx 200 && template any | grep -qx 200 &&
	send "\"status\":\"read\",\"message_id\":\"wamid.x\"" | grep -qx 200
'
sim_end

cat >script <<'END'
{"from":"491700000001","name":"Ana","text":"one"}
{"from":"491700000002","name":"Ben","text":"two"}
{"from":"491700000003","name":"Cid","text":"three"}
{"from":"491700000001","name":"Ana","text":"four"}
END
: >bodies
script=script sim --batch 10 --secret-file secret --webhook "$hook" --until-idle 300ms
wait $simpid
check 'batches: several messages in one body, each customer in order' '
	[ "$(wc -l <bodies)" -gt 0 ] &&
	jq -s -e "map([.entry[].changes[].value.messages[]?]) | any(length > 2)" bodies &&
	values ".messages[]? | .text.body" | sort >got &&
	printf "\"four\"\n\"one\"\n\"three\"\n\"two\"\n" >want &&
	same want got &&
	values ".messages[]? | .text.body" | tr -d "\"" | grep -x "one\|four" >got &&
	printf "one\nfour\n" >want && same want got
'
: >bodies
script=script sim --duplicate 100% --shuffle --secret-file secret --webhook "$hook" --until-idle 1s
wait $simpid
check 'duplicates and disorder' '
	[ "$(values ".messages[].id" | sort | uniq -c | grep -c "^ *2 ")" -eq 4 ] &&
	[ "$(jq -s "map(select(.type == \"customer.acknowledged\")) | length" said)" -eq 4 ]
'
: >bodies
sim --shuffle --secret-file secret --webhook "$hook" --status-delay 1ms
check 'shuffled statuses: all of them, out of order' '
	for i in 1 2 3 4 5 6 7 8; do to 49170000001$i; done >got &&
	wait_for sh -c "[ \$(grep -c statuses bodies) -eq 24 ]" &&
	values ".statuses[] | [.id, .status] | join(\" \")" | tr -d "\"" >order &&
	awk "{ s[\$1] = s[\$1] \" \" \$2 } END { for (i in s) print s[i] }" order |
	    grep -qvx " sent delivered read"
'
sim_end
: >bodies
sim --webhook-delay 500ms --secret-file secret --webhook "$hook" --status-delay 1ms
check 'webhooks come late' '
	say "{\"from\":\"491700000001\",\"text\":\"late\"}" && sleep 0.2 && [ ! -s bodies ] &&
	wait_for grep -q late bodies
'
sim_end

: >bodies
sim --token-file token --secret-file secret --webhook "$hook" --state state.json --status-delay 1ms
check 'taps: a button, a row, a quick reply; nothing to tap is an error' '
	send "\"to\":\"491700000001\",\"type\":\"interactive\",\"interactive\":{\"type\":\"button\",
	    \"body\":{\"text\":\"?\"},\"action\":{\"buttons\":[{\"type\":\"reply\",\"reply\":{\"id\":\"y\",\"title\":\"Yes\"}}]}}" | grep -qx 200 &&
	first=$(jq -r ".messages[0].id" answer) &&
	say "{\"from\":\"491700000001\",\"tap\":\"Yes\"}" &&
	wait_for grep -q button_reply bodies &&
	values "select(.messages) | .messages[0] | [.type, .interactive.button_reply.id, .context.id] | join(\" \")" |
	    grep -qx "\"interactive y $first\"" &&
	send "\"to\":\"491700000001\",\"type\":\"interactive\",\"interactive\":{\"type\":\"list\",
	    \"body\":{\"text\":\"?\"},\"action\":{\"button\":\"b\",\"sections\":[{\"rows\":[{\"id\":\"r1\",\"title\":\"Row\",\"description\":\"d\"}]}]}}" | grep -qx 200 &&
	say "{\"from\":\"491700000001\",\"tap\":\"r1\"}" && wait_for grep -q list_reply bodies &&
	values "select(.messages[0].interactive.list_reply) | .messages[0].interactive.list_reply | [.id, .title, .description] | join(\" \")" |
	    grep -qx "\"r1 Row d\"" &&
	template two "$png" "$(body Ana x)" "$go" \
	    "{\"type\":\"button\",\"sub_type\":\"quick_reply\",\"index\":0,\"parameters\":[{\"type\":\"payload\",\"payload\":\"STOP\"}]}" | grep -qx 200 &&
	say "{\"from\":\"491700000001\",\"tap\":\"Stop\"}" && wait_for grep -q STOP bodies &&
	values "select(.messages[0].button) | .messages[0].button | [.payload, .text] | join(\" \")" | grep -qx "\"STOP Stop\"" &&
	say "{\"from\":\"491700000001\",\"tap\":\"No such\"}" | jq -e .error
'
check 'prices: service is free, a template of marketing is not' '
	wait_for sh -c "grep -q marketing bodies" &&
	values ".statuses[]? | .pricing | select(.category == \"marketing\") | [.billable, .type] | join(\" \")" | sort -u >got &&
	echo "\"true regular\"" >want && same want got &&
	values ".statuses[]? | .pricing | select(.category == \"service\") | [.billable, .type] | join(\" \")" | sort -u >got &&
	echo "\"false free_customer_service\"" >want && same want got
'
check 'files of customers: an id, a hash, a URL with the bytes behind it' '
	: >bodies && printf "some bytes" >a.pdf && b64=$(base64 -w0 <a.pdf) &&
	say "{\"from\":\"491700000001\",\"type\":\"document\",\"document\":{\"data\":\"$b64\",\"mime_type\":\"application/pdf\",\"filename\":\"a.pdf\"}}" &&
	wait_for grep -q a.pdf bodies && values ".messages[0].document" >doc &&
	jq -e ".filename == \"a.pdf\" and .mime_type == \"application/pdf\" and .data == null and
	    .sha256 == \"$(openssl dgst -sha256 -binary a.pdf | base64)\"" doc &&
	[ "$(call "$(jq -r .url doc)")" = 200 ] && same a.pdf answer &&
	[ "$(get "/v23.0/$(jq -r .id doc)")" = 200 ] && [ "$(call "$(jq -r .url answer)")" = 200 ] && same a.pdf answer &&
	say "{\"from\":\"1\",\"type\":\"image\",\"image\":{\"file\":\"a.pdf\"}}" | jq -e .error
'
check 'short lines: react, quote, edit, take back, change the number' '
	: >bodies && to 491700000001 && last=$(jq -r ".messages[0].id" answer) &&
	say "{\"from\":\"491700000001\",\"react\":\"+\"}" &&
	say "{\"from\":\"491700000001\",\"text\":\"that\",\"reply\":true}" >own.json && own=$(jq -r .id own.json) &&
	printf "%s\n" "{\"from\":\"491700000001\",\"text\":\"that\"}" "{\"from\":\"491700000001\",\"edit\":\"this\"}" "{\"from\":\"491700000001\",\"revoke\":true}" | wa-sim --bodies | jq -se "map(.. | .messages? // empty | .[0]) | length == 3 and .[0].id != \"\" and .[1].edit.original_message_id == .[0].id and .[2].revoke.original_message_id == .[0].id" &&
	say "{\"from\":\"491700000001\",\"edit\":\"this\"}" && say "{\"from\":\"491700000001\",\"revoke\":true}" &&
	say "{\"from\":\"491700000001\",\"type\":\"number_change\",\"to\":\"491700000099\"}" &&
	say "{\"from\":\"491700000001\",\"group_id\":\"the-group\",\"text\":\"all\"}" &&
	say "{\"type\":\"field\",\"field\":\"messages\",\"value\":{\"x\":1}}" &&
	wait_for grep -q "\"x\":1" bodies && wait_for grep -q the-group bodies && values ".messages[]?" >m &&
	jq -s -e "any(.reaction.message_id == \"$last\" and .reaction.emoji == \"+\") and
	    any(.context.id == \"$last\" and .text.body == \"that\") and
	    any(.type == \"edit\" and .edit.original_message_id == \"$own\" and .edit.message.text.body == \"this\") and
	    any(.type == \"revoke\" and .revoke.original_message_id == \"$own\") and
	    any(.type == \"system\" and .system.type == \"user_changed_number\" and .system.wa_id == \"491700000099\") and
	    any(.group_id == \"the-group\")" m || { cat bodies; exit 1; }
'
check 'statuses out of turn' '
	: >bodies && to 491700000001 && id=$(jq -r ".messages[0].id" answer) && wait_for grep -q read bodies &&
	say "{\"from\":\"491700000001\",\"type\":\"status\",\"status\":\"failed\",\"code\":131000,\"id\":\"$id\"}" &&
	wait_for grep -q "failed.*131000" bodies
'
check 'a voice message is played' '
	: >bodies && send "\"to\":\"491700000001\",\"type\":\"audio\",\"audio\":{\"id\":\"media-1\",\"voice\":true}" | grep -qx 200 &&
	wait_for grep -q "\"played\"" bodies
'
sim_end
printf 'png' >a.png
cat >script <<'END'
{"from":"491700000001","type":"image","image":{"file":"a.png","caption":"look"}}
{"type":"wait","seen":true,"ms":9000}
{"from":"491700000001","text":"seen"}
END
: >bodies
script=script sim --secret-file secret --webhook "$hook"
check 'a script names files, and waits until it was seen' '
	wait_for grep -q image/png bodies && sleep 0.2 && ! grep -q "\"seen\"" bodies &&
	id=$(values ".messages[0].id" | tr -d "\"" | head -1) &&
	send "\"status\":\"read\",\"message_id\":\"$id\",\"typing_indicator\":{\"type\":\"text\"}" | grep -qx 200 &&
	wait_for grep -q "\"seen\"" bodies
'
sim_end
done_testing
