/* postings - where a word stands, packed in blocks that can be passed over */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "kb/postings.h"

#define ENTRY POSTINGS_ENTRY
#define HEAD POSTINGS_HEAD
#define VARINTS 255 /* bits of a gap where a block is not packed */
#define TF_BITS_MAX 8
#define LENGTH_STEPS 24 /* codes to a doubling */
#define LENGTH_UNIT 8
#define GROUPS (POSTINGS_BLOCK / 4)

/* Four numbers side by side: what the machine adds and shifts at once. */
typedef uint32_t four __attribute__((vector_size(16)));

uint8_t
postings_length_code(uint32_t words)
{
	float code =
	    (float)LENGTH_STEPS * log2f(1 + (float)words / (float)LENGTH_UNIT);

	return code < 255 ? (uint8_t)lroundf(code) : 255;
}

float
postings_length(uint8_t code)
{
	return (float)LENGTH_UNIT *
	    (exp2f((float)code / (float)LENGTH_STEPS) - 1);
}

void
postings_k(float average, float k[256])
{
	unsigned i;

	if (!(average >= 1))
		average = 1;
	for (i = 0; i < 256; i++)
		k[i] = POSTINGS_K1 *
		    (1 - POSTINGS_B +
			POSTINGS_B * postings_length((uint8_t)i) / average);
}

static uint8_t
impact_of(uint8_t tf, float k)
{
	float impact = (float)tf / ((float)tf + k) * 255;

	return impact < 254 ? (uint8_t)impact + 1 : 255;
}

/* --- packing --- */

static void
put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

static void
put32(uint8_t *p, uint32_t n)
{
	put16(p, n & 0xffff);
	put16(p + 2, n >> 16);
}

static unsigned
get16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static unsigned
bits_of(uint32_t n)
{
	return n == 0 ? 0 : 32 - (unsigned)__builtin_clz(n);
}

/* 128 numbers of some bits each: number i is in lane i % 4. */
static void
pack(const uint32_t *in, unsigned bits, struct buf *out)
{
	uint32_t words[4 * 32] = { 0 };
	uint8_t bytes[sizeof(words)];
	unsigned i, at, lane;

	for (i = 0; i < POSTINGS_BLOCK; i++) {
		lane = i % 4;
		at = i / 4 * bits;
		if (bits == 0)
			continue;
		words[at / 32 * 4 + lane] |= in[i] << at % 32;
		if (at % 32 + bits > 32)
			words[(at / 32 + 1) * 4 + lane] |=
			    in[i] >> (32 - at % 32);
	}
	for (i = 0; i < 4 * bits; i++)
		put32(bytes + 4 * i, words[i]);
	buf_add(out, bytes, (size_t)16 * bits);
}

static four
load(const uint8_t *p)
{
	four v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (int i = 0; i < 4; i++)
		v[i] = __builtin_bswap32(v[i]);
#endif
	return v;
}

/* Where bits is known to the compiler, so is where each number is. */
static inline __attribute__((always_inline)) void
unpack_by(const uint8_t *p, unsigned bits, four *out)
{
	uint32_t mask = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
	four all = { mask, mask, mask, mask }, v;
	unsigned i, at, used;

#pragma GCC unroll 32
	for (i = 0; i < GROUPS; i++) {
		at = i * bits / 32;
		used = i * bits % 32;
		v = load(p + at * sizeof(v)) >> used;
		if (used + bits > 32)
			v |= load(p + (at + 1) * sizeof(v)) << (32 - used);
		out[i] = v & all;
	}
}

/* Most gaps and counts have few bits. */
static void
unpack(const uint8_t *p, unsigned bits, four *out)
{
	switch (bits) {
	case 0:
		memset(out, 0, GROUPS * sizeof(*out));
		break;
	case 1:
		unpack_by(p, 1, out);
		break;
	case 2:
		unpack_by(p, 2, out);
		break;
	case 3:
		unpack_by(p, 3, out);
		break;
	case 4:
		unpack_by(p, 4, out);
		break;
	case 5:
		unpack_by(p, 5, out);
		break;
	case 6:
		unpack_by(p, 6, out);
		break;
	case 7:
		unpack_by(p, 7, out);
		break;
	case 8:
		unpack_by(p, 8, out);
		break;
	default:
		unpack_by(p, bits, out);
	}
}

