# pdf.py FOLDER - the PDF documents whose places on the page matter, and scans
import math
import sys
import cairo

out = sys.argv[1]
W, H = 595, 842


def page(c, y=60):
    c.select_font_face("DejaVu Sans")
    c.set_font_size(10)
    return y


def put(c, x, y, text, size=10, bold=False):
    c.select_font_face("DejaVu Sans", cairo.FONT_SLANT_NORMAL,
                       cairo.FONT_WEIGHT_BOLD if bold else
                       cairo.FONT_WEIGHT_NORMAL)
    c.set_font_size(size)
    c.move_to(x, y)
    c.show_text(text)


def make(name):
    s = cairo.PDFSurface(f"{out}/{name}.pdf", W, H)
    s.set_metadata(cairo.PDFMetadata.CREATE_DATE, "2026-01-01T00:00:00")
    return s, cairo.Context(s)


LEFT = ["The shop opens at nine in the morning on",
        "every day of the week but Sunday, and we",
        "close at six. On the day before a feast we",
        "close at two. Who comes late may ring the",
        "bell at the side door for five minutes."]
RIGHT = ["Parcels are sent on the day they are paid",
         "for, if that is before noon. What is paid",
         "later leaves on the next morning. You get",
         "a number by which you can follow the way",
         "of your parcel until it is at your door."]

s, c = make("columns")
put(c, 60, 70, "How we work, and when the parcels leave the house", 18, True)
for i, (a, b) in enumerate(zip(LEFT, RIGHT)):
    put(c, 60, 110 + 14 * i, a)
    put(c, 320, 110 + 14 * i, b)
put(c, 60, 230, "Last changed by the people of the shop in the spring of this "
    "year, after the second house was opened.")
s.finish()

s, c = make("hyphens")
for i, t in enumerate(["All our delivery compa-", "nies know the neighbour-",
                       "hood well. A parcel that can-", "not be given to you goes",
                       "to the post office."]):
    put(c, 60, 80 + 14 * i, t)
s.finish()

s, c = make("headers")
facts = ["The red kettle holds one litre of water.",
         "A blue kettle holds two litres and sings.",
         "Kettles of steel are kept for ten years.",
         "Send us a photograph of a broken kettle.",
         "Lids are sold alone, for four euros each.",
         "The handle stays cool when water boils."]
for n, fact in enumerate(facts, 1):
    put(c, 60, 40, "Kettle handbook, second edition", 8)
    put(c, 480, 40, f"Page {n} of {len(facts)}", 8)
    put(c, 60, 100, f"Chapter {chr(64 + n)}", 16, True)
    put(c, 60, 130, fact)
    put(c, 200, 810, "Cafe Sol, all rights reserved", 8)
    c.show_page()
s.finish()

# A book: over each page its chapter and its section, under it the number, and
# sentences that go on from page to page.
s, c = make("running")
chapters = [("CHAPTER 1. KETTLES", ["1.1. Steel", "1.2. Copper", "1.3. Glass"]),
            ("CHAPTER 2. TEA POTS", ["2.1. Clay", "2.2. Iron", "2.3. Silver"]),
            ("CHAPTER 3. CUPS", ["3.1. Small", "3.2. Large"])]
said = ["Steel holds its heat for an hour.|A kettle that is of",
        "copper must be rubbed once a month|with salt and half a lemon, and one of",
        "glass breaks where it was scratched.|A pot of clay",
        "takes the taste of the tea, so keep|one for each sort. What is made of",
        "iron is heavy, but stays warm for|an hour. You can buy",
        "silver at the fair in May.|Cups that are",
        "small cool fast, and those that are",
        "large do not.|That is all there is to say."]
n = 0
for chapter, sections in chapters:
    for section in sections:
        put(c, 60, 40, chapter, 8)
        put(c, 420, 40, section.upper(), 8)
        for i, t in enumerate(said[n].split("|")):
            put(c, 60, 66 + 14 * i, t)
        put(c, 290, 800, str(n + 7), 8)
        c.show_page()
        n += 1
s.finish()

# Pages of one form: their lines differ by numbers alone, and are no headers.
s, c = make("catalogue")
for n in range(1, 8):
    put(c, 60, 60, f"Lamp {n}", 16, True)
    put(c, 60, 100, f"Price: {n}9.90 EUR")
    put(c, 60, 114, f"It is sent in {n} days.")
    put(c, 280, 800, f"{n} / 7", 8)
    c.show_page()
s.finish()

s, c = make("table")
put(c, 60, 70, "What it costs", 16, True)
rows = [("Country", "Price", "Days"), ("Spain", "4 EUR", "3"),
        ("Germany", "5 EUR", "2"), ("Portugal", "6 EUR", "4")]
for i, row in enumerate(rows):
    for x, t in zip((60, 220, 360), row):
        put(c, x, 100 + 18 * i, t, 10, i == 0)
put(c, 60, 200, "Prices hold until the end of the year.")
s.finish()

s, c = make("pages")
put(c, 60, 80, "The first page says that tea is green.")
c.show_page()
put(c, 60, 80, "The second page says that coffee is black.")
c.show_page()
s.finish()

