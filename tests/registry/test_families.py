"""Every model says of what family it is."""

from __future__ import annotations

import pytest

from qm7bench.registry import members
from qm7bench.registry.families import family_of
from qm7bench.registry.modules import known, load


@pytest.mark.parametrize(
    ("module", "family"),
    [
        ("kernel_ridge", "kernel"),
        ("painn", "network"),
        ("ridge", "linear"),
        ("k_nearest_neighbours", "neighbours"),
        ("mean_predictor", "mean"),
        ("ensemble", "ensemble"),
        ("a_model_that_was_removed", "other"),
    ],
)
def test_the_family_of_a_model(module, family):
    assert family_of(module) == family


@pytest.mark.parametrize("module", known("models"))
def test_the_family_is_the_member_of_the_class(module):
    assert family_of(module) == load("models", module).family


def test_a_model_that_names_no_family_is_among_the_others(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "my_model.py").write_text("class MyModel:\n    depth: int = 3\n")
    monkeypatch.setattr(members, "PACKAGE", tmp_path)
    assert family_of("my_model") == "other"
