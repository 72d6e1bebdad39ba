/* retrieve - the passages with the highest BM25 for weighted words */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kb/retrieve.h"

#define WINDOW 8192 /* passages whose sums stay in the processor's cache */
/* Nothing can be left out until there are enough: the first windows are small,
 * and each is as long as all before it. */
#define FIRST_WINDOW 1024
#define LANES 16 /* sums that are looked at together */
#define STRIDE 8 /* passages of a block that are passed over together */
/* Sums are made in another order than bounds: leave room for rounding. */
#define ROUNDING 1.00001f

/* As wide as every processor of the kind has them. */
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_bits __attribute__((vector_size(16)));
typedef int64_t two_bits __attribute__((vector_size(16)));

/* A word's list in one segment. */
struct list {
	int64_t id; /* of segment_blob; -1: in head alone */
	char *head;
	size_t head_len;
	struct postings p;
	float weight;
	float scale; /* of an impact: what it can add */
	float most;  /* of the whole list */
	float bound; /* of this window */
	size_t at;   /* the first block that ends in this window or later */
	size_t end;  /* the first block that begins after it */
	char **piece;
	size_t *piece_len;
	size_t pieces;
	size_t unpacked;     /* block that docs hold; SIZE_MAX: none */
	const uint8_t *from; /* the piece it is in */
	bool counted;	     /* tfs too */
	unsigned count;
	uint32_t docs[POSTINGS_BLOCK];
	uint8_t tfs[POSTINGS_BLOCK];
};

struct heap {
	struct retrieved *r; /* the worst first */
	size_t count, max;
	float least; /* what a score must be above to come in; 0: anything */
};

struct search {
	struct db *db;
	struct segment_blobs blobs;
	const struct segments *segments;
	size_t number; /* of s among them */
	const struct segment *s;
	float k[256];
	struct list *list;
	struct list **by_bound; /* the lowest bound of the window first */
	size_t lists;
	char **lens, **dead; /* pieces */
	bool *dead_read;
	size_t lens_pieces, dead_pieces;
	unsigned char *allowed; /* a bit a passage; NULL: all */
	bool all;
	struct heap *heap;
	float *sum; /* of a window */
	uint32_t candidate[WINDOW];
};

/* --- the best so far --- */

static bool
is_worse(const struct retrieved *a, const struct retrieved *b)
{
	return a->score != b->score ? a->score < b->score : a->row > b->row;
}

static void
sift_down(struct heap *h)
{
	size_t i = 0, child;
	struct retrieved t;

	while ((child = 2 * i + 1) < h->count) {
		if (child + 1 < h->count &&
		    is_worse(&h->r[child + 1], &h->r[child]))
			child++;
		if (!is_worse(&h->r[child], &h->r[i]))
			break;
		t = h->r[i];
		h->r[i] = h->r[child];
		h->r[child] = t;
		i = child;
	}
}

static void
offer(struct heap *h, int64_t row, float score)
{
	struct retrieved t, new = { row, score };
	size_t i;

	if (h->count == h->max) {
		if (is_worse(&new, &h->r[0]))
			return;
		h->r[0] = new;
		sift_down(h);
	} else {
		i = h->count++;
		h->r[i] = new;
		while (i > 0 && is_worse(&h->r[i], &h->r[(i - 1) / 2])) {
			t = h->r[i];
			h->r[i] = h->r[(i - 1) / 2];
			h->r[(i - 1) / 2] = t;
			i = (i - 1) / 2;
		}
	}
	if (h->count == h->max)
		h->least = h->r[0].score;
}

/* --- reading --- */

static int
broken(const char *what)
{
	return err_set(ERR_DATA,
	    "the search index is damaged: %s; kb-doc reindex makes it anew",
	    what);
}

