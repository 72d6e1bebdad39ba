/*
 * copies - a text that stands in several places is kept and indexed once
 *
 * Words in the index cannot be changed, so a stale passage gets a new row: it
 * is made beside the old one with a version that no document has, indexed, and
 * takes its place and its copies in one transaction.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/eight.h"
#include "base/fault.h"
#include "base/str.h"
#include "kb/copies.h"
#include "kb/indexer.h"
#include "kb/segment.h"
#include "kb/sweep.h"
#include "kb/vector.h"

#define REWORDING (-2) /* version of a row that is not in its place yet */
#define REWORD_ROWS 4096

/* Whether the eight bytes at t are as they are put: without blanks but single
 * ones. A byte behind them is looked at. */
static bool
has_single_blanks(const char *t)
{
	uint64_t here = eight_at(t) ^ EACH_BYTE(' '),
		 next = eight_at(t + 1) ^ EACH_BYTE(' ');

	return eight_below(eight_at(t), '\n' + 1) == 0 &&
	    eight_below(here | next, 1) == 0;
}

/* The words of text, one blank behind each, whatever was between them; the
 * end. There is room for one byte more than text has. */
static char *
put_words(char *to, const char *text)
{
	const char *t = text, *end = text + strlen(text);
	char *begin = to;

	while (t < end) {
		while (end - t > 8 && to > begin && to[-1] != ' ' &&
		    has_single_blanks(t)) {
			memcpy(to, t, 8);
			to += 8;
			t += 8;
		}
		if (*t != ' ' && *t != '\t' && *t != '\n')
			*to++ = *t++;
		else {
			t++;
			if (to > begin && to[-1] != ' ')
				*to++ = ' ';
		}
	}
	if (to > begin && to[-1] != ' ')
		*to++ = ' ';
	return to;
}

void
copies_hash(const struct kb_passage *p, const char *title,
    unsigned char ret[COPIES_HASH_BYTES])
{
	size_t language = strlen(p->language) + 1, shape = strlen(p->shape) + 1;
	unsigned char head[KB_SAME_TEXT_BYTES];
	char *all = xmalloc(language + shape + strlen(p->text) + 1), *end = all;

	memcpy(end, p->language, language);
	end += language;
	memcpy(end, p->shape, shape);
	end += shape;
	end = put_words(end, p->text);
	crypto_generichash(ret, KB_SAME_TEXT_BYTES, (const unsigned char *)all,
	    (size_t)(end - all), NULL, 0);
	free(all);
	all = xformat("%s\n%s", title != NULL ? title : "", p->section);
	crypto_generichash(head, sizeof(head), (const unsigned char *)all,
	    strlen(all), NULL, 0);
	free(all);
	memcpy(ret + KB_SAME_TEXT_BYTES, head,
	    COPIES_HASH_BYTES - KB_SAME_TEXT_BYTES);
}

int
copies_find(struct db *kb, const unsigned char hash[COPIES_HASH_BYTES],
    int64_t *ret_row)
{
	struct query q = query(kb,
	    "SELECT row FROM passage WHERE same = :same ORDER BY row LIMIT 1");

	*ret_row = 0;
	bind_lent_blob(&q, ":same", hash, COPIES_HASH_BYTES);
	if (step(&q))
		*ret_row = column_int(&q, 0);
	return done(&q);
}

int
copies_add(struct db *kb, int64_t row, const char *id, const char *document,
    int64_t version, int64_t ordinal, const struct kb_passage *p)
{
	struct query q = query(kb,
	    "INSERT INTO passage_copy (row, id, document, version, ordinal,"
	    " section, start, \"end\", page, page_end)"
	    " VALUES (:row, :id, :document, :version, :ordinal, :section,"
	    " :start, :end, :page, :page_end)");

	bind_int(&q, ":row", row);
	bind_text(&q, ":id", id);
	bind_text(&q, ":document", document);
	bind_int(&q, ":version", version);
	bind_int(&q, ":ordinal", ordinal);
	bind_text(&q, ":section", p->section);
	bind_int(&q, ":start", p->start);
	bind_int(&q, ":end", p->end);
	if (p->page > 0) {
		bind_int(&q, ":page", p->page);
		bind_int(&q, ":page_end", p->page_end);
	}
	step(&q);
	return done(&q);
}

/* --- places --- */

struct pair {
	int64_t row, other;
};

struct pairs {
	struct pair *pair;
	size_t count;
};

static void
add_pair(struct pairs *l, int64_t row, int64_t other)
{
	if ((l->count & (l->count - 1)) == 0)
		l->pair = xrealloc(l->pair,
		    (l->count > 0 ? 2 * l->count : 1) * sizeof(*l->pair));
	l->pair[l->count++] = (struct pair){ row, other };
}

