"""The quick budget's molecules stand for all: folds, elements, energies."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets.dataset import check_dataset
from qm7bench.datasets.sampling import sampled


def elements_of(dataset, fold):
    """Elements in the molecules of a fold."""
    return set(np.unique(dataset.charges[dataset.folds == fold])) - {0}


@pytest.mark.parametrize("number", [300, 1500])
def test_folds_and_energies_keep_their_shares_and_no_fold_loses_an_element(qm9small, number):
    few = sampled(qm9small, number)
    assert check_dataset(few, 5).name == "qm9small-quick"
    assert len(few) == pytest.approx(number, rel=0.05)
    assert np.isin(few.ids, qm9small.ids).all()
    assert len(np.unique(few.ids)) == len(few)
    for fold in range(5):
        assert np.mean(few.folds == fold) == pytest.approx(0.2, abs=0.02)
        assert elements_of(few, fold) == elements_of(qm9small, fold)
    quantiles = np.linspace(0.1, 0.9, 5)
    spread = qm9small.energies.std()
    found, expected = (np.quantile(d.energies, quantiles) for d in (few, qm9small))
    np.testing.assert_allclose(found, expected, atol=0.1 * spread)


def test_it_is_the_same_every_time_and_keeps_the_order(qm9small):
    first, second = (sampled(qm9small, 200).ids for _ in "ab")
    np.testing.assert_array_equal(first, second)
    rows = np.searchsorted(qm9small.ids, first)
    assert (np.diff(rows) > 0).all()


def test_a_small_data_set_is_taken_whole(small_molecules):
    whole = sampled(small_molecules, 10**6)
    np.testing.assert_array_equal(whole.ids, small_molecules.ids)
    assert whole.name == f"{small_molecules.name}-quick"
