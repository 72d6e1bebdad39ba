/*
 * unit-json - what json.h promises: a table; documents made of seeds by seeded
 * mutation, read and written by us and by jansson; the scan for the type
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "json-oracle.h"

#define MUTATIONS 200000

static const char *const seeds[] = {
	"{\"type\":\"message.received\",\"data\":{\"text\":\"hello\"}}",
	"{ \"a\" : [1, -2.5, 0, true, false, null, {}, []], \"type\":\"x\" }\r",
	"{\"type\":\"x\",\"s\":\"\\u00e9\\n\\\"\\/\",\"u\":\"\xc3\xa9\"}",
	"{\"data\":{\"type\":\"inner\"},\"type\":\"outer\"}",
	"{\"n\":[9223372036854775807,-9223372036854775808,1e5,-0,1.25e-7,0.1]}",
	"{\"n\":[9223372036854775808,1e400,-1E+999,1e-400,-0.0,123456.75]}",
	"{\"\\u0061\":1,\"a\\u0000\":\"\\ud83d\\ude00\\ud800\\udc01\\udfff\"}",
	"{\"a\":\"\xf0\x9f\x98\x80\xe2\x82\xac\",\"b\":{\"a\":1,\"a\":2}}",
	"[\"a string of more than eight bytes\\tand more\",[[[[]]]],\"\"]",
	"\"\\b\\f\\n\\r\\t\\u001f\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
};
#define SEEDS (sizeof(seeds) / sizeof(*seeds))

static uint64_t state = 1;

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
plain_lines_are_told(void **unused)
{
	const char *type;
	size_t len;

	(void)unused;
	assert_true(json_type_scan(seeds[0], strlen(seeds[0]), &type, &len));
	assert_int_equal(len, strlen("message.received"));
	assert_memory_equal(type, "message.received", len);
	assert_true(json_type_scan(seeds[1], strlen(seeds[1]), &type, &len));
	assert_true(json_type_scan(seeds[3], strlen(seeds[3]), &type, &len));
	assert_memory_equal(type, "outer", 5);
}

static void
doubt_is_left_to_the_parser(void **unused)
{
	static const char *const lines[] = { "", "{", "[]", "{}", "oops",
		"{\"type\":1}", "{\"type\":\"a\",\"type\":\"b\"}",
		"{\"ty\\u0070e\":\"a\"}", "{\"type\":\"a\\u0062\"}",
		"{\"type\":\"x\"} x", "{\"type\":\"x\",}",
		"{\"type\":\"\xff\"}", "{\"type\":\"x\",\"n\":01}",
		"{\"type\":\"x\",\"n\":1e}", NULL };
	const char *type;
	size_t i, len;

	(void)unused;
	for (i = 0; lines[i] != NULL; i++)
		assert_false(
		    json_type_scan(lines[i], strlen(lines[i]), &type, &len));
}

static void
wanted_members_are_found(void **unused)
{
	static const struct {
		const char *line, *outer, *inner; /* NULL: not sure, or none */
		bool sure;
	} rows[] = {
		{ "{\"a\":\"1\",\"b\":{\"a\":\"2\"}}", "1", "2", true },
		{ "{\"b\":{\"c\":{\"a\":\"3\"}}}", NULL, NULL, true },
		{ "{\"c\":{\"a\":\"3\"},\"b\":{}}", NULL, NULL, true },
		{ "{\"b\":[{\"a\":\"3\"}],\"ab\":\"4\"}", NULL, NULL, true },
		{ "{\"c\":{\"\\u0061\":\"3\"},\"a\":\"\"}", "", NULL, true },
		{ "{\"b\":{\"\\u0061\":\"3\"}}", NULL, NULL, false },
		{ "{\"a\":1}", NULL, NULL, false },
		{ "{\"b\":{\"a\":null}}", NULL, NULL, false },
		{ "{\"b\":{\"a\":\"1\",\"a\":\"1\"}}", NULL, NULL, false },
		{ "{}", NULL, NULL, true },
	};
	struct json_wanted w[] = { { NULL, "a", NULL, 0 },
		{ "b", "a", NULL, 0 } };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (json_scan(rows[i].line, strlen(rows[i].line), w, 2) !=
		    rows[i].sure)
			fail_msg("%s", rows[i].line);
		if (!rows[i].sure)
			continue;
		if ((rows[i].outer == NULL) != (w[0].text == NULL) ||
		    (rows[i].inner == NULL) != (w[1].text == NULL))
			fail_msg("%s", rows[i].line);
		if (rows[i].outer != NULL)
			assert_memory_equal(w[0].text, rows[i].outer, w[0].len);
	}
}

