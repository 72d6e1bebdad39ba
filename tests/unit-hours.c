/* The wall clock of zones against the C library's, and opening hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/zone.h"
#include "desk/hours.h"
#include "desk/settings.h"

static const char *const zones[] = { "Europe/Berlin", "America/New_York",
	"Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca",
	"Asia/Kathmandu", "Asia/Gaza", "Europe/Dublin", "Pacific/Apia", "UTC",
	"Etc/GMT+5", "America/Nuuk", "Asia/Tehran", NULL };

/* As the C library sees it. */
static void
same_as_libc(const char *name)
{
	struct zone *z;
	struct wall wall;
	struct tm tm;
	time_t at, end;
	int64_t days;

	setenv("TZ", name, 1);
	tzset();
	assert_int_equal(zone_open(name, &z), 0);
	/* 1965 to 2090 in steps that meet every hour of the day. */
	end = (time_t)date_days(2090, 1, 1) * 86400;
	for (at = (time_t)date_days(1965, 1, 1) * 86400; at < end;
	     at += 6 * 3600 + 1733) {
		localtime_r(&at, &tm);
		zone_wall(z, (int64_t)at * 1000, &wall);
		days = date_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
		if (wall.day != days ||
		    wall.second !=
			tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec ||
		    wall.weekday != (tm.tm_wday + 6) % 7)
			fail_msg("%s at %ld: day %ld second %d", name, (long)at,
			    (long)wall.day, wall.second);
	}
	zone_close(z);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
zones_are_as_libc_has_them(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; zones[i] != NULL; i++)
		same_as_libc(zones[i]);
}

static void
zone_names_are_checked(void **state)
{
	static const char *const bad[] = { "", "Europe/Bielefeld",
		"/etc/passwd", "../../../etc/localtime", "Europe", "CET 1",
		"tzdata.zi", NULL };
	struct zone *z;
	size_t i;

	(void)state;
	for (i = 0; bad[i] != NULL; i++)
		assert_int_equal(zone_open(bad[i], &z), ERR_CONFIG);
}

static void
dates_go_there_and_back(void **state)
{
	int64_t day;
	int y, m, d;

	(void)state;
	assert_int_equal(date_days(1970, 1, 1), 0);
	assert_int_equal(date_days(2000, 3, 1), 11017);
	for (day = -200000; day < 200000; day++) {
		days_date(day, &y, &m, &d);
		assert_int_equal(date_days(y, m, d), day);
	}
}

static struct conf *
conf_of(const char *text)
{
	struct conf *c;

	assert_int_equal(file_put("hours.conf", text, strlen(text), 0600), 0);
	assert_int_equal(conf_open_file("hours.conf", &c), 0);
	return c;
}

static int64_t
at(const char *text)
{
	int64_t ms;

	assert_int_equal(time_parse(text, &ms), 0);
	return ms;
}

struct moment {
	const char *time;
	int open;
};

static void
expect(const char *text, const struct moment *m)
{
	struct conf *c = conf_of(text);
	int got;

	for (; m->time != NULL; m++) {
		got = hours_open(c, "x", at(m->time));
		if (got != m->open)
			fail_msg("%s: %d, not %d (%s)", m->time, got, m->open,
			    err_reason());
	}
	conf_close(c);
}

static void
a_week(void **state)
{
	static const struct moment m[] = { { "2026-11-23T08:59:59+01:00",
					       0 }, /* a Monday */
		{ "2026-11-23T09:00:00+01:00", 1 },
		{ "2026-11-23T12:29:59.999+01:00", 1 },
		{ "2026-11-23T12:30:00+01:00", 0 },
		{ "2026-11-23T13:30:00+01:00", 1 },
		{ "2026-11-27T17:30:00+01:00",
		    0 }, /* Friday: a key of its own */
		{ "2026-11-27T10:00:00+01:00", 1 },
		{ "2026-11-28T10:00:00+01:00", 0 }, /* Saturday: not named */
		{ "2026-11-29T23:59:00+01:00", 1 }, /* Sunday: all day */
		{ "2026-11-30T00:00:00+01:00", 0 }, { NULL, 0 } };

	(void)state;
	expect("[hours x]\nzone = Europe/Berlin\nfri = 09:00-12:00\n"
	       "mon-fri = 09:00-12:30 13:30-18:00\nsun = 00:00-24:00\n",
	    m);
}

