/* words - which messages hold which words */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/message.h"
#include "desk/parts.h"
#include "desk/transcript.h"
#include "desk/words.h"

#define BATCH_DOCS 256	     /* read and folded between two transactions */
#define PLACE_BITS 20	     /* of a doc: messages of one millisecond */
#define WORD_MAX_BYTES 64    /* longer ones are cut, here and in questions */
#define MERGE_PAGES 64	     /* of the index, in a turn */
#define AROUND_BYTES 40	     /* of a text before the word that fits */
#define BROAD_CHARACTERS 3   /* shorter beginnings are many words' */
#define NEWEST_DOCS 4096     /* looked at one by one for those */
#define NEWEST_FOUND 4096    /* by the index, whatever is filtered */
#define BROAD_DOCS 16384     /* are looked through rather than the index */
#define FEW_CONVERSATIONS 64 /* are looked through */
#define WA_MS_MAX (INT64_C(1) << 42)

/* Han, kana, Thai, Lao, Khmer, Myanmar: no spaces between words. */
static bool
is_unspaced(uint32_t c)
{
	return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x4dbf) ||
	    (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	    (c >= 0x20000 && c <= 0x3134f) || (c >= 0x0e00 && c <= 0x0eff) ||
	    (c >= 0x1780 && c <= 0x17ff) || (c >= 0x1000 && c <= 0x109f);
}

static void
add_word(struct buf *b, const char *word, size_t len)
{
	if (b->len > 0)
		buf_addc(b, ' ');
	buf_add(b, word, utf8_cut(word, len, WORD_MAX_BYTES));
}

/* A stretch of an unspaced script: its characters if they are to be found
 * alone, and each two that stand together. */
static void
add_unspaced(struct buf *b, const char *p, const char *end, bool singles)
{
	const char *before = NULL, *start;

	while (p < end) {
		start = p;
		utf8_next(&p, end);
		if (singles || (before == NULL && p == end))
			add_word(b, start, (size_t)(p - start));
		if (before != NULL)
			add_word(b, before, (size_t)(p - before));
		before = start;
	}
}

/* One word, as utf8_words() gives them. */
static void
add_folded(struct buf *b, const char *word, const char *end, bool singles)
{
	const char *p = word, *start = word, *before;
	bool unspaced = false, is;
	uint32_t c;

	while (p < end) {
		before = p;
		c = utf8_next(&p, end);
		is = is_unspaced(c);
		if (is != unspaced && before > start) {
			if (unspaced)
				add_unspaced(b, start, before, singles);
			else
				add_word(b, start, (size_t)(before - start));
			start = before;
		}
		unspaced = is;
	}
	if (unspaced)
		add_unspaced(b, start, end, singles);
	else if (end > start)
		add_word(b, start, (size_t)(end - start));
}

/* The words of text, apart by blanks, at the end of b. */
static void
add_words(struct buf *b, const char *text, bool singles)
{
	char *words = utf8_words(text);
	const char *p = words, *end;

	for (;;) {
		p += strspn(p, " ");
		if (*p == '\0')
			break;
		end = p + strcspn(p, " ");
		add_folded(b, p, end, singles);
		p = end;
	}
	free(words);
}

/* --- the index --- */

/* A message that is due. */
struct doc {
	int64_t n; /* word_due.n */
	int64_t wa_ms;
	char message[ULID_BYTES];
	char *words; /* NULL: none */
};

static void
docs_free(struct doc *docs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(docs[i].words);
	free(docs);
}

/* All that people would look for in a message; NULL: nothing. */
static char *
doc_words(const char *kind, const char *text, const char *content_text)
{
	struct buf all = BUF_INIT(0), words = BUF_INIT(0);
	json_t *content = NULL;
	char *gist;
	size_t skip = strlen(kind) + 2;

	if (strcmp(kind, "reaction") == 0 || strcmp(kind, "revoke") == 0)
		return NULL;
	if (content_text != NULL)
		json_object_parse(content_text, strlen(content_text), &content);
	gist = message_gist(kind, text, content);
	/* "[image] my parcel" is of a parcel. */
	if (strcmp(kind, "text") == 0 || *gist != '[' || strlen(gist) < skip)
		skip = 0;
	buf_adds(&all, gist + skip);
	if (content != NULL) {
		buf_addc(&all, '\n');
		message_parts(kind, content, &all);
	}
	add_words(&words, all.data, true);
	free(gist);
	buf_release(&all);
	json_decref(content);
	return words.len > 0 ? buf_detach(&words) : NULL;
}

