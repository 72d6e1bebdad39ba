#!/bin/sh
# kb-doc review(1): what people answered is proposed, decided on, and found
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
export FRONTDESK_STORE="$work/store"
frontdesk init store >/dev/null
cat >delivery.md <<'END'
# Delivery

## How long it takes

Parcels to France take 3 to 5 working days.
END
kb-ingest delivery.md >/dev/null 2>&1
desk () { sqlite3 store/desk.db "$@"; }

# The customer writes: PHONE TEXT [TYPE]
said () {
	jq -cn --arg p "$1" --arg t "$2" --arg type "${3:-message.received}" --arg at "$(date -u +%FT%T.%3NZ)" \
	    '{type: $type, time: $at, data: {phone: $p, instance: "shop", name: "Anna Berg", text: $t}}' |
		route -q >/dev/null
}
latest () { desk 'SELECT conversation FROM message ORDER BY stored_ms DESC, id DESC LIMIT 1'; }
# A whole conversation of its own: PHONE QUESTION ANSWER...
talk () {
	said "$1" "$2"
	shift 2
	id=$(latest)
	for one; do conv reply "$id" "$one" >/dev/null; done
	conv resolve "$id" >/dev/null
}
collect () { kb-doc review collect --json >got && cat got; }
one () { kb-doc review --state "${2:-proposed}" --json | jq -c --arg q "$1" 'select(.question | test($q; "i"))'; }
rid () { one "$@" | jq -r .review; }

check 'nothing was resolved: nothing to review' '
	collect | jq -e ".conversations == 0 and .proposed == 0" && kb-doc review --plain >got && same /dev/null got
'
talk 4917000001 'Hello! How long does a parcel to Norway take?' 'Hi Anna!' 'It takes 8 to 10 working days by post. Anything else I can help with?'
check 'a person answered: a pair, without greetings and questions back' '
	collect | jq -e ".conversations == 1 and .answers == 1 and .proposed == 1" &&
	kb-doc review --json >got && jq -e ".question == \"How long does a parcel to Norway take?\" and
	    .answer == \"It takes 8 to 10 working days by post.\" and .language == \"en\" and .times == 1 and
	    .state == \"proposed\" and .personal == [] and (.conversation | length) == 8" got
'
check 'collecting again finds nothing new, by the log or by a time' '
	collect | jq -e ".conversations == 0 and .proposed == 0" &&
	kb-doc review collect --since 1000d --json | jq -e ".conversations == 1 and .answers == 0" &&
	[ "$(kb-doc review --ids | wc -l)" -eq 1 ]
'
check 'resolve itself proposes nothing: its transaction is short' '
	talk 4917000002 "Can I pay in cash?" "No, only by card or by bank transfer." && [ "$(kb-doc review --ids | wc -l)" -eq 1 ] &&
	kb-doc review collect >got && grep -q "^1 proposed of 1 answers" got && [ "$(kb-doc review --ids | wc -l)" -eq 2 ]
'
check 'list: table, plain, ids, at most so many' '
	kb-doc review >table && head -n 1 table | grep -q "^STATE  *REVIEW  *TIMES" && [ "$(wc -l <table)" -eq 3 ] &&
	kb-doc review --plain | cut -f 1,3-6 >got && cat >want <<-E && same want got && [ "$(kb-doc review --ids -n 1 | wc -l)" -eq 1 ]
	proposed	1	en	no	How long does a parcel to Norway take?
	proposed	1	en	no	Can I pay in cash?
	E
'
check 'what is no answer is no pair' '
	talk 4917000003 "Do you ship to Peru?" "Yes" && talk 4917000004 "Do you ship to Iran?" "Could you tell me your address?" &&
	talk 4917000005 "Where is my order?" "I have refunded your order." && talk 4917000006 "thank you!" "You are welcome, it was a pleasure to see you in Oslo" &&
	talk 4917000007 "Do you ship to Mali?" "One moment please, let me check." && talk 4917000008 "Is there a warranty?" &&
	collect | jq -e ".conversations == 6 and .proposed == 0 and .known == 0" && [ "$(kb-doc review --ids | wc -l)" -eq 2 ]
