"""Representations of the atoms of many molecules, end to end in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ArtefactError


@dataclass(frozen=True)
class AtomRepresentations:
    """One vector for each atom, molecule after molecule: what local kernels read.

    Attributes
    ----------
    values : float32 or float64 array of shape (N, d)
        Representation of each atom; not every atom of a molecule needs one.
    charges : int64 array of shape (N,)
        Nuclear charges.
    atom_offsets : int64 array of shape (n + 1,)
        Atoms of molecule i are the rows `atom_offsets[i]` to `atom_offsets[i + 1] - 1`.
    compositions : float64 array of shape (n, e)
        Number of atoms of each element in each molecule, those without a representation too.
    """

    values: NDArray[np.floating]
    charges: NDArray[np.int64]
    atom_offsets: NDArray[np.int64]
    compositions: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of molecules."""
        return len(self.atom_offsets) - 1

    def __getitem__(self, rows: Any) -> AtomRepresentations:
        """Return the molecules of a slice, an index array or a boolean mask, in that order."""
        chosen = np.arange(len(self))[rows]
        sizes = np.diff(self.atom_offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        # The atoms of a chosen molecule keep their order: their old number is their new one plus
        # the distance by which the molecule moved.
        moved = np.repeat(self.atom_offsets[chosen] - offsets[:-1], sizes)
        atoms = np.arange(offsets[-1]) + moved
        return AtomRepresentations(
            self.values[atoms], self.charges[atoms], offsets, self.compositions[chosen]
        )

    @property
    def molecules(self) -> NDArray[np.int64]:
        """Number of the molecule of each atom, shape (N,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.atom_offsets))


def from_arrays(arrays: dict[str, NDArray[Any]]) -> AtomRepresentations:
    """Make the container of a feature's arrays; further arrays are left alone.

    Raises
    ------
    ArtefactError
        If the offsets do not fit the atoms.
    """
    values, charges, offsets = (arrays[k] for k in ("values", "charges", "atom_offsets"))
    compositions = arrays["compositions"]
    fits = len(values) == len(charges) == offsets[-1] and len(compositions) == len(offsets) - 1
    if not fits:
        raise ArtefactError(
            f"atom representations: {len(values)} vectors, {len(charges)} charges and offsets up "
            f"to {int(offsets[-1])} do not fit together; compute the feature again"
        )
    return AtomRepresentations(values, charges, offsets, compositions)
