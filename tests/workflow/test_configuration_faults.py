"""A fault in config.yaml ends the run before any job, in one line that names it."""

from __future__ import annotations

import pytest

FAULTS = {
    "a misspelt key": (
        lambda c: c["models"]["ridge"]["grid"].update(alpa=[1.0]),
        "config.yaml: unknown key models.ridge.grid.alpa; did you mean 'alpha'?",
    ),
    "an unknown feature": (
        lambda c: c["models"]["ridge"]["features"].append("eigenspectra"),
        "config.yaml: models.ridge.features: unknown feature 'eigenspectra'; "
        "did you mean 'eigenspectrum'?",
    ),
    "a file that is not there": (
        lambda c: c["datasets"]["my_molecules"].update(file="data/none.xyz"),
        "config.yaml: datasets.my_molecules.file: 'data/none.xyz' does not exist",
    ),
}


@pytest.mark.parametrize("words", [["-n"], ["--cores", "1"]], ids=["planned", "run"])
def test_all_faults_are_named_in_a_line_each_before_any_job(new, words):
    for change, _ in FAULTS.values():
        new.configure(change)
    run = new.snakemake(*words)
    assert run.status == 1
    lines = [line for line in run.text.splitlines() if line.startswith("config.yaml: ")]
    assert len(lines) == len(FAULTS)
    for _, expected in FAULTS.values():
        assert any(line.startswith(expected) for line in lines), run.text
    assert "Traceback" not in run.text
    assert not run.jobs()
    assert not (new.folder / "results").exists()


def test_a_key_that_stands_twice_ends_the_run(new):
    new.append("config.yaml", "folds: [3]\n")
    run = new.snakemake("-n")
    assert run.status == 1
    assert "config.yaml: the key folds stands twice, in lines " in run.text
    assert not run.jobs()


def test_folds_of_the_command_line_are_run(new):
    assert {"models/atom_counts.mean_predictor.fold4"} < new.planned("--config", "folds=[0,4]")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_one_line(new, fault):
    change, expected = FAULTS[fault]
    new.configure(change)
    run = new.snakemake("-n")
    assert run.status == 1
    assert [line for line in run.text.splitlines() if line.startswith(expected)]
    assert run.text.count("config.yaml: ") == 1
