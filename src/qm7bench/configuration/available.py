"""Which models and ensembles of a configuration are run: its budget, data set and `only` decide."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from qm7bench.configuration.entries import Entry
from qm7bench.configuration.sections import Configuration, ModelSection

UNKNOWN_TO_PRETRAINING = ("auto", "qm7", "qm9small")
"""Data sets without any molecule that a model may have been pretrained on."""


@dataclass(frozen=True)
class Available:
    """Models, with those for further seeds, and the members of ensembles, and why some are not run.

    Attributes
    ----------
    models : dict
    members : dict
        Entries that each ensemble combines.
    not_in_budget, not_applicable : dict
        Names of models and ensembles that the budget leaves out, or that do not apply to the data
        set, with the reason.
    """

    only: list[str]
    models: dict[str, ModelSection]
    members: dict[str, tuple[Entry, ...]]
    not_in_budget: dict[str, str]
    not_applicable: dict[str, str]

    @classmethod
    def of(cls, config: Configuration) -> Available:
        """Find out for a configuration."""
        models, budget = with_seeds(config.models), config.budget
        members = {n: matching_entries(e.members, models) for n, e in config.ensembles.items()}
        not_in_budget, not_applicable = {}, {}
        for name, model in models.items():
            if model.budgets and budget not in {*model.budgets, "full"}:
                not_in_budget[name] = f"budget {budget} leaves it out"
            if model.pretraining and config.dataset not in UNKNOWN_TO_PRETRAINING:
                known = f"{model.pretraining.dataset}, which may hold molecules of {config.dataset}"
                not_applicable[name] = f"pretrained on {known}"
        for absent in (not_in_budget, not_applicable):
            for name, entries in members.items():
                if lacking := [model for _, model in entries if model in absent]:
                    absent[name] = f"combines {lacking[0]}, which is left out"
        return cls(config.only, models, members, not_in_budget, not_applicable)

    def runs(self, name: str) -> bool:
        """Whether a model or an ensemble is asked for and can be run."""
        return self._is_asked_for(name) and name not in self.not_in_budget | self.not_applicable

    def left_out(self) -> dict[str, str]:
        """What would be run if it applied to the data set, and why it does not."""
        absent = self.not_applicable.items()
        return {
            name: reason
            for name, reason in absent
            if self._is_asked_for(name) and name not in self.not_in_budget
        }

    def errors(self) -> Iterator[str]:
        """Names under `only` of which nothing can be run."""
        absent = {**self.not_applicable, **self.not_in_budget}
        for i, pattern in enumerate(self.only):
            names = fnmatch.filter([*self.models, *self.members], pattern)
            if names and all(name in absent for name in names):
                yield f"only[{i}]: {names[0]} cannot be run: {absent[names[0]]}"

    def _is_asked_for(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.only or ["*"])


def with_seeds(models: dict[str, ModelSection]) -> dict[str, ModelSection]:
    """Models with a further entry NAME_seedS for each of a model's `seeds`, after it.

    The copies differ in their names only: a job's seed is derived from the model's name too.
    """
    found: dict[str, ModelSection] = {}
    for name, model in models.items():
        found |= dict.fromkeys([name, *(f"{name}_seed{seed}" for seed in model.seeds)], model)
    return found


def entry_names(models: dict[str, ModelSection]) -> list[str]:
    """FEATURE/MODEL of each entry of single models."""
    return [f"{feature}/{name}" for name, model in models.items() for feature in model.features]


def matching_entries(patterns: list[str], models: dict[str, ModelSection]) -> tuple[Entry, ...]:
    """Entries that FEATURE/MODEL patterns stand for, each once."""
    names = entry_names(models)
    found = dict.fromkeys(n for p in patterns for n in names if fnmatch.fnmatchcase(n, p))
    pairs = (name.split("/") for name in found)
    return tuple((feature, model) for feature, model in pairs)
