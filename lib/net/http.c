/*
 * http.c - outgoing HTTP calls on curl's multi interface
 *
 * Holds: a call that may not be repeated passes before_send() at most once, so
 * its body is written to at most one connection. A call whose `sent` is unset
 * when it fails has not left this machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "net/addr.h"
#include "net/curl.h"
#include "net/http.h"

/*
 * Connections a host over TLS until we know what it speaks. 500 requests over
 * 5 to 8 HTTP/2 connections cost a quarter of the CPU of 400 connections; the
 * same cap on HTTP/1.1 would make them wait for each other.
 */
#define HOST_CAP 6

/* A kept connection older than this is not used again: many servers close
 * theirs after a minute, and a POST into a closing one has no known end. */
#define KEEP_SECONDS 30L
/* What may follow an answer that was taken whole: the end of its stream. */
#define REST_MAX_BYTES (16 * 1024)
#define REST_MS 100
#define UNPACKED_BYTES (32 * 1024)	/* at a time */
#define RETRY_AFTER_MAX_S (366 * 86400) /* further than anybody waits */

struct call {
	struct call *next, *prev;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	char *url;
	const char *method;
	char *body; /* NULL: none */
	size_t body_len;
	curl_mime *form; /* NULL: none */
	http_sink sink;
	size_t sink_max_bytes, sunk_bytes, rest_bytes;
	int64_t enough_ms; /* since when the sink wants no more; 0: it does */
	http_told header;
	bool packed;
	bool odd_packing; /* the answer is in one that was not asked for */
	bool cut;	  /* its gzip is not whole, so far, */
	bool damaged;	  /* or none */
	z_stream *unpack; /* NULL: it is as it comes */
	bool closed;	  /* an address of it is not public */
	int64_t date_ms;
	int64_t retry_ms; /* retry-after-ms, as OpenAI sends it; -1: none */
	int64_t total_ms;
	int redirects;
	bool repeatable;
	bool anywhere;
	bool sent;    /* bytes of it may have gone out */
	bool stopped; /* its second try was stopped */
	bool too_big;
	struct buf answer;
	char error[CURL_ERROR_SIZE];
	int64_t started_ms;
	http_done done;
	void *arg;
};

struct list {
	struct call *first, *last;
};

struct http {
	CURLM *multi;
	struct http_limits limits;
	char *agent, *ca_file;
	struct list queue;  /* wait for their turn */
	struct list flight; /* are with curl */
	int nqueue, nflight;
	int nenough;  /* in flight, and taken whole */
	CURL **spare; /* easy handles to use again */
	int nspare;
	bool lifted; /* HOST_CAP is off */
	bool http1;  /* an answer over TLS was HTTP/1.1 */
};

static void
push(struct list *l, struct call *c)
{
	c->prev = l->last;
	c->next = NULL;
	if (l->last != NULL)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
}

static void
unlink_call(struct list *l, struct call *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		l->last = c->prev;
}

int
http_new(const struct http_limits *limits, struct http **ret)
{
	struct http *h;

	if (curl_load() < 0)
		return ERR_UNAVAILABLE;
	h = xcalloc(1, sizeof *h);
	h->limits = *limits;
	if (h->limits.max_flight <= 0)
		h->limits.max_flight = 64;
	if (h->limits.connect_ms <= 0)
		h->limits.connect_ms = 10 * 1000;
	if (h->limits.total_ms <= 0)
		h->limits.total_ms = 60 * 1000;
	if (h->limits.max_bytes == 0)
		h->limits.max_bytes = 1024 * 1024;
	h->agent =
	    xstrdup(limits->agent != NULL ? limits->agent :
					    "frontdesk/" FRONTDESK_VERSION);
	h->ca_file = xstrdup(limits->ca_file);
	h->spare = xcalloc((size_t)h->limits.max_flight, sizeof *h->spare);
	h->multi = curl_multi_init();
	if (h->multi == NULL) {
		http_free(h);
		return err_set(ERR_UNAVAILABLE, "curl could not be set up");
	}
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)HOST_CAP);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    (long)h->limits.max_flight);
	*ret = h;
	return 0;
}

/* Secrets may be in the headers: nothing of them stays in freed memory. */
static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