/* A seed with up to three bytes changed, taken out or put in, and now and then
 * the tail of another. Its length. */
static size_t
mutated(char *line, size_t size)
{
	static const char bytes[] =
	    "{}[]\",:\\u0123eE.-+tfn dDcC89 \n\t\xc3\xa9\xff\xed\xa0\x01/\0";
	const char *seed = seeds[next() % SEEDS], *tail;
	size_t len = strlen(seed), at;
	int n = (int)(next() % 4);

	memcpy(line, seed, len);
	if (next() % 8 == 0) {
		tail = seeds[next() % SEEDS];
		tail += next() % strlen(tail);
		at = next() % len;
		len = at + strlen(tail) < size ? at + strlen(tail) : size - 1;
		memcpy(line + at, tail, len - at);
	}
	for (; n > 0 && len > 1 && len + 1 < size; n--) {
		at = next() % len;
		switch (next() % 3) {
		case 0:
			line[at] = bytes[next() % sizeof(bytes)];
			break;
		case 1:
			memmove(line + at, line + at + 1, len - at - 1);
			len--;
			break;
		default:
			memmove(line + at + 1, line + at, len - at);
			line[at] = bytes[next() % sizeof(bytes)];
			len++;
		}
	}
	return len;
}

/* In memory that ends where the text does, for the sanitizers. */
static char *
exactly(const char *line, size_t len)
{
	char *text = malloc(len > 0 ? len : 1);

	assert_non_null(text);
	memcpy(text, line, len);
	return text;
}

static void
the_scan_agrees(void **unused)
{
	char line[512], *text;
	const char *type;
	json_t *object;
	size_t len, type_len;
	long i, told = 0;

	(void)unused;
	for (i = 0; i < MUTATIONS; i++) {
		len = mutated(line, sizeof(line));
		text = exactly(line, len);
		if (json_type_scan(text, len, &type, &type_len)) {
			told++;
			/* Duplicate keys are the one thing the scan does not
			 * mind. */
			assert_int_equal(json_lenient(text, len, &object), 0);
			assert_int_equal(strlen(json_str(object, "type")),
			    type_len);
			assert_memory_equal(json_str(object, "type"), type,
			    type_len);
			json_decref(object);
		}
		free(text);
	}
	printf("# %ld of %d told by the scan\n", told, MUTATIONS);
	assert_true(told > MUTATIONS / 8);
}

/* --- the promises, one by one --- */

