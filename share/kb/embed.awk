# embed.awk - word lists as a C table: awk -f embed.awk FILE...
# A file is named KIND.LANGUAGE; a line that begins with # is a comment.
BEGIN {
	print "/* made from share/kb by embed.awk */"
	print "#include \"kb/wordlist.h\""
	print "const struct wordlist wordlists[] = {"
}
FNR == 1 {
	if (open) print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	split(name, part, ".")
	printf "\t{ \"%s\", \"%s\",\n\t  \"\"\n", part[1], part[2]
	open = 1
}
/^#/ || /^[ \t]*$/ { next }
{
	line = $0
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	printf "\t  \"%s\\n\"\n", line
}
END {
	if (open) print "\t},"
	print "\t{ 0, 0, 0 }\n};"
}
