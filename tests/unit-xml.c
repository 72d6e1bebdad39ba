/* unit-xml - what is well formed reads as expat has it, however it is cut */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <expat.h>

#include "base/err.h"
#include "kb/xml.h"

/* "n" is not known, so that its attributes are not told; "s" is left out. */
static struct xml_words words = { .list = (const char *const[]){ "a", "b", "p",
				      "s", NULL } };
enum { A = 1, B, P, S };

/* What was told, as text: "<1 k=v>", "</1>", "|text". */
struct told {
	struct xml x;
	struct buf out;
	int skipping, depth;
	int ids[256];
	bool in_text, refused;
};

static void
tell_start(struct told *t, int id, const char **atts)
{
	buf_addf(&t->out, "<%d", id);
	for (; id != 0 && *atts != NULL; atts += 2)
		buf_addf(&t->out, " %s=%s", atts[0], atts[1]);
	buf_addc(&t->out, '>');
	t->in_text = false;
}

static void
tell_end(struct told *t, int id)
{
	buf_addf(&t->out, "</%d>", id);
	t->in_text = false;
}

static void
tell_text(struct told *t, const char *text, size_t len)
{
	if (!t->in_text)
		buf_addc(&t->out, '|');
	t->in_text = true;
	buf_add(&t->out, text, len);
}

/* --- ours --- */

static void
our_start(void *ctx, int id, const char **atts)
{
	struct told *t = ctx;

	tell_start(t, id, atts);
	t->x.skip = id == S;
}

static void
our_end(void *ctx, int id)
{
	tell_end(ctx, id);
}

static void
our_text(void *ctx, const char *text, size_t len)
{
	tell_text(ctx, text, len);
}

/* In pieces of so many bytes. What was told, or NULL; the caller frees. */
static char *
ours(const char *bytes, size_t len, size_t piece)
{
	struct told *t = calloc(1, sizeof(*t));
	char *ret = NULL;
	size_t n;
	int code = 0;

	t->x = (struct xml){ .words = &words,
		.start = our_start,
		.end = our_end,
		.text = our_text,
		.ctx = t };
	xml_begin(&t->x);
	for (; len > 0 && code == 0; bytes += n, len -= n) {
		n = len < piece ? len : piece;
		code = xml_feed(&t->x, bytes, n);
	}
	if (xml_finish(&t->x, code, "x") == 0)
		ret = buf_detach(&t->out);
	buf_release(&t->out);
	free(t);
	return ret;
}

/* --- expat's --- */

static int
id_of(const char *name)
{
	const char *colon = strchr(name, ':');
	int i;

	name = colon != NULL ? colon + 1 : name;
	for (i = 0; words.list[i] != NULL; i++)
		if (strcmp(words.list[i], name) == 0)
			return i + 1;
	return 0;
}

static void
start(void *ctx, const char *name, const char **atts)
{
	struct told *t = ctx;

	t->ids[t->depth++] = id_of(name);
	if (t->skipping > 0)
		return;
	tell_start(t, id_of(name), atts);
	if (id_of(name) == S)
		t->skipping = t->depth;
}

static void
end(void *ctx, const char *name)
{
	struct told *t = ctx;

	(void)name;
	t->depth--;
	if (t->skipping == t->depth + 1)
		t->skipping = 0;
	else if (t->skipping == 0)
		tell_end(t, t->ids[t->depth]);
}

static void
text(void *ctx, const char *s, int len)
{
	struct told *t = ctx;

	if (t->skipping == 0)
		tell_text(t, s, (size_t)len);
}

static void
doctype(void *ctx, const char *a, const char *b, const char *c, int d)
{
	(void)a, (void)b, (void)c, (void)d;
	((struct told *)ctx)->refused = true;
}

static char *
theirs(const char *bytes, size_t len)
{
	struct told *t = calloc(1, sizeof(*t));
	XML_Parser p = XML_ParserCreate(NULL);
	char *ret = NULL;

	XML_SetUserData(p, t);
	XML_SetElementHandler(p, start, end);
	XML_SetCharacterDataHandler(p, text);
	XML_SetStartDoctypeDeclHandler(p, doctype);
	if (XML_Parse(p, bytes, (int)len, 1) == XML_STATUS_OK && !t->refused)
		ret = buf_detach(&t->out);
	XML_ParserFree(p);
	buf_release(&t->out);
	free(t);
	return ret;
}

/* --- */

static const char *const documents[] = {
	"<a/>",
	"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n<a >x</a >\n",
	"<x:a xmlns:x='u' x:k=\"v\" y = 'w>\"'><x:b/>one &amp; two</x:a>",
	"<a k='&lt;&#65;&#x20ac;&quot;'>&gt;&apos;&#128512;\r\nline\rline</a>",
	"<a k='one\ntwo\tthree'><!-- <b> - > --><b><![CDATA[<b>&amp;]]></b></a>",
	"<a><s k='1'><b>gone<s>more</s></b></s>kept<s/>too</a>",
	"<a><n k='not > told'/><?pi ?>t<n></n></a><!-- after --> <?pi?>",
	"<a><p>caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80</p>\n\n<p> </p></a>",
	"<a><![CDATA[]]><![CDATA[a]b]]c]]></a>",
	"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a k='\xe9'>\xfc</a>",
	"<abc><a.b/><ab/><a-/><p><b>1</b></p></abc>",
};
#define DOCUMENTS (sizeof(documents) / sizeof(documents[0]))

