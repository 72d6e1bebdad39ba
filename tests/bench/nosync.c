/*
 * nosync - a receiver that only believes it synced
 *
 * Preloaded into the control of power.sh, which must then lose messages.
 */
#include <unistd.h>

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}
