/*
 * route - apply rules to what customers write
 *
 * A stage that never waits: after each message.received that is a customer's
 * turn come the effects of the rules, and then message.routed, which tells
 * whether the AI answers. Rules that are asked of something else are applied
 * to the events that tell of it, and rules.fired says which did. What needs a
 * network or runs a program is asked for by action.requested.
 * frontdesk-rules(5) is the language.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/audience.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/hours.h"
#include "desk/labelled.h"
#include "desk/message.h"
#include "desk/noted.h"
#include "desk/person.h"
#include "desk/rulings.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "desk/snooze.h"
#include "desk/timer.h"
#include "label/label.h"
#include "rules/due.h"
#include "rules/effect.h"
#include "rules/facts.h"
#include "rules/filter.h"
#include "rules/hits.h"
#include "rules/known.h"
#include "rules/replay.h"
#include "rules/rules.h"
#include "rules/setup.h"
#include "store/stage.h"
#include "wa/survey.h"

#define BURST_MS 30000 /* messages so near to one another are one */
#define BURST_LINES 6
/* Timers are looked for far back once an hour: what a service slept through. */
#define FAR_EVERY_MS (60 * 60 * INT64_C(1000))
/* So they are where the clock on the wall has gone on by so much since the
 * last look: the machine was suspended, or its clock was set. */
#define FAR_JUMP_MS (5 * 60 * INT64_C(1000))

static const char *model_path, *rules_path, *since;
static bool check, explain, label, match, print, replay, stats, train;

