/* writing - what a person writes to a customer: made, checked, queued */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sniff.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/person.h"
#include "desk/scribe.h"
#include "desk/seen.h"
#include "wa/compose.h"
#include "wa/outbox.h"
#include "wa/send.h"
#include "wa/template.h"
#include "wa/writing.h"

#define HOUR_MS INT64_C(3600000)
#define TEMPLATES_TOLD 10

void
writing_release(struct writing *w)
{
	media_file_release(&w->file);
	free(w->text);
	json_decref(w->content);
}

int
writing_text(const char *typed, size_t len, char **ret)
{
	char *text, *plain, *from, *to;

	if (len > WRITING_MAX_BYTES)
		return err_set(ERR_DATA, "the text is longer than %d bytes",
		    WRITING_MAX_BYTES);
	while (len > 0 && typed[len - 1] == '\n')
		len--;
	if (len == 0)
		return err_set(ERR_DATA, "the text is empty");
	if (!utf8_valid(typed, len) || memchr(typed, '\0', len) != NULL)
		return err_set(ERR_DATA, "the text is not UTF-8");
	text = xstrndup(typed, len);
	plain = utf8_plain(text);
	for (from = to = text; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	if (strcmp(plain, text) != 0) {
		free(plain);
		free(text);
		return err_set(ERR_DATA, "the text has control characters");
	}
	free(plain);
	*ret = text;
	return 0;
}

/* Keep the open file of that name. */
static int
keep_file(struct store *s, int fd, const char *path, struct compose_file *what,
    struct writing *w)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *seen, *why;
	int code;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(ERR_NOINPUT, "%s: no regular file", path);
	if (st.st_size > what->max_bytes)
		return err_set(ERR_DATA,
		    "%s: WhatsApp takes %lld bytes of %s %s", path,
		    (long long)what->max_bytes,
		    strchr("aeiou", what->kind[0]) != NULL ? "an" : "a",
		    what->kind);
	if (st.st_size == 0)
		return err_set(ERR_DATA, "%s: the file is empty", path);
	seen = sniff_type(fd);
	code = compose_seen(path, seen, what);
	free(seen);
	if (code < 0)
		return code;
	if (media_import(s, fd, what->max_bytes, what->mime, &w->file) < 0) {
		why = xstrdup(err_reason());
		err_set(ERR_DATA, "%s: %s", path, why);
		free(why);
		return ERR_DATA;
	}
	w->kind = what->kind;
	w->content = compose_media(what->kind, w->file.sha256,
	    slash != NULL ? slash + 1 : path);
	return 0;
}

int
writing_file(struct store *s, const char *path, const char *kind,
    struct writing *w)
{
	const char *slash = strrchr(path, '/');
	struct message m = { .kind = NULL };
	struct compose_file what;
	int fd, code = compose_file(path, kind, &what);

	if (code < 0)
		return code;
	/* Nothing is kept of what could not be sent with it. */
	m.kind = (char *)what.kind;
	m.text = w->text;
	m.content =
	    compose_media(what.kind, "", slash != NULL ? slash + 1 : path);
	code = send_check(&m, NULL);
	json_decref(m.content);
	if (code < 0)
		return code;
	fd = person_open(path);
	if (fd < 0)
		return fd;
	code = keep_file(s, fd, path, &what, w);
	close(fd);
	return code;
}

int
writing_check(const struct writing *w)
{
	struct message m = { .kind = (char *)w->kind, .text = w->text };
	int code;

	m.content = w->reaction != NULL ?
	    compose_reaction("wamid", w->reaction) :
	    json_incref(w->content);
	code = send_check(&m, NULL);
	json_decref(m.content);
	return code;
}

/* "; usable templates: a, b" of an instance, or "". Caller frees. */
static char *
templates_of(struct store *s, const char *name)
{
	json_t *list = outbox_templates(s, name, TEMPLATES_TOLD);
	struct buf b = BUF_INIT(0);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		buf_addf(&b, "%s%s", i == 0 ? "; usable templates: " : ", ",
		    json_string_value(one));
	json_decref(list);
	return buf_detach(&b);
}

int
writing_window(struct act *a, const struct conversation *c, int64_t window_ms)
{
	int64_t left = conversation_window(c, window_ms, a->now_ms);
	char time[TIME_TEXT_BYTES], *usable, *name;
	int code;

	if (left > 0)
		return 0;
	usable = templates_of(a->store, c->instance);
	name = window_ms % HOUR_MS == 0 ?
	    xformat("%lld-hour window", (long long)(window_ms / HOUR_MS)) :
	    xformat("window of %s", duration_text(window_ms, time));
	if (c->last_in_ms == 0)
		code = err_set(ERR_NO,
		    "the customer has not written yet: WhatsApp takes only "
		    "templates%s",
		    usable);
	else
		code = err_set(ERR_NO,
		    "the %s has been shut for %s: WhatsApp takes "
		    "only templates until the customer writes again%s",
		    name, duration_text(-left, time), usable);
	free(name);
	free(usable);
	return code;
}

