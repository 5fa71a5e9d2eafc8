"""Kernel ridge regression on many sets of training folds at once, by block elimination.

For a kernel matrix K in blocks of folds, Gaussian elimination of the training folds' blocks of
K + alpha I, one fold after the other, solves the regression on these folds. Training sets that
begin with the same folds share the eliminations of those: the ten sets of three folds and the five
sets of four, which nested cross-validation over five folds needs, cost together about a third of
fifteen separate Cholesky factorisations, and one kernel matrix serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, blas, lapack

from qm7bench.regression.element_reference import ElementReference

Floats = NDArray[np.float64]
Folds = tuple[int, ...]


@dataclass(frozen=True)
class _Step:
    """One eliminated fold: its factor, reduced targets, and couplings to later folds."""

    fold: int
    factor: Floats
    reduced: Floats
    couplings: dict[int, Floats]


@dataclass(frozen=True)
class _Remaining:
    """Schur complements of the folds not eliminated yet (lower triangles on the diagonal)."""

    blocks: dict[tuple[int, int], Floats]
    targets: dict[int, Floats]


class FoldBlocks:
    """A kernel matrix in blocks of folds, ready for any regularisation and training sets.

    Parameters
    ----------
    kernel : float64 array of shape (n, n)
        Symmetric positive semi-definite kernel of all molecules.
    folds : int array of shape (n,)
        Fold of each molecule.
    """

    def __init__(self, kernel: Floats, folds: NDArray[np.int64]) -> None:
        self.members = {int(fold): np.flatnonzero(folds == fold) for fold in np.unique(folds)}
        # Blocks (i, j) of folds i >= j, in the order that LAPACK reads.
        self.blocks = {
            (i, j): np.asfortranarray(kernel[np.ix_(self.members[i], self.members[j])])
            for i in self.members
            for j in self.members
            if i >= j
        }

    def coefficients(self, targets: Floats, alpha: float, sets: list[Folds]) -> dict[Folds, Floats]:
        """Dual coefficients of kernel ridge regression on each set of training folds.

        Parameters
        ----------
        targets : float64 array of shape (n, t)
            Several targets are solved with one factorisation.
        alpha : float
            Regularisation added to the diagonal.
        sets : list of tuples of folds
            The training sets.

        Returns
        -------
        dict from training set to float64 array of shape (n, t)
            Zero for the molecules outside; NaN everywhere where the kernel of a training set is not
            positive definite.
        """
        by_fold = {i: np.asfortranarray(targets[rows]) for i, rows in self.members.items()}
        remaining = _Remaining(self._regularised(alpha), by_fold)
        solved: dict[Folds, dict[int, Floats]] = {}
        _eliminate([], remaining, [tuple(sorted(s)) for s in sets], solved)
        result = {}
        for training_set in sets:
            own = solved.get(tuple(sorted(training_set)))
            result[training_set] = np.full(targets.shape, np.nan if own is None else 0.0)
            for fold, dual in (own or {}).items():
                result[training_set][self.members[fold]] = dual
        return result

    def residuals(self, targets: Floats, alpha: float, sets: list[Folds]) -> dict[Folds, Floats]:
        """Targets minus predictions of kernel ridge regression on each set of training folds.

        Takes and returns what `coefficients` does, but NaN for the molecules of the training folds.
        """
        result = {}
        for training_set, dual in self.coefficients(targets, alpha, sets).items():
            result[training_set] = np.full(targets.shape, np.nan)
            for fold in self.members.keys() - set(training_set):
                rows = self.members[fold]
                residuals = targets[rows]
                for trained in training_set:
                    residuals = residuals - self._block(fold, trained) @ dual[self.members[trained]]
                result[training_set][rows] = residuals
        return result

    def predictions(
        self, energies: Floats, columns: Floats, alpha: float, sets: list[Folds]
    ) -> dict[Folds, Floats]:
        """Predictions of kernel ridge regression on what columns leave unexplained.

        Each training set has its own least-squares fit of the energies by the columns. As residuals
        are linear in the targets, one solution with the energies and the columns as targets serves
        all training sets.

        Parameters
        ----------
        energies : float64 array of shape (n,)
        columns : float64 array of shape (n, t)
            Ones for the mean energy, or numbers of atoms.

        Returns
        -------
        dict from training set to float64 array of shape (n,)
            NaN for the molecules of the training folds.
        """
        found = {}
        targets = np.column_stack([energies, columns])
        for training_set, left in self.residuals(targets, alpha, sets).items():
            inside = np.sort(np.concatenate([self.members[fold] for fold in training_set]))
            reference = ElementReference().fit(columns[inside], energies[inside])
            found[training_set] = energies - (left[:, 0] - left[:, 1:] @ reference.coefficients_)
        return found

    def _regularised(self, alpha: float) -> dict[tuple[int, int], Floats]:
        """Blocks of K + alpha I; those off the diagonal are shared, not copied."""
        blocks = dict(self.blocks)
        for i, rows in self.members.items():
            blocks[i, i] = blocks[i, i].copy(order="F")
            blocks[i, i][np.diag_indices(len(rows))] += alpha
        return blocks

    def _block(self, i: int, j: int) -> Floats:
        return self.blocks[i, j] if i > j else self.blocks[j, i].T


def memory_of_elimination(matrix: int) -> int:
    """Bytes of `FoldBlocks` while it solves, for a kernel matrix of so many bytes.

    With five folds: 15 blocks of 25, copies of the 5 on the diagonal, and 34 on the way down.
    """
    return 54 * matrix // 25


def _eliminate(
    steps: list[_Step],
    remaining: _Remaining,
    sets: list[Folds],
    coefficients: dict[Folds, dict[int, Floats]],
) -> None:
    """Walk the tree of training sets by common beginnings, depth first."""
    depth = len(steps)
    if any(len(s) == depth for s in sets):
        coefficients[tuple(step.fold for step in steps)] = _back_substitute(steps)
    longer = [s for s in sets if len(s) > depth]
    for fold in sorted({s[depth] for s in longer}):
        continuing = [s for s in longer if s[depth] == fold]
        later = sorted({f for s in continuing for f in s[depth + 1 :]})
        try:
            step, reduced = _eliminate_fold(fold, later, remaining)
        except LinAlgError:
            continue
        _eliminate([*steps, step], reduced, continuing, coefficients)


def _eliminate_fold(fold: int, later: list[int], remaining: _Remaining) -> tuple[_Step, _Remaining]:
    """Factorise one fold's block and subtract its share from the later folds'."""
    factor, info = lapack.dpotrf(remaining.blocks[fold, fold], lower=1, clean=0)
    if info != 0:
        raise LinAlgError("the kernel matrix is not positive definite")
    reduced = blas.dtrsm(1.0, factor, remaining.targets[fold], lower=1)
    # A coupling is (later, fold) block times the inverse transposed factor: L_jc of Cholesky.
    couplings = {
        j: blas.dtrsm(1.0, factor, remaining.blocks[j, fold], side=1, lower=1, trans_a=1)
        for j in later
    }
    blocks = {}
    for i in later:
        for j in later:
            if i > j:
                blocks[i, j] = blas.dgemm(
                    -1.0, couplings[i], couplings[j], 1.0, remaining.blocks[i, j], trans_b=1
                )
        blocks[i, i] = blas.dsyrk(-1.0, couplings[i], 1.0, remaining.blocks[i, i], lower=1)
    targets = {j: blas.dgemm(-1.0, couplings[j], reduced, 1.0, remaining.targets[j]) for j in later}
    return _Step(fold, factor, reduced, couplings), _Remaining(blocks, targets)


def _back_substitute(steps: list[_Step]) -> dict[int, Floats]:
    """Dual coefficients of each training fold, shape (molecules of the fold, t)."""
    solved: dict[int, Floats] = {}
    for step in reversed(steps):
        right = step.reduced.copy()
        for fold, coefficients in solved.items():
            right -= step.couplings[fold].T @ coefficients
        solved[step.fold] = blas.dtrsm(
            1.0, step.factor, np.asfortranarray(right), lower=1, trans_a=1
        )
    return solved
