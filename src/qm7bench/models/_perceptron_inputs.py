"""What a multilayer perceptron sees of a feature: realisations, binarised and normalised.

A feature's columns (n, d) come realisation by realisation, either as they are or as Coulomb
matrices put into a fresh random order; an encoding makes a network's inputs (m, D) of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qm7bench.errors import ModelError

Indices = NDArray[np.int64]
Columns = NDArray[np.float32]
Values = NDArray[np.floating[Any]]

CHUNK = 512
"""Molecules handled at a time where all are, which bounds the memory."""


class FixedRealisations:
    """The feature's own values: (n, d), or (n, r, d) for r realisations of each molecule."""

    def __init__(self, values: Values) -> None:
        self.values = values[:, None, :] if values.ndim == 2 else values

    def __len__(self) -> int:
        return len(self.values)

    def available(self, wanted: int) -> int:
        """Return how many realisations `chunks` numbers, whatever is wanted."""
        return int(self.values.shape[1])

    def draw(self, indices: Indices, generator: np.random.Generator) -> Columns:
        """Columns (m, d) of one realisation of each molecule, chosen at random."""
        which = generator.integers(self.values.shape[1], size=len(indices))
        return self.values[indices, which].astype(np.float32)

    def chunks(self, number: int, generator: np.random.Generator) -> Iterator[Columns]:
        """Columns of all molecules in realisation `number`, some molecules at a time."""
        for indices in _all_rows(self):
            yield self.values[indices, number].astype(np.float32)


class FreshRealisations:
    """Coulomb matrices sorted by row norm plus noise that is drawn for each realisation.

    Parameters
    ----------
    triangles : float array of shape (n, A * (A + 1) // 2)
        Upper triangles of the matrices, row by row, in Hartree, atoms in any order. Of several
        realisations (n, r, ...) the first is taken.
    noise : float
        Standard deviation of the Gaussian noise added to the L2 row norms, in Hartree. Padding
        stays last.

    Raises
    ------
    ModelError
        If the number of columns is not that of a triangle.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012), section 2.3.
    """

    def __init__(self, triangles: Values, noise: float) -> None:
        triangles = triangles if triangles.ndim == 2 else triangles[:, 0]
        size = _side_of_triangle(triangles.shape[1])
        self.noise, self.size = np.float32(noise), size
        self.rows, self.columns = np.triu_indices(size)
        matrices = np.empty((len(triangles), size, size), dtype=np.float32)
        matrices[:, self.rows, self.columns] = triangles
        matrices[:, self.columns, self.rows] = triangles
        norms = np.sqrt(np.einsum("nij,nij->ni", matrices, matrices))
        self.norms = np.where(norms > 0, norms, -np.inf)
        self.entries = matrices.reshape(len(triangles), size * size)

    def __len__(self) -> int:
        return len(self.norms)

    def available(self, wanted: int) -> int:
        """Return how many realisations `chunks` gives: any number."""
        return wanted

    def draw(self, indices: Indices, generator: np.random.Generator) -> Columns:
        """Columns (m, A * (A + 1) // 2) of one new realisation of each molecule."""
        noise = generator.standard_normal((len(indices), self.size), dtype=np.float32)
        order = np.argsort(-(self.norms[indices] + self.noise * noise), axis=1, kind="stable")
        places = order[:, self.rows] * self.size + order[:, self.columns]
        return np.take_along_axis(self.entries[indices], places, axis=1)

    def chunks(self, number: int, generator: np.random.Generator) -> Iterator[Columns]:
        """Columns of a new realisation of all molecules, some molecules at a time."""
        for indices in _all_rows(self):
            yield self.draw(indices, generator)


Source = FixedRealisations | FreshRealisations


def _all_rows(source: Source) -> Iterator[Indices]:
    for start in range(0, len(source), CHUNK):
        yield np.arange(start, min(start + CHUNK, len(source)))


def _side_of_triangle(entries: int) -> int:
    side = (math.isqrt(8 * entries + 1) - 1) // 2
    if side * (side + 1) // 2 != entries:
        raise ModelError(
            f"multilayer perceptron: fresh realisations need upper triangles of Coulomb matrices, "
            f"and {entries} columns are not a triangle; give it sorted_coulomb_matrix or "
            "random_coulomb_matrix, or set realisations to 'fixed'"
        )
    return side


