"""Functional groups of a molecule, perceived from its geometry alone.

Two atoms are bonded when nearer than 1.25 times the sum of their covalent radii. As all hydrogens
are there, the number of an atom's neighbours tells its kind (a carbon with three is sp2, an oxygen
with one is double-bonded), and only multiple bonds between carbons are told by their lengths. There
are no formal charges, no tautomers and no resonance beyond rings with six pi electrons.

The tests compare every group with RDKit's SMARTS on RDKit's own bonds. RDKit is not used here, as
nothing else needs its 160 MB, and it perceives no bonds in 25 molecules of QM7.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import bonds

Floats = NDArray[np.float64]
H, C, N, O, S = 1, 6, 7, 8, 16  # noqa: E741 - symbols of the elements
TRIPLE, DOUBLE, EXOCYCLIC, IMINE = 1.25, 1.42, 1.40, 1.35
"""Longest C#C, C=C, C=C at a ring and C=N bonds in Angstrom; cumulenes have 1.26 and more."""
LONGEST_IN_AROMATIC_RING = {(C, C): 1.48, (C, N): 1.42, (C, O): 1.42, (N, N): 1.44, (N, O): 1.46}
LONGEST_IN_AROMATIC_RING |= {(C, S): 1.77, (N, S): 1.72}
PI_ELECTRONS = {(C, 3): 1, (N, 2): 1, (N, 3): 2, (O, 2): 2, (S, 2): 2}
AROMATIC = 6
"""Electrons by element and number of neighbours, and how many an aromatic ring has."""


class Bonded:
    """One molecule and its bonds.

    Attributes
    ----------
    charges : int array of shape (a,)
        Without padding.
    near : list of lists of int
        Bonded atoms of each atom.
    """

    def __init__(self, charges: NDArray[np.int64], positions: Floats) -> None:
        real = charges > 0
        self.charges, self.positions = charges[real], positions[real]
        self.near: list[list[int]] = [[] for _ in self.charges]
        self.pairs = bonds(self.charges, self.positions)
        for i, j in self.pairs:
            self.near[i].append(j)
            self.near[j].append(i)

    def every(self, charge: int) -> list[int]:
        """All atoms of an element."""
        return [int(i) for i in np.flatnonzero(self.charges == charge)]

    def atoms(self, charge: int, neighbours: int) -> list[int]:
        """Atoms of an element with that number of neighbours."""
        return [i for i in self.every(charge) if len(self.near[i]) == neighbours]

    def around(self, atom: int) -> list[int]:
        """Nuclear charges of an atom's neighbours, ascending."""
        return sorted(int(self.charges[j]) for j in self.near[atom])

    def length(self, i: int, j: int) -> float:
        """Distance of two atoms in Angstrom."""
        return float(np.linalg.norm(self.positions[i] - self.positions[j]))

    def is_double(self, i: int, j: int) -> bool:
        """Whether an atom i of a ring has a C=C, C=O or C=S bond to the atom j, which is in none.

        With a C=N bond there, a ring of short bonds does not have six pi electrons.
        """
        if self.charges[i] != C:
            return False
        kind = (int(self.charges[j]), len(self.near[j]))
        return kind in ((O, 1), (S, 1)) or (kind == (C, 3) and self.length(i, j) < EXOCYCLIC)

    def has_terminal(self, atom: int, charge: int) -> bool:
        """Whether an atom bears an atom of the element that has no other neighbour."""
        return any(self.charges[j] == charge and len(self.near[j]) == 1 for j in self.near[atom])


def functional_groups(charges: NDArray[np.int64], positions: Floats) -> set[str]:
    """Names of the groups that a molecule has: several, one, or none.

    Parameters
    ----------
    charges : int array of shape (A,)
        May be padded with zeros.
    positions : float64 array of shape (A, 3)
        In Angstrom.
    """
    molecule = Bonded(charges, positions)
    rings = small_rings(molecule)
    aromatic = [ring for ring in rings if is_aromatic(molecule, ring, set().union(*rings))]
    in_aromatic = {atom for ring in aromatic for atom in ring}
    found = _of_rings(molecule, rings, aromatic)
    found |= _of_carbon(molecule, in_aromatic) | _of_carbonyl(molecule)
    return (
        found
        | _of_oxygen(molecule, in_aromatic)
        | _of_nitrogen(molecule, in_aromatic)
        | _of_sulfur(molecule)
    )


def small_rings(molecule: Bonded) -> list[tuple[int, ...]]:
    """Rings of three to six atoms without a bond across them, each once."""
    rings: dict[frozenset[int], tuple[int, ...]] = {}
    bonded = {frozenset(pair) for pair in molecule.pairs}
    paths: list[tuple[int, ...]] = [
        (i,) for i in range(len(molecule.charges)) if len(molecule.near[i]) > 1
    ]
    for _ in range(6):
        longer: list[tuple[int, ...]] = []
        for path in paths:
            for atom in molecule.near[path[-1]]:
                if atom == path[0] and len(path) > 2:
                    across = [p for p in combinations(path, 2) if frozenset(p) in bonded]
                    if len(across) == len(path):
                        rings.setdefault(frozenset(path), path)
                elif atom > path[0] and atom not in path and len(molecule.near[atom]) > 1:
                    longer.append((*path, atom))
        paths = longer
    return list(rings.values())


