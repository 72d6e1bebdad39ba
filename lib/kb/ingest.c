/* ingest - many documents, one after the other, into the base */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "kb/boilerplate.h"
#include "kb/extractor.h"
#include "kb/index.h"
#include "kb/ingest.h"

#define GROUP_MAX 32
#define GROUP_BYTES (16 << 20)
#define READ_BYTES 65536

const char *const ingest_state_names[] = { "ready", "unchanged", "failed",
	"removed" };

/* A document that waits for its group to be full. */
struct pending {
	struct kb_document doc;
	char *collection, *source, *name, *title, *language, *bytes, *extra;
	size_t len;
	json_t *line;
	enum ingest_state state; /* SAME and FAILED are known at once */
	char *reason;
	struct kb_ready ready; /* of SAME */
	struct kb_text text;   /* once it is extracted */
	bool is_extracted, is_member;
	struct site *site; /* whose lines it was counted with */
};

/* Pages of one host or folder: what most of them have is none's own. */
struct site {
	char *name;
	struct line_counts *counts;
	size_t pages;
	struct site *next;
};

struct ingest {
	struct store *store;
	struct db *kb;
	struct analyser *analyser;
	struct kb_limits limits;
	struct extractor *extractor;
	ingest_fn each;
	void *ctx;
	int lock_fd;
	struct pending group[GROUP_MAX];
	size_t count, bytes;
	struct site *sites;
	char **whole; /* beginnings of sources that --prune leaves alone */
	size_t nwhole;
	char **seen; /* ids given */
	size_t nseen;
	int code;
};

int
ingest_open(struct store *s, const struct kb_limits *limits, ingest_fn each,
    void *ctx, struct ingest **ret)
{
	struct ingest *in = xcalloc(1, sizeof(*in));
	int code;

	in->store = s;
	in->limits = *limits;
	in->each = each;
	in->ctx = ctx;
	in->lock_fd = -1;
	code = store_kb(s, &in->kb);
	if (code == 0)
		code = kb_ingest_begin(s, true, &in->lock_fd);
	if (code == 0)
		code = kb_tell(s); /* what a crash kept from being told */
	if (code < 0) {
		if (in->lock_fd >= 0)
			close(in->lock_fd);
		free(in);
		return code;
	}
	in->analyser = analyser_new();
	ingest_extractor(in, EXTRACTOR_AUTO, false);
	*ret = in;
	return 0;
}

void
ingest_extractor(struct ingest *in, enum kb_extractor_how how, bool is_unsafe)
{
	char *path = store_run_path(in->store, "kb-extract.sock");

	extractor_free(in->extractor);
	in->extractor = extractor_new(how, path, is_unsafe);
	free(path);
}

static void
pending_release(struct pending *p)
{
	free(p->collection);
	free(p->source);
	free(p->name);
	free(p->title);
	free(p->language);
	free(p->bytes);
	free(p->extra);
	free(p->reason);
	free(p->ready.title);
	free(p->ready.language);
	free(p->ready.type);
	json_decref(p->line);
	kb_text_release(&p->text);
	memset(p, 0, sizeof(*p));
}

/* --- one document --- */

/* A title from a file's name: "gift-cards.md" is "Gift cards". */
static char *
title_of_name(const char *source)
{
	const char *slash = strrchr(source, '/');
	char *title = xstrdup(slash != NULL && slash[1] ? slash + 1 : source);
	char *dot = strrchr(title, '.'), *p;

	if (dot != NULL && dot > title)
		*dot = '\0';
	for (p = title; *p != '\0'; p++)
		if (*p == '-' || *p == '_')
			*p = ' ';
	title[0] = (char)toupper((unsigned char)title[0]);
	return title;
}

/*
 * What the document is called: as it was given, or as it says itself, or its
 * first heading, or its file's name. A page's title often has the site's name
 * behind the heading; then the heading alone is the title.
 */
