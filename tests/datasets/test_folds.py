"""Folds stratified by energy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qm7bench.datasets.folds import NUMBER_OF_FOLDS, stratified_folds


@given(st.lists(st.floats(-1e4, 0.0), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_every_five_neighbours_in_energy_are_in_five_folds(energies, seed):
    folds = stratified_folds(np.array(energies), seed)
    ranked = folds[np.argsort(energies, kind="stable")]
    for start in range(0, len(ranked), NUMBER_OF_FOLDS):
        block = ranked[start : start + NUMBER_OF_FOLDS].tolist()
        assert len(set(block)) == len(block)
        assert set(block) <= set(range(NUMBER_OF_FOLDS))
