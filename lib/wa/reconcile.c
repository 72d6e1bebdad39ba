/*
 * reconcile - inbox and outbox held against the provider's message history
 *
 * Source: Meta's description of the business messaging API, v23.0:
 * message_history.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/act.h"
#include "desk/contact.h"
#include "desk/message.h"
#include "desk/settings.h"
#include "net/http.h"
#include "store/inbox.h"
#include "wa/early.h"
#include "wa/graph.h"
#include "wa/inbound.h"
#include "wa/reconcile.h"
#include "wa/webhook.h"

#define PAGE 100
#define ENTRIES_MAX 1000000
#define UNLISTED_MS 60000 /* the history may be a little behind */
#define EARLY_MS 2000	  /* times of the history are cut to seconds */
#define LATE_MS 5000	  /* behind the end of a call */
#define BODIES 256	  /* of the inbox, at a time */

/* An entry that is no message of ours, as far as we know. */
struct stray {
	json_t *row;
	int64_t first_ms; /* its first step */
	char *number;	  /* digits its id holds; NULL: none */
	bool sent;	  /* it went out: what comes in is never SENT */
	size_t matches;
};

struct held {
	char *id, *conversation;
	char *number; /* whom it is for; NULL: not known */
	int64_t attempt_ms;
	struct stray *match;
	size_t matches;
};

struct work {
	struct store *s;
	const struct reconcile_options *o;
	json_t *rows;
	json_t *listed; /* wamids of ours, as keys */
	struct stray *strays;
	size_t nstrays;
	int64_t cursor; /* what of the inbox was done before we looked */
	/* Whether a body is still to be read, by what it tells of: a wamid, or
	 * "WAMID STATUS". */
	json_t *inbox;
};

/* The digits of a customer's number in a wamid of the provider; NULL: none. */
static char *
number_in(const char *wamid)
{
	unsigned char raw[256];
	size_t len = 0, i;

	if (!str_starts(wamid, "wamid."))
		return NULL;
	wamid += strlen("wamid.");
	if (sodium_base642bin(raw, sizeof(raw), wamid, strlen(wamid), NULL,
		&len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return NULL;
	/* A field of text: 0x18, its length, digits. */
	if (len < 4 || raw[1] != 0x18 || raw[2] < 5 || raw[2] > 20 ||
	    3 + (size_t)raw[2] > len)
		return NULL;
	for (i = 0; i < raw[2]; i++)
		if (!isdigit(raw[3 + i]))
			return NULL;
	return xstrndup((char *)raw + 3, raw[2]);
}

/* "DELIVERED" of the history as a status of ours; NULL: none. */
static const char *
status_of(const char *word)
{
	static const char *const known[][2] = { { "SENT", "sent" },
		{ "DELIVERED", "delivered" }, { "READ", "read" },
		{ "FAILED", "failed" }, { "DELETED", "deleted" } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(word, known[i][0]) == 0)
			return known[i][1];
	return NULL;
}

static json_t *
row_of(const char *difference, const char *wamid, const json_t *event,
    const char *status)
{
	json_t *o = json_object();
	char stamp[TIME_TEXT_BYTES];
	const char *told = json_str(event, "webhook_update_state");

	json_put(o, "difference", difference);
	json_object_set_new(o, "wamid", json_text_new(wamid));
	json_put(o, "status", status);
	if (event != NULL)
		json_put(o, "time",
		    time_text(json_int_or(event, "timestamp", 0) * 1000,
			stamp));
	json_put(o, "webhook", told);
	json_put(o, "why", json_str(event, "error_description"));
	return o;
}

static int
has_status(struct store *s, const char *instance, const char *wamid,
    const char *status)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM message_status WHERE instance = :instance"
	    " AND wamid = :wamid AND (status = :status"
	    "  OR (:status = 'read' AND status = 'played'))");

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":wamid", wamid);
	bind_text(&q, ":status", status);
	return any_row(&q);
}

