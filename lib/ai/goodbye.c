/* goodbye - the last words of a customer: that was all, nothing else, solved */
#include <stdlib.h>
#include <string.h>

#include "ai/goodbye.h"
#include "ai/smalltalk.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"

#define TEXT_MAX_BYTES 400 /* longer ones say something */
#define RUN_LEAST 4	   /* code points of a script without blanks */

/* As people write them; folded before they are compared. */
static const char *const phrases[] = {
	/* en */ "that is all", "that's all", "thats all", "that was all",
	"that is it", "that's it", "thats it", "that was it",
	"that will be all", "that would be all", "that'll be all",
	"this is all", "this was all", "that is everything",
	"that's everything", "thats everything", "that was everything",
	"that is all i need", "that was all i needed", "that's all i needed",
	"that is all i wanted to know", "that was all i wanted to know",
	"that's all i wanted to know", "that is what i wanted to know",
	"that's what i wanted to know", "that's what i needed",
	"that was what i needed", "all i needed", "nothing else",
	"nothing more", "nothing further", "nothing", "no", "nope", "nah",
	"no more questions", "no further questions", "no other questions",
	"no questions", "i have no more questions",
	"i have no further questions", "i have no other questions",
	"i have no questions", "i don't have any more questions",
	"i don't have any other questions", "i dont have any more questions",
	"i don't have any questions", "i don't have further questions",
	"don't need anything else", "dont need anything else",
	"i don't need anything else", "i dont need anything else",
	"i need nothing else", "i'm good", "im good", "i am good", "we're good",
	"we are good", "all good", "everything is fine", "everything's fine",
	"all set", "i am all set", "i'm all set", "im all set", "all done",
	"i'm done", "i am done", "problem solved", "problem is solved",
	"the problem is solved", "my problem is solved", "issue solved",
	"issue resolved", "the issue is resolved", "my issue is resolved",
	"it is solved", "it's solved", "its solved", "it is resolved",
	"it's resolved", "all solved", "all sorted", "it is sorted",
	"it's sorted", "that's sorted", "it works now", "it is working now",
	"it's working now", "never mind", "nevermind", "no need", "i found it",
	"found it", "i've found it", "i found it myself", "i've got it",
	"i got it", "that answers my question", "that answers my questions",
	"that answers it", "you answered my question",
	"you have answered my question", "you have been very helpful",
	"you've been very helpful", "you were very helpful",
	"you have been a great help", "very helpful", "that was helpful",
	"that was very helpful", "big help", "everything is clear",
	"everything clear", "it is clear now", "all clear",
	"have a nice evening", "have a good evening", "have a nice weekend",
	"have a good weekend", "have a good one", "take care", "you too",
	"that is enough", "that's enough",
	/* es */ "eso es todo", "es todo", "esto es todo", "eso era todo",
	"era todo", "eso fue todo", "nada más", "nada mas", "nada", "no",
	"ninguna pregunta más", "no hay más preguntas", "sin más preguntas",
	"no tengo más preguntas", "no tengo más dudas", "ninguna otra",
	"no necesito nada más", "no necesito más", "ya está", "ya esta",
	"ya estoy", "listo", "ya lo resolví", "ya lo he resuelto", "resuelto",
	"ya está resuelto", "ya lo solucioné", "solucionado",
	"ya está solucionado", "problema resuelto", "problema solucionado",
	"ya lo encontré", "ya lo he encontrado", "todo claro", "todo bien",
	"todo en orden", "ya funciona", "con eso es suficiente",
	"con eso basta", "solo eso", "sólo era eso", "solo era eso",
	"era solo eso", "era eso", "no hace falta", "déjalo", "dejalo",
	"feliz día", "buen día", "que tenga buen día", "cuídate",
	/* pt */ "era só isso", "é só isso", "só isso", "era isso", "é isso",
	"isso é tudo", "é tudo", "era tudo", "mais nada", "nada mais", "nada",
	"não", "não tenho mais perguntas", "não tenho mais dúvidas",
	"sem mais perguntas", "sem mais dúvidas", "nenhuma dúvida",
	"não preciso de mais nada", "não preciso mais de nada", "já resolvi",
	"já está resolvido", "resolvido", "problema resolvido", "já consegui",
	"já encontrei", "tudo certo", "tudo claro", "tudo ok", "já funciona",
	"está funcionando agora", "deixa pra lá", "não é preciso",
	"não precisa", "bom fim de semana", "bom dia",
	/* de */ "das war alles", "das war's", "das wars", "das wär's",
	"das wärs", "das ist alles", "das wäre alles", "wars das", "mehr nicht",
	"sonst nichts", "nichts weiter", "nichts mehr", "nichts", "nein", "nö",
	"nee", "keine weiteren fragen", "keine fragen mehr", "keine fragen",
	"ich habe keine fragen mehr", "ich habe keine weiteren fragen",
	"ich hab keine fragen mehr", "ich brauche nichts mehr",
	"ich brauche sonst nichts", "mehr brauche ich nicht",
	"mehr wollte ich nicht wissen", "alles geklärt", "alles klar",
	"alles gut", "alles bestens", "alles erledigt", "hat sich erledigt",
	"es hat sich erledigt", "das hat sich erledigt", "schon erledigt",
	"ist erledigt", "erledigt", "problem gelöst", "das problem ist gelöst",
	"gelöst", "es klappt jetzt", "jetzt klappt es", "jetzt geht es",
	"es geht jetzt", "jetzt funktioniert es", "es funktioniert jetzt",
	"hab es gefunden", "ich habe es gefunden", "ich hab's gefunden",
	"schon gefunden", "damit ist alles geklärt",
	"damit ist meine frage beantwortet", "meine frage ist beantwortet",
	"schönes wochenende", "schönen abend", "schönen abend noch",
	"einen schönen abend", "gleichfalls", "ebenso", "nicht nötig",
	/* fr */ "c'est tout", "c'était tout", "ce sera tout", "ça sera tout",
	"c'est bon", "ce n'est plus la peine", "rien d'autre", "rien de plus",
	"plus rien", "rien", "non", "plus de questions", "pas d'autre question",
	"pas d'autres questions", "aucune autre question",
	"je n'ai plus de questions", "je n'ai plus de question",
	"je n'ai pas d'autres questions", "je n'ai pas d'autre question",
	"je n'ai besoin de rien d'autre", "problème résolu", "c'est résolu",
	"le problème est résolu", "résolu", "c'est réglé", "réglé",
	"ça marche maintenant", "ça fonctionne maintenant", "j'ai trouvé",
	"je l'ai trouvé", "tout est clair", "c'est clair", "tout va bien",
	"tout est bon", "tout est en ordre", "laissez tomber", "pas besoin",
	"bon week-end", "bonne fin de journée", "à vous aussi",
	/* it */ "è tutto", "questo è tutto", "era tutto", "nient'altro",
	"niente altro", "niente", "nulla", "no", "non ho altre domande",
	"nessun'altra domanda", "nessuna altra domanda", "nessuna domanda",
	"non mi serve altro", "non ho bisogno di altro", "basta così",
	"a posto", "tutto a posto", "sono a posto", "tutto chiaro",
	"tutto bene", "ho risolto", "risolto", "problema risolto", "è risolto",
	"l'ho trovato", "ho trovato", "adesso funziona", "ora funziona",
	"solo questo", "era solo questo", "lasci stare", "non serve",
	"buon fine settimana", "buon weekend", "altrettanto",
	/* nl */ "dat was alles", "dat is alles", "dat was het",
	"dit was alles", "verder niets", "verder niks", "niets anders",
	"niets meer", "niks meer", "niets", "niks", "nee", "geen vragen meer",
	"geen verdere vragen", "geen andere vragen", "ik heb geen vragen meer",
	"ik heb verder geen vragen", "verder geen vragen",
	"ik heb niets meer nodig", "ik heb verder niets nodig",
	"alles duidelijk", "alles is duidelijk", "alles goed", "alles in orde",
	"probleem opgelost", "het probleem is opgelost", "het is opgelost",
	"is opgelost", "opgelost", "het werkt nu", "het werkt weer",
	"ik heb het gevonden", "al gevonden", "laat maar", "niet nodig",
	"fijn weekend", "fijne avond", "insgelijks", "hetzelfde",
	/* pl */ "to wszystko", "to było wszystko", "to już wszystko",
	"to tyle", "tylko tyle", "nic więcej", "nic innego", "nic", "nie",
	"nie mam więcej pytań", "nie mam już pytań", "brak pytań",
	"nie mam pytań", "żadnych pytań", "więcej pytań nie mam",
	"niczego więcej nie potrzebuję", "nic więcej nie potrzebuję", "już nic",
	"problem rozwiązany", "sprawa załatwiona", "problem został rozwiązany",
	"już załatwione", "załatwione", "już działa", "znalazłem", "znalazłam",
	"już znalazłem", "już znalazłam", "wszystko jasne",
	"wszystko w porządku", "nie trzeba", "miłego weekendu",
	"miłego wieczoru", "wzajemnie",
	/* tr */ "bu kadar", "bu kadardı", "hepsi bu", "hepsi bu kadar",
	"hepsi buydu", "başka bir şey yok", "başka bir şey değil", "başka yok",
	"başka sorum yok", "başka bir sorum yok", "sorum yok", "sorum kalmadı",
	"hayır", "yok", "gerek yok", "gerek kalmadı",
	"başka bir şeye ihtiyacım yok", "sorun çözüldü", "sorunum çözüldü",
	"çözüldü", "hallettim", "halloldu", "buldum", "kendim buldum",
	"şimdi çalışıyor", "her şey tamam", "her şey açık", "anlaşıldı",
	"iyi hafta sonları", "iyi akşamlar", "size de",
	/* hi */ "बस इतना ही", "बस इतना", "इतना ही", "बस", "यही था",
	"बस यही था", "बस यही", "और कुछ नहीं", "कुछ नहीं", "कुछ और नहीं", "नहीं",
	"जी नहीं", "कोई सवाल नहीं", "और कोई सवाल नहीं", "कोई और सवाल नहीं",
	"मेरा कोई और सवाल नहीं है", "और कोई सवाल नहीं है", "कोई सवाल नहीं है",
	"समस्या हल हो गई", "हल हो गया", "हो गया", "काम हो गया", "मिल गया",
	"अब ठीक है", "सब ठीक है", "सब समझ गया", "ज़रूरत नहीं", "और कुछ नहीं चाहिए",
	"bas itna hi", "bas itna", "aur kuch nahi", "kuch nahi", "nahi",
	"ho gaya", "mil gaya",
	/* ar */ "هذا كل شيء", "هذا كل شي", "هذا كل ما في الأمر",
	"كان هذا كل شيء", "هذا كل ما أردت", "هذا كل ما أريد", "لا شيء آخر",
	"لا شيء", "لا", "لا يوجد شيء آخر", "لا يوجد", "لا أسئلة أخرى",
	"ليس لدي أسئلة أخرى", "ليس لدي سؤال آخر", "ليس لدي أي أسئلة",
	"لا أحتاج شيئا آخر", "لا أحتاج إلى شيء آخر", "لا أحتاج شيئا",
	"تم حل المشكلة", "تم الحل", "حلت المشكلة", "انحلت المشكلة", "وجدته",
	"وجدتها", "كل شيء واضح", "كل شيء تمام", "لا داعي", "خلاص", "بس",
	"هذا فقط", "فقط",
	/* id */ "itu saja", "itu aja", "cuma itu", "hanya itu", "sudah cukup",
	"cukup", "tidak ada lagi", "nggak ada lagi", "tidak ada", "tidak",
	"nggak", "enggak", "gak ada lagi", "tidak ada pertanyaan lagi",
	"tidak ada pertanyaan lain", "sudah tidak ada pertanyaan",
	"tidak ada yang lain", "sudah jelas", "sudah selesai", "selesai",
	"masalah selesai", "masalahnya sudah selesai", "sudah beres", "beres",
	"sudah ketemu", "sudah bisa", "tidak perlu", "tidak usah", "sudah",
	/* ru */ "это всё", "это все", "на этом всё", "на этом все", "всё",
	"все", "больше ничего", "ничего больше", "ничего", "нет",
	"вопросов нет", "вопросов больше нет", "больше нет вопросов",
	"больше вопросов нет", "нет вопросов", "у меня нет больше вопросов",
	"у меня больше нет вопросов", "у меня больше вопросов нет",
	"больше ничего не нужно", "ничего не нужно", "проблема решена",
	"вопрос решён", "вопрос решен", "решено", "разобрался", "разобралась",
	"уже разобрался", "уже разобралась", "уже нашёл", "уже нашел",
	"уже нашла", "нашёл", "нашла", "теперь работает", "уже работает",
	"всё понятно", "все понятно", "всё ясно", "всё в порядке",
	"все в порядке", "не надо", "не нужно", "хороших выходных",
	"хорошего вечера", "взаимно",
	/* sv */ "det var allt", "det är allt", "inget mer", "inget annat",
	"nej", "inga fler frågor", "problemet är löst", "löst", "trevlig helg",
	/* uk */ "це все", "більше нічого", "ні", "питань немає",
	"більше питань немає", "проблему вирішено", "вирішено",
	/* vi */ "thế thôi", "vậy thôi", "không còn gì", "không", "hết rồi",
	/* ko */ "그게 다예요", "그게 다입니다", "없어요", "없습니다", "아니요",
	"더 없어요", "더 없습니다", "질문 없어요", "질문 없습니다",
	/* fa */ "همین", "همین بود", "فقط همین", "نه", "چیز دیگری نیست",
	"سوالی نیست", "سوال دیگری ندارم", "حل شد", NULL
};

