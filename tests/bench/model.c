/*
 * model - a model that thinks for a while, for as many as ask at once
 *
 *	model PORTFILE THINKS_MS SAYS
 *
 * Answers POST of chat completions on loopback: whatever is asked, after
 * THINKS_MS the text of the file SAYS. Whole, or where a stream is asked for in
 * pieces that are spread over that time. It reads no more of a request than its
 * length and whether it wants a stream, so that it takes little from those that
 * are measured. At SIGTERM it prints one object: served, most (answers that were
 * thought about at once), refused, cpu_ms.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"

#define CONNECTIONS_MAX 4096
#define EVENTS 256
#define READ_BYTES 65536
#define PIECE_BYTES 12
#define TOKENS_IN 900
#define TOKENS_OUT 40

/* Pieces of a stream, each as it is sent. */
struct pieces {
	char **piece;
	size_t count;
};

struct connection {
	int fd; /* -1: free */
	struct buf in, out;
	size_t written;
	bool thinks, streams;
	int64_t asked_us;
	size_t next; /* piece */
};

static struct connection connections[CONNECTIONS_MAX];
static struct pieces stream;
static char *whole;
static int64_t thinks_us;
static int epfd, listener;
static long served, refused, thinking, most;
static volatile sig_atomic_t stopped;

static void
on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "model: %s: %s\n", what, strerror(errno));
	_exit(70);
}

/* --- what it says --- */

static json_t *
usage(void)
{
	return json_pack("{s:i, s:i, s:i}", "prompt_tokens", TOKENS_IN,
	    "completion_tokens", TOKENS_OUT, "total_tokens",
	    TOKENS_IN + TOKENS_OUT);
}

static void
make_whole(const char *text)
{
	json_t *o = json_pack("{s:s, s:s, s:i, s:s, s:[{s:i, s:{s:s, s:s, s:n},"
			      " s:n, s:s}], s:o}",
	    "id", "chatcmpl-1", "object", "chat.completion", "created", 1,
	    "model", "m-1", "choices", "index", 0, "message", "role",
	    "assistant", "content", text, "refusal", "logprobs",
	    "finish_reason", "stop", "usage", usage());
	char *body = json_text(o);

	whole = xformat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			"Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	free(body);
	json_decref(o);
}

static void
add_piece(const char *head, const char *line, const char *tail)
{
	char *data = xformat("data: %s\n\n", line);

	stream.piece =
	    xrealloc(stream.piece, (stream.count + 1) * sizeof(*stream.piece));
	stream.piece[stream.count++] =
	    xformat("%s%zx\r\n%s\r\n%s", head, strlen(data), data, tail);
	free(data);
}

/* Takes choices and usage, either of which may be NULL. */
static void
add_chunk(const char *head, json_t *choices, json_t *used)
{
	json_t *o = json_pack("{s:s, s:s, s:i, s:s, s:o}", "id", "chatcmpl-1",
	    "object", "chat.completion.chunk", "created", 1, "model", "m-1",
	    "choices", choices);
	char *text;

	if (used != NULL)
		json_object_set_new(o, "usage", used);
	text = json_text(o);
	add_piece(head, text, "");
	free(text);
	json_decref(o);
}

static json_t *
choice(json_t *delta, const char *finish)
{
	return json_pack("[{s:i, s:o, s:s?}]", "index", 0, "delta", delta,
	    "finish_reason", finish);
}

/* The text is cut by bytes: it is to be ASCII. */
static void
make_stream(const char *text)
{
	size_t at, len = strlen(text), n;

	add_chunk("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n",
	    choice(json_pack("{s:s, s:s}", "role", "assistant", "content", ""),
		NULL),
	    NULL);
	for (at = 0; at < len; at += n) {
		n = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
		add_chunk("",
		    choice(json_pack("{s:s%}", "content", text + at, n), NULL),
		    NULL);
	}
	add_chunk("", choice(json_object(), "stop"), NULL);
	add_chunk("", json_array(), usage());
	add_piece("", "[DONE]", "0\r\n\r\n");
}

/* --- connections --- */

static void
leave(struct connection *c)
{
	if (c->thinks)
		thinking--;
	close(c->fd);
	c->fd = -1;
	c->thinks = false;
	c->written = c->next = 0;
	buf_release(&c->in);
	buf_release(&c->out);
}

static void
take(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd, on = 1;
	size_t i;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		for (i = 0; i < CONNECTIONS_MAX && connections[i].fd >= 0;)
			i++;
		if (i == CONNECTIONS_MAX) {
			refused++;
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		connections[i].fd = fd;
		e.data.ptr = &connections[i];
		epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
	}
}

