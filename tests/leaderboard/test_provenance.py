"""Which settings the folds of one entry must share."""

from __future__ import annotations

import pytest

from qm7bench.leaderboard.provenance import differences, settings_of


@pytest.fixture
def fold():
    """What a network's fold may say of itself."""
    return {
        "module": "painn",
        "parameters": {"epochs": 80, "seed": 123},
        "chosen": {},
        "dataset": {"sha256": "a"},
        "feature": {"module": "sorted_coulomb_matrix", "parameters": {}},
        "budget": "full",
    }


def test_what_is_chosen_or_drawn_need_not_agree(fold):
    metrics = {"grid": {"gamma": [1, 2]}, "parameters": {"gamma": 1}}
    one = {**fold, "module": "kernel_ridge", "parameters": {"gamma": 1}, "chosen": {"gamma": 1}}
    other = {**one, "parameters": {"gamma": 2, "seed": 5}, "chosen": {"gamma": 2}}
    assert settings_of(one, metrics) == settings_of(other, metrics)


def test_a_seed_in_the_configuration_must_agree(fold):
    other = {**fold, "parameters": {"epochs": 80, "seed": 7}}
    drawn, given = ({"grid": {}, "parameters": p} for p in ({}, {"seed": 7}))
    assert settings_of(fold, drawn) == settings_of(other, drawn)
    assert settings_of(fold, given) != settings_of(other, given)


def test_a_parameter_that_is_newer_than_a_fold_counts_with_its_default(fold):
    metrics = {"grid": {}, "parameters": {}}
    newer = {**fold, "feature": {**fold["feature"], "parameters": {"norm": "l2"}}}
    assert settings_of(fold, metrics) == settings_of(newer, metrics)
    newer["feature"]["parameters"]["norm"] = "l1"
    told = differences(settings_of(fold, metrics), settings_of(newer, metrics))
    assert told == "feature's norm l2 and not l1"


def test_other_molecules_are_another_making(fold):
    metrics = {"grid": {}, "parameters": {}}
    other = {**fold, "dataset": {"sha256": "b"}}
    told = differences(settings_of(fold, metrics), settings_of(other, metrics))
    assert told == "data set a and not b"


def test_an_ensemble_of_members_made_otherwise_is_another_making(fold):
    metrics = {"grid": {}, "parameters": {}}
    members = [{"row": "radius_graph/painn", "settings": settings_of(fold, metrics)}]
    ensemble = {
        "module": "ensemble",
        "parameters": {"weights": "learned", "inner_folds": [1, 4]},
        "dataset": {"sha256": "a"},
        "members": members,
    }
    neighbours = {**ensemble, "parameters": {"weights": "learned", "inner_folds": [0, 2]}}
    assert settings_of(ensemble, metrics) == settings_of(neighbours, metrics)
    longer = settings_of({**fold, "parameters": {"epochs": 200}}, metrics)
    other = {**ensemble, "members": [{"row": "radius_graph/painn", "settings": longer}]}
    told = differences(settings_of(ensemble, metrics), settings_of(other, metrics))
    assert told == "radius_graph/painn epochs 80 and not 200"