# Tables with little room between the columns, whose names are of one word and
# of two.
s, c = make("narrow")
put(c, 60, 70, "Boxes by size", 16, True)
rows = [("Size", "Width", "Height", "Price", "Sold in"),
        ("small", "20 cm", "15 cm", "2 EUR", "shops"),
        ("large", "40 cm", "30 cm", "5 EUR", "all over"),
        ("giant", "90 cm", "80 cm", "9 EUR", "the web")]
for i, row in enumerate(rows):
    for x, t in zip((60, 100, 145, 190, 235), row):
        put(c, x, 100 + 14 * i, t, 10, i == 0)
put(c, 60, 180, "A box that is wet is no box.")
s.finish()

# Names of columns in two lines, set to the top, to the bottom, in the middle;
# narrower than what is below them, over two columns, or missing.
def grid(c, y, places, rows, pitch=12, gap=8, bold=True, middle=False):
    for i, row in enumerate(rows):
        cells = [t.split("/") for t in row]
        most = max(len(t) for t in cells)
        for x, t in zip(places, cells):
            down = (most - len(t)) * pitch / 2 if middle else 0
            for k, part in enumerate(t):
                put(c, x, y + k * pitch + down, part, 10, bold and i == 0)
        y += most * pitch + gap
    return y


s, c = make("tables")
put(c, 60, 60, "Names in two lines", 16, True)
put(c, 60, 80, "What it costs to send a parcel of two kilos:")
grid(c, 104, (60, 200, 300, 400), [
    ("Country of/arrival", "Net/price", "Days on/the way", "Sold in"),
    ("Spain", "4 EUR", "3", "shops"), ("Germany", "5 EUR", "2", "shops"),
    ("Papua New/Guinea", "19 EUR", "14", "the web/alone")])
put(c, 60, 240, "Names set low", 16, True)
for x, y, t in ((300, 262, "Days on"), (60, 274, "Country"),
                (200, 274, "Price"), (300, 274, "the way")):
    put(c, x, y, t, 10, True)
grid(c, 294, (60, 200, 300), [("Italy", "4 EUR", "4"), ("Norway", "8 EUR", "5")],
     bold=False)
put(c, 60, 360, "Cells in the middle", 16, True)
grid(c, 384, (60, 200, 340), [
    ("Room", "What is in it", "Who asks for it"),
    ("Blue room", "a bed for two, a desk/and a chair", "guests of/the hotel"),
    ("Hall", "ninety chairs", "clubs and/schools")], middle=True)
put(c, 60, 490, "Names over numbers", 16, True)
for y, row in ((514, ("Tea", "Cups sold", "Kilos")), (532, ("Assam", "7", "2")),
               (550, ("Darjeeling first flush", "31", "9")),
               (568, ("Earl Grey", "28", "8"))):
    for k, (x, t) in enumerate(zip((60, 200, 300), row)):
        # Numbers are set to the right edge, beside their short names.
        put(c, x if k == 0 or y == 514 else x + 62, y, t, 10, y == 514)
put(c, 60, 600, "Names over two columns", 16, True)
put(c, 250, 624, "Summer", 10, True)
put(c, 410, 624, "Winter", 10, True)
grid(c, 640, (60, 200, 290, 360, 450), [
    ("Place", "from", "until", "opens", "closes"),
    ("Harbour", "9:00", "18:00", "10:00", "16:00"),
    ("Station", "6:00", "23:00", "7:00", "22:00")], gap=6)
put(c, 60, 720, "Names missing", 16, True)
grid(c, 744, (60, 160, 260, 360, 440), [
    ("Size", "Width", "Price"), ("small", "20 cm", "2 EUR", "red", "shops"),
    ("large", "40 cm", "5 EUR", "blue", "the web")])
s.finish()

# Text in columns: its paragraphs go on in the next column and page.
RULES = [
    "# Lending",
    "Every member may take six toys at a time, and keeps them for three weeks. "
    "Who wants to keep one longer asks before the day on which it is due, "
    "unless another member waits for it.",
    "Large toys, such as the slide and the wooden railway, are lent for a "
    "weekend only, and somebody has to come with a car to fetch them.",
    "# Breakage",
    "Wheels, strings and small parts wear out, and nobody pays for that. For "
    "what is lost or broken by carelessness we ask for half of what a new one "
    "costs, and the toy goes to whoever can mend it.",
    "# Cleaning",
    "Toys are washed before they come back. Soft animals go into the machine "
    "at thirty degrees and dry on a line, never on a radiator, because their "
    "fur gets stiff there.",
    "Puzzles are counted by the one who returns them, and the number is "
    "written on a slip that lies in the box.",
    "# Opening",
    "The cellar is open on Tuesdays from three to five and on the first "
    "Saturday of a month. During the holidays there is a list at the door that "
    "says which of the volunteers can be rung up."]


