/* catalog - what the base knows of its documents, for people */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "kb/catalog.h"
#include "kb/vector.h"

#define PIECES 64 /* read at once: no snapshot lasts long */

/* Documents as people see them: who waits for vectors has a state of its own. */
#define CARDS                                                               \
	"WITH card AS (SELECT *, state = 'ready' AND id IN (SELECT value"   \
	"  FROM json_each(:waiting)) AS waits FROM document"                \
	"  WHERE version >= 0),"                                            \
	" shown AS (SELECT *,"                                              \
	"  CASE WHEN waits THEN 'embedding' ELSE state END AS state_shown," \
	"  CASE WHEN waits THEN max(since_ms, :from) ELSE since_ms END"     \
	"   AS since_shown,"                                                \
	"  CASE WHEN waits THEN max(since_ms, :from) + :patience"           \
	"   ELSE deadline_ms END AS deadline_shown FROM card),"             \
	" known AS (SELECT *, state_shown <> 'ready' AND"                   \
	"  coalesce(deadline_shown, :now) < :now AS stalled FROM shown) "

static void
bind_cards(struct query *q, const struct kb_waiting *w, int64_t now_ms)
{
	bool any = w != NULL && w->documents != NULL;

	bind_text(q, ":waiting", any ? w->documents : "[]");
	bind_int(q, ":from", any ? w->from_ms : 0);
	bind_int(q, ":patience", any ? w->patience_ms : 0);
	bind_int(q, ":now", now_ms);
}

/* A list as the JSON array that a statement reads; NULL for all. */
static void
bind_list(struct query *q, const char *name, const char *const *list)
{
	json_t *array;
	char *text;

	if (list == NULL) {
		bind_null(q, name);
		return;
	}
	array = json_array();
	for (; *list != NULL; list++)
		json_array_append_new(array, json_text_new(*list));
	text = json_text(array);
	bind_text(q, name, text);
	free(text);
	json_decref(array);
}

static void
read_card(struct query *q, struct kb_card *c)
{
	memset(c, 0, sizeof(*c));
	c->id = column_copy(q, 0);
	c->source = column_copy(q, 1);
	c->collection = column_copy(q, 2);
	c->home = column_copy(q, 3);
	c->origin = column_copy(q, 4);
	c->url = column_copy(q, 5);
	c->title = column_copy(q, 6);
	c->own_title = column_copy(q, 7);
	c->description = column_copy(q, 8);
	c->own_description = column_copy(q, 9);
	c->language = column_copy(q, 10);
	c->type = column_copy(q, 11);
	c->extra = column_copy(q, 12);
	c->state = column_copy(q, 13);
	c->reason = column_copy(q, 14);
	c->failed_page = (int)column_int(q, 15);
	c->since_ms = column_int(q, 16);
	c->deadline_ms = column_int(q, 17);
	c->changed_ms = column_int(q, 18);
	c->modified_ms = column_int(q, 19);
	c->passages = column_int(q, 20);
	c->bytes = column_int(q, 21);
	c->is_stalled = column_int(q, 22) != 0;
	if (c->is_stalled) {
		free(c->reason);
		c->reason = xformat("took longer than %lld s",
		    (long long)(c->deadline_ms - c->since_ms) / 1000);
	}
}

/* The documents whose version that is found has one of these rows. */
static int
documents_of(struct db *kb, const int64_t *rows, size_t n, char **ret)
{
	struct query q = query(kb,
	    "SELECT json_group_array(id) FROM (SELECT DISTINCT d.id"
	    " FROM place p JOIN document d ON d.id = p.document"
	    " AND d.version = p.version"
	    " WHERE p.row IN (SELECT value FROM json_each(:rows)))");
	json_t *array = json_array();
	char *text;
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(array, json_integer(rows[i]));
	text = json_text(array);
	bind_text(&q, ":rows", text);
	if (step(&q))
		*ret = column_copy(&q, 0);
	free(text);
	json_decref(array);
	return done(&q);
}

