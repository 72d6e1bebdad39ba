/*
 * slowsync - a disk that takes 2 ms longer for each sync
 *
 * Preloaded into a receiver and its peer, so that a machine with a fast disk
 * shows what a usual one would. SLOWSYNC_US sets another delay.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DELAY_US 2000

static int
slow(const char *name, int fd)
{
	const char *set = getenv("SLOWSYNC_US");
	long us = set != NULL ? atol(set) : DELAY_US;
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, name);
	nanosleep(&t, NULL);
	return real != NULL ? real(fd) : -1;
}

int
fsync(int fd)
{
	return slow("fsync", fd);
}

int
fdatasync(int fd)
{
	return slow("fdatasync", fd);
}
