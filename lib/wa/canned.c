/* canned - a text of the settings as it is said to one customer */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/contact.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "desk/variables.h"
#include "wa/canned.h"
#include "wa/compose.h"

#define MINUTE_MS INT64_C(60000)
#define NAME_SHOWN_MAX 64 /* bytes of a customer's name in a reply */

/* A customer's name is the customer's: shown short, and on one line. */
static char *
shown_name(const struct canned *k, bool first)
{
	char *name = contact_name(k->store, k->c->contact), *plain;
	size_t len;

	if (name == NULL)
		return NULL;
	plain = utf8_plain(name);
	free(name);
	len = strcspn(plain, first ? " \t\n" : "\t\n");
	plain[utf8_cut(plain, len, NAME_SHOWN_MAX)] = '\0';
	return plain;
}

static char *
person_shown(const struct canned *k)
{
	struct person *p = NULL;
	char *name = NULL;

	if (k->person != NULL && person_get(k->store, k->person, &p) == 0)
		name = xstrdup(p->full_name != NULL ? p->full_name : p->name);
	person_free(p);
	return name;
}

static char *
date_shown(const struct zone *zone, int64_t at_ms)
{
	struct wall wall;
	int year, month, day;

	zone_wall(zone, at_ms, &wall);
	days_date(wall.day, &year, &month, &day);
	return xformat("%04d-%02d-%02d", year, month, day);
}

static char *
time_shown(const struct zone *zone, int64_t at_ms)
{
	struct wall wall;

	zone_wall(zone, at_ms, &wall);
	return xformat("%02d:%02d", wall.second / 3600, wall.second / 60 % 60);
}

/* The day of a time on a wall. */
static int64_t
wall_day(const struct zone *z, int64_t at_ms)
{
	struct wall wall;

	zone_wall(z, at_ms, &wall);
	return wall.day;
}

/* The first minute of the day of a time. */
static int64_t
day_start(const struct zone *z, int64_t at_ms)
{
	int64_t day = wall_day(z, at_ms), t = at_ms - at_ms % MINUTE_MS;

	while (wall_day(z, t - MINUTE_MS) == day)
		t -= MINUTE_MS;
	return t;
}

/* The hours of today on their own wall, "09:00-12:30, 13:00-17:00"; NULL: there
 * are none. */
static char *
hours_shown(const struct canned *k)
{
	struct buf b = BUF_INIT(0);
	const struct zone *z;
	bool open = false, now, over = false;
	int64_t day, t;
	char *at;

	if (k->hours == NULL)
		return NULL;
	z = hours_zone(k->hours);
	day = wall_day(z, k->at_ms);
	for (t = day_start(z, k->at_ms); !over; t += MINUTE_MS) {
		over = wall_day(z, t) != day;
		now = !over && hours_at(k->hours, t);
		if (now == open)
			continue;
		at = over ? xstrdup("24:00") : time_shown(z, t);
		buf_addf(&b, "%s%s", now ? b.len > 0 ? ", " : "" : "-", at);
		free(at);
		open = now;
	}
	return b.len > 0 ? buf_detach(&b) : NULL;
}

/* When it opens next, by the clock of its hours. */
static char *
opening_shown(const struct canned *k)
{
	char *date, *time, *ret;
	int64_t at_ms = 0;

	if (k->hours == NULL || !hours_next(k->hours, k->at_ms, &at_ms))
		return NULL;
	date = date_shown(hours_zone(k->hours), at_ms);
	time = time_shown(hours_zone(k->hours), at_ms);
	ret = xformat("%s %s", date, time);
	free(date);
	free(time);
	return ret;
}

/* For variables_fill(). */
static char *
variable(void *ctx, const char *name)
{
	const struct canned *k = ctx;

	if (strcmp(name, "name") == 0)
		return shown_name(k, false);
	if (strcmp(name, "first_name") == 0)
		return shown_name(k, true);
	if (strcmp(name, "conversation") == 0)
		return xstrdup(k->c->id);
	if (strcmp(name, "instance") == 0)
		return xstrdup(k->c->instance);
	if (strcmp(name, "team") == 0)
		return xstrdup(k->c->team);
	if (strcmp(name, "person") == 0)
		return person_shown(k);
	if (strcmp(name, "date") == 0)
		return date_shown(k->zone, k->at_ms);
	if (strcmp(name, "time") == 0)
		return time_shown(k->zone, k->at_ms);
	if (strcmp(name, "hours") == 0)
		return hours_shown(k);
	return strcmp(name, "opening") == 0 ? opening_shown(k) : NULL;
}

