"""Sizes of the data sets that a configuration may run on, by their names in paths."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from qm7bench.artefacts.results_tree import is_quick, plain_name
from qm7bench.chemistry.size import Size
from qm7bench.configuration.sections import Configuration
from qm7bench.datasets.sizes import size_of


@dataclass(frozen=True)
class Sizes:
    """Tells how much a data set holds.

    Attributes
    ----------
    datasets : dict
        Settings of a user's own data sets, by name.
    quick_molecules : int
        Molecules that the quick budget takes; 0 for all.
    """

    datasets: dict[str, dict[str, Any]]
    quick_molecules: int

    @classmethod
    def of(cls, config: Configuration) -> Sizes:
        """Take what a configuration says."""
        datasets = {name: own.given() for name, own in config.datasets.items()}
        return cls(datasets, config.quick_molecules)

    def __call__(self, name: str) -> Size | None:
        """Size of the data set of this name; None where it cannot be told."""
        plain = plain_name(name)
        size = _known_size(plain, json.dumps(self.datasets.get(plain, {}), sort_keys=True))
        if size is not None and is_quick(name) and self.quick_molecules:
            return size.part(self.quick_molecules)
        return size


@cache
def _known_size(name: str, settings: str) -> Size | None:
    """Size of a data set with these settings; a user's file is counted once."""
    return size_of(name, json.loads(settings))
