/* vector - what passages mean, as vectors, and the nearest of them */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/chunk.h"
#include "kb/vector.h"

#define ROW_BITS 40
#define RUN_BYTES 12	 /* of vector_group.rows: number and row */
#define SAMPLE_GROUPS 16 /* that a mean is taken of */
#define SKIPPED UINT16_MAX
#define LANES 8
#define NEAR 2000 /* by their signs, that are estimated, or one in so many: */
#define NEAR_SHARE 100

/*
 * The loops over all vectors, in the processor's wider registers where it has
 * them and counts bits in one step. The C library knows that it has: to ask the
 * processor, as target_clones does at every start, takes 50 us where it is a
 * virtual machine's.
 */
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define WIDE __attribute__((target("avx2")))
#define HAS_WIDE() CPU_FEATURE_ACTIVE(AVX2)
#else
#define WIDE
#define HAS_WIDE() false
#endif
#define LOOP static inline __attribute__((always_inline))

typedef float lanes __attribute__((vector_size(32)));
typedef int8_t bytes __attribute__((vector_size(8)));

static int64_t
vector_id(const struct vector_model *m, int64_t row)
{
	return m->id << ROW_BITS | row;
}

static int64_t
row_of(int64_t id)
{
	return id & ((INT64_C(1) << ROW_BITS) - 1);
}

static int
broken(const char *what)
{
	return err_set(ERR_DATA, "the vectors are damaged: %s", what);
}

/* --- numbers --- */

static size_t
words_of(size_t dimensions)
{
	return (dimensions + 63) / 64;
}

/*
 * Behind the signs of a group stand two floats a vector, for its distance r from
 * the mean c: |r|^2 over the sum of |r_i|, and r.c. With a question q its cosine
 * is c.q + r.c + r.(q-c), and the last of these is nearly the first float times
 * the sum of (q-c)_i with the sign of r_i.
 */
struct about {
	float factor, offset;
};

static size_t
codes_bytes(size_t n, size_t dimensions)
{
	return n *
	    (words_of(dimensions) * sizeof(uint64_t) + sizeof(struct about));
}

static size_t
data_bytes(size_t dimensions)
{
	return sizeof(float) + dimensions;
}

int
vector_normalise(float *v, size_t dimensions)
{
	double sum = 0, length;
	size_t i;

	for (i = 0; i < dimensions; i++)
		sum += (double)v[i] * v[i];
	length = sqrt(sum);
	if (!isfinite(length) || length < 1e-20)
		return err_set(ERR_DATA, "a vector %s",
		    isfinite(length) ? "of zeros" :
				       "with what is no number in it");
	for (i = 0; i < dimensions; i++)
		v[i] = (float)(v[i] / length);
	return 0;
}

/* v as vector.data. */
static void
pack(const float *v, size_t dimensions, char *ret)
{
	float most = 0, factor;
	size_t i;

	for (i = 0; i < dimensions; i++)
		most = fmaxf(most, fabsf(v[i]));
	factor = most / 127;
	memcpy(ret, &factor, sizeof(factor));
	for (i = 0; i < dimensions; i++)
		ret[sizeof(factor) + i] =
		    (char)(signed char)lrintf(factor > 0 ? v[i] / factor : 0);
}

static void
unpack(const char *data, size_t dimensions, float *ret)
{
	float factor;
	size_t i;

	memcpy(&factor, data, sizeof(factor));
	for (i = 0; i < dimensions; i++)
		ret[i] = factor * (float)(signed char)data[sizeof(factor) + i];
}

static void
signs(const float *v, const float *centre, size_t dimensions, uint64_t *ret)
{
	size_t i;

	memset(ret, 0, words_of(dimensions) * sizeof(*ret));
	for (i = 0; i < dimensions; i++)
		ret[i / 64] |= (uint64_t)(v[i] > centre[i]) << i % 64;
}

static struct about
about(const float *v, const float *centre, size_t dimensions)
{
	double square = 0, sum = 0, offset = 0, r;
	size_t i;

	for (i = 0; i < dimensions; i++) {
		r = (double)v[i] - centre[i];
		square += r * r;
		sum += fabs(r);
		offset += r * centre[i];
	}
	return (
	    struct about){ sum > 0 ? (float)(square / sum) : 0, (float)offset };
}

/* Sums of eight numbers with the signs of each byte there is, for all bytes of
 * a code: an estimate is then a look-up a byte. */
static void
tabulate(const float *v, const float *centre, size_t dimensions, float *ret)
{
	size_t i, k, bits = words_of(dimensions) * 64;
	float x, *sums;

	for (i = 0; i < bits; i += 8) {
		sums = ret + i / 8 * 256;
		sums[0] = 0;
		for (k = i; k < i + 8; k++)
			sums[0] -= k < dimensions ? v[k] - centre[k] : 0;
		for (k = 0; k < 8; k++) {
			x = i + k < dimensions ? v[i + k] - centre[i + k] : 0;
			for (size_t j = 0; j < (size_t)1 << k; j++)
				sums[j | (size_t)1 << k] = sums[j] + 2 * x;
		}
	}
}

static float
estimate(const float *table, const uint64_t *code, size_t words,
    struct about about)
{
	float sum[2] = { 0, 0 };
	uint64_t w;
	size_t i, k;

	for (i = 0; i < words; i++)
		for (w = code[i], k = 0; k < 8; k += 2, table += 512) {
			sum[0] += table[w & 255];
			sum[1] += table[256 + (w >> 8 & 255)];
			w >>= 16;
		}
	return about.factor * (sum[0] + sum[1]) + about.offset;
}

LOOP void
distances_loop(const uint64_t *codes, size_t n, size_t words,
    const uint64_t *mine, uint16_t *ret)
{
	size_t i, w;
	int sum;

	for (i = 0; i < n; i++, codes += words) {
		for (w = 0, sum = 0; w < words; w++)
			sum += __builtin_popcountll(codes[w] ^ mine[w]);
		ret[i] = (uint16_t)sum;
	}
}

WIDE static void
distances_wide(const uint64_t *codes, size_t n, size_t words,
    const uint64_t *mine, uint16_t *ret)
{
	distances_loop(codes, n, words, mine, ret);
}

/* Bits in which each of n codes differs from mine. */
static void
distances(const uint64_t *codes, size_t n, size_t words, const uint64_t *mine,
    uint16_t *ret)
{
	if (HAS_WIDE())
		distances_wide(codes, n, words, mine, ret);
	else
		distances_loop(codes, n, words, mine, ret);
}

LOOP float
cosine_loop(const float *v, const char *data, size_t dimensions)
{
	const char *p = data + sizeof(float);
	lanes sum = { 0 }, x;
	bytes b;
	float factor, all = 0;
	size_t i;

	for (i = 0; i + LANES <= dimensions; i += LANES) {
		memcpy(&b, p + i, sizeof(b));
		memcpy(&x, v + i, sizeof(x));
		sum += x * __builtin_convertvector(b, lanes);
	}
	for (; i < dimensions; i++)
		all += v[i] * (float)(signed char)p[i];
	for (i = 0; i < LANES; i++)
		all += sum[i];
	memcpy(&factor, data, sizeof(factor));
	return all * factor;
}

WIDE static float
cosine_wide(const float *v, const char *data, size_t dimensions)
{
	return cosine_loop(v, data, dimensions);
}

static float
cosine(const float *v, const char *data, size_t dimensions)
{
	return HAS_WIDE() ? cosine_wide(v, data, dimensions) :
			    cosine_loop(v, data, dimensions);
}

