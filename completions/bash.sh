#!/bin/sh
# bash.sh TABLE - the completion for bash, on stdout; TAKEN names the programs
# that are completed on their own only where they are ours
set -eu
table=$1
# shellcheck disable=SC2086 # a list of names
ours=$(cut -f1 "$table" | uniq | grep -vxF "$(printf '%s\n' $TAKEN)" | tr '\n' ' ')
cat <<'EOT'
# bash completion for frontdesk and its programs; made from their own tables
# of options, so it is edited by editing those
EOT
printf "_frontdesk_table='"
sed "s/'/'\\\\''/g" "$table"
printf "'\n"
cat <<'EOT'

# Words that fit what an option's or a verb's argument is called.
_frontdesk_values () {
	local word
	case $1 in
	*'|'*)
		mapfile -t COMPREPLY < <(compgen -W "${1//|/ }" -- "$2")
		;;
	*FILE* | *PATH* | *PROGRAM* | *COMMAND* | *DOC*)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		;;
	STORE | *DIR*)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$2")
		;;
	CONTACT | CONVERSATION | INSTANCE | PERSON | REPLY | TAG | TEAM)
		# Not by compgen -W, which would run what a tag says.
		while IFS= read -r word; do
			[[ $word != "$2"* ]] || COMPREPLY+=("$(printf %q "$word")")
		done < <(_frontdesk_names "${1,,}")
		;;
	esac
}

# What is in the store: conv beside the program that is completed tells.
_frontdesk_names () {
	local program=${COMP_WORDS[0]}
	if [[ ${program##*/} == frontdesk ]]; then
		"$program" conv names "$1" 2>/dev/null | cut -f1
	else
		"${program%"${program##*/}"}conv" names "$1" 2>/dev/null | cut -f1
	fi
}

# What a verb's argument is called that stands here: $1 are all of them, the
# others the words before it.
_frontdesk_here () {
	local list=(${1//[][]/}) n=0 word value=0
	shift
	for word; do
		if ((value)); then
			value=0
		elif [[ $word == -* && $word != - ]]; then
			[[ $word == *=* || $'\n'$_frontdesk_table == *$'\t'"${word##*-}"$'\t-\t'* ]] || value=1
		else
			((++n))
		fi
	done
	[[ ${list[-1]-} == ... ]] && { unset 'list[-1]'; ((n < ${#list[@]})) || n=$((${#list[@]} - 1)); }
	REPLY=${list[n]-}
}

_frontdesk () {
	local cur=${COMP_WORDS[COMP_CWORD]} name=${COMP_WORDS[0]##*/}
	local first=1 i word verb=- option='' takes='' args='' offer=''
	local n v letter long arg help last=
	COMPREPLY=()
	if [[ $name == frontdesk ]]; then
		for ((i = 1; i < COMP_CWORD; i++)); do
			word=${COMP_WORDS[i]}
			[[ $word == -* ]] && continue
			if [[ $'\n'$_frontdesk_table == *$'\n'"$word"$'\t'* ]]; then
				name=$word first=$((i + 1))
			fi
			break
		done
	fi
	for ((i = first; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $'\n'$_frontdesk_table == *$'\n'"$name"$'\t'"$word"$'\t-\t-\t'* ]]; then
			verb=$word
			break
		fi
	done
	# --name=value comes as three words.
	if ((COMP_CWORD > first)); then
		option=${COMP_WORDS[COMP_CWORD - 1]}
		[[ $cur == = ]] && cur=''
		[[ $option == = ]] && option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	while IFS=$'\t' read -r n v letter long arg help; do
		[[ $n == "$name" ]] || {
			[[ $name == frontdesk && $first == 1 && $cur != -* && \
				$n != "$last" ]] && offer+=" $n"
			last=$n
			continue
		}
		if [[ $long == - ]]; then
			[[ $verb == - && $cur != -* ]] && offer+=" $v"
			[[ $v == "$verb" ]] && args=$arg
			continue
		fi
		[[ $v == - || $v == "$verb" ]] || continue
		if [[ $option == "-$letter" || $option == "--$long" ]]; then
			takes=$arg
		fi
		[[ $cur == -* ]] && {
			offer+=" --$long"
			[[ $letter == - ]] || offer+=" -$letter"
		}
	done <<<"$_frontdesk_table"
	if [[ -n $takes && $takes != - ]]; then
		_frontdesk_values "$takes" "$cur"
	elif [[ -n $offer ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$offer" -- "$cur")
	else
		if [[ -n $args ]]; then
			_frontdesk_here "$args" "${COMP_WORDS[@]:i+1:COMP_CWORD-i-1}"
			args=${REPLY:--}
		fi
		_frontdesk_values "${args:-FILE}" "$cur"
	fi
}
EOT
printf 'complete -F _frontdesk %s\n' "$ours"
for name in $TAKEN; do
	cat <<EOT
_frontdesk_path=\$(type -P $name)
[[ ! -x \${_frontdesk_path%/*}/kb-search ]] || complete -F _frontdesk $name
EOT
done
echo 'unset _frontdesk_path'
