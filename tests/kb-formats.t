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
# A further line of a block begins with + here, for <<- takes tabs away.
lines () { text "$1" | sed 's/^	/+/'; }
check 'XML: records by names, sections by titles, words of entities; what is damaged' '
	cat >x.xml <<-E && lines x.xml >got && cat >want <<-E && same want got &&
	<?xml version="1.0"?><!DOCTYPE c [<!ENTITY shop "Café Nord">]>
	<c><product sku="T1"><name>Tent of &shop;</name><price currency="EUR">199</price><size><w>2</w><h>1</h></size></product>
	<product sku="S1"><name>Stove</name><price currency="EUR">49</price></product></c>
	E
	type	xml
	r	sku: T1; name: Tent of Café Nord; price: 199; price currency: EUR; size w: 2; size h: 1
	+sku: S1; name: Stove; price: 49; price currency: EUR
	E
	cat >d.xml <<-E && text d.xml >got && cat >want <<-E && same want got &&
	<article><info><title>Guide</title></info><section><title>Returns</title><para>Send it <b>back</b> soon.</para></section>
	<section><title>Delivery</title><para>Two days.</para><section><title>Islands</title><para>Four days.</para></section></section></article>
	E
	type	xml
	title	Guide
	h1	Guide
	h2	Returns
	p	Send it back soon.
	h2	Delivery
	p	Two days.
	h3	Islands
	p	Four days.
	E
	cat >news <<-E && text news >got && cat >want <<-E && same want got &&
	<?xml version="1.0"?><rss><channel><title>News</title><link>https://x.example/</link>
	<item><title>New tents</title><description><![CDATA[<p>Come <b>by</b>.</p>]]></description></item></channel></rss>
	E
	type	xml
	r	title: News; link: https://x.example/
	h3	New tents
	p	Come by.
	E
	printf "<a><b></a>" >bad.xml && status 65 text bad.xml 2>err && grep -q "damaged, at line 1" err &&
	printf "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w><p>x</p></w>" >w.xml &&
	status 65 text w.xml 2>err && grep -q "save it anew" err
'
check 'JSON: objects are rows, what they hold is below their keys; one a line' '
	cat >p.json <<-E && lines p.json >got && cat >want <<-E && same want got &&
	{"shop":"Nord","open":true,"none":null,"address":{"city":"Rome"},"tags":["a","b"],"products":[{"name":"Tent","price":199},{"name":"Stove","size":{"w":1}}],
	"faq":[{"question":"How long?","answer":"You have <b>30</b> days."}]}
	E
	type	json
	r	shop: Nord; open: true; address city: Rome; tags: a, b
	h1	products
	r	name: Tent; price: 199
	+name: Stove; size w: 1
	h1	faq
	h2	How long?
	p	You have 30 days.
	E
	printf "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n" >lines && text lines >got && printf "type\tjson\nr\ta: 1; b: x\n\ta: 2\n" | same - got &&
	printf "{\"a\" is what I said\n" >no && text no | grep -q "^type	text"
'
check 'OpenDocument as one file, and a page that a browser saved with its pictures' '
	cat >f.fodt <<-E && text f.fodt >got && cat >want <<-E && same want got &&
	<?xml version="1.0" encoding="UTF-8"?>
	<office:document xmlns:office="o" xmlns:text="t" xmlns:dc="d" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
	<office:meta><dc:title>Flat guide</dc:title></office:meta><office:body><office:text><text:h text:outline-level="1">Returns</text:h>
	<text:p>Within <text:span>30</text:span> days.</text:p></office:text></office:body></office:document>
	E
	type	odt
	title	Flat guide
	h1	Returns
	p	Within 30 days.
	E
	sed s/document.text/document.spreadsheet/ f.fodt >f && text f | grep -q "^type	ods" &&
	cat >s.mht <<-E && text s.mht >got && cat >want <<-E && same want got && cp s.mht s && text s | same want -
	MIME-Version: 1.0
	Content-Type: multipart/related; type="text/html"; boundary="b1"

	--b1
	Content-Type: text/html; charset="utf-8"
	Content-Transfer-Encoding: quoted-printable
	Content-Location: https://shop.example/returns

	<html><head><title>Returns</title></head><body><nav>Home</nav><h1>R=C3=BCckgabe</h1><p>Within 30=
	 days.</p></body></html>
	--b1
	Content-Type: text/css
	Content-Location: https://shop.example/a.css

	body { color: red }
	--b1--
	E
	type	html
	title	Returns
	h1	Rückgabe
	p	Within 30 days.
	E
'
# The same table in each type that has merged cells, and in one that has none.
cat >grouped.py <<'E'
import zipfile
rows = [["Item", ("Summer", 2), ("Winter", 2)], [None, "Price", "Pegs", "Price", "Pegs"],
        ["Tent", "199", "3", "180", "2"], ["Tarp", "49", "8", "40", "6"]]
def packed(name, parts):
    with zipfile.ZipFile(name, "w") as z:
        for path, text in parts.items():
            z.writestr(path, text)