static int
by_time(const void *one, const void *other)
{
	const struct doc *a = one, *b = other;

	if (a->wa_ms != b->wa_ms)
		return a->wa_ms < b->wa_ms ? -1 : 1;
	return (a->n > b->n) - (a->n < b->n);
}

/* Whether what the edit m changes is here, whose words it makes then. */
#define IS_HELD_SQL                                                     \
	"EXISTS (SELECT 1 FROM message o WHERE o.instance = m.instance" \
	" AND o.wamid = m.quoted AND o.contact = m.contact"             \
	" AND (o.direction = 'in') = (m.direction = 'in'))"

static int
read_due(struct store *s, struct doc **ret, size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT d.n, d.message, m.wa_ms, m.kind, " TEXT_NOW_SQL ","
	    " m.content, m.erased OR (m.kind = 'edit' AND " IS_HELD_SQL ")"
	    " FROM word_due d"
	    " LEFT JOIN message m ON m.id = d.message ORDER BY d.n LIMIT :max");
	struct doc *docs = xcalloc(BATCH_DOCS, sizeof(*docs)), *d;
	size_t n = 0;
	int code;

	bind_int(&q, ":max", BATCH_DOCS);
	while (step(&q)) {
		d = &docs[n++];
		d->n = column_int(&q, 0);
		snprintf(d->message, sizeof(d->message), "%s",
		    column_text(&q, 1));
		d->wa_ms = column_int(&q, 2);
		if (d->wa_ms < 0 || d->wa_ms >= WA_MS_MAX)
			d->wa_ms = 0;
		if (column_text(&q, 3) != NULL && column_int(&q, 6) == 0)
			d->words = doc_words(column_text(&q, 3),
			    column_text(&q, 4), column_text(&q, 5));
	}
	code = done(&q);
	if (code < 0) {
		docs_free(docs, n);
		return code;
	}
	/* The index takes them in order at half the cost. */
	if (n > 0)
		qsort(docs, n, sizeof(*docs), by_time);
	*ret = docs;
	*ret_count = n;
	return 0;
}

static int
index_write(struct store *s, const char *command, int64_t doc,
    const char *words)
{
	struct query q = query(store_desk(s),
	    command != NULL ?
		"INSERT INTO word_index (word_index, rowid, words)"
		" VALUES ('delete', :doc, :words)" :
		"INSERT INTO word_index (rowid, words) VALUES (:doc, :words)");

	bind_int(&q, ":doc", doc);
	bind_text(&q, ":words", words);
	step(&q);
	return done(&q);
}

/* What triggers left to be taken out. */
static int
take_out_gone(struct store *s)
{
	struct query q = query(store_desk(s),
	    "SELECT n, doc, words FROM word_gone ORDER BY n LIMIT :max");
	struct db *db = store_desk(s);
	int64_t last = 0;
	int code = 0;

	bind_int(&q, ":max", BATCH_DOCS);
	while (code == 0 && step(&q)) {
		last = column_int(&q, 0);
		code = index_write(s, "delete", column_int(&q, 1),
		    column_text(&q, 2));
	}
	if (done(&q) < 0 || code < 0)
		return code < 0 ? code : q.code;
	if (last == 0)
		return 0;
	q = query(db, "DELETE FROM word_gone WHERE n <= :last");
	bind_int(&q, ":last", last);
	step(&q);
	return done(&q);
}

/* 1 if the index had the message. */
static int
take_out(struct store *s, const char *message)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM word_doc WHERE message = :message"
	    " RETURNING doc, words");
	char *words = NULL;
	int64_t doc = 0;
	int code;

	bind_text(&q, ":message", message);
	if (step(&q)) {
		doc = column_int(&q, 0);
		words = column_copy(&q, 1);
	}
	code = done(&q);
	if (code == 0 && words != NULL)
		code = index_write(s, "delete", doc, words);
	/* It may be what was erased while it was made. */
	if (code == 0 && words != NULL)
		code = db_exec(store_desk(s),
		    "INSERT OR IGNORE INTO meta (key, value)"
		    " VALUES ('scrub', 'desk')");
	code = code < 0 ? code : words != NULL;
	free(words);
	return code;
}

