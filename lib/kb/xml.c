/* xml - the parts of an office document, element by element */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/block.h"
#include "kb/xml.h"

#define TEXT_BYTES 65536 /* that are told before their end is seen */
#define REFERENCE_MAX_BYTES 12
#define HASH_START 2166136261U
#define CHARSET_WIDE "UTF-16" /* which of the two, its mark says */

static uint32_t
hash_on(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * 16777619U;
}

static uint8_t
slot_of(uint32_t h)
{
	return (uint8_t)(h ^ (h >> 8) ^ (h >> 16) ^ (h >> 24));
}

static const char *
local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static void
make_words(struct xml_words *w)
{
	const char *p;
	uint32_t h;
	uint8_t at, id;

	for (id = 1; w->list[id - 1] != NULL; id++) {
		for (h = HASH_START, p = w->list[id - 1]; *p != '\0'; p++)
			h = hash_on(h, *p);
		for (at = slot_of(h); w->slot[at] != 0;)
			at++;
		w->slot[at] = id;
	}
	w->made = true;
}

/* Of a name of len bytes without its prefix, whose hash is h. */
static uint8_t
word_id(const struct xml_words *w, const char *name, size_t len, uint32_t h)
{
	const char *word;
	uint8_t at;

	for (at = slot_of(h); w->slot[at] != 0; at++) {
		word = w->list[w->slot[at] - 1];
		if (strncmp(word, name, len) == 0 && word[len] == '\0')
			return w->slot[at];
	}
	return 0;
}

const char *
xml_attr(const char **atts, const char *name)
{
	for (; *atts != NULL; atts += 2)
		if (strcmp(local(atts[0]), name) == 0)
			return atts[1];
	return NULL;
}

const char *
xml_attr_relation(const char **atts)
{
	for (; *atts != NULL; atts += 2)
		if (strchr(atts[0], ':') != NULL &&
		    strcmp(local(atts[0]), "id") == 0)
			return atts[1];
	return NULL;
}

int
xml_attr_int(const char **atts, const char *name, int min, int max,
    int otherwise)
{
	const char *value = xml_attr(atts, name);
	char *end;
	long n;

	if (value == NULL || *value == '\0')
		return otherwise;
	n = strtol(value, &end, 10);
	return *end == '\0' && n >= min && n <= max ? (int)n : otherwise;
}

bool
xml_is_off(const char *value)
{
	static const char *const off[] = { "0", "false", "off", "none", NULL };

	return value != NULL && str_in(value, off);
}

/* --- text and values --- */

static char *
damaged(struct xml *x, const char *why)
{
	x->why = why;
	x->stop = true;
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The character a reference at p, which begins with '&', stands for, put at
 * out, which may be p. Its bytes; 0: there is none such. *ret: behind it. */
static size_t
refer(const char *p, const char *end, char *out, const char **ret)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' },
		{ "quot;", '"' }, { "apos;", '\'' } };
	unsigned long c;
	char *stop = NULL;
	size_t i, n;

	p++;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i].name);
		if ((size_t)(end - p) >= n &&
		    strncmp(p, names[i].name, n) == 0) {
			*ret = p + n;
			*out = names[i].c;
			return 1;
		}
	}
	if (end - p < 3 || *p++ != '#' ||
	    memchr(p, ';', (size_t)(end - p)) == NULL)
		return 0;
	if (*p == 'x')
		c = hex_digit(p[1]) >= 0 ? strtoul(p + 1, &stop, 16) : 0;
	else
		c = *p >= '0' && *p <= '9' ? strtoul(p, &stop, 10) : 0;
	if (c == 0 || *stop != ';' || c > 0x10ffff || (c >> 11) == 0x1b ||
	    (c < ' ' && !is_blank((char)c)))
		return 0;
	*ret = stop + 1;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
	    (utf8proc_uint8_t *)out);
}

/*
 * Text or a value as it is meant, in place: references, ends of lines, blanks
 * of a value. Its bytes, or SIZE_MAX: it is damaged.
 */
