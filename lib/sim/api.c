/*
 * api.c - calls by their paths
 *
 *	/vNN.N/NODE[/EDGE]	the Graph API
 *	/sim/WHAT		the control side, and the bytes of media
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/account.h"
#include "sim/api.h"
#include "sim/errors.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"
#include "sim/media.h"
#include "sim/number.h"
#include "sim/script.h"
#include "sim/send.h"

/* Media and single objects. */

static struct sim_reply
object_call(struct sim_call *c)
{
	struct sim_media *m = sim_media_find(c->s, c->node);
	size_t i;
	json_t *t;

	if (m != NULL && *c->edge == '\0') {
		if (!sim_may(c, false))
			return sim_refuse(c, SIM_NO_SCOPE,
			    "whatsapp_business_messaging is missing");
		if (sim_is_method(c, "GET"))
			return sim_reply_json(200, sim_media_json(c->s, m));
		if (sim_is_method(c, "DELETE")) {
			sim_media_remove(c->s, m);
			return sim_success();
		}
	}
	json_array_foreach(json_object_get(c->s->facts, "templates"), i, t)
		if (strcmp(json_str_or(t, "id", ""), c->node) == 0 &&
		    *c->edge == '\0' && sim_is_method(c, "GET"))
			return sim_picked(c, sim_template_json(t));
	for (i = 0; i < c->s->nhistory; i++)
		if (strcmp(c->s->history[i]->id, c->node) == 0 &&
		    strcmp(c->edge, "events") == 0)
			return sim_paged(c,
			    sim_history_events(c->s, c->s->history[i]));
	return sim_no_call(c);
}

static struct sim_reply
graph_call(struct sim_call *c)
{
	const struct sim *s = c->s;
	const json_t *number = sim_facts_number(s, c->node);

	if (strcmp(c->node, "debug_token") == 0 && *c->edge == '\0')
		return sim_debug_token(c);
	if (strcmp(c->node, json_str_or(s->facts, "app/id", "")) == 0)
		return sim_app_call(c);
	if (c->app)
		return sim_reply_error(c->s, SIM_NO_PERMISSION, 0,
		    "not with the app's access token");
	if (number != NULL)
		return sim_number_call(c, number);
	if (strcmp(c->node, json_str_or(s->facts, "account/id", "")) == 0)
		return sim_account_call(c);
	return object_call(c);
}

/* What faults call it: the edge, or what the node is. */
static const char *
edge_name(const struct sim_call *c)
{
	if (strcmp(c->edge, "messages") == 0 && c->body != NULL &&
	    json_object_get(c->body, "status") != NULL)
		return "read";
	if (*c->edge != '\0')
		return c->edge;
	if (strcmp(c->node, "debug_token") == 0)
		return c->node;
	if (sim_facts_number(c->s, c->node) != NULL)
		return "number";
	return sim_media_find(c->s, c->node) != NULL ? "file" : "object";
}

static void
record(struct sim_call *c, const struct sim_reply *r)
{
	struct sim *s = c->s;
	json_t *o;
	char *line, *whole, text[TIME_TEXT_BYTES];

	if (s->record_fd < 0)
		return;
	o = json_object();
	json_put_int(o, "n", (int64_t)s->calls);
	json_put(o, "time", time_text(now_ms(), text));
	json_put(o, "method", c->method);
	json_put(o, "path", request_path(c->q));
	json_put(o, "agent", request_header(c->q, "User-Agent"));
	json_put_new(o, "authorized", json_boolean(c->authorized));
	json_put(o, "fault", c->fault != NULL ? c->fault->name : NULL);
	if (r->text != NULL)
		json_put_int(o, "status", r->status);
	json_put(o, "id", c->wamid);
	if (c->body != NULL)
		json_object_set(o, "body", c->body);
	line = json_text(o);
	whole = xformat("%s\n", line);
	if (write_all(s->record_fd, whole, strlen(whole)) < 0)
		sim_fail(s, err_errno(ERR_IO, "%s", s->o->record_file));
	free(whole);
	free(line);
	json_decref(o);
}

static void
read_body(struct sim_call *c)
{
	const char *type = request_header(c->q, "Content-Type");

	c->bytes = request_body(c->q, &c->len);
	if (c->len == 0)
		return;
	if (type != NULL &&
	    str_starts(type, "application/x-www-form-urlencoded"))
		c->params = sim_form_plain(c->bytes, c->len);
	if ((type == NULL || !str_starts(type, "multipart/")) &&
	    json_object_parse(c->bytes, c->len, &c->body) < 0)
		c->body = NULL;
}

/* Faults of messages are met in sim_send, after the message was looked at. */
static void
graph(struct sim_call *c)
{
	struct sim *s = c->s;
	struct sim_reply r;
	int code, subcode;
	bool sending;

	s->calls++;
	s->active_ms = mono_ms();
	c->method = request_method(c->q);
	code = sim_authorize(c, &subcode);
	c->authorized = code == 0;
	if (code == 0) {
		read_body(c);
		c->fault = sim_fault_draw(s->faults, edge_name(c), s->calls);
	}
	sending = strcmp(edge_name(c), "messages") == 0;
	if (code != 0) {
		r = sim_reply_error(s, code, subcode, NULL);
	} else if (!sending && !sim_fault_taken(c->fault)) {
		r = sim_fault_reply(s, c->fault, NULL);
	} else {
		r = graph_call(c);
		if (!sending && c->fault != NULL && r.status == 200) {
			sim_fault_tell(s, c->fault, NULL);
			sim_fault_spoil(&r, c->fault);
		}
	}
	record(c, &r);
	if (!r.pending)
		sim_wire_answer(s, c->q, r);
	json_decref(c->body);
	json_decref(c->params);
}

