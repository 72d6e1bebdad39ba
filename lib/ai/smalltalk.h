/*
 * smalltalk - hello, thanks and goodbye, which ask for nothing
 *
 * A text is small talk if every word of it belongs to a phrase of a small
 * table, in English, Spanish, German, French, Portuguese, Italian or Dutch.
 * Case, accents, punctuation and emoji do not matter; emoji alone are small
 * talk, question marks alone are not.
 */
#ifndef AI_SMALLTALK_H
#define AI_SMALLTALK_H

enum smalltalk {
	SMALLTALK_NONE,	    /* it says or asks something */
	SMALLTALK_GREETING, /* hello */
	SMALLTALK_THANKS,   /* thanks, ok, goodbye, emoji */
};

enum smalltalk smalltalk_of(const char *text);

/* The name of the reply to it (desk/settings.h); NULL for SMALLTALK_NONE. */
const char *smalltalk_reply(enum smalltalk kind);

#endif
