/* leak - words to a model that it says to the customer */
#include <stdlib.h>
#include <string.h>

#include "ai/leak.h"
#include "base/str.h"
#include "base/utf8.h"

#define RUN_WORDS 7  /* "help with this business only" is said by many */
#define RUN_SIGNS 12 /* where no blanks are between words */
#define SIGN_BYTES 3
#define SIGNS_FROM 0xe3 /* the first byte of Han and kana */

/* Text without what stands in quotation marks. */
static char *
unquoted(const char *text)
{
	static const struct {
		const char *open, *close;
	} marks[] = { { "\"", "\"" }, { "\u201c", "\u201d" },
		{ "\u201e", "\u201c" }, { "\u00ab", "\u00bb" },
		{ "\u300c", "\u300d" } };
	struct buf b = BUF_INIT(0);
	const char *end;
	size_t i;

	buf_adds(&b, "");
	while (*text != '\0') {
		end = NULL;
		for (i = 0; i < sizeof(marks) / sizeof(marks[0]) && end == NULL;
		     i++)
			if (strncmp(text, marks[i].open,
				strlen(marks[i].open)) == 0) {
				end = strstr(text + strlen(marks[i].open),
				    marks[i].close);
				if (end != NULL)
					end += strlen(marks[i].close);
			}
		/* A word that no text has keeps apart what stood around it. */
		if (end != NULL) {
			buf_adds(&b, " qqqq ");
			text = end;
		} else
			buf_addc(&b, *text++);
	}
	return buf_detach(&b);
}

/* Behind the run that begins at p, the first of a word; NULL: it is too short. */
static const char *
run_end(const char *p)
{
	const char *end = p;
	int n;

	for (n = 0; n < RUN_WORDS; n++) {
		end = strchr(end, ' ');
		if (end == NULL || (end[1] == '\0' && n + 1 < RUN_WORDS))
			return NULL;
		end++;
	}
	return end;
}

/* The same of signs; p is the first of one. */
static const char *
signs_end(const char *p)
{
	size_t n;

	for (n = 0; n < RUN_SIGNS; n++, p += SIGN_BYTES)
		if ((unsigned char)*p < SIGNS_FROM || (unsigned char)*p >= 0xf0)
			return NULL;
	return p;
}

/* Whether any of known, folded, has a run. */
static bool
is_known(const char *run, size_t len, char *const *known)
{
	for (; *known != NULL; known++)
		if (memmem(*known, strlen(*known), run, len) != NULL)
			return true;
	return false;
}

static bool
has_run(const char *words, const char *rules, char *const *known)
{
	size_t len = strlen(rules);
	const char *p, *end;

	for (p = words; *p != '\0'; p++) {
		/* A run of words with the blanks around it. */
		end = *p == ' ' ? run_end(p + 1) : signs_end(p);
		if (end != NULL &&
		    memmem(rules, len, p, (size_t)(end - p)) != NULL &&
		    !is_known(p, (size_t)(end - p), known))
			return true;
	}
	return false;
}

bool
leak_found(const char *text, const char *rules, const char *const *known)
{
	char *bare = unquoted(rules), *ours = utf8_words(bare),
	     *words = utf8_words(text), **others;
	size_t i, n = 0;
	bool found;

	while (known[n] != NULL)
		n++;
	others = xcalloc(n + 1, sizeof(*others));
	for (i = 0; i < n; i++)
		others[i] = utf8_words(known[i]);
	found = has_run(words, ours, others);
	for (i = 0; i < n; i++)
		free(others[i]);
	free(others);
	free(words);
	free(ours);
	free(bare);
	return found;
}
