#!/bin/sh
# run.sh [NAME...] - measure the desk beside its peers; read the ratios
#
# Names: webhooks kills power writers wake pipe start route desk send ai search
# vectors busy conv (default: all). BENCH=1M searches a million passages too,
# which takes hours.
# Each goal is one line: goal, figure, peer's figure, ratio, met or missed.
# Nothing fails because of a time: only a broken measurement does, and a lost
# message (exit status 1, at the end). ROUNDS=3
# and SECONDS_EACH=4 say how long; medians of the rounds are printed. The
# peer's Node and fastify come from npm, pinned, into $BUILD/bench/node.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-$top/build}
tools=$BUILD/tests/bench
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-4}
PATH=$BUILD:$PATH LC_ALL=C.UTF-8
FRONTDESK_EXEC=$BUILD
export PATH LC_ALL FRONTDESK_EXEC
unset FRONTDESK_STORE FRONTDESK_CONF FRONTDESK_NOW FRONTDESK_FAULT

mkdir -p "$BUILD/bench"	# on the disk that the build is on, not in memory
work=$(mktemp -d "$BUILD/bench/work.XXXXXX")
pids=''
cleanup () {
	trap - EXIT
	[ ! -d "$work/run" ] ||
		sh "$top/share/examples/pipeline.sh" stop "$work/run" || :
	for pid in $pids; do kill "$pid" 2>/dev/null || :; done
	pg_stop
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"
: >frontdesk.conf
FRONTDESK_CONF=$work/frontdesk.conf
export FRONTDESK_CONF

say () { echo "bench: $*" >&2; }
# Compare by jq, since the shell counts in whole numbers only.
calc () { jq -n "$1"; }
met () { [ "$(calc "$1")" = true ] && echo met || echo missed; }
# NUMBER TEXT FIGURE PEER RATIO VERDICT
goal () {
	printf 'goal %s: %s  figure %s  peer %s  ratio %s  %s\n' "$@"
}
# A figure without a goal of its own.
figure () { printf 'figure: %s  %s  peer %s  ratio %s\n' "$@"; }
# FILE KEY: the median of a key over the objects in a file
median () { jq -s --arg k "$2" 'map(.[$k]) | sort | .[length / 2 | floor]' "$1"; }
ratio () { jq -n --argjson a "$1" --argjson b "$2" \
	'if $b == 0 then "-" else ($a / $b * 100 | round / 100 | tostring) + "x" end' -r; }

idle () {	# percent of the processors that nobody used in one second
	a=$(awk '/^cpu /{print $5 + $6, $2+$3+$4+$5+$6+$7+$8+$9}' /proc/stat)
	sleep 1
	b=$(awk '/^cpu /{print $5 + $6, $2+$3+$4+$5+$6+$7+$8+$9}' /proc/stat)
	echo "$a $b" | awk '{printf "%d", ($3 - $1) * 100 / ($4 - $2)}'
}
check_idle () {
	i=$(idle)
	[ "$i" -ge 93 ] ||
		say "$1: the machine is only $i % idle: read ratios, not figures"
}

# --- the peers ---
have_node=0
get_node () {
	[ "$have_node" -eq 0 ] || return 0
	node_dir=$BUILD/bench/node
	mkdir -p "$node_dir"
	cmp -s "$here/node/package.json" "$node_dir/package.json" || {
		cp "$here/node/package.json" "$node_dir/"
		rm -rf "$node_dir/node_modules"
	}
	if [ ! -x "$node_dir/node_modules/.bin/node" ]; then
		command -v npm >/dev/null || {
			say 'no npm: the Node peers are left out'
			have_node=-1
			return 0
		}
		say 'getting Node, fastify, express and pg from npm'
		(cd "$node_dir" && npm install --no-audit --no-fund --silent \
			>/dev/null 2>&1) || {
			say 'npm failed: the Node peers are left out'
			have_node=-1
			return 0
		}
	fi
	node=$node_dir/node_modules/.bin/node
	cp "$here/node/receiver.js" "$here/node/receiver-pg.js" \
		"$here/node/sender.js" "$here/node/search.js" \
		"$here/node/vectors.js" "$here/node/answerer.js" \
		"$here/node/rules.js" "$node_dir/"
	have_node=1
}

# PostgreSQL runs for nobody with root's rights. Under its own user it must
# still get to a folder below root's.
pg_as () {	# COMMAND...: instead of this shell
	[ "$(id -u)" -ne 0 ] || set -- setpriv --reuid postgres \
		--regid postgres --clear-groups --inh-caps +dac_read_search \
		--ambient-caps +dac_read_search "$@"
	exec "$@"
}
# The socket's path must be short, the data on the disk the build is on.
pg_pid='' pg_sockets='' have_pg=0
get_pg () {
	[ "$have_pg" -eq 0 ] || return 0
	have_pg=-1
	pg_bin=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null |
		sort -V | tail -n 1)
	pg_bin=${pg_bin%/initdb}
	[ -n "$pg_bin" ] || {
		say 'no PostgreSQL: make deps-bench installs it; left out'
		return 0
	}
	pg_sockets=$(mktemp -d)
	mkdir "$work/pgdata"
	[ "$(id -u)" -ne 0 ] || chown postgres: "$work/pgdata" "$pg_sockets"
	(pg_as "$pg_bin/initdb" -D "$work/pgdata" -A trust -U bench -E UTF8 \
		--locale C) >pg.log 2>&1 || {
		tail -n 3 pg.log >&2
		say 'initdb failed: PostgreSQL is left out'
		return 0
	}
	have_pg=1
}
pg_start () {	# [PRELOAD]
	[ $have_pg -eq 1 ] || return 0
	LD_PRELOAD=${1-} pg_as "$pg_bin/postgres" -D "$work/pgdata" \
		-k "$pg_sockets" -c listen_addresses= -c fsync=on \
		-c synchronous_commit=on >pg.log 2>&1 &
	pg_pid=$!
	n=0
	until "$pg_bin/pg_isready" -q -h "$pg_sockets"; do
		n=$((n + 1))
		[ $n -lt 200 ] || { cat pg.log >&2; exit 70; }
		sleep 0.05
	done
}
pg_stop () {	# SIGINT: whoever is connected is cut off
	[ -z "$pg_pid" ] || {
		kill -INT "$pg_pid" 2>/dev/null || :
		wait "$pg_pid" 2>/dev/null || :
		pg_pid=''
	}
	[ "${1-}" = keep ] || [ -z "$pg_sockets" ] || rm -rf "$pg_sockets"
}

