/* toolrun - one call of a tool, in a child that is ended with all it began */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ai/tool.h"
#include "base/err.h"
#include "base/program.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "net/http.h"

#define HEAD_MAX_BYTES 1024 /* before the body of a call of HTTP */
#define HEADERS_MAX 32
#define HEADERS_MAX_BYTES 65536
#define GRACE_MS 500 /* for the child of a call to say itself that it is late */
#define CUT "\n[The result is longer; the rest is left out.]"

/* --- what came back, as text --- */

/* Text without what a terminal or a prompt would obey, at most max bytes. */
static void
take_text(const char *bytes, size_t len, int64_t max, bool cut,
    struct tool_result *ret)
{
	char *mended = utf8_mend(bytes, len), *text = utf8_plain(mended);
	const char *start;
	size_t all = strlen(text);

	ret->truncated = cut || all > (size_t)max;
	if (all > (size_t)max)
		text[utf8_cut(text, all, (size_t)max)] = '\0';
	start = str_trim(text);
	ret->text =
	    ret->truncated ? xformat("%s%s", start, CUT) : xstrdup(start);
	ret->ok = true;
	free(text);
	free(mended);
}

static void
say_late(const struct tool *t, struct tool_result *ret)
{
	tool_result_fail(ret, "timeout", "it took more than %g s%s",
	    (double)t->timeout_ms / 1000,
	    t->repeatable ? "" : "; it may have been done all the same");
}

/* --- HTTP --- */

struct call {
	const struct tool *t;
	char *url, *body;
	const char *headers[HEADERS_MAX + 2];
	struct buf answer;
	bool cut;
};

static int
on_piece(void *arg, const void *data, size_t len)
{
	struct call *c = arg;

	buf_add(&c->answer, data, len);
	c->cut = c->answer.failed;
	return c->cut ? 1 : 0;
}

/* "S 200", "U words" and so on, and the body behind a line break. */
static void
on_done(void *arg, const struct http_result *r)
{
	struct call *c = arg;
	const char *body = c->answer.data != NULL ? c->answer.data : "";
	char *head;

	if (r->status / 100 == 2 && (r->class == HTTP_ANSWERED || c->cut))
		head = xformat("%c\n", c->cut ? 'C' : 'S');
	else if (r->class == HTTP_ANSWERED)
		head = xformat("F it answered with status %d\n", r->status);
	else if (r->closed)
		head = xformat("N its address is not public\n");
	else
		head = xformat("%c %s\n", r->class == HTTP_NOT_SENT ? 'N' : 'U',
		    r->why);
	(void)!write_all(STDOUT_FILENO, head, strlen(head));
	if (r->status / 100 == 2)
		(void)!write_all(STDOUT_FILENO, body, c->answer.len);
	free(head);
}

static int
call_in_child(void *ctx)
{
	struct call *c = ctx;
	struct http_limits limits = { .max_flight = 1,
		.total_ms = c->t->timeout_ms,
		.connect_ms = c->t->timeout_ms,
		.public_only = !c->t->is_private };
	struct http_request r = { .url = c->url,
		.headers = c->headers,
		.body = c->body,
		.sink = on_piece };
	struct http *h;
	int code;

	signal(SIGPIPE, SIG_IGN);
	c->answer = (struct buf)BUF_INIT((size_t)c->t->max_bytes);
	code = http_new(&limits, &h);
	if (code == 0)
		code = c->t->is_post ? http_post(h, &r, on_done, c) :
				       http_get(h, &r, on_done, c);
	if (code < 0)
		dprintf(STDOUT_FILENO, "N %s\n", err_reason());
	while (code == 0 && http_busy(h) > 0)
		http_wait(h, NULL, 0, 1000);
	return 0;
}

/* The lines of a file of headers; text is cut up, and is theirs. */
static int
read_headers(const struct tool *t, char **text, const char **headers,
    size_t *count)
{
	char *p, *save = NULL, *line;
	int code = file_read(t->headers_file, HEADERS_MAX_BYTES, text, NULL);

	if (code < 0)
		return code;
	for (p = *text; (line = strtok_r(p, "\n", &save)) != NULL; p = NULL) {
		line = str_trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		if (strchr(line, ':') == NULL || *count >= HEADERS_MAX)
			return err_set(ERR_CONFIG,
			    "%s: wants NAME: VALUE lines, at most %d",
			    t->headers_file, HEADERS_MAX);
		headers[(*count)++] = line;
	}
	return 0;
}

static json_t *
without_places(const struct tool *t, const json_t *arguments)
{
	json_t *body = json_object(), *value;
	const char *name;
	char *place;

	json_object_foreach((json_t *)(uintptr_t)arguments, name, value) {
		place = xformat("{%s}", name);
		if (strstr(t->url, place) == NULL)
			json_object_set(body, name, value);
		free(place);
	}
	return body;
}

