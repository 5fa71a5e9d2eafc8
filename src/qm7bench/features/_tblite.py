"""Self-consistent calculations of extended tight binding by tblite, and what to say without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.installation import naming_the_extra


@dataclass(frozen=True)
class Converged:
    """A finished calculation.

    Attributes
    ----------
    calculator, results
        tblite's, which give what they hold by name: `results.get("energy")`.
    """

    calculator: Any
    results: Any


def converged(
    method: str,
    charges: NDArray[np.int64],
    positions: NDArray[np.float64],
    unpaired: int = 0,
    **settings: float,
) -> Converged | None:
    """Calculation of a neutral molecule; None where the method gives no energy.

    Parameters
    ----------
    method : str
        Such as "GFN2-xTB".
    charges : int64 array of shape (N,)
        Nuclear charges.
    positions : float64 array of shape (N, 3)
        In Bohr.
    unpaired : int
        Electrons without a partner.
    settings : float
        Of tblite's calculator, by name, with underscores for hyphens.

    Raises
    ------
    MissingPackageError
        If tblite is not installed.
    """
    with naming_the_extra():
        from tblite.exceptions import TBLiteRuntimeError
        from tblite.interface import Calculator

    try:
        calculator = Calculator(method, charges, positions, uhf=unpaired)
        calculator.set("verbosity", 0)
        for name, value in settings.items():
            calculator.set(name.replace("_", "-"), value)
        return Converged(calculator, calculator.singlepoint())
    except TBLiteRuntimeError:
        return None


def no_energy(method: str, dataset: Dataset, molecule: int) -> ModelError:
    """Error for a molecule, by its place in the data set, without self-consistent charges."""
    return ModelError(
        f"{method}: no energy for molecule {int(dataset.ids[molecule])} of {dataset.name}; "
        "check its geometry, or leave it out"
    )
