"""Memory and disk that jobs need, worked out from the size of the data set before it is read.

Features and models say what they take, in their own modules, which are imported here by name if
they do. Where they say nothing, the settings or a default hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qm7bench.chemistry.size import Size
from qm7bench.configuration.entries import ModelEntry
from qm7bench.configuration.sections import FOLDS, FeatureSection
from qm7bench.layouts.shapes import Shapes, nbytes_of
from qm7bench.layouts.table import Metric, distances_memory
from qm7bench.layouts.work import Job, Work
from qm7bench.registry.members import has_method
from qm7bench.registry.modules import load
from qm7bench.registry.parameters import grid_points

MEGABYTE = 2**20
LIBRARIES = 250
"""MB of an interpreter with the libraries that a job imports."""
LEAST = 1000
"""MB that even the smallest job asks for: in a cluster's job, Snakemake runs beside it."""
MARGIN = 1.05
"""What is worked out may be exceeded by so much."""
DEFAULT = 2000
"""MB of a model of which nothing is known, beside its representation."""


def asked(nbytes: float) -> int:
    """Memory in MB to ask for where data take so many bytes."""
    return max(LEAST, LIBRARIES + round(MARGIN * nbytes / MEGABYTE))


def dataset_memory(size: Size) -> int:
    """MB of the job that reads a data set: text, numbers as objects, arrays and their copies."""
    return asked(4 * _arrays_of(size) + 250 * size.all_atoms)


def _arrays_of(size: Size) -> int:
    """Bytes of charges, positions and a table of the molecules."""
    return size.molecules * (32 * size.largest + 100)


def distances_disk(size: Size) -> int:
    """Bytes of a distance matrix."""
    return 8 * size.molecules**2


@dataclass(frozen=True)
class FeatureNeeds:
    """What the jobs of a feature need on a data set of some size."""

    size: Size
    section: FeatureSection

    @cached_property
    def shapes(self) -> Shapes:
        """Shapes of its arrays; none where its class does not tell."""
        if not has_method("features", self.section.module, "shapes"):
            return {}
        feature = load("features", self.section.module)(**self.section.parameters)
        shapes: Shapes = feature.shapes(self.size)
        return shapes

    @property
    def disk(self) -> int:
        """Bytes of its arrays."""
        return nbytes_of(self.shapes)

    @property
    def memory(self) -> int:
        """MB of the job that computes it; 0 where nothing is known."""
        if not self.shapes:
            return 0
        feature = load("features", self.section.module)(**self.section.parameters)
        return asked(self.disk + feature.working_memory(self.size) + _arrays_of(self.size))

    def distances(self, metric: Metric) -> int:
        """MB of the job of a distance matrix; 0 where nothing is known."""
        entries = self.size.molecules**2
        return asked(distances_memory(entries, metric) + 2 * self.disk) if self.shapes else 0


@dataclass(frozen=True)
class EntryNeeds:
    """What the jobs of a model on a feature need."""

    feature: FeatureNeeds
    model: ModelEntry

    def memory(self, job: Job) -> int:
        """MB of a job: the model's setting, what its class says, or a default."""
        if self.model.resources.mem_mb is not None:
            return self.model.resources.mem_mb
        if self._tells("memory"):
            return asked(self._class.memory(job, self._points, self._work))
        return DEFAULT + round(3 * self.feature.disk / MEGABYTE)

    def point(self, molecules: int) -> int:
        """MB of a point of a learning curve: a selection, a fit, predictions of a test fold.

        Of shared matrices, the rows of its molecules are read.
        """
        size = self.feature.size
        parts: dict[Job, int] = {"select": molecules, "fit": molecules + size.molecules // 5}
        alone = self.model.model_copy(update={"distances": [], "share_kernels": False})
        needed = 0
        for job, number in parts.items():
            feature = FeatureNeeds(size.part(number), self.feature.section)
            needed = max(needed, EntryNeeds(feature, alone).memory(job))
        if self.model.resources.mem_mb is not None:
            return needed
        share = min(1.0, parts["fit"] / size.molecules)
        return needed + round(share * self.disk / MEGABYTE)

    @property
    def disk(self) -> int:
        """Bytes of the distances, kernels or sums that its jobs share."""
        distances = len(self.model.distances) * distances_disk(self.feature.size)
        return distances + self.disk_of_kernels

    @property
    def disk_of_kernels(self) -> int:
        """Bytes of the kernels or sums alone; 0 where nothing is known."""
        if not (self.model.share_kernels and self._tells("disk")):
            return 0
        return int(self._class.disk(self._points, self._work)) * self._times

    @property
    def parts(self) -> int:
        """In how many parts its kernel is computed; one where that cannot be told."""
        if not self._tells("parts"):
            return 1
        return int(self._class.parts(self._points, self._work))

    @property
    def _times(self) -> int:
        """How often its kernels are there: parts of a kernel for each test fold."""
        return len(self.model.folds or FOLDS) if self._tells("compute_part") else 1

    def all_jobs(self) -> Iterator[int]:
        """MB of each kind of job that it needs, its feature's and distances' included."""
        yield self.feature.memory
        for metric in self.model.distances:
            yield self.feature.distances(metric)
        yield self.memory("fit")
        if self.model.grid:
            yield self.memory("select")
        if self.model.share_kernels:
            yield self.memory("kernels")
        if self.model.share_kernels and self._tells("compute_part"):
            yield self.memory("part")

    def _tells(self, method: str) -> bool:
        """Whether the model's class tells what it needs, and the feature's what it gives."""
        return bool(self.feature.shapes) and has_method("models", self.model.module, method)

    @property
    def _class(self) -> type[Any]:
        return load("models", self.model.module)

    @property
    def _points(self) -> list[dict[str, Any]]:
        return grid_points(self.model.parameters, self.model.grid)

    @property
    def _work(self) -> Work:
        size, model = self.feature.size, self.model
        test = size.molecules // 5
        training = min(model.training_molecules or size.molecules, size.molecules - test)
        return Work(
            molecules=size.molecules,
            training=training,
            test=test,
            atoms=size.atoms,
            shapes=self.feature.shapes,
            shared=model.share_kernels or bool(model.distances),
        )
