/*
 * claims - a text as sentences, words, and what in it can be wrong
 *
 * First the text is cut into words, then words get their meanings, then what
 * stands together becomes claims.
 */
#include <stdlib.h>
#include <string.h>

#include "ground/claims.h"
#include "ground/link.h"
#include "ground/plain.h"
#include "ground/reader.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/wordlist.h"

uint32_t
reader_hash(const char *word, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	return h | 1;
}

uint64_t
reader_hash_long(const char *word, size_t len)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 1099511628211u;
	return h | 1;
}

/* Room for one more of n items. */
void *
reader_room(void *items, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return items;
	*cap = *cap != 0 ? 2 * *cap : 64;
	return xrealloc(items, *cap * size);
}

bool
reader_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
reader_is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

bool
reader_is_upper(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde) ||
	    (c >= 0x100 && c < 0x180 && c % 2 == 0) ||
	    (c >= 0x391 && c <= 0x3a9) || (c >= 0x400 && c <= 0x42f);
}

/* --- words --- */

struct claim_word *
reader_word(struct reader *r, const char *at, size_t len)
{
	struct claims *c = r->c;
	struct claim_word *w;

	c->word =
	    reader_room(c->word, c->nwords, &c->words_cap, sizeof(*c->word));
	w = &c->word[c->nwords++];
	memset(w, 0, sizeof(*w));
	w->at = (uint32_t)(at - c->plain);
	w->len = (uint32_t)len;
	w->sentence = (uint32_t)c->nsentences;
	w->clause = c->clauses;
	w->gap = r->gap;
	w->is_first = r->is_first;
	r->gap = 0;
	r->is_first = false;
	return w;
}

struct claim *
reader_claim(struct reader *r, enum claim_kind kind, size_t word)
{
	struct claims *c = r->c;
	struct claim_word *w = &c->word[word];
	struct claim *claim;

	c->claim = reader_room(c->claim, c->nclaims, &c->claims_cap,
	    sizeof(*c->claim));
	claim = &c->claim[c->nclaims++];
	memset(claim, 0, sizeof(*claim));
	claim->kind = (uint8_t)kind;
	claim->at = w->at;
	claim->len = w->len;
	claim->word = claim->last = (uint32_t)word;
	claim->sentence = w->sentence;
	w->claim = (uint32_t)c->nclaims;
	return claim;
}

/* The word folded, without the apostrophes and points in it. */
size_t
reader_fold(const char *word, size_t len, char out[FOLDED_MAX_BYTES])
{
	size_t i, n = 0;
	char *folded = NULL;

	for (i = 0; i < len && !(word[i] & 0x80); i++)
		;
	if (i < len) {
		folded = utf8_fold(word, len);
		word = folded;
		len = strlen(folded);
	}
	if (len >= FOLDED_MAX_BYTES)
		len = utf8_cut(word, len, FOLDED_MAX_BYTES - 1);
	for (i = 0; i < len; i++)
		if (word[i] != '\'' && word[i] != '.' &&
		    word[i] != PLAIN_HIDDEN)
			out[n++] = word[i] >= 'A' && word[i] <= 'Z' ?
			    (char)(word[i] | 32) :
			    word[i];
	out[n] = '\0';
	free(folded);
	return n;
}

void
reader_mean(struct claim_word *w, const struct meanings *l,
    const struct meaning *m)
{
	for (; m != NULL; m = meanings_next(l, m)) {
		if (m->kind < MEANING_PLAIN)
			w->means |= MEANING_BIT(m->kind);
		switch (m->kind) {
		case MEANING_NUMBER:
		case MEANING_TIMES:
		case MEANING_CLOCK:
		case MEANING_OFFSET:
			w->number = (float)m->value;
			break;
		case MEANING_UNIT:
			w->unit = m->value;
			w->rate |= claim_rate_of(m->value);
			break;
		case MEANING_RATE:
			w->rate |= claim_rate_of(m->value);
			break;
		case MEANING_ONE:
			w->number = 1;
			break;
		case MEANING_MEASURE:
			w->number = (float)meanings_measure(m->value, &w->unit);
			break;
		case MEANING_WEEKDAY:
		case MEANING_BRIEF:
			w->days = (uint16_t)m->value;
			break;
		case MEANING_MONTH:
			w->month = (uint8_t)m->value;
			break;
		case MEANING_PAIR:
			if (w->pair[0] == 0)
				w->pair[0] = m->value;
			else
				w->pair[1] = m->value;
			break;
		case MEANING_CONCEPT:
			w->concept
			= m->value;
			break;
		case MEANING_EVENT:
			w->event = m->value;
			break;
		case MEANING_PLACE:
			w->place = m->value;
			break;
		case MEANING_MODE:
			w->mode |= (uint16_t)m->value;
			break;
		default:
			break;
		}
	}
}

