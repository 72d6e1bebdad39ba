/*
 * screen - a terminal as a page of lines, of which only the changed are drawn
 *
 * The other screen of the terminal is used, so that what was there comes back.
 * It does so whatever ends the program: screen_close(), an exit, a signal that
 * screen_next() tells of, or a stop by Ctrl-Z. One at a time. Draws on the
 * terminal: part of the frame of a command. Text is shown as it is: whoever
 * puts it has made it safe (utf8_show) and cut it to the width.
 */
#ifndef BASE_SCREEN_H
#define BASE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

enum screen_style {
	STYLE_PLAIN = 0,
	STYLE_BOLD = 1 << 0,
	STYLE_DIM = 1 << 1,
	STYLE_REVERSE = 1 << 2,
};

/* What screen_next() tells besides characters, which are code points. */
enum screen_key {
	KEY_NONE = 0, /* the time is over */
	KEY_ENTER = '\r',
	KEY_ESCAPE = 27,
	KEY_BACKSPACE = 127,
	KEY_UP = 0x110000, /* beyond all code points */
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER,  /* nothing that has a name here */
	KEY_RESIZE, /* the terminal has another size: everything is drawn anew */
	KEY_WATCHED, /* the descriptor is readable */
	KEY_STOP,    /* a signal, or the terminal has gone: end */
};

struct screen;

/* Whether stdin and stdout are a terminal that can be drawn on. */
bool screen_possible(void);

/* ERR_IO; ERR_USAGE where it is not possible. */
int screen_open(struct screen **ret);
void screen_close(struct screen *s);

int screen_rows(const struct screen *s);
int screen_columns(const struct screen *s);

/* Line n, from 0, holds text from now on. */
void screen_put(struct screen *s, int n, unsigned style, const char *text);

/* Draw what changed since the last time, in one write. */
void screen_draw(struct screen *s);

/* Wait for a key, a change, fd (-1: none) or ms (-1: for ever). */
int screen_next(struct screen *s, int fd, int64_t ms);

#endif
