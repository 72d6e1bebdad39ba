/* number - numbers of a spreadsheet as its format codes show them */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "kb/number.h"

#define CODE_MAX_BYTES 255
#define DAYS_TO_1970 25569 /* from 1899-12-30 */
#define DAYS_TO_1904 1462

const char *
number_builtin(int id)
{
	static const char *const codes[] = { "General", "0", "0.00", "#,##0",
		"#,##0.00", "$#,##0", "$#,##0", "$#,##0.00", "$#,##0.00", "0%",
		"0.00%", "0.00E+00", "# ?/?", "# ?\?/?\?", "yyyy-mm-dd",
		"d-mmm-yy", "d-mmm", "mmm-yy", "h:mm AM/PM", "h:mm:ss AM/PM",
		"h:mm", "h:mm:ss", "yyyy-mm-dd h:mm" };

	if (id >= 0 && id < (int)(sizeof(codes) / sizeof(codes[0])))
		return codes[id];
	switch (id) {
	case 37:
	case 38:
		return "#,##0;-#,##0";
	case 39:
	case 40:
		return "#,##0.00;-#,##0.00";
	case 41:
	case 42:
		return "#,##0";
	case 43:
	case 44:
		return "#,##0.00";
	case 45:
		return "mm:ss";
	case 46:
		return "[h]:mm:ss";
	case 47:
		return "mm:ss";
	case 48:
		return "0.0E+0";
	case 49:
		return "@";
	default:
		return NULL;
	}
}

static void
plain(struct buf *out, double v)
{
	if (v == floor(v) && fabs(v) < 1e15)
		buf_addf(out, "%.0f", v == 0 ? 0 : v);
	else
		buf_addf(out, "%.11g", v);
}

/* The byte behind a thing at p that is taken literally, or p. */
static const char *
over_literal(const char *p)
{
	const char *end;

	if (*p == '"') {
		end = strchr(p + 1, '"');
		return end != NULL ? end + 1 : p + strlen(p);
	}
	if (*p == '[') {
		end = strchr(p, ']');
		return end != NULL ? end + 1 : p + strlen(p);
	}
	if ((*p == '\\' || *p == '_' || *p == '*') && p[1] != '\0')
		return p + 2;
	return p;
}

static void
put_literal(struct buf *out, const char *p, const char *end)
{
	const char *from = p + 2, *to;

	if (*p == '"')
		buf_add(out, p + 1,
		    (size_t)(end - p) -
			(end[-1] == '"' && end - p > 1 ? 2 : 1));
	else if (*p == '\\')
		buf_add(out, p + 1, 1);
	else if (*p == '_')
		buf_addc(out, ' ');
	else if (p[0] == '[' && p[1] == '$') {
		to = memchr(from, '-', (size_t)(end - from));
		if (to == NULL)
			to = end[-1] == ']' ? end - 1 : end;
		buf_add(out, from, (size_t)(to - from));
	}
}

enum condition { NONE, HOLDS, FAILS };

/* What a condition before a part says of value, such as "[<=9999999]"; *ret_sign:
 * it is of numbers below 0 alone. */
static enum condition
condition_of(const char *part, size_t len, double value, bool *ret_sign)
{
	const char *p, *end = part + len, *sign, *number;
	bool less, more, equal;
	char *behind;
	double than;

	for (p = part; p < end && *p == '['; p = over_literal(p)) {
		sign = p + 1;
		number = sign + strspn(sign, "<=>");
		if (number == sign)
			continue;
		less = memchr(sign, '<', (size_t)(number - sign)) != NULL;
		more = memchr(sign, '>', (size_t)(number - sign)) != NULL;
		equal = memchr(sign, '=', (size_t)(number - sign)) != NULL;
		than = strtod(number, &behind);
		if (behind == number || *behind != ']')
			return NONE;
		*ret_sign = less && !more && than <= 0;
		return (less && value < than) || (more && value > than) ||
			(equal && value == than) ?
		    HOLDS :
		    FAILS;
	}
	return NONE;
}

