/*
 * xml - the parts of an office document, element by element
 *
 * Names are known without their prefix and as numbers, for a long document
 * has them by the million; attributes are looked at of elements that are
 * known, and no other. There is no tree and no recursion, so depth costs
 * little; XML_DEPTH_MAX is an error all the same. A document type declaration
 * is refused: office documents have none, and entities that grow come by it.
 *
 * It is our own since a general parser spent three quarters of the time of a
 * large document on names and attributes that nobody asks for. What is well
 * formed it reads as others do; it does not look for every way in which a
 * document can be wrong. Text and values are UTF-8 without control characters.
 */
#ifndef KB_XML_H
#define KB_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "kb/container.h"

#define XML_DEPTH_MAX 4096
#define XML_TOKEN_MAX_BYTES (4 << 20) /* of a tag, a comment and such */
#define XML_ATTRIBUTES_MAX 128	      /* of an element; others are not told */

/* Names a reader knows; the id of each is its place, from 1. */
struct xml_words {
	const char *const *list; /* NULL-ended, at most 100 */
	uint8_t slot[256];
	bool made;
};

struct xml {
	struct xml_words *words;
	/* id: 0 for a name that is not known. */
	void (*start)(void *ctx, int id, const char **atts);
	void (*end)(void *ctx, int id);
	void (*text)(void *ctx, const char *text, size_t len); /* or NULL */
	void *ctx;
	/* Set within start: leave out the element and all below it; its end
	 * is not told. */
	bool skip;
	/* Set anywhere: nothing more is wanted. */
	bool stop;
	/* inside */
	struct buf in; /* what is not read yet */
	size_t done;   /* bytes of the part before it */
	char *charset; /* that is not UTF-8: read at the end; NULL: it is */
	bool begun, rooted;
	const char *why; /* it is damaged; NULL: it is not */
	int depth, skip_depth, error;
	uint8_t ids[XML_DEPTH_MAX];
	uint32_t names[XML_DEPTH_MAX]; /* hashes, prefix and all */
};

/* The value of an attribute by its name without prefix; NULL: none. */
const char *xml_attr(const char **atts, const char *name);

/* The same as a number within limits, or otherwise what is given. */
int xml_attr_int(const char **atts, const char *name, int min, int max,
    int otherwise);

/* The id of a relation, "r:id", whose prefix alone tells it from "id"; NULL:
 * none. */
const char *xml_attr_relation(const char **atts);

/* Whether an attribute says no: "0", "false", "off", "none". */
bool xml_is_off(const char *value);

/* Read a part of a container. 0, ERR_NO when it is not there, ERR_DATA. */
int xml_read(struct xml *x, struct container *c, const char *name);

/*
 * The same piece by piece. Of xml_feed() anything but 0 says that no more is
 * wanted; code: what it said last, or the error that the next piece could not
 * be had for. name is for the error.
 */
void xml_begin(struct xml *x);
int xml_feed(void *x, const char *bytes, size_t len);
int xml_finish(struct xml *x, int code, const char *name);

#endif