/* Bytes of the first n letters of len, or of the last if from is set. */
static size_t
letters(const char *word, size_t len, size_t n, bool last)
{
	size_t i, seen = 0;

	if (last) {
		for (i = len; i > 0 && seen < n; i--)
			seen += ((unsigned char)word[i - 1] & 0xc0) != 0x80;
		return len - i;
	}
	for (i = 0; i < len; i++)
		if (((unsigned char)word[i] & 0xc0) != 0x80 && seen++ == n)
			break;
	return i;
}

/* Arabic and Indonesian write small words and the word as one. */
static const struct meaning *
find_inside(const struct reader *r, const char *word, size_t len)
{
	static const char *const before[] = { "\u0648\u0627\u0644",
		"\u0628\u0627\u0644", "\u0644\u0644", "\u0627\u0644", "\u0648",
		"\u0628", "\u0644", "\u0641", NULL };
	static const char *const behind[] = { "nya", "kan", "lah", NULL };
	const struct meaning *m;
	size_t i, n;

	for (i = 0; r->c->language[0] == 'a' && before[i] != NULL; i++) {
		n = strlen(before[i]);
		if (len < n + 4 || memcmp(word, before[i], n) != 0)
			continue;
		m = meanings_find(r->meanings, r->language, word + n, len - n);
		if (m != NULL)
			return m;
	}
	for (i = 0; strcmp(r->c->language, "id") == 0 && behind[i] != NULL;
	     i++) {
		n = strlen(behind[i]);
		if (len < n + 3 || memcmp(word + len - n, behind[i], n) != 0)
			continue;
		m = meanings_find(r->meanings, r->language, word, len - n);
		if (m != NULL)
			return m;
	}
	return NULL;
}

/*
 * Turkish says no within its verbs: "kabul etmiyoruz", "alinmaz". What is
 * folded has no dots.
 */
static bool
is_turkish_no(const char *word, size_t len)
{
	static const char *const inside[] = { "miyor", "muyor", "mıyor",
		"müyor", "mamakta", "memekte", "mayacak", "meyecek", NULL };
	static const char *const last[] = { "maz", "mez", "mayız", "meyiz",
		"mazsınız", "mezsiniz", "mazlar", "mezler", NULL };
	char folded[FOLDED_MAX_BYTES];
	size_t i, n;

	for (i = 0; inside[i] != NULL; i++) {
		n = reader_fold(inside[i], strlen(inside[i]), folded);
		if (memmem(word, len, folded, n) != NULL)
			return true;
	}
	for (i = 0; last[i] != NULL; i++) {
		n = reader_fold(last[i], strlen(last[i]), folded);
		if (len > n + 1 && memcmp(word + len - n, folded, n) == 0)
			return true;
	}
	return false;
}

