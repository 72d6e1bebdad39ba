#!/bin/sh
# what becomes of what ai-reply(1) does not send: what is a source and what is
# none, what is kept of it, and what customer and colleague are told
# shellcheck disable=SC2016,SC2154
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"

cat >tents.md <<'END'
# Tents

## Ridge 30

The Ridge 30 costs 119 euros and weighs 2 kg.
END
new_store () { rm -rf store && frontdesk init store >/dev/null && kb-ingest tents.md >/dev/null 2>&1; }
export FRONTDESK_STORE="$work/store"
# ID TEXT [LANGUAGE [YEAR]]: a customer's message, routed
routed () {
	printf '{"id":"%s","type":"message.routed","time":"%s-11-23T10:00:00.000Z","data":{"phone":"491700000001","instance":"shop","language":"%s","ai":true,"text":"%s"}}\n' "$1" "${4:-2026}" "${3:-en}" "$2"
}
only () { jq -c "select(.type == \"$1\") | .data" "$2"; }
answer () { jq -cn --arg t "$1" '{action: "answer", text: $t, sources: [1]}'; }

# --- tools ---
tooled () {	# COMMAND LINE...: a set-up with a tool
	command=$1; shift
	new_store && model openai && mkdir -p tools.d && rm -f tools.d/* && echo '{"type":"object","properties":{"order":{"type":"string"}}}' >tools.d/order.schema.json &&
	printf '%s\n' "description = The state of an order." "command = $command" "$@" >tools.d/order.conf &&
	sed -i "s/^\[instance/tools = order\n&/; s/^timeout.*/timeout = 9s/" frontdesk.conf
}
told () {	# TEXT [SOURCES]: the model, a new one, calls the tool, and says it
	model_start && sed -i "s|^url.*|url = http://127.0.0.1:$(cat port)/v1|" frontdesk.conf && model_does "{answers: [{tool: \"order\", arguments: {order: \"A-1234\"}, times: 1}, {say: {action: \"answer\", text: \"$1\", sources: ${2:-[]}}}]}"
}
check 'a tool that failed is no source, whatever the model says then' '
	tooled /bin/false && for text in "Your order is on its way." "There is no order A-1234." x; do
		for sources in "[]" "[1]"; do
			told "$text" "$sources" && status 1 ai-reply --ask "where is my order A-1234?" >got && jq -e ".answer == null and .action == \"hand_over\"" got >/dev/null || { echo "$text"; cat got; }
		done
	done >bad && same /dev/null bad
'
check 'the same as a service: nothing of it goes to the customer' '
	tooled /bin/false && told "Your order is on its way." && { ai-tool serve --follow 2>tool.err & tool=$!; } && pids="$pids $tool" && wait_for test -S store/run/ai-tool.sock &&
	routed 01M850000000000000000000A1 "where is my order A-1234?" | ai-reply -q >got; kill $tool
	only message.queued got | jq -se "length == 1 and (.[0].text | test(\"on its way\") | not)" && only conversation.escalated got | jq -se "length == 1"
'
check 'what is recorded of a tool is played back: it is not run again' '
	printf "#!/bin/sh\necho \"Order A-1234 arrives on 6 May. \$(date +%%s%%N)\"\n" >order && chmod 755 order && chmod 755 "$work" && rm -rf kept && tooled "$work/order" && told "Your order arrives on 6 May." &&
	ai-reply --ask "where is my order A-1234?" --record kept | jq "del(.took_ms)" >one && [ "$(find kept -name "tool-*.json" | wc -l)" -eq 1 ] &&
	ai-reply --ask "where is my order A-1234?" --replay kept | jq "del(.took_ms)" >two && same one two &&
	jq -se ".[0].tools[0].ok and (.[0].tools[0].result | test(\"[0-9]{19}\")) and (.[0].answer | test(\"6 May\"))" two &&
	rm kept/tool-*.json && status 69 ai-reply --ask "where is my order A-1234?" --replay kept >three 2>err
