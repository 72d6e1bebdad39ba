/*
 * draft - a reply in the making, kept until it is sent
 *
 * One a person and conversation. Drafts are personal: what erases a message of
 * the conversation, or its customer, erases them too, and they go with the
 * person who leaves (triggers of the schema). conversation is one that goes on.
 */
#ifndef DESK_DRAFT_H
#define DESK_DRAFT_H

#include <stdint.h>

#include "store/store.h"

/* 1 with the text (the caller frees) and since when it is as it is; 0 if there
 * is none; or an ERR. */
int draft_get(struct store *s, const char *person, const char *conversation,
    char **ret_text, int64_t *ret_ms);

/* Keep text instead of what there was; "" keeps nothing. In a transaction. */
int draft_keep(struct store *s, const char *person, const char *conversation,
    const char *text, int64_t at_ms);

/* 1 if there was one, 0, or an ERR. In a transaction. */
int draft_drop(struct store *s, const char *person, const char *conversation);

/* That text was sent: it is a draft no more. In a transaction. */
int draft_sent(struct store *s, const char *person, const char *conversation,
    const char *text);

#endif
