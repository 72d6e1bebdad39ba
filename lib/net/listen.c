/*
 * listen - a small HTTP/1.1 server for trusted-proxy or loopback use
 *
 * A connection is a struct peer in one list under one lock; its phase says
 * what it is doing and cut_ms when it will be cut. The sweeper shuts the
 * socket of a late one down and libmicrohttpd, which sees the end of the
 * stream, closes it; peers leave the list before their socket is closed, so a
 * number that was used again is never shut down.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>
#include <systemd/sd-daemon.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "net/listen.h"

#define DAEMONS_MAX 32
#define SWEEP_MS 250	    /* how late a cut may be */
#define DISCARD_FACTOR 2    /* of body_max_bytes: then we hang up */
#define DRAIN_HEAD_MS 1000  /* for a request that has hardly begun */
#define STRESS_HEAD_MS 1000 /* the same where connections run out */

enum phase {
	PHASE_HEAD,   /* nothing whole yet */
	PHASE_BODY,   /* headers are there */
	PHASE_HELD,   /* with the program */
	PHASE_ANSWER, /* being written */
	PHASE_IDLE,   /* between requests */
};

struct peer {
	struct peer *prev, *next;
	struct listener *listener;
	int fd;
	enum phase phase;
	int64_t start_ms; /* of the request */
	int64_t cut_ms;
	bool counted; /* against its source */
	char remote[INET6_ADDRSTRLEN];
};

struct request {
	struct listener *listener;
	struct MHD_Connection *connection;
	struct peer *peer;
	struct request *next;
	char *method, *path;
	struct buf body;
	size_t seen; /* bytes of the body, also of those left out */
	bool begun;  /* the headers were looked at */
	bool held;
	int refusal; /* status to answer once the body is through; 0 */
	int status;  /* 0: not answered yet */
	bool dropped;
	char *text;
	size_t text_len;
	const char *type;
	int retry_after_s;
	char **headers; /* name, value, ... */
	size_t nheaders;
};

struct listener {
	struct listen_options options;
	listen_fn fn;
	void *ctx;
	char *address;
	int port;
	struct MHD_Daemon *daemons[DAEMONS_MAX];
	int sockets[DAEMONS_MAX];
	int ndaemons;
	int spare; /* while paused: bound to the port, not listening; else -1 */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;  /* the sweeper, and the drain */
	pthread_t sweeper;
	bool sweeping;
	bool draining, closing;
	int64_t sweep_at_ms; /* the sweeper sleeps until then */
	struct peer *peers;
	int npeers;
	size_t held_bytes;
	struct listen_counts counts;
};

const struct listen_options listen_defaults = {
	.body_max_bytes = 3 * 1024 * 1024,
	.head_max_bytes = 16 * 1024,
	.headers_max = 64,
	.held_max_bytes = 128 * 1024 * 1024,
	.connections_max = 2048,
	.per_source = 64,
	.spare_loopback = true,
	.head_ms = 10000,
	.body_ms = 15000,
	.idle_ms = 75000,
};

/* Under the lock. */
static void
peer_phase(struct peer *p, enum phase phase, int64_t cut_ms)
{
	struct listener *l = p->listener;

	p->phase = phase;
	p->cut_ms = cut_ms;
	if (cut_ms < l->sweep_at_ms || l->draining)
		pthread_cond_broadcast(&l->wake);
}

static void
phase_set(struct listener *l, struct peer *p, enum phase phase, int64_t cut_ms)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	peer_phase(p, phase, cut_ms);
	pthread_mutex_unlock(&l->lock);
}

/* Sleep on the condition until the monotonic at_ms. */
static void
wait_until(struct listener *l, int64_t at_ms)
{
	struct timespec t;

	if (at_ms == INT64_MAX) {
		pthread_cond_wait(&l->wake, &l->lock);
		return;
	}
	t.tv_sec = at_ms / 1000;
	t.tv_nsec = at_ms % 1000 * 1000000;
	pthread_cond_timedwait(&l->wake, &l->lock, &t);
}

static bool
is_stressed(const struct listener *l)
{
	return l->npeers > l->options.connections_max / 4 * 3;
}

/* Room is needed: no more patience with who idles or has hardly begun. */
static void
hurry(struct peer *p)
{
	int64_t cut_ms = INT64_MAX;

	if (p->phase == PHASE_IDLE)
		cut_ms = 0;
	else if (p->phase == PHASE_HEAD)
		cut_ms = p->start_ms + STRESS_HEAD_MS;
	/* INT64_MAX: it was cut already. */
	if (cut_ms < p->cut_ms && p->cut_ms != INT64_MAX)
		p->cut_ms = cut_ms;
}

