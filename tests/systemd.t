#!/bin/sh
# systemd/: the units are whole, closed off, and run what pipeline.sh runs
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
command -v systemd-analyze >/dev/null || {
	echo '1..0 # SKIP no systemd-analyze'
	exit 0
}
build=${BUILD:-$top/build}
make -s -C "$top" B="$build" prefix="$work/usr" install >install.log 2>&1 || {
	cat install.log >&2
	exit 1
}
units=$work/usr/lib/systemd/system
# Their programs stand in for the ones that are not built yet or here.
services=$(cd "$units" && ls frontdesk-*.service)

check 'every unit is valid, down to the names of its keys' '
	find "$units" -maxdepth 1 -type f >all &&
	xargs systemd-analyze verify --man=no --recursive-errors=no <all &&
	[ "$(wc -l <all)" -ge 12 ]
'
check 'no template mark is left' '
	! grep -rn "@[a-z]*@" "$units" "$work/usr/lib/sysusers.d" \
	    "$work/usr/lib/tmpfiles.d"
'
net='frontdesk-ai-label.service frontdesk-desk-hook.service frontdesk-desk-run.service frontdesk-desk-notify.service frontdesk-ai-reply.service frontdesk-ai-tool@.service frontdesk-ai-transcribe.service frontdesk-kb-embed.service frontdesk-wa-media.service frontdesk-wa-send.service frontdesk-wa-template.service frontdesk-kb-crawl@.service frontdesk-kb-sync@.service'
for unit in $services; do
	case " $net " in *" $unit "*) most=13 ;; *) most=6 ;; esac
	check "$unit exposes no more than $most tenths" '
		systemd-analyze security --no-pager --offline=true \
		    --threshold=$most "$units/$unit"
	'
done
check 'what reads documents exposes least, and has neither group nor store' '
	systemd-analyze security --no-pager --offline=true --threshold=6 \
	    "$units/kb-extract@.service" &&
	grep -qx DynamicUser=yes "$units/kb-extract@.service" &&
	! grep -qE "^(User|Group|SupplementaryGroups|ReadWritePaths|BindPaths)=" \
	    "$units/kb-extract@.service" &&
	grep -q "^InaccessiblePaths=-/var/lib/frontdesk " "$units/kb-extract@.service" &&
	grep -qx PrivateNetwork=yes "$units/kb-extract@.service" &&
	grep -qx RestrictAddressFamilies=AF_UNIX "$units/kb-extract@.service"
'
check 'it gives up what the other units do' '
	sed "/^#/d; /^\[/d; /^Group=/d; /^UMask=/d; /^ReadWritePaths=/d" \
	    "$top/systemd/hardening.conf" >all && [ "$(wc -l <all)" -gt 20 ] &&
	while read -r line; do
		grep -qxF -e "$line" "$units/kb-extract@.service" || echo "$line"
	done <all >bad && same /dev/null bad
'
check 'what runs tools: closed to all but ai-reply, no secret of the store, no key of a model' '
	grep -qx SocketMode=0600 "$units/frontdesk-ai-tool.socket" && grep -qx SocketUser=frontdesk-ai "$units/frontdesk-ai-tool.socket" &&
	grep -qx "ExecStart=.*/ai-tool serve --peer frontdesk-ai" "$units/frontdesk-ai-tool@.service" &&
	grep "^InaccessiblePaths=" "$units/frontdesk-ai-tool@.service" | tr " =" "\n\n" >got && for path in /var/lib/frontdesk/auth.db /var/lib/frontdesk/kb.db /etc/frontdesk/secrets; do grep -qxF -e "-$path" got || exit 1; done &&
	! grep -E "^LoadCredential=.*key" "$units/frontdesk-ai-tool@.service" && grep -qx PrivateUsers=no "$units/frontdesk-ai-tool@.service.d/60-peer.conf"
'
check 'only what must has a network' '
	for unit in $services; do
		case " $net " in *" $unit "*) continue ;; esac
		grep -qx PrivateNetwork=yes "$units/$unit" &&
		grep -qx RestrictAddressFamilies=AF_UNIX "$units/$unit" ||
			echo "$unit"
	done >got && same /dev/null got
'
check 'every service has a user of its own, in the group' '
	grep -h "^User=" "$units"/frontdesk-*.service | sed "s/^User=//" | sort >all &&
	[ "$(wc -l <all)" -eq "$(echo "$services" | wc -l)" ] &&
	grep -lx User=root "$units"/frontdesk-*.service | sed "s/.*frontdesk-//" >asroot &&
	[ "$(cat asroot)" = keys.service ] &&
	grep -vxE "frontdesk|root" all >got && sort -u got | same got - &&
	while read -r user; do
		grep -q "^u $user  *-:frontdesk " "$work/usr/lib/sysusers.d/frontdesk.conf" ||
			echo "no $user"
	done <got >bad && same /dev/null bad
