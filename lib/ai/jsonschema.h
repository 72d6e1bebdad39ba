/*
 * jsonschema - whether a value is as a JSON Schema says
 *
 * The part of JSON Schema (draft 2020-12) that arguments of tools are declared
 * with and that providers take: type, enum, const, required, properties,
 * additionalProperties, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
 * multipleOf, minLength, maxLength, pattern, items, minItems, maxItems, and
 * what only describes: title, description, default, examples, format. Any
 * other word is a fault of the schema: one that is not understood is not
 * passed over, for it would be a check that nobody makes.
 *
 * Patterns are PCRE2's, with limits. Reasons name the place of a value and
 * what is wanted of it, not the value.
 */
#ifndef AI_JSONSCHEMA_H
#define AI_JSONSCHEMA_H

#include "base/json.h"

/* 0, or ERR_CONFIG: "properties/order: pattern: ...". */
int jsonschema_check(const json_t *schema);

/* 0, or ERR_DATA: "order: wants a number". schema must have passed
 * jsonschema_check(). */
int jsonschema_validate(const json_t *schema, const json_t *value);

#endif
