/*
 * kb-sync - keep the knowledge base in step with a remote folder
 *
 * rclone lists and fetches, into a spool; kb-ingest, run for each batch, takes
 * it in. What the listing no longer has is taken out, if the listing is whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "kb/extract.h"
#include "kb/feed.h"
#include "kb/remote.h"
#include "kb/spool.h"
#include "store/store.h"

#define BATCH_FILES 200
#define BATCH_BYTES (INT64_C(256) << 20)
#define UNNAMED "\357\277\275" /* what rclone writes for bytes of no letter */
#define UNKNOWN_BYTES (INT64_C(1) << 20) /* a document of Google's, say */

static bool as_json, dry_run, full, if_due, plain, with_me;
static const char *bandwidth, *collection, *config, *export, *name, *shared,
    *store_flag;
static int64_t file_size = -1, files_max = -1, size_max = -1, timeout_ms = -1;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 0, "bandwidth", "RATE", CLI_TEXT, &bandwidth,
	    "use no more of the line: 2M is 2 MiB a second" },
	{ 0, "collection", "NAME", CLI_TEXT, &collection,
	    "the group of documents the files belong to" },
	{ 0, "config", "FILE", CLI_TEXT, &config, "rclone's settings" },
	{ 0, "dry-run", NULL, CLI_FLAG, &dry_run,
	    "list what would be done, fetch nothing" },
	{ 0, "export", "LIST", CLI_TEXT, &export,
	    "formats of Google's own documents: docx,xlsx,pptx" },
	{ 0, "file-size", "MIB", CLI_NUMBER, &file_size, "largest file" },
	{ 0, "files", "N", CLI_NUMBER, &files_max,
	    "look at so many files at most" },
	{ 0, "full", NULL, CLI_FLAG, &full, "fetch what is unchanged, too" },
	{ 0, "if-due", NULL, CLI_FLAG, &if_due,
	    "do nothing before its time has come again" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print a JSON line a file" },
	{ 0, "name", "NAME", CLI_TEXT, &name,
	    "take remote and limits from [sync NAME]" },
	{ 0, "plain", NULL, CLI_FLAG, &plain, "tab-separated, no header" },
	{ 0, "shared-drive", "ID", CLI_TEXT, &shared,
	    "a shared drive of Google Drive" },
	{ 0, "shared-with-me", NULL, CLI_FLAG, &with_me,
	    "what others have shared on Google Drive" },
	{ 0, "size", "MIB", CLI_NUMBER, &size_max, "fetch so much at most" },
	{ 0, "timeout", "DURATION", CLI_DURATION, &timeout_ms,
	    "give up on one command of rclone after" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "kb-sync",
	.summary = "keep the knowledge base in step with a remote folder",
	.args = "[REMOTE:PATH]",
	.options = options,
	.examples = "  kb-sync --dry-run drive:Help\n"
		    "  kb-sync --collection help drive:Help\n"
		    "  kb-sync --name handbook --if-due\n",
};

/* A file of the remote that is a document. */
struct file {
	char *path, *source, *print, *url;
	int64_t bytes, modified_ms;
	bool same;    /* as the last run left it */
	bool missing; /* the base does not hold it */
	bool failed;  /* could not be fetched */
	bool sent;
	bool too_large;
};

struct sync {
	struct remote_options ro;
	struct remote *remote;
	struct feed *feed;
	struct spool *spool;
	char *prefix; /* of sources */
	struct file *file;
	size_t count, cap;
	json_t *by_source; /* source: place in file, from 1 */
	int64_t files_max, size_max, file_max, fetched;
	bool incomplete, quiet;
	struct cli_table *table;
	long counts[6], errors;
	struct progress *progress; /* NULL: no terminal */
	int code;
};

static bool
stop(void)
{
	return stop_wanted != 0;
}

/* --- telling --- */

static void
complain(struct sync *s, const char *path, const char *why)
{
	char *shown = utf8_show(path, false);

	progress_clear(s->progress);
	cli_warn("%s: %s", shown, why);
	free(shown);
}

static const char *const states[] = { "ready", "unchanged", "failed", "removed",
	"skipped", "error" };
enum { READY, UNCHANGED, FAILED, REMOVED, SKIPPED, ERROR };

static void
tell(struct sync *s, int state, const char *word, const char *source,
    const char *reason, const json_t *answer)
{
	static const char *const taken[] = { "document", "collection", "title",
		"language", "type", "passages", NULL };
	json_t *o;
	char *line;

	s->counts[state]++;
	if (!as_json) {
		cli_table_cell(s->table, "%s", word);
		cli_table_cell(s->table, "%s", source);
		cli_table_cell(s->table, "%s", reason != NULL ? reason : "");
		return;
	}
	o = json_object();
	json_put(o, "source", source);
	json_put(o, "state", word);
	for (size_t i = 0; answer != NULL && taken[i] != NULL; i++)
		if (json_object_get(answer, taken[i]) != NULL)
			json_object_set(o, taken[i],
			    json_object_get(answer, taken[i]));
	json_put(o, "reason", reason);
	line = json_text(o);
	if ((puts(line) == EOF || fflush(stdout) == EOF) && s->code == 0)
		s->code = err_errno(ERR_IO, "stdout");
	free(line);
	json_decref(o);
}

static void
fail_file(struct sync *s, struct file *f, const char *why)
{
	f->failed = true;
	s->errors++;
	complain(s, f->source, why);
	tell(s, ERROR, "error", f->source, why, NULL);
}

/* --- what kb-ingest says --- */

static struct file *
file_of(struct sync *s, const char *source)
{
	json_int_t i =
	    json_integer_value(json_object_get(s->by_source, source));

	return i > 0 ? &s->file[i - 1] : NULL;
}

/* What is known of f, which may be new. */
static json_t *
known_of(struct sync *s, const struct file *f)
{
	json_t *known = json_object_get(spool_known(s->spool), f->source);

	if (known == NULL) {
		known = json_object();
		json_object_set_new(spool_known(s->spool), f->source, known);
	}
	return known;
}

/* The file that has another within it, by the other's source; NULL: none. */
static struct file *
archive_of(struct sync *s, const char *source)
{
	const char *at = source;
	struct file *f = NULL;
	char *outer;

	while (f == NULL && (at = strstr(at, "!/")) != NULL) {
		outer = xstrndup(source, (size_t)(at - source));
		f = file_of(s, outer);
		free(outer);
		at += 2;
	}
	return f;
}

/* kb-ingest has said why when it read it; that it is so still, it does not. */
static void
fail_again(struct sync *s, const char *source, const char *reason,
    const json_t *answer)
{
	complain(s, source, reason);
	tell(s, FAILED, "failed", source, reason, answer);
}

/* What has not changed since it failed is as it was then: failed. */
static void
tell_unchanged(struct sync *s, const struct file *f, const json_t *answer)
{
	const json_t *known = known_of(s, f);
	const char *reason = json_str(known, "failed"), *source;
	json_t *parts = json_object_get(known, "parts"), *value;

	if (reason != NULL)
		fail_again(s, f->source, reason, answer);
	else
		tell(s, UNCHANGED, "unchanged", f->source, NULL, answer);
	json_object_foreach(parts, source, value)
		fail_again(s, source, json_string_value(value), NULL);
}

/* A file within one, which is told of when the one is read. */
static void
tell_part(struct sync *s, int state, const char *source, const char *reason,
    const json_t *answer)
{
	struct file *f = archive_of(s, source);
	json_t *known, *parts;

	if (state == FAILED && f != NULL) {
		known = known_of(s, f);
		parts = json_object_get(known, "parts");
		if (parts == NULL) {
			parts = json_object();
			json_object_set_new(known, "parts", parts);
		}
		json_put(parts, source, reason != NULL ? reason : "failed");
	}
	tell(s, state, states[state], source, reason, answer);
}

static void
on_answer(void *ctx, const json_t *answer)
{
	struct sync *s = ctx;
	const char *source = json_str_or(answer, "source", "");
	const char *state = json_str_or(answer, "state", "failed");
	const char *reason = json_str(answer, "reason");
	struct file *f = file_of(s, source);
	json_t *known;
	int i;

	if (strcmp(state, "removed") == 0) {
		json_object_del(spool_known(s->spool), source);
		tell(s, REMOVED, state, source, NULL, answer);
		return;
	}
	if (s->quiet)
		return;
	for (i = READY; i < FAILED; i++)
		if (strcmp(state, states[i]) == 0)
			break;
	if (f == NULL) {
		tell_part(s, i, source, reason, answer);
		return;
	}
	if (strcmp(state, "missing") == 0) {
		f->missing = true;
		return;
	}
	if (f->too_large) /* it was only asked for */
		return;
	if (!f->sent && i == UNCHANGED) {
		tell_unchanged(s, f, answer);
		return;
	}
	if (json_str(answer, "document") == NULL) {
		fail_file(s, f, reason != NULL ? reason : "was not taken in");
		return;
	}
	known = known_of(s, f);
	json_put(known, "print", f->print);
	if (i == FAILED)
		json_put(known, "failed", reason);
	tell(s, i, states[i], source, reason, answer);
}

/* --- the listing --- */

/* Of a path, whether a folder or the file is hidden. */
static bool
is_hidden(const char *path)
{
	return *path == '.' || strstr(path, "/.") != NULL;
}

static int
on_file(void *ctx, const struct remote_file *r)
{
	struct sync *s = ctx;
	const char *base = strrchr(r->path, '/');
	struct file *f;
	const json_t *known;
	char *source;

	base = base != NULL ? base + 1 : r->path;
	if (is_hidden(r->path) || !kb_name_is_document(base))
		return 0;
	source = xformat("%s%s", s->prefix, r->path);
	/* Drive may have two files of one name; rclone fetches the first. */
	if (json_object_get(s->by_source, source) != NULL) {
		complain(s, source, "is there twice: the first is taken");
		free(source);
		return 0;
	}
	if ((int64_t)s->count >= s->files_max) {
		if (!s->incomplete)
			cli_warn("more than %" PRId64
				 " files: the rest is left out, and nothing "
				 "is removed",
			    s->files_max);
		s->incomplete = true;
		free(source);
		return 0;
	}
	if (s->count == s->cap) {
		s->cap = s->cap == 0 ? 256 : s->cap * 2;
		s->file = xrealloc(s->file, s->cap * sizeof(*s->file));
	}
	f = &s->file[s->count++];
	memset(f, 0, sizeof(*f));
	f->path = xstrdup(r->path);
	f->source = source;
	f->print = xstrdup(r->print);
	f->url = xstrdup(r->url);
	f->bytes = r->bytes;
	f->modified_ms = r->modified_ms;
	f->too_large = r->bytes > s->file_max;
	known = json_object_get(spool_known(s->spool), source);
	f->same = !full && known != NULL &&
	    strcmp(json_str_or(known, "print", ""), f->print) == 0;
	json_object_set_new(s->by_source, source,
	    json_integer((json_int_t)s->count));
	return 0;
}

static int
list_files(struct sync *s)
{
	int code = remote_list(s->remote, on_file, s);

	if (code == ERR_UNAVAILABLE) {
		/* What was listed is good; what was not may be there. */
		cli_warn("%s; nothing is removed", err_reason());
		s->incomplete = true;
		s->errors++;
		return s->count > 0 ? 0 : code;
	}
	if (code < 0)
		return code;
	if (s->count == 0) {
		/* It may be a folder that is not mounted, or was renamed. */
		return err_set(ERR_DATA, "%s: holds no documents%s",
		    s->ro.remote,
		    remote_is_crypt(s->remote) ?
			"; or the password of the remote is wrong, for then "
			"rclone lists nothing" :
			"");
	}
	return 0;
}

/* --- files in --- */

static json_t *
line_of(struct sync *s, const struct file *f)
{
	json_t *line = json_object();
	char at[TIME_TEXT_BYTES];

	json_put(line, "source", f->source);
	json_put(line, "url", f->url);
	json_put(line, "origin",
	    remote_is_drive(s->remote) ? "drive" : "remote");
	if (f->modified_ms > 0)
		json_put(line, "modified", time_text(f->modified_ms, at));
	return line;
}

/* Ask whether the base still has what has not changed, or has grown too large.
 */
static int
confirm(struct sync *s)
{
	json_t *line;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (!s->file[i].same && !s->file[i].too_large)
			continue;
		line = line_of(s, &s->file[i]);
		json_object_set_new(line, "still", json_true());
		feed_put(s->feed, line);
	}
	return feed_drain(s->feed);
}

