"""Energies of new molecules from a fitted model's folder."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json, sha256_of, write_json
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.cli import main
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.datasets.storage import write_dataset
from qm7bench.errors import ArtefactError, ModelError
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.prediction import FittedModel

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
    place = folder / "models" / "eigenspectrum" / "ridge" / "fold0"
    assert main([*map(str, words), "--output", str(place)]) == 0
    return place


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
    assert sum(warning != "" for warning in found.warnings) <= 1


def test_padding_of_the_molecules_does_not_matter(fitted, ethane):
    molecules = load_molecules(ethane)
    from_file = FittedModel.load(fitted).predict(ethane)
    assert FittedModel.load(fitted).predict(molecules).energies == from_file.energies
    assert from_file.energies[0] == pytest.approx(-666, abs=150)  # kcal/mol


def written(path, *molecules):
    path.write_text("".join(molecules))
    return path


SALT = "2\n\nNa 0 0 0\nCl 0 0 2.4\n"
CHAIN = "30\n\n" + "".join(f"C 0 0 {1.5 * i}\n" for i in range(30))


def test_a_molecule_unlike_the_training_data_is_warned_of(fitted, tmp_path, small_molecules):
    model, path = FittedModel.load(fitted), written(tmp_path / "salt.xyz", SALT)
    (warning,) = model.predict(path).warnings
    assert warning.startswith(
        "no prediction; unseen element Na Cl; far from every training molecule ("
    )
    small = small_molecules[small_molecules.sizes <= 15]
    trained_on = small[small.folds != 0]
    assert model.predict(trained_on).warnings == [""] * len(trained_on)


def test_what_the_features_cannot_hold_has_no_energy_and_spoils_no_other(fitted, ethane, tmp_path):
    path = written(tmp_path / "long.xyz", ETHANE, CHAIN, ETHANE)
    found = FittedModel.load(fitted).predict(path)
    alone = FittedModel.load(fitted).predict(ethane)
    assert np.isnan(found.energies).tolist() == [False, True, False]
    assert found.energies[[0, 2]] == pytest.approx(alone.energies[0])
    assert found.warnings[1].startswith("no prediction; 30 atoms")
    assert np.isnan(FittedModel.load(fitted).predict(written(path, CHAIN)).energies).all()


def test_what_a_network_cannot_hold_has_no_energy_and_spoils_no_other(small_molecules, tmp_path):
    parameters = {"channels": 8, "layers": 1, "epochs": 1, "compiled": False}
    settings = {"module": "painn", "parameters": parameters, "grid": {}, "seed": 0}
    dataset, feature = tmp_path / "dataset" / "metadata.json", tmp_path / "graph" / "metadata.json"
    write_dataset(dataset, small_molecules[::6], {"sha256": "0" * 64})
    graph = json.dumps({"module": "radius_graph", "parameters": {"cutoff": 4.0}})
    words = ["feature", dataset, "--name", "graph", "--settings", graph, "--output", feature]
    assert main([str(word) for word in words]) == 0
    words = ["fit", "--dataset", dataset, "--feature", feature, "--feature-name", "graph"]
    words += ["--model", "painn", "--settings", json.dumps(settings), "--fold", 0]
    assert main([str(word) for word in [*words, "--output", tmp_path / "fit"]]) == 0
    path = written(tmp_path / "three.xyz", ETHANE, ETHANE.replace("H", "Cl"), ETHANE)
    found = FittedModel.load(tmp_path / "fit").predict(path)
    assert np.isnan(found.energies).tolist() == [False, True, False]
    assert "no prediction; unseen element Cl" in found.warnings[1]


def test_intervals_hold_the_share_of_test_molecules_that_they_promise(fitted, small_molecules):
    small = small_molecules[small_molecules.sizes <= 15]
    test = small[small.folds == 0]
    found = FittedModel.load(fitted).predict(test)
    inside = np.abs(found.energies - test.energies) <= found.half_widths
    assert inside.mean() == pytest.approx(0.9, abs=2 / len(test))


def copied(fitted, folder):
    for name in ("model.json", "model.npz"):
        (folder / name).write_bytes((fitted / name).read_bytes())
    return folder


def test_without_what_lies_beside_it_a_model_predicts_and_says_what_is_missing(
    fitted, ethane, tmp_path, capsys
):
    folder = copied(fitted, tmp_path)
    found = FittedModel.load(folder).predict(ethane)
    assert found.half_widths is None
    assert found.energies == FittedModel.load(fitted).predict(ethane).energies
    assert main(["predict", str(ethane), "--model", str(folder)]) == 0
    told = capsys.readouterr()
    assert "no intervals" in told.err
    assert "name it with --dataset" in told.err
    assert "lower" not in told.out


def test_the_data_set_can_be_given_and_must_be_the_right_one(fitted, tmp_path):
    dataset = fitted.parents[3] / "dataset" / "metadata.json"
    folder = copied(fitted, tmp_path)
    assert FittedModel.load(folder, dataset).domain.neighbourhood is not None
    other = tmp_path / "metadata.json"
    other.write_text("{}")
    with pytest.raises(ArtefactError, match=r"not the data set qm9small that .* was trained on"):
        FittedModel.load(folder, other)


def test_ten_molecules_are_predicted_and_those_outside_flagged(fitted, repository, capsys):
    capsys.readouterr()
    file = repository / "docs" / "ten_molecules.xyz"
    assert main(["predict", str(file), "--model", str(fitted)]) == 0
    told = capsys.readouterr()
    rows = list(csv.DictReader(told.out.splitlines()))
    by_formula = {row["formula"]: row for row in rows}
    assert len(rows) == 10
    for formula, reason in (("C2H5Cl", "unseen element Cl"), ("H3P", "unseen element P")):
        assert reason in by_formula[formula]["warning"]
    assert "60 atoms" in by_formula["C60"]["warning"]
    assert by_formula["C60"]["energy_kcal_per_mol"] == "nan"
    acid = by_formula["C2H4O2"]
    ends = [float(acid[name]) for name in ("lower_kcal_per_mol", "upper_kcal_per_mol")]
    assert ends[0] < float(acid["energy_kcal_per_mol"]) < ends[1]
    assert told.err.count("is outside the applicability domain") >= 3


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


@pytest.mark.parametrize("name", ["scan@PBE0.xyz", "a b.xyz", "@", "-x.xyz", "\u00e4.xyz", "a.b.c"])
def test_the_file_that_is_named_is_predicted_whatever_its_name(
    fitted, tmp_path, monkeypatch, capsys, name
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan").write_text(SALT)
    (tmp_path / name).write_text(ETHANE, encoding="utf-8")
    capsys.readouterr()
    assert main(["predict", "--model", str(fitted), "--", name]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert row["formula"] == "C2H6"


def test_an_unknown_ending_is_an_error_before_anything_is_computed(
    fitted, ethane, tmp_path, capsys
):
    words = ["predict", ethane, "--model", fitted, "--output", tmp_path / "predictions.txt"]
    assert main([str(word) for word in words]) == 1
    assert "the ending must be .csv, .parquet or .xyz" in capsys.readouterr().err.splitlines()[-1]


def test_too_few_test_molecules_give_no_intervals_and_it_is_said(fitted, ethane, tmp_path, capsys):
    folder = copied(fitted, tmp_path)
    table = read_table(fitted / "predictions.parquet")
    few = {name: column[:8] for name, column in table.items()}
    write_table(folder / "predictions.parquet", few)
    metrics = {"predictions_sha256": sha256_of(folder / "predictions.parquet")}
    write_json(folder / "metrics.json", metrics)
    assert FittedModel.load(folder).predict(ethane).half_widths is None
    assert main(["predict", str(ethane), "--model", str(folder)]) == 0
    assert "at least 9 test molecules" in capsys.readouterr().err


def test_a_molecule_that_is_refused_says_why_and_spoils_no_other(fitted, ethane, monkeypatch):
    model, molecules = FittedModel.load(fitted), load_molecules(ethane)[[0, 0, 0, 0, 0]]
    molecules.positions[3] *= 1.2
    stretched = Eigenspectrum().compute(molecules)["values"][3, 0]
    predict = type(model.model).predict

    def refusing(self, features):
        if (features[:, 0] == stretched).any():
            raise ModelError("the kernel refuses it")
        return predict(self, features)

    monkeypatch.setattr(type(model.model), "predict", refusing)
    found = model.predict(molecules)
    assert np.isnan(found.energies).tolist() == [False, False, False, True, False]
    assert found.warnings[3].startswith("no prediction: the kernel refuses it")
