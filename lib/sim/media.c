/* media.c - files that were uploaded, and those of customers */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/body.h"
#include "sim/media.h"

#define KB 1024
#define MB (1024 * 1024)

/* What may be sent, and how large. */
static const struct {
	const char *kind, *mime;
	size_t max;
	const char *suffix;
} types[] = {
	{ "audio", "audio/aac", 16 * MB, ".aac" },
	{ "audio", "audio/amr", 16 * MB, ".amr" },
	{ "audio", "audio/mp4", 16 * MB, ".m4a" },
	{ "audio", "audio/mpeg", 16 * MB, ".mp3" },
	{ "audio", "audio/ogg", 16 * MB, ".ogg" },
	{ "document", "application/msword", 100 * MB, ".doc" },
	{ "document", "application/pdf", 100 * MB, ".pdf" },
	{ "document", "application/vnd.ms-excel", 100 * MB, ".xls" },
	{ "document", "application/vnd.ms-powerpoint", 100 * MB, ".ppt" },
	{ "document",
	    "application/"
	    "vnd.openxmlformats-officedocument.presentationml.presentation",
	    100 * MB, ".pptx" },
	{ "document",
	    "application/"
	    "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	    100 * MB, ".xlsx" },
	{ "document",
	    "application/"
	    "vnd.openxmlformats-officedocument.wordprocessingml.document",
	    100 * MB, ".docx" },
	{ "document", "text/plain", 100 * MB, ".txt" },
	{ "image", "image/jpeg", 5 * MB, ".jpg" },
	{ "image", "image/jpeg", 5 * MB, ".jpeg" },
	{ "image", "image/png", 5 * MB, ".png" },
	{ "sticker", "image/webp", 500 * KB, ".webp" },
	{ "video", "video/3gpp", 16 * MB, ".3gp" },
	{ "video", "video/mp4", 16 * MB, ".mp4" },
};

/* "audio/ogg; codecs=opus" is audio/ogg. */
static bool
is_type(const char *mime, const char *wanted)
{
	size_t len = strlen(wanted);

	return strncasecmp(mime, wanted, len) == 0 &&
	    (mime[len] == '\0' || mime[len] == ';' || mime[len] == ' ');
}

const char *
sim_media_wrong(const char *kind, const char *mime, size_t len)
{
	bool fits = false;

	/* A document may be anything that can be uploaded. */
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!is_type(mime, types[i].mime))
			continue;
		if (kind != NULL && strcmp(kind, "document") != 0 &&
		    strcmp(kind, types[i].kind) != 0)
			continue;
		fits = true;
		if (len <= types[i].max)
			return NULL;
	}
	return fits ? "the file is too large for its type" :
		      "the type of the file is not supported here";
}

const char *
sim_media_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
		if (strcasecmp(dot, types[i].suffix) == 0)
			return types[i].mime;
	return NULL;
}

struct sim_media *
sim_media_add(struct sim *s, const char *id, const char *mime,
    const void *bytes, size_t len)
{
	struct sim_media *m = xcalloc(1, sizeof *m);
	char number[24];

	if (id == NULL) {
		sim_new_number(s, number);
		id = number;
	}
	snprintf(m->id, sizeof m->id, "%s", id);
	m->mime = xstrdup(mime);
	m->bytes = xmalloc(len + 1);
	memcpy(m->bytes, bytes, len);
	m->len = len;
	m->sha256 = sim_sha256_hex(bytes, len);
	s->media = xrealloc(s->media, (s->nmedia + 1) * sizeof *s->media);
	s->media[s->nmedia++] = m;
	return m;
}

struct sim_media *
sim_media_find(struct sim *s, const char *id)
{
	struct sim_media *m;
	char *text;

	for (size_t i = s->nmedia; i-- > 0;)
		if (strcmp(s->media[i]->id, id) == 0)
			return s->media[i];
	if (!str_starts(id, "media-"))
		return NULL;
	text = xformat("wa-sim %s\n", id);
	m = sim_media_add(s, id, "application/octet-stream", text,
	    strlen(text));
	free(text);
	return m;
}

static void
media_free(struct sim_media *m)
{
	free(m->mime);
	free(m->sha256);
	free(m->bytes);
	free(m);
}

