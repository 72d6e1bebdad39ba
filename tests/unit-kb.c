/* lib/kb: extract, chunk, analyse, index */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/analyse.h"
#include "kb/block.h"
#include "kb/chunk.h"
#include "kb/copies.h"
#include "kb/endings.h"
#include "kb/extract.h"
#include "kb/extractor.h"
#include "kb/index.h"
#include "kb/number.h"
#include "kb/phrases.h"
#include "kb/search.h"
#include "kb/wordlist.h"

/* A text as its blocks: "h1 Title|p A line|l - one". */
static char *
blocks_of(const char *text, const char *name)
{
	struct buf out = BUF_INIT(0);
	struct kb_text t;
	char *p;
	size_t i;

	assert_int_equal(kb_extract(text, strlen(text), name, 1 << 20, &t), 0);
	for (i = 0; i < t.count; i++) {
		buf_addf(&out, "%s%c", i > 0 ? "|" : "", t.block[i].kind);
		if (t.block[i].kind == BLOCK_HEADING)
			buf_addf(&out, "%d", t.block[i].level);
		buf_addf(&out, " %s", t.block[i].text);
	}
	kb_text_release(&t);
	for (p = out.data; *p != '\0'; p++)
		if (*p == '\n')
			*p = '/';
	return buf_detach(&out);
}

static void
is_blocks(const char *text, const char *name, const char *want)
{
	char *got = blocks_of(text, name);

	assert_string_equal(got, want);
	free(got);
}

static void
reads_plain_text(void **state)
{
	(void)state;
	is_blocks("RETURNS\n\nYou have\n30 days.\n\n- one\n- two\n  more\n",
	    "a.txt", "h1 RETURNS|p You have 30 days.|l - one/- two more");
	is_blocks("Delivery\n========\n\nTwo days.\n\nCosts\n-----\nNone.\n",
	    "a.txt", "h1 Delivery|p Two days.|h2 Costs|p None.");
	is_blocks("Q: Is it far?\nA: No.\n\nQ: Is it near?\nA: Yes,\nit is.\n",
	    "a.txt", "h3 Is it far?|p No.|h3 Is it near?|p Yes, it is.");
	is_blocks("#define it\n\nWords.\n\n#winter sale\n\nIt is on.\n",
	    "a.txt", "h1 #define it|p Words.|h2 #winter sale|p It is on.");
	is_blocks("Build it:\n\n    # make it\n    # make test\n\nDone.\n",
	    "a.txt", "p Build it:|p # make it # make test|p Done.");
	is_blocks("just one line without an end", NULL,
	    "p just one line without an end");
	is_blocks("a | b\n--|--\n1 | 2\n", "a.txt", "r a: 1; b: 2");
}

static void
reads_markdown(void **state)
{
	(void)state;
	is_blocks("---\ntitle: Gifts\n---\n# One\n\nText *with* `code` and\na "
		  "[link](http://x).\n\n1. first\n2. second\n   - inner\n",
	    "a.md",
	    "h1 One|p Text with code and a link (http://x).|"
	    "l 1. first/2. second/  - inner");
	is_blocks("| Size | Price |\n|---|:-:|\n| S | 4 \\| 5 |\n| M | 6 |\n",
	    "a.md", "r Size: S; Price: 4 | 5/Size: M; Price: 6");
	is_blocks("Run\n\n```\na  b\n\nc\n```\n\n**How long?**\n\nA day.\n",
	    "a.md", "p Run|c a  b/c|h2 How long?|p A day.");
	is_blocks(
	    "Hi\n\n<div><p>raw <b>html</b></p><script>x()</script></div>\n",
	    "a.md", "p Hi|p raw html");
	is_blocks("- do:\n\n      make\n\n- then\n", "a.md",
	    "l - do:/    make/- then");
}

static void
reads_tables_of_markdown(void **state)
{
	(void)state;
	is_blocks("|A|B|\n|-|-|\n|1|lamp|\n", "a.md", "r A: 1; B: lamp");
	is_blocks("|A|B|\n|:-|:-:|\n|-|2|\n", "a.md", "r A: -; B: 2");
	is_blocks("A | B\n-|-\n1 | 2\n", "a.md", "r A: 1; B: 2");
	is_blocks("|A|B|\n|-|x|\n|1|2|\n", "a.md", "p |A|B| |-|x| |1|2|");
}

/* An office program numbers headings, too, with nothing. */
static void
knows_headings_in_a_list(void **state)
{
	(void)state;
	is_blocks("{\\rtf1\\ansi{\\stylesheet{\\s1\\outlinelevel0 Heading 1;}"
		  "{\\s2 Heading 2;}}"
		  "\\pard\\plain \\s1\\ilvl0\\outlinelevel0\\b"
		  "{\\listtext\\pard\\plain \\tab}\\ls1 {Ferry}\n"
		  "\\par \\pard\\plain It sails daily.\n"
		  "\\par \\pard\\plain \\s2{\\listtext\\pard\\plain 1.\\tab}"
		  "\\ls1 Tickets\n"
		  "\\par \\pard\\plain{\\listtext\\pard\\plain 1.\\tab}"
		  "\\ilvl0\\ls2 On board\\par}",
	    "a.rtf", "h1 Ferry|p It sails daily.|h2 1. Tickets|l 1. On board");
}

