/* hook.c - webhooks out */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 10000
#define BATCH_MS 100   /* how long one waits for company */
#define SHUFFLE_MS 400 /* how far one may get out of its place */

/* A webhook to be posted. */
struct sim_post {
	struct sim_post *next; /* behind another one of its customer */
	json_t *body;
	char field[64];
	struct sim_customer *customer; /* NULL: not a customer's message */
	struct sim_sent *sent;	       /* NULL: not a status */
	struct sim_entry *entry;       /* NULL: not in the history */
	int event;
	char id[128];
	int64_t due_ms, born_ms;
	uint64_t order;
	int attempt;
	bool lost;   /* it goes nowhere */
	bool copy;   /* of one that went before */
	bool single; /* posted alone */
};

/* Those in one body. */
struct flight {
	struct sim *sim;
	size_t count;
	struct sim_post *posts[];
};

/* The heap. */

static bool
sooner(const struct sim_post *a, const struct sim_post *b)
{
	return a->due_ms < b->due_ms ||
	    (a->due_ms == b->due_ms && a->order < b->order);
}

static void
heap_add(struct sim *s, struct sim_post *p, int64_t due_ms)
{
	size_t i = s->nheap++;

	p->due_ms = due_ms;
	p->order = s->order++;
	if (s->nheap > s->heap_room) {
		s->heap_room = s->heap_room * 2 + 64;
		s->heap =
		    xrealloc(s->heap, s->heap_room * sizeof(struct sim_post *));
	}
	for (; i > 0 && sooner(p, s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = p;
}

static struct sim_post *
heap_take(struct sim *s)
{
	struct sim_post *first = s->heap[0], *p = s->heap[--s->nheap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < s->nheap) {
		if (child + 1 < s->nheap &&
		    sooner(s->heap[child + 1], s->heap[child]))
			child++;
		if (!sooner(s->heap[child], p))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = p;
	return first;
}

static void
post_free(struct sim_post *p)
{
	json_decref(p->body);
	free(p);
}

/* Queueing. */

static int64_t
later(struct sim *s, int64_t due_ms)
{
	due_ms += s->o->hook_delay_ms;
	if (s->o->shuffle)
		due_ms += (int64_t)(sim_random(s) * SHUFFLE_MS);
	return due_ms;
}

/* It will not be posted: say so, once. */
static void
lose(struct sim *s, struct sim_post *p, const char *why)
{
	json_t *o;

	p->lost = true;
	s->lost++;
	if (sim_facts_hook(s) == NULL)
		return; /* nobody wanted any */
	o = sim_news("webhook.lost");
	json_put(o, "field", p->field);
	json_put(o, "id", p->sent != NULL ? p->sent->wamid : p->id);
	json_put(o, "reason", why);
	sim_tell(s, o);
}

/* Takes body. */
static struct sim_post *
post_new(struct sim *s, json_t *body, const char *id)
{
	struct sim_post *p = xcalloc(1, sizeof *p);
	const char *field = json_str(body, "entry/0/changes/0/field");

	p->body = body;
	p->born_ms = mono_ms();
	p->event = -1;
	/* A raw body may be anything. */
	p->single = field == NULL ||
	    json_array_size(json_at(body, "entry")) != 1 ||
	    json_array_size(json_at(body, "entry/0/changes")) != 1;
	snprintf(p->field, sizeof p->field, "%s", field != NULL ? field : "");
	snprintf(p->id, sizeof p->id, "%s", id);
	(void)s;
	return p;
}

static void
post_queue(struct sim *s, struct sim_post *p, int64_t due_ms)
{
	const char *why =
	    sim_facts_deaf(s, p->field[0] != '\0' ? p->field : NULL);
	struct sim_customer *c = p->customer;
	struct sim_post *copy;

	if (why != NULL) {
		lose(s, p, why);
		sim_history_told(s, p->entry, p->event, SIM_NOT_TOLD, why);
	} else if (s->duplicate > 0 && sim_random(s) < s->duplicate) {
		copy = post_new(s, json_incref(p->body), p->id);
		copy->copy = true;
		heap_add(s, copy,
		    due_ms + (int64_t)(sim_random(s) * 3 * SHUFFLE_MS));
	}
	if (c == NULL || !c->busy || s->o->shuffle) {
		if (c != NULL)
			c->busy = true;
		heap_add(s, p, later(s, due_ms));
		return;
	}
	s->lined++;
	if (c->first != NULL)
		c->end->next = p;
	else
		c->first = p;
	c->end = p;
}

void
sim_hook_said(struct sim *s, json_t *body, struct sim_customer *c,
    struct sim_entry *entry, const char *id)
{
	struct sim_post *p = post_new(s, body, id);

	p->customer = c;
	p->entry = entry;
	p->event =
	    entry != NULL ? sim_history_event(s, entry, "delivered") : -1;
	post_queue(s, p, mono_ms());
}

void
sim_hook_field(struct sim *s, const char *field, json_t *value)
{
	json_t *body =
	    sim_body(json_str_or(s->facts, "account/id", ""), field, value);

	post_queue(s, post_new(s, body, field), mono_ms());
}

void
sim_hook_status(struct sim *s, const struct sim_number *n,
    const struct sim_said *m, const char *status, int code)
{
	struct sim_post *p =
	    post_new(s, sim_status(n, m, status, code, now_ms()), status);

	p->entry = sim_history_find(s, m->wamid);
	p->event = sim_history_event(s, p->entry, status);
	post_queue(s, p, mono_ms());
}

static void
sent_free(struct sim_sent *m)
{
	free((char *)m->number.phone_number_id);
	free((char *)m->number.account_id);
	free((char *)m->number.phone);
	free(m->to);
	free(m->opaque);
	free(m->category);
	free(m);
}

/* The status of the next step; NULL: there is none. */
static const char *
next_status(const struct sim_sent *m)
{
	static const char *const steps[] = { "sent", "delivered", "read",
		"played" };

	if (m->undelivered != 0)
		return m->step == 0 ? "sent" : m->step == 1 ? "failed" : NULL;
	if (m->step < (m->played ? 4 : 3))
		return steps[m->step];
	return NULL;
}

static bool
climb_once(struct sim *s, struct sim_sent *m)
{
	struct sim_said said = { m->wamid, m->to, m->opaque, m->category,
		m->free };
	const char *status = next_status(m);
	struct sim_post *p;
	int code;

	if (status == NULL)
		return false;
	code = strcmp(status, "failed") == 0 ? m->undelivered : 0;
	p = post_new(s, sim_status(&m->number, &said, status, code, now_ms()),
	    status);
	p->sent = m;
	p->entry = m->entry;
	p->event = sim_history_event(s, m->entry, status);
	m->step++;
	post_queue(s, p,
	    mono_ms() +
		(s->o->shuffle	    ? (m->step - 1) * s->o->status_ms :
			m->step > 1 ? s->o->status_ms :
				      0));
	return true;
}

void
sim_hook_climb(struct sim *s, struct sim_sent *m)
{
	if (!s->o->shuffle) {
		climb_once(s, m);
		return;
	}
	while (climb_once(s, m))
		;
}

/* Posting. */

static void
say_posted(struct sim *s, const struct sim_post *p)
{
	json_t *o;

	if (p->sent != NULL) {
		o = sim_news("status");
		json_put(o, "customer", p->sent->to);
		json_put(o, "id", p->sent->wamid);
		json_put(o, "status", p->id);
	} else if (p->customer != NULL) {
		o = sim_news("customer.acknowledged");
		json_put(o, "customer", p->customer->id);
		json_put(o, "id", p->id);
	} else {
		return;
	}
	sim_tell(s, o);
}

/* p has arrived, or never will: what waited for it goes on. */
static void
settled(struct sim *s, struct sim_post *p)
{
	struct sim_customer *c = p->customer;

	/* Shuffled, all of its statuses are under way: step counts them. */
	if (p->sent != NULL &&
	    (s->o->shuffle ? --p->sent->step == 0 : !climb_once(s, p->sent)))
		sent_free(p->sent);
	if (c != NULL) {
		c->busy = c->first != NULL;
		if (c->first != NULL) {
			struct sim_post *n = c->first;

			c->first = n->next;
			s->lined--;
			heap_add(s, n, later(s, mono_ms()));
		}
	}
	post_free(p);
}

static void
post_again(struct sim *s, struct sim_post *p, const char *why)
{
	int64_t back_ms;

	if (p->copy) { /* one is enough */
		post_free(p);
		return;
	}
	if (mono_ms() - p->born_ms > s->o->give_up_ms) {
		s->dropped++;
		log_warnx("a webhook was not taken: %s", why);
		sim_history_told(s, p->entry, p->event, SIM_NOT_TOLD, why);
		settled(s, p);
		return;
	}
	sim_history_told(s, p->entry, p->event, SIM_RETRYING, why);
	back_ms = (int64_t)RETRY_FIRST_MS << (p->attempt < 8 ? p->attempt : 8);
	if (back_ms > RETRY_MOST_MS)
		back_ms = RETRY_MOST_MS;
	p->attempt++;
	heap_add(s, p, mono_ms() + back_ms);
}

static void
on_posted(void *arg, const struct http_result *r)
{
	struct flight *f = arg;
	struct sim *s = f->sim;
	bool taken = r->class == HTTP_ANSWERED && r->status == 200;
	char why[80];

	if (r->why != NULL)
		snprintf(why, sizeof why, "%s", r->why);
	else
		snprintf(why, sizeof why, "answered %d", r->status);
	s->flying -= f->count;
	if (taken)
		s->active_ms = mono_ms();
	for (size_t i = 0; i < f->count; i++) {
		struct sim_post *p = f->posts[i];

		if (!taken) {
			post_again(s, p, why);
			continue;
		}
		s->posted++;
		if (p->copy) {
			post_free(p);
			continue;
		}
		sim_history_told(s, p->entry, p->event, SIM_TOLD, NULL);
		say_posted(s, p);
		settled(s, p);
	}
	free(f);
}

/* Whether two changes go into one value, as several messages of a number. */
static bool
same_value(const json_t *a, const json_t *b, const char *list)
{
	return json_is_array(json_object_get(a, list)) &&
	    json_is_array(json_object_get(b, list)) &&
	    json_equal(json_object_get(a, "metadata"),
		json_object_get(b, "metadata"));
}

/* The change of one more body into a body. */
static void
add_change(json_t *body, const json_t *more)
{
	json_t *changes = json_at(body, "entry/0/changes"), *change;
	const json_t *one = json_at(more, "entry/0/changes/0");
	const json_t *value = json_object_get(one, "value");
	size_t i;

	json_array_foreach(changes, i, change) {
		json_t *v = json_object_get(change, "value");

		if (same_value(v, value, "messages")) {
			json_array_extend(json_object_get(v, "messages"),
			    json_object_get(value, "messages"));
			if (json_object_get(v, "contacts") == NULL)
				json_object_set_new(v, "contacts",
				    json_array());
			json_array_extend(json_object_get(v, "contacts"),
			    json_object_get(value, "contacts"));
			return;
		}
		if (same_value(v, value, "statuses")) {
			json_array_extend(json_object_get(v, "statuses"),
			    json_object_get(value, "statuses"));
			return;
		}
	}
	json_array_append_new(changes, json_deep_copy(one));
}

static void
post_now(struct sim *s, struct sim_post **posts, size_t count)
{
	struct flight *f = xcalloc(1, sizeof *f + count * sizeof *posts);
	char signature[SIGNATURE_BYTES], header[128], *text;
	const char *headers[] = { header, NULL };
	json_t *body = count > 1 ? json_deep_copy(posts[0]->body) :
				   json_incref(posts[0]->body);
	struct http_request r = { .headers = headers, .repeatable = true };
	int code;

	for (size_t i = 1; i < count; i++)
		add_change(body, posts[i]->body);
	text = json_text(body);
	json_decref(body);
	f->sim = s;
	f->count = count;
	memcpy(f->posts, posts, count * sizeof *posts);
	r.url = sim_facts_hook(s);
	r.body = text;
	r.body_len = strlen(text);
	s->flying += count;
	code = signature_make(s->keys, text, r.body_len, signature);
	if (code == 0 && r.url == NULL)
		code = err_set(ERR_CONFIG, "no webhook URL is set");
	if (code == 0) {
		snprintf(header, sizeof header, "X-Hub-Signature-256: %s",
		    signature);
		code = http_post(s->http, &r, on_posted, f);
	}
	free(text);
	if (code < 0) {
		s->flying -= count;
		for (size_t i = 0; i < count; i++)
			post_again(s, posts[i], err_reason());
		free(f);
	}
}

/* Post up to as many as a body may hold, or a single one alone. */
static void
post_ready(struct sim *s)
{
	size_t n = 1;

	if (!s->ready[0]->single)
		while (n < s->nready && n < (size_t)s->o->batch &&
		    !s->ready[n]->single)
			n++;
	post_now(s, s->ready, n);
	s->nready -= n;
	memmove(s->ready, s->ready + n, s->nready * sizeof(struct sim_post *));
	s->ready_ms = mono_ms();
}

static void
make_ready(struct sim *s, struct sim_post *p)
{
	if (s->nready == s->ready_room) {
		s->ready_room = s->ready_room * 2 + 16;
		s->ready = xrealloc(s->ready,
		    s->ready_room * sizeof(struct sim_post *));
	}
	if (s->nready == 0)
		s->ready_ms = mono_ms();
	s->ready[s->nready++] = p;
}

void
sim_hook_due(struct sim *s)
{
	while (s->nheap > 0 && s->heap[0]->due_ms <= mono_ms()) {
		struct sim_post *p = heap_take(s);
		struct sim_customer *c = p->customer;

		if (p->lost) {
			settled(s, p);
			continue;
		}
		make_ready(s, p);
		/* What waits behind it may come along. */
		while (s->o->batch > 1 && c != NULL && c->first != NULL &&
		    !c->first->lost && s->nready < (size_t)s->o->batch) {
			p = c->first;
			c->first = p->next;
			s->lined--;
			make_ready(s, p);
		}
		while (s->nready >= (size_t)s->o->batch)
			post_ready(s);
	}
	while (s->nready > 0 && mono_ms() - s->ready_ms >= BATCH_MS)
		post_ready(s);
}

int64_t
sim_hook_next(const struct sim *s)
{
	int64_t at = s->nheap > 0 ? s->heap[0]->due_ms : INT64_MAX;

	if (s->nready > 0 && s->ready_ms + BATCH_MS < at)
		at = s->ready_ms + BATCH_MS;
	return at;
}

uint64_t
sim_hook_open(const struct sim *s)
{
	return s->nheap + s->nready + s->lined + s->flying;
}
