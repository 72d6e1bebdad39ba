#!/bin/sh
# Contacts: histories of names, and the exact end of each
#
# tests/data/histories.txt has them; where "any" stands, in many orders and
# with duplicates. ONLY: a pattern of titles.
. "${0%/*}/lib.sh"
FRONTDESK_NOW=2026-09-21T15:00:00Z
export FRONTDESK_NOW
frontdesk init --user >/dev/null || exit 1
perl "$top/tests/histories.pl" "${HISTORIES:-$top/tests/data/histories.txt}" "$FRONTDESK_CONF" >result 2>histories.err
code=$?
grep '^ok\|^not ok\|^#' result
sed 's/^/# /' histories.err err 2>/dev/null | head -n 5
count=$(grep -c '^ok\|^not ok' result)
check 'the histories came to their end, and said nothing' '
	[ $code -eq 0 ] && ! grep . histories.err && ! [ -s err ]
'

# A number that is written in two ways, in either order: the newest is shown.
for way in "5215512345678 525512345678" "525512345678 5215512345678" \
    "5511987654321 551187654321" "5491123456789 541123456789"; do
	check "two ways of one number, $way: in any order the same is shown" '
		n=0 && set -- $way && for order in "1 2" "2 1" "1 2 1" "2 1 2"; do
			n=$((n + 1)) && frontdesk init "way$n" >/dev/null &&
			for at in $order; do
				eval "from=\$$at"
				jq -cn --arg from "$from" --arg at "$at" "{ object: \"whatsapp_business_account\", entry: [{ id: \"1\",
				    changes: [{ field: \"messages\", value: { messaging_product: \"whatsapp\",
				    metadata: { phone_number_id: \"1\" }, messages: [{ from: \$from, id: (\"wamid.\" + \$at),
				    timestamp: (\"179000000\" + \$at), type: \"text\", text: { body: \"x\" } }] } }] }] }"
			done | wa-recv --stdin -S "way$n" >/dev/null &&
			conv list --json -S "way$n" | jq -r "[.phone, .address] | @tsv" || return 1
		done >got && printf "$2\tphone:$2\n%.0s" 1 2 3 4 >want && rm -rf way? && same want got
	'
done

# What people write over the years, in order and not: the same people, each
# with the same messages. No ids: they tell who came first. No owners: people
# who answered one that was two for a while keep both.
cat >people.sql <<-'E'
	SELECT (SELECT group_concat(x, ' ') FROM (SELECT kind || ':' || value AS x
	  FROM contact_alias WHERE contact = k.id ORDER BY 1)), '|',
	 (SELECT group_concat(x, ' ') FROM (SELECT kind || ':' || value AS x
	  FROM held_alias WHERE contact = k.id ORDER BY 1)), '|',
	 (SELECT group_concat(wamid, ' ') FROM (SELECT wamid FROM message
	  WHERE contact = k.id AND kind <> 'system' ORDER BY wa_ms, wamid)),
	 (SELECT group_concat(x) FROM (SELECT status || coalesce(last_in_ms, 0) || coalesce(waiting_ms, 0) AS x
	  FROM conversation c WHERE contact = k.id AND merged_into IS NULL AND EXISTS
	  (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.kind <> 'system')))
	 FROM contact k WHERE merged_into IS NULL ORDER BY 1, 2, 3;
	SELECT 'lost', count(*) FROM message m JOIN conversation c ON c.id = m.conversation
	 WHERE c.merged_into IS NOT NULL OR c.contact <> m.contact;
E
people () {	# STORE BODIES: the people in it
	frontdesk init "$1" >/dev/null && wa-recv --stdin -S "$1" <"$2" >"$1.events" &&
		sqlite3 -readonly "$1/desk.db" <people.sql
}
seed=${SEED:-1}
perl "$top/tests/people.pl" "${PEOPLE:-40}" "$seed" >bodies
echo "# seed $seed, $(wc -l <bodies) bodies"
check 'people over the years, in the order of things' '
	people ordered bodies >want && [ "$(wc -l <want)" -gt 20 ] && grep -q "^lost|0$" want &&
	grep -q contact.merged ordered.events && grep -q conversation.merged ordered.events
'
for n in 1 2 3 4; do
	check "the same in another order, some twice ($n)" '
		perl -MList::Util=shuffle -e "srand($seed * 10 + $n); @l = <STDIN>;
		    print shuffle(@l, @l[0 .. 99])" <bodies >other &&
		people "other$n" other >got && same want got && ! grep -q "\"failed\"" "other$n.events"
	'
done
check 'killed before and after the commit that merges two: once, and all of it' '
	head -n 60 bodies >some && people whole some >want && frontdesk init killed >/dev/null &&
	for point in before after before after before; do
		FRONTDESK_FAULT=wa-recv.$point-commit:1 wa-recv --stdin -S killed <some >/dev/null 2>&1
	done
	wa-recv --follow --once -S killed && sqlite3 -readonly killed/desk.db <people.sql >got &&
	same want got &&
	for store in whole killed; do
		sqlite3 -readonly $store/desk.db "SELECT id, type, subject, data FROM event ORDER BY seq" >$store.log
	done && same whole.log killed.log
'
done_testing
