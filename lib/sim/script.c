/* script.c - what customers do */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"
#include "sim/media.h"
#include "sim/people.h"
#include "sim/script.h"

/* "@last" and "@own" in a line stand for ids only wa-sim knows. */
static void
put_ids(json_t *o, const struct sim_customer *c)
{
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v) {
		if (json_is_object(v))
			put_ids(v, c);
		else if (!json_is_string(v))
			continue;
		else if (strcmp(json_string_value(v), "@last") == 0)
			json_string_set(v, c->last);
		else if (strcmp(json_string_value(v), "@own") == 0)
			json_string_set(v, c->own);
	}
}

static bool
is(const json_t *o, const char *key, const char *value)
{
	const char *v = json_str(o, key);

	return v != NULL && strcmp(v, value) == 0;
}

/* Taps. */

/* A button or row of list whose id or title is what; NULL: none. */
static const json_t *
choice(const json_t *list, const char *inner, const char *what)
{
	const json_t *o;
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)list, i, v) {
		o = inner != NULL ? json_object_get(v, inner) : v;
		if (is(o, "id", what) || is(o, "title", what))
			return o;
	}
	return NULL;
}

static json_t *
tap_interactive(const json_t *content, const char *what)
{
	const json_t *sections =
	    json_at(content, "interactive/action/sections");
	const json_t *got;
	json_t *o, *section;
	size_t i;

	got = choice(json_at(content, "interactive/action/buttons"), "reply",
	    what);
	if (got != NULL)
		return json_pack("{ss so}", "type", "button_reply",
		    "button_reply", json_deep_copy(got));
	json_array_foreach((json_t *)sections, i, section) {
		got = choice(json_object_get(section, "rows"), NULL, what);
		if (got == NULL)
			continue;
		o = json_deep_copy(got);
		return json_pack("{ss so}", "type", "list_reply", "list_reply",
		    o);
	}
	return NULL;
}

/* The payload a template was sent with for its button at index. */
static const char *
payload(const json_t *content, size_t index)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_at(content, "template/components"), i, c)
		if (is(c, "type", "button") &&
		    json_int_or(c, "index", -1) == (int64_t)index)
			return json_str(c, "parameters/0/payload");
	return NULL;
}

static json_t *
tap_template(const json_t *content, const char *what)
{
	const char *text, *sent;
	size_t i, j;
	json_t *c, *b;

	json_array_foreach(json_at(content, "made_from/components"), i, c)
		json_array_foreach(json_object_get(c, "buttons"), j, b) {
			text = json_str_or(b, "text", "");
			sent = payload(content, j);
			if (strcmp(text, what) == 0 ||
			    (sent != NULL && strcmp(sent, what) == 0))
				return json_pack("{ss ss}", "payload",
				    sent != NULL ? sent : text, "text", text);
		}
	return NULL;
}

/* {"tap": "Yes"}: what the customer's finger makes of the last choices. */
static int
take_tap(json_t *line, const struct sim_customer *c, const char *business)
{
	const char *what = json_str(line, "tap"), *type = "interactive";
	json_t *o = NULL, *context;

	if (what == NULL)
		return 0;
	if (c->choices != NULL) {
		o = tap_interactive(c->choices, what);
		if (o == NULL) {
			o = tap_template(c->choices, what);
			type = "button";
		}
	}
	if (o == NULL)
		return err_set(ERR_DATA, "there is nothing of that to tap");
	json_put(line, "type", type);
	json_put_new(line, type, o);
	context = json_object();
	json_put(context, "from", business);
	json_put(context, "id", c->choices_id);
	json_put_new(line, "context", context);
	json_object_del(line, "tap");
	return 0;
}

/* Short forms. */

static void
take_short(json_t *line, const struct sim_customer *c, const char *business)
{
	json_t *v;

	if (json_object_get(line, "type") != NULL)
		return;
	if ((v = json_object_get(line, "react")) != NULL) {
		json_put(line, "type", "reaction");
		json_put_new(line, "reaction",
		    json_pack("{ss sO}", "message_id", c->last, "emoji", v));
		json_object_del(line, "react");
	} else if ((v = json_object_get(line, "edit")) != NULL &&
	    json_is_string(v)) {
		json_put(line, "type", "edit");
		json_put_new(line, "edit",
		    json_pack("{ss s{ss s{sO}}}", "original_message_id", c->own,
			"message", "type", "text", "text", "body", v));
	} else if (json_is_true(json_object_get(line, "revoke"))) {
		json_put(line, "type", "revoke");
		json_put_new(line, "revoke",
		    json_pack("{ss}", "original_message_id", c->own));
	}
	if (json_is_true(json_object_get(line, "reply"))) {
		json_put_new(line, "context",
		    json_pack("{ss ss}", "from", business, "id", c->last));
		json_object_del(line, "reply");
	}
}

