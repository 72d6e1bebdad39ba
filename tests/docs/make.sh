#!/bin/sh
# make.sh - make the documents of this folder from src/ and the scripts beside it
#
# It needs what no program of ours does: pandoc, LibreOffice, a browser, cairo,
# qpdf; see packages beside it. What is expected of each, NAME.txt, is what
# kb-ingest --text printed when it was read over and found right; it is not made
# here, but held against what was made: other bytes are no news, as most of
# these programs write times and numbers of their own; other text is, and ends
# with 1.
set -eu
cd "$(dirname "$0")"
BUILD=${BUILD:-$PWD/../../build}
needed=$(sed '/^#/d' packages)
# shellcheck disable=SC2086 # a list of names
missing=$(printf '%s\n' "$needed" | grep -vxF "$(dpkg-query -W \
	-f '${Package} ${db:Status-Status}\n' $needed 2>/dev/null |
	sed -n 's/ installed$//p')" | tr '\n' ' ') || true
if [ -n "$missing" ]; then
	echo "make.sh: these packages are missing: $missing" >&2
	echo "make.sh: install them with: apt-get install --no-install-recommends $missing" >&2
	exit 69
fi
SOURCE_DATE_EPOCH=1767225600 TZ=UTC
export SOURCE_DATE_EPOCH TZ
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

office () {	# FORMAT FILE...
	to=$1; shift
	timeout 300 soffice -env:UserInstallation="file://$home" --headless \
		--convert-to "$to" --outdir . "$@" >/dev/null 2>&1
}
for l in en es pt de fr hi ar zh id; do
	for f in docx odt epub rtf html; do
		pandoc -s "src/$l.md" -o "$l.$f" 2>/dev/null
	done
	cp "src/$l.md" "$l.md"
done
# As an office program writes them, too.
mkdir -p "$home/in"
for l in en de fr; do cp "$l.docx" "$home/in/$l-office.docx"; done
office odt "$home"/in/*-office.docx
office rtf "$home"/in/*-office.docx
office pdf "$home/in/en-office.docx"
office docx en-office.odt
for l in en de; do cp "$l.docx" "$home/in"; done
office doc "$home/in/en.docx" "$home/in/de.docx"

pandoc src/slides.md -o slides.pptx
pandoc src/untitled.md -o untitled.pptx
office odp slides.pptx untitled.pptx
pandoc --slide-level=2 src/catalogue.md -o catalogue.pptx
cp src/table.csv src/groups.csv .
tr '\t' ' ' <src/table.csv | sed 's/^\([^,"]*\),\([^,]*\),\([^,]*\),/\1\t\2\t\3\t/' |
	grep -v '""' >table.tsv
office xlsx src/table.csv src/groups.csv
office xls src/table.csv src/groups.csv
cp slides.pptx "$home/in"
office ppt "$home/in/slides.pptx"
mv slides.ppt "$home"
office ods src/table.csv src/groups.csv

plain () {	# LANGUAGE CHARSET: paragraphs alone
	grep -v '^[#|1-9-]' "src/$1.md" | grep -v ':.*: \|^title\|^lang' |
		tr -d '*' | sed 's/\[^1\]: *//; s/\[^1\]//' |
		iconv -c -f UTF-8 -t "$2" >"$1-$3.text"
}
for l in de fr es pt; do plain $l ISO-8859-1//TRANSLIT latin1; done
plain zh GB18030 gb18030
plain zh UTF-16LE utf16le
plain en UTF-16BE utf16be
plain ar WINDOWS-1256 windows1256
{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE src/hi.md; } >hi-utf16bom.md
iconv -f UTF-8 -t WINDOWS-1251 src/ru.text >ru-windows1251.text
iconv -f UTF-8 -t KOI8-R src/ru.text >ru-koi8r.text
iconv -f UTF-8 -t SHIFT_JIS src/ja.text >ja-shiftjis.text
iconv -f UTF-8 -t EUC-JP src/ja.text >ja-eucjp.text

/usr/bin/python3 pdf.py .
mkdir "$home/scripts"
/usr/bin/python3 scripts.py "$home/scripts"
office pdf "$home"/scripts/*.fodt
# As a browser prints them. It will not have root in its own sandbox.
for f in src/*-chrome.html; do
	timeout 100 chromium --headless --no-sandbox --disable-gpu \
		--user-data-dir="$home/chrome" --no-pdf-header-footer \
		--print-to-pdf="$home/page.pdf" "file://$PWD/$f" >/dev/null 2>&1
	name=${f##*/}
	mv "$home/page.pdf" "${name%.html}.pdf"
done
/usr/bin/python3 office.py . "$home/slides.ppt"
office xls numbers.xlsx mac.xlsx
printf open >password
qpdf --static-id --encrypt open owner 256 -- table.pdf locked.pdf
# It may be read by all, and printed by none.
qpdf --static-id --encrypt "" owner 256 -- pages.pdf printed.pdf

/usr/bin/python3 - <<'P'
from email.message import EmailMessage
m = EmailMessage()
m["From"] = "Ana Pérez <ana@shop.example>"
m["To"] = "desk@shop.example"
m["Date"] = "Thu, 05 Mar 2026 09:00:00 +0000"
m["Subject"] = "Öffnungszeiten im März"
m.set_content("Im März öffnen wir um zehn Uhr.\n\n-- \nAna\n")
m.add_alternative("<p>Im März öffnen wir um <b>zehn</b> Uhr.</p>", "html")
m.set_boundary("frontdesk-a")
open("letter.eml", "wb").write(bytes(m))
m = EmailMessage()
m["From"] = "bob@shop.example"
m["Date"] = "Fri, 06 Mar 2026 09:00:00 +0000"
m["Subject"] = "Price list"
m.set_content("The list is attached.\n")
m.add_attachment(open("src/table.csv").read(), "csv", filename="prices.csv")
m.set_boundary("frontdesk-b")
open("attached.eml", "wb").write(bytes(m))
import zipfile
with zipfile.ZipFile("archive.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for name in ("en.docx", "table.csv", "letter.eml"):
        info = zipfile.ZipInfo("docs/" + name, (2026, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        z.writestr(info, open(name, "rb").read())
P
for f in *.*; do
	case $f in *.txt | *.sh | *.py) continue ;; esac
	if [ ! -e "$f.txt" ]; then
		echo "make.sh: $f has no text that is expected of it" >&2
	elif [ ! -x "$BUILD/kb-ingest" ]; then
		continue
	elif ! "$BUILD/kb-ingest" --password-file password --text "$f" \
		>"$home/text" 2>"$home/said" || ! diff -u "$f.txt" "$home/text" >&2
	then
		cat "$home/said" >&2
		echo "make.sh: $f has another text than $f.txt" >&2
	else
		continue
	fi
	: >"$home/wrong"
done
[ ! -e "$home/wrong" ]
