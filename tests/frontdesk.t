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
db=data/frontdesk/desk.db
check 'a stage that ended cleanly is stopped, one that was killed is down' '
	frontdesk status --limit 1h --json >got &&
	jq -e ".stages[] | select(.name == \"ai-reply\") | .state == \"stopped\"" got &&
	sqlite3 $db "UPDATE worker SET pid = 9 WHERE stage = '\''ai-reply'\''" &&
	status 1 frontdesk status --limit 1h >got && grep -x "problem: ai-reply is down" got &&
	sqlite3 $db "UPDATE worker SET pid = 0, since_ms = 1; UPDATE cursor SET updated_ms = 1, seq = 1000" &&
	frontdesk status >got && ! grep ai-reply got &&
	sqlite3 $db "DELETE FROM worker; DELETE FROM cursor"
'
echo app-secret >secret
check 'the listener and the follower have a row each; a dead one is a problem' '
	wa-recv --listen 127.0.0.1:0 --port-file port --secret-file secret 2>err &
	listener=$!
	wa-recv --follow --poll 100ms & follower=$!
	wait_for test -s port && wait_for sh -c "frontdesk status --json |
	    jq -e \".stages | map([.name, .state]) | sort ==
	    [[\\\"wa-recv\\\", \\\"up\\\"], [\\\"wa-recv --follow\\\", \\\"up\\\"]]\"" &&
	frontdesk status >got && grep "^wa-recv --follow  *[0-2][0-9]:[0-5][0-9] " got &&
	kill -9 $listener; wait $listener; kill -9 $follower; wait $follower
	status 1 frontdesk status >got && grep -x "problem: wa-recv is down" got &&
	grep -x "problem: wa-recv --follow is down" got && rm port &&
	wa-recv --listen 127.0.0.1:0 --port-file port --secret-file secret 2>err &
	listener=$!
	wa-recv --follow --poll 100ms & follower=$!
	wait_for test -s port && wait_for frontdesk status &&
	kill $listener $follower && wait $listener && wait $follower &&
	! test -e data/frontdesk/run/wa-recv.listen.slot && frontdesk status >got &&
	grep "^wa-recv --follow  *stopped " got
'
check 'a job that is open for too long is a problem, one that waits is none' '
	sqlite3 $db "INSERT INTO job (stage, key, cause, last_cause, first_ms, due_ms, deadline_ms)
	    VALUES ('\''wa-send'\'', '\''k'\'', '\''e'\'', '\''e'\'', (unixepoch() - 75) * 1000, 9e15, 9e15)" &&
	frontdesk status >got && sqlite3 $db "UPDATE job SET attempt = 1" &&
	status 1 frontdesk status >got && grep "^problem: wa-send: oldest job open for 7[5-9] s$" got &&
	frontdesk status --limit 5m >got && sqlite3 $db "UPDATE job SET attempt = 0, due_ms = 0" &&
	status 1 frontdesk status >got && sqlite3 $db "DELETE FROM job"
'
check 'the table fits into 80 columns, readers of the log have lines of their own' '
	desk-events --cursor a-customer-relation >got && sqlite3 $db \
	    "INSERT INTO worker (stage, slot, pid, since_ms) VALUES ('\''ai-reply'\'', '\''x'\'', 1, 1)" &&
	status 1 frontdesk status >got && [ "$(grep -v "^problem" got | wc -L)" -le 80 ] &&
	grep -x "reader a-customer-relation: 0 events behind" got &&
	! grep "desk-events" got && sqlite3 $db "DELETE FROM worker"
'
check 'a number nobody declared is named, with what to do' '
	echo "{\"from\":\"491700000001\",\"text\":\"hi\"}" | wa-sim --bodies >body &&
	wa-recv --stdin <body >got && status 1 frontdesk status >got &&
	grep "^problem: instance .* is not configured: 1 conversation waits: wa-instance add NAME --phone-number-id [0-9]" got &&
	id=$(sed -n "s/.*--phone-number-id \([0-9]*\).*/\1/p" got) &&
	printf "[instance sales]\nphone_number_id = %s\n" "$id" >frontdesk.conf &&
	wa-recv --stdin <body >got && frontdesk status && : >frontdesk.conf
'
check 'bodies of unknown shape are named for an hour' '
	echo "{\"what\":1}" | wa-recv --stdin >got && grep -q health.body_unknown got &&
	status 1 frontdesk status >got && grep "^problem: 1 webhook body of unknown shape in the last hour" got &&
	sqlite3 $db "UPDATE event SET time_ms = time_ms - 3700000 WHERE type = '\''health.body_unknown'\''" &&
	frontdesk status
'
check 'a held message is in doubt until wa.hold has passed' '
	id=$(desk-events --since 1d --type message.received | jq -r .data.message | head -n 1) &&
	sqlite3 $db "UPDATE message SET direction = '\''out'\'', status = '\''held'\'', attempt_ms = unixepoch() * 1000 WHERE id = '\''$id'\''" &&
	frontdesk status >got && grep "^held 0, in doubt 1," got &&
	printf "[wa]\nhold = 0s\n" >frontdesk.conf &&
	status 1 frontdesk status >got && grep "^problem: 1 message is held" got && : >frontdesk.conf
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
check 'what is no store: the same remedy everywhere' '
	mkdir bare && for way in "conv list -S bare" "frontdesk scratch -S bare true" "conv list -S none" \
		"frontdesk scratch -S none true"; do
		status 66 $way 2>err && grep -q "make one with frontdesk init$" err || echo "$way"
	done >got && same /dev/null got
'
check 'env: a path without dots' '
	! frontdesk env | grep -q "/\.\./"
'
done_testing
