"""After a change, exactly the jobs that it concerns run again."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest
from running import TABLES, Workflow

RIDGE = {f"models/eigenspectrum.ridge.{part}" for part in ("selection", "fold0", "fold1")}
KERNEL_RIDGE = {name.replace("ridge", "kernel_ridge") for name in RIDGE}
NEIGHBOURS = {name.replace("ridge", "k_nearest_neighbours") for name in RIDGE}
MEAN = {f"models/atom_counts.mean_predictor.{part}" for part in ("fold0", "fold1")}
FEATURES = {"features/atom_counts", "features/eigenspectrum"}
DISTANCES = {f"distances/eigenspectrum.{m}" for m in ("manhattan", "squared_euclidean")}
EVERYTHING = {"dataset"} | FEATURES | DISTANCES | MEAN | RIDGE | KERNEL_RIDGE | NEIGHBOURS | TABLES


def test_the_first_run_makes_every_artefact_once(first_run):
    assert first_run[1] == EVERYTHING


def test_after_a_complete_run_there_is_nothing_to_do(finished, capsys):
    """Its bound is on CPU seconds, which a busy machine does not stretch."""
    started, before = time.monotonic(), os.times()
    run = finished.snakemake("--cores", "2")
    seconds, after = time.monotonic() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    assert "Nothing to be done" in run.text
    assert not run.jobs()
    with capsys.disabled():
        print(f"\na run with nothing to do: {seconds:.1f} s, of them {cpu:.1f} s of CPU")
    assert cpu < 15


def test_a_run_ends_with_the_table_and_where_to_read_on(finished):
    (finished.results / "summary.md").unlink()
    text = finished.snakemake("--cores", "2").text
    assert "\n1  eigenspectrum/ridge " in text
    assert f"open results/{finished.results.name}/report.html in a browser" in text


def test_an_edit_to_a_models_module_runs_that_model_and_the_tables(finished):
    finished.append("src/qm7bench/models/ridge.py", "\nEDITED = True\n")
    assert finished.planned() == RIDGE | TABLES


def test_an_edit_to_a_helper_of_one_model_runs_that_model_and_the_tables(finished):
    finished.append("src/qm7bench/regression/fold_blocks.py", "\nEDITED = True\n")
    assert finished.planned() == KERNEL_RIDGE | TABLES


def test_a_change_to_a_models_grid_runs_that_model_and_the_tables(finished):
    finished.configure(lambda c: c["models"]["ridge"]["grid"]["alpha"].append(1000.0))
    assert finished.planned() == RIDGE | TABLES


@pytest.mark.slow
def test_a_change_to_a_model_without_a_grid_runs_its_folds_and_the_tables(finished):
    finished.append("src/qm7bench/models/mean_predictor.py", "\nEDITED = True\n")
    assert finished.planned() == MEAN | TABLES


@pytest.mark.slow
def test_another_fold_runs_that_fold_and_the_selections(finished):
    """The table of grid points has a line for each test fold."""
    finished.configure(lambda c: c["folds"].append(2))
    with_grid = {"eigenspectrum." + m for m in ("ridge", "kernel_ridge", "k_nearest_neighbours")}
    assert finished.planned() == TABLES | RIDGE | KERNEL_RIDGE | NEIGHBOURS | {
        f"models/{row}.fold2" for row in [*with_grid, "atom_counts.mean_predictor"]
    }


def test_an_edit_to_a_feature_runs_what_is_made_of_it(finished):
    finished.append("src/qm7bench/features/atom_counts.py", "\nEDITED = True\n")
    assert finished.planned() == {"features/atom_counts"} | MEAN | TABLES


def test_a_comment_in_a_module_that_no_row_uses_runs_nothing(finished):
    for module in ("models/support_vector_regression", "features/bag_of_bonds", "prediction"):
        finished.append(f"src/qm7bench/{module}.py", "\n# a comment\n")
    assert finished.planned() == set()


@pytest.mark.slow
def test_keys_in_another_order_run_nothing(finished):
    def reverse(config):
        for name, entry in config["models"].items():
            config["models"][name] = dict(reversed(entry.items()))
        for name in reversed(list(config["features"])):
            config["features"][name] = config["features"].pop(name)

    finished.configure(reverse)
    assert finished.planned() == set()


def test_touching_files_without_changing_them_runs_nothing(finished):
    for folder in ("src", "workflow", "data"):
        for path in (finished.folder / folder).rglob("*.*"):
            path.touch()
    assert finished.planned() == set()


def test_other_molecules_in_the_users_file_run_everything(finished):
    path = finished.folder / "data" / "my_molecules.xyz"
    lines = path.read_text().splitlines(keepends=True)
    size = int(lines[0])
    path.write_text("".join(lines[size + 2 :]))
    assert finished.planned() == EVERYTHING


def test_a_fresh_clone_beside_existing_results_runs_nothing(finished, tmp_path):
    def git(*words):
        who = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    origin, clone = finished.folder, Workflow(tmp_path / "clone")
    git("init", origin)
    git("-C", origin, "add", ".")
    git("-C", origin, "commit", "-m", "everything")
    time.sleep(1.1)  # so that no file of the clone can seem as old as the results
    git("clone", origin, clone.folder)
    for name in ("results", ".snakemake", "data"):
        shutil.move(origin / name, clone.folder / name)
    assert clone.planned() == set()