@dataclass(frozen=True)
class Thresholds:
    """Tanh binarisation: column x becomes inputs tanh((x - k) / step) for k = 0, step, 2 step, ...

    Attributes
    ----------
    columns : int64 array of shape (D,)
        Which column each input is made from.
    levels : float32 array of shape (D,)
        Its threshold k, in the unit of the column.
    step : float
        Distance between thresholds, and width of the tanh.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012), section 3.1.
    """

    columns: NDArray[np.int64]
    levels: NDArray[np.float32]
    step: float

    @classmethod
    def up_to(cls, largest: Values, step: float, drop_last: bool) -> Thresholds:
        """Thresholds of each column (d,) from 0 to the first at or above its largest value.

        With `drop_last` to the one before it, so that a column that is never positive has none.
        """
        counts = np.ceil(largest / step).astype(np.int64) + (0 if drop_last else 1)
        levels = np.concatenate([step * np.arange(count) for count in counts])
        return cls(np.repeat(np.arange(len(counts)), counts), levels.astype(np.float32), step)


class InputEncoding:
    """Encodes columns (m, d) as a network's inputs (m, D): binarised if asked for, and normalised.

    Attributes
    ----------
    thresholds : Thresholds or None
        Without them the inputs are the columns.
    mean, scale : float32 arrays of shape (D,)
        Subtracted from the inputs, and what they are then divided by.
    """

    def __init__(self, thresholds: Thresholds | None, mean: Columns, scale: Columns) -> None:
        self.thresholds, self.mean, self.scale = thresholds, mean, scale
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._mean, self._scale = (torch.from_numpy(a).to(device) for a in (mean, scale))
        if thresholds is not None:
            self._columns = torch.from_numpy(thresholds.columns).to(device)
            self._levels = torch.from_numpy(thresholds.levels).to(device)

    @classmethod
    def fitted(
        cls,
        chunks: Iterable[Columns],
        thresholds: Thresholds | None,
        normalisation: Literal["global", "per_input"],
    ) -> InputEncoding:
        """Take means and standard deviations from the training molecules.

        Inputs are centred one by one. `global` divides all by the standard deviation of the whole
        centred table, `per_input` each by its own; an input that is constant is only centred.
        """
        number, total, squares = 0, torch.zeros(()).double(), torch.zeros(()).double()
        for columns in chunks:
            width = columns.shape[1] if thresholds is None else len(thresholds.levels)
            identity = cls(thresholds, np.zeros(width, np.float32), np.ones(width, np.float32))
            values = identity(columns).cpu().double()
            number += len(values)
            total, squares = total + values.sum(0), squares + values.square().sum(0)
        mean = (total / number).numpy()
        variance = np.maximum((squares / number).numpy() - mean**2, 0.0)
        if normalisation == "global":
            variance = np.full_like(variance, variance.mean())
        constant = variance <= 1e-12 * (1 + mean**2)
        scale = np.sqrt(np.where(constant, 1.0, variance))
        return cls(thresholds, mean.astype(np.float32), scale.astype(np.float32))

    @property
    def number_of_inputs(self) -> int:
        """D."""
        return len(self.mean)

    def __call__(self, columns: Columns) -> Tensor:
        """Inputs (m, D) of a feature's columns (m, d)."""
        values = torch.from_numpy(columns).to(self._mean.device)
        if self.thresholds is None:
            return (values - self._mean) / self._scale
        values = values.index_select(1, self._columns).sub_(self._levels)
        values.div_(self.thresholds.step).tanh_()
        return values.sub_(self._mean).div_(self._scale)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restored` makes the encoding."""
        arrays: dict[str, NDArray[Any]] = {"mean": self.mean, "scale": self.scale}
        if self.thresholds is not None:
            arrays["columns"] = self.thresholds.columns
            arrays["levels"] = self.thresholds.levels
            arrays["step"] = np.array(self.thresholds.step)
        return arrays

    @classmethod
    def restored(cls, arrays: dict[str, NDArray[Any]]) -> InputEncoding:
        """Encoding from the arrays of `state`."""
        thresholds = None
        if "levels" in arrays:
            thresholds = Thresholds(arrays["columns"], arrays["levels"], float(arrays["step"]))
        return cls(thresholds, arrays["mean"], arrays["scale"])
