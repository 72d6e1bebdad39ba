/*
 * note - what colleagues write to each other about a conversation
 *
 * A note is a message row of direction note: the customer never sees it.
 */
#ifndef DESK_NOTE_H
#define DESK_NOTE_H

#include "desk/act.h"

/* Keep text, with conversation.noted, in a transaction. */
int note_add(struct act *a, const char *conversation, const char *text);

#endif