/* Whether a file that came is what was listed. */
static bool
is_whole(const struct sync *s, const struct file *f, bool sure)
{
	char *path = xformat("%s/%s", spool_files(s->spool), f->path);
	struct stat st;
	int64_t ms;
	bool whole = lstat(path, &st) == 0 && S_ISREG(st.st_mode);

	/* rclone sets the time when all is there. */
	if (whole && f->bytes >= 0)
		whole = st.st_size == f->bytes;
	if (whole && !sure && f->modified_ms > 0) {
		ms = (int64_t)st.st_mtim.tv_sec * 1000;
		whole =
		    ms > f->modified_ms - 2000 && ms < f->modified_ms + 2000;
	} else if (whole && !sure)
		whole = f->bytes >= 0;
	free(path);
	return whole;
}

static int
take_batch(struct sync *s, struct file **batch, size_t n)
{
	char *list = xformat("%s/list", spool_dir(s->spool)), *why = NULL;
	struct buf b = BUF_INIT(0);
	json_t *line;
	size_t i;
	int code, got;

	for (i = 0; i < n; i++)
		buf_addf(&b, "%s\n", batch[i]->path);
	code = file_put(list, b.data, b.len, 0660);
	buf_release(&b);
	if (code < 0)
		goto out;
	got = remote_fetch(s->remote, list, spool_files(s->spool));
	if (got < 0 && got != ERR_UNAVAILABLE) {
		code = got;
		goto out;
	}
	why = xstrdup(got < 0 ? err_reason() : "is not there any more");
	for (i = 0; i < n; i++) {
		batch[i]->sent = true;
		if (!is_whole(s, batch[i], got == 0)) {
			fail_file(s, batch[i],
			    strstr(batch[i]->path, UNNAMED) != NULL ?
				"rclone cannot name it, for its name is not "
				"UTF-8: give it another" :
				why);
			continue;
		}
		/* What failed of it before may be well now. */
		json_object_del(spool_known(s->spool), batch[i]->source);
		line = line_of(s, batch[i]);
		json_put(line, "file", batch[i]->path);
		feed_put(s->feed, line);
	}
	code = feed_drain(s->feed);
	if (code == 0)
		code = spool_empty(s->spool);
	if (code == 0)
		code = spool_save(s->spool);
out:
	free(why);
	free(list);
	return code;
}