def flow(pages, columns, size, even):
    """pages: from where to where they have text; columns: left and width."""
    places = [(n, x, w, top, bottom) for n, (top, bottom) in enumerate(pages)
              for x, w in columns]
    c, at, y = cairo.Context(cairo.PDFSurface(None, W, H)), 0, 0

    def wide(words):
        return c.text_extents(" ".join(words)).x_advance

    for text in RULES:
        bold = text.startswith("# ")
        big = size + 2 if bold else size
        put(c, 0, 0, "", big, bold)
        words = text.lstrip("# ").split()
        while words:
            n, x, w, top, bottom = places[at]
            y = y + 1.25 * size if y else top
            if y > bottom:
                at, y = at + 1, 0
                continue
            k = 1
            while k < len(words) and wide(words[:k + 1]) <= w:
                k += 1
            line, words = words[:k], words[k:]
            if not even or not words or k == 1:
                line = [" ".join(line)]
            gap = (w - sum(wide([t]) for t in line)) / max(k - 1, 1)
            for t in line:
                yield n, (x, y, t, big, bold)
                x += wide([t]) + gap
        y += 0.5 * size


def columns(name, pages, places, size=9, even=False, around=(), rows=()):
    s, c = make(name)
    lines = list(flow(pages, places, size, even))
    for n in range(len(pages)):
        for x, y, t in around:
            put(c, x, y, t.format(n + 1, len(pages)), 8)
        if n == 0:
            put(c, 40, 70, "Rules of the toy library", 16, True)
            for i, row in enumerate(rows):
                for x, t in zip((40, 200, 360), row):
                    put(c, x, 90 + 12 * i, t)
        for page, line in lines:
            if page == n:
                put(c, *line)
        c.show_page()
    s.finish()


# A paragraph that goes on over the page, between what stands around pages.
columns("over", [(200, 245), (56, 245)], [(40, 500)], around=[
    (40, 40, "Toy library, cellar of the old school"),
    (40, 256, "Page {} of {}")])
# Three of them, with the title and the number of the page close to the text.
columns("leaflet", [(95, 198), (56, 160)], [(40, 160), (217, 160), (394, 160)],
        8, around=[(40, 40, "Toy library, cellar of the old school"),
                   (40, 210, "Page {} of {}")])
# Even margins, which long words and narrow columns make wide blanks for.
columns("even", [(95, 330)], [(40, 118), (176, 118), (312, 118)], even=True)
# A table above, and a few lines left over for the second page.
columns("leftover", [(150, 302), (80, 124)], [(40, 240), (297, 240)], 10,
        around=[(40, 40, "Toy library, cellar of the old school"),
                (270, 800, "{} / {}")],
        rows=[("Toy", "A week", "A weekend"), ("Slide", "", "4 EUR"),
              ("Railway", "", "6 EUR"), ("Puzzle", "1 EUR", "")])

# Short cells, as wide as each other, are of a table all the same.
s, c = make("week")
put(c, 60, 60, "Opening hours", 16, True)
for i, t in enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                       "Saturday", "Sunday"]):
    put(c, 60, 90 + 15 * i, t)
    put(c, 170, 90 + 15 * i, f"{8 + i % 3}:00-{17 + i % 3}:30")
s.finish()

# Of names that touch it cannot be told which columns they, and others, are of.
s, c = make("touching")
put(c, 60, 60, "What boats cost", 16, True)
for i, (row, right) in enumerate([
        (("Boat", "Price an hourDiscount", "Boats", "Sum"), (0, 0, 0, 0)),
        (("Canoe", "12.50", "7%", "4", "46.50"), (0, 40, 40, 50, 40)),
        (("Kayak", "9.75", "5%", "2", "18.53"), (0, 46, 40, 50, 40))]):
    at = (60, 150, 290, 400) if i == 0 else (60, 150, 210, 290, 420)
    for x, t, more in zip(at, row, right):
        put(c, x + more, 84 + 14 * i, t)
s.finish()


# Bullets of a font of symbols are no characters but places in that font.
def raw(name, *objects):
    parts, at = b"%PDF-1.4\n", []
    for n, o in enumerate(objects, 1):
        at.append(len(parts))
        parts += b"%d 0 obj\n%s\nendobj\n" % (n, o)
    table = b"".join(b"%010d 00000 n \n" % a for a in at)
    with open(f"{out}/{name}.pdf", "wb") as f:
        f.write(parts + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d"
                b"/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
                % (len(at) + 1, table, len(at) + 1, len(parts)))


def stream(text):
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(text), text)


raw("symbols", b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
    b"<</Font<</F1 5 0 R/F2 6 0 R>>>>>>",
    stream(b"BT /F1 12 Tf 60 760 Td (What to bring:) Tj " + b" ".join(
        b"/F2 12 Tf 0 -20 Td (\267) Tj /F1 12 Tf 18 0 Td (%s) Tj -18 0 Td" % t
        for t in (b"a towel", b"shoes that may get wet", b"4 EUR for the boat"))
        + b" ET"),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    b"<</Type/Font/Subtype/Type1/BaseFont/Symbol/ToUnicode 7 0 R>>",
    stream(b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap "
           b"/CMapType 2 def 1 begincodespacerange <00> <ff> "
           b"endcodespacerange 1 beginbfchar <b7> <f082> endbfchar endcmap end "
           b"end"))

