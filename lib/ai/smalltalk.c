/* smalltalk - hello, thanks and goodbye, which ask for nothing */
#include <stdbool.h>
#include <string.h>

#include "ai/smalltalk.h"
#include "base/str.h"
#include "kb/analyse.h"

/* As analyse_words() makes them: folded, without what an apostrophe cuts off
 * ("that's all" is "that all", "d'accord" is "accord"). */
static const char *const greetings[] = {
	/* en */ "hello", "hi", "hey", "hiya", "howdy", "good morning",
	"good afternoon", "good evening", "good day", "morning", "greetings",
	"how are you", "how are you doing", "how is it going", "hows it going",
	"how it going", "whats up", "what up", "nice to meet you",
	/* es */ "hola", "buenas", "buenos dias", "buen dia", "buenas tardes",
	"buenas noches", "que tal", "como estas", "como esta", "saludos",
	/* de */ "hallo", "guten tag", "guten morgen", "guten abend", "moin",
	"servus", "gruss gott", "gruess gott", "grus gott", "grusse",
	"wie geht es ihnen", "wie geht", "wie gehts",
	/* fr */ "bonjour", "bonsoir", "salut", "coucou", "comment allez vous",
	"ca va",
	/* pt */ "ola", "oi", "bom dia", "boa tarde", "boa noite", "tudo bem",
	/* it */ "ciao", "salve", "buongiorno", "buon giorno", "buonasera",
	"buona sera", "come sta", "come stai",
	/* nl */ "hoi", "goedemorgen", "goedemiddag", "goedenavond",
	"goedendag", "goeie morgen", "dag", "hoe gaat het", NULL
};

static const char *const thanks[] = {
	/* en */ "thanks", "thank you", "thank u", "thx", "ty", "tnx", "cheers",
	"many thanks", "much appreciated", "ok", "okay", "okey", "k", "got it",
	"great", "perfect", "cool", "super", "nice", "awesome", "excellent",
	"wonderful", "fine", "all right", "alright", "understood", "i see",
	"that helps", "that helped", "that is all", "that all", "thats all",
	"that is great", "that great", "thats great", "no worries", "bye",
	"bye bye", "goodbye", "good bye", "see you", "see you soon",
	"see you later", "have a nice day", "have a good day",
	"have a great day", "good night", "you are great", "you great", "lol",
	"haha",
	/* es */ "gracias", "muchas gracias", "mil gracias", "vale", "perfecto",
	"genial", "estupendo", "de acuerdo", "entendido", "muy amable", "adios",
	"hasta luego", "hasta pronto", "chao", "buen fin de semana", "muy bien",
	"que tenga un buen dia", "jaja",
	/* de */ "danke", "danke schon", "danke schoen", "dankeschon",
	"vielen dank", "besten dank", "herzlichen dank", "alles klar", "prima",
	"toll", "in ordnung", "verstanden", "gut", "perfekt", "tschuss",
	"tschuess", "auf wiedersehen", "bis bald", "bis dann", "gute nacht",
	"schonen tag", "schonen tag noch", "einen schonen tag",
	"einen schonen tag noch",
	/* fr */ "merci", "merci beaucoup", "merci bien", "accord", "daccord",
	"parfait", "genial", "tres bien", "compris", "entendu", "au revoir",
	"a bientot", "bonne journee", "bonne soiree", "bonne nuit",
	/* pt */ "obrigado", "obrigada", "muito obrigado", "muito obrigada",
	"valeu", "perfeito", "otimo", "certo", "entendi", "esta bem", "tchau",
	"adeus", "ate logo", "ate breve",
	/* it */ "grazie", "grazie mille", "mille grazie", "molte grazie",
	"perfetto", "va bene", "capito", "accordo", "ottimo", "arrivederci",
	"a presto", "buona giornata", "buona serata", "buona notte",
	/* nl */ "dank", "dank u", "dank u wel", "dank je", "dank je wel",
	"dankjewel", "dankuwel", "bedankt", "hartelijk dank", "oke", "prima",
	"duidelijk", "begrepen", "perfect", "tot ziens", "doei", "fijne dag",
	"fijne dag nog", NULL
};

/* Around the others; nothing by themselves. */
static const char *const fillers[] = { "there", "all", "everyone", "everybody",
	"team", "sir", "madam", "very", "so", "a lot", "lots", "again", "much",
	"for your help", "for the help", "for your answer", "for the answer",
	"for the info", "for your time", "for everything", "then", "and", "oh",
	"y", "a todos", "por todo", "por la ayuda", "por su ayuda", "muy",
	"entonces", "und", "sehr", "zusammen", "fur die hilfe",
	"fur ihre hilfe", "dann", "et", "a tous", "pour votre aide", "e",
	"pela ajuda", "per aiuto", "per tutto", "en", "voor de hulp",
	"allemaal", NULL };

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct buf *b = ctx;

	buf_add(b, word, len);
	buf_addc(b, ' ');
}

/* The bytes of the longest phrase that text begins with, blank included. */
static size_t
longest(const char *const *phrases, const char *text)
{
	size_t best = 0, len, i;

	for (i = 0; phrases[i] != NULL; i++) {
		len = strlen(phrases[i]);
		if (len >= best && strncmp(text, phrases[i], len) == 0 &&
		    text[len] == ' ')
			best = len + 1;
	}
	return best;
}

enum smalltalk
smalltalk_of(const char *text)
{
	struct buf words = BUF_INIT(0);
	bool greeted = false, thanked = false;
	const char *p;
	size_t g, t, f;

	analyse_words(text, strlen(text), add_word, &words);
	if (words.len == 0) {
		buf_release(&words);
		return *text == '\0' || strchr(text, '?') != NULL ?
		    SMALLTALK_NONE :
		    SMALLTALK_THANKS;
	}
	for (p = words.data; *p != '\0';) {
		g = longest(greetings, p);
		t = longest(thanks, p);
		f = longest(fillers, p);
		if (g == 0 && t == 0 && f == 0)
			break;
		if (g >= t && g >= f)
			greeted = true;
		else if (t >= f)
			thanked = true;
		p += g >= t && g >= f ? g : t >= f ? t : f;
	}
	if (*p != '\0')
		greeted = thanked = false;
	buf_release(&words);
	return thanked ? SMALLTALK_THANKS :
	    greeted    ? SMALLTALK_GREETING :
			 SMALLTALK_NONE;
}

const char *
smalltalk_reply(enum smalltalk kind)
{
	return kind == SMALLTALK_GREETING ? "greeting" :
	    kind == SMALLTALK_THANKS	  ? "thanks" :
					    NULL;
}
