/* fuzz: the answer of an embeddings endpoint: vectors of length 1, or an error */
#include <math.h>
#include <stdlib.h>

#include "fuzz.h"
#include "kb/embed.h"
#include "kb/vector.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	float *v = NULL;
	size_t n, d = 0, i, k;
	double sum;

	if (size == 0)
		return 0;
	n = 1 + data[0] % 3;
	if (embed_parse((const char *)data + 1, size - 1, n, &v, &d) < 0)
		return 0;
	if (d == 0 || d > VECTOR_DIMENSIONS_MAX)
		abort();
	for (i = 0; i < n; i++) {
		for (sum = 0, k = 0; k < d; k++)
			sum += (double)v[i * d + k] * v[i * d + k];
		if (!(fabs(sum - 1) < 1e-3))
			abort();
	}
	free(v);
	return 0;
}
