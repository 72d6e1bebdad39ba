/* meanings - what single words mean to the checker of answers */
#include <stdlib.h>
#include <string.h>

#include "ground/meanings.h"
#include "base/str.h"
#include "base/utf8.h"

#define SLOTS 65536 /* a power of two, some three times the words */
#define LANGUAGES_MAX 32
#define TAG_MAX_BYTES 8
#define PREFIX_MIN_BYTES 3
#define MEASURE_SHIFT 40 /* meanings_value() has no more bits */

/* What a key is of: the same letters may be a word and begin others. */
enum salt { WHOLE = 1, PREFIX, OPENING, LIKE, LIKE_PREFIX };

struct slot {
	uint64_t key; /* 0: free */
	uint16_t first;
};

struct meanings {
	struct slot slot[SLOTS];
	struct meaning *meaning; /* from 1 */
	size_t count, cap;
	char tag[LANGUAGES_MAX][TAG_MAX_BYTES];
	int languages;
	uint32_t plain; /* bits of languages that list plain words */
};

static const struct {
	const char *name;
	enum meaning_kind kind;
} kinds[] = {
	{ "number", MEANING_NUMBER },
	{ "unit", MEANING_UNIT },
	{ "weekday", MEANING_WEEKDAY },
	{ "brief", MEANING_BRIEF },
	{ "month", MEANING_MONTH },
	{ "am", MEANING_AM },
	{ "pm", MEANING_PM },
	{ "oclock", MEANING_OCLOCK },
	{ "to", MEANING_TO },
	{ "and", MEANING_AND },
	{ "but", MEANING_BUT },
	{ "not", MEANING_NOT },
	{ "bad", MEANING_BAD },
	{ "polite", MEANING_POLITE },
	{ "promise", MEANING_PROMISE },
	{ "did", MEANING_DID },
	{ "deed", MEANING_DEED },
	{ "will", MEANING_WILL },
	{ "give", MEANING_GIVE },
	{ "mate", MEANING_MATE },
	{ "call", MEANING_CALL },
	{ "soon", MEANING_SOON },
	{ "concept", MEANING_CONCEPT },
	{ "place", MEANING_PLACE },
	{ "title", MEANING_TITLE },
	{ "gratis", MEANING_GRATIS },
	{ "even", MEANING_EVEN },
	{ "need", MEANING_NEED },
	{ "all", MEANING_ALL },
	{ "ever", MEANING_EVER },
	{ "only", MEANING_ONLY },
	{ "from", MEANING_FROM },
	{ "bound", MEANING_BOUND },
	{ "one", MEANING_ONE },
	{ "yes", MEANING_YES },
	{ "lead", MEANING_LEAD },
	{ "with", MEANING_WITH },
	{ "if", MEANING_IF },
	{ "who", MEANING_WHO },
	{ "lack", MEANING_LACK },
	{ "till", MEANING_TILL },
	{ "times", MEANING_TIMES },
	{ "measure", MEANING_MEASURE },
	{ "clock", MEANING_CLOCK },
	{ "label", MEANING_LABEL },
	{ "offset", MEANING_OFFSET },
	{ "held", MEANING_HELD },
	{ "each", MEANING_EACH },
	{ "event", MEANING_EVENT },
	{ "least", MEANING_LEAST },
	{ "most", MEANING_MOST },
	{ "done", MEANING_DONE },
	{ "your", MEANING_YOUR },
	{ "is", MEANING_IS },
	{ "state", MEANING_STATE },
	{ "when", MEANING_WHEN },
	{ "per", MEANING_PER },
	{ "upto", MEANING_UPTO },
	{ "since", MEANING_SINCE },
	{ "rate", MEANING_RATE },
	{ "courteous", MEANING_COURTEOUS },
	{ "except", MEANING_EXCEPT },
	{ "sole", MEANING_SOLE },
	{ "plain", MEANING_PLAIN },
	{ "alike", MEANING_ALIKE },
	{ "mode", MEANING_MODE },
};

static const struct {
	const char *name;
	enum meaning_mode mode;
} modes[] = {
	{ "may", MODE_MAY },
	{ "ban", MODE_BAN },
	{ "need", MODE_NEED },
	{ "spare", MODE_SPARE },
	{ "open", MODE_OPEN },
	{ "shut", MODE_SHUT },
	{ "must", MODE_MUST },
	{ "all", MODE_ALL },
	{ "ever", MODE_EVER },
	{ "with", MODE_WITH },
	{ "least", MODE_LEAST },
	{ "most", MODE_MOST },
	{ "more", MODE_MORE },
	{ "less", MODE_LESS },
	{ "than", MODE_THAN },
	{ "cond", MODE_COND },
};