/* A file that is too large: what was read before it grew is out of date. */
static void
leave_out(struct sync *s, struct file *f, bool is_held)
{
	if (is_held)
		fail_file(s, f,
		    "has grown too large: its older version stays; "
		    "--file-size says what is");
	else
		tell(s, SKIPPED, "skipped", f->source, "is too large", NULL);
}

static int
fetch_files(struct sync *s)
{
	struct file *batch[BATCH_FILES], *f;
	int64_t bytes = 0, room;
	size_t i, n = 0;
	int code = 0;

	for (i = 0; i < s->count && code == 0 && !stop(); i++) {
		f = &s->file[i];
		room = f->bytes >= 0 ? f->bytes : UNKNOWN_BYTES;
		if (f->too_large) {
			leave_out(s, f, !f->missing);
			continue;
		}
		if (f->same && !f->missing)
			continue;
		if (s->fetched + room > s->size_max) {
			cli_warn("%" PRId64
				 " MiB are fetched: the rest is left to the "
				 "next run",
			    s->size_max >> 20);
			break;
		}
		if (n == BATCH_FILES || (n > 0 && bytes + room > BATCH_BYTES)) {
			progress_words(s->progress, "%zu of %zu files", i,
			    s->count);
			code = take_batch(s, batch, n);
			n = 0;
			bytes = 0;
		}
		batch[n++] = f;
		bytes += room;
		s->fetched += room;
	}
	if (code == 0 && n > 0 && !stop())
		code = take_batch(s, batch, n);
	return code;
}

