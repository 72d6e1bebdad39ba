/* secrets - what the receiver of webhooks knows: app secrets, verify token */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "wa/secrets.h"

#define SECRETS_MAX_BYTES 65536

static int
add_file(struct signature_keys *keys, const char *path)
{
	char *text = NULL, *line, *rest;
	size_t len;
	int code = file_read(path, SECRETS_MAX_BYTES, &text, &len);

	if (code < 0)
		return code;
	for (line = strtok_r(text, "\r\n", &rest); code == 0 && line != NULL;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		line = str_trim(line);
		if (*line != '\0') /* blanks are nobody's secret */
			code = signature_keys_add(keys, line);
	}
	explicit_bzero(text, len);
	free(text);
	return code;
}

static int
add_credentials(struct signature_keys *keys, const char *dir)
{
	char *pattern = xformat("%s/app-secret*", dir);
	int code = 0;
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g) == 0) {
		for (i = 0; i < g.gl_pathc && code == 0; i++)
			code = add_file(keys, g.gl_pathv[i]);
		globfree(&g);
	}
	free(pattern);
	return code;
}

int
secrets_read(const char *const *files, size_t count, const char *token_file,
    struct signature_keys **ret_keys, char **ret_token)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct signature_keys *keys = signature_keys_new();
	char *given = NULL, *token = NULL;
	size_t i;
	int code = 0;

	for (i = 0; i < count && code == 0; i++)
		code = add_file(keys, files[i]);
	if (code == 0 && count == 0 && dir != NULL)
		code = add_credentials(keys, dir);
	if (code == 0 && signature_keys_count(keys) == 0)
		code = count == 0 && dir != NULL ?
		    err_set(ERR_CONFIG,
			"no app secret: put it into " CONF_SYSTEM_DIR
			"/secrets/app-secret") :
		    err_set(ERR_CONFIG,
			"no app secret: name its file with --secret-file, so "
			"that webhooks can be verified");
	if (token_file == NULL && dir != NULL) {
		given = xformat("%s/verify-token", dir);
		if (access(given, F_OK) == 0)
			token_file = given;
	}
	if (code == 0 && token_file != NULL)
		code = file_secret(token_file, &token);
	if (code == 0 && token != NULL && *token == '\0')
		code = err_set(ERR_CONFIG, "%s: the verify token is empty",
		    token_file);
	free(given);
	if (code < 0) {
		signature_keys_free(keys);
		free(token);
		return code;
	}
	*ret_keys = keys;
	*ret_token = token;
	return 0;
}
