/* link - the address of a link, where its words do not tell it */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/link.h"
#include "net/url.h"

#define WORDS_MAX_BYTES 60 /* that say no more than "here" */
#define NUMBER_DIGITS 6	   /* at its end, by which one is known */

/* Words that say where without saying what, folded. */
static const char *const here[] = { "here", "click here", "right here",
	"over here", "this link", "this page", "this site", "this website",
	"this form", "this article", "the link", "link", "aqui",
	"haz clic aqui", "haga clic aqui", "pulse aqui", "este enlace",
	"esta pagina", "este formulario", "enlace", "clique aqui", "neste link",
	"este link", "nesta pagina", "hier", "hier klicken", "klicken sie hier",
	"klicke hier", "diesem link", "diesen link", "dieser link",
	"diese seite", "dieser seite", "diesem formular", "ici", "cliquez ici",
	"ce lien", "cette page", "ce formulaire", "lien", "qui", "clicca qui",
	"questo link", "questa pagina", "questo modulo", "klik hier",
	"deze link", "deze pagina", "dit formulier", "tutaj", "tu",
	"kliknij tutaj", "ten link", "tej stronie", "har", "klicka har",
	"den har sidan", "denna lank", "her", "klik her", "klikk her",
	"dette link", "denne side", "denne siden", "denne lenken", "taalla",
	"tasta", "klikkaa tasta", "talla sivulla", "zde", "kliknete zde",
	"tento odkaz", "kliknite sem", "kliknite ovdje", "ovdje", "tukaj",
	"itt", "kattintson ide", "aici", "click aici", "burada", "buradan",
	"buraya", "buraya tıklayın", "bu baglantı", "здесь", "тут", "по ссылке",
	"по этои ссылке", "эта страница", "нажмите здесь", "за посиланням",
	"за цим посиланням", "натисніть тут", "εδω", "πατηστε εδω", "هنا",
	"اضغط هنا", "انقر هنا", "هذا الرابط", "هذه الصفحة", "اینجا", "כאן",
	"לחצו כאן", "यहाँ", "यहां", "यहाँ क्लिक करें", "यहां क्लिक करें", "এখানে",
	"এখানে ক্লিক করুন", "di sini", "klik di sini", "tautan ini",
	"halaman ini", "tai đay", "o đay", "nhan vao đay", "ที่นี่", "คลิกที่นี่",
	"这里", "这儿", "点击这里", "此处", "此链接", "这个链接", "這裡",
	"點擊這裡", "此處", "此連結", "こちら", "ここ", "ここをクリック",
	"こちらをクリック", "このページ", "여기", "여기를 클릭", "이곳",
	"이 페이지", "이 링크", NULL };

static bool
says_nothing(const char *text, size_t len)
{
	char *one, *words;
	bool is;

	if (len > WORDS_MAX_BYTES)
		return false;
	one = xstrndup(text, len);
	words = utf8_words(one);
	is = str_in(str_trim(words), here);
	free(words);
	free(one);
	return is;
}

static bool
is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	return len == 0;
}

/* Whether an address is fit to be read: one word, none of whose signs mean
 * something in a text. */
static bool
is_fit(const char *address)
{
	const char *p;

	for (p = address; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 127 ||
		    strchr("<>\"`\\{}|^", *p) != NULL)
			return false;
	return p - address > 3 && p - address <= LINK_MAX_BYTES &&
	    utf8_valid(address, strlen(address));
}

/* "https://host" of an address of the web: its bytes; 0: it is none, or has a
 * name and password. */
static size_t
host_length(const char *address)
{
	size_t scheme = strncasecmp(address, "https://", 8) == 0 ? 8 :
	    strncasecmp(address, "http://", 7) == 0		 ? 7 :
								   0;
	size_t n = scheme > 0 ? strcspn(address + scheme, "/?#") : 0;

	return n > 0 && memchr(address + scheme, '@', n) == NULL ? scheme + n :
								   0;
}