static void
reads_as_expat(void **state)
{
	char *want, *got;
	size_t i, piece;

	(void)state;
	for (i = 0; i < DOCUMENTS; i++) {
		want = theirs(documents[i], strlen(documents[i]));
		assert_non_null(want);
		for (piece = 1; piece < 99; piece++) {
			got = ours(documents[i], strlen(documents[i]), piece);
			assert_non_null(got);
			assert_string_equal(got, want);
			free(got);
		}
		free(want);
	}
}

static void
reads_wide_text(void **state)
{
	static const char in[] = "\xff\xfe<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0"
				 "n\0g\0=\0'\0U\0T\0F\0-\0001\0006\0'\0?\0>\0"
				 "<\0a\0>\0\xac\x20<\0/\0a\0>\0";
	char *got = ours(in, sizeof(in) - 1, 3);

	(void)state;
	assert_non_null(got);
	assert_string_equal(got, "<1>|\xe2\x82\xac</1>");
	free(got);
}

/* Long runs of text are told before their end, never within a character. */
static void
reads_long_text(void **state)
{
	struct buf in = BUF_INIT(0);
	char *want, *got;

	(void)state;
	buf_adds(&in, "<a>");
	while (in.len < 400000)
		buf_adds(&in, "\xe2\x82\xac&amp;\xf0\x9f\x98\x80\r\n.");
	buf_adds(&in, "</a>");
	want = theirs(in.data, in.len);
	got = ours(in.data, in.len, 4099);
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
	free(want);
	buf_release(&in);
}

/* Documents at random and changed at random: where expat reads them, we do. */
static void
reads_what_is_changed(void **state)
{
	static const char *const bits[] = { "<a>", "</a>", "<b k='v'>", "</b>",
		"<p/>", "<s>", "</s>", "<n a=\"&lt;\">", "</n>", "text",
		"&amp;", "&#9;", "\r", "\n", "<!--c-->", "<![CDATA[x]]>", "]]",
		">", "<?p?>", "'", "\"", "=", " ", "\xc3\xa9", "<", "&", "\x01",
		"<x:a/>" };
	unsigned seed = 1, read = 0, i, k, n;
	struct buf in = BUF_INIT(0);
	char *want, *got;

	(void)state;
	for (i = 0; i < 200000; i++) {
		buf_reset(&in);
		buf_adds(&in, "<a>");
		seed = seed * 1664525 + 1013904223;
		for (k = 0, n = 1 + (seed >> 16) % 6; k < n; k++) {
			seed = seed * 1664525 + 1013904223;
			buf_adds(&in,
			    bits[(seed >> 16) %
				(sizeof(bits) / sizeof(*bits))]);
		}
		buf_adds(&in, "</a>");
		want = theirs(in.data, in.len);
		got = ours(in.data, in.len, 1 + i % 17);
		if (want != NULL) {
			read++;
			if (got == NULL || strcmp(got, want) != 0)
				fail_msg("%s: %s, not %s", in.data,
				    got != NULL ? got : "nothing", want);
		}
		free(want);
		free(got);
	}
	assert_true(read > 20000);
	buf_release(&in);
}

static void
refuses(void **state)
{
	static const char *const bad[] = { "", " ", "<", "<a", "<a>", "</a>",
		"<a></b>", "<a/><a/>", "<a/>text", "text<a/>", "<a>&b;</a>",
		"<a>&#0;</a>", "<a>&#xd800;</a>", "<a>&#1114112;</a>",
		"<a>\x01</a>", "<a>\xff</a>", "<a k='\xc3'/>", "<a k/>",
		"<a k=v/>", "<a k='v/>", "<!DOCTYPE a><a/>",
		"<![CDATA[x]]><a/>", "<!ELEMENT a><a/>", "<a><!-- </a>",
		"<a><![CDATA[ </a>", "< a/>",
		"<?xml version='1.0' encoding='none-such'?><a/>", NULL };
	size_t i, piece;

	(void)state;
	for (i = 0; bad[i] != NULL; i++)
		for (piece = 1; piece < 9; piece++)
			if (ours(bad[i], strlen(bad[i]), piece) != NULL)
				fail_msg("read: %s", bad[i]);
	ours("<a>\n<b k='&x;'/></a>", 20, 99);
	assert_string_equal(err_reason(),
	    "is damaged, at byte 4 of x: a reference to nothing");
}

static void
refuses_what_is_endless(void **state)
{
	struct buf in = BUF_INIT(0);
	int i;

	(void)state;
	buf_adds(&in, "<a>");
	for (i = 0; i <= XML_DEPTH_MAX; i++)
		buf_adds(&in, "<b>");
	assert_null(ours(in.data, in.len, 65536));
	assert_string_equal(err_reason(), "is nested too deep");
	buf_reset(&in);
	buf_adds(&in, "<a k='");
	while (in.len < 2 * XML_TOKEN_MAX_BYTES)
		buf_adds(&in, "a very long value indeed ");
	assert_null(ours(in.data, in.len, 65536));
	assert_non_null(strstr(err_reason(), "more than 4 MiB"));
	buf_release(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_expat),
		cmocka_unit_test(reads_wide_text),
		cmocka_unit_test(reads_long_text),
		cmocka_unit_test(reads_what_is_changed),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_what_is_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
