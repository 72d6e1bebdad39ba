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
#include "kb/plain.h"

#define GROUP_MAX 4096
#define GROUP_BYTES (16 << 20)
#define LANGUAGES_MAX 32
#define SURE_PASSAGES 20 /* before a base is of one language */
#define SURE_SHARE 0.9
#define SAY_MS 50
#define SAY_BYTES (1 << 20)
#define LINE_IN_PROCESS_BYTES (1 << 20)
#define CACHE_KIB "49152" /* of pages: keys go to places far apart */
#define SLICE_DOCUMENTS 64
#define SLICE_BYTES (256 << 10)
#define READ_BYTES 65536
#define SITE_PAGES 2000 /* of earlier runs that tell what is on most */

const char *const ingest_state_names[] = { "ready", "unchanged", "failed",
	"removed", "missing" };

/* A document that waits for its group to be full. */
struct pending {
	struct kb_document doc;
	char *collection, *source, *name, *title, *language, *bytes, *extra,
	    *origin, *url, *description;
	size_t len;
	json_t *line;
	enum ingest_state state; /* all but READY are known at once */
	char *reason;
	struct kb_ready ready; /* of SAME, and of READY once it is built */
	struct kb_text text;   /* once it is extracted */
	bool is_extracted, is_member;
	bool is_same;	     /* as its fingerprint says */
	struct site *site;   /* whose lines it was counted with */
	struct slice *slice; /* where a worker has cut it; NULL: nobody has */
	bool is_cut;
	char *own_title; /* once it is cut */
	struct kb_passages passages;
};

/* Some documents of a group, for a worker to extract and to cut. */
struct slice {
	struct worker_job job;
	struct pending *pending[SLICE_DOCUMENTS];
	size_t count, bytes;
	size_t max_bytes; /* of the text of each */
	struct slice *next;
};

/* Pages of one host or folder: what most of them have is none's own. */
struct site {
	char *name;
	struct line_counts *counts;
	size_t pages;
	int64_t first, last; /* rows of site_page that were counted */
	size_t earlier_gone; /* of them: read again */
	int64_t few_last; /* rows up to that were cut beside too few to tell */
	struct site *next;
};

struct ingest {
	struct store *store;
	struct db *kb;
	struct analyser *analyser;
	struct kb_batch *batch;
	struct worker *worker;
	struct kb_teller *teller;
	struct slice *slice;  /* that is being filled */
	struct slice *slices; /* of the group at hand, given to the worker */
	struct kb_limits limits;
	struct extractor *extractor, *other;
	const struct pending *begun; /* that other reads meanwhile, or NULL */
	ingest_fn each;
	void *ctx;
	ingest_at_fn at;
	bool force;
	struct kb_patience patience;
	char *origin, *url, *description; /* of what is given now */
	int64_t modified_ms;
	struct kb_run run;
	int64_t said_ms; /* when one was last said to be read, mono_ms() */
	int lock_fd;
	struct pending group[GROUP_MAX];
	size_t count, bytes;
	size_t settled, settled_bytes; /* of them: see settle() */
	/* Built or failed, and not told: what is built is not found yet. */
	struct pending *waiting;
	size_t nwaiting, waiting_cap;
	struct site *sites;
	char **whole; /* beginnings of sources that --prune leaves alone */
	size_t nwhole;
	/* Passages of languages that are known, the commonest first. */
	struct {
		const char *tag;
		int64_t passages;
	} language[LANGUAGES_MAX];
	int64_t known;
	char (*seen)[SHORT_ID_BYTES]; /* ids given: a table, a power of two */
	size_t nseen, seen_slots;
	int code;
};

int
ingest_open(struct store *s, const struct kb_limits *limits, bool wait,
    ingest_fn each, void *ctx, struct ingest **ret)
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
		code = db_exec(in->kb, "PRAGMA cache_size = -" CACHE_KIB);
	/* SQLite makes a table of the list that a state has to be in whenever
	 * one is written; all that are written here are literals. */
	if (code == 0)
		code = db_exec(in->kb, "PRAGMA ignore_check_constraints = ON");
	if (code == 0)
		code = kb_ingest_begin(s, wait, &in->lock_fd);
	if (code == 0)
		code = kb_tell(s); /* what a crash kept from being told */
	if (code < 0) {
		if (in->lock_fd >= 0)
			close(in->lock_fd);
		free(in);
		return code;
	}
	in->analyser = analyser_new();
	in->batch = kb_batch_new(in->kb, in->analyser);
	in->worker = worker_new();
	kb_batch_worker(in->batch, in->worker);
	in->teller = kb_teller_new(s, in->worker);
	kb_batch_teller(in->batch, in->teller);
	ingest_extractor(in, EXTRACTOR_AUTO, false);
	in->patience = (struct kb_patience)KB_PATIENCE_DEFAULT;
	*ret = in;
	return 0;
}

/* A child has the locks that the worker held when it was made, and nobody in
 * there to give them back. */
static void
quiet(void *ctx)
{
	struct ingest *in = ctx;

	worker_drain(in->worker);
}

