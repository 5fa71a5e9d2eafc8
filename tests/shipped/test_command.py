"""`qm7bench predict` without a model of one's own."""

from __future__ import annotations

import csv
import shutil
import sys

import numpy as np
import pytest

from qm7bench.cli import main
from qm7bench.shipped import files
from qm7bench.shipped.choice import load_shipped

METHANE = """5

C 0 0 0
H 0.6306 0.6306 0.6306
H 0.6306 -0.6306 -0.6306
H -0.6306 0.6306 -0.6306
H -0.6306 -0.6306 0.6306
"""
SULPHIDE = "3\n\nS 0 0 0\nH 1.34 0 0\nH -0.05 1.34 0\n"
CHLORIDE = "2\n\nH 0 0 0\nCl 1.29 0 0\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "molecules.xyz"
    path.write_text(METHANE + CHLORIDE + SULPHIDE)
    return path


def told(capsys, *words):
    """Exit status, rows of the answer and lines of the messages."""
    capsys.readouterr()
    status = main(["predict", *map(str, words)])
    found = capsys.readouterr()
    return status, found.out.splitlines(), found.err.splitlines()


def test_a_header_and_a_line_for_each_molecule_go_to_the_terminal(file, capsys):
    status, out, _ = told(capsys, file)
    assert status == 0
    assert out[0] == (
        "molecule,formula,energy_kcal_per_mol,lower_kcal_per_mol,upper_kcal_per_mol,warning"
    )
    rows = list(csv.DictReader(out))
    assert [row["formula"] for row in rows] == ["CH4", "ClH", "H2S"]
    assert len(out) == 4
    expected = load_shipped("qm7").predict(file)
    energies = [float(row["energy_kcal_per_mol"]) for row in rows]
    np.testing.assert_allclose(energies, expected.energies, atol=1e-6)
    lower = float(rows[0]["lower_kcal_per_mol"])
    assert lower == pytest.approx(energies[0] - expected.half_widths[0], abs=1e-6)
    assert rows[1]["energy_kcal_per_mol"] == "nan"
    assert rows[1]["warning"] == "no prediction; unseen element Cl"


def test_which_model_it_is_and_what_its_energies_are_goes_to_the_messages(file, capsys):
    _, _, err = told(capsys, file)
    text = "\n".join(err)
    described = load_shipped("qm7").description
    assert "model qm7, fitted to 7,165 molecules of H C N O S: PBE0" in text
    assert "electronic: without zero-point vibration, relative to free atoms" in text
    assert "expected geometry: of the MMFF94 force field" in text
    assert f"nested error on 5 folds: MAE {described['errors']['mae']:.3f}" in text
    assert "molecule 1 is outside the applicability domain" in text


def test_fluorine_is_for_qm9(file, capsys):
    file.write_text(METHANE + "2\n\nH 0 0 0\nF 0.92 0 0\n")
    _, out, err = told(capsys, file)
    assert any(line.startswith("model qm9, fitted to 130,831 molecules") for line in err)
    energies = [float(row["energy_kcal_per_mol"]) for row in csv.DictReader(out)]
    assert energies[0] == pytest.approx(-396, abs=2)  # QM9's molecule 1 has -396.0 at 0 K
    assert np.isfinite(energies).all()


def test_the_named_model_predicts(file, made, capsys):
    _, by_name, _ = told(capsys, file, "--model", "qm7")
    assert by_name == told(capsys, file)[1]
    _, _, err = told(capsys, file, "--model", made.folder)
    assert any(line.startswith("model qm9, fitted to 300 molecules") for line in err)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xyz"])
def test_every_form_is_written(file, tmp_path, capsys, ending):
    output = tmp_path / f"out{ending}"
    status, out, _ = told(capsys, file, "--output", output)
    assert (status, out) == (0, [])
    assert output.stat().st_size > 0


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("", [], "empty"),
        (METHANE, ["--model", "qm8"], "no fitted model"),
        (METHANE, ["--dataset", "metadata.json"], "--dataset is for folders of fitted models"),
    ],
)
def test_what_cannot_be_done_is_an_error_of_one_line(file, capsys, content, words, said):
    file.write_text(content)
    status, out, err = told(capsys, file, *words)
    assert (status, out) == (1, [])
    assert said in err[-1]


def test_without_tblite_it_says_what_to_install(file, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tblite", None)
    monkeypatch.setitem(sys.modules, "tblite.interface", None)
    status, out, err = told(capsys, file, "--model", "qm7_gfn2_xtb")
    assert (status, out) == (1, [])
    assert 'package tblite, which is not installed; run: pip install "qm7bench[xtb]"' in err[-1]


def test_a_damaged_model_is_an_error_of_one_line(file, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "package"
    shutil.copytree(files.files_of("qm7").folder, folder / "qm7")
    with (folder / "qm7" / "model.npz").open("ab") as damaged:
        damaged.write(b"0")
    monkeypatch.setattr(files, "PACKAGE", folder)
    status, out, err = told(capsys, file, "--model", "qm7")
    assert (status, out) == (1, [])
    assert "model.npz was damaged (its checksum differs); install qm7bench again" in err[-1]
