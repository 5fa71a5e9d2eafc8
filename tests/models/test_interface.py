"""What models and representations must offer, as the Protocols and the page on them say it."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
from dataclasses import dataclass
from typing import Protocol, get_args

import numpy as np
import pytest
from sklearn.base import clone

from qm7bench.features.interface import Feature
from qm7bench.layouts.invariance import Dependence
from qm7bench.models import interface
from qm7bench.models.interface import Model, MoleculesInFolds
from qm7bench.models.ridge import Ridge
from qm7bench.registry.modules import known, load

OPTIONAL = [
    protocol
    for _, protocol in inspect.getmembers(interface, inspect.isclass)
    if Protocol in protocol.__bases__ and protocol is not Model
]


def members(protocol):
    """Public members that a Protocol declares."""
    names = {*vars(protocol), *protocol.__annotations__}
    return sorted(name for name in names if not name.startswith("_"))


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("protocol", [Feature, Model, *OPTIONAL])
def test_the_page_on_the_contract_explains_every_member(page, protocol):
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for member in members(protocol):
        assert any(f"`{member}" in row for row in rows), member


def test_the_page_names_every_optional_protocol_and_every_dependence(page):
    assert len(OPTIONAL) == 11
    for name in [*(protocol.__name__ for protocol in OPTIONAL), *get_args(Dependence)]:
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("name", known("models"))
def test_every_model_meets_the_protocol_and_can_be_cloned(name):
    model = load("models", name)()
    assert isinstance(model, Model)
    parameters = [field.name for field in dataclasses.fields(model) if field.init]
    assert list(model.get_params()) == parameters
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("name", known("features"))
def test_every_representation_meets_the_protocol(name):
    assert isinstance(load("features", name)(), Feature)


def test_an_unknown_parameter_is_an_error_that_lists_the_known():
    with pytest.raises(ValueError, match="Ridge has no parameter 'alfa'; it has: alpha, standard"):
        Ridge().set_params(alfa=1.0)


def test_parameters_can_be_changed_as_scikit_learn_does_it():
    assert Ridge().set_params(alpha=3.0) == Ridge(alpha=3.0)


def test_molecules_in_folds_know_who_is_inside_a_training_set():
    molecules = MoleculesInFolds(None, np.zeros(4), np.array([0, 1, 2, 1]), [(0, 1), (2,)])
    assert molecules.inside((0, 1)).tolist() == [True, True, False, True]
    empty = molecules.unpredicted([{}, {}, {}])
    assert list(empty) == [(0, 1), (2,)]
    assert all(array.shape == (3, 4) and np.isnan(array).all() for array in empty.values())


def test_a_representation_without_a_computation_cannot_be_made():
    @dataclass(frozen=True)
    class Empty(Feature):
        layout = "tabular"

    with pytest.raises(TypeError, match=r"abstract.*compute"):
        Empty()


def test_the_interfaces_import_numpy_alone():
    program = (
        "import sys, qm7bench.models.interface, qm7bench.features.interface;"
        "print(sorted({'torch', 'sklearn', 'scipy', 'ase', 'pandas', 'pyarrow'} & {*sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
