/* sources - all that an answer may be taken from, read and indexed by words */
#include <stdlib.h>
#include <string.h>

#include "ground/near.h"
#include "ground/sources.h"
#include "base/language.h"
#include "base/str.h"

struct term {
	uint64_t key; /* 0: free */
	uint32_t id;
};

static const double strength[TERMS] = { 1, 1, 0.9, 1, 0.75, 0.75 };

static uint64_t
key_of(const struct claim_word *w, int kind)
{
	uint64_t v = 0;

	switch (kind) {
	case TERM_EXACT:
		v = w->exact;
		break;
	case TERM_STEM:
		/* A stem that is a word is one: same key. */
		v = w->stem;
		kind = TERM_EXACT;
		break;
	case TERM_CONCEPT:
		v = (uint64_t)w->concept
		;
		break;
	case TERM_PLACE:
		v = (uint64_t)w->place;
		break;
	case TERM_BEGIN:
		v = w->begin;
		break;
	case TERM_END:
		v = w->end;
		break;
	default:
		break;
	}
	return v != 0 ? (v << 3 | (uint64_t)kind) * 0x9e3779b97f4a7c15u | 1 : 0;
}

#define LIKE TERMS /* the kind of a group's key */

static uint64_t
key_of_group(int64_t group)
{
	return ((uint64_t)group << 3 | LIKE) * 0x9e3779b97f4a7c15u | 1;
}

static struct term *
slot_of(const struct sources *s, uint64_t key)
{
	size_t i = (size_t)(key >> 20) & (s->slots - 1);

	while (s->table[i].key != 0 && s->table[i].key != key)
		i = (i + 1) & (s->slots - 1);
	return &s->table[i];
}

static void
grow(struct sources *s)
{
	struct term *old = s->table;
	size_t n = s->slots, i;

	s->slots = n != 0 ? 2 * n : 4096;
	s->table = xcalloc(s->slots, sizeof(*s->table));
	for (i = 0; i < n; i++)
		if (old[i].key != 0)
			*slot_of(s, old[i].key) = old[i];
	free(old);
}

static uint32_t
add_term(struct sources *s, uint64_t key, uint64_t where)
{
	struct term *t;

	if (key == 0)
		return 0;
	if (2 * (s->nterms + 1) > s->slots)
		grow(s);
	t = slot_of(s, key);
	if (t->key == 0) {
		t->key = key;
		t->id = (uint32_t)++s->nterms;
		if (s->nterms >= s->where_cap) {
			s->where_cap =
			    s->where_cap != 0 ? 2 * s->where_cap : 2048;
			s->where = xrealloc(s->where,
			    s->where_cap * sizeof(*s->where));
		}
		s->where[t->id] = 0;
	}
	s->where[t->id] |= where;
	return t->id;
}

/* What stands beside each claim, once for all claims of the answer. */
static void
index_claims(struct kept_text *t)
{
	size_t i, w, from, to, n = 0, cap = 0;

	t->beside_at = xcalloc(t->c.nclaims + 1, sizeof(*t->beside_at));
	t->days = xcalloc(t->c.nclaims + 1, sizeof(*t->days));
	for (i = 0; i < t->c.nclaims; i++) {
		t->beside_at[i] = n;
		if (t->c.claim[i].kind > CLAIM_WEEKDAY)
			continue;
		t->days[i] = near_days(&t->c, i);
		near_span(&t->c, i, &from, &to);
		for (w = from; w < to; w++) {
			if (t->c.word[w].claim != 0 ||
			    !near_is_local(&t->c, w, i))
				continue;
			if (n == cap) {
				cap = cap != 0 ? 2 * cap : 256;
				t->beside = xrealloc(t->beside,
				    cap * sizeof(*t->beside));
			}
			t->beside[n++] = (uint32_t)w;
		}
	}
	t->beside_at[i] = n;
}

static void
put_text(struct reading *r, const struct kept_text *t, bool is_kept)
{
	r->c = t->c;
	r->beside = t->beside;
	r->beside_at = t->beside_at;
	r->days = t->days;
	r->is_kept = is_kept;
}

/* Read a text; what is of a document is kept. */
static void
read_text(struct reading *r, const struct sources_by *by, const char *text,
    const char *language)
{
	bool of_document = r->role == ROLE_TEXT || r->role == ROLE_HEADING;
	const struct kept_text *known = of_document ?
	    kept_find(by->kept, text, strlen(text), language) :
	    NULL;
	struct kept_text t = { .beside = NULL };

	if (known != NULL) {
		put_text(r, known, true);
		return;
	}
	claims_read(&t.c, by->meanings, by->analyser, text, strlen(text),
	    language);
	index_claims(&t);
	put_text(r, &t,
	    of_document &&
		kept_add(by->kept, text, strlen(text), language, &t));
}

