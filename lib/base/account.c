/* account - names of the system's accounts, for programs without its plug-ins */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/account.h"
#include "base/str.h"

#define FILE_OF_ACCOUNTS "/etc/passwd"
#define GETENT "/usr/bin/getent"

/* In lines of passwd(5); fgetpwent(3) wants a file to go back in. */
static char *
find(FILE *in, uid_t uid)
{
	char *line = NULL, *name = NULL, *number, *end;
	size_t cap = 0;

	while (name == NULL && getline(&line, &cap, in) > 0) {
		number = strchr(line, ':');
		if (number != NULL)
			number = strchr(number + 1, ':');
		if (number == NULL || number[1] < '0' || number[1] > '9' ||
		    strtoul(number + 1, &end, 10) != uid || *end != ':')
			continue;
		*strchr(line, ':') = '\0';
		name = xstrdup(line);
	}
	free(line);
	return name;
}

static char *
ask(uid_t uid)
{
	static char *none[] = { NULL };
	char number[24], *name = NULL;
	char *argv[] = { (char *)GETENT, (char *)"passwd", number, NULL };
	posix_spawn_file_actions_t actions;
	FILE *in = NULL;
	int ends[2];
	pid_t pid;

	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	if (posix_spawn(&pid, GETENT, &actions, NULL, argv, none) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (pid > 0 && (in = fdopen(ends[0], "r")) != NULL)
		name = find(in, uid);
	if (in != NULL)
		fclose(in);
	else
		close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return name;
}

char *
account_name(uid_t uid)
{
	FILE *in = fopen(FILE_OF_ACCOUNTS, "re");
	char *name = NULL;

	if (in != NULL) {
		name = find(in, uid);
		fclose(in);
	}
	return name != NULL ? name : ask(uid);
}