static int
put_in(struct store *s, const struct doc *d)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO word_doc (doc, message, words) SELECT coalesce("
	    " (SELECT max(doc) + 1 FROM word_doc WHERE doc >= :first"
	    "  AND doc < :last), :first), :message, :words RETURNING doc");
	int64_t doc = 0, first = d->wa_ms << PLACE_BITS;
	int code;

	bind_int(&q, ":first", first);
	bind_int(&q, ":last", first + (INT64_C(1) << PLACE_BITS) - 1);
	bind_text(&q, ":message", d->message);
	bind_text(&q, ":words", d->words);
	if (step(&q))
		doc = column_int(&q, 0);
	code = done(&q);
	return code < 0 ? code : index_write(s, NULL, doc, d->words);
}

/* Unless another process has done it by now, or knows better: what changed
 * since it was read is due anew. */
static int
index_doc(struct store *s, const struct doc *d)
{
	struct query q =
	    query(store_desk(s), "DELETE FROM word_due WHERE n = :n");
	int code;

	bind_int(&q, ":n", d->n);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(s)) == 0)
		return code;
	code = take_out(s, d->message);
	return code < 0 || d->words == NULL ? code : put_in(s, d);
}

static bool
are_due(struct store *s, int64_t at_least)
{
	struct query q = query(store_desk(s),
	    "SELECT (SELECT count(*) FROM (SELECT 1 FROM word_due LIMIT :n))"
	    " + (SELECT count(*) FROM (SELECT 1 FROM word_gone LIMIT :n))");
	bool due;

	bind_int(&q, ":n", at_least);
	due = step(&q) && column_int(&q, 0) >= at_least;
	return done(&q) == 0 && due;
}

/* A turn's work of docs from *i on, in one transaction. */
static int
index_some(struct store *s, const struct doc *docs, size_t n, size_t *i)
{
	int code = store_begin(s);

	if (code == 0)
		code = take_out_gone(s);
	while (code >= 0 && *i < n) {
		code = index_doc(s, &docs[(*i)++]);
		if (db_turn_over(store_desk(s)))
			break;
	}
	if (code >= 0)
		return store_commit(s);
	store_rollback(s);
	return code;
}

int
words_index(struct store *s, int64_t at_least)
{
	struct doc *docs = NULL;
	size_t n = 0, i = 0;
	int code;

	if (!are_due(s, at_least))
		return 0;
	code = read_due(s, &docs, &n);
	if (code < 0)
		return code;
	do
		code = index_some(s, docs, n, &i);
	while (code == 0 && i < n);
	docs_free(docs, n);
	return code < 0 ? code : are_due(s, at_least);
}

int
words_due(struct store *s, int64_t *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(max(n) - min(n) + 1, 0) FROM word_due");

	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

/* A step of making all parts of the index one, in which what was taken out
 * leaves no trace; 1 if there is more to do. */
static int
merge_some(struct store *s, int64_t pages)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO word_index (word_index, rank)"
	    " VALUES ('merge', :pages)");
	sqlite3 *handle = db_handle(store_desk(s));
	int before = sqlite3_total_changes(handle), code;

	bind_int(&q, ":pages", pages);
	step(&q);
	code = done(&q);
	/* As SQLite's manual has it: less than two is nothing. */
	return code < 0 ? code : sqlite3_total_changes(handle) - before >= 2;
}

static int
purge(struct store *s)
{
	int64_t pages = -MERGE_PAGES;
	int code, more;

	do {
		more = 0;
		code = store_begin(s);
		if (code < 0)
			return code;
		code = merge_some(s, pages);
		if (code >= 0) {
			more = code;
			code = store_commit(s);
		} else
			store_rollback(s);
		pages = MERGE_PAGES;
	} while (code == 0 && more == 1);
	return code;
}

bool
words_must_wipe(struct store *s)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM meta WHERE key IN ('scrub', 'scrubbing')");
	bool must = step(&q);

	done(&q);
	return must;
}

