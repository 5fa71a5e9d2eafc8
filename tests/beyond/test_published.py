"""Published tables of tests beyond the random fold are what the published predictions say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qm7bench.artefacts.results_tree import TRACKS, PublishedFiles
from qm7bench.beyond.table import measured, read_beyond_table
from qm7bench.beyond.track import load
from qm7bench.leaderboard.published_predictions import read_published_predictions

PUBLISHED = Path(__file__).parents[2] / "results" / "published"
MARKS = {"qm7": pytest.mark.needs_qm7, "qm9": pytest.mark.slow}
REMEDY = "publish again: make publish DATASET={}, or qm7bench beyond all --published ..."
TABLES = [
    pytest.param(dataset, track, marks=mark)
    for dataset, mark in MARKS.items()
    for track in TRACKS
    if PublishedFiles(PUBLISHED / dataset).beyond(track).is_file()
]


@pytest.mark.parametrize("dataset", MARKS)
@pytest.mark.parametrize("track", TRACKS)
def test_every_published_entry_has_a_line_with_its_error_on_random_folds(dataset, track):
    files = PublishedFiles(PUBLISHED / dataset)
    if not files.beyond(track).is_file():
        pytest.skip(f"{track} says nothing about {dataset}")
    with files.summary.open(encoding="utf-8", newline="") as file:
        entries = {(line["feature"], line["model"]): line for line in csv.DictReader(file)}
    lines = read_beyond_table(files.beyond(track), load(track)).lines
    found = {(line["feature"], line["model"]): line["mae"] for line in lines}
    assert set(found) == set(entries), REMEDY.format(dataset)
    for name, mae in found.items():
        assert mae == pytest.approx(float(entries[name]["mae"])), REMEDY.format(dataset)


@pytest.mark.parametrize(("dataset", "track"), TABLES)
def test_lines_follow_from_the_predictions(dataset, track, request):
    files = PublishedFiles(PUBLISHED / dataset)
    published = read_beyond_table(files.beyond(track), load(track)).lines
    by_name = {(line["feature"], line["model"]): line for line in published}
    molecules = request.getfixturevalue(dataset)
    made = measured(load(track), molecules, read_published_predictions(files.folder)[:3])
    assert made.lines
    for line in made.lines:
        own = by_name[line["feature"], line["model"]]
        for name, value in line.items():
            expected = value if isinstance(value, str | None) else pytest.approx(value, rel=1e-6)
            assert own[name] == expected, (name, REMEDY.format(dataset))
