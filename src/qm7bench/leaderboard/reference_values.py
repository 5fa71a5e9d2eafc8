"""Published figures, where each was published, and whether ours replicate them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

KINDS = ("document", "literature")
FILE = Path(__file__).with_name("reference_values.yaml")
RELATIVE_TOLERANCE = 0.05
SINGLE_FOLD_TOLERANCE = 0.1


@dataclass(frozen=True)
class Source:
    """Where figures were published.

    Attributes
    ----------
    name : str
        Short, as tables say it.
    authors, title, venue : str
    year : int
    doi, address : str
        One of them, or both.
    """

    name: str
    authors: str
    title: str
    year: int
    venue: str
    doi: str = ""
    address: str = ""

    @property
    def link(self) -> str:
        """Address to read it at."""
        return f"https://doi.org/{self.doi}" if self.doi else self.address

    @property
    def citation(self) -> str:
        """Everything in one line of plain text."""
        return f"{self.authors}: {self.title}. {self.venue} ({self.year}). {self.link}"


@dataclass(frozen=True)
class ReferenceValue:
    """One published figure, in kcal/mol, and what of ours compares with it.

    Attributes
    ----------
    mae, rmse : float or None
    protocol : str
        "nested", or "best_on_test".
    source : Source
    fold : int or None
        The only test fold that was published.
    note : str
        What else there is to say of it.
    """

    mae: float | None
    rmse: float | None
    protocol: str
    source: Source
    fold: int | None = None
    note: str = ""

    @property
    def origin(self) -> str:
        """Name of the source, and which part of it."""
        fold = "" if self.fold is None else f"fold {self.fold} only"
        return ", ".join(part for part in (self.source.name, fold, self.note) if part)

    def ours(self, record: dict[str, Any], metrics: list[dict[str, Any]]) -> float | None:
        """Error of an entry that compares with the figure.

        Parameters
        ----------
        record
            The entry's means and standard deviations over folds.
        metrics
            Errors on each fold.

        Returns
        -------
        float or None
            The mean absolute error if that was published, else the root-mean-square one; None if
            nothing was, or if the entry lacks the fold that was.
        """
        if self.mae is None and self.rmse is None:
            return None
        measure = "rmse" if self.mae is None else "mae"
        if self.fold is not None:
            return next((m[measure] for m in metrics if m["fold"] == self.fold), None)
        best = record["mae_best_on_test"] if self.protocol == "best_on_test" else None
        return float(record[measure] if best is None else best)

    def replicated(self, record: dict[str, Any], metrics: list[dict[str, Any]]) -> bool | None:
        """Whether our error is within two standard deviations over folds, or 5 %, of the figure.

        Within 10 % of a single fold's, as a spread over folds says nothing of one fold. None where
        there is nothing to compare.
        """
        value = self.ours(record, metrics)
        published = self.rmse if self.mae is None else self.mae
        if value is None or published is None:
            return None
        spread = record["rmse_std" if self.mae is None else "mae_std"]
        near = max(2 * spread, RELATIVE_TOLERANCE * published)
        if self.fold is not None:
            near = SINGLE_FOLD_TOLERANCE * published
        return bool(abs(value - published) <= near)


@dataclass(frozen=True)
class OtherMethod:
    """A published method that none of our entries stands for; errors in kcal/mol.

    Attributes
    ----------
    method : str
    mae, rmse : float or None
    source : Source
    note : str
        On which molecules.
    training_molecules : int or None
        Where that is all there is to say.
    """

    method: str
    mae: float | None
    rmse: float | None
    source: Source
    note: str = ""
    training_molecules: int | None = None

    @property
    def molecules(self) -> str:
        """On which molecules, in words."""
        number = self.training_molecules
        return self.note if number is None else f"{number:,} training molecules"


@dataclass(frozen=True)
class OtherCurve:
    """A published learning curve that none of our entries stands for.

    Attributes
    ----------
    method : str
    source : Source
    mae : dict
        Mean absolute errors in kcal/mol by number of training molecules, ascending.
    """

    method: str
    source: Source
    mae: dict[int, float]


def reference_values(dataset: str) -> dict[tuple[str, str, str], ReferenceValue]:
    """Published figures by (feature, model, kind).

    The kind is "document" for the replicated study's and "literature" for others', as in the names
    of the leaderboard's columns.
    """
    known = sources()
    values = {}
    for entry in _content()["figures"].get(dataset, []):
        for kind in KINDS:
            if kind in entry:
                own = {"mae": None, "rmse": None, "protocol": "nested"} | entry[kind]
                figure = ReferenceValue(**own | {"source": known[own["source"]]})
                values[entry["feature"], entry["model"], kind] = figure
    return values


def other_methods(dataset: str) -> list[OtherMethod]:
    """Published figures that stand beside no entry of ours, the smallest MAE first."""
    known = sources()
    found = [
        OtherMethod(**{"rmse": None} | own | {"source": known[own["source"]]})
        for own in _content()["elsewhere"].get(dataset, [])
    ]
    return sorted(found, key=lambda method: (method.mae is None, method.mae))


def other_curves(dataset: str) -> list[OtherCurve]:
    """Published learning curves of others, in the order of their last errors."""
    known = sources()
    found = [
        OtherCurve(own["method"], known[own["source"]], dict(sorted(own["mae"].items())))
        for own in _content()["curves"].get(dataset, [])
    ]
    return sorted(found, key=lambda curve: list(curve.mae.values())[-1])


def sources() -> dict[str, Source]:
    """Every source by its key, the replicated study's being `replicated_study`."""
    return {key: Source(**own) for key, own in _content()["sources"].items()}


def cited(dataset: str, entries: Iterable[tuple[str, str]]) -> list[Source]:
    """Sources of the figures that stand beside the given entries (feature, model)."""
    values, wanted = reference_values(dataset), set(entries)
    used = {value.source for key, value in values.items() if key[:2] in wanted}
    return [source for source in sources().values() if source in used]


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content