# Slides, too few for a line that all have to be known, with their numbers in
# a corner; the first has none.
s = cairo.PDFSurface(f"{out}/deck.pdf", 720, 405)
s.set_metadata(cairo.PDFMetadata.CREATE_DATE, "2026-01-01T00:00:00")
c = cairo.Context(s)
for n, (title, lines) in enumerate([
        ("The library bus", ["A talk for new drivers"]),
        ("Where it stops", ["Monday at the mill", "Tuesday at the well"]),
        ("What it lends", ["Books: 5", "Films: 3"]),
        ("What it costs", ["4"])], 1):
    put(c, 50, 70, title, 28, True)
    for i, t in enumerate(lines):
        put(c, 50, 140 + 40 * i, t, 20)
    if n > 1:
        put(c, 50, 385, "Town library", 10)
        put(c, 660, 385, str(n), 10)
    c.show_page()
s.finish()

# Marks of notes stand high; powers and units do, too.
def put_marked(c, x, y, *parts, size=10, bold=False):
    for i, t in enumerate(parts):
        put(c, x, y - (size * 0.35 if i % 2 else 0), t,
            size * 0.6 if i % 2 else size, bold and i % 2 == 0)
        x += c.text_extents(t).x_advance


s, c = make("notes")
put_marked(c, 60, 60, "Terms of hire", "1", size=14, bold=True)
put_marked(c, 60, 90, "Gift cards", "2", " and deposits", "3",
           " are not paid back in cash.", "4", " Since 2024", "5",
           " lockers are free.")
put_marked(c, 60, 110, "The hall has 340 m", "2", " and room for 3 · 10", "2",
           " people, and no dogs", "*", ", please.")
put_marked(c, 60, 128, "On the 1", "st", " of May we are closed", "6, 7", ".")
for i, row in enumerate([("Thing", "A day"), ("Tent", "4 EUR"), ("Boat", "19")]):
    put(c, 60, 160 + 16 * i, row[0], 10, i == 0)
    put_marked(c, 200, 160 + 16 * i, row[1], ("8", "9", "10")[i], bold=i == 0)
for i, t in enumerate(["Valid from March.", "Also those of partners."]):
    put_marked(c, 60, 760 + 14 * i, "", str(i + 1), " " + t, size=8)
s.finish()

# A sentence longer than any passage: it has nowhere to be cut but at its lines.
WALKS = [f"{who} {how} {where} before the {time},"
         for who in ("the miller goes", "my aunt walks", "a boy runs",
                     "the old cat creeps")
         for how in ("slowly past", "twice around", "all along")
         for where, time in (("the pond and the mill", "first cock crows"),
                             ("the baker's garden wall", "bells have rung"),
                             ("the long row of poplars", "fog has gone"))]
WALKS[-1] = WALKS[-1][:-1] + "."
with open(f"{out}/verses.text", "w") as f:
    f.write("The walk\n\n" + "\n".join(WALKS) + "\n")
with open(f"{out}/verses.html", "w") as f:
    f.write("<title>The walk</title><h1>The walk</h1><p>"
            + "<br>\n".join(WALKS) + "</p>\n")
s, c = make("verses")
put(c, 60, 70, "The walk", 18, True)
for i, t in enumerate(WALKS):
    put(c, 60, 100 + 14 * i, t)
s.finish()

# Running text over three pages, and an item of a list that goes over a page:
# each passage of it stands on pages of its own.
s, c = make("onward")
ROOMS = [f"The {room} on the {floor} floor {what}."
         for floor in ("first", "second", "third", "fourth", "fifth")
         for room, what in (("small hall", "seats forty people at round tables"),
                            ("workshop", "has a kiln that is lit on Fridays"),
                            ("reading room", "stays quiet until four o'clock"),
                            ("kitchen", "may be used by all who wash up"))]
words = " ".join(ROOMS + ["A key is lent to members of more than a year."]
                 + [t.replace("floor", "floor of the annex") for t in ROOMS]
                 ).split()
lines, n = [""], 0
for w in words:
    if len(lines[-1]) + len(w) > 84:
        lines.append("")
    lines[-1] += (" " if lines[-1] else "") + w
for part in lines[:8], lines[8:32], lines[32:]:
    for i, t in enumerate(part):
        put(c, 60, 70 + 14 * i, t)
    if part[-1] != lines[-1]:
        c.show_page()
y = 70 + 14 * (len(part) + 1)
put(c, 60, y, "Please leave each room as you would like to find it:")
for i, t in enumerate(["\u2022 close the windows", "\u2022 put the chairs on the"]):
    put(c, 70, y + 16 * (i + 1), t)
c.show_page()
for i, t in enumerate(["  tables and sweep", "\u2022 bring the key back"]):
    put(c, 70, 70 + 16 * i, t)
s.finish()

