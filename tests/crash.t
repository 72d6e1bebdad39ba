#!/bin/sh
# kill -9 anywhere: nothing acknowledged is lost, nothing is done twice
#
# KILLS and SEED can be set; make check-long kills 10,000 times.
. "${0%/*}/lib.sh"

[ -n "${LONG-}" ] && : "${KILLS:=10000}"
: "${KILLS:=200}" "${SEED:=1}"
frontdesk init store >/dev/null
printf 'app-secret\n' >secret
printf 'token\n' >token
printf 'verify\n' >verify
FRONTDESK_STORE=$work/store kb-ingest "$top/share/sample/docs" >/dev/null 2>&1
perl "$top/tests/crash.pl" "$KILLS" "$SEED" "$work" >result 2>crash.err
echo "exit $?" >>crash.err
n=0
while IFS= read -r line; do
	case $line in
	'ok '*) n=$((n + 1)); echo "ok $n - ${line#ok }" ;;
	'not ok '*) n=$((n + 1)); echo "not ok $n - ${line#not ok }" ;;
	*) echo "$line" ;;
	esac
done <result
n=$((n + 1))
if grep -q '^exit 0$' crash.err; then echo "ok $n - the test came to its end"
else echo "not ok $n - the test came to its end"; sed 's/^/# /' crash.err; fi
echo "1..$n"