static char *
title_of(const struct pending *p, const struct kb_text *text)
{
	const char *heading = NULL;
	size_t i;

	if (p->title != NULL && *p->title != '\0')
		return xstrdup(p->title);
	for (i = 0; i < text->count && heading == NULL; i++)
		if (text->block[i].kind == BLOCK_HEADING)
			heading = text->block[i].text;
	if (text->title != NULL &&
	    !(heading != NULL && str_starts(text->title, heading)))
		return xstrdup(text->title);
	if (heading != NULL && strlen(heading) <= 120)
		return xstrdup(heading);
	return title_of_name(p->source);
}

/* --- what the pages of a site have in common --- */

/* "https://host", or the first folder of a path; the caller frees. */
static char *
site_name(const struct pending *p)
{
	const char *s = strstr(p->source, "://");
	size_t skip = s != NULL ? (size_t)(s - p->source) + 3 : 0;

	if (skip == 0 && *p->source == '/') {
		/* The folder it is in: /srv/help of /srv/help/a.html. */
		s = strrchr(p->source, '/');
		return xformat("%s\n%.*s", p->collection, (int)(s - p->source),
		    p->source);
	}
	skip += strcspn(p->source + skip, "/");
	return xformat("%s\n%.*s", p->collection, (int)skip, p->source);
}

static void
count_page(struct ingest *in, struct pending *p)
{
	char *name = site_name(p);
	struct site *s;

	for (s = in->sites; s != NULL && strcmp(s->name, name) != 0;)
		s = s->next;
	if (s == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->name = name;
		s->counts = line_counts_new(true);
		s->next = in->sites;
		in->sites = s;
	} else
		free(name);
	boilerplate_count(s->counts, &p->text, s->pages++);
	p->site = s;
}

static int
extract(struct ingest *in, struct pending *p)
{
	int code = 0;

	if (!p->is_extracted)
		code = extractor_read(in->extractor, p->bytes, p->len, p->name,
		    &in->limits, &p->text);
	p->is_extracted = code == 0;
	if (code == 0 && p->is_member && p->text.type == KB_TEXT_ZIP)
		code = err_set(ERR_DATA,
		    "is an archive in an archive; unpack it first");
	return code;
}

/* HTML of a group is read before any of it is cut, to be compared. */
static int
extract_pages(struct ingest *in)
{
	struct pending *p;
	size_t i;
	int code;

	for (i = 0; i < in->count; i++) {
		p = &in->group[i];
		if (p->state != INGEST_READY || p->len == 0 ||
		    p->bytes == NULL ||
		    memchr(p->bytes, '<', p->len < 4096 ? p->len : 4096) ==
			NULL)
			continue;
		code = extract(in, p);
		if (code == ERR_DATA) {
			p->state = INGEST_FAILED;
			p->reason = xstrdup(err_reason());
		} else if (code < 0)
			return code;
		else if (p->text.type == KB_TEXT_HTML)
			count_page(in, p);
	}
	return 0;
}

/* --- one document --- */

/* Cut and put in place; ERR_DATA is the document's own failure. */
static int
work(struct ingest *in, struct pending *p, struct kb_passages *passages,
    char **title)
{
	struct kb_text *text = &p->text;
	int code = extract(in, p);

	if (code < 0)
		return code;
	*title = title_of(p, text);
	if (p->site != NULL)
		boilerplate_drop(p->site->counts, text, p->site->pages);
	free(text->title);
	text->title = xstrdup(*title);
	kb_chunk(text, p->language, passages);
	if (passages->count == 0)
		return err_set(ERR_DATA, "has headings but no text");
	p->doc.title = *title;
	p->doc.type = text->type;
	return kb_replace(in->kb, in->analyser, &p->doc, passages, now_ms());
}