static int
open_list(struct search *s, const struct retrieve_word *w, struct list *l)
{
	struct segment_list found;
	struct postings_block b;
	int code;

	memset(l, 0, sizeof(*l));
	code = segments_find(s->db, s->segments, s->number, w->term, w->len,
	    &found);
	if (code < 0 || found.df == 0)
		return code;
	l->id = found.list;
	l->head = found.data;
	l->head_len = found.len;
	l->unpacked = SIZE_MAX;
	if (l->id >= 0) {
		free(l->head);
		code = segment_blobs_read(&s->blobs,
		    segment_blob_id(s->s->id, l->id, 0), &l->head,
		    &l->head_len);
		if (code == 0 && l->head == NULL)
			code = broken("a list is missing");
	}
	if (code == 0)
		code = postings_open(l->head, l->head_len, found.df,
		    s->s->passages, &l->p);
	if (code < 0) {
		free(l->head);
		l->head = NULL;
		return code;
	}
	postings_block(&l->p, l->p.blocks - 1, &b);
	l->pieces = (size_t)b.piece + 1;
	l->piece = xcalloc(l->pieces, sizeof(*l->piece));
	l->piece_len = xcalloc(l->pieces, sizeof(*l->piece_len));
	l->piece[0] = l->head;
	l->piece_len[0] = l->head_len;
	l->weight = w->weight;
	return 1;
}

static void
close_list(struct list *l)
{
	size_t i;

	for (i = 0; i < l->pieces; i++)
		free(l->piece[i]);
	free(l->piece);
	free(l->piece_len);
}

/* The passages of a block, and how often each has the word at times. */
static int
unpack(struct search *s, struct list *l, size_t block)
{
	struct postings_block b;
	int code = 0;

	if (l->unpacked == block)
		return 0;
	postings_block(&l->p, block, &b);
	/* A short list has no pieces but itself. */
	if (b.piece >= l->pieces || (b.piece > 0 && l->id < 0))
		return broken("the piece of a block");
	if (l->piece[b.piece] == NULL) {
		code = segment_blobs_read(&s->blobs,
		    segment_blob_id(s->s->id, l->id, b.piece),
		    &l->piece[b.piece], &l->piece_len[b.piece]);
		if (code == 0 && l->piece[b.piece] == NULL)
			code = broken("a piece is missing");
	}
	l->unpacked = SIZE_MAX;
	l->from = (const uint8_t *)l->piece[b.piece];
	if (code == 0)
		code =
		    postings_docs(&l->p, block, l->from, l->piece_len[b.piece],
			l->docs, l->tfs, &l->count, &l->counted);
	if (code == 0)
		l->unpacked = block;
	return code;
}

static void
count(struct list *l)
{
	if (!l->counted)
		postings_counts(&l->p, l->unpacked, l->from, l->tfs);
	l->counted = true;
}

static unsigned
count_of(const struct list *l, unsigned i)
{
	return l->counted ? l->tfs[i] :
			    postings_count(&l->p, l->unpacked, l->from, i);
}

/* Lengths of a window's passages: its piece, which holds all of it. */
static int
lengths(struct search *s, uint32_t from, const uint8_t **ret)
{
	size_t piece = from / SEGMENT_LENGTHS_PIECE, len, want;
	int code;

	if (s->lens[piece] == NULL) {
		code = segment_blobs_read(&s->blobs,
		    segment_blob_id(s->s->id, SEGMENT_LENGTHS, (int64_t)piece),
		    &s->lens[piece], &len);
		want = s->s->passages - piece * SEGMENT_LENGTHS_PIECE;
		if (want > SEGMENT_LENGTHS_PIECE)
			want = SEGMENT_LENGTHS_PIECE;
		if (code == 0 && (s->lens[piece] == NULL || len != want))
			code = broken("the lengths of passages");
		if (code < 0)
			return code;
	}
	*ret = (const uint8_t *)s->lens[piece] + from % SEGMENT_LENGTHS_PIECE;
	return 0;
}

static int
dead_bits(struct search *s, uint32_t from, const unsigned char **ret)
{
	size_t piece = from / SEGMENT_DEAD_PIECE, len, want;
	int code;

	*ret = NULL;
	if (s->s->dead == 0)
		return 0;
	if (!s->dead_read[piece]) {
		code = segment_blob(s->db,
		    segment_blob_id(s->s->id, SEGMENT_DEAD, (int64_t)piece),
		    &s->dead[piece], &len);
		want = s->s->passages - piece * SEGMENT_DEAD_PIECE;
		if (want > SEGMENT_DEAD_PIECE)
			want = SEGMENT_DEAD_PIECE;
		if (code == 0 && s->dead[piece] != NULL &&
		    len != (want + 7) / 8)
			code = broken("the dead");
		if (code < 0)
			return code;
		s->dead_read[piece] = true;
	}
	if (s->dead[piece] != NULL)
		*ret = (const unsigned char *)s->dead[piece] +
		    from % SEGMENT_DEAD_PIECE / 8;
	return 0;
}

