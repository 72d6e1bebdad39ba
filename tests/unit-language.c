/* base/language: short messages as customers write them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/language.h"
#include "base/str.h"

static const struct {
	const char *tag;
	const char *text;
} sure[] = {
	{ "en", "hello" },
	{ "en", "where is my parcel?" },
	{ "en", "can i get my money back" },
	{ "en", "Hi, are you open on sunday" },
	{ "en", "thanks!" },
	{ "en", "pls cancel order 4411" },
	{ "en", "it arrived broken, what now?" },
	{ "en", "I want to speak to someone" },
	{ "en", "how much is shipping to Norway" },
	{ "es", "hola" },
	{ "es", "Hola, buenas tardes" },
	{ "es", "donde esta mi pedido" },
	{ "es", "¿Cuánto tarda el envío?" },
	{ "es", "quiero devolver unos zapatos" },
	{ "es", "gracias" },
	{ "es", "a que hora abren mañana" },
	{ "es", "me llegó roto" },
	{ "es", "puedo pagar con tarjeta" },
	{ "es", "necesito hablar con una persona" },
	{ "pt", "oi, bom dia" },
	{ "pt", "Onde está a minha encomenda?" },
	{ "pt", "quero falar com um atendente" },
	{ "pt", "vocês abrem no sábado?" },
	{ "pt", "obrigado" },
	{ "pt", "quanto custa o envio para o Porto" },
	{ "fr", "bonjour" },
	{ "fr", "où est mon colis ?" },
	{ "fr", "je voudrais un remboursement" },
	{ "fr", "vous êtes ouverts le dimanche ?" },
	{ "fr", "merci beaucoup" },
	{ "de", "Guten Tag" },
	{ "de", "wo ist mein paket" },
	{ "de", "Wann habt ihr geöffnet?" },
	{ "de", "ich möchte mit jemandem sprechen" },
	{ "de", "Kann ich die Schuhe zurückgeben?" },
	{ "de", "danke" },
	{ "it", "ciao, dov'è il mio pacco?" },
	{ "it", "vorrei restituire un ordine" },
	{ "it", "quanto costa la spedizione" },
	{ "it", "grazie mille" },
	{ "nl", "hallo, waar is mijn pakket" },
	{ "nl", "hoe laat gaan jullie open" },
	{ "nl", "ik wil iets terugsturen" },
	{ "ca", "on és la meva comanda?" },
	{ "sv", "hej, var är mitt paket" },
	{ "da", "hvornår kommer min pakke" },
	{ "da", "Hvad koster fragt til Aarhus?" },
	{ "da",
	    "Som standard vil vi sende en mail, når der er en ny dato, eller "
	    "hvis den bliver flyttet." },
	{ "no", "Hei, jeg vil gjerne returnere en vare" },
	{ "no", "Er du sikker på at pakken kommer i dag?" },
	{ "nl", "Is er nog plek in de winkel en over hoe lang" },
	{ "fi", "missä minun paketti on" },
	{ "fi",
	    "Tilauksesi näyttää siltä, että se lähetetään huomenna "
	    "asiakkaille, joiden tiedot ovat kunnossa." },
	{ "fi", "toimitusten palauttaminen liikkeeseen" },
	{ "pl", "gdzie jest moja paczka" },
	{ "cs", "kde je moje objednávka" },
	{ "ro", "unde este comanda mea" },
	{ "hu", "hol van a csomagom" },
	{ "tr", "siparişim nerede" },
	{ "id", "paket saya belum sampai kak" },
	{ "vi", "đơn hàng của tôi ở đâu" },
	{ "sw", "habari, mzigo wangu uko wapi" },
	{ "hi-Latn", "mera order kab aayega" },
	{ "hi-Latn", "bhai paise wapas kab milenge" },
	{ "hi", "मेरा ऑर्डर कहाँ है" },
	{ "mr", "माझी ऑर्डर कुठे आहे" },
	{ "ar", "أين طلبي" },
	{ "fa", "سفارش من کجاست" },
	{ "ur", "میرا آرڈر کہاں ہے" },
	{ "he", "איפה ההזמנה שלי" },
	{ "ru", "где мой заказ" },
	{ "uk", "де моє замовлення" },
	{ "el", "πού είναι η παραγγελία μου" },
	{ "zh", "我的订单在哪里" },
	{ "ja", "和室はいくらですか" },
	{ "ja", "お問い合わせありがとうございます。" },
	{ "ja", "注文はどこですか" },
	{ "ko", "제 주문은 어디에 있나요" },
	{ "th", "ของฉันอยู่ที่ไหน" },
	{ "ta", "என் ஆர்டர் எங்கே" },
	{ "bn", "আমার অর্ডার কোথায়" },
	{ "en", "my order 我的 is late, where is it" },
};

static const char *const unsure[] = {
	"",
	"ok",
	"?",
	"12345",
	"👍👍",
	"no",
	"4411-AX",
	"xyzzy plugh",
	"\xff\xfe",
	"https://example.com/",
	"Kim",
};

static void
knows(void **state)
{
	size_t i, wrong = 0;

	(void)state;
	for (i = 0; i < sizeof(sure) / sizeof(sure[0]); i++) {
		const char *got =
		    language_detect(sure[i].text, strlen(sure[i].text));

		if (strcmp(got, sure[i].tag) != 0) {
			print_message("# \"%s\": %s, not %s\n", sure[i].text,
			    got, sure[i].tag);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void
admits(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unsure) / sizeof(unsure[0]); i++)
		assert_string_equal("und",
		    language_detect(unsure[i], strlen(unsure[i])));
}

/* It reads no further than len, and no more than its share of a long text. */
static void
stays_inside(void **state)
{
	struct buf b = BUF_INIT(0);
	char *exact;
	int i;

	(void)state;
	assert_string_equal("und", language_detect("ok the of and", 2));
	exact = xmalloc(3);
	memcpy(exact, "\xe0\xa4\x95", 3);
	assert_string_equal("hi", language_detect(exact, 3));
	assert_string_equal("und", language_detect(exact, 2));
	free(exact);
	for (i = 0; i < 200000; i++)
		buf_adds(&b, "der ");
	assert_string_equal("de", language_detect(b.data, b.len));
	buf_release(&b);
}

static void
tags(void **state)
{
	static const struct {
		const char *tag, *written, *plain;
	} all[] = {
		{ "en", "en", "en" },
		{ "EN", "en", "en" },
		{ "pt-br", "pt-BR", "pt" },
		{ "ZH-hans-cn", "zh-Hans-CN", "zh" },
		{ "hi-latn", "hi-Latn", "hi-Latn" },
		{ "hi-in", "hi-IN", "hi" },
		{ "ru-ru", "ru-RU", "ru" },
		{ "es-419", "es-419", "es" },
		{ "el-gr", "el-GR", "el" },
		{ "und", "und", "und" },
		{ "kab-dz", "kab-DZ", "kab-DZ" },
	};
	char tag[LANGUAGE_TAG_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		language_tag_write(all[i].tag, tag);
		assert_string_equal(all[i].written, tag);
		assert_string_equal(all[i].plain, language_plain(tag));
	}
	assert_true(language_in_range("pt-BR", "pt"));
	assert_true(language_in_range("pt-BR", "PT-br"));
	assert_false(language_in_range("pt", "pt-BR"));
	assert_false(language_in_range("pt-BR", "p"));
	assert_false(language_in_range("pt", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows),
		cmocka_unit_test(admits),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(tags),
	};

	return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
