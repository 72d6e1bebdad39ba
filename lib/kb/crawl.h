/*
 * crawl - the pages of one site, for the base
 *
 * From a start page along links and sitemaps, within one host and path. Asks
 * no faster than it may (robots.txt, Crawl-delay, Retry-After), at most two
 * pages at a time, and only for what may have changed since it asked last.
 *
 * What is a page's own, its text, goes to a feed (kb/feed.h) or is handed out;
 * the store is not touched here. What is gone is taken out after a complete
 * crawl and not otherwise: one that met no error, no limit of pages or bytes
 * and no interruption. Gone is what the site itself said to be: 404, 410,
 * moved, not to be indexed, no page of its own; never what is merely not
 * linked any more.
 *
 * Everything is bounded: pages, bytes, links from the start, spellings of one
 * path, redirects, waiting.
 */
#ifndef KB_CRAWL_H
#define KB_CRAWL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "kb/feed.h"
#include "kb/spool.h"

struct crawl_options {
	const char *url;
	const char *prefix; /* of paths; NULL: the folder of url */
	const char *types;  /* names (crawl_type_names), comma-separated */
	const char *agent;  /* User-Agent; its token is in front of a "/" */
	int64_t depth;	    /* links from the start page */
	int64_t pages;	    /* asked for in one run */
	int64_t bytes;	    /* unpacked, in one run */
	int64_t page_bytes; /* of one page, unpacked */
	int64_t variants;   /* queries of one path */
	int64_t delay_ms;   /* between two requests */
	int64_t retry_ms;   /* first wait after a failure; then doubled */
	int64_t pause_ms;   /* longest wait a site may ask for */
	int64_t timeout_ms; /* of one request */
	bool allow_private;
};

/* Of a page; strings good during the call. */
struct crawl_page {
	const char *url;
	int status;	      /* of the last answer; 0: none */
	const char *state;    /* ready unchanged failed removed skipped error;
			       found where nothing is fed */
	const char *reason;   /* NULL: none */
	const json_t *answer; /* kb-ingest's; NULL: none */
};

struct crawl_hooks {
	void (*page)(void *ctx, const struct crawl_page *p);
	/* With no feed: takes the line of a page; NULL: dry run. ERR ends. */
	int (*line)(void *ctx, json_t *line);
	void (*say)(void *ctx, const char *words);
	/* Anything else but false ends the crawl, incomplete. */
	bool (*stop)(void *ctx);
	/* Called now and then, for a progress line: pages asked, known. */
	void (*tick)(void *ctx, int64_t asked, int64_t known);
};

struct crawl_summary {
	bool complete;
	char *why; /* it is not complete, which say() was told; to be freed */
	int64_t asked, bytes, errors;
};

struct crawl;

/* All strings must outlive the crawl. ERR_USAGE: an option makes no sense. */
int crawl_new(const struct crawl_options *o, const struct crawl_hooks *hooks,
    void *ctx, struct crawl **ret);
void crawl_free(struct crawl *c); /* NULL is allowed */

/* For feed_open(), with the crawl as ctx. */
void crawl_answer(void *crawl, const json_t *answer);

/*
 * Go. feed NULL: lines are handed out, or none is. spool NULL: nothing is
 * known. ERR_UNAVAILABLE: the start page or robots.txt could not be had;
 * ERR_DENIED: robots.txt forbids the start page. An error of a page is none.
 */
int crawl_run(struct crawl *c, struct feed *feed, struct spool *spool,
    struct crawl_summary *ret);

/* NULL-ended. */
extern const char *const crawl_type_names[];

/* What makes conditional requests worthless when it changes; caller frees. */
char *crawl_version(const struct crawl_options *o);

#endif
