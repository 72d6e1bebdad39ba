#!/bin/sh
# pipeline.sh - the whole desk on one machine without systemd
#
#	pipeline.sh STORE CONF RUNDIR	start every stage that does not run
#					and wait until it is ready
#	pipeline.sh stop RUNDIR		let them finish what they hold, and stop
#	pipeline.sh list		name and command of each
#
# The commands are those of the units' ExecStart lines. The programs come from
# PATH ("frontdesk env" prints the line for an installed desk); RUNDIR gets
# NAME.pid, NAME.began and NAME.log of each. Secrets are where CONF says, or in
# $CREDENTIALS_DIRECTORY, as with systemd.
set -eu

stages='wa-recv wa-recv-follow wa-media ai-transcribe ai-label route ai-reply wa-send desk-hook desk-run desk-notify'
command_of () {
	case $1 in
	upgrade) echo 'frontdesk upgrade' ;;
	wa-recv) echo 'wa-recv' ;;
	wa-recv-follow) echo 'wa-recv --follow' ;;
	wa-media) echo 'wa-media --follow' ;;
	ai-transcribe) echo 'ai-transcribe --follow' ;;
	ai-label) echo 'ai-label --follow' ;;
	route) echo 'route --follow' ;;
	ai-reply) echo 'ai-reply --follow' ;;
	wa-send) echo 'wa-send --follow' ;;
	desk-hook) echo 'desk-hook --follow' ;;
	desk-run) echo 'desk-run --follow' ;;
	desk-notify) echo 'desk-notify --follow' ;;
	esac
}

usage () {
	echo 'usage: pipeline.sh STORE CONF RUNDIR | stop RUNDIR | list' >&2
	exit 64
}

# When a process began, in ticks since the machine did: with the pid it is a
# name that is never given twice, whatever is executed in it. Into $began, and
# by the shell itself: what it would run might be interrupted.
since () {
	began=''
	read -r began <"/proc/$1/stat" || return 1
	# shellcheck disable=SC2086 # fields; the first two are cut off
	set -- ${began##*) }
	began=${20}
} 2>/dev/null

# Whether the process NAME noted is still ours and running.
alive () {
	pid=$(cat "$run/$1.pid" 2>/dev/null) || return 1
	since "$pid" && [ "$began" = "$(cat "$run/$1.began" 2>/dev/null)" ] &&
		grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null
}

stop () {
	for name in $stages; do
		! alive "$name" || kill "$pid"
	done
	tries=0
	for name in $stages; do
		while alive "$name"; do
			tries=$((tries + 1))
			[ "$tries" -lt 200 ] || kill -KILL "$pid"
			sleep 0.05
		done
		rm -f "$run/$name.pid" "$run/$name.began" "$run/$name.notify"
	done
}

case ${1-} in
list)
	[ $# -eq 1 ] || usage
	for name in upgrade $stages; do
		echo "$name	$(command_of "$name")"
	done
	exit 0
	;;
stop)
	[ $# -eq 2 ] || usage
	run=$2
	stop
	exit 0
	;;
esac
[ $# -eq 3 ] || usage
run=$3
mkdir -p "$run"
run=$(cd "$run" && pwd)
FRONTDESK_STORE=$(cd "$1" && pwd) FRONTDESK_CONF=$(realpath "$2")
export FRONTDESK_STORE FRONTDESK_CONF

# From here on the stages are those that are started now: one that has died is
# started alone, and the others are left as they are.
dead=''
for name in $stages; do
	alive "$name" || dead="$dead $name"
done
[ -n "$dead" ] || {
	echo 'pipeline: every stage is running already' >&2
	exit 73
}
stages=$dead
sh -c "$(command_of upgrade)" >"$run/upgrade.log" 2>&1 || {
	status=$?
	cat "$run/upgrade.log" >&2
	exit $status
}

# Each stage says READY=1 on a socket, as it would to systemd. perl is part of
# every Debian.
cd "$run"
: >ready
# Interrupted on the way: what was started so far is stopped again.
gone=''
trap 'gone=130' INT
trap 'gone=131' QUIT
trap 'gone=143' TERM HUP
trap 'gone=141' PIPE
give_up () {
	trap '' INT TERM HUP QUIT PIPE
	trap - EXIT
	sleep 0.1	# what was started last may not have been executed yet
	kill $waiter 2>/dev/null || :
	stop
	exit "$1"
}
# shellcheck disable=SC2086 # a list of names
perl -MIO::Socket::UNIX -MIO::Select -e '
	my (%name, $said);
	my $all = IO::Select->new;
	for (@ARGV) {
		unlink "$_.notify";
		my $s = IO::Socket::UNIX->new(Local => "$_.notify", Type => SOCK_DGRAM)
		    or die "pipeline: $_.notify: $!\n";
		$name{$s} = $_;
		$all->add($s);
	}
	$| = 1;
	print "listening\n";
	my $end = time + 30;
	while ($all->count && time < $end) {
		for my $s ($all->can_read(1)) {
			$s->recv($said, 4096);
			$all->remove($s) if $said =~ /^READY=1$/m;
		}
	}
	print "not ready: ", join(" ", map { $name{$_} } $all->handles), "\n"
	    if $all->count;
	print "end\n";
' $stages >ready 2>&1 &
waiter=$!
# Also where a command we run was interrupted, and so ends us.
trap 'give_up "${gone:-$?}"' EXIT
until grep -q listening ready; do
	kill -0 $waiter 2>/dev/null || { cat ready >&2; exit 74; }
	[ -z "$gone" ] || give_up "$gone"
	sleep 0.01
done

for name in $stages; do
	[ -z "$gone" ] || give_up "$gone"
	# shellcheck disable=SC2046 # a command and its options
	NOTIFY_SOCKET=$run/$name.notify \
		setsid $(command_of "$name") </dev/null >>"$name.log" 2>&1 &
	echo $! >"$name.pid"
	since $! || :
	echo "$began" >"$name.began"
done
until grep -q '^end' ready; do
	[ -z "$gone" ] || give_up "$gone"
	for name in $stages; do
		alive "$name" && continue
		echo "pipeline: $name ended:" >&2
		tail -n 5 "$name.log" >&2
		give_up 69
	done
	sleep 0.02
done
if grep '^not ready' ready >&2; then
	give_up 69
fi
[ -z "$gone" ] || give_up "$gone"
trap - EXIT
rm -f ready ./*.notify
