/* library - shared libraries that are loaded when they are first needed */
#include <dlfcn.h>
#include <string.h>

#include "base/library.h"

const char *
library_load(const char *file, const char *const *names, size_t n, void *ret)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL), *found;
	size_t i;

	if (library == NULL)
		return file;
	for (i = 0; i < n; i++) {
		found = dlsym(library, names[i]);
		if (found == NULL)
			return names[i];
		memcpy((char *)ret + i * sizeof(found), &found, sizeof(found));
	}
	return NULL;
}