void
ingest_extractor(struct ingest *in, enum kb_extractor_how how, bool is_unsafe)
{
	char *path = store_run_path(in->store, "kb-extract.sock");

	extractor_free(in->extractor);
	extractor_free(in->other);
	in->extractor = extractor_new(how, path, is_unsafe);
	in->other = extractor_new(EXTRACTOR_CHILD, NULL, is_unsafe);
	extractor_alone(in->extractor, quiet, in);
	extractor_alone(in->other, quiet, in);
	free(path);
}

void
ingest_watch(struct ingest *in, ingest_at_fn at)
{
	in->at = at;
}

void
ingest_force(struct ingest *in)
{
	in->force = true;
}

void
ingest_patience(struct ingest *in, const struct kb_patience *patience)
{
	in->patience = *patience;
	kb_batch_patience(in->batch, patience);
}

void
ingest_facts(struct ingest *in, const struct ingest_facts *facts)
{
	free(in->origin);
	free(in->url);
	free(in->description);
	in->origin = xstrdup(facts->origin);
	in->url = xstrdup(facts->url);
	in->description = xstrdup(facts->description);
	in->modified_ms = facts->modified_ms;
}

bool
ingest_origin_valid(const char *origin)
{
	return *origin != '\0' && strlen(origin) <= 32 &&
	    origin[strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
	    '\0';
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
	free(p->origin);
	free(p->url);
	free(p->description);
	free(p->reason);
	kb_ready_release(&p->ready);
	free(p->doc.edited_title);
	json_decref(p->line);
	kb_text_release(&p->text);
	free(p->own_title);
	kb_passages_release(&p->passages);
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
		if (text->block[i].kind == BLOCK_HEADING &&
		    *text->block[i].text != '\0')
			heading = text->block[i].text;
	if (text->title != NULL &&
	    !(heading != NULL && str_starts(text->title, heading)))
		return xstrdup(text->title);
	if (heading != NULL && strlen(heading) <= 120)
		return xstrdup(heading);
	return title_of_name(p->source);
}

/* --- what the pages of a site have in common --- */

/* "https://host", or the first folder of a path, "" of a file without; the
 * caller frees. */
static char *
site_name(const struct pending *p)
{
	const char *s = strstr(p->source, "://");
	size_t skip = s != NULL ? (size_t)(s - p->source) + 3 : 0;

	if (skip == 0 && p->url != NULL &&
	    (s = strstr(p->url, "://")) != NULL) {
		skip = (size_t)(s - p->url) + 3;
		skip += strcspn(p->url + skip, "/");
		return xformat("%s\n%.*s", p->collection, (int)skip, p->url);
	}
	if (skip == 0 && strchr(p->source, '/') == NULL)
		return xformat("%s\n", p->collection);

	if (skip == 0 && *p->source == '/') {
		/* The folder it is in: /srv/help of /srv/help/a.html. */
		s = strrchr(p->source, '/');
		return xformat("%s\n%.*s", p->collection, (int)(s - p->source),
		    p->source);
	}
	skip += strcspn(p->source + skip, "/");
	return xformat("%s\n%.*s", p->collection, (int)skip, p->source);
}

/* Pages of s that an earlier run read have their say, the newest first. */
static int
count_earlier(struct ingest *in, struct site *s)
{
	struct query q = query(in->kb,
	    "SELECT p.id, p.lines FROM site_page p JOIN document d"
	    " ON d.id = p.document AND d.version > 0"
	    " WHERE p.site = :site ORDER BY p.id DESC LIMIT :max");
	uint64_t key;
	size_t len, i;

	bind_text(&q, ":site", s->name);
	bind_int(&q, ":max", SITE_PAGES);
	while (step(&q)) {
		const char *lines = column_blob(&q, 1, &len);

		s->first = column_int(&q, 0);
		if (s->pages == 0)
			s->last = s->first;
		for (i = 0; i + sizeof(key) <= len; i += sizeof(key)) {
			memcpy(&key, lines + i, sizeof(key));
			line_counts_add(s->counts, key, s->pages);
		}
		s->pages++;
	}
	if (s->pages < BOILERPLATE_PAGES)
		s->few_last = s->last;
	return done(&q);
}

/* What p was when an earlier run read it counts no more. */
static int
uncount_earlier(struct ingest *in, struct site *s, const struct pending *p)
{
	struct query q = query(in->kb,
	    "SELECT lines FROM site_page WHERE document = :document"
	    " AND site = :site AND id BETWEEN :first AND :last");
	uint64_t key;
	size_t len, i;

	bind_text(&q, ":document", p->doc.id);
	bind_text(&q, ":site", s->name);
	bind_int(&q, ":first", s->first);
	bind_int(&q, ":last", s->last);
	if (s->last > 0 && step(&q)) {
		const char *lines = column_blob(&q, 0, &len);

		for (i = 0; i + sizeof(key) <= len; i += sizeof(key)) {
			memcpy(&key, lines + i, sizeof(key));
			line_counts_take(s->counts, key);
		}
		s->earlier_gone++;
	}
	return done(&q);
}

static int
keep_page(struct ingest *in, const struct site *s, const struct pending *p,
    const struct line_keys *lines)
{
	struct query q = query(in->kb,
	    "INSERT OR REPLACE INTO site_page (document, site, lines)"
	    " VALUES (:document, :site, :lines)");

	bind_text(&q, ":document", p->doc.id);
	bind_text(&q, ":site", s->name);
	bind_blob(&q, ":lines", lines->key, lines->count * sizeof(*lines->key));
	step(&q);
	return done(&q);
}

/* In a transaction. */
static int
count_page(struct ingest *in, struct pending *p)
{
	char *name = site_name(p);
	struct line_keys lines;
	struct site *s;
	size_t i;
	int code = 0;

	for (s = in->sites; s != NULL && strcmp(s->name, name) != 0;)
		s = s->next;
	if (s == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->name = name;
		s->counts = line_counts_new();
		s->next = in->sites;
		in->sites = s;
		code = count_earlier(in, s);
	} else
		free(name);
	if (code == 0)
		code = uncount_earlier(in, s, p);
	if (code < 0)
		return code;
	boilerplate_keys(&p->text, &lines);
	for (i = 0; i < lines.count; i++)
		line_counts_add(s->counts, lines.key[i], s->pages);
	s->pages++;
	p->site = s;
	code = keep_page(in, s, p, &lines);
	free(lines.key);
	return code;
}

/* Whether a page whose lines these are has one that is common to the site. */
static bool
has_common(const struct site *s, const char *lines, size_t len)
{
	uint64_t key;
	size_t i;

	for (i = 0; i + sizeof(key) <= len; i += sizeof(key)) {
		memcpy(&key, lines + i, sizeof(key));
		if (line_counts_is_common_key(s->counts, key,
			s->pages - s->earlier_gone))
			return true;
	}
	return false;
}

/*
 * The first pages of a site were cut beside too few to tell what is none's own:
 * once it can be told, those that have such lines are to be read again.
 */
static int
reread_first(struct ingest *in, struct site *s)
{
	struct query q = query(in->kb,
	    "SELECT document, lines FROM site_page"
	    " WHERE site = :site AND id <= :last");
	char id[BOILERPLATE_PAGES][SHORT_ID_BYTES];
	const char *lines;
	size_t len, n = 0;
	int code;

	bind_text(&q, ":site", s->name);
	bind_int(&q, ":last", s->few_last);
	while (step(&q)) {
		lines = column_blob(&q, 1, &len);
		if (n < BOILERPLATE_PAGES && has_common(s, lines, len))
			snprintf(id[n++], SHORT_ID_BYTES, "%s",
			    column_text(&q, 0));
	}
	code = done(&q);
	while (code == 0 && n-- > 0)
		code = kb_reread(in->kb, id[n]);
	s->few_last = 0;
	return code;
}

/* In a transaction, behind pages of a group. */
static int
note_few(struct ingest *in)
{
	struct site *s;
	struct query q;
	int code = 0;

	for (s = in->sites; s != NULL && code == 0; s = s->next) {
		if (s->pages - s->earlier_gone >= BOILERPLATE_PAGES) {
			if (s->few_last > 0)
				code = reread_first(in, s);
			continue;
		}
		q = query(in->kb,
		    "SELECT max(id) FROM site_page WHERE site = :site");
		bind_text(&q, ":site", s->name);
		if (step(&q))
			s->few_last = column_int(&q, 0);
		code = done(&q);
	}
	return code;
}

/* Those of the group have been extracted, and none of them is cut. */
static int
count_pages(struct ingest *in)
{
	size_t i;
	int code = 0;

	for (i = 0; i < in->count && code == 0;) {
		code = db_begin(in->kb);
		for (; i < in->count && code == 0; i++) {
			struct pending *p = &in->group[i];

			if (p->slice == NULL && p->state == INGEST_READY &&
			    p->is_extracted && p->text.type == KB_TEXT_HTML)
				code = count_page(in, p);
			if (db_turn_over(in->kb)) {
				i++;
				break;
			}
		}
		if (code == 0 && i == in->count)
			code = note_few(in);
		if (code == 0)
			code = db_commit(in->kb);
		db_rollback(in->kb);
	}
	return code;
}

/*
 * A commit costs more than many a document: what is read within this time of
 * one that was said stays queued, unless it is large.
 */
static int
say_extracting(struct ingest *in, const struct pending *p)
{
	int64_t now = mono_ms();

	if (*p->doc.id == '\0' ||
	    (now - in->said_ms < SAY_MS && p->len < SAY_BYTES))
		return 0;
	in->said_ms = now;
	return kb_extracting(in->kb, &p->doc, &in->patience, now_ms());
}

/*
 * What a line brought is text, and if it is plain no parser of others' sees
 * it: a box for each of a hundred thousand would cost more than all the rest.
 */
static bool
is_plain_line(const struct pending *p)
{
	return p->line != NULL && p->len <= LINE_IN_PROCESS_BYTES &&
	    kb_is_plain(p->bytes, p->len, p->name);
}

/* HTML of a group is read before any of it is cut, to be compared. */
static bool
may_be_page(const struct pending *p)
{
	return memchr(p->bytes, '<', p->len < 4096 ? p->len : 4096) != NULL;
}

/* Of a group: what is in a slice is the worker's. */
static bool
waits_for_box(const struct pending *p)
{
	return p->slice == NULL && p->state == INGEST_READY &&
	    !p->is_extracted && p->bytes != NULL && p->len > 0 &&
	    !is_plain_line(p);
}

/* The next of the group behind p, if p is of it, is read beside p; pages come
 * first. A service is asked for one at a time, for it has others to serve. */
static void
read_ahead(struct ingest *in, const struct pending *p)
{
	const struct pending *end = in->group + in->count, *next;
	bool pages;

	if (p < in->group || p >= end || in->begun != NULL ||
	    !extractor_is_child(in->extractor))
		return;
	pages = may_be_page(p);
	for (next = p + 1; next < end; next++)
		if (waits_for_box(next) && may_be_page(next) == pages)
			break;
	if (next == end)
		return;
	extractor_begin(in->other, next->bytes, next->len, next->name,
	    &in->limits);
	in->begun = next;
}

static int
extract_in_box(struct ingest *in, struct pending *p)
{
	struct extractor *x;

	if (p == in->begun) {
		x = in->extractor;
		in->extractor = in->other;
		in->other = x;
		in->begun = NULL;
	}
	read_ahead(in, p);
	return extractor_read(in->extractor, p->bytes, p->len, p->name,
	    &in->limits, &p->text);
}

static int
extract(struct ingest *in, struct pending *p)
{
	int code = p->is_extracted ? 0 : say_extracting(in, p);

	if (code < 0)
		return code;
	if (!p->is_extracted && is_plain_line(p))
		code = kb_extract(p->bytes, p->len, p->name,
		    (size_t)in->limits.output_bytes, &p->text);
	else if (!p->is_extracted)
		code = extract_in_box(in, p);
	p->is_extracted = code == 0;
	if (code == 0 && p->is_member && p->text.type == KB_TEXT_ZIP)
		code = err_set(ERR_DATA,
		    "is an archive in an archive; unpack it first");
	return code;
}

/* --- one document --- */

/*
 * A passage too short to tell ("DNS, 53/udp") is read as nearly all others
 * are: unstemmed it would be found by its exact words only.
 */
static void
settle_language(struct ingest *in, struct kb_passages *passages)
{
	const char *tag, *most = NULL;
	size_t i, k;

	if (in->known >= SURE_PASSAGES &&
	    (double)in->language[0].passages >= SURE_SHARE * (double)in->known)
		most = in->language[0].tag;
	for (i = 0; i < passages->count; i++) {
		tag = passages->passage[i].language;
		if (strcmp(tag, "und") == 0) {
			if (strcmp(passages->language, "und") != 0)
				passages->passage[i].language =
				    passages->language;
			else if (most != NULL)
				passages->passage[i].language = most;
			continue;
		}
		for (k = 0; k < LANGUAGES_MAX; k++) {
			if (in->language[k].tag == NULL)
				in->language[k].tag = tag;
			if (strcmp(in->language[k].tag, tag) == 0)
				break;
		}
		if (k == LANGUAGES_MAX)
			continue;
		in->known++;
		in->language[k].passages++;
		for (; k > 0 &&
		     in->language[k].passages > in->language[k - 1].passages;
		     k--) {
			const char *t = in->language[k].tag;
			int64_t n = in->language[k].passages;

			in->language[k] = in->language[k - 1];
			in->language[k - 1].tag = t;
			in->language[k - 1].passages = n;
		}
	}
	if (most != NULL && strcmp(passages->language, "und") == 0)
		passages->language = most;
}

/* The text of p to passages; no store is needed for that. */
static void
cut(struct pending *p)
{
	struct kb_text *text = &p->text;
	size_t i;

	p->own_title = title_of(p, text);
	if (p->site != NULL)
		boilerplate_drop(p->site->counts, text,
		    p->site->pages - p->site->earlier_gone);
	free(text->title);
	text->title = xstrdup(p->own_title);
	kb_chunk(text, p->language, &p->passages);
	p->is_cut = true;
	/* Passages have it all: a large document is there once. */
	for (i = 0; i < text->count; i++)
		kb_block_release(&text->block[i]);
	free(text->block);
	text->block = NULL;
	text->count = 0;
	free(p->bytes);
	p->bytes = NULL;
	if (p->slice == NULL)
		return; /* no time is won by it */
	/* One whose language is not settled may become another. */
	for (i = 0; i < p->passages.count; i++)
		if (strcmp(p->passages.passage[i].language, "und") == 0)
			return;
	kb_passages_name(&p->passages, p->doc.id, p->own_title);
}

/* Build; ERR_DATA is the document's own failure. */
static int
work(struct ingest *in, struct pending *p)
{
	int code = 0;

	if (p->slice != NULL)
		worker_wait(in->worker, &p->slice->job);
	if (!p->is_cut)
		code = extract(in, p);
	if (code < 0)
		return code;
	if (!p->is_cut)
		cut(p);
	if (p->passages.count == 0)
		return err_set(ERR_DATA, "has headings but no text");
	if (p->language == NULL)
		settle_language(in, &p->passages);
	p->doc.title = p->own_title;
	p->doc.type = p->text.type;
	p->ready.passages = (int64_t)p->passages.count;
	p->ready.language = xstrdup(p->passages.language);
	p->doc.dropped = p->text.dropped;
	p->doc.ndropped = p->text.ndropped;
	code = kb_batch_add(in->batch, &p->doc, &p->passages, now_ms());
	p->doc.dropped = NULL;
	p->doc.ndropped = 0;
	return code;
}

/* --- ahead of it --- */

static void
cut_slice(struct worker_job *job)
{
	struct slice *s = (struct slice *)job;
	struct pending *p;
	size_t i;

	for (i = 0; i < s->count; i++) {
		p = s->pending[i];
		/* What fails, or is for a box, comes to extract(). */
		if (kb_read_plain(p->bytes, p->len, p->name, s->max_bytes,
			&p->text) != 1)
			continue;
		p->is_extracted = true;
		cut(p);
	}
}

static void
put_slice(struct ingest *in)
{
	struct slice *s = in->slice;

	if (s == NULL)
		return;
	in->slice = NULL;
	s->next = in->slices;
	in->slices = s;
	worker_put(in->worker, &s->job);
}

/* Text that came in a line and may be plain is cut while others are read and
 * rows are written. p stays where it is until then. */
static void
cut_ahead(struct ingest *in, struct pending *p)
{
	struct slice *s = in->slice;

	if (p->state != INGEST_READY || p->line == NULL || p->is_extracted ||
	    p->is_member || p->len > LINE_IN_PROCESS_BYTES || may_be_page(p))
		return;
	if (s == NULL) {
		s = in->slice = xcalloc(1, sizeof(*s));
		s->job.run = cut_slice;
		s->max_bytes = (size_t)in->limits.output_bytes;
	}
	p->slice = s;
	s->pending[s->count++] = p;
	s->bytes += p->len;
	if (s->count == SLICE_DOCUMENTS || s->bytes >= SLICE_BYTES)
		put_slice(in);
}

/* From the last one on, while the worker comes from the first. */
static void
help_cut(struct ingest *in)
{
	struct slice *s;

	for (s = in->slices; s != NULL; s = s->next)
		worker_help(in->worker, &s->job);
}

static bool see(struct ingest *in, const char *id);

/*
 * What the base has of those that came last: one snapshot for all of them, as
 * each costs some calls of the system. No time passes in it.
 */
static int
find_last(struct ingest *in)
{
	struct pending *p;
	size_t i;
	int code = db_read_begin(in->kb), found;

	for (i = in->settled; i < in->count && code == 0; i++) {
		p = &in->group[i];
		found = kb_document_find(in->kb, &p->doc, &p->ready);
		p->is_same =
		    found == 1 && p->state == INGEST_READY && !in->force;
		if (found == 1 && !p->is_same)
			kb_ready_release(&p->ready);
		if (found < 0)
			code = found;
	}
	db_read_end(in->kb);
	return code;
}

/* Of those that came last, which are new; they begin to be cut. */
static int
settle(struct ingest *in)
{
	int code = in->settled < in->count ? find_last(in) : 0;
	struct pending *p;

	while (in->settled < in->count && code == 0) {
		p = &in->group[in->settled++];
		/* Given again, it may wait to be found. */
		if (!see(in, p->doc.id))
			p->doc.held = KB_HELD_UNKNOWN;
		if (p->is_same) {
			code = kb_same(in->kb, &p->doc);
			p->state = INGEST_SAME;
			in->bytes -= p->bytes != NULL ? p->len : 0;
			free(p->bytes);
			p->bytes = NULL;
		}
		if (code == 0)
			cut_ahead(in, p);
	}
	in->settled_bytes = in->bytes;
	return code;
}

static void
end_slices(struct ingest *in)
{
	struct slice *s;

	put_slice(in);
	while ((s = in->slices) != NULL) {
		worker_wait(in->worker, &s->job);
		in->slices = s->next;
		free(s);
	}
}

/* --- a group --- */

static int
extract_pages(struct ingest *in)
{
	struct pending *p;
	bool pages = false;
	size_t i;
	int code;

	for (i = 0; i < in->count; i++) {
		p = &in->group[i];
		/* What is in a slice is none, and the worker's. */
		if (p->slice != NULL || p->state != INGEST_READY ||
		    p->len == 0 || p->bytes == NULL || !may_be_page(p))
			continue;
		code = extract(in, p);
		if (code == ERR_DATA) {
			p->state = INGEST_FAILED;
			p->reason = xstrdup(err_reason());
		} else if (code < 0)
			return code;
		pages |= p->text.type == KB_TEXT_HTML;
	}
	return pages ? count_pages(in) : 0;
}

static void
count(struct ingest *in, enum ingest_state state)
{
	if (state == INGEST_READY)
		in->run.ready++;
	else if (state == INGEST_SAME)
		in->run.same++;
	else if (state == INGEST_FAILED)
		in->run.failed++;
	else if (state == INGEST_REMOVED)
		in->run.removed++;
}

static void
report(struct ingest *in, const struct pending *p)
{
	struct ingest_result r = { .state = p->state,
		.source = p->source,
		.collection = p->collection,
		.document = *p->doc.id != '\0' ? p->doc.id : NULL,
		.title = p->ready.title,
		.language = p->ready.language,
		.type = p->ready.type,
		.reason = p->reason,
		.passages = p->ready.passages,
		.bytes = p->doc.bytes,
		.line = p->line };

	count(in, p->state);
	in->each(in->ctx, &r);
}

static int
process(struct ingest *in, struct pending *p)
{
	int code = 0;

	if (in->at != NULL)
		in->at(in->ctx, p->source, p->doc.bytes);
	if (p->state == INGEST_READY) {
		code = work(in, p);
		if (code == ERR_DATA) {
			p->state = INGEST_FAILED;
			p->reason = xstrdup(err_reason());
			code = 0;
		}
	}
	if (code == 0 && p->state == INGEST_FAILED)
		code = kb_fail(in->kb, &p->doc, p->reason, now_ms());
	if (code == 0 && p->state == INGEST_READY) {
		p->ready.title = xstrdup(p->own_title);
		p->ready.type = xstrdup(kb_type_names[p->text.type]);
	}
	/* Only its name is wanted from here on. */
	free(p->bytes);
	p->bytes = NULL;
	kb_text_release(&p->text);
	kb_passages_release(&p->passages);
	free(p->own_title);
	p->own_title = NULL;
	return code;
}

/* Those that were built are found from here on: tell what became of them. The
 * log is written while we say it. */
static int
report_built(struct ingest *in)
{
	int code = kb_teller_end(in->teller), told = 0;
	size_t i;

	if (code == 0)
		code = kb_batch_flush(in->batch, now_ms());
	if (code == 0 && in->nwaiting > 0)
		told = kb_teller_ends(in->teller);
	for (i = 0; i < in->nwaiting; i++) {
		if (code == 0)
			report(in, &in->waiting[i]);
		pending_release(&in->waiting[i]);
	}
	in->nwaiting = 0;
	return code < 0 ? code : told;
}

/* p, which is processed, is told of later, and empty here. */
static void
let_wait(struct ingest *in, struct pending *p)
{
	if (in->nwaiting == in->waiting_cap) {
		in->waiting_cap =
		    in->waiting_cap > 0 ? 2 * in->waiting_cap : 64;
		in->waiting = xrealloc(in->waiting,
		    in->waiting_cap * sizeof(*in->waiting));
	}
	in->waiting[in->nwaiting++] = *p;
	memset(p, 0, sizeof(*p));
}

static int
by_id(const void *a, const void *b)
{
	const struct kb_document *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

/* Build what is in the group; it may take others until it is found. */
static int
build_group(struct ingest *in)
{
	const struct kb_document *queue[GROUP_MAX];
	int64_t now = now_ms();
	size_t i, n = 0;
	int code = settle(in);

	put_slice(in);
	/* Now, while the worker has this group's text to cut. */
	if (code == 0 && kb_batch_due(in->batch))
		code = report_built(in);
	for (i = 0; i < in->count; i++)
		if (in->group[i].state == INGEST_READY ||
		    in->group[i].state == INGEST_FAILED)
			queue[n++] = &in->group[i].doc;
	if (code == 0 && in->run.began_ms == 0) {
		in->run.began_ms = now_ms();
		code = kb_run_put(in->kb, &in->run);
	}
	/* As their rows are in the file. */
	qsort(queue, n, sizeof(const struct kb_document *), by_id);
	if (n > 0 && code == 0)
		code = kb_queue(in->kb, queue, n, &in->patience, now);
	if (n > 0 && code == 0)
		code = kb_teller_queued(in->teller, queue, n, now);
	if (code == 0)
		code = extract_pages(in);
	if (code == 0)
		help_cut(in);
	for (i = 0; i < in->count && code == 0; i++) {
		code = process(in, &in->group[i]);
		if (code < 0)
			break;
		let_wait(in, &in->group[i]);
		if (i + 1 < in->count && kb_batch_due(in->batch))
			code = report_built(in);
	}
	end_slices(in);
	extractor_drop(in->other);
	in->begun = NULL;
	for (i = 0; i < in->count; i++)
		pending_release(&in->group[i]);
	in->count = in->bytes = in->settled = in->settled_bytes = 0;
	return code;
}

static int
first_code(struct ingest *in, int code)
{
	if (code < 0 && in->code == 0)
		in->code = code;
	return code;
}

int
ingest_flush(struct ingest *in)
{
	int code = build_group(in);

	if (code == 0)
		code = report_built(in);
	if (code == 0)
		code = kb_teller_end(in->teller);
	return first_code(in, code);
}

/* Where id is among those given, or may be put. */
static size_t
seen_at(const struct ingest *in, const char *id)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const char *p;
	size_t at;

	for (p = id; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	for (at = (h ^ h >> 32) & (in->seen_slots - 1);
	     in->seen[at][0] != '\0' && strcmp(in->seen[at], id) != 0;
	     at = (at + 1) & (in->seen_slots - 1))
		;
	return at;
}

/* Note that id was given; false: it was before. */
static bool
see(struct ingest *in, const char *id)
{
	char(*old)[SHORT_ID_BYTES] = in->seen;
	size_t slots = in->seen_slots, i, at;

	if (2 * (in->nseen + 1) > slots) {
		in->seen_slots = slots > 0 ? 2 * slots : 1024;
		in->seen = xcalloc(in->seen_slots, sizeof(*in->seen));
		for (i = 0; i < slots; i++)
			if (old[i][0] != '\0')
				memcpy(in->seen[seen_at(in, old[i])], old[i],
				    SHORT_ID_BYTES);
		free(old);
	}
	at = seen_at(in, id);
	if (in->seen[at][0] != '\0')
		return false;
	memcpy(in->seen[at], id, SHORT_ID_BYTES);
	in->nseen++;
	return true;
}

/* Take p over into the group. */
static int
take(struct ingest *in, struct pending *p)
{
	int code = 0;

	kb_document_init(&p->doc, p->collection, p->source, p->bytes, p->len,
	    p->title, p->language);
	p->origin = xstrdup(in->origin);
	p->url = xstrdup(in->url);
	p->description = xstrdup(in->description);
	p->doc.extra = p->extra;
	p->doc.origin = p->origin;
	p->doc.url = p->url;
	p->doc.description = p->description;
	p->doc.modified_ms = in->modified_ms;
	in->bytes += p->bytes != NULL ? p->len : 0;
	in->group[in->count++] = *p;
	if (in->count - in->settled == SLICE_DOCUMENTS ||
	    in->bytes - in->settled_bytes >= SLICE_BYTES)
		code = settle(in);
	if (code == 0 && (in->count == GROUP_MAX || in->bytes >= GROUP_BYTES))
		code = build_group(in);
	return first_code(in, code);
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

/* A letter of Outlook has a folder for each file that is attached. */
static bool
has_attached(const struct pending *p)
{
	static const char name[] = "_\0_\0a\0t\0t\0a\0c\0h\0_";

	return memcmp(p->bytes, "\320\317\021\340", 4) == 0 &&
	    memmem(p->bytes, p->len, name, sizeof(name) - 1) != NULL;
}

static bool
may_have_members(const struct pending *p)
{
	return p->bytes != NULL && p->len > 4 && !is_office(p) &&
	    (has_attached(p) || memcmp(p->bytes, "PK\3\4", 4) == 0 ||
		memcmp(p->bytes, "PK\5\6", 4) == 0 ||
		memmem(p->bytes, p->len < 65536 ? p->len : 65536, "multipart/",
		    10) != NULL);
}

/* All whose source begins with prefix, which is taken, is held to be there. */
static void
keep_whole(struct ingest *in, char *prefix)
{
	in->whole = xrealloc(in->whole, (in->nwhole + 1) * sizeof(*in->whole));
	in->whole[in->nwhole++] = prefix;
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
		keep_whole(in, xformat("%s!/", p->source));
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
	/* Whoever gave a line waits for what became of it. */
	if (code == 0 && p->line != NULL) {
		kb_document_init(&p->doc, p->collection, p->source, p->bytes,
		    p->len, p->title, p->language);
		p->ready.type = xstrdup(kb_type_names[p->text.type]);
		report(in, p);
	}
	pending_release(p);
	return code;
}

/* What the base has of p, read or failed: 1, p->ready is set; 0 or an ERR. */
static int
find_held(struct ingest *in, struct pending *p)
{
	struct query q = query(in->kb,
	    "SELECT title, language, type, passages FROM document"
	    " WHERE id = :id AND state <> 'queued'");
	int found = 0, code;

	bind_text(&q, ":id", p->doc.id);
	if (step(&q)) {
		found = 1;
		p->ready.title = column_copy(&q, 0);
		p->ready.language = column_copy(&q, 1);
		p->ready.type = column_copy(&q, 2);
		p->ready.passages = column_int(&q, 3);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* The same of files within it, whose sources begin with prefix. */
static int
find_members(struct ingest *in, const char *collection, const char *prefix)
{
	struct query q = query(in->kb,
	    "SELECT 1 FROM document WHERE coalesce(home, collection) = :collection"
	    " AND source > :prefix AND source < :prefix || char(1114111)"
	    " LIMIT 1");

	bind_text(&q, ":collection", collection);
	bind_text(&q, ":prefix", prefix);
	return any_row(&q);
}

static bool was_seen(const struct ingest *in, const char *id,
    const char *source);

/* Forget that what is known as id failed, if no version of it was ever read. */
static int
forget_failed(struct ingest *in, const char *id)
{
	struct query q = query(in->kb,
	    "SELECT 1 FROM document WHERE id = :id AND state = 'failed'"
	    " AND version = 0");
	int code;

	bind_text(&q, ":id", id);
	code = any_row(&q);
	return code > 0 ? kb_remove(in->store, id, now_ms()) : code;
}

static bool
is_nowhere(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/*
 * Where there is no file and the base has none by that name, a name is wrong: 1,
 * it was told of and p is released. Else 0 or an ERR.
 */
static int
take_nothing(struct ingest *in, struct pending *p)
{
	char *prefix = xformat("%s!/", p->source);
	int code;

	kb_document_init(&p->doc, p->collection, p->source, "", 0, NULL, NULL);
	code = forget_failed(in, p->doc.id);
	if (code == 0 && was_seen(in, p->doc.id, p->source))
		code = 1;
	if (code == 0)
		code = find_held(in, p);
	kb_ready_release(&p->ready);
	if (code == 0)
		code = find_members(in, p->collection, prefix);
	free(prefix);
	if (code != 0)
		return code < 0 ? code : 0;
	memset(&p->doc, 0, sizeof(p->doc));
	report(in, p);
	pending_release(p);
	return 1;
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
		code = is_nowhere(path) ? take_nothing(in, &p) : 0;
	}
	if (code == 0)
		return take_whole(in, &p);
	if (code < 0) {
		pending_release(&p);
		return in->code = code;
	}
	return 0;
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
	return take_whole(in, &p);
}

int
ingest_unread(struct ingest *in, const char *collection, const char *source,
    const char *reason, json_t *line)
{
	struct pending p = { .state = INGEST_FAILED, .line = line };

	if (in->code < 0) {
		json_decref(line);
		return in->code;
	}
	p.collection = xstrdup(collection);
	p.source = xstrdup(source);
	p.reason = xstrdup(reason);
	return take(in, &p);
}

static int
say_of(struct ingest *in, const char *collection, const char *source,
    json_t *line, bool gone)
{
	struct pending p = { .line = line };
	char *prefix = xformat("%s!/", source);
	int code = in->code, held = 0, members = 0, again = 0;

	p.collection = xstrdup(collection);
	p.source = xstrdup(source);
	kb_document_init(&p.doc, p.collection, p.source, "", 0, NULL, NULL);
	if (code == 0)
		code = settle(in);
	/* It may be in the group that is at work. */
	if (code == 0 && (gone || was_seen(in, p.doc.id, source)))
		code = ingest_flush(in);
	if (code == 0)
		code = kb_document_find(in->kb, &p.doc, &p.ready);
	kb_ready_release(&p.ready);
	if (code >= 0)
		code = held = find_held(in, &p);
	if (code >= 0)
		code = again = kb_is_reread(in->kb, p.doc.id);
	if (code >= 0)
		code = members = find_members(in, collection, prefix);
	if (code >= 0)
		p.state = held + members == 0 || (!gone && again) ?
		    INGEST_MISSING :
		    gone ? INGEST_REMOVED :
			   INGEST_SAME;
	if (code >= 0 && held && gone)
		code = kb_remove(in->store, p.doc.id, now_ms());
	if (code >= 0 && members && gone)
		code = ingest_prune(in, collection, prefix);
	if (code >= 0 && members && !gone) {
		keep_whole(in, prefix);
		prefix = NULL;
	}
	free(prefix);
	if (code < 0) {
		if (in->code == 0)
			in->code = code;
		pending_release(&p);
		return code;
	}
	return take(in, &p);
}

int
ingest_still(struct ingest *in, const char *collection, const char *source,
    json_t *line)
{
	return say_of(in, collection, source, line, false);
}

int
ingest_gone(struct ingest *in, const char *collection, const char *source,
    json_t *line)
{
	return say_of(in, collection, source, line, true);
}

static bool
was_seen(const struct ingest *in, const char *id, const char *source)
{
	size_t i;

	for (i = 0; i < in->nwhole; i++)
		if (str_starts(source, in->whole[i]))
			return true;

	return in->nseen > 0 && in->seen[seen_at(in, id)][0] != '\0';
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
	    "SELECT id, source FROM document"
	    " WHERE coalesce(home, collection) = :collection"
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
		if (code == 0 && i % DB_BATCH_ROWS == 0)
			code = kb_remove_some(in->store, ids + i,
			    n - i < DB_BATCH_ROWS ? n - i : DB_BATCH_ROWS,
			    now_ms());
		if (code == 0) {
			r.document = ids[i];
			r.source = sources[i];
			in->run.removed++;
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
ingest_folder(struct ingest *in, const char *collection, const char *source)
{
	struct kb_document d;
	int code = in->code;

	if (code < 0)
		return code;
	kb_document_init(&d, collection, source, "", 0, NULL, NULL);
	code = forget_failed(in, d.id);
	if (code < 0)
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
	if (in->code == 0 && in->run.began_ms > 0) {
		in->run.ended_ms = now_ms();
		in->code = kb_run_put(in->kb, &in->run);
	}
	code = in->code;
	end_slices(in);
	free(in->origin);
	free(in->url);
	free(in->description);
	for (i = 0; i < in->count; i++)
		pending_release(&in->group[i]);
	for (i = 0; i < in->nwaiting; i++)
		pending_release(&in->waiting[i]);
	free(in->waiting);
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
	extractor_free(in->other);
	kb_teller_free(in->teller);
	kb_batch_free(in->batch);
	worker_free(in->worker);
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