static int
change_meta(struct store *s, const char *sql)
{
	int code = store_begin(s);

	if (code < 0)
		return code;
	code = db_exec(store_desk(s), sql);
	if (code == 0)
		return store_commit(s);
	store_rollback(s);
	return code;
}

int
words_wipe(struct store *s)
{
	/* What is erased from here on is for the next time. */
	int code = change_meta(s,
	    "INSERT OR IGNORE INTO meta (key, value)"
	    " VALUES ('scrubbing', 'desk');"
	    "DELETE FROM meta WHERE key = 'scrub'");
	int more = 1;

	while (code == 0 && more == 1) {
		more = words_index(s, 1);
		code = more < 0 ? more : 0;
	}
	return code < 0 ? code : purge(s);
}

int
words_wiped(struct store *s)
{
	return change_meta(s, "DELETE FROM meta WHERE key = 'scrubbing'");
}

/* --- questions --- */

static void
question_add(struct question *q, struct buf *match, const char *word,
    bool is_begin)
{
	q->words = xrealloc(q->words, (q->count + 1) * sizeof(*q->words));
	q->is_begin =
	    xrealloc(q->is_begin, (q->count + 1) * sizeof(*q->is_begin));
	q->words[q->count] = xstrdup(word);
	q->is_begin[q->count++] = is_begin;
	if (is_begin && utf8_length(word) < BROAD_CHARACTERS)
		q->is_broad = true;
	buf_addf(match, "%s\"%s\"%s", match->len > 0 ? " AND " : "", word,
	    is_begin ? "*" : "");
}

int
question_init(struct question *q, const char *const *words, size_t count)
{
	struct buf match = BUF_INIT(0), b;
	char *folded, *word, *rest;
	size_t i;

	memset(q, 0, sizeof(*q));
	for (i = 0; i < count; i++) {
		b = (struct buf)BUF_INIT(0);
		add_words(&b, words[i], false);
		rest = folded = buf_detach(&b);
		while ((word = strsep(&rest, " ")) != NULL)
			if (*word != '\0')
				question_add(q, &match, word,
				    rest == NULL && str_ends(words[i], "*"));
		free(folded);
	}
	if (q->count == 0)
		return err_set(ERR_USAGE, "there is no word to look for");
	q->match = buf_detach(&match);
	return 0;
}

void
question_release(struct question *q)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		free(q->words[i]);
	free(q->words);
	free(q->is_begin);
	free(q->match);
	memset(q, 0, sizeof(*q));
}

/* Whether one word is among those of a message. */
static bool
has_word(const char *words, const char *word, bool is_begin)
{
	size_t len = strlen(word);
	const char *p = words;

	while ((p = strstr(p, word)) != NULL) {
		if ((p == words || p[-1] == ' ') &&
		    (is_begin || p[len] == ' ' || p[len] == '\0'))
			return true;
		p += len;
	}
	return false;
}

static bool
has_all(const char *words, const struct question *q)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (!has_word(words, q->words[i], q->is_begin[i]))
			return false;
	return true;
}

static void
read_found(struct query *q, struct found *f)
{
	const char *content_text = column_text(q, 11);
	json_t *content = NULL;

	f->place = column_int(q, 0);
	snprintf(f->message, sizeof(f->message), "%s", column_text(q, 1));
	snprintf(f->conversation, sizeof(f->conversation), "%s",
	    column_text(q, 2));
	f->instance = column_copy(q, 3);
	f->contact = column_copy(q, 4);
	f->direction = column_copy(q, 5);
	f->kind = column_copy(q, 6);
	f->name = column_copy(q, 7);
	f->author = column_copy(q, 8);
	f->text = column_copy(q, 9);
	f->wa_ms = column_int(q, 10);
	if (content_text != NULL)
		json_object_parse(content_text, strlen(content_text), &content);
	f->is_edited = column_int(q, 12) != 0;
	f->is_deleted = column_int(q, 13) != 0;
	f->gist = message_gist(f->kind, f->text, content);
	json_decref(content);
}

#define FOUND_COLUMNS_SQL                                         \
	"m.id, c.id, m.instance, c.contact, m.direction, m.kind," \
	" ct.name, m.author, " TEXT_NOW_SQL ", m.wa_ms,"          \
	" m.content, " EDITED_SQL ", " DELETED_SQL
