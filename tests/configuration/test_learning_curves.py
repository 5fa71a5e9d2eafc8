"""Learning curves in the configuration: whose, at which sizes and folds, and errors."""

from __future__ import annotations

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError

CONFIGURATION = """
folds: [0, 1, 2]
features: {atom_counts: , eigenspectrum: }
models:
  ridge: {features: [eigenspectrum, atom_counts], grid: {alpha: [0.1, 1.0]}}
  multilayer_perceptron: {features: [eigenspectrum], budgets: {quick: {}, full: {}}}
learning_curves:
  sizes: [200, 100]
  draws: 2
  rows:
    eigenspectrum/multilayer_perceptron: {draws: 1, folds: [2, 4], network_training: equal_epochs}
    eigenspectrum/ridge:
"""
QUICK = {"sizes": [50], "draws": 1, "folds": [1]}


@pytest.fixture
def curves():
    """Make the curves, with changes to the configuration."""

    def of(section=None, **changes):
        config = {**yaml.safe_load(CONFIGURATION), **changes}
        config["learning_curves"] |= section or {}
        return load_settings(config).curves

    return of


@pytest.fixture
def faults(curves):
    """Lines of the error that a section of learning curves makes."""

    def of(section):
        with pytest.raises(ConfigurationError) as caught:
            curves(section)
        return [line.removeprefix("config.yaml: ") for line in str(caught.value).splitlines()]

    return of


def test_an_empty_section_means_no_curves():
    config = {**yaml.safe_load(CONFIGURATION), "learning_curves": None}
    assert load_settings(config).curves == []


def test_rows_have_what_the_section_says_but_for_their_own_keys(curves):
    ridge, perceptron = curves()
    assert ridge.row == "eigenspectrum/ridge"
    assert (ridge.sizes, ridge.draws, ridge.folds) == ([100, 200], 2, [0, 1, 2])
    assert ridge.network_training == "equal_steps"
    assert perceptron.row == "eigenspectrum/multilayer_perceptron"
    # Fold 4 is not run.
    assert (perceptron.sizes, perceptron.draws, perceptron.folds) == ([100, 200], 1, [2])
    assert perceptron.network_training == "equal_epochs"
    assert ridge.points()[:3] == [(0, 100, 0), (0, 100, 1), (0, 200, 0)]
    assert len(ridge.points()) == 12


def test_only_rows_that_are_run_have_curves(curves):
    assert [c.row for c in curves(only=["ridge"])] == ["eigenspectrum/ridge"]
    assert [c.row for c in curves(budget="none")] == ["eigenspectrum/ridge"]


def test_the_quick_budget_has_its_own_curves_and_none_of_networks(curves):
    assert curves(budget="quick") == []
    (ridge,) = curves({"quick": QUICK}, budget="quick")
    assert (ridge.row, ridge.sizes, ridge.draws, ridge.folds) == (
        "eigenspectrum/ridge",
        [50],
        1,
        [1],
    )


def test_without_a_fold_that_is_run_there_is_no_curve(curves):
    assert [c.row for c in curves(folds=[3])] == ["eigenspectrum/ridge"]


def test_without_the_section_there_are_no_curves():
    config = yaml.safe_load(CONFIGURATION)
    del config["learning_curves"]
    assert load_settings(config).curves == []


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ({"sizes": []}, "learning_curves.sizes is []; give a list of at least 1"),
        ({"sizes": [5]}, "learning_curves.sizes[0] is 5; give a number >= 10"),
        ({"sizes": [100.5]}, "learning_curves.sizes[0] is 100.5; give an integer"),
        ({"sizes": [50, 50]}, "learning_curves.sizes is [50, 50]; give each value once"),
        ({"draws": 0}, "learning_curves.draws is 0; give a number >= 1"),
        ({"folds": [5]}, "learning_curves.folds[0] is 5; give a number <= 4"),
        ({"size": [50]}, "unknown key learning_curves.size; did you mean 'sizes'?"),
        (
            {"network_training": "steps"},
            "learning_curves.network_training is 'steps'; give 'equal_steps' or 'equal_epochs'",
        ),
        (
            {"rows": {"eigenspectrum/rigde": None}},
            "learning_curves.rows.eigenspectrum/rigde: no entry is named 'eigenspectrum/rigde'; "
            "did you mean 'eigenspectrum/ridge'?",
        ),
        (
            {"rows": {"ensemble/kernels": None}},
            "learning_curves.rows.ensemble/kernels: an ensemble has no learning curve; name its",
        ),
        (
            {"rows": {"eigenspectrum/ridge": {"draw": 1}}},
            "unknown key learning_curves.rows.eigenspectrum/ridge.draw; did you mean 'draws'?",
        ),
        ({"quick": {"xyz": 1}}, "unknown key learning_curves.quick.xyz; Known: sizes, draws"),
    ],
)
def test_an_error_is_one_line(faults, section, line):
    (found,) = faults(section)
    assert found.startswith(line)
