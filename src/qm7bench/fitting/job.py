"""What jobs that fit share: the model they build, where they write, and what it was made from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import resource
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import (
    atomic_path,
    canonical_json,
    read_json,
    sha256_of,
    write_json,
)
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.fitting.initial_weights import start_from_pretrained
from qm7bench.models.interface import Model
from qm7bench.registry.modules import load, module_name, parameters_of
from qm7bench.registry.source_files import source_files
from qm7bench.seeds import derived_seed

ALSO_MADE_FROM = ("pretraining", "baseline", "also_uses")
"""Keys of a fitted model's provenance that put it in a separate track."""
VERSIONED_PACKAGES = ("qm7bench", "numpy", "scipy", "scikit-learn", "torch", "torch-geometric")


@dataclass(frozen=True)
class Entry:
    """One entry of the leaderboard, as a fit job sees it.

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
        `model.json` of a model from whose weights the fit starts; empty without.
    molecules : int
        Training molecules of a fold that it learns from; 0 for all.
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
    molecules: int = 0

    @classmethod
    def of(cls, dataset: Dataset, feature: str, model: str, settings: dict[str, Any]) -> Entry:
        """Entry of these names with the settings that the workflow gives its jobs."""
        own = {name: settings[name] for name in ("module", "parameters", "seed")}
        own["molecules"] = settings.get("training_molecules", 0)
        grid, budget = settings.get("grid", {}), settings.get("budget", "")
        return cls(dataset.name, feature, model, grid=grid, budget=budget, **own)

    def build(self, parameters: dict[str, Any], fold: int | str) -> Model:
        """Model with the parameters, and with a derived seed where it takes one."""
        arguments = dict(parameters)
        if "seed" in parameters_of("models", self.module) and "seed" not in arguments:
            arguments["seed"] = derived_seed(
                self.dataset, self.feature, self.model, fold, self.seed
            )
        model: Model = load("models", self.module)(**arguments)
        if self.pretrained:
            start_from_pretrained(model, self.module, Path(self.pretrained))
        return model


@dataclass(frozen=True)
class FitInputs:
    """What every job that fits is given.

    Attributes
    ----------
    entry : Entry
    dataset : Dataset
    features : object that can be indexed by molecule
        Of all molecules of the data set.
    provenance : dict
        Data set and feature with their checksums and parameters, for `model.json`.
    parts_cost : dict
        CPU seconds and peak memory in MB of the jobs that made parts of a kernel for it alone.
    """

    entry: Entry
    dataset: Dataset
    features: Any
    provenance: dict[str, Any]
    parts_cost: dict[str, float] = field(default_factory=dict)

    def provenance_of(self, training: NDArray[np.int64]) -> dict[str, Any]:
        """Provenance of a model fitted to the molecules of these indices, for `model.json`."""
        known = self.dataset[training]
        facts = {"elements": known.elements, "largest_molecule": int(known.sizes.max())}
        return {**self.provenance, "dataset": self.provenance["dataset"] | facts}


def workspace(files: FitFiles, entry: Entry, identity: list[Any]) -> Path:
    """Folder of the checkpoints that belong to these settings, data and code, and to no others.

    So an interrupted training is resumed, but never after an edit.
    """
    module = module_name("models", entry.module)
    code = [sha256_of(Path(path)) for path in source_files(module)]
    text = canonical_json([asdict(entry), *identity, code, versions()])
    return files.checkpoints / hashlib.sha256(text.encode()).hexdigest()[:16]


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
            "padding": dataset.charges.shape[1],
        },
        "feature": {key: feature[key] for key in ("name", "module", "parameters", "layout")}
        | {"sha256": sha256_of(feature_file)},
        **({"also_uses": feature["also_uses"]} if "also_uses" in feature else {}),
    }


def write_model(
    files: FitFiles,
    model: Model,
    entry: Entry,
    parameters: dict[str, Any],
    provenance: dict[str, Any],
) -> None:
    """Keep a fitted model as arrays and JSON, with what made it."""
    arrays: dict[str, Any] = model.state()
    with atomic_path(files.arrays) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)
    built = {name: getattr(model, name) for name in parameters_of("models", entry.module)}
    description = {
        "row": {"dataset": entry.dataset, "feature": entry.feature, "model": entry.model},
        "module": entry.module,
        "parameters": built,
        "chosen": {name: parameters[name] for name in entry.grid},
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


def also_made_from(provenance: dict[str, Any]) -> dict[str, Any]:
    """What the model uses besides its training molecules: see `track`."""
    return {key: provenance[key] for key in ALSO_MADE_FROM if key in provenance}
