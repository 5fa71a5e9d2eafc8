"""Nested selection of kernel ridge regression: this package against scikit-learn's GridSearchCV.

Both search the same 5 x 6 grid on the sorted Coulomb matrix of QM7 and report the inner error of
every grid point. scikit-learn searches one outer fold; this package first the same outer fold and
then all five with the errors on the test folds besides. Prints CPU seconds, ratios, and the largest
difference between the two packages' inner errors. Set OMP_NUM_THREADS=1 for one core.

example:
  OMP_NUM_THREADS=1 QM7_MAT=qm7.mat python benchmarks/nested_kernel_ridge.py --kernel laplacian
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.kernel_ridge import KernelRidge as ScikitKernelRidge
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from qm7bench.datasets.qm7 import load_qm7
from qm7bench.evaluation.selection import CrossValidation
from qm7bench.features.sorted_coulomb_matrix import SortedCoulombMatrix
from qm7bench.layouts.table import FeatureTable, distances
from qm7bench.models.kernel_ridge import KernelRidge
from qm7bench.registry.parameters import grid_points

GRIDS = {
    "gaussian": {
        "gamma": [1e-5, 3e-5, 1e-4, 3e-4, 1e-3],
        "alpha": [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2],
    },
    "laplacian": {
        "gamma": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
        "alpha": [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2],
    },
}
METRICS = {"gaussian": "squared_euclidean", "laplacian": "manhattan"}
SCIKIT_KERNELS = {"gaussian": "rbf", "laplacian": "laplacian"}


class CentredKernelRidge(ScikitKernelRidge):
    """Scikit-learn's kernel ridge on energies minus their training mean, as this package's is."""

    def fit(self, X, y):
        self.mean_ = y.mean()
        return super().fit(X, y - self.mean_)

    def predict(self, X):
        return super().predict(X) + self.mean_


def own_search(kernel, values, energies, folds, test_folds):
    """Inner errors by (fold, gamma, alpha), and CPU seconds."""
    started = time.process_time()
    metric = METRICS[kernel]
    matrix = distances(values, values, metric)
    table = FeatureTable(values, {metric: matrix}, np.arange(len(values)))
    points = grid_points({"kernel": kernel}, GRIDS[kernel])
    validation = CrossValidation(KernelRidge, points, table, energies, folds)
    records = validation.records(validation.nested_predictions(test_folds), test_folds)
    seconds = time.process_time() - started
    numbers = {(r["fold"], r["point"]): r["inner_mae"] for r in records}
    errors = {
        (fold, points[i]["gamma"], points[i]["alpha"]): error
        for (fold, i), error in numbers.items()
    }
    return errors, seconds


def scikit_search(kernel, values, energies, folds, test_fold):
    """Inner errors by (fold, gamma, alpha) of GridSearchCV, and CPU seconds."""
    training = folds != test_fold
    search = GridSearchCV(
        CentredKernelRidge(kernel=SCIKIT_KERNELS[kernel]),
        GRIDS[kernel],
        scoring="neg_mean_absolute_error",
        cv=PredefinedSplit(folds[training]),
        refit=False,
    )
    started = time.process_time()
    search.fit(values[training], energies[training])
    seconds = time.process_time() - started
    found = search.cv_results_
    keys = zip(found["param_gamma"], found["param_alpha"], strict=True)
    scores = found["mean_test_score"]
    return {
        (test_fold, float(g), float(a)): -s for (g, a), s in zip(keys, scores, strict=True)
    }, seconds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kernel", choices=sorted(GRIDS), nargs="*", default=sorted(GRIDS))
    parser.add_argument("--molecules", type=int, help="use the first N only, for a quick look")
    options = parser.parse_args()
    dataset = load_qm7()[0]
    if options.molecules:
        dataset = dataset[: options.molecules]
    values = SortedCoulombMatrix().compute(dataset)["values"]
    for kernel in options.kernel:
        arguments = (kernel, values, dataset.energies, dataset.folds)
        theirs, their_seconds = scikit_search(*arguments, 0)
        ours, our_seconds = own_search(*arguments, [0])
        _, all_seconds = own_search(*arguments, [0, 1, 2, 3, 4])
        difference = max(abs(ours[key] - theirs[key]) for key in theirs)
        print(f"{kernel} kernel, {len(dataset)} molecules, 30 grid points")
        print(f"  scikit-learn, one outer fold:      {their_seconds:8.1f} CPU s")
        print(f"  qm7bench, the same outer fold:     {our_seconds:8.1f} CPU s", end="")
        print(f"  {their_seconds / our_seconds:5.1f} times less")
        print(f"  qm7bench, five outer folds:        {all_seconds:8.1f} CPU s", end="")
        print(f"  {5 * their_seconds / all_seconds:5.1f} times less than five of scikit-learn's")
        print(f"  largest difference of inner MAE:   {difference:.1e} kcal/mol", flush=True)


if __name__ == "__main__":
    main()