static void
keeps_the_names_of_a_sheet(void **state)
{
	(void)state;
	is_blocks("a;b;c\n1;;3\n\n4;;6\n;;\n7;8;9\n", "a.csv",
	    "r a: 1; c: 3|r a: 4; c: 6|r a: 7; b: 8; c: 9");
	/* What Excel says to itself is no row. */
	is_blocks("sep=;\r\nItem;Price\r\nOar;9,50\r\n", "a.csv",
	    "r Item: Oar; Price: 9,50");
	/* Words alone are no names where there are some. */
	is_blocks("Name;Town;Job\nAna;Rome;Cook\n\nBo;Bonn;Guide\n"
		  "Cem;Paris;Guard\n",
	    "a.csv",
	    "r Name: Ana; Town: Rome; Job: Cook|r Name: Bo; Town: Bonn; "
	    "Job: Guide/Name: Cem; Town: Paris; Job: Guard");
	/* Others are, over numbers; the same again are no row. */
	is_blocks("Item;Price\nOar;9\n\nItem;Price\nNet;4\n\nDay;Opens\n"
		  "Monday;8\n\nTuesday;7\n",
	    "a.csv",
	    "r Item: Oar; Price: 9|r Item: Net; Price: 4|"
	    "r Day: Monday; Opens: 8|r Day: Tuesday; Opens: 7");
	/* They are not those of other columns, and hold behind them. */
	is_blocks("Item;Size;Price\nOar;2;9\n\nVAT;19%\n\nNet;1;4\n", "a.csv",
	    "r Item: Oar; Size: 2; Price: 9|r VAT; 19%|"
	    "r Item: Net; Size: 1; Price: 4");
}

static void
reads_html_without_the_frame(void **state)
{
	(void)state;
	is_blocks(
	    "<!DOCTYPE html><html lang=en><head><title>Help | Shop</title>"
	    "<style>p{}</style></head><body><nav><a href=/>Home</a></nav>"
	    "<header><h1>The Shop</h1></header><div class='cookie-banner'>"
	    "We use cookies</div><main><h1>Help</h1><p>Hello <b>you</b>.</p>"
	    "<ul><li>one<li>two</ul></main><footer>2026</footer>"
	    "<script>alert(1)</script></body></html>",
	    "a.html", "h1 Help|p Hello you.|l - one/- two");
	is_blocks("<body><table><tr><th>Size<th>Price</tr>"
		  "<tr><td rowspan=2>S<td>4</tr><tr><td>5</tr></table>",
	    "a.html", "r Size: S; Price: 4/Size: S; Price: 5");
	is_blocks("<table><tr><th rowspan=2>Zone<th colspan=2>Price<tr>"
		  "<th>Normal<th>Fast<tr><td>North<td>3<td>5<tr><td>South"
		  "<td colspan=2>7</table>",
	    "a.html",
	    "r Zone: North; Price Normal: 3; Price Fast: 5/"
	    "Zone: South; Price Normal: 7");
	is_blocks("<p style='color: red; Display : none'>no</p>"
		  "<p style='x-display:none'>yes</p>",
	    "a.html", "p yes");
	is_blocks("<body><details><summary>Is it?</summary>It is.</details>"
		  "<dl><dt>PIN</dt><dd>a number</dd></dl>",
	    "a.html", "h2 Is it?|p It is.|l - PIN: a number");
	is_blocks("<body><p>see</p><ul><li><a href=a>Returns</a><li>"
		  "<a href=b>Delivery</a><li><a href=c>Shops</a></ul>",
	    "a.html", "p see");
	is_blocks("<p>a<br>b</p><pre>x  y\nz</pre><p hidden>no</p>"
		  "<h2>About cookies</h2><p>Fine.</p>",
	    "a.html", "p a b|c x  y/z|h2 About cookies|p Fine.");
}

/* Characters that are not seen could say what no reader sees. */
static void
leaves_out_what_is_invisible(void **state)
{
	(void)state;
	/* NOLINTNEXTLINE(misc-misleading-bidirectional) */
	is_blocks("zero\xe2\x80\x8bwidth and \xe2\x80\xaeturned", NULL,
	    "p zerowidth and turned");
	is_blocks("tag\xf3\xa0\x81\xa1s", NULL, "p tags");
	is_blocks("nul\xc2\xa0space \xc2\xad-", NULL, "p nul space -");
}

static void
knows_charsets(void **state)
{
	struct kb_text t;

	(void)state;
	is_blocks("caf\xe9 \x80", NULL, "p caf\xc3\xa9 \xe2\x82\xac");
	/* Delivery takes three days: too short for a detector. */
	is_blocks("\x94\x7a\x91\x97\x82\xcd\x8e\x4f\x93\xfa\x82\xa9"
		  "\x82\xa9\x82\xe8\x82\xdc\x82\xb7\x81\x42",
	    NULL, "p 配送は三日かかります。");
	is_blocks("\xc7\xdb\xc1\xf7\xa4\xcf\xbb\xb0\xc6\xfc\xa4\xab"
		  "\xa4\xab\xa4\xea\xa4\xde\xa4\xb9\xa1\xa3",
	    NULL, "p 配送は三日かかります。");
	is_blocks("\xef\xbb\xbf# Mark\n\nx\n", "a.md", "h1 Mark|p x");
	is_blocks("<meta charset=iso-8859-2><p>\xb1", "a.html", "p \xc4\x85");
	assert_int_equal(kb_extract("\xff\xfeh\0i\0", 6, "a.txt", 1 << 20, &t),
	    0);
	assert_string_equal(t.block[0].text, "hi");
	kb_text_release(&t);
	is_blocks("one\r\ntwo\r\n\r\nthree\r", "a.txt", "p one two|p three");
	/* Zeros that make no letter of a byte. */
	assert_int_equal(kb_extract("\0\1\2bad", 6, "a.md", 99, &t), ERR_DATA);
}

static void
is_utf8(const char *bytes, const char *told, const char *want)
{
	size_t n;
	char *got = text_utf8(bytes, strlen(bytes), told, true, &n);

	assert_string_equal(got, want);
	assert_int_equal(n, strlen(want));
	free(got);
}

