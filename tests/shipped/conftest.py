"""A model that was made to ship from molecules of QM9, small enough to make here."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_table
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset
from qm7bench.evaluation import distance_intervals
from qm7bench.shipped.files import ShippedFiles

FEATURE = "fchl19_extended_huckel"
ENTRY = f"{FEATURE}/sparse_electronic_kernel_ridge"
SETTINGS = {
    "module": "sparse_local_kernel_ridge",
    "parameters": {"linear": 0.1, "inducing_atoms": 310},
    "grid": {"alpha": [1e-7, 1e-5]},
    "seed": 0,
}
SHARES = (0.5, 0.9)
"""As 300 molecules are too few for the classes of the real models."""


def run(*words):
    assert main([str(word) for word in words]) == 0, words


def finished(folder, molecules, corrected=False):
    """Results of a sparse kernel on all folds of the molecules, which are called qm9.

    `corrected` says whether it learns the difference to GFN2-xTB.
    """
    dataset = folder / "dataset" / "metadata.json"
    kernels, entry = folder / "kernels" / ENTRY / "metadata.json", folder / "models" / ENTRY
    write_dataset(dataset, replace(molecules, name="qm9"), {"sha256": "0" * 64})
    modules = {FEATURE: FEATURE, "gfn2_xtb": "xtb"} if corrected else {FEATURE: FEATURE}
    for name, module in modules.items():
        settings = json.dumps({"module": module, "parameters": {}})
        output = folder / "features" / name / "metadata.json"
        run("feature", dataset, "--name", name, "--settings", settings, "--output", output)
    feature, baseline = (folder / "features" / n / "metadata.json" for n in (FEATURE, "gfn2_xtb"))
    corrects = ["--baseline", baseline] if corrected else []
    settings = json.dumps(SETTINGS)
    run(
        *("kernels", feature, "--dataset", dataset, "--settings", settings),
        *("--output", kernels, *corrects),
    )
    common = ["--dataset", dataset, "--feature", feature, "--settings", settings]
    common += ["--distances", kernels, *corrects]
    selection = entry / "selection.parquet"
    run(
        *("select", *common, "--folds", *range(5), "--output", selection),
        *("--inner", entry / "inner.parquet", "--cost", entry / "selection.json"),
    )
    for fold in range(5):
        run(
            *("fit", *common, "--feature-name", FEATURE, "--fold", fold),
            *("--model", "sparse_electronic_kernel_ridge", "--selection", selection),
            *("--output", entry / f"fold{fold}"),
        )
    return folder


def shipped_from(results, name):
    """Files of the model that `qm7bench ship` makes of the results."""
    folder = results.parent / "shipped" / name
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distance_intervals, "SHARES", SHARES)
        run("ship", "--results", results, "--entry", ENTRY, "--output", folder)
    return ShippedFiles(folder)


@pytest.fixture(scope="session")
def results(small_molecules, tmp_path_factory):
    """Results on 300 molecules."""
    return finished(tmp_path_factory.mktemp("results") / "qm9", small_molecules)


@pytest.fixture(scope="session")
def made(results):
    """Files of the model that is made of them."""
    return shipped_from(results, "qm9")


@pytest.fixture(scope="session")
def correcting(small_molecules, tmp_path_factory):
    """Files of a model that corrects GFN2-xTB."""
    folder = tmp_path_factory.mktemp("correcting") / "qm9"
    return shipped_from(finished(folder, small_molecules, corrected=True), "qm9_gfn2_xtb")


@pytest.fixture(scope="session")
def entry():
    """Name of the entry."""
    return ENTRY


@pytest.fixture(scope="session")
def shares():
    """Shares of the molecules that the classes of `made` end at."""
    return SHARES


@pytest.fixture(scope="session")
def errors_of_folds(results, small_molecules):
    """Errors in kcal/mol of the five fits on their test folds, in the order of the data set."""
    by_id = {}
    for fold in range(5):
        table = read_table(results / "models" / ENTRY / f"fold{fold}" / "predictions.parquet")
        differences = table["prediction"] - table["energy"]
        by_id |= dict(zip(table["id"].tolist(), differences.tolist(), strict=True))
    return np.array([by_id[i] for i in small_molecules.ids.tolist()])
