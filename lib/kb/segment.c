/*
 * segment - the search index: packed lists in segments that are written once
 *
 * A writer turns passages into words in memory: a table of words, each with
 * the passages it stands in as bytes of varints. Sorted, packed and queued, the
 * rows go out in turns of the writer lock. A merge reads its inputs word by
 * word, a batch of words each at a time so that no statement stays open across
 * a transaction, and writes by the same queue.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/utf8.h"
#include "kb/segment.h"

#define INLINE_MAX 300	      /* bytes of a list in its word's own row */
#define QUEUE_BYTES (1 << 20) /* packed, before it is written */
#define QUEUE_FIRST (1 << 17) /* the same at first, when the writer waits */
#define TERMS_A_BATCH 2000    /* of each input of a merge */
#define SPELLING_PIECE 30000  /* bytes */
#define FAN 8		      /* segments of a tier before they are merged */
#define TIER_PASSAGES 64.0    /* in the smallest tier */
#define RUN_BYTES 12
#define TABLE_MIN 4096
#define TERM_MAX 255 /* bytes */
#define ARENA_MIN 65536
#define ARENA_MAX ((4 << 20) - 64) /* with its head, two huge pages */
#define ARENA_DATA_MAX 1024 /* postings of a word: beyond that, by themselves */
#define DATA_MIN 8
#define POSTING_MAX 6 /* bytes */

int64_t
segment_blob_id(int64_t segment, int64_t list, int64_t piece)
{
	return segment << 36 | list << 16 | piece;
}

/* --- reading --- */

/* Powers of two; a question asks for few words, in each segment. */
#define LOOKUPS 256

struct lookup {
	int64_t segment;
	struct segment_list list;
	size_t len;
	char term[];
};

static void
lookup_free(struct lookup *l)
{
	if (l != NULL)
		free(l->list.data);
	free(l);
}

static int
broken(const char *what)
{
	return err_set(ERR_DATA,
	    "the search index is damaged: %s; kb-doc reindex makes it anew",
	    what);
}

static uint64_t
get(const unsigned char *p, int bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

static void
put(unsigned char *p, uint64_t n, int bytes)
{
	for (; bytes-- > 0; n >>= 8)
		*p++ = (unsigned char)n;
}

static int
read_runs(struct segment *s, const unsigned char *p, size_t len)
{
	size_t i;

	s->runs = len / RUN_BYTES;
	if (s->runs == 0 || len % RUN_BYTES != 0)
		return broken("the rows of a segment");
	s->run = xcalloc(s->runs, sizeof(*s->run));
	for (i = 0; i < s->runs; i++, p += RUN_BYTES) {
		s->run[i].local = (uint32_t)get(p, 4);
		s->run[i].row = (int64_t)get(p + 4, 8);
		if (i == 0 ? s->run[i].local != 0 :
			     s->run[i].local <= s->run[i - 1].local)
			return broken("the rows of a segment");
	}
	return s->run[s->runs - 1].local < s->passages ?
	    0 :
	    broken("the rows of a segment");
}

static int
read_segment(struct query *q, struct segment *s)
{
	const void *p;
	size_t len;

	memset(s, 0, sizeof(*s));
	s->id = column_int(q, 0);
	if (column_int(q, 1) < 1 || column_int(q, 1) > INT32_MAX)
		return broken("the size of a segment");
	s->passages = (uint32_t)column_int(q, 1);
	s->dead = (uint32_t)column_int(q, 2);
	s->words = column_real(q, 3);
	s->first_row = column_int(q, 4);
	s->last_row = column_int(q, 5);
	p = column_blob(q, 6, &len);
	return read_runs(s, p, len);
}

int
segments_read(struct db *db, struct segments *ret)
{
	struct segments all = { .lookups =
				    xcalloc(LOOKUPS, sizeof(*all.lookups)) };
	struct query q = query(db,
	    "SELECT id, passages, dead, words, first_row, last_row, rows"
	    " FROM segment WHERE state = 1 ORDER BY first_row, id");
	double words = 0, passages = 0;
	int code = 0, bad = 0;

	while (bad == 0 && step(&q)) {
		all.segment = xrealloc(all.segment,
		    (all.count + 1) * sizeof(*all.segment));
		bad = read_segment(&q, &all.segment[all.count]);
		all.count++;
		words += all.segment[all.count - 1].words;
		passages += all.segment[all.count - 1].passages;
		all.passages += (int64_t)all.segment[all.count - 1].passages -
		    all.segment[all.count - 1].dead;
	}
	code = done(&q);
	if (code == 0)
		code = bad;
	all.average = passages > 0 ? words / passages : 1;
	if (code == 0) {
		q = query(db, "SELECT 1 FROM segment_gap LIMIT 1");
		all.has_gap = step(&q);
		code = done(&q);
	}
	if (code < 0)
		segments_release(&all);
	else
		*ret = all;
	return code;
}

void
segments_release(struct segments *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->segment[i].run);
	for (i = 0; i < LOOKUPS && s->lookups != NULL; i++)
		lookup_free(s->lookups[i]);
	free(s->lookups);
	free(s->segment);
	memset(s, 0, sizeof(*s));
}

int64_t
segment_row(const struct segment *s, uint32_t local)
{
	size_t low = 0, high = s->runs, mid;

	while (high - low > 1) {
		mid = (low + high) / 2;
		if (s->run[mid].local <= local)
			low = mid;
		else
			high = mid;
	}
	return s->run[low].row + (local - s->run[low].local);
}

bool
segment_local(const struct segment *s, int64_t row, uint32_t *ret)
{
	size_t low = 0, high = s->runs, mid;
	uint32_t end;

	if (row < s->run[0].row)
		return false;
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (s->run[mid].row <= row)
			low = mid;
		else
			high = mid;
	}
	end = low + 1 < s->runs ? s->run[low + 1].local : s->passages;
	if (row - s->run[low].row >= (int64_t)(end - s->run[low].local))
		return false;
	*ret = s->run[low].local + (uint32_t)(row - s->run[low].row);
	return true;
}

int
segment_blob(struct db *db, int64_t id, char **ret, size_t *ret_len)
{
	struct query q =
	    query(db, "SELECT data FROM segment_blob WHERE id = :id");
	const void *p;

	*ret = NULL;
	*ret_len = 0;
	bind_int(&q, ":id", id);
	if (step(&q)) {
		p = column_blob(&q, 0, ret_len);
		*ret = xmalloc(*ret_len + 1);
		if (*ret_len > 0)
			memcpy(*ret, p, *ret_len);
		(*ret)[*ret_len] = '\0';
	}
	return done(&q);
}

void
segment_blobs_close(struct segment_blobs *b)
{
	sqlite3_blob_close(b->blob);
	b->blob = NULL;
}

int
segment_blobs_read(struct segment_blobs *b, int64_t id, char **ret,
    size_t *ret_len)
{
	size_t len;
	char *data;
	int rc;

	rc = b->blob != NULL ? sqlite3_blob_reopen(b->blob, id) :
			       sqlite3_blob_open(db_handle(b->db), "main",
				   "segment_blob", "data", id, 0, &b->blob);
	if (rc == SQLITE_OK) {
		len = (size_t)sqlite3_blob_bytes(b->blob);
		data = xmalloc(len + 1);
		rc = sqlite3_blob_read(b->blob, data, (int)len, 0);
		if (rc == SQLITE_OK) {
			data[len] = '\0';
			*ret = data;
			*ret_len = len;
			return 0;
		}
		free(data);
	}
	/* It is not there, or SQLite says what is wrong. */
	segment_blobs_close(b);
	return segment_blob(b->db, id, ret, ret_len);
}

