"""Published errors on relaxed geometries are what the published predictions say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.geometry_tree import GeometryFiles
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import PublishedFiles
from qm7bench.beyond.geometry import TRACK, measure
from qm7bench.beyond.table import read_beyond_table

PUBLISHED = Path(__file__).parents[2] / "results" / "published" / "qm7"
FILES = GeometryFiles.of(PUBLISHED)
LINES = read_beyond_table(FILES.table, TRACK).lines
NAMES = [f"{line['feature']}/{line['model']}" for line in LINES]


@pytest.fixture(scope="module")
def predictions():
    """Predictions of every entry by its name."""
    table = read_table(FILES.predictions)
    names = np.array([f"{f}/{m}" for f, m in zip(table["feature"], table["model"], strict=True)])
    return {
        name: {column: values[names == name] for column, values in table.items()} for name in NAMES
    }


@pytest.mark.needs_qm7
@pytest.mark.parametrize(("name", "line"), zip(NAMES, LINES, strict=True))
def test_errors_follow_from_the_predictions(name, line, predictions, qm7):
    own = predictions[name]
    energies = qm7.energies[np.searchsorted(qm7.ids, own["id"])]
    columns = ("prediction", "relaxed_prediction", "deviation", "energy")
    expected = measure(energies, *(own[column] for column in columns))
    assert {column: line[column] for column in expected} == pytest.approx(expected, rel=1e-6)
    assert set(qm7.folds[np.searchsorted(qm7.ids, own["id"])]) == {0}


@pytest.mark.parametrize("name", NAMES)
def test_the_models_are_those_of_the_leaderboard(name, predictions):
    """Trained again, by the same settings and seeds."""
    published = read_table(PublishedFiles(PUBLISHED).predictions(*name.split("/")))
    known = dict(zip(published["id"].tolist(), published["prediction"].tolist(), strict=True))
    own = predictions[name]
    differences = own["prediction"] - [known[i] for i in own["id"].tolist()]
    assert np.abs(differences).mean() < 0.01  # kcal/mol


def test_it_is_known_how_they_were_made():
    found = read_json(FILES.provenance)
    assert set(found["made_by"]) == set(NAMES)
    assert found["relaxed"]["failed"] == []
    assert {made["fold"] for made in found["made_by"].values()} == {found["relaxed"]["fold"]}
