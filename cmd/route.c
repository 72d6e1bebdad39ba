/*
 * route - apply rules to what customers write
 *
 * A stage that never waits: after each message.received that is a customer's
 * turn come the effects of the rules, and then message.routed, which tells
 * whether the AI answers. frontdesk-rules(5) is the language.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/jsonl.h"
#include "base/language.h"
#include "base/log.h"
#include "base/str.h"
#include "base/zone.h"
#include "desk/audience.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/hours.h"
#include "desk/message.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "label/label.h"
#include "rules/rules.h"
#include "store/stage.h"

#define BURST_MS 30000 /* messages so near to one another are one */
#define BURST_LINES 6

static const char *rules_path, *model_path;
static bool check, explain, print, train, label;

static const struct cli_option options[] = {
	{ 0, "check", NULL, CLI_FLAG, &check, "check the rules and exit" },
	{ 0, "explain", NULL, CLI_FLAG, &explain,
	    "say on stderr why each rule fires or not" },
	{ 'f', "rules", "FILE", CLI_TEXT, &rules_path, "file of rules" },
	{ 0, "label", NULL, CLI_FLAG, &label,
	    "say what each text on standard input is about" },
	{ 0, "model", "FILE", CLI_TEXT, &model_path,
	    "file of the model of intents" },
	{ 0, "print", NULL, CLI_FLAG, &print,
	    "print the rules as they are understood and exit" },
	{ 0, "train", NULL, CLI_FLAG, &train,
	    "learn intents from examples and say how well that went" },
	STAGE_OPTIONS,
	CLI_END,
};

static const struct cli_spec spec = {
	.name = "route",
	.summary = "apply rules",
	.args = "[FOLDER]",
	.options = options,
	.examples = "  route --check -f /etc/frontdesk/rules\n"
		    "  desk-events --since 7d | route -q --dry-run -f new\n",
};

/* Settings and rules as they were read together; freed with the last use. */
struct setup {
	int uses;
	bool known; /* the store has the instances */
	struct conf *conf;
	struct rules *rules;
	struct zone *zone; /* of the desk: days begin by it */
	struct hours **hours;
	char **hours_names;
	size_t nhours;
};

struct prepared {
	struct setup *setup;
	struct rules_reading *reading;
	char *text; /* what was read; NULL: none */
	const char *language;
};

/* One message in its transaction. */
struct work {
	struct stage *st;
	const struct event *e;
	const struct prepared *p;
	struct conversation *c;
	const char *message;
	int64_t at_ms;	 /* the customer's time */
	bool taken_back; /* by the customer, before it was routed */
};

static volatile sig_atomic_t reload_wanted;

static void
on_hup(int sig)
{
	(void)sig;
	reload_wanted = 1;
}

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	log_warnx("%s", text);
}

static void
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

static int
load_rules(struct setup *s)
{
	char *path = rules_path != NULL ?
	    xstrdup(rules_path) :
	    setting_path(s->conf, "rules", "file");
	int code;

	if (path == NULL)
		path = usual_rules();
	if (path != NULL)
		code = rules_open(path, s->conf, say, NULL, &s->rules);
	else
		code = rules_parse(rules_default, "built in", s->conf, say,
		    NULL, &s->rules);
	free(path);
	return code;
}

/* ERR_CONFIG has been said if *ret_said. */
static int
setup_load(struct setup **ret, bool *ret_said)
{
	struct setup *s = xcalloc(1, sizeof(*s));
	int code;

	*ret_said = false;
	s->uses = 1;
	code = conf_open(&s->conf);
	if (code == 0)
		code = load_hours(s);
	if (code == 0)
		code =
		    zone_open(setting_text(s->conf, "desk", "zone"), &s->zone);
	if (code == 0) {
		code = load_rules(s);
		*ret_said = code == ERR_CONFIG;
	}
	if (code < 0) {
		setup_drop(s);
		return code;
	}
	*ret = s;
	return 0;
}

