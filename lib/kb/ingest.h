/*
 * ingest - many documents, one after the other, into the base
 *
 * Each is read, extracted in a child process with limits, cut, and put in the
 * place of its older version; one that fails is reported and leaves the rest
 * alone. What is as it was is not read again. Documents are taken in small
 * groups so that their events cost few transactions; results come in order.
 */
#ifndef KB_INGEST_H
#define KB_INGEST_H

#include "base/json.h"
#include "kb/extractor.h"
#include "kb/index.h"
#include "store/store.h"

enum ingest_state {
	INGEST_READY,	/* read, and found from now on */
	INGEST_SAME,	/* as it was */
	INGEST_FAILED,	/* reason says why; an older version stays */
	INGEST_REMOVED, /* taken out */
	INGEST_MISSING, /* said to be as it was, but not held */
	INGEST_STATES
};
extern const char *const ingest_state_names[];

/* What became of one document; good during the call. */
struct ingest_result {
	enum ingest_state state;
	const char *source;
	const char *collection;
	const char
	    *document;	   /* id; NULL: there is none, for nothing is there */
	const char *title; /* NULL unless ready or unchanged */
	const char *language; /* NULL unless ready or unchanged */
	const char *type;     /* NULL unless ready or unchanged */
	const char *reason;   /* NULL unless failed */
	int64_t passages, bytes;
	json_t *line; /* of ingest_text(); NULL: none */
};
typedef void (*ingest_fn)(void *ctx, const struct ingest_result *result);

/* The document whose turn it is, and its size. */
typedef void (*ingest_at_fn)(void *ctx, const char *source, int64_t bytes);

struct ingest;

/*
 * Begin. Another ingest of this store that is at work is waited for, or
 * ERR_BUSY. The store must be open for writing and outlive *ret.
 */
int ingest_open(struct store *s, const struct kb_limits *limits, bool wait,
    ingest_fn each, void *ctx, struct ingest **ret);

/*
 * Who reads the documents; without it EXTRACTOR_AUTO, never without a box.
 * Before the first document.
 */
void ingest_extractor(struct ingest *in, enum kb_extractor_how how,
    bool is_unsafe);

/*
 * A folder was read: that one of its name failed, when it was not there or not
 * mounted, is forgotten.
 */
int ingest_folder(struct ingest *in, const char *collection,
    const char *source);

/* Finish what is at work, and end. Returns the first error that was not one
 * document's own. */
int ingest_close(struct ingest *in);

/*
 * Call at, with the ctx of ingest_open(), when a document's turn comes. Read
 * again what has not changed. How long a document may be in a state. All
 * before the first document.
 */
void ingest_watch(struct ingest *in, ingest_at_fn at);
void ingest_force(struct ingest *in);
void ingest_patience(struct ingest *in, const struct kb_patience *patience);

/* What is known of the documents that are given from now on. */
struct ingest_facts {
	const char *origin;	 /* manual, drive, web; NULL: manual */
	const char *url;	 /* where people read it */
	const char *description; /* NULL: none */
	int64_t modified_ms;	 /* 0: not known */
};
void ingest_facts(struct ingest *in, const struct ingest_facts *facts);

/* A word of small letters, digits and "-". */
bool ingest_origin_valid(const char *origin);

/*
 * Take the file at path; it is known as source from now on. language: its tag,
 * NULL to detect it. An unreadable file is a result, not an error; where none is
 * and the base has no document of that source, none is made.
 */
int ingest_file(struct ingest *in, const char *collection, const char *language,
    const char *path, const char *source);

/*
 * Take text (any of the types) of source. title, language: NULL for the
 * text's own. line: what the result carries, taken; NULL: none.
 */
int ingest_text(struct ingest *in, const char *collection, const char *language,
    const char *source, const char *title, const char *text, size_t len,
    json_t *line);

/* Finish what is at work: before waiting for more input. */
int ingest_flush(struct ingest *in);

/*
 * Take it that source is as it was when it was given last, without its text:
 * unchanged, or missing if the base does not hold it. line as above.
 */
int ingest_still(struct ingest *in, const char *collection, const char *source,
    json_t *line);

/* Note that source could not be read, and why. line as above. */
int ingest_unread(struct ingest *in, const char *collection, const char *source,
    const char *reason, json_t *line);

/* Take source out: removed, or missing. line as above. */
int ingest_gone(struct ingest *in, const char *collection, const char *source,
    json_t *line);

/*
 * Take out the documents of collection whose source begins with prefix and
 * was not given to this ingest.
 */
int ingest_prune(struct ingest *in, const char *collection, const char *prefix);

#endif
