#!/bin/sh
# ai-transcribe(1): what voice notes say is written down once, or the message
# says why not; ai-reply(1) waits for it and answers by it
# shellcheck disable=SC2016,SC2119,SC2120,SC2154
. "${0%/*}/lib.sh"

. "$top/tests/voice.sh"

check 'a voice note is written down: the form is as the endpoint wants it' '
	spoke 491700000001 "Wie lange dauert der Versand nach Italien?" && listen &&
	tail -n 1 heard | jq -e ".path == \"/v1/audio/transcriptions\" and .key == \"key-of-ours\" and
	    .model == \"whisper-1\" and .response_format == \"json\" and .file_name == \"voice.ogg\" and
	    .file_type == \"audio/ogg\" and has(\"language\") == false and has(\"prompt\") == false" &&
	[ "$(tail -n 1 heard | jq -r .file_md5)" = "$(md5sum <"$(ogg 491700000001 "Wie lange dauert der Versand nach Italien?")" | cut -c1-32)" ] &&
	told message.transcribed | jq -e ".text == \"Wie lange dauert der Versand nach Italien?\" and .language == \"de\" and
	    .kind == \"voice\" and .model == \"whisper-1\" and (.provider | startswith(\"127.0.0.1:\"))"
'
check 'conv shows the words beside the sound, and the list too' '
	conv show "$(talk 491700000001)" >got && grep -q "\[voice\] Wie lange dauert" got &&
	grep -q "as whisper-1 heard it" got && grep -q "conv media" got &&
	conv list --plain | grep -q "Wie lange dauert" &&
	conv show --json "$(talk 491700000001)" | jq -se "map(select(.type == \"message.transcribed\").data.text) == [\"Wie lange dauert der Versand nach Italien?\"]"
'
check 'the conversation has its language' '
	[ "$(sql "SELECT language FROM conversation")" = de ]
'
check 'the row of the event holds no words, nor does what was received change' '
	! sql "SELECT data FROM event" | grep -q Versand &&
	told message.received | jq -e ".text == null"
'
check 'again, by another cursor: no call, no event' '
	n=$(wc -l <heard) && listen --cursor other && [ "$(wc -l <heard)" -eq "$n" ] && [ "$(number message.transcribed)" -eq 1 ]
'
check 'stdin form: copies, and the same lines for the same event; a dry run asks nobody' '
	spoke 491700000002 "hello on stdin" && desk-events --type media.stored | tail -n 1 >in &&
	n=$(wc -l <heard) && ai-transcribe -q --dry-run <in | jq -e ".data.reason == \"not heard in a dry run\"" &&
	frontdesk scratch ai-transcribe -q <in | jq -e ".data.reason == \"not heard in a dry run\"" &&
	[ "$(number message.transcribed)" -eq 1 ] && [ "$(wc -l <heard)" -eq "$n" ] &&
	ai-transcribe <in >one && [ "$(wc -l <one)" -eq 2 ] && head -n 1 one | same in - &&
	sed -n 2p one | jq -e ".causeid == \"$(jq -r .id in)\" and .data.text == \"hello on stdin\"" &&
	n=$(wc -l <heard) && ai-transcribe <in >two && same one two && [ "$(wc -l <heard)" -eq "$n" ]
'
check 'the message after its file: whichever is last begins it' '
	spoke 491700000002 "hello out of order" &&
	desk-events --type message.received | tail -n 1 | ai-transcribe -q >got && jq -e ".data.text == \"hello out of order\"" got &&
	listen && [ "$(number message.transcribed)" -eq 3 ]
'
check 'language, prompt and model are told where they are set' '
	settings "key_file = key" "model = whisper-large" "language = es" "prompt = Meadow, zephyr" &&
	spoke 491700000003 "hola" && listen && settings "key_file = key" &&
	tail -n 1 heard | jq -e ".model == \"whisper-large\" and .language == \"es\" and .prompt == \"Meadow, zephyr\"" &&
	told message.transcribed | jq -e ".language == \"es\" and .model == \"whisper-large\""
'
check 'an audio that is no voice note, a picture that is no audio' '
	head -c 3000 /dev/zero >a.bin && { printf "ID3\3\0\0\0\0\0\0<a song>"; cat a.bin; } >song.mp3 &&
	n=$(wc -l <heard) && say "{\"from\":\"491700000004\",\"type\":\"audio\",\"audio\":{\"file\":\"$work/song.mp3\",\"mime_type\":\"audio/mpeg\"}}" \
	    "{\"from\":\"491700000004\",\"type\":\"document\",\"document\":{\"file\":\"$work/song.mp3\",\"mime_type\":\"audio/mpeg\"}}" &&
	media && listen && [ "$(wc -l <heard)" -eq $((n + 1)) ] && told message.transcribed | jq -e ".text == \"a song\" and .kind == \"audio\"" &&
	tail -n 1 heard | jq -e ".file_name == \"voice.mp3\""
