"""How single cells of the leaderboard read."""

from __future__ import annotations

import pytest

from qm7bench.leaderboard import cells


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.34, "0.3 s"), (59.0, "59 s"), (90.0, "1.5 min"), (3599.0, "60.0 min"), (9000.0, "2.5 h")],
)
def test_processor_time_is_told_in_the_unit_that_people_would_use(seconds, text):
    cell = cells.cpu_time({"cpu_seconds": seconds})
    assert (cell.text, cell.value) == (text, seconds)
    assert cell.hint == f"{seconds:,.1f} s"


@pytest.mark.parametrize(
    ("ours", "replicated", "mark"),
    [(2.5, True, "✓"), (1.0, False, "▼"), (9.0, False, "▲"), (None, None, "")],
)
@pytest.mark.parametrize("measure", ["mae", "rmse"])
def test_a_published_figure_carries_its_mark_and_its_source(ours, replicated, mark, measure):
    record = {"x_mae": None, "x_rmse": None, "x_source": "a paper, fold 0 only"}
    record |= {f"x_{measure}": 2.4, "x_ours": ours, "x_replicated": replicated}
    cell = cells.published("x")(record)
    word = "RMSE " if measure == "rmse" else ""
    assert cell.text == f"{word}2.4 {mark}".strip()
    assert (cell.value, cell.hint) == (2.4, "a paper, fold 0 only")


def test_where_nothing_was_published_the_cell_is_empty():
    record = {"x_mae": None, "x_rmse": None, "x_source": ""}
    assert cells.published("x")(record) == cells.Cell("")


@pytest.mark.parametrize(("coverage", "width"), [(None, None), (0.9, None)])
def test_where_there_is_no_interval_the_cell_is_empty(coverage, width):
    record = {"coverage_90": coverage, "interval_width_90": width}
    assert cells.interval("")(record) == cells.Cell("")


def test_an_interval_shows_its_width_and_its_coverage():
    cell = cells.interval("inner_")({"inner_coverage_90": 0.912, "inner_interval_width_90": 4.567})
    assert (cell.text, cell.value) == ("4.57 (91.2 %)", 4.567)
