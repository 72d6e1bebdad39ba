/*
 * schema - the numbered steps of share/schema, as the build embeds them
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

struct schema_step {
	const char *kind; /* desk, kb, auth, inbox; NULL ends the table */
	int number;	  /* from 1, without gaps */
	const char *sql;
};
extern const struct schema_step schema_steps[];

#endif
