"""What models have in common that learn from vectors of atoms, beyond an energy per element."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.models.interface import Model
from qm7bench.regression.element_reference import ElementReference

Floats = NDArray[np.float64]


class AtomModel(Model):
    """Learns energies minus a least-squares energy per element, and refuses other elements.

    A model derives from this class, has `linear` as a field, calls `_begin` in `fit` and says by
    `_beyond_reference` what it predicts.
    """

    linear: float
    known_: KnownElements
    reference_: ElementReference

    @abstractmethod
    def _beyond_reference(self, atoms: AtomRepresentations) -> Floats:
        """Energies (n,) in kcal/mol minus those of the elements."""

    def predict(self, atoms: AtomRepresentations) -> Floats:
        """Energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If a molecule has an element that no training molecule has.
        """
        self.known_.refuse_others(atoms, type(self).__name__)
        return self._beyond_reference(atoms) + self.reference_.energies(atoms.compositions)

    def _begin(self, atoms: AtomRepresentations, energies: Floats) -> Floats:
        """Fit the elements' energies; return what they leave of the energies."""
        self._refuse_without_totals(atoms)
        self.known_ = KnownElements.of(atoms)
        self.reference_ = ElementReference().fit(atoms.compositions, energies)
        return energies - self.reference_.energies(atoms.compositions)

    def _refuse_without_totals(self, atoms: AtomRepresentations) -> None:
        if self.linear > 0 and atoms.totals.shape[1] == 0:
            raise ModelError(
                f"{type(self).__name__}: linear is {self.linear}, but the representation has no "
                "totals; leave it out, or take one such as fchl19_extended_huckel"
            )

    def _state(self) -> dict[str, NDArray[Any]]:
        """Arrays of the elements and their energies."""
        return {"reference": self.reference_.coefficients_, **self.known_.state()}

    def _restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take elements and their energies from the arrays of `_state`."""
        self.known_ = KnownElements.from_state(arrays)
        self.reference_ = ElementReference()
        self.reference_.coefficients_ = arrays["reference"]


@dataclass(frozen=True)
class KnownElements:
    """Elements of training molecules.

    Attributes
    ----------
    charges : int64 array
        Nuclear charges of the atoms that have a representation.
    columns : bool array of shape (e,)
        Which columns of the compositions are not zero everywhere: atoms without a representation,
        such as hydrogen, count as well.
    """

    charges: NDArray[np.int64]
    columns: NDArray[np.bool_]

    @classmethod
    def of(cls, atoms: AtomRepresentations) -> KnownElements:
        """Elements of these molecules."""
        return cls(np.unique(atoms.charges), np.asarray(atoms.compositions.any(axis=0)))

    def refuse_others(self, atoms: AtomRepresentations, model: str) -> None:
        """Raise a ModelError, which `model` begins, if a molecule has another element."""
        names = [SYMBOLS[charge] for charge in np.setdiff1d(atoms.charges, self.charges)]
        if not names and atoms.compositions[:, ~self.columns].any():
            names = ["an element without vectors of its own"]
        if names:
            raise ModelError(
                f"{model} was fitted to molecules without {', '.join(names)}; leave such "
                "molecules out or fit it to molecules that have it"
            )

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays for the fitted model."""
        return {"known_charges": self.charges, "known_columns": self.columns}

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]]) -> KnownElements:
        """Inverse of `state`; further arrays are left alone."""
        return cls(arrays["known_charges"], arrays["known_columns"])
