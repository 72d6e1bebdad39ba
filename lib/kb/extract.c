/* extract - bytes of a document to its text, in blocks */
#include <errno.h>
#include <limits.h>
#include <iconv.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/time.h"
#include "base/utf8.h"
#include "kb/block.h"

#define LOOK_BYTES 4096
#define TITLE_MAX_BYTES 300

/* RLIMIT_AS cannot hold where a sanitizer reserves terabytes. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

const char *const kb_type_names[] = { "text", "markdown", "html" };

/* --- what it is --- */

static const char *
extension(const char *name)
{
	const char *slash = name != NULL ? strrchr(name, '/') : NULL, *dot;

	if (name == NULL)
		return "";
	dot = strrchr(slash != NULL ? slash : name, '.');
	return dot != NULL ? dot + 1 : "";
}

static bool
is_any(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(s, *list) == 0)
			return true;
	return false;
}

static const char *const markdown_names[] = { "md", "markdown", "mdown", "mkd",
	NULL };
static const char *const html_names[] = { "html", "htm", "xhtml", NULL };
static const char *const text_names[] = { "txt", "text", "asc", NULL };

bool
kb_name_is_document(const char *name)
{
	const char *e = extension(name);

	return is_any(e, markdown_names) || is_any(e, html_names) ||
	    is_any(e, text_names) || strcmp(name, "README") == 0;
}

/* Formats that are not text, by their first bytes. */
static const char *
other_format(const char *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *what;
	} formats[] = {
		{ "%PDF-", 5, "PDF" },
		{ "PK\3\4", 4, "a zip archive or an office document" },
		{ "\320\317\021\340", 4, "an old office document" },
		{ "{\\rtf", 5, "RTF" },
		{ "\211PNG", 4, "an image" },
		{ "\377\330\377", 3, "an image" },
		{ "GIF8", 4, "an image" },
		{ "\037\213", 2, "gzip" },
		{ "BZh", 3, "bzip2" },
		{ "\3757zXZ", 6, "xz" },
		{ "\177ELF", 4, "a program" },
		{ "OggS", 4, "sound" },
		{ "ID3", 3, "sound" },
		{ "SQLite format 3", 15, "a database" },
	};
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (len >= formats[i].len &&
		    memcmp(bytes, formats[i].magic, formats[i].len) == 0)
			return formats[i].what;
	if (memchr(bytes, '\0', len < LOOK_BYTES ? len : LOOK_BYTES) != NULL)
		return "binary";
	return NULL;
}

static bool
looks_html(const char *text, size_t len)
{
	static const char *const tags[] = { "<html", "<head", "<body",
		"<!doctype html", "<div", "<p>", "<h1", "<table", "<article",
		NULL };
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES, i, k;
	const char *p = text, *end = text + look;

	while (p < end && strchr(" \t\r\n", *p) != NULL)
		p++;
	if (p == end || *p != '<')
		return false;
	for (; p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++)
		for (i = 0; tags[i] != NULL; i++) {
			k = strlen(tags[i]);
			if ((size_t)(end - p) >= k &&
			    strncasecmp(p, tags[i], k) == 0)
				return true;
		}
	return false;
}

static bool
looks_markdown(const char *text, size_t len)
{
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES;

	return (len > 2 && text[0] == '#' && strchr("# ", text[1]) != NULL) ||
	    memmem(text, look, "\n# ", 3) != NULL ||
	    memmem(text, look, "\n## ", 4) != NULL ||
	    memmem(text, look, "\n```", 4) != NULL ||
	    memmem(text, look, "](", 2) != NULL;
}

static enum kb_type
type_of(const char *text, size_t len, const char *name)
{
	const char *e = extension(name);

	if (looks_html(text, len) && !is_any(e, markdown_names))
		return KB_TEXT_HTML;
	if (is_any(e, html_names))
		return memmem(text, len, "</", 2) != NULL ? KB_TEXT_HTML :
							    KB_TEXT_PLAIN;
	if (is_any(e, markdown_names))
		return KB_TEXT_MARKDOWN;
	if (is_any(e, text_names))
		return KB_TEXT_PLAIN;
	return looks_markdown(text, len) ? KB_TEXT_MARKDOWN : KB_TEXT_PLAIN;
}

