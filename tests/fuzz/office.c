/*
 * fuzz: the parts of office documents to text
 *
 * The first byte tells which; the rest is its main part, packed as it is into
 * an archive of our own, so that the walkers see it and not only the unzipper.
 */
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "kb/block.h"
#include "kb/number.h"
#include "kb/office.h"

#define OUTPUT_MAX (1 << 20)

static void
put(struct archive *a, const char *name, const void *bytes, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	archive_write_data(a, bytes, len);
	archive_entry_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char rels[] =
	    "<Relationships><Relationship Id=\"a\" Type=\"/slide\""
	    " Target=\"m.xml\"/><Relationship Id=\"s\" Type=\"/sharedStrings\""
	    " Target=\"m.xml\"/><Relationship Id=\"t\" Type=\"/styles\""
	    " Target=\"m.xml\"/></Relationships>";
	static char zip[1 << 18];
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = OUTPUT_MAX };
	struct buf shown = BUF_INIT(0);
	struct container *c = NULL;
	struct archive *a;
	size_t used = 0, i, len;
	char *code;
	double value;

	if (size < 9 || size > 100000)
		return 0;
	if (data[0] % 6 == 5) {
		memcpy(&value, data + 1, sizeof(value));
		code = xstrndup((const char *)data + 9, size - 9);
		number_format(&shown, value, code, data[0] > 127);
		buf_release(&shown);
		free(code);
		return 0;
	}
	a = archive_write_new();
	archive_write_set_format_zip(a);
	archive_write_zip_set_compression_store(a);
	archive_write_open_memory(a, zip, sizeof(zip), &used);
	len = size - 1;
	put(a, "m.xml", data + 1, len);
	put(a, "content.xml", data + 1, len);
	put(a, "numbering.xml", data + 1, len < 20000 ? len : 0);
	put(a, "styles.xml", data + 1, len < 20000 ? len : 0);
	put(a, "META-INF/container.xml", data + 1, len < 20000 ? len : 0);
	put(a, "_rels/m.xml.rels", rels, sizeof(rels) - 1);
	archive_write_close(a);
	archive_write_free(a);
	if (container_open(zip, used, &c) < 0)
		return 0;
	switch (data[0] % 6) {
	case 0:
		extract_docx(c, "m.xml", &b);
		break;
	case 1:
		extract_pptx(c, "m.xml", &b);
		break;
	case 2:
		extract_xlsx(c, "m.xml", &b);
		break;
	case 3:
		extract_odt(c, &b);
		break;
	case 4:
		extract_epub(c, &b);
		break;
	}
	container_close(c);
	for (i = 0; i < t.count; i++)
		if (!utf8_valid(t.block[i].text, strlen(t.block[i].text)))
			abort();
	kb_text_release(&t);
	return 0;
}
