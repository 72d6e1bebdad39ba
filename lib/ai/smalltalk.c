/* smalltalk - hello, thanks and "I have a question", which ask for nothing */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ai/smalltalk.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"

/* As analyse_words() makes them: folded, without what an apostrophe cuts off
 * ("that's all" is "that all", "d'accord" is "accord"). */
static const char *const greetings[] = {
	/* en */ "hello", "hi", "hey", "hiya", "howdy", "good morning",
	"good afternoon", "good evening", "good day", "morning", "greetings",
	"how are you", "how are you doing", "how is it going", "hows it going",
	"how it going", "whats up", "what up", "nice to meet you",
	"hope you are well", "i hope you are well", "hope you well",
	"i hope you well", "hope youre well", "hope you are doing well",
	"hope all is well", "i hope all is well", "hope this finds you well",
	/* es */ "hola", "buenas", "buenos dias", "buen dia", "buenas tardes",
	"buenas noches", "que tal", "como estas", "como esta", "saludos",
	"espero que este bien", "espero que esten bien",
	"espero que estes bien",
	/* de */ "hallo", "guten tag", "guten morgen", "guten abend", "moin",
	"servus", "gruss gott", "gruess gott", "grus gott", "grusse",
	"wie geht es ihnen", "wie geht", "wie gehts",
	"ich hoffe es geht ihnen gut", "hoffe es geht ihnen gut",
	"ich hoffe ihnen geht es gut",
	/* fr */ "bonjour", "bonsoir", "salut", "coucou", "comment allez vous",
	"ca va", "espere que vous allez bien",
	/* pt */ "ola", "oi", "bom dia", "boa tarde", "boa noite", "tudo bem",
	"espero que esteja bem", "espero que estejam bem",
	/* it */ "ciao", "salve", "buongiorno", "buon giorno", "buonasera",
	"buona sera", "come sta", "come stai", "spero che stia bene",
	"spero tutto bene",
	/* nl */ "hoi", "goedemorgen", "goedemiddag", "goedenavond",
	"goedendag", "goeie morgen", "dag", "hoe gaat het",
	"ik hoop dat het goed gaat", "hopelijk gaat het goed", NULL
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
	"have a great day", "good night", "you are great", "you great",
	/* es */ "gracias", "muchas gracias", "mil gracias", "vale", "perfecto",
	"genial", "estupendo", "de acuerdo", "entendido", "muy amable", "adios",
	"hasta luego", "hasta pronto", "chao", "buen fin de semana", "muy bien",
	"que tenga un buen dia",
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

/* What says that there is a question, or a wish for help ... */
static const char *const asks[] = { "question", "questions", "query", "queries",
	"enquiry", "inquiry", "ask", "help", "pregunta", "preguntas",
	"preguntar", "preguntarle", "preguntarte", "preguntita", "duda",
	"dudas", "consulta", "consultas", "consultar", "ayuda", "ayudar",
	"ayudarme", "ayudan", "frage", "fragen", "anfrage", "hilfe", "helfen",
	"demander", "aide", "aider", "renseignement", "renseignements",
	"pergunta", "perguntas", "perguntar", "duvida", "duvidas", "ajuda",
	"ajudar", "domanda", "domande", "domandina", "chiedere", "chiederle",
	"chiedervi", "aiuto", "aiutare", "aiutarmi", "vraag", "vraagje",
	"vragen", "hulp", "helpen", NULL };

/* ... and what may stand around it without being one itself. */
static const char *const around_asks[] = { /* en */ "i", "have", "had", "got",
	"ve", "a", "an", "one", "another", "some", "few", "couple", "of", "two",
	"more", "quick", "quickly", "small", "short", "simple", "little",
	"brief", "general", "just", "also", "still", "please", "pls", "plz",
	"can", "could", "may", "might", "would", "d", "like", "want", "wanted",
	"need", "to", "you", "u", "me", "my", "something", "for", "if", "be",
	"it", "is", "ok", "okay", "but", "with", "us", "here",
	/* es */ "tengo", "tenia", "una", "unas", "un", "poco", "otra", "dos",
	"alguna", "algunas", "pequena", "rapida", "puedo", "podria", "puede",
	"pueden", "puedes", "podrian", "hacer", "hacerle", "hacerte",
	"hacerles", "os", "le", "les", "te", "me", "algo", "por", "favor",
	"necesito", "quiero", "quisiera", "queria", "de", "solo", "con", "pero",
	/* de */ "ich", "habe", "hab", "hatte", "eine", "ne", "noch", "nur",
	"kurze", "kleine", "ein", "paar", "mal", "kurz", "darf", "kann",
	"konnte", "konnen", "konnten", "sie", "ihnen", "du", "dir", "mir",
	"was", "etwas", "bitte", "stellen", "brauche", "mochte", "da", "aber",
	/* fr */ "j", "ai", "aurais", "une", "petite", "des", "quelques",
	"autre", "puis", "je", "peux", "pourrais", "pouvez", "pourriez", "vous",
	"poser", "quelque", "chose", "besoin", "s", "il", "plait", "voudrais",
	"simple", "rapide", "demande", "juste", "mais", "m",
	/* pt */ "tenho", "uma", "umas", "posso", "pode", "podem", "poderia",
	"fazer", "lhe", "preciso", "outra", "gostaria", "queria", "rapida",
	"pequena", "so", "mas", "tirar",
	/* it */ "ho", "avrei", "qualche", "altra", "piccola", "veloce",
	"vorrei", "fare", "farle", "farvi", "potrei", "puo", "potete",
	"potrebbe", "qualcosa", "cosa", "bisogno", "di", "per", "favore", "mi",
	"ma",
	/* nl */ "ik", "heb", "had", "een", "paar", "nog", "korte", "snelle",
	"kleine", "mag", "kan", "kunt", "kunnen", "wil", "wilde", "iets", "u",
	"je", "jullie", "stellen", "wat", "nodig", "even", "graag", "maar",
	NULL };

static const char *const laughs[] = { "lol", "lmao", "rofl", "mdr", "ptdr",
	"rsrs", "xd", NULL };

/* The bytes of the word that text begins with. */
static size_t
word_length(const char *text)
{
	return strcspn(text, " ");
}

static bool
is_one_of(const char *const *list, const char *text)
{
	size_t len = word_length(text), i;

	for (i = 0; list[i] != NULL; i++)
		if (strlen(list[i]) == len && strncmp(list[i], text, len) == 0)
			return true;
	return false;
}

/* haha, jajaja, hehe, kkkk and what else people laugh in. */
static bool
is_laugh(const char *text)
{
	size_t len = word_length(text), i;

	if (is_one_of(laughs, text))
		return true;
	if (len >= 3 && strspn(text, "k") == len)
		return true;
	if (len < 4 || text[0] == text[1] || strpbrk(text, "hj") >= text + 2 ||
	    strspn(text, "hjaei") != len)
		return false;
	for (i = 2; i < len; i++)
		if (text[i] != text[i - 2])
			return false;
	return true;
}

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

/* A text of words, each with a blank behind it. */
static enum smalltalk
of_words(const char *p)
{
	bool greeted = false, thanked = false, laughed = false, asked = false,
	     around = false;
	size_t g, t, f;

	while (*p != '\0') {
		g = longest(greetings, p);
		t = longest(thanks, p);
		f = longest(fillers, p);
		if (g > 0 && g >= t && g >= f) {
			greeted = true;
			p += g;
		} else if (t > 0 && t >= f) {
			thanked = true;
			p += t;
		} else if (f > 0)
			p += f;
		else {
			if (is_laugh(p))
				laughed = true;
			else if (is_one_of(asks, p))
				asked = true;
			else if (is_one_of(around_asks, p))
				around = true;
			else
				return SMALLTALK_NONE;
			p += word_length(p) + 1;
		}
	}
	return asked ? SMALLTALK_ASKING :
	    around   ? SMALLTALK_NONE :
	    thanked  ? SMALLTALK_THANKS :
	    greeted  ? SMALLTALK_GREETING :
	    laughed  ? SMALLTALK_QUIET :
		       SMALLTALK_NONE;
}

static enum smalltalk
of_sign(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		enum smalltalk kind;
	} signs[] = {
		{ '?', '?', SMALLTALK_NONE },
		{ 0x61f, 0x61f, SMALLTALK_NONE }, /* Arabic */
		{ 0xff1f, 0xff1f, SMALLTALK_NONE },
		{ 0x2753, 0x2754, SMALLTALK_NONE },
		{ 0x1f44b, 0x1f44b, SMALLTALK_WAVE },
		{ 0x1f64b, 0x1f64b, SMALLTALK_WAVE }, /* a raised hand */
		{ 0x2763, 0x2764, SMALLTALK_KIND },   /* hearts */
		{ 0x1f48b, 0x1f49f, SMALLTALK_KIND },
		{ 0x1f5a4, 0x1f5a4, SMALLTALK_KIND },
		{ 0x1f90d, 0x1f90e, SMALLTALK_KIND },
		{ 0x1f9e1, 0x1f9e1, SMALLTALK_KIND },
		{ 0x1f60d, 0x1f60d, SMALLTALK_KIND },
		{ 0x1f618, 0x1f618, SMALLTALK_KIND },
		{ 0x1f64f, 0x1f64f, SMALLTALK_KIND }, /* folded hands */
		{ 0x1f917, 0x1f917, SMALLTALK_KIND },
		{ 0x1f970, 0x1f970, SMALLTALK_KIND },
		{ 0x1f44e, 0x1f44e, SMALLTALK_ANGRY }, /* thumb down */
		{ 0x1f47f, 0x1f47f, SMALLTALK_ANGRY },
		{ 0x1f4a2, 0x1f4a2, SMALLTALK_ANGRY },
		{ 0x1f4a9, 0x1f4a9, SMALLTALK_ANGRY },
		{ 0x1f595, 0x1f595, SMALLTALK_ANGRY },
		{ 0x1f620, 0x1f621, SMALLTALK_ANGRY },
		{ 0x1f624, 0x1f624, SMALLTALK_ANGRY },
		{ 0x1f63e, 0x1f63e, SMALLTALK_ANGRY },
		{ 0x1f92c, 0x1f92c, SMALLTALK_ANGRY },
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (c >= signs[i].first && c <= signs[i].last)
			return signs[i].kind;
	return SMALLTALK_QUIET;
}

/* A text without words: what its signs say together. */
static enum smalltalk
of_signs(const char *p)
{
	enum smalltalk best = SMALLTALK_NONE, kind;
	const char *end = p + strlen(p);
	uint32_t c;

	while (p < end) {
		c = utf8_next(&p, end);
		kind = of_sign(c);
		if (kind == SMALLTALK_NONE)
			return kind;
		if (kind > best)
			best = kind;
	}
	return best;
}

enum smalltalk
smalltalk_of(const char *text)
{
	struct buf words = BUF_INIT(0);
	enum smalltalk kind;

	analyse_words(text, strlen(text), add_word, &words);
	if (words.len == 0)
		kind = of_signs(text);
	else {
		kind = of_words(words.data);
		if (kind == SMALLTALK_NONE && words.len == 2)
			kind = SMALLTALK_STRAY;
	}
	buf_release(&words);
	return kind;
}

static bool
is_small(const char *text, size_t len)
{
	char *copy = xstrndup(text, len);
	enum smalltalk kind = smalltalk_of(copy);

	free(copy);
	return kind != SMALLTALK_NONE && kind != SMALLTALK_STRAY;
}

/* The first place from p on, before end, where text may be cut; or end. */
static const char *
next_cut(const char *p, const char *end)
{
	for (; p < end; p++)
		if (strchr(".!,;:\n", *p) != NULL &&
		    (p + 1 == end || strchr(" \t\r\n", p[1]) != NULL))
			return p + 1;
	return end;
}

const char *
smalltalk_skip(const char *text, size_t *ret_len)
{
	const char *p = text, *end = text + strlen(text), *cut, *last;

	while ((cut = next_cut(p, end)) < end && is_small(p, (size_t)(cut - p)))
		p = cut;
	/* Behind it, too, but not all of it. */
	for (;;) {
		last = p;
		for (cut = p; (cut = next_cut(cut, end)) < end;)
			last = cut;
		if (last == p || !is_small(last, (size_t)(end - last)))
			break;
		end = last;
	}
	p += strspn(p, " \t\r\n");
	*ret_len = p < end ? (size_t)(end - p) : 0;
	return p;
}

const char *
smalltalk_reply(enum smalltalk kind)
{
	switch (kind) {
	case SMALLTALK_WAVE:
	case SMALLTALK_GREETING:
		return "greeting";
	case SMALLTALK_KIND:
	case SMALLTALK_THANKS:
		return "thanks";
	case SMALLTALK_STRAY:
	case SMALLTALK_ASKING:
		return "go_ahead";
	case SMALLTALK_ANGRY:
		return "holding";
	case SMALLTALK_NONE:
	case SMALLTALK_QUIET:
		break;
	}
	return NULL;
}