static void
past_midnight(void **state)
{
	static const struct moment m[] = { { "2026-11-27T21:59:00Z", 0 },
		{ "2026-11-27T22:00:00Z", 1 }, { "2026-11-28T01:59:00Z", 1 },
		{ "2026-11-28T02:00:00Z", 0 },
		{ "2026-11-29T01:00:00Z", 1 }, /* Saturday's, now Sunday */
		{ "2026-11-30T01:00:00Z", 0 }, /* Sunday has none of its own */
		{ NULL, 0 } };

	(void)state;
	expect("[hours x]\nfri,sat = 22:00-02:00\n", m);
}

/* Nights of clock changes, in zones that change at other times and ways. */
static void
clock_changes(void **state)
{
	static const struct moment berlin[] = { { "2026-03-29T00:59:00Z",
						    1 }, /* 01:59 */
		{ "2026-03-29T01:00:00Z", 0 }, /* 03:00: 02:xx is skipped */
		{ "2026-10-25T00:30:00Z", 1 }, /* 02:30, the first time */
		{ "2026-10-25T01:30:00Z", 1 }, /* 02:30, the second time */
		{ "2026-10-25T02:00:00Z", 0 }, /* 03:00 */
		{ NULL, 0 } };
	static const struct moment york[] = { { "2026-03-08T06:59:00Z", 1 },
		{ "2026-03-08T07:00:00Z", 0 }, { "2026-11-01T05:30:00Z", 1 },
		{ "2026-11-01T06:30:00Z", 1 }, { "2026-11-01T08:00:00Z", 0 },
		{ NULL, 0 } };
	static const struct moment lord_howe[] = { /* by half an hour */
		{ "2026-04-04T14:59:00Z", 1 },	   /* 01:59 +11 */
		{ "2026-04-04T15:00:00Z", 1 },	   /* 01:30 +10:30 again */
		{ "2026-04-04T16:29:00Z", 1 },	   /* 02:59 */
		{ "2026-04-04T16:30:00Z", 0 }, { NULL, 0 }
	};
	static const struct moment santiago[] = { /* at midnight */
		{ "2026-09-06T03:59:00Z", 0 },	  /* Saturday 23:59 */
		{ "2026-09-06T04:00:00Z", 1 }, /* Sunday 01:00: 00:xx is not */
		{ "2026-09-06T06:00:00Z", 0 }, /* 03:00 */
		{ NULL, 0 }
	};

	(void)state;
	expect("[hours x]\nzone=Europe/Berlin\nsun=01:00-03:00\n", berlin);
	expect("[hours x]\nzone=America/New_York\nsun=01:00-03:00\n", york);
	expect("[hours x]\nzone=Australia/Lord_Howe\nsun=01:00-03:00\n",
	    lord_howe);
	expect("[hours x]\nzone=America/Santiago\nsun=00:00-03:00\n", santiago);
}

static void
holidays(void **state)
{
	static const char dates[] =
	    "# closed\n2026-12-25 # Christmas\n01-01\n"
	    "12-24 09:00-12:00\n2027-01-01 10:00-11:00\n";
	static const struct moment m[] = { { "2026-12-23T15:00:00Z", 1 },
		{ "2026-12-24T10:00:00Z", 1 }, { "2026-12-24T15:00:00Z", 0 },
		{ "2026-12-25T10:00:00Z", 0 },
		{ "2027-01-01T10:00:00Z", 1 }, /* the dated line wins */
		{ "2027-01-01T12:00:00Z", 0 }, { "2030-01-01T12:00:00Z", 0 },
		{ NULL, 0 } };
	static const char *const bad[] = { "2026-02-30", "25.12.2026",
		"2026-12-25 lunch", "13-01", "2026-1-1", NULL };
	struct conf *c;
	size_t i;

	(void)state;
	assert_int_equal(file_put("dates", dates, strlen(dates), 0600), 0);
	expect("[hours x]\nmon-sun=09:00-18:00\nholidays = dates\n", m);
	for (i = 0; bad[i] != NULL; i++) {
		file_put("dates", bad[i], strlen(bad[i]), 0600);
		c = conf_of("[hours x]\nmon=09:00-18:00\nholidays=dates\n");
		assert_int_equal(hours_open(c, "x", 0), ERR_CONFIG);
		assert_non_null(strstr(err_reason(), "dates:1: "));
		conf_close(c);
	}
}

