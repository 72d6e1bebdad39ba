/*
 * kb-ingest - documents into the knowledge base
 *
 * Files, folders, standard input, or JSON Lines of {"source","title","text"}.
 * A document that cannot be read is named and the others go through.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/jsonl.h"
#include "base/language.h"
#include "base/progress.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "kb/dump.h"
#include "kb/ingest.h"

#define DEPTH_MAX 32

static bool as_json, as_jsonl, as_text, force, from_list, plain, prune,
    is_unsafe;
static const char *collection = "default", *files_dir, *language, *stdin_name,
		  *origin = "manual", *password_path, *store_flag;

static char language_tag[LANGUAGE_TAG_BYTES]; /* as it is written */

static const struct cli_option options[] = {
	{ '0', "null", NULL, CLI_FLAG, &from_list,
	    "read paths from standard input, a NUL behind each" },
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	{ 0, "collection", "NAME", CLI_TEXT, &collection,
	    "the group of documents they belong to" },
	{ 0, "files", "DIRECTORY", CLI_TEXT, &files_dir,
	    "lines may name files in it" },
	{ 0, "force", NULL, CLI_FLAG, &force,
	    "read again what has not changed" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print a JSON line a document" },
	{ 0, "jsonl", NULL, CLI_FLAG, &as_jsonl,
	    "read lines of source, title and text" },
	{ 0, "language", "TAG", CLI_TEXT, &language,
	    "their language; default: detected" },
	{ 0, "name", "NAME", CLI_TEXT, &stdin_name,
	    "what standard input is known by" },
	{ 0, "origin", "WORD", CLI_TEXT, &origin,
	    "how they came: manual, drive, web" },
	{ 0, "password-file", "FILE", CLI_TEXT, &password_path,
	    "what opens protected PDF documents" },
	{ 0, "plain", NULL, CLI_FLAG, &plain, "tab-separated, no header" },
	{ 0, "prune", NULL, CLI_FLAG, &prune,
	    "take out what is gone from the folders given" },
	{ 0, "text", NULL, CLI_FLAG, &as_text,
	    "print the text of the documents, keep nothing" },
	{ 0, "unsafe", NULL, CLI_FLAG, &is_unsafe,
	    "read without a box where the kernel gives none" },
	CLI_END
};

static const struct cli_spec spec = {
	.name = "kb-ingest",
	.summary = "put documents into the knowledge base",
	.args = "[PATH...]",
	.options = options,
	.examples = "  kb-ingest help/\n"
		    "  kb-ingest --language es --prune ayuda/\n"
		    "  kb-ingest --jsonl <pages.jsonl\n",
};

/* What came of all documents. */
struct tally {
	long states[INGEST_STATES];
	int64_t passages;
	struct jsonl *lines; /* --json, --jsonl */
	struct cli_table *table;
	struct progress *progress; /* NULL: no terminal */
	int code;
};

static void
on_turn(void *ctx, const char *source, int64_t bytes)
{
	struct tally *t = ctx;

	progress_at(t->progress, source, bytes);
}

static void
put_line(struct tally *t, const struct ingest_result *r)
{
	json_t *o = r->line != NULL ? json_copy(r->line) : json_object();
	char *line;

	json_put(o, "source", r->source);
	json_put(o, "state", ingest_state_names[r->state]);
	json_put(o, "document", r->document);
	json_put(o, "collection", r->collection);
	json_put(o, "title", r->title);
	json_put(o, "language", r->language);
	json_put(o, "type", r->type);
	if (r->state == INGEST_READY || r->state == INGEST_SAME)
		json_put_int(o, "passages", r->passages);
	json_put(o, "reason", r->reason);
	line = json_text(o);
	if (jsonl_put(t->lines, line, strlen(line)) < 0 && t->code == 0)
		t->code = ERR_IO;
	free(line);
	json_decref(o);
}

static void
on_result(void *ctx, const struct ingest_result *r)
{
	struct tally *t = ctx;
	char *name;

	t->states[r->state]++;
	if (r->state == INGEST_READY || r->state == INGEST_SAME)
		t->passages += r->passages;
	if (r->state == INGEST_FAILED) {
		progress_clear(t->progress);
		name = utf8_show(r->source, false);
		cli_warn("%s: %s", name, r->reason);
		free(name);
	}
	if (t->lines != NULL)
		put_line(t, r);
	else {
		cli_table_cell(t->table, "%s", ingest_state_names[r->state]);
		cli_table_cell(t->table, "%s",
		    r->document != NULL ? r->document : "");
		cli_table_cell(t->table, "%" PRId64, r->passages);
		cli_table_cell(t->table, "%s",
		    r->language != NULL ? r->language : "");
		cli_table_cell(t->table, "%s", r->source);
	}
}

/* --- files and folders --- */

/* "./a//b/" is "a/b": one name for one file. The caller frees. */
static char *
clean_path(const char *path)
{
	struct buf out = BUF_INIT(0);
	const char *p = path;

	while (p[0] == '.' && p[1] == '/')
		for (p += 2; *p == '/';)
			p++;
	for (; *p != '\0'; p++) {
		if (p[0] == '/' && (p[1] == '/' || (p[1] == '\0' && p > path)))
			continue;
		if (p[0] == '/' && p[1] == '.' && (p[2] == '/' || !p[2])) {
			p++;
			continue;
		}
		buf_addc(&out, *p);
	}
	if (out.len == 0)
		buf_addc(&out, '.');
	return buf_detach(&out);
}

/*
 * The name a file at path is known by: its path, with each byte that is not
 * UTF-8 as \\xNN, so that names differ as the files do and can be typed. The
 * caller frees.
 */
static char *
source_of(const char *path)
{
	const char *p = path, *end = path + strlen(path), *at;
	struct buf out = BUF_INIT(0);

	while (at = p, utf8_next(&p, end) != 0)
		if (utf8_valid(at, (size_t)(p - at)))
			buf_add(&out, at, (size_t)(p - at));
		else
			for (; at < p; at++)
				buf_addf(&out, "\\x%02x", (unsigned char)*at);
	return buf_detach(&out);
}

/* As source_of() writes them: a name with capitals is a name of its own. */
static int
small_hex(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* The path of a file known by that name: what source_of() undoes. */
static char *
path_of(const char *source)
{
	struct buf out = BUF_INIT(0);
	const char *p;
	int high, low;

	for (p = source; *p != '\0'; p++) {
		high = low = -1;
		if (p[0] == '\\' && p[1] == 'x') {
			high = small_hex(p[2]);
			low = high >= 0 ? small_hex(p[3]) : -1;
		}
		if (high >= 8 && low >= 0) {
			buf_addc(&out, (char)(high * 16 + low));
			p += 3;
		} else
			buf_addc(&out, *p);
	}
	return buf_detach(&out);
}

static int
take_file(struct ingest *in, const char *path)
{
	char *source = source_of(path);
	int code = ingest_file(in, collection, language, path, source);

	free(source);
	return code;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Whether a file that may be anything is a document, by how it begins. */
static bool
looks_right(const char *path)
{
	char *bytes;
	ssize_t n;
	bool is;
	int fd;

	if (!kb_name_may_be_document(path) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return false;
	bytes = xmalloc(KB_LOOK_BYTES);
	n = read(fd, bytes, KB_LOOK_BYTES);
	is = n > 0 && kb_look_is_document(path, bytes, (size_t)n);
	close(fd);
	free(bytes);
	return is;
}

static int64_t counted_bytes;

/* Without in they are only counted. */
static int
take_path(struct ingest *in, const char *path, int depth, long *files)
{
	struct dirent **list = NULL;
	struct stat st = { .st_mode = 0 };
	char *name;
	int code = 0, n, i;

	/* Links in a folder are not followed: they could leave it. What cannot
	 * be looked at may be a folder: then not all of it was seen. */
	if (depth > 0 && lstat(path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		if (in != NULL)
			cli_warn("%s: %s", path, strerror(errno));
		return ERR_DATA;
	}
	if (depth == 0)
		stat(path, &st); /* ingest_file says what is wrong */
	if (!S_ISDIR(st.st_mode)) {
		if (depth > 0 &&
		    (!S_ISREG(st.st_mode) ||
			!(kb_name_is_document(path) || looks_right(path))))
			return 0;
		++*files;
		counted_bytes += st.st_size;
		return in != NULL ? take_file(in, path) : 0;
	}
	if (depth == DEPTH_MAX) {
		if (in != NULL)
			cli_warn("%s: more than %d folders deep", path,
			    DEPTH_MAX);
		return ERR_DATA;
	}
	n = scandir(path, &list, visible, alphasort);
	if (n < 0) {
		if (in != NULL)
			cli_warn("%s: %s", path, strerror(errno));
		return ERR_DATA;
	}
	for (i = 0; i < n; i++) {
		int got;

		name = strcmp(path, ".") == 0 ?
		    xstrdup(list[i]->d_name) :
		    xformat("%s/%s", path, list[i]->d_name);
		got = code == 0 || code == ERR_DATA ?
		    take_path(in, name, depth + 1, files) :
		    0;
		if (got < 0)
			code = got;
		free(name);
		free(list[i]);
	}
	free(list);
	return code;
}

/* Without a name each text is a document of its own, known by what it says. */
static int
take_stdin(struct ingest *in, int64_t max)
{
	struct buf b = BUF_INIT((size_t)max);
	char piece[65536], hash[HASH_HEX_BYTES], *source;
	ssize_t n;
	int code;

	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0 && !b.failed)
		buf_add(&b, piece, (size_t)n);
	if (n < 0)
		code = err_errno(ERR_IO, "stdin");
	else if (b.failed) {
		code = ERR_DATA;
		cli_warn("stdin is larger than %lld MiB", (long long)max >> 20);
	} else {
		hash_hex(hash, b.data != NULL ? b.data : "", b.len);
		source = stdin_name != NULL ? xstrdup(stdin_name) :
					      xformat("stdin-%.16s", hash);
		code = ingest_text(in, collection, language, source, NULL,
		    b.data != NULL ? b.data : "", b.len, NULL);
		free(source);
	}
	buf_release(&b);
	return code;
}

static int
take_argument(struct ingest *in, const char *arg, int64_t max)
{
	long files = 0;
	struct stat st;
	char *path, *prefix, *source;
	int code;

	if (strcmp(arg, "-") == 0)
		return take_stdin(in, max);
	path = clean_path(arg);
	if (lstat(path, &st) < 0 && errno == ENOENT) {
		/* As it was listed, perhaps. */
		char *listed = path_of(path);

		if (lstat(listed, &st) == 0) {
			free(path);
			path = listed;
		} else
			free(listed);
	}
	code = take_path(in, path, 0, &files);
	if (code == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		source = source_of(path);
		code = ingest_folder(in, collection, source);
		if (code == 0 && files == 0) {
			/* An empty folder may be one that is not mounted. */
			cli_warn("%s: holds no documents", path);
			code = ERR_DATA;
		} else if (code == 0 && prune) {
			prefix = strcmp(path, ".") == 0 ?
			    xstrdup("") :
			    xformat("%s/", source);
			code = ingest_prune(in, collection, prefix);
			free(prefix);
		}
		free(source);
	}
	free(path);
	return code;
}

/* How much there is: names and sizes alone are read. */
static void
count_all(const struct cli *cli, struct progress *p)
{
	long files = 0;
	char *path;
	int i;

	counted_bytes = 0;
	for (i = 0; i < cli->nargs; i++) {
		path = clean_path(cli->args[i]);
		if (strcmp(path, "-") == 0)
			files++;
		else
			take_path(NULL, path, 0, &files);
		free(path);
	}
	progress_total(p, files, counted_bytes);
}

/* --- paths from standard input --- */

static int
take_list(struct ingest *in, int64_t max)
{
	char *path = NULL;
	size_t size = 0;
	int code = 0, got;

	while (getdelim(&path, &size, '\0', stdin) > 0) {
		if (*path == '\0')
			continue;
		got = take_argument(in, path, max);
		if (got < 0)
			code = got;
		if (got < 0 && got != ERR_DATA)
			break;
	}
	if (code == 0 && ferror(stdin))
		code = err_errno(ERR_IO, "stdin");
	free(path);
	return code;
}

/* --- text, to be looked at --- */

static int
print_text(struct extractor *x, const struct kb_limits *limits,
    const char *name, const char *bytes, size_t len, bool is_member)
{
	struct kb_text t = { .count = 0 };
	struct buf out = BUF_INIT(0);
	char *shown = utf8_show(name, false), *member;
	int code = extractor_read(x, bytes, len, name, limits, &t), got;
	size_t i;

	if (code == 0 && is_member && t.type == KB_TEXT_ZIP)
		code = err_set(ERR_DATA,
		    "is an archive in an archive; unpack it first");
	if (code < 0)
		cli_warn("%s: %s", shown, err_reason());
	else {
		kb_text_dump(&t, &out);
		fwrite(out.data, 1, out.len, stdout);
		for (i = 0; i < t.members && code != ERR_UNAVAILABLE; i++) {
			member = xformat("%s!/%s", name, t.member[i].name);
			printf("\nmember\t%s\n", t.member[i].name);
			got = print_text(x, limits, member, t.member[i].bytes,
			    t.member[i].len, true);
			if (got < 0)
				code = got;
			free(member);
		}
	}
	buf_release(&out);
	free(shown);
	kb_text_release(&t);
	return code;
}

static int
print_texts(struct cli *cli, const struct kb_limits *limits,
    enum kb_extractor_how how)
{
	/* Without a store there is no service beside it. */
	struct extractor *x =
	    extractor_new(how == EXTRACTOR_AUTO ? EXTRACTOR_CHILD : how, NULL,
		is_unsafe);
	int code = 0, got, i;
	char *bytes;
	size_t len;

	for (i = 0; i < cli->nargs; i++) {
		got = file_read(strcmp(cli->args[i], "-") == 0 ? "/dev/stdin" :
								 cli->args[i],
		    (size_t)limits->input_bytes, &bytes, &len);
		if (got < 0)
			cli_warn("%s", err_reason());
		else {
			got = print_text(x, limits, cli->args[i], bytes, len,
			    false);
			free(bytes);
		}
		if (got < 0)
			code = ERR_DATA;
	}
	extractor_free(x);
	return code;
}

/* --- JSON Lines --- */

/* Addresses that may be printed for people to follow. */
static bool
is_followed(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 ||
	    strncasecmp(url, "https://", 8) == 0 ||
	    strncasecmp(url, "mailto:", 7) == 0;
}

/* The first known field of a line that is of another type; NULL: none. */
static const char *
wrong_field(const json_t *object)
{
	static const char *const texts[] = { "source", "prefix", "title",
		"text", "base64", "file", "language", "collection", "origin",
		"url", "description", "modified", NULL };
	static const char *const flags[] = { "still", "gone", "complete", "all",
		NULL };
	const json_t *value;
	size_t i;

	for (i = 0; texts[i] != NULL; i++) {
		value = json_object_get(object, texts[i]);
		if (value != NULL && !json_is_string(value) &&
		    !json_is_null(value))
			return texts[i];
	}
	for (i = 0; flags[i] != NULL; i++) {
		value = json_object_get(object, flags[i]);
		if (value != NULL && !json_is_boolean(value) &&
		    !json_is_null(value))
			return flags[i];
	}
	return NULL;
}

/* What a line says of its document besides the text. ERR_DATA was named. */
static int
line_facts(struct ingest *in, struct jsonl *lines, const json_t *object)
{
	struct ingest_facts f = { .origin =
				      json_str_or(object, "origin", origin),
		.url = json_str(object, "url"),
		.description = json_str(object, "description") };
	const char *modified = json_str(object, "modified");

	if (!ingest_origin_valid(f.origin)) {
		jsonl_complain(lines, "origin is no word of small letters");
		return ERR_DATA;
	}
	if (f.url != NULL && *f.url != '\0' && !is_followed(f.url)) {
		jsonl_complain(lines, "url is none of http, https or mailto");
		return ERR_DATA;
	}
	if (modified != NULL && time_parse(modified, &f.modified_ms) < 0) {
		jsonl_complain(lines, "modified is no time");
		return ERR_DATA;
	}
	ingest_facts(in, &f);
	return 0;
}

/*
 * The bytes of a line's file, which stands in the directory of --files and
 * nowhere else: what a link or a .. leads out to is not read.
 */
static int
line_file(const char *name, int64_t max, char **ret, size_t *ret_len)
{
	char *root = NULL, *path = xformat("%s/%s", files_dir, name);
	char *real = NULL;
	struct stat st;
	int code = 0;

	root = realpath(files_dir, NULL);
	if (root == NULL)
		code = err_errno(ERR_NOINPUT, "%s", files_dir);
	if (code == 0 && (real = realpath(path, NULL)) == NULL)
		code = err_errno(ERR_DATA, "file");
	if (code == 0 && !(str_starts(real, root) && real[strlen(root)] == '/'))
		code = err_set(ERR_DATA, "file is not in the directory");
	if (code == 0 && stat(real, &st) == 0 && st.st_size > max)
		code = err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)max >> 20);
	if (code == 0)
		code = file_read(real, (size_t)max, ret, ret_len);
	free(real);
	free(path);
	free(root);
	return code < 0 ? ERR_DATA : 0;
}

/* What a line holds, as text, base64 or the name of a file; caller frees.
 * ERR_NO: nothing. */
static int
line_bytes(const json_t *object, int64_t max, char **ret, size_t *ret_len)
{
	const json_t *text = json_object_get(object, "text");
	const char *packed = json_str(object, "base64");
	const char *file = json_str(object, "file");
	size_t len;

	if (json_is_string(text)) {
		*ret_len = json_string_length(text);
		*ret = xstrndup(json_string_value(text), *ret_len);
		return 0;
	}
	if (packed != NULL) {
		len = strlen(packed);
		*ret = xmalloc(len / 4 * 3 + 4);
		if (sodium_base642bin((unsigned char *)*ret, len / 4 * 3 + 3,
			packed, len, NULL, ret_len, NULL,
			sodium_base64_VARIANT_ORIGINAL) == 0)
			return 0;
		free(*ret);
		return err_set(ERR_DATA, "base64 is none");
	}
	if (file != NULL && files_dir == NULL)
		return err_set(ERR_DATA,
		    "names a file, which needs --files DIRECTORY");
	if (file != NULL)
		return line_file(file, max, ret, ret_len);
	return err_set(ERR_NO, "source or text is missing");
}

/* The fields of a line that are not known here. */
static json_t *
line_rest(const json_t *object)
{
	static const char *const known[] = { "source", "title", "text",
		"base64", "file", "language", "collection", "still", "gone",
		NULL };
	json_t *rest = json_copy((json_t *)(uintptr_t)object);

	for (size_t i = 0; known[i] != NULL; i++)
		json_object_del(rest, known[i]);
	return rest;
}

/*
 * All that begins with prefix was given. It was not where a line was left out:
 * the document of that one is there and has not been read.
 */
static int
take_complete(struct ingest *in, struct jsonl *lines, const char *group,
    const char *prefix, bool all)
{
	/* A variable that is not set, most likely. */
	if (*prefix == '\0' && !all) {
		jsonl_complain(lines,
		    "an empty prefix takes out all of the collection: say "
		    "\"all\": true if that is meant; nothing is taken out");
		return 0;
	}
	if (jsonl_bad(lines) > 0) {
		jsonl_complain(lines,
		    "is not complete, for lines before it were left out; "
		    "nothing is taken out");
		return 0;
	}
	return ingest_prune(in, group, prefix);
}

static int
take_object(struct ingest *in, struct jsonl *lines, const json_t *object,
    int64_t max)
{
	const char *source = json_str(object, "source");
	const char *prefix = json_str(object, "prefix");
	const char *group = json_str_or(object, "collection", collection);
	const char *own = json_str(object, "language");
	char tag[LANGUAGE_TAG_BYTES];
	char *bytes = NULL;
	const char *wrong = wrong_field(object);
	size_t len = 0;
	int code;

	if (wrong != NULL) {
		char *why =
		    xformat("%s is of another type than it should be", wrong);

		jsonl_complain(lines, why);
		free(why);
		return 0;
	}
	if (!utf8_is_line(group)) {
		jsonl_complain(lines,
		    "collection is no name without control characters");
		return 0;
	}
	if (prefix != NULL && json_bool_or(object, "complete", false))
		return take_complete(in, lines, group, prefix,
		    json_bool_or(object, "all", false));
	if (source == NULL || *source == '\0') {
		jsonl_complain(lines, "source or text is missing");
		return 0;
	}
	if (own != NULL && *own != '\0' &&
	    !language_tag_valid(own, strlen(own))) {
		jsonl_complain(lines, "language is no tag of one");
		return 0;
	}
	if (own != NULL) {
		language_tag_write(own, tag);
		own = tag;
	}
	if (line_facts(in, lines, object) < 0)
		return 0;
	if (json_bool_or(object, "still", false))
		return ingest_still(in, group, source, line_rest(object));
	if (json_bool_or(object, "gone", false))
		return ingest_gone(in, group, source, line_rest(object));
	code = line_bytes(object, max, &bytes, &len);
	if (code == ERR_NO) {
		jsonl_complain(lines, err_reason());
		return 0;
	}
	if (code < 0)
		return ingest_unread(in, group, source, err_reason(),
		    line_rest(object));
	/* What we do not know is carried over; the text is not. */
	code = ingest_text(in, group, own != NULL ? own : language, source,
	    json_str(object, "title"), bytes, len, line_rest(object));
	free(bytes);
	return code;
}

static int
take_line(struct ingest *in, struct jsonl *lines, const char *line, size_t len,
    int64_t max)
{
	json_t *object = NULL;
	int code;

	if (json_lenient(line, len, &object) < 0) {
		jsonl_complain(lines, err_reason());
		return 0;
	}
	code = take_object(in, lines, object, max);
	json_decref(object);
	return code;
}

static bool
input_waits(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	return poll(&p, 1, 0) == 0;
}

static int
take_lines(struct ingest *in, struct jsonl *lines, int64_t max)
{
	char *line;
	size_t len;
	int code = 0, got;

	while ((got = jsonl_next(lines, &line, &len)) != JSONL_END) {
		if (got == JSONL_LINE)
			code = take_line(in, lines, line, len, max);
		else {
			/* Whoever waits for us gets what there is; a file is
			 * read on, for documents cost less together. */
			if (!input_waits() || (code = ingest_flush(in)) == 0)
				code = jsonl_flush(lines);
			if (code == 0)
				code = jsonl_fill(lines);
		}
		if (code < 0)
			return code;
	}
	return 0;
}

/* --- being ended --- */

static pid_t own_pid;

/* The default, and a word of what is left: any point is one to be killed at. */
static void
on_end(int number)
{
	static const char words[] =
	    "kb-ingest: was interrupted: each document is as it was or as it "
	    "is now, and the next run goes on\n";

	/* What reads documents is a copy of us. */
	if (getpid() == own_pid &&
	    write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(128 + number);
	raise(number); /* SA_RESETHAND */
}

static void
say_when_ended(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction act = { .sa_handler = on_end,
		.sa_flags = (int)SA_RESETHAND | SA_NODEFER };
	struct sigaction old;
	size_t i;

	own_pid = getpid();
	/* kb-sync and kb-crawl have them ignored: a batch is taken whole. */
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
}

/* --- all of it --- */

static void
read_limits(struct kb_limits *l, struct kb_patience *p,
    enum kb_extractor_how *how)
{
	struct conf *conf;
	const char *word;
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
	cli_need(setting_duration(conf, "kb", "queued", &p->queued_ms));
	cli_need(setting_duration(conf, "kb", "indexing", &p->indexing_ms));
	/* The child is ended after that; the rest is for us to note it. */
	p->extracting_ms = 2 * l->wall_ms;
	word = setting_text(conf, "kb", "extractor");
	for (*how = EXTRACTOR_AUTO; strcmp(kb_extractor_names[*how], word) != 0;
	     ++*how)
		; /* one of them: it is a setting of choice */
	conf_close(conf);
}

static void
print_summary(const struct tally *t)
{
	printf("%ld ready, %ld unchanged, %ld failed, %ld removed; "
	       "%" PRId64 " passages\n",
	    t->states[INGEST_READY], t->states[INGEST_SAME],
	    t->states[INGEST_FAILED], t->states[INGEST_REMOVED], t->passages);
}

int
main(int argc, char *argv[])
{
	static const char *const headers[] = { "STATE", "DOCUMENT", "PASSAGES",
		"LANGUAGE", "SOURCE", NULL };
	struct tally t = { .code = 0 };
	struct kb_limits limits = KB_LIMITS_DEFAULT;
	struct kb_patience patience;
	struct ingest_facts facts;
	char *password = NULL;
	enum kb_extractor_how how;
	struct store *store = NULL;
	struct ingest *in = NULL;
	long bad = 0;
	int code = 0, got, i;
	struct cli cli;

	/* What one thread has freed is for the other, too: with memory of its
	 * own each, 64 MiB of words would stay beside the next document. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
	cli_open(&cli, &spec, argc, argv);
	if (from_list && (as_jsonl || as_text || cli.nargs > 0))
		cli_usage(&cli, "-0 reads standard input, no PATH or lines");
	if (as_jsonl ? cli.nargs > 0 : cli.nargs == 0 && !from_list)
		cli_usage(&cli,
		    as_jsonl ? "--jsonl reads standard input, no PATH" :
			from_list ?
			       "-0 reads standard input, no PATH" :
			       "a PATH is wanted, or - for standard input");
	if (!ingest_origin_valid(origin))
		cli_usage(&cli,
		    "--origin: '%s' is no word of small letters, digits and -",
		    origin);
	if (!utf8_is_line(collection))
		cli_usage(&cli,
		    "--collection needs a name, without control characters");
	if (stdin_name != NULL &&
	    (cli.nargs != 1 || strcmp(cli.args[0], "-") != 0 ||
		!utf8_is_line(stdin_name)))
		cli_usage(&cli,
		    "--name goes with the PATH '-' alone, and is a name "
		    "without control characters");
	/* A variable that is not set, most likely: not the current folder. */
	for (i = 0; i < cli.nargs; i++)
		if (*cli.args[i] == '\0')
			cli_usage(&cli, "a PATH is empty");
	if (files_dir != NULL && !as_jsonl)
		cli_usage(&cli, "--files goes with --jsonl");
	if (as_text && as_jsonl)
		cli_usage(&cli,
		    "--text reads documents; the lines of --jsonl have theirs");
	if (language != NULL && !language_tag_valid(language, strlen(language)))
		cli_usage(&cli,
		    "--language: '%s' is no language (en, es, pt-BR)",
		    language);
	if (language != NULL) {
		language_tag_write(language, language_tag);
		language = language_tag;
	}
	facts = (struct ingest_facts){ .origin = origin };
	read_limits(&limits, &patience, &how);
	if (password_path != NULL) {
		cli_need(file_secret(password_path, &password));
		limits.password = password;
	}
	if (as_text) {
		code = print_texts(&cli, &limits, how);
		exit(fflush(stdout) == 0 ? err_status(code) :
					   err_status(ERR_IO));
	}
	cli_need(store_open(store_flag, STORE_WRITE, &store));
	t.progress = progress_new(STDERR_FILENO);
	if (as_json || as_jsonl)
		t.lines = jsonl_new(as_jsonl ? STDIN_FILENO : -1, STDOUT_FILENO,
		    "stdin", INGEST_MAX_BYTES);
	else
		t.table = cli_table_new(headers, plain);
	code = ingest_open(store, &limits, false, on_result, &t, &in);
	if (code == ERR_BUSY) {
		cli_warn("waiting for the kb-ingest that is at work");
		code = ingest_open(store, &limits, true, on_result, &t, &in);
	}
	cli_need(code);
	say_when_ended();
	ingest_extractor(in, how, is_unsafe);
	ingest_patience(in, &patience);
	ingest_watch(in, on_turn);
	ingest_facts(in, &facts);
	if (force)
		ingest_force(in);
	if (t.progress != NULL)
		count_all(&cli, t.progress);
	if (as_jsonl)
		code = take_lines(in, t.lines, limits.input_bytes);
	if (from_list)
		code = take_list(in, limits.input_bytes);
	for (i = 0; i < cli.nargs; i++) {
		got = take_argument(in, cli.args[i], limits.input_bytes);
		if (got < 0)
			code = got;
		if (got < 0 && got != ERR_DATA)
			break;
	}
	got = ingest_close(in);
	if (got < 0)
		code = got;
	progress_free(t.progress);
	if (t.lines != NULL) {
		bad = jsonl_bad(t.lines);
		if (jsonl_flush(t.lines) < 0 && code == 0)
			code = ERR_IO;
		jsonl_free(t.lines);
	} else {
		cli_table_end(t.table);
		if (!plain)
			print_summary(&t);
	}
	store_close(store);
	if (code == 0)
		code = t.code;
	if (bad > 0)
		cli_warn("bad lines left out: %ld", bad);
	/* Each was named as it came. */
	if (code == ERR_DATA ||
	    (code == 0 && (bad > 0 || t.states[INGEST_FAILED])))
		exit(fflush(stdout) == 0 ? err_status(ERR_DATA) :
					   err_status(ERR_IO));
	cli_exit(code);
}
