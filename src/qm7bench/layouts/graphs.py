"""Molecules as graphs in flat arrays: all atoms, edges and triplets of all molecules, end to end.

A ragged array is a flat array and its offsets: molecule m owns the entries from offsets[m] up to
offsets[m + 1]. Flat arrays can be memory-mapped and cut into minibatches without a loop over
molecules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError

Offsets = NDArray[np.int64]


def entries_of(offsets: Offsets, molecules: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in the flat array of all entries of the given molecules, in the order given."""
    starts = offsets[molecules]
    lengths = offsets[molecules + 1] - starts
    shifts = starts - offsets_of(lengths)[:-1]
    return np.repeat(shifts, lengths) + np.arange(lengths.sum())


def sums_by_element(
    values: NDArray[Any],
    charges: NDArray[np.int64],
    offsets: Offsets,
    elements: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Sum values (N, d) over the atoms of each of e elements of a molecule: (n, e * d)."""
    sums = []
    for charge in elements:
        own = np.where((charges == charge)[:, None], values, 0.0).astype(np.float64)
        sums.append(np.add.reduceat(own, offsets[:-1], axis=0))
    return np.concatenate(sums, axis=1)


def offsets_of(lengths: NDArray[np.int64]) -> Offsets:
    """Offsets of a ragged array whose molecules own that many entries: (n + 1,), from 0."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@dataclass(frozen=True)
class MoleculeGraphs:
    """Directed graphs of n molecules with N atoms, E edges and, optionally, T triplets in all.

    Parameters
    ----------
    charges : int64 array of shape (N,)
        Nuclear charges; 0 marks padding atoms that a feature was asked to keep.
    positions : float32 array of shape (N, 3)
        Angstrom.
    atom_offsets : int64 array of shape (n + 1,)
    sources, targets : int32 arrays of shape (E,)
        Atom numbers within the molecule; a message runs from source to target. Edges are sorted by
        target.
    edge_offsets : int64 array of shape (n + 1,)
    distances : float32 array of shape (E,)
        Angstrom.
    coulomb : float32 array of shape (E,), optional
        Size of the Coulomb force between both nuclei, in atomic units.
    triplet_in, triplet_out : int32 arrays of shape (T,), optional
        Numbers within the molecule of the edges k -> j and j -> i with k != i, sorted by
        `triplet_out`.
    angles : float32 array of shape (T,), optional
        Angle in radians between the directions of both edges: 0 where k, j, i lie on a line in
        that order, so pi minus the bond angle at j.
    triplet_offsets : int64 array of shape (n + 1,), optional
    cutoff : float64 array of shape (1,), optional
        Radius in Angstrom within which all atoms are joined, for graphs made that way.
    descriptors : float32 array of shape (N, d), optional
        Further numbers for each atom, such as its populations.
    """

    charges: NDArray[np.int64]
    positions: NDArray[np.float32]
    atom_offsets: Offsets
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    edge_offsets: Offsets
    distances: NDArray[np.float32]
    coulomb: NDArray[np.float32] | None = None
    triplet_in: NDArray[np.int32] | None = None
    triplet_out: NDArray[np.int32] | None = None
    angles: NDArray[np.float32] | None = None
    triplet_offsets: Offsets | None = None
    cutoff: NDArray[np.float64] | None = None
    descriptors: NDArray[np.float32] | None = None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> MoleculeGraphs:
        """Graphs from the arrays of a feature with layout "graphs"; nothing is copied.

        Raises
        ------
        ModelError
            If the arrays are not those of graphs.
        """
        names = {field.name for field in fields(cls)}
        try:
            return cls(**{name: array for name, array in arrays.items() if name in names})
        except TypeError as error:
            found = ", ".join(arrays) or "no array"
            raise ModelError(f"this model needs a feature with graphs; found {found}") from error

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays that are present, by name: the inverse of `from_arrays`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def __len__(self) -> int:
        return len(self.atom_offsets) - 1

    def __getitem__(self, molecules: Any) -> MoleculeGraphs:
        """Graphs of some molecules: a slice, a mask or indices; copies."""
        return MoleculeGraphs(**self._selected(np.arange(len(self))[molecules].reshape(-1)))

    @property
    def atom_counts(self) -> NDArray[np.int64]:
        """Number of atoms of each molecule, (n,)."""
        return np.diff(self.atom_offsets)

    @property
    def edge_counts(self) -> NDArray[np.int64]:
        """Number of edges of each molecule, (n,)."""
        return np.diff(self.edge_offsets)

    def element_counts(self, elements: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the atoms of each element, named by charge, in each molecule: (n, elements)."""
        molecule = np.repeat(np.arange(len(self)), self.atom_counts)
        counts = [
            np.bincount(molecule[self.charges == charge], minlength=len(self))
            for charge in elements
        ]
        return np.stack(counts, axis=1).astype(np.float64)

    def batch(self, molecules: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """One graph that holds the given molecules side by side.

        Returns
        -------
        dict
            The arrays of the class without offsets and cutoff; `sources`, `targets`, `triplet_in`
            and `triplet_out` are int64 and count through the whole batch. `molecule` (N,) is the
            place in `molecules` of the molecule of each atom.
        """
        chosen = self._selected(np.asarray(molecules))
        atom_offsets, edge_offsets = chosen.pop("atom_offsets"), chosen.pop("edge_offsets")
        chosen.pop("cutoff", None)
        edge_counts = np.diff(edge_offsets)
        for name in ("sources", "targets"):
            chosen[name] = chosen[name] + np.repeat(atom_offsets[:-1], edge_counts)
        if self.triplet_offsets is not None:
            triplet_counts = np.diff(chosen.pop("triplet_offsets"))
            for name in ("triplet_in", "triplet_out"):
                chosen[name] = chosen[name] + np.repeat(edge_offsets[:-1], triplet_counts)
        chosen["molecule"] = np.repeat(np.arange(len(atom_offsets) - 1), np.diff(atom_offsets))
        return chosen

    def _selected(self, molecules: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        selected: dict[str, NDArray[Any]] = {}
        for offsets_name, names in _OWNERS.items():
            offsets = getattr(self, offsets_name)
            if offsets is None:
                continue
            entries = entries_of(offsets, molecules)
            selected[offsets_name] = offsets_of(offsets[molecules + 1] - offsets[molecules])
            arrays = {name: getattr(self, name) for name in names}
            selected |= {name: a[entries] for name, a in arrays.items() if a is not None}
        return selected | ({} if self.cutoff is None else {"cutoff": self.cutoff})


_OWNERS = {
    "atom_offsets": ("charges", "positions", "descriptors"),
    "edge_offsets": ("sources", "targets", "distances", "coulomb"),
    "triplet_offsets": ("triplet_in", "triplet_out", "angles"),
}


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> MoleculeGraphs:
    """Make what models read of the arrays of a feature with layout "graphs"."""
    return MoleculeGraphs.from_arrays(arrays)
