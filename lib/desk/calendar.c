/*
 * calendar - when a file of iCalendar says that nobody is there
 *
 * Holds: libical is handed the lines that say when, and no others, in no
 * deeper nesting than a calendar, its zone and one half of that. What a file
 * costs is bounded by EVENTS_MAX, RULES_MAX and STEPS_MAX, and no rule repeats
 * more often than daily.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <libical/ical.h>

#include "base/err.h"
#include "base/library.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/calendar.h"

#define LIBRARY "libical.so.3"
#define PACKAGE "libical3"
#define EVENTS_MAX 10000
#define RULES_MAX 500
#define STEPS_MAX 200000 /* repetitions, days, dates to leave out, of a file */
#define READ_MAX_MS \
	2000 /* of a processor; libical looks far for what never is */
#define BEGINS_MIN 1900 /* the year of the first day of what repeats */
#define DAY_MIN (24 * 60)
#define LINE_NAME "X-FRONTDESK-LINE" /* where an event begins in its file */

#define FUNCTIONS                                          \
	FUNCTION(icalcomponent_free)                       \
	FUNCTION(icalcomponent_get_first_component)        \
	FUNCTION(icalcomponent_get_first_property)         \
	FUNCTION(icalcomponent_get_next_component)         \
	FUNCTION(icalcomponent_get_next_property)          \
	FUNCTION(icalcomponent_get_uid)                    \
	FUNCTION(icaldurationtype_as_int)                  \
	FUNCTION(icalerror_set_errors_are_fatal)           \
	FUNCTION(icalparameter_get_tzid)                   \
	FUNCTION(icalparser_add_line)                      \
	FUNCTION(icalparser_free)                          \
	FUNCTION(icalparser_new)                           \
	FUNCTION(icalproperty_get_datetime_with_component) \
	FUNCTION(icalproperty_get_duration)                \
	FUNCTION(icalproperty_get_first_parameter)         \
	FUNCTION(icalproperty_get_rdate)                   \
	FUNCTION(icalproperty_get_rrule)                   \
	FUNCTION(icalproperty_get_status)                  \
	FUNCTION(icalproperty_get_transp)                  \
	FUNCTION(icalproperty_get_x)                       \
	FUNCTION(icalproperty_get_xlicerror)               \
	FUNCTION(icalrecur_iterator_free)                  \
	FUNCTION(icalrecur_iterator_new)                   \
	FUNCTION(icalrecur_iterator_next)                  \
	FUNCTION(icaltime_as_timet_with_zone)              \
	FUNCTION(icaltime_is_null_time)

#define FUNCTION(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS
} call;
#undef FUNCTION
#define FUNCTION(name) #name,
static const char *const names[] = { FUNCTIONS };
#undef FUNCTION

struct reader {
	const char *path;
	const struct zone *zone;
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int code;
	size_t events, rules, steps;
	int64_t until_ms; /* of the clock of the processor */
	struct span *spans;
	size_t count;
};

/* A moment: of no zone, in a zone, or a day. As minutes of the wall. */
struct moment {
	int64_t at;
	bool whole;
};

struct event {
	icalcomponent *c;
	int line;
	struct moment begin;
	int64_t takes;	    /* minutes */
	struct moment *out; /* dates of its rules that do not count */
	size_t nout;
};

/* Of one calendar. */
struct events {
	icalcomponent **all, **overrides; /* those in place of a date */
	size_t count, noverrides;
};

static int
load(void)
{
	static bool loaded;
	const char *missing;

	if (loaded)
		return 0;
	missing =
	    library_load(LIBRARY, names, sizeof(names) / sizeof(*names), &call);
	if (missing != NULL)
		return err_set(ERR_CONFIG,
		    "a calendar cannot be read: %s is missing, install %s",
		    missing, PACKAGE);
	call.icalerror_set_errors_are_fatal(0);
	loaded = true;
	return 0;
}

static const char *
skip_mark(const char *text)
{
	return str_starts(text, "\xef\xbb\xbf") ? text + 3 : text;
}

