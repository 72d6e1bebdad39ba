#!/bin/sh
# conv search: all the words, newest first, and nothing of what was erased
. "${0%/*}/lib.sh"

XDG_DATA_HOME=$work/data FRONTDESK_NOW=2026-11-23T12:00:00Z
export XDG_DATA_HOME FRONTDESK_NOW
db=$XDG_DATA_HOME/frontdesk/desk.db
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$db" <"$top/tests/data/desk.sql"
sql () { sqlite3 "$db" "$1"; }
# ID TEXT [MINUTES-AGO [CONVERSATION [KIND [CONTENT]]]]
say () {
	sql "INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text, content)
		SELECT '$1', instance, id, contact, 'in', '${5:-text}', 1795435200000 - 60000 * ${3:-1}, 0,
		nullif('$2', ''), nullif('${6-}', '') FROM conversation WHERE id = '${4:-aaa22222}'"
}
# The messages found, by the last letter of their ids.
found () { conv search --json "$@" | jq -r '.message[-1:]' | xargs | tr -d ' '; }

check 'all words are wanted, in any order, newest first' '
	[ "$(found parcel)" = 1 ] && conv search one moment --json | jq -r .text >got && echo "one moment" >want &&
	same want got && say M0000000000000000000000A "my parcel is late" 5 && say M0000000000000000000000B "late again, the Parcel!" 2 &&
	say M0000000000000000000000C "a parcel" 900 && [ "$(found parcel)" = BA1C ] &&
	[ "$(found late parcel)" = BA ] && [ "$(found parcel LATE again)" = B ] &&
	status 1 conv search parcel nowhere >got && [ ! -s got ]
'
check 'case and accents do not matter, words are whole' '
	say M0000000000000000000000D "Où est ma COMMANDE numéro 12-34?" 1 && say M0000000000000000000000E "Πότε έρχεται; ёлка straße" 1 &&
	[ "$(found ou commande)" = D ] && [ "$(found "numéro" 34)" = D ] && [ "$(found 12-34)" = D ] &&
	[ "$(found ποτε)" = E ] && [ "$(found елка)" = E ] && [ "$(found STRASSE)" = E ] &&
	status 1 conv search commander >/dev/null && status 1 conv search comm >/dev/null
'
check 'a word and a star: all that begin so' '
	[ "$(found "comm*")" = D ] && [ "$(found "parc*" "la*")" = BA ] && [ "$(found "c*" "ou")" = D ] &&
	status 1 conv search "arcel*" >/dev/null && status 64 conv search "*" 2>err && grep -q "no word" err
'
check 'Hindi, Arabic, Chinese, Thai' '
	say M0000000000000000000000F "मेरा पार्सल कहाँ है" 1 && say M0000000000000000000000G "أين طَرْدي" 1 &&
	say M0000000000000000000000H "我的包裹在哪里" 1 && say M0000000000000000000000J "พัสดุของฉันอยู่ที่ไหน" 1 &&
	[ "$(found पार्सल)" = F ] && [ "$(found طردي)" = G ] && [ "$(found 包裹)" = H ] && [ "$(found 裹)" = H ] &&
	status 1 conv search 包在 >/dev/null && [ "$(found พัสดุ)" = J ]
'
check 'a nukta does not matter, nor the stroke of a Vietnamese d' '
	say M00000000000000000000001A "ज़रूरी है, क़ीमत बढ़ गई" 1 && say M00000000000000000000001B "जरूरी" 1 && say M00000000000000000000001C "Đặt hàng rồi" 1 &&
	[ "$(found जरूरी)" = BA ] && [ "$(found "$(printf "\340\245\233रूरी")")" = BA ] && [ "$(found ज़रूरी कीमत बढ)" = A ] &&
	[ "$(found dat hang)" = C ] && [ "$(found đặt)" = C ] &&
	sql "DELETE FROM message WHERE id GLOB \"M00000000000000000000001?\""
'
check 'captions, names of files, voice notes, notes; no reactions' '
	say M0000000000000000000000K "" 1 aaa22222 document "{\"document\":{\"filename\":\"Rechnung-Zebra.pdf\"}}" &&
	say M0000000000000000000000L "my garden gnome" 1 aaa22222 image && say M0000000000000000000000M "" 1 aaa22222 voice "{}" &&
	sql "INSERT INTO transcript (message, text, updated_ms) VALUES (\"M0000000000000000000000M\", \"please call the lighthouse\", 0)" &&
	[ "$(found zebra)" = K ] && [ "$(found gnome)" = L ] && status 1 conv search image gnome && [ "$(found lighthouse)" = M ] &&
	conv note aaa22 "she likes tulips" && conv search tulips --json | jq -e "select(.direction == \"note\" and .author == \"user:me\")" &&
	say M0000000000000000000000N "umbrella" 1 aaa22222 reaction && status 1 conv search umbrella