static void
end_unpack(struct call *c)
{
	if (c->unpack != NULL)
		inflateEnd(c->unpack);
	free(c->unpack);
	c->unpack = NULL;
	c->odd_packing = c->cut = c->damaged = false;
}

static void
call_free(struct call *c)
{
	for (struct curl_slist *s = c->headers; s != NULL; s = s->next)
		wipe(s->data);
	curl_slist_free_all(c->headers);
	curl_mime_free(c->form);
	end_unpack(c);
	buf_release(&c->answer);
	free(c->url);
	free(c->body);
	free(c);
}

void
http_free(struct http *h)
{
	struct call *c;

	if (h == NULL)
		return;
	while ((c = h->flight.first) != NULL) {
		unlink_call(&h->flight, c);
		curl_multi_remove_handle(h->multi, c->easy);
		curl_easy_cleanup(c->easy);
		call_free(c);
	}
	while ((c = h->queue.first) != NULL) {
		unlink_call(&h->queue, c);
		if (c->easy != NULL)
			curl_easy_cleanup(c->easy);
		call_free(c);
	}
	while (h->nspare > 0)
		curl_easy_cleanup(h->spare[--h->nspare]);
	if (h->multi != NULL)
		curl_multi_cleanup(h->multi);
	free(h->spare);
	free(h->agent);
	free(h->ca_file);
	free(h);
}

