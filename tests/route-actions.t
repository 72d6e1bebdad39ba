#!/bin/sh
# route(1): what rules ask about a conversation and what they do to it
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
# say PHONE TIME TEXT [DATA]: one line as a channel would write it
say () {
	jq -nc --arg phone "$1" --arg time "$2" --arg text "$3" \
	    --argjson more "${4:-{\}}" '{type: "message.received", time: $time,
		data: ({kind: "text", phone: $phone, text: $text} + $more)}'
}
of () { sql "SELECT conversation FROM message JOIN contact_alias USING (contact)
	WHERE value = '$1' LIMIT 1"; }
field () { sql "SELECT $2 FROM conversation WHERE id = '$(of "$1")'"; }
at=2026-11-23T10:00:00Z
# PHONE TEXT [DATA]: route it by the file `own`; what came of it is in `out`
run () { say "$1" "$at" "$2" "${3:-{\}}" | route -q -f own >out 2>err; }
only () { jq -c "select(.type == \"$1\").data" out; }
fired () { only message.routed | jq -r '.rules | join(" ")'; }

cat >frontdesk.conf <<'EOF2'
[desk]
zone = Europe/Berlin
[hours shop]
zone = Europe/Berlin
mon-fri = 09:00-12:30 13:00-17:00
[instance default]
hours = shop
[reply pick]
en = Hello {first_name|there}, what is it about?
es = Hola {first_name}, ¿de qué se trata?
buttons_en = An order | A return
buttons_es = Un pedido | Una devolución | Otra cosa | Nada
[webhook crm]
url = https://crm.example/hook
[command export]
command = /bin/true
EOF2

# NAME LANGUAGE STATUS CATEGORY TEXT: a template as the provider listed it
tpl () {
	sql "INSERT INTO template (account, name, language, status, category, format,
	    components, synced_ms) VALUES ('77', '$1', '$2', '$3', '$4', 'POSITIONAL',
	    '[{\"type\":\"BODY\",\"text\":\"$5\"}]', 1)"
}
# CONTACT NAME VALUE
attribute () { sql "INSERT INTO contact_attribute VALUES ('$1', '$2', '$3')"; }
value () { sql "SELECT value FROM contact_attribute WHERE contact = '$1' AND name = '$2'"; }
count () { sql "SELECT count(*) FROM event WHERE type = '$1'"; }
# ID TYPE CAUSE DATA [SUBJECT]: an event that another program has written
wrote () {
	sql "INSERT INTO event (id, type, source, subject, time_ms, depth, cause, data)
	    VALUES ('$1', '$2', '/desk', nullif('$5', ''), 1, 1, nullif('$3', ''), '$4')"
}

check 'conditions about the conversation and the contact' '
	cat >own <<-E &&
	new: match new conversation tag new
	back: match reopened tag back
	third: match message count = 3 tag third
	ana: match contact "ana diaz" tag ana
	ad: match ad tag ad
	ad9: match ad "9" tag ad9
	mine: match status open assignee none team none owner ai tag mine
	gold: match attribute tier = gold and attribute score > 3 tag gold
	shut: match blocked or opted out tag shut
	sales: match team sales tag sales
	E
	run 1 "one" "{\"name\":\"Ana Díaz\",\"referral\":{\"source_type\":\"ad\",\"source_id\":\"8\"}}" &&
	[ "$(fired)" = "new ana ad mine" ] &&
	at=2026-11-23T10:01:00Z run 1 two && [ "$(fired)" = "ana mine" ] &&
	contact=$(field 1 contact) &&
	attribute "$contact" tier Gold && attribute "$contact" score 4.5 && desk-contact opt-out "$contact" &&
	at=2026-11-23T10:02:00Z run 1 three && [ "$(fired)" = "third ana mine gold shut" ] &&
	conv resolve "$(of 1)" && sql "UPDATE conversation SET team = \"sales\"" &&
	at=2026-11-23T10:03:00Z run 1 four && [ "$(fired)" = "back ana gold shut sales" ] &&
	run 2 x "{\"referral\":{\"source_type\":\"ad\",\"source_id\":\"9\"}}" && [ "$(fired)" = "new ad ad9 mine" ]
