# Two commands: `make` (the main job) and `make test`. Everything else is a variation of these.
PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
DATASET ?= qm7
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --rerun-incomplete

.DEFAULT_GOAL := benchmark
.PHONY: benchmark full classical report published-report publish test test-all check docs bench clean help

benchmark: $(VENV)/installed  ## Set up, then take a quick look at every row: few molecules, epochs and folds; print the table
	$(SNAKEMAKE) --quiet rules --config budget=quick

full: $(VENV)/installed  ## The same with the full budget on all five folds (hours, for the neural rows)
	$(SNAKEMAKE) --quiet rules

classical: $(VENV)/installed  ## Every row but the neural networks (two hours)
	$(SNAKEMAKE) --quiet rules --config budget=none

report: $(VENV)/installed  ## Make the report of all finished rows, without running anything
	$(BIN)/python -m qm7bench report --dataset results/$(DATASET)/dataset/metadata.json \
	    --models results/$(DATASET)/models --folds 0 1 2 3 4 --figures results/$(DATASET)/figures \
	    $(addprefix --curves ,$(wildcard results/$(DATASET)/learning_curves.parquet)) \
	    --output results/$(DATASET)/report.html --explorer results/$(DATASET)/explore.html

published-report: $(VENV)/installed  ## Make the report of the published rows, which need no training
	$(SNAKEMAKE) --quiet rules -- results/$(DATASET)/published/report.html

publish: $(VENV)/installed  ## Add the finished entries of the full run to results/published and the documentation
	$(BIN)/python -m qm7bench publish --results results/$(DATASET) \
	    --published results/published/$(DATASET) --readme README.md --leaderboard docs/leaderboard.md
	$(BIN)/python -m qm7bench figure --published results/published/qm7 \
	    --output docs/error_against_cost.svg
	$(BIN)/python -m qm7bench document --output docs

test: $(VENV)/installed  ## Set up, then run the fast tests; at least 90 % of src/ must be covered
	$(BIN)/python -m pytest -m "not slow" --cov

test-all: $(VENV)/installed  ## All tests, the slow ones too
	$(BIN)/python -m pytest

docs: $(VENV)/installed  ## Build the documentation site in site/, strictly and without the network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

check: $(VENV)/installed  ## Format, lint and types, as continuous integration checks them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

bench: $(VENV)/installed  ## Speed against scikit-learn and PyTorch Geometric, as ratios
	$(BIN)/python benchmarks/nested_kernel_ridge.py
	$(BIN)/python benchmarks/dimenet_step.py

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), \
	    "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; give another: make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:  ## Remove the environment and all results that can be made again
	rm -rf $(VENV) .snakemake
	find results -mindepth 1 -maxdepth 1 ! -name published -exec rm -rf {} +

help:  ## Show these targets
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST)
