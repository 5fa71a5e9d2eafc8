"""What a model was trained on, and whether a new molecule lies outside of it.

Three things are looked at: elements, number of atoms, and the distance to the nearest training
molecule. The distance is that of Rupp et al., Phys. Rev. Lett. 108, 058301 (2012): Euclidean,
between the sorted absolute eigenvalues of the Coulomb matrices, in Hartree. It is the same for
every model. Far is what is farther than 99 % of the test molecules are from the training molecules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import counted
from qm7bench.registry.modules import load

Floats = NDArray[np.float64]
LEVEL = 0.99


@dataclass(frozen=True)
class Neighbourhood:
    """The training molecules' spectra (m, A), and the distance in Hartree beyond which is far."""

    spectra: Floats
    far: float


@dataclass(frozen=True)
class TrainingDomain:
    """What a model was trained on.

    Attributes
    ----------
    elements : list of int
        Nuclear charges.
    largest : int
        Atoms of the largest molecule.
    neighbourhood : Neighbourhood, optional
        Without it, distances are not looked at.
    """

    elements: list[int]
    largest: int
    neighbourhood: Neighbourhood | None = None

    def warnings(self, molecules: Dataset) -> list[str]:
        """Why each molecule lies outside, "" if it does not."""
        distances = np.zeros(len(molecules))
        near = self.neighbourhood
        if near is not None:
            distances = nearest_distances(spectra_of(molecules), near.spectra)
        warnings = []
        for charges, size, distance in zip(
            molecules.charges, molecules.sizes, distances, strict=True
        ):
            reasons = []
            unseen = sorted({int(z) for z in charges if z > 0} - set(self.elements))
            if unseen:
                reasons.append("unseen element " + " ".join(SYMBOLS[z] for z in unseen))
            if size > self.largest:
                reasons.append(f"{counted(size, 'atom')}, trained on at most {self.largest}")
            if near is not None and distance > near.far:
                reasons.append(
                    f"far from every training molecule ({distance:.1f} Hartree between spectra; "
                    f"99 % of test molecules are within {near.far:.1f})"
                )
            warnings.append("; ".join(reasons))
        return warnings


def neighbourhood_of(dataset: Dataset, fold: int) -> Neighbourhood:
    """Neighbourhood of the molecules outside the test fold, its scale set by the test fold's."""
    spectra, test = spectra_of(dataset), dataset.folds == fold
    distances = nearest_distances(spectra[test], spectra[~test])
    return Neighbourhood(spectra[~test], float(np.quantile(distances, LEVEL)))


def spectra_of(dataset: Dataset) -> Floats:
    """Sorted absolute eigenvalues (n, A) of the Coulomb matrices, in Hartree."""
    values: Floats = load("features", "eigenspectrum")().compute(dataset)["values"]
    return values


def nearest_distances(spectra: Floats, training: Floats) -> Floats:
    """Distance (n,) of each spectrum (n, A) to the nearest of (m, B), in Hartree."""
    from scipy.spatial.distance import cdist

    width = max(spectra.shape[1], training.shape[1])
    a, b = (np.pad(x, ((0, 0), (0, width - x.shape[1]))) for x in (spectra, training))
    return np.asarray(cdist(a, b).min(axis=1))
