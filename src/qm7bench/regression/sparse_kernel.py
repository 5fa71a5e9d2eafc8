"""Sparse local kernels: columns for some inducing atoms, and normal equations that add up.

With the kernel K_nm of n molecules and m inducing atoms, and K_mm = L L^T of these atoms, the
columns Phi = K_nm L^-T have Phi Phi^T near to the kernel matrix of the molecules (Nystroem). Ridge
regression on Phi is the Gaussian process known as subset of regressors (Silverman, J. R. Stat. Soc.
B 47, 1 (1985); Quinonero-Candela & Rasmussen, J. Mach. Learn. Res. 6, 1939 (2005), section 5).
Phi^T Phi is a sum over molecules, so that one pass over the kernel serves all sets of folds and all
regularisations. Multiplying by L^-T first keeps the digits that K_nm^T K_nm alone would lose (the
V method of Foster et al., J. Mach. Learn. Res. 10, 857 (2009)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression.inducing_atoms import inducing_atoms
from qm7bench.regression.local_kernel import Axes, Kernel, LocalAtoms, local_kernel

Floats = NDArray[np.float64]

JITTER = 1.0e-9
"""Added to the diagonal of the inducing atoms' kernel matrix, some of whose atoms are alike."""
BLOCK = 1024
"""Molecules whose columns are held at a time, which bounds the memory."""


@dataclass(frozen=True)
class SparseBasis:
    """Inducing atoms along the axes of their elements, and the kernel that compares with them."""

    kernel: Kernel
    gamma: float
    axes: dict[int, Axes]
    inducing: LocalAtoms

    @classmethod
    def chosen(
        cls, atoms: AtomRepresentations, kernel: Kernel, gamma: float, number: int
    ) -> SparseBasis:
        """Choose at most so many inducing atoms from these molecules; see `inducing_atoms`."""
        axes, inducing = inducing_atoms(atoms, gamma, number)
        return cls(kernel, gamma, axes, inducing)

    def __len__(self) -> int:
        """Number of inducing atoms."""
        return self.inducing.number_of_molecules

    @cached_property
    def factor(self) -> Floats:
        """L, the Cholesky factor (m, m) of the inducing atoms' kernel matrix with `JITTER`."""
        from scipy.linalg import cholesky

        matrix = local_kernel(self.inducing, self.inducing, self.kernel, self.gamma)
        matrix[np.diag_indices_from(matrix)] += JITTER
        return np.asarray(cholesky(matrix, lower=True, overwrite_a=True, check_finite=False))

    def similarities(self, atoms: AtomRepresentations) -> Floats:
        """K_nm (n, m) of the molecules with the inducing atoms."""
        local = LocalAtoms.of(atoms, self.axes, known=False)
        return local_kernel(local, self.inducing, self.kernel, self.gamma)

    def columns(self, atoms: AtomRepresentations) -> Floats:
        """Phi beside the molecules' totals, shape (n, m + t)."""
        from scipy.linalg import solve_triangular

        similarities = self.similarities(atoms).T
        phi = solve_triangular(
            self.factor, similarities, lower=True, overwrite_b=True, check_finite=False
        ).T
        return np.hstack([phi, atoms.totals])

    def weights_of_atoms(self, coefficients: Floats) -> Floats:
        """L^-T times coefficients (m, k) of Phi: what multiplies `similarities`."""
        from scipy.linalg import solve_triangular

        return np.asarray(
            solve_triangular(self.factor, coefficients, lower=True, trans="T", check_finite=False)
        )

    def predicted(self, atoms: AtomRepresentations, of_atoms: Floats, of_totals: Floats) -> Floats:
        """Values (n, k) for weights (m, k) of the inducing atoms and (t, k) of the totals."""
        values = np.asarray(atoms.totals @ of_totals)
        for start, part in in_blocks(atoms):
            values[start : start + len(part)] += self.similarities(part) @ of_atoms
        return values


@dataclass(frozen=True)
class NormalEquations:
    """Sums over molecules of the products of their columns, with each other and with targets.

    Attributes
    ----------
    gram : float64 array of shape (c (c + 1) / 2,)
        Of the columns: the lower triangle, column by column.
    moments : float64 array of shape (c, r)
        Of the columns with r targets.
    """

    gram: Floats
    moments: Floats

    @classmethod
    def of(cls, basis: SparseBasis, atoms: AtomRepresentations, targets: Floats) -> NormalEquations:
        """Sum over molecules with targets (n, r)."""
        from scipy.linalg.blas import dsyrk
        from scipy.linalg.lapack import dtrttp

        size = len(basis) + atoms.totals.shape[1]
        gram, moments = np.zeros((size, size), order="F"), np.zeros((size, targets.shape[1]))
        for start, part in in_blocks(atoms):
            columns = basis.columns(part)
            # The product of a matrix with itself, block by block, as one large one has crashed.
            gram = dsyrk(1.0, columns.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
            moments += columns.T @ targets[start : start + len(part)]
        packed, _ = dtrttp(gram, uplo="L")
        return cls(packed, moments)

    @classmethod
    def total(cls, parts: list[NormalEquations]) -> NormalEquations:
        """Sum of the sums over several lists of molecules."""
        gram = parts[0].gram.copy()
        for part in parts[1:]:
            gram += part.gram
        return cls(gram, np.sum([part.moments for part in parts], axis=0))

    def solved(self, alpha: float, scale: Floats, combination: Floats) -> Floats:
        """Coefficients (c,) of the columns for one regularisation.

        Parameters
        ----------
        alpha : float
            Of the scaled columns.
        scale : float64 array of shape (c,)
            Factor of each column; where it is 0, the column is left out.
        combination : float64 array of shape (r,)
            The target as a linear combination of those of `moments`.

        Raises
        ------
        ModelError
            If the equations cannot be solved with this alpha.
        """
        from scipy.linalg import LinAlgError, cho_solve, cholesky
        from scipy.linalg.lapack import dtpttr

        kept = scale > 0
        gram, _ = dtpttr(len(scale), self.gram, uplo="L")
        if not kept.all():
            gram = np.asfortranarray(gram[np.ix_(kept, kept)])
        factors = scale[kept]
        gram *= factors
        gram *= factors[:, None]
        gram[np.diag_indices_from(gram)] += alpha
        try:
            factor = cholesky(gram, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError as error:
            raise ModelError(
                f"sparse local kernel ridge: the normal equations are not positive definite with "
                f"alpha {alpha}; give a larger alpha"
            ) from error
        solution = np.zeros(len(scale))
        right = factors * (self.moments[kept] @ combination)
        solution[kept] = factors * cho_solve((factor, True), right, check_finite=False)
        return solution


def memory_of_sums(columns: int) -> int:
    """Bytes of the sums over some molecules: a triangle."""
    return 8 * columns * (columns + 1) // 2


def memory_of_columns(columns: int) -> int:
    """Bytes of the square matrices and blocks that are held while sums are made or solved."""
    return 8 * (2 * columns**2 + 4 * BLOCK * columns)


def in_blocks(atoms: AtomRepresentations) -> Iterator[tuple[int, AtomRepresentations]]:
    """Molecules in blocks of at most `BLOCK`, each with the index of its first one."""
    for start in range(0, len(atoms), BLOCK):
        yield start, atoms[start : start + BLOCK]
