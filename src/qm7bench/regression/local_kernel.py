"""Local kernels: similarity of molecules as the sum of the similarities of their atoms.

The kernel of two molecules is K = sum over their atoms i, j of the same element of
k(|x_i - x_j|_2), so that a model with this kernel is a sum of energies of atoms. With a width s and
gamma = 1 / (2 s^2), k(d) is

- gaussian: exp(-gamma d^2)
- matern: (1 + t + t^2 / 3) exp(-t), t = sqrt(5) d / s, the Matern kernel of smoothness 5/2, which
  expects a function that is twice differentiable and no smoother (Rasmussen & Williams, Gaussian
  Processes for Machine Learning, 2006, equation 4.17).

In blocks of atoms the squared distances are a matrix product; vectors are first turned into the
few directions in which the atoms of their element really differ, which makes that product three to
five times cheaper; what the many directions of little variance add to it is computed in single
precision.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations, ChosenRows
from qm7bench.regression import pair_sums_on_device
from qm7bench.regression.pair_sums import Kernel as Kernel
from qm7bench.regression.pair_sums import PairFunctions, Run, functions_for, similarities_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK = 768
"""Atoms whose similarities are held at a time; a square block of them fits into the cache."""

ATOMS_AT_ONCE = 2**14
"""Atoms whose whole vectors are held in double precision at a time."""

NEGLIGIBLE = 1.0e-9
"""Share of gamma d^2 that the directions left out may make up, as a mean over the atoms."""

IN_SINGLE = 5.0e-7
"""Share of gamma x^2 whose products may be in single precision, as a mean over the atoms.