static int
read_list(struct db *db, int64_t segment, const char *term, size_t len,
    struct segment_list *ret)
{
	struct query q = query(db,
	    "SELECT df, list, data FROM segment_term"
	    " WHERE segment = :segment AND term = :term");
	const void *p;

	*ret = (struct segment_list){ .list = -1 };
	bind_int(&q, ":segment", segment);
	bind_textn(&q, ":term", term, len);
	if (step(&q)) {
		ret->df = (size_t)column_int(&q, 0);
		if (!column_null(&q, 1))
			ret->list = column_int(&q, 1);
		p = column_blob(&q, 2, &ret->len);
		ret->data = xmalloc(ret->len + 1);
		if (ret->len > 0)
			memcpy(ret->data, p, ret->len);
	}
	return done(&q);
}

/* *ret is good until the next word is looked up. */
static int
look_up(struct db *db, const struct segments *s, size_t i, const char *term,
    size_t len, const struct segment_list **ret)
{
	int64_t segment = s->segment[i].id;
	uint32_t h = 2166136261u ^ (uint32_t)segment;
	struct segment_list list;
	struct lookup **at, *l;
	size_t k;
	int code;

	for (k = 0; k < len; k++)
		h = (h ^ (unsigned char)term[k]) * 16777619u;
	at = &s->lookups[(h ^ h >> 15) & (LOOKUPS - 1)];
	l = *at;
	if (l == NULL || l->segment != segment || l->len != len ||
	    memcmp(l->term, term, len) != 0) {
		code = read_list(db, segment, term, len, &list);
		if (code < 0) {
			free(list.data);
			return code;
		}
		lookup_free(l);
		l = *at = xmalloc(sizeof(*l) + len);
		l->segment = segment;
		l->list = list;
		l->len = len;
		memcpy(l->term, term, len);
	}
	*ret = &l->list;
	return 0;
}

int
segments_find(struct db *db, const struct segments *s, size_t i,
    const char *term, size_t len, struct segment_list *ret)
{
	const struct segment_list *l;
	int code = look_up(db, s, i, term, len, &l);

	if (code < 0)
		return code;
	*ret = *l;
	if (l->data != NULL) {
		ret->data = xmalloc(l->len + 1);
		memcpy(ret->data, l->data, l->len);
	}
	return 0;
}

/* Of the passages of a list those that are not dead, as far as that can be told
 * without a look at each: as many as of all. */
static int64_t
living(const struct segment *s, uint32_t df)
{
	int64_t live = (int64_t)s->passages - s->dead,
		n = s->passages > 0 ?
	    ((int64_t)df * live + s->passages / 2) / s->passages :
	    0;

	return n == 0 && df > 0 && live > 0 ? 1 : n;
}

int
segments_df(struct db *db, const struct segments *s, const char *term,
    size_t len, int64_t *ret)
{
	const struct segment_list *l;
	int64_t sum = 0;
	size_t i;
	int code;

	for (i = 0; i < s->count; i++) {
		code = look_up(db, s, i, term, len, &l);
		if (code < 0)
			return code;
		if (l->df > s->segment[i].passages)
			return broken("a list's count");
		sum += living(&s->segment[i], l->df);
	}
	*ret = sum;
	return 0;
}

/* What is a bit or a byte a passage: all pieces together: all pieces together. */
static int
read_pieces(struct db *db, const struct segment *s, int64_t list,
    size_t piece_bytes, size_t bytes, bool all, unsigned char **ret)
{
	unsigned char *out = xcalloc(1, bytes + 1);
	size_t at, len, want;
	char *piece;
	int code = 0;

	for (at = 0; at < bytes && code == 0; at += piece_bytes) {
		code = segment_blob(db,
		    segment_blob_id(s->id, list, (int64_t)(at / piece_bytes)),
		    &piece, &len);
		want = bytes - at < piece_bytes ? bytes - at : piece_bytes;
		if (code == 0 && piece != NULL && len == want)
			memcpy(out + at, piece, len);
		else if (code == 0 && (piece != NULL || all))
			code = broken("a piece");
		free(piece);
	}
	if (code < 0)
		free(out);
	else
		*ret = out;
	return code;
}

static int
read_lengths(struct db *db, const struct segment *s, unsigned char **ret)
{
	return read_pieces(db, s, SEGMENT_LENGTHS, SEGMENT_LENGTHS_PIECE,
	    s->passages, true, ret);
}

static int
read_dead(struct db *db, const struct segment *s, unsigned char **ret)
{
	return read_pieces(db, s, SEGMENT_DEAD, SEGMENT_DEAD_PIECE / 8,
	    (s->passages + 7) / 8, false, ret);
}

static bool
has_bit(const unsigned char *bits, size_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

/* --- spelling --- */

uint32_t
spelling_signature(const char *word, size_t len)
{
	const char *p = word, *end = word + len;
	uint32_t c, bits = 0;

	while ((c = utf8_next(&p, end)) != 0)
		bits |= c >= 'a' && c <= 'z' ? 1u << (c - 'a') :
					       1u << (c * 2654435761u >> 27);
	return bits;
}

static bool
can_be_misspelt(const char *word, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (word[i] >= '0' && word[i] <= '9')
			return false;
		n += ((unsigned char)word[i] & 0xc0) != 0x80;
	}
	return n >= SPELLING_MIN && len < 256;
}

int
segment_spelling(struct db *db, int64_t segment, spelling_fn each, void *ctx)
{
	unsigned char word[256];
	const unsigned char *p, *end;
	size_t len, piece, shared, rest;
	char *data;
	int code = 0;

	for (piece = 0; code == 0; piece++) {
		code = segment_blob(db,
		    segment_blob_id(segment, SEGMENT_SPELLING, (int64_t)piece),
		    &data, &len);
		if (code < 0 || data == NULL)
			break;
		p = (const unsigned char *)data;
		end = p + len;
		for (shared = 0; p < end && code == 0; p += rest) {
			if (end - p < 6) {
				code = broken("the list of words");
				break;
			}
			rest = p[1];
			if (p[0] > shared || p[0] + rest > 255 ||
			    rest > (size_t)(end - p) - 6) {
				code = broken("the list of words");
				break;
			}
			/* Most are short: no call for these. */
			if (rest <= 8 && end - p >= 6 + 8 &&
			    p[0] + 8u <= sizeof(word))
				memcpy(word + p[0], p + 6, 8);
			else
				memcpy(word + p[0], p + 6, rest);
			shared = p[0] + rest;
			each(ctx, (const char *)word, shared,
			    (uint32_t)p[2] | (uint32_t)p[3] << 8 |
				(uint32_t)p[4] << 16 | (uint32_t)p[5] << 24);
			p += 6;
		}
		free(data);
	}
	return code;
}

/* --- what waits to be written --- */

struct row {
	size_t term, term_len; /* in rows.bytes; a row of segment_term */
	size_t data, data_len;
	int64_t df, id; /* of a row of segment_blob, or of a word's list */
	bool has_list;
};