/* --- a window --- */

/* Bounds of the lists for passages from..to-1, from their blocks' maxima. */
static void
bound_lists(struct search *s, uint32_t from, uint32_t to)
{
	uint32_t begin;
	uint8_t most, impact;
	struct list *l;
	size_t i, j;

	for (i = 0; i < s->lists; i++) {
		l = &s->list[i];
		most = 0;
		while (
		    l->at < l->p.blocks && postings_last(&l->p, l->at) < from)
			l->at++;
		begin = from;
		for (j = l->at; j < l->p.blocks && begin < to; j++) {
			impact = postings_impact(&l->p, j);
			if (impact > most)
				most = impact;
			begin = postings_last(&l->p, j) + 1;
		}
		l->end = j;
		l->bound = most * l->scale;
	}
	/* Nearly in order from the window before. */
	for (i = 1; i < s->lists; i++) {
		l = s->by_bound[i];
		for (j = i; j > 0 && s->by_bound[j - 1]->bound > l->bound; j--)
			s->by_bound[j] = s->by_bound[j - 1];
		s->by_bound[j] = l;
	}
}

/* Add up a list over the window. */
static int
add_list(struct search *s, struct list *l, uint32_t from, uint32_t to,
    const uint8_t *lens)
{
	float tf[POSTINGS_BLOCK], k[POSTINGS_BLOCK];
	unsigned i, first, last;
	size_t block;
	int code;

	for (block = l->at; block < l->end; block++) {
		code = unpack(s, l, block);
		if (code < 0)
			return code;
		count(l);
		first = 0;
		last = l->count;
		while (first < last && l->docs[first] < from)
			first++;
		while (last > first && l->docs[last - 1] >= to)
			last--;
		for (i = first; i < last; i++) {
			tf[i] = l->tfs[i];
			k[i] = s->k[lens[l->docs[i] - from]];
		}
		for (i = first; i < last; i++)
			tf[i] = l->weight * tf[i] / (tf[i] + k[i]);
		for (i = first; i < last; i++)
			s->sum[l->docs[i] - from] += tf[i];
	}
	return 0;
}

/* Passages of the window with a sum above least, as offsets; their number. */
static size_t
collect(struct search *s, uint32_t size, float least)
{
	const four *v = (const four *)(const void *)s->sum;
	four t = { least, least, least, least };
	four_bits above;
	two_bits any;
	size_t n = 0, i, j;

	for (i = 0; i < size; i += LANES, v += 4) {
		above = (v[0] > t) | (v[1] > t) | (v[2] > t) | (v[3] > t);
		memcpy(&any, &above, sizeof(any));
		if ((any[0] | any[1]) == 0)
			continue;
		/* About as many are above as not: nothing to guess by. */
		for (j = i; j < i + LANES && j < size; j++) {
			s->candidate[n] = (uint32_t)j;
			n += s->sum[j] > least;
		}
	}
	return n;
}

/* The first of l's passages from its i-th on that is doc or behind it. */
static unsigned
find_doc(const struct list *l, unsigned i, uint32_t doc)
{
	while (i + STRIDE < l->count && l->docs[i + STRIDE] < doc)
		i += STRIDE;
	while (i < l->count && l->docs[i] < doc)
		i++;
	return i;
}

/*
 * Add what l has for the n candidates. Those that cannot reach least, with
 * rest to come from other lists, are dropped before a block is read for them.
 */
