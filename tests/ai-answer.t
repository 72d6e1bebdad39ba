#!/bin/sh
# how ai-reply(1) comes to an answer: set-ups that stand in for another, limits,
# what a model may do, what is kept of it
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"

cat >delivery.md <<'END'
# Delivery

## How long it takes

Parcels to France take 3 to 5 working days. Parcels to Norway take 8 to 10 working days.

## What it costs

Delivery to France costs 9.90 euros.
END
new_store () { rm -rf store && frontdesk init store >/dev/null && kb-ingest delivery.md >/dev/null 2>&1; }
export FRONTDESK_STORE="$work/store"
new_store

question="how long does a parcel to Norway take?"
# ID TEXT [PHONE]: a customer's message, routed
routed () {
	printf '{"id":"%s","type":"message.routed","time":"2026-11-23T10:00:00.000Z","data":{"phone":"%s","instance":"shop","language":"en","ai":true,"text":"%s","rules":["greet"],"revision":"r1"}}\n' \
	    "$1" "${3:-491700000001}" "$2"
}
only () { jq -c "select(.type == \"$1\") | .data" "$2"; }
all () { desk-events --since 1000d --type "$1" | jq -c .data; }
says='{"action":"answer","text":"Eight to ten working days.","sources":[1]}'
key () { printf '%s\n' "$@" >>frontdesk.conf; }

check 'a model that cannot is stood in for: by the next set-up, by the documents' '
	model openai && printf "401 0\n{}" >answer && sed -i "s/^\[instance/fallback = extractive\n&/" frontdesk.conf &&
	routed 01M850000000000000000000A1 "$question" | ai-reply -q --dry-run >got 2>err &&
	only message.queued got | jq -e ".text | test(\"8 to 10\")" && only reply.drafted got | jq -e ".provider == \"extractive\" and .profile == \"extractive\"" &&
	[ "$(wc -l <requests)" -eq 1 ] &&
	sed -i "s/^fallback.*/fallback = other/" frontdesk.conf && key "[profile other]" "provider = anthropic" "model = m-2" "url = http://127.0.0.1:$(cat port)/v1" "key_file = key" &&
	printf "500 0\n{}" >answer && rm requests && routed 01M850000000000000000000A2 "$question" | ai-reply -q --dry-run >got 2>err &&
	jq -r .path requests | uniq -c | sed "s/^ *//" >paths && printf "3 /v1/chat/completions\n1 /v1/messages\n" >want && same want paths &&
	only reply.declined got | jq -e ".profile == \"other\" and .reason == \"other: anthropic answered with status 500\""
'
check 'who takes over from documents that have no answer hears of the model, too' '
	new_store && model openai && printf "401 0\n{}" >answer && sed -i "s/^\[instance/fallback = extractive\n&/" frontdesk.conf &&
	routed 01M850000000000000000000AB "Do you sell lawn mowers in Iceland?" | ai-reply -q >got 2>err &&
	only reply.declined got | jq -e ".reason | test(\"no passage answers it; default: .*401\")" && only conversation.escalated got | jq -e ".reason == \"the AI provider failed, and the documents have no answer\""
'
check 'a request that is too long for the model is made with half of the passages, and half of those' '
	for i in 1 2 3 4 5; do printf "# Norway %s\n\nParcels to Norway number %s take 8 to 10 working days.\n" $i $i >n$i.md; done && kb-ingest n?.md >/dev/null 2>&1 &&
	model openai && printf "400 0\n{\"error\":{\"code\":\"context_length_exceeded\"}}" >answer && status 69 ai-reply --ask "$question" 2>err &&
	jq -r ".body | tojson | [scan(\"<<passage\")] | length" requests >sizes && printf "5\n2\n1\n" >want && same want sizes && new_store
'
check 'a key that cannot be opened: the next set-up answers, or a person' '
	model openai && openai_says "$says" && rm -f key requests && routed 01M850000000000000000000A6 "$question" | ai-reply -q --dry-run >got 2>err &&
	only reply.declined got | jq -e ".reason == \"its key cannot be opened\"" && only conversation.escalated got | jq -e . && grep -q "/key: No such file" err &&
	sed -i "s/^\[instance/fallback = extractive\n&/" frontdesk.conf && routed 01M850000000000000000000A7 "$question" | ai-reply -q --dry-run >got 2>err &&
	only reply.drafted got | jq -e ".provider == \"extractive\"" && only message.queued got | jq -e ".text | test(\"8 to 10\")" && ! [ -e requests ] && status 78 ai-reply --ask "$question"
'
check 'min_score with a model: passages that are sure enough are shown, others are not' '
	model openai && openai_says "$says" && sed -i "s/^model.*/&\nmin_score = 0.3/" frontdesk.conf && routed 01M850000000000000000000A4 "$question" | ai-reply -q --dry-run >got &&
	grep -q "Parcels to Norway" requests && sed -i "s/^min_score.*/min_score = 0.999/" frontdesk.conf && rm requests &&
	routed 01M850000000000000000000A5 "$question" | ai-reply -q --dry-run >got && ! grep -q "Parcels to Norway" requests
'
check 'another one of a name is another thing, and a number alone is none' '
	: >frontdesk.conf && cat >tents.md <<-END && kb-ingest tents.md >log 2>&1 &&
	# Tents

	## Trailhawk 2

	The Trailhawk 2 is a tent for two people. It has a waterproof rating of 4000 mm and costs 289 euros.

	## Warranty

	All tents have a warranty of 5 years against broken poles. Send us a photo of the damage.
	END
	ai-reply --ask "Is the Trailhawk 2 waterproof?" | jq -e ".answer | test(\"4000 mm\")" &&
	for q in "Is the Trailhawk 3 waterproof?" "is the trailhawk-3 waterproof" "I have a Trailhawk 3. Is it waterproof?"; do
		status 1 ai-reply --ask "$q" >got && jq -e ".action == \"hand_over\" and (.reason | startswith(\"no passage is about trailhawk 3\"))" got || exit
	done &&
	for q in "What is 2+2?" "289?" "4000"; do
		status 1 ai-reply --ask "$q" >got && jq -e ".reason == \"the passages have nothing of it but a number\"" got || exit
	done
