"""What the rules of relaxed molecules ask."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError
from qm7bench.planning.geometry import GeometryPlan

W = SimpleNamespace(dataset="mine")


@pytest.fixture
def plan(config):
    """Make a plan, with changes to the configuration."""

    def make(**changes):
        return GeometryPlan(load_settings({**config, **changes}))

    return make


def test_molecules_are_of_the_first_test_fold(plan):
    assert plan(folds=[3, 1]).fold == 1
    assert plan(geometry={"molecules": 7}, seed=5).molecules == 7
    assert plan(seed=5).seed == 5


def test_entries_are_those_that_match_and_are_run(plan):
    assert plan().names(W) == (
        "atom_counts/mean_predictor eigenspectrum/my_ridge atom_counts/my_ridge"
    )
    asked = {"rows": ["*/my_ridge", "atom_counts/mean_predictor"]}
    assert plan(geometry=asked, only=["my_ridge"]).names(W) == (
        "eigenspectrum/my_ridge atom_counts/my_ridge"
    )


def test_entries_of_the_quick_budget_are_named_without_its_ending(plan, config):
    networks = {"features": ["eigenspectrum"], "budgets": {"quick": {}, "full": {}}}
    models = {**config["models"], "multilayer_perceptron": networks}
    asked = {"rows": ["eigenspectrum/multilayer_perceptron"]}
    found = plan(models=models, geometry=asked, budget="quick")
    assert found.names(W) == "eigenspectrum/multilayer_perceptron-quick"


def test_a_run_without_these_entries_says_so(plan):
    made = plan(geometry={"rows": ["*/my_ridge"]}, only=["mean_predictor"])
    with pytest.raises(ConfigurationError, match=r"geometry.rows: this run has none of these"):
        made.entries()


def test_fitted_models_of_this_fold_are_inputs(plan):
    made = plan(folds=[2, 4], geometry={"rows": ["eigenspectrum/my_ridge"]})
    folder = "results/mine/models/eigenspectrum/my_ridge"
    files = ["metrics.json", "model.json", "model.npz", "predictions.parquet"]
    assert made.fits(W) == [f"{folder}/fold2/{name}" for name in files] + [
        f"{folder}/selection.json"
    ]


def test_source_files_are_those_of_the_entries_and_no_others(plan, config):
    features = {**config["features"], "gfn2_xtb": {"module": "xtb"}}
    made = plan(geometry={"rows": ["atom_counts/mean_predictor"]}, features=features)
    found = " ".join(made.code(W))
    assert "commands/geometry.py" in found
    assert "models/mean_predictor.py" in found
    assert "features/atom_counts.py" in found
    assert "models/ridge.py" not in found
    assert "features/eigenspectrum.py" not in found
    delta = {"module": "ridge", "features": ["eigenspectrum"], "baseline": "gfn2_xtb"}
    models = {**config["models"], "delta": delta}
    made = plan(geometry={"rows": ["*/delta"]}, features=features, models=models)
    assert "features/xtb.py" in " ".join(made.code(W))


def test_entries_with_folds_of_their_own_are_left_out_without_the_fold(plan, config):
    config["models"]["my_ridge"]["folds"] = [1]
    made = plan(models=config["models"], folds=[0, 1])
    assert made.names(W) == "atom_counts/mean_predictor"
