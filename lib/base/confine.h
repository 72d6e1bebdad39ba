/*
 * confine - give up files this process has no business with
 *
 * By Landlock, as far as the kernel has it. What talks to the network is kept
 * from the store this way, though its own child works there.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

/*
 * From now on this process and its children reach nothing in the directory
 * keep_out, change nothing outside of the directories in writable
 * (NULL-ended; they may be in keep_out; those that are missing are left out),
 * and read all else. With writable NULL they change all else, too. Open descriptors stay as they are. Beside the way to
 * keep_out nothing that comes to be later can be read.
 *
 * 0, also on a kernel that cannot do it at all; ERR_IO.
 */
int confine(const char *keep_out, const char *const *writable);

#endif