# Notes at the foot of a page, where a sentence goes on over it; below columns;
# as large as the text.
s, c = make("footnotes")
put(c, 60, 60, "Boats", 16, True)
put_marked(c, 60, 90, "A boat is lent for a day", "1", " to whoever can swim, and for")
put(c, 60, 104, "two days to members of the club, who have to bring it back")
put_marked(c, 60, 700, "", "1", " From eight in the morning to the hour at which the", size=8)
put(c, 60, 710, "mill closes its gate, also on Sundays.", 8)
put_marked(c, 60, 720, "", "2", " Cleaning is free.", size=8)
c.show_page()
put_marked(c, 60, 90, "clean", "2", " and dry. What is broken is paid for by the one who")
put(c, 60, 104, "broke it. Bring these:")
put(c, 70, 120, "\u2022 a card of the club")
put_marked(c, 70, 136, "\u2022 ten euros", "3")
put_marked(c, 60, 700, "", "3", " You get them back, if nothing is broken and you", size=8)
c.show_page()
put(c, 70, 90, "\u2022 shoes with soft soles, which leave no marks on the")
put(c, 60, 690, "come back in time.", 8)
c.show_page()
put(c, 70, 90, "deck of a boat that was oiled in spring.")
for i, (a, b) in enumerate(zip(LEFT[:4] + ["bell at the side door for a while, and"], RIGHT)):
    put(c, 60, 130 + 14 * i, a)
    put(c, 320, 130 + 14 * i, b)
put_marked(c, 60, 230, "", "4", " Only in summer, and by the gate.", size=8)
put_marked(c, 320, 230, "", "5", " Parcels of boats are not sent.", size=8)
c.show_page()
put(c, 60, 90, "Oars are lent with each boat and are as old as the boat is, or")
put_marked(c, 60, 400, "", "6", " Children under twelve need a vest.")
c.show_page()
put(c, 60, 90, "older.")
s.finish()

# Cells of two lines that are as near as rows are, and titles between rows.
def put_rows(c, y, rows, columns, bold=(0,)):
    for i, row in enumerate(rows):
        for x, t in zip(columns, row):
            put(c, x, y + 14 * i, t, 10, i in bold)


s, c = make("wrapped")
put(c, 60, 70, "What it costs", 16, True)
put_rows(c, 110, [("Country", "Price", "Days"), ("Spain", "4 EUR", "3"),
                  ("Norway (with", "9 EUR", "5"), ("customs)",),
                  ("Bosnia and", "8 EUR", "6"), ("Herzegovina",),
                  ("Peru", "-", "n/a")], (60, 140, 260))
put_rows(c, 260, [("Item", "Price", "Note"),
                  ("Tent for two", "4 EUR", "only with a deposit of"),
                  ("people", "", "ten euros, which you"),
                  ("", "", "get back"), ("Boat", "9 EUR", "with oars")],
         (60, 160, 260))
put_rows(c, 390, [("Size", "Price", "Note"), ("small", "4 EUR", "blue"),
                  ("large", "", "red"), ("giant", "9 EUR", "green")],
         (60, 160, 260))
c.show_page()
put(c, 60, 70, "By continent", 16, True)
put_rows(c, 110, [("Country", "Price", "Days"), ("Europe",),
                  ("Spain", "4 EUR", "3"), ("Norway", "9 EUR", "5"), ("Asia",),
                  ("Japan", "19 EUR", "8"), ("Korea", "18 EUR", "9")],
         (60, 160, 260))
put_rows(c, 250, [("Room", "Beds", "A night"), ("Ground floor",),
                  ("Rose", "2", "40 EUR"), ("Lily", "3", "50 EUR"), ("Attic",),
                  ("Moon", "1", "30 EUR"), ("Sun", "2", "35 EUR")],
         (60, 160, 260), (0, 1, 4))
put(c, 60, 380, "Prices hold until the end of the year.")
s.finish()

# What a shop sends: an invoice, a letter, a menu with dots, prices with small
# cents, signs that begin items, one letter for two or more, a large first letter.
def put_right(c, x, y, text, size=10, bold=False):
    put(c, 0, -100, "", size, bold)
    put(c, x - c.text_extents(text).x_advance, y, text, size, bold)


def put_lines(c, x, y, lines, size=10):
    for i, t in enumerate(lines):
        put(c, x, y + 1.3 * size * i, t, size)


s, c = make("shop")
put(c, 60, 60, "B E L L", 20, True)
put_lines(c, 420, 58, ("Bell Ltd", "Mill Lane 4", "Bath"), 9)
put_lines(c, 60, 160, ("Ms Ann Weller", "Station Road 12", "Bristol BS1 6QF"))
put_lines(c, 340, 160, ("Invoice no.", "Date", "Customer no.", "Due"))
put_lines(c, 440, 160, ("2026-0417", "4 April 2026", "K-1077", "18 April 2026"))
put(c, 60, 250, "Invoice 2026-0417", 14, True)
put(c, 60, 275, "Dear Ms Weller, thank you for your order. We charge:")
for i, row in enumerate([("Pos", "Article", "Qty", "Unit price", "Total"),
                         ("1", "City bicycle Swift, blue,", "1", "899.00", "899.00"),
                         ("2", "Helmet", "2", "59.50", "119.00")]):
    for x, t in zip((60, 90, 360, 440, 530), row):
        (put_right if x > 300 else put)(c, x, 310 + 28 * i, t, 10, i == 0)