/* What does not go at once waits for the next piece: answers are small. */
static void
put(struct connection *c)
{
	ssize_t n;

	while (c->written < c->out.len) {
		n = write(c->fd, c->out.data + c->written,
		    c->out.len - c->written);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			leave(c);
			return;
		}
		c->written += (size_t)n;
	}
	buf_reset(&c->out);
	c->written = 0;
}

/* The bytes of the request at the head of what came; 0: not whole yet. */
static size_t
request_len(struct connection *c)
{
	const char *end, *field;
	size_t head, body = 0;

	if (c->in.len == 0 || (end = strstr(c->in.data, "\r\n\r\n")) == NULL)
		return 0;
	head = (size_t)(end - c->in.data) + 4;
	field = strcasestr(c->in.data, "\r\ncontent-length:");
	if (field != NULL && field < end)
		body = strtoul(field + 17, NULL, 10);
	return c->in.len >= head + body ? head + body : 0;
}

static void
hear(struct connection *c)
{
	size_t len;
	ssize_t n;

	do {
		n = read(c->fd, buf_room(&c->in, READ_BYTES), READ_BYTES);
		if (n > 0)
			c->in.data[c->in.len += (size_t)n] = '\0';
	} while (n > 0);
	if (n == 0 || errno != EAGAIN) {
		leave(c);
		return;
	}
	len = request_len(c);
	if (len == 0 || c->thinks)
		return;
	c->streams = strstr(c->in.data, "\"stream\":true") != NULL;
	buf_drop(&c->in, len);
	c->asked_us = mono_us();
	c->thinks = true;
	c->next = 0;
	if (++thinking > most)
		most = thinking;
}

/* When a connection has its next bytes to send. */
static int64_t
due_us(const struct connection *c)
{
	return c->asked_us +
	    (c->streams ?
		    thinks_us * (int64_t)(c->next + 1) / (int64_t)stream.count :
		    thinks_us);
}

static void
say(struct connection *c)
{
	if (c->streams)
		buf_adds(&c->out, stream.piece[c->next++]);
	else
		buf_adds(&c->out, whole);
	if (!c->streams || c->next == stream.count) {
		c->thinks = false;
		thinking--;
		served++;
	}
	put(c);
}

/* Say what is due; milliseconds until the next is, at most a second. */
static int
say_due(void)
{
	int64_t now = mono_us(), least = now + 1000000;
	size_t i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		if (connections[i].fd < 0 || !connections[i].thinks)
			continue;
		if (due_us(&connections[i]) <= now)
			say(&connections[i]);
		if (connections[i].thinks && due_us(&connections[i]) < least)
			least = due_us(&connections[i]);
	}
	return least <= now ? 0 : (int)((least - now + 999) / 1000);
}

static void
listen_at(const char *port_file)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct epoll_event e = { .events = EPOLLIN };
	socklen_t len = sizeof(a);
	char *text;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, len) < 0 ||
	    listen(listener, CONNECTIONS_MAX) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) < 0)
		die("listen");
	epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &e);
	text = xformat("%d\n", ntohs(a.sin_port));
	if (file_put(port_file, text, strlen(text), 0600) < 0)
		die(port_file);
	free(text);
}

static void
report(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	printf("{\"served\": %ld, \"most\": %ld, \"refused\": %ld, "
	       "\"cpu_ms\": %ld}\n",
	    served, most, refused,
	    (long)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
		(long)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000);
}

int
main(int argc, char *argv[])
{
	struct epoll_event events[EVENTS];
	struct sigaction act = { .sa_handler = on_term };
	char *text;
	int n, i;

	if (argc != 4)
		return 64;
	if (file_read(argv[3], READ_BYTES, &text, NULL) < 0) {
		fprintf(stderr, "model: %s\n", err_reason());
		return 66;
	}
	thinks_us = strtoll(argv[2], NULL, 10) * 1000;
	make_whole(str_trim(text));
	make_stream(str_trim(text));
	for (i = 0; i < CONNECTIONS_MAX; i++)
		connections[i].fd = -1;
	sigaction(SIGTERM, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	epfd = epoll_create1(0);
	listen_at(argv[1]);
	while (!stopped) {
		n = epoll_wait(epfd, events, EVENTS, say_due());
		for (i = 0; i < n; i++)
			if (events[i].data.ptr == NULL)
				take();
			else
				hear(events[i].data.ptr);
	}
	report();
	return 0;
}
