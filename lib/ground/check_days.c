/*
 * check - on which days a business is open
 *
 * Of all clauses of the sources that name days it is put down which of them are
 * open and which are not. "We are open every day" of a shop that is closed on
 * Mondays, "only on Sundays we are closed" where it is on Mondays, too, and a
 * day told open that is closed, say the contrary of that. So do a day of a part
 * of it that has days of its own, and a month out of its season.
 */
#include <string.h>

#include "ground/check.h"
#include "ground/near.h"

#define WEEK 0xfe	  /* Monday is 2 */
#define DAYS_BEHIND 3	  /* words from "only" to a day */
#define LISTED_MIN_DAYS 3 /* open ones, for the others to be closed */
#define THING_MIN 1	  /* weight of a word that names a thing */
#define MONTHS 12

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

static void
add_clause(struct week *week, const struct claims *c, struct span of)
{
	uint16_t days = days_of(c, of);

	switch (door_of(c, of)) {
	case DOOR_NONE:
		break;
	case DOOR_OPEN:
		week->open |= days;
		week->is_daily |= is_daily(c, of);
		break;
	case DOOR_SHUT:
		week->shut |= days;
		break;
	case DOOR_BOTH:
		/* Either may be meant. */
		week->open |= days;
		week->shut |= days;
		break;
	}
}

/* The week of the passages in one language; NULL: of all. */
static struct week
read_week_in(const struct check *k, const char *language)
{
	struct week week = { 0 };
	struct span of;
	size_t i, w;

	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		if (!reading_is_passage(&k->s->reading[i]) ||
		    (language != NULL && strcmp(c->language, language) != 0))
			continue;
		for (w = 0; w < c->nwords; w = of.to) {
			of = check_clause(c, w);
			add_clause(&week, c, of);
		}
	}
	return week;
}

/* What is told in the answer's language is told of its shop; passages in others
 * may be of another one. */
static struct week
read_week(const struct check *k)
{
	struct week week = read_week_in(k, k->language);

	return week.open == 0 && week.shut == 0 && !week.is_daily ?
	    read_week_in(k, NULL) :
	    week;
}

static bool
is_thing(const struct claims *c, size_t word)
{
	const struct claim_word *w = &c->word[word];

	return w->claim == 0 && !w->is_common && !w->is_weak && !w->is_plain &&
	    (w->mode & MODES_OF_STANCE) == 0 &&
	    !claim_word_is(w, MEANING_YES) &&
	    !claim_word_is(w, MEANING_POLITE) &&
	    check_weight_of(w) >= THING_MIN;
}

/* Whether a clause of a source names what one of the answer does; *ret_named:
 * it names anything. */
static bool
names_same(const struct check *k, struct span of, const struct reading *r,
    struct span in, bool *ret_named)
{
	size_t i, w;

	*ret_named = false;
	for (i = in.from; i < in.to; i++) {
		if (!is_thing(&r->c, i))
			continue;
		*ret_named = true;
		for (w = of.from; w < of.to; w++)
			if (is_thing(&k->a, w) && check_same_word(k, w, r, i))
				return true;
	}
	return false;
}

/* The week of what a clause of the answer names: of the clauses that name it,
 * and those behind them that name nothing. */
