/* unit-http.c - the HTTP client against a server that misbehaves */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "net/addr.h"
#include "net/http.h"

/*
 * One thread, one connection at a time. The path says what happens after the
 * request was read: /ok, /slow, /close, /late ...
 */
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND                                                        \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
	    HUNDRED HUNDRED

struct server {
	int fd, port;
	pthread_t thread;
	int requests, connections;
};

static void
reply(int fd, const char *text)
{
	(void)!write_all(fd, text, strlen(text));
}

/* One request in full; false at the end of the connection. */
static bool
read_request(int fd, char *buf, size_t size)
{
	size_t len = 0, want = 0;
	char *end;

	for (;;) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
		buf[len] = '\0';
		if ((end = strstr(buf, "\r\n\r\n")) == NULL)
			continue;
		if (want == 0) {
			char *l = strcasestr(buf, "content-length:");

			want = (size_t)(end + 4 - buf);
			if (l != NULL)
				want += (size_t)atoi(l + 15);
		}
		if (len >= want)
			return true;
	}
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	char buf[8192];
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		__atomic_add_fetch(&s->connections, 1, __ATOMIC_SEQ_CST);
		while (read_request(fd, buf, sizeof buf)) {
			__atomic_add_fetch(&s->requests, 1, __ATOMIC_SEQ_CST);
			if (strstr(buf, " /quit ") != NULL) {
				reply(fd, "HTTP/1.1 204 No\r\n\r\n");
				close(fd);
				return NULL;
			} else if (strstr(buf, " /ok ") != NULL) {
				reply(fd,
				    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				    "Content-Type: text/x\r\n\r\nhi");
			} else if (strstr(buf, " /busy ") != NULL) {
				reply(fd,
				    "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n"
				    "Content-Length: 0\r\n\r\n");
			} else if (strstr(buf, " /soon ") != NULL) {
				reply(fd,
				    "HTTP/1.1 429 Slow\r\nRetry-After: 2\r\n"
				    "retry-after-ms: 1234.5\r\n"
				    "Content-Length: 0\r\n\r\n");
			} else if (strstr(buf, " /moved ") != NULL) {
				reply(fd,
				    "HTTP/1.1 302 Moved\r\nLocation: /ok\r\n"
				    "Content-Length: 0\r\n\r\n");
			} else if (strstr(buf, " /inside ") != NULL) {
				reply(fd,
				    "HTTP/1.1 302 Moved\r\n"
				    "Location: http://10.255.255.1/\r\n"
				    "Content-Length: 0\r\n\r\n");
			} else if (strstr(buf, " /big ") != NULL) {
				reply(fd,
				    "HTTP/1.1 200 OK\r\n"
				    "Content-Length: 2000\r\n\r\n");
				for (int i = 0; i < 20; i++) {
					char x[100];

					memset(x, 'x', sizeof x);
					(void)!write_all(fd, x, sizeof x);
				}
			} else if (strstr(buf, " /half ") != NULL) {
				reply(fd,
				    "HTTP/1.1 200 OK\r\n"
				    "Content-Length: 20\r\n\r\nhal");
				break;
			} else if (strstr(buf, " /said ") != NULL) {
				reply(fd, CHUNKED "4\r\ndone\r\n");
				usleep(20 * 1000);
				reply(fd, "1\r\n\n\r\n0\r\n\r\n");
			} else if (strstr(buf, " /said-and-hang ") != NULL) {
				reply(fd, CHUNKED "4\r\ndone\r\n");
				usleep(400 * 1000);
				break;
			} else if (strstr(buf, " /said-and-on ") != NULL) {
				reply(fd, CHUNKED "4\r\ndone\r\n");
				for (int i = 0; i < 200; i++)
					reply(fd, "3e8\r\n" THOUSAND "\r\n");
				break;
			} else if (strstr(buf, " /hang ") != NULL) {
				usleep(400 * 1000);
				break;
			} else { /* /close */
				break;
			}
		}
		shutdown(fd, SHUT_RDWR);
		close(fd);
	}
	return NULL;
}

