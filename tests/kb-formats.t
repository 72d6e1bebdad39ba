#!/bin/sh
# kb-ingest(1): the text of documents of every format, byte by byte
. "${0%/*}/lib.sh"
. "$top/tests/kb.sh"
docs=$top/tests/docs
text () { kb-ingest --password-file "$docs/password" --text "$1"; }

for f in "$docs"/*.*; do
	case $f in *.txt | *.sh | *.py) continue ;; esac
	case $f in
	*.doc | */forwarded.msg) with=catdoc ;;
	*/scan.*) with=tesseract ;;
	*) with='sh' ;;
	esac
	command -v $with >/dev/null || { skip "${f##*/}" "no $with"; continue; }
	check "${f##*/}" 'text "$f" >got && same "$f.txt" got'
done
check 'all formats, and sixty documents at least' '
	[ "$count" -ge 60 ] && for f in csv docx eml epub html md msg odp ods odt \
	    pdf pptx rtf text tsv xlsx zip; do
		ls "$docs"/*."$f" >/dev/null || exit 1
	done
'
# The text of a page is in the order it is seen, and marks are apart.
check 'PDFs in seven scripts are found by words of their languages' '
	export FRONTDESK_STORE=$work/scripts && frontdesk init scripts >/dev/null &&
	kb-ingest "$docs"/*-office.pdf >/dev/null &&
	while read -r l words; do
		kb-search "$words" >got && jq -e -s --arg l "$l" \
		    ".[0].source | endswith(\"/\" + \$l + \"-office.pdf\")" got ||
			exit 1
	done <<-EOT
		ar سياسة الإرجاع
		ar الباب الجانبي
		he מדיניות החזרות
		he פעמון בדלת
		fa بازگرداندن کالا
		fa شماره پیگیری
		hi दुकान शुक्रवार
		hi वापसी की नीति
		th นโยบายการคืนสินค้า
		th หมายเลขติดตาม
		zh 退货政策
		ja 返品できません
	EOT
'
check 'the name does not matter' '
	for f in en.docx en.odt en.epub en.rtf table.pdf table.xlsx letter.eml; do
		cp "$docs/$f" thing && text thing >got && same "$docs/$f.txt" got ||
			exit 1
	done
'
check 'a protected PDF without its password, and with a wrong one' '
	status 65 kb-ingest --text "$docs/locked.pdf" 2>err &&
	grep -q "give it with --password-file" err && echo wrong >pw &&
	status 65 kb-ingest --password-file pw --text "$docs/locked.pdf" 2>err &&
	grep -q "protected by another password" err
'
# Whoever lists processes sees what they were started with.
check 'the password of a PDF is in the arguments of no process' '
	printf "owner-secret-zq7" >pw
	while [ ! -e seen ]; do cat /proc/[0-9]*/cmdline; done >args 2>/dev/null &
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kb-ingest --password-file "$docs/password" --text "$docs/locked.pdf" >got
		kb-ingest --password-file pw --text "$docs/locked.pdf" 2>/dev/null
	done
	: >seen; wait $!; same "$docs/locked.pdf.txt" got &&
	tr "\0" "\n" <args | grep -qx -e --password-file &&
	! tr "\0" "\n" <args | grep -x -e open -e owner-secret-zq7
'
# Without a program that reads one, the others are read, and it says which.
if unshare -rm mount --bind /dev/null /dev/null 2>/dev/null; then
	check 'without catdoc it is said what to install, and the next is read' '
		export FRONTDESK_STORE=$work/store0 && frontdesk init store0 >/dev/null &&
		status 65 unshare -rm sh -c "
		    [ ! -e /usr/bin/catdoc ] || mount --bind /dev/null /usr/bin/catdoc
		    kb-ingest --plain $docs/en.doc $docs/en.md" >got 2>err &&
		grep -q "en.doc: is a Word document of before 2007; install catdoc" err &&
		grep -q "^ready.*en.md" got && grep -q "^failed.*en.doc" got
	'
else
	skip 'without catdoc' 'no namespaces'
fi
check 'what is attached to a letter of Outlook is a document of its own' '
	export FRONTDESK_STORE=$work/letters && frontdesk init letters >/dev/null &&
	kb-ingest --plain "$docs/letter.msg" | cut -f 1,5 >got &&
	grep -q "^ready.*letter.msg$" got &&
	grep -q "^ready.*letter.msg!/prices.csv$" got
'
# A tear anywhere in it, or an end too early.
check 'damaged Excel, PowerPoint and Outlook files end with a reason' '
	for f in numbers.xls slides.ppt letter.msg forwarded.msg; do
		for n in 600 1500 4000; do
			head -c $n "$docs/$f" >cut.$n.$f
			cp "$docs/$f" torn.$n.$f &&
			head -c 64 /dev/zero | tr "\0" "\377" |
				dd of=torn.$n.$f bs=1 seek=$n conv=notrunc 2>dd.err ||
				exit 1
		done
	done
	for f in cut.* torn.*; do
		kb-ingest --text "$f" >got 2>err || { [ $? -eq 65 ] && grep -q "$f: " err &&
			! grep -q crashed err; } || { echo "$f"; cat err; exit 1; }
	done
