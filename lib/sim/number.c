/* number.c - calls of a number of the business */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/check.h"
#include "sim/errors.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/media.h"
#include "sim/number.h"
#include "sim/people.h"
#include "sim/send.h"

#define BLOCK_MOST 64000

/* A number. */

static struct sim_reply
messages(struct sim_call *c, const json_t *number)
{
	const char *type = request_header(c->q, "Content-Type");

	if (!sim_is_method(c, "POST"))
		return sim_no_call(c);
	if (type == NULL || !str_starts(type, "application/json") ||
	    c->body == NULL)
		return sim_refuse(c, SIM_PARAMETER,
		    "the body is not a JSON object of its Content-Type");
	if (json_object_get(c->body, "status") != NULL)
		return sim_send_read(c->s, number, c->body);
	return sim_send(c->s, number, c->body, c->fault, c->wamid);
}

static struct sim_reply
upload(struct sim_call *c)
{
	struct sim_form f;
	struct sim_reply r;
	const char *mime, *wrong;
	struct sim_media *m;
	json_t *about;

	if (!sim_is_method(c, "POST"))
		return sim_no_call(c);
	if (sim_form_parse(request_header(c->q, "Content-Type"), c->bytes,
		c->len, &f) < 0) {
		sim_form_release(&f);
		return sim_refuse(c, SIM_PARAMETER, err_reason());
	}
	mime = f.type[0] != '\0' ? f.type : f.file_type;
	if (strcmp(f.product, "whatsapp") != 0)
		r = sim_refuse(c, SIM_MISSING, "messaging_product is required");
	else if (f.file == NULL)
		r = sim_refuse(c, SIM_MISSING, "file is required");
	else if (mime == NULL)
		r = sim_refuse(c, SIM_MISSING, "type is required");
	else if (f.other != NULL)
		r = sim_refuse(c, SIM_PARAMETER, "an unexpected field");
	else if (f.file_len == 0)
		r = sim_refuse(c, SIM_MEDIA, "the file is empty");
	else if ((wrong = sim_media_wrong(NULL, mime, f.file_len)) != NULL)
		r = sim_refuse(c, SIM_MEDIA, wrong);
	else {
		m = sim_media_add(c->s, NULL, mime, f.file, f.file_len);
		m->uploaded = true;
		r = sim_reply_json(200, json_pack("{ss}", "id", m->id));
	}
	about = json_object();
	json_put(about, "type", mime);
	json_put(about, "file_name", f.file_name);
	json_put_int(about, "file_size", (int64_t)f.file_len);
	json_decref(c->body);
	c->body = about;
	sim_form_release(&f);
	return r;
}

/* A number as the API tells it. */
json_t *
sim_number_json(const struct sim *s, const json_t *number)
{
	static const char *const hidden[] = { "registered", "testers", "pin",
		"can_send_message", NULL };
	json_t *o = json_deep_copy(number), *hook = json_object();
	const char *can = json_str_or(number, "can_send_message", "AVAILABLE");
	const char *id = json_str_or(number, "id", "");
	bool paid = json_bool_or(s->facts, "account/payment", true);
	json_t *waba;

	for (size_t i = 0; hidden[i] != NULL; i++)
		json_object_del(o, hidden[i]);
	if (!json_bool_or(number, "registered", true)) {
		json_put(o, "status", "DISCONNECTED");
		json_put(o, "platform_type", "NOT_APPLICABLE");
		can = "BLOCKED";
	}
	if (!paid || json_bool_or(s->facts, "account/restricted", false) ||
	    json_bool_or(s->facts, "account/blocked", false))
		can = "BLOCKED";
	json_put(hook, "application", json_str(s->facts, "webhook/url"));
	json_put(hook, "whatsapp_business_account",
	    json_str(s->facts, "account/override_callback_uri"));
	json_put_new(o, "webhook_configuration", hook);
	waba = json_pack("{ss ss ss}", "entity_type", "WABA", "id",
	    json_str_or(s->facts, "account/id", ""), "can_send_message",
	    !paid || json_bool_or(s->facts, "account/restricted", false) ?
		"BLOCKED" :
		"AVAILABLE");
	if (!paid)
		json_put_new(waba, "errors",
		    json_pack("[{si ss ss}]", "error_code", 141006,
			"error_description",
			"There is an error with the payment method.",
			"possible_solution",
			"Add a payment method to the account."));
	json_put_new(o, "health_status",
	    json_pack("{ss s[{ss ss ss} o {ss ss ss}]}", "can_send_message",
		can, "entities", "entity_type", "PHONE_NUMBER", "id", id,
		"can_send_message", can, waba, "entity_type", "APP", "id",
		json_str_or(s->facts, "app/id", ""), "can_send_message",
		json_bool_or(s->facts, "app/live", true) ? "AVAILABLE" :
							   "LIMITED"));
	return o;
}

