"""Learning curves from points to table, figure and published table."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from report_example import FOLDS, small_dataset, write_results

from qm7bench.artefacts.artefact import read_json, sha256_of, write_json
from qm7bench.artefacts.parquet import write_records
from qm7bench.artefacts.results_tree import EntryFiles
from qm7bench.cli import main
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.documents import CURVES
from qm7bench.leaderboard.files import write_csv
from qm7bench.leaderboard.learning_curves import (
    PowerLaw,
    by_entry,
    curve_records,
    merged,
    read_curves,
    to_markdown,
)
from qm7bench.leaderboard.publishing import publish_curves

ROWS = ("sorted_coulomb_matrix/kernel_ridge_gaussian", "radius_graph/schnet-quick")
SIZES = (10, 20, 40, 500)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of a run with points that follow 300 n^-0.5 times 1 or 3 by the draw."""
    folder = tmp_path_factory.mktemp("curves") / "qm7"
    dataset = small_dataset()
    write_results(folder, dataset)
    sha256 = sha256_of(folder / "dataset" / "metadata.json")
    for row in ROWS:
        for fold in (0, 1):
            fit = folder / "models" / row / f"fold{fold}"
            whole = {"training_molecules": 100, "mae": 60.0, "rmse": 80.0}
            write_json(fit / "metrics.json", {**read_json(fit / "metrics.json"), **whole})
            made_by = {**read_json(fit / "model.json"), "dataset": {"sha256": sha256}}
            write_json(fit / "model.json", made_by)
            for size in SIZES:
                for draw, factor in enumerate((1, 3)):
                    mae = 300 * factor * size**-0.5
                    point = {
                        "fold": fold,
                        "left_out": size >= 100,
                        "dataset": {"sha256": sha256},
                        "mae": mae,
                        "rmse": 2 * mae,
                        "cpu_seconds": 1.5,
                        "peak_memory_mb": 100.0 + draw,
                    }
                    name = f"fold{fold}/size{size}.draw{draw}.json"
                    write_json(folder / "learning_curves" / row / name, point)
    return folder


@pytest.fixture
def records(results):
    return [r for row in ROWS for r in records_of(results, row)]


def records_of(results, row, sizes=SIZES):
    sha256 = sha256_of(results / "dataset" / "metadata.json")
    curve = {"row": row, "sizes": sizes, "draws": 2, "folds": [0, 1]}
    return curve_records("qm7", sha256, results / "models", results / "learning_curves", curve)


def test_a_power_law_is_found_again():
    sizes = np.array([100, 200, 400, 5732])
    law = PowerLaw.fitted(sizes, 700 * sizes**-0.75)
    assert (law.prefactor, law.exponent) == (pytest.approx(700), pytest.approx(0.75))
    assert law.standard_error == pytest.approx(0, abs=1e-9)


def test_the_standard_error_is_that_of_least_squares(rng):
    x = np.log([100, 200, 400, 800, 1600])
    y = 5 - 0.6 * x + rng.normal(0, 0.1, 5)
    law = PowerLaw.fitted(np.exp(x), np.exp(y))
    design = np.column_stack([np.ones(5), x])
    coefficients, residuals, _, _ = np.linalg.lstsq(design, y, rcond=None)
    variance = residuals[0] / 3 / ((x - x.mean()) ** 2).sum()
    assert law.exponent == pytest.approx(-coefficients[1])
    assert law.standard_error == pytest.approx(np.sqrt(variance))


def test_two_sizes_have_an_exponent_without_error_and_one_has_none():
    law = PowerLaw.fitted([100, 400], [2.0, 1.0])
    assert (law.prefactor, law.exponent) == pytest.approx((20, 0.5))
    assert law.standard_error is None
    assert PowerLaw.fitted([100], [2.0]) is None


def test_an_error_of_exactly_zero_follows_no_power_law():
    assert PowerLaw.fitted([100, 200, 400], [2.0, 1.0, 0.0]) is None


def test_means_and_deviations_are_over_folds_and_draws(results):
    found = records_of(results, ROWS[0])
    assert [r["training_molecules"] for r in found] == [10, 20, 40, 100]
    assert [r["points"] for r in found] == [4, 4, 4, 2]
    assert (found[0]["mae"], found[0]["mae_std"]) == pytest.approx((600 / 10**0.5, 300 / 10**0.5))
    assert found[0]["rmse"] == pytest.approx(2 * found[0]["mae"])
    assert (found[0]["folds"], found[0]["draws"], found[0]["cpu_seconds"]) == ("0 1", 2, 6.0)
    assert found[0]["peak_memory_mb"] == 101.0


def test_the_last_point_costs_its_share_of_the_selection_too(results):
    files = EntryFiles(results / "models" / ROWS[0])
    selection = read_json(files.selection_cost)
    fits = [read_json(files.fit(fold).metrics) for fold in (0, 1)]
    last = records_of(results, ROWS[0])[-1]
    share = 2 * selection["cpu_seconds"] / len(files.finished_folds())
    assert last["cpu_seconds"] == pytest.approx(sum(m["cpu_seconds"] for m in fits) + share)
    largest = max(m["peak_memory_mb"] for m in [selection, *fits])
    assert last["peak_memory_mb"] == largest


def test_the_last_point_is_the_entry_itself_and_counts_in_the_fit(results):
    found = records_of(results, ROWS[0])
    assert (found[-1]["all_molecules"], found[-1]["mae"], found[-1]["draws"]) == (1, 60.0, 0)
    assert {r["fitted_sizes"] for r in found} == {"10 20 40 100"}
    assert found[0]["exponent"] == pytest.approx(0.5)  # 600 n^-0.5 is 60 at 100


