"""Leaderboards between the marks of documents."""

from __future__ import annotations

import pytest

from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.documents import (
    CURVES,
    LEADERBOARD,
    replaced,
    update_best,
    update_whole,
)
from qm7bench.leaderboard.summary import summarize

START, END = LEADERBOARD
CURVE = {
    "dataset": "mine",
    "feature": "eigenspectrum",
    "model": "good",
    "training_molecules": 100,
    "all_molecules": 1,
    "mae": 7.25,
    "mae_std": 0.5,
    "points": 2,
    "exponent": 0.5,
    "exponent_error": None,
}


@pytest.fixture
def frame(dataset, entry):
    return summarize(dataset, [entry(f"model{i}", 1.0 + i) for i in range(12)])


def test_a_table_is_put_between_the_marks_and_can_be_put_there_again():
    once = replaced(f"before {START} old {END} after", "| new |\n", LEADERBOARD)
    assert once == f"before {START}\n\n| new |\n\n{END} after"
    assert replaced(once, "| new |", LEADERBOARD) == once


@pytest.mark.parametrize("text", ["no marks", START, END, f"{END} {START}"])
def test_a_document_without_both_marks_is_an_error_that_names_it(text):
    with pytest.raises(ArtefactError, match=r"page\.md: lacks the marks"):
        replaced(text, "table", LEADERBOARD, "page.md")


def test_a_page_gets_every_entry_and_the_learning_curves_where_it_has_their_marks(frame, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"a {START}{END} b {CURVES[0]}{CURVES[1]} c")
    update_whole(page, frame, [CURVE])
    text = page.read_text()
    assert all(f"| model{i} |" in text for i in range(12))
    assert "7.25 ± 0.50" in text.partition(CURVES[0])[2]
    page.write_text(f"a {START}{END} b")
    update_whole(page, frame, [CURVE])
    assert "7.25" not in page.read_text()


def test_without_learning_curves_what_stands_there_stays(frame, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"{START}{END}{CURVES[0]} kept {CURVES[1]}")
    update_whole(page, frame, [])
    assert f"{CURVES[0]} kept {CURVES[1]}" in page.read_text()


def test_a_readme_gets_ten_entries_and_a_link_to_all_from_where_it_is(frame, tmp_path):
    page = tmp_path / "sub" / "README.md"
    page.parent.mkdir()
    page.write_text(f"{START}{END}")
    update_best(page, frame, tmp_path / "docs" / "leaderboard.md")
    text = page.read_text()
    assert [f"| model{i} |" in text for i in range(12)] == [True] * 10 + [False] * 2
    assert "[All 12 entries](../docs/leaderboard.md)" in text


def test_a_document_that_does_not_exist_is_an_error(frame, tmp_path):
    with pytest.raises(ArtefactError, match=r"nowhere\.md: does not exist"):
        update_best(tmp_path / "nowhere.md", frame, tmp_path / "all.md")
    with pytest.raises(ArtefactError, match=r"nowhere\.md: does not exist"):
        update_whole(tmp_path / "nowhere.md", frame, [])