/* The part of code for value: positive; negative; zero; or by conditions.
 * *ret_own: it says the sign itself. */
static void
choose(const char *code, double value, char ret[CODE_MAX_BYTES + 1],
    bool *ret_own)
{
	const char *part[4], *p = code, *next;
	size_t len[4], n = 0, pick = 0, i;
	bool sign[3] = { false }, any = false;
	enum condition is[3];

	part[0] = p;
	while (*p != '\0' && n < 3) {
		next = over_literal(p);
		if (next > p)
			p = next;
		else if (*p == ';') {
			len[n] = (size_t)(p - part[n]);
			part[++n] = ++p;
		} else
			p++;
	}
	len[n] = strlen(part[n]);
	n++;
	for (i = 0; i < n && i < 3; i++) {
		is[i] = condition_of(part[i], len[i], value, &sign[i]);
		any |= is[i] != NONE;
	}
	if (any) {
		/* The last is for what is left; one without a condition for
		 * more than 0, the second for less. */
		for (pick = 0; pick + 1 < n && pick < 2; pick++)
			if (is[pick] == HOLDS ||
			    (is[pick] == NONE &&
				(pick == 0 ? value > 0 : value < 0)))
				break;
		*ret_own = is[pick] == NONE ? pick == 1 && n > 2 : sign[pick];
	} else {
		if (value < 0 && n >= 2)
			pick = 1;
		else if (value == 0 && n >= 3)
			pick = 2;
		*ret_own = pick == 1;
	}
	if (len[pick] > CODE_MAX_BYTES)
		len[pick] = CODE_MAX_BYTES;
	memcpy(ret, part[pick], len[pick]);
	ret[len[pick]] = '\0';
}

static bool
is_date(const char *code)
{
	const char *p = code, *next;

	while (*p != '\0') {
		if (p[0] == '[' && p[1] != '\0' &&
		    strchr("hHmMsS", p[1]) != NULL &&
		    (p[2] == ']' || p[2] == p[1]))
			return true;
		next = over_literal(p);
		if (next > p) {
			p = next;
			continue;
		}
		if (strncasecmp(p, "General", 7) == 0)
			return false;
		if (strchr("yYmMdDhHsS", *p) != NULL)
			return true;
		p++;
	}
	return false;
}

/* The civil date of a day counted from 1970-01-01. */
static void
civil(long days, long *y, int *m, int *d)
{
	long era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = yoe + era * 400 + (*m <= 2);
}