static void
report(struct ingest *in, const struct pending *p, const char *title,
    const char *language, const char *type, int64_t passages)
{
	struct ingest_result r = { .state = p->state,
		.source = p->source,
		.collection = p->collection,
		.document = p->doc.id,
		.title = title,
		.language = language,
		.type = type,
		.reason = p->reason,
		.passages = passages,
		.bytes = p->doc.bytes,
		.line = p->line };

	in->each(in->ctx, &r);
}

static int
process(struct ingest *in, struct pending *p)
{
	struct kb_passages passages = { .count = 0 };
	char *title = NULL;
	int code = 0;

	if (p->state == INGEST_READY) {
		code = work(in, p, &passages, &title);
		if (code == ERR_DATA) {
			p->state = INGEST_FAILED;
			p->reason = xstrdup(err_reason());
			code = 0;
		}
	}
	if (code == 0 && p->state == INGEST_FAILED)
		code = kb_fail(in->kb, &p->doc, p->reason, now_ms());
	if (code == 0 && p->state == INGEST_READY)
		report(in, p, title, passages.language,
		    kb_type_names[p->text.type], (int64_t)passages.count);
	else if (code == 0)
		report(in, p, p->ready.title, p->ready.language, p->ready.type,
		    p->ready.passages);
	kb_passages_release(&passages);
	free(title);
	return code;
}

int
ingest_flush(struct ingest *in)
{
	const struct kb_document *queue[GROUP_MAX];
	size_t i, n = 0;
	int code = 0;

	for (i = 0; i < in->count; i++)
		if (in->group[i].state != INGEST_SAME)
			queue[n++] = &in->group[i].doc;
	if (n > 0) {
		code = kb_queue(in->kb, queue, n, now_ms());
		if (code == 0)
			code = kb_tell(in->store);
	}
	if (code == 0)
		code = extract_pages(in);
	for (i = 0; i < in->count; i++) {
		if (code == 0)
			code = process(in, &in->group[i]);
		pending_release(&in->group[i]);
	}
	in->count = in->bytes = 0;
	if (code == 0 && n > 0)
		code = kb_tell(in->store);
	if (code < 0 && in->code == 0)
		in->code = code;
	return code;
}

/* Take p over into the group; its fingerprint says whether it is new. */
static int
take(struct ingest *in, struct pending *p)
{
	int code;

	kb_document_init(&p->doc, p->collection, p->source, p->bytes, p->len,
	    p->title, p->language);
	p->doc.extra = p->extra;
	in->seen = xrealloc(in->seen, (in->nseen + 1) * sizeof(*in->seen));
	in->seen[in->nseen++] = xstrdup(p->doc.id);
	if (p->state == INGEST_READY) {
		code = kb_is_ready(in->kb, &p->doc, &p->ready);
		if (code < 0) {
			pending_release(p);
			return code;
		}
		if (code == 1) {
			p->state = INGEST_SAME;
			free(p->bytes);
			p->bytes = NULL;
		}
	}
	in->bytes += p->bytes != NULL ? p->len : 0;
	in->group[in->count++] = *p;
	in->group[in->count - 1].doc.collection =
	    in->group[in->count - 1].collection;
	if (in->count == GROUP_MAX || in->bytes >= GROUP_BYTES)
		return ingest_flush(in);
	return 0;
}

/*
 * The bytes of the file at path. What it is, is asked of what was opened, and
 * opening does not wait: a pipe may have taken the file's place.
 */
