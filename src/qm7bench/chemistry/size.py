"""How much a data set holds: what the memory of a job follows from before anything is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of molecules and atoms of a data set.

    Attributes
    ----------
    molecules : int
    largest : int
        Atoms of the largest molecule.
    pairs : int
        Sum over the molecules of their squared numbers of atoms.
    atoms : mapping
        Atoms of each element in all molecules, by nuclear charge.
    most : mapping
        The most atoms of each element in one molecule.
    """

    molecules: int
    largest: int
    pairs: int
    atoms: Mapping[int, int]
    most: Mapping[int, int]

    @classmethod
    def of(cls, molecules: Iterable[Iterable[int]]) -> Size:
        """Count molecules that are given as nuclear charges."""
        number = largest = pairs = 0
        atoms: Counter[int] = Counter()
        most: Counter[int] = Counter()
        for charges in molecules:
            own = Counter(charges)
            size = own.total()
            number, largest, pairs = number + 1, max(largest, size), pairs + size**2
            atoms += own
            most |= own
        return cls(number, largest, pairs, dict(atoms), dict(most))

    @property
    def all_atoms(self) -> int:
        """Atoms of all elements in all molecules."""
        return sum(self.atoms.values())

    def part(self, molecules: int) -> Size:
        """Size of so many of the molecules, which are as large on average; of all at most."""
        if molecules >= self.molecules:
            return self
        share = molecules / self.molecules
        atoms = {charge: round(number * share) for charge, number in self.atoms.items()}
        return Size(molecules, self.largest, round(self.pairs * share), atoms, self.most)