/* --- models --- */

static void
read_model(struct query *q, struct vector_model *ret)
{
	ret->id = column_int(q, 0);
	ret->name = column_copy(q, 1);
	ret->dimensions = (size_t)column_int(q, 2);
	ret->prefix = column_copy(q, 3);
	ret->state = (enum vector_state)column_int(q, 4);
}

void
vector_model_release(struct vector_model *m)
{
	free(m->name);
	free(m->prefix);
	memset(m, 0, sizeof(*m));
}

int
vector_searched(struct db *db, struct vector_model *ret)
{
	struct query q = query(db,
	    "SELECT id, name, dimensions, prefix, state FROM vector_model"
	    " WHERE state = 1");
	bool found = step(&q);
	int code;

	if (found)
		read_model(&q, ret);
	code = done(&q);
	return code < 0 ? code : found;
}

int
vector_find(struct db *db, const char *name, const char *prefix,
    size_t dimensions, struct vector_model *ret)
{
	struct query q = query(db,
	    "SELECT id, name, dimensions, prefix, state FROM vector_model"
	    " WHERE name = :name AND prefix = :prefix AND state < 2"
	    " AND (:dimensions = 0 OR dimensions = :dimensions)"
	    " ORDER BY id DESC LIMIT 1");
	bool found;
	int code;

	bind_text(&q, ":name", name);
	bind_text(&q, ":prefix", prefix);
	bind_int(&q, ":dimensions", (int64_t)dimensions);
	found = step(&q);
	if (found)
		read_model(&q, ret);
	code = done(&q);
	return code < 0 ? code : found;
}

int
vector_new(struct db *db, const char *name, const char *prefix,
    size_t dimensions, int64_t now_ms, struct vector_model *ret)
{
	struct query q;
	int64_t id = 0;
	int code = db_begin(db);

	if (code == 0) {
		/* Never the id of one that is being swept. */
		q = query(db,
		    "INSERT INTO vector_model (id, name, dimensions, prefix,"
		    " state, made_ms) VALUES (1 + coalesce((SELECT max(id)"
		    " FROM vector_model), 0), :name, :dimensions, :prefix, 0,"
		    " :now)");
		bind_text(&q, ":name", name);
		bind_int(&q, ":dimensions", (int64_t)dimensions);
		bind_text(&q, ":prefix", prefix);
		bind_int(&q, ":now", now_ms);
		step(&q);
		code = done(&q);
		id = db_last_row(db);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	if (code == 0)
		*ret = (struct vector_model){ id, xstrdup(name),
			xstrdup(prefix), dimensions, VECTOR_FILLED };
	return code;
}

int
vector_turn(struct store *s, bool wait, int *ret)
{
	char *path = store_run_path(s, "kb-embed.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660), code = 0;

	if (fd < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		code = errno == EWOULDBLOCK ?
		    err_set(ERR_BUSY, "another kb-embed is at work") :
		    err_errno(ERR_IO, "%s", path);
	if (code == 0)
		*ret = fd;
	else if (fd >= 0)
		close(fd);
	free(path);
	return code;
}

/* --- rows of a group --- */

/* Runs of rows that follow each other; 0 stands for a dead one. */
static void
put_rows(const int64_t *rows, size_t n, struct buf *ret)
{
	size_t i, end;
	uint32_t number;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n &&
		     rows[end] == (rows[i] > 0 ? rows[end - 1] + 1 : 0);
		     end++)
			;
		number = (uint32_t)(end - i);
		buf_add(ret, &number, sizeof(number));
		buf_add(ret, &rows[i], sizeof(rows[i]));
	}
}

static int
get_rows(const char *blob, size_t len, size_t n, int64_t *ret)
{
	uint32_t number;
	int64_t row;
	size_t i = 0;

	for (; len >= RUN_BYTES; blob += RUN_BYTES, len -= RUN_BYTES) {
		memcpy(&number, blob, sizeof(number));
		memcpy(&row, blob + sizeof(number), sizeof(row));
		if (number > n - i)
			return broken("rows of a group");
		for (; number > 0; number--) {
			ret[i++] = row;
			row += row > 0;
		}
	}
	return len == 0 && i == n ? 0 : broken("rows of a group");
}

/* The row at a place of them alone; 0: a dead one. */
static int
row_at(const char *blob, size_t len, size_t at, int64_t *ret)
{
	uint32_t number;
	int64_t row;

	for (; len >= RUN_BYTES; blob += RUN_BYTES, len -= RUN_BYTES) {
		memcpy(&number, blob, sizeof(number));
		memcpy(&row, blob + sizeof(number), sizeof(row));
		if (at < number) {
			*ret = row > 0 ? row + (int64_t)at : 0;
			return 0;
		}
		at -= number;
	}
	return broken("rows of a group");
}

/* A group without its codes. */
struct group {
	int64_t id, centre;
	size_t count, dead;
	char *rows;
	size_t rows_len;
};

struct groups {
	struct group *group;
	size_t count, vectors;
};

static void
groups_release(struct groups *g)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		free(g->group[i].rows);
	free(g->group);
}

/* The groups that hold rows from first to last. */
static int
read_groups(struct db *db, const struct vector_model *m, int64_t first,
    int64_t last, struct groups *ret)
{
	struct query q = query(db,
	    "SELECT id, centre, count, dead, rows FROM vector_group"
	    " WHERE model = :model AND last_row >= :first"
	    " AND first_row <= :last ORDER BY id");
	const void *blob;
	struct group *g;
	int code = 0;

	memset(ret, 0, sizeof(*ret));
	bind_int(&q, ":model", m->id);
	bind_int(&q, ":first", first);
	bind_int(&q, ":last", last);
	while (code == 0 && step(&q)) {
		if ((ret->count & (ret->count - 1)) == 0)
			ret->group = xrealloc(ret->group,
			    (ret->count > 0 ? 2 * ret->count : 1) *
				sizeof(*ret->group));
		g = &ret->group[ret->count++];
		g->id = column_int(&q, 0);
		g->centre = column_int(&q, 1);
		g->count = (size_t)column_int(&q, 2);
		g->dead = (size_t)column_int(&q, 3);
		blob = column_blob(&q, 4, &g->rows_len);
		g->rows = xstrndup(blob != NULL ? blob : "", 0);
		g->rows = xrealloc(g->rows, g->rows_len + 1);
		if (g->rows_len > 0)
			memcpy(g->rows, blob, g->rows_len);
		ret->vectors += g->count;
		if (g->count == 0 || g->count > VECTOR_GROUP)
			code = broken("the size of a group");
	}
	if (done(&q) < 0)
		code = q.code;
	if (code < 0) {
		groups_release(ret);
		memset(ret, 0, sizeof(*ret));
	}
	return code;
}

/*
 * The codes of a group and what stands behind them, good until q is done. They
 * are used where SQLite has them, and copied to spare, which has room for all,
 * only where that is no place for words.
 */
static int
get_codes(struct query *q, struct db *db, const struct group *g,
    size_t dimensions, uint64_t *spare, const uint64_t **ret)
{
	size_t len = 0, want = codes_bytes(g->count, dimensions);
	const void *blob = NULL;

	*q = query(db, "SELECT data FROM vector_code WHERE id = :id");
	bind_int(q, ":id", g->id);
	if (step(q))
		blob = column_blob(q, 0, &len);
	if (blob == NULL || len != want)
		return q->code < 0 ? q->code : broken("the codes of a group");
	if ((uintptr_t)blob % sizeof(**ret) != 0)
		blob = memcpy(spare, blob, want);
	*ret = blob;
	return 0;
}

