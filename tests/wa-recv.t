#!/bin/sh
# wa-recv(1): handshake, signatures, limits, a full disk, drain; follow, stdin,
# export
. "${0%/*}/lib.sh"
cat >frontdesk.conf <<-'EOT'
	[instance sales]
	phone_number_id = 106000000000001
EOT
bodies=$top/tests/data/webhooks
frontdesk init --user >/dev/null
store=$HOME/.local/share/frontdesk
printf 'new-secret\nold-secret\n' >secret
echo hello-token >token

# --- helpers ---

listen () {	# ARG...: a listener of its own; $pid, $url
	rm -f port
	wa-recv --listen 127.0.0.1:0 --port-file port --secret-file secret \
		--verify-token-file token "$@" 2>listener.err &
	pid=$!
	pids="$pids $pid"
	wait_for test -s port
	url=http://127.0.0.1:$(cat port)
}
stop () {	# by SIGTERM; $ended is its status. Not in a check: a child of ours.
	kill "$pid"
	ended=0
	wait "$pid" || ended=$?
}
sign () {	# SECRET FILE: the header
	printf 'X-Hub-Signature-256: sha256=%s' \
		"$(perl -MDigest::SHA=hmac_sha256_hex -0777 -ne \
		    'BEGIN { $k = shift } print hmac_sha256_hex($_, $k)' "$1" "$2")"
}
code () { curl -s -o answer -w '%{http_code}\n' "$@"; }
post () {	# FILE SECRET [CURL...]: the status
	file=$1 key=$2
	shift 2
	code -H "$(sign "$key" "$file")" --data-binary "@$file" "$@" "$url/"
}
kept () { wa-recv --export | wc -l; }

jq -c . "$bodies/text.json" >body
tr -d '\n' <body >one && mv one body

# --- the listener ---

check 'without an app secret it does not start' '
	: >empty && status 78 wa-recv --listen 127.0.0.1:0 2>err &&
	grep -q "no app secret" err &&
	status 78 wa-recv --listen 127.0.0.1:0 --secret-file empty &&
	printf " \n\t\r\n" >blank && status 78 timeout 5 wa-recv --listen 127.0.0.1:0 --secret-file blank 2>err &&
	grep -q "no app secret" err && status 78 timeout 5 wa-recv --listen 127.0.0.1:0 --secret-file secret \
	    --verify-token-file blank 2>err && grep -q "verify token is empty" err &&
	status 66 wa-recv --listen 127.0.0.1:0 --secret-file missing
'
check 'nor without a store, nor where somebody listens' '
	status 66 wa-recv -S nowhere --listen 127.0.0.1:0 --secret-file secret &&
	status 78 wa-recv --listen somewhere --secret-file secret
'
listen
check 'the kernel chooses the port, which is named' '
	grep -q "^wa-recv: listening at 127.0.0.1:$(cat port)$" listener.err &&
	status 69 wa-recv --listen "127.0.0.1:$(cat port)" --secret-file secret
'
check 'the handshake answers the challenge, unsigned' '
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-token&hub.challenge=1158201444")" = 200 ] &&
	[ "$(cat answer)" = 1158201444 ]
'
check 'and nothing to a wrong token, mode, or none' '
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-tokem&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-token%00&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-token%00x&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-token&hub.challenge=1%00")" = 400 ] &&
	[ "$(code "$url/?hub.mode=subscribe%00&hub.verify_token=hello-token&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=subscribe&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=listen&hub.verify_token=hello-token&hub.challenge=1")" = 403 ] &&
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=hello-token")" = 400 ] &&
	[ "$(code "$url/")" = 403 ] && [ ! -s answer ]
'
check 'signed with either secret: kept as it came' '
	[ "$(post body new-secret)" = 200 ] && [ "$(post body old-secret)" = 200 ] &&
	cat body >want && echo >>want && cat want want >wants &&
	wa-recv --export >got && same wants got
'
check 'a wrong, short, doubled, missing or SHA-1 signature: refused, not kept' '
	good=$(sign new-secret body) &&
	[ "$(post body other-secret)" = 403 ] &&
	[ "$(code -H "${good%?}" --data-binary @body "$url/")" = 401 ] &&
	[ "$(code -H "${good}0" --data-binary @body "$url/")" = 401 ] &&
	[ "$(code -H "$good" -H "$good" --data-binary @body "$url/")" = 401 ] &&
	[ "$(code --data-binary @body "$url/")" = 401 ] &&
	[ "$(code -H "X-Hub-Signature: sha1=$(sha1sum <body | cut -c1-40)" --data-binary @body "$url/")" = 401 ] &&
	[ "$(code -H "$(echo "$good" | sed s/sha256/sha512/)" --data-binary @body "$url/")" = 403 ] &&
	sed s/parcel/pardel/ body >forged &&
	[ "$(code -H "$good" --data-binary @forged "$url/")" = 403 ] &&
	[ "$(kept)" -eq 2 ]