static void *
sweep(void *arg)
{
	struct listener *l = arg;
	struct peer *p;
	int64_t now, next;

	pthread_mutex_lock(&l->lock);
	while (!l->closing) {
		now = mono_ms();
		next = INT64_MAX;
		for (p = l->peers; p != NULL; p = p->next) {
			if (is_stressed(l))
				hurry(p);
			if (p->cut_ms <= now) {
				shutdown(p->fd, SHUT_RDWR);
				p->cut_ms = INT64_MAX;
				if (p->phase != PHASE_IDLE)
					l->counts.late++;
			} else if (p->cut_ms < next)
				next = p->cut_ms;
		}
		if (is_stressed(l) ||
		    (next != INT64_MAX && next < now + SWEEP_MS))
			next = now + SWEEP_MS;
		l->sweep_at_ms = next;
		wait_until(l, next);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static bool
is_loopback(const struct sockaddr *sa)
{
	const struct in6_addr *six;

	if (sa == NULL || sa->sa_family == AF_UNIX)
		return true;
	if (sa->sa_family == AF_INET)
		return ntohl(
			   ((const struct sockaddr_in *)sa)->sin_addr.s_addr) >>
		    24 ==
		    127;
	if (sa->sa_family != AF_INET6)
		return false;
	six = &((const struct sockaddr_in6 *)sa)->sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(six) ||
	    (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static void
remote_text(const struct sockaddr *sa, char ret[INET6_ADDRSTRLEN])
{
	const char *text = NULL;

	if (sa != NULL && sa->sa_family == AF_INET)
		text = inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)sa)->sin_addr, ret,
		    INET6_ADDRSTRLEN);
	else if (sa != NULL && sa->sa_family == AF_INET6)
		text = inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)sa)->sin6_addr, ret,
		    INET6_ADDRSTRLEN);
	if (text == NULL)
		memcpy(ret, "unix", sizeof("unix"));
}

/* Whether a source may have one more; under no lock. */
static enum MHD_Result
accept_policy(void *cls, const struct sockaddr *sa, socklen_t len)
{
	struct listener *l = cls;
	char remote[INET6_ADDRSTRLEN];
	struct peer *p;
	int n = 0;

	(void)len;
	if (l->options.per_source <= 0 ||
	    (l->options.spare_loopback && is_loopback(sa)))
		return MHD_YES;
	remote_text(sa, remote);
	pthread_mutex_lock(&l->lock);
	for (p = l->peers; p != NULL; p = p->next)
		n += p->counted && strcmp(p->remote, remote) == 0;
	if (n >= l->options.per_source)
		l->counts.refused++;
	pthread_mutex_unlock(&l->lock);
	return n < l->options.per_source ? MHD_YES : MHD_NO;
}

static void
connection_changed(void *cls, struct MHD_Connection *connection, void **own,
    enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = cls;
	const union MHD_ConnectionInfo *info;
	const struct sockaddr *sa;
	struct peer *p = *own;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection,
		    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		sa = info != NULL ? info->client_addr : NULL;
		p = xcalloc(1, sizeof(*p));
		p->listener = l;
		p->counted = !(l->options.spare_loopback && is_loopback(sa));
		remote_text(sa, p->remote);
		info = MHD_get_connection_info(connection,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		p->fd = info->connect_fd;
		p->start_ms = mono_ms();
		*own = p;
		pthread_mutex_lock(&l->lock);
		p->next = l->peers;
		if (p->next != NULL)
			p->next->prev = p;
		l->peers = p;
		l->npeers++;
		/* The sweeper goes on by itself once it has seen it. */
		if (is_stressed(l) && l->sweep_at_ms > p->start_ms + SWEEP_MS)
			pthread_cond_broadcast(&l->wake);
		peer_phase(p, PHASE_HEAD,
		    p->start_ms +
			(l->draining ? DRAIN_HEAD_MS : l->options.head_ms));
		pthread_mutex_unlock(&l->lock);
	} else if (p != NULL) {
		pthread_mutex_lock(&l->lock);
		l->npeers--;
		if (p->prev != NULL)
			p->prev->next = p->next;
		else
			l->peers = p->next;
		if (p->next != NULL)
			p->next->prev = p->prev;
		if (l->draining)
			pthread_cond_broadcast(&l->wake);
		pthread_mutex_unlock(&l->lock);
		free(p);
		*own = NULL;
	}
}

