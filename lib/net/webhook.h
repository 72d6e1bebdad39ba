/*
 * webhook - what goes with a webhook of ours, by the Standard Webhooks
 *
 * The receiver is told an id, the same at each try, the time of this try, and
 * a signature for each of our secrets:
 *
 *	webhook-id: 01M8...
 *	webhook-timestamp: 1790000000
 *	webhook-signature: v1,BASE64 v1,BASE64
 *
 * each HMAC-SHA256 of "ID.TIMESTAMP.BODY", so that neither can be changed and
 * an old call is no use to whoever has seen it. While a secret is rotated two
 * stand in the file and the receiver takes either.
 */
#ifndef NET_WEBHOOK_H
#define NET_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#define WEBHOOK_SECRETS_MAX 8
#define WEBHOOK_HEADERS 3

/* Secrets, one a line, as the file says: "whsec_" and the base64 of the key, or
 * the key itself. Wiped by webhook_secrets_free. */
struct webhook_secrets;

/* From text, of which nothing is kept; # begins a comment. ERR_CONFIG if there
 * is none, one is no base64 or is shorter than 16 bytes, or there are more than
 * WEBHOOK_SECRETS_MAX. */
int webhook_secrets_parse(const char *text, struct webhook_secrets **ret);
void webhook_secrets_free(struct webhook_secrets *s); /* NULL is allowed */

/* The three headers of a call; the caller frees each. */
void webhook_headers(const struct webhook_secrets *s, const char *id,
    int64_t time_s, const char *body, size_t len, char *ret[WEBHOOK_HEADERS]);

#endif
