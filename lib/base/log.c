/* log - words for people, on stderr: NAME: what is wrong */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define LINE_MAX_BYTES 2048

static const char *speaker = "frontdesk";

void
log_name(const char *name)
{
	speaker = name;
}

static void
say(int level, const char *fmt, va_list ap, int with_errno)
{
	char line[LINE_MAX_BYTES];
	int saved = errno;
	size_t n = 0;

	/* One write a line: lines of several programs do not mix. */
	if (getenv("JOURNAL_STREAM") != NULL)
		n = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "%s: ", speaker);
	n += (size_t)vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (n >= sizeof(line) - 2)
		n = sizeof(line) - 2;
	if (with_errno)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ": %s",
		    strerror(saved));
	if (n >= sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write_all(2, line, n) < 0)
		return; /* nobody left to tell */
	errno = saved;
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(6, fmt, ap, 0);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(4, fmt, ap, 1);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(4, fmt, ap, 0);
	va_end(ap);
}

void
log_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(3, fmt, ap, 0);
	va_end(ap);
}