struct list {
	struct row *row;
	size_t count, cap;
};

struct rows {
	struct list terms, blobs;
	struct buf bytes;
};

struct queue {
	struct db *db;
	int64_t segment;
	int64_t next_list;
	struct rows rows;
	size_t full; /* bytes of rows, to be written */
	struct buf spelling;
	int64_t spelling_piece;
	char last[256]; /* word of the spelling list */
	size_t last_len;
	struct buf head, data, cuts;
};

static struct row *
add_row(struct list *l)
{
	if (l->count == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 1024;
		l->row = xrealloc(l->row, l->cap * sizeof(*l->row));
	}
	memset(&l->row[l->count], 0, sizeof(*l->row));
	return &l->row[l->count++];
}

static void
add_blob(struct queue *o, int64_t list, int64_t piece, const void *data,
    size_t len)
{
	struct row *r = add_row(&o->rows.blobs);

	r->id = segment_blob_id(o->segment, list, piece);
	r->data = o->rows.bytes.len;
	r->data_len = len;
	if (len > 0)
		buf_add(&o->rows.bytes, data, len);
}

static int
write_blob(struct queue *o, const struct rows *rows, const struct row *r)
{
	struct query q = query(o->db,
	    "INSERT INTO segment_blob (id, data) VALUES (:id, :data)");

	bind_int(&q, ":id", r->id);
	bind_lent_blob(&q, ":data", rows->bytes.data + r->data, r->data_len);
	step(&q);
	return done(&q);
}

/*
 * Words come in order, and SQLite looks for the place of a row from where the
 * last one of the same statement went: the second costs less than half of the
 * first. It keeps no copy of pages for a statement that may fail in its midst,
 * for all of the transaction is undone then.
 */
#define TERMS_A_STATEMENT 16
#define INSERT_TERM                                                  \
	"INSERT OR FAIL INTO segment_term (segment, term, df, list," \
	" data) VALUES (?, ?, ?, ?, ?)"
#define THREE_MORE ", (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)"

static int
write_terms(struct queue *o, const struct rows *rows, const struct row *r,
    size_t n)
{
	const char *bytes = rows->bytes.data;
	struct query q = query(o->db,
	    n == TERMS_A_STATEMENT ? INSERT_TERM THREE_MORE THREE_MORE
					 THREE_MORE THREE_MORE THREE_MORE :
				     INSERT_TERM);
	const struct row *end = r + n;
	int at = 0;

	for (; r < end; r++) {
		bind_int_at(&q, ++at, o->segment);
		bind_lent_at(&q, ++at, bytes + r->term, r->term_len);
		bind_int_at(&q, ++at, r->df);
		at += 2;
		if (r->has_list)
			bind_int_at(&q, at - 1, r->id);
		else
			bind_lent_blob_at(&q, at, bytes + r->data, r->data_len);
	}
	step(&q);
	return done(&q);
}

/* Of the terms and blobs behind those that were written; *ret_n: how many. */
static int
write_some(struct queue *o, const struct rows *rows, size_t at, size_t *ret_n)
{
	size_t left;

	if (at >= rows->terms.count) {
		*ret_n = 1;
		return write_blob(o, rows,
		    &rows->blobs.row[at - rows->terms.count]);
	}
	left = rows->terms.count - at;
	*ret_n = left < TERMS_A_STATEMENT ? 1 : TERMS_A_STATEMENT;
	return write_terms(o, rows, &rows->terms.row[at], *ret_n);
}

/* In as many turns as it takes; rows is empty then. */
static int
write_rows(struct queue *o, struct rows *rows)
{
	size_t i = 0, n, all = rows->terms.count + rows->blobs.count;
	int code = 0;

	while (i < all && code == 0) {
		code = db_begin(o->db);
		while (i < all && code == 0) {
			code = write_some(o, rows, i, &n);
			i += n;
			if (db_turn_over(o->db))
				break;
		}
		if (code == 0)
			code = db_commit(o->db);
		db_rollback(o->db);
		fault("kb-index.written-some");
	}
	rows->terms.count = rows->blobs.count = 0;
	buf_reset(&rows->bytes);
	return code;
}

static int
write_queue(struct queue *o)
{
	return write_rows(o, &o->rows);
}

static bool
is_full(const struct queue *o)
{
	return o->rows.bytes.len > o->full;
}

static void
end_spelling(struct queue *o)
{
	if (o->spelling.len > 0)
		add_blob(o, SEGMENT_SPELLING, o->spelling_piece++,
		    o->spelling.data, o->spelling.len);
	buf_reset(&o->spelling);
	o->last_len = 0;
}

static void
add_spelling(struct queue *o, const char *word, size_t len)
{
	unsigned char head[6];
	size_t shared = 0;

	while (shared < o->last_len && shared < len &&
	    word[shared] == o->last[shared])
		shared++;
	head[0] = (unsigned char)shared;
	head[1] = (unsigned char)(len - shared);
	put(head + 2, spelling_signature(word, len), 4);
	buf_add(&o->spelling, head, sizeof(head));
	buf_add(&o->spelling, word + shared, len - shared);
	memcpy(o->last, word, len);
	o->last_len = len;
	if (o->spelling.len > SPELLING_PIECE)
		end_spelling(o);
}

/* A word with its postings; words must come in order. */
static void
add_term(struct queue *o, const char *term, size_t len, const uint32_t *docs,
    const uint8_t *tfs, size_t n, const uint8_t *lens, const float k[256])
{
	struct row *r;
	const size_t *cut;
	size_t i, at = 0;

	postings_pack(docs, tfs, n, lens, k, &o->head, &o->data, &o->cuts);
	r = add_row(&o->rows.terms);
	r->term = o->rows.bytes.len;
	r->term_len = len;
	r->df = (int64_t)n;
	buf_add(&o->rows.bytes, term, len);
	if (o->data.len == 0 && o->head.len <= INLINE_MAX) {
		r->data = o->rows.bytes.len;
		r->data_len = o->head.len;
		buf_add(&o->rows.bytes, o->head.data, o->head.len);
	} else {
		r->has_list = true;
		r->id = o->next_list++;
		i = (size_t)r->id;
		add_blob(o, (int64_t)i, 0, o->head.data, o->head.len);
		cut = (const size_t *)(const void *)o->cuts.data;
		for (i = 0; i < o->cuts.len / sizeof(*cut); i++) {
			add_blob(o, o->next_list - 1, (int64_t)i + 1,
			    o->data.data + at, cut[i]);
			at += cut[i];
		}
	}
	if (can_be_misspelt(term, len))
		add_spelling(o, term, len);
}

