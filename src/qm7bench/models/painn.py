"""PaiNN: equivariant message passing with scalars and vectors."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qm7bench.datasets.graphs import MoleculeGraphs
from qm7bench.errors import ModelError
from qm7bench.parameters import NonNegativeFloat, PositiveFloat, PositiveInt
from qm7bench.training.batches import of_similar_size
from qm7bench.training.compilation import compile_if_possible
from qm7bench.training.graph_regressor import GraphRegressor, Rows
from qm7bench.training.loop import Task
from qm7bench.training.memory import keep_freed_memory
from qm7bench.training.plan import TrainingPlan


@dataclass
class Painn(GraphRegressor):
    """Energies as sums over atoms that send each other scalars and vectors.

    A message from atom j to i is a learnt function of j's scalars times a learnt filter of the
    distance; it adds to i's scalars, to i's vectors along the direction from i to j, and passes
    j's vectors on. Energies are learnt relative to per-element least-squares references. Reads
    graphs of `radius_graph`, whose cutoff is the network's; edges follow from the positions.

    Parameters
    ----------
    channels
        Scalars, and vectors, of each atom.
    layers
        Rounds of messages and updates.
    radial_functions
        Bessel functions sin(n pi d / cutoff) / d of the distance.
    epochs, batch_size, learning_rate, warmup_epochs, weight_decay, gradient_clip, average_decay
        As in `TrainingPlan`, with the L1 loss and the cosine schedule.
    compiled
        Whether to compile the network, which takes a minute and then saves half of the time.

    Notes
    -----
    Invariant to rotation, reflection, translation and the order of atoms.

    References
    ----------
    Schuett, Unke & Gastegger, Proceedings of ICML 2021, 9377.
    """

    reference: ClassVar[str] = "per_element"  # type: ignore[misc]
    shuffle: ClassVar[str] = "every_epoch"  # type: ignore[misc]
    element_weights: ClassVar[tuple[str, ...]] = ("embedding.weight",)

    channels: PositiveInt = 64
    layers: PositiveInt = 3
    radial_functions: PositiveInt = 20
    epochs: PositiveInt = 80
    batch_size: PositiveInt = 32
    learning_rate: PositiveFloat = 0.002
    warmup_epochs: NonNegativeFloat = 1.0
    weight_decay: NonNegativeFloat = 0.01
    gradient_clip: NonNegativeFloat = 10.0
    average_decay: NonNegativeFloat = 0.999
    compiled: bool = True
    evaluate_every: PositiveInt = 5
    seed: int = 0
    workspace: Path | None = field(default=None, init=False, repr=False)
    history: list[dict[str, Any]] = field(default_factory=list, init=False, repr=False)
    watch: tuple[MoleculeGraphs, NDArray[np.float64]] | None = field(
        default=None, init=False, repr=False
    )

    def plan(self) -> TrainingPlan:
        """How the network is trained."""
        keep_freed_memory()
        return TrainingPlan(
            epochs=self.epochs,
            loss="l1",
            learning_rate=self.learning_rate,
            schedule="cosine_with_warmup",
            warmup_epochs=self.warmup_epochs,
            weight_decay=self.weight_decay,
            gradient_clip=self.gradient_clip,
            average_decay=self.average_decay,
            evaluate_every=self.evaluate_every,
            seed=self.seed,
        )

    def facts(self, graphs: MoleculeGraphs) -> dict[str, NDArray[Any]]:
        """Elements and cutoff of the training graphs."""
        if graphs.cutoff is None:
            raise ModelError("Painn needs graphs with a cutoff; give it the feature radius_graph")
        return {**super().facts(graphs), "cutoff": graphs.cutoff}

    def build(self, facts: dict[str, NDArray[Any]]) -> nn.Module:
        """Network with initial weights."""
        return PainnNetwork(
            elements=len(facts["elements"]),
            cutoff=float(facts["cutoff"][0]),
            channels=self.channels,
            layers=self.layers,
            radial_functions=self.radial_functions,
        )

    def training_forward(self, network: nn.Module) -> Any:
        """Network as it is trained, compiled or not."""
        return compile_if_possible(network) if self.compiled else network

    def tensors(self, graphs: MoleculeGraphs, rows: Rows) -> dict[str, Tensor]:
        """Elements, from 1, and positions of the molecules, padded to the largest of them."""
        counts = graphs.atom_counts[rows]
        places = np.arange(counts.max())
        real = places < counts[:, None]
        atoms = np.where(real, graphs.atom_offsets[rows][:, None] + places, 0)
        elements = np.searchsorted(self.facts_["elements"], graphs.charges[atoms]) + 1
        return {
            "elements": torch.from_numpy(np.where(real, elements, 0)),
            "positions": torch.from_numpy(graphs.positions[atoms]),
        }

    def _task(self, graphs: MoleculeGraphs, targets: Tensor) -> Task:
        """Task with minibatches of molecules of similar size, which waste little padding."""
        return dataclasses.replace(
            super()._task(graphs, targets),
            batches=lambda rng: of_similar_size(graphs.atom_counts, self.batch_size, rng),
        )


def atomwise_network(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Two linear layers with SiLU between them."""
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))