'
check 'what the documents say already is not proposed; other facts are' '
	talk 4917000010 "How long do parcels to France take?" "Parcels to France take 3 to 5 working days." &&
	collect | jq -e ".known == 1 and .proposed == 0" &&
	talk 4917000011 "How long do parcels to France take?" "Parcels to France take 6 to 9 working days now." &&
	collect | jq -e ".known == 0 and .proposed == 1"
'
check 'the same answer is counted, not proposed again; a short one belongs to its question' '
	talk 4917000012 "norway, how many days for a parcel?" "It takes 8 to 10 working days by post." &&
	collect | jq -e ".same == 1 and .proposed == 0" && one Norway | jq -e ".times == 2" &&
	talk 4917000013 "Do you sell blue lamps?" "Only in the shop downtown." && talk 4917000014 "Do you sell green chairs?" "Only in the shop downtown." &&
	collect | jq -e ".proposed == 2 and .same == 0"
'
check 'a question that leans on what was said stands alone' '
	said 4917000015 "How much does the oak table cost?" &&
	id=$(latest) &&
	conv reply "$id" "The oak table costs 340 euros." >/dev/null && sleep 1 && said 4917000015 "and in walnut?" &&
	conv reply "$id" "In walnut it is 420 euros." >/dev/null && conv resolve "$id" >/dev/null &&
	collect | jq -e ".answers == 2 and .proposed == 2" && one walnut | jq -e ".question | test(\"table\") and test(\"walnut\")"
'
check 'what the desk said in between is passed over; a template is no answer' '
	said 4917000016 "Can a human tell me whether you repair bicycles?" &&
	id=$(latest) &&
	desk "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, author, status, text)
	    SELECT \"01KZZZZZZZZZZZZZZZZZZZZZZ1\", instance, conversation, contact, \"out\", \"text\", wa_ms + 1, stored_ms + 1, \"system\", \"sent\", \"A colleague will answer soon.\" FROM message WHERE conversation = \"$id\" LIMIT 1;
	    INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, author, status, text)
	    SELECT \"01KZZZZZZZZZZZZZZZZZZZZZZ2\", instance, conversation, contact, \"out\", \"template\", wa_ms + 2, stored_ms + 2, \"user:me\", \"sent\", \"Our spring sale has begun in all shops.\" FROM message WHERE conversation = \"$id\" LIMIT 1;" &&
	conv reply "$id" "We repair bicycles on Tuesdays in the workshop." >/dev/null && conv resolve "$id" >/dev/null &&
	collect | jq -e ".proposed == 1" && one bicycles | jq -e ".answer == \"We repair bicycles on Tuesdays in the workshop.\""
'
check 'typed on the phone it counts as well' '
	said 4917000017 "Do you rent tents?" && id=$(latest) &&
	desk "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
	    SELECT \"01KZZZZZZZZZZZZZZZZZZZZZZ3\", instance, conversation, contact, \"echo\", \"text\", wa_ms + 1, stored_ms + 1, \"Tents are rented for 12 euros a day.\" FROM message WHERE conversation = \"$id\" LIMIT 1" && conv resolve "$id" >/dev/null &&
	collect | jq -e ".proposed == 1" && one tents | jq -e ".answer | test(\"12 euros\")"
'
check 'other languages: what is small talk there goes as well' '
	talk 4917000031 "Guten Tag! Vermieten Sie Zelte?" "Hallo Anna!" "Ja, Zelte kosten 15 Euro am Tag. Schönen Tag noch!" && talk 4917000032 "¿Alquilan bicicletas?" "Sí, las bicicletas cuestan 9 euros al día." &&
	talk 4917000033 "可以退货吗？" "可以，七天内可以无理由退货。" && talk 4917000034 "Haben Sie Boote?" "Einen Moment bitte" &&
	collect | jq -e ".proposed == 3 and .empty == 1" && one "Vermieten Sie" | jq -e ".question == \"Vermieten Sie Zelte?\" and .answer == \"Ja, Zelte kosten 15 Euro am Tag.\" and .language == \"de\"" &&
	one bicicletas | jq -e ".language == \"es\"" && one 退货 | jq -e ".language == \"zh\""