static uint64_t
begin_key(int language, enum salt salt)
{
	/* Stirred, else it meets with the first letter. */
	return (14695981039346656037u ^ ((uint64_t)language << 8 | salt)) *
	    0x9e3779b97f4a7c15u;
}

static uint64_t
add_key(uint64_t h, unsigned char c)
{
	return (h ^ c) * 1099511628211u;
}

static uint64_t
key_of(int language, enum salt salt, const char *word, size_t len)
{
	uint64_t h = begin_key(language, salt);
	size_t i;

	for (i = 0; i < len; i++)
		h = add_key(h, (unsigned char)word[i]);
	return h | 1;
}

int64_t
meanings_value(const char *name, size_t len)
{
	return (int64_t)(key_of(0, WHOLE, name, len) >> 24);
}

/* Where key is, or could be put. */
static size_t
place_of(const struct meanings *l, uint64_t key)
{
	size_t i = (key ^ key >> 32) & (SLOTS - 1);

	while (l->slot[i].key != 0 && l->slot[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return i;
}

static const struct meaning *
look(const struct meanings *l, uint64_t key)
{
	const struct slot *s = &l->slot[place_of(l, key | 1)];

	return s->key != 0 && s->first != 0 ? &l->meaning[s->first] : NULL;
}

/* --- reading the lists --- */

static void
put(struct meanings *l, uint64_t key, enum meaning_kind kind, int64_t value)
{
	struct slot *s = &l->slot[place_of(l, key)];
	struct meaning *m;

	if (l->count + 1 >= l->cap) {
		l->cap = l->cap != 0 ? 2 * l->cap : 4096;
		l->meaning = xrealloc(l->meaning, l->cap * sizeof(*l->meaning));
	}
	m = &l->meaning[++l->count];
	m->kind = (uint8_t)kind;
	m->value = value;
	m->next = s->first;
	s->key = key;
	s->first = (uint16_t)l->count;
}

static void
put_word(struct meanings *l, int language, const char *word, size_t len,
    enum meaning_kind kind, int64_t value)
{
	char *folded = utf8_fold(word, len), *blank;
	size_t n = strlen(folded), i, out = 0;
	bool like = kind == MEANING_PLAIN || kind == MEANING_ALIKE ||
	    kind == MEANING_HELD || kind == MEANING_MODE;

	/* Apostrophes and points within a word are not of it, see claims.c. */
	for (i = 0; i < n; i++)
		if (folded[i] != '\'' && folded[i] != '.' && folded[i] != '-')
			folded[out++] = folded[i];
		else if (folded[i] == '-' && i > 0 && i + 1 < n)
			folded[out++] = '_';
	folded[out] = '\0';
	/* Where no blanks are between words, these are cut out as well. */
	if (kind == MEANING_MODE && out > 0 && (unsigned char)*folded >= 0xe3)
		put(l, key_of(language, WHOLE, folded, out), kind, value);
	if (out > 1 && folded[out - 1] == '*')
		put(l,
		    key_of(language, like ? LIKE_PREFIX : PREFIX, folded,
			out - 1),
		    kind, value);
	else if (out > 0) {
		while (out > 1 && folded[out - 1] == '_')
			out--;
		put(l, key_of(language, like ? LIKE : WHOLE, folded, out), kind,
		    value);
		blank = like ? NULL : memchr(folded, '_', out);
		if (blank != NULL)
			put(l,
			    key_of(language, OPENING, folded,
				(size_t)(blank - folded)),
			    MEANING_NUMBER, 0);
	}
	free(folded);
}

static int64_t
value_of(enum meaning_kind kind, const char *word, size_t len)
{
	int64_t v = 0;
	size_t i = 0;

	switch (kind) {
	case MEANING_WEEKDAY:
	case MEANING_BRIEF:
		for (i = 0; i < len; i++)
			v |= (int64_t)1 << (word[i] - '0');
		return v;
	case MEANING_MEASURE:
		while (i < len && word[i] >= '0' && word[i] <= '9')
			v = v * 10 + (word[i++] - '0');
		return v << MEASURE_SHIFT | meanings_value(word + i, len - i);
	case MEANING_NUMBER:
	case MEANING_TIMES:
	case MEANING_CLOCK:
	case MEANING_MONTH:
		for (i = 0; i < len; i++)
			v = v * 10 + (word[i] - '0');
		return v;
	case MEANING_OFFSET:
		for (i = *word == '-'; i < len; i++)
			v = v * 10 + (word[i] - '0');
		return *word == '-' ? -v : v;
	case MEANING_HELD:
		return meanings_value(word, len) | MEANING_HELD_BIT;
	case MEANING_MODE:
		for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
			if (strlen(modes[i].name) == len &&
			    memcmp(modes[i].name, word, len) == 0)
				v = modes[i].mode;
		return v;
	default:
		return meanings_value(word, len);
	}
}

/* "KIND VALUE: word word"; a pair's kind is its name with + or -. */
static void
read_line(struct meanings *l, int language, const char *line, size_t len)
{
	const char *end = line + len, *colon = memchr(line, ':', len), *p, *q;
	enum meaning_kind kind = MEANING_PAIR;
	size_t name, i;
	int64_t value;

	if (colon == NULL)
		return;
	for (name = 0; line + name < colon && line[name] != ' '; name++)
		;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == name &&
		    memcmp(kinds[i].name, line, name) == 0)
			kind = kinds[i].kind;
	p = line + name + (line + name < colon);
	value = kind == MEANING_PAIR ?
	    meanings_value(line, name - 1) * (line[name - 1] == '-' ? -1 : 1) :
	    value_of(kind, p, (size_t)(colon - p));
	for (p = colon + 1; p < end; p = q) {
		while (p < end && *p == ' ')
			p++;
		for (q = p; q < end && *q != ' '; q++)
			;
		if (q > p)
			put_word(l, language, p, (size_t)(q - p), kind, value);
	}
}

/* The number of a language; a section may go on further down. */
static int
section_of(struct meanings *l, const char *tag, size_t len)
{
	int i;

	for (i = 1; i <= l->languages; i++)
		if (strlen(l->tag[i]) == len &&
		    memcmp(l->tag[i], tag, len) == 0)
			return i;
	memcpy(l->tag[++l->languages], tag, len);
	return l->languages;
}

struct meanings *
meanings_new(void)
{
	struct meanings *l = xcalloc(1, sizeof(*l));
	const char *p = meanings_words, *end;
	int language = 0;

	for (; *p != '\0'; p = end + (*end != '\0')) {
		end = strchrnul(p, '\n');
		if (*p == '[' && p[1] == '*') {
			language = 0;
		} else if (*p == '[' && l->languages + 1 < LANGUAGES_MAX) {
			language = section_of(l, p + 1, strcspn(p + 1, "]"));
		} else if (*p != '#' && p < end) {
			if (strncmp(p, "plain:", 6) == 0)
				l->plain |= 1u << language;
			read_line(l, language, p, (size_t)(end - p));
		}
	}
	return l;
}

void
meanings_free(struct meanings *l)
{
	if (l == NULL)
		return;
	free(l->meaning);
	free(l);
}

/* --- looking words up --- */

int
meanings_language(const struct meanings *l, const char *language)
{
	int i;

	for (i = 1; i <= l->languages; i++) {
		size_t n = strlen(l->tag[i]);

		if (language != NULL && strncmp(l->tag[i], language, n) == 0 &&
		    (language[n] == '\0' || language[n] == '-') &&
		    strcmp(language, "hi-Latn") != 0)
			return i;
	}
	return 0;
}

const struct meaning *
meanings_prefix(const struct meanings *l, int language, const char *word,
    size_t len)
{
	const struct meaning *m, *found = NULL;
	uint64_t h = begin_key(language, PREFIX);
	size_t i;

	for (i = 0; i < len && i < 24; i++) {
		h = add_key(h, (unsigned char)word[i]);
		if (i + 1 < PREFIX_MIN_BYTES)
			continue;
		m = look(l, h);
		if (m != NULL)
			found = m;
	}
	return found;
}

const struct meaning *
meanings_find(const struct meanings *l, int language, const char *word,
    size_t len)
{
	const struct meaning *m = NULL;

	if (language != 0) {
		m = look(l, key_of(language, WHOLE, word, len));
		/* "closes at 6" is no phrase because it begins as a word. */
		if (m == NULL && memchr(word, '_', len) == NULL)
			m = meanings_prefix(l, language, word, len);
	}
	return m != NULL ? m : look(l, key_of(0, WHOLE, word, len));
}

const struct meaning *
meanings_next(const struct meanings *l, const struct meaning *m)
{
	return m->next != 0 ? &l->meaning[m->next] : NULL;
}

bool
meanings_opens(const struct meanings *l, int language, const char *word,
    size_t len)
{
	return (language != 0 &&
		   look(l, key_of(language, OPENING, word, len)) != NULL) ||
	    look(l, key_of(0, OPENING, word, len)) != NULL;
}

bool
meanings_has_plain(const struct meanings *l, int language)
{
	return (l->plain & 1u << language) != 0;
}

double
meanings_measure(int64_t value, int64_t *ret_unit)
{
	*ret_unit = value & ((INT64_C(1) << MEASURE_SHIFT) - 1);
	return (double)(value >> MEASURE_SHIFT);
}

static size_t
take(const struct meanings *l, const struct meaning *m, int64_t *ret, size_t n,
    size_t max, bool *ret_plain, uint16_t *ret_mode)
{
	size_t i;

	for (; m != NULL; m = meanings_next(l, m)) {
		if (m->kind == MEANING_PLAIN) {
			*ret_plain = true;
			continue;
		}
		if (m->kind == MEANING_MODE) {
			*ret_mode |= (uint16_t)m->value;
			continue;
		}
		for (i = 0; i < n && ret[i] != m->value; i++)
			;
		if (i == n && n < max)
			ret[n++] = m->value;
	}
	return n;
}

size_t
meanings_like(const struct meanings *l, int language, const char *word,
    size_t len, int64_t *ret, size_t max, bool *ret_plain, uint16_t *ret_mode)
{
	uint64_t h = begin_key(language, LIKE_PREFIX);
	size_t n, i;

	n = take(l, look(l, key_of(language, LIKE, word, len)), ret, 0, max,
	    ret_plain, ret_mode);
	/* Two words do not begin as one does. */
	if (memchr(word, '_', len) != NULL)
		return n;
	/* Each of the beginnings counts, not the longest alone. */
	for (i = 0; i < len && i < 24; i++) {
		h = add_key(h, (unsigned char)word[i]);
		if (i + 1 >= PREFIX_MIN_BYTES)
			n = take(l, look(l, h), ret, n, max, ret_plain,
			    ret_mode);
	}
	return n;
}

/* --- from one language to another --- */

/* Whether one of the meanings is of this kind and value. */
static bool
is_of(const struct meanings *l, const struct meaning *m, enum meaning_kind kind,
    int64_t value)
{
	while (m != NULL && (m->kind != kind || m->value != value))
		m = meanings_next(l, m);
	return m != NULL;
}

/* The words of a line behind its colon, one by one. */
static bool
tell_words(const char *p, const char *end,
    bool (*tell)(void *ctx, const char *word), void *ctx)
{
	char *folded, *at;
	const char *q;
	bool done = false;

	for (; p < end && !done; p = q) {
		p += strspn(p, " ");
		for (q = p; q < end && *q != ' '; q++)
			;
		if (q == p)
			break;
		folded = utf8_fold(p, (size_t)(q - p));
		for (at = folded; *at != '\0'; at++)
			if (*at == '_' || *at == '*')
				*at = *at == '_' ? ' ' : '\0';
		done = tell(ctx, folded);
		free(folded);
	}
	return done;
}

bool
meanings_translate(const struct meanings *l, int language, const char *word,
    size_t len, const char *tag, bool (*tell)(void *ctx, const char *word),
    void *ctx)
{
	const struct meaning *m = meanings_find(l, language, word, len),
			     *more = meanings_prefix(l, language, word, len);
	const char *p, *end, *name, *colon;
	bool in_it = false, done = false;
	enum meaning_kind kind;

	for (p = m != NULL || more != NULL ? meanings_words : "";
	     *p != '\0' && !done; p = end + (*end != '\0')) {
		end = strchrnul(p, '\n');
		if (*p == '[')
			in_it = strlen(tag) == strcspn(p + 1, "]") &&
			    str_starts(p + 1, tag);
		kind =
		    str_starts(p, "concept ") ? MEANING_CONCEPT : MEANING_PLACE;
		if (!in_it ||
		    (kind == MEANING_PLACE && !str_starts(p, "place ")))
			continue;
		name = strchr(p, ' ') + 1;
		colon = name + strcspn(name, ":\n");
		if (is_of(l, m, kind,
			meanings_value(name, (size_t)(colon - name))) ||
		    is_of(l, more, kind,
			meanings_value(name, (size_t)(colon - name))))
			done = tell_words(colon + 1, end, tell, ctx);
	}
	return done;
}
