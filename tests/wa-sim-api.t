#!/bin/sh
# wa-sim(1): the calls beside messages, and the state they tell of
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
. "$top/tests/sim.sh"

receiver
sim --token-file token --secret-file secret --webhook "$hook" --approve 200ms
appcall () (	# PATH [CURL OPTION ...]: with the app's token
	token='300000000000001|app-secret'
	get "$@"
)
template='{"name":"hello_you","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Hello {{1}}","example":{"body_text":[["Ana"]]}}]}'

check 'a number: the usual facts, or those asked for' '
	[ "$(get $number)" = 200 ] && jq -e "keys == ([\"code_verification_status\",
	    \"display_phone_number\", \"id\", \"platform_type\",
	    \"quality_rating\", \"throughput\", \"verified_name\",
	    \"webhook_configuration\"] | sort)" answer &&
	jq -e ".webhook_configuration.application == \"$hook\"" answer &&
	[ "$(get "$number?fields=status,throughput{level},health_status")" = 200 ] &&
	jq -e ".status == \"CONNECTED\" and .throughput.level == \"STANDARD\" and
	    .health_status.can_send_message == \"AVAILABLE\" and .id != null and
	    .verified_name == null" answer &&
	[ "$(get "$number?fields=nonsense")" = 400 ] && [ "$(code)" = 100 ]
