#!/bin/sh
# kb-ingest(1): what is the text of a web page, and what is around it
. "${0%/*}/lib.sh"
# Standard input as a page: the kinds and texts of its blocks.
page () { cat >page.html && kb-ingest --text page.html | sed "s/^	/+/" | grep "^[hplrc][0-9]*	\|^+"; }

check 'what is unfolded below a heading, a question or a control is text' '
	page >got <<-E && cat >want <<-E && same want got
	<html><head><title>Help</title></head><body><main><h1>Help</h1>
	<h2>How long do I have?</h2><div class="x1" style="display: none"><p>You have 30 days.</p></div>
	<h2><button data-bs-toggle="collapse" data-bs-target="#c1">Who pays for it?</button></h2>
	<div id="c1" class="collapse" aria-hidden="true"><div>We pay the parcel.</div></div>
	<button class="accordion">Can I swap sizes</button><div class="panel" hidden><p>Yes, within a month.</p></div>
	<div role="tab" aria-controls="e1"><a>Do you wrap gifts?</a></div><div id="e1" role="tabpanel" hidden="hidden"><p>For two euros.</p></div>
	<div role="tablist"><button role="tab" aria-controls="t1">Shipping</button><button role="tab" aria-controls="t2">Care</button></div>
	<div id="t1" role="tabpanel"><p>Ships in two days.</p></div><div id="t2" role="tabpanel" hidden><p>Wash it cold.</p></div>
	<dl><dt>Is it vegan?</dt><dd hidden>All of it is.</dd></dl>
	<p>¿Dónde está?</p><div hidden>En el correo.</div>
	<input type="checkbox" id="k1"><label for="k1">By a box</label><div class="collapsible-content" hidden>Shown by a box.</div>
	<section hidden="until-found"><p>Found by the browser.</p></section>
	<details><summary>First</summary><p>One.</p></details><details><summary>Second</summary><p>Two.</p></details>
	<p class="hidden md:block">On large screens.</p><div class="overflow-hidden"><p>In a box that cuts.</p></div>
	</main></body></html>
	E
	h1	Help
	h2	How long do I have?
	p	You have 30 days.
	h2	Who pays for it?
	p	We pay the parcel.
	h2	Can I swap sizes
	p	Yes, within a month.
	h2	Do you wrap gifts?
	p	For two euros.
	h2	Shipping
	p	Ships in two days.
	h2	Care
	p	Wash it cold.
	l	- Is it vegan?: All of it is.
	p	¿Dónde está?
	p	En el correo.
	h2	By a box
	p	Shown by a box.
	p	Found by the browser.
	h2	First
	p	One.
	h2	Second
	p	Two.
	p	On large screens.
	p	In a box that cuts.
	E
'
check 'what is hidden and no answer stays out: menus, windows, notices, templates' '
	page >got <<-E && printf "h1\tTents\np\tPick one.\n" >want && same want got
	<html><body><header><button aria-controls="m" aria-expanded="false">Menu</button></header>
	<button aria-controls="m2">More</button><div id="m2" hidden><a href="/a">All of the tents</a> <a href="/b">Sale of today</a></div>
	<main><h1>Tents</h1><p>Pick one. <button>Copy</button><span hidden>Copied it to the board!</span></p>
	<div style="display:none">Thank you! It has been received by us.</div>
	<button>Help</button><div role="tooltip" hidden>Type a number of three digits.</div>
	<h2 hidden>Unseen heading</h2><template><p>A template.</p></template>
	<h3 hidden>x</h3><div class="cookie-modal" hidden><p>We use cookies on this site.</p></div></main>
	<div id="cmp" style="display:none"><h2>Your privacy</h2><p>Biscuits are used here.</p></div>
	<button aria-controls="w">Settings</button><div id="w" role="dialog" hidden><p>A window of settings, with words.</p></div></body></html>
	E
