# shellcheck shell=sh disable=SC2034,SC2154
# voice.sh - sourced by tests of voice notes: a desk, a pretended WhatsApp, and
# a pretended transcription endpoint that answers as the file faults says
settings () {	# [LINE ...]: those of the desk, with a transcriber at $ear
	printf '%s\n' '[instance shop]' 'phone_number_id = 100000000000001' \
	    'account_id = 200000000000001' 'quiet = 0ms' \
	    '[wa]' 'media_backoff = 20ms' '[transcribe]' "url = $ear" \
	    'retry = 20ms' 'timeout = 1s' "$@" >frontdesk.conf
}
ear=http://127.0.0.1:9/v1
settings
frontdesk init --user >/dev/null || exit 1
store=$HOME/.local/share/frontdesk
sql () { sqlite3 -cmd ".timeout 5000" "$store/desk.db" "$1"; }
kb-ingest "$top/share/sample/docs" >/dev/null 2>&1
echo secret-token >token
echo app-secret >secret
echo key-of-ours >key
perl "$top/tests/hear.pl" ear.port heard faults & pids="$pids $!"
wait_for test -s ear.port
ear=http://127.0.0.1:$(cat ear.port)/v1
settings 'key_file = key'
wa-recv -l 127.0.0.1:0 --port-file recv.port --secret-file secret 2>recv.err &
pids="$pids $!"
wait_for test -s recv.port
mkfifo lines
wa-sim --port-file port --token-file token --secret-file secret \
    -w "http://127.0.0.1:$(cat recv.port)/" <lines >said 2>sim.err &
pids="$pids $!"
exec 7>lines
wait_for test -s port
api=http://127.0.0.1:$(cat port)

acked () { [ "$(grep -c customer.acknowledged said)" -ge "$1" ]; }
say () {	# LINE ...: customers write, and the desk has it
	acks=$(grep -c customer.acknowledged said)
	for line; do acks=$((acks + 1)); echo "$line" >&7; done
	wait_for acked "$acks" && wa-recv --follow --once
}
ogg () { printf '%s' "$work/$(printf %s "$1$2" | md5sum | cut -c1-12).ogg"; }
note () {	# PHONE WORDS: the line of a voice note that says them
	f=$(ogg "$1" "$2")
	{ printf 'OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\023OpusHead\1\1\0\0\200\273\0\0\0\0\0'
	  printf '<%s>' "$2"; } >"$f"
	jq -cn --arg p "$1" --arg f "$f" \
	    '{from: $p, type: "audio", audio: {file: $f, voice: true}}'
}
text () { jq -cn --arg p "$1" --arg t "$2" '{from: $p, text: $t}'; }
media () { wa-media --follow --once --from start --url "$api" --token-file token; }
listen () { ai-transcribe --follow --once --from start "$@"; }
spoke () { say "$(note "$1" "$2")" && media; }
told () {	# TYPE: data of the last event of that type, or an error
	desk-events --type "$1" | tail -n 1 | jq -c .data | grep .
}
number () { desk-events --type "$1" | wc -l; }
failed () {	# REASON: the last one failed so, once
	told transcription.failed | jq -e ".reason == \"$1\""
}
talk () {	# PHONE: the id of its conversation
	sql "SELECT c.id FROM conversation c JOIN contact_alias a ON a.contact = c.contact WHERE a.value = '$1'"
}
