#!/bin/sh
# wa-media(1): what customers send is fetched and kept by what is in it, or the
# message says why not; what is to be sent is uploaded once
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

cat >frontdesk.conf <<'END'
[instance shop]
phone_number_id = 100000000000001
account_id = 200000000000001
[wa]
media_backoff = 20ms
media_size = 1
END
frontdesk init --user >/dev/null || exit 1
store=$HOME/.local/share/frontdesk
echo secret-token >token
echo app-secret >secret
wa-recv -l 127.0.0.1:0 --port-file recv.port --secret-file secret 2>recv.err &
pids="$pids $!"
wait_for test -s recv.port
hook=http://127.0.0.1:$(cat recv.port)/
sim () {	# wa-sim, its address in $api; lines by say
	rm -f port lines; mkfifo lines
	wa-sim --port-file port --token-file token --secret-file secret -w "$hook" \
	    --record record <lines >said 2>sim.err &
	sim=$!
	pids="$pids $sim"
	exec 7>lines
	wait_for test -s port
	api=http://127.0.0.1:$(cat port)
}
stop_sim () { exec 7>&-; kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null; :; }
acked () { [ "$(grep -c customer.acknowledged said)" -ge "$1" ]; }
say () {	# LINE...: customers write, and the desk has it
	n=$(grep -c customer.acknowledged said)
	for line; do n=$((n + 1)); echo "$line" >&7; done
	wait_for acked "$n" && wa-recv --follow --once
}
media () { wa-media --follow --once --from start --url "$api" --token-file token "$@"; }
# A picture of one dot, a voice note, a paper.
printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==' | base64 -d >dot.png
printf 'OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\023OpusHead\1\1\0\0\200\273\0\0\0\0\0' >note.ogg
printf '%%PDF-1.4\n%%%%EOF\n' >paper.pdf
told () {	# TYPE: data of the last event of that type, or an error
	desk-events --type "$1" | tail -n 1 | jq -c .data | grep .
}
sim

check 'a picture is fetched, its hash checked, kept by what is in it' '
	say "{\"from\":\"491700000001\",\"type\":\"image\",\"image\":{\"file\":\"$work/dot.png\",\"caption\":\"look\"}}" &&
	media && told media.stored | jq -e ".kind == \"image\" and .mime == \"image/png\" and .bytes == $(wc -c <dot.png)" &&
	sha=$(sha256sum <dot.png | cut -c1-64) && told media.stored | jq -e ".media == \"$sha\"" &&
	cmp "$store/media/$(echo "$sha" | cut -c1-2)/$sha" dot.png
'
check 'the same again: one file, one event, no more calls' '
	n=$(wc -l <record) && media && [ "$(wc -l <record)" -eq "$n" ] &&
	[ "$(desk-events --type media.stored | wc -l)" -eq 1 ] &&
	say "{\"from\":\"491700000002\",\"type\":\"image\",\"image\":{\"file\":\"$work/dot.png\"}}" && media &&
	[ "$(desk-events --type media.stored | wc -l)" -eq 2 ] && [ "$(find "$store/media" -type f | wc -l)" -eq 1 ]
'
check 'a voice note, a document and a sticker too' '
	say "{\"from\":\"491700000001\",\"type\":\"audio\",\"audio\":{\"file\":\"$work/note.ogg\",\"voice\":true}}" \
	    "{\"from\":\"491700000001\",\"type\":\"document\",\"document\":{\"file\":\"$work/paper.pdf\",\"filename\":\"paper.pdf\"}}" &&
	media && desk-events --type media.stored | jq -r ".data | .kind + \" \" + .mime" | tail -n 2 | sort >got &&
	grep -q "^document application/pdf" got && grep -q "^voice audio/ogg\|^voice application/ogg" got
'
check 'a person gets the bytes back, and sees what there is' '
	m=$(desk-events --type media.stored | head -n 1 | jq -r .data.message) &&
	conv media "$m" >out && cmp out dot.png &&
	c=$(conv list --ids | head -n 1) &&
	for c in $(conv list --ids); do conv show "$c"; done >shown && grep -q "image/png, 70 bytes\|image/png, " shown &&
	status 66 conv media 01M850000000000000000000A1
'
check 'passing failures are got over' '
	curl -sf -d "500:#1,429:#2,drop:#3" "$api/sim/fault" >/dev/null; base=$(curl -sf "$api/sim/state" | jq .calls)
	curl -sf -d "500:#$((base + 1)),503:#$((base + 2)),drop:#$((base + 3))" "$api/sim/fault" >/dev/null
	printf "a text file\n" >a.txt &&
	say "{\"from\":\"491700000003\",\"type\":\"document\",\"document\":{\"file\":\"$work/a.txt\",\"mime_type\":\"text/plain\"}}" &&
	media 2>err; curl -sf -d none "$api/sim/fault" >/dev/null; told media.stored | jq -e ".mime == \"text/plain\""