#define EVENT(text) "BEGIN:VEVENT\r\n" text "END:VEVENT\r\n"
#define CALENDAR(text) \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" text "END:VCALENDAR\r\n"

/* Open from 9 to 18 in Berlin, and on Fridays past midnight. */
static void
expect_calendar(const char *text, const struct moment *m)
{
	assert_int_equal(file_put("dates", text, strlen(text), 0600), 0);
	expect("[hours x]\nzone=Europe/Berlin\nmon-sun=09:00-18:00\n"
	       "fri=20:00-02:00\nholidays = dates\n",
	    m);
}

static void
calendar_days(void **state)
{
	/* A mark, folds, an end that is not in it, free all day, cancelled. */
	static const char days[] = "\xef\xbb\xbf" CALENDAR(
	    EVENT("UID:a\r\nSUMMARY:Long\r\n  name\r\nDTSTART;VALUE=DA\r\n"
		  " TE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n"
		  "TRANSP:TRANSPARENT\r\nX-WHAT:;;:\r\n"
		  "BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nEND:VALARM\r\n"))
	    CALENDAR(EVENT("DTSTART;VALUE=DATE:20261201\r\nDURATION:P2D\r\n")
		    EVENT("DTSTART;VALUE=DATE:20261205\r\n"
			  "STATUS:CANCELLED\r\n")
			EVENT("DTSTART;VALUE=DATE:20261210\r\n"));
	static const struct moment m[] = { { "2026-12-23T12:00:00Z", 1 },
		{ "2026-12-24T12:00:00Z", 0 }, { "2026-12-26T12:00:00Z", 0 },
		{ "2026-12-27T12:00:00Z", 1 }, { "2026-12-01T12:00:00Z", 0 },
		{ "2026-12-02T12:00:00Z", 0 }, { "2026-12-03T12:00:00Z", 1 },
		{ "2026-12-05T12:00:00Z", 1 }, { "2026-12-10T12:00:00Z", 0 },
		{ "2026-12-11T12:00:00Z", 0 }, /* a Friday evening */
		{ "2026-12-11T20:00:00Z", 1 }, { NULL, 0 } };

	(void)state;
	expect_calendar(days, m);
}

static void
calendar_rules(void **state)
{
	/* Yearly, the fourth Thursday, until, count, and what is taken out,
	 * added and moved. */
	static const char rules[] = CALENDAR(
	    EVENT("DTSTART;VALUE=DATE:20001225\nRRULE:FREQ=YEARLY\n") EVENT(
		"DTSTART;VALUE=DATE:20201126\n"
		"RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\n")
		EVENT("DTSTART;VALUE=DATE:20250601\n"
		      "RRULE:FREQ=YEARLY;UNTIL=20260601\n")
		    EVENT("DTSTART;VALUE=DATE:20260701\n"
			  "RRULE:FREQ=DAILY;COUNT=2\n")
			EVENT("UID:moved\nDTSTART;VALUE=DATE:20250803\n"
			      "RRULE:FREQ=YEARLY\n"
			      "EXDATE;VALUE=DATE:20260803,20270803\n"
			      "RDATE;VALUE=DATE:20260805,20260806\n")
			    EVENT(
				"UID:moved\nRECURRENCE-ID;VALUE=DATE:20280803\n"
				"DTSTART;VALUE=DATE:20280804\n"));
	static const struct moment m[] = { { "2026-12-25T21:00:00Z", 0 },
		{ "2049-12-25T12:00:00Z", 0 }, { "2026-11-26T12:00:00Z", 0 },
		{ "2026-11-19T12:00:00Z", 1 }, { "2027-11-25T12:00:00Z", 0 },
		{ "2026-06-01T12:00:00Z", 0 }, { "2027-06-01T12:00:00Z", 1 },
		{ "2026-07-02T12:00:00Z", 0 }, { "2026-07-04T12:00:00Z", 1 },
		{ "2026-08-03T12:00:00Z", 1 }, { "2027-08-03T12:00:00Z", 1 },
		{ "2026-08-05T12:00:00Z", 0 }, { "2026-08-06T12:00:00Z", 0 },
		{ "2028-08-03T12:00:00Z", 1 }, { "2028-08-04T19:00:00Z", 0 },
		{ "2029-08-03T19:00:00Z", 0 }, { NULL, 0 } };

	(void)state;
	expect_calendar(rules, m);
}