static void
believes_what_may_be(void **state)
{
	(void)state;
	/* What is UTF-8 is, whatever is said of it. */
	is_utf8("\303\251", "iso-8859-1", "\303\251");
	is_utf8("\351t\351", "utf-8", "été");
	/* "The cat sleeps till noon", in windows-1251, said to be UTF-8. */
	is_blocks("<meta charset=utf-8><p>\312\356\370\352\340 "
		  "\361\357\350\362 \344\356 \357\356\353\363\344\355\377.",
	    "a.html", "p Кошка спит до полудня.");
	is_utf8("\312\356\370\352\340 \361\357\350\362 \344\356 "
		"\357\356\353\363\344\355\377.",
	    "iso-8859-1", "Кошка спит до полудня.");
	/* A slip within UTF-8 makes nothing else of it. */
	is_utf8("Größe, Maß, Füße, Löhne, Äpfel, \344", "gb2312",
	    "Größe, Maß, Füße, Löhne, Äpfel, \357\277\275");
	/* Names of the north are what they are said to be. */
	is_utf8("\336\363r\360ur", "iso-8859-1", "Þórður");
	is_utf8("\244", "iso-8859-15", "€");
	is_utf8("B\366den", "no-such-set", "Böden");
	is_utf8("+AOQ-", "utf-7", "ä");
}

static void
refuses_what_is_not_text(void **state)
{
	struct kb_text t;

	(void)state;
	assert_int_equal(kb_extract("%PDF-1.4 ...", 12, "a.txt", 99, &t),
	    ERR_DATA);
	assert_string_equal(err_reason(), "is a damaged PDF");
	assert_int_equal(kb_extract("a\0b", 3, "a.txt", 99, &t), ERR_DATA);
	assert_int_equal(kb_extract("", 0, "a.txt", 99, &t), ERR_DATA);
	assert_string_equal(err_reason(), "has no text");
	assert_int_equal(kb_extract("<html><script>x</script>", 24, "a.html",
			     99, &t),
	    ERR_DATA);
	assert_int_equal(kb_extract("aaaa bbbb cccc", 14, "a.txt", 9, &t),
	    ERR_DATA);
}

static int
boxed(const char *bytes, size_t len, const char *name,
    const struct kb_limits *limits, struct kb_text *ret)
{
	struct extractor *x = extractor_new(EXTRACTOR_CHILD, NULL, false);
	int code = extractor_read(x, bytes, len, name, limits, ret);

	extractor_free(x);
	return code;
}

static void
note(void *ctx)
{
	++*(int *)ctx;
}

/* Who has threads is told before each child, and not before each document. */
static void
asks_to_be_alone(void **state)
{
	struct extractor *x = extractor_new(EXTRACTOR_CHILD, NULL, false);
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	struct kb_text t;
	int asked = 0, i;

	(void)state;
	extractor_alone(x, note, &asked);
	assert_int_equal(asked, 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(extractor_read(x, "a text", 6, "a.txt",
				     &limits, &t),
		    0);
		kb_text_release(&t);
		assert_int_equal(asked, 1);
	}
	extractor_free(x);
}

static void
assert_reads(struct extractor *x, const char *bytes, int calls, int *asked)
{
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	struct kb_text t;

	assert_int_equal(extractor_read(x, bytes, strlen(bytes), "a.txt",
			     &limits, &t),
	    0);
	assert_int_equal(t.count, 1);
	assert_string_equal(t.block[0].text, bytes);
	kb_text_release(&t);
	assert_int_equal(*asked, calls);
}

/* The answer is that of the bytes, whatever was begun, and whoever died. */
static void
reads_what_was_begun(void **state)
{
	static const char one[] = "the first text", two[] = "the second text";
	struct extractor *x = extractor_new(EXTRACTOR_CHILD, NULL, false);
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	int asked = 0;

	(void)state;
	extractor_alone(x, note, &asked);
	assert_false(extractor_is_child(x));
	extractor_begin(x, one, strlen(one), "a.txt", &limits);
	assert_true(extractor_is_child(x));
	assert_reads(x, one, 1, &asked);
	assert_reads(x, two, 1, &asked);
	/* Other bytes than were begun: another child. */
	extractor_begin(x, one, strlen(one), "a.txt", &limits);
	assert_reads(x, two, 2, &asked);
	extractor_begin(x, one, strlen(one), "a.txt", &limits);
	extractor_begin(x, two, strlen(two), "a.txt", &limits);
	assert_reads(x, two, 3, &asked);
	extractor_begin(x, two, strlen(two), "a.txt", &limits);
	extractor_drop(x);
	extractor_drop(x);
	assert_reads(x, two, 4, &asked);
	/* Too large to be begun: said when it is read. */
	limits.input_bytes = 3;
	extractor_begin(x, one, strlen(one), "a.txt", &limits);
	assert_reads(x, two, 4, &asked);
	extractor_free(x);
}

/* Deep nesting is walked, not recursed into. */
static void
survives_depth(void **state)
{
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	struct buf b = BUF_INIT(0);
	struct kb_text t;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++)
		buf_adds(&b, "<div>");
	buf_adds(&b, "deep");
	if (boxed(b.data, b.len, "a.html", &limits, &t) == 0)
		kb_text_release(&t);
	buf_reset(&b);
	for (i = 0; i < 20000; i++)
		buf_adds(&b, "> ");
	buf_adds(&b, "deep");
	assert_int_equal(boxed(b.data, b.len, "a.md", &limits, &t), 0);
	assert_string_equal(t.block[0].text, "deep");
	kb_text_release(&t);
	buf_release(&b);
}

