/* claims - numbers in digits, dates, times, telephone numbers, codes */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ground/reader.h"
#include "base/str.h"

#define LIST_MAX 30	    /* "12." that begins a line is no number */
#define DIGITS_MAX 23	    /* of an account, as many as are kept */
#define EXACT_DIGITS 15	    /* that a number holds without loss */
#define PHONE_MIN_GROUPS 3  /* of a number that may be one of a telephone */
#define LIST_MAX_BYTES 2000 /* from one item of a list to the next */

/* Days of months; February has 29. */
static bool
is_date(int day, int month)
{
	return day >= 1 && month >= 1 && month <= 12 &&
	    day <=
	    (month == 2							  ? 29 :
		    month == 4 || month == 6 || month == 9 || month == 11 ? 30 :
									    31);
}

struct group {
	const char *at;
	size_t len;
	char sep; /* before it; 0 before the first */
};

#define GROUPS_MAX 8

/* Groups of digits with single separators between. */
static size_t
groups_at(const char *p, const char *end, struct group *g)
{
	size_t n = 0;
	char sep = 0;

	while (n < GROUPS_MAX && p < end && reader_is_digit(*p)) {
		g[n].at = p;
		g[n].sep = sep;
		while (p < end && reader_is_digit(*p))
			p++;
		g[n].len = (size_t)(p - g[n].at);
		n++;
		if (p + 1 >= end || strchr(".,' :/-()", *p) == NULL)
			break;
		/* "0123 (24/7)": around the clock is no part of it. */
		if (end - p > 6 && memcmp(p, " (24/7)", 7) == 0)
			break;
		sep = *p++;
		/* ") " and " -" of telephone numbers */
		if (p + 1 < end && (*p == ' ' || *p == '-' || *p == '(') &&
		    (sep == ')' || sep == ' '))
			p++;
	}
	return n;
}

static int
group_int(const struct group *g)
{
	int v = 0;
	size_t i;

	for (i = 0; i < g->len && i < 6; i++)
		v = v * 10 + (g->at[i] - '0');
	return v;
}

static int
year_of(const struct group *g)
{
	int y = group_int(g);

	return g->len == 2 ? 2000 + y : y;
}

/* 2026-12-24, 24.12.2026, 12/24/26, 24.12., 24/12 */
static size_t
date_of(const struct group *g, size_t n, const char *end, struct claim *ret)
{
	int a = group_int(&g[0]), b, c;
	const char *behind;

	if (n < 2 || g[1].sep == ' ' || g[1].len > 2)
		return 0;
	b = group_int(&g[1]);
	if (n >= 3 && g[0].len == 4 && g[1].sep == g[2].sep && g[2].len == 2 &&
	    is_date(group_int(&g[2]), b)) {
		ret->year = (uint16_t)a;
		ret->month = (uint8_t)b;
		ret->day = (uint8_t)group_int(&g[2]);
		return 3;
	}
	if (g[0].len > 2 || strchr("./-", g[1].sep) == NULL)
		return 0;
	if (!is_date(a, b) && !is_date(b, a))
		return 0;
	ret->is_swapped = is_date(a, b) && is_date(b, a) && g[1].sep != '.';
	ret->day = (uint8_t)(is_date(a, b) ? a : b);
	ret->month = (uint8_t)(is_date(a, b) ? b : a);
	if (n >= 3 && g[1].sep == g[2].sep &&
	    (g[2].len == 4 || g[2].len == 2)) {
		c = year_of(&g[2]);
		ret->year = (uint16_t)c;
		return 3;
	}
	behind = g[1].at + g[1].len;
	if (g[1].sep == '.' && behind < end && *behind == '.' &&
	    is_date(a, b) && g[1].len + g[0].len > 2)
		return 2;
	return g[1].sep == '/' ? 2 : 0;
}

/* A telephone number or the like: how many groups are of it. */
static size_t
digits_of(const struct group *g, size_t n, bool plus)
{
	size_t i, digits = g[0].len, used = 1, threes = 0;

	for (i = 1; i < n; i++) {
		if (strchr("-() /.", g[i].sep) == NULL || g[i].len < 2 ||
		    (g[i].sep == '/' && i > 1))
			break;
		digits += g[i].len;
		threes += g[i].len == 3 && g[i].sep != '-';
		used++;
	}
	if (digits < 6 || digits > DIGITS_MAX)
		return 0;
	/* No sum of money is that long. */
	if (digits > EXACT_DIGITS)
		return used;
	if (plus || (g[0].at[0] == '0' && g[0].len > 1) || g[0].len >= 7)
		return used;
	if (used == 2 && g[1].len >= 6)
		return used;
	/* 1.299.000 and 1 299 000 are numbers, 2025-2026 is from and to. */
	if (used < 3 || digits < 7 || threes == used - 1)
		return 0;
	return used;
}

