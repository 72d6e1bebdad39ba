#!/bin/sh
# desk-contact(1): what is known of customers, block and opt-out
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:30Z
export XDG_DATA_HOME FRONTDESK_NOW
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
sql () { sqlite3 "$db" "$1"; }
echo 0 >counter
wrote () {	# PHONE TEXT [NAME]: by the provider
	n=$(($(cat counter) + 1)) && echo $n >counter
	jq -cn --arg p "$1" --arg t "$2" --arg n "${3:-Profile}" --arg id "wamid.W$n" --arg at $((1795435230 + n)) '{object: "whatsapp_business_account",
	    entry: [{id: "1", changes: [{field: "messages", value: {messaging_product: "whatsapp", metadata: {phone_number_id: "1001", display_phone_number: "49301001"},
	    contacts: [{wa_id: $p, profile: {name: $n}}], messages: [{from: $p, id: $id, timestamp: $at, type: "text", text: {body: $t}}]}}]}]}' | wa-recv --stdin
}
row () { sql "SELECT status, owner, waiting_ms IS NOT NULL FROM conversation WHERE id = '$1'"; }
is () { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }

check 'show: all that is known, by id, number, name or conversation' '
	for who in c0000001 contact/c0000001 +491701111111 "mara weiss" aaa11; do desk-contact show "$who" --json | jq -c "[.contact, .instance, .names, .conversations, .language, .blocked, .opted_out]" || exit 1; done | sort -u >got &&
	echo "[\"c0000001\",\"sales\",{\"phone\":[\"491701111111\"]},[\"aaa11111\"],\"de\",false,false]" >want && same want got &&
	status 66 desk-contact show nobody
'
check 'a name that is several: which they are is said' '
	sql "UPDATE contact SET name = \"Mara Weiss\" WHERE id = \"c0000004\"" && status 64 desk-contact block "Mara Weiss" 2>err && grep -q "c0000001, c0000004: say which" err &&
	sql "UPDATE contact SET name = \"Old Customer\" WHERE id = \"c0000004\"" && [ "$(sql "SELECT count(*) FROM event WHERE type = \"contact.blocked\"")" -eq 0 ]
'
check 'a control character of a name is shown, not obeyed' '
	desk-contact show c0000003 >got && ! grep -q "$(printf "\033")" got && grep -q "Evil" got
'
check 'rename: stays, whatever the profile says, until it is taken back' '
	desk-contact rename aaa11 "Mara from Graz" --json | jq -c "[.type, .data.change, .data.actor]" >got &&
	echo "[\"contact.changed\",\"renamed\",\"user:me\"]" >want && same want got &&
	wrote 491701111111 hi "M. W." >/dev/null && desk-contact show aaa11 >got && grep -q "^name .*Mara from Graz, as named here" got && conv list --plain | grep -q "Mara from Graz" &&
	desk-contact rename aaa11 "" && desk-contact show aaa11 --json | jq -e ".name == \"M. W.\" and .renamed == false" &&
	status 65 desk-contact rename aaa11 "   " && status 65 desk-contact rename aaa11 "$(printf "\342\200\213 ")" &&
	status 65 desk-contact rename aaa11 "a
b" && sql "SELECT count(*) FROM event WHERE data LIKE \"%Graz%\"" | grep -qx 0 && ! sql "SELECT detail FROM audit" | grep -q Graz
'
check 'attributes: set, shown, taken away; the log has their names only' '
	desk-contact set aaa11 plan premium && desk-contact set aaa11 plan gold && desk-contact set aaa11 city Graz &&
	desk-contact show aaa11 --json | jq -ce .attributes >got && echo "{\"city\":\"Graz\",\"plan\":\"gold\"}" >want && same want got &&
	desk-contact unset aaa11 plan && desk-contact unset aaa11 plan --json >got && [ ! -s got ] && desk-contact show aaa11 | grep -q "^attribute .*city = Graz" &&
	sql "SELECT count(*) FROM event WHERE data LIKE \"%gold%\"" | grep -qx 0 && status 65 desk-contact set aaa11 "" x && status 65 desk-contact set aaa11 x "" && status 64 desk-contact set aaa11 x
'
check 'language: what people say goes before what is detected' '
	desk-contact language aaa11 pt-br && wrote 491701111111 "Where is my parcel? I have been waiting for it" | route -q >/dev/null &&
	[ "$(sql "SELECT language FROM conversation WHERE id = \"aaa11111\"")" = pt-BR ] && desk-events --type message.routed | tail -n 1 | jq -e ".data.language == \"pt-BR\"" &&
	desk-contact show aaa11 | grep -q "^language .*pt-BR, as said here" && desk-contact language aaa11 "" &&
	wrote 491701111111 "Where is my parcel? I have been waiting for it" | route -q >/dev/null && [ "$(sql "SELECT language FROM conversation WHERE id = \"aaa11111\"")" = en ] &&
	status 65 desk-contact language aaa11 "no tag"
