"""Energies that are all equal are no atomization energies, which a user is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qm7bench.datasets.dataset import constant_energies


def test_equal_energies_of_molecules_of_several_sizes_are_warned_of(small_molecules):
    same = replace(small_molecules, energies=np.full(len(small_molecules), -3.5))
    warning = constant_energies(same)
    assert f"the energies of all {len(same):,} molecules are -3.5 kcal/mol" in warning
    assert "does `energy` name the right key?" in warning


def test_other_energies_and_copies_of_one_molecule_are_not(small_molecules):
    assert constant_energies(small_molecules) is None
    copies = small_molecules[np.zeros(5, dtype=int)]
    assert constant_energies(copies) is None
