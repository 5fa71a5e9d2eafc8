"""Predictions of a fitted model for new molecules.

example:
    from qm7bench.prediction import FittedModel
    model = FittedModel.load("results/qm7/models/eigenspectrum/ridge/fold0")
    predictions = model.predict("molecules.xyz")
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefact import check_unchanged, read_json, sha256_of
from qm7bench.datasets.dataset import Dataset, repadded
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.elements import SYMBOLS
from qm7bench.errors import ArtefactError
from qm7bench.evaluation import ensemble
from qm7bench.evaluation.features import wrap
from qm7bench.registry import load


@dataclass(frozen=True)
class Predictions:
    """Energies of molecules, and reasons to doubt them.

    Attributes
    ----------
    molecules : Dataset
    energies : float64 array of shape (n,)
        Predicted atomization energies in kcal/mol.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol, where it gives one.
    warnings : list of str
        For each molecule why it lies outside of what the model was trained on; empty if it does
        not, as far as elements and size tell.
    """

    molecules: Dataset
    energies: NDArray[np.float64]
    uncertainties: NDArray[np.float64] | None
    warnings: list[str]


@dataclass(frozen=True)
class FittedModel:
    """A model directory that a fit left: `model.json` and `model.npz`."""

    model: Any
    description: dict[str, Any]

    @classmethod
    def load(cls, folder: str | Path) -> FittedModel | FittedEnsemble:
        """Load a fitted model or ensemble; arrays and JSON only, so that loading runs no code.

        Raises
        ------
        ArtefactError
            If the folder holds no fitted model, its arrays were damaged, or a member of an ensemble
            is missing or not the one that was combined.
        """
        path = Path(folder)
        if not (path / "model.json").is_file() or not (path / "model.npz").is_file():
            raise ArtefactError(
                f"{path}: no fitted model; give a folder with model.json and model.npz, such as "
                "results/qm7/models/eigenspectrum/ridge/fold0"
            )
        description = read_json(path / "model.json")
        check_unchanged(
            path / "model.npz", description["arrays_sha256"], handle=path / "model.json"
        )
        with np.load(path / "model.npz", allow_pickle=False) as file:
            arrays = dict(file)
        if "members" in description:
            return FittedEnsemble(_load_members(path, description), arrays, description)
        model = load("models", description["module"])(**description["parameters"])
        return cls(model.restore(arrays), description)

    def predict(self, molecules: str | Path | Dataset) -> Predictions:
        """Predict the molecules of an extended or plain XYZ file in Angstrom, or of a data set.

        Raises
        ------
        DataSetError
            If the file cannot be read, or a molecule is larger than the model's features hold.
        """
        dataset = molecules if isinstance(molecules, Dataset) else load_molecules(Path(molecules))
        features = self._features(dataset)
        uncertainty = getattr(self.model, "uncertainty", None)
        return Predictions(
            molecules=dataset,
            energies=self.model.predict(features),
            uncertainties=uncertainty(features) if uncertainty else None,
            warnings=domain_warnings(dataset, self.description["dataset"]),
        )

    def energies(self, dataset: Dataset) -> NDArray[np.float64]:
        """Energies (n,) in kcal/mol alone: a model's own uncertainty may take much longer."""
        return np.asarray(self.model.predict(self._features(dataset)))

    def _features(self, dataset: Dataset) -> Any:
        """Features as the model reads them."""
        feature = self.description["feature"]
        if feature["layout"] == "tabular":
            dataset = repadded(dataset, self.description["dataset"]["padding"])
        arrays = load("features", feature["module"])(**feature["parameters"]).compute(dataset)
        return wrap(feature["layout"], arrays)


@dataclass(frozen=True)
class FittedEnsemble:
    """Fitted models, and the arrays by which they are combined: `weights` (m,) and `floor`."""

    members: list[FittedModel]
    arrays: dict[str, NDArray[np.float64]]
    description: dict[str, Any]

    def predict(self, molecules: str | Path | Dataset) -> Predictions:
        """As `FittedModel.predict`; the uncertainty is that of `evaluation.ensemble`."""
        dataset = molecules if isinstance(molecules, Dataset) else load_molecules(Path(molecules))
        energies = np.stack([member.energies(dataset) for member in self.members])
        weights, floor = self.arrays["weights"], float(self.arrays["floor"])
        return Predictions(
            molecules=dataset,
            energies=ensemble.combined(energies, weights),
            uncertainties=ensemble.uncertainty(energies, weights, floor),
            warnings=domain_warnings(dataset, self.description["dataset"]),
        )


def _load_members(folder: Path, description: dict[str, Any]) -> list[FittedModel]:
    members = []
    for known in description["members"]:
        path = folder / known["folder"]
        file = path / "model.json"
        if not file.is_file() or sha256_of(file) != known["model_sha256"]:
            what = "is not the one that was combined" if file.is_file() else "is missing"
            raise ArtefactError(
                f"{folder}: the ensemble's member {known['row']} {what} ({path.resolve()}); keep "
                "an ensemble's folder beside its members', or run the workflow again"
            )
        member = FittedModel.load(path)
        assert isinstance(member, FittedModel)  # ensembles are not combined any further
        members.append(member)
    return members


def domain_warnings(dataset: Dataset, described: dict[str, Any]) -> list[str]:
    """Why each molecule lies outside the training data's elements and sizes; "" if it does not."""
    warnings = []
    for charges, size in zip(dataset.charges, dataset.sizes, strict=True):
        reasons = []
        unseen = sorted({int(z) for z in charges if z > 0} - set(described["elements"]))
        if unseen:
            reasons.append("unseen element " + " ".join(SYMBOLS[z] for z in unseen))
        if size > described["largest_molecule"]:
            reasons.append(f"{size} atoms, trained on at most {described['largest_molecule']}")
        warnings.append("; ".join(reasons))
    return warnings
