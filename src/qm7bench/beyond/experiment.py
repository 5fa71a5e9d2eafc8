"""Heats of formation at 298.15 K from predictions for QM9's molecules, against experiment.

Reference values are those of the Active Thermochemical Tables (ATcT), version 1.112, for the 38
molecules of QM9 that they list: `heats_of_formation.csv`, made by benchmarks/heats_of_formation.py.
Their uncertainties are limits of 95 % confidence. A heat of formation follows from an atomization
energy at 0 K as in Ochterski's note; the thermal correction of a molecule is QM9's, so that only
the energy is predicted.

References
----------
Ruscic et al., J. Phys. Conf. Ser. 16, 561 (2005) and J. Phys. Chem. A 108, 9979 (2004), for ATcT;
Ochterski, "Thermochemistry in Gaussian" (Gaussian, Inc., 2000), section "Enthalpies of formation";
Cox, Wagman & Medvedev, "CODATA key values for thermodynamics" (1989), for the elements.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qm7bench.beyond.track import Column, Floats, Measured, NotApplicableError, Track
from qm7bench.chemistry.elements import formula
from qm7bench.chemistry.units import KCAL_PER_MOL_PER_KJ_PER_MOL
from qm7bench.datasets.dataset import Dataset

TABLE = Path(__file__).parent / "heats_of_formation.csv"
ATOMS_AT_0_K = {1: 216.034, 6: 711.388, 7: 470.573, 8: 246.844, 9: 77.268}
"""Heats of formation of free atoms at 0 K in kJ/mol, by nuclear charge: ATcT 1.112."""
ELEMENTS_WARMED = {1: 8.467 / 2, 6: 1.050, 7: 8.670 / 2, 8: 8.680 / 2, 9: 8.825 / 2}
"""Enthalpy of an element in its standard state at 298.15 K minus that at 0 K, in kJ/mol of atoms,
by nuclear charge: H2, graphite, N2, O2 and F2 of CODATA."""
CHEMICAL_ACCURACY = 1.0
"""In kcal/mol."""
SAME_ENERGY = 0.01
"""Two atomization energies (kcal/mol) that differ by less are those of the same molecule."""


@dataclass(frozen=True)
class Known:
    """A line of the table.

    Attributes
    ----------
    name, formula : str
        The formula in Hill order.
    heat : float
        Heat of formation of the gas at 298.15 K by experiment, in kcal/mol.
    uncertainty : float
        Half-width of its interval of 95 % confidence, in kcal/mol.
    reference_energy : float
        Atomization energy at 0 K in kcal/mol that QM9 gives: B3LYP/6-31G(2df,p).
    thermal_correction : float
        Enthalpy at 298.15 K minus internal energy at 0 K of the molecule, in kcal/mol: B3LYP.
    """

    name: str
    formula: str
    heat: float
    uncertainty: float
    reference_energy: float
    thermal_correction: float


@cache
def known_heats() -> dict[int, Known]:
    """Lines of the table by QM9's number of the molecule."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {int(line["id"]): _known(line) for line in csv.DictReader(file)}


def _known(line: dict[str, str]) -> Known:
    return Known(
        line["name"],
        line["formula"],
        float(line["heat_kj_per_mol"]) * KCAL_PER_MOL_PER_KJ_PER_MOL,
        float(line["uncertainty_kj_per_mol"]) * KCAL_PER_MOL_PER_KJ_PER_MOL,
        float(line["reference_energy_kcal_per_mol"]),
        float(line["thermal_correction_kcal_per_mol"]),
    )


