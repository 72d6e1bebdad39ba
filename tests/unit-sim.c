/* unit-sim.c - faults, and what a message must look like */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/fault.h"

static void
test_faults(void **state)
{
	static const char *const bad[] = { "x", "500:", "500:0%", "500:101%",
		"500:#0", "500:#3-2", "500:1/0", "429=x", "-1", NULL };
	struct sim_faults *f;
	const struct sim_fault *hit;
	int hits = 0;

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++)
		if (sim_faults_parse(bad[i], 1, &f) != ERR_USAGE)
			fail_msg("%s", bad[i]);
	assert_int_equal(sim_faults_parse("190:#2-3,429=9:1/5,hang:20%", 7, &f),
	    0);
	assert_int_equal(sim_fault_draw(f, "messages", 2)->code, 190);
	assert_int_equal(sim_fault_draw(f, "messages", 3)->http, 401);
	hit = sim_fault_draw(f, "messages", 5);
	assert_int_equal(hit->http, 429);
	assert_int_equal(hit->retry_after_s, 9);
	for (uint64_t n = 1; n <= 10000; n++)
		hits += n % 5 != 0 && sim_fault_draw(f, "messages", n) != NULL;
	assert_in_range(hits, 1450, 1750); /* a fifth of 8,000 */
	sim_faults_free(f);
	assert_int_equal(sim_faults_parse("none", 1, &f), 0);
	assert_null(sim_fault_draw(f, "messages", 1));
	sim_faults_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