'
check 'paths that are written are made by tmpfiles' '
	cat "$units"/*.service "$units"/frontdesk-.service.d/*.conf |
		sed -n "s/^ReadWritePaths=//p" | tr " " "\n" | sort -u |
		while read -r path; do
			grep -q "^d $path " "$work/usr/lib/tmpfiles.d/frontdesk.conf" ||
				echo "no $path"
		done >bad && same /dev/null bad
'
check 'secrets that are loaded are made by tmpfiles, closed to all but root' '
	sed -n "s/^LoadCredential=[^:]*://p" "$units"/*.service | sort -u |
		while read -r path; do
			grep -Eq "^[df] $path +0[67]00 root +root " \
			    "$work/usr/lib/tmpfiles.d/frontdesk.conf" ||
				echo "no $path"
		done >bad && same /dev/null bad
'
check 'no secret and no environment in a unit' '
	! grep -Ei "^(Environment|PassEnvironment|SetCredential)" "$units"/frontdesk*.*
'
check 'reload is a SIGHUP to each that runs on' '
	for unit in $(cd "$units" && grep -l "^Type=notify" *.service); do
		grep -qx "ExecReload=/bin/kill -HUP \$MAINPID" "$units/$unit" || echo "$unit"
	done >bad && same /dev/null bad
'
check 'a wrong use or set-up is not tried again, all else is' '
	for unit in $(cd "$units" && grep -l "^Type=notify" *.service); do
		grep -qx "Restart=always" "$units/$unit" &&
		grep -qx "StartLimitIntervalSec=0" "$units/$unit" &&
		grep -qx "RestartPreventExitStatus=64 78" "$units/$unit" &&
		grep -qx "Requires=frontdesk-upgrade.service.*" "$units/$unit" ||
			echo "$unit"
	done >bad && same /dev/null bad
'
# What is of one section of the settings is enabled for it.
check 'the target wants every service that runs on, each socket and timer' '
	{ cd "$units" && grep -l "^Type=notify" *.service; ls *.socket *.timer; } |
		grep -v @ | sort >want &&
	sed -n "s/^Wants=//p" "$units/frontdesk.target" | tr " " "\n" |
		sort >got && same want got
'
check 'what comes in is read by all: events are made once every stage has its place' '
	{ echo frontdesk-upgrade.service && cd "$units" && grep -l "^Type=notify" *.service | grep -v wa-recv; } | sort >want &&
	sed -n "s/^After=//p" "$units/frontdesk-wa-recv-follow.service" |
		tr " " "\n" | sort >got && same want got
'
check 'timers fire when they say' '
	sed -n "s/^OnCalendar=//p" "$units"/*.timer | while read -r when; do
		systemd-analyze calendar "$when" >/dev/null || exit 1
	done
'
# ExecStart=/path/PROGRAM OPTIONS of the unit, and the same of the script.
check 'pipeline.sh runs the same commands' '
	for unit in upgrade wa-recv wa-recv-follow wa-media ai-transcribe ai-label route ai-reply wa-send desk-hook desk-run desk-notify; do
		printf "%s\t" "$unit"
		sed -n "s|^ExecStart=[^ ]*/||p" "$units/frontdesk-$unit.service"
	done >want &&
	sh "$top/share/examples/pipeline.sh" list >got && same want got &&
	grep -l "^Type=notify" "$units"/*.service | wc -l >n &&
	[ "$(cat n)" -eq "$(($(wc -l <got) - 1))" ]
'
# The options of an ExecStart are in the table of its program.
check 'every ExecStart is a program of ours with options it knows' '
	sed -n "s|^ExecStart=$work/usr/[a-z/]*/||p" "$units"/*.service >execs &&
	while read -r program options; do
		for option in $options; do
			case $option in
			--*) option=${option%%=*}
			    "$program" --options | cut -f3 |
				grep -qx -e "${option#--}" || echo "$program $option" ;;
			esac
		done
		[ -x "$work/usr/libexec/frontdesk/$program" ] ||
			[ -x "$work/usr/bin/$program" ] || echo "$program"
	done <execs >bad && same /dev/null bad
'
check 'every page a unit names is there' '
	find "$units" -maxdepth 1 -type f -exec sed -n \
	    "s/^Documentation=man:\(.*\)(\([0-9]\))\$/\1.\2/p" {} + |
		sort -u >pages && [ -s pages ] &&
		while read -r page; do
			[ -f "$work/usr/share/man/man${page##*.}/$page" ] || echo "$page"
		done <pages >bad && same /dev/null bad
'
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p root/etc root/usr/lib/sysusers.d root/usr/lib/tmpfiles.d
	cp "$work/usr/lib/sysusers.d/frontdesk.conf" root/usr/lib/sysusers.d/
	cp "$work/usr/lib/tmpfiles.d/frontdesk.conf" root/usr/lib/tmpfiles.d/
	check 'users, store, links and secrets come to be, twice over' '
		printf "root:x:0:0::/root:/bin/sh\n" >root/etc/passwd &&
		printf "root:x:0:\n" >root/etc/group &&
		systemd-sysusers --root="$work/root" &&
		systemd-tmpfiles --root="$work/root" --create frontdesk.conf &&
		systemd-tmpfiles --root="$work/root" --create frontdesk.conf &&
		[ "$(grep -c "^frontdesk" root/etc/passwd)" -eq 18 ] &&
		[ "$(stat -c %a root/var/lib/frontdesk)" = 2770 ] &&
		[ "$(readlink root/var/lib/frontdesk/run)" = /run/frontdesk ] &&
		[ "$(stat -c %a root/etc/frontdesk/secrets)" = 700 ] &&
		[ "$(stat -c %a:%u root/etc/frontdesk/secrets/app-secret)" = 600:0 ]
	'
else
	count=$((count + 1))
	echo "ok $count - users and folders # SKIP not root"
fi
check 'the crontab runs what the timers run' '
	for unit in $(cd "$units" && ls *.timer | grep -v @); do
		sed -n "s|^ExecStart=[^ ]*/||p" "$units/${unit%.timer}.service"
	done | sed "s/^frontdesk //" | sort >want &&
	sed -n "s|^[0-9].*/usr/local/bin/frontdesk \([^>]*[^ >]\).*|\1|p" \
	    "$top/share/examples/crontab" | sort >got && same want got
'
done_testing
