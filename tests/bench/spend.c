/*
 * spend - what a command takes: time, processor, memory
 *
 *	spend FILE COMMAND...
 *
 * Runs the command with our streams and adds one object to FILE: wall_ms,
 * cpu_ms (its children that it has waited for with it), rss_kb (at most).
 * Exits as it did.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"

static double
ms(const struct timeval *t)
{
	return (double)t->tv_sec * 1000 + (double)t->tv_usec / 1000;
}

int
main(int argc, char *argv[])
{
	int64_t began_us;
	struct rusage r;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 64;
	began_us = mono_us();
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "spend: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &r) < 0) {
		fprintf(stderr, "spend: %s\n", strerror(errno));
		return 70;
	}
	f = fopen(argv[1], "a");
	if (f == NULL) {
		fprintf(stderr, "spend: %s: %s\n", argv[1], strerror(errno));
		return 73;
	}
	fprintf(f, "{\"wall_ms\": %.1f, \"cpu_ms\": %.1f, \"rss_kb\": %ld}\n",
	    (double)(mono_us() - began_us) / 1000,
	    ms(&r.ru_utime) + ms(&r.ru_stime), r.ru_maxrss);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