/* After SIGHUP: the new rules, or the old ones if the new are broken. */
static void
reload(struct setup **current)
{
	struct setup *s;
	bool is_said;

	if (!reload_wanted)
		return;
	reload_wanted = 0;
	if (setup_load(&s, &is_said) < 0) {
		if (!is_said)
			log_warnx("%s", err_reason());
		log_warnx("the rules are not read again: those read before "
			  "still hold");
		return;
	}
	setup_drop(*current);
	*current = s;
	log_info("%zu rule%s read, revision %s", rules_count(s->rules),
	    rules_count(s->rules) == 1 ? "" : "s", rules_revision(s->rules));
}

static int
on_tick(struct stage *st)
{
	reload(stage_ctx(st));
	return 0;
}

/* The language of a text, if it is one that the desk's customers write. */
static const char *
language_of(const struct conf *c, const char *text)
{
	const char *of = setting_text(c, "desk", "languages"), *tag = "und";
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

/* Outside of the transaction: what needs nothing but the text. */
static void *
prepare(struct stage *st, const struct event *e)
{
	struct setup **current = stage_ctx(st);
	struct prepared *p = xcalloc(1, sizeof(*p));
	const char *text = json_str(e->data, "text"), *slow;

	reload(current);
	p->setup = *current;
	p->setup->uses++;
	if (!p->setup->known) {
		p->setup->known = true;
		if (instances_load(stage_store(st), p->setup->conf) < 0)
			log_warnx("%s", err_reason());
	}
	p->text = xstrdup(text);
	p->language = language_of(p->setup->conf, text);
	p->reading = rules_read(p->setup->rules, text);
	slow = rules_gave_up(p->reading);
	if (slow != NULL)
		stage_failed(st,
		    "event %s: an expression of rule %s was given up: it "
		    "takes too long on this text",
		    e->id, slow);
	return p;
}

static void
drop(void *own)
{
	struct prepared *p = own;

	setup_drop(p->setup);
	rules_reading_free(p->reading);
	free(p->text);
	free(p);
}

/* --- what the rules ask --- */

/* Whether no turn of the customer came before, since the opening. */
static int
ask_first(void *ctx)
{
	struct work *w = ctx;
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM message m JOIN message me ON me.id = :me"
	    " WHERE m.conversation = :id AND m.direction = 'in'"
	    " AND m.kind NOT IN ('reaction', 'system', 'edit', 'revoke',"
	    "  'history')"
	    " AND m.wa_ms >= :opened AND m.id <> me.id"
	    " AND (m.wa_ms, m.id) < (me.wa_ms, me.id) LIMIT 1");
	bool earlier;
	int code;

	bind_text(&q, ":me", w->message);
	bind_text(&q, ":id", w->c->id);
	bind_int(&q, ":opened", w->c->reopened_ms);
	earlier = step(&q);
	code = done(&q);
	return code < 0 ? code : !earlier;
}