'
new_store
check 'of prices side by side the one that is asked for is quoted, in languages without subjects, too' '
	rm -rf store && frontdesk init store >/dev/null && mkdir -p prices && cat >prices/camp.md <<-"END" && cat >prices/baile.md <<-"END" && cat >prices/pousada.md <<-"END" &&
		# Lakeside
		## Prices
		A tent pitch costs 22 euros a night. A caravan pitch costs 34 euros a night. Electricity costs 4 euros a night.
		## Paying
		You pay when you leave.
	END
		# Academia Giralda
		## Precios
		Una clase suelta de flamenco cuesta 14 euros. El abono de diez clases de salsa cuesta 95 euros. La matrícula cuesta 20 euros.
	END
		# Pousada do Sol
		## Quartos
		Um quarto duplo custa 240 reais por noite. Um quarto individual custa 160 reais por noite.
	END
	kb-ingest prices >/dev/null && printf "[ai]\nprovider = extractive\n" >frontdesk.conf &&
	while IFS="=" read -r asked want; do
		ai-reply --ask "$asked" >got && [ "$(jq -r ".answer" got | head -n 1)" = "$want" ] || { echo "$asked"; cat got; return 1; }
	done <<-"END"
		How much for a tent?=A tent pitch costs 22 euros a night.
		How much is a tent pitch?=A tent pitch costs 22 euros a night.
		What is the price of electricity?=Electricity costs 4 euros a night.
		¿Cuánto cuesta una clase de flamenco?=Una clase suelta de flamenco cuesta 14 euros.
		cuanto cuesta la matricula=La matrícula cuesta 20 euros.
		Quanto custa um quarto duplo?=Um quarto duplo custa 240 reais por noite.
	END
'
check 'what leads to a question is no thanks; what stands before one is left out; "what time" is no thing' '
	rm -rf store && frontdesk init store >/dev/null && printf "# Lido\n## Hours\nThe pool is open daily from 8:00 to 20:00.\n## Animals\nDogs are not allowed.\n## Tickets\nA ticket for the day costs 5 euros. Children swim free.\n" >lido.md && kb-ingest lido.md >/dev/null && printf "[ai]\nprovider = extractive\n" >frontdesk.conf &&
	for text in "ok so" "I was wondering" "hi, also"; do ai-reply --ask "$text" | jq -e ".answer | test(\"Go ahead\")" >/dev/null || { echo "$text"; return 1; }; done &&
	for text in "thanks anyway" "thanks so much"; do ai-reply --ask "$text" | jq -e ".answer | test(\"You are welcome\")" >/dev/null || { echo "$text"; return 1; }; done &&
	ai-reply --ask "two things: when is the pool open? and are dogs allowed?" | jq -e "(.answer | test(\"8:00\") and test(\"Dogs are not\"))" &&
	ai-reply --ask "what time do you open?" | jq -e ".answer | test(\"8:00\")"
'
check 'what has nothing to read in it is for people; a mark alone asks nothing' '
	status 1 ai-reply --ask "$(printf "\342\200\213 \342\200\256")" >got && jq -e ".reason == \"no text to answer\"" got &&
	for q in . ! ... - 😀 🤔; do ai-reply --ask "$q" >got && jq -e ".action == \"chat\" and .answer == null" got || exit; done &&
	for q in "?" "??" "？" "؟"; do status 1 ai-reply --ask "$q" >got && jq -e ".action == \"hand_over\"" got || exit; done &&
	routed 01M850000000000000000000AA "\u200b\u2060" | ai-reply -q --dry-run >got && only reply.declined got | jq -e ".reason == \"no text to answer\"" &&
	only conversation.escalated got | jq -e ".reason == \"a message without text\""
'
check 'small talk needs no model' '
	model openai && rm -f requests && routed 01M850000000000000000000A3 "hello!" | ai-reply -q --dry-run >got &&
	only message.queued got | jq -e ".text | startswith(\"Hello!\")" && ! [ -e requests ]
'
check 'the first answer of a conversation says how a person is reached, and no other' '
	new_store && : >frontdesk.conf && routed 01M850000000000000000000B1 "$question" | ai-reply -q >got &&
	only message.queued got | jq -e ".text | endswith(\"You can also ask for a person here at any time.\")" &&
	routed 01M850000000000000000000B2 "what does delivery to France cost?" | ai-reply -q >got && only message.queued got | jq -e ".text | test(\"9.90\") and (test(\"ask for a person\") | not)" &&
	new_store && printf "[reply human]\nen =\n" >frontdesk.conf && routed 01M850000000000000000000B3 "$question" | ai-reply -q >got &&
	only message.queued got | jq -e ".text | test(\"ask for a person\") | not"
'
check 'what a model may do: ask back, hand over with a note, say goodbye' '
	new_store && model openai && openai_says "{\"action\":\"ask\",\"text\":\"To which country?\",\"sources\":[]}" &&
	routed 01M850000000000000000000C1 "how long does it take" | ai-reply -q >got && only message.queued got | jq -e ".author == \"ai\" and (.text | startswith(\"To which country?\"))" &&
	only reply.drafted got | jq -e ".action == \"ask\"" && [ "$(conv list --json | jq -r .owner)" = ai ] &&
	openai_says "{\"action\":\"resolve\",\"text\":\"Have a good day.\",\"sources\":[]}" &&
	routed 01M850000000000000000000C2 "that is all I wanted to know about parcels" | ai-reply -q >got && only conversation.resolved got | jq -e . &&
	only message.queued got | jq -e ".text == \"Have a good day.\"" &&
	new_store && openai_says "{\"action\":\"hand_over\",\"summary\":\"Wants a refund for a tent. Told nothing yet. English, upset.\"}" &&
	routed 01M850000000000000000000C3 "give me my money back for the parcel" | ai-reply -q >got && [ "$(conv list --json | jq -r .owner)" = queue ] &&
	only message.queued got | jq -e ".author == \"system\"" && conv show "$(conv list --ids)" | grep -q "Wants a refund for a tent"