/* Around them; nothing by themselves. */
static const char *const around[] = { "now", "for now", "for today", "today",
	"yes", "yep", "yeah", "just", "really", "actually", "i think",
	"i guess", "at the moment", "from me", "from my side", "already",
	"myself", "well", "so far", "for the quick answer",
	"for the quick reply", "for your quick answer", "for your patience",
	"thank you for all", "dear", "por ahora", "por hoy", "sí", "ya",
	"de momento", "por mi parte", "por la información", "por la respuesta",
	"todo", "por agora", "por hoje", "sim", "pela resposta",
	"pela informação", "já", "por enquanto", "von mir", "von meiner seite",
	"für heute", "für jetzt", "erstmal", "jetzt", "ja", "schon",
	"für die antwort", "für die auskunft", "für die schnelle antwort",
	"dir", "ihnen", "pour l'instant", "pour aujourd'hui", "pour le moment",
	"oui", "pour moi", "maintenant", "pour la réponse",
	"pour l'information", "per ora", "per oggi", "per il momento", "sì",
	"da parte mia", "già", "della risposta", "per la risposta", "voor nu",
	"voor vandaag", "hoor", "voorlopig", "nu", "voor het antwoord",
	"na dziś", "na razie", "na teraz", "tak", "już", "ode mnie",
	"za szybką odpowiedź", "şimdilik", "bugünlük", "evet", "benden",
	"bilgi için", "अभी के लिए", "अब", "हाँ", "अभी", "هذا", "حاليا", "الآن",
	"نعم", "اليوم", "حتى الآن", "untuk sekarang", "untuk hari ini",
	"sekarang", "dulu", "iya", "пока", "на сегодня", "да", "у меня", "уже",
	"сегодня", "теперь", "för nu", "ja", "поки", NULL };