static void
calendar_times(void **state)
{
	/* By the wall of the hours, by UTC, a zone of the system and one of the
	 * file; what is free with times shuts nothing. */
	static const char times[] = CALENDAR(
	    "BEGIN:VTIMEZONE\nTZID:Eastern Standard Time\n"
	    "BEGIN:STANDARD\nDTSTART:16010101T020000\nTZOFFSETFROM:-0400\n"
	    "TZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\n"
	    "END:STANDARD\n"
	    "BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:-0500\n"
	    "TZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\n"
	    "END:DAYLIGHT\nEND:VTIMEZONE\n" EVENT(
		"DTSTART:20261201T120000\nDTEND:20261201T140000\n")
		EVENT("DTSTART:20261202T120000Z\nDURATION:PT1H\n") EVENT(
		    "DTSTART;TZID=America/New_York:20261203T060000\n"
		    "DURATION:PT1H\n")
		    EVENT("DTSTART;TZID=Eastern Standard Time:20260707T060000\n"
			  "DURATION:PT1H\n")
			EVENT("DTSTART:20261207T100000Z\nDURATION:PT1H\n"
			      "TRANSP:TRANSPARENT\n")
			    EVENT("DTSTART:20261205T003000\n"
				  "DURATION:PT30M\n"));
	static const struct moment m[] = { { "2026-12-01T10:59:00Z", 1 },
		{ "2026-12-01T11:00:00Z", 0 }, { "2026-12-01T12:59:00Z", 0 },
		{ "2026-12-01T13:00:00Z", 1 }, { "2026-12-02T11:59:00Z", 1 },
		{ "2026-12-02T12:00:00Z", 0 }, { "2026-12-02T13:00:00Z", 1 },
		{ "2026-12-03T10:59:00Z", 1 }, { "2026-12-03T11:00:00Z", 0 },
		{ "2026-12-03T12:00:00Z", 1 }, { "2026-07-07T09:59:00Z", 1 },
		{ "2026-07-07T10:00:00Z", 0 }, { "2026-07-07T11:00:00Z", 1 },
		{ "2026-12-07T10:30:00Z", 1 }, { "2026-12-04T23:29:00Z", 1 },
		{ "2026-12-04T23:30:00Z", 0 }, { "2026-12-05T00:00:00Z", 1 },
		{ NULL, 0 } };

	(void)state;
	expect_calendar(times, m);
}

#define EXPORTED(events) \
	"\xef\xbb\xbf"   \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" events "END:VCALENDAR\r\n"

