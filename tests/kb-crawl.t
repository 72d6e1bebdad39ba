#!/bin/sh
# kb-crawl(1): the pages of a site, politely, and nothing from inside
. "${0%/*}/lib.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
mkdir -p www/help www/bad
PYTHONHASHSEED=0 python3 "$top/tests/site.py" . 2>site.log & pids="$pids $!"
wait_for test -s port
at=http://127.0.0.1:$(cat port)
page () {	# FILE TEXT LINK...: a page of the site
	file=www/$1 text=$2
	shift 2
	{
		echo "<html><head><title>$text</title></head><body><main><h1>$text</h1>"
		echo "<p>This page is about $text.</p>"
		for link; do echo "<a href=\"$link\">more</a>"; done
		echo "</main></body></html>"
	} >"$file"
}
head_of () { printf '%s\n' "$2" >"www/$1.head"; }
crawl () {	# kb-crawl without its patience
	: >hits
	timeout -k 2 60 kb-crawl --allow-private --delay 0ms --retry 20ms "$@"
}
states () { jq -r 'select(.state != "incomplete") | .state + " " + (.url | sub("http://[^/]*"; ""))' "$1" | sort; }
asked () { cut -d ' ' -f 1 hits; }

page help/index.html walrus a.html '/help/b.html?utm_source=x#there' ../outside.html \
	'mailto:x@example.com' 'javascript:void(0)' pic.png https://other.invalid/ 'a.html#top'
page help/a.html zebra ./ ./b.html '//127.0.0.1:1/x'
page help/b.html okapi deep/c.html
mkdir -p www/help/deep && page help/deep/c.html quokka ../../help/a.html
page outside.html outsider

check 'a site: within host and folder, each page once, by one spelling' '
	crawl --json $at/help/ >got && states got >seen &&
	printf "ready /help/%s\n" "" a.html b.html deep/c.html >want && same want seen &&
	[ -z "$(asked | sort | uniq -d)" ] &&
	! grep -q outside hits && ! grep -q png hits && ! grep -q utm hits &&
	kb-search -n 1 quokka | jq -e ".source | endswith(\"/help/deep/c.html\")" &&
	jq -se "all(.status == 200 and .passages == 1 and .document != \"\")" got
'
check 'again: only what changed is sent, and the old words go with it' '
	page help/a.html gnu ./ ./b.html &&
	crawl --json $at/help/ >got && states got >seen &&
	printf "%s\n" "ready /help/a.html" "unchanged /help/" "unchanged /help/b.html" \
	    "unchanged /help/deep/c.html" >want && same want seen &&
	[ "$(grep -c " if " hits)" -eq 4 ] &&
	status 1 kb-search zebra >/dev/null && kb-search gnu >/dev/null
'
check 'the agent is told, with whom to turn to' '
	crawl --contact https://example.com/bot $at/help/ >/dev/null &&
	cut -d " " -f 3 hits | sort -u >seen &&
	echo "frontdesk/0.1.0_(+https://example.com/bot)" >want && same want seen
'
check 'a store made anew is filled again, whatever is remembered' '
	echo "{\"prefix\":\"http\",\"complete\":true}" | kb-ingest --jsonl >/dev/null &&
	status 1 kb-search gnu >/dev/null && crawl --json $at/help/ >got && [ "$(states got | grep -c ^ready)" -eq 4 ] &&
	kb-search gnu >/dev/null
'
check 'what is gone, moved or noindex goes after a complete crawl' '
	page help/index.html walrus a.html b.html n.html m.html && page help/n.html nautilus &&
	page help/m.html mole && crawl $at/help/ >/dev/null && kb-search nautilus >/dev/null && kb-search mole >/dev/null &&
	rm www/help/deep/c.html && head_of help/n.html "X-Robots-Tag: noindex" && echo >>www/help/n.html &&
	printf "%s\n" "status 301" "Location: /help/a.html" >www/help/m.html.head &&
	crawl --json $at/help/ >got && states got | grep ^removed >seen &&
	printf "removed /help/%s\n" deep/c.html m.html n.html >want && same want seen &&
	status 1 kb-search nautilus >/dev/null && status 1 kb-search quokka >/dev/null &&
	jq -se "map(select(.url | endswith(\"n.html\")))[0].reason == \"says noindex\"" got
