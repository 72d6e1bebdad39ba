/* claims - whether two say the same */
#include <math.h>
#include <string.h>

#include "ground/claims.h"

#define ABOUT 0.03 /* of a number, in round ones */

/* Units of one kind, each so many of the smallest. */
static double
unit_factor(int64_t unit, int *ret_kind)
{
	static const struct {
		const char *name;
		int kind;
		double factor;
	} known[] = {
		{ "s", 1, 1 },
		{ "min", 1, 60 },
		{ "h", 1, 3600 },
		{ "d", 1, 86400 },
		{ "wk", 1, 604800 },
		{ "mo", 2, 1 },
		{ "y", 2, 12 },
		{ "mg", 3, 1 },
		{ "g", 3, 1000 },
		{ "kg", 3, 1000000 },
		{ "mm", 4, 1 },
		{ "cm", 4, 10 },
		{ "m", 4, 1000 },
		{ "km", 4, 1000000 },
		{ "ml", 5, 1 },
		{ "l", 5, 1000 },
	};
	/* Of the names: one claim is held against each other. */
	static int64_t values[sizeof(known) / sizeof(known[0])];
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (values[i] == 0)
			values[i] = meanings_value(known[i].name,
			    strlen(known[i].name));
		if (unit == values[i]) {
			*ret_kind = known[i].kind;
			return known[i].factor;
		}
	}
	*ret_kind = 0;
	return 1;
}

bool
claim_alike(const struct claim *a, const struct claim *b)
{
	int one, other;

	if (a->kind != b->kind)
		return false;
	if (a->kind != CLAIM_NUMBER || a->unit == b->unit)
		return true;
	if (a->unit == 0 || b->unit == 0)
		return false;
	unit_factor(a->unit, &one);
	unit_factor(b->unit, &other);
	return one != 0 && one == other;
}

/*
 * Whole numbers are the same or not: the last digit of a telephone number in
 * groups counts. Of others what is lost in units and decimals is forgiven.
 */
static bool
same_value(double a, double b)
{
	if (a == floor(a) && b == floor(b))
		return a == b;
	return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)) + 1e-9;
}

static bool
is_cents(const struct claim *c)
{
	return c->unit == meanings_value("ct", 2);
}

static bool
same_number(const struct claim *a, const struct claim *b)
{
	double fa = 1, fb = 1;
	int one = 0, other = 0;

	/* "4 Mill Lane" is no source of 4 weeks; a cell of a table may be. */
	if (a->unit != 0 && b->unit == 0 && !b->is_cell &&
	    a->unit != meanings_value("y", 1))
		return false;
	/* 45 cents of a euro, or of whatever has cents */
	if (a->unit != b->unit && claim_is_money(a) && claim_is_money(b) &&
	    (is_cents(a) || is_cents(b)))
		return same_value(a->value * (is_cents(a) ? 1 : 100),
		    b->value * (is_cents(b) ? 1 : 100));
	if (a->unit != b->unit && a->unit != 0 && b->unit != 0) {
		fa = unit_factor(a->unit, &one);
		fb = unit_factor(b->unit, &other);
		if (one == 0 || one != other)
			return false;
	}
	return same_value(a->value * fa, b->value * fb) ||
	    (fa == fb &&
		(same_value(a->other, b->value) ||
		    same_value(a->value, b->other)));
}

static bool
same_time(const struct claim *a, const struct claim *b)
{
	if (same_value(a->value, b->value))
		return true;
	/* "9 to 6" for 9:00 to 18:00; midnight is 0 and 24 */
	/* 12:00 is noon, and not midnight besides. */
	return (a->is_loose != b->is_loose &&
		   (a->is_loose ? a->value < 720 &&
			       same_value(a->value + 720, b->value) :
				  b->value < 720 &&
			       same_value(a->value, b->value + 720))) ||
	    (fmod(a->value, 1440) == 0 && fmod(b->value, 1440) == 0);
}