static void
calendars_as_exported(void **state)
{
	/* As exported: days, folded lines, a zone of its own, text around. */
	static const char text[] = EXPORTED("X-WR-CALNAME:Holidays\r\n" EVENT(
	    "UID:a@x\r\nDTSTART;VALUE=DATE:20261225\r\n"
	    "DTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas, long\r\n"
	    " er than a line\r\nTRANSP:TRANSPARENT\r\nDESCRIPTION:\r\n")
		EVENT(
		    /* The fourth Thursday of November, but in 2027 the third. */
		    "UID:b@x\r\nDTSTART;VALUE=DATE:20201126\r\n"
		    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"
		    "SUMMARY:Thanksgiving\r\nEXDATE;VALUE=DATE:20241128\r\n")
		    EVENT("UID:b@x\r\nRECURRENCE-ID;VALUE=DATE:20271125\r\n"
			  "DTSTART;VALUE=DATE:20271118\r\n")
			EVENT(
			    "UID:c@x\r\nDTSTART:20261201T110000Z\r\nDURATION:PT90M\r\n")
			    EVENT(
				"UID:d@x\r\nDTSTART;TZID=America/New_York:20261202T060000\r\n"
				"DTEND;TZID=America/New_York:20261202T070000\r\n")
				EVENT(
				    "UID:e@x\r\nDTSTART:20261203T100000\r\nDTEND:20261203T110000\r\n"
				    "RRULE:FREQ=WEEKLY;COUNT=2\r\n")
				    EVENT(
					"UID:f@x\r\nDTSTART:20261204T100000\r\nDTEND:20261204T110000\r\n"
					"TRANSP:TRANSPARENT\r\n")
					EVENT(
					    "UID:g@x\r\nDTSTART;VALUE=DATE:20261207\r\n"
					    "STATUS:CANCELLED\r\n")
					    EVENT(
						"UID:h@x\r\nDTSTART;VALUE=DATE:20260101\r\n"
						"RDATE;VALUE=DATE:20261208,20261209\r\n"))
	    EXPORTED(EVENT(
		"UID:a@x\r\nDTSTART:20261214\r\n") "BEGIN:VTIMEZONE\r\nTZID:Our zone\r\nBEGIN:STANDARD\r\n"
						   "DTSTART:16010101T000000\r\nTZOFFSETFROM:+0300\r\n"
						   "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT(
						       "UID:i@x\r\nDTSTART;TZID=Our zone:20261215T120000\r\n"
						       "DTEND;TZID=Our zone:20261215T130000\r\n"));
	static const struct moment m[] = { { "2026-12-25T10:00:00Z", 0 },
		{ "2026-12-26T10:00:00Z", 0 }, { "2026-12-27T10:00:00Z", 1 },
		{ "2026-11-26T10:00:00Z", 0 }, { "2025-11-27T10:00:00Z", 0 },
		{ "2024-11-28T10:00:00Z", 1 }, { "2027-11-25T10:00:00Z", 1 },
		{ "2027-11-18T10:00:00Z", 0 }, { "2028-11-23T10:00:00Z", 0 },
		{ "2026-12-01T10:59:00Z", 1 }, { "2026-12-01T11:00:00Z", 0 },
		{ "2026-12-01T12:29:59Z", 0 }, { "2026-12-01T12:30:00Z", 1 },
		{ "2026-12-02T10:59:00Z", 1 }, { "2026-12-02T11:00:00Z", 0 },
		{ "2026-12-02T12:00:00Z", 1 }, { "2026-12-03T09:00:00Z", 0 },
		{ "2026-12-03T10:00:00Z", 1 }, { "2026-12-10T09:30:00Z", 0 },
		{ "2026-12-17T09:30:00Z", 1 }, { "2026-12-04T09:30:00Z", 1 },
		{ "2026-12-07T10:00:00Z", 1 }, { "2026-12-08T10:00:00Z", 0 },
		{ "2026-12-09T10:00:00Z", 0 }, { "2026-12-14T10:00:00Z", 0 },
		{ "2026-12-15T09:30:00Z", 0 }, { "2026-12-15T10:00:00Z", 1 },
		{ NULL, 0 } };

	(void)state;
	assert_int_equal(file_put("dates", text, strlen(text), 0600), 0);
	expect("[hours x]\nzone = Europe/Berlin\nmon-sun=08:00-18:00\n"
	       "holidays = dates\n",
	    m);
}

/* The night of a day that is shut is shut, that before it is not; hours that are
 * cut out are cut out of the night, too. */
static void
calendar_nights(void **state)
{
	static const char text[] = EXPORTED(
	    EVENT("DTSTART;VALUE=DATE:20261225\r\n")
		EVENT("DTSTART:20261228T233000\r\nDTEND:20261229T010000\r\n"));
	static const struct moment m[] = { { "2026-12-25T01:00:00Z", 1 },
		{ "2026-12-25T22:30:00Z", 0 }, { "2026-12-26T01:00:00Z", 0 },
		{ "2026-12-28T23:00:00Z", 1 }, { "2026-12-28T23:30:00Z", 0 },
		{ "2026-12-29T00:59:00Z", 0 }, { "2026-12-29T01:00:00Z", 1 },
		{ "2026-12-29T02:00:00Z", 0 }, { NULL, 0 } };

	(void)state;
	assert_int_equal(file_put("dates", text, strlen(text), 0600), 0);
	expect("[hours x]\nmon-sun=22:00-02:00\nholidays = dates\n", m);
}

