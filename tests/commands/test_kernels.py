"""Kernels and sums that a selection and its fits share, from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_artefact, write_artefact
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset
from qm7bench.fitting import shared_kernels

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


@pytest.fixture
def again(folder, tmp_path):
    """Compute kernels into the same folder, as Snakemake does: without the old metadata.

    Returns the arrays and what was written anew.
    """
    output = tmp_path / "kernels" / "metadata.json"

    def run(module, parameters=None, baseline=False, **grid):
        before = {path.name: path.stat().st_ino for path in output.parent.glob("*.npy")}
        output.unlink(missing_ok=True)
        settings = {"module": module, "parameters": parameters or {}, "grid": grid}
        words = ["kernels", folder / "fchl19" / "metadata.json", "--settings", json.dumps(settings)]
        words += ["--dataset", folder / "dataset.json", "--output", output]
        words += ["--baseline", folder / "half" / "metadata.json"] if baseline else []
        assert main(list(map(str, words))) == 0
        files = {path.name: path.stat().st_ino for path in output.parent.glob("*.npy")}
        new = {name.removesuffix(".npy") for name, i in files.items() if before.get(name) != i}
        arrays = read_artefact(output).arrays
        assert set(arrays) == {name.removesuffix(".npy") for name in files}
        return arrays, new, json.loads(output.with_name("cost.json").read_text())

    return run


def matrices(names):
    return {name for name in names if name.startswith(("gaussian", "matern"))}


def test_one_more_width_computes_one_more_matrix(again, folder):
    _, new, cost = again("local_kernel_ridge", gamma=[0.1, 0.3])
    assert matrices(new) == {"gaussian_0.1", "gaussian_0.3"}
    more, new, whole = again("local_kernel_ridge", gamma=[0.2, 0.3])
    assert matrices(new) == {"gaussian_0.2"}
    assert matrices(more) == {"gaussian_0.2", "gaussian_0.3"}
    assert whole["cpu_seconds"] > cost["cpu_seconds"]
    assert whole["peak_memory_mb"] >= cost["peak_memory_mb"]
    at_once = shared(folder, "local_kernel_ridge", gamma=[0.2, 0.3])
    for name in ("gaussian_0.2", "gaussian_0.3"):
        np.testing.assert_allclose(more[name], at_once[name], rtol=1e-13)
    alone, *_ = again("local_kernel_ridge", {"kernel": "matern"}, gamma=[0.3])
    assert matrices(alone) == {"matern_0.3"}


def test_a_larger_width_changes_the_axes_and_so_all_matrices(again, folder):
    again("local_kernel_ridge", gamma=[0.1])
    grown, new, _ = again("local_kernel_ridge", gamma=[0.1, 0.3])
    assert matrices(new) == {"gaussian_0.1", "gaussian_0.3"}
    at_once = shared(folder, "local_kernel_ridge", gamma=[0.1, 0.3])
    np.testing.assert_allclose(grown["gaussian_0.1"], at_once["gaussian_0.1"], rtol=1e-12)


def test_more_inducing_atoms_leave_the_sums_of_fewer(again):
    again("sparse_local_kernel_ridge", inducing_atoms=[20])
    arrays, new, _ = again("sparse_local_kernel_ridge", inducing_atoms=[20, 30])
    grams = {name for name in arrays if "_gram_" in name}
    assert len(grams & new) == len(grams - new) == 5


def test_other_energies_make_other_sums(again):
    arrays, *_ = again("sparse_local_kernel_ridge", inducing_atoms=[20])
    _, new, _ = again("sparse_local_kernel_ridge", baseline=True, inducing_atoms=[20])
    assert new == set(arrays)


@pytest.mark.parametrize("fault", ["damaged", "gone", "other code", "no record"])
def test_what_cannot_be_trusted_is_computed_again(again, tmp_path, fault, monkeypatch):
    again("local_kernel_ridge", gamma=[0.1, 0.2])
    folder = tmp_path / "kernels"
    if fault == "damaged":
        (folder / "gaussian_0.1.npy").write_bytes(b"nothing")
    elif fault == "gone":
        (folder / "gaussian_0.1.npy").unlink()
    elif fault == "no record":
        (folder / "cost.json").unlink()
    else:
        monkeypatch.setattr(shared_kernels, "versions", lambda: {"numpy": "another"})
    arrays, new, _ = again("local_kernel_ridge", gamma=[0.1, 0.2])
    some = fault in ("damaged", "gone")
    assert matrices(new) == {"gaussian_0.1"} if some else matrices(new) == matrices(arrays)
    assert np.isfinite(arrays["gaussian_0.1"]).all()