static struct peer *
peer_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

/* The request line is there: the first sign of a request. */
static void *
request_begun(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct listener *l = cls;
	struct request *r = xcalloc(1, sizeof(*r));
	struct peer *p = peer_of(connection);

	(void)uri;
	r->listener = l;
	r->connection = connection;
	r->peer = p;
	r->body.max = l->options.body_max_bytes;
	if (p != NULL && p->phase == PHASE_IDLE) {
		p->start_ms = mono_ms();
		phase_set(l, p, PHASE_HEAD, p->start_ms + l->options.head_ms);
	}
	return r;
}

static void
held_add(struct listener *l, size_t more, size_t less)
{
	pthread_mutex_lock(&l->lock);
	l->held_bytes += more;
	l->held_bytes -= less;
	pthread_mutex_unlock(&l->lock);
}

static void
request_ended(void *cls, struct MHD_Connection *connection, void **own,
    enum MHD_RequestTerminationCode why)
{
	struct listener *l = cls;
	struct request *r = *own;

	(void)connection;
	(void)why;
	if (r == NULL)
		return;
	*own = NULL;
	held_add(l, 0, r->body.len);
	phase_set(l, r->peer, PHASE_IDLE,
	    l->draining ? 0 : mono_ms() + l->options.idle_ms);
	buf_release(&r->body);
	for (size_t i = 0; i < r->nheaders; i++)
		free(r->headers[i]);
	free(r->headers);
	free(r->method);
	free(r->path);
	free(r->text);
	free(r);
}

static enum MHD_Result
write_answer(struct request *r)
{
	struct listener *l = r->listener;
	struct MHD_Response *response;
	enum MHD_Result got;
	char number[16];

	if (r->dropped)
		return MHD_NO;
	response = MHD_create_response_from_buffer(r->text_len, r->text,
	    MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	if (r->text != NULL) {
		MHD_add_response_header(response, "Content-Type",
		    r->type != NULL ? r->type : "text/plain; charset=utf-8");
		/* The challenge is what the caller sent: never a page. */
		MHD_add_response_header(response, "X-Content-Type-Options",
		    "nosniff");
	}
	if (r->retry_after_s > 0) {
		snprintf(number, sizeof(number), "%d", r->retry_after_s);
		MHD_add_response_header(response, "Retry-After", number);
	}
	for (size_t i = 0; i + 1 < r->nheaders; i += 2)
		MHD_add_response_header(response, r->headers[i],
		    r->headers[i + 1]);
	if (r->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, POST");
	if (l->draining || r->refusal != 0)
		MHD_add_response_header(response, "Connection", "close");
	phase_set(l, r->peer, PHASE_ANSWER, mono_ms() + l->options.head_ms);
	got = MHD_queue_response(r->connection, (unsigned)r->status, response);
	MHD_destroy_response(response);
	return got;
}

static void
refuse(struct request *r, int status)
{
	struct listener *l = r->listener;

	r->refusal = status;
	pthread_mutex_lock(&l->lock);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		l->counts.full++;
	else
		l->counts.too_large++;
	/* What was kept of it is of no use any more. */
	l->held_bytes -= r->body.len;
	pthread_mutex_unlock(&l->lock);
	buf_release(&r->body);
	r->body.max = l->options.body_max_bytes;
	r->status = status;
	r->retry_after_s = status == MHD_HTTP_SERVICE_UNAVAILABLE ? 5 : 0;
}

/* The headers are there: may the body come? */
static void
look_at_head(struct request *r, const char *method, const char *path)
{
	struct listener *l = r->listener;
	const char *text;
	int64_t len;

	r->begun = true;
	r->method = xstrdup(method);
	r->path = xstrdup(path);
	if (r->peer != NULL)
		phase_set(l, r->peer, PHASE_BODY,
		    r->peer->start_ms + l->options.body_ms);
	pthread_mutex_lock(&l->lock);
	l->counts.requests++;
	pthread_mutex_unlock(&l->lock);
	if (MHD_get_connection_values(r->connection, MHD_HEADER_KIND, NULL,
		NULL) > l->options.headers_max)
		refuse(r, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE);
	/* Two lengths are two ideas of where the next request begins. */
	if (r->refusal == 0 && request_header_count(r, "Content-Length") > 1)
		refuse(r, MHD_HTTP_BAD_REQUEST);
	text = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND,
	    "Content-Length");
	if (text != NULL && r->refusal == 0 &&
	    (str_int(text, 0, INT64_MAX, &len) < 0 ||
		(uint64_t)len > l->options.body_max_bytes))
		refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
}

static void
take_body(struct request *r, const char *data, size_t len)
{
	struct listener *l = r->listener;
	bool full;

	r->seen += len;
	if (r->refusal != 0)
		return;
	if (r->seen > l->options.body_max_bytes) {
		refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
		return;
	}
	pthread_mutex_lock(&l->lock);
	full = l->held_bytes + len > l->options.held_max_bytes;
	if (!full)
		l->held_bytes += len;
	pthread_mutex_unlock(&l->lock);
	if (full)
		refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE);
	else
		buf_add(&r->body, data, len);
}

