#!/bin/sh
# a provider that misbehaves at every third call, over 500 conversations:
# nothing unaccounted, nothing twice, few calls more than needed
#
# MESSAGES and SEED can be set.
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
: "${MESSAGES:=500}" "${SEED:=1}"

frontdesk init store >/dev/null || exit 1
export FRONTDESK_STORE="$work/store"
db=$work/store/desk.db
sql () { sqlite3 -readonly -cmd '.timeout 5000' "$db" "$1"; }
echo api-token >token
echo app-secret >secret
for f in 429 429-date 429-bare 500 503 401 error-200 130429 131056 131047 190 \
    redirect drop hang reset-after-read reset-mid-answer half-closed garbled \
    html huge byte-a-second early undelivered; do
	list="${list:+$list,}$f=1:1.5%"
done
# UNKNOWN: a desk of its own, wa-sim and the receiver beside it, and 500
# customers who have each been answered
desk () {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	pids=
	rm -rf store record port hookport && frontdesk init store >/dev/null
	wa-recv --listen 127.0.0.1:0 --port-file hookport --secret-file secret 2>recv.err &
	pids="$pids $!"
	wa-recv --follow 2>follow.err &
	pids="$pids $!"
	wait_for test -s hookport
	wa-sim --port-file port --token-file token --record record --seed "$SEED" \
	    --secret-file secret --status-delay 20ms \
	    --webhook "http://127.0.0.1:$(cat hookport)/" >said 2>sim.err </dev/null &
	pids="$pids $!"
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
	cat >frontdesk.conf <<-END
	[instance shop]
	phone_number_id = 100000000000001
	url = $api
	token_file = $work/token
	read_receipts = never
	rate = 1000
	[wa]
	unknown = $1
	resend = 500ms
	retry = 50ms
	retry_most = 400ms
	pair_wait = 100ms
	probe = 200ms
	timeout = 1s
	hold = 2s
	END
	seq "$MESSAGES" | awk '{printf "{\"from\":\"4917%08d\",\"text\":\"hi\"}\n", $1}' |
	    wa-sim --bodies | wa-recv --stdin |
	    jq -c 'select(.type == "message.received") | {type: "message.queued",
		data: {conversation: .data.conversation, instance: "shop",
		kind: "text", author: "ai", text: "an answer"}}' >in
	# Kept in the store: there is no token yet.
	sed '/^token_file/d' frontdesk.conf >none.conf
	FRONTDESK_CONF=$work/none.conf wa-send -q <in >/dev/null 2>&1
	curl -s -d "$list" "$api/sim/fault" >/dev/null
	wa-send --follow --from end --poll 100ms 2>send.err &
	pids="$pids $!"
}
at_rest () {
	[ "$(sql "SELECT count(*) FROM message WHERE direction = 'out'
	    AND status IN ('queued', 'sending')")" -eq 0 ] &&
	    [ "$(sql 'SELECT count(*) FROM job')" -eq 0 ]
}
rest () { for _ in 1 2 3 4 5 6; do wait_for at_rest && return 0; done; return 1; }
# Every message once: taken by the provider, at most so often.
taken () {
	jq -r 'select(.id and .body.biz_opaque_callback_data) |
	    .body.biz_opaque_callback_data' record | sort | uniq -c |
	    awk '{print $1}' | sort -n | tail -n 1
}
posts () { jq -c 'select(.body.type)' record | wc -l; }

desk hold	# here, so that what it starts is known to the end of the test
check "$MESSAGES messages, every third call a fault: all have an outcome" '
	rest && [ "$(sql "SELECT count(*) FROM message WHERE direction = '\''out'\''
	    AND status NOT IN ('\''accepted'\'', '\''sent'\'', '\''delivered'\'', '\''read'\'',
	    '\''held'\'', '\''failed'\'')")" -eq 0 ] &&
	[ "$(sql "SELECT count(*) FROM message WHERE direction = '\''out'\''")" -eq "$MESSAGES" ]