static void
put_digits(struct claim *claim, const struct group *g, size_t n, bool is_world)
{
	char all[64];
	size_t i, k, len = 0, keep = sizeof(claim->digits) - 1;

	claim->is_world = is_world ||
	    (g[0].len > 2 && g[0].at[0] == '0' && g[0].at[1] == '0');

	for (i = 0; i < n; i++)
		for (k = 0; k < g[i].len && len < sizeof(all); k++)
			all[len++] = g[i].at[k];
	if (len > keep)
		memcpy(claim->digits, all + len - keep, keep);
	else
		memcpy(claim->digits, all, len);
}

static double
double_of(const struct group *g, size_t n, size_t decimals_from)
{
	double v = 0, scale = 1;
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < g[i].len; k++) {
			v = v * 10 + (g[i].at[k] - '0');
			if (i >= decimals_from)
				scale *= 10;
		}
	return v / scale;
}

/* Digits in groups as a whole number; 0 if it would lose some of them. */
static double
exact_of(const struct group *g, size_t n)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++)
		digits += g[i].len;
	return digits <= EXACT_DIGITS ? double_of(g, n, n) : 0;
}

/* A number with the separators of some locale: how many groups it has. */
static size_t
value_of(const struct group *g, size_t n, struct claim *ret)
{
	size_t i, used = 1;
	bool indian = false;

	/* Thousands: groups of three, or of two before the last three. */
	for (i = 1; i < n && strchr(".,' ", g[i].sep) != NULL &&
	     g[i].sep == g[1].sep && g[0].len <= 3 &&
	     (g[i].len == 3 ||
		 (g[i].len == 2 && g[i].sep == ',' && i + 1 < n &&
		     g[i + 1].sep == ','));
	     i++) {
		indian |= g[i].len == 2;
		used = i + 1;
	}
	if (indian && g[used - 1].len != 3)
		used = 1;
	if (used > 1 && used < n && g[used].sep != g[1].sep &&
	    strchr(".,", g[used].sep) != NULL && g[1].sep != g[used].sep) {
		ret->value = ret->other = double_of(g, used + 1, used);
		return used + 1;
	}
	if (used > 1) {
		ret->value = ret->other = double_of(g, used, used);
		if (used == 2 && (g[1].sep == '.' || g[1].sep == ','))
			ret->other = double_of(g, 2, 1);
		if (g[0].at[0] == '0')
			ret->value = ret->other;
		return used;
	}
	if (n > 1 && (g[1].sep == '.' || g[1].sep == ',')) {
		ret->value = ret->other = double_of(g, 2, 1);
		return 2;
	}
	ret->value = ret->other = double_of(g, 1, 1);
	return 1;
}

/* 9:30, 9h30; the groups or 0. The letter h is one byte between groups. */
static bool
is_clock(int hours, int minutes)
{
	return hours <= 24 && minutes < 60;
}

/* Letters behind a number that are of it: 30cm is, A4 is not. */
static bool
is_suffix(const struct reader *r, const char *p, size_t len)
{
	static const char *const others[] = { "st", "nd", "rd", "th", "er", "e",
		"eme", "ste", "x", "k", "am", "pm", "a", "o", "de", NULL };
	char folded[FOLDED_MAX_BYTES];
	size_t n = reader_fold(p, len, folded);

	return str_in(folded, others) ||
	    meanings_find(r->meanings, r->language, folded, n) != NULL;
}

