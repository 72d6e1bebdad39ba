/* err - errors as exit statuses, with a reason in words */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#undef err_set
#undef err_errno

#define REASON_MAX_BYTES 1024

static _Thread_local char reason[REASON_MAX_BYTES];

static void
set(const char *fmt, va_list ap, int with_errno)
{
	int saved = errno;
	char text[REASON_MAX_BYTES];
	size_t len;

	/* By way of a copy: the new reason may quote the old one. */
	vsnprintf(text, sizeof(text), fmt, ap);
	if (with_errno) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, ": %s",
		    strerror(saved));
	}
	memcpy(reason, text, sizeof(reason));
	errno = saved;
}

int
err_set(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(fmt, ap, 0);
	va_end(ap);
	return code;
}

int
err_errno(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(fmt, ap, 1);
	va_end(ap);
	return code;
}

const char *
err_reason(void)
{
	return reason[0] ? reason : "unknown error";
}

int
err_status(int code)
{
	return code < 0 ? -code : 0;
}
