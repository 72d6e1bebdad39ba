/* addr.c - which addresses are the public internet */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "net/addr.h"

/* The special-purpose registries of IANA, IPv4. */
static const struct {
	uint32_t net;
	int bits;
} closed4[] = {
	{ 0x00000000, 8 },  /* this network */
	{ 0x0a000000, 8 },  /* private */
	{ 0x64400000, 10 }, /* shared by carriers */
	{ 0x7f000000, 8 },  /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local, cloud metadata */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relays */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 },  /* multicast */
	{ 0xf0000000, 4 },  /* reserved, broadcast */
};

/* The same for the part of IPv6 that is open at all, 2000::/3. */
static const struct {
	uint8_t net[6];
	int bits;
} closed6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },	    /* protocols, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff, 0x00 }, 20 },	    /* documentation */
};

static bool
open4(uint32_t a)
{
	for (size_t i = 0; i < sizeof closed4 / sizeof *closed4; i++)
		if ((a ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return false;
	return true;
}

static bool
begins(const uint8_t *a, const uint8_t *net, int bits)
{
	int bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, net, (size_t)bytes) != 0)
		return false;
	return rest == 0 || (a[bytes] ^ net[bytes]) >> (8 - rest) == 0;
}

static uint32_t
inner4(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
open6(const uint8_t *a)
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(a, mapped, sizeof mapped) == 0 ||
	    memcmp(a, nat64, sizeof nat64) == 0)
		return open4(inner4(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return open4(inner4(a + 2));
	if ((a[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < sizeof closed6 / sizeof *closed6; i++)
		if (begins(a, closed6[i].net, closed6[i].bits))
			return false;
	return true;
}

bool
addr_is_public(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		return open4(ntohl(in.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		return open6(in6.sin6_addr.s6_addr);
	}
	return false;
}

bool
addr_is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		const uint8_t *a = in6.sin6_addr.s6_addr;

		memcpy(&in6, sa, sizeof in6);
		return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
		    (memcmp(a, mapped, sizeof mapped) == 0 && a[12] == 127);
	}
	return false;
}

bool
addr_url_is_private(const char *url)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	const char *name = url + strlen("http://");
	char host[64];
	size_t len;

	if (strncasecmp(url, "https://", 8) == 0)
		return true;
	if (strncasecmp(url, "http://", 7) != 0)
		return false;
	len = *name == '[' ? strcspn(++name, "]") : strcspn(name, ":/?#");
	/* "127.0.0.1@example.com": the host is behind the sign. */
	if (len >= sizeof host || memchr(name, '@', strcspn(name, "/?#")))
		return false;
	memcpy(host, name, len);
	host[len] = '\0';
	if (name[-1] == '[')
		return inet_pton(AF_INET6, host, &in6.sin6_addr) == 1 &&
		    addr_is_loopback((const struct sockaddr *)&in6);
	if (strcasecmp(host, "localhost") == 0)
		return true;
	return inet_pton(AF_INET, host, &in.sin_addr) == 1 &&
	    addr_is_loopback((const struct sockaddr *)&in);
}