/* The provider's id of a message of the conversation: by ours, or the last
 * one of the customer. */
static int
wamid_of(struct act *a, const char *id, const char *name, char ret[256])
{
	/* The provider's clock knows seconds only: the log's order decides. */
	struct query q = query(store_desk(a->store),
	    "SELECT m.wamid FROM message m LEFT JOIN event e ON e.id = m.id"
	    " WHERE m.conversation = :conversation"
	    " AND m.wamid IS NOT NULL AND (m.id = :name OR (:name = 'last'"
	    "  AND m.direction = 'in' AND m.kind NOT IN ('reaction', 'system',"
	    "  'edit', 'revoke', 'history')))"
	    " ORDER BY m.wa_ms DESC, e.seq DESC, m.id DESC LIMIT 1");
	int code;

	ret[0] = '\0';
	bind_text(&q, ":conversation", id);
	bind_text(&q, ":name", name);
	if (step(&q))
		snprintf(ret, 256, "%s", column_text(&q, 0));
	code = done(&q);
	if (code == 0 && ret[0] == '\0')
		code = err_set(ERR_NOINPUT,
		    "no message %s in conversation %s that the provider knows",
		    name, id);
	return code;
}

/* The template object of a content, its own or under its name. */
static const json_t *
template_of(const json_t *content)
{
	const json_t *t = json_object_get(content, "template");

	return t != NULL ? t : content;
}

/* t with the parameters that were given, or those of its content. */
static int
fill_template(const struct template *t, const struct writing *w,
    json_t **ret_content)
{
	struct template_params p = { .body = w->parameters,
		.nbody = w->nparameters };
	json_t *shown = NULL;
	int code;

	if (w->template_name == NULL)
		return template_fits(t, template_of(w->content));
	code = template_fill(t, &p, &shown, ret_content);
	json_decref(shown);
	return code;
}

/*
 * Whether the template is one that the provider would take now, as far as the
 * account's are known. *ret_content: what is to be sent instead of what was
 * typed; NULL: that.
 */
static int
template_wanted(struct act *a, const struct conversation *c,
    const struct writing *w, json_t **ret_content)
{
	const json_t *object = template_of(w->content);
	const char *wanted = w->language, *name = json_str(object, "name");
	struct template *t = NULL;
	char *account = NULL, *why;
	int code = template_account(a->store, c->instance, &account);

	if (code != 1)
		return code;
	if (w->template_name == NULL)
		wanted = json_str_or(object, "language/code",
		    json_str(object, "language"));
	code = template_get(a->store, account, name, wanted, &t);
	free(account);
	if (code == ERR_NOINPUT || code == ERR_USAGE) {
		why = xstrdup(err_reason());
		err_set(code, "%s; %s", why,
		    code == ERR_NOINPUT ?
			"wa-template sync fetches those that are new" :
			"say which by --language");
		free(why);
	}
	if (code < 0)
		return code;
	if (!template_is_usable(t))
		code = err_set(ERR_NO,
		    "template %s (%s) may not be sent: it "
		    "is %s",
		    t->name, t->language,
		    t->removed_ms != 0 ? "gone" : t->status);
	else if (strcmp(t->category, "MARKETING") == 0)
		code = contact_opted_out(a->store, c->contact);
	if (code == 1)
		code = err_set(ERR_NO,
		    "the customer does not want marketing, which template "
		    "%s is",
		    t->name);
	if (code == 0)
		code = fill_template(t, w, ret_content);
	if (code == ERR_DATA) {
		why = xstrdup(err_reason());
		err_set(ERR_DATA, "template %s (%s): %s", t->name, t->language,
		    why);
		free(why);
	}
	template_free(t);
	return code;
}

/* instead: of the content that was typed; NULL: that. */
static int
queue(struct act *a, const char *id, const struct writing *w,
    const json_t *instead)
{
	struct message_out m = { .conversation = id,
		.kind = w->kind,
		.text = w->text,
		.content = instead != NULL ? instead : w->content,
		.author = a->actor };
	char wamid[256], message[ULID_BYTES];
	json_t *content = NULL;
	int code = 0;

	if (w->file.mime != NULL)
		code = media_file_put(a->store, &w->file);
	if (code == 0 && w->reaction != NULL) {
		code = wamid_of(a, id, w->reacts_to, wamid);
		m.text = NULL;
		m.content = content = compose_reaction(wamid, w->reaction);
	} else if (code == 0 && w->quoted != NULL) {
		code = wamid_of(a, id, w->quoted, wamid);
		m.quoted = wamid;
	}
	if (code == 0)
		code = outbox_has_media(a->store, m.content);
	if (code == 0)
		code = message_queue(a, &m, message);
	if (code == 0 && w->file.mime != NULL)
		code = media_put(a->store, message, w->file.sha256, NULL);
	json_decref(content);
	return code;
}