bool
kb_is_plain(const char *bytes, size_t len, const char *name)
{
	return other_format(bytes, len) == NULL && utf8_valid(bytes, len) &&
	    type_of(bytes, len, name) == KB_TEXT_PLAIN;
}

/* --- characters --- */

static char *
convert(const char *from, const char *bytes, size_t len, size_t *ret_len)
{
	iconv_t cd = iconv_open("UTF-8", from);
	char *out, *to, *in = (char *)(uintptr_t)bytes;
	size_t room = len * 3 + 4, left = room;

	if (cd == (iconv_t)-1)
		return NULL;
	out = to = xmalloc(room + 1);
	while (len > 0 && iconv(cd, &in, &len, &to, &left) == (size_t)-1) {
		if (left < 4 || len == 0)
			break;
		in++, len--; /* a byte that means nothing */
		*to++ = '?', left--;
	}
	iconv_close(cd);
	*ret_len = room - left;
	out[*ret_len] = '\0';
	return out;
}

/* The charset an HTML page names in its first bytes; "" if none. */
static void
declared_charset(const char *bytes, size_t len, char ret[32])
{
	const char *p =
	    memmem(bytes, len < LOOK_BYTES ? len : LOOK_BYTES, "charset=", 8);
	size_t n = 0;

	ret[0] = '\0';
	if (p == NULL)
		return;
	p += 8;
	if (p < bytes + len && (*p == '"' || *p == '\''))
		p++;
	while (n < 31 && p < bytes + len && strchr("\"' />;", *p) == NULL &&
	    *p > ' ')
		ret[n++] = *p++;
	ret[n] = '\0';
}

/* A UTF-8 copy of text in whatever it is written in; the caller frees. */
static char *
to_utf8(const char *bytes, size_t len, size_t *ret_len)
{
	char charset[32], *out = NULL;

	if (len >= 2 && memcmp(bytes, "\377\376", 2) == 0)
		out = convert("UTF-16LE", bytes + 2, len - 2, ret_len);
	else if (len >= 2 && memcmp(bytes, "\376\377", 2) == 0)
		out = convert("UTF-16BE", bytes + 2, len - 2, ret_len);
	if (out != NULL)
		return out;
	if (len >= 3 && memcmp(bytes, "\357\273\277", 3) == 0)
		bytes += 3, len -= 3;
	if (!utf8_valid(bytes, len)) {
		declared_charset(bytes, len, charset);
		if (charset[0] != '\0' && strcasecmp(charset, "utf-8") != 0)
			out = convert(charset, bytes, len, ret_len);
		else if (memmem(bytes, len, "\xc3", 1) == NULL)
			out = convert("WINDOWS-1252", bytes, len, ret_len);
		if (out == NULL) {
			out = utf8_mend(bytes, len);
			*ret_len = strlen(out);
		}
		return out;
	}
	*ret_len = len;
	return xstrndup(bytes, len);
}

/* --- in this process --- */

void
kb_text_release(struct kb_text *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		free(t->block[i].text);
	free(t->block);
	free(t->title);
	free(t->language);
	memset(t, 0, sizeof(*t));
}

/* Blanks folded, cut at a character; NULL if nothing is left. Frees text. */
static char *
clean_title(char *text)
{
	struct kb_text scratch = { 0 };
	struct blocks b = { .text = &scratch, .max = SIZE_MAX };
	char *result = NULL;

	if (text == NULL)
		return NULL;
	blocks_add(&b, BLOCK_PARAGRAPH, 0, text, strlen(text));
	if (scratch.count > 0)
		result = xstrndup(scratch.block[0].text,
		    utf8_cut(scratch.block[0].text,
			strlen(scratch.block[0].text), TITLE_MAX_BYTES));
	kb_text_release(&scratch);
	free(text);
	return result;
}