'
check 'what is said after the resolve waits for the next one' '
	talk 4917000018 "Is the garden open?" "The garden is open from May to October." &&
	id=$(latest) && sleep 1.1 &&
	said 4917000018 "And are dogs allowed in the garden?" && conv reply "$id" "Dogs are allowed on a lead everywhere." >/dev/null
	collect | jq -e ".answers == 1"
'

# --- deciding ---
norway=$(rid Norway)
check 'show: all about one' '
	kb-doc review show "$norway" >got && grep -q "^state  *proposed$" got && grep -q "^times  *2$" got &&
	grep -qx "It takes 8 to 10 working days by post." got && kb-doc review show "$norway" --json | jq -e ".review == \"$norway\"" &&
	status 66 kb-doc review show nothere1 2>err && grep -qx "kb-doc: nothing to review has the id nothere1" err
'
check 'approve: a document of its own, found at once, and who did it is in the audit' '
	kb-doc review approve "$norway" --json >got && jq -e ".state == \"approved\" and .by == \"me\" and (.document | length) == 8 and .collection == \"default\"" got &&
	kb-doc list --origin review --json | jq -e ".source == \"review:$norway\" and .title == \"How long does a parcel to Norway take?\" and .state == \"ready\" and .passages == 1" &&
	kb-search -n 1 "parcel to norway" | jq -e ".source == \"review:$norway\" and (.text | test(\"8 to 10\"))" &&
	[ "$(desk "SELECT actor, action, object, detail ->> \"document\" FROM audit WHERE action LIKE \"review.%\"")" = "user:me|review.approve|review/$norway|$(jq -r .document got)" ] &&
	! rid Norway | grep . && whole
'
check 'approving again changes nothing' '
	desk "SELECT * FROM review WHERE id = \"$norway\"" >before && kb-doc review approve "$norway" --question "Something else?" && desk "SELECT * FROM review WHERE id = \"$norway\"" >after &&
	same before after && [ "$(kb-doc list --origin review --ids | wc -l)" -eq 1 ] && [ "$(desk "SELECT count(*) FROM audit WHERE action LIKE \"review.%\"")" -eq 1 ]
'
check 'the AI answers from it' '
	ai-reply --ask "How long does a parcel to Norway take?" --json >got && jq -e "tostring | test(\"8 to 10\")" got
'
check 'edited as it is approved, into a collection' '
	cash=$(rid "in cash") && kb-doc review approve "$cash" --question "How can I pay?" --answer "By card or bank transfer." --collection faq &&
	kb-search -n 1 --collection faq "how can I pay" | jq -e ".title == \"How can I pay?\" and (.text | test(\"By card or bank transfer\"))" &&
	one "How can I pay" approved | jq -e ".answer == \"By card or bank transfer.\" and .collection == \"faq\""
'
check 'kb-doc rm of it: the pair is removed, and can be approved anew or rejected' '
	doc=$(kb-doc review show "$norway" --json | jq -r .document) && status 1 kb-doc review reject "$norway" 2>err && grep -q "kb-doc rm" err &&
	kb-doc rm "$doc" && kb-doc review show "$norway" --json | jq -e ".state == \"removed\"" && [ "$(kb-doc review --state removed --ids)" = "$norway" ] &&
	! kb-search "parcel to norway" | grep -q "review:" && kb-doc review approve "$norway" && kb-search -n 1 "parcel to norway" | jq -e ".source == \"review:$norway\"" &&
	kb-doc rm "$doc" && kb-doc review reject "$norway" && kb-doc review show "$norway" --json | jq -e ".state == \"rejected\" and .by == \"me\"" && whole
'
check 'reject: gone from the list, not proposed again, twice is once' '
	lamps=$(rid lamps) && kb-doc review reject "$lamps" && ! rid lamps | grep . && [ "$(rid lamps rejected)" = "$lamps" ] && kb-doc review reject "$lamps" &&
	[ "$(desk "SELECT count(*) FROM audit WHERE action = \"review.reject\" AND object = \"review/$lamps\"")" -eq 1 ] &&
	talk 4917000020 "Do you sell blue lamps?" "Only in the shop downtown." && collect | jq -e ".proposed == 0 and .same == 1"