'
check 'passages know their pages' '
	frontdesk init store >/dev/null && export FRONTDESK_STORE=$work/store &&
	kb-ingest "$docs/pages.pdf" >/dev/null &&
	[ "$(sqlite3 store/kb.db "SELECT group_concat(page || page_end)
	    FROM passage")" = "12" ]
'
check 'running text over pages: a passage knows those it stands on' '
	export FRONTDESK_STORE=$work/onward && frontdesk init onward >/dev/null &&
	kb-ingest "$docs/onward.pdf" >/dev/null &&
	id=$(kb-doc list --ids) && kb-doc show --passages --json "$id" >got &&
	jq -c ".pages + [.text[:32], .text[-32:]]" got >seen &&
	cat >want <<-EOT &&
	[1,2,"The small hall on the first floo"," may be used by all who wash up."]
	[2,2,"The small hall on the fifth floo","ts forty people at round tables."]
	[2,4,"The workshop on the third floor ","s and sweep\n- bring the key back"]
	EOT
	same want seen
'
check 'members of an archive are documents, and go when it has them no more' '
	export FRONTDESK_STORE=$work/store && mkdir -p z &&
	cp "$docs/archive.zip" z/a.zip && kb-ingest --plain z >got &&
	[ "$(cut -f 5 got | sort | tr "\n" " ")" = \
	    "z/a.zip!/docs/en.docx z/a.zip!/docs/letter.eml z/a.zip!/docs/table.csv " ] &&
	kb-ingest --plain z >got && [ "$(grep -c "^unchanged" got)" -eq 3 ] &&
	echo broken >z/a.zip && printf "PK\003\004broken" >z/a.zip &&
	status 65 kb-ingest --prune z >/dev/null 2>&1 &&
	[ "$(sqlite3 store/kb.db "SELECT count(*) FROM document
	    WHERE source LIKE \"z/a.zip!/%\"")" -eq 3 ] &&
	/usr/bin/python3 -c "import zipfile
