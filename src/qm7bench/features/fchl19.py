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
        for molecules, molecular in parts_of(dataset, PAIRS_AT_ONCE, MOLECULES_AT_ONCE):
            first = offsets[molecules.start]
            own = centres[molecules, : molecular.charges.shape[1]]
            geometry = _Geometry.of(molecular, own, elements)
            for block in geometry.blocks(self.three_body_cutoff):
                part = geometry[block]
                rows = slice(first + block.start, first + block.stop)
                values[rows, :two_body] = self._two_body(part)
                values[rows, two_body:] = self._three_body(part)
        return {
            "values": values,
            "charges": dataset.charges[centres],
            "atom_offsets": offsets.astype(np.int64),
            "compositions": compositions(dataset, elements),
        }

    def _two_body(self, part: _Geometry) -> Floats:
        """Distribution of distances, shape (centres, elements * functions)."""
        centre, neighbour = part.neighbours(self.two_body_cutoff)
        r = part.distances[centre, neighbour][:, None]
        grid = _grid(self.two_body_cutoff, self.two_body_functions)
        squared_width = np.log1p(self.eta2 / r**2)
        shift = np.log(grid) - np.log(r) + 0.5 * squared_width
        values = np.exp(-0.5 * shift**2 / squared_width)
        values /= np.sqrt(2.0 * np.pi * squared_width) * grid
        values *= _cutoff(r, self.two_body_cutoff) * r**-self.two_body_decay
        kinds = part.kinds[centre, neighbour]
        by_kind = _summed_by(centre, kinds, values, (len(part.distances), len(part.elements)))
        mixed = np.einsum("cer,ef->cfr", by_kind, self._mixing(part.elements), optimize=True)
        return np.asarray(mixed.reshape(-1, len(part.elements) * len(grid)))

    def _three_body(self, part: _Geometry) -> Floats:
        """Distribution of angles and mean distances, shape (centres, pairs * functions * 2)."""
        centre, first, second = part.neighbour_pairs(self.three_body_cutoff)
        r_ij, r_ik = part.distances[centre, first], part.distances[centre, second]
        to_first, to_second = part.vectors[centre, first], part.vectors[centre, second]
        r_jk = np.linalg.norm(to_second - to_first, axis=1)
        at_centre = (r_ij**2 + r_ik**2 - r_jk**2) / (2.0 * r_ij * r_ik)
        at_first = (r_ij**2 + r_jk**2 - r_ik**2) / (2.0 * r_ij * r_jk)
        at_second = (r_ik**2 + r_jk**2 - r_ij**2) / (2.0 * r_ik * r_jk)
        weight = 1.0 + 3.0 * at_centre * at_first * at_second
        weight *= self.three_body_weight * np.sqrt(self.eta3 / np.pi)
        weight /= (r_ij * r_ik * r_jk) ** self.three_body_decay
        weight *= _cutoff(r_ij, self.three_body_cutoff) * _cutoff(r_ik, self.three_body_cutoff)
        weight *= 2.0 * np.exp(-0.5 * self.zeta**2)
        at_centre = np.clip(at_centre, -1.0, 1.0)
        angular = np.stack([at_centre, np.sqrt(1.0 - at_centre**2)], axis=1) * weight[:, None]
        grid = _grid(self.three_body_cutoff, self.three_body_functions)
        radial = np.exp(-self.eta3 * (0.5 * (r_ij + r_ik)[:, None] - grid) ** 2)
        values = (radial[:, :, None] * angular[:, None, :]).reshape(-1, 2 * len(grid))
        return self._by_pairs_of_elements(part, centre, first, second, values)

    def _by_pairs_of_elements(
        self, part: _Geometry, centre: Integers, first: Integers, second: Integers, values: Floats
    ) -> Floats:
        """Sum the triples' values by centre and pair of elements, and mix the elements."""
        e = len(part.elements)
        one, other = np.triu_indices(e)
        numbers = np.zeros((e, e), dtype=np.int64)
        numbers[one, other] = numbers[other, one] = np.arange(len(one))
        kinds = numbers[part.kinds[centre, first], part.kinds[centre, second]]
        by_pair = _summed_by(centre, kinds, values, (len(part.distances), len(one)))
        if self.element_similarity > 0:
            mixing = self._mixing(part.elements)
            # A pair of two elements stands for both of its orders: halved in the square, it keeps
            # the length of the vector.
            share = np.where(one == other, 1.0, np.sqrt(0.5))[None, :, None]
            square = (by_pair * share)[:, numbers]
            square = np.einsum("cabr,ad,bf->cdfr", square, mixing, mixing, optimize=True)
            by_pair = square[:, one, other] / share
        return by_pair.reshape(-1, len(one) * values.shape[1])

    def _mixing(self, elements: Integers) -> Floats:
        """Symmetric square root of the similarity of elements, shape (e, e)."""
        if self.element_similarity == 0:
            return np.eye(len(elements))
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
        vectors = positions[molecule] - positions[molecule, atom][:, None, :]
        distances = pair_distances(dataset.charges, positions)[molecule, atom]
        kinds = np.searchsorted(elements, dataset.charges)[molecule]
        return cls(elements, distances, vectors, kinds)

    def neighbours(self, cutoff: float) -> tuple[Integers, Integers]:
        """Centres and places of all atoms within the cutoff of a centre."""
        centre, place = np.nonzero(self.distances <= cutoff)
        return centre, place

    def neighbour_pairs(self, cutoff: float) -> tuple[Integers, Integers, Integers]:
        """Centres with the places j < k of all pairs of atoms within the cutoff of a centre."""
        centre, place = self.neighbours(cutoff)
        counts = np.bincount(centre, minlength=len(self.distances))
        # A neighbour meets all those behind it in the list of its centre.
        behind = np.cumsum(counts)[centre] - np.arange(len(centre)) - 1
        first = np.repeat(np.arange(len(centre)), behind)
        second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(behind) - behind, behind)
        return centre[first], place[first], place[second]

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


def _grid(cutoff: float, size: int) -> Floats:
    return cutoff * np.arange(1, size + 1) / size


def _cutoff(r: Floats, cutoff: float) -> Floats:
    return 0.5 * (np.cos(np.pi * r / cutoff) + 1.0)


def _summed_by(centre: Integers, kinds: Integers, values: Floats, shape: tuple[int, int]) -> Floats:
    """Sum the rows of values (M, r) of each centre and kind, shape (*shape, r)."""
    groups = centre * shape[1] + kinds
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    result = np.zeros((shape[0] * shape[1], values.shape[1]))
    if len(order):
        result[ordered[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return result.reshape(*shape, values.shape[1])
