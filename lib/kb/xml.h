/*
 * xml - the parts of an office document, element by element, by expat
 *
 * Names are known without their prefix and as numbers, for a long document
 * has them by the million. There is no tree and no recursion, so depth costs
 * little; XML_DEPTH_MAX is an error all the same. A document type declaration
 * is refused: office documents have none, and entities that grow come by it.
 */
#ifndef KB_XML_H
#define KB_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kb/container.h"

#define XML_DEPTH_MAX 4096

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
	const char *charset; /* of the bytes; NULL: as they say */
	/* Set within start: leave out the element and all below it; its end
	 * is not told. */
	bool skip;
	/* Set anywhere: nothing more is wanted. */
	bool stop;
	/* inside */
	void *parser;
	int depth, skip_depth, error;
	int ids[XML_DEPTH_MAX];
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

/* The same of bytes in memory; name is for the error. */
int xml_parse(struct xml *x, const char *bytes, size_t len, const char *name);

#endif