'
check 'bodies are not looked at: signed nonsense is kept' '
	printf "\000\377not json\n" >nonsense &&
	[ "$(post nonsense new-secret)" = 200 ] && [ "$(kept)" -eq 3 ] &&
	sqlite3 -readonly "$store"/inbox-*.db \
	    "SELECT hex(body) FROM body ORDER BY seq DESC LIMIT 1" >got &&
	echo 00FF6E6F74206A736F6E0A >want && same want got
'
check 'the headers worth keeping are kept' '
	sqlite3 -readonly "$store"/inbox-*.db "SELECT headers FROM body LIMIT 1" |
	    jq -e ".\"X-Hub-Signature-256\" | length == 71"
'
check '3 MiB are taken, a byte more is not, chunked or not' '
	head -c 3145728 /dev/zero >large && { cat large; printf x; } >larger &&
	[ "$(post large new-secret)" = 200 ] &&
	[ "$(post larger new-secret)" = 413 ] &&
	[ "$(post larger new-secret -H "Transfer-Encoding: chunked")" = 413 ] &&
	[ "$(kept)" -eq 4 ]
'
check 'two lengths of one body: 400, and the connection ends' '
	for other in 4 0; do
		perl -MIO::Socket::INET -e "
			my \$s = IO::Socket::INET->new(PeerAddr => q(127.0.0.1), PeerPort => shift) or die;
			print \$s qq(POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: \$ARGV[0]\r\n\r\nGET /);
			print <\$s>;" "$(cat port)" $other >raw &&
		head -n 1 raw | grep -q "^HTTP/1.1 400 " && [ "$(grep -c "^HTTP/1.1" raw)" -eq 1 ] || exit 1
	done
'
check 'too many headers, or too long: 431' '
	many=$(for i in $(seq 200); do printf "%s " "-HX-$i:1"; done) &&
	[ "$(code $many "$url/healthz")" = 431 ] &&
	[ "$(code -H "X-Long: $(head -c 20000 /dev/zero | tr "\0" x)" "$url/healthz")" = 431 ]
'
check 'other methods: 405' '
	[ "$(code -X PUT --data-binary @body "$url/")" = 405 ] &&
	[ "$(code -X DELETE "$url/")" = 405 ]
'
check 'healthz says ok and nothing else' '
	[ "$(code "$url/healthz")" = 200 ] && [ "$(cat answer)" = ok ]
'
check 'a new secret by SIGHUP; an unreadable one changes nothing' '
	echo third-secret >secret && kill -HUP "$pid" &&
	wait_for eval "[ \"\$(post body third-secret)\" = 200 ]" &&
	[ "$(post body new-secret)" = 403 ] &&
	: >secret && kill -HUP "$pid" && wait_for grep -q "stay as they are" listener.err &&
	[ "$(post body third-secret)" = 200 ] &&
	printf "new-secret\nold-secret\n" >secret
'
check 'another address by SIGHUP takes a restart, and is said' '
	FRONTDESK_CONF=$work/at.conf && export FRONTDESK_CONF && at=$(free_port) &&
	printf "[listen]\naddress = 127.0.0.1:%s\nsecrets_file = secret\n" "$at" >at.conf &&
	{ wa-recv 2>at.err & } && pid=$! && wait_for curl -s -o answer "http://127.0.0.1:$at/" &&
	kill -HUP $pid && sleep 0.3 && ! grep "another one now" at.err &&
	sed -i "s/127.0.0.1:[0-9]*/127.0.0.1:1/" at.conf && kill -HUP $pid &&
	wait_for grep -q "listen.address is another one now: restart" at.err && kill $pid && wait $pid
'
check 'no secret, text or number in what it says' '
	! grep -E "secret$|token|parcel|1650" listener.err
'
check 'SIGTERM: what is under way is finished, then 0' '
	drip () {	# a body whose end comes after the signal
		{ printf "POST / HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n" \
		    "$(sign new-secret body)" "$(wc -c <body)"
		head -c 50 body; sleep 1; tail -c +51 body; sleep 0.5; } |
		    socat -t 3 - "TCP:127.0.0.1:$(cat port)" >drip.out
	}
	kill -HUP "$pid" && wait_for eval "[ \"\$(post body new-secret)\" = 200 ]" &&
	before=$(kept) && { drip & } && sleep 0.4 && stop_at=$(date +%s) &&
	kill "$pid" && wait_for grep -q "200 OK" drip.out &&
	wait_for eval "! kill -0 $pid 2>/dev/null" &&
	[ $(($(date +%s) - stop_at)) -le 5 ] && [ "$(kept)" -eq $((before + 1)) ]
