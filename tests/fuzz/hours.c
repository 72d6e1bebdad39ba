/*
 * Fuzz target: opening hours and files of holidays.
 *
 * Input: keys and times of days in the manner of a [hours] section, a line
 * "---", a file of holidays. What loads must answer for any moment, and must
 * say the same of a moment alone and of a span that is one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "desk/hours.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory, made anew; its path. */
static const char *
file_of(int *fd, char path[64], const char *text)
{
	if (*fd < 0)
		*fd = memfd_create("hours", MFD_CLOEXEC);
	snprintf(path, 64, "/proc/self/fd/%d", *fd);
	if (ftruncate(*fd, 0) < 0 || lseek(*fd, 0, SEEK_SET) < 0 ||
	    write_all(*fd, text, strlen(text)) < 0)
		abort();
	return path;
}

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static void
ask(const struct hours *h)
{
	static const int64_t step_ms = INT64_C(37) * 3600 * 1000 + 1234567;
	int64_t at;
	int open;

	for (at = -step_ms * 20; at < step_ms * 400; at += step_ms) {
		open = hours_at(h, at);
		if (open != 0 && open != 1)
			abort();
		if (hours_between(h, at, at) != open)
			abort();
		if (open && !hours_between(h, at - 1000, at + 86400000))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int conf_fd = -1, days_fd = -1;
	char conf_path[64], days_path[64], *text, *days, *all;
	struct conf *c = NULL;
	struct hours *h;

	text = xstrndup((const char *)data, size);
	days = strstr(text, "\n---\n");
	if (days != NULL) {
		days[1] = '\0';
		days += 5;
	}
	file_of(&days_fd, days_path, days != NULL ? days : "");
	all = xformat("[hours x]\nzone = America/Santiago\nholidays = %s\n%s",
	    days_path, text);
	conf_read(file_of(&conf_fd, conf_path, all), say, NULL, &c);
	if (c != NULL && hours_load(c, "x", &h) == 0) {
		ask(h);
		hours_free(h);
	} else if (*err_reason() == '\0')
		abort();
	conf_close(c);
	free(all);
	free(text);
	return 0;
}
