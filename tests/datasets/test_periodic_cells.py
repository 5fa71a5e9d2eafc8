"""What `Lattice` and `pbc` of a comment line say."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets.periodic_cells import periodic_cell, whole_positions
from qm7bench.datasets.xyz_comment import parse_comment
from qm7bench.errors import DataSetError, GeometryError

CUBE = 'Lattice="9 0 0 0 8 0 0 0 7"'


def cell_of(line):
    return periodic_cell(parse_comment(line))


@pytest.mark.parametrize(
    ("line", "periodic"),
    [
        (CUBE, [True, True, True]),
        (CUBE.lower(), [True, True, True]),
        (CUBE.replace('"9', '"[9').replace('7"', '7]"'), [True, True, True]),
        (CUBE + ' pbc="T F T"', [True, False, True]),
        (CUBE + " pbc=[true,false,true]", [True, False, True]),
        (CUBE + " PBC=T", [True, True, True]),
        ('Lattice="9 0 0 0 8 0 0 0 0"', [True, True, False]),
    ],
)
def test_a_cell_has_its_vectors_in_rows(line, periodic):
    cell, along = cell_of(line)
    assert np.diag(cell)[along].tolist() == np.array([9.0, 8.0, 7.0])[periodic].tolist()
    assert along.tolist() == periodic


def test_vectors_are_read_one_after_the_other():
    cell, _ = cell_of('Lattice="9 0 0 1 8 0 2 3 7"')
    assert cell.tolist() == [[9, 0, 0], [1, 8, 0], [2, 3, 7]]


@pytest.mark.parametrize(
    "line",
    ["energy=1", 'pbc="F F F"', CUBE + ' pbc="F F F"', 'Lattice="0 0 0 0 0 0 0 0 0" energy=1'],
)
def test_without_repetition_there_is_no_cell(line):
    assert cell_of(line) is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('Lattice="9 0 0 0 8 0 0 0"', "must be nine numbers in Angstrom"),
        ('Lattice="9 0 0 0 8 0 0 0 x"', "must be nine numbers in Angstrom"),
        ('Lattice="9 0 0 0 8 0 0 0 nan"', "must be nine numbers in Angstrom"),
        ('Lattice="9 0 0 0 8 0 0 0 1e999"', "must be nine numbers in Angstrom"),
        ("Lattice=12", "must be nine numbers in Angstrom"),
        ('pbc="T T T" energy=1', "without Lattice; if the coordinates are those of an isolated"),
        (CUBE + ' pbc="T T"', "must be T or F for each of three cell vectors"),
        (CUBE + ' pbc="T T maybe"', "must be T or F for each of three cell vectors"),
        ('Lattice="9 0 0 0 8 0 0 0 0" pbc="T T T"', "although a cell vector of Lattice is zero"),
        (CUBE + " pbc energy=1", "the key 'pbc' has no value"),
    ],
)
def test_a_malformed_cell_is_an_error(line, message):
    with pytest.raises(DataSetError) as caught:
        cell_of(line)
    assert message in str(caught.value)


def test_a_refused_molecule_is_told_how_to_be_accepted():
    cell = (np.eye(3) * 20.0, np.ones(3, dtype=bool))
    with pytest.raises(GeometryError, match=r'fragments.*write pbc="F F F" or leave Lattice out'):
        whole_positions(np.array([2, 2]), np.array([[0, 0, 0], [0, 0, 9.0]]), cell)
