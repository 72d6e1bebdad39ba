/* conf - settings from ini files, with where each one came from */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct conf {
	struct conf_entry *entries;
	size_t count;
	char **files; /* NULL-ended */
	size_t nfiles;
	const char *reading;
	FILE *stream;
	int line;
};

const char *const *
conf_files(const struct conf *c)
{
	return (const char *const *)c->files;
}

size_t
conf_count(const struct conf *c)
{
	return c->count;
}

const struct conf_entry *
conf_entry(const struct conf *c, size_t i)
{
	return i < c->count ? &c->entries[i] : NULL;
}

const struct conf_entry *
conf_find(const struct conf *c, const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->entries[i].section, section) == 0 &&
		    strcmp(c->entries[i].key, key) == 0)
			return &c->entries[i];
	return NULL;
}

const char *
conf_get(const struct conf *c, const char *section, const char *key)
{
	const struct conf_entry *e = conf_find(c, section, key);

	return e != NULL ? e->value : NULL;
}

static int
handle(void *user, const char *section, const char *name, const char *value)
{
	struct conf *c = user;
	struct conf_entry *e =
	    (struct conf_entry *)conf_find(c, section, name);

	if (value == NULL)
		return 0;
	if (e == NULL) {
		c->entries = xrealloc(c->entries,
		    (c->count + 1) * sizeof(*c->entries));
		e = &c->entries[c->count++];
		e->section = xstrdup(section);
		e->key = xstrdup(name);
	} else
		free((char *)e->value);
	e->value = xstrdup(value);
	e->file = c->reading;
	e->line = c->line;
	return 1;
}

/* inih tells no line numbers to handlers, so count what it reads. */
static char *
read_line(char *str, int num, void *stream)
{
	struct conf *c = stream;

	c->line++;
	return fgets(str, num, c->stream);
}

static int
read_one(struct conf *c, const char *path)
{
	int bad;

	c->stream = fopen(path, "re");
	if (c->stream == NULL)
		return errno == ENOENT ? ERR_NOINPUT :
					 err_errno(ERR_CONFIG, "%s", path);
	c->files = xrealloc(c->files, (c->nfiles + 2) * sizeof(*c->files));
	c->files[c->nfiles++] = xstrdup(path);
	c->files[c->nfiles] = NULL;
	c->reading = c->files[c->nfiles - 1];
	c->line = 0;
	bad = ini_parse_stream(read_line, c, handle, c);
	fclose(c->stream);
	c->stream = NULL;
	if (bad != 0)
		return err_set(ERR_CONFIG,
		    "%s:%d: neither [section], key = value nor a comment",
		    path, bad > 0 ? bad : 0);
	return 0;
}

static struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->files = xcalloc(1, sizeof(*c->files));
	return c;
}

int
conf_open_file(const char *path, struct conf **ret)
{
	struct conf *c = conf_new();
	int code = read_one(c, path);

	if (code == ERR_NOINPUT)
		err_set(ERR_NOINPUT, "%s: no such file", path);
	if (code < 0) {
		conf_close(c);
		return code;
	}
	*ret = c;
	return 0;
}

int
conf_open(struct conf **ret)
{
	const char *one = getenv("FRONTDESK_CONF"),
		   *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct conf *c;
	glob_t g;
	char *path;
	size_t i;
	int code;

	if (one != NULL && *one != '\0')
		return conf_open_file(one, ret);
	c = conf_new();
	code = read_one(c, "/etc/frontdesk/frontdesk.conf");
	if (code < 0 && code != ERR_NOINPUT)
		goto fail;
	if (glob("/etc/frontdesk/conf.d/*.conf", 0, NULL, &g) == 0) {
		for (i = 0; i < g.gl_pathc; i++) {
			code = read_one(c, g.gl_pathv[i]);
			if (code < 0 && code != ERR_NOINPUT) {
				globfree(&g);
				goto fail;
			}
		}
		globfree(&g);
	}
	path = NULL;
	if (xdg != NULL && *xdg != '\0')
		path = xformat("%s/frontdesk/frontdesk.conf", xdg);
	else if (home != NULL && *home != '\0')
		path = xformat("%s/.config/frontdesk/frontdesk.conf", home);
	if (path != NULL) {
		code = read_one(c, path);
		free(path);
		if (code < 0 && code != ERR_NOINPUT)
			goto fail;
	}
	*ret = c;
	return 0;
fail:
	conf_close(c);
	return code;
}

void
conf_close(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->count; i++) {
		free((char *)c->entries[i].section);
		free((char *)c->entries[i].key);
		free((char *)c->entries[i].value);
	}
	for (i = 0; i < c->nfiles; i++)
		free(c->files[i]);
	free(c->entries);
	free(c->files);
	free(c);
}

static int
bad_value(const struct conf_entry *e, const char *why)
{
	return err_set(ERR_CONFIG, "%s:%d: %s.%s: %s", e->file, e->line,
	    e->section, e->key, why);
}

int
conf_bool(const struct conf *c, const char *section, const char *key, bool or,
    bool *ret)
{
	static const char *const yes[] = { "on", "yes", "true", "1", NULL };
	static const char *const no[] = { "off", "no", "false", "0", NULL };
	const struct conf_entry *e = conf_find(c, section, key);

	if (e == NULL)
		*ret = or;
	else if (str_in(e->value, yes))
		*ret = true;
	else if (str_in(e->value, no))
		*ret = false;
	else
		return bad_value(e, "wants on or off");
	return 0;
}

int
conf_int(const struct conf *c, const char *section, const char *key,
    int64_t or, int64_t min, int64_t max, int64_t *ret)
{
	const struct conf_entry *e = conf_find(c, section, key);

	if (e == NULL)
		*ret = or;
	else if (str_int(e->value, min, max, ret) < 0)
		return bad_value(e, err_reason());
	return 0;
}

int
conf_duration(const struct conf *c, const char *section, const char *key,
    int64_t or_ms, int64_t *ret_ms)
{
	const struct conf_entry *e = conf_find(c, section, key);

	if (e == NULL)
		*ret_ms = or_ms;
	else if (duration_parse(e->value, ret_ms) < 0)
		return bad_value(e, err_reason());
	return 0;
}
