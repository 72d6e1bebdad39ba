/*
 * extract - bytes of a document to its text, in blocks
 *
 * Plain text, Markdown, HTML, PDF, office documents, books, letters, tables;
 * which one is told by the content, with the name as a hint where it is text.
 * Some need a program of the system, and say so where it is not there. What
 * is not the document's own (navigation, page headers and
 * footers, cookie notices, scripts, forms) is left out, and so are characters
 * that cannot be seen. Nothing is fetched.
 *
 * This works in the calling process; kb/extractor.h does it in a box, for
 * documents nobody vouches for.
 */
#ifndef KB_EXTRACT_H
#define KB_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of every fingerprint: raise it when the same bytes give other text. */
#define KB_EXTRACTOR_VERSION "9"

enum kb_type {
	KB_TEXT_PLAIN,
	KB_TEXT_MARKDOWN,
	KB_TEXT_HTML,
	KB_TEXT_PDF,
	KB_TEXT_DOCX,
	KB_TEXT_PPTX,
	KB_TEXT_XLSX,
	KB_TEXT_ODT,
	KB_TEXT_ODP,
	KB_TEXT_ODS,
	KB_TEXT_EPUB,
	KB_TEXT_RTF,
	KB_TEXT_CSV,
	KB_TEXT_EML,
	KB_TEXT_MSG,
	KB_TEXT_DOC,
	KB_TEXT_XLS,
	KB_TEXT_PPT,
	KB_TEXT_XML,
	KB_TEXT_JSON,
	KB_TEXT_IMAGE,
	KB_TEXT_ZIP, /* has members and no text */
};
extern const char *const kb_type_names[];
extern const size_t kb_type_count;

enum kb_block_kind {
	BLOCK_HEADING = 'h',
	BLOCK_PARAGRAPH = 'p', /* one line */
	BLOCK_LIST = 'l',      /* an item a line */
	BLOCK_ROWS = 'r',      /* a row a line */
	BLOCK_CODE = 'c',      /* as it was, no empty lines */
};

/* Where in a text another page begins. */
struct kb_turn {
	size_t at; /* bytes before it */
	int page;
};

struct kb_block {
	enum kb_block_kind kind;
	int level;	      /* of a heading, 1 to 6 */
	int page;	      /* it begins on, from 1; 0: the type has none */
	struct kb_turn *turn; /* those within, in order; owned */
	size_t turns;
	char *text;
};

struct kb_text {
	enum kb_type type;
	char *title;	/* as it says itself; NULL: it does not */
	char *language; /* as it says itself; NULL: it does not */
	struct kb_block *block;
	size_t count;
	/* What was left out as it is on most pages: a line as it was first,
	 * and how often. */
	struct kb_dropped {
		char *line;
		int64_t count;
	} * dropped;
	size_t ndropped;
	/* Files within it, each to be read as a document of its own. */
	struct kb_member {
		char *name, *bytes;
		size_t len;
	} * member;
	size_t members;
};

/* All of them > 0. */
struct kb_limits {
	int64_t input_bytes;  /* of a document */
	int64_t output_bytes; /* of its text */
	int64_t memory_bytes; /* of the child, the document's bytes too */
	int64_t cpu_ms;
	int64_t wall_ms;
	const char *password; /* of protected documents; NULL: none */
};
#define KB_LIMITS_DEFAULT                                         \
	{                                                         \
		64 << 20, 64 << 20, 256 << 20, 10000, 30000, NULL \
	}

/*
 * The text of len bytes; name (a path, may be NULL) is a hint. ERR_DATA says
 * what it is instead. End with kb_text_release().
 */
int kb_extract(const char *bytes, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret);

/* The same where password (NULL: none) opens what is protected by one. */
int kb_extract_protected(const char *bytes, size_t len, const char *name,
    const char *password, size_t output_max_bytes, struct kb_text *ret);

/*
 * Whether text is read as plain: by code of ours alone, which may be done
 * outside of a box.
 */
bool kb_is_plain(const char *text, size_t len, const char *name);

void kb_text_release(struct kb_text *t);

/* The page that the byte at `at` of a block's text stands on; 0: it has none. */
int kb_block_page(const struct kb_block *b, size_t at);
/* Note that page begins there, no earlier than those noted so far. */
void kb_block_turn(struct kb_block *b, size_t at, int page);
void kb_block_release(struct kb_block *b);

/* Whether a file of this name may be a document, when a folder is read. */
bool kb_name_is_document(const char *name);

/*
 * Whether one of a name that many a thing has may be, by its first len bytes:
 * XML that is a feed, JSON that is a list of objects with sentences in them.
 * Settings and data of programs are left out.
 */
#define KB_LOOK_BYTES 65536
bool kb_name_may_be_document(const char *name);
bool kb_look_is_document(const char *name, const char *bytes, size_t len);

#endif
