# frontdesk - adding a command is adding a file: cmd/NAME.c or cmd/NAME.sh
#
#	make			build into build/
#	make try, check		install what is missing, build, run or test
#	make lint		compilers, analysers, formatter, rooms, pages
#	make bench		the goals for speed, beside the peers
#	make check-power	cut the power of a machine under load, ten times
#	make fixtures		the documents of tests/docs anew
#	make install		DESTDIR= prefix= as everywhere
#	make SANITIZE=address,undefined check
#				the same in a folder of its own
#	make check T='tests/route.t tests/conv.t'
#				some of the tests

prefix     = /usr/local
bindir     = $(prefix)/bin
libexecdir = $(prefix)/libexec
libdir     = $(prefix)/lib
datadir    = $(prefix)/share
mandir     = $(datadir)/man
unitdir    = $(libdir)/systemd/system
bashdir    = $(datadir)/bash-completion/completions
zshdir     = $(datadir)/zsh/site-functions
fishdir    = $(datadir)/fish/vendor_completions.d
CFLAGS     = -O2 -g
PKGS       = sqlite3 jansson libcurl libmicrohttpd libxml-2.0 libcmark \
             libpcre2-8 libutf8proc libsodium libcrypto libsystemd libseccomp \
             libarchive expat uchardet gmime-3.0 poppler-glib fribidi libical
# Names on the system that mean something else to people who have not put
# our programs in their PATH: no completion of their own.
TAKEN      = route report

empty   :=
space   := $(empty) $(empty)
comma   := ,
SUFFIX  := $(subst $(comma),-,$(SANITIZE))
B       := build$(addprefix -,$(SUFFIX))
SAN     := $(addprefix -fno-sanitize-recover -fno-omit-frame-pointer -fsanitize=,$(SANITIZE))
OURS     = -std=c11 -D_GNU_SOURCE -Ilib -MMD -MP -fstack-protector-strong \
           $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS))) \
           -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef \
           -DDICTIONARY_FILE='"$B/gen/dictionary"'
# These are loaded by the one who needs them, see net/curl.h, kb/pdf.h, kb/bidi.h,
# desk/calendar.h.
LATER    = -lcurl -lpoppler-glib -lcairo -lfribidi -lical -licalss -licalvcal
LDLIBS   = -Wl,--as-needed $(filter-out $(LATER),$(shell pkg-config --libs $(PKGS))) \
           -lstemmer -lmagic -lz -lpthread -lm
