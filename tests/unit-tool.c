/* unit-tool.c - JSON Schema, a plain yes, and the client against a service that
 * misbehaves */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ai/jsonschema.h"
#include "ai/toolcall.h"
#include "ai/toolserve.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

/* --- JSON Schema --- */

static json_t *
value(const char *text)
{
	json_t *v = NULL;

	assert_int_equal(json_value_parse(text, strlen(text), &v), 0);
	return v;
}

/* "" where v is as the schema says, else why not. */
static const char *
verdict(const char *schema, const char *v)
{
	json_t *s = value(schema), *x = value(v);
	int code;

	assert_int_equal(jsonschema_check(s), 0);
	code = jsonschema_validate(s, x);
	json_decref(s);
	json_decref(x);
	return code == 0 ? "" : err_reason();
}

static void
test_values(void **state)
{
	static const struct {
		const char *schema, *value, *verdict;
	} cases[] = {
		{ "{}", "null", "" },
		{ "{\"type\":\"integer\"}", "3", "" },
		{ "{\"type\":\"integer\"}", "3.0", "" },
		{ "{\"type\":\"integer\"}", "3.1", "is no integer" },
		{ "{\"type\":\"number\"}", "3", "" },
		{ "{\"type\":\"boolean\"}", "0", "is no boolean" },
		{ "{\"type\":\"null\"}", "null", "" },
		{ "{\"type\":[\"string\",\"null\"]}", "null", "" },
		{ "{\"type\":[\"string\",\"null\"]}", "1",
		    "is of none of the types it may be of" },
		{ "{\"const\":1}", "1.0", "" },
		{ "{\"const\":1}", "true", "is not the value it must be" },
		{ "{\"enum\":[1,\"a\",null]}", "null", "" },
		{ "{\"enum\":[1,\"a\"]}", "\"A\"",
		    "is none of the values it may be" },
		{ "{\"exclusiveMinimum\":1}", "1", "is not more than 1" },
		{ "{\"exclusiveMaximum\":1}", "1", "is not less than 1" },
		{ "{\"multipleOf\":0.1}", "0.3", "" },
		{ "{\"multipleOf\":5}", "7", "is no multiple of 5" },
		/* Characters, not bytes. */
		{ "{\"maxLength\":3}", "\"\\u00fc\\u00fc\\u00fc\"", "" },
		{ "{\"minLength\":2}", "\"\\u00fc\"",
		    "has less than 2 characters" },
		/* Anywhere, unless it says; the end is the end. */
		{ "{\"pattern\":\"b\"}", "\"abc\"", "" },
		{ "{\"pattern\":\"^b$\"}", "\"b\\n\"",
		    "is not of the form that is wanted" },
		/* What takes for ever is not of the form. */
		{ "{\"pattern\":\"^(a+)+$\"}",
		    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"",
		    "is not of the form that is wanted" },
		{ "{\"items\":{\"type\":\"string\"},\"maxItems\":2}",
		    "[\"a\",1]", "/1: is no string" },
		{ "{\"maxItems\":1}", "[1,2]", "has more than 1 items" },
		{ "{\"required\":[\"a\"]}", "{}", "a: is missing" },
		{ "{\"properties\":{\"a\":{\"required\":[\"b\"]}}}",
		    "{\"a\":{}}", "a/b: is missing" },
		{ "{\"additionalProperties\":false}", "{\"a\":1}",
		    "a: is no argument there is" },
		{ "{\"additionalProperties\":{\"type\":\"string\"}}",
		    "{\"a\":1}", "a: is no string" },
		{ "{}", "{\"a\":1}", "" },
		/* Words for one type say nothing of another. */
		{ "{\"minimum\":3,\"minLength\":3}", "true", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(verdict(cases[i].schema, cases[i].value),
		    cases[i].verdict);
}

static void
test_schemas(void **state)
{
	static const char *const bad[] = { "[]", "{\"$ref\":\"#\"}",
		"{\"anyOf\":[]}", "{\"not\":{}}", "{\"if\":{}}",
		"{\"minimum\":\"1\"}", "{\"maxLength\":-1}", "{\"enum\":[]}",
		"{\"enum\":{}}", "{\"required\":\"a\"}", "{\"required\":[1]}",
		"{\"type\":\"date\"}", "{\"type\":[]}", "{\"pattern\":\"[\"}",
		"{\"properties\":[]}", "{\"properties\":{\"a\":1}}",
		"{\"items\":[]}", "{\"additionalProperties\":1}",
		"{\"multipleOf\":0}",
		"{\"dependentRequired\":{\"a\":[\"b\"]}}" };
	struct buf b = BUF_INIT(0);
	json_t *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		s = value(bad[i]);
		assert_int_equal(jsonschema_check(s), ERR_CONFIG);
		json_decref(s);
	}
	for (i = 0; i < 40; i++)
		buf_adds(&b, "{\"items\":");
	buf_adds(&b, "{}");
	for (i = 0; i < 40; i++)
		buf_addc(&b, '}');
	s = value(b.data);
	assert_int_equal(jsonschema_check(s), ERR_CONFIG);
	json_decref(s);
	buf_release(&b);
}

/* --- a plain yes --- */

static void
test_consent(void **state)
{
	static const char *const yes[] = { "yes", "Yes.", "YES!!", "yes please",
		"ok", "OK thanks", "go ahead", "Ja, gerne", "Sí", "sí, claro",
		"oui, merci", "sim", "ja graag", "Да", "はい", "👍", "✅",
		"  yes\n" };
	static const char *const no[] = { "", " ", "no", "nope", "yes no",
		"no yes", "yes?", "ok, but later", "not ok",
		"yes and send it to Bob", "👎", "?", "yesterday", "okra", "12",
		"https://example.com/yes", "yes 2", "i said yes to him",
		"नहीं तो हाँ" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(tool_consent(yes[i]));
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(tool_consent(no[i]));
}

/* --- the client --- */

struct service {
	char path[64];
	pid_t pid;
};

/* One connection: reads a line, waits, says len bytes of text, closes. */
static void
start_service(struct service *s, const char *text, size_t len, int wait_ms)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char got[4096];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), one;

	snprintf(s->path, sizeof(s->path), "/tmp/unit-tool.%d", (int)getpid());
	unlink(s->path);
	memcpy(a.sun_path, s->path, strlen(s->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	s->pid = fork();
	if (s->pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		one = accept(fd, NULL, NULL);
		if (read(one, got, sizeof(got)) <= 0)
			_exit(1);
		poll(NULL, 0, wait_ms);
		(void)!write_all(one, text, len);
		_exit(0);
	}
	close(fd);
}

static void
stop_service(struct service *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unlink(s->path);
}

/* The result of a call, polled to its end. */
static struct tool_call *
call(const char *path, int64_t timeout_ms)
{
	json_t *arguments = json_object();
	struct tool_call_options o = { .socket = path,
		.timeout_ms = timeout_ms };
	struct tool_request r = { .tool = "t",
		.arguments = arguments,
		.conversation = "c",
		.cause = "e" };
	struct tool_call *c = tool_call_start(&o, &r);
	struct pollfd p;

	json_decref(arguments);
	while (!tool_call_work(c)) {
		p = (struct pollfd){ .fd = tool_call_fd(c),
			.events = tool_call_events(c) };
		poll(&p, 1, (int)tool_call_wait_ms(c));
	}
	assert_int_equal(tool_call_fd(c), -1);
	return c;
}

static void
expect(const char *said, size_t len, int wait_ms, int64_t timeout_ms,
    const char *class)
{
	struct service s;
	struct tool_call *c;
	const struct tool_result *r;

	start_service(&s, said, len, wait_ms);
	c = call(s.path, timeout_ms);
	r = tool_call_result(c);
	if (class == NULL)
		assert_true(r->ok);
	else {
		assert_false(r->ok);
		assert_string_equal(r->class, class);
		assert_non_null(r->reason);
	}
	tool_call_free(c);
	stop_service(&s);
}

static void
test_client(void **state)
{
	static const char good[] =
	    "{\"ok\":true,\"text\":\"a\",\"took_ms\":1}\n";
	static const char no[] = "{\"ok\":false,\"class\":\"failed\"}\n";
	static const char odd[] = "{\"ok\":false,\"class\":\"zebra\"}\n";
	char *huge = xmalloc(2000000);

	(void)state;
	memset(huge, 'x', 2000000);
	expect(good, strlen(good), 0, 0, NULL);
	expect(good, strlen(good), 300, 0, NULL);
	expect(no, strlen(no), 0, 0, "failed");
	expect(good, strlen(good), 2000, 200, "timeout");
	/* Closed without a word, half a line, no answer of ours, no end. */
	expect("", 0, 0, 0, "busy");
	expect(good, 10, 0, 0, "unknown");
	expect(odd, strlen(odd), 0, 0, "unknown");
	expect("{\"ok\":1}\n", 9, 0, 0, "unknown");
	expect("\n", 1, 0, 0, "unknown");
	expect(huge, 2000000, 0, 0, "unknown");
	free(huge);
}

static void
test_nobody(void **state)
{
	struct tool_call *c = call("/nonexistent/ai-tool.sock", 0);
	char *words = tool_call_words(tool_call_result(c));

	(void)state;
	assert_string_equal(tool_call_result(c)->class, "unavailable");
	assert_true(tool_call_result(c)->undone);
	assert_string_equal(words,
	    "There is no result (unavailable): ai-tool is not there.");
	free(words);
	tool_call_free(c);
	c = call(NULL, 0);
	assert_string_equal(tool_call_result(c)->class, "off");
	tool_call_free(c);
}

/* A call that is given up leaves nothing open or running. */
static void
test_given_up(void **state)
{
	struct service s;
	struct tool_call_options o = { .socket = s.path };
	json_t *arguments = json_object();
	struct tool_request r = { .tool = "t", .arguments = arguments };
	struct tool_call *c;

	(void)state;
	start_service(&s, "", 0, 5000);
	c = tool_call_start(&o, &r);
	assert_false(tool_call_work(c));
	assert_true(tool_call_fd(c) >= 0);
	tool_call_free(c);
	json_decref(arguments);
	stop_service(&s);
}

static void
test_results(void **state)
{
	struct tool_result r = { .ok = true }, back;
	json_t *o;
	char *text;

	(void)state;
	r.text = xstrdup("a\n\"b\" \xc3\xbc");
	r.truncated = true;
	r.took_ms = 7;
	o = tool_result_json(&r);
	text = json_text(o);
	assert_int_equal(tool_result_parse(text, strlen(text), &back), 0);
	assert_string_equal(back.text, r.text);
	assert_true(back.ok && back.truncated && !back.again);
	assert_int_equal(back.took_ms, 7);
	tool_result_release(&back);
	tool_result_release(&r);
	json_decref(o);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_schemas),
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