'
check 'opted out: what the customer said last counts' '
	echo "match opted out tag out" >own && run 3 x && contact=$(field 3 contact) && [ -z "$(fired)" ] &&
	wrote 01M850000000000000000000A1 contact.opted_out "" {} "contact/$contact" &&
	at=2026-11-23T10:01:00Z run 3 y && [ "$(fired)" = 1 ]
'
check 'labels in the log before the routing are facts; without them nothing holds' '
	cat >own <<-E &&
	want: match intent order_status > 0.6 tag order
	sad: match sentiment negative tag sad
	very: match sentiment < -0.8 tag very
	none: match intent order_status tag known
	E
	say 4 $at "where is it" >in && route -q -f own <in >out && [ -z "$(fired)" ] &&
	id=$(only message.routed | jq -r .message) &&
	wrote 01M850000000000000000000B1 message.labelled "$id" \
	    "{\"intent\":\"order_status\",\"intent_score\":0.7,\"sentiment\":-0.7,\"sentiment_label\":\"negative\"}" &&
	sql "DELETE FROM done; DELETE FROM event WHERE stage = \"route\" AND cause = \"$id\"" &&
	route -q -f own <in >out && [ "$(fired)" = "want sad none" ]
'
check 'the AI off, on again, out of it for a while' '
	printf "match text off ai off\nmatch text on ai on\nmatch text pause ai pause for 2h\n" | sed "s/text \([a-z]*\)/text \"\1\"/" >own &&
	run 5 off && only conversation.paused | jq -e ".owner == \"queue\" and (has(\"until\") | not)" && only message.routed | jq -e ".ai == false" &&
	run 5 "off again" && [ -z "$(only conversation.paused)" ] &&
	run 5 on && only conversation.released | jq -e ".owner == \"ai\"" && only message.routed | jq -e .ai &&
	export FRONTDESK_NOW=$at && run 5 pause && only conversation.paused | jq -e ".until == \"2026-11-23T12:00:00.000Z\"" &&
	conv take "$(of 5)" && run 5 "on and on" && [ -z "$(only conversation.released)" ] && [ "$(field 5 owner)" = user ]
'
# PHONE HH:MM TEXT: routed then
says_at () { (at=2026-11-23T$2:00Z; export at FRONTDESK_NOW="$at"; say "$1" "$at" "$3" | route -q -f own >out 2>err); }
check 'what waits for people does not go back to the AI when a pause ends, whichever came first' '
	printf "match text \"%s\" %s\n" pause "ai pause for 20m" leak "escalate \"asked\"" crew "assign team crew" off "ai off" on "ai on" >own &&
	desk-team add crew && p=500 &&
	while read -r first second ends; do
		p=$((p + 1)) && says_at $p 10:00 "$first" && says_at $p 10:05 "$second" && [ "$(field $p owner)" = queue ] &&
		says_at $p 10:40 hello && [ "$(field $p owner)" = "$ends" ] || { echo "$first, $second: $(field $p owner)"; exit 1; }
	done <<-E &&
	leak pause queue
	pause leak queue
	crew pause queue
	pause crew queue
	off pause queue
	pause hello ai
	pause leak,pause queue
	leak,pause hello queue
	crew,pause hello queue
	E
	says_at 501 10:50 on && [ "$(field 501 owner)" = ai ] && says_at 506 10:50 pause && says_at 506 11:05 pause && says_at 506 11:15 hello &&
	[ "$(field 506 owner)" = queue ] && says_at 506 11:26 hello && [ "$(field 506 owner)" = ai ]
'
check 'a person hands over what is paused, and it stays with people' '
	says_at 520 10:00 pause && FRONTDESK_NOW=2026-11-23T10:01:00Z conv escalate "$(of 520)" "wants a call" --json |
		jq -e ".type == \"conversation.escalated\" and .data.reason == \"wants a call\"" &&
	FRONTDESK_NOW=2026-11-23T10:02:00Z conv escalate "$(of 520)" again --json | jq -r .type >got && echo conversation.noted >want && same want got &&
	says_at 520 10:40 hello && [ "$(field 520 owner)" = queue ]