'
check 'too large: the message says so, and nothing is left lying about' '
	head -c 1200000 /dev/zero >big.bin &&
	say "{\"from\":\"491700000004\",\"type\":\"document\",\"document\":{\"file\":\"$work/big.bin\",\"mime_type\":\"application/pdf\"}}" &&
	media 2>err && told media.failed | jq -e ".reason == \"larger than wa.media_size\"" &&
	! find "$store/media" -name ".draft*" | grep . &&
	for c in $(conv list --ids); do conv show "$c"; done | grep -q "could not be fetched: larger than wa.media_size"
'
check 'gone at the provider: said so, at once' '
	jq -cn "{from: \"491700000005\", type: \"image\", image: {id: \"1234567890\", mime_type: \"image/png\", sha256: \"x\"}}" >line &&
	say "$(cat line)" && media 2>err && told media.failed | jq -e ".reason == \"the provider no longer has it\""
'
check 'an id that is a path is not called' '
	jq -cn "{from: \"491700000005\", type: \"image\", image: {id: \"../me?x=\", mime_type: \"image/png\"}}" >line &&
	n=$(wc -l <record) && say "$(cat line)" && media 2>err && { [ "$(wc -l <record)" -eq "$n" ] || tail -n 3 record; } &&
	told media.failed | jq -e ".reason == \"its id makes no sense\""
'
check 'what comes is not what was sent: tried again, then given up' '
	printf "[wa]\nmedia_backoff = 20ms\nmedia_give_up = 100ms\n[instance shop]\nphone_number_id = 100000000000001\n" >short.conf &&
	{ cat dot.png; echo fresh; } >fresh.png && find "$store/media" -type f | sort >before &&
	id=$(curl -sf -H "Authorization: Bearer secret-token" -F messaging_product=whatsapp -F type=image/png -F "file=@fresh.png;type=image/png" "$api/v23.0/100000000000001/media" | jq -r .id) &&
	jq -cn --arg id "$id" "{from: \"491700000006\", type: \"image\", image: {id: \$id, mime_type: \"image/png\", sha256: \"$(printf other | sha256sum | cut -c1-64)\"}}" >line &&
	say "$(cat line)" && FRONTDESK_CONF=$work/short.conf media 2>err &&
	told media.failed | jq -e ".reason == \"what came is not what was sent\"" &&
	find "$store/media" -type f | sort >after && same before after
