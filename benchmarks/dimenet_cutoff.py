"""The cutoff of DimeNet++, chosen inside the training folds of one test fold, at equal cost.

A larger cutoff sees more and costs more: the number of atom triplets grows with up to its sixth
power. So each cutoff gets the same processor time, and as many epochs as fit into it; one epoch
measures how many. The network is trained on the training folds but one and tested on that one; the
test fold is never looked at. Run `python benchmarks/dimenet_cutoff.py --help` for the settings.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from qm7bench.datasets.auto import load_dataset, resolve
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.models.dimenet import Dimenet


def main() -> None:
    """Print a line for each cutoff."""
    options = _options()
    torch.set_num_threads(1)
    dataset, _ = load_dataset(resolve(options.dataset), {})
    inner = (options.test_fold + 1) % (dataset.folds.max() + 1)
    held_out = dataset.folds == inner
    training = ~held_out & (dataset.folds != options.test_fold)
    print(f"{dataset.name}, test fold {options.test_fold}; held out: fold {inner}")
    for cutoff in options.cutoffs:
        error, epochs, seconds = _error(dataset, cutoff, training, held_out, options.seconds)
        print(
            f"cutoff {cutoff:.2f} Angstrom: {error:.3f} kcal/mol on the held-out fold, "
            f"{epochs} epochs, {seconds:.0f} s",
            flush=True,
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="auto", help="as in config.yaml (default: auto)")
    parser.add_argument("--test-fold", type=int, default=0, help="left out (default: 0)")
    parser.add_argument("--cutoffs", type=float, nargs="+", default=[2.5, 3.0, 4.0, 5.0])
    parser.add_argument("--seconds", type=float, default=240.0, help="of each (default: 240)")
    return parser.parse_args()


def _error(
    dataset: Dataset,
    cutoff: float,
    training: np.ndarray,
    held_out: np.ndarray,
    seconds: float,
) -> tuple[float, int, float]:
    """Mean absolute error on the held-out fold, epochs trained and the seconds they took."""
    graphs = MoleculeGraphs.from_arrays(RadiusGraph(cutoff).compute(dataset))
    trial = _fitted(graphs, dataset, training, epochs=1)
    epochs = max(2, round(seconds / trial.history[-1]["seconds"]))
    model = _fitted(graphs, dataset, training, epochs)
    indices = np.flatnonzero(held_out)
    residuals = model.predict(graphs[indices]) - dataset.energies[indices]
    return float(np.abs(residuals).mean()), epochs, model.history[-1]["seconds"]


def _fitted(graphs: MoleculeGraphs, dataset: Dataset, training: np.ndarray, epochs: int) -> Dimenet:
    """Network of the entry `dimenet`, not compiled, which would cost each cutoff a minute."""
    indices = np.flatnonzero(training)
    model = Dimenet(
        learning_rate=0.003,
        compiled=False,
        epochs=epochs,
        warmup_epochs=min(2.0, epochs / 4),
        average_decay=0.99,
    )
    return model.fit(graphs[indices], dataset.energies[indices])


if __name__ == "__main__":
    main()
