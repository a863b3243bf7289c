# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Tests share the cores; tests/sharing.py says which of them stay together, and how many processes `auto` and `logical` mean.
SHARED := --maxprocesses 4 --dist loadscope --no-loadscope-reorder
export TF_CPP_MIN_LOG_LEVEL := 3
# pytest keeps the tests as it rewrites them; without that each process rewrites all of them each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup sandbox demo serve test check verify long unit words audit fuzz forms advice causes costs families chaos soak endurance bench lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## Make .venv with the pinned dependencies and a working .venv/bin/grader
	@$(PYTHON) requirements/setup.py $(if $(findstring line,$(origin PYTHON)),--this)

# Whether student code can be run at all is known before 3 GB are installed.
sandbox:
	@$(PYTHON) requirements/setup.py --look
	@PYTHON="$(PYTHON)" bash docker/system-packages.sh sandbox

demo: sandbox ## Start the service, hand in reference solutions (DEMO=all for every one), show each verdict
	@$(MAKE) --no-print-directory setup
	@$(BIN)/python -m grader.demo

serve: sandbox ## Leave the service running at PORT=8000 (stop it with Ctrl-C)
	@$(MAKE) --no-print-directory setup
	@$(BIN)/grader serve --port $(PORT)

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

long: sandbox setup ## Train every reference by its document's full plan on the real files (about an hour)
	@nice $(BIN)/python -m tests.training.long

words: setup ## Write new sentences into the catalogues, and list those that have no translation yet
	@$(BIN)/python -m grader.locale.renew

audit: setup ## Known holes in the pinned dependencies (3: unverified, the database could not be asked)
	@$(BIN)/python requirements/audit.py

fuzz: setup ## Damaged claims, files to import, notebooks, rosters and words of workers, for MINUTES=10 each kind
	@$(BIN)/python -m tests.fuzz.long --minutes $(or $(MINUTES),10)
	@$(BIN)/python -m tests.fuzz.imports --minutes $(or $(MINUTES),10)
	@$(BIN)/python -m tests.fuzz.strangers --minutes $(or $(MINUTES),10)

forms: sandbox setup ## Every form of every exercise's answers, what must not pass, students' files: a table (half an hour)
	@nice $(BIN)/python -m tests.forms

advice: sandbox setup ## Carry out the next step of every wrong answer, into docs/advice.md (a quarter of an hour)
	@nice $(BIN)/python -m tests.advice

causes: sandbox setup ## Every wrong answer here, graded: the share whose student is told the true cause, by kind (ten minutes)
	@nice $(BIN)/python -m tests.causes --page

costs: setup ## What each kind of layer costs in a step, measured, into grader/domain/layers/costs.py (five minutes); DIED=FILE adds a network to the cost test
	@$(BIN)/python -m tests.training.costs $(if $(DIED),--died "$(DIED)")
	@$(BIN)/ruff format --quiet grader/domain/layers/costs.py

families: sandbox setup ## Ten kinds of right networks of the Happy House, 30 to 60 seeds each (hours; goes on where it stopped)
	@nice $(BIN)/python -m tests.training.families

chaos: sandbox setup ## Every fault on every deployment beside honest submissions (an hour), into docs/faults.md's table
	@bash docker/system-packages.sh test
	@CHAOS=all $(BIN)/pytest -q tests/integration/test_broker_outages.py
	@unshare --mount --propagation private $(BIN)/python -m tests.chaos --out chaos.md

soak: sandbox setup ## COUNT=300 submissions, hostile ones (what grows meanwhile), then honest ones and a kill every ten seconds
	@$(BIN)/python -m tests.hostile.soak --count $(or $(COUNT),300)
	@bash docker/system-packages.sh test
	@$(BIN)/python -m tests.chaos --soak $(or $(COUNT),300)

endurance: sandbox setup ## A day's traffic in MINUTES=60: whether disk, rows and memory stay flat
	@$(BIN)/python -m tests.hostile.endurance --minutes $(or $(MINUTES),60)

bench: setup ## What it costs beside a fresh `python solution.py`, into bench.json; QUICK=1 in under four minutes
	@bash docker/system-packages.sh test
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

lock: ## Renew requirements/*.lock
	@$(PYTHON) requirements/lock.py

clean: ## Stop what runs from here, remove what was made here (data of the demo included), say what stays
	@$(PYTHON) -B requirements/clean.py