static void
calendar_faults(void **state)
{
	static const char *const bad[][2] = {
		{ CALENDAR("X:1\n" EVENT("UID:a\n")), "dates:4: " },
		{ CALENDAR(EVENT("DTSTART;VALUE=DATE:2026-1-1\n")),
		    "dates:3: " },
		{ CALENDAR(EVENT("DTSTART:20260101T000000\n"
				 "RRULE:FREQ=SECONDLY\n")),
		    "dates:3: it repeats more often than every day" },
		{ CALENDAR(
		      EVENT("DTSTART:20260101T000000\nRRULE:FREQ=OFTEN\n")),
		    "dates:3: " },
		{ CALENDAR(EVENT("DTSTART;TZID=Mars:20260101T000000\n")),
		    "dates:3: there is no time zone 'Mars'" },
		{ CALENDAR(EVENT("DTSTART:20260102T000000\n"
				 "DTEND:20260101T000000\n")),
		    "dates:3: it ends before it begins" },
		{ CALENDAR(EVENT(
		      "DTSTART:20260102T000000\n") "BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\n"
						   "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"),
		    "dates:9: a time zone changes by the year" },
		{ "BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
		    "dates:1: the calendar that begins here has no end" },
		{ CALENDAR("") "<html>\n",
		    "dates:4: no calendar: BEGIN:VCALENDAR is expected" },
		{ CALENDAR("nothing\n"), "dates:3: a line of a calendar" },
		{ NULL, NULL }
	};
	struct conf *c;
	size_t i;

	(void)state;
	for (i = 0; bad[i][0] != NULL; i++) {
		file_put("dates", bad[i][0], strlen(bad[i][0]), 0600);
		c = conf_of("[hours x]\nmon=09:00-18:00\nholidays=dates\n");
		if (hours_open(c, "x", 0) != ERR_CONFIG ||
		    strstr(err_reason(), bad[i][1]) == NULL)
			fail_msg("%zu: %s", i, err_reason());
		conf_close(c);
	}
}

static void
closed_periods(void **state)
{
	struct conf *c = conf_of("[hours x]\nmon-fri=09:00-17:00\n");
	struct hours *h;

	(void)state;
	assert_int_equal(hours_load(c, "x", &h), 0);
	assert_int_equal(hours_between(h, at("2026-11-27T17:00:00Z"),
			     at("2026-11-30T08:59:00Z")),
	    0); /* a weekend */
	assert_int_equal(hours_between(h, at("2026-11-27T16:59:00Z"),
			     at("2026-11-30T08:59:00Z")),
	    1);
	assert_int_equal(hours_between(h, at("2026-11-27T17:00:00Z"),
			     at("2026-11-30T09:00:00Z")),
	    1);
	assert_int_equal(hours_between(h, at("2020-01-01T00:00:00Z"),
			     at("2026-11-28T00:00:00Z")),
	    1);
	hours_free(h);
	conf_close(c);
}

/* Holidays are those of when the settings were read, as is all of them. */
static void
read_once(void **state)
{
	static const char *const text = "[hours x]\nmon-fri=09:00-17:00\n"
					"holidays=dates\n[hours y]\n"
					"mon-fri=09:00-10:00\n";
	int64_t noon_ms = at("2026-11-27T12:00:00Z");
	struct conf *c, *next;

	(void)state;
	assert_int_equal(file_put("dates", "2026-11-26\n", 11, 0600), 0);
	c = conf_of(text);
	assert_int_equal(hours_open(c, "x", noon_ms), 1);
	assert_int_equal(hours_open(c, "y", noon_ms), 0);
	assert_int_equal(file_put("dates", "2026-11-27\n", 11, 0600), 0);
	assert_int_equal(hours_open(c, "x", noon_ms), 1);
	assert_int_equal(hours_open(c, "x", at("2026-11-26T12:00:00Z")), 0);
	next = conf_of(text);
	assert_int_equal(hours_open(next, "x", noon_ms), 0);
	assert_int_equal(hours_open(c, "x", noon_ms), 1);
	conf_close(c);
	assert_int_equal(unlink("dates"), 0);
	assert_int_equal(hours_open(next, "x", noon_ms), 0);
	assert_int_equal(hours_open(next, "z", noon_ms), ERR_CONFIG);
	conf_close(next);
}

