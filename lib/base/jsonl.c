/* jsonl - lines in, lines out, flushed when one would wait */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/str.h"

#define READ_BYTES 65536
#define PUT_MAX_BYTES (256 * 1024)

struct jsonl {
	int in, out;
	const char *name;
	size_t max;
	struct buf held; /* input not yet given out */
	size_t at;	 /* where in held the next line begins */
	size_t scanned;	 /* no LF before this place */
	bool skipping;	 /* inside a line that was too long */
	bool at_end;
	bool gives_empty;
	long lineno, bad;
	struct buf put;
};

struct jsonl *
jsonl_new(int in, int out, const char *name, size_t max)
{
	struct jsonl *l = xcalloc(1, sizeof(*l));

	l->in = in;
	l->out = out;
	l->name = name;
	l->max = max;
	l->at_end = in < 0;
	return l;
}

void
jsonl_free(struct jsonl *l)
{
	if (l == NULL)
		return;
	buf_release(&l->held);
	buf_release(&l->put);
	free(l);
}

void
jsonl_give_empty(struct jsonl *l)
{
	l->gives_empty = true;
}

void
jsonl_complain(struct jsonl *l, const char *why)
{
	log_warnx("%s:%ld: %s", l->name, l->lineno, why);
	l->bad++;
}

long
jsonl_lineno(const struct jsonl *l)
{
	return l->lineno;
}

long
jsonl_bad(const struct jsonl *l)
{
	return l->bad;
}

static void
too_long(struct jsonl *l)
{
	char why[96];

	err_set(ERR_DATA, "line longer than %zu bytes, left out", l->max);
	strncpy(why, err_reason(), sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	jsonl_complain(l, why);
}

int
jsonl_next(struct jsonl *l, char **ret, size_t *ret_len)
{
	char *start, *lf;
	size_t len;

	for (;;) {
		if (l->held.data == NULL)
			return l->at_end ? JSONL_END : JSONL_WAIT;
		start = l->held.data + l->at;
		lf = memchr(l->held.data + l->scanned, '\n',
		    l->held.len - l->scanned);
		if (lf == NULL && !l->at_end) {
			l->scanned = l->held.len;
			len = l->held.len - l->at;
			if (len > l->max && !l->skipping) {
				l->lineno++;
				too_long(l);
				l->skipping = true;
			}
			if (l->skipping) {
				buf_reset(&l->held);
				l->at = l->scanned = 0;
			}
			return JSONL_WAIT;
		}
		if (lf == NULL) { /* the last line may lack its LF */
			if (l->at == l->held.len)
				return JSONL_END;
			lf = l->held.data + l->held.len;
			l->at = l->held.len;
		} else {
			*lf = '\0';
			l->at = (size_t)(lf - l->held.data) + 1;
		}
		l->scanned = l->at;
		len = (size_t)(lf - start);
		if (l->skipping) {
			l->skipping = false;
			continue;
		}
		l->lineno++;
		if (len > l->max) {
			too_long(l);
			continue;
		}
		/* Editors and shells of Windows begin a file with it. */
		if (l->lineno == 1 && len >= 3 &&
		    memcmp(start, "\357\273\277", 3) == 0) {
			start += 3;
			len -= 3;
		}
		/* A CR belongs to the line: copies are unchanged. */
		if (!l->gives_empty &&
		    (len == 0 || (len == 1 && *start == '\r')))
			continue;
		*ret = start;
		*ret_len = len;
		return JSONL_LINE;
	}
}

int
jsonl_fill(struct jsonl *l)
{
	char *room;
	ssize_t n;

	if (l->at_end)
		return 0;
	if (l->at > 0) {
		buf_drop(&l->held, l->at);
		l->scanned -= l->at;
		l->at = 0;
	}
	room = buf_room(&l->held, READ_BYTES);
	do
		n = read(l->in, room, READ_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(ERR_IO, "%s", l->name);
	if (n == 0) {
		l->at_end = true;
		return 0;
	}
	l->held.len += (size_t)n;
	room[n] = '\0';
	return 1;
}

int
jsonl_wait(struct jsonl *l, char **ret, size_t *ret_len)
{
	int got, code;

	while ((got = jsonl_next(l, ret, ret_len)) == JSONL_WAIT) {
		code = jsonl_flush(l);
		if (code < 0)
			return code;
		code = jsonl_fill(l);
		if (code < 0)
			return code;
	}
	return got;
}

int
jsonl_put(struct jsonl *l, const char *line, size_t len)
{
	if (l->out < 0)
		return 0;
	buf_add(&l->put, line, len);
	buf_addc(&l->put, '\n');
	return l->put.len >= PUT_MAX_BYTES ? jsonl_flush(l) : 0;
}

int
jsonl_flush(struct jsonl *l)
{
	if (l->out < 0 || l->put.len == 0)
		return 0;
	if (write_all(l->out, l->put.data, l->put.len) < 0)
		return err_errno(ERR_IO, "stdout");
	buf_reset(&l->put);
	return 0;
}
