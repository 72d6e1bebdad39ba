/*
 * settings - every setting there is: section, key, type, default, meaning
 *
 * frontdesk.conf(5) is the manual; desk-config checks files against this table
 * and shows it. Programs read settings by these functions, so that a name that
 * is not in the table cannot be used (ERR_BUG, NULL). A conf of NULL stands
 * for no file: all defaults.
 */
#ifndef DESK_SETTINGS_H
#define DESK_SETTINGS_H

#include "base/conf.h"

enum setting_kind {
	SET_TEXT,
	SET_BOOL,
	SET_INT,      /* choices: "MIN..MAX" */
	SET_REAL,     /* choices: "MIN..MAX" */
	SET_DURATION, /* choices: the least, or NULL */
	SET_FILE,     /* must exist */
	SET_URL,      /* http:// or https://; choices "https": plain http to
		       * loopback only */
	SET_HOURS,    /* 09:00-12:30 13:00-17:00 */
	SET_ZONE,
	SET_CHOICE,    /* one of the words in `choices` */
	SET_WORDS,     /* some of the words in `choices`, or none */
	SET_NAME,      /* of the section "KIND NAME"; choices: KIND. A reply
			  may also be one of ours, and any the fallback */
	SET_LANGUAGES, /* tags of languages, separated by spaces */
	SET_PATH,      /* need not exist yet */
	SET_ADDRESS,   /* HOST:PORT */
	SET_ID,	       /* digits; of one section at most */
};

struct setting {
	const char *section; /* "instance *": one named section each */
	const char *key;     /* "mon": also mon-fri and such, for SET_HOURS;
				"*": any tag of a language */
	enum setting_kind kind;
	const char *fallback; /* as written; NULL: none */
	const char *choices;  /* as the kind says; NULL */
	const char *help;
};
extern const struct setting settings[];
extern const size_t settings_count;

/* The row for a section and key; NULL if there is no such setting. */
const struct setting *setting_find(const char *section, const char *key);

/*
 * Whether value may stand for section.key in file (paths are taken from its
 * folder; NULL: from the current one). 0, or ERR_CONFIG with why and, for a
 * name that is not known, the nearest.
 */
int setting_check(const char *section, const char *key, const char *value,
    const char *file);

/* Whether an id is that of another section of c: ERR_CONFIG, which. Other
 * settings never clash. */
int setting_clash(const struct conf *c, const char *section, const char *key,
    const char *value);

/* Check every entry of c. 0, or ERR_CONFIG after complaining about each by
 * say(ctx, "FILE:LINE: ..."). */
int settings_check(const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx);

/* Whether the settings of the usual places can be read and are right, for
 * stage_def.reload_check: 0 or ERR_CONFIG with the first fault. */
int settings_readable(void);

/* Values with their defaults; borrowed. NULL only where none is set. */
const char *setting_text(const struct conf *c, const char *section,
    const char *key);
int setting_bool(const struct conf *c, const char *section, const char *key,
    bool *ret);
int setting_int(const struct conf *c, const char *section, const char *key,
    int64_t *ret);
int setting_real(const struct conf *c, const char *section, const char *key,
    double *ret);
int setting_duration(const struct conf *c, const char *section, const char *key,
    int64_t *ret_ms);

/*
 * The path a SET_FILE or SET_PATH stands for; NULL if none is set. A relative
 * one starts at the folder of the file that sets it; %d at its beginning is
 * $CREDENTIALS_DIRECTORY. The caller frees.
 */
char *setting_path(const struct conf *c, const char *section, const char *key);

/* The absolute path of one that stands in the value of a key: a relative one
 * starts at the folder of the file that sets it. The caller frees. */
char *setting_beside(const struct conf *c, const char *section, const char *key,
    const char *path);

/*
 * Whether the named hours ([hours NAME]) are open at a time, by their zone and
 * with DST: 1, 0, or ERR_CONFIG if there are no such hours. They are read at
 * the first time, files of holidays too, and kept with c. Not for two threads
 * at once.
 */
int hours_open(const struct conf *c, const char *name, int64_t at_ms);

/*
 * The words of a reply in a language ("es-MX", "es", "und"): [reply NAME] in
 * that language, else ours in it, else [reply NAME] or ours in the desk's
 * language, else in English, else in any. "" if it is set to nothing: send
 * none. NULL if there is no such reply. Ours are
 *	holding		a person was asked for and will come
 *	no_answer	the AI does not know, a person will come
 *	failed		something broke, a person will come
 *	unsupported	a picture or such cannot be read, a person will come
 *	unheard		a voice note could not be heard, a person will come
 *	closed		outside of hours
 *	rest		part is answered, for the rest a person will come
 *	greeting	back to whom says hello and no more
 *	thanks		back to thanks, an ok or a goodbye
 *	options		on the button that opens a list
 *	go_ahead	back to whom says that there is a question
 *	opt_out		no more messages are wanted, a person will see to it
 *	survey		asks how it was, after a resolve
 *	human		behind the AI's first answer: how a person is reached
 *	foreign		before what documents say in another language
 * Borrowed from c, or for good.
 */
const char *reply_text(const struct conf *c, const char *name,
    const char *language);

/* The same in that language alone; NULL if there is none in it. */
const char *reply_text_in(const struct conf *c, const char *name,
    const char *language);

/* A text without the sentences that are this reply, in whatever language. The
 * caller frees. */
char *reply_left_out(const struct conf *c, const char *name, const char *text);

/* The provider takes three buttons of 20 characters; more, or longer ones, go
 * out as a list of ten rows of 24. */
#define REPLY_BUTTONS_MAX 10
#define REPLY_BUTTON_CHARACTERS 24

/* What stands on the buttons of a reply, in the language that reply_text() takes
 * and in no other: how many, each to be freed. */
size_t reply_buttons(const struct conf *c, const char *name,
    const char *language, char *titles[REPLY_BUTTONS_MAX]);
/* Whether value can be a reply's of that key: its words, with what braces stand
 * for, or its buttons ("A | B"): 0, or ERR_DATA. */
int reply_check(const char *key, const char *value);

/* The names of our own replies, NULL-ended. */
extern const char *const reply_names[];

#endif