'
check 'filters of list, since, how many, ids, the table' '
	say M0000000000000000000000P "common thing" 30 aaa11111 && say M0000000000000000000000Q "common thing" 20 bbb33333 &&
	say M0000000000000000000000R "common thing" 10 ccc44444 && say M0000000000000000000000S "common thing" 5 ccc44444 &&
	[ "$(found common)" = SRQP ] && [ "$(found common --instance help)" = Q ] && [ "$(found common --tag vip)" = P ] &&
	[ "$(found common --status resolved)" = SR ] && [ "$(found common --contact 491704444444)" = SR ] &&
	[ "$(found common --assignee me)" = SR ] && [ "$(found common --since 15m)" = SR ] && [ "$(found common -n 3)" = SRQ ] &&
	[ "$(found "co*" thing --waiting)" = QP ] && [ "$(found common --owner queue -n 1)" = Q ] &&
	conv search common --ids >got && printf "%s\n" ccc44444 bbb33333 aaa11111 >want && same want got &&
	conv search common --assignee me >got && cat >want <<-E && same want got
	TIME              ID        WHO           TEXT
	2026-11-23 11:55  ccc44444  Old Customer  common thing
	2026-11-23 11:50  ccc44444  Old Customer  common thing
	E
'
check 'a long text is shown where the word is, and never obeyed' '
	say M0000000000000000000000T "$(printf "filler %.0s" $(seq 60))and here the walrus$(printf "\033")[31m sings" 1 &&
	conv search walrus | tail -n 1 >got && grep -q "…filler filler .*and here the walrus" got && ! grep -q "$(printf "\033")" got
'
check 'what changes is found by what it is now, what is gone not at all' '
	say M0000000000000000000000U "before" 1 && [ "$(found before)" = U ] &&
	sql "UPDATE message SET text = \"afterwards\" WHERE id = \"M0000000000000000000000U\"" &&
	status 1 conv search before && [ "$(found afterwards)" = U ] &&
	sql "UPDATE transcript SET text = \"please call the harbour\"" && status 1 conv search lighthouse && [ "$(found harbour)" = M ] &&
	sql "UPDATE message SET erased = 1, text = NULL WHERE id = \"M0000000000000000000000U\"" && status 1 conv search afterwards &&
	sql "DELETE FROM message WHERE id = \"M0000000000000000000000T\"" && status 1 conv search walrus
'
check 'more than a page of them: each once, in order' '
	sql "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9000)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		SELECT printf(\"N%025d\", n), \"sales\", \"aaa22222\", \"c0000002\", \"in\", \"text\", 1795000000000 + n / 3 * 1000, 0,
		\"heron \" || n || iif(n % 2, \" odd\", \" even\") FROM n" &&
	conv search heron -n 0 --plain | cut -f4 >got && [ "$(wc -l <got)" -eq 9000 ] && [ "$(sort -u got | wc -l)" -eq 9000 ] &&
	conv search "h*" odd -n 0 --json | jq -r .time >times && [ "$(wc -l <times)" -eq 4500 ] && sort -r times | cmp - times &&
	[ "$(sql "SELECT count(*) FROM word_due")" -eq 0 ] && conv search heron 4711 --json | jq -e ".text == \"heron 4711 odd\""