static const struct cli_option options[] = {
	{ 0, "check", NULL, CLI_FLAG, &check, "check the rules and exit" },
	{ 0, "explain", NULL, CLI_FLAG, &explain,
	    "say on stderr why each rule fires or not" },
	{ 'f', "rules", "FILE", CLI_TEXT, &rules_path, "file of rules" },
	{ 0, "label", NULL, CLI_FLAG, &label,
	    "say what each text on standard input is about" },
	{ 0, "match", NULL, CLI_FLAG, &match,
	    "say which rules have words for each text on standard input" },
	{ 0, "model", "FILE", CLI_TEXT, &model_path,
	    "file of the model of intents" },
	{ 0, "print", NULL, CLI_FLAG, &print,
	    "print the rules as they are understood and exit" },
	{ 0, "replay", NULL, CLI_FLAG, &replay,
	    "what the rules of -f would have decided otherwise" },
	{ 0, "since", "WHEN", CLI_TEXT, &since,
	    "with --replay and --stats: from then on (30d, or a time)" },
	{ 0, "stats", NULL, CLI_FLAG, &stats, "how often each rule has fired" },
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
		    "  route --replay --since 30d -f new\n",
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

static int
load(struct setup **ret, bool *ret_said)
{
	const struct setup_places at = { .rules = rules_path,
		.model = model_path,
		.store = stage_options.store,
		.follow = stage_options.follow,
		.say = say };

	return setup_load(&at, ret, ret_said);
}

/*
 * What it acts on: what its rules ask for, no more. A filter is the copy of the
 * rest that others wait for, and a service spends no sync on it. The list is
 * one, and made anew with the rules.
 */
static const char *const *
types_for(const struct setup *s)
{
	static const struct {
		const char *type;
		unsigned occasions;
	} all[] = {
		{ "message.received", ~0u },
		{ "timer.fired", RULES_TIMERS },
		{ "message.edited", RULES_EDIT },
		{ "reply.drafted", RULES_ANSWER },
		{ "reply.declined", RULES_ANSWER },
		{ "conversation.rated", RULES_RATING },
		{ "conversation.commented", RULES_MESSAGE },
		{ "instance.disconnected", RULES_INSTANCE },
		{ "instance.error", RULES_INSTANCE },
		{ "account.changed", RULES_INSTANCE },
	};
	static const char *types[sizeof(all) / sizeof(all[0]) + 2];
	const unsigned asked = rules_occasions(s->rules);
	size_t i, n = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if ((all[i].occasions & asked) != 0 || i == 0 ||
		    (i == 1 && stage_options.follow)) /* snoozes end */
			types[n++] = all[i].type;
	if (s->label_wait_ms > 0)
		types[n++] = "message.labelled";
	types[n] = NULL;
	return types;
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
	if (load(&s, &is_said) < 0) {
		if (!is_said)
			log_warnx("%s", err_reason());
		log_warnx("the rules are not read again: those read before "
			  "still hold");
		return;
	}
	setup_drop(*current);
	*current = s;
	types_for(s);
	log_info("%zu rule%s read, revision %s", rules_count(s->rules),
	    rules_count(s->rules) == 1 ? "" : "s", rules_revision(s->rules));
}

/* The store gets to know what the settings say, once. */
static void
make_known(struct stage *st, struct setup *s)
{
	int code = 1;

	if (s->known)
		return;
	s->known = true;
	if (sla_load(stage_store(st), s->conf, say, NULL) < 0)
		log_warnx("%s", err_reason());
	if (instances_load(stage_store(st), s->conf) < 0)
		log_warnx("%s", err_reason());
	/* A service reckons with its timers. */
	while (!stage_options.follow && code > 0)
		code = sla_renew(stage_store(st), now_ms());
	if (code < 0)
		log_warnx("%s", err_reason());
}

static int
on_tick(struct stage *st)
{
	static int64_t far_ms, looked_ms; /* monotonic; on the wall */
	static const struct rules *rules; /* that it was done for */
	static bool woke; /* what has rested may be due for long */
	struct setup **current = stage_ctx(st);
	const int64_t at_ms = now_ms();
	bool far;
	int code;

	reload(current);
	make_known(st, *current);
	far = woke || rules != (*current)->rules ||
	    mono_ms() - far_ms > FAR_EVERY_MS ||
	    at_ms - looked_ms > FAR_JUMP_MS;
	code = due_fire(stage_store(st), *current, "route", far, &woke);
	if (code >= 0)
		looked_ms = at_ms;
	if (code >= 0 && far) {
		far_ms = mono_ms();
		rules = (*current)->rules;
	}
	return code == ERR_BUSY ? 0 : code; /* the next one will */
}

/* Outside of the transaction: what needs nothing but the text. */
static void *
prepare(struct stage *st, const struct event *e)
{
	struct setup **current = stage_ctx(st);
	struct prepared *p;
	static const char *const said[] = { "message.received",
		"message.edited", NULL };
	const char *text = NULL, *slow;

	/* What the AI or anybody else says is no customer's text. */
	if (str_in(e->type, said))
		text = json_str(e->data, "text");

	reload(current);
	make_known(st, *current);
	p = prepared_new(*current, text);
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
	prepared_free(own);
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

/* A setting of the instance; NULL if it is not set. */
static const char *
instance_setting(const struct work *w, const char *key)
{
	char *section = xformat("instance %s", w->c->instance);
	const char *value = setting_text(w->p->setup->conf, section, key);

	free(section);
	return value;
}

/* Whether the customer never wrote before, in any conversation: 1, 0. */
static int
is_first_ever(struct work *w)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM message m JOIN message me ON me.id = :me"
	    " JOIN conversation c ON c.id = m.conversation"
	    " WHERE c.contact = :contact AND m.direction = 'in'"
	    " AND m.kind NOT IN ('reaction', 'edit', 'revoke', 'system')"
	    " AND m.id <> me.id AND (m.wa_ms < me.wa_ms OR (m.wa_ms = me.wa_ms"
	    "  AND (SELECT seq FROM event WHERE id = m.id)"
	    "  < (SELECT seq FROM event WHERE id = :event)))"
	    " AND NOT " PASSED_BY_SQL("m.id") " LIMIT 1");
	bool earlier;
	int code;

	bind_text(&q, ":me", w->message);
	bind_text(&q, ":event", w->e->id);
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

/* Whether an opening or a closing of the doors lies between: 1, 0. */
static int
is_new_time(struct work *w, int64_t said_ms)
{
	const struct hours *h = NULL;
	int code;

	if (said_ms < w->c->reopened_ms)
		return 1;
	code = facts_hours(w, NULL, &h);
	if (code < 0 || h == NULL || hours_at(h, w->at_ms))
		return code < 0 ? code : 0;
	return hours_between(h, said_ms, w->at_ms);
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

/* Whether the AI is off, and no rule has given the conversation to a person,
 * who is to speak first: 1, 0 or an ERR. */
static int
is_unattended(struct work *w)
{
	struct store *s = stage_store(w->st);
	struct conversation *c = NULL;
	struct instance *i = NULL;
	int code = instance_get(s, w->c->instance, &i);

	if (code == 0)
		code = conversation_get(s, w->c->id, &c);
	if (code == 0)
		code = !i->ai && strcmp(c->owner, "user") != 0;
	conversation_free(c);
	instance_free(i);
	return code;
}

/* A rule has said it for this closed period. */
static bool
tells_of_closing(const struct rules_result *r)
{
	size_t i;

	for (i = 0; i < r->nmarks; i++)
		if (r->marks[i].once == ONCE_CLOSED)
			return true;
	return false;
}

/*
 * [instance NAME] auto_reply, where the AI is off: once a conversation and
 * closed period. What a rule says goes before it, and in its place; who wants no
 * more messages hears nothing automatic.
 */
static int
auto_reply(struct work *w, struct act *a, const struct rules_result *r)
{
	const char *name = instance_setting(w, "auto_reply");
	int64_t said_ms = 0;
	char key[64];
	int code;

	if (name == NULL || r->opt_out || effect_only_people(w))
		return 0;
	snprintf(key, sizeof(key), "auto:conversation/%s", w->c->id);
	if (has(r, EFFECT_REPLY) || has(r, EFFECT_REPLY_TEXT))
		return tells_of_closing(r) ? stamp(w, key, true, &said_ms) : 0;
	code = is_unattended(w);
	if (code != 1)
		return code;
	code = stamp(w, key, false, &said_ms);
	if (code == 0 && said_ms != 0)
		code = is_new_time(w, said_ms);
	else if (code == 0)
		code = 1;
	if (code != 1)
		return code;
	code = stamp(w, key, true, &said_ms);
	return code < 0 ? code : effect_reply(w, a, name, NULL);
}

static int
apply(struct work *w, struct act *a, const struct rules_result *r)
{
	size_t from = 0;

	return effect_apply(w, a, r, &from, EFFECT_NO_AI);
}

/* What rules close or put to rest is answered by nobody. */
static bool
puts_away(const struct rules_result *r)
{
	return has(r, EFFECT_SNOOZE) || has(r, EFFECT_RESOLVE) ||
	    has(r, EFFECT_ARCHIVE);
}

/* Whether the settings have the AI answer the message in c, as it is now, and
 * why: 1, 0 or an ERR. */
static int
is_in_audience(struct work *w, const struct instance *instance,
    const struct conversation *c, const char **ret_why)
{
	struct store *s = stage_store(w->st);
	struct audience about = { .conf = w->p->setup->conf,
		.conversation = c,
		.text = w->p->text,
		.at_ms = w->at_ms,
		.first = facts_first(w) != 0 };
	int in = 0;

	*ret_why = AUDIENCE_OFF;
	if (instance->ai)
		in = audience_is_in(s, &about, ret_why);
	if (in == 1 && strcmp(c->owner, "ai") != 0)
		in = audience_comes_back(s, &about, ret_why);
	return in;
}

/* People get a message that the AI does not answer, and the AI what it takes up
 * again. *c is read anew if it changed. */
static int
ask_audience(struct work *w, struct act *a, const struct instance *instance,
    struct conversation **c)
{
	bool is_ai = strcmp((*c)->owner, "ai") == 0;
	const char *why;
	int in = is_in_audience(w, instance, *c, &why), code;

	if (in < 0 || is_ai == (in == 1))
		return in < 0 ? in : 0;
	/* Never silence: where no AI is, people are asked. */
	code = is_ai ? conversation_escalate(a, (*c)->id, why) :
		       conversation_release(a, (*c)->id, true);
	if (explain && code == 0)
		fprintf(stderr, "route: %s: %s: %s\n", w->e->id,
		    is_ai ? "people answer" : "the AI answers again", why);
	if (code < 0)
		return code;
	conversation_free(*c);
	*c = NULL;
	return conversation_get(a->store, w->c->id, c);
}

/* Whether nothing but its owner decides if the AI answers the message. */
static bool
may_be_answered(const struct work *w, const struct instance *instance,
    const struct rules_result *r)
{
	return instance->ai && !w->group && !has(r, EFFECT_NO_AI) &&
	    !puts_away(r);
}

/* Whether the AI is about to answer the message, after what rules changed: 1, 0
 * or an ERR. */
static int
is_for_ai(struct work *w, const struct rules_result *r)
{
	struct store *s = stage_store(w->st);
	struct instance *instance = NULL;
	struct conversation *c = NULL;
	const char *why;
	int code = instance_get(s, w->c->instance, &instance), answers = 0;

	if (code == 0)
		code = conversation_get(s, w->c->id, &c);
	if (code == 0 && may_be_answered(w, instance, r))
		answers = is_in_audience(w, instance, c, &why);
	instance_free(instance);
	conversation_free(c);
	return code < 0 ? code : answers;
}

/*
 * [instance NAME] welcome: to a contact's first message, once. Not beside an
 * answer of the AI, but for a desk that wants it before the first one.
 */
static int
welcome(struct work *w, struct act *a, const struct rules_result *r)
{
	const char *name = instance_setting(w, "welcome");
	bool before_ai = false;
	int64_t said_ms = 0;
	char key[64], *section;
	int code;

	if (name == NULL || r->opt_out || effect_only_people(w))
		return 0;
	section = xformat("instance %s", w->c->instance);
	code = setting_bool(w->p->setup->conf, section, "welcome_before_ai",
	    &before_ai);
	free(section);
	if (code == 0 && !before_ai) {
		code = is_for_ai(w, r);
		if (code != 0)
			return code < 0 ? code : 0;
	}
	if (code == 0)
		code = is_first_ever(w);
	if (code != 1)
		return code;
	snprintf(key, sizeof(key), "welcome:contact/%s", w->c->contact);
	code = stamp(w, key, true, &said_ms);
	return code < 0 || said_ms != 0 ? code : effect_reply(w, a, name, NULL);
}

/* What rules change, then what is said: the welcome first. */
static int
apply_with_welcome(struct work *w, struct act *a, const struct rules_result *r)
{
	size_t from = 0;
	int code = effect_apply(w, a, r, &from, EFFECT_REPLY);

	if (code == 0)
		code = welcome(w, a, r);
	if (code == 0)
		code = effect_apply(w, a, r, &from, EFFECT_NO_AI);
	return code;
}

/* The labels that rules asked for, as they were when it was decided. */
static int
put_labels(struct work *w, json_t *data)
{
	static const char *const intent[] = { "intent", "intent_score", NULL },
				 *const sentiment[] = { "sentiment",
					 "sentiment_label", NULL };
	const struct rules *rules = w->p->setup->rules;
	const json_t *labels = NULL;
	size_t i;
	int code = 0;

	if (rules_ask_intent(rules) || rules_ask_sentiment(rules))
		code = facts_labels(w, &labels);
	for (i = 0; labels != NULL && i < 2; i++) {
		if (rules_ask_intent(rules))
			json_put_new(data, intent[i],
			    json_incref(json_at(labels, intent[i])));
		if (rules_ask_sentiment(rules))
			json_put_new(data, sentiment[i],
			    json_incref(json_at(labels, sentiment[i])));
	}
	return code;
}

/* Which rules fired, and by which they can be told as they are now. */
static void
put_fired(json_t *data, const struct rules *rules, const struct rules_result *r)
{
	json_t *names = json_array(), *ids = json_array();
	size_t i;

	for (i = 0; i < r->nfired; i++) {
		json_array_append_new(names, json_text_new(r->fired[i].name));
		json_array_append_new(ids, json_text_new(r->fired[i].id));
	}
	json_put_new(data, "rules", names);
	json_put(data, "revision", rules_revision(rules));
	if (r->nfired > 0)
		json_object_set(data, "rule_revisions", ids);
	json_decref(ids);
}

/* What they say, once for each that is not kept yet. */
static int
keep_fired(struct store *s, const struct rules *rules,
    const struct rules_result *r)
{
	struct ruling ruling;
	char *place, *text;
	size_t i;
	int code = 0;

	for (i = 0; code >= 0 && i < r->nfired; i++) {
		code = ruling_known(s, r->fired[i].id);
		if (code != 0)
			continue;
		place = rules_place(rules, r->fired[i].index);
		text = rules_text(rules, r->fired[i].index);
		ruling = (struct ruling){ r->fired[i].id, r->fired[i].name,
			place, text };
		code = ruling_keep(s, &ruling);
		free(place);
		free(text);
	}
	return code < 0 ? code : 0;
}

/* message.routed, with whether the AI answers. */
static int
routed(struct work *w, struct act *a, const struct rules_result *r,
    const char *language)
{
	struct conversation *c = NULL;
	struct instance *instance = NULL;
	json_t *data;
	char subject[32];
	bool ai;
	int code;

	code = instance_get(a->store, w->c->instance, &instance);
	if (code == 0)
		code = conversation_get(a->store, w->c->id, &c);
	if (code == 0 && !w->taken_back)
		code = ask_audience(w, a, instance, &c);
	if (code < 0)
		goto out;
	ai = strcmp(c->owner, "ai") == 0 && may_be_answered(w, instance, r);
	data = json_object();
	json_put(data, "message", w->message);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "kind", json_str_or(w->e->data, "kind", "text"));
	json_put(data, "language", language);
	json_put_new(data, "ai", json_boolean(ai));
	if (w->taken_back)
		json_put_new(data, "taken_back", json_true());
	json_put(data, "profile", c->profile);
	put_fired(data, w->p->setup->rules, r);
	code = put_labels(w, data);
	if (code < 0) {
		json_decref(data);
		goto out;
	}
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

/*
 * The text with the lines the customer wrote right before it; *ret is NULL if
 * there are none. The caller frees.
 */
static int
with_lines_before(struct work *w, char **ret)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT text FROM (SELECT m.text, e.seq"
	    "  FROM message m JOIN message me ON me.id = :me"
	    "  JOIN event e ON e.id = m.id"
	    "  WHERE m.conversation = :id AND m.direction = 'in'"
	    "  AND m.kind NOT IN (" NO_TURN_SQL ") AND NOT " TAKEN_BACK_SQL
	    "  AND m.text IS NOT NULL"
	    "  AND m.wa_ms BETWEEN me.wa_ms - :span AND me.wa_ms"
	    "  AND e.seq < (SELECT seq FROM event WHERE id = :event)"
	    "  ORDER BY e.seq DESC LIMIT :lines) ORDER BY seq");
	struct buf text = BUF_INIT(0);
	int code;

	bind_text(&q, ":me", w->message);
	bind_text(&q, ":event", w->e->id);
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
	    rules_escalate(result))
		return 0;
	code = with_lines_before(w, &text);
	if (code < 0 || text == NULL)
		return code;
	reading = rules_read(w->p->setup->rules, text);
	facts->why = NULL;
	code = rules_apply(w->p->setup->rules, reading, facts, &all);
	if (code == 0 && rules_escalate(&all)) {
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

/* rules.fired: which were asked of something else than a message, and did; or
 * that none was, as what it is about was taken back. */
static int
tell_fired(struct work *w, struct act *a, const struct rules_result *r)
{
	json_t *data;
	char *subject;
	int code;

	if (r->nfired == 0 && !w->taken_back)
		return 0;
	data = json_object();
	json_put(data, "event", w->e->type);
	if (w->taken_back)
		json_put_new(data, "taken_back", json_true());
	if (w->c != NULL) {
		json_put(data, "conversation", w->c->id);
		json_put(data, "contact", w->c->contact);
	}
	json_put(data, "instance", w->instance);
	put_fired(data, w->p->setup->rules, r);
	subject = w->c != NULL ? xformat("conversation/%s", w->c->id) :
				 xformat("instance/%s", w->instance);
	code = act_emit(a, "rules.fired", subject, data, NULL);
	free(subject);
	return code;
}

/* Of something else than a message: it is done, remembered and told. */
static int
carry_out(struct work *w, struct act *a, const struct rules_result *r)
{
	int code = facts_remember(w, r);

	if (code == 0)
		code = keep_fired(a->store, w->p->setup->rules, r);
	if (code == 0)
		code = apply(w, a, r);
	return code < 0 ? code : tell_fired(w, a, r);
}

/* Rules that are asked of something else than a message; comment: of one as of a
 * message, and nothing comes of it but that it is handed over, as a rating is. */
static int
decide_other(struct work *w, bool comment)
{
	const struct rules *rules = w->p->setup->rules;
	struct rules_result result = { .effects = NULL };
	struct store *s = stage_store(w->st);
	struct rules_facts facts;
	char *tags = NULL, *name = NULL;
	struct act act;
	int code;

	if ((rules_occasions(rules) & w->occasion) == 0)
		return 0;
	if (w->c != NULL) {
		tags = conversation_tags(s, w->c->id);
		name = facts_name(w);
	}
	facts = facts_of(w, tags, name);
	facts.why = explain ? tell_why : NULL;
	if (strcmp(w->e->type, "timer.fired") == 0)
		facts.after_ms = json_int_or(w->e->data, "after_ms", 0);
	facts.target = json_str(w->e->data, "target");
	act_stage(&act, w->st, w->e, "rule");
	code = rules_apply(rules, w->p->reading, &facts, &result);
	if (comment)
		w->occasion = RULES_RATING;
	if (code == 0 && (!comment || rules_escalate(&result)))
		code = carry_out(w, &act, &result);
	rules_result_release(&result);
	act_release(&act);
	free(tags);
	free(name);
	return code;
}

/* What the text that is decided upon is written in. "ok" is of any language: the
 * conversation's is kept, and so is one that was noted. */
static const char *
language_of(struct work *w)
{
	if (w->c->language != NULL &&
	    (strcmp(w->p->language, "und") == 0 ||
		noted_language(stage_store(w->st), w->c->contact)))
		return w->c->language;
	return w->p->language;
}

static int
decide(struct work *w)
{
	const char *language = language_of(w);
	struct rules_facts facts;
	struct rules_result result = { .effects = NULL };
	char *tags = conversation_tags(stage_store(w->st), w->c->id),
	     *name = facts_name(w);
	struct act act;
	int code;

	w->language = language;
	facts = facts_of(w, tags, name);
	facts.why = explain ? tell_why : NULL;
	act_stage(&act, w->st, w->e, "rule");
	code = rules_apply(w->p->setup->rules, w->p->reading, &facts, &result);
	if (code == 0)
		code = apply_to_burst(w, &facts, &result);
	if (code == 0)
		code = conversation_set_language(act.store, w->c->id, language);
	if (code == 0)
		code = facts_remember(w, &result);
	if (code == 0)
		code = keep_fired(act.store, w->p->setup->rules, &result);
	if (code == 0)
		code = apply_with_welcome(w, &act, &result);
	if (code == 0)
		code = auto_reply(w, &act, &result);
	if (code == 0)
		code = routed(w, &act, &result, language);
	rules_result_release(&result);
	act_release(&act);
	free(tags);
	free(name);
	return code;
}

/* Kinds that are no turn of the customer: nothing is answered. */
static bool
is_turn(const struct event *e)
{
	static const char *const not [] = { "reaction", "system", "edit",
		"revoke", "history", "rating", NULL };

	return !str_in(json_str_or(e->data, "kind", "text"), not ) &&
	    strcmp(json_str_or(e->data, "direction", "in"), "in") == 0;
}

static int
handle_message(struct work *w, struct prepared **again)
{
	const char *text = json_str(w->e->data, "text");
	int code;

	if (!is_turn(w->e))
		return 0;
	w->message = json_str_or(w->e->data, "message", w->e->id);
	w->group = json_at(w->e->data, "group") != NULL;
	/* The store may know the words better than the line did. */
	if (text != NULL &&
	    (w->p->text == NULL || strcmp(text, w->p->text) != 0)) {
		*again = prepare(w->st, w->e);
		w->p = *again;
	}
	code = look_if_taken_back(w);
	if (code == 0)
		code = w->taken_back ? pass_by(w) : decide(w);
	return code;
}

static void
explain_other(const struct work *w, const char *why)
{
	if (explain)
		fprintf(stderr, "route: %s: %s: %s\n", w->e->id, w->e->type,
		    why);
}

/* A conversation that has rested long enough. */
static int
wake(struct work *w)
{
	struct act act;
	int code;

	act_stage(&act, w->st, w->e, "rule");
	code = conversation_wake(&act, w->c->id);
	act_release(&act);
	return code;
}

/* A promise that comes due, or is missed: 1 if it is about something yet. */
static int
still_promised(struct work *w, int64_t since_ms)
{
	const char *due = json_str_or(w->e->data, "due", "");
	int64_t due_ms = 0;

	if (time_parse(due, &due_ms) < 0)
		return 0;
	return sla_runs(stage_store(w->st), w->c->id,
	    json_str_or(w->e->data, "target", ""), since_ms, due_ms);
}

static int
handle_timer(struct work *w)
{
	const char *name = json_str_or(w->e->data, "timer", ""),
		   *from = json_str_or(w->e->data, "since", "");
	int64_t since_ms = 0;
	int runs;

	if (strcmp(name, "snooze") == 0)
		return wake(w);
	if (strcmp(name, "idle") == 0)
		w->occasion = RULES_IDLE;
	else if (strcmp(name, "waiting") == 0)
		w->occasion = RULES_WAITING;
	else if (strcmp(name, "window") == 0)
		w->occasion = RULES_WINDOW;
	else if (strcmp(name, "sla") == 0)
		w->occasion = RULES_SLA;
	else
		return err_set(ERR_DATA, "'%s' is no timer", name);
	runs = time_parse(from, &since_ms) < 0 ? 0 :
	    w->occasion == RULES_SLA	       ? still_promised(w, since_ms) :
				       since_ms == timer_since(w->c, name);
	if (runs < 0)
		return runs;
	/* Somebody wrote since: it is about nothing any more. */
	if (!runs) {
		explain_other(w, "the conversation has gone on since");
		return 0;
	}
	return decide_other(w, false);
}

/* Whether the customer took the message back that an edit is of. */
static int
is_edit_void(struct work *w, const char *edit)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM message e JOIN message m ON " REMARK_SQL
	    " WHERE e.id = :id AND " TAKEN_BACK_SQL);

	bind_text(&q, ":id", edit);
	return any_row(&q);
}

