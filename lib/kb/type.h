/*
 * type - what a document is, by its bytes
 */
#ifndef KB_TYPE_H
#define KB_TYPE_H

#include "kb/container.h"
#include "kb/extract.h"

/* What was told, and what its reader needs. */
struct told {
	enum kb_type type;
	struct container *container; /* of zip archives; NULL: none */
	char *part;		     /* the main one of an office document */
	char delimiter;		     /* of CSV */
};

/*
 * The type of bytes that are not text: 1; 0: they are text perhaps. ERR_DATA
 * says what they are that cannot be read.
 */
int type_of_bytes(const char *bytes, size_t len, struct told *ret);

/* Whether bytes of none of those types may be text: neither a picture nor with
 * zeros, but for those of UTF-16. */
bool type_may_be_text(const char *bytes, size_t len);

/* The type of text in UTF-8; name (NULL: none) decides where it does not. */
void type_of_text(const char *text, size_t len, const char *name,
    struct told *ret);

/* End what was told. */
void told_release(struct told *t);

#endif