/*
 * libmicrohttpd calls this when the headers are there, for each piece of the
 * body, at the end of it, and again after a held request was resumed.
 */
static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *data_len,
    void **own)
{
	struct listener *l = cls;
	struct request *r = *own;

	(void)connection;
	(void)version;
	if (!r->begun) {
		look_at_head(r, method, path);
		return r->refusal != 0 ? write_answer(r) : MHD_YES;
	}
	if (*data_len > 0) {
		take_body(r, data, *data_len);
		*data_len = 0;
		/* A chunked body shows its size only as it comes. */
		return r->seen <= DISCARD_FACTOR * l->options.body_max_bytes ?
		    MHD_YES :
		    MHD_NO;
	}
	if (r->status == 0 && !r->held) {
		phase_set(l, r->peer, PHASE_HELD, INT64_MAX);
		l->fn(r, l->ctx);
		if (r->held)
			return MHD_YES;
		if (r->status == 0)
			r->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
	return write_answer(r);
}

void
request_hold(struct request *r)
{
	r->held = true;
	MHD_suspend_connection(r->connection);
}

void
request_answer(struct request *r, int status, const char *text,
    int retry_after_s)
{
	bool held = r->held;

	r->text = xstrdup(text);
	r->text_len = text != NULL ? strlen(text) : 0;
	r->retry_after_s = retry_after_s;
	r->status = status;
	if (held)
		MHD_resume_connection(r->connection);
}

void
request_answer_bytes(struct request *r, int status, const void *data,
    size_t len)
{
	bool held = r->held;

	r->text = xmalloc(len + 1);
	memcpy(r->text, data, len);
	r->text_len = len;
	r->status = status;
	if (held)
		MHD_resume_connection(r->connection);
}

void
request_header_set(struct request *r, const char *name, const char *value)
{
	r->headers =
	    xrealloc(r->headers, (r->nheaders + 2) * sizeof(*r->headers));
	r->headers[r->nheaders++] = xstrdup(name);
	r->headers[r->nheaders++] = xstrdup(value);
}

int
request_socket(const struct request *r)
{
	return r->peer != NULL ? r->peer->fd : -1;
}

void
request_type(struct request *r, const char *type)
{
	r->type = type;
}

void
request_drop(struct request *r)
{
	r->dropped = true;
	request_answer(r, MHD_HTTP_INTERNAL_SERVER_ERROR, NULL, 0);
}

const char *
request_method(const struct request *r)
{
	return r->method;
}

const char *
request_path(const struct request *r)
{
	return r->path;
}

const char *
request_remote(const struct request *r)
{
	return r->peer != NULL ? r->peer->remote : "unix";
}

const char *
request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND,
	    name);
}

struct header_count {
	const char *name;
	int count;
};

static enum MHD_Result
count_header(void *cls, enum MHD_ValueKind kind, const char *key,
    const char *value)
{
	struct header_count *h = cls;

	(void)kind;
	(void)value;
	h->count += strcasecmp(key, h->name) == 0;
	return MHD_YES;
}

int
request_header_count(const struct request *r, const char *name)
{
	struct header_count h = { name, 0 };

	MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header,
	    &h);
	return h.count;
}

const char *
request_query(const struct request *r, const char *name)
{
	const char *value = NULL;
	size_t len = 0;

	/* A text ends with the first NUL: what has one in it is none. */
	if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND,
		name, strlen(name), &value, &len) != MHD_YES ||
	    value == NULL || strlen(value) != len)
		return NULL;
	return value;
}

const void *
request_body(const struct request *r, size_t *ret_len)
{
	*ret_len = r->body.len;
	return r->body.data != NULL ? r->body.data : "";
}

struct request *
request_next(const struct request *r)
{
	return r->next;
}

void
request_set_next(struct request *r, struct request *next)
{
	r->next = next;
}

