# The two commands: `make demo` and `make test`. Everything they need is installed by their own steps.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv --quiet
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -y

DEMO_DIR := tmp/demo
DEMO_NUMBER := +12025550100
# in an office that was open before, customers have other things to say
DEMO_SCRIPT := $(if $(wildcard $(DEMO_DIR)/data/gateway.db),back-again,demo)

PREFIX ?= /usr/local

.PHONY: help demo demo-fresh run test test-all test-sandbox check format benchmark benchmark-million chaos soak lock clean \
	deb test-deb install uninstall screenshots

help:
	@echo "make demo       the whole program on a fake modem, with customers who write in"
	@echo "make test       all tests but the exhaustive ones"
	@echo "make test-all   those too"
	@echo "make test-sandbox the stories again, the program under the filters of its service"
	@echo "make check      style, types, floors"
	@echo "make run        serve with your own settings"
	@echo "make benchmark  the figures we promise, measured here"
	@echo "make benchmark-million its pages in an office with a million texts"
	@echo "make screenshots pictures of every page in tmp/screenshots"
	@echo "make chaos      kill the program at random moments and count"
	@echo "make deb        a package for Debian 12 in dist/"
	@echo "make install    without a package, below PREFIX (/usr/local); DESTDIR= and PYTHON= as usual"
	@echo "make test-deb   install the package into a clean Debian 12, from nothing to a delivered text"
	@echo "make soak       100,000 texts both ways on troubled lines, and count"

# --- what the two commands need ---------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ $(SUDO) apt-get -qq update && $(SUDO) env $(APT) install python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.lock requirements-uv.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(UV) pip install --require-hashes -r requirements.lock
	$(UV) pip install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/runtime
	$(UV) pip install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/system: | $(VENV)/bin/python
	@{ command -v chromium-headless-shell && command -v tshark && command -v strace && command -v systemd-analyze && command -v shellcheck && test -x /usr/sbin/ser2net; } >/dev/null || \
		{ $(SUDO) apt-get -qq update && \
		$(SUDO) env $(APT) install --no-install-recommends chromium-headless-shell tshark strace systemd shellcheck ser2net; }
	@touch $@

# --- running ----------------------------------------------------------------------------------------

demo: $(VENV)/runtime
	@mkdir -p $(DEMO_DIR)
	@exec 9> $(DEMO_DIR)/lock; flock -n 9 || { \
		echo "The demo is open already. Use the address it printed, or stop it with Ctrl-C first." >&2; exit 1; }; \
	$(BIN)/python -m tests.fake_modem --link $(DEMO_DIR)/modem --number $(DEMO_NUMBER) \
		--air-time 2-4 --report-delay 2 --script $(DEMO_SCRIPT) > $(DEMO_DIR)/modem.log 2>&1 & modem=$$!; \
	trap 'kill $$modem 2>/dev/null' EXIT; trap : INT TERM; \
	$(BIN)/sms-gateway demo --port $(CURDIR)/$(DEMO_DIR)/modem --number $(DEMO_NUMBER) --keep $(DEMO_DIR)/data

demo-fresh:
	rm -rf $(DEMO_DIR)
	@$(MAKE) demo

run: $(VENV)/runtime
	$(BIN)/sms-gateway run

# --- installing -------------------------------------------------------------------------------------

deb: $(VENV)/runtime
	$(BIN)/python -m deb.build deb

install: $(VENV)/runtime
	$(BIN)/python -m deb.build install --destdir "$(DESTDIR)" --prefix "$(PREFIX)" --python "$(PYTHON)"

uninstall: $(VENV)/runtime
	$(BIN)/python -m deb.build uninstall --destdir "$(DESTDIR)" --prefix "$(PREFIX)"

test-deb: $(VENV)/dev $(VENV)/system
	@command -v debootstrap >/dev/null || \
		{ $(SUDO) apt-get -qq update && $(SUDO) env $(APT) install --no-install-recommends debootstrap; }
	$(SUDO) $(BIN)/python -m tests.deb

# --- checking ---------------------------------------------------------------------------------------

test: $(VENV)/dev $(VENV)/system
	$(BIN)/python -m pytest -m "not slow" -n 4 --dist worksteal

test-all: $(VENV)/dev $(VENV)/system
	$(BIN)/python -m pytest -n 4 --dist worksteal

test-sandbox: $(VENV)/dev $(VENV)/system
	SANDBOXED=1 $(BIN)/python -m pytest -m "not slow" -n 4 --dist worksteal tests/stories

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_floors.py

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(VENV)/dev $(VENV)/system
	$(BIN)/python -m benchmarks

benchmark-million: $(VENV)/dev
	$(BIN)/python -m benchmarks --only pages --texts 1000000

screenshots: $(VENV)/dev $(VENV)/system
	$(BIN)/python -m tests.screenshots

chaos: $(VENV)/dev
	$(BIN)/python -m tests.chaos

soak: $(VENV)/dev
	$(BIN)/python -m tests.soak

COMPILE := $(UV) pip compile --generate-hashes --universal --python-version 3.11 --upgrade \
	--no-header --no-emit-index-url --no-emit-find-links

lock: $(VENV)/dev
	echo uv | $(COMPILE) - -o requirements-uv.lock
	$(COMPILE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) tmp .hypothesis .mypy_cache .ruff_cache
