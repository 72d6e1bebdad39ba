/* fuzz: a line of input as an event; what is printed reads back the same */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store/log.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event *e = NULL, *again = NULL;
	char *line, *line_again;

	if (event_parse((const char *)data, size, &e) < 0)
		return 0;
	line = event_line(e);
	if (event_parse(line, strlen(line), &again) < 0)
		abort(); /* our own line is not one */
	line_again = event_line(again);
	if (strcmp(line, line_again) != 0)
		abort();
	event_subject(e, "conversation");
	free(line);
	free(line_again);
	event_free(e);
	event_free(again);
	return 0;
}
