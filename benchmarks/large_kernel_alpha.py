"""Regularisation of the large local kernel, chosen among training molecules alone.

Of the training folds of one test fold some molecules are drawn to learn from, and others to be
predicted; the test fold is not read. Prints the error of each regularisation, in kcal/mol.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from qm7bench.datasets.storage import read_dataset
from qm7bench.fitting.baseline import with_baseline
from qm7bench.layouts.loading import load_features
from qm7bench.models.large_local_kernel_ridge import LargeLocalKernelRidge

PARTS = 4


def main():
    """Compute the kernel once, fit for each regularisation, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--results", type=Path, required=True, help="folder of a data set's results"
    )
    parser.add_argument("--feature", default="fchl19_extended_huckel")
    parser.add_argument("--baseline", help="feature of energies that the model corrects")
    parser.add_argument("--fold", type=int, default=0, help="test fold, which is left out")
    parser.add_argument("--training", type=int, default=8000)
    parser.add_argument("--test", type=int, default=2000)
    parser.add_argument("--gamma", type=float, default=2e-3)
    parser.add_argument("--linear", type=float, default=0.1)
    parser.add_argument("--alphas", type=float, nargs="+", default=[1e-9, 1e-8, 1e-7, 1e-6])
    options = parser.parse_args()
    dataset = read_dataset(options.results / "dataset" / "metadata.json")
    folder = options.results / "features"
    features = load_features(folder / options.feature / "metadata.json", [])
    if options.baseline:
        dataset = with_baseline(dataset, folder / options.baseline / "metadata.json")
    inside = np.flatnonzero(dataset.folds != options.fold)
    drawn = np.random.default_rng(0).permutation(inside)[: options.training + options.test]
    training, test = np.sort(drawn[: options.training]), np.sort(drawn[options.training :])
    fixed = {"gamma": options.gamma, "linear": options.linear}
    started = time.process_time()
    model = LargeLocalKernelRidge(**fixed)
    prepared = model.prepare_parts(features, training, test)
    matrices = dict(prepared)
    for number in range(PARTS):
        matrices |= model.compute_part(prepared, number, PARTS)
    print(f"kernel: {time.process_time() - started:.0f} CPU s", flush=True)
    features = replace(features, matrices=matrices)
    energies = dataset.targets
    print("| alpha | MAE | RMSE |\n|---|---|---|")
    for alpha in options.alphas:
        model = LargeLocalKernelRidge(**fixed, alpha=alpha).fit(
            features[training], energies[training]
        )
        errors = model.predict(features[test]) - energies[test]
        rmse = np.sqrt(np.mean(errors**2))
        print(f"| {alpha:g} | {np.abs(errors).mean():.4f} | {rmse:.4f} |", flush=True)


if __name__ == "__main__":
    main()
