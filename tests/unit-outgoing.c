/* lib/ai/outgoing: what nobody sees goes, Markdown becomes WhatsApp's marks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ai/leak.h"
#include "ai/outgoing.h"

struct pair {
	const char *written, *sent;
};

static void
each(const struct pair *p, size_t n, char *(*fn)(const char *text))
{
	char *got;
	size_t i;

	for (i = 0; i < n; i++) {
		got = fn(p[i].written);
		assert_string_equal(got, p[i].sent);
		free(got);
		/* What is clean stays as it is. */
		got = outgoing_seen(p[i].sent);
		assert_string_equal(got, p[i].sent);
		free(got);
	}
}

static void
takes_out_what_nobody_sees(void **state)
{
	static const struct pair pairs[] = {
		{ "It costs \u202e5.41\u202c euros.", "It costs 5.41 euros." },
		{ "ord\u200ber\u2060s fr\ufeffom 60\u00ad0",
		    "orders from 600" },
		{ "a\U000e0068\U000e0069b", "ab" },
		{ "a\ufe00\ufe01b\U000e0100", "ab" },
		{ "a\u200db\u200cc", "abc" },
		{ "\u2066isolated\u2069 \u200emark\u200f", "isolated mark" },
		{ "one\r\ntwo\rthree\u2028four\x85",
		    "one\ntwo\nthree\nfour\xef\xbf\xbd" },
		{ "a\x01\x1b[1mb\tc", "a[1mb\tc" },
		{ "\u3164\uffa0\u115f.", "." },
		{ "caf\u00e9 \u00a0 10\u202f000",
		    "caf\u00e9 \u00a0 10\u202f000" },
	};

	(void)state;
	each(pairs, sizeof(pairs) / sizeof(*pairs), outgoing_seen);
}

static void
keeps_what_means_something(void **state)
{
	static const char *const kept[] = {
		"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", /* Persian */
		"\u0915\u094d\u200d\u0937",			    /* Hindi */
		"\u0d28\u0d4d\u200d end", /* Malayalam, at the end of a word */
		"\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
		"\u2764\ufe0f\u200d\U0001f525 and 1\ufe0f\u20e3",
		"\U0001f3f3\ufe0f\u200d\U0001f308", "\u00a9\ufe0f",
		"\u845b\U000e0100\u57ce",		 /* a form of a name */
		"\u05de\u05d7\u05d9\u05e8 5\u200f - 10", /* Hebrew */
	};
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		got = outgoing_text(kept[i]);
		assert_string_equal(got, kept[i]);
		free(got);
	}
	/* A row of them hides something. */
	got =
	    outgoing_seen("\u05de\u200f\u200f\u200e\u05d7 \u2764\ufe0f\ufe0e");
	assert_string_equal(got, "\u05de\u200f\u05d7 \u2764\ufe0f");
	free(got);
}

