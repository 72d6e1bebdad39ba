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
#include "base/id.h"
#include "base/str.h"
#include "base/utf8.h"
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
		{ WA_SLOW,
		    { 4, 17, 32, 341, 613, 80007, 130429, 131048, 133016,
			131057, -1 } },
		{ WA_SLOW_PAIR, { 131056, -1 } },
		{ WA_RETRY, { 131000, 131016, 135000, 131053, 1, 2, -1 } },
		{ WA_POLICY, { 131047, 131049, 131050, 131064, 130472, -1 } },
		{ WA_RECIPIENT,
		    { 131026, 131021, 131030, 131062, 137000, 130497, -1 } },
		{ WA_REQUEST,
		    { 131008, 131009, 131051, 132000, 132007, 132016, 100,
			-1 } },
		{ WA_ACCOUNT,
		    { 0, 3, 10, 190, 200, 250, 299, 131005, 131031, 131042,
			131045, 368, 131037, 102, 104, -1 } },
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

/* A code is no number of a person; a known one passes if the provider says
 * so; what the call was addressed to is the account's affair. */
static void
test_read_more(void **state)
{
	static const struct {
		const char *error;
		enum wa_class class, to_number;
		const char *title;
	} rows[] = {
		{ "{\"code\":99999,\"message\":\"(#99999) Error 99999\"}",
		    WA_REQUEST, WA_REQUEST, "(#99999) Error #" },
		{ "{\"code\":99999,\"message\":\"(#491700000001) no\"}",
		    WA_REQUEST, WA_REQUEST, "(##) no" },
		{ "{\"code\":100,\"is_transient\":true}", WA_RETRY, WA_RETRY,
		    "a parameter is not valid" },
		{ "{\"code\":131009,\"is_transient\":true}", WA_RETRY, WA_RETRY,
		    "a parameter has a wrong value" },
		{ "{\"code\":131026,\"is_transient\":true}", WA_RECIPIENT,
		    WA_RECIPIENT, "the message cannot be delivered" },
		{ "{\"code\":100,\"error_subcode\":33}", WA_REQUEST, WA_ACCOUNT,
		    "a parameter is not valid" },
		{ "{\"code\":33}", WA_REQUEST, WA_ACCOUNT, "no such number" },
	};
	struct wa_error e;
	json_t *root;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(json_object_parse(rows[i].error,
				     strlen(rows[i].error), &root),
		    0);
		wa_error_read(root, 400, &e);
		assert_string_equal(e.title, rows[i].title);
		assert_int_equal(wa_error_class(&e), rows[i].class);
		wa_error_to_number(&e);
		assert_int_equal(wa_error_class(&e), rows[i].to_number);
		json_decref(root);
	}
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
	struct send_attempt a = { "01JD0000000000000000000000", attempt,
		attempt - 1, false };
	struct send_patience p = { 0 };
	struct send_outcome o;

	send_judge(&r, &a, &p, &o);
	return o;
}

#define ERROR(code) "{\"error\":{\"message\":\"x\",\"code\":" #code "}}"

/* What we uploaded has nothing more to be fetched: its type is wrong. */
static void
test_judge_medium(void **state)
{
	static const char body[] = ERROR(131053);
	struct http_result r = { .class = HTTP_ANSWERED,
		.status = 400,
		.body = body,
		.body_len = strlen(body) };
	struct send_attempt a = { "01JD0000000000000000000000", 1, 0, false };
	struct send_patience p = { 0 };
	struct send_outcome o;

	(void)state;
	send_judge(&r, &a, &p, &o);
	assert_int_equal(o.verdict, SEND_AGAIN);
	a.uploaded = true;
	send_judge(&r, &a, &p, &o);
	assert_int_equal(o.verdict, SEND_FAILED);
}