/* Whether anything of the last run is not listed any more, or it is unknown. */
static bool
has_gone(struct sync *s, bool anew)
{
	const char *source;
	json_t *value;

	if (anew)
		return true;
	json_object_foreach(spool_known(s->spool), source, value)
		if (file_of(s, source) == NULL)
			return true;
	return false;
}

/* All that is listed in one run of kb-ingest, and that it is all. */
static int
remove_gone(struct sync *s)
{
	json_t *line;
	size_t i;

	feed_hold(s->feed, true);
	for (i = 0; i < s->count; i++) {
		line = json_object();
		json_put(line, "source", s->file[i].source);
		json_object_set_new(line, "still", json_true());
		feed_put(s->feed, line);
	}
	line = json_object();
	json_put(line, "prefix", s->prefix);
	json_object_set_new(line, "complete", json_true());
	feed_put(s->feed, line);
	s->quiet = true;
	return feed_drain(s->feed);
}

/* What is known of what is not there any more. */
static void
forget_gone(struct sync *s)
{
	json_t *known = spool_known(s->spool), *value;
	const char *source;
	void *next;

	json_object_foreach_safe(known, next, source, value)
		if (file_of(s, source) == NULL)
			json_object_del(known, source);
}

static void
list_only(struct sync *s)
{
	const char *source;
	json_t *value;

	for (size_t i = 0; i < s->count; i++) {
		struct file *f = &s->file[i];
		bool held =
		    json_object_get(spool_known(s->spool), f->source) != NULL;

		if (f->too_large)
			leave_out(s, f, held);
		else if (f->same)
			tell_unchanged(s, f, NULL);
		else
			tell(s, READY, held ? "changed" : "new", f->source,
			    NULL, NULL);
	}
	if (s->incomplete)
		return;
	json_object_foreach(spool_known(s->spool), source, value)
		if (file_of(s, source) == NULL)
			tell(s, REMOVED, "gone", source, NULL, NULL);
}