static size_t
decode(struct xml *x, char *text, size_t len, bool is_value)
{
	const char *p = text, *end = text + len;
	unsigned char all = 0;
	char *out = text;
	size_t n;

	while (p < end) {
		all |= (unsigned char)*p;
		if ((unsigned char)*p >= ' ' && *p != '&')
			*out++ = *p++;
		else if (*p == '&') {
			n = refer(p, end, out, &p);
			if (n == 0) {
				damaged(x, "a reference to nothing");
				return SIZE_MAX;
			}
			out += n;
		} else if (!is_blank(*p)) {
			damaged(x, "a control character");
			return SIZE_MAX;
		} else {
			if (*p == '\r' && p + 1 < end && p[1] == '\n')
				p++;
			*out++ = is_value ? ' ' : *p == '\r' ? '\n' : *p;
			p++;
		}
	}
	n = (size_t)(out - text);
	if (all >= 0x80 && !utf8_valid(text, n)) {
		damaged(x, "bytes that are no UTF-8");
		return SIZE_MAX;
	}
	return n;
}

/* Where text that goes on may be cut: not in a character or a reference. */
static char *
before_cut(char *p, char *end)
{
	char *cut = end, *at;

	for (at = end - 1; at > p && end - at <= REFERENCE_MAX_BYTES; at--)
		if (*at == '&' || *at == '\r' ||
		    ((unsigned char)*at >= 0xc0 && end - at <= 4))
			cut = at;
	return cut;
}

/* What stands between tags, from p. Behind it, NULL: it goes on. */
static char *
take_text(struct xml *x, char *p, char *end, bool is_last)
{
	char *stop = memchr(p, '<', (size_t)(end - p));
	size_t n;

	if (stop == NULL && !is_last && end - p < TEXT_BYTES)
		return NULL;
	if (stop == NULL)
		stop = is_last ? end : before_cut(p, end);
	if (x->depth == 0) {
		for (; p < stop; p++)
			if (!is_blank(*p))
				return damaged(x, "text outside of the root");
	} else if (x->skip_depth == 0 && x->text != NULL) {
		n = decode(x, p, (size_t)(stop - p), false);
		if (n == SIZE_MAX)
			return NULL;
		if (n > 0)
			x->text(x->ctx, p, n);
	}
	return stop;
}

/* --- tags --- */

static void
close_element(struct xml *x)
{
	x->depth--;
	if (x->skip_depth == 0)
		x->end(x->ctx, x->ids[x->depth]);
	else if (x->skip_depth == x->depth + 1)
		x->skip_depth = 0;
}

static char *
take_end(struct xml *x, char *p, char *end)
{
	char *stop = memchr(p, '>', (size_t)(end - p));
	uint32_t h = HASH_START;

	if (stop == NULL)
		return NULL;
	for (p += 2; p < stop && !is_blank(*p); p++)
		h = hash_on(h, *p);
	while (p < stop && is_blank(*p))
		p++;
	if (p < stop || x->depth == 0 || h != x->names[x->depth - 1])
		return damaged(x, "an end of what did not begin");
	close_element(x);
	return stop + 1;
}

/* The '>' of a tag, which may stand within quotes too. */
static char *
end_of_tag(char *p, const char *end)
{
	for (; p != NULL && p < end; p++)
		if (*p == '>')
			return p;
		else if (*p == '"' || *p == '\'') {
			p = memchr(p + 1, *p, (size_t)(end - p) - 1);
			if (p == NULL)
				return NULL;
		}
	return NULL;
}

/* Attributes of the whole tag p to end: names and values in turn, NULL-ended.
 * Whether they are in order. */
static bool
split(struct xml *x, char *p, char *end,
    const char *atts[2 * XML_ATTRIBUTES_MAX + 1])
{
	char *name, *name_end, *value;
	size_t n = 0, len;

	for (;;) {
		while (p < end && is_blank(*p))
			p++;
		if (p == end)
			break;
		for (name = p; p < end && *p != '=' && !is_blank(*p); p++)
			;
		name_end = p;
		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p++ != '=' || name_end == name)
			return false;
		while (p < end && is_blank(*p))
			p++;
		if (p == end || (*p != '"' && *p != '\''))
			return false;
		value = p + 1;
		p = memchr(value, *p, (size_t)(end - value));
		if (p == NULL)
			return false;
		len = decode(x, value, (size_t)(p - value), true);
		if (len == SIZE_MAX)
			return false;
		*name_end = value[len] = '\0';
		p++;
		if (n < XML_ATTRIBUTES_MAX) {
			atts[2 * n] = name;
			atts[2 * n++ + 1] = value;
		}
	}
	atts[2 * n] = NULL;
	return true;
}

