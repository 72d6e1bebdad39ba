/*
 * json-oracle - what json.h promises, by way of jansson's reader and writer
 *
 * Slow and plain: what jansson does not take is mended in its text and read
 * again. unit-json and the fuzz target hold lib/base/json_text.c to it.
 */
#ifndef TESTS_JSON_ORACLE_H
#define TESTS_JSON_ORACLE_H

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/json.h"
#include "base/str.h"

#define ORACLE_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY)

static inline bool
oracle_too_deep(const json_t *value, int level)
{
	const char *key;
	json_t *child;
	size_t i;

	if (level > JSON_DEPTH_MAX)
		return true;
	json_object_foreach((json_t *)value, key, child)
		if (oracle_too_deep(child, level + 1))
			return true;
	json_array_foreach(value, i, child)
		if (oracle_too_deep(child, level + 1))
			return true;
	return false;
}

/* NULL: jansson does not take it. */
static inline json_t *
oracle_load(const char *text, size_t len, bool lenient)
{
	json_t *value = json_loadb(text, len,
	    JSON_DECODE_ANY | (lenient ? 0 : JSON_REJECT_DUPLICATES), NULL);

	if (value != NULL && oracle_too_deep(value, 0)) {
		json_decref(value);
		return NULL;
	}
	return value;
}

/* With bytes that are no UTF-8, and NULs, as U+FFFD; NULL if it had some and
 * may not have. */
static inline char *
oracle_mend_bytes(const char *text, size_t len, bool lenient)
{
	struct buf b = BUF_INIT(0);
	utf8proc_int32_t c;
	utf8proc_ssize_t n;
	size_t i = 0;

	while (i < len) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
		    (utf8proc_ssize_t)(len - i), &c);
		if (n > 0 && c != 0) {
			buf_add(&b, text + i, (size_t)n);
			i += (size_t)n;
			continue;
		}
		if (!lenient) {
			buf_release(&b);
			return NULL;
		}
		buf_adds(&b, "\xef\xbf\xbd");
		i++;
	}
	return buf_detach(&b);
}

static inline int
oracle_hex(const char *p)
{
	char digit[5] = "";
	size_t n = strspn(p, "0123456789abcdefABCDEF");

	if (n < 4)
		return -1;
	memcpy(digit, p, 4);
	return (int)strtol(digit, NULL, 16);
}

/* Escapes of NUL and of lone surrogates, in a string that begins at p. */
static inline void
oracle_mend_escapes(char *p)
{
	int a, b;

	for (p++; *p != '\0' && *p != '"'; p++) {
		if (*p != '\\')
			continue;
		if (*++p == '\0')
			return;
		if (*p != 'u')
			continue;
		a = oracle_hex(p + 1);
		if (a < 0)
			continue;
		b = p[5] == '\\' && p[6] == 'u' ? oracle_hex(p + 7) : -1;
		if (a >= 0xd800 && a < 0xdc00 && b >= 0xdc00 && b < 0xe000) {
			p += 10;
			continue;
		}
		if (a == 0 || (a >= 0xd800 && a < 0xe000))
			memcpy(p + 1, "fffd", 4);
		p += 4;
	}
}

static inline char *
oracle_mend_values(char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *from;
	json_error_t e;
	json_t *number;
	size_t n;
	bool too_big;

	while (*p != '\0') {
		if (*p == '"') {
			oracle_mend_escapes((char *)p);
			for (from = p++; *p != '\0' && *p != '"'; p++)
				if (*p == '\\' && p[1] != '\0')
					p++;
			p += *p == '"';
			buf_add(&b, from, (size_t)(p - from));
			continue;
		}
		n = strspn(p, "+-.0123456789eE");
		too_big = false;
		if (n > 0 && *p != 'e' && *p != 'E') {
			number = json_loadb(p, n,
			    JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &e);
			too_big = number == NULL && e.position == (int)n &&
			    json_error_code(&e) == json_error_numeric_overflow;
			json_decref(number);
		}
		n = n == 0 ? 1 : n;
		if (too_big)
			buf_addc(&b, '"');
		buf_add(&b, p, n);
		if (too_big)
			buf_addc(&b, '"');
		p += n;
	}
	return buf_detach(&b);
}

/* The value of text, or NULL. */
static inline json_t *
oracle_parse(const char *text, size_t len, bool lenient)
{
	json_t *value = NULL;
	char *bytes, *values;

	/* jansson loses a NUL that follows a number or a word. */
	if (memchr(text, '\0', len) == NULL)
		value = oracle_load(text, len, lenient);
	if (value != NULL)
		return value;
	bytes = oracle_mend_bytes(text, len, lenient);
	if (bytes == NULL)
		return NULL;
	values = oracle_mend_values(bytes);
	value = oracle_load(values, strlen(values), lenient);
	free(values);
	free(bytes);
	return value;
}

/* Whether ours makes of text what the oracle does; say, if not NULL, is told
 * how they differ. */
static inline bool
oracle_agrees(const char *text, size_t len, bool lenient,
    void (*say)(const char *what, const char *ours, const char *theirs))
{
	json_t *theirs = oracle_parse(text, len, lenient), *ours = NULL;
	json_t *again = NULL;
	char *our_text = NULL, *their_text = NULL, *cross = NULL;
	bool same = false;
	int code;

	if (!lenient)
		code = json_value_parse(text, len, &ours);
	else {
		/* What is lenient takes objects only. */
		if (theirs != NULL && !json_is_object(theirs)) {
			json_decref(theirs);
			theirs = NULL;
		}
		code = json_lenient(text, len, &ours);
	}
	if (code < 0 || theirs == NULL) {
		same = code < 0 && theirs == NULL;
		if (!same && say != NULL)
			say("taken or not", code < 0 ? "no" : "yes",
			    theirs == NULL ? "no" : "yes");
		goto out;
	}
	our_text = json_text(ours);
	cross = json_dumps(ours, ORACLE_FLAGS);
	their_text = json_dumps(theirs, ORACLE_FLAGS);
	same = json_equal(ours, theirs) && strcmp(our_text, their_text) == 0 &&
	    strcmp(cross, their_text) == 0 &&
	    json_value_parse(our_text, strlen(our_text), &again) == 0;
	if (!same && say != NULL)
		say("the text", our_text, their_text);
out:
	json_decref(again);
	json_decref(ours);
	json_decref(theirs);
	free(our_text);
	free(their_text);
	free(cross);
	return same;
}

#endif
