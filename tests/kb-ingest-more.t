#!/bin/sh
# kb-ingest(1): lists, origins, --force, what --prune never takes, progress
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
mkdir -p help/sub
for n in one two three; do printf '# %s\n\nAbout %s.\n' $n $n >help/$n.md; done
printf '# Four\n\nAbout four.\n' >help/sub/four.md
show () { kb-doc list --source "$1" --json; }

check '-0: paths on standard input, any bytes but NUL in them' '
	mkdir odd && printf "Odd.\n" >"odd/a
b.md" && printf "Even.\n" >"odd/c d.md" &&
	find odd -type f -print0 | sort -z | kb-ingest -0 --json >got &&
	jq -e -s "map(.source) == [\"odd/a\nb.md\", \"odd/c d.md\"] and
	    all(.state == \"ready\")" got &&
	printf "nowhere.md\0odd/c d.md" | status 65 kb-ingest -0 --plain >got 2>err &&
	grep -q "^kb-ingest: nowhere.md: No such file" err && grep -q "^unchanged.*odd/c d.md" got &&
	status 64 kb-ingest -0 x 2>/dev/null && status 64 kb-ingest -0 --jsonl 2>/dev/null
'
check '--origin, and what a line tells of its document' '
	kb-ingest --origin drive help >/dev/null &&
	show help/one.md | jq -e ".origin == \"drive\" and (has(\"url\") | not)" &&
	cat >lines <<-E &&
	{"source":"w","text":"Web words.","origin":"web","url":"https://example.com/w","description":"D","modified":"2026-01-02T03:04:05Z","mine":1}
	{"source":"v","text":"Voices.","origin":"Bad Word"}
	{"source":"u","text":"Unions.","modified":"yesterday"}
	E
	status 65 kb-ingest --jsonl <lines >got 2>err &&
	grep -q "stdin:2: origin" err && grep -q "stdin:3: modified" err &&
	jq -e ".mine == 1 and .state == \"ready\"" got &&
	show w | jq -e ".origin == \"web\" and .url == \"https://example.com/w\" and
	    .description == \"D\" and .modified == \"2026-01-02T03:04:05.000Z\"" &&
	kb-search "web words" | jq -e ".url == \"https://example.com/w\"" &&
	status 64 kb-ingest --origin "A b" help 2>err && grep -q "no word" err
'
check 'what is told of a document is kept also when its text is as it was' '
	echo "{\"source\":\"w\",\"text\":\"Web words.\",\"url\":\"https://example.com/new\"}" |
		kb-ingest --origin web --jsonl | jq -e ".state == \"unchanged\"" &&
	show w | jq -e ".url == \"https://example.com/new\" and .description == \"D\"" &&
	kb-ingest --origin manual help | grep -q "0 ready, 4 unchanged" &&
	show help/one.md | jq -e ".origin == \"manual\""
'
check '--force reads again what has not changed' '
	kb-ingest --json help | jq -e -s "all(.state == \"unchanged\")" &&
	kb-ingest --json --force help | jq -e -s "length == 4 and all(.state == \"ready\")" &&
	whole
'
# What must still be there after a run that did not see everything.
kept () { [ "$(kb-doc list --source "help/" --ids | wc -l)" -eq 4 ] && kb-search "about four" >/dev/null; }
check '--prune takes nothing where a part could not be listed' '
	rm help/one.md && deep=help/deep && mkdir $deep &&
	for i in $(seq 33); do deep=$deep/d; mkdir $deep; done &&
	status 65 kb-ingest --prune help 2>err >/dev/null && grep -q "folders deep" err &&
	kept && rm -r help/deep
'
check '--prune takes nothing from a folder that may not be read' '
	mkdir help/locked && printf "# L\n\nLocked.\n" >help/locked/l.md && chmod 0 help/locked &&
	if [ "$(id -u)" -ne 0 ]; then
		status 65 kb-ingest --prune help 2>err >/dev/null &&
		grep -q "help/locked: " err && kept
	fi; code=$?; chmod 700 help/locked; rm -r help/locked; exit $code
'
check '--prune takes nothing in a run that is killed' '
	echo "More of two." >>help/two.md &&
	for point in built-some before-swap; do
		status 137 env FRONTDESK_FAULT=kb-ingest.$point:1 \
		    kb-ingest --prune help >/dev/null 2>&1 && kept || exit 1
	done
'
check '--prune takes nothing where the folder is gone, and else what is gone' '
	mv help away && status 65 kb-ingest --prune help 2>/dev/null >/dev/null && kept &&
	mkdir help && status 65 kb-ingest --prune help 2>/dev/null >/dev/null && kept &&
	rmdir help && mv away help && kb-ingest --prune --plain help >got &&
	[ "$(grep -c "^removed" got)" -eq 1 ] && grep -q "^removed.*help/one.md" got && whole
'
check 'a removal that is killed is ended by the next run, and told once' '
	status 137 env FRONTDESK_FAULT=kb-ingest.hidden:1 kb-doc rm --source help/three.md &&
	status 1 kb-search "about three" >/dev/null && kb-ingest help/two.md >/dev/null && whole &&
	[ "$(desk-events --type document.removed | jq -r .data.source | grep -c three)" -eq 1 ] &&
	kb-ingest help >/dev/null && kb-search "about three" >/dev/null
'
check 'an edit that is killed is whole after the next run' '
	id=$(kb-doc list --source help/two.md --ids) &&
	for point in changed rewording reworded-some; do
		status 137 env FRONTDESK_FAULT=kb-ingest.$point:1 \
		    kb-doc edit "$id" --title "Gazelle $point" &&
		kb-ingest help/two.md >/dev/null && whole &&
		kb-search -n 1 "gazelle $point" | jq -e ".title == \"Gazelle $point\"" || exit 1
	done
'
# Terminal: what a person sees on a terminal of so many columns, standard
# output elsewhere.
terminal () { columns=$1; shift; timeout 60 python3 - "$columns" "$@" <<-E
	import fcntl, os, pty, struct, subprocess, sys, termios
	master, slave = pty.openpty()
	size = lambda n: fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, n, 0, 0))
	size(int(sys.argv[1]))
	p = subprocess.Popen(sys.argv[2:], stderr=slave, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
	seen, resized = b"", False
	import select, time
	while True:
	    ready, _, _ = select.select([master], [], [], 0.05)
	    if ready:
	        seen += os.read(master, 65536)
	        if not resized and b"left" in seen:
	            size(40)
	            seen += b"@resized@"
	            resized = True
	    elif p.poll() is not None:
	        break
	sys.stdout.buffer.write(seen)
	sys.exit(p.returncode)
	E
}
check 'a terminal shows how far it is: at most ten times a second, cut to its width' '
	mkdir many && python3 - <<-E &&
	for n in range(200):
	    with open("many/\x1b]0;evil\x07%d.md" % n, "w") as f:
	        f.write("# Document %d\n\n" % n + "Some words of document %d here. " % n * 800)
	E
	start=$(date +%s%N) && terminal 100 kb-ingest many >seen &&
	ms=$((($(date +%s%N) - start) / 1000000)) &&
	tr "\r" "\n" <seen >lines && grep -q "/200 .*\[=*>* *\].*MB/s.*left.*many" lines &&
	[ "$(grep -c "MB/s" lines)" -le $((ms / 100 + 2)) ] &&
	! grep -q "$(printf "\033")\]" lines && grep -q "evil" lines &&
	LC_ALL=C.UTF-8 awk "/@resized@/ { after = 1; next } { gsub(/\033\[K/, \"\") }
	    length(\$0) > 99 { bad = 1 } after && length(\$0) > 39 { bad = 1 }
	    END { exit bad }" lines
