#!/bin/sh
# completions(bash, zsh, fish): every option of every program is offered, each
# by the table the program itself parses with
. "${0%/*}/lib.sh"
made=${BUILD:-$top/build}/completions
table=$made/options.tsv
[ -s "$table" ] || { echo '1..0 # SKIP no program is built'; exit 0; }

# What is to be offered where: lines of "PROGRAM VERB --option".
awk -F '\t' '
$4 == "-" { verb[++n] = $1 FS $2; next }
{ at[++m] = $1; v[m] = $2; name[m] = $4 }
END {
	for (i = 1; i <= m; i++) {
		print at[i], v[i], "--" name[i]
		if (v[i] == "-")
			for (j = 1; j <= n; j++) {
				split(verb[j], p, FS)
				if (p[1] == at[i])
					print at[i], p[2], "--" name[i]
			}
	}
}' "$table" | sort >want
sed 's/ --.*//' want | sort -u >places
awk -F '\t' '$4 == "-" { print $1, $2 }' "$table" | sort >verbs

check 'the table holds every program, in sorted whole lines' '
	test -s "$table" && awk -F "\t" "NF != 6 { exit 1 }" "$table" &&
	cut -f1 "$table" | sort -u >got &&
	for c in "$top"/cmd/*.c "$top"/cmd/*.sh; do
		[ ! -f "$c" ] || { c=${c##*/}; echo "${c%.*}"; }
	done | sort >all && same all got
'

# bash: the line is what the shell hands over; frontdesk NAME is as NAME.
cat >bash.ask <<'EOT'
. "$1"
offer () { COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _frontdesk; }
compopt () { :; }
while read -r name verb; do
	for before in '' frontdesk; do
		[[ $before$name == frontdeskfrontdesk ]] && continue
		COMP_WORDS=($before "$name")
		[[ $verb == - ]] || COMP_WORDS+=("$verb")
		COMP_WORDS+=(--)
		offer
		printf "$name $verb %s\n" "${COMPREPLY[@]}" >>"got${before:+.by}"
	done
done
EOT
: >got.by; : >got
check 'bash offers every option of every program and verb, and no other' '
	bash bash.ask "$made/frontdesk.bash" <places &&
	sort got >got.sorted && same want got.sorted &&
	grep -v "^frontdesk " want >want.by && sort got.by >by.sorted &&
	same want.by by.sorted
'
cat >bash.verbs <<'EOT'
. "$1"
cut -d' ' -f1 "$2" | uniq | while read -r name; do
	COMP_WORDS=("$name" '') COMP_CWORD=1 COMPREPLY=()
	_frontdesk
	printf "$name %s\n" "${COMPREPLY[@]}"
done
EOT
check 'bash offers the verbs, and the programs after frontdesk' '
	bash bash.verbs "$made/frontdesk.bash" verbs | sort >got &&
	{ cat verbs; cut -f1 "$table" | grep -vx frontdesk | sort -u |
		sed "s/^/frontdesk /"; } | sort >all && same all got
'
cat >bash.values <<'EOT'
. "$1"
compopt () { :; }
mkdir there; : >thing
COMP_WORDS=(kb-search --store th) COMP_CWORD=2; _frontdesk; echo "${COMPREPLY[@]}"
COMP_WORDS=(kb-search --store = th) COMP_CWORD=3; _frontdesk; echo "${COMPREPLY[@]}"
COMP_WORDS=(frontdesk kb-search -S th) COMP_CWORD=3; _frontdesk; echo "${COMPREPLY[@]}"
EOT
check 'bash: after --store come directories only, in all three spellings' '
	bash bash.values "$made/frontdesk.bash" >got &&
	printf "there\nthere\nthere\n" >all && same all got
'

