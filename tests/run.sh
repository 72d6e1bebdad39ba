#!/bin/sh
# run.sh FILE... - run tests by prove, two at a time, and print the slowest ten
set -u
cd "$(dirname "$0")/.." || exit 1
units=
for u in "${BUILD:-build}"/tests/unit-*; do
	case $u in *.o | *.d) ;; *) [ -x "$u" ] && units="$units $u" ;; esac
done
CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # lists of names
prove --jobs "${JOBS:-2}" --timer --exec '' $units "$@" >"$log" 2>&1
got=$?
cat "$log"
echo 'slowest:'
sed -n 's/^\(.*[^.]\) *\.\.* *ok *\([0-9]*\) ms.*/\2 \1/p' "$log" |
	sort -rn | head -n 10 | awk '{ printf "%8.1f s  %s\n", $1 / 1000, $2 }'
exit $got
