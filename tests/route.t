#!/bin/sh
# route(1): rules apply once, in order; the AI answers or does not; people keep
# what they have
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
# say PHONE TIME TEXT [KIND]: one line as a channel would write it
say () {
	jq -nc --arg phone "$1" --arg time "$2" --arg text "$3" \
	    --arg kind "${4:-text}" '{type: "message.received", time: $time,
		data: ({kind: $kind, phone: $phone} +
		    if $text == "" then {} else {text: $text} end)}'
}
types () { jq -r .type "$@"; }
# What a person of the desk did to the conversation of a phone.
of () { sql "SELECT conversation FROM message JOIN contact_alias USING (contact)
	WHERE value = '$1' LIMIT 1"; }

check 'without rules the AI answers, and what it is told is complete' '
	say 1 2026-11-22T10:00:00Z "How do I return a parcel?" >in &&
	route -q <in >out && [ "$(wc -l <out)" -eq 1 ] &&
	jq -e ".type == \"message.routed\" and (.subject | startswith(\"conversation/\"))
	    and (.data | .ai == true and .language == \"en\" and .rules == []
	    and .kind == \"text\" and .instance == \"default\"
	    and .text == \"How do I return a parcel?\"
	    and (.message | length == 26) and (.conversation | length == 8)
	    and (.contact | length == 8) and (.revision | length == 8))" out
'
check 'lines pass unchanged and in order, its own come after their cause' '
	echo "{\"type\":\"x.y\",  \"data\":{\"n\":1}}" >in2 &&
	say 2 2026-11-22T10:00:00Z "hello there" >>in2 &&
	echo "{\"other\":true}" >>in2 && route <in2 >out &&
	[ "$(wc -l <out)" -eq 4 ] && grep -vF message.routed out | same in2 - &&
	sed -n 3p out | grep -qF message.routed
'
check 'the same message again: the same lines, no second effect' '
	say 3 2026-11-22T10:00:00Z "I want to talk to a human" >in &&
	route -q <in >one && before=$(sql "SELECT count(*) FROM event") &&
	route -q <in >two && same one two &&
	[ "$(sql "SELECT count(*) FROM event")" = "$before" ]
'
check 'asking for a person: handed over, one holding message, no AI' '
	types one >got && printf "%s\n" conversation.escalated message.queued \
	    message.routed >want && same want got &&
	jq -se ".[0].data.reason == \"asked for a person\" and
	    .[0].data.owner == \"queue\" and .[1].data.author == \"rule\" and
	    (.[1].data.text | startswith(\"Thank you\")) and
	    .[2].data.ai == false and .[2].data.rules == [\"human\"]" one
'
check 'a wish for a person is heard in seven languages, and nothing else as one' '
	awk "{ t = substr(\$0, 3); gsub(/\"/, \"\\\\\\\"\", t)
	    printf \"{\\\"type\\\":\\\"message.received\\\",\\\"data\\\":{\\\"phone\\\":\\\"49%06d\\\",\\\"text\\\":\\\"%s\\\"}}\\n\", NR, t }" \
	    "$top/tests/data/human.txt" >in &&
	[ "$(grep -c "^+" "$top/tests/data/human.txt")" -ge 150 ] &&
	[ "$(grep -c "^-" "$top/tests/data/human.txt")" -ge 110 ] &&
	route -q --dry-run <in | jq -r "select(.type == \"message.routed\") |
	    if .data.rules == [\"human\"] and .data.ai == false then \"+\" else \"-\" end" >out &&
	cut -c1 "$top/tests/data/human.txt" >want &&
	{ same want out || { paste -d" " out "$top/tests/data/human.txt" | awk "\$1 != \$2"; return 1; }; }
'
check 'a wish for a person over several messages is one; not over minutes' '
	n=0
	for t in "can I talk|to someone please" "hi|can i speak|with a person" "quiero hablar|con una persona" \
	    "kann ich mit jemandem|sprechen?" "puis-je parler|avec un conseiller"; do
		n=$((n + 1))
		echo "$t" | tr "|" "\n" | { s=10; while read -r line; do
			say "90$n" "2026-11-22T10:00:${s}Z" "$line"; s=$((s + 4)); done; } | route -q >out &&
		[ "$(types out | grep -c conversation.escalated)" -eq 1 ] &&
		[ "$(types out | grep -c message.queued)" -eq 1 ] &&
		tail -n 1 out | jq -e ".data.ai == false and .data.rules == [\"human\"]" || { echo "$t"; cat out; return 1; }
	done
	{ say 909 2026-11-22T10:00:00Z "can I talk"; say 909 2026-11-22T10:05:00Z "to someone please"; } |
	    route -q >out && types out >got && printf "%s\n" message.routed message.routed >want && same want got
'
check 'messages of one second are told apart by the log, one by one and at once' '
	{ echo "f: match first message notify x"; for c in 1 2 3 4 5; do echo "c$c: match message count = $c notify x"; done; } >own &&
	for p in 871 872; do
		rm -f in && for t in a b c d e; do say $p 2026-11-22T10:00:00Z "$t" >>in; done
		if [ $p = 871 ]; then while read -r line; do echo "$line" | route -q -f own; done <in; else route -q -f own <in; fi |
		    jq -c "select(.type == \"message.routed\") | .data.rules" >got &&
		printf "%s\n" "[\"f\",\"c1\"]" "[\"c2\"]" "[\"c3\"]" "[\"c4\"]" "[\"c5\"]" >want && same want got || return 1
	done &&
	conv resolve "$(of 872)" && say 872 2026-11-22T10:00:00Z f | route -q -f own | jq -c "select(.type == \"message.routed\") | .data.rules" >got &&
	head -n 1 want | same - got
'
check 'many words in one line are read at once; a pipe in place of a file is refused' '
	{ printf "match text \"first\""; seq 40000 | sed "s/.*/, \"w& x\"/" | tr -d "\n"; echo " tag a"; } >own && timeout 10 route --check -f own &&
	mkfifo pipe && for line in "include pipe" "set a file pipe"; do
		echo "$line" >own && status 78 timeout 10 route --check -f own 2>err && grep -q "^route: own:1:.*: pipe: not a regular file" err || return 1
	done
'
check 'a rule that hands nothing over looks at one message' '
	echo "match text \"one two\" tag both" >own && { say 910 2026-11-22T10:00:00Z one
	    say 910 2026-11-22T10:00:01Z two; } | route -q -f own >out && ! grep -q both out
'
check 'who wants no more messages is told so much, and a person sees to it' '
	n=0
	for t in stop STOP. "Please stop" unsubscribe "stop messaging me" "remove me" baja "darme de baja" "no más mensajes" \
	    abmelden "keine Nachrichten mehr" "me désabonner" sair cancellami afmelden; do
		n=$((n + 1)) && say "92$n" 2026-11-22T10:00:00Z "$t" | route -q >out && types out >got &&
		printf "%s\n" conversation.escalated message.queued message.routed >want && same want got &&
		jq -se ".[0].data.reason == \"asked for no more messages\" and .[2].data.rules == [\"opt_out\"]" out >/dev/null || { echo "$t"; return 1; }
	done
	for t in "stop the newsletter" "how do I unsubscribe from the newsletter" "the bike does not stop" \
	    "¿cómo me doy de baja del plan?" "Wie kann ich den Newsletter abbestellen?"; do
		n=$((n + 1)) && say "92$n" 2026-11-22T10:00:00Z "$t" | route -q >out &&
		jq -e ".data.ai == true" out >/dev/null || { echo "$t"; return 1; }
	done
'
check 'after the hand-over only people write' '
	say 3 2026-11-22T10:01:00Z "hello? a human please, human agent" >in &&
	route -q <in >out && types out >got && echo message.routed >want &&
	same want got && jq -e ".data.ai == false" out
'
check 'a picture is refused in the customer'"'"'s language and people look' '
	{ say 4 2026-11-22T10:00:00Z "Hola, ¿cuánto cuesta el envío a Madrid?"
	  say 4 2026-11-22T10:00:09Z "" image; } >in && route -q <in >out &&
	jq -se ".[0].data.language == \"es\" and .[1].data.owner == \"queue\" and
	    (.[2].data.text | startswith(\"No puedo leer\")) and
	    .[3].data.language == \"es\" and .[3].data.ai == false" out
'
check 'a voice note goes to the AI, which knows whether anybody listens' '
	say 6 2026-11-22T10:00:00Z "" voice | route -q >out && types out >got && echo message.routed >want && same want got &&
	jq -e ".data.ai" out
'
check 'a short answer keeps the language of the conversation' '
	{ say 5 2026-11-22T10:00:00Z "Wie lange dauert der Versand nach Wien?"
	  say 5 2026-11-22T10:00:09Z "ok 12345"; } | route -q >out &&
	jq -se "map(.data.language) == [\"de\", \"de\"]" out &&
	[ "$(sql "SELECT language FROM conversation
	    WHERE id = '"'"'$(of 5)'"'"'")" = de ]
'
check 'reactions, edits, system messages and echoes are nobody'"'"'s turn' '
	for kind in reaction edit revoke system history; do
		say 6 2026-11-22T10:00:00Z "human agent $kind" $kind
	done >in && sed s/message.received/message.echoed/ in >>in.2 &&
	cat in.2 >>in && route -q <in >out && same /dev/null out
'

cat >frontdesk.conf <<'EOF'
[desk]
zone = Europe/Berlin
[hours shop]
zone = Europe/Berlin
mon-fri = 09:00-17:00
[instance default]
hours = shop
[reply welcome]
en = Welcome!
fr =
[profile orders]
model = none
EOF
cat >rules <<'EOF'
hi: match first message once reply welcome
shut: match outside hours once per closed period reply closed no-ai
vip: match text "gold" tag vip, old priority low profile orders
match text "gold" untag old priority high
daily: match text "day" once per day tag day
ever: match text "ever" once per conversation tag ever
team: match text "keys" assign team keys reply "The key team comes."
me: match text "boss" assign me reply "The boss comes."
gone: match text "ghost" assign nobody
end: match text "halt" stop
match text "halt" tag never
EOF
check 'the rules beside the settings are read' '
	say 10 2026-11-20T15:00:00Z "Hi, a gold member here" >in &&
	route -q <in >out && types out >got &&
	printf "%s\n" conversation.tagged conversation.prioritised \
	    message.queued message.routed >want && same want got &&
	jq -se ".[0].data.tag == \"vip\" and .[1].data.priority == \"high\" and
	    .[2].data.text == \"Welcome!\" and .[3].data.ai == true and
	    .[3].data.profile == \"orders\" and
	    .[3].data.rules == [\"hi\", \"vip\", \"4\"]" out
'
check 'once per closed period: Friday night, not at the weekend, Monday night' '
	{ say 11 2026-11-20T15:00:00Z "What about my order then"
	  say 11 2026-11-20T17:00:00Z "What about my order then"
	  say 11 2026-11-21T17:00:00Z "Are you there I ask"
	  say 11 2026-11-22T17:00:00Z "Are you still not there"
	  say 11 2026-11-23T17:00:00Z "What about my order now"; } |
	    route -q >out &&
	jq -r "select(.type == \"message.routed\").data |
	    \"\(.ai) \(.rules | join(\",\"))\"" out >got &&
	printf "%s\n" "true hi" "false shut" "true " "true " "false shut" >want &&
	same want got && [ "$(grep -c message.queued out)" -eq 3 ]
'
check 'a reply set to nothing is not sent' '
	say 12 2026-11-20T15:00:00Z "Bonjour, combien coûte la livraison ?" |
	    route -q >out && types out >got && echo message.routed >want &&
	same want got && jq -e ".data.rules == [\"hi\"]" out
'
check 'once per day ends at midnight of the desk, once per conversation never' '
	{ say 13 2026-11-23T10:00:00Z "day ever one"
	  say 13 2026-11-23T11:00:00Z "day ever two"
	  say 13 2026-11-23T22:59:00Z "day ever three"
	  say 13 2026-11-23T23:00:00Z "day ever four"; } | route -q >out &&
	jq -c "select(.type == \"message.routed\").data.rules -
	    [\"hi\", \"shut\"]" out >got &&
	printf "%s\n" "[\"daily\",\"ever\"]" "[]" "[]" "[\"daily\"]" >want &&
	same want got
'
check 'once: the conversation is opened again, and it is fresh' '
	conv resolve "$(of 10)" &&
	say 10 2026-11-23T12:00:00Z "Hello, it is me again" | route -q >out &&
	jq -se "map(select(.type == \"message.routed\"))[0].data.rules ==
	    [\"hi\"]" out &&
	say 10 2026-11-23T12:00:01Z "Hello, it is me again" | route -q >out &&
	jq -e ".data.rules == []" out
'
check 'assigned to a team: people, and its reply goes out' '
	say 14 2026-11-23T12:00:00Z "I lost my keys" | route -q >out &&
	types out >got && printf "%s\n" conversation.assigned message.queued \
	    message.routed >want && same want got &&
	jq -se ".[0].data.team == \"keys\" and .[0].data.owner == \"queue\" and
	    .[1].data.text == \"The key team comes.\" and
	    .[2].data.ai == false" out
'
check 'assigned to a person: theirs, and the reply of that rule goes out' '
	say 15 2026-11-23T12:00:00Z "get me the boss" | route -q >out &&
	jq -se ".[0].data.assignee == \"me\" and .[0].data.owner == \"user\" and
	    .[1].data.text == \"The boss comes.\" and
	    .[1].data.owner_rev == .[0].data.owner_rev" out
'
check 'no rule takes a conversation from a person or talks over them' '
	say 15 2026-11-23T12:01:00Z "human agent, keys, boss, ghost" |
	    route -q >out && types out >got && echo message.routed >want &&
	same want got && jq -e ".data.ai == false" out &&
	[ "$(sql "SELECT assignee FROM conversation
	    WHERE id = '"'"'$(of 15)'"'"'")" = me ]
'
check 'assigned to somebody who is not there: any person may take it' '
	say 16 2026-11-23T12:00:00Z "a ghost" | route -q >out 2>err &&
	jq -se ".[0].type == \"conversation.escalated\" and
	    .[0].data.reason == \"nobody is not here\"" out &&
	grep -q "^route: rule gone assigns to nobody, who is not here$" err
'
check 'stop leaves the rest out' '
	say 17 2026-11-23T12:00:00Z "halt now please" | route -q >out &&
	jq -se ".[-1].data.rules == [\"hi\", \"end\"]" out &&
	! grep -q tagged out
'
check 'where the AI is off people are asked, never nobody' '
	say 18 2026-11-23T12:00:00Z "What do you sell here" >in &&
	route -q <in >out && jq -se ".[-1].data.ai == true" out &&
	sed -i "s/^\[instance default\]/&\nai = off/" frontdesk.conf &&
	say 18 2026-11-23T12:00:05Z "And what does it cost" | route -q >out &&
	types out >got && printf "%s\n" conversation.escalated \
	    message.routed >want && same want got &&
	jq -se ".[1].data.ai == false" out &&
	say 19 2026-11-23T12:00:05Z "And what does it cost" | route -q >out &&
	jq -se ".[-1].data.ai == false" out &&
	[ "$(sql "SELECT owner FROM conversation
	    WHERE id = '"'"'$(of 19)'"'"'")" = queue ] &&
	grep -v "^ai = off" frontdesk.conf >new && mv new frontdesk.conf
'
check 'a dry run prints the same lines and changes nothing' '
	say 20 2026-11-23T12:00:00Z "gold and boss" >in &&
	before=$(sql "SELECT count(*), total_changes() FROM event") &&
	FRONTDESK_NOW=2026-11-23T12:00:00Z route -q --dry-run <in >dry &&
	[ "$(sql "SELECT count(*), total_changes() FROM event")" = "$before" ] &&
	FRONTDESK_NOW=2026-11-23T12:00:00Z route -q <in >wet && same dry wet
'
check '--explain names rules and facts, never words of the customer' '
	say 21 2026-11-23T12:00:00Z "secret gold" >in &&
	route -q --dry-run --explain <in 2>err >out &&
	grep -q "rule hi: fires: match first message once reply welcome" err &&
	grep -q "rule shut: no: the hours are open" err &&
	grep -q "rule team: no: the text has none of the words" err &&
	! grep -q secret err
'
check '--check: silent when all is well' '
	grep -Ev "nobody|team keys" rules >known && route --check -f known >out 2>&1 && same /dev/null out
'
check '--check: every error by file, line and column, and 78' '
	printf "%s\n" "match txt \"a\" tag b" "match any tag b" \
	    "match inside hours shpo tag b" "match any reply x" >bad &&
	status 78 route --check -f bad 2>err &&
	printf "%s\n" \
	    "route: bad:1:7: '"'txt'"' is no condition, did you mean text?" \
	    "route: bad:3:20: there is no [hours shpo] in the settings, did you mean shop?" \
	    "route: bad:4:17: there is no [reply x] in the settings" >want &&
	same want err
'
check 'a rule file that is not there: 66' '
	status 66 route --check -f none 2>err && grep -q "none: " err
'
check 'own rules do not make the desk deaf to those who ask for a person' '
	echo "match any tag seen stop" >own && { say 31 2026-11-20T15:00:00Z "I want to talk to a person"
	say 32 2026-11-20T15:00:00Z "no quiero un robot, quiero hablar con una persona"; } >in &&
	route -q --dry-run -f own <in >out && [ "$(grep -c conversation.escalated out)" -eq 2 ] &&
	jq -se "map(select(.type == \"message.routed\").data.rules) | unique == [[\"human\", \"1\"]]" out &&
	echo "{\"type\":\"message.received\",\"data\":{\"kind\":\"image\",\"contact\":\"9\"}}" |
	route -q --dry-run -f own | grep -q "conversation.escalated"
'
check 'a rule of the same name takes the place of the one built in, its set too' '
	{ echo "set human = \"person\""; echo "human: match text \$human tag person"; } >own &&
	route -q --dry-run -f own <in >out && ! grep conversation.escalated out &&
	{ echo "set human = \"robot\""; echo "match text \$human tag robot"; } >own &&
	route -q --dry-run -f own <in >out && [ "$(grep -c conversation.escalated out)" -eq 2 ] &&
	[ "$(grep -c conversation.tagged out)" -eq 1 ] &&
	echo "human: match not any stop" >own && route -q --dry-run -f own <in >out && ! grep escalated out && route --check -f own
'
check 'an instance or a language that is not there is an error' '
	printf "[instance shop]\nai = on\n" >three.conf && echo "match instance nope tag x" >own &&
	FRONTDESK_CONF=$work/three.conf status 78 route --check -f own 2>err &&
	grep -q "own:1:16: there is no \[instance nope\] in the settings" err &&
	echo "match instance shop, 100200300 language pt-BR tag x" >own &&
	FRONTDESK_CONF=$work/three.conf route --check -f own &&
	echo "match language english tag x" >own && status 78 route --check -f own 2>err &&
	grep -q "own:1:.*english.* is no language" err
'
check '--print reads back as it was' '
	route --print >p1 && route --print -f p1 >p2 && same p1 p2 &&
	[ "$(grep -vc ^# p1)" -eq 11 ] && grep ^# p1 >got &&
	printf "# %s: built in, as no rule here has the name\n" human opt_out unreadable >want && same want got
'
check 'the rules built in are the file that is shipped' '
	mv rules away && route --print >p1 &&
	route --print -f "$top/share/rules.default" >p2 && mv away rules &&
	same p1 p2
'
check 'a text in a language that customers do not write is in none' '
	say 24 2026-11-23T12:00:00Z "Wie lange dauert der Versand nach Wien?" \
	    >in && route --dry-run -q <in | jq -se ".[-1].data.language == \"de\"" &&
	sed "s/^\[desk\]/&\nlanguages = en es/" frontdesk.conf >two.conf &&
	cp rules two.rules && FRONTDESK_CONF=$work/two.conf route --dry-run -q \
	    -f two.rules <in | jq -se ".[-1].data.language == \"und\""
'
check 'in a group nothing automatic is written' '
	say 23 2026-11-23T12:00:00Z "human agent, boss, gold" |
	    jq -c ".data.group = \"g1\"" | route -q >out &&
	grep -q assigned out && ! grep -q message.queued out &&
	jq -se ".[-1].data.ai == false" out
'
check 'a bad line is named, the next one goes through, 65' '
	{ echo oops; say 22 2026-11-23T12:00:00Z "hello you"; } >in &&
	status 65 route -q <in >out 2>err &&
	grep -q "^route: stdin:1: " err && grep -q message.routed out
'
check 'a full disk is an error' '
	say 22 2026-11-23T12:00:00Z "hello you" >in &&
	status 74 route <in >/dev/full
'

# The service form. Messages arrive in the log as copies of one, under new ids.
arrive () {	# FROM TO
	sql "WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n
		WHERE i < $2)
	    INSERT INTO event (id, type, source, subject, time_ms, depth, data)
	    SELECT substr(id, 1, 20) || printf('%06d', i), type, source, subject,
		time_ms, depth, data FROM event, n
	    WHERE id = (SELECT id FROM event WHERE type = 'message.received'
		ORDER BY seq LIMIT 1)"
}
routed () { sql "SELECT count(*) FROM event WHERE stage = 'route' AND
    type = 'message.routed' AND substr(cause, 21) BETWEEN '000001' AND '000999'"; }
# N messages are routed by now
have () { [ "$(routed)" -eq "$1" ]; }

# --- an instance's own replies ---
cp frontdesk.conf conf.kept; mv rules rules.kept; : >rules
own () {	# LINE ...: settings of the instance "default"
	printf '%s\n' "[instance default]" "$@" "[reply hello]" "en = Welcome!" \
	    "es = ¡Bienvenido!" "[hours day]" "mon-fri = 09:00-17:00" >frontdesk.conf
}
check 'welcome: to the first message ever, in the customer'"'"'s language, once' '
	own "welcome = hello" "welcome_before_ai = on" &&
	{ say 801 2026-11-23T10:00:00Z "Hola, ¿cuánto cuesta el envío a Madrid?"
	  say 801 2026-11-23T10:05:00Z "gracias"; } >in && route -q <in >out &&
	types out | xargs >got && echo message.queued message.routed message.routed >want &&
	same want got && head -n 1 out | jq -e ".data | .text == \"¡Bienvenido!\" and .author == \"rule\"" &&
	route -q <in >again && same out again &&
	conv resolve $(of 801) && say 801 2026-11-25T10:00:00Z "hello again" | route -q >out &&
	types out | xargs >got && echo message.routed >want && same want got
'
check 'welcome: not where a person has it, nor into a group' '
	own && say 802 2026-11-23T10:00:00Z "hello" | route -q >/dev/null && conv take $(of 802) &&
	sql "DELETE FROM mark" && own "welcome = hello" "welcome_before_ai = on" &&
	say 802 2026-11-23T10:01:00Z "hello" | route -q >out && types out >got &&
	echo message.routed >want && same want got &&
	say 803 2026-11-23T10:00:00Z "hello" | jq -c ".data.group = \"G\"" | route -q >out &&
	types out >got && same want got
'
check 'welcome: not beside the answer of the AI; where no AI answers it is said, and before what a rule says' '
	own "welcome = hello" && say 811 2026-11-23T10:00:00Z "hello" | route -q >out && types out | xargs >got &&
	echo message.routed >want && same want got && jq -e ".data.ai" out &&
	own "welcome = hello" "ai = off" && say 812 2026-11-23T10:00:00Z "hello" | route -q >out && types out | xargs >got &&
	echo message.queued message.routed >want && same want got &&
	own "welcome = hello" && printf "%s\n" "match text \"alone\" no-ai" "match text \"person\" escalate \"asked\" reply holding" >own.rules &&
	say 813 2026-11-23T10:00:00Z "leave me alone" | route -q -f own.rules >out && types out | xargs >got &&
	echo message.queued message.routed >want && same want got &&
	say 814 2026-11-23T10:00:00Z "a person please" | route -q -f own.rules >out && types out | xargs >got &&
	echo conversation.escalated message.queued message.queued message.routed >want && same want got &&
	jq -r ".data.text // empty" out | head -n 1 | grep -qx "Welcome!"
'
check 'auto_reply: only where the AI is off; once a conversation' '
	own "auto_reply = hello" && say 804 2026-11-23T10:00:00Z "one" | route -q >out &&
	types out >got && echo message.routed >want && same want got &&
	own "auto_reply = hello" "ai = off" &&
	{ say 805 2026-11-23T10:00:00Z "one"; say 805 2026-11-23T10:00:05Z "two"; } | route -q >out &&
	types out | xargs >got && echo message.queued message.routed message.routed >want && same want got &&
	conv resolve $(of 805) && say 805 2026-11-24T10:00:00Z "three" | route -q >out &&
	types out | xargs >got && echo message.queued message.routed >want && same want got
'
check 'auto_reply: once in each closed period' '
	own "auto_reply = hello" "ai = off" "hours = day" &&
	{ say 806 2026-11-23T20:00:00Z "evening"; say 806 2026-11-23T21:00:00Z "later"
	  say 806 2026-11-24T10:00:00Z "open"; say 806 2026-11-24T20:00:00Z "evening"; } |
	    route -q >out && types out | xargs >got &&
	echo message.queued message.routed message.routed message.routed message.queued message.routed >want &&
	same want got
'
check 'auto_reply: a rule'"'"'s reply goes before it, and nothing over a person' '
	own "auto_reply = hello" "ai = off" && echo "match text /price/i reply-text \"Ask us.\"" >own.rules &&
	route --check -f own.rules 2>err || echo "match text /price/i reply closed" >own.rules
	say 807 2026-11-23T10:00:00Z "the price?" | route -q -f own.rules >out &&
	[ "$(grep -c message.queued out)" -eq 1 ] && ! grep -q Welcome out &&
	say 808 2026-11-23T10:00:00Z "hi" | route -q -f own.rules >/dev/null && conv take $(of 808) &&
	sql "DELETE FROM mark" && say 808 2026-11-23T10:01:00Z "hi" | route -q >out &&
	types out >got && echo message.routed >want && same want got
'
check 'who is given a person by a rule is welcomed, and hears nothing automatic beside it' '
	own "welcome = hello" "auto_reply = closed" "ai = off" && printf "%s\n" "match text \"anna\" assign me" >own.rules &&
	say 815 2026-11-23T10:00:00Z "anna please" | route -q -f own.rules >out && types out | xargs >got &&
	echo conversation.assigned message.queued message.routed >want && same want got && jq -r ".data.text // empty" out | head -n 1 | grep -qx "Welcome!" &&
	[ "$(sql "SELECT c.owner_rev - m.owner_rev FROM message m JOIN conversation c ON c.id = m.conversation WHERE c.id = '"'"'$(of 815)'"'"' AND m.direction = '"'"'out'"'"'")" = 0 ] &&
	say 816 2026-11-23T10:00:00Z "hi" | route -q >/dev/null && conv resolve $(of 816) && say 816 2026-11-24T10:00:00Z "anna" | route -q -f own.rules >out &&
	types out | xargs >got && echo conversation.assigned message.routed >want && same want got
'
check 'auto_reply: a rule that tells of the closed period stands for it' '
	own "auto_reply = hello" "ai = off" "hours = day" && echo "shut: match outside hours once per closed period reply closed" >own.rules &&
	{ say 817 2026-11-23T20:00:00Z "evening"; say 817 2026-11-23T21:00:00Z "later"; say 817 2026-11-24T10:00:00Z "open"
	  say 817 2026-11-24T20:00:00Z "evening"; say 817 2026-11-24T21:00:00Z "later"; } | route -q -f own.rules >out && types out | xargs >got &&
	echo message.queued message.routed message.routed message.routed message.queued message.routed message.routed >want && same want got
'
# What is said to a first message ever at night: RULES, SETTINGS and TEXT, words.
said () {	# FROM: the settings and rules as they are, "TEXT"
	say "$1" 2026-11-23T22:00:00Z "$2" | route -q -f own.rules >out &&
	jq -r "select(.type == \"message.queued\").data.text" out |
	    sed "s/^Thank you, I am handing.*/holding/; s/^Thank you for your.*/closed/; s/^Understood.*/opt_out/; s/^Welcome.*/welcome/; s/^I cannot read.*/unsupported/; s/^How did we do.*/survey/" | xargs
}
check 'of several replies the weightiest is said: opt-out, hand-over, any other; nothing automatic to who wants no more' '
	n=830 && while IFS="|" read -r set rule text want; do
		own $(echo "hours = day;$set" | tr -d " " | tr ";" "\n" | sed "s/=/ = /" | tr " " "\a") && sed -i "s/\a/ /g" frontdesk.conf &&
		case $rule in
		shut) echo "shut: match outside hours once per closed period reply closed" ;;
		none) ;;
		*) echo "$rule" ;;
		esac >own.rules && n=$((n + 1)) && said $n "$text" >got && echo "$want" | same - got || { echo "$set|$rule|$text"; cat out; return 1; }
	done <<-E
	welcome=hello|shut|stop|opt_out
	welcome=hello;ai=off|shut|stop|opt_out
	welcome=hello;ai=off;welcome_before_ai=on;auto_reply=hello|shut|stop|opt_out
	welcome=hello|shut|I want to talk to a human|welcome holding
	ai=off;auto_reply=closed|shut|I want to talk to a human|holding
	ai=off;auto_reply=closed|none|I want to talk to a human|holding
	ai=off;auto_reply=closed|none|Do you sell tents?|closed
	welcome=hello;ai=off;auto_reply=closed|shut|Do you sell tents?|welcome closed
	ai=off;auto_reply=closed|match any escalate reply closed|stop|opt_out
	ai=off;auto_reply=closed|match any escalate reply closed|I want to talk to a human|closed
	welcome=hello|match any survey|stop|opt_out
	survey=on|match any resolve|stop|opt_out
	ai=off;auto_reply=closed|opt_out: match text "stop" tag out|stop|
	welcome=hello;ai=off;survey=on|opt_out: match text "stop" resolve|stop|
	welcome=hello;ai=off;survey=on|opt_out: match not any stop|stop|welcome
	E
'
check 'what cannot be read is told so outside of hours, too' '
	own "welcome = hello" "hours = day" && echo "shut: match outside hours once per closed period reply closed" >own.rules &&
	say 829 2026-11-23T22:00:00Z "" image | route -q -f own.rules >out && jq -r ".data.text // empty" out >got &&
	sed -n 1p got | grep -qx "Welcome!" && sed -n 2p got | grep -q "^I cannot read" && [ "$(wc -l <got)" -eq 2 ]
'
mv conf.kept frontdesk.conf; mv rules.kept rules
up () { [ "$(sql "SELECT count(*) FROM worker WHERE stage = 'route'")" -gt 0 ]; }

check '--follow: SIGHUP brings new rules, a broken file keeps the old, none lost' '
	echo "old: match any tag old" >rules && cp rules good &&
	{ route --follow --poll 100ms --from end 2>log & } &&
	pid=$! && pids="$pids $pid" &&
	wait_for up &&
	arrive 1 50 && wait_for have 50 &&
	echo "new: match any tag new" >rules && arrive 51 100 &&
	kill -HUP "$pid" && wait_for grep -q "1 rule read" log &&
	arrive 101 150 && wait_for have 150 &&
	echo "match anny tag x" >rules && kill -HUP "$pid" &&
	wait_for grep -q "those read before still hold" log &&
	grep -q "rules:1:7: " log && arrive 151 200 && wait_for have 200 &&
	kill "$pid" && wait "$pid" &&
	sql "SELECT DISTINCT data ->> '"'$.rules'"' FROM event WHERE
	    stage = '"'route'"' AND type = '"'message.routed'"' AND substr(cause, 21) BETWEEN
	    '"'000001'"' AND '"'000050'"'" >got &&
	echo "[\"old\"]" >want && same want got &&
	sql "SELECT DISTINCT data ->> '"'$.rules'"' FROM event WHERE
	    stage = '"'route'"' AND type = '"'message.routed'"' AND substr(cause, 21) BETWEEN
	    '"'000101'"' AND '"'000200'"'" >got &&
	echo "[\"new\"]" >want && same want got
'
check '--follow: started again it goes on where it was' '
	cp good rules && arrive 201 220 && route --follow --once &&
	have 220 && route --follow --once && have 220
'
check 'what the customer took back is passed on, and no rule acts upon it' '
	hooks=$top/tests/data/webhooks && mkdir back && cd back && export FRONTDESK_STORE="$work/back/store" FRONTDESK_CONF="$work/back/conf" &&
	frontdesk init store >/dev/null && printf "[instance sales]\nphone_number_id = 106000000000001\nwelcome = greeting\nai = off\n" >conf &&
	printf "match any tag seen escalate \"rule\" reply \"Hello.\"\n" >rules &&
	{ jq -c . "$hooks/revoke.json"; jq -c . "$hooks/text.json"; } | wa-recv --stdin >in &&
	route -q -f rules <in >out && jq -c "[.type, .data.rules]" out >got && echo "[\"message.routed\",[]]" >want && same want got &&
	[ -z "$(conv list --tag seen --ids)" ] && [ -z "$(conv list --waiting --ids)" ] &&
	jq -c ".entry[0].changes[0].value.messages[0] |= (.id = \"wamid.more\" | .timestamp = \"1790000050\")" "$hooks/text.json" |
	    wa-recv --stdin | route -q -f rules | jq -r .type >got && grep -q conversation.escalated got && [ -n "$(conv list --tag seen --ids)" ]
'
check 'what a customer edits: the rules built in see it, others by "edited"; each edit once, for no one else' '
	mkdir "$work/edits" && cd "$work/edits" && export FRONTDESK_STORE="$work/edits/store" FRONTDESK_CONF="$work/edits/conf" && : >conf &&
	frontdesk init store >/dev/null && printf "match text \"refund\" tag money\nmatch edited text \"refund\" tag changed\nmatch edited not text \"refund\" tag other\n" >rules &&
	route --check -f rules && jq -c . >said <<-"END" &&
		{"from":"4917101","text":"hello there, my friend"}
		{"from":"4917101","edit":"get me a human agent"}
		{"from":"4917102","text":"hello there, my friend"}
		{"from":"4917102","edit":"Stop"}
		{"from":"4917103","text":"hello there, my friend"}
		{"from":"4917103","edit":"my refund, please"}
		{"from":"4917104","text":"a human agent"}
		{"from":"4917104","edit":"a human agent, please"}
		{"from":"4917105","text":"hello there, my friend"}
		{"from":"4917105","edit":"a human agent"}
		{"from":"4917105","revoke":true}
	END
	wa-sim --bodies <said | wa-recv --stdin >in && route -q -f rules --explain <in >out 2>why && route -q -f rules <in | cmp out - &&
	jq -r "select(.type == \"rules.fired\") | [.data.event, .data.rules[]] | join(\" \")" out >got && cat >want <<-"END" && same want got &&
		message.edited human 3
		message.edited opt_out 3
		message.edited 2
		message.edited human 3
		message.edited
	END
	grep -q "taken back by the customer" why && grep -q "rule human: no: .*asked of an edit" why &&
	jq -r "select(.type == \"message.queued\") | .data.reason // .data.text" out >sent && [ "$(wc -l <sent)" -eq 3 ] &&
	route --replay -f rules && printf "match edited text \"refund\" priority high\n" >other && status 1 route --replay -f other >got && grep -q "priority" got
'
check 'an edit that asks for a person opens again what is resolved; one that does not leaves it so' '
	mkdir "$work/closed" && cd "$work/closed" && export FRONTDESK_STORE="$work/closed/store" FRONTDESK_CONF="$work/closed/conf" && : >conf &&
	frontdesk init store >/dev/null && echo "match text \"bye\" resolve" >rules && jq -c . >said <<-"END" &&
		{"from":"4917101","text":"bye for now"}
		{"from":"4917101","edit":"get me a human agent"}
		{"from":"4917102","text":"bye for now"}
		{"from":"4917102","edit":"goodbye for now"}
	END
	wa-sim --bodies <said | wa-recv --stdin >in && route -q -f rules <in >out && route -q -f rules <in | cmp out - &&
	sqlite3 store/desk.db "SELECT value, status, owner FROM conversation JOIN contact_alias USING (contact) WHERE kind = \"phone\" ORDER BY value" >got &&
	printf "%s\n" "4917101|open|queue" "4917102|resolved|queue" | same - got &&
	conv reopen "$(conv list --status resolved --ids)" && route --replay -f rules
'
check 'edited and what is asked of messages alone never hold at once' '
	printf "match edited first message tag x\n" >bad && status 78 route --check -f bad 2>err && grep -q "bad:1:.*one is asked of an edit" err
'
check 'lines that were taken back do not add up with the next one' '
	rm -rf store && hooks=$top/tests/data/webhooks && mkdir -p lines && cd lines && export FRONTDESK_STORE="$work/lines/store" FRONTDESK_CONF="$work/lines/conf" &&
	frontdesk init store >/dev/null && printf "[instance sales]\nphone_number_id = 106000000000001\n" >conf &&
	printf "match text /refund.*lawyer/s escalate \"both\"\n" >rules &&
	line () { jq -c ".entry[0].changes[0].value.messages[0] |= (.id = \"wamid.HBgLTEST000$1\" |
	    .timestamp = \"179000000$1\" | .text.body = \"$2\")" "$hooks/text.json"; } &&
	{ line 1 "a refund"; line 2 "my lawyer"; } | wa-recv --stdin | route -q -f rules | grep -q conversation.escalated &&
	rm -rf store && frontdesk init store >/dev/null &&
	{ line 1 "a refund"; jq -c . "$hooks/revoke.json"; line 2 "my lawyer"; } | wa-recv --stdin >in && route -q -f rules <in >out &&
	grep -q message.routed out && ! grep conversation.escalated out
'
check 'a file that is no text in UTF-8 is named where it is none' '
	printf "match any tag x\nmatch any tag \303\251\351\n" >bad && status 78 route --check -f bad 2>err &&
	grep -q "bad:2:16: not a text in UTF-8" err
'
check 'a tag has no control characters, and --print writes none' '
	printf "match any tag \"a\033[31mb\"\n" >bad && status 78 route --check -f bad 2>err &&
	grep -q "bad:1:15: a tag has no control characters" err &&
	printf "match text \"a\033[31mb\" tag x\n" >odd && route --print -f odd >got && ! grep -q "$(printf "\033")" got && grep -qF "a\\x1b[31mb" got
'
check 'the name of a set without its sign is what was meant' '
	printf "set vip if tagged vip\nmatch vip tag x\n" >bad && status 78 route --check -f bad 2>err &&
	grep -qF "bad:2:7: '"'vip' is no condition, did you mean "'\$vip?" err
'
check 'texts that a language of several parts does not have are its base'"'"'s, or none' '
	rm -rf tags && frontdesk init tags >/dev/null && export FRONTDESK_STORE=$PWD/tags &&
	say 501 2026-11-22T10:00:00Z "kya mera order aaj aa jayega bhai" | timeout 20 route -q >out && jq -e "select(.type == \"message.routed\").data.language == \"hi-Latn\"" out &&
	say 501 2026-11-22T10:00:10Z "" sticker | timeout 20 route -q >out && grep -q conversation.escalated out &&
	echo "match text \"x\" reply closed" >own && say 501 2026-11-22T10:00:20Z "x" | timeout 20 route -q -f own >out && grep -q message.routed out
'
check 'another cursor comes to the same events and has no second effect' '
	rm -rf twice && frontdesk init twice >/dev/null && export FRONTDESK_STORE=$PWD/twice && echo "match any reply \"ok\"" >own &&
	for i in 1 2 3; do echo "{\"from\":\"49171100$i\",\"text\":\"hello $i\"}"; done | wa-sim --bodies | wa-recv --stdin >/dev/null &&
	route --follow --once -q --from=start -f own && desk-events >want && [ "$(grep -c message.queued want)" -eq 3 ] &&
	route --follow --once -q --from=start -f own --cursor=second && desk-events >got && same want got &&
	desk-events --type message.received | route -q -f own --cursor=third >/dev/null && desk-events >got && same want got
'
check 'a reply of blanks is none' '
	printf "match any reply \"\\\\n \\\\n\"\n" >bad && status 78 route --check -f bad 2>err && grep -q "bad:1:17: a reply of blanks says nothing" err
'
if [ "$(id -u)" -eq 0 ]; then
	check 'a store that may not be read: people that rules name are not looked up, which is said; texts have their sentiments' '
		mkdir shut && frontdesk init shut/store >/dev/null && chmod 755 . && chmod 700 shut && export FRONTDESK_STORE=$PWD/shut/store && echo "match text \"x\" assign nobodyhere" >bad && echo "hello" >in && chmod 644 bad in frontdesk.conf &&
		other () { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; } &&
		route --check -f bad 2>err && grep -q "there is no person nobodyhere" err && other route --check -f bad 2>err && grep -q "shut/store: Permission denied: the people and teams that rules name were not looked up" err &&
		other route --label <in 2>err | jq -e ".sentiment_label == \"neutral\"" && grep -q "no model of intents is read" err
	'
else
	skip 'a store that may not be read' 'root is wanted'
fi
done_testing
