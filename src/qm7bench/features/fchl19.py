"""FCHL19: two- and three-body distributions around each atom, for local kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset, parts_of
from qm7bench.features._element_columns import (
    ElementColumns,
    atom_shapes,
    compositions,
    element_charges,
)
from qm7bench.features._fchl19_sums import Sums, functions_for
from qm7bench.layouts.shapes import Shapes
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat, PositiveInt

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NOBLE_GASES = (2, 10, 18, 36, 54)

MOLECULES_AT_ONCE = 64
PAIRS_AT_ONCE = 2**16
TRIPLES_AT_ONCE = 2**18
"""Molecules, pairs of their atoms and triples that are handled at a time: they bound the memory."""


@dataclass(frozen=True)
class Fchl19(ElementColumns):
    """Distances and angles around each atom, as smooth distributions by the neighbours' elements.

    Two-body part, for neighbours j of element Z, on a grid of distances R:
    sum_j f(r_ij) r_ij**-two_body_decay LogNormal(R; r_ij, eta2), the log-normal density with
    mu = ln r - s**2 / 2 and s**2 = ln(1 + eta2 / r**2).
    Three-body part, for pairs j, k of elements Z <= Z', on a grid of mean distances R:
    sum_jk xi f(r_ij) f(r_ik) exp(-eta3 (R - (r_ij + r_ik) / 2)**2) times
    2 exp(-zeta**2 / 2) cos(t) and 2 exp(-zeta**2 / 2) sin(t), with t the angle at i, and
    xi = three_body_weight sqrt(eta3 / pi) (1 + 3 cos t_i cos t_j cos t_k) / (r_ij r_jk r_ik)**d,
    d = three_body_decay. f(r) = (1 + cos(pi r / cutoff)) / 2; both grids go from cutoff / size to
    the cutoff. Distances in Angstrom; the defaults are the paper's. Invariant to rotation,
    translation and the order of the other atoms. `elements` ("H C N O S") fixes the columns;
    without it they are those of the data set.

    With `element_similarity` w > 0 the columns of elements that are near in the periodic table are
    mixed, so that products of vectors weigh each pair of neighbours' elements by its similarity
    exp(-(dP**2 + dG**2) / (4 w**2)) (differences of period and group; for pairs of neighbours, the
    product of two such factors): what is learned of one element then carries over to the next.
    FCHL18 has this in its kernel, with w = 1.6.

    With `centres="heavy"` hydrogen atoms are only neighbours, which leaves about half of the
    vectors and a quarter of a kernel's work. Kept in single precision, which changes an entry in
    the eighth digit; kernels of these vectors are to be computed in double precision.

    References
    ----------
    Christensen, Bratholm, Faber & von Lilienfeld, J. Chem. Phys. 152, 044107 (2020); similarity of
    elements: Faber et al., J. Chem. Phys. 148, 241717 (2018).
    """

    units: ClassVar[str] = "none"
    layout: ClassVar[str] = "atoms"

    centres: Literal["all", "heavy"] = "all"
    two_body_functions: PositiveInt = 24
    three_body_functions: PositiveInt = 20
    two_body_cutoff: PositiveFloat = 8.0
    three_body_cutoff: PositiveFloat = 8.0
    eta2: PositiveFloat = 0.32
    eta3: PositiveFloat = 2.7
    zeta: NonNegativeFloat = 3.141592653589793
    two_body_decay: NonNegativeFloat = 1.8
    three_body_decay: NonNegativeFloat = 0.57
    three_body_weight: NonNegativeFloat = 13.4
    element_similarity: NonNegativeFloat = 0.0
    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the four arrays."""
        centres = size.all_atoms - (size.atoms.get(1, 0) if self.centres == "heavy" else 0)
        elements = self.number_of_elements(size)
        return atom_shapes(size, centres, self.columns(elements), elements)

    def working_memory(self, size: Size) -> int:
        """Radial and angular functions of some triples of atoms at a time, four times over."""
        triples = min(TRIPLES_AT_ONCE + size.largest**2, size.pairs * size.largest // 2)
        return 4 * 8 * triples * 2 * self.three_body_functions

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return `values` (N, d), `charges` (N,), `atom_offsets` (n + 1,), `compositions` (n, e).

        N counts the centres, e the elements; compositions are numbers of atoms. d is
        e * two_body_functions + e (e + 1) * three_body_functions, the two-body part first.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own.
        """
        return self._compute(dataset, element_charges(self.elements, dataset, "fchl19"))

    def columns(self, elements: int) -> int:
        """Columns of `values` for so many elements."""
        three_body = elements * (elements + 1) * self.three_body_functions
        return elements * self.two_body_functions + three_body

    def _compute(self, dataset: Dataset, elements: Integers) -> dict[str, NDArray[Any]]:
        centres = dataset.charges > (1 if self.centres == "heavy" else 0)
        values = np.empty((int(centres.sum()), self.columns(len(elements))), dtype=np.float32)
        offsets = np.concatenate([[0], np.cumsum(centres.sum(axis=1))])
        two_body = len(elements) * self.two_body_functions
        neighbours = dataset.sizes - 1
        triples = (centres.sum(axis=1) * neighbours * (neighbours - 1) // 2).sum()
        functions = functions_for(int(triples))
        for molecules, molecular in parts_of(dataset, PAIRS_AT_ONCE, MOLECULES_AT_ONCE):
            first = offsets[molecules.start]
            own = centres[molecules, : molecular.charges.shape[1]]
            geometry = _Geometry.of(molecular, own, elements)
            for block in geometry.blocks(self.three_body_cutoff):
                part = geometry[block]
                rows = slice(first + block.start, first + block.stop)
                values[rows, :two_body] = self._two_body(part, functions)
                values[rows, two_body:] = self._three_body(part, functions)
        return {
            "values": values,
            "charges": dataset.charges[centres],
            "atom_offsets": offsets.astype(np.int64),
            "compositions": compositions(dataset, elements),
        }

    def _two_body(self, part: _Geometry, functions: Sums) -> Floats:
        """Distribution of distances, shape (centres, elements * functions)."""
        sums = np.zeros((len(part.distances), len(part.elements), self.two_body_functions))
        settings = (self.two_body_cutoff, self.eta2, self.two_body_decay)
        functions.two_body_sums(sums, part.distances, part.kinds, *settings)
        if self.element_similarity > 0:
            sums = self._mixing(part.elements) @ sums
        return sums.reshape(len(sums), -1)

    def _three_body(self, part: _Geometry, functions: Sums) -> Floats:
        """Distribution of angles and mean distances, shape (centres, pairs * functions * 2)."""
        numbers = _numbers_of_pairs(len(part.elements))
        shape = (len(part.distances), int(numbers.max()) + 1, self.three_body_functions, 2)
        sums = np.zeros(shape)
        strength = self.three_body_weight * np.sqrt(self.eta3 / np.pi)
        strength *= 2.0 * np.exp(-0.5 * self.zeta**2)
        settings = (self.three_body_cutoff, self.eta3, self.three_body_decay, strength)
        around = (part.distances, part.vectors, part.kinds)
        functions.three_body_sums(sums, *around, numbers, *settings)
        by_pair = sums.reshape(*shape[:2], -1)
        if self.element_similarity > 0:
            by_pair = self._mixing_of_pairs(part.elements) @ by_pair
        return by_pair.reshape(len(sums), -1)

    def _mixing_of_pairs(self, elements: Integers) -> Floats:
        """What each pair of elements gives to each, shape (pairs, pairs).

        A pair of two elements stands for both of its orders: halved in their square, it keeps the
        length of the vector.
        """
        mixing, numbers = self._mixing(elements), _numbers_of_pairs(len(elements))
        one, other = np.triu_indices(len(elements))
        share = np.where(one == other, 1.0, np.sqrt(0.5))
        squares = share[:, None, None] * (np.arange(len(one))[:, None, None] == numbers)
        mixed = mixing @ squares @ mixing
        return np.asarray((mixed[:, one, other] / share).T)

    def _mixing(self, elements: Integers) -> Floats:
        """Symmetric square root of the similarity of elements, shape (e, e)."""
        places = np.array([period_and_group(z) for z in elements.tolist()], dtype=np.float64)
        squares = ((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
        similarity = np.exp(-squares / (4.0 * self.element_similarity**2))
        values, vectors = np.linalg.eigh(similarity)
        return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


@dataclass(frozen=True)
class _Geometry:
    """Surroundings of the centres of some molecules: C centres, A places in a molecule.

    Attributes
    ----------
    elements : int64 array of shape (e,)
    distances : float64 array of shape (C, A)
        From each centre to each atom of its molecule; infinite for padding and itself.
    vectors : float64 array of shape (C, A, 3)
    kinds : int64 array of shape (C, A)
        Index of each atom's element in `elements`; meaningless where the distance is infinite.
    """

    elements: Integers
    distances: Floats
    vectors: Floats
    kinds: Integers

    @classmethod
    def of(cls, dataset: Dataset, centres: NDArray[np.bool_], elements: Integers) -> _Geometry:
        molecule, atom = np.nonzero(centres)
        positions = dataset.positions
        # Compiled functions take arrays in C order only.
        vectors = np.ascontiguousarray(positions[molecule] - positions[molecule, atom][:, None])
        distances = pair_distances(dataset.charges, positions)[molecule, atom]
        kinds = np.ascontiguousarray(np.searchsorted(elements, dataset.charges)[molecule])
        return cls(elements, np.ascontiguousarray(distances), vectors, kinds)

    def blocks(self, cutoff: float) -> Iterator[slice]:
        """Consecutive centres whose triples are handled at a time; at least one."""
        counts = (self.distances <= cutoff).sum(axis=1)
        triples = np.cumsum(counts * (counts - 1) // 2)
        start = 0
        while start < len(counts):
            before = triples[start - 1] if start else 0
            stop = int(np.searchsorted(triples, before + TRIPLES_AT_ONCE, side="right"))
            stop = max(stop, start + 1)
            yield slice(start, stop)
            start = stop

    def __getitem__(self, rows: slice) -> _Geometry:
        """Return the surroundings of some of the centres."""
        return replace(
            self, distances=self.distances[rows], vectors=self.vectors[rows], kinds=self.kinds[rows]
        )


def period_and_group(charge: int) -> tuple[int, int]:
    """Period (1 to 5) and group (1 to 18) of an element up to xenon in the periodic table."""
    period = int(np.searchsorted(NOBLE_GASES, charge)) + 1
    place = charge - (NOBLE_GASES[period - 2] if period > 1 else 0)
    length = NOBLE_GASES[period - 1] - (NOBLE_GASES[period - 2] if period > 1 else 0)
    first = 1 if period == 1 else 2
    return period, place if place <= first else place + 18 - length


def _numbers_of_pairs(elements: int) -> Integers:
    """Number of each pair of elements, in either order, shape (e, e)."""
    one, other = np.triu_indices(elements)
    numbers = np.zeros((elements, elements), dtype=np.int64)
    numbers[one, other] = numbers[other, one] = np.arange(len(one))
    return numbers