# --- goals 1 to 3: receiving ---
secret=bench-secret
start () {	# WHO [PRELOAD]: a fresh receiver; its port and pid
	rm -rf store port db db-* && mkdir store
	case $1 in
	ours) LD_PRELOAD=${2-} wa-recv -S store -l 127.0.0.1:0 --port-file port \
		--secret-file secret --per-source 2000 2>recv.err & ;;
	peer) LD_PRELOAD=${2-} NODE_NO_WARNINGS=1 "$node" "$node_dir/receiver.js" \
		port db $secret 2>recv.err & ;;
	pg | pg-plain) keys=${1#pg} keys=${keys#-}
		NODE_NO_WARNINGS=1 "$node" "$node_dir/receiver-pg.js" port \
		"$pg_sockets" $secret "${keys:-unique}" 2>recv.err & ;;
	esac
	pid=$!
	pids="$pids $pid"
	n=0
	until [ -s port ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || { cat recv.err >&2; exit 70; }
		sleep 0.05
	done
	port=$(cat port)
}
stop () {
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	pids=''
}
load () {	# WHO PRELOAD CONNECTIONS FILE: one round, appended to FILE
	start "$1" "$2"
	"$tools/post" "$port" /webhook $secret "$3" "$each" >one
	rss=$(awk '/^VmHWM/{print $2}' "/proc/$pid/status")
	jq -c --argjson rss "$rss" '. + {rss_kb: $rss}' one >>"$4"
	stop
}
# Ours keeps bodies by arrival and sees to each message's id later, so the
# goal is held against a table as a desk needs one, and the plain one is shown.
beside_pg () {
	[ -s pg ] || return 0
	with=${slow:+, +2 ms a sync}
	[ "$(jq -s 'map(.errors) | add' pg pg-plain)" -eq 0 ] ||
		say 'express answered some with an error'
	rps2=$(median pg per_second) p992=$(median pg p99_us)
	if [ -z "$slow" ]; then
		goal 2 'against express + pg, pool of 10 >= 3x' "$rps/s" "$rps2/s" \
			"$(ratio "$rps" "$rps2")" "$(met "$rps >= 3 * $rps2")"
	else
		figure "against express + pg$with" "$rps/s" "$rps2/s" \
			"$(ratio "$rps" "$rps2")"
	fi
	figure "p99 against express + pg$with" "$(calc "$p99 / 1000") ms" \
		"$(calc "$p992 / 1000") ms" "$(ratio "$p99" "$p992")"
	rps2=$(median pg-plain per_second)
	figure "against express + pg without unique key and index$with" "$rps/s" \
		"$rps2/s" "$(ratio "$rps" "$rps2")"
}
webhooks () {
	get_node
	get_pg
	check_idle webhooks
	printf %s $secret >secret
	cc -shared -fPIC -O2 -D_GNU_SOURCE -o slowsync.so "$here/slowsync.c" -ldl
	for slow in '' "$work/slowsync.so"; do
		rm -f ours peer pg pg-plain
		[ $have_node -ne 1 ] || pg_start "$slow"
		i=0
		while [ $i -lt "$rounds" ]; do
			i=$((i + 1))
			load ours "$slow" 64 ours
			[ $have_node -ne 1 ] || load peer "$slow" 64 peer
			[ -z "$pg_pid" ] || {
				load pg '' 64 pg
				load pg-plain '' 64 pg-plain
			}
		done
		[ "$(jq -s 'map(.errors) | add' ours)" -eq 0 ] ||
			say 'wa-recv answered some with an error'
		rps=$(median ours per_second) p99=$(median ours p99_us)
		rss=$(median ours rss_kb)
		if [ $have_node -ne 1 ]; then
			figure "webhooks, durable and signed, 64 connections${slow:+, +2 ms a sync}" \
				"$rps/s, p99 $p99 us, $rss KB" - -
			continue
		fi
		rps2=$(median peer per_second) p992=$(median peer p99_us)
		rss2=$(median peer rss_kb)
		if [ -z "$slow" ]; then
			goal 1 'webhooks acknowledged at 64 connections >= 4x' \
				"$rps/s" "$rps2/s" "$(ratio "$rps" "$rps2")" \
				"$(met "$rps >= 4 * $rps2")"
			goal 1 'their p99 <= 1/10' "$(calc "$p99 / 1000") ms" \
				"$(calc "$p992 / 1000") ms" "$(ratio "$p99" "$p992")" \
				"$(met "$p99 * 10 <= $p992")"
			goal 1 'memory <= 1/4' "$(calc "$rss / 1000 | round") MB" \
				"$(calc "$rss2 / 1000 | round") MB" \
				"$(ratio "$rss" "$rss2")" "$(met "$rss * 4 <= $rss2")"
		else
			goal 2 'the same with +2 ms a sync >= 15x' "$rps/s" "$rps2/s" \
				"$(ratio "$rps" "$rps2")" "$(met "$rps >= 15 * $rps2")"
			figure 'p99 with +2 ms a sync' "$(calc "$p99 / 1000") ms" \
				"$(calc "$p992 / 1000") ms" "$(ratio "$p99" "$p992")"
		fi
		beside_pg
		pg_stop keep
	done
}
kills () {	# 20 x kill -9 under load; whoever was told 200 is in the inbox
	printf %s $secret >secret
	rm -rf kept && mkdir kept && : >acked
	i=0
	while [ $i -lt 20 ]; do
		i=$((i + 1))
		start ours
		"$tools/post" "$port" /webhook $secret 64 0.6 acked >/dev/null &
		poster=$!
		sleep "0.$((2 + i % 3))"
		kill -9 "$pid"
		wait "$pid" 2>/dev/null || :
		wait $poster || :
		for db in store/inbox-*.db; do
			[ "$(sqlite3 "$db" 'PRAGMA integrity_check')" = ok ] ||
				say "kill $i: $db is damaged"
			sqlite3 "$db" 'SELECT CAST(body AS TEXT) FROM body'
		done | grep -o 'wamid\.B[0-9.]*' >>kept/ids || :
	done
	pids=''
	sort -u kept/ids >kept/sorted
	missing=$(sort acked | comm -23 - kept/sorted | wc -l)
	goal 3 "acknowledged messages missing after 20 x kill -9, of $(wc -l <acked)" \
		"$missing" - - "$(met "$missing == 0")"
	[ "$missing" -eq 0 ] || lost=1
}
power () {	# 10 x power cut, in a machine of its own: see power.sh
	got=0
	began=$(date +%s)
	sh "$here/power.sh" "$work/power" >cuts || got=$?
	[ $got -ne 69 ] || return 0	# said why
	[ $got -eq 0 ] || exit $got
	n () { jq -r --arg of "$1" "select(.of == \$of) | .$2" cuts; }
	for half in killed unflushed; do
		missing=$(n ours-$half missing) damaged=$(n ours-$half damaged)
		case $half in
		killed) what='x power cut, unsynced lost' ;;
		unflushed) what='x power cut, half of the unflushed lost' ;;
		esac
		goal 3 "acknowledged messages missing after $(n ours-$half cuts) $what, of $(n ours-$half acked)" \
			"$missing, $damaged damaged" - - \
			"$(met "$missing == 0 and $damaged == 0")"
		[ $((missing + damaged)) -eq 0 ] || lost=1
	done
	figure 'the same if fsync did nothing, unsynced lost' \
		"$(n nosync-killed missing) of $(n nosync-killed acked) missing" - -
	figure 'the same if nothing was flushed, half of the unflushed lost' \
		"$(n nobarrier-unflushed missing) of $(n nobarrier-unflushed acked) missing" - -
	figure 'power cuts and controls took' "$(($(date +%s) - began)) s" - -
	for control in nosync-killed nosync-unflushed nobarrier-unflushed; do
		[ "$(n $control missing)" -gt 0 ] || {
			say "power: $control lost nothing, so nothing was shown"
			exit 70
		}
	done
}