'
check 'a form around a page and what stands beside the text are text; controls are not' '
	page >got <<-E && cat >want <<-E && same want got
	<html><body><form id="aspnetForm" action="x"><input type="text" name="q"><h1>Returns</h1><p>Within 30 days.</p>
	<label for="a">Your name</label><input id="a"><select><option>Red</option></select><textarea>Say it</textarea><button>Send</button>
	<main><p>In the main part.</p><aside><p>Mind the gap.</p></aside><form><p>Write to us by the form.</p><input></form></main></form></body></html>
	E
	p	In the main part.
	p	Mind the gap.
	p	Write to us by the form.
	E
	page >got <<-E && cat >want <<-E && same want got
	<html><body><form id="aspnetForm" action="x"><input type="text" name="q"><h1>Returns</h1><p>Within 30 days.</p>
	<label for="a">Your name</label><input id="a"><select><option>Red</option></select><button>Send</button></form>
	<aside><p>Beside the page.</p></aside><form><p>Get our letter of news.</p><input type="email"></form></body></html>
	E
	h1	Returns
	p	Within 30 days.
	E
'
check 'the sign of a link to a heading is no part of it; a heading that is a link is one' '
	page >got <<-E && cat >want <<-E && same want got
	<h1 id="a">Break<a class="headerlink" href="#a">¶</a></h1><p>Ends a loop.</p><h2 id="b"><a class="anchor" href="#b">Synopsis</a></h2><p>Text.</p>
	<h2 id="c"><a href="#c">#</a> Notes</h2><p>See <a href="#b">2</a>.</p><h2 id="d">More <a class="permalink" href="/x#d">Link to this</a></h2><p>Words.</p>
	E
	h1	Break
	p	Ends a loop.
	h2	Synopsis
	p	Text.
	h2	Notes
	p	See 2.
	h2	More
	p	Words.
	E
'
check 'who wrote it, how to share it and what to reply are not the text' '
	page >got <<-E && printf "h1\tBoots\np\tWax them twice.\n" >want && same want got
	<article><h1>Boots</h1><div class="article-author"><a href="u">Jo</a><ul class="meta-group"><li><time>vor 2 Jahren</time></li><li>Neu</li></ul></div>
	<p>Wax them twice.</p><div class="sharedaddy sd-sharing"><h3>Share this:</h3><ul><li><a href="t">Twitter</a></li></ul></div>
	<div id="respond" class="comment-respond"><h3>Leave a reply</h3><form><p>Your address is not shown.</p><input></form></div></article>
	E
'
check 'a page without text has none, whatever it is called' '
	printf "<meta http-equiv=\"refresh\" content=\"0; url=/x\">" >m.html && cp m.html m.txt && cp m.html m &&
	for f in m.html m.txt m; do status 65 kb-ingest --text $f 2>err && grep -q "$f: has no text" err || exit 1; done &&
	printf "<br>" >br.html && status 65 kb-ingest --text br.html 2>/dev/null &&
	printf "1 < 2 and 3 > 2" >less.html && kb-ingest --text less.html | grep -q "1 < 2 and 3 > 2"
'
check 'a frame around the page is none of what it is named by; a part is what it is called' '
	words=$(for i in $(seq 15); do printf "Rent tent $i. "; done) &&
	page >got <<-E && printf "h1\tTents\np\t%s\nh2\tCookies\np\tThree of them.\np\tOf the trade.\n" "${words% }" >want && same want got
	<html><body><div class="wrap sidebar-right cookie-accepted"><h1>Tents</h1><p>$words</p>
	<details id="cookies"><summary>Cookies</summary><p>Three of them.</p></details><div class="post category-newsletter"><p>Of the trade.</p></div>
	<div class="sidebar-right"><p>Beside it.</p></div><div class="related"><article><p>Other tents.</p></article></div></div></body></html>
	E
'
check 'a tag with hundreds of thousands of attributes does not cost the page' '
	awk "BEGIN { printf \"<p>before</p><p id=x title=\\\"a > b\\\" \"; for (i = 0; i < 200000; i++) printf \"a%d=b \", i; print \">words</p><p>after</p>\" }" |
		page >got && printf "p\tbefore\np\twords\np\tafter\n" | same - got
'
check 'headings by their looks alone are beside each other: HTML, Markdown' '
	page >got <<-E && printf "# T\n\n**A**\n\nx\n\n**B**\n\ny\n" >m.md && kb-ingest --text m.md >>got && [ "$(grep -c "^h2	[AB]$" got)" -eq 4 ]
	<h1>T</h1><p><b>A</b></p><p>x</p><p><b>B</b></p><p>y</p>
	E