/* href as it is from base; NULL: it cannot be told. */
static char *
resolved(const char *href, const char *base)
{
	size_t host = base != NULL ? host_length(base) : 0, path;

	if (host_length(href) > 0)
		return xstrdup(href);
	if (host == 0 || strchr("#?", *href) != NULL || *href == '.' ||
	    strstr(href, "/.") != NULL)
		return NULL;
	if (href[0] == '/' && href[1] == '/')
		return xformat("%.*s%s", (int)(strchr(base, ':') + 1 - base),
		    base, href);
	if (href[0] == '/')
		return xformat("%.*s%s", (int)host, base, href);
	if (strcspn(href, ":") < strcspn(href, "/?#"))
		return NULL;
	path = host + strcspn(base + host, "?#");
	while (path > host && base[path - 1] != '/')
		path--;
	return path > host ? xformat("%.*s%s", (int)path, base, href) :
			     xformat("%.*s/%s", (int)host, base, href);
}

/* Without the parameters that tell who clicked where. */
static char *
untracked(const char *address)
{
	const char *query = strchr(address, '?'), *end, *p;
	struct buf out = BUF_INIT(0);
	size_t n;
	char mark = '?';

	if (query == NULL || query > address + strcspn(address, "#"))
		return xstrdup(address);
	buf_add(&out, address, (size_t)(query - address));
	end = query + strcspn(query, "#");
	for (p = query + 1; p < end; p += n + (p + n < end)) {
		n = strcspn(p, "&#");
		if (n == 0 || url_is_tracking(p, n))
			continue;
		buf_addc(&out, mark);
		buf_add(&out, p, n);
		mark = '&';
	}
	buf_adds(&out, end);
	return buf_detach(&out);
}

static size_t
digits_of(const char *text, size_t len, char *ret)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		if (isdigit((unsigned char)text[i]))
			ret[n++] = text[i];
	ret[n] = '\0';
	return n;
}

/* Whether text has the end of a number already, however it is written. */
static bool
has_number(const char *text, size_t len, const char *number)
{
	char *have = xmalloc(len + 1), *want = xmalloc(strlen(number) + 1);
	size_t n = digits_of(number, strlen(number), want);
	bool has;

	digits_of(text, len, have);
	has = n == 0 ||
	    strstr(have, n > NUMBER_DIGITS ? want + n - NUMBER_DIGITS : want) !=
		NULL;
	free(have);
	free(want);
	return has;
}

/* The address behind "mailto:" or "tel:", where text has it not; NULL. */
static char *
of_person(const char *text, size_t len, const char *href)
{
	bool is_mail = strncasecmp(href, "mailto:", 7) == 0;
	char *address, *words;
	bool has;

	href += is_mail ? 7 : 4;
	address = xstrndup(href, strcspn(href, "?;"));
	words = xstrndup(text, len);
	has = is_mail ?
	    strchr(address, '@') == NULL || strcasestr(words, address) != NULL :
	    has_number(text, len, address);
	free(words);
	if (!has && is_fit(address))
		return address;
	free(address);
	return NULL;
}

char *
link_told(const char *text, size_t len, const char *href, const char *base)
{
	char *address = NULL, *whole, *told;

	href += strspn(href, " \t\r\n");
	if (strncasecmp(href, "mailto:", 7) == 0 ||
	    strncasecmp(href, "tel:", 4) == 0)
		address = of_person(text, len, href);
	else if ((whole = resolved(href, base)) != NULL) {
		if (says_nothing(text, len))
			address = untracked(whole);
		free(whole);
	}
	if (address == NULL)
		return NULL;
	told = !is_fit(address) ? NULL :
	    is_blank(text, len) ? xstrdup(address) :
				  xformat(" (%s)", address);
	free(address);
	return told;
}

char *
link_of_field(const char *code)
{
	static const char name[] = "HYPERLINK";
	const char *p = code + strspn(code, " \t\r\n");

	if (strncasecmp(p, name, strlen(name)) != 0)
		return NULL;
	p += strlen(name);
	p += strspn(p, " \t\r\n");
	/* Behind a switch stands no address but a place in the document. */
	if (*p == '\\' || *p == '\0')
		return NULL;
	if (*p == '"')
		return xstrndup(p + 1, strcspn(p + 1, "\""));
	return xstrndup(p, strcspn(p, " \t\r\n"));
}