static void
boxes_in(void **state)
{
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	struct buf b = BUF_INIT(0);
	struct kb_text t;
	int i;

	(void)state;
	assert_int_equal(boxed("# T\n\nx\n", 7, "a.md", &limits, &t), 0);
	assert_string_equal(t.title, "T");
	assert_int_equal(t.count, 2);
	assert_int_equal(t.type, KB_TEXT_MARKDOWN);
	kb_text_release(&t);
	assert_int_equal(boxed("a\0b", 3, "a.md", &limits, &t), ERR_DATA);
	assert_string_equal(err_reason(), "is binary, not text");
	limits.input_bytes = 3;
	assert_int_equal(boxed("abcd", 4, "a", &limits, &t), ERR_DATA);
	limits = (struct kb_limits)KB_LIMITS_DEFAULT;
	for (i = 0; i < 400000; i++)
		buf_adds(&b, "words and words. ");
	limits.output_bytes = 1 << 20;
	assert_int_equal(boxed(b.data, b.len, "a", &limits, &t), ERR_DATA);
	assert_string_equal(err_reason(), "has more than 1 MiB of text");
	limits.output_bytes = 64 << 20;
	limits.wall_ms = 1;
	assert_int_equal(boxed(b.data, b.len, "a", &limits, &t), ERR_DATA);
	buf_release(&b);
}

/* --- sentences and passages --- */

