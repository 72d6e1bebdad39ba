#!/bin/sh
# kb-ingest(1): documents in, each in one piece, and one bad one stops no other
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
mkdir -p help/more
printf '# Returns\n\n## Time\n\nYou have 30 days.\n' >help/returns.md
printf 'DELIVERY\n\nIt takes two days.\n' >help/delivery.txt
printf '<html><body><h1>Shops</h1><p>Open from nine.</p>' >help/more/shops.html

check 'a folder: its documents, in order, and what became of each' '
	: >help/picture.png && : >help/.hidden.md &&
	kb-ingest --plain help >got && cut -f 1,3,4,5 got >seen &&
	printf "ready\t1\ten\thelp/%s\n" delivery.txt more/shops.html \
	    returns.md >want && same want seen && whole
'
check 'again: nothing is read again' '
	kb-ingest --json help >got &&
	[ "$(jq -r .state got | sort | uniq -c | tr -s " ")" = " 3 unchanged" ] &&
	whole
'
check 'each change is an event, once, in order' '
	desk-events --type document. >events &&
	[ "$(jq -r .type events | sort | uniq -c | tr -s " " | tr "\n" ,)" = \
	    " 3 document.queued, 3 document.ready," ] &&
	jq -e -s "map(select(.type == \"document.ready\")) | all(
	    .subject == \"document/\" + .data.document and
	    .data.passages == 1 and .data.source != \"\")" events
'
check 'a changed document takes the place of its older version' '
	printf "# Returns\n\n## Time\n\nYou have ninety days.\n" \
	    >help/returns.md && kb-ingest --plain help/returns.md >got &&
	grep -q "^ready" got &&
	kb-search "how many days to return" | jq -r .text >text &&
	grep -q ninety text && ! grep -q 30 text && whole
