"""Local kernel ridge regression on an extended Hueckel method fitted to the training molecules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.extended_huckel import HuckelMethod
from qm7bench.chemistry.huckel_constants import Constant, adjusted
from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.layouts.work import Job, Work
from qm7bench.models._huckel_fit import columns_of_regression, fit_constants, vectors_by
from qm7bench.models.interface import ByTrainingSet, Model, MoleculesInFolds, Points
from qm7bench.models.local_kernel_ridge import LocalKernelRidge
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat, PositiveInt

Floats = NDArray[np.float64]

OF_THE_KERNEL = ("kernel", "gamma", "alpha", "linear")
"""Parameters that the kernel ridge regression takes over."""
TABLES = 8
"""Of the regression that the constants are fitted by, which are there at a time, at most."""


@dataclass
class FittedHuckelKernelRidge(Model):
    """`local_kernel_ridge` on the representation's vectors and those of a fitted Hueckel method.

    First the levels, exponents and Wolfsberg and Helmholz's constant of the extended Hueckel method
    are fitted to some of the training molecules, so that a linear regression on the sums of its
    vectors errs least for molecules that it left out (see `_huckel_fit`). Then the vectors that the
    method with these constants gives, times `weight`, stand beside the representation's in a local
    kernel. `linear` times the dot product of the representation's own totals is added.

    `molecules` are those that the constants are fitted to, drawn at random with `seed`, and
    `evaluations` how often that fit computes its error, each time with its derivatives. With less
    than two molecules for each column of the regression (395 for the elements of QM7) the constants
    stay those of the textbooks. The representation is one with positions, such as
    `fchl19_extended_huckel` with `positions: true`.

    References
    ----------
    Those of `local_kernel_ridge` and `extended_huckel`. For least squares, More, in Numerical
    Analysis, Lecture Notes in Mathematics 630, 105 (1978).
    """

    family: ClassVar[str] = "kernel"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge",)

    kernel: Literal["gaussian", "matern"] = "matern"
    gamma: PositiveFloat = 2.0e-3
    alpha: PositiveFloat = 1.0e-8
    linear: NonNegativeFloat = 0.1
    weight: PositiveFloat = 0.5
    molecules: PositiveInt = 1500
    evaluations: PositiveInt = 5
    seed: int = 0

    changes_: Floats = field(init=False, repr=False, compare=False)
    constants_: list[Constant] = field(init=False, repr=False, compare=False)
    _last: tuple[AtomRepresentations, AtomRepresentations] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def fit(self, atoms: AtomRepresentations, energies: Floats) -> FittedHuckelKernelRidge:
        """Fit to n molecules and energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If the representation has no positions, and as `LocalKernelRidge.fit`.
        """
        self._fit_constants(atoms, energies)
        self._last = None
        self.regression_ = self._regression().fit(self._with_electrons(atoms), energies)
        return self

    def predict(self, atoms: AtomRepresentations) -> Floats:
        """Energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If a molecule has an element that no training molecule has.
        """
        self.regression_.known_.refuse_others(atoms, type(self).__name__)
        return self.regression_.predict(self._remembered(atoms))

    def uncertainty(self, atoms: AtomRepresentations) -> Floats:
        """Standard deviation (n,) in kcal/mol, as that of `LocalKernelRidge`."""
        return self.regression_.uncertainty(self._remembered(atoms))

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        places = [(c.charge, c.shell, int(c.is_level)) for c in self.constants_]
        return {
            **self.regression_.state(),
            "huckel_constants": np.array(places, dtype=np.int64),
            "huckel_changes": self.changes_,
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> FittedHuckelKernelRidge:
        """Become the fitted model whose `state` these arrays are."""
        places = arrays["huckel_constants"].tolist()
        self.constants_ = [Constant(charge, shell, bool(level)) for charge, shell, level in places]
        self.changes_, self._last = np.asarray(arrays["huckel_changes"]), None
        self.regression_ = self._regression().restore(arrays)
        return self

    @property
    def number_of_parameters(self) -> int:
        """Those of the kernel ridge regression, and Hueckel's constants."""
        return self.regression_.number_of_parameters + len(self.changes_)

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        Points that differ in the kernel's parameters alone share the fit of the constants.
        """
        result = molecules.unpredicted(points)
        for group in _alike(points):
            for training_set in molecules.training_sets:
                inside = molecules.inside(training_set)
                model = cls(**points[group[0]])
                model._fit_constants(molecules.features[inside], molecules.energies[inside])
                own = replace(
                    molecules,
                    features=model._with_electrons(molecules.features),
                    training_sets=[training_set],
                )
                of_kernel = [cls(**points[i])._kernel_parameters() for i in group]
                found = LocalKernelRidge.cross_validate(of_kernel, own)
                result[training_set][group] = found[training_set]
        return result

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        of_kernel = [cls(**point)._kernel_parameters() for point in points]
        molecules = max(cls(**point).molecules for point in points)
        table = 8 * min(molecules, work.training) * columns_of_regression(len(work.atoms))
        regression = TABLES * table
        return LocalKernelRidge.memory(job, of_kernel, work) + 2 * work.features + regression

    def _kernel_parameters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OF_THE_KERNEL}

    def _regression(self) -> LocalKernelRidge:
        return LocalKernelRidge(**self._kernel_parameters())

    def _fit_constants(self, atoms: AtomRepresentations, energies: Floats) -> None:
        if len(atoms.positions) != len(atoms.charges):
            raise ModelError(
                f"{type(self).__name__}: the representation has no positions; take "
                "fchl19_extended_huckel with `positions: true`"
            )
        self.constants_, self.changes_ = fit_constants(
            atoms,
            energies,
            HuckelMethod(),
            molecules=self.molecules,
            evaluations=self.evaluations,
            seed=self.seed,
        )

    def _remembered(self, atoms: AtomRepresentations) -> AtomRepresentations:
        """Molecules with electrons; the last are kept, as predictions and uncertainties follow."""
        if self._last is None or self._last[0] is not atoms:
            self._last = (atoms, self._with_electrons(atoms))
        return self._last[1]

    def _with_electrons(self, atoms: AtomRepresentations) -> AtomRepresentations:
        """The molecules with the vectors of the fitted method beside the representation's."""
        method = adjusted(HuckelMethod(), self.constants_, self.changes_)
        elements = np.array(sorted({c.charge for c in self.constants_} - {0}))
        electrons = vectors_by(method, atoms, elements)
        electrons *= np.float32(self.weight)
        values = np.concatenate([np.asarray(atoms.values, dtype=np.float32), electrons], axis=1)
        return replace(atoms, values=values, matrices={})


def _alike(points: Points) -> Iterator[list[int]]:
    """Numbers of points that differ in nothing but the kernel's parameters."""
    groups: dict[str, list[int]] = {}
    for number, point in enumerate(points):
        others = {name: value for name, value in point.items() if name not in OF_THE_KERNEL}
        groups.setdefault(json.dumps(others, sort_keys=True), []).append(number)
    yield from groups.values()
