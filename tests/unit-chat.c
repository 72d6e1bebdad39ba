/* lib/ai/smalltalk: hello, thanks and "I have a question" in 30 languages */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ai/smalltalk.h"

/* As people write them, a language each; several of a kind apart by "|". */
static const struct {
	const char *language, *greetings, *thanks, *asking;
} said[] = {
	{ "en", "Hello!|Hi there|Good morning", "Thanks a lot!|ok|bye bye",
	    "I have a question|can you help me please?" },
	{ "es", "¡Hola!|Buenos días", "Muchas gracias|vale, perfecto",
	    "tengo una pregunta" },
	{ "de", "Guten Tag|Hallo zusammen", "Vielen Dank!|alles klar",
	    "Ich habe eine Frage" },
	{ "fr", "Bonjour à tous|Salut", "Merci beaucoup !|d'accord",
	    "J'ai une question" },
	{ "pt", "Olá|Bom dia", "Muito obrigado", "tenho uma dúvida" },
	{ "de", "Hallo", "Danke|vielen Dank", NULL },
	{ "fi", "Moi|Hyvää päivää", "Kiitos paljon!|kiitti", NULL },
	{ "da", "Goddag", "Mange tak|tak for hjælpen", NULL },
	{ "no", "Heisann", "Tusen takk|takk for det", NULL },
	{ "cs", "Dobrý den", "Děkuji moc|díky", NULL },
	{ "hu", "Jó napot kívánok", "köszönöm szépen|köszi", NULL },
	{ "ro", "Bună ziua", "Mulțumesc mult|mersi", NULL },
	{ "el", "Καλημέρα|γεια σας", "Ευχαριστώ πολύ!", NULL },
	{ "he", "שלום", "תודה רבה", NULL },
	{ "it", "Ciao|Buongiorno", "Grazie mille", "Ho una domanda" },
	{ "nl", "Hoi|Goedemorgen", "Dank je wel", "ik heb een vraagje" },
	{ "ar", "مرحباً|السلام عليكم|صباح الخير!", "شكراً جزيلاً|تمام|مع السلامة",
	    "عندي سؤال|لدي استفسار، لو سمحت" },
	{ "fa", "سلام|سلام، خسته نباشید|صبح بخیر", "خیلی ممنون|مرسی|خداحافظ",
	    "یک سوال دارم|سلام، کمک می‌خواهم" },
	{ "hi", "नमस्ते|नमस्ते जी|सुप्रभात", "धन्यवाद|बहुत बहुत शुक्रिया|ठीक है",
	    "मेरा एक सवाल है|मुझे मदद चाहिए" },
	{ "hi-Latn", "Namaste|kaise hain aap|Ram Ram ji",
	    "bahut dhanyavad|theek hai, shukriya", "mera ek sawal hai" },
	{ "id", "Halo kak|Selamat pagi|Selamat siang, Pak",
	    "Terima kasih banyak|makasih ya|oke, siap",
	    "Saya mau tanya|boleh minta bantuan?" },
	{ "ja", "こんにちは|おはようございます！|お世話になっております。",
	    "ありがとうございます|了解です！|本当にありがとうございました",
	    "質問があります|ちょっと聞きたいことがあります|すみません、質問です" },
	{ "ko", "안녕하세요|안녕하세요, 반갑습니다!",
	    "감사합니다|네, 알겠습니다|정말 고마워요",
	    "질문이 있어요|궁금한 게 있습니다" },
	{ "pl", "Dzień dobry|Cześć|czesc",
	    "Dziękuję bardzo|w porządku|miłego dnia"
	    "|milego dnia",
	    "Mam pytanie|Chciałbym o coś zapytać" },
	{ "ru", "Здравствуйте!|Добрый день|Привет",
	    "Большое спасибо|понятно, спасибо"
	    "|до свидания",
	    "У меня есть вопрос|можно спросить?|Помогите, пожалуйста" },
	{ "sv", "Hej|God morgon|Hallå", "Tack så mycket!|okej, toppen|hej då",
	    "Jag har en fråga|kan du hjälpa mig?" },
	{ "th", "สวัสดีครับ|สวัสดีค่ะ|หวัดดี", "ขอบคุณค่ะ|ขอบคุณมากครับ|โอเค ขอบคุณนะคะ",
	    "มีคำถามค่ะ|ขอสอบถามหน่อยครับ" },
	{ "tr", "Merhaba|Günaydın|gunaydin|İyi günler",
	    "Teşekkür ederim|çok teşekkürler"
	    "|tamam, sağ olun",
	    "Bir sorum var|bir şey sormak istiyorum" },
	{ "uk", "Добрий день|Вітаю!|Привіт",
	    "Дуже дякую|зрозуміло|до побачення",
	    "У мене є питання|хочу запитати" },
	{ "vi", "Xin chào|Chào bạn|chào buổi sáng ạ",
	    "Cảm ơn bạn|cảm ơn nhiều ạ"
	    "|được rồi|duoc roi",
	    "Cho tôi hỏi|tôi có câu hỏi" },
	{ "zh", "你好|您好！|大家早上好",
	    "谢谢|非常感谢您的帮助|好的，谢谢|謝謝你",
	    "我有一个问题|想问一下|请问可以帮忙吗" },
};

