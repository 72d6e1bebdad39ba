#!/bin/sh
# route(1): --match says which rules fire on a text, from the line alone
# shellcheck disable=SC2016
. "${0%/*}/lib.sh"
export FRONTDESK_CONF=conf
: >conf
cat >own <<'END'
back: match text "refund", "money back" tag billing
lost: match text /par(cel|ts) .* lost/ tag shipping, returns
image: match kind image tag picture
en: match language en and text "please" tag polite
shop: match instance shop tag shop
closed: match outside hours tag late
vip: match tagged vip tag known
once: match text "hello" once tag greeted
nothing: match text "nothing" priority high
END
printf '[hours h]\nzone = UTC\nmon-sun = 09:00-17:00\n[instance shop]\nhours = h\n' >conf
matched () { route --match -f own | jq -c '[.rules, .tags]'; }

check 'texts, one a line' '
	printf "%s\n" "I want my money back" "the parcel is lost" "nothing" "good day" | matched >got &&
	printf "%s\n" "[[\"back\"],[\"billing\"]]" "[[\"lost\"],[\"shipping\",\"returns\"]]" "[[\"nothing\"],[]]" "[[],[]]" >want && same want got
'
check 'accents, a nukta and the stroke of a Vietnamese d do not matter' '
	printf "%s\n" "a: match text \"जरूरी\" tag a" "b: match text \"क़ीमत\" tag b" "c: match text \"dat hang\" tag c" >marks &&
	printf "%s\n" "ज़रूरी है" "कीमत?" "Đặt hàng" | route --match -f marks | jq -r ".tags[]" | xargs >got && echo "a b c" >want && same want got
'
check 'an expression that is given up is named, with the line' '
	echo "slow: match text /(a+)+\$/ tag a" >slow && { echo fine; printf "%060000d!\n" 0 | tr 0 a; } >in && route --match -f slow <in 2>err | jq -c .rules >got && printf "%s\n" "[]" "[]" | same - got &&
	echo "route: stdin:2: an expression of rule slow was given up: it takes too long on this text" | same - err
'
check 'JSON that is not UTF-8, or has a NUL in it, is named and left out' '
	printf "{\"text\":\"caf\\351 refund\"}\n{\"text\":\"a\\000refund\"}\n{\"text\":\"refund\"}\n" >in && status 65 route --match -f own <in >got 2>err && [ "$(wc -l <got)" -eq 1 ] &&
	grep -qx "route: stdin:1: not UTF-8, or a NUL is in it" err && grep -qx "route: stdin:2: not UTF-8, or a NUL is in it" err
'
check 'an event keeps all that it has, to the byte' '
	printf "%s\n" "{\"type\":\"message.received\",  \"x\":[1.50,{\"a\":null}],\"data\":{\"text\":\"a refund\",\"kind\":\"text\"} }  " >in &&
	route --match -f own <in >got &&
	printf "%s\n" "{\"type\":\"message.received\",  \"x\":[1.50,{\"a\":null}],\"data\":{\"text\":\"a refund\",\"kind\":\"text\"} ,\"rules\":[\"back\"],\"tags\":[\"billing\"]}" >want && same want got
'
check 'one that is not plain says the same: escapes, an order of its own, members that are told here' '
	cat >in <<-"END" &&
	{"type":"message.received","data":{"text":"a \u0072efund"}}
	{"data":{"text":"a refund"},"type":"message.received"}
	{"type":"message.received","tags":["old"],"data":{"text":"a refund"}}
	{"text":"a refund"}
	{"da\u0074a":{"text":"a refund"},"type":"message.received"}
	{"text":"refund","data":{"text":"hello"}}
	END
	matched <in >got && { for i in 1 2 3 4 5; do echo "[[\"back\"],[\"billing\"]]"; done; echo "[[\"once\"],[\"greeted\"]]"; } >want && same want got
'
check 'kind, language, instance and the hours at its time' '
	cat >in <<-"END" &&
	{"type":"message.received","data":{"kind":"image","text":""}}
	{"type":"message.received","data":{"text":"can you tell me where the parcel is, please"}}
	{"type":"message.received","time":"2026-11-23T10:00:00.000Z","data":{"instance":"shop","text":"x"}}
	{"type":"message.received","time":"2026-11-23T20:00:00.000Z","data":{"instance":"shop","text":"x"}}
	END
	route --match -f own <in | jq -c .rules >got && printf "%s\n" "[\"unreadable\",\"image\"]" "[\"en\"]" "[\"shop\"]" "[\"shop\",\"closed\"]" >want && same want got
'
check 'what is no message goes through as it is; a bad line is named and left out' '
	printf "%s\n" "{\"type\":\"message.sent\",\"data\":{\"text\":\"a refund\"}}" "{\"type\":\"x\"}" "{oops" "{\"text\":\"hello\"}" >in &&
	status 65 route --match -f own <in >got 2>err && grep -q "stdin:3: not JSON" err && head -n 2 in >want && echo "{\"text\":\"hello\",\"rules\":[\"once\"],\"tags\":[\"greeted\"]}" >>want && same want got
'
check 'no store is there, and none is made' '
	echo hello | route --match -f own >/dev/null && [ ! -e "$HOME/.local/share/frontdesk" ] && status 64 route --match --print 2>err
'
check 'to each line one: an empty one is an empty text' '
	printf "a refund\n\nnothing\n\r\n" | matched >got && printf "%s\n" "[[\"back\"],[\"billing\"]]" "[[],[]]" "[[\"nothing\"],[]]" "[[],[]]" >want && same want got &&
	echo | route --match -f own | jq -se "length == 1 and .[0].text == \"\""
'
check 'options that say nothing of a line alone are refused' '
	for o in --explain --follow --dry-run; do echo hello | status 64 route --match $o -f own 2>err >got && grep -q -e "--match looks at the line alone" err && [ ! -s got ] || return 1; done
'
check 'a thousand rules say what a thousand runs of grep would' '
	perl -e "srand 3; printf qq(match text \"k%dx\" tag t%d\n), \$_, \$_ for 0 .. 999" >many &&
	perl -e "srand 5; print join(q( ), map { q(k) . int(rand 3000) . q(x) } 1 .. 20), qq(\n) for 1 .. 300" >texts &&
	route --match -f many <texts | jq -r ".tags | sort | join(\" \")" >got &&
	perl -ne "print join(q( ), sort map { qq(t\$_) } grep { !\$s{\$.}{\$_}++ && \$_ < 1000 } /k(\d+)x/g), qq(\n)" <texts >want && same want got
'
check 'a full disk is an error' '
	echo hello | status 74 route --match -f own >/dev/full 2>err
'
done_testing
