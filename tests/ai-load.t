#!/bin/sh
# ai-reply(1) under load: people who take over while models think, and hundreds
# of conversations at once
. "${0%/*}/lib.sh"
. "$top/tests/model.sh"
export FRONTDESK_STORE="$work/store"
cat >delivery.md <<'END'
# Delivery

Parcels to France take 3 to 5 working days. Parcels to Norway take 8 to 10 working days.
END
new_store () { rm -rf store && frontdesk init store >/dev/null && kb-ingest delivery.md >/dev/null 2>&1; }
# N: so many customers ask, each in a conversation of their own
ask () {
	perl -e 'for my $i (1 .. $ARGV[0]) {
		printf qq({"id":"01M850000000000000000%05d","type":"message.routed","time":"$ARGV[1]","data":{"phone":"4917%08d","instance":"shop","language":"en","ai":true,"text":"how long does a parcel to Norway take?"}}\n), $i, $i;
	}' "$1" "$(date -u +%FT%TZ)"
}
says='{"action":"answer","text":"Eight to ten working days.","sources":[1]}'
ms () { date +%s%3N; }

# --- a person takes over: a hundred, with LONG=1 a thousand ---
races=100; [ -z "${LONG-}" ] || races=1000
check "$races people who take over while a model thinks: nothing is said over them" '
	new_store && model openai && openai_says "$says" && sed -i "1s/.*/200 300/" answer &&
	sed -i "s/^timeout.*/timeout = 30s\nparallel = 20/" frontdesk.conf &&
	{ ask $races | ai-reply -q -j 20 >got 2>err & answering=$!; } && pids="$pids $answering" &&
	: >taken && while kill -0 $answering 2>/dev/null; do
		conv list -n 10000 --ids | grep -v "[aehjk]$" | sort >all && comm -23 all taken | shuf -n 3 --random-source="$top/tests/ai-load.t" >next
		[ -s next ] || { sleep 0.02; continue; }
		xargs conv take <next >/dev/null 2>>err && sort next taken -o taken
	done
	wait $answering; db="sqlite3 -readonly store/desk.db"
	$db "SELECT count(*) FROM event q JOIN event t ON t.subject = q.subject AND t.type = '\''conversation.taken'\'' AND t.seq < q.seq
	    JOIN message m ON m.id = q.id WHERE q.type = '\''message.queued'\'' AND m.author = '\''ai'\''" >over &&
	$db "SELECT count(*) FROM message WHERE author = '\''ai'\''" >said && $db "SELECT count(*) FROM event WHERE type = '\''reply.declined'\'' AND data ->> '\''reason'\'' LIKE '\''owner%'\''" >held &&
	echo "# of $races: answered $(cat said), taken over in time $(cat held)" >>notes && [ "$(cat over)" -eq 0 ] && [ "$(cat said)" -gt 0 ] && [ "$(cat held)" -gt 0 ] &&
	[ $(($(cat said) + $(cat held))) -ge $races ]
'
check 'what was queued before a person came is not sent over them' '
	conv list -n 10000 --owner ai --ids | head -n 5 | xargs conv take >/dev/null &&
	desk-events --since 1000d --type message.queued | wa-send -q --dry-run >sent 2>/dev/null;
	jq -r "select(.type == \"message.accepted\").data.conversation" sent | sort -u >to &&
	conv list -n 10000 --owner user --ids | sort >theirs && [ -z "$(comm -12 to theirs)" ] &&
	[ "$(jq -r "select(.type == \"message.cancelled\").data.reason" sent | sort -u)" = owner ] && [ -s to ]
'

# --- many at once ---
check '500 conversations at once, a model that takes 2 s: one process, under 64 MiB, none waits for another' '
	new_store && model openai && openai_says "$says" && sed -i "1s/.*/200 2000/" answer &&
	sed -i "s/^timeout.*/timeout = 30s\nparallel = 500/" frontdesk.conf && ask 500 >in &&
	begun=$(ms) && { ai-reply -q -j 500 <in >got 2>err & answering=$!; } && pids="$pids $answering" && : >peak &&
	while grep VmHWM /proc/$answering/status >now 2>/dev/null && [ -s now ]; do cp now peak; sleep 0.1; done
	wait $answering; took=$(($(ms) - begun)) &&
	echo "# 500 answers in $took ms, peak $(awk "{ print \$2 }" peak) KiB" >>notes &&
	[ "$(jq -r "select(.type == \"message.queued\" and .data.author == \"ai\") | .type" got | wc -l)" -eq 500 ] &&
	{ ldd "$(command -v ai-reply)" | grep -qE "lib(a|ub)san" || [ "$(awk "{ print \$2 }" peak)" -lt 65536 ]; } && [ "$took" -lt 20000 ]
'
check '500 at once and room for fifty: each waits for its turn and is answered, and at no moment is more set aside' '
	new_store && model openai && openai_says "$says" && sed -i "1s/.*/200 200/" answer && cap=130000 &&
	sed -i "s/^timeout.*/timeout = 30s\nparallel = 500\nmax_tokens = 500\ntokens_per_day = $cap/" frontdesk.conf && ask 500 >in &&
	begun=$(ms) && { ai-reply -q -j 500 <in >got 2>err & answering=$!; } && pids="$pids $answering" &&
	while kill -0 $answering 2>/dev/null; do
		sqlite3 -readonly -cmd ".timeout 5000" store/desk.db "SELECT tokens FROM ai_spent WHERE period GLOB '\''????-??-??'\''"; sleep 0.05
	done | sort -n | tail -n 1 >most
	wait $answering; took=$(($(ms) - begun)); echo "# 500 answers in turn in $took ms, at most $(cat most) of $cap tokens" >>notes
	[ "$(jq -r "select(.type == \"message.queued\" and .data.author == \"ai\") | .type" got | wc -l)" -eq 500 ] &&
	[ "$(cat most)" -le $cap ] && [ "$(cat most)" -gt $((cap / 2)) ] && [ "$took" -lt 60000 ] &&
	[ "$(sqlite3 store/desk.db "SELECT tokens FROM ai_spent WHERE period GLOB '\''????-??-??'\''")" -eq 9000 ]
'
check 'an answer that has come is looked at while lines are still read' '
	new_store && model openai && openai_says "$says" && { ask 1; ask 3000 | sed 1d | sed "s/\"ai\":true/\"ai\":false/"; } >in &&
	ai-reply -j 2 <in >got 2>err && [ "$(wc -l <got)" -gt 3000 ] &&
	at=$(jq -r .type got | grep -n message.queued | head -n 1 | cut -d : -f 1) && echo "# queued in line $at of $(wc -l <got)" >>notes && [ "$at" -lt 500 ]
'
check 'every request of this test is as the references have it' all_were_right
cat notes
done_testing