'
check 'an incomplete crawl takes nothing out: error, limit, interruption' '
	rm www/help/b.html && page help/index.html walrus a.html b.html /help/wrong.html &&
	head_of help/wrong.html "status 500" &&
	status 65 crawl --json $at/help/ >got 2>err && grep -q "wrong.html: answers 500" err &&
	[ "$(states got | grep b.html)" = "kept /help/b.html" ] &&
	[ "$(grep -c wrong.html hits)" -eq 3 ] && kb-search okapi >/dev/null &&
	rm www/help/wrong.html.head && page help/wrong.html right &&
	crawl --pages 2 --json $at/help/ >got && ! grep -q removed got && kb-search okapi >/dev/null &&
	crawl --json $at/help/ >got && [ "$(states got | grep b.html)" = "removed /help/b.html" ] &&
	status 1 kb-search okapi >/dev/null
'
check 'an error of what was never had and nothing leads to any more keeps nothing' '
	mkdir -p www/late && page late/index.html late a.html b.html bad.html && page late/a.html lark bad.html &&
	page late/b.html linnet && page late/bad.html bad && head_of late/bad.html "status 500" &&
	status 65 crawl $at/late/ >/dev/null 2>&1 && rm www/late/b.html && page late/index.html late a.html b.html &&
	status 65 crawl --json $at/late/ >got 2>/dev/null && [ "$(states got | grep "b.html\|bad")" = "$(printf "%s\n" \
	    "error /late/bad.html" "kept /late/b.html")" ] &&
	page late/a.html lark && crawl --json $at/late/ >got 2>err && [ ! -s err ] &&
	[ "$(states got | grep "b.html\|bad")" = "$(printf "%s\n" "removed /late/b.html" "skipped /late/bad.html")" ] &&
	jq -se "map(select(.url | endswith(\"bad.html\")))[0].reason == \"answers 500\"" got &&
	rm www/late/bad.html.head && crawl --json $at/late/ >got && states got | grep -qx "ready /late/bad.html"
'
check 'gzip that ends too soon is an error, and the page stays whole' '
	mkdir -p www/zip && page zip/index.html zips /odd/halfpacked /odd/twice &&
	crawl --prefix / --json $at/zip/ >got && states got | grep "odd" >seen &&
	printf "ready /odd/%s\n" halfpacked twice >want && same want seen &&
	kb-search "second part" | jq -e ".url | endswith(\"/twice\")" && : >half &&
	kb-doc list --json | jq -r "select(.source | endswith(\"halfpacked\")).passages" >before &&
	status 65 crawl --prefix / --json $at/zip/ >got 2>err && grep -q "halfpacked: the answer is cut off" err &&
	kb-doc list --json | jq -r "select(.source | endswith(\"halfpacked\")).passages" >after &&
	[ "$(cat before)" -gt 3 ] && same before after && rm half
'
check 'a page that only leads on, or is made of frames, is none' '
	mkdir -p www/lead && page lead/index.html lead go.html set.html top.html && page lead/new.html newt && page lead/left.html lizard &&
	echo "<html><head><title>Moved</title><meta http-equiv=refresh content=\"0; url=new.html\"></head><body>Go <a href=new.html>here</a>.</body></html>" >www/lead/go.html &&
	echo "<html><head><title>All</title></head><frameset cols=50%,50%><frame src=left.html><frame src=new.html></frameset></html>" >www/lead/set.html &&
	echo "<html><head><title>Live</title><meta http-equiv=refresh content=\"60; url=top.html\"></head><body><p>Otters now: 7.</p></body></html>" >www/lead/top.html &&
	crawl --json $at/lead/ >got && states got >seen && printf "%s\n" "ready /lead/" "ready /lead/left.html" \
	    "ready /lead/new.html" "ready /lead/top.html" "skipped /lead/go.html" "skipped /lead/set.html" >want && same want seen &&
	jq -r "select(.state == \"skipped\").reason" got | sort >seen &&
	printf "%s\n" "is made of frames" "leads to $at/lead/new.html" >want && same want seen
