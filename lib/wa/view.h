/*
 * view - a person has looked at a conversation
 *
 * They have seen it then, and the customer is told so where the setting
 * read_receipts of the instance is view.
 */
#ifndef WA_VIEW_H
#define WA_VIEW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Who runs this process has looked, and saw the log up to seq. unread_before:
 * by desk/seen.h. The store is opened for it. A look is no reason to fail: who
 * may not write looks all the same, and nothing is said of it.
 */
void view_looked(const char *store_flag, const char *id, int64_t seq,
    bool unread_before);

#endif
