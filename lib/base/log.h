/*
 * log - words for people, on stderr: NAME: what is wrong
 *
 * For daemons; a short command speaks through cli_warn. When stderr is the
 * journal each line carries its level. Never message text, a person's name, a
 * full number or a secret: callers pass ids.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Who speaks; the string is kept, not copied. cli_open does it. */
void log_name(const char *name);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* With ": " and the text of errno. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
