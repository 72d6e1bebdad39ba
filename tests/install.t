#!/bin/sh
# make install and uninstall: everything in its place, and nothing stays
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
build=${BUILD:-$top/build}
inst () { make -s -C "$top" B="$build" DESTDIR="$work/d" prefix=/usr "$@"; }
programs=$(find "$top/cmd" -name '*.c' -o -name '*.sh' | sed 's|.*/||; s|\..*||' | sort)

check 'it installs without a word' '
	inst install >out 2>err && same /dev/null err
'
check 'only frontdesk is in bindir, all others in libexec' '
	[ "$(ls d/usr/bin)" = frontdesk ] &&
	ls d/usr/libexec/frontdesk | sort >got &&
	echo "$programs" | grep -vx frontdesk >want && same want got
'
check 'frontdesk finds the others where they were put' '
	d/usr/bin/frontdesk conv --version >got && grep -q "^conv " got &&
	d/usr/bin/frontdesk env | grep -q "^PATH="
'
check 'every page is there' '
	(cd "$top/man" && find . -name "*.[157]") | sed "s|.*/||" | sort >want &&
	find d/usr/share/man -type f | sed "s|.*/||" | sort >got && same want got
'
check 'share holds samples, schemas and examples, nothing of the build' '
	(cd "$top/share" && find . -type f ! -name packages ! -name embed.awk \
	    ! -name "*.c" ! -name install-packages.sh) | sort >want &&
	(cd d/usr/share/frontdesk && find . -type f) | sort >got && same want got
'
check 'completions: one for each program but names that are taken' '
	ls d/usr/share/bash-completion/completions | sort >got &&
	echo "$programs" | grep -vxE "route|report" >want && same want got &&
	bash -c ". d/usr/share/bash-completion/completions/conv && complete -p conv" &&
	[ -s d/usr/share/zsh/site-functions/_frontdesk ] &&
	[ -s d/usr/share/fish/vendor_completions.d/conv.fish ]
'
check 'nothing of it can be written by others or is owned by a stray user' '
	find d -perm /022 ! -type l >got && same /dev/null got
'
check 'nothing names the place it was built in' '
	! grep -rlF "$work" d/usr && ! grep -rlIF "$top" d/usr
'
check 'what needs no HTTP library has none' '
	for program in conv kb-search route desk-events desk-user desk-config \
	    report; do
		[ ! -f "$build/$program" ] || ldd "$build/$program" |
			grep -E "libcurl|libmicrohttpd|libssl" |
			sed "s/^/$program/"
	done >got && same /dev/null got
'
check 'those who may need one load it when they do' '
	for program in wa-send ai-reply wa-sim; do
		! ldd "$build/$program" | grep libcurl || return 1
	done && nm -D --undefined-only "$build/wa-send" | grep -qw dlopen
'
check 'uninstall takes away every file again' '
	inst uninstall >out 2>err && same /dev/null err &&
	find d ! -type d >got && same /dev/null got
'
done_testing