bool
calendar_is(const char *path, const char *text)
{
	const char *dot = strrchr(path, '.');

	text = skip_mark(text);
	text += strspn(text, " \t\r\n");
	return strncasecmp(text, "BEGIN:VCALENDAR", 15) == 0 ||
	    (dot != NULL && strcasecmp(dot, ".ics") == 0);
}

static void
fault(struct reader *r, int line, const char *why)
{
	if (r->code < 0 && r->say == NULL)
		return;
	r->code = err_set(ERR_CONFIG, "%s:%d: %s", r->path, line, why);
	if (r->say != NULL)
		r->say(r->ctx, err_reason());
}

/* What the library says of a line. It left that out; the file is not used. */
static void
fault_of_library(struct reader *r, int line, const char *said)
{
	static const char leaves[] = ". Removing entire property";
	const char *at = said != NULL ? strstr(said, leaves) : NULL;
	char *why;

	if (at == NULL) {
		fault(r, line, said != NULL ? said : "it cannot be read");
		return;
	}
	why = xformat("%.*s%s", (int)(at - said), said, at + strlen(leaves));
	fault(r, line, why);
	free(why);
}

/* Whether to go on. */
static bool
goes_on(const struct reader *r)
{
	return (r->code == 0 || r->say != NULL) && r->steps <= STEPS_MAX;
}

static int64_t
processor_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
step(struct reader *r, int line)
{
	if (++r->steps == STEPS_MAX + 1)
		fault(r, line, "the calendar repeats too much to be read");
}

static void
span_add(struct reader *r, const struct moment *m, int64_t takes, int line)
{
	int64_t first = date_days(CALENDAR_FROM, 1, 1) * DAY_MIN,
		end = date_days(CALENDAR_UNTIL, 1, 1) * DAY_MIN,
		from = m->at > first ? m->at : first,
		until = m->at + takes < end ? m->at + takes : end, day;
	struct span *s;

	if (from >= until)
		return;
	for (day = from; day < until && r->steps <= STEPS_MAX; day += DAY_MIN)
		step(r, line);
	r->spans = xrealloc(r->spans, (r->count + 1) * sizeof(*r->spans));
	s = &r->spans[r->count++];
	s->from = from;
	s->until = until;
	s->whole = m->whole;
}

static struct moment
moment_of(const struct reader *r, struct icaltimetype t)
{
	struct moment m = { .whole = t.is_date != 0 };
	struct wall wall;

	if (t.zone != NULL && !t.is_date) {
		zone_wall(r->zone,
		    (int64_t)call.icaltime_as_timet_with_zone(t, t.zone) * 1000,
		    &wall);
		m.at = wall.day * DAY_MIN + wall.second / 60;
		return m;
	}
	m.at = date_days(t.year, t.month, t.day) * DAY_MIN;
	if (!t.is_date)
		m.at += t.hour * 60 + t.minute;
	return m;
}

/* libical takes the 30th of February and worse. */
static bool
is_sound(struct icaltimetype t)
{
	int y, m, d;

	if (t.year < 1 || t.month < 1 || t.month > 12 || t.day < 1)
		return false;
	days_date(date_days(t.year, t.month, t.day), &y, &m, &d);
	return m == t.month && d == t.day &&
	    (t.is_date ||
		(t.hour >= 0 && t.hour <= 24 && t.minute >= 0 &&
		    t.minute < 60));
}

/* The time of a property; a null time after a fault. */
static struct icaltimetype
time_of(struct reader *r, const struct event *e, icalproperty *p)
{
	struct icaltimetype none = { .year = 0 },
			    t = call.icalproperty_get_datetime_with_component(p,
				e->c);
	icalparameter *zone =
	    call.icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
	char *why;

	if (!is_sound(t)) {
		fault(r, e->line, "one of its dates is none");
		return none;
	}
	if (zone != NULL && t.zone == NULL && !t.is_date) {
		why = xformat("there is no time zone '%s'",
		    call.icalparameter_get_tzid(zone));
		fault(r, e->line, why);
		free(why);
		return none;
	}
	return t;
}

