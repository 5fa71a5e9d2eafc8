"""Ensembles and seeds in the configuration: which rows they are, and one line for each error."""

from __future__ import annotations

import copy

import pytest
import yaml

from qm7bench.configuration.sections import FOLDS
from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError

CONFIG = """
features: {atom_counts: , eigenspectrum: , radius_graph: }
models:
  mean_predictor: {features: [atom_counts]}
  ridge: {features: [atom_counts, eigenspectrum], grid: {alpha: [0.1, 1.0]}}
  painn: {features: [radius_graph], budgets: {quick: {parameters: {epochs: 1}}, full: {}}}
ensembles:
  simple: {members: [eigenspectrum/ridge, atom_counts/mean_predictor], weights: equal}
  mixed: {members: [eigenspectrum/ridge, radius_graph/painn], inner_pairs: ring}
"""


@pytest.fixture
def settings():
    """Settings of the configuration above with changed keys."""

    def of(change=lambda config: None, **keys):
        config = {**yaml.safe_load(CONFIG), **keys}
        change(config)
        return load_settings(config)

    return of


@pytest.fixture
def faults(settings):
    """Lines of the error that changed keys make."""

    def of(change):
        with pytest.raises(ConfigurationError) as caught:
            settings(change)
        return [line.removeprefix("config.yaml: ") for line in str(caught.value).splitlines()]

    return of


def test_ensembles_are_rows_with_ensemble_for_their_feature(settings):
    assert settings().ensemble_entries() == [("ensemble", "simple"), ("ensemble", "mixed")]


def test_an_ensemble_learns_its_weights_from_all_pairs_by_default(settings):
    found = settings(ensembles={"mine": {"members": ["*/ridge"]}}).ensembles["mine"]
    assert (found.weights, found.inner_pairs) == ("learned", "all")
    assert found.members == (("atom_counts", "ridge"), ("eigenspectrum", "ridge"))


@pytest.mark.parametrize(
    ("entry", "folds"),
    [
        ({}, {0: (1, 2, 3, 4), 2: (0, 1, 3, 4)}),
        ({"inner_pairs": "ring"}, {0: (1, 4), 2: (1, 3), 4: (0, 3)}),
        ({"weights": "equal"}, {0: (), 2: ()}),
    ],
)
def test_inner_folds_are_all_others_the_two_neighbours_or_none(settings, entry, folds):
    ensembles = {"mine": {"members": ["*/ridge"], **entry}}
    found = settings(ensembles=ensembles).ensembles["mine"]
    assert {fold: found.inner_folds(fold) for fold in folds} == folds


def test_a_ring_needs_five_pairs_and_all_need_ten(settings):
    for inner_pairs, number in (("ring", 5), ("all", 10)):
        entry = {"members": ["*/ridge"], "inner_pairs": inner_pairs}
        found = settings(ensembles={"mine": entry}).ensembles["mine"]
        pairs = {tuple(sorted((k, j))) for k in FOLDS for j in found.inner_folds(k)}
        assert len(pairs) == number


def test_a_member_with_a_budget_is_named_without_it(settings):
    quick = settings(budget="quick").ensembles
    assert quick["mixed-quick"].members[1] == ("radius_graph", "painn-quick")
    assert settings(budget="full").ensembles["mixed"].members[1] == ("radius_graph", "painn")
    assert quick["simple"] == settings(budget="full").ensembles["simple"]


def test_budget_none_leaves_out_ensembles_of_models_with_budgets(settings):
    assert list(settings(budget="none").ensembles) == ["simple"]


def test_an_ensemble_asked_for_brings_its_members_and_no_other_row(settings):
    found = settings(only=["mixed"])
    assert found.ensemble_entries() == [("ensemble", "mixed")]
    assert found.entries() == [("eigenspectrum", "ridge"), ("radius_graph", "painn")]


def test_a_member_asked_for_does_not_bring_its_ensemble(settings):
    found = settings(only=["ridge"])
    assert found.ensemble_entries() == []
    assert found.entries() == [("atom_counts", "ridge"), ("eigenspectrum", "ridge")]


