#!/bin/sh
# Random and mutated lines through the stages: no crash, no report of a
# sanitizer, every good line copied between bad ones, and a status of 0 or 65.
# Bodies through wa-recv are in wa-recv-mutated.t.
. "${0%/*}/lib.sh"

each=2500	# lines for each of three stages
[ -z "${LONG-}" ] || each=25000
seed=${SEED:-1}
printf '[instance main]\nphone_number_id = 100000000000001\n' >frontdesk.conf
FRONTDESK_STORE=$work/store ASAN_OPTIONS=detect_leaks=0
export FRONTDESK_STORE ASAN_OPTIONS
frontdesk init store >/dev/null || exit 1
kb-ingest "$top/share/sample/docs" >/dev/null 2>&1 || exit 1

# What is right: bodies in the provider's shapes, and the lines they lead to.
for f in "$top"/tests/data/webhooks/*.json; do jq -c . "$f"; done >bodies
cat "$top"/tests/data/webhooks/*.events >events
for text in 'How do I return a bike?' 'I want a human' 'asdf qwer' 'thanks'; do
	jq -nc --arg t "$text" '{type: "message.received", time: "2026-11-23T10:00:00.000Z",
		data: {wamid: ("wamid." + ($t | @base64)), kind: "text", text: $t}}'
done >typed
route --dry-run <typed 2>/dev/null | ai-reply --dry-run >typed-too 2>err
cat events typed typed-too >lines

ran () {	# 0 or 65, and no word of a sanitizer or of a failed assertion
	cut -c1-300 err | tail -n 3
	case $got in 0 | 65) ;; *) echo "exit $got" >&2; return 1 ;; esac
	! grep -aE 'Sanitizer|runtime error|ssertion' err
}
# Every line in is in the output, in order and unchanged, or was named.
cat >copies.pl <<'EOF'
my ($in, $out, $err) = @ARGV;
open my $e, '<:raw', $err or die; my %named;
while (<$e>) { $named{$1} = 1 if /^[\w-]+: stdin:(\d+): / }
open my $o, '<:raw', $out or die; open my $i, '<:raw', $in or die;
my $n = 0;
while (my $line = <$i>) {
	$n++;
	next if $named{$n} or $line eq "\n";
	my $found;
	while (my $got = <$o>) { if ($got eq $line) { $found = 1; last } }
	die "line $n is neither copied nor named: ", substr($line, 0, 200), "\n" unless $found;
}
EOF

check 'the same seed makes the same lines' '
	perl "$top/tests/mangle.pl" 7 50 bodies >one && perl "$top/tests/mangle.pl" 7 50 bodies >two &&
	same one two && [ "$(wc -l <one)" -eq 50 ]'
for stage in route ai-reply wa-send; do
	check "$each lines through $stage --dry-run: good ones come through unchanged" '
		perl "$top/tests/mangle.pl" "$seed$count" "$each" lines >in && got=0 &&
		{ $stage --dry-run <in >out 2>err || got=$?; } && ran && [ $got -eq 65 ] &&
		perl copies.pl in out err'
done
check "each line through all of them in a row" '
	perl "$top/tests/mangle.pl" "9$seed" 500 bodies >in &&
	{ wa-recv --stdin --dry-run 2>e1; echo $? >s1; } <in |
	{ route --dry-run 2>e2; echo $? >s2; } | { ai-reply --dry-run 2>e3; echo $? >s3; } |
	{ wa-send --dry-run 2>e4; echo $? >s4; } >out &&
	! cat s1 s2 s3 s4 | grep -vx "0\|65" && cat e1 e2 e3 e4 >err && got=0 && ran &&
	jq -e -s "length > 0" out >/dev/null'
done_testing