#define FOUND_JOIN_SQL                                        \
	" CROSS JOIN message m ON m.id = d.message"           \
	" CROSS JOIN conversation c ON c.id = m.conversation" \
	" CROSS JOIN contact ct ON ct.id = c.contact"
#define FOUND_FILTER_SQL LISTING_STATUS_SQL LISTING_FILTER_SQL

/* A search that goes on. */
struct hunt {
	struct store *s;
	const struct question *question;
	const struct listing_filter *filter;
	int64_t since, place; /* docs from, and before */
	struct found *list;
	size_t n, max;
};

/* By the index, newest first, in the order of this list of tables whatever the
 * planner thinks of the filters: what is found is few, or wanted in order. */
static int
hunt_index(struct hunt *h)
{
	struct query q = query(store_desk(h->s),
	    "SELECT w.rowid, " FOUND_COLUMNS_SQL
	    " FROM word_index w CROSS JOIN word_doc d ON d.doc = w.rowid" FOUND_JOIN_SQL
	    " WHERE word_index MATCH :match AND w.rowid >= :since"
	    " AND w.rowid < :place" FOUND_FILTER_SQL
	    " ORDER BY w.rowid DESC LIMIT :max");

	bind_text(&q, ":match", h->question->match);
	bind_int(&q, ":since", h->since);
	bind_int(&q, ":place", h->place);
	listing_bind(&q, h->filter, now_ms(), true);
	bind_int(&q, ":max", (int64_t)(h->max - h->n));
	while (h->n < h->max && step(&q))
		read_found(&q, &h->list[h->n++]);
	return done(&q);
}

/* By the index, the newest only: a filter that is not narrow finds enough in
 * them. What has been looked at is behind place then. */
static int
hunt_some(struct hunt *h)
{
	struct query q = query(store_desk(h->s),
	    "SELECT count(*), min(rowid) FROM (SELECT rowid FROM word_index"
	    " WHERE word_index MATCH :match AND rowid >= :since"
	    " AND rowid < :place ORDER BY rowid DESC LIMIT :max)");
	int64_t since = h->since, n = 0, last = 0;
	int code;

	bind_text(&q, ":match", h->question->match);
	bind_int(&q, ":since", h->since);
	bind_int(&q, ":place", h->place);
	bind_int(&q, ":max", NEWEST_FOUND);
	if (step(&q)) {
		n = column_int(&q, 0);
		last = column_int(&q, 1);
	}
	code = done(&q);
	if (code < 0 || n == 0) {
		h->place = 0;
		return code;
	}
	h->since = last;
	code = hunt_index(h);
	h->since = since;
	h->place = n < NEWEST_FOUND ? 0 : last;
	return code;
}

/* A message whose words fit, if its conversation does. */
static int
hunt_one(struct hunt *h, int64_t doc)
{
	struct query q = query(store_desk(h->s),
	    "SELECT d.doc, " FOUND_COLUMNS_SQL " FROM word_doc d" FOUND_JOIN_SQL
	    " WHERE d.doc = :doc" FOUND_FILTER_SQL);

	bind_int(&q, ":doc", doc);
	listing_bind(&q, h->filter, now_ms(), true);
	if (step(&q))
		read_found(&q, &h->list[h->n++]);
	return done(&q);
}

/*
 * A beginning that very many words have costs the index dearly, and the newest
 * messages have it: those are looked at one by one.
 */
static int
hunt_newest(struct hunt *h)
{
	struct query q = query(store_desk(h->s),
	    "SELECT doc, words FROM word_doc WHERE doc >= :since"
	    " AND doc < :place ORDER BY doc DESC LIMIT :max");
	size_t looked = 0;
	int code = 0;

	bind_int(&q, ":since", h->since);
	bind_int(&q, ":place", h->place);
	bind_int(&q, ":max", NEWEST_DOCS);
	while (code == 0 && h->n < h->max && step(&q)) {
		looked++;
		h->place = column_int(&q, 0);
		if (has_all(column_text(&q, 1), h->question))
			code = hunt_one(h, h->place);
	}
	if (h->n < h->max && looked < NEWEST_DOCS)
		h->place = 0; /* there are no more */
	return done(&q) < 0 ? q.code : code;
}

