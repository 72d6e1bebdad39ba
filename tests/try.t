#!/bin/sh
# frontdesk try: the whole desk, by script and at a terminal
. "${0%/*}/lib.sh"

mkdir tmp
check 'by script: everything happens as it should' '
	TMPDIR=$work/tmp BUILD= frontdesk try >got 2>err </dev/null || { cat got err; false; }
'
check 'the transcript shows both sides and the ticks' '
	grep -q "Ana: hi, when do i get my money back" got && grep -q "5 working days" got &&
	grep -q "read$" got && [ "$(grep -c "^[0-9:]*  [A-Z]" got)" -ge 10 ]
'
check 'nothing is left but the report page, whose path is last' '
	page=$(sed -n "s/^report: //p" got) && test -s "$page" && grep -q "<svg" "$page" &&
	[ "$(ls tmp)" = "$(basename "$page")" ] && ! pgrep -f "$work/tmp" >/dev/null
'
check 'with documents of one'\''s own' '
	mkdir docs && printf "# Opening\n\nThe museum opens at nine.\n" >docs/a.md &&
	TMPDIR=$work/tmp BUILD= frontdesk try --docs docs >got 2>err </dev/null || { cat got err; false; }
	grep -q "Ana: Opening" got && grep -q "The museum opens at nine" got
'
check 'a folder without documents is said, not tried' '
	mkdir bare && TMPDIR=$work/tmp BUILD= status 65 frontdesk try --docs bare 2>err </dev/null &&
	grep -q "nothing there to answer from" err
'
check 'a folder that is not there' 'status 66 frontdesk try --docs nowhere 2>err'
check 'at a terminal: words of its own are not sent, long lines break between words' '
	{ sleep 3; echo /help; echo "/hlep me"; echo "   "; echo /ai; sleep 1; echo "which documents do I need for a refund, and how long does it take"; sleep 4; echo /quit; sleep 2; } |
	TMPDIR=$work/tmp BUILD= TERM=xterm script -qec "stty cols 40; frontdesk try" /dev/null >screen &&
	[ "$(grep -c "/quit ends" screen)" -ge 3 ] && grep -q "no such word: /hlep" screen &&
	grep -q "the AI answers" screen &&
	tr -d "\r" <screen | sed "s/\x1b\[[0-9;]*[mK]//g" | grep -E "^(>* *<|  )" | awk "length > 42" >wide && [ ! -s wide ]
'
check 'at a terminal: a question, its answer, its ticks, a person, the end' '
	{ sleep 3; echo "when do i get my money back"; sleep 3; echo /human; sleep 3; echo /quit; sleep 2; } |
	TMPDIR=$work/tmp BUILD= TERM=xterm script -qec "frontdesk try" /dev/null >screen &&
	grep -q "5 working days" screen && grep -q "Source: " screen && grep -q "read" screen &&
	grep -q "colleague" screen && grep -q "report: " screen
'
# As Ctrl-C does it: all of a group of its own, whose reader goes first.
interrupted () {	# SIGNAL SECONDS [IGNORE]: what it does at first with INT
	mkdir -p cut && : >cut.err
	TMPDIR=$work/cut BUILD='' perl -MPOSIX -e '
		my ($signal, $after, $int) = @ARGV;
		pipe(my $r, my $w) or die;
		my $pid = fork // die;
		if ($pid == 0) {
			setsid();
			$SIG{$_} = "DEFAULT" for qw(INT PIPE TERM HUP QUIT);
			$SIG{INT} = $int if $int;
			open STDIN, "<", "/dev/null";
			open STDOUT, ">&", $w;
			close $_ for $r, $w;
			exec "frontdesk", "try" or die;
		}
		close $w;
		select undef, undef, undef, $after;
		close $r;
		kill $signal, -$pid;
		select undef, undef, undef, 0.05;
		kill $signal, -$pid;
		waitpid $pid, 0;
		exit(WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?));
	' "$@" 2>cut.err
}
# The stages have the folder in their environment, not in their arguments.
gone () {
	! grep -lqs "=$work/cut" /proc/[0-9]*/environ && [ -z "$(ls cut)" ]
}
check 'Ctrl-C, twice, its reader gone: no process, no folder is left' '
	status 130 interrupted INT 3 && gone
'
check 'the same while the stages come up' '
	status 130 interrupted INT 0.4 && gone &&
	status 130 interrupted INT 0.7 && gone
'
check 'a shell that cannot take Ctrl-C, the pretended WhatsApp gone: the same' '
	status 141 interrupted INT 3 IGNORE && gone
'
check 'SIGQUIT, also while the stages come up: the same' '
	status 131 interrupted QUIT 3 && gone && status 131 interrupted QUIT 0.5 && gone
'
check 'even killed it leaves nothing for long' '
	mkdir -p cut && { TMPDIR=$work/cut BUILD= frontdesk try >/dev/null 2>&1 </dev/null & } &&
	pid=$! && wait_for sh -c "ls cut/*/sim.pid" && sleep 1 && kill -KILL $pid && wait_for gone
'
check 'nobody reads on: the same' '
	mkdir -p cut && TMPDIR=$work/cut BUILD= frontdesk try 2>cut.err </dev/null | head -n 1 >first &&
	wait_for gone && [ -s first ] && ! grep "I/O error" cut.err
'
done_testing
