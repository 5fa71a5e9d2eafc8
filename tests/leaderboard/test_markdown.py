"""The leaderboard as Markdown."""

from __future__ import annotations

import re
from dataclasses import replace

from qm7bench.leaderboard import markdown as markdown_module
from qm7bench.leaderboard.columns import COLUMNS
from qm7bench.leaderboard.markdown import (
    best_to_markdown,
    columns_to_markdown,
    to_markdown,
)
from qm7bench.leaderboard.reference_values import OtherMethod
from qm7bench.leaderboard.summary import summarize


def text_of(dataset, *entries):
    return to_markdown(summarize(dataset, entries))


def tables(text):
    """Cells of each line by its heading, all tables together."""
    found = []
    for block in text.strip().split("\n\n"):
        if block.startswith("|"):
            head, _, *body = [
                [cell.strip() for cell in line.strip("|").split("|")] for line in block.split("\n")
            ]
            found += [dict(zip(head, line, strict=True)) for line in body]
    return found


def test_the_table_has_one_line_for_each_entry(dataset, entry, published):
    text = text_of(dataset, entry("good", 2.0), entry("twin", 2.0), entry("bad", 9.0))
    good, twin, bad = tables(text)
    assert good["MAE"] == "2.500 ± 0.500"
    assert good["replicated study"] == "2.5 ✓"
    assert good["literature"] == "RMSE 40 ▼"
    assert good["to best"] == ""
    assert twin["to best"] == "+0.000°"
    assert bad["to best"] == "+8.365"


def test_every_shown_column_is_explained(dataset, entry):
    text = text_of(dataset, entry("good", 2.0))
    for column in COLUMNS:
        if column.title and column.name not in ("feature", "model"):
            assert f"- **{column.title}**: {column.help}" in text


def test_separate_tracks_have_tables_of_their_own(dataset, entry, pretrained):
    text = text_of(dataset, pretrained, entry("good", 2.0))
    main, other = text.split("Separate track: also uses energies of qm9large:")
    assert "| good |" in main
    assert "| pretrained |" not in main
    assert "| pretrained |" in other


def test_an_entry_of_one_fold_names_it_and_has_no_spread(dataset, entry):
    lucky, _ = tables(text_of(dataset, entry("lucky", 1.0, folds=(0,)), entry("good", 2.0)))
    assert lucky["MAE"] == "1.000 (fold 0)"
    assert lucky["RMSE"] == "2.000"


def test_an_entry_of_fewer_folds_than_others_names_them(dataset, entry):
    dataset.folds[::3] = 2
    text = text_of(dataset, entry("whole", 1.0, folds=(0, 1, 2)), entry("part", 2.0, folds=(0, 2)))
    whole, part = tables(text)
    assert re.fullmatch(r"[\d.]+ ± [\d.]+ \(folds 0 2\)", part["MAE"])
    assert "fold" not in whole["MAE"]
    assert "over test folds 0 1 2." in text


def test_an_entry_that_is_better_on_the_shared_molecules_has_a_negative_difference(dataset, entry):
    good, other = entry("good", 2.0), entry("other", 1.0)
    other.metrics[0]["mae"] = 99.0
    assert tables(text_of(dataset, good, other))[1]["to best"] == "-1.195"


def test_a_difference_to_the_entry_above_is_marked_by_its_own_test(dataset, entry):
    text = text_of(dataset, entry("good", 2.0), entry("bad", 9.0), entry("twin", 9.0))
    _, bad, twin = tables(text)
    assert (bad["to best"], bad["to above"]) == ("+8.365", "+8.365")
    assert (twin["to best"], twin["to above"]) == ("+8.365", "+0.000°")


def test_choices_on_edges_are_marked_and_budgets_named(dataset, entry):
    own = entry("good", 2.0, grid={"alpha": [1, 2]}, edges=["alpha"])
    own = replace(own, metrics=[{**m, "budget": "quick"} for m in own.metrics])
    text = text_of(dataset, own)
    assert "| good (!) |" in text
    assert "the choice sits on an edge of the grid (alpha); widen it in config.yaml" in text
    assert "were run with: quick" in text


def test_without_edges_there_is_no_warning(dataset, entry):
    assert "\n(!)" not in text_of(dataset, entry("good", 2.0))


def test_figures_are_followed_by_their_sources(dataset, entry, published, study, monkeypatch):
    monkeypatch.setattr(markdown_module, "cited", lambda name, entries: [study])
    text = text_of(dataset, entry("good", 2.0))
    line = "- **a study**: A. Author, *A Title*, a journal (2024), <https://doi.org/10.1/2>"
    assert line in text.splitlines()


def test_published_methods_without_an_entry_stand_below_with_their_source(
    dataset, entry, study, monkeypatch
):
    methods = [OtherMethod("another net", 1.25, None, study, "the same folds")]
    monkeypatch.setattr(markdown_module, "other_methods", lambda name: methods)
    text = text_of(dataset, entry("good", 2.0))
    assert "| another net | 1.25 |  | a study | the same folds |" in text
    assert text.count("*A Title*") == 1


def test_a_data_set_without_published_figures_has_no_sources(dataset, entry):
    assert "Sources:" not in text_of(dataset, entry("good", 2.0))


def test_the_best_entries_of_separate_tracks_are_told_in_a_line(dataset, entry, pretrained):
    frame = summarize(dataset, [entry("good", 2.0), entry("bad", 3.0), pretrained])
    text = best_to_markdown(frame, "all.md")
    assert [line["model"] for line in tables(text)] == ["good", "bad"]
    (line,) = [line for line in text.splitlines() if line.startswith("Separate track")]
    assert "also uses energies of qm9large, so that it is not ranked here" in line
    assert "Best: eigenspectrum pretrained, MAE 1.500 ± 0.500 kcal/mol." in line
    assert "[All 3 entries](all.md)" in text


def test_the_documentation_explains_every_column_of_the_files():
    lines = tables(columns_to_markdown())
    assert [line["name"] for line in lines] == [f"`{column.name}`" for column in COLUMNS]
    assert all(line["meaning"].endswith((".", "...")) for line in lines)
    assert {line["unit"] for line in lines} == {"", "kcal/mol", "s", "MB"}
