"""Numbers of molecules and atoms, from which the memory of jobs follows."""

from __future__ import annotations

from qm7bench.chemistry.size import Size

METHANE, WATER = [6, 1, 1, 1, 1], [8, 1, 1]


def test_molecules_are_counted_by_hand():
    size = Size.of([METHANE, WATER, WATER])
    assert size == Size(3, 5, 25 + 9 + 9, {6: 1, 1: 8, 8: 2}, {6: 1, 1: 4, 8: 1})
    assert size.all_atoms == 11


def test_a_part_has_its_share_of_atoms_and_may_have_the_largest_molecule():
    size = Size.of([METHANE, WATER] * 10)
    assert size.part(5) == Size(5, 5, 85, {6: 2, 1: 15, 8: 2}, {6: 1, 1: 4, 8: 1})
    assert size.part(99) == size
