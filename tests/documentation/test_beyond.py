"""The page on tests beyond the random fold: its marks ask for tables."""

from __future__ import annotations

import csv

import pytest

from qm7bench.beyond.isomers import TRACK
from qm7bench.beyond.table import BeyondTable, write_beyond_table
from qm7bench.documentation.beyond import beyond_page
from qm7bench.errors import ArtefactError

BEFORE, AFTER = "Words.\n\n", "\n\nMore words.\n"


def marks(dataset, track):
    start = f"<!-- beyond: {dataset} {track}, made by `qm7bench document` -->"
    return start, f"<!-- end of {dataset} {track} -->"


def page(dataset, track):
    return BEFORE + "\noutdated\n".join(marks(dataset, track)) + AFTER


@pytest.fixture
def published(tmp_path):
    """Published results of a repository with one entry."""
    folder = tmp_path / "results" / "published" / "qm7"
    line = dict.fromkeys((column.name for column in BeyondTable(TRACK, []).columns), 1.25)
    line |= {"feature": "f", "model": "m", "extra_data": "", "folds": "0 1", "largest": "C7H16"}
    write_beyond_table(folder / "beyond" / "isomers.csv", BeyondTable(TRACK, [line]))
    (folder / "beyond" / "size").mkdir()
    for path, mae in ((folder, 0.5), (folder / "beyond" / "size", 2.0)):
        with (path / "summary.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, ["feature", "model", "mae", "rmse"])
            writer.writeheader()
            writer.writerow({"feature": "f", "model": "m", "mae": mae, "rmse": 2 * mae})
    return tmp_path


@pytest.mark.parametrize(
    ("dataset", "track", "expected"),
    [
        ("qm7", "isomers", "| f | m | 1.250 | 1.250 | 1.2500 | 1.25 | 1.250 | C7H16 |"),
        ("columns", "isomers", "- **Kendall's τ**: Agreement"),
        ("qm7", "size", "| f | m | 2.000 | 4.000 | 0.500 |"),
    ],
)
def test_what_a_mark_asks_for_stands_behind_it(published, dataset, track, expected):
    text = beyond_page(page(dataset, track), published)
    start, end = marks(dataset, track)
    assert text.startswith(f"{BEFORE}{start}\n\n")
    assert text.endswith(f"\n\n{end}{AFTER}")
    assert expected in text
    assert "outdated" not in text


def test_a_table_that_is_not_published_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match=r"isomers.csv: does not exist"):
        beyond_page(page("qm9", "isomers"), tmp_path)


def test_a_mark_without_its_end_is_an_error(published):
    with pytest.raises(ArtefactError, match=r"docs/beyond\.md: lacks the marks"):
        beyond_page(marks("qm7", "isomers")[0], published)