put(c, 90, 350, "frame size 54")
for i, (a, b) in enumerate((("Net", "855.46"), ("VAT 19 %", "162.54"))):
    put(c, 380, 420 + 16 * i, a)
    put_right(c, 530, 420 + 16 * i, b)
c.show_page()
put(c, 60, 60, "Mill & Sons", 18, True)
put_lines(c, 450, 58, ("Mill & Sons", "Brook Street 7", "Bath"), 8)
put(c, 60, 180, "Your order of the second of March", 10, True)
put_lines(c, 60, 210, LEFT)
c.show_page()
put(c, 60, 60, "Menu", 18, True)
for i, (a, b) in enumerate((("Coffee", "2.50"), ("Tea from the hills", "2.20"),
                            ("Oat cake ...", "3.00"))):
    put(c, 60, 100 + 16 * i, a + " " + "." * (60 - len(a)))
    put_right(c, 400, 100 + 16 * i, b)
put(c, 60, 170, "Name: _______________ Table: ____")
put_marked(c, 60, 210, "A kettle for \u20ac19", "99", size=14)
put_marked(c, 60, 230, "A toaster for 24", "50", " EUR", "1", size=14)
put(c, 60, 260, "The o\ufb03ce is \ufb01ne and the \ufb02owers are fresh.")
put(c, 60, 325, "T", 40)
put(c, 86, 308, "he mill was built before the war and has been in the family")
put(c, 86, 322, "since it was bought. It grinds no corn any more, but the wheel")
put(c, 60, 336, "turns on Sundays, when there is enough water in the brook.")
for i, b in enumerate("\u25ba\u2713\u25c6\u2192\u2014"):
    put(c, 60, 380 + 60 * i, f"What is in box {i + 1}:")
    put(c, 70, 396 + 60 * i, f"{b} a cup with a lid")
    put(c, 70, 410 + 60 * i, f"{b} a spoon of wood")
s.finish()

# A form that was filled in: its fields have values, and a secret; somebody wrote
# onto it, and said something of it.
def widget(kind, name, y, more):
    return (b"<</Type/Annot/Subtype/Widget/FT/%s/T(%s)/Rect[150 %d 350 %d]"
            b"/DA(/Helv 10 Tf 0 g)/P 3 0 R/F 4%s>>"
            % (kind, name, y, y + 16, more))


raw("form", b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R 8 0 R "
    b"9 0 R 10 0 R]/DA(/Helv 10 Tf 0 g)/DR<</Font<</Helv 5 0 R>>>>>>>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
    b"<</Font<</F1 5 0 R>>>>/Annots[6 0 R 7 0 R 8 0 R 9 0 R 10 0 R 11 0 R "
    b"12 0 R]>>",
    stream(b"BT /F1 11 Tf 60 760 Td (Order form) Tj " + b" ".join(
        b"0 -%d Td (%s) Tj" % (down, t)
        for down, t in ((40, b"Name:"), (20, b"Size:"), (20, b"Gift wrapping:"),
                        (20, b"Newsletter:"), (20, b"Code:"),
                        (40, b"Send it to the shop."))) + b" ET"),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    widget(b"Tx", b"name", 716, b"/V(Ann Weller)"),
    widget(b"Ch", b"size", 696, b"/Ff 131072/V(Large)/Opt[(Small)(Large)]"),
    widget(b"Tx", b"wrap", 676, b"/V(in red paper)"),
    widget(b"Btn", b"news", 656, b"/V/Off/AS/Off/AP<</N<</Yes 5 0 R/Off "
           b"5 0 R>>>>"),
    widget(b"Tx", b"code", 636, b"/Ff 8192/V(swordfish)"),
    b"<</Type/Annot/Subtype/Text/Rect[400 700 420 720]/Contents(Ask her again.)"
    b"/P 3 0 R>>",
    b"<</Type/Annot/Subtype/FreeText/Rect[60 560 300 580]/DA(/Helv 10 Tf 0 g)"
    b"/Contents(Only until May)/P 3 0 R/F 4>>")

# Japanese from top to bottom, its lines from right to left.
TATE = ["返品は三十日以内にお願いします。", "送料は無料ですが、離島は別です。",
        "お問い合わせは店まで。"]
code = {s: i + 1 for i, s in enumerate(sorted(set("".join(TATE))))}
raw("tate", b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
    b"<</Font<</F1 5 0 R>>>>>>",
    stream(b"BT /F1 14 Tf " + b" ".join(
        b"1 0 0 1 %d 750 Tm <%s> Tj"
        % (500 - 24 * i, "".join("%04x" % code[s] for s in t).encode())
        for i, t in enumerate(TATE)) + b" ET"),
    b"<</Type/Font/Subtype/Type0/BaseFont/Mincho/Encoding/Identity-V"
    b"/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/Mincho/DW 1000/CIDSystemInfo"
    b"<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 8 0 R>>",
    stream(b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap "
           b"/CMapType 2 def 1 begincodespacerange <0000> <ffff> "
           b"endcodespacerange %d beginbfchar " % len(code) + b" ".join(
               b"<%04x> <%s>" % (n, s.encode("utf-16-be").hex().encode())
               for s, n in code.items()) + b" endbfchar endcmap end end"),
    b"<</Type/FontDescriptor/FontName/Mincho/Flags 4/FontBBox[0 -120 1000 880]"
    b"/Ascent 880/Descent -120/CapHeight 700/StemV 80/ItalicAngle 0>>")