def test_seeds_are_further_rows_that_differ_in_their_name_only(settings):
    found = settings(lambda c: c["models"]["painn"].update(seeds=[1, 7])).models
    assert list(found) == ["mean_predictor", "ridge", "painn", "painn_seed1", "painn_seed7"]
    texts = {found[name].canonical(0) for name in ("painn", "painn_seed1", "painn_seed7")}
    assert len(texts) == 1


def test_a_pattern_takes_all_seeds_as_members(settings):
    def change(config):
        config["models"]["painn"]["seeds"] = [1, 2]
        config["ensembles"] = {"painns": {"members": ["radius_graph/painn*"], "weights": "equal"}}

    names = ["painn-quick", "painn_seed1-quick", "painn_seed2-quick"]
    found = settings(change, budget="quick").ensembles["painns-quick"]
    assert found.members == tuple(("radius_graph", name) for name in names)


def test_a_row_that_two_patterns_name_is_one_member(settings):
    entry = {"members": ["*/ridge", "eigenspectrum/*"]}
    found = settings(ensembles={"mine": entry}).ensembles["mine"]
    assert found.members == (("atom_counts", "ridge"), ("eigenspectrum", "ridge"))


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        (
            "ensembles.simple.members",
            ["eigenspectrum/rigde", "atom_counts/ridge"],
            "ensembles.simple.members[0]: no entry is named 'eigenspectrum/rigde'; did you mean "
            "'eigenspectrum/ridge'? Known: atom_counts/mean_predictor, atom_counts/ridge, ",
        ),
        (
            "ensembles.simple.members",
            ["atom_counts/ridge", "radius_graph/painn-quick"],
            "members[1]: no entry is named 'radius_graph/painn-quick'; did you mean 'radius_",
        ),
        (
            "ensembles.simple.members",
            ["atom_counts/ridge", "ensemble/mixed"],
            "members[1]: no entry is named 'ensemble/mixed'; Known: ",
        ),
        (
            "ensembles.simple.members",
            ["eigenspectrum/ridge"],
            "ensembles.simple.members is ['eigenspectrum/ridge'], one entry only; give two or more",
        ),
        (
            "ensembles.simple.members",
            [],
            "ensembles.simple.members is []; give a list of at least 1",
        ),
        (
            "ensembles.simple.inner_pairs",
            "ring",
            "ensembles.simple.inner_pairs has no effect where weights are equal; leave it out",
        ),
        (
            "ensembles.simple.weights",
            "best",
            "ensembles.simple.weights is 'best'; give 'learned' or 'equal'",
        ),
        (
            "ensembles.simple.weight",
            "equal",
            "unknown key ensembles.simple.weight; did you mean 'weights'?",
        ),
        ("ensembles.mine", {}, "ensembles.mine lacks the key 'members'"),
        (
            "ensembles.ridge",
            {"members": ["*/ridge"]},
            "ensembles.ridge: the name is taken by a model; choose another",
        ),
        (
            "features.ensemble",
            {"module": "eigenspectrum"},
            "features.ensemble: the name stands for ensembles; choose another",
        ),
        (
            "models.ridge.seeds",
            [1],
            "models.ridge.seeds: ridge draws no random numbers; leave it out",
        ),
        ("models.painn.seeds", [-1], "models.painn.seeds[0] is -1; give a number >= 0"),
        (
            "models.painn_seed1",
            {"module": "painn", "features": ["radius_graph"]},
            "models.painn.seeds: there is a model painn_seed1 already; rename it",
        ),
        (
            "models.painn.parameters",
            {"seed": 3},
            "models.painn.seeds: parameters.seed makes them all alike; leave one of them out",
        ),
        ("only", ["mixt"], "only[0]: no model is named 'mixt'; did you mean 'mixed'? Known: mean"),
    ],
)
def test_an_error_is_one_line_with_key_value_and_what_is_allowed(faults, place, value, line):
    def change(config):
        if place.startswith("models.painn") and place != "models.painn.seeds":
            config["models"]["painn"]["seeds"] = [1]
        *way, last = place.split(".")
        found = config
        for part in way:
            found = found[part]
        found[last] = copy.deepcopy(value)

    (found,) = faults(change)
    assert line in found