# --- goal 4: the writer's turn ---
writers () {
	check_idle writers
	rm -f ours peer
	i=0
	while [ $i -lt "$rounds" ]; do
		i=$((i + 1))
		rm -f lock-*
		"$tools/lock" . turnstile 2 >>ours
		"$tools/lock" . sqlite 2 >>peer
	done
	for k in alone five fairness wait_max_ms small_p99_ms; do
		eval "o_$k=\$(median ours $k) p_$k=\$(median peer $k)"
	done
	# shellcheck disable=SC2154 # set by eval
	goal 4 'five writers: the least by the most >= 0.7' "$o_fairness" \
		"$p_fairness" - "$(met "$o_fairness >= 0.7")"
	# shellcheck disable=SC2154
	goal 4 'no wait for a turn > 100 ms' "$o_wait_max_ms ms" "$p_wait_max_ms ms" \
		"$(ratio "$o_wait_max_ms" "$p_wait_max_ms")" "$(met "$o_wait_max_ms <= 100")"
	# shellcheck disable=SC2154
	goal 4 'five >= 0.6x of one writer alone' "$o_five/s of $o_alone/s" \
		"$p_five/s of $p_alone/s" "$(ratio "$o_five" "$o_alone")" \
		"$(met "$o_five >= 0.6 * $o_alone")"
	# shellcheck disable=SC2154
	goal 4 'small writers beside a flat-out one: p99 <= 50 ms' "$o_small_p99_ms ms" \
		"$p_small_p99_ms ms" "$(ratio "$o_small_p99_ms" "$p_small_p99_ms")" \
		"$(met "$o_small_p99_ms <= 50")"
}

# --- goal 5: from a commit to another process's read ---
wake () {
	check_idle wake
	rm -f ours peer
	i=0
	while [ $i -lt "$rounds" ]; do
		i=$((i + 1))
		rm -f wake-*
		"$tools/wake" . bell 500 >>ours
		"$tools/wake" . poll 500 >>peer
	done
	a=$(median ours p50_us) b=$(median peer p50_us)
	goal 5 'commit to read elsewhere: p50 <= 150 us' "$a us" \
		"$b us (looking every 10 ms)" "$(ratio "$a" "$b")" "$(met "$a <= 150")"
	a=$(median ours p99_us) b=$(median peer p99_us)
	goal 5 'p99 <= 2 ms' "$a us" "$b us" "$(ratio "$a" "$b")" "$(met "$a <= 2000")"
	a=$(median ours idle_percent) b=$(median peer idle_percent)
	goal 5 'idle processor <= 0.01 %' "$a %" "$b %" "$(ratio "$a" "$b")" \
		"$(met "$a <= 0.01")"
}

# --- goal 9: six processes in a row ---
# POLICY WORK LINES [A_SECOND]
six () {
	"$tools/pipe" make "$3" "${4-0}" | "$tools/pipe" "$1" "$2" |
		"$tools/pipe" "$1" "$2" | "$tools/pipe" "$1" "$2" |
		"$tools/pipe" "$1" "$2" | "$tools/pipe" take |
		jq -c '. + {rate: (.lines / .seconds | round)}'
}
pipe () {
	check_idle pipe
	rm -f ours peer slow copy-ours copy-peer
	i=0
	while [ $i -lt "$rounds" ]; do
		i=$((i + 1))
		six idle json 60000 >>ours
		six line json 60000 >>peer
		six idle copy 300000 >>copy-ours
		six line copy 300000 >>copy-peer
		six idle json 600 200 >>slow
	done
	a=$(median ours rate) b=$(median peer rate)
	goal 9 'six stages of JSON >= 1.5x line buffered' "$a lines/s" "$b lines/s" \
		"$(ratio "$a" "$b")" "$(met "$a >= 1.5 * $b")"
	a=$(median copy-ours rate) b=$(median copy-peer rate)
	figure 'six stages that only pass lines on' "$a lines/s" "$b lines/s" \
		"$(ratio "$a" "$b")"
	a=$(median slow p99_us)
	goal 9 'at 200 lines/s p99 <= 1 ms' "$a us" - - "$(met "$a <= 1000")"
}

# --- goal 10: starting ---
# COMMAND...: the median of 30 runs in milliseconds
start_ms () {
	perl -MTime::HiRes=time -e '
		open STDIN, "<", "/dev/null";
		open my $out, ">&", STDOUT;
		open STDOUT, ">", "/dev/null";
		my @t;
		for (1 .. 30) {
			my $t = time;
			system @ARGV;
			$? & 127 and die "killed: @ARGV\n";
			push @t, (time - $t) * 1000;
		}
		@t = sort { $a <=> $b } @t;
		printf $out "%.1f\n", $t[15];
	' "$@"
}
starts () {
	get_node
	check_idle start
	rm -rf small && frontdesk init small >/dev/null
	FRONTDESK_STORE=$work/small
	export FRONTDESK_STORE
	kb-ingest "$top/share/sample/docs" >/dev/null 2>&1 || :
	cat >query.js <<-'!'
	const { DatabaseSync } = require('node:sqlite');
	const db = new DatabaseSync(process.argv[2], { readOnly: true });
	console.log(db.prepare('SELECT count(*) AS n FROM conversation').get().n);
	!
	peer_ms=0
	[ $have_node -ne 1 ] || peer_ms=$(NODE_NO_WARNINGS=1 start_ms \
		"$node_dir/node_modules/node/bin/node" query.js small/desk.db)
	for c in 'conv list' 'kb-search parcel'; do
		# shellcheck disable=SC2086 # a command and its arguments
		ms=$(start_ms $c)
		goal 10 "$c, cold start to exit <= 1/20 of node:sqlite" "$ms ms" \
			"$peer_ms ms" "$(ratio "$ms" "$peer_ms")" \
			"$(met "$ms * 20 <= $peer_ms")"
	done
	ms=$(start_ms wa-send --version)
	goal 10 'wa-send --version (with libcurl, no store) <= 1/8' "$ms ms" "$peer_ms ms" \
		"$(ratio "$ms" "$peer_ms")" "$(met "$ms * 8 <= $peer_ms")"
	unset FRONTDESK_STORE
}

