/* lib/ai/goodbye: last words of a customer, and what is none */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ai/goodbye.h"

static const char *const last_words[] = { "thanks, that was all",
	"no, thank you", "No, that's everything, thank you",
	"nothing else, bye", "that was all", "nothing else", "all good now",
	"problem solved", "ok great, no more questions", "no",
	"That's it for now, thanks a lot!", "great, that answers my question",
	"I don't need anything else, thank you very much",
	"Perfect, you've been very helpful. Have a nice evening!",
	"never mind, I found it myself", "No thanks 👍", "Yes, that's all.",
	"Das war alles, danke", "Nein, das war's, vielen Dank",
	"Danke, hat sich erledigt", "Alles klar, keine weiteren Fragen",
	"Nein danke, alles gut", "eso es todo", "Nada más, muchas gracias",
	"No, eso es todo, gracias", "ya lo resolví", "c'est tout, merci",
	"Non merci, c'est bon", "rien d'autre, merci beaucoup", "era só isso",
	"não, obrigada, é só isso", "mais nada, obrigado", "è tutto",
	"No grazie, nient'altro", "tutto chiaro, grazie mille", "dat was alles",
	"nee, dank u wel", "verder niks, bedankt", "to wszystko",
	"nie, dziękuję", "Nie mam więcej pytań, dziękuję bardzo", "bu kadardı",
	"Hayır, teşekkürler", "başka sorum yok, sağ olun", "बस इतना ही",
	"नहीं, धन्यवाद", "और कुछ नहीं, शुक्रिया", "هذا كل شيء", "لا، شكرا",
	"لا شيء آخر، شكرا جزيلا", "itu saja", "tidak ada lagi, terima kasih",
	"itu aja kak, makasih", "没有别的问题了", "没有了，谢谢",
	"不用了，谢谢你", "以上です、ありがとうございます",
	"いいえ、大丈夫です", "それだけです。", "это всё, спасибо",
	"Нет, спасибо", "вопросов больше нет", "больше ничего, благодарю",
	"thanks", "muchas gracias" };

static const char *const others[] = { "hello", "that was all?", "is that all?",
	"nothing else arrived", "nothing works", "that was all wrong",
	"no, the parcel is broken", "no, I want my money back",
	"thanks, but where is my parcel",
	"thanks for nothing, I am really angry", "it is not solved",
	"no answer yet", "I have one more question",
	"no, that is not what I asked", "all I got was a broken cup",
	"and the price", "now", "yes", "Das war alles kaputt",
	"nein, das stimmt nicht", "noch eine Frage", "nichts funktioniert",
	"eso es todo mentira", "nada funciona", "¿eso es todo?",
	"no, quiero hablar con alguien", "c'est tout cassé", "rien ne marche",
	"non, je veux un remboursement", "não funciona", "nada chegou",
	"non funziona", "niets werkt", "nic nie działa",
	"hiçbir şey çalışmıyor", "कुछ काम नहीं कर रहा", "لا يعمل",
	"tidak berfungsi", "没有收到", "没有收到包裹", "まだ届きません",
	"ничего не работает", "нет, это неправда", "open on Sunday", "" };

static void
last_words_are_known(void **state)
{
	size_t i, missed = 0;

	(void)state;
	for (i = 0; i < sizeof(last_words) / sizeof(*last_words); i++)
		if (!goodbye_is(last_words[i])) {
			print_message("not known: %s\n", last_words[i]);
			missed++;
		}
	assert_int_equal(missed, 0);
}

static void
what_asks_or_complains_is_none(void **state)
{
	size_t i, wrong = 0;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (goodbye_is(others[i])) {
			print_message("taken for one: %s\n", others[i]);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

static void
a_word_alone_is_not_plain(void **state)
{
	static const char *const plain[] = { "that was all", "no, thank you",
		"Danke, das wars", "eso es todo", "没有别的问题了",
		"それだけです。", "itu saja" },
				 *const bare[] = { "no", "No!", "nada", "nein",
					 "nothing", "没有了", "いいえ" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		assert_true(goodbye_is_plain(plain[i]));
	for (i = 0; i < sizeof(bare) / sizeof(*bare); i++) {
		assert_true(goodbye_is(bare[i]));
		assert_false(goodbye_is_plain(bare[i]));
	}
	assert_false(goodbye_is_plain("that was all wrong"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_words_are_known),
		cmocka_unit_test(a_word_alone_is_not_plain),
		cmocka_unit_test(what_asks_or_complains_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
