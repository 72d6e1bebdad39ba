#!/bin/sh
# install-packages.sh [-n] GROUP - install what share/packages lists for GROUP
# (try; check has try's too; boot, bench, power and types have both) and this
# machine lacks; with -n only print the names of the group, which for guest is
# all: nothing of it is ever installed. Debian only; asks apt only if something
# is missing.
set -eu
print=
[ "${1-}" != -n ] || { print=1; shift; }
case ${1-} in
try) want=try ;;
check) want='try|check' ;;
boot | bench | power | types) want="try|check|$1" ;;
guest) want=guest print=1 ;;
*) echo "install-packages: usage: install-packages.sh [-n] try|check|boot|bench|power|types|guest" >&2; exit 64 ;;
esac
names=$(sed -nE "s/^($want)	([^ ]*).*/\2/p" "$(dirname "$0")/packages")
if [ -n "$print" ]; then
	echo "$names"
	exit 0
fi
# shellcheck disable=SC2086 # a list of names
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null |
	sed -n 's/ installed$//p') || true
missing=$(printf '%s\n' "$names" | grep -vxF "${have:-.}" | tr '\n' ' ') || true
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "install-packages: not a Debian system; install by hand: $missing" >&2
	exit 69
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "install-packages: run as root or install sudo; missing: $missing" >&2
		exit 77
	}
	sudo=sudo
fi
echo "install-packages: installing $missing" >&2
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
	--no-install-recommends $missing >/dev/null
