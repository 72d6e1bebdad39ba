/* asking - whether a few words want something */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "wa/asking.h"

/* A clause that begins so is a question. Words as utf8_words() has them. */
static const char *const begins[] = { /* en */ "where is", "where s",
	"where are", "where do", "where can", "where did", "where will",
	"when is", "when will", "when do", "when does", "when can", "when are",
	"when did", "what is", "what s", "what about", "what happened",
	"what time", "what do", "who", "which", "why", "how do", "how can",
	"how long", "how much", "how many", "how about", "can i", "can you",
	"can we", "can someone", "could you", "could i", "could we",
	"could someone", "could somebody", "may i", "do you", "do i", "does",
	"did you", "will you", "will it", "would you", "should i", "is it",
	"is there", "is my", "are you", "are there", "have you", "any news",
	"any chance",
	/* es */ "donde esta", "donde puedo", "donde estan", "donde queda",
	"cuando llega", "cuando llegara", "cuando viene", "cuando abren",
	"cuando me", "cuando va", "cuando puedo", "cuando puede",
	"cuando estara", "cuando sale", "cuando tendre", "cual", "cuanto",
	"cuanta", "cuantos", "quien", "por que", "puedo", "puede", "pueden",
	"podria", "podrian", "podemos", "me pueden", "me puede", "hay forma",
	"como puedo", "como hago",
	/* de */ "wo ist", "wo bleibt", "wo sind", "wo kann", "wo finde",
	"wann", "wer", "welche", "welcher", "welches", "warum", "wieso",
	"wie kann", "wie komme", "wie lange", "wie viel", "kann ich",
	"konnen sie", "kannst du", "darf ich", "was ist mit", "gibt es",
	/* fr */ "quand", "comment puis", "comment faire", "combien",
	"pourquoi", "est ce", "pouvez", "puis je", "peux tu", "ou est",
	"ou en est", "quel est", "quelle est", "quels sont",
	/* pt */ "onde", "quando", "qual", "quanto", "quem", "posso", "pode",
	"podem", "poderia", "como faco", "tem como",
	/* it */ "dove", "dov e", "quando", "quale", "quanto", "chi", "perche",
	"posso", "puo", "potete", "come posso", "come faccio",
	/* nl */ "waar", "wanneer", "wie kan", "welke", "waarom", "hoe kan",
	"hoe lang", "kan ik", "kunt u", "kun je", "mag ik",
	/* id */ "kapan", "di mana", "dimana", "mana", "bagaimana", "berapa",
	"apakah", "bisa", "boleh", "kenapa",
	/* pl */ "kiedy", "gdzie", "jak moge", "ile", "czy", "dlaczego", "kto",
	"moge",
	/* sv */ "nar", "var ar", "hur lange", "hur mycket", "hur kan",
	"varfor", "kan jag", "kan ni",
	/* ru */ "когда", "где", "как мне", "сколько", "почему", "можно",
	"можете",
	/* What is to be done. */
	"cancel", "delete", "unlock", "resend", "also change", "change my",
	"change the", "also cancel", "also send", "send me", "send it",
	"call me", "ring me", "write me", "contact me", "give me", "help me",
	"show me", "tell me", "refund", "check my", "check the", "fix",
	"replace", "update my", "add me", "remove me", "take me off",
	"now what", "what now", "anulen", "cancelen", "cancele", "cambienme",
	"cambien", "storniert", "stornieren", "andert", "schickt", "annulez",
	"changez", "cancelem", "mudem", "annullate", "cambiate", "annuleer",
	"batalkan", "ubah", "kirim ulang", NULL };

