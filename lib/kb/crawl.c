/*
 * crawl - the pages of one site, for the base
 *
 * A node is an address in its one spelling. It is queued once, asked for, and
 * comes to its end: fed (then what kb-ingest says), absent (no page of its
 * own), or an error. Holds: every node is in the queue or the later list,
 * flying, fed, or ended.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "kb/block.h"
#include "kb/crawl.h"
#include "kb/extract.h"
#include "kb/page.h"
#include "kb/robots.h"
#include "kb/sitemap.h"
#include "kb/type.h"
#include "net/http.h"
#include "net/url.h"

#define FLIGHT_MAX 2
#define TRIES_MAX 3
#define REBASES_MAX 5
#define HOPS_MAX 10
#define DOWN_AFTER 8 /* errors after one another */
#define SITEMAPS_MAX 500
#define SITEMAPS_DEEP 3 /* an index of indexes of sitemaps, and no further */
#define SEGMENTS_MAX 25
#define SEGMENT_REPEATS_MAX 3
#define DELAY_MAX_MS 60000 /* of a Crawl-delay */
#define FEED_AFTER_MS 5000
#define SAVE_EVERY_MS 30000
#define NODES_PER_PAGE 20
#define SNIFF_BYTES 1024 /* of a document, which tell what it is */
#define SNIFF_ARCHIVE_BYTES 65536
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FROM_MAX 4
#define LEADS_ON_BYTES 200 /* "If nothing happens, click here." */
#define AWAY_MAX 10 /* crawls, after which a page that was gone is forgotten */

enum place { QUEUED, FLYING, FED, ENDED };

struct node {
	char *url;
	int64_t depth;
	enum place place;
	bool held;   /* in the base, as far as is known */
	bool good;   /* ended, and in the base */
	bool absent; /* ended, and no page of its own */
	bool fresh;  /* ask without conditions */
	bool alone;  /* do not obey its canonical link */
	bool still;  /* it is as it was */
	bool found;  /* a page that was read leads to it, or a sitemap has it */
	bool is_told; /* the error was */
	bool failed;  /* ended, by an error, and never had */
	int status, tries, hops;
	int64_t away;	  /* crawls that it was gone in: it may come back */
	size_t canonical; /* node it says to be; 0: itself */
	int64_t due_ms;
	size_t from[FROM_MAX];	   /* pages read that lead to it, as a ring, */
	size_t nfrom;		   /* how many there were */
	size_t was_from[FROM_MAX]; /* and those that did before */
	char *reason, *etag, *modified, *hash;
};

struct crawl {
	struct crawl_options o;
	struct crawl_hooks hooks;
	void *ctx;
	struct http *http;
	struct feed *feed;
	struct spool *spool;
	struct robots *robots;
	char *token; /* of the agent */
	char *start, *origin, *prefix;
	char *rebase;	    /* where the site is after all */
	char *kept_prefix;  /* which goes on to hold there; NULL: its own */
	struct node **node; /* from 1 */
	size_t count, cap;
	size_t *slot; /* hash table of nodes by address; 0: free */
	size_t nslots;
	size_t *queue, head, tail, queue_cap;
	size_t *later, nlater;
	json_t *variants; /* path: how many queries */
	json_t *hashes;	  /* of contents: node */
	struct listed {
		char *url;
		int depth; /* 1: robots.txt has it, or it is always there */
	} * sitemap;
	size_t nsitemaps, sitemap_at;
	json_t *sitemaps_seen;
	struct sitemap_room room; /* of all of them */
	int flying, down;
	int64_t next_ms, delay_ms, saved_ms;
	int64_t asked, bytes, errors;
	int64_t dropped; /* addresses that had too many variants */
	bool limited;	 /* of pages or bytes there are no more */
	bool full;	 /* of addresses */
	bool left_off;	 /* a sitemap, which was told */
	bool stopped;
	long yielded;			   /* nodes that left the field */
	struct fetch *out[FLIGHT_MAX + 1]; /* on their way */
	int code;
};

/* A request on its way. */
struct fetch {
	struct crawl *c;
	size_t node; /* 0: a sitemap, or waited for */
	struct buf body;
	char *type, *charset, *etag, *modified, *location, *tags;
	const char *base; /* of a sitemap */
	int depth;	  /* of it */
	bool unwanted, cut;
	bool *over; /* waited for */
	struct http_result *result;
	int64_t max;
	bool truncate;
	bool told;	   /* what it is; it may be unwanted then */
	char file_end[12]; /* of the name to save it by, ".pdf" */
};

/* --- types --- */

