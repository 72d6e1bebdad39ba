#!/bin/sh
# kb-search(1): questions to passages, best first
. "${0%/*}/lib.sh"
FRONTDESK_STORE=$work/store
export FRONTDESK_STORE
frontdesk init "$FRONTDESK_STORE" >/dev/null
cat >returns.md <<'EOF'
# Returns

## Who pays for it

Returning a parcel is free. We deduct nothing.

## Refunds

We refund you within 5 working days to your card.

## Swimming pools

Pools are not sold here.
EOF
cat >devoluciones.md <<'EOF'
# Devoluciones

## Reembolsos

Te devolvemos el importe en 5 días laborables con la misma tarjeta.

## Horario

Las tiendas abren de lunes a sábado.
EOF
kb-ingest returns.md devoluciones.md >/dev/null
top () { kb-search -n 1 "$1" | jq -r .section; }
is () { [ "$(top "$1")" = "$2" ] || { echo "$1: $(top "$1")"; return 1; }; }

check 'a hit has all its fields' '
	kb-search -n 1 refund >got && [ "$(wc -l <got)" -eq 1 ] &&
	jq -c "[.rank, (.score > 0), (.document | length), .title, .source,
	    .collection, .section, (.passage | length), .language,
	    (.range | map(type)), .text]" got >seen &&
	echo "[1,true,8,\"Returns\",\"returns.md\",\"default\",\"Refunds\",8,\"en\",[\"number\",\"number\"],\"We refund you within 5 working days to your card.\"]" >want &&
	same want seen
'
check 'ranks are 1, 2, 3 and scores fall' '
	kb-search "refund for a returned parcel" >got &&
	jq -s -e "[.[].rank] == [range(1; length + 1)] and
	    ([.[].score] == ([.[].score] | sort | reverse)) and length > 1" got
'
check 'other endings, capitals, missing accents, slips, synonyms' '
	is "REFUNDING" Refunds && is "refnud" Refunds &&
	is "when do i get my money back" Refunds &&
	is "is sending it back free" "Who pays for it" &&
	is "cuando me devuelven el dinero" Reembolsos &&
	is "a que hora abren" Horario && is "tarjeta" Reembolsos
'
check 'each of several slips in a question is made good' '
	is "refnud wthin days" Refunds && is "dedcut nothng parcle" "Who pays for it" &&
	kb-search --explain -n 1 "refnud wthin crad" | jq -r .explain >got &&
	grep -q " refnud~refund([^)]*body" got && grep -q " wthin~within([^)]*body" got
'
check 'a word that the base lacks is no slip of another: it ranks and counts for little' '
	frontdesk init camp >/dev/null && printf "# Tents\nA tent costs 10 euros a night.\n# Dogs\nDogs must be on a leash.\n" >camp.md &&
	kb-ingest -S camp camp.md >/dev/null && kb-search -S camp -n 1 "can i lease a tent" | jq -e ".text | test(\"10 euros\")" &&
	kb-search -S camp -n 1 leash | jq -e ".confidence > 0.8" && kb-search -S camp -n 1 lesh | jq -e ".confidence > 0.6" &&
	kb-search -S camp -n 1 lease | jq -e ".confidence < 0.3" &&
	status 1 kb-search -S camp form
'
check 'a long word of which the base has one part alone; what is no part; plurals on s' '
	frontdesk init inn >/dev/null && cat >inn.md <<-"END" &&
		# Gasthof
		## Stornierung
		Bis 48 Stunden vor der Ankunft kostenlos.
		## Parken
		Eine Tiefgarage ist da, auch für Elektroautos.
		## Abreise
		Zimmer bis 11 Uhr.
		## Hunde
		Willkommen, 20 Euro.
	END
	kb-ingest -S inn inn.md >/dev/null &&
	for pair in Stornierungsfrist=Stornierung Abreisezeit=Abreise Hundegebühr=Hunde Tiefgaragenplatz=Parken \
	    Parkgebühren=Parken Zimmerpreis=Abreise Auto=Parken Elektroauto=Parken; do
		kb-search -S inn -n 1 "${pair%=*}" | jq -r .section >got && [ "$(cat got)" = "${pair#*=}" ] || { echo "$pair"; cat got; return 1; }
	done && status 1 kb-search -S inn Aufgaben
