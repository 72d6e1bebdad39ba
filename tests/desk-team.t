#!/bin/sh
# teams: who is in them, who is there, and whose turn it is
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sql () { sqlite3 -cmd '.timeout 10000' "$db" "$1"; }
for p in anna bert cleo; do desk-user add "$p" || exit 1; done
desk-user add vera --role viewer
# PREFIX N: so many conversations of the queue, aaa00001 ...
open_some () {
	sql "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
	    INSERT INTO conversation (id, instance, contact, number, status, owner, opened_ms, reopened_ms)
	    SELECT '$1' || printf('%05d', i), 'sales', 'c0000001', (SELECT count(*) FROM conversation) + i, 'open', 'queue', 1, 1 FROM n"
}
sql "INSERT INTO instance (name, kind, known, created_ms) VALUES ('sales', 'cloud', 1, 0);
    INSERT INTO contact (id, instance, created_ms) VALUES ('c0000001', 'sales', 0)"
open_some aaa 40
held () { sql "SELECT coalesce(assignee, 'queue'), count(*) FROM conversation WHERE team = '$1' GROUP BY 1 ORDER BY 1" | xargs; }

check 'a team is made, shown, joined and left; the events and the audit say who did it' '
	desk-team add returns anna bert && desk-team add returns bert cleo --json | jq -c "[.type, .subject, .data]" >got &&
	desk-team rm returns cleo && desk-team list --plain >>got && desk-team show returns --json >>got && cat >want <<-E &&
	["team.changed","team/returns",{"team":"returns","added":["cleo"],"actor":"user:me"}]
	returns	2	2
	{"team":"returns","members":[{"user":"anna","availability":"online","open":0,"capacity":null},{"user":"bert","availability":"online","open":0,"capacity":null}]}
	E
	same want got && desk-team add returns anna --json >got && [ ! -s got ] &&
	[ "$(sql "SELECT group_concat(action, char(32)) FROM audit WHERE object = \"returns\"")" = "team.add team.join team.leave" ]
'
check 'what cannot be is refused whole' '
	status 65 desk-team add "a,b" && status 65 desk-team add "" && status 65 desk-team add returns cleo vera &&
	status 66 desk-team add other nobody && status 66 desk-team rm returns cleo && status 66 desk-team show other &&
	status 66 desk-team rm other && status 64 desk-team add && [ "$(desk-team list --plain)" = "returns	2	2" ]
'
check 'round robin: everybody in turn' '
	for i in 1 2 3 4 5; do conv assign aaa0000$i --team returns --round-robin || exit 1; done &&
	[ "$(held returns)" = "anna|3 bert|2" ] &&
	conv assign aaa00006 --team returns --round-robin --json | jq -r ".data.assignee, .data.team, .data.owner" | xargs >got &&
	[ "$(cat got)" = "bert returns user" ]
'
check 'the away and the offline are left out, and do not catch up' '
	desk-user away bert && desk-user show bert --json | jq -e ".availability == \"away\" and (.since | length) == 24" &&
	for i in 7 8; do conv assign aaa0000$i --team returns --round-robin || exit 1; done && [ "$(held returns)" = "anna|5 bert|3" ] &&
	desk-user online bert && for i in 11 12 13 14; do conv assign aaa000$i --team returns --round-robin || exit 1; done &&
	[ "$(held returns)" = "anna|7 bert|5" ] && desk-user offline bert &&
	conv assign aaa00015 --team returns --round-robin && [ "$(held returns)" = "anna|8 bert|5" ] && desk-user online bert
'
check 'saying so twice is one event; me on a personal store, an admin of others' '
	sql "DELETE FROM event WHERE type = \"user.changed\"" && desk-user away && desk-user away && desk-user show me | grep -q "^available  away, since" &&
	desk-user online && status 66 desk-user away nobody && status 65 desk-team add returns vera &&
	sql "SELECT data ->> \"availability\", data ->> \"changed\" FROM event WHERE type = \"user.changed\"" | xargs >got &&
	[ "$(cat got)" = "away|[availability] online|[availability]" ]
'
check 'least loaded: who has the fewest open ones, whatever their turn' '
	conv resolve aaa00001 aaa00003 aaa00005 aaa00007 aaa00008 aaa00012 && sql "SELECT count(*) FROM conversation WHERE assignee = \"anna\" AND status = \"open\"" >got &&
	n=$(cat got) && conv assign aaa00021 --team returns --least-loaded && conv assign aaa00022 --team returns --least-loaded &&
	[ "$(sql "SELECT count(*) FROM conversation WHERE assignee = \"anna\" AND status = \"open\"")" -eq $((n + 2)) ]
'
check 'nobody gets more than their capacity; then it waits in the queue of the team, and that is said' '
	desk-team add small anna cleo && desk-user set cleo --capacity 2 && desk-user away anna &&
	for i in 31 32 33; do conv assign aaa000$i --team small --least-loaded 2>>err || exit 1; done &&
	[ "$(held small)" = "cleo|2 queue|1" ] && grep -q "aaa00033: nobody of small is free" err &&
	conv assign aaa00031 --team small --round-robin && [ "$(held small)" = "cleo|2 queue|1" ] &&
	conv resolve aaa00031 && conv assign aaa00033 --team small --round-robin && [ "$(held small)" = "cleo|3" ] &&
	desk-team show small --plain >got && printf "anna\taway\t4\t\ncleo\tonline\t2\t2\n" >want && same want got
