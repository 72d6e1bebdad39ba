/* extractor - reads documents where they can do no harm */
#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/box.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/container.h"
#include "kb/extractor.h"
#include "kb/pdf.h"

#define NAME_MAX_BYTES 4096
#define BLOCKS_MAX (1 << 20)
#define MEMBERS_MAX 10000
#define DROPPED_MAX 1000
#define REQUEST_MAX_BYTES (UINT64_C(1) << 30)
#define GRACE_MS 10000		/* for the way there and back */
#define LARGE_BYTES (256 << 10) /* of a document */
#define TREE_SHARE 16 /* what is made of one takes so many times its bytes */
#define TREE_MAX (32 << 20)
#define HUGE_PAGE ((uintptr_t)2 << 20)
#define OUT_OF_MEMORY 70 /* base/str.h ends a process with it */

const char *const kb_extractor_names[] = { "auto", "child", "socket", NULL };

/*
 * The programs a type may be read with. Where they are not installed, the
 * reader says so; a document of any other type is read in a box that has no
 * programs at all.
 */
static const char *const ocr_programs[] = { "/usr/bin/tesseract", NULL };
static const char *const office_programs[] = { "/usr/bin/catdoc", NULL };

enum box_kind { NO_PROGRAMS, PDF, IMAGE, OFFICE, BOX_KINDS };
static const char *const *const programs_of[BOX_KINDS] = { NULL, ocr_programs,
	ocr_programs, office_programs };

/* Archives and mails need none: what is in them is read as documents of their
 * own. */
static enum box_kind
kind_of(const char *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		enum box_kind kind;
	} kinds[] = {
		{ "\320\317\021\340", 4, OFFICE },
		{ "\211PNG", 4, IMAGE },
		{ "\377\330\377", 3, IMAGE },
		{ "GIF8", 4, IMAGE },
		{ "II*\0", 4, IMAGE },
		{ "MM\0*", 4, IMAGE },
	};
	size_t i;

	if (len >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
		return NO_PROGRAMS;
	/* Some writers put a few lines before the PDF. */
	if (memmem(bytes, len < 1024 ? len : 1024, "%PDF-", 5) != NULL)
		return PDF;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len >= kinds[i].len &&
		    memcmp(bytes, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].kind;
	return NO_PROGRAMS;
}

/* --- in the box --- */

/*
 * An answer: a byte of status, 'o', 'e' (the document's own fault) or 'u'
 * (ours); after 'e' and 'u' the reason; after 'o' the type, then records of
 * kind, level, page, length and text: the blocks, 'T' for the title, 'L' for
 * the language, 'D' for a line that was dropped as often as page says, 'N' and
 * 'M' for the name and the bytes of a member, 'P' behind a block for each page
 * that begins within it, as its text how many bytes are before, and 'E' at the
 * end.
 */
struct record {
	uint8_t kind;
	uint8_t level;
	uint32_t page;
	uint32_t len;
} __attribute__((packed));

struct request {
	const char *bytes;
	size_t len;
	const char *name;
	const struct kb_limits *limits;
};

static void
flush(struct buf *out)
{
	if (out->len > 0 && write_all(STDOUT_FILENO, out->data, out->len) < 0)
		_exit(1); /* nobody listens any more */
	buf_reset(out);
}

static void
put_bytes(struct buf *out, int kind, int level, uint32_t page, const char *text,
    size_t len)
{
	struct record r = { (uint8_t)kind, (uint8_t)level, page,
		(uint32_t)len };

	buf_add(out, &r, sizeof(r));
	if (r.len > 0)
		buf_add(out, text, r.len);
	if (out->len > 65536)
		flush(out);
}

static void
put_record(struct buf *out, int kind, int level, int page, const char *text)
{
	put_bytes(out, kind, level, (uint32_t)page, text,
	    text != NULL ? strlen(text) : 0);
}

static void
put_block(struct buf *out, const struct kb_block *b)
{
	uint32_t before;
	size_t i;

	put_record(out, (int)b->kind, b->level, b->page, b->text);
	for (i = 0; i < b->turns; i++) {
		before = (uint32_t)b->turn[i].at;
		put_bytes(out, 'P', 0, (uint32_t)b->turn[i].page,
		    (const char *)&before, sizeof(before));
	}
}

/*
 * What a reader builds of a large document goes into memory that nobody has
 * touched: half of the time of HTML went into its first page faults. The heap
 * grows once here, and is of huge pages where the system has them.
 */