/* The steps of a message of ours that we were never told. */
static int
compare_ours(struct work *w, const struct message *m, const json_t *events)
{
	const char *status;
	json_t *e, *row;
	size_t i;
	int code = 0;

	json_object_set_new(w->listed, m->wamid, json_true());
	if (strcmp(m->direction, "out") != 0)
		return 0;
	json_array_foreach(events, i, e) {
		status = status_of(json_str_or(e, "delivery_status", ""));
		if (status == NULL ||
		    json_int_or(e, "timestamp", 0) * 1000 < w->o->since_ms)
			continue;
		code = has_status(w->s, w->o->name, m->wamid, status);
		if (code < 0)
			return code;
		if (code == 1)
			continue;
		row = row_of("status", m->wamid, e, status);
		json_put(row, "message", m->id);
		json_put(row, "conversation", m->conversation);
		json_array_append_new(w->rows, row);
	}
	return 0;
}

/* One that is no message of ours: kept until the held ones are looked at. */
static void
add_stray(struct work *w, const char *wamid, const json_t *events)
{
	struct stray *t;
	const json_t *last = NULL, *e;
	const char *status = NULL;
	int64_t first_ms = 0, ms;
	json_t *steps = json_array();
	bool recent = false, sent = false;
	size_t i;

	json_array_foreach(events, i, e) {
		ms = json_int_or(e, "timestamp", 0) * 1000;
		recent = recent || ms >= w->o->since_ms;
		if (first_ms == 0 || ms < first_ms)
			first_ms = ms;
		if (last == NULL ||
		    ms >= json_int_or(last, "timestamp", 0) * 1000)
			last = e;
		status = status_of(json_str_or(e, "delivery_status", ""));
		sent = sent ||
		    (status != NULL &&
			(strcmp(status, "sent") == 0 ||
			    strcmp(status, "failed") == 0));
		if (status != NULL)
			json_array_append_new(steps,
			    json_pack("{ss sI}", "status", status, "ms",
				(json_int_t)ms));
	}
	if (!recent) {
		json_decref(steps);
		return;
	}
	w->strays = xrealloc(w->strays, (w->nstrays + 1) * sizeof(*w->strays));
	t = &w->strays[w->nstrays++];
	memset(t, 0, sizeof(*t));
	status = status_of(json_str_or(last, "delivery_status", ""));
	t->row = row_of("missing", wamid, last, status);
	json_object_set_new(t->row, "steps", steps);
	t->first_ms = first_ms;
	t->number = number_in(wamid);
	t->sent = sent;
}

static int
entry(struct work *w, const json_t *e)
{
	const char *wamid = json_str(e, "message_id");
	const json_t *events = json_at(e, "events/data");
	struct message *m = NULL;
	int code;

	if (wamid == NULL)
		return 0;
	code = message_by_wamid(w->s, w->o->name, wamid, &m);
	if (code == 0)
		code = compare_ours(w, m, events);
	else if (code == ERR_NOINPUT) {
		add_stray(w, wamid, events);
		code = 0;
	}
	message_free(m);
	return code;
}

static int
pages(struct work *w, struct http *h, const struct graph_place *p)
{
	struct graph_answer a;
	char *after = NULL, *path, *c;
	int64_t n = 0;
	json_t *e;
	size_t i;
	int code = 0;

	do {
		path = xformat("%s/message_history?limit=%d&fields=id,"
			       "message_id,events%%7Bdelivery_status,"
			       "webhook_update_state,timestamp,"
			       "error_description%%7D%s%s",
		    p->number, PAGE, after != NULL ? "&after=" : "",
		    after != NULL ? after : "");
		code = graph_call(h, p, "GET", path, NULL, NULL, &a);
		free(path);
		free(after);
		after = NULL;
		json_array_foreach(json_at(a.root, "data"), i, e) {
			if (code == 0)
				code = entry(w, e);
			n++;
		}
		if (code == 0 && json_str(a.root, "paging/next") != NULL &&
		    json_str(a.root, "paging/cursors/after") != NULL) {
			struct buf b = BUF_INIT(0);

			for (c = (char *)json_str(a.root,
				 "paging/cursors/after");
			     *c != '\0'; c++)
				if (isalnum((unsigned char)*c))
					buf_addc(&b, *c);
				else
					buf_addf(&b, "%%%02X",
					    (unsigned char)*c);
			after = buf_detach(&b);
		}
		graph_answer_release(&a);
		if (w->o->progress != NULL)
			w->o->progress(n);
	} while (code == 0 && after != NULL && n < ENTRIES_MAX);
	free(after);
	return code;
}

