"""What the rules use of Snakemake without its documenting it: each test fails without the line."""

from __future__ import annotations

import re

import pytest

GPU_MACHINE = """
if "--cores" in words:
    from qm7bench import installation
    installation.has_gpu = lambda: True
"""
SLOW_FITS = """
import time
if words[:1] == ["fit"]:
    time.sleep(4)
"""


def started_together(text):
    """How many jobs began at once, each time that some did."""
    return [int(number) for number in re.findall(r"^Execute (\d+) jobs", text, re.M)]


def fits(workflow, model):
    """Targets of both folds of a model."""
    folder = workflow.results.relative_to(workflow.folder) / "models" / model
    return [str(folder / f"fold{fold}" / "metrics.json") for fold in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("gpu", [True, False])
def test_on_one_gpu_jobs_run_one_after_the_other(finished, gpu):
    finished.configure(lambda c: c["models"]["ridge"].update(resources={"gpu": gpu}))
    finished.hook(GPU_MACHINE)
    targets = fits(finished, "eigenspectrum/ridge")
    run = finished.snakemake("--cores", "2", "--forcerun", "fit_gpu", "fit", "--", *targets)
    assert run.status == 0, run.text
    assert started_together(run.text) == ([1, 1] if gpu else [2])


def test_a_clusters_jobs_do_not_decide_which_data_set_auto_is(new):
    new.configure(lambda c: c.update(dataset="auto"))
    target = str(new.results.relative_to(new.folder) / "dataset" / "metadata.json")
    new.hook("os.environ['QM7_MAT'] = '/does/not/exist'\n")
    decided = new.snakemake("-n", target)
    assert decided.status == 1
    assert "QM7_MAT names /does/not/exist" in decided.text
    as_on_a_node = ("--mode", "remote", "--no-hooks", "--cores", "1", "--", target)
    assert new.snakemake(*as_on_a_node).status == 0


@pytest.mark.slow
def test_jobs_are_looked_for_when_one_has_ended_and_not_every_second(finished):
    finished.hook(SLOW_FITS)
    targets = fits(finished, "atom_counts/mean_predictor")
    run = finished.snakemake("--cores", "1", "--verbose", "--forcerun", "fit", "--", *targets)
    assert run.status == 0, run.text
    assert run.text.count("Resources before job selection") == 2