/* What is made of a text, NULL: it is refused; lenient: NULL as strict. */
static const struct {
	const char *text, *strict, *lenient;
} table[] = {
	{ "{}", "{}", NULL },
	{ " \t\r\n{ \"a\" : 1 } \n", "{\"a\":1}", NULL },
	{ "{\"b\":1,\"a\":2,\"c\":3}", "{\"b\":1,\"a\":2,\"c\":3}", NULL },
	{ "{\"a\":1,\"b\":2,\"a\":3}", NULL, "{\"a\":3,\"b\":2}" },
	{ "{\"a\":1,\"\\u0061\":3}", NULL, "{\"a\":3}" },
	{ "{\"\":[]}", "{\"\":[]}", NULL },
	{ "{\"a\":[true,false,null]}", "{\"a\":[true,false,null]}", NULL },
	/* numbers */
	{ "{\"n\":0}", "{\"n\":0}", NULL },
	{ "{\"n\":-0}", "{\"n\":0}", NULL },
	{ "{\"n\":-0.0}", "{\"n\":-0.0}", NULL },
	{ "{\"n\":1.0}", "{\"n\":1.0}", NULL },
	{ "{\"n\":1E2}", "{\"n\":100.0}", NULL },
	{ "{\"n\":1e+22}", "{\"n\":1e22}", NULL },
	{ "{\"n\":1e-7}", "{\"n\":1e-7}", NULL },
	{ "{\"n\":0.1}", "{\"n\":0.1}", NULL },
	{ "{\"n\":0.30000000000000004}", "{\"n\":0.3}", NULL },
	{ "{\"n\":1e-400}", "{\"n\":0.0}", NULL },
	{ "{\"n\":9223372036854775807}", "{\"n\":9223372036854775807}", NULL },
	{ "{\"n\":-9223372036854775808}", "{\"n\":-9223372036854775808}",
	    NULL },
	{ "{\"n\":9223372036854775808}", "{\"n\":\"9223372036854775808\"}",
	    NULL },
	{ "{\"n\":-9223372036854775809}", "{\"n\":\"-9223372036854775809\"}",
	    NULL },
	{ "{\"n\":[1e400,1e5]}", "{\"n\":[\"1e400\",100000.0]}", NULL },
	{ "{\"n\":-1.5E+400}", "{\"n\":\"-1.5E+400\"}", NULL },
	{ "{\"n\":01}", NULL, NULL },
	{ "{\"n\":1e}", NULL, NULL },
	{ "{\"n\":1e400e1}", NULL, NULL },
	{ "{\"n\":012345678901234567890}", NULL, NULL },
	{ "{\"n\":+1}", NULL, NULL },
	{ "{\"n\":.5}", NULL, NULL },
	{ "{\"n\":1.}", NULL, NULL },
	{ "{\"n\":-}", NULL, NULL },
	{ "{\"n\":NaN}", NULL, NULL },
	{ "{\"n\":0x10}", NULL, NULL },
	/* strings */
	{ "{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	    "{\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\"}", NULL },
	{ "{\"s\":\"\\u001f\\u00E9\\u20ac\"}",
	    "{\"s\":\"\\u001F\xc3\xa9\xe2\x82\xac\"}", NULL },
	{ "{\"s\":\"\x7f\"}", "{\"s\":\"\x7f\"}", NULL },
	{ "{\"s\":\"\\ud83d\\ude00\"}", "{\"s\":\"\xf0\x9f\x98\x80\"}", NULL },
	{ "{\"s\":\"\\ud83d\\ud83d\\ude00\"}",
	    "{\"s\":\"\xef\xbf\xbd\xf0\x9f\x98\x80\"}", NULL },
	{ "{\"s\":\"\\ud83dx\\ude00\"}",
	    "{\"s\":\"\xef\xbf\xbdx\xef\xbf\xbd\"}", NULL },
	{ "{\"s\\u0000\":\"\\u0000\"}", "{\"s\xef\xbf\xbd\":\"\xef\xbf\xbd\"}",
	    NULL },
	{ "{\"s\":\"\\ud83d\"}", "{\"s\":\"\xef\xbf\xbd\"}", NULL },
	{ "{\"s\":\"\xff\"}", NULL, "{\"s\":\"\xef\xbf\xbd\"}" },
	{ "{\"s\":\"\xc0\xaf\"}", NULL,
	    "{\"s\":\"\xef\xbf\xbd\xef\xbf\xbd\"}" },
	{ "{\"s\":\"\xed\xa0\x80\"}", NULL,
	    "{\"s\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}" },
	{ "{\"s\":\"\xe2\x82\"}", NULL,
	    "{\"s\":\"\xef\xbf\xbd\xef\xbf\xbd\"}" },
	{ "{\"s\":\"\xf4\x90\x80\x80\"}", NULL,
	    "{\"s\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}" },
	{ "{\"s\":\"a\nb\"}", NULL, NULL },
	{ "{\"s\":\"a\x01\"}", NULL, NULL },
	{ "{\"s\":\"\\x\"}", NULL, NULL },
	{ "{\"s\":\"\\u12g4\"}", NULL, NULL },
	{ "{\"s\":\"\\u12\"}", NULL, NULL },
	{ "{\"s\":\"\\ud800\\u12\"}", NULL, NULL },
	{ "{\"s\":\"open", NULL, NULL },
	{ "{\"s\":\"open\\", NULL, NULL },
	/* what is no JSON */
	{ "", NULL, NULL },
	{ " ", NULL, NULL },
	{ "{", NULL, NULL },
	{ "{\"a\"", NULL, NULL },
	{ "{\"a\":", NULL, NULL },
	{ "{\"a\":1", NULL, NULL },
	{ "{\"a\":1,", NULL, NULL },
	{ "{\"a\":1,}", NULL, NULL },
	{ "{a:1}", NULL, NULL },
	{ "{'a':1}", NULL, NULL },
	{ "{\"a\":[1,]}", NULL, NULL },
	{ "{\"a\":[1 2]}", NULL, NULL },
	{ "{\"a\":tru}", NULL, NULL },
	{ "{\"a\":truex}", NULL, NULL },
	{ "{\"a\":TRUE}", NULL, NULL },
	{ "{\"a\":1}{}", NULL, NULL },
	{ "{\"a\":1}\xff", NULL, NULL },
	{ "\xef\xbb\xbf{}", NULL, NULL },
	{ "[]", NULL, NULL },
	{ "\"x\"", NULL, NULL },
	{ "null", NULL, NULL },
};

static void
say(const char *what, const char *ours, const char *theirs)
{
	printf("# %s: ours %s, jansson %s\n", what, ours, theirs);
}

static void
one_text(const char *line, bool lenient, const char *want)
{
	size_t len = strlen(line);
	char *text = exactly(line, len), *got;
	json_t *value;
	int code = lenient ? json_lenient(text, len, &value) :
			     json_object_parse(text, len, &value);

	if (want == NULL) {
		if (code >= 0)
			printf("# taken: %s\n", line);
		assert_int_equal(code, ERR_DATA);
	} else {
		if (code < 0)
			printf("# refused: %s\n", line);
		assert_int_equal(code, 0);
		got = json_text(value);
		assert_string_equal(got, want);
		free(got);
		json_decref(value);
	}
	assert_true(oracle_agrees(text, len, lenient, say));
	free(text);
}

static void
the_table_holds(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		one_text(table[i].text, false, table[i].strict);
		one_text(table[i].text, true,
		    table[i].lenient != NULL ? table[i].lenient :
					       table[i].strict);
	}
}