'
cat >place.py <<'END'
import http.server, json, sys
class Place(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith('/file'):
            body = open('dot.png', 'rb').read()
        else:
            place = {'url': 'http://127.0.0.1:%d/file' % s.server_port, 'id': '1'}
            place.update(json.load(open('place.json')))
            body = json.dumps(place).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
s = http.server.HTTPServer(('127.0.0.1', 0), Place)
print(s.server_port, flush=True)
s.serve_forever()
END
python3 place.py >place.port &
pids="$pids $!"
wait_for test -s place.port
# hashed WEBHOOK ANSWER: a picture comes with what these JSON objects tell of it
hashed () {
	echo "$2" >place.json && n=$((${n:-0} + 1)) &&
	jq -cn --argjson more "$1" --arg n "$n" "{from: \"491700000011\", type: \"image\", image: ({id: (\"900\" + \$n), mime_type: \"image/png\"} + \$more)}" >line &&
	say "$(cat line)" && media --url "http://127.0.0.1:$(cat place.port)" 2>err
}
check 'a SHA-256 that cannot be read: not fetched, and the message says so; one that can is enough' '
	sha=$(sha256sum <dot.png | cut -c1-64) && before=$(desk-events --type media.stored | wc -l) &&
	hashed "{\"sha256\":\"zz\"}" "{\"sha256\":\"1234\"}" && told media.failed | jq -e ".reason == \"its SHA-256 makes no sense\"" &&
	hashed "{\"sha256\":\"zz\"}" "{}" && hashed "{\"sha256\":\"\"}" "{\"sha256\":7}" &&
	[ "$(desk-events --type media.stored | wc -l)" -eq "$before" ] &&
	for c in $(conv list --ids); do conv show "$c"; done | grep -q "could not be fetched: its SHA-256 makes no sense" &&
	hashed "{\"sha256\":\"zz\"}" "{\"sha256\":\"$sha\"}" && told media.stored | jq -e "has(\"unverified\") | not" &&
	[ "$(desk-events --type media.stored | wc -l)" -eq "$((before + 1))" ]
'
check 'no SHA-256 at all: kept, and said to be unverified' '
	echo "{}" >place.json && jq -c ".entry[0].changes[0].value |= (.metadata.phone_number_id = \"100000000000001\" |
	    .messages[0] |= (.timestamp = (now | floor | tostring) | .image.mime_type = \"image/png\" | del(.image.sha256)))" "$top/tests/data/webhooks/image.json" |
	    wa-recv --stdin >/dev/null && media --url "http://127.0.0.1:$(cat place.port)" &&
	told media.stored | jq -e ".unverified and .mime == \"image/png\""
'
check 'a download that a crash left goes when it is old: at the next start, or by frontdesk maintain' '
	draft=$store/media/.draft.abcdef && for sweep in "frontdesk maintain" media; do
		: >"$draft" && $sweep && [ -e "$draft" ] && touch -d "-2 hours" "$draft" &&
		$sweep && [ ! -e "$draft" ] || exit
	done
'
check 'kill -9 at any point: fetched once, told once' '
	for point in wa-media.before-commit wa-media.after-commit wa-media.begin.before-commit wa-media.begin.after-commit \
	    wa-media.fetched wa-media.worked wa-media.finish.before-commit wa-media.finish.after-commit; do
		echo "$point" >"$point.txt" &&
		say "{\"from\":\"491700000007\",\"type\":\"document\",\"document\":{\"file\":\"$work/$point.txt\",\"mime_type\":\"text/plain\"}}" &&
		{ FRONTDESK_FAULT=$point:1 media 2>err; [ $? -eq 137 ] || { echo "not killed at $point"; return 1; }; }
		media 2>err &&
		[ "$(desk-events --type media.stored | jq -r .data.media | grep -c "$(sha256sum <"$point.txt" | cut -c1-64)")" -eq 1 ] || { echo "$point"; cat err; return 1; }
	done
'
check 'the stdin form: copies in order, own lines after their cause' '
	desk-events --type message.received >in && wa-media --url "$api" --token-file token <in >got 2>err
	grep -v "media\." got >copies && same in copies && [ "$(grep -c media.stored got)" -ge 4 ]
'
check 'a dry run asks nobody' '
	say "{\"from\":\"491700000008\",\"type\":\"image\",\"image\":{\"file\":\"$work/dot.png\"}}" &&
	n=$(wc -l <record) && desk-events --type message.received | tail -n 1 >in &&
	wa-media --dry-run -q <in | jq -e ".data.reason == \"not fetched in a dry run\"" && [ "$(wc -l <record)" -eq "$n" ]
'
check 'what is to be sent is uploaded, once for all' '
	sha=$(sha256sum <dot.png | cut -c1-64) && c=$(conv list --ids | head -n 1) &&
	for i in 1 2; do
		jq -cn --arg c "$c" --arg m "sha256:$sha" --arg i "$i" "{type: \"message.queued\", time: \"2026-11-26T10:00:0\(\$i).000Z\", data: {conversation: \$c, kind: \"image\", author: \"ai\", content: {media: \$m}}}"
	done >in && n=$(grep -c "/media\"" record)
	wa-media -q --url "$api" --token-file token <in >got 2>err && [ "$(($(grep -c "/media\"" record) - n))" -eq 1 ] &&
	sqlite3 -readonly "$store/desk.db" "SELECT count(*), sha256 = \"$sha\" FROM media_upload" >got && echo "1|1" >want && same want got
'
check 'an agent sends a picture and a paper: kept, uploaded, sent, and seen in the talk' '
	c=$(conv list --ids | head -n 1) && conv reply "$c" --file dot.png "here it is" &&
	conv reply "$c" --file paper.pdf && conv reply "$c" --file note.ogg && cp dot.png note.bin && cp dot.png fake.jpg &&
	wa-media --follow --once --url "$api" --token-file token &&
	wa-send --follow --once --from start -q --url "$api" --token-file token 2>send.err
	jq -c "select(.path | endswith(\"/messages\")) | .body | select(.type) | [.type, .image.caption, .document.filename, (.[.type].id != null), .audio.voice]" record | tail -n 3 | sort >got &&
	printf "%s\n" "[\"audio\",null,null,true,true]" "[\"document\",null,\"paper.pdf\",true,null]" "[\"image\",\"here it is\",null,true,null]" >want && same want got &&
	conv show "$c" | grep -q "image/png, 70 bytes"
'
check 'a file goes out as soon as it is there, whoever began first' '
	messages () { jq -c "select(.path | endswith(\"/messages\"))" record | wc -l; }
	c=$(conv list --ids | head -n 1) && n=$(messages) && echo "Told late." >late.txt &&
	conv reply "$c" --file late.txt && conv reply "$c" "and a word behind it" &&
	{ wa-send --follow -q --url "$api" --token-file token 2>late.err & } && sender=$! && pids="$pids $sender" &&
	sleep 0.5 && began=$(date +%s) && wa-media --follow --once --url "$api" --token-file token &&
	wait_for eval "[ \$(messages) -ge $((n + 2)) ]" && [ $(($(date +%s) - began)) -le 6 ]
	code=$?; kill "$sender"; wait "$sender" 2>/dev/null; [ "$code" -eq 0 ]
