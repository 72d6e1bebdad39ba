#!/bin/sh
# wa-sim(1): each fault is what the page says, taken or not taken
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
. "$top/tests/sim.sh"

receiver
sim --token-file token --secret-file secret --webhook "$hook" --status-delay 1ms
hit () {	# FAULT [CURL OPTION ...]: the next message meets it; the status
	fault=$1
	shift
	next "$fault" >/dev/null
	rm -f answer head
	post "$messages" "$text" -D head "$@" >got 2>curl.err
	head -n 1 got
}
exits () {	# N FAULT [CURL OPTION ...]: and curl ends with that
	want_exit=$1
	next "$2" >/dev/null
	shift 2
	rm -f answer head
	status "$want_exit" call -d "$text" -H 'Content-Type: application/json' \
	    -D head "$@" "$api$messages"
}
taken () { jq -e -s '.[-1] | .id != null and .body.text.body == "Good day"' record; }
not_taken () { jq -e -s '.[-1] | .id == null' record; }

check '429: with seconds, with a date, bare' '
	[ "$(hit 429=7)" = 429 ] && grep -qi "^retry-after: 7" head && not_taken && [ "$(code)" = 130429 ] &&
	[ "$(hit 429-date=60)" = 429 ] && at=$(sed -n "s/^[Rr]etry-[Aa]fter: //p" head | tr -d "\r") &&
	s=$(($(date -d "$at" +%s) - $(date +%s))) && [ $s -ge 55 ] && [ $s -le 61 ] && not_taken &&
	[ "$(hit 429-bare)" = 429 ] && ! grep -qi retry-after head && not_taken
'
check '500, 503, 401 and codes' '
	[ "$(hit 500)" = 500 ] && [ "$(code)" = 131000 ] && not_taken &&
	[ "$(hit 503)" = 503 ] && [ "$(code)" = 131016 ] && not_taken &&
	[ "$(hit 401)" = 401 ] && [ "$(code)" = 190 ] && not_taken &&
	[ "$(hit 131056)" = 400 ] && [ "$(code)" = 131056 ] && not_taken &&
	[ "$(hit 131047)" = 400 ] && [ "$(code)" = 131047 ] &&
	[ "$(hit 190)" = 401 ] && [ "$(code)" = 190 ] &&
	[ "$(hit 130429)" = 429 ] && [ "$(code)" = 130429 ]
'
check '200 with an error object' '
	[ "$(hit error-200)" = 200 ] && [ "$(code)" = 131000 ] && not_taken
'
check 'taken, and the answer is cut-off JSON, or a page' '
	[ "$(hit garbled)" = 200 ] && status 5 jq . answer 2>/dev/null; [ $? -eq 0 ] || status 4 jq . answer
	taken && [ "$(hit html)" = 502 ] && grep -q "<html>" answer && taken &&
	grep -qi "^content-type: text/html" head
'
check 'dropped before it was taken, and after' '
	exits 52 drop && not_taken && exits 52 reset-after-read && taken
'
check 'never an answer' '
	exits 28 hang --max-time 1 && not_taken
'
check 'reset in the middle of the answer' '
	exits 56 reset-mid-answer && taken && grep -q "^HTTP/1.1 200" head
'
check 'half of the answer, then the stream ends' '
	exits 18 half-closed && taken && [ -s answer ]
'
check 'a byte a second' '
	exits 28 byte-a-second --max-time 3 && taken
'
check '100 MB, of no size told before' '
	[ "$(hit huge --max-time 60)" = 200 ] && [ "$(stat -c %s answer)" -gt 104857600 ] && taken &&
	! grep -qi content-length head && rm answer
'
check 'it goes on while somebody reads 100 MB slowly, or not at all' '
	next huge && { call -d "$text" -H "Content-Type: application/json" --limit-rate 1k --max-time 3 \
	    "$api$messages" >/dev/null; :; } & slow=$!
	sleep 0.5 && [ "$(get $number)" = 200 ]; ok=$?; wait $slow; [ $ok -eq 0 ]
'
check 'redirected to an address of the link' '
	[ "$(hit redirect)" = 302 ] && grep -qi "^location: http://169.254.169.254/" head && not_taken
'
check 'refused for a while, then there again at the same port' '
	exits 52 refused=1 && not_taken &&
	status 7 curl -s "$api/sim/state" && status 7 curl -s "$api/sim/state" &&
	sleep 1.2 && curl -s "$api/sim/state" | jq -e .calls &&
	exits 52 refused=1 && status 7 curl -s "$api/sim/state" && sleep 1.2 &&
	[ "$(get $number)" = 200 ]
'
check 'early: the first status is there before the answer' '
	: >bodies && next early && { post $messages "$text" >late.got; } & posting=$!
	wait_for grep -q statuses bodies && [ ! -s late.got ]; ok=$?
	wait $posting; [ $ok -eq 0 ] && head -1 late.got | grep -qx 200
'
check 'undelivered: accepted, then failed' '
	: >bodies && [ "$(hit undelivered)" = 200 ] && wait_for grep -q "failed.*131026" bodies
'
check 'a broken message is told so, not hit' '
	next 500 && send "\"to\":\"4917\",\"text\":{}" | grep -qx 400 && [ "$(code)" = 131008 ]
'
check 'other calls, by their edge: uploads, downloads, files, numbers' '
	faults "503@media,500@download,500@file,429=3@number" &&
	post $messages "$text" | grep -qx 200 &&
	printf x >a.png && [ "$(call -F messaging_product=whatsapp -F type=image/png -F file=@a.png "$api$number/media")" = 503 ] &&
	[ "$(get $number)" = 429 ] && [ "$(get /v23.0/media-7)" = 500 ] && faults "500@download" &&
	get /v23.0/media-7 && [ "$(call "$(jq -r .url answer)")" = 500 ] &&
	faults "reset-mid-answer@download" && get /v23.0/media-7 &&
	status 56 call "$(jq -r .url answer)" && faults "garbled@file" &&
	[ "$(get /v23.0/media-7)" = 200 ] && ! jq . answer && faults "500@any" &&
	[ "$(get $number)" = 500 ] && [ "$(post $messages "$text" | head -1)" = 500 ]
'
check 'a list of chances hits about as often' '
	faults "500:20%,503:1/10" && for _ in $(seq 60); do post $messages "$text" | head -n 1; done |
	    sort | uniq -c | awk "{ n[\$2] = \$1 } END { exit !(n[500] >= 4 && n[500] <= 22 && n[503] >= 3 && n[503] <= 7) }"
'
check 'it ends at once with answers still held' '
	faults "hang:#$(($(curl -s "$api/sim/state" | jq .calls) + 1)),half-closed:#$(($(curl -s "$api/sim/state" | jq .calls) + 2))" &&
	{ call -d "$text" -H "Content-Type: application/json" "$api$messages" >/dev/null; :; } & one=$!
	sleep 0.3; kill $simpid && wait_for sh -c "! kill -0 $simpid" && wait $one; :
'
done_testing
