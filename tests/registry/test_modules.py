"""Features and models by name."""

from __future__ import annotations

import dataclasses

import pytest

from qm7bench.errors import ConfigurationError
from qm7bench.registry.modules import PACKAGE, known, load, module_name, parameters_of

KINDS = ("features", "models")
ALL = [(kind, name) for kind in KINDS for name in known(kind)]


def test_every_classical_feature_and_model_is_known():
    assert set(known("features")) >= {
        "atom_counts",
        "eigenspectrum",
        "sorted_coulomb_matrix",
        "columns_sorted_coulomb_matrix",
        "random_coulomb_matrix",
    }
    assert set(known("models")) >= {"mean_predictor", "ridge", "kernel_ridge"}


def test_helper_modules_are_no_features():
    assert (PACKAGE / "features" / "_chunks.py").is_file()
    assert "_chunks" not in known("features")


def test_names_are_sorted():
    for kind in KINDS:
        assert list(known(kind)) == sorted(known(kind))


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_declared_parameters_accept_their_own_defaults(kind, name):
    for parameter in parameters_of(kind, name).values():
        assert parameter.required or parameter.accepts(parameter.default)


@pytest.mark.parametrize("name", known("features"))
def test_a_feature_is_a_frozen_dataclass_with_the_declared_parameters(name):
    feature = load("features", name)
    assert feature.__module__ == module_name("features", name)
    fields = {f.name: f.default for f in dataclasses.fields(feature) if f.init}
    declared = {n: p.default for n, p in parameters_of("features", name).items()}
    assert fields == declared
    with pytest.raises(dataclasses.FrozenInstanceError):
        feature().anything = 1
    assert feature.layout in ("tabular", "graphs", "atoms")
    assert feature.units


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_name_is_an_error_that_lists_the_known(kind):
    with pytest.raises(ConfigurationError, match=f"unknown {kind[:-1]} 'nothing'; known: "):
        load(kind, "nothing")
