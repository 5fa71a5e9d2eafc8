"""Published figures beside which the table sets its own, and whether they were replicated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("reference_values.yaml")
RELATIVE_TOLERANCE = 0.05


@dataclass(frozen=True)
class ReferenceValue:
    """One published figure, in kcal/mol; `protocol` says which of our columns it compares with."""

    mae: float | None
    rmse: float | None
    protocol: str
    source: str

    def replicated(self, own: dict[str, Any]) -> bool | None:
        """Whether our error is within two standard deviations over folds, or 5 %, of the figure.

        None where there is nothing to compare.
        """
        if self.mae is not None:
            best = self.protocol == "best_on_test" and own["mae_best_on_test"] is not None
            value = own["mae_best_on_test"] if best else own["mae"]
            return _near(value, own["mae_std"], self.mae)
        if self.rmse is not None:
            return _near(own["rmse"], own["rmse_std"], self.rmse)
        return None


def _near(value: float, spread: float, published: float) -> bool:
    return abs(value - published) <= max(2 * spread, RELATIVE_TOLERANCE * published)


def reference_values(dataset: str) -> dict[tuple[str, str, str], ReferenceValue]:
    """Published figures by (feature, model, kind), kind being "document" or "literature"."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8")).get(dataset, [])
    values = {}
    for entry in entries:
        for kind in ("document", "literature"):
            if kind in entry:
                own = entry[kind]
                values[entry["feature"], entry["model"], kind] = ReferenceValue(
                    own.get("mae"), own.get("rmse"), own.get("protocol", "nested"), own["source"]
                )
    return values