static int
read_centre(struct db *db, int64_t id, size_t dimensions, float *ret)
{
	struct query q =
	    query(db, "SELECT data FROM vector_centre WHERE id = :id");
	const void *blob = NULL;
	size_t len = 0;

	bind_int(&q, ":id", id);
	if (step(&q))
		blob = column_blob(&q, 0, &len);
	if (blob != NULL && len == dimensions * sizeof(*ret))
		memcpy(ret, blob, len);
	if (done(&q) < 0)
		return q.code;
	return len == dimensions * sizeof(*ret) ? 0 : broken("a mean");
}

/* The bytes of a vector, into ret: 1, 0 or an ERR. */
static int
read_data(struct db *db, const struct vector_model *m, int64_t row, char *ret)
{
	struct query q = query(db, "SELECT data FROM vector WHERE id = :id");
	size_t len = 0, want = data_bytes(m->dimensions);
	const void *blob;
	bool found;

	bind_int(&q, ":id", vector_id(m, row));
	found = step(&q);
	if (found) {
		blob = column_blob(&q, 0, &len);
		if (blob != NULL && len == want)
			memcpy(ret, blob, want);
	}
	if (done(&q) < 0)
		return q.code;
	if (found && len != want)
		return broken("the length of a vector");
	return found;
}

/* --- passages --- */

void
vector_passage_release(struct vector_passage *p)
{
	free(p->id);
	free(p->source);
	free(p->text);
	memset(p, 0, sizeof(*p));
}

