/*
 * core - what the files of this room share: struct sim and its lists
 */
#ifndef SIM_CORE_H
#define SIM_CORE_H

#include "base/jsonl.h"
#include "net/http.h"
#include "net/listen.h"
#include "net/signature.h"
#include "sim/body.h"
#include "sim/fault.h"
#include "sim/sim.h"

#define SIM_BUCKETS 4096

struct sim_post;
struct sim_entry;

/* A customer as one number of the business knows him. */
struct sim_customer {
	struct sim_customer *all; /* the next of all there are */
	char *number;		  /* phone_number_id */
	char *id;		  /* what he was first called by */
	char *wa_id, *user_id;	  /* NULL: not known */
	char *name;		  /* as last said; NULL: never */
	char last[128];		  /* what the business said last */
	char own[128];		  /* what the customer said last */
	json_t *choices;	  /* the last content with something to tap */
	char choices_id[128];	  /* of the message it is in */
	int64_t said;		  /* times the business said something */
	int64_t seen;		  /* times it was read or typed to */
	int64_t wrote_ms;	  /* on the rules' clock; -1: never */
	double room;		  /* messages he may still get; -1: unset */
	int64_t room_ms;	  /* when room was right */
	bool blocked;
	struct sim_post *first, *end; /* webhooks that wait for one before */
	bool busy;
};

/* By any of his names. */
struct sim_alias {
	struct sim_alias *next;
	char *name; /* "NUMBER/ID" */
	struct sim_customer *customer;
};

/* A call whose answer is still to go out. */
struct sim_answer;

struct sim {
	const struct sim_options *o;
	json_t *facts; /* see facts.h */
	struct sim_faults *faults;
	struct signature_keys *keys;
	char *token, *secret; /* NULL: any will do */
	struct http *http;
	struct listener *listener;
	struct jsonl *io;
	int record_fd, wake_fd;
	pthread_mutex_t lock; /* of the two below */
	struct request *asked, *asked_end;
	struct request *pending; /* calls that wait for a handshake */

	struct sim_alias *buckets[SIM_BUCKETS];
	struct sim_customer *customers;
	struct sim_entry **history;
	size_t nhistory;
	struct sim_media **media;
	size_t nmedia;

	struct sim_post **heap; /* by due_ms, then order */
	size_t nheap, heap_room;
	struct sim_post **ready; /* due, waiting for a batch */
	size_t nready, ready_room;
	int64_t ready_ms; /* since when the first of them */
	struct sim_answer *answers;
	size_t nanswers;
	int64_t deaf_until_ms; /* connections are refused; 0: they are not */

	uint64_t order, calls, messages, posted, dropped, lost, flying, lined;
	uint64_t draws; /* of chance */
	double duplicate, room;
	int64_t room_ms, skew_ms;
	int64_t active_ms; /* something happened last */
	char run[32];	   /* makes ids differ from run to run */
	bool input_open, convert;
	struct sim_customer *speaker; /* of the last line of input */
	int64_t wait_ms;	      /* input waits until then; 0: not */
	const char *wait_for;	      /* "reply", "typing" or NULL */
	int64_t wait_said, wait_seen;
	int failed; /* an ERR that ends the run, its reason in why */
	char why[256];
};

/* The rules' clock: monotonic milliseconds, times --speed. */
int64_t sim_clock(const struct sim *s);

/* In [0, 1): the next draw. */
double sim_random(struct sim *s);

/* A new wamid. */
void sim_new_id(struct sim *s, char ret[64], const char *what);

/* A new id of digits alone, as those of media, templates and history. */
void sim_new_number(struct sim *s, char ret[24]);

/* A line of what happened; sim_tell takes it and prints it. */
json_t *sim_news(const char *type);
void sim_tell(struct sim *s, json_t *o);

/* The run cannot go on. */
void sim_fail(struct sim *s, int code);

#endif
