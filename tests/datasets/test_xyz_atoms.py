"""Elements and positions of a molecule's lines."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets.xyz_atoms import atoms_of
from qm7bench.datasets.xyz_frames import Frame
from qm7bench.errors import DataSetError


def frame(*lines):
    return Frame("m.xyz", 3, 11, "", list(lines))


WATER = ("O 0 0 0.119", "H 0 0.763 -0.477", "H 0 -0.763 -0.477")


@pytest.mark.parametrize(
    ("lines", "properties"),
    [
        (WATER, None),
        (WATER, "species:S:1:pos:R:3"),
        ([f"\t {line}  " for line in WATER], None),
        ([line.replace(" ", "\t") for line in WATER], None),
        ([f"{line} 0.1 {i}" for i, line in enumerate(WATER)], None),
        ([f"{line} # atom{' !' * i}" for i, line in enumerate(WATER)], None),
        ([f"{line} 0.1 9" for line in WATER], "species:S:1:pos:R:3:force:R:2"),
        ([f"7 {line} T" for line in WATER], "id:I:1:species:S:1:pos:R:3:fixed:L:1"),
        ([line.replace("O", "8").replace("H", "1") for line in WATER], None),
        ([line.replace("O", "8").replace("H", "1") for line in WATER], "Z:I:1:pos:R:3"),
        ([line.lower() for line in WATER], None),
        ([line.replace("H", "D") for line in WATER], None),
        ([line.replace("0.119", "1.19D-01") for line in WATER], None),
        ([line.replace("0.119", "1.19*^-1") for line in WATER], None),
        ([line.replace("-", "\u2212") for line in WATER], None),
    ],
)
def test_water_is_water_in_every_form(lines, properties):
    atoms = atoms_of(frame(*lines), properties)
    assert atoms.charges.tolist() == [8, 1, 1]
    expected = [[0, 0, 0.119], [0, 0.763, -0.477], [0, -0.763, -0.477]]
    np.testing.assert_allclose(atoms.positions, expected, rtol=1e-15)  # Angstrom
    assert atoms.heavy_hydrogen is any("D " in line[:3] for line in lines)


def test_numbers_in_the_place_of_symbols_are_told_from_a_column_of_numbers():
    lines = ("6 0 0 0", "8 0 0 1.1")
    assert atoms_of(frame(*lines), None).numbered
    assert not atoms_of(frame(*lines), "Z:I:1:pos:R:3").numbered
    assert not atoms_of(frame(*WATER), None).numbered


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Qq 0 0 1", "unknown element 'Qq'; give an element's symbol, such as C or Cl"),
        ("CA 0 0 1", "unknown element 'CA'; if it is Ca, write Ca"),
        ("C1 0 0 1", "unknown element 'C1'"),
        ("\u0666 0 0 1", "unknown element '\u0666'"),
        ("X 0 0 1", "'X' is a dummy atom, not an element; remove its line"),
        ("Du 0 0 1", "'Du' is a dummy atom"),
        ("Q 0 0 1", "'Q' is a dummy atom"),
        ("8 0 0 1", "the atomic number 8 among symbols"),
        ("0.5 H 0 1", "the coordinate 'H' is not a number"),
        ("H 0 0", "expected an element and three coordinates for atom 1 of 2, found 'H 0 0'"),
        ("0 0 1", "expected an element and three coordinates"),
        ("", "expected an element and three coordinates for atom 1 of 2, found ''"),
        ("5", "does the number of atoms in line 11 fit?"),
        ("H 0 0 nan", "the coordinate 'nan' is not a number"),
        ("H 0 0 -inf", "the coordinate '-inf' is not a number"),
        ("H 0 0 1,5", "the coordinate '1,5' is not a number; use a decimal point"),
        ("H 0 0 ****", "the coordinate '****' is not a number"),
        ("H 0 0 1_0", "the coordinate '1_0' is not a number"),
        ("H 0 0 \u0661", "the coordinate '\u0661' is not a number"),
        ("H 0 0 1e6", "the coordinate 1e6 is too large; at most 100000 Angstrom"),
        ("H 0 0 1e999", "the coordinate 1e999 is too large"),
        ("H 0 0 1 0.5", "4 numbers after the element, in other lines of the molecule 3"),
    ],
)
def test_a_bad_line_is_named(line, message):
    others = ["N 0 0 3"] if "numbers after" in message else []
    with pytest.raises(DataSetError) as caught:
        atoms_of(frame("O 0 0 0", line, *others), None)
    assert str(caught.value).startswith("m.xyz: molecule 3 (line 14): ")
    assert message in str(caught.value)


@pytest.mark.parametrize("number", ["0", "119", "999"])
def test_atomic_numbers_are_those_of_elements(number):
    with pytest.raises(DataSetError, match=r"line 14\): (unknown element|'0' is a dummy atom)"):
        atoms_of(frame("6 0 0 0", f"{number} 0 0 1"), None)


@pytest.mark.parametrize(
    "properties",
    [
        "",
        *"species species:S:1 pos:R:3 species:S:1:pos:R:2 species:S:1:pos:X:3".split(),
        *"species:S:1:pos:R species:S:2:pos:R:3 species:S:0:pos:R:3 species:S:1:pos:R:-3".split(),
        "species:S:1:pos:R:3:",
        "species:S:1:pos:R:" + "9" * 5000,
    ],
)
def test_columns_that_cannot_be_understood_are_an_error_with_the_line(properties):
    with pytest.raises(DataSetError, match=r"^m.xyz: molecule 3 \(line 12\): Properties="):
        atoms_of(frame(*WATER), properties)


@pytest.mark.parametrize("extra", ["", " 1", " 1 2 3"])
def test_each_line_has_the_columns_that_are_announced(extra):
    lines = [f"{line}{extra}" for line in WATER]
    with pytest.raises(DataSetError, match=r"line 13\): expected the 6 columns of Properties"):
        atoms_of(frame(*lines), "species:S:1:pos:R:3:charge:R:2")


def test_a_column_that_counts_the_atoms_is_not_x():
    lines = [f"C {i + 1} 0.0 0.0 {1.5 * i}" for i in range(4)]
    with pytest.raises(DataSetError, match="the second column counts the atoms"):
        atoms_of(frame(*lines), None)
    columns = "species:S:1:number:I:1:pos:R:3"
    assert atoms_of(frame(*lines), columns).positions[:, 2].tolist() == [0.0, 1.5, 3.0, 4.5]