static int
newest_first(const void *one, const void *other)
{
	const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a < b) - (a > b);
}

/* The docs of one conversation that fit. */
static int
docs_of(struct hunt *h, const char *conversation, int64_t **docs, size_t *n)
{
	struct query q = query(store_desk(h->s),
	    "SELECT d.doc, d.words FROM message m CROSS JOIN word_doc d"
	    " ON d.message = m.id WHERE m.conversation = :id"
	    " AND d.doc >= :since AND d.doc < :place");

	bind_text(&q, ":id", conversation);
	bind_int(&q, ":since", h->since);
	bind_int(&q, ":place", h->place);
	while (step(&q))
		if (has_all(column_text(&q, 1), h->question)) {
			*docs = xrealloc(*docs, (*n + 1) * sizeof(**docs));
			(*docs)[(*n)++] = column_int(&q, 0);
		}
	return done(&q);
}

/* A word that all use, in a few conversations: those are looked through. */
static int
hunt_conversations(struct hunt *h, const struct listing_key *keys, size_t count)
{
	int64_t *docs = NULL;
	size_t n = 0, i;
	int code = 0;

	for (i = 0; code == 0 && i < count; i++)
		code = docs_of(h, keys[i].id, &docs, &n);
	if (n > 0)
		qsort(docs, n, sizeof(*docs), newest_first);
	for (i = 0; code == 0 && i < n && h->n < h->max; i++)
		code = hunt_one(h, docs[i]);
	free(docs);
	return code;
}

/* How many of the rest are to be read by the index: all, or those until there
 * is enough if it goes on as in the newest. */
static int
found_left(struct hunt *h, int64_t *ret)
{
	const int64_t enough =
	    (int64_t)((h->max - h->n) * NEWEST_FOUND / (h->n + 1));
	struct query q;

	*ret = BROAD_DOCS;
	if (h->question->is_broad)
		return 0;
	q = query(store_desk(h->s),
	    "SELECT count(*) FROM word_index WHERE word_index MATCH :match"
	    " AND rowid >= :since AND rowid < :place");
	bind_text(&q, ":match", h->question->match);
	bind_int(&q, ":since", h->since);
	bind_int(&q, ":place", h->place);
	if (step(&q))
		*ret = column_int(&q, 0);
	if (enough < *ret)
		*ret = enough;
	return done(&q);
}

/* Whether the conversations have fewer messages than that: 1, 0, or an ERR. */
static int
have_fewer(struct hunt *h, const struct listing_key *keys, size_t count,
    int64_t left)
{
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; i < count && code == 0 && left > 0; i++) {
		q = query(store_desk(h->s),
		    "SELECT count(*) FROM message WHERE conversation = :id"
		    " AND wa_ms >= :since AND wa_ms <= :place");
		bind_text(&q, ":id", keys[i].id);
		bind_int(&q, ":since", h->since >> PLACE_BITS);
		bind_int(&q, ":place", h->place >> PLACE_BITS);
		if (step(&q))
			left -= column_int(&q, 0);
		code = done(&q);
	}
	return code < 0 ? code : left > 0;
}

/* What is not among the newest: by the index, or in the conversations that the
 * filter leaves, whichever is less to read. */
static int
hunt_rest(struct hunt *h, const struct listing_filter *f)
{
	struct listing_key *keys = NULL;
	int64_t left = 0;
	size_t n = 0;
	int code = found_left(h, &left);

	if (code == 0)
		code = listing_keys(h->s, f, now_ms(), &keys, &n);
	if (code == 0)
		code = have_fewer(h, keys, n, left);
	if (code == 0)
		code = hunt_index(h);
	else if (code > 0)
		code = hunt_conversations(h, keys, n);
	free(keys);
	return code;
}

/* Whether the filter may leave a few conversations only. */
static bool
is_narrow(const struct listing_filter *f)
{
	return f->contacts != NULL || f->assignee != NULL || f->ntags > 0 ||
	    f->teams != NULL || f->waiting || f->waiting_over_ms > 0 ||
	    f->statuses != NULL;
}

