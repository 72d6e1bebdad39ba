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
check 'init wants to know where, once' '
	status 64 frontdesk init 2>err &&
	status 64 frontdesk init --user -S there 2>err && grep -q "not of -S" err &&
	status 64 frontdesk init --user there 2>err && [ ! -e there ]
'
check 'init makes the store that FRONTDESK_STORE names, where nothing else is said' '
	FRONTDESK_STORE=$work/named status 66 frontdesk status 2>err && grep -q "make one with frontdesk init" err &&
	FRONTDESK_STORE=sqlite:$work/named frontdesk init >got && echo "$work/named" >want && same want got &&
	FRONTDESK_STORE=$work/named frontdesk status && FRONTDESK_STORE=$work/named status 73 frontdesk init 2>err && grep -q already err &&
	FRONTDESK_STORE=$work/other frontdesk init said >got && echo said >want && same want got && [ ! -e other ] &&
	FRONTDESK_STORE=x://y status 78 frontdesk init 2>err && FRONTDESK_STORE= status 64 frontdesk init 2>err
'
check 'a folder with something else in it does not become a store' '
	mkdir full && echo 1 >full/letter.txt && status 73 frontdesk init full 2>err &&
	grep -q "something else in it: letter.txt" err && [ "$(ls full)" = letter.txt ] &&
	mkdir -p half/run half/media && : >half/kb.db && frontdesk init half
'
check 'an empty desk.db is no store, and init makes one of it' '
	mkdir -p hollow/run && : >hollow/desk.db && status 66 frontdesk status -S hollow 2>err &&
	grep -q "not a store; make one with frontdesk init" err && status 66 frontdesk upgrade -S hollow &&
	status 66 route -S hollow --follow --once && [ ! -s hollow/desk.db ] &&
	frontdesk init hollow && frontdesk status -S hollow
'
check 'where no store can be made it is said once' '
	: >plain && XDG_DATA_HOME=$work/plain/a/b status 73 frontdesk init --user 2>err && [ "$(wc -l <err)" -eq 1 ] &&
	grep -q "^frontdesk: $work/plain/a/b: Not a directory" err &&
	XDG_DATA_HOME=$work/deep/er/data frontdesk init --user && [ -s deep/er/data/frontdesk/desk.db ]