static void
finds_sentences(void **state)
{
	static const struct {
		const char *text;
		size_t first;
	} cases[] = {
		{ "One. Two.", 5 },
		{ "Mr. Smith came. He left.", 16 },
		{ "It costs 4.50 a day. Fine.", 21 },
		{ "Use e.g. Tuesday. Or not.", 18 },
		{ "Really?! Yes.", 9 },
		{ "He said \"no.\" Then left.", 14 },
		{ "He paid.[12] Then he left.", 13 },
		{ "It is [1]. [2] Then", 11 },
		{ "no end at all", 13 },
		{ "see www.example.com for it. Ok", 28 },
		{ "\xe4\xb8\x80\xe3\x80\x82\xe4\xba\x8c\xe3\x80\x82", 6 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(sentence_length(cases[i].text,
				     strlen(cases[i].text)),
		    cases[i].first);
}

static void
cuts_along_headings(void **state)
{
	static const char text[] =
	    "# Shop\n\nIntro.\n\n## Returns\n\n### How\n\nSend it.\n\n"
	    "## Empty\n\n## Last\n\nA:\n\n- x\n- y\n";
	struct kb_passages p;
	struct kb_text t;

	(void)state;
	assert_int_equal(kb_extract(text, strlen(text), "a.md", 9999, &t), 0);
	kb_chunk(&t, "en", &p);
	assert_int_equal(p.count, 3);
	assert_string_equal(p.passage[0].section, "");
	assert_string_equal(p.passage[0].text, "Intro.");
	assert_string_equal(p.passage[1].section, "Returns > How");
	assert_string_equal(p.passage[2].section, "Last");
	assert_string_equal(p.passage[2].text, "A:\n\n- x\n- y");
	assert_string_equal(p.passage[2].shape, "pl");
	/* "Shop", blank line, "Intro." of the text of the blocks. */
	assert_int_equal(p.passage[0].start, 6);
	assert_int_equal(p.passage[0].end, 12);
	assert_string_equal(p.passage[0].language, "en");
	kb_passages_release(&p);
	kb_text_release(&t);
}

/* Passages of text are of at most so many words, and all of it. */
static void
cut_text(const char *text, const char *name, size_t words,
    struct kb_passages *p)
{
	struct kb_text t;

	assert_int_equal(kb_extract(text, strlen(text), name, 1 << 22, &t), 0);
	kb_chunk(&t, "und", p);
	kb_text_release(&t);
	assert_true(p->count >= words / KB_PASSAGE_WORDS_MAX);
	assert_true(p->count <= words / (KB_PASSAGE_WORDS / 2) + 1);
}

static size_t words_in(const char *text);

static void
cuts_what_has_no_sentences(void **state)
{
	static const char line[] =
	    "parcel courier returns refund window shipping lamp table ";
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	size_t i, words = 0;

	(void)state;
	for (i = 0; i < 2000; i++)
		buf_adds(&b, line);
	cut_text(b.data, "a.txt", 16000, &p);
	for (i = 0; i < p.count; i++) {
		assert_true(
		    words_in(p.passage[i].text) <= KB_PASSAGE_WORDS_MAX);
		words += words_in(p.passage[i].text);
	}
	assert_int_equal(words, 16000);
	kb_passages_release(&p);
	/* One sign with more marks than a passage holds ends as well. */
	for (words = 6400; words < 6420; words++) {
		buf_reset(&b);
		buf_addc(&b, 'a');
		for (i = 0; i < words; i++)
			buf_adds(&b, "\u0301");
		cut_text(b.data, "a.txt", KB_PASSAGE_WORDS_MAX, &p);
		assert_true(p.count >= 1 && p.count <= 2);
		kb_passages_release(&p);
	}
	/* Lines of code are cut between them, a long row in itself. */
	buf_reset(&b);
	buf_adds(&b, "```\n");
	for (i = 0; i < 700; i++)
		buf_addf(&b, "do %zu\n", i);
	buf_adds(&b, "```\n\n|a|b|\n|---|---|\n|");
	for (i = 0; i < 1000; i++)
		buf_adds(&b, "word ");
	buf_adds(&b, "|x|\n");
	cut_text(b.data, "a.md", 2400, &p);
	assert_true(p.count > 8);
	for (i = 0; i < p.count; i++) {
		assert_true(
		    words_in(p.passage[i].text) <= KB_PASSAGE_WORDS_MAX);
		if (*p.passage[i].shape == 'c')
			assert_true(str_starts(p.passage[i].text, "do "));
	}
	kb_passages_release(&p);
	buf_release(&b);
}

static void
cuts_scripts_without_blanks(void **state)
{
	/* Thai, with marks above its letters; kana with a mark of its own. */
	static const char *const signs[] = { "\u0e17\u0e35\u0e48", "\u6e29",
		"\u304b\u3099" };
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	size_t i, k, n;

	(void)state;
	for (k = 0; k < 3; k++) {
		size_t len = strlen(signs[k]);

		buf_reset(&b);
		for (i = 0; i < 3000; i++)
			buf_adds(&b, signs[k]);
		cut_text(b.data, "a.txt", k == 0 ? 9000 : 3000, &p);
		for (i = n = 0; i < p.count; i++) {
			size_t bytes = strlen(p.passage[i].text);

			n += bytes;
			/* None is cut in a sign with its marks. */
			assert_true(
			    str_starts(p.passage[i].text, signs[k]) || k == 2);
			assert_int_equal(bytes % (k == 2 ? 3 : len), 0);
			assert_true(p.passage[i].end - p.passage[i].start <=
			    KB_PASSAGE_WORDS_MAX);
		}
		assert_int_equal(n % (k == 2 ? 3 : len), 0);
		assert_true(n >= 9000);
		kb_passages_release(&p);
	}
	buf_release(&b);
}

/* A letter with more marks than a passage has room for is cut, too. */
static void
cuts_a_heap_of_marks(void **state)
{
	struct kb_block block = { .kind = BLOCK_PARAGRAPH };
	struct kb_text t = { .block = &block, .count = 1 };
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	size_t i, n = 0;

	(void)state;
	buf_adds(&b, "a");
	for (i = 0; i < 40000; i++)
		buf_adds(&b, "\u0301");
	block.text = b.data;
	kb_chunk(&t, "und", &p);
	assert_true(p.count > 4);
	for (i = 0; i < p.count; i++)
		n += strlen(p.passage[i].text);
	assert_int_equal(n, b.len);
	kb_passages_release(&p);
	buf_release(&b);
}

static void
cuts_evenly(void **state)
{
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	size_t i, n, sentences;

	(void)state;
	/* Of ten words each: a section is one passage as long as it may. */
	for (sentences = 10; sentences <= 100; sentences++) {
		buf_reset(&b);
		for (i = 0; i < sentences; i++)
			buf_addf(&b,
			    "This is one of the sentences with number %zu.\n\n",
			    100 + i);
		cut_text(b.data, "a.txt", 9 * sentences, &p);
		if (9 * sentences <= KB_PASSAGE_WORDS_MAX)
			assert_int_equal(p.count, 1);
		else
			for (i = 0; i < p.count; i++) {
				n = words_in(p.passage[i].text);
				assert_in_range(n, 9 * sentences / p.count - 9,
				    9 * sentences / p.count + 9);
			}
		kb_passages_release(&p);
	}
	buf_release(&b);
}

static size_t
words_in(const char *text)
{
	size_t n = *text != '\0';

	for (; *text != '\0'; text++)
		n += *text == ' ' || (*text == '\n' && text[1] != '\n');
	return n;
}

static void
cuts_long_sections_between_sentences(void **state)
{
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	struct kb_text t;
	size_t i, words = 0;

	(void)state;
	for (i = 0; i < 200; i++)
		buf_addf(&b, "This is the sentence with number %zu in it.%s", i,
		    i % 7 == 6 ? "\n\n" : " ");
	assert_int_equal(kb_extract(b.data, b.len, "a.txt", 1 << 20, &t), 0);
	kb_chunk(&t, NULL, &p);
	assert_true(p.count >= 8 && p.count <= 16);
	for (i = 0; i < p.count; i++) {
		size_t n = words_in(p.passage[i].text);

		assert_true(n <= 260);
		words += n;
		assert_true(str_ends(p.passage[i].text, "in it."));
		assert_true(str_starts(p.passage[i].text, "This is"));
		if (i > 0)
			assert_true(p.passage[i].start >= p.passage[i - 1].end);
	}
	assert_int_equal(words, 200 * 9);
	kb_passages_release(&p);
	kb_text_release(&t);
	buf_release(&b);
}

/* --- what a document is about --- */

static void
tells_title_and_language(void **state)
{
	struct buf b = BUF_INIT(0);
	struct kb_passages p;
	struct kb_text t;
	int i;

	(void)state;
	/* A table of contents is in no language. */
	buf_adds(&b, "\n                The Red Kettle\n\n");
	for (i = 1; i < 500; i++)
		buf_addf(&b, "- %d. Kettle handle lid ring\n", i);
	buf_adds(&b, "\nUSE\n\n");
	for (i = 0; i < 200; i++)
		buf_adds(&b,
		    "You fill it with water and then put it on the stove, "
		    "where it has to be for about ten minutes.\n");
	assert_int_equal(kb_extract(b.data, b.len, "a.txt", 1 << 20, &t), 0);
	buf_release(&b);
	assert_string_equal(t.title, "The Red Kettle");
	kb_chunk(&t, NULL, &p);
	assert_string_equal(p.language, "en");
	kb_passages_release(&p);
	kb_text_release(&t);
}

/* --- words --- */

static void
is_words(struct analyser *a, const char *text, const char *language,
    const char *want)
{
	struct buf b = BUF_INIT(0);

	analyse(a, text, strlen(text), language, &b);
	assert_string_equal(b.data != NULL ? b.data : "", want);
	buf_release(&b);
}

static void
stems_by_language(void **state)
{
	struct analyser *a = analyser_new();

	(void)state;
	is_words(a, "Returning the RETURNS, returned!", "en",
	    "return the return return");
	/* With and without the accent, one and many. */
	is_words(a, "devolución devolucion devoluciones", "es",
	    "devolu devolu devolu");
	is_words(a, "zurück zurueck Größe", "de", "zuruck zuruck gross");
	is_words(a, "бесплатный бесплатной бесплатного бесплатная", "ru",
	    "бесплатн бесплатн бесплатн бесплатн");
	is_words(a, "remboursé remboursée remboursees rembourser", "fr",
	    "rembours rembours rembours rembours");
	is_words(a, "envoyé envoyee envoyer musée musées", "fr",
	    "envoi envoi envoi mus mus");
	is_words(a, "cartão cartões cartoes", "pt", "carta carta carta");
	is_words(a, "mensagem mensagens cupom cupons hotel hotéis", "pt",
	    "mensag mensag cupom cupom hotel hotel");
	is_words(a, "disponível disponíveis original originais", "pt",
	    "disponivel disponivel original original");
	is_words(a, "devolução devoluções", "pt", "devolu devolu");
	is_words(a, "informație informații informațiile", "ro",
	    "inform inform inform");
	is_words(a, "informació informacions", "ca", "inform inform");
	is_words(a, "rendelésről rendelés rendelésért számlából számla", "hu",
	    "rendeles rendeles rendeles szaml szaml");
	is_words(a, "prijs prijzen huis huizen brief brieven", "nl",
	    "prijs prijs huis huis brief brief");
	is_words(a, "it's don't l'eau", "en", "don eau");
	is_words(a, "A4 x86-64 4.50", "en", "a4 x86 64 4 50");
	is_words(a, "hola que tal", "und", "hola que tal");
	is_words(a, "\xe9\x80\x80\xe8\xb4\xa7\xe5\x90\x97", "zh",
	    "\xe9\x80\x80 \xe9\x80\x80\xe8\xb4\xa7 \xe8\xb4\xa7 "
	    "\xe8\xb4\xa7\xe5\x90\x97 \xe5\x90\x97");
	is_words(a, "", "en", "");
	/* The stemmer leaves nothing of it. */
	is_words(a, "\xce\xb1\xce\xbd\xce\xb5", "el",
	    "\xce\xb1\xce\xbd\xce\xb5");
	analyser_free(a);
}

static void
add_word(void *ctx, const char *word, size_t len)
{
	buf_add(ctx, word, len);
	buf_addc(ctx, '|');
}

/* Letters, digits, apostrophes and blanks by chance, of every length up to some
 * blocks of 64: the list has the words that are called for. */
static void
plain_words_are_the_same_words(void **state)
{
	static const char signs[] = "aZ09'' -.k";
	struct buf called = BUF_INIT(0), listed = BUF_INIT(0),
		   folded = BUF_INIT(0), words = BUF_INIT(0);
	const struct plain_word *w;
	unsigned seed = 1;
	char text[300];
	size_t len, n, i;

	(void)state;
	for (len = 0; len < sizeof(text); len++) {
		for (i = 0; i < len; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = signs[(seed >> 16) % (sizeof(signs) - 1)];
		}
		if (len > 200) /* and one that is longer than words may be */
			memset(text + 100, 'w', 70);
		buf_reset(&called);
		buf_reset(&listed);
		analyse_words(text, len, add_word, &called);
		n = analyse_plain_words(text, len, &folded, &words);
		w = (const struct plain_word *)(const void *)words.data;
		for (i = 0; i < n; i++)
			add_word(&listed, folded.data + w[i].at,
			    w[i].len < KB_WORD_MAX_BYTES ? w[i].len :
							   KB_WORD_MAX_BYTES);
		assert_int_equal(listed.len, called.len);
		if (n > 0)
			assert_memory_equal(listed.data, called.data,
			    listed.len);
	}
	assert_true(called.len > 100);
	buf_release(&called);
	buf_release(&listed);
	buf_release(&folded);
	buf_release(&words);
}

/* What some phrases of a language are; ctx is its tag. */
static enum phrase_kind
kind_of(const void *ctx, const char *at, size_t len)
{
	static const struct {
		const char *language, *text;
		enum phrase_kind kind;
	} known[] = { { "zh", "可以", PHRASE_COMMON },
		{ "zh", "吗", PHRASE_COMMON }, { "zh", "多少", PHRASE_COMMON },
		{ "zh", "多少钱", PHRASE_KEPT }, { "ja", "は", PHRASE_COMMON },
		{ "ja", "です", PHRASE_COMMON },
		{ "ja", "いくら", PHRASE_KEPT },
		{ "th", "ได้ไหม", PHRASE_COMMON },
		{ "th", "ได้", PHRASE_COMMON } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].language, ctx) == 0 &&
		    strlen(known[i].text) == len &&
		    memcmp(known[i].text, at, len) == 0)
			return known[i].kind;
	return PHRASE_UNKNOWN;
}