'
ended=0
wait "$pid" || ended=$?
check 'and the status is 0' '[ $ended -eq 0 ]'

listen --header-time 500ms --body-time 1s --per-source 8
check 'a drip of headers, of a body, or of nothing is cut at its time' '
	cut_after () {	# SECONDS PRINTF: fed a byte each 0.1 s
		start=$(date +%s%N)
		{ printf "$2"; for i in $(seq 60); do printf A; sleep 0.1; done; } 2>/dev/null |
		    timeout 5 socat -t 0 - "TCP:127.0.0.1:$(cat port)" >cut.out 2>/dev/null
		took=$((($(date +%s%N) - start) / 1000000)) && echo "took $took ms" &&
		! grep -q 200 cut.out
	}
	cut_after 1 "POST / HTTP/1.1\r\nHost: x\r\nX: " && [ $took -lt 3000 ] &&
	cut_after 1 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" && [ $took -lt 3000 ] &&
	cut_after 1 "" && [ $took -lt 3000 ]
'
check 'many slow ones do not keep a good one waiting' '
	for i in 1 2 3 4 5 6; do
		{ printf "POST / HTTP/1.1\r\nHost: x\r\n"; sleep 2; } |
		    socat -t 0 - "TCP:127.0.0.1:$(cat port)" >/dev/null 2>&1 &
	done
	sleep 0.2 && [ "$(post body new-secret -m 1)" = 200 ]; ok=$?; wait; [ $ok -eq 0 ]
'
check 'one address may hold so many connections and no more' '
	for i in 1 2 3 4 5 6 7 8; do
		sleep 1 | socat -t 0 - "TCP:127.0.0.1:$(cat port)" >/dev/null 2>&1 &
	done
	sleep 0.2; got=$(post body new-secret -m 2); wait
	[ "$got" = 000 ] && wait_for eval "[ \"\$(post body new-secret -m 1)\" = 200 ]"
'
stop
check 'it ends with 0' '[ $ended -eq 0 ]'

printf '[listen]\nconnections = 200\n' >>frontdesk.conf
listen --header-time 3s --body-time 4s
check 'more slow clients than there are connections: good ones get through' '
	perl "$top/tests/drip.pl" "$(cat port)" 300 20 >drip.out & slow=$!
	sleep 0.5; perl "$top/tests/bodies.pl" 40 9 >forty &&
	start=$(date +%s) &&
	perl "$top/tests/post.pl" "$(cat port)" secret forty 1 4 1 >posted &&
	[ $(($(date +%s) - start)) -le 8 ] && wait $slow && cat drip.out &&
	read -r left oldest <drip.out && [ "$left" -eq 0 ] && [ "$oldest" -le 12 ]
'
stop
check 'and it ends with 0 after that' '[ $ended -eq 0 ]'

check 'secrets by systemd credentials, the socket by systemd' '
	port=$(free_port) && mkdir credentials &&
	cp secret credentials/app-secret-1 &&
	echo by-credential >credentials/verify-token &&
	{ CREDENTIALS_DIRECTORY=$work/credentials systemd-socket-activate \
	    -E CREDENTIALS_DIRECTORY -E HOME -E FRONTDESK_CONF -E PATH \
	    -l "127.0.0.1:$port" "$(command -v wa-recv)" 2>activate.err & } &&
	activated=$! && pids="$pids $activated" && url=http://127.0.0.1:$port &&
	wait_for eval "[ \"\$(post body new-secret)\" = 200 ]" &&
	[ "$(code "$url/?hub.mode=subscribe&hub.verify_token=by-credential&hub.challenge=7")" = 200 ] &&
	kill "$activated" && wait "$activated"
'

# --- a full disk ---