static void
put_varint(struct buf *out, uint32_t n)
{
	for (; n >= 128; n >>= 7)
		buf_addc(out, (char)(n | 128));
	buf_addc(out, (char)n);
}

/* The gap and whether a count above 1 follows, in one number. */
static void
put_varints(const uint32_t *docs, const uint8_t *tfs, size_t n, uint32_t from,
    struct buf *out)
{
	uint32_t gap;
	size_t i;

	for (i = 0; i < n; i++) {
		gap = docs[i] - from;
		from = docs[i] + 1;
		/* A gap has 31 bits here: a segment has fewer passages. */
		put_varint(out, gap << 1 | (tfs[i] > 1));
		if (tfs[i] > 1)
			buf_addc(out, (char)tfs[i]);
	}
}

static uint8_t
impact_of_all(const uint32_t *docs, const uint8_t *tfs, size_t n,
    const uint8_t *lens, const float k[256])
{
	uint8_t most = 0, impact;
	size_t i;

	for (i = 0; i < n; i++) {
		impact = impact_of(tfs[i], k[lens[docs[i]]]);
		if (impact > most)
			most = impact;
	}
	return most;
}

static void
pack_block(const uint32_t *docs, const uint8_t *tfs, uint32_t from,
    uint8_t *entry, struct buf *out)
{
	uint32_t gaps[POSTINGS_BLOCK], counts[POSTINGS_BLOCK], gap_or = 0,
							       tf_or = 0;
	size_t i;

	for (i = 0; i < POSTINGS_BLOCK; i++) {
		gaps[i] = docs[i] - from;
		from = docs[i] + 1;
		counts[i] = tfs[i] - 1u;
		gap_or |= gaps[i];
		tf_or |= counts[i];
	}
	entry[8] = (uint8_t)bits_of(gap_or);
	entry[9] = (uint8_t)bits_of(tf_or);
	pack(gaps, entry[8], out);
	pack(counts, entry[9], out);
}

void
postings_pack(const uint32_t *docs, const uint8_t *tfs, size_t n,
    const uint8_t *lens, const float k[256], struct buf *head, struct buf *data,
    struct buf *cuts)
{
	uint8_t entry[ENTRY], start[HEAD] = { 0 };
	struct buf block = BUF_INIT(0);
	size_t at, count, piece_begin = 0, piece_len;
	unsigned piece = 1;
	uint32_t from = 0;

	buf_reset(head);
	buf_reset(data);
	buf_reset(cuts);
	start[0] = impact_of_all(docs, tfs, n, lens, k);
	if (n < POSTINGS_BLOCK) {
		buf_addc(head, (char)start[0]);
		put_varints(docs, tfs, n, 0, head);
		return;
	}
	buf_add(head, start, HEAD);
	for (at = 0; at < n; at += count) {
		count = n - at < POSTINGS_BLOCK ? n - at : POSTINGS_BLOCK;
		memset(entry, 0, ENTRY);
		buf_reset(&block);
		if (count == POSTINGS_BLOCK)
			pack_block(docs + at, tfs + at, from, entry, &block);
		else {
			entry[8] = VARINTS;
			put_varints(docs + at, tfs + at, count, from, &block);
		}
		if (data->len - piece_begin + block.len > POSTINGS_PIECE) {
			piece_len = data->len - piece_begin;
			buf_add(cuts, &piece_len, sizeof(piece_len));
			piece_begin = data->len;
			piece++;
		}
		put32(entry, docs[at + count - 1]);
		put16(entry + 4, piece);
		put16(entry + 6, (unsigned)(data->len - piece_begin));
		entry[POSTINGS_IMPACT] =
		    impact_of_all(docs + at, tfs + at, count, lens, k);
		from = docs[at + count - 1] + 1;
		buf_add(head, entry, ENTRY);
		if (block.len > 0)
			buf_add(data, block.data, block.len);
	}
	buf_release(&block);
	if (piece == 1 && head->len + data->len <= POSTINGS_PIECE) {
		/* All of it in one. */
		for (at = HEAD; at < head->len; at += ENTRY)
			put16((uint8_t *)head->data + at + 4, 0);
		if (data->len > 0)
			buf_add(head, data->data, data->len);
		buf_reset(data);
	} else {
		piece_len = data->len - piece_begin;
		buf_add(cuts, &piece_len, sizeof(piece_len));
	}
}

