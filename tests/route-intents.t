#!/bin/sh
# route --train, --label: intents are learnt from examples; what is about none
# of them is told so, and figures say how often; sentiment
. "${0%/*}/lib.sh"
data=$top/tests/label

figure () { awk -F '\t' -v name="$1" '$1 == name { print $2 }' figures; }
at_least () { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'; }
# Whether there is one object, and EXPRESSION holds of it; of none jq says nothing.
one () { jq -se "length == 1 and (.[0] | $1)"; }
label () { route --label --model model "$@"; }

check 'examples of ten intents, ten each: learnt, and the figures are whole' '
	route --train --model model "$data/bank" >figures 2>err &&
	grep -q "^route: .*bank/none.txt: it is missing: " err && [ "$(wc -l <err)" = 1 ] &&
	cat figures && [ "$(figure intents)" = 10 ] && [ "$(figure examples)" = 100 ] &&
	at_least "$(figure "accuracy in scope, none never said")" 0.68 &&
	at_least "$(figure "accuracy in scope")" 0.6 && at_least "$(figure macro-F1)" 0.62 &&
	at_least "$(figure "recall of none, intents left out")" 0.3 &&
	[ "$(figure "recall of none, none.txt")" = - ] &&
	sed "1,/^intent	/d" figures | cut -f1 >got && ls "$data/bank" | sed "s/.txt//" | same - got &&
	[ -z "$(sed "1,/^intent	/d" figures | awk -F "\t" "NF != 6 || \$6 < 0 || \$6 > 1")" ]
'
check 'texts it never saw: nine of ten are told right' '
	cut -f2 "$data/bank.tsv" | label | jq -r ".intent // .intent_nearest" >got &&
	cut -f1 "$data/bank.tsv" | paste - got | awk "\$1 == \$2 { n++ } END { print n; exit !(n >= 27) }" &&
	cut -f2 "$data/bank.tsv" | label | jq -r "select(.intent != null) | .intent" | wc -l >n && cat n && [ "$(cat n)" -ge 26 ]
'
check 'texts from elsewhere are about none of them' '
	label <"$data/shop-outside.txt" >got && [ "$(wc -l <got)" = 50 ] &&
	jq -r "select(.intent != null) | .text" got && [ "$(jq -r "select(.intent == null) | .intent_why" got | wc -l)" -ge 46 ]
'
check 'an object keeps its fields; label, score and evidence are added' '
	echo "{\"id\":7,\"text\":\"The cash machine kept my card!\",\"x\":[1]}" | label >got &&
	one ".id == 7 and .x == [1] and .intent == \"card_stuck\" and .intent_nearest == .intent
	    and .intent_score > 0.5 and .intent_score <= 1 and (.intent_evidence | index(\"machine\"))
	    and .sentiment == 0 and .sentiment_label == \"neutral\" and .sentiment_confidence > 0.5
	    and (has(\"intent_why\") | not)" <got
'
check 'how its writer feels is told too, with the words that say so' '
	echo "Sorry to bother you, but my card still has not arrived 😢" | label >got &&
	one ".sentiment_label == \"negative\" and .sentiment < -0.4 and .sentiment >= -1 and
	    .sentiment_confidence > 0.5 and (.sentiment_evidence | index(\"😢\") and length <= 4)" <got
'
check 'too little that is known, or a language of no example, is none' '
	echo "zzz" | label >got && one ".intent == null and .intent_why == \"too little of it is known\"" <got &&
	echo "🙂" | label >got && one ".intent == null and .intent_score == 0 and .intent_nearest == null" <got &&
	echo "wo ist meine neue card, ich warte schon so lange auf sie" | label >got &&
	one ".intent == null and .intent_why == \"no example is in its language\"" <got
'
check 'a word of another language alone refuses no text' '
	printf "%s\n" "card kaputt" "card verloren hilfe" | label >got && jq -r ".intent_why // .intent" got >why &&
	cat why && ! grep -q "no example is in its language" why && grep -qx card_lost why
'
check 'a bad line is named and the next goes through' '
	printf "%s\n" "{\"text\":" "{\"id\":1}" "how do I close my account" >in &&
	status 65 label <in >got 2>err && [ "$(jq -r .intent got)" = close_account ] &&
	grep -q "^route: stdin:1: " err && grep -q "^route: stdin:2: it has no text" err
'
check 'the same examples give the same bytes' '
	cp model one && route --train --model model "$data/bank" >/dev/null && cmp one model
'
check 'changed examples make the model stale: said, and no text has an intent' '
	cp -r "$data/bank" intents.d && frontdesk init --user >/dev/null 2>&1 &&
	route --train >/dev/null && echo "close my account" | route --label | one ".intent == \"close_account\"" &&
	echo "goodbye for good, bank" >>intents.d/close_account.txt &&
	echo "close my account" | route --label >got 2>err && one ".intent == null and .intent_why == \"there is no model\"" <got &&
	grep -q "the examples have changed since it was made: run route --train again" err &&
	route --train >/dev/null && echo "close my account" | route --label 2>err | one ".intent == \"close_account\"" && same /dev/null err
'
check 'a comment is no change' '
	echo "# for the app team" >>intents.d/close_account.txt &&
	echo "close my account" | route --label 2>err | one ".intent == \"close_account\"" && same /dev/null err
'
check 'a model of another version is refused, a damaged one too, none is said' '
	cp model kept && printf "\011" | dd of=model bs=1 seek=24 conv=notrunc 2>/dev/null &&
	echo "close my account" | label >got 2>err && one ".intent == null" <got &&
	grep -q "made by another version (model 9, features 1; this one has 2, 1): run route --train again" err &&
	head -c 5000 kept >model && echo hi | label 2>err >/dev/null && grep -q "it is damaged: run route --train again" err &&
	{ head -c 60 kept; printf "\377\377"; tail -c +63 kept; } >model && echo hi | label 2>err >/dev/null && grep -q "it is damaged" err &&
	{ head -c 90000 kept; printf "\377\377\377"; tail -c +90004 kept; } >model && echo hi | label 2>err >/dev/null && grep -q "it is damaged" err &&
	echo "no model" >model && echo hi | label 2>err >/dev/null && grep -q "it is no model of intents" err &&
	rm model && echo hi | label 2>err >/dev/null && grep -q "there is no model of intents yet: run route --train" err &&
	mv kept model
'
check 'examples of none: learnt as such, and their recall is told' '
	cp -r "$data/bank" with && cp "$data/shop-outside.txt" with/none.txt &&
	route --train --model other with >figures 2>err && same /dev/null err && cat figures &&
	at_least "$(figure "recall of none, none.txt")" 0.8 && ! grep -q "^none	" figures &&
	echo "tell me a joke please" | route --label --model other | one ".intent == null"
'
check 'twelve intents in nine languages, four examples and less in each' '
	route --train --model shop "$data/shop" >figures && cat figures &&
	[ "$(figure languages)" = "en es pt fr de it hi ar id" ] &&
	at_least "$(figure "accuracy in scope, none never said")" 0.42 &&
	printf "%s\n" "hola, ¿dónde está mi paquete?" "ich will die Bestellung stornieren" "quero falar com uma pessoa" \
	    "मेरा ऑर्डर अभी तक नहीं आया" "أريد التحدث مع شخص" "minta kode promo dong" |
	    route --label --model shop | jq -r .intent_nearest >got &&
	printf "%s\n" order_status cancel_order talk_human order_status talk_human discount | same - got
'
check 'few examples and no none.txt: what is from elsewhere is mostly none, in each language' '
	at_least "$(figure "recall of none, everyday texts")" 0.8 && [ "$(figure "recall of none, none.txt")" = - ] &&
	label --model shop <"$data/outside.txt" | jq -r "select(.intent != null) | .text" >got && cat got && [ "$(wc -l <got)" -le 14 ] &&
	label --model shop <"$data/shop-outside.txt" | jq -r "select(.intent != null) | .text" >got && cat got && [ "$(wc -l <got)" -le 5 ]
'
check 'words of any text are no evidence; pairs of them as in an example are' '
	printf "%s\n" "the the the" "who is that" "das ist so" "je suis" | label --model shop >got &&
	[ "$(jq -r .intent got | sort -u)" = null ] && jq -r .intent_why got | grep -q "words of any text" &&
	mkdir price && printf "%s\n" "how much is it" "what is the price" "how much are they" "what does this cost" >price/price.txt &&
	printf "%s\n" "my parcel is late" "where is the parcel" "the parcel has not come" >price/parcel.txt &&
	route --train --model p price >/dev/null 2>&1 && echo "how much is it" | label --model p | one ".intent == \"price\"" &&
	echo "how is it that they are" | label --model p | one ".intent == null"
'
check 'small talk may be an intent: what is like it is then no text from elsewhere' '
	mkdir talk && printf "%s\n" "hello" "hi there, good morning" "good evening" "hi" "hello, how are you" >talk/greeting.txt &&
	printf "%s\n" "hello, are you open today" "when do you open" "what are your opening hours" "is the shop open" >talk/hours.txt &&
	route --train --model t talk >/dev/null 2>&1 && printf "%s\n" hello "good morning" | label --model t | jq -r .intent >got &&
	printf "greeting\ngreeting\n" | same - got &&
	rm talk/greeting.txt && printf "%s\n" "my parcel is late" "where is the parcel" "the parcel has not come" >talk/parcel.txt &&
	route --train --model t talk >/dev/null 2>&1 && echo hello | label --model t | one ".intent == null"
'
check 'without a store sentiment is told, and why there are no intents' '
	(XDG_DATA_HOME=$work/nowhere HOME=$work/nowhere && export XDG_DATA_HOME HOME && echo "this is great" | route --label >got 2>err) &&
	one ".sentiment_label == \"positive\" and .intent == null" <got && echo "route: there is no store, and so no model of intents" | same - err &&
	echo hi | status 66 route --label -S nowhere 2>err
'
check 'examples that do not suffice, or stand wrong, are named' '
	mkdir few && echo "only this" >few/a.txt && status 78 route --train --model x few 2>err &&
	grep -q "one intent cannot be told from another" err &&
	echo "only that" >few/b.txt && status 78 route --train --model x few 2>err &&
	grep -q "a.txt: one example: an intent needs two, better ten" err && [ ! -e x ] &&
	printf "one thing\nOne  thing!\nother thing\n" >few/a.txt && printf "that there\nother thing\n" >few/b.txt &&
	route --train --model x few >/dev/null 2>err &&
	grep -q "few/a.txt:2: stands in line 1 already, and is left out" err &&
	grep -q "few/b.txt:2: stands in a.txt:3 too: no text can be of both" err &&
	echo hi >"few/Bad Name.txt" && status 78 route --train --model x few 2>err && grep -q "Bad Name.txt: the name of an intent" err &&
	rm "few/Bad Name.txt" && printf "\377\376x\n" >few/c.txt && status 78 route --train --model x few 2>err && grep -q "c.txt: it is not UTF-8" err &&
	status 66 route --train --model x nowhere 2>err && grep -q "nowhere" err
'
check 'two intents suffice; what cannot be measured has no figure' '
	mkdir two && printf "open today\nwhen do you open\n" >two/open.txt && printf "money back\nrefund me\n" >two/refund.txt &&
	route --train --model x two >figures && [ "$(figure "recall of none, intents left out")" = - ] &&
	[ "$(figure folds)" = 2 ] && echo "refund my money" | route --label --model x | one ".intent_nearest == \"refund\""
'
# Words of no language, as many as large desks have.
many () {	# INTENTS EXAMPLES: into the folder many
	rm -rf many && mkdir many && awk -v intents="$1" -v examples="$2" '
	function word(n,  w) {
		w = ""
		do {
			w = w substr("bdfgklmnprstvz", n % 14 + 1, 1) substr("aeiou", int(n / 14) % 5 + 1, 1)
			n = int(n / 70)
		} while (n > 0)
		return w
	}
	BEGIN {
		srand(4)
		for (i = 0; i < intents; i++)
			for (e = 0; e < examples; e++) {
				line = ""
				for (n = 5 + int(rand() * 8); n > 0; n--)
					if (rand() < 0.3)
						line = line " " word(5000 + i * 20 + int(rand() * 20))
					else
						line = line " " word(int(2500 * rand() ^ 3))
				print line >("many/i" i ".txt")
			}
	}'
}
if [ -n "${LONG:-}" ]; then examples=100 limit=120; else examples=10 limit=60; fi
check "150 intents with $examples examples each: in time, and a text in less than a millisecond" '
	many 150 "$examples" && start=$(date +%s) && route --train --model m many >figures 2>/dev/null &&
	took=$(($(date +%s) - start)) && head -12 figures && echo "$took s" && [ "$took" -lt "$limit" ] &&
	at_least "$(figure "accuracy in scope, none never said")" 0.5 &&
	for _ in 1 2 3 4 5; do cat many/*.txt; done | head -5000 >in && start=$(date +%s%N) &&
	route --label --model m <in | wc -l >n && [ "$(cat n)" = 5000 ] &&
	took=$((($(date +%s%N) - start) / 5000000)) && echo "$took us" && [ "$took" -lt 1000 ]
'
done_testing
