/*
 * fuzz: Excel and PowerPoint files of before 2007, and letters, to text
 *
 * The first byte tells which, and whether the rest is a whole file, or a stream
 * that is put into one, so that its records are seen and not only its sectors.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "kb/block.h"
#include "kb/office.h"

#define OUTPUT_MAX (1 << 20)
#define SECTOR 512
#define STREAM_MIN 4096 /* smaller ones are kept in another way */
#define FAT_ENTRIES (SECTOR / 4)
#define STREAM_MAX ((FAT_ENTRIES - 2) * SECTOR)

static void
put16(char *at, unsigned n)
{
	at[0] = (char)n;
	at[1] = (char)(n >> 8);
}

static void
put32(char *at, uint32_t n)
{
	put16(at, n & 0xffff);
	put16(at + 2, n >> 16);
}

static void
put_entry(char *at, const char *name, char type, uint32_t sector, uint32_t size)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		at[2 * i] = name[i];
	put16(at + 64, (unsigned)(2 * (i + 1)));
	at[66] = type;
	put32(at + 68, UINT32_MAX);
	put32(at + 72, UINT32_MAX);
	put32(at + 76, type == 5 ? 1 : UINT32_MAX);
	put32(at + 116, sector);
	put32(at + 120, size);
}

/* A file of one stream: its table of sectors, its folder, the stream. */
static size_t
wrap(const char *name, const uint8_t *data, size_t size, char *out)
{
	static const char magic[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
	size_t whole = size < STREAM_MIN ? STREAM_MIN : size, i;
	size_t sectors = (whole + SECTOR - 1) / SECTOR;
	char *fat = out + SECTOR, *folder = fat + SECTOR;

	memset(out, 0, (3 + sectors) * SECTOR);
	memcpy(out, magic, 8);
	put16(out + 24, 0x3e);
	put16(out + 26, 3);
	put16(out + 28, 0xfffe);
	put16(out + 30, 9);
	put16(out + 32, 6);
	put32(out + 44, 1);
	put32(out + 48, 1);
	put32(out + 56, STREAM_MIN);
	put32(out + 60, 0xfffffffe);
	put32(out + 68, 0xfffffffe);
	memset(out + 76, 0xff, SECTOR - 76);
	put32(out + 76, 0);
	memset(fat, 0xff, SECTOR);
	put32(fat, 0xfffffffd);
	put32(fat + 4, 0xfffffffe);
	for (i = 0; i < sectors; i++)
		put32(fat + 8 + 4 * i,
		    i + 1 < sectors ? (uint32_t)i + 3 : 0xfffffffe);
	put_entry(folder, "Root Entry", 5, 0xfffffffe, 0);
	put_entry(folder + 128, name, 2, 2, (uint32_t)whole);
	memcpy(folder + SECTOR, data, size);
	return (3 + sectors) * SECTOR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char file[3 * SECTOR + STREAM_MAX];
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = OUTPUT_MAX };
	const char *bytes = (const char *)data + 1;
	size_t len = size - 1, i;
	bool slides, letter;

	if (size == 0 || size > STREAM_MAX)
		return 0;
	slides = data[0] & 1;
	letter = data[0] & 4;
	if (!letter && data[0] & 2) {
		len = wrap(slides ? "PowerPoint Document" : "Workbook",
		    data + 1, len, file);
		bytes = file;
	}
	if (letter)
		extract_msg(bytes, len, &b);
	else if (slides)
		extract_ppt(bytes, len, &b);
	else
		extract_xls(bytes, len, &b);
	for (i = 0; i < t.count; i++)
		if (!utf8_valid(t.block[i].text, strlen(t.block[i].text)))
			abort();
	kb_text_release(&t);
	return 0;
}