static const struct {
	const char *name, *mime, *extension;
} types[] = {
	{ "html", "text/html", ".html .htm .xhtml" },
	{ "html", "application/xhtml+xml", "" },
	{ "text", "text/plain", ".txt .text .asc" },
	{ "markdown", "text/markdown", ".md .markdown" },
	{ "pdf", "application/pdf", ".pdf" },
	{ "docx",
	    "application/"
	    "vnd.openxmlformats-officedocument.wordprocessingml.document",
	    ".docx" },
	{ "pptx",
	    "application/"
	    "vnd.openxmlformats-officedocument.presentationml.presentation",
	    ".pptx" },
	{ "xlsx",
	    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	    ".xlsx" },
	{ "odt", "application/vnd.oasis.opendocument.text", ".odt" },
	{ "odp", "application/vnd.oasis.opendocument.presentation", ".odp" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet", ".ods" },
	{ "epub", "application/epub+zip", ".epub" },
	{ "rtf", "application/rtf", ".rtf" },
	{ "rtf", "text/rtf", "" },
	{ "csv", "text/csv", ".csv" },
};
#define NTYPES (sizeof(types) / sizeof(types[0]))

const char *const crawl_type_names[] = { "html", "text", "markdown", "pdf",
	"docx", "pptx", "xlsx", "odt", "odp", "ods", "epub", "rtf", "csv",
	NULL };

static bool
in_list(const char *list, const char *name)
{
	size_t n;

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == strlen(name) && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

/* The ending of the path of an address, ".pdf"; "" if none. */
static void
ending(const char *url, char ret[12])
{
	const char *path = url_path(url);
	int len = url_path_length(url), i = len;

	ret[0] = '\0';
	while (
	    i > 0 && len - i < 10 && path[i - 1] != '/' && path[i - 1] != '.')
		i--;
	if (i == 0 || path[i - 1] != '.')
		return;
	for (int k = 0; k <= len - i; k++)
		ret[k] = (char)tolower((unsigned char)path[i - 1 + k]);
	ret[len - i + 1] = '\0';
}

static bool
has_ending(const char *list, const char *end)
{
	const char *at = strstr(list, end);
	size_t n = strlen(end);

	return n > 0 && at != NULL && (at[n] == ' ' || at[n] == '\0');
}

/* What nobody takes for a document: not even asked for. */
static bool
is_asset(const char *url)
{
	static const char *const endings =
	    ".png .jpg .jpeg .gif .svg .webp .avif .ico .bmp .tif .tiff .css "
	    ".js .mjs .json .map .woff .woff2 .ttf .eot .mp3 .mp4 .m4a .webm "
	    ".ogg .wav .avi .mov .zip .gz .tgz .bz2 .xz .7z .rar .exe .dmg "
	    ".iso .deb .rpm .apk .jar .bin .rss .atom .ics";
	char end[12];

	ending(url, end);
	return has_ending(endings, end);
}

/* Where a document is an archive its members' names tell; all of them stand at
 * its end. NULL: it is none, or none that is known yet. */
static const char *
sniff_archive(const char *bytes, size_t len)
{
	static const struct {
		const char *name, *part;
	} parts[] = { { "docx", "word/document" },
		{ "pptx", "ppt/presentation" }, { "xlsx", "xl/workbook" } };
	size_t i, n;

	for (i = 0; i < NTYPES; i++) {
		n = strlen(types[i].mime);
		if (len > 38 + n && memcmp(bytes + 30, "mimetype", 8) == 0 &&
		    memcmp(bytes + 38, types[i].mime, n) == 0)
			return types[i].name;
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (memmem(bytes, len, parts[i].part, strlen(parts[i].part)) !=
		    NULL)
			return parts[i].name;
	return NULL;
}

static bool
is_archive(const struct buf *b)
{
	return b->len >= 4 && memcmp(b->data, "PK\3\4", 4) == 0;
}

/* The name of a type by what came of the document; NULL: it does not say. */
static const char *
sniff(const struct buf *b)
{
	const char *bytes = b->data;
	size_t len = b->len;

	if (len == 0)
		return NULL;
	if (memmem(bytes, len < SNIFF_BYTES ? len : SNIFF_BYTES, "%PDF-", 5) !=
	    NULL)
		return "pdf";
	if (is_archive(b))
		return sniff_archive(bytes, len);
	return len > 5 && memcmp(bytes, "{\\rtf", 5) == 0 ? "rtf" : NULL;
}

static bool
is_html(const struct buf *b)
{
	const char *p = b->data;

	if (b->len == 0) /* then there is no text at all */
		return false;
	p += str_starts(p, "\357\273\277") ? 3 : 0;
	p += strspn(p, " \t\r\n");
	return strncasecmp(p, "<!doctype html", 14) == 0 ||
	    strncasecmp(p, "<html", 5) == 0;
}

/*
 * The name of a document's type: by its bytes where these say it, for servers
 * send many a thing as text/html or as bytes of no type; else by header and
 * name. NULL: none of ours.
 */
static const char *
type_of(const struct fetch *f, const char *url)
{
	const char *mime = f->type, *sniffed = sniff(&f->body);
	char end[12];
	size_t i;

	if (sniffed != NULL)
		return sniffed;
	ending(url, end);
	if (mime != NULL && *mime != '\0' &&
	    strcasecmp(mime, "application/octet-stream") != 0 &&
	    strcasecmp(mime, "text/plain") != 0) {
		for (i = 0; i < NTYPES; i++)
			if (strcasecmp(mime, types[i].mime) == 0)
				return types[i].name;
		return NULL;
	}
	for (i = 0; i < NTYPES; i++)
		if (has_ending(types[i].extension, end) ||
		    has_ending(types[i].extension, f->file_end))
			return types[i].name;
	if (mime == NULL || *mime == '\0' || is_html(&f->body))
		return "html";
	return strcasecmp(mime, "text/plain") == 0 ? "text" : NULL;
}

/* --- nodes --- */

static size_t
hash_of(const char *s)
{
	uint64_t h = 1469598103934665603u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (size_t)h;
}

static size_t *
slot_of(struct crawl *c, const char *url)
{
	size_t i = hash_of(url) & (c->nslots - 1);

	while (c->slot[i] != 0 && strcmp(c->node[c->slot[i]]->url, url) != 0)
		i = (i + 1) & (c->nslots - 1);
	return &c->slot[i];
}

static void
grow(struct crawl *c)
{
	size_t i;

	free(c->slot);
	c->nslots = c->nslots == 0 ? 1024 : c->nslots * 2;
	c->slot = xcalloc(c->nslots, sizeof(*c->slot));
	for (i = 1; i <= c->count; i++)
		*slot_of(c, c->node[i]->url) = i;
}

static void
enqueue(struct crawl *c, size_t i)
{
	if (c->tail == c->queue_cap) {
		c->queue_cap = c->queue_cap == 0 ? 1024 : c->queue_cap * 2;
		c->queue = xrealloc(c->queue, c->queue_cap * sizeof(*c->queue));
	}
	c->queue[c->tail++] = i;
	c->node[i]->place = QUEUED;
}

static void
enqueue_later(struct crawl *c, size_t i, int64_t due_ms)
{
	c->later = xrealloc(c->later, (c->nlater + 1) * sizeof(*c->later));
	c->later[c->nlater++] = i;
	c->node[i]->due_ms = due_ms;
	c->node[i]->place = QUEUED;
}

static size_t
find_node(struct crawl *c, const char *url)
{
	return c->nslots == 0 ? 0 : *slot_of(c, url);
}

static size_t
add_node(struct crawl *c, const char *url, int64_t depth)
{
	struct node *n;

	if ((c->count + 1) * 2 > c->nslots)
		grow(c);
	if (c->count + 2 > c->cap) {
		c->cap = c->cap == 0 ? 1024 : c->cap * 2;
		c->node = xrealloc(c->node, c->cap * sizeof(*c->node));
	}
	n = xcalloc(1, sizeof(*n));
	n->url = xstrdup(url);
	n->depth = depth;
	c->node[++c->count] = n;
	*slot_of(c, url) = c->count;
	return c->count;
}

static void
set_reason(struct node *n, char *reason)
{
	free(n->reason);
	n->reason = reason;
}

static void
nodes_free(struct crawl *c)
{
	for (size_t i = 1; i <= c->count; i++) {
		struct node *n = c->node[i];

		free(n->url);
		free(n->reason);
		free(n->etag);
		free(n->modified);
		free(n->hash);
		free(n);
	}
	free(c->node);
	free(c->slot);
	free(c->queue);
	free(c->later);
	c->node = NULL;
	c->slot = c->queue = c->later = NULL;
	c->count = c->cap = c->nslots = c->nlater = 0;
	c->head = c->tail = c->queue_cap = 0;
}

/* --- telling --- */

static void
tell(struct crawl *c, const struct node *n, const char *state,
    const json_t *answer)
{
	struct crawl_page p = { .url = n->url,
		.status = n->status,
		.state = state,
		.reason = n->reason,
		.answer = answer };

	c->hooks.page(c->ctx, &p);
}

static void __attribute__((format(printf, 2, 3)))
say(struct crawl *c, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		c->hooks.say(c->ctx, text);
	va_end(ap);
	free(text);
}

/* --- what is known from the last run --- */

static json_t *
known(struct crawl *c)
{
	return c->spool != NULL ? spool_known(c->spool) : NULL;
}

static void
forget(struct crawl *c, const char *url)
{
	if (known(c) != NULL)
		json_object_del(known(c), url);
}

/* Whether a page may still lead where it led: it is as it was, or nothing is
 * known of it. */
static bool
may_lead(const struct node *n)
{
	return !n->absent && (n->still || !n->good);
}

/* The pages that lead to n, as far as they were read now or are as they were. */
static void
remember_from(struct crawl *c, const struct node *n, json_t *o)
{
	json_t *from = json_array();
	size_t i, k;

	for (i = 0; i < FROM_MAX; i++)
		if ((k = n->from[i]) != 0)
			json_array_append_new(from,
			    json_string(c->node[k]->url));
	for (i = 0; i < FROM_MAX; i++)
		if ((k = n->was_from[i]) != 0 && may_lead(c->node[k]))
			json_array_append_new(from,
			    json_string(c->node[k]->url));
	if (json_array_size(from) > 0)
		json_object_set(o, "from", from);
	json_decref(from);
}

static void
remember(struct crawl *c, const struct node *n)
{
	json_t *o;

	if (known(c) == NULL)
		return;
	o = json_object();
	json_put_int(o, "depth", n->depth);
	if (n->good) {
		json_put_int(o, "held", 1);
		json_put_int(o, "at_ms", now_ms());
		json_put(o, "etag", n->etag);
		json_put(o, "modified", n->modified);
		json_put(o, "hash", n->hash);
	} else if (n->away > 0) {
		json_put_int(o, "at_ms", now_ms());
		json_put_int(o, "away", n->away);
	}
	if (!n->good)
		remember_from(c, n, o);
	json_object_set_new(known(c), n->url, o);
}

/* A page that leads to one that came back may be as it was, and is not read
 * for links then. */
static void
part_with(struct crawl *c, const struct node *n)
{
	if (n->away > 0 && n->away <= AWAY_MAX)
		remember(c, n);
	else
		forget(c, n->url);
}

static void
save(struct crawl *c)
{
	if (c->spool == NULL || c->feed == NULL)
		return;
	if (spool_save(c->spool) < 0 && c->code == 0)
		c->code = ERR_IO;
	c->saved_ms = mono_ms();
}

/* --- ends of nodes --- */

/* Those that left the field to i go their own way. */
static void
canonical_failed(struct crawl *c, size_t i)
{
	for (size_t k = 1; c->yielded > 0 && k <= c->count; k++) {
		struct node *n = c->node[k];

		if (n->canonical != i || n->place != ENDED || !n->absent)
			continue;
		n->canonical = 0;
		c->yielded--;
		n->absent = false;
		n->alone = n->fresh = true;
		enqueue(c, k);
	}
}

/* No page of its own; what is held of it goes at the end of the crawl. */
static void
end_absent(struct crawl *c, size_t i, char *reason)
{
	struct node *n = c->node[i];

	set_reason(n, reason);
	n->place = ENDED;
	n->absent = true;
	if (!n->held) {
		part_with(c, n);
		if (n->canonical == 0) /* it may come back */
			tell(c, n, "skipped", NULL);
	}
	canonical_failed(c, i);
}

/* The same of what may be a page again. One that was not asked for costs
 * nothing. */
static void
end_away(struct crawl *c, size_t i, char *reason)
{
	struct node *n = c->node[i];

	if (n->status != 0 || n->away == 0)
		n->away++;
	end_absent(c, i, reason);
}

static void
tell_error(struct crawl *c, struct node *n)
{
	c->errors++;
	if (!n->held)
		remember(c, n); /* to be asked for again */
	tell(c, n, "error", NULL);
}

static void
end_error(struct crawl *c, size_t i, char *reason)
{
	struct node *n = c->node[i];

	set_reason(n, reason);
	n->place = ENDED;
	/* What was never had may be linked from nowhere any more. */
	n->failed = !n->held && i != 1;
	n->is_told = !n->failed || n->found;
	if (n->is_told)
		tell_error(c, n);
	canonical_failed(c, i);
}

/* Errors of what is only known from crawls before: where nothing leads there
 * any more the crawl is complete without it, and it is forgotten in time. */
static void
settle_errors(struct crawl *c)
{
	struct node *n;
	size_t i, k;
	bool leads;

	for (i = 1; i <= c->count; i++) {
		n = c->node[i];
		if (!n->failed)
			continue;
		for (leads = false, k = 0; k < FROM_MAX; k++)
			leads |= n->was_from[k] != 0 &&
			    may_lead(c->node[n->was_from[k]]);
		if (n->is_told)
			remember(c, n); /* with all that lead there */
		else if (n->found || leads)
			tell_error(c, n);
		else {
			n->away++;
			part_with(c, n);
			tell(c, n, "skipped", NULL);
		}
	}
}

/* It answers that it is not for us. That is no failure of the crawl, unless
 * it was ours once. */
static void
end_refused(struct crawl *c, size_t i, char *reason)
{
	if (c->node[i]->held || i == 1)
		end_error(c, i, reason);
	else
		end_away(c, i, reason);
}

static void
end_good(struct crawl *c, size_t i, const char *state, const json_t *answer)
{
	struct node *n = c->node[i];

	n->place = ENDED;
	n->good = n->held = true;
	remember(c, n);
	tell(c, n, state, answer);
}

void
crawl_answer(void *crawl, const json_t *answer)
{
	struct crawl *c = crawl;
	const char *state = json_str_or(answer, "state", "failed");
	size_t i = find_node(c, json_str_or(answer, "source", ""));
	struct node *n = i != 0 ? c->node[i] : NULL;

	if (n == NULL)
		return;
	if (n->absent) { /* it was to be taken out */
		if (strcmp(state, "failed") == 0)
			return;
		part_with(c, n);
		tell(c, n, strcmp(state, "removed") == 0 ? state : "skipped",
		    answer);
		return;
	}
	if (n->place != FED)
		return;
	if (strcmp(state, "missing") == 0) {
		/* The base was made anew: as if nothing were known. */
		n->fresh = true;
		n->held = false;
		enqueue(c, i);
		return;
	}
	if (json_str(answer, "document") == NULL) {
		end_error(c, i, xstrdup(json_str(answer, "reason")));
		return;
	}
	set_reason(n, xstrdup(json_str(answer, "reason")));
	end_good(c, i, state, answer);
}

/* --- addresses --- */

/* "http://x/" is "https://x/" where the crawl is of https://x. */
static char *
same_scheme(const struct crawl *c, char *url)
{
	char *other;

	if (str_starts(c->origin, "https://") && str_starts(url, "http://")) {
		other = xformat("https://%s", url + 7);
		if (str_starts(other, c->origin) &&
		    other[strlen(c->origin)] == '/') {
			free(url);
			return other;
		}
		free(other);
	}
	return url;
}

static bool
in_scope(const struct crawl *c, const char *url)
{
	size_t len = strlen(c->origin);

	return strncmp(url, c->origin, len) == 0 && url[len] == '/' &&
	    (str_starts(url + len, c->prefix) || strcmp(url, c->start) == 0);
}

/* Calendars and the like: paths that go on for ever. */
static bool
is_trap(const char *url)
{
	const char *path = url_path(url), *p, *q;
	const char *end = path + url_path_length(url);
	int segments = 0, repeats;
	size_t n, m;

	for (p = path; p < end && *p == '/'; p += n + 1) {
		n = strcspn(p + 1, "/?");
		if (++segments > SEGMENTS_MAX)
			return true;
		if (n == 0)
			continue;
		repeats = 0;
		for (q = p; q < end && *q == '/'; q += m + 1) {
			m = strcspn(q + 1, "/?");
			if (m == n && memcmp(p + 1, q + 1, n) == 0 &&
			    ++repeats > SEGMENT_REPEATS_MAX)
				return true;
		}
	}
	return false;
}

static bool
too_many_variants(struct crawl *c, const char *url)
{
	int len = url_path_length(url);
	const char *path = url_path(url);
	int64_t n;
	char *key;

	if (path[len] != '?')
		return false;
	key = xstrndup(path, (size_t)len);
	n = json_integer_value(json_object_get(c->variants, key));
	if (n < c->o.variants)
		json_object_set_new(c->variants, key, json_integer(n + 1));
	free(key);
	return n >= c->o.variants;
}

static void
note_from(struct node *n, size_t from)
{
	n->found = true;
	if (n->nfrom == 0 || n->from[(n->nfrom - 1) % FROM_MAX] != from)
		n->from[n->nfrom++ % FROM_MAX] = from;
}

/*
 * Note an address that was found, relative to base, by node from (0: by a
 * sitemap). The node, or 0 if it is none of ours.
 */
static size_t
found(struct crawl *c, const char *text, const char *base, int64_t depth,
    size_t from)
{
	char *url = NULL;
	size_t i = 0;

	if (url_normal(text, base, &url) < 0)
		return 0;
	url = same_scheme(c, url);
	if (!in_scope(c, url) || is_asset(url))
		goto out;
	i = find_node(c, url);
	if (i != 0) {
		if (depth < c->node[i]->depth)
			c->node[i]->depth = depth;
		goto out;
	}
	if (is_trap(url) || too_many_variants(c, url)) {
		c->dropped++;
		goto out;
	}
	if ((int64_t)c->count >= c->o.pages * NODES_PER_PAGE) {
		c->full = true;
		goto out;
	}
	i = add_node(c, url, depth);
	enqueue(c, i);
out:
	if (i != 0) {
		note_from(c->node[i], from);
	}
	free(url);
	return i;
}

/* --- what came --- */

static void
fetch_free(struct fetch *f)
{
	for (size_t i = 0; i <= FLIGHT_MAX; i++)
		if (f->c->out[i] == f)
			f->c->out[i] = NULL;
	buf_release(&f->body);
	free(f->type);
	free(f->charset);
	free(f->etag);
	free(f->modified);
	free(f->location);
	free(f->tags);
	free(f);
}

static void
keep(char **at, const char *value)
{
	free(*at);
	*at = xstrdup(value);
}

/* "text/html; charset=utf-8" */
static void
keep_type(struct fetch *f, const char *value)
{
	const char *p = strcasestr(value, "charset=");
	char *line = xstrndup(value, strcspn(value, ";"));
	size_t n;

	keep(&f->type, str_trim(line));
	free(line);
	if (p == NULL)
		return;
	p += 8;
	if (*p == '"')
		p++;
	n = strcspn(p, "\"; \t,");
	free(f->charset);
	f->charset = n > 0 && n < 32 ? xstrndup(p, n) : NULL;
}

/* 'attachment; filename="manual.pdf"': ".pdf". */
static void
keep_ending(struct fetch *f, const char *value)
{
	const char *name = strcasestr(value, "filename"), *dot;
	size_t n, i;

	dot = name != NULL ? strrchr(name, '.') : NULL;
	f->file_end[0] = '\0';
	if (dot == NULL)
		return;
	n = 1 + strspn(dot + 1, LETTERS "0123456789");
	if (n == 1 || n >= sizeof(f->file_end))
		return;
	for (i = 0; i < n; i++)
		f->file_end[i] = (char)tolower((unsigned char)dot[i]);
	f->file_end[n] = '\0';
}

static void
on_header(void *arg, const char *name, const char *value)
{
	struct fetch *f = arg;
	char *tags;

	if (strcasecmp(name, "content-type") == 0)
		keep_type(f, value);
	else if (strcasecmp(name, "content-disposition") == 0)
		keep_ending(f, value);
	else if (strcasecmp(name, "etag") == 0 && strlen(value) < 512)
		keep(&f->etag, value);
	else if (strcasecmp(name, "last-modified") == 0 && strlen(value) < 64)
		keep(&f->modified, value);
	else if (strcasecmp(name, "location") == 0)
		keep(&f->location, value);
	else if (strcasecmp(name, "x-robots-tag") == 0 &&
	    (f->tags == NULL || strlen(f->tags) < 4096)) {
		tags = xformat("%s%s\n", f->tags != NULL ? f->tags : "", value);
		free(f->tags);
		f->tags = tags;
	}
}

/* Whether what came is of a type that is not taken. */
static bool
is_unwanted(const struct fetch *f)
{
	const char *type = type_of(f, f->c->node[f->node]->url);

	return type == NULL || !in_list(f->c->o.types, type);
}

/* Enough of it to tell by: a part of an archive may come late. */
static bool
can_tell(const struct fetch *f)
{
	return f->body.len >= (is_archive(&f->body) && sniff(&f->body) == NULL ?
				      SNIFF_ARCHIVE_BYTES :
				      SNIFF_BYTES);
}

static int
on_data(void *arg, const void *data, size_t len)
{
	struct fetch *f = arg;
	struct crawl *c = f->c;

	c->bytes += (int64_t)len;
	if ((int64_t)(f->body.len + len) > f->max) {
		if (f->truncate)
			buf_add(&f->body, data, (size_t)f->max - f->body.len);
		f->cut = true;
		return -1;
	}
	buf_add(&f->body, data, len);
	if (f->node != 0 && !f->told && can_tell(f)) {
		f->told = true;
		f->unwanted = is_unwanted(f);
	}
	return f->unwanted ? -1 : 0;
}

/* The line of a page, for kb-ingest. */
static json_t *
line_of(const struct crawl *c, const struct node *n, const char *text,
    size_t text_len, const struct fetch *f)
{
	json_t *o = json_object();
	char at[TIME_TEXT_BYTES], *packed;
	int64_t ms;
	size_t len;

	(void)c;
	json_put(o, "source", n->url);
	json_put(o, "url", n->url);
	json_put(o, "origin", "web");
	ms = f->modified != NULL ? http_time_ms(f->modified) : 0;
	if (ms > 0)
		json_put(o, "modified", time_text(ms, at));
	if (text != NULL) {
		json_object_set_new(o, "text", json_stringn(text, text_len));
		return o;
	}
	len = sodium_base64_ENCODED_LEN(f->body.len,
	    sodium_base64_VARIANT_ORIGINAL);
	packed = xmalloc(len);
	sodium_bin2base64(packed, len, (const unsigned char *)f->body.data,
	    f->body.len, sodium_base64_VARIANT_ORIGINAL);
	json_put(o, "base64", packed);
	free(packed);
	return o;
}

static void
feed_node(struct crawl *c, size_t i, json_t *line)
{
	struct node *n = c->node[i];

	if (c->feed != NULL) {
		n->place = FED;
		feed_put(c->feed, line);
		return;
	}
	if (c->hooks.line == NULL)
		json_decref(line);
	else if (c->hooks.line(c->ctx, line) < 0 && c->code == 0)
		c->code = ERR_IO;
	n->place = ENDED;
	n->good = true;
	tell(c, n, n->still ? "unchanged" : "found", NULL);
}

/* Whether another page of this crawl is the same; else it is this one. */
static bool
is_double(struct crawl *c, size_t i, const char *hash)
{
	json_int_t other = json_integer_value(json_object_get(c->hashes, hash));
	struct node *n = c->node[i];

	if (other != 0 && (size_t)other != i) {
		end_absent(c, i,
		    xformat("is the same as %s", c->node[other]->url));
		return true;
	}
	json_object_set_new(c->hashes, hash, json_integer((json_int_t)i));
	keep(&n->hash, hash);
	return false;
}

/* Whether it leaves the field to another page, which it names. */
static bool
yields(struct crawl *c, size_t i, const char *canonical, const char *base)
{
	struct node *n = c->node[i];
	size_t to;

	if (n->alone || canonical == NULL)
		return false;
	to = found(c, canonical, base, n->depth, i);
	if (to == 0 || to == i || c->node[to]->canonical != 0 ||
	    (c->node[to]->place == ENDED && !c->node[to]->good))
		return false;
	n->canonical = to;
	c->yielded++;
	end_absent(c, i,
	    xformat("its canonical address is %s", c->node[to]->url));
	return true;
}

/* Whether a page says nothing itself but where another is. */
static bool
leads_on(struct crawl *c, size_t i, const struct page *p, const char *base)
{
	char *to = NULL;
	bool is;

	if (p->text_bytes > LEADS_ON_BYTES)
		return false;
	if (p->has_frames) {
		end_away(c, i, xstrdup("is made of frames"));
		return true;
	}
	is = p->refresh != NULL && url_normal(p->refresh, base, &to) == 0 &&
	    strcmp(to, c->node[i]->url) != 0;
	if (is)
		end_away(c, i, xformat("leads to %s", to));
	free(to);
	return is;
}

static void
take_html(struct crawl *c, size_t i, struct fetch *f, const char *text,
    size_t len)
{
	struct node *n = c->node[i];
	struct page p;
	char *base = NULL, *line, *save = NULL;
	size_t k;

	page_read(text, len, c->token, &p);
	for (line = f->tags != NULL ? strtok_r(f->tags, "\n", &save) : NULL;
	     line != NULL; line = strtok_r(NULL, "\n", &save))
		page_obey(&p, line, c->token);
	if (p.base == NULL || url_normal(p.base, n->url, &base) < 0)
		base = xstrdup(n->url);
	if (!p.nofollow && n->depth < c->o.depth) {
		for (k = 0; k < p.count; k++)
			found(c, p.link[k], base, n->depth + 1, i);
		if (p.refresh != NULL)
			found(c, p.refresh, base, n->depth + 1, i);
	}
	if (p.noindex)
		end_away(c, i, xstrdup("says noindex"));
	else if (!yields(c, i, p.canonical, base) &&
	    !leads_on(c, i, &p, base)) {
		char hash[HASH_HEX_BYTES];

		hash_hex(hash, text, len);
		if (!is_double(c, i, hash))
			feed_node(c, i, line_of(c, n, text, len, f));
	}
	page_release(&p);
	free(base);
}

/* A body as UTF-8 that libxml2 and JSON take; the caller frees. */
static char *
text_of(const struct fetch *f, size_t *ret_len)
{
	char *text =
	    text_utf8(f->body.data, f->body.len, f->charset, true, ret_len);
	char *mended;

	if (memchr(text, '\0', *ret_len) == NULL)
		return text;
	mended = utf8_mend(text, *ret_len);
	free(text);
	*ret_len = strlen(mended);
	return mended;
}

static void
take_content(struct crawl *c, size_t i, struct fetch *f)
{
	static const char *const texts[] = { "html", "text", "markdown", "csv",
		NULL };
	struct node *n = c->node[i];
	const char *type = type_of(f, n->url);
	char hash[HASH_HEX_BYTES], *text = NULL, *line, *save = NULL;
	struct page p = { .count = 0 };
	size_t len = 0;

	if (f->body.len == 0) {
		end_absent(c, i, xstrdup("is empty"));
		return;
	}
	keep(&n->etag, f->etag);
	keep(&n->modified, f->modified);
	/* What is no text is told so by kb-ingest, which reads it in a box. */
	if (str_in(type, texts) && type_may_be_text(f->body.data, f->body.len))
		text = text_of(f, &len);
	if (text != NULL && strcmp(type, "html") == 0) {
		take_html(c, i, f, text, len);
		free(text);
		return;
	}
	for (line = f->tags != NULL ? strtok_r(f->tags, "\n", &save) : NULL;
	     line != NULL; line = strtok_r(NULL, "\n", &save))
		page_obey(&p, line, c->token);
	hash_hex(hash, f->body.data, f->body.len);
	if (p.noindex)
		end_away(c, i, xstrdup("says noindex"));
	else if (!is_double(c, i, hash))
		feed_node(c, i,
		    text != NULL ? line_of(c, n, text, len, f) :
				   line_of(c, n, NULL, 0, f));
	free(text);
}

/* 304: as it was. */
static void
take_still(struct crawl *c, size_t i)
{
	struct node *n = c->node[i];
	json_t *line;

	n->still = true;
	if (n->hash != NULL) {
		char *hash = xstrdup(n->hash);
		bool twice = is_double(c, i, hash);

		free(hash);
		if (twice)
			return;
	}
	line = json_object();
	json_put(line, "source", n->url);
	json_object_set_new(line, "still", json_true());
	feed_node(c, i, line);
}

/* http://x, https://x, https://www.x: one site to who types its name. */
static bool
same_site(const char *a, const char *b)
{
	const char *x = strstr(a, "://"), *y = strstr(b, "://");
	size_t n;

	x = x != NULL ? x + 3 : a;
	y = y != NULL ? y + 3 : b;
	x += str_starts(x, "www.") ? 4 : 0;
	y += str_starts(y, "www.") ? 4 : 0;
	n = strcspn(x, ":/");
	return n == strcspn(y, ":/") && strncmp(x, y, n) == 0;
}

static void
take_redirect(struct crawl *c, size_t i, const struct fetch *f)
{
	struct node *n = c->node[i];
	char *to = NULL;
	bool slash;
	size_t k;

	if (f->location == NULL || url_normal(f->location, n->url, &to) < 0) {
		end_refused(c, i,
		    xstrdup(f->location == NULL ?
			    "leads nowhere" :
			    "leads to what is no address of http or https"));
		return;
	}
	to = same_scheme(c, to);
	/* The start may be another name of the site: then that is it. */
	slash = strncmp(to, n->url, strlen(n->url)) == 0 &&
	    strcmp(to + strlen(n->url), "/") == 0;
	if (i == 1 && same_site(to, n->url) && (slash || !in_scope(c, to))) {
		c->rebase = to;
		free(c->kept_prefix);
		c->kept_prefix = !slash && str_starts(url_path(to), c->prefix) ?
		    xstrdup(c->prefix) :
		    NULL;
		return;
	}
	if (strcmp(to, n->url) == 0)
		end_refused(c, i, xstrdup("leads to itself"));
	else if (n->hops >= HOPS_MAX)
		end_refused(c, i,
		    xformat("leads on after %d redirects", HOPS_MAX));
	else if (!in_scope(c, to))
		end_refused(c, i, xformat("leads to %s", to));
	else {
		k = found(c, to, NULL, n->depth, i);
		if (k != 0 && c->node[k]->hops <= n->hops)
			c->node[k]->hops = n->hops + 1;
		end_absent(c, i, xformat("leads to %s", to));
	}
	free(to);
}

/* Again a little later, or not any more. */
static void
try_later(struct crawl *c, size_t i, const char *why, int64_t after_ms)
{
	struct node *n = c->node[i];
	int64_t wait_ms = c->o.retry_ms << n->tries;

	if (after_ms > c->o.pause_ms) {
		c->down = DOWN_AFTER;
		end_error(c, i,
		    xformat("%s, and asks to wait for %lld s", why,
			(long long)(after_ms / 1000)));
		return;
	}
	if (++n->tries >= TRIES_MAX) {
		c->down++;
		end_error(c, i, xstrdup(why));
		return;
	}
	if (after_ms >= 0) {
		wait_ms = after_ms;
		if (mono_ms() + wait_ms > c->next_ms)
			c->next_ms = mono_ms() + wait_ms;
	}
	enqueue_later(c, i, mono_ms() + wait_ms);
}

static void
on_page(void *arg, const struct http_result *r)
{
	struct fetch *f = arg;
	struct crawl *c = f->c;
	size_t i = f->node;
	struct node *n = c->node[i];
	/* A long page of words about an error is cut off, and no trouble. */
	bool answered =
	    r->class == HTTP_ANSWERED || (r->too_big && r->status / 100 != 2);

	c->flying--;
	n->status = r->status;
	if (answered && r->status / 100 == 2 && f->body.len > 0)
		f->unwanted = is_unwanted(f);
	if (f->unwanted)
		end_absent(c, i,
		    xformat("is %s", f->type != NULL ? f->type : "nothing"));
	else if (f->cut)
		end_refused(c, i,
		    xformat("is larger than %lld MiB",
			(long long)(c->o.page_bytes >> 20)));
	else if (r->closed)
		end_refused(c, i, xstrdup("its address is not public"));
	else if (!answered)
		try_later(c, i, r->why, -1);
	else if (r->status == 304 && n->held && !n->fresh)
		take_still(c, i);
	else if (r->status == 404 || r->status == 410)
		i == 1 ? end_error(c, i, xformat("answers %d", r->status)) :
			 end_away(c, i, xformat("answers %d", r->status));
	else if (r->status / 100 == 2)
		take_content(c, i, f);
	else if (r->status / 100 == 3 && r->status != 304)
		take_redirect(c, i, f);
	else if (r->status == 429 || r->status / 100 == 5) {
		char *why = xformat("answers %d", r->status);

		try_later(c, i, why, r->retry_after_ms);
		free(why);
	} else
		end_refused(c, i, xformat("answers %d", r->status));
	if (answered && r->status / 100 != 5)
		c->down = c->down >= DOWN_AFTER ? c->down : 0;
	fetch_free(f);
}

/* --- sitemaps --- */

static void
add_sitemap(struct crawl *c, const char *text, const char *base, int depth)
{
	char *url = NULL;

	if (url_normal(text, base, &url) < 0)
		return;
	if (json_object_get(c->sitemaps_seen, url) != NULL)
		free(url);
	else if (c->nsitemaps == SITEMAPS_MAX || depth > SITEMAPS_DEEP) {
		/* Each would be told; of many it is the first that matters. */
		if (!c->left_off)
			say(c,
			    depth > SITEMAPS_DEEP ?
				"%s: is left out: sitemaps are read %d deep" :
				"%s: is left out: %d sitemaps are read",
			    url,
			    depth > SITEMAPS_DEEP ? SITEMAPS_DEEP :
						    SITEMAPS_MAX);
		c->left_off = true;
		free(url);
	} else {
		json_object_set_new(c->sitemaps_seen, url, json_true());
		c->sitemap = xrealloc(c->sitemap,
		    (c->nsitemaps + 1) * sizeof(*c->sitemap));
		c->sitemap[c->nsitemaps++] = (struct listed){ url, depth };
	}
}

static void
on_entry(void *ctx, const char *url, bool is_sitemap)
{
	struct fetch *f = ctx;
	char *origin;

	if (!is_sitemap) {
		if (f->c->o.depth > 0)
			found(f->c, url, f->base, 1, 0);
		return;
	}
	/* An index speaks for its own host. */
	origin = url_origin(f->base);
	if (str_starts(url, origin))
		add_sitemap(f->c, url, f->base, f->depth + 1);
	free(origin);
}

static void
on_sitemap(void *arg, const struct http_result *r)
{
	struct fetch *f = arg;
	struct crawl *c = f->c;

	c->flying--;
	if (f->cut) {
		say(c, "%s: is larger than %d MiB", f->base,
		    (int)(f->max >> 20));
		c->room.bytes -= (size_t)f->max < c->room.bytes ?
		    (size_t)f->max :
		    c->room.bytes;
	} else if (r->class == HTTP_ANSWERED && r->status == 200 &&
	    f->body.len > 0 &&
	    sitemap_read(f->body.data, f->body.len, &c->room, on_entry, f) <
		0 &&
	    c->sitemap_at > 1)
		say(c, "%s: %s", f->base, err_reason());
	fetch_free(f);
}

/* --- asking --- */

static int
ask(struct crawl *c, const char *url, const char *const *headers,
    struct fetch *f, int redirects, http_done done)
{
	struct http_request r = { .url = url,
		.headers = headers,
		.sink = on_data,
		.header = on_header,
		.redirects = redirects,
		.packed = true };
	int code;

	f->c = c;
	f->body = (struct buf)BUF_INIT(0);
	code = http_get(c->http, &r, done, f);
	if (code < 0)
		fetch_free(f);
	else
		for (size_t i = 0; i <= FLIGHT_MAX; i++)
			if (c->out[i] == NULL) {
				c->out[i] = f;
				break;
			}
	return code;
}

static void
ask_page(struct crawl *c, size_t i)
{
	struct node *n = c->node[i];
	const char *headers[4] = { "Accept: text/html, */*;q=0.5" };
	char *since = NULL, *match = NULL;
	struct fetch *f;
	int k = 1;

	f = xcalloc(1, sizeof(*f));
	f->node = i;
	f->max = c->o.page_bytes;
	if (n->held && !n->fresh && n->etag != NULL)
		headers[k++] = match = xformat("If-None-Match: %s", n->etag);
	if (n->held && !n->fresh && n->modified != NULL)
		headers[k++] = since =
		    xformat("If-Modified-Since: %s", n->modified);
	headers[k] = NULL;
	n->place = FLYING;
	if (n->tries == 0)
		c->asked++;
	if (ask(c, n->url, headers, f, 0, on_page) < 0)
		end_refused(c, i, xstrdup(err_reason()));
	else
		c->flying++;
	free(match);
	free(since);
}

/* Whether one is to be asked for: there is room, and pages may still come. */
static bool
has_sitemap(const struct crawl *c)
{
	return c->sitemap_at < c->nsitemaps && c->room.bytes > 0 &&
	    c->room.urls > 0 && !c->full && c->asked < c->o.pages &&
	    c->bytes < c->o.bytes;
}

static void
ask_sitemap(struct crawl *c)
{
	const struct listed *next = &c->sitemap[c->sitemap_at++];
	struct fetch *f = xcalloc(1, sizeof(*f));

	f->base = next->url;
	f->depth = next->depth;
	f->max = c->room.bytes < SITEMAP_MAX_BYTES ? (int64_t)c->room.bytes :
						     SITEMAP_MAX_BYTES;
	if (ask(c, f->base, NULL, f, 5, on_sitemap) == 0)
		c->flying++;
}

static void
on_waited(void *arg, const struct http_result *r)
{
	struct fetch *f = arg;

	*f->result = *r;
	f->result->body = f->result->type = f->result->why = NULL;
	*f->over = true;
}

static bool
must_stop(struct crawl *c)
{
	if (c->hooks.stop(c->ctx))
		c->stopped = true;
	return c->stopped || c->code < 0;
}

/* robots.txt of the origin, which decides whether and how to go on. */
static int
read_robots(struct crawl *c)
{
	char *url = xformat("%s/robots.txt", c->origin);
	struct http_result r = { .status = 0 };
	struct fetch *f;
	bool over = false;
	int code = 0, tries;

	robots_free(c->robots);
	c->robots = NULL;
	for (tries = 0; c->robots == NULL && tries < TRIES_MAX; tries++) {
		if (tries > 0 && c->o.retry_ms > 0) /* nothing else is on */
			http_wait(c->http, NULL, 0,
			    (int)(c->o.retry_ms << (tries - 1)));
		if (must_stop(c))
			break;
		f = xcalloc(1, sizeof(*f));
		f->max = ROBOTS_MAX_BYTES;
		f->truncate = true;
		f->over = &over;
		f->result = &r;
		over = false;
		if (ask(c, url, NULL, f, 5, on_waited) < 0)
			break;
		while (!over && code == 0)
			code = http_wait(c->http, NULL, 0, 1000);
		if (f->cut || (r.class == HTTP_ANSWERED && r.status / 100 == 2))
			c->robots =
			    robots_parse(f->body.data != NULL ? f->body.data :
								"",
				f->body.len, c->token);
		else if (r.status / 100 == 4 && r.status != 429)
			c->robots = robots_all(true);
		fetch_free(f);
		if (r.closed)
			break;
	}
	free(url);
	if (c->robots != NULL || code < 0)
		return code;
	if (c->stopped)
		return err_set(ERR_BUSY, "was interrupted");
	if (r.closed)
		return err_set(ERR_DENIED,
		    "%s: its address is not public; --allow-private "
		    "crawls it all the same",
		    c->origin);
	if (r.status > 0)
		return err_set(ERR_UNAVAILABLE,
		    "%s/robots.txt answers %d: nothing may be fetched",
		    c->origin, r.status);
	return err_set(ERR_UNAVAILABLE, "%s: there is no answer", c->origin);
}

/* --- beginning --- */

struct seed {
	const char *url;
	const json_t *what;
	int64_t at_ms;
};

static int
by_age(const void *a, const void *b)
{
	int64_t x = ((const struct seed *)a)->at_ms;
	int64_t y = ((const struct seed *)b)->at_ms;

	return x < y ? -1 : x > y;
}

/* What is known: what was not asked for yet, then what was longest ago. */
static void
seed(struct crawl *c)
{
	size_t n = 0, k, i;
	struct seed *list;
	const char *url;
	json_t *what;

	if (known(c) == NULL || json_object_size(known(c)) == 0)
		return;
	list = xcalloc(json_object_size(known(c)), sizeof(*list));
	json_object_foreach(known(c), url, what) {
		list[n].url = url;
		list[n].what = what;
		list[n++].at_ms = json_int_or(what, "at_ms", 0);
	}
	qsort(list, n, sizeof(*list), by_age);
	for (k = 0; k < n; k++) {
		struct node *x;

		i = find_node(c, list[k].url);
		if (i == 0) {
			i = add_node(c, list[k].url,
			    json_int_or(list[k].what, "depth", 1));
			too_many_variants(c, list[k].url);
			enqueue(c, i);
		}
		x = c->node[i];
		x->held = json_int_or(list[k].what, "held", 0) != 0;
		x->away = json_int_or(list[k].what, "away", 0);
		x->etag = xstrdup(json_str(list[k].what, "etag"));
		x->modified = xstrdup(json_str(list[k].what, "modified"));
		x->hash = xstrdup(json_str(list[k].what, "hash"));
	}
	for (k = 0; k < n; k++) {
		size_t at;
		json_t *from;

		i = find_node(c, list[k].url);
		json_array_foreach(json_object_get(list[k].what, "from"), at,
		    from)
			if (at < FROM_MAX && json_string_value(from) != NULL)
				c->node[i]->was_from[at] =
				    find_node(c, json_string_value(from));
	}
	free(list);
}

static void
scope(struct crawl *c)
{
	const char *path = url_path(c->start);
	int len = url_path_length(c->start);

	free(c->origin);
	free(c->prefix);
	c->origin = url_origin(c->start);
	while (len > 0 && path[len - 1] != '/')
		len--;
	c->prefix = c->o.prefix != NULL ? url_spell(c->o.prefix) :
	    c->kept_prefix != NULL	? xstrdup(c->kept_prefix) :
					  xstrndup(path, (size_t)len);
}

static int
begin(struct crawl *c)
{
	const char *sitemap;
	size_t i;
	char *url;
	int code;

	scope(c);
	if ((code = read_robots(c)) < 0)
		return code;
	if (!robots_allow(c->robots, url_path(c->start)))
		return err_set(ERR_DENIED, "%s/robots.txt forbids %s",
		    c->origin, url_path(c->start));
	c->delay_ms = robots_delay_ms(c->robots);
	if (c->delay_ms > DELAY_MAX_MS)
		c->delay_ms = DELAY_MAX_MS;
	if (c->delay_ms < c->o.delay_ms)
		c->delay_ms = c->o.delay_ms;
	enqueue(c, add_node(c, c->start, 0));
	for (i = 0; (sitemap = robots_sitemap(c->robots, i)) != NULL; i++)
		add_sitemap(c, sitemap, c->origin, 1);
	url = xformat("%s/sitemap.xml", c->origin);
	add_sitemap(c, url, NULL, 1);
	free(url);
	seed(c);
	return 0;
}

/* The start leads to the same site by another name: begin again there. */
static int
begin_again(struct crawl *c)
{
	nodes_free(c);
	for (size_t i = 0; i < c->nsitemaps; i++)
		free(c->sitemap[i].url);
	c->nsitemaps = c->sitemap_at = 0;
	c->room = (struct sitemap_room)SITEMAP_ROOM;
	json_object_clear(c->sitemaps_seen);
	json_object_clear(c->variants);
	json_object_clear(c->hashes);
	free(c->start);
	c->start = c->rebase;
	c->rebase = NULL;
	return begin(c);
}

/* --- the run --- */

/* The next node to ask for; 0: none now. */
static size_t
next_node(struct crawl *c)
{
	int64_t now = mono_ms();
	size_t i, k;

	for (k = 0; k < c->nlater; k++)
		if (c->node[c->later[k]]->due_ms <= now) {
			i = c->later[k];
			c->later[k] = c->later[--c->nlater];
			return i;
		}
	while (c->head < c->tail) {
		i = c->queue[c->head++];
		if (!in_scope(c, c->node[i]->url))
			end_absent(c, i, xstrdup("is outside"));
		else if (!robots_allow(c->robots, url_path(c->node[i]->url)))
			end_away(c, i, xstrdup("robots.txt forbids it"));
		else
			return i;
	}
	return 0;
}

static void
launch(struct crawl *c)
{
	size_t i;

	while (c->flying < FLIGHT_MAX && mono_ms() >= c->next_ms &&
	    c->rebase == NULL && c->down < DOWN_AFTER &&
	    !(c->feed != NULL && feed_full(c->feed))) {
		/* The start alone: it may say that the site is elsewhere. */
		if (c->asked > 0 && c->node[1]->place == FLYING)
			return;
		if (c->asked > 0 && has_sitemap(c)) {
			ask_sitemap(c);
		} else {
			/* What the others list is not known. */
			c->limited |=
			    c->asked > 0 && c->sitemap_at < c->nsitemaps;
			if (c->asked >= c->o.pages || c->bytes >= c->o.bytes) {
				if (c->head < c->tail || c->nlater > 0)
					c->limited = true;
				return;
			}
			if ((i = next_node(c)) == 0)
				return;
			ask_page(c, i);
		}
		c->next_ms = mono_ms() + c->delay_ms;
	}
}

static bool
is_over(const struct crawl *c)
{
	bool more = c->head < c->tail || c->nlater > 0 || has_sitemap(c);

	if (c->flying > 0)
		return false;
	return !more || c->limited || c->stopped || c->down >= DOWN_AFTER;
}

/* How long nothing but answers can happen. */
static int
patience(const struct crawl *c)
{
	int64_t now = mono_ms(), wait = 1000, due;
	size_t k;

	if (c->flying < FLIGHT_MAX) {
		if (c->next_ms > now && c->next_ms - now < wait)
			wait = c->next_ms - now;
		for (k = 0; k < c->nlater; k++) {
			due = c->node[c->later[k]]->due_ms;
			if (due < c->next_ms)
				due = c->next_ms;
			if (due - now < wait)
				wait = due > now ? due - now : 1;
		}
	}
	return (int)wait;
}

static int
step(struct crawl *c)
{
	struct pollfd fds[2];
	int code;

	launch(c);
	if (c->feed != NULL) {
		int64_t since = feed_since_ms(c->feed);

		if (since != 0 &&
		    (mono_ms() - since >= FEED_AFTER_MS || is_over(c)))
			feed_flush(c->feed);
		feed_fds(c->feed, fds);
		code = http_wait(c->http, fds, 2, patience(c));
		if (code == 0)
			code = feed_work(c->feed);
		if (mono_ms() - c->saved_ms > SAVE_EVERY_MS)
			save(c);
	} else
		code = http_wait(c->http, NULL, 0, patience(c));
	if (c->hooks.tick != NULL)
		c->hooks.tick(c->ctx, c->asked, (int64_t)c->count);
	return code;
}

/* What is gone is taken out, or stays because not all was seen. */
static int
finish(struct crawl *c, bool complete)
{
	json_t *line;

	for (size_t i = 1; i <= c->count; i++) {
		struct node *n = c->node[i];

		if ((n->place == QUEUED || n->place == FLYING) && !n->held)
			remember(c, n);
		if (n->absent && !n->held && n->canonical != 0)
			tell(c, n, "skipped", NULL);
		if (!n->absent || !n->held)
			continue;
		if (!complete || c->feed == NULL) {
			tell(c, n, complete ? "gone" : "kept", NULL);
			continue;
		}
		line = json_object();
		json_put(line, "source", n->url);
		json_object_set_new(line, "gone", json_true());
		feed_put(c->feed, line);
	}
	return c->feed != NULL ? feed_drain(c->feed) : 0;
}

static int
outcome(struct crawl *c)
{
	const struct node *first = c->count > 0 ? c->node[1] : NULL;

	if (c->code < 0)
		return c->code;
	if (first != NULL && first->place == ENDED && !first->good &&
	    !first->absent)
		return err_set(ERR_UNAVAILABLE, "%s: %s", first->url,
		    first->reason);
	return 0;
}

/* Why not all was seen; the caller frees. */
static char *
why_incomplete(const struct crawl *c)
{
	if (c->stopped)
		return xstrdup("it was interrupted");
	if (c->down >= DOWN_AFTER)
		return xformat("%s does not answer properly", c->origin);
	if (c->limited && c->asked >= c->o.pages)
		return xformat("the limit of %lld %s was reached",
		    (long long)c->o.pages, c->o.pages == 1 ? "page" : "pages");
	if (c->limited && c->bytes >= c->o.bytes)
		return xformat("the limit of %lld MiB was reached",
		    (long long)(c->o.bytes >> 20));
	if (c->limited)
		return xstrdup("not all sitemaps were read");
	if (c->full)
		return xformat("more than %lld addresses were found",
		    (long long)c->o.pages * NODES_PER_PAGE);
	if (c->errors > 0)
		return xformat("%lld %s could not be had", (long long)c->errors,
		    c->errors == 1 ? "page" : "pages");
	return xstrdup("it failed");
}

int
crawl_run(struct crawl *c, struct feed *feed, struct spool *spool,
    struct crawl_summary *ret)
{
	struct http_limits limits = { .max_flight = FLIGHT_MAX,
		.connect_ms = c->o.timeout_ms,
		.total_ms = c->o.timeout_ms,
		.agent = c->o.agent,
		.public_only = !c->o.allow_private };
	int code, rebases = 0;

	c->feed = feed;
	c->spool = spool;
	c->saved_ms = mono_ms();
	code = http_new(&limits, &c->http);
	if (code == 0)
		code = url_normal(c->o.url, NULL, &c->start);
	if (code == ERR_DATA)
		code = ERR_USAGE;
	if (code == 0)
		code = begin(c);
	while (code == 0 && !must_stop(c)) {
		code = step(c);
		if (code == 0 && c->rebase != NULL)
			code = ++rebases > REBASES_MAX ?
			    err_set(ERR_UNAVAILABLE, "%s leads in a circle",
				c->start) :
			    begin_again(c);
		if (code == 0 && is_over(c) &&
		    (feed == NULL || feed_waiting(feed) == 0))
			break;
	}
	if (c->down >= DOWN_AFTER)
		say(c, "%s does not answer properly: given up", c->origin);
	if (c->dropped > 0)
		say(c,
		    "%lld addresses left out: too many of one path, "
		    "or without end",
		    (long long)c->dropped);
	settle_errors(c);
	ret->complete = code == 0 && c->code == 0 && c->errors == 0 &&
	    !c->limited && !c->full && !c->stopped && c->down < DOWN_AFTER;
	if (!ret->complete && code == 0) {
		ret->why = why_incomplete(c);
		say(c, "not complete, so nothing is removed: %s", ret->why);
	}
	if (code == 0)
		code = finish(c, ret->complete);
	save(c);
	ret->asked = c->asked;
	ret->bytes = c->bytes;
	ret->errors = c->errors;
	return code < 0 ? code : outcome(c);
}

int
crawl_new(const struct crawl_options *o, const struct crawl_hooks *hooks,
    void *ctx, struct crawl **ret)
{
	struct crawl *c;
	const char *p, *near;
	char *name;
	size_t n;

	for (p = o->types; *p != '\0'; p += n) {
		p += strspn(p, ", ");
		n = strcspn(p, ", ");
		name = xstrndup(p, n);
		if (n > 0 && !str_in(name, crawl_type_names)) {
			near = str_nearest(name, crawl_type_names);
			err_set(ERR_USAGE, "'%s' is no type%s%s%s", name,
			    near != NULL ? ", did you mean " : "",
			    near != NULL ? near : "", near != NULL ? "?" : "");
			free(name);
			return ERR_USAGE;
		}
		free(name);
	}
	if (o->prefix != NULL && *o->prefix != '/')
		return err_set(ERR_USAGE, "a prefix of paths begins with /");
	c = xcalloc(1, sizeof(*c));
	c->o = *o;
	c->hooks = *hooks;
	c->ctx = ctx;
	c->token = xstrndup(o->agent, strcspn(o->agent, "/ "));
	c->variants = json_object();
	c->hashes = json_object();
	c->sitemaps_seen = json_object();
	c->room = (struct sitemap_room)SITEMAP_ROOM;
	*ret = c;
	return 0;
}

void
crawl_free(struct crawl *c)
{
	if (c == NULL)
		return;
	http_free(c->http);
	for (size_t i = 0; i <= FLIGHT_MAX; i++)
		if (c->out[i] != NULL)
			fetch_free(c->out[i]);
	nodes_free(c);
	robots_free(c->robots);
	for (size_t i = 0; i < c->nsitemaps; i++)
		free(c->sitemap[i].url);
	free(c->sitemap);
	json_decref(c->variants);
	json_decref(c->hashes);
	json_decref(c->sitemaps_seen);
	free(c->token);
	free(c->start);
	free(c->origin);
	free(c->prefix);
	free(c->rebase);
	free(c->kept_prefix);
	free(c);
}

char *
crawl_version(const struct crawl_options *o)
{
	return xformat("1 %s %s %lld %s", KB_EXTRACTOR_VERSION, o->types,
	    (long long)o->depth, o->prefix != NULL ? o->prefix : "");
}
