/* secret - what one program may read and nobody else: sealed access tokens */
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/secret.h"

#define SYSTEM_KEYS CONF_SYSTEM_DIR "/secrets/key"
#define KEY_HEX_BYTES (2 * crypto_box_SECRETKEYBYTES)
#define READERS_MAX 8
#define NAMES_MAX 4096

const char *const secret_readers[] = { "wa-media", "wa-send", "ai-reply",
	"ai-transcribe", "ai-label", "wa-instance", NULL };

/* What is sealed for a program: the key of a model for the one that asks it,
 * what else there is for those that speak to WhatsApp. */
static bool
is_for(const char *name, const char *reader)
{
	if (strcmp(reader, "wa-instance") == 0)
		return true;
	if (str_starts(name, SECRET_MODEL))
		return strcmp(reader, "ai-reply") == 0 ||
		    strcmp(reader, "ai-label") == 0;
	if (str_starts(name, SECRET_TRANSCRIBE))
		return strcmp(reader, "ai-transcribe") == 0;
	return str_starts(reader, "wa-");
}

struct pair {
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	unsigned char private[crypto_box_SECRETKEYBYTES];
};

void
secret_guard(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

char *
secret_copy(const char *text, size_t len)
{
	char *copy;

	if (sodium_init() < 0 || (copy = sodium_malloc(len + 1)) == NULL)
		abort(); /* no memory: as xmalloc, but with nothing to say */
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void
secret_free(char *secret)
{
	sodium_free(secret);
}

int
secret_line(char *text, size_t len, char **ret)
{
	size_t i, n = len;
	int code = 0;

	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
		n--;
	for (i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			break;
	if (n == 0 || n > SECRET_MAX_BYTES || i < n)
		code = err_set(ERR_DATA, "one line, no blanks");
	else
		*ret = secret_copy(text, n);
	explicit_bzero(text, len);
	return code;
}

static char *
key_folder(struct store *s)
{
	char *kind = store_meta(s, "kind"), *dir;

	dir = kind != NULL && strcmp(kind, "system") == 0 ?
	    xstrdup(SYSTEM_KEYS) :
	    xformat("%s/key", store_dir(s));
	free(kind);
	return dir;
}

/* The key in a file: 1, 0 if it is missing or empty, or an ERR. */
static int
key_read(const char *path, struct pair *ret)
{
	char *text = NULL;
	size_t len = 0, n = 0;
	int code = file_read(path, 256, &text, &len);

	if (code == ERR_NOINPUT)
		return 0;
	if (code < 0)
		return code;
	while (len > 0 && strchr(" \r\n", text[len - 1]) != NULL)
		len--;
	if (len > 0) {
		code = len == KEY_HEX_BYTES &&
			sodium_hex2bin(ret->private, sizeof(ret->private), text,
			    len, NULL, &n, NULL) == 0 &&
			n == sizeof(ret->private) &&
			crypto_scalarmult_base(ret->public, ret->private) == 0 ?
		    1 :
		    err_set(ERR_CONFIG, "%s: not a key", path);
	}
	explicit_bzero(text, len);
	free(text);
	return code;
}

static int
key_make(const char *path, struct pair *ret)
{
	char hex[KEY_HEX_BYTES + 2];
	int code;

	crypto_box_keypair(ret->public, ret->private);
	sodium_bin2hex(hex, sizeof(hex), ret->private, sizeof(ret->private));
	hex[KEY_HEX_BYTES] = '\n';
	hex[KEY_HEX_BYTES + 1] = '\0';
	code = file_put(path, hex, KEY_HEX_BYTES + 1, 0600);
	explicit_bzero(hex, sizeof(hex));
	return code;
}

/* The key of a program, as this process may read it: 1, 0 or an ERR. */
static int
key_of(struct store *s, const char *reader, struct pair *ret)
{
	const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
	char *folder, *path;
	int code = 0;

	if (credentials != NULL) {
		path = xformat("%s/secret-key", credentials);
		code = key_read(path, ret);
		free(path);
	}
	if (code != 0)
		return code;
	folder = key_folder(s);
	path = xformat("%s/%s", folder, reader);
	code = key_read(path, ret);
	free(path);
	free(folder);
	return code;
}

/* --- keys --- */

static int
public_get(struct db *db, const char *reader,
    unsigned char ret[crypto_box_PUBLICKEYBYTES])
{
	struct query q =
	    query(db, "SELECT public_key FROM reader WHERE name = :name");
	bool found = false;
	const void *blob;
	size_t len;
	int code;

	bind_text(&q, ":name", reader);
	if (step(&q)) {
		blob = column_blob(&q, 0, &len);
		found = len == crypto_box_PUBLICKEYBYTES;
		if (found)
			memcpy(ret, blob, len);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* What was sealed to another key of the same program opens no more. */
static int
public_put(struct db *db, const char *reader, const unsigned char *key)
{
	struct query q = query(db, "DELETE FROM secret WHERE reader = :name");
	int code;

	bind_text(&q, ":name", reader);
	step(&q);
	code = done(&q);
	if (code < 0)
		return code;
	q = query(db,
	    "INSERT INTO reader (name, public_key, created_ms)"
	    " VALUES (:name, :key, :now) ON CONFLICT (name) DO UPDATE"
	    " SET public_key = excluded.public_key,"
	    " created_ms = excluded.created_ms");
	bind_text(&q, ":name", reader);
	bind_blob(&q, ":key", key, crypto_box_PUBLICKEYBYTES);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

static int
sealed_put(struct db *db, const char *name, const char *reader,
    const unsigned char *public, const char *text)
{
	size_t len = strlen(text);
	unsigned char *sealed = xmalloc(len + crypto_box_SEALBYTES);
	struct query q = query(db,
	    "INSERT INTO secret (name, reader, sealed, created_ms)"
	    " VALUES (:name, :reader, :sealed, :now)"
	    " ON CONFLICT (name, reader) DO UPDATE"
	    " SET sealed = excluded.sealed, created_ms = excluded.created_ms");
	int code;

	crypto_box_seal(sealed, (const unsigned char *)text, len, public);
	bind_text(&q, ":name", name);
	bind_text(&q, ":reader", reader);
	bind_blob(&q, ":sealed", sealed, len + crypto_box_SEALBYTES);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	free(sealed);
	return code;
}

static int
sealed_open(struct db *db, const char *name, const char *reader,
    const struct pair *key, char **ret)
{
	struct query q = query(db,
	    "SELECT sealed FROM secret"
	    " WHERE name = :name AND reader = :reader");
	const void *blob;
	char *text = NULL;
	bool found = false;
	size_t len = 0;
	int code;

	bind_text(&q, ":name", name);
	bind_text(&q, ":reader", reader);
	if (step(&q)) {
		found = true;
		blob = column_blob(&q, 0, &len);
		if (len >= crypto_box_SEALBYTES &&
		    len <= SECRET_MAX_BYTES + crypto_box_SEALBYTES) {
			len -= crypto_box_SEALBYTES;
			text = sodium_malloc(len + 1);
		}
		if (text != NULL &&
		    crypto_box_seal_open((unsigned char *)text, blob,
			len + crypto_box_SEALBYTES, key->public,
			key->private) != 0) {
			sodium_free(text);
			text = NULL;
		}
	}
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "none is kept");
	else if (code == 0 && text == NULL)
		code = err_set(ERR_CONFIG,
		    "it is sealed to another key than ours");
	if (code < 0) {
		sodium_free(text);
		return code;
	}
	text[len] = '\0';
	*ret = text;
	return 0;
}

/* Files first: the public keys are made of what they hold. */
static int
keys_ready(struct store *s, struct pair *pairs)
{
	char *folder = key_folder(s), *path;
	int fd, code = 0;
	size_t i;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		code = err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", folder);
	/* Two at a time would make two keys of one. */
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (code == 0 && (fd < 0 || flock(fd, LOCK_EX) < 0))
		code = err_errno(errno == EACCES ? ERR_DENIED : ERR_IO, "%s",
		    folder);
	for (i = 0; secret_readers[i] != NULL && code == 0; i++) {
		path = xformat("%s/%s", folder, secret_readers[i]);
		code = key_read(path, &pairs[i]);
		if (code == 0)
			code = key_make(path, &pairs[i]);
		code = code < 0 ? code : 0;
		free(path);
	}
	if (fd >= 0)
		close(fd);
	free(folder);
	return code;
}

/* Seal name for the program at place i, if it has none, by any other's. */
static int
pass_on(struct db *db, const struct pair *pairs, const char *name, size_t i)
{
	char *text = NULL;
	size_t k;
	int code;

	if (!is_for(name, secret_readers[i]))
		return 0;
	code = sealed_open(db, name, secret_readers[i], &pairs[i], &text);
	for (k = 0; code == ERR_NOINPUT && secret_readers[k] != NULL; k++) {
		if (k == i ||
		    sealed_open(db, name, secret_readers[k], &pairs[k], &text) <
			0)
			continue;
		code = sealed_put(db, name, secret_readers[i], pairs[i].public,
		    text);
		break;
	}
	secret_free(text);
	return code == ERR_NOINPUT || code == ERR_CONFIG ? 0 : code;
}

static int
pass_all_on(struct db *db, const struct pair *pairs)
{
	struct query q = query(db, "SELECT DISTINCT name FROM secret");
	char **names = NULL;
	size_t n = 0, i, k;
	int code;

	while (step(&q) && n < NAMES_MAX) {
		names = xrealloc(names, (n + 1) * sizeof(*names));
		names[n++] = column_copy(&q, 0);
	}
	code = done(&q);
	for (i = 0; i < n; i++) {
		for (k = 0; secret_readers[k] != NULL && code == 0; k++)
			code = pass_on(db, pairs, names[i], k);
		free(names[i]);
	}
	free(names);
	return code;
}

int
secret_keys(struct store *s)
{
	struct pair pairs[READERS_MAX];
	unsigned char is[crypto_box_PUBLICKEYBYTES];
	struct db *db = NULL;
	size_t i;
	int code = 0;

	if (sodium_init() < 0)
		return err_set(ERR_BUG, "no random numbers");
	code = store_auth(s, &db);
	if (code == 0)
		code = keys_ready(s, pairs);
	if (code == 0)
		code = db_begin(db);
	if (code < 0)
		goto out;
	for (i = 0; secret_readers[i] != NULL && code == 0; i++) {
		code = public_get(db, secret_readers[i], is);
		if (code == 1 && memcmp(is, pairs[i].public, sizeof(is)) == 0)
			code = 0;
		else if (code >= 0)
			code =
			    public_put(db, secret_readers[i], pairs[i].public);
	}
	if (code == 0)
		code = pass_all_on(db, pairs);
	if (code == 0)
		code = db_commit(db);
	else
		db_rollback(db);
out:
	explicit_bzero(pairs, sizeof(pairs));
	return code;
}

/* --- secrets --- */

int
secret_put(struct store *s, const char *name, const char *text)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	struct db *db = NULL;
	int code, sealed = 0;
	size_t i;

	if (sodium_init() < 0)
		return err_set(ERR_BUG, "no random numbers");
	code = store_auth(s, &db);
	if (code == 0)
		code = db_begin(db);
	if (code < 0)
		return code;
	for (i = 0; secret_readers[i] != NULL && code >= 0; i++) {
		if (!is_for(name, secret_readers[i]))
			continue;
		code = public_get(db, secret_readers[i], public);
		if (code == 1) {
			code = sealed_put(db, name, secret_readers[i], public,
			    text);
			sealed++;
		}
	}
	if (code >= 0 && sealed == 0)
		code = err_set(ERR_CONFIG,
		    "no program has a key yet: root runs wa-instance keys");
	if (code >= 0)
		return db_commit(db);
	db_rollback(db);
	return code;
}

int
secret_get(struct store *s, const char *name, const char *reader, char **ret)
{
	struct db *db = NULL;
	struct pair key;
	int64_t since_ms;
	int code;

	if (sodium_init() < 0)
		return err_set(ERR_BUG, "no random numbers");
	code = secret_since(s, name, reader, &since_ms);
	if (code == 0)
		code = store_auth(s, &db);
	if (code < 0)
		return code;
	code = key_of(s, reader, &key);
	if (code == 0)
		code = err_set(ERR_CONFIG, "%s has no key to open it", reader);
	if (code == 1)
		code = sealed_open(db, name, reader, &key, ret);
	explicit_bzero(&key, sizeof(key));
	return code;
}

int
secret_since(struct store *s, const char *name, const char *reader,
    int64_t *ret_ms)
{
	struct db *db = NULL;
	struct query q;
	int64_t since_ms = 0;
	bool found = false;
	int code = *store_dir(s) == '\0' ?
	    err_set(ERR_NOINPUT, "none is kept") :
	    store_auth(s, &db);

	if (code < 0) /* a copy has none; some may not look */
		return code == ERR_DENIED ?
		    err_set(ERR_NOINPUT, "none is kept that we may see") :
		    code;
	q = query(db,
	    "SELECT max(created_ms) FROM secret WHERE name = :name"
	    " AND (:reader IS NULL OR reader = :reader)");
	bind_text(&q, ":name", name);
	bind_text(&q, ":reader", reader);
	if (step(&q) && !column_null(&q, 0)) {
		since_ms = column_int(&q, 0);
		found = true;
	}
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "none is kept");
	if (code == 0)
		*ret_ms = since_ms;
	return code;
}

int
secret_remove(struct store *s, const char *name)
{
	struct db *db = NULL;
	struct query q;
	int code = store_auth(s, &db);

	if (code == 0)
		code = db_begin(db);
	if (code < 0)
		return code;
	q = query(db, "DELETE FROM secret WHERE name = :name");
	bind_text(&q, ":name", name);
	step(&q);
	code = done(&q);
	if (code == 0)
		return db_commit(db);
	db_rollback(db);
	return code;
}
