"""A data set that an option names: a built-in one, or the metadata.json of a user's own."""

from __future__ import annotations

from pathlib import Path

from qm7bench.datasets.auto import load_dataset
from qm7bench.datasets.dataset import Dataset

HELP = "qm7, qm9small, qm9large, qm9, or the metadata.json that `qm7bench dataset` wrote"


def named_dataset(name: str) -> Dataset:
    """Load it; QM7 from the file that QM7_MAT names, QM9 from the package qm9pack."""
    if Path(name).suffix == ".json":
        from qm7bench.datasets.storage import read_dataset

        return read_dataset(Path(name))
    return load_dataset(name, {})[0]