/* Hours by name, or the instance's; NULL: it has none and is always open. */
static int
hours_for(struct work *w, const char *name, const struct hours **ret)
{
	struct setup *s = w->p->setup;
	char *section;
	size_t i;

	*ret = NULL;
	if (name == NULL) {
		section = xformat("instance %s", w->c->instance);
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

static int
ask_open(void *ctx, const char *name)
{
	struct work *w = ctx;
	const struct hours *h;
	int code = hours_for(w, name, &h);

	if (code < 0)
		return code;
	return h == NULL ? 1 : hours_at(h, w->at_ms);
}

static void
mark_key(const struct work *w, const char *rule, char ret[64])
{
	snprintf(ret, 64, "rule:%s:conversation/%s", rule, w->c->id);
}

static int
ask_fresh(void *ctx, const char *rule, enum rules_once once, const char *hours)
{
	struct work *w = ctx;
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT time_ms FROM mark WHERE key = :key");
	const struct hours *h;
	struct wall then, now;
	int64_t fired_ms = 0;
	bool found;
	char key[64];
	int code;

	mark_key(w, rule, key);
	bind_text(&q, ":key", key);
	found = step(&q);
	if (found)
		fired_ms = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || !found)
		return code < 0 ? code : 1;
	switch (once) {
	case ONCE_OPENING:
		return fired_ms < w->c->reopened_ms;
	case ONCE_DAY:
		zone_wall(w->p->setup->zone, fired_ms, &then);
		zone_wall(w->p->setup->zone, w->at_ms, &now);
		return then.day != now.day;
	case ONCE_CLOSED:
		code = hours_for(w, hours, &h);
		if (code < 0)
			return code;
		return h == NULL || hours_between(h, fired_ms, w->at_ms);
	case ONCE_EVER:
	case ONCE_NO:
		break;
	}
	return once == ONCE_NO;
}

static void
tell_why(void *ctx, const char *rule, bool fires, const char *text)
{
	struct work *w = ctx;

	fflush(stdout);
	fprintf(stderr, "route: %s: rule %s: %s: %s\n", w->e->id, rule,
	    fires ? "fires" : "no", text);
}

/* --- what comes of it --- */

static int
remember(struct work *w, const struct rules_result *r)
{
	char key[64];
	size_t i;
	int code = 0;

	for (i = 0; i < r->nmarks && code == 0; i++) {
		struct query q = query(store_desk(stage_store(w->st)),
		    "INSERT INTO mark (key, time_ms) VALUES (:key, :at)"
		    " ON CONFLICT DO UPDATE SET time_ms = :at");

		mark_key(w, r->marks[i].key, key);
		bind_text(&q, ":key", key);
		bind_int(&q, ":at", w->at_ms);
		step(&q);
		code = done(&q);
	}
	return code;
}

static int
assign(struct work *w, struct act *a, const struct rules_effect *e)
{
	struct person *p = NULL;
	char *why;
	int code;

	if (e->kind == EFFECT_ASSIGN_TEAM)
		return conversation_assign(a, w->c->id, NULL, e->value);
	code = person_get(a->store, e->value, &p);
	if (code == 0 && p->active)
		code = conversation_assign(a, w->c->id, e->value, w->c->team);
	else if (code == 0 || code == ERR_NOINPUT) {
		/* Whoever is gone answers nobody: any person may take it. */
		stage_failed(w->st, "rule %s assigns to %s, who is not here",
		    e->rule, e->value);
		why = xformat("%s is not here", e->value);
		code = conversation_escalate(a, w->c->id, why);
		free(why);
	}
	person_free(p);
	return code;
}

/* A setting of the instance; NULL if it is not set. */
static const char *
instance_setting(const struct work *w, const char *key)
{
	char *section = xformat("instance %s", w->c->instance);
	const char *value = setting_text(w->p->setup->conf, section, key);

	free(section);
	return value;
}

/* Say text, or else the reply of that name. */
static int
reply(struct work *w, struct act *a, const char *name, const char *text,
    const char *language)
{
	struct setup *s = w->p->setup;
	struct message_out m = { .conversation = w->c->id,
		.author = "rule",
		.kind = "text",
		.text = text };
	struct conversation *now = NULL;
	int code;

	if (strcmp(language, "und") == 0)
		language = instance_setting(w, "language");
	if (text == NULL)
		m.text = reply_text(s->conf, name, language);
	if (m.text == NULL || *m.text == '\0')
		return 0;
	code = conversation_get(a->store, w->c->id, &now);
	if (code < 0)
		return code;
	/* The owner it was just given to does not silence it. */
	m.owner_rev = now->owner_rev;
	code = message_queue(a, &m, NULL);
	conversation_free(now);
	return code == ERR_NO ? 0 : code;
}

static bool
is_taken(const struct work *w)
{
	return strcmp(w->c->owner, "user") == 0;
}

/* Nobody but a person takes it from a person; after a hand-over, and in
 * groups, only people write. */
static bool
is_handed(const struct work *w)
{
	return is_taken(w) || json_at(w->e->data, "group") != NULL ||
	    (strcmp(w->c->owner, "queue") == 0 && w->c->handed_ms != 0);
}

/* Whether the customer never wrote before, in any conversation: 1, 0. */
static int
is_first_ever(struct work *w)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM message m JOIN message me ON me.id = :me"
	    " JOIN conversation c ON c.id = m.conversation"
	    " WHERE c.contact = :contact AND m.direction = 'in'"
	    " AND m.id <> me.id AND (m.wa_ms, m.id) < (me.wa_ms, me.id)"
	    " LIMIT 1");
	bool earlier;
	int code;

	bind_text(&q, ":me", w->message);
	bind_text(&q, ":contact", w->c->contact);
	earlier = step(&q);
	code = done(&q);
	return code < 0 ? code : !earlier;
}

