"""A user's own molecules, good and bad."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.cli import main
from qm7bench.datasets.extended_xyz import load_extended_xyz, load_molecules
from qm7bench.errors import DataSetError, GeometryError

WATER = "O 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n"


@pytest.fixture
def file(tmp_path):
    """Write molecules, given as their comment lines, as water in extended XYZ."""

    def write(comments, atoms=WATER):
        path = tmp_path / "mine.xyz"
        number = len(atoms.splitlines())
        path.write_text("".join(f"{number}\n{comment}\n{atoms}" for comment in comments))
        return path

    return write


def energies(number, extra=""):
    return [f"energy={-9.5 - 0.1 * i} {extra.format(i % 5)}" for i in range(number)]


def test_energies_in_electronvolts_become_kcal_per_mol(file):
    dataset, made_from = load_extended_xyz("mine", file(energies(10)), energy_unit="eV")
    expected = 23.0605 * (-9.5 - 0.1 * np.arange(10))
    np.testing.assert_allclose(dataset.energies, expected, atol=0.01)  # kcal/mol
    assert made_from["file"] == "mine.xyz"


@pytest.mark.parametrize(
    ("unit", "factor"), [("kcal/mol", 1.0), ("kJ/mol", 1 / 4.184), ("Hartree", 627.5095)]
)
def test_other_units_are_converted(file, unit, factor):
    dataset, _ = load_extended_xyz("mine", file(energies(10)), energy_unit=unit)
    assert dataset.energies[0] == pytest.approx(-9.5 * factor, rel=1e-6)


def test_positions_are_in_angstrom_and_formulas_right(file):
    dataset, _ = load_extended_xyz("mine", file(energies(10)))
    assert dataset.charges[0].tolist() == [8, 1, 1]
    assert dataset.positions[0, 1].tolist() == [0, 0.763, -0.477]
    assert dataset.formulas()[0] == "H2O"


def test_folds_of_the_file_are_kept(file):
    dataset, _ = load_extended_xyz("mine", file(energies(10, "fold={}")))
    assert dataset.folds.tolist() == [0, 1, 2, 3, 4] * 2


def test_without_folds_they_are_drawn_stratified_and_the_same_again(file):
    path = file(energies(25))
    first, second = (load_extended_xyz("mine", path)[0] for _ in range(2))
    np.testing.assert_array_equal(first.folds, second.folds)
    np.testing.assert_array_equal(np.bincount(first.folds), [5] * 5)


def test_molecules_of_different_sizes_are_padded(tmp_path):
    path = tmp_path / "mine.xyz"
    hydrogen = "2\nenergy=-109 \nH 0 0 0\nH 0 0 0.74\n"
    path.write_text(hydrogen * 4 + f"3\nenergy=-232\n{WATER}")
    dataset, _ = load_extended_xyz("mine", path)
    assert dataset.charges.shape == (5, 3)
    assert dataset.charges[0].tolist() == [1, 1, 0]


def test_heavy_elements_can_be_read_and_named(file):
    dataset, _ = load_extended_xyz("mine", file(energies(5), "Au 0 0 0\nCl 0 0 2.2\n"))
    assert dataset.formulas()[0] == "AuCl"


@pytest.mark.parametrize(
    ("comments", "message"),
    [
        (["", *energies(9)], "molecule 0 has no 'energy'; its comment line has: none"),
        ([*energies(6), "colour=red"], "molecule 6 has no 'energy'; its comment line has: colour"),
        ([*energies(6), "energy=high"], "molecule 6: energy='high' is no number"),
        ([*energies(6), "energy=nan"], "molecule 6 has no finite energy"),
        ([*energies(5, "fold={}"), *energies(5)], "molecule 5 has no fold, but others have one"),
        (energies(10, "fold=1.5"), "molecule 0: fold=1.5 is no whole number"),
        (energies(10, "fold=-1"), "folds are numbered from 0; found -1"),
        (energies(10, "fold=7"), "folds must be numbered 0 to 4"),
        (energies(10, "fold=2"), "folds must be numbered 0 to 4 with molecules in each"),
        (energies(4), "4 molecules are fewer than 5 folds; give more molecules"),
    ],
)
def test_bad_comment_lines_are_named(file, comments, message):
    with pytest.raises(DataSetError) as caught:
        load_extended_xyz("mine", file(comments))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_element_is_named(file):
    with pytest.raises(DataSetError, match=r"unknown element.*Qq"):
        load_extended_xyz("mine", file(energies(10), "Qq 0 0 0\nH 0 0 1\n"))


def test_the_symbol_of_padding_is_no_element(file):
    with pytest.raises(DataSetError, match="unknown element"):
        load_extended_xyz("mine", file(energies(10), "X 0 0 0\nH 0 0 1\n"))


def test_an_empty_file_is_an_error(tmp_path):
    path = tmp_path / "mine.xyz"
    path.touch()
    with pytest.raises(DataSetError, match="not a readable XYZ file"):
        load_extended_xyz("mine", path)


def test_a_file_of_something_else_is_an_error(tmp_path):
    path = tmp_path / "mine.xyz"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(DataSetError, match="not a readable XYZ file"):
        load_extended_xyz("mine", path)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataSetError, match="no such file"):
        load_extended_xyz("mine", tmp_path / "nowhere.xyz")


def test_coincident_atoms_are_an_error_that_asks_for_the_unit(file):
    with pytest.raises(GeometryError, match="is the file in Angstrom"):
        load_extended_xyz("mine", file(energies(10), "H 0 0 0\nH 0 0 0.074\n"))


def test_the_command_leaves_nothing_behind(file, tmp_path, capsys):
    settings = f'{{"file": "{file(energies(3))}"}}'
    output = tmp_path / "results" / "metadata.json"
    assert main(["dataset", "mine", "--settings", settings, "--output", str(output)]) == 1
    assert "3 molecules are fewer than 5 folds" in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.glob("results/*"))


def test_molecules_to_predict_need_no_energies(file):
    dataset = load_molecules(file(["plain comment"] * 2))
    assert len(dataset) == 2
    assert np.isnan(dataset.energies).all()
