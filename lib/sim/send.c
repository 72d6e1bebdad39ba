/* send.c - POST messages: the rules of the provider */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sim/check.h"
#include "sim/errors.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"
#include "sim/media.h"
#include "sim/people.h"
#include "sim/send.h"
#include "sim/template.h"

#define EARLY_MS 300 /* how much later an early one is answered */

/* Faults. */

void
sim_fault_tell(struct sim *s, const struct sim_fault *f, const char *who)
{
	json_t *o = sim_news("fault");

	json_put(o, "fault", f->name);
	json_put(o, "customer", who);
	sim_tell(s, o);
}

bool
sim_fault_taken(const struct sim_fault *f)
{
	return f == NULL || f->act >= SIM_EARLY;
}

struct sim_reply
sim_fault_reply(struct sim *s, const struct sim_fault *f, const char *who)
{
	struct sim_reply r = { .act = f->act };

	sim_fault_tell(s, f, who);
	switch (f->act) {
	case SIM_REFUSE:
		r = sim_reply_error(s, f->code, f->code == SIM_TOKEN ? 463 : 0,
		    NULL);
		r.status = f->http;
		r.retry_after_s = f->retry_after_s;
		r.as_date = f->as_date;
		break;
	case SIM_REDIRECT:
		r.status = 302;
		r.text = xstrdup("");
		break;
	case SIM_DEAF:
		sim_wire_deaf(s, 1000LL * f->retry_after_s);
		break;
	default:
		break;
	}
	return r;
}

void
sim_fault_spoil(struct sim_reply *r, const struct sim_fault *f)
{
	size_t half;

	if (f == NULL || r->text == NULL)
		return;
	r->act = f->act;
	switch (f->act) {
	case SIM_RESET:
		free(r->text);
		r->text = NULL;
		break;
	case SIM_GARBLE:
		/* Whole by its length, cut by its meaning. */
		half = strlen(r->text) / 2;
		r->text[half] = '\0';
		break;
	case SIM_HTML:
		free(r->text);
		r->status = 502;
		r->type = "text/html";
		r->text = xstrdup("<html><h1>502 Bad Gateway</h1></html>\n");
		break;
	case SIM_EARLY:
		r->late_ms = EARLY_MS;
		break;
	default:
		break;
	}
}

/* The rules. */

/* A message, the customer it is for, and why not. */
struct letter {
	struct sim *s;
	const json_t *number, *m;
	const char *type, *number_id;
	char *to; /* digits, a BSUID or a group */
	bool group;
	struct sim_customer *customer;
	const json_t *template; /* NULL: none, or not known */
	char details[SIM_DETAILS];
};

static int
why(struct letter *l, int code, const char *details)
{
	snprintf(l->details, sizeof l->details, "%s", details);
	return code;
}