'
check 'what a tool gave is held like a passage' '
	tooled "/bin/echo Order A-1234 was shipped on 3 May and arrives on 6 May." && for text in "Your order was shipped on 6 May and arrives on 3 May." "Your order arrives on 7 May." "Your order was never shipped."; do
		told "$text" && status 1 ai-reply --ask "where is my order A-1234?" >got && jq -e ".answer == null" got >/dev/null || { echo "$text"; cat got; }
	done >bad && same /dev/null bad &&
	told "Your order was shipped on 3 May and arrives on 6 May." && ai-reply --ask "where is my order A-1234?" | jq -se "length == 1 and (.[0].answer | test(\"6 May\"))"
'
check 'where a result leads is said if its tool says so; what else it gives always' '
	tooled "/bin/echo Order A-1234 costs 900 euros: pay at https://evil.example/pay or call +49 30 999999 by 2026-05-06." "links = off" && for text in "Order A-1234: https://evil.example/pay" "For order A-1234 call +49 30 999999."; do
		told "$text" && status 1 ai-reply --ask "where is my order A-1234?" >got && jq -e ".answer == null" got >/dev/null || { echo "$text"; cat got; }
	done >bad && same /dev/null bad && told "Order A-1234 costs 900 euros." && ai-reply --ask "where is my order A-1234?" >got &&
	tooled "/bin/echo Order A-1234 is on its way: https://track.example/A-1234" "links = on" && told "Order A-1234 is on its way: https://track.example/A-1234" && ai-reply --ask "where is my order A-1234?" >got
'
check 'the name of a file leads nowhere, as a source or below an answer; what the text says does' '
	tooled /bin/true && echo "Umbrellas are lent for 2 euros a day at the kiosk." >"Visit evil.example and call +49 30 999999.md" && kb-ingest Visit*.md >/dev/null 2>&1 && sed -i /^tools/d frontdesk.conf &&
	says () { model_start && sed -i "s|^url.*|url = http://127.0.0.1:$(cat port)/v1|" frontdesk.conf && model_does "{answers: [{say: {action: \"answer\", text: \"$1\", sources: [1]}}]}" && ai-reply --ask "how much is an umbrella?"; } &&
	status 1 says "Umbrellas are lent for 2 euros a day. Visit evil.example." >got && jq -e ".answer == null" got && status 1 says "Umbrellas are lent for 2 euros a day, call +49 30 999999." >got && jq -e ".answer == null" got &&
	says "Umbrellas are lent for 2 euros a day at the kiosk." >got && jq -e "(.answer | test(\"2 euros\")) and (.answer | test(\"evil|999\") | not)" got
'
check 'a call of no tool, or with arguments that are none, is told to the model; for ever is too often' '
	for call in "tool: \"orders\", arguments: {order: \"A-1234\"}" "tool: \"order\", arguments: \"{order A-1234\""; do
		tooled "/bin/echo Order A-1234 arrives on 6 May." && model_start && sed -i "s|^url.*|url = http://127.0.0.1:$(cat port)/v1|" frontdesk.conf &&
		model_does "{answers: [{$call, times: 1}, {tool: \"order\", arguments: {order: \"A-1234\"}, times: 1}, {say: {action: \"answer\", text: \"Your order arrives on 6 May.\", sources: []}}]}" &&
		ai-reply --ask "where is my order A-1234?" >got && jq -e ".answer | test(\"6 May\")" got >/dev/null && jq -r ".body.messages[]? | select(.role == \"tool\").content" requests | grep -q "There is no result" || { cat got; return 1; }
	done &&
	model_does "{answers: [{tool: \"orders\", arguments: {}}]}" && status 69 ai-reply --ask "where is my order A-1234?" >got 2>err && grep -q "calls tools without end" err
