"""Budgets: what the quick, the full and no budget run of a configuration."""

from __future__ import annotations

import pytest

from qm7bench.configuration.settings import load_settings


@pytest.mark.parametrize(
    ("budget", "folds"), [("quick", (0, 3)), ("full", (1, 2)), ("none", (1, 2))]
)
def test_the_quick_budget_can_have_folds_of_its_own(config, budget, folds):
    given = {**config, "folds": [2, 1], "quick_folds": [3, 0], "budget": budget}
    assert load_settings(given).folds == folds


def test_without_folds_of_its_own_the_quick_budget_has_those_of_the_others(config):
    assert load_settings({**config, "folds": [2], "budget": "quick"}).folds == (2,)


def test_budget_none_leaves_out_models_with_budgets(config):
    config["models"]["my_ridge"]["budgets"] = {"quick": {}, "full": {}}
    settings = load_settings({**config, "budget": "none"})
    assert settings.entries() == [("atom_counts", "mean_predictor")]


@pytest.fixture
def budgeted(config):
    """Settings of a ridge whose quick budget has a smaller grid and standardizes."""

    def of(budget):
        config["models"]["my_ridge"]["budgets"] = {
            "quick": {"grid": {"alpha": [1.0]}, "parameters": {"standardize": True}}
        }
        return load_settings({**config, "budget": budget})

    return of


def test_a_quick_budget_replaces_parameters_and_grid_key_by_key(budgeted):
    model = budgeted("quick").models["my_ridge-quick"]
    assert model.grid == {"alpha": [1.0]}
    assert model.parameters == {"standardize": True}
    assert model.budget == "quick"


def test_the_full_budget_leaves_what_stands_above_and_the_name_alone(budgeted):
    model = budgeted("full").models["my_ridge"]
    assert model.grid == {"alpha": [0.1, 1.0]}
    assert model.parameters == {}
    assert model.budget == "full"


def test_a_model_without_budgets_is_the_same_in_both(budgeted):
    quick, full = (budgeted(b).models["mean_predictor"] for b in ("quick", "full"))
    assert quick == full
    assert quick.canonical(0) == full.canonical(0)
