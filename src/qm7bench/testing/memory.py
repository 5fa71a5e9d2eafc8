"""Checks of what representations and models say of the memory that they take."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, nbytes_of
from qm7bench.layouts.work import Job, Work
from qm7bench.models.interface import SharesKernels, SharesSums, StatesDisk, StatesMemory
from qm7bench.testing.expectations import expect
from qm7bench.testing.molecules import training_molecules

if TYPE_CHECKING:
    from qm7bench.testing.models import Candidate

SLACK = 3_000_000
"""Bytes of what is imported, cached or rounded on the way."""


def size_of_molecules(dataset: Dataset) -> Size:
    """Size of a data set that is at hand; its padding counts as its largest molecule."""
    size = Size.of(row[row > 0].tolist() for row in dataset.charges)
    return replace(size, largest=dataset.charges.shape[1])


def tells_what_its_arrays_take(feature: Feature) -> None:
    """Where shapes are told, no array is larger, and computing them takes no more than told."""
    dataset = training_molecules()
    size, name = size_of_molecules(dataset), type(feature).__name__
    shapes = feature.shapes(size)
    if not shapes:
        return
    feature.compute(dataset)
    arrays, peak = measured(lambda: feature.compute(dataset))
    expect(
        set(shapes) == set(arrays), f"{name}.shapes names {sorted(shapes)}, not {sorted(arrays)}"
    )
    for key, array in arrays.items():
        told = shapes[key]
        fits = len(told.sizes) == array.ndim and told.entry >= array.itemsize
        fits = fits and all(a >= b for a, b in zip(told.sizes, array.shape, strict=False))
        expect(fits, f"{name}.shapes: {key} is told as {told}, and has shape {array.shape}")
    beside = peak - sum(array.nbytes for array in arrays.values())
    told_beside = feature.working_memory(size)
    expect(
        beside <= told_beside + SLACK,
        f"{name}.working_memory tells {told_beside:,} bytes, {beside:,} were taken",
    )
    larger = replace(size, molecules=2 * size.molecules, pairs=2 * size.pairs)
    grown = nbytes_of(feature.shapes(larger))
    expect(grown >= nbytes_of(shapes), f"{name}.shapes shrink with more molecules")


def tells_what_its_jobs_take(candidate: Candidate) -> None:
    """Where memory is told, it suffices, and more molecules do not need less."""
    model, points = candidate.model, [candidate.parameters]
    if not issubclass(model, StatesMemory):
        return
    data, features = candidate.data, candidate.features(candidate.data)
    number, work = len(data), work_of(candidate)
    candidate.fitted()
    _, peak = measured(lambda: candidate.build().fit(features, data.energies).predict(features))
    told = model.memory("fit", points, work)
    expect(
        peak <= told + SLACK,
        f"{candidate.name}.memory tells {told:,} bytes of a fit, {peak:,} were taken",
    )
    jobs: list[Job] = ["kernels", "part", "select", "fit"]
    for job in jobs:
        more = model.memory(job, points, replace(work, molecules=9 * number, training=9 * number))
        less = model.memory(job, points, work)
        expect(more >= less > 0, f"{candidate.name}.memory of {job} shrinks with more molecules")


def shares_what_it_says(candidate: Candidate) -> None:
    """Shared kernels or sums are arrays of numbers, which take no more disk than told.

    A model that tells the memory of its jobs tells that too.
    """
    model, points = candidate.model, [candidate.parameters]
    data, features = candidate.data, candidate.features(candidate.data)
    if issubclass(model, SharesKernels):
        shared = model.shared_arrays(points, features, {})
    elif issubclass(model, SharesSums):
        shared = model.shared_sums(points, features, data.energies, data.folds, {})
    else:
        return
    numbers = all(array.dtype.kind in "iuf" for array in shared.values())
    expect(bool(shared) and numbers, f"{candidate.name} shares no arrays")
    if not issubclass(model, StatesDisk):
        expect(
            not issubclass(model, StatesMemory),
            f"{candidate.name} tells its memory, and not by `disk` what its kernels take",
        )
        return
    work = work_of(candidate)
    # Axes of the elements, and vectors along them, come beside the matrices.
    matrices = sum(array.nbytes for array in shared.values() if array.shape[0] != work.columns)
    told = model.disk(points, work)
    expect(
        matrices <= told + nbytes_of(work.shapes),
        f"{candidate.name}.disk tells {told:,} bytes, shared matrices have {matrices:,}",
    )


def work_of(candidate: Candidate) -> Work:
    """Work on the candidate's molecules, all of which it is fitted to."""
    data, arrays = candidate.data, candidate.pinned.compute(candidate.data)
    shapes = {name: Shape(array.shape, array.itemsize) for name, array in arrays.items()}
    return Work(len(data), len(data), 0, size_of_molecules(data).atoms, shapes, shared=False)


def measured(run: Callable[[], Any]) -> tuple[Any, int]:
    """What it returns, and the most bytes that were held meanwhile."""
    tracemalloc.start()
    try:
        return run(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
