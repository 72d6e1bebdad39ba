/* signature: RFC 4231's vectors, rotation, and what is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/signature.h"
#include "net/webhook.h"

static void
vectors(void **state)
{
	struct signature_keys *k = signature_keys_new();
	char text[SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(signature_make(k, "", 0, text), ERR_CONFIG);
	assert_false(signature_ok(k, NULL, "", 0));
	assert_int_equal(signature_keys_add(k, ""), ERR_CONFIG);
	assert_int_equal(signature_keys_add(k, "Jefe"), 0);
	assert_int_equal(signature_make(k, "what do ya want for nothing?", 28,
			     text),
	    0);
	assert_string_equal(text,
	    "sha256=5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	/* The same again: a key is used many times. */
	assert_int_equal(signature_make(k, "what do ya want for nothing?", 28,
			     text),
	    0);
	assert_true(signature_ok(k, text, "what do ya want for nothing?", 28));
	assert_false(signature_ok(k, text, "what do ya want for nothing!", 28));
	signature_keys_free(k);
}

static void
rotation(void **state)
{
	struct signature_keys *old = signature_keys_new(),
			      *both = signature_keys_new(),
			      *new = signature_keys_new();
	char text[SIGNATURE_BYTES];

	(void)state;
	signature_keys_add(old, "old");
	signature_keys_add(new, "new");
	signature_keys_add(both, "new");
	signature_keys_add(both, "old");
	assert_int_equal(signature_keys_count(both), 2);
	signature_make(old, "x", 1, text);
	assert_true(signature_ok(both, text, "x", 1));
	assert_false(signature_ok(new, text, "x", 1));
	signature_make(new, "x", 1, text);
	assert_true(signature_ok(both, text, "x", 1));
	signature_keys_free(old);
	signature_keys_free(new);
	signature_keys_free(both);
}

static void
forgeries(void **state)
{
	struct signature_keys *k = signature_keys_new();
	char good[SIGNATURE_BYTES], bad[SIGNATURE_BYTES + 8];
	size_t i;

	(void)state;
	signature_keys_add(k, "secret");
	signature_make(k, "body", 4, good);
	for (i = 0; i < SIGNATURE_BYTES - 1; i++) {
		strcpy(bad, good);
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_false(signature_ok(k, bad, "body", 4));
		strcpy(bad, good);
		bad[i] = '\0';
		assert_false(signature_ok(k, bad, "body", 4));
	}
	strcpy(bad, good);
	strcat(bad, "0");
	assert_false(signature_ok(k, bad, "body", 4));
	strcpy(bad, good);
	memcpy(bad, "sha1=00", 7);
	assert_false(signature_ok(k, bad, "body", 4));
	assert_false(signature_ok(k, good, "body ", 5));
	assert_false(signature_ok(k, good, "bod", 3));
	signature_keys_free(k);
}

/* The example of the Standard Webhooks, and a secret that is no base64. */
static void
webhooks(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	char *headers[WEBHOOK_HEADERS];
	struct webhook_secrets *s;
	size_t i;

	(void)state;
	assert_int_equal(
	    webhook_secrets_parse("# the new one\n"
				  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw \n\n"
				  "a-secret-of-our-own\r\n",
		&s),
	    0);
	webhook_headers(s, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body,
	    strlen(body), headers);
	assert_string_equal(headers[0],
	    "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek");
	assert_string_equal(headers[1], "webhook-timestamp: 1614265330");
	assert_string_equal(headers[2],
	    "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	    " v1,Ii/8QGX6eb6L+X3AMMMO4gYnT6o1xb1hXZFLBZeZBZ8=");
	for (i = 0; i < WEBHOOK_HEADERS; i++)
		free(headers[i]);
	webhook_secrets_free(s);
}

#define SECRET "1234567890123456\n"

static void
webhook_secrets(void **state)
{
	/* One more than may be. */
	static const char many[] =
	    SECRET SECRET SECRET SECRET SECRET SECRET SECRET SECRET SECRET;
	static const char *const bad[] = { "", "\n# nothing\n", "short",
		"whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!", "whsec_c2hvcnQ=", many };
	struct webhook_secrets *s = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(webhook_secrets_parse(bad[i], &s), ERR_CONFIG);
	assert_null(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(rotation),
		cmocka_unit_test(forgeries),
		cmocka_unit_test(webhooks),
		cmocka_unit_test(webhook_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
