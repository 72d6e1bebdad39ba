/*
 * index - documents into the base, and out of it
 *
 * Holds: a document's passages are the rows of its version; term has a row
 * for each row of passage, and term_index one for each row of term. The three
 * are written and deleted in one transaction.
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
#include "kb/index.h"
#include "store/log.h"

#define STAGE "kb-ingest"

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
	struct query q = query(kb,
	    "INSERT INTO term_index (term_index, rowid, title, section, body)"
	    " SELECT 'delete', row, title, section, body FROM term"
	    " WHERE row = :row");
	int code;

	bind_int(&q, ":row", row);
	step(&q);
	if ((code = done(&q)) < 0)
		return code;
	q = query(kb, "DELETE FROM term WHERE row = :row");
	bind_int(&q, ":row", row);
	step(&q);
	if ((code = done(&q)) < 0)
		return code;
	q = query(kb, "DELETE FROM passage WHERE row = :row");
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
			i = n;
	}
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
	return code;
}

/* The words of one passage, made before the transaction. */
struct words {
	struct buf title, section, body;
	char id[SHORT_ID_BYTES];
};

static void
make_words(struct analyser *a, const struct kb_document *d,
    const struct kb_passage *p, struct words *w)
{
	buf_reset(&w->title);
	buf_reset(&w->section);
	buf_reset(&w->body);
	analyse(a, d->title, strlen(d->title), p->language, &w->title);
	analyse(a, p->section, strlen(p->section), p->language, &w->section);
	analyse(a, p->text, strlen(p->text), p->language, &w->body);
	id_short(w->id, "passage", d->id, p->section, p->text, NULL);
}

static const char *
text_of(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

static int
insert_row(struct db *kb, const struct kb_document *d, int64_t version,
    int64_t ordinal, const struct kb_passage *p, const struct words *w)
{
	struct query q = query(kb,
	    "INSERT INTO passage (id, document, version, ordinal, section,"
	    " language, start, \"end\", page, page_end, shape, text)"
	    " VALUES (:id, :document, :version, :ordinal, :section,"
	    " :language, :start, :end, :page, :page_end, :shape, :text)");
	int64_t row;
	int code;

	bind_text(&q, ":id", w->id);
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
	if ((code = done(&q)) < 0)
		return code;
	row = sqlite3_last_insert_rowid(db_handle(kb));
	q = query(kb,
	    "INSERT INTO term (row, title, section, body)"
	    " VALUES (:row, :title, :section, :body)");
	bind_int(&q, ":row", row);
	bind_text(&q, ":title", text_of(&w->title));
	bind_text(&q, ":section", text_of(&w->section));
	bind_text(&q, ":body", text_of(&w->body));
	step(&q);
	if ((code = done(&q)) < 0)
		return code;
	q = query(kb,
	    "INSERT INTO term_index (rowid, title, section, body)"
	    " VALUES (:row, :title, :section, :body)");
	bind_int(&q, ":row", row);
	bind_text(&q, ":title", text_of(&w->title));
	bind_text(&q, ":section", text_of(&w->section));
	bind_text(&q, ":body", text_of(&w->body));
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

/* In a transaction: the new version is the one that is found. */
static int
swap(struct db *kb, const struct kb_document *d,
    const struct kb_passages *passages, int64_t version, int64_t now_ms)
{
	struct query q;
	int code = put_state(kb, d, "ready", NULL, now_ms);

	if (code < 0)
		return code;
	q = query(kb,
	    "UPDATE document SET title = :title, language = :language,"
	    " type = :type, fingerprint = :fingerprint, version = :version,"
	    " bytes = :bytes, passages = :passages WHERE id = :id");
	bind_text(&q, ":title", d->title);
	bind_text(&q, ":language", passages->language);
	bind_text(&q, ":type", kb_type_names[d->type]);
	bind_text(&q, ":fingerprint", d->fingerprint);
	bind_int(&q, ":version", version);
	bind_int(&q, ":bytes", d->bytes);
	bind_int(&q, ":passages", (int64_t)passages->count);
	bind_text(&q, ":id", d->id);
	step(&q);
	return done(&q);
}

int
kb_replace(struct db *kb, struct analyser *a, const struct kb_document *d,
    const struct kb_passages *passages, int64_t now_ms)
{
	struct words *words;
	int64_t version = 1;
	size_t done_rows = 0, made, i;
	int code = versions(kb, d->id, &version);

	words = xcalloc(DB_BATCH_ROWS, sizeof(*words));
	while (code == 0) {
		/* Analyse outside of the transaction, then write. */
		for (made = 0;
		     made < DB_BATCH_ROWS && done_rows + made < passages->count;
		     made++)
			make_words(a, d, &passages->passage[done_rows + made],
			    &words[made]);
		code = db_begin(kb);
		if (code == 0 && done_rows == 0 && version == 1)
			code = put_state(kb, d, "queued", NULL, now_ms);
		for (i = 0; i < made && code == 0; i++) {
			code =
			    insert_row(kb, d, version, (int64_t)done_rows + 1,
				&passages->passage[done_rows], &words[i]);
			done_rows++;
			if (db_turn_over(kb))
				i = made;
		}
		if (code == 0 && done_rows == passages->count) {
			fault("kb-ingest.before-swap");
			code = swap(kb, d, passages, version, now_ms);
			if (code == 0)
				code = db_commit(kb);
			break;
		}
		if (code == 0)
			code = db_commit(kb);
		fault("kb-ingest.built-some");
	}
	db_rollback(kb);
	for (i = 0; i < DB_BATCH_ROWS; i++) {
		buf_release(&words[i].title);
		buf_release(&words[i].section);
		buf_release(&words[i].body);
	}
	free(words);
	fault("kb-ingest.after-swap");
	return code < 0 ? code : sweep_document(kb, d->id);
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