/* They ask for something, whatever they begin or end with. */
static const char *const questions[] = { "bra", "size", "OK?? where is it",
	"هل تشحنون إلى مصر", "ساعت کار شما چیست", "दुकान कब खुलती है",
	"dukan kab khulti hai", "jam berapa buka", "何時に開きますか",
	"大丈夫ですか", "몇 시에 열어요", "o której otwieracie",
	"когда вы открываетесь", "när öppnar ni", "ร้านเปิดกี่โมง",
	"ne zaman açılıyor", "коли ви відчиняєтесь", "mấy giờ mở cửa",
	"几点开门", "可以吗", "还有吗", "行李", "你好几点开门" };

static void
each(const char *language, const char *texts, enum smalltalk want)
{
	char copy[400], *p = copy, *text;

	assert_true(strlen(texts) < sizeof(copy));
	strcpy(copy, texts);
	while ((text = strsep(&p, "|")) != NULL)
		if (smalltalk_of(text) != want)
			fail_msg("%s: %s is %d, not %d", language, text,
			    (int)smalltalk_of(text), (int)want);
}

static void
greets_and_thanks(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(sizeof(said) / sizeof(said[0]), 31);
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		each(said[i].language, said[i].greetings, SMALLTALK_GREETING);
		each(said[i].language, said[i].thanks, SMALLTALK_THANKS);
		if (said[i].asking != NULL)
			each(said[i].language, said[i].asking,
			    SMALLTALK_ASKING);
	}
}

static void
lets_questions_be(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		each("question", questions[i], SMALLTALK_NONE);
}

static void
takes_it_off_questions(void **state)
{
	static const char *const cases[][2] = {
		{ "Hello, when do you open?", "when do you open?" },
		{ "你好，请问几点开门？", "请问几点开门？" },
		{ "您好！几点开门？谢谢", "几点开门？谢谢" },
		{ "こんにちは。何時に開きますか", "何時に開きますか" },
		{ "สวัสดีค่ะ ร้านเปิดกี่โมง", "ร้านเปิดกี่โมง" },
		{ "السلام عليكم، متى تفتحون", "متى تفتحون" },
		{ "नमस्ते। दुकान कब खुलती है", "दुकान कब खुलती है" },
		{ "Добрый день! Когда вы открываетесь",
		    "Когда вы открываетесь" },
		{ "dobranoc, kupię lampę", "kupię lampę" },
		{ "ร้านเปิดกี่โมง", "ร้านเปิดกี่โมง" },
	};
	const char *rest;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rest = smalltalk_skip(cases[i][0], &len);
		if (len != strlen(cases[i][1]) ||
		    strncmp(rest, cases[i][1], len) != 0)
			fail_msg("%s: %.*s", cases[i][0], (int)len, rest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greets_and_thanks),
		cmocka_unit_test(lets_questions_be),
		cmocka_unit_test(takes_it_off_questions),
	};

	return cmocka_run_group_tests_name("chat", tests, NULL, NULL);
}
