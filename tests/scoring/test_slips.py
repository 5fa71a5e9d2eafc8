"""Usual slips, on molecules of QM9 with predictions that are off by 2 kcal/mol."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import PredictionsError
from qm7bench.scoring.alignment import aligned
from qm7bench.scoring.score import score
from qm7bench.scoring.slips import slip_in

PBE0 = {1: -0.5013, 6: -37.8013, 7: -54.5416, 8: -75.0143, 9: -99.6534}
"""Energies of free atoms in Hartree by about another method than the data set's."""


def name_of(file, dataset):
    found = slip_in(file, aligned(file, dataset), dataset)
    return None if found is None else found.name


def free_atoms(dataset, energies):
    return sum(np.count_nonzero(dataset.charges == z, axis=1) * e for z, e in energies.items())


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (1 / 23.0605, "eV"),
        (1 / 627.5095, "Hartree"),
        (4.184, "kJ/mol"),
        (-1, "sign"),
        (-1 / 23.0605, "eV and sign"),
    ],
)
def test_other_units_and_signs_are_named(molecules, file_of, predictions, factor, name):
    assert name_of(file_of(factor * predictions), molecules) == name


def test_a_slip_says_the_error_that_it_hides_and_the_cure(molecules, file_of, predictions):
    with pytest.raises(PredictionsError, match=r"in eV: read so, their MAE is 1\.959 .* Multiply"):
        score(file_of(predictions / 23.0605), molecules, [])


@pytest.mark.parametrize("unit", [1.0, 627.5095, 27.2114])
def test_total_energies_are_named_in_any_unit(molecules, file_of, predictions, unit):
    hartree = predictions / 627.5095 + free_atoms(molecules, PBE0)
    assert name_of(file_of(unit * hartree), molecules) == "total energies"


def test_energies_relative_to_something_else_are_named(molecules, file_of, predictions):
    of_elements = {1: 52.1, 6: 171.3, 7: 113.0, 8: 59.6, 9: 19.0}
    formation = predictions + free_atoms(molecules, of_elements)
    assert name_of(file_of(formation), molecules) == "other reference"


@pytest.mark.parametrize("shift", [1, -1])
def test_ids_that_are_off_by_one_are_named(qm9small, file_of, shift):
    one_by_one = qm9small[:2000]
    file = file_of(one_by_one.energies + 1.0, one_by_one.ids + shift)
    slip = slip_in(file, aligned(file, one_by_one), one_by_one)
    assert slip.name == "ids off by one"
    assert ("Subtract 1" if shift == 1 else "Add 1") in slip.message


def test_shuffled_ids_are_named(molecules, file_of, rng):
    assert name_of(file_of(ids=rng.permutation(molecules.ids)), molecules) == "shuffled"


@pytest.mark.parametrize("part", [slice(0, 600), slice(100, 300)])
def test_shuffled_ids_of_some_molecules_are_named(molecules, file_of, predictions, rng, part):
    ids = rng.permutation(molecules.ids[part])
    assert name_of(file_of(predictions[part], ids), molecules) == "shuffled"


def test_predictions_in_the_order_of_the_folds_are_told_apart(molecules, file_of, predictions):
    order = np.argsort(molecules.folds, kind="stable")
    file = file_of(predictions[order], molecules.ids)
    assert "fold by fold" in slip_in(file, aligned(file, molecules), molecules).message


def test_a_single_shuffled_fold_is_named(molecules, file_of, predictions, rng):
    own = np.flatnonzero(molecules.folds == 3)
    mixed = predictions.copy()
    mixed[own] = rng.permutation(mixed[own])
    slip = slip_in(file_of(mixed), aligned(file_of(mixed), molecules), molecules)
    assert slip.message.startswith("the ids of fold 3 are shuffled")


def test_poor_models_have_no_slip(molecules, file_of, predictions, rng):
    energies, counts = molecules.energies, (molecules.charges > 0).sum(axis=1)
    poor = {
        "constant": np.full(len(energies), energies.mean()),
        "by size": np.polyval(np.polyfit(counts, energies, 1), counts),
        "scaled": 0.95 * predictions,
        "noisy": energies + rng.normal(0.0, 200.0, len(energies)),
        "a constant off": predictions + 150.0,
    }
    assert {name: name_of(file_of(own), molecules) for name, own in poor.items()} == dict.fromkeys(
        poor
    )


def test_few_molecules_tell_of_no_slip(molecules, file_of, predictions):
    file = file_of(predictions[:29] / 23.0605, molecules.ids[:29])
    assert name_of(file, molecules) is None


def test_a_file_with_a_slip_is_scored_as_it_is_where_wanted(molecules, file_of, predictions):
    found = score(file_of(-predictions), molecules, [], as_it_is=True)
    assert found.slip.name == "sign"
    assert found.mae == pytest.approx(np.abs(-predictions - molecules.energies).mean(), rel=1e-3)
