"""hostile.py DIR CANARY PORT MARK - documents that mean harm, one file each

CANARY is a file whose text must not turn up anywhere, PORT one at which nobody
may knock; no file named with MARK may be written. Everything is made here, in a few seconds; what unpacks to hundreds
of mebibytes is made of repeated blocks and never unpacked.
"""
import os
import random
import socket
import struct
import sys
import zlib

folder, canary, port = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
mark = sys.argv[4]
url = f"http://127.0.0.1:{port}/"
MIB = 1 << 20
random.seed(4)


def put(name, data):
    if isinstance(data, str):
        data = data.encode()
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


# --- zip, by hand: the library makes only good ones ---

def blocks(piece, count):
    """Raw deflate of piece, count times over, made in no time."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = c.compress(piece) + c.flush(zlib.Z_FULL_FLUSH)
    return one * count + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


class Entry:
    def __init__(self, name, data=b"", raw=None, size=None, crc=None, flags=0,
                 attr=0, method=8):
        self.name = name if isinstance(name, bytes) else name.encode()
        data = data.encode() if isinstance(data, str) else data
        if raw is None:
            if method == 8:
                c = zlib.compressobj(6, zlib.DEFLATED, -15)
                raw = c.compress(data) + c.flush()
            else:
                raw = data
        self.raw = raw
        self.size = len(data) if size is None else size
        self.crc = zlib.crc32(data) if crc is None else crc
        self.flags, self.attr, self.method = flags, attr, method

    def fields(self):
        return struct.pack("<HHHHHIIIHH", 20, self.flags, self.method, 0, 0,
                           self.crc, len(self.raw) & 0xffffffff,
                           self.size & 0xffffffff, len(self.name), 0)

    def local(self):
        return b"PK\3\4" + self.fields() + self.name + self.raw

    def central(self, offset):
        f = self.fields()
        return (b"PK\1\2" + struct.pack("<H", 0x0314) + f +
                struct.pack("<HHHII", 0, 0, 0, self.attr, offset) + self.name)


def zipped(entries, overlap=0):
    """overlap: how many times the directory names the first entry."""
    out, central, n = bytearray(), bytearray(), 0
    for e in entries:
        at = len(out)
        out += e.local()
        for _ in range(overlap if n == 0 and overlap else 1):
            central += e.central(at)
            n += 1
    return (bytes(out + central) + b"PK\5\6" +
            struct.pack("<HHHHIIH", 0, 0, n & 0xffff, n & 0xffff, len(central),
                        len(out), 0))


def crc_of(piece, count, before=b"", after=b""):
    crc = zlib.crc32(before)
    for _ in range(count):
        crc = zlib.crc32(piece, crc)
    return zlib.crc32(after, crc)


def bomb(name, before, piece, count, after):
    """An entry of before, piece count times, after."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = c.compress(before) + c.flush(zlib.Z_FULL_FLUSH)
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw += (c.compress(piece) + c.flush(zlib.Z_FULL_FLUSH)) * count
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw += c.compress(after) + c.flush()
    return Entry(name, raw=raw, size=len(before) + len(piece) * count +
                 len(after), crc=crc_of(piece, count, before, after))


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = ('xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
     'relationships"')
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
LAUGHS = ('<!DOCTYPE l [<!ENTITY a0 "ha ha ">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)) + "]>")
XXE = (f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{canary}">'
       f'<!ENTITY y SYSTEM "{url}"><!ENTITY % z SYSTEM "{url}z"> %z;]>')


def types(kind):
    return Entry("[Content_Types].xml", XML +
                 f'<Types xmlns="{PKG}/content-types">'
                 '<Default Extension="xml" ContentType="application/xml"/>'
                 '<Default Extension="rels" ContentType="application/vnd.'
                 'openxmlformats-package.relationships+xml"/>'
                 f'<Override PartName="/{kind}" ContentType="application/'
                 f'vnd.openxmlformats-officedocument.{OOXML[kind]}.main+xml"/>'
                 "</Types>")


OOXML = {"word/document.xml": "wordprocessingml.document",
         "xl/workbook.xml": "spreadsheetml.sheet",
         "ppt/presentation.xml": "presentationml.presentation"}


def rels(path, *targets):
    body = "".join(f'<Relationship Id="rId{i}" Type="{REL}/{t}" Target="{to}"/>'
                   for i, (t, to) in enumerate(targets, 1))
    return Entry(path, XML + f'<Relationships xmlns="{PKG}/relationships">'
                 f"{body}</Relationships>")


def docx(body, *more, doctype="", entry=None):
    return zipped([
        types("word/document.xml"),
        rels("_rels/.rels", ("officeDocument", "word/document.xml")),
        entry or Entry("word/document.xml", XML + doctype + f"<w:document {W}>"
                       f"<w:body>{body}</w:body></w:document>")] + list(more))


def para(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheet, strings="<si><t>x</t></si>", entry=None, doctype="", book=None,
         shared=None):
    return zipped([
        types("xl/workbook.xml"),
        rels("_rels/.rels", ("officeDocument", "xl/workbook.xml")),
        Entry("xl/workbook.xml", XML + f"<workbook {S} {R}><sheets>" + (
            book or '<sheet name="S" sheetId="1" r:id="rId1"/>') +
            "</sheets></workbook>"),
        rels("xl/_rels/workbook.xml.rels", ("worksheet", "worksheets/sheet1.xml"),
             ("sharedStrings", "sharedStrings.xml")),
        shared or Entry("xl/sharedStrings.xml", XML + doctype +
                        f"<sst {S}>{strings}</sst>"),
        entry or Entry("xl/worksheets/sheet1.xml", XML + f"<worksheet {S}>"
                       f"<sheetData>{sheet}</sheetData></worksheet>")])


def opendocument(kind, body, doctype="", entry=None):
    ns = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
                  for n in ("office", "text", "table"))
    mime = f"application/vnd.oasis.opendocument.{kind}"
    return zipped([
        Entry("mimetype", mime, method=0),
        Entry("META-INF/manifest.xml", XML + '<m:manifest xmlns:m="urn:oasis:'
              'names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry '
              f'm:full-path="/" m:media-type="{mime}"/></m:manifest>'),
        entry or Entry("content.xml", XML + doctype + "<office:document-content "
                       f"{ns}><office:body>{body}</office:body>"
                       "</office:document-content>")])


