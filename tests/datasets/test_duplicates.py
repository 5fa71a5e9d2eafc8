"""Copies of molecules in a data set are found, whatever was done to them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.cli import main
from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.datasets.duplicates import TOLERANCE, duplicates_of
from qm7bench.datasets.storage import read_dataset


def joined(first, second):
    """Two data sets, one after the other, with new ids."""
    both = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("charges", "positions", "energies", "folds")
    }
    return replace(first, ids=np.arange(len(first) + len(second)), **both)


def disguised(dataset, rng, noise=0.0, mirrored=False):
    """The same molecules turned, moved, their atoms shuffled, perhaps shaken or mirrored."""
    molecules = []
    for charges, positions, size in zip(
        dataset.charges, dataset.positions, dataset.sizes, strict=True
    ):
        order = rng.permutation(size)
        turned = positions[order] @ Rotation.random(random_state=rng).as_matrix()
        turned += rng.normal(size=3) + noise * rng.uniform(-1, 1, size=(size, 3))
        molecules.append((charges[order], -turned if mirrored else turned))
    charges, positions = pad(molecules, dataset.charges.shape[1])
    return replace(dataset, charges=charges, positions=positions)


@pytest.fixture
def unique(small_molecules):
    """Molecules without copies."""
    found = duplicates_of(small_molecules)
    return small_molecules[np.setdiff1d(np.arange(len(small_molecules)), found.copy)]


@pytest.mark.parametrize("mirrored", [False, True])
def test_copies_are_found_although_turned_moved_and_reordered(unique, rng, mirrored):
    n = len(unique)
    twice = joined(unique, disguised(unique, rng, noise=TOLERANCE / 10, mirrored=mirrored))
    found = duplicates_of(twice)
    np.testing.assert_array_equal(found.first, np.arange(n))
    np.testing.assert_array_equal(found.copy, n + np.arange(n))
    assert not found.across_folds.any()


def test_molecules_that_differ_by_more_than_the_tolerance_are_no_copies(unique):
    stretched = replace(unique, positions=unique.positions * 1.02)
    heavy = unique.sizes > 3
    assert len(duplicates_of(joined(unique[heavy], stretched[heavy])).copy) == 0


def test_the_exact_comparison_agrees_with_one_of_all_pairs(small_molecules, rng):
    dataset = joined(small_molecules[:30], disguised(small_molecules[10:25], rng, noise=0.006))
    found = duplicates_of(dataset)
    one_by_one = set()
    sorted_distances = [_by_elements(dataset, k) for k in range(len(dataset))]
    for j, b in enumerate(sorted_distances):
        for i, a in enumerate(sorted_distances[:j]):
            if a.keys() == b.keys() and all(
                len(a[k]) == len(b[k]) and np.abs(a[k] - b[k]).max(initial=0) <= TOLERANCE
                for k in a
            ):
                one_by_one.add((i, j))
    assert set(zip(found.first.tolist(), found.copy.tolist(), strict=True)) <= one_by_one
    assert {j for _, j in one_by_one} == set(found.copy.tolist())
    assert 0 < len(found.copy) <= 15


def _by_elements(dataset, molecule):
    size = dataset.sizes[molecule]
    z, r = dataset.charges[molecule, :size], dataset.positions[molecule, :size]
    distances = {}
    for i in range(size):
        for j in range(i):
            key = tuple(sorted((z[i], z[j])))
            distances.setdefault(key, []).append(np.linalg.norm(r[i] - r[j]))
    return {("composition", *np.sort(z)): np.zeros(0)} | {
        key: np.sort(values) for key, values in distances.items()
    }


def test_three_copies_are_copies_of_the_first():
    charges = np.tile([1, 1], (5, 1))
    positions = np.zeros((5, 2, 3))
    positions[:, 1, 0] = [0.74, 0.90, 0.74, 0.74, 0.90]
    dataset = Dataset("h2", np.arange(5) + 7, charges, positions, np.arange(5.0), np.arange(5))
    found = duplicates_of(dataset)
    assert found.first.tolist() == [0, 0, 1]
    assert found.copy.tolist() == [2, 3, 4]
    metadata = found.metadata(dataset)
    assert metadata["pairs"] == [[7, 9], [7, 10], [8, 11]]
    assert metadata["molecules_in_several_folds"] == 2
    assert metadata["largest_energy_difference"] == 3.0
    assert "2 of 5 molecules stand in several folds, such as 7 and 9" in found.warning(dataset)


def test_lone_atoms_of_an_element_are_copies():
    charges, positions = np.array([[2], [10], [2]]), np.zeros((3, 1, 3))
    dataset = Dataset("atoms", np.arange(3), charges, positions, np.zeros(3), np.arange(3))
    assert duplicates_of(dataset).copy.tolist() == [2]


def test_ten_thousand_copies_of_one_molecule_take_no_time(small_molecules):
    one = small_molecules[[150] * 10_000]
    found = duplicates_of(replace(one, folds=np.arange(10_000) % 5))
    assert len(found.copy) == 9_999
    assert found.across_folds.all()


def test_the_command_warns_and_keeps_what_it_found(tmp_path, capsys):
    path, output = tmp_path / "twice.xyz", tmp_path / "out" / "metadata.json"
    frames = [f"2\nenergy={-100 - i}\nH 0 0 0\nH 0 0 {0.7 + 0.05 * i}\n" for i in range(10)]
    path.write_text("".join(frame for frame in frames for _ in range(2)))
    words = ["dataset", "twice", "--settings", json.dumps({"file": str(path)})]
    assert main([*words, "--output", str(output)]) == 0
    warning = capsys.readouterr().err.splitlines()[0]
    assert "warning: twice: 10 of 20 molecules stand in several folds, such as 0 and 1" in warning
    described = json.loads(output.with_name("duplicates.json").read_text())
    assert described["copies"] == described["molecules_in_several_folds"] == 10
    assert described["pairs"] == [[2 * i, 2 * i + 1] for i in range(10)]
    assert len(read_dataset(output)) == 20
    assert "duplicates" not in output.read_text()  # whose checksum says what a fit was made from


def test_without_copies_nothing_is_said(tmp_path, capsys):
    path, output = tmp_path / "once.xyz", tmp_path / "metadata.json"
    path.write_text("".join(f"2\nenergy={-i}\nH 0 0 0\nH 0 0 {1 + i}\n" for i in range(9)))
    words = ["dataset", "once", "--settings", json.dumps({"file": str(path)})]
    assert main([*words, "--output", str(output)]) == 0
    assert capsys.readouterr().err == "once: 9 molecules\n"
    assert json.loads(output.with_name("duplicates.json").read_text())["copies"] == 0


@pytest.mark.needs_qm7
def test_qm7_has_no_copies(qm7):
    assert len(duplicates_of(qm7).copy) == 0


def test_qm9small_has_five_copies_of_equal_energy(qm9small):
    found = duplicates_of(qm9small)
    ids = qm9small.ids[np.stack([found.first, found.copy])].T.tolist()
    assert ids == [[933, 937], [942, 946], [952, 956], [1642, 1648], [4211, 4215]]
    assert found.largest_energy_difference(qm9small) < 0.01  # kcal/mol