static icalproperty *
first(const struct event *e, icalproperty_kind kind)
{
	return call.icalcomponent_get_first_property(e->c, kind);
}

static icalproperty *
next(const struct event *e, icalproperty_kind kind)
{
	return call.icalcomponent_get_next_property(e->c, kind);
}

static bool
same_moment(const struct moment *a, const struct moment *b)
{
	return a->at == b->at ||
	    (a->whole != b->whole && a->at / DAY_MIN == b->at / DAY_MIN);
}

static void
leave_out(struct reader *r, struct event *e, struct icaltimetype t)
{
	step(r, e->line);
	if (call.icaltime_is_null_time(t))
		return;
	e->out = xrealloc(e->out, (e->nout + 1) * sizeof(*e->out));
	e->out[e->nout++] = moment_of(r, t);
}

/* The dates that the event itself takes out, and those in whose place another
 * event of the calendar stands. */
static void
find_left_out(struct reader *r, struct event *e, const struct events *events)
{
	const char *uid = call.icalcomponent_get_uid(e->c), *its;
	struct event other = { .line = e->line };
	icalproperty *p;
	size_t i;

	for (p = first(e, ICAL_EXDATE_PROPERTY); p != NULL && goes_on(r);
	     p = next(e, ICAL_EXDATE_PROPERTY))
		leave_out(r, e, time_of(r, e, p));
	for (i = 0; uid != NULL && i < events->noverrides && goes_on(r); i++) {
		other.c = events->overrides[i];
		its = call.icalcomponent_get_uid(other.c);
		step(r, e->line);
		if (its != NULL && strcmp(its, uid) == 0)
			leave_out(r, e,
			    time_of(r, &other,
				first(&other, ICAL_RECURRENCEID_PROPERTY)));
	}
}

static bool
is_left_out(struct reader *r, const struct event *e, const struct moment *m)
{
	size_t i;

	for (i = 0; i < e->nout; i++) {
		step(r, e->line);
		if (same_moment(&e->out[i], m))
			return true;
	}
	return false;
}

static void
occurs(struct reader *r, const struct event *e, struct icaltimetype t)
{
	struct moment m = moment_of(r, t);

	if (!is_left_out(r, e, &m))
		span_add(r, &m, e->takes, e->line);
}

/* The dates of a rule but the first, which is the event's own. */
static void
repeats(struct reader *r, const struct event *e, icalproperty *p,
    struct icaltimetype begin)
{
	struct icalrecurrencetype rule = call.icalproperty_get_rrule(p);
	struct icaltimetype t;
	icalrecur_iterator *it;

	if (rule.freq < ICAL_DAILY_RECURRENCE ||
	    rule.freq > ICAL_YEARLY_RECURRENCE) {
		fault(r, e->line, "it repeats more often than every day");
		return;
	}
	if (begin.year < BEGINS_MIN || ++r->rules > RULES_MAX) {
		fault(r, e->line,
		    begin.year < BEGINS_MIN ?
			"what repeats begins before 1900" :
			"more than 500 events of a file repeat");
		return;
	}
	if (call.icaltime_is_null_time(rule.until) ||
	    rule.until.year >= CALENDAR_UNTIL)
		rule.until = (struct icaltimetype){ .year = CALENDAR_UNTIL,
			.month = 1,
			.day = 1,
			.is_date = 1 };
	it = call.icalrecur_iterator_new(rule, begin);
	if (it == NULL) {
		fault(r, e->line, "the rule by which it repeats has no sense");
		return;
	}
	while (goes_on(r)) {
		t = call.icalrecur_iterator_next(it);
		if (call.icaltime_is_null_time(t) || t.year >= CALENDAR_UNTIL)
			break;
		step(r, e->line);
		if (t.year >= CALENDAR_FROM - 1)
			occurs(r, e, t);
	}
	call.icalrecur_iterator_free(it);
}