# zsh: its helpers are stood in for, so that they print what they are given.
cat >zsh.ask <<'EOT'
compdef () { : }
_files () { print -r -- FILES }
compset () { : }
_describe () {
	[[ $1 == -o ]] && shift
	local item
	for item in ${(P)2}; do print -r -- "$name ${item%%:*}"; done
}
words=(frontdesk ''); CURRENT=2
autoload_only=1
_frontdesk_source=$(<$1)
eval ${_frontdesk_source%_frontdesk \"\$@\"}
while read -r n verb; do
	for before in '' frontdesk; do
		[[ $before$n == frontdeskfrontdesk ]] && continue
		words=($before $n)
		[[ $verb == - ]] || words+=($verb)
		words+=(--) CURRENT=$#words PREFIX=--
		_frontdesk | sed -n "s/ --/ $verb --/p" >>got${before:+.by}
	done
done
EOT
check 'zsh offers every option of every program and verb, and no other' '
	rm -f got got.by && zsh -f zsh.ask "$made/frontdesk.zsh" <places &&
	sort got >got.sorted && same want got.sorted &&
	grep -v "^frontdesk " want >want.by && sort got.by >by.sorted &&
	same want.by by.sorted
'

# fish tells what it would complete.
cat >fish.ask <<'EOT'
source $argv[1]
while read -l name verb
	set -l line $name
	test $verb = -; or set line "$name $verb"
	complete -C "frontdesk $line --" | string replace -r '\t.*' '' |
		string match -- '--*' | sed "s/^/$name $verb /" >>got.by
end
EOT
check 'fish offers every option of every program and verb, and no other' '
	rm -f got.by && grep -v "^frontdesk " places >by &&
	fish --no-config fish.ask "$made/frontdesk.fish" <by &&
	grep -v "^frontdesk " want >want.by && sort got.by >by.sorted &&
	same want.by by.sorted
'
# What is in a store: conv is asked for it.
XDG_DATA_HOME=$work/data
export XDG_DATA_HOME
frontdesk init --user >/dev/null 2>&1
sqlite3 -bail "$XDG_DATA_HOME/frontdesk/desk.db" <"$top/tests/data/desk.sql"
desk-user add anna
cat >bash.names <<'EOT'
. "$1"
compopt () { :; }
ask () { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _frontdesk; echo "$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)"; }
ask conv show ''
ask conv take aaa11111 bb
ask frontdesk conv tag aaa11111 ''
ask conv tag --json aaa11111 v
ask conv list --tag b
ask conv assign aaa11111 a
ask conv list --assignee a
ask conv list --instance ''
ask conv priority aaa
EOT
check 'bash: ids, tags, people and instances of the store, each in its place' '
	bash bash.names "$made/frontdesk.bash" >got && cat >all <<-E && same all got
	aaa11111 aaa22222 bbb33333
	bbb33333
	billing vip
	vip
	billing
	anna
	anna
	help sales
	aaa11111 aaa22222
	E
'
printf '[reply ship]\nen = It ships.\n' >desk.conf
desk-team add sales anna
cat >bash.words <<'EOT'
. "$1"
compopt () { :; }
ask () { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _frontdesk; echo "$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)"; }
ask conv priority aaa11111 ''
ask conv list --owner ''
ask conv list --owner = q
ask conv list --tag = v
ask conv list --tag =
ask conv list --status r
ask conv list --sort ''
ask conv history b
ask conv merge aaa11111 b
ask conv assign aaa11111 --team ''
ask conv reply aaa11111 --canned sh
ask desk-user away a
ask desk-user rm a
ask desk-user set anna --role ''
ask desk-team rm ''
ask desk-team rm sales a
ask desk-team show s
ask frontdesk desk-team show s
ask desk-contact block c00000
EOT
check 'bash: what may stand there, of every program for people' '
	bash bash.words "$made/frontdesk.bash" >got && cat >all <<-E && same all got
	high low medium urgent
	ai queue user
	queue
	vip
	billing vip
	resolved
	last opened priority wait
	bbb33333
	bbb33333
	sales
	ship
	anna
	anna
	admin agent viewer
	sales
	anna
	sales
	sales
	$(conv names contact | cut -f 1 | sort | xargs)
	E
	[ -n "$(conv names contact)" ]
'
check 'a tag is a word for the shell, whatever it says' '
	conv tag aaa11 "\$(touch owned) two" && conv tag aaa11 "\`touch owned\`" && conv names tag | grep -qF "\$(touch owned) two" &&
	{ sed "/^ask conv/d; /^ask front/d" bash.names; echo "ask conv list --tag \"\""; } >more && bash more "$made/frontdesk.bash" >got &&
	grep -qF "touch" got && [ ! -e owned ] && conv untag aaa11 "\$(touch owned) two" && conv untag aaa11 "\`touch owned\`"
'
cat >zsh.names <<'EOT'
compdef () { : }
_files () { print -r -- FILES }
compset () { : }
_describe () { print -rl -- ${(P)2} | sort | xargs; }
_frontdesk_source=$(<$1)
eval ${_frontdesk_source%_frontdesk \"\$@\"}
ask () { words=("$@"); CURRENT=$#; PREFIX=$words[-1]; _frontdesk; }
ask conv show ''
ask frontdesk conv tag aaa11111 ''
ask conv list --assignee ''
ask desk-team show ''
ask desk-user away ''
EOT
check 'zsh: the same, with the names of customers' '
	zsh -f zsh.names "$made/frontdesk.zsh" >got && grep -q "^aaa11111:Mara Weiss" got &&
	sed -n "2,5p" got >two && printf "%s\n" "billing:billing vip:vip" "anna:anna me:me" "sales:sales" "anna:anna me:me" >all && same all two
'
cat >fish.names <<'EOT'
source $argv[1]
complete -C "conv show "
complete -C "frontdesk conv untag aaa11111 v"
complete -C "conv list --assignee=a"
complete -C "desk-team show s"
complete -C "conv priority aaa11111 u"
complete -C "desk-user set anna --role=v"
EOT
check 'fish: the same' '
	fish --no-config fish.names "$made/frontdesk.fish" | sed "s/	.*//" | sort | xargs >got &&
	echo "--assignee=anna --role=viewer aaa11111 aaa22222 bbb33333 sales urgent vip" >all && same all got
'
check 'each file is read by its shell without a word' '
	bash -n "$made/frontdesk.bash" && zsh -n "$made/frontdesk.zsh" &&
	fish -n "$made/frontdesk.fish"
'
done_testing