static int
run(struct sync *s)
{
	bool anew = json_object_size(spool_known(s->spool)) == 0;
	int code = remote_open(&s->ro, &s->remote);

	if (code == 0)
		code = list_files(s);
	if (code < 0)
		return code;
	if (dry_run) {
		list_only(s);
		return 0;
	}
	code = confirm(s);
	if (code == 0)
		code = fetch_files(s);
	if (code == 0 && stop())
		code = err_set(ERR_BUSY, "was interrupted");
	if (code == 0 && !s->incomplete && has_gone(s, anew)) {
		code = remove_gone(s);
		if (code == 0)
			forget_gone(s);
	}
	if (code == 0)
		spool_set_done(s->spool, now_ms());
	if (spool_save(s->spool) < 0 && code == 0)
		code = ERR_IO;
	return code;
}

/* --- settings --- */

static int
read_settings(const struct conf *conf, const char *section, struct sync *s)
{
	struct remote_options *o = &s->ro;
	bool me = false;
	int code;

	if ((code = setting_int(conf, section, "files", &s->files_max)) < 0 ||
	    (code = setting_int(conf, section, "size", &s->size_max)) < 0 ||
	    (code = setting_int(conf, section, "file_size", &s->file_max)) <
		0 ||
	    (code = setting_duration(conf, section, "timeout",
		 &o->timeout_ms)) < 0 ||
	    (code = setting_bool(conf, section, "shared_with_me", &me)) < 0)
		return code;
	s->files_max = files_max >= 0 ? files_max : s->files_max;
	s->size_max = (size_max >= 0 ? size_max : s->size_max) << 20;
	s->file_max = (file_size >= 0 ? file_size : s->file_max) << 20;
	o->timeout_ms = timeout_ms >= 0 ? timeout_ms : o->timeout_ms;
	o->shared_with_me = with_me || me;
	o->export =
	    export != NULL ? export : setting_text(conf, section, "export");
	o->shared_drive = shared != NULL ?
	    shared :
	    setting_text(conf, section, "shared_drive");
	o->bandwidth = bandwidth != NULL ?
	    bandwidth :
	    setting_text(conf, section, "bandwidth");
	o->config = config != NULL ? xstrdup(config) :
				     setting_path(conf, section, "config");
	if (collection == NULL)
		collection = setting_text(conf, section, "collection");
	return 0;
}

/* What stands before the path of a file in its source. */
static char *
prefix_of(const char *remote)
{
	return str_ends(remote, ":") || str_ends(remote, "/") ?
	    xstrdup(remote) :
	    xformat("%s/", remote);
}

