#!/bin/sh
# wa-recv(1): every kind of message, status and change in the provider's shapes
#
# tests/data/webhooks/NAME.json is a body, NAME.events what it must become in
# an empty store.
. "${0%/*}/lib.sh"
bodies=$top/tests/data/webhooks
FRONTDESK_NOW=2026-09-21T15:00:00Z
export FRONTDESK_NOW
cat >frontdesk.conf <<-'EOT'
	[instance sales]
	phone_number_id = 106000000000001
EOT
desk=$HOME/.local/share/frontdesk/desk.db
sql () { sqlite3 -readonly "$desk" "$1"; }

for file in "$bodies"/*.json; do
	name=${file##*/}
	name=${name%.json}
	check "$name" '
		jq -c . "$file" | wa-recv --stdin --dry-run >got 2>err &&
		same "$bodies/$name.events" got &&
		{ [ ! -s err ] || [ "$name" = bad-timestamp ]; }
	'
done
check 'a time that makes no sense is said, without saying whose' '
	jq -c . "$bodies/bad-timestamp.json" | wa-recv --stdin --dry-run 2>err >got &&
	grep -q "^wa-recv: .*no valid time" err && ! grep -q 16505551234 err
'
check 'a time that has not come yet is that of reception' '
	jq -c ".entry[0].changes[0].value.messages[0].timestamp = \"4102444800\"" "$bodies/text.json" |
	    wa-recv --stdin --dry-run 2>err >got && jq -se "map(select(.type == \"message.received\") |
	    .time == \"2026-09-21T15:00:00.000Z\" and .data.untimed) == [true]" got