static int
look_up(struct search *s, struct list *l, uint32_t from, const uint8_t *lens,
    float rest, float least, size_t *n)
{
	size_t block = l->at, kept = 0, i;
	float sum, tf, bound = 0;
	uint32_t doc, last = 0;
	bool known = false;
	unsigned j = 0;
	int code;

	for (i = 0; i < *n; i++) {
		doc = from + s->candidate[i];
		sum = s->sum[s->candidate[i]];
		if (sum + l->bound + rest <= least)
			continue;
		while (block < l->end) {
			if (!known) {
				last = postings_last(&l->p, block);
				bound =
				    postings_impact(&l->p, block) * l->scale;
				known = true;
				j = 0;
			}
			if (last >= doc)
				break;
			block++;
			known = false;
		}
		if (block < l->end && sum + bound + rest > least) {
			code = unpack(s, l, block);
			if (code < 0)
				return code;
			j = find_doc(l, j, doc);
			if (j < l->count && l->docs[j] == doc) {
				tf = (float)count_of(l, j);
				sum += l->weight * tf /
				    (tf + s->k[lens[s->candidate[i]]]);
				s->sum[s->candidate[i]] = sum;
			}
		} else if (block < l->end)
			continue;
		if (sum + rest > least)
			s->candidate[kept++] = s->candidate[i];
	}
	*n = kept;
	return 0;
}

