/* known - whether what rules name is known on this desk */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "desk/task.h"
#include "desk/team.h"
#include "rules/known.h"
#include "store/store.h"

/* What is at hand of what rules name. */
struct known {
	const struct setup *setup;
	struct store *store; /* NULL: there is none yet */
	char *intents;	     /* their folder; NULL: none */
};

static int
is_person(void *ctx, const char *name)
{
	const struct known *k = ctx;
	struct person *p = NULL;
	int code = person_get(k->store, name, &p);

	person_free(p);
	return code == ERR_NOINPUT ? 0 : code < 0 ? code : 1;
}

static int
is_team(void *ctx, const char *name)
{
	const struct known *k = ctx;
	struct team *t = NULL;
	int code = team_get(k->store, name, &t);

	team_free(t);
	return code == ERR_NOINPUT ? 0 : code < 0 ? code : 1;
}

static int
is_notified(void *ctx, const char *name)
{
	const struct known *k = ctx;
	const struct conf_entry *e;
	char *section = xformat("channel %s", name);
	bool found = false;
	size_t i;
	int code;

	for (i = 0; !found && (e = conf_entry(k->setup->conf, i)) != NULL; i++)
		found = strcmp(e->section, section) == 0;
	free(section);
	if (found)
		return 1;
	code = is_person(ctx, name);
	return code == 0 ? is_team(ctx, name) : code;
}

static int
is_intent(void *ctx, const char *name)
{
	const struct known *k = ctx;
	char *path;
	bool found;

	if (k->intents == NULL)
		return 0;
	path = xformat("%s/%s.txt", k->intents, name);
	found = access(path, F_OK) == 0;
	free(path);
	return found;
}

/* Those that are always open. The caller ends it with task_names_free(). */
static char **
without_hours(const struct conf *conf)
{
	char **names = task_names(conf, "instance"), *section;
	size_t i, n = 0;

	for (i = 0; names[i] != NULL; i++) {
		section = xformat("instance %s", names[i]);
		if (setting_text(conf, section, "hours") == NULL)
			names[n++] = names[i];
		else
			free(names[i]);
		free(section);
	}
	names[n] = NULL;
	return names;
}

int
known_advise(const struct setup *s, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	struct label_places at = { .conf = s->conf };
	struct known k = { .setup = s };
	struct rules_known known = { .ctx = &k };
	int code = setting_duration(s->conf, "wa", "window", &known.window_ms);
	char *text;

	if (code < 0)
		return code;
	code = store_open(s->at.store, STORE_READ, &k.store);
	if (code == 0) {
		known.person = is_person;
		known.team = is_team;
		known.notified = is_notified;
	} else if (code != ERR_NOINPUT) {
		/* Rules are checked in a repository, too, where no desk is. */
		text = xformat("%s: the people and teams that rules name were "
			       "not looked up",
		    err_reason());
		say(ctx, text);
		free(text);
	}
	if (s->at.model == NULL) {
		k.intents = label_folder(&at);
		known.intent = is_intent;
	}
	known.unopened = without_hours(s->conf);
	code = rules_advise(s->rules, &known, say, ctx);
	task_names_free(known.unopened);
	store_close(k.store);
	free(k.intents);
	return code;
}
