/*
 * record - things told by names and values, as text that reads alone
 *
 * Short values are a row: "name: Tent; price: 199". One with a long value is a
 * section under its title, if it has one: its short values in a row, and the
 * long ones as paragraphs, or as the HTML they are.
 */
#ifndef KB_RECORD_H
#define KB_RECORD_H

#include "kb/block.h"

struct records {
	struct blocks *b;
	struct buf rows; /* a line each, not yet added */
	struct record_field {
		char *name, *value;
	} * field; /* of the one at work */
	size_t fields;
};

/* A value of the record at work, both copied; blank ones are left out. */
void records_put(struct records *r, const char *name, const char *value);
/* The record at work is whole. depth: of the heading it may have, from 1. */
int records_next(struct records *r, int depth);
/* Add what gathers, as before another block; and at the end, which frees. */
void records_flush(struct records *r);
void records_end(struct records *r);

/* Whether it is what things are called by: "title", "question", ... */
bool record_is_title(const char *name);

/* The readers of these types. */
int extract_xml(const char *text, size_t len, struct blocks *b);
/* 0; ERR_NO: it is none. */
int extract_json(const char *text, size_t len, struct blocks *b);

#endif
