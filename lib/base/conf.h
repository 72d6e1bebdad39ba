/*
 * conf - settings from ini files, with where each one came from
 *
 * Files are read in the order given; a later one wins key by key. Sections
 * may carry a name: [instance sales], [hours sales]. A setting is named
 * "SECTION.KEY" on the command line and in errors; with a named section
 * "instance sales.ai". Durations and times are kept as text and parsed where
 * they are asked for.
 *
 * A line is a [section], key = value, or a comment behind # or ; (a whole
 * line: nothing is a comment behind a value). A value goes on in the next line
 * after a backslash at the end of its line; the two are joined by a newline.
 *
 * Beside a settings file there may be a folder profiles.d. Each NAME.conf in it
 * is what a section [profile NAME] would be, without that line, and a NAME.md
 * beside it stands for prompt_file = NAME.md: a set-up and its prompt are two
 * files that can be handed about. So with tools.d, [tool NAME] and a
 * NAME.schema.json, its schema_file. Files of other names, as editors leave
 * them, are not looked at.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_SYSTEM_DIR "/etc/frontdesk"
#define CONF_SYSTEM_PATH CONF_SYSTEM_DIR "/frontdesk.conf"

struct conf;

struct conf_entry {
	const char *section;
	const char *key;
	const char *value;
	const char *file; /* "built in" for a default */
	int line;
};

/*
 * The settings of the usual places: $FRONTDESK_CONF alone if it is set, else
 * /etc/frontdesk/frontdesk.conf and conf.d/ *.conf, then the person's
 * $XDG_CONFIG_HOME/frontdesk/frontdesk.conf; the folders beside each of the
 * three right behind it. A missing file is none.
 * ERR_CONFIG names file and line.
 */
int conf_open(struct conf **ret);

/* The settings of one file and the folders beside it. A file that is in a
 * profiles.d or tools.d is read as that one. ERR_NOINPUT, ERR_CONFIG. */
int conf_open_file(const char *path, struct conf **ret);

/*
 * As conf_open (path NULL) and conf_open_file, but goes on after a bad line and
 * tells each as "FILE:LINE: why" by say(ctx, ...), and each conf_fault.
 * ERR_CONFIG then comes with *ret set to what could be read, broken sections
 * among it, so that their values can be checked as well.
 */
int conf_read(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx, struct conf **ret);

void conf_close(struct conf *c);

/*
 * What somebody has made of these settings and asks for often: kept by a key
 * for as long as they are, then given to end. conf_kept is NULL if there is none
 * of that key. Not for two threads at once.
 */
void *conf_kept(const struct conf *c, const char *key);
void conf_keep(const struct conf *c, const char *key, void *thing,
    void (*end)(void *thing));

/*
 * A file of a profiles.d or tools.d that cannot be used: it cannot be read, a
 * line of it is none, it sets nothing, or its name is none. There is no such
 * section then, and the other files are read all the same. Also a key that a
 * file sets twice in one section. In the order read; NULL at the end.
 */
struct conf_fault {
	const char *section; /* that it would be */
	const char *file;    /* with the line, where it is one of a line */
	const char *why;
	bool breaks; /* the section, whatever other files say of it */
};
const struct conf_fault *conf_fault(const struct conf *c, size_t i);
/* The first one of a section that breaks it, else its first one. */
const struct conf_fault *conf_fault_of(const struct conf *c,
    const char *section);

/* Tell each of a kind ("profile", "tool") by say(ctx, "FILE: why"). How many. */
int conf_faults(const struct conf *c, const char *kind,
    void (*say)(void *ctx, const char *text), void *ctx);

/* Say that there is no such section, or what is wrong with its file: returns
 * code, or ERR_CONFIG for a file. */
int conf_missing(const struct conf *c, const char *section, int code);

/* Whether the NAME of a section may be that: letters, digits, dot, dash and
 * underscore, at most CONF_NAME_MAX_BYTES. */
#define CONF_NAME_MAX_BYTES 64
bool conf_is_name(const char *name);

/* NULL if not set. Borrowed from c. */
const char *conf_get(const struct conf *c, const char *section,
    const char *key);

/* Whether anything is set in a section. */
bool conf_has(const struct conf *c, const char *section);

/* The same, in the order read; overridden entries are left out. */
size_t conf_count(const struct conf *c);
const struct conf_entry *conf_entry(const struct conf *c, size_t i);
const struct conf_entry *conf_find(const struct conf *c, const char *section,
    const char *key);

/*
 * Typed: or where not set; ERR_CONFIG with "FILE:LINE: section.key: ..." when
 * the value does not parse. Booleans: on off yes no true false 1 0.
 */
int conf_bool(const struct conf *c, const char *section, const char *key,
    bool or, bool *ret);
int conf_int(const struct conf *c, const char *section, const char *key,
    int64_t or, int64_t min, int64_t max, int64_t *ret);
int conf_duration(const struct conf *c, const char *section, const char *key,
    int64_t or_ms, int64_t *ret_ms);

/* Where a person's own settings stand; NULL without a home. Caller frees. */
char *conf_person_path(void);

/*
 * A copy of the text of a settings file in which section.key is value (NULL:
 * is not set); comments, order and everything else stay as they are. A new
 * setting stands behind a commented-out one of its name, else at the end of
 * its section, else in a new section. The caller frees. ERR_DATA if value
 * cannot be written: a line of it ends in a backslash or begins with a space.
 */
int conf_edit(const char *text, const char *section, const char *key,
    const char *value, char **ret);

/*
 * The same without the whole section: its header, what it sets and what is
 * commented out in it. Other comments behind the last setting stay.
 */
char *conf_cut(const char *text, const char *section);

/* Where a change is made; the caller frees. file, or with NULL: that of the
 * system, $FRONTDESK_CONF, for root that of the system, else the person's own.
 * A link stays one: what it points to is named. ERR_NOINPUT without a home. */
int conf_target(const char *file, bool for_system, char **ret);

struct conf_change {
	const char *section;
	const char *key;   /* NULL: the whole section goes */
	const char *value; /* NULL: is not set */
};

/*
 * Make changes to the file at path, all or none; nobody else changes a file of
 * its folder meanwhile. With a value a missing file is made. *ret_before (may
 * be NULL) is the text as it was, NULL if there was no file, for
 * conf_restore; the caller frees. The group a setgid program lends is not
 * used. ERR_NOINPUT, ERR_DATA, ERR_CREATE, ERR_BUSY.
 */
int conf_write(const char *path, const struct conf_change *changes,
    size_t count, char **ret_before);
int conf_restore(const char *path, const char *before);

/* The section that a file of a profiles.d or tools.d is, "profile NAME"; NULL:
 * it is no such file. The caller frees. */
char *conf_file_section(const char *path);

/* The file that such a section has beside a settings file; NULL: sections of
 * its kind have none. The caller frees. */
char *conf_section_path(const char *settings, const char *section);

/* The files that were read, NULL-ended. */
const char *const *conf_files(const struct conf *c);

#endif