'
check 'a reply with what it stands for, in the language, with buttons' '
	echo "match any reply pick" >own &&
	run 6 "How do I return a parcel?" "{\"name\":\"Ana Díaz\"}" &&
	jq -c "select(.type == \"message.queued\").data | [.kind, .text, [.content.action.buttons[].reply.title]]" out >got &&
	echo "[\"interactive\",\"Hello Ana, what is it about?\",[\"An order\",\"A return\"]]" >want && same want got &&
	run 7 "Hola, ¿cuánto cuesta el envío a Madrid?" &&
	only message.queued | jq -e ".text == \"Hola, ¿de qué se trata?\" and (.content.action.buttons | length) == 4" &&
	run 8 "How do I return a parcel?" && only message.queued | jq -e ".text == \"Hello there, what is it about?\""
'
check 'every variable' '
	echo "match any reply \"{name}|{first_name}|{conversation}|{instance}|{team|no team}|{person|nobody}|{date}|{time}|{hours}|{opening}|{x y}|{}\"" >own &&
	run 9 hello "{\"name\":\"Bo Li\"}" && only message.queued | jq -r .text >got &&
	echo "Bo Li|Bo|$(of 9)|default|no team|nobody|2026-11-23|11:00|09:00-12:30, 13:00-17:00|2026-11-23 13:00|{x y}|{}" >want && same want got &&
	at=2026-11-28T10:00:00Z run 9 hello && only message.queued | jq -r .text | cut -d "|" -f 9,10 >got &&
	echo "|2026-11-30 09:00" >want && same want got
'
check 'who has it is whom the rule gives it to' '
	desk-user add piet --full-name "Piet de Boer" && desk-team add harbour piet && cat >own <<-E &&
	match text "boat" assign team harbour round robin reply "{person|one of us} of {team|no team}"
	match text "ship" assign team harbour reply "{person|one of us} of {team|no team}"
	match text "ferry" assign piet reply "{person|one of us} of {team|no team}"
	E
	for word in boat ship ferry; do p=$((${p:-700} + 1)) && run $p "a $word" && only message.queued | jq -r .text; done >got &&
	printf "%s\n" "Piet de Boer of harbour" "one of us of harbour" "Piet de Boer of no team" >want && same want got
'
check 'hours and opening are those on the wall of the hours; until midnight is 24:00' '
	cp frontdesk.conf kept.conf && sed -i "/^\[hours/,/^\[/s/^zone = .*/zone = America\/New_York/" frontdesk.conf && grep -q New_York frontdesk.conf &&
	at=2026-11-23T10:00:00Z && echo "match any reply \"{time}|{hours}|{opening}\"" >own && run 9 hello && only message.queued | jq -r .text >got && cp kept.conf frontdesk.conf &&
	echo "11:00|09:00-12:30, 13:00-17:00|2026-11-23 09:00" >want && same want got &&
	sed -i "/^\[hours/,/^\[/s/^mon-fri = .*/mon-fri = 00:00-02:00 20:00-24:00/" frontdesk.conf &&
	run 9 again && only message.queued | jq -r .text | cut -d "|" -f 2 >got; cp kept.conf frontdesk.conf; echo "00:00-02:00, 20:00-24:00" | same - got
'
check 'a variable that nobody knows is an error, in the settings too' '
	echo "match any reply \"{frist_name}\"" >own && status 78 route --check -f own 2>err &&
	grep -q "own:1:17: there is no {frist_name} to be filled in, did you mean {first_name}?" err &&
	{ cat frontdesk.conf; printf "[reply bad]\nen = {nmae}\n[reply more]\nen = x\nbuttons_en = a | a\n"; } >bad.conf &&
	printf "match any reply bad\nmatch any reply more\n" >own && FRONTDESK_CONF=$work/bad.conf status 78 route --check -f own 2>err &&
	grep -q "own:1:17: .*bad.conf:[0-9]*: reply bad.en: there is no {nmae} to be filled in, did you mean {name}?" err &&
	grep -q "own:2:17: .*reply more.buttons_en: two buttons are the same" err &&
	desk-config get "reply pick.buttons_es" | grep -q Otra
