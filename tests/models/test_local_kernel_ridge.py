"""Local kernel ridge regression on molecules of QM9."""

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.features.fchl19 import Fchl19
from qm7bench.layouts.atoms import from_arrays
from qm7bench.models.interface import MoleculesInFolds
from qm7bench.models.local_kernel_ridge import LocalKernelRidge

POINTS = [{"gamma": 0.05, "alpha": 1e-4}, {"gamma": 0.2, "alpha": 1e-2}]


@pytest.fixture(scope="module")
def problem(small_molecules):
    feature = Fchl19(centres="heavy", two_body_functions=8, three_body_functions=6)
    return from_arrays(feature.compute(small_molecules)), small_molecules


@pytest.fixture(scope="module")
def fitted(problem):
    atoms, molecules = problem
    return LocalKernelRidge(gamma=0.05, alpha=1e-6).fit(atoms[::2], molecules.energies[::2])


def test_it_learns_more_than_the_composition(problem, fitted):
    atoms, molecules = problem
    errors = np.abs(fitted.predict(atoms[1::2]) - molecules.energies[1::2])
    compositions, energies = atoms.compositions, molecules.energies
    reference = np.linalg.lstsq(compositions[::2], energies[::2], rcond=None)[0]
    of_reference = np.abs(compositions[1::2] @ reference - energies[1::2])
    assert errors.mean() < 0.7 * of_reference.mean()


def test_training_energies_come_back_where_nothing_is_regularised(problem, fitted):
    atoms, molecules = problem
    np.testing.assert_allclose(fitted.predict(atoms[::2]), molecules.energies[::2], atol=0.3)


@pytest.mark.parametrize("number", [0, 1])
def test_shared_cross_validation_equals_a_fit_for_each_training_set(problem, number):
    atoms, molecules = problem
    sets = [(0, 1, 2), (1, 2, 3, 4)]
    found = LocalKernelRidge.cross_validate(
        POINTS, MoleculesInFolds(atoms, molecules.energies, molecules.folds, sets)
    )
    for training_set in sets:
        inside = np.isin(molecules.folds, training_set)
        model = LocalKernelRidge(**POINTS[number]).fit(atoms[inside], molecules.energies[inside])
        predictions = found[training_set][number]
        np.testing.assert_allclose(
            predictions[~inside], model.predict(atoms[~inside]), atol=5e-3
        )  # kcal/mol
        assert np.isnan(predictions[inside]).all()


@pytest.fixture(scope="module")
def sharing(problem):
    """The same molecules with the kernel matrices of a grid over kernels and widths."""
    points = [{"kernel": k, "gamma": g} for k in ("gaussian", "matern") for g in (0.05, 0.2)]
    arrays = LocalKernelRidge.shared_arrays(points, problem[0], {})
    return replace(problem[0], matrices=arrays)


@pytest.mark.parametrize("kernel", ["gaussian", "matern"])
def test_a_fit_with_shared_matrices_equals_one_without(problem, sharing, kernel):
    atoms, molecules = problem
    alone, shared = (
        LocalKernelRidge(kernel=kernel, gamma=0.05, alpha=1e-4).fit(a[::2], molecules.energies[::2])
        for a in (atoms, sharing)
    )
    predictions = shared.predict(sharing[1::2])
    np.testing.assert_allclose(predictions, alone.predict(atoms[1::2]), atol=5e-3)  # kcal/mol
    np.testing.assert_allclose(
        shared.uncertainty(sharing[1::2]), alone.uncertainty(atoms[1::2]), rtol=1e-3
    )
    # Restored, it knows the training molecules alone.
    restored = LocalKernelRidge(kernel=kernel, gamma=0.05, alpha=1e-4).restore(shared.state())
    np.testing.assert_allclose(restored.predict(atoms[1::2]), predictions, atol=1e-3)


def test_matrices_of_other_widths_are_not_taken(problem, sharing):
    atoms, molecules = problem
    model = LocalKernelRidge(gamma=0.1).fit(sharing[:40], molecules.energies[:40])
    expected = LocalKernelRidge(gamma=0.1).fit(atoms[:40], molecules.energies[:40])
    np.testing.assert_allclose(
        model.predict(sharing[40:60]), expected.predict(atoms[40:60]), atol=1e-3
    )


