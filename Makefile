# The commands of this project; `make` alone prints them. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OWN    := shared services/console services/catalog services/scheduler services/executor services/alert-bridge .
AT_ONCE := -n 4 --dist loadgroup --no-loadscope-reorder
NEWER  := tests/contract/test_servers.py tests/contract/test_servers_chosen.py tests/contract/bus tests/contract/hosts tests/chaos
PAGES  := $(BIN)/python services/console/pages.py

.DEFAULT_GOAL := help
.PHONY: help up test test-newer check check-types check-style check-documents check-pages bench schemas lock clean setup setup-dev servers pages

help:  ## print these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-11s %s\n", $$1, $$2}'

up: setup  ## run the whole product in one process; data under ./data
	@$(PAGES) build & exec $(BIN)/opsimate up $(ARGS)  # who opens the console meanwhile is told what it waits for

test: setup-dev servers  ## run every test, with real servers; installs what they need on Debian as root
	@$(PAGES) test && $(PAGES) build
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest $(AT_ONCE) --durations=30 --durations-min=1 $(ARGS)

test-newer: setup-dev servers  ## run the tests of broker and hosts on RabbitMQ 4 and OpenSSH 10; on Debian as root
	@settings=$$($(BIN)/python -m tests.servers.trixie) && eval "$$settings" && exec $(BIN)/python -m pytest $(NEWER) $(ARGS)

check: setup-dev  ## types, style, import rules and links between documents; prints how large the product is
	@$(MAKE) --no-print-directory --jobs check-types check-style check-documents check-pages
	@$(BIN)/python -m tests.size

check-types:
	@$(BIN)/mypy

check-style:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

check-documents:
	@$(BIN)/python -m pytest -q tests/unit/test_documents.py

check-pages:
	@$(PAGES) check

bench: setup-dev servers  ## measure speed against a raw asyncssh loop and print a table
	@$(BIN)/python -m tests.bench $(ARGS)

setup: $(VENV)/installed  ## install the product into ./.venv

setup-dev: $(VENV)/installed-dev

$(VENV)/installed: requirements.lock $(OWN:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $(PYTHON) is older; name another with: make PYTHON=python3.12 up" >&2; exit 1; }
	@test -e $@ || rm -rf $(VENV)  # what an earlier set-up left that was interrupted
	@test -e $@ || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@rm -f $@
	@echo "Installing OpsiMate Actions into $(VENV) (once)"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation $(OWN:%=-e ./%)
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@rm -f $(VENV)/installed
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(VENV)/installed $@

servers: setup-dev
	@$(BIN)/python -m tests.servers

pages: setup  ## build the pages of the console where they have changed
	@$(PAGES) build

schemas: setup-dev  ## write anew what is committed and made from the code: API, messages, states of a run
	@$(BIN)/python -m tests.schemas

lock:  ## write the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  $(LOCK_OWN) pyproject.toml --group build -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  $(LOCK_OWN) pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

LOCK_OWN := $(foreach d,opsimate opsimate-shared opsimate-console opsimate-catalog opsimate-scheduler opsimate-executor opsimate-alert-bridge,--no-emit-package $(d))

clean:  ## remove what the commands above made, except ./data
	rm -rf $(VENV) services/console/node_modules services/console/types services/console/src/console/pages* .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