/* Whoever says so wants something, wherever it stands. */
static const char *const wants[] = { /* en */ "please", "pls", "plz", "i want",
	"i need", "we need", "i would like to have", "i d like a", "money back",
	"get a refund", "want a refund", "still waiting", "what now",
	"now what", "still does not", "still doesn t", "not arrived",
	"not working", "charged again", "charged twice",
	/* es */ "por favor", "porfa", "quiero", "necesito", "quisiera",
	"llamenme", "llameme", "llamame", "mandenme", "envienme", "devuelvan",
	"ayudenme", "hablar con", "sigo esperando",
	/* de */ "bitte", "ich will", "ich mochte", "ich brauche",
	"ich hatte gern", "rufen sie", "ruf mich", "schicken sie",
	"geld zuruck", "sprechen mit", "warte noch", "warte immer",
	/* fr */ "s il vous plait", "svp", "stp", "je veux", "je voudrais",
	"j ai besoin", "rappelez", "appelez", "envoyez", "rembourse",
	"remboursez", "parler a", "j attends",
	/* pt */ "quero", "preciso", "gostaria de", "me liguem", "me ligue",
	"me mandem", "devolvam", "falar com", "ainda espero",
	/* it */ "per favore", "voglio", "vorrei", "ho bisogno", "chiamatemi",
	"mandatemi", "rimborso", "parlare con", "sto aspettando",
	/* nl */ "alstublieft", "alsjeblieft", "aub", "ik wil", "ik zou graag",
	"ik heb nodig", "bel me", "bel mij", "stuur me", "geld terug",
	"spreken met",
	/* id */ "tolong", "mohon", "saya mau", "saya butuh", "saya ingin",
	"saya perlu", "hubungi saya", "telepon saya", "bicara dengan", "kapan",
	/* hi */ "kripya", "chahiye", "chahie", "kab", "kahan", "kahaan",
	"kaise", "kitna", "kyun", "bhejo", "batao", "bataiye", "baat karni",
	"कृपया", "चाहिए", "कब", "कहाँ", "कहां", "कैसे", "कितना", "कितने", "क्यों",
	"भेजो", "भेजिए", "बताइए", "रद्द करो", "भेज दो", "भेज दीजिए", "बात करनी",
	/* ar */ "من فضلك", "لو سمحت", "اريد", "احتاج", "ارجو", "متى", "اين",
	"كيف", "كم", "لماذا", "هل", "اتصلوا", "اتصل بي", "ارسلوا", "الغوا",
	/* tr */ "ne zaman", "nerede", "nasil", "neden", "hangi", "lutfen",
	"istiyorum", "ihtiyacim", "iptal edin", "gonderin", "beni arayin",
	/* pl */ "prosze", "chce", "potrzebuje", "chcialbym", "chcialabym",
	/* sv */ "snalla", "jag vill", "jag behover",
	/* ru */ "пожалуиста", "пожалуйста", "хочу", "мне нужно", "мне нужен",
	"перезвоните", "позвоните", "верните", "отмените", "пришлите", NULL };

/* Whoever says so only says it. */
static const char *const remarks[] = { "to say", "to thank", "thank you",
	"keep it", "keep up", "weiter so", "nur sagen", "decir que", "dar las",
	"dire que", "remercier", "dizer que", "agradecer", "dire che",
	"ringraziare", NULL };

/* Without blanks between words. */
static const char *const signs[] = { "?", "؟", "？", "吗", "嗎", "什么时候",
	"什麼時候", "怎么", "怎麼", "哪里", "哪裡", "多少", "为什么", "為什麼",
	"请", "請", "我要", "我想要", "需要", "退款", "请问", NULL };

/* Whether words, as utf8_words() makes them, hold those of phrase; first: they
 * begin so. */
static bool
has_words(const char *words, const char *phrase, bool first)
{
	char *wanted = utf8_words(phrase);
	const char *found = strstr(words, wanted);
	bool has = found != NULL && (!first || found == words);

	free(wanted);
	return has;
}

static bool
has_any(const char *words, const char *const *phrases, bool first)
{
	for (; *phrases != NULL; phrases++)
		if (has_words(words, *phrases, first))
			return true;
	return false;
}

bool
asking_is(const char *text)
{
	char *copy, *clause, *next, *words;
	bool asks = false;
	size_t i;

	for (i = 0; signs[i] != NULL; i++)
		if (strstr(text, signs[i]) != NULL)
			return true;
	copy = xstrdup(text);
	for (next = copy;
	     !asks && (clause = strsep(&next, ".!,;:\n")) != NULL;) {
		words = utf8_words(clause);
		asks = (has_any(words, begins, true) ||
			   has_any(words, wants, false)) &&
		    !has_any(words, remarks, false);
		free(words);
	}
	free(copy);
	return asks;
}