static void
release(struct sync *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->file[i].path);
		free(s->file[i].source);
		free(s->file[i].print);
		free(s->file[i].url);
	}
	free(s->file);
	free(s->prefix);
	json_decref(s->by_source);
	free((char *)(uintptr_t)s->ro.config);
}

static void
print_summary(const struct sync *s)
{
	printf("%ld %s, %ld unchanged, %ld failed, %ld removed, %ld skipped, "
	       "%ld errors\n",
	    s->counts[READY], dry_run ? "to fetch" : "ready",
	    s->counts[UNCHANGED], s->counts[FAILED], s->counts[REMOVED],
	    s->counts[SKIPPED], s->errors);
}

int
main(int argc, char *argv[])
{
	static const char *const headers[] = { "STATE", "SOURCE", "REASON",
		NULL };
	struct sync s = { .code = 0 };
	struct conf *conf = NULL;
	char *section, *dir = NULL, *key, *version;
	int64_t every_ms = 0;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	if (cli.nargs + (name != NULL) != 1)
		cli_usage(&cli, "a REMOTE:PATH is wanted, or --name NAME");
	if (if_due && name == NULL)
		cli_usage(&cli, "--if-due goes with --name");
	cli_need(conf_open(&conf));
	/* No section can be named "-". */
	section = xformat("sync %s", name != NULL ? name : "-");
	cli_need(read_settings(conf, section, &s));
	s.ro.remote =
	    name != NULL ? setting_text(conf, section, "remote") : cli.args[0];
	if (s.ro.remote == NULL)
		cli_die(ERR_CONFIG, "[%s] has no remote", section);
	if (strchr(s.ro.remote, ':') == NULL || *s.ro.remote == '-')
		cli_usage(&cli,
		    "'%s' is no REMOTE:PATH; kb-ingest takes folders",
		    s.ro.remote);
	cli_need(setting_duration(conf, section, "every", &every_ms));
	s.prefix = prefix_of(s.ro.remote);
	s.by_source = json_object();
	s.ro.stop = stop;
	cli_need(store_find(store_flag, &dir));
	key = xformat("%s\n%s\n%s\n%d", s.ro.remote, collection,
	    s.ro.shared_drive != NULL ? s.ro.shared_drive : "",
	    s.ro.shared_with_me);
	version = xformat("1 %s %s", KB_EXTRACTOR_VERSION, s.ro.export);
	cli_need(spool_open(dir, "sync", key, &s.spool));
	cli_need(spool_load(s.spool, version));
	if (if_due &&
	    now_ms() - spool_done_ms(s.spool) < every_ms - every_ms / 20)
		exit(0);
	s.ro.store = dir;
	s.ro.spool = spool_dir(s.spool);
	if (!dry_run) {
		struct feed_options fo = { .store = dir,
			.collection = collection,
			.files = spool_files(s.spool) };

		code = feed_open(&fo, on_answer, &s, &s.feed);
		if (code < 0) /* kb-ingest has said why */
			exit(err_status(code));
	}
	stop_on_signals();
	s.progress = progress_new(STDERR_FILENO);
	if (!as_json)
		s.table = cli_table_new(headers, plain);
	code = run(&s);
	progress_free(s.progress);
	feed_close(s.feed);
	remote_close(s.remote);
	spool_empty(s.spool);
	spool_close(s.spool);
	if (s.table != NULL) {
		cli_table_end(s.table);
		if (!plain && (code == 0 || s.count > 0))
			print_summary(&s);
	}
	if (code == 0)
		code = s.code;
	code = code == 0 && (s.errors > 0 || s.counts[FAILED] > 0) ?
	    (s.incomplete && s.errors > 0 ? ERR_UNAVAILABLE : ERR_DATA) :
	    code;
	release(&s);
	conf_close(conf);
	free(section);
	free(dir);
	free(key);
	free(version);
	/* Each error of a file was named as it came. */
	if (code == ERR_DATA && s.errors + s.counts[FAILED] > 0)
		exit(fflush(stdout) == 0 ? err_status(ERR_DATA) :
					   err_status(ERR_IO));
	if (code == ERR_UNAVAILABLE && s.incomplete)
		exit(fflush(stdout) == 0 ? err_status(code) :
					   err_status(ERR_IO));
	cli_exit(code);
}
