"""What a model's jobs need: threads, memory, time and a GPU, and which jobs share a Slurm job.

`w` stands for a job's wildcards. Each further attempt at a job asks for as much again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qm7bench.configuration.entries import ModelEntry
from qm7bench.registry.modules import parameters_of

LIGHT_MINUTES = 10
LIGHT_POINT = {"molecules": 2000, "mem_mb": 2000, "runtime": LIGHT_MINUTES}
"""Up to which size a point of a learning curve is light, and what it asks for at most."""


def growing(amount: int) -> Callable[[Any, int], int]:
    """Resource function of a job that belongs to no model."""
    return lambda w, attempt: amount * attempt


def has_epochs(model: ModelEntry) -> bool:
    """Whether a model is trained in epochs."""
    return "epochs" in parameters_of("models", model.module)


@dataclass(frozen=True)
class Needs:
    """Needs of the jobs of each of the models, by name."""

    models: dict[str, ModelEntry]

    def threads(self, w: Any) -> int:
        """Threads of a job."""
        return self.models[w.model].resources.threads

    def memory(self, w: Any, attempt: int) -> int:
        """Memory of a job in MB."""
        return self.models[w.model].resources.mem_mb * attempt

    def runtime(self, w: Any, attempt: int) -> int:
        """Run time of a job in minutes."""
        return self.models[w.model].resources.runtime * attempt

    def point_memory(self, w: Any, attempt: int) -> int:
        """Memory of a point of a learning curve in MB: no more than `LIGHT_POINT`'s if light."""
        own = self.models[w.model].resources.mem_mb
        return attempt * (min(own, LIGHT_POINT["mem_mb"]) if self._is_light(w) else own)

    def point_runtime(self, w: Any, attempt: int) -> int:
        """Run time of a point of a learning curve in minutes, likewise."""
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

    def _is_light(self, w: Any) -> bool:
        """Whether a point takes minutes; a network takes as many steps on few molecules."""
        model = self.models[w.model]
        small = int(w.size) <= LIGHT_POINT["molecules"]
        return small and not model.resources.gpu and not has_epochs(model)
