/* effect - what rules want done, done to one event's conversation */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/attribute.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/hours.h"
#include "desk/message.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "desk/snooze.h"
#include "desk/team.h"
#include "rules/effect.h"
#include "wa/canned.h"
#include "wa/survey.h"
#include "wa/template.h"

/* To the queue of a team, or to whoever of it is to get it. */
static int
deal(struct work *w, struct act *a, const struct rules_effect *e)
{
	int code;

	if (*e->more == '\0')
		return conversation_assign(a, w->c->id, NULL, e->value);
	code = team_assign(a, w->c->id, e->value,
	    strcmp(e->more, "least loaded") == 0 ? TEAM_LEAST_LOADED :
						   TEAM_ROUND_ROBIN);
	if (code == ERR_NOINPUT) {
		stage_failed(w->st, "rule %s: %s", e->rule, err_reason());
		code = conversation_assign(a, w->c->id, NULL, e->value);
	}
	return code < 0 ? code : 0;
}

static int
assign(struct work *w, struct act *a, const struct rules_effect *e)
{
	struct person *p = NULL;
	const char *fault = "is not here";
	char *why;
	int code;

	if (e->kind == EFFECT_ASSIGN_TEAM)
		return deal(w, a, e);
	code = person_get(a->store, e->value, &p);
	if (code == 0 && p->active)
		fault = strcmp(p->role, "viewer") == 0 ?
		    "answers no customers" :
		    NULL;
	if (code == 0 && fault == NULL)
		code = conversation_assign(a, w->c->id, e->value, w->c->team);
	else if (code == 0 || code == ERR_NOINPUT) {
		/* Such a one answers nobody: any person may take it. */
		stage_failed(w->st, "rule %s assigns to %s, who %s", e->rule,
		    e->value, fault);
		why = xformat("%s %s", e->value, fault);
		code = conversation_escalate(a, w->c->id, why);
		free(why);
	}
	person_free(p);
	return code;
}

/* Queue m as the conversation is now: the owner it was just given to does not
 * silence it. */
static int
queue_as(struct act *a, const struct conversation *now, struct message_out *m)
{
	int code;

	m->owner_rev = now->owner_rev;
	code = message_queue(a, m, NULL);
	return code == ERR_NO ? 0 : code;
}

static int
queue_now(struct work *w, struct act *a, struct message_out *m)
{
	struct conversation *now = NULL;
	int code = conversation_get(a->store, w->c->id, &now);

	if (code == 0)
		code = queue_as(a, now, m);
	conversation_free(now);
	return code;
}

/* The words of a reply, from the conversation as it is now: who has it is whom
 * these rules have just given it to. */
static int
fill_reply(struct work *w, const struct conversation *now, const char *name,
    const char *text, char **ret_text, json_t **ret_content)
{
	struct canned k = { .store = stage_store(w->st),
		.conf = w->p->setup->conf,
		.c = now,
		.person = now->assignee,
		.language = w->language,
		.zone = w->p->setup->zone,
		.at_ms = w->at_ms };
	int code;

	/* Without its hours what stands for them is left out. */
	if (facts_hours(w, NULL, &k.hours) < 0)
		k.hours = NULL;
	if (text != NULL)
		*ret_text = canned_fill(&k, text);
	if (text != NULL || name == NULL)
		return 0;
	code = canned_make(&k, name, ret_text, ret_content);
	return code == ERR_NOINPUT || code > 0 ? 0 : code;
}

int
effect_reply(struct work *w, struct act *a, const char *name, const char *text)
{
	struct conversation *now = NULL;
	struct message_out m = { .conversation = w->c->id,
		.author = "rule",
		.kind = "text" };
	json_t *content = NULL;
	char *filled = NULL;
	int code;

	code = conversation_get(a->store, w->c->id, &now);
	if (code == 0)
		code = fill_reply(w, now, name, text, &filled, &content);
	m.text = filled;
	m.content = content;
	if (content != NULL)
		m.kind = "interactive";
	if (code == 0 && filled != NULL && *filled != '\0')
		code = queue_as(a, now, &m);
	conversation_free(now);
	json_decref(content);
	free(filled);
	return code;
}

/* A template in the language that the rule names, or for the customer. */
static int
find_template(struct work *w, const char *account, const struct rules_effect *e,
    struct template **ret)
{
	struct store *s = stage_store(w->st);

	if (*e->more != '\0')
		return template_get(s, account, e->value, e->more, ret);
	return template_for(s, account, e->value, w->language,
	    setting_text(w->p->setup->conf, "desk", "language"), ret);
}