def test_cross_validation_takes_shared_matrices(problem, sharing):
    atoms, molecules = problem
    points = [{"kernel": "matern", "gamma": 0.2, "alpha": 1e-3}]
    alone, shared = (
        LocalKernelRidge.cross_validate(
            points, MoleculesInFolds(features, molecules.energies, molecules.folds, [(0, 1, 2, 3)])
        )[0, 1, 2, 3]
        for features in (atoms, sharing)
    )
    np.testing.assert_allclose(shared, alone, atol=1e-6)


def test_cross_validation_of_a_part_of_the_molecules_takes_the_parts_own_matrices(problem):
    atoms, molecules = problem
    part = np.arange(len(molecules) - 1, 0, -3)
    folds, energies = molecules.folds[part], molecules.energies[part]
    given = MoleculesInFolds(atoms[part], energies, folds, [(0, 1, 2, 3)])
    (found,) = LocalKernelRidge.cross_validate(POINTS[:1], given).values()
    training, test = part[folds < 4], part[folds == 4]
    model = LocalKernelRidge(**POINTS[0]).fit(atoms[training], molecules.energies[training])
    np.testing.assert_allclose(found[0, folds == 4], model.predict(atoms[test]), atol=5e-3)


def test_a_restored_model_predicts_and_doubts_the_same(problem, fitted):
    atoms, _ = problem
    state = fitted.state()
    assert all(array.dtype != object for array in state.values())
    restored = LocalKernelRidge(gamma=0.05, alpha=1e-6).restore(state)
    queries = atoms[1::20]
    np.testing.assert_array_equal(restored.predict(queries), fitted.predict(queries))
    np.testing.assert_allclose(
        restored.uncertainty(queries), fitted.uncertainty(queries), rtol=1e-6
    )
    assert restored.number_of_parameters == fitted.number_of_parameters


def test_uncertainty_is_that_of_a_gaussian_process(problem):
    atoms, molecules = problem
    model = LocalKernelRidge(gamma=0.05, alpha=1e-2).fit(atoms[:40], molecules.energies[:40])
    kernel = np.array([[_similarity(atoms, i, j, 0.05) for j in range(43)] for i in range(43)])
    noisy = kernel[:40, :40] + 1e-2 * np.eye(40)
    explained = kernel[40:, :40] @ np.linalg.solve(noisy, kernel[:40, 40:])
    variances = np.diag(kernel[40:, 40:] - explained) + 1e-2
    expected = np.sqrt(model.variance_scale_ * variances)
    np.testing.assert_allclose(model.uncertainty(atoms[40:43]), expected, rtol=1e-3)


def _similarity(atoms, i, j, gamma):
    one, other = atoms[[i]], atoms[[j]]
    squares = ((one.values[:, None].astype(float) - other.values[None]) ** 2).sum(axis=2)
    return (np.exp(-gamma * squares) * (one.charges[:, None] == other.charges)).sum()


def test_training_molecules_are_more_certain_than_others(problem, fitted):
    atoms, _ = problem
    assert fitted.uncertainty(atoms[::2]).max() < np.median(fitted.uncertainty(atoms[1::2]))


def test_a_kernel_matrix_that_cannot_be_factorised_names_alpha(problem):
    atoms, molecules = problem
    twice = np.repeat(np.arange(20), 2)
    model = LocalKernelRidge(gamma=1e-9, alpha=1e-300)
    with pytest.raises(ModelError, match="larger alpha"):
        model.fit(atoms[twice], molecules.energies[twice])


LINEAR = {"gamma": 0.05, "alpha": 1e-4, "linear": 0.1}


@pytest.fixture(scope="module")
def with_totals(problem):
    """The same molecules with a number that half of their energies beyond a reference is."""
    atoms, molecules = problem
    reference = np.linalg.lstsq(atoms.compositions, molecules.energies, rcond=None)[0]
    beyond = molecules.energies - atoms.compositions @ reference
    return replace(atoms, totals=np.column_stack([0.5 * beyond, np.ones(len(atoms))]))


