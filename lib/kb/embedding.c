/* embedding - vectors for the passages of a base that have none */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "kb/embedding.h"

/* A passage that was given out. */
struct item {
	struct vector_passage p;
	struct item *prev, *next;
};

struct fill {
	struct db *db;
	const struct embed_settings *s;
	const struct embedding_hooks *hooks;
	struct embedding_result *result;
	struct vector_model model; /* id 0: none yet */
	int64_t *rows;
	size_t count, at, unpacked;
	int64_t done;	    /* of count */
	struct item *items; /* given out */
	struct item *held;  /* refused before there was a model */
};

static void
take_out(struct fill *f, struct item *i)
{
	if (i->prev != NULL)
		i->prev->next = i->next;
	else
		f->items = i->next;
	if (i->next != NULL)
		i->next->prev = i->prev;
}

static void
free_items(struct item *i)
{
	struct item *next;

	for (; i != NULL; i = next) {
		next = i->next;
		vector_passage_release(&i->p);
		free(i);
	}
}

static int
next_passages(void *ctx, size_t max, void **items, const char **texts)
{
	struct fill *f = ctx;
	struct item *i;
	size_t n = 0;
	int code;

	while (n < max && f->at < f->count) {
		i = xcalloc(1, sizeof(*i));
		code = vector_read(f->db, f->rows[f->at++], &i->p);
		if (code != 1) {
			free(i);
			if (code < 0)
				return code;
			continue;
		}
		i->next = f->items;
		if (f->items != NULL)
			f->items->prev = i;
		f->items = i;
		items[n] = i;
		texts[n++] = i->p.text;
	}
	return (int)n;
}

static int
keep_refused(struct fill *f, const struct item *i, const char *reason)
{
	return vector_refuse(f->db, &f->model, i->p.row, reason, now_ms());
}

/* The model, from the first answer on: then its dimensions are known. */
static int
need_model(struct fill *f, size_t dimensions)
{
	struct item *i;
	int code = 0;

	f->result->dimensions = dimensions;
	if (f->model.id != 0)
		return 0;
	code = vector_new(f->db, f->s->model, f->s->passage_prefix, dimensions,
	    now_ms(), &f->model);
	for (i = f->held; i != NULL && code == 0; i = i->next)
		code = keep_refused(f, i, "refused");
	free_items(f->held);
	f->held = NULL;
	return code;
}

static int
have_passages(void *ctx, void *const *items, size_t n, const float *vectors,
    size_t dimensions)
{
	const struct vector_passage **list = xcalloc(n, sizeof(*list));
	struct fill *f = ctx;
	struct item *i;
	int code = need_model(f, dimensions);
	size_t k;

	for (k = 0; k < n; k++)
		list[k] = &((struct item *)items[k])->p;
	if (code == 0)
		code = vector_put(f->db, &f->model, list, n, vectors);
	for (k = 0; k < n; k++) {
		i = items[k];
		take_out(f, i);
		i->next = NULL;
		free_items(i);
	}
	free(list);
	f->unpacked += n;
	f->done += (int64_t)n;
	f->result->embedded += (int64_t)n;
	if (code == 0 && f->unpacked >= VECTOR_GROUP) {
		f->unpacked = 0;
		code = vector_pack(f->db, &f->model);
	}
	if (code == 0)
		f->hooks->progress(f->hooks->ctx, f->done, (int64_t)f->count);
	return code;
}

static int
refused_passage(void *ctx, void *item, const char *reason)
{
	struct fill *f = ctx;
	struct item *i = item;
	int code = 0;

	f->done++;
	f->result->refused++;
	f->hooks->refused(f->hooks->ctx, &i->p, reason);
	take_out(f, i);
	i->next = NULL;
	if (f->model.id != 0) {
		code = keep_refused(f, i, reason);
		free_items(i);
	} else {
		i->next = f->held;
		f->held = i;
	}
	return code;
}

/* One round over what is missing now. */
static int
fill_round(struct fill *f, struct embed *e, const volatile int *stop)
{
	struct embed_job job = { .ctx = f,
		.prefix = f->s->passage_prefix,
		.model = f->s->model,
		.dimensions = f->model.dimensions,
		.next = next_passages,
		.have = have_passages,
		.refused = refused_passage };
	struct embed_counts counts = { 0 };
	int code;

	f->at = 0;
	f->done = 0;
	code = embed_run(e, &job, stop, &counts);
	f->result->calls += counts.calls;
	f->result->retries += counts.retries;
	free_items(f->items);
	free_items(f->held);
	f->items = f->held = NULL;
	return code;
}

/* Whether a model is searched that has more than twice as many vectors. */
static int
is_poor(struct fill *f, const struct vector_counts *own)
{
	struct vector_model searched = { .id = 0 };
	struct vector_counts c = { 0 };
	int code = vector_searched(f->db, &searched);

	if (code == 1 && searched.id != f->model.id)
		code = vector_count(f->db, &searched, &c);
	vector_model_release(&searched);
	return code < 0 ? code : c.embedded > 2 * own->embedded;
}

/* Nothing is missing: pack, and let the model be searched. */
static int
complete(struct fill *f, bool anyway)
{
	struct vector_counts c = { 0 };
	int code = vector_pack(f->db, &f->model);

	if (code == 0)
		code = vector_count(f->db, &f->model, &c);
	if (code < 0 || c.embedded == 0)
		return code;
	/* Its vectors go when another takes its place. */
	if (!anyway && (code = is_poor(f, &c)) != 0) {
		f->result->poor = code == 1;
		return code < 0 ? code : 0;
	}
	code = vector_switch(f->db, &f->model);
	f->result->switched = code == 0 && f->model.state != VECTOR_SEARCHED;
	return code;
}

int
embedding_fill(struct db *db, const struct embed_settings *s,
    const struct embedding_hooks *hooks, bool anyway, const volatile int *stop,
    struct embedding_result *ret)
{
	struct fill f = { .db = db, .s = s, .hooks = hooks, .result = ret };
	struct embed *e = NULL;
	int64_t before;
	int code;

	memset(ret, 0, sizeof(*ret));
	code = embed_new(s, &e);
	if (code == 0)
		code = vector_sweep(db);
	if (code == 0)
		code = vector_find(db, s->model, s->passage_prefix,
		    (size_t)s->dimensions, &f.model);
	if (code > 0) {
		ret->dimensions = f.model.dimensions;
		code = vector_pack(db, &f.model);
	}
	/* Passages may come while others are embedded. */
	do {
		free(f.rows);
		f.rows = NULL;
		before = ret->embedded + ret->refused;
		if (code >= 0)
			code = vector_missing(db,
			    f.model.id != 0 ? &f.model : NULL, &f.rows,
			    &f.count);
		if (code == 0 && f.count > 0)
			code = fill_round(&f, e, stop);
	} while (code == 0 && f.count > 0 && f.model.id != 0 &&
	    ret->embedded + ret->refused > before && *stop == 0);
	if (code == 0 && f.model.id != 0 && *stop == 0)
		code = complete(&f, anyway);
	embed_free(e);
	free(f.rows);
	vector_model_release(&f.model);
	return code;
}