'
check '--check says what can never hold, and what never comes to a rule' '
	cat >own <<-E &&
	match rated > 5 tag x
	match blocked tag x
	match not any tag x
	human: match not any stop
	match inside hours outside hours tag x
	match kind text kind image tag x
	match message count > 5 message count < 3 tag x
	match with priority high not with priority high tag x
	match owner ai assignee carl tag x
	match owner user assignee none tag x
	match idle 25h reply "soon"
	match window closes in 25h tag x
	match first message message count = 2 tag x
	match message count >= 1.5 tag x
	match message count != 1.5 tag x
	match language pt language pt-BR tag x
	match language en language es tag x
	match (kind text and kind image) or kind audio tag x
	match not (kind text kind image) tag x
	match message count < 1 tag x
	match intent foo > 1 tag x
	match owner queue not owner queue, user tag x
	match kind text not kind image tag x
	match idle 5m not idle 10m reply "a"
	match waiting 24h survey
	match any stop
	match any tag x
	match text "a" tag y
	match idle 5m tag z
	E
	desk-user add carl && mkdir intents.d && echo "where is it" >intents.d/foo.txt && route --check -f own 2>err; code=$?; rm -r intents.d; cat >want <<-E && [ $code -eq 0 ] && same want err
	route: own:1:1: '\''rated > 5'\'' never holds
	route: own:2:1: '\''blocked'\'' never holds: rules are not asked about who is blocked
	route: own:3:1: '\''not any'\'' never holds
	route: own:5:1: '\''inside hours'\'' and '\''outside hours'\'' never hold at once
	route: own:6:1: '\''kind text'\'' and '\''kind image'\'' never hold at once
	route: own:7:1: '\''message count > 5'\'' and '\''message count < 3'\'' never hold at once
	route: own:8:1: '\''with priority high'\'' and '\''not with priority high'\'' never hold at once
	route: own:9:1: '\''owner ai'\'' and '\''assignee carl'\'' never hold at once
	route: own:10:1: '\''owner user'\'' and '\''assignee none'\'' never hold at once
	route: own:11:1: reply: the window, of 1d, is shut by then: only a template goes out
	route: own:12:1: the window is never open for longer than 1d
	route: own:13:1: '\''first message'\'' and '\''message count = 2'\'' never hold at once
	route: own:15:1: the message count is a whole number, and never 1.5
	route: own:17:1: '\''language en'\'' and '\''language es'\'' never hold at once
	route: own:18:1: '\''kind text'\'' and '\''kind image'\'' never hold at once
	route: own:20:1: '\''message count < 1'\'' never holds
	route: own:21:1: '\''intent foo > 1'\'' never holds
	route: own:22:1: '\''owner queue'\'' and '\''not owner queue, user'\'' never hold at once
	route: own:25:1: survey: the window, of 1d, is shut by then: only a template goes out
	route: own:27:1: it is never asked: rule 26 above stops everything
	E
'
check '--check says what can hardly be meant, and nothing of what can' '
	desk-user add ida && desk-team add north ida && cat >own <<-E &&
	a: match message count = 3.5 tag x
	b: match not idle 5m tag x
	c: match any priority high priority low
	d: match any tag x untag x tag y
	e: match intent foo tag x
	f: match team south or assignee idaa assign ida
	g: match any assign team sout notify nobody
	h: match contact 4917012345678 tag x
	i: match any assign ida assign team north
	match sla missed and sla due within 5m tag x
	match sla first-response missed and (sla missed) and sla resolution missed tag x
	match not sla missed tag x
	match any sla none sla default ai on ai off reply "a" reply "b"
	match any resolve snooze 1h
	E
	route --check -f own 2>err && cat >want <<-E && same want err &&
	route: own:1:1: rule a: the message count is a whole number, and never 3.5
	route: own:2:1: rule b: it waits for no timer: what it says of one is only when it does not fire
	route: own:3:1: rule c: priority stands twice, and the last one counts
	route: own:4:1: rule d: x is put on and taken away
	route: own:5:1: rule e: there is no intent foo
	route: own:6:1: rule f: there is no team south
	route: own:6:1: rule f: there is no person idaa
	route: own:7:1: rule g: there is no team sout
	route: own:7:1: rule g: there is no person, team or channel nobody
	route: own:8:1: rule h: contact 4917012345678: a contact goes by its id or name, not by a number; desk-contact show has the id
	route: own:9:1: rule i: assign and assign team: the last one counts
	route: own:10:1: '\''sla missed'\'' and '\''sla due within 5m'\'' never hold at once: each is another timer
	route: own:11:1: '\''sla first-response missed'\'' and '\''sla resolution missed'\'' never hold at once: each is another timer
	route: own:12:1: it waits for no timer: what it says of one is only when it does not fire
	route: own:13:1: sla stands twice, and the last one counts
	route: own:13:1: ai on and ai off: the last one counts
	route: own:13:1: reply stands twice, and the last one counts
	route: own:14:1: resolve and snooze: the last one counts
	E
	mkdir intents.d && echo "where is it" >intents.d/foo.txt && cat >own <<-E && route --check -f own 2>err && [ ! -s err ]; code=$?; rm -r intents.d; return $code
	match message count = 3 and intent foo tag x untag y
	match idle 10m not idle 1h and (team none or assignee ida) notify north, ida
	E
