/*
 * embedding - vectors for the passages of a base that have none
 *
 * Goes on where it was left, however it ended. With a model that is not the
 * one that is searched all passages are embedded beside, and the new one is
 * searched from the moment it is complete. Errors: kb/embed.h, base/err.h.
 */
#ifndef KB_EMBEDDING_H
#define KB_EMBEDDING_H

#include "kb/embed.h"
#include "kb/vector.h"

struct embedding_hooks {
	void *ctx;
	/* So many of total are embedded. */
	void (*progress)(void *ctx, int64_t count, int64_t total);
	/* This passage is refused and left out. */
	void (*refused)(void *ctx, const struct vector_passage *p,
	    const char *reason);
};

struct embedding_result {
	int64_t embedded, refused; /* now */
	int64_t calls, retries;
	size_t dimensions; /* 0: nothing is embedded */
	bool switched;	   /* another model is searched now */
	bool poor;	   /* it is not, for it took so few of the passages */
};

/*
 * The turn of vector_turn() must be held. ret is set in any case. A model that
 * took less than half of what the one that is searched has takes its place
 * only if anyway.
 */
int embedding_fill(struct db *db, const struct embed_settings *s,
    const struct embedding_hooks *hooks, bool anyway, const volatile int *stop,
    struct embedding_result *ret);

#endif