'
check 'what is no terminal sees nothing of it' '
	kb-ingest --force many 2>err >/dev/null && [ ! -s err ]
'
check 'an empty PATH is a variable that is not set, and no folder' '
	export FRONTDESK_STORE=$work/store &&
	status 64 kb-ingest "" 2>err && grep -q "a PATH is empty" err &&
	status 64 kb-ingest --collection "a	b" store 2>err && grep -q "control" err
'
check '--jsonl: "still" in the run that brought the document' '
	export FRONTDESK_STORE=$work/store && for n in 1 2; do
		printf "%s\n" "{\"source\":\"q1\",\"text\":\"Marrow is a gourd.\"}" \
		    "{\"source\":\"q1\",\"still\":true}" | kb-ingest --jsonl | jq -r .state
	done >got && [ "$(tr "\n" " " <got)" = "ready unchanged unchanged unchanged " ]
'
check '--jsonl: fields of another type, and addresses nobody should follow' '
	export FRONTDESK_STORE=$work/store &&
	status 65 kb-ingest --jsonl >got 2>err <<-END &&
	{"source":"t1","text":"One.","collection":7}
	{"source":"t2","text":"Two.","url":"javascript:alert(1)"}
	{"source":"t3","text":"Three.","still":"yes"}
	{"source":"t4","text":"Four.","title":["x"]}
	{"source":"t5","text":"Five.","collection":"a\\tb"}
	{"source":"t6","text":"Six is a number.","url":"mailto:a@example.com","title":null}
	END
	[ "$(jq -r .source got)" = t6 ] && grep -q "stdin:1: collection" err &&
	grep -q "stdin:2: url" err && grep -q "stdin:3: still" err &&
	grep -q "stdin:4: title" err && grep -q "stdin:5: collection" err