/* No rule acts upon an edit of what was taken back, which is told. */
static int
pass_edit_by(struct work *w)
{
	struct rules_result none = { .effects = NULL };
	struct act act;
	int code;

	explain_other(w, "taken back by the customer");
	w->taken_back = true;
	act_stage(&act, w->st, w->e, "rule");
	code = tell_fired(w, &act, &none);
	act_release(&act);
	return code;
}

/* What the customer has made of a message: the rules that ask for it. */
static int
handle_edit(struct work *w)
{
	int gone =
	    is_edit_void(w, json_str_or(w->e->data, "message", w->e->id));

	if (gone < 0)
		return gone;
	if (gone == 1)
		return pass_edit_by(w);
	w->occasion = RULES_EDIT;
	w->language = language_of(w);
	return decide_other(w, false);
}

/* What is said behind a rating is only kept, but for who says what a rule hands
 * over: that rule is asked of it as of a message, and opens it again. */
static int
handle_comment(struct work *w, struct prepared **again)
{
	char *text;
	int code;

	w->message = json_str(w->e->data, "message");
	code = survey_comment(stage_store(w->st), w->message, &text);
	if (code != 1)
		return code;
	*again = prepared_new(w->p->setup, text);
	free(text);
	w->p = *again;
	w->language = language_of(w);
	return decide_other(w, true);
}

