"""One model on one fold: fit on the training folds, predict the test fold, keep everything."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import resource
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefact import atomic_path, canonical_json, read_json, sha256_of, write_json
from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.conformal import quality_from_inside
from qm7bench.evaluation.metrics import (
    largest_error,
    mean_absolute_error,
    root_mean_squared_error,
)
from qm7bench.evaluation.pretrained import start_from_pretrained
from qm7bench.registry import load, module_name, parameters_of
from qm7bench.seeds import derived_seed
from qm7bench.source_files import source_files
from qm7bench.tables import write_records, write_table

VERSIONED_PACKAGES = ("qm7bench", "numpy", "scipy", "scikit-learn", "torch", "torch-geometric")


@dataclass(frozen=True)
class Row:
    """One row of the table, as a fit job sees it.

    Attributes
    ----------
    dataset, feature, model : str
        The names in its path; `model` is the name of the configuration's entry.
    module : str
        The model's module.
    parameters : dict
        Fixed parameters.
    grid : dict
        Values to choose from; empty where nothing is chosen.
    seed : int
    budget : str
        Which budget the parameters are those of; empty for models without.
    pretrained : str
        `model.json` of a model whose weights the fit begins with; empty without.
    """

    dataset: str
    feature: str
    model: str
    module: str
    parameters: dict[str, Any]
    grid: dict[str, list[Any]]
    seed: int
    budget: str = ""
    pretrained: str = ""

    @classmethod
    def of(cls, dataset: Dataset, feature: str, model: str, settings: dict[str, Any]) -> Row:
        """Row of these names with the settings that the workflow gives its jobs."""
        own = {name: settings[name] for name in ("module", "parameters", "seed")}
        grid, budget = settings.get("grid", {}), settings.get("budget", "")
        return cls(dataset.name, feature, model, grid=grid, budget=budget, **own)

    def build(self, parameters: dict[str, Any], fold: int | str) -> Any:
        """Model with the parameters, and with a derived seed where it takes one."""
        arguments = dict(parameters)
        if "seed" in parameters_of("models", self.module) and "seed" not in arguments:
            arguments["seed"] = derived_seed(
                self.dataset, self.feature, self.model, fold, self.seed
            )
        model = load("models", self.module)(**arguments)
        if self.pretrained:
            start_from_pretrained(model, self.module, Path(self.pretrained))
        return model


@dataclass(frozen=True)
class FitFiles:
    """Where a fit job writes; `history` is written only for models that have epochs."""

    folder: Path

    @property
    def predictions(self) -> Path:
        """Table of the test molecules: id, energy, prediction, and uncertainty where given."""
        return self.folder / "predictions.parquet"

    @property
    def inner(self) -> Path:
        """Table of inner predictions, where two folds are left out: see `inner_predictions`."""
        return self.folder / "inner.parquet"

    @property
    def history(self) -> Path:
        """Table of the epochs."""
        return self.folder / "history.parquet"

    @property
    def metrics(self) -> Path:
        """Errors and costs."""
        return self.folder / "metrics.json"

    @property
    def model(self) -> Path:
        """What made the model; its arrays are in `arrays`."""
        return self.folder / "model.json"

    @property
    def arrays(self) -> Path:
        """Arrays of the fitted model."""
        return self.folder / "model.npz"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of trainings that go on; removed when one is done."""
        return self.folder / "checkpoints"


