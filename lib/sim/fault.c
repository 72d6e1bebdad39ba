/* fault.c - how the pretended provider misbehaves */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/errors.h"
#include "sim/fault.h"

struct rule {
	struct sim_fault fault;
	char *name, *edge;
	double chance;	      /* 0: not by chance */
	uint64_t every;	      /* 0: not each n-th */
	uint64_t first, last; /* 0: any call */
};

struct sim_faults {
	uint64_t seed;
	struct rule *rules;
	size_t count;
};

static const struct {
	const char *name;
	struct sim_fault fault;
} named[] = {
	{ "401", { NULL, SIM_REFUSE, 401, SIM_TOKEN, 0, 0 } },
	{ "429", { NULL, SIM_REFUSE, 429, SIM_NUMBER_RATE, 1, 0 } },
	{ "429-date", { NULL, SIM_REFUSE, 429, SIM_NUMBER_RATE, 1, 1 } },
	{ "429-bare", { NULL, SIM_REFUSE, 429, SIM_NUMBER_RATE, 0, 0 } },
	{ "500", { NULL, SIM_REFUSE, 500, SIM_FAILED, 0, 0 } },
	{ "503", { NULL, SIM_REFUSE, 503, 131016, 0, 0 } },
	{ "error-200", { NULL, SIM_REFUSE, 200, SIM_FAILED, 0, 0 } },
	{ "byte-a-second", { NULL, SIM_DRIP, 200, 0, 0, 0 } },
	{ "drop", { NULL, SIM_DROP, 0, 0, 0, 0 } },
	{ "early", { NULL, SIM_EARLY, 0, 0, 0, 0 } },
	{ "garbled", { NULL, SIM_GARBLE, 200, 0, 0, 0 } },
	{ "half-closed", { NULL, SIM_HALF, 200, 0, 0, 0 } },
	{ "hang", { NULL, SIM_HANG, 0, 0, 0, 0 } },
	{ "html", { NULL, SIM_HTML, 502, 0, 0, 0 } },
	{ "huge", { NULL, SIM_HUGE, 200, 0, 0, 0 } },
	{ "redirect", { NULL, SIM_REDIRECT, 302, 0, 0, 0 } },
	{ "refused", { NULL, SIM_DEAF, 0, 0, 2, 0 } },
	{ "reset-after-read", { NULL, SIM_RESET, 0, 0, 0, 0 } },
	{ "reset-mid-answer", { NULL, SIM_CUT, 200, 0, 0, 0 } },
	{ "undelivered",
	    { NULL, SIM_UNDELIVERED, 0, SIM_UNDELIVERABLE, 0, 0 } },
};

static int
parse_what(const char *text, struct rule *r)
{
	int64_t code;

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (strcmp(text, named[i].name) == 0) {
			r->fault = named[i].fault;
			return 0;
		}
	if (str_int(text, 0, 9999999, &code) < 0)
		return err_set(ERR_USAGE, "no fault is called '%s'", text);
	r->fault.act = SIM_REFUSE;
	r->fault.code = (int)code;
	r->fault.http = sim_code_http((int)code);
	return 0;
}

int
sim_percent(const char *text, double *ret)
{
	char *end;
	double x = strtod(text, &end) / 100;

	if (end == text || strcmp(end, "%") != 0 || !(x > 0 && x <= 1))
		return err_set(ERR_USAGE, "'%s' is no chance such as 5%%",
		    text);
	*ret = x;
	return 0;
}

static int
parse_when(const char *text, struct rule *r)
{
	char *end;
	int64_t n;

	if (text[0] == '#') {
		r->first = strtoull(text + 1, &end, 10);
		r->last = *end == '-' ? strtoull(end + 1, &end, 10) : r->first;
		if (*end == '\0' && r->first > 0 && r->last >= r->first)
			return 0;
	} else if (str_starts(text, "1/")) {
		if (str_int(text + 2, 1, INT32_MAX, &n) == 0) {
			r->every = (uint64_t)n;
			return 0;
		}
	} else if (sim_percent(text, &r->chance) == 0) {
		return 0;
	}
	return err_set(ERR_USAGE, "'%s' is not 5%%, 1/3, #2 or #2-4", text);
}

static int
parse_rule(const char *text, struct rule *r)
{
	char *copy = xstrdup(text), *when, *edge, *seconds;
	int64_t n = 0;
	int code = 0;

	if ((when = strchr(copy, ':')) != NULL) {
		*when++ = '\0';
		code = parse_when(when, r);
	}
	if ((edge = strchr(copy, '@')) != NULL)
		*edge++ = '\0';
	r->edge = xstrdup(edge != NULL && *edge != '\0' ? edge : "messages");
	if ((seconds = strchr(copy, '=')) != NULL)
		*seconds++ = '\0';
	if (code == 0)
		code = parse_what(copy, r);
	if (code == 0 && seconds != NULL) {
		code = str_int(seconds, 0, 86400, &n);
		r->fault.retry_after_s = (int)n;
	}
	r->name = copy;
	return code;
}

int
sim_faults_parse(const char *spec, uint64_t seed, struct sim_faults **ret)
{
	struct sim_faults *f = xcalloc(1, sizeof *f);
	char *copy = xstrdup(spec), *rest = copy, *item;
	int code = 0;

	f->seed = seed;
	if (strcmp(spec, "none") == 0)
		*copy = '\0';
	while (code == 0 && (item = strsep(&rest, ",")) != NULL) {
		if (*item == '\0')
			continue;
		f->rules =
		    xrealloc(f->rules, (f->count + 1) * sizeof *f->rules);
		memset(&f->rules[f->count], 0, sizeof *f->rules);
		code = parse_rule(item, &f->rules[f->count++]);
	}
	for (size_t i = 0; i < f->count; i++)
		f->rules[i].fault.name = f->rules[i].name;
	free(copy);
	if (code < 0) {
		sim_faults_free(f);
		return err_set(ERR_USAGE, "%s", err_reason());
	}
	*ret = f;
	return 0;
}

void
sim_faults_free(struct sim_faults *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++) {
		free(f->rules[i].name);
		free(f->rules[i].edge);
	}
	free(f->rules);
	free(f);
}

double
sim_chance(uint64_t seed, uint64_t call, uint64_t rule)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u + call * 0xbf58476d1ce4e5b9u +
	    rule * 0x94d049bb133111ebu;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (double)(x >> 11) / 9007199254740992.0;
}

const struct sim_fault *
sim_fault_draw(const struct sim_faults *f, const char *edge, uint64_t call)
{
	for (size_t i = 0; f != NULL && i < f->count; i++) {
		const struct rule *r = &f->rules[i];

		if (strcmp(r->edge, edge) != 0 && strcmp(r->edge, "any") != 0)
			continue;
		if (r->chance > 0 && sim_chance(f->seed, call, i) >= r->chance)
			continue;
		if (r->every > 0 && call % r->every != 0)
			continue;
		if (r->first > 0 && (call < r->first || call > r->last))
			continue;
		return &r->fault;
	}
	return NULL;
}
