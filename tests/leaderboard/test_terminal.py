"""The best entries in a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qm7bench.leaderboard.files import write_parquet
from qm7bench.leaderboard.summary import summarize
from qm7bench.leaderboard.terminal import WIDTH, best_entries, closing_words

LONG = "support_vector_regression_standardized_and_longer"


def test_the_ten_best_are_shown_with_what_is_left_out(dataset, entry):
    text = best_entries(summarize(dataset, [entry(f"m{i}x", 1.0 + i) for i in range(12)]))
    assert [f"/m{i}x " in text for i in range(12)] == [True] * 10 + [False] * 2
    assert "and 2 more" in text
    assert re.search(r"^ 1 +eigenspectrum/m0x +1\.500 ± 0\.500 +2\.500 +3\.0 s$", text, re.M)


def test_few_entries_leave_nothing_out(dataset, entry):
    assert " more" not in best_entries(summarize(dataset, [entry("good", 1.0)]))


def test_best_on_test_stands_under_a_heading_that_says_what_it_is(dataset, entry):
    own = entry("good", 1.0, grid={"alpha": [1, 2]})
    lines = best_entries(summarize(dataset, [own])).splitlines()
    head = next(i for i, line in enumerate(lines) if "best on test" in line)
    assert lines[head + 1].split() == ["(optimistic)"]
    assert lines[head + 2].split()[-3:] == ["0.500", "10", "s"]


def test_separate_tracks_stand_apart_with_three_entries_each(dataset, entry, pretrained):
    others = [replace(pretrained, model=f"pretrained{i}") for i in range(4)]
    text = best_entries(summarize(dataset, [entry("good", 2.0), *others]))
    main, separate = text.split("Separate track: also uses energies of qm9large")
    assert "/good " in main
    assert "pretrained" not in main
    assert [f"/pretrained{i} " in separate for i in range(4)] == [True] * 3 + [False]
    assert "and 1 more" in separate


def test_incomplete_entries_are_marked_and_their_folds_named(dataset, entry):
    entries = [entry("whole", 2.0), entry("part", 1.0, folds=(0,))]
    text = best_entries(summarize(dataset, entries))
    assert "eigenspectrum/part * " in text
    assert "eigenspectrum/whole  " in text
    assert "* tested on some of the folds only: eigenspectrum/part (fold 0)." in text


def test_entries_that_all_have_one_fold_are_not_marked(dataset, entry):
    text = best_entries(summarize(dataset, [entry("good", 2.0, folds=(0,))]))
    assert "*" not in text


@pytest.mark.parametrize("model", ["m", LONG])
def test_no_line_is_wider_than_the_terminal_whatever_the_names(dataset, entry, model):
    own = replace(
        entry(model, 1234.5, grid={"alpha": [1]}), feature="columns_sorted_coulomb_matrix"
    )
    text = best_entries(summarize(dataset, [own, entry("good", 2.0)]))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert model in "".join(text.split())


def test_a_run_ends_with_the_best_entries_and_where_the_rest_is(
    dataset, entry, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    frame = summarize(dataset, [entry("good", 2.0)])
    write_parquet(tmp_path / "results" / "mine" / "summary.parquet", frame)
    text = closing_words("mine")
    assert "eigenspectrum/good" in text
    assert "The whole table: results/mine/summary.md" in text
    assert "report.html" not in text
    (tmp_path / "results" / "mine" / "report.html").touch()
    assert "open results/mine/report.html in a browser" in closing_words("mine")
    assert "quick look" not in text


def test_a_quick_look_says_that_it_is_one(dataset, entry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = summarize(dataset, [entry("good", 2.0)])
    write_parquet(tmp_path / "results" / "mine-quick" / "summary.parquet", frame)
    assert "`make full` runs everything" in closing_words("mine-quick")


def test_a_run_without_a_leaderboard_ends_with_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert closing_words("mine") == ""
