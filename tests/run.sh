#!/bin/sh
# run.sh FILE... - run tests by prove, two at a time; the slowest ten and then
# prove's own closing lines end the output
set -u
if [ "${1-}" = --one ]; then	# for prove: a test that hangs is a failure
	case $2 in *.t) set -- "$1" sh "$2" ;; esac
	shift
	exec timeout -k 5 "${TEST_SECONDS:-900}" "$@"
fi
cd "$(dirname "$0")/.." || exit 1
CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT
rc=$(mktemp) || exit 1
trap 'rm -f "$rc"' EXIT
{
	prove --failures --comments --jobs "${JOBS:-2}" --timer --exec 'sh tests/run.sh --one' "$@" 2>&1
	echo $? >"$rc"
} | awk '
function slowest(	i, j, t) {
	for (i = 1; i <= n; i++)
		for (j = i; j > 1 && ms[j] > ms[j - 1]; j--) {
			t = ms[j]; ms[j] = ms[j - 1]; ms[j - 1] = t
			t = name[j]; name[j] = name[j - 1]; name[j - 1] = t
		}
	print "slowest:"
	for (i = 1; i <= n && i <= 10; i++)
		printf "%8.1f s  %s\n", ms[i] / 1000, name[i]
	n = 0
}
/^(All tests successful|Test Summary Report|Files=)/ { if (n > 0) slowest() }
{
	print
	fflush()
}
/^\[[0-9:]+\] .* ok +[0-9]+ ms/ {
	name[++n] = $2
	for (i = 3; i < NF; i++)
		if ($(i + 1) == "ms")
			ms[n] = $i
}'
exit "$(cat "$rc")"
