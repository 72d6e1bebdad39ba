/*
 * cold - how long a command takes, each time as a process of its own
 *
 *	cold FILE COMMAND ARGUMENT...
 *
 * For each line of FILE the command is started once with the line in the place
 * of {} in its arguments, without input, its output thrown away. Prints the
 * median in microseconds, from before the process is there until it is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"

#define LINES_MAX 10000

static int64_t took_us[LINES_MAX];

static _Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "cold: %s: %s\n", what, why);
	exit(70);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* arg with line for each {}; freed by the caller. */
static char *
filled(const char *arg, const char *line)
{
	struct buf out = BUF_INIT(0);
	const char *at;

	for (; (at = strstr(arg, "{}")) != NULL; arg = at + 2) {
		buf_add(&out, arg, (size_t)(at - arg));
		buf_adds(&out, line);
	}
	buf_adds(&out, arg);
	return buf_detach(&out);
}

static int64_t
run(char *const argv[], const posix_spawn_file_actions_t *files)
{
	int64_t began = mono_us();
	pid_t pid;
	int ended,
	    code = posix_spawnp(&pid, argv[0], files, NULL, argv, environ);

	if (code != 0)
		die(argv[0], strerror(code));
	while (waitpid(pid, &ended, 0) < 0)
		if (errno != EINTR)
			die(argv[0], strerror(errno));
	if (WIFSIGNALED(ended))
		die(argv[0], strsignal(WTERMSIG(ended)));
	return mono_us() - began;
}

int
main(int argc, char *argv[])
{
	posix_spawn_file_actions_t files;
	char **filled_argv, *line = NULL;
	size_t size = 0, n = 0;
	ssize_t len;
	FILE *f;
	int i;

	if (argc < 3) {
		fputs("usage: cold FILE COMMAND ARGUMENT...\n", stderr);
		return 64;
	}
	f = fopen(argv[1], "r");
	if (f == NULL)
		die(argv[1], strerror(errno));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	filled_argv = xcalloc((size_t)argc - 1, sizeof(*filled_argv));
	while (n < LINES_MAX && (len = getline(&line, &size, f)) >= 0) {
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		for (i = 2; i < argc; i++)
			filled_argv[i - 2] = filled(argv[i], line);
		took_us[n++] = run(filled_argv, &files);
		for (i = 2; i < argc; i++)
			free(filled_argv[i - 2]);
	}
	if (n == 0)
		die(argv[1], "no line in it");
	qsort(took_us, n, sizeof(*took_us), compare);
	printf("%lld\n", (long long)took_us[n / 2]);
	free(filled_argv);
	free(line);
	fclose(f);
	posix_spawn_file_actions_destroy(&files);
	return 0;
}
