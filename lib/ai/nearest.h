/*
 * nearest - passages that no word of a question finds, by what words mean
 *
 * A model reads a passage in any words and languages; the search finds only
 * those it shares a word with. Where it finds fewer than are wanted, the rest
 * of a small knowledge base is shown as well: first what has to do with the
 * question by the meanings of ground/meanings.h, which are of many languages.
 */
#ifndef AI_NEAREST_H
#define AI_NEAREST_H

#include "kb/search.h"

/*
 * Add passages of the filters of q to hits, which kb_search() has made for q,
 * until they are q->limit. language: of the question; NULL or "und": not known.
 * One thread. 0 or an ERR.
 */
int nearest_fill(struct kb *kb, const struct kb_query *q, const char *language,
    struct kb_hits *hits);

#endif