static void
text_release(struct reading *r)
{
	struct kept_text t = { r->c, r->beside, r->beside_at, r->days };

	if (!r->is_kept)
		kept_text_release(&t);
}

static void
add(struct sources *s, const struct sources_by *by, const char *text,
    enum role role, int source, const char *language)
{
	struct reading *r;
	uint64_t where;
	size_t i;
	int k, bit;

	if (text == NULL || text[0] == '\0')
		return;
	if (s->count == s->cap) {
		s->cap = s->cap != 0 ? 2 * s->cap : 16;
		s->reading = xrealloc(s->reading, s->cap * sizeof(*r));
	}
	r = &s->reading[s->count++];
	r->role = role;
	r->source = source;
	read_text(r, by, text, language);
	r->terms = xcalloc(r->c.nwords + 1, sizeof(*r->terms));
	bit = role == ROLE_TOLD		  ? BIT_TOLD :
	    role == ROLE_ASKED		  ? BIT_ASKED :
	    role == ROLE_ALLOWED	  ? BIT_ALLOWED :
	    source < SOURCES_BITS_MAX - 1 ? source :
					    SOURCES_BITS_MAX - 1;
	where = UINT64_C(1) << bit;
	for (i = 0; i < r->c.nwords; i++) {
		for (k = 0; k < TERMS; k++)
			r->terms[i].id[k] =
			    add_term(s, key_of(&r->c.word[i], k), where);
		for (k = 0; k < CLAIM_LIKE_MAX && r->c.word[i].like[k] != 0;
		     k++)
			add_term(s, key_of_group(r->c.word[i].like[k]), where);
	}
}

void
sources_read(struct sources *s, const struct sources_by *by,
    const struct ground_input *in, const char *language)
{
	const struct ground_source *from;
	const char *const *p, *tag, *others = "und";
	size_t i;

	memset(s, 0, sizeof(*s));
	kept_begin(by->kept);
	grow(s);
	/* What tells nothing by itself is in the language of the others. */
	for (i = 0; i < in->nsources && strcmp(others, "und") == 0; i++)
		others = language_detect(in->source[i].text,
		    strlen(in->source[i].text));
	if (strcmp(others, "und") == 0)
		others = language;
	for (i = 0; i < in->nsources; i++) {
		from = &in->source[i];
		tag = language_detect(from->text, strlen(from->text));
		if (strcmp(tag, "und") == 0)
			tag = others;
		add(s, by, from->text, ROLE_TEXT, (int)i, tag);
		add(s, by, from->title, ROLE_HEADING, (int)i, tag);
		add(s, by, from->section, ROLE_HEADING, (int)i, tag);
	}
	for (p = in->told; p != NULL && *p != NULL; p++)
		add(s, by, *p, ROLE_TOLD, -1, language);
	for (p = in->asked; p != NULL && *p != NULL; p++)
		add(s, by, *p, ROLE_ASKED, -1, language);
	for (p = in->allowed; p != NULL && *p != NULL; p++)
		add(s, by, *p, ROLE_ALLOWED, -1, language);
}

void
sources_release(struct sources *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		text_release(&s->reading[i]);
		free(s->reading[i].terms);
	}
	free(s->reading);
	free(s->table);
	free(s->where);
	memset(s, 0, sizeof(*s));
}

struct terms
sources_find(const struct sources *s, const struct claim_word *w)
{
	struct terms t;
	uint64_t key;
	int k;

	for (k = 0; k < TERMS; k++) {
		key = key_of(w, k);
		t.id[k] = key != 0 && slot_of(s, key)->key == key ?
		    slot_of(s, key)->id :
		    0;
	}
	return t;
}

uint64_t
sources_like(const struct sources *s, int64_t group)
{
	uint64_t key = key_of_group(group);
	const struct term *t = slot_of(s, key);

	return t->key == key ? s->where[t->id] : 0;
}

double
sources_where(const struct sources *s, const struct terms *t,
    uint64_t *ret_where)
{
	double best = 0;
	int k;

	*ret_where = 0;
	for (k = 0; k < TERMS; k++)
		if (t->id[k] != 0) {
			*ret_where |= s->where[t->id[k]];
			if (strength[k] > best)
				best = strength[k];
		}
	return best;
}