static int
made_ms(struct db *kb, int64_t model, int64_t *ret)
{
	struct query q =
	    query(kb, "SELECT made_ms FROM vector_model WHERE id = :id");

	bind_int(&q, ":id", model);
	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

int
kb_waiting(struct db *kb, const char *model, const char *prefix,
    size_t dimensions, int64_t patience_ms, struct kb_waiting *ret)
{
	struct vector_model m = { 0 };
	int64_t *rows = NULL;
	size_t n = 0;
	int code;

	*ret = (struct kb_waiting){ .patience_ms = patience_ms };
	if (model == NULL)
		return 0;
	code = vector_find(kb, model, prefix, dimensions, &m);
	if (code == 1)
		code = made_ms(kb, m.id, &ret->from_ms);
	if (code == 0)
		code = vector_missing(kb, m.id != 0 ? &m : NULL, &rows, &n);
	if (code == 0 && n > 0)
		code = documents_of(kb, rows, n, &ret->documents);
	free(rows);
	vector_model_release(&m);
	return code;
}

void
kb_waiting_release(struct kb_waiting *w)
{
	free(w->documents);
	w->documents = NULL;
}

int
kb_cards(struct db *kb, const struct kb_choice *choice,
    const struct kb_card *after, int64_t now_ms, size_t max,
    struct kb_card **ret, size_t *ret_count)
{
	static const struct kb_choice all;
	struct query q = query(kb,
	    CARDS
	    "SELECT id, source, collection, home, origin, url, title,"
	    " own_title, coalesce(edited_description, description),"
	    " description, language, type, extra, state_shown, reason,"
	    " failed_page, since_shown, deadline_shown, changed_ms,"
	    " modified_ms, passages, bytes, stalled"
	    " FROM known WHERE (:after IS NULL OR (collection, source) > (:after, :source))"
	    " AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))"
	    " AND (:collections IS NULL OR collection IN"
	    "  (SELECT value FROM json_each(:collections)))"
	    " AND (:origins IS NULL OR origin IN"
	    "  (SELECT value FROM json_each(:origins)))"
	    " AND (:languages IS NULL OR EXISTS (SELECT 1"
	    "  FROM json_each(:languages) WHERE lower(language) = lower(value)"
	    "  OR lower(substr(language, 1, length(value) + 1)) = lower(value) || '-'))"
	    " AND (:states IS NULL OR CASE WHEN stalled THEN 'stalled'"
	    "  ELSE state_shown END IN (SELECT value FROM json_each(:states)))"
	    " AND (:sources IS NULL OR EXISTS (SELECT 1"
	    "  FROM json_each(:sources) WHERE value = source OR ("
	    "  substr(value, -1) IN ('/', '*') AND substr(source, 1,"
	    "  length(rtrim(value, '*'))) = rtrim(value, '*'))))"
	    " ORDER BY collection, source LIMIT :max");
	struct kb_card *cards = xcalloc(max, sizeof(*cards));
	size_t n = 0;
	int code;

	if (choice == NULL)
		choice = &all;
	bind_cards(&q, choice->waiting, now_ms);
	bind_text(&q, ":after", after != NULL ? after->collection : NULL);
	bind_text(&q, ":source", after != NULL ? after->source : NULL);
	bind_list(&q, ":ids", choice->ids);
	bind_list(&q, ":collections", choice->collections);
	bind_list(&q, ":origins", choice->origins);
	bind_list(&q, ":languages", choice->languages);
	bind_list(&q, ":states", choice->states);
	bind_list(&q, ":sources", choice->sources);
	bind_int(&q, ":max", (int64_t)max);
	while (n < max && step(&q))
		read_card(&q, &cards[n++]);
	code = done(&q);
	if (code < 0) {
		kb_cards_free(cards, n);
		return code;
	}
	*ret = cards;
	*ret_count = n;
	return 0;
}

void
kb_cards_free(struct kb_card *cards, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(cards[i].id);
		free(cards[i].source);
		free(cards[i].collection);
		free(cards[i].home);
		free(cards[i].origin);
		free(cards[i].url);
		free(cards[i].title);
		free(cards[i].own_title);
		free(cards[i].description);
		free(cards[i].own_description);
		free(cards[i].language);
		free(cards[i].type);
		free(cards[i].extra);
		free(cards[i].state);
		free(cards[i].reason);
	}
	free(cards);
}