'
check 'a question is not resolved unanswered' '
	new_store && : >frontdesk.conf && model openai &&
	for t in "\"\"" "\"Yes.\"" "\"You are welcome.\""; do
		openai_says "{\"action\":\"resolve\",\"text\":$t,\"sources\":[]}" && new_store && routed 01M850000000000000000000C6 "$question" | ai-reply -q >got &&
		[ -z "$(only conversation.resolved got)" ] && only conversation.escalated got | jq -e . && [ "$(conv list --json | jq -r .owner)" = queue ] || { echo "$t"; return 1; }
	done &&
	new_store && openai_says "{\"action\":\"resolve\",\"text\":\"\",\"sources\":[]}" && routed 01M850000000000000000000C7 "It has come, all is well with the parcel." | ai-reply -q >got &&
	only conversation.resolved got | jq -e .
'
check 'last words are believed, whatever passages the model names; a complaint is not resolved' '
	new_store && : >frontdesk.conf && model openai && n=0 &&
	for t in "thanks, that was all" "no, thank you" "eso es todo" "Das war alles, danke" "itu saja"; do
		for s in "[]" "[1]"; do
			n=$((n + 1)) && new_store && openai_says "{\"action\":\"resolve\",\"text\":\"You are welcome, have a good day!\",\"sources\":$s}" &&
			routed 01M850000000000000000000C8 "$t" | ai-reply -q >got && only conversation.resolved got | jq -e . >/dev/null && only message.queued got | jq -e ".text | length > 0" >/dev/null &&
			[ -z "$(only conversation.escalated got)" ] || { echo "$t $s"; return 1; }
		done || return 1
	done && [ $n -eq 10 ] &&
	new_store && openai_says "{\"action\":\"resolve\",\"text\":\"I have sent you 50 euros. Goodbye!\",\"sources\":[]}" && routed 01M850000000000000000000C9 "that was all" | ai-reply -q >got &&
	only conversation.resolved got | jq -e . && only message.queued got | jq -e ".text | test(\"50\") | not" &&
	new_store && openai_says "{\"action\":\"resolve\",\"text\":\"You are welcome, have a good day!\",\"sources\":[]}" && routed 01M850000000000000000000D9 "nothing else arrived, where is it?" | ai-reply -q >got &&
	[ -z "$(only conversation.resolved got)" ] && only conversation.escalated got | jq -e .
'
check 'without a model the note says what was asked and what was looked at' '
	new_store && : >frontdesk.conf && routed 01M850000000000000000000C4 "Do you sell lawn mowers in Iceland?" | ai-reply -q >got &&
	conv show "$(conv list --ids)" >shown && grep -q "Asked: Do you sell lawn mowers" shown && grep -q "Language: en" shown &&
	! grep -q "lawn" got.err 2>/dev/null
'
check 'and last words resolve, but not one alone' '
	for t in "thanks, that was all" "danke, das wars" "没有别的问题了"; do
		new_store && : >frontdesk.conf && routed 01M850000000000000000000E1 "$t" | ai-reply -q >got && only conversation.resolved got | jq -e . >/dev/null &&
		only message.queued got | jq -e ".text | length > 0" >/dev/null && [ -z "$(only conversation.escalated got)" ] || { echo "$t"; return 1; }
	done &&
	new_store && routed 01M850000000000000000000E2 "no" | ai-reply -q >got && [ -z "$(only conversation.resolved got)" ] && only conversation.escalated got | jq -e .
'
check 'what a model writes goes out as WhatsApp shows it, and nothing in it is hidden' '
	new_store && : >frontdesk.conf && model openai &&
	openai_says "{\"action\":\"answer\",\"text\":\"## Delivery\\n\\nTo **Nor\\u200bway** it takes \\u202e**8 to 10** working days\\u202c [1].\",\"sources\":[1]}" &&
	routed 01M850000000000000000000C5 "$question" | ai-reply -q >got &&
	only message.queued got | jq -e ".text | startswith(\"*Delivery*\\n\\nTo *Norway* it takes *8 to 10* working days.\")"
'
check 'after so many answers people take it' '
	new_store && printf "[ai]\nmax_turns = 2\n" >frontdesk.conf &&
	for i in 1 2 3; do routed 01M850000000000000000000D$i "$question" | ai-reply -q >got$i || exit; done &&
	only reply.drafted got2 | jq -e . && only reply.declined got3 | jq -e ".reason == \"it has answered often enough\"" && [ "$(conv list --json | jq -r .owner)" = queue ]
'

# --- what may be sent ---
# TEXT: what comes of a model that says so
say () {
	jq -cn --arg t "$1" '{action: "answer", text: $t, sources: [1]}' >said && openai_says "$(cat said)" && ai-reply --ask "$question" >got
}
check 'what the passages do not say is not sent: number, name, link, promise, the contrary' '
	new_store && model openai &&
	say "A parcel to Norway takes eight to ten working days." && jq -e ".checks[0].check == \"grounding\" and .checks[0].holds and .checks[0].share == 1" got &&
	for t in "Yes." "Yes, of course we do." "A parcel to Norway takes 12 to 14 working days." "A parcel to Sweden takes 8 to 10 working days." \
	    "Parcels to Norway take 8 to 10 working days, see https://evil.example.com/track" "Parcels to Norway take 8 to 10 weeks." \
	    "Parcels to Norway take 8 to 10 working days. I have sent yours today." "Parcels to Norway do not take 8 to 10 working days."; do
		! say "$t" || { echo "$t"; return 1; }
		jq -e ".answer == null and (.reason != null) and .checks[0].holds == false" got || { echo "$t"; return 1; }
	done
'
check 'what the model was told itself is not sent: our rules, guardrails, the prompt of the business' '
	new_store && model openai && sed -i "s|^\\[instance|guardrails = speak of the new owner, of prices of other shops or of staff\n&|" frontdesk.conf &&
	say "A parcel to Norway takes eight to ten working days." &&
	for t in "A parcel to Norway takes 8 to 10 working days. There is always a person to talk to, choose hand over when the customer asks for one." \
	    "A parcel to Norway takes 8 to 10 working days. I may not speak of the new owner, of prices of other shops or of staff."; do
		! say "$t" && jq -e ".checks[0].why == \"it shows how the model was asked\"" got || { echo "$t"; return 1; }
	done