static struct sim_reply
number_get(struct sim_call *c, const json_t *number)
{
	static const char usual[] = "id,verified_name,code_verification_status,"
				    "display_phone_number,quality_rating,"
				    "platform_type,throughput,"
				    "webhook_configuration";
	json_t *o = sim_number_json(c->s, number), *few;
	char name[64];

	if (sim_param(c, "fields") != NULL)
		return sim_picked(c, o);
	few = sim_pick(o, usual, name);
	json_decref(o);
	return sim_reply_json(200, few);
}

static struct sim_reply
register_number(struct sim_call *c, const json_t *number, bool on)
{
	const char *pin = sim_param(c, "pin");

	if (!sim_is_method(c, "POST"))
		return sim_no_call(c);
	if (on) {
		if (strcmp(sim_param(c, "messaging_product") != NULL ?
			    sim_param(c, "messaging_product") :
			    "",
			"whatsapp") != 0)
			return sim_refuse(c, SIM_MISSING,
			    "messaging_product is required");
		if (pin == NULL || strlen(pin) != 6 ||
		    strspn(pin, "0123456789") != 6)
			return sim_refuse(c, SIM_PARAMETER,
			    "pin must be 6 digits");
		/* 000000: none was set yet. */
		if (strcmp(json_str_or(number, "pin", "000000"), "000000") !=
			0 &&
		    strcmp(json_str_or(number, "pin", ""), pin) != 0)
			return sim_refuse(c, SIM_PIN, "the PIN is another one");
		json_put((json_t *)number, "pin", pin);
	}
	json_object_set_new((json_t *)number, "registered", json_boolean(on));
	return sim_success();
}

static struct sim_reply
history(struct sim_call *c, const json_t *number)
{
	const char *only = sim_param(c, "message_id");
	const char *fields = sim_param(c, "fields");
	const char *id = json_str_or(number, "id", "");
	bool received = json_bool_or(c->s->facts, "history_received", true);
	bool events = fields == NULL || strstr(fields, "events") != NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < c->s->nhistory; i++) {
		const struct sim_entry *e = c->s->history[i];

		if (strcmp(e->number, id) != 0 || (e->incoming && !received) ||
		    (only != NULL && strcmp(e->wamid, only) != 0))
			continue;
		json_array_append_new(list, sim_history_json(c->s, e, events));
	}
	if (only != NULL && json_array_size(list) == 0) {
		struct sim_reply r = sim_refuse(c, SIM_PARAMETER,
		    "no message of this message_id");

		json_decref(list);
		r.status = 422;
		return r;
	}
	return sim_paged(c, list);
}