/* Begin a segment that nobody sees. */
static int
open_queue(struct queue *o, struct db *db)
{
	struct query q;
	int code;

	memset(o, 0, sizeof(*o));
	o->db = db;
	o->next_list = SEGMENT_LISTS;
	o->full = QUEUE_BYTES;
	code = db_begin(db);
	if (code == 0) {
		q = query(db,
		    "INSERT INTO segment (state, passages, dead, words,"
		    " first_row, last_row, rows)"
		    " VALUES (0, 0, 0, 0, 0, 0, x'')");
		step(&q);
		code = done(&q);
		o->segment = db_last_row(db);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

static void
rows_release(struct rows *r)
{
	free(r->terms.row);
	free(r->blobs.row);
	buf_release(&r->bytes);
}

static void
close_queue(struct queue *o)
{
	rows_release(&o->rows);
	buf_release(&o->spelling);
	buf_release(&o->head);
	buf_release(&o->data);
	buf_release(&o->cuts);
}

static void
add_lengths(struct queue *o, const uint8_t *lens, size_t n)
{
	size_t at, len;

	for (at = 0; at < n; at += SEGMENT_LENGTHS_PIECE) {
		len = n - at < SEGMENT_LENGTHS_PIECE ? n - at :
						       SEGMENT_LENGTHS_PIECE;
		add_blob(o, SEGMENT_LENGTHS,
		    (int64_t)(at / SEGMENT_LENGTHS_PIECE), lens + at, len);
	}
}

static double
words_of(const uint8_t *lens, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (double)postings_length(lens[i]);
	return sum;
}

/* In a transaction: the segment of o is searched from its commit on. */
static int
make_live(struct queue *o, const int64_t *rows, size_t n, double words)
{
	unsigned char run[RUN_BYTES];
	struct buf runs = BUF_INIT(0);
	struct query q;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0 && rows[i] == rows[i - 1] + 1)
			continue;
		put(run, i, 4);
		put(run + 4, (uint64_t)rows[i], 8);
		buf_add(&runs, run, RUN_BYTES);
	}
	q = query(o->db,
	    "UPDATE segment SET state = 1, passages = :passages,"
	    " words = :words, first_row = :first, last_row = :last,"
	    " rows = :rows WHERE id = :id");
	bind_int(&q, ":id", o->segment);
	bind_int(&q, ":passages", (int64_t)n);
	bind_real(&q, ":words", words);
	bind_int(&q, ":first", rows[0]);
	bind_int(&q, ":last", rows[n - 1]);
	bind_blob(&q, ":rows", runs.data, runs.len);
	step(&q);
	buf_release(&runs);
	return done(&q);
}

/* --- writer --- */

/* Where a word stands: gap as a varint, how often as a byte. Two to a line of
 * the processor's cache: each word of a text touches one. */
struct entry {
	uint8_t *data;
	uint32_t data_len, data_cap;
	uint32_t doc;  /* the passage at hand, from 1; 0: none yet */
	uint32_t last; /* passage of the last posting in data, from 1 */
	uint8_t tf;    /* in the passage at hand */
};

struct name {
	const char *term;
	uint32_t hash;
	uint32_t len;
};

/* Memory that goes at once. */
struct arena {
	struct arena *next;
	size_t used, size;
	char data[];
};

struct segment_writer {
	struct entry *entry;
	struct name *name; /* of the entry of the same number */
	size_t entries, cap;
	uint32_t *slot; /* entry from 1; 0: free */
	size_t slots;	/* a power of two */
	int64_t *rows;
	uint8_t *lens;
	size_t passages, passages_cap;
	uint32_t words; /* of the passage at hand */
	size_t bytes;
	struct arena *arena;
};

struct segment_writer *
segment_writer_new(void)
{
	struct segment_writer *w = xcalloc(1, sizeof(*w));

	w->slots = TABLE_MIN;
	w->slot = xcalloc(w->slots, sizeof(*w->slot));
	return w;
}

static void
clear_writer(struct segment_writer *w)
{
	struct arena *a;
	size_t i;

	for (i = 0; i < w->entries; i++)
		if (w->entry[i].data_cap > ARENA_DATA_MAX)
			free(w->entry[i].data);
	while ((a = w->arena) != NULL) {
		w->arena = a->next;
		free(a);
	}
	free(w->entry);
	free(w->name);
	free(w->slot);
	free(w->rows);
	free(w->lens);
	memset(w, 0, sizeof(*w));
}

void
segment_writer_free(struct segment_writer *w)
{
	if (w == NULL)
		return;
	clear_writer(w);
	free(w);
}

size_t
segment_writer_passages(const struct segment_writer *w)
{
	return w->passages;
}

size_t
segment_writer_bytes(const struct segment_writer *w)
{
	return w->bytes;
}

static void
end_passage(struct segment_writer *w)
{
	if (w->passages > 0)
		w->lens[w->passages - 1] = postings_length_code(w->words);
	w->words = 0;
}

void
segment_writer_passage(struct segment_writer *w, int64_t row)
{
	end_passage(w);
	if (w->passages == w->passages_cap) {
		w->passages_cap =
		    w->passages_cap > 0 ? 2 * w->passages_cap : 256;
		w->rows = xrealloc(w->rows, w->passages_cap * sizeof(*w->rows));
		w->lens = xrealloc(w->lens, w->passages_cap);
	}
	w->rows[w->passages++] = row;
	w->bytes += 16;
}

static void
grow_slots(struct segment_writer *w)
{
	size_t i, at;

	free(w->slot);
	w->slots *= 2;
	w->slot = xcalloc(w->slots, sizeof(*w->slot));
	for (i = 0; i < w->entries; i++) {
		at = w->name[i].hash & (w->slots - 1);
		while (w->slot[at] != 0)
			at = (at + 1) & (w->slots - 1);
		w->slot[at] = (uint32_t)i + 1;
	}
}

static void *
take(struct segment_writer *w, size_t len)
{
	struct arena *a = w->arena;
	size_t size;
	void *p;

	if (a == NULL || a->size - a->used < len) {
		/* One document has few words, a thousand have many. */
		size = a == NULL	    ? ARENA_MIN :
		    2 * a->size < ARENA_MAX ? 2 * a->size :
					      ARENA_MAX;
		a = xmalloc_huge(sizeof(*a) + size);
		a->next = w->arena;
		a->size = size;
		a->used = 0;
		w->arena = a;
		w->bytes += size;
	}
	p = a->data + a->used;
	a->used += len;
	return p;
}

/* Room for a posting: most words have a few and are in the arena. */
static void
grow_data(struct segment_writer *w, struct entry *e)
{
	uint32_t cap = e->data_cap > 0 ? 2 * e->data_cap : DATA_MIN;
	uint8_t *data;

	if (cap <= ARENA_DATA_MAX)
		data = take(w, cap);
	else if (e->data_cap > ARENA_DATA_MAX) {
		w->bytes += cap - e->data_cap;
		e->data = xrealloc(e->data, cap);
		e->data_cap = cap;
		return;
	} else {
		w->bytes += cap;
		data = xmalloc(cap);
	}
	if (e->data_len > 0)
		memcpy(data, e->data, e->data_len);
	e->data = data;
	e->data_cap = cap;
}

/* What was counted of e in its passage becomes a posting. */
static void
end_entry(struct segment_writer *w, struct entry *e)
{
	uint32_t gap = e->doc - e->last;

	if (e->tf == 0)
		return;
	if (e->data_cap - e->data_len < POSTING_MAX)
		grow_data(w, e);
	for (; gap >= 128; gap >>= 7)
		e->data[e->data_len++] = (uint8_t)(gap | 128);
	e->data[e->data_len++] = (uint8_t)gap;
	e->data[e->data_len++] = e->tf;
	e->last = e->doc;
	e->tf = 0;
}