'
check 'a file that WhatsApp would not take is refused at once' '
	c=$(conv list --ids | head -n 1) &&
	status 65 conv reply "$c" --file note.bin 2>err && grep -q "WhatsApp takes jpg png" err &&
	status 65 conv reply "$c" --file dot.png --kind video 2>err && grep -q "cannot be sent as video" err &&
	head -c 600000 /dev/zero >big.webp && status 65 conv reply "$c" --file big.webp 2>err && grep -q "500000 bytes of a sticker" err &&
	: >none.pdf && status 65 conv reply "$c" --file none.pdf 2>err && grep -q "file is empty" err &&
	mkdir d.png && status 66 conv reply "$c" --file none.png && status 66 conv reply "$c" --file d.png
'
check 'a file is what its bytes say: one that its name belies is refused at once, a picture goes as what it is' '
	c=$(conv list --ids | head -n 1) && echo hi >fake.mp3 && cp dot.png fake.pdf && cp paper.pdf fake.jpg && cp paper.pdf fake.txt &&
	for f in fake.mp3 fake.pdf fake.jpg; do
		status 65 conv reply "$c" --file $f 2>err && grep -q "$f: it is .* by its bytes" err || exit 1
	done; cp dot.png photo.JPG && conv reply "$c" --file photo.JPG && conv reply "$c" --file fake.txt &&
	printf "{\"a\": 1}\n" >json.txt && conv reply "$c" --file json.txt &&
	sqlite3 -readonly "$store/desk.db" "SELECT kind FROM message WHERE direction = \"out\" ORDER BY stored_ms DESC, id DESC LIMIT 3" |
		sort | xargs >got && echo document document image >want && same want got &&
	conv show "$c" | tail -n 12 | grep -q "image/png"
'
check 'what fails in passing again and again, in a pipe: left for later' '
	jq -cn --arg id "$(jq -r "select(.type == \"customer.said\" and .kind == \"document\").content.id" said | head -n 1)" \
	    "{from: \"491700000011\", type: \"document\", document: {id: \$id, mime_type: \"text/plain\", sha256: \"$(printf other | sha256sum | cut -c1-64)\"}}" >line &&
	say "$(cat line)" && desk-events --type message.received | tail -n 1 >in &&
	status 69 timeout 20 wa-media -q --url "$api" --token-file token <in 2>err && grep -q "what came is not what was sent: again in" err &&
	FRONTDESK_CONF=$work/short.conf media 2>err && told media.failed | jq -e ".reason == \"what came is not what was sent\""
'
check 'a token that is refused, in a pipe: nobody waits for better days' '
	echo wrong >other && say "{\"from\":\"491700000010\",\"type\":\"document\",\"document\":{\"file\":\"$work/paper.pdf\"}}" &&
	desk-events --type message.received | tail -n 1 | status 69 wa-media -q --url "$api" --token-file other 2>err && grep -q "left for later" err
'
check 'a token that is refused: it waits, says so, and no message is given up' '
	echo wrong >other && say "{\"from\":\"491700000009\",\"type\":\"image\",\"image\":{\"file\":\"$work/note.ogg\",\"mime_type\":\"image/png\"}}" &&
	timeout 2 wa-media --follow --url "$api" --token-file other 2>err
	grep -q "instance shop: the access token" err && ! grep -q secret-token err && media 2>/dev/null; desk-events --type media.stored | grep -q "\"differs\":true"
'
# The last, for the instance is gone behind it.
check 'an instance that is removed is not asked for any more, though wa-media runs on' '
	fetched () { [ "$(desk-events --type media.stored | wc -l)" -gt "$before" ]; }
	before=$(desk-events --type media.stored | wc -l)
	{ wa-media --follow --poll 200ms --url "$api" --token-file token 2>err & m=$!; } && pids="$pids $m" &&
	say "{\"from\":\"491700000012\",\"type\":\"document\",\"document\":{\"file\":\"$work/paper.pdf\"}}" &&
	wait_for fetched && wa-instance rm shop --yes && calls=$(wc -l <record) &&
	say "{\"from\":\"491700000013\",\"type\":\"document\",\"document\":{\"file\":\"$work/note.ogg\"}}" &&
	wait_for grep -q "instance shop: the instance was removed" err && [ "$(wc -l <record)" -eq "$calls" ]
	code=$?; kill $m; exit $code
'
stop_sim
done_testing
