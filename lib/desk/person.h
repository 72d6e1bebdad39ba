/*
 * person - staff, their roles, and who runs this command
 *
 * On a system store the real user id is the identity: it is mapped to a person
 * by their Unix account. On a personal store, and on a scratch copy, the owner
 * is the admin "me", with or without a row. The environment is not trusted.
 *
 * Two identities of a system store have no row: the account that owns desk.db
 * (the service itself) is "system", and root, as long as there is no admin, is
 * "unix:root", so that the first admin can be added.
 *
 * A person who leaves is not deleted: their row stays inactive, so that a name
 * in the record never means two people.
 */
#ifndef DESK_PERSON_H
#define DESK_PERSON_H

#include <stdbool.h>
#include <stddef.h>

#include "desk/act.h"

#define PERSON_NAME_MAX 32
#define CAPACITY_AS_IS INT64_C(-1)
#define CAPACITY_MAX 100000

enum permission {
	MAY_READ,  /* viewer and up */
	MAY_WRITE, /* agent and up: reply, take, assign, tag, resolve */
	MAY_ADMIN, /* admin: people; what else only root reaches */
};

struct person {
	char *name;
	char *full_name; /* NULL: none */
	char *role;	 /* admin agent viewer */
	char *account;	 /* NULL: none */
	char *mail;	 /* NULL: none */
	char *zone;	 /* IANA name of the zone they read times in; NULL:
			    that of the machine */
	bool active;
	char availability[8];	 /* online away offline */
	int64_t availability_ms; /* since when; 0: they never said */
	int64_t capacity;	 /* most open conversations they are given;
				    0: any number, CAPACITY_AS_IS: unchanged */
};
void person_free(struct person *p);

/* By name, also one who has left; ERR_NOINPUT. */
int person_get(struct store *s, const char *name, struct person **ret);

/* Everybody, by name. End with people_free. */
int people_list(struct store *s, struct person ***ret, size_t *ret_count);
void people_free(struct person **people, size_t count);

/* From here on times are shown on the clock of name, unless TZ is in the
 * environment, which is more; also when the person has no zone, or one that this
 * system has lost, nothing changes. */
int person_clock(struct store *s, const char *name);

/* Whether somebody may answer customers: 0, ERR_NOINPUT, or ERR_DATA for who
 * has left or is a viewer. */
int person_answers(struct store *s, const char *name);

/*
 * Who runs this process, if they may: *ret_name is malloc'd. ERR_DENIED says
 * whom to ask.
 */
int person_self(struct store *s, enum permission need, char **ret_name);

/*
 * Open a file that the person names, to read: with their own rights, not with
 * the group that a program of a service's store lends. The descriptor, or
 * ERR_NOINPUT, ERR_DENIED.
 */
int person_open(const char *path);

/* How many active admins there are besides name (which may be NULL). */
int admins_besides(struct store *s, const char *name, int64_t *ret);

/*
 * Changes, in a transaction, with events named user.* and an audit row.
 * ERR_DATA for a name, role, account or zone that cannot be.
 */
int person_add(struct act *a, const struct person *p);
/* NULLs: unchanged; an empty full_name, account, mail or zone: none. Nothing,
 * without an event, if it already is so. */
int person_set(struct act *a, const struct person *p);
/* Inactive, and their account is free. */
int person_remove(struct act *a, const char *name);

/* They are online, away or offline from now on; with user.changed unless they
 * were. ERR_DATA for another word, or for one who has left. */
int person_available(struct act *a, const char *name, const char *word);

/* The owner of a personal store has a row from now on, too. */
int person_row_need(struct act *a, const char *name);

bool role_valid(const char *role);

/* LOCAL@HOST of letters, digits and a few signs: one that can stand in a header
 * of a letter, and be no option of a program. */
bool mail_valid(const char *mail);

/* A small letter, then small letters, digits, '.', '_', '-'; and not a word
 * that means something else: ai, queue, me, ... */
bool person_name_valid(const char *name);

#endif