'
check 'what others do is asked for, once for each message and name' '
	echo "crm: match any notify leads, ana webhook crm run export survey" >own && route --check -f own &&
	run 10 hello && jq -c "select(.type == \"action.requested\").data | [.action, .name, .rule]" out >got &&
	printf "%s\n" "[\"notify\",\"leads\",\"crm\"]" "[\"notify\",\"ana\",\"crm\"]" "[\"webhook\",\"crm\",\"crm\"]" "[\"command\",\"export\",\"crm\"]" >want &&
	same want got && cp out first && run 10 hello && same first out &&
	jq -se "map(select(.type == \"action.requested\")) | all(.[].data; .conversation and .contact and .message and .revision and .instance)" out
'
check 'webhooks and commands that are not in the settings are errors' '
	printf "match any webhook cmr\nmatch any run exprt\n" >own && status 78 route --check -f own 2>err &&
	grep -q "own:1:19: there is no \[webhook cmr\] in the settings, did you mean crm?" err &&
	grep -q "own:2:15: there is no \[command exprt\] in the settings, did you mean export?" err
'
check 'an attribute is set once, and its value stands in no event' '
	echo "match any set attribute plan \"very big\"" >own && run 11 x &&
	only contact.changed | jq -e ".change == \"attribute\" and .attribute == \"plan\"" && ! grep -q "very big" out &&
	[ "$(value "$(field 11 contact)" plan)" = "very big" ] &&
	at=2026-11-23T10:05:00Z run 11 y && [ -z "$(only contact.changed)" ]
'
check 'who is erased leaves no attribute' '
	contact=$(field 11 contact) && sql "UPDATE contact SET erased = 1 WHERE id = \"$contact\"" &&
	[ -z "$(value "$contact" plan)" ]
'
check 'snoozed, resolved, archived: and nobody answers' '
	printf "match text \"rest\" snooze 2h\nmatch text \"door\" snooze until opening\nmatch text \"done\" resolve\nmatch text \"away\" archive\n" >own &&
	export FRONTDESK_NOW=$at && run 12 rest && only conversation.snoozed | jq -e ".until == \"2026-11-23T12:00:00.000Z\" and .status == \"snoozed\" and .owner == \"ai\"" &&
	only message.routed | jq -e ".ai == false" && [ "$(field 12 status)" = snoozed ] &&
	run 13 door && only conversation.snoozed | jq -e ".until == \"2026-11-23T12:00:00.000Z\"" &&
	run 14 done && [ "$(field 14 status)" = resolved ] && only message.routed | jq -e ".ai == false" &&
	run 15 away && [ "$(field 15 status)" = archived ]
'
check 'until opening: outside of hours until the morning; without hours it does nothing' '
	echo "match any snooze until opening" >own && export FRONTDESK_NOW=2026-11-27T19:00:00Z &&
	at=$FRONTDESK_NOW run 16 x && only conversation.snoozed | jq -e ".until == \"2026-11-30T08:00:00.000Z\"" &&
	cp frontdesk.conf kept.conf && sed -i "/^hours = shop/d" frontdesk.conf && at=$FRONTDESK_NOW run 17 x
	cp kept.conf frontdesk.conf; [ -z "$(only conversation.snoozed)" ] && [ "$(field 17 status)" = open ]
