/* signature - who sent these bytes: HMAC-SHA256 with a shared secret */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/str.h"
#include "net/signature.h"

#define MAC_BYTES 32
#define PREFIX "sha256="

struct signature_keys {
	EVP_MAC *mac;
	EVP_MAC_CTX **keyed; /* each holds its secret already padded */
	size_t count;
};

struct signature_keys *
signature_keys_new(void)
{
	return xcalloc(1, sizeof(struct signature_keys));
}

void
signature_keys_free(struct signature_keys *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < k->count; i++)
		EVP_MAC_CTX_free(k->keyed[i]);
	EVP_MAC_free(k->mac);
	free(k->keyed);
	free(k);
}

size_t
signature_keys_count(const struct signature_keys *k)
{
	return k->count;
}

int
signature_keys_add(struct signature_keys *k, const char *secret)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;

	if (*secret == '\0')
		return err_set(ERR_CONFIG, "a secret is empty");
	if (k->mac == NULL)
		k->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	ctx = k->mac != NULL ? EVP_MAC_CTX_new(k->mac) : NULL;
	if (ctx == NULL ||
	    !EVP_MAC_init(ctx, (const unsigned char *)secret, strlen(secret),
		params)) {
		EVP_MAC_CTX_free(ctx);
		return err_set(ERR_BUG, "libcrypto has no HMAC-SHA256");
	}
	k->keyed = xrealloc(k->keyed, (k->count + 1) * sizeof(*k->keyed));
	k->keyed[k->count++] = ctx;
	return 0;
}

/* The MAC of body; initialising without a key keeps the one that is set. */
static bool
mac_of(EVP_MAC_CTX *ctx, const void *body, size_t len,
    unsigned char ret[MAC_BYTES])
{
	size_t got = 0;

	return EVP_MAC_init(ctx, NULL, 0, NULL) &&
	    EVP_MAC_update(ctx, body, len) &&
	    EVP_MAC_final(ctx, ret, &got, MAC_BYTES) && got == MAC_BYTES;
}

int
signature_make(struct signature_keys *k, const void *body, size_t len,
    char ret[SIGNATURE_BYTES])
{
	unsigned char mac[MAC_BYTES];
	size_t i;

	if (k->count == 0)
		return err_set(ERR_CONFIG, "no secret to sign with");
	if (!mac_of(k->keyed[0], body, len, mac))
		return err_set(ERR_BUG, "libcrypto cannot sign");
	memcpy(ret, PREFIX, sizeof(PREFIX));
	for (i = 0; i < MAC_BYTES; i++)
		snprintf(ret + sizeof(PREFIX) - 1 + 2 * i, 3, "%02x", mac[i]);
	return 0;
}

bool
signature_ok(struct signature_keys *k, const char *header, const void *body,
    size_t len)
{
	unsigned char want[MAC_BYTES], mac[MAC_BYTES];
	int high, low, equal = 0;
	size_t i;

	if (header == NULL || strlen(header) != SIGNATURE_BYTES - 1 ||
	    strncmp(header, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	header += sizeof(PREFIX) - 1;
	for (i = 0; i < MAC_BYTES; i++) {
		high = hex_digit(header[2 * i]);
		low = hex_digit(header[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		want[i] = (unsigned char)(high << 4 | low);
	}
	for (i = 0; i < k->count; i++)
		if (mac_of(k->keyed[i], body, len, mac))
			equal |= CRYPTO_memcmp(want, mac, MAC_BYTES) == 0;
	return equal != 0;
}
