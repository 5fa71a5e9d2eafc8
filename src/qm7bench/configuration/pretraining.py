"""Settings of models that learn from another data set before they see the training folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qm7bench.artefacts.artefact import canonical_json

DATASETS = ("qm9large",)
"""Data sets to learn from: those that hold no molecule of the data sets that are predicted."""
PREDICTED = ("auto", "qm7", "qm9small")
"""Data sets whose molecules are known to be absent from all of `DATASETS`."""


@dataclass(frozen=True)
class PretrainingEntry:
    """What a model learns from before the training folds.

    Attributes
    ----------
    dataset : str
    parameters : dict
        Of the pretraining; those of the model where they are not among them.
    molecules : int
        How many molecules to learn from, drawn at random; 0 for all.
    """

    dataset: str
    parameters: dict[str, Any]
    molecules: int

    def canonical(self, module: str, parameters: dict[str, Any], seed: int) -> str:
        """Everything that the pretraining depends on besides data, feature and code, as JSON."""
        return canonical_json(
            {
                "module": module,
                "parameters": {**parameters, **self.parameters},
                "molecules": self.molecules,
                "seed": seed,
            }
        )


def pretraining_entry(entry: dict[str, Any], budget: str) -> PretrainingEntry | None:
    """Pretraining of a model's entry, with what its budget says of it."""
    if "pretraining" not in entry:
        return None
    own = entry.get("budgets", {}).get(budget, {}).get("pretraining", {})
    described = {**entry["pretraining"], **own}
    parameters = {**entry["pretraining"].get("parameters", {}), **own.get("parameters", {})}
    return PretrainingEntry(described["dataset"], parameters, described.get("molecules", 0))


def pretraining_parameters(
    where: str, entry: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where parameters of a pretraining are given, and which."""
    places = {where: entry}
    places |= {f"{where}.budgets.{name}": own for name, own in entry.get("budgets", {}).items()}
    for place, own in places.items():
        if "parameters" in own.get("pretraining", {}):
            yield f"{place}.pretraining", own["pretraining"]["parameters"]


def pretraining_faults(where: str, entry: dict[str, Any], dataset: str) -> Iterator[str]:
    """Faults that the schema cannot know."""
    if "pretraining" not in entry:
        if any("pretraining" in own for own in entry.get("budgets", {}).values()):
            yield f"{where}.budgets: a budget's pretraining needs {where}.pretraining.dataset"
        return
    if entry.get("grid"):
        yield f"{where}: a model with a grid cannot be pretrained; give fixed parameters"
    if dataset not in PREDICTED:
        yield (
            f"{where}.pretraining: {entry['pretraining']['dataset']} may hold molecules of "
            f"{dataset}; leave the model out (`only`) or run {', '.join(PREDICTED[1:])}"
        )
