/*
 * postings - where a word stands, packed in blocks that can be passed over
 *
 * A list says for one word in which passages of a segment it stands and how
 * often. Passages are numbered from 0 within their segment and rise in a list;
 * how often is 1 to POSTINGS_TF_MAX. Blocks of POSTINGS_BLOCK are packed by
 * bits; a table in front says of each where it is, what its last passage is,
 * and the most it adds to any score, so that a search reads only blocks that
 * can matter.
 *
 *	fewer than POSTINGS_BLOCK	impact, then the postings as varints
 *	more	impact, 3 bytes of 0, the table, the data
 *
 * A table entry is 12 bytes, little-endian: last passage (4), piece (2) and
 * offset in it (2) of the block, bits of a gap and of a count, impact, 0. The
 * last entry, of what is fewer than a block, has 255 bits: varints again. A
 * list of more than POSTINGS_PIECE bytes is in pieces: 0 has impact and table,
 * the others data, and no block spans two. In a list of one piece, data stands
 * behind the table and the piece in an entry is 0.
 *
 * Impact is the most of tf / (tf + k) in 255ths, rounded up, where k is what
 * BM25 makes of the passage's length (postings_k). What is read is not trusted:
 * a list that is not as said above is ERR_DATA. Nothing here knows SQL.
 */
#ifndef KB_POSTINGS_H
#define KB_POSTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define POSTINGS_BLOCK 128
#define POSTINGS_TF_MAX 255
#define POSTINGS_PIECE 30000 /* bytes */
#define POSTINGS_K1 1.2f
#define POSTINGS_B 0.75f

/* Lengths are kept in a byte, three percent apart: code to words and back. */
uint8_t postings_length_code(uint32_t words);
float postings_length(uint8_t code);

/* What BM25 adds to tf below the line, by length code, for an average. */
void postings_k(float average, float k[256]);

/*
 * Pack n postings (n > 0, docs rising, below the segment's count) whose
 * lengths are lens[doc]. head and data are set: piece 0, and what follows in
 * pieces of their own; data is empty where all is in head. cuts gets the
 * length of each such piece, as size_t values.
 */
void postings_pack(const uint32_t *docs, const uint8_t *tfs, size_t n,
    const uint8_t *lens, const float k[256], struct buf *head, struct buf *data,
    struct buf *cuts);

/* A list that is read. */
struct postings {
	const uint8_t *head;
	size_t head_len;
	size_t count;	   /* postings */
	size_t blocks;	   /* with the varints at the end */
	uint32_t passages; /* in the segment */
	uint8_t impact;	   /* the most of all blocks */
};

struct postings_block {
	uint32_t last;
	unsigned piece, offset;
	uint8_t gap_bits, tf_bits, impact;
	unsigned count; /* postings in it */
};

/* Begin to read the list of count postings in head, which is borrowed. */
int postings_open(const void *head, size_t len, size_t count, uint32_t passages,
    struct postings *ret);

/*
 * The n-th block. postings_open() has looked at the table: lasts rise and are
 * below the number of passages.
 */
void postings_block(const struct postings *p, size_t n,
    struct postings_block *ret);

/* Of the table: bytes before it, of an entry, and where in one the impact is. */
#define POSTINGS_HEAD 4
#define POSTINGS_ENTRY 12
#define POSTINGS_IMPACT 10

/* The last passage of the n-th block, and the most that one of it can add:
 * these are asked for again and again. */
static inline uint32_t
postings_last(const struct postings *p, size_t n)
{
	const uint8_t *e = p->head + POSTINGS_HEAD + n * POSTINGS_ENTRY;

	return p->count < POSTINGS_BLOCK ? p->passages - 1 :
					   e[0] | (uint32_t)e[1] << 8 |
		(uint32_t)e[2] << 16 | (uint32_t)e[3] << 24;
}

static inline uint8_t
postings_impact(const struct postings *p, size_t n)
{
	return p->count < POSTINGS_BLOCK ?
	    p->impact :
	    p->head[POSTINGS_HEAD + n * POSTINGS_ENTRY + POSTINGS_IMPACT];
}

/*
 * Unpack block n, which is in the piece of len bytes. docs and tfs have room
 * for POSTINGS_BLOCK; *ret is how many.
 */
int postings_unpack(const struct postings *p, size_t n, const uint8_t *piece,
    size_t len, uint32_t *docs, uint8_t *tfs, unsigned *ret);

/*
 * The same, but tfs are left out where they are packed by themselves, which
 * *ret_counted says. Then postings_counts() unpacks them, and postings_count()
 * tells the i-th alone.
 */
int postings_docs(const struct postings *p, size_t n, const uint8_t *piece,
    size_t len, uint32_t *docs, uint8_t *tfs, unsigned *ret, bool *ret_counted);
void postings_counts(const struct postings *p, size_t n, const uint8_t *piece,
    uint8_t *tfs);
uint8_t postings_count(const struct postings *p, size_t n, const uint8_t *piece,
    unsigned i);

#endif
