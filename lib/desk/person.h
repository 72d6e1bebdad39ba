/*
 * person - staff, their roles, and who runs this command
 *
 * On a system store the real user id is the identity: it is mapped to a person
 * by their Unix account. On a personal store the owner is the admin "me".
 * The environment is not trusted.
 */
#ifndef DESK_PERSON_H
#define DESK_PERSON_H

#include <stdbool.h>

#include "desk/act.h"

enum permission {
	MAY_READ,      /* viewer and up */
	MAY_WRITE,     /* agent and up: reply, take, assign, tag, resolve */
	MAY_ADMIN,     /* admin: people, settings, backups */
};

struct person {
	char *name;
	char *full_name; /* NULL: none */
	char *role;	 /* admin agent viewer */
	char *account;	 /* NULL: none */
	bool active;
};
void person_free(struct person *p);
int person_get(struct store *s, const char *name, struct person **ret);

/*
 * Who runs this process, if they may: *ret_name is malloc'd. ERR_DENIED says
 * whom to ask.
 */
int person_self(struct store *s, enum permission need, char **ret_name);

/* Changes, with person.* events named user.* and an audit row. */
int person_add(struct act *a, const struct person *p);
int person_set(struct act *a, const struct person *p); /* NULLs: unchanged */
int person_remove(struct act *a, const char *name);
bool role_valid(const char *role);

#endif
