/*
 * names - names in use of a kind, for a shell to complete
 */
#ifndef DESK_NAMES_H
#define DESK_NAMES_H

#include "store/store.h"

/*
 * Each name of a kind (contact, conversation, instance, person, tag, team) with
 * what it is of, "" for nothing; neither is safe to show yet. ERR_USAGE if there
 * is no such kind.
 */
int names_each(struct store *s, const char *kind,
    void (*each)(void *ctx, const char *name, const char *of), void *ctx);

#endif
