"""Processor time of a local kernel for each pair of atoms: this package against NumPy step by step.

Both compute the kernel matrix of the same molecules with themselves, from representations with
electrons, in blocks of pairs that fit into the cache. NumPy's takes one pass over a block for each
step of the formula; it is what this package did before, kept here for comparison. They take turns,
and of each the shortest time counts. Prints nanoseconds for each pair, of which the matrix product
alone is shown too, ratios, and the largest relative difference.

example:
  OMP_NUM_THREADS=1 QM7_MAT=qm7.mat python benchmarks/local_kernel_pairs.py --molecules 1500
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from qm7bench.datasets.auto import load_dataset, resolve
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays
from qm7bench.regression.local_kernel import (
    BLOCK,
    LocalAtoms,
    axes_of,
    local_kernel,
    negated_squares,
)

GAMMA = 2.0e-3
"""Of the published entry electronic_kernel_ridge on QM7."""


def step_by_step(atoms, kernel, gamma):
    """Kernel matrix of molecules with themselves, and the number of pairs computed."""
    matrix, pairs = np.zeros((atoms.number_of_molecules,) * 2), 0
    for own in atoms.by_element.values():
        for bounds, other, negated in products(own):
            pairs += negated.size
            np.minimum(negated, 0.0, out=negated)
            values = similarities(negated, kernel, gamma)
            by_molecule = np.add.reduceat(values, bounds[:-1] - bounds[0], axis=0)
            sums = np.add.reduceat(by_molecule, other[:-1] - other[0], axis=1)
            matrix[np.ix_(own.molecules[bounds[:-1]], own.molecules[other[:-1]])] += sums
    lower = np.tril_indices(len(matrix), -1)
    matrix.T[lower] = matrix[lower]
    return matrix, pairs


def products(own):
    """Squared distances with a minus sign of all blocks on and below the diagonal."""
    rows, columns = negated_squares(own, own)
    blocks = list(runs(own.firsts))
    for i, bounds in enumerate(blocks):
        for other in blocks[: i + 1]:
            yield bounds, other, rows[bounds[0] : bounds[-1]] @ columns[other[0] : other[-1]].T


def runs(firsts):
    """Where each molecule of a block begins, and the last one's end."""
    start = 0
    while start < len(firsts) - 1:
        end = int(np.searchsorted(firsts, firsts[start] + BLOCK, side="right")) - 1
        yield firsts[start : end + 1]
        start = end


def similarities(negated, kernel, gamma):
    if kernel == "gaussian":
        return np.exp(gamma * negated)
    distances = np.sqrt(np.negative(negated, out=negated), out=negated)
    t = np.sqrt(10.0 * gamma) * distances
    polynomial = t / 3.0
    polynomial += 1.0
    polynomial *= t
    polynomial += 1.0
    polynomial *= np.exp(np.negative(t, out=t), out=t)
    return polynomial


def seconds_of(run):
    started = time.process_time()
    result = run()
    return time.process_time() - started, result


def compare(atoms, kernel, repeats):
    """Print what both take, and how far they differ."""
    times, elements = [], list(atoms.by_element.values())
    for _ in range(repeats):
        theirs, (expected, pairs) = seconds_of(lambda: step_by_step(atoms, kernel, GAMMA))
        ours, found = seconds_of(lambda: local_kernel(atoms, atoms, kernel, GAMMA))
        product, _ = seconds_of(lambda: [len(b) for own in elements for b, *_ in products(own)])
        times.append((theirs, ours, product))
    theirs, ours, product = np.min(times, axis=0) / pairs * 1e9
    difference = np.abs(found / expected - 1.0).max()
    print(f"{kernel}, {pairs / 1e6:.0f} million pairs")
    print(f"  NumPy step by step: {theirs:6.2f} ns of CPU for each pair")
    print(f"    of which the matrix product takes {product:.2f}")
    print(f"  this package:       {ours:6.2f} ns, {theirs / ours:.2f} times less")
    print(f"  largest relative difference: {difference:.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="auto", help="as in config.yaml (default: auto)")
    parser.add_argument("--molecules", type=int, default=1500, help="default: 1500")
    parser.add_argument("--repeats", type=int, default=5, help="of each, in turn (default: 5)")
    options = parser.parse_args()
    dataset, _ = load_dataset(resolve(options.dataset), {})
    rng = np.random.default_rng(0)
    number = min(options.molecules, len(dataset))
    chosen = np.sort(rng.choice(len(dataset), number, replace=False))
    atoms = from_arrays(Fchl19ExtendedHuckel().compute(dataset[chosen]))
    local = LocalAtoms.of(atoms, axes_of(atoms, GAMMA), known=True)
    columns = {z: own.values.shape[1] for z, own in local.by_element.items()}
    print(f"data set {dataset.name}, {number} molecules; directions by element: {columns}")
    for kernel in ("matern", "gaussian"):
        compare(local, kernel, options.repeats)


if __name__ == "__main__":
    main()
