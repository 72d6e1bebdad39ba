/*
 * base - a small knowledge base in memory for the targets that search one
 */
#ifndef TESTS_FUZZ_BASE_H
#define TESTS_FUZZ_BASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kb/index.h"

/* One document of n sections, in two languages. */
static inline struct db *
base_new(size_t n)
{
	struct analyser *a = analyser_new();
	struct buf md = BUF_INIT(0);
	struct kb_passages p;
	struct kb_document d;
	struct kb_text t;
	struct db *db = NULL;
	char line[256];
	size_t i;

	buf_add(&md, "# Help\n", 7);
	for (i = 0; i < n; i++) {
		snprintf(line, sizeof(line),
		    "\n## Section %zu\n\nThe parcel number %zu is on its way to"
		    " the customers in town%zu. El paquete llega el d\303\255a"
		    " %zu.\n",
		    i, i, i % 7, i);
		buf_add(&md, line, strlen(line));
	}
	if (db_open(NULL, DB_KB, DB_MEMORY, &db) < 0 ||
	    kb_extract(md.data, md.len, "help.md", 1 << 24, &t) < 0)
		abort();
	kb_chunk(&t, NULL, &p);
	kb_document_init(&d, "default", "help.md", md.data, md.len, t.title,
	    NULL);
	d.title = t.title;
	if (kb_replace(db, a, &d, &p, 1) < 0)
		abort();
	kb_passages_release(&p);
	kb_text_release(&t);
	buf_release(&md);
	analyser_free(a);
	return db;
}

/*
 * Replace bytes of the blob that get selects for :id, by put: from the place
 * that the first two bytes say on, or, if the third is odd, all that follows.
 */
static inline void
base_damage(struct db *db, const char *get, const char *put, int64_t id,
    const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 3;
	size_t at = data[0] | (size_t)data[1] << 8, len = size - 3, old = 0;
	struct query q = query(db, get);
	struct buf b = BUF_INIT(0);
	const void *blob;

	bind_int(&q, ":id", id);
	if (step(&q) && (blob = column_blob(&q, 0, &old)) != NULL)
		buf_add(&b, blob, old);
	if (done(&q) < 0)
		abort();
	at = old > 0 ? at % old : 0;
	if (data[2] % 2 == 1 || at + len > old) {
		b.len = at;
		buf_add(&b, bytes, len);
	} else
		memcpy(b.data + at, bytes, len);
	q = query(db, put);
	bind_int(&q, ":id", id);
	bind_blob(&q, ":data", b.data, b.len);
	step(&q);
	if (done(&q) < 0)
		abort();
	buf_release(&b);
}

#endif
