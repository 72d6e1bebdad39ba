#!/bin/sh
# ai-reply(1) and a provider of which every third call goes wrong: each customer
# is answered or handed over by the deadline, few calls are made twice, and no
# more is spent than is allowed
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"

n=150
[ -z "${LONG-}" ] || n=1000
deadline=12
export FRONTDESK_STORE="$work/store"
cat >delivery.md <<'END'
# Delivery

## How long it takes

A parcel to Norway takes 8 to 10 working days.
END
# PROVIDER SEED [LINE...]: conversations with every kind of fault
run () {
	p=$1 seed=$2; shift 2
	rm -rf store && frontdesk init store >/dev/null && kb-ingest delivery.md >/dev/null 2>&1
	model "$p" && model_does "{delay_ms: 20, faults: {rate: 0.3, seed: $seed}}"
	sed -i "s/^timeout.*/timeout = 1500ms\ndeadline = ${deadline}s\nprice_in = 1\nprice_out = 4/" frontdesk.conf
	for line; do sed -i "s/^\[instance/$line\n&/" frontdesk.conf; done
	for i in $(seq 1000 $((999 + n))); do
		printf '{"id":"01M8500000000000000000%s","type":"message.routed","time":"2026-11-23T10:00:00.000Z","data":{"phone":"49170000%s","instance":"shop","language":"en","ai":true,"text":"how long does a parcel to Norway take?"}}\n' "$i" "$i"
	done >in
	before=$(date +%s%N)
	timeout 300 ai-reply -q -j 200 <in >got 2>err || return 1
	took=$((($(date +%s%N) - before) / 1000000))
	# How long each one took, from its first start to what it was told.
	jq -s "[.[] | select(.type == \"reply.started\" or .type == \"message.queued\")] | group_by(.data.conversation) |
	    map(map(select(.time)) | map(.time | (sub(\"\\\\.[0-9]+Z\"; \"Z\") | fromdate) + (\"0.\" + (capture(\"\\\\.(?<f>[0-9]+)Z\").f) | tonumber)) | max - min) | max" got >longest
	jq -r "select(.type == \"message.queued\" and .data.author == \"ai\").data.conversation" got | sort >answered
	jq -r "select(.type == \"conversation.escalated\").data.conversation" got | sort >handed
	jq -r "select(.type == \"message.queued\").data.conversation" got | sort >told
	calls=$(wc -l <requests) faults=$(jq -r .served requests | grep -vc "^answer$")
	echo "# $p, seed $seed: $n conversations, $(wc -l <answered) answered, $(wc -l <handed) handed over, $calls calls ($faults faulty), $took ms in all, $(cat longest) s at most" >&3; echo "$calls" >calls
}
exec 3>&1
right () {	# all of them, none twice, each told
	[ "$(cat answered handed | sort -u | wc -l)" -eq $n ] &&
	[ -z "$(uniq -d told)" ] && [ "$(wc -l <told)" -eq $n ] &&
	! jq -se "any(.[]; .wrong)" requests
}
for p in openai anthropic; do
	check "$p: every conversation ends answered or handed over, once" '
		run $p 1 && right
	'
	check "$p: hand-overs have a reason, in words and without the customer" '
		jq -r "select(.type == \"reply.declined\").data.reason" got | sort | uniq -c | sort -rn && [ -s handed ] &&
		jq -se "all(.[] | select(.type == \"reply.declined\"); .data.reason | length > 0 and (test(\"Norway\") | not))" got
	'
	check "$p: by the deadline, and most are answered" '
		cat longest && jq -e ". <= $deadline" longest && [ $(($(wc -l <answered) * 10)) -ge $((n * 7)) ]
	'
	check "$p: at most 1.3 times as many calls as conversations" '
		[ $(($(cat calls) * 10)) -le $((n * 13)) ]
	'
done
check 'the limit of what is spent is never passed, whatever goes wrong' '
	cap=$((n * 500)) && run openai 2 "tokens_per_day = $cap" "max_tokens = 100" "context_tokens = 500" &&
	right && spent=$(sqlite3 store/desk.db "SELECT tokens FROM ai_spent WHERE profile = '"'default'"' AND period GLOB '"'????-??-??'"'") &&
	echo "# $spent of $cap tokens" >&3 && [ "$spent" -le $cap ] && jq -e ". < $((deadline * 3 / 4))" longest &&
	billed=$(jq -s "[.[] | select(.served | IN(\"429\", \"429-after\", \"429-ms\", \"500\", \"503\", \"529\", \"401\", \"413\", \"quota\") | not) |
	    (.body.messages | tojson | length / 4 | ceil) + 100] | add" requests) &&
	echo "# at most $billed as the provider counts" >&3 && [ "$billed" -le $cap ] &&
	jq -se "any(.[]; .data.reason == \"the tokens of the day are spent\")" got
'
# ID...: the same question by as many customers
asked () {
	for i; do
		printf '{"id":"01M8500000000000000000%s","type":"message.routed","time":"2026-11-23T10:00:00.000Z","data":{"phone":"49170000%s","instance":"shop","language":"en","ai":true,"text":"how long does a parcel to Norway take?"}}\n' "$i" "$i"
	done
}
check 'after an outage those who come together wait for the one call that finds it over' '
	rm -rf store && frontdesk init store >/dev/null && kb-ingest delivery.md >/dev/null 2>&1 && model openai && model_does "{faults: {script: [range(9) | \"500\"]}}" &&
	sed -i "s/^timeout.*/timeout = 1500ms\ndeadline = 12s/" frontdesk.conf &&
	{ asked $(seq 1000 1005); sleep 17; model_does "{delay_ms: 200}"; asked $(seq 2000 2019); } | timeout 60 ai-reply -q -j 50 >got 2>err &&
	jq -r "select(.type == \"conversation.escalated\").causeid" got | grep -c "00002[0-9]*$" | grep -qx 0 &&
	jq -r "select(.type == \"message.queued\" and .data.author == \"ai\").causeid" got | grep "2[0-9][0-9][0-9]$" | sort -u | wc -l | grep -qx 20
'
check 'every request of this test is as the references have it' all_were_right
done_testing
