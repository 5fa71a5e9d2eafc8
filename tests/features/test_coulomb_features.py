"""Coulomb-matrix features: by hand, against a naive loop, by symmetry, and on the genuine file."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.coulomb_matrices import coulomb_matrices, row_norms, upper_triangle
from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import DataSetError, GeometryError
from qm7bench.features._atom_order import sorted_by
from qm7bench.features.atom_counts import AtomCounts
from qm7bench.features.columns_sorted_coulomb_matrix import ColumnsSortedCoulombMatrix
from qm7bench.features.eigenspectrum import Eigenspectrum, sorted_absolute_eigenvalues
from qm7bench.features.random_coulomb_matrix import RandomCoulombMatrix
from qm7bench.features.sorted_coulomb_matrix import SortedCoulombMatrix

ALL = [
    AtomCounts(),
    Eigenspectrum(),
    SortedCoulombMatrix(),
    ColumnsSortedCoulombMatrix(),
    ColumnsSortedCoulombMatrix(start="file", entries="all"),
    RandomCoulombMatrix(noise=1.0, realisations=4, seed=3),
]
ORDER_FREE = [AtomCounts(), Eigenspectrum(), SortedCoulombMatrix()]


def named(feature):
    return type(feature).__name__


def values(feature, dataset):
    return feature.compute(dataset)["values"]


def dataset_of(charges, positions):
    """Molecules without energies that matter, from nested lists; positions in Angstrom."""
    charges = np.atleast_2d(np.asarray(charges, dtype=np.int64))
    positions = np.asarray(positions, dtype=float).reshape(*charges.shape, 3)
    n = len(charges)
    return Dataset("mine", np.arange(n), charges, positions, np.zeros(n), np.zeros(n, dtype=int))


@pytest.fixture
def hydrogen():
    """H2 one Bohr apart, with one padding atom."""
    return dataset_of([1, 1, 0], [[0, 0, 0], [0, 0, ANGSTROM_PER_BOHR], [0, 0, 0]])


@pytest.fixture
def asymmetric(small_molecules):
    """Molecules whose rows all have clearly different norms, so that the sort is unambiguous."""
    norms = np.sort(row_norms(coulomb_matrices(small_molecules.charges, small_molecules.positions)))
    gaps = np.where(norms[:, :-1] > 0, np.diff(norms), np.inf)
    chosen = small_molecules[gaps.min(axis=1) > 1e-4]
    assert len(chosen) > 50
    return chosen


def reordered(dataset, rng):
    """The same molecules with their atoms (not the padding) in another order."""
    charges, positions = dataset.charges.copy(), dataset.positions.copy()
    for i, size in enumerate(dataset.sizes):
        order = rng.permutation(size)
        charges[i, :size] = charges[i, order]
        positions[i, :size] = positions[i, order]
    return replace(dataset, charges=charges, positions=positions)


def test_hydrogen_one_bohr_apart_has_half_one_half(hydrogen):
    assert values(SortedCoulombMatrix(), hydrogen)[0] == pytest.approx([0.5, 1, 0, 0.5, 0, 0])


def test_the_eigenvalues_of_hydrogen_are_three_halves_and_one_half(hydrogen):
    # 0.5 + 1 and 0.5 - 1, whose absolute value is taken.
    assert values(Eigenspectrum(), hydrogen)[0] == pytest.approx([1.5, 0.5, 0.0], abs=1e-12)


def test_a_single_carbon_atom_has_half_its_charge_to_the_power_of_2_4():
    assert values(Eigenspectrum(), dataset_of([6], [0, 0, 0]))[0, 0] == pytest.approx(36.8581052)


def test_matrices_agree_with_a_naive_double_loop(small_molecules):
    part = small_molecules[::30]
    expected = np.zeros((len(part), 23, 23))
    for m in range(len(part)):
        for i in range(part.sizes[m]):
            for j in range(part.sizes[m]):
                product = float(part.charges[m, i] * part.charges[m, j])
                apart = np.linalg.norm(part.positions[m, i] - part.positions[m, j])
                if i == j:
                    expected[m, i, j] = 0.5 * float(part.charges[m, i]) ** 2.4
                else:
                    expected[m, i, j] = product * 0.529177210903 / apart
    found = coulomb_matrices(part.charges, part.positions)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_the_sorted_matrix_agrees_with_a_naive_sort_of_rows_and_columns(asymmetric):
    part = asymmetric[:10]
    matrices = coulomb_matrices(part.charges, part.positions)
    found = values(SortedCoulombMatrix(), part)
    for matrix, triangle in zip(matrices, found, strict=True):
        order = sorted(range(23), key=lambda i, m=matrix: -np.linalg.norm(m[i]))
        expected = [matrix[order[i], order[j]] for i in range(23) for j in range(i, 23)]
        np.testing.assert_allclose(triangle, expected, rtol=1e-13)


@pytest.mark.parametrize("feature", ALL, ids=named)
def test_rotation_and_translation_change_nothing(feature, asymmetric, rng):
    real = asymmetric.charges[:, :, None] > 0
    turned = asymmetric.positions @ Rotation.random(random_state=rng).as_matrix()
    moved = np.where(real, turned + rng.normal(size=3), 0.0)
    found = values(feature, replace(asymmetric, positions=moved))
    np.testing.assert_allclose(found, values(feature, asymmetric), atol=1e-9)  # Hartree


@pytest.mark.parametrize("feature", ORDER_FREE, ids=named)
def test_the_order_of_the_atoms_changes_nothing(feature, asymmetric, rng):
    found = values(feature, reordered(asymmetric, rng))
    np.testing.assert_allclose(found, values(feature, asymmetric), atol=1e-9)  # Hartree


@pytest.mark.parametrize("start", ["file", "sorted"])
def test_sorting_columns_alone_breaks_the_symmetry_of_the_matrix(asymmetric, start):
    feature = ColumnsSortedCoulombMatrix(start=start, entries="all")
    matrices = values(feature, asymmetric).reshape(-1, 23, 23)
    assert np.abs(matrices - matrices.transpose(0, 2, 1)).max() > 1.0  # Hartree


def test_sorting_columns_alone_depends_on_the_order_of_the_atoms(asymmetric, rng):
    feature = ColumnsSortedCoulombMatrix(start="file")
    found = values(feature, reordered(asymmetric, rng))
    differences = np.abs(found - values(feature, asymmetric)).max(axis=1)
    assert np.median(differences) > 1.0  # Hartree


def test_columns_fall_in_norm_and_hold_the_entries_of_the_matrix(asymmetric):
    feature = ColumnsSortedCoulombMatrix(start="file", entries="all")
    found = values(feature, asymmetric).reshape(-1, 23, 23)
    norms = np.linalg.norm(found, axis=1)
    assert (np.diff(norms, axis=1) <= 1e-12).all()
    original = coulomb_matrices(asymmetric.charges, asymmetric.positions)
    np.testing.assert_array_equal(np.sort(found, axis=2), np.sort(original, axis=2))


@pytest.mark.parametrize("feature", [AtomCounts(), Eigenspectrum()], ids=named)
def test_more_padding_only_adds_zeros(feature, small_molecules):
    wider = replace(
        small_molecules,
        charges=np.pad(small_molecules.charges, ((0, 0), (0, 4))),
        positions=np.pad(small_molecules.positions, ((0, 0), (0, 4), (0, 0))),
    )
    narrow, wide = values(feature, small_molecules), values(feature, wider)
    np.testing.assert_allclose(wide[:, : narrow.shape[1]], narrow, atol=1e-9)  # Hartree
    assert np.abs(wide[:, narrow.shape[1] :]).max(initial=0.0) < 1e-9


def test_more_padding_leaves_the_sorted_matrix_of_the_atoms_alone(asymmetric):
    matrices = coulomb_matrices(asymmetric.charges, asymmetric.positions)
    wider = np.pad(matrices, ((0, 0), (0, 4), (0, 4)))
    expected = np.pad(sorted_by(row_norms(matrices), matrices), ((0, 0), (0, 4), (0, 4)))
    np.testing.assert_allclose(sorted_by(row_norms(wider), wider), expected, rtol=1e-13)


@pytest.mark.parametrize("feature", ALL, ids=named)
def test_features_are_finite_deterministic_and_leave_their_input_alone(feature, small_molecules):
    before = small_molecules.charges.copy(), small_molecules.positions.copy()
    first, second = values(feature, small_molecules), values(feature, small_molecules)
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()
    assert first.dtype == np.float64
    assert first.flags.c_contiguous
    np.testing.assert_array_equal(before[0], small_molecules.charges)
    np.testing.assert_array_equal(before[1], small_molecules.positions)


@pytest.mark.parametrize("feature", ALL[:-1], ids=named)
def test_a_molecule_alone_has_the_features_that_it_has_among_others(feature, small_molecules):
    among = values(feature, small_molecules)[7]
    np.testing.assert_allclose(values(feature, small_molecules[7:8])[0], among, atol=1e-10)


def test_shapes_are_those_documented(small_molecules):
    n = len(small_molecules)
    shapes = {named(f): values(f, small_molecules).shape for f in ALL if f != ALL[4]}
    assert shapes == {
        "AtomCounts": (n, 36),
        "Eigenspectrum": (n, 23),
        "SortedCoulombMatrix": (n, 276),
        "ColumnsSortedCoulombMatrix": (n, 276),
        "RandomCoulombMatrix": (n, 4, 276),
    }


def test_coincident_atoms_are_an_error_that_names_them():
    twice = dataset_of([[1, 1], [6, 8]], [[0, 0, 0, 0, 0, 1], [1, 2, 3, 1, 2, 3]])
    with pytest.raises(GeometryError, match="molecule at index 1: atoms 0 and 1 coincide"):
        values(SortedCoulombMatrix(), twice)


def test_atom_counts_count_the_atoms_of_each_element(hydrogen):
    counts = values(AtomCounts(), hydrogen)
    assert counts[0, 0] == 2
    assert counts.sum() == 2


def test_atom_counts_of_methane_sum_to_five(small_molecules):
    methane = small_molecules.formulas().index("CH4")
    counts = values(AtomCounts(), small_molecules)[methane]
    assert counts[[0, 5]].tolist() == [4, 1]


def test_an_element_that_atom_counts_cannot_hold_is_an_error():
    with pytest.raises(DataSetError, match="up to krypton"):
        values(AtomCounts(), dataset_of([79, 17], [[0, 0, 0], [0, 0, 2.2]]))


def test_two_different_acetylenes_have_the_same_eigenvalues():
    """Moussa 2012: four atoms have six distances but only four eigenvalues."""
    charges = np.array([[6, 6, 1, 1]])
    first = np.array([[0, 0, 0], [0, 0, 1.20], [0.3, 0.2, -1.05], [-0.4, 0.3, 2.20]])
    wanted = values(Eigenspectrum(), dataset_of(charges, first))[0]

    def misfit(flat):
        found = values(Eigenspectrum(), dataset_of(charges, flat))[0]
        return np.append(found - wanted, np.linalg.norm(flat[6:9] - flat[:3]) - 1.20)

    second = least_squares(misfit, first.ravel() + 0.01, xtol=1e-15, ftol=1e-15, gtol=1e-15).x
    one, other = dataset_of(charges, first), dataset_of(charges, second)
    np.testing.assert_allclose(
        values(Eigenspectrum(), one), values(Eigenspectrum(), other), atol=1e-9
    )  # Hartree
    bonds = [pair_distances(d.charges, d.positions)[0, 0, 2] for d in (one, other)]
    assert bonds == pytest.approx([1.11, 1.20], abs=0.01)  # Angstrom
    sorted_matrices = [values(SortedCoulombMatrix(), d) for d in (one, other)]
    assert np.abs(sorted_matrices[0] - sorted_matrices[1]).max() > 0.1  # Hartree


def test_different_symmetric_matrices_can_have_the_same_eigenvalues(rng):
    matrix = np.array([[[36.9, 14.3, 5.5], [14.3, 53.4, 8.2], [5.5, 8.2, 0.5]]])
    turn = Rotation.random(random_state=rng).as_matrix()
    similar = turn @ matrix @ turn.T
    assert np.abs(similar - matrix).max() > 1.0
    np.testing.assert_allclose(
        sorted_absolute_eigenvalues(similar), sorted_absolute_eigenvalues(matrix), rtol=1e-12
    )


def test_random_sorting_without_noise_is_the_sorted_matrix(small_molecules):
    found = values(RandomCoulombMatrix(noise=0.0, realisations=2), small_molecules)
    expected = values(SortedCoulombMatrix(), small_molecules)
    np.testing.assert_array_equal(found[:, 0], expected)
    np.testing.assert_array_equal(found[:, 1], expected)


def test_random_sorting_depends_on_its_seed(small_molecules):
    first = values(RandomCoulombMatrix(seed=0), small_molecules)
    assert np.abs(first - values(RandomCoulombMatrix(seed=1), small_molecules)).max() > 1.0


def test_realisations_differ_only_by_a_permutation_of_the_atoms(small_molecules):
    found = values(RandomCoulombMatrix(noise=3.0, realisations=3), small_molecules)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1.0  # Hartree
    np.testing.assert_allclose(np.sort(found[:, 0]), np.sort(found[:, 1]), rtol=1e-13)


def test_padding_stays_last_however_large_the_noise(small_molecules):
    found = values(RandomCoulombMatrix(noise=1e6, realisations=2), small_molecules)
    diagonal = upper_triangle(np.eye(23)[None])[0] > 0
    real = found[:, :, diagonal] > 0
    assert (real.sum(axis=2) == small_molecules.sizes[:, None]).all()
    assert (real[:, :, :-1] >= real[:, :, 1:]).all()


@pytest.mark.needs_qm7
def test_matrices_sorted_by_their_l1_norms_are_those_in_the_genuine_file(qm7, qm7_arrays):
    """Where two norms are equal, rounding decides their order in the file."""
    found = values(SortedCoulombMatrix(norm="l1"), qm7)
    differences = np.abs(found - upper_triangle(qm7_arrays["X"]))
    other_order = differences.max(axis=1) > 1e-5  # Hartree; the file is in float32
    assert other_order.sum() < 20
    norms = np.sort(coulomb_matrices(qm7.charges, qm7.positions).sum(axis=2))
    gaps = np.diff(norms, axis=1)
    smallest = np.where(gaps > 0, gaps, np.inf).min(axis=1)
    assert (smallest[other_order] < 1e-5).all()  # Hartree


@pytest.mark.needs_qm7
@pytest.mark.parametrize("feature", ALL, ids=named)
def test_qm7_takes_less_than_five_seconds_of_processor_time(feature, qm7):
    started = time.process_time()
    values(feature, qm7)
    assert time.process_time() - started < 5.0
