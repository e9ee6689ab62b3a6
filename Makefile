# SPDX-License-Identifier: MPL-2.0
#
# loadstep: everything is made below build/. `make help` lists the targets.
#   V=1 shows the commands, WERROR=1 makes warnings errors, JOBS=N runs N tests at a time, B=DIR builds elsewhere.
#   CFLAGS, CXXFLAGS, CPPFLAGS and LDFLAGS are the caller's and come last.

B ?= build
JOBS ?= 2

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
all_libs = $(call pkg_libs,sqlite3 inih libxml-2.0 jansson)
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

man_pages = $(wildcard dnsmasq-script/*.5 dnsmasq-script/*.8)
man_path = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))

lib = $(B)/libloadstep.a
# What unit tests may link beside the library: the front ends without their main().
parts = $(B)/libhook.a $(B)/libevent.a $(B)/liboperator.a
programs = $(B)/loadstep $(B)/loadstep-event $(B)/libdhcp_loadstep.so
unit_tests = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
border_tools = $(patsubst tests/border/%.c,$(B)/tests/%,$(wildcard tests/border/*.c))
test_programs = $(unit_tests) $(border_tools) $(B)/tests/vphone $(B)/tests/mkload

lint_tests = $(sort $(wildcard tests/lint/*.t))
border_tests = $(sort $(wildcard tests/border/*.t))
e2e_tests = $(wildcard tests/phone/selftest.sh) $(sort $(wildcard tests/e2e/*.t))
fast_tests = $(unit_tests) $(lint_tests) $(border_tests)

# The scripts find what was built through BUILD, and cmocka speaks TAP.
run_prove = CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(abspath $(B)) $(PROVE) -j$(JOBS)

Q = $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-7s %s\n')

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all tests check check-fast run-check run-check-fast demo lint deps install uninstall clean help FORCE

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
	@$(run_prove) $(fast_tests) $(e2e_tests)

run-check-fast: all tests
	@$(run_prove) $(fast_tests)

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
	$(Q)rm -rf $(B)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

# ---- how things are made

# Other flags make other objects; another PREFIX makes those that know where `loadstep` will lie.
$(B)/flags: said = $(CC) $(cc_flags) / $(CXX) $(cxx_flags)
$(B)/paths: said = $(SBINDIR)
$(B)/flags $(B)/paths: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(said)) | cmp -s - $@ || printf '%s\n' $(call quote,$(said)) >$@
quote = '$(subst ','\'',$(1))'
$(event_objs) $(operator_objs): $(B)/paths
$(event_objs) $(operator_objs): defines += -DSBINDIR='"$(SBINDIR)"'

# Each part sees its own headers and those beneath it, no others.
$(B)/common/%.o: includes = -Icommon
$(B)/kea-hook/%.o: includes = -Icommon -Ikea-hook
$(B)/dnsmasq-script/%.o: includes = -Icommon -Idnsmasq-script -Idnsmasq-script/operator
$(B)/tests/phone/%.o: includes = -Itests/phone
$(B)/tests/border/%.o: includes = -Icommon
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
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(all_libs)

$(B)/loadstep-event: $(event_objs) $(lib)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(store_libs)

$(B)/libdhcp_loadstep.so: $(B)/kea-hook/shim.o $(hook_objs) $(lib) kea-hook/hook.map
	$(say) LINK $@
	$(Q)$(CXX) -shared $(ld_flags) -Wl,-z,defs -Wl,--version-script=kea-hook/hook.map -o $@ \
		$(filter-out %.map,$^) $(kea_libs) $(store_libs)

$(B)/tests/vphone: $(vphone_objs)
$(B)/tests/mkload: $(mkload_objs)
$(B)/tests/vphone $(B)/tests/mkload:
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^

$(border_tools): $(B)/tests/%: $(B)/tests/border/%.o $(lib)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(store_libs)

$(B)/tests/test_%: $(B)/tests/unit/test_%.o $(parts) $(lib)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(ld_flags) -o $@ $^ $(all_libs) $(call pkg_libs,cmocka)

-include $(shell test -d $(B) && find $(B) -name '*.d')
