"""Small files of users that once gave a wrong number or no clear sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qm7bench.chemistry.distances import pair_distances
from qm7bench.datasets.extended_xyz import load_extended_xyz, load_molecules
from qm7bench.errors import DataSetError

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("file", "formulas"),
    [
        ("atomic_numbers.xyz", ["CH4O"]),
        ("blank_between.xyz", ["CH4", "C2H6", "CH4O", "CH5N"]),
        ("deuterium.xyz", ["CH4", "H2O"]),
        ("fortran_exponent.xyz", ["H2O"]),
        ("no_edges.xyz", ["H2"]),
        ("raw_qm9.xyz", ["CH4", "H2O"]),
        ("scan", ["CH4", "CH4"]),
        ("scan@PBE0.xyz", ["C2H6", "C2H6"]),
        ("wrapped.xyz", ["C4H10", "C4H10"]),
    ],
)
def test_molecules_to_predict_are_all_read(file, formulas):
    assert load_molecules(CASES / file).formulas() == formulas


@pytest.mark.parametrize(
    ("file", "settings", "message"),
    [
        (
            "key_without_value.xyz",
            {"energy_key": "E", "energy_unit": "Hartree"},
            "molecule 0 (line 2): the key 'E' has no value: the comment line has "
            "'E -0.625488538421' without '='; write E=VALUE",
        ),
        ("bare_key_in_one.xyz", {}, "molecule 0 (line 2): the key 'energy' has no value"),
        (
            "fold_key_absent.xyz",
            {"fold_key": "split"},
            "no molecule has the key 'split'; keys found: energy, fold",
        ),
        (
            "fold_year.xyz",
            {"fold_key": "fold"},
            "molecule 0 (line 2): folds must be integers from 0 to 4; found fold=20231100",
        ),
    ],
)
def test_data_sets_are_refused_in_one_short_line(file, settings, message):
    with pytest.raises(DataSetError) as caught:
        load_extended_xyz("mine", CASES / file, **settings)
    assert message in str(caught.value)
    assert str(CASES / file) in str(caught.value)
    assert len(str(caught.value).replace(str(CASES), "")) < 250
    assert "\n" not in str(caught.value)


def test_five_molecules_are_a_data_set():
    dataset, _ = load_extended_xyz("mine", CASES / "five.xyz")
    assert sorted(dataset.folds) == [0, 1, 2, 3, 4]


def test_the_file_that_is_named_is_the_one_whose_checksum_is_kept(tmp_path):
    number = 5
    for name, size in (("scan", 1.0), ("scan@PBE0.xyz", 2.0)):
        lines = [f"2\nenergy={-i - size}\nH 0 0 0\nH 0 0 {size}\n" for i in range(number)]
        (tmp_path / name).write_text("".join(lines))
    plain, other = (load_extended_xyz("mine", tmp_path / n) for n in ("scan", "scan@PBE0.xyz"))
    assert plain[0].positions[0, 1, 2] == 1.0
    assert other[0].positions[0, 1, 2] == 2.0
    assert plain[1]["sha256"] != other[1]["sha256"]
    assert other[1]["file"] == "scan@PBE0.xyz"


def test_a_wrapped_molecule_has_the_distances_of_the_whole_one():
    both = load_molecules(CASES / "wrapped.xyz")
    whole, wrapped = np.sort(pair_distances(both.charges, both.positions).reshape(2, -1))
    np.testing.assert_allclose(wrapped, whole, atol=1e-7)  # Angstrom


def test_what_was_not_taken_literally_is_said(caplog):
    load_molecules(CASES / "deuterium.xyz")
    assert "molecule 1 (line 8): deuterium or tritium is read as hydrogen" in caplog.text
    caplog.clear()
    load_molecules(CASES / "wrapped.xyz")
    assert "a periodic cell is left out and the molecule taken as isolated" in caplog.text
    assert "(1 crossed a boundary and were made whole) in 2 molecules" in caplog.text