/* The end of a code, letters and digits, that begins at p; NULL if none. */
const char *
reader_code_end(const struct reader *r, const char *p)
{
	const char *q = p, *from;
	bool digits = false, alpha = false, capital = false;

	while (q < r->end) {
		if (reader_is_digit(*q))
			digits = true;
		else if (reader_is_letter(*q)) {
			alpha = true;
			capital |= reader_is_upper((uint32_t)(unsigned char)*q);
		} else if ((*q != '-' && *q != '_' && *q != '/') || q == p ||
		    q + 1 >= r->end ||
		    !(reader_is_digit(q[1]) || reader_is_letter(q[1])))
			break;
		q++;
	}
	if (!digits || !alpha || (q < r->end && (*q & 0x80)))
		return NULL;
	if (reader_is_digit(*p)) {
		for (from = p; from < q && reader_is_digit(*from); from++)
			;
		if (from < q && (*from == '-' || *from == '/'))
			return NULL; /* 14-day, 5-10cm */
		p = from;
		while (from < q && reader_is_letter(*from))
			from++;
		if (is_suffix(r, p, (size_t)(from - p)) ||
		    (from < q && (*p | 32) == 'h' && from - p == 1))
			return NULL;
		return q;
	}
	/* "9 h-19 h": hours, and not the code h-19 */
	if (q - p > 2 && p[1] == '-' && p - r->c->plain > 1 && p[-1] == ' ' &&
	    reader_is_digit(p[-2]) && is_suffix(r, p, 1))
		return NULL;
	/* R$40, US$: letters that are a unit; "no5" hardly is a code. */
	for (from = p; from < q && reader_is_letter(*from); from++)
		;
	if (from < q && reader_is_digit(*from) &&
	    is_suffix(r, p, (size_t)(from - p)))
		return NULL;
	return capital || from - p <= 4 ? q : NULL;
}

void
reader_code(struct reader *r, const char *stop)
{
	struct claim_word *w;
	struct claim *claim;
	char text[64];
	size_t n = 0;
	const char *q;

	for (q = r->p; q < stop && n < sizeof(text); q++)
		if (*q != '-' && *q != '_')
			text[n++] =
			    reader_is_letter(*q) ? (char)(*q & ~32) : *q;
	w = reader_word(r, r->p, (size_t)(stop - r->p));
	w->exact = w->stem = reader_hash(text, n);
	claim = reader_claim(r, CLAIM_CODE, r->c->nwords - 1);
	claim->text = reader_hash_long(text, n);
	r->p = stop;
}

/* "1." or "2)" that begins a line, or a key of a menu: no number. */
static bool
is_marker(const struct reader *r, const struct group *g)
{
	const char *line = r->p, *stop = g->at + g->len;

	while (line > r->c->plain && (line[-1] == ' ' || line[-1] == '*'))
		line--;
	if ((line > r->c->plain && line[-1] != '\n') || g->len > 2 ||
	    group_int(g) > LIST_MAX || r->end - stop < 2)
		return false;
	if (r->end - stop > 3 && memcmp(stop, "\u20e3", 3) == 0)
		return true;
	return (*stop == '.' || *stop == ')') && stop[1] == ' ' &&
	    !reader_month_follows(r, stop + 2);
}

/* Whether the mark of item n of a list stands not far from here. */
static bool
has_mark(const struct reader *r, int n, const char *form)
{
	const char *from = r->c->plain, *to = r->end;
	char mark[24];

	if (r->p - from > LIST_MAX_BYTES)
		from = r->p - LIST_MAX_BYTES;
	if (to - r->p > LIST_MAX_BYTES)
		to = r->p + LIST_MAX_BYTES;
	snprintf(mark, sizeof(mark), form, n);
	return memmem(from, (size_t)(to - from), mark, strlen(mark)) != NULL;
}

/* "(1) ... (2) ..." and "| 1 | ... | 2 |": one of a row of such marks. */
static bool
is_of_list(const struct reader *r, const struct group *g)
{
	static const char *const forms[] = { "(%d)", " %d) ", "\n| %d |" };
	const char *stop = g->at + g->len, *from = r->p;
	char before = from > r->c->plain ? from[-1] : '\n', mark[24];
	int n = group_int(g), len;
	size_t i;

	if (g->len > 2 || n < 1 || n > LIST_MAX)
		return false;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		len = snprintf(mark, sizeof(mark), forms[i], n);
		from = r->p - (strchr(forms[i], '%') - forms[i]);
		if (from < r->c->plain || r->end - from < len ||
		    memcmp(from, mark, (size_t)len) != 0)
			continue;
		if (n > 1 ? has_mark(r, n - 1, forms[i]) :
			    has_mark(r, n + 1, forms[i]))
			return true;
	}
	/* What begins the text has no blank before it. */
	return before == '\n' && *stop == ')' && n == 1 &&
	    has_mark(r, 2, forms[1]);
}

