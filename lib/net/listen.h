/*
 * listen - a small HTTP/1.1 server for trusted-proxy or loopback use
 *
 * One thread reads requests (libmicrohttpd in its poll mode: its epoll mode
 * stalls with suspended connections in 0.9.75), another cuts those that are
 * late. TLS ends at a proxy in front.
 *
 * Limits are absolute, because libmicrohttpd's own is an idle one that a drip
 * of single bytes satisfies for ever:
 *
 *	head_ms		from the connect, or the request line of a later
 *			request, to the end of the headers
 *	body_ms		from the same instant to the end of the body
 *	idle_ms		between two requests of a connection
 *
 * With three quarters of connections_max in use, who idles is cut at once and
 * who has sent no whole headers after a second.
 *
 * Too large a body is 413, too large or too many headers are 431, more bytes
 * held than held_max_bytes is 503; none of these reaches the program. A source
 * that holds per_source connections is not accepted.
 *
 * A request is handed over whole. The program answers at once, or holds it and
 * answers from another thread later; the server goes on meanwhile.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listener;
struct request;

struct listen_options {
	size_t body_max_bytes;
	size_t head_max_bytes; /* request line and headers */
	int headers_max;
	size_t held_max_bytes; /* all bodies together */
	int connections_max;
	int per_source;	     /* 0: no limit */
	bool spare_loopback; /* a proxy there speaks for everyone */
	int64_t head_ms, body_ms, idle_ms;
};

/* What suits a receiver of webhooks. */
extern const struct listen_options listen_defaults;

/* Called on the server's thread with a whole request. */
typedef void (*listen_fn)(struct request *r, void *ctx);

/*
 * Listen at address, "127.0.0.1:8085" or "[::1]:8085"; port 0 lets the kernel
 * choose. NULL: at the sockets systemd passed; ERR_NOINPUT if it passed none.
 * ERR_CONFIG if the address makes no sense, ERR_UNAVAILABLE if it is taken.
 * o is copied.
 */
int listen_open(const char *address, const struct listen_options *o,
    listen_fn fn, void *ctx, struct listener **ret);

/* Where it listens, with the port that was chosen; the first of several. */
const char *listen_address(const struct listener *l);
int listen_port(const struct listener *l);

/*
 * Accept no more, let what is under way finish for at most wait_ms, close what
 * idles. Answers from now on close their connection.
 */
void listen_drain(struct listener *l, int64_t wait_ms);

/*
 * Refuse connections, and close those that idle, until listen_resume. For the
 * first socket of a listener that was given an address. ERR_IO.
 */
int listen_pause(struct listener *l);
int listen_resume(struct listener *l);

/* Ends l; every held request must have been answered. NULL is allowed. */
void listen_close(struct listener *l);

/* Connections cut for being late, and refused ones, since the start. */
struct listen_counts {
	int64_t requests, late, refused, too_large, full;
};
void listen_counts(struct listener *l, struct listen_counts *ret);

/*
 * The request; strings and body are good until it is answered. In headers and
 * query names case matters as in HTTP: not in headers, but in the query.
 */
const char *request_method(const struct request *r);
const char *request_path(const struct request *r);
const char *request_remote(const struct request *r); /* address, or "unix" */
const char *request_header(const struct request *r, const char *name);
int request_header_count(const struct request *r, const char *name);
/* NULL if there is none, or a NUL in it. */
const char *request_query(const struct request *r, const char *name);
const void *request_body(const struct request *r, size_t *ret_len);

/*
 * Answer with status and text (NULL: none; copied). retry_after_s: 0 for no
 * such header. Once for each request; from listen_fn, or from any thread after
 * request_hold(). r is gone with it.
 */
void request_answer(struct request *r, int status, const char *text,
    int retry_after_s);

/* Content-Type of the answer to come; default: text/plain. Not copied. */
void request_type(struct request *r, const char *type);

/* As request_answer, for bytes that are no text; they are copied. */
void request_answer_bytes(struct request *r, int status, const void *data,
    size_t len);

/* A header of the answer to come; copied. A Date takes the place of ours. */
void request_header_set(struct request *r, const char *name, const char *value);

/*
 * The socket of a held request, for who writes an answer of his own making,
 * such as a broken one: nothing else touches it meanwhile. It must end with
 * request_drop.
 */
int request_socket(const struct request *r);

/* As request_answer, but the connection is closed without a word. */
void request_drop(struct request *r);

/* In listen_fn, before another thread sees r: it will be answered later. */
void request_hold(struct request *r);

/* The program's own link in a queue of held requests. */
struct request *request_next(const struct request *r);
void request_set_next(struct request *r, struct request *next);

#endif
