/*
 * writing - what a person writes to a customer: made, checked, queued
 *
 * Nothing here asks what was typed where: wa/answering.h and cmd/conv.c do. An
 * answer takes the conversation for whoever wrote it; a reaction is none.
 */
#ifndef WA_WRITING_H
#define WA_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "desk/act.h"
#include "desk/conversation.h"
#include "desk/media.h"

#define WRITING_MAX_BYTES (64 * 1024) /* of a text, before it is taken apart */

/* What is to be said. Zeroed, it says nothing; kind is a word of
 * frontdesk-events(7). text and content are owned, the rest is borrowed. */
struct writing {
	const char *kind;
	char *text;	       /* NULL: none */
	json_t *content;       /* NULL: none */
	const char *quoted;    /* message.id, "last"; NULL: it quotes none */
	const char *reaction;  /* an emoji, "" takes it off; NULL: it is none */
	const char *reacts_to; /* message.id, "last" */
	/* What a template was made of; NULL: content came as it is. */
	const char *template_name, *language;
	const char *const *parameters;
	size_t nparameters;
	struct media_file file; /* kept already; mime NULL: there is none */
	/* Nobody is talked over, unless anyway is set. */
	bool anyway;
	const char
	    *process;	   /* of desk/typist.h, in which it was written; NULL */
	int64_t began_seq; /* the log as they began to write; 0: not known */
};
void writing_release(struct writing *w);

/*
 * What was typed, as a text: without its last newlines, its lines ending as
 * ours do. ERR_DATA if it is empty, longer than WRITING_MAX_BYTES, not UTF-8 or
 * would do more to a screen than show. The caller frees.
 */
int writing_text(const char *typed, size_t len, char **ret);

/*
 * w brings the file that the person names, with its text as the caption: kept
 * in the store, to be sent as that kind (NULL: as its name and bytes say). In
 * no transaction. ERR_NOINPUT, ERR_DATA naming what WhatsApp would refuse.
 */
int writing_file(struct store *s, const char *path, const char *kind,
    struct writing *w);

/* Whether WhatsApp takes such a message at all: 0, or ERR_DATA with field and
 * limit. */
int writing_check(const struct writing *w);

/*
 * What was said in a conversation behind a place of the log, by the customer or
 * by anybody but person: "the customer wrote", "bert answered". NULL: nothing;
 * the caller frees.
 */
char *writing_meanwhile(struct store *s, const char *id, const char *person,
    int64_t seq);

/* Whether WhatsApp takes free texts there now: 0, or ERR_NO saying since when
 * not and which templates may be sent. */
int writing_window(struct act *a, const struct conversation *c,
    int64_t window_ms);

/*
 * Queue it under person, who has the conversation from then on and has seen it.
 * In a transaction. window_ms: the setting wa.window. ERR_NO if WhatsApp or the
 * customer does not take it now, or somebody would be talked over: another
 * person is writing, or something was said since they began. ERR_DATA if it
 * never would be taken.
 */
int writing_queue(struct act *a, const char *id, const char *person,
    const struct writing *w, int64_t window_ms);

#endif
