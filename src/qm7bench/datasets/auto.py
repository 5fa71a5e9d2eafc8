"""Choice of the data set, and loading by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qm7bench.datasets import qm7
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import DataSetError

BUILT_IN = ("qm7", "qm9small", "qm9large", "qm9", "qm7_by_size", "qm9_by_size")


def resolve(name: str) -> str:
    """Return the data set that `auto` stands for here, or the name itself.

    `auto` is qm7 where its file is at hand or one of its hosts answers, and qm9small otherwise.
    """
    if name != "auto":
        return name
    return "qm7" if qm7.local_file() is not None or qm7.a_host_answers() else "qm9small"


def load_dataset(name: str, settings: dict[str, Any]) -> tuple[Dataset, dict[str, Any]]:
    """Load a built-in data set, or a user's own with the settings of `datasets.<name>`."""
    if name == "qm7":
        return qm7.load_qm7()
    if name in BUILT_IN:
        from qm7bench.datasets import by_size, qm9

        loaders = {
            "qm7_by_size": by_size.load_qm7_by_size,
            "qm9_by_size": by_size.load_qm9_by_size,
            "qm9": qm9.load_qm9,
            "qm9small": qm9.load_qm9small,
            "qm9large": qm9.load_qm9large,
        }
        return loaders[name]()
    if "file" not in settings:
        raise DataSetError(f"unknown data set {name!r}; known: {', '.join(BUILT_IN)}")
    from qm7bench.datasets.extended_xyz import load_extended_xyz

    keys = {"energy": "energy_key", "energy_unit": "energy_unit", "fold": "fold_key"}
    options = {argument: settings[key] for key, argument in keys.items() if key in settings}
    return load_extended_xyz(name, Path(settings["file"]), **options)
