#!/bin/sh
# conv: many at once by stdin, history, export
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:00Z
export XDG_DATA_HOME FRONTDESK_NOW
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
desk-user add anna
sql () { sqlite3 "$db" "$1"; }
ids () { conv list --ids "$@"; }

check 'a tag for all that are listed, in either order' '
	ids --owner queue | conv tag queued - && [ "$(ids --tag queued | sort | xargs)" = "aaa11111 bbb33333" ] &&
	ids --tag queued | conv untag - queued && [ -z "$(ids --tag queued)" ]
'
check 'one that is not there is named, and the others are done' '
	printf "%s\n" aaa11 "" "  bbb33333  " zzz99 aaa22 aaa | { status 64 conv priority high - 2>err || exit 1; } &&
	[ "$(ids --priority high | sort | xargs)" = "aaa11111 aaa22222 bbb33333" ] && [ "$(wc -l <err)" -eq 2 ] &&
	grep -q "no conversation zzz99" err && grep -q "aaa.*several" err &&
	echo zzz99 | { status 66 conv take - 2>err || exit 1; } && [ "$(wc -l <err)" -eq 1 ]
'
check 'every verb: assign, take, release, escalate, note, reply, pause, resolve, archive' '
	ids | conv assign anna - && [ "$(ids --assignee anna | wc -l)" -eq 3 ] &&
	ids | conv take - && [ "$(ids --assignee me | wc -l)" -eq 3 ] && ids | conv release - && [ "$(ids --owner queue | wc -l)" -eq 3 ] &&
	desk-team add returns anna && ids | conv assign --team returns - && [ "$(ids --team returns | wc -l)" -eq 3 ] &&
	ids | conv escalate "the boss wants it" - && ids | conv note - "for all" && [ "$(conv search for all --ids | wc -l)" -eq 3 ] &&
	ids | conv pause - && ids | conv reply - "we are closed today" --json >got && [ "$(grep -c message.queued got)" -eq 3 ] &&
	ids | conv resolve - && [ -z "$(ids)" ] && ids --status resolved | conv archive - && [ "$(ids --status archived | wc -l)" -eq 4 ] &&
	ids --status all | head -n 3 | conv take - && [ "$(ids | wc -l)" -eq 3 ]
'
check 'who cannot be written to is named, the text is no id' '
	sql "UPDATE conversation SET last_in_ms = 1 WHERE id = \"aaa11111\"" &&
	printf "%s\n" aaa11111 bbb33333 | { status 1 conv reply - hello 2>err || exit 1; } && grep -q "aaa11111.*window has been shut" err &&
	conv show bbb | grep -q "me  *hello" && status 64 conv note - </dev/null 2>err && grep -q "text is an argument" err
'
check 'the text of a reply or a note may stand first; - is never one, nor is an id' '
	sent () { sql "SELECT count(*) FROM message WHERE direction = \"out\" AND (text IN (\"-\", \"real text\") OR text LIKE \"________\")"; } &&
	printf "%s\n" aaa22222 bbb33333 | conv reply "we are back" - && [ "$(conv search "we are back" --ids | sort | xargs)" = "aaa22222 bbb33333" ] &&
	ids | conv note "for every one" - && [ "$(conv search "for every one" --ids | wc -l)" -eq 3 ] &&
	for verb in reply note tag escalate; do echo "real text" | { status 64 conv $verb aaa22222 - 2>err || exit 1; } && grep -q "a text is read from there without it" err || exit 1; done &&
	echo aaa22222 | status 64 conv reply - - 2>err && echo aaa22222 | status 64 conv note - - 2>err && [ "$(sent)" -eq 0 ] &&
	echo "real text" | { status 66 conv reply bbb - 2>err || exit 1; } && [ "$(sent)" -eq 0 ] && [ -z "$(ids --tag aaa22222)" ] &&
	echo aaa22222 | conv reply - --reaction "" >/dev/null 2>err || [ "$(sent)" -eq 0 ]
'
check 'show, history, merge: those of stdin, too' '
	ids >list && conv show - <list >got && while read -r id; do conv show "$id" && echo; done <list | sed "\$d" >want && same want got &&
	ids | conv show - --json | jq -r .subject | sort -u | grep -c conversation/ | grep -qx 3 &&
	printf "%s\n" zzz99 aaa11 | { status 66 conv show - >got 2>err || exit 1; } && grep -q "Where is my parcel" got && grep -q "no conversation zzz99" err &&
	status 64 conv show - --follow </dev/null 2>err && grep -q "of one conversation" err &&
	printf "%s\n" aaa11 nobody | { status 66 conv history - >got 2>err || exit 1; } && grep -q "Where is my parcel" got && grep -q "no contact or conversation nobody" err
'
check 'what never ends on stdin is refused at the limit' '
	{ timeout 20 conv reply aaa22222 </dev/zero 2>err; [ $? -eq 65 ]; } && grep -q "longer than 65536 bytes" err &&
	{ yes | timeout 20 conv note aaa22222 2>err; [ $? -eq 65 ]; } && grep -q "longer than 65536 bytes" err
