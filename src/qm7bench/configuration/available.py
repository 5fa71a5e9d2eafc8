"""Which models and ensembles of a configuration are run.

Its budget, data set and `only` decide, and the memory that there is.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qm7bench.configuration.entries import Entry, ModelEntry
from qm7bench.configuration.sections import Configuration, ModelSection
from qm7bench.registry.members import declared_member

UNKNOWN_TO_PRETRAINING = ("auto", "qm7", "qm9small")
"""Data sets without any molecule that a model may have been pretrained on."""


TooLarge = Callable[[Configuration, str, ModelEntry], str | None]
"""Says why a model on a feature of a configuration does not fit where it would run, if so."""


def fits(config: Configuration, feature: str, model: ModelEntry) -> None:
    """Say of every model that it fits."""


@dataclass(frozen=True)
class Available:
    """What a configuration has to run: models with those for further seeds, members of ensembles.

    `not_in_budget` and `not_applicable` say of some why they are not run: the budget leaves them
    out, or they cannot be tested on the data set, or need too much memory. `too_large` says it of
    single entries, whose models are run on other features.
    """

    only: list[str]
    models: dict[str, ModelSection]
    members: dict[str, tuple[Entry, ...]]
    not_in_budget: dict[str, str]
    not_applicable: dict[str, str]
    too_large: dict[Entry, str]

    @classmethod
    def of(cls, config: Configuration, too_large: TooLarge = fits) -> Available:
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
            if model.folds and not set(model.folds) & set(config.folds_of_run):
                own = " ".join(map(str, model.folds))
                not_applicable[name] = f"its test folds, {own}, are not among those of the run"
        others = {n: m for n, m in models.items() if n not in {**not_in_budget, **not_applicable}}
        large = _too_large(config, others, too_large)
        for name, model in others.items():
            if all((feature, name) in large for feature in model.features):
                not_applicable[name] = large[model.features[0], name]
        large = {entry: why for entry, why in large.items() if entry[1] not in not_applicable}
        for absent in (not_in_budget, not_applicable):
            for name, entries in members.items():
                if lacking := [m for _, m in entries if m in absent]:
                    absent[name] = f"combines {lacking[0]}, which is left out"
        for name, entries in members.items():
            if lacking := ["/".join(entry) for entry in entries if entry in large]:
                not_applicable.setdefault(name, f"combines {lacking[0]}, which is left out")
        return cls(config.only, models, members, not_in_budget, not_applicable, large)

    def runs(self, name: str) -> bool:
        """Whether a model or an ensemble is asked for and can be run."""
        return self._asked_for(name) and name not in {**self.not_in_budget, **self.not_applicable}

    def left_out(self) -> dict[str, str]:
        """What would be run if it applied to the data set, and why it does not."""
        absent = self.not_applicable.keys() - self.not_in_budget.keys()
        found = {
            n: why for n, why in self.not_applicable.items() if n in absent and self._asked_for(n)
        }
        large = {"/".join(e): why for e, why in self.too_large.items() if self._asked_for(e[1])}
        return found | large

    def errors(self) -> Iterator[str]:
        """Names under `only` of which nothing can be run."""
        absent = {**self.not_applicable, **self.not_in_budget}
        for i, pattern in enumerate(self.only):
            names = fnmatch.filter([*self.models, *self.members], pattern)
            if names and all(name in absent for name in names):
                yield f"only[{i}]: {names[0]} cannot be run: {absent[names[0]]}"

    def _asked_for(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.only or ["*"])


def _too_large(
    config: Configuration, models: dict[str, ModelSection], too_large: TooLarge
) -> dict[Entry, str]:
    """Entries that need more than there is, why, and what to take instead."""
    described = {name: ModelEntry.of(name, model, config.budget) for name, model in models.items()}
    reasons = {
        (feature, name): too_large(config, feature, model)
        for name, model in described.items()
        for feature in model.features
    }
    fitting = [described[name] for (_, name), why in reasons.items() if not why]
    return {
        entry: why + _instead(described[entry[1]], fitting) for entry, why in reasons.items() if why
    }


def _instead(model: ModelEntry, fitting: list[ModelEntry]) -> str:
    """Words that name a model to take instead: of a module that this one's class names."""
    for module in declared_member("models", model.module, "instead") or ():
        found = [other for other in fitting if other.module == module]
        # One that corrects the same baseline comes first.
        found.sort(key=lambda other: other.baseline != model.baseline)
        if found:
            return f"; take {found[0].name} instead"
    return ""


def with_seeds(models: dict[str, ModelSection]) -> dict[str, ModelSection]:
    """Models with a further entry NAME_seedS for each of a model's `seeds`, after it.

    The copies differ in their names only: a job's seed is derived from the model's name too.
    """
    endings = {name: ["", *(f"_seed{seed}" for seed in m.seeds)] for name, m in models.items()}
    return {name + end: models[name] for name, ends in endings.items() for end in ends}


def entry_names(models: dict[str, ModelSection]) -> list[str]:
    """FEATURE/MODEL of each entry of single models."""
    return [f"{feature}/{name}" for name, model in models.items() for feature in model.features]


def matching_entries(patterns: list[str], models: dict[str, ModelSection]) -> tuple[Entry, ...]:
    """Entries that FEATURE/MODEL patterns stand for, each once."""
    names = entry_names(models)
    found = dict.fromkeys(n for p in patterns for n in names if fnmatch.fnmatchcase(n, p))
    return tuple((feature, model) for feature, _, model in (n.partition("/") for n in found))