CMDS    := $(patsubst cmd/%,$B/%,$(basename $(wildcard cmd/*.c cmd/*.sh)))
LIBOBJS := $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c))
OBJS    := $(LIBOBJS) $B/gen/schema.o $B/gen/rules.o $B/gen/words.o $B/gen/meanings.o \
           $B/gen/sentiment.o $B/gen/elsewhere.o $B/gen/language_words.o
CMDOBJS := $(patsubst %.c,$B/%.o,$(wildcard cmd/*.c))
UNITS   := $(patsubst %.c,$B/%,$(wildcard tests/unit-*.c))
BENCHES := $(patsubst %.c,$B/%,$(filter-out %sync.c,$(wildcard tests/bench/*.c)))
T        = $(UNITS) $(wildcard tests/*.t)

all: $(CMDS)

# People wait for these in loops of their shell, and a quarter of a short run was
# the loader's: these libraries are in them. The others stay the system's.
ARCHIVES = sqlite3 jansson utf8proc sodium stemmer
archives = $(foreach l,$1,$(if $(filter $(ARCHIVES:%=-l%),$l),-l:lib$(l:-l%=%).a,$l))
$B/conv: LDLIBS := $(call archives,$(LDLIBS))
# This one needs none of the others, and no loader either, which is a tenth of what
# was left. A sanitizer does. SQLite could load extensions: nobody asks it to.
$B/kb-search: LDLIBS := $(call archives,$(if $(SANITIZE),$(LDLIBS),$(ARCHIVES:%=-l%) -lm))
$B/kb-search: private LDFLAGS += $(if $(SANITIZE),,-static-pie -Wl,--no-warnings)
# Of the stemmers' tables each pointer is set at the start of a program: without
# these, which kb/analyse.c never asks for, a quarter of what is left of it.
NEVER_ASKED = $(foreach m,basque irish lithuanian nepali porter serbian turkish \
           yiddish,$m_UTF_8) russian_KOI8_R hungarian_ISO_8859_2 \
           romanian_ISO_8859_2 $(foreach m,basque catalan danish dutch english \
           finnish french german indonesian irish italian norwegian porter \
           portuguese spanish swedish,$m_ISO_8859_1)
$B/kb-search: private LDFLAGS += $(foreach m,$(NEVER_ASKED),$(foreach \
           f,create_env close_env stem,-Wl,--defsym=$m_$f=0))
$B/%: $B/cmd/%.o $B/lib.a
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/%: cmd/%.sh
	@mkdir -p $(@D)
	install -m755 $< $@
$B/tests/unit-%: $B/tests/unit-%.o $B/lib.a
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$B/tests/bench/%: $B/tests/bench/%.o $B/lib.a
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/tests/fuzz/%: $B/tests/fuzz/%.o $B/lib.a
	$(CC) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/lib.a: $(OBJS)
	rm -f $@ && $(AR) rcs $@ $^
$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(OURS) $(SAN) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$B/gen/%.o: $B/gen/%.c Makefile
	$(CC) $(OURS) $(SAN) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$B/gen/schema.c: share/schema/embed.awk $(wildcard share/schema/*.sql)
	@mkdir -p $(@D)
	awk -f $^ > $@
units: $(UNITS)

$B/gen/rules.c: share/embed-text.awk share/rules.default
	@mkdir -p $(@D)
	awk -v name=rules_default -v header=rules/rules.h -f $^ > $@

$B/gen/meanings.c: share/embed-text.awk share/ground/words
	@mkdir -p $(@D)
	awk -v name=meanings_words -v header=ground/meanings.h -f $^ > $@

$B/gen/sentiment.c: share/embed-text.awk share/label/sentiment
	@mkdir -p $(@D)
	awk -v name=sentiment_words -v header=label/sentiment.h -f $^ > $@

$B/gen/elsewhere.c: share/embed-text.awk share/label/elsewhere
	@mkdir -p $(@D)
	awk -v name=elsewhere_words -v header=label/elsewhere.h -f $^ > $@

LANGUAGES := $(sort $(filter-out %.c,$(wildcard share/language/*)))
$B/gen/language_words.c: $B/share/language/make $(LANGUAGES)
	@mkdir -p $(@D)
	$B/share/language/make $(LANGUAGES) > $@
$B/share/language/make: $(patsubst %,$B/%.o,share/language/make lib/base/err \
            lib/base/str lib/base/utf8)
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The lists are folded and stemmed here, by what does it to questions later.
WORDS   := $(sort $(filter-out %.c,$(wildcard share/kb/*.*)))
$B/gen/words.c: $B/share/kb/make $(WORDS)
	@mkdir -p $(@D)
	$B/share/kb/make $(WORDS) > $@
$B/share/kb/make: $(patsubst %,$B/%.o,share/kb/make lib/base/err lib/base/str \
            gen/language_words lib/base/language lib/base/utf8 lib/kb/analyse \
            lib/kb/endings lib/kb/phrases)
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The words of the system's lists, for kb/dictionary.c.
DICT     = /usr/share/dict
$B/gen/dictionary: $B/share/dictionary/make $(wildcard $(DICT)/*)
	@mkdir -p $(@D)
	$B/share/dictionary/make $(DICT) > $@
$B/share/dictionary/make: $(patsubst %,$B/%.o,share/dictionary/make \
            lib/base/err lib/base/str gen/language_words lib/base/language \
            lib/base/utf8 lib/kb/analyse lib/kb/endings)
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/lib/kb/dictionary.o: $B/gen/dictionary

# The newcomer's two commands. Each installs what share/packages lists and is
# missing, builds, and runs.
try: deps-try
	$(MAKE) all
	BUILD=$(abspath $B) sh share/examples/try.sh
check: deps-check
	$(MAKE) all units completions $B/tests/bench/post
	BUILD=$(abspath $B) sh tests/run.sh $T
# The types that requests to models are held against come by npm.
check-long: $(if $(shell command -v npm),,deps-types)
	LONG=1 TEST_SECONDS=14400 $(MAKE) check
check-fresh: deps-boot
	sh tests/fresh.sh
check-boot: deps-boot
	$(MAKE) all
	BUILD=$(abspath $B) sh tests/run.sh tests/boot.t
check-power: deps-power all $(BENCHES)
	BUILD=$(abspath $B) sh tests/bench/run.sh power
bench: deps-bench deps-check all $(BENCHES) $B/tests/unit-vector
	BUILD=$(abspath $B) sh tests/bench/run.sh
fuzz: deps-check all
	BUILD=$(abspath $B) sh tests/fuzz/run.sh
# The documents of tests/docs anew, with the packages listed there; their text is
# held against what is expected of it.
fixtures: all
	BUILD=$(abspath $B) sh tests/docs/make.sh
deps-%:
	@sh share/install-packages.sh $*

# What a machine can hold of the style. gcc's warnings come from a build of its
# own, clang's from clang-tidy. Quiet when all is well; each file is
# looked at again only after it changed.
CS      := $(wildcard cmd/*.c lib/*/*.c share/*/*.c tests/*.c tests/*/*.c)
HS      := $(wildcard lib/*/*.h)
SHS      = $(wildcard share/*.sh share/*/*.sh cmd/*.sh tests/*.sh tests/*/*.sh \
           tests/*.t completions/*.sh) .ci/run
PAGES   := $(wildcard man/*.[157])
WERROR   = CFLAGS='-O2 -g -Werror'
lint: deps-check
	$(MAKE) B=build/lint-gcc CC=gcc $(WERROR) objects
	$(MAKE) tidy
	clang-format --dry-run -Werror $(CS) $(HS)
	shellcheck $(SHS)
	$(if $(PAGES),mandoc -T lint -W warning $(PAGES))
	sh tests/style.sh build/lint-gcc
objects: $(OBJS) $(CMDOBJS) $(patsubst %.c,$B/%.o,$(wildcard tests/unit-*.c))
tidy: $(patsubst %.c,build/tidy/%.ok,$(wildcard cmd/*.c lib/*/*.c share/*/*.c \
           tests/unit-*.c))
build/tidy/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	clang-tidy --quiet $< -- $(filter-out -MMD -MP,$(OURS)) \
	    2>build/tidy/$*.err || { cat build/tidy/$*.err >&2; exit 1; }
	@$(CC) $(filter-out -MMD -MP,$(OURS)) -MM -MP -MT $@ -MF build/tidy/$*.d $<
	@touch $@

compile_commands.json: Makefile $(wildcard cmd/*.c lib/*/*.c)
	bear --output $@ -- $(MAKE) --always-make all

# Completions are made from the option tables of the programs themselves.
COMPLETIONS = $(addprefix $B/completions/frontdesk.,bash zsh fish)
completions: $(COMPLETIONS)
$B/completions/options.tsv: completions/options.sh $(CMDS)
	@mkdir -p $(@D)
	sh $< $(CMDS) > $@
$B/completions/frontdesk.%: completions/%.sh $B/completions/options.tsv
	TAKEN='$(TAKEN)' sh $^ > $@

SUBST    = sed -e 's|@libexecdir@|$(libexecdir)/frontdesk|g' \
           -e 's|@bindir@|$(bindir)|g' -e 's|@datadir@|$(datadir)/frontdesk|g'
UNITFILES = $(wildcard systemd/*.target.in systemd/*.service.in \
           systemd/*.socket.in systemd/*.timer.in)
OWNNAMES = $(filter-out frontdesk $(TAKEN),$(notdir $(CMDS)))
DATA     = $(patsubst share/%,%,$(shell find share -type f ! -name packages \
           ! -name install-packages.sh ! -name embed.awk ! -name '*.c'))
install: all completions
	install -d $(DESTDIR)$(libexecdir)/frontdesk $(DESTDIR)$(bindir)
	install -m755 -t $(DESTDIR)$(libexecdir)/frontdesk \
	    $(filter-out $B/frontdesk,$(CMDS))
	install -m755 -t $(DESTDIR)$(bindir) $B/frontdesk
	for p in $(PAGES); do install -Dm644 -t \
	    $(DESTDIR)$(mandir)/man$${p##*.} $$p || exit; done
	for f in $(DATA); do m=644; [ ! -x share/$$f ] || m=755; \
	    install -Dm$$m share/$$f $(DESTDIR)$(datadir)/frontdesk/$$f || exit; done
	install -Dm644 README.md $(DESTDIR)$(datadir)/doc/frontdesk/README.md
	for f in $(UNITFILES); do f=$${f#systemd/}; install -d $(DESTDIR)$(unitdir) && \
	    $(SUBST) systemd/$$f > $(DESTDIR)$(unitdir)/$${f%.in} || exit; done
	install -Dm644 systemd/hardening.conf \
	    $(DESTDIR)$(unitdir)/frontdesk-.service.d/50-hardening.conf
	install -Dm644 systemd/ai-tool-peer.conf \
	    $(DESTDIR)$(unitdir)/frontdesk-ai-tool@.service.d/60-peer.conf
	install -Dm644 systemd/sysusers.conf $(DESTDIR)$(libdir)/sysusers.d/frontdesk.conf
	install -d $(DESTDIR)$(libdir)/tmpfiles.d
	$(SUBST) systemd/tmpfiles.conf.in > $(DESTDIR)$(libdir)/tmpfiles.d/frontdesk.conf
	install -Dm644 $B/completions/frontdesk.bash $(DESTDIR)$(bashdir)/frontdesk
	install -Dm644 $B/completions/frontdesk.zsh $(DESTDIR)$(zshdir)/_frontdesk
	install -Dm644 $B/completions/frontdesk.fish $(DESTDIR)$(fishdir)/frontdesk.fish
	for n in $(OWNNAMES); do ln -sf frontdesk $(DESTDIR)$(bashdir)/$$n && \
	    ln -sf frontdesk.fish $(DESTDIR)$(fishdir)/$$n.fish || exit; done
# The store, the settings and the users stay.
uninstall:
	rm -rf $(DESTDIR)$(libexecdir)/frontdesk $(DESTDIR)$(datadir)/frontdesk \
	    $(DESTDIR)$(datadir)/doc/frontdesk $(DESTDIR)$(unitdir)/frontdesk-.service.d \
	    $(DESTDIR)$(unitdir)/frontdesk-ai-tool@.service.d
	rm -f $(DESTDIR)$(bindir)/frontdesk $(DESTDIR)$(zshdir)/_frontdesk \
	    $(foreach p,$(PAGES),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $p))/$(notdir $p)) \
	    $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(UNITFILES:.in=))) \
	    $(DESTDIR)$(libdir)/sysusers.d/frontdesk.conf \
	    $(DESTDIR)$(libdir)/tmpfiles.d/frontdesk.conf \
	    $(foreach n,frontdesk $(OWNNAMES),$(DESTDIR)$(bashdir)/$n $(DESTDIR)$(fishdir)/$n.fish)

clean:
	rm -rf build build-* compile_commands.json

.PHONY: all try check check-long check-fresh check-boot check-power bench fuzz fixtures lint objects \
	tidy units completions install uninstall clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(wildcard $B/cmd/*.d $B/lib/*/*.d $B/share/*/*.d $B/tests/*.d $B/tests/*/*.d \
	$B/gen/*.d build/tidy/*/*.d build/tidy/*/*/*.d)
