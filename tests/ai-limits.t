#!/bin/sh
# what the AI may spend: never more than a limit allows, and nobody is turned
# away for money that will be there in a moment
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"
export FRONTDESK_STORE="$work/store"
cat >delivery.md <<'END'
# Delivery

Parcels to France take 3 to 5 working days. Parcels to Norway take 8 to 10 working days.
END
new_store () { rm -rf store && frontdesk init store >/dev/null && kb-ingest delivery.md >/dev/null 2>&1; }
question="how long does a parcel to Norway take?"
# FROM TO: a customer each asks, in conversations of their own
ask () {
	for i in $(seq $((100000 + $1)) $((100000 + $2))); do
		printf '{"id":"01M85000000000000000%s","type":"message.routed","time":"%s","data":{"phone":"49170%s","instance":"shop","language":"en","ai":true,"text":"%s"}}\n' \
		    "$i" "$(date -u +%FT%TZ)" "$i" "$question"
	done
}
# TOKENS_IN TOKENS_OUT MS LINE...: what an answer takes, and the limits
limited () {
	in=$1 out=$2 ms=$3; shift 3
	model openai
	printf '200 %s\n' "$ms" >answer
	jq -nc --argjson i "$in" --argjson o "$out" '{choices: [{message: {content: "{\"action\":\"answer\",\"text\":\"Eight to ten working days.\",\"sources\":[1]}"}, finish_reason: "stop"}],
	    usage: {prompt_tokens: $i, completion_tokens: $o}}' >>answer
	sed -i "s/^timeout.*/timeout = 20s/" frontdesk.conf
	for line; do sed -i "s/^\[instance/$line\n&/" frontdesk.conf; done
}
only () { jq -c "select(.type == \"$1\") | .data" "$2"; }
sql () { sqlite3 -cmd ".timeout 5000" store/desk.db "$1"; }
spent () { sql "SELECT coalesce(sum($1), 0) FROM ai_spent WHERE profile = '${2-default}' AND period GLOB '${3-????-??-??}'"; }
answered () { only message.queued "$1" | grep -c "Eight to ten"; }
least () {	# what one answer may take at least, in tokens, as ai-profile says
	sed "s/^\[instance/tokens_per_day = 1\n&/" frontdesk.conf >least.conf
	FRONTDESK_CONF="$work/least.conf" ai-profile check 2>&1 | sed -n 's/.*one may take \([0-9]*\):.*/\1/p'
}
watch () { while kill -0 "$1" 2>/dev/null; do spent tokens; sleep 0.05; done | sort -n | tail -n 1; }

# --- what fits in a moment waits for it ---
check 'forty at once, with room for few at a time: all are answered, nobody is handed over, the limit is kept' '
	new_store && limited 300 20 200 "max_tokens = 100" "tokens_per_day = 16000" &&
	{ ask 1 40 | ai-reply -q >got 2>err & bg=$!; } && pids="$pids $bg" && watch $bg >most && wait $bg && cat most &&
	[ "$(answered got)" -eq 40 ] && [ -z "$(only conversation.escalated got)" ] && [ -z "$(only health.alert got)" ] &&
	[ "$(spent tokens)" -eq $((40 * 320)) ] && [ "$(cat most)" -le 16000 ] && [ "$(sql "SELECT count(*) FROM ai_aside")" -eq 0 ]
'
check 'in money, as before' '
	new_store && limited 800 30 200 "max_tokens = 500" "price_in = 10" "price_out = 30" "cost_per_day = 0.40" &&
	ask 1 40 | ai-reply -q >got 2>err && [ "$(answered got)" -eq 40 ] && [ -z "$(only conversation.escalated got)" ] && [ "$(spent cost)" -eq $((40 * 8900)) ]
'
check 'the first question of a conversation fits where the limit is near to what it takes' '
	new_store && limited 800 40 0 "tokens_per_conversation = 2500" "max_tokens = 500" &&
	ask 1 1 | ai-reply -q >got && [ "$(answered got)" -eq 1 ] && ask 2 2 | ai-reply -q >got && [ "$(answered got)" -eq 1 ]
'
check 'two processes: one waits for what the other has under way' '
	new_store && limited 300 20 300 "max_tokens = 100" "tokens_per_day = 10000" && ask 1 12 >in.1 && ask 13 24 >in.2 &&
	{ ai-reply -q <in.1 >got.1 2>err.1 & bg=$!; } && pids="$pids $bg" && ai-reply -q <in.2 >got.2 2>err.2 && wait $bg &&
	[ "$(answered got.1)" -eq 12 ] && [ "$(answered got.2)" -eq 12 ] && [ "$(spent tokens)" -eq $((24 * 320)) ]
'
check 'in order within a conversation: its second question waits behind its first, which waits for money' '
	new_store && limited 300 20 700 "max_tokens = 100" && sed -i "s/^\[instance/tokens_per_day = $(($(least) + 1500))\n&/" frontdesk.conf &&
	{ ask 1 2; sleep 0.5; ask 3 3 | sed "s/\"phone\":\"[0-9]*\"/\"phone\":\"49170100002\"/"; } | ai-reply -q >got &&
	jq -r "select(.type == \"reply.drafted\").causeid[-1:]" got >order && printf "1\n2\n3\n" | same - order && [ -z "$(only conversation.escalated got)" ]
