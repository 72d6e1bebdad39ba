#!/bin/sh
# try.sh [--docs DIR] - the whole desk at work on this machine alone
#
# Starts a pretended WhatsApp (wa-sim) and every stage (pipeline.sh) on
# loopback against a store in a temporary folder, and takes in the sample
# company's help pages, or the documents in DIR. On a terminal one types as a
# customer; elsewhere a scripted conversation is printed as a transcript, and
# the exit status is 0 only if everything in it happened as it should. Nothing
# is left behind but the report page whose path is printed last.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
exec_dir=${BUILD:-${FRONTDESK_EXEC:-$here/../../build}}
PATH=$exec_dir:$PATH
export PATH
unset FRONTDESK_STORE FRONTDESK_CONF FRONTDESK_NOW FRONTDESK_FAULT
docs=$here/../sample/docs
ours=1
case ${1-} in
--docs)
	[ $# -eq 2 ] || { echo 'try: --docs wants a folder' >&2; exit 64; }
	docs=$2 ours=0
	;;
'') ;;
*) echo 'usage: try.sh [--docs DIR]' >&2; exit 64 ;;
esac
[ -d "$docs" ] || { echo "try: $docs: no such folder" >&2; exit 66; }
docs=$(cd "$docs" && pwd)
page=${TMPDIR:-/tmp}/frontdesk-try-$(id -u).html
[ -z "${BUILD-}" ] || page=$BUILD/try-report.html

