#!/bin/sh
# conv(1): what show tells of messages that are more than words
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
bodies=$top/tests/data/webhooks

# shellcheck disable=SC2317 # the checks do
shown () {	# BODY [JQ]: its message as conv show has it, in a desk of its own
	rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
	jq -c "${2:-.}" "$bodies/$1.json" | wa-recv --stdin >/dev/null 2>err &&
	conv show "$(conv list --status all --ids)" |
	    sed -n "/^[0-9][0-9]:.* Ada Example /,\$p" |
	    sed -n "1s/^.* Ada Example *//p; s/^ \{23\}//p"
}
message='.entry[0].changes[0].value.messages[0]'

check 'a place: where it is, its name and its address' '
	shown location >got && cat >want <<-E && same want got
	[location] Pickup point
	at 52.52, 13.405
	address: Example Street 1, Berlin
	E
'
check 'a place without a name, and one that is only a point' '
	shown location "del($message.location.name) | $message.location.url = \"https://example.org/p\"" >got &&
	cat >want <<-E && same want got &&
	[location] Example Street 1, Berlin
	at 52.52, 13.405
	see https://example.org/p
	E
	shown location "$message.location = {latitude: \"-33.856784\", longitude: 151.215297}" >got &&
	cat >want <<-E && same want got
	[location]
	at -33.856784, 151.215297
	E
'
check 'a place that we send is told by its name, or else its address, too' '
	shown text >got && id=$(conv list --ids) && export FRONTDESK_NOW="$(conv list --json | jq -r .last)" &&
	said () { conv show "$id" | sed -n "/\\[$1\\]/,/queued/{s/^.*\\[/[/; s/^ *//; /queued/d; p}"; } &&
	conv reply "$id" --location 52.5,13.4 "Front door" && said location >got && cat >want <<-E && same want got &&
	[location] Front door
	at 52.5, 13.4
	E
	echo "{\"location\": {\"latitude\": 1, \"longitude\": 2, \"name\": \"Shop\", \"address\": \"Main St 1\"}}" |
	    conv reply "$id" --content - && said location | tail -n 3 >got && cat >want <<-E && same want got &&
	[location] Shop
	at 1, 2
	address: Main St 1
	E
	echo "{\"location\": {\"latitude\": 1, \"longitude\": 2, \"address\": \"Main St 1\"}}" |
	    conv reply "$id" --content - && said location | tail -n 2 >got && cat >want <<-E && same want got
	[location] Main St 1
	at 1, 2
	E
'
check 'a text is content, too, with what else the provider takes of one; it is said once' '
	id=$(conv list --ids) && export FRONTDESK_NOW="$(conv list --json | jq -r .last)" && echo "{\"text\": {\"body\": \"see https://x.example\", \"preview_url\": true}}" >said &&
	conv reply "$id" --content said --json >line && jq -e ".data.kind == \"text\" and .data.text == \"see https://x.example\"" line && wa-send --dry-run <line | jq -c "select(.type == \"request.previewed\").data.body.text" >got &&
	echo "{\"body\":\"see https://x.example\",\"preview_url\":true}" | same - got && status 64 conv reply "$id" --content said "and this" 2>err && grep -q "said: has the text already" err &&
	echo "{\"text\": {}}" >said && status 65 conv reply "$id" --content said 2>err && grep -q "text.body: is empty" err
