"""Functional groups are what a chemist would say of known molecules, and what RDKit finds."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import molecule
from rdkit import Chem, RDLogger
from rdkit.Chem import rdDetermineBonds, rdDistGeom, rdForceFieldHelpers

from qm7bench.chemistry.functional_groups import functional_groups

KNOWN = {
    "CH4": set(),
    "NH3": set(),
    "H2O": set(),
    "SH2": set(),
    "CH3S": set(),
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
    "C3H4_D2d": {"cumulated double bonds"},
    "H2CCO": {"cumulated double bonds"},
    "CO2": {"cumulated double bonds"},
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
    "CS2": {"C=S"},
}
"""Molecules of ASE's g2 collection."""
FROM_SMILES = {
    "C=N": {"C=N"},
    "CC(C)=NC": {"C=N"},
    "CC=NO": {"C=N", "N-O bond"},
    "C=S": {"C=S"},
    "CC(=S)C": {"C=S"},
    "CC(N)=S": {"C=S"},
    "C1CC2CC1C2": {"four-membered ring", "two rings"},
    "C12C3C4C1C5C2C3C45": {"four-membered ring", "three or more rings"},
    "O=C=NC": {"cumulated double bonds"},
    "COC(N)=O": {"amide"},
    "C=Cn1cccc1": {"aromatic ring", "C=C"},
    "c1cc2ccccc2[nH]1": {"aromatic ring", "two rings"},
    "C=C1C=CC=C1": {"C=C"},
    "C1=COC=CO1": {"C=C", "ether"},
    "O=C1C=CC=CN1": {"C=C", "amide"},
    "C1=CCC=CC1": {"C=C"},
    "C=C1C=CC(=C)N1": {"C=C", "amine"},
    "N=C1C=CC(=N)N1": {"C=C", "C=N", "amine"},
    "S=C1C=CC(=S)N1": {"C=C", "C=S"},
    "C=C1OC=NC1=N": {"C=C", "C=N", "ether"},
}
"""Molecules that g2 lacks, in RDKit's geometries."""
SMARTS = {
    "C=C": "[#6X3]=&!:[#6X3]",
    "C≡C": "[#6X2]#[#6X2]",
    "cumulated double bonds": "*=[#6X2]=*",
    "aldehyde": "[#6X3;!H0;!$([#6]~[#7,#8X2])]=[OX1]",
    "ketone": "[#6][#6X3](=[OX1])[#6]",
    "amide": "[#6X3](=[OX1])~[#7]",
    "carboxylic acid": "[#6X3;!$([#6]~[#7])](=[OX1])[OX2;!H0]",
    "ester": "[#6X3;!$([#6]~[#7]);!$([#6][OX2;!H0])](=[OX1])[#8X2]",
    "alcohol": "[OX2;H1][#6;!$([#6]=[OX1])]",
    "ether": "[OX2;!a;!$(O[#6]=[OX1])]([#6])[#6]",
    "amine": "[#7X3;!a;!$([#7]~[!#6;!#1]);!$([#7]~[#6]=[OX1,SX1])][#6]",
    "C=N": "[#7X2;!a]=[#6X3]",
    "nitrile": "[NX1]#[CX2]",
    "N-N bond": "[#7]~[#7]",
    "N-O bond": "[#7]~[#8]",
    "thiol": "[#16X2;!H0][#6]",
    "thioether or thiophene": "[#6][#16X2][#6]",
    "C=S": "[#16X1]=[#6]",
    "S-O bond": "[#16]~[#8]",
    "three-membered ring": "[r3]",
    "four-membered ring": "*1~*~*~*1",
    "aromatic ring": "a",
}
LEAST_AGREEMENT = 0.99
"""Of molecules; RDKit calls a weakly bonded 1,2,3-oxadiazole aromatic, for example."""


@pytest.mark.parametrize("name", KNOWN)
def test_groups_of_a_known_molecule(name):
    atoms = molecule(name)
    assert functional_groups(atoms.numbers, atoms.positions) == KNOWN[name]


@pytest.mark.parametrize("smiles", FROM_SMILES)
def test_groups_of_a_drawn_molecule(smiles):
    drawn = Chem.AddHs(Chem.MolFromSmiles(smiles))
    assert rdDistGeom.EmbedMolecule(drawn, randomSeed=7) == 0
    rdForceFieldHelpers.MMFFOptimizeMolecule(drawn)
    charges = np.array([atom.GetAtomicNum() for atom in drawn.GetAtoms()])
    assert functional_groups(charges, drawn.GetConformer().GetPositions()) == FROM_SMILES[smiles]


def test_padding_and_the_order_of_atoms_change_nothing(rng):
    atoms = molecule("CH3CONH2")
    order = rng.permutation(len(atoms))
    charges = np.pad(atoms.numbers[order], (0, 4))
    positions = np.pad(atoms.positions[order], ((0, 4), (0, 0)))
    assert functional_groups(charges, positions) == {"amide"}


def rdkit_molecule(charges, positions):
    """The molecule with the bonds that RDKit perceives; None where it perceives none."""
    drawn, places = Chem.RWMol(), Chem.Conformer(int((charges > 0).sum()))
    for i, charge in enumerate(charges[charges > 0]):
        drawn.AddAtom(Chem.Atom(int(charge)))
        places.SetAtomPosition(i, positions[i].tolist())
    drawn.AddConformer(places)
    try:
        rdDetermineBonds.DetermineBonds(drawn, charge=0, embedChiral=False)
        Chem.SanitizeMol(drawn)
    except ValueError:
        return None
    return drawn


def rdkit_groups(drawn):
    """Names of the groups whose SMARTS the molecule matches."""
    found = {n for n, s in SMARTS.items() if drawn.HasSubstructMatch(Chem.MolFromSmarts(s))}
    rings = drawn.GetNumBonds() - drawn.GetNumAtoms() + 1
    return found | {name for name, holds in RINGS.items() if holds(rings)}


RINGS = {"two rings": lambda n: n == 2, "three or more rings": lambda n: n >= 3}


def is_lactam_like(drawn):
    """Whether RDKit calls a ring aromatic with a double bond out of it, which we do not."""
    return drawn.HasSubstructMatch(Chem.MolFromSmarts("a=*"))


@pytest.fixture(scope="module")
def both(qm9small):
    """Of 1,000 molecules of all sizes, the groups that we find and those that RDKit finds."""
    RDLogger.DisableLog("rdApp.*")
    pairs = []
    for i in np.linspace(0, len(qm9small) - 1, 1000).astype(int):
        charges, positions = qm9small.charges[i], qm9small.positions[i]
        drawn = rdkit_molecule(charges, positions)
        if drawn is not None and not is_lactam_like(drawn):
            pairs.append((functional_groups(charges, positions), rdkit_groups(drawn)))
    RDLogger.EnableLog("rdApp.*")
    return pairs


def test_rdkit_perceives_the_bonds_of_most_molecules(both):
    assert len(both) > 900


@pytest.mark.parametrize("name", [*SMARTS, *RINGS])
def test_rdkit_finds_the_same_group_in_the_same_molecules(both, name):
    differ = sum((name in ours) != (name in theirs) for ours, theirs in both)
    assert differ <= (1 - LEAST_AGREEMENT) * len(both)
    found = sum(name in theirs for _, theirs in both)
    assert differ <= 0.05 * found, f"{differ} of {found}"