def fit_fold(
    row: Row,
    parameters: dict[str, Any],
    dataset: Dataset,
    features: Any,
    fold: int,
    files: FitFiles,
    provenance: dict[str, Any],
    inner_errors: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Fit, predict and write all files of one fold; return the metrics.

    Parameters
    ----------
    parameters : dict
        The chosen hyper-parameters with the fixed ones.
    features : object with rows to select
        Of all molecules of the data set.
    provenance : dict
        Data set and feature with their checksums and parameters, for `model.json`.
    inner_errors : float64 array, optional
        Errors inside the training folds, where a selection made some; they calibrate an interval.
    """
    test = dataset.folds == fold
    energies, training = dataset.energies, np.flatnonzero(~test)
    model = row.build(parameters, fold)
    identity = [asdict(row), parameters, provenance, fold]
    _prepare_training(model, features, dataset, np.flatnonzero(test), workspace(files, identity))
    started = time.process_time()
    model.fit(features[training], dataset.targets[training])
    fit_seconds = time.process_time() - started
    earlier_seconds = seconds_before(getattr(model, "history", []), fit_seconds)
    held_out = features[np.flatnonzero(test)]
    started = time.process_time()
    predictions = dataset.restored(model.predict(held_out), test)
    predict_seconds = time.process_time() - started
    columns = {"id": dataset.ids[test], "energy": energies[test], "prediction": predictions}
    if hasattr(model, "uncertainty"):
        columns["uncertainty"] = model.uncertainty(held_out)
    write_table(files.predictions, columns)
    if getattr(model, "history", None):
        write_records(files.history, model.history)
    write_model(files, model, row, parameters, {**provenance, "fold": fold})
    metrics = {
        "fold": fold,
        "grid": row.grid,
        "budget": row.budget,
        "predictions_sha256": sha256_of(files.predictions),
        "test_molecules": int(test.sum()),
        "training_molecules": len(training),
        "mae": mean_absolute_error(energies[test], predictions),
        "rmse": root_mean_squared_error(energies[test], predictions),
        "largest_error": largest_error(energies[test], predictions),
        **_inner_interval(predictions - energies[test], inner_errors),
        "parameters": parameters,
        **_known_besides(provenance),
        "number_of_parameters": int(model.number_of_parameters),
        "fit_cpu_seconds": fit_seconds + earlier_seconds,
        "predict_cpu_seconds": predict_seconds,
        **cost_of_this_process(earlier_seconds),
    }
    write_json(files.metrics, metrics)
    shutil.rmtree(files.checkpoints, ignore_errors=True)
    return metrics


def workspace(files: FitFiles, identity: list[Any]) -> Path:
    """Folder of the checkpoints that belong to these settings, data and code, and to no others.

    So a training that was broken off is gone on from, but never after an edit. The identity's first
    item is the row as a dictionary.
    """
    module = module_name("models", identity[0]["module"])
    code = [sha256_of(Path(path)) for path in source_files(module)]
    text = canonical_json([*identity, code, versions()])
    return files.checkpoints / hashlib.sha256(text.encode()).hexdigest()[:16]


def _inner_interval(
    errors: NDArray[np.float64], inner_errors: NDArray[np.float64] | None
) -> dict[str, Any]:
    """Coverage and width of the 90 % interval that is calibrated inside the training folds."""
    if inner_errors is None:
        return {}
    return {"inner_interval_90": asdict(quality_from_inside(errors, inner_errors))}


def _known_besides(provenance: dict[str, Any]) -> dict[str, Any]:
    """What the model knows besides its training molecules: see `extra_data`."""
    return {key: provenance[key] for key in ("pretraining", "baseline") if key in provenance}


def _prepare_training(
    model: Any, features: Any, dataset: Dataset, test: NDArray[np.int64], workspace: Path
) -> None:
    """Give a model that trains in epochs its folder, and test molecules whose error it records."""
    if hasattr(model, "workspace"):
        model.workspace = workspace
    if hasattr(model, "watch"):
        model.watch = (features[test], dataset.targets[test])


def seconds_before(history: list[dict[str, Any]], fit_seconds: float) -> float:
    """CPU seconds of a training in earlier processes, which were broken off."""
    return max(0.0, history[-1]["seconds"] - fit_seconds) if history else 0.0


def cost_of_this_process(earlier_seconds: float = 0.0) -> dict[str, float]:
    """CPU seconds, with those of compilers and earlier processes, and peak memory in MB."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    kilobytes = own.ru_maxrss / (1024 if platform.system() == "Darwin" else 1)
    times = (own.ru_utime, own.ru_stime, children.ru_utime, children.ru_stime)
    return {"cpu_seconds": sum(times) + earlier_seconds, "peak_memory_mb": kilobytes / 1024}


def provenance_of(dataset_file: Path, dataset: Dataset, feature_file: Path) -> dict[str, Any]:
    """What a fitted model is made from: data set and feature, as far as predictions need them."""
    feature = read_json(feature_file)
    return {
        "dataset": {
            "name": dataset.name,
            "sha256": sha256_of(dataset_file),
            "elements": dataset.elements,
            "padding": dataset.charges.shape[1],
            "largest_molecule": int(dataset.sizes.max()),
        },
        "feature": {key: feature[key] for key in ("name", "module", "parameters", "layout")}
        | {"sha256": sha256_of(feature_file)},
    }


def write_model(
    files: FitFiles, model: Any, row: Row, parameters: dict[str, Any], provenance: dict[str, Any]
) -> None:
    """Keep a fitted model as arrays and JSON, with what made it."""
    with atomic_path(files.arrays) as temporary, temporary.open("wb") as file:
        np.savez(file, **model.state())
    built = {name: getattr(model, name) for name in parameters_of("models", row.module)}
    description = {
        "row": {"dataset": row.dataset, "feature": row.feature, "model": row.model},
        "module": row.module,
        "parameters": built,
        "chosen": {name: parameters[name] for name in row.grid},
        "versions": versions(),
        "arrays_sha256": sha256_of(files.arrays),
        **provenance,
    }
    write_json(files.model, description)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on, where installed."""
    found = {"python": platform.python_version()}
    for package in VERSIONED_PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
