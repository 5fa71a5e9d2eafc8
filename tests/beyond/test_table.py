"""Tables of tests beyond the random fold: from entries to files and back, on pages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.artefacts.results_tree import TRACKS
from qm7bench.beyond.markdown import BEST, best_to_markdown, to_markdown
from qm7bench.beyond.table import measured, read_beyond_table, write_beyond_table
from qm7bench.beyond.track import Column, NotApplicableError, Track, load
from qm7bench.errors import ArtefactError, UserError
from qm7bench.leaderboard.published_predictions import PredictedEntry

COLUMNS = (
    Column("error", "kcal/mol", "error", "Mean absolute error."),
    Column("molecules", "", "molecules", "Molecules with a prediction.", "{:,.0f}"),
    Column("largest", "", "", "Formula of the largest."),
)


def prepared(dataset):
    """Measure of a track that is easy to check."""

    def measure(predictions):
        known = np.isfinite(predictions)
        errors = np.abs(predictions - dataset.energies)[known]
        mean = errors.mean() if known.any() else np.nan
        return {"error": mean, "molecules": known.sum(), "largest": "C7H16"}

    return measure


def refused(dataset):
    raise NotApplicableError("No molecule has a nose.")


TRACK = Track("mine", "Mine", "Measures errors.", COLUMNS, prepared)


@pytest.fixture
def entry(molecules):
    """Make an entry with the same error for all of its molecules, which are in no order."""

    def make(model, error, extra_data="", number=100):
        order = np.random.default_rng(1).permutation(number)
        chosen = molecules[order]
        energies = chosen.energies + error
        return PredictedEntry(
            "f", model, extra_data, "0 1", 1.5, chosen.ids, chosen.folds, energies
        )

    return make


@pytest.fixture
def table(molecules, entry):
    entries = [entry("bad", 3.0), entry("other", 0.5, "qm9large"), entry("good", 1.0, number=50)]
    return measured(TRACK, molecules, [*entries, entry("silent", np.nan)])


def test_entries_are_sorted_by_the_first_column_separate_tracks_last(table):
    assert [line["model"] for line in table.lines] == ["good", "bad", "silent", "other"]
    assert [line["molecules"] for line in table.lines] == [50, 100, 0, 100]
    assert table.lines[0]["error"] == pytest.approx(1.0)
    assert table.lines[2]["error"] is None
    assert table.lines[0]["mae"] == 1.5


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_is_read_as_it_was_written(table, tmp_path, ending):
    path = tmp_path / f"mine.{ending}"
    write_beyond_table(path, table)
    assert read_beyond_table(path, TRACK).lines == table.lines


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_track_that_does_not_apply_leaves_a_table_without_lines(molecules, tmp_path, ending):
    track = Track("mine", "Mine", "Measures errors.", COLUMNS, refused)
    table = measured(track, molecules, [])
    assert (table.lines, table.why_not) == ([], "No molecule has a nose.")
    assert "No molecule has a nose." in to_markdown(table)
    path = tmp_path / f"mine.{ending}"
    write_beyond_table(path, table)
    assert read_beyond_table(path, track).lines == []


def test_a_table_without_a_column_is_an_error(table, tmp_path):
    path = tmp_path / "mine.csv"
    write_beyond_table(path, table)
    path.write_text(path.read_text().replace("molecules", "others"))
    with pytest.raises(ArtefactError, match=r"mine.csv: lacks the column molecules; make the"):
        read_beyond_table(path, TRACK)


def test_a_table_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="does not exist; make the table first"):
        read_beyond_table(tmp_path / "mine.csv", TRACK)


def test_a_molecule_of_another_data_set_is_an_error(molecules, entry):
    with pytest.raises(ArtefactError, match=r"f/mine: predicts molecule \d+, which the data set"):
        measured(TRACK, molecules[:20], [entry("mine", 1.0)])


def test_an_unknown_track_is_an_error():
    with pytest.raises(UserError, match="unknown track 'isomer'; known: isomers"):
        load("isomer")


@pytest.mark.parametrize("name", TRACKS)
def test_every_track_describes_itself(name):
    track = load(name)
    assert track.name == name
    assert track.meaning.endswith(".")
    assert len({column.name for column in track.columns}) == len(track.columns)
    assert all(column.help.endswith(".") for column in track.columns)
    assert track.columns[0].title


def test_pages_show_the_best_the_known_and_each_separate_track(molecules, entry):
    entries = [entry(f"m{i:02d}", 1.0 + i) for i in range(BEST + 5)]
    entries += [entry("s0", 1.0, "qm9large"), entry("s1", 2.0, "qm9large")]
    known = entry("kernel_ridge_laplacian", 99.0)
    entries.append(replace(known, feature="bag_of_bonds"))
    text = best_to_markdown(measured(TRACK, molecules, entries))
    models = [line.split("|")[2].strip() for line in text.splitlines() if line[:3] == "| f"]
    assert models == ["model", *(f"m{i:02d}" for i in range(BEST)), "s0"]
    assert "| bag_of_bonds | kernel_ridge_laplacian |" in text
    assert text.startswith(f"{BEST + 2} of {BEST + 8} entries")


def test_the_whole_table_says_what_its_columns_mean(table):
    text = to_markdown(table)
    assert "| feature | model | also uses | MAE, random folds | error | molecules |" in text
    assert "| f | silent |  | 1.500 |  | 0 |" in text
    assert "- **error** (kcal/mol): Mean absolute error." in text
