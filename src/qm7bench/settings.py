"""The configuration: validation against its schema, and the rows of the table that it asks for.

Read while the workflow is planned, so it imports nothing heavy. All faults are found at once, and
each is one line that names the key, the value and what is allowed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qm7bench.artefact import canonical_json
from qm7bench.curve_settings import CurveEntry, curve_entries, curve_faults
from qm7bench.ensemble_settings import (
    FEATURE,
    EnsembleEntry,
    ensemble_faults,
    member_rows,
    seed_faults,
    with_seeds,
)
from qm7bench.errors import ConfigurationError
from qm7bench.pretraining_settings import (
    PretrainingEntry,
    pretraining_entry,
    pretraining_faults,
    pretraining_parameters,
)
from qm7bench.registry import Kind, known, parameters_of
from qm7bench.suggestions import suggestion

BUILT_IN_DATASETS = ("auto", "qm7", "qm9small", "qm9large", "qm9")
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
        return [(FEATURE, name) for name in self.ensembles]


def load_settings(config: dict[str, Any], schema: dict[str, Any]) -> Settings:
    """Validate a configuration and resolve defaults and budget.

    Raises
    ------
    ConfigurationError
        With one line for each fault.
    """
    faults = list(_all_faults(config, schema))
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
            ensembles.append(_ensemble_entry(f"{name}-quick" if quick else name, members, entry))
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
        name=f"{name}-quick" if dependent and budget == "quick" else name,
        module=entry.get("module", name),
        features=tuple(entry["features"]),
        parameters={**entry.get("parameters", {}), **own.get("parameters", {})},
        grid={**entry.get("grid", {}), **own.get("grid", {})},
        distances=tuple(entry.get("distances", [])),
        budget=budget if dependent else "",
        resources={**DEFAULT_RESOURCES, **entry.get("resources", {})},
        pretraining=pretraining_entry(entry, budget),
        share_kernels=entry.get("share_kernels", False),
    )


def _all_faults(config: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """Faults of shape, and those of meaning unless the shape is too broken to look for them."""
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=_place)
    yield from _schema_faults(errors)
    if not any(error.validator in ("type", "required") for error in errors):
        yield from _meaning_faults(config)


def _schema_faults(errors: list[Any]) -> Iterator[str]:
    """Faults of shape: unknown keys, wrong types, missing keys."""
    for error in errors:
        where = _place(error)
        if error.validator == "additionalProperties":
            allowed = list(error.schema.get("properties", {}))
            for key in sorted(set(error.instance) - set(allowed)):
                prefix = f"{where}." if where else ""
                yield f"unknown key {prefix}{key}{suggestion(key, allowed)}"
        elif error.validator == "required":
            yield f"{where or 'the file'} lacks a key: {error.message}"
        elif error.validator == "enum":
            choices = ", ".join(map(repr, error.validator_value))
            yield f"{where} is {error.instance!r}; allowed: {choices}"
        else:
            yield f"{where or 'the file'} is {error.instance!r}; {error.message}"


def _place(error: Any) -> str:
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _meaning_faults(config: dict[str, Any]) -> Iterator[str]:
    """Faults that the schema cannot know: names and types of features, models, parameters."""
    yield from _dataset_faults(config)
    models = with_seeds(config["models"])
    yield from seed_faults(config["models"])
    yield from ensemble_faults(config, models)
    yield from curve_faults(config, models)
    names = [*models, *config.get("ensembles", {})]
    for i, pattern in enumerate(config.get("only", [])):
        if not fnmatch.filter(names, pattern):
            hint = suggestion(pattern, names)
            yield f"only[{i}]: no model is named {pattern!r}{hint}"
    for name, entry in config["features"].items():
        entry = entry or {}
        where = f"features.{name}"
        yield from _entry_faults("features", name, where, entry, entry.get("parameters", {}))
    for name, entry in config["models"].items():
        where = f"models.{name}"
        for feature in entry["features"]:
            if feature not in config["features"]:
                hint = suggestion(feature, list(config["features"]))
                yield f"{where}.features: unknown feature {feature!r}{hint}"
        yield from _entry_faults("models", name, where, entry, entry.get("parameters", {}))
        yield from _grid_faults(name, where, entry, entry.get("grid", {}))
        for place, own in pretraining_parameters(where, entry):
            yield from _entry_faults("models", name, place, entry, own)
        yield from pretraining_faults(where, entry, config.get("dataset", "auto"))
        for budget, own in entry.get("budgets", {}).items():
            place = f"{where}.budgets.{budget}"
            yield from _entry_faults("models", name, place, entry, own.get("parameters", {}))
            yield from _grid_faults(name, place, entry, own.get("grid", {}))


def _dataset_faults(config: dict[str, Any]) -> Iterator[str]:
    names = [*BUILT_IN_DATASETS, *config.get("datasets", {})]
    dataset = config.get("dataset", "auto")
    if dataset not in names:
        yield f"dataset: unknown data set {dataset!r}{suggestion(dataset, names)}"
    for name, entry in config.get("datasets", {}).items():
        if name in BUILT_IN_DATASETS:
            yield f"datasets.{name}: the name is taken by a built-in data set; choose another"
        if not Path(entry["file"]).is_file():
            yield f"datasets.{name}.file: {entry['file']!r} is no file"


def _entry_faults(
    kind: Kind, name: str, where: str, entry: dict[str, Any], parameters: dict[str, Any]
) -> Iterator[str]:
    module = entry.get("module", name)
    if module not in known(kind):
        yield f"{where}: unknown {kind[:-1]} {module!r}{suggestion(module, known(kind))}"
        return
    declared = parameters_of(kind, module)
    for key, value in parameters.items():
        if key not in declared:
            yield f"unknown key {where}.parameters.{key}{suggestion(key, list(declared))}"
        elif not declared[key].accepts(value):
            yield _wrong(f"{where}.parameters.{key}", value, declared[key].allowed())


def _grid_faults(
    name: str, where: str, entry: dict[str, Any], grid: dict[str, list[Any]]
) -> Iterator[str]:
    module = entry.get("module", name)
    if module not in known("models"):
        return
    declared = parameters_of("models", module)
    for key, values in grid.items():
        if key not in declared:
            yield f"unknown key {where}.grid.{key}{suggestion(key, list(declared))}"
            continue
        for i, value in enumerate(values):
            if not declared[key].accepts(value):
                yield _wrong(f"{where}.grid.{key}[{i}]", value, declared[key].allowed())


def _wrong(where: str, value: Any, allowed: str) -> str:
    hint = ""
    if isinstance(value, str):
        try:
            hint = f" (YAML reads {value} as a text; write {float(value):.1e})"
        except ValueError:
            hint = ""
    return f"{where} is {value!r}; give {allowed}{hint}"
