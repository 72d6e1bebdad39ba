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
#include "kb/index.h"
#include "kb/indexer.h"
#include "kb/segment.h"
#include "kb/vector.h"
#include "store/log.h"

#define STAGE "kb-ingest"
#define BATCH_BYTES (96 << 20) /* of words in memory, before they are written */
#define BATCH_PASSAGES 512     /* held before their rows are written */
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

int
kb_is_ready(struct db *kb, const struct kb_document *d, struct kb_ready *ret)
{
	struct query q = query(kb,
	    "SELECT passages, title, language, type FROM document WHERE id = :id"
	    " AND state = 'ready' AND fingerprint = :fingerprint");
	bool found;
	int code;

	bind_text(&q, ":id", d->id);
	bind_text(&q, ":fingerprint", d->fingerprint);
	found = step(&q);
	if (found) {
		ret->passages = column_int(&q, 0);
		ret->title = column_copy(&q, 1);
		ret->language = column_copy(&q, 2);
		ret->type = column_copy(&q, 3);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* In a transaction: the row of d, in a state. */
static int
put_state(struct db *kb, const struct kb_document *d, const char *state,
    const char *reason, int64_t now_ms)
{
	struct query q = query(kb,
	    "INSERT INTO document (id, source, collection, state, reason,"
	    " bytes, changed_ms, told, extra)"
	    " VALUES (:id, :source, :collection, :state, :reason, :bytes,"
	    " :now, 0, :extra)"
	    " ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
	    " reason = excluded.reason, changed_ms = excluded.changed_ms,"
	    " told = 0, extra = excluded.extra");

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
kb_queue(struct db *kb, const struct kb_document *const *d, size_t n,
    int64_t now_ms)
{
	int code = db_begin(kb);
	size_t i;

	for (i = 0; i < n && code == 0; i++)
		code = put_state(kb, d[i], "queued", NULL, now_ms);
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
		code = put_state(kb, d, "failed", reason, now_ms);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}

int
kb_ingest_begin(struct store *s, bool wait, int *ret)
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
		code = kb_index_build(kb);
	if (code == 0)
		code = kb_sweep(kb);
	if (code == 0)
		*ret = fd;
	else if (fd >= 0)
		close(fd);
	free(path);
	return code;
}

/* --- rows --- */

static int
delete_row(struct db *kb, int64_t row)
{
	struct query q = query(kb, "DELETE FROM passage WHERE row = :row");

	bind_int(&q, ":row", row);
	step(&q);
	return done(&q);
}

/*
 * Delete up to a turn's worth of the rows that a statement gives (with the
 * document bound, if any). 1: there may be more.
 */
static int
delete_some(struct db *kb, const char *sql, const char *document)
{
	int64_t rows[DB_BATCH_ROWS];
	struct query q = query(kb, sql);
	size_t n = 0, i;
	int code;

	if (document != NULL)
		bind_text(&q, ":document", document);
	while (n < DB_BATCH_ROWS && step(&q))
		rows[n++] = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || n == 0)
		return code;
	code = db_begin(kb);
	for (i = 0; i < n && code == 0; i++) {
		code = delete_row(kb, rows[i]);
		if (db_turn_over(kb))
			n = i + 1;
	}
	if (code == 0)
		code = segment_forget(kb, rows, n);
	if (code == 0)
		code = vector_forget(kb, rows, n);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code < 0 ? code : 1;
}

static int
sweep_document(struct db *kb, const char *document)
{
	int code;

	while ((code = delete_some(kb,
		    "SELECT p.row FROM passage p LEFT JOIN document d"
		    " ON d.id = p.document"
		    " WHERE p.document = :document"
		    " AND p.version IS NOT d.version LIMIT 64",
		    document)) > 0)
		;
	return code;
}

int
kb_sweep(struct db *kb)
{
	int code;

	while ((code = delete_some(kb,
		    "SELECT p.row FROM passage p LEFT JOIN document d"
		    " ON d.id = p.document"
		    " WHERE p.version IS NOT d.version LIMIT 64",
		    NULL)) > 0)
		;
	return code < 0 ? code : segment_sweep(kb);
}

static int
insert_row(struct db *kb, const struct kb_document *d, int64_t version,
    int64_t ordinal, const struct kb_passage *p, const char *id)
{
	struct query q = query(kb,
	    "INSERT INTO passage (id, document, version, ordinal, section,"
	    " language, start, \"end\", page, page_end, shape, text)"
	    " VALUES (:id, :document, :version, :ordinal, :section,"
	    " :language, :start, :end, :page, :page_end, :shape, :text)");

	bind_text(&q, ":id", id);
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
	bind_text(&q, ":text", p->text);
	step(&q);
	return done(&q);
}

/* The version that is found, and the next one that no row has. */
static int
versions(struct db *kb, const char *id, int64_t *ret_next)
{
	struct query q = query(kb,
	    "SELECT max(coalesce((SELECT version FROM document"
	    " WHERE id = :id), 0), coalesce((SELECT max(version) FROM passage"
	    " WHERE document = :id), 0)) + 1");
	int code;

	bind_text(&q, ":id", id);
	if (step(&q))
		*ret_next = column_int(&q, 0);
	code = done(&q);
	return code;
}

/* --- a batch --- */

/* A document that is not found yet. */
struct built {
	struct kb_document d;
	char *collection, *source, *title, *extra, *language;
	struct kb_passages passages; /* until its rows are there */
	int64_t version;	     /* 0: not in the base yet */
	int64_t count;
};

struct kb_batch {
	struct db *kb;
	struct indexer *indexer;
	struct built *built;
	size_t count;
	size_t written;	 /* of them have all their rows in the base */
	size_t passages; /* that wait for that */
	int64_t began_ms;
};

struct kb_batch *
kb_batch_new(struct db *kb, struct analyser *a)
{
	struct kb_batch *b = xcalloc(1, sizeof(*b));

	b->kb = kb;
	b->indexer = indexer_new(a);
	return b;
}

static void
clear_batch(struct kb_batch *b)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		free(b->built[i].collection);
		free(b->built[i].source);
		free(b->built[i].title);
		free(b->built[i].extra);
		free(b->built[i].language);
		kb_passages_release(&b->built[i].passages);
	}
	free(b->built);
	b->built = NULL;
	b->count = b->written = b->passages = 0;
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
	    (indexer_bytes(b->indexer) > BATCH_BYTES ||
		mono_ms() - b->began_ms > BATCH_MS);
}