/* {"type":"number_change","to":"..."}: the customer has another number. */
static int
take_change(struct sim *s, json_t *line, struct sim_customer *c)
{
	const char *to = json_str(line, "to");
	const char *user = json_str(line, "new_user_id");
	json_t *system, *value, *update;
	char *text;

	if (to == NULL && user == NULL)
		return err_set(ERR_DATA, "number_change without to");
	system = json_object();
	text = xformat("User %s changed to %s", c->id, to != NULL ? to : user);
	json_put(system, "body", text);
	free(text);
	json_put(system, "wa_id", to);
	json_put(system, "new_user_id", user);
	json_put(system, "type",
	    to != NULL ? "user_changed_number" : "user_changed_user_id");
	json_put(line, "type", "system");
	json_put_new(line, "system", system);
	if (user != NULL && c->user_id != NULL && !s->convert) {
		update = json_pack("{s{ss ss}}", "user_id", "previous",
		    c->user_id, "current", user);
		if (c->wa_id != NULL)
			json_put(update, "wa_id", to != NULL ? to : c->wa_id);
		value = json_pack("{ss so}", "messaging_product", "whatsapp",
		    "user_id_update", json_pack("[o]", update));
		sim_hook_field(s, "user_id_update", value);
	}
	if (to != NULL)
		sim_customer_alias(s, c, to);
	if (user != NULL)
		sim_customer_alias(s, c, user);
	json_object_del(line, "to");
	json_object_del(line, "new_user_id");
	return 0;
}

/* {"type":"status","status":"read","id":...}: out of turn. */
static int
take_status(struct sim *s, const json_t *line, const struct sim_customer *c,
    const struct sim_number *n)
{
	const char *status = json_str(line, "status");
	struct sim_said m = { .wamid = json_str_or(line, "id", c->last),
		.to = c->id,
		.opaque = json_str(line, "biz_opaque_callback_data"),
		.free = true };

	if (status == NULL || *m.wamid == '\0')
		return err_set(ERR_DATA, "status of what?");
	sim_hook_status(s, n, &m, status,
	    strcmp(status, "failed") == 0 ?
		(int)json_int_or(line, "code", 131026) :
		0);
	return 0;
}

/* Saying. */

static void
tell_said(struct sim *s, const json_t *line, const struct sim_customer *c,
    const char *type, const char *id)
{
	json_t *o = sim_news("customer.said");
	const char *text =
	    json_str_or(line, "text", json_str(line, "text/body"));

	json_put(o, "customer", c->id);
	json_put(o, "name", json_str(line, "name"));
	json_put(o, "id", id);
	json_put(o, "kind", type);
	json_put(o, "text", text);
	if (text == NULL && json_at(line, type) != NULL)
		json_put_new(o, "content",
		    json_deep_copy(json_object_get(line, type)));
	sim_tell(s, o);
}

static int
ready(const struct sim *s)
{
	if (s->convert || sim_facts_hook(s) != NULL)
		return 0;
	return err_set(ERR_DATA, "no --webhook to tell it to");
}

/* Lines that are no message of a customer; 0 if it was one of them, else 1. */
static int
take_other(struct sim *s, json_t *line)
{
	const char *field;
	json_t *value;

	if (!is(line, "type", "field"))
		return 1;
	field = json_str(line, "field");
	value = json_object_get(line, "value");
	if (field == NULL || !json_is_object(value))
		return err_set(ERR_DATA, "field without a name and a value");
	if (s->convert)
		sim_tell(s,
		    sim_body(s->o->account_id, field, json_deep_copy(value)));
	else
		sim_hook_field(s, field, json_deep_copy(value));
	return 0;
}

/* The name of a customer goes along with each message, once it was said. */
static void
put_name(json_t *line, struct sim_customer *c)
{
	const char *name = json_str(line, "name");

	if (name == NULL) {
		json_put(line, "name", c->name);
	} else if (c->name == NULL || strcmp(c->name, name) != 0) {
		free(c->name);
		c->name = xstrdup(name);
	}
}