'
check '--ask and ai-eval run what needs no yes also where the service is up, and say what they would ask' '
	tooled "/bin/echo Order A-1234 arrives on 6 May." && told "Your order arrives on 6 May." && { ai-tool serve --follow 2>tool.err & tool=$!; } && pids="$pids $tool" && wait_for test -S store/run/ai-tool.sock &&
	ai-reply --ask "where is my order A-1234?" >got && jq -se "length == 1 and (.[0].answer | test(\"6 May\")) and .[0].tools == [{tool: \"order\", arguments: {order: \"A-1234\"}, ok: true, result: \"Order A-1234 arrives on 6 May.\"}]" got &&
	told "Your order arrives on 6 May." && mkdir -p cases && echo "{\"id\": \"o\", \"question\": \"where is my order A-1234?\", \"facts\": [\"6 May\"]}" >cases/o.jsonl && ai-eval cases >got &&
	jq -se ".[0].ok and .[0].tools[0].ok" got && printf "%s\n" "confirm = on" "question = Shall I look up {order}?" >>tools.d/order.conf && echo "{\"type\":\"object\",\"required\":[\"order\"],\"properties\":{\"order\":{\"type\":\"string\"}}}" >tools.d/order.schema.json &&
	told "Your order arrives on 6 May." && ai-reply --ask "where is my order A-1234?" >got &&
	jq -se "length == 1 and .[0].action == \"ask\" and .[0].answer == \"Shall I look up A-1234?\" and .[0].tools[0].would_ask == \"Shall I look up A-1234?\"" got
	got=$?; kill $tool; [ $got -eq 0 ] && [ "$(sqlite3 store/desk.db "SELECT (SELECT count(*) FROM tool_call) + (SELECT count(*) FROM event WHERE type LIKE '\''tool.%'\'')")" -eq 0 ]
'
check 'what is told of the customer is of --as, and of nobody without it' '
	printf "#!/bin/sh\nread -r line; echo \"\$line\" | sed \"s/.*customer_phone[^0-9]*//; s/[^0-9].*//; s/.*/The order of & arrives on 6 May./\"\n" >order && chmod 755 order && chmod 755 "$work" && tooled "$work/order" "identity = phone" &&
	routed 01M850000000000000000000B1 "hello" | ai-reply -q >got && contact=$(conv list --json | jq -r .contact) && told "Your order arrives on 6 May." &&
	ai-reply --as "$contact" --ask "where is my order?" >got && jq -se ".[0].tools[0].ok and (.[0].tools[0].result | test(\"491700000001\"))" got &&
	told "Your order arrives on 6 May." && status 1 ai-reply --ask "where is my order?" >got && jq -se ".[0].tools[0].class == \"identity\"" got &&
	told "Your order arrives on 6 May." && echo "{\"question\": \"where is my order?\", \"facts\": [\"6 May\"]}" >cases/o.jsonl && ai-eval --as "$contact" cases >got && jq -se ".[0].ok" got
'

# --- what we put below an answer ---
price="how much is the ridge 30?"
check 'what we put below answers is not shown to the model as its words, and may stand in them' '
	new_store && rm -f requests && model openai && openai_says "$(answer "The Ridge 30 costs 119 euros.")" && routed 01M850000000000000000000C1 "$price" | ai-reply -q >got &&
	only message.queued got | jq -se "length == 1 and (.[0].text | test(\"Source: Tents\") and endswith(\"You can also ask for a person here at any time.\"))" &&
	rm -f requests && openai_says "$(answer "The Ridge 30 weighs 2 kg. You can also ask for a person here at any time.

Source: Tents")" && routed 01M850000000000000000000C2 "and how heavy is it?" en 2099 | ai-reply -q >got &&
	only message.queued got | jq -se "length == 1 and (.[0].text == \"The Ridge 30 weighs 2 kg.\n\nSource: Tents\")" &&
	jq -r ".body.messages[] | select(.role == \"assistant\").content" requests >said && grep -qx "The Ridge 30 costs 119 euros." said && ! grep -q "Source:\|ask for a person" said
'
check 'in the words of the desk too, and in other languages; what is nothing else is left' '
	new_store && model openai && printf "[reply human]\nen = Say AGENT and we will be there in person.\n" >>frontdesk.conf &&
	openai_says "$(answer "The Ridge 30 costs 119 euros. Say AGENT and we will be there in person.")" && ai-reply --ask "$price" | jq -se ".[0].answer | startswith(\"The Ridge 30 costs 119 euros.\n\nSource\")" &&
	openai_says "$(answer "The Ridge 30 costs 119 euros.

Sie können hier jederzeit auch nach einem Menschen fragen.")" && ai-reply --ask "$price" | jq -se ".[0].answer | startswith(\"The Ridge 30 costs 119 euros.\n\nSource\")"
'