'
check 'wrong use, a team that is not there' '
	status 64 conv assign aaa00034 --round-robin anna && status 64 conv assign aaa00034 --team small --round-robin --least-loaded &&
	status 66 conv assign aaa00034 --team none --round-robin 2>err && grep -q "desk-team list" err &&
	[ "$(sql "SELECT owner FROM conversation WHERE id = \"aaa00034\"")" = queue ]
'
check 'who leaves the desk is in no team; a team that goes keeps its queue' '
	desk-user rm bert && desk-team show returns --json | jq -e "[.members[].user] == [\"anna\"]" &&
	desk-team rm returns && [ "$(desk-team list --plain | cut -f 1)" = small ] && sql "SELECT count(*) FROM conversation WHERE team = \"returns\"" | grep -qv "^0$"
'

check 'a rule deals, too; without such a team it waits in the queue of that name' '
	desk-team add dealt cleo anna && desk-user online anna && desk-user set cleo --capacity 0 &&
	printf "match text /none/ assign team nobodys round robin\nmatch not text /none/ assign team dealt round robin\n" >own &&
	for i in 1 2 3 4; do echo "{\"type\":\"message.received\",\"data\":{\"text\":\"hi\",\"phone\":\"49170000000$i\"}}"; done | route -q -f own >/dev/null &&
	[ "$(held dealt)" = "anna|2 cleo|2" ] &&
	echo "{\"type\":\"message.received\",\"data\":{\"text\":\"none\",\"phone\":\"491700000005\"}}" | route -q -f own 2>err >/dev/null && grep -q "no team is named .nobodys" err && [ "$(held nobodys)" = "queue|1" ]
'

# How many somebody had at most at any moment, as the log tells it.
most () {
	sql "WITH step AS (SELECT seq, data ->> 'assignee' AS who, iif(type = 'conversation.assigned', 1, -1) AS by FROM event
	    WHERE type IN ('conversation.assigned', 'conversation.resolved') AND data ->> 'team' = '$1' AND data ->> 'assignee' IS NOT NULL),
	    had AS (SELECT sum(by) OVER (PARTITION BY who ORDER BY seq) AS n FROM step) SELECT max(n) FROM had"
}
for p in dora emil fred gina; do desk-user add $p --capacity 5 && desk-user offline $p; done
check 'who comes online is given what waits for somebody of their team, the urgent first, within their capacity' '
	desk-team add late dora emil && open_some fff 9 && conv priority fff00009 urgent &&
	for i in 1 2 3 4 5 6 7 8 9; do conv assign fff0000$i --team late --round-robin 2>>err || exit 1; done &&
	conv assign aaa00035 --team late && [ "$(held late)" = "queue|10" ] &&
	desk-user online dora --json | jq -r "select(.type == \"conversation.assigned\") | .subject, .data.actor, .data.assignee" | head -n 3 | xargs >got &&
	[ "$(cat got)" = "conversation/fff00009 system dora" ] && [ "$(held late)" = "dora|5 queue|5" ] &&
	desk-user online emil && [ "$(held late)" = "dora|5 emil|4 queue|1" ] &&
	[ "$(sql "SELECT owner FROM conversation WHERE id = \"aaa00035\"")" = queue ] && [ "$(sql "SELECT count(*) FROM team_wait")" -eq 0 ] &&
	[ "$(sql "SELECT count(*) FROM audit WHERE action = \"conversation.deal\" AND object GLOB \"fff*\"")" -eq 9 ]
'
check 'who is done with one, lets one rest, gives one back or may have more is given the next that waits' '
	desk-user away emil && open_some ggg 6 && for i in 1 2 3 4 5 6; do conv assign ggg0000$i --team late --least-loaded 2>>err || exit 1; done &&
	[ "$(sql "SELECT group_concat(how) FROM team_wait")" = "least loaded,least loaded,least loaded,least loaded,least loaded,least loaded" ] &&
	conv resolve fff00009 && conv snooze fff00001 3h && conv release fff00002 && conv assign fff00003 anna &&
	[ "$(sql "SELECT assignee FROM conversation WHERE id BETWEEN \"ggg00001\" AND \"ggg00004\"" | sort -u)" = dora ] &&
	[ "$(sql "SELECT count(*) FROM team_wait")" -eq 2 ] && desk-user set dora --capacity 6 && [ "$(sql "SELECT conversation FROM team_wait")" = ggg00006 ] &&
	conv take ggg00006 && [ "$(sql "SELECT count(*) FROM team_wait")" -eq 0 ]