'
# --- what cannot be heard ---
check 'too large: the endpoint is not asked' '
	settings "key_file = key" "size = 1" && n=$(wc -l <heard) &&
	{ printf "OggS\0\2"; head -c 1100000 /dev/zero; } >big.ogg &&
	say "{\"from\":\"491700000005\",\"type\":\"audio\",\"audio\":{\"file\":\"$work/big.ogg\",\"voice\":true}}" && media && listen &&
	settings "key_file = key" && [ "$(wc -l <heard)" -eq "$n" ] && failed "larger than transcribe.size" &&
	conv show "$(talk 491700000005)" | grep -q "not heard: larger than transcribe.size"
'
check 'no file: it says so, and a file that comes later is heard' '
	jq -cn "{from: \"491700000006\", type: \"audio\", audio: {id: \"1234567890\", mime_type: \"audio/ogg\", voice: true}}" >line &&
	say "$(cat line)" && media 2>err && listen && failed "the file could not be had" &&
	m=$(told transcription.failed | jq -r .message) && sha=$(sha256sum <song.mp3 | cut -c1-64) &&
	sql "UPDATE media SET sha256 = '\''$sha'\'', reason = NULL WHERE message = '\''$m'\''" &&
	echo "{\"type\":\"media.stored\",\"data\":{\"message\":\"$m\"}}" | ai-transcribe -q | jq -e ".data.text == \"a song\""
'
# --- what it costs ---
paid () { sql "SELECT coalesce(sum(cost), 0) FROM ai_spent WHERE profile = '[transcribe]' AND period GLOB '????-??-??'"; }
lasts () { printf '1 body {"text":"hello","usage":{"type":"duration","seconds":%s}}\n' "$@" >faults; }
check 'without a price nothing is counted' '[ "$(sql "SELECT count(*) FROM ai_spent")" -eq 0 ]'
check 'a price: counted as long as the endpoint says it was, else by the size of the file, and what fails is free' '
	settings "key_file = key" "price_minute = 0.6" && lasts 30.5 && spoke 491700000031 "a" && listen && [ "$(paid)" -eq 305000 ] &&
	printf "1 status 500\n1 status 429\n1 body {\"text\":\"hi\",\"duration\":10}\n" >faults && spoke 491700000031 "b" && listen && [ "$(paid)" -eq 405000 ] &&
	{ printf "OggS\0\2<by its size>"; head -c 30000 /dev/zero; } >long.ogg && rm -f faults &&
	say "{\"from\":\"491700000031\",\"type\":\"audio\",\"audio\":{\"file\":\"$work/long.ogg\",\"voice\":true}}" && media && listen &&
	size=$(stat -c %s long.ogg) && [ "$(paid)" -eq $((405000 + (size * 20 + 10000))) ] && [ "$(sql "SELECT count(*) FROM ai_aside")" -eq 0 ]
'
check 'a call that never connected is free' '
	was=$ear && ear=http://127.0.0.1:9/v1 && settings "key_file = key" "price_minute = 0.6" "retries = 1" && before=$(paid) &&
	spoke 491700000032 "x" && listen 2>err; ear=$was; settings "key_file = key"; [ "$(paid)" -eq "$before" ] && failed "the endpoint gave no whole answer"
'
check 'a limit: two at once wait for each other, what is spent is not asked for, and people are told once' '
	sql "DELETE FROM ai_spent" && settings "key_file = key" "price_minute = 6" "cost_per_day = 0.13" && echo "2 slow 300" >faults &&
	m=$(number message.transcribed) && say "$(note 491700000033 "one")" "$(note 491700000034 "two")" && media &&
	printf "1 body {\"text\":\"one\",\"duration\":0}\n1 body {\"text\":\"two\",\"duration\":1.25}\n" >faults && listen && [ "$(number message.transcribed)" -eq $((m + 2)) ] && [ "$(paid)" -eq 125000 ] &&
	rm -f faults && n=$(wc -l <heard) && spoke 491700000035 "three" && spoke 491700000036 "four" && listen && [ "$(wc -l <heard)" -eq "$n" ] &&
	failed "the money of the day is spent" && conv show "$(talk 491700000035)" | grep -q "not heard: the money of the day is spent" &&
	[ "$(desk-events --type health.alert | jq -r "select(.data.what == \"ai_limit\").data | [.about, .reason] | @csv")" = "\"transcribe\",\"the money of the day is spent\"" ]
