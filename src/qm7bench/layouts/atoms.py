"""Representations of the atoms of many molecules, end to end in flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ArtefactError


@dataclass(frozen=True)
class ChosenRows:
    """Some rows of a matrix, read when they are asked for.

    Parts of a data set that is larger than the memory are made without copying it.

    Attributes
    ----------
    matrix : float32 or float64 array of shape (M, d)
    rows : int64 array of shape (N,)
    """

    matrix: NDArray[np.floating]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, matrix: NDArray[np.floating] | ChosenRows, rows: NDArray[np.int64]) -> ChosenRows:
        """Choose rows of a matrix, or of some that were chosen before."""
        if isinstance(matrix, ChosenRows):
            return cls(matrix.matrix, matrix.rows[rows])
        return cls(matrix, rows)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def __getitem__(self, chosen: Any) -> NDArray[np.floating]:
        """Read the rows of a slice, an index array or a boolean mask."""
        return np.asarray(self.matrix[self.rows[chosen]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.floating]:
        """Read all rows."""
        return np.asarray(self[:], dtype=dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the matrix that `__array__` reads."""
        return len(self), self.matrix.shape[1]

    def blocks(self, size: int) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Read at most so many rows at a time, each part with where it belongs."""
        for start in range(0, len(self), size):
            own = slice(start, min(start + size, len(self)))
            yield own, np.asarray(self[own], dtype=np.float64)


@dataclass(frozen=True)
class AtomRepresentations:
    """One vector for each atom, molecule after molecule: what local kernels read.

    Attributes
    ----------
    values : float32 or float64 array of shape (N, d), or as many ChosenRows
        Representation of each atom; not every atom of a molecule needs one.
    charges : int64 array of shape (N,)
        Nuclear charges.
    atom_offsets : int64 array of shape (n + 1,)
        Molecule i has the atoms `atom_offsets[i]` to `atom_offsets[i + 1] - 1`.
    compositions : float64 array of shape (n, e)
        Number of atoms of each element in each molecule, those without a representation too.
    matrices : dict of arrays
        What was computed before for all molecules of the data set, such as kernel matrices;
        memory-mapped.
    indices : int64 array of shape (n,)
        Which molecules of the whole data set these are.
    totals : float64 array of shape (n, t)
        Sums over each molecule, which the linear term of a kernel reads; for most representations
        there are none and t is 0.
    positions : float64 array of shape (N, 3)
        In Angstrom, for models with an electronic method of their own; (0, 3) where there are none.
    """

    values: NDArray[np.floating] | ChosenRows
    charges: NDArray[np.int64]
    atom_offsets: NDArray[np.int64]
    compositions: NDArray[np.float64]
    matrices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    indices: NDArray[np.int64] = field(default_factory=lambda: np.arange(0))
    totals: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    positions: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))

    def __post_init__(self) -> None:
        """Fill in the indices of a whole data set, and no totals."""
        if len(self.indices) != len(self):
            object.__setattr__(self, "indices", np.arange(len(self)))
        if len(self.totals) != len(self):
            object.__setattr__(self, "totals", np.empty((len(self), 0)))

    def __len__(self) -> int:
        """Number of molecules."""
        return len(self.atom_offsets) - 1

    def __getitem__(self, molecules: Any) -> AtomRepresentations:
        """Return the molecules of a slice, an index array or a boolean mask, in that order.

        Their vectors stay where they are until they are read.
        """
        chosen = np.arange(len(self))[molecules]
        sizes = np.diff(self.atom_offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        # The atoms of a chosen molecule keep their order: their old number is their new one plus
        # the distance by which the molecule moved.
        moved = np.repeat(self.atom_offsets[chosen] - offsets[:-1], sizes)
        atoms = np.arange(offsets[-1]) + moved
        return AtomRepresentations(
            ChosenRows.of(self.values, atoms),
            self.charges[atoms],
            offsets,
            self.compositions[chosen],
            self.matrices,
            self.indices[chosen],
            self.totals[chosen],
            self.positions[atoms] if len(self.positions) else self.positions,
        )

    def shared(self, other: AtomRepresentations, name: str) -> NDArray[np.float64] | None:
        """Block of a matrix that belongs to these molecules and others, if it was computed before.

        Returns
        -------
        float64 array of shape (n, m) or None
        """
        matrix = self.matrices.get(name)
        if matrix is None or matrix is not other.matrices.get(name):
            return None
        return np.asarray(matrix[np.ix_(self.indices, other.indices)])

    def of_element(self, charge: int) -> NDArray[np.int64]:
        """Indices (N_Z,) of the atoms of one element."""
        return np.flatnonzero(self.charges == charge)

    @property
    def molecules(self) -> NDArray[np.int64]:
        """Index of the molecule of each atom, shape (N,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.atom_offsets))


def from_arrays(arrays: dict[str, NDArray[Any]]) -> AtomRepresentations:
    """Make the container from a feature's arrays; other arrays are ignored.

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
    totals = np.asarray(arrays.get("totals", np.empty((0, 0))), dtype=np.float64)
    positions = np.asarray(arrays.get("positions", np.empty((0, 3))), dtype=np.float64)
    return AtomRepresentations(
        values, charges, offsets, compositions, totals=totals, positions=positions
    )


def with_shared(
    arrays: dict[str, NDArray[Any]], matrices: dict[str, NDArray[Any]]
) -> AtomRepresentations:
    """Make the container from a feature's arrays and what was computed from them before."""
    return replace(from_arrays(arrays), matrices=matrices)
