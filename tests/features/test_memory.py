"""Memory of features whose size follows the atoms or their pairs."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from qm7bench.features import fchl19
from qm7bench.registry.modules import load

SHORT = {"two_body_cutoff": 3.0, "three_body_cutoff": 3.0}


@pytest.mark.parametrize(
    ("feature", "parameters"),
    [
        ("atom_counts", {}),
        ("radius_graph", {"triplets": True, "cutoff": 4.0}),
        ("nearest_neighbour_graph", {}),
        ("eigenspectrum", {}),
        ("fchl19", {"two_body_cutoff": 5.0, "three_body_cutoff": 5.0}),
    ],
)
def test_one_large_molecule_does_not_multiply_the_memory(one_large_molecule, feature, parameters):
    tracemalloc.start()
    arrays = load("features", feature)(**parameters).compute(one_large_molecule)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(array.nbytes for array in arrays.values())
    assert peak - kept < 500e6  # bytes; (301, 1728, 1728) distances alone are 7.2e9


def test_fchl19_does_not_depend_on_how_many_triples_are_handled_at_a_time(
    small_molecules, monkeypatch
):
    feature = load("features", "fchl19")(**SHORT)
    expected = feature.compute(small_molecules[::10])["values"]
    monkeypatch.setattr(fchl19, "TRIPLES_AT_ONCE", 50)
    np.testing.assert_array_equal(feature.compute(small_molecules[::10])["values"], expected)
