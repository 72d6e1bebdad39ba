/* conf - settings from ini files, with where each one came from */
#include <sys/auxv.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

#define CONF_MAX_BYTES (1024 * 1024)

/* Folders beside a settings file whose files are a section each. */
static const struct folder {
	const char *name;	  /* of the folder */
	const char *kind;	  /* of the section */
	const char *beside, *key; /* a file NAME + beside stands for key = it */
} folders[] = {
	{ "profiles.d", "profile", ".md", "prompt_file" },
	{ "tools.d", "tool", ".schema.json", "schema_file" },
};
#define NFOLDERS (sizeof(folders) / sizeof(folders[0]))

/* What is made of settings. */
struct kept {
	struct kept *next;
	char *key;
	void *thing;
	void (*end)(void *thing);
};

struct conf {
	struct kept **kept; /* of one, which a const conf can have changed */
	struct conf_entry *entries;
	size_t count;
	char **files; /* NULL-ended */
	size_t nfiles;
	struct conf_fault *faults;
	size_t nfaults;
	const char *reading;
	const char *own; /* the section that the file being read is, or NULL */
	void (*say)(void *ctx, const char *text); /* NULL: stop at an error */
	void *ctx;
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

const struct conf_fault *
conf_fault(const struct conf *c, size_t i)
{
	return i < c->nfaults ? &c->faults[i] : NULL;
}

const struct conf_fault *
conf_fault_of(const struct conf *c, const char *section)
{
	const struct conf_fault *f, *first = NULL;
	size_t i;

	for (i = 0; (f = conf_fault(c, i)) != NULL; i++) {
		if (strcmp(f->section, section) != 0)
			continue;
		if (f->breaks)
			return f;
		first = first != NULL ? first : f;
	}
	return first;
}

int
conf_faults(const struct conf *c, const char *kind,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	const struct conf_fault *f;
	size_t i, len = strlen(kind);
	char *text;
	int n = 0;

	for (i = 0; (f = conf_fault(c, i)) != NULL; i++) {
		if (strncmp(f->section, kind, len) != 0 ||
		    f->section[len] != ' ')
			continue;
		text = xformat("%s: %s", f->file, f->why);
		say(ctx, text);
		free(text);
		n++;
	}
	return n;
}

int
conf_missing(const struct conf *c, const char *section, int code)
{
	const struct conf_fault *f = conf_fault_of(c, section);

	return f != NULL ? err_set(ERR_CONFIG, "%s: %s", f->file, f->why) :
			   err_set(code, "there is no [%s]", section);
}

bool
conf_is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= CONF_NAME_MAX_BYTES && name[0] != '-' &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-") == len;
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

bool
conf_has(const struct conf *c, const char *section)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->entries[i].section, section) == 0)
			return true;
	return false;
}

static void
put(struct conf *c, const char *section, const char *key, const char *value,
    int line)
{
	struct conf_entry *e = (struct conf_entry *)conf_find(c, section, key);

	if (e == NULL) {
		c->entries =
		    xrealloc(c->entries, (c->count + 1) * sizeof(*c->entries));
		e = &c->entries[c->count++];
		e->section = xstrdup(section);
		e->key = xstrdup(key);
	} else
		free((char *)e->value);
	e->value = xstrdup(value);
	e->file = c->reading;
	e->line = line;
}

static void
entry_release(struct conf_entry *e)
{
	free((char *)e->section);
	free((char *)e->key);
	free((char *)e->value);
}

/* text without white space at either end, in place. */
static char *
trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]) != NULL)
		end--;
	*end = '\0';
	return text;
}

static int add_fault(struct conf *c, const char *path, const char *section,
    const char *why, bool breaks);

/* A bad line: of a file of its own, that section's fault alone. */
static int
complain(struct conf *c, int line, const char *why)
{
	char *place = xformat("%s:%d", c->reading, line);
	int code;

	if (c->own != NULL)
		code = add_fault(c, place, c->own, why, true);
	else {
		code = err_set(ERR_CONFIG, "%s: %s", place, why);
		if (c->say != NULL)
			c->say(c->ctx, err_reason());
	}
	free(place);
	return code;
}

/* The next line of *p, which moves on, or NULL. */
static char *
next_line(char **p, int *line)
{
	char *start = *p, *lf;

	if (*start == '\0')
		return NULL;
	lf = strchr(start, '\n');
	if (lf != NULL)
		*lf = '\0';
	*p = lf != NULL ? lf + 1 : start + strlen(start);
	++*line;
	return start;
}

/* A key that the same file sets already: the last one holds, which is not what
 * whoever wrote the first one thinks. Told to who checks. */