# --- what was held ---
check 'what was not sent is told by --why of the hand-over and of reply.declined, and stands in the note' '
	new_store && model openai && openai_says "$(answer "The Ridge 30 costs 999 euros.")" && sed -i "s/^model.*/&\nprice_in = 1\nprice_out = 2\ncurrency = EUR/" frontdesk.conf &&
	routed 01M850000000000000000000D1 "$price" | ai-reply -q >got && queued=$(jq -r "select(.type == \"message.queued\").data.message" got) && declined=$(jq -r "select(.type == \"reply.declined\").id" got) &&
	for id in "$queued" "$declined"; do
		ai-reply --why "$id" >why && cat why && jq -se "length == 1 and (.[0] | .provider == \"openai\" and .model == \"m-1\" and (.revision | length) > 8 and (.prompt_hash | length) == 64 and .calls == 1 and .tokens_in == 11 and .tokens_out == 7 and
			(.cost != null) and (.sources[0].score > 0) and .action == \"hand_over\" and (.reason | startswith(\"the answer is not held\")) and .draft == \"The Ridge 30 costs 999 euros.\" and
			any(.checks[]; .check == \"grounding\" and (.holds | not) and (.words | test(\"999\"))) and (.causes | length) > 0)" why || exit
	done &&
	only conversation.escalated got | jq -se "length == 1 and (.[0].reason | startswith(\"the answer is not held by the passages\") and (test(\"999\") | not))" &&
	conv show "$(conv list --ids)" >shown && cat shown && grep -q "checked by nobody" shown && grep -q "The Ridge 30 costs 999 euros" shown && only message.queued got | jq -se "length == 1 and (.[0].text | test(\"999\") | not)"
'
check 'an answer that names no passage is held as one, too' '
	new_store && model openai && openai_says "{\"action\":\"answer\",\"text\":\"The Ridge 30 costs 119 euros.\",\"sources\":[]}" && routed 01M850000000000000000000D2 "$price" | ai-reply -q >got &&
	ai-reply --why "$(jq -r "select(.type == \"message.queued\").data.message" got)" | jq -se ".[0].draft == \"The Ridge 30 costs 119 euros.\" and .[0].reason == \"the model named no passage\"" &&
	only conversation.escalated got | jq -se ".[0].reason == \"the model named no passage\""
'

# --- what a model hands over ---
hands () { jq -cn --arg r "$1" '{action: "hand_over", text: "", sources: [], reason: $r, wants: "a refund for a tent", tried: "nothing", language: "en", mood: "angry"}'; }
check 'why a model hands over is told as it says, and the words to the customer fit' '
	new_store && model openai && openai_says "$(hands angry)" && routed 01M850000000000000000000E1 "give me my money back for the tent" | ai-reply -q >got && only conversation.escalated got | jq -se "length == 1 and .[0].reason == \"angry\"" &&
	only message.queued got | jq -se "length == 1 and (.[0].text | startswith(\"Thank you, I am handing you over\"))" && jq -r "select(.type == \"conversation.noted\").data.text" got >note && cat note &&
	grep -qx "AI: handed over: angry." note && grep -qx "Wants: a refund for a tent" note && grep -qx "Mood: angry" note && [ "$(grep -c "^Language" note)" -eq 1 ] &&
	ai-reply --ask "give me my money back for the tent" >ask; jq -se ".[0].reason == \"angry\" and .[0].action == \"hand_over\"" ask
'
check 'a reason that tells who it is stays in the note, and so does a story' '
	for reason in "call her back at +49 170 0000001" "the customer has told at great length how the tent came down in the night and who was in it"; do
		new_store && model openai && openai_says "$(hands "$reason")" && routed 01M850000000000000000000E2 "give me my money back for the tent" | ai-reply -q >got &&
		only conversation.escalated got | jq -se ".[0].reason == \"the model handed over\"" && jq -r "select(.type == \"conversation.noted\").data.text" got | grep -qF "handed over: $reason." || exit
	done
'
check 'the source that is named is the one that holds what is said' '
	rm -rf store bags && mkdir bags && frontdesk init store >/dev/null && printf "# Tents\n\nThe Ridge 30 costs 119 euros.\n" >bags/tents.md && printf "# Boots\n\nThe Fell boot costs 89 euros and is waterproof.\n" >bags/boots.md && kb-ingest bags/*.md >/dev/null 2>&1 &&
	model openai && openai_says "{\"action\":\"answer\",\"text\":\"The Fell boot costs 89 euros.\",\"sources\":[2,1]}" && ai-reply --ask "how much is the fell boot, and the ridge 30?" >one && openai_says "{\"action\":\"answer\",\"text\":\"The Fell boot costs 89 euros.\",\"sources\":[1,2]}" && ai-reply --ask "how much is the fell boot, and the ridge 30?" >two &&
	jq -se "length == 2 and all(.[]; (.answer | endswith(\"Source: Boots\")) and .sources[0].title == \"Boots\")" one two
'
check 'the deadline is kept where waiting for another try would pass it' '
	new_store && model openai && echo "{\"delay_ms\": 60000}" >answer && sed -i "s/^timeout.*/timeout = 400ms\ndeadline = 1200ms/" frontdesk.conf && rm -f requests &&
	routed 01M850000000000000000000F1 "$price" | ai-reply -q >got 2>err; jq -se "map(.time | sub(\"[.].*\"; \"Z\") | fromdate) | max - min <= 2" got && [ "$(jq -s "map(select(.type == \"conversation.escalated\")) | length" got)" -eq 1 ] && [ "$(wc -l <requests)" -le 1 ]
'
check 'what the service said of an error is told to who asks by hand, and kept from the log' '
	model openai && printf "400 0\n{\"error\":{\"message\":\"Your zebra balance is too low.\",\"type\":\"invalid_request_error\"}}" >answer && status 69 ai-reply --ask "$price" 2>err && grep -q "zebra balance" err &&
	routed 01M850000000000000000000F2 "$price" | ai-reply -q >got 2>err && ! grep -q zebra got err
'
check 'ai-eval: an answer in another language than wanted is noticed where it is short, and CI is told why' '
	new_store && model openai && openai_says "$(answer "The Ridge 30 costs 119 euros.")" && for l in es fr pt de; do echo "{\"id\": \"$l\", \"question\": \"Ridge 30?\", \"language\": \"$l\"}"; done >cases/o.jsonl && echo "{\"id\": \"en\", \"question\": \"how much is the ridge 30?\", \"language\": \"en\"}" >>cases/o.jsonl &&
	status 1 ai-eval cases --junit report.xml >got && jq -r "select(.case) | [.case, .ok] | @tsv" got >is && printf "%s\tfalse\n" es fr pt de >want && printf "en\ttrue\n" >>want && same want is && [ "$(grep -c "another language than wanted" report.xml)" -eq 4 ]
'
check 'a set-up: addresses that are none, a tool twice, a collection that is not there' '
	tooled /bin/true && sed -i "s/^tools = order/tools = order order\ncollections = nosuch/; s|^url.*|url = http://[::1|" frontdesk.conf && status 78 ai-profile check default >got 2>&1; cat got; grep -q "tools: names one twice" got && grep -q "url: " got &&
	sed -i "s/^tools = order order/tools = order/; s|^url.*|url = http://127.0.0.1:9/v1|" frontdesk.conf && ai-profile check default 2>err && grep -q "there is no collection nosuch yet" err
'
# --- without a model ---
check 'a number alone asks about another one of the name; "they" is what was asked about' '
	rm -rf store follow && mkdir follow && frontdesk init store >/dev/null && : >frontdesk.conf && cat >follow/bags.md <<-END && cat >follow/ship.md <<-END2 && kb-ingest follow/*.md >/dev/null 2>&1 &&
	# Backpacks

	## Ridge 30

	The Ridge 30 costs 119 euros. It weighs 980 grams and comes in green and grey.

	## Ridge 45

	The Ridge 45 costs 149 euros. It weighs 1250 grams and comes in blue and black. A rain cover is sold for 19 euros.

	## For children

	The Sparrow is a pack for children from 4 to 8 years and comes in red.

	## Repairs

	We repair zips and straps of all our backpacks. That takes a week.
	END
	# Shipping

	## Shipping costs

	| Country | Price | Time |
	|---|---|---|
	| Germany | 4 euros | 2 to 3 days |
	| Spain | 9 euros | 4 to 6 days |

	## Payment

	Cash on delivery is not possible. Gift vouchers are valid for 3 years.
	END2
	for q in "and the 45?" "and 45?" "the 45?" "what about the 45"; do jq -cn --arg q "$q" "{question: \$q, turns: [{in: \"how much is the ridge 30?\"}, {out: \"The Ridge 30 costs 119 euros.\"}], facts: [\"149\"], forbidden: [\"119\"]}"; done >follow/x.jsonl &&
	ai-eval follow/x.jsonl >got && jq -se "map(select(.case)) | length == 4 and all(.[]; .ok)" got &&
	echo "{\"question\": \"how long are they valid?\", \"turns\": [{\"in\": \"do you sell gift vouchers\"}, {\"out\": \"Gift vouchers are valid for 3 years.\"}]}" >follow/y.jsonl && ai-eval follow/y.jsonl >got; jq -se "map(select(.case)) | length == 1 and ((.[0].answer // \"\") | test(\"days\") | not)" got
'
# --- what a model has to read ---
shown () { jq -r ".body.messages[-1].content" requests | grep -o "^Section: .*" | sed "s/^Section: //" | tr "\n" " "; }
hotel () {	# a base of six sections, and a model that hands over
	rm -rf store hotel && mkdir hotel && frontdesk init store >/dev/null && cat >hotel/hotel.md <<-END
	# Hotel

	## Pool

	The pool is open from May to September.

	## Garage

	A place in the garage is 20 euros a night.

	## Cancelling

	Free of charge until 3 days before arrival.

	## Breakfast

	Served from 7 to 10 am for 18 dollars.

	## Dogs

	Dogs are welcome and sleep in a basket.

	## Wifi

	The password is at the desk.
	END
	kb-ingest "$@" hotel/hotel.md >/dev/null 2>&1 && rm -f requests && model openai && openai_says "{\"action\":\"hand_over\",\"text\":\"\",\"sources\":[]}"
}
check 'a model is shown the rest of a small base where the search finds too little, the nearest first' '
	hotel && for q in "Kann ich stornieren?" "Wann kann man essen am Morgen, gibt es Frühstück?"; do rm -f requests; status 1 ai-reply --ask "$q" >/dev/null; shown; echo; done >got && cat got &&
	sed -n 1p got | grep -q "^Cancelling " && sed -n 2p got | grep -q "^Breakfast " && [ "$(wc -w <got)" -eq 10 ] &&
	rm -f requests && status 1 ai-reply --ask "is there a pool?" >/dev/null; shown >got && cat got && grep -q "^Pool " got && [ "$(wc -w <got)" -eq 5 ]
'
check 'not where only what is sure is wanted, nor what filters leave out; without a model it is refused as before' '
	hotel && sed -i "s/^model.*/&\nmin_score = 0.3/" frontdesk.conf && status 1 ai-reply --ask "Kann ich stornieren?" >/dev/null; [ -z "$(shown)" ] &&
	sed -i "s/^min_score.*/collections = other/" frontdesk.conf && rm requests && status 1 ai-reply --ask "Kann ich stornieren?" >/dev/null; [ -z "$(shown)" ] &&
	printf "# Other\n\n## Fees\n\nOne euro.\n" >hotel/other.md && kb-ingest --collection other hotel/other.md >/dev/null && rm requests && status 1 ai-reply --ask "Kann ich stornieren?" >/dev/null; [ "$(shown)" = "Fees " ] &&
	: >frontdesk.conf && status 1 ai-reply --ask "Kann ich stornieren?" | jq -se "length == 1 and .[0].sources == []"
'
check 'of a large base what is in the documents that were found, or how each begins' '
	hotel && for i in $(seq 80); do printf "# Guide %s\n\n## Walk %s\n\nAlong the river to mile %s.\n\n## Rest %s\n\nThere are benches.\n" $i $i $i $i >hotel/$i.md; done && kb-ingest hotel/*.md >/dev/null 2>&1 &&
	status 1 ai-reply --ask "is there a pool?" >/dev/null; shown >got && cat got && grep -q "^Pool " got && [ "$(wc -w <got)" -eq 5 ] && ! grep -q "Rest\|Walk" got && rm requests &&
	status 1 ai-reply --ask "Kann ich stornieren?" >/dev/null; shown >got && cat got && [ -s got ] && ! grep -q Rest got
'
check 'every request of this test is as the references have it' all_were_right
done_testing
