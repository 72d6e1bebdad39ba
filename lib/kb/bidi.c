/* bidi - text that runs from right to left, as it was written */
#include <stdlib.h>
#include <string.h>

#include <fribidi.h>
#include <utf8proc.h>

#include "base/err.h"
#include "base/library.h"
#include "base/utf8.h"
#include "kb/bidi.h"

#define LIBRARY "libfribidi.so.0"
#define PACKAGE "libfribidi0"

#define FUNCTIONS                                     \
	FUNCTION(fribidi_get_bidi_types)              \
	FUNCTION(fribidi_get_bracket_types)           \
	FUNCTION(fribidi_get_par_embedding_levels_ex) \
	FUNCTION(fribidi_reorder_line)                \
	FUNCTION(fribidi_shape_mirroring)

#define FUNCTION(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS
} call;
#undef FUNCTION
#define FUNCTION(name) #name,
static const char *const names[] = { FUNCTIONS };
#undef FUNCTION

static bool loaded;

int
bidi_load(void)
{
	const char *missing;

	if (loaded)
		return 0;
	missing =
	    library_load(LIBRARY, names, sizeof(names) / sizeof(*names), &call);
	if (missing != NULL && strcmp(missing, LIBRARY) == 0)
		return err_set(ERR_DATA,
		    "runs from right to left; install %s to have it read",
		    PACKAGE);
	if (missing != NULL)
		return err_set(ERR_DATA, "cannot be read: %s has no %s",
		    LIBRARY, missing);
	loaded = true;
	return 0;
}

void
bidi_count(const char *text, size_t len, size_t *right, size_t *left)
{
	const char *p = text, *end = text + len;

	while (p < end)
		switch (
		    utf8proc_get_property((utf8proc_int32_t)utf8_next(&p, end))
			->bidi_class) {
		case UTF8PROC_BIDI_CLASS_L:
			++*right;
			break;
		case UTF8PROC_BIDI_CLASS_R:
		case UTF8PROC_BIDI_CLASS_AL:
			++*left;
			break;
		default:
			break;
		}
}

/* Whether a bracket closes that none has opened. */
static bool
closes_first(const FriBidiChar *c, FriBidiStrIndex n)
{
	FriBidiStrIndex i;
	int depth = 0;

	for (i = 0; i < n && depth >= 0; i++)
		if (c[i] < 0x80 && c[i] != 0 && strchr("([{", (int)c[i]))
			depth++;
		else if (c[i] < 0x80 && c[i] != 0 && strchr(")]}", (int)c[i]))
			depth--;
	return depth < 0;
}

/* Numbers at the left end of a line are written behind the Arabic at their
 * right, and so are of its kind; to the rules they come before it. */
static void
follow_arabic(FriBidiCharType *types, FriBidiStrIndex n)
{
	FriBidiStrIndex i = 0, k;

	while (i < n && !FRIBIDI_IS_STRONG(types[i]))
		i++;
	for (k = 0; i < n && types[i] == FRIBIDI_TYPE_AL && k < i; k++)
		if (types[k] == FRIBIDI_TYPE_EN)
			types[k] = FRIBIDI_TYPE_AN;
}

/*
 * What is seen is taken for what was written and put as it would be seen: the
 * rules reverse what they reversed. They also swap the groups of a number with
 * dashes in Arabic, which is why they are better here than to turn words about.
 */
static void
reorder(const FriBidiChar *seen, FriBidiStrIndex n, bool to_left, bool mirrored,
    FriBidiChar *ret)
{
	size_t count = (size_t)n;
	FriBidiCharType *types = xcalloc(count, sizeof(*types));
	FriBidiBracketType *brackets = xcalloc(count, sizeof(*brackets));
	FriBidiLevel *levels = xcalloc(count, sizeof(*levels));
	FriBidiParType base = to_left ? FRIBIDI_PAR_RTL : FRIBIDI_PAR_LTR;

	memcpy(ret, seen, count * sizeof(*ret));
	call.fribidi_get_bidi_types(seen, n, types);
	if (to_left)
		follow_arabic(types, n);
	call.fribidi_get_bracket_types(seen, n, types, brackets);
	if (call.fribidi_get_par_embedding_levels_ex(types, brackets, n, &base,
		levels) != 0) {
		if (mirrored)
			call.fribidi_shape_mirroring(levels, n, ret);
		(void)!call.fribidi_reorder_line(0, types, n, 0, base, levels,
		    ret, NULL);
	}
	free(types);
	free(brackets);
	free(levels);
}

void
bidi_read(const char *text, size_t len, bool to_left, struct buf *out)
{
	size_t right = 0, left = 0;
	const char *p = text, *end = text + len;
	FriBidiChar *seen, *c;
	FriBidiStrIndex n = 0, i;
	char bytes[4];

	if (len == 0)
		return;
	bidi_count(text, len, &right, &left);
	/* A number with its full stop runs as what is about it. */
	if (!loaded || (left == 0 && (!to_left || right > 0))) {
		buf_add(out, text, len);
		return;
	}
	seen = xcalloc(len, sizeof(*seen));
	c = xcalloc(len, sizeof(*c));
	while (p < end)
		seen[n++] = utf8_next(&p, end);
	/* Some programs write a bracket as it is meant, some as it looks. */
	reorder(seen, n, to_left, false, c);
	if (closes_first(c, n))
		reorder(seen, n, to_left, true, c);
	for (i = 0; i < n; i++)
		buf_add(out, bytes,
		    (size_t)utf8proc_encode_char((utf8proc_int32_t)c[i],
			(utf8proc_uint8_t *)bytes));
	free(seen);
	free(c);
}
