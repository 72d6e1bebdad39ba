/*
 * addr - which addresses are the public internet
 *
 * For the guard of outgoing calls: what a name resolved to is checked, not the
 * name, so that no spelling of an address and no change of a DNS answer leads
 * a call inside.
 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <sys/socket.h>

#include <stdbool.h>

/*
 * Whether sa is a unicast address of the public internet. Addresses that
 * carry an IPv4 one (mapped, NAT64, 6to4) are judged by that.
 */
bool addr_is_public(const struct sockaddr *sa);

/* 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104. */
bool addr_is_loopback(const struct sockaddr *sa);

/*
 * Whether nobody on the way can read what is sent to url: it is https, or its
 * host is "localhost" or an address of loopback, written as such.
 */
bool addr_url_is_private(const char *url);

#endif