static void
test_judge(void **state)
{
	struct send_outcome o;

	(void)state;
	o = judge(HTTP_ANSWERED, 200, "{\"messages\":[{\"id\":\"w1\"}]}", -1,
	    1);
	assert_int_equal(o.verdict, SEND_ACCEPTED);
	assert_string_equal(o.wamid, "w1");

	/* An error object says no, whatever the status is. */
	o = judge(HTTP_ANSWERED, 200, ERROR(131000), -1, 1);
	assert_int_equal(o.verdict, SEND_AGAIN);

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
	o = judge(HTTP_ANSWERED, 400,
	    "{\"error\":{\"message\":\"x\",\"code\":100,"
	    "\"error_subcode\":33}}",
	    -1, 1);
	assert_int_equal(o.verdict, SEND_STOP);
	o = judge(HTTP_ANSWERED, 401, "{\"error\":{\"code\":9999}}", -1, 1);
	assert_int_equal(o.verdict, SEND_STOP);
	assert_string_equal(o.why, "the call was refused (code 9999)");
	o = judge(HTTP_ANSWERED, 302, "", -1, 1);
	assert_int_equal(o.verdict, SEND_STOP);
}

static void
test_check(void **state)
{
	struct message m = { .kind = (char *)"text" };
	struct buf b = BUF_INIT(0);
	struct send_part *parts;

	(void)state;
	assert_int_equal(send_check(&m, NULL), ERR_DATA);
	for (int i = 0; i < 4096; i++)
		buf_adds(&b, "\u00e9");
	m.text = b.data;
	assert_int_equal(send_check(&m, NULL), 0); /* characters, not bytes */
	assert_int_equal(send_parts(&m, &parts), 0);
	buf_addc(&b, 'x');
	m.text = b.data;
	assert_int_equal(send_check(&m, NULL), 0); /* in two parts */
	assert_int_equal(send_parts(&m, &parts), 2);
	send_parts_free(parts, 2);
	m.kind = (char *)"order";
	assert_int_equal(send_check(&m, NULL), ERR_DATA);
	m.kind = (char *)"image";
	assert_int_equal(send_check(&m, NULL), ERR_DATA);
	buf_release(&b);
}

/* n times what; caller frees. */
static char *
times(const char *what, int n)
{
	struct buf b = BUF_INIT(0);

	while (n-- > 0)
		buf_adds(&b, what);
	return buf_detach(&b);
}

/* Parts of a text: each fits, ends where a reader sees an end, and together
 * they are the text but for blanks at the seams. */