/* "HOST:PORT" or "[HOST]:PORT" in two parts. */
static int
address_split(const char *address, char **ret_host, char **ret_port)
{
	const char *colon = strrchr(address, ':'), *from = address;
	int64_t port;
	size_t len;

	if (colon == NULL || colon == address ||
	    str_int(colon + 1, 0, 65535, &port) < 0)
		return err_set(ERR_CONFIG, "address '%s' is not HOST:PORT",
		    address);
	len = (size_t)(colon - address);
	if (*from == '[' && from[len - 1] == ']') {
		from++;
		len -= 2;
	}
	*ret_host = xstrndup(from, len);
	*ret_port = xformat("%d", (int)port);
	return 0;
}

/* A socket bound to address; it listens if it is to. */
static int
socket_bound(const char *address, bool to_listen, int *ret_fd)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV },
			*found = NULL;
	char *host = NULL, *port = NULL;
	int fd = -1, on = 1, code;

	code = address_split(address, &host, &port);
	if (code < 0)
		return code;
	if (getaddrinfo(host, port, &hints, &found) != 0) {
		code =
		    err_set(ERR_CONFIG, "address '%s' is not known", address);
		goto out;
	}
	fd = socket(found->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) < 0 ||
	    (to_listen && listen(fd, SOMAXCONN) < 0)) {
		code = err_errno(errno == EACCES ? ERR_DENIED : ERR_UNAVAILABLE,
		    "listen at %s", address);
		goto out;
	}
	*ret_fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		close(fd);
	if (found != NULL)
		freeaddrinfo(found);
	free(host);
	free(port);
	return code;
}

static int
sockets_passed(struct listener *l)
{
	int n = sd_listen_fds(1), i, fd;

	if (n <= 0)
		return err_set(ERR_NOINPUT, "no socket was passed");
	if (n > DAEMONS_MAX)
		return err_set(ERR_CONFIG, "more than %d sockets were passed",
		    DAEMONS_MAX);
	for (i = 0; i < n; i++) {
		fd = SD_LISTEN_FDS_START + i;
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return err_set(ERR_CONFIG,
			    "descriptor %d is no listening stream socket", fd);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		l->sockets[l->ndaemons++] = fd;
	}
	return 0;
}

static void
name_socket(struct listener *l, int fd)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	struct sockaddr *sa = (struct sockaddr *)&at;
	socklen_t len = sizeof(at);
	char host[INET6_ADDRSTRLEN];

	if (getsockname(fd, sa, &len) < 0 ||
	    (sa->sa_family != AF_INET && sa->sa_family != AF_INET6)) {
		l->address = xstrdup("unix");
		return;
	}
	remote_text(sa, host);
	l->port = ntohs(sa->sa_family == AF_INET6 ?
		((struct sockaddr_in6 *)sa)->sin6_port :
		((struct sockaddr_in *)sa)->sin_port);
	l->address = xformat(sa->sa_family == AF_INET6 ? "[%s]:%d" : "%s:%d",
	    host, l->port);
}

static struct MHD_Daemon *
daemon_start(struct listener *l, int fd)
{
	return MHD_start_daemon(MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD |
		MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME,
	    0, accept_policy, l, handle, l, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, l->options.head_max_bytes,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)l->options.connections_max,
	    MHD_OPTION_NOTIFY_CONNECTION, connection_changed, l,
	    MHD_OPTION_NOTIFY_COMPLETED, request_ended, l,
	    MHD_OPTION_URI_LOG_CALLBACK, request_begun, l,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
	    1, MHD_OPTION_END);
}

int
listen_open(const char *address, const struct listen_options *o, listen_fn fn,
    void *ctx, struct listener **ret)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	pthread_condattr_t attr;
	sigset_t all, before;
	int code, i;

	l->options = *o;
	l->fn = fn;
	l->ctx = ctx;
	l->sweep_at_ms = INT64_MAX;
	l->spare = -1;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (address == NULL)
		code = sockets_passed(l);
	else {
		code = socket_bound(address, true, &l->sockets[0]);
		l->ndaemons = code == 0;
	}
	if (code < 0)
		goto fail;
	name_socket(l, l->sockets[0]);
	/* Signals are the main thread's; a closed peer is no signal. */
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	l->sweeping = pthread_create(&l->sweeper, NULL, sweep, l) == 0;
	for (i = 0; i < l->ndaemons && l->sweeping; i++)
		if ((l->daemons[i] = daemon_start(l, l->sockets[i])) == NULL)
			break;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!l->sweeping || i < l->ndaemons) {
		code = err_set(ERR_BUG, "libmicrohttpd does not start at %s",
		    l->address);
		goto fail;
	}
	*ret = l;
	return 0;
