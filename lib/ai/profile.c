/* profile - an AI set-up: the settings of [profile NAME] over those of [ai] */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/profile.h"
#include "base/err.h"
#include "base/str.h"
#include "desk/settings.h"

#define PROMPT_MAX_BYTES (64 * 1024)

/* Where a setting of the profile is written: its own section, or [ai]. */
static const char *
home(const struct conf *c, const char *section, const char *key)
{
	return section != NULL && conf_get(c, section, key) != NULL ? section :
								      "ai";
}

static int
credential(const char *name, char **ret)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	int code = 0;

	if (dir == NULL || *dir == '\0')
		return 0;
	path = xformat("%s/%s", dir, name);
	if (access(path, F_OK) == 0)
		code = file_secret(path, ret);
	free(path);
	return code;
}

/* The whole address: a base that already ends in the path is taken as is. */
static char *
endpoint(const char *provider, const char *base)
{
	static const struct {
		const char *provider, *base, *path;
	} known[] = {
		{ "openai", "https://api.openai.com/v1", "/chat/completions" },
		{ "anthropic", "https://api.anthropic.com/v1", "/messages" },
	};
	size_t i, len;

	for (i = 0; i < 2; i++) {
		if (strcmp(provider, known[i].provider) != 0)
			continue;
		if (base == NULL)
			base = known[i].base;
		len = strlen(base);
		while (len > 0 && base[len - 1] == '/')
			len--;
		if (str_ends(base, known[i].path))
			return xstrdup(base);
		return xformat("%.*s%s", (int)len, base, known[i].path);
	}
	return NULL;
}

int
profile_open(const struct conf *c, const char *name, struct profile *ret)
{
	struct profile p = { .name = "default" };
	char *section = NULL, *path, *entry;
	int code = 0;

	if (name != NULL && *name != '\0') {
		section = xformat("profile %s", name);
		p.name = name;
	}
#define HOME(key) home(c, section, key)
	p.provider = setting_text(c, HOME("provider"), "provider");
	p.model = setting_text(c, HOME("model"), "model");
	p.languages = setting_text(c, HOME("languages"), "languages");
	p.business = setting_text(c, "desk", "name");
	p.url = endpoint(p.provider, setting_text(c, HOME("url"), "url"));
	if (code == 0)
		code = setting_real(c, HOME("temperature"), "temperature",
		    &p.temperature);
	if (code == 0)
		code = setting_int(c, HOME("max_tokens"), "max_tokens",
		    &p.max_tokens);
	if (code == 0)
		code =
		    setting_int(c, HOME("passages"), "passages", &p.passages);
	if (code == 0)
		code = setting_int(c, HOME("turns"), "turns", &p.turns);
	if (code == 0)
		code = setting_duration(c, HOME("timeout"), "timeout",
		    &p.timeout_ms);
	path = setting_path(c, HOME("prompt_file"), "prompt_file");
	if (code == 0 && path != NULL)
		code = file_read(path, PROMPT_MAX_BYTES, &p.prompt, NULL);
	free(path);
	path = setting_path(c, HOME("key_file"), "key_file");
	if (code == 0 && path != NULL)
		code = file_secret(path, &p.key);
	else if (code == 0) {
		entry = xformat("key-%s", p.provider);
		code = credential(entry, &p.key);
		free(entry);
	}
	free(path);
#undef HOME
	if (code == 0 && strcmp(p.provider, "extractive") != 0 &&
	    p.model == NULL)
		code = err_set(ERR_CONFIG,
		    "%s: provider %s needs a model: set ai.model",
		    section != NULL ? section : "ai", p.provider);
	free(section);
	if (code < 0) {
		profile_release(&p);
		return ERR_CONFIG;
	}
	*ret = p;
	return 0;
}

void
profile_release(struct profile *p)
{
	free(p->url);
	free(p->key);
	free(p->prompt);
	memset(p, 0, sizeof(*p));
}
