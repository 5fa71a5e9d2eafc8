"""Bond orders from geometry are what a chemist would draw, and what RDKit makes of SMILES."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest
from ase.build import molecule
from rdkit import Chem
from scipy.spatial.transform import Rotation

from qm7bench.chemistry import bond_orders as module
from qm7bench.chemistry.bond_orders import bond_orders
from qm7bench.datasets.qm9 import _data_folder

H, C, N, O, S = 1, 6, 7, 8, 16  # noqa: E741 - symbols of the elements
KNOWN = {
    "CH4": {(H, C, 1): 4},
    "C2H4": {(H, C, 1): 4, (C, C, 2): 1},
    "C2H2": {(H, C, 1): 2, (C, C, 3): 1},
    "C6H6": {(H, C, 1): 6, (C, C, 1): 3, (C, C, 2): 3},
    "C5H5N": {(H, C, 1): 5, (C, C, 1): 2, (C, C, 2): 2, (C, N, 1): 1, (C, N, 2): 1},
    "H2CCO": {(H, C, 1): 2, (C, C, 2): 1, (C, O, 2): 1},
    "CO2": {(C, O, 2): 2},
    "CS2": {(C, S, 2): 2},
    "CH3CN": {(H, C, 1): 3, (C, C, 1): 1, (C, N, 3): 1},
    "butadiene": {(H, C, 1): 6, (C, C, 1): 1, (C, C, 2): 2},
    "bicyclobutane": {(H, C, 1): 6, (C, C, 1): 5},
    "CH3SH": {(H, C, 1): 3, (H, S, 1): 1, (C, S, 1): 1},
}
"""Molecules of ASE's g2 collection."""
UNCERTAIN = ["CH3NO2", "C2H6SO", "CO", "CH3", "SO2", "SiH4", "O3"]


def kinds_of(atoms):
    found = bond_orders(atoms.numbers.astype(np.int64), atoms.positions)
    return None if found is None else found.kinds


@pytest.mark.parametrize("name", KNOWN)
def test_bonds_of_known_molecules(name):
    assert kinds_of(molecule(name)) == KNOWN[name]


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_valences_do_not_explain_has_no_certain_orders(name):
    assert kinds_of(molecule(name)) is None


def test_two_molecules_are_not_one():
    water = molecule("H2O")
    far = water.copy()
    far.positions += 5.0
    assert kinds_of(water) is not None
    assert kinds_of(water + far) is None


def test_structures_with_other_kinds_of_bonds_are_uncertain():
    """Pyridazine has N=N in one Kekulé structure and N-N in the other."""
    ring = Chem.AddHs(Chem.MolFromSmiles("c1ccnnc1"))
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

    assert rdDistGeom.EmbedMolecule(ring, randomSeed=1) == 0
    rdForceFieldHelpers.MMFFOptimizeMolecule(ring)
    charges = np.array([atom.GetAtomicNum() for atom in ring.GetAtoms()])
    assert bond_orders(charges, ring.GetConformer().GetPositions()) is None


def test_orders_use_up_every_valence(small_molecules):
    valences = {H: 1, C: 4, N: 3, O: 2, 9: 1}
    for charges, positions in zip(small_molecules.charges, small_molecules.positions, strict=True):
        found = bond_orders(charges, positions)
        if found is not None:
            sums = Counter()
            for (i, j), order in found.orders.items():
                assert i < j
                assert 1 <= order <= 3
                sums.update({i: order, j: order})
            assert [sums[k] for k in range(np.count_nonzero(charges))] == [
                valences[int(z)] for z in charges if z
            ]


def test_rotation_order_of_atoms_and_padding_change_nothing(small_molecules, rng):
    for charges, positions in zip(
        small_molecules.charges[::10], small_molecules.positions[::10], strict=True
    ):
        order = rng.permutation(np.count_nonzero(charges))
        turned = positions[order] @ Rotation.random(random_state=rng).as_matrix() + 3.0
        one, other = bond_orders(charges, positions), bond_orders(charges[order], turned)
        assert (one and one.kinds) == (other and other.kinds)


def test_they_are_those_of_the_smiles_of_qm9(qm9small):
    with (_data_folder() / "qm9_part1.csv").open(encoding="utf-8", newline="") as file:
        smiles = {int(line["Index"]): line["SMILES"] for line in csv.DictReader(file)}
    uncertain = 0
    for k in range(0, len(qm9small), 8):
        drawn = Chem.AddHs(Chem.MolFromSmiles(smiles[int(qm9small.ids[k])]))
        if any(atom.GetFormalCharge() for atom in drawn.GetAtoms()):
            continue
        Chem.Kekulize(drawn, clearAromaticFlags=True)
        expected = Counter(
            (
                *sorted(a.GetAtomicNum() for a in (bond.GetBeginAtom(), bond.GetEndAtom())),
                int(bond.GetBondTypeAsDouble()),
            )
            for bond in drawn.GetBonds()
        )
        found = bond_orders(qm9small.charges[k], qm9small.positions[k])
        uncertain += found is None
        assert found is None or found.kinds == expected, smiles[int(qm9small.ids[k])]
    assert uncertain <= 5


@pytest.mark.parametrize(("most", "certain"), [(2, True), (1, False)])
def test_a_molecule_with_more_structures_than_are_looked_at_is_uncertain(
    monkeypatch, most, certain
):
    """Benzene has two."""
    monkeypatch.setattr(module, "MOST_STRUCTURES", most)
    assert (kinds_of(molecule("C6H6")) is not None) is certain