int
kb_pieces(struct db *kb, const char *id, kb_piece_fn each, void *ctx)
{
	struct kb_piece p = { .ordinal = 0 };
	struct query q;
	int code = 0, got, n;

	do {
		n = 0;
		q = query(kb,
		    "SELECT x.id, x.section, p.language, p.text, x.ordinal,"
		    " x.start, x.\"end\", x.page, x.page_end,"
		    " (SELECT count(*) FROM place y WHERE y.row IN"
		    "  (SELECT p.row UNION SELECT s.row FROM passage s"
		    "   WHERE s.same >= substr(p.same, 1, 16) AND s.same <="
		    "   CAST(substr(p.same, 1, 16) || x'ffffffffffffffff'"
		    "   AS BLOB)))"
		    " FROM document d JOIN place x ON x.document = d.id"
		    " AND x.version = d.version"
		    " JOIN passage p ON p.row = x.row"
		    " WHERE d.id = :id AND x.ordinal > :after"
		    " ORDER BY x.ordinal LIMIT :max");
		bind_text(&q, ":id", id);
		bind_int(&q, ":after", p.ordinal);
		bind_int(&q, ":max", PIECES);
		while (code == 0 && step(&q)) {
			p.id = column_text(&q, 0);
			p.section = column_text(&q, 1);
			p.language = column_text(&q, 2);
			p.text = column_text(&q, 3);
			p.ordinal = column_int(&q, 4);
			p.start = column_int(&q, 5);
			p.end = column_int(&q, 6);
			p.page = (int)column_int(&q, 7);
			p.page_end = (int)column_int(&q, 8);
			p.places = column_int(&q, 9);
			code = each(ctx, &p);
			n++;
		}
		got = done(&q);
		if (code == 0)
			code = got;
	} while (code == 0 && n == PIECES);
	return code;
}

int
kb_dropped_lines(struct db *kb, const char *id, kb_dropped_fn each, void *ctx)
{
	struct query q = query(kb,
	    "SELECT x.line, x.count FROM document d JOIN dropped x"
	    " ON x.document = d.id AND x.version = d.version"
	    " WHERE d.id = :id ORDER BY x.rowid");
	int code = 0, got;

	bind_text(&q, ":id", id);
	while (code == 0 && step(&q))
		code = each(ctx, column_text(&q, 0), column_int(&q, 1));
	got = done(&q);
	return code < 0 ? code : got;
}

static int
read_number(struct db *kb, const char *sql, int64_t *ret)
{
	struct query q = query(kb, sql);

	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

int
kb_state_count(struct db *kb, const struct kb_waiting *waiting, int64_t now_ms,
    struct kb_state_count *ret)
{
	struct query q = query(kb,
	    CARDS "SELECT count(*) FILTER (WHERE state_shown = 'queued'),"
		  " count(*) FILTER (WHERE state_shown = 'extracting'),"
		  " count(*) FILTER (WHERE state_shown = 'indexing'),"
		  " count(*) FILTER (WHERE state_shown = 'embedding'),"
		  " count(*) FILTER (WHERE state_shown = 'ready'),"
		  " count(*) FILTER (WHERE state_shown = 'failed'),"
		  " count(*) FILTER (WHERE stalled), count(*),"
		  " coalesce(sum(passages), 0) FROM known");
	int64_t page = 0, pages = 0, unused = 0;
	int code;

	memset(ret, 0, sizeof(*ret));
	bind_cards(&q, waiting, now_ms);
	if (step(&q)) {
		ret->queued = column_int(&q, 0);
		ret->extracting = column_int(&q, 1);
		ret->indexing = column_int(&q, 2);
		ret->embedding = column_int(&q, 3);
		ret->ready = column_int(&q, 4);
		ret->failed = column_int(&q, 5);
		ret->stalled = column_int(&q, 6);
		ret->documents = column_int(&q, 7);
		ret->passages = column_int(&q, 8);
	}
	code = done(&q);
	if (code == 0)
		code = read_number(kb, "SELECT count(*) FROM passage",
		    &ret->texts);
	if (code == 0)
		code = read_number(kb, "PRAGMA page_size", &page);
	if (code == 0)
		code = read_number(kb, "PRAGMA page_count", &pages);
	if (code == 0)
		code = read_number(kb, "PRAGMA freelist_count", &unused);
	ret->file_bytes = page * pages;
	ret->free_bytes = page * unused;
	if (code == 0)
		code = read_number(kb,
		    "SELECT (SELECT coalesce(sum(length(data)), 0)"
		    "  FROM segment_blob) + (SELECT coalesce("
		    "  sum(length(term) + 12 + coalesce(length(data), 0)), 0)"
		    "  FROM segment_term)",
		    &ret->index_bytes);
	if (code == 0)
		code = read_number(kb,
		    "SELECT coalesce(sum(dead), 0) FROM segment"
		    " WHERE state = 1",
		    &ret->dead);
	if (code == 0)
		code = read_number(kb,
		    "SELECT count(*) FROM passage WHERE stale = 1",
		    &ret->stale);
	return code;
}