/* The customer a message is for: digits of `to`, else `recipient`. */
static char *
message_to(const json_t *m)
{
	struct buf b = BUF_INIT(0);
	const char *to = json_str_or(m, "to", "");

	if (strcmp(json_str_or(m, "recipient_type", ""), "group") == 0)
		return xstrdup(to);
	for (const char *p = to; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			buf_addc(&b, *p);
	if (b.len == 0)
		buf_adds(&b, json_str_or(m, "recipient", ""));
	return buf_detach(&b);
}

static int
account_rules(struct letter *l)
{
	const json_t *f = l->s->facts;
	const char *status = json_str_or(l->number, "status", "");

	if (!json_bool_or(l->number, "registered", true))
		return why(l, SIM_UNREGISTERED, "the number is not registered");
	if (json_bool_or(f, "account/blocked", false))
		return why(l, SIM_BLOCKED, "the account broke a policy");
	if (json_bool_or(f, "account/restricted", false) ||
	    strcmp(status, "BANNED") == 0 || strcmp(status, "RESTRICTED") == 0)
		return why(l, SIM_LOCKED, "the account may not send");
	if (!json_bool_or(f, "account/payment", true))
		return why(l, SIM_PAYMENT, "no way of payment");
	return 0;
}

/* The display number's digits. */
static bool
is_self(const struct letter *l)
{
	const char *p = json_str_or(l->number, "display_phone_number", "");
	const char *q = l->to;

	for (; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			continue;
		if (*p != *q++)
			return false;
	}
	return *q == '\0';
}

static int
recipient_rules(struct letter *l)
{
	const json_t *testers = json_object_get(l->number, "testers");
	bool found = false;
	size_t i;
	json_t *v;

	if (l->group)
		return 0;
	if (is_self(l))
		return why(l, SIM_SELF, "the number is the business's own");
	json_array_foreach((json_t *)testers, i, v)
		found = found ||
		    strcmp(json_is_string(v) ? json_string_value(v) : "",
			l->to) == 0;
	if (json_is_array(testers) && !found)
		return why(l, SIM_NO_TESTER, "not in the list of testers");
	if (l->customer->blocked)
		return why(l, SIM_UNDELIVERABLE, "the user is blocked");
	return 0;
}

/* Files the message names by id: known, and of the right type. */
static int
media_rules(struct letter *l)
{
	static const char *const media[] = { "image", "audio", "video",
		"document", "sticker", NULL };
	const char *id = str_in(l->type, media) ?
	    json_str(json_object_get(l->m, l->type), "id") :
	    NULL;
	const struct sim_media *file;
	const char *wrong;

	if (id == NULL)
		return 0;
	file = sim_media_find(l->s, id);
	if (file == NULL)
		return l->s->o->strict ?
		    why(l, SIM_PARAMETER, "there is no media of this id") :
		    0;
	if (str_starts(id, "media-"))
		return 0; /* made up: of no type */
	wrong = sim_media_wrong(l->type, file->mime, file->len);
	return wrong != NULL ? why(l, SIM_MEDIA, wrong) : 0;
}

static int
template_rules(struct letter *l)
{
	const char *category;
	int code;

	if (strcmp(l->type, "template") != 0)
		return 0;
	code = sim_template_fits(l->s, json_object_get(l->m, "template"),
	    &l->template, l->details);
	if (code != 0)
		return code;
	category = json_str_or(l->template, "category", "");
	if (strcasecmp(category, "AUTHENTICATION") == 0 && sim_is_bsuid(l->to))
		return why(l, SIM_NEEDS_PHONE, "a code needs a phone number");
	if (strcasecmp(category, "MARKETING") == 0 &&
	    (sim_facts_listed(l->s, "opted_out", l->to) ||
		sim_facts_listed(l->s, "opted_out", l->customer->wa_id) ||
		sim_facts_listed(l->s, "opted_out", l->customer->user_id)))
		return why(l, SIM_OPTED_OUT, "the user stopped marketing");
	return 0;
}

static int
rules(struct letter *l)
{
	int code;

	if ((code = account_rules(l)) != 0 ||
	    (code = recipient_rules(l)) != 0 || (code = media_rules(l)) != 0 ||
	    (code = template_rules(l)) != 0)
		return code;
	if (strcmp(l->type, "template") != 0 && !l->group &&
	    !sim_window_open(l->s, l->customer))
		return why(l, SIM_WINDOW, "only a template may go out now");
	if (sim_facts_listed(l->s, "unreachable", l->to))
		return why(l, SIM_UNDELIVERABLE, "the user is not there");
	return 0;
}

static int
rate_rules(struct letter *l)
{
	if (!sim_rate_take(l->s, l->number))
		return why(l, SIM_NUMBER_RATE, "more than the number may");
	if (!l->group && !sim_pair_take(l->s, l->customer))
		return why(l, SIM_PAIR_RATE, "more than this user may get");
	return 0;
}

/* Whether a code is told by a status, after the message was accepted. */
static bool
is_late(const struct sim *s, int code)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(s->facts, "as_status"), i, v)
		if (json_is_integer(v) && json_integer_value(v) == code)
			return true;
	return false;
}

/* Taking it. */

/* What can be tapped in it, for later lines of the customer. */
static void
keep_choices(struct letter *l, const char *wamid)
{
	struct sim_customer *c = l->customer;
	const json_t *part = json_object_get(l->m, l->type);
	json_t *o;

	if (strcmp(l->type, "interactive") != 0 &&
	    strcmp(l->type, "template") != 0)
		return;
	o = json_object();
	json_put_new(o, l->type, json_deep_copy(part));
	if (l->template != NULL)
		json_put_new(o, "made_from", json_deep_copy(l->template));
	json_decref(c->choices);
	c->choices = o;
	snprintf(c->choices_id, sizeof c->choices_id, "%s", wamid);
}

static void
tell_said(struct letter *l, const char *wamid)
{
	json_t *o = sim_news("business.said");
	const json_t *m = l->m;

	json_put(o, "customer", l->to);
	json_put(o, "id", wamid);
	json_put(o, "kind", l->type);
	json_put(o, "text",
	    json_str_or(m, "text/body", json_str(m, "interactive/body/text")));
	json_put(o, "quoted", json_str(m, "context/message_id"));
	if (strcmp(l->type, "text") != 0)
		json_put_new(o, "content",
		    json_deep_copy(json_object_get(m, l->type)));
	sim_tell(l->s, o);
}