work=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk-try.XXXXXX")
sim='' shown='' told='' guard=''
# Whoever read us may be gone, and a second Ctrl-C may come: the end is reached.
clean_up () {
	trap '' INT TERM HUP QUIT PIPE
	trap - EXIT
	exec >/dev/null 2>&1
	[ -z "$guard" ] || kill -- "-$guard" || :
	[ -z "$shown" ] || kill "$shown" 2>/dev/null || :
	[ -z "$told" ] || kill "$told" 2>/dev/null || :
	exec 8>&- || :
	if [ -n "$sim" ]; then
		kill "$sim" || :
		wait "$sim" || :
	fi
	sh "$here/pipeline.sh" stop "$work/run" || :
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 131' QUIT
trap 'exit 141' PIPE
trap 'exit 143' TERM HUP
# Nothing of us outlives us, not even if we are killed.
# shellcheck disable=SC2016 # the other shell's
setsid sh -c 'tail --pid="$1" -f /dev/null
	sh "$2" stop "$3/run"
	[ ! -s "$3/sim.pid" ] || kill "$(cat "$3/sim.pid")"
	rm -rf "$3"' guard $$ "$here/pipeline.sh" "$work" </dev/null >/dev/null 2>&1 &
guard=$!
die () {
	echo "try: $1" >&2
	for log in "$work"/run/*.log "$work/sim.err"; do
		[ -s "$log" ] || continue
		echo "--- ${log##*/}" >&2
		tail -n 5 "$log" >&2
	done
	exit 69
}
# A port the kernel finds free; it is taken again at once.
free_port () {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
	    LocalAddr => "127.0.0.1", Listen => 1)->sockport'
}
random () { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# --- a desk of its own ---
mkdir "$work/run"
port=$(free_port) sim_port=$(free_port)
random >"$work/secret"
random >"$work/token"
random >"$work/verify"
cat >"$work/frontdesk.conf" <<END
[desk]
name = Bellweg Bikes

[listen]
address = 127.0.0.1:$port
secrets_file = $work/secret
verify_token_file = $work/verify

[instance shop]
phone_number_id = 100000000000001
phone = +1 555 000 0001
url = http://127.0.0.1:$sim_port
token_file = $work/token
quiet = 600ms
quiet_max = 3s
END
FRONTDESK_STORE=$work/store FRONTDESK_CONF=$work/frontdesk.conf
export FRONTDESK_STORE FRONTDESK_CONF
frontdesk init "$work/store" >/dev/null
kb-ingest "$docs" >"$work/ingest.out" 2>"$work/ingest.err" || {
	cat "$work/ingest.err" >&2
	[ "$ours" -eq 0 ] || exit 1
}
grep -q '^[1-9][0-9]* ready' "$work/ingest.out" || {
	echo "try: $docs: nothing there to answer from" >&2
	exit 65
}
sh "$here/pipeline.sh" "$work/store" "$work/frontdesk.conf" "$work/run" ||
	die 'the desk did not start'
mkfifo "$work/customers"
wa-sim --listen "127.0.0.1:$sim_port" --webhook "http://127.0.0.1:$port/" \
	--port-file "$work/port" --secret-file "$work/secret" \
	--token-file "$work/token" --phone '+1 555 000 0001' \
	--status-delay 150ms <"$work/customers" >"$work/said" 2>"$work/sim.err" &
sim=$!
echo "$sim" >"$work/sim.pid"
exec 8>"$work/customers"
tries=0
until [ -s "$work/port" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 200 ] || die 'the pretended WhatsApp did not start'
	sleep 0.05
done

make_page () {
	report -o "$page" >/dev/null && echo "report: $page" 2>/dev/null
}

# --- on a terminal: a prompt ---
if [ -t 0 ] && [ -t 1 ]; then
	me='"from":"4915550000007","name":"You"'
	if [ "$ours" -eq 1 ]; then
		echo "You are a customer of Bellweg Bikes, a bicycle shop, on WhatsApp. Ask in"
		echo "English or Spanish: when do i get my money back"
	else
		echo "You are a customer on WhatsApp. Answers are quoted from $docs."
	fi
	words='/human asks for a person, /ai gives you back to the AI, /quit ends.'
	echo "$words"
	columns=$(stty size 2>/dev/null | cut -d' ' -f2)
	[ "${columns:-0}" -gt 20 ] || columns=80
	tail -n +1 --pid=$$ -f "$work/said" 2>/dev/null | jq -j --unbuffered --argjson width $((columns - 3)) '
		# Lines break between words, and go on under the first one.
		def wrapped: reduce splits(" +") as $w ({lines: [], at: ""};
			if .at == "" then .at = $w
			elif ((.at + " " + $w) | length) <= $width then .at += " " + $w
			else .lines += [.at] | .at = $w end) |
			.lines + [.at] | join("\n");
		if .type == "business.said" then
			"\r\u001b[K\u001b[32m< " +
			    ((.text // "[" + .kind + "]") |
				[splits("\n") | wrapped] | join("\n") |
				gsub("\n"; "\n  ")) + "\u001b[0m\n> "
		elif .type == "status" and .status != "sent" then
			"\r\u001b[K\u001b[2m  \u2713\u2713 " + .status +
			    "\u001b[0m\n> "
		elif .type == "customer.acknowledged" then
			"\r\u001b[K\u001b[2m  \u2713\u001b[0m\n> "
		else empty end' &
	shown=$!
	# Says once that a person has it, each time one does.
	(
		had=0
		while sleep 0.5 && kill -0 $$; do
			has=$(conv list --owner queue --ids 2>/dev/null | wc -l)
			[ "$has" -le "$had" ] || printf '\r\033[K\033[2m%s\033[0m\n> ' \
			    '(a person has this conversation now; /ai gives it back)'
			had=$has
		done
	) &
	told=$!
	printf '> '
	while IFS= read -r line; do
		case $line in
		/quit) break ;;
		/ai)
			had=0
			for id in $(conv list --owner queue --ids); do
				! conv release "$id" --to-ai || had=1
			done
			if [ $had -eq 1 ]; then
				printf '(the AI answers again)\n> '
			else
				printf '(no person had it: the AI answers)\n> '
			fi
			continue
			;;
		/human) line='I would like to talk to a person, please.' ;;
		/help) printf '%s\n> ' "$words"; continue ;;
		/*) printf '(no such word: %s)\n%s\n> ' "${line%% *}" "$words"; continue ;;
		*[![:space:]]*) ;;
		*) printf '> '; continue ;;
		esac
		printf '%s' "$line" | jq -Rsc "{$me, text: .}" >&8
	done
	kill "$shown" "$told" 2>/dev/null || :
	shown='' told=''
	echo
	make_page
	exit 0
fi

# --- elsewhere: a script ---
ana='"from":"4915550000001","name":"Ana"'
lucia='"from":"34655500001","name":"Lucía"'
ben='"from":"447700900001","name":"Ben"'
marta='"from":"34655500002","name":"Marta"'
kim='"from":"15550000002","name":"Kim"'
omar='"from":"4915550000003","name":"Omar"'
say () { printf '%s' "$2" | jq -Rsc "{$1, text: .}" >&8; }
settle () { sleep 1.2; }
# until COMMAND succeeds, at most fifteen seconds
until_true () {
	for _ in $(seq 150); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}
# How often the business spoke to a number so far.
spoken () {
	jq -n --arg who "$1" '[inputs | select(.type == "business.said" and
	    .customer == $who)] | length' "$work/said"
}
spoke () { [ "$(spoken "$1")" -ge "$2" ]; }
ask () {	# CUSTOMER NUMBER TEXT: and wait for the answer
	had=$(spoken "$2")
	say "$1" "$3"
	until_true spoke "$2" $((had + 1)) || echo "try: no answer to: $3" >&2
}

if [ "$ours" -eq 0 ]; then
	# What the first of them are about.
	desk-events --since 1h --type document.ready |
		jq -r '.data.title // empty' | head -n 3 >"$work/titles"
	[ -s "$work/titles" ] || echo 'What can you tell me?' >"$work/titles"
	while IFS= read -r title; do
		ask "$ana" 4915550000001 "$title"
	done <"$work/titles"
else
	ask "$ana" 4915550000001 'hi, when do i get my money back'
	say "$ana" 'how do i book'
	sleep 0.1
	say "$ana" 'a repair'
	sleep 0.1
	ask "$ana" 4915550000001 'for my bike?'
	ask "$ana" 4915550000001 'How much does delivery to Switzerland cost?'
	echo "{$ana,\"type\":\"reaction\",\"reaction\":{\"message_id\":\"@last\",\"emoji\":\"👍\"}}" >&8
	settle
	ask "$ana" 4915550000001 'can my wife pick up the order for me'
	echo "{$ana,\"type\":\"edit\",\"edit\":{\"original_message_id\":\"@own\",\"message\":{\"type\":\"text\",\"text\":{\"body\":\"can my husband pick up the order for me\"}}}}" >&8
	ask "$lucia" 34655500001 'ya no lo quiero, como anulo la compra'
	ask "$lucia" 34655500001 '¿Abren las tiendas los domingos?'
	ask "$ben" 447700900001 'do you have a student discount'
	say "$ben" 'anyone there?'
	ask "$marta" 34655500002 '¿Quién ganará las elecciones?'
	ask "$kim" 15550000002 'I want to talk to a human please'
	kim_id=$(conv list --owner queue --json |
		jq -r 'select(.name == "Kim") | .conversation' | head -n 1)
	[ -z "$kim_id" ] || conv reply "$kim_id" \
		'Hello Kim, this is Robin from the shop. How can I help?' >/dev/null
	until_true spoke 15550000002 2 || :
	say "$kim" 'how long does delivery take?'
	had=$(spoken 4915550000003)
	echo "{$omar,\"type\":\"audio\",\"audio\":{\"voice\":true}}" >&8
	until_true spoke 4915550000003 $((had + 1)) || :
fi
settle
settle

# --- what was said ---
jq -rn '
	reduce inputs as $e ({lines: [], tick: {}};
		if $e.type == "customer.said" then
			.who[$e.customer] = $e.name |
			.lines += [{who: $e.name, time: $e.time, text:
			    ($e.text // ("[" + $e.kind + "] " +
				($e.content.emoji //
				    $e.content.message.text.body // "")))}]
		elif $e.type == "business.said" then
			.lines += [{to: .who[$e.customer], time: $e.time,
			    id: $e.id, text: ($e.text // "[" + $e.kind + "]")}]
		elif $e.type == "status" then .tick[$e.id] = $e.status
		else . end) |
	.tick as $tick | .lines[] |
	.time[11:19] + "  " + (if .to then
		"        desk to " + .to + ": " +
		    (.text | gsub("\n+"; "\n                  ")) +
		    "  \u2713\u2713 " + ($tick[.id] // "on its way")
	else .who + ": " + .text end)' "$work/said"

# --- was it as it should be? ---
failed=0
expect () {	# WHAT COMMAND...
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then return 0; fi
	failed=$((failed + 1))
	echo "try: not as it should be: $what" >&2
}
# The business told NUMBER something that matches.
told () {
	jq -en --arg who "$1" --arg re "$2" '[inputs | select(.type ==
	    "business.said" and .customer == $who) | .text // "" |
	    select(test($re))] | length > 0' "$work/said"
}
exactly () { [ "$(spoken "$1")" -eq "$2" ]; }
events () {	# TYPE N: at least N of the type are in the log
	[ "$(desk-events --since 1h --type "$1" | wc -l)" -ge "$2" ]
}
owner () {	# NAME OWNER
	conv list --owner "$2" --json | jq -r .name | grep -qx "$1"
}
if [ "$ours" -eq 1 ]; then
	expect 'the refund is explained' told 4915550000001 '5 working days'
	expect 'the burst is answered' told 4915550000001 'book a workshop appointment'
	expect 'delivery to Switzerland has its price' told 4915550000001 '14\.90'
	expect 'who may collect an order' told 4915550000001 '[Aa]nother person can collect'
	expect 'four answers to Ana: a burst is one, an edit none' exactly 4915550000001 4
	expect 'the reaction is kept' events message.reacted 1
	expect 'the edit is kept' events message.edited 1
	expect 'how to cancel an order, in Spanish' told 34655500001 'Preparado'
	expect 'Sundays, in Spanish' told 34655500001 'cierran los domingos'
	expect 'what the pages do not say is not made up' told 447700900001 'colleague'
	expect 'and a person is asked once' exactly 447700900001 1
	expect 'the same in Spanish' told 34655500002 'compañero'
	expect 'Ben waits for a person' owner Ben queue
	expect 'Marta waits for a person' owner Marta queue
	expect 'Kim is told a person comes' told 15550000002 'colleague'
	expect 'a person answers Kim' told 15550000002 'Robin'
	expect 'and nobody talks over them' exactly 15550000002 2
	expect 'Kim belongs to the person' owner Kim user
	expect 'the voice note gets a refusal' told 4915550000003 'cannot (read|open)'
	expect 'Omar waits for a person' owner Omar queue
	expect 'sources are named' told 4915550000001 'Source: '
	expect 'deliveries are known' events message.delivered 5
fi
expect 'all is well' frontdesk status
echo 2>/dev/null	# a reader who has left is no news
make_page || failed=$((failed + 1))
[ "$failed" -eq 0 ] || exit 1
