/* unit-send.c - error classes, and what each answer makes of a message */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "wa/errors.h"
#include "wa/send.h"

static enum wa_class
class_of(int http, int code)
{
	struct wa_error e = { .http = http,
		.has_code = code >= 0,
		.code = code < 0 ? 0 : code };

	return wa_error_class(&e);
}

static void
test_classes(void **state)
{
	static const struct {
		enum wa_class class;
		int codes[24];
	} rows[] = {
		{ WA_SLOW, { 4, 80007, 130429, 131048, 133016, 131057, -1 } },
		{ WA_SLOW_PAIR, { 131056, -1 } },
		{ WA_RETRY, { 131000, 131016, 135000, 131053, 1, 2, -1 } },
		{ WA_POLICY, { 131047, 131049, 131050, 131064, 130472, -1 } },
		{ WA_RECIPIENT,
		    { 131026, 131021, 131030, 131062, 137000, -1 } },
		{ WA_REQUEST,
		    { 131008, 131009, 131051, 132000, 132007, 132016, 131037,
			100, -1 } },
		{ WA_ACCOUNT,
		    { 0, 3, 10, 190, 200, 250, 299, 131005, 131031, 131042,
			131045, 368, 130497, -1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (const int *code = rows[i].codes; *code >= 0; code++)
			if (class_of(400, *code) != rows[i].class)
				fail_msg("%d is %s", *code,
				    wa_class_name(class_of(400, *code)));
	/* Unknown codes, and none. */
	assert_int_equal(class_of(400, 987654), WA_REQUEST);
	assert_int_equal(class_of(500, 987654), WA_RETRY);
	assert_int_equal(class_of(429, -1), WA_SLOW);
	assert_int_equal(class_of(503, -1), WA_SLOW);
	assert_int_equal(class_of(401, -1), WA_ACCOUNT);
	assert_int_equal(class_of(404, -1), WA_REQUEST);
	for (size_t i = 1; i < wa_error_codes_count; i++)
		assert_true(
		    wa_error_codes[i].code > wa_error_codes[i - 1].last);
}

static void
test_read(void **state)
{
	static const char text[] =
	    "{\"error\":{\"message\":\"(#987) Bad 4915551234567 of "
	    "a@b.example, try 12\",\"code\":987,\"error_subcode\":33,"
	    "\"is_transient\":true,\"fbtrace_id\":\"Abc\",\"error_data\":"
	    "{\"details\":\"To +4915551234567\"}}}";
	struct wa_error e;
	json_t *root;

	(void)state;
	assert_int_equal(json_object_parse(text, strlen(text), &root), 0);
	wa_error_read(root, 400, &e);
	assert_int_equal(e.code, 987);
	assert_int_equal(e.subcode, 33);
	assert_true(e.transient);
	assert_string_equal(e.trace, "Abc");
	assert_string_equal(e.title, "(#987) Bad # of #, try 12");
	assert_string_equal(e.details, "To +#");
	assert_int_equal(wa_error_class(&e), WA_RETRY);
	json_decref(root);
	wa_error_read(NULL, 502, &e);
	assert_false(e.has_code);
	assert_string_equal(e.title, "the service failed");
}

static struct send_outcome
judge(enum http_class class, int status, const char *body, int64_t after_ms,
    int attempt)
{
	struct http_result r = { .class = class,
		.status = status,
		.body = body,
		.body_len = strlen(body),
		.retry_after_ms = after_ms,
		.why = "why" };
	struct send_outcome o;

	send_judge(&r, attempt, &o);
	return o;
}

#define ERROR(code) "{\"error\":{\"message\":\"x\",\"code\":" #code "}}"

static void
test_judge(void **state)
{
	struct send_outcome o;

	(void)state;
	o = judge(HTTP_ANSWERED, 200, "{\"messages\":[{\"id\":\"w1\"}]}", -1,
	    1);
	assert_int_equal(o.verdict, SEND_ACCEPTED);
	assert_string_equal(o.wamid, "w1");

	/* It may have been taken: never again. */
	o = judge(HTTP_ANSWERED, 200, "{\"mess", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);
	o = judge(HTTP_ANSWERED, 200, "{}", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);
	o = judge(HTTP_ANSWERED, 502, "<html>", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);
	o = judge(HTTP_ANSWERED, 500, "", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);
	o = judge(HTTP_UNKNOWN, 0, "", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);
	o = judge(HTTP_UNKNOWN, 200, "{\"messages\":[{\"id\":\"w1\"}]}", -1, 1);
	assert_int_equal(o.verdict, SEND_UNKNOWN);

	/* Not taken: later. */
	o = judge(HTTP_NOT_SENT, 0, "", -1, 1);
	assert_int_equal(o.verdict, SEND_AGAIN);
	assert_true(o.whole && !o.sent && o.wait_ms == 1000);
	o = judge(HTTP_NOT_SENT, 0, "", -1, 30);
	assert_int_equal(o.wait_ms, 60000);
	o = judge(HTTP_ANSWERED, 503, "", -1, 1);
	assert_int_equal(o.verdict, SEND_AGAIN);
	o = judge(HTTP_ANSWERED, 429, ERROR(130429), 7000, 1);
	assert_int_equal(o.verdict, SEND_AGAIN);
	assert_true(o.whole && o.wait_ms == 7000);
	o = judge(HTTP_ANSWERED, 400, ERROR(131056), -1, 3);
	assert_int_equal(o.verdict, SEND_AGAIN);
	assert_true(!o.whole && o.wait_ms == 64000);
	o = judge(HTTP_ANSWERED, 500, ERROR(131000), -1, 2);
	assert_int_equal(o.verdict, SEND_AGAIN);
	assert_int_equal(o.wait_ms, 4000);

	/* Often enough. */
	o = judge(HTTP_ANSWERED, 500, ERROR(131000), -1, 5);
	assert_int_equal(o.verdict, SEND_FAILED);
	o = judge(HTTP_ANSWERED, 400, ERROR(131047), -1, 1);
	assert_int_equal(o.verdict, SEND_FAILED);
	o = judge(HTTP_ANSWERED, 400, "?", -1, 1);
	assert_int_equal(o.verdict, SEND_FAILED);

	/* All of the instance. */
	o = judge(HTTP_ANSWERED, 401, ERROR(190), -1, 1);
	assert_int_equal(o.verdict, SEND_STOP);
	o = judge(HTTP_ANSWERED, 302, "", -1, 1);
	assert_int_equal(o.verdict, SEND_STOP);
}

static void
test_check(void **state)
{
	struct message m = { .kind = (char *)"text" };
	struct buf b = BUF_INIT(0);

	(void)state;
	assert_int_equal(send_check(&m), ERR_DATA);
	for (int i = 0; i < 4096; i++)
		buf_adds(&b, "\u00e9");
	m.text = b.data;
	assert_int_equal(send_check(&m), 0); /* characters, not bytes */
	buf_addc(&b, 'x');
	m.text = b.data;
	assert_int_equal(send_check(&m), ERR_DATA);
	assert_null(strstr(err_reason(), "\u00e9"));
	m.kind = (char *)"order";
	assert_int_equal(send_check(&m), ERR_DATA);
	m.kind = (char *)"image";
	assert_int_equal(send_check(&m), ERR_DATA);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