/* Of scripts without blanks, as they are. */
static const char *const runs[] = { "没有别的问题了", "没有别的问题",
	"没有其他问题了", "没有其他问题", "没有问题了", "没有问题", "没问题了",
	"没有了", "没有谢谢", "没了", "没别的了", "没别的事了", "没别的",
	"沒有別的問題了", "沒有其他問題了", "沒有問題了", "沒有了", "沒了",
	"就这些", "就這些", "就是这些", "就这样", "就這樣", "就这么多",
	"不用了", "不需要了", "不用", "不了", "解决了", "问题解决了",
	"已经解决了", "已解决", "解決了", "問題解決了", "已經解決了", "找到了",
	"我找到了", "我自己找到了", "都清楚了", "清楚了", "都明白了",
	"我没有别的问题了", "我没有其他问题了", "我没有问题了",
	"不需要其他的了", "以上です", "問題ありません", "問題はありません",
	"それだけです", "それだけ", "これだけです", "これで全部です",
	"他にはありません", "他にありません", "ほかにはありません",
	"もうありません", "ありません", "特にありません", "特にないです",
	"ないです", "大丈夫です", "もう大丈夫です", "いいえ", "いえ",
	"結構です", "質問はありません", "他に質問はありません",
	"もう質問はありません", "解決しました", "問題は解決しました",
	"見つかりました", "自分で見つけました", "不要です", "必要ありません",
	NULL };