/* In a transaction: the new version is the one that is found. */
static int
swap(struct db *kb, const struct built *built, int64_t now_ms)
{
	const struct kb_document *d = &built->d;
	struct query q;
	int code = put_state(kb, d, "ready", NULL, now_ms);

	if (code < 0)
		return code;
	q = query(kb,
	    "UPDATE document SET title = :title, language = :language,"
	    " type = :type, fingerprint = :fingerprint, version = :version,"
	    " bytes = :bytes, passages = :passages WHERE id = :id");
	bind_text(&q, ":title", d->title);
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

/* In a transaction: the row of a document's i-th passage. */
static int
insert_passage(struct db *kb, struct built *built, size_t i, int64_t *ret_row,
    int64_t now_ms)
{
	const struct kb_passage *p = &built->passages.passage[i];
	char id[SHORT_ID_BYTES];
	int code = 0;

	if (i == 0) {
		code = versions(kb, built->d.id, &built->version);
		if (code == 0 && built->version == 1)
			code = put_state(kb, &built->d, "queued", NULL, now_ms);
	}
	if (code < 0)
		return code;
	id_short(id, "passage", built->d.id, p->section, p->text, NULL);
	code = insert_row(kb, &built->d, built->version, (int64_t)i + 1, p, id);
	*ret_row = db_last_row(kb);
	return code;
}

/*
 * The rows of all that wait: many documents a turn, since a commit costs more
 * than a document. Then, outside of the transaction, their words.
 */
static int
write_rows(struct kb_batch *b, int64_t now_ms)
{
	int64_t *rows = xcalloc(b->passages + 1, sizeof(*rows));
	struct built *built;
	size_t at = b->written, i = 0, n, index_at, index_i;
	int code = 0;

	while (at < b->count && code == 0) {
		index_at = at;
		index_i = i;
		n = 0;
		code = db_begin(b->kb);
		while (at < b->count && code == 0) {
			built = &b->built[at];
			code =
			    insert_passage(b->kb, built, i, &rows[n++], now_ms);
			if (++i == built->passages.count) {
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
		for (n = 0; code == 0 && (index_at < at || index_i < i); n++) {
			const struct kb_passage *p;

			built = &b->built[index_at];
			p = &built->passages.passage[index_i];
			indexer_add(b->indexer, rows[n], built->title,
			    p->section, p->text, p->language);
			if (++index_i == built->passages.count) {
				kb_passages_release(&built->passages);
				index_at++;
				index_i = 0;
			}
		}
	}
	b->written = at;
	b->passages = 0;
	free(rows);
	return code;
}

int
kb_batch_add(struct kb_batch *b, const struct kb_document *d,
    struct kb_passages *passages, int64_t now_ms)
{
	struct built *built;

	if (b->count == 0)
		b->began_ms = mono_ms();
	b->built = xrealloc(b->built, (b->count + 1) * sizeof(*b->built));
	built = &b->built[b->count++];
	memset(built, 0, sizeof(*built));
	built->d = *d;
	built->d.collection = built->collection = xstrdup(d->collection);
	built->d.source = built->source = xstrdup(d->source);
	built->d.title = built->title = xstrdup(d->title);
	built->d.extra = built->extra = xstrdup(d->extra);
	built->language = xstrdup(passages->language);
	built->count = (int64_t)passages->count;
	built->passages = *passages;
	memset(passages, 0, sizeof(*passages));
	b->passages += built->passages.count;
	return b->passages >= BATCH_PASSAGES ? write_rows(b, now_ms) : 0;
}

int
kb_batch_flush(struct kb_batch *b, int64_t now_ms)
{
	size_t i = 0;
	int code = write_rows(b, now_ms);

	if (code == 0 && b->count > 0)
		code = indexer_write(b->indexer, b->kb, 0);

	while (i < b->count && code == 0) {
		code = db_begin(b->kb);
		fault("kb-ingest.before-swap");
		while (i < b->count && code == 0) {
			code = swap(b->kb, &b->built[i++], now_ms);
			if (db_turn_over(b->kb))
				break;
		}
		if (code == 0)
			code = db_commit(b->kb);
		db_rollback(b->kb);
	}
	fault("kb-ingest.after-swap");
	for (i = 0; i < b->count && code == 0; i++) {
		if (b->built[i].version > 1)
			code = vector_carry(b->kb, b->built[i].d.id,
			    b->built[i].version);
		if (b->built[i].version > 1 && code == 0)
			code = sweep_document(b->kb, b->built[i].d.id);
	}
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

static struct event *
new_event(const char *type, const char *id, int64_t time_ms, json_t *data)
{
	char *subject = xformat("document/%s", id), *stamp;
	struct event *e =
	    event_new(NULL, type, "/desk", subject, time_ms, data);

	stamp = xformat("%lld", (long long)time_ms);
	id_ulid(e->id, time_ms, STAGE, id, type, stamp, NULL);
	free(stamp);
	free(subject);
	return e;
}

static int
append(struct store *s, struct event **events, size_t n)
{
	int code = store_begin(s);
	size_t i;

	for (i = 0; i < n && code == 0; i++)
		code = log_append(s, events[i], STAGE, NULL);
	if (code == 0)
		code = store_commit(s);
	store_rollback(s);
	return code;
}

static int
tell_some(struct store *s, struct db *kb)
{
	struct event *events[DB_BATCH_ROWS];
	char ids[DB_BATCH_ROWS][SHORT_ID_BYTES];
	int64_t times[DB_BATCH_ROWS];
	struct query q;
	size_t n = 0, i;
	json_t *data;
	char *type;
	int code;

	q = query(kb,
	    "SELECT id, source, collection, state, reason, title,"
	    " language, passages, bytes, changed_ms FROM document"
	    " WHERE told = 0 LIMIT 64");
	while (step(&q)) {
		data = json_object();
		json_put(data, "document", column_text(&q, 0));
		json_put(data, "source", column_text(&q, 1));
		json_put(data, "collection", column_text(&q, 2));
		json_put(data, "reason", column_text(&q, 4));
		json_put(data, "title", column_text(&q, 5));
		json_put(data, "language", column_text(&q, 6));
		if (strcmp(column_text(&q, 3), "ready") == 0)
			json_put_int(data, "passages", column_int(&q, 7));
		json_put_int(data, "bytes", column_int(&q, 8));
		type = xformat("document.%s", column_text(&q, 3));
		times[n] = column_int(&q, 9);
		strncpy(ids[n], column_text(&q, 0), SHORT_ID_BYTES);
		ids[n][SHORT_ID_BYTES - 1] = '\0';
		events[n] = new_event(type, ids[n], times[n], data);
		free(type);
		n++;
	}
	code = done(&q);
	if (code == 0 && n > 0)
		code = append(s, events, n);
	if (code == 0 && n > 0)
		code = db_begin(kb);
	for (i = 0; i < n && code == 0; i++) {
		q = query(kb,
		    "UPDATE document SET told = 1"
		    " WHERE id = :id AND changed_ms = :changed");
		bind_text(&q, ":id", ids[i]);
		bind_int(&q, ":changed", times[i]);
		step(&q);
		code = done(&q);
	}
	if (code == 0 && n > 0)
		code = db_commit(kb);
	db_rollback(kb);
	for (i = 0; i < n; i++)
		event_free(events[i]);
	return code < 0 ? code : (int)n;
}

int
kb_tell(struct store *s)
{
	struct db *kb;
	int code = store_kb(s, &kb);

	while (code == 0) {
		code = tell_some(s, kb);
		if (code < DB_BATCH_ROWS)
			return code < 0 ? code : 0;
		code = 0;
	}
	return code;
}

int
kb_remove(struct store *s, const char *id, int64_t now_ms)
{
	struct event *e;
	struct query q;
	struct db *kb;
	json_t *data = NULL;
	int code = store_kb(s, &kb);

	if (code < 0)
		return code;
	q = query(kb, "SELECT source, collection FROM document WHERE id = :id");
	bind_text(&q, ":id", id);
	if (step(&q)) {
		data = json_object();
		json_put(data, "document", id);
		json_put(data, "source", column_text(&q, 0));
		json_put(data, "collection", column_text(&q, 1));
	}
	if ((code = done(&q)) < 0)
		return code;
	if (data == NULL)
		return err_set(ERR_NOINPUT, "no document %s", id);
	/* Not found from here on; told while it is still named. */
	code = db_begin(kb);
	if (code == 0) {
		q = query(kb,
		    "UPDATE document SET version = -1, passages = 0"
		    " WHERE id = :id");
		bind_text(&q, ":id", id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	e = new_event("document.removed", id, now_ms, data);
	if (code == 0)
		code = append(s, &e, 1);
	event_free(e);
	if (code == 0)
		code = sweep_document(kb, id);
	if (code == 0)
		code = db_begin(kb);
	if (code == 0) {
		q = query(kb, "DELETE FROM document WHERE id = :id");
		bind_text(&q, ":id", id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}
