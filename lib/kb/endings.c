/* endings - light stemming for languages without a Snowball stemmer that serves */
#include <string.h>

#include "kb/endings.h"

/*
 * Folded, with blanks between; "least" letters are to be left, and so many
 * rounds are cut, for a Turkish word takes one ending behind the other.
 */
static const struct {
	const char *language;
	size_t least, rounds;
	const char *endings;
} lists[] = {
	/* Particles, and the verb endings behind "to do" and "to become". */
	{ "ko", 2, 1,
	    "은 는 이 가 을 를 의 에 에서 에게 에는 에도 에서는 께 으로 로 와 과 "
	    "도 만 까지 까지는 부터 보다 처럼 마다 이나 나 이며 며 이라 라 들 들은 "
	    "들이 들을 이고 이다 입니다 인가요 이에요 예요 은요 는요 "
	    "하다 하고 하며 하면 하는 하는데 하려면 하려고 하러 하지 하기 하세요 "
	    "하나요 합니다 합니까 할 할까요 한 한다 해 해도 해요 해야 해서 했는데 "
	    "했어요 했습니다 하고싶은데 하실 하시면 "
	    "되다 되고 되며 되면 되는 되지 되나요 됩니다 됩니까 될 될까요 된 된다 "
	    "돼 돼요 되어 되었 됐어요 되었습니다 되려면" },
	/* What is said behind a noun of one syllable can be told there, too. */
	{ "ko", 1, 1, "은 는 을 를 에서 까지 부터" },
	{ "pl", 4, 1,
	    "a e i o u y om ow ami ach em ie iem owi ego emu ej ym ych ymi "
	    "im ich imi ac ic yc" },
	{ "uk", 4, 1,
	    "а я о е є і и у ю ів ам ям ами ями ах ях ом ем ою ею ові еві "
	    "ого ому ии іи их им ими оі ти ся" },
	/* Snowball's goes by the vowels that folding makes alike. A k becomes a
	 * soft g before a vowel, so both go. */
	{ "tr", 3, 3,
	    "lar ler ı i u yı yi yu sı si su ın in un nın nin nun ım im um m "
	    "mız miz muz ımız imiz umuz nız niz nuz ınız iniz unuz a e ya ye "
	    "na ne da de ta te nda nde dan den tan ten ndan nden la le yla yle "
	    "gı gi gu ga ge gım gim gum gın gin gun k dır dir dur tır tir tur "
	    "mak mek yor ıyor iyor uyor yorum yoruz yorsunuz acak ecek "
	    "abilir ebilir abilirim ebilirim ma me" },
};

static size_t
letters_of(const char *word, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += ((unsigned char)word[i] & 0xc0) != 0x80;
	return n;
}

/* The bytes left of word when the longest of endings is off. */
static size_t
cut_one(const char *word, size_t len, size_t least, const char *endings)
{
	const char *p;
	size_t n, left = len;

	for (p = endings; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		if (n < len && len - n < left &&
		    memcmp(word + len - n, p, n) == 0 &&
		    letters_of(word, len - n) >= least)
			left = len - n;
	}
	return left;
}

size_t
endings_cut(const char *word, size_t len, const char *language)
{
	size_t i, k, cut, left = len;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(lists[i].language, language) != 0)
			continue;
		cut = len;
		for (k = 0; k < lists[i].rounds; k++)
			cut = cut_one(word, cut, lists[i].least,
			    lists[i].endings);
		if (cut < left)
			left = cut;
	}
	return left;
}

bool
endings_known(const char *language)
{
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i].language, language) == 0)
			return true;
	return false;
}
