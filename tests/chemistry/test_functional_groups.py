"""Functional groups are what a chemist would say of well-known molecules."""

import numpy as np
import pytest
from ase.build import molecule

from qm7bench.chemistry.functional_groups import functional_groups

KNOWN = {
    "CH4": set(),
    "CH3CH2OH": {"alcohol"},
    "CH3OCH3": {"ether"},
    "CH3CN": {"nitrile"},
    "C6H6": {"aromatic ring"},
    "C5H5N": {"aromatic ring"},
    "C4H4NH": {"aromatic ring"},
    "C4H4O": {"aromatic ring"},
    "C4H4S": {"aromatic ring", "thioether or thiophene"},
    "C2H4": {"C=C"},
    "butadiene": {"C=C"},
    "C2H2": {"C≡C"},
    "2-butyne": {"C≡C"},
    "C3H4_D2d": {"cumulated C=C=X"},
    "H2CCO": {"cumulated C=C=X"},
    "CH3CHO": {"aldehyde"},
    "CH3COCH3": {"ketone"},
    "CH3COOH": {"carboxylic acid"},
    "HCOOCH3": {"ester"},
    "CH3CONH2": {"amide"},
    "H3CNH2": {"amine"},
    "CH2NHCH2": {"amine", "three-membered ring"},
    "CH2OCH2": {"ether", "three-membered ring"},
    "C3H4_C2v": {"C=C", "three-membered ring"},
    "cyclobutane": {"four-membered ring"},
    "cyclobutene": {"C=C", "four-membered ring"},
    "bicyclobutane": {"three-membered ring", "two rings"},
    "CH3NO2": {"N-O bond"},
    "N2H4": {"N-N bond"},
    "CH3SH": {"thiol"},
    "CH3SCH3": {"thioether or thiophene"},
    "C2H6SO": {"S-O bond"},
}


@pytest.mark.parametrize("name", KNOWN)
def test_groups_of_a_known_molecule(name):
    atoms = molecule(name)
    assert functional_groups(atoms.numbers, atoms.positions) == KNOWN[name]


def test_padding_and_the_order_of_atoms_change_nothing(rng):
    atoms = molecule("CH3CONH2")
    order = rng.permutation(len(atoms))
    charges = np.pad(atoms.numbers[order], (0, 4))
    positions = np.pad(atoms.positions[order], ((0, 4), (0, 0)))
    assert functional_groups(charges, positions) == {"amide"}