# Lists side by side, each under a title, and under the same names.
LISTS = (("Seeds", ("Beans", "1.20"), ("Peas", "1.10"), ("Carrots", "0.90")),
         ("Plants", ("Tomato", "2.50"), ("Basil", "1.90"), ("Mint", "1.70")),
         ("Tools", ("Spade", "19.90"), ("Rake", "14.50")))
s, c = make("lists")
put(c, 60, 60, "Price list of the garden shop", 16, True)
for k, (title, *goods) in enumerate(LISTS):
    x = 60 + 170 * k
    put(c, x, 100, title, 12, True)
    put(c, x, 220, "Thing", 10, True)
    put_right(c, x + 130, 220, "Price", 10, True)
    for i, (a, b) in enumerate(goods):
        for y in (120, 236):
            put(c, x, y + 15 * i, a)
            put_right(c, x + 130, y + 15 * i, b)
put(c, 60, 320, "Prices hold until the end of the year.")
s.finish()

# A timetable whose days come twice, labels beside values, and questions over
# answers in two columns.
s, c = make("answers")
put(c, 60, 60, "Bus 7, mill to harbour", 16, True)
put_rows(c, 90, [("Stop", "Mon-Fri", "Mon-Fri", "Sat"),
                 ("Mill", "7:05", "8:05", "9:10"),
                 ("Harbour", "7:20", "8:20", "9:25")], (60, 180, 250, 320))
put(c, 60, 160, "Swift 7", 16, True)
for i, (a, b) in enumerate((("Frame:", "aluminium"), ("Weight:", "14.5 kg"),
                            ("Price:", "899.00 EUR"))):
    put(c, 60, 190 + 15 * i, a, 10, True)
    put(c, 150, 190 + 15 * i, b)
for i, (a, b) in enumerate((("Colour", "blue, or red"), ("Load", "120 kg"),
                            ("Lamps", "front and back"), ("Lock", "none"))):
    put(c, 60, 260 + 15 * i, a)
    put(c, 150, 260 + 15 * i, b)
put(c, 60, 360, "Questions and answers", 16, True)
for x, q, a in ((60, "Do you send abroad?", LEFT), (60, "", ()),
                (320, "Can I follow my parcel?", RIGHT[:4] + ["of your parcel."])):
    put(c, x, 390, q, 10, True)
    put_lines(c, x, 404, a)
s.finish()

# A table over pages, with its names on the first of them, or on each.
STOCK = [(f"{a} {b}", f"{n}.{m}0 EUR", "in stock" if (n + m) % 3 else "on order")
         for n, a in enumerate(("Oak", "Pine", "Birch", "Maple"), 3)
         for m, b in enumerate(("board", "beam", "shelf", "frame"), 2)]
s, c = make("stock")
for again in (False, True):
    put(c, 60, 70, "Wood with names again" if again else "Wood", 16, True)
    for p in range(3):
        rows = STOCK[p * 6:p * 6 + 6]
        if p == 0 or again:
            rows = [("Thing", "Price", "Where it is")] + rows
        put_rows(c, 110, rows, (60, 200, 330), (0,) if p == 0 or again else ())
        c.show_page()
s.finish()

# Text that stands sideways, upside down and aslant.
def put_turned(c, x, y, text, quarters, size=10, bold=False):
    c.save()
    c.translate(x, y)
    c.rotate(quarters * math.pi / 2)
    put(c, 0, 0, text, size, bold)
    c.restore()


PONDS = ["The upper pond is for swimmers, and the lower one for",
         "boats that are rowed. Who fishes there needs a permit of",
         "the mill, which costs nothing for children. When the",
         "water freezes, a red flag says that it does not bear."]
TICKETS = [("Ticket", "Price", "Valid", "Sold at"),
           ("Child", "3 EUR", "a day", "the gate"),
           ("Adult", "7 EUR", "a day", "the gate"),
           ("Family", "15 EUR", "two days", "the mill")]

s, c = make("turned")
put(c, 80, 80, "At the ponds", 16, True)
for i, t in enumerate(PONDS):
    put(c, 80, 110 + 14 * i, t)
put_turned(c, 30, 500, "Form 12, printed in May", -1, 8)
put_turned(c, 150, 400, "ONLY A DRAFT", -0.5, 50, True)
c.show_page()
put(c, 80, 40, "The tickets of this year", 16, True)
put_turned(c, 80, 740, "Table 2. What is sold", -1)
for i, row in enumerate(TICKETS):
    for x, t in enumerate(row):
        put_turned(c, 110 + 20 * i, 740 - 130 * x, t, -1, 10, i == 0)
put(c, 290, 810, "2", 8)
c.show_page()
for i, t in enumerate(PONDS):
    put_turned(c, 500, 760 - 14 * i, t, 2)
c.show_page()
for i, t in enumerate(PONDS):
    put_turned(c, 500 - 14 * i, 90, t, 1)