/* What is wrong with an instance, and not just news of it. */
static bool
is_trouble(const struct event *e)
{
	return strcmp(e->type, "account.changed") != 0 ||
	    json_at(e->data, "restriction") != NULL ||
	    json_at(e->data, "violation") != NULL;
}

static int
is_in_group(struct work *w)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT kind = 'group' FROM contact WHERE id = :id");

	bind_text(&q, ":id", w->c->contact);
	w->group = step(&q) && column_int(&q, 0) != 0;
	return done(&q);
}

static int
handle_other(struct work *w, struct prepared **again)
{
	int code = is_in_group(w);

	if (code < 0)
		return code;
	w->language = w->c->language != NULL ? w->c->language : "und";
	if (strcmp(w->e->type, "timer.fired") == 0)
		return handle_timer(w);
	if (strcmp(w->e->type, "message.edited") == 0)
		return handle_edit(w);
	if (strcmp(w->e->type, "conversation.commented") == 0)
		return handle_comment(w, again);
	w->message = json_str(w->e->data, "message");
	w->occasion = strcmp(w->e->type, "conversation.rated") == 0 ?
	    RULES_RATING :
	    RULES_ANSWER;
	return decide_other(w, false);
}

static int
handle_instance(struct work *w)
{
	w->instance = json_str(w->e->data, "instance");
	w->occasion = RULES_INSTANCE;
	w->language = "und";
	if (w->instance == NULL || !is_trouble(w->e))
		return 0;
	return decide_other(w, false);
}

