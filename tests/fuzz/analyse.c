/*
 * fuzz: a text to its words and their stems
 *
 * The first byte tells the language. Words are UTF-8, not empty and no longer
 * than they may be; what is folded once is folded the same again. Of plain ASCII
 * they are the same by another way.
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

static void
note_word(void *ctx, const char *word, size_t len)
{
	buf_add(ctx, word, len);
	buf_addc(ctx, ' ');
}

static void
same_words(const char *text, size_t len)
{
	struct buf by_call = BUF_INIT(0), by_list = BUF_INIT(0),
		   folded = BUF_INIT(0), words = BUF_INIT(0);
	const struct plain_word *w;
	size_t n = analyse_plain_words(text, len, &folded, &words), i;

	analyse_words(text, len, note_word, &by_call);
	w = (const struct plain_word *)(const void *)words.data;
	for (i = 0; i < n; i++)
		note_word(&by_list, folded.data + w[i].at,
		    w[i].len < KB_WORD_MAX_BYTES ? w[i].len :
						   KB_WORD_MAX_BYTES);
	if (by_list.len != by_call.len ||
	    (n > 0 && memcmp(by_list.data, by_call.data, by_list.len) != 0))
		abort();
	buf_release(&by_call);
	buf_release(&by_list);
	buf_release(&folded);
	buf_release(&words);
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
	same_words(text, utf8_plain_length(text, len));
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