'
check 'a limit without a price is a fault of the settings' '
	settings "key_file = key" "cost_per_day = 1" && status 78 ai-transcribe --follow --once 2>err; right=$?; settings "key_file = key"; [ $right -eq 0 ] && grep -q "wants price_minute" err
'
echo 100 >k
next () { k=$(($(cat k) + 1)); echo $k >k; }
fault () {	# REASON CALLS FAULT ...: it fails for that reason after so many calls
	reason=$1 calls=$2
	shift 2
	next; before=$(wc -l <heard) events=$(number transcription.failed)
	printf '%s\n' "$@" >faults
	spoke "491700000$k" "words of $k" && listen 2>err
	rm -f faults
	[ "$(wc -l <heard)" -eq $((before + calls)) ] || { tail -n 8 heard; return 1; }
	[ "$(number transcription.failed)" -eq $((events + 1)) ] && failed "$reason" &&
	! grep -q "words of\|secret words\|key-of-ours\|491700000" err
}
got_over () {	# CALLS FAULT ...: it is heard after so many calls
	calls=$1
	shift
	next; before=$(wc -l <heard) events=$(number message.transcribed)
	printf '%s\n' "$@" >faults
	spoke "491700000$k" "words of $k" && listen 2>err
	rm -f faults
	[ "$(wc -l <heard)" -eq $((before + calls)) ] || { tail -n 8 heard; return 1; }
	[ "$(number message.transcribed)" -eq $((events + 1)) ] &&
	told message.transcribed | jq -e ".text == \"words of $k\"" &&
	! grep -q "words of\|secret words\|key-of-ours\|491700000" err
}
check 'passing failures are got over: 500, 503, reset, cut off, nonsense' '
	got_over 6 "1 status 500" "1 status 503" "1 reset" "1 half" "1 body <html>"
'
check '429 with Retry-After is waited for, and without it too' '
	t=$(date +%s%N) && got_over 2 "1 status 429 1" && [ $((($(date +%s%N) - t) / 1000000)) -ge 1000 ] &&
	got_over 2 "1 status 429"
'
check 'one who wants us to come after the deadline is not waited for' '
	fault "the endpoint wants us to come later" 1 "1 status 429 3600"
'
check 'where no quota is left nobody waits' '
	fault "the endpoint'\''s account has no quota left" 1 "1 status 429 code:insufficient_quota"
'
check 'the tries end' '
	fault "the endpoint failed" 6 "-1 status 500"
'
check 'nonsense, an error in a 200, a body without end' '
	fault "the endpoint'\''s answer makes no sense" 6 "2 body {\"tex" "1 body {\"error\":{\"message\":\"x\"}}" "1 big" "-1 body {\"text\":5}"
'
spaced () { printf '%s\n' '1 body {"text":"\n two words \n"}' >faults; }
check 'white space around the words is left out' '
	spaced && spoke 491700000090 x && listen && told message.transcribed | jq -e ".text == \"two words\""; r=$?; rm -f faults; [ $r -eq 0 ]
'
check 'no words in it' '
	fault "no words were heard in it" 1 "1 body {\"text\":\"\\u0020\"}"
'
check 'what is refused is not tried again: 400, 404, 413' '
	fault "the endpoint does not take it" 1 "1 status 400" &&
	fault "the endpoint does not know the address or the model" 1 "1 status 404" &&
	fault "larger than the endpoint takes" 1 "1 status 413"
'
check 'a hang ends by the timeout, then by the deadline' '
	settings "key_file = key" "timeout = 200ms" "deadline = 500ms" && fault "the endpoint gave no whole answer" 3 "-1 hang"; r=$?; settings "key_file = key"; [ $r -eq 0 ]
'
check 'a wrong key is told, and one that was changed meanwhile is taken up' '
	fault "the endpoint does not take the key" 1 "-1 status 401" &&
	echo "-1 key other-key" >faults && spoke 491700000301 "after the rotation" && listen --poll 50ms 2>err; failed "the endpoint does not take the key" &&
	printf "1 slow 700\n-1 key other-key\n" >faults && spoke 491700000302 "first" && spoke 491700000303 "second" &&
	{ { sleep 0.4; echo other-key >key; } & } && settings "key_file = key" "parallel = 1" && listen 2>err && rm faults &&
	settings "key_file = key" && told message.transcribed | jq -e ".text == \"second\""; r=$?; echo key-of-ours >key; rm -f faults; [ $r -eq 0 ]
