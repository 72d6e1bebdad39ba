#!/bin/sh
# wa-send(1): the whole outgoing catalogue, tests/data/outgoing.jsonl, held
# against our schemas of Meta's description; what is too much is named; long
# texts in parts
# shellcheck disable=SC2016,SC2086,SC2119,SC2120
. "${0%/*}/lib.sh"
graph () { PYTHONWARNINGS=ignore python3 "$top/tests/graph.py" "$top/share/schema" "$@"; }

cat >frontdesk.conf <<'END'
[instance sales]
phone_number_id = 100000000000001
read_receipts = never
[wa]
retry = 20ms
retry_most = 100ms
END
echo api-token >token
frontdesk init --user >/dev/null || exit 1
db=$HOME/.local/share/frontdesk/desk.db
sql () { sqlite3 -readonly "$db" "$1"; }
wrote () {	# PHONE: the customer writes; the conversation's id
	echo "{\"from\":\"$1\",\"name\":\"Ana\",\"text\":\"hello\"}" |
	    wa-sim --bodies | wa-recv --stdin |
	    jq -r 'select(.type == "message.received").data.conversation'
}
# CONVERSATION: the lines of the catalogue on stdin as message.queued
queued () {
	jq -c --arg c "$1" '{type: "message.queued", who: .name, data: ({
	    conversation: $c, instance: "sales", author: "user:me"} +
	    del(.name, .wrong))}'
}
a=$(wrote 491700000001)
b=$(echo '{"user_id":"DE.abc123","text":"hi"}' | wa-sim --bodies |
    wa-recv --stdin | jq -r 'select(.type == "message.received").data.conversation')
jq -c 'select(.wrong | not)' "$top/tests/data/outgoing.jsonl" >fine
jq -c 'select(.wrong)' "$top/tests/data/outgoing.jsonl" >wrong

check 'every request of the catalogue is of the schema, one each' '
	queued $a <fine | wa-send -q --dry-run >got &&
	jq -c "select(.type == \"request.previewed\").data.body" got >bodies &&
	[ "$(wc -l <bodies)" -eq "$(wc -l <fine)" ] && graph message bodies &&
	! grep -q message.failed got
'
check 'every kind, every interactive type and every button of a template is in it' '
	{ jq -r .type bodies; jq -r "select(.interactive).interactive.type" bodies
	  jq -r "select(.template).template.components[]? | .sub_type // .type" bodies
	} | sort -u | xargs >have &&
	echo "address_message audio body button call_permission_request carousel catalog catalog_message contacts copy_code cta_url document flow header image interactive limited_time_offer list location location_request_message mpm order_details product product_list quick_reply reaction request_contact_info sticker template text url video voice_call" >want &&
	same want have
'
check 'to is a string, a business-scoped id goes as recipient, ours goes along' '
	jq -se "all(.[]; .to == \"491700000001\" and
	    (.biz_opaque_callback_data | length == 26) and
	    .recipient_type == \"individual\")" bodies &&
	head -n 20 fine | queued $b | wa-send -q --dry-run |
	    jq -c "select(.type == \"request.previewed\").data.body" >ids &&
	graph message ids && jq -se "all(.[]; .recipient == \"DE.abc123\" and .to == null)" ids