uint32_t
segment_writer_term(struct segment_writer *w, const char *stem, size_t len)
{
	uint32_t h = 2166136261u;
	struct name *n;
	size_t at, i;

	if (len > TERM_MAX)
		len = utf8_cut(stem, len, TERM_MAX);
	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)stem[i]) * 16777619u;
	h ^= h >> 15;
	for (at = h & (w->slots - 1); w->slot[at] != 0;
	     at = (at + 1) & (w->slots - 1)) {
		n = &w->name[w->slot[at] - 1];
		if (n->hash == h && n->len == len &&
		    memcmp(n->term, stem, len) == 0)
			return w->slot[at] - 1;
	}
	if (w->entries == w->cap) {
		w->cap = w->cap > 0 ? 2 * w->cap : 1024;
		w->entry = xrealloc(w->entry, w->cap * sizeof(*w->entry));
		w->name = xrealloc(w->name, w->cap * sizeof(*w->name));
	}
	memset(&w->entry[w->entries], 0, sizeof(*w->entry));
	n = &w->name[w->entries++];
	n->hash = h;
	n->len = (uint32_t)len;
	n->term = memcpy(take(w, len), stem, len);
	w->slot[at] = (uint32_t)w->entries;
	w->bytes += sizeof(*w->entry) + sizeof(*n) + 2 * sizeof(*w->slot);
	if (2 * w->entries > w->slots)
		grow_slots(w);
	return (uint32_t)w->entries - 1;
}

void
segment_writer_soon(const struct segment_writer *w, uint32_t term)
{
	__builtin_prefetch(&w->entry[term]);
}

void
segment_writer_count(struct segment_writer *w, uint32_t term, unsigned weight)
{
	struct entry *e = &w->entry[term];

	w->words++;
	if (e->doc != w->passages) {
		end_entry(w, e);
		e->doc = (uint32_t)w->passages;
	}
	e->tf = (uint8_t)(e->tf + weight < POSTINGS_TF_MAX ? e->tf + weight :
							     POSTINGS_TF_MAX);
}

void
segment_writer_word(struct segment_writer *w, const char *stem, size_t len,
    unsigned weight)
{
	segment_writer_count(w, segment_writer_term(w, stem, len), weight);
}

/* An entry in the order of words: the first bytes tell most of them apart. */
struct ranked {
	uint64_t first;
	const struct name *name;
};

static int
by_term(const void *a, const void *b)
{
	const struct ranked *r = a, *s = b;
	const struct name *x = r->name, *y = s->name;
	int order;

	if (r->first != s->first)
		return r->first < s->first ? -1 : 1;
	order = memcmp(x->term, y->term, x->len < y->len ? x->len : y->len);
	return order != 0 ? order : (int)x->len - (int)y->len;
}

static size_t
decode(const struct entry *e, uint32_t *docs, uint8_t *tfs)
{
	const uint8_t *p = e->data, *end = p + e->data_len;
	uint32_t doc = 0, gap;
	unsigned shift;
	size_t n = 0;

	while (p < end) {
		gap = 0;
		shift = 0;
		do {
			gap |= (uint32_t)(*p & 127) << shift;
			shift += 7;
		} while (*p++ & 128);
		doc += gap;
		docs[n] = doc - 1;
		tfs[n++] = *p++;
	}
	return n;
}

/* By one byte of first, which others that are lower have sorted already. */
static void
sort_by_byte(const struct ranked *from, struct ranked *to, size_t n, int shift)
{
	size_t at[256] = { 0 }, i, sum = 0, some;

	for (i = 0; i < n; i++)
		at[from[i].first >> shift & 255]++;
	for (i = 0; i < 256; i++) {
		some = at[i];
		at[i] = sum;
		sum += some;
	}
	for (i = 0; i < n; i++)
		to[at[from[i].first >> shift & 255]++] = from[i];
}

/* Four bytes leave few words to be compared. */
static void
sort_ranked(struct ranked *r, size_t n)
{
	struct ranked *other = xmalloc((n + 1) * sizeof(*other));
	size_t i, from = 0;

	sort_by_byte(r, other, n, 32);
	sort_by_byte(other, r, n, 40);
	sort_by_byte(r, other, n, 48);
	sort_by_byte(other, r, n, 56);
	free(other);
	for (i = 1; i <= n; i++)
		if (i == n || r[i].first >> 32 != r[from].first >> 32) {
			if (i - from > 1)
				qsort(r + from, i - from, sizeof(*r), by_term);
			from = i;
		}
}

/* No passage is at hand any more. The entries in the order of their words; the
 * caller frees. */
static struct ranked *
sort_writer(struct segment_writer *w)
{
	struct ranked *r = xcalloc(w->entries + 1, sizeof(*r));
	size_t i, k;

	end_passage(w);
	for (i = 0; i < w->entries; i++) {
		end_entry(w, &w->entry[i]);
		r[i].name = &w->name[i];
		for (k = 0; k < sizeof(r->first); k++)
			r[i].first = r[i].first << 8 |
			    (k < w->name[i].len ?
				    (unsigned char)w->name[i].term[k] :
				    0);
	}
	sort_ranked(r, w->entries);
	return r;
}

static const struct entry *
entry_of(const struct segment_writer *w, const struct ranked *r)
{
	return &w->entry[r->name - w->name];
}

static int
close_gap(struct db *db, int64_t to)
{
	struct query q;
	int code;

	q = query(db,
	    "UPDATE OR REPLACE segment_gap SET first = :to + 1"
	    " WHERE first <= :to");
	bind_int(&q, ":to", to);
	step(&q);
	code = done(&q);
	return code < 0 ?
	    code :
	    db_exec(db, "DELETE FROM segment_gap WHERE first > last");
}

/* What a writer was given, packed a queue's worth at a time. */
struct packing {
	struct worker_job job;
	struct segment_writer *w;
	struct queue out;
	struct ranked *ranked; /* NULL: not begun */
	size_t at;
	uint32_t *docs;
	uint8_t *tfs;
	double words;
	float k[256];
	bool is_over;
};

static void
pack_some(struct worker_job *job)
{
	struct packing *p = (struct packing *)job;
	struct segment_writer *w = p->w;
	const struct name *name;
	size_t n;

	if (p->ranked == NULL) {
		p->ranked = sort_writer(w);
		p->words = words_of(w->lens, w->passages);
		postings_k((float)(p->words / (double)w->passages), p->k);
		p->docs = xcalloc(w->passages, sizeof(*p->docs));
		p->tfs = xmalloc(w->passages);
		add_lengths(&p->out, w->lens, w->passages);
	}
	while (p->at < w->entries && !is_full(&p->out)) {
		name = p->ranked[p->at].name;
		n = decode(entry_of(w, &p->ranked[p->at++]), p->docs, p->tfs);
		add_term(&p->out, name->term, name->len, p->docs, p->tfs, n,
		    w->lens, p->k);
	}
	if (p->at == w->entries && !p->is_over) {
		end_spelling(&p->out);
		p->is_over = true;
	}
}

/* While some are written, the next are packed. */
static int
write_packed(struct packing *p, struct worker *worker)
{
	struct rows rows = { .terms = { .count = 0 } }, packed;
	bool more = true;
	int code = 0;

	p->job.run = pack_some;
	p->out.full = QUEUE_FIRST;
	if (worker != NULL)
		worker_put_first(worker, &p->job);
	while (more) {
		if (worker != NULL)
			worker_wait(worker, &p->job);
		else
			pack_some(&p->job);
		packed = p->out.rows;
		p->out.rows = rows;
		p->out.full = QUEUE_BYTES;
		more = !p->is_over && code == 0;
		if (more && worker != NULL)
			worker_put_first(worker, &p->job);
		if (code == 0)
			code = write_rows(&p->out, &packed);
		more = more && (code == 0 || worker != NULL);
		rows = packed;
	}
	rows_release(&rows);
	return code;
}

