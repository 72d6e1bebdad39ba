#!/bin/sh
# ai-profile(1): set-ups as files, what holds, what reaches nobody, switching
. "${0%/*}/lib.sh"

mkdir profiles.d
cat >frontdesk.conf <<'END'
[desk]
name = Meadow
[ai]
provider = openai
model = gpt-4
url = https://models.example.com/v1
key_file = ai.key
temperature = 0.3
[hours day]
mon-sun = 08:00-18:00
[instance shop]
phone_number_id = 1
hours = day
[instance spa]
phone_number_id = 2
END
echo k-ai >ai.key && chmod 600 ai.key
# NAME LINE...: a set-up in its file
profile () { name=$1; shift; printf '%s\n' "$@" >"profiles.d/$name.conf"; }
value () { ai-profile show "$1" --json | jq -r ".settings.$2.value // \"none\""; }
faults () { ai-profile check "$@" 2>err; got=$?; sed "s|$work/||g; s/^ai-profile: //" err; return $got; }

check 'without any there is one: [ai], named default' '
	ai-profile list --plain >got && printf "default\ton\topenai\tgpt-4\t" >want &&
	[ "$(cut -f 1-4 got)" = "$(printf "default\ton\topenai\tgpt-4")" ] &&
	ai-profile list --json | jq -e ".profile == \"default\" and (.revision | length) == 64 and .instances == \"shop spa\"" &&
	ai-profile check