int
vector_read(struct db *db, int64_t row, struct vector_passage *ret)
{
	struct query q = query(db,
	    "SELECT p.id, d.source, d.title, p.section, p.text"
	    " FROM passage p JOIN document d"
	    " ON d.id = p.document AND d.version = p.version"
	    " WHERE p.row = :row");
	const char *title, *section, *text;
	bool found;
	char *all;
	int code;

	bind_int(&q, ":row", row);
	found = step(&q);
	if (found) {
		title = column_text(&q, 2);
		section = column_text(&q, 3);
		text = column_text(&q, 4);
		all = xformat("%s%s%s\n%s", title != NULL ? title : "",
		    section != NULL && *section != '\0' ? KB_SECTION_SEPARATOR :
							  "",
		    section != NULL ? section : "", text != NULL ? text : "");
		all[utf8_cut(all, strlen(all), VECTOR_TEXT_MAX_BYTES)] = '\0';
		*ret = (struct vector_passage){ row, column_copy(&q, 0),
			column_copy(&q, 1), all };
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* 63 bits of what a vector was made from. */
static int64_t
digest(const char *text)
{
	char hex[HASH_HEX_BYTES];

	hash_hex(hex, text, strlen(text));
	hex[15] = '\0';
	return (int64_t)strtoull(hex, NULL, 16);
}

struct rowlist {
	int64_t *row;
	size_t count, cap;
};

static void
add_row(struct rowlist *l, int64_t row)
{
	if (l->count == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 1024;
		l->row = xrealloc(l->row, l->cap * sizeof(*l->row));
	}
	l->row[l->count++] = row;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
sort_rows(struct rowlist *l)
{
	if (l->count > 1)
		qsort(l->row, l->count, sizeof(*l->row), by_number);
}

static int
rows_in(struct db *db, const struct vector_model *m, const char *sql,
    struct rowlist *ret)
{
	struct query q = query(db, sql);

	bind_int(&q, ":first", vector_id(m, 0));
	bind_int(&q, ":last", vector_id(m, 0) | ((INT64_C(1) << ROW_BITS) - 1));
	while (step(&q))
		add_row(ret, row_of(column_int(&q, 0)));
	return done(&q);
}

static int
loose_rows(struct db *db, const struct vector_model *m, struct rowlist *ret)
{
	return rows_in(db, m,
	    "SELECT id FROM vector_loose WHERE id BETWEEN :first AND :last"
	    " ORDER BY id",
	    ret);
}

static int
refused_rows(struct db *db, const struct vector_model *m, struct rowlist *ret)
{
	return rows_in(db, m,
	    "SELECT id FROM vector_refused WHERE id BETWEEN :first AND :last"
	    " ORDER BY id",
	    ret);
}

/* Every row that m has a vector of; the vectors themselves, many times as
 * much, are not read. */
static int
embedded_rows(struct db *db, const struct vector_model *m, struct rowlist *ret)
{
	int64_t rows[VECTOR_GROUP];
	struct groups g;
	size_t i, k;
	int code = read_groups(db, m, 0, INT64_MAX, &g);

	for (i = 0; i < g.count && code == 0; i++) {
		code = get_rows(g.group[i].rows, g.group[i].rows_len,
		    g.group[i].count, rows);
		for (k = 0; k < g.group[i].count && code == 0; k++)
			if (rows[k] > 0)
				add_row(ret, rows[k]);
	}
	groups_release(&g);
	if (code == 0)
		code = loose_rows(db, m, ret);
	sort_rows(ret);
	return code;
}

/* Rows of passages that can be found, rising. */
static int
found_rows(struct db *db, struct rowlist *ret)
{
	struct query q = query(db,
	    "SELECT p.row FROM document d JOIN passage p"
	    " ON p.document = d.id AND p.version = d.version"
	    " WHERE d.version > 0");

	while (step(&q))
		add_row(ret, column_int(&q, 0));
	sort_rows(ret);
	return done(&q);
}

static bool
has_row(const struct rowlist *l, int64_t row)
{
	return l->count > 0 &&
	    bsearch(&row, l->row, l->count, sizeof(row), by_number) != NULL;
}

/* All that is known of the rows of m, in one snapshot. */
static int
read_rows(struct db *db, const struct vector_model *m, struct rowlist *found,
    struct rowlist *embedded, struct rowlist *refused)
{
	bool begun =
	    sqlite3_get_autocommit(db_handle(db)) && db_read_begin(db) == 0;
	int code = found_rows(db, found);

	if (code == 0 && m != NULL)
		code = embedded_rows(db, m, embedded);
	if (code == 0 && m != NULL)
		code = refused_rows(db, m, refused);
	if (begun)
		db_read_end(db);
	return code;
}

int
vector_missing(struct db *db, const struct vector_model *m, int64_t **ret,
    size_t *ret_count)
{
	struct rowlist found = { 0 }, embedded = { 0 }, refused = { 0 };
	size_t i, n = 0;
	int code = read_rows(db, m, &found, &embedded, &refused);

	for (i = 0; i < found.count; i++)
		if (!has_row(&embedded, found.row[i]) &&
		    !has_row(&refused, found.row[i]))
			found.row[n++] = found.row[i];
	free(embedded.row);
	free(refused.row);
	if (code < 0) {
		free(found.row);
		return code;
	}
	*ret = found.row;
	*ret_count = n;
	return 0;
}

int
vector_count(struct db *db, const struct vector_model *m,
    struct vector_counts *ret)
{
	struct rowlist found = { 0 }, embedded = { 0 }, refused = { 0 };
	struct vector_counts c = { 0 };
	size_t i;
	int code = read_rows(db, m, &found, &embedded, &refused);

	c.passages = (int64_t)found.count;
	for (i = 0; i < found.count; i++) {
		c.embedded += has_row(&embedded, found.row[i]);
		c.refused += has_row(&refused, found.row[i]);
	}
	free(found.row);
	free(embedded.row);
	free(refused.row);
	if (code == 0)
		*ret = c;
	return code;
}

/* --- adding --- */

/* In a transaction; a passage that is gone is passed over. */
static int
insert(struct db *db, const struct vector_model *m, int64_t row,
    int64_t made_from, const char *data)
{
	struct query q = query(db,
	    "INSERT INTO vector (id, digest, data)"
	    " SELECT :id, :digest, :data FROM passage WHERE row = :row"
	    " ON CONFLICT (id) DO NOTHING");
	int code;

	bind_int(&q, ":id", vector_id(m, row));
	bind_int(&q, ":digest", made_from);
	bind_blob(&q, ":data", data, data_bytes(m->dimensions));
	bind_int(&q, ":row", row);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(db) == 0)
		return code;
	q = query(db, "INSERT INTO vector_loose (id) VALUES (:id)");
	bind_int(&q, ":id", vector_id(m, row));
	step(&q);
	return done(&q);
}

int
vector_put(struct db *db, const struct vector_model *m,
    const struct vector_passage *const *passages, size_t n,
    const float *vectors)
{
	size_t bytes_each = data_bytes(m->dimensions), i;
	int64_t *made_from = xcalloc(n + 1, sizeof(*made_from));
	char *data = xmalloc(n * bytes_each + 1);
	int code = 0;

	for (i = 0; i < n; i++) {
		made_from[i] = digest(passages[i]->text);
		pack(vectors + i * m->dimensions, m->dimensions,
		    data + i * bytes_each);
	}
	for (i = 0; i < n && code == 0;) {
		code = db_begin(db);
		while (i < n && code == 0) {
			code = insert(db, m, passages[i]->row, made_from[i],
			    data + i * bytes_each);
			i++;
			if (i % DB_BATCH_ROWS == 0 || db_turn_over(db))
				break;
		}
		fault("kb-embed.before-commit");
		if (code == 0)
			code = db_commit(db);
		db_rollback(db);
		fault("kb-embed.stored-some");
	}
	free(made_from);
	free(data);
	return code;
}

int
vector_refuse(struct db *db, const struct vector_model *m, int64_t row,
    const char *reason, int64_t now_ms)
{
	struct query q;
	int code = db_begin(db);

	if (code == 0) {
		q = query(db,
		    "INSERT INTO vector_refused (id, reason, at_ms)"
		    " SELECT :id, :reason, :now FROM passage WHERE row = :row"
		    " ON CONFLICT (id) DO UPDATE SET reason = excluded.reason,"
		    " at_ms = excluded.at_ms");
		bind_int(&q, ":id", vector_id(m, row));
		bind_text(&q, ":reason", reason);
		bind_int(&q, ":now", now_ms);
		bind_int(&q, ":row", row);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

/* Delete of a table what is of m, in short transactions. */
static int
delete_all(struct db *db, const char *sql, const struct vector_model *m)
{
	struct query q;
	int code = 0, changed = 1;

	while (code == 0 && changed > 0) {
		code = db_begin(db);
		while (code == 0 && changed > 0 && !db_turn_over(db)) {
			q = query(db, sql);
			bind_int(&q, ":first", vector_id(m, 0));
			bind_int(&q, ":last",
			    vector_id(m, 0) | ((INT64_C(1) << ROW_BITS) - 1));
			step(&q);
			code = done(&q);
			changed = db_changes(db);
		}
		if (code == 0)
			code = db_commit(db);
		db_rollback(db);
	}
	return code;
}

int
vector_forgive(struct db *db, const struct vector_model *m)
{
	return delete_all(db,
	    "DELETE FROM vector_refused WHERE id IN (SELECT id"
	    " FROM vector_refused WHERE id BETWEEN :first AND :last LIMIT 64)",
	    m);
}

/* --- packing --- */

/* The newest mean of m: 1 (*ret_id and *ret_count are set), 0 or an ERR. */
static int
newest_centre(struct db *db, const struct vector_model *m, int64_t *ret_id,
    int64_t *ret_count)
{
	struct query q = query(db,
	    "SELECT id, count FROM vector_centre WHERE model = :model"
	    " ORDER BY id DESC LIMIT 1");
	bool found;

	bind_int(&q, ":model", m->id);
	found = step(&q);
	if (found) {
		*ret_id = column_int(&q, 0);
		*ret_count = column_int(&q, 1);
	}
	return done(&q) < 0 ? q.code : found;
}

/* A new mean of the vectors of rows, there being count of them in all. */
static int
new_centre(struct db *db, const struct vector_model *m,
    const struct rowlist *rows, int64_t count, int64_t *ret)
{
	size_t d = m->dimensions, i, k, n = 0;
	double *sum = xcalloc(d, sizeof(*sum));
	float *mean = xcalloc(d, sizeof(*mean));
	char *data = xmalloc(data_bytes(d));
	struct query q;
	int code = 0, got;

	for (i = 0; i < rows->count && code == 0; i++) {
		got = read_data(db, m, rows->row[i], data);
		if (got < 0)
			code = got;
		if (got != 1)
			continue;
		unpack(data, d, mean);
		for (k = 0; k < d; k++)
			sum[k] += mean[k];
		n++;
	}
	for (k = 0; k < d; k++)
		mean[k] = n > 0 ? (float)(sum[k] / (double)n) : 0;
	if (code == 0)
		code = db_begin(db);
	if (code == 0) {
		q = query(db,
		    "INSERT INTO vector_centre (id, model, count, data)"
		    " VALUES (1 + coalesce((SELECT max(id) FROM"
		    " vector_centre), 0), :model, :count, :data)");
		bind_int(&q, ":model", m->id);
		bind_int(&q, ":count", count);
		bind_blob(&q, ":data", mean, d * sizeof(*mean));
		step(&q);
		code = done(&q);
		*ret = db_last_row(db);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	free(sum);
	free(mean);
	free(data);
	return code;
}

/* Codes of rows about a mean; rows that have no vector any more become 0. */
static int
make_codes(struct db *db, const struct vector_model *m, const float *centre,
    int64_t *rows, size_t n, uint64_t *ret)
{
	size_t d = m->dimensions, words = words_of(d), i;
	struct about *behind = (struct about *)(void *)(ret + n * words);
	char *data = xmalloc(data_bytes(d));
	float *v = xmalloc(d * sizeof(*v));
	int code = 0, got;

	memset(ret, 0, codes_bytes(n, d));
	for (i = 0; i < n && code == 0; i++) {
		got = rows[i] > 0 ? read_data(db, m, rows[i], data) : 0;
		if (got < 0)
			code = got;
		else if (got == 0)
			rows[i] = 0;
		else {
			unpack(data, d, v);
			signs(v, centre, d, ret + i * words);
			behind[i] = about(v, centre, d);
		}
	}
	free(data);
	free(v);
	return code;
}

static size_t
count_dead(const int64_t *rows, size_t n)
{
	size_t dead = 0, i;

	for (i = 0; i < n; i++)
		dead += rows[i] == 0;
	return dead;
}

static int
put_codes(struct db *db, int64_t group, const uint64_t *codes, size_t n,
    size_t dimensions)
{
	struct query q = query(db,
	    "INSERT INTO vector_code (id, data) VALUES (:id, :data)"
	    " ON CONFLICT (id) DO UPDATE SET data = excluded.data");

	bind_int(&q, ":id", group);
	bind_blob(&q, ":data", codes, codes_bytes(n, dimensions));
	step(&q);
	return done(&q);
}

/* Nothing is left of the code of a vector. */
static void
clear_code(uint64_t *codes, size_t n, size_t i, size_t words)
{
	memset(codes + i * words, 0, words * sizeof(*codes));
	memset((char *)(codes + n * words) + i * sizeof(struct about), 0,
	    sizeof(struct about));
}

/* In a transaction: these loose rows are a group; what was forgotten since
 * they were read is not loose any more. */
static int
insert_group(struct db *db, const struct vector_model *m, int64_t centre,
    int64_t *rows, size_t n, uint64_t *codes)
{
	size_t words = words_of(m->dimensions), i;
	struct buf runs = BUF_INIT(0);
	int64_t first = rows[0], last = rows[n - 1];
	struct query q;
	int code = 0;

	for (i = 0; i < n && code == 0; i++) {
		q = query(db, "DELETE FROM vector_loose WHERE id = :id");
		bind_int(&q, ":id", vector_id(m, rows[i]));
		step(&q);
		code = done(&q);
		if (db_changes(db) == 0) {
			rows[i] = 0;
			clear_code(codes, n, i, words);
		}
	}
	put_rows(rows, n, &runs);
	if (code == 0) {
		q = query(db,
		    "INSERT INTO vector_group (model, centre, first_row,"
		    " last_row, count, dead, rows) VALUES (:model, :centre,"
		    " :first, :last, :count, :dead, :rows)");
		bind_int(&q, ":model", m->id);
		bind_int(&q, ":centre", centre);
		bind_int(&q, ":first", first);
		bind_int(&q, ":last", last);
		bind_int(&q, ":count", (int64_t)n);
		bind_int(&q, ":dead", (int64_t)count_dead(rows, n));
		bind_blob(&q, ":rows", runs.data, runs.len);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = put_codes(db, db_last_row(db), codes, n, m->dimensions);
	buf_release(&runs);
	return code;
}

/* A group of the first loose vectors; there are enough. */
static int
pack_group(struct db *db, const struct vector_model *m, int64_t *rows, size_t n)
{
	uint64_t *codes = xcalloc(1, codes_bytes(n, m->dimensions));
	float *centre = xcalloc(m->dimensions, sizeof(*centre));
	const struct rowlist all = { rows, n, n };
	int64_t *copy = xcalloc(n, sizeof(*copy));
	int64_t id = 0, of = 0;
	int code = newest_centre(db, m, &id, &of);

	if (code == 0)
		code = new_centre(db, m, &all, (int64_t)n, &id);
	if (code >= 0)
		code = read_centre(db, id, m->dimensions, centre);
	memcpy(copy, rows, n * sizeof(*rows));
	if (code == 0)
		code = make_codes(db, m, centre, copy, n, codes);
	if (code == 0)
		code = db_begin(db);
	if (code == 0)
		code = insert_group(db, m, id, rows, n, codes);
	fault("kb-embed.packing");
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	free(copy);
	free(codes);
	free(centre);
	return code;
}

static int
delete_group(struct db *db, int64_t id)
{
	struct query q = query(db, "DELETE FROM vector_code WHERE id = :id");

	bind_int(&q, ":id", id);
	step(&q);
	if (done(&q) < 0)
		return q.code;
	q = query(db, "DELETE FROM vector_group WHERE id = :id");
	bind_int(&q, ":id", id);
	step(&q);
	return done(&q);
}

/* The rows of a group as they are now; in a transaction. */
static int
reread_rows(struct db *db, const struct group *g, int64_t *ret)
{
	struct query q =
	    query(db, "SELECT rows FROM vector_group WHERE id = :id");
	const void *blob;
	size_t len;
	int code = 0, end;

	bind_int(&q, ":id", g->id);
	if (step(&q)) {
		blob = column_blob(&q, 0, &len);
		code = get_rows(blob, len, g->count, ret);
	} else
		code = broken("a group is missing");
	end = done(&q);
	return end < 0 ? end : code;
}

/* What lives of a group that is half dead is loose again. */
static int
dissolve(struct db *db, const struct vector_model *m, const struct group *g)
{
	int64_t rows[VECTOR_GROUP];
	struct query q;
	size_t i;
	int code = db_begin(db);

	if (code == 0)
		code = reread_rows(db, g, rows);
	for (i = 0; i < g->count && code == 0; i++) {
		if (rows[i] == 0)
			continue;
		q = query(db, "INSERT INTO vector_loose (id) VALUES (:id)");
		bind_int(&q, ":id", vector_id(m, rows[i]));
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = delete_group(db, g->id);
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

/* The codes of g about another mean. */
static int
recode(struct db *db, const struct vector_model *m, const struct group *g,
    int64_t id, const float *centre)
{
	size_t words = words_of(m->dimensions), i;
	int64_t rows[VECTOR_GROUP], now[VECTOR_GROUP];
	uint64_t *codes = xcalloc(1, codes_bytes(g->count, m->dimensions));
	struct query q;
	int code = get_rows(g->rows, g->rows_len, g->count, rows);

	if (code == 0)
		code = make_codes(db, m, centre, rows, g->count, codes);
	if (code == 0)
		code = db_begin(db);
	if (code == 0)
		code = reread_rows(db, g, now);
	for (i = 0; i < g->count && code == 0; i++)
		if (now[i] == 0)
			clear_code(codes, g->count, i, words);
	if (code == 0)
		code = put_codes(db, g->id, codes, g->count, m->dimensions);
	if (code == 0) {
		q = query(db,
		    "UPDATE vector_group SET centre = :centre WHERE id = :id");
		bind_int(&q, ":centre", id);
		bind_int(&q, ":id", g->id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	free(codes);
	return code;
}

/* Rows of some groups that stand for all. */
static int
sample(const struct groups *g, struct rowlist *ret)
{
	int64_t rows[VECTOR_GROUP];
	size_t every = (g->count + SAMPLE_GROUPS - 1) / SAMPLE_GROUPS, i, k;
	int code = 0;

	for (i = 0; i < g->count && code == 0; i += every) {
		code = get_rows(g->group[i].rows, g->group[i].rows_len,
		    g->group[i].count, rows);
		for (k = 0; k < g->group[i].count && code == 0; k++)
			if (rows[k] > 0)
				add_row(ret, rows[k]);
	}
	return code;
}

static int
delete_centres(struct db *db, const struct vector_model *m, int64_t newest)
{
	struct query q;
	int code = db_begin(db);

	if (code == 0) {
		q = query(db,
		    "DELETE FROM vector_centre WHERE model = :model"
		    " AND id <> :newest");
		bind_int(&q, ":model", m->id);
		bind_int(&q, ":newest", newest);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

/* All groups about one mean, and that of all if the last is of half as many;
 * goes on where a crash left off. */
static int
centre_all(struct db *db, const struct vector_model *m)
{
	struct rowlist rows = { 0 };
	struct groups g;
	float *centre = xcalloc(m->dimensions, sizeof(*centre));
	int64_t id = 0, of = 0;
	size_t i, changed = 0;
	int code = read_groups(db, m, 0, INT64_MAX, &g), had = 0;

	if (code == 0)
		had = newest_centre(db, m, &id, &of);
	if (code == 0 && had < 0)
		code = had;
	if (code == 0 && had == 1 && (int64_t)g.vectors >= 2 * of) {
		code = sample(&g, &rows);
		if (code == 0)
			code =
			    new_centre(db, m, &rows, (int64_t)g.vectors, &id);
		changed = 1;
	}
	if (code == 0 && had == 1)
		code = read_centre(db, id, m->dimensions, centre);
	for (i = 0; i < g.count && code == 0; i++)
		if (g.group[i].centre != id) {
			code = recode(db, m, &g.group[i], id, centre);
			fault("kb-embed.recoded");
			changed = 1;
		}
	if (code == 0 && changed > 0)
		code = delete_centres(db, m, id);
	groups_release(&g);
	free(rows.row);
	free(centre);
	return code;
}

int
vector_pack(struct db *db, const struct vector_model *m)
{
	struct rowlist loose = { 0 };
	struct groups g;
	size_t i;
	int code = read_groups(db, m, 0, INT64_MAX, &g);

	for (i = 0; i < g.count && code == 0; i++)
		if (2 * g.group[i].dead >= g.group[i].count)
			code = dissolve(db, m, &g.group[i]);
	groups_release(&g);
	if (code == 0)
		code = loose_rows(db, m, &loose);
	for (i = 0; loose.count - i >= VECTOR_GROUP && code == 0;
	     i += VECTOR_GROUP)
		code = pack_group(db, m, loose.row + i, VECTOR_GROUP);
	free(loose.row);
	return code < 0 ? code : centre_all(db, m);
}

int
vector_switch(struct db *db, const struct vector_model *m)
{
	struct query q = query(db,
	    "SELECT count(*) FROM vector_model WHERE NOT (state = 1"
	    " AND id = :id)");
	bool others = true;
	int code;

	bind_int(&q, ":id", m->id);
	if (step(&q))
		others = column_int(&q, 0) > 0;
	code = done(&q);
	if (code < 0 || !others)
		return code;
	code = db_begin(db);
	if (code == 0)
		code = db_exec(db,
		    "UPDATE vector_model SET state = 2 WHERE state = 1");
	if (code == 0) {
		q = query(db,
		    "UPDATE vector_model SET state = 1"
		    " WHERE id = :id");
		bind_int(&q, ":id", m->id);
		step(&q);
		code = done(&q);
	}
	/* Others that were begun are not wanted any more. */
	if (code == 0)
		code = db_exec(db,
		    "UPDATE vector_model SET state = 2 WHERE state = 0");
	fault("kb-embed.switching");
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	fault("kb-embed.switched");
	return code < 0 ? code : vector_sweep(db);
}

static int
sweep_model(struct db *db, const struct vector_model *m)
{
	static const char *const of_rows[] = {
		"DELETE FROM vector WHERE id IN (SELECT id FROM vector"
		" WHERE id BETWEEN :first AND :last LIMIT 64)",
		"DELETE FROM vector_loose WHERE id IN (SELECT id"
		" FROM vector_loose WHERE id BETWEEN :first AND :last LIMIT 64)",
		"DELETE FROM vector_refused WHERE id IN (SELECT id"
		" FROM vector_refused WHERE id BETWEEN :first AND :last"
		" LIMIT 64)",
	};
	struct groups g = { 0 };
	struct query q;
	size_t i;
	int code = 0;

	for (i = 0; i < 3 && code == 0; i++)
		code = delete_all(db, of_rows[i], m);
	if (code == 0)
		code = read_groups(db, m, 0, INT64_MAX, &g);
	if (code < 0)
		return code;
	for (i = 0; i < g.count && code == 0; i++) {
		code = db_begin(db);
		if (code == 0)
			code = delete_group(db, g.group[i].id);
		if (code == 0)
			code = db_commit(db);
		db_rollback(db);
	}
	groups_release(&g);
	if (code == 0)
		code = delete_centres(db, m, 0);
	if (code == 0)
		code = db_begin(db);
	if (code == 0) {
		q = query(db, "DELETE FROM vector_model WHERE id = :id");
		bind_int(&q, ":id", m->id);
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

int
vector_sweep(struct db *db)
{
	struct vector_model m;
	struct query q;
	bool found;
	int code;

	for (;;) {
		q = query(db,
		    "SELECT id, name, dimensions, prefix, state"
		    " FROM vector_model WHERE state = 2 LIMIT 1");
		found = step(&q);
		if (found)
			read_model(&q, &m);
		code = done(&q);
		if (!found)
			return code;
		if (code == 0)
			code = sweep_model(db, &m);
		vector_model_release(&m);
		if (code < 0)
			return code;
	}
}

/* --- with passages --- */

/* What a group has of some rows (sorted) is gone. */
static int
forget_in(struct db *db, const struct vector_model *m, const struct group *g,
    const struct rowlist *gone)
{
	size_t bytes_each = words_of(m->dimensions) * sizeof(uint64_t), i;
	const struct about none = { 0, 0 };
	int64_t rows[VECTOR_GROUP];
	struct buf runs = BUF_INIT(0);
	sqlite3_blob *blob = NULL;
	struct query q;
	char *zeros;
	int code = get_rows(g->rows, g->rows_len, g->count, rows);
	bool any = false;

	for (i = 0; i < g->count && !any && code == 0; i++)
		any = rows[i] > 0 && has_row(gone, rows[i]);
	if (!any)
		return code;
	/* In place: a code is small and all of them are many pages. */
	if (sqlite3_blob_open(db_handle(db), "main", "vector_code", "data",
		g->id, 1, &blob) != SQLITE_OK) {
		sqlite3_blob_close(blob);
		return broken("the codes of a group");
	}
	zeros = xcalloc(1, bytes_each);
	for (i = 0; i < g->count && code == 0; i++) {
		if (rows[i] == 0 || !has_row(gone, rows[i]))
			continue;
		rows[i] = 0;
		if (sqlite3_blob_write(blob, zeros, (int)bytes_each,
			(int)(i * bytes_each)) != SQLITE_OK ||
		    sqlite3_blob_write(blob, &none, sizeof(none),
			(int)(g->count * bytes_each + i * sizeof(none))) !=
			SQLITE_OK)
			code = broken("the codes of a group");
	}
	free(zeros);
	sqlite3_blob_close(blob);
	put_rows(rows, g->count, &runs);
	if (code == 0) {
		q = query(db,
		    "UPDATE vector_group SET rows = :rows, dead = :dead"
		    " WHERE id = :id");
		bind_blob(&q, ":rows", runs.data, runs.len);
		bind_int(&q, ":dead", (int64_t)count_dead(rows, g->count));
		bind_int(&q, ":id", g->id);
		step(&q);
		code = done(&q);
	}
	buf_release(&runs);
	return code;
}

static int
delete_id(struct db *db, const char *sql, int64_t id, int *ret_changed)
{
	struct query q = query(db, sql);
	int code;

	bind_int(&q, ":id", id);
	step(&q);
	code = done(&q);
	*ret_changed = code == 0 ? db_changes(db) : 0;
	return code;
}

static int
forget_of(struct db *db, const struct vector_model *m, const int64_t *rows,
    size_t n)
{
	struct rowlist grouped = { 0 };
	struct groups g = { 0 };
	int code = 0, had = 0, loose = 0, refused;
	size_t i;

	for (i = 0; i < n && code == 0; i++) {
		code = delete_id(db, "DELETE FROM vector WHERE id = :id",
		    vector_id(m, rows[i]), &had);
		if (code == 0 && had > 0)
			code = delete_id(db,
			    "DELETE FROM vector_loose WHERE id = :id",
			    vector_id(m, rows[i]), &loose);
		if (code == 0 && had > 0 && loose == 0)
			add_row(&grouped, rows[i]);
		if (code == 0 && had == 0)
			code = delete_id(db,
			    "DELETE FROM vector_refused WHERE id = :id",
			    vector_id(m, rows[i]), &refused);
	}
	sort_rows(&grouped);
	if (code == 0 && grouped.count > 0)
		code = read_groups(db, m, grouped.row[0],
		    grouped.row[grouped.count - 1], &g);
	for (i = 0; i < g.count && code == 0; i++)
		code = forget_in(db, m, &g.group[i], &grouped);
	groups_release(&g);
	free(grouped.row);
	return code;
}

int
vector_models(struct db *db, struct vector_model **ret, size_t *ret_count)
{
	struct query q = query(db,
	    "SELECT id, name, dimensions, prefix, state FROM vector_model"
	    " ORDER BY id");

	*ret = NULL;
	*ret_count = 0;
	while (step(&q)) {
		*ret = xrealloc(*ret, (*ret_count + 1) * sizeof(**ret));
		read_model(&q, &(*ret)[(*ret_count)++]);
	}
	return done(&q);
}

void
vector_models_free(struct vector_model *models, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		vector_model_release(&models[i]);
	free(models);
}

int
vector_forget(struct db *db, const int64_t *rows, size_t n)
{
	struct vector_model *models;
	size_t count, i;
	int code = vector_models(db, &models, &count);

	for (i = 0; i < count && code == 0; i++)
		code = forget_of(db, &models[i], rows, n);
	vector_models_free(models, count);
	return code;
}

struct pair {
	int64_t from, to;
	int64_t digest;
};

/* Pairs of a passage of an older version and the same of this one. */
static int
read_pairs(struct db *db, const struct vector_model *m, const char *document,
    int64_t version, struct pair **ret, size_t *ret_count)
{
	struct query q = query(db,
	    "SELECT v.id, new.row, v.digest FROM passage old"
	    " JOIN vector v ON v.id = :first + old.row"
	    " JOIN passage new ON new.document = old.document"
	    "  AND new.version = :version AND new.id = old.id"
	    " WHERE old.document = :document AND old.version < :version");

	*ret = NULL;
	*ret_count = 0;
	bind_int(&q, ":first", vector_id(m, 0));
	bind_text(&q, ":document", document);
	bind_int(&q, ":version", version);
	while (step(&q)) {
		if ((*ret_count & (*ret_count - 1)) == 0)
			*ret = xrealloc(*ret,
			    (*ret_count > 0 ? 2 * *ret_count : 1) *
				sizeof(**ret));
		(*ret)[(*ret_count)++] =
		    (struct pair){ row_of(column_int(&q, 0)), column_int(&q, 1),
			    column_int(&q, 2) };
	}
	return done(&q);
}

static int
carry(struct db *db, const struct vector_model *m, const char *document,
    int64_t version)
{
	struct vector_passage p;
	struct pair *pairs;
	char *data = xmalloc(data_bytes(m->dimensions));
	size_t n, kept = 0, i;
	int code = read_pairs(db, m, document, version, &pairs, &n), got = 0;

	/* The title, which is embedded too, may be another. */
	for (i = 0; i < n && code == 0; i++) {
		got = vector_read(db, pairs[i].to, &p);
		if (got < 0)
			code = got;
		if (got != 1)
			continue;
		if (digest(p.text) == pairs[i].digest)
			pairs[kept++] = pairs[i];
		vector_passage_release(&p);
	}
	for (i = 0; i < kept && code == 0;) {
		code = db_begin(db);
		while (i < kept && code == 0) {
			code = read_data(db, m, pairs[i].from, data);
			if (code == 1)
				code = insert(db, m, pairs[i].to,
				    pairs[i].digest, data);
			i++;
			if (i % DB_BATCH_ROWS == 0 || db_turn_over(db))
				break;
		}
		if (code == 0)
			code = db_commit(db);
		db_rollback(db);
	}
	free(pairs);
	free(data);
	return code;
}

int
vector_carry(struct db *db, const char *document, int64_t version)
{
	struct vector_model *models;
	size_t count, i;
	int code = vector_models(db, &models, &count);

	for (i = 0; i < count && code == 0; i++)
		if (models[i].state != VECTOR_REPLACED)
			code = carry(db, &models[i], document, version);
	vector_models_free(models, count);
	return code;
}

/* In a transaction: one vector of one model. */
static int
move_one(struct db *db, const struct vector_model *m, int64_t from, int64_t to)
{
	struct query q = query(db, "SELECT digest FROM vector WHERE id = :id");
	struct vector_passage p;
	int64_t made_from = 0;
	char *data;
	bool found, same = false;
	int code;

	bind_int(&q, ":id", vector_id(m, from));
	found = step(&q);
	if (found)
		made_from = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || !found)
		return code;
	/* The title, which is embedded too, may be another. */
	code = vector_read(db, to, &p);
	if (code == 1) {
		same = digest(p.text) == made_from;
		vector_passage_release(&p);
	}
	if (code < 0 || !same)
		return code < 0 ? code : 0;
	data = xmalloc(data_bytes(m->dimensions));
	code = read_data(db, m, from, data);
	if (code == 1)
		code = insert(db, m, to, made_from, data);
	free(data);
	return code < 0 ? code : 0;
}

int
vector_move(struct db *db, const int64_t *from, const int64_t *to, size_t n)
{
	struct vector_model *models;
	size_t count, i, k;
	int code = vector_models(db, &models, &count);

	for (i = 0; i < count && code == 0; i++)
		for (k = 0; k < n && code == 0; k++)
			if (models[i].state != VECTOR_REPLACED)
				code = move_one(db, &models[i], from[k], to[k]);
	vector_models_free(models, count);
	return code;
}

/* --- searching --- */

/* A question as it is seen from a mean. */
struct view {
	int64_t centre;
	uint64_t *code;
	float *table;
	float offset; /* c.q */
};

struct views {
	struct view *view;
	size_t count;
};

static int
view_from(struct db *db, const struct vector_model *m, const float *v,
    int64_t id, struct views *w, size_t *ret)
{
	size_t words = words_of(m->dimensions), i, k;
	struct view *new;
	float *centre;
	int code;

	for (i = 0; i < w->count; i++)
		if (w->view[i].centre == id) {
			*ret = i;
			return 0;
		}
	centre = xmalloc(m->dimensions * sizeof(*centre));
	code = read_centre(db, id, m->dimensions, centre);
	if (code == 0) {
		w->view = xrealloc(w->view, (i + 1) * sizeof(*w->view));
		new = &w->view[w->count++];
		new->centre = id;
		new->code = xmalloc(words * sizeof(*new->code));
		signs(v, centre, m->dimensions, new->code);
		new->table = xmalloc(words * 8 * 256 * sizeof(*new->table));
		tabulate(v, centre, m->dimensions, new->table);
		for (new->offset = 0, k = 0; k < m->dimensions; k++)
			new->offset += v[k] * centre[k];
		*ret = i;
	}
	free(centre);
	return code;
}

/* What is not allowed of a group is out of the question. */
static int
skip(const struct group *g, const struct rowlist *allowed, uint16_t *far)
{
	int64_t rows[VECTOR_GROUP];
	size_t i;
	int code = get_rows(g->rows, g->rows_len, g->count, rows);

	for (i = 0; i < g->count && code == 0; i++)
		if (rows[i] == 0 || !has_row(allowed, rows[i]))
			far[i] = SKIPPED;
	return code;
}

/* What is near by its signs. */
struct near {
	uint32_t group;
	uint16_t at, far;
	float score; /* estimated */
};

/*
 * The nearest so far: all that are no farther than the limit, which falls
 * until they are not many more than are wanted.
 */
struct nearest {
	struct near *near;
	size_t count, cap;
	uint32_t *number; /* of each distance up to limit */
	size_t within, want;
	uint16_t limit;
};

static void
take(struct nearest *n, struct near one)
{
	if (n->count == n->cap) {
		n->cap = n->cap > 0 ? 2 * n->cap : 4096;
		n->near = xrealloc(n->near, n->cap * sizeof(*n->near));
	}
	n->near[n->count++] = one;
	n->number[one.far]++;
	n->within++;
	while (n->limit > 0 && n->within - n->number[n->limit] >= n->want)
		n->within -= n->number[n->limit--];
}

/* A group's vectors that are near; each is estimated while its code is here. */
static void
look_through(struct nearest *n, uint32_t group, size_t count,
    const uint64_t *codes, const uint16_t *far, size_t words,
    const struct view *v)
{
	const struct about *behind =
	    (const struct about *)(const void *)(codes + count * words);
	size_t i;

	for (i = 0; i < count; i++)
		if (far[i] <= n->limit)
			take(n,
			    (struct near){ group, (uint16_t)i, far[i],
				v->offset +
				    estimate(v->table, codes + i * words, words,
					behind[i]) });
}

static int
by_estimate(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->group != y->group ? (x->group < y->group ? -1 : 1) :
				      x->at - y->at;
}

/* Rows of the best depth by what their signs say. */
static int
by_signs(struct db *db, const struct vector_model *m, const float *v,
    const struct rowlist *allowed, const struct groups *g, size_t depth,
    struct rowlist *ret)
{
	size_t words = words_of(m->dimensions), i, n = 0, w = 0;
	struct nearest near = { .limit = (uint16_t)(words * 64) };
	uint64_t *spare = xmalloc(codes_bytes(VECTOR_GROUP, m->dimensions));
	const uint64_t *codes = NULL;
	struct views views = { NULL, 0 };
	uint16_t far[VECTOR_GROUP];
	const struct group *one;
	int64_t row = 0;
	struct query q;
	int code = 0;

	near.number = xcalloc(words * 64 + 1, sizeof(*near.number));
	near.want =
	    g->vectors / NEAR_SHARE > NEAR ? g->vectors / NEAR_SHARE : NEAR;
	if (near.want < depth)
		near.want = depth;
	for (i = 0; i < g->count && code == 0; i++) {
		one = &g->group[i];
		code = view_from(db, m, v, one->centre, &views, &w);
		if (code < 0)
			break;
		code = get_codes(&q, db, one, m->dimensions, spare, &codes);
		if (code == 0)
			distances(codes, one->count, words, views.view[w].code,
			    far);
		if (code == 0 && allowed != NULL)
			code = skip(one, allowed, far);
		if (code == 0)
			look_through(&near, (uint32_t)i, one->count, codes, far,
			    words, &views.view[w]);
		if (done(&q) < 0 && code == 0)
			code = q.code;
	}
	for (i = 0; i < near.count; i++)
		if (near.near[i].far <= near.limit)
			near.near[n++] = near.near[i];
	if (n > 1)
		qsort(near.near, n, sizeof(*near.near), by_estimate);
	for (i = 0; i < n && ret->count < depth && code == 0; i++) {
		one = &g->group[near.near[i].group];
		code = row_at(one->rows, one->rows_len, near.near[i].at, &row);
		if (code == 0 && row > 0)
			add_row(ret, row);
	}
	for (i = 0; i < views.count; i++) {
		free(views.view[i].code);
		free(views.view[i].table);
	}
	free(views.view);
	free(near.near);
	free(near.number);
	free(spare);
	return code;
}

static int
best_first(const void *a, const void *b)
{
	const struct retrieved *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Measure rows by their bytes and give the best k of them. */
static int
measure(struct db *db, const struct vector_model *m, const float *v,
    const struct rowlist *rows, size_t k, struct retrieved *ret,
    size_t *ret_count)
{
	struct retrieved *all = xcalloc(rows->count + 1, sizeof(*all));
	size_t n = 0, i;
	int code = 0;

	for (i = 0; i < rows->count && code >= 0; i++) {
		code = vector_cosine(db, m, v, rows->row[i], &all[n].score);
		all[n].row = rows->row[i];
		n += code == 1;
	}
	if (code >= 0) {
		if (n > 1)
			qsort(all, n, sizeof(*all), best_first);
		*ret_count = n < k ? n : k;
		memcpy(ret, all, *ret_count * sizeof(*all));
		code = 0;
	}
	free(all);
	return code;
}

int
vector_cosine(struct db *db, const struct vector_model *m, const float *v,
    int64_t row, float *ret)
{
	struct query q = query(db, "SELECT data FROM vector WHERE id = :id");
	size_t len = 0;
	const char *data;
	bool found;

	bind_int(&q, ":id", vector_id(m, row));
	found = step(&q);
	if (found) {
		data = column_blob(&q, 0, &len);
		if (len == data_bytes(m->dimensions))
			*ret = cosine(v, data, m->dimensions);
	}
	if (done(&q) < 0)
		return q.code;
	if (found && len != data_bytes(m->dimensions))
		return broken("the length of a vector");
	return found;
}

int
vector_search(struct db *db, const struct vector_model *m, const float *v,
    const struct retrieve_rows *allowed, size_t k, size_t depth,
    struct retrieved *ret, size_t *ret_count)
{
	const struct rowlist list = { allowed != NULL ?
		    (int64_t *)allowed->row :
		    NULL,
		allowed != NULL ? allowed->count : 0, 0 };
	struct rowlist rows = { 0 }, loose = { 0 };
	struct groups g = { 0 };
	bool begun =
	    sqlite3_get_autocommit(db_handle(db)) && db_read_begin(db) == 0;
	bool few = allowed != NULL && allowed->count <= NEAR;
	size_t i;
	int code = 0;

	*ret_count = 0;
	for (i = 0; few && i < allowed->count; i++)
		add_row(&rows, allowed->row[i]);
	if (!few)
		code = read_groups(db, m, 0, INT64_MAX, &g);
	if (depth == 0)
		depth = g.vectors / VECTOR_DEPTH_SHARE;
	if (depth < VECTOR_DEPTH)
		depth = VECTOR_DEPTH;
	if (depth < k)
		depth = k;
	if (code == 0 && !few)
		code = by_signs(db, m, v, allowed != NULL ? &list : NULL, &g,
		    depth, &rows);
	if (code == 0 && !few)
		code = loose_rows(db, m, &loose);
	for (i = 0; i < loose.count && code == 0; i++)
		if (allowed == NULL || has_row(&list, loose.row[i]))
			add_row(&rows, loose.row[i]);
	/* In the order of the table, which is read once then. */
	sort_rows(&rows);
	if (code == 0)
		code = measure(db, m, v, &rows, k, ret, ret_count);
	if (begun)
		db_read_end(db);
	groups_release(&g);
	free(rows.row);
	free(loose.row);
	return code;
}
