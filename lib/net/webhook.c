/* webhook - what goes with a webhook of ours, by the Standard Webhooks */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "net/webhook.h"

#define PREFIX "whsec_"
#define KEY_MIN_BYTES 16
#define KEY_MAX_BYTES 256
#define MAC_BASE64_BYTES                                        \
	sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, \
	    sodium_base64_VARIANT_ORIGINAL)

struct key {
	unsigned char bytes[KEY_MAX_BYTES];
	size_t len;
};

struct webhook_secrets {
	struct key keys[WEBHOOK_SECRETS_MAX];
	size_t count;
};

void
webhook_secrets_free(struct webhook_secrets *s)
{
	if (s != NULL)
		sodium_memzero(s, sizeof(*s));
	free(s);
}

static int
add(struct webhook_secrets *s, const char *line, size_t len)
{
	struct key *k = &s->keys[s->count];
	size_t prefix = strlen(PREFIX);

	if (s->count == WEBHOOK_SECRETS_MAX)
		return err_set(ERR_CONFIG, "more than %d secrets",
		    WEBHOOK_SECRETS_MAX);
	if (len > prefix && strncmp(line, PREFIX, prefix) == 0) {
		if (sodium_base642bin(k->bytes, sizeof(k->bytes), line + prefix,
			len - prefix, NULL, &k->len, NULL,
			sodium_base64_VARIANT_ORIGINAL) < 0)
			return err_set(ERR_CONFIG,
			    "a secret that begins with " PREFIX
			    " is no base64 behind it");
	} else if (len <= sizeof(k->bytes)) {
		memcpy(k->bytes, line, len);
		k->len = len;
	} else
		return err_set(ERR_CONFIG, "a secret of more than %d bytes",
		    KEY_MAX_BYTES);
	if (k->len < KEY_MIN_BYTES)
		return err_set(ERR_CONFIG, "a secret of fewer than %d bytes",
		    KEY_MIN_BYTES);
	s->count++;
	return 0;
}

int
webhook_secrets_parse(const char *text, struct webhook_secrets **ret)
{
	struct webhook_secrets *s = xcalloc(1, sizeof(*s));
	size_t len;
	int code = 0;

	while (*text != '\0' && code == 0) {
		text += strspn(text, " \t\r\n");
		len = strcspn(text, "\r\n");
		if (len > 0 && *text != '#')
			code = add(s, text,
			    strcspn(text, " \t\r\n") < len ?
				strcspn(text, " \t\r\n") :
				len);
		text += len;
	}
	if (code == 0 && s->count == 0)
		code = err_set(ERR_CONFIG, "there is no secret in it");
	if (code < 0) {
		webhook_secrets_free(s);
		return code;
	}
	*ret = s;
	return 0;
}

static void
sign(const struct key *k, const char *head, const char *body, size_t len,
    char ret[MAC_BASE64_BYTES])
{
	crypto_auth_hmacsha256_state state;
	unsigned char mac[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_init(&state, k->bytes, k->len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)head,
	    strlen(head));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2base64(ret, MAC_BASE64_BYTES, mac, sizeof(mac),
	    sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(&state, sizeof(state));
}

void
webhook_headers(const struct webhook_secrets *s, const char *id, int64_t time_s,
    const char *body, size_t len, char *ret[WEBHOOK_HEADERS])
{
	char *head = xformat("%s.%lld.", id, (long long)time_s);
	char mac[MAC_BASE64_BYTES];
	struct buf b = BUF_INIT(0);
	size_t i;

	buf_adds(&b, "webhook-signature:");
	for (i = 0; i < s->count; i++) {
		sign(&s->keys[i], head, body, len, mac);
		buf_addf(&b, " v1,%s", mac);
	}
	ret[0] = xformat("webhook-id: %s", id);
	ret[1] = xformat("webhook-timestamp: %lld", (long long)time_s);
	ret[2] = buf_detach(&b);
	free(head);
}