fail:
	listen_close(l);
	return code;
}

const char *
listen_address(const struct listener *l)
{
	return l->address;
}

int
listen_port(const struct listener *l)
{
	return l->port;
}

void
listen_counts(struct listener *l, struct listen_counts *ret)
{
	pthread_mutex_lock(&l->lock);
	*ret = l->counts;
	pthread_mutex_unlock(&l->lock);
}

static bool
all_idle(const struct listener *l)
{
	const struct peer *p;

	for (p = l->peers; p != NULL; p = p->next)
		if (p->phase != PHASE_IDLE)
			return false;
	return true;
}

void
listen_drain(struct listener *l, int64_t wait_ms)
{
	int64_t now = mono_ms(), until = now + wait_ms;
	struct peer *p;
	int i;

	for (i = 0; i < l->ndaemons; i++)
		MHD_quiesce_daemon(l->daemons[i]);
	pthread_mutex_lock(&l->lock);
	l->draining = true;
	for (p = l->peers; p != NULL; p = p->next) {
		if (p->phase == PHASE_IDLE)
			p->cut_ms = 0;
		else if (p->phase == PHASE_HEAD &&
		    p->cut_ms > now + DRAIN_HEAD_MS)
			p->cut_ms = now + DRAIN_HEAD_MS;
	}
	pthread_cond_broadcast(&l->wake);
	while (!all_idle(l) && mono_ms() < until)
		wait_until(l, until);
	pthread_mutex_unlock(&l->lock);
}

/* Connections of a server that takes no more. */
static bool
is_empty(struct MHD_Daemon *d)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(d, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info != NULL && info->num_connections == 0;
}

/*
 * A server cannot be given another socket: the old one keeps its connections
 * until they have ended, and a new one takes the next place.
 */
int
listen_pause(struct listener *l)
{
	struct peer *p;
	int last = l->ndaemons - 1, code;

	if (l->spare >= 0 || l->sockets[last] < 0)
		return err_set(ERR_BUG, "paused already");
	shutdown(l->sockets[last], SHUT_RDWR);
	MHD_quiesce_daemon(l->daemons[last]);
	close(l->sockets[last]);
	l->sockets[last] = -1;
	/* Nobody else shall have the port meanwhile. */
	code = socket_bound(l->address, false, &l->spare);
	pthread_mutex_lock(&l->lock);
	for (p = l->peers; p != NULL; p = p->next)
		if (p->phase == PHASE_IDLE)
			p->cut_ms = 0;
	l->sweep_at_ms = 0;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	return code;
}

int
listen_resume(struct listener *l)
{
	sigset_t all, before;
	int i, kept = 0;

	if (l->spare < 0)
		return 0;
	for (i = 0; i < l->ndaemons; i++)
		if (l->sockets[i] < 0 && is_empty(l->daemons[i])) {
			MHD_stop_daemon(l->daemons[i]);
		} else {
			l->daemons[kept] = l->daemons[i];
			l->sockets[kept++] = l->sockets[i];
		}
	l->ndaemons = kept;
	if (kept == DAEMONS_MAX)
		return err_set(ERR_IO, "too many connections of old stay open");
	if (listen(l->spare, SOMAXCONN) < 0)
		return err_errno(ERR_IO, "listen at %s", l->address);
	sigfillset(&all); /* signals stay the main thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	l->daemons[kept] = daemon_start(l, l->spare);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (l->daemons[kept] == NULL)
		return err_set(ERR_BUG, "libmicrohttpd does not start at %s",
		    l->address);
	l->sockets[kept] = l->spare;
	l->ndaemons++;
	l->spare = -1;
	return 0;
}

void
listen_close(struct listener *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < l->ndaemons; i++) {
		/* A quiesced socket is ours to close, after the thread. */
		if (l->daemons[i] != NULL) {
			MHD_quiesce_daemon(l->daemons[i]);
			MHD_stop_daemon(l->daemons[i]);
		}
		if (l->sockets[i] >= 0)
			close(l->sockets[i]);
	}
	if (l->sweeping) {
		pthread_mutex_lock(&l->lock);
		l->closing = true;
		pthread_cond_broadcast(&l->wake);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->sweeper, NULL);
	}
	if (l->spare >= 0)
		close(l->spare);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l->address);
	free(l);
}
