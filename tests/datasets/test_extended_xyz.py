"""A user's own molecules, good and bad."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

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


def test_an_unknown_unit_is_an_error_with_those_that_are_known(file):
    with pytest.raises(DataSetError, match=r"energy 'Ha'; known: kcal/mol, kJ/mol, eV, Har"):
        load_extended_xyz("mine", file(energies(10)), energy_unit="Ha")


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
        (["", *energies(9)], "0 (line 2): no key 'energy' in the comment line; keys found: none"),
        ([*energies(6), "colour=red"], "6 (line 32): no key 'energy' in the comment line; keys"),
        ([*energies(6), "energy=high"], "6 (line 32): energy=high is not a finite number"),
        ([*energies(6), "energy=nan"], "6 (line 32): energy=nan is not a finite number"),
        ([*energies(6), "energy=T"], "6 (line 32): energy=T is not a finite number"),
        ([*energies(6), "energy"], "6 (line 32): the key 'energy' has no value"),
        ([*energies(6), "energy=1 energy=2"], "6 (line 32): the key 'energy' has several values"),
        ([*energies(6), "energy='1"], '6 (line 32): "\'1" opens a quote or bracket and never'),
        ([*energies(5, "fold={}"), *energies(5)], "5 (line 27): no key 'fold', but other molecul"),
        ([*energies(9, "fold={}"), "energy=1 fold"], "9 (line 47): the key 'fold' has no value"),
        (
            energies(10, "fold=1.5"),
            "0 (line 2): folds must be integers from 0 to 4; found fold=1.5",
        ),
        (energies(10, "fold=-1"), "0 (line 2): folds must be integers from 0 to 4; found fold=-1"),
        (energies(10, "fold=7"), "0 (line 2): folds must be integers from 0 to 4; found fold=7"),
        (energies(10, "fold=1e300"), "folds must be integers from 0 to 4; found fold=1e300"),
        (energies(10, "fold=T"), "0 (line 2): fold=T is not a finite number"),
        (energies(10, "fold=2"), "folds must be 0 to 4 with molecules in each"),
        (energies(4), "4 molecules are fewer than 5 folds; give more molecules"),
    ],
)
def test_bad_comment_lines_are_named(file, comments, message):
    with pytest.raises(DataSetError) as caught:
        load_extended_xyz("mine", file(comments))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["split", "Fold"])
def test_a_fold_key_that_is_asked_for_must_be_there(file, key):
    with pytest.raises(DataSetError, match=f"no molecule has the key '{key}'; keys found: energy"):
        load_extended_xyz("mine", file(energies(10)), fold_key=key)


def test_an_unknown_element_is_named(file):
    with pytest.raises(DataSetError, match=r"molecule 0 \(line 3\): unknown element 'Qq'"):
        load_extended_xyz("mine", file(energies(10), "Qq 0 0 0\nH 0 0 1\n"))


def test_the_symbol_of_padding_is_no_element(file):
    with pytest.raises(DataSetError, match=r"molecule 0 \(line 3\): 'X' is a dummy atom"):
        load_extended_xyz("mine", file(energies(10), "X 0 0 0\nH 0 0 1\n"))


@pytest.mark.parametrize("types", ["1 2", "1 1", "2 1", "1 2 3"])
def test_types_of_atoms_are_not_taken_for_atomic_numbers(file, types):
    atoms = "".join(f"{kind} 0 0 {i}\n" for i, kind in enumerate(types.split()))
    with pytest.raises(DataSetError, match="may be atomic numbers or types of atoms"):
        load_molecules(file(["Atoms. Timestep: 0"], atoms))
    columns = "Properties=Z:I:1:pos:R:3"
    assert load_molecules(file([columns], atoms)).sizes == len(types.split())


@pytest.mark.parametrize(
    "comment",
    [
        'Lattice="9 0 0" energy=-9',
        "Properties=species:S:1:pos:R:2 energy=-9",
        "Properties=species:S:1:pos:R:3:charge:R:1 energy=-9",
        "Properties=pos:R:3:species:S:1 energy=-9",
        'pbc="T T T" energy=-9',
    ],
)
def test_broken_extended_xyz_is_not_read_as_plain(file, comment):
    with pytest.raises(DataSetError, match=r"mine.xyz: molecule 5 \(line \d+\): "):
        load_molecules(file([*energies(5), comment]))


def test_broken_json_in_a_key_that_is_not_used_does_no_harm(file):
    comments = [f'{line} info="_JSON {{broken"' for line in energies(5)]
    assert load_extended_xyz("mine", file(comments))[0].energies[0] == -9.5


def test_columns_are_found_by_their_names(file):
    atoms = "1 O 0 0 0.119\n2 H 0 0.763 -0.477\n3 H 0 -0.763 -0.477\n"
    found = load_molecules(file(["Properties=id:I:1:species:S:1:pos:R:3"], atoms))
    np.testing.assert_array_equal(found.positions, load_molecules(file([""])).positions)


def test_an_empty_file_is_an_error(tmp_path):
    path = tmp_path / "mine.xyz"
    path.touch()
    with pytest.raises(DataSetError, match=r"mine.xyz: no molecules in it: the file is empty"):
        load_extended_xyz("mine", path)


def test_a_file_of_something_else_is_an_error(tmp_path):
    path = tmp_path / "mine.xyz"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(DataSetError, match="line 1 holds a NUL byte: the file is not text"):
        load_extended_xyz("mine", path)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataSetError, match=r"nowhere.xyz: the file does not exist"):
        load_extended_xyz("mine", tmp_path / "nowhere.xyz")


def test_coincident_atoms_are_an_error_that_asks_for_the_unit(file):
    with pytest.raises(GeometryError) as caught:
        load_extended_xyz("mine", file(energies(10), "H 0 0 0\nH 0 0 0.074\n"))
    assert "mine.xyz: molecule 0 (line 1): atoms 0 and 1 are 0.074 Angstrom" in str(caught.value)
    assert "is the file in Angstrom" in str(caught.value)


NAMES = ["a b.xyz", "scan@PBE0.xyz", "-x.xyz", "@", "methyl-\u00e4.xyz", "a@1:2", "50%.xyz", "it's"]


@pytest.mark.parametrize(
    "name", [*NAMES, "two\nlines", "a\\b", "~", "$HOME.xyz", "*.xyz", "[1].xyz"]
)
def test_every_name_of_a_file_works(tmp_path, monkeypatch, capfd, name):
    monkeypatch.chdir(tmp_path)
    lines = [f"3\n{line}\n{WATER}" for line in energies(5)]
    Path(name).write_text("".join(lines), encoding="utf-8")
    Path(name.split("@")[0] or "other").touch()
    words = ["dataset", "mine", "--settings", json.dumps({"file": name})]
    assert main([*words, "--output", "out/metadata.json"]) == 0
    assert json.loads(Path("out/metadata.json").read_text())["made_from"]["file"] == name
    Path(name).write_text("2\n\nH 0 0 0\n")
    assert main([*words, "--output", "out/metadata.json"]) == 1
    last = capfd.readouterr().err.splitlines()[-1]
    assert last.startswith("qm7bench dataset: error: ")
    assert "molecule 0 (line 1): the file ends inside the molecule" in last


def test_a_name_that_is_not_utf8_works(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.xyz")
    path.write_text(f"3\n\n{WATER}")
    assert load_molecules(path).formulas() == ["H2O"]
    path.write_text("")
    with pytest.raises(DataSetError, match="no molecules in it") as caught:
        load_molecules(path)
    str(caught.value).encode("utf-8")


def test_ten_thousand_molecules_are_read_in_a_few_seconds(file):
    methane = (
        "C 0 0 0\nH 0.63 0.63 0.63\nH -0.63 -0.63 0.63\nH 0.63 -0.63 -0.63\nH -0.63 0.63 -0.63\n"
    )
    path = file(energies(10_000), methane)
    before = time.process_time()
    dataset, _ = load_extended_xyz("mine", path)
    assert len(dataset) == 10_000
    assert time.process_time() - before < 5.0  # seconds; 0.9 on the machine it was written on


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