/* What a line says, in the words of the API. 1: no message follows. */
static int
prepare(struct sim *s, json_t *line, struct sim_customer *c,
    const struct sim_number *n, bool files)
{
	static const char *const media[] = { "image", "audio", "video",
		"document", "sticker", NULL };
	const char *type;
	int code;

	if (c == NULL)
		return 0;
	put_ids(line, c);
	put_name(line, c);
	if ((code = take_tap(line, c, n->phone)) < 0)
		return code;
	take_short(line, c, n->phone);
	type = json_str_or(line, "type", "text");
	if (strcmp(type, "status") == 0)
		return (code = take_status(s, line, c, n)) < 0 ? code : 1;
	if (strcmp(type, "number_change") == 0)
		return take_change(s, line, c);
	if (str_in(type, media) && json_is_object(json_object_get(line, type)))
		return sim_media_said(s, json_object_get(line, type), files);
	return 0;
}

/* What stays of it with the customer. */
static void
remember(struct sim *s, struct sim_customer *c, const char *type,
    const char *id)
{
	static const char *const no_turn[] = { "reaction", "edit", "revoke",
		"system", NULL };

	if (!str_in(type, no_turn))
		snprintf(c->own, sizeof c->own, "%s", id);
	if (strcmp(type, "system") != 0)
		sim_customer_wrote(s, c);
	s->speaker = c;
	s->wait_said = c->said;
	s->wait_seen = c->seen;
}

int
sim_script_say(struct sim *s, json_t *line, bool files, char ret_id[128])
{
	const json_t *number = sim_facts_number(s, json_str(line, "number"));
	struct sim_customer *c = NULL;
	struct sim_entry *entry = NULL;
	struct sim_number n;
	const char *type;
	json_t *body;
	char id[64];
	int code = ready(s);

	if (code == 0)
		code = take_other(s, line);
	if (code <= 0)
		return code;
	if (number == NULL)
		return err_set(ERR_DATA, "the business has no such number");
	n = sim_facts_names(s, number);
	c = sim_customer_of(s, n.phone_number_id, json_str(line, "from"),
	    json_str(line, "user_id"));
	code = prepare(s, line, c, &n, files);
	if (code != 0)
		return code < 0 ? code : 0;
	sim_new_id(s, id, "in");
	code = sim_message(&n, line, id, now_ms(), &body, ret_id);
	if (code < 0)
		return code;
	if (s->convert) {
		/* "revoke" and "edit" are about what was written before. */
		if (c != NULL)
			remember(s, c, json_str_or(line, "type", "text"),
			    ret_id);
		sim_tell(s, body);
		return 0;
	}
	s->active_ms = mono_ms();
	if (c != NULL) {
		type = json_str_or(line, "type", "text");
		/* The business is not told of who it has blocked. */
		if (c->blocked) {
			json_decref(body);
			return 0;
		}
		remember(s, c, type, ret_id);
		tell_said(s, line, c, type, ret_id);
		entry = sim_history_add(s, ret_id, n.phone_number_id, true);
	}
	sim_hook_said(s, body, c, entry, ret_id);
	return 0;
}

static void
take_wait(struct sim *s, const json_t *line)
{
	s->wait_for = NULL;
	if (json_bool_or(line, "reply", false))
		s->wait_for = "reply";
	else if (json_bool_or(line, "seen", false))
		s->wait_for = "seen";
	s->wait_ms = s->convert ? 0 :
				  mono_ms() +
		json_int_or(line, "ms", s->wait_for != NULL ? 30000 : 0);
}

int
sim_script_line(struct sim *s, const char *text, size_t len)
{
	json_t *line;
	char id[128] = "";
	int code = json_object_parse(text, len, &line);

	if (code < 0)
		return code;
	if (is(line, "type", "wait") || is(line, "type", "typing"))
		take_wait(s, line);
	else
		code = sim_script_say(s, line, true, id);
	json_decref(line);
	return code;
}

bool
sim_script_waits(struct sim *s)
{
	const struct sim_customer *c = s->speaker;

	if (s->wait_ms == 0)
		return false;
	if (mono_ms() >= s->wait_ms || (s->wait_for != NULL && c == NULL) ||
	    (s->wait_for != NULL &&
		(strcmp(s->wait_for, "reply") == 0 ? c->said > s->wait_said :
						     c->seen > s->wait_seen)))
		s->wait_ms = 0;
	return s->wait_ms != 0;
}

void
sim_script_input(struct sim *s)
{
	char *line;
	size_t len;
	int got;

	while (s->input_open && !sim_script_waits(s)) {
		got = jsonl_next(s->io, &line, &len);
		if (got == JSONL_END)
			s->input_open = false;
		if (got != JSONL_LINE)
			return;
		if (sim_script_line(s, line, len) < 0)
			jsonl_complain(s->io, err_reason());
	}
}