static bool
is_of_instance(const struct event *e)
{
	return str_starts(e->type, "instance.") ||
	    strcmp(e->type, "account.changed") == 0;
}

static int
handle(struct stage *st, const struct event *e, void *prepared)
{
	const char *id = json_str(e->data, "conversation");
	bool is_message = strcmp(e->type, "message.received") == 0;
	struct work w = { .st = st,
		.e = e,
		.p = prepared,
		.occasion = RULES_MESSAGE,
		.language = "und",
		.at_ms = e->time_ms };
	struct prepared *again = NULL;
	int code;

	if (is_of_instance(e))
		return handle_instance(&w);
	if (id != NULL && strcmp(e->type, "message.labelled") == 0)
		return stage_hurry(st, id); /* it may be waited for */
	if (is_message && !is_turn(e))
		return 0;
	if (id == NULL)
		return err_set(ERR_DATA, "it names no conversation");
	code = conversation_get(stage_store(st), id, &w.c);
	if (code == ERR_NOINPUT)
		code = err_set(ERR_DATA, "%s", err_reason());
	/* Whoever is blocked is not listened to. */
	if (code == 0)
		code = contact_blocked(stage_store(st), w.c->contact);
	if (code == 1) {
		explain_other(&w, "the customer is blocked");
		code = 0;
	} else if (code == 0) {
		w.instance = w.c->instance;
		code = is_message ? handle_message(&w, &again) :
				    handle_other(&w, &again);
	}
	conversation_free(w.c);
	json_decref(w.labels.data);
	if (again != NULL)
		drop(again);
	return code;
}

