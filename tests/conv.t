#!/bin/sh
# conv(1): what agents see and do
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:00Z
export XDG_DATA_HOME FRONTDESK_NOW
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
desk-user add anna --full-name 'Anna Weiß'
desk-user add vera --role viewer
# shellcheck disable=SC2317 # the checks do
sql () { sqlite3 "$db" "$1"; }
ids () { conv list --ids "$@"; }

check 'list: who waits comes first, the urgent before the longest' '
	conv list >got && cat >want <<-E && same want got
	ID        WAITS  LAST    STATE  PRIO    INSTANCE  CONTACT           TEXT
	bbb33333  60 s   60 s    queue  urgent  help      Evil\\x1b[31m na…  look \\x1b[2J second line
	aaa11111  5 min  5 min   queue  medium  sales     Mara Weiss        ! one moment
	aaa22222  -      59 min  ai     low     sales     491702222222      > No, Monday to Friday.
	E
'
check 'list: every filter' '
	[ "$(ids --owner ai)" = aaa22222 ] &&
	[ "$(ids --instance help)" = bbb33333 ] &&
	[ "$(ids --priority low,urgent | sort | xargs)" = "aaa22222 bbb33333" ] &&
	[ "$(ids --status resolved)" = ccc44444 ] &&
	[ "$(ids --status all | wc -l)" -eq 4 ] &&
	[ "$(ids --status all --assignee me)" = ccc44444 ] &&
	[ "$(ids --tag billing | sort | xargs)" = "aaa11111 aaa22222" ] &&
	[ "$(ids --tag billing --tag vip --tag vip)" = aaa11111 ] &&
	[ "$(ids --waiting | xargs)" = "bbb33333 aaa11111" ] &&
	[ "$(ids -n 1)" = bbb33333 ] &&
	[ -z "$(ids --tag nothing)" ] &&
	status 64 conv list --json --plain 2>err && grep -q "do not go together" err &&
	status 64 conv list --status opened && status 64 conv list --owner me &&
	[ -z "$(ids --assignee anna)" ]
'
check 'list: more filters: several instances, team, language, contact, how long they wait' '
	[ "$(ids --instance help,sales | wc -l)" -eq 3 ] &&
	status 66 conv list --instance help,nope 2>err && grep -q nope err &&
	[ "$(ids --language de)" = aaa11111 ] && [ "$(ids --language de,en | sort | xargs)" = "aaa11111 aaa22222" ] &&
	sql "UPDATE conversation SET language = \"de-AT\", team = \"returns\" WHERE id = \"aaa11111\"" &&
	[ "$(ids --language de)" = aaa11111 ] && [ "$(ids --team returns,other)" = aaa11111 ] &&
	[ -z "$(ids --language d)" ] && [ -z "$(ids --team return)" ] &&
	sql "UPDATE conversation SET language = \"de\", team = NULL WHERE id = \"aaa11111\"" &&
	[ "$(ids --waiting-over 60s | xargs)" = "bbb33333 aaa11111" ] &&
	[ "$(ids --waiting-over 61s | xargs)" = aaa11111 ] && [ -z "$(ids --waiting-over 1h)" ] &&
	for who in c0000001 491701111111 "+49 170 111-1111" "mara weiss" aaa11 ccc44444; do
		ids --status all --contact "$who"
	done | xargs >got && echo aaa11111 aaa11111 aaa11111 aaa11111 aaa11111 ccc44444 >want && same want got &&
	status 66 conv list --contact nobody 2>err && grep -q "no contact or conversation nobody" err
'
check 'list: sorted as asked, and the other way round' '
	[ "$(ids --status all --sort last | xargs)" = "bbb33333 aaa11111 aaa22222 ccc44444" ] &&
	[ "$(ids --status all --sort opened | xargs)" = "bbb33333 aaa11111 aaa22222 ccc44444" ] &&
	[ "$(ids --status all --sort -last | xargs)" = "ccc44444 aaa22222 aaa11111 bbb33333" ] &&
	[ "$(ids --status all --sort priority | xargs)" = "bbb33333 aaa11111 ccc44444 aaa22222" ] &&
	[ "$(ids --sort -wait -n 1)" = aaa22222 ] &&
	status 64 conv list --sort age 2>err && grep -q "wait, last, opened, priority or due" err
'
check 'list: an instance or a person that is not there is no empty list' '
	status 66 conv list --instance nope 2>err && grep -q nope err &&
	status 66 conv list --assignee zoe 2>err && grep -q zoe err
'
check 'list: plain and JSON have everything' '
	conv list --plain --owner ai >got && printf "%s\t" aaa22222 open ai "" "" \
		low sales c0000002 "" 491702222222 billing "" >want &&
	printf "2026-11-23T11:01:00.000Z\tNo, Monday to Friday.\t\n" >>want &&
	same want got &&
	conv list --json --owner ai >got && cat >want <<-E && same want got
	{"conversation":"aaa22222","status":"open","owner":"ai","assignee":null,"team":null,"priority":"low","instance":"sales","contact":"c0000002","name":null,"phone":"491702222222","username":null,"address":"phone:491702222222","language":"en","tags":["billing"],"opened":"2026-11-23T11:00:00.000Z","last":"2026-11-23T11:01:00.000Z","waiting_since":null,"sla":null,"due_for":null,"due":null,"text":"No, Monday to Friday.","text_status":"delivered","text_edited":false,"text_deleted":false,"unread":false,"writing":[]}
	E
'
check 'show: the transcript with ticks, edits, reactions, sources, reasons' '
	conv show aaa11 >got && cat >want <<-E && same want got
	conversation aaa11111  open
	  contact    Mara Weiss, 491701111111
	  instance   sales
	  owner      queue, priority medium
	  tags       billing,vip
	  language   de
	  opened     2026-11-23 11:50 UTC
	  waiting    5 min
	  window     open for 23 h more

	Mon 23 Nov 2026
	11:50  Mara Weiss      Where is my parcel?
	11:50                - opened
	11:51  ai              Parcels take three days.
	                       👎 (Mara Weiss)
	                       from Shipping: How long
	                       ✓✓ read
	11:52  Mara Weiss      a human please
	                       edited; before: a hmuan please
	                       to: Parcels take three days.
	11:52                - rule handed it to people: asked for a person
	11:55  Mara Weiss      [image]
	11:56  anna            one moment
	                       ✗ failed: Re-engagement message (131047)
	E
'
check 'show -n: what is about a message is not counted as one' '
	conv show aaa11 -n 3 >got && grep -q "a human please" got && grep -q "edited; before" got &&
	! grep -q "11:51" got && grep -q "reacted" got && conv show aaa11 -n 2 >got &&
	grep -q "11:55.*image" got && grep -q "one moment" got && ! grep -q "reacted" got
'
check 'show -n: JSON begins with the message that text begins with' '
	frontdesk init last >/dev/null && for i in 1 2 3 4 5; do echo "{\"from\":\"4917\",\"text\":\"m$i\"}"; done | wa-sim --bodies | wa-recv -S last --stdin >/dev/null &&
	c=$(conv list -S last --ids) && conv show -S last --json "$c" >all && conv show -S last --json -n 2 "$c" >got && tail -n "$(wc -l <got)" all | same - got &&
	head -n 1 got | jq -e ".data.text == \"m4\"" && conv show -S last --json -n 9 "$c" | same all - && conv history -S last --json -n 2 "$c" | same got -
'
check 'show: times are local ones' '
	TZ=Asia/Kolkata conv show aaa11 | grep -q "^17:20  Mara Weiss      Where"
'
check 'times are of the zone of who asks; TZ is more, and JSON stays in UTC' '
	conv show aaa11 --json >before && (
		unset TZ
		desk-user set me --zone Asia/Kolkata &&
		conv show aaa11 >got && grep -q "^17:20  Mara Weiss      Where" got &&
		grep -q "IST" got && TZ=America/Bogota conv show aaa11 | grep -q "^06:50  Mara Weiss      Where" &&
		TZ= conv show aaa11 | grep -q "^11:50  Mara Weiss      Where" &&
		conv show aaa11 --json >got && same before got &&
		conv snooze aaa22 18:00 --json | jq -r .data.until >got && conv reopen aaa22 &&
		echo 2026-11-23T12:30:00.000Z >want && same want got &&
		desk-user set me --zone "" && TZ=UTC conv show aaa11 >want && conv show aaa11 >got &&
		TZ=:/etc/localtime conv show aaa11 >want && same want got
	)
'
check 'show: what a customer writes is shown, not obeyed' '
	conv show bbb >got && ! grep -q "$(printf "\033")" got &&
	grep -qF "look \\x1b[2J" got && grep -q "^                       second line" got
'
check 'ends of lines that only Unicode knows are ends of lines' '
	sql "UPDATE message SET text = replace(text, char(10), char(8232)) WHERE text LIKE '\''look %'\''" &&
	conv show bbb >got; conv list >listed; conv export --text bbb >text
	sql "UPDATE message SET text = replace(text, char(8232), char(10)) WHERE text LIKE '\''look %'\''"
	grep -q "^                       second line" got && grep -qF "look \x1b[2J second line" listed &&
	! cat got listed text | grep -q "$(printf "\342\200\250")"
'
check 'show: JSON is the events of the conversation, joined' '
	conv show aaa11 --json >got && [ "$(wc -l <got)" -eq 4 ] &&
	[ "$(head -n 1 got | jq -r .data.text)" = "Where is my parcel?" ] &&
	[ "$(jq -r .type got | tail -n 1)" = message.failed ]
'
check 'show: a text too long for a line comes whole in JSON' '
	sql "UPDATE message SET text = printf(\"%.*c\", 30000, \"x\")
		WHERE id = \"01M85000000000000000000001\"" &&
	desk-events --type message.received >cut &&
	jq -e "(.data.text | length) == 16384 and .data.truncated" cut &&
	conv show aaa11 --json | head -n 1 >whole &&
	jq -e "(.data.text | length) == 30000 and (.data | has(\"truncated\") | not)" whole
'
check 'an id may be cut short to three characters, if it is just one' '
	conv show bbb >/dev/null &&
	status 66 conv show bb && status 66 conv show zzz &&
	status 64 conv show aaa 2>err && grep -q "several conversations" err &&
	conv show conversation/bbb33333 >/dev/null
'
check 'reply: queues under the person, who has it from now on' '
	conv reply aaa11 "It leaves tomorrow." --json >got &&
	jq -r .type got >types &&
	printf "conversation.taken\nmessage.queued\n" >want && same want types &&
	jq -c "select(.type == \"message.queued\").data |
		[.author, .kind, .text, .instance, .owner_rev]" got >line &&
	echo "[\"user:me\",\"text\",\"It leaves tomorrow.\",\"sales\",3]" >want &&
	same want line &&
	[ "$(ids --assignee me)" = aaa11111 ] &&
	! ids --waiting | grep -q aaa11111
'
check 'reply: the text may come from stdin' '
	printf "two\nlines\n\n" | conv reply aaa11 &&
	[ "$(sql "SELECT text FROM message ORDER BY stored_ms DESC, id DESC" |
		grep -c -e "^two$" -e "^lines$")" -eq 2 ]
'
check 'reply: a shut window is said and nothing is queued' '
	sql "SELECT count(*) FROM event" >before &&
	status 1 conv reply ccc "hello" 2>err &&
	grep -q "24-hour window has been shut for 26 h" err &&
	sql "SELECT count(*) FROM event" >after && same before after &&
	[ "$(ids --status resolved)" = ccc44444 ]
'
check 'the window is that of the settings, as for wa-send' '
	conv show bbb | grep "^  window  *open for 23 h" && printf "[wa]\nwindow = 40s\n" >>frontdesk.conf &&
	conv show bbb | grep -x "  window     shut: 40 s have passed since the customer.s last message" &&
	status 1 conv reply bbb hello 2>err && grep "the window of 40 s has been shut for 20 s" err &&
	sed -i "s/40s/2h/" frontdesk.conf && conv show bbb | grep "^  window  *open for 119 min" &&
	sed -i "s/2h/never/" frontdesk.conf && conv show bbb 2>err | grep "^  window  *open for 23 h" && grep never err &&
	: >frontdesk.conf
'
check 'reply: empty, too long and not UTF-8 texts are refused' '
	status 65 conv reply aaa11 "" && status 65 conv reply aaa11 </dev/null &&
	head -c 65537 /dev/zero | tr "\0" x >long &&
	status 65 conv reply aaa11 <long 2>err && grep -q "65536 bytes" err &&
	printf "\377\n" >bad && status 65 conv reply aaa11 <bad &&
	printf "a\0b" >bad && status 65 conv reply aaa11 <bad
'
check 'reply, note: no control characters; lines may end in CR LF' '
	for c in "\007" "\033" "\177" "\302\233"; do
		status 65 conv reply aaa11 "$(printf "a${c}b")" 2>err && grep -q "control characters" err &&
		status 65 conv note aaa11 "$(printf "a${c}b")" || exit 1
	done; printf "one\r\ntwo\tthree\r\n" | conv note aaa11 --json | grep -F "\"one\\ntwo\\tthree\""
'
check 'note: is kept, shown, and no message to the customer' '
	conv note aaa11 "called her" --json >got &&
	jq -e ".type == \"conversation.noted\" and .data.text == \"called her\"
		and .data.actor == \"user:me\"" got &&
	conv show aaa11 | grep -q "12:00  note me         called her" &&
	[ "$(sql "SELECT count(*) FROM event WHERE type = \"conversation.noted\"
		AND data LIKE \"%called%\"")" -eq 0 ]
'
check 'take, release, assign: who may write' '
	conv take bbb && [ "$(ids --assignee me --instance help)" = bbb33333 ] &&
	conv release bbb && [ "$(ids --owner queue)" = bbb33333 ] &&
	conv release --to-ai bbb && [ "$(ids --owner ai --instance help)" = bbb33333 ] &&
	conv assign bbb anna && [ "$(ids --assignee anna)" = bbb33333 ] &&
	status 66 conv assign bbb --team returns 2>err && grep -q "no team is named .returns" err && [ "$(ids --assignee anna)" = bbb33333 ] &&
	desk-team add returns anna && conv assign bbb --team returns &&
	conv list --instance help | grep -q "queue:returns" &&
	conv assign bbb anna && [ "$(ids --team returns --assignee anna)" = bbb33333 ] && conv release bbb && [ "$(ids --team returns --owner queue)" = bbb33333 ] &&
	conv assign bbb me && [ "$(ids --assignee me --instance help)" = bbb33333 ] &&
	status 66 conv assign bbb nobody1 && status 65 conv assign bbb vera &&
	status 64 conv assign bbb && status 64 conv assign bbb anna --team x
'
check 'each change raises owner_rev, so that what the AI drafted is cancelled' '
	was=$(sql "SELECT owner_rev FROM conversation WHERE id = \"aaa22222\"") &&
	conv take aaa22 && conv release --to-ai aaa22 &&
	now=$(sql "SELECT owner_rev FROM conversation WHERE id = \"aaa22222\"") &&
	[ "$now" -eq $((was + 2)) ]
'
check 'tag, untag, priority: once each, and only if something changes' '
	conv tag aaa22 late --json >got && [ "$(wc -l <got)" -eq 1 ] &&
	conv tag aaa22 late --json >got && [ ! -s got ] &&
	[ "$(ids --tag late)" = aaa22222 ] && conv untag aaa22 late &&
	[ -z "$(ids --tag late)" ] &&
	conv priority aaa22 urgent && [ "$(ids --priority urgent --owner ai)" = aaa22222 ] &&
	status 64 conv priority aaa22 urgentest && status 64 conv tag aaa22 "a,b" &&
	status 64 conv tag aaa22 "" && status 64 conv tag aaa22 " x " 2>err && grep -q "no blanks at its ends" err
'
check 'escalate: to the queue, with the reason' '
	conv escalate aaa22 "wants the boss, now" &&
	[ "$(ids --owner queue)" = aaa22222 ] &&
	conv show aaa22 | grep -q "me handed it to people: wants the boss, now"
'
check 'resolve takes several; one that is not there is named' '
	status 66 conv resolve aaa22 zzz99 bbb 2>err && grep -q zzz99 err &&
	[ "$(ids --status resolved | sort | xargs)" = "aaa22222 bbb33333 ccc44444" ]
'
check 'taking what was resolved opens it again' '
	conv take aaa22 --json | jq -r .type >got &&
	printf "conversation.reopened\nconversation.taken\n" >want && same want got &&
	ids --assignee me | grep -qx aaa22222
'
check 'archive: resolved first, out of the lists, and opened by taking it' '
	conv archive aaa22 --json | jq -r .type >got &&
	printf "conversation.resolved\nconversation.archived\n" >want &&
	same want got && [ "$(ids --status archived)" = aaa22222 ] &&
	conv archive aaa22 --json >got && [ ! -s got ] &&
	conv take aaa22 && ids --assignee me | grep -qx aaa22222
'
check 'each deed is in the audit with its actor' '
	sql "SELECT DISTINCT actor FROM audit WHERE action LIKE \"conversation.%\"" >got &&
	echo user:me >want && same want got &&
	[ "$(sql "SELECT count(*) FROM audit WHERE action = \"conversation.reply\"")" -eq 2 ]
'
check 'unread: until the person has shown or answered it, each for themselves' '
	frontdesk init unread >/dev/null && export FRONTDESK_STORE=$work/unread &&
	says () { echo "{\"from\":\"49170$1\",\"name\":\"N$1\",\"text\":\"$2\"}"; } &&
	{ says 1 one; says 2 two; } | wa-sim --bodies | wa-recv --stdin >/dev/null &&
	one=$(ids --contact 491701) && two=$(ids --contact 491702) &&
	[ "$(ids --unread | wc -l)" -eq 2 ] && conv show "$one" >/dev/null &&
	[ "$(ids --unread)" = "$two" ] && conv list --json | jq -r "select(.unread).conversation" >got &&
	echo "$two" >want && same want got && conv note "$two" "a note is no look" &&
	[ "$(ids --unread)" = "$two" ] && conv reply "$two" hello && [ -z "$(ids --unread)" ] &&
	says 1 "of the same second" | wa-sim --bodies | wa-recv --stdin >/dev/null &&
	[ "$(ids --unread)" = "$one" ] && conv show --json "$one" >/dev/null && [ -z "$(ids --unread)" ] &&
	sqlite3 unread/desk.db "UPDATE seen SET person = \"anna\"" && [ "$(ids --unread | wc -l)" -eq 2 ]
'
unset FRONTDESK_STORE
check 'a full disk is an error' '
	status 74 conv list >/dev/full && status 74 conv show aaa11 >/dev/full
'
check 'a store in use elsewhere is waited for, then 75' '
	FRONTDESK_LOCK_WAIT=200ms flock "$db-lock-b" conv take bbb; got=$?
	[ "$got" -eq 75 ]
'
check 'show: messages of one second stand in the order they came in' '
	id=$(for i in 1 2 3 4 5 6 7 8; do
		echo "{\"from\":\"491709\",\"name\":\"Ana\",\"text\":\"line $i\"}"
	done | wa-sim --bodies | wa-recv --stdin |
		jq -r "select(.type == \"message.received\").data.conversation" |
		sort -u) &&
	conv show "$id" | sed -n "s/.*Ana  *line //p" | xargs >got &&
	echo 1 2 3 4 5 6 7 8 >want && same want got
'
body () {	# WAMID TEXT, of noon to the second
	printf "%s" "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":\"messages\",\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"1\",\"phone_number_id\":\"2\"},\"contacts\":[{\"profile\":{\"name\":\"Ana\"},\"wa_id\":\"4915\"}],\"messages\":[{\"from\":\"4915\",\"id\":\"$1\",\"timestamp\":\"1795435200\",\"type\":\"text\",\"text\":{\"body\":\"$2\"}}]}}]}]}"
	echo
}
check 'show: inside a second of the provider the order of arrival' '
	frontdesk init order >/dev/null && export FRONTDESK_STORE=$work/order &&
	body wamid.a one | FRONTDESK_NOW=2026-11-23T12:00:00.200Z wa-recv --stdin >/dev/null &&
	FRONTDESK_NOW=2026-11-23T12:00:00.500Z conv resolve "$(conv list --ids)" &&
	body wamid.b two | FRONTDESK_NOW=2026-11-23T12:00:00.700Z wa-recv --stdin >/dev/null &&
	conv show "$(conv list --ids)" | sed -n "s/^12:00  *//p" | sed "s/^Ana  */Ana /" >got &&
	printf "%s\n" "Ana one" "- opened" "- me resolved it" "Ana two" \
		"- customer reopened it" >want && same want got
'
check 'inside that second last is the one that came last, in replies and in export' '
	frontdesk init burst >/dev/null && export FRONTDESK_STORE=$work/burst &&
	for i in 1 2 3 4 5 6 7 8 9; do echo "{\"from\":\"491512345\",\"text\":\"m$i\"}"; done | wa-sim --bodies | wa-recv --stdin >/dev/null && id=$(conv list --ids) &&
	conv reply "$id" --reply-to=last this && conv show "$id" | grep -q "to: m9" && conv reply "$id" --reaction 👍 &&
	wamid=$(sqlite3 burst/desk.db "SELECT wamid FROM message WHERE text = \"m9\"") && [ "$(sqlite3 burst/desk.db "SELECT count(*) FROM message WHERE direction = \"out\" AND quoted = \"$wamid\"")" = 2 ] &&
	conv export "$id" | jq -r "select(.record == \"message\" and .direction == \"in\").text" | xargs >got && echo m1 m2 m3 m4 m5 m6 m7 m8 m9 >want && same want got
'
check 'waiting: what came in after the answer waits, whatever its second' '
	longer () { body "$@" | sed s/4915/491512345/g; }; frontdesk init late >/dev/null && export FRONTDESK_STORE=$work/late &&
	longer wamid.a one | FRONTDESK_NOW=2026-11-23T12:00:01.000Z wa-recv --stdin >/dev/null && id=$(conv list --ids) &&
	since () { conv list --json --status all | jq -r .waiting_since; } && [ "$(since)" = 2026-11-23T12:00:00.000Z ] &&
	FRONTDESK_NOW=2026-11-23T12:00:02.000Z conv reply "$id" "here you are" && [ "$(since)" = null ] &&
	longer wamid.b "one more thing" | FRONTDESK_NOW=2026-11-23T12:00:02.900Z wa-recv --stdin >/dev/null && [ "$(since)" = 2026-11-23T12:00:02.001Z ] &&
	[ "$(conv list --waiting --ids)" = "$id" ] && conv list | grep -q "one more thing" &&
	longer wamid.b "one more thing" | FRONTDESK_NOW=2026-11-23T12:00:03.000Z wa-recv --stdin >/dev/null && [ "$(since)" = 2026-11-23T12:00:02.001Z ] &&
	FRONTDESK_NOW=2026-11-23T12:00:04.000Z conv reply "$id" "that, too" && [ "$(since)" = null ] &&
	FRONTDESK_NOW=2026-11-23T12:00:05.000Z conv resolve "$id" &&
	longer wamid.c "still broken" | FRONTDESK_NOW=2026-11-23T12:00:05.800Z wa-recv --stdin >/dev/null && [ "$(since)" = 2026-11-23T12:00:04.001Z ]
'
check 'waiting: who answers by the phone has read what is older there' '
	frontdesk init phone >/dev/null && export FRONTDESK_STORE=$work/phone &&
	body wamid.a one | sed "s/1795435200/1795435100/" | FRONTDESK_NOW=2026-11-23T12:00:01.000Z wa-recv --stdin >/dev/null &&
	printf "%s\n" "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":\"smb_message_echoes\",\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"1\",\"phone_number_id\":\"2\"},\"message_echoes\":[{\"from\":\"1\",\"to\":\"4915\",\"id\":\"wamid.e\",\"timestamp\":\"1795435201\",\"type\":\"text\",\"text\":{\"body\":\"Both are there\"}}]}}]}]}" |
		FRONTDESK_NOW=2026-11-23T12:00:03.000Z wa-recv --stdin >/dev/null && conv list --json | jq -e ".text == \"Both are there\"" &&
	body wamid.b two | FRONTDESK_NOW=2026-11-23T12:00:04.000Z wa-recv --stdin >/dev/null &&
	[ "$(conv list --json | jq -r .waiting_since)" = null ]
'
check 'escalate what is in the queue already: the reason is kept' '
	id=$(conv list --store order --ids) && conv escalate -S order "$id" first &&
	conv escalate -S order "$id" "she calls at three" &&
	conv show -S order "$id" | grep -q "note .*she calls at three" &&
	conv escalate -S order "$id" && [ "$(conv show -S order "$id" | grep -c note)" = 1 ]
'
export FRONTDESK_STORE="$work/many" FRONTDESK_NOW=2026-09-21T15:00:00Z
frontdesk init many >/dev/null
bodies=$top/tests/data/webhooks
one () { jq -c "$2" "$bodies/$1.json" | wa-recv --stdin; }
id=$(cat "$bodies/text.json" "$bodies/text-from-ad.json" "$bodies/text-forwarded.json" \
	"$bodies/text-about-product.json" "$bodies/edit.json" | jq -c . | wa-recv --stdin |
	jq -r 'select(.type == "message.received").data.conversation' | sort -u)
check 'show: an ad, a product, what was passed on, and an edit' '
	conv show "$id" | sed -n "/^14:13/,\$p" >got && cat >want <<-E && same want got
	14:13  Ada Example     Where is my second parcel?
	                       edited; before: Where is my parcel?
	14:13                - opened
	14:13  Ada Example     Is this offer real?
	                       forwarded many times
	14:13  Ada Example     I saw your ad
	                       from the ad: Lamps (https://fb.example/ad/1)
	14:13  Ada Example     Is it in stock?
	                       about the product di9ozbzfi4 of the catalogue 194000000000001
	E
'
check 'show: the old text is in JSON' '
	conv show "$id" --json | jq -r ".data.text // empty" | grep -qx "Where is my parcel?"
'
check 'show: a reaction hangs on its message, also if it came first; one taken back does not' '
	react=".entry[0].changes[0].value.messages[0] |= (.reaction.message_id = \"wamid.HBgLTEST0001\" |
	    .timestamp = \"1790000050\")" &&
	one reaction "$react" >/dev/null && conv show "$id" | grep -A 2 "second parcel" | grep -q "👍 (Ada Example)" &&
	[ "$(conv show "$id" | grep -c reacted)" = 0 ] &&
	one reaction-removed "$react | .entry[0].changes[0].value.messages[0].timestamp = \"1790000060\"" >/dev/null &&
	! conv show "$id" | grep -q "👍"
'
check 'only who wrote it can change it' '
	one echo . >/dev/null &&
	one edit ".entry[0].changes[0].value.messages[0] |= (.id = \"wamid.X9\" |
	    .edit.original_message_id = \"wamid.HBgLECHO01\")" >/dev/null &&
	conv show "$id" | grep -q "(phone)  *I will call you back" &&
	one echo-edit . >/dev/null && conv show "$id" | grep -q "(phone)  *I will call you at three" &&
	one echo-revoke . >/dev/null && conv show "$id" | grep -q "deleted on the phone"
'
other=$(one bsuid-only . | jq -r 'select(.type == "message.received").data.conversation')
check 'merge: the events, the audit, and one conversation with the words of both' '
	conv merge "$id" "$other" --json >got && jq -r "[.type, .data.actor] | join(\" \")" got >types &&
	printf "%s\n" "contact.merged user:me" "conversation.merged user:me" >want && same want types &&
	on=$(jq -r "select(.type == \"conversation.merged\").data.conversation" got) &&
	[ "$(conv list --status all --ids)" = "$on" ] &&
	conv show "$id" >a && conv show "$other" >b && same a b && grep -q "me joined another conversation" a &&
	conv show "$on" --json | jq -r .type | grep -c conversation.opened | grep -qx 2 &&
	[ "$(sqlite3 many/desk.db "SELECT action FROM audit ORDER BY seq DESC LIMIT 1")" = conversation.merge ] &&
	conv merge "$id" "$other" --json >got && [ ! -s got ]
'
check 'split: by names, with what was written under them; it is said what cannot be' '
	status 66 conv split "$id" nobody@x 2>err && grep -q "no name of this contact" err &&
	conv split "$id" +16505551234 --json >got && jq -r .type got >types &&
	printf "%s\n" contact.split conversation.opened >want && same want types &&
	[ "$(conv list --status all --ids | wc -l)" -eq 2 ] &&
	part=$(jq -r "select(.type == \"conversation.opened\").data.conversation" got) &&
	conv show "$part" | grep -q "Is it in stock" && conv show "$part" | grep -q "deleted on the phone" &&
	status 64 conv split "$part" 16505551234 2>err && grep -q "would be left" err &&
	status 66 conv merge "$id" zzzzzzzz && status 64 conv split "$id"
'
sql () { sqlite3 "$FRONTDESK_STORE/desk.db" "$1"; }
template () {	# NAME LANGUAGE STATUS CATEGORY BODY [HEADER-FORMAT]
	sql "INSERT INTO template VALUES (\"200000000000001\", \"$1\", \"$2\", NULL, \"$3\", \"$4\", NULL, NULL,
	    \"POSITIONAL\", json_array(json_object(\"type\", \"BODY\", \"text\", \"$5\")
	    ${6:+, json_object(\"type\", \"HEADER\", \"format\", \"$6\")}), 1, NULL)"
}
frontdesk init templates >/dev/null
check 'reply --template: of an account that was never synced it goes as it is' '
	export FRONTDESK_STORE="$work/templates" && one text . >/dev/null &&
	c=$(conv list --ids) && conv reply "$c" --template any --param x &&
	[ "$(sql "SELECT content FROM message WHERE kind = \"template\"" | jq -r .language.code)" = en ]
'
FRONTDESK_STORE=$work/templates
check 'reply --template: the only language needs not be said, parameters are counted' '
	c=$(conv list --ids) && sql "UPDATE instance SET account_id = \"200000000000001\"" &&
	template ready de APPROVED UTILITY "Hallo {{1}}, Bestellung {{2}}." &&
	template two en APPROVED UTILITY x && template two en_US APPROVED UTILITY x &&
	template slow en PAUSED UTILITY x && template news en APPROVED MARKETING x && template photo en APPROVED UTILITY "Hi {{1}}!" IMAGE &&
	conv reply "$c" --template ready --param Ana --param 7 --json >got &&
	sql "SELECT content FROM message WHERE id = \"$(jq -r "select(.type == \"message.queued\").data.message" got)\"" >object &&
	jq -e ".language.code == \"de\" and .components[0].parameters[1].text == \"7\"" object &&
	sql "SELECT count(*) FROM event" >before &&
	status 65 conv reply "$c" --template ready --param Ana 2>err && grep -q "template ready (de): the body.s {{2}} has no value" err &&
	status 65 conv reply "$c" --template ready --param a --param b --param c 2>err && grep -q "3 values for a body of 2" err &&
	status 65 conv reply "$c" --template photo --param a 2>err && grep -q "header wants its IMAGE" err &&
	status 64 conv reply "$c" --template two 2>err && grep -q "several languages: en, en_US; say which by --language" err &&
	status 66 conv reply "$c" --template ready --language en 2>err && grep -q "not there in en" err &&
	status 66 conv reply "$c" --template redy --param a --param b 2>err && grep -q "did you mean ready?; wa-template sync" err &&
	status 1 conv reply "$c" --template slow 2>err && grep -q "may not be sent: it is PAUSED" err &&
	sql "SELECT count(*) FROM event" >after && same before after
'
check 'reply --content: its template is held against those of the account as well' '
	c=$(conv list --ids) && t="{\"name\":\"photo\",\"language\":{\"code\":\"en\"},\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"Ana\"}]}" &&
	echo "{\"template\":$t]}}" | status 65 conv reply "$c" --content - 2>err && grep -q "template photo (en): its header takes 1 parameter, and there are 0" err &&
	echo "{\"template\":$t,{\"type\":\"header\",\"parameters\":[{\"type\":\"image\",\"image\":{\"id\":\"1\"}}]}]}}" | conv reply "$c" --content - &&
	echo "{\"template\":{\"name\":\"two\",\"language\":{\"code\":\"fr\"}}}" | status 66 conv reply "$c" --content -
'
check 'reply --content: a list alone is of contacts' '
	c=$(conv list --ids) && l="[{\"name\":{\"formatted_name\":\"Ana\",\"first_name\":\"Ana\"}}]" &&
	echo "$l" | conv reply "$c" --content - --json | jq -se "any(.[]; .data.kind == \"contacts\")" &&
	[ "$(sql "SELECT content FROM message WHERE kind = \"contacts\"")" = "{\"contacts\":$l}" ]
'
check 'reply --template: no marketing to whom does not want it' '
	c=$(conv list --ids) && conv reply "$c" --template news && one preferences-stop . >/dev/null &&
	status 1 conv reply "$c" --template news 2>err && grep -q "does not want marketing" err
'
check 'show: what we sent is told: reactions, templates with values, choices, why it failed' '
	c=$(conv list --ids) && conv reply "$c" --reaction 👍 --json >got && jq -e ".data.text == \"👍\" and .data.quoted == \"wamid.HBgLTEST0001\"" got &&
	conv show "$c" | grep -A 3 "Where is my parcel" | grep -q "👍 (us)" && ! conv show "$c" | grep -q "took a reaction" &&
	conv reply "$c" --reaction "" last && ! conv show "$c" | grep -q -e "👍" -e "took a reaction" &&
	echo "{\"interactive\":{\"type\":\"button\",\"body\":{\"text\":\"Which one?\"},\"action\":{\"buttons\":[{\"type\":\"reply\",\"reply\":{\"id\":\"1\",\"title\":\"Red\"}}]}}}" |
		conv reply "$c" --content - && conv show "$c" | grep -q "me  *\[interactive\] Which one?" &&
	conv show "$c" | grep -q "me  *\[template\] ready (de): Ana, 7$" &&
	sql "UPDATE message SET status = \"failed\" WHERE kind = \"interactive\"" &&
	sql "INSERT INTO event (id, time_ms, source, type, subject, data, depth) SELECT \"01M85000000000000000000099\", wa_ms, \"/x\", \"message.failed\",
		\"conversation/\" || conversation, json_object(\"message\", id, \"errors\", json_array(json_object(\"title\", \"a title\", \"code\", 131009,
		\"details\", \"what is wrong\"))), 0 FROM message WHERE kind = \"interactive\"" &&
	conv show "$c" | grep -q "failed: a title (131009): what is wrong"
'
FRONTDESK_STORE=$work/many
echo t >token
wa-sim --port-file simport --token-file token --record calls >/dev/null 2>&1 </dev/null &
sim=$!
pids="$pids $sim"
frontdesk init addr >/dev/null
printf '[instance shop]\nphone_number_id = 100000000000001\n' >>frontdesk.conf
shop () { sed s/106000000000001/100000000000001/; }
check 'what was queued goes to the right address after a merge' '
	export FRONTDESK_STORE="$work/addr" &&
	a=$(jq -c . "$bodies/text.json" | shop | wa-recv --stdin |
	    jq -r "select(.type == \"message.received\").data.conversation") &&
	conv reply "$a" "on its way" &&
	b=$(jq -c ".entry[0].changes[0].value.messages[0].timestamp = \"1789999990\"" "$bodies/bsuid-only.json" |
	    shop | wa-recv --stdin | jq -r "select(.type == \"message.received\").data.conversation") &&
	conv reply "$b" "and this" && conv merge "$a" "$b" && wait_for test -s simport &&
	wa-send --follow --once --from start --url "http://127.0.0.1:$(cat simport)" --token-file token 2>send.err
	wait_for test -s calls &&
	jq -c "select(.body.status == null) | .body | if type == \"string\" then fromjson else . end | [.to, .recipient]" calls | sort | uniq -c | sed "s/^ *//" >got
	echo "2 [\"16505551234\",null]" >want && same want got
'
check 'a group: who wrote and who reacted is named, show and list mark it alike' '
	export FRONTDESK_STORE="$work/group" && frontdesk init "$work/group" >/dev/null &&
	one=".entry[0].changes[0].value" && id=Y2FwaV9ncm91cDoxOTUwNTU1MTA3OToxMjAzNjM= &&
	{ jq -c . "$bodies/group.json"
	  jq -c "$one.contacts[0] |= (.profile.name = \"Ben Other\" | .wa_id = \"16505550002\") |
	      $one.messages[0] |= (.from = \"16505550002\" | .id = \"wamid.ben\" |
	      .timestamp = \"1790000034\" | .text.body = \"And me\")" "$bodies/group.json"
	  jq -c "del($one.contacts) | $one.messages[0] |= (.from = \"16505550003\" | .id = \"wamid.r\" |
	      .timestamp = \"1790000035\" | .type = \"reaction\" | del(.text) |
	      .reaction = {message_id: \"wamid.ben\", emoji: \"+\"})" "$bodies/group.json"; } |
	    shop | wa-recv --stdin >got && c=$(conv list --ids) && conv show "$c" >got &&
	grep -q "^  contact    group $id\$" got && grep -q "Ada Example *Hello all" got &&
	grep -q "Ben Other *And me" got && grep -q "+ (16505550003)" got &&
	conv list >got && grep -q "  group Y2FwaV9nc" got
'
check 'an answer in a group goes to all of it; what a group does not take is refused at once' '
	export FRONTDESK_STORE="$work/group" FRONTDESK_NOW=2026-09-21T15:00:00Z && c=$(conv list --ids) &&
	for what in "--button=Yes" "--location=1,2"; do
		status 65 conv reply "$c" "$what" "well?" 2>err && grep -q "type: a group does not take" err || exit 1
	done &&
	status 65 conv reply "$c" --reaction=+ last 2>err && grep -q "type: a group does not take reaction" err &&
	[ -z "$(desk-events --since 1000d --type message.queued)" ] && conv show "$c" | grep -q "owner *queue" &&
	conv reply "$c" "hello all of you" && echo t >token &&
	desk-events --since 1000d --type message.queued | wa-send --dry-run -q --token-file token |
	    jq -se "map(select(.type == \"request.previewed\").data.body) | map(.recipient_type == \"group\" and (.to | startswith(\"Y2FwaV9nc\"))) == [true]"
'
kill $sim
done_testing