'
check 'why it was not complete: in words, also beside --plain, and in JSON' '
	mkdir -p www/cut && page cut/index.html cut 1.html 2.html 3.html && page cut/1.html first &&
	page cut/2.html second && page cut/3.html third &&
	crawl --plain --pages 2 $at/cut/ >got 2>err && [ "$(wc -l <got)" -eq 2 ] &&
	echo "kb-crawl: not complete, so nothing is removed: the limit of 2 pages was reached" >want &&
	same want err && crawl --json --pages 1 $at/cut/ >got 2>err &&
	[ "$(tail -n 1 got | jq -r "[.url, .state, .reason] | join(\" \")")" = \
	    "$at/cut/ incomplete the limit of 1 page was reached" ] &&
	crawl --json $at/cut/ >got 2>err && [ ! -s err ] && ! grep -q incomplete got
'
check 'a page no link leads to any more stays while it is there' '
	page help/lone.html lonely && page help/index.html walrus lone.html && crawl $at/help/ >/dev/null &&
	page help/index.html walrus && crawl --json $at/help/ >got &&
	[ "$(states got | grep lone)" = "unchanged /help/lone.html" ]
'
check 'a limit of pages is where the next run goes on' '
	mkdir -p www/many && page many/index.html many $(seq -f "%g.html" 20) &&
	for i in $(seq 20); do page many/$i.html number$i; done &&
	for i in 1 2 3; do crawl --json --pages 8 $at/many/ >got$i || exit 1; done &&
	[ "$(cat got1 got2 got3 | states /dev/stdin | grep -c ^ready)" -eq 21 ]
'
check 'interrupted, it says so, and what is in stays: 75' '
	mkdir -p www/long && page long/index.html longing $(seq -f "%g.html" 50) &&
	for i in $(seq 50); do page long/$i.html step$i; done &&
	{ timeout -k 5 60 kb-crawl --allow-private --delay 100ms --json $at/long/ >got 2>err & } && pid=$! &&
	wait_for grep -q "long/3.html" hits && kill -TERM $(pgrep -P $pid -x kb-crawl) && status 75 wait $pid &&
	grep -q interrupted err && kb-search longing >/dev/null &&
	crawl --json $at/long/ >got && grep -q unchanged got && [ "$(wc -l <got)" -eq 51 ]
'
check '--print is what kb-ingest --jsonl reads; documents go along' '
	mkdir -p www/docs && page docs/index.html register file.pdf text.txt pic.png &&
	printf "%%PDF-1.4 no real one" >www/docs/file.pdf && echo "Plain narwhal." >www/docs/text.txt &&
	crawl --print --collection site $at/docs/ >pages &&
	jq -r "[.source[-8:], .origin, .collection, .modified, (.base64 | . and @base64d)] | @tsv" pages | sort >seen &&
	jq -se "map(select(.source | endswith(\"pdf\")))[0].base64 | @base64d == \"%PDF-1.4 no real one\"" pages &&
	jq -se "length == 3 and all(.url == .source and .origin == \"web\" and .collection == \"site\"
	    and .modified == \"2026-11-01T10:00:00.000Z\")" pages &&
	kb-ingest --jsonl <pages >got 2>err; [ $? -le 65 ] && kb-search narwhal >/dev/null &&
	crawl --json --types html $at/docs/ >got &&
	[ "$(states got)" = "ready /docs/
skipped /docs/file.pdf
skipped /docs/text.txt" ]
'
# Servers call many a document a page, or bytes of no type.
check 'the type is told by what came, or by the name to save it by' '
	mkdir -p www/dl && page dl/index.html downloads one two three four five six seven && d=$top/tests/docs &&
	as () { cp "$2" "www/dl/$1" && name=$1 && shift 2 && printf "%s\n" "$@" >"www/dl/$name.head"; } &&
	as one "$d/columns.pdf" "Content-Type: application/octet-stream" &&
	as two "$d/columns.pdf" "Content-Type: text/html" && echo . >>www/dl/two &&
	as three "$d/en.docx" "Content-Type: application/octet-stream" &&
	as four "$d/en.epub" "Content-Type: application/force-download" &&
	as five "$d/en.md" "Content-Type: application/octet-stream" "Content-Disposition: attachment; filename=\"Hours.MD\"" &&
	as six "$d/archive.zip" "Content-Type: application/octet-stream" &&
	as seven "$d/en.html" "Content-Type: application/octet-stream" &&
	crawl --json $at/dl/ >got && jq -r "[.state, (.url | sub(\".*/\"; \"\")), .type // .reason] | join(\" \")" got | sort >seen &&
	printf "%s\n" "ready  html" "ready five markdown" "ready four epub" "ready one pdf" "ready seven html" "ready three docx" \
	    "ready two pdf" "skipped six is application/octet-stream" >want && same want seen
'
check 'bytes that are no text are none, whatever a server calls them, as in kb-ingest' '
	mkdir -p www/lies && page lies/index.html liar one two && head_of lies/one "Content-Type: text/html" && head_of lies/two "Content-Type: text/plain" &&
	python3 -c "import random
open(\"www/lies/one\", \"wb\").write(random.Random(7).randbytes(3000))
open(\"www/lies/two\", \"wb\").write(b\"\x89PNG\" + bytes(900))" &&
	status 65 crawl --json $at/lies/ >got 2>err && states got >seen &&
	printf "%s\n" "failed /lies/one" "failed /lies/two" "ready /lies/" >want && same want seen &&
	jq -se "map(select(.state == \"failed\").reason) | any(test(\"not text\")) and any(test(\"picture\"))" got
'
check 'redirects: many, and to what is no address of the web' '
	mkdir -p www/hop && page hop/index.html hopper h1 g && printf "status 302\nLocation: gopher://x/\n" >www/hop/g.head && : >www/hop/g &&
	for i in $(seq 12); do : >www/hop/h$i && printf "status 302\nLocation: h%s\n" $((i + 1)) >www/hop/h$i.head; done &&
	crawl --json $at/hop/ >got && jq -r "(.url | sub(\".*/\"; \"\")) + \" \" + (.reason // \"\")" got >seen &&
	grep -x "h11 leads on after 10 redirects" seen && grep -x "g leads to what is no address of http or https" seen &&
	! grep -q "to itself" seen
'
check 'what was tried in vain leaves no folder in the spool but its own' '
	before=$(ls store/spool | wc -l) &&
	for n in 1 2 3 4; do status 69 crawl http://127.0.0.1:1/$n 2>/dev/null; done
	[ "$(ls store/spool | wc -l)" -le $((before + 1)) ] && crawl $at/hop/ >/dev/null &&
	[ "$(ls store/spool | wc -l)" -le $before ]
'
check '--dry-run fetches, lists and changes nothing' '
	page help/new.html newcomer && page help/index.html walrus new.html &&
	crawl --dry-run --json $at/help/ >got && [ "$(states got | grep new)" = "found /help/new.html" ] &&
	status 1 kb-search newcomer >/dev/null && crawl $at/help/ >/dev/null && kb-search newcomer >/dev/null
'
check 'robots.txt: longest match, wildcards, our own group' '
	mkdir -p www/rob/priv && page rob/index.html robotic priv/a.html priv/open.html x.php y.html &&
	page rob/priv/a.html secret && page rob/priv/open.html opened && page rob/x.php php && page rob/y.html yes &&
	printf "%s\n" "User-agent: *" "Disallow: /" "" "User-agent: FrontDesk/1" "Disallow: /rob/priv" \
	    "Allow: /rob/priv/open" "Disallow: /*.php$" >www/robots.txt &&
	crawl --json $at/rob/ >got && states got >seen &&
	printf "%s\n" "ready /rob/" "ready /rob/priv/open.html" "ready /rob/y.html" \
	    "skipped /rob/priv/a.html" "skipped /rob/x.php" >want && same want seen && ! grep -q priv/a hits
'
check 'robots.txt that forbids the start is 77; with 500 nothing is fetched, with 404 all' '
	printf "User-agent: *\nDisallow: /help/\n" >www/robots.txt &&
	status 77 crawl $at/help/ 2>err && grep -q "robots.txt forbids /help/" err && [ "$(wc -l <hits)" -eq 1 ] &&
	head_of robots.txt "status 503" && status 69 crawl $at/help/ 2>err &&
	grep -q "robots.txt answers 503: nothing may be fetched" err && ! grep -q help hits &&
	kb-search newcomer >/dev/null && rm www/robots.txt www/robots.txt.head && crawl $at/help/ >/dev/null
'
check 'Crawl-delay and at most two at once' '
	printf "User-agent: *\nCrawl-delay: 0.2\n" >www/robots.txt && mkdir -p www/slow &&
	page slow/index.html slowly 1.html 2.html 3.html && for i in 1 2 3; do page slow/$i.html snail$i; done &&
	before=$(date +%s%N) && crawl $at/slow/ >/dev/null &&
	[ $(($(date +%s%N) - before)) -ge 700000000 ] && rm www/robots.txt &&
	page many/index.html many /odd/x $(seq -f "%g.html" 20) && crawl $at/many/ >/dev/null &&
	[ "$(cut -d " " -f 4 hits | sort -n | tail -n 1)" -le 2 ]
'
check 'sitemaps: from robots.txt, an index, gzip; other hosts left out' '
	mkdir -p www/map && page map/index.html mapped && for i in 1 2 3; do page map/p$i.html charted$i; done &&
	printf "Sitemap: %s/map/index.xml\n" $at >www/robots.txt &&
	printf "<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>%s/map/a.xml.gz</loc></sitemap><sitemap><loc>http://192.0.2.1/b.xml</loc></sitemap></sitemapindex>" $at >www/map/index.xml &&
	printf "<urlset><url><loc>%s/map/p1.html</loc></url><url><loc> %s/map/p2.html?a=1&amp;b=2\n</loc></url><url><loc>http://192.0.2.1/x</loc></url></urlset>" $at $at | gzip >www/map/a.xml.gz &&
	printf "%s/map/p3.html\n" $at >www/sitemap.xml &&
	crawl --json $at/map/ >got && states got >seen &&
	printf "ready /map/%s\n" "" p1.html "p2.html?a=1&b=2" p3.html >want && same want seen &&
	rm www/robots.txt www/sitemap.xml
'
# Each names the next, and a page of its own; the last the first.
index () {	# N NEXT
	printf "<sitemapindex><sitemap><loc>%s/deep/i%s.xml</loc></sitemap><sitemap><loc>%s/deep/s%s.txt</loc></sitemap></sitemapindex>" \
	    "$at" "$2" "$at" "$1" >"www/deep/i$1.xml"
	echo "$at/deep/p$1.html" >"www/deep/s$1.txt"
	page "deep/p$1.html" "depth$1"
}
check 'sitemaps: an index is followed so deep and no further, nor in a circle' '
	mkdir -p www/deep && page deep/index.html deeply &&
	index 1 2 && index 2 3 && index 3 4 && index 4 1 &&
	printf "Sitemap: %s/deep/i1.xml\n" $at >www/robots.txt &&
	crawl --json $at/deep/ >got 2>err && states got >seen &&
	printf "ready /deep/%s\n" "" p1.html p2.html >want && same want seen &&
	grep -q "i4.xml: is left out: sitemaps are read 3 deep" err &&
	[ "$(grep -c "is left out" err)" -eq 1 ] && rm www/robots.txt
'
check 'charsets: as declared, as told, and as it is where both are wrong' '
	mkdir -p www/set && page set/index.html charsets /odd/latin /odd/cyrillic /odd/japanese /odd/packed &&
	crawl --print --prefix / $at/set/ >pages &&
	jq -r "select(.source | endswith(\"latin\")).text" pages | grep -q "Größe und Maß" &&
	jq -r "select(.source | endswith(\"cyrillic\")).text" pages | grep -q "Два рабочих дня" &&
	jq -r "select(.source | endswith(\"japanese\")).text" pages | grep -q "二日かかります" &&
	jq -r "select(.source | endswith(\"packed\")).text" pages | grep -q okapi
'
check 'charsets: nothing is said, or what cannot be' '
	mkdir -p www/said && page said/index.html said $(
		for i in cp1251 koi8-r shift_jis gbk euc-kr iso8859-9 cp1252; do
			for j in -/- utf-8/- -/utf-8 iso-8859-1/$i; do echo /odd/said/$i/$j; done
		done) &&
	crawl --print --prefix / $at/said/ >pages &&
	for i in cp1251:Ежи.спят koi8-r:Рысь.видна shift_jis:ハリネズミは冬 gbk:刺猬冬天睡觉 \
	    euc-kr:고슴도치는.겨울 iso8859-9:kışın.*öğleden cp1252:Le.hérisson.*l.entrée; do
		jq -r "select(.source | contains(\"/${i%%:*}/\")).text" pages >got &&
		[ "$(grep -c "${i#*:}" got)" -eq 4 ] || { echo "$i"; cat got; exit 1; }
	done
'
check 'base href, IRIs, odd spellings, nofollow' '
	mkdir -p www/lnk/sub && page lnk/sub/über.html umlaut && page lnk/sub/b.html based &&
	echo "<html><head><base href=\"sub/\"></head><body><h1>Links</h1><p>Here.</p><a href=\" über.html \">1</a><a href=\"%62.html\">2</a><a href=\"./x/../b.html\">3</a><a rel=\"nofollow\" href=\"no.html\">4</a><a href=\"B&#46;html\">5</a>" >www/lnk/index.html &&
	crawl --json $at/lnk/ >got && states got >seen &&
	printf "%s\n" "ready /lnk/" "ready /lnk/sub/%C3%BCber.html" "ready /lnk/sub/b.html" "skipped /lnk/sub/B.html" |
		sort >want && same want seen
'
check 'canonical links: one page, and none is lost by a wrong one' '
	mkdir -p www/can && page can/index.html canon a.html b.html d.html e.html &&
	for i in a:c b:none d:e e:d; do
		echo "<html><head><link rel=\"canonical\" href=\"${i#*:}.html\"></head><body><h1>T${i%:*}</h1><p>Text of ${i%:*}.</p>" >www/can/${i%:*}.html
	done && page can/c.html chosen &&
	crawl --json $at/can/ >got && states got | grep -v "/can/[de]" >seen &&
	printf "%s\n" "ready /can/" "ready /can/b.html" "ready /can/c.html" "skipped /can/a.html" \
	    "skipped /can/none.html" >want && same want seen &&
	[ "$(states got | grep "/can/[de]" | grep -c ready)" -ge 1 ]
'
check 'the same content is one document, session parameters no pages' '
	mkdir -p www/dup && page dup/index.html doubles 1.html 2.html /odd/visit &&
	page dup/1.html twin && page dup/2.html twin && crawl --json --prefix / $at/dup/ >got &&
	[ "$(states got | grep "^ready /dup/[12]" | wc -l)" -eq 1 ] &&
	[ "$(states got | grep "^skipped /dup/[12]" | wc -l)" -eq 1 ] &&
	[ "$(asked | grep -c visit)" -eq 1 ]
'
check 'redirect loops, a redirect inside, 404 pages end at once' '
	mkdir -p www/red && page red/index.html redirected /odd/loop /odd/self /odd/inside /odd/none &&
	crawl --json --prefix / $at/red/ >got && states got | grep odd >seen &&
	printf "skipped /odd/%s\n" inside loop none pool self >want && same want seen &&
	jq -se "map(select(.url | endswith(\"inside\")))[0].reason | test(\"169.254.169.254\")" got && ! grep -q latest hits
'
check '429 is waited for as told; who asks for a day is left alone' '
	mkdir -p www/wait && page wait/index.html waiting /odd/busy && before=$(date +%s) &&
	crawl --json --prefix / $at/wait/ >got && [ $(($(date +%s) - before)) -ge 2 ] &&
	[ "$(states got | grep busy)" = "ready /odd/busy" ] && [ "$(asked | grep -c busy)" -eq 3 ] &&
	page wait/index.html waiting /odd/away 1.html 2.html &&
	status 65 crawl --json --prefix / $at/wait/ >got 2>err && grep -q "asks to wait for 86400 s" err &&
	[ "$(asked | grep -c away)" -eq 1 ]
'
check 'slow, dripping, huge and exploding answers cost one page each' '
	mkdir -p www/big && page big/index.html large /odd/slow /odd/drip /odd/huge /odd/bomb ok.html &&
	page big/ok.html fine &&
	status 65 crawl --json --prefix / --timeout 400ms --page-size 2 $at/big/ >got 2>err && states got >seen &&
	printf "%s\n" "error /odd/drip" "error /odd/slow" "ready /big/" "ready /big/ok.html" \
	    "skipped /odd/bomb" "skipped /odd/huge" >want && same want seen &&
	jq -se "map(select(.url | endswith(\"bomb\")))[0].reason == \"is larger than 2 MiB\"" got
'
check 'a trap is bounded: variants of a path, depth, growing paths' '
	printf "[crawl trap]\nurl = %s/odd/trap\nvariants = 30\nprivate = on\ndelay = 0ms\n" $at >frontdesk.conf &&
	timeout -k 2 60 kb-crawl --name trap --json >got 2>err && : >frontdesk.conf &&
	[ "$(wc -l <got)" -le 31 ] && grep -q "addresses left out" err &&
	crawl --json --depth 7 $at/odd/day1 >got && [ "$(wc -l <got)" -eq 8 ] &&
	crawl --json $at/odd/deep >got 2>err && [ "$(wc -l <got)" -le 4 ]
'
# A site without an end, as fast as it answers: what it costs and what is found.
cat >cost.py <<'END'
import resource, subprocess, sys, time
began = time.time()
status = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], 'w') as out:
    print('%d %d' % (used.ru_maxrss // 1024, time.time() - began), file=out)
sys.exit(status)
END
pages=${LONG:+10000} pages=${pages:-500}
check 'a site without an end: ends by its limits, in little memory, and the rest is in' '
	: >hits && timeout -k 2 300 python3 cost.py cost kb-crawl --allow-private --delay 0ms --retry 20ms \
	    --pages "$pages" --prefix /odd/maze --json $at/odd/maze >got 2>err && cat cost err &&
	[ "$(asked | grep -c maze)" -le "$pages" ] && [ -z "$(asked | sort | uniq -d | grep maze)" ] &&
	[ "$(states got | grep -c "^ready /odd/maze/real/.$")" -eq 10 ] && grep -q "addresses left out" err &&
	! grep -q "^removed" got && read -r mib seconds <cost && [ "$seconds" -lt 240 ] &&
	{ ldd "$(command -v kb-crawl)" | grep -qE "lib(a|ub)san" || [ "$mib" -le 300 ]; } &&
	rm -r store/spool/crawl-*
'
check 'a byte a second is waited for only as long as one request may take' '
	mkdir -p www/trickle && page trickle/index.html trickles /odd/trickle a.html && page trickle/a.html other &&
	begin=$(date +%s) && status 65 crawl --timeout 1s --prefix / --json $at/trickle/ >got 2>err &&
	[ $(($(date +%s) - begin)) -le 15 ] && states got >seen &&
	printf "%s\n" "error /odd/trickle" "ready /trickle/" "ready /trickle/a.html" >want && same want seen
'
check 'the second crawl asks once for each page, with conditions, and for nothing else' '
	mkdir -p www/again && page again/index.html agains $(seq -f "%g.html" 12) &&
	for i in $(seq 12); do page again/$i.html again$i; done && page again/3.html pangolin && crawl $at/again/ >/dev/null &&
	page again/7.html changed7 && crawl --json $at/again/ >got &&
	[ "$(states got | cut -d " " -f 1 | sort | uniq -c | tr -s " " "\n" | tr "\n" ,)" = ",1,ready,12,unchanged," ] &&
	[ "$(asked | grep -c /again/)" -eq 13 ] && [ "$(grep /again/ hits | grep -c " if ")" -eq 13 ] &&
	[ "$(asked | grep -vc /again/)" -eq 2 ] && asked | grep -qx /robots.txt && kb-search changed7 >/dev/null
'
check 'a page that was gone is found again behind pages that are as they were' '
	mv www/again/5.html aside && crawl --json $at/again/ >got &&
	[ "$(states got | grep -v ^unchanged)" = "removed /again/5.html" ] &&
	crawl --json $at/again/ >got && [ "$(states got | grep -v ^unchanged)" = "skipped /again/5.html" ] &&
	mv aside www/again/5.html && crawl --json $at/again/ >got &&
	[ "$(states got | grep -v ^unchanged)" = "ready /again/5.html" ]
'
check 'what robots.txt forbids from now on goes after a complete crawl, and comes back' '
	printf "User-agent: *\nDisallow: /again/3\n" >www/robots.txt && crawl --json $at/again/ >got &&
	[ "$(states got | grep -v ^unchanged)" = "removed /again/3.html" ] && ! asked | grep -q /again/3 &&
	status 1 kb-search pangolin >/dev/null && rm www/robots.txt && crawl --json $at/again/ >got &&
	[ "$(states got | grep -v ^unchanged)" = "ready /again/3.html" ] && kb-search pangolin >/dev/null
'
check 'without --allow-private no address inside is connected to' '
	: >hits && port=$(cat port) &&
	for host in 127.0.0.1 localhost 127.1 2130706433 0x7f000001 017700000001 0.0.0.0 0 "[::1]" "[::]" \
	    "[::ffff:127.0.0.1]" "[::ffff:7f00:1]" "[64:ff9b::7f00:1]" "[2002:7f00:1::]" "[fd00::1]" "[fe80::1]" \
	    169.254.169.254 10.0.0.1 192.168.1.1 172.16.0.1 100.64.0.1; do
		status 77 timeout -k 2 10 kb-crawl --print "http://$host:$port/help/" >got 2>err || { echo "$host"; exit 1; }
		grep -q "its address is not public" err || { cat err; exit 1; }
	done && [ ! -s hits ]
'
check 'the crawling process cannot read the store' '
	mkdir -p www/own && page own/index.html owner $(seq -f "%g.html" 30) && cp -r store copy &&
	{ timeout -k 5 60 kb-crawl --allow-private --delay 100ms $at/own/ >got 2>err & } && pid=$! && : >hits &&
	wait_for grep -q "own/2.html" hits && crawler=$(pgrep -P $pid -x kb-crawl) &&
	grep -q "^NoNewPrivs:.*1" /proc/$crawler/status && ls -l /proc/$crawler/fd >fds &&
	! grep -E "\.db" fds && kill $crawler && { wait $pid || :; }
'
check 'a site by its other name, and a folder without its slash' '
	crawl --json $at/help >got && states got | grep -q "/help/$"
'
check '[crawl NAME] and --if-due' '
	printf "[crawl help]\nurl = %s/help/\ncollection = web\nevery = 1h\nprivate = on\ndelay = 0ms\n" $at >frontdesk.conf &&
	desk-config check && timeout 60 kb-crawl --name help --json >got && jq -se "all(.collection == \"web\")" got &&
	: >hits && timeout 60 kb-crawl --name help --if-due >got && [ ! -s hits ] && [ ! -s got ] &&
	status 78 kb-crawl --name other 2>err && grep -q "has no url" err && : >frontdesk.conf
'
check 'two of one site at once: the second says so, 75' '
	{ timeout 60 kb-crawl --allow-private --delay 200ms $at/many/ >got 2>err & } && pid=$! && : >hits &&
	wait_for test -s hits && status 75 crawl $at/many/ 2>err2 && grep -q "another run" err2 &&
	kill $(pgrep -P $pid -x kb-crawl) && { wait $pid || :; }
'
check 'wrong use is 64, no store 66, nobody there 69, a full disk 74' '
	status 64 kb-crawl 2>/dev/null && status 64 kb-crawl --types htlm $at/ 2>err &&
	grep -q "did you mean html" err && status 64 kb-crawl ftp://example.com/ 2>/dev/null &&
	status 64 kb-crawl --if-due $at/ 2>/dev/null &&
	status 66 kb-crawl -S nowhere $at/help/ 2>/dev/null &&
	status 69 crawl http://127.0.0.1:1/ 2>/dev/null &&
	status 69 crawl $at/none/ >/dev/null 2>&1 &&
	status 74 crawl --print $at/help/ >/dev/full 2>/dev/null
'
done_testing