static const char *const run_around[] = { "目前", "暂时", "今天", "现在",
	"已经", "都", "今のところ", "今日は", "もう", "これで", NULL };

/* --- folded, once a process --- */

struct words {
	char **phrase; /* with a blank behind each word, NULL-ended */
};

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct buf *b = ctx;

	buf_add(b, word, len);
	buf_addc(b, ' ');
}

static char *
folded(const char *text)
{
	struct buf b = BUF_INIT(0);

	buf_adds(&b, "");
	analyse_words(text, strlen(text), add_word, &b);
	return buf_detach(&b);
}

static const struct words *
fold_all(const char *const *list, struct words *w)
{
	size_t i, n = 0;

	if (w->phrase != NULL)
		return w;
	while (list[n] != NULL)
		n++;
	w->phrase = xcalloc(n + 1, sizeof(*w->phrase));
	for (i = 0; i < n; i++)
		w->phrase[i] = folded(list[i]);
	return w;
}

/* --- covering --- */

/* Which places of a text can be come to by whole phrases: bit 1 at all, bit 2
 * with one that says that it is over. */
enum { REACHED = 1, OVER = 2 };

static void
step(unsigned char *at, size_t from, size_t len, bool over)
{
	at[from + len] |= at[from] | (over ? OVER : 0);
}

