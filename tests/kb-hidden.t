#!/bin/sh
# kb-ingest(1): what is hidden in a document is left out, and no more than that
. "${0%/*}/lib.sh"

text () { kb-ingest --text "$1" | grep "^[a-z][0-9]*	\|^	"; }
docx () {	# STYLES BODY: here.docx, each w:v standing for w:val
	STYLES=$1 BODY=$2 python3 -c 'import os, zipfile
z = zipfile.ZipFile("here.docx", "w")
z.writestr("[Content_Types].xml", "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>")
z.writestr("word/styles.xml", "<w:styles>" + os.environ["STYLES"] + "</w:styles>")
z.writestr("word/document.xml", "<w:document><w:body>" + os.environ["BODY"] + "</w:body></w:document>")
z.close()'
}
run () { echo "<w:r><w:rPr>$2</w:rPr><w:t>$1</w:t></w:r>"; }
para () { echo "<w:p><w:pPr><w:pStyle w:val='$1'/></w:pPr>$2</w:p>"; }
row () { echo "<w:tr><w:trPr>$3</w:trPr><w:tc><w:p>$(run "$1")</w:p></w:tc><w:tc><w:p>$(run "$2")</w:p></w:tc></w:tr>"; }

check 'Word: the nearest that says so hides or shows: run, its style, the paragraph, what a style is based on' '
	style () { echo "<w:style w:type=\"$1\" w:styleId=\"$2\"><w:name w:val=\"$2\"/>${3:+<w:basedOn w:val=\"$3\"/>}<w:rPr>$4</w:rPr></w:style>"; } &&
	hide="<w:vanish/>" && show="<w:vanish w:val=\"0\"/>" &&
	docx "$(style paragraph Note "" "$hide")$(style paragraph Sub Note "")$(style paragraph Open Sub "$show")
	$(style character Mask "" "$hide")$(style character Clear Mask "<w:vanish w:val=\"false\"/>")" \
	    "$(para Note "$(run "Secret one. ")$(run "Shown by itself." "$show")")
	$(para Sub "$(run "Secret two.")")
	$(para Open "$(run "A style shows it.")")
	$(para Note "$(run "Secret three. ")$(run "Shown by its style." "<w:rStyle w:val=\"Clear\"/>")")
	$(para Open "$(run "Words")$(run " secret" "<w:rStyle w:val=\"Mask\"/>")$(run " and more" "<w:rStyle w:val=\"Mask\"/>$show")$(run " words.")")
	$(para Open "$(run "Boxed.")<w:r><w:rPr>$hide</w:rPr><w:txbxContent><w:p>$(run "Secret box.")</w:p></w:txbxContent></w:r>")" &&
	text here.docx >got && printf "p	%s\n" "Shown by itself." "A style shows it." "Shown by its style." \
	    "Words and more words." "Boxed." >want && same want got
'
check 'Word: a hidden row is none of its table, wherever it stands' '
	docx "" "<w:tbl>$(row Buying price "<w:hidden/>")$(row Item Price)$(row Tent "12 €")$(row Secret "5 €" "<w:hidden/>")$(row Ski "9 €" "<w:hidden w:val=\"0\"/>")</w:tbl>
	<w:tbl><w:tr><w:tc><w:tbl>$(row In "1 €")$(row Secret "2 €" "<w:hidden/>")</w:tbl><w:p/></w:tc><w:tc><w:p>$(run Beside)</w:p></w:tc></w:tr></w:tbl>" &&
	text here.docx >got && ! grep -i "secret\|buying" got && grep -q Beside got &&
	head -2 got >first && printf "%s\n" "r	Item: Tent; Price: 12 €" "	Item: Ski; Price: 9 €" >want && same want first
