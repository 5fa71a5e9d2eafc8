"""Relaxed molecules and their predictions, from the command line."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json, sha256_of
from qm7bench.artefacts.parquet import read_table
from qm7bench.beyond.geometry import measure
from qm7bench.cli import main
from qm7bench.datasets.storage import read_dataset, write_dataset

SETTINGS = {"module": "ridge", "parameters": {"alpha": 0.1}, "grid": {}, "seed": 0}


@pytest.fixture(scope="module")
def results(small_molecules, tmp_path_factory):
    """Folder of results with a ridge on fold 0, and four relaxed molecules of that fold."""
    folder = tmp_path_factory.mktemp("results")
    dataset, feature = folder / "dataset" / "metadata.json", folder / "feature" / "metadata.json"
    write_dataset(dataset, small_molecules[small_molecules.sizes <= 12], {"sha256": "0" * 64})
    eigenspectrum = json.dumps({"module": "eigenspectrum", "parameters": {}})
    run("feature", dataset, "--name", "e", "--settings", eigenspectrum, "--output", feature)
    words = ["--dataset", dataset, "--feature", feature, "--feature-name", "eigenspectrum"]
    words += ["--model", "ridge", "--settings", json.dumps(SETTINGS), "--fold", 0]
    run("fit", *words, "--output", folder / "models" / "eigenspectrum" / "ridge" / "fold0")
    relax(folder, folder / "beyond" / "relaxed" / "metadata.json")
    return folder


def run(*words):
    assert main([str(word) for word in words]) == 0


def relax(folder, output):
    run("relax", folder / "dataset" / "metadata.json", "--fold", 0, "--molecules", 4,
        "--seed", 1, "--output", output)  # fmt: skip


def predict(folder, relaxed=None):
    return main(
        [
            *("geometry", "--dataset", str(folder / "dataset" / "metadata.json")),
            *("--relaxed", str(relaxed or folder / "beyond" / "relaxed" / "metadata.json")),
            *("--models", str(folder / "models"), "--rows", "eigenspectrum/ridge"),
            *("--output", str(folder / "beyond" / "geometry")),
        ]
    )


def test_relaxed_molecules_are_a_data_set_that_says_how_it_was_made(results):
    relaxed = results / "beyond" / "relaxed" / "metadata.json"
    found, known = read_dataset(relaxed), read_dataset(results / "dataset" / "metadata.json")
    assert len(found) == 4
    assert set(found.folds) == {0}
    kept = known[np.searchsorted(known.ids, found.ids)]
    np.testing.assert_array_equal(found.energies, kept.energies)
    assert not np.allclose(found.positions, kept.positions, atol=1e-3)
    made_from = read_json(relaxed)["made_from"]
    assert made_from["sha256"] == sha256_of(results / "dataset" / "metadata.json")
    told = {name: made_from[name] for name in ("fold", "seed", "sampled", "failed", "method")}
    assert told == {"fold": 0, "seed": 1, "sampled": 4, "failed": [], "method": "GFN2-xTB"}
    changes = read_table(relaxed.with_name("relaxation.parquet"))
    assert changes["id"].tolist() == found.ids.tolist()
    assert (changes["energy"] < 0).all()
    assert (changes["deviation"] > 0).all()


def test_relaxing_again_gives_the_same_bytes(results, tmp_path):
    again = tmp_path / "metadata.json"
    relax(results, again)
    assert again.read_bytes() == (results / "beyond" / "relaxed" / "metadata.json").read_bytes()


def test_the_table_is_of_the_predictions_beside_it(results):
    assert predict(results) == 0
    found = read_table(results / "beyond" / "geometry" / "predictions.parquet")
    known = read_dataset(results / "dataset" / "metadata.json")
    energies = known.energies[np.searchsorted(known.ids, found["id"])]
    expected = measure(
        energies,
        found["prediction"],
        found["relaxed_prediction"],
        found["deviation"],
        found["energy"],
    )
    with (results / "beyond" / "geometry.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["feature"], line["model"], line["folds"]) == ("eigenspectrum", "ridge", "0")
    assert {name: float(line[name]) for name in expected} == pytest.approx(expected)
    assert (results / "beyond" / "geometry.md").read_text().startswith("# A user's geometry")


def test_the_data_sets_geometries_are_predicted_as_the_fit_did(results):
    assert predict(results) == 0
    found = read_table(results / "beyond" / "geometry" / "predictions.parquet")
    fit = results / "models" / "eigenspectrum" / "ridge" / "fold0" / "predictions.parquet"
    known = read_table(fit)
    places = [known["id"].tolist().index(i) for i in found["id"].tolist()]
    np.testing.assert_allclose(found["prediction"], known["prediction"][places], atol=1e-8)
    assert np.abs(found["relaxed_prediction"] - found["prediction"]).min() > 1e-3


def test_it_is_written_what_made_the_models(results):
    assert predict(results) == 0
    found = read_json(results / "beyond" / "geometry" / "provenance.json")
    fit = results / "models" / "eigenspectrum" / "ridge" / "fold0"
    assert found["made_by"]["eigenspectrum/ridge"] == read_json(fit / "model.json")
    assert found["relaxed"]["method"] == "GFN2-xTB"


def test_molecules_of_another_data_set_are_refused(results, tmp_path, capsys, small_molecules):
    other = tmp_path / "metadata.json"
    write_dataset(other, small_molecules[:20], {"sha256": "1" * 64, "fold": 0})
    assert predict(results, other) == 1
    assert "not relaxed molecules of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--fold", "9"], "fold 9: no molecule is in it"),
        (["--fold", "0", "--molecules", "0"], "--molecules 0: give at least 1"),
        (["--fold", "0", "--molecules", "2", "--force", "0"], "a largest force of 0.0 is not > 0"),
    ],
)
def test_what_cannot_be_relaxed_is_an_error_of_one_line(results, tmp_path, capsys, words, message):
    dataset = str(results / "dataset" / "metadata.json")
    assert main(["relax", dataset, *words, "--output", str(tmp_path / "metadata.json")]) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
