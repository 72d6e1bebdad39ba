/*
 * curl - libcurl, loaded when it is first needed
 *
 * It brings some thirty libraries, which take longer to load than most of our
 * programs take to run and more memory than most of them have. So it is none
 * of those a program is linked with: net/curl.c has functions of its names
 * that pass their arguments on.
 */
#ifndef NET_CURL_H
#define NET_CURL_H

/*
 * Load it, once for all threads. 0 or ERR_UNAVAILABLE; no function of curl's
 * may be called unless this returned 0.
 */
int curl_load(void);

#endif
