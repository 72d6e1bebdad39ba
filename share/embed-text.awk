# embed-text.awk - a text file as a C string: awk -v name=X -v header=H FILE
BEGIN {
	printf "/* made from a text file by embed-text.awk */\n"
	printf "#include \"%s\"\nconst char %s[] =\n", header, name
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\\&")
	printf "\t\"%s\\n\"\n", $0
}
END { print "\t;" }
