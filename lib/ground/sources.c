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
index_claims(struct reading *r)
{
	size_t i, w, from, to, n = 0, cap = 0;

	r->beside_at = xcalloc(r->c.nclaims + 1, sizeof(*r->beside_at));
	r->days = xcalloc(r->c.nclaims + 1, sizeof(*r->days));
	for (i = 0; i < r->c.nclaims; i++) {
		r->beside_at[i] = n;
		if (r->c.claim[i].kind > CLAIM_WEEKDAY)
			continue;
		r->days[i] = near_days(&r->c, i);
		near_span(&r->c, i, &from, &to);
		for (w = from; w < to; w++) {
			if (r->c.word[w].claim != 0 ||
			    !near_is_local(&r->c, w, i))
				continue;
			if (n == cap) {
				cap = cap != 0 ? 2 * cap : 256;
				r->beside = xrealloc(r->beside,
				    cap * sizeof(*r->beside));
			}
			r->beside[n++] = (uint32_t)w;
		}
	}
	r->beside_at[i] = n;
}

static void
add(struct sources *s, const struct meanings *meanings,
    struct analyser *analyser, const char *text, enum role role, int source,
    const char *language)
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
	claims_read(&r->c, meanings, analyser, text, strlen(text), language);
	r->role = role;
	r->source = source;
	r->terms = xcalloc(r->c.nwords + 1, sizeof(*r->terms));
	r->beside = NULL;
	index_claims(r);
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
sources_read(struct sources *s, const struct meanings *meanings,
    struct analyser *analyser, const struct ground_input *in,
    const char *language)
{
	const struct ground_source *from;
	const char *const *p, *tag, *others = "und";
	size_t i;

	memset(s, 0, sizeof(*s));
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
		add(s, meanings, analyser, from->text, ROLE_TEXT, (int)i, tag);
		add(s, meanings, analyser, from->title, ROLE_HEADING, (int)i,
		    tag);
		add(s, meanings, analyser, from->section, ROLE_HEADING, (int)i,
		    tag);
	}
	for (p = in->told; p != NULL && *p != NULL; p++)
		add(s, meanings, analyser, *p, ROLE_TOLD, -1, language);
	for (p = in->asked; p != NULL && *p != NULL; p++)
		add(s, meanings, analyser, *p, ROLE_ASKED, -1, language);
	for (p = in->allowed; p != NULL && *p != NULL; p++)
		add(s, meanings, analyser, *p, ROLE_ALLOWED, -1, language);
}

void
sources_release(struct sources *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		claims_release(&s->reading[i].c);
		free(s->reading[i].terms);
		free(s->reading[i].beside);
		free(s->reading[i].beside_at);
		free(s->reading[i].days);
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