'
check 'a sealed key: ai-profile key --transcribe; no other program has it' '
	settings && echo sealed-key | ai-profile key --transcribe && spoke 491700000310 "sealed" && listen &&
	tail -n 1 heard | jq -e ".key == \"sealed-key\"" &&
	sqlite3 "$store/auth.db" "SELECT reader FROM secret WHERE name = '\''transcribe'\'' ORDER BY 1" >got && printf "ai-transcribe\nwa-instance\n" | same - got &&
	ai-profile key --transcribe --forget && spoke 491700000311 "without" && listen && tail -n 1 heard | jq -e ".key == \"\""
'
settings 'key_file = key'
check 'nobody is set up: nothing is taken, nothing said of it but once' '
	printf "[instance shop]\nphone_number_id = 100000000000001\n[wa]\nmedia_backoff = 20ms\n" >frontdesk.conf &&
	n=$(wc -l <heard) && spoke 491700000312 "quiet" && desk-events --type media.stored | tail -n 1 >in && ai-transcribe <in >got 2>err && same in got &&
	[ "$(wc -l <heard)" -eq "$n" ] && grep -q "^ai-transcribe: nobody listens" err; r=$?; settings "key_file = key"; listen; [ $r -eq 0 ]
'
check 'bad settings are named' '
	settings "language = two words" && status 78 ai-transcribe </dev/null 2>err && grep -q transcribe.language err; r=$?; settings "key_file = key"; [ $r -eq 0 ]
'
check 'an erasure reaches the words' '
	m=$(told message.transcribed | jq -r .message) && sql "UPDATE message SET text = NULL, erased = 1 WHERE id = '\''$m'\''" &&
	[ "$(sql "SELECT count(*) FROM transcript WHERE message = '\''$m'\'' AND text IS NULL")" -eq 1 ] &&
	told message.transcribed | jq -e ".text == null and .erased" &&
	c=$(sql "SELECT conversation FROM message WHERE id = '\''$m'\''") && conv show "$c" | grep -q "(erased)"
'
for point in before-commit after-commit begin.before-commit begin.after-commit \
    answered worked finish.before-commit finish.after-commit; do
	check "killed at $point: one transcript, one event" '
		next && before=$(number message.transcribed) && spoke "491700000$k" "words of $k" &&
		{ FRONTDESK_FAULT=ai-transcribe.$point:1 listen 2>err; [ $? -eq 137 ]; } && listen &&
		[ "$(number message.transcribed)" -eq $((before + 1)) ] && told message.transcribed | jq -e ".text == \"words of $k\"" &&
		[ "$(sql "SELECT count(*) FROM job WHERE stage = '\''ai-transcribe'\''")" -eq 0 ]
	'
done
check 'many at a time are heard side by side, each once' '
	before=$(number message.transcribed) && echo "-1 slow 300" >faults && c=$(wc -l <heard) &&
	for i in 1 2 3 4 5 6 7 8; do note "4917000009$i" "one of eight $i" >>eight; done &&
	while read -r line; do echo "$line" >&7; done <eight && wait_for acked "$(grep -c . said)" || :
	wa-recv --follow --once && media && wa-recv --follow --once && media &&
	t=$(date +%s%N) && listen && t=$((($(date +%s%N) - t) / 1000000)); rm -f faults
	echo "# eight at 300 ms each: $t ms" && [ $((t)) -lt 1500 ] && [ "$(number message.transcribed)" -eq $((before + 8)) ] && [ "$(wc -l <heard)" -eq $((c + 8)) ]
'
check 'what we send and what the phone sends is not listened to' '
	n=$(wc -l <heard) && conv reply "$(talk 491700000004)" --file song.mp3 && listen && [ "$(wc -l <heard)" -eq "$n" ]
'
check 'every form of this test is as the reference has it' '
	jq -c "{path, body: ({file: .file_name} + (to_entries | map(select(.key | IN(\"model\", \"language\", \"prompt\", \"response_format\", \"temperature\"))) | from_entries))}" heard >forms &&
	[ "$(wc -l <forms)" -gt 10 ] && python3 "$top/tests/model.py" --check <forms && head -n 1 forms | jq -c ".body.response_format = \"xml\"" >bad && status 1 python3 "$top/tests/model.py" --check <bad >out
'
done_testing