/* The one without the country's and the trunk's digits ends the other. */
static bool
same_digits(const struct claim *a, const struct claim *b)
{
	const char *world, *local;
	size_t n, m;

	if (a->is_world == b->is_world)
		return strcmp(a->digits +
			       (a->is_world ? strspn(a->digits, "0") : 0),
			   b->digits +
			       (b->is_world ? strspn(b->digits, "0") : 0)) == 0;
	world = a->is_world ? a->digits : b->digits;
	local = a->is_world ? b->digits : a->digits;
	world += strspn(world, "0");
	local += strspn(local, "0");
	n = strlen(world);
	m = strlen(local);
	return m >= 6 && n >= m && n - m <= 4 &&
	    strcmp(world + n - m, local) == 0;
}

/* 915550142 and 915 550 142, which may be a number as well. */
static bool
same_as_grouped(const struct claim *digits, const struct claim *number)
{
	if (number->digits[0] != '\0' && same_digits(digits, number))
		return true;
	return digits->value > 0 && same_value(digits->value, number->value);
}

static bool
same_date(const struct claim *a, const struct claim *b)
{
	if (a->year != 0 && b->year != 0 && a->year != b->year)
		return false;
	if (a->day == 0)
		return a->month == b->month;
	if (a->day == b->day && a->month == b->month)
		return true;
	return (a->is_swapped || b->is_swapped) && a->day == b->month &&
	    a->month == b->day;
}

bool
claim_is_soft(const struct claim *c)
{
	return c->kind == CLAIM_NUMBER && c->is_word && c->unit == 0 &&
	    c->value <= 4 && c->until == 0;
}

bool
claim_add(struct claim *a, const struct claim *b)
{
	int one = 0, other = 0;
	double fa = unit_factor(a->unit, &one),
	       fb = unit_factor(b->unit, &other);

	if (one == 0 || one != other || fa <= fb || b->value * fb >= fa)
		return false;
	a->value = (a->value * fa + b->value * fb) / fb;
	a->other = a->value;
	a->unit = b->unit;
	return true;
}

bool
claim_is_about(const struct claim *a, const struct claim *b)
{
	double fa, fb, digits;
	int one, other;

	if (a->kind != CLAIM_NUMBER || !claim_alike(a, b) || a->value <= 0)
		return false;
	fa = unit_factor(a->unit, &one);
	fb = unit_factor(b->unit, &other);
	/* Two digits, and no more. */
	digits = a->value / pow(10, floor(log10(a->value)) - 1);
	return fabs(digits - round(digits)) < 1e-6 &&
	    fabs(a->value * fa - b->value * fb) <= ABOUT * b->value * fb;
}

bool
claim_same(const struct claim *a, const struct claim *b)
{
	/* "from 9" for "from 9:00", "9 heures" for 9:00 */
	if (a->kind == CLAIM_NUMBER && b->kind == CLAIM_TIME &&
	    (a->unit == 0 || a->unit == meanings_value("h", 1)))
		return a->value <= 24 &&
		    (same_value(a->value * 60, b->value) ||
			/* "in the afternoon at 5" */
			(a->unit == 0 && a->value <= 12 &&
			    same_value(a->value * 60 + 720, b->value)));
	if (a->kind == CLAIM_TIME && b->kind == CLAIM_NUMBER &&
	    (b->unit == 0 || b->unit == meanings_value("h", 1)))
		return same_value(a->value, b->value * 60) ||
		    same_value(a->value,
			floor(b->value) * 60 +
			    round((b->value - floor(b->value)) * 100));
	if (a->kind == CLAIM_DIGITS && b->kind == CLAIM_NUMBER)
		return same_as_grouped(a, b);
	if (a->kind == CLAIM_NUMBER && b->kind == CLAIM_DIGITS)
		return same_as_grouped(b, a);
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case CLAIM_NUMBER:
		return same_number(a, b);
	case CLAIM_DIGITS:
		return same_digits(a, b);
	case CLAIM_TIME:
		return same_time(a, b);
	case CLAIM_DATE:
		return same_date(a, b);
	case CLAIM_WEEKDAY:
		return (a->days & ~b->days) == 0;
	case CLAIM_LINK:
		return a->text == b->text || (a->is_host && a->host == b->host);
	case CLAIM_PART:
		return false;
	default:
		return a->text == b->text;
	}
}
