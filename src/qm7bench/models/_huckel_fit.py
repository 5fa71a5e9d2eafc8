"""Fits the constants of the extended Hueckel method to energies of training molecules."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import bond_columns
from qm7bench.chemistry.extended_huckel import Atoms, HuckelMethod
from qm7bench.chemistry.huckel_constants import Constant, adjusted, constants_of
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.layouts.graphs import sums_by_element

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOLECULES_PER_COLUMN = 2
"""With fewer for each column of the regression, the constants stay those of the textbooks."""
LARGE_ERROR = 3.0
"""In kcal/mol: larger errors count linearly, smaller ones by their square."""
RIDGE = 1.0e-6
"""Penalty of the linear regression for each molecule, at unit variance of the columns."""
LEVEL_PENALTY = 6.0
LOGARITHM_PENALTY = 2.5
"""Errors in kcal/mol that count as much as a change of a constant by its unit."""
DIFFERENCE = 0.008
"""Change of a constant for its derivative, in its unit: vectors are in single precision."""


@dataclass(frozen=True)
class HuckelFit:
    """Errors of a linear regression on sums of the method's vectors, by the method's constants.

    With the density matrix fixed, the energy of a tight-binding method is linear in its other
    parameters; the regression is what remains of these when the constants are given. Its error for
    a molecule is that which it would have if it had been fitted to all others.

    Attributes
    ----------
    atoms : AtomRepresentations
        Of n molecules, with positions.
    compositions : float64 array of shape (n, e)
        Numbers of atoms.
    energies : float64 array of shape (n,)
        In kcal/mol.
    elements : int64 array of shape (e,)
        Nuclear charges of the columns.
    constants : list of Constant
        Those that are fitted.
    method : HuckelMethod
        That of the textbooks.
    """

    atoms: AtomRepresentations
    compositions: Floats
    energies: Floats
    elements: Integers
    constants: Sequence[Constant]
    method: HuckelMethod

    def changes(self, evaluations: int) -> Floats:
        """Changes (k,) of the constants, in their units, with the smallest robust error.

        Parameters
        ----------
        evaluations : int
            Of the error, at most; each that succeeds is followed by a derivative for each constant.
        """
        from scipy.optimize import least_squares

        start = np.zeros(len(self.constants))
        found = least_squares(
            lambda changes: self._errors(self._sums(changes), changes),
            start,
            self._derivatives,
            method="lm",
            max_nfev=evaluations,
        )
        before, after = (
            np.abs(self._errors(self._sums(x), x)[: len(self.energies)]).mean()
            for x in (start, found.x)
        )
        logger.info(
            "Hueckel's constants: robust error of molecules left out of the regression from %.3f "
            "to %.3f kcal/mol",
            before,
            after,
        )
        return np.asarray(found.x)

    def _sums(self, changes: Floats, molecules: Integers | None = None) -> Floats | None:
        """Columns (n, e + t) of the regression, or of some molecules; None if there are none."""
        atoms, compositions = self.atoms, self.compositions
        if molecules is not None:
            atoms, compositions = atoms[molecules], compositions[molecules]
        try:
            method = adjusted(self.method, self.constants, changes)
            vectors = vectors_by(method, atoms, self.elements)
        except np.linalg.LinAlgError:  # overlaps of orbitals that are all but the same
            return None
        sums = sums_by_element(vectors, atoms.charges, atoms.atom_offsets, self.elements)
        return np.hstack([compositions, sums])

    def _errors(self, sums: Floats | None, changes: Floats) -> Floats:
        """Robust errors (n,) of molecules left out, and penalties (k,) on the changes."""
        if sums is None:
            return np.full(len(self.energies) + len(changes), 1.0e3)
        spread = sums.std(axis=0)
        columns = (sums - sums.mean(axis=0)) / np.where(spread > 1.0e-9, spread, 1.0)
        columns = np.hstack([np.ones((len(sums), 1)), columns])
        squares = columns.T @ columns
        squares[np.diag_indices(len(squares))] += RIDGE * len(sums)
        weights = np.linalg.solve(squares, columns.T)
        own = np.einsum("ij,ji->i", columns, weights)
        errors = (self.energies - columns @ (weights @ self.energies)) / (1.0 - own)
        # The root of twice Huber's smooth loss: |e| for small errors, less for large ones.
        robust = np.sqrt(2.0 * (np.sqrt(1.0 + (errors / LARGE_ERROR) ** 2) - 1.0))
        penalties = [LEVEL_PENALTY if c.is_level else LOGARITHM_PENALTY for c in self.constants]
        return np.concatenate(
            [LARGE_ERROR * np.sign(errors) * robust, np.array(penalties) * changes]
        )

    def _derivatives(self, changes: Floats) -> Floats:
        """Derivatives (n + k, k) of the errors; only molecules with the element are computed."""
        sums = self._sums(changes)
        errors = self._errors(sums, changes)
        result = np.zeros((len(errors), len(changes)))
        for i, constant in enumerate(self.constants):
            # A constant that is far out already is moved back.
            step = DIFFERENCE if changes[i] < 0.5 else -DIFFERENCE
            moved = changes.copy()
            moved[i] += step
            found = self._moved(sums, moved, constant)
            if found is not None:
                result[:, i] = (self._errors(found, moved) - errors) / step
        return result

    def _moved(self, sums: Floats | None, changes: Floats, constant: Constant) -> Floats | None:
        """Columns with other constants, of which one has changed."""
        if sums is None or not constant.charge:
            return self._sums(changes)
        column = int(np.searchsorted(self.elements, constant.charge))
        own = np.flatnonzero(self.compositions[:, column])
        if not len(own):
            return sums
        found = self._sums(changes, own)
        if found is None:
            return None
        result = sums.copy()
        result[own] = found
        return result


def fit_constants(
    atoms: AtomRepresentations,
    energies: Floats,
    method: HuckelMethod,
    *,
    molecules: int,
    evaluations: int,
    seed: int,
) -> tuple[list[Constant], Floats]:
    """Constants of the molecules' elements, fitted to some of them, and their changes (k,).

    Parameters
    ----------
    atoms : AtomRepresentations
        Of n molecules, with positions.
    energies : float64 array of shape (n,)
        In kcal/mol.
    molecules : int
        How many to draw at random.
    """
    elements = np.unique(atoms.charges)
    constants = constants_of(elements.tolist(), method)
    fewest = MOLECULES_PER_COLUMN * columns_of_regression(len(elements))
    if min(len(atoms), molecules) < fewest:
        logger.warning(
            "Hueckel's constants stay those of the textbooks: a fit needs %d molecules", fewest
        )
        return constants, np.zeros(len(constants))
    drawn = np.sort(np.random.default_rng(seed).permutation(len(atoms))[:molecules])
    own = atoms[drawn]
    numbers = sums_by_element(
        np.ones((len(own.charges), 1)), own.charges, own.atom_offsets, elements
    )
    fit = HuckelFit(own, numbers, energies[drawn], elements, constants, method)
    return constants, fit.changes(evaluations)


def columns_of_regression(elements: int) -> int:
    """Columns for so many elements: numbers of atoms, and sums of vectors."""
    return elements * (1 + len(bond_columns(elements)))


def vectors_by(
    method: HuckelMethod, atoms: AtomRepresentations, elements: Integers
) -> NDArray[np.float32]:
    """Vectors (N, 15 e + 3) of atoms with positions by a method."""
    return method.vectors(Atoms(atoms.charges, atoms.positions, atoms.atom_offsets), elements)