static void
grow_heap(size_t len)
{
	size_t room = len < TREE_MAX / TREE_SHARE ? len * TREE_SHARE : TREE_MAX;
	uintptr_t from = (uintptr_t)sbrk(0), to;
	void *volatile top; /* or the compiler takes both calls out */

	if (len < LARGE_BYTES)
		return;
	/* Larger than what is free there, and no mapping of its own. */
	mallopt(M_MMAP_THRESHOLD, TREE_MAX);
	mallopt(M_TOP_PAD, (int)room);
	top = malloc(TREE_MAX / 2);
	free(top);
	to = (uintptr_t)sbrk(0) / HUGE_PAGE * HUGE_PAGE;
	from = (from + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	if (from < to)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static int
read_in_box(void *ctx)
{
	const struct request *r = ctx;
	struct buf out = BUF_INIT(0);
	struct kb_text t;
	size_t i;

	grow_heap(r->len);
	if (kb_extract_protected(r->bytes, r->len, r->name, r->limits->password,
		(size_t)r->limits->output_bytes, &t) < 0) {
		buf_addc(&out, 'e');
		buf_adds(&out, err_reason());
		flush(&out);
		return 0;
	}
	buf_addc(&out, 'o');
	buf_addc(&out, (char)t.type);
	if (t.title != NULL)
		put_record(&out, 'T', 0, 0, t.title);
	if (t.language != NULL)
		put_record(&out, 'L', 0, 0, t.language);
	for (i = 0; i < t.ndropped; i++)
		put_bytes(&out, 'D', 0, (uint32_t)t.dropped[i].count,
		    t.dropped[i].line, strlen(t.dropped[i].line));
	for (i = 0; i < t.members; i++) {
		put_record(&out, 'N', 0, 0, t.member[i].name);
		put_bytes(&out, 'M', 0, 0, t.member[i].bytes, t.member[i].len);
	}
	for (i = 0; i < t.count; i++)
		put_block(&out, &t.block[i]);
	put_record(&out, 'E', 0, 0, NULL);
	flush(&out);
	return 0; /* what it took, the end of the process gives back */
}

/* --- who makes the boxes --- */

struct maker {
	struct box *box[BOX_KINDS];
	bool is_unsafe;
};

static void
plan_of(const struct kb_limits *limits, struct box_plan *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->cpu_ms = limits->cpu_ms;
	ret->wall_ms = limits->wall_ms;
	ret->memory_bytes = limits->memory_bytes;
	ret->output_bytes = limits->output_bytes;
}

/*
 * The C library loads the tables of a charset from files when it first needs
 * them. Where nothing can be opened in a box, that is before.
 */
static void
load_charsets(void)
{
	static const char *const charsets[] = { "WINDOWS-1252", "ISO-8859-1",
		"ISO-8859-2", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7",
		"ISO-8859-8", "ISO-8859-9", "ISO-8859-15", "WINDOWS-1250",
		"WINDOWS-1251", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
		"WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",
		"KOI8-U", "GB18030", "GBK", "GB2312", "BIG5", "SHIFT_JIS",
		"EUC-JP", "EUC-KR", "ISO-2022-JP", "TIS-620", "MACINTOSH",
		"UTF-16", "UTF-32", "CP850", "CP866", "CP932", "UHC", NULL };
	static iconv_t kept[sizeof(charsets) / sizeof(charsets[0])];
	size_t i;

	if (kept[0] != NULL)
		return;
	for (i = 0; charsets[i] != NULL; i++)
		kept[i] = iconv_open("UTF-8", charsets[i]);
	container_ready();
}

static int
box_for(struct maker *m, enum box_kind kind, const struct kb_limits *limits,
    struct box **ret)
{
	struct box_plan plan;
	int code = 0;

	plan_of(limits, &plan);
	if (m->box[kind] != NULL)
		box_limit(m->box[kind], &plan);
	else {
		plan.programs = programs_of[kind];
		plan.is_unsafe = m->is_unsafe;
		code = box_new(&plan, &m->box[kind]);
		if (code == 0 && (box_locks(m->box[kind]) & BOX_LANDLOCK) == 0)
			load_charsets();
	}
	if (code == 0)
		*ret = m->box[kind];
	return code;
}

static void
maker_release(struct maker *m)
{
	size_t i;

	for (i = 0; i < BOX_KINDS; i++)
		box_free(m->box[i]);
}

/* How the reader of a document ended, in the document's words. */
static int
verdict(const struct box *b, const struct box_end *end,
    const struct kb_limits *limits)
{
	long long memory = (long long)limits->memory_bytes >> 20;

	if (end->why == BOX_OUTPUT)
		return err_set(ERR_DATA, "has more than %lld MiB of text",
		    (long long)limits->output_bytes >> 20);
	if (end->why == BOX_ENDED && end->value == OUT_OF_MEMORY)
		return err_set(ERR_DATA, "took more than %lld MiB of memory",
		    memory);
	if (end->why == BOX_ENDED && end->value != 0)
		return err_set(ERR_DATA, "crashed its reader");
	if (end->why == BOX_SIGNAL)
		return err_set(ERR_DATA,
		    "crashed its reader, or took more than %lld MiB of memory",
		    memory);
	return box_verdict(b, end);
}

/* Have r read; the answer is in *ret, whatever comes of it. */
static void
answer(struct maker *m, struct request *r, struct buf *ret)
{
	struct box *b = NULL;
	struct box_end end;
	enum box_kind kind = kind_of(r->bytes, r->len);
	char status = 'u';
	int code;

	if ((int64_t)r->len > r->limits->input_bytes)
		code = err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)r->limits->input_bytes >> 20);
	else
		code = box_for(m, kind, r->limits, &b);
	/* Once here, and not in each child; it says later if it is not there. */
	if (code == 0 && kind == PDF)
		pdf_load();
	if (code == 0) {
		if (kind == OFFICE)
			code = box_give(b, r->bytes, r->len);
		if (code == 0)
			code = box_run(b, read_in_box, r, ret, &end);
		box_give(b, NULL, 0);
	} else if (kind != NO_PROGRAMS)
		status = 'e'; /* others can still be read */
	else if (code == ERR_UNAVAILABLE)
		code = err_set(code,
		    "this kernel has neither seccomp nor Landlock to read "
		    "documents safely with; --unsafe reads them without");
	if (code == 0)
		code = verdict(b, &end, r->limits);
	if (code == 0)
		return;
	if (code == ERR_DATA)
		status = 'e';
	buf_reset(ret);
	buf_addc(ret, status);
	buf_adds(ret, err_reason());
}