void
sim_media_remove(struct sim *s, const struct sim_media *m)
{
	for (size_t i = 0; i < s->nmedia; i++)
		if (s->media[i] == m) {
			media_free(s->media[i]);
			s->media[i] = s->media[--s->nmedia];
			return;
		}
}

char *
sim_media_url(struct sim *s, struct sim_media *m)
{
	m->ticket = (uint64_t)(sim_random(s) * 1e15);
	m->until_ms = sim_clock(s) + s->o->media_ms;
	return xformat("http://%s/sim/media/%s?ticket=%" PRIu64,
	    s->listener != NULL ? listen_address(s->listener) : "127.0.0.1",
	    m->id, m->ticket);
}

json_t *
sim_media_json(struct sim *s, struct sim_media *m)
{
	char *url = sim_media_url(s, m);
	json_t *o = json_pack("{ss ss ss ss sI ss}", "messaging_product",
	    "whatsapp", "url", url, "mime_type", m->mime, "sha256", m->sha256,
	    "file_size", (json_int_t)m->len, "id", m->id);

	free(url);
	return o;
}

const struct sim_media *
sim_media_at(struct sim *s, const char *id, const char *ticket)
{
	struct sim_media *m = sim_media_find(s, id);
	int64_t n;

	if (m == NULL || ticket == NULL ||
	    str_int(ticket, 0, INT64_MAX, &n) < 0 || (uint64_t)n != m->ticket ||
	    sim_clock(s) >= m->until_ms)
		return NULL;
	return m;
}

