# office.py FOLDER [PPT] - office documents written by hand, with what no program that
# converts one makes: hidden text, tracked changes, comments, merged cells,
# formats of numbers
import struct
import sys
import zipfile

out = sys.argv[1]
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def pack(name, parts):
    with zipfile.ZipFile(f"{out}/{name}", "w", zipfile.ZIP_DEFLATED) as z:
        for part, text in parts:
            info = zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0))
            info.compress_type = (zipfile.ZIP_STORED if part == "mimetype"
                                  else zipfile.ZIP_DEFLATED)
            z.writestr(info, text if part == "mimetype" else HEAD + text)


PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
MAIN = "application/vnd.openxmlformats-officedocument"


def types(**parts):
    return (f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            + "".join(f'<Override PartName="/{p.replace("__", "/")}.xml" '
                      f'ContentType="{MAIN}.{t}+xml"/>'
                      for p, t in parts.items()) + "</Types>")


def relations(*parts):
    return (f'<Relationships xmlns="{PACKAGE}/relationships">'
            + "".join(f'<Relationship Id="r{i}" Type="{OFFICE}/relationships/{t}"'
                      f' Target="{p}"/>' for i, (t, p) in enumerate(parts, 1))
            + "</Relationships>")


# --- Word ---

W = ('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
     'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
     'xmlns:wps="http://schemas.microsoft.com/office/word/2010/'
     'wordprocessingShape"')


def run(text, properties=""):
    return (f'<w:r><w:rPr>{properties}</w:rPr>'
            f'<w:t xml:space="preserve">{text}</w:t></w:r>')


def para(*runs, style=None):
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{looks}{''.join(runs)}</w:p>"


def cell(text, properties=""):
    return (f"<w:tc><w:tcPr>{properties}</w:tcPr>"
            f"{para(run(text)) if text else para()}</w:tc>")


def changed(what, *runs):
    return (f'<w:{what} w:id="1" w:author="Ana" w:date="2026-01-05T09:00:00Z">'
            f"{''.join(runs)}</w:{what}>")


BOX = "<w:txbxContent>" + para(run("Call before you come.")) + "</w:txbxContent>"
body = [
    para(run("Terms of hire"), style="Heading1"),
    para(run("A bicycle costs "),
         changed("del", '<w:r><w:delText xml:space="preserve">ten'
                 '</w:delText></w:r>'),
         changed("ins", run("twelve")), run(" euros a day.")),
    para(run("Ask Eva at the desk."), run(" The code is 4711.", "<w:vanish/>"),
         run(" She knows.", '<w:vanish w:val="0"/>')),
    para(changed("moveFrom", run("This line was here before."))),
    para(run("Bring "), '<w:commentRangeStart w:id="0"/>', run("a lock"),
         '<w:commentRangeEnd w:id="0"/>',
         '<w:r><w:commentReference w:id="0"/></w:r>', run(" of your own."),
         '<w:r><w:footnoteReference w:id="2"/></w:r>'),
    para(changed("moveTo", run("This line came from above.")),
         '<w:r><w:endnoteReference w:id="2"/></w:r>'),
    para('<w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx>'
         f"{BOX}</wps:txbx></mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
         "</mc:AlternateContent></w:r>", run("The box stands beside this.")),
    para(run("Secret chapter"), style="Unseen"),
    "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>"
    + cell("Place") + cell("Summer") + cell("Winter") + "</w:tr><w:tr>"
    + cell("Harbour", '<w:vMerge w:val="restart"/>') + cell("9 to 6")
    + cell("10 to 4") + "</w:tr><w:tr>" + cell("", "<w:vMerge/>")
    + cell("closed on Monday", '<w:gridSpan w:val="2"/>') + "</w:tr><w:tr>"
    + cell("Station") + cell("always") + cell("never") + "</w:tr></w:tbl>",
    para(run("Shown "), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
         "<w:r><w:instrText> PAGEREF x </w:instrText></w:r>"
         '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', run("here"),
         '<w:r><w:fldChar w:fldCharType="end"/></w:r>', run(".")),
]
pack("review.docx", [
    ("[Content_Types].xml", types(
        word__document="wordprocessingml.document.main",
        word__styles="wordprocessingml.styles",
        word__footnotes="wordprocessingml.footnotes",
        word__endnotes="wordprocessingml.endnotes",
        word__comments="wordprocessingml.comments")),
    ("_rels/.rels", relations(("officeDocument", "word/document.xml"))),
    ("word/document.xml",
     f"<w:document {W}><w:body>{''.join(body)}</w:body></w:document>"),
    ("word/styles.xml", f"<w:styles {W}>"
     '<w:style w:type="paragraph" w:styleId="Heading1">'
     '<w:name w:val="heading 1"/></w:style>'
     '<w:style w:type="paragraph" w:styleId="Unseen"><w:name w:val="Unseen"/>'
     "<w:rPr><w:vanish/></w:rPr></w:style></w:styles>"),
    ("word/footnotes.xml", f'<w:footnotes {W}><w:footnote w:id="0" '
     f'w:type="separator">{para(run("___"))}</w:footnote><w:footnote w:id="2">'
     f'{para(run("We lend none."))}</w:footnote></w:footnotes>'),
    ("word/endnotes.xml", f'<w:endnotes {W}><w:endnote w:id="2">'
     f'{para(run("Moved in spring."))}</w:endnote></w:endnotes>'),
    ("word/comments.xml", f'<w:comments {W}><w:comment w:id="0" w:author="Ben">'
     f'{para(run("Really? Ask legal."))}</w:comment></w:comments>'),
])

