/*
 * words - which messages hold which words
 *
 * An index of whole words, folded (base/utf8.h): case and accents do not
 * matter. Scripts that put no spaces between words go in by their characters
 * and pairs of them. Nothing but a row of word_due is written with a message;
 * words_index() does the rest for many at once, and whoever searches does it
 * for what is left. What is erased or changed is not found from that instant
 * on; its bytes are gone from the file after words_wipe() and what goes with
 * it.
 */
#ifndef DESK_WORDS_H
#define DESK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "desk/listing.h"
#include "store/store.h"

/*
 * Index some of what is due, if that is at least so much, in transactions of
 * its own of a turn's work each. 1 if there may be more, 0 if not.
 */
int words_index(struct store *s, int64_t at_least);

/* How many messages are due, nearly: it is asked often. */
int words_due(struct store *s, int64_t *ret);

/*
 * What was erased or changed stands as a wish to wipe until words_wiped(). In
 * between: words_wipe(), which leaves no word in the index but those of
 * messages as they are now, then db_shrink(), db_scrub() and db_checkpoint().
 */
bool words_must_wipe(struct store *s);
int words_wipe(struct store *s);
int words_wiped(struct store *s);

/* What is looked for. */
struct question {
	char *match;	/* as SQLite's index has it */
	char **words;	/* folded */
	bool *is_begin; /* a word stands for all that begin so */
	size_t count;
	bool is_broad; /* with a beginning that very many words have */
};

/*
 * Out of words as people type them: all must be there; one that ends in '*'
 * stands for all that begin so. ERR_USAGE if there is none.
 */
int question_init(struct question *q, const char *const *words, size_t count);
void question_release(struct question *q);

struct found {
	int64_t place; /* where the next page goes on */
	char message[ULID_BYTES];
	char conversation[SHORT_ID_BYTES];
	char *instance, *contact, *direction, *kind;
	char *name, *author, *text, *gist; /* NULL: none; as they are now */
	bool is_edited, is_deleted;
	int64_t wa_ms;
};

/*
 * The newest messages that fit a question, of conversations that fit f (its
 * sort, max and reverse do not count), not older than since_ms, before place
 * (0: from the newest on); at most max. End with found_free().
 */
int words_search(struct store *s, const struct question *question,
    const struct listing_filter *f, int64_t since_ms, int64_t place, size_t max,
    struct found **ret, size_t *ret_count);
void found_free(struct found *list, size_t count);

/* text from a few words before the first that fits on; the caller frees. */
char *words_around(const char *text, const char *const *words, size_t count);

#endif
