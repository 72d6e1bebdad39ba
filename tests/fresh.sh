#!/bin/sh
# fresh.sh - make try and make check as a newcomer does: in a Debian that has
# nothing but git and make (make check-fresh)
#
# The tree is thrown away; the packages it fetched are kept in build/cache for
# the next time. FRESH names other targets than "try check".
set -eu
top=$(cd "${0%/*}/.." && pwd)
cache=${ROOT_CACHE:-$top/build/cache}
mkdir -p "$cache/archives"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

got=0
sh "$top/tests/root.sh" "$work/root" git make || got=$?
if [ "$got" -ne 0 ]; then
	[ "$got" -eq 69 ] || exit "$got"
	echo 'fresh: skipped, no minimal Debian can be made here' >&2
	exit 0
fi
root=$work/root
mkdir "$root/src"
cd "$top"
# What git knows, or would if asked to add it; not what was built.
git ls-files -z -c -o --exclude-standard | sort -zu |
	xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' list |
	tar -cf - --null -T - | tar -C "$root/src" -xf -
cp "$cache"/archives/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || :

cat >"$root/fresh" <<'EOT'
set -eu
mount -t proc proc /proc
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
echo 'Binary::apt-get::APT::Keep-Downloaded-Packages "true";' \
	>/etc/apt/apt.conf.d/99keep
cd /src
for target in ${FRESH:-try check}; do
	echo "fresh: make $target"
	make -j"$(nproc)" $target </dev/null
done
EOT
mount_and_run='mount --rbind /dev "$1/dev" && exec chroot "$1" /usr/bin/env -i \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/root TERM=dumb LANG=C.UTF-8 FRESH="${FRESH-}" sh /fresh'
unshare --mount --pid --fork --kill-child sh -c "$mount_and_run" fresh "$root" ||
	got=$?
cp -n "$root"/var/cache/apt/archives/*.deb "$cache/archives/" 2>/dev/null || :
exit "$got"