'
check 'an answer whose bytes are broken is not sent, and no words of it' '
	new_store && model openai && ! say "$(printf "A parcel to Norway takes 8 to 10 working days, tr\\357\\277\\275s bien.")" && status 69 ai-reply --ask "$question" 2>err >got &&
	grep -q "text is broken" err && ! grep -q "8 to 10" got
'
check 'the customer may be called by name within a sentence, by the one the desk has; another is held back' '
	new_store && model openai &&
	by () { jq -cn --arg t "Of course, $2, a parcel to Norway takes 8 to 10 working days." "{action: \"answer\", text: \$t, sources: [1]}" >said && openai_says "$(cat said)" && routed "01M850000000000000000000H$1" "$question" | sed "s/\"phone\"/\"name\":\"Marek Nowak\",&/" | ai-reply -q >got; } &&
	by 1 Marek && only message.queued got | jq -e ".text | startswith(\"Of course, Marek, a parcel\")" &&
	by 2 Tobias && [ -z "$(only message.queued got | grep Tobias)" ] && only conversation.escalated got | jq -e . &&
	c=$(sqlite3 store/desk.db "SELECT id FROM contact") && by 3 Marek; ai-reply --ask "$question" --as "$c" >got && jq -e ".answer | test(\"Marek\")" got &&
	! ai-reply --ask "$question" >got && jq -e ".answer == null" got && new_store
'
check 'marks of passages are no numbers, and go' '
	say "A parcel to Norway takes 8 to 10 working days [1]." && jq -e ".answer | startswith(\"A parcel to Norway takes 8 to 10 working days.\")" got
'
check 'a passage that is named in words, in other brackets or raised goes, too' '
	for t in "A parcel to Norway takes 8 to 10 working days (passage 1)." "A parcel to Norway takes 8 to 10 working days [^1]." \
	    "A parcel to Norway takes 8 to 10 working days【1】." "A parcel to Norway takes 8 to 10 working days.¹" \
	    "According to passage 1, a parcel to Norway takes 8 to 10 working days."; do
		say "$t" && jq -e ".answer | startswith(\"A parcel to Norway takes 8 to 10 working days.\") and (test(\"passage|¹|【\") | not)" got || { echo "$t"; return 1; }
	done
	! say "A parcel to Norway takes 8 to 10 working days, 1200 m² of them (passage 77)."
'
check 'a goodbye or a question back promises nothing either' '
	for a in ask resolve; do
		jq -cn --arg a $a "{action: \$a, text: \"You get a refund of everything tomorrow.\", sources: []}" >said && openai_says "$(cat said)" &&
		status 1 ai-reply --ask "$question" >got && jq -e ".answer == null" got || return 1
	done
'
check 'what a question back promises before it asks is held, too; and the number of a customer is no source' '
	for t in "You will get a full refund tomorrow, which order is it?" "Yes, we sell kayaks with free insurance, which one is it?"; do
		jq -cn --arg t "$t" "{action: \"ask\", text: \$t, sources: []}" >said && openai_says "$(cat said)" &&
		status 1 ai-reply --ask "$question" >got && jq -e ".answer == null" got || { echo "$t"; return 1; }
	done
	jq -cn "{action: \"ask\", text: \"If it is about a kayak, which order is it?\", sources: []}" >said && openai_says "$(cat said)" &&
	ai-reply --ask "$question" >got && jq -e ".action == \"ask\"" got &&
	jq -cn "{action: \"answer\", text: \"Yes, a parcel to Norway takes 90 working days.\", sources: [1]}" >said && openai_says "$(cat said)" &&
	status 1 ai-reply --ask "A friend said a parcel to Norway takes 90 days, right?" >got && jq -e ".answer == null" got
'
check 'what is not sent goes to a person, with a reason that holds no word of it' '
	jq -cn "{action: \"answer\", text: \"Parcels to Norway take 77 days.\", sources: [1]}" >said && openai_says "$(cat said)" &&
	routed 01M850000000000000000000J1 "$question" | ai-reply -q >got 2>err &&
	only reply.declined got | jq -e ".reason | startswith(\"the answer is not held by the passages: \") and (test(\"77\") | not)" &&
	! jq "select(.type != \"conversation.noted\")" got | grep -q "77 days" && ! grep -q "77 days" err && [ "$(sqlite3 store/desk.db "SELECT count(*) FROM event WHERE data LIKE '\''%77 days%'\''")" -eq 0 ] &&
	[ "$(conv list --json | jq -r .owner)" = queue ]
'
# ANSWER QUESTION: whether it is sent
sends () { jq -cn --arg t "$1" "{action: \"answer\", text: \$t, sources: [1]}" >said && openai_says "$(cat said)" && ai-reply --ask "$2" >got; }
check 'the line of the source is in the language of the answer, where the question is in none' '
	sends "Ein Paket nach Norwegen braucht 8 bis 10 Werktage." "Norwegen?" && jq -r .answer got | tail -n 1 | grep "^Quelle: " && sends "A parcel to Norway takes 8 to 10 working days." "Norwegen?" && jq -r .answer got | tail -n 1 | grep "^Source: "