/* "/v23.0/NODE/EDGE" in three; false if it is none. */
static bool
graph_path(const char *path, struct sim_call *c)
{
	const char *node, *edge;
	size_t digits;

	if (!str_starts(path, "/v"))
		return false;
	digits = strspn(path + 2, "0123456789.");
	if (digits == 0 || path[2 + digits] != '/')
		return false;
	node = path + 3 + digits;
	edge = node + strcspn(node, "/");
	c->version = xstrndup(path + 1, digits + 1);
	c->node = xstrndup(node, (size_t)(edge - node));
	c->edge = xstrdup(*edge == '/' ? edge + 1 : "");
	return true;
}

/* The control side. */

static struct sim_reply
control_error(int status)
{
	return sim_reply_json(status, json_pack("{ss}", "error", err_reason()));
}

static struct sim_reply
control_message(struct sim *s, const char *text, size_t len)
{
	char id[128] = "";
	json_t *line;
	int code = json_object_parse(text, len, &line);

	if (code == 0) {
		code = sim_script_say(s, line, false, id);
		json_decref(line);
	}
	if (code < 0)
		return control_error(400);
	return sim_reply_json(200, json_pack("{ss}", "id", id));
}

static struct sim_reply
control_fault(struct sim *s, const char *text, size_t len)
{
	char *spec = xstrndup(text, len);
	struct sim_faults *faults;
	int code;

	spec[strcspn(spec, "\n")] = '\0';
	code = sim_faults_parse(spec, (uint64_t)s->o->seed, &faults);
	free(spec);
	if (code < 0)
		return control_error(400);
	sim_faults_free(s->faults);
	s->faults = faults;
	return sim_success();
}

static struct sim_reply
control_state(struct sim *s, const char *text, size_t len)
{
	json_t *patch;
	int code = json_object_parse(text, len, &patch);

	if (code == 0) {
		code = sim_facts_merge(s, patch);
		json_decref(patch);
	}
	if (code == 0)
		code = sim_facts_keys(s);
	return code < 0 ? control_error(400) : sim_success();
}

static struct sim_reply
show_state(const struct sim *s)
{
	json_t *o = json_pack("{sI sI sI sI sI}", "calls", (json_int_t)s->calls,
	    "webhooks_taken", (json_int_t)s->posted, "webhooks_waiting",
	    (json_int_t)sim_hook_open(s), "webhooks_dropped",
	    (json_int_t)s->dropped, "webhooks_lost", (json_int_t)s->lost);
	json_t *facts = sim_facts_shown(s);

	json_object_update(o, facts);
	json_decref(facts);
	return sim_reply_json(200, o);
}

/* The bytes of media: for who bears the token, and not for long. */
static void
download(struct sim *s, struct request *q, const char *id)
{
	struct sim_call c = { .s = s,
		.q = q,
		.method = request_method(q),
		.node = (char *)id,
		.edge = (char *)"download" };
	struct sim_reply r;
	int subcode, code = sim_authorize(&c, &subcode);

	s->calls++;
	s->active_ms = mono_ms();
	c.authorized = code == 0;
	if (code == 0)
		c.fault = sim_fault_draw(s->faults, "download", s->calls);
	if (code != 0) {
		r = sim_reply_error(s, code, subcode, NULL);
	} else if (!sim_fault_taken(c.fault)) {
		r = sim_fault_reply(s, c.fault, NULL);
	} else {
		r = (struct sim_reply){ .status = 200,
			.media =
			    sim_media_at(s, id, request_query(q, "ticket")) };
		if (r.media == NULL) {
			r = sim_reply_error(s, SIM_PARAMETER, 0,
			    "the URL is not good any more");
			r.status = 404;
		} else if (c.fault != NULL) {
			sim_fault_tell(s, c.fault, NULL);
			/* Broken bytes need no more than a text. */
			r.media = NULL;
			r.text = xstrdup("half of a file, and no more of it");
			sim_fault_spoil(&r, c.fault);
		}
	}
	record(&c, &r);
	sim_wire_answer(s, q, r);
}

static struct sim_reply
control(struct sim *s, struct request *q, const char *what)
{
	static const char *const pages[] = { "fault", "message", "state",
		NULL };
	bool post = strcmp(request_method(q), "POST") == 0;
	size_t len;
	const char *text = request_body(q, &len);

	if (post && strcmp(what, "message") == 0)
		return control_message(s, text, len);
	if (post && strcmp(what, "fault") == 0)
		return control_fault(s, text, len);
	if (post && strcmp(what, "state") == 0)
		return control_state(s, text, len);
	if (strcmp(request_method(q), "GET") == 0 && strcmp(what, "state") == 0)
		return show_state(s);
	if (str_in(what, pages))
		return sim_reply_json(405,
		    json_pack("{ss}", "error",
			strcmp(what, "state") == 0 ? "GET it or POST to it" :
						     "POST to it"));
	return sim_reply_json(404, json_pack("{ss}", "error", "no such page"));
}

void
sim_api(struct sim *s, struct request *q)
{
	struct sim_call c = { .s = s, .q = q };
	const char *path = request_path(q);
	struct sim_reply r;

	if (str_starts(path, "/sim/media/")) {
		download(s, q, path + 11);
	} else if (str_starts(path, "/sim/")) {
		sim_wire_answer(s, q, control(s, q, path + 5));
	} else if (graph_path(path, &c)) {
		graph(&c);
		free(c.version);
		free(c.node);
		free(c.edge);
	} else {
		r = sim_reply_error(s, 2500, 0, "no such path");
		r.status = 404;
		sim_wire_answer(s, q, r);
	}
}