/* --- reading --- */

static int
broken(const char *what)
{
	return err_set(ERR_DATA,
	    "the search index is damaged: %s; kb-doc reindex makes it anew",
	    what);
}

void
postings_block(const struct postings *p, size_t n, struct postings_block *ret)
{
	const uint8_t *e = p->head + HEAD + n * ENTRY;

	if (p->count < POSTINGS_BLOCK) {
		*ret = (struct postings_block){ .last = p->passages - 1,
			.offset = 1,
			.gap_bits = VARINTS,
			.impact = p->impact,
			.count = (unsigned)p->count };
		return;
	}
	ret->last = get32(e);
	ret->piece = get16(e + 4);
	ret->offset = get16(e + 6);
	if (ret->piece == 0)
		ret->offset += HEAD + (unsigned)(p->blocks * ENTRY);
	ret->gap_bits = e[8];
	ret->tf_bits = e[9];
	ret->impact = e[POSTINGS_IMPACT];
	ret->count = n + 1 < p->blocks || p->count % POSTINGS_BLOCK == 0 ?
	    POSTINGS_BLOCK :
	    (unsigned)(p->count % POSTINGS_BLOCK);
}

int
postings_open(const void *head, size_t len, size_t count, uint32_t passages,
    struct postings *ret)
{
	struct postings p = { head, len, count,
		(count + POSTINGS_BLOCK - 1) / POSTINGS_BLOCK, passages, 0 };
	struct postings_block b;
	int64_t last = -1;
	size_t i;

	if (count == 0 || count > passages || passages > INT32_MAX)
		return broken("a list's count");
	if (len < (count < POSTINGS_BLOCK ? 1 : HEAD + p.blocks * ENTRY))
		return broken("a list is cut off");
	p.impact = p.head[0];
	for (i = 0; i < p.blocks && count >= POSTINGS_BLOCK; i++) {
		postings_block(&p, i, &b);
		if ((int64_t)b.last <= last || b.last >= passages)
			return broken("the passages of a table");
		if (b.count == POSTINGS_BLOCK ?
			b.gap_bits > 32 || b.tf_bits > TF_BITS_MAX :
			b.gap_bits != VARINTS)
			return broken("the bits of a block");
		last = b.last;
	}
	*ret = p;
	return 0;
}

static int
read_varints(const struct postings_block *b, uint32_t from, uint32_t passages,
    const uint8_t *p, const uint8_t *end, uint32_t *docs, uint8_t *tfs)
{
	unsigned i, shift;
	uint64_t n;

	for (i = 0; i < b->count; i++) {
		n = 0;
		shift = 0;
		do {
			if (p == end || shift > 28)
				return broken("a number");
			n |= (uint64_t)(*p & 127) << shift;
			shift += 7;
		} while (*p++ & 128);
		if ((n >> 1) + from >= passages)
			return broken("a passage");
		docs[i] = from + (uint32_t)(n >> 1);
		from = docs[i] + 1;
		tfs[i] = 1;
		if (n & 1) {
			if (p == end || *p == 0)
				return broken("a count");
			tfs[i] = *p++;
		}
	}
	return 0;
}

