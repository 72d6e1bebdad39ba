#!/bin/sh
# conv(1) after merges and splits: each view of the desk tells the same
. "${0%/*}/lib.sh"

cat >frontdesk.conf <<-'E'
	[instance a]
	phone_number_id = 1001
	[instance b]
	phone_number_id = 1002
	after_resolve = new
	E
# What came of two customers that were one for a while: Ana by a number, Bob by
# an id. BODIES, each "WHO ID TEXT".
say () {
	while read -r who id text; do
		jq -cn --arg who "$who" --arg id "$id" --arg text "$text" \
		    '{ Ana: { from: "491700000001" }, Bob: { from_user_id: "DE.z1" } }[$who] as $names |
		    { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages",
		    value: { messaging_product: "whatsapp", metadata: { phone_number_id: "1001" },
		    contacts: [{ profile: { name: $who } } + if $who == "Ana"
			then { wa_id: $names.from } else { user_id: $names.from_user_id } end],
		    messages: [$names + { id: "wamid.\($id)", type: "text", text: { body: $text },
		    timestamp: "\(1790000000 + ($id | ltrimstr("m") | tonumber))" }] } }] }] }'
	done | wa-recv --stdin
}
talk () { conv list --json --status all | jq -r "select(.name == \"$1\").conversation"; }
# TALK: what conv show --json has said in it, with the name and the number
said () {
	conv show --json "$1" | jq -r 'select(.type == "message.received" or .type == "message.queued") |
	    .data | "\(.name) \(.phone // .bsuid): \(.text)"'
}
merged () {
	rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
	say <<-'E' >/dev/null && conv merge "$(talk Ana)" "$(talk Bob)" && one=$(conv list --ids)
	Ana m1 where is it
	Bob m2 is it blue
	E
}
FRONTDESK_NOW=2026-09-21T14:00:00Z
export FRONTDESK_NOW

check 'who was merged goes by the name that came last, or that a colleague gave' '
	called () { conv list --json | jq -r .name; } && merged && [ "$(called)" = Bob ] &&
	rm -rf home && mkdir home && frontdesk init --user >/dev/null && say <<-E >/dev/null &&
	Ana m1 where is it
	Bob m2 is it blue
	E
	ana=$(talk Ana) && desk-contact rename "$ana" "Ana of Pine Street" && conv merge "$ana" "$(talk Bob)" && [ "$(called)" = "Ana of Pine Street" ]
'
check 'after a split, each has their own words in every view' '
	merged && conv split "$one" bsuid:DE.z1 &&
	ana=$(talk Ana) bob=$(talk Bob) && [ "$ana" != "$bob" ] &&
	[ "$(said "$ana")" = "Ana 491700000001: where is it" ] &&
	[ "$(said "$bob")" = "Bob DE.z1: is it blue" ] &&
	conv show "$bob" | grep -q "is it blue" && ! conv show "$ana" | grep -q "is it blue" &&
	desk-events --type message.received | jq -r "[.subject, .data.conversation, .data.name, .data.text] | @tsv" >got &&
	printf "conversation/%s\t%s\t%s\t%s\n" "$ana" "$ana" Ana "where is it" \
	    "$bob" "$bob" Bob "is it blue" >want && same want got
