"""The DimeNet++ network, made of PyTorch Geometric's building blocks and evaluated faster.

The building blocks hold the weights, under the same names as in `DimeNetPlusPlus` of PyTorch
Geometric, so that weights can be exchanged. What is evaluated differently, with the same result:

- The sum over triplets k -> j -> i is one dense product per atom j. With the angular part P_l and
  the radial part R_l,e of the basis, sum_k x_e(kj) sum_l P_l(angle) R_l,e(kj) is the matrix of
  the P_l, (outgoing edges) x (incoming edges, l), times that of x_e R_l,e, (incoming edges, l) x e.
  Nothing of the size of the number of triplets is ever stored.
- Products of two matrices of weights without a function between them are multiplied first.
- The embedding block multiplies atoms instead of edges by its matrix.
- The radial basis comes from a table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import linear, silu
from torch_geometric.nn.models.dimenet import (
    BesselBasisLayer,
    EmbeddingBlock,
    InteractionPPBlock,
    OutputPPBlock,
    ResidualLayer,
)

from qm7bench.models._dimenet_basis import basis_table, look_up


@dataclass(frozen=True)
class Shape:
    """Sizes of the network, named as in PyTorch Geometric."""

    hidden_channels: int
    blocks: int
    int_emb_size: int
    basis_emb_size: int
    out_emb_channels: int
    num_spherical: int
    num_radial: int
    cutoff: float


class DirectionalNetwork(nn.Module):
    """DimeNet++: energies of molecules from messages on directed edges.

    Gasteiger, Giri, Margraf & Guennemann, arXiv:2011.14115; blocks as in PyTorch Geometric.
    """

    table: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        hidden, radial = shape.hidden_channels, shape.num_radial
        self.rbf = BesselBasisLayer(radial, shape.cutoff)
        self.emb = EmbeddingBlock(radial, hidden, silu)
        self.output_blocks = nn.ModuleList(
            OutputPPBlock(radial, hidden, shape.out_emb_channels, 1, 3, silu)
            for _ in range(shape.blocks + 1)
        )
        self.interaction_blocks = nn.ModuleList(
            InteractionPPBlock(
                hidden,
                shape.int_emb_size,
                shape.basis_emb_size,
                shape.num_spherical,
                radial,
                num_before_skip=1,
                num_after_skip=2,
                act=silu,
            )
            for _ in range(shape.blocks)
        )
        table = basis_table(shape.num_spherical, radial)
        self.register_buffer("table", table, persistent=False)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Energies (n,) of the molecules of a batch made by `batch_tensors`."""
        rbf = self.rbf(batch["distances"])
        angular = _legendre(batch["cosines"], batch["no_return"], self.shape.num_spherical)
        radial = look_up(self.table, batch["slot_distances"] / self.shape.cutoff)
        radial = radial.view(-1, self.shape.num_spherical, self.shape.num_radial).transpose(0, 1)
        messages = self._embed(batch, rbf)
        energies = _output(self.output_blocks[0], messages, rbf, batch)
        for interaction, output in zip(
            self.interaction_blocks, self.output_blocks[1:], strict=True
        ):
            messages = _interact(interaction, messages, rbf, radial, angular, batch)
            energies = energies + _output(output, messages, rbf, batch)
        return batch["zeros"].index_add(0, batch["molecule"], energies.squeeze(1).float())

    def _embed(self, batch: dict[str, Tensor], rbf: Tensor) -> Tensor:
        block = self.emb
        target, source, edge = block.lin.weight.chunk(3, dim=1)
        atoms = block.emb(batch["charges"])
        into = linear(atoms, target)[batch["targets"]]
        out_of = linear(atoms, source)[batch["sources"]]
        return silu(linear(silu(block.lin_rbf(rbf)), edge, block.lin.bias) + into + out_of)


def _interact(
    block: InteractionPPBlock,
    messages: Tensor,
    rbf: Tensor,
    radial: Tensor,
    angular: Tensor,
    batch: dict[str, Tensor],
) -> Tensor:
    weight = torch.cat([block.lin_ji.weight, block.lin_kj.weight])
    bias = torch.cat([block.lin_ji.bias, block.lin_kj.bias])
    x_ji, x_kj = silu(linear(messages, weight, bias)).chunk(2, dim=1)
    x_kj = x_kj * linear(rbf, block.lin_rbf2.weight @ block.lin_rbf1.weight)
    x_kj = silu(block.lin_down(x_kj))
    x_kj = _sum_over_triplets(x_kj, block, radial, angular, batch)
    hidden = x_ji + silu(block.lin_up(x_kj))
    for layer in block.layers_before_skip:
        hidden = _residual(layer, hidden)
    hidden = silu(block.lin(hidden)) + messages
    for layer in block.layers_after_skip:
        hidden = _residual(layer, hidden)
    return hidden


