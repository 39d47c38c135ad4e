# make demo   set everything up and run the shipped sample (nothing is published)
# make test   set everything up and run every check; stops at the first part that fails
# make docs   write the generated pages of docs/ again
# make charsets write the tables of character sets again
# make bench  measure a run beside its floor (docs/bench.md)
# make office install LibreOffice for the tests of workbooks, which are skipped without it
# make clean  remove the environment, caches and the runs of the sample

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo test test-slow docs charsets bench office clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# The stamps say what is installed; a change of the declared packages installs again.
USER_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
BROWSER_STAMP := $(VENV)/.installed-browser
COBOL_STAMP := $(VENV)/.installed-cobol
OFFICE_STAMP := $(VENV)/.installed-office
# What the tests of the report check accessibility with; it stays inside the environment.
AXE := axe-core@4.14.1

demo: $(USER_STAMP)
	$(BIN)/dmig run jumin --dry-run

test: $(DEV_STAMP) $(BROWSER_STAMP) $(COBOL_STAMP)
	@echo "== 1/5 ruff check"
	$(BIN)/ruff check .
	@echo "== 2/5 ruff format --check"
	$(BIN)/ruff format --check .
	@echo "== 3/5 mypy"
	$(BIN)/mypy
	@echo "== 4/5 lint-imports"
	$(BIN)/lint-imports
	@echo "== 5/5 pytest"
	$(BIN)/pytest -n 2 -m "not slow"
	@echo "== all parts passed"

docs: $(DEV_STAMP)
	$(BIN)/python tests/architecture/reference.py docs

charsets: $(DEV_STAMP)
	$(BIN)/python tests/charsets/generate.py

clean:
	rm -rf $(VENV) runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find dmig tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(USER_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "== installing dmig into $(VENV)"
	$(PIP) -e .
	touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "== installing dmig and its development tools into $(VENV)"
	$(PIP) -e '.[dev]'
	touch $@ $(USER_STAMP)

# A real browser for the tests of the report, from Debian. Where it cannot be had, those tests say so and are skipped.
$(BROWSER_STAMP): Makefile | $(BIN)/python
	@if ! { command -v chromium && fc-list :lang=ja | grep -q .; } >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "== installing chromium and a Japanese font"; \
	    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk; } >/dev/null \
	      || echo "== no chromium: the tests of the report in a browser are skipped"; \
	  else echo "== no chromium: the tests of the report in a browser are skipped"; fi; fi
	@npm install --silent --no-audit --no-fund --no-save --prefix $(VENV)/browser $(AXE) >/dev/null \
	  || echo "== no axe-core: the test of accessibility is skipped"
	@touch $@

# A real compiler for the tests of host files, from Debian. Where it cannot be had, those tests say so and are skipped.
$(COBOL_STAMP): Makefile | $(BIN)/python
	@if ! command -v cobc >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "== installing GnuCOBOL"; \
	    { apt-get update -qq && apt-get install -y -qq --no-install-recommends gnucobol3; } >/dev/null \
	      || echo "== no GnuCOBOL: the tests with a real compiler are skipped"; \
	  else echo "== no GnuCOBOL: the tests with a real compiler are skipped"; fi; fi
	@touch $@

# A real spreadsheet program for the tests of workbooks; several hundred MB, so only when asked for.
office: $(OFFICE_STAMP)

$(OFFICE_STAMP): | $(BIN)/python
	@command -v soffice >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui; }
	@touch $@

# The figures of docs/bench.md; `make bench RESIDENTS="1000000 4000000"` for both sizes.
RESIDENTS ?= 1000000
bench: $(DEV_STAMP)
	$(BIN)/python -m tests.benchmark --residents $(RESIDENTS)

# What is left out of `make test`: the sessions of both READMEs, command by command.
test-slow: $(DEV_STAMP)
	$(BIN)/pytest -n 2 -m slow