/* --- what came after all --- */

/* Where wa-recv --follow stands in the inbox; 0: it never ran. */
static int
inbox_cursor(struct work *w)
{
	struct query q = query(store_desk(w->s),
	    "SELECT seq FROM cursor WHERE name = :name");

	bind_text(&q, ":name", INBOUND_WRITER);
	if (step(&q))
		w->cursor = column_int(&q, 0);
	return done(&q);
}

static void
note_body(struct work *w, const struct inbox_body *b)
{
	struct webhook *hook = webhook_parse(b->body, b->len);
	const struct webhook_item *it;
	bool waits = b->place > w->cursor;
	char *key;
	size_t i;

	for (i = 0; i < hook->count; i++) {
		it = &hook->items[i];
		if (it->wamid == NULL)
			continue;
		key = it->status != NULL ?
		    xformat("%s %s", it->wamid, it->status) :
		    xstrdup(it->wamid);
		/* What came twice was read once: that counts. */
		if (!json_is_false(json_object_get(w->inbox, key)))
			json_object_set_new(w->inbox, key, json_boolean(waits));
		free(key);
	}
	webhook_free(hook);
}

/* What the bodies that are kept tell of, as far back as we look. */
static int
read_inbox(struct work *w)
{
	struct inbox_body *bodies = NULL;
	struct inbox *in = NULL;
	int64_t place = inbox_day_place(w->o->since_ms);
	size_t n = 0, i;
	int code = inbox_open(store_dir(w->s), false, &in);

	do {
		if (code == 0)
			code = inbox_read(in, place, BODIES, &bodies, &n);
		for (i = 0; code == 0 && i < n; i++) {
			note_body(w, &bodies[i]);
			place = bodies[i].place;
		}
		free(bodies);
		bodies = NULL;
	} while (code == 0 && n > 0);
	inbox_close(in);
	return code;
}

/* Statuses that stand in the inbox have reached us. */
static void
mark_waiting(struct work *w)
{
	json_t *row;
	char *key;
	size_t i;

	json_array_foreach(w->rows, i, row) {
		if (strcmp(json_str_or(row, "difference", ""), "status") != 0)
			continue;
		key = xformat("%s %s", json_str_or(row, "wamid", ""),
		    json_str_or(row, "status", ""));
		if (json_is_true(json_object_get(w->inbox, key)))
			json_put(row, "difference", "waiting");
		free(key);
	}
}

/* A message that is in no talk, and was told of: it waits in the inbox, or was
 * read and is none that is kept. True if it is no difference. */
static bool
came(const struct work *w, json_t *row)
{
	const json_t *waits =
	    json_object_get(w->inbox, json_str_or(row, "wamid", ""));

	if (json_is_true(waits))
		json_put(row, "difference", "waiting");
	return json_is_false(waits);
}

/* --- what is held --- */

static int
held_list(struct work *w, struct held **ret, size_t *ret_count)
{
	/* The list is there for the index, which is of these alone. */
	struct query q = query(store_desk(w->s),
	    "SELECT id, conversation, contact, attempt_ms FROM message"
	    " WHERE direction = 'out' AND status IN ('queued', 'sending',"
	    "  'held') AND status = 'held' AND instance = :instance"
	    " AND wamid IS NULL AND attempt_ms >= :since ORDER BY attempt_ms");
	struct held *list = NULL, *h;
	size_t n = 0;
	int code;

	bind_text(&q, ":instance", w->o->name);
	bind_int(&q, ":since", w->o->since_ms);
	while (step(&q)) {
		list = xrealloc(list, (n + 1) * sizeof(*list));
		h = &list[n++];
		memset(h, 0, sizeof(*h));
		h->id = column_copy(&q, 0);
		h->conversation = column_copy(&q, 1);
		h->number = column_copy(&q, 2); /* the contact, for now */
		h->attempt_ms = column_int(&q, 3);
	}
	code = done(&q);
	for (size_t i = 0; i < n; i++) {
		char *phone = contact_alias(w->s, list[i].number, "phone");

		free(list[i].number);
		list[i].number = phone;
	}
	*ret = list;
	*ret_count = n;
	return code;
}

