"""Paths of relaxed molecules and of what is predicted for them, as `results_tree` has the others.

Constants in capitals are patterns for the rules, with Snakemake's wildcards in braces.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qm7bench.artefacts.results_tree import FOLDER, METADATA

BEYOND = "beyond"
OF_RUN = f"{FOLDER}/{BEYOND}"
RELAXED = f"{OF_RUN}/relaxed/{METADATA}"
"""Relaxed molecules of a test fold, a data set."""
GEOMETRY = f"{OF_RUN}/geometry"
"""Errors on them, with one of `results_tree.TABLE_ENDINGS`."""


@dataclass(frozen=True)
class RelaxedFiles:
    """Relaxed molecules; their folder is that of a data set."""

    folder: Path

    @property
    def relaxation(self) -> Path:
        """Table of what changed: id, energy, deviation, steps."""
        return self.folder / "relaxation.parquet"


@dataclass(frozen=True)
class GeometryFiles:
    """What stands beside the tables of tests beyond the random fold, in the same folder."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> GeometryFiles:
        """Files in a data set's results, or among the published ones."""
        return cls(folder / BEYOND)

    @property
    def table(self) -> Path:
        """Errors of every entry."""
        return self.folder / "geometry.csv"

    @property
    def predictions(self) -> Path:
        """Predictions of every entry for both geometries."""
        return self.folder / "geometry" / "predictions.parquet"

    @property
    def provenance(self) -> Path:
        """How the molecules were relaxed, and what made the models."""
        return self.folder / "geometry" / "provenance.json"

    def all(self) -> list[Path]:
        """Every file that is published."""
        return [self.table, self.predictions, self.provenance]


RELAXATION = str(RelaxedFiles(Path(RELAXED).parent).relaxation)
OF_GEOMETRY = GeometryFiles(Path(OF_RUN))