int
http_url_check(const char *url)
{
	char *scheme = NULL;
	CURLUcode code;
	CURLU *u;
	int ret = 0;

	if (curl_load() < 0)
		return ERR_UNAVAILABLE;
	u = curl_url();
	code = curl_url_set(u, CURLUPART_URL, url,
	    CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
	if (code == CURLUE_USER_NOT_ALLOWED)
		ret = err_set(ERR_CONFIG,
		    "a URL may not hold a user or password");
	else if (code != CURLUE_OK)
		ret = err_set(ERR_CONFIG, "not a URL");
	else if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		ret = err_set(ERR_CONFIG, "not a URL of http or https");
	curl_free(scheme);
	curl_url_cleanup(u);
	return ret;
}

int64_t
http_time_ms(const char *text)
{
	time_t at = curl_load() == 0 ? curl_getdate(text, NULL) : -1;

	return at > 0 ? (int64_t)at * 1000 : 0;
}

/* A header, unless it holds a line end and would be two. */
static int
add_header(struct call *c, const char *header)
{
	if (strpbrk(header, "\r\n") != NULL)
		return err_set(ERR_CONFIG, "a line end in a header");
	c->headers = curl_slist_append(c->headers, header);
	return 0;
}

/* The parts of a form, held by the call. */
static int
add_form(struct call *c, const struct http_part *parts)
{
	curl_mimepart *part;
	CURLcode code = CURLE_OK;

	c->easy = curl_easy_init();
	c->form = curl_mime_init(c->easy);
	for (; code == CURLE_OK && parts->name != NULL; parts++) {
		part = curl_mime_addpart(c->form);
		code = curl_mime_name(part, parts->name);
		if (code != CURLE_OK)
			break;
		if (parts->text != NULL) {
			code = curl_mime_data(part, parts->text,
			    CURL_ZERO_TERMINATED);
			continue;
		}
		code = curl_mime_filedata(part, parts->file);
		if (code == CURLE_OK && parts->as != NULL)
			code = curl_mime_filename(part, parts->as);
		if (code == CURLE_OK)
			code = curl_mime_type(part,
			    parts->type != NULL ? parts->type :
						  "application/octet-stream");
	}
	if (code == CURLE_OK)
		return 0;
	return err_set(ERR_NOINPUT, "%s: cannot be read",
	    parts->file != NULL ? parts->file : parts->name);
}

static int
ask(struct http *h, const struct http_request *r, const char *method,
    http_done done, void *arg)
{
	bool get = strcmp(method, "GET") == 0,
	     post = strcmp(method, "POST") == 0;
	struct call *c;
	char *line;
	int code;

	if ((code = http_url_check(r->url)) < 0)
		return code;
	c = xcalloc(1, sizeof *c);
	c->method = method;
	for (size_t i = 0; code == 0 && r->headers != NULL && r->headers[i];
	     i++)
		code = add_header(c, r->headers[i]);
	if (code == 0 && r->bearer != NULL) {
		line = xformat("Authorization: Bearer %s", r->bearer);
		code = add_header(c, line);
		wipe(line);
		free(line);
	}
	if (code == 0 && post && r->parts != NULL)
		code = add_form(c, r->parts);
	else if (code == 0 && !get && (post || r->body != NULL)) {
		const char *body = r->body != NULL ? r->body : "";

		line = xformat("Content-Type: %s",
		    r->type != NULL ? r->type : "application/json");
		code = add_header(c, line);
		free(line);
		c->body_len = r->body_len != 0 ? r->body_len : strlen(body);
		c->body = xmalloc(c->body_len + 1);
		memcpy(c->body, body, c->body_len);
		c->body[c->body_len] = '\0';
	}
	if (code == 0 && post)
		/* Else curl asks for leave before a body over 1 MiB. */
		code = add_header(c, "Expect:");
	if (code == 0 && r->packed)
		code = add_header(c, "Accept-Encoding: gzip");
	if (code < 0) {
		if (c->easy != NULL)
			curl_easy_cleanup(c->easy);
		call_free(c);
		return code;
	}
	c->url = xstrdup(r->url);
	c->http = h;
	c->total_ms = r->total_ms > 0 ? r->total_ms : h->limits.total_ms;
	c->redirects = get ? r->redirects : 0;
	c->repeatable = !post || r->repeatable;
	c->anywhere = r->anywhere;
	c->answer = (struct buf)BUF_INIT(h->limits.max_bytes);
	c->sink = r->sink;
	c->sink_max_bytes = r->sink_max_bytes;
	c->header = r->header;
	c->packed = r->packed;
	c->done = done;
	c->arg = arg;
	push(&h->queue, c);
	h->nqueue++;
	return 0;
}

int
http_get(struct http *h, const struct http_request *r, http_done done,
    void *arg)
{
	return ask(h, r, "GET", done, arg);
}

int
http_post(struct http *h, const struct http_request *r, http_done done,
    void *arg)
{
	return ask(h, r, "POST", done, arg);
}

int
http_delete(struct http *h, const struct http_request *r, http_done done,
    void *arg)
{
	return ask(h, r, "DELETE", done, arg);
}

int
http_busy(const struct http *h)
{
	return h->nqueue + h->nflight;
}

/* Connected, TLS done, nothing written yet; also before a second try. */
static int
before_send(void *arg, char *remote, char *local, int remote_port,
    int local_port)
{
	struct call *c = arg;

	(void)remote, (void)local, (void)remote_port, (void)local_port;
	if (c->sent && !c->repeatable) {
		c->stopped = true;
		return CURL_PREREQFUNC_ABORT;
	}
	c->sent = true;
	return CURL_PREREQFUNC_OK;
}

static void
tell_header(const struct call *c, const char *data, size_t len)
{
	const char *colon = memchr(data, ':', len);
	char *line;

	if (colon == NULL || colon == data)
		return;
	line = xstrndup(data, len);
	line[colon - data] = '\0';
	c->header(c->arg, line, str_trim(line + (colon - data) + 1));
	free(line);
}

/* A number of milliseconds in a header; -1: it is none. */
static int64_t
milliseconds(const char *data, size_t len)
{
	char text[32];
	double ms;

	snprintf(text, sizeof(text), "%.*s", (int)len, data);
	ms = strtod(text, NULL);
	return ms > 0 && ms < 1e12 ? (int64_t)ms : -1;
}

/* A Content-Encoding: curl would not notice that gzip was cut off. */
static void
begin_unpack(struct call *c, const char *data, size_t len)
{
	char text[32], *name;

	snprintf(text, sizeof(text), "%.*s", (int)len, data);
	name = str_trim(text);
	end_unpack(c);
	if (strcasecmp(name, "gzip") == 0 || strcasecmp(name, "x-gzip") == 0) {
		c->unpack = xcalloc(1, sizeof(*c->unpack));
		c->odd_packing = inflateInit2(c->unpack, 15 + 16) != Z_OK;
	} else
		c->odd_packing =
		    *name != '\0' && strcasecmp(name, "identity") != 0;
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct call *c = arg;

	size_t len = size * count;

	if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
		c->retry_ms = -1;
		end_unpack(c);
	}
	if (c->packed && len > 17 &&
	    strncasecmp(data, "content-encoding:", 17) == 0)
		begin_unpack(c, data + 17, len - 17);
	if (len >= 6 && memcmp(data, "HTTP/1", 6) == 0)
		c->http->http1 = true;
	if (len > 15 && len < 40 &&
	    strncasecmp(data, "retry-after-ms:", 15) == 0)
		c->retry_ms = milliseconds(data + 15, len - 15);
	if (len > 5 && len < 64 && strncasecmp(data, "date:", 5) == 0) {
		char text[64];
		time_t at;

		memcpy(text, data + 5, len - 5);
		text[len - 5] = '\0';
		at = curl_getdate(text, NULL);
		c->date_ms = at > 0 ? (int64_t)at * 1000 : 0;
	}
	if (c->header != NULL)
		tell_header(c, data, len);
	return len;
}

