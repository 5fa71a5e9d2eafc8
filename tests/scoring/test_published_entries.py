"""Scores of the published predictions themselves, on the genuine QM7."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.chemistry.units import KCAL_PER_MOL_PER_EV, KCAL_PER_MOL_PER_HARTREE
from qm7bench.errors import PredictionsError
from qm7bench.leaderboard.published_predictions import read_published_predictions
from qm7bench.scoring import comparisons
from qm7bench.scoring.alignment import aligned
from qm7bench.scoring.predictions_file import PredictionsFile
from qm7bench.scoring.score import score
from qm7bench.scoring.slips import slip_in
from qm7bench.scoring.warnings import NAMED

pytestmark = pytest.mark.needs_qm7
FREE_ATOMS = {1: -0.5013, 6: -37.8013, 7: -54.5416, 8: -75.0143, 16: -397.9763}
"""In Hartree, by about another method than QM7's."""


@pytest.fixture(autouse=True)
def without_functional_groups(monkeypatch):
    """They take seconds for all of QM7; `test_score` has them."""
    monkeypatch.delitem(comparisons.KINDS, "functional group")


@pytest.fixture(scope="module")
def entries(repository):
    return read_published_predictions(repository / "results" / "published" / "qm7")


@pytest.fixture(scope="module")
def painn(entries):
    """PaiNN's published predictions as a file."""
    (own,) = [entry for entry in entries if entry.name == "radius_graph/painn"]
    return PredictionsFile("painn.csv", own.ids, own.predictions, None)


@pytest.fixture(scope="module")
def place_of_painn(entries):
    """One more than the entries of the main track with a smaller error."""
    ahead = [entry for entry in entries if not entry.track and entry.mae < 0.7769]
    return 1 + len(ahead)


@pytest.fixture(scope="module")
def free_atoms(qm7, painn):
    """Energies of the free atoms of each of the file's molecules, in Hartree."""
    charges = qm7.charges[painn.ids]
    return sum(np.count_nonzero(charges == z, axis=1) * e for z, e in FREE_ATOMS.items())


def test_the_score_of_painn_is_its_published_entry_to_all_digits(
    qm7, painn, entries, place_of_painn
):
    found = score(painn, qm7, entries)
    (published,) = [
        other for other in found.comparisons if other.entry.name == "radius_graph/painn"
    ]
    assert found.mae == published.entry.mae == published.mae
    assert (published.difference, published.p_value, published.verdict) == (0.0, 1.0, "as good")
    assert found.place == place_of_painn
    assert len(found.comparisons) == len(entries)
    assert found.warnings == [
        "The predictions are those of the published entry radius_graph/painn."
    ]


def test_every_published_entry_is_scored_as_it_was_published_and_has_no_slip(qm7, entries):
    for entry in entries:
        file = PredictionsFile(entry.name, entry.ids, entry.predictions, entry.folds)
        found = aligned(file, qm7)
        assert slip_in(file, found, qm7) is None, entry.name
        size = np.abs(found.predictions - qm7.energies)
        by_fold = [np.nanmean(size[qm7.folds == fold]) for fold in np.unique(entry.folds)]
        assert np.mean(by_fold) == pytest.approx(entry.mae, rel=1e-12), entry.name


def test_five_per_cent_missing_are_counted_and_shown(qm7, painn, entries, place_of_painn, rng):
    kept = rng.random(len(painn)) > 0.05
    part = PredictionsFile("p.csv", painn.ids[kept], painn.predictions[kept], None)
    found = score(part, qm7, entries)
    missing = int((~kept).sum())
    assert found.predicted == 7165 - missing
    assert f"{missing} of 7,165 molecules have no prediction: " in found.warnings[1]
    assert found.warnings[1].count("(C") == NAMED
    assert found.mae == pytest.approx(0.777, abs=0.02)
    assert found.place == place_of_painn


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (1 / KCAL_PER_MOL_PER_EV, "are in eV: read so, their MAE is 0.7769 kcal/mol"),
        (1 / KCAL_PER_MOL_PER_HARTREE, "are in Hartree: read so, their MAE is 0.7769 kcal/mol"),
        (-1.0, "have the other sign .* their MAE is 0.7769 kcal/mol"),
    ],
)
def test_other_units_and_the_other_sign_are_said(qm7, painn, entries, factor, said):
    with pytest.raises(PredictionsError, match=said):
        score(replace(painn, predictions=factor * painn.predictions), qm7, entries)


def test_shuffled_ids_are_said(qm7, painn, entries, rng):
    mixed = replace(painn, ids=rng.permutation(painn.ids))
    with pytest.raises(PredictionsError, match="the ids are shuffled"):
        score(mixed, qm7, entries)


@pytest.mark.parametrize(("shift", "cure"), [(1, "Subtract 1"), (-1, "Add 1")])
def test_ids_off_by_one_are_said(qm7, painn, entries, shift, cure):
    with pytest.raises(PredictionsError, match=f"the ids are off by one .* {cure} "):
        score(replace(painn, ids=painn.ids + shift), qm7, entries)


@pytest.mark.parametrize(
    ("factor", "unit"), [(1.0, "Hartree"), (KCAL_PER_MOL_PER_HARTREE, "kcal/mol")]
)
def test_total_energies_are_said(qm7, painn, entries, free_atoms, factor, unit):
    total = painn.predictions / KCAL_PER_MOL_PER_HARTREE + free_atoms
    with pytest.raises(PredictionsError, match=f"are total energies in {unit}, not atomization"):
        score(replace(painn, predictions=factor * total), qm7, entries)


def test_molecules_that_stand_twice_are_said(qm7, painn, entries):
    ids, predictions = (np.append(c, c[:9]) for c in (painn.ids, painn.predictions))
    found = score(PredictionsFile("p.csv", ids, predictions, None), qm7, entries)
    assert "9 molecules stand several times" in found.warnings[1]
    assert found.mae == score(painn, qm7, entries).mae
    predictions[-1] += 0.5
    with pytest.raises(PredictionsError, match="1 molecule stands there several times with diff"):
        score(PredictionsFile("p.csv", ids, predictions, None), qm7, entries)


def test_an_error_far_below_the_best_is_said(qm7, entries, rng):
    leaked = qm7.energies + rng.laplace(0.0, 0.05, len(qm7))
    found = score(PredictionsFile("p.csv", qm7.ids, leaked, None), qm7, entries)
    assert found.place == 1
    best = min(entries, key=lambda entry: entry.mae)
    said = f"is far below the best published one, {best.mae:.3f} by {best.name}"
    assert said in found.warnings[-1]