static struct week
read_week_of(const struct check *k, struct span of)
{
	struct week week = { 0 };
	struct span in;
	size_t i, w;
	bool same, named, is_on;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		is_on = false;
		for (w = 0; reading_is_passage(r) && w < r->c.nwords;
		     w = in.to) {
			in = check_clause(&r->c, w);
			same = names_same(k, of, r, in, &named);
			is_on = same || (is_on && !named);
			if (is_on)
				add_clause(&week, &r->c, in);
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

/* Whether a part of the business is told open on a day that is none of its own:
 * "the sauna, on Mondays" of one that is open on Fridays. */
static bool
is_of_other_days(const struct check *k, struct span of, uint16_t days)
{
	struct week own = read_week_of(k, of);

	return !own.is_daily && own.open != 0 && own.shut == 0 &&
	    (days & WEEK & ~own.open) != 0;
}

/* The months of a range of dates as bits, from 1; 0: the claim begins none. */
static uint16_t
season_of(const struct claims *c, const struct claim *from)
{
	const struct claim *to;
	uint16_t months = 0;
	unsigned m;

	if (from->kind != CLAIM_DATE || from->until == 0)
		return 0;
	to = &c->claim[from->until - 1];
	if (to->kind != CLAIM_DATE || from->month == 0 || to->month == 0)
		return 0;
	for (m = from->month; m != to->month; m = m % MONTHS + 1)
		months |= (uint16_t)(1U << m);
	return months | (uint16_t)(1U << m);
}

/* All of the clause that a word stands in. */
static struct span
clause_around(const struct claims *c, size_t word)
{
	size_t from = word;

	while (from > 0 && c->word[from - 1].clause == c->word[word].clause)
		from--;
	return check_clause(c, from);
}

/* The months in which the passages tell it open, and those that they name. */
static uint16_t
read_seasons(const struct check *k, uint16_t *ret_named)
{
	uint16_t months = 0;
	size_t i, n;

	*ret_named = 0;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		for (n = 0;
		     reading_is_passage(&k->s->reading[i]) && n < c->nclaims;
		     n++) {
			if (c->claim[n].kind != CLAIM_DATE)
				continue;
			*ret_named |= (uint16_t)(1U << c->claim[n].month);
			if (door_of(c, clause_around(c, c->claim[n].word)) ==
			    DOOR_OPEN)
				months |= season_of(c, &c->claim[n]);
		}
	}
	return months;
}

/* "In November" or "all year", where it is from April to October. */
static bool
is_out_of_season(const struct check *k, struct span of)
{
	uint16_t named, months = 0, season = read_seasons(k, &named);
	bool ever = false, year = false;

	if (season == 0)
		return false;
	for (; of.from < of.to; of.from++) {
		const struct claim_word *w = &k->a.word[of.from];
		const struct claim *n =
		    w->claim == 0 ? NULL : &k->a.claim[w->claim - 1];

		if (n != NULL && n->kind == CLAIM_DATE && n->day == 0)
			months |= (uint16_t)(1U << n->month);
		ever |= (w->mode & (MODE_EVER | MODE_ALL)) != 0;
		year |= claim_word_is(w, MEANING_UNIT) &&
		    w->unit == meanings_value("y", 1);
	}
	return (ever && year) || (months & ~season & ~named) != 0;
}

static bool
names_a_day(const struct claims *c)
{
	size_t i;

	for (i = 0; i < c->nclaims; i++)
		if (c->claim[i].kind == CLAIM_WEEKDAY ||
		    c->claim[i].kind == CLAIM_DATE)
			return true;
	return false;
}

/* "Yes, we are open", asked of a day that is told closed, or of a month out of
 * the season: of all that were asked about. */
static bool
is_asked_when_shut(const struct check *k)
{
	const struct claims *q = NULL;
	struct span all = { 0, k->a.nwords };
	struct week week;
	uint16_t days, months = 0, season, named;
	size_t i;

	for (i = 0; i < k->s->count && q == NULL; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			q = &k->s->reading[i].c;
	if (q == NULL || !names_a_day(q) || names_a_day(&k->a) ||
	    !check_means(k, all, MEANING_YES) || check_says_no(&k->a, all) != 0)
		return false;
	days = days_of(q, (struct span){ 0, q->nwords });
	week = read_week(k);
	if (days != 0)
		return (days & ~(week.shut & ~week.open)) == 0;
	for (i = 0; i < q->nclaims; i++)
		if (q->claim[i].kind == CLAIM_DATE)
			months |= (uint16_t)(1U << q->claim[i].month);
	season = read_seasons(k, &named);
	return season != 0 && months != 0 && (months & (season | named)) == 0;
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
	if (door == DOOR_OPEN &&
	    (is_out_of_season(k, of) || is_asked_when_shut(k)))
		return GROUND_NEGATION;
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
	if (door == DOOR_OPEN && is_of_other_days(k, of, days))
		return GROUND_NEGATION;
	only = is_of_days_alone(&k->a, of);
	other =
	    door == DOOR_OPEN ? week.open & ~week.shut : week.shut & ~week.open;
	return only && (other & ~days) != 0 ? GROUND_WIDER : GROUND_SUPPORTED;
}