static void
take(struct letter *l, const char *wamid, int undelivered)
{
	struct sim *s = l->s;
	struct sim_customer *c = l->customer;
	struct sim_number n = sim_facts_names(s, l->number);
	struct sim_sent *sent = xcalloc(1, sizeof *sent);
	const char *category = json_str(l->template, "category");

	snprintf(c->last, sizeof c->last, "%s", wamid);
	c->said++;
	keep_choices(l, wamid);
	tell_said(l, wamid);
	sent->entry = sim_history_add(s, wamid, l->number_id, false);
	if (s->o->no_status) {
		free(sent);
		return;
	}
	snprintf(sent->wamid, sizeof sent->wamid, "%s", wamid);
	sent->to = xstrdup(l->to);
	sent->opaque = xstrdup(json_str(l->m, "biz_opaque_callback_data"));
	if (category == NULL && strcmp(l->type, "template") == 0)
		category = "utility";
	sent->category = xstrdup(category != NULL ? category : "service");
	for (char *p = sent->category; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	sent->free = strcmp(sent->category, "service") == 0 ||
	    (strcmp(sent->category, "utility") == 0 && c->wrote_ms >= 0 &&
		sim_window_open(s, c));
	sent->number.phone_number_id = xstrdup(n.phone_number_id);
	sent->number.account_id = xstrdup(n.account_id);
	sent->number.phone = xstrdup(n.phone);
	sent->undelivered = undelivered;
	sent->played = strcmp(l->type, "audio") == 0 &&
	    json_bool_or(l->m, "audio/voice", false);
	sim_hook_climb(s, sent);
}

static struct sim_reply
accepted(const struct letter *l, const char *wamid)
{
	json_t *contact = json_object(), *message = json_object();

	json_put(contact, "input", json_str_or(l->m, "to", l->to));
	json_put(contact, sim_is_bsuid(l->to) ? "user_id" : "wa_id",
	    json_str_or(json_object_get(l->s->facts, "other_ids"), l->to,
		l->to));
	json_put(message, "id", wamid);
	if (strcmp(l->type, "template") == 0)
		json_put(message, "message_status",
		    json_str_or(l->template, "message_status", "accepted"));
	return sim_reply_json(200,
	    json_pack("{ss s[o] s[o]}", "messaging_product", "whatsapp",
		"contacts", contact, "messages", message));
}

struct sim_reply
sim_send(struct sim *s, const json_t *number, const json_t *m,
    const struct sim_fault *f, char wamid[64])
{
	struct letter l = { .s = s,
		.number = number,
		.m = m,
		.type = json_str_or(m, "type", "text"),
		.number_id = json_str_or(number, "id", "") };
	struct sim_reply r;
	int code, undelivered = 0;

	code = sim_check_message(m, s->o->strict, l.details);
	if (code != 0)
		return sim_reply_error(s, code, 0, l.details);
	l.to = message_to(m);
	l.group = strcmp(json_str_or(m, "recipient_type", ""), "group") == 0;
	if (!sim_fault_taken(f)) {
		r = sim_fault_reply(s, f, l.to);
		free(l.to);
		return r;
	}
	l.customer = sim_customer_for(s, l.number_id, l.to);
	code = rules(&l);
	if (code != 0 && is_late(s, code)) {
		undelivered = code;
		code = 0;
	}
	/* What is refused does not count against the rates. */
	if (code == 0)
		code = rate_rules(&l);
	if (code != 0) {
		r = sim_reply_error(s, code, 0, l.details);
	} else {
		sim_new_id(s, wamid, "out");
		if (f != NULL && f->act == SIM_UNDELIVERED)
			undelivered = f->code;
		take(&l, wamid, undelivered);
		r = accepted(&l, wamid);
		if (f != NULL && f->act != SIM_UNDELIVERED &&
		    f->act != SIM_EARLY)
			sim_fault_tell(s, f, l.to);
		sim_fault_spoil(&r, f);
	}
	free(l.to);
	return r;
}

struct sim_reply
sim_send_read(struct sim *s, const json_t *number, const json_t *m)
{
	const char *id = json_str(m, "message_id");
	bool typing = json_object_get(m, "typing_indicator") != NULL;
	const struct sim_entry *e;
	struct sim_customer *c;
	char details[SIM_DETAILS];
	json_t *o;
	int code = sim_check_read(m, details);

	if (code != 0)
		return sim_reply_error(s, code, 0, details);
	e = sim_history_find(s, id);
	if (s->o->strict && (e == NULL || !e->incoming))
		return sim_reply_error(s, SIM_VALUE, 0,
		    "message_id names no message that was received");
	o = sim_news(typing ? "business.typing" : "business.read");
	json_put(o, "id", id);
	for (c = s->customers; c != NULL; c = c->all)
		if (strcmp(c->own, id) == 0 &&
		    strcmp(c->number, json_str_or(number, "id", "")) == 0) {
			json_put(o, "customer", c->id);
			c->seen++;
		}
	sim_tell(s, o);
	return sim_reply_json(200, json_pack("{sb}", "success", 1));
}