int
kb_extract(const char *bytes, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret)
{
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = output_max_bytes };
	bool wide = len >= 2 &&
	    (memcmp(bytes, "\377\376", 2) == 0 ||
		memcmp(bytes, "\376\377", 2) == 0);
	const char *other = wide ? NULL : other_format(bytes, len);
	size_t text_len, i, k;
	char *text;
	int code;

	if (other != NULL)
		return err_set(ERR_DATA, "is %s, not text", other);
	text = to_utf8(bytes, len, &text_len);
	t.type = type_of(text, text_len, name);
	/* Markdown and lists are read by lines; one kind of end is enough. */
	for (i = k = 0; i < text_len; i++)
		if (text[i] != '\r')
			text[k++] = text[i];
		else if (i + 1 == text_len || text[i + 1] != '\n')
			text[k++] = '\n';
	text[text_len = k] = '\0';
	switch (t.type) {
	case KB_TEXT_HTML:
		code = extract_html(text, text_len, &b);
		break;
	case KB_TEXT_MARKDOWN:
		code = extract_markdown(text, text_len, &b);
		break;
	default:
		code = extract_plain(text, text_len, &b);
	}
	free(text);
	t.title = clean_title(t.title);
	t.language = clean_title(t.language);
	if (code == 0 && b.full)
		code = err_set(ERR_DATA, "has more than %zu MiB of text",
		    output_max_bytes >> 20);
	if (code == 0 && t.count == 0)
		code = err_set(ERR_DATA, "has no text");
	if (code < 0)
		kb_text_release(&t);
	else
		*ret = t;
	return code;
}

/* --- in a child --- */

/*
 * What the child writes: a byte of status, 'o' or 'e'; after 'e' the reason;
 * after 'o' the type, then records of kind, level, length and text: the
 * blocks, 'T' for the title, 'L' for the language, and 'E' at the end.
 */
struct record {
	uint8_t kind;
	uint8_t level;
	uint32_t page;
	uint32_t len;
} __attribute__((packed));

static int
put_record(struct buf *out, int kind, int level, int page, const char *text)
{
	struct record r = { (uint8_t)kind, (uint8_t)level, (uint32_t)page, 0 };

	r.len = text != NULL ? (uint32_t)strlen(text) : 0;
	buf_add(out, &r, sizeof(r));
	if (r.len > 0)
		buf_add(out, text, r.len);
	return 0;
}

static _Noreturn void
child(int fd, const char *bytes, size_t len, const char *name,
    const struct kb_limits *limits)
{
	struct rlimit limit = { 0, 0 };
	struct buf out = BUF_INIT(0);
	struct kb_text t;
	size_t i;
	int code;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	setrlimit(RLIMIT_CORE, &limit);
	setrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = (rlim_t)((limits->cpu_ms + 999) / 1000);
	limit.rlim_max = limit.rlim_cur + 1;
	setrlimit(RLIMIT_CPU, &limit);
#ifndef SANITIZED
	limit.rlim_cur = limit.rlim_max = (rlim_t)limits->memory_bytes;
	setrlimit(RLIMIT_AS, &limit);
#endif
	code = kb_extract(bytes, len, name, (size_t)limits->output_bytes, &t);
	if (code < 0) {
		buf_addc(&out, 'e');
		buf_adds(&out, err_reason());
	} else {
		buf_addc(&out, 'o');
		buf_addc(&out, (char)t.type);
		if (t.title != NULL)
			put_record(&out, 'T', 0, 0, t.title);
		if (t.language != NULL)
			put_record(&out, 'L', 0, 0, t.language);
		for (i = 0; i < t.count; i++)
			put_record(&out, (int)t.block[i].kind, t.block[i].level,
			    t.block[i].page, t.block[i].text);
		put_record(&out, 'E', 0, 0, NULL);
	}
	write_all(fd, out.data, out.len);
	_exit(0);
}