static int
read_document(const char *path, int64_t max, char **ret, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct buf b = BUF_INIT(0);
	int code = 0;
	ssize_t n = 1;
	struct stat st;

	if (fd < 0)
		return errno == ENXIO ? /* a socket, or a pipe to write to */
		    err_set(ERR_DATA, "is not a file") :
		    err_errno(errno == EACCES ? ERR_DENIED : ERR_NOINPUT, "%s",
			path);
	if (fstat(fd, &st) < 0)
		code = err_errno(ERR_IO, "%s", path);
	else if (!S_ISREG(st.st_mode))
		code = err_set(ERR_DATA, "is not a file");
	else if (st.st_size > max)
		code = err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)max >> 20);
	while (code == 0 && n != 0) {
		n = read(fd, buf_room(&b, READ_BYTES), READ_BYTES);
		if (n < 0 && errno != EINTR)
			code = err_errno(ERR_IO, "%s", path);
		if (n > 0)
			b.data[b.len += (size_t)n] = '\0';
		if ((int64_t)b.len > max)
			code = err_set(ERR_DATA, "is larger than %lld MiB",
			    (long long)max >> 20);
	}
	close(fd);
	if (code < 0) {
		buf_release(&b);
		return code;
	}
	*ret_len = b.len;
	*ret = buf_detach(&b);
	return 0;
}

/* A file within p, as a document of its own. */
static int
take_member(struct ingest *in, const struct pending *p, struct kb_member *m)
{
	struct pending own = { .state = INGEST_READY, .is_member = true };

	own.collection = xstrdup(p->collection);
	own.source = xformat("%s!/%s", p->source, m->name);
	own.name = xstrdup(own.source);
	own.language = xstrdup(p->language);
	own.bytes = m->bytes;
	own.len = m->len;
	m->bytes = NULL;
	return take(in, &own);
}

/* Office documents are archives, too; most say so in their first member. */
static bool
is_office(const struct pending *p)
{
	static const char *const firsts[] = { "[Content_Types].xml", "mimetype",
		"_rels/", "docProps/", "word/", "ppt/", "xl/", NULL };
	size_t i, n;

	for (i = 0; firsts[i] != NULL; i++) {
		n = strlen(firsts[i]);
		if (p->len > 30 + n && memcmp(p->bytes + 30, firsts[i], n) == 0)
			return true;
	}
	return false;
}

static bool
may_have_members(const struct pending *p)
{
	return p->bytes != NULL && p->len > 4 && !is_office(p) &&
	    (memcmp(p->bytes, "PK\3\4", 4) == 0 ||
		memcmp(p->bytes, "PK\5\6", 4) == 0 ||
		memmem(p->bytes, p->len < 65536 ? p->len : 65536, "multipart/",
		    10) != NULL);
}

/*
 * Take a file, and those within it. An archive is no document itself, unless
 * it cannot be read; then what is in the base of it stays.
 */
static int
take_whole(struct ingest *in, struct pending *p)
{
	bool is_archive;
	char *prefix;
	size_t i;
	int code;

	if (p->state != INGEST_READY || !may_have_members(p))
		return take(in, p);
	code = extract(in, p);
	if (code == ERR_DATA) {
		p->state = INGEST_FAILED;
		p->reason = xstrdup(err_reason());
		in->whole =
		    xrealloc(in->whole, (in->nwhole + 1) * sizeof(*in->whole));
		in->whole[in->nwhole++] = xformat("%s!/", p->source);
		return take(in, p);
	}
	if (code < 0) {
		pending_release(p);
		return in->code = code;
	}
	if (p->text.members == 0)
		return take(in, p);
	is_archive = p->text.type == KB_TEXT_ZIP;
	for (i = 0; code == 0 && i < p->text.members; i++)
		code = take_member(in, p, &p->text.member[i]);
	/* What it no longer has goes. */
	prefix = xformat("%s!/", p->source);
	if (code == 0)
		code = ingest_prune(in, p->collection, prefix);
	free(prefix);
	if (code == 0 && !is_archive)
		return take(in, p);
	pending_release(p);
	return code;
}

int
ingest_file(struct ingest *in, const char *collection, const char *language,
    const char *path, const char *source)
{
	struct pending p = { .state = INGEST_READY };
	int code;

	if (in->code < 0)
		return in->code;
	p.collection = xstrdup(collection);
	p.source = xstrdup(source);
	p.name = xstrdup(path);
	p.language = xstrdup(language);
	code = read_document(path, in->limits.input_bytes, &p.bytes, &p.len);
	if (code < 0) {
		p.state = INGEST_FAILED;
		/* The result names the file already. */
		p.reason = xstrdup(str_starts(err_reason(), path) &&
			    str_starts(err_reason() + strlen(path), ": ") ?
			err_reason() + strlen(path) + 2 :
			err_reason());
	}
	return take_whole(in, &p);
}

