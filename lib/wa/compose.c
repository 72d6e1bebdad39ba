/* compose - content of messages from what a person types */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/media.h"
#include "wa/compose.h"

static const char *const kinds[] = { "audio", "contacts", "document", "flow",
	"image", "interactive", "location", "reaction", "sticker", "template",
	"text", "video", "voice", NULL };

static void
put_body(json_t *o, const char *text)
{
	if (text != NULL && *text != '\0' && json_object_get(o, "body") == NULL)
		json_object_set_new(o, "body",
		    json_pack("{so}", "text", json_text_new(text)));
}

json_t *
compose_buttons(const char *text, const char *const *titles, size_t count)
{
	json_t *list = json_array(), *o = json_object();
	char id[24];

	for (size_t i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "%zu", i + 1);
		json_array_append_new(list,
		    json_pack("{sss{ssso}}", "type", "reply", "reply", "id", id,
			"title", json_text_new(titles[i])));
	}
	json_put(o, "type", "button");
	put_body(o, text);
	json_object_set_new(o, "action", json_pack("{so}", "buttons", list));
	return o;
}

int
compose_list(const char *text, const json_t *list, json_t **ret)
{
	json_t *o;

	if (!json_is_object(list))
		return err_set(ERR_DATA, "the list is not an object");
	if (json_object_get(list, "action") != NULL) {
		o = json_deep_copy(list);
	} else if (json_object_get(list, "sections") != NULL) {
		o = json_object();
		json_object_set_new(o, "action", json_deep_copy(list));
	} else {
		return err_set(ERR_DATA, "the list has no sections");
	}
	json_object_set_new(o, "type", json_string("list"));
	put_body(o, text);
	*ret = o;
	return 0;
}

json_t *
compose_template(const char *name, const char *language,
    const char *const *parameters, size_t count)
{
	json_t *o = json_object(), *list = json_array();

	json_put(o, "name", name);
	json_object_set_new(o, "language",
	    json_pack("{so}", "code", json_text_new(language)));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
		    json_pack("{ssso}", "type", "text", "text",
			json_text_new(parameters[i])));
	if (count > 0)
		json_object_set_new(o, "components",
		    json_pack("[{ssso}]", "type", "body", "parameters", list));
	else
		json_decref(list);
	return o;
}

int
compose_location(const char *place, const char *name, json_t **ret)
{
	const char *comma = strchr(place, ',');
	char *latitude;
	json_t *o;

	if (comma == NULL)
		return err_set(ERR_DATA, "a location is LATITUDE,LONGITUDE");
	o = json_object();
	latitude = xstrndup(place, (size_t)(comma - place));
	for (comma++; *comma == ' ';)
		comma++;
	json_put(o, "latitude", latitude);
	json_put(o, "longitude", comma);
	json_put(o, "name", name);
	free(latitude);
	*ret = o;
	return 0;
}

json_t *
compose_reaction(const char *wamid, const char *emoji)
{
	json_t *o = json_object();

	json_put(o, "message_id", wamid);
	json_object_set_new(o, "emoji", json_text_new(emoji));
	return o;
}

/* The kind a whole object is of; NULL. */
static const char *
kind_of(const json_t *object)
{
	const char *type = json_str(object, "type");

	if (type != NULL && str_in(type, kinds) &&
	    json_object_get(object, type) != NULL)
		return type;
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (json_object_get(object, kinds[i]) != NULL)
			return kinds[i];
	if (type != NULL && json_object_get(object, "action") != NULL)
		return "interactive";
	return NULL;
}

int
compose_content(const json_t *object, const char **ret_kind, json_t **ret)
{
	const char *kind = json_is_array(object) ? "contacts" : kind_of(object);
	const json_t *part;

	for (size_t i = 0; kind != NULL && kinds[i] != NULL; i++)
		if (strcmp(kind, kinds[i]) == 0)
			kind = kinds[i];
	if (kind == NULL)
		return err_set(ERR_DATA,
		    "the content names no kind: {\"image\": {...}} or such");
	part = json_is_array(object) ? object : json_object_get(object, kind);
	if (part == NULL) {
		*ret = json_deep_copy(object);
	} else {
		/* By its name, so that a list (contacts) is content, too. */
		*ret = json_object();
		json_object_set_new(*ret, kind, json_deep_copy(part));
	}
	*ret_kind = kind;
	return 0;
}

#define MB INT64_C(1000000)

/* Containers that do not always say what they hold. */
#define OLE "application/x-ole-storage application/CDFV2"
#define ZIP "application/zip application/octet-stream"
#define OFFICE "application/vnd.openxmlformats-officedocument."