'
talk 4917000021 'How can I change my booking?' 'Dear Anna, write to billing@example.com or call +49 30 1234567 about order 4829133, Mrs Berg.'
check 'what looks personal is shown, and approved only with --yes or another text' '
	collect | jq -e ".proposed == 1" && booking=$(rid booking) && one booking | jq -e "[.personal[].what] | index(\"mail address\") and index(\"telephone, account or order number\") and index(\"name of the contact\")" &&
	kb-doc review --plain | grep -q "	yes	How can I change" && kb-doc review show "$booking" | grep -q "^personal?  *billing@example.com (mail address)$" &&
	status 65 kb-doc review approve "$booking" 2>err && grep -q "personal? billing@example.com (mail address)" err && grep -q -e "--yes" err &&
	one booking | jq -e ".state == \"proposed\"" && ! kb-search booking | grep -q review: &&
	status 65 kb-doc review approve "$booking" --answer "Write to Anna." 2>err &&
	kb-doc review approve "$booking" --answer "Write to us, with the number of your order." && kb-search -n 1 "change my booking" | jq -e ".text | test(\"number of your order\")"
'
check '--yes: it was looked at' '
	talk 4917000022 "Where is the head office?" "Head office: call +49 30 7654321 in Berlin." && collect >/dev/null && office=$(rid "head office") &&
	status 65 kb-doc review approve "$office" && kb-doc review approve "$office" --yes && kb-search -n 1 "head office" | jq -e ".text | test(\"7654321\")"
'
check 'several at once: one that is not there is named, the others are decided' '
	status 66 kb-doc review reject nothere1 "$(rid chairs)" 2>err && [ "$(wc -l <err)" -eq 1 ] && [ "$(one chairs rejected | wc -l)" -eq 1 ] &&
	status 64 kb-doc review approve "$(rid tents)" "$(rid walnut)" --answer "The same for both."
'
check 'an erasure reaches what was made of it' '
	tents=$(rid tents) && desk "UPDATE contact SET erased = 1 WHERE id = (SELECT m.contact FROM message m JOIN review r ON r.answered = m.id WHERE r.id = \"$tents\")" &&
	[ "$(desk "SELECT count(*) FROM review WHERE id = \"$tents\" AND question IS NULL AND answer IS NULL AND same IS NULL")" -eq 1 ] && ! one tents | grep . &&
	kb-doc review show "$tents" | grep -qx "state        erased" && status 1 kb-doc review approve "$tents" && [ "$(kb-doc review --state erased --ids)" = "$tents" ] &&
	walnut=$(rid walnut) && desk "UPDATE message SET erased = 1, text = NULL WHERE id = (SELECT asked FROM review WHERE id = \"$walnut\")" &&
	kb-doc review show "$walnut" --json | jq -e ".question == null and .answer == null" && kb-doc review reject "$walnut" &&
	desk .dump >dump && grep -c "12 euros a day" dump | grep -qx 1
'
check 'a crash between the decision and the document: approved again, it is made' '
	oak=$(rid "oak table") && desk "UPDATE review SET state = \"approved\", collection = \"default\" WHERE id = \"$oak\"" && kb-doc review show "$oak" --json | jq -e ".state == \"removed\"" &&
	kb-doc review approve "$oak" && kb-search -n 1 "oak table cost" | jq -e ".source == \"review:$oak\"" && whole
'
check 'a document that cannot be made leaves it proposed' '
	bikes=$(rid bicycles) && printf "[kb]\nextractor = socket\n" >frontdesk.conf && ! kb-doc review approve "$bikes" 2>err && [ -s err ] && one bicycles | jq -e ".state == \"proposed\""; : >frontdesk.conf
'
check 'wrong use is told' '
	status 64 kb-doc review dance && status 64 kb-doc review --yes && status 64 kb-doc review reject && status 64 kb-doc review approve && status 64 kb-doc review approve x --answer " " && status 64 kb-doc review approve x --question "a
b" &&
	status 64 kb-doc review --state gone && status 64 kb-doc review --since 1d && status 64 kb-doc review show x --ids && status 74 kb-doc review >/dev/full
'
done_testing