/* The time under a key, 0 if there is none; now it is at_ms. */
static int
stamp(struct work *w, const char *key, bool set, int64_t *ret_ms)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT time_ms FROM mark WHERE key = :key");
	int code;

	*ret_ms = 0;
	bind_text(&q, ":key", key);
	if (step(&q))
		*ret_ms = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || !set)
		return code;
	q = query(store_desk(stage_store(w->st)),
	    "INSERT INTO mark (key, time_ms) VALUES (:key, :at)"
	    " ON CONFLICT DO UPDATE SET time_ms = :at");
	bind_text(&q, ":key", key);
	bind_int(&q, ":at", w->at_ms);
	step(&q);
	return done(&q);
}

/* [instance NAME] welcome: to a contact's first message, once. */
static int
welcome(struct work *w, struct act *a, const char *language)
{
	const char *name = instance_setting(w, "welcome");
	int64_t said_ms = 0;
	char key[64];
	int code;

	if (name == NULL || is_handed(w))
		return 0;
	code = is_first_ever(w);
	if (code != 1)
		return code;
	snprintf(key, sizeof(key), "welcome:contact/%s", w->c->contact);
	code = stamp(w, key, true, &said_ms);
	return code < 0 || said_ms != 0 ? code :
					  reply(w, a, name, NULL, language);
}

/* Whether an opening or a closing of the doors lies between: 1, 0. */
static int
is_new_time(struct work *w, int64_t said_ms)
{
	const struct hours *h = NULL;
	int code;

	if (said_ms < w->c->reopened_ms)
		return 1;
	code = hours_for(w, NULL, &h);
	if (code < 0 || h == NULL || hours_at(h, w->at_ms))
		return code < 0 ? code : 0;
	return hours_between(h, said_ms, w->at_ms);
}

/*
 * [instance NAME] auto_reply, where the AI is off: once a conversation and
 * closed period. What a rule says goes before it.
 */
static int
auto_reply(struct work *w, struct act *a, const struct rules_result *r,
    const char *language)
{
	const char *name = instance_setting(w, "auto_reply");
	struct instance *i = NULL;
	int64_t said_ms = 0;
	char key[64];
	int code;

	if (name == NULL || is_handed(w))
		return 0;
	for (size_t n = 0; n < r->count; n++)
		if (r->effects[n].kind == EFFECT_REPLY ||
		    r->effects[n].kind == EFFECT_REPLY_TEXT)
			return 0;
	code = instance_get(a->store, w->c->instance, &i);
	if (code < 0 || i->ai) {
		instance_free(i);
		return code;
	}
	instance_free(i);
	snprintf(key, sizeof(key), "auto:conversation/%s", w->c->id);
	code = stamp(w, key, false, &said_ms);
	if (code == 0 && said_ms != 0)
		code = is_new_time(w, said_ms);
	else if (code == 0)
		code = 1;
	if (code != 1)
		return code;
	code = stamp(w, key, true, &said_ms);
	return code < 0 ? code : reply(w, a, name, NULL, language);
}

static int
apply(struct work *w, struct act *a, const struct rules_result *r,
    const char *language)
{
	bool taken = is_taken(w), handed = is_handed(w);
	const struct rules_effect *e;
	size_t i;
	int code = 0;

	for (i = 0; i < r->count && code == 0; i++) {
		e = &r->effects[i];
		switch (e->kind) {
		case EFFECT_TAG:
			code = conversation_tag(a, w->c->id, e->value);
			break;
		case EFFECT_UNTAG:
			code = conversation_untag(a, w->c->id, e->value);
			break;
		case EFFECT_PRIORITY:
			code = conversation_priority(a, w->c->id, e->value);
			break;
		case EFFECT_PROFILE:
			code = conversation_set_profile(a->store, w->c->id,
			    e->value);
			break;
		case EFFECT_ESCALATE:
			code = conversation_escalate(a, w->c->id, e->value);
			break;
		case EFFECT_ASSIGN:
		case EFFECT_ASSIGN_TEAM:
			if (!taken)
				code = assign(w, a, e);
			break;
		case EFFECT_REPLY:
		case EFFECT_REPLY_TEXT:
			if (!handed)
				code = reply(w, a, e->value,
				    e->kind == EFFECT_REPLY_TEXT ? e->value :
								   NULL,
				    language);
			break;
		case EFFECT_NO_AI:
			break;
		}
	}
	return code;
}

