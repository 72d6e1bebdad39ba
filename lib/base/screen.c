/* screen - a terminal as a page of lines, of which only the changed are drawn */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/screen.h"
#include "base/str.h"
#include "base/utf8.h"

#define ROWS_MAX 1000
#define COLUMNS_MIN 20
#define ESCAPE_WAIT_MS 50 /* a lone Esc is one that nothing follows */

struct line {
	char *text; /* NULL: not drawn yet */
	unsigned style;
	bool changed;
};

struct screen {
	struct termios before;
	struct line lines[ROWS_MAX];
	struct buf out;
	int rows, columns, signals;
	sigset_t mask_before;
	char in[64]; /* keys that were read and not told yet */
	size_t nin;
};

/* The one that must be ended when the program exits. */
static struct screen *current;

bool
screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

static void
say(const char *text)
{
	/* The terminal may have gone: nobody is left to be told. */
	if (write_all(STDOUT_FILENO, text, strlen(text)) < 0)
		return;
}

/* The other page, no cursor, lines that are not wrapped. */
#define BEGIN "\033[?1049h\033[?25l\033[?7l\033[2J"
#define END "\033[0m\033[?7h\033[?25h\033[?1049l"

static int
take_terminal(struct screen *s)
{
	struct termios raw = s->before;

	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | IEXTEN);
	raw.c_iflag &= (tcflag_t) ~(IXON | ICRNL | INLCR);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return err_errno(ERR_IO, "terminal");
	say(BEGIN);
	return 0;
}

static void
give_back(struct screen *s)
{
	say(END);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &s->before);
}

static void
at_exit(void)
{
	if (current != NULL)
		give_back(current);
}

static void
all_changed(struct screen *s)
{
	int i;

	for (i = 0; i < ROWS_MAX; i++)
		s->lines[i].changed = true;
}

static void
measure(struct screen *s)
{
	struct winsize ws;

	s->rows = 24;
	s->columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0) {
		s->rows = ws.ws_row < ROWS_MAX ? ws.ws_row : ROWS_MAX;
		s->columns = ws.ws_col > COLUMNS_MIN ? ws.ws_col : COLUMNS_MIN;
	}
	all_changed(s);
}

int
screen_open(struct screen **ret)
{
	static const int wanted[] = { SIGWINCH, SIGINT, SIGTERM, SIGHUP,
		SIGTSTP, SIGQUIT };
	struct screen *s;
	sigset_t mask;
	size_t i;
	int code;

	if (!screen_possible())
		return err_set(ERR_USAGE, "this is no terminal to draw on");
	s = xcalloc(1, sizeof(*s));
	if (tcgetattr(STDIN_FILENO, &s->before) < 0) {
		free(s);
		return err_errno(ERR_IO, "terminal");
	}
	sigemptyset(&mask);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&mask, wanted[i]);
	sigprocmask(SIG_BLOCK, &mask, &s->mask_before);
	s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		code = err_errno(ERR_IO, "signalfd");
	else
		code = take_terminal(s);
	if (code < 0) {
		sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
		if (s->signals >= 0)
			close(s->signals);
		free(s);
		return code;
	}
	if (current == NULL)
		atexit(at_exit);
	current = s;
	measure(s);
	*ret = s;
	return 0;
}

void
screen_close(struct screen *s)
{
	int i;

	if (s == NULL)
		return;
	give_back(s);
	current = NULL;
	close(s->signals);
	sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
	for (i = 0; i < ROWS_MAX; i++)
		free(s->lines[i].text);
	buf_release(&s->out);
	free(s);
}

int
screen_rows(const struct screen *s)
{
	return s->rows;
}

int
screen_columns(const struct screen *s)
{
	return s->columns;
}

void
screen_put(struct screen *s, int n, unsigned style, const char *text)
{
	struct line *l;

	if (n < 0 || n >= s->rows)
		return;
	l = &s->lines[n];
	if (l->text != NULL && l->style == style && strcmp(l->text, text) == 0)
		return;
	free(l->text);
	l->text = xstrdup(text);
	l->style = style;
	l->changed = true;
}

void
screen_draw(struct screen *s)
{
	struct line *l;
	int i;

	buf_reset(&s->out);
	for (i = 0; i < s->rows; i++) {
		l = &s->lines[i];
		if (!l->changed)
			continue;
		l->changed = false;
		buf_addf(&s->out, "\033[%d;1H\033[0m", i + 1);
		if (l->style & STYLE_BOLD)
			buf_adds(&s->out, "\033[1m");
		if (l->style & STYLE_DIM)
			buf_adds(&s->out, "\033[2m");
		if (l->style & STYLE_REVERSE)
			buf_adds(&s->out, "\033[7m");
		/* First wiped, with its colour up to the edge. */
		buf_adds(&s->out, "\033[K");
		if (l->text != NULL)
			buf_adds(&s->out, l->text);
	}
	if (s->out.len == 0)
		return;
	buf_adds(&s->out, "\033[0m");
	if (write_all(STDOUT_FILENO, s->out.data, s->out.len) < 0)
		return;
}

