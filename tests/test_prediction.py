"""Energies of new molecules from a fitted model's folder."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from qm7bench.artefact import read_json
from qm7bench.cli import main
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.datasets.storage import write_dataset
from qm7bench.errors import ArtefactError, DataSetError
from qm7bench.prediction import FittedModel
from qm7bench.tables import read_table

SETTINGS = {"module": "ridge", "parameters": {"alpha": 0.1}, "grid": {}, "seed": 0}
ETHANE = """8
a plain comment
C 0.00 0.00 0.76
C 0.00 0.01 -0.76
H 1.02 0.00 1.16
H -0.51 0.88 1.17
H -0.51 -0.88 1.15
H -1.02 0.02 -1.16
H 0.51 0.88 -1.16
H 0.52 -0.88 -1.14
"""


@pytest.fixture(scope="module")
def fitted(small_molecules, tmp_path_factory):
    """Folder of results with a ridge on fold 0 of molecules of at most 15 atoms."""
    folder = tmp_path_factory.mktemp("results")
    small = small_molecules[small_molecules.sizes <= 15]
    dataset, feature = folder / "dataset" / "metadata.json", folder / "feature" / "metadata.json"
    write_dataset(dataset, small, {"sha256": "0" * 64})
    eigenspectrum = json.dumps({"module": "eigenspectrum", "parameters": {}})
    words = ["feature", dataset, "--name", "eigenspectrum", "--settings", eigenspectrum]
    assert main([*map(str, words), "--output", str(feature)]) == 0
    words = ["fit", "--dataset", dataset, "--feature", feature, "--feature-name", "eigenspectrum"]
    words += ["--model", "ridge", "--settings", json.dumps(SETTINGS), "--fold", 0]
    assert main([*map(str, words), "--output", str(folder / "fold0")]) == 0
    return folder / "fold0"


@pytest.fixture
def ethane(tmp_path):
    path = tmp_path / "ethane.xyz"
    path.write_text(ETHANE)
    return path


def test_test_molecules_get_the_predictions_that_the_fit_left(fitted, small_molecules):
    small = small_molecules[small_molecules.sizes <= 15]
    test = small[small.folds == 0]
    expected = read_table(fitted / "predictions.parquet")["prediction"]
    found = FittedModel.load(fitted).predict(test)
    np.testing.assert_allclose(found.energies, expected, atol=1e-8)  # kcal/mol
    assert found.warnings == [""] * len(test)


def test_padding_of_the_molecules_does_not_matter(fitted, ethane):
    molecules = load_molecules(ethane)
    from_file = FittedModel.load(fitted).predict(ethane)
    assert FittedModel.load(fitted).predict(molecules).energies == from_file.energies
    assert from_file.energies[0] == pytest.approx(-666, abs=150)  # kcal/mol


def test_a_molecule_unlike_the_training_data_is_warned_of(fitted, tmp_path):
    path = tmp_path / "other.xyz"
    path.write_text("2\n\nNa 0 0 0\nCl 0 0 2.4\n")
    assert FittedModel.load(fitted).predict(path).warnings == ["unseen element Na Cl"]


def test_a_molecule_larger_than_the_feature_holds_is_an_error(fitted, tmp_path):
    path = tmp_path / "long.xyz"
    path.write_text("30\n\n" + "".join(f"C 0 0 {1.5 * i}\n" for i in range(30)))
    with pytest.raises(DataSetError, match="has 30 atoms, more than the 23"):
        FittedModel.load(fitted).predict(path)


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="no fitted model; give a folder"):
        FittedModel.load(tmp_path)


def test_damaged_arrays_are_found(fitted, tmp_path):
    for name in ("model.json", "model.npz"):
        (tmp_path / name).write_bytes((fitted / name).read_bytes())
    content = bytearray((tmp_path / "model.npz").read_bytes())
    content[150] ^= 1
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(ArtefactError, match=r"model.npz was damaged after it was written"):
        FittedModel.load(tmp_path)


def test_the_model_says_what_it_was_trained_on(fitted):
    described = read_json(fitted / "model.json")["dataset"]
    assert described["elements"] == [1, 6, 7, 8, 9]
    assert described["padding"] == 23
    assert described["largest_molecule"] == 15


@pytest.mark.parametrize("ending", [None, ".csv", ".parquet", ".xyz"])
def test_the_command_writes_every_form(fitted, ethane, tmp_path, capsys, ending):
    words = ["predict", str(ethane), "--model", str(fitted)]
    output = tmp_path / f"predictions{ending}"
    capsys.readouterr()
    assert main(words if ending is None else [*words, "--output", str(output)]) == 0
    expected = FittedModel.load(fitted).predict(ethane).energies[0]
    if ending == ".parquet":
        found = read_table(output)["energy_kcal_per_mol"][0]
    elif ending == ".xyz":
        assert load_molecules(output).formulas() == ["C2H6"]
        words = output.read_text().splitlines()[1].split()
        found = next(w.split("=")[1] for w in words if w.startswith("energy_kcal_per_mol="))
    else:
        text = capsys.readouterr().out if ending is None else output.read_text()
        row = next(csv.DictReader(text.splitlines()))
        assert row["formula"] == "C2H6"
        found = row["energy_kcal_per_mol"]
    assert float(found) == pytest.approx(expected, abs=1e-6)


def test_an_unknown_ending_is_an_error_before_anything_is_computed(
    fitted, ethane, tmp_path, capsys
):
    words = ["predict", ethane, "--model", fitted, "--output", tmp_path / "predictions.txt"]
    assert main([str(word) for word in words]) == 1
    assert "the ending must be .csv, .parquet or .xyz" in capsys.readouterr().err.splitlines()[-1]
