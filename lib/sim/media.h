/*
 * media - files that were uploaded, and those of customers
 *
 * Ids named media-... that nobody gave a file for stand for a short text, the
 * same each time.
 */
#ifndef SIM_MEDIA_H
#define SIM_MEDIA_H

#include "sim/core.h"

#define SIM_UPLOAD_MAX (101 * 1024 * 1024)

struct sim_media {
	char id[160];
	char *mime, *sha256; /* in hexadecimal */
	char *bytes;
	size_t len;
	bool uploaded; /* by the business */
	uint64_t ticket;
	int64_t until_ms; /* its URL is good, on the rules' clock */
};

/* Keep bytes, which are copied. id NULL: a new one. Belongs to the sim. */
struct sim_media *sim_media_add(struct sim *s, const char *id, const char *mime,
    const void *bytes, size_t len);

/* NULL: no such file. */
struct sim_media *sim_media_find(struct sim *s, const char *id);

void sim_media_remove(struct sim *s, const struct sim_media *m);

/* {"messaging_product", "url", ...}; the URL is good for a while from now. */
json_t *sim_media_json(struct sim *s, struct sim_media *m);

/* The file at the path of such a URL with that ticket; NULL: none, or late. */
const struct sim_media *sim_media_at(struct sim *s, const char *id,
    const char *ticket);

/* A fresh URL of m; the caller frees. */
char *sim_media_url(struct sim *s, struct sim_media *m);

/*
 * What is wrong with sending a file of that type as kind (image, audio, video,
 * document, sticker; NULL: any of them); NULL: nothing.
 */
const char *sim_media_wrong(const char *kind, const char *mime, size_t len);

/* The type of a file by its name; NULL: not known. */
const char *sim_media_type(const char *name);

/* A multipart/form-data body in parts. */
struct sim_form {
	char *product, *type;	     /* "" if absent */
	char *file_name, *file_type; /* NULL: there is no file */
	const char *file;	     /* inside the body */
	size_t file_len;
	const char *other; /* a field that has no business there, or NULL */
};

/* ERR_DATA if it is none. Ends with sim_form_release in any case. */
int sim_form_parse(const char *content_type, const char *body, size_t len,
    struct sim_form *ret);
void sim_form_release(struct sim_form *f);

/*
 * The media object of a customer's line: "file" (a path; only if files are
 * allowed) or "data" (base64) becomes id, mime_type, sha256 and url. ERR_DATA,
 * ERR_NOINPUT.
 */
int sim_media_said(struct sim *s, json_t *media, bool files);

void sim_media_free(struct sim *s);

#endif