if [ "$(id -u)" -eq 0 ] && mkdir small &&
    mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
	listen -S small
	check 'a full disk: 503, then 200 again once there is room' '
		head -c 60000 /dev/urandom >filler &&
		for i in $(seq 30); do
			got=$(post filler new-secret) || exit 1
			[ "$got" = 200 ] && echo kept >>acked || break
		done
		[ "$got" = 503 ] && grep -q . acked &&
		curl -s -D heads -o answer -H "$(sign new-secret filler)" \
		    --data-binary @filler "$url/" && grep -qi "^Retry-After: 5" heads &&
		[ "$(code "$url/healthz")" = 503 ] &&
		grep -q "cannot be kept, answering 503" listener.err &&
		mount -o remount,size=8m small &&
		wait_for eval "[ \"\$(post filler new-secret)\" = 200 ]" &&
		[ "$(code "$url/healthz")" = 200 ] &&
		grep -q "bodies are kept again" listener.err
	'
	check 'what was acknowledged is there, and the file is sound' '
		[ "$(sqlite3 -readonly small/inbox-*.db "SELECT count(*) FROM body")" -ge \
		    "$(wc -l <acked)" ] &&
		[ "$(sqlite3 -readonly small/inbox-*.db "PRAGMA integrity_check")" = ok ]
	'
	check 'no desk.db is needed, and none is made' '[ ! -e small/desk.db ]'
	stop
	check 'it ends with 0 all the same' '[ $ended -eq 0 ]'
	umount small
else
	listen
	check 'a failing disk: 503 (no tmpfs of our own here)' '
		chmod 000 "$store"/inbox-*.db; got=$(post body new-secret); chmod 660 "$store"/inbox-*.db
		[ "$got" = 503 ] || [ "$got" = 200 ]
	'
	stop
fi

# --- follow ---

HOME=$work/follow
mkdir "$HOME" && frontdesk init --user >/dev/null
store=$HOME/.local/share/frontdesk
sql () { sqlite3 -readonly "$store/desk.db" "$1"; }
listen
check 'what is posted becomes events within a second' '
	wa-recv --follow 2>follow.err & follower=$!; pids="$pids $follower"
	wait_for test -e "$store/run/wa-recv.1.slot" &&
	[ "$(post body new-secret)" = 200 ] &&
	wait_for eval "[ \"\$(sql \"SELECT count(*) FROM message\")\" = 1 ]" &&
	jq -c . "$bodies/batch.json" >batch && [ "$(post batch new-secret)" = 200 ] &&
	wait_for eval "[ \"\$(sql \"SELECT count(*) FROM message\")\" = 6 ]" &&
	kill $follower && code=0 && { wait $follower || code=$?; } && [ $code -eq 0 ] &&
	[ ! -s follow.err ]
'
check 'the cursor stands at the last body of the day' '
	[ "$(sql "SELECT seq FROM cursor WHERE name = '\''wa-recv'\''")" = "$(date -u +%Y%m%d)0000000002" ]
'
check 'what waits in the inbox shows in the status' '
	lag () { frontdesk status --json | jq -c ".stages[] | select(.name == \"wa-recv --follow\").lag_events"; }
	[ "$(lag)" = 0 ] && [ "$(post nonsense new-secret)" = 200 ] && [ "$(lag)" = 1 ]
'
check 'nonsense is told and does not hold up what comes behind it' '
	jq -c . "$bodies/voice.json" >voice &&
	: >void &&
	[ "$(post void new-secret)" = 200 ] && [ "$(post voice new-secret)" = 200 ] &&
	wa-recv --follow --once &&
	[ "$(sql "SELECT count(*) FROM event WHERE type = '\''health.body_unknown'\''
	    AND json_extract(data, '\''\$.reason'\'') = '\''not-json-object'\''")" -eq 2 ] &&
	[ "$(sql "SELECT kind FROM message ORDER BY id DESC")" != "" ] &&
	[ "$(sql "SELECT count(*) FROM message WHERE kind = '\''voice'\''")" -eq 1 ] &&
	sql "SELECT seq FROM cursor" >before && wa-recv --follow --once &&
	sql "SELECT seq FROM cursor" >after && same before after
'
check 'killed before or after the commit: nothing lost, nothing twice' '
	for point in before after; do
		jq -c ".entry[0].changes[0].value.messages[0].id = \"wamid.$point\"" \
		    "$bodies/text.json" >again && [ "$(post again new-secret)" = 200 ] &&
		status 137 env FRONTDESK_FAULT="wa-recv.$point-commit:1" wa-recv --follow --once &&
		wa-recv --follow --once || exit 1
	done
	[ "$(sql "SELECT count(*) FROM message WHERE wamid IN
	    ('\''wamid.before'\'', '\''wamid.after'\'')")" -eq 2 ] &&
	[ "$(sql "SELECT count(*) FROM event WHERE type = '\''message.received'\''")" = \
	    "$(sql "SELECT count(*) FROM message")" ]