static void
format_date(struct buf *out, double v, const char *code)
{
	static const char *const months[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };
	static const char *const days[] = { "Thursday", "Friday", "Saturday",
		"Sunday", "Monday", "Tuesday", "Wednesday" };
	bool half =
	    strcasestr(code, "AM/PM") != NULL || strstr(code, "A/P") != NULL;
	bool seconds = strpbrk(code, "sS") != NULL, minutes = false;
	double whole = floor(v), rest = (v - whole) * 86400;
	long second = lround(rest), day, y, total;
	int m, d, hour, n;
	const char *p, *next;
	char c, last = 0;

	if (!seconds)
		second = (long)floor(rest / 60 + 0.0001) * 60;
	if (second >= 86400)
		second -= 86400, whole += 1;
	day = (long)whole - DAYS_TO_1970;
	/* Excel has a 29 February 1900, so that days before are one later. */
	if (whole >= 1 && whole < 60)
		day++;
	total = (long)whole * 86400 + second;
	civil(day, &y, &m, &d);
	hour = (int)(second / 3600);
	for (p = code; *p != '\0';) {
		if (p[0] == '[' && p[1] != '\0' &&
		    strchr("hHmMsS", p[1]) != NULL) {
			c = (char)tolower((unsigned char)p[1]);
			buf_addf(out, "%ld",
			    c == 'h'	 ? total / 3600 :
				c == 'm' ? total / 60 :
					   total);
			minutes = c == 'h';
			p = over_literal(p);
			continue;
		}
		next = over_literal(p);
		if (next > p) {
			put_literal(out, p, next);
			p = next;
			continue;
		}
		if (strncasecmp(p, "AM/PM", 5) == 0) {
			buf_adds(out, hour < 12 ? "AM" : "PM");
			p += 5;
			continue;
		}
		if (strncmp(p, "A/P", 3) == 0) {
			buf_adds(out, hour < 12 ? "A" : "P");
			p += 3;
			continue;
		}
		c = (char)tolower((unsigned char)*p);
		for (n = 1; tolower((unsigned char)p[n]) == c; n++)
			;
		next = p + n;
		switch (c) {
		case 'y':
			if (n <= 2)
				buf_addf(out, "%02ld", y % 100);
			else
				buf_addf(out, "%04ld", y);
			break;
		case 'm':
			/* Minutes behind hours and before seconds. */
			if (minutes ||
			    (n <= 2 &&
				strcspn(next, "sS") <
				    strcspn(next, "yYdDhHmM") &&
				strpbrk(next, "sS") != NULL))
				buf_addf(out, n > 1 ? "%02ld" : "%ld",
				    second / 60 % 60);
			else if (n <= 2)
				buf_addf(out, n > 1 ? "%02d" : "%d", m);
			else
				buf_add(out, months[m - 1],
				    n == 3     ? 3 :
					n == 5 ? 1 :
						 strlen(months[m - 1]));
			break;
		case 'd':
			if (n <= 2)
				buf_addf(out, n > 1 ? "%02d" : "%d", d);
			else {
				const char *name = days[((day % 7) + 7) % 7];

				buf_add(out, name, n == 3 ? 3 : strlen(name));
			}
			break;
		case 'h':
			buf_addf(out, n > 1 ? "%02d" : "%d",
			    half ? (hour + 11) % 12 + 1 : hour);
			break;
		case 's':
			buf_addf(out, n > 1 ? "%02ld" : "%ld", second % 60);
			break;
		case '@':
		case '?':
		case '#':
			break;
		case '0': /* parts of a second */
			if (last == '.' && out->len > 0)
				out->data[--out->len] = '\0';
			break;
		default:
			buf_add(out, p, (size_t)n);
		}
		if (isalpha((unsigned char)c))
			minutes = c == 'h';
		last = c;
		p = next;
	}
}

/* Digits of |v| with decimals, grouped by thousands. */
static void
put_digits(struct buf *out, double v, int least, int decimals_least,
    int decimals, bool grouped)
{
	char text[400];
	int len = snprintf(text, sizeof(text), "%.*f", decimals, v), whole, i;
	char *dot = strchr(text, '.');

	if (dot != NULL) {
		while (len > (dot - text) + 1 + decimals_least &&
		    text[len - 1] == '0')
			text[--len] = '\0';
		if (text[len - 1] == '.')
			text[--len] = '\0';
	}
	whole = (int)strcspn(text, ".");
	/* "#.##" of a half is ".5", which nobody reads well: 0.5. */
	for (i = whole; i < least; i++)
		buf_addc(out, '0');
	for (i = 0; i < whole; i++) {
		buf_addc(out, text[i]);
		if (grouped && (whole - i) % 3 == 1 && i + 1 < whole)
			buf_addc(out, ',');
	}
	buf_adds(out, text + whole);
}

static bool
is_place(char c)
{
	return c == '0' || c == '#' || c == '?';
}

/*
 * |v| as a fraction: "# ?/?" is 2 1/4, "?/?" 9/4, "# ?/8" in eighths. slash is
 * within code, behind a place.
 */