def test_a_point_without_predictions_does_not_count(results):
    path = results / "learning_curves" / ROWS[0] / "fold0" / "size10.draw1.json"
    before = read_json(path)
    write_json(path, {**before, "mae": None, "rmse": None})
    try:
        found = records_of(results, ROWS[0])
    finally:
        write_json(path, before)
    assert (found[0]["points"], found[1]["points"]) == (3, 4)


def test_an_entry_that_predicts_nothing_has_no_curve(results):
    paths = [results / "models" / ROWS[0] / f"fold{k}" / "metrics.json" for k in (0, 1)]
    before = [read_json(path) for path in paths]
    for path, metrics in zip(paths, before, strict=True):
        write_json(path, {**metrics, "mae": None, "rmse": None})
    try:
        assert records_of(results, ROWS[0]) == []
    finally:
        for path, metrics in zip(paths, before, strict=True):
            write_json(path, metrics)


def test_a_point_from_other_molecules_is_an_error(results, tmp_path):
    curve = {"row": ROWS[0], "sizes": [10], "draws": 1, "folds": [0]}
    with pytest.raises(ArtefactError, match="made from other molecules; run the workflow again"):
        curve_records("qm7", "other", results / "models", results / "learning_curves", curve)


def test_a_missing_point_is_an_error(results):
    with pytest.raises(ArtefactError, match="no such file; run the workflow again"):
        records_of(results, ROWS[0], sizes=(11,))


def test_one_point_has_no_standard_deviation(records):
    alone = [{**record, "points": 1, "mae": 0.12023, "mae_std": 0.0} for record in records]
    text = to_markdown(alone)
    assert "| 0.120 |" in text
    assert "0.120 ±" not in text


def test_the_markdown_has_a_line_for_each_entry_and_says_what_it_was_fitted_to(records):
    text = to_markdown(records)
    head, _, first, second = [line for line in text.splitlines() if line.startswith("|")]
    assert head == "| feature | model | 10 | 20 | 40 | all | exponent |"
    assert first.startswith("| radius_graph | schnet-quick | 189.7 ± 94.9 |")
    assert second.endswith("| 60.00 ± 0.00 | 0.50 ± 0.00 |")
    assert "all molecules among them" in text
    assert "All: the entry itself (100 molecules)" in text


def test_csv_and_parquet_give_the_records_back(records, tmp_path):
    blank = [{**r, "exponent_error": None} for r in records]
    write_csv(tmp_path / "curves.csv", pd.DataFrame(blank))
    assert read_curves(tmp_path / "curves.csv") == blank
    write_records(tmp_path / "curves.parquet", blank)
    assert read_curves(tmp_path / "curves.parquet") == blank


def test_entries_are_sorted_by_their_last_error(records):
    better = [{**r, "mae": r["mae"] / 2, "model": "better"} for r in records[:4]]
    assert [row[0]["model"] for row in by_entry([*records, *better])] == [
        "better",
        "schnet-quick",
        "kernel_ridge_gaussian",
    ]


def test_a_runs_curve_replaces_the_published_one_of_the_same_entry(records):
    one, other = by_entry(records)
    shorter = [{**r, "mae": 1.0} for r in other[:2]]
    found = merged([*one, *other], shorter)
    assert by_entry(found) == by_entry([*one, *shorter])


def test_curves_of_quick_budgets_and_of_other_entries_are_not_published(records, tmp_path):
    table = tmp_path / "learning_curves.parquet"
    write_records(table, records)
    names = {f"{r['feature']}/{r['model']}" for r in records}
    found = publish_curves(table, tmp_path / "p", [*names])
    assert {r["model"] for r in found} == {"kernel_ridge_gaussian"}
    assert publish_curves(table, tmp_path / "q", ["a/b"]) == []
    assert not (tmp_path / "q").exists()
    assert publish_curves(tmp_path / "none.parquet", tmp_path / "p", [*names]) == found


def test_the_command_line_makes_table_report_and_figure(results, tmp_path):
    curves = json.dumps([{"row": ROWS[0], "sizes": [10, 20, 40], "draws": 2, "folds": [0, 1]}])
    inputs = ["--dataset", results / "dataset" / "metadata.json", "--models", results / "models"]
    words = ["--points", results / "learning_curves", "--curves", curves]
    # As in the workflow: the tables stand beside the points' folder and have its name.
    table = results / "learning_curves"
    run("curves", *inputs, *words, "--output", table)
    assert all(table.with_suffix(ending).is_file() for ending in (".csv", ".md", ".parquet"))
    run("summarize", *inputs, "--folds", *FOLDS, "--output", tmp_path / "summary")
    words = ["--curves", table.with_suffix(".parquet")]
    words += ["--leaderboard", tmp_path / "summary.parquet"]
    words += ["--output", tmp_path / "report.html", "--explorer", tmp_path / "explore.html"]
    run("report", *inputs, *words, "--figures", tmp_path / "figures")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<a href="#learning">Learning curves</a>' in page
    assert "twice the molecules divide its error by 1.41" in page
    figure = (tmp_path / "figures" / "learning_curves.svg").read_text(encoding="utf-8")
    assert "training molecules" in figure
    assert "(0.50 ± 0.00)" in figure


def run(*words):
    assert main([str(word) for word in words]) == 0


def test_the_leaderboard_page_has_the_marks_of_the_curves(repository):
    text = (repository / "docs" / "leaderboard.md").read_text(encoding="utf-8")
    assert all(text.count(mark) == 1 for mark in CURVES)


def test_curves_without_any_prediction_say_so():
    assert to_markdown([]) == "No curve: no point has a prediction.\n"