/* Bytes for the sink: whether it takes them. */
static bool
sink(struct call *c, const void *data, size_t len)
{
	int got;

	if (c->enough_ms > 0) {
		c->rest_bytes += len;
		return c->rest_bytes <= REST_MAX_BYTES;
	}
	c->sunk_bytes += len;
	if (c->sink_max_bytes > 0 && c->sunk_bytes > c->sink_max_bytes) {
		c->too_big = true;
		return false;
	}
	got = c->sink(c->arg, data, len);
	if (got == HTTP_ENOUGH) {
		c->enough_ms = mono_ms();
		c->http->nenough++;
	}
	return got == 0 || got == HTTP_ENOUGH;
}

/* Bytes of an answer, unpacked: whether they are taken. */
static bool
take(struct call *c, const void *data, size_t len)
{
	long status = 0;

	if (c->sink != NULL)
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status / 100 == 2)
		return sink(c, data, len);
	buf_add(&c->answer, data, len);
	c->too_big |= c->answer.failed;
	return !c->answer.failed;
}

/* Unpack bytes of gzip, of which several parts may come after one another:
 * whether they are taken. What is no gzip behind its end is passed over. */
static bool
unpack(struct call *c, char *data, size_t len)
{
	char piece[UNPACKED_BYTES];
	z_stream *z = c->unpack;
	int got = c->cut || z->total_in == 0 ? Z_OK : Z_STREAM_END;

	z->next_in = (Bytef *)data;
	z->avail_in = (uInt)len;
	do {
		if (got == Z_STREAM_END) {
			if (z->avail_in == 0 || *z->next_in != 0x1f)
				return true;
			inflateReset(z);
		}
		z->next_out = (Bytef *)piece;
		z->avail_out = sizeof(piece);
		got = inflate(z, Z_NO_FLUSH);
		if (got == Z_BUF_ERROR) /* all of it was taken before */
			break;
		c->damaged = got != Z_OK && got != Z_STREAM_END;
		if (c->damaged)
			return false;
		c->cut = got != Z_STREAM_END;
		if (z->avail_out < sizeof(piece) &&
		    !take(c, piece, sizeof(piece) - z->avail_out))
			return false;
	} while (z->avail_in > 0 || z->avail_out == 0);
	return true;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct call *c = arg;
	bool taken;

	if (c->odd_packing)
		taken = false;
	else if (c->unpack != NULL)
		taken = unpack(c, data, size * count);
	else
		taken = take(c, data, size * count);
	return taken ? size * count : 0;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct call *c = arg;
	const struct http_limits *l = &c->http->limits;

	(void)purpose;
	if (l->public_only && !c->anywhere && !addr_is_public(&a->addr) &&
	    !(l->loopback && addr_is_loopback(&a->addr))) {
		c->closed = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/*
 * HTTP/2 is for what may be tried again. A server that ends a connection after
 * so many requests (nginx: 1,000) refuses the streams it has not begun; that
 * is safe to repeat, but curl does not tell it from a death half way. Of a
 * burst over such an end a third would have had no known outcome.
 */
static bool
may_http2(const struct call *c)
{
	return c->repeatable && strncasecmp(c->url, "https:", 6) == 0;
}

static void
set_up(struct http *h, struct call *c)
{
	bool http2 = may_http2(c);
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_URL, c->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, c->redirects > 0 ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)c->redirects);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_USERAGENT, h->agent);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)h->limits.connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->total_ms);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, KEEP_SECONDS);
	/* One that was not looked at is nobody else's, nor is it kept. */
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, c->anywhere ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, c->anywhere ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
	    http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (h->ca_file != NULL)
		curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_send);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, c);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	if (c->packed)
		curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	if (c->form != NULL)
		curl_easy_setopt(e, CURLOPT_MIMEPOST, c->form);
	if (c->body != NULL) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)c->body_len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body);
	}
	if (strcmp(c->method, "DELETE") == 0)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
}