'
check 'languages: the prompt names one that is allowed, and an answer in another one is not sent' '
	cp frontdesk.conf keep && fr="Les colis pour la Norvège prennent 8 à 10 jours ouvrables." en="Parcels to Norway take 8 to 10 working days." &&
	sends "$en" "$question" && ! sends "$fr" "$question" && jq -e ".reason == \"it is in the language with the tag fr, and not in en\"" got && jq -e "[.checks[] | select(.check == \"language\" and .holds == false)] | length > 0" got &&
	named () { tail -n 1 requests | jq -r ".body.messages[0].content" | grep -o "^6. Write in [^:,]*"; } && [ "$(named)" = "6. Write in the language with the tag en" ] &&
	sed -i "s|^\[instance|languages = fr de\n&|" frontdesk.conf && ! sends "$en" "$question" && [ "$(named)" = "6. Write in the language with the tag fr" ] && jq -e ".reason == \"it is in the language with the tag en, and not in fr\"" got &&
	! sends "$en" "Wie lange braucht ein Paket nach Norwegen?" && [ "$(named)" = "6. Write in the language with the tag de" ] &&
	sed -i "s|^languages.*|languages = nb en|" frontdesk.conf && sends "$en" "$question" && [ "$(named)" = "6. Write in the language with the tag en" ] &&
	sed -i "s|^languages.*|languages = pt-BR en|" frontdesk.conf && ! sends "$en" "Quanto tempo demora uma encomenda para a Noruega? Obrigado" && [ "$(named)" = "6. Write in the language with the tag pt-BR" ] &&
	sed -i "s|^languages.*|retries_ungrounded = 1|" frontdesk.conf && : >requests && ! sends "$fr" "$question" && [ "$(wc -l <requests)" -eq 2 ]; right=$?
	mv keep frontdesk.conf; return $right
'
check 'a sentence too short to tell its language is in that of the passage that it stands in' '
	printf "# Lake\n\n## Prices\n\nA caravan pitch costs 34 euros a night. Electricity is charged with that, as you will see at the reception when you pay. A single kayak costs 9 euros.\n" >lake.md && kb-ingest lake.md >/dev/null 2>&1 && pitch="A caravan pitch costs 34 euros a night." &&
	! sends "$pitch" "Was kostet ein Stellplatz für einen Caravan bei euch pro Nacht?" && jq -e ".reason == \"it is in the language with the tag en, and not in de\"" got &&
	! sends "$pitch" "¿Cuánto cuesta una plaza para caravan por noche?" && sends "$pitch" "How much is a caravan pitch a night?" &&
	sends "Ein Stellplatz für einen Caravan kostet 34 Euro pro Nacht." "Was kostet ein Stellplatz für einen Caravan bei euch pro Nacht?"; right=$?
	new_store; return $right
'
check 'allow: links and numbers that may always be said; facts: words of its own may be' '
	sed -i "s|^\[instance|allow = https://shop.example.com/track +4930123456\n&|" frontdesk.conf &&
	say "Parcels to Norway take 8 to 10 working days: https://shop.example.com/track, +49 30 123456." &&
	! say "The weather in the mountains is lovely and bears are sleeping there now." &&
	sed -i "s|^allow.*|grounding = facts|" frontdesk.conf && say "The weather in the mountains is lovely and bears are sleeping there now." &&
	! say "Parcels to Norway take 77 days." && ! say "Parcels to Norway take 3 to 5 working days." &&
	say "Parcels to Norway take 8 to 10 working days."
'
check 'a question back and a goodbye carry no facts of their own either' '
	for a in ask resolve; do
		jq -cn --arg a $a "{action: \$a, text: \"Is it for https://evil.example.com, order 77123?\", sources: []}" >said && openai_says "$(cat said)" &&
		status 1 ai-reply --ask "$question" >got && jq -e ".answer == null" got || return 1
	done
'

wrong='{"action":"answer","text":"Parcels to Norway take 3 working days.","sources":[1]}'
check 'what is not held is made anew once where that is wanted, by the same model, told what was found' '
	new_store && model openai && model_does "{answers: [{say: $wrong, times: 1}, {say: $says}]}" && routed 01M850000000000000000000R1 "$question" | ai-reply -q --dry-run >got &&
	only conversation.escalated got | jq -e . && [ "$(wc -l <requests)" -eq 1 ] &&
	sed -i "s/^\[instance/retries_ungrounded = 1\n&/" frontdesk.conf && rm requests && model_start && model_does "{answers: [{say: $wrong, times: 1}, {say: $says}]}" &&
	sed -i "s|^url.*|url = http://127.0.0.1:$(cat port)/v1|" frontdesk.conf && routed 01M850000000000000000000R2 "$question" | ai-reply -q --dry-run >got &&
	only message.queued got | jq -e ".text | test(\"Eight to ten\")" && only reply.drafted got | jq -e ".calls == 2" && [ -z "$(only conversation.escalated got)" ] &&
	[ "$(wc -l <requests)" -eq 2 ] && tail -n 1 requests | jq -e ".body.messages[-1].content | test(\"held back\") and test(\"<<answer>>\\nParcels to Norway take 3 working days\") and test(\"<<fault>>\")" &&
	! head -n 1 requests | grep -q "held back"
'
check 'wrong again: a person is asked, and no third call is made' '
	rm -f requests && model_start && model_does "{answers: [{say: $wrong}]}" && sed -i "s|^url.*|url = http://127.0.0.1:$(cat port)/v1|" frontdesk.conf &&
	routed 01M850000000000000000000R3 "$question" | ai-reply -q --dry-run >got && only conversation.escalated got | jq -e . && [ "$(wc -l <requests)" -eq 2 ]
'

# --- tools ---
tooled () {	# a set-up with a tool that says when the shop opens
	new_store && model openai && mkdir -p tools.d && echo '{"type":"object","properties":{"day":{"type":"string"}}}' >tools.d/opening.schema.json &&
	printf 'description = When the shop opens.\ncommand = /bin/echo On Sunday the shop opens at 9:15.\n%s\n' "${1-}" >tools.d/opening.conf &&
	sed -i "s/^\[instance/tools = opening\n&/; s/^timeout.*/timeout = 9s/" frontdesk.conf &&
	model_does '{answers: [{tool: "opening", arguments: {day: "Sunday"}, times: 1}, {say: {action: "answer", text: "On Sunday the shop opens at 9:15.", sources: []}}]}'
}
check 'a tool that failed is named to whoever takes it over, and to whoever sees to the desk' '
	tooled && printf "description = When the shop opens.\ncommand = /bin/false\n" >tools.d/opening.conf && { ai-tool serve --follow 2>tool.err & tool=$!; } && pids="$pids $tool" && wait_for test -S store/run/ai-tool.sock &&
	model_does "{answers: [{tool: \"opening\", arguments: {day: \"Sunday\"}, times: 1}, {say: {action: \"hand_over\", text: \"\", sources: [], reason: \"no hours\"}}]}" &&
	routed 01M850000000000000000000T3 "when does the shop open on Sunday?" | ai-reply -q >got 2>err; kill $tool
	grep -q "^ai-reply: tool opening: it ended with status 1" err && conv show "$(conv list --ids)" >shown && grep -q "Tools that failed: opening: it ended with status 1" shown
