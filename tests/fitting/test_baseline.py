"""Models that learn what a cheaper method lacks: from feature to fit, selection and prediction."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json, write_artefact
from qm7bench.artefacts.parquet import read_table
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset
from qm7bench.errors import ArtefactError
from qm7bench.features.atom_counts import AtomCounts
from qm7bench.features.xtb import Xtb
from qm7bench.fitting.baseline import with_baseline
from qm7bench.fitting.track import also_used, also_used_by_members
from qm7bench.models.linear_regression import LinearRegression
from qm7bench.prediction import FittedModel


@pytest.fixture(scope="module")
def molecules(small_molecules):
    """Of the same elements in every fold, as linear regression predicts no others."""
    return small_molecules[~(small_molecules.charges == 9).any(axis=1)][::3]


@pytest.fixture(scope="module")
def results(molecules, tmp_path_factory):
    """Folder of results with atom counts and tight-binding energies of a hundred molecules."""
    folder = tmp_path_factory.mktemp("results")
    write_dataset(folder / "dataset" / "metadata.json", molecules, {"sha256": "0" * 64})
    for name, module in (("atom_counts", "atom_counts"), ("gfn2_xtb", "xtb")):
        words = ["feature", folder / "dataset" / "metadata.json", "--name", name, "--settings"]
        words += [json.dumps({"module": module, "parameters": {}})]
        words += ["--output", folder / "features" / name / "metadata.json"]
        assert main(list(map(str, words))) == 0
    return folder


def run(results, command, name, settings, *more):
    words = [command, "--dataset", results / "dataset" / "metadata.json"]
    words += ["--feature", results / "features" / "atom_counts" / "metadata.json"]
    words += ["--baseline", results / "features" / "gfn2_xtb" / "metadata.json"]
    words += ["--settings", json.dumps({"grid": {}, "parameters": {}, "seed": 0, **settings})]
    if command != "select":
        words += ["--feature-name", "atom_counts", "--model", name]
    assert main(list(map(str, [*words, *more]))) == 0


def fitted_by_hand(molecules, test):
    """Predictions of linear regression on what the tight-binding energies lack."""
    baseline = Xtb().compute(molecules)["values"][:, 0]
    counts = AtomCounts().compute(molecules)["values"]
    model = LinearRegression().fit(counts[~test], (molecules.energies - baseline)[~test])
    return (model.predict(counts) + baseline)[test]


@pytest.fixture(scope="module")
def fit(results):
    place = results / "models" / "atom_counts" / "delta" / "fold1"
    run(results, "fit", "delta", {"module": "linear_regression"}, "--fold", 1, "--output", place)
    return place


def test_predictions_are_energies_again(fit, molecules):
    test = molecules.folds == 1
    table, metrics = read_table(fit / "predictions.parquet"), read_json(fit / "metrics.json")
    np.testing.assert_allclose(table["prediction"], fitted_by_hand(molecules, test), atol=1e-6)
    np.testing.assert_array_equal(table["energy"], molecules.energies[test])
    assert metrics["mae"] == pytest.approx(np.abs(table["prediction"] - table["energy"]).mean())
    assert also_used(metrics) == "gfn2_xtb"


def test_a_representation_by_a_fitted_method_puts_an_entry_in_its_track(results):
    place = results / "models" / "gfn2_xtb" / "linear" / "fold1"
    words = ["fit", "--dataset", results / "dataset" / "metadata.json", "--fold", 1]
    words += ["--feature", results / "features" / "gfn2_xtb" / "metadata.json", "--settings"]
    words += [json.dumps({"module": "linear_regression", "grid": {}, "parameters": {}, "seed": 0})]
    words += ["--feature-name", "gfn2_xtb", "--model", "linear", "--output", place]
    assert main(list(map(str, words))) == 0
    assert also_used(read_json(place / "metrics.json")) == "gfn2_xtb"


def test_new_molecules_get_the_baseline_too(fit, molecules):
    test = molecules.folds == 1
    found = FittedModel.load(fit).predict(molecules[test])
    np.testing.assert_allclose(found.energies, fitted_by_hand(molecules, test), atol=1e-4)


def test_inner_predictions_are_energies_too(results, molecules):
    settings = {"module": "ridge", "grid": {"alpha": [1e-3, 1.0]}}
    files = [results / name for name in ("s.parquet", "i.parquet", "c.json")]
    named = ["--output", files[0], "--inner", files[1], "--cost", files[2]]
    run(results, "select", "ridge", settings, "--folds", 0, 1, *named)
    table = read_table(files[1])
    energies = molecules.energies[np.searchsorted(molecules.ids, table["id"])]
    assert np.abs(table["prediction"] - energies).mean() < 15
    run(
        results,
        "fit",
        "delta",
        {"module": "linear_regression"},
        *("--fold", 0, "--inner-fold", 1, "--output", results / "without01"),
    )
    inner = read_table(results / "without01" / "inner.parquet")
    energies = molecules.energies[np.searchsorted(molecules.ids, inner["id"])]
    assert np.abs(inner["prediction"] - energies).mean() < 15


def test_a_point_of_a_learning_curve_learns_the_difference(results):
    output = results / "point.json"
    settings = {"module": "linear_regression"}
    more = ("--fold", 0, "--size", 40, "--draw", 0, "--output", output)
    run(results, "curve_point", "delta", settings, *more)
    assert read_json(output)["mae"] < 15
    assert read_json(output)["baseline"]["module"] == "xtb"


def test_a_feature_that_is_no_energy_is_refused(results, molecules):
    with pytest.raises(ArtefactError, match="a baseline is one column in kcal/mol, this feature"):
        with_baseline(molecules, results / "features" / "atom_counts" / "metadata.json")


def test_energies_of_other_molecules_are_refused(results, molecules, tmp_path):
    path = tmp_path / "metadata.json"
    write_artefact(path, {"values": np.zeros((3, 1))}, {"units": "kcal/mol"})
    with pytest.raises(
        ArtefactError, match=f"energies of 3 molecules, where .* has {len(molecules)}"
    ):
        with_baseline(molecules, path)


def test_an_ensemble_knows_what_its_members_know():
    pretrained, delta = {"pretraining": {"dataset": "qm9large"}}, {"baseline": {"name": "gfn2_xtb"}}
    assert also_used_by_members([{}, {}]) == {}
    both = also_used_by_members([pretrained, {}, delta])
    assert both == {"extra_data": "gfn2_xtb, qm9large"}
    assert also_used(both) == "gfn2_xtb, qm9large"
