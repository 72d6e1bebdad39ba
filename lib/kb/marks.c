/* marks - the Vietnamese words that one typed without its marks may be */
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "kb/marks.h"

#define ONSET_MAX 3  /* ngh */
#define CODA_MAX 2   /* ng, nh, ch */
#define VOWELS_MAX 3 /* uye */
#define WORD_BYTES (ONSET_MAX + 4 * VOWELS_MAX + CODA_MAX + 2)

/* What the vowels of a syllable can be, the tone not yet on them. */
static const struct {
	const char *bare;
	const char *marked; /* with blanks between */
} rhymes[] = {
	{ "a", "a ă â" },
	{ "e", "e ê" },
	{ "i", "i" },
	{ "o", "o ô ơ" },
	{ "u", "u ư" },
	{ "y", "y" },
	{ "ai", "ai" },
	{ "ao", "ao" },
	{ "au", "au âu" },
	{ "ay", "ay ây" },
	{ "eo", "eo" },
	{ "eu", "êu" },
	{ "ia", "ia" },
	{ "ie", "iê" },
	{ "iu", "iu" },
	{ "oa", "oa oă" },
	{ "oe", "oe" },
	{ "oi", "oi ôi ơi" },
	{ "ua", "ua uâ ưa" },
	{ "ue", "uê" },
	{ "ui", "ui ưi" },
	{ "uo", "uô ươ uơ" },
	{ "uu", "ưu" },
	{ "uy", "uy" },
	{ "ye", "yê" },
	{ "ieu", "iêu" },
	{ "oai", "oai" },
	{ "oay", "oay" },
	{ "uay", "uây" },
	{ "uoi", "uôi ươi" },
	{ "uou", "ươu" },
	{ "uye", "uyê" },
	{ "yeu", "yêu" },
};

/* Each vowel with the five tones; the last two go before c, ch, p and t, too. */
static const char *const tones[] = { "aàảãáạ", "ăằẳẵắặ", "âầẩẫấậ", "eèẻẽéẹ",
	"êềểễếệ", "iìỉĩíị", "oòỏõóọ", "ôồổỗốộ", "ơờởỡớợ", "uùủũúụ", "ưừửữứự",
	"yỳỷỹýỵ", NULL };
#define TONES 5
#define TONES_OPEN 3 /* of them are not before c, ch, p and t */

struct syllable {
	const char *onset, *coda;
	size_t onset_len, coda_len;
	bool is_d;	/* its first letter may be đ */
	bool is_closed; /* by c, ch, p or t */
	word_fn each;
	void *ctx;
};

/* The bytes of the character at p. */
static size_t
size_of(const char *p)
{
	const char *next = p;

	utf8_next(&next, p + strlen(p));
	return (size_t)(next - p);
}

/* What was between the blanks, as a word: with d, and with đ. */
static void
tell(const struct syllable *s, const char *vowels, size_t len)
{
	char word[WORD_BYTES];
	size_t n = 0;

	memcpy(word, s->onset, s->onset_len);
	n = s->onset_len;
	memcpy(word + n, vowels, len);
	memcpy(word + n + len, s->coda, s->coda_len);
	n += len + s->coda_len;
	s->each(s->ctx, word, n);
	if (!s->is_d)
		return;
	memmove(word + strlen("đ"), word + 1, n - 1);
	memcpy(word, "đ", strlen("đ"));
	s->each(s->ctx, word, n - 1 + strlen("đ"));
}

/* The vowels with each tone on the character at. */
static void
tell_tones(const struct syllable *s, const char *vowels, size_t len, size_t at)
{
	char toned[4 * VOWELS_MAX];
	size_t size = size_of(vowels + at), i, n;
	const char *const *t;
	const char *tone;

	for (t = tones; *t != NULL && memcmp(*t, vowels + at, size) != 0; t++)
		;
	if (*t == NULL)
		return;
	tone = *t + size;
	for (i = 0; i < TONES; i++, tone += n) {
		n = size_of(tone);
		if (s->is_closed && i < TONES_OPEN)
			continue;
		memcpy(toned, vowels, at);
		memcpy(toned + at, tone, n);
		memcpy(toned + at + n, vowels + at + size, len - at - size);
		tell(s, toned, len - size + n);
	}
}

/* The tone is on the last vowel that has a mark, or else on any. */
static void
tell_rhyme(const struct syllable *s, const char *vowels, size_t len)
{
	size_t at, n, marked = len;

	tell(s, vowels, len);
	for (at = 0; at < len; at += n) {
		n = size_of(vowels + at);
		if (n > 1)
			marked = at;
	}
	for (at = 0; at < len; at += size_of(vowels + at))
		if (marked == len || at == marked)
			tell_tones(s, vowels, len, at);
}

static bool
ends_closed(const char *coda)
{
	return strcmp(coda, "c") == 0 || strcmp(coda, "ch") == 0 ||
	    strcmp(coda, "p") == 0 || strcmp(coda, "t") == 0;
}

void
marks_each(const char *word, word_fn each, void *ctx)
{
	static const char vowel[] = "aeiouy";
	struct syllable s = { .onset = word, .each = each, .ctx = ctx };
	size_t i, len;
	const char *p;

	s.onset_len = strcspn(word, vowel);
	/* The vowel of "qu" and "gi" is the next one. */
	if ((strncmp(word, "qu", 2) == 0 || strncmp(word, "gi", 2) == 0) &&
	    word[2] != '\0' && strchr(vowel, word[2]) != NULL)
		s.onset_len = 2;
	len = strspn(word + s.onset_len, vowel);
	s.coda = word + s.onset_len + len;
	s.coda_len = strlen(s.coda);
	if (s.onset_len > ONSET_MAX || s.coda_len > CODA_MAX ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyz") < strlen(word))
		return;
	s.is_d = word[0] == 'd';
	s.is_closed = ends_closed(s.coda);
	for (i = 0; i < sizeof(rhymes) / sizeof(rhymes[0]); i++)
		if (strlen(rhymes[i].bare) == len &&
		    memcmp(rhymes[i].bare, word + s.onset_len, len) == 0)
			break;
	if (i == sizeof(rhymes) / sizeof(rhymes[0]))
		return;
	for (p = rhymes[i].marked; *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		tell_rhyme(&s, p, len);
	}
}