'
n=$(posts)
echo "# $n calls for $MESSAGES messages, seed $SEED"
# shellcheck disable=SC2034 # read by eval
faulted=$(jq -r 'select(.fault) | .fault' record | sort | uniq -c | wc -l)
check 'the provider took none twice' '[ "$(taken)" -eq 1 ]'
check 'none was posted again after a call whose end is not known' '
	jq -r "select(.fault | IN(\"drop\", \"hang\", \"reset-after-read\",
	    \"reset-mid-answer\", \"half-closed\", \"garbled\", \"html\", \"huge\",
	    \"byte-a-second\")) | .body.biz_opaque_callback_data" record | sort >unknown &&
	[ -s unknown ] && jq -r "select(.body.type) | .body.biz_opaque_callback_data" record |
	    sort | uniq -d >twice &&
	for id in $(cat unknown); do
		# The unknown call is the last one of its message.
		jq -r "select(.body.biz_opaque_callback_data == \"$id\") | .fault" record |
		    tail -n 1 | grep -q -e drop -e hang -e reset -e half -e garbled -e html -e huge -e byte || exit
	done
'
check "all kinds of faults were met" '[ "$faulted" -ge 20 ]'
check 'at most 1.3 times the calls that are needed' '[ $((n * 10)) -le $((MESSAGES * 13)) ]'
unheard () {	# held or failed, and nobody was told
	sql "SELECT m.id || ' ' || m.status FROM message m
	    JOIN conversation c ON c.id = m.conversation WHERE m.direction = 'out'
	    AND m.status IN ('held', 'failed') AND c.owner <> 'queue'"
}
all_heard () { [ -z "$(unheard)" ]; }
check 'of what failed or stays held, people are told' '
	wait_for all_heard; unheard; all_heard
'
check 'what was taken, and its answer lost, is settled by its status' '
	lost () { jq -r "select(.id and (.fault | IN(\"reset-after-read\", \"garbled\", \"html\",
	    \"reset-mid-answer\", \"half-closed\"))) | .body.biz_opaque_callback_data" record; }
	lost >ids && [ -s ids ] && settled () {
		for id in $(cat ids); do
			[ "$(sql "SELECT status FROM message WHERE id = '\''$id'\''")" = read ] || return
		done
	} && wait_for settled
'
check 'the instance works again, and says so' '
	desk-events --type instance.error | grep -q . &&
	desk-events --type health.alert | grep -q . &&
	curl -s -d none "$api/sim/fault" >/dev/null &&
	c=$(conv list --status all --ids | head -n 1) && conv reply "$c" "all is well" >/dev/null &&
	rest && [ "$(sql "SELECT state FROM instance WHERE name = '\''shop'\''")" = connected ] &&
	[ "$(sql "SELECT type FROM event WHERE subject = '\''instance/shop'\''
	    ORDER BY seq DESC LIMIT 1")" = instance.connected ]
'
desk resend
check 'resend: none is held, each unknown end is posted again once at most' '
	rest &&
	[ "$(sql "SELECT count(*) FROM message WHERE status = '\''held'\''")" -eq 0 ] &&
	jq -r "select(.body.type) | .body.biz_opaque_callback_data" record | sort | uniq -c |
	    awk "{print \$2, \$1}" | sort >posts &&
	sql "SELECT id, resent FROM message WHERE direction = '\''out'\''" | tr "|" " " | sort >resent &&
	jq -rs "map(select(.id)) | group_by(.body.biz_opaque_callback_data)[] |
	    [.[0].body.biz_opaque_callback_data, length] | join(\" \")" record | sort >took &&
	join took resent | awk "\$2 > \$3 + 1 {print; bad = 1} END {exit bad}" &&
	desk-events --type message.accepted | jq -se "any(.[]; .data.resent >= 1)"
'
done_testing
