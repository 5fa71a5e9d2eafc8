"""Predictions of a fitted model for new molecules.

example:
    from qm7bench.prediction import FittedModel
    model = FittedModel.load("results/qm7/models/eigenspectrum/ridge/fold0")
    predictions = model.predict("molecules.xyz")
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import check_unchanged, read_json, sha256_of
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import FIT, FitFiles, filled
from qm7bench.datasets.dataset import Dataset, repadded
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.datasets.storage import read_dataset
from qm7bench.ensembles import weights as ensemble
from qm7bench.errors import ArtefactError, MissingPackageError, UserError
from qm7bench.evaluation.applicability_domain import Neighbourhood, TrainingDomain, neighbourhood_of
from qm7bench.evaluation.conformal import Calibration, calibrated
from qm7bench.evaluation.unknown_elements import have_known_elements
from qm7bench.fitting.baseline import baseline_energies
from qm7bench.layouts.loading import wrap
from qm7bench.models.interface import GivesUncertainty, Model
from qm7bench.registry.modules import load

Floats = NDArray[np.float64]
EXAMPLE = filled(FIT.folder, dataset="qm7", feature="eigenspectrum", model="ridge", fold=0)
"""A folder that holds a fitted model."""


@dataclass(frozen=True)
class Predictions:
    """Energies of molecules, and reasons to doubt them.

    Attributes
    ----------
    molecules : Dataset
    energies : float64 array of shape (n,)
        Predicted atomization energies in kcal/mol; NaN where there is no prediction, for which the
        warning says why.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol, where it gives one.
    half_widths : float64 array of shape (n,) or None
        Of the 90 % prediction intervals, in kcal/mol, calibrated on the model's test molecules;
        None where their predictions are not beside the model, or too few for the level. They are
        for molecules like those of the data set, not for those with a warning.
    warnings : list of str
        For each molecule why it lies outside the model's applicability domain, and why it has no
        prediction; empty if neither holds, as far as elements, size and `domain` tell.
    """

    molecules: Dataset
    energies: NDArray[np.float64]
    uncertainties: NDArray[np.float64] | None
    half_widths: NDArray[np.float64] | None
    warnings: list[str]


@dataclass(frozen=True)
class Values:
    """What a model alone says of n molecules.

    Attributes
    ----------
    energies : float64 array of shape (n,)
        In kcal/mol; NaN where there is no prediction.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol, where asked for and given.
    reasons : list of str
        Why there is no prediction, as far as elements and size do not tell it.
    """

    energies: Floats
    uncertainties: Floats | None
    reasons: list[str]

    @classmethod
    def none(cls, molecules: int) -> Values:
        """Predictions of no molecule yet."""
        return cls(np.full(molecules, np.nan), None, [""] * molecules)


@dataclass(frozen=True)
class FittedModel:
    """A model directory that a fit left: `model.json` and `model.npz`.

    What lies beside them is used where it is there, and `notes` say what is not and why: the test
    molecules' `predictions.parquet` for intervals, the data set of the same results for distances
    to the training molecules.
    """

    model: Model
    description: dict[str, Any]
    domain: TrainingDomain
    calibrations: list[Calibration]
    notes: tuple[str, ...] = ()

    @classmethod
    def load(
        cls, folder: str | Path, dataset: str | Path | None = None
    ) -> FittedModel | FittedEnsemble:
        """Load a fitted model or ensemble; arrays and JSON only, so that loading runs no code.

        Parameters
        ----------
        folder : path
        dataset : path, optional
            `metadata.json` of the data set that the model was trained on; by default that of the
            results which the folder is part of, if it is there.

        Raises
        ------
        ArtefactError
            If the folder holds no fitted model, its arrays were damaged, a member of an ensemble
            is missing or not the one that was combined, or the data set is another one.
        """
        path, files = Path(folder), FitFiles(Path(folder))
        if not files.model.is_file() or not files.arrays.is_file():
            raise ArtefactError(
                f"{path}: no fitted model; give a folder with {files.model.name} and "
                f"{files.arrays.name}, such as {EXAMPLE}"
            )
        description = read_json(files.model)
        check_unchanged(files.arrays, description["arrays_sha256"], handle=files.model)
        with np.load(files.arrays, allow_pickle=False) as file:
            arrays = dict(file)
        domain, near = _domain(path, description, None if dataset is None else Path(dataset))
        calibrations, intervals = _calibrations(path)
        notes = tuple(filter(None, (intervals, near)))
        if "members" in description:
            members = _load_members(path, description)
            return FittedEnsemble(members, arrays, description, domain, calibrations, notes)
        model = load("models", description["module"])(**description["parameters"])
        return cls(model.restore(arrays), description, domain, calibrations, notes)

    def predict(self, molecules: str | Path | Dataset, uncertain: bool = False) -> Predictions:
        """Predict the molecules of an extended or plain XYZ file in Angstrom, or of a data set.

        A molecule that the model or its features cannot treat, for its elements or its size, has
        energy NaN and a warning.

        Parameters
        ----------
        uncertain : bool
            Whether to give the model's own uncertainties, and intervals that scale with them. A
            Gaussian process factorises its kernel matrix for them, which may take a minute.

        Raises
        ------
        DataSetError
            If the file cannot be read.
        """
        dataset = molecules if isinstance(molecules, Dataset) else load_molecules(Path(molecules))
        values = self.values(dataset, uncertain)
        return _predictions(dataset, values, self.domain, self.calibrations)

    def values(self, dataset: Dataset, uncertain: bool = False) -> Values:
        """Predict without intervals and warnings; arguments are those of `predict`."""
        values = Values.none(len(dataset))
        if uncertain and isinstance(self.model, GivesUncertainty):
            values = replace(values, uncertainties=values.energies.copy())
        self._fill(values, dataset, np.flatnonzero(self._within_limits(dataset)))
        return values

    def _within_limits(self, dataset: Dataset) -> NDArray[np.bool_]:
        """Whether each molecule has elements that the model knows, and room in its features."""
        known, within = self.description["dataset"], np.ones(len(dataset), dtype=bool)
        if not self.model.predicts_unknown_elements:
            within &= have_known_elements(dataset.charges, np.array(known["elements"]))
        if self.description["feature"]["layout"] == "tabular":
            within &= dataset.sizes <= known["padding"]
        return within

    def _fill(self, values: Values, dataset: Dataset, places: NDArray[np.int64]) -> None:
        """Predict the molecules of these places; those that are refused are found by halving."""
        if not len(places):
            return
        try:
            own = self._computed(dataset[places], values.uncertainties is not None)
        except MissingPackageError:
            raise
        except UserError as error:
            if len(places) == 1:
                values.reasons[places[0]] = str(error)
                return
            for half in np.array_split(places, 2):
                self._fill(values, dataset, half)
            return
        values.energies[places] = own[0]
        if values.uncertainties is not None:
            values.uncertainties[places] = own[1]

    def _computed(self, dataset: Dataset, uncertain: bool) -> tuple[Floats, Floats | None]:
        """Energies and, if asked for, the model's own uncertainties (n,) in kcal/mol."""
        features, facts = self._features(dataset), self.description.get("baseline")
        energies = self.model.predict(features)
        if facts:
            energies = energies + baseline_energies(facts, dataset)
        if uncertain and isinstance(self.model, GivesUncertainty):
            return energies, self.model.uncertainty(features)
        return energies, None

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
    domain: TrainingDomain
    calibrations: list[Calibration]
    notes: tuple[str, ...] = ()

    def predict(self, molecules: str | Path | Dataset, uncertain: bool = True) -> Predictions:
        """As `FittedModel.predict`; the uncertainty, always given, is of `evaluation.ensemble`."""
        dataset = molecules if isinstance(molecules, Dataset) else load_molecules(Path(molecules))
        found = [member.values(dataset) for member in self.members]
        energies = np.stack([values.energies for values in found])
        weights, floor = self.arrays["weights"], float(self.arrays["floor"])
        means = ensemble.combined(energies, weights)
        spread = ensemble.uncertainty(energies, weights, floor)
        reasons = [
            next(filter(None, own), "") for own in zip(*(v.reasons for v in found), strict=True)
        ]
        return _predictions(dataset, Values(means, spread, reasons), self.domain, self.calibrations)