class PainnLayer(nn.Module):
    """Messages between atoms, then an update of each atom (equations 7 to 10 of the paper).

    Arrays are padded to the largest molecule of a minibatch: B molecules, A atoms, C channels.
    """

    def __init__(self, channels: int, radial_functions: int, is_first: bool) -> None:
        super().__init__()
        self.channels, self.is_first = channels, is_first
        # Before the first layer there are no vectors to pass on.
        parts = 2 if is_first else 3
        self.send = atomwise_network(channels, channels, parts * channels)
        self.filter = nn.Linear(radial_functions, parts * channels)
        self.mix = nn.Linear(channels, 2 * channels, bias=False)
        self.update = atomwise_network(2 * channels, channels, 3 * channels)

    def forward(
        self,
        scalars: Tensor,
        vectors: Tensor,
        radial: Tensor,
        envelope: Tensor,
        directions: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Scalars (B, A, C) and vectors (B, A, 3, C) after this layer.

        `radial` (B, A, A, K), `envelope` (B, A, A, 1) and `directions` (B, A, A, 3) belong to
        pairs of atoms (target, source).
        """
        c = self.channels
        messages = self.filter(radial) * envelope * self.send(scalars).unsqueeze(1)
        arrived = (directions.unsqueeze(-1) * messages[..., c : 2 * c].unsqueeze(3)).sum(dim=2)
        if not self.is_first:
            passed = messages[..., 2 * c :].unsqueeze(3) * vectors.unsqueeze(1)
            arrived = arrived + passed.sum(dim=2)
        vectors = vectors + arrived
        scalars = scalars + messages[..., :c].sum(dim=2)
        mixed = self.mix(vectors)
        one, other = mixed[..., :c], mixed[..., c:]
        norms = torch.sqrt(other.square().sum(dim=2) + 1e-8)
        update = self.update(torch.cat([scalars, norms], dim=-1))
        change, vector_gate, product_gate = update.split(c, dim=-1)
        scalars = scalars + change + (one * other).sum(dim=2) * product_gate
        return scalars, vectors + one * vector_gate.unsqueeze(2)


class PainnNetwork(nn.Module):
    """Embedding of elements, layers, and a readout of each atom's energy."""

    frequencies: Tensor

    def __init__(
        self, elements: int, cutoff: float, channels: int, layers: int, radial_functions: int
    ) -> None:
        super().__init__()
        self.cutoff = cutoff
        self.channels = channels
        self.embedding = nn.Embedding(elements + 1, channels)
        self.layers = nn.ModuleList(
            PainnLayer(channels, radial_functions, i == 0) for i in range(layers)
        )
        self.readout = atomwise_network(channels, channels, 1)
        frequencies = torch.arange(1, radial_functions + 1) * (math.pi / cutoff)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Energies (B,) of `elements` (B, A), 0 for padding, and `positions` (B, A, 3)."""
        elements, positions = batch["elements"], batch["positions"]
        real = elements > 0
        radial, envelope, directions = self._geometry(real, positions)
        scalars = self.embedding(elements)
        vectors = scalars.new_zeros(*elements.shape, 3, self.channels)
        for layer in self.layers:
            scalars, vectors = layer(scalars, vectors, radial, envelope, directions)
        return (self.readout(scalars).squeeze(-1) * real).sum(dim=1)

    def _geometry(self, real: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Radial functions, envelope and directions of all pairs; 0 where there is no edge."""
        differences = positions.unsqueeze(1) - positions.unsqueeze(2)
        squares = differences.square().sum(dim=-1)
        paired = real.unsqueeze(1) & real.unsqueeze(2)
        paired = paired & (squares < self.cutoff**2) & (squares > 0)
        distances = torch.where(paired, squares, 1.0).sqrt().unsqueeze(-1)
        envelope = 0.5 * (torch.cos(distances * (math.pi / self.cutoff)) + 1.0)
        envelope = torch.where(paired.unsqueeze(-1), envelope, 0.0)
        radial = torch.sin(distances * self.frequencies) / distances
        return radial, envelope, differences / distances
