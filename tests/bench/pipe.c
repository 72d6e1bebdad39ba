/*
 * pipe - stages in a row: flush when idle beside flush every line
 *
 *	pipe make LINES [A_SECOND]	lines of a kilobyte, with their time
 *	pipe idle [copy]		a stage as ours are
 *	pipe line [copy]		the same work, a write a line
 *	pipe take			count; print lines, seconds, p50_us,
 *					p99_us
 *
 * A stage reads each line as JSON and writes it again; with copy it does not
 * look into it, which shows what the passing on alone costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/time.h"

static bool copies;

static void
make(long lines, long rate)
{
	int64_t began = mono_us();
	struct jsonl *l = jsonl_new(-1, STDOUT_FILENO, "make", LINE_MAX_BYTES);
	char pad[801], line[1200];

	memset(pad, 'x', sizeof(pad) - 1);
	pad[sizeof(pad) - 1] = '\0';
	for (long i = 0; i < lines; i++) {
		int64_t due = rate > 0 ? began + i * 1000000 / rate : 0;
		int len;

		if (rate > 0 && due > mono_us()) {
			jsonl_flush(l);
			while (due > mono_us())
				usleep((useconds_t)(due - mono_us()));
		}
		len = snprintf(line, sizeof(line),
		    "{\"specversion\":\"1.0\",\"id\":\"01JD%022ld\",\"source\":"
		    "\"/instance/main\",\"type\":\"message.received\",\"data\":"
		    "{\"at\":\"%lld\",\"kind\":\"text\",\"text\":\"%s\"}}",
		    i, (long long)mono_us(), pad);
		jsonl_put(l, line, (size_t)len);
	}
	jsonl_flush(l);
	jsonl_free(l);
}

/* What a stage does to a line; the caller frees. */
static char *
work(const char *line, size_t len)
{
	json_t *o = NULL;
	char *text;

	if (copies)
		return xstrndup(line, len);
	if (json_object_parse(line, len, &o) < 0)
		exit(65);
	text = json_text(o);
	json_decref(o);
	return text;
}

static void
stage_idle(void)
{
	struct jsonl *l =
	    jsonl_new(STDIN_FILENO, STDOUT_FILENO, "stdin", LINE_MAX_BYTES);
	size_t len;
	char *line;

	while (jsonl_wait(l, &line, &len) == JSONL_LINE) {
		char *text = work(line, len);

		jsonl_put(l, text, strlen(text));
		free(text);
	}
	jsonl_flush(l);
	jsonl_free(l);
}

static void
stage_line(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	setvbuf(stdout, NULL, _IOLBF, LINE_MAX_BYTES);
	while ((len = getline(&line, &cap, stdin)) > 0) {
		char *text = work(line, (size_t)len - 1);

		puts(text);
		free(text);
	}
	free(line);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
take(void)
{
	struct jsonl *l = jsonl_new(STDIN_FILENO, -1, "stdin", LINE_MAX_BYTES);
	int64_t first = 0, *took = NULL;
	size_t len, n = 0, cap = 0;
	char *line;

	while (jsonl_wait(l, &line, &len) == JSONL_LINE) {
		const char *at = strstr(line, "\"at\":\"");
		int64_t made = at != NULL ? atoll(at + 6) : 0;

		if (n == cap) {
			cap = cap == 0 ? 4096 : 2 * cap;
			took = xrealloc(took, cap * sizeof(*took));
		}
		first = n == 0 ? made : first;
		took[n++] = mono_us() - made;
	}
	jsonl_free(l);
	if (n == 0)
		exit(66);
	qsort(took, n, sizeof(*took), by_number);
	printf("{\"lines\":%zu,\"seconds\":%.3f,\"p50_us\":%lld,"
	       "\"p99_us\":%lld}\n",
	    n, (double)(mono_us() - first) / 1e6, (long long)took[(n - 1) / 2],
	    (long long)took[(n - 1) * 99 / 100]);
	free(took);
}

int
main(int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";

	copies = argc > 2 && strcmp(argv[2], "copy") == 0;
	if (strcmp(what, "make") == 0 && argc > 2)
		make(atol(argv[2]), argc > 3 ? atol(argv[3]) : 0);
	else if (strcmp(what, "idle") == 0)
		stage_idle();
	else if (strcmp(what, "line") == 0)
		stage_line();
	else if (strcmp(what, "take") == 0)
		take();
	else
		return 64;
	return 0;
}