'
check 'a number that was given away, told out of order: each their own' '
	rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
	say <<-E >/dev/null &&
	Ana m4 c
	Ana m1 a
	E
	printf "%s\n" "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":\"messages\",
	    \"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"phone_number_id\":\"1001\"},\"messages\":[
	    {\"from\":\"491700000001\",\"id\":\"wamid.s\",\"timestamp\":\"1790000002\",\"type\":\"system\",
	    \"system\":{\"type\":\"user_changed_number\",\"wa_id\":\"491700000002\"}}]}}]}]}" | tr -d "\n" | wa-recv --stdin >/dev/null &&
	conv list --json | jq -r "[.conversation, .phone] | @tsv" >talks && [ "$(wc -l <talks)" -eq 2 ] &&
	while read -r talk phone; do said "$talk" | sed "s/^Ana //"; done <talks | sort >got &&
	printf "%s\n" "491700000001: c" "491700000002: a" >want && same want got
'
check 'a store of before the log was found by what moved: the same once it is upgraded' '
	merged && conv split "$one" bsuid:DE.z1 && views () {
		for id in $(conv list --ids --status all | sort); do conv show --json "$id"; desk-events --conversation "$id"; done
	} && views >want && grep -q "is it blue" want && db=home/.local/share/frontdesk/desk.db &&
	sqlite3 $db "DELETE FROM mark WHERE key GLOB '\''moved:*'\''" && views >lost && ! cmp -s want lost &&
	sqlite3 $db <"$top/share/schema/desk-009-moved.sql" && views >got && same want got
'
check 'the AI answers whom the question turned out to be of' '
	merged && say <<-E | route >lines &&
	Bob m3 hello
	E
	conv split "$one" bsuid:DE.z1 && ai-reply -q <lines >got && bob=$(talk Bob) &&
	jq -r "select(.type == \"message.queued\") | .data.conversation, .data.bsuid" got | xargs >to &&
	echo "$bob DE.z1" >want && same want to
'
check 'what answers by quoting goes with what it quotes' '
	merged && say <<-E >/dev/null &&
	Bob m3 how much
	Ana m4 it is late
	E
	conv reply "$one" --reply-to "$(desk-events --type message.received | jq -r "select(.data.text == \"how much\").id")" "five" &&
	conv reply "$one" "it leaves today" && conv split "$one" bsuid:DE.z1 &&
	said "$(talk Ana)" | cut -d: -f2 | xargs >got && said "$(talk Bob)" | cut -d: -f2 | xargs >>got &&
	printf "%s\n" "where is it it is late it leaves today" "is it blue how much five" >want && same want got
'
check 'what was said to one before they were joined stays with that one' '
	rm -rf home && mkdir home && frontdesk init --user >/dev/null && say <<-E >/dev/null &&
	Ana m1 where is it
	Bob m2 is it blue
	E
	FRONTDESK_NOW=2026-09-21T15:00:00Z conv reply "$(talk Ana)" "it is here" && FRONTDESK_NOW=2026-09-21T15:01:00Z && export FRONTDESK_NOW && conv merge "$(talk Ana)" "$(talk Bob)" && one=$(conv list --ids) &&
	FRONTDESK_NOW=2026-09-21T15:02:00Z conv reply "$one" "anything else" && conv split "$one" bsuid:DE.z1 &&
	said "$(talk Ana)" | cut -d: -f2 | xargs >got && said "$(talk Bob)" | cut -d: -f2 | xargs >>got && printf "%s\n" "where is it it is here" "is it blue anything else" | same - got
'
check 'of several conversations, each is reckoned, and who waits is not put away' '
	rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
	sed -i "2a after_resolve = new" frontdesk.conf &&
	echo "Ana m1 where is it" | say >/dev/null && echo "Bob m2 is it blue" | say >/dev/null &&
	conv merge "$(talk Ana)" "$(talk Bob)" && conv resolve "$(conv list --ids)" &&
	say <<-E >/dev/null &&
	Ana m5 still nothing
	Bob m6 hello
	E
	conv list --ids >ids && conv split "$(cat ids)" bsuid:DE.z1 &&
	conv list --json --status all | jq -r "[.name, .status, .waiting_since] | @tsv" | sort >got &&
	printf "%s\t%s\t%s\n" Ana open 2026-09-21T14:13:25.000Z Ana resolved "" \
	    Bob open 2026-09-21T14:13:26.000Z >want && same want got
'

unset FRONTDESK_NOW
seed=${SEED:-1}
for n in 1 2 3 4 5 6; do
	check "any history of merges and splits: every event once, where its message is ($n)" '
		rm -rf home && mkdir home && frontdesk init --user >/dev/null &&
		perl "$top/tests/splits.pl" $((seed * 10 + n)) "${STEPS:-60}" >wrong 2>told &&
		cat told >&2 && ! grep . wrong && grep -q "[1-9][0-9]* splits" told
	'
done
done_testing
