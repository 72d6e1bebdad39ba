#!/bin/sh
# root.sh DIR PACKAGE... - a minimal Debian 12 in DIR, with these packages
#
# Made by debootstrap from where this machine's own apt gets its packages, and
# kept as a tarball in build/cache, so that it is made once. Only for root.
# Exit status 69 when it cannot be made here; why is on stderr.
set -eu
dir=$1
shift
top=$(cd "${0%/*}/.." && pwd)
cache=${ROOT_CACHE:-$top/build/cache}
fail () { echo "root: $*" >&2; exit 69; }

[ "$(id -u)" -eq 0 ] || fail 'only root can make a tree'
command -v debootstrap >/dev/null || fail 'no debootstrap'
# shellcheck disable=SC2016 # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
	'Codename: bookworm' 2>/dev/null | head -n 1)
[ -n "$mirror" ] || fail "apt knows no source of bookworm"
eval "$(apt-config shell proxy Acquire::http::Proxy)"
case ${proxy-} in '' | DIRECT | direct) ;; *) export http_proxy="$proxy" ;; esac

with=$(echo "$*" | tr ' ' '\n' | sort -u | paste -sd, -)
tar=$cache/root-$(echo "$with" | cksum | cut -d' ' -f1).tar
mkdir -p "$cache"
if [ ! -s "$tar" ]; then
	new=$(mktemp -d "$cache/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	debootstrap --variant=minbase ${with:+--include="$with"} bookworm \
		"$new/root" "$mirror" >"$new/log" 2>&1 ||
		{ tail -n 5 "$new/log" >&2; fail 'debootstrap failed'; }
	rm -f "$new"/root/var/cache/apt/archives/*.deb
	tar -C "$new/root" --numeric-owner -cf "$new/tar" .
	mv "$new/tar" "$tar"
fi
mkdir -p "$dir"
tar -C "$dir" --numeric-owner -xpf "$tar"
[ -z "${http_proxy-}" ] || printf 'Acquire::http::Proxy "%s";\n' "$http_proxy" \
	>"$dir/etc/apt/apt.conf.d/99proxy"
cp /etc/resolv.conf /etc/hosts "$dir/etc/" 2>/dev/null || :