/* What is left of text, blanks counted once. */
static void
assert_cut(const char *language, const char *text, const char *want)
{
	struct phrases p = { kind_of, language, 6 };
	char *got = phrases_cut(&p, text, strlen(text));
	struct buf words = BUF_INIT(0);
	const char *w;
	size_t n;

	for (w = got; *(w += strspn(w, " ")) != '\0'; w += n) {
		n = strcspn(w, " ");
		buf_adds(&words, words.len > 0 ? " " : "");
		buf_add(&words, w, n);
	}
	buf_adds(&words, "");
	assert_string_equal(words.data, want);
	buf_release(&words);
	free(got);
}

static void
cuts_phrases_of_scripts_without_blanks(void **state)
{
	(void)state;
	assert_cut("zh", "可以刷卡吗？", "刷卡 ?");
	/* The longest: a synonym that begins with a common word is whole. */
	assert_cut("zh", "门票多少钱", "门票 多少钱");
	assert_cut("zh", "可以吗", "");
	/* One kana between others is no particle. */
	assert_cut("ja", "料金はいくらです", "料金 いくら");
	assert_cut("ja", "はさみ", "はさみ");
	assert_cut("th", "ผ่อนได้ไหม", "ผ่อน");
	/* Those of another language, and texts in scripts with blanks. */
	assert_cut("ja", "可以", "可以");
	assert_cut("zh", "Bán gì", "Bán gì");
}

