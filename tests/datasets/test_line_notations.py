"""SMILES and InChI in the place of an XYZ file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.datasets.line_notations import notation_of
from qm7bench.errors import DataSetError

SMILES = (
    "C CCO c1ccccc1 CC(=O)O [H][H] F/C=C/F F/C=C\\F N[C@@H](C)C(=O)O [O-][N+](=O)C ClC#CBr "
    "C1CC%11C1CC%11 [Na+].[Cl-] C[N@@]1C[C@H]1C=O"
).split()
NEITHER = "molecules.xyz scan 12 He mine.smi ./CCO (C) H 1C C:\\m.xyz".split()


@pytest.mark.parametrize(
    ("word", "notation"),
    [
        *((word, "smi") for word in SMILES),
        ("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3", "inchi"),
        *((word, None) for word in [*NEITHER, ""]),
    ],
)
def test_words_in_a_line_notation_are_known(word, notation):
    assert notation_of(word) == notation


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ("CCO", "obabel -ismi -:CCO --gen3d -O molecule.xyz"),
        ("CC(=O)O", "obabel -ismi '-:CC(=O)O' --gen3d -O molecule.xyz"),
        ("InChI=1S/CH4/h1H4", "obabel -iinchi -:InChI=1S/CH4/h1H4 --gen3d -O molecule.xyz"),
    ],
)
def test_a_string_gets_the_command_that_makes_its_geometry(given, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataSetError) as caught:
        load_molecules(Path(given))
    assert "a prediction needs a geometry" in str(caught.value)
    assert str(caught.value).endswith(command)


def test_a_file_of_that_name_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("CCO").write_text("1\n\nC 0 0 0\n")
    assert load_molecules(Path("CCO")).formulas() == ["C"]


@pytest.mark.parametrize("content", ["CCO ethanol\nC methane\n", "C\n", "\nc1ccccc1\tbenzene\n"])
def test_a_file_of_smiles_gets_the_command_for_all(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my molecules.smi").write_text(content)
    with pytest.raises(DataSetError) as caught:
        load_molecules(Path("my molecules.smi"))
    assert str(caught.value).startswith("my molecules.smi: holds SMILES, which has no coordinates")
    assert str(caught.value).endswith("obabel -ismi 'my molecules.smi' --gen3d -O molecules.xyz")


def test_atoms_without_their_number_are_no_smiles(tmp_path):
    path = tmp_path / "m.xyz"
    path.write_text("C 0 0 0\nO 0 0 1.2\n")
    with pytest.raises(DataSetError, match="expected the number of atoms"):
        load_molecules(path)