static bool
has(const struct rules_result *r, enum rules_effect_kind kind)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->effects[i].kind == kind)
			return true;
	return false;
}

/* The reason for which people get a message that the AI does not answer, and
 * what they have that it takes up again. *c is read anew if it changed. */
static int
ask_audience(struct work *w, struct act *a, const struct instance *instance,
    struct conversation **c)
{
	struct audience about = { .conf = w->p->setup->conf,
		.conversation = *c,
		.text = w->p->text,
		.at_ms = w->at_ms,
		.first = ask_first(w) != 0 };
	bool is_ai = strcmp((*c)->owner, "ai") == 0;
	const char *why = "the AI is off";
	int code = 0, in = 0;

	if (instance->ai)
		in = audience_is_in(a->store, &about, &why);
	if (in < 0)
		return in;
	/* Never silence: where no AI is, people are asked. */
	if (is_ai && !in)
		code = conversation_escalate(a, (*c)->id, why);
	else if (!is_ai && in) {
		in = audience_comes_back(a->store, &about, &why);
		code = in == 1 ? conversation_release(a, (*c)->id, true) : in;
	} else
		return 0;
	if (explain && code == 0 && (is_ai || in == 1))
		fprintf(stderr, "route: %s: %s: %s\n", w->e->id,
		    is_ai ? "people answer" : "the AI answers again", why);
	if (code < 0)
		return code;
	conversation_free(*c);
	*c = NULL;
	return conversation_get(a->store, w->c->id, c);
}

/* message.routed, with whether the AI answers. */
static int
routed(struct work *w, struct act *a, const struct rules_result *r,
    const char *language)
{
	struct conversation *c = NULL;
	struct instance *instance = NULL;
	json_t *data, *fired;
	char subject[32];
	size_t i;
	bool ai;
	int code;

	code = instance_get(a->store, w->c->instance, &instance);
	if (code == 0)
		code = conversation_get(a->store, w->c->id, &c);
	if (code == 0 && !w->taken_back)
		code = ask_audience(w, a, instance, &c);
	if (code < 0)
		goto out;
	ai = instance->ai && strcmp(c->owner, "ai") == 0 &&
	    json_at(w->e->data, "group") == NULL && !has(r, EFFECT_NO_AI);
	data = json_object();
	json_put(data, "message", w->message);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "kind", json_str_or(w->e->data, "kind", "text"));
	json_put(data, "language", language);
	json_put_new(data, "ai", json_boolean(ai));
	json_put(data, "profile", c->profile);
	fired = json_array();
	for (i = 0; i < r->nfired; i++)
		json_array_append_new(fired, json_text_new(r->fired[i]));
	json_put_new(data, "rules", fired);
	json_put(data, "revision", rules_revision(w->p->setup->rules));
	if (explain)
		fprintf(stderr, "route: %s: language %s, owner %s, the AI %s\n",
		    w->e->id, language, c->owner,
		    ai ? "answers" : "does not answer");
	code = act_emit(a, "message.routed",
	    conversation_subject(c->id, subject), data, NULL);
out:
	instance_free(instance);
	conversation_free(c);
	return code;
}

static bool
escalates(const struct rules_result *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->effects[i].kind == EFFECT_ESCALATE)
			return true;
	return false;
}

/*
 * The text with the lines the customer wrote right before it; *ret is NULL if
 * there are none. The caller frees.
 */
