/*
 * confine - give up files this process has no business with
 *
 * Landlock knows what is allowed, not what is not. So everything beside the
 * way to the directory is allowed, step by step: of / all but /var, of /var
 * all but lib, and so on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/err.h"
#include "base/str.h"

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define LOOK                                                          \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	    LANDLOCK_ACCESS_FS_EXECUTE)
#define CHANGE_FILE \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define CHANGE                                                             \
	(CHANGE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                     \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |    \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |  \
	    LANDLOCK_ACCESS_FS_REFER)

struct rules {
	int fd;
	uint64_t known;	 /* what this kernel knows of the rights above */
	uint64_t beside; /* what is allowed beside the way */
};

static int
allow(const struct rules *r, int dir, const char *name, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat st;
	int code = 0;

	rule.parent_fd = openat(dir, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (rule.parent_fd < 0)
		return 0; /* not there, or not for us */
	if (fstat(rule.parent_fd, &st) < 0 || S_ISLNK(st.st_mode)) {
		close(rule.parent_fd); /* what it leads to counts */
		return 0;
	}
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_EXECUTE | CHANGE_FILE;
	rule.allowed_access &= r->known;
	if (syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) < 0)
		code = err_errno(ERR_IO, "landlock");
	close(rule.parent_fd);
	return code;
}

/* Allow what is allowed beside for all in the directory path but the entry skip. */
static int
allow_beside(const struct rules *r, const char *path, const char *skip)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	int code = 0;

	if (dir == NULL)
		return 0;
	while (code == 0 && (e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, skip) != 0)
			code = allow(r, dirfd(dir), e->d_name, r->beside);
	closedir(dir);
	return code;
}

static int
allow_way(const struct rules *r, char *real)
{
	char *p = real, *name, *slash;
	int code = 0;

	while (code == 0 && *p == '/') {
		name = p + 1;
		slash = strchr(name, '/');
		if (slash != NULL)
			*slash = '\0';
		*p = '\0';
		/* The entry name, of what stands before it. */
		code = allow_beside(r, *real != '\0' ? real : "/", name);
		*p = '/';
		if (slash == NULL)
			break;
		*slash = '/';
		p = slash;
	}
	return code;
}

/* Devices are not files: a program that writes to nowhere may go on. */
static int
allow_writable(const struct rules *r, const char *const *writable)
{
	int code = allow(r, AT_FDCWD, "/dev", LOOK | CHANGE_FILE);
	char *real;

	for (; code == 0 && writable != NULL && *writable != NULL; writable++) {
		real = realpath(*writable, NULL);
		if (real != NULL)
			code = allow(r, AT_FDCWD, real, LOOK | CHANGE);
		free(real);
	}
	return code;
}

int
confine(const char *keep_out, const char *const *writable)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs =
						  LOOK | CHANGE };
	struct rules r = { .fd = -1,
		.beside = writable != NULL ? LOOK : LOOK | CHANGE };
	char *real = NULL;
	long abi;
	int code = 0;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return 0;
	if (abi < 2)
		attr.handled_access_fs &= ~LANDLOCK_ACCESS_FS_REFER;
	if (abi < 3)
		attr.handled_access_fs &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	r.known = attr.handled_access_fs;
	real = realpath(keep_out, NULL);
	if (real == NULL)
		return err_errno(ERR_IO, "%s", keep_out);
	r.fd =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (r.fd < 0)
		code = err_errno(ERR_IO, "landlock");
	if (code == 0)
		code = allow_way(&r, real);
	if (code == 0)
		code = allow_writable(&r, writable);
	if (code == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		code = err_errno(ERR_IO, "no new privileges");
	if (code == 0 && syscall(SYS_landlock_restrict_self, r.fd, 0) < 0)
		code = err_errno(ERR_IO, "landlock");
	if (r.fd >= 0)
		close(r.fd);
	free(real);
	return code;
}
