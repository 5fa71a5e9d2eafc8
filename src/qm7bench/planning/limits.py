"""Entries that need more memory than there is, or more of the disk than a run may take."""

from __future__ import annotations

from dataclasses import dataclass

from qm7bench.artefacts.results_tree import quick_name
from qm7bench.configuration.entries import ModelEntry
from qm7bench.configuration.sections import Configuration
from qm7bench.planning.memory import MEGABYTE, EntryNeeds, FeatureNeeds
from qm7bench.planning.sizes import Sizes

DISK = 50e9
"""Bytes that the matrices of an entry may take, so that no run on QM9 needs more in all."""


@dataclass(frozen=True)
class Limits:
    """Tells which entries are too large, for `qm7bench.configuration.settings.load_settings`.

    Attributes
    ----------
    memory : int or None
        MB that one job can have; None if nobody has said so.
    """

    memory: int | None

    def __call__(self, config: Configuration, feature: str, model: ModelEntry) -> str | None:
        """Say why a model on a feature does not fit; None if it does, or nothing is known."""
        sizes, name = Sizes.of(config), config.dataset
        few = config.budget == "quick" and config.quick_molecules
        size = sizes(quick_name(name) if few else name)
        if size is None:
            return None
        needs = EntryNeeds(FeatureNeeds(size, config.features[feature]), model)
        molecules = f"for {size.molecules:,} molecules"
        most = max(needs.all_jobs()) * MEGABYTE
        there = None if self.memory is None else self.memory * MEGABYTE
        if there is not None and most > there:
            return (
                f"needs {_gigabytes(most)} of memory {molecules}, {_gigabytes(there)} can be used"
            )
        if needs.disk > DISK:
            return (
                f"its matrices {molecules} take {_gigabytes(needs.disk)} of the disk, "
                f"{_gigabytes(DISK)} may be used"
            )
        return None


def _gigabytes(nbytes: float) -> str:
    number = nbytes / 1e9
    return f"{number:,.0f} GB" if number >= 100 else f"{number:.1f} GB"
