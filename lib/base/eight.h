/*
 * eight - eight bytes at a time, in a number
 *
 * For loops over text that have little to do with most of its bytes. What is
 * told of single bytes has 0x80 in their places; what is told of any of them is
 * 0 if it is of none, and which it is of is not told.
 */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (unsigned char)(b))

/* The first is the lowest. */
static inline uint64_t
eight_at(const char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return le64toh(eight);
}

/* Which of them are not c. */
static inline uint64_t
eight_not(uint64_t eight, char c)
{
	eight ^= EACH_BYTE(c);
	return (((eight & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | eight) &
	    EACH_BYTE(0x80);
}

/* Whether any is below c, of ASCII. */
static inline uint64_t
eight_below(uint64_t eight, char c)
{
	return (eight - EACH_BYTE(c)) & ~eight & EACH_BYTE(0x80);
}

/* Whether any is not ASCII. */
static inline uint64_t
eight_above_ascii(uint64_t eight)
{
	return eight & EACH_BYTE(0x80);
}

/* Which of them, all of ASCII, are from first to last. */
static inline uint64_t
eight_within(uint64_t eight, char first, char last)
{
	return (eight + EACH_BYTE(0x80 - first)) &
	    ~(eight + EACH_BYTE(0x7f - last)) & EACH_BYTE(0x80);
}

/* What is told of each as one of eight bits, the first is the lowest. */
static inline unsigned
eight_bits(uint64_t told)
{
	return (unsigned)((told >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* Of beginnings, or of others with 0x80 in their places: how many. */
static inline unsigned
eight_count(uint64_t told)
{
	return (unsigned)((told >> 7) * EACH_BYTE(1) >> 56);
}

#endif
