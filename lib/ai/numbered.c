/* numbered - names that go with a number: "Trailhawk 2", "XR-7", "iPhone15" */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ai/numbered.h"
#include "base/str.h"
#include "base/utf8.h"

/* What stands behind a number that is a time, a range or an amount. */
static const char *const measures[] = { "to", "till", "until", "and", "or",
	"bis", "und", "oder", "a", "al", "y", "et", "ou", "e", "tot", "en",
	"do", "am", "pm", "h", "uhr", "uur", "heures", "horas", "ore", "oclock",
	"hour", "hours", "minute", "minutes", "min", "day", "days", "week",
	"weeks", "month", "months", "year", "years", "tag", "tage", "tagen",
	"stunden", "minuten", "woche", "wochen", "monat", "monate", "monaten",
	"jahr", "jahre", "jahren", "jours", "jour", "semaines", "mois", "ans",
	"dias", "semanas", "meses", "anos", "giorni", "settimane", "mesi",
	"anni", "dagen", "weken", "maanden", "jaar", "working", "business",
	"euro", "euros", "eur", "usd", "gbp", "dollar", "dollars", "pounds",
	"percent", "prozent", "kg", "g", "mg", "km", "m", "cm", "mm", "l", "ml",
	"people", "persons", "personen", "pieces", "items", "times", NULL };

/* A name and its number within a text. */
struct place {
	const char *name;
	size_t name_len;
	const char *number;
	size_t number_len;
	bool is_joined;	 /* in one word, or by a dash */
	bool is_capital; /* as names are written */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of the letters at p. */
static size_t
letters(const char *p, const char *end)
{
	const char *at = p, *next = p;
	uint32_t c;

	while (at < end && !is_digit(*at)) {
		c = utf8_next(&next, end);
		if (!utf8_is_word(c))
			break;
		at = next;
	}
	return (size_t)(at - p);
}

/* The bytes of the number at p, "2", "3.1" or, in one word, "7b". */
static size_t
number(const char *p, const char *end, bool is_joined)
{
	const char *at = p;

	while (at < end &&
	    (is_digit(*at) ||
		(*at == '.' && at > p && at + 1 < end && is_digit(at[1]))))
		at++;
	if (at > p && is_joined)
		while (at < end && isalnum((unsigned char)*at))
			at++;
	return (size_t)(at - p);
}

static bool
is_measure(const char *p, size_t len)
{
	char *word = utf8_fold(p, len);
	bool found = str_in(word, measures);

	free(word);
	return found;
}

/* Whether what is at p makes an amount of the number before it. */
static bool
measures_it(const char *p, const char *end)
{
	size_t len;

	while (p < end && *p == ' ')
		p++;
	if (p == end)
		return false;
	len = letters(p, end);
	if (len == 0)
		/* A dash of any length, a sign of money, another number. */
		return is_digit(*p) || strchr("-:/%$+*=,", *p) != NULL ||
		    str_starts(p, "\xe2\x80\x93") ||
		    str_starts(p, "\xe2\x80\x94") ||
		    str_starts(p, "\xe2\x82\xac") || str_starts(p, "\xc2\xa3");
	return is_measure(p, len);
}

static bool
is_capital(const char *p, size_t len)
{
	char *text = xstrndup(p, len), *folded = utf8_fold_case(p, len);
	/* Without a case nothing is told by it. */
	bool differs = strcmp(text, folded) != 0;

	free(text);
	free(folded);
	return differs;
}

/* The next place from *p on, which moves behind it. */
static bool
next_place(const char **p, const char *end, struct place *ret)
{
	const char *at, *next;
	size_t len;

	while (*p < end) {
		len = letters(*p, end);
		if (len == 0) { /* a number alone is passed over whole */
			len = number(*p, end, true);
			if (len > 0)
				*p += len;
			else
				utf8_next(p, end);
			continue;
		}
		ret->name = *p;
		ret->name_len = len;
		at = *p = *p + len;
		ret->is_joined = at < end &&
		    (is_digit(*at) ||
			(*at == '-' && at + 1 < end && is_digit(at[1])));
		if (at < end && (*at == '-' || *at == ' '))
			at++;
		ret->number = at;
		ret->number_len = number(at, end, ret->is_joined);
		next = at + ret->number_len;
		ret->is_capital = is_capital(ret->name, ret->name_len);
		/* "m2" is no name, "M2" may be one. */
		if (ret->number_len == 0 ||
		    (ret->is_joined && !ret->is_capital &&
			ret->number == ret->name + ret->name_len &&
			is_measure(ret->name, ret->name_len)) ||
		    (!ret->is_joined &&
			(letters(next, end) > 0 || measures_it(next, end) ||
			    is_measure(ret->name, ret->name_len))))
			continue;
		*p = next;
		return true;
	}
	return false;
}

size_t
numbered_find(const char *text, struct numbered *ret)
{
	const char *p = text, *end = text + strlen(text);
	struct place at;
	size_t n = 0;

	while (n < NUMBERED_MAX && next_place(&p, end, &at)) {
		ret[n].name = utf8_fold(at.name, at.name_len);
		ret[n++].number = utf8_fold(at.number, at.number_len);
	}
	return n;
}

void
numbered_release(struct numbered *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(list[i].name);
		free(list[i].number);
	}
}

/* "3" is also the name of 3.1. */
static bool
is_number(const char *asked, const char *found)
{
	size_t len = strlen(asked);

	return strncmp(asked, found, len) == 0 &&
	    (found[len] == '\0' || found[len] == '.');
}

unsigned
numbered_in(const struct numbered *one, const char *text)
{
	const char *p = text, *end = text + strlen(text);
	struct place at;
	unsigned found = 0;
	char *name, *its;

	while (next_place(&p, end, &at)) {
		name = utf8_fold(at.name, at.name_len);
		its = utf8_fold(at.number, at.number_len);
		if (strcmp(name, one->name) == 0) {
			if (is_number(one->number, its))
				found |= NUMBERED_SAME;
			else if (at.is_capital || at.is_joined)
				found |= NUMBERED_OTHER;
		}
		free(name);
		free(its);
	}
	return found;
}

char *
numbered_replace(const char *text, const char *number)
{
	const char *p = text, *end = text + strlen(text);
	struct place at, one = { .name = NULL };

	while (next_place(&p, end, &at)) {
		if (one.name != NULL)
			return NULL;
		one = at;
	}
	if (one.name == NULL ||
	    (strlen(number) == one.number_len &&
		strncmp(one.number, number, one.number_len) == 0))
		return NULL;
	return xformat("%.*s%s%s", (int)(one.number - text), text, number,
	    one.number + one.number_len);
}
