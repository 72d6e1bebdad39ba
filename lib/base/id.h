/*
 * id - ids that are derived, not drawn
 *
 * A ULID holds 48 bits of time and 80 bits that are BLAKE2b of what makes the
 * thing itself: the same cause gives the same id on every machine, so a replay
 * is byte for byte what the first run was. A short id holds 40 bits of the
 * same hash: enough to name a conversation to a person. Both are written in
 * Crockford's base 32, a ULID in capitals and a short id in small letters.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ULID_BYTES 27	  /* 26 characters and a NUL */
#define SHORT_ID_BYTES 9  /* 8 characters and a NUL */
#define HASH_HEX_BYTES 65 /* 64 hexadecimal digits and a NUL */

/*
 * The ULID of time_ms and the given strings, up to a NULL. The strings are
 * hashed with their lengths, so ("ab", "c") is not ("a", "bc").
 */
void id_ulid(char ret[ULID_BYTES], int64_t time_ms, ...)
    __attribute__((sentinel));

/* A short id of the given strings, up to a NULL. */
void id_short(char ret[SHORT_ID_BYTES], ...) __attribute__((sentinel));

bool id_is_ulid(const char *text);

/* The time inside a ULID, milliseconds. */
int64_t id_time_ms(const char *ulid);

/* BLAKE2b-256 of data in hexadecimal. */
void hash_hex(char ret[HASH_HEX_BYTES], const void *data, size_t len);

#endif