/* Whether it may go out, and its content: 1; 0 after saying why not. */
static int
fill_template(struct work *w, const struct template *t,
    const struct rules_effect *e, json_t **ret)
{
	struct template_params none = { .body = NULL };
	json_t *shown = NULL;
	int code = 0;

	if (!template_is_usable(t)) {
		stage_failed(w->st, "rule %s: template %s may not be sent",
		    e->rule, e->value);
		return 0;
	}
	if (strcmp(t->category, "MARKETING") == 0)
		code = contact_opted_out(stage_store(w->st), w->c->contact);
	if (code != 0)
		return code < 0 ? code : 0;
	code = template_fill(t, &none, &shown, ret);
	json_decref(shown);
	if (code == 0)
		return 1;
	if (code != ERR_DATA)
		return code;
	stage_failed(w->st, "rule %s: template %s: %s", e->rule, e->value,
	    err_reason());
	return 0;
}

static int
send_template(struct work *w, struct act *a, const struct rules_effect *e)
{
	struct message_out m = { .conversation = w->c->id,
		.author = "rule",
		.kind = "template" };
	struct template *t = NULL;
	json_t *content = NULL;
	char *account = NULL;
	int code = template_account(a->store, w->instance, &account);

	if (code == 1)
		code = find_template(w, account, e, &t);
	else if (code == 0)
		code = err_set(ERR_NOINPUT,
		    "none of instance %s is known "
		    "(wa-template sync)",
		    w->instance);
	if (code == ERR_NOINPUT || code == ERR_USAGE) {
		stage_failed(w->st, "rule %s: template %s: %s", e->rule,
		    e->value, err_reason());
		code = 0;
	} else if (code == 0)
		code = fill_template(w, t, e, &content);
	if (code == 1) {
		m.content = content;
		code = queue_now(w, a, &m);
	}
	json_decref(content);
	template_free(t);
	free(account);
	return code;
}

/* action.requested: of what needs a network, or runs something. */
static int
request(struct work *w, struct act *a, const char *action,
    const struct rules_effect *e)
{
	json_t *data = json_object();
	char *subject;
	int code;

	json_put(data, "action", action);
	json_put(data, "rule", e->rule);
	json_put(data, "revision", rules_revision(w->p->setup->rules));
	json_put(data, "rule_revision", e->id);
	if (w->c != NULL) {
		json_put(data, "conversation", w->c->id);
		json_put(data, "contact", w->c->contact);
	}
	json_put(data, "instance", w->instance);
	json_put(data, "message", w->message);
	if (*e->value != '\0')
		json_put(data, "name", e->value);
	subject = w->c != NULL ? xformat("conversation/%s", w->c->id) :
				 xformat("instance/%s", w->instance);
	code = act_emit(a, "action.requested", subject, data, NULL);
	free(subject);
	return code;
}

static bool
is_taken(const struct work *w)
{
	return strcmp(w->c->owner, "user") == 0 && !w->recalled;
}

/* Nobody but a person takes it from a person; after a hand-over, and in
 * groups, only people write. */
bool
effect_only_people(const struct work *w)
{
	return is_taken(w) || w->group ||
	    (strcmp(w->c->owner, "queue") == 0 && w->c->handed_ms != 0);
}

/* Let the AI stay out of it for so long; 0: until it is released to it. What was
 * handed over to people, by this event too, is not given a time at which the AI
 * comes back; a pause that runs is given another one. */
static int
pause_ai(struct work *w, struct act *a, int64_t ms)
{
	struct conversation *now = NULL;
	int code = conversation_get(a->store, w->c->id, &now);
	bool ends = false;

	if (code == 0 && strcmp(now->owner, "ai") == 0)
		ends = true;
	else if (code == 0 && ms != 0) {
		code = conversation_is_paused(a->store, now);
		ends = code == 1;
	}
	conversation_free(now);
	if (code < 0 || !ends)
		return code < 0 ? code : 0;
	return conversation_pause(a, w->c->id, ms != 0 ? a->now_ms + ms : 0);
}

static int
rest(struct work *w, struct act *a, int64_t ms)
{
	const struct hours *h = NULL;
	int64_t until_ms = a->now_ms + ms;
	int code = ms == 0 ? facts_hours(w, NULL, &h) : 0;

	if (code < 0 ||
	    (ms == 0 && (h == NULL || !hours_next(h, a->now_ms, &until_ms))))
		return code;
	return conversation_snooze(a, w->c->id, until_ms);
}

static int
survey_by_rule(struct work *w, struct act *a, bool anyway)
{
	int code = survey_ask(a, w->p->setup->conf, w->c->id, anyway);

	return code < 0 ? code : 0;
}