int
segment_writer_write(struct segment_writer *w, struct db *db, int64_t gap_to,
    struct worker *worker)
{
	struct packing p = { .w = w };
	int code = 0;

	if (w->passages == 0 && gap_to <= 0)
		return 0;
	if (w->passages > 0) {
		code = open_queue(&p.out, db);
		if (code == 0)
			code = write_packed(&p, worker);
		free(p.ranked);
		free(p.docs);
		free(p.tfs);
		fault("kb-index.before-live");
	}
	if (code == 0)
		code = db_begin(db);
	if (code == 0 && w->passages > 0)
		code = make_live(&p.out, w->rows, w->passages, p.words);
	if (code == 0 && gap_to > 0)
		code = close_gap(db, gap_to);
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	close_queue(&p.out);
	fault("kb-index.after-live");
	clear_writer(w);
	w->slots = TABLE_MIN;
	w->slot = xcalloc(w->slots, sizeof(*w->slot));
	return code;
}

int
segment_writer_each(struct segment_writer *w, posting_fn each, void *ctx)
{
	uint32_t *docs = xcalloc(w->passages + 1, sizeof(*docs));
	uint8_t *tfs = xmalloc(w->passages + 1);
	struct ranked *ranked = sort_writer(w);
	size_t i, j, n;
	int code = 0;

	for (i = 0; i < w->entries && code == 0; i++) {
		n = decode(entry_of(w, &ranked[i]), docs, tfs);
		for (j = 0; j < n && code == 0; j++)
			code = each(ctx, ranked[i].name->term,
			    ranked[i].name->len, w->rows[docs[j]], tfs[j]);
	}
	free(ranked);
	free(docs);
	free(tfs);
	return code;
}

/* --- deleting --- */

static int
put_blob(struct db *db, int64_t id, const void *data, size_t len)
{
	struct query q = query(db,
	    "INSERT INTO segment_blob (id, data) VALUES (:id, :data)"
	    " ON CONFLICT (id) DO UPDATE SET data = excluded.data");

	bind_int(&q, ":id", id);
	bind_blob(&q, ":data", data, len);
	step(&q);
	return done(&q);
}