/* --- what the child says is not believed --- */

/* A page that begins within the block b; false: it cannot. */
static bool
take_turn(struct kb_block *b, const char *bytes, const struct record *r)
{
	uint32_t before;

	if (r->len != sizeof(before))
		return false;
	memcpy(&before, bytes, sizeof(before));
	if (r->page > INT_MAX || b->page < 1 ||
	    (int)r->page <= kb_block_page(b, SIZE_MAX) ||
	    before > strlen(b->text) ||
	    (b->turns > 0 && before < b->turn[b->turns - 1].at))
		return false;
	kb_block_turn(b, before, (int)r->page);
	return true;
}

static int
unpack(const struct buf *in, struct kb_text *ret)
{
	struct kb_text t = { 0 };
	const char *p = in->data + 2, *end = in->data + in->len;
	struct record r;
	char *text;

	if ((unsigned char)in->data[1] >= kb_type_count)
		return err_set(ERR_DATA, "the extractor's answer is damaged");
	t.type = (enum kb_type)in->data[1];
	while ((size_t)(end - p) >= sizeof(r)) {
		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		if (r.len > (size_t)(end - p))
			break;
		if (r.kind == 'E') {
			*ret = t;
			return 0;
		}
		if (t.count == BLOCKS_MAX) {
			kb_text_release(&t);
			return err_set(ERR_DATA, "has more than %d paragraphs",
			    BLOCKS_MAX);
		}
		if (r.kind == 'N' && t.members == MEMBERS_MAX) {
			kb_text_release(&t);
			return err_set(ERR_DATA, "has more than %d files in it",
			    MEMBERS_MAX);
		}
		if (r.kind == 'M' && t.members > 0 &&
		    t.member[t.members - 1].bytes == NULL) {
			t.member[t.members - 1].bytes = xstrndup(p, r.len);
			t.member[t.members - 1].len = r.len;
			p += r.len;
			continue;
		}
		if (r.kind == 'P' && t.count > 0 &&
		    take_turn(&t.block[t.count - 1], p, &r)) {
			p += r.len;
			continue;
		}
		if ((r.len == 0 && r.kind != 'h') ||
		    memchr("TLDNhplrc", r.kind, 9) == NULL)
			break;
		/* Not even its UTF-8. */
		text = utf8_mend(p, r.len);
		p += r.len;
		if (r.kind == 'T' && t.title == NULL)
			t.title = text;
		else if (r.kind == 'L' && t.language == NULL)
			t.language = text;
		else if (r.kind == 'D' && t.ndropped < DROPPED_MAX) {
			if ((t.ndropped & (t.ndropped - 1)) == 0)
				t.dropped = xrealloc(t.dropped,
				    (t.ndropped ? 2 * t.ndropped : 1) *
					sizeof(*t.dropped));
			t.dropped[t.ndropped].line = text;
			t.dropped[t.ndropped++].count = r.page;
		} else if (r.kind == 'N') {
			if ((t.members & (t.members - 1)) == 0)
				t.member = xrealloc(t.member,
				    (t.members ? 2 * t.members : 1) *
					sizeof(*t.member));
			t.member[t.members] =
			    (struct kb_member){ text, NULL, 0 };
			t.members++;
		} else if (memchr("TLDN", r.kind, 4) != NULL) {
			free(text);
			break;
		} else {
			if ((t.count & (t.count - 1)) == 0)
				t.block = xrealloc(t.block,
				    (t.count ? 2 * t.count : 1) *
					sizeof(*t.block));
			t.block[t.count++] =
			    (struct kb_block){ .kind =
						   (enum kb_block_kind)r.kind,
				    .level = r.level < 1 ? 1 :
					r.level > 6	 ? 6 :
							   r.level,
				    .page = r.page <= INT_MAX ? (int)r.page : 0,
				    .text = text };
		}
	}
	kb_text_release(&t);
	return err_set(ERR_DATA, "the extractor's answer is damaged");
}