static void
put_fraction(struct buf *out, double v, const char *code, const char *slash)
{
	const char *p = slash + 1, *from = slash;
	long most = 1, below = 0, whole = 0, n, best_n = 0, best = 1;
	double least = HUGE_VAL, off;
	int places = 0;

	while (*p == ' ')
		p++;
	if (isdigit((unsigned char)*p) && *p != '0')
		below = strtol(p, NULL, 10);
	for (; is_place(*p) && places < 4; p++, places++)
		most *= 10;
	while (from > code && (from[-1] == ' ' || is_place(from[-1])) &&
	    !(from[-1] == ' ' && is_place(*from)))
		from--;
	if (v >= 1e9 || below > 100000) {
		plain(out, v);
		return;
	}
	for (; from > code; from--)
		if (is_place(from[-1])) {
			whole = (long)v;
			break;
		}
	v -= (double)whole;
	for (n = below > 0 ? below : 1; n <= (below > 0 ? below : most - 1);
	     n++) {
		off = fabs(v - rint(v * (double)n) / (double)n);
		if (off < least - 1e-9) {
			least = off;
			best = n;
			best_n = lrint(v * (double)n);
		}
	}
	if (best_n == best && from > code) {
		whole++;
		best_n = 0;
	}
	if (whole > 0 || best_n == 0)
		buf_addf(out, "%ld", whole);
	if (best_n > 0)
		buf_addf(out, whole > 0 ? " %ld/%ld" : "%ld/%ld", best_n, best);
}

/* Whether something stands between the places of digits, as in a telephone
 * number: "(000) 000-0000". */
static bool
is_parted(const char *code)
{
	const char *p, *next;
	bool places = false, gap = false;

	for (p = code; *p != '\0'; p = next > p ? next : p + 1) {
		next = over_literal(p);
		if (next == p && is_place(*p)) {
			if (gap)
				return true;
			places = true;
		} else if (next > p || strchr(".,", *p) == NULL)
			gap = places;
	}
	return false;
}

/* Digits of |v|, each in its place; what does not fit stands before the first.
 */
static void
put_in_places(struct buf *out, double v, const char *code, int decimals,
    bool grouped)
{
	char text[400];
	int len = snprintf(text, sizeof(text), "%.*f", decimals, v);
	int whole = (int)strcspn(text, "."), places = 0, left, at = 0;
	const char *p, *next, *end = code + strlen(code), *point = end;

	if (whole == 1 && *text == '0')
		whole = 0;
	for (p = code; p<point; p = next> p ? next : p + 1) {
		next = over_literal(p);
		if (next == p && *p == '.')
			point = p;
		places += next == p && is_place(*p);
	}
	left = places;
	for (p = code; p<end; p = next> p ? next : p + 1) {
		next = over_literal(p);
		if (next > p)
			put_literal(out, p, next);
		else if (is_place(*p) && p < point) {
			if (left > whole && *p != '#')
				buf_addc(out, *p == '0' ? '0' : ' ');
			for (; at < whole && whole - at >= left; at++) {
				buf_addc(out, text[at]);
				if (grouped && whole - at > 1 &&
				    (whole - at) % 3 == 1)
					buf_addc(out, ',');
			}
			left--;
		} else if (p == point) {
			buf_addc(out, '.');
			at = (int)strcspn(text, ".") + 1;
		} else if (is_place(*p)) {
			if (at < len &&
			    (*p != '#' ||
				strspn(text + at, "0") < (size_t)(len - at)))
				buf_addc(out, text[at]);
			at++;
		} else if (*p != ',')
			buf_addc(out, *p);
	}
}