static void
nuls_are_bytes(void **unused)
{
	static const char inside[] = "{\"a\":\"x\0y\"}", behind[] = "{}\0";
	json_t *value;

	(void)unused;
	assert_int_equal(json_object_parse(inside, sizeof(inside) - 1, &value),
	    ERR_DATA);
	assert_int_equal(json_lenient(inside, sizeof(inside) - 1, &value), 0);
	assert_string_equal(json_str(value, "a"), "x\xef\xbf\xbdy");
	json_decref(value);
	assert_int_equal(json_lenient(behind, 3, &value), ERR_DATA);
	assert_true(oracle_agrees(inside, sizeof(inside) - 1, true, say));
	assert_true(oracle_agrees(behind, 3, true, say));
}

static void
depth_has_a_limit(void **unused)
{
	char text[4 * JSON_DEPTH_MAX];
	json_t *value;
	size_t n, i;

	(void)unused;
	for (n = JSON_DEPTH_MAX - 2; n < JSON_DEPTH_MAX + 4; n++) {
		for (i = 0; i < 2; i++) {
			memset(text, '[', n);
			text[n] = '1';
			memset(text + n + i, ']', n);
			assert_true(oracle_agrees(text, 2 * n + i, false, say));
		}
	}
	memset(text, '[', n);
	assert_int_equal(json_value_parse(text, n, &value), ERR_DATA);
	assert_string_equal(err_reason(), "nested deeper than 64 levels");
}

