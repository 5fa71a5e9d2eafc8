"""Reference energies of the elements, from least squares on the composition of molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass
class ElementReference:
    """E_ref = sum over elements of n_element e_element, with the e of smallest squared residual.

    What is left after subtracting it is what a network has to learn: for QM7 it varies by about
    10 kcal/mol, the energies themselves by 224.
    """

    def fit(self, counts: NDArray[np.float64], energies: NDArray[np.float64]) -> ElementReference:
        """Fit to counts of atoms (n, elements) and energies (n,) in kcal/mol."""
        weights, *_ = np.linalg.lstsq(counts, energies, rcond=None)
        self.coefficients_: NDArray[np.float64] = np.asarray(weights, dtype=np.float64)
        return self

    def energies(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum the reference energies of each molecule's atoms: (n,) in kcal/mol."""
        return counts @ self.coefficients_