class Experiment:
    """The m molecules of a data set whose heats of formation were measured.

    A molecule is QM9's, whatever the name of the data set, if its number, formula and energy are.

    Parameters
    ----------
    dataset : Dataset

    Raises
    ------
    NotApplicableError
        If there is no such molecule.

    Attributes
    ----------
    places : int64 array of shape (m,)
        Their places in the data set.
    known : list of Known
    heats : float64 array of shape (m,)
        By experiment, in kcal/mol.
    reference : float64 array of shape (m,)
        The same from the data set's own energies.
    """

    def __init__(self, dataset: Dataset) -> None:
        table = known_heats()
        near = np.flatnonzero(np.isin(dataset.ids, list(table))).tolist()
        places = [i for i in near if _is_the_same(dataset, i, table[int(dataset.ids[i])])]
        if not places:
            raise NotApplicableError(
                f"{dataset.name} has none of the {len(table)} molecules of QM9 whose heats of "
                "formation the Active Thermochemical Tables list, with B3LYP energies at 0 K."
            )
        self.places = np.array(places)
        self.known = [table[int(i)] for i in dataset.ids[places]]
        self.heats = np.array([one.heat for one in self.known])
        atoms = [atoms_of_heat(dataset.charges[i]) for i in places]
        self._offsets = np.array(atoms) + [one.thermal_correction for one in self.known]
        self.reference = self.heats_of_formation(dataset.energies)

    def heats_of_formation(self, energies: Floats) -> Floats:
        """Heats of formation (m,) at 298.15 K in kcal/mol of the measured molecules.

        The sum of those of the free atoms at 0 K, plus the atomization energy at 0 K (negative
        here), plus the molecule's thermal correction, minus that of the elements: Ochterski's note.

        Parameters
        ----------
        energies : float64 array of shape (n,)
            Atomization energies at 0 K of all molecules of the data set, in kcal/mol.
        """
        return np.asarray(self._offsets + energies[self.places])

    def measure(self, predictions: Floats) -> Measured:
        """Errors of the predicted heats of formation, and of the reference method's on the same.

        Molecules without a prediction do not count.
        """
        heats = self.heats_of_formation(predictions)
        there = np.isfinite(heats)
        if not there.any():
            return {**dict.fromkeys(column.name for column in COLUMNS), "molecules": 0}
        errors, own = (heats - self.heats)[there], (self.reference - self.heats)[there]
        return {
            "experiment_mae": np.abs(errors).mean(),
            "experiment_median": np.median(np.abs(errors)),
            "experiment_bias": errors.mean(),
            "reference_mae": np.abs(own).mean(),
            "reference_median": np.median(np.abs(own)),
            "reference_bias": own.mean(),
            "mae_to_reference": np.abs(errors - own).mean(),
            "median_to_reference": np.median(np.abs(errors - own)),
            "near_reference": int((np.abs(errors - own) < CHEMICAL_ACCURACY).sum()),
            "max_to_reference": np.abs(errors - own).max(),
            "farthest": self.known[int(np.nanargmax(np.abs(heats - self.reference)))].name,
            "molecules": int(there.sum()),
        }


def _is_the_same(dataset: Dataset, place: int, known: Known) -> bool:
    near = abs(float(dataset.energies[place]) - known.reference_energy) < SAME_ENERGY
    return near and formula(dataset.charges[place]) == known.formula


def atoms_of_heat(charges: NDArray[np.int64]) -> float:
    """Heats of formation of a molecule's free atoms at 0 K minus the warming of their elements.

    In kcal/mol, of charges (A,) padded with 0. This is exact, unlike heats of formation at 298.15 K
    minus 5/2 RT for each atom: free atoms of C, O and F have excited levels that are occupied then.
    """
    atoms = [ATOMS_AT_0_K[z] - ELEMENTS_WARMED[z] for z in charges[charges > 0].tolist()]
    return sum(atoms) * KCAL_PER_MOL_PER_KJ_PER_MOL


COLUMNS = (
    Column(
        "experiment_mae",
        "kcal/mol",
        "MAE against experiment",
        "Mean absolute error of the heat of formation at 298.15 K.",
    ),
    Column("experiment_median", "kcal/mol", "median", "Median of the same absolute errors."),
    Column(
        "experiment_bias",
        "kcal/mol",
        "mean error",
        "Mean of prediction - experiment: positive where molecules are bound too weakly.",
        "{:+.3f}",
    ),
    Column(
        "reference_mae",
        "kcal/mol",
        "B3LYP's MAE",
        "The same of the data set's own energies, for the molecules that the entry predicts.",
    ),
    Column("reference_median", "kcal/mol", "B3LYP's median", "Median of these absolute errors."),
    Column("reference_bias", "kcal/mol", "", "Mean of B3LYP - experiment.", "{:+.3f}"),
    Column(
        "mae_to_reference",
        "kcal/mol",
        "MAE to B3LYP",
        "Mean absolute error against the data set's energies of these molecules.",
    ),
    Column("median_to_reference", "kcal/mol", "median to B3LYP", "Median of the same."),
    Column(
        "near_reference",
        "",
        "within 1 of B3LYP",
        "Molecules whose energy is less than 1 kcal/mol from the data set's.",
        "{:,.0f}",
    ),
    Column("max_to_reference", "kcal/mol", "largest", "Largest distance from the data set's."),
    Column("farthest", "", "molecule", "Molecule that has the largest distance."),
    Column("molecules", "", "molecules", "Measured molecules with a prediction.", "{:,.0f}"),
)

TRACK = Track(
    name="experiment",
    title="Experiment",
    meaning=(
        "Heats of formation of gases at 298.15 K against the Active Thermochemical Tables, which "
        "list 38 molecules of QM9 with uncertainties of 0.01 to 0.4 kcal/mol. Experiment gives the "
        "free atoms and the elements, B3LYP the warming of the molecule, the entry its atomization "
        "energy at 0 K. B3LYP's own error stands beside the entry's: a model that learns B3LYP can "
        "be right about B3LYP and still as wrong about the molecule. Nearly all of these molecules "
        "are small, and unlike most of QM9; a few that no other molecule resembles, such as water, "
        "make most of a mean, so that medians stand beside it."
    ),
    columns=COLUMNS,
    prepare=lambda dataset: Experiment(dataset).measure,
)
