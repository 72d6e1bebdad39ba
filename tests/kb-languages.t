#!/bin/sh
# Help pages of other kinds of company, in four languages: nothing of the
# ranking or of the word lists was fitted to them or to these questions.
. "${0%/*}/lib.sh"
. "$top/tests/answers.sh"
all=$work/all.transcript
: >"$all"
for set in en:library de:zahnarzt fr:mobile es:soporte; do
	language=${set%%:*} page=${set#*:}
	frontdesk init "$page" >/dev/null
	kb-ingest -S "$page" "$top/tests/data/help/$page.md" >/dev/null
	grep "\"language\": \"$language\"" "$top/tests/data/help-unseen.jsonl" >"help-$language"
	judge "$page" "help-$language" transcript
	cat transcript >>"$all"
	sum_right=$((${sum_right:-0} + right)) sum_wrong=$((${sum_wrong:-0} + wrong))
	sum_declined=$((${sum_declined:-0} + declined))
	sum_refused=$((${sum_refused:-0} + refused)) sum_invented=$((${sum_invented:-0} + invented))
done
cp "$all" "${BUILD:-$top/build}/kb-languages.transcript" 2>/dev/null
right=$sum_right wrong=$sum_wrong declined=$sum_declined
refused=$sum_refused invented=$sum_invented
check 'pages in English, German, French and Spanish: right, or nothing' '
	[ $((right + wrong + declined)) -eq 53 ] && [ $((refused + invented)) -eq 31 ] &&
	at_least 88 66 90 "$all"
'
# said STORE TEXT: to `text`; fails if it is not all that was asked
said () {
	ai-reply --json -S "$1" --ask "$2" >got; jq -r ".answer // \"\"" got >text
	jq -e ".reason == null" got >/dev/null
}
check 'several questions in one message: each answered, or said to be open' '
	said zahnarzt "Was kostet eine Zahnreinigung und wie lange dauert sie?" && grep -q "50 Minuten und kostet 95" text &&
	said zahnarzt "Wann haben Sie am Montag auf
und am Freitag?" && grep -q "Montag bis Donnerstag.*Freitag" text &&
	! said zahnarzt "Wann haben Sie am Montag geöffnet und am Samstag?" && grep -q Montag text &&
	said mobile "j'"'"'ai perdu mon téléphone
et pour le code pin ?" && grep -q "Bloquez la ligne" text && grep -q "code PUK" text &&
	! said mobile "comment changer de forfait
et garder mon chien" && grep -q "une fois par mois" text &&
	said library "can I renew my loans and what if a book is reserved" && grep -q "extended twice" text &&
	! said library "do you have meeting rooms
and projectors?" && grep -q "small room" text &&
	! said library "how much are prints and copies" && grep -q "10 pence" text && ! grep -q "spoiled" text
'
check 'the Italian for is does not cut a question in two, nor does one word before' '
	frontdesk init albergo >/dev/null &&
	printf "# Albergo\n\n## Password del Wi-Fi\n\nLa password si trova sul tavolo della camera.\n" >albergo.md &&
	kb-ingest -S albergo albergo.md >/dev/null &&
	for q in "qual è la password del wifi" "Qual é la password del wifi?" "qual e la password del wifi"; do
		said albergo "$q" && grep -q "sul tavolo" text || { echo "$q"; return 1; }
	done
'
check 'what is said out of politeness is no part of a question' '
	said zahnarzt "Guten Tag, eine kurze Frage: kann ich in Raten zahlen?" && grep -q Monatsraten text &&
	said zahnarzt "Danke! Und wie sage ich einen Termin ab?" && grep -q "24 Stunden" text &&
	said mobile "bonjour
j'"'"'ai une question
comment payer ma facture" && grep -q "le 5 de chaque mois" text
'
done_testing