static void
lift_cap(struct http *h)
{
	h->lifted = true;
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 0L);
}

/* Give curl what may fly. */
static void
launch(struct http *h)
{
	while (h->queue.first != NULL && h->nflight < h->limits.max_flight) {
		struct call *c = h->queue.first;

		unlink_call(&h->queue, c);
		h->nqueue--;
		if (c->easy == NULL) /* a form has its own */
			c->easy = h->nspare > 0 ? h->spare[--h->nspare] :
						  curl_easy_init();
		set_up(h, c);
		if (!h->lifted && !may_http2(c))
			lift_cap(h);
		c->started_ms = mono_ms();
		push(&h->flight, c);
		h->nflight++;
		curl_multi_add_handle(h->multi, c->easy);
	}
}

/*
 * The host turned out to speak HTTP/1.1: lift the cap. curl wakes one of the
 * calls that wait for a connection when another one ends, so they would stay
 * capped; taken out and put in again they all look for one anew.
 */
static void
use_http1(struct http *h)
{
	lift_cap(h);
	for (struct call *c = h->flight.first; c != NULL; c = c->next)
		if (!c->sent) {
			curl_multi_remove_handle(h->multi, c->easy);
			curl_multi_add_handle(h->multi, c->easy);
		}
}

/* In words, without URL or address. */
static const char *
reason(const struct call *c, CURLcode code)
{
	long os = 0;

	if (c->too_big)
		return "the answer is too long";
	if (c->closed && !c->sent)
		return "its address is not public";
	if (c->odd_packing)
		return "the answer is packed in an unknown way";
	if (code == CURLE_OK)
		return "the answer is cut off";
	if (c->damaged)
		return "the answer's gzip is damaged";
	if (c->stopped)
		return "the connection ended without an answer";
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os);
		return os != 0 ? strerror((int)os) : "could not connect";
	case CURLE_OPERATION_TIMEDOUT:
		return c->sent ? "no answer in time" : "no connection in time";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return c->error[0] != '\0' ? c->error :
					     curl_easy_strerror(code);
	default:
		return curl_easy_strerror(code);
	}
}

static void
finish(struct http *h, struct call *c, CURLcode code)
{
	struct http_result r = { .retry_after_ms = -1 };
	long status = 0;
	curl_off_t after = 0;
	char *type = NULL;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &after);
	r.status = (int)status;
	r.body = c->answer.data != NULL ? c->answer.data : "";
	r.body_len = c->answer.len;
	r.type = type;
	if (after > 0)
		r.retry_after_ms =
		    (after < RETRY_AFTER_MAX_S ? after : RETRY_AFTER_MAX_S) *
		    (int64_t)1000;
	/* The finer one counts. */
	if (c->retry_ms > 0)
		r.retry_after_ms = c->retry_ms;
	r.took_ms = mono_ms() - c->started_ms;
	r.date_ms = c->date_ms;
	r.too_big = c->too_big;
	r.closed = c->closed && !c->sent;
	if ((code == CURLE_OK && !(c->cut && status / 100 == 2)) ||
	    c->enough_ms > 0) {
		r.class = HTTP_ANSWERED;
	} else {
		r.class = c->sent ? HTTP_UNKNOWN : HTTP_NOT_SENT;
		r.why = reason(c, code);
	}
	unlink_call(&h->flight, c);
	h->nflight--;
	h->nenough -= c->enough_ms > 0;
	curl_multi_remove_handle(h->multi, c->easy);
	c->done(c->arg, &r);
	if (h->nspare < h->limits.max_flight) {
		curl_easy_reset(c->easy);
		h->spare[h->nspare++] = c->easy;
	} else {
		curl_easy_cleanup(c->easy);
	}
	call_free(c);
}

