"""The configuration: the rows of the table that it asks for, with everything they depend on.

Read while the workflow is planned, so it imports nothing heavy.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, replace
from typing import Any

from qm7bench.artefacts.artefact import canonical_json
from qm7bench.artefacts.results_tree import ENSEMBLE, quick_name
from qm7bench.configuration.ensembles import EnsembleEntry, member_rows, with_seeds
from qm7bench.configuration.learning_curves import CurveEntry, curve_entries
from qm7bench.configuration.pretraining import (
    PretrainingEntry,
    pretraining_entry,
)
from qm7bench.configuration.validation import all_faults
from qm7bench.errors import ConfigurationError

FOLDS = (0, 1, 2, 3, 4)
DEFAULT_RESOURCES = {"mem_mb": 2000, "runtime": 10, "threads": 1, "gpu": False}


@dataclass(frozen=True)
class FeatureEntry:
    """One representation: its name in paths, its module and its parameters."""

    name: str
    module: str
    parameters: dict[str, Any]

    def canonical(self) -> str:
        """Everything that its artefact depends on besides data and code, as one JSON text."""
        return canonical_json({"module": self.module, "parameters": self.parameters})


@dataclass(frozen=True)
class ModelEntry:
    """One model: its name in paths, its module and everything its jobs depend on."""

    name: str
    module: str
    features: tuple[str, ...]
    parameters: dict[str, Any]
    grid: dict[str, list[Any]]
    distances: tuple[str, ...]
    budget: str
    resources: dict[str, Any]
    pretraining: PretrainingEntry | None = None
    share_kernels: bool = False
    baseline: str = ""

    def canonical(self, seed: int) -> str:
        """Everything that its fits depend on besides data, feature and code, as one JSON text."""
        return canonical_json(
            {
                "module": self.module,
                "parameters": self.parameters,
                "grid": self.grid,
                "budget": self.budget,
                "seed": seed,
            }
        )


@dataclass(frozen=True)
class Settings:
    """The validated configuration."""

    dataset: str
    datasets: dict[str, dict[str, Any]]
    budget: str
    quick_molecules: int
    folds: tuple[int, ...]
    seed: int
    features: dict[str, FeatureEntry]
    models: dict[str, ModelEntry]
    ensembles: dict[str, EnsembleEntry]
    curves: list[CurveEntry]

    def rows(self) -> list[tuple[str, str]]:
        """Return (feature, model) of every row of a single model, in the configuration's order."""
        return [(feature, m.name) for m in self.models.values() for feature in m.features]

    def ensemble_rows(self) -> list[tuple[str, str]]:
        """Return ("ensemble", name) of every row that combines others."""
        return [(ENSEMBLE, name) for name in self.ensembles]


def load_settings(config: dict[str, Any], schema: dict[str, Any]) -> Settings:
    """Validate a configuration and resolve defaults and budget.

    Raises
    ------
    ConfigurationError
        With one line for each fault.
    """
    faults = list(all_faults(config, schema))
    if faults:
        raise ConfigurationError("\n".join(f"config.yaml: {fault}" for fault in faults))
    budget, only = config.get("budget", "full"), config.get("only") or ["*"]
    features = {
        name: FeatureEntry(
            name, (entry or {}).get("module", name), (entry or {}).get("parameters", {})
        )
        for name, entry in config["features"].items()
    }
    models, ensembles = _asked_for(config, budget, only)
    folds = _test_folds(config, budget)
    rows = [(feature, m.name) for m in models for feature in m.features]
    return Settings(
        dataset=config.get("dataset", "auto"),
        datasets=config.get("datasets", {}),
        budget=budget,
        quick_molecules=config.get("quick_molecules", 0),
        folds=folds,
        seed=config.get("seed", 0),
        features=features,
        models={entry.name: entry for entry in models},
        ensembles={entry.name: entry for entry in ensembles},
        curves=curve_entries(config, rows, budget, folds),
    )


def _asked_for(
    config: dict[str, Any], budget: str, only: list[str]
) -> tuple[list[ModelEntry], list[EnsembleEntry]]:
    """Models and ensembles that the budget has and that are asked for; ensembles bring members."""
    described = with_seeds(config["models"])
    possible = {
        name: _model_entry(name, entry, budget)
        for name, entry in described.items()
        if budget == "full" or not entry.get("budgets") or budget in entry["budgets"]
    }
    ensembles, brought = [], set()
    for name, entry in config.get("ensembles", {}).items():
        rows = member_rows(entry["members"], described)
        if _is_asked_for(name, only) and all(model in possible for _, model in rows):
            brought |= set(rows)
            members = [(feature, possible[model].name) for feature, model in rows]
            quick = any(possible[model].budget == "quick" for _, model in rows)
            ensembles.append(_ensemble_entry(quick_name(name) if quick else name, members, entry))
    models = []
    for name, model in possible.items():
        asked = _is_asked_for(name, only)
        features = tuple(f for f in model.features if asked or (f, name) in brought)
        if features:
            models.append(replace(model, features=features))
    return models, ensembles


def _ensemble_entry(
    name: str, members: list[tuple[str, str]], entry: dict[str, Any]
) -> EnsembleEntry:
    weights, inner_pairs = entry.get("weights", "learned"), entry.get("inner_pairs", "all")
    return EnsembleEntry(name, tuple(members), weights, inner_pairs)


def _is_asked_for(name: str, only: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in only)


def _test_folds(config: dict[str, Any], budget: str) -> tuple[int, ...]:
    """Test folds of the budget, in order."""
    folds = config.get("folds", FOLDS)
    return tuple(sorted(config.get("quick_folds", folds) if budget == "quick" else folds))


def _model_entry(name: str, entry: dict[str, Any], budget: str) -> ModelEntry:
    """Resolve the budget; only models with budgets carry `-quick` in their path."""
    own = entry.get("budgets", {}).get(budget, {})
    dependent = bool(entry.get("budgets"))
    return ModelEntry(
        name=quick_name(name) if dependent and budget == "quick" else name,
        module=entry.get("module", name),
        features=tuple(entry["features"]),
        parameters={**entry.get("parameters", {}), **own.get("parameters", {})},
        grid={**entry.get("grid", {}), **own.get("grid", {})},
        distances=tuple(entry.get("distances", [])),
        budget=budget if dependent else "",
        resources={**DEFAULT_RESOURCES, **entry.get("resources", {})},
        pretraining=pretraining_entry(entry, budget),
        share_kernels=entry.get("share_kernels", False),
        baseline=entry.get("baseline", ""),
    )
