/* xml - the parts of an office document, element by element, by expat */
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/xml.h"

static uint8_t
hash(const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619U;
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
	uint8_t at, id;

	for (id = 1; w->list[id - 1] != NULL; id++) {
		for (at = hash(w->list[id - 1]); w->slot[at] != 0;)
			at++;
		w->slot[at] = id;
	}
	w->made = true;
}

static int
word_id(const struct xml_words *w, const char *name)
{
	uint8_t at;

	name = local(name);
	for (at = hash(name); w->slot[at] != 0; at++)
		if (strcmp(w->list[w->slot[at] - 1], name) == 0)
			return w->slot[at];
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

static void
stop(struct xml *x, int code)
{
	x->stop = true;
	x->error = code;
	XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *ctx, const char *name, const char **atts)
{
	struct xml *x = ctx;

	if (x->stop)
		return;
	if (x->depth == XML_DEPTH_MAX) {
		stop(x, err_set(ERR_DATA, "is nested too deep"));
		return;
	}
	x->depth++;
	if (x->skip_depth > 0)
		return;
	x->ids[x->depth - 1] = word_id(x->words, name);
	x->start(x->ctx, x->ids[x->depth - 1], atts);
	if (x->skip) {
		x->skip = false;
		x->skip_depth = x->depth;
	}
	if (x->stop)
		XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL
on_end(void *ctx, const char *name)
{
	struct xml *x = ctx;

	(void)name;
	if (x->stop)
		return;
	x->depth--;
	if (x->skip_depth > 0) {
		if (x->skip_depth == x->depth + 1)
			x->skip_depth = 0;
		return;
	}
	x->end(x->ctx, x->ids[x->depth]);
	if (x->stop)
		XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL
on_text(void *ctx, const char *text, int len)
{
	struct xml *x = ctx;

	if (x->skip_depth == 0 && !x->stop)
		x->text(x->ctx, text, (size_t)len);
}

static void XMLCALL
on_doctype(void *ctx, const char *name, const char *sysid, const char *pubid,
    int has_internal)
{
	(void)name, (void)sysid, (void)pubid, (void)has_internal;
	stop(ctx,
	    err_set(ERR_DATA,
		"declares a document type, as no office document does"));
}

static int
feed(void *ctx, const char *bytes, size_t len)
{
	struct xml *x = ctx;

	if (XML_Parse(x->parser, bytes, (int)len, 0) == XML_STATUS_OK)
		return 0;
	return 1;
}

static void
begin(struct xml *x)
{
	if (!x->words->made)
		make_words(x->words);
	x->depth = x->skip_depth = x->error = 0;
	x->stop = x->skip = false;
	x->parser = XML_ParserCreate(x->charset);
	if (x->parser == NULL)
		abort();
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	if (x->text != NULL)
		XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
}

/* code: what feeding ended with; 1 where the parser did not want more. */
static int
finish(struct xml *x, int code, const char *name)
{
	if (code == 0 && XML_Parse(x->parser, "", 0, 1) != XML_STATUS_OK)
		code = 1;
	if (code == 1 && x->stop)
		code = x->error;
	else if (code == 1)
		code = err_set(ERR_DATA, "is damaged, at line %lu of %s: %s",
		    XML_GetCurrentLineNumber(x->parser), name,
		    XML_ErrorString(XML_GetErrorCode(x->parser)));
	XML_ParserFree(x->parser);
	x->parser = NULL;
	return code;
}

int
xml_read(struct xml *x, struct container *c, const char *name)
{
	int code;

	begin(x);
	code = container_read(c, name, feed, x);
	if (code < 0) {
		XML_ParserFree(x->parser);
		return code;
	}
	return finish(x, code, name);
}

int
xml_parse(struct xml *x, const char *bytes, size_t len, const char *name)
{
	int code = 0;
	size_t n;

	begin(x);
	for (; code == 0 && len > 0; bytes += n, len -= n) {
		n = len < 1 << 20 ? len : 1 << 20;
		code = feed(x, bytes, n);
	}
	return finish(x, code, name);
}
