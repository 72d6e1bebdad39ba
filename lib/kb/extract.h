/*
 * extract - bytes of a document to its text, in blocks
 *
 * Plain text, Markdown and HTML; which one is told by the content, with the
 * name as a hint. What is not the document's own (navigation, page headers and
 * footers, cookie notices, scripts, forms) is left out, and so are characters
 * that cannot be seen. Nothing is fetched.
 *
 * kb_extract() works in the calling process; kb_extract_boxed() in a child
 * with limits on time, memory and output, for documents nobody vouches for.
 */
#ifndef KB_EXTRACT_H
#define KB_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of every fingerprint: raise it when the same bytes give other text. */
#define KB_EXTRACTOR_VERSION "1"

enum kb_type { KB_TEXT_PLAIN, KB_TEXT_MARKDOWN, KB_TEXT_HTML };
extern const char *const kb_type_names[];

enum kb_block_kind {
	BLOCK_HEADING = 'h',
	BLOCK_PARAGRAPH = 'p', /* one line */
	BLOCK_LIST = 'l',      /* an item a line */
	BLOCK_ROWS = 'r',      /* a row a line */
	BLOCK_CODE = 'c',      /* as it was, no empty lines */
};

struct kb_block {
	enum kb_block_kind kind;
	int level; /* of a heading, 1 to 6 */
	int page;  /* it begins on, from 1; 0: the type has none */
	char *text;
};

struct kb_text {
	enum kb_type type;
	char *title;	/* as it says itself; NULL: it does not */
	char *language; /* as it says itself; NULL: it does not */
	struct kb_block *block;
	size_t count;
};

/* All of them > 0. */
struct kb_limits {
	int64_t input_bytes;  /* of a document */
	int64_t output_bytes; /* of its text */
	int64_t memory_bytes; /* address space of the child */
	int64_t cpu_ms;	      /* rounded up to seconds */
	int64_t wall_ms;
};
#define KB_LIMITS_DEFAULT                                          \
	{                                                          \
		64 << 20, 64 << 20, INT64_C(1) << 30, 10000, 30000 \
	}

/*
 * The text of len bytes; name (a path, may be NULL) is a hint. ERR_DATA says
 * what it is instead. End with kb_text_release().
 */
int kb_extract(const char *bytes, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret);

/* Whether it is read as plain text: by code of ours alone. */
bool kb_is_plain(const char *bytes, size_t len, const char *name);

/*
 * The same in a child. ERR_DATA also when it crashed or passed a limit, and
 * the reason says which.
 */
int kb_extract_boxed(const char *bytes, size_t len, const char *name,
    const struct kb_limits *limits, struct kb_text *ret);

void kb_text_release(struct kb_text *t);

/* Whether a file of this name may be a document, when a folder is read. */
bool kb_name_is_document(const char *name);

#endif