# --- OpenDocument text ---

O = " ".join(
    f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
    for p, n in (("office", "office"), ("text", "text"), ("table", "table"),
                 ("style", "style"), ("draw", "drawing"),
                 ("number", "datastyle"))
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'


def opendocument(name, kind, styles, content, more=""):
    pack(name, [
        ("mimetype", f"application/vnd.oasis.opendocument.{kind}"),
        ("content.xml", f'<office:document-content {O}{more} office:version="1.2">'
         f"<office:automatic-styles>{styles}</office:automatic-styles>"
         f"<office:body><office:{kind}>{content}</office:{kind}></office:body>"
         "</office:document-content>"),
    ])


def odt_cell(text, attributes=""):
    return (f"<table:table-cell {attributes}><text:p>{text}</text:p>"
            "</table:table-cell>")


opendocument("review.odt", "text",
    '<style:style style:name="T1" style:family="text">'
    '<style:text-properties text:display="none"/></style:style>',
    '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
    "<office:change-info><dc:creator>Ana</dc:creator></office:change-info>"
    "<text:p>ten</text:p></text:deletion></text:changed-region>"
    '<text:changed-region text:id="c2"><text:insertion><office:change-info>'
    "<dc:creator>Ana</dc:creator></office:change-info></text:insertion>"
    "</text:changed-region></text:tracked-changes>"
    '<text:h text:outline-level="1">Terms of hire</text:h>'
    '<text:p>A bicycle costs <text:change text:change-id="c1"/>'
    '<text:change-start text:change-id="c2"/>twelve'
    '<text:change-end text:change-id="c2"/> euros a day.</text:p>'
    '<text:p>Ask Eva at the desk.<text:span text:style-name="T1"> The code is '
    "4711.</text:span> She knows.</text:p>"
    "<text:p>Bring <office:annotation><dc:creator>Ben</dc:creator>"
    "<text:p>Really? Ask legal.</text:p></office:annotation>a lock of your own."
    '<text:note text:note-class="footnote"><text:note-citation>1'
    "</text:note-citation><text:note-body><text:p>We lend none.</text:p>"
    "</text:note-body></text:note></text:p>"
    "<text:p><draw:frame><draw:text-box><text:p>Call before you come.</text:p>"
    "</draw:text-box></draw:frame>The box stands beside this.</text:p>"
    '<table:table table:name="t"><table:table-column '
    'table:number-columns-repeated="3"/><table:table-header-rows>'
    "<table:table-row>" + odt_cell("Place") + odt_cell("Summer")
    + odt_cell("Winter") + "</table:table-row></table:table-header-rows>"
    "<table:table-row>" + odt_cell("Harbour", 'table:number-rows-spanned="2"')
    + odt_cell("9 to 6") + odt_cell("10 to 4") + "</table:table-row>"
    "<table:table-row><table:covered-table-cell/>"
    + odt_cell("closed on Monday", 'table:number-columns-spanned="2"')
    + "<table:covered-table-cell/></table:table-row><table:table-row>"
    + odt_cell("Station") + odt_cell("always") + odt_cell("never")
    + "</table:table-row></table:table>")

# --- slides and their numbers ---

A = ('xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
     f'xmlns:r="{OFFICE}/relationships" '
     'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"')
# Title, a text box, the box of the number: by itself, typed, or in a field.
SLIDES = [
    ("Lockers", "There are 40 of them.", "placeholder"),
    ("Keys", "A lost key costs 9 EUR.", "2"),
    ("Hours", "Each takes 3", "field"),
    ("Floors", "3", "4 / 5"),
    ("Doors", "5 doors lead to the yard.", "– 5 –"),
]


def shape(n, content, kind=""):
    return ('<p:sp><p:nvSpPr><p:cNvPr id="%d" name="s%d"/><p:cNvSpPr/><p:nvPr>'
            '%s</p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p>%s</a:p>'
            '</p:txBody></p:sp>' % (n, n, kind, content))


def said(text):
    return f"<a:r><a:t>{text}</a:t></a:r>"


def field(n):
    return ('<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
            f"<a:t>{n}</a:t></a:fld>")


def slide(n, title, body, number):
    box = (shape(4, field(n), '<p:ph type="sldNum" idx="12"/>')
           if number == "placeholder" else
           shape(4, said("Page ") + field(n) + said(" of 5"))
           if number == "field" else shape(4, said(number)))
    return (f"<p:sld {A}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" "
            'name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
            + box + shape(2, said(title), '<p:ph type="title"/>')
            + shape(3, said(body)) + "</p:spTree></p:cSld></p:sld>")


pack("numbered.pptx", [
    ("[Content_Types].xml", types(
        ppt__presentation="presentationml.presentation.main",
        **{f"ppt__slides__slide{n}": "presentationml.slide"
           for n in range(1, 6)})),
    ("_rels/.rels", relations(("officeDocument", "ppt/presentation.xml"))),
    ("ppt/_rels/presentation.xml.rels", relations(
        *(("slide", f"slides/slide{n}.xml") for n in range(1, 6)))),
    ("ppt/presentation.xml", f"<p:presentation {A}><p:sldIdLst>" + "".join(
        f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in range(1, 6))
     + "</p:sldIdLst></p:presentation>"),
    *((f"ppt/slides/slide{n}.xml", slide(n, *s))
      for n, s in enumerate(SLIDES, 1))])


def frame(content, kind=""):
    return (f"<draw:frame {kind}><draw:text-box><text:p>{content}</text:p>"
            "</draw:text-box></draw:frame>")


PRESENTATION = (" xmlns:presentation="
                '"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
                'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:'
                'xsl-fo-compatible:1.0"')


def odp_slide(n, title, body, number):
    there = f"<text:page-number>{n}</text:page-number>"
    box = (frame(there, 'presentation:class="page-number"')
           if number == "placeholder" else frame(f"Page {there} of 5")
           if number == "field" else frame(number))
    return (f'<draw:page draw:name="page{n}">' + box
            + frame(title, 'presentation:class="title"') + frame(body)
            + "</draw:page>")


# A table whose first row is set in a colour of its own, and has no other name.
def odp_row(color, *cells):
    return "<table:table-row>" + "".join(
        f'<table:table-cell><text:p><text:span text:style-name="{color}">{c}'
        "</text:span></text:p></table:table-cell>"
        for c in cells) + "</table:table-row>"


opendocument("numbered.odp", "presentation", "".join(
    f'<style:style style:name="{n}" style:family="text">'
    f'<style:text-properties fo:color="{c}"/></style:style>'
    for n, c in (("white", "#ffffff"), ("black", "#000000"))),
    "".join(odp_slide(n, *s) for n, s in enumerate(SLIDES, 1))
    + '<draw:page draw:name="page6">' + frame(
        "Who may enter", 'presentation:class="title"')
    + "<draw:frame><table:table>" + odp_row("white", "Person", "Door")
    + odp_row("black", "guests", "the blue one")
    + odp_row("black", "staff", "all of them") + "</table:table></draw:frame>"
    "</draw:page>", PRESENTATION)

# --- numbers ---

# What it is, the number, its format: built in, or of our own.
NUMBERS = [
    ("whole", "1234567", 3, None), ("two places", "1234.5", 4, None),
    ("percent", "0.256", 9, None), ("percent, two places", "0.2567", 10, None),
    ("large", "12345678", 11, None), ("fraction", "2.25", 12, None),
    ("date", "46086", 14, None), ("month", "46086", 17, None),
    ("time", "0.75", 20, None), ("both", "46086.75", 22, None),
    ("general", "3.25", 0, None), ("price", "-12.5", 164, '#,##0.00\\ "€"'),
    ("dollar", "9.9", 165, '"$"#,##0.00;[Red]\\-"$"#,##0.00'),
    ("ISO date", "46086", 166, "yyyy\\-mm\\-dd"),
    ("German date", "46086", 167, 'd\\. mmmm yyyy'),
    ("duration", "1.5", 168, "[h]:mm"), ("none of it", "0", 169, '0;\\-0;"-"'),
    ("zeros", "7", 170, "00000"), ("thousands", "1234567", 171, '0.0,,"M"'),
    ("eighths", "-1.3", 172, "# ?/8"), ("halves", "2.5", 173, "?/?"),
    ("text", None, 49, "as it stands"), ("yes", "1", 0, "b"),
    ("no", "0", 0, "b"), ("error", "#DIV/0!", 0, "e"),
]
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(name, is_1904, rows, formats, merged=""):
    looks = sorted({(i, c) for i, c in formats})
    pack(name, [
        ("[Content_Types].xml", types(
            xl__workbook="spreadsheetml.sheet.main",
            xl__styles="spreadsheetml.styles",
            xl__worksheets__sheet1="spreadsheetml.worksheet",
            xl__worksheets__sheet2="spreadsheetml.worksheet")),
        ("_rels/.rels", relations(("officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels", relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
            ("styles", "styles.xml"))),
        ("xl/workbook.xml", f'<workbook xmlns="{S}" xmlns:r="{OFFICE}/'
         f'relationships"><workbookPr date1904="{int(is_1904)}"/><sheets>'
         '<sheet name="Numbers" sheetId="1" r:id="r1"/><sheet name="Drafts" '
         'sheetId="2" state="hidden" r:id="r2"/></sheets></workbook>'),
        ("xl/styles.xml", f'<styleSheet xmlns="{S}"><numFmts>' + "".join(
            f'<numFmt numFmtId="{i}" formatCode="{c}"/>' for i, c in looks if c)
         + '</numFmts><fonts><font/></fonts><cellXfs><xf numFmtId="0"/>'
         + "".join(f'<xf numFmtId="{i}" applyNumberFormat="1"/>'
                   for i, c in looks) + "</cellXfs></styleSheet>"),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{S}"><sheetData>'
         + rows({look: n for n, look in enumerate(looks, 1)})
         + f"</sheetData>{merged}</worksheet>"),
        ("xl/worksheets/sheet2.xml", f'<worksheet xmlns="{S}"><sheetData><row>'
         "<c><v>4711</v></c></row></sheetData></worksheet>"),
    ])


def text_cell(text):
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def look(f, code):
    return (f, code.replace('"', "&quot;") if f >= 164 else None)


def number_rows(style):
    rows = "<row>" + text_cell("What") + text_cell("Shown") + "</row>"
    for what, value, f, code in NUMBERS:
        if value is None:
            c = text_cell(code)
        elif code in ("b", "e"):
            c = f'<c t="{code}"><v>{value}</v></c>'
        else:
            c = f'<c s="{style[look(f, code)]}"><v>{value}</v></c>'
        rows += f"<row>{text_cell(what)}{c}</row>"
    return rows


workbook("numbers.xlsx", False, number_rows,
         [look(f, code) for _, v, f, code in NUMBERS
          if v is not None and code not in ("b", "e")])
workbook("mac.xlsx", True, lambda style:
         '<row r="1"><c r="A1" t="inlineStr"><is><t>Open days</t></is></c></row>'
         '<row r="2">' + text_cell("Who") + text_cell("From") + text_cell("To")
         + '</row><row r="3">' + text_cell("Ana")
         + f'<c s="{style[(14, None)]}"><v>44624</v></c>'
         + f'<c s="{style[(14, None)]}"><v>44630</v></c></row>'
         '<row r="4">' + text_cell("") + f'<c s="{style[(14, None)]}">'
         '<v>44640</v></c><c/></row><row r="5" hidden="1">'
         + text_cell("Ben") + text_cell("left") + text_cell("us") + "</row>",
         [(14, None)], '<mergeCells><mergeCell ref="A1:C1"/>'
         '<mergeCell ref="A3:A4"/></mergeCells>')


def ods_row(what, attributes, shown):
    return (f"<table:table-row><table:table-cell><text:p>{what}</text:p>"
            f"</table:table-cell><table:table-cell {attributes}>"
            f"<text:p>{shown}</text:p></table:table-cell></table:table-row>")


def typed(kind, name, value):
    return f'office:value-type="{kind}" office:{name}="{value}"'


opendocument("numbers.ods", "spreadsheet",
    '<style:style style:name="gone" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>',
    '<table:table table:name="Numbers">'
    + ods_row("What", "", "Shown")
    + ods_row("percent", typed("percentage", "value", "0.256"), "25.6 %")
    + ods_row("price", typed("currency", "value", "-12.5"), "-12,50 €")
    + ods_row("date", typed("date", "date-value", "2026-03-05"),
              "5. März 2026")
    + ods_row("duration", typed("time", "time-value", "PT36H00M00S"), "36:00")
    + ods_row("yes", typed("boolean", "boolean-value", "true"), "TRUE")
    + ods_row("fraction", typed("float", "value", "2.25"), "2 1/4")
    + '<table:table-row table:visibility="collapse"><table:table-cell><text:p>'
    "hidden row</text:p></table:table-cell></table:table-row>"
    "</table:table>"
    '<table:table table:name="Drafts" table:style-name="gone">'
    + ods_row("secret", "", "4711") + "</table:table>")

# --- before 2007 ---


def compound(name, streams):
    """A compound file; streams are of 4 KiB at least, for smaller ones would be
    in a place of their own."""
    data, entries, fat = b"", [], []
    for stream, content in streams:
        content = content.ljust(4096, b"\0")
        n = -(-len(content) // 512)
        entries.append((stream, 2, len(fat), len(content)))
        fat += [len(fat) + i + 1 for i in range(n - 1)] + [0xfffffffe]
        data += content.ljust(n * 512, b"\0")
    entries.insert(0, ("Root Entry", 5, 0xfffffffe, 0))
    folder = len(fat)
    for i, (entry, kind, at, size) in enumerate(entries):
        wide = (entry + "\0").encode("utf-16le")
        data += wide.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(wide), kind, 1, 0xffffffff,
            i + 1 if 0 < i < len(entries) - 1 else 0xffffffff,
            1 if i == 0 else 0xffffffff) + bytes(36) + struct.pack(
            "<III", at, size, 0)
    n = -(-len(entries) // 4)
    fat += [folder + i + 1 for i in range(n - 1)] + [0xfffffffe]
    data = data.ljust(len(fat) * 512, b"\0")
    table = len(fat)
    fat.append(0xfffffffd)
    assert len(fat) <= 128
    data += struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack(
        "<HHHHH", 0x3e, 3, 0xfffe, 9, 6) + bytes(10) + struct.pack(
        "<IIIIIIIII", 1, folder, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0, table)
    open(f"{out}/{name}", "wb").write(head.ljust(512, b"\xff") + data)


def storage(name, tree):
    """A compound file of folders (dicts) and streams; those below 4 KiB are in
    a stream of their own, as they must be."""
    entries, sectors, fat, small, small_fat = [], b"", [], b"", []

    def chain(table, n):
        first = len(table)
        table += [first + i + 1 for i in range(n - 1)] + [0xfffffffe]
        return first

    def put(content):
        nonlocal sectors, small
        if len(content) >= 4096:
            n = -(-len(content) // 512)
            sectors += content.ljust(512 * n, b"\0")
            return chain(fat, n)
        n = -(-len(content) // 64)
        small += content.ljust(64 * n, b"\0")
        return chain(small_fat, n) if n else 0xfffffffe

    def walk(content):
        """The entries of a folder, each at the right of the one before it."""
        first = before = 0xffffffff
        for title in sorted(content, key=lambda t: (len(t), t.upper())):
            here, one = len(entries), content[title]
            is_folder = isinstance(one, dict)
            entries.append([title, 1 if is_folder else 2, 0xffffffff, 0xffffffff,
                            0 if is_folder else put(one),
                            0 if is_folder else len(one)])
            if before == 0xffffffff:
                first = here
            else:
                entries[before][2] = here
            before = here
            if is_folder:
                entries[here][3] = walk(one)
        return first

    entries.append(["Root Entry", 5, 0xffffffff, 0, 0, 0])
    entries[0][3] = walk(tree)
    entries[0][4:] = [len(fat), len(small)]
    sectors += small.ljust(-(-len(small) // 512) * 512, b"\0")
    chain(fat, -(-len(small) // 512))
    small_table = len(fat)
    table = struct.pack(f"<{len(small_fat)}I", *small_fat)
    n_small = -(-len(table) // 512)
    sectors += table.ljust(n_small * 512, b"\xff")
    chain(fat, n_small)
    folder = len(fat)
    for title, kind, right, child, at, size in entries:
        wide = (title + "\0").encode("utf-16le")
        sectors += wide.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(wide), kind, 1, 0xffffffff, right, child
        ) + bytes(36) + struct.pack("<III", at, size, 0)
    n = -(-len(entries) // 4)
    sectors = sectors.ljust((folder + n) * 512, b"\0")
    chain(fat, n)
    last = len(fat)
    fat.append(0xfffffffd)
    assert len(fat) <= 128
    sectors += struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack(
        "<HHHHH", 0x3e, 3, 0xfffe, 9, 6) + bytes(10) + struct.pack(
        "<IIIIIIIII", 1, folder, 0, 4096, small_table, n_small, 0xfffffffe, 0,
        last)
    open(f"{out}/{name}", "wb").write(head.ljust(512, b"\xff") + sectors)


def streams_of(path):
    """The large streams of a compound file of one table of sectors."""
    d = open(path, "rb").read()
    tables = struct.unpack("<109I", d[76:512])
    fat = [n for t in tables if t < 0xfffffff0
           for n in struct.unpack("<128I", d[512 * (t + 1):512 * (t + 2)])]

    def chain(at):
        while at < 0xfffffff0:
            yield d[512 * (at + 1):512 * (at + 2)]
            at = fat[at]
    folder = b"".join(chain(struct.unpack("<I", d[48:52])[0]))
    for i in range(0, len(folder), 128):
        e = folder[i:i + 128]
        at, size = struct.unpack("<II", e[116:124])
        if e[66] == 2 and size >= 4096:
            yield (e[:struct.unpack("<H", e[64:66])[0] - 2].decode("utf-16le"),
                   b"".join(chain(at))[:size])


def record(kind, *content, instance=0):
    content = b"".join(content)
    is_folder = kind in (1000, 1006, 1008, 1016, 1036, 4080, 0xf00d)
    return struct.pack("<HHI", instance << 4 | (15 if is_folder else 0), kind,
                       len(content)) + content


def text(kind, words, wide=True):
    return record(3999, struct.pack("<I", kind)) + (
        record(4000, words.encode("utf-16le")) if wide else
        record(4008, words.encode("latin1")))


def drawn(*content):
    return record(1036, *(record(0xf00d, c) for c in content))


def persist(identity):
    return record(1011, struct.pack("<IIIII", 1, 0, 1, identity, 0))


# As PowerPoint has it: titles and bodies in a list, the drawing refers to them.
compound("outline.ppt", [("PowerPoint Document", b"".join([
    record(1000, record(4080, persist(256), text(0, "Öffnungszeiten"),
                        text(1, "Montag bis Freitag\rSamstag \U0001f600"),
                        persist(257), text(6, "Prices", False),
                        text(1, "Tea is 2 EUR", False)),
           record(4080, persist(256), text(0, "Click to edit"), instance=1)),
    record(1016, drawn(text(0, "Click to edit the master"))),
    record(1006, drawn(record(3998, struct.pack("<I", 0)),
                       record(3998, struct.pack("<I", 1)),
                       text(4, "On feast\x0bdays we are closed.\r*"))),
    record(1006, drawn(record(3998, struct.pack("<I", 1)),
                       record(3998, struct.pack("<I", 0)), text(4, "*"))),
    record(1008, record(1009, struct.pack("<II", 0, 0)),
           drawn(text(2, "Click to edit the notes"))),
    record(1008, record(1009, struct.pack("<II", 257, 0)),
           drawn(text(2, "Say that cake is new."))),
]))])
if len(sys.argv) > 2:  # without the picture of its first slide
    compound("slides.ppt", [s for s in streams_of(sys.argv[2])
                            if s[0] == "PowerPoint Document"])

# --- a letter of Outlook ---


def said_in(tag, words):
    return {f"__substg1.0_{tag}001F": words.encode("utf-16le")}


def properties(head, *values):
    return {"__properties_version1.0": bytes(head) + b"".join(
        struct.pack("<HHIQ", kind, tag, 6, value)
        for tag, kind, value in values)}


def packed(rtf):
    """Compressed: what Outlook begins with from the window, the rest as it is."""
    window = ("{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
              "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial"
              "Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
              "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx")
    signs = []
    while rtf:
        n = max((n for n in range(2, 18) if rtf[:n] in window), default=0)
        signs.append((window.index(rtf[:n]) << 4 | n - 2) if n > 2 else rtf[0])
        rtf = rtf[max(n, 1) if n > 2 else 1:]
        # What is written now goes behind the window, so that its end is known.
    size = sum(1 if isinstance(s, str) else (s & 15) + 2 for s in signs)
    signs.append((len(window) + size) % 4096 << 4)
    data = b""
    for i in range(0, len(signs), 8):
        part = signs[i:i + 8]
        data += bytes([sum((not isinstance(s, str)) << k
                           for k, s in enumerate(part))])
        data += b"".join(s.encode("latin1") if isinstance(s, str)
                         else struct.pack(">H", s) for s in part)
    return struct.pack("<II4sI", len(data) + 12, size, b"LZFu", 0) + data


def bytes_in(tag, words, charset="cp1251"):
    return {f"__substg1.0_{tag}001E": words.encode(charset)}


DAY = 134171424000000000 + 9 * 36000000000  # 5 March 2026, 9:00, in 100 ns
storage("letter.msg", {
    "__nameid_version1.0": {f"__substg1.0_000{n}0102": b"" for n in (2, 3, 4)},
    **properties(32, (0x0039, 0x40, DAY), (0x340d, 3, 0x40000),
                 (0x0e06, 0x40, DAY)),
    **said_in("001A", "IPM.Note"), **said_in("0037", "Öffnungszeiten im März"),
    **said_in("0C1A", "Ana Pérez"), **said_in("0C1E", "SMTP"),
    **said_in("0C1F", "ana@shop.example"), **said_in("0E04", "Desk"),
    **said_in("1000", "Im März öffnen wir um zehn Uhr.\r\n\r\n"
              "Die Preise liegen bei.\r\n\r\n-- \r\nAna\r\n"),
    "__recip_version1.0_#00000000": {
        **properties(8, (0x0c15, 3, 1)), **said_in("3001", "Desk"),
        **said_in("3002", "SMTP"), **said_in("3003", "desk@shop.example")},
    "__attach_version1.0_#00000000": {
        **properties(8, (0x3705, 3, 1)), **said_in("3707", "prices.csv"),
        **said_in("370E", "text/csv"),
        "__substg1.0_37010102": open(f"{out}/table.csv", "rb").read()},
})
# As older ones are: text of one byte a sign, the body as RTF; within it a
# letter that was sent on, whose body is HTML, a picture of the text, and a Word
# document, by whose streams the whole must not be taken for one.
storage("forwarded.msg", {
    "__nameid_version1.0": {f"__substg1.0_000{n}0102": b"" for n in (2, 3, 4)},
    **properties(32, (0x0039, 0x40, DAY), (0x3ffd, 3, 1251)),
    **bytes_in("001A", "IPM.Note"), **bytes_in("0037", "Новый склад"),
    **bytes_in("0C1A", "Иван Петров"),
    **bytes_in("0C1F", "/O=SHOP/OU=EAST/CN=RECIPIENTS/CN=IVAN"),
    **bytes_in("1000", " \r\n"),
    "__substg1.0_10090102": packed(
        "{\\rtf1\\ansi\\ansicpg1251\\deff0{\\fonttbl{\\f0 Arial;}}\\pard\\plain"
        "\\f0 " + "".join(f"\\'{c:02x}" if c > 127 else chr(c) for c in
                        "Склад закрыт в понедельник.".encode("cp1251"))
        + "\\par Call 555-0142 before you come.\\par}"),
    "__attach_version1.0_#00000000": {
        **properties(8, (0x3705, 3, 5)), **said_in("3001", "Price list"),
        "__substg1.0_3701000D": {
            **properties(24, (0x0e06, 0x40, DAY), (0x3fde, 3, 65001)),
            **said_in("0037", "Price list"),
            **said_in("0C1F", "bob@shop.example"),
            "__substg1.0_10130102": (
                "<html><body><p>A crate costs <b>12 €</b> a week.</p>"
                "<ul><li>ask for Bob</li></ul></body></html>").encode()}},
    "__attach_version1.0_#00000001": {
        **properties(8, (0x3705, 3, 1), (0x7ffe, 11, 1)),
        **said_in("3707", "logo.txt"), "__substg1.0_37010102": b"A logo."},
    "__attach_version1.0_#00000002": {
        **properties(8, (0x3705, 3, 1)), **bytes_in("3704", "terms.doc"),
        "__substg1.0_37010102": open(f"{out}/en.doc", "rb").read()},
})
