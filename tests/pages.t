#!/bin/sh
# man/: every program has a page, each page says what the program's own table
# says, and what it shows as an example happens exactly so
. "${0%/*}/lib.sh"
man=$top/man
# What root has run in a box is run by nobody, who must reach it.
chmod 755 "$work"

programs=$(find "$top/cmd" -name '*.c' -o -name '*.sh' |
	sed 's|.*/||; s|\..*||' | sort)

# Options of a page: letter, long name, argument of each ".It Fl" line.
page_options () {
	awk '
	/^\.It Fl / {
		letter = "-"; long = ""; arg = "-"
		n = split($0, w, " ")
		for (i = 2; i <= n; i++) {
			if (w[i] == "Ar" && w[i + 1] != ",")
				arg = toupper(w[++i])
			else if (w[i] == "Fl") {
				name = w[++i]
				gsub(/\\/, "", name)
				if (name ~ /^-/)
					long = substr(name, 2)
				else
					letter = name
			} else if (w[i] == "Ns" || w[i] == "," || w[i] == "=")
				continue
		}
		if (long != "help" && long != "version" && long != "options")
			print letter "\t" long "\t" arg
	}' "$1" | sort -u
}
# The same of a program; help, version and options are in frontdesk(7).
table_options () {
	"$1" --options </dev/null | awk -F '\t' '
	$3 != "-" && $3 != "help" && $3 != "version" && $3 != "options" {
		print $2 "\t" $3 "\t" toupper($4)
	}' | sort -u
}
section () {	# PAGE NAME: the lines of a section
	awk -v want="$2" '
	/^\.Sh / { in_it = substr($0, 5) == want; next }
	in_it' "$1"
}

check 'every program has a page, and no page lacks its program' '
	find "$man" -name "*.1" | sed "s|.*/||; s|\.1\$||" | sort >"$work/got" &&
	echo "$programs" >"$work/want" && same "$work/want" "$work/got"
'
check 'frontdesk(7) lists every program, with the words of its own page' '
	for program in $programs; do
		sed -n "s/^\.Nd /$program /p" "$man/$program.1"
	done | tr -d "\"" | sort >want &&
	awk "/^\.It Xr / { name = \$3; getline; print name, \$0 }" \
	    "$man/frontdesk.7" | sort >got && same want got
'
for page in "$man"/*.[157]; do
	name=${page##*/}
	check "$name: mandoc has nothing to warn of" '
		mandoc -T lint -W warning "$page"
	'
	check "$name: what it refers to is there" '
		sed -n "s/^\.Xr \([^ ]*\) \([157]\).*/\1.\2/p" "$page" |
			grep -E "^((wa|kb|ai|desk)-|frontdesk|(conv|route|report)\.)" |
			while read -r other; do
				[ -f "$man/$other" ] || echo "no $other"
			done >bad && same /dev/null bad
	'
done

for program in $programs; do
	page=$man/$program.1
	[ -f "$page" ] || continue
	check "$program: the page has the options of the table, no more, no less" '
		table_options "$program" >want && page_options "$page" >got &&
		same want got
	'
	check "$program: the synopsis names options and verbs it has" '
		section "$page" SYNOPSIS >synopsis && [ -s synopsis ] &&
		"$program" --options </dev/null >table &&
		awk "{
			for (i = 1; i < NF; i++)
				if (\$i == \"Fl\") {
					gsub(/\\\\/, \"\", \$(i + 1))
					print \$(i + 1)
				}
		}" synopsis | sort -u | while read -r option; do
			cut -f2 table | grep -qxF -e "$option" ||
				cut -f3 table | grep -qxF -e "${option#-}" ||
				echo "no option -$option"
		done >bad &&
		awk -F "\t" "\$3 == \"-\" { print \$1 }" table |
		while read -r verb; do
			grep -qw -e "$verb" synopsis || echo "no verb $verb"
		done >>bad && same /dev/null bad
	'
	check "$program: --help and page agree on what it is" '
		nd=$(sed -n "s/^\.Nd //p" "$page" | tr -d "\"") &&
		"$program" --help </dev/null | head -n 1 >got &&
		echo "$program - $nd" >want && same want got
	'
	check "$program: exit statuses are those of the house" '
		section "$page" "EXIT STATUS" >statuses && [ -s statuses ] &&
		grep -oE "(^|[^0-9A-Za-z.-])[0-9]+( hours| and the number)?" \
		    statuses | grep -v "[a-z]\$" | grep -oE "[0-9]+" |
			grep -vxE "0|1|64|65|66|69|70|73|74|75|77|78" >bad
		same /dev/null bad
	'
	check "$program: it runs with no table of its own out of step" '
		status 64 "$program" --no-such-option </dev/null 2>err &&
		grep -q "^$program: unknown option --no-such-option" err &&
		"$program" --version </dev/null | grep -q "^$program [0-9]"
	'
done

# EXAMPLES: "$ command" lines ("> " continues one) and what they print.
examples () {
	awk '
	/^\.Sh / { in_it = $0 == ".Sh EXAMPLES"; next }
	!in_it { next }
	/^\.\\" not-run: ./ { skip = 1; next }
	/^\.Bd -literal/ { block = 1; next }
	/^\.Ed/ { block = skip = 0; next }
	block && !skip {
		if ($0 == "") { blank++; next }
		for (; blank > 0; blank--)
			if ($0 !~ /^\$ /) print ""
		print
	}' "$1" |
		sed 's/\\&//g; s/\\-/-/g; s/\\(aq/'\''/g; s/\\(dq/"/g
			s/\\(ti/~/g; s/\\(ha/^/g; s/\\(ga/`/g; s/\\e/\\/g'
}
cat >play.sh <<'EOT'
# Run the commands of $1 one after the other, printing both. Its own names
# begin with play_, as an example may use any other.
play_command=
play () {
	[ -z "$play_command" ] || eval "$play_command" </dev/null
	play_command=
}
while IFS= read -r play_line <&3; do
	case $play_line in
	'$ '*)
		play
		printf '%s\n' "$play_line"
		play_command=${play_line#??}
		;;
	'> '*)
		[ -n "$play_command" ] || continue
		printf '%s\n' "$play_line"
		play_command="$play_command
${play_line#??}"
		;;
	esac
done 3<"$1"
play
EOT
for page in "$man"/*.[157]; do
	name=${page##*/}
	examples "$page" >"$name.want"
	[ -s "$name.want" ] || continue
	check "$name: its examples do what it shows" '
		mkdir "at-$name" && cd "at-$name" &&
		HOME=$PWD/home XDG_DATA_HOME=$PWD/home/data TERM=dumb &&
		export HOME XDG_DATA_HOME TERM && mkdir -p home &&
		frontdesk init --user >/dev/null && mkdir here && cd here &&
		timeout -k 5 60 sh "$work/play.sh" "$work/$name.want" \
		    >"$work/$name.got" &&
		same "$work/$name.want" "$work/$name.got"
	'
done
check 'at most three blocks of examples are not run, each with its reason' '
	grep -h "^\.\\\\\" not-run" "$man"/*.[157] >notrun || :
	[ "$(wc -l <notrun)" -le 3 ] &&
	! grep -v "^\.\\\\\" not-run: [^ ]* [^ ]*" notrun
'
for program in $programs; do
	page=$man/$program.1
	[ -f "$page" ] || continue
	check "$program: has an example" '
		[ -s "$program.1.want" ] || grep -q "^\.\\\\\" not-run: " "$page"
	'
done
done_testing