'

# --- what does not fit is told as it is ---
check 'spent: a person takes over, in those words, and people are alerted once in the day and month' '
	new_store && limited 2000 500 50 "max_tokens = 500" "tokens_per_day = 9000" && ask 1 20 | ai-reply -q >got 2>err &&
	n=$(answered got) && [ "$n" -ge 1 ] && [ "$n" -le 3 ] && [ "$(only conversation.escalated got | wc -l)" -eq $((20 - n)) ] &&
	only reply.declined got | jq -se "all(.reason == \"the tokens of the day are spent\")" &&
	only conversation.escalated got | jq -se "all(.reason == \"the tokens of the day are spent\")" &&
	only message.queued got | grep -v "Eight to ten" | jq -se "all(.text | test(\"went wrong\") | not) and all(.text | test(\"colleague|person|team\"))" &&
	[ "$(only health.alert got | jq -r "[.what, .about, .reason] | @csv")" = "\"ai_limit\",\"default\",\"the tokens of the day are spent\"" ] &&
	[ "$(spent tokens)" -eq $((n * 2500)) ] && ask 21 22 | ai-reply -q >got && [ -z "$(only health.alert got)" ] && [ "$(only conversation.escalated got | wc -l)" -eq 2 ]
'
check 'a limit below one answer: declined as that, alerted once, and ai-profile check names it with the line' '
	new_store && limited 300 20 0 "max_tokens = 400" "tokens_per_day = 500" && ask 1 3 | ai-reply -q >got && ! [ -e requests ] &&
	only reply.declined got | jq -se "length == 3 and all(.reason == \"one call may take more than the tokens of the day\")" &&
	[ "$(only health.alert got | wc -l)" -eq 1 ] && status 78 ai-profile check 2>err && cat err &&
	grep -q "^ai-profile: .*frontdesk.conf:8: tokens_per_day of default: it never allows an answer, for one may take [0-9]*: raise it, or lower max_tokens$" err &&
	n=$(least) && [ "$n" -gt 500 ] && [ "$n" -lt 2500 ] && sed -i "s/^tokens_per_day.*/tokens_per_day = $n/" frontdesk.conf && ai-profile check
'
check 'the same of money, and of a limit that a set-up has from [ai]' '
	new_store && limited 300 20 0 "max_tokens = 400" "price_in = 1" "price_out = 2" "cost_per_conversation = 0.0001" && printf "[profile wordy]\nmax_tokens = 4000\n" >>frontdesk.conf &&
	status 78 ai-profile check wordy 2>err && cat err && grep -q "frontdesk.conf:10: cost_per_conversation of wordy: it never allows an answer, for one may take 0.0[0-9]*: raise" err
'
check 'what waits for too long goes to a person, with the time of one call to spare' '
	new_store && limited 300 20 60000 "max_tokens = 100" &&
	sed -i "s/^\[instance/tokens_per_day = $(($(least) + 300))\n&/; s/^timeout.*/timeout = 60s\ndeadline = 3s/" frontdesk.conf && before=$(date +%s) &&
	ask 1 2 | ai-reply -q >got 2>err; [ $(($(date +%s) - before)) -lt 8 ] && [ "$(only conversation.escalated got | wc -l)" -eq 2 ] &&
	only reply.declined got | jq -s "map(.reason)" && only reply.declined got | grep -q "the tokens of the day are set aside for calls under way"
'
check 'another set-up answers at once where the first one may not' '
	new_store && limited 300 20 0 "max_tokens = 100" "tokens_per_day = 10" "fallback = extractive" && ask 1 2 | ai-reply -q >got &&
	only reply.drafted got | jq -se "length == 2 and all(.provider == \"extractive\")" && [ "$(only health.alert got | wc -l)" -eq 1 ]
'

# --- processes that die ---
check 'kill -9 in the middle of a call: what it set aside stays spent, and nobody waits for it' '
	new_store && limited 300 20 30000 "max_tokens = 100" && sed -i "s/^\[instance/tokens_per_day = $(($(least) + 1500))\n&/" frontdesk.conf &&
	ask 1 2 >in && { ai-reply -q <in >got 2>err & first=$!; } && pids="$pids $first" && wait_for test -s requests && sleep 0.3 && before=$(spent tokens) && [ "$before" -gt 600 ] &&
	{ ai-reply --follow --poll 200ms 2>err.2 & bg=$!; } && pids="$pids $bg" && wait_for test -e store/run/ai-reply.2.slot && kill -9 $first; begun=$(date +%s)
	gone () { [ "$(sql "SELECT count(*) FROM job")" -eq 0 ]; }
	wait_for gone; took=$(($(date +%s) - begun)); echo "$took s"
	[ "$took" -lt 20 ] && [ "$(wc -l <requests)" -eq 1 ] && [ "$(spent tokens)" -eq "$before" ] && [ "$(sql "SELECT count(*) FROM ai_aside")" -eq 0 ] &&
	[ "$(desk-events --since 1000d --type conversation.escalated | wc -l)" -eq 2 ]
'
done_testing
