/*
 * check - on which days a business is open
 *
 * Of all clauses of the sources that name days it is put down which of them are
 * open and which are not. "We are open every day" of a shop that is closed on
 * Mondays, "only on Sundays we are closed" where it is on Mondays, too, and a
 * day told open that is closed, say the contrary of that.
 */
#include "ground/check.h"
#include "ground/near.h"

#define WEEK 0xfe	  /* Monday is 2 */
#define DAYS_BEHIND 3	  /* words from "only" to a day */
#define LISTED_MIN_DAYS 3 /* open ones, for the others to be closed */

struct week {
	uint16_t open, shut;
	bool is_daily; /* said so */
};

enum door { DOOR_NONE, DOOR_OPEN, DOOR_SHUT, DOOR_BOTH };

/* How many hours of the day are named; "2 hours" alone is no time of it. */
static size_t
count_hours(const struct claims *c, struct span of)
{
	size_t i, times = 0, numbers = 0;

	for (i = of.from; i < of.to; i++) {
		const struct claim *n = c->word[i].claim == 0 ?
		    NULL :
		    &c->claim[c->word[i].claim - 1];

		if (n == NULL || n->word != i)
			continue;
		times += n->kind == CLAIM_TIME;
		numbers += n->kind == CLAIM_NUMBER &&
		    n->unit == meanings_value("h", 1);
	}
	return times + (times > 0 || numbers > 1 ? numbers : 0);
}

/* What a clause says of the door; one with hours is open then. */
static enum door
door_of(const struct claims *c, struct span of)
{
	size_t hours = count_hours(c, of), i;
	bool open = false, shut = false, no = false;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &c->word[i];

		open |= (w->mode & MODE_OPEN) != 0;
		/* "Closes at 6" is "open until 6". */
		shut |= (w->mode & MODE_SHUT) != 0 && hours != 1;
		/* What is one word with its no: it counts once. */
		no |= claim_word_is(w, MEANING_NOT) && !(w->mode & MODE_SHUT);
	}
	if (open && shut)
		return DOOR_BOTH;
	if (!open && !shut && hours > 0)
		return no ? DOOR_BOTH : DOOR_OPEN;
	if (!open && !shut)
		return DOOR_NONE;
	return shut != no ? DOOR_SHUT : DOOR_OPEN;
}

/* The days that a span names, or all but those that it excepts. */
static uint16_t
days_of(const struct claims *c, struct span of)
{
	uint16_t days = 0, most = WEEK;

	for (; of.from < of.to; of.from++) {
		uint32_t claim = c->word[of.from].claim;
		uint16_t told;

		if (claim == 0 || c->claim[claim - 1].kind != CLAIM_WEEKDAY)
			continue;
		told = near_days_told(c, claim - 1);
		/* "Except Sundays and Mondays": but for both. */
		if (near_is_excepted(c, claim - 1))
			most &= told;
		else
			days |= told;
	}
	return days == 0 && most != WEEK ? most : days & most;
}

/* Whether a clause says that it is so each day: "always open", "every day from
 * 9 on", and not "all courses begin at 9". */
static bool
is_daily(const struct claims *c, struct span of)
{
	bool open = false, ever = false, day = false;
	size_t i;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &c->word[i];

		open |= (w->mode & MODE_OPEN) != 0;
		ever |= (w->mode & MODE_EVER) != 0;
		day |= (claim_word_is(w, MEANING_UNIT) &&
			   w->unit == meanings_value("d", 1)) ||
		    (w->rate & RATE_D) != 0;
	}
	return ever && (open || day) &&
	    days_of(c, check_span(&c->sentence[c->word[of.from].sentence])) ==
	    0;
}

static unsigned
count(uint16_t days)
{
	return (unsigned)__builtin_popcount(days);
}

