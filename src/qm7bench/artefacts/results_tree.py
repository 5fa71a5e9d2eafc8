"""Paths below the results folder: every name that is part of one is spelled here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ENSEMBLE = "ensemble"
"""Stands for the feature in paths and tables, so that no feature may have this name."""


@dataclass(frozen=True)
class FitFiles:
    """Where a fit job writes; `history` is written only for models that have epochs."""

    folder: Path

    @property
    def predictions(self) -> Path:
        """Table of the test molecules: id, energy, prediction, and uncertainty where given."""
        return self.folder / "predictions.parquet"

    @property
    def inner(self) -> Path:
        """Table of inner predictions, where two folds are left out: see `inner_predictions`."""
        return self.folder / "inner.parquet"

    @property
    def history(self) -> Path:
        """Table of the epochs."""
        return self.folder / "history.parquet"

    @property
    def metrics(self) -> Path:
        """Errors and costs."""
        return self.folder / "metrics.json"

    @property
    def model(self) -> Path:
        """What made the model; its arrays are in `arrays`."""
        return self.folder / "model.json"

    @property
    def arrays(self) -> Path:
        """Arrays of the fitted model."""
        return self.folder / "model.npz"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of trainings that go on; removed when one is done."""
        return self.folder / "checkpoints"


QUICK = "-quick"
"""What names of sampled data sets, and of models with a quick budget, end in."""
