/*
 * parts - what a message holds beside its words, as lines for people
 *
 * Places, contacts, orders, answers to forms, names of files, and what the
 * provider says went wrong with it. Text in it is as it came: not yet made
 * safe to show, and a line may hold anything but LF.
 */
#ifndef DESK_PARTS_H
#define DESK_PARTS_H

#include "base/json.h"
#include "base/str.h"

/* Add lines, each ended by LF, for what content holds; NULL holds nothing. */
void message_parts(const char *kind, const json_t *content, struct buf *ret);

/*
 * The type a sender announced for a medium, if what is kept is of another one;
 * else NULL. Only main types that are told apart by their bytes count: a text
 * may be announced as any text, an office file as what its archive holds.
 */
const char *message_announced(const char *kind, const json_t *content,
    const char *mime);

#endif
