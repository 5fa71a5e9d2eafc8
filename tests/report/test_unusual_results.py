"""Reports of results that hardly anyone would publish: each is made, and says what is wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from report_example import (
    FOLDS,
    arguments,
    small_dataset,
    summarized,
    write_entry,
    write_results,
)

from qm7bench.cli import main
from qm7bench.datasets.dataset import Dataset
from qm7bench.report.reading import read_report_data

ENTRIES = {
    ("atom_counts", "mean_predictor"): 180.0,
    ("sorted_coulomb_matrix", "ridge_standardized"): 21.0,
    ("columns_sorted_coulomb_matrix", "ridge_standardized"): 32.4,
    ("radius_graph", "schnet-quick"): 2.1,
}


def reported(folder, folds=FOLDS):
    """Text of the report's page."""
    summarized(folder, folds)
    assert main(arguments(folder, folder)) == 0
    return (folder / "report.html").read_text(encoding="utf-8")


def section(page, anchor):
    """Text of one section without tags; empty where the page has none."""
    found = re.search(rf'<section id="{anchor}">(.*?)</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])) if found else ""


def twice(dataset):
    """Every molecule twice, in two folds."""
    pair = [np.concatenate([a, a]) for a in (dataset.charges, dataset.positions, dataset.energies)]
    folds = np.concatenate([dataset.folds, (dataset.folds + 1) % 5])
    return Dataset(dataset.name, np.arange(len(folds)), *pair, folds)


def test_all_molecules_twice_and_no_error_at_all(tmp_path):
    write_results(tmp_path, twice(small_dataset()), dict.fromkeys(ENTRIES, 0.0))
    page = reported(tmp_path)
    assert "Errors of exactly zero" in section(page, "overview")
    assert "at least 10" in section(page, "labels")
    assert "nan" not in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).split()


def test_no_error_for_some_entries_only(tmp_path):
    none = ("columns_sorted_coulomb_matrix", "ridge_standardized")
    write_results(tmp_path, small_dataset(), ENTRIES | {none: 0.0})
    page = reported(tmp_path)
    warning = section(page, "overview").partition("Errors of exactly zero")[2]
    assert "ridge standardized · columns sorted Coulomb matrix" in warning
    assert "in the median of the 1 entry with a grid" in section(page, "nested")


def test_constant_energies(tmp_path):
    dataset = small_dataset()
    dataset = replace(dataset, energies=np.full(len(dataset), -400.0))
    write_results(tmp_path, dataset, {("atom_counts", "mean_predictor"): 0.0})
    assert "Errors of exactly zero" in section(reported(tmp_path), "overview")


def test_no_uncertainty_and_no_error_of_a_model_that_gives_uncertainties(tmp_path, rng):
    dataset = small_dataset()
    write_results(tmp_path, dataset, {("atom_counts", "mean_predictor"): 9.0})
    none = np.zeros(len(dataset))
    folder = tmp_path / "models" / "eigenspectrum" / "local_kernel_ridge"
    write_entry(folder, dataset, none, FOLDS, rng, uncertainties=none + 1e-9)
    assert "Errors against uncertainty" in section(reported(tmp_path), "calibration")


@pytest.mark.parametrize("number", [5, 11])
def test_few_molecules_have_no_intervals_and_no_figure_of_them(tmp_path, number):
    write_results(tmp_path, small_dataset()[:number], {("eigenspectrum", "ridge"): 9.0})
    page = reported(tmp_path)
    assert section(page, "calibration") == ""
    assert f"{number} molecules" in section(page, "provenance")
    assert "inf" not in re.sub(r"<[^>]+>", " ", page).split()


def test_levels_without_intervals_are_gaps_in_the_figure(tmp_path):
    write_results(tmp_path, small_dataset()[:30], {("atom_counts", "mean_predictor"): 9.0})
    summarized(tmp_path)
    metadata = tmp_path / "dataset" / "metadata.json"
    data = read_report_data(metadata, tmp_path / "summary.parquet", tmp_path / "models")
    entry, folds = data.entries[0], data.dataset.folds
    assert np.isfinite(entry.half_widths(folds, 0.9)).all()
    assert np.isnan(entry.half_widths(folds, 0.99)).all()
    assert main(arguments(tmp_path, tmp_path)) == 0


def test_one_molecule_in_each_fold(tmp_path):
    write_results(tmp_path, small_dataset()[:5], {("atom_counts", "ridge"): 9.0})
    assert section(reported(tmp_path), "molecules")


def test_one_fold_has_no_spread_and_no_intervals(tmp_path):
    write_results(tmp_path, small_dataset(), ENTRIES, [3])
    page = reported(tmp_path, [3])
    assert section(page, "calibration") == ""
    assert "Spread over the folds" not in page
    assert "±" not in section(page, "overview")
    assert "(fold 3)" in section(page, "leaderboard")


def test_molecules_without_a_prediction_are_counted_and_named(tmp_path, rng):
    dataset = small_dataset()
    write_results(tmp_path, dataset, ENTRIES)
    errors = rng.normal(size=len(dataset))
    sulfur = np.flatnonzero((dataset.charges == 16).any(axis=1))
    errors[sulfur] = np.nan
    write_entry(tmp_path / "models" / "fchl19" / "my_kernel", dataset, errors, FOLDS, rng)
    page = reported(tmp_path)
    told = section(page, "leaderboard")
    assert f"{len(sulfur)} of {len(dataset)} molecules: {dataset.ids[sulfur[0]]} (" in told
    assert "my kernel · FCHL19" in told.partition("Molecules without a prediction")[2]
    explorer = (tmp_path / "explore.html").read_text(encoding="utf-8")
    assert "NaN" not in explorer.partition('id="data"')[2].partition("</script>")[0]


def test_every_molecule_of_a_group_without_a_prediction(tmp_path, rng):
    dataset = small_dataset()
    errors = np.where((dataset.charges == 6).any(axis=1), rng.normal(size=len(dataset)), np.nan)
    write_results(tmp_path, dataset, {})
    write_entry(tmp_path / "models" / "fchl19" / "my_kernel", dataset, errors, FOLDS, rng)
    assert "is easiest" in section(reported(tmp_path), "groups")


def test_entries_that_predict_different_molecules_have_no_molecule_that_is_hard_for_all(
    tmp_path, rng
):
    dataset = small_dataset()
    write_results(tmp_path, dataset, {})
    for model, part in (("my_kernel", 0), ("my_tree", 1)):
        errors = np.where(np.arange(len(dataset)) % 2 == part, 1.0, np.nan) * rng.normal(
            size=len(dataset)
        )
        write_entry(tmp_path / "models" / "fchl19" / model, dataset, errors, FOLDS, rng)
    page = reported(tmp_path)
    assert "Hard molecules" not in section(page, "molecules")
    assert "Largest errors" in section(page, "molecules")