/* --- waiting for a label --- */

/* Those of one conversation keep their order, with words or without. */
static int
put_off(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct setup *const *current = stage_ctx(st);
	const char *conversation = json_str(e->data, "conversation");

	if ((*current)->label_wait_ms == 0 || conversation == NULL)
		return 0;
	/* An edit has no label, and its turn behind the message it is of. */
	if (strcmp(e->type, "message.edited") != 0 &&
	    (strcmp(e->type, "message.received") != 0 || !is_turn(e)))
		return 0;
	ret->key = xstrdup(conversation);
	return 1;
}

static int
has_label(struct store *s, const struct event *e)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM event WHERE cause = :id"
	    " AND type = 'message.labelled' LIMIT 1");

	bind_text(&q, ":id", e->id);
	return any_row(&q);
}

/* Of what was put off: is its label there, or none to be waited for? */
static int
look_again(struct stage *st, struct job *j)
{
	struct setup *const *current = stage_ctx(st);
	struct store *s = stage_store(st);
	int64_t until_ms = j->first_ms + (*current)->label_wait_ms;
	int wanted, has;

	if (now_ms() >= until_ms ||
	    strcmp(j->event->type, "message.edited") == 0)
		return BEGIN_HANDLE;
	wanted = labelled_wanted(s,
	    json_str_or(j->event->data, "message", j->event->id));
	has = wanted == 1 ? has_label(s, j->event) : 0;
	if (wanted < 0 || has < 0)
		return wanted < 0 ? wanted : has;
	if (wanted == 0 || has == 1)
		return BEGIN_HANDLE;
	stage_wait(st, j, until_ms);
	return BEGIN_START;
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
	/* Sentiment needs none: that intents do is said, and texts are told. */
	if (model_path == NULL) {
		code = store_find(stage_options.store, &store);
		if (code == ERR_NOINPUT && label && stage_options.store == NULL)
			say(NULL,
			    "there is no store, and so no model of intents");
		else if (code == ERR_DENIED && label)
			log_warnx("%s: no model of intents is read",
			    err_reason());
		else
			cli_need(code);
	}
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

/* --- what has been, and what would have been --- */

static int64_t
since_when(struct cli *cli)
{
	int64_t ms = INT64_MIN;

	if (since != NULL && since_parse(since, &ms) < 0)
		cli_usage(cli, "--since: %s", err_reason());
	return ms;
}

static void
print_line(void *ctx, const json_t *line)
{
	char *text = json_text(line);

	(void)ctx;
	puts(text);
	free(text);
}

/* A timer that nobody asked for has left nothing in the log. */
static void
warn_of_timers(const struct rules *now, const struct rules *then)
{
	const struct rules_timer *had, *wanted;
	size_t n = rules_timers(now, &had), m = rules_timers(then, &wanted), i,
	       j;
	char text[TIME_TEXT_BYTES];

	for (i = 0; i < m; i++) {
		for (j = 0; j < n; j++)
			if (had[j].occasion == wanted[i].occasion &&
			    had[j].after_ms == wanted[i].after_ms)
				break;
		if (j == n)
			log_warnx("the rules that hold have no timer of %s: "
				  "what it would have done is not known",
			    duration_text(wanted[i].after_ms, text));
	}
}

/* Of the present rules against those of -f: 0, or ERR_NO if they differ. */
static int
run_replay(struct cli *cli, struct setup *s)
{
	struct replay r = { .then = s->rules,
		.open = setup_was_open,
		.open_between = setup_was_open_between,
		.opens = setup_opens,
		.warn = say,
		.answers = setup_answers,
		.day = setup_day,
		.language = setup_language_then,
		.tell = print_line,
		.ctx = s };
	struct rules *now = NULL;
	struct store *store = NULL;
	int code;

	if (rules_path == NULL)
		cli_usage(cli, "--replay wants the new rules, -f FILE");
	r.since_ms = since_when(cli);
	code = setup_rules(s->conf, NULL, say, NULL, &now);
	if (code == 0)
		code = store_open(stage_options.store, STORE_READ, &store);
	if (code == 0) {
		warn_of_timers(now, s->rules);
		r.now = now;
		code = rules_replay(store, &r);
	}
	store_close(store);
	rules_free(now);
	return code > 0 ? ERR_NO : code;
}

static void
say_gave_up(void *ctx, const char *rule, long line)
{
	(void)ctx;
	cli_warn("stdin:%ld: an expression of rule %s was given up: it takes "
		 "too long on this text",
	    line, rule);
}

/* Texts and events with what the rules make of them, without a store. */
static int
run_match(struct setup *s)
{
	const struct filter f = { .rules = s->rules,
		.open = setup_was_open,
		.language = setup_language_then,
		.gave_up = say_gave_up,
		.ctx = s };
	struct jsonl *lines =
	    jsonl_new(STDIN_FILENO, STDOUT_FILENO, "stdin", LINE_MAX_BYTES);
	int code;

	jsonl_give_empty(lines); /* to each line one, in step with them */
	code = rules_filter(&f, lines);
	jsonl_free(lines);
	return code;
}

static int
run_stats(struct cli *cli, struct setup *s)
{
	int64_t since_ms = since_when(cli);
	struct store *store = NULL;
	int code = store_open(stage_options.store, STORE_READ, &store);

	if (code == 0)
		code = hits_tell(store, s->rules, since_ms, print_line, NULL);
	store_close(store);
	return code;
}

int
main(int argc, char *argv[])
{
	struct stage_def def = {
		.name = "route",
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
	char *shown;
	struct cli cli;
	bool is_said;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, train ? 1 : 0);
	if (check + label + match + print + replay + stats + train > 1)
		cli_usage(&cli,
		    "--check, --label, --match, --print, --replay, --stats, "
		    "--train: one of them");
	if (since != NULL && !replay && !stats)
		cli_usage(&cli, "--since is for --replay and --stats");
	if (match && (explain || stage_options.follow || stage_options.dry_run))
		cli_usage(&cli,
		    "--match looks at the line alone: there is no --explain, "
		    "--follow or --dry-run of it");
	if (train || label)
		cli_exit(intents(cli.args[0]));
	/* Not held until later: a hangup is only noted, and read again for. */
	if (stage_options.follow)
		sigaction(SIGHUP, &hup, NULL);
	code = load(&setup, &is_said);
	if (code < 0 && is_said)
		exit(err_status(code));
	cli_need(code);
	if (print) {
		rules_print(setup->rules, &text);
		shown = utf8_show(text.data != NULL ? text.data : "", true);
		fputs(shown, stdout);
		free(shown);
		buf_release(&text);
	}
	def.types = types_for(setup);
	if (stage_options.follow) { /* in a pipe ai-label stands before */
		def.take = put_off;
		def.begin = look_again;
	}
	if (match)
		code = run_match(setup);
	else if (replay)
		code = run_replay(&cli, setup);
	else if (stats)
		code = run_stats(&cli, setup);
	else if (check)
		code = known_advise(setup, say, NULL);
	else if (!print)
		code = stage_run(&def, &setup);
	setup_drop(setup);
	cli_exit(code);
}
