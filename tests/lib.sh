# shellcheck shell=sh
# lib.sh - sourced by every tests/*.t; prints TAP. A test starts in an empty
# folder of its own, the commands just built first in PATH.
top=$(cd "${0%/*}/.." && pwd)
PATH=${BUILD:-$top/build}:$PATH LC_ALL=C.UTF-8 TZ=UTC
FRONTDESK_EXEC=${BUILD:-$top/build}
export PATH LC_ALL TZ FRONTDESK_EXEC
# Nothing of the person's own set-up.
unset FRONTDESK_STORE FRONTDESK_NOW FRONTDESK_FAULT XDG_DATA_HOME XDG_CONFIG_HOME
work=$(mktemp -d) && cd "$work" || exit 1
HOME=$work/home FRONTDESK_CONF=$work/frontdesk.conf
export HOME FRONTDESK_CONF
mkdir home && : >frontdesk.conf
pids=
cleanup () {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	cd / && rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
count=0

check () {	# WHAT BODY: ok when BODY, joined by &&, succeeds
	count=$((count + 1))
	if (eval "$2") >.log 2>&1; then echo "ok $count - $1"
	else echo "not ok $count - $1"; sed 's/^/# /' .log; fi
}
skip () {	# WHAT WHY: this machine cannot
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
status () {	# N COMMAND...: it exits with N exactly, so a crash never passes
	want=$1 got=0; shift; "$@" || got=$?
	[ "$got" -eq "$want" ] || { echo "exit $got, not $want: $*" >&2; return 1; }
}
same () { diff -u "$1" "$2"; }
# jq 1.6 takes it for true under -e when it was given nothing to look at.
jq_at=$(command -v jq)
jq () {
	case ${1:-} in
	-e | -[a-zA-Z]*e*) ;;
	*) "$jq_at" "$@"; return ;;
	esac
	jq_out=$("$jq_at" "$@"; echo "=$?")
	jq_rc=${jq_out##*=} jq_out=${jq_out%"=$jq_rc"}
	printf %s "$jq_out"
	[ "$jq_rc" -ne 0 ] || [ -n "$jq_out" ] || { echo "jq: nothing was looked at: $*" >&2; jq_rc=4; }
	return "$jq_rc"
}
# until COMMAND succeeds, at most ten seconds
wait_for () {
	for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done
	echo "never came true: $*" >&2
	return 1
}
# A port the kernel finds free, for what cannot be told to take port 0.
free_port () {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
	    LocalAddr => "127.0.0.1", Listen => 1)->sockport'
}
done_testing () { echo "1..$count"; }	# absent when a test stops early: prove fails it