static void
assert_table(const struct wordlist *list)
{
	const char *word, *last = "";
	uint32_t all = 0;
	size_t i;

	assert_true(list->count > 0);
	for (i = 0; i < list->count; i++) {
		word = wordlist_text + list->word[i].at;
		assert_true(strcmp(last, word) < 0);
		assert_int_equal(wordlist_find(list, word, strlen(word)),
		    list->word[i].languages);
		all |= list->word[i].languages;
		last = word;
	}
	assert_int_equal(all & ~list->languages, 0);
}

/* What the build made of share/kb. */
static void
finds_words_in_tables(void **state)
{
	uint32_t en = wordlist_bit("en"), de = wordlist_bit("de");
	size_t i;

	(void)state;
	assert_table(&wordlist_common);
	assert_table(&wordlist_bare);
	assert_table(&wordlist_weak);
	assert_table(&wordlist_common_phrases);
	assert_table(&wordlist_synonym_phrases);
	assert_true(en != 0 && de != 0 && en != de);
	assert_int_equal(wordlist_bit("e") | wordlist_bit("zz"), 0);
	/* A word is common where it says nothing, not where it names. */
	assert_int_equal(wordlist_find(&wordlist_common, "die", 3) & (en | de),
	    de);
	assert_int_equal(wordlist_find(&wordlist_common, "th", 2) & en, 0);
	/* Vietnamese words have their marks, the bare ones stand apart. */
	assert_int_equal(wordlist_find(&wordlist_common, "của", strlen("của")),
	    wordlist_bit("vi"));
	assert_int_equal(wordlist_find(&wordlist_bare, "cua", 3),
	    wordlist_bit("vi"));
	for (i = 1; i < wordlist_languages; i++)
		assert_true(
		    strcmp(wordlist_language[i - 1], wordlist_language[i]) < 0);
}

static const char *
sorted_stems(size_t i)
{
	return wordlist_text + synonyms[synonyms_sorted[i]].at;
}

static void
finds_synonyms_by_their_first_stem(void **state)
{
	uint32_t en = wordlist_bit("en");
	const struct synonym *s;
	size_t i, n = 0, group = 0;
	const char *first;

	(void)state;
	for (i = 1; i < synonyms_count; i++)
		assert_true(strcmp(sorted_stems(i - 1), sorted_stems(i)) <= 0);
	/* Each once, and where its group is. */
	for (s = synonyms; s < synonyms + synonyms_count; s++) {
		while (synonyms_group[group + 1] <= s - synonyms)
			group++;
		assert_int_equal(s->group, group);
		first = wordlist_text + s->at;
		for (i = synonyms_from(first, strcspn(first, " "));
		     i < synonyms_count && &synonyms[synonyms_sorted[i]] != s;
		     i++)
			assert_memory_equal(sorted_stems(i), first,
			    strcspn(first, " "));
		assert_true(i < synonyms_count);
	}
	/* "money back" of the group of refunds. */
	for (i = synonyms_from("money back", 10);
	     strcmp(sorted_stems(i), "money back") == 0; i++)
		n += en >> synonyms[synonyms_sorted[i]].language & 1;
	assert_true(n > 0);
	assert_int_equal(synonyms_from("\xff", 1), synonyms_count);
}

static void
cuts_endings(void **state)
{
	static const struct {
		const char *language, *one, *other;
	} same[] = { { "ko", "배송비가", "배송비는" },
		{ "ko", "취소하려면", "취소할" }, { "ko", "책은", "책을" },
		{ "pl", "wizyte", "wizyta" }, { "uk", "аналізи", "аналізів" },
		{ "tr", "gomlegi", "gomlek" }, { "tr", "kartıyla", "kart" } };
	size_t i, one, other;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		one = endings_cut(same[i].one, strlen(same[i].one),
		    same[i].language);
		other = endings_cut(same[i].other, strlen(same[i].other),
		    same[i].language);
		assert_int_equal(one, other);
		assert_memory_equal(same[i].one, same[i].other, one);
	}
	/* Enough is left, and others' words are whole. */
	assert_int_equal(endings_cut("ten", 3, "pl"), 3);
	assert_int_equal(endings_cut("wizyta", 6, "de"), 6);
}

static uint32_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Eight bytes at a time or one by one: words and blanks of any length. */
static void
words_are_counted_wherever_they_stand(void **state)
{
	static const char *const parts[] = { "a", "no", "words", "andlonger",
		"Gr\xc3\xbc\xc3\x9f", " ", " ", " ", "\n", "  ", "\n\n" };
	struct buf text = BUF_INIT(0);
	size_t want, i;
	bool in_word, is_word;
	int times, n;

	(void)state;
	for (times = 0; times < 3000; times++) {
		buf_reset(&text);
		buf_adds(&text, "");
		for (n = (int)draw(40); n > 0; n--)
			buf_adds(&text,
			    parts[draw(sizeof(parts) / sizeof(parts[0]))]);
		want = 0;
		in_word = false;
		for (i = 0; i < text.len; i++) {
			is_word = text.data[i] != ' ' && text.data[i] != '\n';
			want += is_word && !in_word;
			in_word = is_word;
		}
		/* What has few blanks has more than that. */
		if (want > text.len / 40)
			assert_int_equal(passage_words(text.data, text.len),
			    want);
	}
	buf_release(&text);
}