static int
understand(const struct buf *in, struct kb_text *ret)
{
	char *reason;

	if (in->len >= 2 && (in->data[0] == 'e' || in->data[0] == 'u')) {
		reason = utf8_mend(in->data + 1, in->len - 1);
		err_set(0, "%s", reason);
		free(reason);
		return in->data[0] == 'e' ? ERR_DATA : ERR_UNAVAILABLE;
	}
	if (in->len < 2 || in->data[0] != 'o')
		return err_set(ERR_DATA, "the extractor's answer is damaged");
	return unpack(in, ret);
}

/* --- what is spoken --- */

/* A greeting each, then requests, each with its answer. */
#define GREETING "kbx3"
#define GREETING_LEN 4

struct wire_request { /* then the name, the bytes, the password */
	uint64_t len;
	uint32_t name_len;
	int64_t output_bytes, memory_bytes, cpu_ms, wall_ms;
	uint32_t password_len; /* + 1; 0: there is none */
} __attribute__((packed));

/* 1, or 0 at the end before the first byte, or -1. */
static int
read_whole(int fd, void *to, size_t len)
{
	char *p = to;
	ssize_t n;

	while (len > 0) {
		n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && p == (char *)to ? 0 : -1;
		p += n;
		len -= (size_t)n;
	}
	return 1;
}

static bool
sensible(const struct wire_request *w)
{
	return w->len <= REQUEST_MAX_BYTES && w->name_len <= NAME_MAX_BYTES &&
	    w->password_len <= NAME_MAX_BYTES && w->output_bytes > 0 &&
	    w->output_bytes <= INT64_C(1) << 32 && w->memory_bytes > 0 &&
	    w->memory_bytes <= INT64_C(1) << 40 && w->cpu_ms > 0 &&
	    w->cpu_ms <= INT64_C(86400000) && w->wall_ms > 0 &&
	    w->wall_ms <= INT64_C(86400000);
}

