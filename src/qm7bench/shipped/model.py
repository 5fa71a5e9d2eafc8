"""A model that ships with the package: predicts molecules without any data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.errors import MissingPackageError, UserError
from qm7bench.evaluation.applicability_domain import TrainingDomain
from qm7bench.evaluation.distance_intervals import DistanceIntervals
from qm7bench.evaluation.unknown_elements import have_known_elements
from qm7bench.features.interface import Feature
from qm7bench.fitting.baseline import baseline_energies
from qm7bench.layouts.loading import wrap
from qm7bench.models.interface import GivesDistances
from qm7bench.prediction import Predictions
from qm7bench.registry.modules import load
from qm7bench.shipped.files import ShippedFiles

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOLECULES_AT_ONCE = 512
"""Molecules whose representation is held at a time, which bounds the memory."""


@dataclass(frozen=True)
class ShippedModel:
    """A fitted model with the quantiles that its intervals and its warnings need.

    Attributes
    ----------
    model : GivesDistances
    feature : Feature
        The representation that it reads.
    intervals : DistanceIntervals
    description : dict
        What `model.json` says.
    """

    model: GivesDistances
    feature: Feature
    intervals: DistanceIntervals
    description: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> ShippedModel:
        """Load from a folder; arrays and JSON only, so that loading runs no code.

        Raises
        ------
        ArtefactError
            If a file is missing or damaged.
        """
        arrays, description = ShippedFiles(folder).read()
        model = load("models", description["module"])(**description["parameters"])
        feature = description["feature"]
        return cls(
            model.restore(arrays),
            load("features", feature["module"])(**feature["parameters"]),
            DistanceIntervals.from_json(description["intervals"]),
            description,
        )

    def predict(self, molecules: str | Path | Dataset, uncertain: bool = False) -> Predictions:
        """Predict the molecules of an extended or plain XYZ file in Angstrom, or of a data set.

        A molecule that the model cannot treat has energy NaN and a warning that says why. Intervals
        widen with the distance of a molecule's atoms from those that the model knows.

        Parameters
        ----------
        uncertain : bool
            Ignored: the model has no uncertainties besides its intervals.

        Raises
        ------
        DataSetError, GeometryError
            If the file cannot be read.
        """
        dataset = molecules if isinstance(molecules, Dataset) else load_molecules(Path(molecules))
        found = _Found.nothing(len(dataset))
        elements = np.array(self.description["dataset"]["elements"])
        known = np.flatnonzero(have_known_elements(dataset.charges, elements))
        for start in range(0, len(known), MOLECULES_AT_ONCE):
            self._fill(found, dataset, known[start : start + MOLECULES_AT_ONCE])
        half_widths = np.full(len(dataset), np.nan)
        predicted = np.isfinite(found.energies)
        half_widths[predicted] = self.intervals.of(found.distances[predicted])
        warnings = self._warnings(dataset, found)
        return Predictions(dataset, found.energies, None, half_widths, warnings)

    def _fill(self, found: _Found, dataset: Dataset, places: Integers) -> None:
        """Predict the molecules of these places; those that are refused are found by halving."""
        own = dataset[places]
        try:
            arrays = self.feature.compute(own)
            energies, distances = self.model.predict_with_distances(
                wrap(self.feature.layout, arrays)
            )
            if "baseline" in self.description:
                energies = energies + baseline_energies(self.description["baseline"], own)
        except MissingPackageError:
            raise
        except UserError as error:
            if len(places) == 1:
                found.reasons[places[0]] = str(error)
                return
            for half in np.array_split(places, 2):
                self._fill(found, dataset, half)
            return
        found.energies[places] = energies
        firsts = arrays["atom_offsets"][:-1]
        found.distances[places] = np.maximum.reduceat(distances, firsts)
        for number, place in enumerate(places):
            first, last = arrays["atom_offsets"][number : number + 2]
            found.farthest[place] = int(np.argmax(distances[first:last]))

    def _warnings(self, dataset: Dataset, found: _Found) -> list[str]:
        """Why each molecule has no prediction, or is unlike those of the data set."""
        known, far = self.description["dataset"], self.intervals.far
        domain = TrainingDomain(known["elements"], known["largest_molecule"])
        warnings = []
        for i, doubts in enumerate(domain.warnings(dataset)):
            reasons = [doubts]
            if not np.isfinite(found.energies[i]):
                reason = found.reasons[i]
                reasons.insert(0, "no prediction" + (f": {reason}" if reason else ""))
            elif found.distances[i] > far:
                atom = found.farthest[i]
                symbol = SYMBOLS[int(dataset.charges[i, atom])]
                reasons.append(
                    f"atom {atom} ({symbol}) is unlike the atoms that the model knows (distance "
                    f"{found.distances[i]:.2f}; 99 % of {known['name']} is within {far:.2f})"
                )
            warnings.append("; ".join(filter(None, reasons)))
        return warnings


@dataclass(frozen=True)
class _Found:
    """What is found of n molecules: arrays to fill in.

    Attributes
    ----------
    energies, distances : float64 arrays of shape (n,)
        NaN where there is no prediction; the distance is that of the farthest atom.
    farthest : int64 array of shape (n,)
        That atom.
    reasons : list of str
        Why a molecule was refused.
    """

    energies: Floats
    distances: Floats
    farthest: Integers
    reasons: list[str]

    @classmethod
    def nothing(cls, n: int) -> _Found:
        nans = np.full(n, np.nan)
        return cls(nans, nans.copy(), np.zeros(n, dtype=np.int64), [""] * n)