/* How long it takes: -1 after a fault. */
static int64_t
takes(struct reader *r, const struct event *e)
{
	icalproperty *p = first(e, ICAL_DTEND_PROPERTY);
	struct icaltimetype t;
	struct moment end;
	int64_t len;

	if (p != NULL) {
		t = time_of(r, e, p);
		if (call.icaltime_is_null_time(t))
			return -1;
		end = moment_of(r, t);
		len = end.at - e->begin.at;
		if (end.whole != e->begin.whole || len < 0) {
			fault(r, e->line,
			    end.whole != e->begin.whole ?
				"one of its ends is a day and one a time" :
				"it ends before it begins");
			return -1;
		}
	} else {
		p = first(e, ICAL_DURATION_PROPERTY);
		len = p == NULL ? 0 :
				  call.icaldurationtype_as_int(
				      call.icalproperty_get_duration(p)) /
			60;
		if (len < 0) {
			fault(r, e->line, "it ends before it begins");
			return -1;
		}
	}
	if (e->begin.whole) /* some write the same day twice */
		len = len < DAY_MIN ? DAY_MIN : len - len % DAY_MIN;
	return len;
}

static int
line_of(const struct event *e)
{
	icalproperty *p = first(e, ICAL_X_PROPERTY);

	return p != NULL ? (int)strtol(call.icalproperty_get_x(p), NULL, 10) :
			   0;
}

/* Whether nothing of it says that it does not count. */
static bool
counts(const struct event *e)
{
	icalproperty *p = first(e, ICAL_STATUS_PROPERTY);

	if (p != NULL &&
	    call.icalproperty_get_status(p) == ICAL_STATUS_CANCELLED)
		return false;
	p = first(e, ICAL_TRANSP_PROPERTY);
	return e->begin.whole || p == NULL ||
	    call.icalproperty_get_transp(p) != ICAL_TRANSP_TRANSPARENT;
}

/* What RRULE and RDATE add. */
static void
dates_read(struct reader *r, const struct event *e, struct icaltimetype begin)
{
	struct icaltimetype t;
	icalproperty *p;

	for (p = first(e, ICAL_RRULE_PROPERTY); p != NULL && goes_on(r);
	     p = next(e, ICAL_RRULE_PROPERTY))
		repeats(r, e, p, begin);
	for (p = first(e, ICAL_RDATE_PROPERTY); p != NULL && goes_on(r);
	     p = next(e, ICAL_RDATE_PROPERTY)) {
		step(r, e->line);
		t = call.icalproperty_get_rdate(p).time;
		if (call.icaltime_is_null_time(t)) {
			fault(r, e->line, "an RDATE of periods is not read");
			break;
		}
		t = time_of(r, e, p);
		if (!call.icaltime_is_null_time(t))
			occurs(r, e, t);
	}
}

static void
event_read(struct reader *r, const struct events *events, icalcomponent *c)
{
	struct event e = { .c = c };
	struct icaltimetype begin;
	icalproperty *p;

	e.line = line_of(&e);
	step(r, e.line);
	if (++r->events == EVENTS_MAX + 1)
		fault(r, e.line, "a calendar has at most 10000 events");
	if (r->steps <= STEPS_MAX && processor_ms() > r->until_ms) {
		r->steps = STEPS_MAX;
		step(r, e.line);
	}
	if (r->events > EVENTS_MAX || !goes_on(r))
		return;
	p = first(&e, ICAL_XLICERROR_PROPERTY);
	if (p != NULL) {
		fault_of_library(r, e.line, call.icalproperty_get_xlicerror(p));
		return;
	}
	p = first(&e, ICAL_DTSTART_PROPERTY);
	if (p == NULL) {
		fault(r, e.line, "the event says not when it begins");
		return;
	}
	begin = time_of(r, &e, p);
	if (call.icaltime_is_null_time(begin))
		return;
	e.begin = moment_of(r, begin);
	e.takes = takes(r, &e);
	if (e.takes < 0 || !counts(&e))
		return;
	p = first(&e, ICAL_RECURRENCEID_PROPERTY);
	if (p != NULL &&
	    call.icalproperty_get_first_parameter(p, ICAL_RANGE_PARAMETER) !=
		NULL)
		fault(r, e.line, "a RECURRENCE-ID with a RANGE is not read");
	if (p != NULL) {
		span_add(r, &e.begin, e.takes, e.line);
		return;
	}
	find_left_out(r, &e, events);
	occurs(r, &e, begin);
	dates_read(r, &e, begin);
	free(e.out);
}

