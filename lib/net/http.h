/*
 * http - outgoing HTTP calls, many at a time, that say what may have happened
 *
 * A client holds the connections and the calls in flight of one thread. A
 * call is asked for with http_get or http_post and ends in its callback, which
 * is called from http_wait and from nowhere else. More calls than max_flight
 * wait their turn inside, in order.
 *
 *	struct http *h;
 *	http_new(&(struct http_limits){ .max_flight = 100 }, &h);
 *	http_post(h, &(struct http_request){ .url = u, .body = b }, done, job);
 *	while (http_busy(h) > 0)
 *		http_wait(h, NULL, 0, 1000);
 *
 * What matters to a sender is whether the other side can have got the call:
 * enum http_class. A POST goes out once at most: curl's own second try on a
 * fresh connection, after a kept one died without a byte of answer, is stopped
 * unless the request says repeatable.
 *
 * Only http and https. URLs are read by curl's URL API, the same code that
 * fetches; a URL with a user or password in it is refused. Proxies, netrc and
 * cookies are not used. What may be repeated goes by HTTP/2 where the host
 * speaks it, over a few shared connections; a POST that may not be repeated
 * goes by HTTP/1.1. Redirects are followed by GET alone, and only as many as
 * it asks for.
 *
 * The body of an answer is kept in memory up to max_bytes, or goes to the
 * request's sink as it comes, which is called with the callback's arg, as header
 * is. What is
 * no 2xx is kept in any case: it says what is wrong.
 *
 * Nothing here logs. Reasons (why, err_reason) hold no URL, header or body.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

/* 0 or NULL stands for the default in brackets. */
struct http_limits {
	int max_flight;	     /* calls at a time [64] */
	int64_t connect_ms;  /* name, connect and TLS [10 s] */
	int64_t total_ms;    /* the whole call, from its turn on [60 s] */
	size_t max_bytes;    /* of an answer's body, unpacked [1 MiB] */
	const char *agent;   /* User-Agent [frontdesk/VERSION] */
	const char *ca_file; /* certificates to trust [the system's] */
	bool public_only;    /* connect to public addresses only */
	bool loopback;	     /* with public_only: to loopback too */
};

/* A part of a form (multipart/form-data). */
struct http_part {
	const char *name; /* NULL ends a list of parts */
	const char *text; /* its value, or NULL for a file */
	const char *file; /* path, read while it is sent */
	const char *type; /* of the file; NULL: application/octet-stream */
	const char *as;	  /* the file's name as the other side sees it */
};

/*
 * Takes len bytes of an answer; anything but 0 ends the call. With HTTP_ENOUGH
 * it has ended well, HTTP_ANSWERED: what little follows at once is passed over,
 * so that the connection can be used again, and a body that goes on is cut off.
 */
#define HTTP_ENOUGH 2
typedef int (*http_sink)(void *arg, const void *data, size_t len);

/* Told a header of an answer, without blanks around its value. */
typedef void (*http_told)(void *arg, const char *name, const char *value);

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value", NULL-ended; NULL: none */
	const char *bearer;	    /* Authorization: Bearer; NULL: none */
	const char *body;	    /* of a POST; NULL: empty */
	size_t body_len;	    /* 0: up to the NUL */
	const char *type;	    /* Content-Type [application/json] */
	const struct http_part *parts; /* of a POST, instead of a body */
	http_sink sink;	       /* takes the body of a 2xx; NULL: it is kept */
	size_t sink_max_bytes; /* 0: no limit; more ends the call */
	http_told header;      /* told each header; NULL: nobody is */
	bool packed;	  /* the answer may come packed (gzip); sizes are of
			what it unpacks to */
	int64_t total_ms; /* 0: the client's */
	int redirects;	  /* GET: how many may be followed [none] */
	bool repeatable;  /* a POST that may arrive twice */
	bool anywhere;	  /* with public_only: to other addresses, too, by a
			   * connection that no other call gets */
};

enum http_class {
	HTTP_ANSWERED, /* a whole answer came: status and body hold it */
	HTTP_NOT_SENT, /* it cannot have arrived: try again */
	HTTP_UNKNOWN,  /* it may have arrived; no whole answer came */
};

/* Good during the callback. */
struct http_result {
	enum http_class class;
	int status;	  /* 0: no status line came */
	const char *body; /* NUL-terminated; "" if none or it was sunk */
	size_t body_len;
	const char *type;	/* Content-Type; NULL: none */
	int64_t retry_after_ms; /* retry-after-ms or Retry-After; -1: none */
	int64_t took_ms;	/* from its turn on */
	int64_t date_ms;	/* the other side's clock (Date); 0: not told */
	bool too_big;		/* it was cut off at its largest size */
	bool closed;		/* its address is not public: public_only */
	const char *why;	/* class other than ANSWERED: in words */
};

typedef void (*http_done)(void *arg, const struct http_result *r);

/* All strings are copied. ERR_UNAVAILABLE if curl cannot be set up. */
int http_new(const struct http_limits *limits, struct http **ret);

/* Calls in flight are cut off and their callbacks not called. NULL is allowed.
 */
void http_free(struct http *h);

/*
 * Ask. 0, and done will be called once; or ERR_CONFIG for a URL or header that
 * cannot be used, and it will not. The request is copied. May be called from
 * a callback.
 */
int http_get(struct http *h, const struct http_request *r, http_done done,
    void *arg);
int http_post(struct http *h, const struct http_request *r, http_done done,
    void *arg);
int http_delete(struct http *h, const struct http_request *r, http_done done,
    void *arg);

/* Calls that have not ended, those that wait for their turn included. */
int http_busy(const struct http *h);

/*
 * Work until a call ended, one of fds is ready (its revents are set as by
 * poll) or timeout_ms are over (-1: none). fds may be NULL. 0 or ERR_IO. It
 * also comes back early, with nothing to tell, after a signal.
 */
int http_wait(struct http *h, struct pollfd *fds, int nfds, int timeout_ms);

/* The time a header has (Last-Modified), in milliseconds; 0: none. */
int64_t http_time_ms(const char *text);

/*
 * The whole address of a service's path ("/messages") below its base; a base
 * that ends in the path already, or in slashes, is good. The caller frees.
 */
char *http_endpoint(const char *base, const char *path);

/* Whether url is one this client would call; ERR_CONFIG says what is wrong. */
int http_url_check(const char *url);

#endif