# --- goal 6: rules on lines, beside Node and jq ---
# What all three do: read events, look for whole words in any case, write each
# event with the tags. jq is given fewer lines. Rates are by processor time, so
# that neither helpers of Node's nor other processes count for one side alone.
route_lines () {
	get_node
	check_idle route
	perl "$here/events.pl" 100000 >lines
	for rules in 1 10 100 1000; do
		route_beside "$rules"
	done
	ours=$(median r-ours1000 rate) peer=$(median r-ours1 rate)
	goal 6 'route --match, 1,000 rules <= 2x the cost of one' "$ours/s" \
		"$peer/s (one rule)" "$(ratio "$peer" "$ours")" "$(met "$peer <= 2 * $ours")"
	route_decides
	route_replays
}
# COUNT FILE COMMAND...: so many things a second of processor time; what it says
# goes to out. Its exit status.
route_rate () {
	perl -e '
		my ($n, $in) = splice @ARGV, 0, 2;
		open my $said, ">&", STDOUT;
		open STDIN, "<", $in or die "$in: $!\n";
		open STDOUT, ">", "out" or die "out: $!\n";
		system @ARGV;
		$? & 127 and die "killed: @ARGV\n";
		my (undef, undef, $user, $system) = times;
		printf $said qq({"rate":%d}\n), $n / ($user + $system);
		exit $? >> 8;
	' "$@"
}
route_same () {	# LINES WHO: its tags are those of route
	jq -c '.tags | sort' out >r-tags
	head -n "$1" r-want | cmp -s - r-tags || {
		say "route: $2 has found other tags"
		exit 70
	}
}
route_beside () {	# RULES
	perl -e 'printf "match text \"word%d\"  tag t%d\n", $_, $_ for 0 .. shift() - 1' "$1" >rules
	perl -e 'printf "word%d t%d\n", $_, $_ for 0 .. shift() - 1' "$1" >words
	jq -nR '[inputs | split(" ") | {(.[0]): .[1]}] | add' words >words.json
	{
		jq -r 'keys | join("|") | "def words: \"\\\\b(?:\(.))\\\\b\";"' words.json
		echo '.tags = ([.data.text | match(words; "gi").string | ascii_downcase] |
			unique | map($tags[.]))'
	} >rules.jq
	tags=$(cat words.json)
	few=$((20000 / $1))
	[ "$few" -ge 200 ] || few=200
	head -n $few lines >some
	rm -f "r-ours$1" peer jq-rate
	for round in $(seq "$rounds"); do
		route_rate 100000 lines route --match -f rules >>"r-ours$1"
		[ "$round" -gt 1 ] || jq -c '.tags | sort' out >r-want
		[ $have_node -ne 1 ] || {
			route_rate 100000 lines "$node" "$node_dir/rules.js" words >>peer
			[ "$round" -gt 1 ] || route_same 100000 Node
		}
		route_rate $few some jq -c --argjson tags "$tags" -f rules.jq >>jq-rate
		[ "$round" -gt 1 ] || route_same $few jq
	done
	ours=$(median "r-ours$1" rate)
	[ $have_node -ne 1 ] ||
		route_goal "$1" 4 peer 'Node with one alternation'
	route_goal "$1" 50 jq-rate jq
}
route_goal () {	# RULES TIMES FILE WHO: a goal of the thousand, figures of fewer
	peer=$(median "$3" rate)
	if [ "$1" -eq 1000 ]; then
		goal 6 "route --match, 1,000 keyword rules >= $2x $4" "$ours/s" \
			"$peer/s" "$(ratio "$ours" "$peer")" "$(met "$ours >= $2 * $peer")"
	else
		figure "route --match, $1 keyword rules, beside $4" "$ours/s" \
			"$peer/s" "$(ratio "$ours" "$peer")"
	fi
}
# The same rules with all that comes of them: contacts, conversations, messages
# and events in a store that is thrown away.
route_decides () {
	perl "$here/events.pl" 10000 plain >lines
	rm -f ours
	for _ in $(seq "$rounds"); do
		FRONTDESK_CONF=/dev/null HOME=$work XDG_DATA_HOME=$work/none \
			route_rate 10000 lines route -q --dry-run -f rules >>ours
	done
	figure 'route --dry-run, 1,000 rules, every effect in a store' \
		"$(median ours rate)/s" - -
}
# A log of so many messages, replayed: twice the same, and what a changed rule
# changes is found, no more.
route_replays () {
	messages=${REPLAY:-100000}
	perl "$here/events.pl" "$messages" plain >lines
	rm -rf r-store && frontdesk init r-store >/dev/null
	route -q -S r-store -f rules <lines >/dev/null
	sed 's/tag t500$/tag other/' rules >changed
	printf '[rules]\nfile = %s/rules\n' "$work" >r-conf
	events=$(sqlite3 -readonly r-store/desk.db 'SELECT count(*) FROM event')
	rm -f ours
	for round in $(seq "$rounds"); do
		got=0
		FRONTDESK_CONF=r-conf route_rate "$events" /dev/null \
			route --replay -S r-store -f changed >>ours || got=$?
		[ "$round" -gt 1 ] || cp out replayed
		if [ $got -ne 1 ] || ! cmp -s out replayed; then
			say 'route --replay: not the same twice'
			exit 70
		fi
	done
	sqlite3 -readonly r-store/desk.db "SELECT DISTINCT conversation FROM
		conversation_tag WHERE tag = 't500' ORDER BY conversation" >r-want
	jq -r 'select(.field == "tags" and .new - .now == ["other"] and
		.now - .new == ["t500"]).conversation' replayed >r-got
	if ! cmp -s r-want r-got || [ "$(wc -l <r-got)" -ne "$(wc -l <replayed)" ]; then
		say 'route --replay: not the difference that was to be expected'
		exit 70
	fi
	ours=$(median ours rate)
	goal 6 "route --replay, $events events of $messages messages, two times 1,000 rules >= 100,000 a second" \
		"$ours/s" - - "$(met "$ours >= 100000")"
}

