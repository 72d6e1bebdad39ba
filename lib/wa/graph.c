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
#include "desk/settings.h"
#include "wa/graph.h"

/* A file of the service's credentials, if it is there. */
static char *
credential(const char *dir, const char *name)
{
	char *path = xformat("%s/%s", dir, name);

	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* NULL: there is none. */
static char *
read_token(const struct conf *c, const char *instance,
    const struct graph_options *o)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *section = xformat("instance %s", instance),
	     *name = xformat("token-%s", instance), *path, *token = NULL;

	path = o != NULL && o->token_file != NULL ?
	    xstrdup(o->token_file) :
	    setting_path(c, section, "token_file");
	if (path == NULL && dir != NULL)
		path = credential(dir, name);
	if (path == NULL && dir != NULL)
		path = credential(dir, "token");
	if (path != NULL && file_secret(path, &token) < 0)
		token = NULL;
	free(path);
	free(name);
	free(section);
	return token;
}

bool
graph_is_safe(const char *url)
{
	return str_starts(url, "https://") || str_starts(url, "http://127.") ||
	    str_starts(url, "http://localhost:") ||
	    str_starts(url, "http://[::1]");
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
	    instance_get(s, instance, &i) == 0) {
		number = number != NULL ? number : i->phone_number_id;
		account = account != NULL ? account : i->account_id;
	}
	memset(ret, 0, sizeof(*ret));
	ret->token = read_token(c, instance, o);
	if (number == NULL)
		code = err_set(ERR_CONFIG, "no phone_number_id is set");
	else if (ret->token == NULL)
		code = err_set(ERR_CONFIG, "there is no access token");
	else if (http_url_check(url) < 0 || !graph_is_safe(url))
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
	if (p->token != NULL)
		explicit_bzero(p->token, strlen(p->token));
	free(p->token);
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