'
check 'an ending is of one language: what another leaves of a word is none of its words' '
	frontdesk init pair >/dev/null && jq -nc "{source: \"de\", language: \"de\", title: \"Zimmer\", text: \"Babybetten stellen wir auf Wunsch ohne Aufpreis ins Zimmer.\"},
		{source: \"tr\", language: \"tr\", title: \"Kargo\", text: \"Siparişiniz üç iş günü içinde kargoya verilir, teslimat ücretsizdir.\"}" |
	    kb-ingest -S pair --jsonl >/dev/null && kb-search -S pair -n 1 teslimatlar | jq -e ".title == \"Kargo\"" &&
	kb-search -S pair -n 1 Wünsche | jq -e ".title == \"Zimmer\"" && status 1 kb-search -S pair aufladen &&
	kb-search -S pair -n 2 --explain "Babybetten aufladen" | jq -se "length == 1 and (.[0].explain | test(\"aufladen[^ ]*\\\\([0-9.]+ unknown\"))"
'
check 'a question may mix languages' '
	kb-search "refund tarjeta" | jq -r .section | sort | head -n 2 >got &&
	printf "Reembolsos\nRefunds\n" >want && same want got
'
check 'no hit is 1 and says nothing; common words alone still find' '
	status 1 kb-search zeppelin >got && [ ! -s got ] &&
	status 1 kb-search "" && status 1 kb-search "?!" &&
	kb-search "who is it for" >/dev/null
'
check 'a question that names nothing has hits of no confidence' '
	for q in "who is it for" is "the of a" "how can I"; do
		kb-search "$q" | jq -r .confidence
	done | sort -u >got && echo 0 >want && same want got &&
	status 1 kb-search --min-score=0.01 "how can I" &&
	kb-search --min-score=0.01 refund >got && [ -s got ]
'
check 'a word is found in a language that has few passages of many' '
	frontdesk init mixed >/dev/null &&
	i=0 && while [ $((i += 1)) -le 300 ]; do
		echo "{\"source\":\"de/$i\",\"text\":\"Die Ware Nummer $i wird im Lager von uns geprüft und dann mit der Post verschickt.\"}"
	done | kb-ingest -S mixed --jsonl >/dev/null &&
	{
		echo "{\"source\":\"en\",\"text\":\"The gift vouchers are not for sale and they expire after two years.\"}"
		echo "{\"source\":\"es\",\"text\":\"Si la lavadora gotea, cierre el grifo y llame a los del servicio.\"}"
		echo "{\"source\":\"und\",\"text\":\"Kumquats 4711.\"}"
	} | kb-ingest -S mixed --jsonl >/dev/null &&
	of () { kb-search -S mixed -n 1 "$1" | jq -r .source; } &&
	[ "$(of voucher)" = en ] && [ "$(of vouchers)" = en ] && [ "$(of expires)" = en ] &&
	[ "$(of "mi lavadora gotea")" = es ] && [ "$(of lavadoras)" = es ] &&
	[ "$(of kumquats)" = und ] && [ "$(of "when do vouchers expire")" = en ] &&
	kb-search -S mixed Waren | jq -r .language | sort -u >got && echo de >want && same want got
'
check 'a region of a language: its words, and the filter takes it as part of it' '
	frontdesk init regions >/dev/null &&
	printf "# B\n\nmango text\n" >b.md && kb-ingest -S regions --language EN-us b.md >/dev/null &&
	printf "%s\n" "{\"source\":\"k\",\"language\":\"EN\",\"text\":\"Ladders stand in the sheds.\"}" \
	    "{\"source\":\"p\",\"language\":\"pt-br\",\"text\":\"As reparações custam vinte euros.\"}" \
	    "{\"source\":\"h\",\"language\":\"hi-latn\",\"text\":\"Kya aap mujhe bata sakte hain.\"}" |
	    kb-ingest -S regions --jsonl >/dev/null &&
	kb-doc -S regions list --json | jq -r .language | sort >got &&
	printf "%s\n" en en-US hi-Latn pt-BR >want && same want got &&
	of () { kb-search -S regions "$@" | jq -r .source | sort | tr "\n" " "; } &&
	[ "$(of mangos)" = "b.md " ] && [ "$(of shed)" = "k " ] && [ "$(of reparação)" = "p " ] &&
	[ "$(of --language en "sheds mangos")" = "b.md k " ] && [ "$(of --language EN "sheds mangos")" = "b.md k " ] &&
	[ "$(of --language en-us "sheds mangos")" = "b.md " ] && [ "$(of --language pt reparações)" = "p " ] &&
	status 1 kb-search -S regions --language pt-PT reparações &&
	status 1 kb-search -S regions --language e mangos &&
	for l in en EN-US pt p; do
		kb-doc -S regions list --json --language $l | jq -r .language | sort | tr "\n" " "
		echo
	done >got && printf "en en-US \nen-US \npt-BR \n\n" >want && same want got
'
check 'a passage too short to tell its language is found in any ending of a word' '
	frontdesk init short >/dev/null &&
	printf "%s\n" "{\"source\":\"f1\",\"text\":\"Cherries are red.\"}" \
	    "{\"source\":\"f2\",\"text\":\"Cancelling subscriptions: via website.\"}" \
	    "{\"source\":\"f3\",\"text\":\"Deliveries on Fridays only.\"}" \
	    "{\"source\":\"f4\",\"text\":\"Batteries: surcharge.\"}" \
	    "{\"source\":\"f5\",\"text\":\"No puppies.\"}" \
	    "{\"source\":\"f6\",\"text\":\"Boxes can be rented monthly.\"}" |
	    kb-ingest -S short --jsonl | jq -r .language | sort | uniq -c >languages &&
	grep -q "4 und" languages &&
	of () { kb-search -S short -n 1 "$1" | jq -r .source; } &&
	[ "$(of cherry)" = f1 ] && [ "$(of "cancel my subscription")" = f2 ] &&
	[ "$(of battery)" = f4 ] && [ "$(of puppy)" = f5 ] && [ "$(of box)" = f6 ] &&
	echo "{\"source\":\"es\",\"text\":\"Si la lavadora gotea, cierre el grifo y llame a los del servicio.\"}" |
	    kb-ingest -S short --jsonl >/dev/null &&
	[ "$(of "can I cancel a subscription")" = f2 ] && [ "$(of lavadoras)" = es ]
'
check 'each language that has a stemmer is searched with it' '
	frontdesk init stems >/dev/null &&
	for l in $(sed -n "s/^	{ \"\([a-z]*\)\", \"[a-z]*\" },$/\1/p" \
	    "$top/lib/kb/analyse.c"); do
		echo "{\"source\":\"$l\",\"text\":\"Xylographie 4711\",\"language\":\"$l\"}"
	done >stems.jsonl && [ "$(wc -l <stems.jsonl)" -gt 20 ] &&
	kb-ingest -S stems --jsonl <stems.jsonl >/dev/null &&
	jq -r .language stems.jsonl | while read -r l; do
		kb-search -S stems -n 9 --language "$l" "xylographie mit $l" |
			jq -r .source
	done >got && jq -r .language stems.jsonl >want && same want got
'
check 'without a question: lines to lines, unknown fields kept, in order' '
	printf "%s\n" "{\"id\":\"a\",\"query\":\"refund\",\"x\":[1]}" \
	    "{\"id\":\"b\",\"query\":\"zeppelin\"}" | kb-search -n 2 >got &&
	jq -c "[.id, .query, .x, (.hits | length)]" got >seen &&
	printf "%s\n" "[\"a\",\"refund\",[1],2]" "[\"b\",\"zeppelin\",null,0]" |
		sed "1s/,2]/,$(kb-search -n 2 refund | wc -l)]/" >want && same want seen
'
check 'a line that is no question is named, and the next one answered: 65' '
	printf "%s\n" oops "{\"id\":1}" "{\"query\":\"refund\"}" |
		status 65 kb-search >got 2>err &&
	grep -q "^kb-search: stdin:1: " err && grep -q "stdin:2: query" err &&
	[ "$(wc -l <got)" -eq 1 ]
'
check 'lines are answered before more are waited for' '
	mkfifo in && { kb-search <in >out & } && exec 3>in &&
	echo "{\"query\":\"refund\"}" >&3 && wait_for grep -q hits out &&
	exec 3>&- && wait
'
check 'filters: language, collection, document' '
	kb-search --language es refund tarjeta 2>/dev/null; status 64 kb-search a b 2>/dev/null &&
	[ "$(kb-search --language es "refund tarjeta" | jq -r .language | sort -u)" = es ] &&
	status 1 kb-search --collection none refund &&
	id=$(kb-search -n 1 refund | jq -r .document) &&
	[ "$(kb-search --document "$id" "tarjeta refund" | jq -r .document | sort -u)" = "$id" ]
'
check 'filters: source, exact or how it begins, and since' '
	mkdir -p a/b && printf "# Aa\n\nA walrus.\n" >a/b/one.md && printf "# Bb\n\nA walrus too.\n" >a/two.md &&
	FRONTDESK_NOW=2026-01-01T00:00:00Z kb-ingest a/b/one.md >/dev/null &&
	FRONTDESK_NOW=2026-02-01T00:00:00Z kb-ingest a/two.md >/dev/null &&
	of () { kb-search "$@" walrus | jq -r .source | sort | tr "\n" " "; } &&
	[ "$(of)" = "a/b/one.md a/two.md " ] && [ "$(of --source a/two.md)" = "a/two.md " ] &&
	[ "$(of --source a/)" = "a/b/one.md a/two.md " ] && [ "$(of --source "a/b*")" = "a/b/one.md " ] &&
	[ -z "$(of --source a)" ] && [ "$(of --since 2026-01-15)" = "a/two.md " ] &&
	[ "$(of --since 2026-01-15 --source a/b/)" = "" ] &&
	[ "$(of --source a/two.md --source a/b/one.md)" = "a/b/one.md a/two.md " ] &&
	status 64 kb-search --since soon x 2>err && grep -q "is no time" err
'
check 'an index that is not built yet: 78 and what helps, and it does help' '
	cp -r store old && sqlite3 old/kb.db "DELETE FROM segment; DELETE FROM segment_term;
	    DELETE FROM segment_blob; INSERT INTO segment_gap SELECT min(row), max(row) FROM passage" &&
	status 78 kb-search -S old refund 2>err && grep -q "run frontdesk upgrade" err &&
	frontdesk upgrade -S old && kb-search -S old refund >got && kb-search refund >want && same want got &&
	"${BUILD:-$top/build}/tests/unit-index" old
'
# slip LANGUAGE SOURCE SLIP...: each finds the document of that language
slip () {
	language=$1; shift
	for word; do
		[ "$(kb-search -n 1 "$word" 2>/dev/null | jq -r .source)" = "slips-$language" ] || { echo "$language: $word"; return 1; }
	done
}
check 'slips of the pen in every alphabet, the first letter too' '
	{
		echo "{\"source\":\"slips-en\",\"language\":\"en\",\"text\":\"The thermostat regulates the greenhouse.\"}"
		echo "{\"source\":\"slips-es\",\"language\":\"es\",\"text\":\"El ferrocarril cruza la cordillera nevada.\"}"
		echo "{\"source\":\"slips-pt\",\"language\":\"pt\",\"text\":\"A bicicleta fica no armazém do mercado.\"}"
		echo "{\"source\":\"slips-de\",\"language\":\"de\",\"text\":\"Der Schornsteinfeger kommt am Vormittag.\"}"
		echo "{\"source\":\"slips-fr\",\"language\":\"fr\",\"text\":\"La bibliothèque prête des dictionnaires.\"}"
		echo "{\"source\":\"slips-hi\",\"language\":\"hi\",\"text\":\"पुस्तकालय में विश्वविद्यालय की किताबें हैं।\"}"
		echo "{\"source\":\"slips-ar\",\"language\":\"ar\",\"text\":\"المستشفى الجامعي يستقبل المرضى كل صباح.\"}"
		echo "{\"source\":\"slips-id\",\"language\":\"id\",\"text\":\"Perpustakaan menyimpan ensiklopedia lama.\"}"
		echo "{\"source\":\"slips-ru\",\"language\":\"ru\",\"text\":\"Электростанция работает круглосуточно.\"}"
	} | kb-ingest --jsonl >/dev/null &&
	slip en termostat thermosatt rhermostat grenhouse && slip es ferocarril cordilera gordillera &&
	slip pt armazen bicicelta vicicleta && slip de Schornsteinfger Vormitag && slip fr bibliotheqe dictionaire &&
	slip hi विश्वविद्यलय पुस्तकलय && slip ar المستشفا المستشغى && slip id perpustakan ensiklpedia &&
	slip ru элекростанция круглосуточьно
'
check 'a slip in an ending, where words lose it to be compared, is one as well' '
	{
		echo "{\"source\":\"slips-en\",\"language\":\"en\",\"text\":\"Working on bicycles is forbidden.\"}"
		echo "{\"source\":\"slips-es\",\"language\":\"es\",\"text\":\"Aceptamos reparaciones los días laborables.\"}"
		echo "{\"source\":\"slips-pt\",\"language\":\"pt\",\"text\":\"Enviamos a fatura para a sua morada.\"}"
		echo "{\"source\":\"slips-de\",\"language\":\"de\",\"text\":\"Nach der Anmeldung ist die Rücksendung kostenlos.\"}"
		echo "{\"source\":\"slips-fr\",\"language\":\"fr\",\"text\":\"Annulation du stationnement par virement.\"}"
		echo "{\"source\":\"slips-id\",\"language\":\"id\",\"text\":\"Pembayaran dilakukan setelah dua tahunan.\"}"
		echo "{\"source\":\"slips-ru\",\"language\":\"ru\",\"text\":\"Магазин закрывается начиная с понедельника.\"}"
		echo "{\"source\":\"slips-ar\",\"language\":\"ar\",\"text\":\"نؤجر الدراجات كل صباح بالرمز.\"}"
		echo "{\"source\":\"slips-tr\",\"language\":\"tr\",\"text\":\"Halıların tamiri yapıyoruz.\"}"
	} | kb-ingest --jsonl >/dev/null &&
	slip en workign bicycless && slip es reparacioens laborabes Aceptamoss && slip pt moarda &&
	slip de Anmeldug Rücksendungg kostenloss && slip fr annlation stationnmeent virementss &&
	slip id Pembyaran tahunann setlah && slip ru закрываетяс начиая && slip ar الدراات بالرمق &&
	slip tr halıalrın yapıyourz
'
check 'a letter once or twice, or two that changed places, goes before other words' '
	frontdesk init near >/dev/null &&
	printf "%s\n" "{\"source\":\"ship\",\"title\":\"Shipping to islands\",\"text\":\"We ship to Hawaii, too.\"}" \
	    "{\"source\":\"card\",\"text\":\"A gift card is valid for a year. Pay with any card.\"}" \
	    "{\"source\":\"carrier\",\"text\":\"The carrier brings it between nine and five.\"}" \
	    "{\"source\":\"invoice\",\"text\":\"Your invoice is in the history of the account.\"}" \
	    "{\"source\":\"garantia\",\"language\":\"es\",\"text\":\"La garantía no cubre la transferencia bancaria.\"}" |
	    kb-ingest -S near --jsonl >/dev/null &&
	of () { kb-search -S near -n 1 "$1" | jq -r .source; } &&
	[ "$(of shiping)" = ship ] && [ "$(of hawai)" = ship ] && [ "$(of carier)" = carrier ] &&
	[ "$(of invoie)" = invoice ] && [ "$(of histroy)" = invoice ] && [ "$(of garantaí)" = garantia ] &&
	[ "$(of bancara)" = garantia ] && [ "$(of "what does cadr mean")" = card ] &&
	status 1 kb-search -S near printer
'
check 'digits of all scripts are alike, marks of Vietnamese are kept' '
	{
		echo "{\"source\":\"digits\",\"language\":\"hi\",\"text\":\"आदेश संख्या ४७११ तैयार है।\"}"
		echo "{\"source\":\"ma1\",\"language\":\"vi\",\"text\":\"Con ngựa và mã số.\"}"
		echo "{\"source\":\"ma2\",\"language\":\"vi\",\"text\":\"Ngôi nhà có má.\"}"
	} | kb-ingest --jsonl >/dev/null &&
	[ "$(kb-search -n 1 4711 | jq -r .source)" = digits ] && [ "$(kb-search -n 1 ٤٧١١ | jq -r .source)" = digits ] &&
	[ "$(kb-search --language vi -n 1 "mã" | jq -r .source)" = ma1 ] &&
	[ "$(kb-search --language vi -n 1 "má" | jq -r .source)" = ma2 ]
'
check 'Vietnamese typed without its marks finds words that have them, after those as asked' '
	frontdesk init bare >/dev/null &&
	printf "%s\n" "{\"source\":\"tra\",\"language\":\"vi\",\"title\":\"Đổi trả\",\"text\":\"Quý khách được đổi hàng trong bảy ngày.\"}" \
	    "{\"source\":\"ca\",\"language\":\"vi\",\"title\":\"Đôi trà\",\"text\":\"Một đôi ly uống trà bằng sứ.\"}" \
	    "{\"source\":\"giao\",\"language\":\"vi\",\"title\":\"Giao hàng\",\"text\":\"Chúng tôi giao tận nhà.\"}" \
	    "{\"source\":\"gio\",\"language\":\"vi\",\"title\":\"Gio mo cua\",\"text\":\"Cua hang mo tu tam gio.\"}" |
	    kb-ingest -S bare --jsonl >/dev/null &&
	of () { kb-search -S bare -n 1 "$1" | jq -r .source; } &&
	kb-search -S bare "doi tra" | jq -r .source | sort >got && printf "ca\ntra\n" | same - got &&
	[ "$(of "đổi trả")" = tra ] && [ "$(of "đôi trà")" = ca ] && [ "$(of "giao hang")" = giao ] &&
	[ "$(of "duoc doi khong")" = tra ] && [ "$(of "mở cửa lúc mấy giờ")" = gio ] &&
	echo "{\"source\":\"en\",\"text\":\"You can do this at home with a friend.\"}" | kb-ingest -S bare --jsonl >/dev/null &&
	[ "$(of "what can I do at home")" = en ]
'
check 'a German or Dutch verb that is parted is one; a noun finds its verb' '
	frontdesk init parted >/dev/null &&
	printf "%s\n" "{\"source\":\"back\",\"language\":\"de\",\"title\":\"Rücksendung\",\"text\":\"Legen Sie den Schein in das Paket.\"}" \
	    "{\"source\":\"send\",\"language\":\"de\",\"title\":\"Versand\",\"text\":\"Wir schicken auch etwas zu einer Packstation.\"}" \
	    "{\"source\":\"sign\",\"language\":\"de\",\"title\":\"Anmeldung\",\"text\":\"Das Formular steht auf der Seite.\"}" \
	    "{\"source\":\"tell\",\"language\":\"de\",\"title\":\"Schäden\",\"text\":\"Bitte melden Sie Schäden beim Hausmeister.\"}" \
	    "{\"source\":\"delete\",\"language\":\"de\",\"title\":\"Kundenkonto löschen\",\"text\":\"Schreiben Sie uns.\"}" \
	    "{\"source\":\"extract\",\"language\":\"de\",\"title\":\"Kontoauszug\",\"text\":\"Der Auszug kommt im Januar.\"}" |
	    kb-ingest -S parted --jsonl >/dev/null &&
	of () { kb-search -S parted -n 1 "$1" | jq -r .source; } &&
	[ "$(of "wie schicke ich etwas zurück")" = back ] && [ "$(of "wo melde ich mich an?")" = sign ] &&
	[ "$(of "wem melde ich Schäden")" = tell ] && [ "$(of Kontolöschung)" = delete ] &&
	frontdesk init parted-nl >/dev/null &&
	printf "%s\n" "{\"source\":\"back\",\"language\":\"nl\",\"text\":\"Terugsturen kan binnen dertig dagen.\"}" \
	    "{\"source\":\"send\",\"language\":\"nl\",\"text\":\"Wij sturen het pakket morgen.\"}" |
	    kb-ingest -S parted-nl --jsonl >/dev/null &&
	kb-search -S parted-nl -n 1 "hoe stuur ik het terug" | grep -q back
'
check 'Chinese is found in the other way to write it, before Japanese' '
	frontdesk init hanzi >/dev/null &&
	printf "%s\n" "{\"source\":\"simple\",\"language\":\"zh\",\"title\":\"退款时间\",\"text\":\"我们在五个工作日内退款。\"}" \
	    "{\"source\":\"other\",\"language\":\"zh\",\"title\":\"送貨費用\",\"text\":\"滿五百元免運費。\"}" \
	    "{\"source\":\"ja\",\"language\":\"ja\",\"title\":\"営業時間\",\"text\":\"営業時間は九時から五時です。\"}" |
	    kb-ingest -S hanzi --jsonl >/dev/null &&
	of () { kb-search -S hanzi -n 1 "$1" | jq -r .source; } &&
	[ "$(of 退款時間)" = simple ] && [ "$(of 运费)" = other ] && [ "$(of 営業時間)" = ja ]
'
check '--explain says where each word was found' '
	kb-search -n 1 --explain "refund card" | jq -r .explain |
		grep -q "^words [0-9.]*[*][0-9.]* coverage 1.00[*][0-9.]* heading .* refund([0-9.]* section 1.0 body 1.0) card([0-9.]* body 1.0)$"
'
check '--explain adds up to the score' '
	kb-search -n 3 --explain "refund card" >got && [ -s got ] &&
	jq -r "[.score, .explain] | @tsv" got | awk -F "\t" "{
		sub(/:.*/, \"\", \$2); n = split(\$2, w, \" \"); sum = 0
		for (i = 2; i <= n; i += 2) { split(w[i], x, \"*\"); sum += x[1] * x[2] }
		if (n < 20 || (sum - \$1) ^ 2 > 0.01) { print; bad = 1 } } END { exit bad }"
'
check 'the same question, the same bytes; a passage keeps its id' '
	kb-search "refund parcel" >one && kb-search "refund parcel" >two &&
	same one two && id=$(kb-search -n 1 refund | jq -r .passage) &&
	printf "\n## More\n\nMore.\n" >>returns.md && kb-ingest returns.md >/dev/null &&
	[ "$(kb-search -n 1 refund | jq -r .passage)" = "$id" ]
'
check 'query syntax of the index is only words here' '
	for q in "\"" "refund OR" "NEAR(a b)" "title:x" "a*" "(" "refund - parcel" "^x"; do
		kb-search "$q" >/dev/null 2>err || [ $? -eq 1 ] || exit 1
		[ ! -s err ] || exit 1
	done
'
check 'a question of a megabyte is cut, not refused' '
	{ printf "{\"query\":\"refund "; head -c 60000 /dev/zero | tr "\0" x
	    printf "\"}\n"; } | kb-search -n 1 | jq -e ".hits[0].section == \"Refunds\""
'
# A sanitizer takes its time to start.
most=100
! ldd "$(command -v kb-search)" | grep -qE 'lib(a|ub)san' || most=1000
check 'it carries no network library and starts in milliseconds' '
	! ldd "$(command -v kb-search)" | grep -E "libcurl|microhttpd|libssl|libnss" &&
	begin=$(date +%s%N) && for _ in 1 2 3 4 5 6 7 8 9 10; do
		kb-search refund >/dev/null || exit 1
	done && took=$((($(date +%s%N) - begin) / 10000000)) &&
	echo "$took ms each" && [ "$took" -lt "$most" ]
'
check 'an ingest leaves files that open at once; only that of documents is opened' '
	[ -s store/kb.db ] && [ ! -s store/kb.db-wal ] && [ ! -s store/desk.db-wal ] &&
	cp -r store other && echo "no record" >other/desk.db &&
	kb-search refund >want && kb-search -S other refund >got && same want got &&
	rm other/desk.db && status 66 kb-search -S other refund 2>err &&
	grep -q "not a store; make one with frontdesk init" err
'
check 'no store is 66, a full disk is 74, a count of 0 is 64' '
	status 66 kb-search -S nowhere x 2>/dev/null &&
	status 74 kb-search refund >/dev/full 2>/dev/null &&
	status 64 kb-search -n 0 x 2>/dev/null
'
check 'a question in several arguments: how to say it' '
	status 64 kb-search a b 2>err && grep -q "unexpected argument .b.: quote the question" err
'
check 'Spanish verbs that change their vowel, German words made of several' '
	is "devuelvo" Reembolsos &&
	printf "# Praxis\n\n## Reinigung\n\nEine gute Reinigung dauert bei uns eine halbe Stunde und ist nicht teuer.\n" >praxis.md &&
	kb-ingest --language de praxis.md >/dev/null && is "Zahnreinigung" Reinigung
'
check 'a part of a long German word finds it, known elsewhere or not' '
	frontdesk init parts >/dev/null &&
	printf "%s\t%s\n" 1 "Die Versandkosten betragen vier Euro und entfallen bei großen Bestellungen." \
	    2 "Die Garantiebedingungen finden Sie auf der Rückseite der Rechnung." \
	    3 "Der Kundenparkplatz liegt hinter dem Haus und ist zwei Stunden frei." \
	    4 "Die Kündigungsfrist beträgt drei Monate zum Ende des Jahres." \
	    5 "Das Rückgaberecht gilt vierzehn Tage nach dem Kauf." \
	    6 "Das Kinderschwimmbecken wird im Winter auf dreißig Grad geheizt." \
	    7 "Unsere Fahrradwerkstatt öffnet jeden Morgen um neun Uhr." \
	    8 "Bringen Sie bitte Ihren Personalausweis zum Termin mit." \
	    9 "Die Straßenbahnhaltestelle ist nur hundert Meter entfernt." \
	    10 "Eine Probefahrt ist nach Absprache an jedem Werktag möglich." >parts.tsv &&
	jq -Rc "split(\"\t\") | {source: .[0], language: \"de\", text: .[1]}" parts.tsv |
	    kb-ingest -S parts --jsonl >/dev/null &&
	part () {
		n=$1; shift
		for w; do
			kb-search -S parts -n 2 "$w" | jq -r .source | grep -qx "$n" || { echo "$n: $w"; return 1; }
		done
	} &&
	all () {
		part 1 Versand Kosten Versand-Kosten "Versand bezahlen" && part 2 Garantie Bedingungen &&
		part 3 Parkplatz Kunden "Haben Sie einen Parkplatz" && part 4 Kündigung Frist "wie kann ich kündigen" &&
		part 5 Rückgabe "Recht auf Rückgabe" && part 6 Schwimmbecken "Becken für Kinder" && part 7 Werkstatt Fahrräder &&
		part 8 Ausweis && part 9 Haltestelle Straßenbahn && part 10 "Probe fahren" Fahrt
	} && all &&
	status 1 kb-search -S parts Kunst && status 1 kb-search -S parts Weis &&
	echo "{\"source\":\"x\",\"language\":\"de\",\"text\":\"Kosten, Garantie und Parkplatz: siehe oben, Versand und Frist auch.\"}" |
	    kb-ingest -S parts --jsonl >/dev/null && all &&
	echo "{\"source\":\"y\",\"language\":\"de\",\"text\":\"Eine Bank für das Konto der Kunden.\"}" |
	    kb-ingest -S parts --jsonl >/dev/null && kb-search -S parts --explain Kundenkonto | jq -r .source >got &&
	[ "$(head -n 1 got)" = y ]
'
check 'a word that texts part is found joined, and one that they join parted' '
	frontdesk init joints >/dev/null &&
	printf "%s\t%s\n" 1 "The dentist takes X-rays once a year for free." \
	    2 "Check-in starts at three in the afternoon." 3 "You can place a pre-order for the new book." \
	    4 "Sign-up takes two minutes on our site." 5 "Error E-4021 means that the pump is blocked." \
	    6 "The part number is AB-1234 on the label." 7 "Call us at 0800-555-0199 on working days." \
	    8 "Our account is DE89 3704 0044 0532 0130 00 at the bank." 9 "A handrail and a footpath lead there." >joints.tsv &&
	{
		jq -Rc "split(\"\t\") | {source: .[0], language: \"en\", text: .[1]}" joints.tsv
		echo "{\"source\":\"fa\",\"language\":\"fa\",\"text\":\"شما می‌توانید سفارش خود را لغو کنید.\"}"
	} | kb-ingest -S joints --jsonl >/dev/null &&
	for q in "1 xrays" "1 xray" "2 checkin" "3 preorder" "4 signup" "5 E4021" "5 what is e4021" "6 ab1234" \
	    "7 08005550199" "8 DE89370400440532013000" "9 hand rail" "9 foot path" "fa می توانید"; do
		[ "$(kb-search -S joints -n 1 "${q#* }" | jq -r .source)" = "${q%% *}" ] || { echo "$q"; return 1; }
	done &&
	status 1 kb-search -S joints 0800551 && status 1 kb-search -S joints threebook
'
check 'a phrase of a heading that another word stands for counts as its words' '
	printf "# Money\n\n## Money back\n\nIn a week.\n\n## Refunds for other things than goods\n\nNone.\n" >money.md &&
	kb-ingest money.md >/dev/null && kb-search --explain -n 9 refund |
		jq -se "map(select(.section == \"Money back\"))[0].explain | test(\"asked (0.8|1)\")"
'
check 'a line keeps its bytes: numbers no program holds come through' '
	printf "%s\n" "{\"id\":12345678901234567890, \"query\":\"refund\",\"n\":1.50,\"big\":1e400}" >numbers.jsonl &&
	kb-search <numbers.jsonl >got && grep -qF "{\"id\":12345678901234567890, \"query\":\"refund\",\"n\":1.50,\"big\":1e400,\"hits\":[" got &&
	jq -e ".hits | length > 0" got &&
	printf "%s\n" "{\"query\":\"refund\",\"hits\":7} " | kb-search | jq -e ".hits | length > 0"
'
check 'a phrase with synonyms may begin with a word of one letter' '
	printf "# Ferry\n\nA pedelec may be taken onto the ferry.\n" >ferry.md &&
	frontdesk init ferry >/dev/null && kb-ingest -S ferry ferry.md >/dev/null &&
	kb-search -S ferry --explain -n 1 "can I take my e-bike onto the ferry" |
		jq -e ".explain | test(\" e bike\\\\([^)]*body 0.8\")"
'
check 'a phrase that no text has, nor what it stands for, is read by its words' '
	frontdesk init parking >/dev/null && printf "# مواقف السيارات\n\nفي الساحة خلف المبنى تسعة مواقف.\n" >cars.md && kb-ingest -S parking --language ar cars.md >/dev/null &&
	kb-search -S parking -n 1 "أين أوقف سيارتي" | jq -se "any(.[]; .source | test(\"cars\"))"
'
check 'how sure a hit is does not depend on how many are asked for' '
	frontdesk init sure >/dev/null && for w in tent stove boat bike; do printf "{\"source\":\"%s\",\"text\":\"A %s is rented for a day or for a week.\"}\n" $w $w; done | kb-ingest -S sure --jsonl >/dev/null &&
	for n in 1 3 10; do kb-search -S sure -n $n "rented for a week" | head -n 1 | jq -c "[.passage, .score, .confidence]"; done | sort -u | wc -l | grep -qx 1 && [ "$(kb-search -S sure -n 3 "rented for a week" | wc -l)" -eq 3 ]
'
done_testing
