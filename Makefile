# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Tests share the cores; tests/sharing.py says which of them stay together, and how many processes `auto` and `logical` mean.
SHARED := --maxprocesses 4 --dist loadscope --no-loadscope-reorder
export TF_CPP_MIN_LOG_LEVEL := 3
# pytest keeps the tests as it rewrites them; without that each process rewrites all of them each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo serve test check verify long unit words audit fuzz soak bench lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(BIN)/.ready ## Make .venv with the pinned dependencies and a working .venv/bin/grader

# pip works on one core: TensorFlow and what goes with it is installed beside everything else. It would compile on one core
# too, and the libraries' own tests.
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
FROM_LOCK := $(PIP_INSTALL) --no-compile --no-deps --require-hashes -r
$(BIN)/.ready: requirements/dev.lock requirements/guest.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Install the package python3-venv first."; exit 1; }
	@echo "Installing the pinned dependencies (about 2 GB on disk the first time) …"
	@$(PYTHON) docker/install.py --missing requirements/dev.lock requirements/guest.lock > $(BIN)/rest.lock
	@$(FROM_LOCK) requirements/guest.lock & guest=$$!; $(FROM_LOCK) $(BIN)/rest.lock; rest=$$?; wait $$guest && exit $$rest
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests/|_test\.py$$' .venv/lib || true
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Start the service, hand in every reference solution, show every verdict
	@bash docker/system-packages.sh sandbox
	@$(BIN)/python -m grader.demo

serve: setup ## Leave the service running (stop it with Ctrl-C)
	@bash docker/system-packages.sh sandbox
	@$(BIN)/grader serve

test: setup ## Install what the tests need, then run the whole suite
	@bash docker/system-packages.sh test
	@$(BIN)/pytest -n auto $(SHARED)

unit: setup ## The fast tests alone
	@$(BIN)/pytest -q -n logical $(SHARED) tests/unit

check: setup ## Style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

verify: setup ## Grade every reference solution and compare with its folder
	@$(BIN)/grader verify

long: setup ## Train every reference by its document's full plan on the real files (about an hour)
	@bash docker/system-packages.sh sandbox
	@nice $(BIN)/python -m tests.training.long

words: setup ## Write new sentences into the catalogues, and list those that have no translation yet
	@$(BIN)/python -m grader.locale.renew

audit: setup ## Known holes in the pinned dependencies (3: unverified, the database could not be asked)
	@$(BIN)/python requirements/audit.py

fuzz: setup ## Damaged claims to the parser of guest output, watched, for MINUTES=10
	@$(BIN)/python -m tests.fuzz.long --minutes $(or $(MINUTES),10)

soak: setup ## COUNT=300 hostile and honest submissions through `grader serve`: verdicts, and what grows meanwhile
	@bash docker/system-packages.sh sandbox
	@$(BIN)/python -m tests.hostile.soak --count $(or $(COUNT),300)

bench: setup ## What it costs beside a fresh `python solution.py`, into bench.json; QUICK=1 in under four minutes
	@bash docker/system-packages.sh test
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

lock: ## Renew requirements/*.lock
	@$(PYTHON) requirements/lock.py

clean: ## Remove what was made here, data of the demo included
	@rm -rf .venv var build dist *.egg-info
