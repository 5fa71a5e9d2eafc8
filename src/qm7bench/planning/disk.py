"""The disk that a run takes, told before it begins where less is free."""

from __future__ import annotations

import shutil
from pathlib import Path

from qm7bench.configuration.settings import Settings
from qm7bench.planning.memory import EntryNeeds, FeatureNeeds, distances_disk
from qm7bench.planning.sizes import Sizes


def disk_of_run(settings: Settings, dataset: str) -> int:
    """Bytes of all representations, distances and kernels; 0 for a data set of unknown size.

    Fitted models and tables, which take little beside them, are not counted.
    """
    size = Sizes(settings.datasets, settings.quick_molecules)(dataset)
    if size is None:
        return 0
    features = {name: FeatureNeeds(size, settings.features[name]) for name in _read(settings)}
    distances, kernels = set(), 0
    for feature, name in settings.entries():
        model = settings.models[name]
        distances |= {(feature, metric) for metric in model.distances}
        kernels += EntryNeeds(features[feature], model).disk_of_kernels
    own = sum(needs.disk for needs in features.values())
    return own + len(distances) * distances_disk(size) + kernels


def disk_notes(settings: Settings, dataset: str, results: Path) -> list[str]:
    """One line where a run may take more than is free, what earlier runs left there counted in."""
    needed, folder = disk_of_run(settings, dataset), results / dataset
    existing = next(path for path in (folder, *folder.resolve().parents) if path.is_dir())
    free = shutil.disk_usage(existing).free
    if needed <= free:
        return []
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if needed <= free + there:
        return []
    return [
        f"disk: representations and kernels of this run may take {needed / 1e9:,.0f} GB in "
        f"{folder}, and {(free + there) / 1e9:,.0f} GB are free or used by it: run some models "
        f"at a time, by `only`, and delete {folder}/parts and {folder}/kernels between them"
    ]


def _read(settings: Settings) -> set[str]:
    """Names of the representations that a run's models read, baselines among them."""
    baselines = {model.baseline for model in settings.models.values() if model.baseline}
    return baselines | {feature for feature, _ in settings.entries()}
