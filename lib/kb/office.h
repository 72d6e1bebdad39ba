/*
 * office - what the readers of office documents share
 */
#ifndef KB_OFFICE_H
#define KB_OFFICE_H

#include "kb/block.h"
#include "kb/container.h"
#include "kb/xml.h"

#define PART_MAX_BYTES (64 << 20) /* of a part that is kept whole */

/* Relations of a part of an Office Open XML document. */
struct relation {
	char *id, *type, *target; /* type: the last word of its address */
	bool is_outside;	  /* of the document: no part of it */
};
struct relations {
	struct relation *item;
	size_t count;
};

/* Those of part; none where it has none. */
int relations_read(struct container *c, const char *part,
    struct relations *ret);
const char *relations_by_id(const struct relations *r, const char *id);
/* The address of what is outside, as it is written; NULL: it is none. */
const char *relations_address(const struct relations *r, const char *id);
const char *relations_by_type(const struct relations *r, const char *type);
void relations_release(struct relations *r);

/* The title and language a document's properties give, where t has none. */
void office_properties(struct container *c, const char *part,
    struct kb_text *t);

/* The same of properties in memory. */
void office_properties_of(const char *text, size_t len, struct kb_text *t);

/* "ppt/slides/a.xml" and "../media/b" are "ppt/media/b"; the caller frees. */
char *part_beside(const char *part, const char *target);

/* The readers; part: the main one. */
int extract_docx(struct container *c, const char *part, struct blocks *b);
int extract_pptx(struct container *c, const char *part, struct blocks *b);
int extract_xlsx(struct container *c, const char *part, struct blocks *b);
int extract_odt(struct container *c, struct blocks *b); /* odp and ods too */
/* The same as one file of XML. */
int extract_flat_odt(const char *text, size_t len, struct blocks *b);
int extract_epub(struct container *c, struct blocks *b);
/* Of before 2007, Excel's and PowerPoint's. */
int extract_xls(const char *bytes, size_t len, struct blocks *b);
int extract_ppt(const char *bytes, size_t len, struct blocks *b);

#endif
