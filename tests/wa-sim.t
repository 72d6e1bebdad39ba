#!/bin/sh
# wa-sim(1): speaks the Cloud API, posts signed webhooks until they are taken
. "${0%/*}/lib.sh"

. "$top/tests/sim.sh"

check 'a line of a customer becomes the body of a webhook' '
	echo "{\"from\":\"491700000001\",\"name\":\"Ana\",\"text\":\"hi\"}" |
	    FRONTDESK_NOW=2026-11-23T10:00:00Z wa-sim --bodies --seed 1 >got &&
	jq -e ".entry[0].changes[0] | .field == \"messages\" and
	    (.value | .contacts[0].profile.name == \"Ana\" and
	    .metadata.phone_number_id == \"100000000000001\" and
	    (.messages[0] | .text.body == \"hi\" and .type == \"text\" and
	    .timestamp == \"1795428000\" and .from == \"491700000001\"))" got
'
check 'the same seed and clock: the same bodies' '
	for n in 1 2; do
		echo "{\"from\":\"1\",\"text\":\"hi\"}" |
		    FRONTDESK_NOW=2026-11-23T10:00:00Z \
		    wa-sim --bodies --seed 1 >got$n
	done && same got1 got2
'
check 'a raw body goes through, a bad line is named' '
	printf "%s\n" "{\"type\":\"raw\",\"body\":{\"x\":1}}" oops \
	    "{\"text\":\"hi\"}" >in &&
	status 65 wa-sim --bodies <in >got 2>err &&
	echo "{\"x\":1}" >want && same want got &&
	grep -q "^wa-sim: stdin:2: " err && grep -q "^wa-sim: stdin:3: " err
'

sim --token-file token
check 'a message is taken: contact, id; the call is recorded' '
	post $messages "$text" >got && head -1 got | grep -qx 200 &&
	jq -e ".contacts[0].wa_id == \"491700000001\" and
	    (.messages[0].id | startswith(\"wamid.\"))" answer &&
	jq -e -s ".[-1] | .authorized and .status == 200 and
	    .id == \"$(jq -r .messages[0].id answer)\" and
	    .body.text.body == \"Good day\"" record &&
	wait_for grep -q "business.said" said &&
	jq -e -s "any(.type == \"business.said\" and .text == \"Good day\")" said
'
check 'a wrong token is 401 and code 190' '
	token=x && post $messages "$text" >got &&
	head -1 got | grep -qx 401 &&
	jq -e ".error.code == 190 and .error.fbtrace_id != null" answer
'
check 'what the real one refuses is refused' '
	post $messages "{\"messaging_product\":\"whatsapp\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}" >got &&
	head -1 got | grep -qx 400 && jq -e ".error.code == 131008" answer &&
	long=$(head -c 4097 /dev/zero | tr "\0" x) &&
	post $messages "{\"messaging_product\":\"whatsapp\",\"to\":\"1\",\"type\":\"text\",\"text\":{\"body\":\"$long\"}}" >got &&
	head -1 got | grep -qx 400 && jq -e ".error.code == 131009" answer &&
	post /v23.0/5/messages "$text" >got && head -1 got | grep -qx 400 &&
	post $messages nonsense >got && head -1 got | grep -qx 400
'
check 'read receipts and typing are taken' '
	post $messages "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.1\",\"typing_indicator\":{\"type\":\"text\"}}" >got &&
	head -1 got | grep -qx 200 && jq -e .success answer &&
	wait_for grep -q business.typing said
'
check 'media: an id, its facts, its bytes match the hash' '
	curl -s -H "Authorization: Bearer api-token" "$api/v23.0/media-7" >facts &&
	curl -s -H "Authorization: Bearer api-token" "$(jq -r .url facts)" >bytes &&
	[ "$(sha256sum <bytes | cut -d" " -f1)" = "$(jq -r .sha256 facts)" ] &&
	[ "$(curl -s -o /dev/null -w "%{http_code}" "$api/sim/media/media-7")" = 401 ]
'
check 'faults can be set while it runs' '
	echo "429=7:#$(($(jq -s length record) + 1))" >spec &&
	curl -s --data-binary @spec "$api/sim/fault" | jq -e .success &&
	post $messages "$text" -D head >got && head -1 got | grep -qx 429 &&
	grep -qi "^retry-after: 7" head && jq -e ".error.code == 130429" answer &&
	post $messages "$text" >got && head -1 got | grep -qx 200 &&
	[ "$(curl -s -o /dev/null -w "%{http_code}" -d nope "$api/sim/fault")" = 400 ]
'
check 'taken and the connection closed; not taken and closed' '
	n=$(jq -s length record) &&
	curl -s -d "reset-after-read:#$((n + 1)),drop:#$((n + 2))" "$api/sim/fault" &&
	post $messages "$text" >got; post $messages "$text" >>got2
	grep -qx 000 got && grep -qx 000 got2 &&
	jq -e -s ".[-2].id != null and .[-1].id == null and
	    .[-2].fault == \"reset-after-read\"" record
'
check 'it stops at once on SIGTERM' '
	kill $simpid && wait_for sh -c "! kill -0 $simpid"
'

receiver
cat >script <<-'EOF2'
{"from":"491700000001","name":"Ana","text":"one"}
{"from":"491700000001","name":"Ana","text":"two"}
EOF2
printf '\n\n' >refuse
script=script sim --secret-file secret --webhook "$hook" --until-idle 300ms
wait $simpid; ended=$?
check 'webhooks are signed, retried until 200, in order per customer' '
	[ $ended -eq 0 ] && [ "$(wc -l <signatures)" -eq 2 ] &&
	jq -r ".entry[0].changes[0].value.messages[0].text.body" bodies >got &&
	printf "one\ntwo\n" >want && same want got &&
	[ "$(jq -s "map(select(.type == \"customer.acknowledged\")) | length" said)" -eq 2 ]
'
: >bodies
sim --secret-file secret --webhook "$hook" --status-delay 20ms
check 'what the business sends climbs sent, delivered, read' '
	post $messages "$text" >got && wait_for grep -q "\"read\"" bodies &&
	jq -r ".entry[0].changes[0].value.statuses[0] |
	    [.status, .biz_opaque_callback_data, .recipient_id,
	    .pricing.category] | join(\" \")" bodies >got &&
	for s in sent delivered read; do
		echo "$s ours 491700000001 service"
	done >want && same want got
'
check 'an undelivered one fails with code and title' '
	: >bodies && curl -s -d undelivered "$api/sim/fault" &&
	post $messages "$text" >got && wait_for grep -q failed bodies &&
	jq -e -s ".[-1].entry[0].changes[0].value.statuses[0].errors[0].code == 131026" bodies
'
check 'the control side: a customer speaks by HTTP; @last and @own are ids' '
	: >bodies && curl -s -d none "$api/sim/fault" &&
	post $messages "$text" >got && last=$(jq -r .messages[0].id answer) &&
	own=$(curl -s -d "{\"from\":\"491700000001\",\"text\":\"x\"}" "$api/sim/message" | jq -r .id) &&
	curl -s -d "{\"from\":\"491700000001\",\"type\":\"reaction\",\"reaction\":{\"message_id\":\"@last\",\"emoji\":\"y\"}}" "$api/sim/message" &&
	curl -s -d "{\"from\":\"491700000001\",\"type\":\"revoke\",\"revoke\":{\"original_message_id\":\"@own\"}}" "$api/sim/message" &&
	wait_for grep -q "\"$own\"}" bodies &&
	grep -q "\"message_id\":\"$last\"" bodies &&
	[ "$(curl -s -o /dev/null -w "%{http_code}" -d "{}" "$api/sim/message")" = 400 ] &&
	curl -s "$api/sim/state" | jq -e ".webhooks_dropped == 0 and .calls == 3"
'
sim_end
cat >script <<-'EOF2'
{"from":"491700000001","text":"question"}
{"type":"wait","reply":true,"ms":9000}
{"from":"491700000001","text":"thanks"}
EOF2
script=script sim --no-status --secret-file secret --webhook "$hook"
check 'a script can wait for the answer' '
	: >bodies && sleep 0.3 && ! grep -q thanks said &&
	post $messages "$text" >got && wait_for grep -q thanks said
'
sim_end
echo '{"from":"1","text":"x"}' >script
script=script sim --secret-file secret --webhook http://127.0.0.1:9/ \
    --give-up 300ms --until-idle 100ms
wait $simpid; ended=$?
check 'a webhook nobody takes is dropped in the end, with 69' '
	[ $ended -eq 69 ] && grep -q "was not taken" err
'
check 'the name of a customer goes along until another one is said' '
	printf "%s\n" "{\"from\":\"1\",\"name\":\"Ana\",\"text\":\"a\"}" "{\"from\":\"2\",\"text\":\"b\"}" \
	    "{\"from\":\"1\",\"text\":\"c\"}" "{\"from\":\"1\",\"name\":\"Ana B\",\"text\":\"d\"}" "{\"from\":\"1\",\"text\":\"e\"}" |
	    wa-sim --bodies | jq -r ".entry[0].changes[0].value.contacts[0].profile.name" | xargs >got &&
	echo Ana Customer Ana Ana B Ana B >want && same want got
'
check 'wrong use is 64: beyond loopback, no secret, unknown fault' '
	status 64 wa-sim --listen 0.0.0.0:0 &&
	status 64 wa-sim --webhook http://127.0.0.1:1/ &&
	status 64 wa-sim --fault nonsense && status 64 wa-sim --fault 500:7
'
done_testing
