"""A results folder as a run leaves it, made in a moment: real molecules, invented predictions."""

from __future__ import annotations

import itertools

import numpy as np
from ase.build import molecule
from ase.collections import g2

from qm7bench.artefacts.artefact import canonical_json, sha256_of, write_json
from qm7bench.artefacts.parquet import write_records, write_table
from qm7bench.cli import main
from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.datasets.storage import write_dataset

ELEMENTS = {1, 6, 7, 8, 16}
FOLDS = [0, 1, 2, 3, 4]
ENTRIES = {
    ("atom_counts", "mean_predictor"): 180.0,
    ("sorted_coulomb_matrix", "ridge_standardized"): 21.0,
    ("columns_sorted_coulomb_matrix", "ridge_standardized"): 32.4,
    ("sorted_coulomb_matrix", "kernel_ridge_gaussian"): 8.7,
    ("sorted_coulomb_matrix", "kernel_ridge_gaussian_standardized"): 15.0,
    ("eigenspectrum", "k_nearest_neighbours"): 70.0,
    ("radius_graph", "schnet-quick"): 2.1,
}
"""Feature and model, and about the MAE that its invented predictions shall have."""
MODULES = {
    "ridge_standardized": "ridge",
    "kernel_ridge_gaussian": "kernel_ridge",
    "kernel_ridge_gaussian_standardized": "kernel_ridge",
    "schnet-quick": "schnet",
}
EDGE = ("sorted_coulomb_matrix", "ridge_standardized")
"""The entry whose choice sits on an edge of its grid."""


def small_dataset(name="qm7"):
    """Molecules of ASE's g2 collection with the elements of QM7, and energies that look right."""
    found = [molecule(name) for name in g2.names]
    found = [m for m in found if len(m) > 1 and set(m.numbers.tolist()) <= ELEMENTS]
    charges, positions = pad([(m.numbers.astype(np.int64), m.positions) for m in found])
    n = len(found)
    return Dataset(
        name=name,
        ids=np.arange(n),
        charges=charges,
        positions=positions,
        energies=-95.0 * np.count_nonzero(charges, axis=1) - 3.0 * np.sqrt(np.arange(n)),
        folds=np.arange(n) % 5,
    )


def write_results(folder, dataset, entries=ENTRIES, folds=FOLDS, seed=0):
    """Write data set and fits as the workflow leaves them in `results/{dataset}`."""
    made_from = {"file": "qm7.mat", "sha256": "0123456789abcdef" * 4}
    write_dataset(folder / "dataset" / "metadata.json", dataset, made_from)
    rng = np.random.default_rng(seed)
    hardness = rng.lognormal(0.0, 0.7, len(dataset))
    for (feature, model), mae in entries.items():
        own = rng.laplace(0.0, mae, len(dataset)) * hardness / hardness.mean()
        write_entry(folder / "models" / feature / model, dataset, own, folds, rng)


def write_entry(folder, dataset, errors, folds, rng, uncertainties=None):
    """Write one entry with the given errors, NaN where it predicts nothing.

    It has a grid, and epochs, by the model's name.
    """
    grid = {"alpha": [0.01, 0.1, 1.0, 10.0]} if "ridge" in folder.name else {}
    best = 10.0 if (folder.parent.name, folder.name) == EDGE else 0.1
    for fold in folds:
        place = folder / f"fold{fold}"
        test = dataset.folds == fold
        predictions = place / "predictions.parquet"
        columns = {"id": dataset.ids[test], "energy": dataset.energies[test]}
        columns["prediction"] = columns["energy"] + errors[test]
        if uncertainties is not None:
            columns["uncertainty"] = uncertainties[test]
        write_table(predictions, columns)
        size = np.abs(errors[test])
        size = size[np.isfinite(size)]
        parameters = {"alpha": best} if grid else {}
        metrics = {
            "fold": fold,
            "grid": grid,
            "budget": "quick" if folder.name.endswith("-quick") else "",
            "predictions_sha256": sha256_of(predictions),
            "mae": float(size.mean()),
            "rmse": float(np.sqrt((size**2).mean())),
            "largest_error": float(size.max()),
            "parameters": parameters,
            "number_of_parameters": 1000 * len(folder.name),
            "cpu_seconds": float(2000 / (1 + size.mean()) * rng.uniform(0.5, 2)),
            "peak_memory_mb": 300.0,
        }
        made_by = {
            "module": MODULES.get(folder.name, folder.name),
            "parameters": parameters,
            "chosen": parameters,
            "dataset": {"sha256": "0123456789abcdef" * 4},
            "feature": {"module": folder.parent.name, "parameters": {}},
            "budget": metrics["budget"],
            "fold": fold,
            "versions": {"python": "3.12.0", "qm7bench": "0.1.0", "numpy": "2.4.0"},
        }
        write_json(place / "model.json", made_by)
        if folder.name.startswith("schnet"):
            write_records(place / "history.parquet", epochs(metrics["mae"], rng))
        write_json(place / "metrics.json", metrics)
    if grid:
        mae = float(np.nanmean(np.abs(errors)))
        write_selection(folder, grid, best, folds, mae)


def summarized(folder, folds=FOLDS):
    """Make the leaderboard of all finished entries, as the workflow does before the report."""
    words = ["summarize", "--dataset", folder / "dataset" / "metadata.json"]
    words += ["--models", folder / "models", "--folds", *folds, "--output", folder / "summary"]
    assert main([str(word) for word in words]) == 0
    return folder / "summary.parquet"


def arguments(folder, output, *more):
    """Words of the command that makes the report of a results folder."""
    words = ["report", "--dataset", folder / "dataset" / "metadata.json"]
    words += ["--models", folder / "models", "--leaderboard", folder / "summary.parquet"]
    words += ["--output", output / "report.html", "--explorer", output / "explore.html"]
    return [str(word) for word in [*words, "--figures", output / "figures", *more]]


def epochs(mae, rng, number=60):
    """History of a training whose error ends near the given one."""
    falls = mae * (1 + 30 * np.exp(-np.arange(number) / 8)) * rng.lognormal(0, 0.05, number)
    return [
        {
            "epoch": i + 1,
            "training_loss": float(0.8 * fall),
            "test_mae": float(fall) if i % 2 == 1 else None,
            "learning_rate": 1e-3,
            "seconds": float(i),
        }
        for i, fall in enumerate(falls)
    ]


def write_selection(folder, grid, best, folds, mae):
    """Write a selection whose smallest inner error is at `best`."""
    records = [
        {
            "fold": fold,
            "point": i,
            "parameters": canonical_json({"alpha": alpha}),
            "inner_mae": mae * (1 + 0.1 * abs(np.log10(alpha / best))),
            "test_mae": mae * (0.98 + 0.1 * abs(np.log10(alpha / best))),
            "test_rmse": 1.5 * mae,
        }
        for fold, (i, alpha) in itertools.product(folds, enumerate(grid["alpha"]))
    ]
    table = folder / "selection.parquet"
    write_records(table, records)
    cost = {"cpu_seconds": 5.0, "peak_memory_mb": 200.0, "table_sha256": sha256_of(table)}
    write_json(folder / "selection.json", cost)
