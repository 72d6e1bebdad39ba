/*
 * speech - what customers say in voice notes and audio, as text
 *
 * A row of a message holds its words, or why nobody knows them. Words are
 * personal: what erases a message erases them too (a trigger of the schema).
 */
#ifndef DESK_SPEECH_H
#define DESK_SPEECH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/id.h"
#include "desk/media.h"
#include "store/store.h"

/* Why there are no words where no endpoint was asked. */
#define SPEECH_NO_FILE "the file could not be had"

/* Whether somebody is set up who listens: [transcribe] url or model. */
bool speech_wanted(const struct conf *c);

/* Whether messages of a kind are spoken. */
bool speech_kind(const char *kind);

/* A spoken message of a customer, and how far it has come. */
struct speech_source {
	char message[ULID_BYTES];
	char conversation[SHORT_ID_BYTES], contact[SHORT_ID_BYTES];
	char kind[8];
	char *instance;
	char *announced;	       /* the type it was sent as; NULL */
	char *mime;		       /* as its bytes say; NULL: no file */
	char sha256[SHA256_HEX_BYTES]; /* "": no file */
	int64_t bytes;
	bool lost;    /* the file cannot be had */
	bool settled; /* there are words, or there will be none */
};

/* 1, or 0 if there is no such message or it is none of these; or an ERR. */
int speech_find(struct store *s, const char *message,
    struct speech_source *ret);
void speech_source_release(struct speech_source *p);

/* What was heard. */
struct speech {
	const char *text;   /* NULL: nothing, for this reason */
	const char *reason; /* NULL with a text */
	const char *language, *provider, *model; /* NULL: not known */
	int64_t took_ms;
};

/* In a transaction; what there was before is replaced. */
int speech_put(struct store *s, const char *message, const struct speech *p);

/* The words, or the reason why there are none, and the model; each may be
 * NULL, and the caller frees it. */
int speech_get(struct store *s, const char *message, char **ret_text,
    char **ret_reason, char **ret_model);

/* Whether words may come yet: 1, *ret_ms is when the message came; 0, or an
 * ERR. */
int speech_pending(struct store *s, const char *message, int64_t *ret_ms);

#endif