static int
check_twice(struct conf *c, const char *section, const char *key, int line)
{
	const struct conf_entry *e = conf_find(c, section, key);
	char *place, *why;

	if (e == NULL || e->file != c->reading || e->line == 0)
		return 0;
	place = xformat("%s:%d", c->reading, line);
	why = xformat("%s is set in line %d, too, and this one holds", key,
	    e->line);
	add_fault(c, place, section, why, false);
	free(place);
	free(why);
	return c->say != NULL ? ERR_CONFIG : 0;
}

/* The settings in text, which is cut up. Goes on after a bad line if said, and
 * in a file of its own.
 * only: the section all of them are in; NULL: they say so themselves. */
static int
parse(struct conf *c, char *text, const char *only)
{
	struct buf value = BUF_INIT(0);
	char *p = text, *section = xstrdup(only != NULL ? only : ""), *line,
	     *end, *key, *part;
	int number = 0, first, code = 0;

	if (str_starts(p, "\xef\xbb\xbf"))
		p += 3;
	while ((code == 0 || c->say != NULL || c->own != NULL) &&
	    (line = next_line(&p, &number)) != NULL) {
		line = trim(line);
		first = number;
		if (*line == '\0' || *line == '#' || *line == ';')
			continue;
		if (*line == '[') {
			end = strchr(line, ']');
			if (only != NULL) {
				char *why = xformat("the settings of a %.*s "
						    "stand here without a "
						    "[section]",
				    (int)strcspn(only, " "), only);

				code = complain(c, number, why);
				free(why);
				continue;
			}
			if (end == NULL || end[1] != '\0') {
				code = complain(c, number,
				    "a section is [NAME], alone on its line");
				continue;
			}
			*end = '\0';
			free(section);
			section = xstrdup(trim(line + 1));
			continue;
		}
		end = strchr(line, '=');
		if (end == NULL || end == line) {
			code = complain(c, number,
			    "neither [section], key = value nor a comment");
			continue;
		}
		*end = '\0';
		key = trim(line);
		part = trim(end + 1);
		buf_reset(&value);
		while (str_ends(part, "\\")) {
			part[strlen(part) - 1] = '\0';
			buf_adds(&value, trim(part));
			buf_addc(&value, '\n');
			part = next_line(&p, &number);
			part = part != NULL ? trim(part) : (char *)"";
		}
		buf_adds(&value, part);
		if (*section == '\0')
			code = complain(c, first,
			    "a setting before the first [section]");
		else {
			if (check_twice(c, section, key, first) < 0)
				code = ERR_CONFIG;
			put(c, section, key, value.len > 0 ? value.data : "",
			    first);
		}
	}
	buf_release(&value);
	free(section);
	return code;
}

/*
 * The text of path. With the rights of a group that the person lacks (setgid)
 * only files of theirs or of root are read: an error shows what is in a line.
 */
static int
read_text(const char *path, char **ret, size_t *ret_len)
{
	struct stat st;
	char *same;
	int code, fd;

	if (getauxval(AT_SECURE) == 0)
		return file_read(path, CONF_MAX_BYTES, ret, ret_len);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(ERR_NOINPUT, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != getuid() && st.st_uid != 0)) {
		close(fd);
		return err_set(ERR_DENIED, "%s: not a file of yours", path);
	}
	same = xformat("/proc/self/fd/%d", fd);
	code = file_read(same, CONF_MAX_BYTES, ret, ret_len);
	free(same);
	close(fd);
	return code;
}

/* The file of a section was not read, for the last reason. */
static int
unread_fault(struct conf *c, const char *path)
{
	const char *reason = err_reason();
	size_t len = strlen(path);
	char *why = xstrdup(
	    str_starts(reason, path) && strncmp(reason + len, ": ", 2) == 0 ?
		reason + len + 2 :
		reason);
	int code = add_fault(c, path, c->own, why, true);

	free(why);
	return code;
}

static int
read_text_file(struct conf *c, const char *path, const char *only)
{
	char *text;
	size_t len;
	int code, line;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return err_set(ERR_NOINPUT,
		    "%s: no such settings file: make it, or name another one",
		    path);
	c->files = xrealloc(c->files, (c->nfiles + 2) * sizeof(*c->files));
	c->files[c->nfiles++] = xstrdup(path);
	c->files[c->nfiles] = NULL;
	c->reading = c->files[c->nfiles - 1];
	if (read_text(path, &text, &len) < 0) {
		if (c->own != NULL)
			return unread_fault(c, path);
		code = err_set(ERR_CONFIG, "%s", err_reason());
		if (c->say != NULL)
			c->say(c->ctx, err_reason());
		return code;
	}
	line = utf8_bad_line(text, len);
	if (line > 0)
		code = complain(c, line, "not a text in UTF-8");
	else
		code = parse(c, text, only);
	free(text);
	return code;
}

