/* people.c - customers, by any of their names */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/people.h"

#define PAIR_MS 6000 /* one message to a customer in */
#define RATE 80	     /* messages of a number in a second */
#define RATE_HIGH 1000

static struct sim_alias *
alias_find(const struct sim *s, const char *name, size_t *ret_bucket)
{
	char hash[HASH_HEX_BYTES];
	struct sim_alias *a;

	hash_hex(hash, name, strlen(name));
	hash[8] = '\0';
	*ret_bucket = strtoul(hash, NULL, 16) % SIM_BUCKETS;
	for (a = s->buckets[*ret_bucket]; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

struct sim_customer *
sim_customer_find(const struct sim *s, const char *number, const char *id)
{
	char *name = xformat("%s/%s", number, id);
	size_t bucket;
	struct sim_alias *a = alias_find(s, name, &bucket);

	free(name);
	return a != NULL ? a->customer : NULL;
}

void
sim_customer_alias(struct sim *s, struct sim_customer *c, const char *id)
{
	char *name = xformat("%s/%s", c->number, id);
	size_t bucket;
	struct sim_alias *a = alias_find(s, name, &bucket);

	if (a == NULL) {
		a = xcalloc(1, sizeof *a);
		a->name = name;
		a->next = s->buckets[bucket];
		s->buckets[bucket] = a;
	} else {
		free(name);
	}
	a->customer = c;
	if (sim_is_bsuid(id)) {
		free(c->user_id);
		c->user_id = xstrdup(id);
	} else {
		free(c->wa_id);
		c->wa_id = xstrdup(id);
	}
}

struct sim_customer *
sim_customer_for(struct sim *s, const char *number, const char *id)
{
	struct sim_customer *c = sim_customer_find(s, number, id);

	if (c != NULL)
		return c;
	c = xcalloc(1, sizeof *c);
	c->number = xstrdup(number);
	c->id = xstrdup(id);
	c->wrote_ms = -1;
	c->room = -1;
	c->all = s->customers;
	s->customers = c;
	sim_customer_alias(s, c, id);
	return c;
}

struct sim_customer *
sim_customer_of(struct sim *s, const char *number, const char *wa_id,
    const char *user_id)
{
	struct sim_customer *c = NULL;

	if (wa_id != NULL && *wa_id == '\0')
		wa_id = NULL;
	if (user_id != NULL && *user_id == '\0')
		user_id = NULL;
	if (wa_id == NULL && user_id == NULL)
		return NULL;
	if (wa_id != NULL)
		c = sim_customer_find(s, number, wa_id);
	if (c == NULL && user_id != NULL)
		c = sim_customer_find(s, number, user_id);
	if (c == NULL)
		c = sim_customer_for(s, number,
		    wa_id != NULL ? wa_id : user_id);
	if (wa_id != NULL)
		sim_customer_alias(s, c, wa_id);
	if (user_id != NULL)
		sim_customer_alias(s, c, user_id);
	return c;
}

void
sim_customer_wrote(struct sim *s, struct sim_customer *c)
{
	c->wrote_ms = sim_clock(s);
}

bool
sim_window_open(const struct sim *s, const struct sim_customer *c)
{
	/* Who never wrote here may have written elsewhere. */
	if (c->wrote_ms < 0)
		return !s->o->strict;
	return sim_clock(s) - c->wrote_ms < s->o->window_ms;
}

/*
 * A bucket that holds most messages and gains one in every_ms: whoever takes
 * them at once has borrowed from later.
 */
static bool
take(double *room, int64_t *room_ms, double most, double every_ms, int64_t now)
{
	if (*room < 0) {
		*room = most;
	} else {
		*room += (double)(now - *room_ms) / every_ms;
		if (*room > most)
			*room = most;
	}
	*room_ms = now;
	if (*room < 1)
		return false;
	*room -= 1;
	return true;
}

bool
sim_pair_take(struct sim *s, struct sim_customer *c)
{
	int64_t every_ms = s->o->pair_ms;

	if (every_ms < 0)
		every_ms = s->o->strict ? PAIR_MS : 0;
	if (every_ms == 0)
		return true;
	return take(&c->room, &c->room_ms, (double)s->o->burst,
	    (double)every_ms, sim_clock(s));
}

bool
sim_rate_take(struct sim *s, const json_t *number)
{
	int64_t rate = s->o->rate;

	if (rate < 0 && s->o->strict)
		rate = strcmp(json_str_or(number, "throughput/level", ""),
			   "HIGH") == 0 ?
		    RATE_HIGH :
		    RATE;
	if (rate <= 0)
		return true;
	return take(&s->room, &s->room_ms, (double)rate, 1000.0 / (double)rate,
	    sim_clock(s));
}

void
sim_people_free(struct sim *s)
{
	for (size_t i = 0; i < SIM_BUCKETS; i++)
		while (s->buckets[i] != NULL) {
			struct sim_alias *a = s->buckets[i];

			s->buckets[i] = a->next;
			free(a->name);
			free(a);
		}
	while (s->customers != NULL) {
		struct sim_customer *c = s->customers;

		s->customers = c->all;
		json_decref(c->choices);
		free(c->number);
		free(c->id);
		free(c->wa_id);
		free(c->user_id);
		free(c->name);
		free(c);
	}
}
