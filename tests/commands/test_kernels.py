"""Kernels and sums that a selection and its fits share, from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_artefact, write_artefact
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset

FCHL19 = {"two_body_functions": 8, "three_body_functions": 6, "centres": "heavy"}


@pytest.fixture(scope="module")
def molecules(small_molecules):
    return small_molecules[::6]


@pytest.fixture(scope="module")
def folder(molecules, tmp_path_factory):
    """Data set, representation, and energies to correct: half of each molecule's own."""
    folder = tmp_path_factory.mktemp("results")
    write_dataset(folder / "dataset.json", molecules, {"sha256": "0" * 64})
    settings = json.dumps({"module": "fchl19", "parameters": FCHL19})
    words = ["feature", folder / "dataset.json", "--name", "fchl19", "--settings", settings]
    assert main([*map(str, words), "--output", str(folder / "fchl19" / "metadata.json")]) == 0
    facts = {"name": "half", "module": "xtb", "parameters": {}, "units": "kcal/mol"}
    values = 0.5 * molecules.energies[:, None]
    write_artefact(folder / "half" / "metadata.json", {"values": values}, facts)
    return folder


def shared(folder, module, *more, **grid):
    """Arrays that `qm7bench kernels` writes."""
    settings = json.dumps({"module": module, "parameters": {}, "grid": grid})
    output = folder / f"{module}{len(more)}" / "metadata.json"
    words = ["kernels", folder / "fchl19" / "metadata.json", "--dataset", folder / "dataset.json"]
    words += ["--settings", settings, "--output", output, *more]
    assert main(list(map(str, words))) == 0
    return read_artefact(output).arrays


def test_an_exact_kernel_shares_a_matrix_for_each_width(folder, molecules):
    arrays = shared(folder, "local_kernel_ridge", gamma=[0.1, 0.2])
    shapes = [arrays[f"gaussian_{gamma}"].shape for gamma in (0.1, 0.2)]
    assert shapes == [(len(molecules), len(molecules))] * 2


@pytest.mark.parametrize("corrected", [False, True])
def test_a_sparse_kernel_shares_the_sums_of_what_it_learns(folder, molecules, corrected):
    more = ["--baseline", folder / "half" / "metadata.json"] if corrected else []
    arrays = shared(folder, "sparse_local_kernel_ridge", *more, inducing_atoms=[30])
    np.testing.assert_array_equal(arrays["folds"], molecules.folds)
    expected = molecules.energies * (0.5 if corrected else 1.0)
    np.testing.assert_allclose(arrays["targets"][:, 0], expected, rtol=1e-12)
    grams = [name for name in arrays if "_gram_" in name]
    assert len(grams) == len(np.unique(molecules.folds))
