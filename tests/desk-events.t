#!/bin/sh
# desk-events(1): the log, printed, followed, or handed to a program
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
store=$XDG_DATA_HOME/frontdesk
db=$store/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
sql () { sqlite3 "$db" "$1"; }
# N more events, each a tag
more () {
	for i in $(seq "$1"); do conv tag bbb "t$i-$(date +%s%N)"; done
}
types () { jq -r .type "$@"; }
ids () { jq -r .id "$@"; }

check 'all events, in order, with text and names joined' '
	desk-events >all && [ "$(wc -l <all)" -eq 4 ] &&
	jq -e -s ".[0].data | .text == \"Where is my parcel?\" and
		.name == \"Mara Weiss\" and .phone == \"491701111111\"" all &&
	[ "$(sql "SELECT data LIKE \"%parcel%\" FROM event LIMIT 1")" = 0 ]
'
check 'the log is empty: nothing, and 0' '
	XDG_DATA_HOME=$work/none && frontdesk init --user >/dev/null 2>&1 &&
	desk-events >got && [ ! -s got ] && desk-events -n 3 >got && [ ! -s got ]
'
check '--type takes whole names and beginnings, several times' '
	desk-events --type conversation. | types >got &&
	printf "conversation.opened\nconversation.escalated\n" >want &&
	same want got &&
	desk-events --type message.failed --type conversation.opened | types >got &&
	printf "conversation.opened\nmessage.failed\n" >want && same want got &&
	status 64 desk-events --type conversation
'
check '--conversation takes the beginning of an id' '
	conv tag bbb one && desk-events --conversation bbb | types >got &&
	echo conversation.tagged >want && same want got &&
	status 66 desk-events --conversation zzz
'
check '--since and --until: a time, a number, an id' '
	desk-events --since 2026-11-23T11:51:00Z --until 2026-11-23T11:56:00Z |
		types >got && echo conversation.escalated >want && same want got &&
	desk-events --since 3 --until 4 | types >got &&
	echo message.failed >want && same want got &&
	id=$(desk-events --type conversation.opened | ids) &&
	desk-events --since "$id" | head -n 1 | types >got &&
	echo conversation.escalated >want && same want got &&
	desk-events --until "$id" | types | tail -n 1 >got &&
	echo conversation.opened >want && same want got &&
	status 64 desk-events --since yesterday
'
check '--since a duration back' '
	FRONTDESK_NOW=2026-11-23T12:00:00Z desk-events --since 9m --until 1m |
		types >got &&
	printf "conversation.escalated\nmessage.failed\n" >want && same want got
'
check '-n: the last ones, after the filters' '
	desk-events -n 2 | types >got &&
	printf "message.failed\nconversation.tagged\n" >want && same want got &&
	desk-events -n 1 --type conversation.opened --type conversation.escalated |
		types >got && echo conversation.escalated >want && same want got &&
	desk-events -n 0 >got && [ ! -s got ] &&
	desk-events -n 99 | wc -l | grep -qx 5