/* A reason says what and where, and nothing of the text. */
static void
reasons_tell_where(void **unused)
{
	static const struct {
		const char *text, *why;
	} lines[] = {
		{ "", "not JSON: a value expected at byte 1" },
		{ "{\"a\":1,}", "not JSON: a key expected at byte 8" },
		{ "{\"a\" 1}", "not JSON: a colon expected at byte 6" },
		{ "{\"a\":1 2}", "not JSON: a comma or } expected at byte 8" },
		{ "{\"a\":[1 2]}",
		    "not JSON: a comma or ] expected at byte 9" },
		{ "{\"a\":1.}", "not JSON: a digit expected at byte 8" },
		{ "{\"a\":\"\xff\"}", "not JSON: not UTF-8 at byte 7" },
		{ "{\"a\":\"\x01\"}",
		    "not JSON: a control character at byte 7" },
		{ "{\"a\":\"\\x\"}", "not JSON: no such escape at byte 8" },
		{ "{\"a\":\"\\u1\"}",
		    "not JSON: four hexadecimal digits expected at byte 9" },
		{ "{\"a\":\"x",
		    "not JSON: a string that does not end at byte 6" },
		{ "{\"a\":1,\"a\":2}",
		    "not JSON: a key for the second time at byte 8" },
		{ "{} {}", "not JSON: something behind the value at byte 4" },
		{ "[]", "not a JSON object" },
	};
	json_t *value;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(json_object_parse(lines[i].text,
				     strlen(lines[i].text), &value),
		    ERR_DATA);
		assert_string_equal(err_reason(), lines[i].why);
	}
}

static void
jansson_agrees(void **unused)
{
	char line[512], *text;
	json_t *value;
	size_t len;
	long i, taken = 0;

	(void)unused;
	for (i = 0; i < MUTATIONS; i++) {
		len = mutated(line, sizeof(line));
		text = exactly(line, len);
		if (!oracle_agrees(text, len, i % 2 == 0, say)) {
			printf("# %.*s\n", (int)len, line);
			fail();
		}
		if (json_value_parse(text, len, &value) == 0) {
			taken++;
			json_decref(value);
		}
		free(text);
	}
	printf("# %ld of %d taken\n", taken, MUTATIONS);
	assert_true(taken > MUTATIONS / 8);
}

/* Made by hand, not read: what a stage puts together. */
static void
made_values_are_written_alike(void **unused)
{
	json_t *o = json_object(), *a = json_array();
	char *ours, *theirs;

	(void)unused;
	json_put(o, "a", "\xff\"\\/\x01\x7f");
	json_put_int(o, "least", INT64_MIN);
	json_put_int(o, "most", INT64_MAX);
	json_array_append_new(a, json_real(1.0 / 3));
	json_array_append_new(a, json_real(-1e300));
	json_array_append_new(a, json_real(123456789012345678.0));
	json_array_append_new(a, json_stringn("a\0b", 3));
	json_put_new(o, "b\"\n", a);
	json_put_new(o, "empty", json_object());
	ours = json_text(o);
	theirs = json_dumps(o, ORACLE_FLAGS);
	assert_string_equal(ours, theirs);
	free(ours);
	free(theirs);
	json_decref(o);
	ours = json_text(NULL);
	assert_string_equal(ours, "null");
	free(ours);
}

/* Member by member it is what the object is, whatever text there is. */
static void
members_are_written_alike(void **unused)
{
	static const char *const texts[] = { "", "plain", "a \"b\" \\ c\n\t\b",
		"Gr\xc3\xbc\xc3\x9f", "bad \xff\xc3 end", "\x01\x1f",
		"\xed\xa0\x80", NULL };
	struct buf b = BUF_INIT(0);
	json_t *o = json_object();
	char key[16], *want;
	size_t i;

	(void)unused;
	json_end(&b);
	assert_string_equal(b.data, "{}");
	buf_reset(&b);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(key, sizeof(key), "k%zu", i);
		json_put(o, key, texts[i]);
		json_add(&b, key, texts[i]);
	}
	json_put_int(o, "least", INT64_MIN);
	json_add_int(&b, "least", INT64_MIN);
	json_put_int(o, "none", 0);
	json_add_int(&b, "none", 0);
	json_end(&b);
	want = json_text(o);
	assert_string_equal(b.data, want);
	free(want);
	json_decref(o);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_are_told),
		cmocka_unit_test(doubt_is_left_to_the_parser),
		cmocka_unit_test(wanted_members_are_found),
		cmocka_unit_test(the_scan_agrees),
		cmocka_unit_test(the_table_holds),
		cmocka_unit_test(nuls_are_bytes),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(reasons_tell_where),
		cmocka_unit_test(jansson_agrees),
		cmocka_unit_test(made_values_are_written_alike),
		cmocka_unit_test(members_are_written_alike),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
