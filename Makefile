# frontdesk - adding a command is adding a file: cmd/NAME.c or cmd/NAME.sh

prefix     = /usr/local
libexecdir = $(prefix)/libexec
datadir    = $(prefix)/share
mandir     = $(datadir)/man
sysconfdir = /etc
unitdir    = $(prefix)/lib/systemd/system
CFLAGS     = -O2 -g
PKGS       = sqlite3 jansson libcurl libmicrohttpd libxml-2.0 libcmark \
             libpcre2-8 libutf8proc libsodium libcrypto libsystemd

empty   :=
space   := $(empty) $(empty)
comma   := ,
SUFFIX  := $(subst $(comma),-,$(SANITIZE))
B       := build$(addprefix -,$(SUFFIX))
SAN     := $(addprefix -fno-sanitize-recover -fno-omit-frame-pointer -fsanitize=,$(SANITIZE))
OURS     = -std=c11 -D_GNU_SOURCE -Ilib -MMD -MP -fstack-protector-strong \
           $(shell pkg-config --cflags $(PKGS)) \
           -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef
LDLIBS   = -Wl,--as-needed $(shell pkg-config --libs $(PKGS)) -lstemmer -lpthread -lm
CMDS    := $(patsubst cmd/%,$B/%,$(basename $(wildcard cmd/*.c cmd/*.sh)))
OBJS    := $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c)) $B/gen/schema.o
UNITS   := $(patsubst %.c,$B/%,$(wildcard tests/unit-*.c))
T        = tests/*.t

all: $(CMDS)

$B/%: $B/cmd/%.o $B/lib.a
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/%: cmd/%.sh
	@mkdir -p $(@D)
	install -m755 $< $@
$B/tests/unit-%: $B/tests/unit-%.o $B/lib.a
	$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
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

# The newcomer's two commands. Each installs what share/packages lists and is
# missing, builds, and runs.
try: deps-try
	$(MAKE) all
	BUILD=$(abspath $B) sh share/examples/try.sh
check: deps-check
	$(MAKE) all units
	BUILD=$(abspath $B) sh tests/run.sh $T
deps-%:
	@sh share/install-packages.sh $*
units: $(UNITS)

compile_commands.json: Makefile $(wildcard cmd/*.c lib/*/*.c)
	bear --output $@ -- $(MAKE) --always-make all

clean:
	rm -rf build build-* compile_commands.json

.PHONY: all try check units clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(wildcard $B/cmd/*.d $B/lib/*/*.d $B/tests/*.d $B/gen/*.d)