/* Time with open doors, counted a minute at a time. */
static int64_t
minutes_open(const struct hours *h, int64_t from_ms, int64_t to_ms)
{
	int64_t at_ms, n = 0;

	for (at_ms = from_ms; at_ms < to_ms; at_ms += 60000)
		n += hours_at(h, at_ms);
	return n;
}

/* From a time, over so many days, every 7 h and 13 min: what is counted is what
 * minutes say, and so much later it has passed. */
static void
same_as_minutes(const char *text, const char *from, int days)
{
	struct conf *c = conf_of(text);
	struct hours *h, *again;
	json_t *o;
	int64_t from_ms = at(from), to_ms, spent_ms, after_ms;
	int i;

	assert_int_equal(hours_load(c, "x", &h), 0);
	o = hours_json(h);
	assert_int_equal(hours_of_json(o, &again), 0);
	json_decref(o);
	for (i = 0; i < days * 3; i++) {
		to_ms = from_ms + i * (7 * 60 + 13) * INT64_C(60000);
		spent_ms = hours_spent(h, from_ms, to_ms);
		if (spent_ms != minutes_open(h, from_ms, to_ms) * 60000 ||
		    spent_ms != hours_spent(again, from_ms, to_ms))
			fail_msg("%s: %s and %d steps: %lld", text, from, i,
			    (long long)spent_ms);
		after_ms = hours_after(again, from_ms, spent_ms);
		if (after_ms > to_ms || after_ms < from_ms ||
		    hours_spent(h, from_ms, after_ms) != spent_ms)
			fail_msg("%s: %lld after %s", text, (long long)spent_ms,
			    from);
	}
	hours_free(h);
	hours_free(again);
	conf_close(c);
}

static void
time_is_counted_over_hours(void **state)
{
	static const char dates[] = "2026-12-25\n01-01\n02-29\n"
				    "12-24 09:00-12:00 23:00-01:00\n";
	static const char *const zones_of[] = { "Europe/Berlin",
		"America/New_York", "Australia/Lord_Howe", "America/Santiago",
		"Asia/Kathmandu", NULL };
	static const char *const from[] = { "2026-03-27T10:07:00Z",
		"2026-10-23T04:00:00Z", "2026-03-06T01:00:00Z",
		"2026-10-30T00:00:00Z", "2026-04-03T12:00:00Z",
		"2026-09-04T12:00:00Z", "2026-12-22T16:30:00Z",
		"2028-02-27T00:00:00Z", NULL };
	char *text;
	size_t i, k;

	(void)state;
	assert_int_equal(file_put("dates", dates, strlen(dates), 0600), 0);
	for (i = 0; zones_of[i] != NULL; i++)
		for (k = 0; from[k] != NULL; k++) {
			text = xformat("[hours x]\nzone=%s\nholidays=dates\n"
				       "mon-fri=09:00-12:30 13:30-18:00\n"
				       "sat,sun=22:00-03:00 00:30-02:10\n",
			    zones_of[i]);
			same_as_minutes(text, from[k], 12);
			free(text);
		}
}