z = zipfile.ZipFile(\"z/a.zip\", \"w\")
z.writestr(\"docs/table.csv\", open(\"$docs/table.csv\").read())
z.writestr(\"docs/inner.zip\", open(\"$docs/archive.zip\", \"rb\").read())
z.close()" &&
	status 65 kb-ingest --json z >got 2>err &&
	grep -q "inner.zip: is an archive in an archive" err &&
	[ "$(jq -r "select(.state == \"removed\").source" got | wc -l)" -eq 2 ]
'
# What wrote an archive says of names that they are UTF-8, or nothing.
members () { text "$1" | sed -n 's/^member	//p' | awk '!seen[$0]++'; }
check 'names in archives, in UTF-8 and in the charsets of before it' '
	while read -r charset names; do
		eval "set -- $names" && python3 "$top/tests/zip.py" n.zip $charset "$@" &&
		members n.zip >got && printf "%s\n" "$@" | same - got || exit 1
	done <<-EOT
		utf-8 café.md 日本/説明.txt Öffnungszeiten.txt plain.md
		cp437 Größe.txt Ñandú.md plain.md
		cp850 "Informações úteis.txt" não.md
		cp1252 résumé.txt
		cp866 "Доставка и оплата.txt" возврат.md
		cp1251 "Доставка и оплата.txt" возврат.md
		cp932 返品について.txt 営業時間.md ご案内.md
		gbk 退货政策.txt 营业时间.txt 常见问题.md
		big5 退貨政策.txt 營業時間說明.txt
		euc_kr "반품 정책.txt" "영업 시간 안내.txt"
		cp1256 "سياسة الإرجاع.txt"
	EOT
	export FRONTDESK_STORE=$work/names && frontdesk init names >/dev/null &&
	python3 "$top/tests/zip.py" n.zip utf-8 café.md 日本/説明.txt &&
	kb-ingest --json n.zip >got && jq -r .source got >seen &&
	printf "n.zip!/%s\n" café.md 日本/説明.txt | same - seen &&
	LC_ALL=C kb-ingest --json n.zip | jq -e -s "length == 2 and all(.state == \"unchanged\")"
'
check 'chapters of a book whose files are named in any letters; one that is missing' '
	cat >book.py <<-E &&
	import sys, unicodedata, zipfile
	name, href, has = sys.argv[1:]
	z = zipfile.ZipFile("b.epub", "w")
	z.writestr("mimetype", "application/epub+zip")
	z.writestr("META-INF/container.xml", "<container><rootfiles><rootfile full-path=\"o/p.opf\"/></rootfiles></container>")
	z.writestr("o/p.opf", "<package><metadata><title>B</title></metadata><manifest><item id=\"a\" href=\"one.xhtml\" media-type=\"application/xhtml+xml\"/><item id=\"b\" href=\"%s\" media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"a\"/><itemref idref=\"b\"/></spine></package>" % href)
	z.writestr("o/one.xhtml", "<html><body><p>One.</p></body></html>")
	if has == "yes":
	    z.writestr("o/" + name, "<html><body><p>Zwei.</p></body></html>")
	E
	for href in Einführung.xhtml Einf%C3%BChrung.xhtml; do
		python3 book.py Einführung.xhtml $href yes && text b.epub | grep -q Zwei || exit 1
	done &&
	python3 book.py "$(printf "Einfu\314\210hrung.xhtml")" Einf%C3%BChrung.xhtml yes &&
	text b.epub | grep -q Zwei &&
	python3 book.py x Einf%C3%BChrung.xhtml no && status 65 text b.epub 2>err >got &&
	grep -q "b.epub: has no chapter o/Einführung.xhtml" err
'
check '-0 reads paths that end in NUL' '
	export FRONTDESK_STORE=$work/store && mkdir -p n &&
	echo "Figs are sweet." >"n/a
b.txt" && echo "Dates are sweeter." >n/c.txt &&
	printf "%s\0" "n/a
b.txt" n/c.txt | kb-ingest -0 --json >got &&
	[ "$(jq -r .state got | sort | uniq -c | tr -s " ")" = " 2 ready" ] &&
	status 64 kb-ingest -0 n </dev/null 2>/dev/null
'
# Twenty pages of a site: nine lines that all have, which must go; four that
# only some have, three headings all have and each page's own, which must stay.
check 'what the pages of a site have in common goes: precision and recall are 1' '
	export FRONTDESK_STORE=$work/store && mkdir -p site && n=1 &&
	while [ $n -le 20 ]; do
		{
			echo "<html><head><title>Page $n</title></head><body>"
			echo "<p>We use biscuits to serve you better.</p>"
			echo "<ul><li>All about us at once</li><li>Our shops</li>
			    <li>Open posts</li></ul>"
			echo "<h1>Topic number $n</h1><h2>What to know</h2>"
			echo "<p>Own fact $n: the $n. walrus eats $((n * 3)) clams a day"
			echo "and likes the colour of thing w$n x$n.</p>"
			[ $((n % 2)) -eq 0 ] || echo "<p>Every second page says so.</p>"
			[ $n -gt 12 ] || echo "<p>Twelve of twenty have this one.</p>"
			echo "<h2>More</h2><p>More on it is written under letter $(
			    printf "\\$(printf "%03o" $((64 + n)))").</p>"
			echo "<p>Call us, we like to talk to you.</p>"
			echo "<p>Made with care by the house.</p>"
			echo "<p>All rights reserved since 1999.</p>"
			echo "<p>Back to the top of the page</p>"
			echo "<p>Sign up for our letter of news.</p>"
			echo "</body></html>"
		} >site/p$n.html
		n=$((n + 1))
	done && kb-ingest --plain site >/dev/null &&
	sqlite3 store/kb.db "SELECT section || char(10) || p.text FROM passage p
	    JOIN document d ON d.id = p.document
	    WHERE d.source LIKE \"site/%\"" >all &&
	for line in biscuits "All about us" "Our shops" "Open posts" \
	    "Call us" "Made with care" "All rights" "Back to the top" "Sign up"; do
		! grep -q "$line" all || { echo "kept: $line"; exit 1; }
	done &&
	[ "$(grep -c "Own fact" all)" -eq 20 ] &&
	[ "$(grep -c "More on it" all)" -eq 20 ] &&
	[ "$(grep -c "Every second" all)" -eq 10 ] &&
	[ "$(grep -c "Twelve of twenty" all)" -eq 12 ] &&
	[ "$(grep -c "What to know" all)" -eq 20 ]
'
# What they are is kept with the pages, since most of them are not read again.
page () {	# NUMBER WORDS END
	echo "<title>P$1</title><h1>Page $1</h1><p>Fact $1: $2.</p><div>$3</div>" \
	    >"web/p$1.html"
}
check 'a page read alone is without what all of its site have' '
	export FRONTDESK_STORE=$work/store && mkdir -p web &&
	for n in 1 2 3 4 5 6 7 8; do page $n "w$n is new" "Hotline 555-1234"; done &&
	kb-ingest web >/dev/null && status 1 kb-search hotline >/dev/null &&
	page 3 "the changed one" "Hotline 555-1234" && kb-ingest web >/dev/null &&
	status 1 kb-search hotline >/dev/null &&
	[ "$(kb-search changed | jq -r .source | head -1)" = web/p3.html ] &&
	rm web/p8.html && page 9 "it came later" "Hotline 555-1234" &&
	kb-ingest --prune web >/dev/null && status 1 kb-search hotline >/dev/null &&
	[ "$(base "SELECT count(*) FROM site_page WHERE site LIKE \"%web\"")" -eq 8 ]
'
check 'and has it again once most of the site do not' '
	export FRONTDESK_STORE=$work/store &&
	for n in 1 2 3 4; do page $n "again w$n" "Call Jo $n"; done &&
	kb-ingest web >/dev/null && status 1 kb-search hotline >/dev/null &&
	page 5 "once more" "Hotline 555-1234" && kb-ingest web >/dev/null &&
	[ "$(kb-search hotline | jq -r .source)" = web/p5.html ]
'
done_testing
