/* slips - the words that a slip of the pen may have made one word of */
#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "base/language.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/slips.h"

#define LETTERS_MAX KB_WORD_MAX_BYTES
#define ALPHABET_MAX 96
#define CHARACTER_BYTES 4

/* Letters as folding leaves them. The last one is of all other languages. */
static const struct {
	const char *language;
	uint32_t first, last;
	const char *more;
} alphabets[] = {
	{ "ru", 0x430, 0x44f, "" },
	{ "bg", 0x430, 0x44f, "" },
	{ "uk", 0x430, 0x44f, "іїєґ" },
	{ "el", 0x3b1, 0x3c9, "" },
	{ "hy", 0x561, 0x587, "" },
	{ "he", 0x5d0, 0x5ea, "" },
	{ "ar", 0x621, 0x64a, "" },
	{ "fa", 0x621, 0x64a, "پچژگکی" },
	{ "ur", 0x621, 0x64a, "پچژگکیٹڈڑںےہھ" },
	{ "hi", 0x901, 0x94d, "" },
	{ "mr", 0x901, 0x94d, "" },
	{ "ta", 0xb82, 0xbcd, "" },
	{ "ko", 0, 0, "" }, /* a letter of it is a syllable */
	{ "tr", 'a', 'z', "ı" },
	{ NULL, 'a', 'z', "" },
};

struct edit {
	uint32_t letter[LETTERS_MAX];
	size_t n;
	char word[(LETTERS_MAX + 1) * CHARACTER_BYTES];
	slip_fn each;
	void *ctx;
};

static size_t
read_alphabet(const char *language, uint32_t *ret)
{
	const char *p, *end;
	uint32_t c;
	size_t i = 0, n = 0;

	language = language_plain(language);
	while (alphabets[i].language != NULL &&
	    strcmp(alphabets[i].language, language) != 0)
		i++;
	for (c = alphabets[i].first; c <= alphabets[i].last && c != 0; c++)
		if (utf8_is_word(c))
			ret[n++] = c;
	p = alphabets[i].more;
	end = p + strlen(p);
	while ((c = utf8_next(&p, end)) != 0)
		ret[n++] = c;
	return n;
}

static size_t
put(char *to, uint32_t c)
{
	if (c < 128) {
		*to = (char)c;
		return 1;
	}
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
	    (utf8proc_uint8_t *)to);
}

/* The letters before from, those between, and the letters from to on. */
static void
tell(struct edit *e, enum slip slip, size_t from, const uint32_t *between,
    size_t n, size_t to)
{
	uint32_t first = from > 0 ? e->letter[0] :
	    n > 0		  ? between[0] :
				    e->letter[to];
	size_t i, len = 0;

	for (i = 0; i < from; i++)
		len += put(e->word + len, e->letter[i]);
	for (i = 0; i < n; i++)
		len += put(e->word + len, between[i]);
	for (i = to; i < e->n; i++)
		len += put(e->word + len, e->letter[i]);
	if (len <= KB_WORD_MAX_BYTES)
		e->each(e->ctx, e->word, len, slip, first != e->letter[0]);
}

/* What it is that letter c is not there before the i-th. */
static enum slip
left_out(const struct edit *e, size_t i, uint32_t c)
{
	return (i > 0 && e->letter[i - 1] == c) ||
		(i < e->n && e->letter[i] == c) ?
	    SLIP_DOUBLED :
	    SLIP_LEFT_OUT;
}

void
slips_each(const char *word, const char *language, slip_fn each, void *ctx)
{
	struct edit e = { .each = each, .ctx = ctx };
	uint32_t alphabet[ALPHABET_MAX], c, pair[2];
	const char *p = word, *end = word + strlen(word);
	size_t letters = read_alphabet(language, alphabet), i, k;

	while (e.n < LETTERS_MAX && (c = utf8_next(&p, end)) != 0)
		e.letter[e.n++] = c;
	for (k = 0; k < letters && alphabet[k] != e.letter[0]; k++)
		;
	if (k == letters || *p != '\0' || e.n < 2)
		return;
	for (i = 0; i < e.n; i++) {
		tell(&e,
		    i > 0 && e.letter[i - 1] == e.letter[i] ? SLIP_DOUBLED :
							      SLIP_PUT_IN,
		    i, NULL, 0, i + 1);
		for (k = 0; k < letters; k++) {
			tell(&e, left_out(&e, i, alphabet[k]), i, &alphabet[k],
			    1, i);
			if (alphabet[k] != e.letter[i])
				tell(&e, SLIP_OTHER, i, &alphabet[k], 1, i + 1);
		}
		if (i + 1 == e.n || e.letter[i] == e.letter[i + 1])
			continue;
		pair[0] = e.letter[i + 1];
		pair[1] = e.letter[i];
		tell(&e, SLIP_SWAPPED, i, pair, 2, i + 2);
	}
	for (k = 0; k < letters; k++)
		tell(&e, left_out(&e, e.n, alphabet[k]), e.n, &alphabet[k], 1,
		    e.n);
}
