"""Check of models whose kernel is computed in parts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from qm7bench.models.interface import SharesParts, StatesDisk, StatesMemory
from qm7bench.testing.expectations import expect, expect_close
from qm7bench.testing.memory import SLACK, measured, work_of

if TYPE_CHECKING:
    from qm7bench.testing.models import Candidate

PARTS = 3


def predicts_from_parts_as_alone(candidate: Candidate) -> None:
    """Parts of the kernel are arrays of numbers, give a fit's predictions, and take what is told.

    Another regularisation needs no other parts: they do not depend on energies.
    """
    model, points, data = candidate.build(), [candidate.parameters], candidate.data
    if not isinstance(model, SharesParts):
        return
    half, name = np.arange(len(data)) % 2 == 0, candidate.name
    training, others = np.flatnonzero(half), np.flatnonzero(~half)
    work = replace(work_of(candidate), training=len(training), test=len(others), shared=True)
    expect(model.parts(points, work) >= 1, f"{name}.parts is not positive")
    features = candidate.features(data)
    expected = candidate.build().fit(features[training], data.energies[training])
    prepared, held = model.prepare_parts(features, training, others), 0
    arrays = dict(prepared)
    for number in range(PARTS):
        part, peak = measured(partial(model.compute_part, prepared, number, PARTS))
        held += sum(array.nbytes for array in part.values())
        arrays |= part
        if isinstance(model, StatesMemory):
            told = model.memory("part", points, work)
            expect(peak <= told + SLACK, f"{name}.memory tells {told:,}, a part took {peak:,}")
    numbers = all(array.dtype.kind in "iuf" for array in arrays.values())
    expect(numbers, f"{name}: parts are not arrays of numbers")
    if isinstance(model, StatesDisk):
        told = model.disk(points, work)
        expect(held <= told, f"{name}.disk tells {told:,} bytes, its parts have {held:,}")
    shared = replace(features, matrices=arrays)
    found = candidate.build().fit(shared[training], data.energies[training]).predict(shared[others])
    what = f"{name}, fitted to parts of its kernel"
    expect_close(found, expected.predict(features[others]), candidate.tolerance, what)
