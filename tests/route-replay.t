#!/bin/sh
# route(1): what other rules would have decided, and which rules are of use
. "${0%/*}/lib.sh"
frontdesk init --user >/dev/null 2>&1
store=${XDG_DATA_HOME:-$HOME/.local/share}/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
say () {	# PHONE TIME TEXT
	jq -nc --arg phone "$1" --arg time "$2" --arg text "$3" \
	    '{type: "message.received", time: $time, data: {kind: "text", phone: $phone, text: $text}}'
}
# PHONE TIME TEXT: said and routed then, by the rules that hold
wrote () { say "$@" | FRONTDESK_NOW=$2 route -q >out; }
of () { sql "SELECT conversation FROM message JOIN contact_alias USING (contact)
	WHERE value = '$1' LIMIT 1"; }
# What differs: PHONE FIELD NOW NEW
differs () {
	status "$1" route --replay --since 2026-11-23T00:00:00Z -f new >got 2>err || return 1
	[ ! -s err ] || { cat err; return 1; }
	jq -c "[.conversation, .field, .now, .new]" got >shown
}
line () { printf '["%s","%s",%s,%s]\n' "$(of "$1")" "$2" "$3" "$4"; }
t=2026-11-23T10
cat >frontdesk.conf <<'END'
[desk]
zone = Europe/Berlin
[hours shop]
zone = Europe/Berlin
mon-fri = 09:00-17:00
[instance default]
hours = shop
[reply welcome]
en = Welcome!
END
cat >rules <<'END'
hi: match first message once reply welcome
bill: match text "refund" tag billing priority high
boss: match text "boss" escalate "the boss" reply holding
late: match idle 30m tag late
shut: match outside hours once per closed period tag shut
last: match text "bye" resolve
END

check 'a day of a desk' '
	FRONTDESK_NOW=${t}:00:00Z route --follow --once --from start &&
	wrote 1 $t:00:00Z hello && wrote 1 $t:01:00Z "a refund please" && wrote 2 $t:02:00Z "give me the boss" &&
	wrote 2 $t:03:00Z "a refund" && wrote 3 $t:04:00Z "just looking" && FRONTDESK_NOW=$t:05:00Z conv tag "$(of 3)" vip &&
	wrote 3 $t:06:00Z "and a refund" && FRONTDESK_NOW=$t:45:00Z route --follow --once && wrote 4 2026-11-23T20:00:00Z "anybody" &&
	wrote 4 2026-11-23T21:00:00Z "hello again" && wrote 5 $t:50:00Z bye && wrote 5 $t:55:00Z "me again" &&
	FRONTDESK_NOW=$t:56:00Z conv take "$(of 5)" && wrote 5 $t:57:00Z "a refund for the boss" &&
	[ "$(sql "SELECT count(*) FROM conversation")" -eq 5 ]
'
check 'the same rules: no difference' '
	cp rules new && differs 0 && [ ! -s got ]
'
check 'other labels, sets and blanks are no difference' '
	{ echo "set back = \"refund\""; sed "s/text \"refund\"/text  \$back/; s/^bill:/money:/" rules; } >new && differs 0 && [ ! -s got ]
'
check 'another tag and priority: of the conversations it would change, and no other' '
	sed "s/tag billing priority high/tag money/" rules >new && differs 1 &&
	{ for p in 1 2 5; do line $p priority "\"high\"" "\"medium\""; line $p tags "[\"billing\"]" "[\"money\"]"; done
	line 3 priority "\"high\"" "\"medium\""; line 3 tags "[\"billing\",\"vip\"]" "[\"money\",\"vip\"]"; } |
	    sed "s/\\[\"billing\"\\]/&/" | sort >want && sort shown >got.sorted && cat want got.sorted &&
	[ "$(cut -d, -f1,2 want)" = "$(cut -d, -f1,2 got.sorted)" ] && grep -qF "$(line 3 tags "[\"billing\",\"late\",\"vip\"]" "[\"late\",\"money\",\"vip\"]")" shown
'
check 'nobody hands over: owner and replies, and what is said later goes out' '
	grep -v "^boss" rules >new && differs 1 &&
	{ line 2 owner "\"queue\"" "\"ai\""; } >want && grep "\"owner\"" shown | same want - &&
	jq -c "select(.field == \"replies\") | [.conversation, (.now | length), (.new | length)]" got >replies &&
	echo "[\"$(of 2)\",1,1]" >want && same want replies &&
	jq -r "select(.field == \"replies\") | .now[0], .new[0] | sub(\"^[^ ]* \"; \"\")" got >names && printf "%s\n" holding welcome >want && same want names
'
check 'a person who has it keeps it, in either world' '
	{ cat rules; echo "match text \"boss\" assign team vips"; } >new && differs 1 && line 2 owner "\"queue\"" "\"team vips\"" >want && same want shown
'
check 'state is as it stood: what people did counts, tags given later do not' '
	{ cat rules; echo "match tagged vip priority urgent"; } >new && differs 1 && line 3 priority "\"high\"" "\"urgent\"" >want && same want shown &&
	{ cat rules; echo "match tagged vip and text \"looking\" priority urgent"; } >new && differs 0
'
check 'what its own rules did counts in each world, what the others did does not' '
	{ sed "s/ tag billing//" rules; echo "match tagged billing priority urgent"; } >new && differs 1 && ! grep -q urgent shown &&
	{ cat rules; echo "next: match tagged billing and text \"again\" tag again"; } >new && differs 0
'
check 'timers, hours and once are those of then' '
	sed "s/tag late/tag slow/" rules >new && differs 1 && jq -r "select(.field == \"tags\") | .new[]" got | grep -qx slow && [ "$(jq -r .field got | sort -u)" = tags ] &&
	sed "s/ once per closed period/ once per day/; s/tag shut/priority low/" rules >new && differs 1 && grep "priority" shown >got2 && line 4 priority "\"medium\"" "\"low\"" >want && same want got2
'
check 'resolved or not: opened again, and first again' '
	grep -v "^last" rules >new && differs 1 && jq -c "select(.field == \"replies\") | [.conversation, (.now | length), (.new | length)]" got >replies &&
	echo "[\"$(of 5)\",2,1]" >want && same want replies
'
check 'before the time that is asked about all is as it was' '
	grep -v "^boss" rules >new && route --replay --since 2026-11-24T00:00:00Z -f new >got && [ ! -s got ] &&
	wrote 2 2026-11-24T10:00:00Z "the boss, again" && wrote 1 2026-11-24T10:00:00Z "another refund" &&
	route --replay --since 2026-11-24T00:00:00Z -f new >got && [ ! -s got ] &&
	sed "s/^hi: .*/match first message once tag hi/" rules >new && route --replay --since 2026-11-24T00:00:00Z -f new >got && [ ! -s got ]
'
check 'twice: the same bytes; tables of today do not matter' '
	sed "s/tag billing priority high/tag money/; /^boss/d" rules >new && status 1 route --replay --since 2026-11-23T00:00:00Z -f new >one &&
	cp -r "$store" other && sqlite3 other/desk.db "UPDATE conversation SET owner = \"user\", assignee = \"me\", status = \"archived\", priority = \"low\"; DELETE FROM conversation_tag; DELETE FROM mark; DELETE FROM timer" &&
	status 1 route -S other --replay --since 2026-11-23T00:00:00Z -f new >two && same one two
'
check 'it changes nothing' '
	before=$(sql "SELECT count(*), max(seq) FROM event") && status 1 route --replay --since 2026-11-23T00:00:00Z -f new >/dev/null && [ "$(sql "SELECT count(*), max(seq) FROM event")" = "$before" ]
'
check 'a timer that nobody asked for is named; wrong use; a broken file' '
	{ cat rules; echo "match waiting 5m tag x"; } >new && route --replay -f new 2>err && grep -q "^route: the rules that hold have no timer of 5 min" err &&
	status 64 route --replay 2>/dev/null && status 64 route --since 1d 2>/dev/null && status 64 route --check --stats 2>/dev/null &&
	status 64 route --stats --since soon 2>/dev/null && echo "match anny tag x" >new && status 78 route --replay -f new 2>err && grep -q "^route: new:1:7: " err
'
check '--stats: how often each rule has fired, which never did, which are gone' '
	echo "dead: match text \"zzz\" tag zzz" >>rules && sed -i "s/^bill:/money:/" rules && route --stats >got &&
	jq -c "[.rule, .hits, .dead // false, .gone // false]" got >shown && cat >want <<-E && same want shown
	["human",1,false,false]
	["opt_out",0,true,false]
	["unreadable",0,true,false]
	["hi",6,false,false]
	["money",0,true,false]
	["boss",3,false,false]
	["late",3,false,false]
	["shut",1,false,false]
	["last",1,false,false]
	["dead",0,true,false]
	["bill",5,false,true]
	E
	route --stats --since 2026-11-24T00:00:00Z | jq -c "select(.hits > 0) | [.rule, .hits]" >shown && printf "%s\n" "[\"boss\",1]" "[\"bill\",1]" >want && same want shown
'
check '--stats: a rule without a label counts in its own file only' '
	echo "match text \"count\" tag c" >rules && wrote 9 $t:00:00Z "count me" && route --stats | jq -c "select(.rule == \"1\").hits" >got && echo 1 >want && same want got &&
	echo "match text \"other\" tag c" >rules && route --stats | jq -c "select(.rule == \"1\").hits" >got && echo 0 >want && same want got
'

mkdir days && cat >days/frontdesk.conf <<'END'
[desk]
zone = Europe/Berlin
[hours shop]
zone = Europe/Berlin
mon-sun = 09:00-17:00
[instance default]
phone_number_id = 100000000000001
hours = shop
END
cat >days/rules <<'END'
hi: match first message once tag greeted reply holding
bill: match text "refund" or text "money" tag billing priority high
boss: match text "boss" escalate "the boss" reply holding
team: match text "team" and not tagged billing assign team north
me: match text "mine" assign me
late: match idle 20m tag late priority urgent
wait: match waiting 10m and owner ai tag waited
shut: match outside hours once per closed period tag shut
last: match text "bye" resolve untag billing
rest: match text "later" snooze 45m
off: match text "robot" ai off
on: match text "machine" ai on
again: match reopened tag again
three: match message count >= 3 once per day tag three
put: match text "away" archive
day: match text "day" once per day tag day untag greeted
deal: match text "deal" assign team sup round robin
least: match text "least" assign team sup least loaded
mine: match assignee anna tag hers
out: match opted out tag out
pt: match language pt tag pt
END
cat >days/other <<'END'
human: match not any stop
opt_out: match not any stop
unreadable: match not any stop
match any untag greeted, billing, waited, shut, again, three, day, vip, hers, out, pt priority medium assign team other
match idle 20m assign team other
END
check 'of who is blocked no rule is asked, then or now' '
	d=2026-11-24T10 && { cat rules; echo "match text \"llama\" tag money"; } >new && wrote 6 $d:00:00Z hello && c=$(of 6) &&
	FRONTDESK_NOW=$d:01:00Z desk-contact block $c && wrote 6 $d:02:00Z "a llama please" && [ ! -s out ] && differs 0 && [ ! -s got ] &&
	FRONTDESK_NOW=$d:03:00Z desk-contact unblock $c && wrote 6 $d:04:00Z "a llama, then" && grep -q message.routed out &&
	differs 1 && line 6 tags "[]" "[\"money\"]" | same shown -
'
check 'who was dealt a conversation has it in the replay, where it is dealt as it was' '
	cp rules old && d=2026-11-26T10 && FRONTDESK_NOW=$d:00:00Z desk-user add anna && FRONTDESK_NOW=$d:00:00Z desk-team add sup anna && cat >rules <<-E &&
	team: match text "llama" assign team sup round robin
	by: match owner user text "second" tag by-person
	queue: match owner queue text "second" tag by-queue
	third: match owner queue text "third" tag third
	E
	wrote 7 $d:00:00Z llama && wrote 7 $d:01:00Z second && wrote 7 $d:02:00Z third && c=$(of 7) &&
	[ "$(conv list --json | jq -r "select(.conversation == \"$c\").assignee")" = anna ] &&
	since="--since $d:00:00Z" && grep -v "^queue" rules >new && status 0 route --replay $since -f new >got && [ ! -s got ] &&
	sed "s/round robin/least loaded/" rules >new && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown &&
	{ line 7 owner "\"anna\"" "\"team sup\""; line 7 tags "[\"by-person\"]" "[\"by-queue\",\"third\"]"; } >want && same want shown
'
check 'who has opted out, and the language a person has set, are those of then' '
	printf "%s\n" "out: match opted out tag out" "pt: match language pt tag pt" >rules && d=2026-11-26T11 && wrote 8 $d:00:00Z one && c=$(of 8) &&
	FRONTDESK_NOW=$d:01:00Z desk-contact opt-out $c && FRONTDESK_NOW=$d:01:00Z desk-contact language $c pt-BR && wrote 8 $d:02:00Z two &&
	FRONTDESK_NOW=$d:03:00Z desk-contact opt-in $c && FRONTDESK_NOW=$d:03:00Z desk-contact language $c "" && wrote 8 $d:04:00Z three &&
	[ "$(conv list --json | jq -c "select(.conversation == \"$c\").tags")" = "[\"out\",\"pt\"]" ] &&
	echo "match any tag other" >new && status 1 route --replay --since $d:00:00Z -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown && line 8 tags "[\"out\",\"pt\"]" "[\"other\"]" | same - shown; code=$?; mv old rules; return $code
'
check 'a customer who wakes it does not bring the owner of the present rules into the world of the others' '
	cp rules old && d=2026-11-26T12 && printf "%s\n" "a: match text \"ostrich\" assign anna" "q: match owner ai text \"again\" tag with-ai" >rules && sed 1d rules >new &&
	wrote 41 $d:00:00Z ostrich && c=$(of 41) && FRONTDESK_NOW=$d:01:00Z conv snooze $c 1h && wrote 41 $d:02:00Z again &&
	since="--since $d:00:00Z" && status 0 route --replay $since -f rules && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown &&
	{ line 41 owner "\"anna\"" "\"ai\""; line 41 tags "[]" "[\"with-ai\"]"; } | same - shown; code=$?; mv old rules; return $code
'
check 'who is merged goes on as one: tags, priority, owner and what is said later, also in a chain' '
	cp rules old && d=2026-11-27T10 && printf "%s\n" "a: match text \"acorn\" tag acorn priority high" "b: match text \"birch\" tag birch assign team wood" \
	    "c: match text \"cedar\" tag cedar priority urgent" "d: match tagged acorn and tagged birch and text \"so\" tag both" \
	    "e: match owner queue text \"so\" tag queued" >rules &&
	wrote 51 $d:00:00Z acorn && wrote 52 $d:01:00Z birch && wrote 53 $d:02:00Z cedar && wrote 54 $d:03:00Z acorn &&
	a=$(of 51) b=$(of 52) c=$(of 53) && FRONTDESK_NOW=$d:04:00Z conv merge $a $b && wrote 51 $d:05:00Z so && wrote 54 $d:05:30Z so &&
	FRONTDESK_NOW=$d:06:00Z conv merge $c $b && wrote 52 $d:07:00Z so && FRONTDESK_NOW=$d:08:00Z conv take $(of 53) &&
	[ "$(of 51)" = "$(of 52)" ] && [ "$(of 53)" = "$(of 52)" ] && one=$(of 52) &&
	conv list --json | jq -c "select(.conversation == \"$one\") | [.owner, .priority, (.tags | sort)]" >got &&
	echo "[\"user\",\"urgent\",[\"acorn\",\"birch\",\"both\",\"cedar\",\"queued\"]]" >want && same want got &&
	since="--since $d:00:00Z" && cp rules new && status 0 route --replay $since -f new >got && [ ! -s got ] &&
	grep -v "^c:" rules >new && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown &&
	grep -F "\"$one\"" shown >of-one && { line 52 priority "\"urgent\"" "\"high\""
	line 52 tags "[\"acorn\",\"birch\",\"both\",\"cedar\",\"queued\"]" "[\"acorn\",\"birch\",\"both\",\"queued\"]"; } | same - of-one &&
	echo "match any tag other" >new && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown &&
	line 54 tags "[\"acorn\"]" "[\"other\"]" >want && grep -Fxf want shown; code=$?; mv old rules; return $code
'
check 'what was merged and is apart again: each as it was left, and what comes then' '
	cp rules old && d=2026-11-27T12 && printf "%s\n" "a: match text \"acorn\" tag acorn priority high" "b: match text \"birch\" tag birch assign team wood" \
	    "q: match owner queue and text \"so\" tag so" >rules &&
	wrote 61 $d:00:00Z acorn && wrote 62 $d:01:00Z birch && a=$(of 61) b=$(of 62) && FRONTDESK_NOW=$d:02:00Z conv merge $a $b &&
	FRONTDESK_NOW=$d:03:00Z conv split $(of 62) 62 && wrote 62 $d:04:00Z so && wrote 61 $d:05:00Z so && [ "$(of 61)" != "$(of 62)" ] &&
	since="--since $d:00:00Z" && status 0 route --replay $since -f rules && echo "match any tag other" >new &&
	status 1 route --replay $since -f new >got && for p in 61 62; do sql "SELECT group_concat(tag) FROM (SELECT tag FROM conversation_tag WHERE conversation = (SELECT conversation FROM message JOIN contact_alias USING (contact) WHERE value = $p LIMIT 1) ORDER BY tag)"; done >want &&
	for p in 61 62; do jq -r "select(.conversation == \"$(of $p)\" and .field == \"tags\") | .now | join(\",\")" got; done | same want - && grep -q so want; code=$?; mv old rules; return $code
'
check 'whoever is blocked, or has opted out, still is when they are merged' '
	cp rules old && d=2026-11-27T14 && printf "%s\n" "o: match opted out tag out" "s: match text \"so\" tag so" >rules &&
	wrote 71 $d:00:00Z one && wrote 72 $d:01:00Z two && FRONTDESK_NOW=$d:02:00Z desk-contact opt-out $(of 72) &&
	FRONTDESK_NOW=$d:03:00Z conv merge $(of 71) $(of 72) && wrote 71 $d:04:00Z three && FRONTDESK_NOW=$d:05:00Z desk-contact block $(of 71) &&
	wrote 72 $d:06:00Z so && conv list --json | jq -r "select(.conversation == \"$(of 71)\").tags | join(\",\")" >got && echo out | same - got &&
	since="--since $d:00:00Z" && status 0 route --replay $since -f rules && echo "match any tag other" >new &&
	status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown && line 71 tags "[\"out\"]" "[\"other\"]" >want && grep -Fxf want shown; code=$?; mv old rules; return $code
'
check 'a pause ends at its time in each world that has it, and for nobody who is with a person' '
	cp rules old && d=2026-11-28T10 && printf "%s\n" "match text \"broken\" tag x ai pause for 20m" "match text \"ours\" assign anna" >paused && sed "s/ ai pause.*//" paused >new && sed "s/ai pause.*/escalate \"x\"/" paused >asked && cp new rules &&
	for p in 81 82; do wrote $p $d:00:00Z broken || return 1; done && since="--since $d:00:00Z" && status 1 route --replay $since -f paused >got &&
	jq -c "[.conversation, .field, .now, .new]" got >shown && { line 81 owner "\"ai\"" "\"queue\""; line 82 owner "\"ai\"" "\"queue\""; } | sort >want && sort shown | same want - &&
	wrote 81 $d:10:00Z hello && status 1 route --replay $since -f paused >got && wrote 81 $d:30:00Z hello && wrote 82 $d:10:00Z ours && wrote 82 $d:30:00Z hello &&
	status 0 route --replay $since -f paused >got && d=2026-11-28T11 since="--since $d:00:00Z" && cp paused rules &&
	wrote 83 $d:00:00Z broken && wrote 83 $d:30:00Z hello && [ "$(sql "SELECT owner FROM conversation WHERE id = \"$(of 83)\"")" = ai ] && status 0 route --replay $since -f new >got &&
	status 1 route --replay $since -f asked >got && jq -c "[.conversation, .field, .now, .new]" got >shown && line 83 owner "\"ai\"" "\"queue\"" | same - shown; code=$?; mv old rules; return $code
'
check 'what was handed over stays with people in each world when a pause ends' '
	cp rules old && d=2026-11-28T11 && printf "%s\n" "match text \"broken\" ai pause for 20m" "match text \"leak\" escalate \"asked\"" >rules &&
	wrote 4917000087 $d:35:00Z leak && wrote 4917000087 $d:36:00Z broken && wrote 4917000087 $d:58:00Z hello && wrote 4917000087 $d:58:30Z hello &&
	wrote 4917000088 $d:35:00Z broken && wrote 4917000088 $d:36:00Z leak && wrote 4917000088 $d:58:30Z hello &&
	wrote 4917000089 $d:35:00Z "leak, broken" && wrote 4917000089 $d:58:30Z hello &&
	wrote 4917000090 $d:35:00Z broken && FRONTDESK_NOW=$d:37:00Z conv escalate $(of 4917000090) call && wrote 4917000090 $d:58:30Z hello &&
	for p in 87 88 89 90; do [ "$(sql "SELECT owner FROM conversation WHERE id = \"$(of 49170000$p)\"")" = queue ] || exit 1; done &&
	since="--since $d:34:00Z" && status 0 route --replay $since -f rules >got && [ ! -s got ] &&
	head -n 1 rules >new && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got | sort >shown &&
	for p in 87 88 89; do line 49170000$p owner "\"queue\"" "\"ai\""; done | sort >want && same want shown &&
	tail -n 1 rules >new && status 0 route --replay $since -f new >got; code=$?; mv old rules; return $code
'
check 'who takes or answers what the rules of a world have closed goes on with it there, with its own team' '
	cp rules old && d=2026-11-28T12 && echo "match any tag seen" >rules && printf "%s\n" "match any tag seen" "match text \"thanks\" resolve" "match text \"hello\" archive assign team wood" "match text \"price\" assign carl" >new &&
	wrote 4917000084 $d:00:00Z hello && FRONTDESK_NOW=$d:01:00Z conv take $(of 4917000084) && since="--since $d:00:00Z" && status 0 route --replay $since -f new >got &&
	wrote 4917000084 $d:02:00Z thanks && FRONTDESK_NOW=$d:03:00Z conv reply $(of 4917000084) welcome && wrote 4917000084 $d:04:00Z price && status 0 route --replay $since -f new >got &&
	FRONTDESK_NOW=$d:05:00Z conv release $(of 4917000084) && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown &&
	line 4917000084 owner "\"queue\"" "\"team wood\"" | same - shown; code=$?; mv old rules; return $code
'
check 'what was merged away is named once, as what goes on, with the answers of both' '
	cp rules old && d=2026-11-28T14 && echo "match text \"one\" reply \"One.\"" >rules && printf "%s\n" "match text \"one\" tag h" "match text \"two\" reply \"Two.\" tag h" >new &&
	wrote 85 $d:00:00Z one && wrote 86 $d:01:00Z two && FRONTDESK_NOW=$d:02:00Z conv merge $(of 85) $(of 86) && wrote 85 $d:03:00Z one &&
	status 1 route --replay --since $d:00:00Z -f new >got && jq -c "[.conversation, .field, [(.now | map(split(\" \")[-1])), (.new | map(split(\" \")[-1]))]]" got >shown &&
	{ echo "[\"$(of 85)\",\"replies\",[[\"One.\",\"One.\"],[\"Two.\"]]]"; echo "[\"$(of 85)\",\"tags\",[[],[\"h\"]]]"; } | same - shown; code=$?; mv old rules; return $code
'
check 'what a rule puts to rest: not where there are no hours; and it wakes by its time' '
	sed "s/^hours = shop//" frontdesk.conf >bare.conf && export FRONTDESK_CONF=$work/bare.conf && cp rules old && d=2026-11-29T10 && echo "match text \"rest\" tag r" >rules && printf "%s\n" "match text \"rest\" tag r" "match text \"rest\" snooze until opening" >opening &&
	printf "%s\n" "match text \"rest\" tag r" "match text \"rest\" snooze 1h" >hour && wrote 91 $d:00:00Z rest && since="--since $d:00:00Z" &&
	status 0 route --replay $since -f opening && status 1 route --replay $since -f hour >got && jq -c "[.conversation, .field, .now, .new]" got >shown && line 91 status "\"open\"" "\"snoozed\"" | same - shown &&
	wrote 92 $d:59:00Z else && status 1 route --replay $since -f hour >got && same got got && wrote 92 2026-11-29T11:00:00Z else && status 0 route --replay $since -f hour; code=$?; mv old rules; return $code
'
# CONVERSATION TIME N: the customer gives it one star
rates () {
	sql "INSERT INTO event (id, type, source, subject, time_ms, depth, data) SELECT '01M8500000000000000000RA$3', 'conversation.rated', '/desk', 'conversation/' || id,
	    strftime('%s', '$2') * 1000, 1, json_object('conversation', id, 'contact', contact, 'instance', instance, 'rating', 1) FROM conversation WHERE id = '$1'" &&
	sql "SELECT json_object('id', id, 'type', type, 'time', '$2', 'data', json(data)) FROM event ORDER BY seq DESC LIMIT 1" | FRONTDESK_NOW=$2 route -q >out
}
check 'an escalation upon a rating opens again what each world has closed, also for another person' '
	cp rules old && d=2026-11-29T14 p=4917000097 && printf "%s\n" "match text \"bye\" resolve" "match text \"off\" assign carl" >base && { cat base; echo "match rated <= 2 escalate \"rated\""; echo "match rated <= 2 and tagged dear assign anna"; } >new && cp base rules &&
	wrote $p $d:00:00Z hello && c=$(of $p) && FRONTDESK_NOW=$d:01:00Z conv take "$c" && FRONTDESK_NOW=$d:02:00Z conv resolve "$c" &&
	rates "$c" $d:03:00Z T1 && since="--since $d:00:00Z" && status 1 route --replay $since -f new >got && jq -c "[.conversation, .field, .now, .new]" got >shown && { line $p owner "\"me\"" "\"queue\""; line $p status "\"resolved\"" "\"open\""; } | sort >want && sort shown | same want - &&
	cp new rules && FRONTDESK_NOW=$d:04:00Z conv reopen "$c" && FRONTDESK_NOW=$d:05:00Z conv resolve "$c" && rates "$c" $d:06:00Z T2 && [ "$(sql "SELECT status || owner FROM conversation WHERE id = \"$c\"")" = openqueue ] &&
	since="--since $d:03:30Z" && status 0 route --replay $since -f new && status 1 route --replay $since -f base >got && jq -c "[.conversation, .field, .now, .new]" got >shown && { line $p owner "\"queue\"" "\"me\""; line $p status "\"open\"" "\"resolved\""; } | sort >want && sort shown | same want - &&
	FRONTDESK_NOW=$d:07:00Z conv assign "$c" me && FRONTDESK_NOW=$d:08:00Z conv tag "$c" dear && FRONTDESK_NOW=$d:09:00Z conv resolve "$c" && rates "$c" $d:10:00Z T3 && [ "$(sql "SELECT status || assignee FROM conversation WHERE id = \"$c\"")" = openanna ] && status 0 route --replay $since -f new; code=$?; mv old rules; return $code
'
check 'where the AI is off people have it, whatever the new rules give it to' '
	cp rules old && d=2026-11-29T12 && printf "%s\n" "[instance default]" "phone_number_id = 100000000000001" "ai = off" "[rules]" "file = rules" >off.conf && export FRONTDESK_CONF=$work/off.conf &&
	echo "match text \"x\" tag a" >rules && echo "match text \"go\" ai on" >new && echo "{\"from\":\"4917000093\",\"text\":\"go\",\"timestamp\":1795953600}" | wa-sim --bodies --phone-number-id 100000000000001 |
	    FRONTDESK_NOW=$d:00:00Z wa-recv --stdin | FRONTDESK_NOW=$d:00:00Z route -q >out && [ "$(sql "SELECT owner FROM conversation WHERE id = \"$(of 4917000093)\"")" = queue ] &&
	status 0 route --replay --since $d:00:00Z -f new; code=$?; mv old rules; return $code
'
check 'timers of what would have been open for longer are not known, and it says so' '
	cp rules old && d=2026-11-30T10 && printf "%s\n" "match text \"bye\" resolve" "w: match waiting 2h tag late" >rules && tail -n 1 rules >new && wrote 94 $d:00:00Z bye && wrote 95 $d:30:00Z x &&
	since="--since $d:00:00Z" && status 1 route --replay $since -f new 2>err >got && [ ! -s err ] && wrote 95 2026-11-30T13:00:00Z x && status 1 route --replay $since -f new 2>err >got &&
	grep -q "1 conversation would have been open for longer" err; code=$?; mv old rules; return $code
'
for seed in 1 2 ${LONG:+3 4 5 6 7 8}; do
	check "days at random: the log alone leads where the desk stands, $seed" '
		rm -rf days/store && FRONTDESK_CONF=$work/days/frontdesk.conf FRONTDESK_STORE=$work/days/store &&
		export FRONTDESK_CONF FRONTDESK_STORE && frontdesk init "$FRONTDESK_STORE" >/dev/null &&
		desk-user add anna && desk-user set anna --capacity=2 && desk-team add sup anna me &&
		python3 "$top/tests/days.py" "$seed" "${LONG:+3}60" days >got && sed -n "s/^held //p" got >held &&
		[ "$(wc -l <got)" -eq 1 ] && [ "$(cat held)" -ge "$((LONG ? 3 : 15))" ] || { cat got; return 1; }
	'
done
for seed in 1 2 3 ${LONG:+4 5 6 7 8 9 10 11 12}; do
	check "two desks with other rules: a replay tells just how they differ, $seed" '
		mkdir "two-$seed" && { cat days/frontdesk.conf; printf "%s\n" "[instance plain]" "phone_number_id = 100000000000002" \
		    "[instance human]" "phone_number_id = 100000000000003" "ai = off"; } >"two-$seed/desk.conf" &&
		python3 "$top/tests/worlds.py" "$seed" "$((LONG ? 60 : 30))" "$work/two-$seed" >got &&
		[ "$(wc -l <got)" -eq 1 ] && grep -q "^differ" got || { cat got; return 1; }
	'
done
done_testing