'
check 'every kind of message is among them' '
	cat "$bodies"/*.events | jq -r "select(.type | startswith(\"message.\")) |
	    .data.kind // empty" | sort -u >got &&
	tr " " "\n" >want <<-EOT &&
		audio button contacts document edit flow history image interactive location order reaction revoke sticker text unknown unsupported video voice
	EOT
	same want got
'
check 'every type of event is among them' '
	cat "$bodies"/*.events | jq -r .type | sort -u >got &&
	tr " " "\n" >want <<-EOT &&
		account.changed contact.changed contact.opted_out conversation.opened conversation.taken health.alert health.body_unknown health.cleared instance.error message.deleted message.delivered message.echoed message.edited message.failed message.ignored message.imported message.played message.reacted message.read message.received message.revoked message.sent template.changed
	EOT
	same want got
'

# All of them into one store.
frontdesk init --user >/dev/null
cat "$bodies"/*.json | jq -c . >all
check 'all of them in one store, and again: the same lines' '
	wa-recv --stdin <all >first 2>/dev/null &&
	wa-recv --stdin <all >one 2>/dev/null &&
	wa-recv --stdin <all >two 2>/dev/null &&
	[ "$(wc -l <first)" -eq "$(wc -l <one)" ] && same one two
'
check 'no text, name or number of a customer is in the rows of the log' '
	jq -r ".data | .text, .name, .phone, .bsuid, .username, .wamid, .quoted |
	    strings" one | sort -u | awk "length > 3" >personal &&
	[ "$(wc -l <personal)" -gt 80 ] &&
	sql "SELECT id, source, subject, data, extra FROM event" >rows &&
	! grep -F -f personal rows
'
check 'raw bodies are kept, each as often as it came' '
	wa-recv --export >kept && cat all all all >want && same want kept
'
check 'a system message, a group and the past wait for no answer' '
	sql "SELECT DISTINCT owner FROM conversation c JOIN contact_alias a
	    USING (contact) WHERE a.kind = '\''group'\''" >got && echo queue >want && same want got &&
	HOME=$work/past && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	jq -c . "$bodies/history.json" | wa-recv --stdin >got &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	[ "$(sql "SELECT DISTINCT status, waiting_ms IS NULL FROM conversation")" = "resolved|1" ] &&
	jq -c . "$bodies/text.json" | wa-recv --stdin | jq -r .type >got &&
	printf "%s\n" message.received conversation.reopened contact.changed >want && same want got &&
	[ "$(sql "SELECT owner, waiting_ms IS NULL FROM conversation
	    WHERE status = '\''open'\''")" = "ai|0" ]
'
check 'a message that came before does not open what was resolved' '
	HOME=$work/past && desk=$HOME/.local/share/frontdesk/desk.db &&
	conv resolve "$(sql "SELECT id FROM conversation WHERE status = '\''open'\''")" &&
	jq -c . "$bodies/text.json" | wa-recv --stdin >got &&
	[ -z "$(sql "SELECT 1 FROM conversation WHERE status = '\''open'\''")" ]
'
check 'a new number and a new id belong to the same contact' '
	HOME=$work/moved && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	cat "$bodies/text.json" "$bodies/system-number.json" "$bodies/system-user-id.json" \
	    "$bodies/user-id-update.json" | jq -c . | wa-recv --stdin >got &&
	[ "$(sql "SELECT count(*) FROM contact")" -eq 1 ] &&
	[ "$(sql "SELECT count(*) FROM contact_alias")" -eq 4 ] &&
	[ "$(jq -r "select(.type == \"contact.changed\").data.phone" got | tail -n 1)" = 16505559999 ] &&
	[ "$(sql "SELECT group_concat(kind) FROM (SELECT kind FROM message ORDER BY id)")" = text,system,system ] &&
	[ "$(sql "SELECT last_in_ms FROM conversation")" -eq 1790000001000 ]
'
check 'a username that passed to another person does not make one of two' '
	HOME=$work/username && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	jq -c ".entry[0].changes[0].value.messages[0] |= (.id = \"wamid.X1\" |
	    .from_user_id = \"US.30000000000000000003\" | .timestamp = \"1790009999\") |
	    .entry[0].changes[0].value.contacts[0].user_id = \"US.30000000000000000003\" |
	    del(.entry[0].changes[0].value.messages[0].from_parent_user_id,
	        .entry[0].changes[0].value.contacts[0].parent_user_id)" \
	    "$bodies/bsuid-only.json" >other &&
	{ jq -c . "$bodies/bsuid-only.json"; cat other; } | wa-recv --stdin >got &&
	[ "$(sql "SELECT count(*) FROM contact")" -eq 2 ] &&
	[ "$(sql "SELECT a.value FROM held_alias a JOIN held_alias u USING (contact)
	    WHERE u.kind = '\''username'\'' AND a.kind = '\''bsuid'\''")" = US.30000000000000000003 ]
'
check 'the media of the past are put where the past told of them' '
	HOME=$work/media && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	jq -c "(.. | .id? | select(. == \"wamid.HBgLPAST03\")) = \"wamid.HBgLPAST05\"" \
	    "$bodies/history.json" >told &&
	wa-recv --stdin <told >/dev/null &&
	jq -c . "$bodies/history-media-ours.json" | wa-recv --stdin >got &&
	jq -c "[.type, .data.was, .data.phone, .data.content.image.id]" got >line &&
	echo "[\"message.imported\",\"image\",\"16505552345\",\"100000000000005\"]" >want &&
	same want line && [ "$(sql "SELECT count(*) FROM message")" -eq 3 ] &&
	jq -c . "$bodies/history-media-ours.json" | wa-recv --stdin >again && same got again &&
	wa-recv --stdin <told >again && [ "$(sql "SELECT json_extract(content, '\''$.image.id'\'')
	    FROM message WHERE wamid = '\''wamid.HBgLPAST05'\''")" = 100000000000005 ]
'
check 'the media of the past before it was told of: one message all the same' '
	HOME=$work/media2 && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	jq -c "(.. | .id? | select(. == \"wamid.HBgLPAST03\")) = \"wamid.HBgLPAST04\" |
	    (.. | .id? | select(. == \"16505552345\")) = \"16505551234\"" \
	    "$bodies/history.json" >told &&
	jq -c . "$bodies/history-media.json" | wa-recv --stdin >got &&
	wa-recv --stdin <told >/dev/null &&
	[ "$(sql "SELECT count(*) FROM message WHERE wamid = '\''wamid.HBgLPAST04'\''")" -eq 1 ] &&
	[ "$(sql "SELECT text FROM message WHERE wamid = '\''wamid.HBgLPAST04'\''")" = "The broken one" ]
'
check 'what is ignored leaves facts and its raw body, and nothing else' '
	HOME=$work/ignored && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	cat "$bodies/status-post.json" "$bodies/channel-post.json" | jq -c . >in &&
	wa-recv --stdin <in >got && [ "$(jq -r .type got | sort -u)" = message.ignored ] &&
	[ "$(sql "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM message) +
	    (SELECT count(*) FROM conversation)")" -eq 0 ] &&
	wa-recv --export >kept && same in kept &&
	sql "SELECT data FROM event" >rows && ! grep -e "News" -e "Ada" rows
'
check 'settings: groups are left out, status posts are not' '
	HOME=$work/ignored2 && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	cp frontdesk.conf was.conf && echo "ignore = groups" >>frontdesk.conf &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	cat "$bodies/status-post.json" "$bodies/group.json" | jq -c . | wa-recv --stdin |
	    jq -r "[.type, .data.owner] | join(\" \")" >got &&
	mv was.conf frontdesk.conf && printf "%s\n" "message.received " \
	    "conversation.opened queue" "message.ignored " >want && same want got
'
check 'a number that is known by its display form names the instance' '
	HOME=$work/number && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	cp frontdesk.conf was.conf && echo "phone = +1 (555) 078-3881" >>frontdesk.conf &&
	jq -c . "$bodies/phone-flagged.json" | wa-recv --stdin >got && mv was.conf frontdesk.conf &&
	[ "$(jq -r .data.instance got | sort -u)" = sales ]
'

# Statuses of a message of ours.
HOME=$work/status
mkdir "$HOME" && frontdesk init --user >/dev/null
desk=$HOME/.local/share/frontdesk/desk.db
tell () {	# NAME [TRACKER]: the status NAME of one of ours
	jq -c --arg id "${2-}" '.entry[0].changes[0].value.statuses[0] |=
	    if $id == "" then . else .biz_opaque_callback_data = $id end' \
	    "$bodies/status-$1.json" | wa-recv --stdin
}
ours () { sql "SELECT status, wamid FROM message WHERE id = '$id'"; }
jq -c . "$bodies/text.json" | wa-recv --stdin >/dev/null
conv reply "$(sql 'SELECT id FROM conversation')" 'It comes today.' >/dev/null
id=$(sql "SELECT id FROM message WHERE direction = 'out'")
check 'a status of a wamid nobody knows is parked' '
	tell delivered >got && [ "$(jq -c .data.message got)" = null ] &&
	[ "$(sql "SELECT status, message IS NULL FROM message_status")" = "delivered|1" ] &&
	[ "$(ours)" = "queued|" ]
'
check 'our own id in a status names its message, with what was parked' '
	tell sent "$id" >got && jq -r "[.type, .data.message, .data.phone] | join(\" \")" got >told &&
	printf "%s\n" "message.sent $id 16505551234" "message.delivered $id 16505551234" >want &&
	same want told && jq -se ".[1].causeid == .[0].id" got &&
	[ "$(ours)" = "delivered|wamid.HBgLOURS01" ] &&
	[ "$(sql "SELECT count(*) FROM message_status WHERE message = '\''$id'\''")" -eq 2 ]
'
check 'the ladder is never climbed down' '
	tell read >/dev/null && [ "$(ours)" = "read|wamid.HBgLOURS01" ] &&
	tell failed >/dev/null && [ "$(ours)" = "read|wamid.HBgLOURS01" ] &&
	tell sent "$id" >/dev/null && [ "$(ours)" = "read|wamid.HBgLOURS01" ] &&
	tell played >/dev/null && [ "$(ours)" = "played|wamid.HBgLOURS01" ]
'
check 'what failed says why' '
	sql "SELECT data FROM message_status WHERE status = '\''failed'\''" |
	    jq -e ".errors[0].code == 131047" &&
	tell failed >got && jq -e ".data.errors[0].code == 131047" got
'
check 'a message whose fate was unknown is settled by a status' '
	conv reply "$(sql "SELECT id FROM conversation")" "And again." >/dev/null &&
	id=$(sql "SELECT id FROM message WHERE direction = '\''out'\'' AND wamid IS NULL") &&
	sqlite3 "$desk" "UPDATE message SET status = '\''held'\'' WHERE id = '\''$id'\''" &&
	jq -c --arg id "$id" ".entry[0].changes[0].value.statuses[0] |=
	    (.id = \"wamid.HBgLOURS99\" | .biz_opaque_callback_data = \$id)" \
	    "$bodies/status-sent.json" | wa-recv --stdin >/dev/null &&
	[ "$(ours)" = "sent|wamid.HBgLOURS99" ]
'
check 'another instance cannot name our messages' '
	conv reply "$(sql "SELECT id FROM conversation")" "Third." >/dev/null &&
	id=$(sql "SELECT id FROM message WHERE direction = '\''out'\'' AND wamid IS NULL") &&
	jq -c --arg id "$id" ".entry[0].changes[0].value |=
	    (.metadata.phone_number_id = \"106000000000009\" | .statuses[0] |=
	    (.id = \"wamid.HBgLOURS77\" | .biz_opaque_callback_data = \$id))" \
	    "$bodies/status-sent.json" | wa-recv --stdin >got &&
	[ "$(jq -c .data.message got)" = null ] && [ "$(ours)" = "queued|" ]
'
check 'the customer id in a status is learned' '
	[ "$(sql "SELECT value FROM contact_alias WHERE kind = '\''bsuid'\''")" = "" ] &&
	jq -c ".entry[0].changes[0].value.statuses[0].id = \"wamid.HBgLOURS99\"" \
	    "$bodies/status-delivered.json" | wa-recv --stdin >/dev/null &&
	[ "$(sql "SELECT value FROM contact_alias WHERE kind = '\''bsuid'\''")" = US.20000000000000000001 ]
'

# from FROM [USER_ID]: a customer of that id writes
from () {
	n=$((${n:-0} + 1))
	jq -c --arg from "$1" --arg user "${2:-}" --arg n "$n" ".entry[0].changes[0].value |=
	    (.contacts = [{wa_id: \$from, profile: {name: \"Ada\"}}] |
	    .messages[0] |= (.from = \$from | .id = \"wamid.FROM\" + \$n |
	    if \$user != \"\" then .from_user_id = \$user else . end))" "$bodies/text.json"
}
aliases () { sql "SELECT kind || '|' || value FROM contact_alias ORDER BY 1" >got; }
check 'a number is its digits, however it is written' '
	HOME=$work/plus && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	for f in "+16505551234" "+1 650 555 1234" " 16505551234 " "+1 (650) 555-1234" 16505551234; do
		from "$f"; n=$((n + 1)); done >in && wa-recv --stdin <in >got 2>err && same /dev/null err &&
	[ "$(sql "SELECT count(*) FROM message")" -eq 5 ] && aliases && echo "phone|16505551234" >want && same want got
'
check 'a user id has at most 128 letters and digits' '
	HOME=$work/long && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db && most=US.$(printf "%0128d" 1) &&
	{ from "$most"; n=$((n + 1)); from "${most}2"; n=$((n + 1)); from "US.ENT.1"; } >in &&
	wa-recv --stdin <in >got 2>err && aliases &&
	printf "%s\n" "bsuid|$most" "other|${most}2" "parent_bsuid|US.ENT.1" >want && same want got
'
check 'an id of no known shape: kept, said, shown, and nobody is written to by it' '
	HOME=$work/odd && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	{ from "ada@elsewhere"; n=$((n + 1)); from "ada@elsewhere"; } >in && wa-recv --stdin <in >got 2>err &&
	[ "$(sql "SELECT count(*), count(DISTINCT contact) FROM message")" = "2|1" ] &&
	aliases && echo "other|ada@elsewhere" >want && same want got &&
	echo "wa-recv: message.received of instance sales: the customer'\''s id is neither a phone number nor a user id: it cannot be answered" >want &&
	uniq err >got && same want got && ! grep elsewhere err &&
	c=$(conv list --ids) && conv show "$c" | grep "contact  *Ada, unknown id ada@elsewhere" &&
	conv list --json | jq -e ".address == null" && status 65 conv reply "$c" "hello" 2>err &&
	grep -qx "conv: this customer cannot be answered: neither a phone number nor a user id is known of them" err
'
check 'beside a good name an odd id tells nothing' '
	HOME=$work/both && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	{ from hidden US.1; n=$((n + 1)); from hidden US.2; } >in && wa-recv --stdin <in >got 2>err && same /dev/null err &&
	aliases && printf "%s\n" "bsuid|US.1" "bsuid|US.2" >want && same want got &&
	[ "$(sql "SELECT count(*) FROM contact")" -eq 2 ]
'
check 'a time that makes no sense is told of the instance by its name' '
	jq -c . "$bodies/bad-timestamp.json" | wa-recv --stdin --dry-run 2>err >got &&
	grep -qx "wa-recv: message.received of instance sales: no valid time, that of reception is taken" err
'
check 'whatever a body holds, the lines of its events end within 64 KiB' '
	HOME=$work/wide && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	desk=$HOME/.local/share/frontdesk/desk.db &&
	jq -c ".entry[0].changes[0].value |= (.contacts[0].profile.name = \"ä\" * 35000 |
	    .messages[0].errors = [range(3000) | {code: ., title: (\"t\" * 400)}] |
	    .messages[0].context = {id: (\"w\" * 70000)} | .messages[0].text.body = \"\\u0001\" * 30000)" \
	    "$bodies/text.json" >bodies.wide &&
	jq -c ".entry[0].changes[0] |= (.field = \"unheard_of\" |
	    .value = ([range(9000) | {key: \"key\\(.)\", value: 1}] | from_entries))" "$bodies/text.json" >>bodies.wide &&
	wa-recv --stdin <bodies.wide >got 2>err && same /dev/null err && [ "$(wc -l <got)" -eq 3 ] &&
	[ "$(awk "length > 65536" got | wc -l)" -eq 0 ] &&
	jq -se ".[0].data | .truncated and (.name | length) == 256 and (.errors | length) == 16 and .quoted == null" got &&
	jq -se ".[2].data.keys | length == 16" got &&
	desk-events >again && [ "$(awk "length > 65536" again | wc -l)" -eq 0 ] && grep -q message.received again &&
	route --dry-run -q <again >routed 2>err && ! grep stdin: err &&
	conv show "$(conv list --ids)" --json >all.shown &&
	jq -se "map(select(.type == \"message.received\"))[0].data.text | length == 30000" all.shown &&
	wa-recv --export >kept && same bodies.wide kept &&
	sqlite3 "$desk" "UPDATE contact SET name = printf('\''%.*c'\'', 70000, '\''x'\'')" && desk-events >again &&
	[ "$(awk "length > 65536" again | wc -l)" -eq 0 ]
'
done_testing