static int
with_lines_before(struct work *w, char **ret)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT text FROM (SELECT m.text, m.wa_ms, m.id"
	    "  FROM message m JOIN message me ON me.id = :me"
	    "  WHERE m.conversation = :id AND m.direction = 'in'"
	    "  AND m.kind NOT IN ('reaction', 'system', 'edit', 'revoke',"
	    "   'history') AND NOT " TAKEN_BACK_SQL
	    "  AND m.text IS NOT NULL AND m.wa_ms >= me.wa_ms - :span"
	    "  AND m.id <> me.id AND (m.wa_ms, m.id) < (me.wa_ms, me.id)"
	    "  ORDER BY m.wa_ms DESC, m.id DESC LIMIT :lines)"
	    " ORDER BY wa_ms, id");
	struct buf text = BUF_INIT(0);
	int code;

	bind_text(&q, ":me", w->message);
	bind_text(&q, ":id", w->c->id);
	bind_int(&q, ":span", BURST_MS);
	bind_int(&q, ":lines", BURST_LINES);
	while (step(&q)) {
		buf_adds(&text, column_text(&q, 0));
		buf_addc(&text, '\n');
	}
	code = done(&q);
	*ret = NULL;
	if (code == 0 && text.len > 0) {
		buf_adds(&text, w->p->text);
		*ret = buf_detach(&text);
	}
	buf_release(&text);
	return code;
}

/*
 * Who asks for a person, or says what else a rule hands over for, may do so
 * over several short messages: what no rule hands over by itself is looked at
 * once more with the lines before it, as if it had been one message.
 */
static int
apply_to_burst(struct work *w, struct rules_facts *facts,
    struct rules_result *result)
{
	struct rules_result all = { .effects = NULL };
	struct rules_reading *reading;
	char *text;
	int code;

	if (w->p->text == NULL || strcmp(facts->owner, "ai") != 0 ||
	    escalates(result))
		return 0;
	code = with_lines_before(w, &text);
	if (code < 0 || text == NULL)
		return code;
	reading = rules_read(w->p->setup->rules, text);
	facts->why = NULL;
	code = rules_apply(w->p->setup->rules, reading, facts, &all);
	if (code == 0 && escalates(&all)) {
		if (explain) {
			fprintf(stderr,
			    "route: %s: with the lines before it:\n", w->e->id);
			rules_result_release(&all);
			facts->why = tell_why;
			code = rules_apply(w->p->setup->rules, reading, facts,
			    &all);
		}
		rules_result_release(result);
		*result = all;
		memset(&all, 0, sizeof(all));
	}
	rules_result_release(&all);
	rules_reading_free(reading);
	free(text);
	return code;
}

/* Whether the customer took it back before it was its turn. */
static int
look_if_taken_back(struct work *w)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM message m WHERE m.id = :id AND " TAKEN_BACK_SQL);

	bind_text(&q, ":id", w->message);
	w->taken_back = step(&q);
	return done(&q);
}

/* What was taken back is routed, so that nothing waits for it, and no rule
 * acts upon it. */
static int
pass_by(struct work *w)
{
	struct rules_result none = { .effects = NULL };
	struct act act;
	int code;

	if (explain)
		fprintf(stderr, "route: %s: taken back by the customer\n",
		    w->e->id);
	act_stage(&act, w->st, w->e, "rule");
	code = routed(w, &act, &none,
	    w->c->language != NULL ? w->c->language : "und");
	act_release(&act);
	return code;
}

static int
decide(struct work *w)
{
	const char *language = w->p->language;
	struct rules_facts facts = {
		.kind = json_str_or(w->e->data, "kind", "text"),
		.instance = w->c->instance,
		.priority = w->c->priority,
		.owner = w->c->owner,
		.first = ask_first,
		.open = ask_open,
		.fresh = ask_fresh,
		.why = explain ? tell_why : NULL,
		.ctx = w,
	};
	struct rules_result result = { .effects = NULL };
	char *tags = conversation_tags(stage_store(w->st), w->c->id);
	struct act act;
	int code;

	/* "ok" is of any language: the conversation's is kept. */
	if (strcmp(language, "und") == 0 && w->c->language != NULL)
		language = w->c->language;
	facts.language = language;
	facts.tags = tags;
	act_stage(&act, w->st, w->e, "rule");
	code = rules_apply(w->p->setup->rules, w->p->reading, &facts, &result);
	if (code == 0)
		code = apply_to_burst(w, &facts, &result);
	if (code == 0)
		code = conversation_set_language(act.store, w->c->id, language);
	if (code == 0)
		code = remember(w, &result);
	if (code == 0)
		code = welcome(w, &act, language);
	if (code == 0)
		code = apply(w, &act, &result, language);
	if (code == 0)
		code = auto_reply(w, &act, &result, language);
	if (code == 0)
		code = routed(w, &act, &result, language);
	rules_result_release(&result);
	act_release(&act);
	free(tags);
	return code;
}

