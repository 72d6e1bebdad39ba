/* graph - where the calls of an instance go, with which token, and single
 * calls to the Graph API that are waited for */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/instance.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/addr.h"
#include "wa/graph.h"

char *
graph_secret(const char *instance)
{
	return xformat("token-%s", instance);
}

/* The token in a file: 1, 0 if it is missing or empty, or an ERR. */
static int
token_in(const char *path, char **ret)
{
	char *text = NULL;
	size_t len;
	int code = file_secret(path, &text);

	if (code == ERR_NOINPUT)
		return 0;
	if (code < 0)
		return code;
	len = strlen(text);
	if (len > 0)
		*ret = secret_copy(text, len);
	explicit_bzero(text, len);
	free(text);
	return len > 0;
}

/* Of the files of the service's credentials; as token_in. */
static int
credential(const char *instance, char **ret)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	char *names[3], *path;
	int code = 0;
	size_t i;

	if (dir == NULL)
		return 0;
	names[0] = xformat("token_%s", instance);
	names[1] = xformat("token-%s", instance);
	names[2] = xstrdup("token");
	for (i = 0; i < 3; i++) {
		path = xformat("%s/%s", dir, names[i]);
		if (code == 0)
			code = token_in(path, ret);
		free(path);
		free(names[i]);
	}
	return code;
}

int
graph_token(const struct conf *c, struct store *s, const char *instance,
    const struct graph_options *o, char **ret)
{
	const char *reader =
	    o != NULL && o->reader != NULL ? o->reader : "wa-instance";
	char *section = xformat("instance %s", instance), *name, *path;
	int code;

	path = o != NULL && o->token_file != NULL ?
	    xstrdup(o->token_file) :
	    setting_path(c, section, "token_file");
	free(section);
	if (path != NULL) {
		code = token_in(path, ret);
		free(path);
		if (code != 1)
			code = err_set(ERR_CONFIG, "%s",
			    code == 0 ? "there is no access token in its file" :
					"the file of its access token cannot "
					"be read");
		return code < 0 ? code : 0;
	}
	name = graph_secret(instance);
	code = secret_get(s, name, reader, ret);
	free(name);
	if (code == 0)
		return 0;
	if (code != ERR_NOINPUT)
		return err_set(ERR_CONFIG,
		    "its access token cannot be opened by this program");
	code = credential(instance, ret);
	return code == 1 ? 0 : err_set(ERR_CONFIG, "there is no access token");
}

int
graph_place(const struct conf *c, struct store *s, const char *instance,
    const struct graph_options *o, struct graph_place *ret)
{
	char *section = xformat("instance %s", instance);
	const char *url = o != NULL ? o->url : NULL,
		   *number = setting_text(c, section, "phone_number_id"),
		   *account = setting_text(c, section, "account_id");
	struct instance *i = NULL;
	int code = 0;

	if (url == NULL)
		url = setting_text(c, section, "url");
	/* What the webhooks told fills in for what is not set. */
	if ((number == NULL || account == NULL) &&
	    instance_get(s, instance, &i) == 0 && !i->removed) {
		number = number != NULL ? number : i->phone_number_id;
		account = account != NULL ? account : i->account_id;
	}
	memset(ret, 0, sizeof(*ret));
	if (number == NULL && i != NULL && i->removed)
		code = err_set(ERR_CONFIG, "the instance was removed");
	else if (number == NULL)
		code = err_set(ERR_CONFIG, "no phone_number_id is set");
	else
		code = graph_token(c, s, instance, o, &ret->token);
	if (code < 0)
		;
	else if (http_url_check(url) < 0 || !addr_url_is_private(url))
		code =
		    err_set(ERR_CONFIG, "the provider's address is not https");
	else {
		ret->base = xformat("%.*s/%s",
		    (int)(strlen(url) - (str_ends(url, "/") ? 1 : 0)), url,
		    setting_text(c, section, "api_version"));
		ret->number = xstrdup(number);
		ret->account = xstrdup(account);
	}
	if (code < 0)
		graph_place_release(ret);
	instance_free(i);
	free(section);
	return code;
}

void
graph_place_release(struct graph_place *p)
{
	secret_free(p->token);
	free(p->base);
	free(p->number);
	free(p->account);
	memset(p, 0, sizeof(*p));
}

char *
graph_url(const struct graph_place *p, const char *fmt, ...)
{
	struct buf b = BUF_INIT(0);
	char *path = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&path, fmt, ap) < 0)
		path = NULL;
	va_end(ap);
	buf_addf(&b, "%s/%s", p->base, path != NULL ? path : "");
	free(path);
	return buf_detach(&b);
}

/* What graph_call waits for. */
struct waiting {
	struct graph_answer *answer;
	bool done;
	int code;
};

static void
on_answer(void *arg, const struct http_result *r)
{
	struct waiting *w = arg;
	struct graph_answer *a = w->answer;

	w->done = true;
	if (r->class != HTTP_ANSWERED) {
		w->code = err_set(ERR_UNAVAILABLE,
		    "the provider did not answer: %s", r->why);
		return;
	}
	a->status = r->status;
	a->date_ms = r->date_ms;
	if (json_lenient(r->body, r->body_len, &a->root) < 0)
		a->root = NULL;
	if (r->status / 100 == 2 && a->root != NULL &&
	    json_at(a->root, "error") == NULL)
		return;
	wa_error_read(a->root, r->status, &a->error);
	if (r->status / 100 == 2 && a->root == NULL)
		w->code =
		    err_set(ERR_DATA, "the provider's answer makes no sense");
	else
		switch (wa_error_class(&a->error)) {
		case WA_SLOW:
		case WA_SLOW_PAIR:
		case WA_RETRY:
			w->code = err_set(ERR_UNAVAILABLE,
			    "the provider answered: %s", a->error.title);
			break;
		case WA_ACCOUNT:
			w->code = err_set(ERR_DENIED,
			    "the provider refused: %s", a->error.title);
			break;
		default:
			w->code = err_set(ERR_DATA,
			    "the provider refused: %s%s%s", a->error.title,
			    a->error.details[0] != '\0' ? ": " : "",
			    a->error.details);
		}
}

int
graph_call(struct http *h, const struct graph_place *p, const char *method,
    const char *path, const json_t *body, const char *token,
    struct graph_answer *ret)
{
	struct waiting w = { .answer = ret };
	char *url = graph_url(p, "%s", path),
	     *text = body != NULL ? json_text(body) : NULL;
	struct http_request r = {
		.url = url,
		.bearer = token != NULL ? token : p->token,
		.body = text,
	};
	int code;

	memset(ret, 0, sizeof(*ret));
	code = strcmp(method, "POST") == 0 ? http_post(h, &r, on_answer, &w) :
	    strcmp(method, "DELETE") == 0  ? http_delete(h, &r, on_answer, &w) :
					     http_get(h, &r, on_answer, &w);
	while (code == 0 && !w.done)
		code = http_wait(h, NULL, 0, 1000);
	/* debug_token has a token in its path. */
	explicit_bzero(url, strlen(url));
	free(url);
	free(text);
	return code < 0 ? code : w.code;
}

void
graph_answer_release(struct graph_answer *a)
{
	json_decref(a->root);
	a->root = NULL;
}
