/* kept - passages that were read for the answers before */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ground/kept.h"
#include "ground/reader.h"

#define PLACES 64 /* some 50 KiB each, for passages as they are cut */
#define TEXT_MAX_BYTES (8 * 1024)

struct place {
	uint64_t hash; /* 0: free */
	uint64_t used; /* the check that used it last */
	char *text, *language;
	size_t len;
	struct kept_text read;
};

struct kept {
	struct place place[PLACES];
	uint64_t check;
};

struct kept *
kept_new(void)
{
	return xcalloc(1, sizeof(struct kept));
}

void
kept_text_release(struct kept_text *t)
{
	claims_release(&t->c);
	free(t->beside);
	free(t->beside_at);
	free(t->days);
	memset(t, 0, sizeof(*t));
}

static void
place_release(struct place *p)
{
	kept_text_release(&p->read);
	free(p->text);
	free(p->language);
	memset(p, 0, sizeof(*p));
}

void
kept_free(struct kept *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < PLACES; i++)
		place_release(&k->place[i]);
	free(k);
}

void
kept_begin(struct kept *k)
{
	k->check++;
}

const struct kept_text *
kept_find(struct kept *k, const char *text, size_t len, const char *language)
{
	uint64_t hash = reader_hash_long(text, len);
	struct place *p;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		p = &k->place[i];
		if (p->hash != hash || p->len != len ||
		    memcmp(p->text, text, len) != 0 ||
		    strcmp(p->language, language) != 0)
			continue;
		p->used = k->check;
		return &p->read;
	}
	return NULL;
}

bool
kept_add(struct kept *k, const char *text, size_t len, const char *language,
    struct kept_text *read)
{
	struct place *oldest = &k->place[0];
	size_t i;

	for (i = 1; i < PLACES; i++)
		if (k->place[i].used < oldest->used)
			oldest = &k->place[i];
	if (len > TEXT_MAX_BYTES || oldest->used == k->check)
		return false;
	place_release(oldest);
	oldest->hash = reader_hash_long(text, len);
	oldest->used = k->check;
	oldest->text = xstrndup(text, len);
	oldest->len = len;
	oldest->language = xstrdup(language);
	/* It outlives the caller's. */
	read->c.language = oldest->language;
	oldest->read = *read;
	return true;
}