/* The place of a row becomes that of its copy. */
static int
promote(struct db *kb, const struct pair *p, const char *title_was, bool stale)
{
	struct query q = query(kb,
	    "UPDATE passage SET stale = passage.stale OR :stale"
	    "  OR passage.section <> c.section OR :title IS NOT c.title,"
	    " id = c.id, document = c.document, version = c.version,"
	    " ordinal = c.ordinal, section = c.section, start = c.start,"
	    " \"end\" = c.\"end\", page = c.page, page_end = c.page_end"
	    " FROM (SELECT x.*, d.title FROM passage_copy x JOIN document d"
	    "  ON d.id = x.document WHERE x.copy = :copy) AS c"
	    " WHERE passage.row = :row");
	int code;

	bind_int(&q, ":stale", stale);
	bind_text(&q, ":title", title_was);
	bind_int(&q, ":copy", p->other);
	bind_int(&q, ":row", p->row);
	step(&q);
	if ((code = done(&q)) < 0)
		return code;
	q = query(kb, "DELETE FROM passage_copy WHERE copy = :copy");
	bind_int(&q, ":copy", p->other);
	step(&q);
	return done(&q);
}

static int
promote_all(struct db *kb, struct query *q, const char *title_was, bool stale)
{
	struct pairs l = { NULL, 0 };
	size_t i;
	int code;

	while (step(q))
		add_pair(&l, column_int(q, 0), column_int(q, 1));
	code = done(q);
	for (i = 0; i < l.count && code == 0; i++)
		code = promote(kb, &l.pair[i], title_was, stale);
	free(l.pair);
	return code;
}

int
copies_settle(struct db *kb, const char *document, int64_t version,
    const char *title_was)
{
	struct query q = query(kb,
	    "SELECT p.row, min(c.copy) FROM passage p"
	    " JOIN passage_copy c ON c.row = p.row"
	    " JOIN document d ON d.id = c.document AND d.version = c.version"
	    " WHERE p.document = :document AND p.version <> :version"
	    " GROUP BY p.row");
	int code;

	bind_text(&q, ":document", document);
	bind_int(&q, ":version", version);
	code = promote_all(kb, &q, title_was, false);
	if (code < 0 || version <= 0)
		return code;
	/* What stood with another document, which in the same batch has lost
	 * it: nobody knows its title any more. */
	q = query(kb,
	    "SELECT c.row, min(c.copy) FROM passage_copy c"
	    " JOIN passage p ON p.row = c.row"
	    " JOIN document d ON d.id = p.document"
	    " WHERE c.document = :document AND c.version = :version"
	    " AND p.version <> d.version GROUP BY c.row");
	bind_text(&q, ":document", document);
	bind_int(&q, ":version", version);
	return promote_all(kb, &q, NULL, true);
}

#define DELETE_COPY "DELETE FROM passage_copy WHERE copy = :row"
#define DELETE_DROPPED "DELETE FROM dropped WHERE rowid = :row"

int
copies_sweep(struct db *kb, const char *document)
{
	int code;

	if (document == NULL) {
		code = sweep_rows(kb,
		    "SELECT c.copy FROM passage_copy c JOIN document d"
		    " ON d.id = c.document WHERE c.version <> d.version"
		    " LIMIT 64",
		    DELETE_COPY, NULL, NULL);
		return code < 0 ? code :
				  sweep_rows(kb,
				      "SELECT c.rowid FROM dropped c"
				      " JOIN document d ON d.id = c.document"
				      " WHERE c.version <> d.version LIMIT 64",
				      DELETE_DROPPED, NULL, NULL);
	}
	code = sweep_rows(kb,
	    "SELECT c.copy FROM document d JOIN passage_copy c"
	    " ON c.document = d.id AND c.version <> d.version"
	    " WHERE d.id = :document LIMIT 64",
	    DELETE_COPY, document, NULL);
	return code < 0 ? code :
			  sweep_rows(kb,
			      "SELECT c.rowid FROM document d JOIN dropped c"
			      " ON c.document = d.id"
			      " AND c.version <> d.version"
			      " WHERE d.id = :document LIMIT 64",
			      DELETE_DROPPED, document, NULL);
}

int
copies_sweep_gone(struct db *kb)
{
	int code = sweep_rows(kb,
	    "SELECT c.copy FROM document d JOIN passage_copy c"
	    " ON c.document = d.id WHERE d.version < 0 LIMIT 64",
	    DELETE_COPY, NULL, NULL);

	return code < 0 ? code :
			  sweep_rows(kb,
			      "SELECT c.rowid FROM document d JOIN dropped c"
			      " ON c.document = d.id"
			      " WHERE d.version < 0 LIMIT 64",
			      DELETE_DROPPED, NULL, NULL);
}

