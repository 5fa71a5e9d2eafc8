"""Published figures beside which the table sets its own, and whether they were replicated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("reference_values.yaml")
RELATIVE_TOLERANCE = 0.05
SINGLE_FOLD_TOLERANCE = 0.1


@dataclass(frozen=True)
class ReferenceValue:
    """One published figure, in kcal/mol, and what of ours compares with it.

    Attributes
    ----------
    mae, rmse : float or None
    protocol : str
        "nested", or "best_on_test".
    source : str
    fold : int or None
        The only test fold that was published.
    """

    mae: float | None
    rmse: float | None
    protocol: str
    source: str
    fold: int | None = None

    def ours(self, record: dict[str, Any], metrics: list[dict[str, Any]]) -> float | None:
        """Error of a row of the table that compares with the figure.

        Parameters
        ----------
        record
            The row's means and standard deviations over folds.
        metrics
            Errors on each fold.

        Returns
        -------
        float or None
            The mean absolute error if that was published, else the root-mean-square one; None if
            nothing was, or if the row lacks the fold that was.
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


def reference_values(dataset: str) -> dict[tuple[str, str, str], ReferenceValue]:
    """Published figures by (feature, model, kind), kind being "document" or "literature"."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8")).get(dataset, [])
    values = {}
    for entry in entries:
        for kind in ("document", "literature"):
            if kind in entry:
                own = entry[kind]
                values[entry["feature"], entry["model"], kind] = ReferenceValue(
                    mae=own.get("mae"),
                    rmse=own.get("rmse"),
                    protocol=own.get("protocol", "nested"),
                    source=own["source"],
                    fold=own.get("fold"),
                )
    return values
