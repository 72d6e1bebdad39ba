/* link - links and mail addresses as they stand in a text, in one form */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/utf8.h"
#include "ground/link.h"
#include "ground/plain.h"

#define HOST_MAX_BYTES 255
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15

/* Of countries two letters that are no English word, and the usual others. */
static const char domains[] =
    " com net org info biz io co app dev shop store online site xyz me eu de at "
    "ch fr es pt it nl be uk us ca br mx ar cl pe in id ru ua by kz cn jp kr tw "
    "hk sg my th vn ph au nz za ng ke eg ma ae sa qa kw tr pl cz sk hu ro bg gr "
    "se no dk fi ie il ir lu lt lv ee test example invalid top club live link "
    "page help pro world cloud ly gl cc tv ai gg fm sh ws vip icu buzz click "
    "support website space tech blog news email chat digital agency cafe hotel "
    "edu gov int mobi travel museum xn ";

bool
link_is_domain(const char *word, size_t len)
{
	char wanted[16];
	size_t i;

	if (len < 2 || len > 12)
		return false;
	wanted[0] = ' ';
	for (i = 0; i < len; i++) {
		if ((word[i] | 32) < 'a' || (word[i] | 32) > 'z')
			return false;
		wanted[i + 1] = (char)(word[i] | 32);
	}
	wanted[len + 1] = ' ';
	wanted[len + 2] = '\0';
	return strstr(domains, wanted) != NULL;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Where a run that may be a link ends: at blanks, brackets, other scripts. */
static const char *
run_end(const char *p, const char *end)
{
	const char *q = p, *next;
	uint32_t c;

	while (q < end) {
		if (*q == PLAIN_HIDDEN) {
			q++;
			continue;
		}
		if ((unsigned char)*q <= ' ' || strchr("\"<>()[]{}|,`;\\^", *q))
			break;
		next = q;
		c = utf8_next(&next, end);
		/* Letters that look like ours are Latin, Greek, Cyrillic. */
		if (c >= 0x590 && c < 0xff00)
			break;
		q = next;
	}
	while (q > p && strchr(".:!?*_'~-", q[-1]))
		q--;
	return q;
}

static uint64_t
hash(uint64_t h, const char *p, const char *end, bool fold)
{
	for (; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (fold && c >= 'A' && c <= 'Z')
			c |= 32;
		h = (h ^ c) * 1099511628211u;
	}
	return h;
}

static bool
is_tracking(const char *p, const char *end)
{
	static const char *const names[] = { "utm_", "gclid", "fbclid",
		"msclkid", "mc_cid", "mc_eid", "igshid", NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if ((size_t)(end - p) >= strlen(names[i]) &&
		    strncasecmp(p, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Path and query without what does not lead elsewhere. */
static uint64_t
hash_path(uint64_t h, const char *p, const char *end, bool *ret_is_host)
{
	const char *query = memchr(p, '?', (size_t)(end - p)), *stop, *next;

	stop = query != NULL ? query : end;
	while (stop > p && stop[-1] == '/')
		stop--;
	h = hash(h, p, stop, false);
	*ret_is_host = stop == p;
	for (p = query; p != NULL && p < end; p = next) {
		next = memchr(p + 1, '&', (size_t)(end - p - 1));
		if (next == NULL)
			next = end;
		if (p + 1 == next || is_tracking(p + 1, next))
			continue;
		h = hash(h ^ '&', p + 1, next, false);
		*ret_is_host = false;
	}
	return h;
}

/* Whether a last label names a country, known here or not: "do", "to". */
static bool
is_country(const char *label, const char *end)
{
	return end - label == 2 && (label[0] | 32) >= 'a' &&
	    (label[0] | 32) <= 'z' && (label[1] | 32) >= 'a' &&
	    (label[1] | 32) <= 'z';
}

/* A sentence that begins behind no blank: "size M.It is". */
static bool
is_capital(const char *p)
{
	return p[0] >= 'A' && p[0] <= 'Z' && p[1] >= 'a' && p[1] <= 'z';
}

/* Whether [p, end) is a host: labels with points between. With a path behind it
 * words that are domains elsewhere are one here: "bit.do/a", "t.me/a". */
static bool
is_host(const char *p, const char *end, bool is_sure, bool has_path)
{
	const char *label = p, *q;
	bool digits = true, is_long = false;
	size_t labels = 0, len;

	if (end - p > HOST_MAX_BYTES)
		return false;
	for (q = p; q <= end; q++) {
		if (q < end && *q != '.') {
			if (!is_alnum(*q) && *q != '-' && *q != PLAIN_HIDDEN &&
			    !(*q & 0x80))
				return false;
			digits &= *q >= '0' && *q <= '9';
			continue;
		}
		if (q == label)
			return false;
		labels++;
		if (q < end) {
			is_long |= q - label > 1;
			label = q + 1;
		}
	}
	if (labels < 2)
		return false;
	if (digits)
		return labels == 4;
	len = (size_t)(end - label);
	if (is_sure || (has_path && is_country(label, end)))
		return true;
	if (link_is_domain(label, len))
		return is_long || has_path || !is_capital(label);
	return is_long && len > 4 && strncasecmp(label, "xn--", 4) == 0;
}

static bool
skip(const char **p, const char *end, const char *what)
{
	size_t n = strlen(what);

	if ((size_t)(end - *p) < n || strncasecmp(*p, what, n) != 0)
		return false;
	*p += n;
	return true;
}

size_t
link_at(const char *p, const char *end, struct link *ret)
{
	const char *start = p, *stop, *at, *host, *host_end;
	bool is_sure = false;
	uint64_t h = 14695981039346656037u;

	/* Most runs are words: no point, no link. */
	for (stop = p; stop < end &&
	     ((unsigned char)*stop > ' ' || *stop == PLAIN_HIDDEN);
	     stop++)
		if (*stop == '.' || *stop == '@' || *stop == ':')
			break;
	if (stop == end || (unsigned char)*stop <= ' ')
		return 0;
	stop = run_end(p, end);
	memset(ret, 0, sizeof(*ret));
	skip(&p, stop, "mailto:");
	if (skip(&p, stop, "http://") || skip(&p, stop, "https://"))
		is_sure = true;
	else if (memmem(p, (size_t)(stop - p), "://", 3) != NULL) {
		/* Of another scheme it is compared whole. */
		ret->text = ret->host = hash(h ^ 1, p, stop, false) | 1;
		return (size_t)(stop - start);
	}
	if (skip(&p, stop, "www."))
		is_sure = true;
	if (stop - p < 3)
		return 0;
	at = memchr(p, '@', (size_t)(stop - p));
	ret->is_hidden = memchr(start, PLAIN_HIDDEN, (size_t)(stop - start));
	ret->is_mail = !is_sure && at != NULL;
	host = at != NULL ? at + 1 : p;
	for (host_end = host; host_end < stop; host_end++)
		if (strchr("/?#:@", *host_end) != NULL)
			break;
	/* @name: an account on some network */
	if (at == p && !is_sure) {
		ret->text = ret->host = hash(h ^ 2, p, stop, true) | 1;
		return stop - p >= 3 ? (size_t)(stop - start) : 0;
	}
	if (!is_host(host, host_end, is_sure || at != NULL,
		stop - host_end > 1 && *host_end == '/'))
		return 0;
	ret->host = hash(h, host, host_end, true) | 1;
	if (at != NULL) /* name@host, also before a link's host */
		h = hash(h ^ 3, p, at, true);
	h = hash(h, host, host_end, true);
	ret->text = hash_path(h, host_end, stop, &ret->is_host) | 1;
	return (size_t)(stop - start);
}

/* Whether digits in groups are of a day: 2026-05-06, 06-05-2026. */
static bool
is_day(const size_t *group, size_t groups)
{
	return groups == 3 && group[1] == 2 &&
	    ((group[0] == 4 && group[2] == 2) ||
		(group[0] == 2 && group[2] == 4));
}

/*
 * The bytes of the telephone number that begins at p, 0 if none does: + and
 * digits, or digits in groups that begin with 0 or a bracket.
 */
static size_t
phone_at(const char *p, const char *end)
{
	size_t group[PHONE_DIGITS_MAX] = { 0 }, groups = 1, digits = 0;
	const char *q = p, *last = p;
	bool is_world = *p == '+';

	if (!is_world && *p != '0' && *p != '(')
		return 0;
	for (q += is_world || *p == '('; q < end; q++) {
		if (*q >= '0' && *q <= '9') {
			if (++digits > PHONE_DIGITS_MAX)
				return 0;
			group[groups - 1]++;
			last = q + 1;
		} else if (strchr(" -/()", *q) == NULL)
			break;
		else if (group[groups - 1] > 0 && groups < PHONE_DIGITS_MAX)
			groups++;
	}
	groups -= group[groups - 1] == 0;
	if (digits < PHONE_DIGITS_MIN || is_day(group, groups))
		return 0;
	return is_world || groups > 1 ? (size_t)(last - p) : 0;
}

char *
link_left_out(const char *text)
{
	char *copy = xstrdup(text), *p, *end = copy + strlen(copy);
	struct link link;
	bool begins = true;
	size_t n;

	for (p = copy; p<end; p += n> 0 ? n : 1) {
		n = begins ? link_at(p, end, &link) : 0;
		if (n == 0 && begins)
			n = phone_at(p, end);
		memset(p, ' ', n);
		begins = n > 0 || strchr(" \t\n([<\"':", *p) != NULL;
	}
	return copy;
}

bool
link_any(const char *text)
{
	char *copy = link_left_out(text);
	bool any = strcmp(copy, text) != 0;

	free(copy);
	return any;
}