static int
decode(const char *text, char **ret, size_t *ret_len)
{
	size_t room = strlen(text) / 4 * 3 + 4;

	*ret = xmalloc(room);
	if (sodium_base642bin((unsigned char *)*ret, room, text, strlen(text),
		"\r\n ", ret_len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0)
		return 0;
	free(*ret);
	return err_set(ERR_DATA, "data is no base64");
}

int
sim_media_said(struct sim *s, json_t *media, bool files)
{
	const char *path = json_str(media, "file");
	const char *data = json_str(media, "data"), *mime;
	struct sim_media *m;
	char *bytes, *text;
	size_t len;
	int code;

	if (path == NULL && data == NULL)
		return 0;
	if (path != NULL && !files)
		return err_set(ERR_DATA, "a file may be named on stdin only");
	if (path != NULL)
		code = file_read(path, SIM_UPLOAD_MAX, &bytes, &len);
	else
		code = decode(data, &bytes, &len);
	if (code < 0)
		return code;
	mime = json_str(media, "mime_type");
	if (mime == NULL && path != NULL)
		mime = sim_media_type(path);
	if (mime == NULL)
		mime = "application/octet-stream";
	m = sim_media_add(s, json_str(media, "id"), mime, bytes, len);
	text = sim_sha256_base64(bytes, len);
	json_put(media, "mime_type", mime);
	json_put(media, "sha256", text);
	free(text);
	json_put(media, "id", m->id);
	if (!s->convert) {
		text = sim_media_url(s, m);
		json_put(media, "url", text);
		free(text);
	}
	json_object_del(media, "file");
	json_object_del(media, "data");
	free(bytes);
	return 0;
}

/* Multipart. */

/* The value of NAME="..." in a header's line; the caller frees. */
static char *
parameter(const char *line, size_t len, const char *name)
{
	char *text = xstrndup(line, len), *at = text, *end, *value = NULL;
	size_t name_len = strlen(name);

	while ((at = strcasestr(at, name)) != NULL) {
		if (at > text && (at[-1] == ' ' || at[-1] == ';') &&
		    at[name_len] == '=')
			break;
		at += name_len;
	}
	if (at != NULL) {
		at += name_len + 1;
		if (*at == '"') {
			end = strchr(++at, '"');
			value = end != NULL ? xstrndup(at, (size_t)(end - at)) :
					      NULL;
		} else {
			value = xstrndup(at, strcspn(at, "; \t"));
		}
	}
	free(text);
	return value;
}

/* One part: its headers, an empty line, its content. */
static int
take_part(const char *part, size_t len, struct sim_form *ret)
{
	const char *head_end = memmem(part, len, "\r\n\r\n", 4), *line = part;
	const char *content, *eol;
	char *name = NULL, *file_name = NULL, *type = NULL;
	size_t content_len;

	if (head_end == NULL)
		return err_set(ERR_DATA, "a part without an end of its head");
	content = head_end + 4;
	content_len = len - (size_t)(content - part);
	for (; line < head_end; line = eol + 2) {
		eol = memmem(line, (size_t)(head_end + 2 - line), "\r\n", 2);
		if (strncasecmp(line, "Content-Disposition:", 20) == 0) {
			free(name);
			free(file_name);
			name = parameter(line, (size_t)(eol - line), "name");
			file_name =
			    parameter(line, (size_t)(eol - line), "filename");
		} else if (strncasecmp(line, "Content-Type:", 13) == 0) {
			line += 13 + strspn(line + 13, " ");
			free(type);
			type = xstrndup(line, (size_t)(eol - line));
		}
	}
	if (name != NULL && strcmp(name, "file") == 0) {
		free(ret->file_name);
		free(ret->file_type);
		ret->file = content;
		ret->file_len = content_len;
		ret->file_name = file_name != NULL ? file_name : xstrdup("");
		ret->file_type = type;
		file_name = type = NULL;
	} else if (name != NULL && strcmp(name, "type") == 0) {
		free(ret->type);
		ret->type = xstrndup(content, content_len);
	} else if (name != NULL && strcmp(name, "messaging_product") == 0) {
		free(ret->product);
		ret->product = xstrndup(content, content_len);
	} else {
		ret->other = name != NULL ? "unknown" : "nameless";
	}
	free(name);
	free(file_name);
	free(type);
	return 0;
}

/* The next CR LF with a boundary behind it, of which there is the end. */
static const char *
boundary_next(const char *at, const char *end, const char *mark,
    size_t mark_len)
{
	for (;; at++) {
		at = memmem(at, (size_t)(end - at), "\r\n--", 4);
		if (at == NULL || (size_t)(end - at) < mark_len + 4)
			return NULL;
		if (memcmp(at + 2, mark, mark_len) == 0 &&
		    (memcmp(at + 2 + mark_len, "\r\n", 2) == 0 ||
			memcmp(at + 2 + mark_len, "--", 2) == 0))
			return at;
	}
}

int
sim_form_parse(const char *content_type, const char *body, size_t len,
    struct sim_form *ret)
{
	const char *at, *next, *end = body + len;
	char *boundary = NULL, *mark = NULL;
	size_t mark_len;
	int code = err_set(ERR_DATA, "no multipart/form-data with a boundary");

	memset(ret, 0, sizeof *ret);
	ret->product = xstrdup("");
	ret->type = xstrdup("");
	if (content_type == NULL ||
	    strncasecmp(content_type, "multipart/form-data", 19) != 0)
		return code;
	boundary = parameter(content_type, strlen(content_type), "boundary");
	if (boundary == NULL || *boundary == '\0')
		goto out;
	mark = xformat("--%s", boundary);
	mark_len = strlen(mark);
	if (len < mark_len || memcmp(body, mark, mark_len) != 0)
		goto out;
	code = 0;
	for (at = body + mark_len; code == 0; at = next + 2 + mark_len) {
		if (end - at >= 2 && memcmp(at, "--", 2) == 0)
			break;
		if (end - at < 2 || memcmp(at, "\r\n", 2) != 0) {
			code = err_set(ERR_DATA, "a broken boundary");
			break;
		}
		at += 2;
		next = boundary_next(at, end, mark, mark_len);
		if (next == NULL)
			code =
			    err_set(ERR_DATA, "the last boundary is missing");
		else
			code = take_part(at, (size_t)(next - at), ret);
		if (code < 0)
			break;
	}
out:
	free(boundary);
	free(mark);
	return code;
}

void
sim_form_release(struct sim_form *f)
{
	free(f->product);
	free(f->type);
	free(f->file_name);
	free(f->file_type);
}

void
sim_media_free(struct sim *s)
{
	for (size_t i = 0; i < s->nmedia; i++)
		media_free(s->media[i]);
	free(s->media);
}
