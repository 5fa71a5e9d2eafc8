"""Semantic errors of a configuration: names of what there is not, and values that cannot be.

They are found from the source files of features and models, without importing these.
"""

from __future__ import annotations

import contextlib
import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qm7bench.artefacts.results_tree import ENSEMBLE
from qm7bench.configuration.available import entry_names, matching_entries, with_seeds
from qm7bench.configuration.sections import (
    Configuration,
    EnsembleSection,
    Grid,
    ModelSection,
)
from qm7bench.configuration.suggestions import suggestion
from qm7bench.registry.members import has_method
from qm7bench.registry.modules import Kind, known, parameters_of

BY_SIZE = ("qm7_by_size", "qm9_by_size")
"""Data sets of which only fold 0 is a test: a model for another fold would learn from it."""
BUILT_IN_DATASETS = ("auto", "qm7", "qm9small", "qm9large", "qm9", *BY_SIZE)


def semantic_errors(config: Configuration) -> Iterator[str]:
    """Say each error in a line."""
    yield from _dataset_errors(config)
    for name, feature in config.features.items():
        where = f"features.{name}"
        yield from _module_errors("features", where, feature.module)
        yield from _parameter_errors("features", where, feature.module, feature.parameters, {})
        if name == ENSEMBLE:
            yield f"{where}: the name stands for ensembles; choose another"
    for name, model in config.models.items():
        yield from _model_errors(name, model, config)
    models = with_seeds(config.models)
    for name, ensemble in config.ensembles.items():
        yield from _ensemble_errors(f"ensembles.{name}", name, ensemble, models)
    yield from _curve_errors(config, models)
    yield from _geometry_errors(config, models)
    names = [*models, *config.ensembles]
    for i, pattern in enumerate(config.only):
        if not fnmatch.filter(names, pattern):
            yield f"only[{i}]: no model is named {pattern!r}{suggestion(pattern, names)}"


def _dataset_errors(config: Configuration) -> Iterator[str]:
    names = [*BUILT_IN_DATASETS, *config.datasets]
    if config.dataset not in names:
        hint = suggestion(config.dataset, names)
        yield f"dataset: unknown data set {config.dataset!r}{hint}"
    for name in config.datasets:
        if name in BUILT_IN_DATASETS:
            yield f"datasets.{name}: the name is taken by a built-in data set; choose another"
    if config.dataset in BY_SIZE and config.folds_of_run != (0,):
        key = "quick_folds" if config.budget == "quick" else "folds"
        yield (
            f"{key}: {config.dataset} is tested on fold 0 alone, its largest molecules; give "
            f"{key}: [0], as {config.dataset}.yaml does"
        )
    own = config.datasets.get(config.dataset)
    if own is not None and not Path(own.file).is_file():
        yield f"datasets.{config.dataset}.file: {own.file!r} does not exist"


def _module_errors(kind: Kind, where: str, module: str) -> Iterator[str]:
    if module not in known(kind):
        yield f"{where}: unknown {kind[:-1]} {module!r}{suggestion(module, known(kind))}"


def _parameter_errors(
    kind: Kind, where: str, module: str, parameters: dict[str, Any], grid: Grid
) -> Iterator[str]:
    """Errors in the parameters of a feature or a model, and in the values of a grid."""
    if module not in known(kind):
        return
    declared = parameters_of(kind, module)
    values = [(f"parameters.{key}", key, value) for key, value in parameters.items()]
    for key, several in grid.items():
        named = enumerate(several) if key in declared else [("", several[0])]
        values += [(f"grid.{key}[{i}]".removesuffix("[]"), key, value) for i, value in named]
    for place, key, value in values:
        if key not in declared:
            yield f"unknown key {where}.{place}{suggestion(key, list(declared))}"
        elif not declared[key].accepts(value):
            yield f"{where}.{place} is {value!r}; give {declared[key].allowed()}{_hint(value)}"


def _hint(value: Any) -> str:
    with contextlib.suppress(ValueError):
        if isinstance(value, str):
            return f" (YAML reads {value} as a text; write {float(value):.1e})"
    return ""


