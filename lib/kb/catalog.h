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
struct kb_choice {
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
int kb_state_count(struct db *kb, int64_t now_ms, struct kb_state_count *ret);

#endif
