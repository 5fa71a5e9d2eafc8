"""Learning curves in the configuration: which rows have one, and at which sizes.

Read while the workflow is planned, as `settings` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qm7bench.artefacts.results_tree import ENSEMBLE
from qm7bench.configuration.suggestions import suggestion

DEFAULTS: dict[str, Any] = {
    "sizes": [100, 200, 400, 800, 1600, 3200],
    "draws": 3,
    "network_training": "equal_steps",
}


@dataclass(frozen=True)
class CurveEntry:
    """Learning curve of one row.

    Attributes
    ----------
    feature, model : str
        The names in the row's path.
    sizes : tuple of int
        Numbers of training molecules, rising; all of them is the row itself.
    draws : int
        Random draws at each size and fold.
    folds : tuple of int
        Test folds.
    network_training : str
        "equal_steps" or "equal_epochs" as on all training molecules.
    """

    feature: str
    model: str
    sizes: tuple[int, ...]
    draws: int
    folds: tuple[int, ...]
    network_training: str

    @property
    def row(self) -> str:
        """ENSEMBLE/MODEL."""
        return f"{self.feature}/{self.model}"

    def points(self) -> list[tuple[int, int, int]]:
        """Fold, size and draw of each point."""
        draws = range(self.draws)
        return [(k, n, i) for k in self.folds for n in self.sizes for i in draws]

    def for_table(self) -> dict[str, Any]:
        """What the table of curves needs to know, for a command line."""
        kept = ("sizes", "draws", "folds")
        return {"row": self.row, **{k: v for k, v in asdict(self).items() if k in kept}}


def curve_entries(
    config: dict[str, Any], rows: Iterable[tuple[str, str]], budget: str, folds: Sequence[int]
) -> list[CurveEntry]:
    """Curves of the rows that are run, in their order.

    The quick budget has the curves that `quick` describes, none without it. Models with a quick
    budget of their own have other names there, so that they have no curves.

    Parameters
    ----------
    rows : iterable of (feature, model)
        As in their paths.
    folds : sequence of int
        Test folds of the run: curves have those of their own that are among them.
    """
    section = config.get("learning_curves", {})
    if budget == "quick" and "quick" not in section:
        return []
    quick = section["quick"] if budget == "quick" else {}
    entries = []
    for feature, model in rows:
        name = f"{feature}/{model}"
        if name not in section.get("rows", {}):
            continue
        own = {**DEFAULTS, **section, **(section["rows"][name] or {}), **quick}
        entry = CurveEntry(
            feature=feature,
            model=model,
            sizes=tuple(sorted(own["sizes"])),
            draws=own["draws"],
            folds=tuple(k for k in folds if k in own.get("folds", folds)),
            network_training=own["network_training"],
        )
        if entry.folds:
            entries.append(entry)
    return entries


def curve_faults(config: dict[str, Any], models: dict[str, Any]) -> Iterator[str]:
    """Faults that the schema cannot know: rows that are not there.

    Parameters
    ----------
    models : dict
        The configuration's models, `with_seeds`.
    """
    names = [f"{feature}/{name}" for name, m in models.items() for feature in m["features"]]
    for row in config.get("learning_curves", {}).get("rows", {}):
        where = f"learning_curves.rows.{row}"
        if row.partition("/")[0] == ENSEMBLE:
            yield f"{where}: an ensemble has no learning curve; name its members"
        elif row not in names:
            yield f"{where}: no row is named {row!r}{suggestion(row, names)}"
