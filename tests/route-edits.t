#!/bin/sh
# edits and ratings that are handed over wait as messages do, and who answers a
# customer in one conversation is not talked over in another
# shellcheck disable=SC2016,SC2034
. "${0%/*}/lib.sh"

cat >frontdesk.conf <<'END'
[desk]
zone = UTC
language = en
[rules]
file = rules
[sla s]
next_response = 10m
first_response = 10m
[instance shop]
phone_number_id = 100000000000001
sla = s
END
: >rules
frontdesk init --user >/dev/null 2>&1
desk-user add sara >/dev/null 2>&1
db=$HOME/.local/share/frontdesk/desk.db
sql () { sqlite3 -cmd '.timeout 5000' "$db" "$1"; }
is () { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
# Seconds since the beginning, and what is done then.
start=1795435200	# 2026-11-23T12:00:00Z
at () { s=$1 && shift && FRONTDESK_NOW=$(date -u -d "@$((start + s))" +%Y-%m-%dT%H:%M:%SZ) "$@"; }
deliver () { jq -c --arg t $((start + $1)) '.timestamp = $t' | wa-sim --bodies | at "$1" wa-recv --stdin; }
# AT PHONE ID TEXT; AT PHONE ID-OF-THE-MESSAGE TEXT
wrote () { jq -nc --arg f "4917$2" --arg i "$3" --arg t "$4" '{from: $f, id: $i, text: $t}' | deliver "$1"; }
edited () { jq -nc --arg f "4917$2" --arg i "$3" --arg t "$4" '{from: $f, type: "edit", edit: {original_message_id: $i, message: {type: "text", text: {body: $t}}}}' | deliver "$1"; }
revoked () { jq -nc --arg f "4917$2" --arg i "$3" '{from: $f, type: "revoke", revoke: {original_message_id: $i}}' | deliver "$1"; }
routes () { at "$1" route --follow --once -q; }
of () { conv list --status all --contact "4917$1" --ids; }
row () { sql "SELECT status, owner, coalesce((waiting_ms - $start * 1000) / 1000, '-') FROM conversation WHERE id = '$1'"; }
said () { sql "SELECT count(*) FROM message WHERE conversation = '$1' AND author = 'rule'"; }
routes 0 --from=start >/dev/null

check 'an edit that asks for a person waits since it was made, whoever had answered, and is told of as a message' '
	echo "w: match waiting 30m and owner queue priority urgent" >rules &&
	for p in 491 492 493; do wrote 10 $p m$p "hello there" >/dev/null || exit 1; done && routes 11 >/dev/null &&
	at 20 conv reply "$(of 491)" "here you are" && at 21 conv release --to-ai "$(of 491)" &&
	at 20 conv take "$(of 492)" && at 21 conv reply "$(of 492)" "here you are" && at 22 conv resolve "$(of 492)" &&
	at 20 conv take "$(of 493)" && at 21 conv reply "$(of 493)" "here you are" &&
	for p in 491 492 493; do edited 60 $p m$p "I want to talk to a human" >/dev/null || exit 1; done && routes 61 >/dev/null &&
	is "$(row "$(of 491)") $(said "$(of 491)")" "open|queue|60 1" && is "$(row "$(of 492)") $(said "$(of 492)")" "open|queue|60 1" &&
	is "$(row "$(of 493)") $(said "$(of 493)")" "open|user|60 0" &&
	conv list --waiting --ids | sort >got && for p in 491 492 493; do of $p; done | sort | same - got &&
	at 62 conv list --waiting | grep -c "I want to talk to a human (edited)" | grep -qx 3 &&
	is "$(sql "SELECT count(*) FROM conversation WHERE due_ms / 1000 - $start BETWEEN 660 AND 661")" 3 &&
	routes 1900 >/dev/null && conv list --priority urgent --ids | sort >got && for p in 491 492; do of $p; done | sort | same - got
'
check 'what is taken back waits no more, and an answer ends it' '
	revoked 1910 491 m491 >/dev/null && is "$(row "$(of 491)")" "open|queue|-" &&
	at 1911 conv reply "$(of 492)" "I am here now" && is "$(row "$(of 492)")" "open|user|-"
'
check 'an edit nobody is asked for leaves the clocks alone, and is news to who has read what it was' '
	wrote 2000 494 m494 "a red one plese" >/dev/null && routes 2001 >/dev/null && c=$(of 494) && at 2002 conv reply "$c" "it is on its way" && at 2003 conv show "$c" >/dev/null &&
	! conv list --unread --ids | grep -q "$c" && edited 2010 494 m494 "a blue one please" >/dev/null && routes 2011 >/dev/null && is "$(row "$c")" "open|user|-" &&
	conv list --unread --ids | grep -qx "$c" && at 2012 conv show "$c" >/dev/null && ! conv list --unread --ids | grep -q "$c"
'
check 'that a message is not edited holds of every message; the language of an edit is that of its text' '
	printf "n: match not edited text \"refund\" tag noted\ns: match edited language es tag spanish\n" >rules && route --check && printf "match edited not edited tag x\n" >bad && status 78 route --check -f bad 2>err &&
	wrote 3000 495 m495 "a refund for my order please" >/dev/null && routes 3001 >/dev/null && edited 3010 495 m495 "quiero que me devuelvan el dinero de mi pedido" >/dev/null && routes 3011 >/dev/null &&
	is "$(conv list --contact 4917495 --json | jq -r ".tags | join(\" \")")" "noted spanish" && route --replay -f rules
'
check 'replay decides an edit behind the message before it, as it was decided' '
	printf "off: match text \"off\" ai off\nx: match edited text \"x\" reply \"one\"\n" >rules &&
	wrote 4000 496 m496 off >/dev/null && edited 4001 496 m496 x >/dev/null && routes 4002 >/dev/null && is "$(said "$(of 496)")" 0 &&
	sed "s/one/two/" rules >new && route --replay --since "$(date -u -d "@$((start + 3500))" +%Y-%m-%dT%H:%M:%SZ)" -f new
'
check 'a pause outlasts a resolve: without an end until it is released, with one until then' '
	: >rules && n=0 && for how in pause "pause --for=1h" "pause --for=1m"; do
		n=$((n + 1)) && wrote 5000 50$n m50$n hello >/dev/null && routes 5001 >/dev/null && c=$(of 50$n) && at 5002 conv $how "$c" && at 5003 conv resolve "$c" && wrote 5100 50$n n50$n "hello again" >/dev/null && routes 5101 >/dev/null && row "$c" || exit 1
	done >got && printf "%s\n" "open|queue|5100" "open|queue|5100" "open|ai|5100" | same - got &&
	wrote 9000 502 o502 "and now?" >/dev/null && routes 9001 >/dev/null && is "$(row "$(of 502)")" "open|ai|5100" &&
	wrote 9000 501 o501 "and now?" >/dev/null && routes 9001 >/dev/null && is "$(row "$(of 501)")" "open|queue|5100" &&
	printf "off: match text \"off\" ai off\n" >rules && wrote 9100 504 m504 off >/dev/null && routes 9101 >/dev/null && at 9102 conv archive "$(of 504)" && wrote 9200 504 n504 hello >/dev/null && routes 9201 >/dev/null && is "$(row "$(of 504)")" "open|queue|9200" &&
	at 9202 conv release --to-ai "$(of 504)" && at 9203 conv resolve "$(of 504)" && wrote 9300 504 o504 hello >/dev/null && is "$(row "$(of 504)")" "open|ai|9300" && route --replay -f rules
'
check 'of two open conversations of a customer the person who has one hears what comes, and the AI answers in none' '
	: >rules && sed -i "/^sla = s/a after_resolve = new\\nquiet = 0s" frontdesk.conf &&
	wrote 20000 601 m601 hello >/dev/null && routes 20001 >/dev/null && old=$(of 601) && at 20002 conv take "$old" && at 20003 conv reply "$old" "a new one is coming" && at 20004 conv resolve "$old" &&
	wrote 20100 601 n601 "Do you have red ones?" >/dev/null && routes 20101 >/dev/null && new=$(of 601 | grep -vx "$old") && is "$(row "$new")" "open|ai|20100" &&
	at 20102 conv reply "$old" "It goes out on Monday" 2>err && grep -q "$new of the same customer is open, too" err &&
	wrote 20200 601 o601 "Can you make it Tuesday?" | jq -r "select(.type == \"message.received\").data.conversation" >got && echo "$old" | same - got &&
	routes 20201 >/dev/null && at 20260 ai-reply --follow --once --from=start >/dev/null 2>&1 && is "$(sql "SELECT count(*) FROM message WHERE conversation IN (\"$old\", \"$new\") AND author IN (\"ai\", \"system\")")" 0 &&
	is "$(row "$new")" "open|queue|20100" && conv show "$new" | grep -q "people talk to the customer in another conversation" &&
	at 20300 conv resolve "$old" && wrote 20400 601 p601 "Thanks" | jq -r "select(.type == \"message.received\").data.conversation" >got && echo "$new" | same - got
'
check 'so where the old one was opened by an edit that asks for a person' '
	wrote 21000 602 m602 hello >/dev/null && routes 21001 >/dev/null && old=$(of 602) new= && at 21002 conv reply "$old" "hi" && at 21003 conv resolve "$old" &&
	wrote 21100 602 n602 "Do you have red ones?" >/dev/null && new=$(of 602 | grep -vx "$old") && edited 21101 602 m602 "I want a human" >/dev/null && routes 21102 >/dev/null && is "$(row "$old")" "open|queue|21101" &&
	wrote 21200 602 o602 "anybody?" | jq -r "select(.type == \"message.received\").data.conversation" >got && echo "$old" | same - got &&
	routes 21201 >/dev/null && at 21260 ai-reply --follow --once >/dev/null 2>&1 && is "$(sql "SELECT count(*) FROM message WHERE conversation IN (\"$old\", \"$new\") AND author IN (\"ai\", \"system\")")" 0
'
check 'who is given to people upon an edit waits, by whatever action' '
	n=0 && for what in "assign sara" "ai off" "ai pause for 1h" "tag x"; do
		n=$((n + 1)) && echo "match edited text \"urgent\" $what" >rules && wrote 30000 70$n m70$n hello >/dev/null && routes 30001 >/dev/null && at 30002 conv reply "$(of 70$n)" "hi" && at 30003 conv release --to-ai "$(of 70$n)" &&
		edited 30010 70$n m70$n urgent >/dev/null && routes 30011 >/dev/null && row "$(of 70$n)" || exit 1
	done >got && printf "%s\n" "open|user|30010" "open|queue|30010" "open|queue|30010" "open|ai|-" | same - got
'
check 'what was taken back by then counts for nothing, in replay, too' '
	printf "u: match text \"urgent\" tag urgent\ne: match edited text \"urgent\" tag edited\nf: match first message tag begins\nn: match new conversation tag fresh\nm: match message count >= 2 tag many\n" >rules &&
	sed -i "/^sla = s/a welcome = hi\\nwelcome_before_ai = on" frontdesk.conf && printf "[reply hi]\nen = Welcome!\n" >>frontdesk.conf && now=$(sql "SELECT max(time_ms) FROM event") &&
	wrote 40000 801 m801 urgent >/dev/null && revoked 40001 801 m801 >/dev/null && wrote 40002 801 n801 hello >/dev/null && routes 40003 >/dev/null && is "$(conv list --contact 4917801 --json | jq -r ".tags | join(\" \")")" "begins fresh" && is "$(said "$(of 801)")" 1 &&
	wrote 40000 802 m802 hello >/dev/null && routes 40003 >/dev/null && edited 40004 802 m802 urgent >/dev/null && revoked 40005 802 m802 >/dev/null && routes 40006 >/dev/null && wrote 40007 802 n802 hello >/dev/null && routes 40008 >/dev/null && is "$(conv list --contact 4917802 --json | jq -r ".tags | join(\" \")")" "begins fresh many" &&
	printf "f: match first message tag begins\nn: match new conversation tag fresh\nm: match message count >= 2 tag many\n" >fewer && { route --replay -f fewer >diff || :; } && ! grep -e "$(of 801)" -e "$(of 802)" diff
'
check 'what is taken back is read with no later line, in replay, too' '
	echo "match text /alpha.*omega/s escalate \"both\"" >rules && wrote 45000 811 m811 "alpha" >/dev/null && routes 45001 >/dev/null && revoked 45002 811 m811 >/dev/null && routes 45003 >/dev/null && wrote 45004 811 n811 "omega" >/dev/null && routes 45005 >/dev/null &&
	wrote 45000 812 m812 "alpha" >/dev/null && routes 45001 >/dev/null && wrote 45004 812 n812 "omega" >/dev/null && routes 45005 >/dev/null && is "$(row "$(of 811)" | cut -d "|" -f 2) $(row "$(of 812)" | cut -d "|" -f 2)" "ai queue" &&
	echo "match text \"zzz\" tag z" >other && { route --replay -f other >diff || :; } && grep -q "$(of 812).*owner" diff && ! grep "$(of 811).*owner" diff
'
check 'replay decides an edit where it was decided, though somebody acted meanwhile' '
	echo "rest: match text \"restful\" reply \"good\"" >rules && wrote 46000 821 m821 hello >/dev/null && routes 46001 >/dev/null && edited 46002 821 m821 "I want to talk to a human" >/dev/null && at 46003 conv resolve --no-survey "$(of 821)" && routes 46004 >/dev/null &&
	wrote 46100 821 n821 restful >/dev/null && routes 46101 >/dev/null && is "$(row "$(of 821)" | cut -d "|" -f 1,2) $(said "$(of 821)")" "open|queue 2" && : >none && { route --replay -f none >diff || :; } && ! grep "$(of 821)" diff
'
check 'replay says nothing to who wants no more messages, as route does' '
	printf "i: match idle 10m reply \"are you there?\"\n" >rules && wrote 50000 901 m901 hello >/dev/null && routes 50001 >/dev/null && at 50002 desk-contact opt-out "$(conv list --contact 4917901 --json | jq -r .contact)" && routes 51000 >/dev/null && is "$(sql "SELECT count(*) FROM event WHERE type = \"timer.fired\" AND subject = \"conversation/$(of 901)\"")" 1 &&
	sed "s/are you there/there you are/" rules >new && route --replay --since "$(date -u -d "@$((start + 49000))" +%Y-%m-%dT%H:%M:%SZ)" -f new
'
done_testing
