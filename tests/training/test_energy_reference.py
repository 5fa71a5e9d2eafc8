"""What networks learn the difference to: composition, or sums of descriptors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs, from_arrays
from qm7bench.regression.least_squares import fit_with_free_columns
from qm7bench.training.energy_reference import fit_reference, reference_columns

ELEMENTS = np.array([1, 8])


@pytest.fixture
def graphs(rng) -> MoleculeGraphs:
    """Forty molecules of H and O, each atom with three random descriptors."""
    charges = rng.choice(ELEMENTS, (40, 5))
    charges[::3, 3:] = 0
    positions = rng.uniform(0.0, 4.0, (40, 5, 3)) * (charges > 0)[:, :, None]
    rows = np.arange(40)
    data = Dataset("random", rows, charges, positions, np.zeros(40), np.zeros(40, int))
    bare = from_arrays(RadiusGraph().compute(data))
    descriptors = rng.normal(size=(len(bare.charges), 3)).astype(np.float32)
    return replace(bare, descriptors=descriptors)


def test_with_descriptors_it_fits_what_is_linear_in_their_sums(graphs, rng):
    weights = rng.normal(size=(9, 3))
    molecule = np.repeat(np.arange(40), graphs.atom_counts)
    of_atoms = (weights[graphs.charges] * graphs.descriptors).sum(axis=1) - 50.0 * graphs.charges
    energies = np.bincount(molecule, of_atoms)
    fit = fit_reference(graphs[:30], ELEMENTS, energies[:30])
    found = fit.predict(reference_columns(graphs[30:], ELEMENTS))
    np.testing.assert_allclose(found, energies[30:], atol=1e-2)


def test_without_descriptors_it_is_the_composition(graphs):
    bare = replace(graphs, descriptors=None)
    columns = reference_columns(bare, ELEMENTS)
    np.testing.assert_array_equal(columns, bare.element_counts(ELEMENTS))
    fit = fit_reference(bare, ELEMENTS, columns @ [-1.0, -7.0])
    np.testing.assert_allclose(fit.weights, [-1.0, -7.0])
    assert fit.intercept == 0.0


def test_the_penalty_is_that_of_the_smallest_error_of_repeated_fits(rng):
    values = rng.normal(size=(25, 20)) * rng.uniform(0.1, 5.0, 20)
    free = np.column_stack([np.ones(25), rng.normal(size=25)])
    energies = values[:, 0] + 100.0 * free[:, 1] + rng.normal(size=25)
    alphas = (1e-3, 3.0, 30.0, 1e5)
    penalized = np.diag([0.0] * 2 + [1.0] * 20)
    columns = np.column_stack([free, values / values.std(axis=0)])

    def fitted(rows, alpha):
        X = columns[rows]
        return np.linalg.solve(X.T @ X + alpha * penalized, X.T @ energies[rows])

    def left_out(alpha):
        each = np.arange(25)
        return np.mean([(columns[i] @ fitted(each != i, alpha) - energies[i]) ** 2 for i in each])

    best = min(alphas, key=left_out)
    assert best not in (alphas[0], alphas[-1])
    found = fit_with_free_columns(free, values, energies, alphas)
    expected = columns @ fitted(np.arange(25), best)
    np.testing.assert_allclose(found.predict(np.column_stack([free, values])), expected, rtol=1e-8)


def test_more_columns_than_molecules_are_no_reason_to_learn_them_by_heart(graphs, rng):
    few = replace(graphs, descriptors=rng.normal(size=(len(graphs.charges), 60)))[:20]
    energies = -50.0 * few.element_counts(ELEMENTS).sum(axis=1) + rng.normal(size=20)
    fit = fit_reference(few, ELEMENTS, energies)
    assert np.abs(fit.predict(reference_columns(few, ELEMENTS)) - energies).mean() > 0.05