static bool
may_be(const struct work *w, const struct held *h, const struct stray *t)
{
	if (!t->sent)
		return false;
	if (t->number != NULL &&
	    (h->number == NULL || strcmp(t->number, h->number) != 0))
		return false;
	return t->first_ms >= h->attempt_ms - EARLY_MS &&
	    t->first_ms <= h->attempt_ms + w->o->timeout_ms + LATE_MS;
}

/* Only what can be nothing else is taken for a held message. */
static int
match_held(struct work *w)
{
	struct held *list = NULL, *h;
	struct stray *t;
	json_t *row;
	size_t n = 0, i, k;
	int code = held_list(w, &list, &n);

	for (i = 0; i < n; i++)
		for (k = 0; k < w->nstrays; k++)
			if (may_be(w, &list[i], &w->strays[k])) {
				list[i].match = &w->strays[k];
				list[i].matches++;
				w->strays[k].matches++;
			}
	for (i = 0; i < n; i++) {
		h = &list[i];
		t = h->matches == 1 && h->match->matches == 1 ? h->match : NULL;
		if (t != NULL) {
			row = t->row;
			t->row = NULL;
			json_put(row, "difference", "held");
		} else
			row = row_of("held", NULL, NULL, NULL);
		json_put(row, "message", h->id);
		json_put(row, "conversation", h->conversation);
		json_array_append_new(w->rows, row);
		free(h->id);
		free(h->conversation);
		free(h->number);
	}
	free(list);
	for (k = 0; k < w->nstrays; k++) {
		if (w->strays[k].row != NULL) {
			json_object_del(w->strays[k].row, "steps");
			if (came(w, w->strays[k].row))
				json_decref(w->strays[k].row);
			else
				json_array_append_new(w->rows,
				    w->strays[k].row);
		}
		free(w->strays[k].number);
	}
	free(w->strays);
	return code;
}

static int
unlisted(struct work *w)
{
	struct query q = query(store_desk(w->s),
	    "SELECT id, conversation, wamid FROM message"
	    " WHERE direction = 'out' AND instance = :instance"
	    " AND wamid IS NOT NULL AND attempt_ms BETWEEN :since AND :until"
	    " ORDER BY attempt_ms");
	const char *wamid;
	json_t *row;

	bind_text(&q, ":instance", w->o->name);
	bind_int(&q, ":since", w->o->since_ms);
	bind_int(&q, ":until", now_ms() - UNLISTED_MS);
	while (step(&q)) {
		wamid = column_text(&q, 2);
		if (json_object_get(w->listed, wamid) != NULL)
			continue;
		row = row_of("unlisted", wamid, NULL, NULL);
		json_put(row, "message", column_text(&q, 0));
		json_put(row, "conversation", column_text(&q, 1));
		json_array_append_new(w->rows, row);
	}
	return done(&q);
}

int
reconcile_read(struct store *s, const struct conf *c,
    const struct reconcile_options *o, json_t **ret_rows)
{
	struct graph_options from = { .reader = "wa-instance" };
	struct http_limits limits = { .total_ms = 60000,
		.max_bytes = 16 * 1024 * 1024 };
	struct work w = { .s = s, .o = o };
	struct graph_place p;
	struct http *h = NULL;
	int code;

	if (sodium_init() < 0)
		return err_set(ERR_BUG, "no base64");
	code = graph_place(c, s, o->name, &from, &p);
	if (code < 0)
		return code;
	w.rows = json_array();
	w.listed = json_object();
	w.inbox = json_object();
	/* First: what is read while we look is no status that never came. */
	code = inbox_cursor(&w);
	if (code == 0)
		code = http_new(&limits, &h);
	if (code == 0)
		code = pages(&w, h, &p);
	if (code == 0 && (w.nstrays > 0 || json_array_size(w.rows) > 0))
		code = read_inbox(&w);
	if (code == 0)
		mark_waiting(&w);
	if (code == 0)
		code = unlisted(&w);
	/* Also ends the strays. */
	if (code == 0)
		code = match_held(&w);
	http_free(h);
	graph_place_release(&p);
	json_decref(w.listed);
	json_decref(w.inbox);
	if (code == 0)
		*ret_rows = w.rows;
	else
		json_decref(w.rows);
	return code;
}