'
check 'a tool is called where the model wants it, and what it gives is a source' '
	tooled && ai-reply --ask "when does the shop open on Sunday?" >got && jq -e "(.answer | test(\"9:15\")) and .calls == 2 and any(.checks[]; .check == \"opening\" and .holds)" got &&
	jq -r ".body.tools[0].function.name // empty" requests | sort -u | grep -qx opening && tail -n 1 requests | grep -q "opens at 9:15"
'
check 'as a service: by ai-tool at its socket, for the message that asks' '
	tooled && { ai-tool serve --follow 2>tool.err & tool=$!; } && pids="$pids $tool" && wait_for test -S store/run/ai-tool.sock &&
	routed 01M850000000000000000000T1 "when does the shop open on Sunday?" | ai-reply -q >got && kill $tool &&
	only message.queued got | jq -e ".text | test(\"9:15\")" && desk-events --since 1000d --type tool.ran | jq -e ".data.tool == \"opening\" and .data.ok"
'
check 'without the service there is no result, and a person is asked; so too where the customer must agree' '
	tooled && model_does "{answers: [{tool: \"opening\", arguments: {}, times: 1}, {say: {action: \"hand_over\", text: \"\", sources: []}}]}" &&
	routed 01M850000000000000000000T2 "when does the shop open on Sunday?" | ai-reply -q >got && only conversation.escalated got | jq -e . &&
	tooled "confirm = on" && echo "question = Shall I look that up?" >>tools.d/opening.conf && ai-reply --ask "when does the shop open on Sunday?" >got && jq -e ".action == \"ask\"" got
'
check 'what needs the yes of the customer: they are asked, a yes does it once, anything else does not' '
	tooled "confirm = on" && echo "question = Shall I look that up?" >>tools.d/opening.conf &&
	model_does "{answers: [{tool: \"opening\", arguments: {day: \"Sunday\"}, times: 1}, {say: {action: \"answer\", text: \"On Sunday the shop opens at 9:15.\", sources: []}}]}" &&
	{ ai-tool serve --follow 2>tool.err & tool=$!; } && pids="$pids $tool" && wait_for test -S store/run/ai-tool.sock &&
	routed 01M850000000000000000000V1 "when does the shop open on Sunday?" | ai-reply -q >got && only message.queued got | jq -e ".text | startswith(\"Shall I look that up?\")" &&
	[ -z "$(desk-events --since 1000d --type tool.ran)" ] && routed 01M850000000000000000000V2 "yes please" | ai-reply -q >got &&
	only message.queued got | jq -e ".text | test(\"9:15\")" && [ "$(desk-events --since 1000d --type tool.ran | wc -l)" -eq 1 ]; got=$?; kill $tool; return $got
'
check 'a model that calls tools without end is stopped' '
	tooled && model_does "{answers: [{tool: \"opening\", arguments: {}}]}" && status 69 ai-reply --ask "when does the shop open on Sunday?" 2>err &&
	grep -q "calls tools without end" err && [ "$(wc -l <requests)" -eq 5 ]
'

# --- limits ---
limited () { model openai && openai_says "$says" && sed -i "s/^\[instance/$1\n&/" frontdesk.conf && rm -f requests; }
spent () { sqlite3 store/desk.db "SELECT $1 FROM ai_spent WHERE profile = 'default' AND period GLOB '????-??-??'"; }
check 'money: prices, what an answer cost, its limit; another set-up stands in' '
	new_store && limited "price_in = 1000\nprice_out = 2000\ncontext_tokens = 500\nmax_tokens = 100\ncost_per_conversation = 4.5\nfallback = extractive" &&
	routed 01M850000000000000000000E1 "$question" | ai-reply -q >got && only reply.drafted got | jq -e ".cost == \"0.025\" and .tokens_in == 11 and .calls == 1" &&
	[ "$(spent cost)" -eq 25000 ] && sed -i "s/^cost_per_conv.*/cost_per_conversation = 2/" frontdesk.conf &&
	routed 01M850000000000000000000E2 "$question" | ai-reply -q >got && only reply.drafted got | jq -e ".provider == \"extractive\"" &&
	[ "$(wc -l <requests)" -eq 1 ]
'
check 'a call that never connected costs nothing' '
	new_store && limited "price_in = 10\nprice_out = 30\ncost_per_day = 1" && sed -i "s|^url.*|url = http://127.0.0.1:1/v1|" frontdesk.conf &&
	routed 01M850000000000000000000E4 "$question" | ai-reply -q >got 2>err && only conversation.escalated got | jq -e . && [ "$(spent cost)" -eq 0 ] && [ "$(spent tokens)" -eq 0 ]
'
check 'what a killed process set aside stays spent' '
	new_store && limited "tokens_per_day = 100000" && sed -i "1s/.*/200 5000/" answer &&
	{ routed 01M850000000000000000000E3 "$question" | ai-reply -q >got & bg=$!; } && wait_for test -s requests && before=$(spent tokens) &&
	pkill -9 -P $bg -x ai-reply 2>/dev/null; sleep 0.2; [ "$before" -gt 600 ] && [ "$(spent tokens)" -eq "$before" ]
'

