"""TensorNet: message passing with Cartesian tensors of rank two."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveInt
from qm7bench.training.dense_regressor import AtomEmbedding, DenseRegressor, PairGeometry


@dataclass
class Tensornet(DenseRegressor, Model):
    """Energies as sums over atoms, each described by 3 x 3 matrices that are multiplied.

    Each channel of an atom is a matrix X = I + A + S: a multiple of the identity, an antisymmetric
    part (a vector) and a symmetric traceless part, which rotate without mixing. Atoms gather the
    matrices of their neighbours, weighed by learnt functions of the distance, and multiply their
    own with what they gathered, so that angles and torsions enter by one product. Energies are
    learnt relative to per-element least-squares references. Reads graphs of `radius_graph`, whose
    cutoff is the network's; edges follow from the positions. Descriptors of atoms are read as by
    `painn`.

    Parameters
    ----------
    layers
        Rounds of messages, after the embedding, which is one too.
    filter_channels
        Hidden units between a distance's functions and the weights of its messages.
    channels, radial_functions, minibatches and the rest
        See `DenseRegressor` and `TrainingParameters`.

    Notes
    -----
    Invariant to rotation, reflection, translation and the order of atoms. Smaller than the paper's
    network: Bessel functions instead of exponentials, one hidden layer where it has two.

    References
    ----------
    Simeon & De Fabritiis, NeurIPS 2023, arXiv:2306.06482.
    """

    family: ClassVar[str] = "network"
    layers: PositiveInt = 2
    filter_channels: PositiveInt = 32
    epochs: PositiveInt = 60

    def network(self, embedding: AtomEmbedding, geometry: PairGeometry) -> nn.Module:
        """Network with initial weights."""
        return TensornetNetwork(embedding, geometry, self.layers, self.filter_channels)


class Parts(NamedTuple):
    """Matrices of B molecules with A atoms, in C channels, by their irreducible parts.

    Attributes
    ----------
    identity : (B, A, C)
        Multiple of the identity.
    vector : (B, A, 3, C)
        x, y, z of the antisymmetric part.
    symmetric : (B, A, 6, C)
        xx, yy, zz, xy, xz, yz of the symmetric traceless part.
    """

    identity: Tensor
    vector: Tensor
    symmetric: Tensor

    @classmethod
    def of(cls, matrices: Tensor) -> Parts:
        """Parts of matrices (B, A, 3, 3, C)."""
        rows = [row.unbind(2) for row in matrices.unbind(2)]
        (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rows
        identity = (xx + yy + zz) / 3.0
        vector = torch.stack([zy - yz, xz - zx, yx - xy], dim=2) / 2.0
        diagonal = [xx - identity, yy - identity, zz - identity]
        others = [(xy + yx) / 2.0, (xz + zx) / 2.0, (yz + zy) / 2.0]
        return cls(identity, vector, torch.stack([*diagonal, *others], dim=2))

    def matrices(self) -> Tensor:
        """Matrices (B, A, 3, 3, C)."""
        x, y, z = self.vector.unbind(2)
        xx, yy, zz, xy, xz, yz = self.symmetric.unbind(2)
        i = self.identity
        rows = [(xx + i, xy - z, xz + y), (xy + z, yy + i, yz - x), (xz - y, yz + x, zz + i)]
        return torch.stack([torch.stack(row, dim=2) for row in rows], dim=2)

    def squared_norms(self) -> tuple[Tensor, Tensor, Tensor]:
        """Squared Frobenius norm of each part, (B, A, C): all that a rotation leaves alone."""
        diagonal, others = self.symmetric[:, :, :3], self.symmetric[:, :, 3:]
        return (
            3.0 * self.identity.square(),
            2.0 * self.vector.square().sum(dim=2),
            diagonal.square().sum(dim=2) + 2.0 * others.square().sum(dim=2),
        )

    def squared_norm(self) -> Tensor:
        """Squared Frobenius norm of the matrix, (B, A, C)."""
        one, two, three = self.squared_norms()
        return one + two + three

    def scaled(self, one: Tensor, two: Tensor, three: Tensor) -> Parts:
        """Each part times its own factors (B, A, C)."""
        return Parts(
            self.identity * one, self.vector * two.unsqueeze(2), self.symmetric * three.unsqueeze(2)
        )

    def normalized(self) -> Parts:
        """Divided by one plus the squared norm of the matrix."""
        factor = 1.0 / (1.0 + self.squared_norm())
        return self.scaled(factor, factor, factor)

    def plus(self, other: Parts) -> Parts:
        """Sum of the matrices."""
        return Parts(*(a + b for a, b in zip(self, other, strict=True)))


def product(a: Tensor, b: Tensor) -> Tensor:
    """Products of matrices (B, A, 3, 3, C), channel by channel."""
    return (a.unsqueeze(4) * b.unsqueeze(2)).sum(dim=3)


def silu_network(*sizes: int) -> nn.Sequential:
    """Linear layers with SiLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class ChannelMixing(nn.Module):
    """Linear combinations of channels, other ones for each irreducible part."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weights = nn.ModuleList(nn.Linear(channels, channels, bias=False) for _ in range(3))

    def forward(self, parts: Parts) -> Parts:
        """Mix the channels of each part."""
        return Parts(*(weight(part) for weight, part in zip(self.weights, parts, strict=True)))


class TensorEmbedding(nn.Module):
    """Matrices of atoms from the directions and elements of their neighbours."""

    def __init__(self, channels: int, radial_functions: int) -> None:
        super().__init__()
        self.target = nn.Linear(channels, channels)
        self.source = nn.Linear(channels, channels, bias=False)
        self.filter = nn.Linear(radial_functions, 3 * channels)
        self.norm = nn.LayerNorm(channels)
        self.gates = nn.Sequential(silu_network(channels, 2 * channels, 3 * channels), nn.SiLU())
        self.mix = ChannelMixing(channels)

    def forward(
        self, scalars: Tensor, radial: Tensor, envelope: Tensor, directions: Tensor
    ) -> Parts:
        """Parts of each atom, from scalars (B, A, C) of its element and `PairGeometry`."""
        pairs = self.target(scalars).unsqueeze(2) + self.source(scalars).unsqueeze(1)
        one, two, three = (self.filter(radial) * envelope).chunk(3, dim=-1)
        x, y, z = directions.unbind(-1)
        third = 1.0 / 3.0
        squares = [x * x - third, y * y - third, z * z - third, x * y, x * z, y * z]
        symmetric = torch.stack(squares, dim=-1)
        parts = Parts(
            (one * pairs).sum(dim=2),
            ((two * pairs).unsqueeze(3) * directions.unsqueeze(-1)).sum(dim=2),
            ((three * pairs).unsqueeze(3) * symmetric.unsqueeze(-1)).sum(dim=2),
        )
        gates = self.gates(self.norm(parts.squared_norm()))
        mixed: Parts = self.mix(parts).scaled(*gates.chunk(3, dim=-1))
        return mixed


class Interaction(nn.Module):
    """Messages of neighbours, multiplied with the atom's own matrices."""

    def __init__(self, channels: int, radial_functions: int, filter_channels: int) -> None:
        super().__init__()
        self.filter = silu_network(radial_functions, filter_channels, 3 * channels)
        self.before, self.after = ChannelMixing(channels), ChannelMixing(channels)

    def forward(self, parts: Parts, radial: Tensor, envelope: Tensor) -> Parts:
        """Parts after one round of messages."""
        parts = parts.normalized()
        own = self.before(parts)
        one, two, three = (self.filter(radial) * envelope).chunk(3, dim=-1)
        gathered = Parts(
            (one * own.identity.unsqueeze(1)).sum(dim=2),
            (two.unsqueeze(3) * own.vector.unsqueeze(1)).sum(dim=2),
            (three.unsqueeze(3) * own.symmetric.unsqueeze(1)).sum(dim=2),
        )
        y, m = own.matrices(), gathered.matrices()
        # Both orders together, as only their sum is equivariant to reflections.
        change = self.after(Parts.of(product(y, m) + product(m, y)).normalized())
        matrices = change.matrices()
        return parts.plus(change).plus(Parts.of(product(matrices, matrices)))


class TensornetNetwork(nn.Module):
    """Embedding, interactions, and a readout of each atom's energy from the norms of its parts."""

    def __init__(
        self, embedding: AtomEmbedding, geometry: PairGeometry, layers: int, filter_channels: int
    ) -> None:
        super().__init__()
        channels, radial_functions = embedding.channels, geometry.radial_functions
        self.geometry = geometry
        self.embedding = embedding
        self.tensor_embedding = TensorEmbedding(channels, radial_functions)
        self.interactions = nn.ModuleList(
            Interaction(channels, radial_functions, filter_channels) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(3 * channels)
        self.readout = silu_network(3 * channels, channels, channels, 1)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Energies (B,) of `elements` (B, A), 0 for padding, and `positions` (B, A, 3)."""
        elements, positions = batch["elements"], batch["positions"]
        real = elements > 0
        radial, envelope, directions = self.geometry(real, positions)
        parts = self.tensor_embedding(self.embedding(batch), radial, envelope, directions)
        for interaction in self.interactions:
            parts = interaction(parts, radial, envelope)
        invariants = self.norm(torch.cat(parts.squared_norms(), dim=-1))
        energies: Tensor = (self.readout(invariants).squeeze(-1) * real).sum(dim=1)
        return energies
