"""Ensembles in the configuration: which rows each combines, and how; and further seeds of a model.

Read while the workflow is planned, as `settings` is.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qm7bench.artefacts.results_tree import ENSEMBLE
from qm7bench.configuration.suggestions import suggestion
from qm7bench.registry.modules import known, parameters_of

Row = tuple[str, str]


@dataclass(frozen=True)
class EnsembleEntry:
    """One ensemble: its name in paths, the rows (feature, model) it combines, and how.

    Attributes
    ----------
    weights : str
        "learned" from inner predictions, or "equal".
    inner_pairs : str
        Which pairs of folds are left out for inner predictions: "all", or "ring", 01 12 23 34 40,
        so that each test fold has the inner predictions of its two neighbours only.
    """

    name: str
    members: tuple[Row, ...]
    weights: str
    inner_pairs: str

    def inner_folds(self, fold: int, all_folds: tuple[int, ...]) -> tuple[int, ...]:
        """Folds whose inner predictions give the weights for a test fold."""
        if self.weights == "equal":
            return ()
        if self.inner_pairs == "all":
            return tuple(f for f in all_folds if f != fold)
        place, number = all_folds.index(fold), len(all_folds)
        return tuple(sorted({all_folds[(place + step) % number] for step in (-1, 1)} - {fold}))


def with_seeds(models: dict[str, Any]) -> dict[str, Any]:
    """Models with a further entry NAME_seedS for each of a model's `seeds`, after it.

    The copies differ in their names only: a job's seed is derived from the model's name too.
    """
    found = {}
    for name, entry in models.items():
        found[name] = entry
        for seed in entry.get("seeds", []):
            found[f"{name}_seed{seed}"] = {**entry, "module": entry.get("module", name)}
    return found


def seed_faults(models: dict[str, Any]) -> Iterator[str]:
    """Faults of the `seeds` of the configuration's models."""
    for name, entry in models.items():
        if not entry.get("seeds"):
            continue
        where, module = f"models.{name}.seeds", entry.get("module", name)
        if module in known("models") and "seed" not in parameters_of("models", module):
            yield f"{where}: {module} draws no random numbers; leave it out"
        if "seed" in entry.get("parameters", {}):
            yield f"{where}: parameters.seed makes them all alike; leave one of them out"
        for seed in entry["seeds"]:
            if f"{name}_seed{seed}" in models:
                yield f"{where}: there is a model {name}_seed{seed} already; rename it"


def member_rows(patterns: list[str], models: dict[str, Any]) -> list[Row]:
    """Rows (feature, model) that ENSEMBLE/MODEL patterns stand for, each once."""
    rows = _rows_of(models)
    found = [row for p in patterns for row in rows if fnmatch.fnmatchcase("/".join(row), p)]
    return list(dict.fromkeys(found))


def _rows_of(models: dict[str, Any]) -> list[Row]:
    return [(feature, name) for name, entry in models.items() for feature in entry["features"]]


def ensemble_faults(config: dict[str, Any], models: dict[str, Any]) -> Iterator[str]:
    """Faults that the schema cannot know.

    Parameters
    ----------
    models : dict
        The configuration's models, `with_seeds`.
    """
    if ENSEMBLE in config["features"]:
        yield f"features.{ENSEMBLE}: the name stands for ensembles; choose another"
    names = ["/".join(row) for row in _rows_of(models)]
    for name, entry in config.get("ensembles", {}).items():
        where = f"ensembles.{name}"
        if name in models:
            yield f"{where}: the name is taken by a model; choose another"
        unknown = False
        for i, pattern in enumerate(entry["members"]):
            if not fnmatch.filter(names, pattern):
                unknown = True
                hint = suggestion(pattern, names)
                yield f"{where}.members[{i}]: no row is named {pattern!r}{hint}"
        found = member_rows(entry["members"], models)
        if len(found) == 1 and not unknown:
            yield f"{where}.members is {entry['members']}, one row only; give two or more"
        if entry.get("weights") == "equal" and "inner_pairs" in entry:
            yield f"{where}.inner_pairs has no effect where weights are equal; leave it out"