/* How often each passage has the word, from how much more than once that is. */
static void
read_counts(const uint8_t *p, unsigned bits, uint8_t *tfs)
{
	uint8_t out[POSTINGS_BLOCK]; /* tfs may be anywhere, to the compiler */
	four counts[GROUPS];
	const uint32_t *count = (const uint32_t *)counts;
	unsigned i;

	if (bits == 0) {
		memset(tfs, 1, POSTINGS_BLOCK);
		return;
	}
	unpack(p, bits, counts);
	if (1u << (bits - 1) > POSTINGS_TF_MAX / 2)
		for (i = 0; i < POSTINGS_BLOCK; i++)
			out[i] = (uint8_t)(count[i] < POSTINGS_TF_MAX ?
				count[i] + 1 :
				POSTINGS_TF_MAX);
	else
		for (i = 0; i < POSTINGS_BLOCK; i++)
			out[i] = (uint8_t)(count[i] + 1);
	memcpy(tfs, out, sizeof(out));
}

int
postings_docs(const struct postings *p, size_t n, const uint8_t *piece,
    size_t len, uint32_t *docs, uint8_t *tfs, unsigned *ret, bool *ret_counted)
{
	uint32_t from = n > 0 ? postings_last(p, n - 1) + 1 : 0;
	struct postings_block b;
	four gaps[GROUPS];
	const uint32_t *gap = (const uint32_t *)gaps;
	uint64_t at = from;
	unsigned i;

	postings_block(p, n, &b);
	*ret = b.count;
	*ret_counted = b.gap_bits == VARINTS;
	if (b.offset > len)
		return broken("the place of a block");
	if (b.gap_bits == VARINTS)
		return read_varints(&b, from, p->passages, piece + b.offset,
		    piece + len, docs, tfs);
	if (b.offset + 16u * (b.gap_bits + b.tf_bits) > len)
		return broken("a block is cut off");
	unpack(piece + b.offset, b.gap_bits, gaps);
#pragma GCC unroll 8
	for (i = 0; i < POSTINGS_BLOCK; i++) {
		at += gap[i];
		docs[i] = (uint32_t)at++;
	}
	/* They only rise: if the last is right, so are all before it. */
	if (at - 1 != b.last)
		return broken("the passages of a block");
	return 0;
}

static const uint8_t *
counts_of(const struct postings_block *b, const uint8_t *piece)
{
	return piece + b->offset + (size_t)16 * b->gap_bits;
}

void
postings_counts(const struct postings *p, size_t n, const uint8_t *piece,
    uint8_t *tfs)
{
	struct postings_block b;

	postings_block(p, n, &b);
	read_counts(counts_of(&b, piece), b.tf_bits, tfs);
}

uint8_t
postings_count(const struct postings *p, size_t n, const uint8_t *piece,
    unsigned i)
{
	struct postings_block b;
	unsigned bit;
	uint64_t two;

	postings_block(p, n, &b);
	if (b.tf_bits == 0)
		return 1;
	/* As pack() put it: what runs over its word goes on in the next of its
	 * lane. */
	bit = i / 4 * b.tf_bits;
	piece =
	    counts_of(&b, piece) + (size_t)bit / 32 * 16 + (size_t)i % 4 * 4;
	bit %= 32;
	two = get32(piece);
	if (bit + b.tf_bits > 32)
		two |= (uint64_t)get32(piece + 16) << 32;
	two = two >> bit & ((1u << b.tf_bits) - 1);
	return (uint8_t)(two < POSTINGS_TF_MAX ? two + 1 : POSTINGS_TF_MAX);
}

int
postings_unpack(const struct postings *p, size_t n, const uint8_t *piece,
    size_t len, uint32_t *docs, uint8_t *tfs, unsigned *ret)
{
	bool counted;
	int code = postings_docs(p, n, piece, len, docs, tfs, ret, &counted);

	if (code == 0 && !counted)
		postings_counts(p, n, piece, tfs);
	return code;
}
