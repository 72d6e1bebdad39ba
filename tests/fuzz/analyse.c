/*
 * fuzz: a text to its words and their stems
 *
 * The first byte tells the language. Words are UTF-8, not empty and no longer
 * than they may be; what is folded once is folded the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "kb/analyse.h"

static void
on_word(void *ctx, const char *word, size_t len)
{
	if (len == 0 || len > KB_WORD_MAX_BYTES || !utf8_valid(word, len))
		abort();
	++*(size_t *)ctx;
}

static void
on_stem(void *ctx, const char *word, size_t len)
{
	if (len == 0 || !utf8_valid(word, len))
		abort();
	++*(size_t *)ctx;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const languages[] = { "el", "en", "de", "es", "fr",
		"pt", "ru", "ar", "hi", "zh", "ja", "th", "vi", "tr", "id",
		"und" };
	static struct analyser *a;
	struct buf all = BUF_INIT(0);
	const char *language;
	size_t words = 0, stems = 0, len;
	char *text;

	if (size == 0)
		return 0;
	if (a == NULL)
		a = analyser_new();
	language = languages[data[0] % 16];
	text = utf8_mend((const char *)data + 1, size - 1);
	len = strlen(text);
	analyse_words(text, len, on_word, &words);
	words = 0;
	analyse_text(text, len, language, on_word, &words);
	analyse_stems(a, text, len, language, on_stem, &stems);
	if (stems != words)
		abort();
	analyse(a, text, len, language, &all);
	for (len = 0; len < all.len; len++)
		words -= all.data[len] == ' ';
	if (words != (all.len > 0))
		abort();
	buf_release(&all);
	free(text);
	return 0;
}