/* Kinds that are no turn of the customer: nothing is answered. */
static bool
is_turn(const struct event *e)
{
	static const char *const not [] = { "reaction", "system", "edit",
		"revoke", "history", NULL };

	return !str_in(json_str_or(e->data, "kind", "text"), not ) &&
	    strcmp(json_str_or(e->data, "direction", "in"), "in") == 0;
}

static int
handle(struct stage *st, const struct event *e, void *prepared)
{
	const char *text = json_str(e->data, "text"),
		   *id = json_str(e->data, "conversation");
	struct work w = { .st = st,
		.e = e,
		.p = prepared,
		.message = json_str_or(e->data, "message", e->id),
		.at_ms = e->time_ms };
	struct prepared *again = NULL;
	int code;

	if (!is_turn(e))
		return 0;
	if (id == NULL)
		return err_set(ERR_DATA, "it names no conversation");
	/* The store may know the words better than the line did. */
	if (text != NULL &&
	    (w.p->text == NULL || strcmp(text, w.p->text) != 0)) {
		again = prepare(st, e);
		w.p = again;
	}
	code = conversation_get(stage_store(st), id, &w.c);
	if (code == ERR_NOINPUT)
		code = err_set(ERR_DATA, "%s", err_reason());
	if (code == 0)
		code = look_if_taken_back(&w);
	if (code == 0)
		code = w.taken_back ? pass_by(&w) : decide(&w);
	conversation_free(w.c);
	if (again != NULL)
		drop(again);
	return code;
}

/* --- intents --- */

/* Those of the settings: learnt, or told of the texts on standard input. */
static int
intents(const char *folder)
{
	struct label_places at = { .folder = folder, .model = model_path };
	struct conf *conf = NULL;
	struct jsonl *lines;
	struct labeller *l;
	struct buf text = BUF_INIT(0);
	char *store = NULL;
	int code;

	cli_need(conf_open(&conf));
	at.conf = conf;
	if (model_path == NULL)
		cli_need(store_find(stage_options.store, &store));
	at.store = store;
	if (train) {
		code = label_train(&at, say, NULL, &text);
		if (code == 0)
			fputs(text.data, stdout);
	} else {
		l = labeller_open(&at, say, NULL);
		lines = jsonl_new(STDIN_FILENO, STDOUT_FILENO, "stdin",
		    LINE_MAX_BYTES);
		code = label_lines(l, lines);
		jsonl_free(lines);
		labeller_close(l);
	}
	buf_release(&text);
	free(store);
	conf_close(conf);
	return code;
}

int
main(int argc, char *argv[])
{
	static const char *const types[] = { "message.received", NULL };
	static const struct stage_def def = {
		.name = "route",
		.types = types,
		.join = desk_join,
		.import = desk_import,
		.prepare = prepare,
		.handle = handle,
		.drop = drop,
		.tick = on_tick,
	};
	struct sigaction hup = { .sa_handler = on_hup, .sa_flags = SA_RESTART };
	struct setup *setup = NULL;
	struct buf text = BUF_INIT(0);
	struct cli cli;
	bool is_said;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, train ? 1 : 0);
	if (train || label)
		cli_exit(intents(cli.args[0]));
	/* Not held until later: a hangup is only noted, and read again for. */
	if (stage_options.follow)
		sigaction(SIGHUP, &hup, NULL);
	code = setup_load(&setup, &is_said);
	if (code < 0 && is_said)
		exit(err_status(code));
	cli_need(code);
	if (print) {
		rules_print(setup->rules, &text);
		fputs(text.data != NULL ? text.data : "", stdout);
		buf_release(&text);
	}
	if (!check && !print)
		code = stage_run(&def, &setup);
	setup_drop(setup);
	cli_exit(code);
}
