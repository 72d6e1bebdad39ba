#!/bin/sh
# wa-recv(1) on the open net: forged signatures, secrets that change, a thousand
# slow clients
#
# FORGED and ROTATED say how many.
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
: "${FORGED:=100000}" "${ROTATED:=10000}"
frontdesk init store >/dev/null || exit 1
kept () {	# bodies in the inbox
	for db in store/inbox-*.db; do
		[ ! -f "$db" ] || sqlite3 -readonly "$db" 'SELECT count(*) FROM body'
	done | awk '{n += $1} END {print n + 0}'
}
echo one-secret >one
echo two-secret >two
cp one secret
listen () {
	rm -f port
	wa-recv -S store --listen 127.0.0.1:0 --port-file port --secret-file secret "$@" 2>recv.err &
	pid=$!
	pids="$pids $pid"
	wait_for test -s port
}
stop () { kill "$pid"; ended=0; wait "$pid" || ended=$?; }

listen
check "of $FORGED forged or damaged signatures none is accepted, and nothing is kept" '
	perl "$top/tests/forge.pl" "$(cat port)" one "$FORGED" 4 >got && cat got &&
	! grep -q "^2" got && [ "$(awk "{n += \$2} END {print n}" got)" -eq "$FORGED" ] &&
	! grep -q "^0 " got && [ "$(kept)" -eq 0 ]
'
sed 's/^/# /' got
check 'and what is genuine still is' '
	perl "$top/tests/bodies.pl" 50 3 >fifty &&
	perl "$top/tests/post.pl" "$(cat port)" one fifty 1 4 1 && [ "$(kept)" -eq 50 ]
'
# The old secret signs until both are known, then the new one; the old is taken
# away while the new one signs.
check "secrets change under load: of $ROTATED genuine bodies none is refused" '
	perl "$top/tests/bodies.pl" 500 4 >many && part=$((ROTATED / 1000)) || exit 1
	port=$(cat port)
	perl "$top/tests/post.pl" "$port" one many "$part" 4 1 & old=$!
	sleep 0.1; cat one two >both; mv both secret; kill -HUP "$pid"; sleep 0.5
	perl "$top/tests/post.pl" "$port" two many "$part" 4 2 & new=$!
	wait $old; a=$?; cp two secret; kill -HUP "$pid"; wait $new; b=$?
	[ $a -eq 0 ] && [ $b -eq 0 ] && [ "$(kept)" -eq $((50 + part * 1000)) ] &&
	wait_for eval "! perl \"$top/tests/post.pl\" $port one fifty 1 1 1"
'
stop
check 'it ends with 0' '[ $ended -eq 0 ]'

listen --header-time 8s --body-time 10s
check 'a thousand slow clients are gone in 15 seconds, and real ones do not wait' '
	perl "$top/tests/drip.pl" "$(cat port)" 1000 20 >drip.out & slow=$!
	sleep 1; "$BUILD/tests/bench/post" "$(cat port)" / two-secret 8 8 >real
	cat real; wait $slow; cat drip.out
	jq -e ".p99_us < 250000 and .errors == 0" real &&
	read -r left oldest <drip.out && [ "$left" -eq 0 ] && [ "$oldest" -le 15 ]
'
sed 's/^/# /' real
stop
check 'and it ends with 0 after that' '[ $ended -eq 0 ]'
done_testing
