"""What jobs need: threads, memory, time and a GPU, and which of them share a Slurm job.

`w` stands for a job's wildcards. Each further attempt at a job asks for as much again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qm7bench.artefacts.results_tree import plain_name
from qm7bench.configuration.entries import ModelEntry
from qm7bench.configuration.sections import FeatureSection
from qm7bench.configuration.settings import Settings
from qm7bench.layouts.work import Job
from qm7bench.planning.memory import EntryNeeds, FeatureNeeds, dataset_memory
from qm7bench.planning.sizes import Sizes
from qm7bench.registry.members import has_method
from qm7bench.registry.modules import parameters_of

LIGHT_MINUTES = 10
LIGHT_POINT = {"molecules": 2000, "mem_mb": 2000, "runtime": LIGHT_MINUTES}
"""Up to which size a point of a learning curve is light, and what it asks for at most."""
UNKNOWN = 4000
"""MB of the job of a feature, or of its distances, whose size nobody knows."""


def growing(amount: int) -> Callable[[Any, int], int]:
    """Resource function of a job that belongs to no model."""
    return lambda w, attempt: amount * attempt


def has_epochs(model: ModelEntry) -> bool:
    """Whether a model is trained in epochs."""
    return "epochs" in parameters_of("models", model.module)


def in_parts(model: ModelEntry) -> bool:
    """Whether a model's kernel is computed in parts, for each test fold."""
    return model.share_kernels and has_method("models", model.module, "compute_part")


@dataclass(frozen=True)
class Needs:
    """Needs of the jobs of each of the models and features, by name."""

    models: dict[str, ModelEntry]
    features: dict[str, FeatureSection]
    sizes: Sizes

    @classmethod
    def of(cls, settings: Settings) -> Needs:
        """Needs of what the settings describe."""
        sizes = Sizes(settings.datasets, settings.quick_molecules)
        return cls(settings.models, settings.features, sizes)

    def threads(self, w: Any) -> int:
        """Threads of a job."""
        return self.models[w.model].resources.threads

    def runtime(self, w: Any, attempt: int) -> int:
        """Run time of a job in minutes."""
        return self.models[w.model].resources.runtime * attempt

    def dataset_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job that reads a data set."""
        size = self.sizes(plain_name(w.dataset))
        return attempt * (UNKNOWN if size is None else dataset_memory(size))

    def feature_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of a feature's job."""
        needs = self._feature(w)
        return attempt * ((needs.memory if needs else 0) or UNKNOWN)

    def distances_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job of a distance matrix."""
        needs = self._feature(w)
        return attempt * ((needs.distances(w.metric) if needs else 0) or UNKNOWN)

    def kernels_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job of a model's shared kernels or sums."""
        return attempt * self._memory("kernels", w)

    def part_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job of a part of a model's kernel."""
        return attempt * self._memory("part", w)

    def parts(self, w: Any) -> int:
        """In how many parts a model's kernel is computed; one where the data set is not known."""
        needs = self._entry(w)
        return needs.parts if needs else 1

    def select_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job that cross-validates a model's grid."""
        return attempt * self._memory("select", w)

    def fit_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of the job of a fit."""
        return attempt * self._memory("fit", w)

    def point_memory(self, w: Any, attempt: int) -> int:
        """Memory in MB of a point of a learning curve: where it is set, not more than if light."""
        own = self.models[w.model].resources.mem_mb
        if own is not None and self._is_light(w):
            return attempt * min(own, LIGHT_POINT["mem_mb"])
        needs = self._entry(w)
        return attempt * (needs.point(int(w.size)) if needs else own or UNKNOWN)

    def point_runtime(self, w: Any, attempt: int) -> int:
        """Run time of a point of a learning curve in minutes: not more than if light."""
        own = self.models[w.model].resources.runtime
        return attempt * (min(own, LIGHT_POINT["runtime"]) if self._is_light(w) else own)

    def group(self, w: Any) -> str | None:
        """Which jobs may share one Slurm job: the light ones, a selection with its fits."""
        model = self.models[w.model]
        if model.resources.gpu or model.resources.runtime > LIGHT_MINUTES:
            return None
        return "light_rows" if model.grid else "light_fits"

    def point_group(self, w: Any) -> str | None:
        """Which points may share one Slurm job: the light ones."""
        return "light_points" if self._is_light(w) else None

    def gpu_models(self) -> str:
        """Regular expression of the models that ask for a GPU."""
        names = [re.escape(name) for name, model in self.models.items() if model.resources.gpu]
        return "|".join(names) or "(?!)"

    def _feature(self, w: Any) -> FeatureNeeds | None:
        size = self.sizes(w.dataset)
        return None if size is None else FeatureNeeds(size, self.features[w.feature])

    def _entry(self, w: Any) -> EntryNeeds | None:
        feature = self._feature(w)
        return EntryNeeds(feature, self.models[w.model]) if feature else None

    def _memory(self, job: Job, w: Any) -> int:
        needs = self._entry(w)
        own = self.models[w.model].resources.mem_mb
        return needs.memory(job) if needs else own or UNKNOWN

    def _is_light(self, w: Any) -> bool:
        """Whether a point takes minutes; a network takes as many steps on few molecules."""
        model = self.models[w.model]
        small = int(w.size) <= LIGHT_POINT["molecules"]
        return small and not model.resources.gpu and not has_epochs(model)
