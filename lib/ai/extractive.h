/*
 * extractive - an answer in the documents' own words, without a model
 *
 * From the best passages it takes one to three whole sentences, or a list, or
 * the rows of a table that are asked for, in document order and from one
 * section. It would rather say nothing than something beside the point: it
 * refuses when the chance that a section answers is not good enough, or half of
 * the words that ask are not in it.
 */
#ifndef AI_EXTRACTIVE_H
#define AI_EXTRACTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "kb/search.h"

#define EXTRACT_TEXT_MAX_BYTES 1500 /* what a phone shows without effort */

struct extract_source {
	char *passage; /* id */
	char *document;
	char *title;
	char *source;
	char *section;
	double score;
	bool quoted; /* the text is from there */
};

struct extract_answer {
	char *text;  /* as quoted; the source is not named in it */
	char *title; /* of the document it is from */
	char *source;
	char *section;
	char *passage;	   /* what the text was taken from, whole */
	char *shape;	   /* of the passage, see kb/chunk.h */
	char *language;	   /* of the text, "und" if unsure */
	double confidence; /* 0 to 1; the chance that this section answers */

	/* Where the text stands first, then what else was looked at. */
	struct extract_source *sources;
	size_t nsources;

	/* Why there is none, for people; set with ERR_NO only. */
	char *refusal;
};

#define EXTRACT_FROM 0.42 /* confidence from which on there is an answer */

/*
 * Answer question from kb. context: the conversation's earlier lines of the
 * customer, oldest first, NULL-ended, or NULL. filter: collections, documents
 * and languages to look in; NULL: all.
 *
 * 0, or ERR_NO when the documents do not answer it (ret then has sources and
 * refusal, no text), or another ERR (ret untouched). End ret with
 * extract_release() after 0 and ERR_NO.
 */
int extractive_answer(struct kb *kb, const char *question,
    const char *const *context, const struct kb_query *filter,
    struct extract_answer *ret);

/* The same for a question made of what is asked now, own, and of what was said
 * before: of several sentences with figures the one that has own is quoted. */
int extractive_whole(struct kb *kb, const char *question, const char *own,
    const struct kb_query *filter, struct extract_answer *ret);

/* The same for a question that goes on from what was said. A smaller chance will
 * do, for the documents answer more of those; the caller sees to it that the new
 * words, own, are held by the answer. */
int extractive_follow(struct kb *kb, const char *question, const char *own,
    const struct kb_query *filter, struct extract_answer *ret);

/* Whether a sum of money stands in text: a sign or a name of money, and digits
 * beside it. */
bool extract_has_money(const char *text);

/*
 * The share of what text asks for that an answer is about, 0 to 1: in the
 * words it quotes and its headings (quoted), and in all of its passage
 * (passage). asks: how many words of text ask for something; with none both
 * are 1. carried: the word of them that says most, and half of all, is in what it
 * quotes, whatever the title is. 0 or an ERR.
 */
struct extract_cover {
	size_t asks;
	double quoted, passage;
	bool carried;
};
int extractive_covers(struct kb *kb, const char *text,
    const struct extract_answer *answer, struct extract_cover *ret);

/*
 * What more the passage of an answer says, for a question that goes on from it:
 * other rows or items of the same table or list, another sentence. Added to the
 * answer's text. 0, ERR_NO if nothing there has all of what text asks for, or
 * another ERR.
 */
int extractive_more(struct kb *kb, const char *text, struct extract_answer *a);

/* A share of this much or more is an answer to it. */
#define EXTRACT_COVERED 0.68
/* A share of this much makes it a part of the same question. */
#define EXTRACT_RELATED 0.45

/* Whether the passage of an answer has one of the things that text names: 1, 0
 * or an ERR. */
int extractive_touches(struct kb *kb, const char *text,
    const struct extract_answer *a);

void extract_release(struct extract_answer *answer);

#endif
