/* robots - what a site lets a crawler fetch, by RFC 9309 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kb/robots.h"
#include "net/url.h"

#define RULES_MAX 10000
#define SITEMAPS_MAX 500
#define DELAY_MAX_S 86400.0

struct rule {
	char *pattern;
	bool allow;
};

struct group {
	struct rule *rule;
	size_t count;
	int64_t delay_ms;
	bool is_there;
};

struct robots {
	struct group ours, everyone;
	char **sitemap;
	size_t nsitemaps;
};

/* --- reading --- */

static void
add_rule(struct group *g, const char *value, bool allow)
{
	/* "Disallow:" with nothing behind forbids nothing. */
	if (*value == '\0' || g->count == RULES_MAX)
		return;
	g->rule = xrealloc(g->rule, (g->count + 1) * sizeof(*g->rule));
	g->rule[g->count].pattern = url_spell(value);
	g->rule[g->count++].allow = allow;
}

static void
add_delay(struct group *g, const char *value)
{
	char *end;
	double s = strtod(value, &end);

	if (end == value || !isfinite(s) || s <= 0)
		return;
	if (s > DELAY_MAX_S)
		s = DELAY_MAX_S;
	if ((int64_t)(s * 1000) > g->delay_ms)
		g->delay_ms = (int64_t)(s * 1000);
}

/* Whether a User-agent line names us: its product token is ours. */
static bool
names_us(const char *value, const char *agent)
{
	size_t len = strspn(value,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

	return len == strlen(agent) && strncasecmp(value, agent, len) == 0;
}

struct parser {
	struct robots *robots;
	const char *agent;
	bool in_ours, in_everyone, in_rules;
};

static void
take_agent(struct parser *p, const char *value)
{
	if (p->in_rules)
		p->in_ours = p->in_everyone = p->in_rules = false;
	if (*value == '*')
		p->in_everyone = p->robots->everyone.is_there = true;
	else if (names_us(value, p->agent))
		p->in_ours = p->robots->ours.is_there = true;
}

static void
take_line(struct parser *p, char *line)
{
	struct robots *r = p->robots;
	char *colon, *name, *value;

	line[strcspn(line, "#")] = '\0';
	colon = strchr(line, ':');
	if (colon == NULL)
		return;
	*colon = '\0';
	name = str_trim(line);
	value = str_trim(colon + 1);
	if (strcasecmp(name, "user-agent") == 0) {
		take_agent(p, value);
	} else if (strcasecmp(name, "sitemap") == 0) {
		if (*value == '\0' || r->nsitemaps == SITEMAPS_MAX)
			return;
		r->sitemap = xrealloc(r->sitemap,
		    (r->nsitemaps + 1) * sizeof(*r->sitemap));
		r->sitemap[r->nsitemaps++] = xstrdup(value);
	} else if (strcasecmp(name, "allow") == 0 ||
	    strcasecmp(name, "disallow") == 0) {
		p->in_rules = true;
		if (p->in_ours)
			add_rule(&r->ours, value, tolower(*name) == 'a');
		if (p->in_everyone)
			add_rule(&r->everyone, value, tolower(*name) == 'a');
	} else if (strcasecmp(name, "crawl-delay") == 0) {
		p->in_rules = true;
		if (p->in_ours)
			add_delay(&r->ours, value);
		if (p->in_everyone)
			add_delay(&r->everyone, value);
	}
}

struct robots *
robots_parse(const char *text, size_t len, const char *agent)
{
	struct robots *r = xcalloc(1, sizeof(*r));
	struct parser p = { .robots = r, .agent = agent };
	const char *at = text, *end;
	size_t n;
	char *line;

	if (len > ROBOTS_MAX_BYTES)
		len = ROBOTS_MAX_BYTES;
	end = text + len;
	if (len >= 3 && memcmp(text, "\357\273\277", 3) == 0)
		at += 3;
	while (at < end) {
		for (n = 0; at + n < end && at[n] != '\n' && at[n] != '\r';)
			n++;
		line = xstrndup(at, n);
		take_line(&p, line);
		free(line);
		at += n + 1;
	}
	return r;
}

struct robots *
robots_all(bool allowed)
{
	struct robots *r = xcalloc(1, sizeof(*r));

	if (!allowed)
		add_rule(&r->everyone, "/", false);
	return r;
}

static void
group_release(struct group *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->rule[i].pattern);
	free(g->rule);
}

void
robots_free(struct robots *r)
{
	if (r == NULL)
		return;
	group_release(&r->ours);
	group_release(&r->everyone);
	for (size_t i = 0; i < r->nsitemaps; i++)
		free(r->sitemap[i]);
	free(r->sitemap);
	free(r);
}

/* --- asking --- */

static const struct group *
our_group(const struct robots *r)
{
	return r->ours.is_there ? &r->ours : &r->everyone;
}

/*
 * Whether pattern matches the beginning of path. On a mismatch only the last *
 * is tried again, one character on: its time is the product of the lengths at
 * worst.
 */
static bool
matches(const char *pattern, const char *path)
{
	const char *star = NULL, *retry = NULL;

	for (;;) {
		if (*pattern == '\0')
			return true;
		if (*pattern == '*') {
			star = ++pattern;
			retry = path;
			continue;
		}
		if (pattern[0] == '$' && pattern[1] == '\0' && *path == '\0')
			return true;
		if (*path != '\0' && *pattern == *path) {
			pattern++;
			path++;
			continue;
		}
		if (star == NULL || *retry == '\0')
			return false;
		pattern = star;
		path = ++retry;
	}
}

bool
robots_allow(const struct robots *r, const char *path)
{
	const struct group *g = our_group(r);
	size_t i, len, best = 0;
	bool allow = true;

	for (i = 0; i < g->count; i++) {
		len = strlen(g->rule[i].pattern);
		if (len < best || (len == best && !g->rule[i].allow))
			continue;
		if (matches(g->rule[i].pattern, path)) {
			best = len;
			allow = g->rule[i].allow;
		}
	}
	return allow;
}

int64_t
robots_delay_ms(const struct robots *r)
{
	return our_group(r)->delay_ms;
}

const char *
robots_sitemap(const struct robots *r, size_t i)
{
	return i < r->nsitemaps ? r->sitemap[i] : NULL;
}
