/*
 * notify - tell the service manager how we are, as sd_notify(3) does
 *
 * The protocol is one datagram to the socket that $NOTIFY_SOCKET names, and
 * part of systemd's promised interface. It stands here and not in libsystemd
 * because that library, and the five it brings, cost every command half a
 * millisecond of its start.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

/*
 * Lines of KEY=VALUE: "READY=1", "STOPPING=1", "WATCHDOG=1". Without a service
 * manager, or if it does not listen, nothing happens.
 */
void notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
