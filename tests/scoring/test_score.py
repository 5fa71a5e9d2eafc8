"""Scores beside published entries, on molecules of QM9."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import PredictionsError
from qm7bench.evaluation.comparison import paired_difference, q_values
from qm7bench.scoring.predictions_file import PredictionsFile
from qm7bench.scoring.score import score
from qm7bench.scoring.text import WIDTH, score_text


@pytest.fixture
def entries(published_entry):
    """From far better to far worse than the predictions, and one of a separate track."""
    return [
        published_entry("best", 0.5, seed=3),
        published_entry("twin", 2.0, seed=4),
        published_entry("one_fold", 3.0, folds=(1,), seed=5),
        published_entry("worst", 9.0, seed=6),
        published_entry("delta", 1.0, track="gfn2_xtb", seed=7),
    ]


def test_errors_are_means_over_folds_as_in_the_leaderboard(molecules, predictions, file_of):
    found = score(file_of(), molecules, [])
    size = np.abs(predictions - molecules.energies)
    by_fold = [size[molecules.folds == fold].mean() for fold in range(5)]
    assert [line["mae"] for line in found.by_fold] == pytest.approx(by_fold)
    assert found.mae == pytest.approx(np.mean(by_fold))
    assert found.spreads[0] == pytest.approx(np.std(by_fold))
    assert found.max_error == pytest.approx(size.max())
    assert found.warnings == []
    assert found.place is None


def test_the_order_of_the_lines_changes_nothing(molecules, predictions, file_of, rng):
    order = rng.permutation(len(molecules))
    mixed = file_of(predictions[order], molecules.ids[order])
    assert score(mixed, molecules, []).mae == score(file_of(), molecules, []).mae


def test_place_and_tests_are_those_of_the_main_track(molecules, file_of, entries):
    found = score(file_of(), molecules, entries)
    assert found.place in (2, 3)
    by_name = {other.entry.model: other for other in found.comparisons}
    assert len(by_name) == 5
    assert by_name["best"].verdict == "worse"
    assert by_name["twin"].verdict == "as good"
    assert by_name["worst"].verdict == "better"
    assert by_name["one_fold"].molecules == (molecules.folds == 1).sum()
    assert found.reference.entry.model == "best"
    p_values = [other.p_value for other in found.comparisons]
    assert [o.q_value for o in found.comparisons] == q_values(np.array(p_values)).tolist()


def test_missing_molecules_are_counted_and_others_judged_on_the_same(
    molecules, predictions, file_of, entries
):
    kept = np.arange(len(molecules)) % 20 != 7
    found = score(file_of(predictions[kept], molecules.ids[kept]), molecules, entries)
    missing = int((~kept).sum())
    assert found.predicted == len(molecules) - missing
    assert sum(line["unpredicted"] for line in found.by_fold) == missing
    (warning,) = found.warnings
    assert warning.startswith(f"{missing} of 785 molecules have no prediction: ")
    assert warning.count("(C") == 5
    best = found.comparisons[0]
    own = np.abs(best.errors[kept])
    assert best.molecules == kept.sum()
    by_fold = [own[molecules.folds[kept] == fold].mean() for fold in range(5)]
    assert best.mae == pytest.approx(np.mean(by_fold))
    assert best.mae != best.entry.mae


def test_a_single_fold_has_no_spread_and_the_others_are_said_to_lack(
    molecules, predictions, file_of, entries
):
    own = molecules.folds == 1
    found = score(file_of(predictions[own], molecules.ids[own]), molecules, entries)
    assert [line["fold"] for line in found.by_fold] == [1]
    assert found.warnings == ["No molecule of folds 0 2 3 4 has a prediction."]
    assert {other.molecules for other in found.comparisons} == {own.sum()}
    assert "±" not in score_text(found)


def test_folds_of_the_file_are_used_and_said_to_be_others(molecules, file_of, entries):
    folds = np.arange(len(molecules)) % 10
    found = score(file_of(folds=folds), molecules, entries)
    assert len(found.by_fold) == 10
    assert found.warnings[0].startswith("The folds are not those of qm9small")
    same = score(file_of(folds=molecules.folds), molecules, entries)
    assert same.has_predefined_folds
    assert same.warnings == []


def test_a_molecule_that_comes_twice_is_counted_once_or_refused(molecules, predictions, file_of):
    ids = np.append(molecules.ids, molecules.ids[:3])
    found = score(file_of(np.append(predictions, predictions[:3]), ids), molecules, [])
    assert found.warnings[0].startswith("3 molecules stand several times with the same")
    assert found.mae == score(file_of(), molecules, []).mae
    with pytest.raises(PredictionsError, match="3 molecules stand there several times with diff"):
        score(file_of(np.append(predictions, predictions[:3] + 1), ids), molecules, [])


def test_ids_of_other_molecules_are_refused(molecules, predictions, file_of):
    ids = molecules.ids.copy()
    ids[:2] = [999_999, 888_888]
    with pytest.raises(PredictionsError, match="2 ids are not of qm9small, such as 888888; its"):
        score(file_of(predictions, ids), molecules, [])


def test_a_file_without_any_prediction_is_refused(molecules, file_of):
    with pytest.raises(PredictionsError, match="no molecule has a prediction"):
        score(file_of(np.full(len(molecules), np.nan)), molecules, [])


def test_an_error_far_below_the_best_gets_a_list_of_what_to_check(molecules, file_of, entries, rng):
    leaked = molecules.energies + rng.laplace(0.0, 0.05, len(molecules))
    found = score(file_of(leaked), molecules, entries)
    assert "far below the best published one" in found.warnings[-1]
    assert "Check that no test molecule was trained on" in found.warnings[-1]


def test_a_fold_far_below_the_others_is_named(molecules, predictions, file_of, entries):
    own = molecules.folds == 2
    leaked = np.where(own, 0.1 * predictions + 0.9 * molecules.energies, predictions)
    (warning,) = score(file_of(leaked), molecules, entries).warnings
    assert warning.startswith("The error of fold 2 is 0.2")


def test_the_predictions_of_a_published_entry_are_recognised(molecules, entries):
    best = entries[0]
    found = score(PredictionsFile("p", best.ids, best.predictions, None), molecules, entries)
    assert found.warnings[0] == "The predictions are those of the published entry feature/best."
    assert found.mae == pytest.approx(best.mae, rel=1e-2)
    assert found.reference.entry.model == "twin"


def test_groups_say_where_predictions_are_better(molecules, predictions, file_of, entries):
    nitriles = [
        group for group in score(file_of(), molecules, entries).groups if group.label == "nitrile"
    ]
    assert nitriles[0].verdict == "worse"
    with_nitrogen = (molecules.charges == 7).any(axis=1)
    better = np.where(with_nitrogen, predictions, molecules.energies + 0.01)
    found = {g.label: g for g in score(file_of(better), molecules, entries).groups}
    assert (found["C O"].verdict, found["C N"].verdict) == ("better", "worse")
    own = np.array([set(row) <= {0, 1, 6, 8} and {6, 8} <= set(row) for row in molecules.charges])
    ids, theirs = molecules.ids[own], (entries[0].predictions - molecules.energies)[own]
    test = paired_difference(ids, np.full(own.sum(), 0.01), ids, theirs)
    assert found["C O"].molecules == own.sum()
    assert found["C O"].difference == pytest.approx(test.difference)


@pytest.mark.parametrize("everything", [False, True])
def test_the_text_fits_80_columns(molecules, predictions, file_of, entries, everything):
    kept = np.arange(len(molecules)) % 9 != 0
    found = score(file_of(predictions[kept], molecules.ids[kept]), molecules, entries)
    text = score_text(found, everything)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "  > your predictions" in text
    assert "also use energies of GFN2-xTB:" in text
    assert "Yours are better for none." in text
    alone = score_text(score(file_of(), molecules, []))
    assert "No published entry to compare with.\n\nLargest errors" in alone
