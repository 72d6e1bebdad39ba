/* lib/ai/numbered: which one of a name a question asks for */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ai/numbered.h"

static void
finds_names_with_a_number(void **state)
{
	static const struct {
		const char *text, *name, *number; /* of the first; NULL: none */
	} cases[] = {
		{ "Is the Trailhawk 3 waterproof?", "trailhawk", "3" },
		{ "is the trailhawk-3 waterproof", "trailhawk", "3" },
		{ "my XR7b is broken", "xr", "7b" },
		{ "iPhone15?", "iphone", "15" },
		{ "Debian 3.1.", "debian", "3.1" },
		{ "der Übermut 2", "ubermut", "2" },
		{ "open on Saturday 10:00", NULL, NULL },
		{ "open Monday 9 to 17", NULL, NULL },
		{ "Montag 9 Uhr, Lieferung 3 Tage", NULL, NULL },
		{ "it costs 5 euros, or EUR 5-6", NULL, NULL },
		{ "within 30 days", NULL, NULL },
		{ "size 4mm", NULL, NULL },
		{ "What is 2+2?", NULL, NULL },
		{ "", NULL, NULL },
		{ "x 1", "x", "1" },
	};
	struct numbered found[NUMBERED_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		n = numbered_find(cases[i].text, found);
		if (cases[i].name == NULL)
			assert_int_equal(n, 0);
		else {
			assert_int_equal(n, 1);
			assert_string_equal(found[0].name, cases[i].name);
			assert_string_equal(found[0].number, cases[i].number);
		}
		numbered_release(found, n);
	}
}

static void
tells_one_from_another(void **state)
{
	static const struct {
		const char *asked, *text;
		unsigned in;
	} cases[] = {
		{ "Trailhawk 3", "The Trailhawk 2 is a tent.", NUMBERED_OTHER },
		{ "trailhawk 2", "The Trailhawk 2 is a tent.", NUMBERED_SAME },
		{ "Trailhawk 2", "TRAILHAWK-2, Trailhawk 4",
		    NUMBERED_SAME | NUMBERED_OTHER },
		{ "xr8", "the xr7", NUMBERED_OTHER },
		{ "Debian 3", "Debian 3.1", NUMBERED_SAME },
		{ "Debian 3", "Debian 31", NUMBERED_OTHER },
		/* No name: neither a capital nor one word. */
		{ "parcel 7", "take parcel 8 home", 0 },
		{ "parcel 7", "Parcels to Norway take 8 days.", 0 },
		{ "Saturday 11", "Saturday 10 to 16", 0 },
	};
	struct numbered found[NUMBERED_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		n = numbered_find(cases[i].asked, found);
		assert_int_equal(n, 1);
		assert_int_equal(numbered_in(&found[0], cases[i].text),
		    cases[i].in);
		numbered_release(found, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_names_with_a_number),
		cmocka_unit_test(tells_one_from_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
