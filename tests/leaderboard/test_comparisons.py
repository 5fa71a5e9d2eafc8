"""Paired tests between entries, and their correction for how many there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qm7bench.leaderboard.columns import records_of
from qm7bench.leaderboard.comparisons import q_values
from qm7bench.leaderboard.summary import summarize


def lines(dataset, entries):
    """Lines of the leaderboard as dictionaries."""
    return records_of(summarize(dataset, entries))


def test_every_entry_is_tested_against_the_best_and_the_one_above(dataset, entry):
    entries = [entry("good", 2.0), entry("twin", 2.0), entry("bad", 9.0)]
    good, twin, bad = lines(dataset, entries)
    assert [r["model"] for r in (good, twin, bad)] == ["good", "twin", "bad"]
    assert (good["p_value"], good["q_value"], good["p_value_above"]) == (None, None, None)
    assert (twin["p_value"], twin["q_value"]) == (1.0, 1.0)
    assert bad["p_value"] < bad["q_value"] < 1e-6
    assert bad["difference_to_best"] == pytest.approx(7 * 1.195)
    assert bad["difference_to_above"] == pytest.approx(7 * 1.195)
    assert bad["q_value_above"] < 1e-6


def test_an_entry_of_few_folds_is_not_what_others_are_compared_with(dataset, entry):
    entries = [entry("lucky", 1.0, folds=(0,)), entry("good", 2.0), entry("bad", 9.0)]
    records = lines(dataset, entries)
    assert [r["model"] for r in records] == ["lucky", "good", "bad"]
    assert [r["difference_to_best"] == 0.0 for r in records] == [False, True, False]
    assert records[0]["difference_to_best"] < 0


def test_entries_without_molecules_in_common_are_not_compared(dataset, entry):
    records = lines(dataset, [entry("good", 2.0, folds=(0,)), entry("bad", 9.0, folds=(1,))])
    names = ("difference_to_best", "p_value", "q_value", "difference_to_above")
    assert [records[1][name] for name in names] == [None] * 4


def test_tracks_are_not_compared_with_each_other(dataset, entry, pretrained):
    *_, other = lines(dataset, [entry("good", 2.0), entry("bad", 3.0), pretrained])
    assert other["extra_data"] == "qm9large"
    assert (other["difference_to_best"], other["p_value"]) == (0.0, None)
    assert other["difference_to_above"] is None


def test_errors_of_exactly_zero_are_compared_without_dividing_by_zero(dataset, entry):
    perfect, twin = entry("perfect", 0.0), entry("twin", 0.0)
    off = entry("off", 1.0, noise=np.ones(40))
    records = lines(dataset, [perfect, twin, off])
    assert [r["p_value"] for r in records] == [None, 1.0, 0.0]
    assert records[2]["q_value"] == 0.0
    assert [r["interval_width_90"] for r in records] == [0.0, 0.0, 2.0]


def test_p_values_are_corrected_as_benjamini_and_hochberg_do(rng):
    p = rng.uniform(size=9)
    order = np.argsort(p)
    expected = np.minimum.accumulate((p[order] * 9 / np.arange(1, 10))[::-1])[::-1]
    found = q_values(pd.Series(p)).to_numpy()
    np.testing.assert_allclose(found[order], expected, rtol=1e-12)


def test_missing_p_values_stay_missing_and_do_not_count():
    found = q_values(pd.Series([np.nan, 0.01, 0.04], index=[3, 1, 2]))
    assert found.index.tolist() == [3, 1, 2]
    assert found.tolist()[1:] == pytest.approx([0.02, 0.04])
    assert np.isnan(found.iloc[0])
    assert q_values(pd.Series([np.nan])).isna().all()


def test_each_track_is_corrected_by_its_own_number(dataset, entry):
    noise = np.random.default_rng(5).normal(size=(3, 40))
    entries = [entry(f"entry{i}", 1.0 + 0.01 * i, noise=noise[i]) for i in range(3)]
    facts = {"dataset": "qm9large", "cpu_seconds": 1.0, "peak_memory_mb": 1.0}
    metrics = [{**m, "pretraining": facts} for m in entries[0].metrics]
    others = [replace(entries[0], model=f"twin{i}", metrics=metrics) for i in range(3)]
    three, two = lines(dataset, [*entries, *others]), lines(dataset, entries[:2])
    assert three[3]["extra_data"] == "qm9large"
    three = three[:3]
    assert two[1]["q_value"] == two[1]["p_value"] == three[1]["p_value"]
    pair = sorted(r["p_value"] for r in three[1:])
    expected = [min(2 * pair[0], pair[1]), pair[1]]
    assert sorted(r["q_value"] for r in three[1:]) == pytest.approx(expected)