static void
server_start(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;

	memset(s, 0, sizeof *s);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

struct seen {
	int calls;
	enum http_class class;
	int status;
	char body[64], why[256];
	size_t len;
	int64_t retry_after_ms;
};

static void
see(void *arg, const struct http_result *r)
{
	struct seen *s = arg;

	s->calls++;
	s->class = r->class;
	s->status = r->status;
	s->len = r->body_len;
	snprintf(s->body, sizeof s->body, "%s", r->body);
	snprintf(s->why, sizeof s->why, "%s", r->why ? r->why : "");
	s->retry_after_ms = r->retry_after_ms;
}

static void
run(struct http *h)
{
	while (http_busy(h) > 0)
		assert_int_equal(http_wait(h, NULL, 0, 5000), 0);
}

static struct seen
call(struct http *h, int port, const char *path, bool post, bool again)
{
	struct seen s = { 0 };
	char *url = xformat("http://127.0.0.1:%d%s", port, path);
	struct http_request r = { .url = url,
		.body = "{}",
		.bearer = "secret",
		.repeatable = again };

	if (post)
		assert_int_equal(http_post(h, &r, see, &s), 0);
	else
		assert_int_equal(http_get(h, &r, see, &s), 0);
	run(h);
	assert_int_equal(s.calls, 1);
	free(url);
	return s;
}

static void
test_answers(void **state)
{
	struct server sv;
	struct http *h;
	struct seen s;

	(void)state;
	server_start(&sv);
	assert_int_equal(http_new(&(struct http_limits){ .max_bytes = 1000,
				      .total_ms = 200 },
			     &h),
	    0);
	s = call(h, sv.port, "/ok", true, false);
	assert_int_equal(s.class, HTTP_ANSWERED);
	assert_int_equal(s.status, 200);
	assert_string_equal(s.body, "hi");
	assert_int_equal(s.retry_after_ms, -1);
	s = call(h, sv.port, "/busy", true, false);
	assert_int_equal(s.class, HTTP_ANSWERED);
	assert_int_equal(s.status, 429);
	assert_int_equal(s.retry_after_ms, 7000);
	s = call(h, sv.port, "/soon", true, false);
	assert_int_equal(s.retry_after_ms, 1234);
	s = call(h, sv.port, "/moved", true, false);
	assert_int_equal(s.status, 302);
	assert_int_equal(sv.connections, 1); /* kept and used again */

	s = call(h, sv.port, "/big", true, false);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	assert_string_equal(s.why, "the answer is too long");
	s = call(h, sv.port, "/half", true, false);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	s = call(h, sv.port, "/hang", true, false);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	assert_string_equal(s.why, "no answer in time");
	call(h, sv.port, "/quit", false, false);
	http_free(h);
	pthread_join(sv.thread, NULL);
	close(sv.fd);

	assert_int_equal(http_new(&(struct http_limits){ 0 }, &h), 0);
	s = call(h, sv.port, "/ok", true, false);
	assert_int_equal(s.class, HTTP_NOT_SENT); /* refused */
	assert_string_equal(s.why, "Connection refused");
	http_free(h);
}

/* Wants "done" and no more. */
static int
until_done(void *arg, const void *data, size_t len)
{
	struct seen *s = arg;

	s->len += len;
	return memmem(data, len, "done", 4) != NULL ? HTTP_ENOUGH : 0;
}

static struct seen
call_until_done(struct http *h, int port, const char *path)
{
	struct seen s = { 0 };
	char *url = xformat("http://127.0.0.1:%d%s", port, path);
	struct http_request r = { .url = url,
		.body = "{}",
		.sink = until_done };

	assert_int_equal(http_post(h, &r, see, &s), 0);
	run(h);
	free(url);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.class, HTTP_ANSWERED);
	assert_int_equal(s.status, 200);
	return s;
}

/* Who has taken all they want leaves the connection to others, but waits for
 * no end that does not come. */
static void
test_enough(void **state)
{
	struct server sv;
	struct http *h;
	int64_t begun;

	(void)state;
	server_start(&sv);
	assert_int_equal(http_new(&(struct http_limits){ 0 }, &h), 0);
	call_until_done(h, sv.port, "/said");
	call_until_done(h, sv.port, "/said");
	call(h, sv.port, "/ok", true, false);
	assert_int_equal(sv.connections, 1);
	begun = mono_ms();
	call_until_done(h, sv.port, "/said-and-hang");
	assert_true(mono_ms() - begun < 350);
	call_until_done(h, sv.port, "/said-and-on");
	call(h, sv.port, "/ok", true, false);
	assert_int_equal(sv.connections, 3);
	call(h, sv.port, "/quit", false, false);
	http_free(h);
	pthread_join(sv.thread, NULL);
	close(sv.fd);
}

/*
 * A kept connection dies after the server has read the request: a second try
 * would send the message twice.
 */
static void
test_one_try(void **state)
{
	struct server sv;
	struct http *h;
	struct seen s;

	(void)state;
	server_start(&sv);
	assert_int_equal(http_new(&(struct http_limits){ 0 }, &h), 0);
	call(h, sv.port, "/ok", true, false);
	s = call(h, sv.port, "/close", true, false);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	assert_string_equal(s.why, "the connection ended without an answer");
	assert_int_equal(sv.requests, 2);

	/* On a fresh one too. */
	s = call(h, sv.port, "/close", true, false);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	assert_int_equal(sv.requests, 3);

	/* What may arrive twice is tried twice. */
	call(h, sv.port, "/ok", true, false);
	s = call(h, sv.port, "/close", true, true);
	assert_int_equal(s.class, HTTP_UNKNOWN);
	assert_int_equal(sv.requests, 6);
	call(h, sv.port, "/quit", false, false);
	http_free(h);
	pthread_join(sv.thread, NULL);
	close(sv.fd);
}