'
check 'contacts: each with its numbers' '
	shown contacts "$message.contacts += [{name: {formatted_name: \"Cy\"}, phones: [{phone: \"030 1\"},
	    {wa_id: \"4930222\"}], emails: [{email: \"cy@example.org\"}]}, {}]" >got &&
	cat >want <<-E && same want got
	[contacts] Bo Sample
	contact: Bo Sample, Sample Ltd, +1 650-555-9876
	contact: Cy, 030 1, 4930222, cy@example.org
	contact: ?
	E
'
check 'an order: items, prices, what it comes to' '
	shown order >got && cat >want <<-E && same want got &&
	[order] By Friday, please
	2 x di9ozbzfi4, each 30 USD
	1 x nqryix03ez, each 25 USD
	in all 85 USD
	of the catalogue 194000000000001
	E
	shown order "$message.order.product_items |= (.[0].item_price = \"29.9\" | .[1].item_price = 1.125)" >got &&
	grep -qx "in all 60.925 USD" got && grep -qx "2 x di9ozbzfi4, each 29.90 USD" got
'
check 'an order in two currencies, or of no prices, has no sum' '
	shown order "$message.order.product_items[1].currency = \"EUR\"" >got && ! grep "in all" got &&
	shown order "del($message.order.product_items[1].item_price)" >got && ! grep "in all" got &&
	grep -qx "1 x nqryix03ez" got
'
check 'an order of many items: the first of them, and how many more' '
	shown order "$message.order.product_items |= [range(25) as \$i | .[0]]" >got &&
	[ "$(grep -c " x di9ozbzfi4" got)" -eq 20 ] && grep -qx "and 5 more items" got && grep -qx "in all 1500 USD" got
'
check 'a form: what was answered, without our token' '
	shown flow-reply "$message.interactive.nfm_reply.response_json = ({flow_token: \"t1\", rating: 5,
	    why: \"late\nagain\", days: [\"mon\", \"tue\"]} | tojson)" >got && cat >want <<-E && same want got &&
	[flow] Sent
	rating: 5
	why: late again
	days: ["mon","tue"]
	E
	shown flow-reply-not-json >got && printf "[flow] Sent\nanswers: rating=5\n" >want && same want got
'
check 'a permission to call: given or not, and until when' '
	calls () {	# JQ: what is told of such a reply
		shown flow-reply "$message.interactive = { type: \"call_permission_reply\", call_permission_reply: $1 }" >got &&
		sed 1d got
	}
	[ "$(calls "{ response: \"accept\", is_permanent: false, expiration_timestamp: \"1790000000\", response_source: \"user_action\" }")" = \
	    "calls: accepted for a time, until 2026-09-21 14:13 UTC" ] &&
	[ "$(calls "{ response: \"accept\", expiration_timestamp: 1790000000, response_source: \"automatic\" }")" = \
	    "calls: accepted for a time, until 2026-09-21 14:13 UTC; given by calling the business" ] &&
	[ "$(calls "{ response: \"accept\", is_permanent: true, response_source: \"user_action\" }")" = "calls: accepted, permanently" ] &&
	[ "$(calls "{ response: \"accept\", expiration_timestamp: \"1e300\" }")" = "calls: accepted for a time" ] &&
	[ "$(calls "{ response: \"reject\", response_source: \"user_action\" }")" = "calls: rejected" ] &&
	[ "$(calls "{ response: \"later\" }")" = "calls: later" ] && [ -z "$(calls "{ response: 7 }")" ]
'
check 'a document: the name of the file, beside its caption' '
	shown document >got && printf "[document] My invoice\nfile: invoice 7.pdf\n" >want && same want got
'
check 'errors that come with a message of any kind' '
	shown image-errors >got && cat >want <<-E && same want got &&
	[image] The lamp came like this
	the provider says: Media download error (131052): The picture of 16505551234 could not be loaded.
	E
	shown unsupported >got && cat >want <<-E && same want got
	[unsupported] Message type unknown
	the provider says: Message type unknown (131051): Message type is currently not supported.
	E
'
check 'escapes and line ends in any of it are shown, not obeyed' '
	shown location "$message.location |= (.name = \"a\" | .address = \"x\u001b[2J\ny\")" >got &&
	grep -qxF "address: x\\x1b[2J y" got
'
check 'a file that is no such thing by its bytes is marked' '
	rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
	jq -c . "$bodies/document.json" "$bodies/image.json" | wa-recv --stdin >/dev/null &&
	sqlite3 -bail "$HOME/.local/share/frontdesk/desk.db" "
	    INSERT INTO media_file (sha256, bytes, mime, stored_ms) SELECT printf('\''%064d'\'', wa_ms), 7,
	     iif(kind = '\''image'\'', '\''application/x-dosexec'\'', '\''application/pdf'\''), 1 FROM message;
	    INSERT INTO media (message, sha256, updated_ms) SELECT id, printf('\''%064d'\'', wa_ms), 1 FROM message" &&
	conv show "$(conv list --ids)" >shown && [ "$(grep -c "take care" shown)" -eq 1 ] &&
	grep -A1 "application/x-dosexec, 7 bytes" shown | grep -q "take care: it was sent as image/jpeg"
'
done_testing
