"""What an ensemble of published entries could bring at most: the best weights in hindsight.

Non-negative weights that sum to one and minimise the mean absolute error of the out-of-fold
predictions on the very molecules that they are judged by: a bound from below for any such ensemble
whose weights are learned. Entries that use other energies or miss a fold are left out.

example:
  QM7_MAT=qm7.mat python benchmarks/best_combination.py --published results/published/qm7
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, eye, hstack, vstack

from qm7bench.datasets.auto import load_dataset, resolve
from qm7bench.leaderboard.published_predictions import read_published_predictions

SHOWN = 0.005
"""Smallest weight that is printed."""


def best_weights(errors):
    """Weights (d,) that minimise the mean absolute combination of errors (n, d), and the mean."""
    n, d = errors.shape
    cost = np.concatenate([np.zeros(d), np.full(n, 1.0 / n)])
    bounds = [hstack([csr_matrix(sign * errors), -eye(n)]) for sign in (1.0, -1.0)]
    ones = csr_matrix(np.concatenate([np.ones(d), np.zeros(n)])[None])
    found = linprog(cost, A_ub=vstack(bounds), b_ub=np.zeros(2 * n), A_eq=ones, b_eq=[1.0])
    return found.x[:d], found.fun


def main() -> None:
    """Read, combine, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--published", type=Path, default=Path("results/published/qm7"))
    parser.add_argument("--worst", type=float, default=5.0, help="largest MAE of a member")
    options = parser.parse_args()
    dataset, _ = load_dataset(resolve("qm7"), {})
    energies = dict(zip(dataset.ids.tolist(), dataset.energies.tolist(), strict=True))
    names, columns = [], []
    for entry in read_published_predictions(options.published):
        whole = len(entry.ids) == len(dataset) and np.isfinite(entry.predictions).all()
        if whole and not entry.track and entry.mae < options.worst:
            order = np.argsort(entry.ids)
            known = np.array([energies[i] for i in entry.ids[order].tolist()])
            names.append(f"{entry.feature}/{entry.model}")
            columns.append(entry.predictions[order] - known)
    errors = np.stack(columns, axis=1)
    alone = np.abs(errors).mean(axis=0)
    weights, mae = best_weights(errors)
    print(f"best alone {alone.min():.4f}, best combination in hindsight {mae:.4f} kcal/mol")
    for i in np.argsort(-weights):
        if weights[i] > SHOWN:
            print(f"{weights[i]:6.3f} {names[i]}, alone {alone[i]:.3f}")


if __name__ == "__main__":
    main()