def _sum_over_triplets(
    incoming: Tensor,
    block: InteractionPPBlock,
    radial: Tensor,
    angular: Tensor,
    batch: dict[str, Tensor],
) -> Tensor:
    """Sum over k of incoming(kj) times the embedded basis of k -> j -> i, for each edge j -> i."""
    if len(incoming) == 0:
        return incoming
    orders, atoms, width = len(radial), len(angular), angular.shape[1]
    embedding = block.lin_sbf2.weight @ block.lin_sbf1.weight
    embedding = embedding.view(embedding.shape[0], orders, -1).permute(1, 2, 0)
    in_slots = torch.bmm(radial, embedding) * incoming[batch["edge_of_slot"]]
    in_slots = in_slots.view(orders, atoms, width, -1).transpose(0, 1)
    sums = torch.bmm(angular, in_slots.reshape(atoms, orders * width, -1))
    return sums.view(atoms * width, -1)[batch["out_slots"]]


def _output(
    block: OutputPPBlock, messages: Tensor, rbf: Tensor, batch: dict[str, Tensor]
) -> Tensor:
    weighted = block.lin_rbf(rbf) * messages
    atoms = weighted.new_zeros(len(batch["charges"]), weighted.shape[1])
    atoms = block.lin_up(atoms.index_add(0, batch["targets"], weighted))
    for layer in block.lins:
        atoms = silu(layer(atoms))
    return block.lin(atoms)  # type: ignore[no-any-return]


def _residual(layer: ResidualLayer, values: Tensor) -> Tensor:
    return values + silu(layer.lin2(silu(layer.lin1(values))))


def _legendre(cosines: Tensor, no_return: Tensor, orders: int) -> Tensor:
    """Spherical harmonics Y_l0 of the angles, 0 where k = i: (N, K, K) -> (N, K, orders * K)."""
    polynomials = [torch.ones_like(cosines), cosines]
    for n in range(2, orders):
        following = (2 * n - 1) * cosines * polynomials[-1] - (n - 1) * polynomials[-2]
        polynomials.append(following / n)
    norms = [math.sqrt((2 * n + 1) / (4 * math.pi)) for n in range(orders)]
    return torch.cat(
        [p * (norm * no_return) for p, norm in zip(polynomials, norms, strict=False)], dim=2
    )


def batch_tensors(batch: dict[str, NDArray[Any]], cutoff: float) -> dict[str, Tensor]:
    """Make what the network reads of a batch of `MoleculeGraphs`.

    Every atom gets K slots, K being the largest number of neighbours, for its incoming edges and K
    for its outgoing ones; `cosines` (N, K, K) are of the angles between an outgoing (first) and an
    incoming edge, `no_return` is 0 where the latter comes from where the former goes, else 1.
    Empty slots hold the distance of the cutoff, where the basis is 0.
    """
    sources, targets, atoms = batch["sources"], batch["targets"], len(batch["charges"])
    width = max(1, _largest_count(sources), _largest_count(targets))
    in_slots = targets * width + _rank_among_equals(targets)
    out_slots = sources * width + _rank_among_equals(sources)
    directions = batch["positions"][targets] - batch["positions"][sources]
    directions = directions / batch["distances"][:, None]

    def in_place(slots: NDArray[np.int64], values: NDArray[Any], empty: Any) -> NDArray[Any]:
        filled = np.full((atoms * width, *values.shape[1:]), empty, dtype=values.dtype)
        filled[slots] = values
        return filled.reshape(atoms, width, *values.shape[1:])

    arriving, leaving = in_place(in_slots, directions, 0.0), in_place(out_slots, directions, 0.0)
    came_from, goes_to = in_place(in_slots, sources, -1), in_place(out_slots, targets, -1)
    arrays = {
        "charges": batch["charges"],
        "molecule": batch["molecule"],
        "sources": sources,
        "targets": targets,
        "distances": batch["distances"],
        "edge_of_slot": in_place(in_slots, np.arange(len(sources)), 0).reshape(-1),
        "out_slots": out_slots,
        "slot_distances": in_place(in_slots, batch["distances"], cutoff).reshape(-1),
        "cosines": leaving @ arriving.transpose(0, 2, 1),
        "no_return": (goes_to[:, :, None] != came_from[:, None, :]).astype(np.float32),
        "zeros": np.zeros(int(batch["molecule"][-1]) + 1, dtype=np.float32),
    }
    return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}


def _rank_among_equals(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many earlier entries are equal to each entry."""
    order = np.argsort(values, kind="stable")
    counts = np.bincount(values, minlength=1)
    starts = np.cumsum(counts) - counts
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values)) - starts[values[order]]
    return ranks


def _largest_count(values: NDArray[np.int64]) -> int:
    return int(np.bincount(values, minlength=1).max())
