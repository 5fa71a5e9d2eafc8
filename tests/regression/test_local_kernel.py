"""The blocked local kernel against a loop over pairs of atoms."""

import numpy as np
import pytest

from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import AtomRepresentations, from_arrays
from qm7bench.regression import compiled_pair_sums, local_kernel, pair_sums
from qm7bench.regression.local_kernel import (
    ElementAtoms,
    LocalAtoms,
    axes_of,
    local_kernels,
    self_similarities,
)
from qm7bench.regression.local_kernel import local_kernel as local_kernel_matrix

GAMMA = 0.3
WIDE = 2.0e-3
"""Of the entry electronic_kernel_ridge."""


@pytest.fixture(autouse=True, params=[pair_sums, compiled_pair_sums], ids=["numpy", "compiled"])
def functions(request, monkeypatch):
    """All tests, with either kind of functions."""
    monkeypatch.setattr(local_kernel, "functions_for", lambda pairs: request.param)


@pytest.fixture
def atoms(rng):
    """Twenty molecules, some without atoms of an element, in 6 of 9 dimensions."""
    sizes = rng.integers(1, 7, size=20)
    values = rng.normal(size=(sizes.sum(), 6)) @ rng.normal(size=(6, 9)) / 3.0
    charges = rng.choice([6, 7, 16], size=sizes.sum(), p=[0.6, 0.3, 0.1])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return AtomRepresentations(values, charges, offsets, np.zeros((20, 3)))


def gaussian(squares):
    return np.exp(-GAMMA * squares)


def matern(squares):
    """Equation 4.17 of Rasmussen & Williams with the length scale of GAMMA = 1 / (2 s^2)."""
    scaled = np.sqrt(5 * squares) / np.sqrt(1 / (2 * GAMMA))
    return (1 + scaled + scaled**2 / 3) * np.exp(-scaled)


def naive(a, b, function=gaussian):
    kernel = np.zeros((len(a), len(b)))
    for x, z, i in zip(a.values, a.charges, a.molecules, strict=True):
        for y, other, j in zip(b.values, b.charges, b.molecules, strict=True):
            if z == other:
                kernel[i, j] += function(((x - y) ** 2).sum())
    return kernel


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_kernel_agrees_with_a_loop_over_atoms_in_blocks_of_any_size(atoms, block, monkeypatch):
    monkeypatch.setattr(local_kernel, "BLOCK", block)
    own = LocalAtoms.of(atoms, axes_of(atoms, GAMMA), known=True)
    kernel = local_kernel_matrix(own, own, "gaussian", GAMMA)
    np.testing.assert_allclose(kernel, naive(atoms, atoms), rtol=1e-5)
    np.testing.assert_array_equal(kernel, kernel.T)


@pytest.mark.parametrize("gammas", [[GAMMA], [0.01, GAMMA, 4.0]])
def test_the_matern_kernel_agrees_with_its_formula_among_any_widths(atoms, gammas):
    own = LocalAtoms.of(atoms, axes_of(atoms, GAMMA), known=True)
    found = local_kernels(own, own, "matern", gammas)[gammas.index(GAMMA)]
    np.testing.assert_allclose(found, naive(atoms, atoms, matern), rtol=1e-3)
    assert np.linalg.eigvalsh(found).min() > -1e-12
    np.testing.assert_allclose(self_similarities(atoms, "matern", GAMMA), np.diag(found), rtol=1e-3)


def test_axes_leave_out_directions_that_do_not_occur(atoms):
    assert axes_of(atoms, GAMMA)[6].directions.shape == (9, 6)


def test_kernel_with_other_molecules_counts_what_lies_outside_of_the_axes(atoms, rng):
    axes = axes_of(atoms, GAMMA)
    elsewhere = AtomRepresentations(
        rng.normal(size=atoms.values.shape), atoms.charges, atoms.atom_offsets, atoms.compositions
    )
    known = LocalAtoms.of(atoms, axes, known=True)
    queries = LocalAtoms.of(elsewhere, axes, known=False)
    kernel = local_kernel_matrix(queries, known, "gaussian", GAMMA)
    np.testing.assert_allclose(kernel, naive(elsewhere, atoms), rtol=1e-4)


def test_an_element_without_axes_adds_nothing(atoms):
    axes = axes_of(atoms, GAMMA)
    other = AtomRepresentations(
        atoms.values, np.full_like(atoms.charges, 9), atoms.atom_offsets, atoms.compositions
    )
    queries = LocalAtoms.of(other, axes, known=False)
    known = LocalAtoms.of(atoms, axes, known=True)
    assert not local_kernel_matrix(queries, known, "gaussian", GAMMA).any()


def test_self_similarities_are_the_diagonal(atoms):
    own = LocalAtoms.of(atoms, axes_of(atoms, GAMMA), known=True)
    expected = np.diag(local_kernel_matrix(own, own, "gaussian", GAMMA))
    np.testing.assert_allclose(self_similarities(atoms, "gaussian", GAMMA), expected, rtol=1e-6)


def test_kernel_is_positive_semi_definite(atoms):
    own = LocalAtoms.of(atoms, axes_of(atoms, GAMMA), known=True)
    assert np.linalg.eigvalsh(local_kernel_matrix(own, own, "gaussian", GAMMA)).min() > -1e-12


@pytest.fixture(scope="module")
def molecules(small_molecules):
    """Representations of 100 molecules, and the same along their axes."""
    atoms = from_arrays(Fchl19ExtendedHuckel(elements="H C N O F").compute(small_molecules[::3]))
    return LocalAtoms.of(atoms, axes_of(atoms, WIDE), known=True)


@pytest.mark.parametrize("kernel", ["gaussian", "matern"])
def test_single_precision_changes_no_digit_that_counts(kernel, molecules, monkeypatch):
    found = local_kernel_matrix(molecules, molecules, kernel, WIDE)
    monkeypatch.setattr(local_kernel, "IN_SINGLE", 0.0)
    expected = local_kernel_matrix(molecules, molecules, kernel, WIDE)
    assert (found != expected).any()
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    # Far below the smallest regularisation, 1e-9, and it grows as the root of the molecules only.
    assert np.linalg.norm(found - expected, 2) < 2e-11
    np.linalg.cholesky(found + 1e-9 * np.eye(len(found)))


def test_only_directions_of_little_variance_are_in_single_precision(molecules):
    for charge in (1, 6):
        own = molecules.by_element[charge]
        variances = (own.values.astype(np.float64) ** 2).mean(axis=0)
        first = local_kernel._in_single(own, own, WIDE)
        assert 0 < first < len(variances)
        assert WIDE * variances[:first].sum() <= local_kernel.IN_SINGLE * 1.001
        # The more a list varies, the fewer: here one that lies far from where the axes come from.
        far = ElementAtoms(100.0 * own.values, own.outside, own.molecules)
        assert local_kernel._in_single(own, far, WIDE) < first
