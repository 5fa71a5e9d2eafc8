"""Kernels or sums that fits share, and what an earlier job of theirs left: nothing twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import (
    canonical_json,
    read_json,
    sha256_of,
    write_artefact,
    write_json,
)
from qm7bench.errors import ArtefactError
from qm7bench.fitting.job import cost_of_this_process, versions
from qm7bench.registry.modules import module_name
from qm7bench.registry.source_files import source_files

Arrays = dict[str, NDArray[Any]]
NO_COST = {"cpu_seconds": 0.0, "peak_memory_mb": 0.0}


@dataclass(frozen=True)
class KnownArrays:
    """Arrays beside an artefact's metadata file that an earlier job wrote.

    Snakemake removes the metadata before a job runs, and leaves the arrays and `cost.json`, which
    says what they are.

    Attributes
    ----------
    output : Path
        The metadata file.
    identity : str
        Checksum of feature, energies, code and versions that the arrays come from.
    arrays : dict of arrays
        Memory-mapped, of the same identity and undamaged.
    described : dict
        Their shapes, dtypes and checksums.
    cost : dict
        CPU seconds and peak memory in MB of the jobs that made them.
    """

    output: Path
    identity: str
    arrays: Arrays
    described: dict[str, Any]
    cost: dict[str, float]

    @classmethod
    def of(cls, output: Path, module: str, made_from: dict[str, Any]) -> KnownArrays:
        """Read what is there for a model's module; nothing if anything differs."""
        code = [sha256_of(Path(path)) for path in source_files(module_name("models", module))]
        text = canonical_json([made_from, code, versions()])
        identity = hashlib.sha256(text.encode()).hexdigest()
        try:
            record = read_json(output.with_name("cost.json"))
        except ArtefactError:
            record = {}
        if record.get("identity") != identity:
            return cls(output, identity, {}, {}, NO_COST)
        described = {
            name: own
            for name, own in record["arrays"].items()
            if _is_unchanged(output.with_name(f"{name}.npy"), own["sha256"])
        }
        arrays = {
            name: np.load(output.with_name(f"{name}.npy"), mmap_mode="r") for name in described
        }
        return cls(output, identity, arrays, described, {key: record[key] for key in NO_COST})

    def write(self, arrays: Arrays, metadata: dict[str, Any]) -> list[str]:
        """Write an artefact and its cost, and remove other arrays; return names of those kept.

        Arrays that came from here are not written again. The cost holds that of all jobs that made
        something for it.
        """
        kept = [name for name, array in arrays.items() if array is self.arrays.get(name)]
        new = {name: array for name, array in arrays.items() if name not in kept}
        there = {name: self.described[name] for name in kept}
        described = write_artefact(self.output, new, metadata, there)
        for path in self.output.parent.glob("*.npy"):
            if path.stem not in described:
                path.unlink()
        earlier = self.cost if kept else NO_COST
        cost = cost_of_this_process(earlier["cpu_seconds"])
        cost["peak_memory_mb"] = max(cost["peak_memory_mb"], earlier["peak_memory_mb"])
        record = {"identity": self.identity, "arrays": described, **cost}
        write_json(self.output.with_name("cost.json"), record)
        return kept


def _is_unchanged(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256
