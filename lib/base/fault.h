/*
 * fault - points at which a test may kill the program
 *
 * With FRONTDESK_FAULT=POINT:N in the environment the N-th passing of POINT
 * ends the process by SIGKILL, as a crash would. Unset, a point costs one
 * comparison. The points are listed where they stand; the crash test counts
 * that each of them was reached.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

void fault(const char *point);

#endif
