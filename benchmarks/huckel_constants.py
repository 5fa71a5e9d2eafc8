"""What fitting the constants of extended Hueckel brings: trained on folds 2, 3 and 4, tested on 1.

Prints the error of the local kernel in kcal/mol, with the constants of the textbooks and with those
fitted to some of the training molecules, for each weight of the electrons' vectors.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from qm7bench.datasets.auto import load_dataset
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays
from qm7bench.models.fitted_huckel_kernel_ridge import FittedHuckelKernelRidge


def main():
    """Compute the representation once, then fit and test each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="qm7")
    parser.add_argument("--every", type=int, default=1, help="take every so many molecules alone")
    parser.add_argument("--weights", type=float, nargs="+", default=[0.3, 0.5])
    parser.add_argument("--molecules", type=int, default=1500, help="that constants are fitted to")
    parser.add_argument("--evaluations", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alpha", type=float, default=1e-8)
    options = parser.parse_args()
    dataset = load_dataset(options.dataset, {})[0][:: options.every]
    feature = Fchl19ExtendedHuckel(bonds=False, charges=False, positions=True)
    atoms = from_arrays(feature.compute(dataset))
    training, test = np.isin(dataset.folds, [2, 3, 4]), dataset.folds == 1
    print("| constants | weight | MAE | RMSE | CPU s |\n|---|---|---|---|---|")
    # With a molecule to fit to there are too few, and the constants of the textbooks stay.
    for name, molecules in (("textbooks", 1), ("fitted", options.molecules)):
        for weight in options.weights:
            started = time.process_time()
            model = FittedHuckelKernelRidge(
                alpha=options.alpha,
                weight=weight,
                molecules=molecules,
                evaluations=options.evaluations,
                seed=options.seed,
            ).fit(atoms[training], dataset.energies[training])
            errors = model.predict(atoms[test]) - dataset.energies[test]
            rmse = np.sqrt(np.mean(errors**2))
            print(
                f"| {name} | {weight:g} | {np.abs(errors).mean():.4f} | {rmse:.4f} | "
                f"{time.process_time() - started:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
