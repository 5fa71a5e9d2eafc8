"""A kernel computed in parts: a killed part alone is computed again, and the fit is the same."""

from __future__ import annotations

import re

import numpy as np
import pytest
import yaml
from running import BEYOND

from qm7bench.artefacts.parquet import read_records, read_table

pytestmark = pytest.mark.slow

ENTRIES = """
folds: [0, 1]
features: {fchl19: {parameters: {two_body_functions: 8, three_body_functions: 6}}}
models:
  exact:
    module: local_kernel_ridge
    features: [fchl19]
    parameters: {kernel: matern, gamma: 0.05, alpha: 1.0e-5}
  large:
    module: large_local_kernel_ridge
    features: [fchl19]
    folds: [1]
    share_kernels: true
    parameters: {kernel: matern, gamma: 0.05, alpha: 1.0e-5}
"""
DIES_IN_ITS_SECOND_PART = """
def die(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(".npy"):
        os.kill(os.getpid(), signal.SIGKILL)

if words[:1] == ["part"] and words[words.index("--number") + 1] == "1":
    sys.addaudithook(die)
"""
ENTRY = "fchl19.large.fold1"


def predictions(workflow, model):
    return read_table(workflow.results / f"models/fchl19/{model}/fold1/predictions.parquet")


def test_a_killed_part_alone_is_computed_again(nothing_run, tmp_path):
    workflow = nothing_run.copy_to(tmp_path / "parts")
    workflow.configure(lambda config: config.update(yaml.safe_load(ENTRIES)))
    model = workflow.folder / "src/qm7bench/models/large_local_kernel_ridge.py"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("PAIRS_OF_PART = 5e10", "PAIRS_OF_PART = 2e5"), encoding="utf-8")
    workflow.hook(DIES_IN_ITS_SECOND_PART)
    killed = workflow.snakemake("--cores", "1", "--keep-going")
    assert killed.status == 1
    planned = {job for job in killed.jobs() if job.startswith("parts/")}
    parts = {job for job in planned if ".part" in job}
    assert len(parts) > 2
    (lost,) = (job for job in parts if f"{ENTRY}.part1of" in job)
    assert planned & killed.completed() == planned - {lost}
    workflow.unhook()
    workflow.age_leftovers()
    again = workflow.run()
    assert {job for job in again if "large" in job} == {lost, f"models/{ENTRY}"}
    exact, large = predictions(workflow, "exact"), predictions(workflow, "large")
    np.testing.assert_array_equal(large["id"], exact["id"])
    np.testing.assert_allclose(large["prediction"], exact["prediction"], atol=1e-6)  # kcal/mol
    rows = {row["model"]: row["folds"] for row in workflow.table()}
    assert rows == {"exact": "0 1", "large": "1"}
    for line in read_records(workflow.results / "beyond/isomers.parquet"):
        assert rows[line["model"]] == line["folds"]
    assert not list((workflow.results / "models/fchl19/large").glob("fold0"))


def test_another_regularisation_needs_the_fit_alone(nothing_run, tmp_path):
    workflow = nothing_run.copy_to(tmp_path / "parts")
    workflow.configure(lambda config: config.update(yaml.safe_load(ENTRIES)))
    workflow.configure(lambda config: config.update(only=["large"]))
    workflow.run()

    def change(config):
        config["models"]["large"]["parameters"]["alpha"] = 1.0e-4

    workflow.configure(change)
    assert workflow.planned() == {f"models/{ENTRY}", "summary", "report", *BEYOND}


def test_parts_ask_for_a_gpu_where_their_model_does(nothing_run, tmp_path):
    workflow = nothing_run.copy_to(tmp_path / "parts")
    workflow.configure(lambda config: config.update(yaml.safe_load(ENTRIES)))
    workflow.configure(lambda config: config["models"]["large"].update(resources={"gpu": True}))
    text = workflow.snakemake("--dry-run", "--quiet", "rules").text
    rules = set(re.findall(r"^(\w+) +\d+$", text, re.M))
    assert {"part_gpu", "fit_gpu", "fit"} <= rules
    assert "part" not in rules
