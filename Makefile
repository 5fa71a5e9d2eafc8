# Two commands: `make` (the main job) and `make test`. `make help` explains the others.
PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
CHOSEN := $(DATASET)
DATASET ?= qm7
PUBLISHED := results/published/$(DATASET)
PAGES := --leaderboard docs/$(DATASET).md
ifeq ($(DATASET),qm7)
PAGES := --readme README.md --leaderboard docs/leaderboard.md
endif
SPARSE := fchl19_extended_huckel/sparse_electronic_kernel_ridge
CORRECTING := fchl19_gfn2_xtb/delta_sparse_density_kernel_ridge
CONFIG_qm9 := --configfile qm9.yaml
EXACT_qm7 := --published results/published/qm7 --exact fchl19_extended_huckel/electronic_kernel_ridge
EXACT_qm7_gfn2_xtb := --published results/published/qm7 --exact fchl19_gfn2_xtb/delta_density_kernel_ridge
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --rerun-incomplete

.DEFAULT_GOAL := benchmark
.PHONY: benchmark classical full report published-report publish publish-ablation publish-by-size models docs test test-all check \
    bench wheel clean help

##@ Run
benchmark: $(VENV)/installed  ## Take a quick look at every entry and print the leaderboard; what `make` does
	$(SNAKEMAKE) --quiet rules --config budget=quick $(CHOSEN:%=dataset=%)

classical: $(VENV)/installed  ## Run every entry but the neural networks, with the full budget (two hours)
	$(SNAKEMAKE) --quiet rules --config budget=none $(CHOSEN:%=dataset=%)

full: $(VENV)/installed  ## Run every entry with the full budget on all five folds (many hours, can be interrupted)
	$(SNAKEMAKE) --quiet rules $(CHOSEN:%=--config dataset=%)

##@ Read
report: $(VENV)/installed  ## Make the report of whatever is finished, without running anything
	$(BIN)/python -m qm7bench report_finished $(CHOSEN:%=--results results/%)

published-report: $(VENV)/installed  ## Make the report of the published entries, which needs no training
	$(SNAKEMAKE) --quiet rules -- results/$(DATASET)/published/report.html

docs: $(VENV)/installed  ## Build the documentation in site/, without warnings and without the network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open site/index.html"

##@ Change
test: $(VENV)/installed  ## Run the fast tests; at least 90 % of src/ must be covered
	$(BIN)/python -m pytest -m "not slow" --cov -n $(CORES) --dist loadfile

test-all: $(VENV)/installed  ## Run all tests, the slow ones too: faults, Slurm, browser
	$(BIN)/python -m pytest

check: $(VENV)/installed  ## Check format, lint and types, as continuous integration does
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml

publish: $(VENV)/installed  ## Add the finished entries of a full run to results/published, README and documentation
	$(BIN)/python -m qm7bench publish --results results/$(DATASET) --published $(PUBLISHED) \
	    --leave-out '*/ablation*' $(PAGES)
	$(BIN)/python -m qm7bench beyond all --dataset results/$(DATASET)/dataset/metadata.json \
	    --published $(PUBLISHED) --output $(PUBLISHED)/beyond
	$(BIN)/python -m qm7bench figure cost --published results/published/qm7 --output docs/error_against_cost.svg
	$(BIN)/python -m qm7bench figure curves --published results/published/qm9 --output docs/qm9_learning_curves.svg
	$(BIN)/python -m qm7bench figure growth --published results/published/qm9 --output docs/cost_growth.svg
	$(BIN)/python -m qm7bench document --output docs

publish-ablation: $(VENV)/installed  ## Add what a run of ablation.yaml finished to results/published and documentation
	$(BIN)/python -m qm7bench publish --results results/qm7 --published results/published/qm7_ablation \
	    --rows '*/ablation*' --leaderboard docs/ablation.md

publish-by-size: $(VENV)/installed  ## Add what a run of qm7_by_size.yaml finished, or of another DATASET's, likewise
	$(BIN)/python -m qm7bench publish --results results/$(DATASET)_by_size --published $(PUBLISHED)/beyond/size
	$(BIN)/python -m qm7bench document --output docs

models: model-qm7 model-qm9 model-qm7_gfn2_xtb model-qm9_gfn2_xtb  ## Fit the models that ship (minutes for qm7, hours for qm9)

model-%: DATA = $(firstword $(subst _, ,$*))
model-%: ENTRY = $(if $(findstring _gfn2_xtb,$*),$(CORRECTING),$(SPARSE))
model-%: $(VENV)/installed
	$(SNAKEMAKE) --quiet rules $(CONFIG_$(DATA)) --config dataset=$(DATA) -- \
	    $(foreach fold,0 1 2 3 4,results/$(DATA)/models/$(ENTRY)/fold$(fold)/metrics.json)
	$(BIN)/python -m qm7bench ship --results results/$(DATA) --entry $(ENTRY) $(EXACT_$*) --output src/qm7bench/shipped/$*

bench: $(VENV)/installed  ## Measure speed against scikit-learn, PyTorch Geometric, NumPy and older code, as ratios
	$(BIN)/python benchmarks/nested_kernel_ridge.py
	$(BIN)/python benchmarks/dimenet_step.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/local_kernel_pairs.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/representations.py

wheel: $(VENV)/installed  ## Build the wheel in dist/, with the published predictions, to be installed with pip elsewhere
	rm -rf build dist/qm7bench-*.whl src/qm7bench/published  # else what is left of another build is packed too
	set -e; for name in qm7 qm9; do $(BIN)/python -m qm7bench pack \
	    --published results/published/$$name --output src/qm7bench/published/$$name; done
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	rm -rf build
	@ls dist/qm7bench-*.whl

clean:  ## Remove the environment and all results that can be made again
	rm -rf $(VENV) .snakemake site
	find results -mindepth 1 -maxdepth 1 ! -name published -exec rm -rf {} +

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), \
	    "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; give another: make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

define EXAMPLES

Every target first sets up .venv, which takes some minutes once.

Examples
  make                                     a quick look at every entry, on QM7 if it can be had
  make CORES=8                             the same with eight jobs at once
  QM7_MAT=~/qm7.mat make full              everything, on your copy of qm7.mat
  make published-report                    the published results as a page to read
  make PYTHON=python3.12                   set up with another interpreter
  make DATASET=qm9small                    a quick look on another data set than that of config.yaml

Variables: PYTHON ($(PYTHON)), CORES ($(CORES)), DATASET (of config.yaml; of published entries, $(DATASET)).
What runs is in config.yaml; docs/getting_started.md goes on from here.
endef
export EXAMPLES

help:  ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	    /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "$$EXAMPLES"
