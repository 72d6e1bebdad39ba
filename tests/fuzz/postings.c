/* fuzz: a posting list of any bytes: an error, or passages in their bounds */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "kb/postings.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t docs[POSTINGS_BLOCK], passages;
	uint8_t tfs[POSTINGS_BLOCK];
	struct postings_block b;
	struct postings p;
	unsigned n, j;
	uint8_t some[POSTINGS_BLOCK];
	bool counted;
	int64_t last;
	size_t i;

	if (size < 5)
		return 0;
	passages = (data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16);
	if (postings_open(data + 5, size - 5, data[3] | (size_t)data[4] << 8,
		passages, &p) < 0)
		return 0;
	for (i = 0; i < p.blocks; i++) {
		postings_block(&p, i, &b);
		/* Whatever piece it says it is in, it gets this one. */
		if (postings_unpack(&p, i, data + 5, size - 5, docs, tfs, &n) <
		    0)
			continue;
		if (n > POSTINGS_BLOCK || n != b.count)
			abort();
		for (j = 0, last = -1; j < n; j++) {
			if (docs[j] >= passages || docs[j] <= last ||
			    tfs[j] == 0)
				abort();
			last = docs[j];
		}
		if (postings_docs(&p, i, data + 5, size - 5, docs, some, &n,
			&counted) < 0)
			abort();
		for (j = 0; j < n; j++)
			if (tfs[j] !=
			    (counted ? some[j] :
				       postings_count(&p, i, data + 5, j)))
				abort();
	}
	return 0;
}