'
check 'a bad one is named with its reason, and the others go through' '
	printf "%%PDF-1.4" >help/bad.md && printf "# New\n\nFresh.\n" \
	    >help/zz.md && status 65 kb-ingest --json help >got 2>err &&
	grep -qx "kb-ingest: help/bad.md: is a damaged PDF" err &&
	[ "$(jq -r "select(.state == \"failed\").reason" got)" = \
	    "is a damaged PDF" ] && kb-search fresh >/dev/null &&
	desk-events --type document.failed | jq -e ".data.reason != \"\"" &&
	whole
'
check 'a document that becomes bad keeps its older version' '
	printf "GIF89a" >help/zz.md && status 65 kb-ingest help/zz.md >/dev/null &&
	kb-search fresh >/dev/null && rm help/zz.md help/bad.md
'
check 'a file that is not there is named: 65' '
	status 65 kb-ingest nowhere.md 2>err >/dev/null &&
	grep -q "^kb-ingest: nowhere.md: No such file" err
'
check 'and leaves no document, but one whose file has vanished is kept and told of' '
	[ -z "$(kb-doc list --source nowhere.md --ids)" ] &&
	status 65 kb-ingest --json nowhere.md help/delivery.md/x 2>/dev/null >got &&
	jq -se "length == 2 and all(.state == \"failed\" and (has(\"document\") | not) and (.reason | length) > 5)" got &&
	printf "# Gone\n\nThe heron stays.\n" >heron.md && kb-ingest heron.md >/dev/null && rm heron.md &&
	status 65 kb-ingest --json heron.md 2>/dev/null >got && jq -e ".document | length == 8" got && kb-search heron >/dev/null &&
	kb-doc rm --source heron.md && printf GIF89a >heron.md && status 65 kb-ingest heron.md >/dev/null 2>&1 &&
	[ -n "$(kb-doc list --source heron.md --ids)" ] && rm heron.md &&
	status 65 kb-ingest heron.md >/dev/null 2>&1 && [ -z "$(kb-doc list --source heron.md --ids)" ] && whole
'
check '--prune takes out what is gone, and an empty folder takes out nothing' '
	rm help/delivery.txt && kb-ingest --prune --plain help >got &&
	grep -q "^removed.*help/delivery.txt" got &&
	status 1 kb-search two >/dev/null && whole &&
	mkdir empty && status 65 kb-ingest --prune empty 2>err >/dev/null &&
	grep -q "holds no documents" err &&
	desk-events --type document.removed >removed &&
	[ "$(wc -l <removed)" -ge 1 ]
'
check 'names that are not UTF-8 are kept apart, told so that they can be typed' '
	mkdir odd && e9=$(printf "caf\\351.md") && e8=$(printf "caf\\350.md") &&
	echo "# Zebrino" >"odd/$e9" && echo "Stripes zebrino." >>"odd/$e9" &&
	echo "Quokkas." >"odd/$e8" && echo "Okapi." >odd/plain.md &&
	kb-ingest --json odd >got &&
	[ "$(jq -r .source got | sort | tr "\n" " ")" = \
	    "odd/caf\\xe8.md odd/caf\\xe9.md odd/plain.md " ] &&
	[ "$(jq -r .state got | sort -u)" = ready ] &&
	kb-ingest "odd/$e9" | grep -qF "odd/caf\\xe9.md" &&
	kb-ingest --json "odd/caf\\xe9.md" | jq -e ".state == \"unchanged\"" &&
	[ "$(kb-search -n 1 zebrino | jq -r .source)" = "odd/caf\\xe9.md" ] &&
	rm "odd/$e9" && kb-ingest --prune --json odd >got &&
	[ "$(jq -r "select(.state == \"removed\").source" got)" = "odd/caf\\xe9.md" ] &&
	status 1 kb-search zebrino >/dev/null &&
	kb-search quokkas >/dev/null
'
check '--jsonl: a line a document, unknown fields carried over, bad lines named' '
	printf "%s\n" "{\"source\":\"s1\",\"title\":\"T\",\"text\":\"Apples.\",\"x\":{\"y\":1}}" \
	    oops "{\"source\":\"s2\"}" \
	    "{\"source\":\"s3\",\"text\":\"# Pears\\n\\nRipe.\",\"language\":\"de\"}" |
		status 65 kb-ingest --jsonl >got 2>err &&
	grep -q "^kb-ingest: stdin:2: " err && grep -q "stdin:3: source or text" err &&
	jq -c "[.source,.state,.title,.language,.x,.text]" got >seen &&
	printf "%s\n" "[\"s1\",\"ready\",\"T\",\"en\",{\"y\":1},null]" \
	    "[\"s3\",\"ready\",\"Pears\",\"de\",null,null]" | sed "s/\"en\"/\"und\"/" >want &&
	same want seen && whole
'
check '--jsonl: base64, files of one directory, and no others' '
	mkdir -p spool && echo "Zebu cattle." >spool/a.txt && ln -s ../help/returns.md spool/link &&
	printf "%s\n" "{\"source\":\"r:a\",\"file\":\"a.txt\",\"x\":1}" \
	    "{\"source\":\"r:b\",\"base64\":\"R2VtbmljIGNhcmRzLg==\"}" \
	    "{\"source\":\"r:c\",\"file\":\"../help/returns.md\"}" \
	    "{\"source\":\"r:d\",\"file\":\"link\"}" "{\"source\":\"r:e\",\"base64\":\"%%\"}" >in.jsonl &&
	status 65 kb-ingest --jsonl --files spool <in.jsonl >got 2>err &&
	jq -c "[.source,.state,.x,.reason]" got >seen &&
	printf "%s\n" "[\"r:a\",\"ready\",1,null]" "[\"r:b\",\"ready\",null,null]" \
	    "[\"r:c\",\"failed\",null,\"file is not in the directory\"]" \
	    "[\"r:d\",\"failed\",null,\"file is not in the directory\"]" \
	    "[\"r:e\",\"failed\",null,\"base64 is none\"]" >want && same want seen &&
	kb-search -n 1 gemnic | jq -e ".source == \"r:b\"" &&
	head -n 1 in.jsonl | status 65 kb-ingest --jsonl >got &&
	jq -e ".state == \"failed\" and (.reason | test(\"--files\"))" got &&
	status 64 kb-ingest --files spool help 2>/dev/null && whole
'
check '--jsonl: what is still there stays, what is gone or in no line goes' '
	printf "%s\n" "{\"source\":\"q:a\",\"text\":\"Quagga one.\"}" \
	    "{\"source\":\"q:b\",\"text\":\"Quagga two.\"}" \
	    "{\"source\":\"q:c\",\"text\":\"Quagga three.\"}" | kb-ingest --jsonl >/dev/null &&
	printf "%s\n" "{\"source\":\"q:a\",\"still\":true,\"y\":2}" \
	    "{\"source\":\"q:b\",\"gone\":true}" "{\"source\":\"q:z\",\"still\":true}" \
	    "{\"source\":\"q:z\",\"gone\":true}" "{\"prefix\":\"q:\",\"complete\":true}" |
		kb-ingest --jsonl >got &&
	jq -c "[.source,.state,.y]" got >seen &&
	printf "%s\n" "[\"q:a\",\"unchanged\",2]" "[\"q:b\",\"removed\",null]" \
	    "[\"q:z\",\"missing\",null]" "[\"q:z\",\"missing\",null]" \
	    "[\"q:c\",\"removed\",null]" >want && same want seen && whole
'
check '--jsonl answers a line before it waits for the next' '
	mkfifo in && { kb-ingest --jsonl <in >out & } && pids="$pids $!" &&
	exec 3>in && echo "{\"source\":\"w\",\"text\":\"Wait for it.\"}" >&3 &&
	wait_for grep -q ready out && exec 3>&- && wait
'
check 'standard input is a document' '
	echo "Cherries are red." | kb-ingest - >/dev/null &&
	kb-search cherries | jq -e ".source | test(\"^stdin-[0-9a-f]{16}\$\")" &&
	echo "Medlars are brown." | kb-ingest - >/dev/null && kb-search cherries >/dev/null && kb-search medlars >/dev/null &&
	echo "Medlars are brown." | kb-ingest - --json | jq -e ".state == \"unchanged\"" &&
	for n in 20 30; do printf "what,price\nQuinces,%s\n" $n | kb-ingest --name fruit.csv - --json >got || exit 1; done &&
	jq -e ".source == \"fruit.csv\" and .type == \"csv\" and .state == \"ready\"" got &&
	[ "$(kb-search -n 9 quinces | jq -r .source)" = fruit.csv ] && kb-search quinces | grep -q 30 &&
	status 64 kb-ingest --name x help 2>/dev/null && status 64 kb-ingest --name "" - </dev/null 2>/dev/null
'
check 'whoever waits for another run says so, and one that is ended what it leaves' '
	mkfifo held && { flock store/run/kb-ingest.lock cat held & } && exec 4>held &&
	wait_for status 1 flock -n store/run/kb-ingest.lock true &&
	{ kb-ingest help >/dev/null 2>err 4>&- & } && pid=$! && wait_for grep -q "waiting for the kb-ingest" err &&
	exec 4>&- && wait $pid && ! grep -q interrupted err &&
	mkfifo lines && { kb-ingest --jsonl <lines >got 2>err & } && pid=$! && exec 5>lines &&
	echo "{\"source\":\"k\",\"text\":\"Kept.\"}" >&5 && wait_for test -s got && kill -TERM $pid && status 143 wait $pid &&
	[ "$(grep -c "was interrupted: each document is as it was" err)" -eq 1 ]
'
check '--collection and --language are kept' '
	printf "Hola.\n" >hi.txt &&
	kb-ingest --collection es --language es hi.txt >/dev/null &&
	[ "$(base "SELECT collection, language FROM document
	    WHERE source = \"hi.txt\"")" = "es|es" ]
'
check 'a broken page, a bomb and a program cost one document each' '
	mkdir bombs && head -c 3000000 /dev/zero | tr "\0" "<" >bombs/a.html &&
	{ yes "<div>" | head -n 200000; } >bombs/b.html &&
	{ yes "<table><tr><td>" | head -n 30000; } >bombs/g.html &&
	{ yes "a. " | head -n 300000 | tr -d "\n"; } >bombs/h.txt &&
	{ yes "> " | head -n 100000 | tr -d "\n"; } >bombs/c.md &&
	head -c 100000 /dev/urandom >bombs/d.txt &&
	cp "$(command -v kb-search)" bombs/e.txt &&
	printf "# Good\n\nThe good one.\n" >bombs/f.md &&
	printf "[kb]\ncpu = 2s\ntimeout = 5s\n" >frontdesk.conf &&
	status 65 timeout 90 kb-ingest --json bombs >got 2>err && : >frontdesk.conf &&
	[ "$(jq -r "select(.source == \"bombs/f.md\").state" got)" = ready ] &&
	[ "$(wc -l <got)" -eq 8 ] && whole
'
check 'killed anywhere, the base is whole and the next run mends it' '
	seq -f "A sentence about walrus number %.0f." 200000 >big.txt &&
	for point in ingest.built-some:1 ingest.built-some:2 index.written-some:1 index.before-live:1 \
	    index.after-live:1 ingest.before-swap:1 ingest.after-swap:1; do
		echo "$point" >>big.txt
		status 137 env FRONTDESK_FAULT="kb-$point" \
		    kb-ingest big.txt >/dev/null 2>&1 || exit 1
		kb-search -n 1 cherries >/dev/null || exit 1
		kb-ingest big.txt >/dev/null && whole || exit 1
	done &&
	kb-search "walrus ingest.after-swap:1" >/dev/null &&
	[ "$(base "SELECT count(*) FROM document WHERE told = 0")" -eq 0 ]
'
check 'killed in a merge, the older segments are found and the next run merges them' '
	for point in merge-before-live merge-after-live; do
		i=0 got=0
		while [ $got -eq 0 ] && [ $i -lt 20 ]; do
			i=$((i + 1))
			echo "Note $i of $point is about marmots." >note.txt
			env FRONTDESK_FAULT="kb-index.$point:1" \
			    kb-ingest --collection "$point$i" note.txt >/dev/null 2>&1 || got=$?
		done
		[ $got -eq 137 ] && kb-search -n 1 marmots >/dev/null &&
		kb-ingest note.txt >/dev/null && whole &&
		[ "$(base "SELECT count(*) FROM segment WHERE state <> 1")" -eq 0 ] || exit 1
	done
'
check 'two at once take turns' '
	kb-ingest help >one 2>&1 & first=$! &&
	kb-ingest big.txt help >two 2>&1 && wait $first && whole
'
check 'wrong use is 64, no store is 66, a full disk is 74' '
	status 64 kb-ingest 2>/dev/null && status 64 kb-ingest --jsonl x 2>/dev/null && status 64 kb-ingest --text --jsonl 2>/dev/null </dev/null &&
	status 66 kb-ingest -S nowhere help 2>/dev/null &&
	status 74 kb-ingest --json help >/dev/full 2>/dev/null &&
	status 74 kb-ingest help >/dev/full 2>/dev/null
'
check 'a language that is none is refused' '
	echo "# A" >lang.md && status 64 kb-ingest --language "zzzz!!" lang.md 2>err && grep -q "is no language" err &&
	echo "{\"source\":\"l\",\"text\":\"x\",\"language\":\"german!\"}" | status 65 kb-ingest --jsonl 2>err &&
	grep -q "stdin:1: language" err
'
done_testing