'
check 'what rests, is resolved or went elsewhere waits for nobody' '
	desk-user offline dora && open_some hhh 3 && for i in 1 2 3; do conv assign hhh0000$i --team late --round-robin 2>>err || exit 1; done &&
	conv resolve hhh00001 && conv assign hhh00002 --team small && conv snooze hhh00003 3h && desk-user set dora --capacity 50 && desk-user online dora &&
	[ "$(sql "SELECT count(*) FROM conversation WHERE id GLOB \"hhh*\" AND assignee IS NOT NULL")" -eq 0 ] &&
	conv reopen hhh00003 && conv snooze fff00004 1h && [ "$(sql "SELECT assignee FROM conversation WHERE id = \"hhh00003\"")" = dora ]
'
check 'more than one transaction deals is dealt by several' '
	desk-team add crowd fred && desk-user set fred --capacity 0 && open_some kkk 150 && sql "SELECT id FROM conversation WHERE id GLOB \"kkk*\"" >ids &&
	conv assign --team crowd --round-robin - <ids 2>/dev/null && [ "$(held crowd)" = "queue|150" ] && desk-user online fred && [ "$(held crowd)" = "fred|150" ] &&
	desk-user offline fred && desk-user set fred --capacity 5
'
check 'four come online at once, then four processes resolve: within one of even, never over a cap' '
	desk-user offline dora && desk-user offline emil && for p in hans ines jana kurt; do desk-user add $p --capacity 10 && desk-user offline $p; done &&
	desk-team add race hans ines jana kurt && open_some jjj 79 && sql "SELECT id FROM conversation WHERE id GLOB \"jjj*\"" >ids &&
	conv assign --team race --round-robin - <ids 2>/dev/null && running= &&
	for p in hans ines jana kurt; do desk-user online $p & running="$running $!"; done && for pid in $running; do wait "$pid" || exit 1; done &&
	[ "$(held race)" = "hans|10 ines|10 jana|10 kurt|10 queue|39" ] &&
	sql "SELECT id FROM conversation WHERE id GLOB \"jjj*\" AND assignee IS NOT NULL ORDER BY id" >ids && running= &&
	for w in 0 1 2 3; do awk "NR % 4 == $w" ids | conv resolve - & running="$running $!"; done && for pid in $running; do wait "$pid" || exit 1; done &&
	sql "SELECT assignee, count(*) FROM conversation WHERE id GLOB \"jjj*\" AND status = \"open\" GROUP BY 1" >got && cat got && [ "$(wc -l <got)" -eq 4 ] &&
	[ "$(sql "SELECT (max(n) - min(n)) || sum(n) FROM (SELECT count(*) AS n FROM conversation WHERE id GLOB \"jjj*\" AND status = \"open\" GROUP BY assignee)")" = 139 ] &&
	[ "$(most race)" -eq 10 ]
'

each=${LONG:+1000} each=${each:-250}
for how in round-robin least-loaded; do
	team=t-$how
	desk-team add "$team"
	for p in a b c d e; do
		desk-user add "$p.$how" && desk-team add "$team" "$p.$how"
	done
	# e can hold no more than a few of them.
	desk-user set "e.$how" --capacity 7
	prefix=$([ $how = least-loaded ] && echo ddd || echo eee)
	open_some "$prefix" $((4 * each))
	for w in 0 1 2 3; do
		sql "SELECT id FROM conversation WHERE id LIKE '$prefix%' AND number % 4 = $w" >ids.$w
	done
	work_off () { conv assign --team "$team" --"$how" - <ids."$1" 2>err."$1"; }
	check "$how: four processes, $each conversations each, within one of even and never over a cap" '
		before=$(sql "SELECT coalesce(max(seq), 0) FROM event") && running= &&
		for w in 0 1 2 3; do work_off $w & running="$running $!"; done &&
		for pid in $running; do wait "$pid" || exit 1; done && cat err.? && [ "$(cat err.? | wc -c)" -eq 0 ] &&
		sql "SELECT assignee, count(*) FROM conversation WHERE id LIKE \"$prefix%\" GROUP BY 1" >got && cat got &&
		[ "$(sql "SELECT count(*) FROM conversation WHERE id LIKE \"$prefix%\" AND assignee IS NOT NULL")" -eq $((4 * each)) ] &&
		[ "$(sql "SELECT count(*) FROM conversation WHERE assignee = \"e.$how\"")" -eq 7 ] &&
		[ "$(sql "SELECT max(n) - min(n) FROM (SELECT count(*) AS n FROM conversation WHERE id LIKE \"$prefix%\" AND assignee <> \"e.$how\" GROUP BY assignee)")" -le 1 ] &&
		# At every moment, too: as the log tells it.
		[ "$(sql "WITH d AS (SELECT seq, data ->> \"assignee\" AS who FROM event WHERE seq > $before AND type = \"conversation.assigned\" AND data ->> \"assignee\" <> \"e.$how\"),
		    n AS (SELECT seq, sum(who = \"a.$how\") OVER w AS a, sum(who = \"b.$how\") OVER w AS b, sum(who = \"c.$how\") OVER w AS c, sum(who = \"d.$how\") OVER w AS d
			FROM d WINDOW w AS (ORDER BY seq))
		    SELECT count(*) FROM n WHERE max(a, b, c, d) - min(a, b, c, d) > 1")" -eq 0 ]
	'
done
done_testing
