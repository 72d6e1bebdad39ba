/*
 * catalog - what the base knows of its documents, for people
 *
 * Read only. Text is borrowed of the card, NULL where there is none. Errors:
 * base/err.h.
 */
#ifndef KB_CATALOG_H
#define KB_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

struct kb_card {
	char *id, *source, *collection, *home, *origin, *url;
	char *title, *own_title, *description, *own_description;
	char *language, *type, *extra;
	char *state;
	bool is_stalled;		 /* past its deadline: reason says so */
	char *reason;			 /* failed or stalled */
	int failed_page;		 /* 0: not at one */
	int64_t since_ms, deadline_ms;	 /* of the state; 0: it may stay */
	int64_t changed_ms, modified_ms; /* 0: not known */
	int64_t passages, bytes;
};

/* Each is a NULL-ended list, or NULL for all there are. */
/*
 * Documents that are found by their words and wait for vectors: what the base
 * has no state for, as no one writes it. End with kb_waiting_release().
 */
struct kb_waiting {
	char *documents; /* a JSON array of ids; NULL: none waits */
	int64_t from_ms; /* the model is there since; 0: not yet */
	int64_t patience_ms;
};
/* Vectors are wanted of this model, as in vector_find(); NULL: of none. */
int kb_waiting(struct db *kb, const char *model, const char *prefix,
    size_t dimensions, int64_t patience_ms, struct kb_waiting *ret);
void kb_waiting_release(struct kb_waiting *w);

struct kb_choice {
	const struct kb_waiting *waiting; /* NULL: of none is it known */
	const char *const *ids;
	const char *const *collections;
	const char *const *sources; /* or what they begin with: "help/", "a*" */
	const char *const *origins;
	const char *const *states; /* "stalled" too */
	const char *const *languages;
};

/*
 * At most max documents of choice that come after one (NULL: from the first),
 * by collection and source. End with kb_cards_free().
 */
int kb_cards(struct db *kb, const struct kb_choice *choice,
    const struct kb_card *after, int64_t now_ms, size_t max,
    struct kb_card **ret, size_t *ret_count);
void kb_cards_free(struct kb_card *cards, size_t count);

/* A passage of a document, borrowed during the call. */
struct kb_piece {
	const char *id, *section, *language, *text;
	int64_t ordinal, start, end;
	int page, page_end; /* 0: it has none */
	int64_t places;	    /* where the text stands, this one too */
};
typedef int (*kb_piece_fn)(void *ctx, const struct kb_piece *piece);

/* The passages of the version that is found, in order. What each returns below
 * 0 ends it. */
int kb_pieces(struct db *kb, const char *id, kb_piece_fn each, void *ctx);

/* A line that was left out of the document, and how often. */
typedef int (*kb_dropped_fn)(void *ctx, const char *line, int64_t count);
int kb_dropped_lines(struct db *kb, const char *id, kb_dropped_fn each,
    void *ctx);

struct kb_state_count {
	int64_t queued, extracting, indexing, embedding, ready, failed;
	int64_t stalled;		    /* of the first four */
	int64_t documents, passages, texts; /* texts: different ones */
	int64_t file_bytes, free_bytes, index_bytes;
	int64_t dead;  /* passages that are gone and still in the index */
	int64_t stale; /* passages whose words are to be made anew */
};
/* waiting may be NULL. */
int kb_state_count(struct db *kb, const struct kb_waiting *waiting,
    int64_t now_ms, struct kb_state_count *ret);

#endif