static void
format_plain_number(struct buf *out, double v, const char *code, bool own_sign)
{
	int least = 0, decimals = 0, decimals_least = 0, scale = 0;
	bool grouped = false, point = false, percent = false, science = false;
	bool done = false, places = false;
	const char *p, *next, *last = NULL;

	for (p = code; *p != '\0'; p++) {
		next = over_literal(p);
		if (next > p) {
			p = next - 1;
			continue;
		}
		if (is_place(*p)) {
			places = true;
			last = p;
			if (science)
				continue;
			if (point) {
				decimals++;
				if (*p == '0')
					decimals_least = decimals;
			} else if (*p == '0')
				least++;
		} else if (*p == '.')
			point = true;
		else if (*p == '%')
			percent = true;
		else if ((*p == 'E' || *p == 'e') &&
		    (p[1] == '+' || p[1] == '-'))
			science = true;
		else if (*p == ',' && last != NULL) {
			if (is_place(p[1]))
				grouped = true;
			else
				scale++;
		} else if (*p == '/' && last != NULL) {
			if (v < 0 && !own_sign)
				buf_addc(out, '-');
			put_fraction(out, fabs(v), code, p);
			return;
		}
	}
	if (percent)
		v *= 100;
	for (; scale > 0; scale--)
		v /= 1000;
	if (decimals > 30)
		decimals = 30;
	if (v < 0 && !own_sign)
		buf_addc(out, '-');
	v = fabs(v);
	if (!science && is_parted(code)) {
		put_in_places(out, v, code, decimals, grouped);
		return;
	}
	for (p = code; *p != '\0'; p++) {
		next = over_literal(p);
		if (next > p) {
			put_literal(out, p, next);
			p = next - 1;
		} else if (strncasecmp(p, "General", 7) == 0) {
			plain(out, v);
			p += 6;
		} else if (is_place(*p) || (*p == '.' && places) ||
		    (*p == ',' && places)) {
			if (!done && science)
				buf_addf(out, "%.*E", decimals, v);
			else if (!done)
				put_digits(out, v, least, decimals_least,
				    decimals, grouped);
			done = true;
		} else if (science && (*p == 'E' || *p == 'e') && done &&
		    (p[1] == '+' || p[1] == '-'))
			p++; /* and its sign */
		else if (*p == '@')
			plain(out, v);
		else
			buf_addc(out, *p);
	}
}

void
number_format(struct buf *out, double value, const char *code, bool is_1904)
{
	char part[CODE_MAX_BYTES + 1];
	bool own_sign;
	size_t from = out->len;

	if (!isfinite(value))
		return;
	if (code == NULL || *code == '\0' || strcasecmp(code, "General") == 0 ||
	    strcmp(code, "@") == 0) {
		plain(out, value);
		return;
	}
	choose(code, value, part, &own_sign);
	if (is_date(part)) {
		if (value >= 0 && value < 2958466)
			format_date(out, value + (is_1904 ? DAYS_TO_1904 : 0),
			    part);
		else
			plain(out, value);
	} else if (fabs(value) < 1e300)
		format_plain_number(out, value, part, own_sign);
	while (out->len > from && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

bool
number_of_date(const char *text, bool is_1904, double *ret)
{
	struct tm tm = { .tm_mday = 1, .tm_year = 70 };
	const char *p = strptime(text, "%Y-%m-%d", &tm), *time;
	double value = 0;
	time_t day;

	if (p != NULL) {
		day = timegm(&tm) / 86400;
		value = (double)day + DAYS_TO_1970;
		/* Excel has a 29 February 1900. */
		if (value < 61)
			value--;
		if (is_1904)
			value -= DAYS_TO_1904;
	}
	time = p != NULL ? p : text;
	if (*time == 'T' || *time == ' ')
		time++;
	if (p == NULL || *p != '\0') {
		p = strptime(time, "%H:%M:%S", &tm);
		if (p == NULL)
			p = strptime(time, "%H:%M", &tm);
		if (p == NULL)
			return false;
		value +=
		    (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) / 86400.0;
		if (*p == '.')
			p += 1 + strspn(p + 1, "0123456789");
		p += *p == 'Z';
	}
	/* What comes before its first day Excel has as text. */
	if (*p != '\0' || value < 0)
		return false;
	*ret = value;
	return true;
}
