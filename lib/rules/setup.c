/* setup - settings and rules as they were read together */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "desk/audience.h"
#include "desk/settings.h"
#include "rules/setup.h"
#include "store/store.h"

struct setup *
setup_hold(struct setup *s)
{
	s->uses++;
	return s;
}

void
setup_drop(struct setup *s)
{
	size_t i;

	if (s == NULL || --s->uses > 0)
		return;
	for (i = 0; i < s->nhours; i++) {
		hours_free(s->hours[i]);
		free(s->hours_names[i]);
	}
	free(s->hours);
	free(s->hours_names);
	zone_close(s->zone);
	rules_free(s->rules);
	labeller_close(s->labeller);
	conf_close(s->conf);
	free(s);
}

/* All [hours NAME] of the settings. */
static int
load_hours(struct setup *s)
{
	const struct conf_entry *e;
	const char *name;
	size_t i, j;
	int code;

	for (i = 0; (e = conf_entry(s->conf, i)) != NULL; i++) {
		if (!str_starts(e->section, "hours "))
			continue;
		name = e->section + strlen("hours ");
		for (j = 0; j < s->nhours; j++)
			if (strcmp(s->hours_names[j], name) == 0)
				break;
		if (j < s->nhours)
			continue;
		s->hours = xrealloc(s->hours, (j + 1) * sizeof(*s->hours));
		s->hours_names =
		    xrealloc(s->hours_names, (j + 1) * sizeof(*s->hours_names));
		code = hours_load(s->conf, name, &s->hours[j]);
		if (code < 0)
			return code;
		s->hours_names[j] = xstrdup(name);
		s->nhours++;
	}
	return 0;
}