/* How long the ends of those that were taken whole are waited for still, at
 * most left_ms. */
static int64_t
rest_ms(const struct http *h, int64_t left_ms)
{
	const struct call *c;
	int64_t now = h->nenough > 0 ? mono_ms() : 0, left;

	for (c = h->nenough > 0 ? h->flight.first : NULL; c != NULL;
	     c = c->next) {
		left = c->enough_ms + REST_MS - now;
		if (c->enough_ms > 0 && left < left_ms)
			left_ms = left > 0 ? left : 0;
	}
	return left_ms;
}

/* Cut off those whose end did not come. How many. */
static int
cut_off(struct http *h)
{
	struct call *c, *next;
	int64_t now = mono_ms();
	int n = 0;

	for (c = h->flight.first; c != NULL; c = next) {
		next = c->next;
		if (c->enough_ms > 0 && now - c->enough_ms >= REST_MS) {
			finish(h, c, CURLE_OK);
			n++;
		}
	}
	return n;
}

/* Let curl work. The calls that ended, or ERR_IO. */
static int
work(struct http *h)
{
	CURLMcode code;
	CURLMsg *m;
	int running, left, ended = 0;

	launch(h);
	if ((code = curl_multi_perform(h->multi, &running)) != CURLM_OK)
		return err_set(ERR_IO, "%s", curl_multi_strerror(code));
	if (h->http1 && !h->lifted)
		use_http1(h);
	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		CURLcode result = m->data.result;
		struct call *c;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		finish(h, c, result);
		ended++;
	}
	if (h->nenough > 0)
		ended += cut_off(h);
	/* Who waited for a place goes now: the caller may be long. */
	if (ended > 0 && h->queue.first != NULL) {
		launch(h);
		code = curl_multi_perform(h->multi, &running);
		if (code != CURLM_OK)
			return err_set(ERR_IO, "%s", curl_multi_strerror(code));
	}
	return ended;
}

/* revents by poll(2) itself: curl leaves POLLHUP out, which ends a pipe. */
static int
ready(struct pollfd *fds, int nfds)
{
	int n;

	if (nfds == 0)
		return 0;
	do
		n = poll(fds, (nfds_t)nfds, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

int
http_wait(struct http *h, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct curl_waitfd few[8], *extra = few;
	int64_t end_ms = mono_ms() + timeout_ms;
	CURLMcode code = CURLM_OK;
	int ended;

	if ((size_t)nfds > sizeof few / sizeof *few)
		extra = xcalloc((size_t)nfds, sizeof *extra);
	for (int i = 0; i < nfds; i++) {
		extra[i].fd = fds[i].fd;
		extra[i].events = 0;
		if (fds[i].events & POLLIN)
			extra[i].events |= CURL_WAIT_POLLIN;
		if (fds[i].events & POLLPRI)
			extra[i].events |= CURL_WAIT_POLLPRI;
		if (fds[i].events & POLLOUT)
			extra[i].events |= CURL_WAIT_POLLOUT;
	}
	for (;;) {
		int64_t left_ms =
		    timeout_ms < 0 ? 60 * 1000 : end_ms - mono_ms();

		if ((ended = work(h)) != 0)
			break;
		if (ready(fds, nfds) != 0 || left_ms <= 0)
			break;
		errno = 0;
		code = curl_multi_poll(h->multi, extra, (unsigned)nfds,
		    (int)rest_ms(h, left_ms), NULL);
		if (code != CURLM_OK || errno == EINTR)
			break;
	}
	if (ended > 0)
		ready(fds, nfds);
	if (extra != few)
		free(extra);
	if (ended < 0)
		return ended;
	if (code != CURLM_OK && errno != EINTR)
		return err_set(ERR_IO, "%s", curl_multi_strerror(code));
	return 0;
}

char *
http_endpoint(const char *base, const char *path)
{
	size_t len = strlen(base), tail = strlen(path);

	while (len > 0 && base[len - 1] == '/')
		len--;
	if (len >= tail && strncmp(base + len - tail, path, tail) == 0)
		return xstrndup(base, len);
	return xformat("%.*s%s", (int)len, base, path);
}
