/*
 * index - documents into the base, and out of it
 *
 * Holds: a document's passages are the rows of its version, and they are in
 * the index (kb/segment.h) before that version is the one that is found. A row
 * is deleted in one transaction with its place in the index.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "kb/copies.h"
#include "kb/index.h"
#include "kb/indexer.h"
#include "kb/segment.h"
#include "kb/sweep.h"
#include "kb/vector.h"
#include "store/log.h"

#define STAGE "kb-ingest"
#define ROW_BYTES 500	       /* an event's data has fewer, most often */
#define BATCH_BYTES (64 << 20) /* of words in memory, before they are written */
#define BATCH_PASSAGES 4096    /* held before their rows are written */
#define BATCH_TEXT (8 << 20)   /* the same in bytes */
#define GIVEN_BYTES (16 << 20) /* of text, before its words are waited for */
#define GIVEN_PASSAGES 256     /* whose words are counted together */
#define BATCH_DOCUMENTS 16384  /* found together; 2 KiB each until then */
#define TELL_ROWS 2000	       /* changes that are told together */
#define TELL_AHEAD 4	       /* times so many, before they are waited for */
#define BATCH_MS 3000	       /* a document waits for others to be found */

void
kb_document_init(struct kb_document *d, const char *collection,
    const char *source, const void *bytes, size_t len, const char *title,
    const char *language)
{
	char content[HASH_HEX_BYTES];
	char *all;

	memset(d, 0, sizeof(*d));
	d->collection = collection;
	d->source = source;
	d->title = title;
	d->bytes = (int64_t)len;
	id_short(d->id, "document", collection, source, NULL);
	hash_hex(content, bytes, len);
	all = xformat("%s\n%s\n%s\n%s\n%s", content, KB_EXTRACTOR_VERSION,
	    KB_ANALYSER_VERSION, title != NULL ? title : "",
	    language != NULL ? language : "");
	hash_hex(d->fingerprint, all, strlen(all));
	free(all);
}

void
kb_ready_release(struct kb_ready *r)
{
	free(r->title);
	free(r->language);
	free(r->type);
	memset(r, 0, sizeof(*r));
}

/* For IN (...) SQLite makes a table each time. */
#define HELD                                                          \
	"id, version, edited_title, passages, title, language, type," \
	" (state = 'ready' OR state = 'embedding') AND version > 0"   \
	" AND fingerprint = :fingerprint"

int
kb_document_find(struct db *kb, struct kb_document *d, struct kb_ready *ret)
{
	/* By its source, for people may have moved it here; by its id, for
	 * they may have moved it elsewhere. */
	struct query q = query(kb,
	    "SELECT " HELD " FROM document"
	    " WHERE collection = :collection AND source = :source"
	    " UNION ALL SELECT " HELD " FROM document WHERE id = :id");
	int code, is_ready = 0;

	d->held = KB_HELD_NOT;
	bind_text(&q, ":fingerprint", d->fingerprint);
	bind_text(&q, ":collection", d->collection);
	bind_text(&q, ":source", d->source);
	bind_text(&q, ":id", d->id);
	if (step(&q)) {
		snprintf(d->id, sizeof(d->id), "%s", column_text(&q, 0));
		d->held = KB_HELD;
		d->version = column_int(&q, 1);
		d->edited_title = column_copy(&q, 2);
		is_ready = column_int(&q, 7) != 0;
	}
	if (is_ready) {
		ret->passages = column_int(&q, 3);
		ret->title = column_copy(&q, 4);
		ret->language = column_copy(&q, 5);
		ret->type = column_copy(&q, 6);
	}
	code = done(&q);
	return code < 0 ? code : is_ready;
}

