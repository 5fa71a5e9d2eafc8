"""Time of one DimeNet++ training step, against PyTorch Geometric's own network, on one thread.

Both get the same edges and triplets, the same weights and the same minibatches, in turn; a step is
forward, L1 loss, backward and Adam. Run `python benchmarks/dimenet_step.py`; `--help` lists the
settings. PyTorch Geometric's forward is untouched, only its search for edges and triplets is
replaced by the prepared ones, whose time counts for neither side. bfloat16 pays only on processors
with instructions for it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
import torch_geometric.nn.models.dimenet as geometric

from qm7bench.datasets.auto import load_dataset, resolve
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.models._dimenet_network import DirectionalNetwork, Shape, batch_tensors

Step = Callable[[int], None]


def main() -> None:
    """Time the steps and print a line for each."""
    options = _options()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    dataset, _ = load_dataset(resolve(options.dataset), {})
    feature = RadiusGraph(options.cutoff, triplets=True)
    graphs = MoleculeGraphs.from_arrays(feature.compute(dataset))
    shape = Shape(options.channels, 4, 64, 8, 256, 7, 6, options.cutoff)
    rng = np.random.default_rng(0)
    drawn = [rng.choice(len(graphs), options.batch, replace=False) for _ in range(options.steps)]
    stock, ours = _networks(shape)
    print(f"data set {dataset.name}, {options.channels} channels, cutoff {options.cutoff} Angstrom")
    print(f"batch of {options.batch} molecules, {torch.get_num_threads()} thread")

    batches = [graphs.batch(r) for r in drawn]
    tensors = [batch_tensors(batch, options.cutoff) for batch in batches]
    _compare_energies(stock, ours, batches, tensors)
    energies = [torch.from_numpy(dataset.energies[r]).float() for r in drawn]
    stock_step = _step(stock, lambda k: _stock_energies(stock, batches[k]), energies)
    steps = {"PyTorch Geometric, float32": stock_step}
    for name, reduced, compiled in (
        ("ours, float32", False, False),
        ("ours, float32, compiled", False, True),
        ("ours, bfloat16", True, False),
        ("ours, bfloat16, compiled", True, True),
    ):
        if (compiled and options.no_compile) or (reduced and options.no_bfloat16):
            continue
        network = torch.compile(ours, dynamic=True) if compiled else ours
        steps[name] = _step(ours, _forward(network, tensors, reduced), energies)
    _report(steps, options.steps)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="auto", help="as in config.yaml (default: auto)")
    parser.add_argument("--channels", type=int, default=128, help="default: 128")
    parser.add_argument("--cutoff", type=float, default=5.0, help="Angstrom (default: 5)")
    parser.add_argument("--batch", type=int, default=32, help="molecules (default: 32)")
    parser.add_argument("--steps", type=int, default=12, help="steps timed (default: 12)")
    parser.add_argument("--no-bfloat16", action="store_true", help="leave reduced precision out")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    return parser.parse_args()


def _networks(shape: Shape) -> tuple[geometric.DimeNetPlusPlus, DirectionalNetwork]:
    """Both networks with the same random weights, also in the last layers, which start at 0."""
    stock = geometric.DimeNetPlusPlus(
        hidden_channels=shape.hidden_channels,
        out_channels=1,
        num_blocks=shape.blocks,
        int_emb_size=shape.int_emb_size,
        basis_emb_size=shape.basis_emb_size,
        out_emb_channels=shape.out_emb_channels,
        num_spherical=shape.num_spherical,
        num_radial=shape.num_radial,
        cutoff=shape.cutoff,
        output_initializer="glorot_orthogonal",
    )
    ours = DirectionalNetwork(shape)
    ours.load_state_dict(stock.state_dict())
    return stock, ours


def _stock_energies(stock: geometric.DimeNetPlusPlus, batch: dict[str, np.ndarray]) -> torch.Tensor:
    tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
    source, target = tensors["sources"], tensors["targets"]
    first, second = tensors["triplet_in"], tensors["triplet_out"]
    atoms = (target[second], source[second], source[first])
    geometric.radius_graph = lambda *args, **kwargs: torch.stack([source, target])
    geometric.triplets = lambda *args, **kwargs: (target, source, *atoms, first, second)
    return stock(tensors["charges"], tensors["positions"], tensors["molecule"]).squeeze(1)


def _forward(
    network: Callable[..., torch.Tensor], tensors: list[dict[str, torch.Tensor]], reduced: bool
) -> Callable[[int], torch.Tensor]:
    def energies(k: int) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
            return network(tensors[k])

    return energies


def _compare_energies(
    stock: geometric.DimeNetPlusPlus,
    ours: DirectionalNetwork,
    batches: list[dict[str, np.ndarray]],
    tensors: list[dict[str, torch.Tensor]],
) -> None:
    with torch.no_grad():
        expected = torch.cat([_stock_energies(stock, batch) for batch in batches])
        found = torch.cat([ours(batch) for batch in tensors])
    worst, spread = (found - expected).abs().max().item(), expected.std().item()
    print(
        f"same weights, float32: largest difference of {len(expected)} energies {worst:.2e},"
        f" {worst / spread:.2e} of their standard deviation"
    )


def _step(
    network: torch.nn.Module,
    forward: Callable[[int], torch.Tensor],
    energies: list[torch.Tensor],
) -> Step:
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def step(k: int) -> None:
        optimizer.zero_grad()
        (forward(k) - energies[k]).abs().mean().backward()
        optimizer.step()

    return step


def _report(steps: dict[str, Step], number: int) -> None:
    """Time all in turn, so that what else the machine does touches them alike."""
    started = time.process_time()
    for step in steps.values():
        for k in range(min(2, number)):
            step(k)
    print(f"warming up, with any compilation: {time.process_time() - started:.0f} CPU s")
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for k in range(number):
        for name, step in steps.items():
            started = time.process_time()
            step(k)
            seconds[name].append(time.process_time() - started)
    base = float(np.median(seconds[next(iter(steps))]))
    for name, values in seconds.items():
        median = float(np.median(values))
        print(f"{name:28s} {median:7.3f} CPU s a step, {base / median:5.2f} times as fast")


if __name__ == "__main__":
    main()