def epub(spine, manifest, *more, doctype="", opf="OPS/p.opf"):
    return zipped([
        Entry("mimetype", "application/epub+zip", method=0),
        Entry("META-INF/container.xml", XML + '<container version="1.0" xmlns='
              '"urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
              f'<rootfile full-path="{opf}" media-type="application/'
              'oebps-package+xml"/></rootfiles></container>'),
        Entry("OPS/p.opf", XML + doctype + '<package xmlns="http://www.idpf.org'
              '/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/'
              f'elements/1.1/"><dc:title>T</dc:title></metadata><manifest>'
              f"{manifest}</manifest><spine>{spine}</spine></package>"),
        Entry("OPS/c.xhtml", XML + '<html xmlns="http://www.w3.org/1999/xhtml">'
              "<body><h1>C</h1><p>A chapter of words.</p></body></html>")] +
        list(more))


def item(i, href, kind="application/xhtml+xml"):
    return f'<item id="{i}" href="{href}" media-type="{kind}"/>'


# Archives
level = b"the innermost words\n"
for n in range(24):
    level = zipped([Entry(f"level{n}.zip" if n else "words.txt", level)])
put("zip-nested.zip", level)
wide = zipped([Entry("w.txt", b"words " * 20000)])
for n in range(5):
    wide = zipped([Entry(f"{i}.zip", wide) for i in range(10)])
put("zip-nested-wide.zip", wide)
zeros = b"\0" * MIB
spaces = b" " * MIB
words = (b"words and more words " * 50000)[:MIB - 1] + b"\n"
put("zip-bomb.zip", zipped([bomb("a.txt", b"", words, 800, b"")]))
put("zip-bomb-zeros.zip", zipped([bomb("a.txt", b"", zeros, 1000, b"")]))
put("zip-overlap.zip", zipped([bomb("a.txt", b"", words, 20, b"")],
                              overlap=5000))
put("zip-many.zip", zipped([Entry(f"{i}.txt", b"w", method=0)
                            for i in range(65000)]))
put("zip-slip.zip", zipped([Entry(f"../../../../../../tmp/{mark}.txt", "pwned"),
                            Entry(f"../{mark}.txt", "pwned"),
                            Entry(f"/tmp/{mark}.txt", "pwned"),
                            Entry(f"a\\..\\..\\{mark}.txt", "pwned")]))
put("zip-symlink.zip", zipped([
    Entry("link.txt", canary, attr=0o120777 << 16),
    Entry("dir", "/tmp", attr=0o120777 << 16), Entry(f"dir/{mark}.txt", "pwned")]))
