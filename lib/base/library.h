/*
 * library - shared libraries that are loaded when they are first needed
 *
 * For those that take longer to load than most runs take, and that few need.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

/*
 * Load file and put where its n functions of those names are to ret, n
 * pointers to functions in their order. NULL, or what is not there: file, or a
 * name of names. It stays loaded.
 */
const char *library_load(const char *file, const char *const *names, size_t n,
    void *ret);

#endif