'
check 'details: voice, numbers to strings, context, captions, lists' '
	jq -se "map(select(.audio.voice == true)) | length == 1" bodies &&
	jq -se "map(select(.location).location) | .[0].latitude == \"52.52\" and
	    .[0].longitude == \"-13.405\" and .[1].latitude == \"-33.8688\"" bodies &&
	jq -se "map(select(.context).context.message_id) == [\"wamid.HBgL\"]" bodies &&
	jq -se "any(.[]; .image.caption == \"The blue one\")" bodies &&
	jq -se "map(select(.interactive.type == \"list\").interactive.action |
	    [.button, (.sections[0].rows | length)] | join(\" \")) ==
	    [\"Options 4\", \"Options 10\", \"Options 2\", \"Sizes 1\"]" bodies &&
	jq -se "map(select(.template.components[]?.index == \"1\")) | length == 1" bodies
'
check 'the word on the button is of the customer'\''s language, or the desk'\''s own' '
	printf "%s\n" "[reply options]" "es = Elija" >>frontdesk.conf &&
	c=$(wrote 491700000002) &&
	sqlite3 "$db" "UPDATE conversation SET language = '\''es'\'' WHERE id = '\''$c'\''" &&
	grep "four buttons become" fine | queued $c | wa-send -q --dry-run |
	    jq -se "any(.[]; .data.body.interactive.action.button == \"Elija\")"
'
check 'what is too much fails by field and limit, and is not posted' '
	queued $a <wrong | wa-send -q --dry-run >got &&
	! grep -q -e request.previewed -e message.accepted got &&
	jq -r "select(.type == \"message.failed\").data.errors[0].title" got >said &&
	jq -r .wrong wrong >want && same want said
'
check 'our schemas refuse what the limits refuse; what they cannot say is little' '
	# As it would be posted if nothing was looked at: what is plain JSON of the kind.
	jq -c "select(.name | test(\"blank|headers|flow with|country|payload|url button|template text|text of\")) |
	    {messaging_product: \"whatsapp\", recipient_type: \"individual\", to: \"491700000001\", type: .kind} +
	    {(.kind): (if .kind == \"text\" then {body: .text} else .content + if .kind == \"interactive\"
	    then {body: {text: .text}} else {} end end)}" wrong >posted &&
	[ "$(wc -l <posted)" -eq 13 ] && graph message posted >out
	cut -d: -f1 out | sort -nu | wc -l >n && echo 13 >want && same want n
'
check 'an address that is none, and what groups do not take, fail by field' '
	address () { sqlite3 "$db" "UPDATE contact_alias SET value = '\''$2'\'', kind = '\''${3:-phone}'\''
	    WHERE contact = (SELECT contact FROM conversation WHERE id = '\''$1'\'')"; }
	said () { queued $c | wa-send -q --dry-run | jq -r "select(.type == \"message.failed\").data.errors[0].title"; }
	c=$(wrote 491700000051) && address $c 123 && head -n 1 fine | said >got &&
	c=$(wrote 491700000052) && address $c "DE abc" bsuid && head -n 1 fine | said >>got &&
	c=$(wrote 491700000053) && address $c Y2FwaV9 group &&
	jq -c "select(.name == \"text\" or .name == \"reply buttons\" or .name == \"sticker\" or
	    .name == \"location with numbers\" or .name == \"template with an address\")" fine | said >>got &&
	cat >want <<-END && same want got
	to: is no phone number of 5 to 20 digits
	recipient: is no business-scoped user id
	type: a group does not take location
	type: a group does not take interactive
	template.components[0].type: a group takes header and body only
	END
'
check 'the same by conv, before anything is queued' '
	n=$(sql "SELECT count(*) FROM message") &&
	status 65 conv reply $a "?" --button 1 --button 2 --button 3 --button 4 \
	    --button 5 --button 6 --button 7 --button 8 --button 9 --button 10 \
	    --button 11 2>err &&
	grep -q "interactive.action.buttons: 11 entries, the most is 10" err &&
	[ "$(sql "SELECT count(*) FROM message")" -eq "$n" ]
'
check 'a medium that is not in the store is known at once, by wa-send and by conv' '
	x=$(printf %064d 0) && for r in sha256:abc sha256:$x; do
		jq -cn --arg r $r "{name: \"x\", kind: \"image\", content: {media: \$r}}" | queued $a
	done >in && timeout 20 wa-send -q --url http://127.0.0.1:9 --token-file token <in >got &&
	jq -r "select(.type == \"message.failed\").data.errors[0].title" got >said &&
	printf "%s\n" "media: a reference is sha256: and 64 small hex digits" "media: no file sha256:$x is in the store" >want && same want said &&
	echo "{\"image\":{\"media\":\"sha256:$x\"}}" | status 65 conv reply $a --content - 2>err && grep -q "no file sha256:$x is in the store" err
'
check 'nothing is quoted by an empty name' '
	echo "{\"name\":\"q\",\"kind\":\"text\",\"text\":\"x\",\"quoted\":\"\"}" | queued $a | frontdesk scratch wa-send -q --dry-run |
	    jq -se "any(.[]; .type == \"request.previewed\" and (.data.body | has(\"context\") | not))"
'
check 'contacts: their list alone or under its name' '
	l="[{\"name\":{\"formatted_name\":\"Ana\",\"first_name\":\"Ana\"}}]" &&
	for c in "$l" "{\"contacts\":$l}"; do
		jq -cn --argjson c "$c" "{name: \"c\", kind: \"contacts\", content: \$c}"
	done | queued $a | frontdesk scratch wa-send -q --dry-run | jq -c "select(.type == \"request.previewed\").data.body.contacts" >got &&
	printf "%s\n" "$l" "$l" >want && same want got
'
check 'conv reply: all that agents send is of the schema' '
	conv reply $a "Which one?" --button Yes --button No &&
	conv reply $a "Where?" --reply-to last &&
	conv reply $a --reaction 👍 && conv reply $a --reaction "" last &&
	printf OggS >note.ogg && status 65 conv reply $a "Listen" --file note.ogg 2>err && grep -q "a sound has no caption" err &&
	conv reply $a Shop --location "52.5, 13.4" &&
	conv reply $a --template order_update --language en_US --param A-1 --param x &&
	echo "{\"button\":\"Sizes\",\"sections\":[{\"rows\":[{\"id\":\"1\",\"title\":\"S\"}]}]}" >list &&
	conv reply $a "Which size?" --list list &&
	echo "{\"image\":{\"link\":\"https://x.example/a.png\"}}" | conv reply $a --content - &&
	echo "{\"contacts\":[{\"name\":{\"formatted_name\":\"Ana\"}}]}" | conv reply $a --content - &&
	desk-events --since 1h --type message.queued | wa-send -q --dry-run |
	    jq -c "select(.type == \"request.previewed\").data.body" >bodies &&
	[ "$(wc -l <bodies)" -eq 9 ] && graph message bodies &&
	jq -se "map(.type) == [\"interactive\", \"text\", \"reaction\", \"reaction\",
	    \"location\", \"template\", \"interactive\", \"image\", \"contacts\"] and
	    (.[1].context.message_id | startswith(\"wamid.\")) and
	    (.[2].reaction | .emoji == \"👍\" and (.message_id | startswith(\"wamid.\"))) and
	    .[3].reaction.emoji == \"\" and .[4].location.longitude == \"13.4\" and
	    .[5].template.components[0].parameters[1].text == \"x\"" bodies
'
check 'conv reply: wrong use of its options' '
	status 64 conv reply $a x --button a --list list &&
	status 64 conv reply $a x --param y && status 64 conv reply $a x --template t &&
	status 65 conv reply $a --location 1 && status 65 conv reply $a --location 100,1 &&
	status 66 conv reply $a x --reply-to 01JD0000000000000000000000 &&
	echo "{}" | status 65 conv reply $a --content - && status 66 conv reply $a x --list none
'
check 'a reaction takes nobody'\''s conversation and answers nothing' '
	c=$(wrote 491700000003) && conv reply $c --reaction 👍 &&
	[ "$(sql "SELECT owner || (waiting_ms IS NOT NULL) FROM conversation WHERE id = '\''$c'\''")" = ai1 ]
'

sim () {	# [OPTION ...]
	rm -f port
	wa-sim --port-file port --token-file token --record record "$@" \
	    >said 2>sim.err </dev/null &
	pids="$pids $!"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
faults () { curl -s -d "$1" "$api/sim/fault" >/dev/null; }
send () { wa-send --url "$api" --token-file token "$@"; }
: >record
sim
check 'a provider that holds to the description takes all of the catalogue' '
	sed "s/^read_receipts.*/&\nrate = 1000/; s/^retry =/pair_every = 0s\nretry =/" frontdesk.conf >fast.conf &&
	FRONTDESK_CONF=$work/fast.conf && queued $a <fine | jq -c ".n = \"real\"" | send -q >got &&
	[ "$(grep -c message.accepted got)" -eq "$(wc -l <fine)" ] &&
	jq -se "all(.[]; .status == 200 and .agent == \"frontdesk/0.1.0\")" record
'
: >record
text_of () { jq -cn --arg t "$(cat "$1")" '{name: "x", kind: "text", text: $t}'; }
seq -f 'This is sentence number %g of a long story.' 250 | paste -sd' ' >long

check 'a long text goes out in parts, at sentences, in order, all of it' '
	c=$(wrote 491700000010) && text_of long | queued $c >in && send -q <in >got &&
	jq -r .body.text.body record >parts && [ "$(wc -l <parts)" -eq 3 ] &&
	jq -se "all(.[]; (.body.text.body | length) <= 4096 and
	    (.body.text.body | endswith(\".\")))" record &&
	paste -sd" " parts >whole && same long whole &&
	[ "$(jq -r .id record | sort -u | wc -l)" -eq 3 ] &&
	jq -c .body record >bodies && graph message bodies &&
	jq -r .type got | xargs >types &&
	echo message.queued message.queued message.accepted message.accepted message.accepted >want &&
	same want types &&
	jq -se "map(.data.wamid // empty) | unique | length == 3" got
'
check 'the same line again: the same lines, no second call' '
	send -q <in >again && [ "$(wc -l <record)" -eq 3 ] &&
	# A part has a name of the provider only once it was sent.
	for f in got again; do jq -cS "del(.data.wamid)" $f >$f.bare; done &&
	same got.bare again.bare
'
check 'each part has its own ladder' '
	jq -r "select(.type == \"message.accepted\").data.message" got >ids &&
	[ "$(sort -u ids | wc -l)" -eq 3 ] &&
	for i in $(cat ids); do
		[ "$(sql "SELECT status FROM message WHERE id = '\''$i'\''")" = accepted ] || exit
	done
'
check 'what is queued behind a long text comes after its last part' '
	: >record && c=$(wrote 491700000011) &&
	{ text_of long; echo "{\"name\":\"y\",\"kind\":\"text\",\"text\":\"and then\"}"; } |
	    queued $c >in && send -q <in >got &&
	[ "$(jq -r .body.text.body record | tail -n 1)" = "and then" ] &&
	[ "$(wc -l <record)" -eq 4 ]
'
check 'buttons of a long text are in the last part' '
	: >record && c=$(wrote 491700000012) &&
	jq -cn --arg t "$(cat long)" "{name: \"x\", kind: \"interactive\", text: \$t,
	    content: {type: \"button\", action: {buttons: [{type: \"reply\",
	    reply: {id: \"1\", title: \"Yes\"}}]}}}" | queued $c | send -q >got &&
	jq -c .body record >bodies && graph message bodies &&
	jq -r .type bodies | sort | uniq -c | xargs >n && echo 3 text 1 interactive | xargs >want &&
	tail -n 1 bodies | jq -e ".interactive.action.buttons | length == 1" &&
	head -n 1 bodies | jq -e ".type == \"text\""
'
check 'a part that fails: the rest is cancelled, people are asked, the next message goes' '
	: >record && c=$(wrote 491700000013) &&
	n=$(curl -s "$api/sim/state" | jq .calls) && faults "131026:#$((n + 2))" &&
	{ text_of long; echo "{\"name\":\"y\",\"kind\":\"text\",\"text\":\"next\"}"; } |
	    queued $c | send -q >got 2>err; faults none
	jq -r .type got | xargs >types &&
	echo message.queued message.queued message.accepted message.failed conversation.escalated contact.changed message.cancelled message.accepted >want &&
	same want types && jq -se "any(.[]; .data.reason == \"part\")" got
'
check '--retry sends the part that failed and those behind it' '
	: >record && id=$(jq -r "select(.type == \"message.failed\").data.message" got) &&
	wa-send --retry $id --json >retried &&
	jq -e ".type == \"message.retried\" and .data.was == \"failed\"" retried &&
	send -q <retried >got && [ "$(jq -r .body.text.body record | wc -l)" -eq 2 ] &&
	jq -r .type got | xargs >types && echo message.accepted message.accepted >want && same want types
'
for at in before-commit after-commit begin.before-commit begin.after-commit \
    posted worked finish.before-commit finish.after-commit; do
	check "killed at $at, at any part: none twice, none lost, in order" '
		for nth in 1 2 3 4; do
			: >record && c=$(wrote 4917000002$nth) &&
			text_of long | jq -c ".name = \"$at$nth\"" | queued $c |
			    jq -c ".n = \"$at$nth\"" >in &&
			{ FRONTDESK_FAULT=wa-send.$at:$nth send -q <in >got 2>err; :; } &&
			send -q <in >got 2>err &&
			jq -r .body.biz_opaque_callback_data record | sort | uniq -d >twice &&
			[ ! -s twice ] &&
			jq -r "select(.data.part_of or .type != \"message.queued\") | .type" got >types &&
			n=$(grep -c -e message.accepted -e message.held types) &&
			[ "$n" -eq 3 ] || { echo "$at $nth: $n"; cat types; exit 1; }
			jq -r .body.text.body record | cut -d" " -f5 >order &&
			sort -n order >sorted && same sorted order || exit 1
		done
	'
done
check 'a preview of links, where the settings want one and the message does not say' '
	a=$(wrote 491700000077) && printf "[wa]\nlink_preview = on\n" | cat frontdesk.conf - >preview.conf &&
	for text in "see https://example.org/x" "no link" "see http://example.org"; do
		jq -cn --arg c "$a" --arg t "$text" "{type: \"message.queued\", data: {conversation: \$c, kind: \"text\", author: \"ai\", text: \$t}}"
	done >in && jq -c ".data.content = {preview_url: false}" in | head -n 1 >>in &&
	FRONTDESK_CONF=$work/preview.conf frontdesk scratch wa-send -q --dry-run <in |
	    jq -c "select(.type == \"request.previewed\").data.body.text.preview_url" >got &&
	printf "%s\n" true false true false >want && same want got &&
	frontdesk scratch wa-send -q --dry-run <in | jq -c "select(.type == \"request.previewed\").data.body.text.preview_url" | sort -u >got &&
	echo false >want && same want got
'
done_testing
