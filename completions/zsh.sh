#!/bin/sh
# zsh.sh TABLE - the completion for zsh, on stdout; TAKEN names the programs
# that are completed on their own only where they are ours
set -eu
table=$1
# shellcheck disable=SC2086 # a list of names
ours=$(cut -f1 "$table" | uniq | grep -vxF "$(printf '%s\n' $TAKEN)" | tr '\n' ' ')
printf '#compdef %s\n' "$ours"
cat <<'EOT'
# zsh completion for frontdesk and its programs; made from their own tables of
# options, so it is edited by editing those
EOT
printf "typeset -g _frontdesk_table='"
sed "s/'/'\\\\''/g" "$table"
printf "'\n"
cat <<'EOT'

# Words that fit what an option's or a verb's argument is called.
_frontdesk_values () {
	case $1 in
	*'|'*) compadd -- ${(s:|:)1} ;;
	*FILE*|*PATH*|*PROGRAM*|*COMMAND*|*DOC*) _files ;;
	STORE|*DIR*) _files -/ ;;
	CONTACT|CONVERSATION|INSTANCE|PERSON|REPLY|TAG|TEAM) _frontdesk_named ${1:l} ;;
	esac
}

# What is in the store: conv beside the program that is completed tells.
_frontdesk_named () {
	local program=${words[1]} line
	local -a call found
	call=(${program%${program:t}}conv)
	[[ ${program:t} == frontdesk ]] && call=($program conv)
	for line in ${(f)"$($call names $1 2>/dev/null)"}; do
		found+=("${${line%%	*}//:/\\:}:${${line#*	}//:/\\:}")
	done
	_describe $1 found
}

# What a verb's argument is called that stands here, of all in $1.
_frontdesk_here () {
	local -a list; list=(${(s: :)${1//[][]/}})
	local -i n=1 i value=0
	for ((i = $2; i < CURRENT; i++)); do
		if (( value )); then
			value=0
		elif [[ $words[i] == -?* ]]; then
			[[ $words[i] == *=* || $_frontdesk_table == *"	${words[i]##*-}	-	"* ]] || value=1
		else
			n+=1
		fi
	done
	if [[ $list[-1] == ... ]]; then
		list[-1]=()
		(( n <= $#list )) || n=$#list
	fi
	REPLY=${list[n]}
}

_frontdesk () {
	local name=${words[1]:t} verb=- option= takes= args= line word help
	local -i first=2 i
	local -a row names verbs options
	local -a lines; lines=(${(f)_frontdesk_table})
	if [[ $name == frontdesk ]]; then
		for ((i = 2; i < CURRENT; i++)); do
			word=$words[i]
			[[ $word == -* ]] && continue
			if (( ${lines[(I)$word	*]} )); then
				name=$word first=i+1
			fi
			break
		done
	fi
	for ((i = first; i < CURRENT; i++)); do
		if (( ${lines[(I)$name	$words[i]	-	-	*]} )); then
			verb=$words[i]
			break
		fi
	done
	if [[ $PREFIX == --*=* ]]; then
		option=${PREFIX%%=*}
		compset -P '*='
	elif (( CURRENT > first )); then
		option=$words[CURRENT-1]
	fi
	for line in $lines; do
		row=("${(@s:	:)line}")
		help=${row[6]//:/\\:}
		if [[ $row[1] != $name ]]; then
			(( $names[(Ie)$row[1]] )) || names+=($row[1])
			continue
		fi
		if [[ $row[4] == - ]]; then
			[[ $verb == - ]] && verbs+=("$row[2]:$help")
			[[ $row[2] == $verb ]] && args=$row[5]
			continue
		fi
		[[ $row[2] == - || $row[2] == $verb ]] || continue
		[[ $option == -$row[3] || $option == --$row[4] ]] &&
			takes=$row[5]
		options+=("--$row[4]:$help")
		[[ $row[3] == - ]] || options+=("-$row[3]:$help")
	done
	if [[ -n $takes && $takes != - ]]; then
		_frontdesk_values $takes
	elif [[ $PREFIX == -* ]]; then
		_describe -o option options
	elif (( $#verbs )); then
		_describe verb verbs
		[[ $name == frontdesk && first -eq 2 ]] &&
			_describe program names
	elif [[ $name == frontdesk && first -eq 2 && $verb == - ]]; then
		_describe program names
	else
		if [[ -n $args ]]; then
			_frontdesk_here $args $((i + 1))
			args=${REPLY:--}
		fi
		_frontdesk_values ${args:-FILE}
	fi
}

EOT
for name in $TAKEN; do
	cat <<EOT
(( ! \$+commands[$name] )) || [[ ! -x \${commands[$name]:h}/kb-search ]] ||
	compdef _frontdesk $name
EOT
done
echo '_frontdesk "$@"'