/* The folder that a file is in, if it is one of these; *ret_name: the file's
 * own name, without ".conf", of *ret_len bytes. */
static const struct folder *
folder_of(const char *path, const char **ret_name, size_t *ret_len)
{
	const char *slash = strrchr(path, '/');
	size_t i, len;

	if (slash == NULL || !str_ends(path, ".conf"))
		return NULL;
	*ret_name = slash + 1;
	*ret_len = strlen(slash + 1) - strlen(".conf");
	for (i = 0; i < NFOLDERS; i++) {
		len = strlen(folders[i].name);
		if ((size_t)(slash - path) >= len &&
		    strncmp(slash - len, folders[i].name, len) == 0 &&
		    (slash - len == path || slash[-(ptrdiff_t)len - 1] == '/'))
			return &folders[i];
	}
	return NULL;
}

char *
conf_file_section(const char *path)
{
	const char *name;
	size_t len;
	const struct folder *f = folder_of(path, &name, &len);

	return f != NULL ? xformat("%s %.*s", f->kind, (int)len, name) : NULL;
}

static char *
path_in(const char *settings, const struct folder *f, const char *name)
{
	const char *slash = strrchr(settings, '/');

	return slash != NULL ?
	    xformat("%.*s/%s/%s.conf", (int)(slash - settings), settings,
		f->name, name) :
	    xformat("%s/%s.conf", f->name, name);
}

char *
conf_section_path(const char *settings, const char *section)
{
	size_t i, len;

	for (i = 0; i < NFOLDERS; i++) {
		len = strlen(folders[i].kind);
		if (strncmp(section, folders[i].kind, len) == 0 &&
		    section[len] == ' ' && strchr(section, '/') == NULL)
			return path_in(settings, &folders[i],
			    section + len + 1);
	}
	return NULL;
}

/* One file of a folder, and what is beside it. */
static int
read_section(struct conf *c, const char *path, const char *section)
{
	int code = read_text_file(c, path, section);
	const struct folder *f;
	const struct conf_entry *said;
	struct stat st;
	const char *name;
	size_t len;
	char *beside, *base;

	f = folder_of(path, &name, &len);
	base = xformat("%.*s%s", (int)len, name, f->beside);
	beside = xformat("%.*s%s", (int)(name - path), path, base);
	said = conf_find(c, section, f->key);
	/* A link to nowhere is there, too: whoever reads it names it. */
	if (code != ERR_NOINPUT && lstat(beside, &st) == 0 &&
	    (said == NULL || said->file != c->reading))
		put(c, section, f->key, base, 0);
	free(beside);
	free(base);
	return code;
}

/* Keep, and say, that the file of a section cannot be used. breaks: nor can
 * what other files say of it. */
static int
add_fault(struct conf *c, const char *path, const char *section,
    const char *why, bool breaks)
{
	struct conf_fault *f;
	int code = err_set(ERR_CONFIG, "%s: %s", path, why);

	if (c->say != NULL)
		c->say(c->ctx, err_reason());
	c->faults = xrealloc(c->faults, (c->nfaults + 1) * sizeof(*c->faults));
	f = &c->faults[c->nfaults++];
	f->section = xstrdup(section);
	f->file = xstrdup(path);
	f->why = xstrdup(why);
	f->breaks = breaks;
	return code;
}

/* One file of a folder: what is wrong with it is its section's fault alone. */
static int
read_own(struct conf *c, const char *path)
{
	char *section = conf_file_section(path), *why = NULL;
	int code;

	if (!conf_is_name(strchr(section, ' ') + 1))
		why = xformat("no name for a %.*s: one is of letters, digits, "
			      "dot, dash and underscore, at most %d",
		    (int)strcspn(section, " "), section, CONF_NAME_MAX_BYTES);
	else
		why = file_unreadable(path);
	c->own = section;
	code = why != NULL ? add_fault(c, path, section, why, true) :
			     read_section(c, path, section);
	c->own = NULL;
	if (code == 0 && !conf_has(c, section))
		code =
		    add_fault(c, path, section, "nothing is set in it", false);
	free(why);
	free(section);
	return code;
}

/* All files of a folder beside the settings file at path. */
static int
read_folder(struct conf *c, const char *path, const struct folder *f)
{
	char *pattern = path_in(path, f, "*");
	glob_t g = { 0 };
	size_t i, faults;
	int code, worst = 0;

	glob(pattern, 0, NULL, &g);
	free(pattern);
	for (i = 0; i < g.gl_pathc && (worst == 0 || c->say != NULL); i++) {
		faults = c->nfaults;
		code = read_own(c, g.gl_pathv[i]);
		/* Who does not check goes on without it. */
		if (code < 0 && (c->say != NULL || c->nfaults == faults))
			worst = code;
	}
	globfree(&g);
	return worst;
}

