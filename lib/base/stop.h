/*
 * stop - whether the program was asked to end, for loops that look now and then
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

/* 0 until SIGINT or SIGTERM came. */
extern volatile int stop_wanted;

/* From now on they only say so; calls that wait are interrupted. */
void stop_on_signals(void);

#endif
