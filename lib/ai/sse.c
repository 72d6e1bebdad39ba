/* sse - events out of a stream of bytes (text/event-stream) */
#include <stdio.h>
#include <string.h>

#include "ai/sse.h"

void
sse_init(struct sse *s, size_t max_bytes, sse_told told, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->told = told;
	s->arg = arg;
	s->line.max = s->data.max = max_bytes;
}

void
sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
}

static int
tell(struct sse *s)
{
	int ret = 0;

	if (s->has_data)
		ret = s->told(s->arg, s->event,
		    s->data.data != NULL ? s->data.data : "", s->data.len);
	buf_reset(&s->data);
	s->has_data = false;
	s->event[0] = '\0';
	return ret;
}

static int
take_line(struct sse *s)
{
	const char *line = s->line.data != NULL ? s->line.data : "", *value;
	size_t len = s->line.len, name;

	/* A byte order mark may stand before the first line. */
	if (!s->begun && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	s->begun = true;
	if (len == 0)
		return tell(s);
	value = memchr(line, ':', len);
	name = value != NULL ? (size_t)(value - line) : len;
	value = value != NULL ? value + 1 : line + len;
	if (value < line + len && *value == ' ')
		value++;
	if (name == 4 && memcmp(line, "data", 4) == 0) {
		if (s->has_data)
			buf_addc(&s->data, '\n');
		buf_add(&s->data, value, (size_t)(line + len - value));
		s->has_data = true;
	} else if (name == 5 && memcmp(line, "event", 5) == 0)
		snprintf(s->event, sizeof(s->event), "%.*s",
		    (int)(line + len - value), value);
	return s->data.failed ? -1 : 0;
}

static int
end_line(struct sse *s)
{
	int ret = s->line.failed ? -1 : take_line(s);

	buf_reset(&s->line);
	return ret;
}

int
sse_feed(struct sse *s, const void *bytes, size_t len)
{
	const char *p = bytes, *end = p + len, *stop;
	int ret = 0;

	while (p < end && ret == 0) {
		/* The LF of a CRLF, maybe of another piece. */
		if (s->after_cr && *p == '\n') {
			s->after_cr = false;
			p++;
			continue;
		}
		s->after_cr = false;
		for (stop = p; stop < end && *stop != '\n' && *stop != '\r';)
			stop++;
		buf_add(&s->line, p, (size_t)(stop - p));
		if (s->line.failed)
			return -1;
		p = stop;
		if (p == end)
			break;
		s->after_cr = *p++ == '\r';
		ret = end_line(s);
	}
	return ret;
}

int
sse_end(struct sse *s)
{
	int ret = 0;

	if (s->line.len > 0)
		ret = end_line(s);
	return ret == 0 ? tell(s) : ret;
}
