#!/bin/sh
# kill -9 of kb-ingest and kb-doc at random points: no document is ever half
#
# KILLS and SEED can be set; make check-long kills 200 times.
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null

[ -n "${LONG-}" ] && : "${KILLS:=200}"
: "${KILLS:=25}" "${SEED:=1}"
perl "$top/tests/kb-crash.pl" "$KILLS" "$SEED" "$work" >result 2>crash.err
echo "exit $?" >>crash.err
while IFS= read -r line; do
	case $line in
	'ok '*) count=$((count + 1)); echo "ok $count - ${line#ok }" ;;
	'not ok '*) count=$((count + 1)); echo "not ok $count - ${line#not ok }" ;;
	*) echo "$line" ;;
	esac
done <result
check 'the test came to its end' 'grep -q "^exit 0$" crash.err || { cat crash.err; exit 1; }'
check 'the base is whole, and all is told' '
	whole && none "SELECT count(*) FROM document WHERE told = 0"
'
done_testing
