/* fault - points at which a test may kill the program */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

void
fault(const char *point)
{
	static const char *want;
	static size_t want_len;
	static atomic_long left;
	static atomic_int state; /* 0 unread, 1 off, 2 armed */
	const char *colon;
	int s = atomic_load_explicit(&state, memory_order_acquire);

	if (s == 1)
		return;
	if (s == 0) {
		want = secure_getenv("FRONTDESK_FAULT");
		colon = want != NULL ? strchr(want, ':') : NULL;
		if (colon == NULL) {
			atomic_store(&state, 1);
			return;
		}
		want_len = (size_t)(colon - want);
		atomic_store(&left, strtol(colon + 1, NULL, 10));
		atomic_store_explicit(&state, 2, memory_order_release);
	}
	if (want != NULL && strlen(point) == want_len &&
	    strncmp(point, want, want_len) == 0 &&
	    atomic_fetch_sub(&left, 1) == 1)
		kill(getpid(), SIGKILL);
}
