#!/bin/sh
# what every stage does alike: clocks, reloading, ends
. "${0%/*}/lib.sh"

frontdesk init store >/dev/null
export FRONTDESK_STORE="$work/store"
printf '# Delivery\n\nA parcel to France takes 3 to 5 working days.\n\n# Returns\n\nYou can return goods within 30 days.\n' >help.md
kb-ingest help.md >/dev/null 2>&1
message () {	# SECONDS TEXT: of one customer
	printf '{"type":"message.received","time":"2026-11-20T10:%02d:00Z","data":{"phone":"49170","instance":"shop","text":"%s"}}\n' "$1" "$2"
}
{ message 0 'how many days does a parcel to France take?'
  message 1 'within how many days can I return goods?'
  message 2 'how many days does a parcel to France take?'; } >in
slowly () { while IFS= read -r line; do printf '%s\n' "$line"; sleep 0.3; done; }

check 'in stdin form the time is the events'\'', however many come in one read' '
	frontdesk scratch sh -c "route -q | ai-reply -q" <in >fast &&
	slowly <in | frontdesk scratch sh -c "route -q | ai-reply -q" >slow &&
	[ "$(grep -c reply.drafted fast)" -eq 3 ] && sort fast >a && sort slow >b && same a b
'
check 'a question long before the end of the input is still found' '
	{ message 0 "how many days does a parcel to France take?"
	  for i in $(seq 1 40); do message "$i" "hello"; done; } >many &&
	frontdesk scratch sh -c "route -q | ai-reply -q" <many >got &&
	head -n 3 got | grep message.queued | grep -q "3 to 5 working days"
'
check 'and a dry run is byte for byte the same again' '
	route --dry-run <in >one && route --dry-run <in >two && same one two
'
for stage in route ai-reply ai-transcribe wa-send wa-media desk-hook desk-run desk-notify; do
	check "$stage: a closed stdin is an error at once, and no file of ours is read in its place" '
		status 74 timeout 10 $stage <&- 2>err && grep -q stdin err
	'
done
check 'wa-send --dry-run: a closed stdin, and a closed stdout' '
	status 74 timeout 10 wa-send --dry-run <&- && status 74 timeout 10 route <in >&- && status 74 conv list --plain >&-
'
running () {	# STAGE PID
	[ "$(sqlite3 -readonly store/desk.db \
	    "SELECT 1 FROM worker WHERE stage = '$1' AND pid = $2")" = 1 ]
}
start () {	# STAGE ...: in the background, until it is ready
	"$@" 2>>err & pid=$!
	wait_for running "$1" "$pid"
}
up () { sqlite3 -readonly store/desk.db "SELECT pid FROM worker WHERE stage = '$1'"; }

for stage in ai-reply ai-transcribe wa-send route desk-hook desk-run desk-notify; do
	check "$stage: SIGHUP does not end it" '
		start $stage --follow && kill -HUP $pid && sleep 0.5 && kill -0 $pid &&
		kill $pid && wait $pid
	'
	check "$stage: a clean end is noted" '[ "$(up $stage)" = 0 ]'
done
check 'after SIGHUP new settings hold, under the same pid' '
	printf "[instance shop]\nai = on\n" >frontdesk.conf && start ai-reply --follow &&
	printf "[ai]\nprovider = openai\nmodel = m\nurl = http://127.0.0.1:9/\n[instance shop]\nquiet = 0ms\n" >frontdesk.conf &&
	kill -HUP $pid && sleep 0.7 && kill -0 $pid &&
	message 3 "how many days does a parcel to France take?" | route -q >routed &&
	wait_for grep -q "^ai-reply: openai" err && kill $pid && wait $pid
'
check 'a broken file keeps the old ones and is named' '
	: >err && : >frontdesk.conf && start ai-reply --follow &&
	printf "[ai]\nprovider = nobody\n" >frontdesk.conf && kill -HUP $pid && sleep 0.7 && kill -0 $pid &&
	grep -q "frontdesk.conf:2: .*going on" err && : >frontdesk.conf && kill $pid && wait $pid
'
# The settings are a pipe, so that it is surely still reading them.
early () {	# NAME ...: SIGHUP before it has read its settings
	rm -f slow.conf && mkfifo slow.conf && printf "%s" "$settings" >quick.conf
	FRONTDESK_CONF=$work/slow.conf "$@" 2>early.err & pid=$!
	# Returns once it has opened the pipe.
	exec 9>slow.conf && kill -HUP $pid && mv quick.conf slow.conf &&
	{ kill -0 $pid && printf "%s" "$settings" >&9; exec 9>&-; sleep 0.5; } &&
	kill $pid && wait $pid
}
echo 0123456789abcdef0123456789abcdef >secret
settings="[listen]
address = 127.0.0.1:0
secrets_file = $work/secret
"
for words in 'ai-reply --follow' 'wa-send --follow' 'route --follow' 'wa-recv --follow' wa-recv; do
	check "$words: nor does SIGHUP in the first moments" "early $words"
done
check 'a kill is not noted as a clean end' '
	start ai-reply --follow && kill -KILL $pid && ! wait $pid && [ "$(up ai-reply)" -ne 0 ]
'
check '--jobs: none at a time would answer nobody, and is refused' '
	for one in "ai-reply" "wa-send" "wa-media" "ai-transcribe" "ai-tool serve" "ai-eval cases"; do
		status 64 timeout 10 $one -j 0 </dev/null 2>err && grep -q "jobs: .0. is not a whole number from 1 to" err || return 1
	done
'
check 'a large number and a NUL in a field of somebody else go through' '
	printf "%s\n" "{\"type\":\"x\",\"n\":18446744073709551615,\"m\":1e400,\"s\":\"\\u0000\"}" >in2 &&
	route --dry-run <in2 >got && same in2 got
'
check 'and in an event of ours they do no harm' '
	printf "%s\n" "{\"type\":\"message.received\",\"n\":18446744073709551615,\"data\":{\"text\":\"hi \\u0000\"}}" >in2 &&
	route --dry-run <in2 >got && head -n 1 got >copy && same in2 copy && grep -q message.routed got
'
check 'message.received without anything said is named' '
	printf "%s\n" "{\"type\":\"message.received\"}" "{\"type\":\"message.received\",\"data\":{\"text\":5}}" >in2 &&
	status 65 route --dry-run <in2 >got 2>err && ! grep -q message.routed got && [ "$(grep -c "^route: " err)" -ge 2 ]
'
check 'the bell can be rung by all of the group, whoever made it' '
	frontdesk init belled >/dev/null && rm -f belled/run/desk.bell && (umask 022; FRONTDESK_STORE=$work/belled desk-user add ina) && [ "$(stat -c %a belled/run/desk.bell)" = 660 ]
'
done_testing
