#!/bin/sh
# install-packages.sh GROUP - install what share/packages lists for GROUP
# (try; check has try's too; boot has both) and this machine lacks. Debian
# only; asks apt only if something is missing.
set -eu
case ${1-} in
try) want=try ;;
check) want='try|check' ;;
boot) want='try|check|boot' ;;
*) echo "install-packages: usage: install-packages.sh try|check|boot" >&2; exit 64 ;;
esac
list=$(dirname "$0")/packages
missing=
for p in $(grep -E "^($want)	" "$list" | cut -f2); do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
		grep -q 'install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "install-packages: not a Debian system; install by hand:$missing" >&2
	exit 69
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "install-packages: run as root or install sudo; missing:$missing" >&2
		exit 77
	}
	sudo=sudo
fi
echo "install-packages: installing$missing" >&2
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
	--no-install-recommends $missing >/dev/null
