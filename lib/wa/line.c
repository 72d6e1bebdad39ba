/* line - what one instance is to a sender while it runs */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/settings.h"
#include "wa/line.h"

#define PACE_MS 20 /* a number's messages go in such beats */

static void
line_reset(struct line *l)
{
	graph_place_release(&l->place);
	free(l->url);
	l->url = NULL;
}

void
line_look_up(struct line *l, const struct conf *c, struct store *s,
    const struct graph_options *o)
{
	line_reset(l);
	l->looked = true;
	if (graph_place(c, s, l->name, o, &l->place) < 0)
		snprintf(l->why, sizeof l->why, "%s", err_reason());
	else
		l->url = graph_url(&l->place, "%s/messages", l->place.number);
}

/* The settings of an instance, checked when the program began. */
static void
line_set(const struct conf *c, struct line *l)
{
	static const char *const words[] = { "never", "view", "reply", "ai" };
	char *section = xformat("instance %s", l->name);
	const char *receipts = setting_text(c, section, "read_receipts");

	l->receipts = RECEIPTS_AI;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], receipts) == 0)
			l->receipts = (enum receipts)i;
	if (setting_bool(c, section, "typing", &l->typing) < 0)
		l->typing = true;
	if (setting_bool(c, section, "typing_people", &l->typing_people) < 0)
		l->typing_people = false;
	if (setting_int(c, section, "rate", &l->rate) < 0 || l->rate < 1)
		l->rate = 80;
	free(section);
}

struct line *
line_new(const struct conf *c, const char *name)
{
	struct line *l = xcalloc(1, sizeof *l);

	l->name = xstrdup(name);
	line_set(c, l);
	return l;
}

void
line_free(struct line *l)
{
	line_reset(l);
	free(l->slots);
	free(l->name);
	free(l);
}

int64_t
line_place(struct line *l, int64_t job)
{
	int64_t now_us = mono_us(), each_us = 1000000 / l->rate,
		room_us = each_us * (1 + l->rate / 20), due_us, due_ms;

	/* A twentieth slower than the provider's count, a twentieth at once:
	 * in no second more than the rate. */
	each_us += each_us / 19;
	for (size_t i = l->first; i < l->nslots; i++) {
		if (l->slots[i].job != job)
			continue;
		if (l->slots[i].due_ms > mono_ms())
			return l->slots[i].due_ms - mono_ms();
		l->slots[i].job = 0;
		while (l->first < l->nslots && l->slots[l->first].job == 0)
			l->first++;
		return 0;
	}
	if (l->even_us < now_us)
		l->even_us = now_us;
	due_us = l->even_us - room_us;
	l->even_us += each_us;
	if (due_us <= now_us)
		return 0;
	if (l->first == l->nslots)
		l->first = l->nslots = 0;
	/* Several at a time: each time costs a transaction. */
	due_ms = ((due_us / 1000) / PACE_MS + 1) * PACE_MS;
	l->slots = xrealloc(l->slots, (l->nslots + 1) * sizeof *l->slots);
	l->slots[l->nslots++] = (struct slot){ job, due_ms };
	return due_ms - mono_ms();
}
