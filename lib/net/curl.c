/* curl - libcurl, loaded when it is first needed */
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define CURL_DISABLE_TYPECHECK /* here are functions, not macros */
#include <curl/curl.h>

#include "base/err.h"
#include "base/library.h"
#include "net/curl.h"

#define LIBRARY "libcurl.so.4"

/* What net/http.c calls; one that is missing here does not link. */
#define FUNCTIONS                     \
	FUNCTION(easy_cleanup)        \
	FUNCTION(easy_getinfo)        \
	FUNCTION(easy_init)           \
	FUNCTION(easy_reset)          \
	FUNCTION(easy_setopt)         \
	FUNCTION(easy_strerror)       \
	FUNCTION(free)                \
	FUNCTION(getdate)             \
	FUNCTION(global_init)         \
	FUNCTION(mime_addpart)        \
	FUNCTION(mime_data)           \
	FUNCTION(mime_filedata)       \
	FUNCTION(mime_filename)       \
	FUNCTION(mime_free)           \
	FUNCTION(mime_init)           \
	FUNCTION(mime_name)           \
	FUNCTION(mime_type)           \
	FUNCTION(multi_add_handle)    \
	FUNCTION(multi_cleanup)       \
	FUNCTION(multi_info_read)     \
	FUNCTION(multi_init)          \
	FUNCTION(multi_perform)       \
	FUNCTION(multi_poll)          \
	FUNCTION(multi_remove_handle) \
	FUNCTION(multi_setopt)        \
	FUNCTION(multi_strerror)      \
	FUNCTION(slist_append)        \
	FUNCTION(slist_free_all)      \
	FUNCTION(url)                 \
	FUNCTION(url_cleanup)         \
	FUNCTION(url_get)             \
	FUNCTION(url_set)

#define FUNCTION(name) F_##name,
enum { FUNCTIONS COUNT };
#undef FUNCTION
#define FUNCTION(name) "curl_" #name,
static const char *const names[] = { FUNCTIONS };
#undef FUNCTION

static void *found[COUNT];
static bool loaded;

#define CALL(name) ((__typeof__(&curl_##name))found[F_##name])

static void
load(void)
{
	if (library_load(LIBRARY, names, COUNT, found) != NULL)
		return;
	/* It reads a host's name of other letters as the locale has it. */
	setlocale(LC_CTYPE, "");
	loaded = CALL(global_init)(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int
curl_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded ?
	    0 :
	    err_set(ERR_UNAVAILABLE, LIBRARY " could not be set up");
}

/* The one argument behind an option is told by the option's number. */

CURLcode
curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode code;
	va_list ap;

	va_start(ap, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		code = CALL(easy_setopt)(easy, option, va_arg(ap, long));
	else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
		code = CALL(easy_setopt)(easy, option, va_arg(ap, curl_off_t));
	else
		code = CALL(easy_setopt)(easy, option, va_arg(ap, void *));
	va_end(ap);
	return code;
}

CURLMcode
curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	CURLMcode code;
	va_list ap;

	va_start(ap, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		code = CALL(multi_setopt)(multi, option, va_arg(ap, long));
	else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
		code =
		    CALL(multi_setopt)(multi, option, va_arg(ap, curl_off_t));
	else
		code = CALL(multi_setopt)(multi, option, va_arg(ap, void *));
	va_end(ap);
	return code;
}

/* Always a place for the answer. */
CURLcode
curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
	CURLcode code;
	va_list ap;

	va_start(ap, info);
	code = CALL(easy_getinfo)(easy, info, va_arg(ap, void *));
	va_end(ap);
	return code;
}

CURL *
curl_easy_init(void)
{
	return CALL(easy_init)();
}

void
curl_easy_reset(CURL *curl)
{
	CALL(easy_reset)(curl);
}

void
curl_easy_cleanup(CURL *curl)
{
	CALL(easy_cleanup)(curl);
}

const char *
curl_easy_strerror(CURLcode code)
{
	return CALL(easy_strerror)(code);
}

CURLM *
curl_multi_init(void)
{
	return CALL(multi_init)();
}

CURLMcode
curl_multi_cleanup(CURLM *multi_handle)
{
	return CALL(multi_cleanup)(multi_handle);
}

CURLMcode
curl_multi_add_handle(CURLM *multi_handle, CURL *curl_handle)
{
	return CALL(multi_add_handle)(multi_handle, curl_handle);
}

CURLMcode
curl_multi_remove_handle(CURLM *multi_handle, CURL *curl_handle)
{
	return CALL(multi_remove_handle)(multi_handle, curl_handle);
}

CURLMcode
curl_multi_perform(CURLM *multi_handle, int *running_handles)
{
	return CALL(multi_perform)(multi_handle, running_handles);
}

CURLMcode
curl_multi_poll(CURLM *multi_handle, struct curl_waitfd extra_fds[],
    unsigned extra_nfds, int timeout_ms, int *ret)
{
	return CALL(
	    multi_poll)(multi_handle, extra_fds, extra_nfds, timeout_ms, ret);
}

CURLMsg *
curl_multi_info_read(CURLM *multi_handle, int *msgs_in_queue)
{
	return CALL(multi_info_read)(multi_handle, msgs_in_queue);
}

const char *
curl_multi_strerror(CURLMcode code)
{
	return CALL(multi_strerror)(code);
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *data)
{
	return CALL(slist_append)(list, data);
}

void
curl_slist_free_all(struct curl_slist *list)
{
	CALL(slist_free_all)(list);
}

CURLU *
curl_url(void)
{
	return CALL(url)();
}

void
curl_url_cleanup(CURLU *handle)
{
	CALL(url_cleanup)(handle);
}

CURLUcode
curl_url_get(CURLU *handle, CURLUPart what, char **part, unsigned flags)
{
	return CALL(url_get)(handle, what, part, flags);
}

CURLUcode
curl_url_set(CURLU *handle, CURLUPart what, const char *part, unsigned flags)
{
	return CALL(url_set)(handle, what, part, flags);
}

void
curl_free(void *p)
{
	CALL(free)(p);
}

time_t
curl_getdate(const char *p, const time_t *unused)
{
	return CALL(getdate)(p, unused);
}

curl_mime *
curl_mime_init(CURL *easy)
{
	return CALL(mime_init)(easy);
}

void
curl_mime_free(curl_mime *mime)
{
	/* Also for a call without a form, when curl may not be there. */
	if (mime != NULL)
		CALL(mime_free)(mime);
}

curl_mimepart *
curl_mime_addpart(curl_mime *mime)
{
	return CALL(mime_addpart)(mime);
}

CURLcode
curl_mime_name(curl_mimepart *part, const char *name)
{
	return CALL(mime_name)(part, name);
}

CURLcode
curl_mime_data(curl_mimepart *part, const char *data, size_t datasize)
{
	return CALL(mime_data)(part, data, datasize);
}

CURLcode
curl_mime_filedata(curl_mimepart *part, const char *name)
{
	return CALL(mime_filedata)(part, name);
}

CURLcode
curl_mime_filename(curl_mimepart *part, const char *name)
{
	return CALL(mime_filename)(part, name);
}

CURLcode
curl_mime_type(curl_mimepart *part, const char *type)
{
	return CALL(mime_type)(part, type);
}
