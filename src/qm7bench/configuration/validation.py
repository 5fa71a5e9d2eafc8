"""Faults of a configuration, all found at once: one line each, with key, value and what is allowed.

Those of shape come from the schema, those of meaning from the features and models that there are.
Read while the workflow is planned, so it imports nothing heavy.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qm7bench.configuration.ensembles import ensemble_faults, seed_faults, with_seeds
from qm7bench.configuration.learning_curves import curve_faults
from qm7bench.configuration.pretraining import pretraining_faults, pretraining_parameters
from qm7bench.configuration.suggestions import suggestion
from qm7bench.registry.modules import Kind, known, parameters_of

BUILT_IN_DATASETS = ("auto", "qm7", "qm9small", "qm9large", "qm9")


def all_faults(config: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
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
        yield from _baseline_faults(where, entry, list(config["features"]))
        for place, own in pretraining_parameters(where, entry):
            yield from _entry_faults("models", name, place, entry, own)
        yield from pretraining_faults(where, entry, config.get("dataset", "auto"))
        for budget, own in entry.get("budgets", {}).items():
            place = f"{where}.budgets.{budget}"
            yield from _entry_faults("models", name, place, entry, own.get("parameters", {}))
            yield from _grid_faults(name, place, entry, own.get("grid", {}))


def _baseline_faults(where: str, entry: dict[str, Any], features: list[str]) -> Iterator[str]:
    name = entry.get("baseline")
    if name is not None and name not in features:
        yield f"{where}.baseline: unknown feature {name!r}{suggestion(name, features)}"
    if name is not None and "pretraining" in entry:
        yield f"{where}: a pretrained model has learnt whole energies; leave out its baseline"


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
