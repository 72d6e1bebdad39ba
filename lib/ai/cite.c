/* cite - where an answer is from, as the customer reads it and as it is kept */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ai/cite.h"
#include "base/str.h"
#include "ground/link.h"

static const char *const source_words[][2] = { { "en", "Source" },
	{ "es", "Fuente" }, { "de", "Quelle" }, { "fr", "Source" },
	{ "pt", "Fonte" }, { "it", "Fonte" }, { "nl", "Bron" } };
#define SOURCE_WORDS (sizeof(source_words) / sizeof(source_words[0]))

static const char *
source_word(const char *language)
{
	size_t i;

	for (i = 0; i < SOURCE_WORDS; i++)
		if (language != NULL &&
		    str_starts(language, source_words[i][0]))
			return source_words[i][1];
	return source_words[0][1];
}

bool
cite_is_name(const char *title, const char *source)
{
	const char *slash = strrchr(source, '/'), *dot;
	size_t len = strlen(title), i;

	source = slash != NULL ? slash + 1 : source;
	dot = strrchr(source, '.');
	if (len != (dot != NULL ? (size_t)(dot - source) : strlen(source)))
		return false;
	for (i = 0; i < len; i++)
		if (tolower((unsigned char)title[i]) !=
			tolower((unsigned char)source[i]) &&
		    title[i] != ' ')
			return false;
	return true;
}

char *
cite_text(const char *text, const char *language, const char *title,
    const char *source)
{
	bool link = source != NULL &&
	    (str_starts(source, "https://") || str_starts(source, "http://"));

	if (title == NULL || *title == '\0' || link_any(title))
		return xstrdup(text);
	return xformat("%s\n\n%s: %s%s%s", text, source_word(language), title,
	    link ? "\n" : "", link ? source : "");
}

/* Behind "Quelle: Delivery" and the address below it; NULL: no such line. */
static const char *
skip_source(const char *line)
{
	const char *end = NULL;
	size_t i, len;

	for (i = 0; i < SOURCE_WORDS && end == NULL; i++) {
		len = strlen(source_words[i][1]);
		if (strncmp(line, source_words[i][1], len) == 0 &&
		    str_starts(line + len, ": "))
			end = line + strcspn(line, "\n");
	}
	if (end != NULL &&
	    (str_starts(end, "\nhttps://") || str_starts(end, "\nhttp://")))
		end += 1 + strcspn(end + 1, "\n");
	return end;
}

char *
cite_left_out(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *end;
	char *ret;

	while (*p != '\0') {
		end = skip_source(p);
		if (end != NULL) {
			p = end + strspn(end, "\n");
			continue;
		}
		end = p + strcspn(p, "\n");
		end += *end == '\n';
		buf_add(&b, p, (size_t)(end - p));
		p = end;
	}
	ret = xstrdup(b.data != NULL ? str_trim(b.data) : "");
	buf_release(&b);
	return ret;
}

/* --- marks of passages --- */

static const char *const passage_words[] = { "passages", "passage", "sources",
	"source", "pasajes", "pasaje", "fuentes", "fuente", "passagens",
	"passagem", "fontes", "fonte", "passagen", "quellen", "quelle", "refs",
	"ref", NULL };

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " ");
}

/* Behind the word at p, one of words; NULL: none is there. */
static const char *
skip_word(const char *p, const char *const *words)
{
	size_t i, n;

	for (i = 0; words[i] != NULL; i++) {
		n = strlen(words[i]);
		if (strncasecmp(p, words[i], n) == 0 &&
		    !isalpha((unsigned char)p[n]))
			return p + n;
	}
	return NULL;
}

/* Behind numbers of passages: "1", "1, 2", "1-3"; NULL: other numbers. */
static const char *
skip_numbers(const char *p, size_t passages)
{
	static const char *const links[] = { "and", "und", "y", "et", "e",
		NULL };
	const char *next, *word;
	char *end;
	unsigned long n;

	for (;; p = next) {
		n = isdigit((unsigned char)*p) ? strtoul(p, &end, 10) : 0;
		if (n < 1 || n > passages)
			return NULL;
		next = skip_blanks(end);
		word = skip_word(next, links);
		if (word == NULL && *next != '\0' &&
		    strchr(",;&-", *next) != NULL)
			word = next + 1;
		if (word == NULL)
			return end;
		next = skip_blanks(word);
		if (!isdigit((unsigned char)*next))
			return end;
	}
}