char *
canned_fill(const struct canned *k, const char *text)
{
	struct canned copy = *k;

	return variables_fill(text, variable, &copy);
}

/* Whoever has said nothing yet is spoken to as all of the instance are. */
static const char *
language_of(const struct canned *k)
{
	const char *language = k->language;
	char *section;

	if (language != NULL && strcmp(language, "und") != 0)
		return language;
	section = xformat("instance %s", k->c->instance);
	language = setting_text(k->conf, section, "language");
	free(section);
	return language;
}

int
canned_make(const struct canned *k, const char *name, char **ret_text,
    json_t **ret_content)
{
	const char *language = language_of(k),
		   *text = reply_text(k->conf, name, language);
	char *titles[REPLY_BUTTONS_MAX], *filled;
	size_t n, i;

	if (text == NULL)
		return err_set(ERR_NOINPUT, "there is no [reply %s]", name);
	filled = canned_fill(k, text);
	if (*filled == '\0') {
		free(filled);
		return 0;
	}
	n = reply_buttons(k->conf, name, language, titles);
	*ret_text = filled;
	*ret_content = n == 0 ?
	    NULL :
	    compose_buttons(filled, (const char *const *)titles, n);
	for (i = 0; i < n; i++)
		free(titles[i]);
	return 1;
}

/* The hours of the instance of c, or NULL; hours_free() ends them. */
static int
hours_of(const struct conf *conf, const struct conversation *c,
    struct hours **ret)
{
	char *section = xformat("instance %s", c->instance);
	const char *name = conf_get(conf, section, "hours");

	free(section);
	return name != NULL ? hours_load(conf, name, ret) : 0;
}

static int
no_such_reply(const struct conf *conf, const char *name)
{
	char **names = canned_names(conf);
	const char *near = str_nearest(name, (const char *const *)names);
	int code = near != NULL ?
	    err_set(ERR_NOINPUT, "there is no [reply %s]; did you mean '%s'?",
		name, near) :
	    err_set(ERR_NOINPUT, "there is no [reply %s]", name);

	canned_names_free(names);
	return code;
}

int
canned_reply(struct store *s, const char *id, const char *person,
    const char *name, const char *language, char **ret_text,
    json_t **ret_content)
{
	struct canned k = { .store = s, .person = person, .at_ms = now_ms() };
	struct conversation *c = NULL;
	struct conf *conf = NULL;
	struct zone *zone = NULL;
	struct hours *hours = NULL;
	int code = conversation_get(s, id, &c);

	if (code == 0)
		code = conf_open(&conf);
	if (code == 0)
		code = zone_open(setting_text(conf, "desk", "zone"), &zone);
	if (code == 0)
		code = hours_of(conf, c, &hours);
	if (code == 0) {
		k.conf = conf;
		k.c = c;
		k.zone = zone;
		k.hours = hours;
		k.language = language != NULL ? language : c->language;
		code = canned_make(&k, name, ret_text, ret_content);
		if (code == ERR_NOINPUT)
			no_such_reply(conf, name);
		else if (code == 0)
			code = err_set(ERR_DATA, "[reply %s] is set to nothing",
			    name);
	}
	hours_free(hours);
	zone_close(zone);
	conf_close(conf);
	conversation_free(c);
	return code < 0 ? code : 0;
}

static char **
add_name(char **names, size_t *n, const char *name)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (strcmp(names[i], name) == 0)
			return names;
	names = xrealloc(names, (*n + 2) * sizeof(*names));
	names[(*n)++] = xstrdup(name);
	names[*n] = NULL;
	return names;
}

char **
canned_names(const struct conf *c)
{
	static const char section[] = "reply ", tool[] = "reply tool-";
	char **names = xcalloc(1, sizeof(*names));
	const struct conf_entry *e;
	size_t n = 0, i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++)
		if (str_starts(e->section, section) &&
		    !str_starts(e->section, tool))
			names = add_name(names, &n,
			    e->section + sizeof(section) - 1);
	for (i = 0; reply_names[i] != NULL; i++)
		names = add_name(names, &n, reply_names[i]);
	return names;
}

void
canned_names_free(char **names)
{
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}
