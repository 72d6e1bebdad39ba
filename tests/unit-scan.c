/*
 * unit-scan - what the scan lets through, the parser lets through, with the
 * same type; made of seeds by seeded mutation
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

#include "base/json.h"
#include "base/scan.h"

#define MUTATIONS 300000

static const char *const seeds[] = {
	"{\"type\":\"message.received\",\"data\":{\"text\":\"hello\"}}",
	"{ \"a\" : [1, -2.5, 0, true, false, null, {}, []], \"type\":\"x\" }\r",
	"{\"type\":\"x\",\"s\":\"\\u00e9\\n\\\"\\/\",\"u\":\"\xc3\xa9\"}",
	"{\"data\":{\"type\":\"inner\"},\"type\":\"outer\"}",
};

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
	assert_true(scan_type(seeds[0], strlen(seeds[0]), &type, &len));
	assert_int_equal(len, strlen("message.received"));
	assert_memory_equal(type, "message.received", len);
	assert_true(scan_type(seeds[1], strlen(seeds[1]), &type, &len));
	assert_true(scan_type(seeds[3], strlen(seeds[3]), &type, &len));
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
		    scan_type(lines[i], strlen(lines[i]), &type, &len));
}

static void
the_parser_agrees(void **unused)
{
	static const char bytes[] = "{}[]\",:\\u0123eE.-tfn \xc3\xa9\xff\x01/d";
	char line[256];
	const char *type;
	json_t *object;
	size_t len, type_len, at;
	long i, told = 0;
	int k, n;

	(void)unused;
	for (i = 0; i < MUTATIONS; i++) {
		const char *seed = seeds[next() % 4];

		len = strlen(seed);
		memcpy(line, seed, len);
		n = (int)(next() % 3);
		for (k = 0; k < n; k++) {
			at = next() % len;
			switch (next() % 3) {
			case 0:
				line[at] = bytes[next() % (sizeof(bytes) - 1)];
				break;
			case 1:
				memmove(line + at, line + at + 1, len - at - 1);
				len--;
				break;
			default:
				memmove(line + at + 1, line + at, len - at);
				line[at] = bytes[next() % (sizeof(bytes) - 1)];
				len++;
			}
		}
		if (!scan_type(line, len, &type, &type_len))
			continue;
		told++;
		/* Duplicate keys are the one thing the scan does not mind. */
		assert_int_equal(json_lenient(line, len, &object), 0);
		assert_int_equal(strlen(json_str(object, "type")), type_len);
		assert_memory_equal(json_str(object, "type"), type, type_len);
		json_decref(object);
	}
	printf("# %ld of %d told by the scan\n", told, MUTATIONS);
	assert_true(told > MUTATIONS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_are_told),
		cmocka_unit_test(doubt_is_left_to_the_parser),
		cmocka_unit_test(the_parser_agrees),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
