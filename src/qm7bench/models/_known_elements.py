"""The elements that a model of atoms was fitted to, and the refusal of all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations


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