'
check 'two followers share the work without doing it twice' '
	perl "$top/tests/bodies.pl" 400 3 >many &&
	perl "$top/tests/post.pl" "$(cat port)" secret many 2 4 1 >/dev/null &&
	{ wa-recv --follow --once 2>one.err & } && one=$! &&
	wa-recv --follow --once 2>two.err; wait $one
	[ "$(sql "PRAGMA integrity_check")" = ok ] &&
	sql "SELECT count(*) FROM event" >before && wa-recv --follow --once &&
	wa-recv --stdin <many >/dev/null &&
	sql "SELECT count(*) FROM event" >after && same before after
'
stop
check 'the listener killed before or after its commit' '
	for point in before after; do
		before=$(kept) && rm -f port || exit 1
		FRONTDESK_FAULT="wa-recv.inbox.$point-commit:1" wa-recv \
		    --listen 127.0.0.1:0 --port-file port --secret-file secret 2>/dev/null &
		pid=$!
		wait_for test -s port && url=http://127.0.0.1:$(cat port) || exit 1
		got=$(post body new-secret); code=0; wait $pid || code=$?
		[ "$got" = 000 ] && [ $code -eq 137 ] || exit 1
		echo $(($(kept) - before)) >>gained
	done
	printf "0\n1\n" >want && same want gained
'
check 'a day ends: the next file, in order, nothing left behind' '
	HOME=$work/days && mkdir "$HOME" && frontdesk init --user >/dev/null &&
	store=$HOME/.local/share/frontdesk &&
	for day in 10 11 12; do
		jq -c ".entry[0].changes[0].value.messages[0].id = \"wamid.$day\"" \
		    "$bodies/text.json" |
		    FRONTDESK_NOW=2026-11-${day}T23:59:59Z wa-recv --stdin >/dev/null || exit 1
	done
	ls "$store" | grep -c "^inbox-202611..\.db$" >got && echo 3 >want && same want got &&
	wa-recv --export | jq -r ".entry[0].changes[0].value.messages[0].id" >got &&
	printf "wamid.%s\n" 10 11 12 >want && same want got &&
	wa-recv --export --since 2026-11-11 --until 2026-11-12 >got && [ "$(wc -l <got)" -eq 1 ]
'
check 'a clock set back does not hide a body from its reader' '
	HOME=$work/days && store=$HOME/.local/share/frontdesk &&
	FRONTDESK_NOW=2026-11-12T12:00:00Z wa-recv --follow --once &&
	jq -c ".entry[0].changes[0].value.messages[0].id = \"wamid.back\"" "$bodies/text.json" |
	    FRONTDESK_NOW=2026-11-09T12:00:00Z wa-recv --stdin >/dev/null &&
	FRONTDESK_NOW=2026-11-12T12:00:00Z wa-recv --follow --once &&
	[ "$(sql "SELECT seq FROM cursor")" = 202611120000000002 ]
'
check 'old files go, but none that is not done' '
	HOME=$work/days && store=$HOME/.local/share/frontdesk &&
	FRONTDESK_NOW=2026-11-25T12:00:00Z wa-recv --follow --once &&
	ls "$store" | grep "^inbox-202611..\.db$" >got &&
	printf "inbox-202611%s.db\n" 11 12 >want && same want got &&
	FRONTDESK_NOW=2026-12-25T12:00:00Z wa-recv --follow --once &&
	ls "$store" | grep "^inbox-2026" >got && grep -q "^inbox-20261112.db$" got &&
	! grep -q 20261111 got
'

# --- stdin and use ---

HOME=$work/home
check 'a line that is no object is named and left out, the next goes through' '
	{ echo oops; cat body; echo; echo "[1]"; } | status 65 wa-recv --stdin --dry-run >got 2>err &&
	grep -q "^wa-recv: stdin:1: " err && grep -q "^wa-recv: stdin:3: " err &&
	[ "$(jq -r .type got | head -n 1)" = message.received ]
'
check 'a dry run changes nothing' '
	store=$HOME/.local/share/frontdesk && kept >before && sql "SELECT count(*) FROM event" >>before &&
	wa-recv --stdin --dry-run <body >got && [ -s got ] &&
	kept >after && sql "SELECT count(*) FROM event" >>after && same before after
'
check 'a full disk behind the output is an error' '
	status 74 wa-recv --stdin --dry-run <body >/dev/full
'
check 'no store, and no dry run: 66' '
	HOME=$work/nobody status 66 wa-recv --stdin <body
'
check 'what does not go together is said' '
	status 64 wa-recv --stdin --follow && status 64 wa-recv --dry-run &&
	status 64 wa-recv --since 1d && status 64 wa-recv --follow --listen 127.0.0.1:0 &&
	status 64 wa-recv --follow --from middle && status 64 wa-recv extra
'
done_testing
