# SPDX-License-Identifier: MPL-2.0
#
# loadstep: everything is made below build/. `make help` lists the targets.
#   V=1 shows the commands, WERROR=1 makes warnings errors, JOBS=N runs N tests at a time, B=DIR builds elsewhere.
#   CFLAGS, CXXFLAGS, CPPFLAGS and LDFLAGS are the caller's and come last.

B ?= build
JOBS ?= 5

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
MULTIARCH = $(shell $(CC) -print-multiarch)
KEA_HOOKS_DIR ?= /usr/lib/$(MULTIARCH)/kea/hooks

SBINDIR = $(PREFIX)/sbin
LIBEXECDIR = $(PREFIX)/lib/loadstep
MANDIR = $(PREFIX)/share/man

PKG_CONFIG ?= pkg-config
INSTALL ?= install
PROVE ?= prove

CFLAGS ?= -O2 -g
CXXFLAGS ?= -O2 -g

warnings = -Wall -Wextra -Wshadow -Wcast-qual -Wwrite-strings -Wpointer-arith -Wformat=2 -Wundef \
	$(if $(WERROR),-Werror)
warnings_c = $(warnings) -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum
hardening = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
defines = -D_GNU_SOURCE -DSYSCONFDIR='"$(SYSCONFDIR)"'
shape = -fPIC -pthread -MMD -MP

cc_flags = -std=c11 -fvisibility=hidden $(defines) $(warnings_c) $(hardening) $(shape) $(CPPFLAGS) $(CFLAGS)
# Not hidden: the names that Kea looks for are in the C++ file, and hook.map hides the rest.
cxx_flags = -std=c++17 $(defines) $(warnings) $(hardening) $(shape) $(CPPFLAGS) $(CXXFLAGS)
# A library that nothing of ours calls is not linked: the helper and the hook must not carry libxml2 or jansson.
ld_flags = -pthread -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(LDFLAGS)

# Third parties. Asked when used, since `make deps` may have to install pkg-config first.
pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))
store_libs = $(call pkg_libs,sqlite3 inih)
all_libs = $(call pkg_libs,sqlite3 inih libxml-2.0 jansson libarchive nettle zlib libpcap)
# The library that is called kea-dhcp++ in Kea 2 is called kea-dhcp in Kea 3.
kea_dhcp = $(if $(filter /%,$(shell $(CXX) -print-file-name=libkea-dhcp++.so)),-lkea-dhcp++,-lkea-dhcp)
kea_libs = -lkea-hooks $(kea_dhcp) -lkea-cc -lkea-asiolink -lkea-log -lkea-util -lkea-exceptions

objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
lib_objs = $(call objects,common/*.c)
hook_objs = $(call objects,kea-hook/*.c)
event_objs = $(call objects,dnsmasq-script/*.c)
operator_objs = $(call objects,dnsmasq-script/operator/*.c)
vphone_objs = $(filter-out $(mkload_objs),$(call objects,tests/phone/*.c))
mkload_objs = $(call objects,tests/phone/mk*.c)
vfleet_objs = $(call objects,tests/fleet/*.c) $(filter-out %/vphone_main.o,$(vphone_objs))

man_pages = $(wildcard dnsmasq-script/*.5 dnsmasq-script/*.8)
man_path = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))

lib = $(B)/libloadstep.a
# What unit tests may link beside the library: the front ends without their main().
parts = $(B)/libhook.a $(B)/libevent.a $(B)/liboperator.a
programs = $(B)/loadstep $(B)/loadstep-event $(B)/libdhcp_loadstep.so
unit_tests = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
border_tools = $(patsubst tests/border/%.c,$(B)/tests/%,$(wildcard tests/border/*.c))
bench_tools = $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/*.c))
fuzz_tests = $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
# Reads the corpora; `make fuzz` puts libFuzzer in its place.
fuzz_main = $(B)/tests/fuzz/replay.o
test_programs = $(unit_tests) $(fuzz_tests) $(border_tools) $(bench_tools) $(addprefix $(B)/tests/,vphone vfleet mkload)

lint_tests = $(sort $(wildcard tests/lint/*.t))
border_tests = $(sort $(wildcard tests/border/*.t))
hook_tests = $(filter tests/border/hook_%,$(border_tests))
e2e_tests = $(wildcard tests/phone/selftest.sh) $(sort $(wildcard tests/phone/*.t tests/fleet/*.t tests/e2e/*.t))
fast_tests = $(unit_tests) $(fuzz_tests) $(lint_tests) $(border_tests)

# The scripts find what was built through BUILD, and cmocka speaks TAP.
# Most of the time they wait for a phone, so more of them run at once than there are processors.
run_prove = CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(abspath $(B)) HARNESS_RULESFILE=tests/rules.yml $(PROVE) -j$(JOBS) --timer
Q = $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-7s %s\n')

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all tests check check-fast run-check run-check-fast demo bench lint deps install uninstall clean help FORCE

all: $(programs) ## build the two programs and the hook library (the default)

tests: $(test_programs) ## build the unit tests, the virtual phone and what the border tests use

# deps may bring what the rest of this file asks for (pkg-config, headers), so it runs in a make of its own.
check: ## install what is missing, build, run every test: unit, lint, border, end to end
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory run-check

check-fast: ## the same without end to end
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory run-check-fast

run-check: all tests
	@$(call prove_all,$(fast_tests) $(e2e_tests))

run-check-fast: all tests
	@$(call prove_all,$(fast_tests))

# Phones that live twenty times as fast leave a busy machine little time: what failed beside others is tried once more
# alone, and what it said the first time stands above.
prove_all = $(run_prove) --statefile=$(B)/prove-state --state=save $(1) || { \
	echo 'Once more, one by one, what failed:'; $(run_prove) -j1 --statefile=$(B)/prove-state --state=failed; }

fuzz-replay: $(fuzz_tests) ## every parser goes through its corpus below tests/fuzz/corpus (part of check)
	@$(run_prove) $(fuzz_tests)

bench: ## what loadstep costs Kea and dnsmasq, beside the same without it, and a replay beside wc -l; ARGS=--json, BENCH_ROUNDS=N, BENCH_MS=N
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all tests
	@BUILD=$(abspath $(B)) tests/bench/bench.sh $(ARGS)

demo: ## a bench of phones climbs the ladder, with real Kea and real dnsmasq in a network namespace
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all tests
	@BUILD=$(abspath $(B)) tests/e2e/demo.sh

lint: all ## hold the sources against the floor plan and the house rules
	@$(run_prove) $(lint_tests)

deps: ## install the Debian packages that are missing; their services are kept from starting
	@tests/deps.sh

install: all ## put everything into PREFIX, KEA_HOOKS_DIR and SYSCONFDIR, below DESTDIR
	$(Q)$(INSTALL) -D -m 0755 $(B)/loadstep $(DESTDIR)$(SBINDIR)/loadstep
	$(Q)$(INSTALL) -D -m 0755 $(B)/loadstep-event $(DESTDIR)$(LIBEXECDIR)/loadstep-event
	$(Q)$(INSTALL) -D -m 0644 $(B)/libdhcp_loadstep.so $(DESTDIR)$(KEA_HOOKS_DIR)/libdhcp_loadstep.so
	$(Q)$(foreach page,$(man_pages),$(INSTALL) -D -m 0644 $(page) $(DESTDIR)$(call man_path,$(page)) && )true
	$(Q)test -e $(DESTDIR)$(SYSCONFDIR)/loadstep/loadstep.conf || \
		$(INSTALL) -D -m 0644 examples/loadstep.conf $(DESTDIR)$(SYSCONFDIR)/loadstep/loadstep.conf

uninstall: ## remove what install put there, except the configuration
	$(Q)rm -f $(DESTDIR)$(SBINDIR)/loadstep $(DESTDIR)$(LIBEXECDIR)/loadstep-event \
		$(DESTDIR)$(KEA_HOOKS_DIR)/libdhcp_loadstep.so \
		$(foreach page,$(man_pages),$(DESTDIR)$(call man_path,$(page)))
	$(Q)! test -d $(DESTDIR)$(LIBEXECDIR) || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(LIBEXECDIR)

clean: ## remove what was built
	$(Q)rm -rf $(B) $(foreach b,asan tsan valgrind fuzz coverage tidy,build-$(b))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

# ---- the same tests, watched: each in a build folder of its own

check-asan: ## unit and border tests and corpora with address and undefined behaviour sanitizers, Kea's process included
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory B=build-asan $(call built_with,$(asan)) run-check-asan

check-tsan: ## unit tests and the hook's border tests, Kea with four packet threads, with the thread sanitizer
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory B=build-tsan $(call built_with,$(tsan)) run-check-tsan

check-valgrind: ## loadstep-event's arguments and loadstep's verbs under valgrind's memcheck
	@tests/deps.sh valgrind
	@$(MAKE) --no-print-directory B=build-valgrind CFLAGS='-O1 -g' CPPFLAGS=-DALARM_S=60 \
		run-check-valgrind

fuzz: ## FUZZ=NAME... TIME=SECONDS: libFuzzer on those parsers (all, 60 s each); findings land in build-fuzz/
	@tests/deps.sh clang-14 libclang-rt-14-dev
	@$(MAKE) --no-print-directory B=build-fuzz CC=clang-14 fuzz_main= fuzz_link=-fsanitize=fuzzer \
		$(call built_with,$(asan) -fsanitize=fuzzer-no-link) run-fuzz

coverage: ## lines of each file of ours that unit and border tests run through, by gcov
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory B=build-coverage hardening= CFLAGS='-O0 -g --coverage' CXXFLAGS='-O0 -g --coverage' \
		LDFLAGS=--coverage run-coverage

tidy: ## clang-tidy, cppcheck and gcc's -fanalyzer over the sources: nothing found, or the reason stands there
	@tests/deps.sh clang-tidy-14 cppcheck
	@$(MAKE) --no-print-directory B=build-tidy run-tidy

built_with = hardening= CFLAGS='$(1)' CXXFLAGS='$(1)' LDFLAGS='$(1)'
watching = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined
asan = $(watching) -fsanitize=address,undefined
tsan = $(watching) -fsanitize=thread
reports = $(abspath $(B))/reports
watched = tests/sanitize/watched.sh $(reports)
# Kea is no build of ours, so the runtime is loaded into it before the library that needs it.
kea_with = KEA_REAL=$(KEA_DHCP4) KEA_DHCP4=$(abspath tests/sanitize/kea.sh) \
	KEA_PRELOAD=$(shell $(CC) -print-file-name=$(1))
KEA_DHCP4 ?= /usr/sbin/kea-dhcp4

.PHONY: fuzz-replay check-asan check-tsan check-valgrind fuzz coverage tidy
.PHONY: run-check-asan run-check-tsan run-check-valgrind run-fuzz run-coverage run-tidy

run-check-asan: all tests
	@ASAN_OPTIONS=log_path=$(reports)/asan:detect_leaks=1:detect_stack_use_after_return=1 \
		UBSAN_OPTIONS=log_path=$(reports)/ubsan:print_stacktrace=1 $(call kea_with,libasan.so) \
		$(watched) env $(run_prove) $(unit_tests) $(fuzz_tests) $(border_tests)

# Of what is not built with it, Kea above all, the sanitizer sees only what passes through the C library: that is left out.
# Without address randomisation, where that can be had: newer kernels use places the runtime wants.
run-check-tsan: all tests
	@TSAN_OPTIONS=log_path=$(reports)/tsan:ignore_noninstrumented_modules=1:second_deadlock_stack=1 \
		$(call kea_with,libtsan.so) $(watched) $(shell setarch -R true 2>&- && echo setarch -R) \
		env $(run_prove) $(unit_tests) $(hook_tests)

run-check-valgrind: all tests
	@$(run_prove) tests/sanitize/memcheck.t

# Counters of an earlier run would be added to. Some programs run as other users, who can write only what is there.
run-coverage: all tests
	@find $(B) -name '*.gcno' | sed 's/gcno$$/gcda/' | while read -r f; do : >$$f; chmod 666 $$f; done
	@$(run_prove) $(unit_tests) $(fuzz_tests) $(border_tests); code=$$?; tests/coverage.pl $(B) && exit $$code

analysed = $(wildcard common/*.c kea-hook/*.c dnsmasq-script/*.c dnsmasq-script/operator/*.c)
analysed_headers = $(wildcard common/*.h common/*.def kea-hook/*.h kea-hook/*.def dnsmasq-script/*.h dnsmasq-script/operator/*.h)
analysed_as = -std=c11 $(defines) $(install_paths) -Icommon -Ikea-hook -Idnsmasq-script \
	-Idnsmasq-script/operator -Itests/fuzz $(call pkg_cflags,libxml-2.0)
run-tidy: $(analysed:%.c=$(B)/%.tidy)
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,performance,portability \
		-D_GNU_SOURCE -Icommon -Ikea-hook -Idnsmasq-script -Idnsmasq-script/operator \
		$(analysed) $(wildcard tests/fuzz/*.c)
	@echo 'tidy: clang-tidy, cppcheck and -fanalyzer find nothing'
$(B)/%.tidy: %.c .clang-tidy tests/lint/analysis.h $(analysed_headers)
	@mkdir -p $(@D)
	$(say) TIDY $<
	$(Q)clang-tidy-14 --quiet --warnings-as-errors='*' $< -- $(analysed_as) $(include_analysis) 2>$@.said || \
		{ grep -v '^[0-9]* warnings' $@.said; exit 1; }
	$(Q)$(CC) $(analysed_as) $(include_analysis) -O1 -fanalyzer -Werror -c -o /dev/null $<
	$(Q)touch $@
include_analysis = $(if $(filter common/err.c,$<),,-include tests/lint/analysis.h)

FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
TIME ?= 60
run-fuzz: $(FUZZ:%=$(B)/tests/fuzz_%)
	@for f in $(FUZZ); do \
		mkdir -p $(B)/corpus/$$f && \
		$(B)/tests/fuzz_$$f -max_total_time=$(TIME) -timeout=10 -print_final_stats=1 -artifact_prefix=$(B)/$$f- \
			$(B)/corpus/$$f tests/fuzz/corpus/$$f 2>$(B)/$$f.log || { tail -n 40 $(B)/$$f.log; exit 1; }; \
		awk -v f=$$f '/cov: /{ c = $$4 } /number_of_executed_units/{ n = $$2 } \
			END { printf "%-10s %10d runs, %5d edges, nothing found\n", f, n, c }' $(B)/$$f.log; \
	done

# ---- how things are made

# Other flags make other objects; another PREFIX makes those that know where `loadstep` will lie.
$(B)/flags: said = $(CC) $(cc_flags) / $(CXX) $(cxx_flags)
$(B)/paths: said = $(SBINDIR) $(LIBEXECDIR)
$(B)/flags $(B)/paths: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(said)) | cmp -s - $@ || printf '%s\n' $(call quote,$(said)) >$@
quote = '$(subst ','\'',$(1))'
$(event_objs) $(operator_objs): $(B)/paths
install_paths = -DSBINDIR='"$(SBINDIR)"' -DLIBEXECDIR='"$(LIBEXECDIR)"'
$(event_objs) $(operator_objs): defines += $(install_paths)

# Each part sees its own headers and those beneath it, no others.
$(B)/common/%.o: includes = -Icommon
$(B)/kea-hook/%.o: includes = -Icommon -Ikea-hook
$(B)/dnsmasq-script/%.o: includes = -Icommon -Idnsmasq-script -Idnsmasq-script/operator
$(B)/tests/phone/%.o $(B)/tests/fleet/%.o: includes = -Itests/phone
$(B)/tests/border/%.o $(B)/tests/bench/%.o: includes = -Icommon
$(B)/tests/fuzz/%.o: includes = -Icommon -Ikea-hook -Idnsmasq-script -Idnsmasq-script/operator
$(B)/tests/unit/%.o: includes = -Icommon -Ikea-hook -Idnsmasq-script -Idnsmasq-script/operator -Itests/unit
$(B)/common/xmlconf.o: includes = -Icommon $(call pkg_cflags,libxml-2.0)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(includes) $(cc_flags) -c -o $@ $<

$(B)/%.o: %.cc $(B)/flags
	@mkdir -p $(@D)
	$(say) CXX $<
	$(Q)$(CXX) $(includes) -isystem /usr/include/kea $(cxx_flags) -c -o $@ $<

$(lib): $(lib_objs)
$(B)/libhook.a: $(hook_objs)
$(B)/libevent.a: $(filter-out %/event_main.o,$(event_objs))
$(B)/liboperator.a: $(filter-out %/loadstep_main.o,$(operator_objs))
$(B)/%.a:
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/loadstep: $(operator_objs) $(lib)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(all_libs) $(call pkg_libs,ncursesw)

$(B)/loadstep-event: $(event_objs) $(lib)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(store_libs)

$(B)/libdhcp_loadstep.so: $(B)/kea-hook/shim.o $(hook_objs) $(lib) kea-hook/hook.map
	$(say) LINK $@
	$(Q)$(CXX) -shared $(ld_flags) -Wl,-z,defs -Wl,--version-script=kea-hook/hook.map -o $@ \
		$(filter-out %.map,$^) $(kea_libs) $(store_libs)

$(B)/tests/vphone: $(vphone_objs)
$(B)/tests/mkload: $(mkload_objs)
$(B)/tests/vfleet: $(vfleet_objs)
$(B)/tests/vphone $(B)/tests/vfleet $(B)/tests/mkload:
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^

$(bench_tools): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(lib)
$(border_tools): $(B)/tests/%: $(B)/tests/border/%.o $(lib)
$(bench_tools) $(border_tools):
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(store_libs)

$(B)/tests/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(fuzz_main) $(parts) $(lib)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) $(fuzz_link) -o $@ $^ $(all_libs)

$(B)/tests/test_%: $(B)/tests/unit/test_%.o $(parts) $(lib)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(all_libs) $(call pkg_libs,cmocka)

-include $(shell test -d $(B) && find $(B) -name '*.d')