static void
calendar_events(struct reader *r, icalcomponent *calendar)
{
	struct events events = { .count = 0 };
	icalcomponent *c;
	size_t i;

	for (c = call.icalcomponent_get_first_component(calendar,
		 ICAL_VEVENT_COMPONENT);
	     c != NULL; c = call.icalcomponent_get_next_component(calendar,
			    ICAL_VEVENT_COMPONENT)) {
		events.all = xrealloc(events.all,
		    (events.count + 1) * sizeof(icalcomponent *));
		events.all[events.count++] = c;
		if (call.icalcomponent_get_first_property(c,
			ICAL_RECURRENCEID_PROPERTY) == NULL)
			continue;
		events.overrides = xrealloc(events.overrides,
		    (events.noverrides + 1) * sizeof(icalcomponent *));
		events.overrides[events.noverrides++] = c;
	}
	for (i = 0; i < events.count && goes_on(r); i++)
		event_read(r, &events, events.all[i]);
	free(events.all);
	free(events.overrides);
}

/* --- the lines of a file --- */

enum where { OUTSIDE, IN_CALENDAR, IN_EVENT, IN_ZONE, IN_HALF };

struct lines {
	struct reader *r;
	icalparser *parser;
	enum where in;
	int other; /* how deep in what is none of these */
	int begun; /* the line of the calendar */
	bool any;
};

static const struct {
	const char *name;
	enum where outside, inside;
} components[] = { { "VCALENDAR", OUTSIDE, IN_CALENDAR },
	{ "VEVENT", IN_CALENDAR, IN_EVENT },
	{ "VTIMEZONE", IN_CALENDAR, IN_ZONE }, { "STANDARD", IN_ZONE, IN_HALF },
	{ "DAYLIGHT", IN_ZONE, IN_HALF } };

/* What says when. */
static const char *const event_names[] = { "DTEND", "DTSTART", "DURATION",
	"EXDATE", "RDATE", "RECURRENCE-ID", "RRULE", "STATUS", "TRANSP", "UID",
	NULL };
static const char *const half_names[] = { "DTSTART", "RDATE", "RRULE",
	"TZOFFSETFROM", "TZOFFSETTO", NULL };
static const char *const zone_names[] = { "TZID", NULL };

static bool
is_named(const char *line, const char *const *list)
{
	size_t len = strcspn(line, ":;");

	for (; *list != NULL; list++)
		if (strlen(*list) == len && strncasecmp(line, *list, len) == 0)
			return true;
	return false;
}

static void
feed(struct lines *l, char *line)
{
	icalcomponent *c = call.icalparser_add_line(l->parser, line);

	if (c != NULL) {
		calendar_events(l->r, c);
		call.icalcomponent_free(c);
	}
}

/* BEGIN and END, the name of what behind the colon. */
static void
bound(struct lines *l, char *line, int number, bool begins)
{
	const char *name = strchr(line, ':') + 1;
	char *mark;
	size_t i;

	for (i = 0;
	     l->other == 0 && i < sizeof(components) / sizeof(*components); i++)
		if (strcasecmp(name, components[i].name) == 0 &&
		    l->in ==
			(begins ? components[i].outside : components[i].inside))
			break;
	if (l->other > 0 || i == sizeof(components) / sizeof(*components)) {
		if (!begins && l->other == 0)
			fault(l->r, number, "ends what has not begun");
		else
			l->other += begins ? 1 : -1;
		return;
	}
	l->in = begins ? components[i].inside : components[i].outside;
	if (l->in == IN_CALENDAR && begins) {
		l->begun = number;
		l->any = true;
	}
	feed(l, line);
	if (l->in != IN_EVENT || !begins)
		return;
	mark = xformat(LINE_NAME ":%d", number);
	feed(l, mark);
	free(mark);
}

