/*
 * fuzz: a damaged model of intents: an error, or a guess like any other
 *
 * The first bytes say whether the sum of the file is made right again, whether
 * the file ends with the damage, and where the bytes behind them go. The sum
 * guards against accidents: with it made right the sizes in the head are all
 * that stands between the file and the memory.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/str.h"
#include "fuzz.h"
#include "label/model.h"

#define KEYS 40
#define SUM_BYTES 32

static const char text[] = "I lost my card, when do you open again?";

/* A small one that knows the features of text. */
static void
model_new(struct buf *to)
{
	static char lost[] = "card_lost", hours[] = "opening_hours";
	char *names[] = { lost, hours };
	uint64_t keys[KEYS];
	float weights[KEYS], offsets[3] = { 0, 0, 0 }, sure[2] = { 0.5f, 0.5f };
	int16_t slopes[KEYS * 3];
	struct model m = { .names = names,
		.nintents = 2,
		.nclasses = 3,
		.keys = keys,
		.weights = weights,
		.unknown = 1,
		.slopes = slopes,
		.step = 0.01f,
		.offsets = offsets,
		.calibration = { 1 },
		.thresholds = sure,
		.languages = "en de",
		.mark = "some" };
	struct features f;

	features_of(text, strlen(text), &f);
	for (; m.nkeys < KEYS && m.nkeys < f.count; m.nkeys++) {
		keys[m.nkeys] = f.items[m.nkeys].key;
		weights[m.nkeys] = 1;
		slopes[m.nkeys * 3] = 100;
		slopes[m.nkeys * 3 + 1] = -100;
		slopes[m.nkeys * 3 + 2] = 10;
	}
	features_release(&f);
	model_write(&m, to);
}

/* Put the sum of all that is in b, itself being 0, where it belongs. */
static void
put_sum(struct buf *b, size_t at)
{
	unsigned char sum[SUM_BYTES];

	memset(b->data + at, 0, SUM_BYTES);
	crypto_generichash(sum, SUM_BYTES, (const unsigned char *)b->data,
	    b->len, NULL, 0);
	memcpy(b->data + at, sum, SUM_BYTES);
}

/* Where a model has its sum: only there it comes out the same. */
static size_t
sum_place(const struct buf *model)
{
	struct buf copy = BUF_INIT(0);
	size_t at;

	for (at = 0; at + SUM_BYTES <= model->len; at++) {
		buf_reset(&copy);
		buf_add(&copy, model->data, model->len);
		put_sum(&copy, at);
		if (memcmp(copy.data, model->data, model->len) == 0)
			break;
	}
	if (at + SUM_BYTES > model->len)
		abort();
	buf_release(&copy);
	return at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf whole = BUF_INIT(0);
	static size_t sum_at;
	struct buf b = BUF_INIT(0);
	struct model *m = NULL;
	struct guess g;
	size_t at, n;

	if (whole.len == 0) {
		model_new(&whole);
		sum_at = sum_place(&whole);
	}
	if (size < 3)
		return 0;
	at = (data[1] | (size_t)data[2] << 8) % whole.len;
	n = size - 3 < whole.len - at ? size - 3 : whole.len - at;
	buf_add(&b, whole.data, whole.len);
	memcpy(b.data + at, data + 3, n);
	if (data[0] & 2)
		b.len = at + n;
	if ((data[0] & 1) && b.len >= sum_at + SUM_BYTES)
		put_sum(&b, sum_at);
	if (model_parse(b.data, b.len, "model", NULL, &m) == 0) {
		model_guess(m, text, strlen(text), &g);
		guess_release(&g);
		model_guess(m, (const char *)data, size, &g);
		guess_release(&g);
		model_free(m);
	}
	buf_release(&b);
	return 0;
}
