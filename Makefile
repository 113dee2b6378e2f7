# Set-up and the main jobs. Everything runs in a virtual environment of its own, made on first use.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench bench-large bench-prefect bench-xpt rule-book requirements clean

help: ## list these verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## make the virtual environment

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: $(READY) ## simulate a small study and run everything: raw export -> SDTM -> ADaM -> Parquet and XPT
	$(BIN)/cdisc-flows demo

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -q -n auto --dist loadfile

check: $(READY) ## lint, types and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(READY) ## format and mend what can be mended by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## seconds and peak memory of each stage, and of ADaM alone, beside the floor of reading and writing the same files
	$(BIN)/python -m tests.bench.run
	$(BIN)/python -m tests.bench.adam

bench-large: $(READY) ## raw to SDTM of ever larger studies: seconds, lab rows and peak memory
	$(BIN)/python -m tests.bench.large

bench-prefect: $(READY) ## what a running Prefect server adds to a run of the demo study
	$(BIN)/python -m tests.bench.prefect_share

bench-xpt: $(READY) ## writing XPT against writing the same table as Parquet
	$(BIN)/python -m tests.bench.xpt

rule-book: $(READY) ## print docs/rule-book.md from the cases in tests/rulebook/cases
	$(BIN)/python -m tests.rulebook

requirements: ## pin the newest versions that pyproject's bounds allow (needs uv)
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --upgrade --quiet -o requirements.txt

clean: ## remove what was made here, but not the virtual environment
	rm -rf demo bench-out .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