static void
turns_markdown_into_marks(void **state)
{
	static const struct pair pairs[] = {
		{ "To **Norway** it takes __8 to 10__ ~~9~~ days",
		    "To *Norway* it takes *8 to 10* ~9~ days" },
		{ "- [ ] pack it\n- [x] pay\n* [a]",
		    "- pack it\n- \u2713 pay\n- [a]" },
		{ "<b>Free</b> <Strong>re**turns**</strong> <i>x</i>, <b></b> 1 <b>2",
		    "*Free* *returns* _x_, <b></b> 1 <b>2" },
		{ "***both*** and **a** **b**", "*_both_* and *a* *b*" },
		{ "*ours* _ours_ ~ours~", "*ours* _ours_ ~ours~" },
		{ "re**mark**able \u8fd9\u662f**\u91cd\u8981**\u7684",
		    "remarkable \u8fd9\u662f\u91cd\u8981\u7684" },
		{ "2 ** 3, **open, ** no ** and file__name__x",
		    "2 ** 3, **open, ** no ** and file__name__x" },
		{ "# Delivery\nfree\n## **Returns** ##\n30 days",
		    "*Delivery*\nfree\n*Returns*\n30 days" },
		{ "#5 is not one, and # neither\n#",
		    "#5 is not one, and # neither\n#" },
		{ "See [our page](https://example.com/a_b_c).",
		    "See our page (https://example.com/a_b_c)." },
		{ "[example.com](https://www.example.com/) [**a**](http://b.example \"t\")",
		    "https://www.example.com/ *a* (http://b.example)" },
		{ "Write to [info@example.com](mailto:info@example.com) or <https://example.com>",
		    "Write to info@example.com or https://example.com" },
		{ "![a map](https://example.com/map_(new).png) [size](sizes.md)",
		    "a map (https://example.com/map_(new).png) size" },
		{ "Ten days [1](https://example.com) [2]", "Ten days [1] [2]" },
		{ "https://example.com/a__b__c?x=~~y~~ stays",
		    "https://example.com/a__b__c?x=~~y~~ stays" },
		{ "* one\n+ two\n  - three\n1. four",
		    "- one\n- two\n  - three\n1. four" },
		{ "above\n\n---\n\n\nbelow  \nthere\\\nend",
		    "above\n\nbelow\nthere\nend" },
		{ "5 \\* 3 \\#1 costs \\$5, C:\\dir",
		    "5 * 3 #1 costs $5, C:\\dir" },
		{ "`**as is**` ``two`` **b `c` d**",
		    "`**as is**` `two` *b `c` d*" },
		{ "```sh\n**as is**\n```\n**b**", "```\n**as is**\n```\n*b*" },
		{ "left `open", "left `open" },
		{ "one<br>two<br/>three <b>", "one\ntwo\nthree <b>" },
		{ "Prices:\n\n| To | Price | Days |\n|---|:---:|---|\n| France | **9.90** | 3 \\| 5 |\n| Norway | 14.50 | |\nThat is all",
		    "Prices:\n\nTo: France; Price: 9.90; Days: 3 | 5\nTo: Norway; Price: 14.50\nThat is all" },
		{ "a | b is no table", "a | b is no table" },
		{ "", "" },
		{ "**", "**" },
		{ "[", "[" },
		{ "[](", "[](" },
		{ "\\", "" },
		{ "***", "" },
	};

	(void)state;
	each(pairs, sizeof(pairs) / sizeof(*pairs), outgoing_text);
}

static const char rules[] =
    "1. You help with Meadow and what it offers, and with nothing else. Choose "
    "\"hand_over\" when you are not sure.\nYou must not: promise delivery "
    "dates, name other shops or give medical advice\nFrom the business:\nSay "
    "\u201cThank you for writing to us, and a sunny day to you!\u201d at the "
    "end. Never tell that the owner sells the shop in May. "
    "\u4e0d\u8981\u8bf4\u51fa\u672c\u5e97\u7684\u8fdb\u8d27\u4ef7"
    "\u683c\u548c\u4f9b\u5e94\u5546\u540d\u5355";

static void
holds_what_a_model_was_told(void **state)
{
	static const char *const leaks[] = {
		"My rules: you help with MEADOW, and what it offers - and with "
		"nothing else!",
		"I must not promise delivery dates, name other shops or give "
		"medical advice.",
		"The owner sells the shop in May: never tell that the owner "
		"sells the shop.",
		"\u4e0d\u8981\u8bf4\u51fa\u672c\u5e97\u7684\u8fdb\u8d27"
		"\u4ef7\u683c\u548c\u4f9b\u5e94\u5546\u540d\u5355"
	};
	static const char *const fine[] = {
		"I can help with this business only. What do you need?",
		"Thank you for writing to us, and a sunny day to you!",
		"We do not give medical advice.", "",
		"\u672c\u5e97\u7684\u8fdb\u8d27"
	};
	const char *none[] = { NULL },
		   *passage[] = { "Shops must not promise delivery dates, name "
				  "other shops or give medical advice.",
			   NULL };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(leaks) / sizeof(*leaks); i++)
		if (!leak_found(leaks[i], rules, none))
			fail_msg("not found: %s", leaks[i]);
	for (i = 0; i < sizeof(fine) / sizeof(*fine); i++)
		if (leak_found(fine[i], rules, none))
			fail_msg("found: %s", fine[i]);
	/* What a passage says as well is no secret. */
	assert_false(leak_found(leaks[1], rules, passage));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_out_what_nobody_sees),
		cmocka_unit_test(keeps_what_means_something),
		cmocka_unit_test(turns_markdown_into_marks),
		cmocka_unit_test(holds_what_a_model_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
