"""PaiNN: equivariant message passing with scalars and vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveInt
from qm7bench.training.dense_regressor import (
    AtomEmbedding,
    DenseRegressor,
    PairGeometry,
    atomwise_network,
)


@dataclass
class Painn(DenseRegressor, Model):
    """Energies as sums over atoms that send each other scalars and vectors.

    A message from atom j to i is a learnt function of j's scalars times a learnt filter of the
    distance; it adds to i's scalars, to i's vectors along the direction from i to j, and passes
    j's vectors on. Energies are learnt relative to per-element least-squares references. Reads
    graphs of `radius_graph`, whose cutoff is the network's; edges follow from the positions. Where
    atoms have descriptors (`radius_graph_extended_huckel`), these enter the atoms' first scalars,
    and energies are learnt relative to a ridge regression on their sums.

    Parameters
    ----------
    layers
        Rounds of messages and updates.
    channels, radial_functions, minibatches and the rest
        See `DenseRegressor` and `TrainingParameters`.

    Notes
    -----
    Invariant to rotation, reflection, translation and the order of atoms.

    References
    ----------
    Schuett, Unke & Gastegger, Proceedings of ICML 2021, 9377.
    """

    family: ClassVar[str] = "network"
    layers: PositiveInt = 3
    epochs: PositiveInt = 80

    def network(self, embedding: AtomEmbedding, geometry: PairGeometry) -> nn.Module:
        """Network with initial weights."""
        return PainnNetwork(embedding, geometry, self.layers)


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

        `radial`, `envelope` and `directions` of pairs of atoms are those of `PairGeometry`.
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
    """Embedding of atoms, layers, and a readout of each atom's energy."""

    def __init__(self, embedding: AtomEmbedding, geometry: PairGeometry, layers: int) -> None:
        super().__init__()
        self.channels = channels = embedding.channels
        self.geometry = geometry
        self.embedding = embedding
        self.layers = nn.ModuleList(
            PainnLayer(channels, geometry.radial_functions, i == 0) for i in range(layers)
        )
        self.readout = atomwise_network(channels, channels, 1)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Energies (B,) of `elements` (B, A), 0 for padding, and `positions` (B, A, 3)."""
        elements, positions = batch["elements"], batch["positions"]
        real = elements > 0
        radial, envelope, directions = self.geometry(real, positions)
        scalars = self.embedding(batch)
        vectors = scalars.new_zeros(*elements.shape, 3, self.channels)
        for layer in self.layers:
            scalars, vectors = layer(scalars, vectors, radial, envelope, directions)
        energies: Tensor = (self.readout(scalars).squeeze(-1) * real).sum(dim=1)
        return energies