static const struct type {
	const char *end, *mime, *kind;
	/* What its bytes may say, as libmagic does; one that ends in / stands
	 * for all of the sort. */
	const char *seen;
} types[] = {
	{ "jpg", "image/jpeg", "image", "image/jpeg" },
	{ "jpeg", "image/jpeg", "image", "image/jpeg" },
	{ "png", "image/png", "image", "image/png" },
	{ "webp", "image/webp", "sticker", "image/webp" },
	{ "mp4", "video/mp4", "video",
	    "video/mp4 video/x-m4v video/quicktime" },
	{ "3gp", "video/3gpp", "video", "video/3gpp video/3gpp2 video/mp4" },
	{ "aac", "audio/aac", "audio",
	    "audio/aac audio/x-aac audio/x-hx-aac-adts audio/x-hx-aac-adif "
	    "application/octet-stream" },
	{ "amr", "audio/amr", "audio", "audio/amr audio/AMR audio/3gpp" },
	/* One without a tag may begin with anything. */
	{ "mp3", "audio/mpeg", "audio", "audio/mpeg application/octet-stream" },
	{ "m4a", "audio/mp4", "audio",
	    "audio/mp4 audio/x-m4a video/mp4 video/x-m4v" },
	{ "ogg", "audio/ogg", "voice", "audio/ogg application/ogg" },
	{ "opus", "audio/ogg", "voice", "audio/ogg application/ogg" },
	{ "txt", "text/plain", "document",
	    "text/ message/ application/json application/x-ndjson "
	    "application/csv application/javascript" },
	{ "pdf", "application/pdf", "document", "application/pdf" },
	{ "doc", "application/msword", "document", "application/msword " OLE },
	{ "xls", "application/vnd.ms-excel", "document",
	    "application/vnd.ms-excel " OLE },
	{ "ppt", "application/vnd.ms-powerpoint", "document",
	    "application/vnd.ms-powerpoint " OLE },
	{ "docx", OFFICE "wordprocessingml.document", "document",
	    OFFICE "wordprocessingml.document " ZIP },
	{ "xlsx", OFFICE "spreadsheetml.sheet", "document",
	    OFFICE "spreadsheetml.sheet " ZIP },
	{ "pptx", OFFICE "presentationml.presentation", "document",
	    OFFICE "presentationml.presentation " ZIP },
};

static const struct {
	const char *kind, *sort; /* of types it takes; NULL: any */
	int64_t max_bytes;
} media[] = {
	{ "audio", "audio/", 16 * MB },
	{ "document", NULL, 100 * MB },
	{ "image", "image/", 5 * MB },
	{ "sticker", "image/webp", MB / 2 },
	{ "video", "video/", 16 * MB },
	{ "voice", "audio/ogg", 16 * MB },
};

int
compose_file(const char *path, const char *kind, struct compose_file *ret)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	const struct type *t = NULL;
	size_t i;

	for (i = 0; dot != NULL && dot > slash && t == NULL &&
	     i < sizeof(types) / sizeof(types[0]);
	     i++)
		if (strcasecmp(dot + 1, types[i].end) == 0)
			t = &types[i];
	if (t == NULL)
		return err_set(ERR_DATA,
		    "%s: WhatsApp takes jpg png webp, mp4 3gp, aac amr mp3 m4a "
		    "ogg opus, txt pdf doc docx xls xlsx ppt pptx",
		    path);
	if (kind == NULL)
		kind = t->kind;
	for (i = 0; i < sizeof(media) / sizeof(media[0]); i++)
		if (strcmp(media[i].kind, kind) == 0)
			break;
	if (i == sizeof(media) / sizeof(media[0]))
		return err_set(ERR_DATA,
		    "'%s' is none of: audio document image sticker video voice",
		    kind);
	if (media[i].sort != NULL && !str_starts(t->mime, media[i].sort))
		return err_set(ERR_DATA, "%s: %s cannot be sent as %s", path,
		    t->mime, kind);
	ret->kind = media[i].kind;
	ret->usual = t->kind;
	ret->mime = t->mime;
	ret->max_bytes = media[i].max_bytes;
	return 0;
}

static bool
is_seen(const struct type *t, const char *seen)
{
	char *copy = xstrdup(t->seen), *rest = copy, *word;
	bool is = false;

	while (!is && (word = strsep(&rest, " ")) != NULL)
		is = str_ends(word, "/") ? str_starts(seen, word) :
					   strcasecmp(seen, word) == 0;
	free(copy);
	return is;
}

int
compose_seen(const char *path, const char *seen, struct compose_file *f)
{
	const struct type *t = NULL;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!is_seen(&types[i], seen))
			continue;
		/* What its name says, if the bytes allow that. */
		if (strcmp(types[i].mime, f->mime) == 0)
			return 0;
		if (t == NULL && strcmp(types[i].kind, f->usual) == 0 &&
		    strcmp(types[i].mime, seen) == 0)
			t = &types[i];
	}
	if (t == NULL)
		return err_set(ERR_DATA,
		    "%s: it is %s by its name and %s by its bytes: WhatsApp "
		    "would refuse it; name it by what it is",
		    path, f->mime, seen);
	f->mime = t->mime;
	return 0;
}

json_t *
compose_media(const char *kind, const char *sha256, const char *name)
{
	json_t *content = json_object(), *object = json_object();
	char *reference = xformat(MEDIA_PREFIX "%s", sha256);

	json_put(object, "media", reference);
	free(reference);
	if (strcmp(kind, "document") == 0)
		json_put(object, "filename", name);
	json_put_new(content, strcmp(kind, "voice") == 0 ? "audio" : kind,
	    object);
	return content;
}