def _model_errors(name: str, entry: ModelSection, config: Configuration) -> Iterator[str]:
    where, features = f"models.{name}", list(config.features)
    for key, names in (("features", entry.features), ("baseline", [entry.baseline])):
        for feature in names:
            if feature and feature not in features:
                hint = suggestion(feature, features)
                yield f"{where}.{key}: unknown feature {feature!r}{hint}"
    yield from _module_errors("models", where, entry.module)
    places: dict[str, Any] = {where: entry, f"{where}.pretraining": entry.pretraining}
    for budget, own in entry.budgets.items():
        place = f"{where}.budgets.{budget}"
        places |= {place: own, f"{place}.pretraining": own.pretraining}
    for place, own in places.items():
        if own is not None:
            given = (own.parameters, getattr(own, "grid", {}))
            yield from _parameter_errors("models", place, entry.module, *given)
    yield from _pretraining_errors(where, entry)
    if entry.grid and entry.share_kernels and has_method("models", entry.module, "compute_part"):
        yield (
            f"{where}: the kernel of {entry.module} is shared by one fold's fit alone; give fixed "
            "parameters instead of a grid, or leave out share_kernels"
        )
    for key in ("grid", "distances", "share_kernels"):
        if entry.training_molecules and getattr(entry, key):
            yield (f"{where}.training_molecules: {key} would be of all molecules; leave one out")
    yield from _seed_errors(name, entry, config.models)


def _pretraining_errors(where: str, entry: ModelSection) -> Iterator[str]:
    if entry.pretraining is None:
        if any(own.pretraining is not None for own in entry.budgets.values()):
            yield f"{where}.budgets: a budget's pretraining needs {where}.pretraining.dataset"
        return
    if entry.grid:
        yield f"{where}: a model with a grid cannot be pretrained; give fixed parameters"
    if entry.baseline:
        yield f"{where}: a pretrained model has learnt whole energies; leave out its baseline"


def _seed_errors(name: str, entry: ModelSection, models: dict[str, ModelSection]) -> Iterator[str]:
    where = f"models.{name}.seeds"
    draws = entry.module not in known("models") or "seed" in parameters_of("models", entry.module)
    if entry.seeds and not draws:
        yield f"{where}: {entry.module} draws no random numbers; leave it out"
    if entry.seeds and "seed" in entry.parameters:
        yield f"{where}: parameters.seed makes them all alike; leave one of them out"
    for seed in entry.seeds:
        if f"{name}_seed{seed}" in models:
            yield f"{where}: there is a model {name}_seed{seed} already; rename it"


def _ensemble_errors(
    where: str, name: str, entry: EnsembleSection, models: dict[str, ModelSection]
) -> Iterator[str]:
    if name in models:
        yield f"{where}: the name is taken by a model; choose another"
    names, unknown = entry_names(models), False
    for i, pattern in enumerate(entry.members):
        if not fnmatch.filter(names, pattern):
            unknown = True
            hint = suggestion(pattern, names)
            yield f"{where}.members[{i}]: no entry is named {pattern!r}{hint}"
    if len(matching_entries(entry.members, models)) == 1 and not unknown:
        yield f"{where}.members is {entry.members}, one entry only; give two or more"
    for _, member in matching_entries(entry.members, models):
        if models[member].training_molecules and entry.weights == "learned":
            yield (
                f"{where}.members: {member} learns from some of the training molecules, and "
                "learned weights need fits to all; give weights: equal"
            )
        if models[member].folds:
            yield f"{where}.members: {member} has folds of its own, and an ensemble needs all"
    if entry.weights == "equal" and "inner_pairs" in entry.model_fields_set:
        yield f"{where}.inner_pairs has no effect where weights are equal; leave it out"


def _curve_errors(config: Configuration, models: dict[str, ModelSection]) -> Iterator[str]:
    names = entry_names(models)
    for entry in config.learning_curves.rows:
        where = f"learning_curves.rows.{entry}"
        if entry.partition("/")[0] == ENSEMBLE:
            yield f"{where}: an ensemble has no learning curve; name its members"
        elif entry not in names:
            yield f"{where}: no entry is named {entry!r}{suggestion(entry, names)}"


def _geometry_errors(config: Configuration, models: dict[str, ModelSection]) -> Iterator[str]:
    names = entry_names(models)
    for i, pattern in enumerate(config.geometry.rows):
        if not fnmatch.filter(names, pattern):
            hint = suggestion(pattern, names)
            yield f"geometry.rows[{i}]: no entry is named {pattern!r}{hint}"