/* Whether it leaves all of them. */
static bool
is_all(const struct listing_filter *f)
{
	return !is_narrow(f) && f->owners == NULL && f->priorities == NULL &&
	    f->instances == NULL && f->languages == NULL &&
	    f->promises == NULL && f->unread_of == NULL;
}

static int
hunt(struct hunt *h)
{
	struct listing_filter f = *h->filter;
	struct listing_key *keys = NULL;
	size_t n = 0;
	int code = 0;

	f.max = 0;
	if (is_narrow(&f)) {
		code = listing_keys(h->s, &f, now_ms(), &keys, &n);
		if (code == 0 && n <= FEW_CONVERSATIONS)
			code = hunt_conversations(h, keys, n);
		free(keys);
		if (code < 0 || n <= FEW_CONVERSATIONS)
			return code;
	}
	if (h->question->is_broad)
		code = hunt_newest(h);
	else if (!is_all(&f))
		code = hunt_some(h);
	if (code == 0 && h->n < h->max && h->place > h->since)
		code = is_all(&f) ? hunt_index(h) : hunt_rest(h, &f);
	return code;
}

int
words_search(struct store *s, const struct question *question,
    const struct listing_filter *f, int64_t since_ms, int64_t place, size_t max,
    struct found **ret, size_t *ret_count)
{
	struct hunt h = { .s = s,
		.question = question,
		.filter = f,
		.since = since_ms > 0 ? since_ms << PLACE_BITS : 0,
		.place = place > 0 ? place : INT64_MAX,
		.list = xcalloc(max + 1, sizeof(*h.list)),
		.max = max };
	int code = hunt(&h);

	if (code < 0) {
		found_free(h.list, h.n);
		return code;
	}
	*ret = h.list;
	*ret_count = h.n;
	return 0;
}

void
found_free(struct found *list, size_t count)
{
	struct found *f;
	size_t i;

	for (i = 0; list != NULL && i < count; i++) {
		f = &list[i];
		free(f->instance);
		free(f->contact);
		free(f->direction);
		free(f->kind);
		free(f->name);
		free(f->author);
		free(f->text);
		free(f->gist);
	}
	free(list);
}

/* Whether a word of a text, folded, is one of those asked for, also folded and
 * joined by blanks, their '*' kept. */
static bool
fits(const char *word, const char *asked)
{
	char *copy = xstrdup(asked), *one, *rest = copy;
	size_t len;
	bool found = false;

	while (!found && (one = strsep(&rest, " ")) != NULL) {
		len = strlen(one);
		if (len == 0)
			continue;
		found = one[len - 1] == '*' ? strncmp(word, one, len - 1) == 0 :
					      strcmp(word, one) == 0 ||
			(is_unspaced(
			     utf8_next(&(const char *){ one }, one + len)) &&
			    strstr(word, one) != NULL);
	}
	free(copy);
	return found;
}

/* Whether one of the words in a piece of text without spaces fits. */
static bool
piece_fits(const char *p, size_t len, const char *asked)
{
	char *piece = xstrndup(p, len), *words = utf8_words(piece), *word,
	     *rest = words;
	bool found = false;

	while (!found && (word = strsep(&rest, " ")) != NULL)
		found = *word != '\0' && fits(word, asked);
	free(words);
	free(piece);
	return found;
}

char *
words_around(const char *text, const char *const *words, size_t count)
{
	struct buf asked = BUF_INIT(0);
	const char *p = text, *from = text;
	char *folded;
	size_t i, len;

	for (i = 0; i < count; i++) {
		folded = utf8_words(words[i]);
		len = strlen(folded);
		buf_adds(&asked, folded);
		if (str_ends(words[i], "*") && len > 1)
			asked.data[asked.len - 1] = '*';
		buf_addc(&asked, ' ');
		free(folded);
	}
	while (*p != '\0') {
		p += strspn(p, " \t\n");
		len = strcspn(p, " \t\n");
		if (len == 0 || piece_fits(p, len, asked.data))
			break;
		p += len;
	}
	buf_release(&asked);
	if (*p == '\0' || p - text <= AROUND_BYTES)
		return xstrdup(text);
	/* From the beginning of a word. */
	for (from = p - AROUND_BYTES; from < p && from[-1] != ' '; from++)
		;
	return xformat("\xe2\x80\xa6%s", from);
}
