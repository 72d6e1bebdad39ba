/*
 * check - what the parts of ground/ground share while an answer is checked
 *
 * check_words.c knows what words weigh, check_facts.c looks for numbers, links
 * and names, check_sense.c for contraries and promises, check_deeds.c for acts.
 * For ground.c alone.
 */
#ifndef GROUND_CHECK_H
#define GROUND_CHECK_H

#include "ground/ground.h"
#include "ground/sources.h"

struct check {
	const struct sources *s;
	struct claims a;     /* the answer */
	struct terms *terms; /* of its words */
	double *weight;	     /* of its words */
	double *found;	     /* how well each is found */
	uint64_t *where;     /* and where */
	uint8_t *mark;	     /* of each term: a word of the answer, from 1 */
	bool is_translated;
	const char *language;
};

struct span {
	size_t from, to; /* words */
};

struct aligned {
	const struct reading *r;
	struct span span;
	double score; /* weight of the answer's words that are there */
	double fit;
};

/* What of a text carries its sense: 0 to 1. */
double check_weight_of(const struct claim_word *w);

/* Whether it stands for one of the concepts, NULL-ended, by their names. */
bool check_is_one_of(const struct claim_word *w, const char *const *concepts);

/* Whether a language writes names with a capital. */
bool check_has_case(const char *language);

/* Weigh the words of k->a and find them in k->s. */
void check_weigh(struct check *k);

/* Mark the terms of a span's words, or take the marks off. */
void check_mark(struct check *k, struct span span, bool set);

/* Which marked word of the answer a word of a source is, from 1; 0: none. */
unsigned check_marked(const struct check *k, const struct terms *t);

/* Whether a word of the answer is one of a source, or may be said for it. */
bool check_same_word(const struct check *k, size_t word,
    const struct reading *r, size_t at);

struct span check_span(const struct claim_sentence *s);
struct span check_clause(const struct claims *c, size_t word);
double check_total(const struct check *k, struct span span);

/* Whether a sentence says nothing that could be true or false of a business:
 * thanks, regret, greetings and wishes. */
bool check_courteous(const struct check *k, struct span span);

/* The word behind "Hello Marek," that begins a sentence, and its first if none
 * does: who is greeted is no claim. */
size_t check_greeting(const struct check *k, struct span span);

/* Take the customer's name out of an answer that calls them by it: "Yes, Marek,
 * you can". Its words mean nothing from then on. */
void check_called(struct claims *answer, const char *name);

/* Numbers, links and names of a sentence; sets ret->at on failure. */
enum ground_reason check_facts(struct check *k, size_t sentence,
    struct ground_claim *ret);

/* Numbers of a sentence that are of another thing than the question; sets
 * ret->at on failure. */
enum ground_reason check_thing(const struct check *k, size_t sentence,
    struct ground_claim *ret);

/* Whether a source says the contrary; *ret_best is what is most like it. */
enum ground_reason check_contrary(struct check *k, struct span whole,
    struct aligned *ret_best);

enum ground_reason check_promises(struct check *k, struct span span,
    const struct aligned *best);

/* Whether a span tells an act as done that no source tells so. */
bool check_deeds(const struct check *k, struct span span);

/* Whether a word is an acronym of what a source writes out, or of the words that
 * one has the acronym of. */
bool check_short_for(const struct check *k, size_t word);

/* Whether a number is told of what was asked, and in the sources of something
 * else. */
bool check_other_subject(const struct check *k, const struct claim *c);

/* Whether some passage tells the same claim of a word, or under its heading. */
bool check_tells_of(const struct check *k, const struct claim *c,
    const struct terms *t);

/* Whether passages tell a number of another thing whose name shares a word, of a
 * deposit for a price, or of something that was never asked for. */
bool check_head(const struct check *k, const struct claim *c);

/* Whether passages have a number for the thing that was asked about, and the
 * answer has one of another thing alone: the price of a tent for that of a hut,
 * however true. */
bool check_other_thing(const struct check *k, const struct claim *c);

/* Whether a sum of money is told as a deposit. */
bool check_is_deposit(const struct claims *c, size_t claim);

