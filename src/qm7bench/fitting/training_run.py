"""One training and its test, as every job that fits runs them: build, fit, predict, measure."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import write_json
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.evaluation.metrics import measured
from qm7bench.evaluation.unknown_elements import have_known_elements
from qm7bench.fitting.job import FitInputs, cost_of_this_process, workspace
from qm7bench.models.interface import GivesUncertainty, LearnsFromSome, Model, TrainsInEpochs

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class TrainingRun:
    """What is fitted, to which molecules, and where its checkpoints go.

    Attributes
    ----------
    inputs : FitInputs
    parameters : dict
        The chosen hyper-parameters with the fixed ones.
    part : int or str
        Part of the data set that the model sees, from which its seed is derived: the test fold, or
        a few words.
    training : int64 array of shape (m,)
        Indices of the training molecules.
    files : FitFiles
    identity : list
        Whatever else must be the same for an interrupted training to be resumed: of JSON types.
    """

    inputs: FitInputs
    parameters: dict[str, Any]
    part: int | str
    training: Indices
    files: FitFiles
    identity: list[Any]

    def train(self, watched: Indices | None = None) -> TrainedModel:
        """Build the model and fit it to the training molecules; resume where it was interrupted.

        Parameters
        ----------
        watched : int64 array, optional
            Indices of molecules whose error a model that trains in epochs records, without
            learning from it.
        """
        inputs = self.inputs
        entry, features, targets = inputs.entry, inputs.features, inputs.dataset.targets
        model = entry.build(self.parameters, self.part)
        if isinstance(model, TrainsInEpochs):
            model.workspace = workspace(self.files, entry, self.identity)
            if watched is not None:
                predictable = watched[self.predictable(model, watched)]
                if len(predictable):
                    model.watch = (features[predictable], targets[predictable])
        started = time.process_time()
        model.fit(features[self.training], targets[self.training])
        seconds = time.process_time() - started
        history = model.history if isinstance(model, TrainsInEpochs) else []
        earlier = max(0.0, history[-1]["seconds"] - seconds) if history else 0.0
        return TrainedModel(self, model, history, seconds + earlier, earlier)

    def predictable(self, model: Model, test: Indices) -> NDArray[np.bool_]:
        """Whether the fitted model can predict each molecule of these indices, by its elements."""
        charges = self.inputs.dataset.charges
        if model.predicts_unknown_elements:
            return np.ones(len(test), dtype=bool)
        return have_known_elements(charges[test], charges[self.training])


@dataclass(frozen=True)
class TrainedModel:
    """A fitted model and what its training took.

    Attributes
    ----------
    run : TrainingRun
        What was fitted.
    model : Model
    history : list of dict
        One record for each epoch; empty for models without epochs.
    fit_seconds : float
        CPU seconds of the training, with those before an interruption.
    earlier_seconds : float
        CPU seconds in earlier processes, which were interrupted.
    """

    run: TrainingRun
    model: Model
    history: list[dict[str, Any]]
    fit_seconds: float
    earlier_seconds: float

    @property
    def learned_from(self) -> int:
        """Number of training molecules, or of those that the model took of them."""
        if isinstance(self.model, LearnsFromSome):
            return self.model.learned_from
        return len(self.run.training)

    def predict(self, test: Indices, uncertain: bool = False) -> HeldOutPredictions:
        """Predict the molecules of these indices.

        A molecule with an element that no training molecule has gets NaN, unless the model can
        predict it.

        Parameters
        ----------
        uncertain : bool
            Whether to ask for the model's own uncertainties, where it gives some.
        """
        inputs, predictable = self.run.inputs, self.run.predictable(self.model, test)
        predictions = np.full(len(test), np.nan)
        uncertainties = None
        if uncertain and isinstance(self.model, GivesUncertainty):
            uncertainties = predictions.copy()
        seconds = 0.0
        if predictable.any():
            held_out = inputs.features[test[predictable]]
            started = time.process_time()
            predictions[predictable] = self.model.predict(held_out)
            seconds = time.process_time() - started
            if uncertainties is not None and isinstance(self.model, GivesUncertainty):
                uncertainties[predictable] = self.model.uncertainty(held_out)
        predictions[~np.isfinite(predictions)] = np.nan
        restored = inputs.dataset.restored(predictions, test)
        return HeldOutPredictions(inputs.dataset.energies[test], restored, uncertainties, seconds)

    def costs(self) -> dict[str, float]:
        """CPU seconds and peak memory, with what went before: an interrupted training, parts."""
        parts = self.run.inputs.parts_cost
        own = cost_of_this_process(self.earlier_seconds + parts.get("cpu_seconds", 0.0))
        own["peak_memory_mb"] = max(own["peak_memory_mb"], parts.get("peak_memory_mb", 0.0))
        return own


@dataclass(frozen=True)
class HeldOutPredictions:
    """Predictions for test molecules.

    Attributes
    ----------
    energies, predictions : float64 arrays of shape (n,)
        In kcal/mol; the prediction is NaN where there is none.
    uncertainties : float64 array of shape (n,) or None
        The model's own, in kcal/mol.
    predict_seconds : float
        CPU seconds.
    """

    energies: Floats
    predictions: Floats
    uncertainties: Floats | None
    predict_seconds: float

    def errors(self) -> dict[str, Any]:
        """Number of test molecules, and the errors on them in kcal/mol, for `metrics.json`."""
        return measured(self.energies, self.predictions)


def finish(files: FitFiles, metrics: dict[str, Any]) -> None:
    """Write `metrics.json`, the last of a fit's files, and remove its checkpoints."""
    write_json(files.metrics, metrics)
    remove_checkpoints(files)


def remove_checkpoints(files: FitFiles) -> None:
    """Remove the checkpoints of a training that is done."""
    shutil.rmtree(files.checkpoints, ignore_errors=True)
