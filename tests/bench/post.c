/*
 * post - load for a receiver: signed webhooks over many connections
 *
 *	post PORT PATH SECRET CONNECTIONS SECONDS [ACKED [AT]]
 *
 * Each connection posts one webhook after the other, of about a kilobyte and
 * with an id of its own, and waits for its answer; all are kept open. Prints
 * one object: acknowledged, errors, per_second, p50_us, p99_us, max_us. With
 * ACKED the ids of acknowledged ones are written there, one a line, at once:
 * what stands in it was acknowledged, whatever happens to anybody. With AT it
 * is a disk: from that byte on each id has a sector, written past the cache, so
 * that whoever notes the writes of the disk knows what was acknowledged when.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "net/signature.h"

#define EVENTS 64
#define ANSWER_BYTES 4096
#define SECTOR_BYTES 512

struct connection {
	int fd;
	char id[40];
	struct buf out;
	size_t written;
	char in[ANSWER_BYTES];
	size_t in_len;
	int64_t began_us;
};

static struct signature_keys *keys;
static struct sockaddr_in peer = { .sin_family = AF_INET };
static const char *path;
static int acked_fd = -1, epfd;
static off_t acked_at = -1; /* of a disk */
static long serial, errors;
static uint32_t *took_us;
static size_t ntook, ctook;

/* A webhook with a text message, as the provider writes them. */
static void
make_request(struct connection *c)
{
	char body[2048], signature[SIGNATURE_BYTES];
	int len;

	snprintf(c->id, sizeof(c->id), "wamid.B%d.%ld", (int)getpid(),
	    serial++);
	len = snprintf(body, sizeof(body),
	    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":"
	    "\"200000000000002\",\"changes\":[{\"field\":\"messages\","
	    "\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{"
	    "\"display_phone_number\":\"15550000001\",\"phone_number_id\":"
	    "\"100000000000001\"},\"contacts\":[{\"profile\":{\"name\":"
	    "\"Load\"},\"wa_id\":\"49170%07ld\"}],\"messages\":[{\"from\":"
	    "\"49170%07ld\",\"id\":\"%s\",\"timestamp\":\"%lld\",\"type\":"
	    "\"text\",\"text\":{\"body\":\"Where is my parcel? I ordered it "
	    "two weeks ago, the page still says that it is being packed, and "
	    "nobody answers the telephone. Please tell me when it will be "
	    "sent, or whether I should rather order it in a shop nearby. My "
	    "neighbour got hers within three days, so I wonder what went "
	    "wrong this time; the invoice was paid on the same day, and I "
	    "have the receipt here in front of me if you need to see it.\"}}]"
	    "}}]}]}",
	    serial % 5000, serial % 5000, c->id, (long long)(now_ms() / 1000));
	signature_make(keys, body, (size_t)len, signature);
	buf_reset(&c->out);
	buf_addf(&c->out,
	    "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
	    "application/json\r\nX-Hub-Signature-256: %s\r\n"
	    "Content-Length: %d\r\n\r\n%s",
	    path, signature, len, body);
	c->written = c->in_len = 0;
	c->began_us = mono_us();
}

static void
send_on(struct connection *c)
{
	while (c->written < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->written,
		    c->out.len - c->written, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		c->written += (size_t)n;
	}
}

static void
connect_to(struct connection *c)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };

	if (c->fd >= 0)
		close(c->fd);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&peer, sizeof(peer)) < 0) {
		if (c->fd >= 0)
			close(c->fd);
		c->fd = -1; /* tried again later */
		return;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
	make_request(c);
	send_on(c);
}

/* Whether the answer is all there; *ret_status is its status. */
static bool
answered(struct connection *c, int *ret_status)
{
	char *end, *length;
	long want;

	c->in[c->in_len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return false;
	length = strcasestr(c->in, "content-length:");
	want = length != NULL && length < end ? atol(length + 15) : 0;
	*ret_status = atoi(c->in + strlen("HTTP/1.1 "));
	return c->in_len >= (size_t)(end - c->in) + 4 + (size_t)want;
}

/* Each in a sector of its own: nothing is written twice. */
static void
note_on_disk(const char *id)
{
	static _Alignas(4096) char sector[SECTOR_BYTES];

	memset(sector, 0, sizeof(sector));
	snprintf(sector, sizeof(sector), "acked %s\n", id);
	if (pwrite(acked_fd, sector, sizeof(sector), acked_at) !=
	    sizeof(sector))
		exit(74);
	acked_at += SECTOR_BYTES;
}

static void
note(struct connection *c)
{
	char line[48];
	int len;

	if (ntook == ctook) {
		ctook = ctook == 0 ? 65536 : 2 * ctook;
		took_us = xrealloc(took_us, ctook * sizeof(*took_us));
	}
	took_us[ntook++] = (uint32_t)(mono_us() - c->began_us);
	if (acked_fd < 0)
		return;
	if (acked_at >= 0) {
		note_on_disk(c->id);
		return;
	}
	len = snprintf(line, sizeof(line), "%s\n", c->id);
	if (write(acked_fd, line, (size_t)len) != len)
		exit(74);
}

static void
readable(struct connection *c)
{
	ssize_t n =
	    recv(c->fd, c->in + c->in_len, ANSWER_BYTES - 1 - c->in_len, 0);
	int status = 0;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		errors++;
		connect_to(c);
		return;
	}
	c->in_len += (size_t)n;
	if (!answered(c, &status))
		return;
	if (status == 200)
		note(c);
	else
		errors++;
	make_request(c);
	send_on(c);
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static long
percentile(int p)
{
	return ntook == 0 ? -1 : (long)took_us[(ntook - 1) * (size_t)p / 100];
}

int
main(int argc, char *argv[])
{
	struct connection *all;
	struct epoll_event events[EVENTS];
	int64_t began, end;
	int n;

	if (argc < 6) {
		fprintf(stderr,
		    "usage: post PORT PATH SECRET CONNECTIONS "
		    "SECONDS [ACKED [AT]]\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	peer.sin_port = htons((uint16_t)atoi(argv[1]));
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	path = argv[2];
	keys = signature_keys_new();
	if (signature_keys_add(keys, argv[3]) < 0)
		return 64;
	if (argc > 7) {
		acked_at = (off_t)atoll(argv[7]);
		acked_fd = open(argv[6], O_WRONLY | O_DIRECT | O_CLOEXEC);
	} else if (argc > 6)
		acked_fd = open(argv[6],
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (argc > 6 && acked_fd < 0)
		return 73;
	epfd = epoll_create1(EPOLL_CLOEXEC);
	n = atoi(argv[4]);
	all = xcalloc((size_t)n, sizeof(*all));
	began = mono_us();
	end = began + (int64_t)(atof(argv[5]) * 1e6);
	for (int i = 0; i < n; i++) {
		all[i].fd = -1;
		connect_to(&all[i]);
	}
	while (mono_us() < end) {
		int ready = epoll_wait(epfd, events, EVENTS, 100);

		for (int i = 0; i < ready; i++)
			readable(events[i].data.ptr);
		for (int i = 0; ready <= 0 && i < n; i++)
			if (all[i].fd < 0)
				connect_to(&all[i]);
	}
	if (ntook > 0)
		qsort(took_us, ntook, sizeof(*took_us), by_number);
	printf("{\"acknowledged\":%zu,\"errors\":%ld,\"per_second\":%.0f,"
	       "\"p50_us\":%ld,\"p99_us\":%ld,\"max_us\":%ld}\n",
	    ntook, errors, (double)ntook * 1e6 / (double)(mono_us() - began),
	    percentile(50), percentile(99), percentile(100));
	return 0;
}