/* Whether passages tell a number of what has another letter or number to its
 * name alone: the price of room B said of room A. */
bool check_label(const struct check *k, const struct claim *c);

/* Whether a number is counted by something else than in all sources: a night for
 * a stay. */
bool check_rates(const struct check *k, const struct claim *c);

/* Whether a time is told of its beginning where the sources have its end, or the
 * other way round. */
bool check_ends(const struct check *k, const struct claim *c);

/* "From 50 euros on": whether a sum is the least of something, and no price. */
bool check_is_threshold(const struct claims *c, const struct claim *n);

/* Whether the sources tell each day of the week as one that is open. */
bool check_open_daily(const struct check *k);

/* Whether a number counts minutes to years. */
bool check_is_time(const struct claim *c);

/* Whether a price that no source has is what comes out of those that its
 * sentence is about: so many times one, several together, how much more. */
bool check_sum(struct check *k, const struct claim *c);

/* Whether a number says how many times, of such a price in its sentence. */
bool check_is_factor(struct check *k, const struct claim *c);

/* Whether a clause has somebody else do what the sources say one does: we for
 * you, bring for provided. */
bool check_who(const struct check *k, struct span span);

/* The word of a sentence that says yes of a name which only the customer said;
 * SIZE_MAX: none. */
size_t check_own_name(const struct check *k, struct span of);

/* Whether a word stands behind a title or a first name, and in no source does. */
bool check_surname(const struct check *k, size_t word);

/* The name in a sentence of what the sources say of another one alone; SIZE_MAX:
 * none. */
size_t check_other_name(struct check *k, struct span span);

/* What no source names, or names of a part only; *ret: its words. */
enum ground_reason check_added(struct check *k, struct span span,
    const struct aligned *best, struct span *ret);

/* Whether what a clause of a sentence calls free has its price in a source. */
enum ground_reason check_costs(struct check *k, struct span whole,
    struct span of);

/* Whether a span names anything that a source names. */
bool check_things(const struct check *k, struct span of);

/* Whether a short clause says no of what the sources say yes of. */
enum ground_reason check_denied(struct check *k, struct span of);

/* Whether a clause of a sentence says yes of a thing that the sources only say no of. */
enum ground_reason check_affirmed(struct check *k, struct span whole,
    struct span of);

/* Whether a clause says the contrary in the one word that both have. */
enum ground_reason check_blunt(struct check *k, struct span of);

/* Whether a source says the contrary of a clause: allowed, due, open or not. */
bool check_flip(const struct check *k, struct span of);

/* Whether a clause tells days open or closed that the sources tell otherwise. */
enum ground_reason check_week(const struct check *k, struct span of);

/* Whether more or less is told of two things whose numbers say the contrary. */
bool check_more_than(const struct check *k, struct span of);

/* All for some, included for charged, at least for at most in a clause. */
enum ground_reason check_wide(const struct check *k, struct span of);

/* Whether a clause leaves out what a source says has to be so for it. */
bool check_condition(const struct check *k, struct span of);

/* Whether a clause says yes to what was asked, or calls it free, less time before
 * than the sources want. */
bool check_notice(const struct check *k, struct span of);

/* Whether a clause says yes to a number, named by the question, that lies beyond
 * the limit which the sources set. */
bool check_limit(const struct check *k, struct span of);

/* Whether a sentence sets a condition that the sources do not set for what it
 * tells or was asked. */
bool check_new_condition(const struct check *k, struct span whole);

/* Whether some word of a span is of this kind. */
bool check_says(const struct claims *c, struct span span,
    enum meaning_kind kind);

/* 1: a span says no, 0: yes. */
unsigned check_says_no(const struct claims *c, struct span span);

/* Whether what a span of a tells the price of is not included in one of c. */
bool check_is_priced(const struct claims *a, struct span of,
    const struct claims *c, struct span in);

/* Whether a number stands in what was asked (asked), or else in the sources. */
bool check_said(const struct check *k, const struct claim *c, bool asked);

/* The same as check_says(), of the answer. */
bool check_means(const struct check *k, struct span span,
    enum meaning_kind kind);

#endif