static int
serve_one(struct maker *m, const struct wire_request *w, int in, int out)
{
	struct kb_limits limits = { (int64_t)REQUEST_MAX_BYTES, w->output_bytes,
		w->memory_bytes, w->cpu_ms, w->wall_ms, NULL };
	char password[NAME_MAX_BYTES + 1] = "";
	char *name = xmalloc(w->name_len + 1), *bytes = xmalloc(w->len + 1);
	struct request r = { bytes, w->len, name, &limits };
	struct buf b = BUF_INIT(0);
	uint64_t len;
	int code = 0;

	name[w->name_len] = bytes[w->len] = '\0';
	if (w->password_len > 0)
		limits.password = password;
	if ((w->name_len > 0 && read_whole(in, name, w->name_len) <= 0) ||
	    (w->len > 0 && read_whole(in, bytes, w->len) <= 0) ||
	    (w->password_len > 1 &&
		read_whole(in, password, w->password_len - 1) <= 0))
		code = err_set(ERR_DATA, "a request ends too early");
	if (code == 0) {
		answer(m, &r, &b);
		len = b.len;
		if (write_all(out, &len, sizeof(len)) < 0 ||
		    write_all(out, b.data, b.len) < 0)
			code = err_errno(ERR_IO, "answering");
	}
	buf_release(&b);
	free(name);
	free(bytes);
	return code;
}