# --- what is kept ---
check 'why: the same after prompt, settings, rules and documents changed' '
	new_store && model openai && openai_says "$says" && echo "Be kind." >prompt.md && sed -i "s/^\[instance/prompt_file = prompt.md\n&/" frontdesk.conf &&
	routed 01M850000000000000000000F1 "$question" | ai-reply -q >got && id=$(only message.queued got | jq -r .message) &&
	ai-reply --why "$id" >one && jq -e ".prompt == \"Be kind.\\n\" and .settings.model == \"m-1\" and .action == \"answer\" and
	    .rules == {fired: [\"greet\"], revision: \"r1\"} and (.revision | length) == 64 and (.prompt_hash | length) == 64 and
	    (.sources | length) > 0 and .sources[0].score > 0 and .calls == 1" one &&
	echo "Be brief." >prompt.md && sed -i "s/^model.*/model = m-9/" frontdesk.conf && kb-doc rm -y "$(kb-doc list --ids)" >/dev/null && ai-reply --why "$id" >two && same one two
'
# N TEXT: what a customer writes
wrote () { printf '{"id":"01M850000000000000000000%s","type":"message.received","time":"2026-11-23T10:00:00.000Z","data":{"phone":"49170000%s","instance":"shop","kind":"text","text":"%s"}}\n' "$1" "$1" "$2"; }
queued () { only message.queued told | jq -r .message; }
sql () { sqlite3 store/desk.db "$1"; }
check 'why: the rules that acted, where they stood and what they said, also when their file is gone' '
	new_store && : >frontdesk.conf && printf "# ours\nmatch text \"parcel\"   tag post\nmatch language en \\\\\n  set attribute tongue \"en\"\n" >own && printf "\ncalm: match text \"complaint\" escalate \"a complaint\" reply \"We are sorry.\"\n" >more && echo "include more" >>own &&
	wrote D1 "$question" | route -q -f own | ai-reply -q >told && a=$(queued) && ai-reply --why "$a" >one && cat one &&
	jq -e ".action == \"answer\" and (.rules | (keys == [\"fired\", \"revision\", \"said\"]) and .fired == [\"2\", \"3\"] and (.said |
	    map([.rule, .place, .text]) == [[\"2\", \"own:2\", \"match text \\\"parcel\\\" tag post\"], [\"3\", \"own:3\", \"match language en set attribute tongue \\\"en\\\"\"]]))" one &&
	wrote D2 "a complaint" | route -q -f own >told && b=$(queued) && ai-reply --why "$b" >two && cat two &&
	jq -e "(has(\"action\") | not) and (.rules.said | map(select(.rule == \"more:calm\" or .rule == \"calm\")) |
	    length == 1 and (.[0] | (.place | endswith(\"more:2\")) and (.text | test(\"reply \\\"We are sorry\")))) and (.causes | map(.type)) == [\"message.queued\", \"message.received\"]" two &&
	wrote D3 "$question" | route -q -f own >/dev/null && n=$(sql "SELECT count(*) FROM rule_revision") &&
	{ echo; echo; cat own; } >new && mv new own && wrote D4 "$question" | route -q -f own | ai-reply -q >told && [ "$(sql "SELECT count(*) FROM rule_revision")" -eq $((n + 2)) ] &&
	ai-reply --why "$(queued)" | jq -e ".rules.said | map(.place) == [\"own:4\", \"own:5\"]" &&
	rm own more && ai-reply --why "$a" >again && same one again && ai-reply --why "$b" >again && same two again && echo "$a" >first
'
check 'what a rule said goes with the last event and the last reply that have it' '
	a=$(cat first) && sql "SELECT * FROM rule_revision" >before && [ -s before ] && frontdesk maintain && sql "SELECT * FROM rule_revision" >after && same before after && ai-reply --why "$a" >again && same one again &&
	sql "DELETE FROM event WHERE type = '\''message.routed'\'' AND NOT EXISTS (SELECT 1 FROM reply WHERE cause = event.id)" && frontdesk maintain &&
	sql "SELECT place FROM rule_revision ORDER BY place" >left && printf "%s\n" own:2 own:3 own:4 own:5 >want && same want left &&
	sql "DELETE FROM event WHERE type = '\''message.routed'\''" && frontdesk maintain && ai-reply --why "$a" >again && jq -e "(.rules.said | length) == 2" again &&
	sql "DELETE FROM reply" && frontdesk maintain && [ "$(sql "SELECT count(*) FROM rule_revision")" -eq 0 ]
'
check 'why: the words of the sets that a rule names, as they were then' '
	new_store && printf "set canvas = \"tent\", /zelte?/\nset camp if text \$canvas language en\nset other = \"kayak\"\nours: match \$camp tag camping\n" >sets && wrote DA "how much is a tent?" | route -q -f sets | ai-reply -q >told && a=$(queued) && ai-reply --why "$a" >one && cat one &&
	jq -e ".rules.said | map(select(.rule == \"ours\")) == [{rule: \"ours\", place: \"sets:4\", text: \"set canvas = \\\"tent\\\", /zelte?/\\nset camp if text \$canvas language en\\nmatch \$camp tag camping\"}]" one &&
	sed -i "s/\"tent\"/\"tent\", \"awning\"/" sets && wrote DB "how much is an awning?" | route -q -f sets | ai-reply -q >told && ai-reply --why "$(queued)" | jq -e ".rules.said[] | select(.rule == \"ours\").text | startswith(\"set canvas = \\\"tent\\\", \\\"awning\\\", \")" && ai-reply --why "$a" >again && same one again
'
check 'why of what was routed before there was a table of rules' '
	frontdesk init old >/dev/null && sqlite3 old/desk.db "SELECT printf('\''INSERT INTO meta VALUES (%Q, %Q);'\'', key, value) FROM meta" >meta.sql && id=$(sqlite3 old/desk.db "PRAGMA application_id") && rm old/desk.db* &&
	{ for f in "$top"/share/schema/desk-*.sql; do s=${f##*/desk-}; [ "${s%%-*}" -gt 22 ] || cat "$f"; done; cat meta.sql; echo "PRAGMA application_id = $id; PRAGMA user_version = 22; PRAGMA journal_mode = WAL;"; } | sqlite3 -bail old/desk.db &&
	sqlite3 -bail old/desk.db <"$top/tests/data/desk.sql" && m=$(sqlite3 old/desk.db "SELECT message FROM reply LIMIT 1") && sqlite3 -bail old/desk.db "UPDATE reply SET rules = '\''{\"fired\":[\"7\"],\"revision\":\"r0\"}'\''; INSERT INTO event (id, type, source, time_ms, depth, data) VALUES ('\''$m'\'', '\''message.queued'\'', '\''/desk'\'', 1, 0, '\''{}'\'')" && frontdesk upgrade --store old && ai-reply -S old --why "$m" >told; cat told; jq -e ".rules == {fired: [\"7\"], revision: \"r0\"}" told &&
	wrote D5 "a parcel" >in && echo "match text \"parcel\" tag post" >own && route -q -S old -f own <in >/dev/null && [ "$(sqlite3 old/desk.db "SELECT place FROM rule_revision")" = own:1 ]
'
check 'record and replay: the same answers without a network, no key in what is kept' '
	new_store && model openai && openai_says "$says" && ai-reply --ask "$question" --record kept | jq "del(.took_ms)" >one &&
	[ -n "$(ls kept)" ] && ! grep -rq sekret kept && model_stop && rm -f requests &&
	ai-reply --ask "$question" --replay kept | jq "del(.took_ms)" >two && same one two && ! [ -e requests ] &&
	status 69 ai-reply --ask "something else about parcels to Norway" --replay kept 2>err && grep -q "no such exchange was recorded" err &&
	status 66 ai-reply --ask x --replay gone &&
	for f in kept/*.json; do echo "{" >"$f"; done && status 69 ai-reply --ask "$question" --replay kept 2>err && grep -q "what was recorded of this exchange is damaged" err
'
check 'conv show says in words why the AI kept silent beside a person' '
	new_store && routed 01M850000000000000000000R1 "$question" | ai-reply -q >got && conv take "$(conv list --ids)" && routed 01M850000000000000000000R2 "$question" | ai-reply -q >got &&
	only reply.declined got | jq -e ".reason == \"owner\"" && conv show "$(conv list --ids)" >shown && grep -q "the AI has no answer: people have it" shown
'
check 'what goes with nothing is wrong use' '
	status 64 ai-reply --why "" && status 64 timeout 10 ai-reply --ask x --follow && status 64 timeout 10 ai-reply --why 01M85000000000000000000000 --follow
'
check 'a word that says nothing is told as that' '
	model openai && openai_says "{\"action\":\"answer\",\"text\":\"Yep.\",\"sources\":[1]}" && status 1 ai-reply --ask "$question" >got &&
	jq -e ".action == \"hand_over\" and .reason == \"the answer is not held by the passages: it says nothing that a passage says\"" got
'
check 'a file is no folder to record into: told before anything is asked' '
	model openai && openai_says "$says" && : >file && status 73 ai-reply --ask "$question" --record file 2>err && grep -q "^ai-reply: file: not a folder, so nothing can be recorded there" err &&
	mkdir cases && echo "{\"question\":\"$question\"}" >cases/a.jsonl && status 73 ai-eval cases --record file 2>err && grep -q "^ai-eval: file: not a folder" err && ! [ -e requests ]
'
check 'a set-up that is switched off: people are asked, and the customer is told as with any other question for them' '
	new_store && model openai && openai_says "$says" && key "[profile p1]" "model = m" "enabled = off" && sed -i "s/^quiet = 0ms/&\nprofile = p1/" frontdesk.conf &&
	routed 01M850000000000000000000Q1 "$question" | ai-reply -q >got 2>err && ! [ -s err ] && ! [ -e requests ] &&
	only reply.declined got | jq -e ".reason == \"the set-up is switched off\" and .profile == \"p1\"" &&
	only conversation.escalated got | jq -e ".reason == \"the set-up is switched off\"" && only message.queued got | jq -e ".author == \"system\" and (.text | test(\"went wrong\") | not)" &&
	all conversation.noted | jq -e "(.text // .note) | test(\"Asked: how long\")"
'
check '--as: after what was said with a contact' '
	new_store && : >frontdesk.conf && routed 01M850000000000000000000G1 "$question" | ai-reply -q >/dev/null &&
	contact=$(conv list --json | jq -r .contact) && ai-reply --ask "and to France?" --as "$contact" | jq -e ".answer | test(\"3 to 5\")" &&
	status 66 ai-reply --ask x --as nobody && status 64 ai-reply --as "$contact"
'
check 'a question that leans on what was said is looked up whole, by a model and without' '
	new_store && : >frontdesk.conf && routed 01M850000000000000000000H1 "hello there" | FRONTDESK_NOW=2026-11-23T10:01:00Z ai-reply -q >/dev/null &&
	contact=$(conv list --json | jq -r .contact) && FRONTDESK_NOW=2026-11-23T10:05:00Z conv reply "$(conv list --ids)" "Shall I tell you what delivery to France costs?" >/dev/null &&
	ai-reply --ask "yes please" --as "$contact" >got && jq -e "(.answer | test(\"9.90\")) and (.search | test(\"delivery France\"))" got &&
	model openai && openai_says "$says" && rm -f requests && ai-reply --ask "yes please" --as "$contact" >got &&
	jq -r ".body.messages[-1].content" requests >shown && grep -q "9.90" shown && tail -n 3 shown | grep -q "yes please" &&
	sed -i "s/^\[instance/rewrite = off\n&/" frontdesk.conf && ai-reply --ask "yes please" --as "$contact" | jq -e "has(\"search\") | not"
'
check 'a set-up looks where it may' '
	printf "# Offices\n\n## Norway\n\nOur office in Norway is in Bergen, and a parcel may take long.\n" >offices.md && kb-ingest --collection inside offices.md >/dev/null 2>&1 &&
	model openai && openai_says "$says" && sed -i "s/^\[instance/collections = inside\n&/" frontdesk.conf && rm -f requests && status 1 ai-reply --ask "$question" >got &&
	jq -r ".body.messages[-1].content" requests >shown && grep -q Bergen shown && ! grep -q "8 to 10" shown &&
	printf "[ai]\nprovider = extractive\ncollections = inside\n" >frontdesk.conf && status 1 ai-reply --ask "what does delivery to France cost?" >got
'
check 'every request of this test is as the references have it' all_were_right
done_testing
