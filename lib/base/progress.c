/* progress - one line on a terminal that says how far a long run is */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

#define DRAW_MS 100
#define FIRST_MS 300 /* what ends before is not worth a line */
#define WORDS_MS 500
#define WORDS_FIRST_MS 2000
#define WORDS_MAX_BYTES 256
#define BAR 20
#define WIDTH_DEFAULT 80
#define WIDTH_MIN 20

struct progress {
	int fd;
	int64_t began_ms, drawn_ms;
	int64_t count, bytes;		    /* of all; 0: not known */
	int64_t done, done_bytes, at_bytes; /* at_bytes: of what is at work */
	bool drawn;
};

struct progress *
progress_new(int fd)
{
	struct progress *p;

	if (!isatty(fd))
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->fd = fd;
	p->began_ms = p->drawn_ms = mono_ms();
	p->done = -1;
	return p;
}

void
progress_total(struct progress *p, int64_t count, int64_t bytes)
{
	if (p == NULL)
		return;
	p->count = count;
	p->bytes = bytes;
}

/* Who looks on is a person: what cannot be written is not missed. */
static void
put(struct progress *p, const char *text, size_t len)
{
	ssize_t n = write(p->fd, text, len);

	(void)n;
}

static size_t
width_of(int fd)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH_DEFAULT;
	return w.ws_col;
}

/* Cut text to so many columns. */
static void
cut_to(char *text, size_t columns)
{
	const char *p = text, *end = text + strlen(text), *keep = text;
	char was;

	while (utf8_next(&p, end) != 0) {
		was = *p;
		*(char *)(uintptr_t)p = '\0';
		if (utf8_width(text) > columns) {
			*(char *)(uintptr_t)p = was;
			break;
		}
		*(char *)(uintptr_t)p = was;
		keep = p;
	}
	text[keep - text] = '\0';
}

static void
add_bar(struct buf *b, double share)
{
	int full = (int)(share * BAR), i;

	buf_addc(b, '[');
	for (i = 0; i < BAR; i++)
		buf_addc(b, i < full ? '=' : i == full ? '>' : ' ');
	buf_addf(b, "] %d %%  ", (int)(share * 100));
}

/* By bytes, of which a large document has many; by number else. */
static double
share_of(const struct progress *p)
{
	double share = 0;

	if (p->bytes > 0)
		share = (double)p->done_bytes / (double)p->bytes;
	else if (p->count > 0)
		share = (double)p->done / (double)p->count;
	return share > 1 ? 1 : share;
}

static void
put_line(struct progress *p, char *text, size_t width, int64_t now)
{
	/* The last column is left: some terminals go on to the next line. */
	cut_to(text, width > WIDTH_MIN ? width - 1 : WIDTH_MIN - 1);
	put(p, "\r\033[K", 4);
	put(p, text, strlen(text));
	p->drawn = true;
	p->drawn_ms = now;
}

static void
draw(struct progress *p, const char *name)
{
	int64_t now = mono_ms(), spent = now - p->began_ms, left;
	size_t width = width_of(p->fd);
	struct buf b = BUF_INIT(0);
	double share = share_of(p);
	char *shown;

	if (spent < FIRST_MS || now - p->drawn_ms < DRAW_MS)
		return;
	if (p->count > 0)
		buf_addf(&b, "%lld/%lld  ", (long long)p->done,
		    (long long)p->count);
	else
		buf_addf(&b, "%lld  ", (long long)p->done);
	if (p->count > 0 && width >= WIDTH_DEFAULT)
		add_bar(&b, share);
	buf_addf(&b, "%.1f MB/s  ",
	    (double)p->done_bytes / 1000.0 / (double)spent);
	if (share > 0) {
		left = (int64_t)((double)spent * (1 - share) / share / 1000);
		buf_addf(&b, "%lld:%02lld left  ", (long long)(left / 60),
		    (long long)(left % 60));
	}
	shown = utf8_show(name, false);
	buf_adds(&b, shown);
	free(shown);
	put_line(p, b.data, width, now);
	buf_release(&b);
}

void
progress_at(struct progress *p, const char *name, int64_t bytes)
{
	if (p == NULL)
		return;
	p->done++;
	p->done_bytes += p->at_bytes;
	p->at_bytes = bytes;
	draw(p, name);
}

void
progress_words(struct progress *p, const char *fmt, ...)
{
	char text[WORDS_MAX_BYTES];
	int64_t now = mono_ms();
	va_list ap;

	if (p == NULL || now - p->began_ms < WORDS_FIRST_MS ||
	    now - p->drawn_ms < WORDS_MS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_line(p, text, width_of(p->fd), now);
}

void
progress_clear(struct progress *p)
{
	if (p == NULL || !p->drawn)
		return;
	put(p, "\r\033[K", 4);
	p->drawn = false;
	p->drawn_ms = 0;
}

void
progress_free(struct progress *p)
{
	progress_clear(p);
	free(p);
}
