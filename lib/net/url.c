/* url - addresses of pages, one spelling for each */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/err.h"
#include "base/str.h"
#include "net/curl.h"
#include "net/url.h"

/* --- what only tells of the visitor --- */

static bool
is_name(const char *p, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(p, name, len) == 0;
}

/* "3f7a9c..." and not the number of a session at a fair. */
static bool
looks_drawn(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)value[i]))
			return false;
	return len >= 16;
}

bool
url_is_tracking(const char *p, size_t len)
{
	static const char *const always[] = { "gclid", "gbraid", "wbraid",
		"dclid", "fbclid", "msclkid", "yclid", "twclid", "ttclid",
		"igshid", "mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi",
		"mkt_tok", "phpsessid", "jsessionid", "cfid", "cftoken",
		"sessionid", "session_id", NULL };
	static const char *const drawn[] = { "session", "sid", "sessid", "s",
		NULL };
	const char *equals = memchr(p, '=', len);
	size_t name = equals != NULL ? (size_t)(equals - p) : len, i;

	if (name > 4 && strncasecmp(p, "utm_", 4) == 0)
		return true;
	if (name >= 12 && strncasecmp(p, "aspsessionid", 12) == 0)
		return true;
	for (i = 0; always[i] != NULL; i++)
		if (is_name(p, name, always[i]))
			return true;
	for (i = 0; equals != NULL && drawn[i] != NULL; i++)
		if (is_name(p, name, drawn[i]) &&
		    looks_drawn(equals + 1, len - name - 1))
			return true;
	return false;
}

/* --- spelling --- */

/* len bytes of p, each character in its one spelling. */
static void
add_spelled(struct buf *out, const char *p, size_t len)
{
	const char *end = p + len;
	unsigned char c;

	for (; p < end; p++) {
		c = (unsigned char)*p;
		if (c == '%' && end - p > 2 && hex_digit(p[1]) >= 0 &&
		    hex_digit(p[2]) >= 0) {
			c = (unsigned char)(hex_digit(p[1]) << 4 |
			    hex_digit(p[2]));
			p += 2;
			if (isalnum(c) || (c != '\0' && strchr("-._~", c)))
				buf_addc(out, (char)c);
			else
				buf_addf(out, "%%%02X", c);
		} else if (c <= ' ' || c >= 0x7f || strchr("\"<>`{}|\\^", c))
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, (char)c);
	}
}

char *
url_spell(const char *text)
{
	struct buf b = BUF_INIT(0);

	add_spelled(&b, text, strlen(text));
	return buf_detach(&b);
}

static void
add_path(struct buf *out, const char *path)
{
	const char *session = strcasestr(path, ";jsessionid=");
	size_t len = session != NULL ? (size_t)(session - path) : strlen(path);

	if (len == 0)
		buf_addc(out, '/');
	add_spelled(out, path, len);
	if (session != NULL && (path = strchr(session, '/')) != NULL)
		add_spelled(out, path, strlen(path));
}

static void
add_query(struct buf *out, const char *query)
{
	char mark = '?';
	size_t len;

	for (; *query != '\0'; query += len + (query[len] != '\0')) {
		len = strcspn(query, "&");
		if (len == 0 || url_is_tracking(query, len))
			continue;
		buf_addc(out, mark);
		add_spelled(out, query, len);
		mark = '&';
	}
}

/* As browsers read an attribute: no blanks around, no line ends within. */
static char *
tidy(const char *text)
{
	struct buf b = BUF_INIT(0);

	for (text += strspn(text, " \t\r\n\f"); *text != '\0'; text++)
		if (strchr("\t\r\n", *text) == NULL)
			buf_addc(&b, *text);
	while (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	return buf_detach(&b);
}

/* Only http and https; what has another scheme is not for us. */
static bool
other_scheme(const char *text)
{
	size_t len = strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return len > 0 && text[len] == ':' && isalpha((unsigned char)*text) &&
	    !is_name(text, len, "http") && !is_name(text, len, "https");
}

static int
assemble(CURLU *u, char **ret)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
	char *query = NULL;
	struct buf out = BUF_INIT(URL_MAX_BYTES);
	int code = 0;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) !=
		CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PATH, &path, 0) != CURLUE_OK)
		code = err_set(ERR_DATA, "not an address of http or https");
	if (code == 0) {
		buf_addf(&out, "%s://", scheme);
		for (const char *p = host; *p != '\0'; p++)
			buf_addc(&out, (char)tolower((unsigned char)*p));
		/* The name of the root, "example.com.", is the same host. */
		if (out.len > 0 && out.data[out.len - 1] == '.')
			out.data[--out.len] = '\0';
		if (curl_url_get(u, CURLUPART_PORT, &port,
			CURLU_NO_DEFAULT_PORT) == CURLUE_OK)
			buf_addf(&out, ":%s", port);
		add_path(&out, path);
		if (curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
			add_query(&out, query);
		if (out.failed)
			code = err_set(ERR_DATA, "the address is too long");
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(query);
	if (code < 0)
		buf_release(&out);
	else
		*ret = buf_detach(&out);
	return code;
}

int
url_normal(const char *text, const char *base, char **ret)
{
	char *clean;
	CURLUcode got = CURLUE_OK;
	CURLU *u;
	int code = 0;

	if (curl_load() < 0)
		return ERR_UNAVAILABLE;
	clean = tidy(text);
	if (strlen(clean) > URL_MAX_BYTES * 3)
		code = err_set(ERR_DATA, "the address is too long");
	else if (other_scheme(clean))
		code = err_set(ERR_DATA, "not an address of http or https");
	if (code < 0) {
		free(clean);
		return code;
	}
	u = curl_url();
	if (base != NULL)
		got = curl_url_set(u, CURLUPART_URL, base,
		    CURLU_URLENCODE | CURLU_DISALLOW_USER);
	if (got == CURLUE_OK && *clean != '\0')
		got = curl_url_set(u, CURLUPART_URL, clean,
		    CURLU_URLENCODE | CURLU_DISALLOW_USER);
	if (got == CURLUE_USER_NOT_ALLOWED)
		code = err_set(ERR_DATA,
		    "an address may not hold a user or password");
	else if (got != CURLUE_OK || (base == NULL && *clean == '\0'))
		code = err_set(ERR_DATA, "not an address");
	else
		code = assemble(u, ret);
	curl_url_cleanup(u);
	free(clean);
	return code;
}

const char *
url_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	return path != NULL ? path : "/";
}

int
url_path_length(const char *url)
{
	return (int)strcspn(url_path(url), "?");
}

char *
url_origin(const char *url)
{
	return xstrndup(url, strlen(url) - strlen(url_path(url)));
}