/* Ctrl-Z: as if we had never been there, until the shell says to go on. */
static void
pause_here(struct screen *s)
{
	give_back(s);
	raise(SIGSTOP);
	take_terminal(s);
	measure(s);
}

static int
take_signals(struct screen *s)
{
	struct signalfd_siginfo info;
	int key = KEY_NONE;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			measure(s);
			key = KEY_RESIZE;
		} else if (info.ssi_signo == SIGTSTP) {
			pause_here(s);
			key = KEY_RESIZE;
		} else
			return KEY_STOP;
	}
	return key;
}

/* The keys that send more than a character, behind Esc. */
static const struct {
	const char *bytes;
	int key;
} sequences[] = {
	{ "[A", KEY_UP },
	{ "OA", KEY_UP },
	{ "[B", KEY_DOWN },
	{ "OB", KEY_DOWN },
	{ "[C", KEY_RIGHT },
	{ "OC", KEY_RIGHT },
	{ "[D", KEY_LEFT },
	{ "OD", KEY_LEFT },
	{ "[5~", KEY_PAGE_UP },
	{ "[6~", KEY_PAGE_DOWN },
	{ "[H", KEY_HOME },
	{ "OH", KEY_HOME },
	{ "[1~", KEY_HOME },
	{ "[F", KEY_END },
	{ "OF", KEY_END },
	{ "[4~", KEY_END },
};

static void
drop(struct screen *s, size_t n)
{
	s->nin -= n;
	memmove(s->in, s->in + n, s->nin);
}

/* How long the sequence behind an Esc is: "[" or "O", parameters, a letter. */
static size_t
sequence_length(const struct screen *s)
{
	size_t i = 2;

	if (s->nin < 2 || (s->in[1] != '[' && s->in[1] != 'O'))
		return 1;
	while (i < s->nin && (s->in[i] < '@' || s->in[i] > '~'))
		i++;
	return i < s->nin ? i + 1 : s->nin;
}

static int
first_key(struct screen *s)
{
	const char *p = s->in;
	size_t len, i;
	int key = KEY_OTHER;

	if (*p != KEY_ESCAPE) {
		key = (int)utf8_next(&p, s->in + s->nin);
		drop(s, (size_t)(p - s->in));
		return key == '\n' ? KEY_ENTER :
		    key == '\b'	   ? KEY_BACKSPACE :
				     key;
	}
	len = sequence_length(s);
	if (len == 1)
		key = KEY_ESCAPE;
	for (i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strlen(sequences[i].bytes) == len - 1 &&
		    memcmp(p + 1, sequences[i].bytes, len - 1) == 0)
			key = sequences[i].key;
	drop(s, len);
	return key;
}

/* More bytes from the terminal; false: it has gone. */
static bool
read_keys(struct screen *s)
{
	ssize_t n = read(STDIN_FILENO, s->in + s->nin, sizeof(s->in) - s->nin);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	s->nin += (size_t)n;
	return true;
}

int
screen_next(struct screen *s, int fd, int64_t ms)
{
	struct pollfd fds[3] = { { s->signals, POLLIN, 0 },
		{ STDIN_FILENO, POLLIN, 0 }, { fd, POLLIN, 0 } };
	int n, key;

	if (s->nin > 0)
		return first_key(s);
	n = poll(fds, 3, ms < 0 || ms > INT32_MAX ? -1 : (int)ms);
	if (n < 0)
		return errno == EINTR ? KEY_OTHER : KEY_STOP;
	if (fds[0].revents != 0 && (key = take_signals(s)) != KEY_NONE)
		return key;
	if (fds[1].revents != 0) {
		if (!read_keys(s))
			return KEY_STOP;
		/* The rest of a sequence may be on its way. */
		if (s->nin == 1 && s->in[0] == KEY_ESCAPE &&
		    poll(&fds[1], 1, ESCAPE_WAIT_MS) > 0 && !read_keys(s))
			return KEY_STOP;
		return s->nin > 0 ? first_key(s) : KEY_OTHER;
	}
	return fds[2].revents != 0 ? KEY_WATCHED : KEY_NONE;
}