def test_a_linear_term_learns_what_is_linear_in_the_totals(with_totals, problem):
    molecules = problem[1]
    (errors, plain) = (
        LocalKernelRidge(**point)
        .fit(with_totals[::2], molecules.energies[::2])
        .predict(with_totals[1::2])
        - molecules.energies[1::2]
        for point in (LINEAR, {**LINEAR, "linear": 0.0})
    )
    assert np.abs(errors).mean() < 0.2 * np.abs(plain).mean()


def test_cross_validation_and_restoring_know_the_linear_term(with_totals, problem):
    molecules = problem[1]
    points = [LINEAR, {**LINEAR, "linear": 1.0}]
    found = LocalKernelRidge.cross_validate(
        points,
        MoleculesInFolds(with_totals, molecules.energies, molecules.folds, [(0, 1, 2, 3)]),
    )[0, 1, 2, 3]
    inside = molecules.folds < 4
    for point, predictions in zip(points, found, strict=True):
        model = LocalKernelRidge(**point).fit(with_totals[inside], molecules.energies[inside])
        expected = model.predict(with_totals[~inside])
        np.testing.assert_allclose(predictions[~inside], expected, atol=5e-3)
        restored = LocalKernelRidge(**point).restore(model.state())
        np.testing.assert_allclose(restored.predict(with_totals[~inside]), expected, atol=1e-9)
        doubt = restored.uncertainty(with_totals[~inside])
        assert (doubt > 0).all()
        np.testing.assert_allclose(doubt, model.uncertainty(with_totals[~inside]), rtol=1e-6)


def test_a_linear_term_without_totals_is_refused(problem):
    atoms, molecules = problem
    with pytest.raises(ModelError, match=r"linear is 0\.1, but the representation has no totals"):
        LocalKernelRidge(**LINEAR).fit(atoms, molecules.energies)
    with pytest.raises(ModelError, match="the representation has no totals"):
        LocalKernelRidge.cross_validate(
            [LINEAR], MoleculesInFolds(atoms, molecules.energies, molecules.folds, [(0, 1)])
        )


@pytest.mark.parametrize("shared", [False, True])
def test_an_element_without_training_molecules_is_refused_by_name(problem, sharing, shared):
    atoms, molecules = (sharing if shared else problem[0]), problem[1]
    with_fluorine = (molecules.charges == 9).any(axis=1)
    assert 0 < with_fluorine.sum() < len(atoms)
    model = LocalKernelRidge(gamma=0.05).fit(
        atoms[~with_fluorine], molecules.energies[~with_fluorine]
    )
    for fitted in (model, LocalKernelRidge(gamma=0.05).restore(model.state())):
        assert np.isfinite(fitted.predict(atoms[~with_fluorine][:5])).all()
        with pytest.raises(ModelError, match="fitted to molecules without F; leave such"):
            fitted.predict(atoms[with_fluorine])


def test_hydrogen_that_no_training_molecule_has_is_refused_without_vectors_of_it(problem):
    atoms, molecules = problem
    bare = ~(molecules.charges == 1).any(axis=1)
    model = LocalKernelRidge().fit(atoms[bare], molecules.energies[bare])
    seen = np.unique(molecules.charges[bare])
    others = ~bare & np.isin(molecules.charges, [*seen, 1]).all(axis=1)
    with pytest.raises(ModelError, match="without an element without vectors of its own"):
        model.predict(atoms[others])


def test_another_fit_forgets_the_first(problem):
    atoms, molecules = problem
    queries, model = atoms[1::20], LocalKernelRidge(gamma=0.05)
    model.fit(atoms[:40], molecules.energies[:40]).predict(queries)
    again = model.fit(atoms[40:80], molecules.energies[40:80]).predict(queries)
    expected = LocalKernelRidge(gamma=0.05).fit(atoms[40:80], molecules.energies[40:80])
    np.testing.assert_allclose(again, expected.predict(queries), atol=1e-6)