'
check 'a folder that was missing once is not failed for ever' '
	export FRONTDESK_STORE=$work/store && status 65 kb-ingest later >/dev/null 2>&1 &&
	failed () { kb-doc list --json --state failed | jq -r .source | grep -cx later; } &&
	[ "$(failed)" = 0 ] && printf GIF89a >later && status 65 kb-ingest later >/dev/null 2>&1 && [ "$(failed)" = 1 ] && rm later &&
	mkdir later && echo "Later is now." >later/1.md &&
	kb-ingest later >/dev/null && [ "$(failed)" = 0 ]
'
check 'two members of one name are two documents' '
	export FRONTDESK_STORE=$work/store && mkdir -p twice && python3 - 2>/dev/null <<-END &&
	import zipfile
	z = zipfile.ZipFile("twice/a.zip", "w")
	z.writestr("d/x.md", "The first says pear.")
	z.writestr("d/x.md", "The second says plum.")
	z.close()
	END
	kb-ingest --plain twice | cut -f 5 | sort >got &&
	printf "%s\n" "twice/a.zip!/d/x (2).md" "twice/a.zip!/d/x.md" | same - got &&
	[ "$(kb-search pear | jq -r .source)" = "twice/a.zip!/d/x.md" ] &&
	[ "$(kb-search plum | jq -r .source)" = "twice/a.zip!/d/x (2).md" ]
'
check 'ulimit -f: what cannot be written is an error with words' '
	frontdesk init small >/dev/null && seq 200000 | sed "s/^/word/" >words.txt &&
	(ulimit -f 500 && status 74 kb-ingest -S small words.txt >/dev/null 2>err) &&
	grep -q "^kb-ingest: " err
'
check 'a base that was removed is made by upgrade, and filled from the sources' '
	frontdesk init lost >/dev/null && kb-ingest -S lost help >/dev/null && rm lost/kb.db* &&
	status 66 kb-ingest -S lost help 2>err && grep -q "frontdesk upgrade makes it" err &&
	frontdesk upgrade -S lost && kb-ingest -S lost help >/dev/null &&
	[ -n "$(kb-search -S lost two)" ]
'
# older VERSION FILE: the base of $FRONTDESK_STORE as a file of that schema
older () {
	{ for step in "$top"/share/schema/kb-*.sql; do
		n=${step##*/kb-} && n=${n%%-*}
		[ "$((1$n - 1000))" -gt "$1" ] || cat "$step"
	done
	echo "PRAGMA application_id = $(base 'PRAGMA application_id'); PRAGMA user_version = $1;
	    DELETE FROM segment_gap;"
	} | sqlite3 "$2" &&
	{ echo "ATTACH '$FRONTDESK_STORE/kb.db' AS now;"
	sqlite3 -readonly "$2" "SELECT format('INSERT INTO main.%s (%s) SELECT %s FROM now.%s;',
	        m.name, group_concat(c.name), group_concat(c.name), m.name)
	    FROM sqlite_schema m, (SELECT m.name AS t, format('\"%w\"', c.name) AS name
	        FROM sqlite_schema m, pragma_table_info(m.name) c) c ON c.t = m.name
	    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name"
	} | sqlite3 "$2"
}
all_of () {	# FILE: what there is of documents and of what refers to them
	for table in document passage passage_copy dropped site_page; do
		sqlite3 -readonly "$1" "SELECT count(*) FROM $table"
	done
	sqlite3 -readonly "$1" "SELECT id, source, collection, state, reason, title, language, type,
	    fingerprint, version, bytes, passages, changed_ms, told, extra, since_ms, deadline_ms,
	    failed_page, origin, url, modified_ms, description, edited_description, own_title,
	    edited_title, home FROM document ORDER BY id"
}
check 'a base of schema 9 is brought up to date with all that it has' '
	export FRONTDESK_STORE=$work/store && mkdir site &&
	for n in 1 2 3 4 5 6; do
		echo "<p>Call us on Monday.</p><h1>Page $n</h1><p>Of $n there is this.</p>" >site/$n.html
	done &&
	kb-ingest site >/dev/null && mkdir old && echo "Twice said." >old/t.md && cp old/t.md old/u.md &&
	kb-ingest old >/dev/null && kb-doc edit --title "By hand" "$(show old/t.md | jq -r .document)" >/dev/null &&
	for t in passage_copy dropped site_page; do [ "$(base "SELECT count(*) FROM $t")" -gt 0 ] || exit 1; done &&
	older 9 was.db && all_of store/kb.db >want && all_of was.db >got && same want got &&
	sqlite3 -readonly was.db "SELECT sql FROM sqlite_schema WHERE name = \"document\"" | grep -q "WITHOUT ROWID" &&
	kb-search "Monday there" >hits && rm -f store/kb.db-wal store/kb.db-shm && cp was.db store/kb.db &&
	frontdesk upgrade && all_of store/kb.db >got && same want got && whole &&
	kb-search "Monday there" >found && same hits found &&
	kb-ingest --plain old site | grep -vc ^unchanged >changed; [ "$(cat changed)" = 0 ]