int
extractor_serve(int in, int out, bool is_unsafe)
{
	struct maker m = { .is_unsafe = is_unsafe };
	struct wire_request w;
	char greeting[GREETING_LEN];
	int code = 0, got;

	/* So that what a document leaves behind comes to us, to be ended. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	got = read_whole(in, greeting, GREETING_LEN);
	if (got == 0)
		return 0;
	if (got < 0 || memcmp(greeting, GREETING, GREETING_LEN) != 0)
		return err_set(ERR_DATA,
		    "the other side does not speak " GREETING);
	if (write_all(out, GREETING, GREETING_LEN) < 0)
		return err_errno(ERR_IO, "answering");
	while (code == 0 && (got = read_whole(in, &w, sizeof(w))) > 0)
		code = sensible(&w) ?
		    serve_one(&m, &w, in, out) :
		    err_set(ERR_DATA, "a request of no sense");
	if (code == 0 && got < 0)
		code = err_set(ERR_DATA, "a request ends too early");
	maker_release(&m);
	return code;
}

/* --- who has documents read --- */

struct extractor {
	enum kb_extractor_how how;
	char *socket;
	bool is_unsafe;
	int fd;		   /* -1: not connected */
	pid_t pid;	   /* of the child, 0: none */
	const char *begun; /* bytes whose answer is to come; NULL: none */
	void (*alone)(void *ctx);
	void *ctx; /* of alone */
};

struct extractor *
extractor_new(enum kb_extractor_how how, const char *socket_path,
    bool is_unsafe)
{
	struct extractor *x = xcalloc(1, sizeof(*x));

	x->how = how;
	x->socket = xstrdup(socket_path);
	x->is_unsafe = is_unsafe;
	x->fd = -1;
	return x;
}

void
extractor_alone(struct extractor *x, void (*fn)(void *ctx), void *ctx)
{
	x->alone = fn;
	x->ctx = ctx;
}

static void
part(struct extractor *x)
{
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	x->begun = NULL;
	if (x->pid > 0) {
		kill(x->pid, SIGKILL);
		while (waitpid(x->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	x->pid = 0;
}

void
extractor_free(struct extractor *x)
{
	if (x == NULL)
		return;
	part(x);
	free(x->socket);
	free(x);
}

/* 0, or ERR_UNAVAILABLE where nobody listens. */
static int
call_socket(struct extractor *x)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (x->socket == NULL || strlen(x->socket) >= sizeof(a.sun_path))
		return err_set(ERR_UNAVAILABLE,
		    "the path of the extractor's socket is too long");
	memcpy(a.sun_path, x->socket, strlen(x->socket) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(ERR_IO, "socket");
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		int code = err_errno(ERR_UNAVAILABLE, "%s", x->socket);

		close(fd);
		return code;
	}
	x->fd = fd;
	return 0;
}

static int
start_child(struct extractor *x)
{
	pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(ERR_IO, "socketpair");
	if (x->alone != NULL)
		x->alone(x->ctx);
	x->pid = fork();
	if (x->pid == 0) {
		/* Nothing of the caller's is open in here: not the store. */
		dup2(fds[1], STDIN_FILENO);
		close_range(3, ~0U, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "kb-extract");
		if (getppid() != parent)
			_exit(0);
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		_exit(
		    -extractor_serve(STDIN_FILENO, STDIN_FILENO, x->is_unsafe));
	}
	close(fds[1]);
	x->fd = fds[0];
	if (x->pid < 0) {
		x->pid = 0;
		part(x);
		return err_errno(ERR_IO, "fork");
	}
	return 0;
}

/* send(2) and not write(2): one who went is no signal to us. */
static bool
send_whole(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static int
meet(struct extractor *x)
{
	char greeting[GREETING_LEN];
	struct timeval wait = { .tv_sec = GRACE_MS / 1000 };
	int code = 0;

	if (x->fd >= 0)
		return 0;
	if (x->how == EXTRACTOR_SOCKET)
		code = call_socket(x);
	else if (x->how == EXTRACTOR_CHILD || x->socket == NULL ||
	    call_socket(x) < 0)
		code = start_child(x);
	if (code < 0)
		return code;
	setsockopt(x->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (!send_whole(x->fd, GREETING, GREETING_LEN) ||
	    read_whole(x->fd, greeting, GREETING_LEN) <= 0 ||
	    memcmp(greeting, GREETING, GREETING_LEN) != 0) {
		part(x);
		return err_set(ERR_UNAVAILABLE,
		    "the extractor does not answer as one");
	}
	return 0;
}

/* The end of name says more than its beginning. */
static bool
ask(struct extractor *x, const struct request *r)
{
	size_t name_len = r->name != NULL ? strlen(r->name) : 0;
	size_t skip = name_len > NAME_MAX_BYTES ? name_len - NAME_MAX_BYTES : 0;
	struct wire_request w = { r->len, (uint32_t)(name_len - skip),
		r->limits->output_bytes, r->limits->memory_bytes,
		r->limits->cpu_ms, r->limits->wall_ms, 0 };
	const char *password = r->limits->password;
	int64_t wait_ms = r->limits->wall_ms + GRACE_MS;
	struct timeval wait = { .tv_sec = wait_ms / 1000,
		.tv_usec = wait_ms % 1000 * 1000 };

	if (password != NULL && strlen(password) < NAME_MAX_BYTES)
		w.password_len = (uint32_t)strlen(password) + 1;
	setsockopt(x->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(x->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return send_whole(x->fd, &w, sizeof(w)) &&
	    (w.name_len == 0 ||
		send_whole(x->fd, r->name + skip, w.name_len)) &&
	    send_whole(x->fd, r->bytes, r->len) &&
	    (w.password_len <= 1 ||
		send_whole(x->fd, password, w.password_len - 1));
}

static bool
is_answered(struct extractor *x, uint64_t *ret_len)
{
	return read_whole(x->fd, ret_len, sizeof(*ret_len)) > 0;
}

bool
extractor_is_child(const struct extractor *x)
{
	return x->pid > 0;
}

void
extractor_begin(struct extractor *x, const char *bytes, size_t len,
    const char *name, const struct kb_limits *limits)
{
	struct request r = { bytes, len, name, limits };

	extractor_drop(x);
	if ((int64_t)len > limits->input_bytes || meet(x) < 0)
		return;
	if (ask(x, &r))
		x->begun = bytes;
	else
		part(x);
}

void
extractor_drop(struct extractor *x)
{
	if (x->begun != NULL)
		part(x);
}

int
extractor_read(struct extractor *x, const char *bytes, size_t len,
    const char *name, const struct kb_limits *limits, struct kb_text *ret)
{
	struct request r = { bytes, len, name, limits };
	struct buf in = BUF_INIT(0);
	bool asked, was_met, again = true;
	uint64_t answer_len = 0;
	int code;

	if ((int64_t)len > limits->input_bytes)
		return err_set(ERR_DATA, "is larger than %lld MiB",
		    (long long)limits->input_bytes >> 20);
	asked = x->begun == bytes && is_answered(x, &answer_len);
	if (!asked)
		extractor_drop(x);
	x->begun = NULL;
	/* A service that was started anew since is asked anew. */
	while (!asked && again) {
		was_met = x->fd >= 0;
		code = meet(x);
		if (code < 0)
			return code;
		asked = ask(x, &r) && is_answered(x, &answer_len);
		again = was_met;
		if (!asked)
			part(x);
	}
	/* Kinds, levels and such do not count as text. */
	if (asked && answer_len <= (uint64_t)limits->output_bytes + 4096) {
		if (read_whole(x->fd, buf_room(&in, answer_len), answer_len) >
		    0)
			in.len = answer_len;
		else
			asked = false;
	} else
		asked = false;
	if (!asked) {
		part(x);
		buf_release(&in);
		return err_set(ERR_DATA,
		    "its extractor ended before it had answered");
	}
	in.data[in.len] = '\0';
	code = understand(&in, ret);
	buf_release(&in);
	return code;
}