/* What the word is, of all lists. */
void
reader_know(struct reader *r, struct claim_word *w)
{
	char folded[FOLDED_MAX_BYTES];
	size_t len = reader_fold(r->c->plain + w->at, w->len, folded), n, i;
	const struct meaning *m;
	const char *stem;

	if (len == 0)
		return;
	w->exact = w->stem = reader_hash(folded, len);
	m = meanings_find(r->meanings, r->language, folded, len);
	if (m == NULL)
		m = find_inside(r, folded, len);
	reader_mean(w, r->meanings, m);
	if (m != NULL && !w->is_sign)
		reader_mean(w, r->meanings,
		    meanings_prefix(r->meanings, r->language, folded, len));
	/* All languages have a word for it, few one that is listed. */
	if (w->concept == 0 && (w->mode & MODE_WITH))
	w->concept = meanings_value("included", 8);
	if (strcmp(r->c->language, "tr") == 0 && is_turkish_no(folded, len))
		w->means |= MEANING_BIT(MEANING_NOT);
	/* Italian "of it" is no "nor", and "is" no "and", though folded they
	 * are the same. */
	if (strcmp(r->c->language, "it") == 0 && len == 2 && w->len == 2 &&
	    memcmp(folded, "ne", 2) == 0)
		w->means &= ~MEANING_BIT(MEANING_NOT);
	if (len == 1 && w->len > 1)
		w->means &=
		    ~(MEANING_BIT(MEANING_AND) | MEANING_BIT(MEANING_TO));
	if (r->bit != 0 && !w->is_sign) {
		w->is_common = (wordlist_find(&wordlist_common, folded, len) &
				   r->bit) != 0;
		stem =
		    analyse_stem(r->analyser, folded, len, r->c->language, &n);
		w->stem = reader_hash(stem, n);
		w->is_weak =
		    (wordlist_find(&wordlist_weak, stem, n) & r->bit) != 0;
	} else if (!w->is_sign) {
		stem =
		    analyse_stem(r->analyser, folded, len, r->c->language, &n);
		w->stem = reader_hash(stem, n);
	}
	if (w->is_sign)
		return;
	meanings_like(r->meanings, r->language, folded, len, w->like,
	    CLAIM_LIKE_MAX, &w->is_plain, &w->mode);
	i = letters(folded, len, 5, false);
	if (i < len || letters(folded, len, 4, false) < len)
		w->begin = reader_hash(folded, i);
	if (letters(folded, len, 7, false) < len) {
		i = letters(folded, len, 6, true);
		w->end = reader_hash(folded + len - i, i) ^ 0x55;
	}
}

/* --- sentences --- */

static void
reader_end_clause(struct reader *r)
{
	r->c->clauses++;
}

static void
end_sentence(struct reader *r, bool is_question)
{
	struct claims *c = r->c;
	struct claim_sentence *s;

	if (c->nwords > r->sentence_word) {
		c->sentence = reader_room(c->sentence, c->nsentences,
		    &c->sentences_cap, sizeof(*c->sentence));
		s = &c->sentence[c->nsentences++];
		s->at = c->was[r->sentence_at];
		s->len = c->was[r->p - c->plain] - s->at;
		s->word = r->sentence_word;
		s->nwords = (uint32_t)(c->nwords - r->sentence_word);
		s->is_question = is_question;
		s->is_row = r->is_row;
	}
	r->sentence_at = (uint32_t)(r->p - c->plain);
	r->sentence_word = (uint32_t)c->nwords;
	r->is_first = true;
	r->is_row = false;
	r->gap = 0;
	reader_end_clause(r);
}

/* Whether the point at p, which is not the last, is one of a short form. */
static bool
is_abbreviation(const struct reader *r, const char *p)
{
	static const char *const known[] = { "no", "nr", "tel", "ca", "bzw",
		"inkl", "zzgl", "min", "max", "st", "mr", "mrs", "ms", "dr",
		"str", "approx", "incl", "excl", "vs", "etc", "eg", "ie", "zb",
		"mo", "di", "mi", "do", "fr", "sa", "so", "mon", "tue", "wed",
		"thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "jun",
		"jul", "aug", "sep", "sept", "oct", "okt", "nov", "dec", "dez",
		"am", "pm", "num", "art", "sr", "sra", "hrs", "vol", "av", "ul",
		"rs", "max", "ext", "evtl", "ggf", "usw", "\u0440\u0443\u0431",
		"\u0443\u043b", "\u0442\u0435\u043b", "\u0433", NULL };
	char folded[FOLDED_MAX_BYTES];
	const char *from = p;
	size_t n;

	while (from > r->c->plain && from[-1] != ' ' && from[-1] != '\n' &&
	    from[-1] != '(')
		from--;
	if (p - from > 16)
		return false;
	n = reader_fold(from, (size_t)(p - from), folded);
	/* "On Mondays no. From Tuesday" is no "no. 5". */
	if (strcmp(folded, "no") == 0)
		return p + 2 < r->end &&
		    reader_is_digit(p[1] == ' ' ? p[2] : p[1]);
	/* "at 19 h." ends as other words do, "J. Smith" does not. */
	if (n == 1 && reader_is_letter(folded[0]))
		return from - r->c->plain < 2 || from[-1] != ' ' ||
		    !reader_is_digit(from[-2]);
	return str_in(folded, known);
}