def types(part, kind):
    return ('<Types><Override PartName="/%s" ContentType="application/vnd.openxmlformats-officedocument.%s.main+xml"/></Types>'
            % (part, kind))
sheet, merged = "", '<mergeCell ref="A1:A2"/>'
for y, row in enumerate(rows, 1):
    sheet += '<row r="%d">' % y
    x = 0
    for cell in row:
        text, n = cell if isinstance(cell, tuple) else (cell, 1)
        at = "ABCDE"[x] + str(y)
        if text and text.isdigit():
            sheet += '<c r="%s"><v>%s</v></c>' % (at, text)
        elif text:
            sheet += '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (at, text)
        if n > 1:
            merged += '<mergeCell ref="%s:%s%d"/>' % (at, "ABCDE"[x + n - 1], y)
        x += n
    sheet += "</row>"
packed("g.xlsx", {
    "[Content_Types].xml": types("xl/workbook.xml", "spreadsheetml.sheet"),
    "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>',
    "xl/s.xml": "<worksheet><sheetData>%s</sheetData><mergeCells>%s</mergeCells></worksheet>" % (sheet, merged)})
docx = flat = html = csv = ""
for y, row in enumerate(rows):
    docx += "<w:tr>"; flat += "<table:table-row>"; html += "<tr>"
    for cell in row:
        text, n = cell if isinstance(cell, tuple) else (cell, 1)
        down = '<w:vMerge w:val="restart"/>' if text == "Item" else "<w:vMerge/>" if text is None else ""
        docx += '<w:tc><w:tcPr><w:gridSpan w:val="%d"/>%s</w:tcPr><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc>' % (n, down, text or "")
        if text is None:
            flat += "<table:covered-table-cell/>"
        else:
            flat += ('<table:table-cell table:number-columns-spanned="%d" table:number-rows-spanned="%d"><text:p>%s</text:p>'
                     "</table:table-cell>" % (n, 1 + (text == "Item"), text)) + "<table:covered-table-cell/>" * (n - 1)
            tag = "th" if y < 2 else "td"
            html += '<%s colspan="%d" rowspan="%d">%s</%s>' % (tag, n, 1 + (text == "Item"), text, tag)
        csv += (text or "") + "," * n
    docx += "</w:tr>"; flat += "</table:table-row>"; html += "</tr>"; csv = csv[:-1] + "\n"
packed("g.docx", {
    "[Content_Types].xml": types("word/document.xml", "wordprocessingml.document"),
    "word/document.xml": "<w:document><w:body><w:tbl>%s</w:tbl></w:body></w:document>" % docx})
open("g.fods", "w").write('<office:document office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
    '<table:table table:name="S">%s</table:table></office:spreadsheet></office:body></office:document>' % flat)
open("g.html", "w").write("<table>%s</table>" % html)
open("g.csv", "w").write(csv)
E
check 'two rows of names, one over several columns: each value has both' '
	python3 grouped.py && cat >want <<-E &&
	r	Item: Tent; Summer Price: 199; Summer Pegs: 3; Winter Price: 180; Winter Pegs: 2
	+Item: Tarp; Summer Price: 49; Summer Pegs: 8; Winter Price: 40; Winter Pegs: 6
	E
	for f in g.xlsx g.docx g.fods g.html g.csv; do lines $f | grep "^r\|^+" >got && same want got || { echo $f; exit 1; }; done
'
check 'a row of names over one of values stays one' '
	printf "Name,,City\nAnna,Berg,Rome\nBert,Holm,Oslo\n" >n.csv && text n.csv | grep -q "Name: Anna; Berg; City: Rome"
'
check 'Word: a fraction is told on one line' '
	python3 - <<-\E && text frac.docx | sed -n "s/^p	//p" >got && printf "%s\n" "Dose: 2 1/2 cups." "Rate: days/2, (a + b)/(c−1), (1/2)/x." | same - got
	import zipfile
	t = lambda s: "<m:r><m:t xml:space=\"preserve\">%s</m:t></m:r>" % s
	f = lambda a, b: "<m:oMath><m:f><m:fPr><m:type m:val=\"bar\"/></m:fPr><m:num>%s</m:num><m:den>%s</m:den></m:f></m:oMath>" % (a, b)
	w = lambda s: "<w:r><w:t xml:space=\"preserve\">%s</w:t></w:r>" % s
	z = zipfile.ZipFile("frac.docx", "w")
	z.writestr("[Content_Types].xml", "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>")
	z.writestr("word/document.xml", "<w:document><w:body><w:p>" + w("Dose: 2") + f(t("1"), t("2")) + w(" cups.") + "</w:p><w:p>" + w("Rate: ") + f(t("days"), t("2")) + w(", ") +
	    f(t("a + b"), t("c−1")) + w(", ") + f("<m:f><m:num>" + t("1") + "</m:num><m:den>" + t("2") + "</m:den></m:f>", t("x")) + w(".") + "</w:p></w:body></w:document>")
	z.close()
	E