/* Set the bits of those of rows that s has. */
static int
forget_in(struct db *db, const struct segment *s, const int64_t *rows, size_t n)
{
	size_t i, len = 0, want, now = SIZE_MAX, piece;
	uint32_t local, newly = 0;
	char *bits = NULL;
	struct query q;
	int code = 0;

	for (i = 0; i <= n && code == 0; i++) {
		if (i < n && !segment_local(s, rows[i], &local))
			continue;
		piece = i < n ? local / SEGMENT_DEAD_PIECE : SIZE_MAX - 1;
		if (piece != now && bits != NULL) {
			code = put_blob(db,
			    segment_blob_id(s->id, SEGMENT_DEAD, (int64_t)now),
			    bits, len);
			free(bits);
			bits = NULL;
		}
		if (i == n || code < 0)
			break;
		if (piece != now) {
			now = piece;
			code = segment_blob(db,
			    segment_blob_id(s->id, SEGMENT_DEAD, (int64_t)now),
			    &bits, &len);
			want = s->passages - piece * SEGMENT_DEAD_PIECE;
			if (want > SEGMENT_DEAD_PIECE)
				want = SEGMENT_DEAD_PIECE;
			want = (want + 7) / 8;
			if (code == 0 && bits == NULL) {
				len = want;
				bits = xcalloc(1, len);
			} else if (code == 0 && len != want)
				code = broken("a piece");
			if (code < 0)
				break;
		}
		local %= SEGMENT_DEAD_PIECE;
		newly += !has_bit((unsigned char *)bits, local);
		bits[local / 8] = (char)(bits[local / 8] | 1 << local % 8);
	}
	free(bits);
	if (code == 0 && newly > 0) {
		q = query(db,
		    "UPDATE segment SET dead = dead + :newly WHERE id = :id");
		bind_int(&q, ":newly", newly);
		bind_int(&q, ":id", s->id);
		step(&q);
		code = done(&q);
	}
	return code;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
segment_forget(struct db *db, const int64_t *rows, size_t n)
{
	int64_t *sorted = xcalloc(n + 1, sizeof(*sorted));
	struct segment *s = NULL;
	struct query q;
	size_t count = 0, i;
	int code, bad = 0;

	if (n > 0)
		memcpy(sorted, rows, n * sizeof(*rows));
	qsort(sorted, n, sizeof(*sorted), by_number);
	/* Also of a segment that is being written: it may be searched soon. */
	q = query(db,
	    "SELECT id, passages, dead, words, first_row, last_row, rows"
	    " FROM segment WHERE state = 1 AND first_row <= :last"
	    " AND last_row >= :first");
	bind_int(&q, ":first", n > 0 ? sorted[0] : 0);
	bind_int(&q, ":last", n > 0 ? sorted[n - 1] : -1);
	while (bad == 0 && step(&q)) {
		s = xrealloc(s, (count + 1) * sizeof(*s));
		bad = read_segment(&q, &s[count++]);
	}
	code = done(&q);
	if (code == 0)
		code = bad;
	for (i = 0; i < count; i++) {
		if (code == 0)
			code = forget_in(db, &s[i], sorted, n);
		free(s[i].run);
	}
	free(s);
	free(sorted);
	return code;
}

/* --- sweeping --- */

static int
delete_turn(struct db *db, const char *sql, int64_t from, int64_t to)
{
	struct query q;
	int code = db_begin(db), changed = 1;

	while (code == 0 && changed > 0 && !db_turn_over(db)) {
		q = query(db, sql);
		bind_int(&q, ":from", from);
		bind_int(&q, ":to", to);
		step(&q);
		code = done(&q);
		changed = db_changes(db);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code < 0 ? code : changed > 0;
}

static int
drop_segment(struct db *db, int64_t id)
{
	int code;

	while ((code = delete_turn(db,
		    "DELETE FROM segment_term WHERE segment = :from AND"
		    " segment < :to AND term <= coalesce((SELECT term"
		    " FROM segment_term WHERE segment = :from"
		    " ORDER BY term LIMIT 1 OFFSET 500),"
		    " (SELECT max(term) FROM segment_term"
		    " WHERE segment = :from))",
		    id, id + 1)) > 0)
		;
	while (code == 0 &&
	    (code = delete_turn(db,
		 "DELETE FROM segment_blob WHERE id >= :from AND id <="
		 " coalesce((SELECT id FROM segment_blob WHERE id >= :from"
		 " AND id < :to ORDER BY id LIMIT 1 OFFSET 20), :to - 1)",
		 segment_blob_id(id, 0, 0), segment_blob_id(id + 1, 0, 0))) > 0)
		code = 0;
	while (code == 0 &&
	    (code = delete_turn(db,
		 "DELETE FROM segment WHERE id >= :from AND id < :to AND"
		 " state <> 1",
		 id, id + 1)) > 0)
		code = 0;
	return code;
}

int
segment_sweep(struct db *db)
{
	int64_t id = 0;
	struct query q;
	bool found;
	int code;

	for (;;) {
		q = query(db,
		    "SELECT id FROM segment WHERE state <> 1 LIMIT 1");
		found = step(&q);
		if (found)
			id = column_int(&q, 0);
		code = done(&q);
		if (code < 0 || !found)
			return code;
		code = drop_segment(db, id);
		if (code < 0)
			return code;
	}
}

/* --- merging --- */

struct word {
	char *term;
	size_t len;
	size_t df;
	int64_t list;
	char *data;
	size_t data_len;
};

/* A segment that is read word by word. */
struct input {
	const struct segment *s;
	unsigned char *dead, *lens;
	uint32_t *to; /* its number in what is made, UINT32_MAX for the dead */
	struct word word[TERMS_A_BATCH];
	size_t words, at;
	char *last; /* word of the batch before; NULL: none */
	size_t last_len;
	bool is_over;
};

static void
clear_words(struct input *in)
{
	size_t i;

	for (i = 0; i < in->words; i++) {
		free(in->word[i].term);
		free(in->word[i].data);
	}
	in->words = in->at = 0;
}

static int
read_words(struct db *db, struct input *in)
{
	struct query q;
	struct word *w;
	const void *p;
	int code;

	if (in->at < in->words || in->is_over)
		return 0;
	if (in->words > 0) {
		free(in->last);
		w = &in->word[in->words - 1];
		in->last = xstrndup(w->term, w->len);
		in->last_len = w->len;
	}
	clear_words(in);
	q = query(db,
	    "SELECT term, df, list, data FROM segment_term"
	    " WHERE segment = :segment AND term > :last"
	    " ORDER BY term LIMIT 2000");
	bind_int(&q, ":segment", in->s->id);
	bind_textn(&q, ":last", in->last != NULL ? in->last : "", in->last_len);
	while (in->words < TERMS_A_BATCH && step(&q)) {
		w = &in->word[in->words++];
		p = column_text(&q, 0);
		w->len = (size_t)sqlite3_column_bytes(q.stmt, 0);
		w->term = xstrndup(p, w->len);
		w->df = (size_t)column_int(&q, 1);
		w->list = column_null(&q, 2) ? -1 : column_int(&q, 2);
		p = column_blob(&q, 3, &w->data_len);
		w->data = xmalloc(w->data_len + 1);
		if (w->data_len > 0)
			memcpy(w->data, p, w->data_len);
	}
	code = done(&q);
	in->is_over = in->words == 0;
	return code;
}

/* Docs and counts, from as many lists as are added. */
struct gathered {
	uint32_t *docs;
	uint8_t *tfs;
	size_t count, cap;
};

/* The postings of a word, each through map (NULL: as they are). */
static int
gather(struct db *db, const struct segment *s, const struct word *w,
    const uint32_t *map, struct gathered *g)
{
	char *head = w->data, *piece = NULL;
	uint32_t docs[POSTINGS_BLOCK], to;
	uint8_t tfs[POSTINGS_BLOCK];
	size_t head_len = w->data_len, piece_len = 0, i;
	struct postings_block b;
	unsigned at = 0, n = 0, j;
	struct postings p;
	int code = 0;

	if (w->list >= 0) {
		code = segment_blob(db, segment_blob_id(s->id, w->list, 0),
		    &head, &head_len);
		if (code == 0 && head == NULL)
			code = broken("a list is missing");
	}
	if (code == 0)
		code = postings_open(head, head_len, w->df, s->passages, &p);
	for (i = 0; code == 0 && i < p.blocks; i++) {
		postings_block(&p, i, &b);
		if (b.piece != at && w->list < 0) {
			code = broken("the piece of a block");
			break;
		}
		if (b.piece != at) {
			free(piece);
			at = b.piece;
			code = segment_blob(db,
			    segment_blob_id(s->id, w->list, at), &piece,
			    &piece_len);
			if (code == 0 && piece == NULL)
				code = broken("a piece is missing");
			if (code < 0)
				break;
		}
		code = postings_unpack(&p, i,
		    (const uint8_t *)(at == 0 ? head : piece),
		    at == 0 ? head_len : piece_len, docs, tfs, &n);
		if (code < 0)
			break;
		if (g->count + n > g->cap) {
			g->cap = 2 * (g->count + POSTINGS_BLOCK);
			g->docs = xrealloc(g->docs, g->cap * sizeof(*g->docs));
			g->tfs = xrealloc(g->tfs, g->cap);
		}
		for (j = 0; j < n; j++) {
			to = map != NULL ? map[docs[j]] : docs[j];
			if (to == UINT32_MAX)
				continue;
			g->docs[g->count] = to;
			g->tfs[g->count++] = tfs[j];
		}
	}
	free(piece);
	if (w->list >= 0)
		free(head);
	return code;
}

static int
by_low_word(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Inputs may have passages between each other's. */
static void
order(struct gathered *g)
{
	uint64_t *both;
	size_t i;

	for (i = 1; i < g->count && g->docs[i] > g->docs[i - 1]; i++)
		;
	if (i >= g->count)
		return;
	both = xcalloc(g->count, sizeof(*both));
	for (i = 0; i < g->count; i++)
		both[i] = (uint64_t)g->docs[i] << 8 | g->tfs[i];
	qsort(both, g->count, sizeof(*both), by_low_word);
	for (i = 0; i < g->count; i++) {
		g->docs[i] = (uint32_t)(both[i] >> 8);
		g->tfs[i] = (uint8_t)both[i];
	}
	free(both);
}

static int
word_order(const struct word *a, const struct word *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->term, b->term, n);

	return c != 0 ? c : a->len < b->len ? -1 : a->len > b->len;
}

struct merge {
	struct db *db;
	struct input *in;
	size_t inputs;
	int64_t *rows;
	uint8_t *lens;
	size_t passages;
	struct queue out;
};

struct living {
	int64_t row;
	size_t input;
	uint32_t local;
};

static int
by_row(const void *a, const void *b)
{
	const struct living *x = a, *y = b;

	return x->row < y->row ? -1 : x->row > y->row;
}

/* Number what is not dead, by row. */
static void
renumber(struct merge *m)
{
	struct living *l;
	struct input *in;
	size_t i, n = 0;
	uint32_t k;

	for (i = 0; i < m->inputs; i++)
		n += m->in[i].s->passages;
	l = xcalloc(n, sizeof(*l));
	n = 0;
	for (i = 0; i < m->inputs; i++) {
		in = &m->in[i];
		in->to = xmalloc(in->s->passages * sizeof(*in->to));
		for (k = 0; k < in->s->passages; k++) {
			in->to[k] = UINT32_MAX;
			if (has_bit(in->dead, k))
				continue;
			l[n++] = (struct living){ segment_row(in->s, k), i, k };
		}
	}
	for (i = 1; i < n && l[i].row > l[i - 1].row; i++)
		;
	if (i < n)
		qsort(l, n, sizeof(*l), by_row);
	m->rows = xcalloc(n + 1, sizeof(*m->rows));
	m->lens = xmalloc(n + 1);
	m->passages = n;
	for (i = 0; i < n; i++) {
		in = &m->in[l[i].input];
		in->to[l[i].local] = (uint32_t)i;
		m->rows[i] = l[i].row;
		m->lens[i] = in->lens[l[i].local];
	}
	free(l);
}

static int
merge_words(struct merge *m, const float k[256])
{
	struct gathered g = { .count = 0 };
	const struct word *least, *w;
	size_t i;
	int code = 0;

	for (;;) {
		least = NULL;
		for (i = 0; i < m->inputs && code == 0; i++) {
			code = read_words(m->db, &m->in[i]);
			if (code < 0 || m->in[i].is_over)
				continue;
			w = &m->in[i].word[m->in[i].at];
			if (least == NULL || word_order(w, least) < 0)
				least = w;
		}
		if (least == NULL || code < 0)
			break;
		g.count = 0;
		for (i = 0; i < m->inputs && code == 0; i++) {
			if (m->in[i].is_over)
				continue;
			w = &m->in[i].word[m->in[i].at];
			if (w != least && word_order(w, least) != 0)
				continue;
			code = gather(m->db, m->in[i].s, w, m->in[i].to, &g);
			/* least itself stays good: it is in its batch. */
			m->in[i].at++;
		}
		order(&g);
		if (code == 0 && g.count > 0)
			add_term(&m->out, least->term, least->len, g.docs,
			    g.tfs, g.count, m->lens, k);
		if (code == 0 && is_full(&m->out))
			code = write_queue(&m->out);
	}
	free(g.docs);
	free(g.tfs);
	return code;
}

/* In the last transaction: what was deleted meanwhile is deleted here too. */
static int
forget_since(struct merge *m)
{
	struct buf rows = BUF_INIT(0);
	unsigned char *now;
	int64_t row;
	size_t i;
	uint32_t k;
	int code = 0;

	for (i = 0; i < m->inputs && code == 0; i++) {
		code = read_dead(m->db, m->in[i].s, &now);
		if (code < 0)
			break;
		for (k = 0; k < m->in[i].s->passages; k++)
			if (has_bit(now, k) && !has_bit(m->in[i].dead, k)) {
				row = segment_row(m->in[i].s, k);
				buf_add(&rows, &row, sizeof(row));
			}
		free(now);
	}
	if (code == 0 && rows.len > 0)
		code = segment_forget(m->db,
		    (const int64_t *)(const void *)rows.data,
		    rows.len / sizeof(row));
	buf_release(&rows);
	return code;
}

static int
finish_merge(struct merge *m, double words)
{
	struct query q;
	size_t i;
	int code = db_begin(m->db);

	if (code == 0 && m->passages > 0)
		code = make_live(&m->out, m->rows, m->passages, words);
	if (code == 0)
		code = forget_since(m);
	for (i = 0; i < m->inputs && code == 0; i++) {
		q = query(m->db, "UPDATE segment SET state = 2 WHERE id = :id");
		bind_int(&q, ":id", m->in[i].s->id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(m->db);
	db_rollback(m->db);
	return code;
}

/* These segments become one, without what is dead. */
static int
merge(struct db *db, const struct segment *const *s, size_t n)
{
	struct merge m = { .db = db, .inputs = n };
	float k[256];
	double words = 0;
	size_t i;
	int code = 0;

	m.in = xcalloc(n, sizeof(*m.in));
	for (i = 0; i < n && code == 0; i++) {
		m.in[i].s = s[i];
		code = read_dead(db, s[i], &m.in[i].dead);
		if (code == 0)
			code = read_lengths(db, s[i], &m.in[i].lens);
	}
	if (code == 0) {
		renumber(&m);
		words = words_of(m.lens, m.passages);
		code = m.passages > 0 ? open_queue(&m.out, db) : 0;
	}
	if (code == 0 && m.passages > 0) {
		postings_k((float)(words / (double)m.passages), k);
		add_lengths(&m.out, m.lens, m.passages);
		code = merge_words(&m, k);
		end_spelling(&m.out);
		if (code == 0)
			code = write_queue(&m.out);
	}
	fault("kb-index.merge-before-live");
	if (code == 0)
		code = finish_merge(&m, words);
	fault("kb-index.merge-after-live");
	close_queue(&m.out);
	for (i = 0; i < n; i++) {
		clear_words(&m.in[i]);
		free(m.in[i].last);
		free(m.in[i].dead);
		free(m.in[i].lens);
		free(m.in[i].to);
	}
	free(m.in);
	free(m.rows);
	free(m.lens);
	return code < 0 ? code : segment_sweep(db);
}

static int
tier_of(const struct segment *s)
{
	double live = (double)(s->passages - s->dead) / TIER_PASSAGES;

	return live < 1 ? 0 : (int)(log2(live) / 3);
}

/* Those that are due together; the number of them. */
static size_t
due(const struct segments *all, const struct segment **ret)
{
	int tier, top = 0;
	size_t i, n, same;

	for (i = 0; i < all->count; i++) {
		/* Half dead: it is read for nothing. */
		if (2 * (uint64_t)all->segment[i].dead >=
		    all->segment[i].passages) {
			ret[0] = &all->segment[i];
			return 1;
		}
		if (tier_of(&all->segment[i]) > top)
			top = tier_of(&all->segment[i]);
	}
	for (tier = 0; tier <= top; tier++) {
		/* Smaller ones go along: they are as good as free. */
		for (i = n = same = 0; i < all->count; i++) {
			if (tier_of(&all->segment[i]) <= tier)
				ret[n++] = &all->segment[i];
			same += tier_of(&all->segment[i]) == tier;
		}
		if (same >= FAN)
			return n;
	}
	return 0;
}

int
segment_merge(struct db *db)
{
	const struct segment **chosen;
	struct segments all;
	size_t n;
	int code;

	do {
		code = segments_read(db, &all);
		if (code < 0)
			return code;
		chosen = xcalloc(all.count + 1, sizeof(*chosen));
		n = due(&all, chosen);
		if (n > 0)
			code = merge(db, chosen, n);
		free(chosen);
		segments_release(&all);
	} while (code == 0 && n > 0);
	return code;
}

int
segment_compact(struct db *db)
{
	const struct segment **chosen;
	struct segments all;
	size_t i, n = 0;
	int code = segments_read(db, &all);

	if (code < 0)
		return code;
	chosen = xcalloc(all.count + 1, sizeof(*chosen));
	for (i = 0; i < all.count; i++)
		if (all.segment[i].dead > 0)
			chosen[n++] = &all.segment[i];
	if (n > 0)
		code = merge(db, chosen, n);
	free(chosen);
	segments_release(&all);
	return code;
}

int
segment_each(struct db *db, const struct segment *s, posting_fn each, void *ctx)
{
	struct input *in = xcalloc(1, sizeof(*in));
	struct gathered g = { .count = 0 };
	const struct word *w;
	size_t i;
	int code;

	in->s = s;
	code = read_dead(db, s, &in->dead);
	while (code == 0 && (code = read_words(db, in)) == 0 && !in->is_over) {
		w = &in->word[in->at++];
		g.count = 0;
		code = gather(db, s, w, NULL, &g);
		for (i = 0; i < g.count && code == 0; i++)
			if (!has_bit(in->dead, g.docs[i]))
				code = each(ctx, w->term, w->len,
				    segment_row(s, g.docs[i]), g.tfs[i]);
	}
	clear_words(in);
	free(in->last);
	free(in->dead);
	free(in);
	free(g.docs);
	free(g.tfs);
	return code;
}
