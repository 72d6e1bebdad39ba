/*
 * chunk - a document's blocks cut into passages that read alone
 *
 * Passages follow the headings: none spans two sections. A section of at most
 * KB_PASSAGE_WORDS_MAX words is one; a longer one is cut into about even parts
 * of some KB_PASSAGE_WORDS, between its blocks, sentences, items, rows or
 * lines, and where one of these is too long at a line's end, a blank or, in
 * scripts that write none, between two signs. None has more than
 * KB_PASSAGE_WORDS_MAX. A list, a table or preformatted text stays whole with
 * the line that introduces it where it can.
 *
 * Of scripts without blanks each sign counts as a word, as in the index.
 *
 * The text of a passage is its blocks with an empty line between; shape has a
 * letter for each of them:
 *
 *	p  a paragraph, one line
 *	l  a list: an item a line, "- " or "1. " before it; what is indented
 *	   by four spaces more belongs to the item above
 *	r  rows of a table, one a line, each with the names of its columns
 *	c  preformatted text, as it was, without empty lines
 */
#ifndef KB_CHUNK_H
#define KB_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "kb/extract.h"

#define KB_SAME_TEXT_BYTES 16 /* of a hash of a text, */
#define KB_SAME_BYTES 24      /* and of the headings above it */
#define KB_PASSAGE_WORDS 180
#define KB_PASSAGE_WORDS_MAX 320
#define KB_SECTION_SEPARATOR " > "

struct kb_passage {
	char *section; /* "" above the first heading */
	char *text;
	char *shape;
	const char *language;
	int64_t start, end; /* characters in the document's text */
	int page, page_end; /* first and last, from 1; 0: it has none */
};

/* The id of a passage, and what two of the same text have in common. */
struct kb_passage_name {
	char id[SHORT_ID_BYTES];
	unsigned char same[KB_SAME_BYTES];
};

struct kb_passages {
	struct kb_passage *passage;
	size_t count;
	struct kb_passage_name *name; /* of each; NULL: not made yet */
	const char *language;	      /* of most of the words */
};

/*
 * Cut doc. language: the tag to take for all of it; NULL: detected, by
 * passage. End with kb_passages_release().
 */
void kb_chunk(const struct kb_text *doc, const char *language,
    struct kb_passages *ret);
void kb_passages_release(struct kb_passages *p);

/*
 * The length of the first sentence of text, with the space behind it; len if
 * it is the only one. For running text of any script.
 */
size_t sentence_length(const char *text, size_t len);

/* Words as passages are measured by: a sign of a script without blanks is one,
 * and so are 40 bytes of what has no blanks at all. */
size_t passage_words(const char *text, size_t len);

#endif
