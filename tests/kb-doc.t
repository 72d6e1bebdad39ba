#!/bin/sh
# kb-doc(1): documents listed, shown, changed and taken out; texts that several
# have are kept once
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
mkdir help faq
printf '# Returns\n\n## Time\n\nYou have thirty days.\n' >help/returns.md
printf '# Shops\n\n## Where\n\nThe shop is in Lima.\n\n## When\n\nOpen from nine.\n' >help/shops.md
printf '# Sending back\n\n## How long\n\nYou have  thirty days.\n' >faq/back.md
id () { kb-doc list --source "$1" --ids; }	# SOURCE
# What a question finds, and where else it stands.
found () { kb-search -n 1 "$@" | jq -r '[.source, .section, .title] + [.also // [] | .[].source] | join("|")'; }

kb-ingest help >/dev/null
kb-ingest --collection faq --language en faq >/dev/null
check 'list: table, plain, JSON Lines, ids' '
	kb-doc list >table && head -n 1 table | grep -q "^STATE  *DOCUMENT" &&
	[ "$(wc -l <table)" -eq 4 ] &&
	kb-doc list --plain | cut -f 1,3- >got && cat >want <<-E && same want got &&
	ready	manual	default	1	en	Returns	help/returns.md
	ready	manual	default	2	en	Shops	help/shops.md
	ready	manual	faq	1	en	Sending back	faq/back.md
	E
	kb-doc list --json | jq -e -s "length == 3 and all(.state == \"ready\"
	    and .origin == \"manual\" and .since <= .changed and
	    (has(\"deadline\") | not) and .bytes > 0)" &&
	[ "$(kb-doc list --ids | grep -c "^[0-9a-z]\{8\}$")" -eq 3 ]
'
check 'list: by collection, source, language, origin, state' '
	[ "$(kb-doc list --collection faq --ids | wc -l)" -eq 1 ] &&
	[ "$(kb-doc list --collection faq --collection default --ids | wc -l)" -eq 3 ] &&
	[ "$(kb-doc list --source help/ --ids | wc -l)" -eq 2 ] &&
	[ "$(kb-doc list --source "help/r*" --ids | wc -l)" -eq 1 ] &&
	[ "$(kb-doc list --language de --ids | wc -l)" -eq 0 ] &&
	[ "$(kb-doc list --origin web --ids | wc -l)" -eq 0 ] &&
	[ "$(kb-doc list --state failed --ids | wc -l)" -eq 0 ] &&
	[ "$(kb-doc list --state ready --ids | wc -l)" -eq 3 ]
'
check 'more documents than are read at once, each once' '
	seq 700 | jq -c "{source: \"n/\(.)\", text: \"number \(.)\", collection: \"n\"}" |
		kb-ingest --jsonl >/dev/null &&
	[ "$(kb-doc list --collection n --ids | sort -u | wc -l)" -eq 700 ] &&
	kb-doc list --collection n --ids | kb-doc rm &&
	[ "$(kb-doc list --ids | wc -l)" -eq 3 ] && whole
'
check 'a text of two documents is told once, and each is named' '
	[ "$(kb-search "thirty days" | wc -l)" -eq 1 ] &&
	[ "$(found "thirty days return time")" = "help/returns.md|Time|Returns|faq/back.md" ] &&
	kb-search "thirty days return time" | jq -e ".also[0].section == \"How long\" and
	    .also[0].title == \"Sending back\"" && whole
'
check 'each of its headings is searched, and what is asked for decides which is told' '
	[ "$(found "how long")" = "faq/back.md|How long|Sending back|help/returns.md" ] &&
	printf "# FAQ\n\n## How do I end my plan?\n\nPlease call 555-0100.\n\n## How do I get a lantern?\n\nPlease call 555-0100.\n" >calls.md &&
	kb-ingest calls.md >/dev/null &&
	kb-search lantern | jq -e -s "length == 1 and .[0].section == \"How do I get a lantern?\" and
	    .[0].also[0].section == \"How do I end my plan?\"" &&
	kb-search "end my plan" | jq -e -s ".[0].section == \"How do I end my plan?\"" &&
	kb-doc rm "$(id calls.md)" >/dev/null && whole
'
check 'a text of two documents under the same headings is kept once' '
	printf "# Opening\n\nThe kiosk opens at noon.\n" >k1.md && cp k1.md k2.md &&
	kb-ingest k1.md k2.md >/dev/null &&
	[ "$(base "SELECT count(*) FROM passage WHERE text LIKE \"%kiosk%\"")" -eq 1 ] &&
	kb-search kiosk | jq -e -s "length == 1 and (.[0].also | length) == 1" &&
	kb-doc rm "$(id k1.md)" "$(id k2.md)" >/dev/null && whole
'
check 'it is found by any of its documents, and no other is told of' '
	[ "$(found --collection faq "thirty days")" = "faq/back.md|How long|Sending back" ] &&
	[ "$(found --document "$(id faq/back.md)" "thirty days")" = \
	    "faq/back.md|How long|Sending back" ] &&
	[ "$(found --source help/ "thirty days")" = "help/returns.md|Time|Returns" ] &&
	[ "$(found --language en "thirty days return time")" = \
	    "help/returns.md|Time|Returns|faq/back.md" ]
'
check 'show: all about one, its passages, where else a text stands' '
	kb-doc show "$(id help/shops.md)" >got && grep -q "^title  *Shops$" got &&
	grep -q "^state  *ready$" got && grep -q "^source  *help/shops.md$" got &&
	kb-doc show --passages "$(id help/shops.md)" >got &&
	grep -q "^The shop is in Lima" got && grep -q "^Open from nine" got &&
	kb-doc show --passages --json "$(id help/returns.md)" >got &&
	jq -e ".places == 2 and .section == \"Time\" and .ordinal == 1" got &&
	kb-doc show --json "$(id faq/back.md)" | jq -e ".collection == \"faq\"" &&
	status 66 kb-doc show nothing1 2>err && grep -q "no document nothing1" err
'
check 'control characters of titles do not reach a terminal' '
	printf "{\"source\":\"evil\\\\u001b\",\"title\":\"A\\\\u001b[2J\",\"text\":\"Evil \\\\u001b words\"}\n" |
		kb-ingest --jsonl >/dev/null &&
	{ kb-doc list; kb-doc show "$(id evil\*)"; kb-doc show --passages "$(id evil\*)"; } >got &&
	! grep -q "$(printf "\033")" got && kb-doc rm "$(id evil\*)"
'
check 'show --dropped: the lines that were left out' '
	sqlite3 store/kb.db "INSERT INTO dropped (document, version, line, count)
	    SELECT id, version, \"Imprint | Contact\", 12 FROM document
	    WHERE source = \"help/shops.md\"" &&
	[ "$(kb-doc show --dropped "$(id help/shops.md)")" = "$(printf "12\tImprint | Contact")" ] &&
	kb-doc show --dropped --json "$(id help/shops.md)" |
		jq -e ".count == 12 and .line == \"Imprint | Contact\"" &&
	[ -z "$(kb-doc show --dropped "$(id help/returns.md)")" ] &&
	echo "And more." >>help/shops.md && kb-ingest help >/dev/null &&
	[ -z "$(kb-doc show --dropped "$(id help/shops.md)")" ] && whole
'
check 'edit: a title is searched, and stays when the source is read again' '
	status 1 kb-search zebra >/dev/null &&
	kb-doc edit "$(id help/returns.md)" --title "Zebra refunds" --description Stripes &&
	[ "$(found zebra)" = "help/returns.md|Time|Zebra refunds|faq/back.md" ] && whole &&
	printf "# Returns\n\n## Time\n\nYou have ninety days.\n" >help/returns.md &&
	kb-ingest help >/dev/null && whole &&
	[ "$(found zebra)" = "help/returns.md|Time|Zebra refunds" ] &&
	kb-doc show --json "$(id help/returns.md)" | jq -e "
	    .title == \"Zebra refunds\" and .own_title == \"Returns\" and
	    .description == \"Stripes\"" &&
	kb-doc edit "$(id help/returns.md)" --title "" --json | jq -e ".title == \"Returns\"" &&
	status 1 kb-search zebra >/dev/null && whole
'
check 'a copy takes its place when the first one changes, with its headings' '
	[ "$(found "thirty days")" = "faq/back.md|How long|Sending back" ] &&
	[ "$(found "sending back how long")" = "faq/back.md|How long|Sending back" ]
'
check 'an edit is an event and in the audit' '
	desk-events --type document.ready | jq -r .data.title | grep -qx "Zebra refunds" &&
	[ "$(sqlite3 -readonly store/desk.db "SELECT count(*) FROM audit
	    WHERE action = \"document.edit\"")" -eq 2 ]
'
check 'edit --collection: moved, and still the same to kb-ingest' '
	kb-doc edit "$(id help/shops.md)" --collection moved &&
	[ "$(kb-search --collection moved lima | jq -r .source)" = help/shops.md ] &&
	kb-ingest --prune --json help >got && jq -e -s "all(.state == \"unchanged\")" got &&
	echo "Still more." >>help/shops.md && kb-ingest --prune help >/dev/null &&
	kb-ingest --collection moved --json help/shops.md | jq -e ".state == \"unchanged\"" &&
	[ "$(kb-doc list --source help/shops.md --plain | cut -f 4)" = moved ] &&
	kb-ingest --collection faq help/returns.md >/dev/null &&
	status 65 kb-doc edit "$(kb-doc list --collection faq --source help/ --ids)" \
	    --collection default 2>err && grep -q "has a document of this source" err &&
	kb-doc rm --collection faq --source help/ && whole &&
	mv help/shops.md . && kb-ingest --prune help >/dev/null &&
	[ -z "$(id help/shops.md)" ] && mv shops.md help && kb-ingest help >/dev/null
'
# line SAY COLLECTION SOURCE: what kb-ingest says of a document that is SAY
line () {
	printf "{\"source\":\"%s\",\"%s\":true,\"collection\":\"%s\"}\n" "$3" "$1" "$2" |
		kb-ingest --jsonl --json | jq -r .state
}
check 'edited, moved, and still there or gone at its source' '
	echo "{\"source\":\"w:a\",\"text\":\"A wandering albatross.\",\"collection\":\"web\"}" |
		kb-ingest --jsonl >/dev/null && n=$(id w:a) &&
	kb-doc edit "$n" --title Bird --collection birds &&
	[ "$(line still web w:a)" = unchanged ] && [ "$(line still birds w:a)" = unchanged ] &&
	[ "$(line still faq w:a)" = missing ] && [ "$(line gone faq w:a)" = missing ] &&
	[ "$(kb-doc list --ids --collection birds)" = "$n" ] &&
	kb-doc show --json "$n" | jq -se ".[0].title == \"Bird\"" &&
	[ "$(line gone birds w:a)" = removed ] && [ -z "$(id w:a)" ] && whole
'
check 'what was moved of an archive is still there with it, and goes with it' '
	printf "The bittern booms.\n" >x.txt && printf "The corncrake creaks.\n" >y.txt &&
	python3 -c "import zipfile; z = zipfile.ZipFile(\"b.zip\", \"w\"); z.write(\"x.txt\"); z.write(\"y.txt\")" &&
	printf "{\"source\":\"w:b.zip\",\"base64\":\"%s\",\"collection\":\"web\"}\n" "$(base64 -w 0 b.zip)" |
		kb-ingest --jsonl >/dev/null && n=$(kb-doc list --ids --source "w:b.zip!/x*") &&
	kb-doc edit "$n" --collection birds && kb-doc rm "$(kb-doc list --ids --source "w:b.zip!/y*")" &&
	[ "$(line still web w:b.zip)" = unchanged ] && kb-search bittern >/dev/null &&
	line gone web w:b.zip >got && grep -qx removed got && status 1 kb-search bittern >/dev/null && whole
'
check 'rm: a text passes to another document, and goes with the last' '
	printf "# A\n\nThe platypus lays eggs.\n" >a.md && cp a.md b.md && cp a.md c.md &&
	kb-ingest a.md b.md c.md >/dev/null &&
	[ "$(found platypus)" = "a.md||A|b.md|c.md" ] &&
	kb-doc rm "$(id b.md)" && [ "$(found platypus)" = "a.md||A|c.md" ] && whole &&
	kb-doc rm "$(id a.md)" && [ "$(found platypus)" = "c.md||A" ] && whole &&
	kb-doc rm "$(id c.md)" --json | jq -e ".state == \"removed\" and .source == \"c.md\"" &&
	status 1 kb-search platypus && whole &&
	[ "$(desk-events --type document.removed | jq -r .data.source | grep -c "^[abc].md$")" -eq 3 ]
'
check 'one text many times in one document is one passage' '
	{ for i in 1 2 3 4; do printf "# Part %s\n\nThe same wombat.\n\n" $i; done; } >w.md &&
	kb-ingest w.md >/dev/null && whole &&
	[ "$(kb-search wombat | wc -l)" -eq 1 ] &&
	[ "$(kb-search wombat | jq ".also | length")" -eq 3 ] &&
	printf "# Part 3\n\nThe same wombat.\n" >w.md && kb-ingest w.md >/dev/null &&
	kb-search wombat | jq -e ".title == \"Part 3\" and (has(\"also\") | not)" &&
	whole && kb-doc rm "$(id w.md)"
'
check 'two that swap their texts in one run' '
	printf "# X\n\nThe ibex climbs.\n" >x.md && printf "# Y\n\nThe newt swims.\n" >y.md &&
	kb-ingest x.md y.md >/dev/null &&
	printf "# X\n\nThe newt swims.\n" >x.md && printf "# Y\n\nThe ibex climbs.\n" >y.md &&
	kb-ingest x.md y.md >/dev/null && whole &&
	[ "$(found ibex)" = "y.md||Y" ] && [ "$(found newt)" = "x.md||X" ] &&
	kb-doc rm "$(id x.md)" "$(id y.md)" && whole
'
check 'rm: ids on standard input; what is not there is named' '
	printf "# P\n\nPuma.\n" >p.md && kb-ingest p.md >/dev/null &&
	{ echo nothing1; id p.md; } | status 66 kb-doc rm 2>err &&
	grep -q "no document nothing1" err && [ -z "$(id p.md)" ] &&
	[ -z "$(id p.md | kb-doc rm)" ] && status 64 kb-doc rm x --source y 2>/dev/null
'
check 'rm: on a terminal more than one needs --yes' '
	cp help/returns.md r1.md && kb-ingest r1.md >/dev/null &&
	status 64 timeout 20 script -qec "kb-doc rm --source r1.md --source help/shops.md" /dev/null >got &&
	grep -q "2 documents: --yes" got &&
	timeout 20 script -qec "kb-doc rm --source r1.md" /dev/null && [ -z "$(id r1.md)" ]
'
check 'reindex: the same is found as before' '
	kb-search "thirty days" >one && kb-search lima >>one &&
	kb-doc reindex && kb-doc reindex "$(id faq/back.md)" && whole &&
	kb-search "thirty days" >two && kb-search lima >>two && same one two &&
	status 66 kb-doc reindex nothing1 2>/dev/null
'
check 'edit: a collection is a name, a title a line' '
	status 64 kb-doc edit "$(id faq/back.md)" --collection "a
b" 2>err && grep -q "control characters" err && status 64 kb-doc edit "$(id faq/back.md)" --title "a
b" 2>/dev/null && status 64 kb-doc edit "$(id faq/back.md)" --title "$(head -c 2000 /dev/zero | tr "\0" x)" 2>err &&
	grep -q "at most 1000 bytes" err
'
# What a bad disk leaves of the index: the passages are whole, it can be made.
check 'reindex: a damaged index is made anew' '
	FRONTDESK_STORE=$work/hurt && frontdesk init "$FRONTDESK_STORE" >/dev/null &&
	seq 3000 | sed "s/.*/Paragraph & tells of a walrus, a gnu and number&.\n/" >many.txt &&
	kb-ingest many.txt >/dev/null && kb-search "number77 walrus" >one &&
	while read -r sql; do
		sqlite3 hurt/kb.db "$sql" && kb-doc reindex 2>err && kb-search "number77 walrus" >two && same one two &&
		"${BUILD:-$top/build}/tests/unit-index" hurt || { echo "$sql"; cat err; exit 1; }
	done <<-E &&
		UPDATE segment_blob SET data = zeroblob(length(data)) WHERE data <> zeroblob(length(data))
		UPDATE segment_blob SET data = zeroblob(1)
		DELETE FROM segment_blob
		UPDATE segment_term SET data = randomblob(9) WHERE data IS NOT NULL
		UPDATE segment SET rows = zeroblob(1)
		DELETE FROM segment_term
	E
	sqlite3 hurt/kb.db "UPDATE segment SET rows = zeroblob(1)" && status 65 kb-search walrus 2>err &&
	grep -q "damaged.*kb-doc reindex makes it anew" err && kb-doc reindex 2>err && grep -q "was damaged: it is made anew" err &&
	kb-search walrus >/dev/null && kb-doc reindex 2>err && [ ! -s err ]
'
check 'status: all well is 0, a failed one is named and 1' '
	kb-doc status >got && grep -q "^ready  *3$" got && grep -q "^last ingest" got &&
	printf "%%PDF-1.4" >bad.md && status 65 kb-ingest bad.md >/dev/null 2>&1 &&
	status 1 kb-doc status --json >got 2>err && jq -e "
	    .states.failed == 1 and .states.ready == 3 and .documents == 4 and
	    .passages >= .texts and .file_bytes > 0 and .index_bytes > 0 and
	    .last_ingest.failed == 1" got &&
	grep -q "bad.md: failed: " err &&
	[ "$(kb-doc list --state failed --plain | cut -f 8)" = bad.md ] &&
	frontdesk status | grep -qx "documents: 1 failed, 0 stalled: kb-doc status" &&
	frontdesk status --json | jq -e ".documents == {failed: 1, stalled: 0}" &&
	kb-doc rm "$(id bad.md)" && kb-doc status >/dev/null &&
	! frontdesk status | grep -q "^documents:"
'
check 'what dies on its way is stalled after its deadline, and taken up again' '
	printf "[kb]\nindexing = 200ms\n" >frontdesk.conf &&
	printf "# New\n\nFresh quokka.\n" >new.md &&
	status 137 env FRONTDESK_FAULT=kb-ingest.built-some:1 kb-ingest new.md >/dev/null 2>&1 &&
	[ "$(base "SELECT state FROM document WHERE source = \"new.md\"")" = indexing ] &&
	wait_for sh -c "[ \"\$(kb-doc list --state stalled --ids | wc -l)\" -eq 1 ]" &&
	status 1 kb-doc status 2>err >/dev/null && grep -q "stalled: took longer than" err &&
	kb-doc list --json --state stalled | jq -e ".stalled and .state == \"indexing\"" &&
	kb-ingest help >/dev/null &&
	kb-doc list --state failed --json | jq -e ".reason | test(\"^took longer than\")" &&
	kb-ingest new.md >/dev/null && kb-search quokka >/dev/null && whole &&
	kb-doc status >/dev/null; code=$?; : >frontdesk.conf; exit $code
'
check 'who waits for kb-ingest says so' '
	mkfifo in && { kb-ingest --jsonl <in >/dev/null & } && pids="$pids $!" && exec 3>in &&
	wait_for sh -c "! flock -n store/run/kb-ingest.lock true" &&
	{ kb-doc edit "$(id new.md)" --title Later 2>err 3>&- & } &&
	wait_for grep -q "waiting for the kb-ingest" err && exec 3>&- && wait &&
	kb-doc show --json "$(id new.md)" | jq -e ".title == \"Later\""
'
check 'wrong use is 64, no store is 66' '
	status 64 kb-doc edit "$(id new.md)" 2>/dev/null &&
	status 64 kb-doc edit x --collection "" 2>/dev/null &&
	status 64 kb-doc show 2>/dev/null && status 64 kb-doc show x --passages --dropped 2>/dev/null &&
	status 66 kb-doc list -S nowhere 2>/dev/null &&
	status 66 kb-doc edit nothing1 --title x 2>/dev/null
'
check 'list: a state there is none of' '
	status 64 kb-doc list --state faild 2>err && grep -q "faild.*none of queued.*stalled" err &&
	kb-doc list --state stalled --state ready >/dev/null
'
done_testing