def is_aromatic(molecule: Bonded, ring: tuple[int, ...], in_rings: set[int]) -> bool:
    """Whether a ring of five or six has six pi electrons, and short bonds in it only.

    A carbon with three neighbours and a nitrogen with two give one electron, a nitrogen with three,
    an oxygen and a sulfur two.
    """
    kinds = [(int(molecule.charges[i]), len(molecule.near[i])) for i in ring]
    if len(ring) < 5 or sum(PI_ELECTRONS.get(kind, -AROMATIC) for kind in kinds) != AROMATIC:
        return False
    outside = [(i, j) for i in ring for j in molecule.near[i] if j not in in_rings]
    if any(molecule.is_double(i, j) for i, j in outside):
        return False
    for i, j in zip(ring, (*ring[1:], ring[0]), strict=True):
        a, b = sorted((int(molecule.charges[i]), int(molecule.charges[j])))
        if molecule.length(i, j) > LONGEST_IN_AROMATIC_RING.get((a, b), 0.0):
            return False
    return True


def _of_rings(
    molecule: Bonded, rings: list[tuple[int, ...]], aromatic: list[tuple[int, ...]]
) -> set[str]:
    independent = len(molecule.pairs) - len(molecule.charges) + 1
    sizes = {len(ring) for ring in rings}
    tests = {
        "aromatic ring": bool(aromatic),
        "three-membered ring": 3 in sizes,
        "four-membered ring": 4 in sizes,
        "two rings": independent == 2,
        "three or more rings": independent >= 3,
    }
    return {name for name, holds in tests.items() if holds}


def _of_carbon(molecule: Bonded, aromatic: set[int]) -> set[str]:
    found = set()
    for i, j in molecule.pairs:
        kinds = {int(molecule.charges[i]), int(molecule.charges[j])}
        sp2 = all(len(molecule.near[k]) == 3 for k in (i, j))
        sp = all(len(molecule.near[k]) == 2 for k in (i, j))
        length = molecule.length(i, j)
        if kinds == {C} and sp2 and length < DOUBLE and not {i, j} <= aromatic:
            found.add("C=C")
        if kinds == {C} and sp and length < TRIPLE:
            found.add("C≡C")
    for i in molecule.atoms(C, 2):
        single = [j for j in molecule.near[i] if molecule.length(i, j) > DOUBLE]
        triple = [
            j
            for j in molecule.near[i]
            if (molecule.charges[j] == N and len(molecule.near[j]) == 1)
            or (molecule.charges[j] == C and molecule.length(i, j) < TRIPLE)
        ]
        if not single and not triple and H not in molecule.around(i):
            found.add("cumulated double bonds")
    return found


def _of_carbonyl(molecule: Bonded) -> set[str]:
    found = set()
    for i in molecule.atoms(C, 3):
        if not molecule.has_terminal(i, O):
            continue
        rest = [
            j for j in molecule.near[i] if molecule.charges[j] != O or len(molecule.near[j]) > 1
        ]
        kinds = sorted(int(molecule.charges[j]) for j in rest)
        if N in kinds:
            found.add("amide")
        elif O in kinds:
            acid = any(molecule.charges[j] == O and H in molecule.around(j) for j in rest)
            found.add("carboxylic acid" if acid else "ester")
        elif H in kinds:
            found.add("aldehyde")
        elif kinds == [C, C]:
            found.add("ketone")
    return found


def _of_oxygen(molecule: Bonded, aromatic: set[int]) -> set[str]:
    found = set()
    for i in molecule.atoms(O, 2):
        carbons = [j for j in molecule.near[i] if molecule.charges[j] == C]
        if any(molecule.has_terminal(j, O) for j in carbons):
            continue
        if molecule.around(i) == [H, C]:
            found.add("alcohol")
        if molecule.around(i) == [C, C] and i not in aromatic:
            found.add("ether")
    return found


def _of_nitrogen(molecule: Bonded, aromatic: set[int]) -> set[str]:
    found = set()
    for i in molecule.every(N):
        around, count = molecule.around(i), len(molecule.near[i])
        if N in around:
            found.add("N-N bond")
        if O in around:
            found.add("N-O bond")
        if around == [C] and len(molecule.near[molecule.near[i][0]]) == 2:
            found.add("nitrile")
        carbons = [j for j in molecule.near[i] if molecule.charges[j] == C]
        acyl = any(molecule.has_terminal(j, O) or molecule.has_terminal(j, S) for j in carbons)
        if count == 3 and C in around and set(around) <= {H, C} and not acyl and i not in aromatic:
            found.add("amine")
        double = [j for j in carbons if molecule.length(i, j) < IMINE]
        if count == 2 and i not in aromatic and any(len(molecule.near[j]) == 3 for j in double):
            found.add("C=N")
    return found


def _of_sulfur(molecule: Bonded) -> set[str]:
    found = set()
    for i in molecule.every(S):
        around = molecule.around(i)
        if around == [H, C]:
            found.add("thiol")
        if around == [C, C]:
            found.add("thioether or thiophene")
        if around == [C] and len(molecule.near[molecule.near[i][0]]) < 4:
            found.add("C=S")
        if O in around:
            found.add("S-O bond")
    return found
