/*
 * variables - {first_name} and such in what the desk says
 *
 * {NAME} in a text stands for something of the conversation, {NAME|words} for
 * the words where that is not known. Braces around anything but small letters
 * and underscores are just braces.
 */
#ifndef DESK_VARIABLES_H
#define DESK_VARIABLES_H

/* All there are, NULL-ended. */
extern const char *const variable_names[];

/* Whether all that stand in text are known: 0, or ERR_DATA with the nearest. */
int variables_check(const char *text);

/*
 * text with what value(ctx, name) says in their place; it returns what is to
 * be freed, or NULL for none, and then a blank before it goes, too. The caller
 * frees.
 */
char *variables_fill(const char *text,
    char *(*value)(void *ctx, const char *name), void *ctx);

#endif