static void
when_so_much_has_passed(void **state)
{
	static const struct {
		const char *from, *text;
		int minutes;
		const char *due;
	} t[] = {
		/* Friday half past four, two hours: Monday at ten. */
		{ "2026-11-27T16:00:00+01:00", "mon-fri=09:00-17:00", 120,
		    "2026-11-30T10:00:00+01:00" },
		/* At night: from the opening on. */
		{ "2026-11-25T03:00:00+01:00", "mon-fri=09:00-17:00", 60,
		    "2026-11-25T10:00:00+01:00" },
		/* To the closing: then, not the next morning. */
		{ "2026-11-25T16:00:00+01:00", "mon-fri=09:00-17:00", 60,
		    "2026-11-25T17:00:00+01:00" },
		/* Over Christmas. */
		{ "2026-12-24T11:30:00+01:00", "mon-fri=09:00-17:00", 60,
		    "2026-12-28T09:30:00+01:00" },
		/* The night that has 02:00 to 03:00 twice, and not at all. */
		{ "2026-10-25T01:30:00+02:00", "mon-sun=00:00-24:00", 120,
		    "2026-10-25T02:30:00+01:00" },
		{ "2026-03-29T01:30:00+01:00", "mon-sun=00:00-24:00", 60,
		    "2026-03-29T03:30:00+02:00" },
		{ "2026-03-29T00:00:00+01:00", "sun=01:00-04:00", 90,
		    "2026-03-29T03:30:00+02:00" },
	};
	static const char dates[] = "12-25\n12-24 09:00-12:00\n";
	struct conf *c;
	struct hours *h;
	char *text;
	size_t i;

	(void)state;
	assert_int_equal(file_put("dates", dates, strlen(dates), 0600), 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		text = xformat("[hours x]\nzone=Europe/Berlin\n"
			       "holidays=dates\n%s\n",
		    t[i].text);
		c = conf_of(text);
		assert_int_equal(hours_load(c, "x", &h), 0);
		if (hours_after(h, at(t[i].from), t[i].minutes * 60000) !=
		    at(t[i].due))
			fail_msg("%s, %d min after %s", t[i].text, t[i].minutes,
			    t[i].from);
		hours_free(h);
		conf_close(c);
		free(text);
	}
	c = conf_of("[hours x]\nmon=closed\n");
	assert_int_equal(hours_load(c, "x", &h), 0);
	assert_int_equal(hours_after(h, 0, 1), -1);
	assert_int_equal(hours_spent(h, 0, at("2026-11-25T03:00:00Z")), 0);
	hours_free(h);
	conf_close(c);
	assert_int_equal(hours_after(NULL, 5, 7), 12);
	assert_int_equal(hours_spent(NULL, 5, 12), 7);
}

static void
bad_hours(void **state)
{
	static const char *const bad[] = { "", "9-17", "09:00", "25:00-26:00",
		"09:00-09:00", "24:00-02:00", "09:60-10:00",
		"08:00-10:00 09:00-11:00", "09:00 - 17:00", "open",
		"-09:00-10:00", "09:00-24:01", NULL };
	static const char *const good[] = { "closed", " closed ", "9:00-17:30",
		"00:00-24:00", "22:00-02:00", "08:00-12:00 12:00-13:00",
		"08:00-12:00\n13:00-18:00", NULL };
	size_t i;

	(void)state;
	for (i = 0; bad[i] != NULL; i++)
		if (hours_parse_day(bad[i]) != ERR_DATA)
			fail_msg("'%s' passes", bad[i]);
	for (i = 0; good[i] != NULL; i++)
		if (hours_parse_day(good[i]) != 0)
			fail_msg("'%s': %s", good[i], err_reason());
	assert_int_equal(hours_days("mon"), 1);
	assert_int_equal(hours_days("mon-fri"), 31);
	assert_int_equal(hours_days("sat-mon"), 97);
	assert_int_equal(hours_days("mon,wed,sat-sun"), 101);
	assert_int_equal(hours_days("monday"), 0);
	assert_int_equal(hours_days("mon-"), 0);
	assert_int_equal(hours_days(""), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_as_libc_has_them),
		cmocka_unit_test(zone_names_are_checked),
		cmocka_unit_test(dates_go_there_and_back),
		cmocka_unit_test(a_week),
		cmocka_unit_test(past_midnight),
		cmocka_unit_test(clock_changes),
		cmocka_unit_test(holidays),
		cmocka_unit_test(calendar_days),
		cmocka_unit_test(calendar_rules),
		cmocka_unit_test(calendar_times),
		cmocka_unit_test(calendars_as_exported),
		cmocka_unit_test(calendar_nights),
		cmocka_unit_test(calendar_faults),
		cmocka_unit_test(closed_periods),
		cmocka_unit_test(read_once),
		cmocka_unit_test(time_is_counted_over_hours),
		cmocka_unit_test(when_so_much_has_passed),
		cmocka_unit_test(bad_hours),
	};
	char dir[] = "/tmp/unit-hours.XXXXXX";
	int failed;

	if (mkdtemp(dir) == NULL || chdir(dir) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink("hours.conf");
	unlink("dates");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		return 1;
	return failed;
}