They err by 1e-7 of it. A kernel matrix of 6,000 molecules of QM7 moves by 1e-10 in its spectral
norm, and stays positive definite with 1e-12 on its diagonal.
"""


@dataclass(frozen=True)
class Axes:
    """Orthonormal directions that hold all differences between one element's atoms.

    Attributes
    ----------
    centre : float64 array of shape (d,)
    directions : float64 array of shape (d, k)
    """

    centre: Floats
    directions: Floats

    @classmethod
    def fitted(cls, values: ChosenRows, gamma: float) -> Axes:
        """Principal axes of vectors (N, d); those left out hold together NEGLIGIBLE / gamma."""
        blocks = values.blocks(ATOMS_AT_ONCE)
        centre = np.sum([part.sum(axis=0) for _, part in blocks], axis=0) / len(values)
        products = np.zeros((len(centre), len(centre)))
        for _, part in values.blocks(ATOMS_AT_ONCE):
            part -= centre
            products += part.T @ part
        variances, directions = np.linalg.eigh(products / len(values))
        left_out = np.cumsum(np.maximum(variances, 0.0)) <= NEGLIGIBLE / gamma
        return cls(centre, np.ascontiguousarray(directions[:, ~left_out]))

    def along(self, vectors: ChosenRows, known: bool) -> tuple[NDArray[np.float32], Floats]:
        """`values` (N, k) and `outside` (N,) of `ElementAtoms` for vectors (N, d).

        Parameters
        ----------
        known : bool
            Whether the axes were fitted to these vectors, so that nothing counts as outside.
        """
        values = np.empty((len(vectors), self.directions.shape[1]), dtype=np.float32)
        outside = np.zeros(len(vectors))
        for own, part in vectors.blocks(ATOMS_AT_ONCE):
            part -= self.centre
            turned = part @ self.directions
            if not known:
                outside[own] = np.einsum("id,id->i", part, part)
                outside[own] -= np.einsum("ik,ik->i", turned, turned)
            values[own] = turned
        return values, np.maximum(outside, 0.0)


@dataclass(frozen=True)
class ElementAtoms:
    """Atoms of one element along its axes, and the molecules that they belong to.

    Attributes
    ----------
    values : float32 array of shape (N, k)
        Rounded once, here: kernels are computed from these in float64 and stay semi-definite.
    outside : float64 array of shape (N,)
        Squared distance from the space of the axes; zero for the atoms that gave the axes.
    molecules : int64 array of shape (N,)
        Index of each atom's molecule, in ascending order.
    """

    values: NDArray[np.float32]
    outside: Floats
    molecules: Integers

    @property
    def firsts(self) -> Integers:
        """Where the atoms of each molecule that has any begin, and the number of atoms."""
        new = np.concatenate([[True], self.molecules[1:] != self.molecules[:-1], [True]])
        return np.flatnonzero(new)


@dataclass(frozen=True)
class LocalAtoms:
    """Molecules as a local kernel reads them: the atoms of each element along its axes."""

    number_of_molecules: int
    by_element: dict[int, ElementAtoms]

    @classmethod
    def of(cls, atoms: AtomRepresentations, axes: dict[int, Axes], known: bool) -> LocalAtoms:
        """Turn representations along the axes; elements without axes are left out.

        Parameters
        ----------
        known : bool
            Whether the axes were fitted to these atoms, so that what they leave out is negligible.
        """
        by_element = {}
        for charge, own in axes.items():
            chosen = atoms.of_element(charge)
            if len(chosen):
                rows = ChosenRows.of(atoms.values, chosen)
                values, outside = own.along(rows, known)
                by_element[charge] = ElementAtoms(values, outside, atoms.molecules[chosen])
        return cls(len(atoms), by_element)


def axes_of(atoms: AtomRepresentations, gamma: float) -> dict[int, Axes]:
    """Principal axes of the atoms of each element."""
    rows = {z: atoms.of_element(z) for z in np.unique(atoms.charges).tolist()}
    return {z: Axes.fitted(ChosenRows.of(atoms.values, own), gamma) for z, own in rows.items()}


def memory_of_local_atoms(atoms: Mapping[int, int], columns: int) -> int:
    """Bytes that it takes to turn atoms' vectors along the axes of their elements, at most.

    Parameters
    ----------
    atoms : mapping
        Numbers of atoms by nuclear charge.
    columns : int
        Of the vectors; about half of the directions are kept at most.
    """
    kept, total = columns // 2, sum(atoms.values())
    at_once = min(ATOMS_AT_ONCE, max(atoms.values(), default=0))
    # Parts in single and double precision, centred and turned; products and their eigenvectors.
    return total * (4 * kept + 24) + 28 * at_once * columns + 40 * columns**2


def memory_of_local_kernel(atoms: Mapping[int, int], columns: int) -> int:
    """Bytes that `local_kernels` takes beside atoms and matrices: one element in double precision.

    For the same atoms on both sides.
    """
    return 40 * max(atoms.values(), default=0) * columns // 2


def local_kernel(a: LocalAtoms, b: LocalAtoms, kernel: Kernel, gamma: float) -> Floats:
    """Kernel matrix (n, m) of two lists of molecules; see `local_kernels`."""
    return local_kernels(a, b, kernel, [gamma])[0]


def local_kernels(
    a: LocalAtoms, b: LocalAtoms, kernel: Kernel, gammas: Sequence[float]
) -> list[Floats]:
    """Kernel matrices of two lists of molecules for several widths, which share most of the work.

    Parameters
    ----------
    a, b : LocalAtoms
        Lists of n and m molecules along the same axes; where b is a, half of the work is saved.
    gammas : sequence of float
        Inverse squared widths, 1 / (2 sigma^2) for a paper's sigma.

    Returns
    -------
    list of float64 arrays of shape (n, m), one for each gamma
    """
    matrices = [np.zeros((a.number_of_molecules, b.number_of_molecules)) for _ in gammas]
    both = [(a.by_element[z], b.by_element[z]) for z in a.by_element.keys() & b.by_element.keys()]
    pairs = sum(len(left.values) * len(right.values) for left, right in both)
    device = pair_sums_on_device.device_for(pairs)
    functions = functions_for(0 if device else pairs)
    for left, right in both:
        if device:
            rows, columns = negated_squares(left, right)
            sides = (rows, left.molecules), (columns, right.molecules)
            pair_sums_on_device.add_element(device, matrices, *sides, kernel, gammas)
        else:
            _add_element(functions, matrices, left, right, kernel, gammas, symmetric=a is b)
    if a is b:
        # Blocks above the diagonal were left out; the lower triangle is complete.
        for matrix in matrices:
            for i in range(len(matrix)):
                matrix[i, i + 1 :] = matrix[i + 1 :, i]
    return matrices


def self_similarities(a: AtomRepresentations, kernel: Kernel, gamma: float) -> Floats:
    """Kernel of each molecule with itself, shape (n,), from the whole vectors."""
    result = np.zeros(len(a))
    for i, (first, last) in enumerate(itertools.pairwise(a.atom_offsets.tolist())):
        values = np.asarray(a.values[first:last], dtype=np.float64)
        same = a.charges[first:last, None] == a.charges[None, first:last]
        squares = ((values[:, None, :] - values[None, :, :]) ** 2).sum(axis=2)
        (similarities,) = similarities_of(-squares, kernel, [gamma])
        result[i] = similarities[same].sum()
    return result


def _add_element(
    functions: PairFunctions,
    matrices: list[Floats],
    left: ElementAtoms,
    right: ElementAtoms,
    kernel: Kernel,
    gammas: Sequence[float],
    symmetric: bool,
) -> None:
    """Add the similarities of one element's atoms to the matrices, block by block."""
    first = _in_single(left, right, max(gammas))
    rows, columns = negated_squares(left, right, first)
    single_rows, single_columns = 2.0 * left.values[:, :first], right.values[:, :first]
    blocks, others = list(_blocks(left)), list(_blocks(right))
    largest = [max(own.stop - own.start for own, _ in each) for each in (blocks, others)]
    # One buffer for all products: new memory for each costs a tenth of the time.
    kept, kept_single = np.empty(np.prod(largest)), np.empty(np.prod(largest), dtype=np.float32)
    for own, run in blocks:
        for other, other_run in others:
            if symmetric and other.start > own.start:
                break
            negated = _product(rows[own], columns[other], kept)
            single = _product(single_rows[own], single_columns[other], kept_single)
            functions.add_sums(matrices, negated, single, run, other_run, kernel, gammas)


