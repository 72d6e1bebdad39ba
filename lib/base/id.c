/* id - ids that are derived, not drawn */
#include <stdarg.h>
#include <string.h>

#include <sodium.h>

#include "base/id.h"

static const char upper[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char lower[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void
hash_parts(unsigned char *ret, size_t len, va_list ap)
{
	crypto_generichash_state state;
	unsigned char size[8];
	const char *part;
	size_t n, i;

	/* BLAKE2b of 16 bytes or more; shorter ids take the first ones. */
	crypto_generichash_init(&state, NULL, 0, len);
	while ((part = va_arg(ap, const char *)) != NULL) {
		n = strlen(part);
		for (i = 0; i < 8; i++)
			size[i] = (unsigned char)(n >> (8 * i));
		crypto_generichash_update(&state, size, 8);
		crypto_generichash_update(&state, (const void *)part, n);
	}
	crypto_generichash_final(&state, ret, len);
}

void
id_ulid(char ret[ULID_BYTES], int64_t time_ms, ...)
{
	unsigned char hash[16];
	uint64_t t = time_ms > 0 ? (uint64_t)time_ms : 0, high, low;
	va_list ap;
	int i;

	va_start(ap, time_ms);
	hash_parts(hash, sizeof(hash), ap);
	va_end(ap);
	for (i = 9; i >= 0; i--, t >>= 5)
		ret[i] = upper[t & 31];
	high = low = 0;
	for (i = 0; i < 5; i++)
		high = high << 8 | hash[i];
	for (i = 5; i < 10; i++)
		low = low << 8 | hash[i];
	for (i = 17; i >= 10; i--, high >>= 5)
		ret[i] = upper[high & 31];
	for (i = 25; i >= 18; i--, low >>= 5)
		ret[i] = upper[low & 31];
	ret[26] = '\0';
}

void
id_short(char ret[SHORT_ID_BYTES], ...)
{
	unsigned char hash[16];
	uint64_t bits = 0;
	va_list ap;
	int i;

	va_start(ap, ret);
	hash_parts(hash, sizeof(hash), ap);
	va_end(ap);
	for (i = 0; i < 5; i++)
		bits = bits << 8 | hash[i];
	for (i = 7; i >= 0; i--, bits >>= 5)
		ret[i] = lower[bits & 31];
	ret[8] = '\0';
}

bool
id_is_ulid(const char *text)
{
	return strlen(text) == 26 && strspn(text, upper) == 26 &&
	    text[0] <= '7';
}

int64_t
id_time_ms(const char *ulid)
{
	const char *p;
	int64_t t = 0;
	int i;

	for (i = 0; i < 10; i++) {
		p = memchr(upper, ulid[i], 32);
		t = t << 5 | (p != NULL ? p - upper : 0);
	}
	return t;
}

void
hash_hex(char ret[HASH_HEX_BYTES], const void *data, size_t len)
{
	unsigned char hash[32];

	crypto_generichash(hash, sizeof(hash), data, len, NULL, 0);
	sodium_bin2hex(ret, HASH_HEX_BYTES, hash, sizeof(hash));
}
