/*
 * smalltalk - hello, thanks and "I have a question", which ask for nothing yet
 *
 * A text is small talk if every word of it belongs to a phrase of a small
 * table, in the languages that share/kb has common words of. Case, accents and
 * punctuation do not matter; emoji count where there are no words. Question
 * marks alone are no small talk.
 */
#ifndef AI_SMALLTALK_H
#define AI_SMALLTALK_H

#include <stddef.h>

/* Of several, the last here says what the whole is. */
enum smalltalk {
	SMALLTALK_NONE,	    /* it says or asks something */
	SMALLTALK_QUIET,    /* laughter, a thumb, a dot: no answer is wanted */
	SMALLTALK_STRAY,    /* one letter or digit: nobody can tell */
	SMALLTALK_KIND,	    /* a heart, folded hands */
	SMALLTALK_WAVE,	    /* a hand that waves */
	SMALLTALK_GREETING, /* hello */
	SMALLTALK_THANKS,   /* thanks, ok, goodbye */
	SMALLTALK_ASKING,   /* there is a question, not yet asked */
	SMALLTALK_ANGRY,    /* emoji of anger */
};

enum smalltalk smalltalk_of(const char *text);

/*
 * What of text is left without the small talk around it: "Perfect, thanks.
 * When do you open?" is "When do you open?". Cut only at punctuation. The
 * place in text, and its bytes in *ret_len; all of it if there is none.
 */
const char *smalltalk_skip(const char *text, size_t *ret_len);

/* The bytes of the longest phrase of hello, thanks or what stands around them
 * that words, folded and each with a blank behind it, begin with, or letters of
 * a script without blanks; 0: none. */
size_t smalltalk_words(const char *words);
size_t smalltalk_run(const char *letters);

/* The name of the reply to it (desk/settings.h); NULL: none is to be sent. */
const char *smalltalk_reply(enum smalltalk kind);

#endif
