/* unit-crawl - robots.txt by its RFC, one spelling of an address, confinement */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/confine.h"
#include "base/err.h"
#include "base/str.h"
#include "kb/page.h"
#include "kb/robots.h"
#include "kb/sitemap.h"
#include "net/url.h"

static bool
allows(const char *text, const char *path)
{
	struct robots *r = robots_parse(text, strlen(text), "frontdesk");
	bool is = robots_allow(r, path);

	robots_free(r);
	return is;
}

static void
test_robots_match(void **state)
{
	static const struct {
		const char *rule, *path;
		bool matches;
	} cases[] = {
		{ "/", "/anything", true },
		{ "/fish", "/fish", true },
		{ "/fish", "/fish.html", true },
		{ "/fish", "/fish/salmon", true },
		{ "/fish", "/Fish.asp", false },
		{ "/fish", "/catfish", false },
		{ "/fish*", "/fishheads/yummy", true },
		{ "/fish/", "/fish", false },
		{ "/fish/", "/fish/?id=1", true },
		{ "/*.php", "/folder/file.php?a=b", true },
		{ "/*.php", "/windows.PHP", false },
		{ "/*.php$", "/file.php", true },
		{ "/*.php$", "/file.php?a", false },
		{ "/*.php$", "/file.php.php", true },
		{ "/fish*.php", "/fishheads/catfish.php?p", true },
		{ "/a$b", "/a$b", true },
		{ "/a%3cd", "/a%3Cd", true },
		{ "/a%7Eb", "/a~b", true },
		{ "/\xc3\xbc", "/%C3%BC", true },
		{ "*/x", "/y/x", true },
		{ "", "/", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text =
		    xformat("User-agent: *\nDisallow: %s\n", cases[i].rule);

		if (allows(text, cases[i].path) == cases[i].matches)
			fail_msg("%s against %s", cases[i].rule, cases[i].path);
		free(text);
	}
}

static void
test_robots_groups(void **state)
{
	(void)state;
	/* The longest rule; allow where two are as long. */
	assert_true(allows("User-agent: *\nDisallow: /\nAllow: /p", "/page"));
	assert_true(allows("User-agent: *\nAllow: /folder\nDisallow: /folder",
	    "/folder"));
	assert_false(allows("User-agent: *\nAllow: /page\nDisallow: /*.htm",
	    "/page.htm"));
	/* Our group alone, all of ours together, in any letters. */
	assert_true(allows("User-agent: *\nDisallow: /\n\n"
			   "user-agent: FRONTDESK\nDisallow: /x\n",
	    "/y"));
	assert_false(allows("User-agent: frontdesk\nDisallow: /x\n"
			    "User-agent: other\nDisallow: /y\n"
			    "User-agent: frontdesk/2.0\nDisallow: /z\n",
	    "/z"));
	assert_true(allows("User-agent: frontdesk\nDisallow: /x\n"
			   "User-agent: other\nDisallow: /y\n",
	    "/y"));
	assert_false(allows("User-agent: a\nUser-agent: frontdesk\n"
			    "Disallow: /x\n",
	    "/x"));
	assert_true(allows("User-agent: frontdeskbot\nDisallow: /\n", "/x"));
	/* What stands outside of a group, is no rule, or is a comment. */
	assert_true(allows("Disallow: /\nUser-agent: *\nNoise\n# Disallow: /\n"
			   "Disallow: # /\n",
	    "/x"));
	assert_false(allows("\357\273\277User-agent:*\r\rDisallow:/x\r", "/x"));
	/* A Sitemap line ends no group. */
	assert_false(allows("User-agent: a\nSitemap: http://x/\n"
			    "User-agent: frontdesk\nDisallow: /\n",
	    "/x"));
}

static void
test_robots_rest(void **state)
{
	const char *text = "User-agent: *\nCrawl-delay: 2.5\nDisallow: /x\n"
			   "Sitemap: https://a.example/s.xml\n"
			   "User-agent: frontdesk\nCrawl-delay: nan\n"
			   "Sitemap: /t.xml\n";
	struct robots *r = robots_parse(text, strlen(text), "frontdesk");
	char *stars, *path;
	clock_t began;

	(void)state;
	assert_int_equal(robots_delay_ms(r), 0);
	assert_string_equal(robots_sitemap(r, 0), "https://a.example/s.xml");
	assert_string_equal(robots_sitemap(r, 1), "/t.xml");
	assert_null(robots_sitemap(r, 2));
	robots_free(r);
	r = robots_parse(text, strlen(text), "other");
	assert_int_equal(robots_delay_ms(r), 2500);
	robots_free(r);
	r = robots_all(false);
	assert_false(robots_allow(r, "/"));
	robots_free(r);
	r = robots_all(true);
	assert_true(robots_allow(r, "/"));
	robots_free(r);
	/* Stars do not multiply. */
	stars = xformat("User-agent: *\nDisallow: /%0500d*b", 0);
	for (char *p = strchr(stars, '/') + 1; *p == '0'; p += 2)
		*p = '*';
	path = xformat("/%02000d", 0);
	began = clock();
	allows(stars, path);
	assert_true(clock() - began < CLOCKS_PER_SEC);
	free(stars);
	free(path);
}

static void
test_url(void **state)
{
	static const char *const cases[][3] = {
		{ "HTTP://Example.COM:80/a/./b/../c#d", NULL,
		    "http://example.com/a/c" },
		{ "https://example.com.:443", NULL, "https://example.com/" },
		{ "https://example.com:8443/%7euser/%c3%bc?q=%2f", NULL,
		    "https://example.com:8443/~user/%C3%BC?q=%2F" },
		{ " \n/x y ", "https://example.com/a/b?c",
		    "https://example.com/x%20y" },
		{ "../\xc3\xbc", "https://example.com/a/b/c",
		    "https://example.com/a/%C3%BC" },
		{ "?p=2", "https://example.com/a?p=1",
		    "https://example.com/a?p=2" },
		{ "", "https://example.com/a", "https://example.com/a" },
		{ "//other.example/x", "https://example.com/",
		    "https://other.example/x" },
		{ "/a?utm_source=x&b=1&GCLID=2&fbclid=3", "http://e.example/",
		    "http://e.example/a?b=1" },
		{ "/a?session=0123456789abcdef0", "http://e.example/",
		    "http://e.example/a" },
		{ "/a?session=42", "http://e.example/",
		    "http://e.example/a?session=42" },
		{ "/a;jsessionid=AB12?b=1", "http://e.example/",
		    "http://e.example/a?b=1" },
		{ "/a?", "http://e.example/", "http://e.example/a" },
		{ "mailto:x@e.example", "http://e.example/", NULL },
		{ "javascript:alert(1)", "http://e.example/", NULL },
		{ "ftp://e.example/", NULL, NULL },
		{ "file:///etc/passwd", "http://e.example/", NULL },
		{ "http://user:pass@e.example/", NULL, NULL },
		{ "http://2130706433/", NULL, "http://127.0.0.1/" },
		{ "x", NULL, NULL },
	};
	char *long_one = xformat("http://e.example/%04000d", 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = NULL;
		int code = url_normal(cases[i][0], cases[i][1], &got);

		if (cases[i][2] == NULL &&
		    i + 1 < sizeof(cases) / sizeof(*cases)) {
			if (code != ERR_DATA)
				fail_msg("%s is %s", cases[i][0], got);
		} else if (cases[i][2] != NULL) {
			assert_int_equal(code, 0);
			assert_string_equal(got, cases[i][2]);
		}
		free(got);
	}
	assert_int_equal(url_normal(long_one, NULL, &(char *){ NULL }),
	    ERR_DATA);
	free(long_one);
}

static void
test_page(void **state)
{
	struct page p;
	size_t len = 400000;
	char *deep = xmalloc(len * 5 + 1);
	clock_t began = clock();

	(void)state;
	for (size_t i = 0; i < len; i++)
		memcpy(deep + i * 5, "<div>", 5);
	page_read(deep, len * 5, "frontdesk", &p);
	page_release(&p);
	free(deep);
	assert_true(clock() - began < 10 * CLOCKS_PER_SEC);
	memset(&p, 0, sizeof(p));
	page_obey(&p, "otherbot: noindex", "frontdesk");
	assert_false(p.noindex);
	page_obey(&p, "FrontDesk: nofollow", "frontdesk");
	assert_true(p.nofollow && !p.noindex);
	page_obey(&p, "all, none", "frontdesk");
	assert_true(p.noindex);
}

static void
count_url(void *ctx, const char *url, bool is_sitemap)
{
	(void)url;
	(void)is_sitemap;
	++*(int *)ctx;
}

static void
test_sitemap(void **state)
{
	static const char laughs[] =
	    "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">"
	    "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
	    "<!ENTITY c SYSTEM \"file:///etc/passwd\">]>"
	    "<urlset><url><loc>http://x/&b;&c;</loc></url></urlset>";
	struct sitemap_room room = SITEMAP_ROOM;
	int n = 0;

	(void)state;
	sitemap_read(laughs, sizeof(laughs) - 1, &room, count_url, &n);
	assert_in_range(n, 0, 1);
	n = 0;
	assert_int_equal(sitemap_read("<html><url><loc>http://x/</loc></url>",
			     37, &room, count_url, &n),
	    ERR_DATA);
	assert_int_equal(sitemap_read("", 0, &room, count_url, &n), ERR_DATA);
	assert_int_equal(sitemap_read("\037\213x", 3, &room, count_url, &n),
	    ERR_DATA);
}

static int
read_some(const char *text, struct sitemap_room *room, int *ret_count)
{
	*ret_count = 0;
	return sitemap_read(text, strlen(text), room, count_url, ret_count);
}

/* Gzip of so many blanks and an address. */
static char *
bomb(size_t blanks, size_t *ret_len)
{
	static const char url[] = "\nhttp://x/\n";
	z_stream z = { 0 };
	char *plain = xmalloc(blanks + sizeof(url)), *packed;

	memset(plain, ' ', blanks);
	memcpy(plain + blanks, url, sizeof(url));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	*ret_len = deflateBound(&z, blanks + sizeof(url));
	packed = xmalloc(*ret_len);
	z.next_in = (Bytef *)plain;
	z.avail_in = (uInt)(blanks + sizeof(url) - 1);
	z.next_out = (Bytef *)packed;
	z.avail_out = (uInt)*ret_len;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*ret_len = z.total_out;
	deflateEnd(&z);
	free(plain);
	return packed;
}

static void
test_sitemap_room(void **state)
{
	static const char three[] = "http://x/1\nhttp://x/2\nhttp://x/3\n";
	struct sitemap_room room = { 100, 5 };
	size_t len;
	char *packed;
	int n;

	(void)state;
	assert_int_equal(read_some(three, &room, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(room.urls, 2);
	assert_int_equal(room.bytes, 100 - 33);
	/* Two are left, and told. */
	assert_int_equal(read_some(three, &room, &n), ERR_DATA);
	assert_non_null(strstr(err_reason(), "more than 2 addresses"));
	assert_int_equal(n, 2);
	assert_int_equal(room.urls, 0);
	room.urls = 5;
	assert_int_equal(read_some("<urlset><url><loc>http://x/a</loc></url>"
				   "</urlset>",
			     &room, &n),
	    ERR_DATA);
	assert_int_equal(n, 0);
	assert_int_equal(room.bytes, 0);
	/* What is packed counts as it is unpacked. */
	packed = bomb(3 << 20, &len);
	assert_in_range(len, 1, 10000);
	room = (struct sitemap_room){ 1 << 20, 5 };
	n = 0;
	assert_int_equal(sitemap_read(packed, len, &room, count_url, &n),
	    ERR_DATA);
	assert_string_equal(err_reason(), "is larger than 1 MiB");
	assert_int_equal(room.bytes, 0);
	room = (struct sitemap_room){ 5 << 20, 5 };
	assert_int_equal(sitemap_read(packed, len, &room, count_url, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(room.bytes, (2 << 20) - 11);
	free(packed);
}

/* What a process that is confined can still do; each a bit. */
static int
tries(const char *top)
{
	static const char *const names[] = { "store/secret", "beside",
		"store/spool/x" };
	int done = 0;

	for (int i = 0; i < 3; i++) {
		char *path = xformat("%s/%s", top, names[i]);
		FILE *f = fopen(path, "r");

		if (f != NULL) {
			done |= 1 << i;
			fclose(f);
		}
		if ((f = fopen(path, "a")) != NULL) {
			done |= 8 << i;
			fclose(f);
		}
		free(path);
	}
	return done;
}

static void
test_confine(void **state)
{
	char top[] = "/tmp/confineXXXXXX", *store, *spool, *command;
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(top));
	store = xformat("%s/store", top);
	spool = xformat("%s/spool", store);
	assert_int_equal(mkdir(store, 0700) + mkdir(spool, 0700), 0);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "store/secret", "beside",
			"store/spool/x" };
		char *path = xformat("%s/%s", top, names[i]);

		assert_int_equal(file_put(path, "x", 1, 0600), 0);
		free(path);
	}
	pid = fork();
	if (pid == 0) {
		const char *const writable[] = { spool, "/none", NULL };

		_exit(confine(store, writable) < 0 ? 100 : tries(top));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	/* All, on a kernel that has no Landlock. */
	if (WEXITSTATUS(status) != 63)
		assert_int_equal(WEXITSTATUS(status), 2 | 4 | 32);
	command = xformat("rm -r %s", top);
	assert_int_equal(system(command), 0);
	free(command);
	free(store);
	free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_robots_match),
		cmocka_unit_test(test_robots_groups),
		cmocka_unit_test(test_robots_rest), cmocka_unit_test(test_url),
		cmocka_unit_test(test_page), cmocka_unit_test(test_sitemap),
		cmocka_unit_test(test_sitemap_room),
		cmocka_unit_test(test_confine) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
