"""What a run has: models with their budget's settings, ensembles, learning curves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from qm7bench.artefacts.artefact import canonical_json
from qm7bench.artefacts.results_tree import quick_name
from qm7bench.configuration.sections import (
    FOLDS,
    Budget,
    CurveSection,
    ModelSection,
)
from qm7bench.registry.members import declared_member

Entry = tuple[str, str]
"""Feature and model of an entry of the leaderboard."""


class ModelEntry(ModelSection):
    """A model as it is run."""

    name: str
    """In paths: of a quick budget, with its ending."""
    budget: Literal["", "none", "quick", "full"]
    """Empty for a model that is the same in all budgets."""

    @classmethod
    def of(cls, name: str, model: ModelSection, budget: str) -> ModelEntry:
        """Resolve the budget, whose values replace the model's key by key."""
        own = next((b for n, b in model.budgets.items() if n == budget), Budget())
        changed: dict[str, Any] = {
            "name": quick_name(name) if model.budgets and budget == "quick" else name,
            "budget": budget if model.budgets else "",
            "parameters": {**model.parameters, **own.parameters},
            "grid": {**model.grid, **own.grid},
        }
        if model.pretraining and own.pretraining:
            parameters = {**model.pretraining.parameters, **own.pretraining.parameters}
            given = {**own.pretraining.given(), "parameters": parameters}
            changed["pretraining"] = model.pretraining.model_copy(update=given)
        return cls.model_construct(**{**dict(model), **changed})

    def canonical(self, seed: int) -> str:
        """Everything that its fits depend on besides data, feature and code, as one JSON text."""
        settings = {
            "module": self.module,
            "parameters": self.parameters,
            "grid": self.grid,
            "budget": self.budget,
            "seed": seed,
        }
        if self.training_molecules:
            settings["training_molecules"] = self.training_molecules
        return canonical_json(settings)

    def canonical_kernels(self) -> str:
        """Everything that its shared kernels depend on besides data, feature and code, as JSON."""
        names = declared_member("models", self.module, "shared_parameters") or ()
        kept = {
            key: {name: value for name, value in given.items() if name in names}
            for key, given in (("parameters", self.parameters), ("grid", self.grid))
        }
        return canonical_json({"module": self.module, **kept})

    def canonical_parts(self, seed: int) -> str:
        """Everything that parts of its kernel depend on besides data, feature and code, as JSON."""
        shared: dict[str, Any] = json.loads(self.canonical_kernels())
        return canonical_json({**shared, "seed": seed})

    def canonical_pretraining(self, seed: int) -> str:
        """Everything that its pretraining depends on besides data, feature and code, as JSON."""
        assert self.pretraining is not None
        return canonical_json(
            {
                "module": self.module,
                "parameters": {**self.parameters, **self.pretraining.parameters},
                "molecules": self.pretraining.molecules,
                "seed": seed,
            }
        )


@dataclass(frozen=True)
class EnsembleEntry:
    """An ensemble as it is run: its name in paths, the entries that it combines, and how."""

    name: str
    members: tuple[Entry, ...]
    weights: str
    inner_pairs: str

    def inner_folds(self, fold: int) -> tuple[int, ...]:
        """Folds whose inner predictions give the weights for a test fold."""
        if self.weights == "equal":
            return ()
        if self.inner_pairs == "all":
            return tuple(f for f in FOLDS if f != fold)
        place = FOLDS.index(fold)
        return tuple(sorted(FOLDS[(place + step) % len(FOLDS)] for step in (-1, 1)))


class CurveEntry(CurveSection):
    """The learning curve of an entry as it is run: ascending sizes, and folds of the run."""

    feature: str
    model: str

    @property
    def row(self) -> str:
        """FEATURE/MODEL."""
        return f"{self.feature}/{self.model}"

    def points(self) -> list[tuple[int, int, int]]:
        """Fold, size and draw of each point."""
        draws = range(self.draws)
        return [(k, n, i) for k in self.folds for n in self.sizes for i in draws]

    def for_table(self) -> dict[str, Any]:
        """What the table of curves needs to know, for a command line."""
        return {"row": self.row, **self.model_dump(include={"sizes", "draws", "folds"})}