put("zip-device.zip", zipped([Entry("zero.txt", "", attr=0o020666 << 16),
                              Entry("fifo.txt", "", attr=0o010666 << 16)]))
put("zip-encrypted.zip", zipped([Entry("a.txt", os.urandom(400), flags=1)]))
put("zip-names.zip", zipped([
    Entry(b"a\nb\x1b[2J\r.txt", "words"), Entry(b"\xff\xfe\xfd.txt", "words"),
    Entry(b"n" * 60000 + b".txt", "words"), Entry(b"", "words"),
    Entry(b"nul\0.txt", "words")]))
put("zip-twice.zip", zipped([Entry("a.txt", "one"), Entry("a.txt", "two")]))
whole = zipped([Entry("a.txt", words)])
put("zip-truncated.zip", whole[:len(whole) // 2])
put("zip-lies.zip", zipped([Entry("a.txt", b"short", size=0xfffffff0, crc=7)]))
put("zip-method.zip", zipped([Entry("a.txt", b"short", raw=b"x", method=99)]))
put("zip-prefix.zip", b"MZ" + b"\0" * 5000 + whole)
put("zip-offset.zip", whole[:-6] + struct.pack("<IH", 0xfffffff0, 0))
put("zip-bits.zip", bytes(b ^ (1 << random.randrange(8))
                          if random.random() < .01 else b for b in whole))

# Office
put("docx-bomb.docx", docx("", entry=bomb(
    "word/document.xml", (XML + f"<w:document {W}><w:body><w:p><w:r><w:t>")
    .encode(), words, 700, b"</w:t></w:r></w:p></w:body></w:document>")))
put("docx-blank.docx", docx("", entry=bomb(
    "word/document.xml", (XML + f"<w:document {W}>").encode(), spaces, 1000,
    b"<w:body/></w:document>")))
put("docx-laughs.docx", docx(para("&a11;"), doctype=LAUGHS))
put("docx-entity.docx", docx(para("&x;&y;"), doctype=XXE))
put("docx-deep.docx", docx("<w:sdt>" * 400000 + para("deep")))
put("docx-tables.docx", docx("<w:tbl><w:tr><w:tc>" * 30000 + para("deep") +
                             "</w:tc></w:tr></w:tbl>" * 30000))
put("docx-span.docx", docx(
    "<w:tbl><w:tr>" + '<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
    f"{para('x')}</w:tc>" * 50 + "</w:tr></w:tbl>"))
put("docx-elsewhere.docx", zipped([
    types("word/document.xml"),
    rels("_rels/.rels", ("officeDocument", f"../../../../..{canary}"),
         ("officeDocument", f"file://{canary}"), ("officeDocument", url))]))
put("docx-loop.docx", docx(para("words"), rels(
    "word/_rels/document.xml.rels", ("footnotes", "document.xml"),
    ("header", "document.xml"), ("subDocument", "../word/document.xml"))))
put("docx-empty.docx", zipped([types("word/document.xml")]))
good = docx(para("words " * 5000))
put("docx-truncated.docx", good[:-40])
put("docx-half.docx", good[:len(good) // 2])
put("docx-cut-xml.docx", docx("", entry=Entry(
    "word/document.xml", XML + f"<w:document {W}><w:body><w:p><w:r><w:t>cut")))
put("docx-utf7.docx", docx("", entry=Entry(
    "word/document.xml", '<?xml version="1.0" encoding="UTF-7"?>'
    "+ADw-x+AD4-")))
cells = "".join(f'<c r="{c}1" t="s"><v>{v}</v></c>' for c, v in (
    ("A", "-1"), ("B", "4294967296"), ("XFD", "0"), ("ZZZZZZZZ", "0"),
    ("", "0"), ("C", "1e300")))
put("xlsx-index.xlsx", xlsx(f'<row r="1">{cells}</row>'
                            '<row r="99999999999999"><c r="A1"/></row>'))
put("xlsx-strings.xlsx", xlsx("<row><c t='s'><v>0</v></c></row>", shared=bomb(
    "xl/sharedStrings.xml", (XML + f"<sst {S}>").encode(),
    b"<si><t>words</t></si>" * 50000, 500, b"</sst>")))
put("xlsx-again.xlsx", xlsx(  # one long string, shown again and again
    "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>'
            for r in range(1, 60000)),
    strings="<si><t>" + "long words " * 9000 + "</t></si>"))
put("xlsx-rows.xlsx", xlsx("", entry=bomb(
    "xl/worksheets/sheet1.xml", (XML + f"<worksheet {S}><sheetData>").encode(),
    b"<row><c><v>1</v></c></row>" * 40000, 500, b"</sheetData></worksheet>")))
put("xlsx-names.xlsx", xlsx(  # names of columns, said again in each row
    "".join("<row>" + '<c t="inlineStr"><is><t>' + ("name " * 400 if r == 0
            else "v") + "</t></is></c>" + '<c t="inlineStr"><is><t>v</t></is>'
            "</c></row>" for r in range(60000))))
put("xlsx-sheets.xlsx", xlsx("<row><c><v>1</v></c></row>", book="".join(
    f'<sheet name="S{i}" sheetId="{i}" r:id="rId1"/>'
    for i in range(1, 50000))))
put("xlsx-laughs.xlsx", xlsx("<row><c t='s'><v>0</v></c></row>",
                             strings="<si><t>&a11;</t></si>", doctype=LAUGHS))
put("ods-repeat.ods", opendocument(
    "spreadsheet", '<office:spreadsheet><table:table><table:table-row '
    'table:number-rows-repeated="1048576"><table:table-cell '
    'table:number-columns-repeated="16384"><text:p>x</text:p>'
    "</table:table-cell></table:table-row></table:table></office:spreadsheet>"))
put("odt-spaces.odt", opendocument(
    "text", '<office:text><text:p>a<text:s text:c="2000000000"/>b</text:p>'
    '<text:p><text:s text:c="-5"/></text:p></office:text>'))
put("odt-entity.odt", opendocument("text", "<office:text><text:p>&x;&y;"
                                   "</text:p></office:text>", doctype=XXE))
put("odt-laughs.odt", opendocument("text", "<office:text><text:p>&a11;"
                                   "</text:p></office:text>", doctype=LAUGHS))
put("odt-lists.odt", opendocument(
    "text", "<office:text>" + "<text:list><text:list-item>" * 100000 +
    "<text:p>deep</text:p>" + "</text:list-item></text:list>" * 100000 +
    "</office:text>"))
put("odt-bomb.odt", opendocument("text", "", entry=bomb(
    "content.xml", b"<office:document-content>", b"<a>" * 300000, 300, b"")))
put("pptx-loop.pptx", zipped([
    types("ppt/presentation.xml"),
    rels("_rels/.rels", ("officeDocument", "ppt/presentation.xml")),
    Entry("ppt/presentation.xml", XML + '<p:presentation xmlns:p="http://'
          'schemas.openxmlformats.org/presentationml/2006/main" ' + R +
          "><p:sldIdLst>" + '<p:sldId id="256" r:id="rId1"/>' * 50000 +
          "</p:sldIdLst></p:presentation>"),
    rels("ppt/_rels/presentation.xml.rels", ("slide", "presentation.xml"),
         ("slide", "slides/none.xml"))]))

# Books
put("epub-again.epub", epub('<itemref idref="c"/>' * 100000,
                            item("c", "c.xhtml")))
put("epub-loop.epub", epub('<itemref idref="p"/><itemref idref="n"/>',
                           item("p", "p.opf") +
                           item("n", "../META-INF/container.xml")))
put("epub-entity.epub", epub('<itemref idref="c"/>', item("c", "c.xhtml") +
                             "&x;", doctype=XXE))
put("epub-elsewhere.epub", epub(
    '<itemref idref="a"/><itemref idref="b"/><itemref idref="c"/>',
    item("a", f"../../../../../../../..{canary}") + item("b", f"file://{canary}")
    + item("c", url)))
put("epub-self.epub", epub("", "", opf="META-INF/container.xml"))
put("epub-deep.epub", epub('<itemref idref="d"/>', item("d", "d.xhtml"), Entry(
    "OPS/d.xhtml", "<html><body>" + "<div>" * 400000 + "deep")))

# PDF


def pdf(objects, trailer="/Root 1 0 R", tail=b""):
    out, at = bytearray(b"%PDF-1.5\n"), []
    for n, o in enumerate(objects, 1):
        at.append(len(out))
        o = o if isinstance(o, bytes) else o.encode()
        out += f"{n} 0 obj\n".encode() + o + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(at) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{a:010} 00000 n \n".encode() for a in at)
    trailer = trailer.replace("HERE", str(start))
    return (bytes(out) + f"trailer\n<</Size {len(at) + 1} {trailer}>>\nstartxref\n"
            f"{start}\n%%EOF\n".encode() + tail)


def stream(data, extra="", length=None):
    data = data if isinstance(data, bytes) else data.encode()
    length = len(data) if length is None else length
    return (f"<</Length {length} {extra}>>\nstream\n".encode() + data +
            b"\nendstream")


def page(content, extra="", font="4 0 R", *more):
    return ["<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R"
            f"/Resources<</Font<</F {font}>>{extra}>>>>",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            content] + list(more)


show = b"BT /F 12 Tf 72 700 Td (words of a page) Tj ET\n"
deflated = zlib.compressobj(9)
head = deflated.compress(b"") + deflated.flush(zlib.Z_FULL_FLUSH)
put("pdf-bomb.pdf", pdf(page(stream(head + blocks(show * 20000, 800),
                                    "/Filter/FlateDecode"))))
put("pdf-bomb-blank.pdf", pdf(page(stream(head + blocks(spaces, 1000),
                                          "/Filter/FlateDecode"))))
twice = head + blocks(zeros, 4000)
for _ in range(3):
    twice = zlib.compress(twice, 9)
put("pdf-filters.pdf", pdf(page(stream(
    twice, "/Filter[" + "/FlateDecode" * 4 + "]"))))
put("pdf-hundred-filters.pdf", pdf(page(stream(
    b"00" * 1000 + b">", "/Filter[" + "/ASCIIHexDecode" * 20000 + "]"))))
put("pdf-xref-loop.pdf", pdf(page(stream(show)), "/Root 1 0 R/Prev HERE"))
put("pdf-pages-loop.pdf", pdf(["<</Type/Catalog/Pages 2 0 R>>",
                               "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]))
put("pdf-pages-deep.pdf", pdf(
    ["<</Type/Catalog/Pages 2 0 R>>"] +
    [f"<</Type/Pages/Kids[{n + 1} 0 R]/Count 1>>" for n in range(2, 60000)]))
put("pdf-count.pdf", pdf(["<</Type/Catalog/Pages 2 0 R>>",
                          "<</Type/Pages/Kids[]/Count 2147483647>>"]))
put("pdf-many-pages.pdf", pdf(
    ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[" + "3 0 R " * 200000 +
     "]/Count 200000>>"] + page(stream(show))[2:]))
put("pdf-form-loop.pdf", pdf(page(
    stream("/X Do"), "/XObject<</X 6 0 R>>", "4 0 R", stream(
        "/X Do /X Do", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources"
        "<</XObject<</X 6 0 R>>>>"))))
put("pdf-reference-loop.pdf", pdf(["<</Type/Catalog/Pages 2 0 R>>", "3 0 R",
                                   "2 0 R"]))
put("pdf-deep.pdf", pdf(page(stream(show)) + ["[" * 300000 + "]" * 300000],
                        "/Root 1 0 R/Info 6 0 R"))
put("pdf-deep-content.pdf", pdf(page(stream(b"[" * 500000 + b"q " * 500000))))
put("pdf-objects.pdf", pdf(page(stream(show)) + [stream(
    "6 0 " + "<</A 6 0 R>>", "/Type/ObjStm/N 2000000000/First 4/Extends 6 0 R")],
    "/Root 6 0 R"))
put("pdf-length.pdf", pdf(page(stream(show, length=-1))))
put("pdf-length-loop.pdf", pdf(page(stream(show, length="5 0 R"))))
put("pdf-box.pdf", pdf(page(stream(show))).replace(
    b"0 0 612 792", b"0 0 1e9 1e99"))
put("pdf-encrypted.pdf", pdf(
    page(stream(os.urandom(200))) + [
        "<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" + "41" * 32 +
        ">/U<" + "42" * 32 + ">>>"],
    "/Root 1 0 R/Encrypt 6 0 R/ID[<00><00>]"))
put("pdf-action.pdf", pdf([
    "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(/bin/sh)/Next<</S/URI"
    f"/URI({url})>>>>/Names<</EmbeddedFiles<</Names[(x)<</F({canary})>>]>>>>>>"]
    + page(stream(show))[1:]))
put("pdf-external.pdf", pdf(page(stream(
    b"", f"/F({canary})/FFilter/FlateDecode"))))
put("pdf-unicode-bomb.pdf", pdf(page(
    stream(show), "", "6 0 R", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica"
    "/ToUnicode 7 0 R>>", stream(
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange "
        "<00> <ff> endcodespacerange 1 beginbfrange <00> <ffffffff> <0041> "
        "endbfrange 256 beginbfchar " + "".join(
            f"<{n:02x}> <{'0041' * 20000}> " for n in range(64)) +
        "endbfchar endcmap end end"))))
small = pdf(page(stream(show * 2000)))
put("pdf-truncated.pdf", small[:len(small) // 2])
put("pdf-header.pdf", b"%PDF-1.7\n")
put("pdf-garbage.pdf", b"%PDF-1.4\n" + random.randbytes(300000))
put("pdf-bits.pdf", bytes(b ^ 1 if random.random() < .003 else b
                          for b in small))

# Pages
put("html-deep.html", "<html><body>" + "<div>" * 400000 + "deep")
put("html-deep-inline.html", "<p>" + "<b><i>" * 200000 + "deep")
put("html-tables.html", "<html><table><tr><td>" * 1 +
    "<table><tr><td>" * 100000 + "deep")
put("html-lists.html", "<html><ul><li>" * 1 + "<ul><li>x" * 100000)
put("html-attribute.html", '<html><p title="' + "x" * (8 * MIB))
put("html-attributes.html", "<html><p " + " ".join(
    f"a{i}=b" for i in range(400000)) + ">words</p>")
put("html-entities.html", "<html><p>" + "&amp;&#x1F600;" * 500000)
put("html-span.html", "<html><table><tr><th colspan=1000000000 rowspan="
    "1000000000>a</th><th colspan=-1>b</th></tr>" +
    "<tr><td rowspan=99999999999>x</td></tr>" * 20000 + "</table>")
put("html-spans.html", "<html><table>" + "<tr>" + "".join(
    f"<td rowspan=30000>cell {i} of many words</td>" for i in range(1000)) +
    "</tr>" + "<tr><td>x</td></tr>" * 30000 + "</table>")
put("html-script.html", "<html><p>words</p><script>" + "<p>x</p>" * MIB)
put("html-comment.html", "<html><p>words</p>" + "<!--" * (2 * MIB))
put("html-tags.html", "<html><p>words " + "<" * (3 * MIB))
put("html-laughs.html", LAUGHS + "<html><p>&a11;</p></html>")
put("html-entity.xhtml", XXE + '<html xmlns="http://www.w3.org/1999/xhtml"><p>'
    "&x;&y; words</p></html>")
put("html-fetch.html", f'<html><head><link rel=stylesheet href="{url}"><base '
    f'href="{url}"><meta http-equiv=refresh content="0;url={url}"></head><p>'
    f'words <img src="{url}"><iframe src="file://{canary}"></iframe><object '
    f'data="{url}"></object><include xmlns="http://www.w3.org/2001/XInclude" '
    f'href="file://{canary}"/></p>')
put("html-charset.html", b"<html><meta charset=utf-16><p>words\xff</p>")
put("html-charset-long.html", b"<html><meta charset=" + b"x" * 5000 +
    b"><p>words\xff")
put("html-charset-path.html", b"<html><meta charset=../../../../tmp/pwned>"
    b"<p>words\xff")
put("html-shift.html", b"<html><meta charset=iso-2022-kr><p>\x1b$)C" +
    b"\x0e!!\xff" * 300000)

# XML and JSON of any kind
put("xml-laughs.xml", LAUGHS + "<r><p>&a11;</p></r>")
put("xml-entity.xml", XXE + "<r><p>&x;&y; words</p></r>")
put("xml-deep.xml", XML + "<a>" * 1000000)
put("xml-records.xml", XML + "<r>" + "<a><b>1</b><c>2</c></a>" * 200000 +
    "</r>")
put("xml-names.xml", XML + "<r>" + "".join(
    f"<a{i}><b>1</b></a{i}>" for i in range(100000)) + "</r>")
put("xml-attributes.xml", XML + "<r " + " ".join(
    f'a{i}="b"' for i in range(100000)) + "/>")
put("json-deep.json", "[" * 3000000)
put("json-lines.json", '{"a":1}\n' * 500000 + "{")
put("json-keys.json", "{" + ",".join(
    f'"k{i}":{{"a":[{i}]}}' for i in range(100000)) + "}")

# Markdown
put("md-quotes.md", ("> " * 3000 + "words\n") * 1000)
put("md-quote-line.md", "> " * (2 * MIB) + "deep\n")
put("md-brackets.md", "# T\n\n" + "[" * (2 * MIB) + "a" + "](x)" * 100000)
put("md-emphasis.md", "# T\n\n" + "*a **b _c " * 300000)
put("md-backticks.md", "# T\n\n" + " ".join("`" * n for n in range(1, 3000)))
put("md-references.md", "[a]: /" + "x" * 200000 + "\n\n" + "[a] " * 300000)
put("md-lists.md", "".join("  " * n + "* x\n" for n in range(3000)))
put("md-list-line.md", "# T\n\n" + "* " * 500000 + "deep\n")
put("md-columns.md", "# T\n\n" + "|a" * 500000 + "|\n" + "|---" * 500000 +
    "|\n" + "|b" * 500000 + "|\n")
put("md-names.md", "# T\n\n|" + "name " * 2000 + "|b|\n|---|---|\n" +
    "|x|y|\n" * 60000)
put("md-headings.md", "# a\n## b\nwords\n" * 300000)
put("md-html.md", "# T\n\n" + "<div>\n\n" * 200000)
put("md-entities.md", "# T\n\n" + "&#x41;&nbsp;" * 500000)

# Tables
put("csv-columns.csv", "c," * 1000000 + "\n" + "1," * 1000000 + "\n")
put("csv-quotes.csv", "a,b\n" + '"' * (4 * MIB) + "\n")
put("csv-open.csv", 'a,b\n"' + "x,y\n" * MIB)
put("csv-names.csv", "n" * 20000 + "," + "m" * 20000 + "\n" + "1,2\n" * 60000)
put("csv-commas.csv", "," * (5 * MIB))
put("csv-rows.csv", "a\n" + "1\n" * (2 * MIB))
put("csv-nul.csv", b"a,b\n1,\x00\x00\n" * 1000)
put("csv-ragged.csv", "a,b\n" + "\n".join("x," * (n % 3000)
                                          for n in range(1500)))
put("tsv-wide.tsv", "\t".join("a" * 100 for _ in range(30000)) + "\n" +
    ("\t" * 29999 + "\n") * 300)

# Rich text
put("rtf-deep.rtf", "{\\rtf1 " + "{" * 2000000 + "deep")
put("rtf-unbalanced.rtf", "{\\rtf1 words" + "}" * 1000000 + "more")
put("rtf-bin.rtf", "{\\rtf1 a\\bin2147483647 b\\bin-5 c\\u-99999999999 d}")
put("rtf-unicode.rtf", "{\\rtf1\\uc1000000 " + "\\u8364 ?" * 300000 + "}")
put("rtf-pict.rtf", "{\\rtf1{\\pict " + "ff" * (4 * MIB) + "}words}")
put("rtf-fonts.rtf", "{\\rtf1{\\fonttbl" + "".join(
    f"{{\\f{i}\\fcharset{i} F;}}" for i in range(100000)) + "}words}")
put("rtf-words.rtf", "{\\rtf1 \\" + "a" * MIB + "1 \\'zz\\'\\'4")
put("rtf-cells.rtf", "{\\rtf1\\trowd" + "\\cell" * 1000000 + "\\row}")
put("rtf-object.rtf", "{\\rtf1{\\object\\objlink{\\*\\objclass Package}{\\field"
    f'{{\\*\\fldinst INCLUDETEXT "{canary}" }}{{\\fldrslt x}}}}}}words}}')

# Mail


def mail(kind, body, more=""):
    return (f"From: a@example.com\r\nTo: b@example.com\r\nSubject: S\r\n{more}"
            f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}")


body = "words"
for n in range(3000):
    body = (f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n - 1}\r\n"
            f"\r\n{body}") if n else "--b0\r\n\r\nwords\r\n"
put("eml-deep.eml", mail("multipart/mixed; boundary=b2999", body))
put("eml-messages.eml", mail("message/rfc822",
                             "Subject: x\r\nContent-Type: message/rfc822\r\n\r\n"
                             * 20000 + "words"))
put("eml-parts.eml", mail("multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n" *
                          300000))
put("eml-same-boundary.eml", mail('multipart/mixed; boundary=""', "--\r\n" *
                                  300000))
put("eml-header.eml", mail("text/plain", "words", "X: " + "y\r\n " * 1000000 +
                           "\r\n"))
put("eml-encoded.eml", mail("text/plain; charset=x-none", "words", "X-A: " +
                            "=?utf-8?b?" * 300000 + "\r\n"))
put("eml-base64.eml", mail("text/plain\r\nContent-Transfer-Encoding: base64",
                           "QUFB=" * 1000000))
put("eml-quoted.eml", mail("text/plain\r\nContent-Transfer-Encoding: "
                           "quoted-printable", "=" * (4 * MIB)))
put("eml-external.eml", mail(
    f'message/external-body; access-type=local-file; name="{canary}"',
    "Content-Type: text/plain\r\n\r\n"))
put("eml-name.eml", mail(
    'multipart/mixed; boundary=b', '--b\r\nContent-Disposition: attachment; '
    f'filename="../../../../tmp/{mark}.txt"\r\n\r\npwned\r\n--b--\r\n'))

# Text
put("text-bytes.txt", bytes(random.randrange(1, 256) for _ in range(300000)))
put("text-invalid.txt", b"words \xc3\x28 \xf0\x90\x28\xbc \xed\xa0\x80 \xff " *
    50000)
put("text-utf16.txt", b"\xff\xfe" + random.randbytes(400001))
put("text-surrogates.txt", b"\xfe\xff" + b"\xdc\x00\xd8\x00" * 200000)
put("text-utf32.txt", b"\xff\xfe\0\0" + random.randbytes(400000))
put("text-nul.txt", b"words\n" * 1000 + b"\0" * MIB + b"words")
put("text-all-nul.txt", b"\0" * MIB)
put("text-line.txt", "x" * (5 * MIB))
put("text-lines.txt", "\n" * (16 * MIB))
put("text-returns.txt", "\r" * (8 * MIB) + "x")
put("text-marks.txt", "a" + "\u0301" * 1000000 + " words")
put("text-controls.txt", "words \x1b[2J\x1b]0;pwned\x07 \u202e\u200b\ufeff " *
    50000)
put("text-pipes.txt", "|" * (4 * MIB) + "\n" + "|-" * MIB)
put("text-unique.txt", " ".join(f"{random.getrandbits(60):x}"
                                for _ in range(200000)))
put("text-empty.txt", "")

# Older kinds, pictures and what is called what it is not
ole = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
struct.pack_into("<HHHHH", ole, 24, 0x3e, 3, 0xfffe, 9, 6)
struct.pack_into("<IIIIIIII", ole, 44, 1, 1, 0, 4096, 1, 1, 1, 0)
put("ole-loop.doc", bytes(ole) + struct.pack("<128I", *[1] * 128) * 4)
put("ole-garbage.xls", bytes(ole) + random.randbytes(100000))
put("ole-header.ppt", bytes(ole[:512]))
put("ole-short.doc", bytes(ole[:20]))


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


put("png-huge.png", b"\x89PNG\r\n\x1a\n" + chunk(
    b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) + chunk(
    b"IDAT", zlib.compress(b"\0" * 30 * MIB)) + chunk(b"IEND", b""))
put("tiff-loop.tif", b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack(
    "<HHII", 256, 3, 1, 65535) + struct.pack("<I", 8))
put("jpeg-cut.jpg", b"\xff\xd8\xff\xe0" + b"\0\x10JFIF" + random.randbytes(99))
put("program.pdf", b"\x7fELF" + random.randbytes(5000))
put("pdf.docx", small)
put("zip.md", whole)
put("docx.csv", good)
put("html.csv", "<html><body><p>words, and, more</p>")
put("gzip.txt", b"\x1f\x8b\x08\0" + random.randbytes(100))
put("xz.txt", b"\xfd7zXZ\0" + random.randbytes(100))
put("database.txt", b"SQLite format 3\0" + random.randbytes(1000))
put("rtf.html", "{\\rtf1 words}")

# What is no file, and names
os.mkfifo(os.path.join(folder, "fifo.md"))
os.symlink("/dev/zero", os.path.join(folder, "zero.md"))
os.symlink("/dev/tty", os.path.join(folder, "tty.md"))
os.symlink("loop.md", os.path.join(folder, "loop.md"))
os.symlink("/nowhere/at/all", os.path.join(folder, "dangling.md"))
os.symlink(".", os.path.join(folder, "itself"))
s = socket.socket(socket.AF_UNIX)
os.chdir(folder)
s.bind("socket.md")
with open("sparse.md", "wb") as f:
    f.truncate(1 << 40)
put("n" * 250 + ".txt", "words")
for name in (b"new\nline.txt", b"esc\x1b[2J\x07.txt", b"\xff\xfe.txt", b"-r.txt",
             b"--help.txt", b" .txt", b"a\tb.txt", f"$(touch {mark}).txt".encode(),
             f"'; touch {mark}; '.txt".encode(), "\u202etxt.exe.txt".encode()):
    with open(name, "wb") as f:
        f.write(b"words of a file with a name")
deep = "deep"
for n in range(100):
    os.mkdir(deep)
    deep += "/d"