'
check '--check says where until opening does nothing' '
	cp frontdesk.conf kept.conf && printf "%s\n" "[instance bare]" "phone_number_id = 100000000000077" >>frontdesk.conf &&
	printf "%s\n" "a: match any snooze until opening" "b: match instance bare and text \"x\" snooze until opening" "c: match instance default snooze until opening" \
	    "d: match not instance bare snooze 1h" >own && route --check -f own 2>err; cp kept.conf frontdesk.conf
	printf "route: %s\n" "own:1:1: rule a: snooze until opening: instance bare has no hours, and nothing is snoozed there" \
	    "own:2:1: rule b: snooze until opening: instance bare has no hours, and nothing is snoozed there" >want && grep "until opening" err | same want -
'
check 'a customer who writes wakes it, and whoever had it keeps it' '
	echo "match any tag x" >own && run 18 x && conv take "$(of 18)" &&
	echo "match any snooze 2h" >own && at=2026-11-23T10:01:00Z run 18 y && [ "$(field 18 status)" = snoozed ] &&
	echo "match reopened tag woken" >own && at=2026-11-23T10:02:00Z run 18 z && [ "$(field 18 "status, owner, assignee")" = "open|user|me" ] &&
	only conversation.tagged | jq -e ".tag == \"woken\""
'
check 'a template: known and approved, else nothing goes out and it says so' '
	sql "UPDATE instance SET account_id = 77" &&
	tpl hello en APPROVED UTILITY "Hello." && tpl hello es APPROVED UTILITY "Hola." && tpl pay en PAUSED UTILITY "x" && tpl ask en APPROVED UTILITY "{{1}}?" && tpl sale en APPROVED MARKETING "Buy" &&
	echo "match any template hello" >own && run 20 "Hola, ¿cuánto cuesta el envío a Madrid?" &&
	only message.queued | jq -e ".kind == \"template\" and .content.name == \"hello\" and .content.language.code == \"es\"" &&
	echo "match any template hello en" >own && run 21 "Hola, ¿cuánto cuesta el envío a Madrid?" && only message.queued | jq -e ".content.language.code == \"en\"" &&
	tpl again es_MX APPROVED UTILITY "Hola." && tpl again en_US APPROVED UTILITY "Hi." && echo "match any template again" >own && run 26 "Hola, ¿cuánto cuesta el envío a Madrid?" && only message.queued | jq -e ".content.language.code == \"es_MX\"" &&
	echo "match any template pay" >own && run 22 hello && [ -z "$(only message.queued)" ] && grep -q "rule 1: template pay may not be sent" err &&
	echo "match any template ask" >own && run 23 hello && [ -z "$(only message.queued)" ] && grep -q "rule 1: template ask: " err &&
	echo "match any template helo" >own && run 24 hello && [ -z "$(only message.queued)" ] && grep -q "rule 1: template helo: " err &&
	echo "match any template sale" >own && run 25 hello && only message.queued | jq -e ".content.name == \"sale\""
