/*
 * kb-extract - the text of a document, read where it can do no harm
 *
 * A filter: a document in, a JSON line for each of its blocks out. With
 * --serve it does the same for kb-ingest, at a socket, in a form of their own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "desk/settings.h"
#include "kb/extractor.h"

static bool serve, is_unsafe;
static const char *name;

static const struct cli_option options[] = {
	{ 0, "name", "NAME", CLI_TEXT, &name,
	    "what the file is called, where "
	    "its content does not tell" },
	{ 0, "serve", NULL, CLI_FLAG, &serve,
	    "read documents for kb-ingest, which is at the socket" },
	{ 0, "unsafe", NULL, CLI_FLAG, &is_unsafe,
	    "read without a box where the kernel gives none" },
	CLI_END
};

static const struct cli_spec spec = {
	.name = "kb-extract",
	.summary = "print the text of a document, read in a box",
	.args = "",
	.options = options,
	.examples = "  kb-extract <manual.html | jq -r .text\n"
		    "  kb-extract --name notes.md <notes\n",
};

static const char *
kind_name(enum kb_block_kind kind)
{
	switch (kind) {
	case BLOCK_HEADING:
		return "heading";
	case BLOCK_LIST:
		return "list";
	case BLOCK_ROWS:
		return "rows";
	case BLOCK_CODE:
		return "code";
	default:
		return "paragraph";
	}
}

static void
read_limits(struct kb_limits *l)
{
	struct conf *conf;
	int64_t n;

	cli_need(conf_open(&conf));
	cli_need(setting_int(conf, "kb", "document_size", &n));
	l->input_bytes = n << 20;
	cli_need(setting_int(conf, "kb", "text_size", &n));
	l->output_bytes = n << 20;
	cli_need(setting_int(conf, "kb", "memory", &n));
	l->memory_bytes = n << 20;
	cli_need(setting_duration(conf, "kb", "cpu", &l->cpu_ms));
	cli_need(setting_duration(conf, "kb", "timeout", &l->wall_ms));
	conf_close(conf);
}

/* Standard input to its end, or until b is full. */
static void
read_input(struct buf *b)
{
	char piece[65536];
	ssize_t n;

	while (!b->failed && (n = read(STDIN_FILENO, piece, sizeof(piece)))) {
		if (n < 0 && errno != EINTR)
			cli_die(ERR_NOINPUT, "stdin: %s", strerror(errno));
		if (n > 0)
			buf_add(b, piece, (size_t)n);
	}
}

/* Takes o. */
static int
put(struct jsonl *lines, json_t *o)
{
	char *line = json_text(o);
	int code = jsonl_put(lines, line, strlen(line));

	free(line);
	json_decref(o);
	return code;
}

static int
print(const struct kb_text *t)
{
	struct jsonl *lines =
	    jsonl_new(-1, STDOUT_FILENO, "stdout", INGEST_MAX_BYTES);
	json_t *o = json_object();
	size_t i;
	int code;

	json_put(o, "kind", "document");
	json_put(o, "type", kb_type_names[t->type]);
	json_put(o, "title", t->title);
	json_put(o, "language", t->language);
	code = put(lines, o);
	for (i = 0; i < t->count && code == 0; i++) {
		o = json_object();
		json_put(o, "kind", kind_name(t->block[i].kind));
		if (t->block[i].kind == BLOCK_HEADING)
			json_put_int(o, "level", t->block[i].level);
		if (t->block[i].page > 0)
			json_put_int(o, "page", t->block[i].page);
		if (t->block[i].turns > 0)
			json_put_int(o, "page_end",
			    kb_block_page(&t->block[i], SIZE_MAX));
		json_put(o, "text", t->block[i].text);
		code = put(lines, o);
	}
	if (code == 0)
		code = jsonl_flush(lines);
	jsonl_free(lines);
	return code;
}

static int
filter(void)
{
	struct kb_limits limits;
	struct extractor *x;
	struct kb_text t = { .count = 0 };
	struct buf b;
	char *reason;
	int code;

	read_limits(&limits);
	b = (struct buf)BUF_INIT((size_t)limits.input_bytes);
	read_input(&b);
	x = extractor_new(EXTRACTOR_CHILD, NULL, is_unsafe);
	if (b.failed)
		code = err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)limits.input_bytes >> 20);
	else
		code = extractor_read(x, b.data != NULL ? b.data : "", b.len,
		    name != NULL ? name : "stdin", &limits, &t);
	extractor_free(x);
	buf_release(&b);
	if (code == ERR_DATA) {
		reason = xstrdup(err_reason());
		err_set(code, "%s: %s", name != NULL ? name : "stdin", reason);
		free(reason);
	}
	if (code == 0)
		code = print(&t);
	kb_text_release(&t);
	return code;
}

int
main(int argc, char *argv[])
{
	struct cli cli;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (serve && name != NULL)
		cli_usage(&cli, "--serve is told each name");
	if (!serve)
		cli_exit(filter());
	cli_exit(extractor_serve(STDIN_FILENO, STDIN_FILENO, is_unsafe));
}
