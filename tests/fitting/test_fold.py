"""One model on one fold: what it writes, and that a kept model predicts the same again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.fitting import job as fitting
from qm7bench.fitting.fold import fit_fold
from qm7bench.fitting.job import Entry, FitInputs
from qm7bench.models.interface import Model
from qm7bench.models.ridge import Ridge
from qm7bench.registry.parameters import Parameter

ENTRY = Entry("mine", "eigenspectrum", "my_ridge", "ridge", {}, {"alpha": [0.1, 1.0]}, seed=5)


@pytest.fixture
def features(small_molecules):
    return Eigenspectrum().compute(small_molecules)["values"]


def fitted(dataset, features, folder, fold=2):
    files = FitFiles(folder / f"fold{fold}")
    inputs = FitInputs(ENTRY, dataset, features, {"dataset": {"name": "x"}})
    return fit_fold(inputs, {"alpha": 0.1}, fold, files), files


def test_predictions_are_those_of_the_test_fold_only(small_molecules, features, tmp_path):
    metrics, files = fitted(small_molecules, features, tmp_path)
    table = read_table(files.predictions)
    test = small_molecules.folds == 2
    np.testing.assert_array_equal(table["id"], small_molecules.ids[test])
    model = Ridge(alpha=0.1).fit(features[~test], small_molecules.energies[~test])
    np.testing.assert_allclose(table["prediction"], model.predict(features[test]), rtol=1e-12)
    errors = table["prediction"] - small_molecules.energies[test]
    assert metrics["mae"] == pytest.approx(np.abs(errors).mean())
    assert metrics["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert metrics["test_molecules"] == test.sum()
    assert metrics["training_molecules"] == (~test).sum()


def test_costs_stand_beside_the_errors(small_molecules, features, tmp_path):
    metrics, files = fitted(small_molecules, features, tmp_path)
    assert metrics["cpu_seconds"] > 0
    assert 10 < metrics["peak_memory_mb"] < 10_000
    assert metrics["number_of_parameters"] == 24
    assert json.loads(files.metrics.read_text()) == json.loads(json.dumps(metrics))


def test_the_fitted_model_says_what_made_it_and_predicts_the_same_again(
    small_molecules, features, tmp_path
):
    _, files = fitted(small_molecules, features, tmp_path)
    description = json.loads(files.model.read_text())
    assert description["module"] == "ridge"
    assert description["parameters"] == {"alpha": 0.1, "standardize": False}
    assert description["chosen"] == {"alpha": 0.1}
    assert description["fold"] == 2
    assert description["dataset"]["name"] == "x"
    assert {"python", "numpy", "scipy"} <= set(description["versions"])
    with np.load(files.arrays, allow_pickle=False) as arrays:
        restored = Ridge(**description["parameters"]).restore(dict(arrays))
    table = read_table(files.predictions)
    again = restored.predict(features[small_molecules.folds == 2])
    np.testing.assert_allclose(again, table["prediction"], atol=1e-9)


def test_test_energies_do_not_change_the_predictions(small_molecules, features, tmp_path):
    _, files = fitted(small_molecules, features, tmp_path / "first")
    altered = np.where(small_molecules.folds == 2, 0.0, small_molecules.energies)
    other = replace(small_molecules, energies=altered)
    _, others = fitted(other, features, tmp_path / "second")
    np.testing.assert_array_equal(
        read_table(files.predictions)["prediction"], read_table(others.predictions)["prediction"]
    )


def test_the_same_fit_writes_the_same_bytes(small_molecules, features, tmp_path):
    first, second = (fitted(small_molecules, features, tmp_path / d)[1] for d in ("a", "b"))
    assert first.predictions.read_bytes() == second.predictions.read_bytes()
    assert first.arrays.read_bytes() == second.arrays.read_bytes()
    assert first.model.read_bytes() == second.model.read_bytes()


@pytest.fixture
def one_thiol(qm9small):
    """Sixty molecules in five folds; one, in fold 2, has an element of its own."""
    part = qm9small[~(qm9small.charges == 9).any(axis=1)][100:1300:20]
    charges = part.charges.copy()
    place = int(np.flatnonzero(part.folds == 2)[3])
    charges[place, 0] = 16
    return replace(part, charges=charges), place


def test_a_molecule_of_an_unknown_element_has_no_prediction_and_spoils_no_other(
    one_thiol, tmp_path
):
    dataset, place = one_thiol
    values = Eigenspectrum().compute(dataset)["values"]
    metrics, files = fitted(dataset, values, tmp_path)
    table = read_table(files.predictions)
    assert dataset.ids[place] == table["id"][np.isnan(table["prediction"])]
    errors = (table["prediction"] - table["energy"])[~np.isnan(table["prediction"])]
    assert (metrics["test_molecules"], metrics["unpredicted"]) == (len(errors) + 1, 1)
    assert metrics["mae"] == pytest.approx(np.abs(errors).mean())
    assert metrics["largest_error"] == pytest.approx(np.abs(errors).max())
    test = dataset.folds == 2
    expected = Ridge(alpha=0.1).fit(values[~test], dataset.energies[~test]).predict(values[test])
    known = np.isfinite(table["prediction"])
    np.testing.assert_allclose(table["prediction"][known], expected[known], atol=1e-9)


def test_a_model_that_can_predict_unknown_elements_is_asked(one_thiol, tmp_path):
    dataset, _ = one_thiol
    entry = Entry("mine", "counts", "mean", "mean_predictor", {}, {}, seed=0)
    inputs = FitInputs(entry, dataset, np.zeros((len(dataset), 1)), {"dataset": {}})
    metrics = fit_fold(inputs, {}, 2, FitFiles(tmp_path))
    assert metrics["unpredicted"] == 0
    assert np.isfinite(read_table(FitFiles(tmp_path).predictions)["prediction"]).all()


def test_the_model_says_which_elements_and_sizes_its_training_molecules_have(one_thiol, tmp_path):
    dataset, _ = one_thiol
    values = Eigenspectrum().compute(dataset)["values"]
    for fold, elements in ((2, [1, 6, 7, 8]), (3, [1, 6, 7, 8, 16])):
        _, files = fitted(dataset, values, tmp_path, fold)
        facts = json.loads(files.model.read_text())["dataset"]
        assert facts["elements"] == elements
        assert facts["largest_molecule"] == dataset.sizes[dataset.folds != fold].max()


def test_a_fold_of_which_nothing_can_be_predicted_has_no_errors(one_thiol, tmp_path):
    dataset, place = one_thiol
    few = dataset[(dataset.folds != 2) | (np.arange(len(dataset)) == place)]
    metrics, files = fitted(few, Eigenspectrum().compute(few)["values"], tmp_path)
    assert (metrics["test_molecules"], metrics["unpredicted"]) == (1, 1)
    assert metrics["mae"] is metrics["rmse"] is metrics["largest_error"] is None
    assert np.isnan(read_table(files.predictions)["prediction"]).all()


def test_predictions_that_are_not_finite_are_counted_as_missing(
    learner, small_molecules, features, tmp_path, monkeypatch
):
    def diverged(self, features):
        return np.where(np.arange(len(features)) < 2, np.inf, -1000.0)

    monkeypatch.setattr(Learner, "predict", diverged)
    files = FitFiles(tmp_path)
    metrics = fit_fold(without_grid(small_molecules, features), {}, 0, files)
    assert metrics["unpredicted"] >= 2
    assert np.isnan(read_table(files.predictions)["prediction"][:2]).all()


def test_a_network_is_not_asked_about_unknown_elements_while_it_trains(
    learner, one_thiol, tmp_path
):
    dataset, place = one_thiol
    values = Eigenspectrum().compute(dataset)["values"]
    fit_fold(without_grid(dataset, values), {}, 2, FitFiles(tmp_path))
    watched = learner[0].watch[1]
    assert len(watched) == (dataset.folds == 2).sum() - 1
    assert dataset.energies[place] not in watched


@pytest.mark.parametrize(("inner", "has_interval"), [(8, False), (9, True)])
def test_an_interval_needs_enough_inner_predictions(
    small_molecules, features, tmp_path, inner, has_interval
):
    inputs = FitInputs(ENTRY, small_molecules, features, {"dataset": {}})
    errors = np.append(np.ones(inner), np.nan)
    metrics = fit_fold(inputs, {"alpha": 0.1}, 0, FitFiles(tmp_path), errors)
    assert ("inner_interval_90" in metrics) == has_interval


def without_grid(dataset, features):
    return FitInputs(replace(ENTRY, grid={}), dataset, features, {"dataset": {"name": "x"}})


@dataclass
class Learner(Model):
    """A model with a seed and epochs, which records what the runner gives it."""

    seed: int = 0
    workspace: object = field(default=None, init=False, repr=False)
    watch: object = field(default=None, init=False, repr=False)
    history: list = field(default_factory=list, init=False, repr=False)

    @property
    def number_of_parameters(self):
        return 1

    def fit(self, features, energies):
        self.workspace.mkdir(parents=True)
        self.history = [
            {"epoch": 1, "training_loss": 0.5, "seconds": 1000.0},
            {"epoch": 2, "training_loss": 0.25, "seconds": 2000.0, "test_mae": 3.0},
        ]
        return self

    def predict(self, features):
        return np.full(len(features), float(self.seed))

    def uncertainty(self, features):
        return np.full(len(features), 0.1)

    def state(self):
        return {"seed": np.array(self.seed)}

    def restore(self, arrays):
        return self


@pytest.fixture
def learner(monkeypatch):
    made = []

    def build(**parameters):
        made.append(Learner(**parameters))
        return made[-1]

    monkeypatch.setattr(fitting, "load", lambda kind, name: build)
    declared = {"seed": Parameter("seed", "int", default=0)}
    monkeypatch.setattr(fitting, "parameters_of", lambda kind, name: declared)
    return made


def test_a_model_with_epochs_gets_a_folder_a_seed_and_molecules_to_watch(
    learner, small_molecules, features, tmp_path
):
    inputs = without_grid(small_molecules, features)
    for fold in (0, 1):
        files = FitFiles(tmp_path / f"fold{fold}")
        fit_fold(inputs, {}, fold, files)
        table = read_table(files.predictions)
        assert (table["uncertainty"] == 0.1).all()
        assert read_table(files.history)["training_loss"].tolist() == [0.5, 0.25]
        np.testing.assert_array_equal(read_table(files.history)["test_mae"], [np.nan, 3.0])
        assert learner[fold].workspace.parent == files.checkpoints
        watched = learner[fold].watch[1]
        np.testing.assert_array_equal(
            watched, small_molecules.energies[small_molecules.folds == fold]
        )
    assert learner[0].seed != learner[1].seed


def test_a_seed_in_the_configuration_is_used_unchanged(
    learner, small_molecules, features, tmp_path
):
    files = FitFiles(tmp_path / "fold0")
    fit_fold(without_grid(small_molecules, features), {"seed": 11}, 0, files)
    assert learner[0].seed == 11


def test_time_spent_before_an_interruption_counts(learner, small_molecules, features, tmp_path):
    files = FitFiles(tmp_path / "fold0")
    metrics = fit_fold(without_grid(small_molecules, features), {}, 0, files)
    assert 1990 < metrics["fit_cpu_seconds"] <= 2000
    assert metrics["cpu_seconds"] > 1990


def test_checkpoints_go_when_the_training_is_done(learner, small_molecules, features, tmp_path):
    files = FitFiles(tmp_path / "fold0")
    fit_fold(without_grid(small_molecules, features), {}, 0, files)
    assert not files.checkpoints.exists()


@pytest.mark.parametrize("edit", ["parameters", "data", "code"])
def test_no_training_is_resumed_after_an_edit(
    learner, small_molecules, features, tmp_path, monkeypatch, edit
):
    inputs = without_grid(small_molecules, features)
    fit_fold(inputs, {}, 0, FitFiles(tmp_path / "a"))
    fit_fold(inputs, {}, 0, FitFiles(tmp_path / "b"))
    if edit == "parameters":
        inputs = replace(inputs, entry=replace(inputs.entry, parameters={"epochs": 3}))
    if edit == "data":
        inputs = replace(inputs, provenance={"dataset": {"name": "y"}})
    if edit == "code":
        edited = tmp_path / "ridge.py"
        edited.write_text("# edited", encoding="utf-8")
        monkeypatch.setattr(fitting, "source_files", lambda module: [str(edited)])
    fit_fold(inputs, {}, 0, FitFiles(tmp_path / "c"))
    first, same, other = (model.workspace.name for model in learner)
    assert first == same != other
