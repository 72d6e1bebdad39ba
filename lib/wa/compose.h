/*
 * compose - content of messages from what a person types
 *
 * Each makes the content of a message of the kind that is named, in the Cloud
 * API's shape as far as it goes; send_check() says whether it may go out.
 * Results are new references.
 */
#ifndef WA_COMPOSE_H
#define WA_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/* interactive: reply buttons below a text; their ids are 1, 2, ... */
json_t *compose_buttons(const char *text, const char *const *titles,
    size_t count);

/*
 * interactive: a list below a text. list is the API's action of a list, or a
 * whole interactive object. ERR_DATA.
 */
int compose_list(const char *text, const json_t *list, json_t **ret);

/* template: with the parameters of its body, in order. */
json_t *compose_template(const char *name, const char *language,
    const char *const *parameters, size_t count);

/* location: "LAT,LONG"; name may be NULL. ERR_DATA. */
int compose_location(const char *place, const char *name, json_t **ret);

/* reaction: to the message wamid; an empty emoji takes it off. */
json_t *compose_reaction(const char *wamid, const char *emoji);

/* What a file is sent as. */
struct compose_file {
	const char *kind;  /* image, video, audio, voice, document, sticker */
	const char *usual; /* the kind that its type is sent as unasked */
	const char *mime;
	int64_t max_bytes; /* the provider's limit for the kind */
};

/*
 * By the end of its name, or as the kind that is wanted (NULL: the usual one).
 * ERR_DATA names what the provider takes. Types and sizes: Meta's page on
 * supported media types.
 */
int compose_file(const char *path, const char *kind, struct compose_file *ret);

/*
 * The same file by its bytes, which sniff_type() says are seen: what the name
 * says if they allow that, another type of the same kind (a PNG that is named
 * .jpg) as what it is. ERR_DATA if it is neither: the provider would take it
 * in and then refuse the message.
 */
int compose_seen(const char *path, const char *seen, struct compose_file *f);

/* The content that brings the kept file sha256; name: as customers see a
 * document, NULL: none. */
json_t *compose_media(const char *kind, const char *sha256, const char *name);

/*
 * Any kind: the API's message object ({"type":"image","image":{...}}), or the
 * object of the kind under its name ({"image":{...}}), or an interactive one
 * alone, or a list of contacts. ret_kind is borrowed from the content. ERR_DATA.
 */
int compose_content(const json_t *object, const char **ret_kind, json_t **ret);

#endif