'
check 'an answer of the AI, a rating, an instance in trouble' '
	cat >own <<-E &&
	unsure: match ai confidence < 0.5 tag unsure
	bad: match rated <= 2 or (rated = 3 and tagged unsure) escalate "a bad rating" notify leads
	down: match instance trouble once per day notify ops
	E
	run 30 hello && c=$(of 30) && contact=$(field 30 contact) && m=$(only message.routed | jq -r .message) &&
	head="\"conversation\":\"$c\",\"contact\":\"$contact\",\"instance\":\"default\"" &&
	{ echo "{\"type\":\"reply.drafted\",\"data\":{$head,\"message\":\"$m\",\"sources\":[{\"passage\":\"a\",\"score\":0.2},{\"passage\":\"b\",\"score\":0.41}]}}"
	echo "{\"type\":\"reply.declined\",\"data\":{$head,\"reason\":\"small talk\"}}"
	echo "{\"type\":\"conversation.rated\",\"data\":{$head,\"rating\":3}}"
	echo "{\"type\":\"account.changed\",\"data\":{\"instance\":\"default\",\"field\":\"x\"}}"
	echo "{\"type\":\"instance.error\",\"time\":\"2026-11-23T10:00:00Z\",\"data\":{\"instance\":\"default\",\"error\":{\"code\":1}}}"
	echo "{\"type\":\"instance.disconnected\",\"time\":\"2026-11-23T11:00:00Z\",\"data\":{\"instance\":\"default\",\"reason\":\"x\"}}"
	echo "{\"type\":\"account.changed\",\"time\":\"2026-11-24T10:00:00Z\",\"data\":{\"instance\":\"default\",\"restriction\":\"x\"}}"; } >in &&
	route -q -f own <in >out && jq -c "[.type, .data.rules // .data.tag // .data.reason // .data.name]" out >got &&
	cat >want <<-E && same want got
	["conversation.tagged","unsure"]
	["rules.fired",["unsure"]]
	["conversation.escalated","a bad rating"]
	["action.requested","leads"]
	["rules.fired",["bad"]]
	["action.requested","ops"]
	["rules.fired",["down"]]
	["action.requested","ops"]
	["rules.fired",["down"]]
	E
	route -q -f own <in >again && same out again
'
check 'what no rule asks for is copied and leaves the store alone' '
	echo "match any tag a" >own && before=$(count reply.drafted) &&
	echo "{\"type\":\"reply.drafted\",\"data\":{\"x\":1}}" >in && route -f own <in >out && same in out &&
	[ "$(count reply.drafted)" = "$before" ]
'
up () { [ "$(sql "SELECT count(*) FROM worker WHERE stage = 'route'")" -gt 0 ]; }
check 'a service that gets rules on answers acts upon them from then on' '
	echo "match any tag a" >own && { route --follow --poll 100ms --from end -f own 2>log & } && pid=$! && pids="$pids $pid" && wait_for up &&
	run 45 hello && c=$(of 45) && contact=$(field 45 contact) && echo "match ai confidence < 0.5 tag low" >own && kill -HUP "$pid" && wait_for grep -q "1 rule read" log &&
	wrote 01M850000000000000000000C1 reply.drafted "" "{\"conversation\":\"$c\",\"contact\":\"$contact\",\"instance\":\"default\",\"sources\":[{\"score\":0.1}]}" &&
	low () { [ "$(count rules.fired)" -gt "$1" ]; } && wait_for low 4 && kill "$pid" && wait "$pid"
'
check '--explain says why of each branch' '
	printf "one: match tagged gold or team east tag x\ntwo: match not (tagged gold or text \"hi\") and idle 5m or owner queue tag y\n" >own &&
	status 78 route --check -f own &&
	printf "one: match tagged gold or team east tag x\ntwo: match (tagged gold or text \"hi\") and owner ai or idle 5m tag y\n" >own &&
	say 40 $at bye | route -q --explain --dry-run -f own 2>err >out &&
	sed -n "s/^route: [0-9A-Z]*: rule \(one\|two\)/\1/p" err >got &&
	printf "%s\n" "one: no: tagged is none; and team is none" \
	    "two: no: tagged is none; and the text has none of the words or expressions; and it is asked of a timer of idle time" >want && same want got
'
check 'sets, includes and keyword files: --print shows them as one' '
	mkdir -p d && printf "refund\nmoney back\n" >d/words && printf "set vip if tagged vip or attribute tier = gold\nmatch \$vip priority high\n" >d/vip &&
	printf "include d/vip\nset refund file \"d/words\"\nmatch text \$refund and not \$vip tag billing\n" >own && route --check -f own &&
	route --print -f own | grep -v "^#" >got && cat >want <<-"E" && same want got &&
	set vip if tagged vip or attribute tier = gold
	set refund = "refund", "money back"
	match $vip priority high
	match text $refund not $vip tag billing
	E
	one=$(say 50 $at x | route --dry-run -q -f own | jq -r .data.revision) && echo chargeback >>d/words &&
	two=$(say 50 $at x | route --dry-run -q -f own | jq -r .data.revision) && [ "$one" != "$two" ] &&
	echo "match any tag" >>d/vip && status 78 route --check -f own 2>err && grep -q "^route: d/vip:3:14: a tag is wanted here" err
'
done_testing
