"""Models that cannot be tested on a data set are left out of its runs, and named."""

from __future__ import annotations

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError

CONFIGURATION = """
dataset: mine
datasets: {mine: {file: FILE}}
features: {atom_counts: , eigenspectrum: , radius_graph: }
models:
  ridge: {features: [atom_counts, eigenspectrum], grid: {alpha: [0.1, 1.0]}}
  painn: {features: [radius_graph], budgets: {quick: , full: }}
  painn_pretrained:
    module: painn
    features: [radius_graph]
    pretraining: {dataset: qm9large}
    seeds: [1]
    budgets: {full: }
ensembles:
  plain: {members: ["*/ridge"]}
  mixed: {members: [eigenspectrum/ridge, radius_graph/painn_pretrained]}
"""


@pytest.fixture
def settings():
    """Settings of the configuration above, with changed keys."""

    def of(**changes):
        text = CONFIGURATION.replace("FILE", __file__)
        return load_settings({**yaml.safe_load(text), **changes})

    return of


@pytest.fixture
def error(settings):
    """Line of the error that changed keys make."""

    def of(**changes):
        with pytest.raises(ConfigurationError) as caught:
            settings(**changes)
        return str(caught.value)

    return of


@pytest.mark.parametrize("dataset", ["mine", "qm9", "qm9large"])
def test_what_was_pretrained_on_molecules_that_may_be_tested_is_left_out(settings, dataset):
    found = settings(dataset=dataset)
    assert list(found.models) == ["ridge", "painn"]
    assert list(found.ensembles) == ["plain"]
    reason = f"pretrained on qm9large, which may hold molecules of {dataset}"
    assert found.left_out == {
        "painn_pretrained": reason,
        "painn_pretrained_seed1": reason,
        "mixed": "combines painn_pretrained, which is left out",
    }


@pytest.mark.parametrize("dataset", ["auto", "qm7", "qm9small"])
def test_on_data_sets_without_those_molecules_nothing_is_left_out(settings, dataset):
    found = settings(dataset=dataset)
    assert {"painn_pretrained", "painn_pretrained_seed1"} < set(found.models)
    assert "mixed" in found.ensembles
    assert found.left_out == {}


@pytest.mark.parametrize("budget", ["quick", "none"])
def test_what_a_budget_does_not_run_is_not_said_to_be_left_out(settings, budget):
    assert settings(budget=budget).left_out == {}


def test_what_is_not_asked_for_is_not_said_to_be_left_out(settings):
    assert settings(only=["ridge"]).left_out == {}


def test_a_pattern_that_names_others_too_runs_these(settings):
    found = settings(only=["painn*"])
    assert list(found.models) == ["painn"]
    assert set(found.left_out) == {"painn_pretrained", "painn_pretrained_seed1"}


@pytest.mark.parametrize("name", ["painn_pretrained", "painn_pre*"])
def test_asked_for_by_name_it_is_an_error(error, name):
    assert error(only=["ridge", name]) == (
        "config.yaml: only[1]: painn_pretrained cannot be run: "
        "pretrained on qm9large, which may hold molecules of mine"
    )


def test_an_ensemble_of_it_asked_for_by_name_is_an_error(error):
    assert error(only=["mixed"]).endswith("combines painn_pretrained, which is left out")


def test_a_model_that_the_budget_does_not_have_is_an_error_when_asked_for(error):
    line = error(only=["painn_pretrained"], budget="quick", dataset="qm7")
    assert line.endswith("painn_pretrained cannot be run: budget quick leaves it out")


def test_members_of_an_ensemble_come_with_it_though_not_asked_for(settings):
    found = settings(only=["mixed"], dataset="qm7")
    assert list(found.models) == ["ridge", "painn_pretrained"]


def test_a_model_of_other_folds_than_the_run_is_left_out(settings, error):
    models = yaml.safe_load(CONFIGURATION)["models"]
    models["ridge"]["folds"] = [3]
    reason = "its test folds, 3, are not among those of the run"
    found = settings(models=models, ensembles={}, folds=[0, 1])
    assert "ridge" not in found.models
    assert found.left_out["ridge"] == reason
    assert f"ridge cannot be run: {reason}" in error(
        models=models, ensembles={}, folds=[0, 1], only=["ridge"]
    )
    found = settings(models=models, ensembles={}, folds=[0, 3])
    assert found.folds_of("ridge") == (3,)
    assert found.folds_of("painn") == (0, 3)


def test_an_ensemble_has_no_members_with_folds_of_their_own(error):
    models = yaml.safe_load(CONFIGURATION)["models"]
    models["ridge"]["folds"] = [0]
    assert "ensembles.plain.members: ridge has folds of its own" in error(models=models)


def test_a_kernel_in_parts_has_no_grid(error):
    entry = {"features": ["atom_counts"], "share_kernels": True, "grid": {"alpha": [1e-6]}}
    models = {"large_local_kernel_ridge": entry}
    assert "give fixed parameters instead of a grid" in error(models=models, ensembles={})


@pytest.mark.parametrize(
    ("key", "value"),
    [("grid", {"alpha": [1.0]}), ("distances", ["manhattan"]), ("share_kernels", True)],
)
def test_a_model_of_some_molecules_shares_nothing_that_is_of_all(error, key, value):
    models = yaml.safe_load(CONFIGURATION)["models"]
    models["ridge"] = {"features": ["eigenspectrum"], "training_molecules": 10, key: value}
    told = f"models.ridge.training_molecules: {key} would be of all molecules; leave one out"
    assert told in error(models=models)


def test_learned_weights_need_members_of_all_molecules(error):
    models = yaml.safe_load(CONFIGURATION)["models"]
    models["painn_pretrained"]["training_molecules"] = 10
    told = "ensembles.mixed.members: painn_pretrained learns from some of the training molecules"
    assert told in error(models=models)
