"""Minibatches: every molecule once, and sizes together where that is asked for."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qm7bench.training.batches import in_order, of_similar_size, shuffled


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=80),
    st.integers(1, 90),
    st.integers(0, 2**32 - 1),
)
def test_every_molecule_is_in_one_full_or_last_batch(sizes, batch_size, seed):
    rng, number = np.random.default_rng(seed), len(sizes)
    for batches in (
        in_order(number, batch_size),
        shuffled(number, batch_size, rng),
        of_similar_size(np.array(sizes), batch_size, rng),
    ):
        assert sorted(np.concatenate(batches)) == list(range(number))
        lengths = sorted(map(len, batches), reverse=True)
        assert lengths[:-1] == [batch_size] * (len(lengths) - 1)
        assert lengths[-1] <= batch_size


@given(st.lists(st.integers(1, 30), min_size=1, max_size=80), st.integers(0, 2**32 - 1))
def test_batches_of_similar_size_overlap_by_less_than_two_atoms(sizes, seed):
    batches = of_similar_size(np.array(sizes), 8, np.random.default_rng(seed))
    spans = sorted((min(sizes[i] for i in b), max(sizes[i] for i in b)) for b in batches)
    for (_, largest), (smallest, _) in itertools.pairwise(spans):
        assert smallest >= largest - 1


def test_batches_of_similar_size_waste_little_padding():
    rng = np.random.default_rng(0)
    sizes = rng.integers(4, 24, 2000)
    batches = of_similar_size(sizes, 32, rng)
    padded = sum(len(rows) * sizes[rows].max() for rows in batches)
    assert padded < 1.1 * sizes.sum()
