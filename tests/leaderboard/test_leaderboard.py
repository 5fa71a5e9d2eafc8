"""The table, from what fits leave to Markdown and CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import summary as summary_module
from qm7bench.leaderboard.markdown import to_csv, to_markdown
from qm7bench.leaderboard.reference_values import ReferenceValue
from qm7bench.leaderboard.summary import RowResult, errors, summarize

FIRST_COLUMNS = (
    "dataset, feature, model, protocol, folds, mae, mae_std, rmse, rmse_std, mae_best_on_test, "
    "cpu_seconds, peak_memory_mb, parameters"
).split(", ")


@pytest.fixture
def dataset():
    """Forty molecules in two folds, their ids in no order."""
    n = 40
    ids = np.random.default_rng(1).permutation(np.arange(100, 100 + n))
    charges, positions = np.ones((n, 1), dtype=int), np.zeros((n, 1, 3))
    return Dataset("mine", ids, charges, positions, -10.0 * np.arange(n), np.arange(n) % 2)


@pytest.fixture
def row(dataset):
    """Make a row with errors of the given size on the given folds."""

    def make(model, size, grid=None, folds=(0, 1), **changes):
        rows = np.concatenate([np.flatnonzero(dataset.folds == fold) for fold in folds])
        noise = size * (-1.0) ** np.arange(len(rows)) * (1 + np.arange(len(rows)) / 100)
        metrics = [
            {
                "fold": fold,
                "grid": grid or {},
                "budget": "",
                "mae": size + fold,
                "rmse": 2 * size + fold,
                "cpu_seconds": 1.5,
                "peak_memory_mb": 100.0 + fold,
                "number_of_parameters": 24,
            }
            for fold in folds
        ]
        predictions = {
            "id": dataset.ids[rows],
            "fold": dataset.folds[rows],
            "prediction": dataset.energies[rows] + noise,
        }
        optimistic = {"mae": size - 0.5} if grid else {}
        cost = {"cpu_seconds": 7.0, "peak_memory_mb": 300.0} if grid else {}
        result = RowResult("eigenspectrum", model, metrics, optimistic, [], cost, predictions)
        return replace(result, **changes)

    return make


@pytest.fixture
def published(monkeypatch):
    """Figures for the best row: one that is replicated, and one that is not."""
    figures = {
        ("eigenspectrum", "good", "document"): ReferenceValue(2.5, None, "nested", "a document"),
        ("eigenspectrum", "good", "literature"): ReferenceValue(None, 40.0, "nested", "a paper"),
    }
    monkeypatch.setattr(summary_module, "reference_values", lambda dataset: figures)


@pytest.fixture
def pretrained(row):
    """A row that learned from another data set too."""
    made = row("pretrained", 1.0)
    facts = {"dataset": "qm9large", "cpu_seconds": 1000.0, "peak_memory_mb": 900.0}
    return replace(made, metrics=[{**m, "pretraining": facts} for m in made.metrics])


def test_rows_with_other_data_are_a_class_of_their_own_that_follows(dataset, row, pretrained):
    records = summarize(dataset, [pretrained, row("good", 2.0), row("bad", 3.0)])
    assert [r["model"] for r in records] == ["good", "bad", "pretrained"]
    assert [r["extra_data"] for r in records] == ["", "", "qm9large"]
    assert [r["difference_to_best"] == 0 for r in records] == [True, False, True]
    main, own = to_markdown(records).split("A class of its own, which knows qm9large too:")
    assert "| good |" in main
    assert "| bad |" in main
    assert "| pretrained |" not in main
    assert "| pretrained |" in own


def test_a_pretraining_counts_once_for_all_folds(dataset, pretrained):
    (record,) = summarize(dataset, [pretrained])
    assert record["cpu_seconds"] == 1000.0 + 2 * 1.5
    assert record["peak_memory_mb"] == 900.0


def test_errors_are_joined_by_id_whatever_the_order(dataset, row):
    result = row("good", 2.0)
    order = np.random.default_rng(2).permutation(40)
    shuffled = {name: column[order] for name, column in result.predictions.items()}
    found = errors(dataset, replace(result, predictions=shuffled))
    np.testing.assert_allclose(found, errors(dataset, result)[order])
    assert np.abs(found).max() < 3.0


@pytest.mark.parametrize("stranger", [0, 120.5, 999])
def test_a_molecule_that_the_data_set_does_not_have_is_an_error(dataset, row, stranger):
    result = row("good", 2.0)
    result.predictions["id"] = result.predictions["id"].astype(float)
    result.predictions["id"][3] = stranger
    with pytest.raises(ArtefactError, match="which the data set mine does not have"):
        errors(dataset, result)


def test_rows_are_sorted_with_the_best_first(dataset, row):
    records = summarize(dataset, [row("bad", 9.0), row("good", 2.0), row("fair", 5.0)])
    assert [r["model"] for r in records] == ["good", "fair", "bad"]


def test_means_and_population_deviations_over_folds(dataset, row):
    record = summarize(dataset, [row("good", 2.0)])[0]
    assert (record["mae"], record["mae_std"]) == (2.5, 0.5)
    assert (record["rmse"], record["rmse_std"]) == (4.5, 0.5)
    assert record["folds"] == "0 1"


def test_costs_include_the_selection(dataset, row):
    fixed, chosen = summarize(dataset, [row("good", 2.0), row("bad", 9.0, grid={"alpha": [1, 2]})])
    assert (fixed["cpu_seconds"], fixed["peak_memory_mb"]) == (3.0, 101.0)
    assert (chosen["cpu_seconds"], chosen["peak_memory_mb"]) == (10.0, 300.0)


def test_only_rows_with_a_grid_have_a_best_on_test(dataset, row):
    fixed, chosen = summarize(dataset, [row("good", 2.0), row("bad", 9.0, grid={"alpha": [1, 2]})])
    assert (fixed["protocol"], fixed["mae_best_on_test"]) == ("fixed", None)
    assert (chosen["protocol"], chosen["mae_best_on_test"]) == ("nested", 8.5)


def test_every_row_is_tested_against_the_best(dataset, row):
    records = summarize(dataset, [row("good", 2.0), row("twin", 2.0), row("bad", 9.0)])
    assert [r["model"] for r in records] == ["good", "twin", "bad"]
    assert records[0]["p_value"] is None
    assert records[1]["p_value"] == 1.0
    assert records[2]["p_value"] < 1e-6
    assert records[2]["difference_to_best"] == pytest.approx(7 * 1.195)


def test_a_row_of_few_folds_is_not_what_others_are_compared_with(dataset, row):
    records = summarize(dataset, [row("lucky", 1.0, folds=(0,)), row("good", 2.0), row("bad", 9.0)])
    assert [r["model"] for r in records] == ["lucky", "good", "bad"]
    assert [r["difference_to_best"] == 0.0 for r in records] == [False, True, False]
    assert records[0]["difference_to_best"] < 0
    lucky = next(line for line in to_markdown(records).splitlines() if "lucky" in line)
    assert "(fold 0)" in lucky
    assert "± 0.000" not in lucky


def test_a_row_of_fewer_folds_than_others_names_them(dataset, row):
    dataset.folds[::3] = 2
    whole = row("whole", 1.0, folds=(0, 1, 2))
    text = to_markdown(summarize(dataset, [whole, row("part", 2.0, folds=(0, 2))]))
    part, complete = (
        next(x for x in text.splitlines() if f"| {n} |" in x) for n in ("part", "whole")
    )
    assert re.search(r"\| [\d.]+ ± [\d.]+ \(folds 0 2\) \|", part)
    assert "(fold" not in complete
    assert "over test folds 0 1 2 (or those named)" in text


def test_rows_without_molecules_in_common_are_not_compared(dataset, row):
    records = summarize(dataset, [row("good", 2.0, folds=(0,)), row("bad", 9.0, folds=(1,))])
    assert records[1]["difference_to_best"] is None


def test_published_figures_stand_beside_with_source_and_verdict(dataset, row, published):
    record = summarize(dataset, [row("good", 2.0)])[0]
    assert (record["document_mae"], record["document_source"]) == (2.5, "a document")
    assert record["document_replicated"] is True
    assert (record["literature_rmse"], record["literature_replicated"]) == (40.0, False)


def test_a_figure_of_one_fold_is_below_or_above_ours_on_that_fold(dataset, row, monkeypatch):
    """Our mean is above the figure here, our error on the fold that was published below it."""
    result = row("good", 2.0)
    first, mean = result.metrics[0]["mae"], np.mean([m["mae"] for m in result.metrics])
    figure = ReferenceValue(0.99 * mean, None, "nested", "a document", fold=0)
    assert first < 0.85 * figure.mae
    figures = {("eigenspectrum", "good", "document"): figure}
    monkeypatch.setattr(summary_module, "reference_values", lambda dataset: figures)
    (record,) = summarize(dataset, [result])
    assert record["document_ours"] == first
    assert f"| {figure.mae:g} ▼ |" in to_markdown([record])


def test_the_csv_has_the_documented_columns_first_and_full_precision(dataset, row):
    records = summarize(dataset, [row("good", 1 / 3), row("bad", 9.0)])
    read = list(csv.DictReader(io.StringIO(to_csv(records))))
    assert list(read[0])[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    assert float(read[0]["mae"]) == records[0]["mae"]
    assert read[0]["mae_best_on_test"] == ""
    assert len(read) == 2


def test_the_markdown_table_has_one_line_for_each_row(dataset, row, published):
    records = summarize(dataset, [row("good", 2.0), row("twin", 2.0), row("bad", 9.0)])
    lines = to_markdown(records).splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    assert len(table) == 2 + 3
    assert len({len(cells) for cells in table}) == 1
    header = [cell.strip() for cell in table[0]]
    cells = [{k: v.strip() for k, v in zip(header, line, strict=True)} for line in table[2:]]
    assert cells[0]["MAE"] == "2.500 ± 0.500"
    assert cells[0]["document"] == "2.5 ✓"
    assert cells[0]["literature"] == "RMSE 40 ▼"
    assert cells[0]["to best"] == ""
    assert cells[1]["to best"] == "+0.000°"
    assert cells[2]["to best"] == "+8.365"


def test_a_row_that_is_better_on_the_shared_molecules_has_a_negative_difference(dataset, row):
    good, other = row("good", 2.0), row("other", 1.0)
    other.metrics[0]["mae"] = 99.0
    assert "| -1.195 |" in to_markdown(summarize(dataset, [good, other]))


def test_the_markdown_warns_of_edges_and_names_budgets(dataset, row):
    metrics = [{**m, "budget": "quick"} for m in row("good", 2.0).metrics]
    records = summarize(dataset, [row("good", 2.0, edges=["alpha"], metrics=metrics)])
    text = to_markdown(records)
    assert "| good (!) |" in text
    assert "the choice sits on an edge of the grid (alpha); widen it in config.yaml" in text
    assert "were run with: quick" in text


def test_without_edges_there_is_no_warning(dataset, row):
    assert "(!)" not in to_markdown(summarize(dataset, [row("good", 2.0)]))
