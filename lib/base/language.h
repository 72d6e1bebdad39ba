/*
 * language - which language a text is in, also a short one
 *
 * The script settles what it can (Thai is Thai, Hangul is Korean); Latin and
 * shared scripts are told apart by their commonest words, the words customers
 * greet and ask with, and letters that only some languages have. A message of
 * one telling word ("hola") is enough; where two languages fit as well as each
 * other, or none does, the answer is "und".
 */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The BCP 47 tag of the language of text: "en", "es", "pt", "fr", "de", "it",
 * "nl", "ca", "sv", "da", "no", "fi", "pl", "cs", "ro", "hu", "tr", "id",
 * "vi", "sw", "hi", "hi-Latn" (Hindi in Latin letters), "mr", "ar", "fa",
 * "ur", "he", "ru", "uk", "bg", "el", "zh", "ja", "ko", "th" and other
 * languages with a script of their own; "und" when unsure. Looks at no more
 * than the first 16 KiB. The string is static.
 */
const char *language_detect(const char *text, size_t len);

/* The same, "und" too where the text is too short to be certain: one or two
 * words may be a name, or a loan. */
const char *language_certain(const char *text, size_t len);

/* Whether the len bytes at tag have the form of one: es, pt-BR, zh-Hans-CN. */
bool language_tag_valid(const char *tag, size_t len);

/* Whether a text of which language_detect() says told may be in the language of
 * tag: it is that, or one that cannot be told, or not for sure from that. */
bool language_may_be(const char *told, const char *tag);

/* Whether a valid tag is of a language that language_detect() tells or that has a
 * code of two letters, or of three, which are not looked at. */
bool language_known(const char *tag, size_t len);

/* The tag that was meant by one that is none, "jp" or "english"; NULL. */
const char *language_meant(const char *tag, size_t len);

/* A valid tag as such are written: es, pt-BR, zh-Hans-CN, whatever its case. */
#define LANGUAGE_TAG_BYTES 36
void language_tag_write(const char *tag, char ret[LANGUAGE_TAG_BYTES]);

/* Whether tag is range, or begins with it and a hyphen, as RFC 4647 filters:
 * "pt" has pt and pt-BR, "pt-BR" no pt. Case does not matter. */
bool language_in_range(const char *tag, const char *range);

/* The tag whose words those of tag are: pt of pt-BR, but hi-Latn of itself. As
 * tag, or static. */
const char *language_plain(const char *tag);

#endif