'
# A line that is left out is of a document that is there.
check '"complete" takes nothing out behind a line that was left out' '
	printf "{\"source\":\"w/%s\",\"text\":\"Text of %s.\"}\n" 1 1 2 2 | kb-ingest --jsonl >/dev/null &&
	end="{\"prefix\":\"w/\",\"complete\":true}" &&
	while read -r bad; do
		printf "%s\n" "{\"source\":\"w/1\",\"text\":\"Text of 1.\"}" "$bad" "$end" |
			status 65 kb-ingest --jsonl >got 2>err &&
		jq -e -s "map(.state) == [\"unchanged\"]" got && grep -q "stdin:2: " err &&
		grep -q "stdin:3: is not complete.*nothing is taken out" err || exit 1
	done <<-E &&
		{"source":"w/2","text":"two","modified":"gestern"}
		{"source":"w/2","text":"two","url":"ftp://x"}
		{"source":"w/2","text":"two","language":"german!"}
		{"source":"w/2","text":7}
		{"source":"w/2","te
	E
	(echo "{\"source\":\"w/1\",\"text\":\"Text of 1.\"}"; head -c 67200000 /dev/zero | tr "\0" x; printf "\n%s\n" "$end") |
		status 65 kb-ingest --jsonl >got 2>err && grep -q "stdin:2: line longer" err &&
	jq -e -s "map(.state) == [\"unchanged\"]" got &&
	printf "%s\n" "{\"source\":\"w/1\",\"text\":\"Text of 1.\"}" "$end" | kb-ingest --jsonl >got &&
	jq -e -s "map(.state) == [\"unchanged\", \"removed\"]" got && whole
'
check '"complete" with an empty prefix wants "all"' '
	echo "{\"source\":\"e/1\",\"text\":\"One.\"}" | kb-ingest --jsonl --collection all >/dev/null &&
	echo "{\"prefix\":\"\",\"complete\":true}" | status 65 kb-ingest --jsonl --collection all >got 2>err &&
	[ ! -s got ] && grep -q "stdin:1: an empty prefix" err &&
	echo "{\"prefix\":\"\",\"complete\":true,\"all\":true}" | kb-ingest --jsonl --collection all |
		jq -e ".state == \"removed\" and .source == \"e/1\""
'
check 'lines may begin with a byte order mark' '
	printf "\357\273\277{\"source\":\"bom\",\"text\":\"Marked.\"}\n" | kb-ingest --jsonl | jq -e ".source == \"bom\""
'
# The superuser reads it all the same, without these of its powers not.
check 'a kb.db that may not be read is 77' '
	without=; [ "$(id -u)" -ne 0 ] || without="setpriv --bounding-set=-dac_override,-dac_read_search"
	chmod 0 store/kb.db && for c in "kb-search x" "kb-doc list" "kb-ingest help" "kb-embed --status"; do
		status 77 $without $c 2>err && grep -q "store/kb.db: Permission denied" err || { chmod 660 store/kb.db; exit 1; }
	done && chmod 660 store/kb.db && kb-doc list >/dev/null
'
check 'a word of all passages finds them also while some are dead' '
	frontdesk init dying >/dev/null && export FRONTDESK_STORE=$work/dying && mkdir tents && for i in $(seq 30); do echo "The tent n$i is warm, rent a tent with $i pegs." >tents/$i.txt; done &&
	kb-ingest tents >/dev/null && finds () { [ "$(kb-search -n 100 "$2" | wc -l)" -eq "$1" ]; } && finds 30 "is my tent warm" &&
	echo "The tent n1 is warm and new." >tents/1.txt && kb-ingest tents >/dev/null && finds 30 "is my tent warm" && finds 30 "rent a tent" && kb-search -n 1 tent | jq -e ".score > 0 and .confidence > 0" &&
	rm tents/2?.txt && kb-ingest --prune tents >/dev/null && finds 20 "rent a tent" && kb-doc reindex >/dev/null && finds 20 "rent a tent" &&
	kb-doc edit "$(kb-doc list --ids | head -n 1)" --title "A new tent" >/dev/null && finds 20 "rent a tent"
'
check 'a section whose id is its heading is no notice, menu or banner; one that is, is' '
	cat >slugs.html <<-E && kb-ingest --text slugs.html >got &&
	<html><head><title>Help</title></head><body><div class="site no-sidebar"><h1>Help</h1>
	<section id="cookie-policy"><h2>Cookie policy<a href="#x">&para;</a></h2><p>We set three of them.</p></section>
	<div class="section" id="how-do-i-unsubscribe-from-the-newsletter"><h2>How do I unsubscribe from the newsletter?</h2><p>Follow the link in a letter.</p></div>
	<div id="cookie-banner"><h3>We use cookies</h3><p>Accept all now.</p></div>
	<div id="related"><h3>Related articles</h3><p>Other things.</p></div><div class="main-sidebar"><p>Side words.</p></div></div></body></html>
	E
	grep -q "three of them" got && grep -q "link in a letter" got && ! grep -q "Accept all\|Other things\|Side words" got
'
# One after the other: the first four were cut before it could be told.
check 'pages of a site one by one: what all have goes, of the first once they come again' '
	one () { echo "<html><body><p>Ring the pangolin line at night.</p><h1>Page $1</h1><p>Fact $1 is about animal$1.</p></body></html>"; }
	each () { for i in 1 2 3 4 5 6; do kb-ingest --plain pg$i.html || return 1; done | cut -f 1 | tr "\n" " "; }
	has () { kb-search --collection "$1" -n 20 "$2" | grep -c .; }
	for i in 1 2 3 4 5 6; do one $i >pg$i.html; done
	[ "$(each)" = "ready ready ready ready ready ready " ] && [ "$(has default pangolin)" -gt 0 ] &&
	[ "$(each)" = "ready ready ready ready unchanged unchanged " ] && [ "$(has default pangolin)" = 0 ] &&
	[ "$(each)" = "unchanged unchanged unchanged unchanged unchanged unchanged " ] &&
	[ "$(has default animal3)" -gt 0 ] &&
	for i in 1 2 3 4 5 6; do
		jq -nc --arg s "page-$i" --arg t "$(one $i)" "{source: \$s, text: \$t, url: \"https://zoo.example/\(\$s)\"}" |
		    kb-ingest --collection zoo --jsonl >/dev/null || exit 1
	done &&
	echo "{\"source\":\"page-1\",\"still\":true}" | kb-ingest --collection zoo --jsonl | jq -e ".state == \"missing\"" &&
	echo "{\"source\":\"page-6\",\"still\":true}" | kb-ingest --collection zoo --jsonl | jq -e ".state == \"unchanged\""
'
check 'of a folder feeds and JSON with sentences are taken, settings are not' '
	mkdir mix && echo "<?xml version=\"1.0\"?><!-- by hand --><rss version=\"2.0\"><channel><item><title>Norway</title><description>We send tents to Norway, too.</description></item></channel></rss>" >mix/feed.xml &&
	echo "<?xml version=\"1.0\"?><project><modelVersion>4.0.0</modelVersion><description>A build of all that is here.</description></project>" >mix/pom.xml &&
	echo "[{\"q\":\"Do you sell headlamps in the shop?\",\"a\":\"Yes, \\\"Lux\\\" for forty euros and a half.\"}]" >mix/faq.json &&
	printf "%s\n" "{\"q\":\"常见问题退货政策\",\"a\":\"商品可在三十天内退货。\"}" "{\"q\":\"b\",\"a\":\"c\"}" >mix/faq.jsonl &&
	echo "{\"name\":\"x\",\"description\":\"A tool that does all of it\",\"scripts\":{\"test\":\"a b c d e f\"},\"files\":[\"a b c d e f\"]}" >mix/package.json &&
	printf "[{\"q\":\"cut off in the mid\\\\" >mix/cut.json &&
	kb-ingest --collection mix --plain mix | cut -f 1,5 >got &&
	printf "ready	mix/%s\n" faq.json faq.jsonl feed.xml >want && same want got &&
	kb-search --collection mix norway | jq -e ".source == \"mix/feed.xml\""
'
done_testing
