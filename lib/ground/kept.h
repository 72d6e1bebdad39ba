/*
 * kept - passages that were read for the answers before
 *
 * Many customers ask for the same things, so that the same passages come again
 * and again; to read them is the dearest part of a check. Some are kept as they
 * were read, those of documents only: nothing that a customer wrote stays here.
 *
 * What a check is given is good until the next one begins.
 */
#ifndef GROUND_KEPT_H
#define GROUND_KEPT_H

#include "ground/claims.h"

/* A text as it is read. */
struct kept_text {
	struct claims c;
	uint32_t *beside;  /* words beside claims, see near.h */
	size_t *beside_at; /* where each claim's begin; and the end */
	uint16_t *days;	   /* each claim is told for */
};

struct kept;

struct kept *kept_new(void);
void kept_free(struct kept *k);

/* A check begins. */
void kept_begin(struct kept *k);

/* The text as it was read in that language; NULL: it is to be read. */
const struct kept_text *kept_find(struct kept *k, const char *text, size_t len,
    const char *language);

/*
 * Keep what was read, and own it from now on; *read stands for it then. False:
 * it is too long, or all places are taken by this check; it is the caller's.
 */
bool kept_add(struct kept *k, const char *text, size_t len,
    const char *language, struct kept_text *read);

void kept_text_release(struct kept_text *t);

#endif