def _load_members(folder: Path, description: dict[str, Any]) -> list[FittedModel]:
    members = []
    for known in description["members"]:
        path = folder / known["folder"]
        file = FitFiles(path).model
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


def _predictions(
    molecules: Dataset, values: Values, domain: TrainingDomain, calibrations: list[Calibration]
) -> Predictions:
    energies, uncertainties, half_widths = values.energies, values.uncertainties, None
    for calibration in calibrations:
        if not calibration.of_uncertainty or uncertainties is not None:
            half_widths = calibration.half_widths(len(molecules), uncertainties)
    warnings = []
    for energy, reason, doubts in zip(
        energies, values.reasons, domain.warnings(molecules), strict=True
    ):
        missing = "" if np.isfinite(energy) else "no prediction" + (f": {reason}" if reason else "")
        warnings.append("; ".join(filter(None, (missing, doubts))))
    return Predictions(molecules, energies, uncertainties, half_widths, warnings)


def _calibrations(folder: Path) -> tuple[list[Calibration], str]:
    """Calibrations on the test molecules: plain, in units of the uncertainty; if none, why."""
    files = FitFiles(folder)
    path, metrics = files.predictions, files.metrics
    too_few = "no predictions of at least 9 test molecules beside it, so no intervals"
    if not path.is_file() or not metrics.is_file():
        return [], too_few
    check_unchanged(path, read_json(metrics)["predictions_sha256"], handle=metrics)
    try:
        table = read_table(path)
    except MissingPackageError as error:
        return [], f"no intervals: {error}"
    errors, uncertainties = table["prediction"] - table["energy"], table.get("uncertainty")
    given = [None] if uncertainties is None else [None, uncertainties]
    found = [calibrated(errors, each) for each in given]
    usable = [calibration for calibration in found if np.isfinite(calibration.quantile)]
    return usable, "" if usable else too_few


def _domain(folder: Path, made: dict[str, Any], given: Path | None) -> tuple[TrainingDomain, str]:
    """Elements and sizes as the model knows them, and distances; if none of these, why."""
    known = made["dataset"]
    domain = TrainingDomain(known["elements"], known["largest_molecule"])
    path = given or FitFiles(folder).dataset
    if not path.is_file() or sha256_of(path) != known["sha256"]:
        if given is not None:
            raise ArtefactError(
                f"{given}: not the data set {known['name']} that {folder} was trained on; give "
                "its metadata.json"
            )
        return domain, "no data set, so no distances; name it with --dataset"
    try:
        return replace(domain, neighbourhood=_neighbourhood(path, made["fold"])), ""
    except MissingPackageError as error:
        return domain, f"no distances: {error}"


@cache
def _neighbourhood(dataset: Path, fold: int) -> Neighbourhood:
    """Kept, as the members of an ensemble share it."""
    return neighbourhood_of(read_dataset(dataset), fold)