bool
reader_month_follows(const struct reader *r, const char *p)
{
	char folded[FOLDED_MAX_BYTES];
	const struct meaning *m;
	const char *end = p;

	while (end < r->end && ((*end & 0x80) || reader_is_letter(*end)))
		end++;
	m = meanings_find(r->meanings, r->language, folded,
	    reader_fold(p, (size_t)(end - p), folded));
	for (; m != NULL; m = meanings_next(r->meanings, m))
		if (m->kind == MEANING_MONTH)
			return true;
	return false;
}

/* Whether the full stop at p ends a sentence. */
static bool
ends_sentence(const struct reader *r, const char *p)
{
	const char *q = p + 1, *next;
	uint32_t c;

	while (
	    q < r->end && (*q == ')' || *q == '"' || *q == '\'' || *q == '.'))
		q++;
	if (q == r->end || *q == '\n')
		return true;
	if (*q != ' ')
		return false;
	while (q < r->end && *q == ' ')
		q++;
	if (q == r->end)
		return true;
	next = q;
	c = utf8_next(&next, r->end);
	if (c < 128 && c >= 'a' && c <= 'z')
		return false;
	if (p > r->c->plain && reader_is_digit(p[-1])) {
		/* "24. Dezember" */
		return !reader_month_follows(r, q);
	}
	if (is_abbreviation(r, p))
		/* "at 6 p.m. We" */
		return reader_is_upper(c) && p - r->c->plain > 3 &&
		    (p[-1] | 32) == 'm' && (p[-2] == '.' || p[-3] == ' ');
	return true;
}

/* One sign that is of no word. */
static void
read_other(struct reader *r)
{
	const char *from = r->p;
	struct claim_word *w;
	uint32_t c;
	size_t n;

	c = utf8_next(&r->p, r->end);
	switch (c) {
	case ' ':
	case '\t':
		r->gap |= GAP_BLANK;
		if (c == '\t')
			reader_end_clause(r);
		return;
	case '\n':
	case '\r':
		end_sentence(r, false);
		return;
	case PLAIN_HIDDEN:
		return;
	case PLAIN_STOP:
	case '!':
		end_sentence(r, false);
		return;
	case '?':
		end_sentence(r, true);
		return;
	case '.':
		r->gap |= GAP_POINT;
		if (ends_sentence(r, from)) {
			while (r->p < r->end && *r->p == '.')
				r->p++;
			end_sentence(r, false);
		}
		return;
	case ',':
		r->gap |= GAP_COMMA;
		reader_end_clause(r);
		return;
	case ';':
	case ':':
		r->gap |= GAP_COLON;
		r->is_first = c == ':';
		reader_end_clause(r);
		return;
	case '-':
	case '~':
		r->gap |= GAP_DASH;
		if ((r->gap & GAP_BLANK) && r->p < r->end && *r->p == ' ' &&
		    !(r->p + 1 < r->end && reader_is_digit(r->p[1])))
			reader_end_clause(r);
		return;
	case '|':
		r->is_row = true;
		r->is_first = true;
		r->gap |= GAP_OTHER;
		reader_end_clause(r);
		return;
	case '(':
	case ')':
	case '[':
	case ']':
		r->gap |= GAP_OTHER;
		reader_end_clause(r);
		return;
	case '"':
	case '*':
	case '/':
	case '_':
	case '<':
	case '>':
		r->gap |= GAP_OTHER;
		r->is_first |= c == '"' || c == '*';
		return;
	default:
		break;
	}
	/* Signs of money and the like are words; "US$" begins with letters. */
	n = (size_t)(r->p - from);
	if (meanings_find(r->meanings, 0, from, n) != NULL) {
		w = reader_word(r, from, n);
		reader_know(r, w);
	} else if (c >= 0x80) { /* emoji, arrows */
		r->gap |= GAP_OTHER;
	}
}