'
check 'Excel: signs that XML has none for, and days written as such' '
	python3 - <<-\E && text marks.xlsx | sed -n "s/^p	//p" >got && printf "%s\n" "One two" "A_b" "_x00zz_ _x41_ _x0041" "😀 x" "a b" "2026-05-01" "1. May 2026" "2026-05-01 9:30" "9:30" "2026-05-01" "1890-01-01" | same - got
	import zipfile
	z = zipfile.ZipFile("marks.xlsx", "w")
	z.writestr("[Content_Types].xml", "<Types><Override PartName=\"/w.xml\" ContentType=\"x.spreadsheetml.sheet.main+xml\"/></Types>")
	z.writestr("w.xml", "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>")
	z.writestr("_rels/w.xml.rels", "<R><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"s.xml\"/><Relationship Id=\"b\" Type=\"x/styles\" Target=\"t.xml\"/><Relationship Id=\"c\" Type=\"x/sharedStrings\" Target=\"u.xml\"/></R>")
	z.writestr("t.xml", "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"d. mmmm yyyy\"/></numFmts><cellXfs><xf/><xf numFmtId=\"170\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>")
	z.writestr("u.xml", "<sst><si><t>One_x000D_</t><t>two</t></si><si><t>_x0041_</t><t>_x005F_b</t></si><si><t>_x00zz_ _x41_ _x0041</t></si></sst>")
	cells = [("s", 0, "<v>0</v>"), ("s", 0, "<v>1</v>"), ("s", 0, "<v>2</v>"), ("inlineStr", 0, "<is><t>_xD83D__xDE00_ _xD83D_x</t></is>"), ("str", 0, "<v>a_x0009_b</v>")] + [("d", s, "<v>" + v + "</v>") for s, v in
	    [(0, "2026-05-01T00:00:00"), (1, "2026-05-01"), (0, "2026-05-01T09:30:00.000Z"), (2, "T09:30:00"), (0, "2026-05-01T00:00Z"), (0, "1890-01-01")]]
	z.writestr("s.xml", "<worksheet><sheetData>" + "".join("<row><c s=\"%d\" t=\"%s\">%s</c></row>" % (s, t, v) for t, s, v in cells) + "</sheetData></worksheet>")
	z.close()
	E
'
check 'days of Excel before its 29 February 1900 are as it shows them' '
	python3 -c "import zipfile
z = zipfile.ZipFile(\"days.xlsx\", \"w\")
z.writestr(\"[Content_Types].xml\", \"<Types><Override PartName=\\\"/w.xml\\\" ContentType=\\\"x.spreadsheetml.sheet.main+xml\\\"/></Types>\")
z.writestr(\"w.xml\", \"<workbook xmlns:r=\\\"r\\\"><sheets><sheet name=\\\"S\\\" r:id=\\\"a\\\"/></sheets></workbook>\")
z.writestr(\"_rels/w.xml.rels\", \"<R><Relationship Id=\\\"a\\\" Type=\\\"x/worksheet\\\" Target=\\\"s.xml\\\"/><Relationship Id=\\\"b\\\" Type=\\\"x/styles\\\" Target=\\\"t.xml\\\"/></R>\")
z.writestr(\"t.xml\", \"<styleSheet><cellXfs><xf/><xf numFmtId=\\\"14\\\"/><xf numFmtId=\\\"46\\\"/></cellXfs></styleSheet>\")
z.writestr(\"s.xml\", \"<worksheet><sheetData>\" + \"\".join(\"<row><c s=\\\"%d\\\"><v>%s</v></c></row>\" % v for v in [(1, 1), (1, 59), (1, 61), (1, 45000), (2, 1.5)]) + \"</sheetData></worksheet>\")
z.close()" && text days.xlsx | sed -n "s/^p	//p" >got && printf "%s\n" 1900-01-01 1900-02-28 1900-03-01 2023-03-15 36:00:00 | same - got
'
# The same words as Macintosh, DOS and Windows wrote them.
check 'text of Western Europe in the charsets before Unicode' '
	python3 - <<-E &&
	words = {"fr": "Après réception de votre colis, vous avez trente jours. Où êtes-vous né ?",
	    "de": "Die Rückgabe ist für Sie möglich, auch wenn Straße und Größe sich ändern.",
	    "es": "Los niños y señoras pueden devolver el artículo; después no se admitirá.",
	    "pt": "Não há devolução de peças já usadas; as opções estão na página.",
	    "it": "La spedizione è gratuita perché così è più facile: città e università.",
	    "da": "Vi køber gerne æbler på øen. Få råd på gården.", "sv": "Köpet går att ångra på nätet inom några dagar."}
	for language, text in words.items():
	    open("words." + language, "w").write("type\ttext\np\t" + text + "\n")
	    for charset in "mac_roman", "cp850", "cp1252":
	        open("words." + language + "." + charset, "wb").write(text.encode(charset) + b"\n")
	E
	for f in words.*.*; do text $f | same "${f%.*}" - || { echo $f; exit 1; }; done
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