/* A file named rules beside the settings, if there is one. Caller frees. */
static char *
usual_rules(void)
{
	const char *one = getenv("FRONTDESK_CONF");
	char *conf =
	    one != NULL && *one != '\0' ? xstrdup(one) : conf_person_path();
	char *path = NULL;

	if (conf != NULL && strrchr(conf, '/') != NULL) {
		strrchr(conf, '/')[1] = '\0';
		path = xformat("%srules", conf);
	} else if (conf != NULL)
		path = xstrdup("rules");
	free(conf);
	if (path != NULL && access(path, F_OK) == 0)
		return path;
	free(path);
	path = xstrdup(CONF_SYSTEM_DIR "/rules");
	if ((one == NULL || *one == '\0') && access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

int
setup_rules(const struct conf *c, const char *given,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret)
{
	char *path =
	    given != NULL ? xstrdup(given) : setting_path(c, "rules", "file");
	int code;

	if (path == NULL)
		path = usual_rules();
	if (path != NULL)
		code = rules_open(path, c, say, ctx, ret);
	else
		code = rules_parse(rules_default, "built in", c, say, ctx, ret);
	free(path);
	return code;
}

/* How long a message may wait for ai-label: no longer than it is any use. */
static int
load_label_wait(struct setup *s)
{
	const char *profile = setting_text(s->conf, "label", "profile");

	if (!s->at.follow || profile == NULL || *profile == '\0' ||
	    (!rules_ask_intent(s->rules) && !rules_ask_sentiment(s->rules)))
		return 0;
	return setting_duration(s->conf, "label", "wait", &s->label_wait_ms);
}

int
setup_load(const struct setup_places *at, struct setup **ret, bool *ret_said)
{
	struct setup *s = xcalloc(1, sizeof(*s));
	int code;

	*ret_said = false;
	s->uses = 1;
	s->at = *at;
	code = conf_open(&s->conf);
	if (code == 0)
		code = load_hours(s);
	if (code == 0)
		code =
		    zone_open(setting_text(s->conf, "desk", "zone"), &s->zone);
	if (code == 0) {
		code = setup_rules(s->conf, at->rules, at->say, at->ctx,
		    &s->rules);
		*ret_said = code == ERR_CONFIG;
	}
	if (code == 0)
		code = load_label_wait(s);
	if (code < 0) {
		setup_drop(s);
		return code;
	}
	*ret = s;
	return 0;
}

int
setup_hours(const struct setup *s, const char *instance, const char *name,
    const struct hours **ret)
{
	char *section;
	size_t i;

	*ret = NULL;
	if (name == NULL) {
		section = xformat("instance %s", instance);
		name = conf_get(s->conf, section, "hours");
		free(section);
	}
	if (name == NULL)
		return 0;
	for (i = 0; i < s->nhours; i++)
		if (strcmp(s->hours_names[i], name) == 0)
			*ret = s->hours[i];
	return *ret != NULL ? 0 :
			      err_set(ERR_CONFIG,
				  "there is no [hours %s] in "
				  "the settings",
				  name);
}

const char *
setup_language(const struct setup *s, const char *text)
{
	const char *of = setting_text(s->conf, "desk", "languages"),
		   *tag = "und";
	size_t len, n;

	if (text != NULL)
		tag = language_detect(text, strlen(text));
	n = strcspn(tag, "-");
	if (of == NULL)
		return tag;
	for (; *of != '\0'; of += len) {
		of += strspn(of, " \n");
		len = strcspn(of, " \n");
		if (strncmp(of, tag, n) == 0 && strchr("- \n", of[n]) != NULL)
			return tag;
	}
	return "und";
}

json_t *
setup_labels(struct setup *s, const char *text)
{
	unsigned kinds = (rules_ask_intent(s->rules) ? LABEL_INTENT : 0) |
	    (rules_ask_sentiment(s->rules) ? LABEL_SENTIMENT : 0);
	struct label_places at = { .conf = s->conf, .model = s->at.model };
	struct label l;
	char *store = NULL;
	json_t *labels;

	if (kinds == 0 || text == NULL)
		return NULL;
	if (s->labeller == NULL) {
		/* Of the desk also where a copy of it is worked on. */
		if (s->at.model == NULL && store_find(s->at.store, &store) == 0)
			at.store = store;
		s->labeller = labeller_open(&at, s->at.say, s->at.ctx);
		free(store);
	}
	label_text(s->labeller, text, strlen(text), kinds, &l);
	labels = json_object();
	label_put_brief(&l, labels);
	label_release(&l);
	return labels;
}

int
setup_was_open(void *setup, const char *instance, const char *hours,
    int64_t at_ms)
{
	const struct hours *h;
	int code = setup_hours(setup, instance, hours, &h);

	if (code < 0)
		return code;
	return h == NULL ? 1 : hours_at(h, at_ms);
}

int
setup_was_open_between(void *setup, const char *instance, const char *hours,
    int64_t from_ms, int64_t to_ms)
{
	const struct hours *h;
	int code = setup_hours(setup, instance, hours, &h);

	if (code < 0)
		return code;
	return h == NULL ? 1 : hours_between(h, from_ms, to_ms);
}

int
setup_opens(void *setup, const char *instance, int64_t at_ms, int64_t *ret_ms)
{
	const struct hours *h;
	int code = setup_hours(setup, instance, NULL, &h);

	if (code < 0)
		return code;
	return h == NULL ? 0 : hours_next(h, at_ms, ret_ms);
}

int
setup_answers(void *setup, struct store *s, const char *instance,
    const char *contact, const char *text, int64_t at_ms, bool owned,
    bool first)
{
	const struct setup *setting = setup;
	struct conversation c = { .status = "open" };
	struct audience about = { .conf = setting->conf,
		.conversation = &c,
		.text = text,
		.at_ms = at_ms,
		.first = first };
	struct instance *i = NULL;
	const char *why;
	int code = instance_get(s, instance, &i);

	if (code == 0 && i->ai) {
		snprintf(c.owner, sizeof(c.owner), "%s",
		    owned ? "ai" : "queue");
		snprintf(c.contact, sizeof(c.contact), "%s", contact);
		c.instance = i->name;
		code = audience_is_in(s, &about, &why);
	}
	instance_free(i);
	return code == ERR_NOINPUT ? 0 : code;
}

int64_t
setup_day(void *setup, int64_t at_ms)
{
	const struct setup *s = setup;
	struct wall wall;

	zone_wall(s->zone, at_ms, &wall);
	return wall.day;
}

const char *
setup_language_then(void *setup, const char *text)
{
	return setup_language(setup, text);
}