for i, row in enumerate(TICKETS):
    for x, t in enumerate(row):
        put_turned(c, 400 - 20 * i, 90 + 130 * x, t, 1, 10, i == 0)
c.show_page()
put(c, 80, 60, "What is in the rooms", 16, True)
for i, t in enumerate(("Kettle", "Balcony", "View of the sea")):
    put_turned(c, 210 + 50 * i, 150, t, -1, 10, True)
for i, row in enumerate([("Blue room", "yes", "no", "yes"),
                         ("Red room", "no", "yes", "yes")]):
    for x, t in enumerate(row):
        put(c, 150 + 50 * x if x else 80, 170 + 16 * i, t)
s.finish()

# What stands in the margin of all pages, and a stamp over them.
s, c = make("stamped")
for i, t in enumerate(PONDS + ["Dogs swim at the lower pond only, and not in May."]):
    put(c, 80, 110, t)
    put_turned(c, 30, 500, "Form 12, printed in May", -1, 8)
    put_turned(c, 150, 400, "COPY 7", 0.4, 50)
    c.show_page()
s.finish()

# Lists side by side, each under a heading of its own, and tables that look so.
s, c = make("beside")
put(c, 60, 60, "The two-person tent", 20, True)
put(c, 60, 100, "In the bag", 14, True)
put(c, 320, 100, "Not in the bag", 14, True)
for i, t in enumerate(["12 pegs", "2 poles of aluminium", "Repair kit with glue",
                       "Bag"]):
    put(c, 60, 124 + 16 * i, "• " + t)
for i, t in enumerate(["Hammer", "Groundsheet"]):
    put(c, 320, 124 + 16 * i, "• " + t)
put(c, 60, 220, "Tents are checked one by one before they leave the house, and "
    "each has a number.")
put(c, 60, 270, "Before the trip", 11, True)
put(c, 240, 270, "On the way", 11, True)
put(c, 420, 270, "After you", 11, True)
put(c, 420, 284, "are home", 11, True)
put_lines(c, 60, 300, ["1. Air the bag for", "    a whole day.",
                       "2. Count the pegs."])
put_lines(c, 240, 300, ["1. Carry it dry.", "2. Never sit on it.",
                        "3. Keep it from", "    fire."])
put_lines(c, 420, 300, ["1. Wash it by hand.", "2. Hang it up."])
c.show_page()
put(c, 60, 60, "Which plan is for whom", 16, True)
put(c, 60, 100, "Small", 12, True)
put(c, 320, 100, "Large", 12, True)
put(c, 60, 116, "9 EUR a month")
put(c, 320, 116, "29 EUR a month")
for i, (a, b) in enumerate((("One tent", "Ten tents"),
                            ("Mail within a day", "A person to call"),
                            ("", "Repairs on the spot"))):
    for x, t in ((60, a), (320, b)):
        if t:
            put(c, x, 136 + 15 * i, "–")
            put(c, x + 18, 136 + 15 * i, t)
put(c, 60, 210, "We take:")
put(c, 320, 210, "We do not take:")
for i, (a, b) in enumerate((("cash", "cheques"), ("cards", "gold"))):
    put(c, 60, 226 + 15 * i, "▪ " + a)
    put(c, 320, 226 + 15 * i, "▪ " + b)
c.show_page()
put(c, 60, 60, "What the tours hold", 16, True)
rows = [("Tour", "With it", "Without"), ("Lake", "• boat", "• lunch"),
        ("", "• guide", "• towels"), ("Hill", "• guide", "• mule"),
        ("Wood", "• map", "• guide")]
for i, row in enumerate(rows):
    for x, t in zip((60, 220, 380), row):
        if t:
            put(c, x, 90 + 16 * i, t, 10, i == 0)
rows = [("Size", "Weight"), ("For two", "1.9 kg"), ("For four", "3.4 kg"),
        ("For six", "5.0 kg")]
for i, row in enumerate(rows):
    for x, t in zip((60, 320), row):
        put(c, x, 220 + 18 * i, t, 10, i == 0)
rows = [("Change of price", "Change of stock"), ("- 2.50", "- 4"),
        ("- 1.10", "- 12"), ("- 0.75", "- 1")]
for i, row in enumerate(rows):
    for x, t in zip((60, 320), row):
        put(c, x, 340 + 18 * i, t, 10, i == 0)
s.finish()

# A scan is a picture; on two pages, in a PDF, and by itself.
scan = []
for lines in (("Opening hours", "We open at nine and close at six."),
              ("Holidays", "In August the shop is closed.")):
    i = cairo.ImageSurface(cairo.FORMAT_RGB24, 1240, 400)
    p = cairo.Context(i)
    p.set_source_rgb(1, 1, 1)
    p.paint()
    p.set_source_rgb(0, 0, 0)
    put(p, 80, 120, lines[0], 56, True)
    put(p, 80, 240, lines[1], 40)
    scan.append(i)
scan[0].write_to_png(f"{out}/scan.png")
s, c = make("scan")
for i in scan:
    c.save()
    c.scale(W / 1240, W / 1240)
    c.set_source_surface(i, 0, 100)
    c.paint()
    c.restore()
    c.show_page()
s.finish()