/* Behind "[1]", "[^1]", "(passage 1, 2)", "【1】"; NULL: no such mark. */
static const char *
skip_bracketed(const char *p, size_t passages)
{
	static const char *const pairs[][2] = { { "[", "]" }, { "(", ")" },
		{ "\u3010", "\u3011" } };
	const char *word;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (str_starts(p, pairs[i][0]))
			break;
	if (i == sizeof(pairs) / sizeof(pairs[0]))
		return NULL;
	p = skip_blanks(p + strlen(pairs[i][0]));
	word = skip_word(p, passage_words);
	/* "(2)" counts, or marks an item of a list. */
	if (word == NULL && *pairs[i][0] == '(')
		return NULL;
	p = skip_blanks(word != NULL ? word : p);
	p = skip_numbers(p + (*p == '^' || *p == '#'), passages);
	if (p == NULL)
		return NULL;
	/* "1\u2020source" is how some models name a place in it. */
	if (str_starts(p, "\u2020"))
		p += strcspn(p, "\u3011]\n");
	p = skip_blanks(p);
	return str_starts(p, pairs[i][1]) ? p + strlen(pairs[i][1]) : NULL;
}

/* Behind a raised number at the end of a word or a sentence, where it is no
 * square or cube of a unit; NULL: it is one. */
static const char *
skip_raised(const char *p, const struct buf *before, size_t passages)
{
	static const char *const raised[] = { "\u00b9", "\u00b2", "\u00b3",
		"\u2074", "\u2075", "\u2076", "\u2077", "\u2078", "\u2079",
		NULL };
	const char *from;
	size_t i, n = 0;

	for (i = 0; raised[i] != NULL && !str_starts(p, raised[i]); i++)
		;
	if (raised[i] == NULL || i + 1 > passages || before->len == 0)
		return NULL;
	from = before->data + before->len;
	while (n < before->len && isalpha((unsigned char)from[-1 - (int)n]))
		n++;
	if (n < 4 && strchr(".,;:!?)", from[-1]) == NULL)
		return NULL;
	return p + strlen(raised[i]);
}

/* Behind "According to passage 1, " */
static const char *
skip_lead(const char *p, size_t passages)
{
	static const char *const leads[] = { "according to", "as stated in",
		"as per", "as described in", "per", "seg\u00fan el",
		"seg\u00fan la", "seg\u00fan", "d'apr\u00e8s le",
		"d'apr\u00e8s la", "selon le", "selon la", "segundo a",
		"de acordo com a", "conforme a", NULL };

	p = skip_word(p, leads);
	if (p == NULL)
		return NULL;
	p = skip_word(skip_blanks(p), passage_words);
	if (p == NULL)
		return NULL;
	p = skip_numbers(skip_blanks(p), passages);
	return p != NULL && *p == ',' ? skip_blanks(p + 1) : NULL;
}

char *
cite_unmark(const char *text, size_t passages)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *next;
	bool starts = true;

	while (*p != '\0') {
		next = starts ? skip_lead(p, passages) : NULL;
		if (next != NULL && *next != '\0') {
			buf_addc(&b, (char)toupper((unsigned char)*next));
			p = next + 1;
			starts = false;
			continue;
		}
		next = skip_bracketed(p, passages);
		if (next == NULL)
			next = skip_raised(p, &b, passages);
		if (next != NULL) {
			while (b.len > 0 && b.data[b.len - 1] == ' ')
				b.data[--b.len] = '\0';
			p = next;
			continue;
		}
		starts = strchr(".!?\n", *p) != NULL || (starts && *p == ' ');
		buf_addc(&b, *p++);
	}
	if (b.data == NULL)
		buf_adds(&b, "");
	return buf_detach(&b);
}

/* --- as it is kept --- */

json_t *
cite_new(const char *passage, const char *document, const char *title,
    const char *source, const char *section, double score, bool quoted)
{
	json_t *o = json_object();

	json_put(o, "passage", passage);
	json_put(o, "document", document);
	json_put(o, "title", title);
	json_put(o, "source", source);
	json_put(o, "section", section);
	json_object_set_new(o, "score", json_real(score));
	if (quoted)
		json_object_set_new(o, "quoted", json_true());
	return o;
}

void
cite_add(json_t *sources, json_t *one)
{
	const char *passage = json_str_or(one, "passage", "");
	json_t *old;
	size_t i;

	json_array_foreach(sources, i, old)
		if (strcmp(json_str_or(old, "passage", ""), passage) == 0) {
			json_decref(one);
			return;
		}
	json_array_append_new(sources, one);
}