/* --- words --- */

/* New rows beside the stale ones, in turns. */
static int
double_rows(struct db *kb, struct pairs *l)
{
	struct query q = query(kb,
	    "SELECT row FROM passage WHERE stale = 1 ORDER BY row LIMIT :max");
	size_t i = 0;
	int code;

	bind_int(&q, ":max", REWORD_ROWS);
	while (step(&q))
		add_pair(l, column_int(&q, 0), 0);
	code = done(&q);
	while (i < l->count && code == 0) {
		code = db_begin(kb);
		while (i < l->count && code == 0) {
			q = query(kb,
			    "INSERT INTO passage (id, document, version,"
			    " ordinal, section, language, start, \"end\","
			    " page, page_end, shape, text, same)"
			    " SELECT id, document, :version, ordinal, section,"
			    " language, start, \"end\", page, page_end, shape,"
			    " text, same FROM passage WHERE row = :row");
			bind_int(&q, ":version", REWORDING);
			bind_int(&q, ":row", l->pair[i].row);
			step(&q);
			code = done(&q);
			l->pair[i++].other = db_last_row(kb);
			if (db_turn_over(kb))
				break;
		}
		if (code == 0)
			code = db_commit(kb);
		db_rollback(kb);
	}
	return code;
}

static int
index_rows(struct db *kb, struct analyser *a, const struct pairs *l)
{
	struct indexer *x = indexer_new(a);
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; i < l->count && code == 0; i++) {
		q = query(kb,
		    "SELECT d.title, p.section, p.text, p.language"
		    " FROM passage p JOIN document d ON d.id = p.document"
		    " WHERE p.row = :row");
		bind_int(&q, ":row", l->pair[i].other);
		if (step(&q))
			indexer_add(x, l->pair[i].other, column_text(&q, 0),
			    column_text(&q, 1), column_text(&q, 2),
			    column_text(&q, 3));
		code = done(&q);
	}
	if (code == 0)
		code = indexer_write(x, kb, 0, NULL);
	indexer_free(x);
	return code;
}

static int
run_on_pair(struct db *kb, const char *sql, const struct pair *p)
{
	struct query q = query(kb, sql);

	bind_int(&q, ":old", p->row);
	bind_int(&q, ":new", p->other);
	step(&q);
	return done(&q);
}

/* The new rows take the place of the old ones, in turns. */
static int
replace_rows(struct db *kb, const struct pairs *l)
{
	int64_t gone[DB_BATCH_ROWS], come[DB_BATCH_ROWS];
	size_t i = 0, n;
	int code = 0;

	while (i < l->count && code == 0) {
		n = 0;
		code = db_begin(kb);
		while (i < l->count && n < DB_BATCH_ROWS && code == 0) {
			const struct pair *p = &l->pair[i++];

			gone[n] = p->row;
			come[n++] = p->other;
			code = run_on_pair(kb,
			    "UPDATE passage_copy SET row = :new"
			    " WHERE row = :old",
			    p);
			if (code == 0)
				code = run_on_pair(kb,
				    "UPDATE passage SET version ="
				    " (SELECT version FROM passage"
				    " WHERE row = :old) WHERE row = :new",
				    p);
			if (code == 0)
				code = run_on_pair(kb,
				    "DELETE FROM passage WHERE row = :old"
				    " AND row <> :new",
				    p);
			if (db_turn_over(kb))
				break;
		}
		if (code == 0)
			code = segment_forget(kb, gone, n);
		if (code == 0)
			code = vector_move(kb, gone, come, n);
		if (code == 0)
			code = vector_forget(kb, gone, n);
		if (code == 0)
			code = db_commit(kb);
		db_rollback(kb);
		fault("kb-ingest.reworded-some");
	}
	return code;
}

int
kb_reword(struct db *kb, struct analyser *a)
{
	struct analyser *own = NULL;
	struct pairs l;
	size_t count = 0;
	int code;

	for (;;) {
		l = (struct pairs){ NULL, 0 };
		code = double_rows(kb, &l);
		if (l.count > 0 && a == NULL)
			a = own = analyser_new();
		if (code == 0 && l.count > 0)
			code = index_rows(kb, a, &l);
		if (l.count > 0)
			fault("kb-ingest.rewording");
		if (code == 0)
			code = replace_rows(kb, &l);
		free(l.pair);
		if (code < 0 || l.count == 0)
			break;
		count += l.count;
	}
	analyser_free(own);
	return code < 0 || count == 0 ? code : segment_merge(kb);
}
