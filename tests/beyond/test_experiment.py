"""Heats of formation from atomization energies, against experiment."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.beyond.experiment import (
    ATOMS_AT_0_K,
    COLUMNS,
    ELEMENTS_WARMED,
    TRACK,
    Experiment,
    known_heats,
)
from qm7bench.beyond.track import NotApplicableError
from qm7bench.datasets.qm9 import _data_folder

KJ_PER_KCAL = 4.184
WATER = 3


@pytest.fixture(scope="module")
def experiment(qm9small):
    return Experiment(qm9small)


def place_of(dataset, number):
    return int(np.flatnonzero(dataset.ids == number)[0])


def test_the_atomization_energy_of_experiment_gives_the_heat_of_formation(qm9small, experiment):
    """Water at 0 K has -238.919 kJ/mol, and -241.822 at 298.15 K, in the same tables."""
    parted = -238.919 - ATOMS_AT_0_K[8] - 2 * ATOMS_AT_0_K[1]
    energies = np.where(qm9small.ids == WATER, parted / KJ_PER_KCAL, np.nan)
    heats = experiment.heats_of_formation(energies)
    (heat,) = heats[np.isfinite(heats)]
    # B3LYP's warming of the molecule is what differs.
    assert heat * KJ_PER_KCAL == pytest.approx(-241.822, abs=0.05)


def test_elements_and_atoms_are_warmed_as_in_the_tables():
    """Gaseous H and N are warmed by 5/2 RT, C, O and F by more: their levels are close."""
    at_298 = {1: 217.998, 6: 716.873, 7: 472.435, 8: 249.229, 9: 79.374}
    warming = {z: at_298[z] - ATOMS_AT_0_K[z] + ELEMENTS_WARMED[z] for z in at_298}
    ideal = 2.5 * 8.314462618e-3 * 298.15
    assert warming[1] == pytest.approx(ideal, abs=0.005)
    assert warming[7] == pytest.approx(ideal, abs=0.005)
    assert [round(warming[z] - ideal, 2) for z in (6, 8, 9)] == [0.34, 0.53, 0.32]  # kJ/mol


def test_methane_by_hand(qm9small, experiment):
    """Energies of QM9's file in Hartree: -40.47893 at 0 K, enthalpy -40.475117 at 298.15 K."""
    hartree = 627.5094740631
    atomization = (-40.47893 + 37.846772 + 4 * 0.500273) * hartree
    warming = (-40.475117 + 40.47893) * hartree
    elements = (711.388 - 1.050 + 4 * (216.034 - 4.2335)) / KJ_PER_KCAL
    expected = elements + atomization + warming
    place = experiment.places.tolist().index(place_of(qm9small, 1))
    assert experiment.reference[place] == pytest.approx(expected, abs=1e-3)
    assert experiment.heats[place] == pytest.approx(-74.534 / KJ_PER_KCAL)


def test_the_reference_method_errs_as_itself(qm9small, experiment):
    found = experiment.measure(qm9small.energies)
    assert found["mae_to_reference"] == 0.0
    assert found["experiment_mae"] == found["reference_mae"]
    assert found["experiment_bias"] == found["reference_bias"]
    assert found["near_reference"] == found["molecules"] == len(experiment.places)
    # B3LYP/6-31G(2df,p) binds alkanes too strongly and strained rings too weakly.
    assert 2.0 < found["reference_mae"] < 4.0


def test_one_molecule_that_is_wrong_moves_the_means_and_not_the_medians(qm9small, experiment):
    wrong = qm9small.energies + np.where(qm9small.ids == WATER, -30.0, 0.0)
    exact, found = experiment.measure(qm9small.energies), experiment.measure(wrong)
    molecules = exact["molecules"]
    assert found["mae_to_reference"] == pytest.approx(30 / molecules)
    assert found["experiment_bias"] == pytest.approx(exact["reference_bias"] - 30 / molecules)
    assert found["median_to_reference"] == 0.0
    assert found["near_reference"] == molecules - 1
    assert (found["max_to_reference"], found["farthest"]) == (pytest.approx(30.0), "Water")


def test_the_farthest_molecule_is_measured_from_the_reference_method(qm9small, experiment):
    """Propyne is B3LYP's best; nothing else is wrong here."""
    found = experiment.measure(qm9small.energies + np.where(qm9small.ids == 9, 0.5, 0.0))
    assert (found["max_to_reference"], found["farthest"]) == (pytest.approx(0.5), "Propyne")
    assert found["near_reference"] == found["molecules"]


def test_molecules_without_a_prediction_do_not_count(qm9small, experiment):
    some = np.where(qm9small.ids == WATER, np.nan, qm9small.energies + 1.0)
    found = experiment.measure(some)
    assert found["molecules"] == len(experiment.places) - 1
    assert found["mae_to_reference"] == pytest.approx(1.0)
    own = experiment.reference - experiment.heats
    kept = own[qm9small.ids[experiment.places] != WATER]
    assert found["reference_mae"] == pytest.approx(np.abs(kept).mean())


def test_without_any_prediction_there_is_no_error(qm9small, experiment):
    found = experiment.measure(np.full(len(qm9small), np.nan))
    assert found.pop("molecules") == 0
    assert set(found.values()) == {None}


def test_order_and_padding_of_the_molecules_do_not_matter(qm9small, experiment, rng):
    order = rng.permutation(len(qm9small))
    padded = np.pad(qm9small.charges, ((0, 0), (0, 3)))
    moved = replace(qm9small, charges=padded)[order]
    predictions = qm9small.energies + rng.normal(size=len(qm9small))
    expected = experiment.measure(predictions)
    found = Experiment(moved).measure(predictions[order])
    assert found == pytest.approx({**expected, "farthest": found["farthest"]})
    assert found["farthest"] == expected["farthest"]


def test_every_column_is_measured(qm9small, experiment):
    measured = TRACK.prepare(qm9small)(qm9small.energies)
    assert list(measured) == [column.name for column in COLUMNS]
    assert measured == experiment.measure(qm9small.energies)


@pytest.mark.parametrize("what", ["energies", "ids", "charges"])
def test_molecules_of_another_data_set_are_not_taken_for_those_of_qm9(qm9small, what):
    few = qm9small[:40]
    changed = {
        "energies": few.energies - 5.0,
        "ids": few.ids + 100_000,
        "charges": few.charges + (few.charges > 0),
    }[what]
    with pytest.raises(NotApplicableError, match="none of the 38 molecules"):
        Experiment(replace(few, **{what: changed}))


def test_uncertainties_are_those_of_a_good_experiment():
    assert all(0.0 < one.uncertainty < 0.5 for one in known_heats().values())
    assert len(known_heats()) == 38


@pytest.mark.slow
def test_all_of_them_are_in_qm9(qm9):
    found = Experiment(qm9).measure(qm9.energies)
    assert found["molecules"] == 38
    assert found["reference_mae"] == pytest.approx(3.521, abs=1e-3)


@pytest.mark.slow
def test_thermal_corrections_are_those_of_the_file(qm9):
    rows = {}
    for path in sorted((_data_folder()).glob("qm9_part*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if int(row["Index"]) in known_heats():
                    difference = float(row["Enthalphy_298K_au"]) - float(
                        row["InternalEnergy_0K_au"]
                    )
                    rows[int(row["Index"])] = difference * 627.5094740631
    found = {number: one.thermal_correction for number, one in known_heats().items()}
    assert found == pytest.approx(rows, abs=1e-3)
