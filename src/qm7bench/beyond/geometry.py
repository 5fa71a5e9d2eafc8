"""A user's geometry: what predictions lose where molecules are relaxed by a cheaper method.

Test molecules are relaxed by GFN2-xTB (`beyond.relaxation`), and the model that was not trained on
them predicts both geometries. The energy to compare with is the data set's, of its own geometry.
"""

from __future__ import annotations

import numpy as np

from qm7bench.beyond.relaxation import LARGEST_FORCE, METHOD
from qm7bench.beyond.track import Column, Floats, Measure, Measured, NotApplicableError, Track
from qm7bench.datasets.dataset import Dataset


def measure(
    energies: Floats, before: Floats, after: Floats, deviations: Floats, relaxation: Floats
) -> Measured:
    """Errors of an entry on both geometries, over the molecules that it predicts in both.

    Parameters
    ----------
    energies : float64 array of shape (m,)
        Of the data set, in kcal/mol.
    before, after : float64 arrays of shape (m,)
        Predictions in kcal/mol for the data set's geometries and for the relaxed ones; NaN where
        there is none.
    deviations : float64 array of shape (m,)
        Root-mean-square distances of the atoms in Angstrom.
    relaxation : float64 array of shape (m,)
        By how much the energy of the method that relaxed them changed, in kcal/mol.

    Returns
    -------
    dict
        The values of `COLUMNS`; None for errors over no molecule.
    """
    there = np.isfinite(before) & np.isfinite(after)
    if not there.any():
        return {**dict.fromkeys(column.name for column in COLUMNS), "molecules": 0}
    shift = (after - before)[there]
    return {
        "relaxed_mae": np.abs(after - energies)[there].mean(),
        "original_mae": np.abs(before - energies)[there].mean(),
        "shift": np.abs(shift).mean(),
        "median_shift": np.median(np.abs(shift)),
        "mean_shift": shift.mean(),
        "max_shift": np.abs(shift).max(),
        "relaxation_energy": relaxation[there].mean(),
        "shift_to_relaxation": np.abs(shift - relaxation[there]).mean(),
        "deviation": deviations[there].mean(),
        "molecules": int(there.sum()),
    }


COLUMNS = (
    Column(
        "relaxed_mae",
        "kcal/mol",
        "MAE, relaxed",
        f"Mean absolute error on the geometries of {METHOD}, against the data set's energies.",
    ),
    Column(
        "original_mae",
        "kcal/mol",
        "MAE, data set's",
        "The same on the data set's geometries of the same molecules.",
    ),
    Column(
        "shift",
        "kcal/mol",
        "mean shift",
        "Mean absolute difference of the two predictions.",
    ),
    Column("median_shift", "kcal/mol", "median shift", "Median of the same."),
    Column(
        "mean_shift",
        "kcal/mol",
        "signed shift",
        "Mean of the prediction for the relaxed geometry minus that for the data set's.",
        "{:+.3f}",
    ),
    Column("max_shift", "kcal/mol", "largest shift", "Largest absolute difference.", "{:.1f}"),
    Column(
        "relaxation_energy",
        "kcal/mol",
        f"{METHOD} itself",
        f"Mean change of {METHOD}'s own energy from the data set's geometry to its own: what a "
        "shift can be for physical reasons.",
        "{:+.2f}",
    ),
    Column(
        "shift_to_relaxation",
        "kcal/mol",
        f"shift to {METHOD}'s",
        f"Mean absolute difference of the shift and {METHOD}'s change of energy of the molecule.",
    ),
    Column(
        "deviation",
        "Angstrom",
        "RMSD",
        "Root-mean-square distance of the atoms of the two geometries, mean over molecules.",
    ),
    Column("molecules", "", "molecules", "Molecules that are predicted in both.", "{:,.0f}"),
)


def _needs_geometries(dataset: Dataset) -> Measure:
    raise NotApplicableError(
        f"Predictions for relaxed geometries are no out-of-fold predictions of {dataset.name}; ask "
        f"for results/{dataset.name}/beyond/geometry.parquet by name."
    )


TRACK = Track(
    name="geometry",
    title="A user's geometry",
    meaning=(
        f"Test molecules of one fold, drawn at random, were relaxed by {METHOD} until no force was "
        f"larger than {LARGEST_FORCE} eV/Angstrom. The model that was not trained on them predicts "
        "both geometries, and both predictions are compared with the data set's energies. A model "
        "knows the geometries of its data set: who has others gets the first column's error and "
        "not the second's. A part of the shift is physics, as the data set's geometry is not at "
        f"{METHOD}'s minimum; {METHOD}'s own change of energy tells how much that may be."
    ),
    columns=COLUMNS,
    prepare=_needs_geometries,
)
