/*
 * signature - who sent these bytes: HMAC-SHA256 with a shared secret
 *
 * The form is that of the header X-Hub-Signature-256: "sha256=" and 64
 * hexadecimal digits over the bytes of the body exactly as they came; JSON
 * that was parsed and written again never matches. While a secret is rotated
 * several are good, so a check takes a set of keys; it always tries them all
 * and compares in constant time.
 */
#ifndef NET_SIGNATURE_H
#define NET_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#define SIGNATURE_BYTES 72 /* "sha256=", 64 digits and a NUL */

/* Secrets, ready for use; for one thread at a time. */
struct signature_keys;

/* An empty set, which no signature matches. */
struct signature_keys *signature_keys_new(void);

/* Add a secret, which is copied. ERR_CONFIG if it is empty. */
int signature_keys_add(struct signature_keys *k, const char *secret);

size_t signature_keys_count(const struct signature_keys *k);

/* Ends k and wipes its secrets; NULL is allowed. */
void signature_keys_free(struct signature_keys *k);

/* The signature of body by the first secret of k; ERR_CONFIG if it has none. */
int signature_make(struct signature_keys *k, const void *body, size_t len,
    char ret[SIGNATURE_BYTES]);

/*
 * Whether header is the signature of body by any secret of k. NULL, another
 * length or another form is false.
 */
bool signature_ok(struct signature_keys *k, const char *header,
    const void *body, size_t len);

#endif