static int
resolve(struct work *w, struct act *a, bool silent)
{
	struct conversation *c = NULL;
	bool was;
	int code = conversation_get(a->store, w->c->id, &c);

	if (code < 0)
		return code;
	was = conversation_is_closed(c);
	conversation_free(c);
	code = conversation_resolve(a, w->c->id);
	return code < 0 || was || silent ? code : survey_by_rule(w, a, false);
}

/* A policy that is gone from the settings since the rules were read. */
static int
promise(struct work *w, struct act *a, const struct rules_effect *e)
{
	int code = conversation_set_sla(a, w->c->id, e->value);

	if (code != ERR_NOINPUT)
		return code;
	stage_failed(w->st, "rule %s: %s", e->rule, err_reason());
	return 0;
}

/* Given to people, which code says, for an edit or a rating: that asks as a
 * message does by itself. */
static int
asks(struct work *w, struct act *a, int code)
{
	if (code < 0 || (w->occasion & RULES_RECALLS) == 0)
		return code;
	return message_asks(a, json_str_or(w->e->data, "message", w->e->id));
}

static int
hand_over(struct work *w, struct act *a, const char *reason)
{
	if ((w->occasion & RULES_RECALLS) == 0 || !conversation_is_closed(w->c))
		return conversation_escalate(a, w->c->id, reason);
	w->recalled = true;
	return conversation_recall(a, w->c->id, reason, w->at_ms);
}

/* What is about nothing but the desk itself; silent: and does not ask the
 * customer how it was. */
static int
apply_inside(struct work *w, struct act *a, const struct rules_effect *e,
    bool silent)
{
	const char *id = w->c->id;

	switch (e->kind) {
	case EFFECT_TAG:
		return conversation_tag(a, id, e->value);
	case EFFECT_UNTAG:
		return conversation_untag(a, id, e->value);
	case EFFECT_PRIORITY:
		return conversation_priority(a, id, e->value);
	case EFFECT_PROFILE:
		return conversation_set_profile(a->store, id, e->value);
	case EFFECT_SLA:
		return promise(w, a, e);
	case EFFECT_ATTRIBUTE:
		return attribute_set(a, w->c->contact, e->value, e->more);
	case EFFECT_AI_ON:
		return is_taken(w) ? 0 : conversation_release(a, id, true);
	case EFFECT_AI_OFF:
		return is_taken(w) ? 0 : asks(w, a, pause_ai(w, a, 0));
	case EFFECT_AI_PAUSE:
		return is_taken(w) ? 0 : asks(w, a, pause_ai(w, a, e->ms));
	case EFFECT_ESCALATE:
		return asks(w, a, hand_over(w, a, e->value));
	case EFFECT_ASSIGN:
	case EFFECT_ASSIGN_TEAM:
		return is_taken(w) ? 0 : asks(w, a, assign(w, a, e));
	case EFFECT_SNOOZE:
		return rest(w, a, e->ms);
	case EFFECT_RESOLVE:
		return resolve(w, a, silent);
	case EFFECT_ARCHIVE:
		return conversation_archive(a, id);
	default:
		return 0;
	}
}

static int
apply_one(struct work *w, struct act *a, const struct rules_effect *e,
    bool handed, bool silent)
{
	switch (e->kind) {
	case EFFECT_REPLY:
		return handed ? 0 : effect_reply(w, a, e->value, NULL);
	case EFFECT_REPLY_TEXT:
		return handed ? 0 : effect_reply(w, a, NULL, e->value);
	case EFFECT_TEMPLATE:
		return handed ? 0 : send_template(w, a, e);
	case EFFECT_SURVEY:
		return w->c == NULL ? 0 : survey_by_rule(w, a, true);
	case EFFECT_NOTIFY:
		return request(w, a, "notify", e);
	case EFFECT_WEBHOOK:
		return request(w, a, "webhook", e);
	case EFFECT_RUN:
		return request(w, a, "command", e);
	default:
		return w->c == NULL ? 0 : apply_inside(w, a, e, silent);
	}
}

/* Whether they open again what is closed, and nobody has any more. */
static bool
is_recall(const struct work *w, const struct rules_result *r)
{
	return (w->occasion & RULES_RECALLS) != 0 &&
	    conversation_is_closed(w->c) && rules_escalate(r);
}

int
effect_apply(struct work *w, struct act *a, const struct rules_result *r,
    size_t *from, enum rules_effect_kind end)
{
	bool handed = w->c == NULL ||
	    (is_recall(w, r) ? w->group : effect_only_people(w));
	int code = 0;

	for (; code == 0 && *from < r->count && r->effects[*from].kind < end;
	     ++*from)
		code = apply_one(w, a, &r->effects[*from], handed, r->opt_out);
	return code;
}
