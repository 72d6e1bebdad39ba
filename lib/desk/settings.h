/*
 * settings - every setting there is: section, key, type, default, meaning
 *
 * frontdesk.conf(5) is the manual; desk-config checks files against this table
 * and shows it. Programs read settings by these functions, so that a name that
 * is not in the table cannot be used.
 */
#ifndef DESK_SETTINGS_H
#define DESK_SETTINGS_H

#include "base/conf.h"

enum setting_kind {
	SET_TEXT,
	SET_BOOL,
	SET_INT,
	SET_DURATION,
	SET_FILE,
	SET_URL,
	SET_HOURS, /* 09:00-12:30 13:00-17:00 */
	SET_ZONE,
	SET_CHOICE, /* one of the words in `choices` */
};

struct setting {
	const char *section; /* "instance *": one named section each */
	const char *key;     /* "mon": also mon-fri and such, for SET_HOURS */
	enum setting_kind kind;
	const char *fallback; /* as written; NULL: none */
	const char *choices;  /* space-separated */
	const char *help;
};
extern const struct setting settings[];
extern const size_t settings_count;

/* The row for a section and key; NULL if there is no such setting. */
const struct setting *setting_find(const char *section, const char *key);

/* Check every entry of c. 0, or ERR_CONFIG after complaining about each by
 * say(ctx, "FILE:LINE: ..."). */
int settings_check(const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx);

/* Values with their defaults; borrowed. NULL only where none is set. */
const char *setting_text(const struct conf *c, const char *section,
    const char *key);
int setting_bool(const struct conf *c, const char *section, const char *key,
    bool *ret);
int setting_int(const struct conf *c, const char *section, const char *key,
    int64_t *ret);
int setting_duration(const struct conf *c, const char *section,
    const char *key, int64_t *ret_ms);

/*
 * Whether the named hours ([hours NAME]) are open at a time, by their zone and
 * with DST: 1, 0, or ERR_CONFIG if there are no such hours.
 */
int hours_open(const struct conf *c, const char *name, int64_t at_ms);

#endif
