"""Skeletons of heavy atoms, and which molecule is the hydrogenated other."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from qm7bench.chemistry.bond_orders import bond_orders
from qm7bench.chemistry.skeletons import hydrogenates_to, skeleton


def of_smiles(smiles, rng=None):
    """Skeleton of a molecule, its atoms shuffled if random numbers are given."""
    made = Chem.AddHs(Chem.MolFromSmiles(smiles))
    assert rdDistGeom.EmbedMolecule(made, randomSeed=7) == 0
    charges = np.array([atom.GetAtomicNum() for atom in made.GetAtoms()])
    positions = made.GetConformer().GetPositions()
    if rng is not None:
        order = rng.permutation(len(charges))
        charges, positions = charges[order], positions[order]
    found = bond_orders(charges, positions)
    assert found is not None, smiles
    return skeleton(charges, found)


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ("C=CC", "CCC", True),
        ("C#CC", "CCC", True),
        ("C#CC", "C=CC", True),
        ("C=CC=O", "CCC=O", True),
        ("C=CC=O", "C=CCO", True),
        ("c1ccccc1", "C1CCC=CC1", True),
        ("Cc1ccccc1", "CC1CCCC=C1", True),
        ("CCC", "C=CC", False),
        ("CCC", "CCC", True),
        ("C=CCO", "CCC=O", False),  # an isomerisation besides
        ("C=CC", "C1CC1", False),
        ("C=CO", "CCN", False),
        ("CC(C)=O", "CCCO", False),
        ("C=CCC=C", "CC=CCC", False),
    ],
)
def test_hydrogen_is_added_to_multiple_bonds_only(one, other, holds, rng):
    for _ in range(3):
        assert hydrogenates_to(of_smiles(one, rng), of_smiles(other, rng)) is holds


@pytest.mark.parametrize("smiles", ["CC(C)C(=O)NC", "c1ccc(O)nc1", "C1CC2CC1C2"])
def test_the_order_of_atoms_changes_no_key(smiles, rng):
    assert {of_smiles(smiles, rng).key for _ in range(5)} == {of_smiles(smiles).key}


def test_molecules_of_one_composition_have_different_keys():
    pentanes = ["CCCCC", "CC(C)CC", "CC(C)(C)C", "C1CCCC1", "CC1CCC1", "CCC1CC1"]
    assert len({of_smiles(smiles).key for smiles in pentanes}) == len(pentanes)
