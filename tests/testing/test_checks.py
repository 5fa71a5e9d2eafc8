"""The conformance suite itself: each check fails for the fault that it is there to find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.features.atom_counts import AtomCounts
from qm7bench.features.fchl19 import Fchl19
from qm7bench.features.interface import Feature
from qm7bench.layouts.loading import wrap
from qm7bench.models.interface import Model
from qm7bench.models.ridge import Ridge
from qm7bench.models.sparse_local_kernel_ridge import SparseLocalKernelRidge
from qm7bench.testing import features as feature_checks
from qm7bench.testing import models as model_checks
from qm7bench.testing.features import check_feature
from qm7bench.testing.memory import shares_what_it_says
from qm7bench.testing.models import Candidate, check_model
from qm7bench.testing.molecules import (
    reordered,
    rotated,
    symmetric_molecules,
    training_molecules,
    translated,
)


@dataclass(frozen=True)
class Sums(Feature):
    """Sums of charges, with one fault."""

    layout: ClassVar[str] = "tabular"
    units: ClassVar[str] = "none"
    fault: str = ""

    def compute(self, dataset):
        charges = dataset.charges.astype(float)
        values = np.stack([charges.sum(axis=1), (charges**2).sum(axis=1)], axis=1)
        if self.fault == "order":
            values[:, 1] = charges[:, 0]
        elif self.fault == "rotation":
            values[:, 1] = np.ptp(dataset.positions[:, :, 0], axis=1)
        elif self.fault == "translation":
            values[:, 1] = np.linalg.norm(dataset.positions, axis=2).max(axis=1)
        elif self.fault == "padding":
            values[:, 1] = charges.mean(axis=1)
        elif self.fault == "others":
            values -= values.mean(axis=0)
        elif self.fault == "random":
            values += np.random.default_rng().normal(size=values.shape)
        elif self.fault == "not a number":
            values[0] = np.nan
        elif self.fault == "writes":
            dataset.positions[:] = 0.0
        elif self.fault == "KeyError" and 16 in dataset.charges:
            raise KeyError(16)
        elif self.fault == "too few":
            values = values[1:]
        return {"values": values}


@dataclass
class Thawed(Feature):
    """Not frozen."""

    layout: ClassVar[str] = "tabular"
    units: ClassVar[str] = "none"

    def compute(self, dataset):
        return Sums().compute(dataset)


@dataclass(frozen=True)
class Unknown(Sums):
    """Of a layout that nobody reads."""

    layout: ClassVar[str] = "voxels"


FEATURE_FAULTS = {
    "order": feature_checks.is_invariant,
    "rotation": feature_checks.is_invariant,
    "translation": feature_checks.is_invariant,
    "padding": feature_checks.is_invariant,
    "others": feature_checks.gives_one_molecule_what_it_gives_many,
    "random": feature_checks.gives_numbers_for_every_molecule,
    "not a number": feature_checks.gives_numbers_for_every_molecule,
    "too few": feature_checks.gives_numbers_for_every_molecule,
    "writes": feature_checks.leaves_its_input_alone,
    "KeyError": feature_checks.survives_what_it_has_not_seen,
}


def test_a_sound_representation_passes():
    check_feature(Sums())


@pytest.mark.parametrize(("fault", "check"), FEATURE_FAULTS.items())
def test_a_faulty_representation_fails_the_check_for_its_fault(fault, check):
    with pytest.raises(AssertionError, match="Sums"):
        check(Sums(fault))


def test_what_a_representation_declares_is_left_out():
    @dataclass(frozen=True)
    class Declared(Sums):
        @property
        def depends_on(self):
            return frozenset({"order"})

    feature_checks.is_invariant(Declared("order"))
    with pytest.raises(AssertionError, match="after a change of rotation"):
        feature_checks.is_invariant(Declared("rotation"))


@pytest.mark.parametrize(
    ("feature", "message"), [(Unknown(), "'voxels', not known"), (Thawed(), "not frozen")]
)
def test_declarations_are_checked(feature, message):
    with pytest.raises(AssertionError, match=message):
        feature_checks.declares_what_the_protocol_asks_for(feature)


@dataclass
class Line(Ridge):
    """Ridge regression, with one fault."""

    fault: str = ""
    memory: list[Any] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self):
        if self.fault == "stored modified":
            self.alpha = float(self.alpha) + 1e-9

    def fit(self, features, energies):
        super().fit(features, energies)
        if self.fault == "random":
            self.fit_.weights += np.random.default_rng().normal(size=self.fit_.weights.shape)
        if self.fault == "writes":
            features[:] = 0.0
        return Ridge() if self.fault == "returns another" else self

    def predict(self, features):
        found = super().predict(features)
        if self.fault == "others":
            found = found - found.mean()
        if self.fault == "KeyError" and features[:, 15].any():
            raise KeyError(16)
        if self.fault == "refuses silently" and features[:, 15].any():
            raise ModelError("cannot")
        if self.fault == "lonely" and len(features) == 1:
            raise IndexError("no edges")
        return found[:-1] if self.fault == "too few" else found

    def state(self):
        arrays = super().state()
        if self.fault == "objects":
            arrays["extra"] = np.array([{}], dtype=object)
        if self.fault == "forgets":
            arrays["weights"] = np.zeros_like(arrays["weights"])
        return arrays

    def uncertainty(self, features):
        return np.full(len(features), -1.0 if self.fault == "negative" else 1.0)


MODEL_FAULTS = {
    "stored modified": model_checks.stores_its_parameters,
    "random": model_checks.fits_and_predicts,
    "writes": model_checks.fits_and_predicts,
    "returns another": model_checks.fits_and_predicts,
    "too few": model_checks.fits_and_predicts,
    "objects": model_checks.survives_as_arrays,
    "forgets": model_checks.survives_as_arrays,
    "others": model_checks.predicts_one_molecule_as_many,
    "KeyError": model_checks.handles_an_element_that_it_never_saw,
    "refuses silently": model_checks.handles_an_element_that_it_never_saw,
    "lonely": model_checks.handles_atoms_without_neighbours,
    "negative": model_checks.keeps_to_the_optional_protocols,
}


def line(fault="", feature=None):
    return Candidate(Line, {"alpha": 1.0, "fault": fault}, feature or AtomCounts())


def test_a_sound_model_passes():
    check_model(line())


@pytest.mark.parametrize(("fault", "check"), MODEL_FAULTS.items())
def test_a_faulty_model_fails_the_check_for_its_fault(fault, check):
    with pytest.raises((AssertionError, ValueError), match=r"Line|pickle|Object"):
        check(line(fault))


def test_energies_that_depend_on_the_orientation_are_found():
    with pytest.raises(AssertionError, match="after a change of rotation"):
        model_checks.predicts_copies_alike(line(feature=Sums("rotation")))


def test_a_model_that_says_it_knows_new_elements_may_not_refuse_them():
    @dataclass
    class Boastful(Line):
        predicts_unknown_elements: ClassVar[bool] = True

    candidate = Candidate(Boastful, {"fault": "refuses silently"}, AtomCounts())
    with pytest.raises(AssertionError, match="which it says it predicts"):
        model_checks.handles_an_element_that_it_never_saw(candidate)


@dataclass
class Understated(SparseLocalKernelRidge):
    """Tells less than its sums take on the disk."""

    @classmethod
    def disk(cls, points, work):
        return 0


@dataclass
class Untold(Line):
    """Tells the memory of its jobs, and shares a matrix, but not what that takes."""

    memory = SparseLocalKernelRidge.memory

    @classmethod
    def shared_arrays(cls, points, features, known):
        return {"matrix": np.zeros((len(features), len(features)))}


@dataclass
class Empty(Line):
    """Shares nothing after all."""

    @classmethod
    def shared_arrays(cls, points, features, known):
        return {}


@pytest.mark.parametrize(
    ("model", "parameters", "feature", "message"),
    [
        (Understated, {"inducing_atoms": 5000}, Fchl19(two_body_cutoff=3.0), "disk tells 0 bytes"),
        (Untold, {}, AtomCounts(), "not by `disk`"),
        (Empty, {}, AtomCounts(), "shares no arrays"),
    ],
)
def test_what_is_shared_takes_no_more_disk_than_told(model, parameters, feature, message):
    with pytest.raises(AssertionError, match=message):
        shares_what_it_says(Candidate(model, parameters, feature))


def test_a_change_of_the_vectors_of_atoms_is_seen(small_molecules):
    atoms = wrap("atoms", Fchl19(two_body_cutoff=3.0).compute(small_molecules[:5]))
    part = atoms[[1, 3]]
    before = model_checks._bytes_of(part)
    atoms.values[:] = 0.0
    assert model_checks._bytes_of(part) != before


def test_a_class_without_a_required_member_cannot_be_made():
    @dataclass
    class Half(Model):
        def fit(self, features, energies):
            return self

    with pytest.raises(TypeError, match=r"abstract.*predict"):
        Half()


def test_copies_are_the_same_molecules(rng):
    for dataset in (training_molecules(), symmetric_molecules()):
        apart = np.linalg.norm(
            dataset.positions[:, :, None] - dataset.positions[:, None], axis=3
        ).max(axis=(1, 2))
        for change in (rotated, translated, reordered):
            copy = change(dataset, rng)
            assert not np.allclose(copy.positions, dataset.positions)
            real = copy.charges > 0
            assert np.array_equal(np.sort(copy.charges), np.sort(dataset.charges))
            assert (copy.positions[~real] == 0).all()
            if change is not translated:
                spans = np.linalg.norm(
                    copy.positions[:, :, None] - copy.positions[:, None], axis=3
                ).max(axis=(1, 2))
                np.testing.assert_allclose(spans, apart, rtol=1e-9)