/* Whether who is there takes such a message: a group takes fewer kinds, and
 * some ids nobody can be answered by. */
static int
takes_it(struct act *a, const struct conversation *c, const struct writing *w,
    const json_t *content)
{
	struct message m = { .kind = (char *)w->kind,
		.text = w->text,
		.content = content != NULL ? (json_t *)content : w->content };
	const char *kind;
	char *address = NULL;
	int code = contact_address(a->store, c->contact, &kind, &address);

	/* Who was made up to try things on has no id at all. */
	if (code == ERR_NOINPUT &&
	    (address = contact_alias(a->store, c->contact, "other")) == NULL)
		return 0;
	if (code == ERR_NOINPUT)
		code = err_set(ERR_DATA,
		    "this customer cannot be answered: neither a phone number "
		    "nor a user id is known of them");
	if (code == 0)
		code = send_check_address(&m, kind, address);
	free(address);
	return code;
}

static const char *
what_they_did(const char *kind)
{
	if (strcmp(kind, "edit") == 0)
		return "the customer changed a message";
	return strcmp(kind, "revoke") == 0 ? "the customer deleted a message" :
					     "the customer wrote";
}

char *
writing_meanwhile(struct store *s, const char *id, const char *person,
    int64_t seq)
{
	/* Another answer is worse news than another question, and that than what
	 * was made of an old one. */
	struct query q = query(store_desk(s),
	    "SELECT m.direction, m.author, m.kind FROM event e"
	    " JOIN message m ON m.id = e.id"
	    " WHERE e.subject IN (SELECT 'conversation/' || w.id"
	    "  FROM conversation w WHERE w.id = :id OR w.merged_into = :id)"
	    " AND e.seq > :seq"
	    " AND m.direction IN ('in', 'out', 'echo')"
	    " AND (m.kind NOT IN ('reaction', 'edit', 'revoke', 'system',"
	    "  'history') OR (m.direction = 'in' AND m.kind IN ('edit',"
	    "  'revoke'))) AND m.author IS NOT 'user:' || :person"
	    " ORDER BY m.direction = 'in', m.kind IN ('edit', 'revoke'), e.seq"
	    " LIMIT 1");
	const char *author;
	char *ret = NULL;

	bind_text(&q, ":id", id);
	bind_text(&q, ":person", person);
	bind_int(&q, ":seq", seq);
	if (step(&q)) {
		author = column_text(&q, 1);
		if (strcmp(column_text(&q, 0), "in") == 0)
			ret = xstrdup(what_they_did(column_text(&q, 2)));
		else if (author != NULL && str_starts(author, "user:"))
			ret = xformat("%s answered", author + strlen("user:"));
		else if (author != NULL && strcmp(author, "ai") == 0)
			ret = xstrdup("the AI answered");
		else if (strcmp(column_text(&q, 0), "echo") == 0)
			ret = xstrdup("somebody answered on the phone");
		else
			ret = xstrdup("a rule answered");
	}
	done(&q);
	return ret;
}

/* Whether nobody is talked over by it. */
static int
is_undisturbed(struct act *a, const char *id, const char *person,
    const struct writing *w)
{
	char *news = NULL;
	int code;

	if (w->anyway || w->reaction != NULL)
		return 0;
	code = scribe_alone(a->store, id, person, w->process, a->now_ms);
	if (code == 0 && w->began_seq != 0)
		news = writing_meanwhile(a->store, id, person, w->began_seq);
	if (news != NULL)
		code = err_set(ERR_NO,
		    "%s since you began to write; --force goes on", news);
	free(news);
	return code;
}

int
writing_queue(struct act *a, const char *id, const char *person,
    const struct writing *w, int64_t window_ms)
{
	struct conversation *c = NULL;
	json_t *content = NULL;
	int64_t seq = 0;
	int code = conversation_get(a->store, id, &c);

	if (code == 0 && strcmp(w->kind, "template") != 0)
		code = writing_window(a, c, window_ms);
	else if (code == 0)
		code = template_wanted(a, c, w, &content);
	if (code == 0)
		code = takes_it(a, c, w, content);
	if (code == 0)
		code = is_undisturbed(a, id, person, w);
	/* A reaction is no answer: whoever has it goes on having it. */
	if (code == 0 && w->reaction == NULL)
		code = conversation_reopen(a, id);
	if (code == 0 && w->reaction == NULL)
		code = conversation_take(a, id, person);
	if (code == 0)
		code = queue(a, id, w, content);
	if (code == 0)
		code = log_last(a->store, &seq);
	if (code == 0)
		code = seen_mark(a->store, person, id, seq);
	json_decref(content);
	conversation_free(c);
	return code;
}