static struct week
read_week(const struct check *k)
{
	struct week week = { 0 };
	struct span of;
	uint16_t days;
	size_t i, w;

	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		if (!reading_is_passage(&k->s->reading[i]))
			continue;
		for (w = 0; w < c->nwords; w = of.to) {
			of = check_clause(c, w);
			days = days_of(c, of);
			switch (door_of(c, of)) {
			case DOOR_NONE:
				break;
			case DOOR_OPEN:
				week.open |= days;
				week.is_daily |= is_daily(c, of);
				break;
			case DOOR_SHUT:
				week.shut |= days;
				break;
			case DOOR_BOTH:
				/* Either may be meant. */
				week.open |= days;
				week.shut |= days;
				break;
			}
		}
	}
	return week;
}

/* Every day, of a business that has days on which it is closed. */
static bool
is_less_than_daily(const struct week *week)
{
	return !week->is_daily &&
	    ((week->shut & ~week->open) != 0 ||
		(count(week->open) >= LISTED_MIN_DAYS &&
		    (week->open & WEEK) != WEEK));
}

bool
check_open_daily(const struct check *k)
{
	struct week week = read_week(k);

	return week.is_daily || (week.open & WEEK & ~week.shut) == WEEK;
}

/* Whether "only" is said of days: "only on Sundays", and not "on Sundays only
 * until 2". */
static bool
is_of_days_alone(const struct claims *c, struct span of)
{
	size_t i, n;

	for (i = of.from; i < of.to; i++) {
		if (!claim_word_is(&c->word[i], MEANING_SOLE))
			continue;
		for (n = i + 1; n < of.to && n <= i + DAYS_BEHIND; n++)
			if (c->word[n].claim != 0)
				return c->claim[c->word[n].claim - 1].kind ==
				    CLAIM_WEEKDAY;
		/* "Sundays only" */
		if (i > of.from && c->word[i - 1].claim != 0 &&
		    c->claim[c->word[i - 1].claim - 1].kind == CLAIM_WEEKDAY)
			return true;
	}
	return false;
}

/* The days that the passages tell an hour for; all, if it is told without. */
static uint16_t
days_of_hour(const struct check *k, const struct claim *hour)
{
	uint16_t days = 0;
	bool any = false;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			if (!claim_same(hour, &r->c.claim[n]))
				continue;
			any = true;
			days |= r->days[n] != 0 ? r->days[n] : WEEK;
		}
	}
	return any ? days : WEEK;
}

/* "Every day from 10 on", where at weekends it is from 9. */
static bool
is_hour_of_some(const struct check *k, struct span of)
{
	for (; of.from < of.to; of.from++) {
		uint32_t claim = k->a.word[of.from].claim;

		if (claim != 0 && k->a.claim[claim - 1].kind == CLAIM_TIME &&
		    (days_of_hour(k, &k->a.claim[claim - 1]) & WEEK) != WEEK)
			return true;
	}
	return false;
}

enum ground_reason
check_week(const struct check *k, struct span of)
{
	enum door door = door_of(&k->a, of);
	struct week week;
	uint16_t days, other;
	bool only;

	if (door == DOOR_NONE || door == DOOR_BOTH)
		return GROUND_SUPPORTED;
	days = days_of(&k->a, of);
	if (days == 0 && (door == DOOR_SHUT || !is_daily(&k->a, of)))
		return GROUND_SUPPORTED;
	week = read_week(k);
	if (days == 0)
		return is_less_than_daily(&week) || is_hour_of_some(k, of) ?
		    GROUND_WIDER :
		    GROUND_SUPPORTED;
	other =
	    door == DOOR_OPEN ? week.shut & ~week.open : week.open & ~week.shut;
	if ((days & other) != 0)
		return GROUND_NEGATION;
	only = is_of_days_alone(&k->a, of);
	other =
	    door == DOOR_OPEN ? week.open & ~week.shut : week.shut & ~week.open;
	return only && (other & ~days) != 0 ? GROUND_WIDER : GROUND_SUPPORTED;
}
