"""The leaderboard's lines from finished entries."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.leaderboard import summary as summary_module
from qm7bench.leaderboard.columns import DTYPES, records_of
from qm7bench.leaderboard.files import to_csv
from qm7bench.leaderboard.markdown import to_markdown
from qm7bench.leaderboard.reference_values import ReferenceValue
from qm7bench.leaderboard.summary import summarize

FIRST_COLUMNS = (
    "dataset, feature, model, protocol, folds, mae, mae_std, rmse, rmse_std, mae_best_on_test, "
    "cpu_seconds, peak_memory_mb, parameters"
).split(", ")
GRID = {"alpha": [1, 2]}


def lines(dataset, entries):
    """Lines of the leaderboard as dictionaries."""
    return records_of(summarize(dataset, entries))


def test_the_columns_are_those_of_the_list_and_the_documented_ones_come_first(dataset, entry):
    frame = summarize(dataset, [entry("good", 2.0)])
    assert list(frame)[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES


def test_entries_that_also_use_other_data_are_a_track_that_follows(dataset, entry, pretrained):
    records = lines(dataset, [pretrained, entry("good", 2.0), entry("bad", 3.0)])
    assert [r["model"] for r in records] == ["good", "bad", "pretrained"]
    assert [r["extra_data"] for r in records] == ["", "", "qm9large"]
    assert [r["difference_to_best"] == 0 for r in records] == [True, False, True]


def test_a_pretraining_counts_once_for_all_folds(dataset, pretrained):
    (record,) = lines(dataset, [pretrained])
    assert record["cpu_seconds"] == 1000.0 + 2 * 1.5
    assert record["peak_memory_mb"] == 900.0


def test_entries_are_sorted_with_the_best_first(dataset, entry):
    records = lines(dataset, [entry("bad", 9.0), entry("good", 2.0), entry("fair", 5.0)])
    assert [r["model"] for r in records] == ["good", "fair", "bad"]


def test_means_and_population_deviations_over_folds(dataset, entry):
    record = lines(dataset, [entry("good", 2.0)])[0]
    assert (record["mae"], record["mae_std"]) == (2.5, 0.5)
    assert (record["rmse"], record["rmse_std"]) == (4.5, 0.5)
    assert (record["max_error"], record["folds"], record["family"]) == (7.0, "0 1", "linear")


def test_a_single_fold_has_no_deviation(dataset, entry):
    record = lines(dataset, [entry("good", 2.0, folds=(1,))])[0]
    assert (record["mae"], record["mae_std"], record["folds"]) == (3.0, 0.0, "1")


def test_costs_include_the_selection(dataset, entry):
    fixed, chosen = lines(dataset, [entry("good", 2.0), entry("bad", 9.0, grid=GRID)])
    assert (fixed["cpu_seconds"], fixed["peak_memory_mb"]) == (3.0, 101.0)
    assert (chosen["cpu_seconds"], chosen["peak_memory_mb"]) == (10.0, 300.0)


def test_only_entries_with_a_grid_have_a_best_on_test(dataset, entry):
    fixed, chosen = lines(dataset, [entry("good", 2.0), entry("bad", 9.0, grid=GRID)])
    assert (fixed["protocol"], fixed["mae_best_on_test"]) == ("fixed", None)
    assert (chosen["protocol"], chosen["mae_best_on_test"]) == ("nested", 8.5)


def test_published_figures_stand_beside_with_source_and_verdict(dataset, entry, published):
    record = lines(dataset, [entry("good", 2.0)])[0]
    assert (record["document_mae"], record["document_source"]) == (2.5, "a study")
    assert record["document_replicated"] is True
    assert (record["literature_rmse"], record["literature_replicated"]) == (40.0, False)
    assert record["literature_source"] == "a study, a table"


def test_a_figure_chosen_on_the_test_folds_is_compared_where_there_was_no_grid(
    dataset, entry, monkeypatch, study
):
    figure = ReferenceValue(2.5, None, "best_on_test", study)
    figures = {("eigenspectrum", "good", "document"): figure}
    monkeypatch.setattr(summary_module, "reference_values", lambda dataset: figures)
    (record,) = lines(dataset, [entry("good", 2.0)])
    assert (record["document_ours"], record["document_replicated"]) == (2.5, True)


def test_a_figure_of_one_fold_is_below_or_above_ours_on_that_fold(
    dataset, entry, monkeypatch, study
):
    """Our mean is above the figure here, our error on the fold that was published below it."""
    own = entry("good", 2.0)
    first, mean = own.metrics[0]["mae"], np.mean([m["mae"] for m in own.metrics])
    figure = ReferenceValue(0.99 * mean, None, "nested", study, fold=0)
    assert first < 0.85 * figure.mae
    figures = {("eigenspectrum", "good", "document"): figure}
    monkeypatch.setattr(summary_module, "reference_values", lambda dataset: figures)
    frame = summarize(dataset, [own])
    assert frame["document_ours"].tolist() == [first]
    assert f"| {figure.mae:g} ▼ |" in to_markdown(frame)


@pytest.mark.parametrize(("folds", "known"), [((0, 1), True), ((0,), False)])
def test_intervals_across_folds_need_two_of_them(dataset, entry, folds, known):
    record = lines(dataset, [entry("good", 2.0, folds=folds)])[0]
    assert (record["coverage_90"] is not None) is known
    assert (record["interval_width_90"] is not None) is known


def test_intervals_of_inner_folds_stand_only_where_every_fold_has_them(dataset, entry):
    own = entry("good", 2.0)
    own.metrics[0]["inner_interval_90"] = {"coverage": 0.9, "mean_width": 4.0}
    assert lines(dataset, [own])[0]["inner_interval_width_90"] is None
    own.metrics[1]["inner_interval_90"] = {"coverage": 1.0, "mean_width": 6.0}
    record = lines(dataset, [own])[0]
    assert record["inner_coverage_90"] == pytest.approx(0.95)
    assert record["inner_interval_width_90"] == 5.0


def test_molecules_without_prediction_are_counted_beside_the_error(dataset, entry):
    lacking = entry("lacking", 2.0)
    lacking.metrics[1]["unpredicted"] = 3
    lacking.predictions["prediction"][[1, 5, 9]] = np.nan
    whole = entry("whole", 4.0)
    records = lines(dataset, [lacking, whole])
    assert [r["unpredicted"] for r in records] == [3, 0]
    assert records[1]["q_value"] < 0.05
    assert "2.500 ± 0.500 (3 not predicted) |" in to_markdown(summarize(dataset, [lacking, whole]))


def test_a_fold_and_an_entry_without_any_prediction_are_gaps(dataset, entry):
    part, none = entry("part", 2.0), entry("none", 9.0)
    nothing = {"mae": None, "rmse": None, "largest_error": None, "unpredicted": 20}
    for own, folds in ((part, (1,)), (none, (0, 1))):
        for fold in folds:
            own.metrics[fold] |= nothing
            of_fold = own.predictions["fold"] == fold
            own.predictions["prediction"][of_fold] = np.nan
    frame = summarize(dataset, [none, part])
    records = {r["model"]: r for r in records_of(frame)}
    assert list(records) == ["part", "none"]
    assert (records["part"]["mae"], records["part"]["max_error"]) == (2.0, 6.0)
    assert (records["none"]["mae"], records["none"]["unpredicted"]) == (None, 40)
    assert "none (40 not predicted) |" in to_markdown(frame)
    assert to_csv(frame)