'
check 'the address of a link is told where its words do not say it' '
	page >got <<-E && cat >want <<-E && same want got
	<html><head><link rel="canonical" href="https://shop.example/help/faq?x=1"></head><body><h1>Help <a href="https://shop.example/h">here</a></h1>
	<p>Return it <a href="https://shop.example/returns?utm_source=a&amp;id=7&amp;gclid=b#form">here</a>. Read <a href="https://shop.example/rules">our rules</a>.</p>
	<p>Devuélvelo <a href="/es/devol"><b>aquí</b></a>, <a href="map.html">hier klicken</a>, <a href="../up">here</a>, <a href="#top">here</a>, <a href="javascript:x()">here</a>,
	<a href="https://me:pw@shop.example/">here</a>, <a href="//cdn.example/a">这里</a>.</p>
	<ul><li>Write to <a href="mailto:help@shop.example?subject=x">us</a> or <a href="mailto:a@b.example">A@b.example</a></li><li>Call <a href="tel:+49-30-1234567">the shop</a> or <a href="tel:+49301234567">030 / 123 45 67</a></li></ul>
	</body></html>
	E
	h1	Help here
	p	Return it here (https://shop.example/returns?id=7#form). Read our rules.
	p	Devuélvelo aquí (https://shop.example/es/devol), hier klicken (https://shop.example/help/map.html), here, here, here, here, 这里 (https://cdn.example/a).
	l	- Write to us (help@shop.example) or A@b.example
	+- Call the shop (+49-30-1234567) or 030 / 123 45 67
	E
'
check 'the same in Markdown and Word; a page that was fetched knows where it was' '
	printf "# T\n\nSend it [here](https://shop.example/r \"x\"), see [the rules](https://shop.example/s), [mail](mailto:a@b.example).\n" >l.md &&
	kb-ingest --text l.md | grep -qx "p	Send it here (https://shop.example/r), see the rules, mail (a@b.example)." &&
	python3 -c "import zipfile
z = zipfile.ZipFile(\"l.docx\", \"w\")
z.writestr(\"[Content_Types].xml\", \"<Types><Override PartName=\\\"/word/document.xml\\\" ContentType=\\\"x.wordprocessingml.document.main+xml\\\"/></Types>\")
z.writestr(\"word/document.xml\", \"<w:document><w:body><w:p><w:r><w:t>Send it </w:t></w:r><w:hyperlink r:id=\\\"a\\\"><w:r><w:t>here</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r></w:p></w:body></w:document>\")
z.writestr(\"word/_rels/document.xml.rels\", \"<R><Relationship Id=\\\"a\\\" Type=\\\"x/hyperlink\\\" Target=\\\"https://shop.example/r\\\" TargetMode=\\\"External\\\"/></R>\")
z.close()" && kb-ingest --text l.docx | grep -qx "p	Send it here (https://shop.example/r)." &&
	frontdesk init store >/dev/null && printf "%s\n" "{\"source\":\"https://shop.example/a/b\",\"text\":\"<p>Send it <a href=c>here</a>.</p>\"}" | kb-ingest -S store --jsonl >/dev/null &&
	kb-search -S store send | jq -e ".text == \"Send it here (https://shop.example/a/c).\""
'
check 'what unfolds beside questions that are headings is beside them' '
	page >got <<-E && printf "%s\n" "h1	Help" "h2	Delivery" "p	Two days." "h3	By night" "p	For 5 euros." "h2	Can I pay by invoice?" \
	    "p	Firms can." "h2	Do you repair tents?" "p	All of them." "h3	Also old ones" "p	Up to ten years." "h2	Bags" \
	    "p	By hand." >want && same want got
	<html><body><main><h1>Help</h1><h2>Delivery</h2><p>Two days.</p><details><summary>By night</summary><p>For 5 euros.</p></details>
	<div class="item"><h2><button aria-expanded="false" aria-controls="a1">Can I pay by invoice?</button></h2><div id="a1" hidden><p>Firms can.</p></div></div>
	<div class="item"><h2><button aria-expanded="false" aria-controls="a2">Do you repair tents?</button></h2><div id="a2" hidden><p>All of them.</p>
	<details><summary>Also old ones</summary><p>Up to ten years.</p></details></div></div>
	<div role="tablist"><button role="tab" aria-controls="t1">Bags</button></div><div id="t1" role="tabpanel"><p>By hand.</p></div></main></body></html>
	E
'
check 'notes and boxes beside the text of a book are text' '
	python3 -c "import zipfile
z = zipfile.ZipFile(\"b.epub\", \"w\")
z.writestr(\"mimetype\", \"application/epub+zip\")
z.writestr(\"META-INF/container.xml\", \"<container><rootfiles><rootfile full-path=\\\"p.opf\\\"/></rootfiles></container>\")
z.writestr(\"p.opf\", \"<package><manifest><item id=\\\"c\\\" href=\\\"c.xhtml\\\" media-type=\\\"application/xhtml+xml\\\"/></manifest><spine><itemref idref=\\\"c\\\"/></spine></package>\")
z.writestr(\"c.xhtml\", \"<html><body><h1>Tents</h1><p>Air it.</p><aside><h2>Tip</h2><p>Use the balcony.</p></aside><aside class=\\\"sidebar footnote\\\"><p>Not in May.</p></aside></body></html>\")
z.close()" && kb-ingest --text b.epub >got && printf "%s\n" "h1	Tents" "p	Air it." "h2	Tip" "p	Use the balcony." "p	Not in May." >want &&
	grep "^[hp][0-9]*	" got >seen && same want seen
'
check 'the same in OpenDocument, RTF and the fields of Word' '
	printf "%s" "{\\rtf1\\ansi Send it {\\field{\\*\\fldinst HYPERLINK \"https://shop.example/r\"}{\\fldrslt{\\ul here}}} today, not {\\field{\\*\\fldinst{HYPERLINK \\\\l \"x\"}}{\\fldrslt here}}.\\par}" >l.rtf &&
	echo "<office:document office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:body><office:text><text:p>Send it <text:a xlink:href=\"https://shop.example/r\"><text:span>here</text:span></text:a> today.</text:p></office:text></office:body></office:document>" >l.fodt &&
	cat >field.py <<-"E" && python3 field.py &&
	import zipfile
	z = zipfile.ZipFile("field.docx", "w")
	z.writestr("[Content_Types].xml", "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>")
	def run(inner): return "<w:r>%s</w:r>" % inner
	def text(t): return run("<w:t xml:space=\"preserve\">%s</w:t>" % t)
	def mark(t): return run("<w:fldChar w:fldCharType=\"%s\"/>" % t)
	def code(t): return mark("begin") + run("<w:instrText> %s </w:instrText>" % t) + mark("separate")
	z.writestr("word/document.xml", "<w:document><w:body><w:p>%s</w:p><w:p>%s</w:p><w:p>%s</w:p></w:body></w:document>" % (
	    text("Send it ") + code("HYPERLINK &quot;https://shop.example/r&quot;") + text("here") + mark("end") + text("."),
	    text("Pay ") + "<w:fldSimple w:instr=\" HYPERLINK &quot;https://shop.example/p&quot; \">" + text("here") + "</w:fldSimple>" + text("."),
	    text("See ") + code("HYPERLINK \\\\l &quot;_a&quot;") + text("here, page ") + code("PAGEREF _a") + text("7") + mark("end") + mark("end") + text(".")))
	z.close()
	E
	for f in l.rtf l.fodt field.docx; do kb-ingest --text $f | grep "^p"; done >got && cat >want <<-E && same want got
	p	Send it here (https://shop.example/r) today, not here.
	p	Send it here (https://shop.example/r) today.
	p	Send it here (https://shop.example/r).
	p	Pay here (https://shop.example/p).
	p	See here, page 7.
	E
'
check 'titles over the names of a table, marks behind a heading, hidden styles' '
	printf "Shop Alpina\nPrice list\nItem,Price,Stock\nTent,12,3\nBoat,30,0\n" >two.csv && kb-ingest --text two.csv | grep "^[pr]	\|^	" >got &&
	printf "%s\n" "p	Shop Alpina" "p	Price list" "r	Item: Tent; Price: 12; Stock: 3" "	Item: Boat; Price: 30; Stock: 0" >want && same want got &&
	printf "# Help {#top .big}\n\n## Fees {#fees}\n\nNone.\n\n## A set {a}\n\nTwo.\n" >m.md && kb-ingest --text m.md | grep "^h" >got &&
	printf "%s\n" "h1	Help" "h2	Fees" "h2	A set {a}" >want && same want got &&
	python3 -c "import zipfile
z = zipfile.ZipFile(\"hid.docx\", \"w\")
z.writestr(\"[Content_Types].xml\", \"<Types><Override PartName=\\\"/word/document.xml\\\" ContentType=\\\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\\\"/></Types>\")
z.writestr(\"word/styles.xml\", \"<w:styles><w:style w:type=\\\"character\\\" w:styleId=\\\"Hid\\\"><w:name w:val=\\\"Hid\\\"/><w:rPr><w:vanish/></w:rPr></w:style><w:style w:type=\\\"character\\\" w:styleId=\\\"Sub\\\"><w:name w:val=\\\"Sub\\\"/><w:basedOn w:val=\\\"Hid\\\"/></w:style></w:styles>\")
z.writestr(\"word/document.xml\", \"<w:document><w:body><w:p><w:r><w:t>Open at nine.</w:t></w:r><w:r><w:rPr><w:rStyle w:val=\\\"Sub\\\"/></w:rPr><w:t> The key is under the mat.</w:t></w:r></w:p></w:body></w:document>\")
z.close()" && kb-ingest --text hid.docx | grep -qx "p	Open at nine."
'
check 'what is struck out holds no more' '
	page >got <<-E && printf "%s\n" "h1	Prices" "p	A tent is 30 € per day." "r	Item: Tarp; Price: 10 €" >want && same want got
	<html><body><h1>Prices</h1><p>A tent is <s>40 €</s> <ins>30 €</ins> per day.</p>
	<table><tr><th>Item<th>Price<tr><td>Tarp<td><del>12 €</del> 10 €</table></body></html>
	E
'
# Editors of pages write no <th>; the same cells in a DOCX name their columns.
check 'the first row of a table names its columns also where it is not marked' '
	page >got <<-E && cat >want <<-E && same want got
	<html><body><h1>Prices</h1><table><tr><td>Item<td>Summer<td>Winter<tr><td>Tent<td>12 €<td>9 €<tr><td>Ski<td>1 €<td>15 €</table>
	<p>By zone:</p><table><tr><td><strong>Zone</strong></td><td><strong>Countries</strong></td></tr><tr><td>1<td>Austria<tr><td>2<td>Spain</table>
	<p>By guide:</p><table><tr style="font-weight: bold"><td>Who<td>Where<tr><td rowspan=2>Anna<td>Rome<tr><td>Milan<tr><td>Bert<td>Oslo</table>
	<p>Hours:</p><table><tr><td>Monday<td>9-18<tr><td>Tuesday<td>10-18</table>
	<p>Reach us:</p><table><tr><td><b>Phone:</b><td>+39 123<tr><td><b>Mail:</b><td>a@b.c</table>
	<p>Tent:</p><table><tr><th>Weight<td>2 kg<tr><th>Size<td>40 cm</table></body></html>
	E
	h1	Prices
	r	Item: Tent; Summer: 12 €; Winter: 9 €
	+Item: Ski; Summer: 1 €; Winter: 15 €
	p	By zone:
	r	Zone: 1; Countries: Austria
	+Zone: 2; Countries: Spain
	p	By guide:
	r	Who: Anna; Where: Rome
	+Who: Anna; Where: Milan
	+Who: Bert; Where: Oslo
	p	Hours:
	r	Monday; 9-18
	+Tuesday; 10-18
	p	Reach us:
	r	Phone: +39 123
	+Mail: a@b.c
	p	Tent:
	r	Weight; 2 kg
	+Size; 40 cm
	E
'
done_testing
