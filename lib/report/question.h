/*
 * question - texts of customers, grouped by their words
 *
 * The words of a text: folded (base/utf8.h), without the small words of a few
 * languages, stemmed where the language is known. Two texts are as near as the
 * words they share divided by the words they have together. Texts with the
 * same words are one; then, the most frequent first, each joins the nearest
 * leader that shares at least half, or becomes a leader itself. So groups do
 * not depend on the order texts came in.
 */
#ifndef REPORT_QUESTION_H
#define REPORT_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUESTION_MAX_BYTES 1024 /* of a text: the rest is not looked at */
#define QUESTIONS_MAX 200000	/* texts: more are counted, not grouped */

struct question_group {
	char *text; /* stands for the group, masked */
	int64_t messages;
	int64_t customers; /* conversations they came in */
	int64_t handed;	   /* messages after which people were asked */
};

struct questions;

struct questions *questions_new(void);
void questions_free(struct questions *q); /* NULL is allowed */

/* Add a text; language may be NULL. */
void questions_add(struct questions *q, const char *conversation,
    const char *language, const char *text, bool handed);

/* Make the groups, the largest first. Once, after all were added. */
void questions_group(struct questions *q);

/* The groups of at least two customers; texts with words; all texts. */
const struct question_group *questions_groups(const struct questions *q,
    size_t *ret_count);
int64_t questions_counted(const struct questions *q);
int64_t questions_all(const struct questions *q);

/*
 * A copy in which e-mail addresses, links and numbers of three digits and more
 * are replaced by a word in brackets. Caller frees.
 */
char *question_mask(const char *text);

#endif