static int
read_one(struct conf *c, const char *path)
{
	char *section = conf_file_section(path);
	int code = section != NULL ? read_section(c, path, section) :
				     read_text_file(c, path, NULL),
	    more;
	size_t i;

	for (i = 0; i < NFOLDERS && section == NULL &&
	     (code == 0 || (code == ERR_CONFIG && c->say != NULL));
	     i++) {
		more = read_folder(c, path, &folders[i]);
		code = more < 0 ? more : code;
	}
	free(section);
	return code;
}

/* Half of a section is not what anybody meant: those that are broken go. */
static void
drop_broken(struct conf *c)
{
	const struct conf_fault *f;
	size_t i, k, n;

	for (i = 0; (f = conf_fault(c, i)) != NULL; i++) {
		if (!f->breaks)
			continue;
		for (k = 0, n = 0; k < c->count; k++)
			if (strcmp(c->entries[k].section, f->section) == 0)
				entry_release(&c->entries[k]);
			else
				c->entries[n++] = c->entries[k];
		c->count = n;
	}
}

static struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->kept = xcalloc(1, sizeof(*c->kept));
	c->files = xcalloc(1, sizeof(*c->files));
	return c;
}

char *
conf_person_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg != NULL && *xdg != '\0')
		return xformat("%s/frontdesk/frontdesk.conf", xdg);
	if (home != NULL && *home != '\0')
		return xformat("%s/.config/frontdesk/frontdesk.conf", home);
	return NULL;
}

/* The usual places; the worst code of all if c says, else the first. */
static int
read_usual(struct conf *c)
{
	glob_t g = { 0 };
	char *person = conf_person_path();
	int code, worst = 0;
	size_t i, n;

	glob(CONF_SYSTEM_DIR "/conf.d/*.conf", 0, NULL, &g);
	n = g.gl_pathc + 2;
	for (i = 0; i < n && (worst == 0 || c->say != NULL); i++) {
		code = read_one(c,
		    i == 0	       ? CONF_SYSTEM_PATH :
			i + 1 < n      ? g.gl_pathv[i - 1] :
			person != NULL ? person :
					 "");
		if (code < 0 && code != ERR_NOINPUT)
			worst = code;
	}
	globfree(&g);
	free(person);
	return worst;
}

int
conf_read(const char *path, void (*say)(void *ctx, const char *text), void *ctx,
    struct conf **ret)
{
	const char *one = getenv("FRONTDESK_CONF");
	struct conf *c = conf_new();
	int code;

	c->say = say;
	c->ctx = ctx;
	if (path == NULL && one != NULL && *one != '\0')
		path = one;
	code = path != NULL ? read_one(c, path) : read_usual(c);
	if (say == NULL)
		drop_broken(c);
	if (code == 0 || (say != NULL && code == ERR_CONFIG)) {
		c->say = NULL;
		*ret = c;
		return code;
	}
	conf_close(c);
	return code;
}

int
conf_open_file(const char *path, struct conf **ret)
{
	return conf_read(path, NULL, NULL, ret);
}

int
conf_open(struct conf **ret)
{
	return conf_read(NULL, NULL, NULL, ret);
}

void *
conf_kept(const struct conf *c, const char *key)
{
	const struct kept *k = *c->kept;

	while (k != NULL && strcmp(k->key, key) != 0)
		k = k->next;
	return k != NULL ? k->thing : NULL;
}

void
conf_keep(const struct conf *c, const char *key, void *thing,
    void (*end)(void *thing))
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->next = *c->kept;
	k->key = xstrdup(key);
	k->thing = thing;
	k->end = end;
	*c->kept = k;
}

static void
kept_end(struct kept *k)
{
	struct kept *next;

	for (; k != NULL; k = next) {
		next = k->next;
		k->end(k->thing);
		free(k->key);
		free(k);
	}
}

void
conf_close(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	kept_end(*c->kept);
	free(c->kept);
	for (i = 0; i < c->count; i++)
		entry_release(&c->entries[i]);
	for (i = 0; i < c->nfiles; i++)
		free(c->files[i]);
	for (i = 0; i < c->nfaults; i++) {
		free((char *)c->faults[i].section);
		free((char *)c->faults[i].file);
		free((char *)c->faults[i].why);
	}
	free(c->faults);
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
		*ret = or ;
	else if (str_in(e->value, yes))
		*ret = true;
	else if (str_in(e->value, no))
		*ret = false;
	else
		return bad_value(e, "wants on or off");
	return 0;
}

int
conf_int(const struct conf *c, const char *section, const char *key, int64_t or,
    int64_t min, int64_t max, int64_t *ret)
{
	const struct conf_entry *e = conf_find(c, section, key);

	if (e == NULL)
		*ret = or ;
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