'
check 'OpenDocument: styles by what they stand on, fields that hide, sections' '
	cat >h.fodt <<-\E && text h.fodt >got && printf "p	%s\n" "Shown by a style of its own." "Words and more." "Set." "An open section." >want && same want got
	<?xml version="1.0"?>
	<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:mimetype="application/vnd.oasis.opendocument.text">
	<office:styles><style:style style:name="Note" style:family="paragraph"><style:text-properties text:display="none"/></style:style>
	<style:style style:name="Sub" style:family="paragraph" style:parent-style-name="Note"/>
	<style:style style:name="Open" style:family="paragraph" style:parent-style-name="Sub"><style:text-properties text:display="true"/></style:style>
	<style:style style:name="Mask" style:family="text"><style:text-properties text:display="none"/></style:style></office:styles>
	<office:automatic-styles><style:style style:name="P1" style:family="paragraph" style:parent-style-name="Sub"/>
	<style:style style:name="T1" style:family="text" style:parent-style-name="Mask"/>
	<style:style style:name="T2" style:family="text" style:parent-style-name="Mask"><style:text-properties text:display="true"/></style:style></office:automatic-styles>
	<office:body><office:text>
	<text:p text:style-name="P1">Secret one.</text:p><text:p text:style-name="Sub">Secret two.</text:p>
	<text:p text:style-name="Open">Shown by a style of its own.</text:p>
	<text:p>Words<text:span text:style-name="T1"> secret</text:span><text:span text:style-name="T2"> and more</text:span>.</text:p>
	<text:p>Secret three.<text:hidden-paragraph text:condition="ooow:1" text:is-hidden="true"/> Secret four.</text:p>
	<text:p>Set<text:variable-set text:name="v" text:display="none">secret</text:variable-set>.<text:hidden-paragraph text:condition="ooow:0" text:is-hidden="false"/></text:p>
	<text:section text:name="a" text:display="condition" text:condition="ooow:1" text:is-hidden="true"><text:p>Secret five.</text:p></text:section>
	<text:section text:name="b" text:display="condition" text:condition="ooow:0"><text:p>An open section.</text:p></text:section>
	</office:text></office:body></office:document>
	E
'
check 'HTML: what the styles of the page hide, and not what another of its rules shows' '
	cat >h.html <<-\E && text h.html >got && printf "p	%s\n" "Plain." "Told twice." "Its own style shows it." "For print only." "One state shows it." "On some screens." "An id counts more." "Important words." "Nested." "A div is not meant." >want && same want got
	<html><head><style>
	/* .plain { display: none } */
	.staff, p.inner , #memo { color: red; Display : NONE }
	.mask { visibility: hidden }
	.twice { display: none } .twice { display: block }
	#kept { display: block } .gone { display: none }
	.weak { display: block !important } .weak.x, .loud { display: none }
	@media print { .paper { display: none } }
	.state { display: none } .open .state:target { display: block }
	.wide { display: none } @media (min-width: 600px) { .wide { display: flex } }
	.nest { display: none; &.open { display: block } }
	.quoted::before { content: "} .plain { display: none" }
	p.staffroom { display: none }
	</style><style media="print">.plain { display: none }</style></head><body>
	<p class="plain">Plain.</p><p class="note staff">Secret one.</p><p class="inner">Secret two.</p><p id="memo">Secret three.</p>
	<p class="mask">Secret four.</p><p style="color: red; visibility: hidden">Secret five.</p><p class="twice">Told twice.</p>
	<p class="staff" style="display: block">Its own style shows it.</p><p class="paper">For print only.</p>
	<p class="state">One state shows it.</p><p class="wide">On some screens.</p><p class="gone" id="kept">An id counts more.</p>
	<p class="loud weak">Important words.</p><p class="nest">Nested.</p><div class="inner"><p>A div is not meant.</p></div><p class="staffroom">Secret six.</p></body></html>
	E
'
check 'HTML: answers that unfold are text, whoever hides them, and so is a page that a script shows' '
	cat >f.html <<-\E && text f.html >got && printf "%s\n" "h1	Help" "h2	Can I return it?" "p	Within 30 days, unused, with the receipt." >want && same want got &&
	<html><head><style>.a1 { display: none }</style></head><body><h1>Help</h1><h2>Can I return it?</h2><div class="a1">Within 30 days, unused, with the receipt.</div></body></html>
	E
	{ echo "<html><head><style>#app{visibility:hidden}</style></head><body><div id=app><h1>Hours</h1><p>"; seq -f "Word %g is said here." 1 30; echo "</p></div></body></html>"; } >p.html &&
	text p.html >got && grep -q "Word 30" got
'
check 'HTML: a table leaves out what is hidden in it, and says where its links lead' '
	cat >t.html <<-\E && text t.html >got && printf "%s\n" "r	Item: Tent; Price: 12 €; Form: here (https://shop.example/tent)" "	Item: Ski; Price: 9 €; Form: Fill it in here (https://shop.example/ski), please" >want && same want got
	<html><head><style>.buy { display: none }</style></head><body><table><tr><th>Item<th>Price<th><a href="https://shop.example/sort">Form</a>
	<tr><td>Tent<td>12 €<span class="buy"> (we pay 5 €)</span><td><a href="https://shop.example/tent">here</a>
	<tr class="buy"><td>Secret<td>1 €<td>none
	<tr><td>Ski<td>9 €<b hidden> secret</b><td>Fill it in <a href="https://shop.example/ski">here</a>, please</table></body></html>
	E
'
done_testing