'
check 'the numbers of an account, in pages' '
	state "{\"numbers\":[{\"id\":\"100000000000001\"},
	    {\"id\":\"5\",\"verified_name\":\"Two\"},{\"id\":\"6\"}]}" &&
	[ "$(get "$account/phone_numbers?limit=2")" = 200 ] &&
	jq -e "(.data | length) == 2 and .data[1].verified_name == \"Two\"" answer &&
	next=$(jq -r .paging.next answer) && call "$next" && jq -e "
	    (.data | map(.id)) == [\"6\"] and .paging.next == null" answer &&
	call "$(jq -r .paging.previous answer)" &&
	jq -e "(.data | map(.id)) == [\"100000000000001\", \"5\"]" answer &&
	post /v19.0/5/messages "$text" | grep -qx 200
'
check 'a number is registered with its PIN, and cannot send before' '
	[ "$(post $number/deregister "{}" | head -1)" = 200 ] &&
	[ "$(get "$number?fields=status")" = 200 ] &&
	jq -e ".status == \"DISCONNECTED\"" answer &&
	[ "$(post $messages "$text" | head -1)" = 400 ] && [ "$(code)" = 133010 ] &&
	[ "$(post $number/register "{\"messaging_product\":\"whatsapp\",\"pin\":\"12\"}" | head -1)" = 400 ] &&
	[ "$(post $number/register "{\"messaging_product\":\"whatsapp\",\"pin\":\"123456\"}" | head -1)" = 200 ] &&
	[ "$(post $number/register "{\"messaging_product\":\"whatsapp\",\"pin\":\"654321\"}" | head -1)" = 400 ] &&
	[ "$(code)" = 133005 ] && post $messages "$text" | grep -qx 200
'
check 'the history: what became of a message, and its webhooks' '
	: >bodies && post $messages "$text" >got &&
	id=$(jq -r ".messages[0].id" answer) && wait_for grep -q "\"read\"" bodies &&
	wait_for sh -c "grep -q \"status.*$id.*read\" said" &&
	[ "$(get "$number/message_history?message_id=$id")" = 200 ] &&
	jq -e ".data[0].message_id == \"$id\" and (.data[0].events.data |
	    map(.delivery_status) == [\"SENT\", \"DELIVERED\", \"READ\"] and
	    all(.webhook_update_state == \"DELIVERED\" and
	    .webhook_uri == \"$hook\" and .application.id == \"300000000000001\"))" answer &&
	[ "$(get "$number/message_history?limit=1&fields=id")" = 200 ] &&
	jq -e "(.data | length) == 1 and .data[0].events == null and
	    .paging.cursors.after != null" answer &&
	entry=$(jq -r ".data[0].id" answer) &&
	[ "$(get "/v23.0/$entry/events")" = 200 ] &&
	jq -e ".data[0].delivery_status == \"SENT\"" answer &&
	[ "$(get "$number/message_history?message_id=wamid.x")" = 422 ]
'
check 'the history tells what a deaf account missed' '
	id=$(say "{\"from\":\"491700000002\",\"text\":\"heard\"}" | jq -r .id) &&
	wait_for grep -q "acknowledged.*$id" said &&
	[ "$(get $account/subscribed_apps)" = 200 ] &&
	jq -e ".data[0].whatsapp_business_api_data.id == \"300000000000001\"" answer &&
	[ "$(get $account/subscribed_apps -X DELETE)" = 200 ] &&
	missed=$(say "{\"from\":\"491700000002\",\"text\":\"missed\"}" | jq -r .id) &&
	wait_for grep -q "webhook.lost.*$missed" said && ! grep -q "$missed" bodies &&
	get "$number/message_history?message_id=$missed" && jq -e ".data[0].events.data[0] |
	    .webhook_update_state == \"FAILED\" and
	    .error_description == \"no app is subscribed to the account\"" answer &&
	get $account/subscribed_apps && jq -e ".data == []" answer &&
	[ "$(post $account/subscribed_apps "" | head -1)" = 200 ] &&
	say "{\"from\":\"491700000002\",\"text\":\"again\"}" &&
	wait_for grep -q again bodies
'
check 'a field that is not ticked, an app that is not live: nothing comes' '
	: >bodies && state "{\"webhook\":{\"fields\":[]}}" &&
	say "{\"from\":\"491700000002\",\"text\":\"x\"}" &&
	wait_for grep -q "the field is not ticked" said &&
	state "{\"webhook\":{\"fields\":[\"messages\"]},\"app\":{\"live\":false}}" &&
	say "{\"from\":\"491700000002\",\"text\":\"x\"}" &&
	wait_for grep -q "the app is not live" said &&
	state "{\"app\":{\"live\":true}}" && [ ! -s bodies ]
'
check 'subscriptions: the app alone sees and changes them, after a challenge' '
	get $app/subscriptions && [ "$(code)" = 15 ] &&
	[ "$(appcall $app/subscriptions)" = 200 ] && jq -e ".data[0] |
	    .object == \"whatsapp_business_account\" and .active and
	    .callback_url == \"$hook\" and (.fields | map(.name)) == [\"messages\"]" answer &&
	[ "$(appcall $app/subscriptions -d callback_url="$hook" -d verify_token=wrong -d fields=messages)" != 200 ] &&
	[ "$(code)" = 2200 ] &&
	[ "$(appcall $app/subscriptions -d callback_url="${hook}a%3Fb%3D1" -d verify_token=verify \
	    -d fields=messages,account_update)" = 200 ] &&
	appcall $app/subscriptions && jq -e ".data[0] | .callback_url == \"${hook}a?b=1\" and
	    (.fields | map(.name)) == [\"messages\", \"account_update\"]" answer &&
	[ "$(appcall $number)" = 403 ]
'
check 'an account may send its webhooks elsewhere' '
	[ "$(post $account/subscribed_apps "{\"override_callback_uri\":\"${hook}other\",\"verify_token\":\"verify\"}" | head -1)" = 200 ] &&
	get "$number?fields=webhook_configuration" && jq -e ".webhook_configuration.whatsapp_business_account
	    == \"${hook}other\"" answer &&
	[ "$(post $account/subscribed_apps "{}" | head -1)" = 200 ] &&
	get "$number?fields=webhook_configuration" &&
	jq -e ".webhook_configuration.whatsapp_business_account == null" answer
'
check 'debug_token: valid, expired, unknown' '
	[ "$(appcall "/v23.0/debug_token?input_token=api-token")" = 200 ] &&
	jq -e ".data.is_valid and .data.expires_at == 0 and
	    .data.app_id == \"300000000000001\" and
	    (.data.scopes | index(\"whatsapp_business_messaging\"))" answer &&
	state "{\"token\":{\"expires_at\":1000}}" &&
	appcall "/v23.0/debug_token?input_token=api-token" &&
	jq -e ".data.is_valid == false and .data.error.subcode == 463" answer &&
	[ "$(get $number)" = 401 ] && jq -e ".error.code == 190 and .error.error_subcode == 463" answer &&
	state "{\"token\":{\"expires_at\":0,\"valid\":false}}" &&
	[ "$(get $number)" = 401 ] && jq -e ".error.error_subcode == 460" answer &&
	state "{\"token\":{\"valid\":true,\"scopes\":[\"whatsapp_business_messaging\"]}}" &&
	[ "$(get $number)" = 403 ] && [ "$(code)" = 200 ] &&
	post $messages "$text" | grep -qx 200 &&
	state "{\"token\":{\"scopes\":[\"whatsapp_business_management\"]}}" &&
	[ "$(post $messages "$text" | head -1)" = 403 ] && [ "$(get $number)" = 200 ] &&
	state "{\"token\":{\"scopes\":[\"whatsapp_business_messaging\",\"whatsapp_business_management\"]}}" &&
	appcall "/v23.0/debug_token?input_token=other" && jq -e ".data.is_valid == false" answer &&
	get "/v23.0/debug_token" && [ "$(code)" = 100 ]
'
head -c 3000 /dev/zero | tr '\0' p >photo.png
check 'media: up, asked after, down again with the token only, gone' '
	[ "$(call -F messaging_product=whatsapp -F type=image/png -F file=@photo.png "$api$number/media")" = 200 ] &&
	id=$(jq -r .id answer) && [ "$(get /v23.0/$id)" = 200 ] &&
	jq -e ".file_size == 3000 and .mime_type == \"image/png\" and
	    .sha256 == \"$(sha256sum <photo.png | cut -d" " -f1)\" and
	    .messaging_product == \"whatsapp\" and .id == \"$id\"" answer &&
	url=$(jq -r .url answer) &&
	[ "$(token=no && call "$url")" = 401 ] &&
	[ "$(call "$url" -D head)" = 200 ] && same photo.png answer &&
	grep -qi "^content-type: image/png" head &&
	[ "$(call "${url}1")" = 404 ] && [ "$(call "${url%\?*}")" = 404 ] &&
	send "\"to\":\"491700000004\",\"type\":\"image\",\"image\":{\"id\":\"$id\"}" | grep -qx 200 &&
	send "\"to\":\"491700000004\",\"type\":\"audio\",\"audio\":{\"id\":\"$id\"}" | grep -qx 400 &&
	[ "$(code)" = 131053 ] &&
	[ "$(get /v23.0/$id -X DELETE)" = 200 ] && [ "$(get /v23.0/$id)" = 400 ]
'
check 'media: types, sizes and fields that are refused' '
	head -c 5242881 /dev/zero >large.png &&
	[ "$(call -F messaging_product=whatsapp -F type=image/png -F file=@large.png "$api$number/media")" = 400 ] &&
	[ "$(code)" = 131053 ] &&
	[ "$(call -F messaging_product=whatsapp -F type=image/gif -F file=@photo.png "$api$number/media")" = 400 ] &&
	[ "$(code)" = 131053 ] &&
	[ "$(call -F type=image/png -F file=@photo.png "$api$number/media")" = 400 ] && [ "$(code)" = 131008 ] &&
	[ "$(call -F messaging_product=whatsapp -F type=image/png "$api$number/media")" = 400 ] && [ "$(code)" = 131008 ] &&
	[ "$(call -F messaging_product=whatsapp -F x=y -F "file=@photo.png;type=image/png" "$api$number/media")" = 400 ] &&
	[ "$(code)" = 100 ] &&
	[ "$(call -d x=y "$api$number/media")" = 400 ] &&
	[ "$(call -F messaging_product=whatsapp -F "file=@photo.png;type=image/png" "$api$number/media")" = 200 ]
'
check 'templates: made, pending, approved with a webhook, listed, dropped' '
	state "{\"webhook\":{\"fields\":[\"messages\",\"message_template_status_update\"]}}" &&
	: >bodies && [ "$(post $account/message_templates "$template" | head -1)" = 200 ] &&
	id=$(jq -r .id answer) && jq -e ".status == \"PENDING\" and .category == \"UTILITY\"" answer &&
	[ "$(post $account/message_templates "$template" | head -1)" = 400 ] &&
	wait_for grep -q APPROVED bodies && values "select(.field == \"message_template_status_update\") |
	    .message_template_name + \" \" + .event" | grep -q "hello_you APPROVED" &&
	[ "$(get "$account/message_templates?fields=name,status,components&status=APPROVED&name=hello_you")" = 200 ] &&
	jq -e ".data[0] | .id == \"$id\" and .components[0].type == \"BODY\" and .language == null" answer &&
	get "/v23.0/$id" && jq -e ".name == \"hello_you\"" answer &&
	get "$account/message_templates?status=REJECTED" && jq -e ".data == []" answer &&
	[ "$(get "$account/message_templates?name=hello_you" -X DELETE)" = 200 ] &&
	[ "$(get "$account/message_templates?name=hello_you" -X DELETE)" = 400 ]
'
check 'templates: what cannot be one' '
	for t in "{\"name\":\"Big\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"english\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"AUTHENTICATION\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\",\"example\":{\"body_text\":[[\"a\"]]}}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"x {{1}}\"},{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"*x*\"},{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"x 🎉\"},{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"QUICK_REPLY\",\"text\":\"a\"},{\"type\":\"URL\",\"text\":\"x\",\"url\":\"https://x.example\"},{\"type\":\"QUICK_REPLY\",\"text\":\"b\"}]}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"OTHER\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x {{1}}\"}]}" \
	    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"URL\",\"text\":\"x\"}]}]}"; do
		[ "$(post $account/message_templates "$t" | head -1)" = 400 ] &&
		    [ "$(code)" = 100 ] || exit 1
	done
'
check 'who wrote can be blocked; he is not heard, and not written to' '
	: >bodies && say "{\"from\":\"491700000077\",\"text\":\"spam\"}" && wait_for grep -q spam bodies &&
	post $number/block_users "{\"messaging_product\":\"whatsapp\",\"block_users\":[{\"user\":\"+491700000077\"},{\"user\":\"491799\"}]}" >got &&
	jq -e ".block_users.added_users[0].wa_id == \"491700000077\" and
	    .block_users.failed_users[0].errors[0].code == 131047 and
	    .error.code == 139100" answer &&
	get $number/block_users && jq -e "(.data | map(.wa_id)) == [\"491700000077\"]" answer &&
	say "{\"from\":\"491700000077\",\"text\":\"more\"}" && ! grep -q more said &&
	send "\"to\":\"491700000077\",\"text\":{\"body\":\"x\"}" | grep -qx 200 &&
	wait_for grep -q "failed.*131026" bodies &&
	[ "$(get $number/block_users -X DELETE -H "Content-Type: application/json" \
	    -d "{\"messaging_product\":\"whatsapp\",\"block_users\":[{\"user\":\"491700000077\"}]}")" = 200 ] &&
	send "\"to\":\"491700000077\",\"text\":{\"body\":\"x\"}" | grep -qx 200
'
check 'the app secret can change while it runs' '
	state "{\"app\":{\"secret\":\"another\"}}" && : >bodies &&
	id=$(say "{\"from\":\"491700000003\",\"text\":\"forged\"}" | jq -r .id) &&
	wait_for grep -q "acknowledged.*$id" said && ! grep -q forged bodies &&
	state "{\"app\":{\"secret\":\"app-secret\"}}" &&
	say "{\"from\":\"491700000003\",\"text\":\"signed\"}" && wait_for grep -q signed bodies
'
check 'the state shows no secret, and takes no nonsense' '
	curl -s "$api/sim/state" >got && ! grep -q "secret\|654321" got &&
	[ "$(curl -s -o answer -w "%{http_code}" -d "{\"nonsense\":1}" "$api/sim/state")" = 400 ] &&
	[ "$(curl -s -o answer -w "%{http_code}" -d "{\"numbers\":[]}" "$api/sim/state")" = 400 ] &&
	[ "$(curl -s -o answer -w "%{http_code}" -d "x" "$api/sim/state")" = 400 ] &&
	[ "$(get "/v23.0/77")" = 400 ] && jq -e ".error.error_subcode == 33" answer &&
	[ "$(get "/77")" = 404 ]
'
sim_end
check 'a state from a file; a bad one is 78 with its name' '
	echo "{\"account\":{\"id\":\"77\"},\"number\":{\"quality_rating\":\"RED\"},\"templates\":[{\"name\":\"a\"}]}" >state.json &&
	sim --state state.json && [ "$(get "/v23.0/77/phone_numbers?fields=quality_rating")" = 200 ] &&
	jq -e ".data[0].quality_rating == \"RED\"" answer &&
	get "/v23.0/77/message_templates" && jq -e ".data[0] | .status == \"APPROVED\" and .id != null" answer &&
	sim_end; echo "{\"x\":1}" >bad.json && status 78 wa-sim --state bad.json 2>err &&
	grep -q "bad.json: x: " err && status 66 wa-sim --state none.json
'
check 'the clock of the Date header' '
	sim --skew=-2h && curl -s -D head -o /dev/null "$api/v23.0/1" &&
	[ "$(grep -ci "^date:" head)" -eq 1 ] &&
	at=$(date -d "$(sed -n "s/^[Dd]ate: //p" head | tr -d "\r")" +%s) &&
	off=$(($(date +%s) - at)) && [ $off -ge 7195 ] && [ $off -le 7210 ]; ok=$?
	sim_end; [ $ok -eq 0 ]
'
check 'a control page asked in the wrong way is a page all the same' '
	sim && for page in message fault; do
		[ "$(curl -s -o got -w "%{http_code}" "$api/sim/$page")" = 405 ] && grep -q "POST to it" got || exit 1
	done &&
	[ "$(curl -s -o got -w "%{http_code}" -X PUT -d "{}" "$api/sim/state")" = 405 ] && grep -q "GET it or POST to it" got &&
	[ "$(curl -s -o got -w "%{http_code}" "$api/sim/nothing")" = 404 ] && grep -q "no such page" got && sim_end
'
done_testing
