/*
 * Fuzz target: settings files, read, checked, and changed in one place.
 *
 * A change must be read back as it was made, and leave every other setting as
 * it was.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fd = -1;
static char path[64];

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	if (strlen(text) == 0)
		abort();
}

static struct conf *
load(const void *data, size_t size)
{
	struct conf *c = NULL;

	if (fd < 0) {
		fd = memfd_create("conf", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    write_all(fd, data, size) < 0)
		abort();
	conf_read(path, say, NULL, &c);
	return c;
}

/* Set (or take out) section.key in text; all else must stay. */
static void
change(const char *text, const struct conf *before, const char *section,
    const char *key, const char *value)
{
	const struct conf_entry *e, *f;
	struct conf *after;
	char *edited;
	size_t i;

	if (conf_edit(text, section, key, value, &edited) < 0)
		return;
	after = load(edited, strlen(edited));
	if (after == NULL)
		abort();
	f = conf_find(after, section, key);
	if ((f == NULL) != (value == NULL) ||
	    (f != NULL && strcmp(f->value, value) != 0))
		abort();
	for (i = 0; (e = conf_entry(before, i)) != NULL; i++) {
		if (strcmp(e->section, section) == 0 &&
		    strcmp(e->key, key) == 0)
			continue;
		f = conf_find(after, e->section, e->key);
		if (f == NULL || strcmp(f->value, e->value) != 0)
			abort();
	}
	conf_close(after);
	free(edited);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *c = load(data, size);
	const struct conf_entry *e;
	char *text;

	if (c == NULL)
		return 0;
	settings_check(c, say, NULL);
	text = xstrndup((const char *)data, size);
	if (strlen(text) == size && utf8_valid(text, size)) {
		change(text, c, "inbox", "keep", "3d");
		change(text, c, "reply x", "en", "one\ntwo\n\nthree");
		change(text, c, "ai", "model", "");
		e = conf_entry(c, 0);
		if (e != NULL) {
			change(text, c, e->section, e->key, "x");
			change(text, c, e->section, e->key, NULL);
		}
	}
	free(text);
	conf_close(c);
	return 0;
}