/* Everything up to the end of fd; ERR_DATA when a limit is passed. */
static int
collect(int fd, const struct kb_limits *limits, struct buf *in)
{
	int64_t until = mono_ms() + limits->wall_ms, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[65536];
	ssize_t n;

	for (;;) {
		left = until - mono_ms();
		if (left <= 0)
			return err_set(ERR_DATA, "took more than %lld s",
			    (long long)limits->wall_ms / 1000);
		if (poll(&p, 1, (int)(left < 1000 ? left : 1000)) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(ERR_IO, "reading from the extractor");
		if (n == 0)
			return 0;
		buf_add(in, piece, (size_t)n);
		if (in->failed)
			return err_set(ERR_DATA,
			    "has more than %lld MiB of text",
			    (long long)limits->output_bytes >> 20);
	}
}

static int
unpack(const struct buf *in, struct kb_text *ret)
{
	struct kb_text t = { 0 };
	const char *p = in->data + 2, *end = in->data + in->len;
	struct record r;
	char *text;

	t.type = in->data[1] == KB_TEXT_HTML ? KB_TEXT_HTML :
	    in->data[1] == KB_TEXT_MARKDOWN  ? KB_TEXT_MARKDOWN :
					       KB_TEXT_PLAIN;
	while ((size_t)(end - p) >= sizeof(r)) {
		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		if (r.len > (size_t)(end - p))
			break;
		if (r.kind == 'E') {
			*ret = t;
			return 0;
		}
		/* What the child says is not believed, not even its UTF-8. */
		text = utf8_mend(p, r.len);
		p += r.len;
		if (r.kind == 'T' && t.title == NULL)
			t.title = text;
		else if (r.kind == 'L' && t.language == NULL)
			t.language = text;
		else if (memchr("hplrc", r.kind, 5) != NULL) {
			if ((t.count & (t.count - 1)) == 0)
				t.block = xrealloc(t.block,
				    (t.count ? 2 * t.count : 1) *
					sizeof(*t.block));
			t.block[t.count].kind = (enum kb_block_kind)r.kind;
			t.block[t.count].level = r.level < 1 ? 1 :
			    r.level > 6			     ? 6 :
							       r.level;
			t.block[t.count].page =
			    r.page <= INT_MAX ? (int)r.page : 0;
			t.block[t.count++].text = text;
		} else {
			free(text);
			break;
		}
	}
	kb_text_release(&t);
	return err_set(ERR_DATA, "the extractor's answer is damaged");
}

static int
verdict(int status, const struct kb_limits *limits)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGXCPU || sig == SIGKILL)
		return err_set(ERR_DATA,
		    "took more than %lld s of processor time",
		    (long long)(limits->cpu_ms + 999) / 1000);
	if (sig == SIGSEGV || sig == SIGABRT || sig == SIGBUS ||
	    (sig == 0 && WEXITSTATUS(status) != 0))
		return err_set(ERR_DATA,
		    "crashed its reader, or took more than %lld MiB of memory",
		    (long long)limits->memory_bytes >> 20);
	if (sig != 0)
		return err_set(ERR_DATA, "its reader was killed by signal %d",
		    sig);
	return 0;
}

int
kb_extract_boxed(const char *bytes, size_t len, const char *name,
    const struct kb_limits *limits, struct kb_text *ret)
{
	/* Records add six bytes a block to the text. */
	struct buf in = BUF_INIT((size_t)limits->output_bytes * 4 + 4096);
	int fds[2], status = 0, code, null;
	pid_t pid;

	if ((int64_t)len > limits->input_bytes)
		return err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)limits->input_bytes >> 20);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(ERR_IO, "pipe");
	pid = fork();
	if (pid < 0) {
		code = err_errno(ERR_IO, "fork");
		close(fds[0]);
		close(fds[1]);
		return code;
	}
	if (pid == 0) {
		/* Nothing is open in here but the pipe. */
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close_range(3, ~0U, 0);
		child(STDOUT_FILENO, bytes, len, name, limits);
	}
	close(fds[1]);
	code = collect(fds[0], limits, &in);
	close(fds[0]);
	if (code < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (code == 0)
		code = verdict(status, limits);
	if (code == 0 && in.len >= 1 && in.data[0] == 'e')
		code = err_set(ERR_DATA, "%s", in.data + 1);
	else if (code == 0 && (in.len < 2 || in.data[0] != 'o'))
		code = err_set(ERR_DATA, "the extractor's answer is damaged");
	else if (code == 0)
		code = unpack(&in, ret);
	buf_release(&in);
	return code;
}