static void
open_element(struct xml *x, uint8_t id, const char **atts)
{
	x->ids[x->depth++] = id;
	if (x->skip_depth > 0)
		return;
	x->start(x->ctx, id, atts);
	if (x->skip) {
		x->skip = false;
		x->skip_depth = x->depth;
	}
}

static char *
take_start(struct xml *x, char *p, char *end)
{
	const char *atts[2 * XML_ATTRIBUTES_MAX + 1];
	char *name = p + 1, *stop, *close;
	uint32_t whole = HASH_START, h = HASH_START;
	bool is_empty;
	uint8_t id = 0;

	atts[0] = NULL;
	for (p = name; p < end && *p != '>' && *p != '/' && !is_blank(*p);
	     p++) {
		whole = hash_on(whole, *p);
		h = *p == ':' ? HASH_START : hash_on(h, *p);
		if (*p == ':')
			name = p + 1;
	}
	stop = end_of_tag(p, end);
	if (stop == NULL)
		return NULL;
	is_empty = stop[-1] == '/' && stop > p;
	close = is_empty ? stop - 1 : stop;
	if (name == p)
		return damaged(x, "a tag without a name");
	if (x->depth == 0 && x->rooted)
		return damaged(x, "more than one root");
	if (x->depth == XML_DEPTH_MAX) {
		x->error = err_set(ERR_DATA, "is nested too deep");
		x->stop = true;
		return NULL;
	}
	if (x->skip_depth == 0)
		id = word_id(x->words, name, (size_t)(p - name), h);
	if (id != 0 && !split(x, p, close, atts))
		return x->why != NULL ? NULL : damaged(x, "an attribute");
	x->rooted = true;
	x->names[x->depth] = whole;
	open_element(x, id, atts);
	if (is_empty && !x->stop)
		close_element(x);
	return stop + 1;
}

/* --- the rest --- */

/* <?...?>; the first may say the charset. */
static char *
take_instruction(struct xml *x, char *p, char *end)
{
	char *stop = memmem(p, (size_t)(end - p), "?>", 2), *at;
	size_t n;

	if (stop == NULL)
		return NULL;
	at = memmem(p, (size_t)(stop - p), "encoding", 8);
	if (strncmp(p, "<?xml", 5) == 0 && is_blank(p[5]) && at != NULL) {
		for (at += 8; at < stop && (is_blank(*at) || *at == '='); at++)
			;
		n = at < stop ? strcspn(at + 1, "\"'?") : 0;
		if (!(n == 5 && strncasecmp(at + 1, "UTF-8", n) == 0) &&
		    x->charset == NULL && !x->rooted && n > 0)
			x->charset = xstrndup(at + 1, n);
	}
	return stop + 2;
}

static char *
take_section(struct xml *x, char *p, char *end)
{
	static const char cdata[] = "<![CDATA[", doctype[] = "<!DOCTYPE";
	size_t n = (size_t)(end - p);
	char *stop;

	if (strncmp(p, "<!--", n < 4 ? n : 4) == 0) {
		stop = n >= 7 ? memmem(p + 4, n - 4, "-->", 3) : NULL;
		return stop != NULL ? stop + 3 : NULL;
	}
	if (strncmp(p, cdata, n < 9 ? n : 9) == 0 && x->depth > 0) {
		stop = n >= 12 ? memmem(p + 9, n - 9, "]]>", 3) : NULL;
		if (stop == NULL)
			return NULL;
		n = (size_t)(stop - p) - 9;
		if (x->skip_depth > 0 || x->text == NULL || n == 0)
			return stop + 3;
		if (!utf8_valid(p + 9, n))
			return damaged(x, "bytes that are no UTF-8");
		x->text(x->ctx, p + 9, n);
		return stop + 3;
	}
	if (strncmp(p, doctype, n < 9 ? n : 9) != 0)
		return damaged(x, "a declaration");
	if (n >= 9) {
		x->error = err_set(ERR_DATA,
		    "declares a document type, as no office document does");
		x->stop = true;
	}
	return NULL;
}

