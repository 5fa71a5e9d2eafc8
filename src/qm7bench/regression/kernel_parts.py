"""Parts of a kernel that jobs computed and wrote, put together again by the fit that reads them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression.kernel_rows import KernelMolecules

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]

ROWS_AT_ONCE = 128
"""Rows that are read from files at a time."""


@dataclass(frozen=True)
class StoredRows:
    """Rows of a kernel in several arrays, read from their files when they are asked for.

    Attributes
    ----------
    blocks : dict of float64 arrays
        By the number of their first row.
    """

    blocks: dict[int, Floats]

    @classmethod
    def of_arrays(cls, arrays: Arrays, name: str) -> StoredRows:
        """Take those whose names are this one and the number of their first row."""
        return cls(
            {
                int(key.removeprefix(f"{name}_")): array
                for key, array in arrays.items()
                if key.startswith(f"{name}_")
            }
        )

    def hold(self, number: int) -> bool:
        """Whether all of the first so many rows are there."""
        end = 0
        for first in sorted(self.blocks):
            if first != end:
                return False
            end = first + len(self.blocks[first])
        return end >= number

    def rows(self, numbers: Integers, width: int) -> Floats:
        """Rows of these numbers, their first `width` columns; zero where a row is shorter."""
        result = np.zeros((len(numbers), width))
        for first, block in self.blocks.items():
            inside = np.flatnonzero((numbers >= first) & (numbers < first + len(block)))
            if not len(inside):
                continue
            # A mapping of its own, dropped at once: pages of large files do not stay in memory.
            own = _mapped_again(block)
            columns = min(width, own.shape[1])
            for start in range(0, len(inside), ROWS_AT_ONCE):
                chosen = inside[start : start + ROWS_AT_ONCE]
                result[chosen, :columns] = own[numbers[chosen] - first, :columns]
        return result


@dataclass(frozen=True)
class KernelParts:
    """Parts of a kernel that were computed before, and the molecules that they are of."""

    molecules: KernelMolecules
    rows: StoredRows
    source: Any

    @classmethod
    def of(cls, atoms: AtomRepresentations, name: str) -> KernelParts | None:
        """All parts of the kernel of these molecules to learn from; None if some are not there."""
        if "training" not in atoms.matrices:
            return None
        molecules = KernelMolecules.of_arrays(atoms.matrices)
        rows = StoredRows.of_arrays(atoms.matrices, name)
        number = len(molecules.training) + len(molecules.others)
        if np.array_equal(molecules.training, atoms.indices) and rows.hold(number):
            return cls(molecules, rows, atoms.matrices)
        return None

    def stored_rows(self, first: int, last: int) -> Floats:
        """Rows of molecules to learn from, for `PackedCholesky`."""
        return self.rows.rows(np.arange(first, last), last)

    def places(self, atoms: AtomRepresentations) -> Integers | None:
        """Rows of these molecules to predict; None if some have none."""
        others = self.molecules.others
        if atoms.matrices is not self.source or not np.isin(atoms.indices, others).all():
            return None
        order = np.argsort(others)
        found = order[np.searchsorted(others, atoms.indices, sorter=order)]
        return len(self.molecules.training) + found


def boundaries(training: int, others: int, parts: int) -> list[int]:
    """Rows at which parts of about equally many entries begin, and the number of rows.

    Parameters
    ----------
    training, others : int
        Numbers of molecules to learn from and to predict.
    """
    lengths = np.minimum(np.arange(1, training + others + 1), training)
    entries = np.cumsum(lengths)
    wanted = entries[-1] * np.arange(1, parts) / parts
    inner = np.searchsorted(entries, wanted).tolist()
    return [0, *inner, training + others]


def entries_of_parts(training: int, others: int, parts: int) -> list[int]:
    """Numbers of each part's array, those above the diagonal included."""
    ends = boundaries(training, others, parts)
    return [(last - first) * min(last, training) for first, last in itertools.pairwise(ends)]


def _mapped_again(array: Floats) -> Floats:
    if isinstance(array, np.memmap) and array.filename is not None:
        mapped: Floats = np.load(array.filename, mmap_mode="r", allow_pickle=False)
        return mapped
    return array
