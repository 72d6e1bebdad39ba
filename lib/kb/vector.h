/*
 * vector - what passages mean, as vectors, and the nearest of them
 *
 * A vector is kept as a byte a number, which is as good as exact, and beside
 * it the signs of its distance from the mean of all, a bit a number, in groups
 * of 1024. A search counts equal signs of all, estimates what is near from the
 * signs alone, and measures the best hundreds by their bytes: no graph that
 * must be built, changed and held in memory.
 *
 * Vectors are of unit length, and near is their cosine. Those of one model,
 * number of dimensions and prefix are compared with each other and with
 * nothing else. A model that is new is filled beside the one that is searched.
 *
 * Holds: a vector that is in no group is loose; its row is the last word on
 * whether it is there. One process at a time adds and packs (the turn of
 * vector_turn); others may delete with vector_forget. Errors: base/err.h;
 * ERR_DATA for blobs that are damaged.
 */
#ifndef KB_VECTOR_H
#define KB_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kb/retrieve.h"
#include "store/store.h"

#define VECTOR_GROUP 1024
#define VECTOR_DIMENSIONS_MAX 8192
#define VECTOR_DEPTH 400 /* measured by their bytes, or one in so many: */
#define VECTOR_DEPTH_SHARE 1000

enum vector_state { VECTOR_FILLED, VECTOR_SEARCHED, VECTOR_REPLACED };

struct vector_model {
	int64_t id;
	char *name;
	char *prefix;
	size_t dimensions;
	enum vector_state state;
};

/* Length 1 from now on. ERR_DATA if it has none, or no finite one. */
int vector_normalise(float *v, size_t dimensions);

/* --- models --- */

/* The one that is searched: 1 (*ret is set), 0 or an ERR. */
int vector_searched(struct db *db, struct vector_model *ret);

/* The newest of that name and prefix, replaced ones left out; dimensions 0: of
 * any. 1, 0 or an ERR. */
int vector_find(struct db *db, const char *name, const char *prefix,
    size_t dimensions, struct vector_model *ret);

/* A new one to be filled. */
int vector_new(struct db *db, const char *name, const char *prefix,
    size_t dimensions, int64_t now_ms, struct vector_model *ret);

void vector_model_release(struct vector_model *m);

/* All there are, the oldest first; end with vector_models_free. */
int vector_models(struct db *db, struct vector_model **ret, size_t *ret_count);
void vector_models_free(struct vector_model *models, size_t n);

struct vector_counts {
	int64_t passages; /* that can be found */
	int64_t embedded; /* of them, by the model */
	int64_t refused;
};
/* m NULL: none are embedded. */
int vector_count(struct db *db, const struct vector_model *m,
    struct vector_counts *ret);

/* --- adding --- */

/* The turn to add, one process at a time. *ret is a descriptor to close at the
 * end. ERR_BUSY if another has it and !wait. */
int vector_turn(struct store *s, bool wait, int *ret);

/* A passage as it is embedded: its title and headings, then its text. */
struct vector_passage {
	int64_t row;
	char *id, *source; /* to name it */
	char *text;	   /* at most VECTOR_TEXT_MAX_BYTES */
};
#define VECTOR_TEXT_MAX_BYTES 8000 /* no more tokens than bytes */
void vector_passage_release(struct vector_passage *p);

/* Rows of passages that can be found and have no vector of m (NULL: of none)
 * and were not refused; rising. The caller frees. */
int vector_missing(struct db *db, const struct vector_model *m, int64_t **ret,
    size_t *ret_count);

/* The passage of a row: 1, 0 if it cannot be found any more, or an ERR. */
int vector_read(struct db *db, int64_t row, struct vector_passage *ret);

/* Keep vectors, one after the other, of unit length; those of passages that
 * are gone are left out. In short transactions. */
int vector_put(struct db *db, const struct vector_model *m,
    const struct vector_passage *const *passages, size_t n,
    const float *vectors);

/* Do not ask for this one again. */
int vector_refuse(struct db *db, const struct vector_model *m, int64_t row,
    const char *reason, int64_t now_ms);

/* Ask for those that were refused again. */
int vector_forgive(struct db *db, const struct vector_model *m);

/* Loose vectors into groups, a thousand each; groups that are half dead are
 * made anew, and all of them about the mean when it is of half as many. */
int vector_pack(struct db *db, const struct vector_model *m);

/* m is complete: it is the one that is searched. The others are swept. */
int vector_switch(struct db *db, const struct vector_model *m);

/* Delete models that were replaced, and what a crash left. */
int vector_sweep(struct db *db);

/* --- with passages --- */

/* In a transaction: these n passages are gone. */
int vector_forget(struct db *db, const int64_t *rows, size_t n);

/* In a transaction, before they are gone: passages from[] have become rows
 * to[], which take their vectors where what is embedded is the same. */
int vector_move(struct db *db, const int64_t *from, const int64_t *to,
    size_t n);

/* Passages of a document that came again as they were keep their vectors: rows
 * of its older versions give theirs to those of this one. */
int vector_carry(struct db *db, const char *document, int64_t version);

/* --- searching --- */

/*
 * The nearest k of m to v (unit length, m's dimensions), best first: score is
 * the cosine. allowed NULL: of all. depth 0: as is enough for most. ret has
 * room for k.
 */
int vector_search(struct db *db, const struct vector_model *m, const float *v,
    const struct retrieve_rows *allowed, size_t k, size_t depth,
    struct retrieved *ret, size_t *ret_count);

/* The cosine of v and the vector of a row: 1, 0 if it has none, or an ERR. */
int vector_cosine(struct db *db, const struct vector_model *m, const float *v,
    int64_t row, float *ret);

#endif
