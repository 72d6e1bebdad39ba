#!/bin/sh
# frontdesk(1): dispatch, init, scratch, status, upgrade, maintain
. "${0%/*}/lib.sh"

export XDG_DATA_HOME="$work/data"

check 'no store is an error that says what to do' '
	status 66 frontdesk status 2>err && grep -q "frontdesk init --user" err
'
check 'init --user makes a store, once' '
	frontdesk init --user >got && echo "$work/data/frontdesk" >want && same want got &&
	test -s data/frontdesk/desk.db && status 73 frontdesk init --user 2>err &&
	grep -q "already" err
'
check 'init wants to know where' 'status 64 frontdesk init 2>err'
check 'a program is run by its name' '
	frontdesk conv --version >got && grep -q "^conv " got
'
check 'an unknown name is wrong use, a path is refused' '
	status 64 frontdesk no-such-program 2>err && grep -q "no command" err &&
	status 64 frontdesk ../bin/sh -c true 2>err
'
check 'env prints a line that finds the programs' '
	(PATH=/usr/bin:/bin; eval "$("$FRONTDESK_EXEC"/frontdesk env)"; conv --version) >got && grep -q "^conv " got
'
check 'scratch works on a copy and leaves nothing' '
	mkdir tmp && TMPDIR=$work/tmp frontdesk scratch sh -c \
	    "echo \"{\\\"type\\\":\\\"message.received\\\",\\\"data\\\":{\\\"text\\\":\\\"hi\\\"}}\" | route -q; desk-events --since 1d" >got &&
	grep -q message.received got && [ -z "$(ls tmp)" ] &&
	desk-events --since 1d >after && ! test -s after
'
check 'scratch hands on the status of its command' '
	status 7 frontdesk scratch sh -c "exit 7" && status 127 frontdesk scratch no-such-command 2>err
'
check 'scratch refuses a named store that is not there' '
	status 66 frontdesk scratch -S "$work/nowhere" true 2>err
'
check 'status of a quiet desk is well' '
	frontdesk status --json | jq -e ".problems == [] and .held == []"
'
check 'status names a stage that is behind, and exits 1' '
	echo "{\"type\":\"message.received\",\"data\":{\"text\":\"hi\"}}" | route -q >routed &&
	ai-reply --follow --once --poll 50ms --from end &&
	echo "{\"type\":\"message.received\",\"data\":{\"text\":\"hello again\"}}" | route -q >routed &&
	sleep 0.3 && status 1 frontdesk status --limit 100ms >got && grep -q "problem: ai-reply" got
'
check 'status lists what is held, and exits 1' '
	id=$(desk-events --since 1d --type message.received | jq -r .data.message | head -n 1) &&
	sqlite3 data/frontdesk/desk.db "UPDATE message SET direction = '\''out'\'', status = '\''held'\'', attempt_ms = 1 WHERE id = '\''$id'\''" &&
	status 1 frontdesk status --json >got && jq -e --arg id "$id" ".held[0].message == \$id" got
'
check 'an older schema of a service is refused until it is upgraded' '
	frontdesk init "$work/old" >/dev/null &&
	sqlite3 old/desk.db "UPDATE meta SET value = '\''system'\'' WHERE key = '\''kind'\''; PRAGMA user_version = 99" &&
	status 78 frontdesk status -S "$work/old" 2>err && grep -q "newer frontdesk" err
'
check 'upgrade and maintain leave a sound store' '
	frontdesk upgrade && frontdesk maintain &&
	[ "$(sqlite3 -readonly data/frontdesk/desk.db "PRAGMA integrity_check")" = ok ]
'
check 'a file of somebody else is not touched' '
	mkdir other && sqlite3 other/desk.db "CREATE TABLE t (a); PRAGMA user_version = 1" &&
	status 78 frontdesk status -S "$work/other" 2>err && grep -q "not a file of frontdesk" err
'
done_testing