int
ingest_text(struct ingest *in, const char *collection, const char *language,
    const char *source, const char *title, const char *text, size_t len,
    json_t *line)
{
	struct pending p = { .state = INGEST_READY, .line = line, .len = len };

	if (in->code < 0) {
		json_decref(line);
		return in->code;
	}
	p.collection = xstrdup(collection);
	p.source = xstrdup(source);
	p.name = xstrdup(source);
	p.language = xstrdup(language);
	p.title = xstrdup(title);
	p.bytes = xstrndup(text, len);
	if (line != NULL && json_object_size(line) > 0)
		p.extra = json_text(line);
	return take(in, &p);
}

static bool
was_seen(const struct ingest *in, const char *id, const char *source)
{
	size_t i;

	for (i = 0; i < in->nwhole; i++)
		if (str_starts(source, in->whole[i]))
			return true;

	for (i = 0; i < in->nseen; i++)
		if (strcmp(in->seen[i], id) == 0)
			return true;
	return false;
}

int
ingest_prune(struct ingest *in, const char *collection, const char *prefix)
{
	struct ingest_result r = { .state = INGEST_REMOVED,
		.collection = collection };
	char **ids = NULL, **sources = NULL;
	size_t n = 0, i;
	struct query q;
	int code = ingest_flush(in);

	if (code < 0)
		return code;
	q = query(in->kb,
	    "SELECT id, source FROM document WHERE collection = :collection"
	    " AND substr(source, 1, length(:prefix)) = :prefix");
	bind_text(&q, ":collection", collection);
	bind_text(&q, ":prefix", prefix);
	while (step(&q)) {
		if (was_seen(in, column_text(&q, 0), column_text(&q, 1)))
			continue;
		ids = xrealloc(ids, (n + 1) * sizeof(*ids));
		sources = xrealloc(sources, (n + 1) * sizeof(*sources));
		ids[n] = column_copy(&q, 0);
		sources[n++] = column_copy(&q, 1);
	}
	code = done(&q);
	for (i = 0; i < n; i++) {
		if (code == 0)
			code = kb_remove(in->store, ids[i], now_ms());
		if (code == 0) {
			r.document = ids[i];
			r.source = sources[i];
			in->each(in->ctx, &r);
		}
		free(ids[i]);
		free(sources[i]);
	}
	free(ids);
	free(sources);
	if (code < 0 && in->code == 0)
		in->code = code;
	return code;
}

int
ingest_close(struct ingest *in)
{
	size_t i;
	int code;

	if (in == NULL)
		return 0;
	if (in->code == 0)
		ingest_flush(in);
	code = in->code;
	for (i = 0; i < in->count; i++)
		pending_release(&in->group[i]);
	for (i = 0; i < in->nseen; i++)
		free(in->seen[i]);
	free(in->seen);
	for (i = 0; i < in->nwhole; i++)
		free(in->whole[i]);
	free(in->whole);
	while (in->sites != NULL) {
		struct site *next = in->sites->next;

		line_counts_free(in->sites->counts);
		free(in->sites->name);
		free(in->sites);
		in->sites = next;
	}
	extractor_free(in->extractor);
	analyser_free(in->analyser);
	/* Whoever opens a file while nobody else has reads its log from the
	 * beginning: it should be short. A reader in the way does no harm. */
	if (code == 0 && db_wal_bytes(in->kb) > 0 && db_checkpoint(in->kb) == 0)
		db_checkpoint(store_desk(in->store));
	if (in->lock_fd >= 0)
		close(in->lock_fd);
	free(in);
	return code;
}