/* Words with a blank behind each. */
static void
cover_words(const char *text, unsigned char *at)
{
	static struct words said, besides;
	const struct words *p = fold_all(phrases, &said),
			   *q = fold_all(around, &besides);
	size_t i, k, len;

	for (i = 0; text[i] != '\0'; i++) {
		if (at[i] == 0)
			continue;
		for (k = 0; p->phrase[k] != NULL; k++)
			if (*p->phrase[k] != '\0' &&
			    str_starts(text + i, p->phrase[k]))
				step(at, i, strlen(p->phrase[k]), true);
		for (k = 0; q->phrase[k] != NULL; k++)
			if (*q->phrase[k] != '\0' &&
			    str_starts(text + i, q->phrase[k]))
				step(at, i, strlen(q->phrase[k]), false);
		if ((len = smalltalk_words(text + i)) > 0)
			step(at, i, len, false);
	}
}

static void
cover_run(const char *text, unsigned char *at)
{
	size_t i, k, len;

	for (i = 0; text[i] != '\0'; i++) {
		if (at[i] == 0)
			continue;
		for (k = 0; runs[k] != NULL; k++)
			if (str_starts(text + i, runs[k]))
				step(at, i, strlen(runs[k]), true);
		for (k = 0; run_around[k] != NULL; k++)
			if (str_starts(text + i, run_around[k]))
				step(at, i, strlen(run_around[k]), false);
		if ((len = smalltalk_run(text + i)) > 0)
			step(at, i, len, false);
	}
}

static bool
is_covered(const char *text, void (*cover)(const char *text, unsigned char *at))
{
	size_t len = strlen(text);
	unsigned char *at = xcalloc(len + 1, 1);
	bool over;

	at[0] = REACHED;
	cover(text, at);
	over = (at[len] & OVER) != 0;
	free(at);
	return over;
}

/* A text of a script without blanks, without what is no letter. */
static char *
letters(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *at, *end = text + strlen(text);
	uint32_t c;

	buf_adds(&b, "");
	while (at = p, (c = utf8_next(&p, end)) != 0)
		if ((c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xa000))
			buf_add(&b, at, (size_t)(p - at));
	return buf_detach(&b);
}

static bool
asks(const char *text)
{
	static const char *const marks[] = { "?", "\xc2\xbf", "\xd8\x9f",
		"\xef\xbc\x9f", NULL };
	size_t i;

	for (i = 0; marks[i] != NULL; i++)
		if (strstr(text, marks[i]) != NULL)
			return true;
	return false;
}

bool
goodbye_is(const char *text)
{
	enum smalltalk kind = smalltalk_of(text);
	char *plain;
	bool over;

	if (kind == SMALLTALK_THANKS || kind == SMALLTALK_KIND)
		return true;
	if (strlen(text) > TEXT_MAX_BYTES || asks(text))
		return false;
	plain = letters(text);
	if (*plain != '\0')
		over = is_covered(plain, cover_run);
	else {
		free(plain);
		plain = folded(text);
		over = is_covered(plain, cover_words);
	}
	free(plain);
	return over;
}

bool
goodbye_is_plain(const char *text)
{
	char *plain = letters(text);
	bool bare;

	if (*plain != '\0')
		bare = utf8_length(plain) < RUN_LEAST;
	else {
		free(plain);
		plain = folded(text);
		bare = strchr(plain, ' ') == strrchr(plain, ' ');
	}
	free(plain);
	return !bare && goodbye_is(text);
}