/* A line whose folds are undone. */
static void
line_read(struct lines *l, char *line, int number)
{
	const char *const *wanted = l->in == IN_EVENT ? event_names :
	    l->in == IN_ZONE			      ? zone_names :
	    l->in == IN_HALF			      ? half_names :
							NULL;
	bool begins = strncasecmp(line, "BEGIN:", 6) == 0;

	if (*line == '\0')
		return;
	if (begins || strncasecmp(line, "END:", 4) == 0) {
		bound(l, line, number, begins);
		return;
	}
	if (l->in == OUTSIDE) {
		fault(l->r, number, "no calendar: BEGIN:VCALENDAR is expected");
		return;
	}
	if (strpbrk(line, ":") == NULL && l->other == 0)
		fault(l->r, number, "a line of a calendar has a colon");
	else if (l->other == 0 && wanted != NULL && is_named(line, wanted)) {
		/* Zones change by the year: else they cost without bound. */
		if (l->in == IN_HALF &&
		    is_named(line, (const char *[]){ "RRULE", NULL }) &&
		    strcasestr(line, "FREQ=YEARLY") == NULL)
			fault(l->r, number, "a time zone changes by the year");
		else
			feed(l, line);
	}
}

static void
lines_read(struct lines *l, char *text)
{
	char *p = text + strspn(text, "\r\n"), *end, *from, *to;
	int number = 1, begun;

	for (from = text; from < p; from++)
		number += *from == '\n';
	while (*p != '\0' && goes_on(l->r)) {
		begun = number;
		/* Undo the folds in place: a line goes on behind a blank. */
		for (from = to = p; *from != '\0';) {
			if (*from == '\r' && from[1] == '\n') {
				from++;
			} else if (*from == '\n') {
				number++;
				from++;
				if (*from != ' ' && *from != '\t')
					break;
				from++;
			} else
				*to++ = *from++;
		}
		end = from;
		if (to < end)
			*to = '\0';
		while (to > p && (to[-1] == ' ' || to[-1] == '\t'))
			*--to = '\0';
		/* A mark also where files stand one behind another. */
		line_read(l, p + (skip_mark(p) - p), begun);
		if (l->in == OUTSIDE && l->r->code < 0 && !l->any)
			break; /* no calendar at all */
		p = end;
	}
	if (!goes_on(l->r) || (l->r->code < 0 && !l->any))
		return;
	if (l->in != OUTSIDE)
		fault(l->r, l->begun,
		    "the calendar that begins here has no end");
	else if (!l->any)
		fault(l->r, 1, "no calendar: BEGIN:VCALENDAR is expected");
}

static int
by_begin(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->until < y->until ? -1 : x->until > y->until;
}

int
calendar_read(const char *path, const char *text, const struct zone *zone,
    void (*say)(void *ctx, const char *text), void *ctx, struct span **ret,
    size_t *ret_count)
{
	struct reader r = { .until_ms = processor_ms() + READ_MAX_MS,
		.path = path,
		.zone = zone,
		.say = say,
		.ctx = ctx };
	struct lines l = { .r = &r };
	char *copy;

	if (load() < 0) {
		char *why = xstrdup(err_reason());

		fault(&r, 1, why);
		free(why);
		return r.code;
	}
	l.parser = call.icalparser_new();
	copy = xstrdup(skip_mark(text));
	lines_read(&l, copy);
	free(copy);
	call.icalparser_free(l.parser);
	if (r.code < 0) {
		free(r.spans);
		return r.code;
	}
	if (r.count > 0)
		qsort(r.spans, r.count, sizeof(*r.spans), by_begin);
	*ret = r.spans;
	*ret_count = r.count;
	return 0;
}
