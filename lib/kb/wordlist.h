/*
 * wordlist - the word lists of share/kb, as the build embeds them
 *
 *	common.LANG	words that say nothing about what is asked for: function
 *			words, greetings, "please tell me"; blanks between. They
 *			weigh little and need not be found.
 *			Those of scripts without blanks are phrases, see
 *			phrases.h. The list of the language a question is in
 *			decides alone.
 *	weak.LANG	words that seldom name the thing asked about ("later",
 *			"together", "spend"), in any ending: they weigh less
 *			and need less to be found.
 *	synonyms.LANG	a group a line, of words and phrases with commas
 *			between: who asks for one is content with another. A
 *			phrase with ^ before it is meant where a question
 *			begins, and is looked for in no document.
 */
#ifndef KB_WORDLIST_H
#define KB_WORDLIST_H

struct wordlist {
	const char *kind; /* NULL ends the table */
	const char *language;
	const char *text;
};
extern const struct wordlist wordlists[];

#endif