'
check 'zone: their clock is shown' '
	desk-contact zone aaa11 Asia/Tokyo && desk-contact show aaa11 | grep -q "^zone .*Asia/Tokyo, 21:00 there" && status 65 desk-contact zone aaa11 Mars/Base && desk-contact zone aaa11 "" &&
	desk-contact show aaa11 --json | jq -e ".zone == null"
'
check 'blocked: what they write is kept, opens nothing, and nobody waits' '
	is "$(row aaa11111)" "open|queue|1" && desk-contact block aaa11 --json | jq -c "[.type, .data.blocked, .data.actor]" >got &&
	echo "[\"contact.blocked\",true,\"user:me\"]" >want && same want got && is "$(row aaa11111)" "open|queue|0" &&
	conv resolve aaa11 && wrote 491701111111 "answer me" >lines && is "$(row aaa11111)" "resolved|queue|0" &&
	jq -r .type lines | grep -qx message.received && ! grep -qF "\"conversation." lines && conv show aaa11 | grep -q "answer me" &&
	conv reopen aaa11 && wrote 491701111111 "and again" >more && is "$(row aaa11111)" "open|queue|0" && conv resolve aaa11
'
check 'blocked: no rule, no AI' '
	echo "match any tag seen reply \"hello\" notify anna" >own && cat lines more | route -q -f own >got && ! grep -q -e message.routed -e message.queued -e action.requested got &&
	[ -z "$(sql "SELECT 1 FROM conversation_tag WHERE tag = \"seen\"")" ]
'
check 'blocked: nobody can write, and no read receipt goes out' '
	status 1 conv reply aaa11 hello 2>err && grep -q "desk-contact unblock" err && conv show aaa11 >/dev/null && ! desk-events --type message.viewed | grep -q aaa11111 &&
	conv take aaa11 && is "$(row aaa11111)" "open|user|0"
'
check 'unblocked: their next message counts again' '
	desk-contact unblock aaa11 && desk-contact unblock aaa11 --json >got && [ ! -s got ] && is "$(row aaa11111)" "open|user|0" &&
	wrote 491701111111 "am I back?" >/dev/null && is "$(row aaa11111)" "open|user|1" && conv reply aaa11 "you are"
'
check 'one of two is blocked: they are not made one; an opt-out of one holds for both' '
	desk-contact block aaa22 && status 1 conv merge aaa11 aaa22 2>err && grep -q "contact c0000002 is blocked and contact c0000001 is not" err &&
	status 1 conv merge aaa22 aaa11 2>err && grep -q "contact c0000002 is blocked" err && desk-contact show aaa11 --json | jq -e ".blocked | not" &&
	desk-contact block aaa11 && desk-contact opt-out aaa22 && conv merge aaa11 aaa22 && desk-contact show aaa11 --json | jq -e ".opted_out" && desk-contact show aaa11 --json | jq -e .blocked && status 1 conv reply aaa11 hi && desk-contact unblock aaa11 && desk-contact opt-in aaa11
'
check 'opted out: a rule answers what they write, and says nothing unasked; a person may' '
	desk-contact opt-out ccc44 --json | jq -c "[.type, .data.actor]" >got && echo "[\"contact.opted_out\",\"user:me\"]" >want && same want got &&
	desk-contact show ccc44 | grep -q "^opted out" && printf "match text /hello/ reply \"asked\"\nmatch idle 10m reply \"unasked\"\n" >own &&
	route --follow --once --from start -f own >/dev/null && wrote 491704444444 "hello there" >/dev/null && route --follow --once -f own >/dev/null &&
	FRONTDESK_NOW=2026-11-23T12:11:30Z route --follow --once -f own >/dev/null && desk-events --type timer.fired | grep -q ccc44444 &&
	sql "SELECT text FROM message WHERE conversation = \"ccc44444\" AND direction = \"out\" AND author = \"rule\"" >got && echo asked >want && same want got &&
	FRONTDESK_NOW=2026-11-23T12:15:00Z conv reply ccc44 "a person" && conv release --to-ai ccc44 && desk-contact opt-in ccc44 && FRONTDESK_NOW=2026-11-23T12:31:30Z route --follow --once -f own >/dev/null &&
	sql "SELECT text FROM message WHERE conversation = \"ccc44444\" AND direction = \"out\" AND author = \"rule\" ORDER BY id" | tail -n 1 >got && echo unasked >want && same want got
'
check 'every change has its row in the audit; a viewer looks only' '
	sql "SELECT DISTINCT action FROM audit WHERE action LIKE \"contact.%\" ORDER BY 1" | xargs >got &&
	echo contact.block contact.language contact.opt-in contact.opt-out contact.rename contact.set contact.unblock contact.unset contact.zone >want && same want got
'
done_testing
