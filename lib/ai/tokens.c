/*
 * tokens - how many tokens a text is, as estimated
 *
 * Each model counts in its own way. The weights are quarters of a token for
 * what stands in a text, taken so that OpenAI's cl100k, which counts the most
 * of those that can be looked at, comes out at or below the estimate.
 */
#include <stdbool.h>
#include <string.h>

#include "ai/provider.h"
#include "base/utf8.h"

static const struct {
	uint32_t below;
	int quarters;
} weights[] = {
	{ 0x250, 5 },	 /* Latin beyond ASCII breaks a word up */
	{ 0x370, 4 },	 /* marks over letters */
	{ 0x400, 5 },	 /* Greek */
	{ 0x530, 2 },	 /* Cyrillic */
	{ 0x590, 8 },	 /* Armenian */
	{ 0x700, 5 },	 /* Hebrew, Arabic */
	{ 0x900, 6 },	 /* Syriac and on */
	{ 0xb00, 5 },	 /* Devanagari, Bengali, Gurmukhi, Gujarati */
	{ 0xe00, 7 },	 /* Oriya, Tamil, Telugu, Kannada, ... */
	{ 0xe80, 4 },	 /* Thai */
	{ 0x1e00, 9 },	 /* Georgian, Khmer, ... */
	{ 0x2000, 4 },	 /* Latin and Greek with more marks */
	{ 0x2c00, 6 },	 /* punctuation, arrows, symbols */
	{ 0x3000, 6 },	 /* Braille, radicals */
	{ 0xa000, 5 },	 /* Chinese, Japanese */
	{ 0xac00, 8 },	 /* Yi and others */
	{ 0xd7b0, 5 },	 /* Korean */
	{ 0xff00, 8 },	 /* compatibility forms */
	{ 0x10000, 6 },	 /* full width */
	{ 0x110000, 12 } /* emoji and rare scripts */
};

static int
weight(uint32_t c)
{
	size_t i = 0;

	while (c >= weights[i].below)
		i++;
	return weights[i].quarters;
}

/* Whole tokens of a run of so many characters, so many to a token. */
static int64_t
run(size_t n, size_t each)
{
	return (int64_t)((n + each - 1) / each) * 4;
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

/*
 * The length of a run of base64 that begins at p, keys and hashes included; 0:
 * it is none. Models know no such words: 7 characters are about 5 tokens.
 */
#define CODE_LEAST 24
static size_t
code_run(const char *p)
{
	size_t len = 0, i;
	bool upper = false, lower = false, digit = false;

	while (is_word_byte(p[len]))
		len++;
	if (len < CODE_LEAST)
		return 0;
	for (i = 0; i < len; i++) {
		upper |= p[i] >= 'A' && p[i] <= 'Z';
		lower |= p[i] >= 'a' && p[i] <= 'z';
		digit |= p[i] >= '0' && p[i] <= '9';
	}
	return upper && lower && digit ? len : 0;
}

int64_t
provider_tokens(const char *text)
{
	const char *p = text, *end = text + strlen(text), *at;
	int64_t quarters = 0;
	size_t letters, code;

	while (p < end) {
		at = p;
		code = p == text || !is_word_byte(p[-1]) ? code_run(p) : 0;
		if (code > 0) {
			p += code;
			quarters += (int64_t)(code * 20 / 7 + 1);
			continue;
		}
		while (p < end &&
		    ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')))
			p++;
		letters = (size_t)(p - at);
		/* What has no vowels for long is no word: keys, codes. */
		quarters += run(letters, letters > 24 ? 2 : 4);
		if (p > at)
			continue;
		while (p < end && *p >= '0' && *p <= '9')
			p++;
		quarters += run((size_t)(p - at), 2);
		if (p > at)
			continue;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		/* A single blank belongs to the word behind it, not to a
		 * number. */
		if (p > at) {
			quarters +=
			    run((size_t)(p - at) - !(*p >= '0' && *p <= '9'),
				4);
			continue;
		}
		if ((unsigned char)*p < 0x80) {
			p++;
			quarters += 4;
		} else
			quarters += weight(utf8_next(&p, end));
	}
	return quarters / 4 + 1;
}
