"""The local kernel on as many molecules as fit: beside the exact model, and in parts."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_artefact, write_artefact
from qm7bench.chemistry.size import Size
from qm7bench.errors import ModelError
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays, with_shared
from qm7bench.layouts.work import Work
from qm7bench.models.large_local_kernel_ridge import LargeLocalKernelRidge
from qm7bench.models.local_kernel_ridge import LocalKernelRidge
from qm7bench.regression import kernel_rows, packed_cholesky

SETTINGS = {"kernel": "matern", "gamma": 2e-3, "alpha": 1e-6, "linear": 0.1}
EXACT = 1e-6
"""kcal/mol; two orders of the same sums."""


@pytest.fixture(scope="module")
def problem(small_molecules):
    molecules = small_molecules[::2]
    return Fchl19ExtendedHuckel().compute(molecules), molecules


@pytest.fixture(autouse=True)
def several_panels(monkeypatch):
    monkeypatch.setattr(packed_cholesky, "PANEL", 32)
    monkeypatch.setattr(kernel_rows, "MOLECULES_AT_ONCE", 50)


def split(molecules):
    return np.flatnonzero(molecules.folds != 0), np.flatnonzero(molecules.folds == 0)


def in_parts(model, arrays, training, test, folder, parts=3):
    """Features beside all parts of the kernel, written and read again."""
    prepared = model.prepare_parts(from_arrays(arrays), training, test)
    shared = {**prepared}
    for number in range(parts):
        path = folder / str(number) / "metadata.json"
        write_artefact(path, model.compute_part(prepared, number, parts), {})
        shared |= read_artefact(path).arrays
    return with_shared(arrays, shared)


def test_with_all_molecules_it_is_the_exact_model(problem):
    arrays, molecules = problem
    atoms, (training, test) = from_arrays(arrays), split(molecules)
    expected = LocalKernelRidge(**SETTINGS).fit(atoms[training], molecules.energies[training])
    found = LargeLocalKernelRidge(**SETTINGS).fit(atoms[training], molecules.energies[training])
    np.testing.assert_allclose(
        found.predict(atoms[test]), expected.predict(atoms[test]), atol=EXACT
    )


@pytest.mark.parametrize("parts", [1, 7])
def test_parts_give_what_the_model_alone_gives(problem, tmp_path, parts, monkeypatch):
    arrays, molecules = problem
    atoms, (training, test) = from_arrays(arrays), split(molecules)
    own = {**SETTINGS, "molecules": 80, "seed": 3}
    alone = LargeLocalKernelRidge(**own).fit(atoms[training], molecules.energies[training])
    expected = alone.predict(atoms[test])
    shared = in_parts(LargeLocalKernelRidge(**own), arrays, training, test, tmp_path, parts)
    # From now on every kernel comes from the parts.
    for place in ("regression.kernel_rows", "models.large_local_kernel_ridge"):
        monkeypatch.setattr(f"qm7bench.{place}.local_kernel", None)
    model = LargeLocalKernelRidge(**own).fit(shared[training], molecules.energies[training])
    np.testing.assert_allclose(model.predict(shared[test]), expected, atol=EXACT)
    some = test[::-3]
    np.testing.assert_allclose(model.predict(shared[some]), expected[::-3], atol=EXACT)


def test_a_fit_does_not_use_parts_of_other_molecules(problem, tmp_path, caplog):
    arrays, molecules = problem
    atoms, (training, test) = from_arrays(arrays), split(molecules)
    shared = in_parts(LargeLocalKernelRidge(**SETTINGS), arrays, training, test, tmp_path)
    fewer, energies = training[:-1], molecules.energies[training[:-1]]
    expected = LargeLocalKernelRidge(**SETTINGS).fit(atoms[fewer], energies)
    found = LargeLocalKernelRidge(**SETTINGS).fit(shared[fewer], energies)
    np.testing.assert_allclose(
        found.predict(shared[test]), expected.predict(atoms[test]), atol=EXACT
    )
    assert "are those of other molecules; not used" in caplog.text


@pytest.mark.parametrize("lost", ["matern_0.002_rows_0", "another width"])
def test_a_fit_does_not_use_parts_that_are_not_all_there(problem, tmp_path, lost):
    arrays, molecules = problem
    training, test = split(molecules)
    shared = in_parts(LargeLocalKernelRidge(**SETTINGS), arrays, training, test, tmp_path)
    settings = {**SETTINGS, "gamma": 3e-3} if lost == "another width" else SETTINGS
    left = {name: array for name, array in shared.matrices.items() if name != lost}
    energies = molecules.energies[training]
    found = LargeLocalKernelRidge(**settings).fit(with_shared(arrays, left)[training], energies)
    expected = LargeLocalKernelRidge(**settings).fit(from_arrays(arrays)[training], energies)
    atoms = from_arrays(arrays)[test]
    np.testing.assert_allclose(found.predict(atoms), expected.predict(atoms), atol=EXACT)


def test_it_learns_from_as_many_molecules_as_asked_for(problem):
    arrays, molecules = problem
    atoms, energies = from_arrays(arrays), molecules.energies
    fits = [
        LargeLocalKernelRidge(**SETTINGS, molecules=20, seed=seed).fit(atoms, energies)
        for seed in (0, 0, 1)
    ]
    assert [len(model.coefficients_) for model in fits] == [20] * 3
    first, again, other = (model.predict(atoms) for model in fits)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("seed", range(5))
def test_no_element_is_left_out_of_the_drawn_molecules(problem, seed):
    arrays, molecules = problem
    atoms = from_arrays(arrays)
    elements = np.count_nonzero(atoms.compositions.any(axis=0))
    model = LargeLocalKernelRidge(**SETTINGS, molecules=elements, seed=seed)
    predictions = model.fit(atoms, molecules.energies).predict(atoms)
    assert np.isfinite(predictions).all()
    assert len(model.coefficients_) <= elements


def test_energies_do_not_choose_the_molecules(problem, rng):
    arrays, molecules = problem
    atoms = from_arrays(arrays)
    fits = [
        LargeLocalKernelRidge(**SETTINGS, molecules=20).fit(atoms, energies).state()
        for energies in (molecules.energies, rng.permutation(molecules.energies))
    ]
    for name in (key for key in fits[0] if key.startswith(("values_", "molecules_"))):
        np.testing.assert_array_equal(fits[0][name], fits[1][name])


def test_a_matrix_that_is_not_positive_definite_is_an_error(problem):
    arrays, molecules = problem
    model = LargeLocalKernelRidge(**{**SETTINGS, "gamma": 1e-9, "alpha": 1e-300})
    with pytest.raises(ModelError, match=r"large local kernel ridge.*give a larger alpha"):
        model.fit(from_arrays(arrays), molecules.energies)


def test_what_sixty_thousand_molecules_of_qm9_need():
    """The row of qm9.yaml: a fit within 17.5 GB, parts of minutes, 35 GB of the disk."""
    atoms = {1: 1_208_486, 6: 827_823, 7: 136_364, 8: 183_265, 9: 3_272}
    shapes = Fchl19ExtendedHuckel().shapes(Size(130_831, 29, 43_500_000, atoms, {}))
    work = Work(130_831, 104_665, 26_166, atoms, shapes, shared=True)
    points = [{**SETTINGS, "molecules": 60_000}]
    assert 14.4e9 < LargeLocalKernelRidge.memory("fit", points, work) < 18e9
    assert 10 <= LargeLocalKernelRidge.parts(points, work) <= 40
    assert LargeLocalKernelRidge.memory("part", points, work) < 8e9
    assert 27e9 < LargeLocalKernelRidge.disk(points, work) < 35e9