'
check 'a file of its own, with the prompt beside it; what it leaves out is that of [ai]' '
	profile careful "description = for billing" "temperature = 0" &&
	echo "Never promise refunds." >profiles.d/careful.md &&
	ai-profile show careful --json >got &&
	jq -e ".settings.temperature.value == \"0\" and .settings.model.value == \"gpt-4\" and
	    .prompt == \"Never promise refunds.\\n\" and .url == \"https://models.example.com/v1/chat/completions\" and
	    (.settings.temperature.origin | endswith(\"profiles.d/careful.conf:2\")) and
	    (.settings.model.origin | endswith(\"frontdesk.conf:5\")) and .settings.max_tokens.origin == \"built in\"" got &&
	ai-profile show careful >table && grep -q "^prompt_file *careful.md *prompt " table
'
check 'a section of the settings is the same as a file, and a [section] in a file is none' '
	printf "[profile careful]\ndescription = for billing\ntemperature = 0\nprompt_file = p.md\n" >>frontdesk.conf &&
	cp profiles.d/careful.md p.md && ai-profile show careful --json | jq -r .revision >file &&
	mv profiles.d/careful.conf profiles.d/careful.md . && ai-profile show careful --json | jq -r .revision >section &&
	same file section && mv careful.conf careful.md profiles.d &&
	profile odd "[profile odd]" "model = x" &&
	ai-profile list >got 2>err && grep -q "odd.conf:1: the settings of a profile stand here without a \[section\]" err &&
	status 78 desk-config check 2>err && grep -q "odd.conf:1: " err
'
rm profiles.d/odd.conf
check 'model, address and key of one provider are never another one'"'"'s' '
	profile claude "provider = anthropic" "model = claude-3-sonnet" &&
	ai-profile show claude --json | jq -e ".url == \"https://api.anthropic.com/v1/messages\" and (.settings | has(\"key_file\") | not)" &&
	profile own "url = https://elsewhere.example.com" "model = m" &&
	ai-profile show own --json | jq -e "(.settings | has(\"key_file\") | not) and .settings.model.value == \"m\"" &&
	profile bare "provider = anthropic" && status 78 faults bare >got &&
	echo "profile bare.model: the provider needs a model" >want && same want got
'
rm profiles.d/bare.conf
check 'the address of a request: base, whole, Azure by deployment and by its v1' '
	at () { profile at "provider = $1" "model = m-1" "url = $2" ${3:+"api_version = $3"}; ai-profile show at --json | jq -r .url; } &&
	[ "$(at openai http://127.0.0.1:11434/v1/)" = http://127.0.0.1:11434/v1/chat/completions ] &&
	[ "$(at openai https://x.example.com/v1/chat/completions)" = https://x.example.com/v1/chat/completions ] &&
	[ "$(at openai "https://x.example.com/chat?v=2")" = "https://x.example.com/chat?v=2" ] &&
	[ "$(at anthropic https://x.example.com/v1)" = https://x.example.com/v1/messages ] &&
	[ "$(at azure https://x.openai.azure.com)" = https://x.openai.azure.com/openai/v1/chat/completions ] &&
	[ "$(at azure https://x.openai.azure.com 2024-10-21)" = \
	    "https://x.openai.azure.com/openai/deployments/m-1/chat/completions?api-version=2024-10-21" ] &&
	profile at "provider = azure" "model = desk/gpt ü?" "url = https://x.openai.azure.com" "api_version = 2024-10-21" && ai-profile show at --json | jq -r .url >got && grep -q "/deployments/desk%2Fgpt%20%C3%BC%3F/chat/" got &&
	profile at "provider = azure" "model = m" "url = https://x.openai.azure.com/openai/v1/" "api_version = zork & x" && status 78 faults at >got && cat >want <<-END && same want got &&
	profiles.d/at.conf:4: profile at.api_version: wants a version, as 2024-10-21 or 2025-04-01-preview
	profiles.d/at.conf:4: profile at.api_version: the url is of the interface without versions, /openai/v1: leave one of the two out
	END
	profile at "provider = azure" "model = m" && status 78 faults at >got && grep -q "^profile at.url: wants the address of the resource" got
'
rm profiles.d/at.conf
check 'a setting that reaches nobody is an error, wherever a set-up is read' '
	profile quiet "provider = extractive" "temperature = 0" "passages = 3" "min_score = 0.2" &&
	status 78 faults >got && cat >want <<-END &&
	profiles.d/quiet.conf:2: profile quiet.temperature: reaches nobody: provider extractive has no use for it
	profiles.d/quiet.conf:3: profile quiet.passages: reaches nobody: provider extractive has no use for it
	END
	same want got && frontdesk init s >/dev/null && status 78 ai-reply -S s --ask x --profile quiet 2>err && grep -q "reaches nobody" err &&
	profile quiet "provider = anthropic" "model = m" "reasoning = low" && status 78 faults quiet >got && grep -q "quiet.conf:3: .*reaches nobody" got
'
rm profiles.d/quiet.conf
check 'in [ai] it is one only if no set-up inherits it' '
	cp frontdesk.conf keep && sed "s/^provider = openai/provider = extractive/; /^model\|^url\|^key/d" keep >frontdesk.conf &&
	profile own "provider = openai" "model = m" && faults default &&
	mkdir away && mv profiles.d/*.conf away && sed -i "/^.profile careful/,\$d" frontdesk.conf && status 78 faults default >got &&
	grep -q "^frontdesk.conf:5: ai.temperature: reaches nobody" got
'
mv away/* profiles.d; rmdir away; mv keep frontdesk.conf
check 'a setting that stands twice in a file is named by who checks, and the last one holds' '
	profile twice "model = a" "temperature = 0" "model = b" && status 78 faults >got && echo "profiles.d/twice.conf:3: model is set in line 1, too, and this one holds" >want && same want got &&
	[ "$(value twice model)" = b ] && status 78 desk-config check 2>err && grep -q "twice.conf:3: model is set in line 1" err && profile twice "model = a" "temperature = 0" && faults
'
rm profiles.d/twice.conf
check 'every fault is named, with where it is' '
	profile bad "temperature = 3" "fallback = nobody bad" "cost_per_day = 5" "prompt_file = gone.md" "tempersture = 1" &&
	status 78 faults bad >got && cat >want <<-END &&
	profiles.d/bad.conf:1: profile bad.temperature: 3 is not in 0..2
	profiles.d/bad.conf:4: profile bad.prompt_file: profiles.d/gone.md: No such file or directory
	profiles.d/bad.conf:5: profile bad.tempersture: no such setting, did you mean temperature?
	profiles.d/bad.conf:2: profile bad.fallback: there is no [profile nobody]
	profiles.d/bad.conf:2: profile bad.fallback: it cannot stand in for itself
	profiles.d/bad.conf:3: profile bad.cost_per_day: a limit of money wants price_in and price_out
	END
	same want got
'
rm profiles.d/bad.conf
check 'a tool that is not there is a fault of the set-up that names it, which answers without it' '
	mkdir tools.d && printf "url = https://x.example.com/o\ndescription = looks up\n" >tools.d/order.conf &&
	profile bad "description = x" "tools = order zork" && status 78 faults bad >got &&
	echo "profiles.d/bad.conf:2: profile bad.tools: there is no [tool zork]" >want && same want got &&
	status 78 ai-profile use bad shop 2>err && grep -q "no .tool zork." err && ai-profile show bad >/dev/null &&
	>tools.d/zork.conf && status 78 faults bad >got && grep -q "bad.conf:2: profile bad.tools: .*tools.d/zork.conf: nothing is set in it" got
'
rm -r profiles.d/bad.conf tools.d
check 'a file that cannot be used is the fault of its set-up alone: the others go on' '
	ln -s /gone/x profiles.d/dangling.conf && >profiles.d/bad.conf && echo "model = m" >"profiles.d/a b.conf" &&
	mkdir profiles.d/dir.conf && touch profiles.d/x.conf~ profiles.d/.x.conf.swp profiles.d/x.conf.bak &&
	ai-profile list --plain 2>listed | cut -f 1 >got && printf "%s\n" default careful claude own bad dangling dir >want && same want got &&
	status 78 faults >got && cat >want <<-END && same want got &&
	profiles.d/a b.conf: no name for a profile: one is of letters, digits, dot, dash and underscore, at most 64
	profiles.d/bad.conf: nothing is set in it
	profiles.d/dangling.conf: a link to /gone/x, which is not there
	profiles.d/dir.conf: not a regular file
	END
	sed "s|$work/||; s/^ai-profile: //" listed >got && same want got && faults careful >got && ! [ -s got ] &&
	status 78 faults bad >got && echo "profiles.d/bad.conf: nothing is set in it" >want && same want got &&
	status 78 ai-reply -S s --ask x --profile dangling 2>err && grep -q "dangling.conf: a link to /gone/x, which is not there" err &&
	desk-config get ai.model && status 78 desk-config check 2>err && [ "$(grep -c "profiles.d/.*: " err)" = 4 ] &&
	profile own2 "model = m" "url = http://127.0.0.1/v1" "fallback = bad" && status 78 faults own2 >got &&
	grep -q "own2.conf:3: profile own2.fallback: .*bad.conf: nothing is set in it" got
'
rm -r profiles.d/dangling.conf profiles.d/bad.conf "profiles.d/a b.conf" profiles.d/dir.conf profiles.d/*x.conf* profiles.d/own2.conf
check 'limits of which one never counts, and a stand-in named twice' '
	profile bad "model = m" "url = http://127.0.0.1/v1" "timeout = 2m" "deadline = 1m" "tokens_per_day = 900000" "tokens_per_month = 800000" \
	    "price_in = 1" "price_out = 1" "cost_per_day = 50" "cost_per_month = 40" "fallback = extractive extractive" && status 78 faults bad >got && cat >want <<-END && same want got &&
	profiles.d/bad.conf:6: profile bad.tokens_per_month: is less than tokens_per_day, which then never counts
	profiles.d/bad.conf:10: profile bad.cost_per_month: is less than cost_per_day, which then never counts
	profiles.d/bad.conf:11: profile bad.fallback: names one twice
	profiles.d/bad.conf:3: profile bad.timeout: is longer than deadline, which ends it before
	END
	profile bad "model = m" "url = http://127.0.0.1/v1" "deadline = 30s" "tokens_per_day = 900000" "tokens_per_month = 900000" && faults bad
'
rm profiles.d/bad.conf
check 'half a file, or one that is no text, is broken; check names every line of it, and the other files' '
	profile half "model = m" "url = http://127.0.0.1/v1" "provider openai" "temperature = 3" "[ai" && printf "model = m\n\377\376\n" >profiles.d/bin.conf &&
	mkdir -p tools.d && echo "command /bin/true" >tools.d/halved.conf && profile own2 "model = m" "url = http://127.0.0.1/v1" "fallback = half" "tools = halved" "temperature = 4" &&
	ai-profile list --plain 2>err >got && cut -f 1,2 got >listed && printf "%s\ton\n" default careful claude own >want && printf "%s\tbroken\n" own2 bin half >>want && same want listed &&
	grep -q "^bin.*profiles.d/bin.conf:2: not a text in UTF-8" got && [ "$(grep -c "profiles.d/half.conf:[35]: " err)" = 2 ] &&
	ai-profile list --json 2>err | jq -se "any(.[]; .profile == \"half\" and .enabled == false and (.fault | test(\"half.conf:3: neither\")))" &&
	status 78 faults >got && cat >want <<-END && same want got &&
	profiles.d/bin.conf:2: not a text in UTF-8
	profiles.d/half.conf:3: neither [section], key = value nor a comment
	profiles.d/half.conf:5: the settings of a profile stand here without a [section]
	profiles.d/half.conf:4: profile half.temperature: 3 is not in 0..2
	profiles.d/own2.conf:5: profile own2.temperature: 4 is not in 0..2
	profiles.d/own2.conf:3: profile own2.fallback: profiles.d/half.conf:3: neither [section], key = value nor a comment
	profiles.d/own2.conf:4: profile own2.tools: tools.d/halved.conf:1: neither [section], key = value nor a comment
	END
	faults careful >got && ! [ -s got ] && status 78 faults bin >got && echo "profiles.d/bin.conf:2: not a text in UTF-8" >want && same want got &&
	status 78 desk-config check 2>err && grep -q "tools.d/halved.conf:1: neither" err && status 78 ai-tool check 2>err && grep -q "tools.d/halved.conf:1: neither" err &&
	ai-tool list 2>err && grep -q "tools.d/halved.conf:1: neither" err && desk-config get ai.model && desk-config set "profile careful.max_tokens" 301 && desk-config unset "profile careful.max_tokens"
'
check 'what uses a broken set-up hands over; one that names it as a stand-in, or a broken tool, answers' '
	profile plain "provider = extractive" && profile own2 "model = m" "url = http://127.0.0.1:1/v1" "fallback = half extractive" "tools = halved" &&
	export FRONTDESK_STORE="$work/s" && rm -rf s && frontdesk init s >/dev/null && printf "# Pool\n\n## Hours\n\nThe pool opens at 9:15 on Sunday.\n" >pool.md && kb-ingest pool.md 2>/dev/null &&
	ai-reply -S s --ask "when does the pool open on Sunday?" --json --profile plain --json | jq -e ".action == \"answer\"" &&
	ai-reply -S s --ask "when does the pool open on Sunday?" --json --profile own2 --json 2>err | jq -e ".action == \"answer\"" &&
	status 78 ai-reply -S s --ask x --profile half 2>err && grep -q "half.conf:3: neither" err &&
	cp frontdesk.conf keep && sed -i "s/^hours = day/&\nprofile = half/" frontdesk.conf &&
	echo "{\"type\":\"message.received\",\"id\":\"01M85000000000000000000001\",\"time\":\"2026-11-23T10:00:00Z\",\"data\":{\"phone\":\"491700000001\",\"instance\":\"shop\",\"text\":\"when does the pool open?\"}}" |
	    route -S s >routed && ai-reply -S s <routed 2>err >got; right=$?; mv keep frontdesk.conf; [ $right -eq 0 ] &&
	jq -se "any(.[]; .type == \"conversation.escalated\") and any(.[]; .type == \"reply.declined\" and .data.reason == \"the profile cannot be used\")" got && grep -q "half.conf:3: neither" err
'
rm -r profiles.d/half.conf profiles.d/bin.conf profiles.d/own2.conf profiles.d/plain.conf tools.d
check 'a prompt that is no text is refused, with where it stops being one' '
	profile bytes "model = m" "url = http://127.0.0.1/v1" && printf "Be kind.\nAnd \377 brief.\n" >profiles.d/bytes.md &&
	status 78 faults bytes >got && echo "profiles.d/bytes.md:2: not a text in UTF-8" >want && same want got &&
	printf "Be\0kind" >profiles.d/bytes.md && status 78 faults bytes >got && echo "profiles.d/bytes.md:1: not a text in UTF-8" >want && same want got &&
	status 78 ai-reply -S s --ask x --profile bytes 2>err && grep -q "bytes.md:1: not a text" err &&
	printf "Sei n\303\266tig" >profiles.d/bytes.md && faults bytes
'
rm profiles.d/bytes.*
check 'no prompt is /dev/null, where [ai] has one' '
	cp frontdesk.conf kept && echo "Be kind." >all.md && sed -i "s/^\[ai\]/&\nprompt_file = all.md/" frontdesk.conf &&
	profile plain "model = m" "url = http://127.0.0.1:1/v1" && ai-profile show plain --json | jq -e ".prompt == \"Be kind.\\n\"" &&
	profile plain "model = m" "url = http://127.0.0.1:1/v1" "prompt_file = /dev/null" && faults plain >got && [ ! -s got ] &&
	ai-profile show plain --json >got && jq -e "(.prompt // \"\") == \"\"" got; code=$?; mv kept frontdesk.conf; return $code
'
check 'two that stand in for each other are no fault: lists of others are not looked at' '
	profile one "model = m" "url = http://127.0.0.1:1/v1" "fallback = two" && profile two "model = m" "url = http://127.0.0.1:2/v1" "fallback = one" &&
	faults one two >got && [ ! -s got ] && status 69 timeout 60 ai-reply -S s --ask "How much is parking?" --profile one 2>err && grep -qx "ai-reply: two: openai: Connection refused" err; code=$?; rm -f profiles.d/one.* profiles.d/two.* profiles.d/plain.*; return $code
'
check 'a prompt that is there and cannot be read is a fault: no answer goes out without it' '
	profile lost "model = m" "url = http://127.0.0.1:1/v1" && ln -s /gone/p profiles.d/lost.md && status 78 faults lost >got &&
	grep -q "profile lost.prompt_file: .*profiles.d/lost.md: \(a link to /gone/p, which is not there\|No such file\)" got && status 78 ai-reply -S s --ask x --profile lost 2>err && grep -q "lost.md: " err &&
	rm profiles.d/lost.md && mkfifo profiles.d/lost.md && status 78 timeout 10 ai-profile check lost 2>err && grep -q "profiles.d/lost.md: not a regular file" err &&
	status 78 timeout 10 ai-reply -S s --ask x --profile lost 2>err && grep -q "lost.md: not a regular file" err &&
	rm profiles.d/lost.md && mkdir profiles.d/lost.md && status 78 faults lost >got && echo "profiles.d/lost.md: not a regular file" >want && same want got &&
	timeout 30 ai-reply -S s --follow --once 2>err && grep -q "^ai-reply: .*profiles.d/lost.md: not a regular file" err
'
rm -r profiles.d/lost.*
check 'a prompt is the same from every checkout: no byte order mark, lines that end in LF' '
	profile lines "model = m" "url = http://127.0.0.1/v1" && printf "Be kind.\nAnd brief.\n" >profiles.d/lines.md && ai-profile show lines --json >want &&
	printf "\357\273\277Be kind.\r\nAnd brief.\r\n" >profiles.d/lines.md && ai-profile show lines --json >got && same want got && jq -e ".prompt == \"Be kind.\\nAnd brief.\\n\"" got
'
rm profiles.d/lines.*
check 'the revision: of settings and prompt, not of the key, the place of files or the order of lines' '
	rev () { ai-profile show careful --json | jq -r .revision; } && rev >a &&
	printf "temperature = 0\n# more\ndescription = other words\n" >profiles.d/careful.conf && echo other >ai.key && rev >b && same a b &&
	echo "Never promise anything." >profiles.d/careful.md && rev >c && ! cmp -s a c &&
	echo "max_tokens = 601" >>profiles.d/careful.conf && rev >d && ! cmp -s c d
'
check 'top_p alone sends no temperature; both are sent where both are said' '
	profile own "model = m" "top_p = 0.9" && sed -i "/^temperature = 0.3/d" frontdesk.conf &&
	[ "$(value own top_p)" = 0.9 ] && [ "$(value own temperature)" = none ] &&
	profile own "model = m" "top_p = 0.9" "temperature = 1" && [ "$(value own temperature)" = 1 ]
'
check 'anthropic gets a temperature only if somebody chose one: its newer models take none' '
	profile claude "provider = anthropic" "model = m" && [ "$(value claude temperature)" = none ] &&
	profile claude "provider = anthropic" "model = m" "temperature = 0.4" && [ "$(value claude temperature)" = 0.4 ] &&
	profile claude "provider = anthropic" "model = claude-3-sonnet"
'
check 'who chose a set-up for closed hours is listed, and told of when it is switched off' '
	cp frontdesk.conf keep && profile night "description = x" && ai-profile use night shop --closed && ai-profile use night spa &&
	ai-profile list --plain | grep "^night" | cut -f 6 >got && echo "spa, closed: shop" >want && same want got && ai-profile disable night 2>err &&
	printf "ai-profile: night is chosen by spa: people answer there now\nai-profile: night is chosen for closed hours by shop: people answer there now\n" >want && same want err; right=$?
	mv keep frontdesk.conf; rm profiles.d/night.conf; return $right
'
check 'a name that is built in is no set-up: ignored, and said' '
	profile default "model = x" && profile extractive "description = x" && printf "[profile extractive]\nprovider = openai\n" >>frontdesk.conf && status 78 faults >got && cat >want <<-END && same want got &&
	frontdesk.conf:20: [profile extractive] is ignored: that name is built in, take another one
	profiles.d/default.conf:1: [profile default] is ignored: that name is built in, take another one
	profiles.d/extractive.conf:1: [profile extractive] is ignored: that name is built in, take another one
	END
	! ai-profile list --plain 2>err | grep -q "^extractive" && [ "$(wc -l <err)" -eq 3 ] && sed -i "/^.profile extractive/,\$d" frontdesk.conf
'
rm profiles.d/default.conf profiles.d/extractive.conf
check 'a fault of [ai] is told once, and who lacks a price is named' '
	cp frontdesk.conf keep && sed -i "s/^temperature = 0.3/temperature = 3/; s/^model = .*/&\nprice_in = 1\nprice_out = 2\ncost_per_day = 5/" frontdesk.conf && profile p1 "model = a" && profile p2 "model = b" &&
	profile az "provider = azure" "model = m" "url = https://x.openai.azure.com" && status 78 faults >got; [ "$(grep -c "price_in" got)" -eq 2 ] &&
	grep -q "^frontdesk.conf:[0-9]*: ai.cost_per_day: a limit of money wants price_in and price_out, which .profile az. does not set" got && [ "$(grep -c "ai.temperature" got)" -le 1 ] &&
	sed -i "/^price_in/d; /^cost_per_day/s/.*/&\nfallback = nobody/" frontdesk.conf && status 78 faults >got; [ "$(grep -c "ai.fallback: there is no" got)" -eq 1 ]; right=$?
	mv keep frontdesk.conf; rm profiles.d/p[12].conf profiles.d/az.conf; return $right
'
check 'enable, disable: a line of its file, comments kept; one that is off is not switched to' '
	printf "# slow and sure\ntemperature = 0\n" >profiles.d/careful.conf &&
	ai-profile disable careful && printf "# slow and sure\ntemperature = 0\nenabled = off\n" >want && same want profiles.d/careful.conf &&
	ai-profile list --json | jq -se "any(.[]; .profile == \"careful\" and .enabled == false)" &&
	status 78 ai-profile use careful shop 2>err && grep -q "careful is off: ai-profile enable careful" err &&
	ai-profile enable careful && grep -qx "enabled = on" profiles.d/careful.conf &&
	status 65 ai-profile disable default
'
check 'use: for instances, outside of hours, and back' '
	ai-profile use careful shop spa && ai-profile use claude shop --closed &&
	[ "$(desk-config get "instance shop.profile")" = careful ] && [ "$(desk-config get "instance shop.profile_closed")" = claude ] &&
	ai-profile list --json | jq -se "any(.[]; .profile == \"careful\" and .instances == \"shop spa\")" &&
	ai-profile use claude spa --closed 2>err && grep -q "spa has no hours" err &&
	ai-profile use default shop && status 1 desk-config get "instance shop.profile" &&
	status 66 ai-profile use carefull shop 2>err && grep -q "did you mean careful?" err &&
	status 66 ai-profile use careful shopp 2>err && grep -q "there is no \[instance shopp\]" err
'
check 'desk-config changes the file of a set-up, and gives its lines the last word' '
	desk-config set "profile careful.max_tokens" 300 && grep -qx "max_tokens = 300" profiles.d/careful.conf &&
	[ "$(desk-config get "profile careful.max_tokens")" = 300 ] && desk-config unset "profile careful.max_tokens" &&
	! grep -q max_tokens profiles.d/careful.conf frontdesk.conf && desk-config check
'
check 'a key is sealed for those that ask models, and for no program that speaks to WhatsApp; no store keeps it open' '
	frontdesk init store >/dev/null && echo sk-very-secret | ai-profile key -S store claude &&
	! grep -rqa sk-very-secret store/ && sqlite3 store/auth.db "SELECT reader FROM secret WHERE name = '\''model claude'\'' ORDER BY 1" >got &&
	printf "ai-label\nai-reply\nwa-instance\n" >want && same want got &&
	printf "a b\n" | status 65 ai-profile key -S store claude && sqlite3 store/desk.db "SELECT action FROM audit" | grep -qx profile.key_sealed &&
	ai-profile key -S store --forget claude && [ -z "$(sqlite3 store/auth.db "SELECT reader FROM secret")" ]
'

# --- whom the AI answers ---
desk () {	# SETTING...: a desk with an instance of these settings, empty
	printf '[instance shop]\nphone_number_id = 106000000000001\n' >frontdesk.conf
	printf '%s\n' "$@" '[hours day]' 'mon-sun = 08:00-18:00' >>frontdesk.conf
	rm -rf s && frontdesk init s >/dev/null
}
# TIME TEXT [PHONE]: one message, routed; its owner and whether the AI answers
says () {
	printf '{"type":"message.received","id":"01M85000%s%s","time":"%s","data":{"phone":"%s","instance":"shop","text":"%s"}}\n' \
	    "$(echo "$1" | tr -cd 0-9)" "$(echo "${3:-0001}" | tail -c 5)" "$1" "${3:-491700000001}" "$2" | route -q -S s >got
	jq -r 'select(.type == "message.routed") | .data.ai' got
}
owner () { conv list -S s --json | jq -r .owner; }
check 'ai_when: within hours, outside of them; who is not answered goes to people' '
	desk "hours = day" "ai_when = open" && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] &&
	[ "$(says 2026-11-23T20:00:00Z "and you?")" = false ] && [ "$(owner)" = queue ] &&
	jq -se "any(.[]; .type == \"conversation.escalated\" and .data.reason == \"the AI answers within hours only\")" got &&
	desk "hours = day" "ai_when = closed" && [ "$(says 2026-11-23T10:00:00Z hello)" = false ] && [ "$(owner)" = queue ] &&
	desk "hours = day" "ai_when = closed" && [ "$(says 2026-11-23T20:00:00Z hello)" = true ] && [ "$(owner)" = ai ]
'
check 'ai_exclude: numbers as people write them, and ids' '
	printf "# ours\n+49 170 000-0001  # the boss\n" >list && desk "ai_exclude = list" &&
	[ "$(says 2026-11-23T10:00:00Z hello)" = false ] && [ "$(says 2026-11-23T10:00:00Z hello 491700000002)" = true ] &&
	conv list -S s --json | jq -r "select(.owner == \"ai\").contact" >list && [ -s list ] &&
	[ "$(says 2026-11-23T10:01:00Z again 491700000002)" = false ] &&
	rm list && status 78 desk-config check && [ "$(says 2026-11-23T10:02:00Z hello 491700000003)" = false ]
'
check 'ai_trigger: people first, the AI from the word on, and as long as it has the conversation' '
	desk "ai_trigger = info Bestellung" && [ "$(says 2026-11-23T10:00:00Z "informal hello")" = false ] && [ "$(owner)" = queue ] &&
	[ "$(says 2026-11-23T10:01:00Z "Meine BESTELLUNG?")" = true ] && [ "$(owner)" = ai ] &&
	[ "$(says 2026-11-23T10:02:00Z "and then?")" = true ] &&
	conv take -S s "$(conv list -S s --ids)" >/dev/null && [ "$(says 2026-11-23T10:03:00Z "info please")" = false ] &&
	conv release -S s "$(conv list -S s --ids)" >/dev/null && [ "$(says 2026-11-23T10:04:00Z "info please")" = false ]
'
check 'ai_resume: what people have left for so long; never without it' '
	desk "ai_resume = 12h" && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] &&
	FRONTDESK_NOW=2026-11-23T10:30:00Z conv reply -S s "$(conv list -S s --ids)" "I am on it" >/dev/null && [ "$(owner)" = user ] &&
	[ "$(says 2026-11-23T22:00:00Z "and?")" = false ] && [ "$(says 2026-11-23T22:45:00Z "and?")" = true ] && [ "$(owner)" = ai ] &&
	desk && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] &&
	FRONTDESK_NOW=2026-11-23T10:30:00Z conv reply -S s "$(conv list -S s --ids)" "I am on it" >/dev/null &&
	[ "$(says 2026-12-23T10:00:00Z "and?")" = false ]
'
check 'ai_resume: who asked for a person and was taken by nobody goes on waiting for one' '
	desk "ai_resume = 2h" && [ "$(says 2026-11-23T10:00:00Z "I want to speak to a human")" = false ] && [ "$(owner)" = queue ] &&
	[ "$(says 2026-11-23T12:30:00Z "still?")" = false ] && [ "$(owner)" = queue ]
'
check 'conv pause: the AI stays out for a while, or until it is released to it' '
	desk && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] && c=$(conv list -S s --ids) &&
	FRONTDESK_NOW=2026-11-23T10:05:00Z conv pause -S s --for 2h "$c" --json | jq -e ".type == \"conversation.paused\" and .data.until == \"2026-11-23T12:05:00.000Z\" and .data.owner == \"queue\"" &&
	[ "$(says 2026-11-23T11:00:00Z "and?")" = false ] && [ "$(says 2026-11-23T12:06:00Z "and?")" = true ] && [ "$(owner)" = ai ] &&
	conv pause -S s "$c" >/dev/null && [ "$(says 2026-12-23T10:00:00Z "and?")" = false ] &&
	conv release -S s --to-ai "$c" >/dev/null && [ "$(says 2026-12-23T10:01:00Z "and?")" = true ]
'
check 'conv release: to the queue keeps a pause, where it waits or was with a person; to the AI ends it' '
	desk "ai_resume = 12h" && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] && c=$(conv list -S s --ids) &&
	FRONTDESK_NOW=2026-11-23T10:01:00Z conv take -S s "$c" >/dev/null && FRONTDESK_NOW=2026-11-23T10:02:00Z conv pause -S s "$c" >/dev/null &&
	FRONTDESK_NOW=2026-11-23T10:03:00Z conv release -S s "$c" >/dev/null && [ "$(owner)" = queue ] && [ "$(says 2026-11-25T10:00:00Z "and?")" = false ] &&
	conv release -S s "$c" >/dev/null && [ "$(says 2026-11-27T10:00:00Z "and?")" = false ] &&
	conv release -S s --to-ai "$c" >/dev/null && [ "$(says 2026-11-27T10:01:00Z "and?")" = true ] &&
	FRONTDESK_NOW=2026-11-28T10:00:00Z conv pause -S s --for 2h "$c" >/dev/null && FRONTDESK_NOW=2026-11-28T10:01:00Z conv release -S s "$c" >/dev/null &&
	[ "$(says 2026-11-28T11:00:00Z "and?")" = false ] && [ "$(says 2026-11-28T12:01:00Z "and?")" = true ] &&
	FRONTDESK_NOW=2026-11-29T10:00:00Z conv take -S s "$c" >/dev/null && FRONTDESK_NOW=2026-11-29T10:01:00Z conv release -S s "$c" >/dev/null &&
	[ "$(says 2026-11-29T21:00:00Z "and?")" = false ] && [ "$(says 2026-11-29T22:02:00Z "and?")" = true ]
'
check 'the end of a pause takes a conversation from nobody: one that a person has is not paused, nor is one merged into it' '
	desk && [ "$(says 2026-11-23T10:00:00Z hello)" = true ] && c=$(conv list -S s --ids) &&
	FRONTDESK_NOW=2026-11-23T10:01:00Z conv take -S s "$c" >/dev/null && FRONTDESK_NOW=2026-11-23T10:05:00Z status 1 conv pause -S s --for 20m "$c" >got 2>err &&
	[ ! -s got ] && echo "conv: $c is with me, and the AI stays out of it anyway; conv release comes first" | same - err &&
	[ "$(says 2026-11-23T10:40:00Z "and?")" = false ] && [ "$(owner)" = user ] &&
	echo "{\"type\":\"message.received\",\"time\":\"2026-11-23T10:41:00Z\",\"data\":{\"kind\":\"text\",\"phone\":\"491700000099\",\"text\":\"hello\"}}" |
	    FRONTDESK_NOW=2026-11-23T10:41:00Z route -q -S s >/dev/null && other=$(conv list -S s --ids | grep -vx "$c") &&
	FRONTDESK_NOW=2026-11-23T10:42:00Z conv pause -S s --for 20m "$other" >/dev/null && FRONTDESK_NOW=2026-11-23T10:43:00Z conv merge -S s "$c" "$other" >/dev/null &&
	[ "$(says 2026-11-23T11:30:00Z "and?")" = false ] && [ "$(owner)" = user ] &&
	FRONTDESK_NOW=2026-11-23T11:31:00Z conv release -S s "$c" >/dev/null && FRONTDESK_NOW=2026-11-23T11:32:00Z conv pause -S s --for 20m "$c" >/dev/null &&
	[ "$(says 2026-11-23T11:40:00Z "and?")" = false ] && [ "$(says 2026-11-23T12:00:00Z "and?")" = true ]
'
done_testing
