/*
 * embed - texts to vectors, through an endpoint that speaks as OpenAI's does
 *
 * POST URL/embeddings with {"model","input":[...]} as OpenAI's published
 * description of its API has it. Floats are asked for in base64 and taken as
 * arrays too. Some calls are in flight at a time; what fails in passing is
 * tried again, after Retry-After where one is given; a batch that is too large
 * or refused is halved until what is at fault stands alone.
 *
 * Reasons hold no key, no text and no words of the endpoint's but the names of
 * errors. Errors: base/err.h. ERR_UNAVAILABLE the endpoint is down or answers
 * nonsense, ERR_BUSY it wants us to come later, ERR_CONFIG it will never take
 * what is set.
 */
#ifndef KB_EMBED_H
#define KB_EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"

struct embed_settings {
	char *url; /* whole */
	char *key; /* NULL: none */
	const char *model;
	const char *passage_prefix, *query_prefix; /* "" for none */
	int64_t dimensions;			   /* to ask for; 0: its own */
	int64_t batch, parallel, retries;
	int64_t timeout_ms, retry_ms, retry_most_ms;
};

/* [embed] of c, which must outlive ret. ERR_CONFIG, also where no model is set.
 */
int embed_settings(const struct conf *c, struct embed_settings *ret);
void embed_settings_release(struct embed_settings *s);

/* The texts of one call as the body of a request; the caller frees. */
char *embed_request(const struct embed_settings *s, const char *model,
    const char *const *texts, size_t n);

/*
 * The vectors of an answer for n texts, in their order, of unit length, one
 * after the other; the caller frees. *ret_dimensions is how many numbers each
 * has. ERR_UNAVAILABLE for what is no such answer. A vector without a length is
 * ERR_DATA.
 */
int embed_parse(const char *body, size_t len, size_t n, float **ret,
    size_t *ret_dimensions);

/* What is embedded, and what becomes of it. */
struct embed_job {
	void *ctx;
	const char *prefix; /* before each text, and a blank; "": none */
	const char *model;
	size_t dimensions; /* that each must have; 0: as the first one has */

	/*
	 * The next texts, at most max: items[i] names texts[i] to the other
	 * two, which get it once. Both are good until then. The number of
	 * them, 0 for no more, or an ERR.
	 */
	int (*next)(void *ctx, size_t max, void **items, const char **texts);
	/* Vectors, one after the other. 0, or an ERR ends it all. */
	int (*have)(void *ctx, void *const *items, size_t n,
	    const float *vectors, size_t dimensions);
	/* The endpoint will not take this one. */
	int (*refused)(void *ctx, void *item, const char *reason);
};

struct embed_counts {
	int64_t calls, retries, vectors, refused;
};

struct embed;

/* s must outlive *ret. ERR_CONFIG for an address that cannot be used. */
int embed_new(const struct embed_settings *s, struct embed **ret);
void embed_free(struct embed *e);

/*
 * Run until there is no more or an error. Items whose fate is not known at an
 * error are given to neither. counts may be NULL. *stop, if not NULL, ends it
 * early, after the calls in flight.
 */
int embed_run(struct embed *e, const struct embed_job *job,
    const volatile int *stop, struct embed_counts *counts);

#endif