static void
test_guard(void **state)
{
	static const char *const bad[] = { "file:///etc/passwd", "gopher://x/",
		"ftp://x/", "http://u:p@x/", "x", "", "http://",
		"http://u@127.0.0.1/" };
	struct server sv;
	struct http *h;
	struct seen s;
	char *url;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(http_url_check(bad[i]), ERR_CONFIG);
	assert_int_equal(http_url_check("https://graph.facebook.com"), 0);

	server_start(&sv);
	assert_int_equal(http_new(&(struct http_limits){ .public_only = true },
			     &h),
	    0);
	s = call(h, sv.port, "/ok", true, false);
	assert_int_equal(s.class, HTTP_NOT_SENT);
	assert_int_equal(sv.connections, 0);
	/* One that may go anywhere goes, and leaves no way for the next. */
	url = xformat("http://127.0.0.1:%d/ok", sv.port);
	assert_int_equal(http_post(h,
			     &(struct http_request){ .url = url,
				 .anywhere = true },
			     see, &s),
	    0);
	run(h);
	free(url);
	assert_int_equal(s.class, HTTP_ANSWERED);
	assert_int_equal(sv.connections, 1);
	s = call(h, sv.port, "/ok", true, false);
	assert_int_equal(s.class, HTTP_NOT_SENT);
	assert_int_equal(sv.connections, 1);
	http_free(h);
	assert_int_equal(http_new(&(struct http_limits){ .public_only = true,
				      .loopback = true },
			     &h),
	    0);
	s = call(h, sv.port, "/ok", true, false);
	assert_int_equal(s.class, HTTP_ANSWERED);
	/* Where a redirect leads is looked at, too, before it is connected. */
	url = xformat("http://127.0.0.1:%d/inside", sv.port);
	assert_int_equal(http_get(h,
			     &(struct http_request){ .url = url,
				 .redirects = 5 },
			     see, &s),
	    0);
	run(h);
	free(url);
	assert_int_not_equal(s.class, HTTP_ANSWERED);
	assert_int_equal(http_get(h,
			     &(struct http_request){ .url = "http://x/",
				 .bearer = "a\r\nb: c" },
			     see, &s),
	    ERR_CONFIG);
	call(h, sv.port, "/quit", false, false);
	http_free(h);
	pthread_join(sv.thread, NULL);
	close(sv.fd);
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *text;
		bool is_public;
	} rows[] = {
		{ "8.8.8.8", true },
		{ "172.15.0.1", true },
		{ "172.32.0.1", true },
		{ "10.1.2.3", false },
		{ "127.0.0.1", false },
		{ "169.254.169.254", false },
		{ "172.31.255.255", false },
		{ "192.168.1.1", false },
		{ "100.64.0.1", false },
		{ "198.19.255.255", false },
		{ "0.0.0.0", false },
		{ "224.0.0.1", false },
		{ "255.255.255.255", false },
		{ "2a00:1450:4001::1", true },
		{ "::1", false },
		{ "::", false },
		{ "::ffff:10.0.0.1", false },
		{ "::ffff:8.8.8.8", true },
		{ "64:ff9b::127.0.0.1", false },
		{ "64:ff9b::8.8.8.8", true },
		{ "2002:7f00:1::", false },
		{ "2001:0:1::", false },
		{ "2001:db8::1", false },
		{ "fe80::1", false },
		{ "fc00::1", false },
		{ "ff02::1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sockaddr_in in = { .sin_family = AF_INET };
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
		bool got;

		if (strchr(rows[i].text, ':') == NULL) {
			inet_pton(AF_INET, rows[i].text, &in.sin_addr);
			got = addr_is_public((struct sockaddr *)&in);
		} else {
			inet_pton(AF_INET6, rows[i].text, &in6.sin6_addr);
			got = addr_is_public((struct sockaddr *)&in6);
		}
		if (got != rows[i].is_public)
			fail_msg("%s", rows[i].text);
	}
}

/* Waiting sees the other fds, the end of a pipe too, and its own time. */
static void
test_wait(void **state)
{
	struct http *h;
	struct pollfd p = { .events = POLLIN };
	int ends[2];
	int64_t from_ms;

	(void)state;
	assert_int_equal(http_new(&(struct http_limits){ 0 }, &h), 0);
	assert_int_equal(pipe(ends), 0);
	p.fd = ends[0];
	from_ms = mono_ms();
	assert_int_equal(http_wait(h, &p, 1, 50), 0);
	assert_true(mono_ms() - from_ms >= 45);
	assert_int_equal(p.revents, 0);
	close(ends[1]);
	from_ms = mono_ms();
	assert_int_equal(http_wait(h, &p, 1, 5000), 0);
	assert_true(mono_ms() - from_ms < 1000);
	assert_true(p.revents & POLLHUP);
	close(ends[0]);
	http_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_enough),
		cmocka_unit_test(test_one_try),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_wait),
	};

	/* The servers are of this process, and clients leave them early. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