/* Who may be blocked: who wrote within the day. */
static void
block_one(struct sim_call *c, const char *number, const json_t *user,
    bool block, json_t *done, json_t *failed)
{
	const char *input =
	    json_str_or(user, "user", json_str_or(user, "user_id", ""));
	struct sim_customer *who = NULL;
	const char *why = NULL;
	char *digits = xstrdup(input), *to = digits;
	json_t *o = json_object();
	int64_t blocked = 0;

	if (!sim_is_bsuid(input)) {
		for (const char *p = input; *p != '\0'; p++)
			if (isdigit((unsigned char)*p))
				*to++ = *p;
		*to = '\0';
	}
	who = sim_customer_find(c->s, number, digits);
	for (const struct sim_customer *k = c->s->customers; k != NULL;
	     k = k->all)
		blocked += k->blocked;
	if (block && blocked >= BLOCK_MOST)
		why = "the block list is full";
	else if (block &&
	    (who == NULL || who->wrote_ms < 0 ||
		sim_clock(c->s) - who->wrote_ms >= c->s->o->window_ms))
		why = "the user has not written in the last 24 hours";
	else if (!block && (who == NULL || !who->blocked))
		why = "the user is not blocked";
	json_put(o, "input", input);
	json_put(o, sim_is_bsuid(digits) ? "user_id" : "wa_id", digits);
	if (why != NULL) {
		json_put_new(o, "errors",
		    json_pack("[{ss si s{ss}}]", "message", why, "code",
			block && blocked >= BLOCK_MOST ? 139101 : SIM_WINDOW,
			"error_data", "details", why));
		json_array_append_new(failed, o);
	} else {
		who->blocked = block;
		json_array_append_new(done, o);
	}
	free(digits);
}

static struct sim_reply
block_users(struct sim_call *c, const json_t *number)
{
	const char *id = json_str_or(number, "id", "");
	bool block = sim_is_method(c, "POST");
	json_t *done, *failed, *user, *got;
	char details[SIM_DETAILS];
	struct sim_reply r;
	bool some;
	size_t i;
	int code;

	if (sim_is_method(c, "GET")) {
		json_t *list = json_array();

		for (const struct sim_customer *k = c->s->customers; k != NULL;
		     k = k->all) {
			if (!k->blocked || strcmp(k->number, id) != 0)
				continue;
			user = json_object();
			json_put(user, "messaging_product", "whatsapp");
			json_put(user, "wa_id", k->wa_id);
			json_put(user, "user_id", k->user_id);
			json_array_append_new(list, user);
		}
		return sim_paged(c, list);
	}
	if (!block && !sim_is_method(c, "DELETE"))
		return sim_no_call(c);
	if (c->body == NULL)
		return sim_refuse(c, SIM_PARAMETER,
		    "the body is no JSON object");
	if ((code = sim_check_block(c->body, details)) != 0)
		return sim_refuse(c, code, details);
	done = json_array();
	failed = json_array();
	json_array_foreach(json_object_get(c->body, "block_users"), i, user)
		block_one(c, id, user, block, done, failed);
	some = json_array_size(failed) > 0;
	got = json_pack("{ss s{so so}}", "messaging_product", "whatsapp",
	    "block_users", block ? "added_users" : "removed_users", done,
	    "failed_users", failed);
	if (some) {
		json_t *e = sim_error(SIM_BLOCK_SOME, 0, NULL, c->s->calls);

		json_object_update(got, e);
		json_decref(e);
	}
	r = sim_reply_json(some ? 400 : 200, got);
	return r;
}

struct sim_reply
sim_number_call(struct sim_call *c, const json_t *number)
{
	bool management = strcmp(c->edge, "messages") != 0 &&
	    strcmp(c->edge, "media") != 0 &&
	    strcmp(c->edge, "block_users") != 0;

	if (!sim_may(c, management))
		return sim_refuse(c, SIM_NO_SCOPE,
		    management ? "whatsapp_business_management is missing" :
				 "whatsapp_business_messaging is missing");
	if (strcmp(c->edge, "messages") == 0)
		return messages(c, number);
	if (strcmp(c->edge, "media") == 0)
		return upload(c);
	if (strcmp(c->edge, "block_users") == 0)
		return block_users(c, number);
	if (strcmp(c->edge, "register") == 0)
		return register_number(c, number, true);
	if (strcmp(c->edge, "deregister") == 0)
		return register_number(c, number, false);
	if (strcmp(c->edge, "message_history") == 0 && sim_is_method(c, "GET"))
		return history(c, number);
	if (*c->edge == '\0' && sim_is_method(c, "GET"))
		return number_get(c, number);
	return sim_no_call(c);
}
