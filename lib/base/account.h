/*
 * account - names of the system's accounts, for programs without its plug-ins
 *
 * getpwuid(3) loads a shared library for each place that accounts may be kept
 * in, which a program that is linked statically cannot. What /etc/passwd does
 * not have is asked of getent(1).
 */
#ifndef BASE_ACCOUNT_H
#define BASE_ACCOUNT_H

#include <sys/types.h>

/* The name of an account; NULL if there is none. The caller frees. */
char *account_name(uid_t uid);

#endif