'
check '-n finds what is far back, past the first stretch' '
	sql "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 3000) INSERT INTO event (id, type, source, time_ms, depth,
		data) SELECT printf(\"01M85%021d\", i + 5000), \"report.written\",
		\"/desk\", 1795435200000, 0, \"{}\" FROM n" &&
	desk-events -n 1 --type message.received | types >got &&
	echo message.received >want && same want got &&
	sql "DELETE FROM event WHERE type = \"report.written\""
'
check 'a cursor begins at the end, or where --from says, and goes on' '
	desk-events --cursor a >got && [ ! -s got ] &&
	conv tag bbb two && desk-events --cursor a | types >got &&
	echo conversation.tagged >want && same want got &&
	desk-events --cursor a >got && [ ! -s got ] &&
	desk-events --cursor b --from start | wc -l | grep -qx 6 &&
	desk-events --cursor b --from start >got && [ ! -s got ] &&
	desk-events --cursor c --from 4 | wc -l | grep -qx 2
'
check 'a cursor passes over what its filters leave out' '
	desk-events --cursor d --from start --type message.failed | wc -l | grep -qx 1 &&
	[ "$(sql "SELECT seq = (SELECT max(seq) FROM event) FROM cursor
		WHERE name = \"desk-events/d\"")" = 1 ]
'
check 'what could not be written does not move the cursor' '
	status 74 desk-events --cursor e --from start >/dev/full &&
	desk-events --cursor e | wc -l | grep -qx 6
'
check 'two at once on one cursor: the second says so' '
	desk-events --cursor f --follow >f.out & pids="$pids $!" && pid=$! &&
	wait_for test -e "$store/run/desk-events-f.lock" && sleep 0.1 &&
	status 75 desk-events --cursor f 2>err && grep -q "another desk-events" err &&
	kill "$pid"
'
check '--forget removes a cursor' '
	desk-events --cursor a --forget && status 66 desk-events --cursor a --forget
'
check 'options that say two things are wrong use' '
	status 64 desk-events --exec true && status 64 desk-events --from start &&
	status 64 desk-events --cursor a --since 1h && status 64 desk-events x &&
	status 64 desk-events --cursor a/b && status 64 desk-events --cursor a -n 1 &&
	status 64 desk-events --cursor a --exec true --batch 0
'
check '--follow prints what comes, at once, and ends with its reader' '
	desk-events --follow -n 1 >f.out & pid=$!; pids="$pids $pid"
	wait_for test -s f.out && start=$(date +%s%N) && conv tag bbb three &&
	wait_for sh -c "grep -q three f.out" &&
	[ $(($(date +%s%N) - start)) -lt 1000000000 ] && kill "$pid" &&
	timeout 5 sh -c "desk-events --follow | head -n 1 >one" && [ -s one ]
'
check '--exec: batches on stdin, in order; the cursor moves' '
	cat >take.sh <<-"E" &&
	#!/bin/sh
	cat >batch.$$ && wc -l <batch.$$ >>sizes && cat batch.$$ >>taken
	E
	chmod +x take.sh && desk-events --cursor x --from start --batch 3 \
		--exec ./take.sh && desk-events >all && same all taken &&
	[ "$(xargs <sizes)" = "3 3 1" ] &&
	rm taken && desk-events --cursor x --exec ./take.sh && [ ! -e taken ]
'
check '--exec: a program that fails is tried again, then its status is ours' '
	echo "echo x >>tries; exit 3" >fail.sh &&
	status 3 desk-events --cursor y --from start --retries 2 --backoff 10ms \
		--exec "sh fail.sh" 2>err &&
	[ "$(wc -l <tries)" -eq 3 ] && grep -q "ended with 3" err &&
	desk-events --cursor y | wc -l | grep -qx 7
'
check '--exec: 75 is tried again, and works when it works' '
	echo "[ -e ok ] || { touch ok; exit 75; }; cat >>later" >later.sh &&
	desk-events --cursor z --from start --backoff 10ms --exec "sh later.sh" &&
	desk-events >all && same all later
'
check '--exec: 65 finds the bad one, sets it aside, and goes on' '
	echo "cat >in; grep -q escalated in && exit 65; cat in >>good" >picky.sh &&
	desk-events --cursor w --from start --exec "sh picky.sh" 2>err &&
	grep -v escalated all >want && same want good &&
	[ "$(types "$store/dead/w.jsonl")" = conversation.escalated ] &&
	jq -e ".data.name == null" "$store/dead/w.jsonl" &&
	grep -q "set aside" err
'
check '--exec: the same dead letter is not kept twice' '
	desk-events --cursor w --forget &&
	desk-events --cursor w --from start --batch 1 --exec "sh picky.sh" 2>err &&
	[ "$(wc -l <"$store/dead/w.jsonl")" -eq 1 ]
'
check '--exec: a program that hangs is ended' '
	status 75 desk-events --cursor v --from start --retries 0 --timeout 200ms \
		--exec "sleep 60" 2>err && grep -q "did not end within [1-9]" err
'
check '--exec: a program that reads nothing is no trouble' '
	desk-events --cursor u --from start --exec true &&
	desk-events --cursor u >got && [ ! -s got ]
'
check '--exec --follow: told to stop, a program may finish, and that counts' '
	desk-events --cursor t --follow --exec "cat >>t.out; sleep 0.3" & pid=$!
	pids="$pids $pid" && wait_for test -e "$store/run/desk-events-t.lock" &&
	wait_for sh -c "sqlite3 $db \"SELECT 1 FROM cursor WHERE
		name = \\\"desk-events/t\\\"\" | grep -q 1" &&
	conv tag bbb four && wait_for grep -q four t.out &&
	kill -TERM "$pid" && wait "$pid" &&
	desk-events --cursor t >got && [ ! -s got ]
'
check '--exec --follow: told to stop while it waits to try again: not lost' '
	desk-events --cursor s --follow --backoff 1m --exec "echo x >>s.out; exit 75" \
		2>/dev/null & pid=$!
	pids="$pids $pid" && wait_for sh -c "sqlite3 $db \"SELECT 1 FROM cursor
		WHERE name = \\\"desk-events/s\\\"\" | grep -q 1" &&
	conv tag bbb five && wait_for test -s s.out &&
	kill -TERM "$pid" && wait "$pid" &&
	desk-events --cursor s | grep -q five
'
check 'a long text is cut at a character and says so; the line fits' '
	sql "UPDATE message SET text = (WITH RECURSIVE n (i) AS (SELECT 1 UNION
		ALL SELECT i + 1 FROM n WHERE i < 9000) SELECT group_concat(\"ä\",
		\"\") FROM n) WHERE id = \"01M85000000000000000000001\"" &&
	desk-events --type message.received >got && [ "$(wc -c <got)" -lt 65536 ] &&
	jq -e ".data.truncated and (.data.text | length) == 8192" got
'
check 'an erased person is null and says so' '
	sql "UPDATE message SET text = NULL, wamid = NULL, erased = 1;
		UPDATE contact SET name = NULL, erased = 1; DELETE FROM contact_alias" &&
	desk-events --type message.received >got &&
	jq -e ".data | .text == null and .name == null and .erased" got &&
	! grep -q 4917 got
'
check 'a type that no event has is wrong use, with the nearest' '
	status 64 desk-events --type message.recieved 2>err && grep -q "did you mean message.received?" err &&
	status 64 desk-events --type nope. 2>err && grep -q "no event has the type" err &&
	desk-events --type conversation. --type message.sent >got
'
done_testing