static void
understand(const struct tool *t, const struct buf *out,
    const struct program_end *end, struct tool_result *ret)
{
	const char *text = out->data != NULL ? out->data : "";
	const char *lf = memchr(text, '\n', out->len);
	char *why;

	if (end->late) {
		say_late(t, ret);
		return;
	}
	if (out->len == 0 || lf == NULL) {
		tool_result_fail(ret, "failed", "the call broke off");
		return;
	}
	if (*text == 'S' || *text == 'C') {
		take_text(lf + 1, out->len - (size_t)(lf + 1 - text),
		    t->max_bytes, *text == 'C', ret);
		return;
	}
	why = utf8_mend(text + 2 <= lf ? text + 2 : lf,
	    text + 2 <= lf ? (size_t)(lf - text) - 2 : 0);
	if (*text == 'U' && strcmp(why, "no answer in time") == 0)
		say_late(t, ret);
	else if (*text == 'U')
		tool_result_fail(ret, t->repeatable ? "unavailable" : "unknown",
		    "%s%s", why,
		    t->repeatable ? "" :
				    "; it may have been done all the same");
	else
		tool_result_fail(ret, *text == 'F' ? "failed" : "unavailable",
		    "%s", why);
	ret->undone = *text == 'N';
	free(why);
}

static void
run_http(const struct tool *t, const json_t *arguments, const char *store,
    const char *key, struct tool_result *ret)
{
	const struct program p = { .store = store,
		.wall_ms = t->timeout_ms + GRACE_MS };
	struct call c = { .t = t };
	struct buf out = BUF_INIT((size_t)t->max_bytes + HEAD_MAX_BYTES);
	struct program_end end = { .late = false };
	char *file = NULL, *once = NULL;
	json_t *body;
	size_t n = 0;
	int code = tool_url(t, arguments, &c.url);

	if (code == 0 && t->headers_file != NULL)
		code = read_headers(t, &file, c.headers, &n);
	if (code == 0 && key != NULL && t->is_post) {
		once = xformat("Idempotency-Key: %s", key);
		c.headers[n++] = once;
	}
	if (code == 0 && t->is_post) {
		body = without_places(t, arguments);
		c.body = json_text(body);
		json_decref(body);
	}
	if (code == 0)
		code = program_child(&p, NULL, call_in_child, &c, &out, &end);
	if (code == 0)
		understand(t, &out, &end, ret);
	else {
		tool_result_fail(ret,
		    code == ERR_DATA ? "arguments" : "unavailable", "%s",
		    code == ERR_DATA || code == ERR_IO ?
			err_reason() :
			"its headers cannot be read");
		ret->undone = true;
	}
	if (file != NULL)
		explicit_bzero(file, strlen(file));
	free(file);
	free(once);
	free(c.url);
	free(c.body);
	buf_release(&out);
}

/* --- commands --- */

static void
run_command(const struct tool *t, const json_t *arguments, const char *store,
    struct tool_result *ret)
{
	const struct program p = { .argv = t->command,
		.files = t->files,
		.store = store,
		.is_boxed = !t->is_private,
		.wall_ms = t->timeout_ms,
		.output_bytes = t->max_bytes };
	struct buf in = BUF_INIT(0), out = BUF_INIT(0);
	struct program_end end = { .late = false };
	int code;

	json_write(&in, arguments);
	buf_addc(&in, '\n');
	code = program_run(&p, &in, &out, &end);
	if (code < 0 || end.unrun) {
		tool_result_fail(ret, "unavailable", "%s",
		    code < 0 ? err_reason() : "its command cannot be run");
		ret->undone = true;
	} else if (end.late)
		say_late(t, ret);
	else if (end.full || end.status == 0)
		take_text(out.data != NULL ? out.data : "", out.len,
		    t->max_bytes, end.full, ret);
	else if (WIFSIGNALED(end.status))
		tool_result_fail(ret, "failed", "it was ended by signal %d",
		    WTERMSIG(end.status));
	else
		tool_result_fail(ret, "failed", "it ended with status %d",
		    WEXITSTATUS(end.status));
	buf_release(&in);
	buf_release(&out);
}

void
tool_run(const struct tool *t, const json_t *arguments, const char *store,
    const char *key, struct tool_result *ret)
{
	int64_t began_ms = mono_ms();

	*ret = (struct tool_result){ .ok = false };
	if (t->url != NULL)
		run_http(t, arguments, store, key, ret);
	else
		run_command(t, arguments, store, ret);
	ret->took_ms = mono_ms() - began_ms;
}