static void
read_word(struct reader *r)
{
	const char *p = r->p, *q;
	struct claim_word *w;
	uint32_t c, first;
	bool mixed = false, lower = false;
	bool is_turkish = strcmp(r->c->language, "tr") == 0;

	/* "İzmir'de", "9'dan": an ending, which says nothing of its own. */
	if (is_turkish && p > r->c->plain && p[-1] == '\'' && r->gap == 0) {
		while (p < r->end && (utf8_is_word(utf8_next(&p, r->end))))
			r->p = p;
		return;
	}
	q = p;
	first = utf8_next(&q, r->end);
	lower = !reader_is_upper(first);
	for (p = q; p < r->end; p = q) {
		q = p;
		c = utf8_next(&q, r->end);
		if (c == PLAIN_HIDDEN)
			continue;
		if ((c == '\'' || c == '.') && q < r->end) {
			const char *next = q;
			uint32_t d = utf8_next(&next, r->end);

			/* a.m., e.g.: letters with points between */
			if (c == '.' &&
			    !(reader_is_letter((char)d) && d < 128 &&
				(next == r->end || *next == '.' ||
				    *next == ' ') &&
				(p - r->p == 1 || p[-2] == '.')))
				break;
			if (!utf8_is_word(d) || reader_is_digit((char)d))
				break;
			if (c == '\'' && (r->splits || is_turkish))
				break;
			continue;
		}
		if (!utf8_is_word(c) || analyse_grams(c) != 0 ||
		    (c < 128 && reader_is_digit((char)c)))
			break;
		if (reader_is_upper(c))
			mixed = true;
		else
			lower = true;
	}
	/* R$ and US$ */
	if (p < r->end && *p == '$' && p - r->p <= 2)
		p++;
	w = reader_word(r, r->p, (size_t)(p - r->p));
	w->is_capital = reader_is_upper(first);
	w->is_mixed = mixed && (lower || w->is_capital);
	w->is_named =
	    w->is_capital && !w->is_first && strcmp(r->c->language, "de") != 0;
	r->p = p;
	reader_know(r, w);
	if (claim_word_is(w, MEANING_BUT)) {
		reader_end_clause(r);
		w->clause = r->c->clauses;
	}
}

static bool
read_link(struct reader *r)
{
	struct link link;
	struct claim *claim;
	size_t n;

	if (r->p > r->c->plain &&
	    (reader_is_letter(r->p[-1]) || reader_is_digit(r->p[-1]) ||
		r->p[-1] == '.'))
		return false;
	n = link_at(r->p, r->end, &link);
	if (n == 0)
		return false;
	reader_word(r, r->p, n);
	claim = reader_claim(r, link.is_mail ? CLAIM_MAIL : CLAIM_LINK,
	    r->c->nwords - 1);
	claim->text = link.text;
	claim->host = link.host;
	claim->is_host = link.is_host;
	claim->is_hidden = link.is_hidden;
	r->p += n;
	return true;
}

static void
read_words(struct reader *r)
{
	const char *q;
	uint32_t c;

	while (r->p < r->end) {
		q = r->p;
		c = utf8_next(&q, r->end);
		if ((c < 128 || utf8_is_word(c)) && c > ' ' && read_link(r))
			continue;
		if (c < 128 &&
		    (reader_is_digit((char)c) || reader_is_letter((char)c))) {
			q = reader_code_end(r, r->p);
			if (q != NULL) {
				reader_code(r, q);
				continue;
			}
		}
		if (c < 128 && reader_is_digit((char)c))
			reader_number(r);
		else if (utf8_is_word(c)) {
			if (analyse_grams(c) != 0)
				reader_signs(r);
			else
				read_word(r);
		} else
			read_other(r);
	}
	end_sentence(r, false);
}

void
claims_read(struct claims *ret, const struct meanings *meanings,
    struct analyser *analyser, const char *text, size_t len,
    const char *language)
{
	static const char *const splitting[] = { "fr", "it", "ca", NULL };
	struct reader r = { .c = ret,
		.meanings = meanings,
		.analyser = analyser };

	memset(ret, 0, sizeof(*ret));
	ret->plain = plain_text(text, len, &ret->len, &ret->was);
	ret->language = language;
	r.p = ret->plain;
	r.end = ret->plain + ret->len;
	r.language = meanings_language(meanings, language);
	r.bit = wordlist_bit(language);
	r.splits = str_in(language, splitting);
	r.is_first = true;
	ret->has_plain = meanings_has_plain(meanings, r.language);
	read_words(&r);
	reader_find(&r);
}

void
claims_release(struct claims *c)
{
	free(c->plain);
	free(c->was);
	free(c->word);
	free(c->claim);
	free(c->sentence);
	memset(c, 0, sizeof(*c));
}
