/* variables - {first_name} and such in what the desk says */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/variables.h"

const char *const variable_names[] = { "name", "first_name", "conversation",
	"instance", "team", "person", "date", "time", "hours", "opening",
	NULL };

/*
 * Behind the variable that begins at p, a brace; NULL if there is none. Its
 * name and the words behind a bar (NULL: none) are copied.
 */
static const char *
variable_at(const char *p, char **ret_name, char **ret_words)
{
	size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_"), words;
	const char *end = p + 1 + len;

	if (len == 0 || (*end != '}' && *end != '|'))
		return NULL;
	*ret_words = NULL;
	words = *end == '|' ? strcspn(end + 1, "{}\n") : 0;
	if (*end == '|') {
		if (end[1 + words] != '}')
			return NULL;
		*ret_words = xstrndup(end + 1, words);
		end += 1 + words;
	}
	*ret_name = xstrndup(p + 1, len);
	return end + 1;
}

int
variables_check(const char *text)
{
	char *name, *words;
	const char *near, *end;
	int code = 0;

	while (code == 0 && (text = strchr(text, '{')) != NULL) {
		end = variable_at(text, &name, &words);
		if (end == NULL) {
			text++;
			continue;
		}
		if (!str_in(name, variable_names)) {
			near = str_nearest(name, variable_names);
			code = err_set(ERR_DATA,
			    "there is no {%s} to be filled in%s%s%s", name,
			    near != NULL ? ", did you mean {" : "",
			    near != NULL ? near : "", near != NULL ? "}?" : "");
		}
		free(name);
		free(words);
		text = end;
	}
	return code;
}

static void
add(struct buf *to, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_adds(to, value);
	else if (to->len > 0 && to->data[to->len - 1] == ' ')
		to->data[--to->len] = '\0';
}

char *
variables_fill(const char *text, char *(*value)(void *ctx, const char *name),
    void *ctx)
{
	struct buf b = BUF_INIT(0);
	char *name, *words, *got;
	const char *end;
	size_t n;

	while (*text != '\0') {
		n = strcspn(text, "{");
		buf_add(&b, text, n);
		text += n;
		if (*text == '\0')
			break;
		end = variable_at(text, &name, &words);
		if (end == NULL) {
			buf_addc(&b, *text++);
			continue;
		}
		got = value(ctx, name);
		add(&b, got != NULL && *got != '\0' ? got : words);
		free(got);
		free(name);
		free(words);
		text = end;
	}
	return buf_detach(&b);
}