def _in_single(left: ElementAtoms, right: ElementAtoms, gamma: float) -> int:
    """Number of directions, from those of least variance on, that fulfil `IN_SINGLE`."""
    squares = [np.einsum("ik,ik->k", x, x) / len(x) for x in (left.values, right.values)]
    return int(np.sum(gamma * np.cumsum(np.maximum(*squares)) <= IN_SINGLE))


def _product(rows: NDArray[Any], columns: NDArray[Any], kept: NDArray[Any]) -> NDArray[Any]:
    """Matrix product rows @ columns^T, written to the first numbers that are kept."""
    shape = len(rows), len(columns)
    return np.matmul(rows, columns.T, out=kept[: shape[0] * shape[1]].reshape(shape))


def _blocks(atoms: ElementAtoms) -> Iterator[tuple[slice, Run]]:
    """Runs of molecules with at most `BLOCK` atoms, or of one, and which atoms they have."""
    firsts, start = atoms.firsts, 0
    while start < len(firsts) - 1:
        end = int(np.searchsorted(firsts, firsts[start] + BLOCK, side="right")) - 1
        end = max(end, start + 1)
        own = slice(int(firsts[start]), int(firsts[end]))
        yield own, Run(firsts[start : end + 1] - own.start, atoms.molecules[firsts[start:end]])
        start = end


def negated_squares(
    left: ElementAtoms, right: ElementAtoms, first: int = 0
) -> tuple[Floats, Floats]:
    """Two matrices whose product is -|x - y|^2, so that BLAS computes the whole of it.

    Parameters
    ----------
    first : int
        Of the directions before this one, 2 x y^T is left out of the product.
    """
    x, y = left.values.astype(np.float64), right.values.astype(np.float64)
    squares = np.einsum("ik,ik->i", x, x) + left.outside
    other_squares = np.einsum("ik,ik->i", y, y) + right.outside
    rows = np.column_stack([2.0 * x[:, first:], -squares, np.full(len(x), -1.0)])
    return rows, np.column_stack([y[:, first:], np.ones(len(y)), other_squares])