/* --- settling --- */

/* A status, as if a webhook had told it. message: what it is of, if the wamid
 * is not known yet. */
static int
apply(struct store *s, const struct webhook_item *number, const char *wamid,
    const char *message, const char *status, int64_t at_ms)
{
	struct webhook_item it = *number;
	char id[ULID_BYTES], *type = xformat("message.%s", status);
	int code;

	it.what = WEBHOOK_STATUS;
	it.type = type;
	it.wa_ms = at_ms;
	it.wamid = wamid;
	it.tracker = message;
	it.status = status;
	code = inbound_apply(s, &it, now_ms(), id);
	free(type);
	return code;
}

/* The history has named a message of ours: what webhooks told under that name
 * before is told of it now. */
static int
name_held(struct store *s, const char *message, const char *wamid)
{
	struct event *cause = NULL;
	struct act act;
	int code = message_name(s, message, wamid);

	if (code < 0)
		return code;
	/* Its id is that of the event that queued it. */
	code = log_get(s, message, &cause);
	if (code < 0 && code != ERR_NOINPUT)
		return code;
	act_program(&act, s, "wa-instance", cause, "system");
	code = early_tell(&act, message);
	act_release(&act);
	event_free(cause);
	return code < 0 ? code : 0;
}

static int
settle_row(struct store *s, const struct webhook_item *number,
    const json_t *row)
{
	const char *wamid = json_str(row, "wamid"),
		   *message = json_str(row, "message");
	json_t *steps = json_object_get(row, "steps"), *st;
	int64_t at_ms = 0;
	size_t i;
	int code = 0;

	if (strcmp(json_str_or(row, "difference", ""), "status") == 0) {
		code = time_parse(json_str_or(row, "time", ""), &at_ms);
		if (code == 0)
			code = apply(s, number, wamid, NULL,
			    json_str_or(row, "status", ""), at_ms);
		return code;
	}
	if (message != NULL)
		code = name_held(s, message, wamid);
	json_array_foreach(steps, i, st)
		if (code == 0)
			code = apply(s, number, wamid, message,
			    json_str_or(st, "status", ""),
			    json_int_or(st, "ms", 0));
	return code;
}

static bool
can_settle(const json_t *row)
{
	const char *what = json_str_or(row, "difference", "");

	return json_str(row, "wamid") != NULL &&
	    (strcmp(what, "status") == 0 || strcmp(what, "held") == 0);
}

int
reconcile_settle(struct store *s, const struct conf *c, const char *name,
    const json_t *rows, size_t *ret_done)
{
	char *section = xformat("instance %s", name);
	struct webhook_item number = { .number_id = setting_text(c, section,
					   "phone_number_id"),
		.account = setting_text(c, section, "account_id") };
	json_t *row;
	size_t i;
	int code = number.number_id == NULL ?
	    err_set(ERR_CONFIG, "no phone_number_id is set") :
	    0;

	*ret_done = 0;
	json_array_foreach((json_t *)rows, i, row) {
		if (code < 0 || !can_settle(row))
			continue;
		/* A transaction each: there are few of them. */
		code = store_begin(s);
		if (code < 0)
			break;
		code = settle_row(s, &number, row);
		if (code < 0) {
			store_rollback(s);
			break;
		}
		code = store_commit(s);
		if (code == 0) {
			json_object_set_new(row, "settled", json_true());
			(*ret_done)++;
		}
	}
	free(section);
	return code;
}
