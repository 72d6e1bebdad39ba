/* fuzz: an answer against its sources, parts of the input apart by NUL */
#include <stdlib.h>
#include <string.h>

#include "ground/ground.h"
#include "base/str.h"
#include "base/utf8.h"
#include "fuzz.h"

#define PARTS 6

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct grounder *g;
	static const char *const languages[] = { NULL, "en", "de-AT", "zh", "x",
		"" };
	const char *p = (const char *)data, *end = p + size, *stop;
	const char *asked[2] = { NULL, NULL }, *told[2] = { NULL, NULL };
	char *part[PARTS] = { NULL };
	struct ground_source source[2] = { 0 };
	struct ground_input in = { .source = source,
		.nsources = 2,
		.asked = asked,
		.told = told };
	struct ground_verdict v;
	size_t i, at = 0, len;

	if (size < 1)
		return 0;
	if (g == NULL)
		g = grounder_new();
	in.language = languages[(unsigned char)*p++ % 6];
	for (i = 0; i < PARTS; i++) {
		stop = memchr(p, '\0', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		part[i] = utf8_mend(p, (size_t)(stop - p));
		p = stop < end ? stop + 1 : end;
	}
	source[0].text = part[1];
	source[0].title = part[2];
	source[1].text = part[3];
	source[1].section = part[2];
	asked[0] = part[4];
	told[0] = part[5];
	in.allowed = told;
	if (ground_check(g, &in, part[0], &v) == 0) {
		len = strlen(part[0]);
		for (i = 0; i < v.nclaims; i++) {
			if (v.claim[i].start < at ||
			    v.claim[i].start + v.claim[i].len > len ||
			    v.claim[i].at + v.claim[i].at_len > len ||
			    v.claim[i].source > 1)
				abort();
			at = v.claim[i].start + v.claim[i].len;
		}
		if (v.is_supported != (strcmp(v.reason, "supported") == 0))
			abort();
		ground_release(&v);
	}
	for (i = 0; i < PARTS; i++)
		free(part[i]);
	return 0;
}
