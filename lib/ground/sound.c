/* sound - names in different alphabets that may be one */
#include <stdint.h>
#include <string.h>

#include "ground/sound.h"
#include "base/utf8.h"

/* Letters that sound alike, the class first. */
static const struct {
	char class;
	const char *letters;
} classes[] = {
	{ 'p', "bpбпपफबभبپ" },
	{ 't', "dtдтटठडढतथदधتدطض" },
	{ 'k', "ckgqxкгхकखगघقكجغخ" },
	{ 'f', "fvwфвवفو" },
	{ 's', "sjzсзцчшщжचछजझशषसسزشصذثظ" },
	{ 'l', "lлलل" },
	{ 'r', "rрरر" },
	{ 'm', "mмमم" },
	{ 'n', "nнनणङञन" },
};

static char
class_of(uint32_t c)
{
	const char *p, *end;
	size_t i;

	if (c >= 'A' && c <= 'Z')
		c |= 32;
	if (c >= 0x410 && c <= 0x42f)
		c += 0x20;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		p = classes[i].letters;
		end = p + strlen(p);
		while (p < end)
			if (utf8_next(&p, end) == c)
				return classes[i].class;
	}
	return 0;
}

size_t
sound_of(const char *word, size_t len, char ret[SOUND_CONSONANTS + 1])
{
	const char *p = word, *end = word + len;
	size_t n = 0;
	char class;

	while (p < end && n < SOUND_CONSONANTS) {
		class = class_of(utf8_next(&p, end));
		/* Doubled letters are one. */
		if (class != 0 && (n == 0 || ret[n - 1] != class))
			ret[n++] = class;
	}
	ret[n] = '\0';
	return n;
}

/* The length of the longest sequence that both have. */
static size_t
common(const char *a, const char *b)
{
	size_t row[SOUND_CONSONANTS + 1] = { 0 }, i, k, before, here;

	for (i = 0; a[i] != '\0'; i++) {
		before = 0;
		for (k = 0; b[k] != '\0'; k++) {
			here = row[k + 1];
			if (a[i] == b[k])
				row[k + 1] = before + 1;
			else if (row[k] > row[k + 1])
				row[k + 1] = row[k];
			before = here;
		}
	}
	return row[strlen(b)];
}

bool
sound_alike(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), most = n > m ? n : m;

	return n > 0 && a[0] == b[0] && 10 * common(a, b) >= 7 * most;
}