'
check 'history: all conversations of a customer, the oldest first' '
	sql "INSERT INTO conversation (id, instance, contact, number, status, owner, opened_ms, reopened_ms)
		VALUES (\"ddd55555\", \"sales\", \"c0000001\", 2, \"archived\", \"ai\", 1795000000000, 1795000000000);
	    INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		VALUES (\"01M80000000000000000000001\", \"sales\", \"ddd55555\", \"c0000001\", \"in\", \"text\", 1795000000000, 1795000000000, \"long ago\")" &&
	for who in 491701111111 "Mara Weiss" aaa11 ddd55555 c0000001; do conv history "$who" | grep -e "^conversation" -e "long ago" -e "Where is my"; done >got &&
	for i in 1 2 3 4 5; do cat <<-E; done >want && same want got
	conversation ddd55555  archived  sales  opened 2026-11-18
	11:06  Mara Weiss      long ago
	conversation aaa11111  $(conv list --json --status all --contact aaa11 | jq -r "select(.conversation == \"aaa11111\").status")  sales  opened 2026-11-23
	11:50  Mara Weiss      Where is my parcel?
	E
'
check 'history: the last messages, whichever conversation they are of; JSON; nobody' '
	n=$(sql "SELECT count(*) FROM message WHERE conversation = \"aaa11111\" AND kind NOT IN (\"edit\", \"reaction\")") &&
	conv history aaa11 -n "$n" >got && ! grep -q "long ago" got && grep -q "Where is my" got &&
	conv history aaa11 -n $((n + 1)) | grep -q "long ago" && conv history aaa11 --json | jq -e .type >/dev/null &&
	status 66 conv history nobody 2>err && grep -q "no contact or conversation nobody" err
'
check 'export: everything, as JSON Lines' '
	conv export aaa11 >got && jq -r "select(.record).record" got | sort | uniq -c | sed "s/^ *//" >kinds &&
	printf "%s\n" "1 contact" "1 conversation" "$(sql "SELECT count(*) FROM message WHERE conversation = \"aaa11111\"") message" >want && same want kinds &&
	jq -c "select(.record == \"message\") | [.message, .text]" got >texts &&
	sql "SELECT json_array(id, text) FROM message WHERE conversation = \"aaa11111\" ORDER BY wa_ms, coalesce((SELECT seq FROM event WHERE event.id = message.id), 0), id" >want && same want texts &&
	jq -se "map(select(.record == \"contact\"))[0].names[0].value == \"491701111111\"" got >/dev/null &&
	[ "$(jq -c "select(.specversion)" got | wc -l)" -eq "$(conv show aaa11 --json | wc -l)" ] &&
	conv export aaa11 bbb33 | jq -r "select(.record == \"conversation\").conversation" | xargs >got && echo aaa11111 bbb33333 >want && same want got
'
check 'export: media by their hash, the ladder, the sources' '
	sql "INSERT INTO media_file VALUES (\"ab\", 7, \"image/jpeg\", 0); INSERT INTO media (message, sha256, updated_ms) VALUES (\"01M85000000000000000000006\", \"ab\", 0);
		INSERT OR IGNORE INTO message_status (instance, wamid, status, wa_ms, message) VALUES (\"sales\", \"wamid.2\", \"read\", 5000, \"01M85000000000000000000002\")" &&
	conv export aaa11 | jq -se "map(select(.message == \"01M85000000000000000000006\"))[0].media == {sha256: \"ab\", mime: \"image/jpeg\", bytes: 7}" >/dev/null &&
	conv export aaa11 | jq -se "map(select(.message == \"01M85000000000000000000002\"))[0] | .statuses[-1].status == \"read\" and .reply.sources[0].title == \"Shipping\"" >/dev/null
'
check 'export: more than a page of messages, each once' '
	sql "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		SELECT printf(\"P%025d\", n), \"help\", \"bbb33333\", \"c0000003\", \"in\", \"text\", 1795435000000 + n / 9 * 1000, 7, n FROM n" &&
	conv export bbb | jq -r "select(.record == \"message\").message" | grep ^P | sort >got && seq 1000 | xargs -n 1 printf "P%025d\n" >want && same want got
'
check 'export: by stdin, one that is not there is named' '
	printf "aaa11\nzzz99\naaa22\n" | { status 66 conv export - >got 2>err || exit 1; } && grep -q zzz99 err &&
	[ "$(jq -r "select(.record == \"conversation\").conversation" got | xargs)" = "aaa11111 aaa22222" ] &&
	status 64 conv export --text --html aaa11
'
check 'export --text and --html: shown, not obeyed' '
	sql "UPDATE message SET text = \"<script>alert(1)</script> & <img src=x onerror=y> q \" || char(27) || \"[2J\" WHERE id = \"01M85000000000000000000001\"" &&
	conv export --text aaa11 >got && grep -qF "<script>alert(1)</script> &" got && ! grep -q "$(printf "\033")" got &&
	conv export --html aaa11 aaa22 >got && [ "$(grep -c "<article id" got)" -eq 2 ] && grep -qF "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img" got &&
	! grep -q "<script\|<img" got && ! grep -q "$(printf "\033")" got && grep -qF "default-src" got &&
	python3 - got <<-E
	import html.parser, sys
	class P(html.parser.HTMLParser):
	    seen = set()
	    def handle_starttag(self, tag, attrs): self.seen.add(tag)
	p = P(); p.feed(open(sys.argv[1]).read())
	assert p.seen <= {"html", "head", "meta", "title", "style", "body", "article", "h1", "pre"}, p.seen
	E
'
check 'a full disk is an error' '
	status 74 conv export aaa11 >/dev/full && status 74 conv history aaa11 >/dev/full && status 74 conv search script >/dev/full
'
done_testing
