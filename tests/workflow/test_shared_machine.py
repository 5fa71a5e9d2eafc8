"""What else happens on a machine: a second run in the same folder, and too little memory."""

from __future__ import annotations

import resource

import pytest
from running import TABLES

pytestmark = pytest.mark.slow

HUNGRY = '''
"""Mean of the training energies, after asking for three gigabytes."""
from dataclasses import dataclass

import numpy as np

from qm7bench.models.mean_predictor import MeanPredictor


@dataclass
class HungryPredictor(MeanPredictor):
    """Ask for memory and leave it untouched."""

    def fit(self, features, energies):
        np.empty(3 * 2**30, dtype=np.uint8)
        return super().fit(features, energies)
'''


def test_a_second_run_in_the_same_folder_ends_at_once_and_the_first_finishes(finished, complete):
    finished.append("src/qm7bench/models/ridge.py", "\n# run again\n")
    first = finished.start("--cores", "1")
    while line := first.stdout.readline():
        if line.startswith("Execute"):
            break
    second = finished.snakemake("--cores", "1")
    assert first.poll() is None
    assert second.status == 1
    assert "Directory cannot be locked" in second.text
    assert "no other Snakemake process is trying to create the same files" in second.text
    text, _ = first.communicate(timeout=1800)
    assert first.returncode == 0, text
    assert finished.same_results_as(complete)


def test_a_job_without_enough_memory_says_so_and_runs_with_more(finished, complete):
    module = finished.folder / "src" / "qm7bench" / "models" / "hungry_predictor.py"
    module.write_text(HUNGRY)
    finished.configure(lambda c: c["models"].update(hungry_predictor={"features": ["atom_counts"]}))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))

    run = finished.snakemake("--cores", "1", "--quiet", "rules", preexec_fn=limit)
    assert run.status == 1
    assert "qm7bench fit: error: the memory is used up; run fewer jobs at once" in run.text
    folds = {f"models/atom_counts.hungry_predictor.fold{k}" for k in (0, 1)}
    assert finished.run() == folds | TABLES
    mae = {row["model"]: row["mae"] for row in finished.table()}
    assert mae.pop("hungry_predictor") == mae["mean_predictor"]
    assert mae == {row["model"]: row["mae"] for row in complete.table()}