'
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	# /var/lib of this test alone.
	alone () { unshare -m sh -ec "mount -t tmpfs none /var/lib; chmod 755 /var/lib
		$1"; }
	chmod 755 "$work"
	check 'not for a person and the system at once' '
		alone "got=0; frontdesk init --user --system 2>err || got=\$?; [ \$got -eq 64 ]; [ ! -e /var/lib/frontdesk ]"
	'
	check 'init --system by root: the store is its folder'\''s owner'\''s, the group may write' '
		alone "umask 022; mkdir /var/lib/frontdesk; chown 65534:12 /var/lib/frontdesk
		chmod 2770 /var/lib/frontdesk; frontdesk init --system
		find /var/lib/frontdesk ! -user 65534 -o ! -group 12; stat -c %a /var/lib/frontdesk/desk.db /var/lib/frontdesk/auth.db
		setpriv --reuid=1 --regid=12 --clear-groups frontdesk status >/dev/null" >got &&
		printf "%s\n" /var/lib/frontdesk 660 660 >want && same want got
	'
	check 'without the folder it is made for the account of the desk, if there is one' '
		{ cat /etc/passwd; echo frontdesk:x:64999:12::/:/bin/false; } >passwd &&
		alone "mount --bind passwd /etc/passwd; frontdesk init --system
		stat -c %u:%g:%a /var/lib/frontdesk; stat -c %u:%g:%a /var/lib/frontdesk/desk.db" >got &&
		printf "%s\n" /var/lib/frontdesk 64999:12:2770 64999:12:660 >want && same want got
	'
	check 'and without both it is made all the same' '
		alone "frontdesk init --system; stat -c %u:%a /var/lib/frontdesk/desk.db" >got &&
		printf "%s\n" /var/lib/frontdesk 0:660 >want && same want got
	'
fi
check 'a program is run by its name' '
	frontdesk conv --version >got && grep -q "^conv " got
'
check 'an unknown name is wrong use, a path is refused' '
	status 64 frontdesk no-such-program 2>err && grep -q "no command" err &&
	status 64 frontdesk ../bin/sh -c true 2>err
'
check 'help lists the programs, and the nearest is named' '
	frontdesk --help >got && for p in ai-reply conv desk-backup route wa-send; do grep -q "^ .* $p" got || exit 1; done &&
	awk "length > 80" got >long && [ ! -s long ] &&
	status 64 frontdesk raport 2>err && grep -q "did you mean .report.?" err &&
	status 64 frontdesk statsu 2>err && grep -q "did you mean .status.?" err
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
check 'whatever signal ends scratch, it leaves nothing' '
	for sig in HUP INT QUIT TERM; do
		perl -MPOSIX -e "setsid(); \$SIG{\$_} = q(DEFAULT) for qw(HUP INT QUIT TERM); exec @ARGV" \
		    env TMPDIR="$work/tmp" frontdesk scratch sh -c "echo up >up; exec sleep 20" & pid=$!
		wait_for test -s up && kill -$sig -$pid; got=0; wait $pid || got=$?
		[ $got -gt 128 ] && [ -z "$(ls tmp)" ] && rm up || exit 1
	done &&
	for sig in HUP QUIT TERM; do
		TMPDIR=$work/tmp perl -e "\$SIG{QUIT} = q(DEFAULT); exec @ARGV" frontdesk scratch sh -c "echo up >up; exec sleep 20" & pid=$!
		wait_for test -s up && kill -$sig $pid; got=0; wait $pid || got=$?
		[ $got -gt 128 ] && [ -z "$(ls tmp)" ] && rm up || exit 1
	done
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
check 'status counts who waits, and what was handed to people though nobody wrote' '
	frontdesk init handed && printf "%s\n" "{\"type\":\"message.queued\",\"data\":{\"text\":\"x\",\"bsuid\":\"DE.1\"}}" \
	    "{\"type\":\"message.queued\",\"data\":{\"text\":\"y\",\"bsuid\":\"DE.2\"}}" | wa-send -S handed -q >/dev/null 2>&1
	frontdesk status -S handed | grep -x "people are awaited in 0 conversations" &&
	sqlite3 handed/desk.db "UPDATE conversation SET last_in_ms = NULL, waiting_ms = NULL" &&
	conv list -S handed --ids >ids && [ "$(wc -l <ids)" -eq 2 ] && conv escalate -S handed "$(head -n 1 ids)" &&
	frontdesk status -S handed | grep "^people are awaited in 1 conversation, for " &&
	frontdesk status -S handed --json | jq -e ".waiting_for_people == 1" &&
	conv take -S handed "$(head -n 1 ids)" &&
	frontdesk status -S handed | grep -x "people are awaited in 0 conversations"
'
db=data/frontdesk/desk.db
check 'a stage that ended cleanly is stopped, one that was killed is down' '
	frontdesk status --limit 1h --json >got &&
	jq -e ".stages[] | select(.name == \"ai-reply\") | .state == \"stopped\"" got &&
	sqlite3 $db "UPDATE worker SET pid = 9 WHERE stage = '\''ai-reply'\''" &&
	status 1 frontdesk status --limit 1h >got && grep -x "problem: ai-reply is down" got &&
	sqlite3 $db "INSERT INTO worker (stage, slot, pid, since_ms) VALUES ('\''ai-reply'\'', '\''ai-reply.7'\'', 9, 1);
	    UPDATE worker SET pid = 0 WHERE since_ms > 1" && frontdesk status --limit 1h >got && ! grep "is down" got &&
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
	grep -x "problem: wa-recv --follow is down" got && rm port || exit 1
	wa-recv --listen 127.0.0.1:0 --port-file port --secret-file secret 2>err &
	listener=$!
	wa-recv --follow --poll 100ms & follower=$!
	wait_for test -s port && wait_for frontdesk status &&
	kill $listener $follower && wait $listener && wait $follower &&
	frontdesk status >got && grep -q "^wa-recv  *stopped " got && frontdesk status --json |
	    jq -e ".stages[] | select(.name == \"wa-recv\") | .up == false and .state == \"stopped\"" &&
	touch -d "25 hours ago" data/frontdesk/run/wa-recv.listen.slot &&
	frontdesk status >got && ! grep "^wa-recv  *stopped" got &&
	grep "^wa-recv --follow  *stopped " got
'
check 'a listener that could not begin says why; one that runs is not spoken over' '
	: >empty && status 78 wa-recv --listen 127.0.0.1:0 --secret-file empty 2>err &&
	why=$(sed "s/^wa-recv: //" err) && echo "$why" | grep "^no app secret" &&
	status 1 frontdesk status >got && grep -xF "problem: wa-recv is down: $why" got &&
	frontdesk status --json | jq -e ".stages[] | select(.name == \"wa-recv\") |
	    .state == \"down\" and (.last_failure | startswith(\"no app secret\"))" &&
	rm -f port && { wa-recv --listen 127.0.0.1:0 --port-file port --secret-file secret 2>err & listener=$!; } &&
	wait_for test -s port && frontdesk status >got && ! grep "is down" got &&
	mkdir credentials && : >credentials/app-secret &&
	CREDENTIALS_DIRECTORY=$work/credentials status 78 wa-recv --listen 127.0.0.1:0 2>err &&
	grep -qx "wa-recv: no app secret: put it into /etc/frontdesk/secrets/app-secret" err && frontdesk status >got &&
	! grep "is down" got && kill $listener && wait $listener && rm -f port &&
	frontdesk status >got && ! grep "is down" got && touch -d "25 hours ago" data/frontdesk/run/wa-recv.listen.slot
'
check 'a job that is open for too long is a problem, one that waits is none' '
	sqlite3 $db "INSERT INTO job (stage, key, cause, last_cause, first_ms, due_ms, deadline_ms)
	    VALUES ('\''wa-send'\'', '\''k'\'', '\''e'\'', '\''e'\'', (unixepoch() - 75) * 1000, 9e15, 9e15)" &&
	frontdesk status >got && sqlite3 $db "UPDATE job SET attempt = 1" &&
	status 1 frontdesk status >got && grep "^problem: wa-send: oldest job open for 7[5-9] s$" got &&
	frontdesk status --limit 5m >got && sqlite3 $db "UPDATE job SET attempt = 0, due_ms = 0" &&
	status 1 frontdesk status >got && sqlite3 $db "DELETE FROM job"
'
check 'messages that are queued while nothing sends them are a problem' '
	frontdesk init queued && echo "{\"type\":\"message.received\",\"data\":{\"text\":\"x\",\"phone\":\"491700000001\"}}" |
	    route -S queued -q >/dev/null && frontdesk status -S queued --limit 0s &&
	conv reply -S queued "$(conv list -S queued --ids)" "here we are" && frontdesk status -S queued --limit 1h &&
	unsent="problem: 1 message is queued and no wa-send runs: wa-send --follow, or its service" && sleep 0.02 &&
	status 1 frontdesk status -S queued --limit 10ms >got && grep "^problem" got >problems &&
	echo "$unsent" | same - problems && { wa-send -S queued --follow 2>err & } && sending=$! &&
	wait_for sh -c "frontdesk status -S queued | grep \"^wa-send  *[0-2]\"" &&
	! frontdesk status -S queued --limit 10ms | grep -xF "$unsent" && kill $sending && wait $sending &&
	frontdesk status -S queued --limit 10ms | grep -xF "$unsent"
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
check 'what the provider warns of is named until it takes it back, or for a day' '
	now=$(date +%s) &&
	for name in account-offboarded phone-flagged template-paused phone-unflagged template-reinstated; do
		now=$((now + 1)) && jq -c ".entry[0].time = $((now - 60))" "$top/tests/data/webhooks/$name.json" >"$name"
	done &&
	cat account-offboarded phone-flagged template-paused | wa-recv --stdin >got &&
	status 1 frontdesk status >got && grep "^problem" got >problems && cat >want <<-E && same want problems &&
	problem: the provider says (critical): account_offboarded of account 102000000000001: desk-events --since 1d --type health.alert
	problem: the provider says (warning): number_quality of account 102000000000001: desk-events --since 1d --type health.alert
	problem: the provider says (warning): template_status order_delayed of account 102000000000001: desk-events --since 1d --type health.alert
	E
	cat phone-unflagged template-reinstated | wa-recv --stdin >got &&
	status 1 frontdesk status >got && [ "$(grep -c "^problem" got)" -eq 1 ] &&
	sqlite3 $db "UPDATE event SET time_ms = time_ms - 86400000 WHERE type = '\''health.alert'\''" &&
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