'
check 'a common word and a filter that few old ones fit: all of them, newest first, also by the page' '
	sql "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 80)
		INSERT INTO conversation (id, instance, contact, number, status, owner, priority, language, opened_ms, reopened_ms)
		SELECT printf(\"n%07d\", n), instance, contact, 1000 + n, \"resolved\", owner, \"low\", iif(n = 7, \"nl\", \"sv\"), 1, 1
		FROM n, conversation WHERE id = \"aaa22222\";
	WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		SELECT printf(\"P%025d\", n), \"sales\", printf(\"n%07d\", 1 + n % 80), \"c0000002\", \"in\", \"text\", 1700000000000 + n * 1000, 0,
		\"heron \" || iif(n % 4, \"stork\", \"swan\") FROM n;
	INSERT INTO conversation_tag SELECT id, \"marsh\" FROM conversation WHERE language = \"sv\"" &&
	want () { sql "SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation WHERE m.text LIKE \"heron%\" AND $1 ORDER BY wa_ms DESC, m.id DESC" >want; }
	want "c.language = \"sv\"" && [ "$(wc -l <want)" -eq 395 ] && conv search heron --language sv -n 0 --json | jq -r .message | same want - && conv search heron --tag marsh -n 0 --json | jq -r .message | same want - &&
	conv search "heron*" --language sv -n 0 --json | jq -r .message | same want - && conv search heron --language sv -n 3 --json | jq -r .message >got && head -n 3 want | same - got &&
	want "c.language IN (\"sv\", \"nl\") AND m.text LIKE \"%swan\"" && conv search heron swan --language sv,nl -n 0 --json | jq -r .message | same want - &&
	want "c.language = \"nl\"" && conv search heron --language nl --json | jq -r .message | same want - &&
	want "c.priority = \"low\" AND m.wa_ms >= 1700000200000" && conv search heron --priority low --since 2023-11-14T22:16:40Z -n 0 --json | jq -r .message | same want - &&
	want "1 = 1" && conv search heron --instance sales -n 0 --json | jq -r .message | same want - && status 1 conv search heron --language da
'
check 'who may not write finds what the index has, and is told' '
	say M0000000000000000000000V "newest heron" 1 && flock "$db-lock-b" env FRONTDESK_LOCK_WAIT=100ms conv search heron -n 1 --json >got 2>err &&
	grep -q "the newest messages are not looked at" err && [ "$(jq -r .text got)" = "heron 9000 even" ] && [ "$(found newest)" = V ]
'

# Every message has a word of its own; whose number is odd is erased.
fill () {
	sql "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		SELECT printf(\"Q%025d\", n), \"sales\", \"aaa22222\", \"c0000002\", \"in\", \"text\", 1795100000000 + n * 1000, 0,
		printf(\"%szyx%04d filling words %.*c %s\", iif(n % 7, \"\", \"ZYX%04d\"), n, n * 7 % 90, \"p\", iif(n % 50, \"\", printf(\"%.*c\", 9000, \"l\"))) FROM n"
}
words () { cat "$db"* | LC_ALL=C grep -aoiE 'zyx[0-9]{4}' | tr Z z | tr YX yx | sort -u; }
check 'erasing leaves no byte of a word, once frontdesk maintain has run' '
	fill && conv search zyx0002 >/dev/null && [ "$(words | wc -l)" -eq 2000 ] &&
	sql "UPDATE message SET erased = 1, text = NULL WHERE id GLOB \"Q*\" AND substr(id, -1) % 2 = 1" &&
	status 1 conv search zyx0003 && frontdesk maintain && words >left &&
	[ "$(wc -l <left)" -eq 1000 ] && ! grep -q "[13579]$" left && [ "$(conv search zyx0004 --plain | wc -l)" -eq 1 ] &&
	[ "$(conv search filling -n 0 --ids)" = aaa22222 ] && [ "$(conv search filling -n 0 --plain | wc -l)" -eq 1000 ] &&
	[ "$(sql "SELECT count(*) FROM meta WHERE key GLOB \"scrub*\"")" -eq 0 ] && [ "$(sql "PRAGMA integrity_check")" = ok ] &&
	sql "INSERT INTO word_index (word_index) VALUES (\"integrity-check\")"
'
check 'a message erased before its words were made never has any' '
	say M0000000000000000000000W "quokka" 1 && sql "UPDATE message SET erased = 1, text = NULL WHERE id = \"M0000000000000000000000W\"" &&
	frontdesk maintain && status 1 conv search quokka && ! cat "$db"* | grep -aqi quokka
'
check 'the last is erased: nothing is left' '
	sql "UPDATE message SET erased = 1, text = NULL, content = NULL WHERE text IS NOT NULL OR content IS NOT NULL" && frontdesk maintain &&
	[ -z "$(words)" ] && ! cat "$db"* | LC_ALL=C grep -aqiE "heron|parcel|gnome|harbour|lighthouse|zebra|commande" &&
	[ "$(sql "SELECT count(*) FROM word_doc")" -eq 0 ]
'
check 'an upgrade makes the words of what is there' '
	frontdesk init old >/dev/null && sqlite3 old/desk.db "SELECT printf('\''INSERT INTO meta VALUES (%Q, %Q);'\'', key, value) FROM meta" >meta.sql &&
	id=$(sqlite3 old/desk.db "PRAGMA application_id") && rm old/desk.db* &&
	{ for f in "$top"/share/schema/desk-*.sql; do n=${f##*/desk-}; [ "${n%%-*}" -gt 14 ] || cat "$f"; done
	  cat meta.sql; echo "PRAGMA application_id = $id; PRAGMA user_version = 14; PRAGMA journal_mode = WAL;"; } | sqlite3 -bail old/desk.db &&
	sqlite3 -bail old/desk.db <"$top/tests/data/desk.sql" &&
	frontdesk upgrade --store old && [ "$(sqlite3 old/desk.db "SELECT count(*) FROM word_due")" -eq 0 ] &&
	[ "$(conv search -S old parcel --json | jq -r .message)" = 01M85000000000000000000001 ]
'
# The bodies of one message, edited twice; TAKE has the lines that come.
edits () {
	printf "%s\n" '{"text":"alpha one"}' '{"edit":"beta two"}' '{"edit":"gamma three"}' |
		jq -c '. + {from: "4917", timestamp: (input_line_number * 10 + 1795435000 | tostring)}' | wa-sim --bodies
}
take () { sed -n "$1" bodies | wa-recv -S edited --stdin >/dev/null; }
# What each of the words finds in the store: texts, "-" for nothing.
finds () { for w in alpha beta gamma; do conv search -S edited $w --json >one || echo '{"text":"-"}' >one; jq -r .text one; done | xargs; }
fresh () { rm -rf edited && frontdesk init edited >/dev/null; }
show_it () { conv show -S edited "$@" "$(conv list -S edited --ids)"; }
check 'an edited message is found by its words of now alone, and marked' '
	edits >bodies && fresh && take 1p && [ "$(finds)" = "alpha one - -" ] && take 2p && [ "$(finds)" = "- beta two -" ] && take 3p &&
	[ "$(finds)" = "- - gamma three" ] && conv search -S edited gamma --json >got && [ "$(jq -r "[.kind, .edited] | join(\" \")" got)" = "text true" ] &&
	conv search -S edited gamma | grep -q "  gamma three (edited)$" && conv search -S edited gamma --plain | grep -q "gamma three (edited)$" &&
	conv list -S edited --json >got && [ "$(jq -r "[.text, .text_edited] | join(\" \")" got)" = "gamma three true" ] &&
	conv list -S edited | grep -q "  gamma three (edited)$" && conv list -S edited --plain | cut -f14 | grep -qx "gamma three" &&
	sqlite3 edited/desk.db "INSERT INTO word_index (word_index) VALUES (\"integrity-check\")"
'
check 'a message that was deleted since is marked, in the list and where it is found' '
	printf "%s\n" "{\"text\":\"delta one\"}" "{\"edit\":\"delta two\"}" "{\"revoke\":true}" | jq -c ". + {from: \"4917\", timestamp: (input_line_number * 10 + 1795435000 | tostring)}" | wa-sim --bodies >bodies &&
	fresh && take 1,2p && conv list -S edited --json | jq -e ".text_deleted | not" && take 3p && conv list -S edited --json | jq -e ".text_deleted and .text == \"delta two\"" &&
	conv list -S edited | grep -q "  delta two (deleted)$" && conv search -S edited delta | grep -q "  delta two (deleted)$" && conv search -S edited delta --json | jq -e ".deleted" &&
	show_it >got && grep -q "deleted by the customer" got; code=$?; edits >bodies; [ "$code" -eq 0 ]
'
check 'edits that come twice, out of order, or before their message' '
	fresh && take 1,3p && take "2p;3p" && [ "$(finds)" = "- - gamma three" ] && fresh && take 1p && take 3p && take 2p && [ "$(finds)" = "- - gamma three" ] &&
	fresh && take 3p && [ "$(finds)" = "- - gamma three" ] && show_it >got &&
	grep -q "  \[edit\] gamma three$" got && grep -q "edited; what it was before is not here" got &&
	take 2p && take 1p && [ "$(finds)" = "- - gamma three" ] && [ "$(conv search -S edited gamma --json | jq -r .kind)" = text ] &&
	show_it >got && ! grep -q "\[edit\]\|not here" got && grep -q "edited; before: alpha one" got &&
	show_it -n 1 >got && ! grep -q "\[edit\]" got
'
check 'the words of an edit go when it is erased; only who wrote a message can edit it' '
	sqlite3 edited/desk.db "UPDATE message SET erased = 1, text = NULL, content = NULL WHERE kind = \"edit\"" && [ "$(finds)" = "alpha one - -" ] &&
	frontdesk maintain --store edited && ! cat edited/desk.db* | grep -aq gamma && fresh && take 1p && take 3p &&
	sqlite3 edited/desk.db "UPDATE message SET direction = \"echo\" WHERE kind = \"edit\"; INSERT INTO word_again SELECT id FROM message" &&
	[ "$(finds)" = "alpha one - gamma three" ] && conv list -S edited | grep -q "alpha one$"
'
check 'a list that stays shows the words of now' '
	fresh && take 1p && { conv list -S edited --watch --json >watched & w=$!; pids="$pids $w"; } && wait_for grep -q "alpha one" watched && take 2p &&
	wait_for grep -q "\"changed\".*beta two\|beta two.*\"changed\"" watched && kill $w
'
check 'an upgrade takes the words of old out of the index' '
	fresh && sqlite3 edited/desk.db "DROP VIEW word_again; SELECT '\''DROP TRIGGER '\'' || name || '\'';'\'' FROM sqlite_schema
		WHERE type = '\''trigger'\'' AND name GLOB '\''word_edit*'\''" >drop.sql && sqlite3 edited/desk.db <drop.sql && rm -f drop.sql &&
	take 1p && [ "$(finds)" = "alpha one - -" ] && take 2,3p && [ "$(finds)" = "gamma three - -" ] &&
	sqlite3 edited/desk.db "DROP TABLE rule_revision; PRAGMA user_version = 22" &&
	frontdesk upgrade --store edited && [ "$(finds)" = "- - gamma three" ] &&
	sqlite3 edited/desk.db "INSERT INTO word_again SELECT id FROM message; UPDATE message SET text = text || '\'' क़ीमत'\''" &&
	[ "$(finds)" = "- - gamma three क़ीमत" ] && sqlite3 edited/desk.db "UPDATE word_doc SET words = words || char(0x93c); DROP TABLE rule_revision; PRAGMA user_version = 23" &&
	frontdesk upgrade --store edited && sqlite3 edited/desk.db "SELECT words FROM word_doc" >got && echo "gamma three कीमत" | same got -
'
check 'two at once, and receiving meanwhile: nothing is lost, nothing double' '
	frontdesk init busy >/dev/null && export FRONTDESK_STORE=$work/busy && unset FRONTDESK_NOW &&
	perl -e "print qq({\"from\":\"491\$_\",\"name\":\"N\",\"text\":\"otter \$_\"}\n) for 1000 .. 1999" | wa-sim --bodies >bodies &&
	{ wa-recv --stdin <bodies >/dev/null & r=$!
	for i in 1 2 3 4 5 6; do conv search otter >/dev/null & conv search otter 1500 >/dev/null & wait $!; done; wait $r; } &&
	conv search otter -n 0 --plain | cut -f4 | sort >got && seq -f "otter %.0f" 1000 1999 | sort >want && same want got &&
	sqlite3 busy/desk.db "INSERT INTO word_index (word_index) VALUES (\"integrity-check\")"
'
check 'wa-recv --follow makes the words of many when nothing else is to do' '
	frontdesk init idle >/dev/null && export FRONTDESK_STORE=$work/idle && sqlite3 -bail idle/desk.db <"$top/tests/data/desk.sql" &&
	sqlite3 idle/desk.db "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900)
		INSERT INTO message (id, instance, conversation, contact, direction, kind, wa_ms, stored_ms, text)
		SELECT printf(\"N%025d\", n), \"sales\", \"aaa22222\", \"c0000002\", \"in\", \"text\", n, 0, \"badger \" || n FROM n" &&
	{ wa-recv --follow & r=$!; pids="$pids $r"; } && few () { [ "$(sqlite3 idle/desk.db "SELECT count(*) FROM word_due")" -lt 256 ]; } &&
	wait_for few && kill $r && wait $r && [ "$(conv search badger -n 0 --plain | wc -l)" -eq 900 ]
'
check 'an index that is broken is told, and messages still come in' '
	export FRONTDESK_STORE=$work/idle && sqlite3 idle/desk.db "DROP TABLE word_index; UPDATE message SET text = text || 1 WHERE id GLOB \"N*\"" &&
	{ wa-recv --follow 2>err & r=$!; pids="$pids $r"; } && wait_for grep -q "words of messages are left for later" err &&
	sleep 0.5 && kill -0 $r && kill $r && wait $r && [ "$(grep -c "left for later" err)" -eq 1 ]
'
done_testing