# --- the whole desk: end to end, and idle ---
desk () {
	command -v ai-reply >/dev/null || { say 'no ai-reply yet'; return 0; }
	check_idle desk
	rm -rf store run said && mkdir run
	head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >secret
	cp secret token && cp secret verify
	free () { perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
		LocalAddr => "127.0.0.1", Listen => 1)->sockport'; }
	port=$(free) sim_port=$(free)
	cat >desk.conf <<-!
	[listen]
	address = 127.0.0.1:$port
	secrets_file = $work/secret
	verify_token_file = $work/verify
	[instance shop]
	phone_number_id = 100000000000001
	url = http://127.0.0.1:$sim_port
	token_file = $work/token
	quiet = 0ms
	quiet_max = 0ms
	!
	frontdesk init store >/dev/null
	FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/desk.conf
	export FRONTDESK_STORE FRONTDESK_CONF
	kb-ingest "$top/share/sample/docs" >/dev/null 2>ingest.err || cat ingest.err >&2
	sh "$top/share/examples/pipeline.sh" store desk.conf run
	sleep 2
	pss=0
	for p in run/*.pid; do
		k=$(awk '/^Pss:/{s += $2} END {print s}' "/proc/$(cat "$p")/smaps_rollup")
		pss=$((pss + k))
	done
	figure 'idle memory of the service, sum of PSS (five processes)' \
		"$(calc "$pss / 1000 * 10 | round / 10") MB" - -
	perl -e 'for (1 .. 200) {
		printf "{\"from\":\"4917%08d\",\"text\":\"How do I return a bike?\"}\n", $_;
		print "{\"type\":\"wait\",\"ms\":40}\n" }' >customers
	wa-sim -l "127.0.0.1:$sim_port" -w "http://127.0.0.1:$port/" \
		--secret-file secret --token-file token --no-status \
		--until-idle 3s <customers >said 2>sim.err || cat sim.err >&2
	jq -s -c 'def ms: .[0:19] + "Z" | fromdateiso8601 * 1000;
		def at: (.time | ms) + (.time[20:23] | tonumber);
		(map(select(.type == "customer.said")) | map({key: .customer, value: at}) |
			from_entries) as $asked |
		map(select(.type == "business.said")) |
			unique_by(.customer) | map(at - $asked[.customer]) | sort |
		{answers: length, p50: .[length / 2 | floor],
			p99: .[(length - 1) * 99 / 100 | floor]}' said >e2e
	figure "webhook in to provider call out, no quiet time, $(jq .answers e2e) of 200 answered" \
		"p50 $(jq .p50 e2e) ms, p99 $(jq .p99 e2e) ms" - -
	before=$(for p in run/*.pid; do cut -d' ' -f1 "/proc/$(cat "$p")/schedstat"; done |
		awk '{s += $1} END {print s}')
	sleep 10
	after=$(for p in run/*.pid; do cut -d' ' -f1 "/proc/$(cat "$p")/schedstat"; done |
		awk '{s += $1} END {print s}')
	figure 'idle processor of the service' \
		"$(calc "($after - $before) / 1e10 * 100 * 1000 | round / 1000") %" - -
	sh "$top/share/examples/pipeline.sh" stop run
	rm -rf run
	unset FRONTDESK_STORE
	FRONTDESK_CONF=$work/frontdesk.conf
}

# --- sending: wa-send beside undici, a provider that takes 100 ms ---
send_provider () {	# a fresh one; its address in $api
	rm -f sim.port
	wa-sim --port-file sim.port --delay 100ms --no-status --token-file token \
		>said 2>sim.err </dev/null &
	pid=$!
	pids="$pids $pid"
	n=0
	until [ -s sim.port ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || { cat sim.err >&2; exit 70; }
		sleep 0.05
	done
	api=http://127.0.0.1:$(cat sim.port)
}
# COUNT messages to as many customers, kept in a store, then sent from there:
# attempts marked before and outcomes recorded behind each call, durably.
send_ours () {	# COUNT FILE
	cat >send.conf <<-!
	[instance shop]
	phone_number_id = 100000000000001
	url = $api
	rate = 1000
	read_receipts = never
	!
	rm -rf store && frontdesk init store >/dev/null
	perl -e 'printf qq({"type":"message.queued","data":{"phone":"%s","instance":"shop","author":"ai","text":"Your parcel leaves tomorrow."}}\n),
		491700000000 + $_ for 1 .. $ARGV[0]' "$1" >lines
	FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/send.conf \
		wa-send -q <lines >/dev/null 2>&1 || :
	# As if they had just come: due now, and no token was ever missing.
	sqlite3 store/desk.db "DELETE FROM event WHERE type IN
		('instance.error', 'health.alert'); UPDATE job SET due_ms = 0"
	a=$(date +%s%N)
	FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/send.conf \
		perl -e 'use POSIX; my $p = fork(); if (!$p) { exec @ARGV or POSIX::_exit(127) }
			my $peak = 0; while (waitpid($p, WNOHANG) == 0) {
			if (open my $f, "<", "/proc/$p/status") { while (<$f>) { $peak = $1 if /^VmHWM:\s+(\d+)/ && $1 > $peak } }
			select undef, undef, undef, 0.02 } print "$peak\n"' \
		wa-send --follow --once -j 64 --token-file token >peak 2>send.err
	b=$(date +%s%N)
	left=$(sqlite3 -readonly store/desk.db \
		"SELECT count(*) FROM message WHERE status <> 'accepted'")
	[ "$left" -eq 0 ] || say "wa-send left $left messages"
	jq -cn "{per_second: ($1 * 1e9 / ($b - $a) | round), rss_kb: $(cat peak)}" >>"$2"
}
send () {
	get_node
	check_idle send
	printf %s token >token
	count=$((each * 500))
	rm -f ours peer
	i=0
	while [ $i -lt "$rounds" ]; do
		i=$((i + 1))
		send_provider
		send_ours "$count" ours
		stop
		[ $have_node -eq 1 ] || continue
		send_provider
		"$node" "$node_dir/sender.js" \
			"$api/v23.0/100000000000001/messages" token "$count" 64 >>peer
		stop
	done
	a=$(median ours per_second) m=$(median ours rss_kb)
	if [ $have_node -ne 1 ]; then
		figure 'messages sent, 64 in flight, 100 ms each' "$a/s, $m KB" - -
		return 0
	fi
	b=$(median peer per_second) p=$(median peer rss_kb)
	goal 11 'messages sent, 64 in flight, 100 ms each, durably >= 0.95x of undici without a store' \
		"$a/s" "$b/s" "$(ratio "$a" "$b")" "$(met "$a >= 0.95 * $b")"
	goal 11 'their memory <= 1/3' "$(calc "$m / 1000 | round") MB" \
		"$(calc "$p / 1000 | round") MB" "$(ratio "$m" "$p")" \
		"$(met "$m * 3 <= $p")"
}

# --- goal 7: answering by a model that takes 2 s ---
ai_model () {	# a fresh one; its address in $api
	rm -f model.port
	"$tools/model" model.port 2000 says >model.out &
	pid=$!
	pids="$pids $pid"
	n=0
	until [ -s model.port ]; do
		n=$((n + 1))
		[ $n -lt 200 ] || { say 'the model did not start'; exit 70; }
		sleep 0.05
	done
	api=http://127.0.0.1:$(cat model.port)/v1
}
# So many conversations, each of a customer of its own.
ai_lines () {	# COUNT
	perl -e 'printf qq({"id":"01M850000000000000000%05d","type":"message.routed","time":"$ARGV[1]","data":{"phone":"4917%08d","instance":"shop","language":"en","ai":true,"text":"How long does a parcel to Norway take?"}}\n), $_, $_
		for 1 .. $ARGV[0]' "$1" "$(date -u +%FT%TZ)" >lines
}
ai_store () {	# STREAM: a desk whose documents have the answer
	cat >ai.conf <<-!
	[ai]
	provider = openai
	url = $api
	model = m-1
	stream = $1
	timeout = 30s
	parallel = 500
	[instance shop]
	quiet = 0ms
	quiet_max = 0ms
	!
	rm -rf store && frontdesk init store >/dev/null
	kb-ingest -S store "$top/share/sample/docs" delivery.md >/dev/null 2>ai.err ||
		cat ai.err >&2
}
# From search to what is queued, durably; 500 calls at once, and what comes next
# is looked up meanwhile.
ai_ours () {	# FILE STREAM
	ai_store "$2"
	FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/ai.conf \
		"$tools/spend" "$1" ai-reply -q -j 750 <lines >got 2>ai.err ||
		cat ai.err >&2
	ai_count=$(jq -r 'select(.type == "message.queued" and .data.author == "ai") |
		.type' got | wc -l)
	[ "$ai_count" -eq "$(wc -l <lines)" ] ||
		say "ai-reply answered $ai_count of $(wc -l <lines)"
}
ai_peer () {	# FILE
	NODE_NO_WARNINGS=1 "$tools/spend" "$1" "$node" "$node_dir/answerer.js" \
		"$api" request.json 500 <lines >got 2>ai.err || cat ai.err >&2
	[ "$(wc -l <got)" -eq "$(wc -l <lines)" ] ||
		say "the peer answered $(wc -l <got) of $(wc -l <lines)"
}
# The request that ai-reply makes, for those who look nothing up.
ai_request () {	# STREAM
	ai_store "$1"
	rm -rf exchange
	FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/ai.conf \
		ai-reply --ask 'How long does a parcel to Norway take?' \
		--record exchange >asked
	jq -e '.answer' asked >/dev/null || { cat asked >&2; exit 70; }
	jq -cj .request exchange/*.json >request.json
}
ai_round () {	# STREAM SUFFIX
	ai_ours "ours$2" "$1"
	"$tools/spend" "calls$2" "$tools/ask" "$api/chat/completions" request.json \
		"$(wc -l <lines)" 500 >called || cat called >&2
	[ $have_node -ne 1 ] || ai_peer "peer$2"
}
# What the peer has no part in, search, checks and the store, is in ours; the
# calls alone are what both do. The goals are for whole answers: of streams
# the figures are shown.
ai_show () {	# SUFFIX: of the rounds kept in ours, calls and peer
	o_wall=$(median "ours$1" wall_ms) o_cpu=$(median "ours$1" cpu_ms)
	o_rss=$(median "ours$1" rss_kb) c_cpu=$(median "calls$1" cpu_ms)
	p_wall=0 p_cpu=0 p_rss=0
	[ $have_node -ne 1 ] || {
		p_wall=$(median "peer$1" wall_ms) p_cpu=$(median "peer$1" cpu_ms)
		p_rss=$(median "peer$1" rss_kb)
	}
	o_each=$(ai_each "$o_cpu") c_each=$(ai_each "$c_cpu")
	p_each=$(ai_each "$p_cpu")
}
ai_each () {	# MS: microseconds an answer
	calc "$1 * 1000 / $(wc -l <lines) | round"
}
ai_mib () { calc "$1 / 1024 | round"; }
ai_whole () {
	ai_show ''
	what='2,500 answers of 2 s, 500 at once'
	goal 7 "$what: time <= 1.05x of the ideal 10 s" "$o_wall ms" "$p_wall ms" \
		"$(ratio "$o_wall" 10000)" "$(met "$o_wall <= 1.05 * 10000")"
	goal 7 "$what: memory < 64 MiB" "$(ai_mib "$o_rss") MiB" - - \
		"$(met "$o_rss < 65536")"
	[ $have_node -eq 1 ] || return 0
	goal 7 "$what: memory <= 1/4 of Node's" "$(ai_mib "$o_rss") MiB" \
		"$(ai_mib "$p_rss") MiB" "$(ratio "$o_rss" "$p_rss")" \
		"$(met "$o_rss * 4 <= $p_rss")"
	goal 7 "$what: processor of the calls <= 1/8 of Node's" "$c_each us" \
		"$p_each us" "$(ratio "$c_each" "$p_each")" "$(met "$c_each * 8 <= $p_each")"
	goal 7 "$what: the same with search, checks and store in ours" "$o_each us" \
		"$p_each us" "$(ratio "$o_each" "$p_each")" "$(met "$o_each * 8 <= $p_each")"
}
ai_streamed () {
	ai_show -stream
	[ $have_node -eq 1 ] || return 0
	figure 'the same streamed: time' "$o_wall ms" "$p_wall ms" \
		"$(ratio "$o_wall" "$p_wall")"
	figure 'the same streamed: memory' "$(ai_mib "$o_rss") MiB" \
		"$(ai_mib "$p_rss") MiB" "$(ratio "$o_rss" "$p_rss")"
	figure 'the same streamed: processor of the calls' "$c_each us" "$p_each us" \
		"$(ratio "$c_each" "$p_each")"
	figure 'the same streamed: with search, checks and store in ours' "$o_each us" \
		"$p_each us" "$(ratio "$o_each" "$p_each")"
}
ai () {
	get_node
	check_idle ai
	printf '{"action":"answer","text":"Parcels to Norway take 8 to 10 working days.","sources":[1],"reason":"","wants":"","tried":"","language":"","mood":""}\n' >says
	printf '# Delivery\n\nParcels to France take 3 to 5 working days. Parcels to Norway take 8 to 10 working days.\n' >delivery.md
	for f in ours calls peer; do rm -f $f $f-stream $f-burst; done
	for how in off on; do
		[ $how = off ] && suffix='' || suffix=-stream
		ai_model
		ai_request $how
		for _ in $(seq "$rounds"); do
			ai_lines 2500
			ai_round $how "$suffix"
			[ $how = on ] || { ai_lines 500; ai_ours ours-burst off; }
		done
		stop
		[ "$(jq .most model.out)" -eq 500 ] ||
			say "the model thought of $(jq .most model.out) at once"
	done
	ai_lines 2500
	ai_whole
	ai_streamed
	o_wall=$(median ours-burst wall_ms)
	goal 7 '500 conversations, all at once: time < 2x of the ideal 2 s' \
		"$o_wall ms" - "$(ratio "$o_wall" 2000)" \
		"$(met "$o_wall < 4000")"
}

# --- goals 12 to 14: search beside FTS5, Xapian and MiniSearch ---
# A thirtieth of the questions, each in a process of its own: their median.
cold_us () {	# COMMAND...: QUESTION is put in the place of {}
	"$tools/cold" asked "$@"
}
# A program as it is installed: what a linker has written lies in small pieces
# in the cache of files, and is a tenth slower to start.
as_installed () {	# PROGRAM
	mkdir -p installed
	cp "$(command -v "$1")" installed/
	echo "$work/installed/$1"
}
# The same text in files of a thousand passages: bytes a second.
search_files () {
	rm -rf s-files s-few
	mkdir s-files
	jq -r '.text + "\n"' s-documents | split -a 4 -l 2000 \
		--additional-suffix .txt - s-files/f
	frontdesk init s-few >/dev/null
	a=$(date +%s%N)
	kb-ingest -S s-few --language en --plain s-files >/dev/null
	b=$(date +%s%N)
	calc "$(cat s-files/* | wc -c) * 1e9 / ($b - $a) | round"
}
search_size () {	# LABEL DOCUMENTS COUNT
	rm -rf s-store s-fts5 s-fts5-* s-xapian
	"$tools/corpus" documents "$2" >s-documents
	"$tools/corpus" questions "$3" "$2" >s-questions
	head -n 30 s-questions | jq -r .query >asked
	text=$(jq -r .text s-documents | wc -c)
	frontdesk init s-store >/dev/null
	a=$(date +%s%N)
	kb-ingest -S s-store --jsonl <s-documents >/dev/null
	b=$(date +%s%N)
	ours_bps=$(calc "$text * 1e9 / ($b - $a) | round")
	files_bps=''
	[ "$2" -gt 100000 ] || files_bps=$(search_files)
	index=$(sqlite3 -readonly s-store/kb.db "SELECT sum(pgsize) FROM dbstat
		WHERE name IN ('segment', 'segment_term', 'segment_blob')" 2>/dev/null) ||
		index=0
	"$tools/search" build s-fts5 <s-documents >s-build
	fts5_bps=$(jq .bytes_per_second s-build) fts5_bytes=$(jq .bytes s-build)
	"$tools/search" ours s-store <s-questions >s-ours
	ours_us=$(jq .p50_us s-ours) ours_99=$(jq .p99_us s-ours)
	head -n 50 s-questions | "$tools/search" fts5 s-fts5 >s-fts
	fts5_us=$(jq .p50_us s-fts)
	ours_cold=$(cold_us "$(as_installed kb-search)" -S s-store '{}')
	sed -i 's/ / OR /g' asked
	fts5_cold=$(cold_us sqlite3 s-fts5 "SELECT rowid FROM t WHERE t MATCH '{}'
		ORDER BY bm25(t, 3.0, 1.0) LIMIT 10")
	sed -i 's/ OR / /g' asked
	case $1 in
	10k) in_fts5=15 in_xapian=1 cold_fts5=10 cold_xapian=1 ;;
	100k) in_fts5=60 in_xapian=2 cold_fts5=60 cold_xapian=2 ;;
	*) in_fts5=500 in_xapian=8 cold_fts5=200 cold_xapian=4 ;;
	esac
	goal 12 "$1 passages, one process, FTS5 over ours >= $in_fts5" "$ours_us us, p99 $ours_99" \
		"$fts5_us us" "$(ratio "$fts5_us" "$ours_us")" "$(met "$fts5_us >= $in_fts5 * $ours_us")"
	[ "$1" != 1M ] || goal 12 "$1 passages, one process, p99 over p50 <= 4" "$ours_99 us" \
		"$ours_us us" "$(ratio "$ours_99" "$ours_us")" "$(met "$ours_99 <= 4 * $ours_us")"
	[ "$1" = 1M ] || figure "$1 passages, one process, p99 beside p50" "$ours_99 us" \
		"$ours_us us" "$(ratio "$ours_99" "$ours_us")"
	goal 12 "$1 passages, cold process, FTS5 over ours >= $cold_fts5" "$ours_cold us" \
		"$fts5_cold us" "$(ratio "$fts5_cold" "$ours_cold")" "$(met "$fts5_cold >= $cold_fts5 * $ours_cold")"
	goal 13 "$1 passages, text into the base >= 1x of FTS5's index alone" "$ours_bps B/s" \
		"$fts5_bps B/s" "$(ratio "$ours_bps" "$fts5_bps")" "$(met "$ours_bps >= $fts5_bps")"
	[ -z "$files_bps" ] || goal 13 "$1 passages in files of a thousand, the same" \
		"$files_bps B/s" "$fts5_bps B/s" "$(ratio "$files_bps" "$fts5_bps")" \
		"$(met "$files_bps >= $fts5_bps")"
	[ "$index" -eq 0 ] || goal 14 "$1 passages, the index's bytes <= 0.6x of FTS5's" "$index B" \
		"$fts5_bytes B" "$(ratio "$index" "$fts5_bytes")" "$(met "$index <= 0.6 * $fts5_bytes")"
	if /usr/bin/python3 -c 'import xapian' 2>/dev/null; then
		/usr/bin/python3 "$here/search-xapian.py" build s-xapian <s-documents >s-build
		/usr/bin/python3 "$here/search-xapian.py" ask s-xapian <s-questions >s-xap
		x_us=$(jq .p50_us s-xap) x_bps=$(jq .bytes_per_second s-build)
		x_cold=$(cold_us quest -d s-xapian -s english -m 10 '{}')
		goal 12 "$1 passages, one process, Xapian over ours >= $in_xapian" "$ours_us us" \
			"$x_us us" "$(ratio "$x_us" "$ours_us")" "$(met "$x_us >= $in_xapian * $ours_us")"
		goal 12 "$1 passages, cold process, Xapian over ours >= $cold_xapian" "$ours_cold us" \
			"$x_cold us" "$(ratio "$x_cold" "$ours_cold")" "$(met "$x_cold >= $cold_xapian * $ours_cold")"
		goal 13 "$1 passages, text into the base >= 15x of Xapian's" "$ours_bps B/s" \
			"$x_bps B/s" "$(ratio "$ours_bps" "$x_bps")" "$(met "$ours_bps >= 15 * $x_bps")"
	else
		say 'no Xapian: make deps-bench installs it; left out'
	fi
	if [ $have_node -eq 1 ] && [ "$2" -le 10000 ]; then
		head -n 100 s-questions >s-hundred
		"$node" "$node_dir/search.js" s-documents s-hundred >s-mini
		figure "$1 passages, one process, beside MiniSearch" "$ours_us us" \
			"$(jq .p50_us s-mini) us" "$(ratio "$(jq .p50_us s-mini)" "$ours_us")"
	fi
}
search () {
	get_node
	check_idle search
	search_size 10k 10000 1000
	search_size 100k 100000 1000
	[ "${BENCH-}" != 1M ] || search_size 1M 1000000 300
}

# --- conversations: lists and searches of a million messages, cold ---
conv_goal () {	# LABEL COMMAND...
	what=$1
	shift
	us=$(cold_us "$@")
	goal 15 "$what, $messages messages, one cold process <= 50 ms" \
		"$(calc "$us / 1000") ms" - - "$(met "$us <= 50000")"
}
# From a change to its line, as the reader of the list has it: each of 40.
conv_shows () {	# STORE
	conv list -S "$1" --ids -n 40 >c-ids
	perl -MTime::HiRes=time -MIPC::Open2 -e '
		my ($store) = @ARGV;
		open my $ids, "<", "c-ids"; chomp(my @ids = <$ids>);
		my $pid = open2(my $lines, my $in, "conv", "list", "-S", $store, "--watch");
		my $want = `conv list -S $store --ids | wc -l`;
		<$lines> for 1 .. $want;
		my @ms;
		for my $id (@ids) {
			my $event = `conv tag -S $store $id shows --json`;
			my ($s) = $event =~ /"time":"[^"]*T\d\d:\d\d:([\d.]+)Z"/ or die "no event: $event";
			my $line = <$lines>;
			$line =~ /$id/ or die "not $id: $line";
			push @ms, 1000 * ((time - $s) - 60 * int((time - $s) / 60));
			select undef, undef, undef, 0.1;
		}
		kill "TERM", $pid;
		@ms = sort { $a <=> $b } @ms;
		printf "{\"p50\":%.1f,\"p97\":%.1f}\n", $ms[@ms / 2], $ms[@ms - 2];
	' "$1"
}
# A run of wa-recv as it is, and where the words of messages are not noted.
conv_receives () {
	perl -e 'printf "{\"from\":\"4917%06d\",\"name\":\"N\",\"text\":\"where is my parcel number %d, please tell me\"}\n", $_ % 1500, $_ for 1 .. 10000' |
		wa-sim --bodies >c-bodies
	: >c-with; : >c-without
	for _ in $(seq "$rounds"); do
		for how in with without; do
			rm -rf c-recv
			frontdesk init c-recv >/dev/null
			[ $how = with ] ||
				sqlite3 c-recv/desk.db 'DROP TRIGGER word_message_new'
			a=$(date +%s%N)
			wa-recv --stdin -S c-recv <c-bodies >/dev/null
			b=$(date +%s%N)
			echo "{\"ms\":$(((b - a) / 1000000))}" >>c-$how
		done
	done
}
conversations () {
	check_idle conv
	messages=${MESSAGES:-1000000}
	rm -rf c-store
	frontdesk init c-store >/dev/null
	perl "$here/desk.pl" "$messages" $((messages / 50)) $((messages * 12 / 1000)) |
		sqlite3 -bail c-store/desk.db >/dev/null
	a=$(date +%s%N)
	frontdesk maintain --store c-store
	b=$(date +%s%N)
	figure 'messages into the index of words' \
		"$(calc "$messages * 1e9 / ($b - $a) | round") /s" - -
	yes x | head -n 15 >asked	# so often; nothing is asked of a list
	open=$(conv list -S c-store --ids | wc -l)
	conv_goal "list, the first 50 of $open open" conv list -S c-store -n 50
	conv_goal "list, the unread of one tag" \
		conv list -S c-store --tag tag3 --unread -n 50
	conv_goal "list, the ids of $open" conv list -S c-store --ids
	us=$(cold_us conv list -S c-store)
	figure "list, all $open in full" "$(calc "$us / 1000") ms" - -
	sqlite3 -readonly c-store/desk.db "SELECT substr(words, 1, instr(words, ' ') - 1)
		FROM word_doc WHERE doc % 7 = 0 ORDER BY doc * 7919 % 1000003 LIMIT 31" >asked
	conv_goal 'search, a word' conv search -S c-store '{}'
	conv_goal 'search, a word and a common one' conv search -S c-store '{}' bebe
	conv_goal 'search, a beginning' conv search -S c-store '{}*'
	conv_goal 'search, a word of one tag' conv search -S c-store '{}' --tag tag3
	conv_shows c-store >c-shows
	goal 15 'from a change to its line in list --watch <= 100 ms' \
		"$(jq .p50 c-shows) ms, p97 $(jq .p97 c-shows)" - - "$(met "$(jq .p97 c-shows) <= 100")"
	conv_receives
	figure 'receiving, beside the same without the words of messages' \
		"$(median c-with ms) ms" "$(median c-without ms) ms" \
		"$(ratio "$(median c-with ms)" "$(median c-without ms)")"
}

# --- the nearest vectors ---
# 100,000 of 384 numbers, in one process: beside sqlite-vec, which measures all
# of them, and beside its way by signs.
vectors () {
	get_node
	check_idle vectors
	rm -rf v v-ours v-peer
	for _ in $(seq "$rounds"); do
		rm -rf v && mkdir v
		"$BUILD/tests/unit-vector" bench v 100000 384 >>v-ours
		[ $have_node -ne 1 ] || NODE_NO_WARNINGS=1 "$node" \
			"$node_dir/vectors.js" v/kb.db >>v-peer
	done
	v_ours=$(median v-ours p50_ms)
	figure "100k vectors, recall of the best ten (goal 0.95)" \
		"$(jq -s 'map(.recall) | min' v-ours)" - -
	[ -s v-peer ] || { say 'no Node: sqlite-vec is left out'; return 0; }
	v_peer=$(median v-peer exact_ms)
	figure "100k vectors, the best ten, beside sqlite-vec (goal 50x)" \
		"$v_ours ms" "$v_peer ms" "$(ratio "$v_peer" "$v_ours")"
	v_peer=$(median v-peer rescored_ms)
	figure "100k vectors, beside sqlite-vec by signs and rescored" \
		"$v_ours ms" "$v_peer ms" "$(ratio "$v_peer" "$v_ours")"
}

# --- what others feel while documents are read ---
# All documents of a base change; meanwhile its versions are swapped, rows are
# swept and the index is merged. Webhooks come at 8 connections, and questions
# one after the other. The ingest takes both processors from time to time.
busy_base () {
	rm -rf b-store
	frontdesk init b-store >/dev/null
	"$tools/corpus" documents "$1" 1 | kb-ingest -S b-store --jsonl >/dev/null
	"$tools/corpus" documents "$1" 2 >b-changed
	"$tools/corpus" questions 300 "$1" >b-questions
}
busy_measure () {	# FILE: one object a line, of webhooks and of questions
	"$tools/post" "$port" /webhook $secret 8 "$each" >b-post
	"$tools/search" ours b-store <b-questions >b-search
	"$tools/search" turns b-store 1 >b-turns
	jq -c -s '{ack_p50: .[0].p50_us, ack_p99: .[0].p99_us, acks: .[0].per_second,
		search_p50: .[1].p50_us, search_p99: .[1].p99_us,
		turn_p99: .[2].p99_us}' \
		b-post b-search b-turns >>"$1"
}
busy_show () {	# WHAT KEY
	idle_us=$(median b-idle "$2") busy_us=$(median b-busy "$2")
	figure "$1, while documents are read, beside the same without" \
		"$busy_us us" "$idle_us us" "$(ratio "$busy_us" "$idle_us")"
}
busy () {
	check_idle busy
	rm -f b-idle b-busy
	busy_base 20000
	printf '%s\n' "$secret" >secret
	start ours
	for _ in $(seq "$rounds"); do busy_measure b-idle; done
	for round in $(seq "$rounds"); do
		# Other texts than there are, whichever seed was the last.
		sed "s/\"text\":\"/&round $round. /" b-changed >b-lines
		kb-ingest -S b-store --jsonl <b-lines >/dev/null &
		ingest=$!
		pids="$pids $ingest"
		sleep 0.5
		busy_measure b-busy
		kill -0 $ingest 2>/dev/null ||
			say 'the ingest ended before the measurement'
		wait $ingest
	done
	stop
	busy_show 'webhook to answer, half of them' ack_p50
	busy_show 'webhook to answer, all but a hundredth' ack_p99
	busy_show 'question to passages, half of them' search_p50
	busy_show 'question to passages, all but a hundredth' search_p99
	busy_show 'a write into the base, all but a hundredth' turn_p99
	busy_us=$(median b-busy turn_p99)
	goal 13 'a write into the base while documents are read: p99 <= 100 ms' \
		"$(calc "$busy_us / 1000") ms" - - "$(met "$busy_us <= 100000")"
}

lost=0
[ $# -gt 0 ] || set -- webhooks kills power writers wake pipe start route desk send \
	ai search vectors busy conv
for name; do
	case $name in
	webhooks | kills | power | writers | wake | pipe | desk | send | ai | search | \
		vectors | busy)
		$name ;;
	start) starts ;;
	route) route_lines ;;
	conv) conversations ;;
	*) say "no such measurement: $name"; exit 64 ;;
	esac
done
[ $lost -eq 0 ]
