"""Networks of the three custom GNNs, on PyTorch Geometric's MessagePassing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from torch_geometric.nn.conv import MessagePassing

Arrangement = Literal["sequential", "parallel", "averaged"]


@dataclass(frozen=True)
class Shape:
    """Sizes of a network and how its convolutions are arranged; see `MessagePassingNetwork`."""

    arrangement: Arrangement
    node_channels: int
    edge_channels: int
    extra_edge_channels: int
    hidden_channels: int
    convolutions: int
    batch_norm: bool


class EdgeConvolution(MessagePassing):  # type: ignore[misc]  # torch_geometric has no types
    """x_i <- sum over edges j -> i of MLP([x_i, x_j, g_ji]), the MLP being Linear, ReLU, Linear.

    Both linear layers are applied to atoms, which are fewer than edges: the first to x_i and x_j
    before they are brought together, the last to the sum of the messages, where its bias counts
    once for every edge.
    """

    def __init__(self, node_channels: int, edge_channels: int, channels: int) -> None:
        super().__init__(aggr="add")
        self.node_channels = node_channels
        self.first = nn.Linear(2 * node_channels + edge_channels, channels)
        self.last = nn.Linear(channels, channels)

    def forward(self, nodes: Tensor, edges: Tensor, geometry: Tensor, degrees: Tensor) -> Tensor:
        """Nodes (N, channels) from nodes, edges (2, E), geometry (E, g) and degrees (N, 1)."""
        sizes = [self.node_channels, self.node_channels, geometry.shape[1]]
        target, source, edge = torch.split(self.first.weight, sizes, dim=1)
        into, out_of = linear(nodes, target), linear(nodes, source, self.first.bias)
        along = linear(geometry, edge)
        summed = self.propagate(edges, into=into, out_of=out_of, along=along)
        return linear(summed, self.last.weight) + degrees * self.last.bias

    def message(self, into_i: Tensor, out_of_j: Tensor, along: Tensor) -> Tensor:
        """Hidden layer of the MLP, for each edge."""
        return torch.relu(into_i + out_of_j + along)


class MessagePassingNetwork(nn.Module):
    """Convolutions, sum over atoms, and a predictor with one hidden layer.

    The arrangements of the convolutions:

    - sequential: each works on what the one before gave, with a ReLU after each.
    - parallel: all work on the input; their outputs are concatenated.
    - averaged: one works on the input, then one and the same is applied `convolutions` times, on
      distances whatever the first works on; the sigmoids of all outputs are averaged.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        hidden, edge = shape.hidden_channels, shape.edge_channels + shape.extra_edge_channels
        inner = edge if shape.arrangement == "sequential" else 1 + shape.extra_edge_channels
        kinds = {
            "sequential": [(shape.node_channels, edge)]
            + [(hidden, inner)] * (shape.convolutions - 1),
            "parallel": [(shape.node_channels, edge)] * shape.convolutions,
            "averaged": [(shape.node_channels, edge), (hidden, inner)],
        }
        self.convolutions = nn.ModuleList(
            EdgeConvolution(nodes, edges, hidden) for nodes, edges in kinds[shape.arrangement]
        )
        width = hidden * shape.convolutions if shape.arrangement == "parallel" else hidden
        norm = nn.BatchNorm1d(hidden) if shape.batch_norm else nn.Identity()
        self.predictor = nn.Sequential(
            nn.Linear(width, hidden, bias=not shape.batch_norm),
            norm,
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Energies (n,) of the molecules of a batch."""
        nodes = getattr(self, "_" + self.shape.arrangement)(batch)
        sums = nodes.new_zeros(len(batch["zeros"]), nodes.shape[1])
        sums = sums.index_add(0, batch["molecule"], nodes)
        return self.predictor(sums).squeeze(1)  # type: ignore[no-any-return]

    def _sequential(self, batch: dict[str, Tensor]) -> Tensor:
        nodes = batch["nodes"]
        for convolution in self.convolutions:
            nodes = convolution(nodes, batch["edges"], batch["geometry"], batch["degrees"]).relu()
        return nodes

    def _parallel(self, batch: dict[str, Tensor]) -> Tensor:
        outputs = [
            convolution(batch["nodes"], batch["edges"], batch["geometry"], batch["degrees"])
            for convolution in self.convolutions
        ]
        return torch.cat(outputs, dim=1)

    def _averaged(self, batch: dict[str, Tensor]) -> Tensor:
        first, repeated = self.convolutions
        nodes = first(batch["nodes"], batch["edges"], batch["geometry"], batch["degrees"])
        total = nodes.sigmoid()
        for _ in range(self.shape.convolutions):
            nodes = repeated(nodes, batch["edges"], batch["lengths"], batch["degrees"])
            total = total + nodes.sigmoid()
        return total / (self.shape.convolutions + 1)  # type: ignore[no-any-return]
