/* numeral - numbers in words */
#include <math.h>
#include <string.h>

#include "ground/numeral.h"
#include "base/str.h"

bool
numeral_knows(const char *language)
{
	static const char *const known[] = { "en", "de", "es", "fr", "pt",
		NULL };

	return str_in(language, known);
}

double
numeral_value(const struct numeral *n)
{
	return n->thousands + n->rest;
}

/* "a hundred and five", "treinta y dos", "soixante et onze", "vinte e um" */
static bool
may_link(const char *language, double low, double v)
{
	bool tens = low >= 20 && fmod(low, 10) == 0;

	switch (*language) {
	case 'e':
		if (language[1] == 'n')
			return low == 0 && v < 100;
		return tens && v < 10;
	case 'f':
		return tens && (v == 1 || v == 11);
	case 'p':
		return v < 1000;
	default:
		return false;
	}
}

bool
numeral_add(struct numeral *n, const char *language, double v, bool linked)
{
	double low = fmod(n->rest, 100);
	bool french = *language == 'f', first = numeral_value(n) == 0;

	if (linked && !may_link(language, low, v))
		return false;
	if (v == 1000) {
		if (n->thousands > 0 || linked)
			return false;
		n->thousands = 1000 * (n->rest > 0 ? n->rest : 1);
		n->rest = 0;
		return true;
	}
	if (v == 100 && !linked && n->rest >= 1 && n->rest < 100) {
		n->rest *= 100;
		return true;
	}
	/* quatre-vingts */
	if (french && v == 20 && low == 4 && !linked) {
		n->rest += 76;
		return true;
	}
	if (v >= 100) {
		if (n->rest != 0 || v >= 1000)
			return false;
	} else if (v >= 10) {
		if (low != 0 && !(french && v < 20 && (low == 60 || low == 80)))
			return false;
	} else if (low != 0 && !(low >= 20 && fmod(low, 10) == 0) &&
	    !(french && v >= 7 && (low == 10 || low == 70 || low == 90)))
		return false;
	if (first && linked)
		return false;
	n->rest += v;
	return true;
}

struct piece {
	const char *name;
	double value;
};

static const struct piece german_ones[] = { { "ein", 1 }, { "zwei", 2 },
	{ "drei", 3 }, { "vier", 4 }, { "funf", 5 }, { "sechs", 6 },
	{ "sieben", 7 }, { "acht", 8 }, { "neun", 9 }, { NULL, 0 } };
static const struct piece german_teens[] = { { "eins", 1 }, { "zehn", 10 },
	{ "elf", 11 }, { "zwolf", 12 }, { "dreizehn", 13 }, { "vierzehn", 14 },
	{ "funfzehn", 15 }, { "sechzehn", 16 }, { "siebzehn", 17 },
	{ "achtzehn", 18 }, { "neunzehn", 19 }, { NULL, 0 } };
static const struct piece german_tens[] = { { "zwanzig", 20 },
	{ "dreißig", 30 }, { "dreissig", 30 }, { "vierzig", 40 },
	{ "funfzig", 50 }, { "sechzig", 60 }, { "siebzig", 70 },
	{ "achtzig", 80 }, { "neunzig", 90 }, { NULL, 0 } };

static double
find_piece(const struct piece *p, const char *word, size_t len)
{
	for (; p->name != NULL; p++)
		if (strlen(p->name) == len && memcmp(p->name, word, len) == 0)
			return p->value;
	return 0;
}

static const char *
find_in(const char *word, size_t len, const char *what)
{
	return memmem(word, len, what, strlen(what));
}

static double
below_hundred(const char *word, size_t len)
{
	const char *und = find_in(word, len, "und");
	double v = find_piece(german_teens, word, len), ones, tens;
	size_t n;

	if (v == 0)
		v = find_piece(german_ones, word, len);
	if (v == 0)
		v = find_piece(german_tens, word, len);
	if (v != 0 || und == NULL)
		return v;
	n = (size_t)(und - word);
	ones = find_piece(german_ones, word, n);
	tens = find_piece(german_tens, und + 3, len - n - 3);
	return ones != 0 && tens != 0 ? ones + tens : 0;
}

/* What stands before "hundert" or "tausend", times it, and what behind. */
static double
with_factor(const char *word, size_t len, const char *factor, double times,
    double (*below)(const char *, size_t))
{
	const char *at = find_in(word, len, factor), *p;
	size_t before;
	double v = 1, rest = 0;

	if (at == NULL)
		return below_hundred(word, len);
	before = (size_t)(at - word);
	if (before > 0)
		v = below(word, before);
	p = at + strlen(factor);
	len -= (size_t)(p - word);
	if (len > 3 && memcmp(p, "und", 3) == 0) {
		p += 3;
		len -= 3;
	}
	if (len > 0)
		rest = below(p, len);
	return v == 0 || (len > 0 && rest == 0) ? 0 : v * times + rest;
}

static double
below_thousand(const char *word, size_t len)
{
	return with_factor(word, len, "hundert", 100, below_hundred);
}

double
numeral_of_word(const char *word, size_t len)
{
	return find_in(word, len, "tausend") != NULL ?
	    with_factor(word, len, "tausend", 1000, below_thousand) :
	    below_thousand(word, len);
}
