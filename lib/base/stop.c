/* stop - whether the program was asked to end */
#include <signal.h>
#include <stddef.h>

#include "base/stop.h"

volatile int stop_wanted; /* sig_atomic_t is one */

static void
on_signal(int number)
{
	stop_wanted = number;
}

void
stop_on_signals(void)
{
	const struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}