/* A text is the same whatever stands between its words. */
static void
blanks_make_no_other_text(void **state)
{
	static const char *const words[] = { "a", "no", "words", "andlonger",
		"Gr\xc3\xbc\xc3\x9f", "12345678" };
	static const char *const blanks[] = { " ", " ", " ", "\n", "\t", "  ",
		" \n ", "\n\n" };
	unsigned char one[COPIES_HASH_BYTES], other[COPIES_HASH_BYTES];
	struct buf plain = BUF_INIT(0), text = BUF_INIT(0);
	struct kb_passage p = { .section = "s",
		.language = "en",
		.shape = "p" };
	const char *word;
	int times, n;

	(void)state;
	for (times = 0; times < 2000; times++) {
		buf_reset(&plain);
		buf_reset(&text);
		if (draw(4) == 0)
			buf_adds(&text, blanks[draw(8)]);
		for (n = 1 + (int)draw(30); n > 0; n--) {
			word = words[draw(sizeof(words) / sizeof(words[0]))];
			buf_addf(&plain, "%s%s", plain.len > 0 ? " " : "",
			    word);
			buf_addf(&text, "%s%s", word,
			    n > 1 || draw(2) == 0 ? blanks[draw(8)] : "");
		}
		p.text = plain.data;
		copies_hash(&p, "t", one);
		p.text = text.data;
		copies_hash(&p, "t", other);
		assert_memory_equal(one, other, sizeof(one));
		/* And another word is another text. */
		text.data[draw((uint32_t)text.len)] = '#';
		copies_hash(&p, "t", other);
		assert_memory_not_equal(one, other, sizeof(one));
	}
	buf_release(&plain);
	buf_release(&text);
}

/* What stands between the places of a format's digits stays there. */
static void
shows_numbers_by_their_formats(void **state)
{
	static const struct {
		const char *code;
		double value;
		const char *shown;
	} cases[] = {
		{ "(000) 000-0000", 5551234567, "(555) 123-4567" },
		{ "[<=9999999]###-####;(###) ###-####", 5551234567,
		    "(555) 123-4567" },
		{ "[<=9999999]###-####;(###) ###-####", 5551234, "555-1234" },
		{ "0#\" \"##\" \"##\" \"##\" \"##", 145678901,
		    "01 45 67 89 01" },
		{ "00\":\"00", 930, "09:30" },
		{ "0\" h \"00", 230, "2 h 30" },
		{ "00\\-000", 12345, "12-345" },
		{ "000-00-0000", 12345678, "012-34-5678" },
		{ "0000 0000 0000 0000", 1234567812345678,
		    "1234 5678 1234 5678" },
		{ "# ##0", 1234567, "1234 567" },
		{ "00-00", 123456, "1234-56" },
		{ "0 0.0#", -12.5, "-1 2.5" },
		{ "[>=1000]0.0,\" t\";0\" kg\"", 1500, "1.5 t" },
		{ "[>=1000]0.0,\" t\";0\" kg\"", 900, "900 kg" },
		{ "[=0]\"none\";[=1]0\" piece\";0\" pieces\"", 0, "none" },
		{ "[=0]\"none\";[=1]0\" piece\";0\" pieces\"", 1, "1 piece" },
		{ "[=0]\"none\";[=1]0\" piece\";0\" pieces\"", 7, "7 pieces" },
		{ "[Red][<0]\"below \"0;0", -3, "below 3" },
		{ "0.00;-0.00;\"-\"", 0, "-" },
		{ "#,##0.00 [$\xe2\x82\xac-407]", -1234.5,
		    "-1,234.50 \xe2\x82\xac" },
		{ "0.0%", 0.125, "12.5%" },
		{ "0.00E+00", 1234, "1.23E+03" },
		{ "# ?/?", 2.25, "2 1/4" },
	};
	struct buf out = BUF_INIT(0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		number_format(&out, cases[i].value, cases[i].code, false);
		if (strcmp(out.data, cases[i].shown) != 0)
			print_message("# %s: %s\n", cases[i].code, out.data);
		assert_string_equal(out.data, cases[i].shown);
	}
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_plain_text),
		cmocka_unit_test(words_are_counted_wherever_they_stand),
		cmocka_unit_test(blanks_make_no_other_text),
		cmocka_unit_test(reads_markdown),
		cmocka_unit_test(reads_tables_of_markdown),
		cmocka_unit_test(knows_headings_in_a_list),
		cmocka_unit_test(keeps_the_names_of_a_sheet),
		cmocka_unit_test(reads_html_without_the_frame),
		cmocka_unit_test(leaves_out_what_is_invisible),
		cmocka_unit_test(knows_charsets),
		cmocka_unit_test(believes_what_may_be),
		cmocka_unit_test(refuses_what_is_not_text),
		cmocka_unit_test(asks_to_be_alone),
		cmocka_unit_test(reads_what_was_begun),
		cmocka_unit_test(survives_depth),
		cmocka_unit_test(boxes_in),
		cmocka_unit_test(finds_sentences),
		cmocka_unit_test(cuts_along_headings),
		cmocka_unit_test(cuts_what_has_no_sentences),
		cmocka_unit_test(cuts_scripts_without_blanks),
		cmocka_unit_test(cuts_a_heap_of_marks),
		cmocka_unit_test(cuts_evenly),
		cmocka_unit_test(cuts_long_sections_between_sentences),
		cmocka_unit_test(tells_title_and_language),
		cmocka_unit_test(stems_by_language),
		cmocka_unit_test(plain_words_are_the_same_words),
		cmocka_unit_test(cuts_phrases_of_scripts_without_blanks),
		cmocka_unit_test(finds_words_in_tables),
		cmocka_unit_test(finds_synonyms_by_their_first_stem),
		cmocka_unit_test(cuts_endings),
		cmocka_unit_test(shows_numbers_by_their_formats),
	};

	return cmocka_run_group_tests_name("kb", tests, NULL, NULL);
}
