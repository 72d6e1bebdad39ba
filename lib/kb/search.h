/*
 * search - a question to the passages that answer it, best first
 *
 * The index (kb/segment.h) gives candidates by BM25 over all words, and they
 * are ranked here. Words are compared folded and stemmed, each passage
 * in its own language; a question is taken under every language of the base.
 *
 * Read only, never connects anywhere. One struct kb a thread. What hits hold
 * belongs to them. Errors: base/err.h.
 */
#ifndef KB_SEARCH_H
#define KB_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* What scores mean: raise it when the same question of the same base scores
 * otherwise. */
#define KB_RANKING_VERSION "4"

#define KB_LIMIT_DEFAULT 10
#define KB_LIMIT_MAX 1000
#define KB_ALSO_MAX 20	  /* other places of a hit that are told */
#define KB_DEPTH_PAGES 64 /* passages that are ranked again, of help pages */
#define KB_DEPTH_MORE 20  /* and of any texts: more than are wanted */
#define KB_QUESTION_MAX_BYTES 4096 /* what is longer is cut at a character */

struct kb;

/* Where a word of a passage stands. */
enum kb_field {
	KB_TITLE,   /* of its document */
	KB_SECTION, /* headings on the path to it */
	KB_BODY,
	KB_FIELDS
};

/* What the documents are like. */
enum kb_ranking {
	KB_RANK_TEXTS, /* anything */
	KB_RANK_PAGES, /* help pages: headings say what their sections answer */
	KB_RANKINGS
};

struct kb_query {
	const char *text;
	enum kb_ranking ranking;

	/* Filters; each is a NULL-ended list, or NULL for all there are. */
	const char *const *collections;
	const char *const *documents; /* ids */
	const char *const *languages; /* of passages; pt has pt-BR, too */
	/* As ingested; one that ends in / or * is how they begin. */
	const char *const *sources;
	int64_t since_ms; /* of documents changed since; 0: of all */

	int limit; /* 0: KB_LIMIT_DEFAULT */
	int depth; /* passages of the index that are ranked again; 0, or too
		      few: as above */
	double weights[KB_FIELDS]; /* 0: the default of the field */

	/*
	 * Earlier words of the same conversation, oldest first, NULL-ended;
	 * NULL: none. They help a question that says little by itself and
	 * count less than it.
	 */
	const char *const *context;

	/*
	 * The question as a vector of the same model as the passages'; NULL:
	 * words alone. A base without vectors of that model searches by words.
	 * ERR_USAGE if it is not as long as those of the model.
	 */
	const float *vector;
	size_t dimensions;
	const char *model;

	bool explain; /* fill in kb_hit.explain */
};

/* What a score is the weighted sum of; each 0 to 1. */
enum kb_feature {
	KB_WORDS,	   /* BM25 over all fields, of the most there can be */
	KB_COVERAGE,	   /* share of the question's weight that is found */
	KB_HEADING,	   /* the innermost one, or the title where there is
			      none, says the same: harmonic mean of the
			      share of the question in it and of it in the
			      question */
	KB_HEADING_ASKED,  /* share of it that is in the question */
	KB_HEADING_COMMON, /* "when", "where", "how many", "my" in it */
	KB_HEADING_PAIRS,  /* words that stand together in it as asked */
	KB_BODY_PAIRS,	   /* and in the text */
	KB_LANGUAGE,	   /* the passage is in the question's */
	KB_PHRASE,	   /* words next to each other as asked, anywhere */
	KB_LETTERS,	   /* share of the letters of the question's words, in
			      groups of five: of words that are like them */
	KB_MEANING,	   /* with a vector: how near it is, from the last of
			      the nearest (0) to the first */
	KB_FEATURES
};

/* Where else the text of a hit stands, as far as the filters go. */
struct kb_also {
	char *document; /* id */
	char *title, *source, *section;
	char *url; /* NULL: not known */
};

struct kb_hit {
	int rank;	   /* from 1 */
	double score;	   /* of use within one answer only */
	double confidence; /* that it answers, 0 to 1: see kb/calibrate.h */
	double words;	   /* the score without what its vector adds */
	double feature[KB_FEATURES];
	int64_t row;	/* of this base, until the next ingest */
	char *passage;	/* id; the same words in the same document keep it */
	char *document; /* id */
	char *collection;
	char *title;
	char *source;	    /* path or address as ingested */
	char *url;	    /* where people read it; NULL: not known */
	char *section;	    /* headings from outer to inner, " > " between */
	char *language;	    /* tag, "und" if unsure */
	int64_t start, end; /* characters, in the document's text */
	int page, page_end; /* first and last, from 1; 0: it has none */
	char *text;
	char *shape;   /* a letter a block of text, see kb/chunk.h */
	char *explain; /* one line of words and figures; NULL: not asked */
	struct kb_also *also;
	size_t nalso;
};

struct kb_hits {
	struct kb_hit *hit;
	size_t count;
};

/* Search in db, a kb.db, which must outlive *ret. */
int kb_open(struct db *db, struct kb **ret);
void kb_close(struct kb *kb);

/* Memory for pages that one question reads and the next needs too; it is used
 * from the second on. 32,000 if never told. */
void kb_cache_kib(struct kb *kb, int kib);

/* The best passages; *ret is set also when there is none. */
int kb_search(struct kb *kb, const struct kb_query *query,
    struct kb_hits **ret);

/*
 * Passages that no word of the question finds, for who reads all there is: those
 * that the filters leave besides hits, of its documents first, each with score
 * 0. Of more than KB_REST_MAX only those of the documents in hits; without any,
 * the first of each document. *ret is set also when there is none.
 */
#define KB_REST_MAX 64
int kb_rest(struct kb *kb, const struct kb_query *query,
    const struct kb_hits *hits, struct kb_hits **ret);

/* Add hit i of from to hits, which has room for it, as the next. */
void kb_hits_move(struct kb_hits *hits, struct kb_hits *from, size_t i);

/* Take out the hits of less confidence than least: see kb/calibrate.h. */
void kb_hits_cut(struct kb_hits *hits, double least);
/* All but the first n. */
void kb_hits_keep(struct kb_hits *hits, size_t n);
void kb_hits_free(struct kb_hits *hits);

/* The collections there are, NULL-ended; the caller frees each, and all. */
const char **kb_collections(struct db *db);

#endif
