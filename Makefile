# Porchlight: `make demo` shows it, `make test` checks all of it, `make bench` measures it.
.PHONY: demo test app gallery fuzz bench lint models build release package try-package install clean help

SHELL := /bin/bash
step = @[ -t 1 ] && printf '\n\033[1m== %s\033[0m\n' "$(1)" || printf '\n== %s\n' "$(1)"

help:
	@echo "make demo    a hub with a household, a stand-in camera and real sentences; installs what is missing"
	@echo "make test    every check: format, lints, unit tests, the real hub end to end"
	@echo "make fuzz    feed every parser with bytes that nobody meant, for hours; FUZZ_SECONDS=60 for less"
	@echo "make bench   side by side with what you would use instead; writes bench/RESULTS.md"
	@echo "make lint    format, clippy, and what comes from outside: licences, sources, known holes, the list of parts"
	@echo "make package a Debian package, in target/debian; make try-package tries it in a fresh Debian"
	@echo "make install the program, its manual pages, completions and unit, below PREFIX (/usr/local)"
	@echo "make models  fetch the speech models"
	@echo "make app     build the app that the hub serves"
	@echo "make gallery every page of the app as a picture, in target/gallery"

demo:
	$(call step,Install what the demo needs)
	@scripts/install build run camera demo
	@$(MAKE) --no-print-directory release
	$(call step,A household to try)
	@scripts/demo

# Nothing that can be had is skipped: what is missing fails. Some containers let nobody trace a process; that is asked first.
traces = $(if $(shell strace -o /dev/null true 2>/dev/null && echo yes),PORCHLIGHT_REQUIRE_STRACE=1)
everything = PORCHLIGHT_REQUIRE_TPM=1 PORCHLIGHT_REQUIRE_MODELS=1 PORCHLIGHT_REQUIRE_CAMERA=1 $(traces) PORCHLIGHT_REQUIRE_APP=1 PORCHLIGHT_REQUIRE_SCHEMATHESIS=1 PORCHLIGHT_NODE_MODULES=$(CURDIR)/web

# One choice of packages and features for every step: another would compile the dependencies again. The lints build without the TPM, so
# that both ways are compiled.
built = --workspace --features porchlight/tpm

# Fast feedback first: each step is slower than the one before it. The stories are told three at a time, as each waits for a third of it.
test:
	$(call step,Install what the tests need)
	@scripts/install build run camera test tpm
	@scripts/schemathesis install
	$(call step,Format and lints)
	@$(MAKE) --no-print-directory lint
	$(call step,Fetch the speech models)
	@$(MAKE) --no-print-directory models
	$(call step,Build the app)
	@$(MAKE) --no-print-directory app
	$(call step,Build everything once)
	cargo build $(built) --all-targets
	$(call step,Unit tests of every room; the slot in a TPM on a software one; every parser fed with bytes that nobody meant)
	$(everything) cargo test $(built) --exclude porchlight-tests
	$(call step,End to end: the real hub; real streams; real models)
	$(everything) cargo test $(built) --test home --test architecture --test promises --test claims -- --test-threads=3
	$(call step,The app in a real browser)
	@npm test --prefix web

fuzz:
	@scripts/install build fuzz
	@scripts/fuzz

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@scripts/deny install
	scripts/deny
	scripts/sbom

models:
	@scripts/install build
	@models/fetch

# The app is embedded in the hub, so it comes first.
app:
	@npm ci --silent --no-audit --no-fund --prefix web
	@npm run --silent --prefix web build

# Every page that a test looks at, by day and by night, on a phone and on a desktop.
gallery:
	$(call step,Install what the pictures need)
	@scripts/install build run camera test
	@$(MAKE) --no-print-directory models
	@$(MAKE) --no-print-directory build
	$(call step,Go through the app)
	@scripts/gallery

build: app
	cargo build --package porchlight

release:
	$(call step,Fetch the speech models)
	@$(MAKE) --no-print-directory models
	$(call step,Build the app)
	@$(MAKE) --no-print-directory app
	$(call step,Build Porchlight (several minutes the first time))
	cargo build --release --package porchlight

# With what keeps a strongbox's root key in a TPM; the library for that comes along as a dependency.
package: app
	$(call step,Install what the package needs)
	@scripts/install build package
	@scripts/package install
	$(call step,Build Porchlight)
	cargo build --release --package porchlight --features porchlight/tpm
	$(call step,Make the package)
	@scripts/package

# A fresh Debian is downloaded for it, so it is no part of `make test`.
try-package: package
	@scripts/install camera try-package
	@scripts/try-package

PREFIX ?= /usr/local
DESTDIR ?=

# Of what `make release` built. The unit is started by: systemd-sysusers && systemctl enable --now porchlight
install:
	@[ -x target/release/porchlight ] || { echo "there is no target/release/porchlight; build it first: make release" >&2; exit 2; }
	install -D --mode 755 target/release/porchlight $(DESTDIR)$(PREFIX)/bin/porchlight
	mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1
	target/release/porchlight man --into $(DESTDIR)$(PREFIX)/share/man/man1
	mkdir -p $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	target/release/porchlight completions bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/porchlight
	target/release/porchlight completions zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_porchlight
	target/release/porchlight completions fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/porchlight.fish
	mkdir -p $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/bin/porchlight|$(PREFIX)/bin/porchlight|' packaging/porchlight.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/porchlight.service
	install -D --mode 644 packaging/porchlight.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/porchlight.conf
	chmod -R go=rX $(DESTDIR)$(PREFIX)/share/man/man1
	[ ! -d models/weights ] || { mkdir -p $(DESTDIR)$(PREFIX)/share/porchlight/models && cp -r models/weights/. $(DESTDIR)$(PREFIX)/share/porchlight/models/; }

bench: release
	@scripts/install run camera bench
	cargo run --release --package porchlight-bench

clean:
	rm -rf target fuzz/target fuzz/corpus fuzz/artifacts fuzz/log models/weights models/.fetch