/* Behind what begins at p; NULL: it is not there whole, or x is at its end. */
static char *
take(struct xml *x, char *p, char *end, bool is_last)
{
	if (*p != '<')
		return take_text(x, p, end, is_last);
	if (p + 1 == end)
		return NULL;
	if (p[1] == '/')
		return take_end(x, p, end);
	if (p[1] == '!')
		return take_section(x, p, end);
	if (p[1] == '?')
		return take_instruction(x, p, end);
	return take_start(x, p, end);
}

/* A mark or a zero at the beginning: not UTF-8, or UTF-8 after all. */
static void
look_at_beginning(struct xml *x)
{
	const unsigned char *p = (const unsigned char *)x->in.data;

	x->begun = true;
	if (x->in.len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		buf_drop(&x->in, 3);
		x->done = 3;
	} else if ((p[0] == 0xfe && p[1] == 0xff) ||
	    (p[0] == 0xff && p[1] == 0xfe) || p[0] == 0 || p[1] == 0)
		x->charset = xstrdup(CHARSET_WIDE);
}

/* Read what is there, as far as it is whole. */
static void
read_on(struct xml *x, bool is_last)
{
	char *p = x->in.data, *end = p + x->in.len, *next;

	while (p < end && !x->stop && (x->charset == NULL || is_last) &&
	    (next = take(x, p, end, is_last)) != NULL)
		p = next;
	x->done += (size_t)(p - x->in.data);
	buf_drop(&x->in, (size_t)(p - x->in.data));
	if (x->charset == NULL && x->in.len > XML_TOKEN_MAX_BYTES)
		damaged(x, "a tag of more than 4 MiB");
}

int
xml_feed(void *ctx, const char *bytes, size_t len)
{
	struct xml *x = ctx;

	buf_add(&x->in, bytes, len);
	if (!x->begun && x->in.len < 4)
		return 0;
	if (!x->begun)
		look_at_beginning(x);
	if (x->charset == NULL)
		read_on(x, false);
	return x->stop;
}

void
xml_begin(struct xml *x)
{
	if (!x->words->made)
		make_words(x->words);
	x->depth = x->skip_depth = x->error = 0;
	x->stop = x->skip = x->begun = x->rooted = false;
	x->why = NULL;
	x->charset = NULL;
	x->done = 0;
	memset(&x->in, 0, sizeof(x->in));
}

/* What came in another charset is read now, all of it. */
static void
convert(struct xml *x)
{
	char *charset = x->charset, *text;
	size_t len;

	text = strcmp(charset, CHARSET_WIDE) == 0 ?
	    text_utf8(x->in.data, x->in.len, false, &len) :
	    text_from(x->in.data, x->in.len, charset, &len);
	free(charset);
	x->charset = NULL;
	if (text == NULL) {
		damaged(x, "a charset that is not known");
		return;
	}
	buf_reset(&x->in);
	buf_add(&x->in, text, len);
	free(text);
}

static void
release(struct xml *x)
{
	buf_release(&x->in);
	free(x->charset);
	x->charset = NULL;
}

int
xml_finish(struct xml *x, int code, const char *name)
{
	if (code == 0) {
		if (x->charset != NULL)
			convert(x);
		if (!x->stop && x->in.len > 0)
			read_on(x, true);
		if (!x->stop && (x->in.len > 0 || x->depth > 0 || !x->rooted))
			damaged(x, "it ends too early");
	}
	if (x->why != NULL)
		code = err_set(ERR_DATA, "is damaged, at byte %zu of %s: %s",
		    x->done, name, x->why);
	else if (code >= 0)
		code = x->error;
	release(x);
	return code;
}

int
xml_read(struct xml *x, struct container *c, const char *name)
{
	xml_begin(x);
	return xml_finish(x, container_read(c, name, xml_feed, x), name);
}
