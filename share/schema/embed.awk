# embed.awk - the numbered SQL steps as a C table: awk -f embed.awk FILE...
# A file is named KIND-NNN-what.sql.
BEGIN {
	print "/* made from share/schema by embed.awk */"
	print "#include \"store/schema.h\""
	print "const struct schema_step schema_steps[] = {"
}
FNR == 1 {
	if (open) print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	split(name, part, "-")
	printf "\t{ \"%s\", %d,\n", part[1], part[2] + 0
	open = 1
}
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