int
kb_reread(struct db *kb, const char *id)
{
	struct query q = query(kb,
	    "UPDATE document SET fingerprint = '' WHERE id = :id"
	    " AND fingerprint IS NOT NULL");

	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

int
kb_is_reread(struct db *kb, const char *id)
{
	struct query q = query(kb,
	    "SELECT 1 FROM document WHERE id = :id AND fingerprint = ''");
	int is, code;

	bind_text(&q, ":id", id);
	is = step(&q);
	code = done(&q);
	return code < 0 ? code : is;
}

static void
bind_facts(struct query *q, const struct kb_document *d)
{
	bind_text(q, ":origin", d->origin);
	bind_text(q, ":url", d->url);
	bind_text(q, ":description", d->description);
	if (d->modified_ms != 0)
		bind_int(q, ":modified", d->modified_ms);
	else
		bind_null(q, ":modified");
}

/* In a transaction: the row of d, in a state until a deadline (0: none). */
static int
put_state(struct db *kb, const struct kb_document *d, const char *state,
    const char *reason, int64_t now_ms, int64_t deadline_ms)
{
	struct query q = query(kb,
	    "INSERT INTO document (id, source, collection, state, reason,"
	    " bytes, changed_ms, told, extra, since_ms, deadline_ms,"
	    " failed_page, origin, url, description, modified_ms)"
	    " VALUES (:id, :source, :collection, :state, :reason, :bytes,"
	    " :now, 0, :extra, :now, :deadline, :page,"
	    " coalesce(:origin, 'manual'), :url, :description, :modified)"
	    " ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
	    " reason = excluded.reason, changed_ms = excluded.changed_ms,"
	    " told = 0, extra = excluded.extra,"
	    " since_ms = excluded.since_ms,"
	    " deadline_ms = excluded.deadline_ms,"
	    " failed_page = excluded.failed_page,"
	    " origin = coalesce(:origin, origin),"
	    " url = coalesce(excluded.url, url),"
	    " description = coalesce(excluded.description, description),"
	    " modified_ms = coalesce(excluded.modified_ms, modified_ms)");
	int page = 0;

	if (reason != NULL && sscanf(reason, "page %d:", &page) == 1 &&
	    page > 0)
		bind_int(&q, ":page", page);
	else
		bind_null(&q, ":page");
	if (deadline_ms > 0)
		bind_int(&q, ":deadline", deadline_ms);
	else
		bind_null(&q, ":deadline");
	bind_facts(&q, d);
	bind_text(&q, ":id", d->id);
	bind_text(&q, ":source", d->source);
	bind_text(&q, ":collection", d->collection);
	bind_text(&q, ":state", state);
	bind_text(&q, ":reason", reason);
	bind_int(&q, ":bytes", d->bytes);
	bind_int(&q, ":now", now_ms);
	bind_text(&q, ":extra", d->extra);
	step(&q);
	return done(&q);
}

int
kb_same(struct db *kb, const struct kb_document *d)
{
	struct query q = query(kb,
	    "SELECT 1 FROM document WHERE id = :id AND ("
	    " origin <> coalesce(:origin, origin)"
	    " OR url IS NOT coalesce(:url, url)"
	    " OR description IS NOT coalesce(:description, description)"
	    " OR modified_ms IS NOT coalesce(:modified, modified_ms))");
	bool differs;
	int code;

	bind_text(&q, ":id", d->id);
	bind_facts(&q, d);
	differs = step(&q);
	code = done(&q);
	if (code < 0 || !differs)
		return code;
	code = db_begin(kb);
	if (code == 0) {
		q = query(kb,
		    "UPDATE document SET origin = coalesce(:origin, origin),"
		    " url = coalesce(:url, url),"
		    " description = coalesce(:description, description),"
		    " modified_ms = coalesce(:modified, modified_ms)"
		    " WHERE id = :id");
		bind_text(&q, ":id", d->id);
		bind_facts(&q, d);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

static const struct kb_patience patience_default = KB_PATIENCE_DEFAULT;

/* In a transaction: a step on the way, which is no event. */
static int
put_step(struct db *kb, const struct kb_document *d, const char *state,
    int64_t now_ms, int64_t patience_ms)
{
	struct query q = query(kb,
	    "UPDATE document SET state = :state, since_ms = :now,"
	    " deadline_ms = :deadline WHERE id = :id"
	    " AND (state = 'queued' OR state = 'extracting')");

	bind_text(&q, ":state", state);
	bind_int(&q, ":now", now_ms);
	bind_int(&q, ":deadline", now_ms + patience_ms);
	bind_text(&q, ":id", d->id);
	step(&q);
	return done(&q);
}

int
kb_queue(struct db *kb, const struct kb_document *const *d, size_t n,
    const struct kb_patience *patience, int64_t now_ms)
{
	size_t i = 0;
	int code = 0;

	if (patience == NULL)
		patience = &patience_default;
	while (i < n && code == 0) {
		code = db_begin(kb);
		while (i < n && code == 0) {
			code = put_state(kb, d[i++], "queued", NULL, now_ms,
			    now_ms + patience->queued_ms);
			if (db_turn_over(kb))
				break;
		}
		if (code == 0)
			code = db_commit(kb);
		db_rollback(kb);
	}
	return code;
}

int
kb_extracting(struct db *kb, const struct kb_document *d,
    const struct kb_patience *patience, int64_t now_ms)
{
	int code = db_begin(kb);

	if (code == 0)
		code = put_step(kb, d, "extracting", now_ms,
		    patience->extracting_ms);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

int
kb_fail(struct db *kb, const struct kb_document *d, const char *reason,
    int64_t now_ms)
{
	int code = db_begin(kb);

	if (code == 0)
		code = put_state(kb, d, "failed", reason, now_ms, 0);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

/* What is past its deadline has failed: nobody is at it, for the turn is ours.
 * The time it took is that which it was given. */
static int
fail_stalled(struct db *kb, int64_t now_ms)
{
	struct query q = query(kb,
	    "SELECT 1 FROM document WHERE state <> 'ready'"
	    " AND deadline_ms < :now AND version >= 0");
	bool any;
	int code;

	bind_int(&q, ":now", now_ms);
	any = step(&q);
	code = done(&q);
	if (code < 0 || !any)
		return code;
	code = db_begin(kb);
	if (code == 0) {
		q = query(kb,
		    "UPDATE document SET state = 'failed', reason ="
		    " 'took longer than ' || ((deadline_ms - since_ms) / 1000)"
		    " || ' s ' || CASE state"
		    "  WHEN 'queued' THEN 'waiting to be read'"
		    "  WHEN 'extracting' THEN 'to be read'"
		    "  WHEN 'indexing' THEN 'to be indexed'"
		    "  ELSE 'to get its vectors' END,"
		    " changed_ms = :now, since_ms = :now, deadline_ms = NULL,"
		    " failed_page = NULL, told = 0"
		    " WHERE state <> 'ready' AND deadline_ms < :now"
		    " AND version >= 0");
		bind_int(&q, ":now", now_ms);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

/* What kb_remove() has begun. */
static int
finish_removals(struct store *s, struct db *kb)
{
	char *ids[DB_BATCH_ROWS];
	struct query q;
	size_t n, i;
	int code;

	do {
		n = 0;
		q = query(kb,
		    "SELECT id FROM document WHERE version < 0 LIMIT 64");
		while (n < DB_BATCH_ROWS && step(&q))
			ids[n++] = column_copy(&q, 0);
		code = done(&q);
		if (code == 0 && n > 0)
			code = kb_remove_some(s, ids, n, now_ms());
		for (i = 0; i < n; i++)
			free(ids[i]);
	} while (code == 0 && n > 0);
	return code;
}

/* End what a crash left undone. */
static int
tidy(struct store *s, struct db *kb)
{
	int code = kb_index_build(kb);

	if (code == 0)
		code = finish_removals(s, kb);
	if (code == 0)
		code = kb_sweep(kb);
	if (code == 0)
		code = kb_reword(kb, NULL);
	return code < 0 ? code : fail_stalled(kb, now_ms());
}

/* anew, if it is not NULL: a damaged index is no error, and *anew is true. */
static int
begin(struct store *s, bool wait, bool *anew, int *ret)
{
	char *path = store_run_path(s, "kb-ingest.lock");
	struct db *kb;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660), code = 0;

	if (fd < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		code = errno == EWOULDBLOCK ?
		    err_set(ERR_BUSY, "another kb-ingest is at work") :
		    err_errno(ERR_IO, "%s", path);
	if (code == 0)
		code = store_kb(s, &kb);
	if (code == 0)
		code = tidy(s, kb);
	if (code == ERR_DATA && anew != NULL) {
		*anew = true;
		code = kb_index_anew(kb);
		if (code == 0)
			code = tidy(s, kb);
	}
	if (code == 0)
		*ret = fd;
	else if (fd >= 0)
		close(fd);
	free(path);
	return code;
}

int
kb_ingest_begin(struct store *s, bool wait, int *ret)
{
	return begin(s, wait, NULL, ret);
}

int
kb_mend_begin(struct store *s, bool wait, bool *anew, int *ret)
{
	*anew = false;
	return begin(s, wait, anew, ret);
}

/* --- names --- */

static void
name_passage(const struct kb_passage *p, const char *document,
    const char *title, struct kb_passage_name *ret)
{
	id_short(ret->id, "passage", document, p->section, p->text, NULL);
	copies_hash(p, title, ret->same);
}

void
kb_passages_name(struct kb_passages *passages, const char *document,
    const char *title)
{
	size_t i;

	if (passages->name != NULL)
		return;
	passages->name = xcalloc(passages->count + 1, sizeof(*passages->name));
	for (i = 0; i < passages->count; i++)
		name_passage(&passages->passage[i], document, title,
		    &passages->name[i]);
}

/* --- rows --- */

#define DELETE_PASSAGE "DELETE FROM passage WHERE row = :row"

/* The words and the vectors of passages that go. */
static int
forget(struct db *kb, const int64_t *rows, size_t n)
{
	int code = segment_forget(kb, rows, n);

	return code < 0 ? code : vector_forget(kb, rows, n);
}

static int
sweep_document(struct db *kb, const char *document)
{
	int code = copies_sweep(kb, document);

	if (code == 0)
		code = sweep_rows(kb,
		    "SELECT p.row FROM passage p LEFT JOIN document d"
		    " ON d.id = p.document"
		    " WHERE p.document = :document"
		    " AND p.version IS NOT d.version LIMIT 64",
		    DELETE_PASSAGE, document, forget);
	return code;
}

int
kb_sweep(struct db *kb)
{
	int code = copies_sweep(kb, NULL);

	if (code == 0)
		code = sweep_rows(kb,
		    "SELECT p.row FROM passage p LEFT JOIN document d"
		    " ON d.id = p.document"
		    " WHERE p.version IS NOT d.version LIMIT 64",
		    DELETE_PASSAGE, NULL, forget);
	return code < 0 ? code : segment_sweep(kb);
}

static int
insert_row(struct db *kb, const struct kb_document *d, int64_t version,
    int64_t ordinal, const struct kb_passage *p,
    const struct kb_passage_name *name)
{
	struct query q = query(kb,
	    "INSERT INTO passage (id, document, version, ordinal, section,"
	    " language, start, \"end\", page, page_end, shape, text, same)"
	    " VALUES (:id, :document, :version, :ordinal, :section,"
	    " :language, :start, :end, :page, :page_end, :shape, :text,"
	    " :same)");

	bind_text(&q, ":id", name->id);
	bind_text(&q, ":document", d->id);
	bind_int(&q, ":version", version);
	bind_int(&q, ":ordinal", ordinal);
	bind_text(&q, ":section", p->section);
	bind_text(&q, ":language", p->language);
	bind_int(&q, ":start", p->start);
	bind_int(&q, ":end", p->end);
	if (p->page > 0) {
		bind_int(&q, ":page", p->page);
		bind_int(&q, ":page_end", p->page_end);
	}
	bind_text(&q, ":shape", p->shape);
	bind_lent(&q, ":text", p->text, strlen(p->text));
	bind_lent_blob(&q, ":same", name->same, KB_SAME_BYTES);
	step(&q);
	return done(&q);
}

/* The next version, that no row has, whether the document is there, and the
 * title that a person gave, which the caller frees. */
static int
versions(struct db *kb, const char *id, int64_t *ret_next, bool *ret_found,
    char **ret_title)
{
	struct query q = query(kb,
	    "SELECT max(coalesce(d.version, 0),"
	    " coalesce((SELECT max(version) FROM passage"
	    " WHERE document = :id), 0), coalesce((SELECT max(version)"
	    " FROM passage_copy WHERE document = :id), 0)) + 1,"
	    " d.id IS NOT NULL, d.edited_title"
	    " FROM (SELECT 1) LEFT JOIN document d ON d.id = :id");

	bind_text(&q, ":id", id);
	if (step(&q)) {
		*ret_next = column_int(&q, 0);
		*ret_found = column_int(&q, 1) != 0;
		free(*ret_title);
		*ret_title = column_copy(&q, 2);
	}
	return done(&q);
}

/* --- a batch --- */

/* A document that is not found yet. */
struct built {
	struct kb_document d;
	char *collection, *source, *title, *extra, *language, *origin, *url,
	    *description, *edited_title;
	struct kb_dropped *dropped;
	struct kb_passages passages; /* until its words are counted */
	int64_t version;	     /* 0: not in the base yet */
	int64_t count;
	bool has_copies; /* passages of it are rows of others */
};

/* Passages whose rows are there and whose words are not counted. */
struct counting {
	struct worker_job job;
	struct counting *next;
	struct kb_batch *batch;
	struct kb_passages *whole; /* of documents that end here: its own */
	size_t count, nwhole;
	size_t text; /* bytes of the passages */
	struct to_count {
		int64_t row;
		const char *title;
		const struct kb_passage *p;
	} passage[];
};

struct kb_batch {
	struct db *kb;
	struct analyser *analyser;
	struct indexer *indexer;
	struct built *built;
	size_t count, cap;
	size_t written;		  /* of them have all their rows in the base */
	size_t passages, text;	  /* that wait for that; bytes */
	struct worker *worker;	  /* NULL: words are counted here */
	struct kb_teller *teller; /* NULL: nobody is told in a flush */
	struct counting *first;	  /* what it was given since the last flush */
	size_t words_bytes;	  /* of the indexer; the worker writes it */
	size_t given;		  /* bytes of text, since it was waited for */
	int failed; /* 0; else rows whose words it has are not there */
	int64_t began_ms;
	struct kb_patience patience;
};

struct kb_batch *
kb_batch_new(struct db *kb, struct analyser *a)
{
	struct kb_batch *b = xcalloc(1, sizeof(*b));

	b->kb = kb;
	b->analyser = a;
	b->indexer = indexer_new(a);
	b->patience = patience_default;
	return b;
}

void
kb_batch_worker(struct kb_batch *b, struct worker *w)
{
	b->worker = w;
}

void
kb_batch_patience(struct kb_batch *b, const struct kb_patience *patience)
{
	b->patience = *patience;
}

void
kb_batch_teller(struct kb_batch *b, struct kb_teller *t)
{
	b->teller = t;
}

/* The words that were given to the worker are counted. */
static void
await_words(struct kb_batch *b)
{
	struct counting *c;

	if (b->worker != NULL && b->first != NULL)
		worker_wait(b->worker, &b->first->job); /* it came last */
	while ((c = b->first) != NULL) {
		b->first = c->next;
		free(c);
	}
}

static void
clear_batch(struct kb_batch *b)
{
	size_t i, k;

	await_words(b);
	for (i = 0; i < b->count; i++) {
		free(b->built[i].collection);
		free(b->built[i].source);
		free(b->built[i].title);
		free(b->built[i].extra);
		free(b->built[i].language);
		free(b->built[i].origin);
		free(b->built[i].url);
		free(b->built[i].description);
		free(b->built[i].edited_title);
		for (k = 0; k < b->built[i].d.ndropped; k++)
			free(b->built[i].dropped[k].line);
		free(b->built[i].dropped);
		kb_passages_release(&b->built[i].passages);
	}
	free(b->built);
	b->built = NULL;
	b->count = b->cap = b->written = b->passages = b->text = 0;
	b->words_bytes = 0;
}

void
kb_batch_free(struct kb_batch *b)
{
	if (b == NULL)
		return;
	clear_batch(b);
	indexer_free(b->indexer);
	free(b);
}

bool
kb_batch_due(const struct kb_batch *b)
{
	return b->count > 0 &&
	    (__atomic_load_n(&b->words_bytes, __ATOMIC_RELAXED) > BATCH_BYTES ||
		b->count >= BATCH_DOCUMENTS ||
		mono_ms() - b->began_ms > BATCH_MS);
}

/* In a transaction: what there is to say of a document that is ready. */
static int
put_ready(struct db *kb, const struct built *built, int64_t now_ms)
{
	const struct kb_document *d = &built->d;
	struct query q = query(kb,
	    "UPDATE document SET state = 'ready', reason = NULL,"
	    " changed_ms = :now, told = 0, extra = :extra, since_ms = :now,"
	    " deadline_ms = NULL, failed_page = NULL,"
	    " origin = coalesce(:origin, origin), url = coalesce(:url, url),"
	    " description = coalesce(:description, description),"
	    " modified_ms = coalesce(:modified, modified_ms),"
	    " own_title = :own, title = coalesce(edited_title, :own),"
	    " language = :language, type = :type, fingerprint = :fingerprint,"
	    " version = :version, bytes = :bytes, passages = :passages"
	    " WHERE id = :id");

	bind_facts(&q, d);
	bind_text(&q, ":extra", d->extra);
	bind_int(&q, ":now", now_ms);
	bind_text(&q, ":own", d->title);
	bind_text(&q, ":language", built->language);
	bind_text(&q, ":type", kb_type_names[d->type]);
	bind_text(&q, ":fingerprint", d->fingerprint);
	bind_int(&q, ":version", built->version);
	bind_int(&q, ":bytes", d->bytes);
	bind_int(&q, ":passages", built->count);
	bind_text(&q, ":id", d->id);
	step(&q);
	return done(&q);
}

static int
title_of(struct db *kb, const char *id, char **ret)
{
	struct query q = query(kb, "SELECT title FROM document WHERE id = :id");

	bind_text(&q, ":id", id);
	if (step(&q))
		*ret = column_copy(&q, 0);
	return done(&q);
}

/*
 * In a transaction: the new version is the one that is found. A first one
 * without copies has taken nobody's place and stands in nobody's.
 */
static int
swap(struct db *kb, const struct built *built, int64_t now_ms)
{
	const struct kb_document *d = &built->d;
	bool settle = built->version > 1 || built->has_copies;
	char *title_was = NULL;
	int code = settle ? title_of(kb, d->id, &title_was) : 0;

	if (code == 0)
		code = put_ready(kb, built, now_ms);
	if (code == 0 && settle)
		code = copies_settle(kb, d->id, built->version, title_was);
	free(title_was);
	return code;
}

/* In a transaction. */
static int
insert_dropped(struct db *kb, const struct kb_document *d, int64_t version)
{
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; i < d->ndropped && code == 0; i++) {
		q = query(kb,
		    "INSERT INTO dropped (document, version, line, count)"
		    " VALUES (:document, :version, :line, :count)");
		bind_text(&q, ":document", d->id);
		bind_int(&q, ":version", version);
		bind_text(&q, ":line", d->dropped[i].line);
		bind_int(&q, ":count", d->dropped[i].count);
		step(&q);
		code = done(&q);
	}
	return code;
}

/*
 * In a transaction, before the first passage of a document. Who ingests has
 * seen what there is of it, and nobody else changes versions meanwhile.
 */
static int
begin_rows(struct kb_batch *b, struct built *built, int64_t now_ms)
{
	const struct kb_document *d = &built->d;
	bool found = true;
	int code = 0;

	if (d->held == KB_HELD_UNKNOWN || d->version < 0)
		code = versions(b->kb, d->id, &built->version, &found,
		    &built->edited_title);
	else
		built->version = d->version + 1;
	if (code == 0 && !found)
		code = put_state(b->kb, d, "queued", NULL, now_ms,
		    now_ms + b->patience.queued_ms);
	if (code == 0)
		code = put_step(b->kb, d, "indexing", now_ms,
		    b->patience.indexing_ms);
	return code < 0 ? code : insert_dropped(b->kb, d, built->version);
}

/* In a transaction: the row of a document's i-th passage; 0: a row that is
 * there has its text already. */
static int
insert_passage(struct kb_batch *b, struct built *built, size_t i,
    int64_t *ret_row, int64_t now_ms)
{
	const struct kb_passage *p = &built->passages.passage[i];
	struct kb_passage_name name;
	int64_t row = 0;
	int code = i == 0 ? begin_rows(b, built, now_ms) : 0;

	*ret_row = 0;
	if (built->passages.name != NULL)
		name = built->passages.name[i];
	else
		name_passage(p, built->d.id, built->d.title, &name);
	if (code == 0)
		code = copies_find(b->kb, name.same, &row);
	if (code < 0)
		return code;
	if (row > 0) {
		built->has_copies = true;
		return copies_add(b->kb, row, name.id, built->d.id,
		    built->version, (int64_t)i + 1, p);
	}
	code = insert_row(b->kb, &built->d, built->version, (int64_t)i + 1, p,
	    &name);
	*ret_row = db_last_row(b->kb);
	return code;
}

/* --- words --- */

static void
count_words(struct worker_job *job)
{
	struct counting *c = (struct counting *)job;
	struct kb_batch *b = c->batch;
	const struct to_count *t;
	size_t i;

	for (i = 0; i < c->count; i++) {
		t = &c->passage[i];
		indexer_add(b->indexer, t->row, t->title, t->p->section,
		    t->p->text, t->p->language);
	}
	for (i = 0; i < c->nwhole; i++)
		kb_passages_release(&c->whole[i]);
	free(c->whole);
	__atomic_store_n(&b->words_bytes, indexer_bytes(b->indexer),
	    __ATOMIC_RELAXED);
}

/* The i-th passage of a document. Behind the last one they are c's. */
static void
add_counting(struct counting *c, int64_t row, struct built *built, size_t i)
{
	const char *title =
	    built->edited_title != NULL ? built->edited_title : built->title;

	if (row > 0)
		c->passage[c->count++] = (struct to_count){ row, title,
			&built->passages.passage[i] };
	c->text += strlen(built->passages.passage[i].text);
	if (i + 1 < built->passages.count)
		return;
	if ((c->nwhole & (c->nwhole - 1)) == 0)
		c->whole = xrealloc(c->whole,
		    (c->nwhole > 0 ? 2 * c->nwhole : 1) * sizeof(*c->whole));
	c->whole[c->nwhole++] = built->passages;
	memset(&built->passages, 0, sizeof(built->passages));
}

static void
hand_over(struct kb_batch *b, struct counting *c)
{
	c->next = b->first;
	b->first = c;
	if (b->worker == NULL) {
		count_words(&c->job);
		return;
	}
	b->given += c->text;
	worker_put_first(b->worker, &c->job);
}

/* A large document is not to be there beside the next one. */
static void
await_given(struct kb_batch *b)
{
	if (b->given <= GIVEN_BYTES)
		return;
	worker_wait(b->worker, &b->first->job);
	b->given = 0;
}

static struct counting *
new_counting(struct kb_batch *b)
{
	struct counting *c =
	    xmalloc(sizeof(*c) + GIVEN_PASSAGES * sizeof(c->passage[0]));

	c->job.run = count_words;
	c->batch = b;
	c->whole = NULL;
	c->count = c->nwhole = c->text = 0;
	return c;
}

static int
by_id(const void *a, const void *b)
{
	const struct built *const *x = a, *const *y = b;
	int order = strcmp((*x)->d.id, (*y)->d.id);

	return order != 0 ? order : *x < *y ? -1 : *x > *y;
}

/* Documents from the n-th on in the order of their ids, which is that of their
 * rows in the file: a page is written once and not once a document. The caller
 * frees. */
static struct built **
in_order(struct kb_batch *b, size_t from)
{
	struct built **order = xcalloc(b->count - from + 1, sizeof(*order));
	size_t i;

	for (i = from; i < b->count; i++)
		order[i - from] = &b->built[i];
	qsort(order, b->count - from, sizeof(struct built *), by_id);
	return order;
}

/*
 * The rows of all that wait: many documents a turn, since a commit costs more
 * than a document. Their words are counted meanwhile: should a turn be undone,
 * nothing of the batch is found.
 */
static int
write_rows(struct kb_batch *b, int64_t now_ms)
{
	size_t at = 0, i = 0, n = b->count - b->written;
	struct built **order = in_order(b, b->written), *built;
	struct counting *c = NULL;
	int64_t row;
	int code = 0;

	while (at < n && code == 0) {
		code = db_begin(b->kb);
		while (at < n && code == 0) {
			built = order[at];
			if (c == NULL)
				c = new_counting(b);
			code = insert_passage(b, built, i, &row, now_ms);
			add_counting(c, code == 0 ? row : 0, built, i);
			if (c->count == GIVEN_PASSAGES) {
				hand_over(b, c);
				c = NULL;
			}
			if (++i == (size_t)built->count) {
				at++;
				i = 0;
			}
			if (db_turn_over(b->kb))
				break;
		}
		if (code == 0)
			code = db_commit(b->kb);
		db_rollback(b->kb);
		fault("kb-ingest.built-some");
		if (c != NULL)
			hand_over(b, c);
		c = NULL;
		await_given(b);
	}
	free(order);
	if (code < 0)
		b->failed = code;
	b->written = b->count;
	b->passages = b->text = 0;
	return code;
}

int
kb_batch_add(struct kb_batch *b, const struct kb_document *d,
    struct kb_passages *passages, int64_t now_ms)
{
	struct built *built;
	size_t i;

	if (b->count == 0)
		b->began_ms = mono_ms();
	if (b->count == b->cap) {
		b->cap = b->cap > 0 ? 2 * b->cap : 64;
		b->built = xrealloc(b->built, b->cap * sizeof(*b->built));
	}
	built = &b->built[b->count++];
	memset(built, 0, sizeof(*built));
	built->d = *d;
	built->d.collection = built->collection = xstrdup(d->collection);
	built->d.source = built->source = xstrdup(d->source);
	built->d.title = built->title = xstrdup(d->title);
	built->d.extra = built->extra = xstrdup(d->extra);
	built->d.origin = built->origin = xstrdup(d->origin);
	built->d.url = built->url = xstrdup(d->url);
	built->d.description = built->description = xstrdup(d->description);
	built->edited_title = xstrdup(d->edited_title);
	built->d.edited_title = NULL;
	built->dropped = xcalloc(d->ndropped + 1, sizeof(*built->dropped));
	for (i = 0; i < d->ndropped; i++) {
		built->dropped[i] = d->dropped[i];
		built->dropped[i].line = xstrdup(d->dropped[i].line);
	}
	built->d.dropped = built->dropped;
	built->language = xstrdup(passages->language);
	built->count = (int64_t)passages->count;
	built->passages = *passages;
	memset(passages, 0, sizeof(*passages));
	b->passages += built->passages.count;
	for (i = 0; i < built->passages.count; i++)
		b->text += strlen(built->passages.passage[i].text);
	return b->passages >= BATCH_PASSAGES || b->text >= BATCH_TEXT ?
	    write_rows(b, now_ms) :
	    0;
}

static int tell_some(struct kb_teller *t, bool ends, char after[SHORT_ID_BYTES],
    const char *last);

int
kb_batch_flush(struct kb_batch *b, int64_t now_ms)
{
	char told[SHORT_ID_BYTES] = "";
	struct built **order;
	size_t i = 0;
	int code = write_rows(b, now_ms);

	await_words(b);
	if (code == 0 && b->failed < 0)
		code = err_set(b->failed, "%s: documents were not written",
		    db_path(b->kb));
	if (code == 0 && b->count > 0)
		code = indexer_write(b->indexer, b->kb, 0, b->worker);

	order = in_order(b, 0);
	while (i < b->count && code == 0) {
		code = db_begin(b->kb);
		fault("kb-ingest.before-swap");
		while (i < b->count && code == 0) {
			code = swap(b->kb, order[i++], now_ms);
			if (db_turn_over(b->kb))
				break;
		}
		if (code == 0)
			code = db_commit(b->kb);
		db_rollback(b->kb);
		/* The log is written while the next are swapped. */
		if (code == 0 && b->teller != NULL)
			code = tell_some(b->teller, true, told,
			    order[i - 1]->d.id);
	}
	free(order);
	fault("kb-ingest.after-swap");
	for (i = 0; i < b->count && code == 0; i++) {
		if (b->built[i].version > 1)
			code = vector_carry(b->kb, b->built[i].d.id,
			    b->built[i].version);
		if (b->built[i].version > 1 && code == 0)
			code = sweep_document(b->kb, b->built[i].d.id);
	}
	if (code == 0 && b->count > 0)
		code = kb_reword(b->kb, b->analyser);
	if (code == 0 && b->count > 0)
		code = segment_merge(b->kb);
	clear_batch(b);
	return code;
}

int
kb_replace(struct db *kb, struct analyser *a, const struct kb_document *d,
    struct kb_passages *passages, int64_t now_ms)
{
	struct kb_batch *b = kb_batch_new(kb, a);
	int code = kb_batch_add(b, d, passages, now_ms);

	if (code == 0)
		code = kb_batch_flush(b, now_ms);
	kb_batch_free(b);
	return code;
}

/* --- events --- */

/* Takes data, which is ended. */
static void
make_row(struct log_row *r, const char *state, const char *id, int64_t time_ms,
    struct buf *data)
{
	char stamp[24];

	snprintf(r->type, sizeof(r->type), "document.%s", state);
	snprintf(r->subject, sizeof(r->subject), "document/%s", id);
	snprintf(stamp, sizeof(stamp), "%lld", (long long)time_ms);
	id_ulid(r->id, time_ms, STAGE, id, r->type, stamp, NULL);
	r->time_ms = time_ms;
	json_end(data);
	r->data = buf_detach(data);
}

static int
append(struct store *s, const struct log_row *rows, size_t n)
{
	size_t i = 0, some;
	int code = 0;

	while (i < n && code == 0) {
		code = store_begin(s);
		while (i < n && code == 0) {
			some = n - i < LOG_APPEND_SOME ? 1 : LOG_APPEND_SOME;
			code = log_append_some(s, rows + i, some, STAGE);
			i += some;
			if (db_turn_over(store_desk(s)))
				break;
		}
		if (code == 0)
			code = store_commit(s);
		store_rollback(s);
	}
	return code;
}

/* The steps on the way are no events. */
static const char *
told_state(const char *state)
{
	if (strcmp(state, "extracting") == 0 || strcmp(state, "indexing") == 0)
		return "queued";
	return strcmp(state, "embedding") == 0 ? "ready" : state;
}

/* A document whose change is not in the log yet. */
struct untold {
	char id[SHORT_ID_BYTES];
	char *source, *collection, *state, *reason, *title, *language;
	int64_t number, passages, bytes, changed_ms;
};

/* Some of them, on their way into it. */
struct untolds {
	struct worker_job job;
	struct untolds *next;
	struct store *store;
	bool marks; /* told is noted when it is */
	int code;
	char *reason; /* of code */
	size_t count;
	struct untold document[TELL_ROWS];
};

struct kb_teller {
	struct store *store;
	struct worker *worker;
	struct untolds *first, **end; /* being told, in this order */
	unsigned count;
};

struct kb_teller *
kb_teller_new(struct store *s, struct worker *w)
{
	struct kb_teller *t = xcalloc(1, sizeof(*t));

	t->store = s;
	t->worker = w;
	t->end = &t->first;
	return t;
}

#define TOLD_OF                                                          \
	"SELECT id, source, collection, state, reason, title, language," \
	" passages, bytes, changed_ms, number FROM document"

static void
take_row(struct query *q, struct untold *d)
{
	snprintf(d->id, SHORT_ID_BYTES, "%s", column_text(q, 0));
	d->source = column_copy(q, 1);
	d->collection = column_copy(q, 2);
	d->state = column_copy(q, 3);
	d->reason = column_copy(q, 4);
	d->title = column_copy(q, 5);
	d->language = column_copy(q, 6);
	d->passages = column_int(q, 7);
	d->bytes = column_int(q, 8);
	d->changed_ms = column_int(q, 9);
	d->number = column_int(q, 10);
}

/* The next behind after, up to last (NULL: all); ends: those that are ready or
 * have failed. */
static int
find_untold(struct db *kb, bool ends, const char *after, const char *last,
    struct untolds *u)
{
	struct query q = query(kb,
	    TOLD_OF " WHERE told = 0 AND id > :after AND id <= :last"
		    " AND (NOT :ends OR"
		    " (state <> 'queued' AND state <> 'extracting'"
		    " AND state <> 'indexing'))"
		    " ORDER BY id LIMIT :max");

	bind_text(&q, ":after", after);
	bind_text(&q, ":last", last != NULL ? last : "\177");
	bind_int(&q, ":ends", ends);
	bind_int(&q, ":max", TELL_ROWS);
	while (u->count < TELL_ROWS && step(&q))
		take_row(&q, &u->document[u->count++]);
	return done(&q);
}

/* These, which were queued just now. Of a new one there is no more in the base
 * than its caller knows. */
static int
find_queued(struct db *kb, const struct kb_document *const *d, size_t n,
    int64_t now_ms, struct untolds *u)
{
	struct untold *t;
	struct query q;
	int code = 0;

	for (; n-- > 0 && code == 0; d++) {
		t = &u->document[u->count];
		if ((*d)->held == KB_HELD_NOT) {
			*t = (struct untold){ .source = xstrdup((*d)->source),
				.collection = xstrdup((*d)->collection),
				.state = xstrdup("queued"),
				.bytes = (*d)->bytes,
				.changed_ms = now_ms };
			memcpy(t->id, (*d)->id, SHORT_ID_BYTES);
			u->count++;
			continue;
		}
		q = query(kb, TOLD_OF " WHERE id = :id");
		bind_text(&q, ":id", (*d)->id);
		if (step(&q))
			take_row(&q, &u->document[u->count++]);
		code = done(&q);
	}
	return code;
}

static void
row_of(const struct untold *d, struct log_row *ret)
{
	const char *state = told_state(d->state);
	struct buf data = BUF_INIT(0);

	buf_room(&data, ROW_BYTES);
	json_add(&data, "document", d->id);
	json_add(&data, "source", d->source);
	json_add(&data, "collection", d->collection);
	json_add(&data, "reason", d->reason);
	json_add(&data, "title", d->title);
	json_add(&data, "language", d->language);
	if (strcmp(state, "ready") == 0)
		json_add_int(&data, "passages", d->passages);
	json_add_int(&data, "bytes", d->bytes);
	make_row(ret, state, d->id, d->changed_ms, &data);
}

/* Unless it has changed again meanwhile. */
static int
mark_told(struct db *kb, const struct untolds *u)
{
	struct query q;
	size_t i = 0;
	int code = 0;

	while (i < u->count && code == 0) {
		code = db_begin(kb);
		while (i < u->count && code == 0) {
			q = query(kb,
			    "UPDATE document SET told = 1"
			    " WHERE number = :number"
			    " AND changed_ms = :changed");
			bind_int(&q, ":number", u->document[i].number);
			bind_int(&q, ":changed", u->document[i++].changed_ms);
			step(&q);
			code = done(&q);
			if (db_turn_over(kb))
				break;
		}
		if (code == 0)
			code = db_commit(kb);
		db_rollback(kb);
	}
	return code;
}

static void
free_untolds(struct untolds *u)
{
	struct untold *d;
	size_t i;

	for (i = 0; i < u->count; i++) {
		d = &u->document[i];
		free(d->source);
		free(d->collection);
		free(d->state);
		free(d->reason);
		free(d->title);
		free(d->language);
	}
	free(u->reason);
	free(u);
}

static void
append_untold(struct worker_job *job)
{
	struct untolds *u = (struct untolds *)job;
	struct log_row *rows = xcalloc(u->count, sizeof(*rows));
	size_t i;

	for (i = 0; i < u->count; i++)
		row_of(&u->document[i], &rows[i]);
	u->code = append(u->store, rows, u->count);
	/* The reason is the thread's own. */
	if (u->code < 0)
		u->reason = xstrdup(err_reason());
	for (i = 0; i < u->count; i++)
		free(rows[i].data);
	free(rows);
}

/* Wait for the first that are being told; code: what came of others. */
static int
end_first(struct kb_teller *t, int code)
{
	struct untolds *u = t->first;
	struct db *kb;

	if (t->worker != NULL)
		worker_wait(t->worker, &u->job);
	if (code == 0 && u->code < 0)
		code = err_set(u->code, "%s", u->reason);
	if (code == 0 && u->marks && (code = store_kb(t->store, &kb)) == 0)
		code = mark_told(kb, u);
	t->first = u->next;
	if (t->first == NULL)
		t->end = &t->first;
	t->count--;
	free_untolds(u);
	return code;
}

int
kb_teller_end(struct kb_teller *t)
{
	int code = 0;

	while (t->first != NULL)
		code = end_first(t, code);
	return code;
}

/* u is taken; code is what came of finding it. */
static int
tell(struct kb_teller *t, struct untolds *u, bool marks, int code)
{
	if (code == 0 && t->count == TELL_AHEAD)
		code = end_first(t, 0);
	if (code < 0 || u->count == 0) {
		free_untolds(u);
		return code;
	}
	u->marks = marks;
	u->job.run = append_untold;
	*t->end = u;
	t->end = &u->next;
	t->count++;
	if (t->worker != NULL)
		worker_put_first(t->worker, &u->job);
	else
		append_untold(&u->job);
	return 0;
}

static struct untolds *
new_untolds(struct kb_teller *t)
{
	struct untolds *u = xmalloc(sizeof(*u));

	u->store = t->store;
	u->next = NULL;
	u->code = 0;
	u->reason = NULL;
	u->count = 0;
	return u;
}

int
kb_teller_queued(struct kb_teller *t, const struct kb_document *const *d,
    size_t n, int64_t now_ms)
{
	struct untolds *u;
	struct db *kb;
	size_t i, some;
	int code = store_kb(t->store, &kb);

	for (i = 0; i < n && code == 0; i += some) {
		some = n - i < TELL_ROWS ? n - i : TELL_ROWS;
		u = new_untolds(t);
		code = find_queued(kb, d + i, some, now_ms, u);
		code = tell(t, u, false, code);
	}
	return code;
}

/* Of those behind after, which moves on. */
static int
tell_some(struct kb_teller *t, bool ends, char after[SHORT_ID_BYTES],
    const char *last)
{
	struct untolds *u;
	struct db *kb;
	bool more = true;
	int code = store_kb(t->store, &kb);

	while (code == 0 && more) {
		u = new_untolds(t);
		code = find_untold(kb, ends, after, last, u);
		more = u->count == TELL_ROWS;
		if (u->count > 0)
			memcpy(after, u->document[u->count - 1].id,
			    SHORT_ID_BYTES);
		code = tell(t, u, true, code);
	}
	return code;
}

static int
tell_all(struct kb_teller *t, bool ends)
{
	char after[SHORT_ID_BYTES] = "";

	return tell_some(t, ends, after, NULL);
}

int
kb_teller_ends(struct kb_teller *t)
{
	return tell_all(t, true);
}

void
kb_teller_free(struct kb_teller *t)
{
	if (t == NULL)
		return;
	while (t->first != NULL)
		end_first(t, ERR_BUG); /* whoever stops early marks nothing */
	free(t);
}

int
kb_tell(struct store *s)
{
	struct kb_teller *t = kb_teller_new(s, NULL);
	int code = tell_all(t, false);

	if (code == 0)
		code = kb_teller_end(t);
	kb_teller_free(t);
	return code;
}

/* In a transaction: no version of the document is found from here on. Done
 * once: the time is that of the event, and a second run tells the same one. */
static int
hide(struct db *kb, const char *id, const char *title, int64_t now_ms)
{
	struct query q = query(kb,
	    "UPDATE document SET version = -1, passages = 0, told = 1,"
	    " changed_ms = :now WHERE id = :id AND version >= 0");
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":now", now_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : copies_settle(kb, id, -1, title);
}

/* The event of a removal; its data is NULL: no such document. */
static int
removal(struct db *kb, const char *id, int64_t now_ms, struct log_row *ret,
    char **ret_title)
{
	struct query q = query(kb,
	    "SELECT source, collection, title, version, changed_ms"
	    " FROM document WHERE id = :id");
	struct buf data = BUF_INIT(0);

	ret->data = NULL;
	bind_text(&q, ":id", id);
	if (step(&q)) {
		json_add(&data, "document", id);
		json_add(&data, "source", column_text(&q, 0));
		json_add(&data, "collection", column_text(&q, 1));
		*ret_title = column_copy(&q, 2);
		/* What was begun before has its time already. */
		make_row(ret, "removed", id,
		    column_int(&q, 3) < 0 ? column_int(&q, 4) : now_ms, &data);
	}
	return done(&q);
}

/* Delete what belongs to documents that are gone, and then their rows. */
static int
sweep_gone(struct db *kb)
{
	int code = copies_sweep_gone(kb);

	if (code == 0)
		code = sweep_rows(kb,
		    "SELECT p.row FROM document d JOIN passage p"
		    " ON p.document = d.id WHERE d.version < 0 LIMIT 64",
		    DELETE_PASSAGE, NULL, forget);
	if (code == 0)
		code = kb_reword(kb, NULL);
	if (code == 0)
		code = db_begin(kb);
	if (code == 0)
		code = db_exec(kb, "DELETE FROM document WHERE version < 0");
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

int
kb_remove_some(struct store *s, char *const *ids, size_t n, int64_t now_ms)
{
	struct log_row rows[DB_BATCH_ROWS];
	char *titles[DB_BATCH_ROWS] = { NULL };
	struct db *kb;
	size_t i, made = 0, told = 0;
	int code = store_kb(s, &kb);

	for (; made < n && code == 0; made++)
		code =
		    removal(kb, ids[made], now_ms, &rows[made], &titles[made]);
	/* Not found from here on; told while they are still named. */
	i = 0;
	while (i < n && code == 0) {
		code = db_begin(kb);
		while (i < n && code == 0) {
			code = hide(kb, ids[i], titles[i], now_ms);
			i++;
			if (db_turn_over(kb))
				break;
		}
		if (code == 0)
			code = db_commit(kb);
		db_rollback(kb);
	}
	fault("kb-ingest.hidden");
	for (i = 0; i < made; i++) {
		free(titles[i]);
		if (rows[i].data != NULL)
			rows[told++] = rows[i];
	}
	if (code == 0 && told > 0)
		code = append(s, rows, told);
	for (i = 0; i < told; i++)
		free(rows[i].data);
	return code < 0 ? code : sweep_gone(kb);
}

int
kb_remove(struct store *s, const char *id, int64_t now_ms)
{
	char *ids[] = { (char *)(uintptr_t)id };
	struct query q;
	struct db *kb;
	bool found;
	int code = store_kb(s, &kb);

	if (code < 0)
		return code;
	q = query(kb, "SELECT 1 FROM document WHERE id = :id");
	bind_text(&q, ":id", id);
	found = step(&q);
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no document %s", id);
	return code < 0 ? code : kb_remove_some(s, ids, 1, now_ms);
}

/* --- what people change --- */

/* In a transaction: the words of a document's passages have to be made anew. */
static int
mark_stale(struct db *kb, const char *id)
{
	struct query q =
	    query(kb, "UPDATE passage SET stale = 1 WHERE document = :id");

	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

/* 1, or 0 if a document cannot be moved: its new place is taken. */
static int
is_free(struct db *kb, const char *id, const char *collection)
{
	struct query q = query(kb,
	    "SELECT 1 FROM document d JOIN document o ON o.source = d.source"
	    " AND o.collection = :collection AND o.id <> d.id"
	    " WHERE d.id = :id");
	bool taken;
	int code;

	bind_text(&q, ":id", id);
	bind_text(&q, ":collection", collection);
	taken = step(&q);
	code = done(&q);
	return code < 0 ? code : !taken;
}

/* In a transaction. */
static int
change(struct db *kb, const char *id, const struct kb_edit *edit,
    int64_t now_ms)
{
	struct query q;
	bool found, retitled;
	int code;

	q = query(kb,
	    "SELECT title, CASE WHEN :title IS NULL THEN 0 ELSE"
	    " coalesce(nullif(:title, ''), own_title) IS NOT title END"
	    " FROM document WHERE id = :id AND version >= 0");
	bind_text(&q, ":id", id);
	bind_text(&q, ":title", edit->title);
	found = step(&q);
	retitled = found && column_int(&q, 1) != 0;
	code = done(&q);
	if (code < 0)
		return code;
	if (!found)
		return err_set(ERR_NOINPUT, "no document %s", id);
	if (edit->collection != NULL) {
		code = is_free(kb, id, edit->collection);
		if (code == 0)
			code = err_set(ERR_DATA,
			    "%s: collection %s has a document of this source",
			    id, edit->collection);
		if (code < 0)
			return code;
	}
	q = query(kb,
	    "UPDATE document SET"
	    " edited_title = CASE WHEN :title IS NULL THEN edited_title"
	    "  ELSE nullif(:title, '') END,"
	    " title = CASE WHEN :title IS NULL THEN title"
	    "  ELSE coalesce(nullif(:title, ''), own_title) END,"
	    " edited_description = CASE WHEN :description IS NULL"
	    "  THEN edited_description ELSE nullif(:description, '') END,"
	    " home = CASE WHEN :collection IS NULL THEN home"
	    "  WHEN coalesce(home, collection) = :collection THEN NULL"
	    "  ELSE coalesce(home, collection) END,"
	    " collection = coalesce(:collection, collection),"
	    " changed_ms = max(:now, changed_ms + 1),"
	    " told = CASE WHEN state IN ('ready', 'embedding') THEN 0"
	    "  ELSE told END"
	    " WHERE id = :id");
	bind_text(&q, ":id", id);
	bind_text(&q, ":title", edit->title);
	bind_text(&q, ":description", edit->description);
	bind_text(&q, ":collection", edit->collection);
	bind_int(&q, ":now", now_ms);
	step(&q);
	code = done(&q);
	return code == 0 && retitled ? mark_stale(kb, id) : code;
}

int
kb_change(struct store *s, const char *id, const struct kb_edit *edit,
    int64_t now_ms)
{
	struct db *kb;
	int code = store_kb(s, &kb);

	if (code == 0)
		code = db_begin(kb);
	if (code < 0)
		return code;
	code = change(kb, id, edit, now_ms);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	fault("kb-ingest.changed");
	if (code == 0)
		code = kb_reword(kb, NULL);
	return code < 0 ? code : kb_tell(s);
}

/* The first document after id; *ret is "" at the end. */
static int
next_document(struct db *kb, char ret[SHORT_ID_BYTES])
{
	struct query q = query(kb,
	    "SELECT id FROM document WHERE id > :id ORDER BY id LIMIT 1");

	bind_text(&q, ":id", ret);
	if (step(&q))
		snprintf(ret, SHORT_ID_BYTES, "%s", column_text(&q, 0));
	else
		ret[0] = '\0';
	return done(&q);
}

static int
reindex_one(struct db *kb, const char *id)
{
	struct query q = query(kb, "SELECT 1 FROM document WHERE id = :id");
	bool found;
	int code;

	bind_text(&q, ":id", id);
	found = step(&q);
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no document %s", id);
	if (code == 0)
		code = db_begin(kb);
	if (code == 0)
		code = mark_stale(kb, id);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code < 0 ? code : kb_reword(kb, NULL);
}

static int
reindex_all(struct db *kb)
{
	char at[SHORT_ID_BYTES] = "";
	int code;

	while ((code = next_document(kb, at)) == 0 && at[0] != '\0')
		if ((code = reindex_one(kb, at)) < 0)
			break;
	return code;
}

int
kb_reindex(struct db *kb, const char *id, bool *anew)
{
	int code = id != NULL ? reindex_one(kb, id) : reindex_all(kb);

	if (code == ERR_DATA) {
		*anew = true;
		code = kb_index_anew(kb);
		if (code == 0)
			code = kb_sweep(kb);
		if (code == 0)
			code = kb_reword(kb, NULL);
	}
	return code;
}

/* --- runs --- */

int
kb_run_put(struct db *kb, const struct kb_run *run)
{
	struct query q;
	int code = db_begin(kb);

	if (code < 0)
		return code;
	q = query(kb,
	    "INSERT OR REPLACE INTO ingest (id, began_ms, ended_ms, ready,"
	    " same, failed, removed) VALUES (1, :began, nullif(:ended, 0),"
	    " :ready, :same, :failed, :removed)");
	bind_int(&q, ":began", run->began_ms);
	bind_int(&q, ":ended", run->ended_ms);
	bind_int(&q, ":ready", run->ready);
	bind_int(&q, ":same", run->same);
	bind_int(&q, ":failed", run->failed);
	bind_int(&q, ":removed", run->removed);
	step(&q);
	code = done(&q);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

int
kb_run_get(struct db *kb, struct kb_run *ret)
{
	struct query q = query(kb,
	    "SELECT began_ms, coalesce(ended_ms, 0), ready, same, failed,"
	    " removed FROM ingest");
	bool found = step(&q);
	int code;

	if (found)
		*ret = (struct kb_run){ column_int(&q, 0), column_int(&q, 1),
			column_int(&q, 2), column_int(&q, 3), column_int(&q, 4),
			column_int(&q, 5) };
	code = done(&q);
	return code < 0 ? code : found;
}