/* "Step 2": the number is the word's. */
static bool
is_labelled(const struct reader *r)
{
	const struct claim_word *w;

	if (r->c->nwords == 0)
		return false;
	w = &r->c->word[r->c->nwords - 1];
	return claim_word_is(w, MEANING_LABEL) && w->at >= r->sentence_at &&
	    (r->gap & ~(GAP_BLANK | GAP_COLON)) == 0;
}

/* 9:30, 9h30: the place behind it, NULL if it is none. */
static const char *
clock_of(const struct reader *r, const struct group *g, size_t n,
    struct claim *ret)
{
	const char *stop = g[0].at + g[0].len, *end;
	int minutes;

	if (g[0].len > 2)
		return NULL;
	if (n >= 2 && g[1].sep == ':' && g[1].len == 2) {
		minutes = group_int(&g[1]);
		end = g[1].at + g[1].len;
	} else if (r->end - stop >= 3 && (*stop | 32) == 'h' &&
	    reader_is_digit(stop[1]) && reader_is_digit(stop[2])) {
		minutes = (stop[1] - '0') * 10 + (stop[2] - '0');
		end = stop + 3;
	} else
		return NULL;
	if (!is_clock(group_int(&g[0]), minutes))
		return NULL;
	ret->kind = CLAIM_TIME;
	ret->value = ret->other = group_int(&g[0]) * 60 + minutes;
	ret->is_loose =
	    end == stop + 3 && *stop == ':' && group_int(&g[0]) <= 12;
	return end;
}

/* Whether what stands before begins a telephone number. */
static bool
is_dialled(const struct reader *r, const struct group *g)
{
	if (r->p == r->c->plain)
		return false;
	return r->p[-1] == '+' || (r->p[-1] == '(' && g->at[0] == '0');
}

/* Fills *ret; the place behind the number. */
static const char *
number_of(const struct reader *r, struct group *g, size_t n, struct claim *ret)
{
	const char *end;
	size_t used;

	/* 24/7: 24 hours, and no day of July */
	if (n == 2 && g[1].sep == '/' && g[1].len == 1 &&
	    group_int(&g[0]) == 24 && group_int(&g[1]) == 7) {
		ret->kind = CLAIM_NUMBER;
		ret->value = ret->other = 24;
		ret->unit = meanings_value("h", 1);
		return g[1].at + g[1].len;
	}
	ret->kind = CLAIM_DATE;
	used = date_of(g, n, r->end, ret);
	if (used > 0)
		return g[used - 1].at + g[used - 1].len;
	used = digits_of(g, n, is_dialled(r, g));
	if (used > 0) {
		ret->kind = CLAIM_DIGITS;
		put_digits(ret, g, used, r->p > r->c->plain && r->p[-1] == '+');
		if (!ret->is_world && g[0].at[0] != '0')
			ret->value = ret->other = exact_of(g, used);
		return g[used - 1].at + g[used - 1].len;
	}
	end = clock_of(r, g, n, ret);
	if (end != NULL)
		return end;
	ret->kind = CLAIM_NUMBER;
	used = value_of(g, n, ret);
	if (used >= PHONE_MIN_GROUPS && ret->value == floor(ret->value))
		put_digits(ret, g, used, false);
	return g[used - 1].at + g[used - 1].len;
}

void
reader_number(struct reader *r)
{
	struct group g[GROUPS_MAX] = { 0 };
	size_t n = groups_at(r->p, r->end, g);
	struct claim claim = { 0 }, *made;
	const char *stop;

	if (is_labelled(r) && g[0].len <= 2) {
		reader_word(r, r->p, g[0].len);
		r->p = g[0].at + g[0].len;
		return;
	}
	if (is_of_list(r, &g[0])) {
		r->p = g[0].at + g[0].len;
		r->is_first = true;
		return;
	}
	if (is_marker(r, &g[0])) {
		r->p = g[0].at + g[0].len + 1;
		r->is_first = true;
		return;
	}
	stop = number_of(r, g, n, &claim);
	reader_word(r, r->p, (size_t)(stop - r->p));
	made = reader_claim(r, claim.kind, r->c->nwords - 1);
	claim.at = made->at;
	claim.len = made->len;
	claim.word = claim.last = made->word;
	claim.sentence = made->sentence;
	*made = claim;
	r->p = stop;
}