static void
parts_of(char *text, size_t want, const char *end)
{
	struct message m = { .kind = (char *)"text", .text = text };
	struct send_part *parts;
	size_t n = send_parts(&m, &parts);
	const char *p = text;

	if (n != want)
		fail_msg("%zu parts, not %zu: %.30s", n, want, text);
	if (n == 0) {
		free(text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		assert_true(utf8_length(parts[i].text) <= LIMIT_TEXT_CHARS);
		assert_true(utf8_valid(parts[i].text, strlen(parts[i].text)));
		if (end != NULL && i + 1 < n)
			assert_true(str_ends(parts[i].text, end));
		p += strspn(p, " \n");
		assert_memory_equal(p, parts[i].text, strlen(parts[i].text));
		p += strlen(parts[i].text);
	}
	assert_int_equal(strspn(p, " \n"), strlen(p));
	send_parts_free(parts, n);
	free(text);
}

static void
test_parts(void **state)
{
	/* Skin tone, a family joined by zero-width joiners, a flag. */
	static const char thumb[] = "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
			  family[] = "\xf0\x9f\x91\xa9\xe2\x80\x8d"
				     "\xf0\x9f\x91\xa7",
			  flag[] = "\xf0\x9f\x87\xaa\xf0\x9f\x87\xb8";
	char *one, *two;

	(void)state;
	parts_of(times("x", 4096), 0, NULL);
	parts_of(times("x", 4097), 2, NULL);
	parts_of(times("word ", 2000), 3, "word");
	parts_of(times("A sentence of words. ", 600), 4, ".");
	parts_of(times("Is it so? ", 1000), 3, "?");
	parts_of(times("A line without a stop\n", 500), 3, "stop");
	parts_of(times("\xe3\x81\xaf\xe3\x80\x82", 5000), 3, "\xe3\x80\x82");
	/* As few parts as may be; then paragraphs before lines before
	 * sentences. */
	one = times("One. Two. ", 250);
	two = xformat("%s\n\n%s\n%s", one, one, one);
	free(one);
	parts_of(two, 2, ".");
	one = times("One. Two. ", 370);
	two = xformat("%sline\nmore\n\n%s\nline\n%s", one, one, one);
	free(one);
	parts_of(two, 3, NULL);
	one = times("One. Two. ", 370);
	two = xformat("%sline\nmore\n\n%s", one, one);
	free(one);
	parts_of(two, 2, "more");
	/* What is one character to a reader stays whole. */
	parts_of(times(thumb, 4096), 2, thumb);
	parts_of(times(family, 3000), 3, family);
	parts_of(times(flag, 4100), 3, flag);
	one = times("x", 4095);
	two = xformat("%s%s%s", one, thumb, one);
	free(one);
	parts_of(two, 3, NULL);
	/* A letter with more marks than fit. */
	one = times("\xcc\x81", 9000);
	two = xformat("e%s", one);
	free(one);
	parts_of(two, 3, NULL);
	parts_of(times(" ", 5000), 0, NULL);
	one = times(" ", 100);
	two = times("x", 4096);
	parts_of(xformat("%s%s", two, one), 1, NULL);
	free(one);
	free(two);
}

/* Blanks at the end are no part: the one before would be too long for what
 * goes out last. */
static void
test_blanks(void **state)
{
	static const char content[] = "{\"type\":\"button\",\"action\":"
				      "{\"buttons\":[{\"type\":\"reply\","
				      "\"reply\":{\"id\":\"1\","
				      "\"title\":\"Yes\"}}]}}";
	static const struct {
		const char *word, *end;
		int times;
		size_t parts;
	} rows[] = {
		{ "word ", " ", 220, 2 },
		{ "a", " ", 1024, 1 },
		{ "a", "\n", 2048, 2 },
		{ "a", "\xe3\x80\x80\xe3\x80\x80", 1030, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct message m = { .kind = (char *)"interactive" };
		struct send_part *parts = NULL;
		char *body = times(rows[i].word, rows[i].times);
		json_t *o;
		size_t n;

		m.text = xformat("%s%s", body, rows[i].end);
		free(body);
		json_object_parse(content, strlen(content), &m.content);
		assert_int_equal(send_check(&m, NULL), 0);
		n = send_parts(&m, &parts);
		assert_int_equal(n, rows[i].parts);
		free(m.text);
		json_decref(m.content);
		m.kind = (char *)parts[n - 1].kind;
		m.text = parts[n - 1].text;
		m.content = parts[n - 1].content;
		o = send_request(&m, NULL, "phone", "491700000001");
		assert_non_null(json_at(o, "interactive/action/buttons"));
		json_decref(o);
		send_parts_free(parts, n);
	}
}

/* What cannot be put is not put by half. */
static void
test_no_request(void **state)
{
	struct message m = { .kind = (char *)"order" };

	(void)state;
	assert_null(send_request(&m, NULL, "phone", "491700000001"));
}

static void
test_limits(void **state)
{
	const struct limit *l;

	(void)state;
	/* Each field has a source, and stands below an object of the table. */
	for (size_t i = 0; i < limit_count; i++) {
		char *above = xstrdup(limit_table[i].field), *dot;

		assert_non_null(limit_table[i].source);
		assert_true(*limit_table[i].source != '\0');
		assert_ptr_equal(limit_find(limit_table[i].field),
		    &limit_table[i]);
		if (str_ends(above, "[]"))
			above[strlen(above) - 2] = '\0';
		else if ((dot = strrchr(above, '.')) != NULL)
			*dot = '\0';
		l = limit_find(above);
		if (l == NULL)
			fail_msg("%s stands alone", limit_table[i].field);
		if (limit_table[i].like != NULL)
			assert_non_null(limit_find(limit_table[i].like));
		free(above);
	}
}

static void
test_jitter(void **state)
{
	struct http_result r = { .class = HTTP_ANSWERED,
		.status = 429,
		.body = "",
		.retry_after_ms = -1 };
	struct send_attempt a = { "01JD0000000000000000000000", 1, 0, false };
	struct send_patience p = { .jitter = 20 };
	struct send_outcome o, again;
	int64_t least = INT64_MAX, most = 0;
	char id[ULID_BYTES];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "01JD%022d", i);
		a.id = id;
		send_judge(&r, &a, &p, &o);
		send_judge(&r, &a, &p, &again);
		assert_int_equal(o.wait_ms, again.wait_ms);
		least = o.wait_ms < least ? o.wait_ms : least;
		most = o.wait_ms > most ? o.wait_ms : most;
	}
	assert_in_range(least, 1000, 1010);
	assert_in_range(most, 1190, 1200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_more),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_medium),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_no_request),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_jitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