static bool
has_bit(const unsigned char *bits, size_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static bool
any_allowed(const struct search *s, uint32_t from, uint32_t to)
{
	uint32_t i;

	if (s->allowed == NULL)
		return true;
	for (i = from / 8; i < (to + 7) / 8; i++)
		if (s->allowed[i] != 0)
			return true;
	return false;
}

static int
search_window(struct search *s, uint32_t from, uint32_t to)
{
	const unsigned char *dead = NULL;
	const uint8_t *lens;
	size_t first = 0, n, i;
	float rest = 0, least, below, all = 0;
	uint32_t at;
	int code;

	if (!any_allowed(s, from, to))
		return 0;
	bound_lists(s, from, to);
	for (i = 0; i < s->lists; i++)
		all += s->list[i].bound;
	/* Ties come in by row, and a merged segment's rows are anywhere. */
	least = s->heap->count < s->heap->max || s->all ?
	    0 :
	    s->heap->least / ROUNDING;
	if (all == 0 || all < least)
		return 0;
	/* What the lists before first can add together is not enough. */
	while (first < s->lists && rest + s->by_bound[first]->bound < least)
		rest += s->by_bound[first++]->bound;
	if (first == s->lists)
		return 0;
	code = lengths(s, from, &lens);
	if (code == 0)
		code = dead_bits(s, from, &dead);
	memset(s->sum, 0, (to - from + LANES) * sizeof(*s->sum));
	for (i = first; i < s->lists && code == 0; i++)
		if (s->by_bound[i]->bound > 0)
			code = add_list(s, s->by_bound[i], from, to, lens);
	if (code < 0)
		return code;
	below = least - rest;
	/* Strictly above: just under what would tie. */
	below = below > 0 ? nextafterf(below, 0) : 0;
	n = collect(s, to - from, below);
	for (i = first; i-- > 0 && n > 0;) {
		rest -= s->by_bound[i]->bound;
		if (rest < 0)
			rest = 0;
		code = look_up(s, s->by_bound[i], from, lens, rest * ROUNDING,
		    least > 0 ? nextafterf(least, 0) : 0, &n);
		if (code < 0)
			return code;
	}
	for (i = 0; i < n; i++) {
		at = s->candidate[i];
		if (s->heap->count == s->heap->max &&
		    s->sum[at] < s->heap->least)
			continue;
		if ((dead != NULL && has_bit(dead, at)) ||
		    (s->allowed != NULL && !has_bit(s->allowed, from + at)))
			continue;
		offer(s->heap, segment_row(s->s, from + at), s->sum[at]);
	}
	return 0;
}

/* --- a segment --- */

/* The bits of the rows that may be found; false: none of them is here. */
static bool
allow(struct search *s, const struct retrieve_rows *rows)
{
	size_t low = 0, high = rows->count, mid;
	bool any = false;
	uint32_t local;

	while (low < high) {
		mid = (low + high) / 2;
		if (rows->row[mid] < s->s->first_row)
			low = mid + 1;
		else
			high = mid;
	}
	s->allowed = xcalloc(1, s->s->passages / 8 + 1);
	for (; low < rows->count && rows->row[low] <= s->s->last_row; low++)
		if (segment_local(s->s, rows->row[low], &local)) {
			s->allowed[local / 8] =
			    (unsigned char)(s->allowed[local / 8] |
				1 << local % 8);
			any = true;
		}
	return any;
}

static void
release(struct search *s)
{
	size_t i;

	for (i = 0; i < s->lists; i++)
		close_list(&s->list[i]);
	for (i = 0; i < s->lens_pieces; i++)
		free(s->lens[i]);
	for (i = 0; i < s->dead_pieces; i++)
		free(s->dead[i]);
	free(s->lens);
	free(s->dead);
	free(s->dead_read);
	free(s->allowed);
	free(s->list);
	free(s->by_bound);
}

static int
search_segment(struct search *s, const struct segments *all,
    const struct retrieve_word *words, size_t n,
    const struct retrieve_rows *allowed)
{
	float own = fmaxf((float)(s->s->words / s->s->passages), 1), scale;
	uint32_t from, size;
	size_t i;
	int code = 0;

	s->list = xcalloc(n + 1, sizeof(*s->list));
	s->by_bound = xcalloc(n + 1, sizeof(*s->by_bound));
	s->lens_pieces = s->s->passages / SEGMENT_LENGTHS_PIECE + 1;
	s->lens = xcalloc(s->lens_pieces, sizeof(*s->lens));
	s->dead_pieces = s->s->passages / SEGMENT_DEAD_PIECE + 1;
	s->dead = xcalloc(s->dead_pieces, sizeof(*s->dead));
	s->dead_read = xcalloc(s->dead_pieces, sizeof(*s->dead_read));
	if (allowed != NULL && !allow(s, allowed))
		return 0;
	postings_k((float)all->average, s->k);
	/* Maxima are by the segment's own average length: a larger one makes
	 * scores larger, by no more than the averages differ. */
	scale = fmaxf((float)all->average / own, 1) * ROUNDING;
	for (i = 0; i < n && code >= 0; i++) {
		code = open_list(s, &words[i], &s->list[s->lists]);
		if (code == 1) {
			s->list[s->lists].scale = words[i].weight * scale / 255;
			s->lists++;
		}
	}
	for (i = 0; i < s->lists; i++)
		s->by_bound[i] = &s->list[i];
	for (from = 0; from < s->s->passages && code >= 0; from += size) {
		size = from == 0 ? FIRST_WINDOW : from;
		if (size > WINDOW)
			size = WINDOW;
		if (size > s->s->passages - from)
			size = s->s->passages - from;
		code = search_window(s, from, from + size);
	}
	return code < 0 ? code : 0;
}

static int
best_first(const void *a, const void *b)
{
	return is_worse(a, b) ? 1 : -1;
}

int
retrieve(struct db *db, const struct segments *all,
    const struct retrieve_word *words, size_t n,
    const struct retrieve_rows *allowed, size_t k, unsigned flags,
    struct retrieved *ret, size_t *ret_count)
{
	struct heap h = { ret, 0, k, 0 };
	four *sums =
	    aligned_alloc(sizeof(four), (WINDOW + LANES) * sizeof(float));
	struct search *s = xmalloc(sizeof(*s));
	struct segment_blobs blobs = { db, NULL };
	size_t i;
	int code = 0;

	if (sums == NULL)
		sums = xmalloc(0); /* says so and ends */
	for (i = 0; i < all->count && code == 0 && k > 0 && n > 0; i++) {
		memset(s, 0, offsetof(struct search, candidate));
		s->db = db;
		s->segments = all;
		s->number = i;
		s->s = &all->segment[i];
		s->all = (flags & RETRIEVE_ALL) != 0;
		s->heap = &h;
		s->sum = (float *)sums;
		s->blobs = blobs;
		code = search_segment(s, all, words, n, allowed);
		blobs = s->blobs;
		release(s);
	}
	segment_blobs_close(&blobs);
	free(s);
	free(sums);
	if (code < 0)
		return code;
	if (h.count > 0)
		qsort(ret, h.count, sizeof(*ret), best_first);
	*ret_count = h.count;
	return 0;
}
