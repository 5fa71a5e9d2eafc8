"""What networks on dense arrays, padded to the largest molecule of a minibatch, have in common."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qm7bench.errors import ModelError
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.registry.parameters import NonNegativeFloat, PositiveInt
from qm7bench.regression.standardization import Standardizer
from qm7bench.training.batches import Indices, of_similar_size
from qm7bench.training.compilation import compile_if_possible
from qm7bench.training.graph_regressor import GraphRegressor
from qm7bench.training.memory import keep_freed_memory
from qm7bench.training.plan import TrainingPlan
from qm7bench.training.task import Task


@dataclass
class DenseRegressor(GraphRegressor):
    """Trains a network that reads elements and positions, with the cutoff of `radius_graph`.

    L1 loss on energies relative to per-element references, AdamW, cosine schedule with warm-up,
    averaged weights. A model derives from this class and says by `network` how its network is made.

    Parameters
    ----------
    channels
        Scalars of each atom, and as many vectors or matrices.
    radial_functions
        Bessel functions sin(n pi d / cutoff) / d of the distance.
    minibatches
        "similar_size": of molecules that differ little in size, which waste little padding;
        "random": of any, which cost half as much again and generalise better.
    compiled
        Whether to compile the network, which takes a minute and then saves half of the time.
    """

    element_weights: ClassVar[tuple[str, ...]] = ("embedding.elements.weight",)

    channels: PositiveInt = 64
    radial_functions: PositiveInt = 20
    warmup_epochs: NonNegativeFloat = 1.0
    weight_decay: NonNegativeFloat = 0.01
    gradient_clip: NonNegativeFloat = 10.0
    evaluate_every: PositiveInt = 5
    minibatches: Literal["similar_size", "random"] = "similar_size"
    compiled: bool = True

    def plan(self) -> TrainingPlan:
        """How the network is trained."""
        keep_freed_memory()
        return dataclasses.replace(super().plan(), loss="l1", schedule="cosine_with_warmup")

    def facts(self, graphs: MoleculeGraphs) -> dict[str, NDArray[Any]]:
        """Elements, cutoff and, if there are any, mean and scale of the atoms' descriptors."""
        if graphs.cutoff is None:
            name = type(self).__name__
            raise ModelError(f"{name} needs graphs with a cutoff; give it the feature radius_graph")
        facts = {**super().facts(graphs), "cutoff": graphs.cutoff}
        if graphs.descriptors is not None:
            standardizer = Standardizer.fitted(graphs.descriptors.astype(np.float64))
            facts["descriptor_mean"] = standardizer.mean.astype(np.float32)
            facts["descriptor_scale"] = standardizer.scale.astype(np.float32)
        return facts

    def build(self, facts: dict[str, NDArray[Any]]) -> nn.Module:
        """Network with initial weights."""
        embedding = AtomEmbedding(facts, self.channels)
        return self.network(
            embedding, PairGeometry(float(facts["cutoff"][0]), self.radial_functions)
        )

    def network(self, embedding: AtomEmbedding, geometry: PairGeometry) -> nn.Module:
        """Network on these atoms and pairs of atoms; it reads what `tensors` gives."""
        raise NotImplementedError

    def training_forward(self, network: nn.Module) -> Any:
        """Network as it is trained, compiled or not."""
        return compile_if_possible(network) if self.compiled else network

    def tensors(self, graphs: MoleculeGraphs, indices: Indices) -> dict[str, Tensor]:
        """Elements, from 1, positions and standardized descriptors, padded to equal size."""
        counts = graphs.atom_counts[indices]
        places = np.arange(counts.max())
        real = places < counts[:, None]
        atoms = np.where(real, graphs.atom_offsets[indices][:, None] + places, 0)
        elements = np.searchsorted(self.facts_["elements"], graphs.charges[atoms]) + 1
        padded = {
            "elements": torch.from_numpy(np.where(real, elements, 0)),
            "positions": torch.from_numpy(graphs.positions[atoms]),
        }
        if graphs.descriptors is not None:
            mean, scale = self.facts_["descriptor_mean"], self.facts_["descriptor_scale"]
            padded["descriptors"] = torch.from_numpy((graphs.descriptors[atoms] - mean) / scale)
        return padded

    def _task(self, graphs: MoleculeGraphs, targets: Tensor) -> Task:
        task = super()._task(graphs, targets)
        if self.minibatches == "random":
            return task
        return dataclasses.replace(
            task,
            batches=lambda rng: of_similar_size(graphs.atom_counts, self.batch_size, rng),
        )


class AtomEmbedding(nn.Module):
    """Scalars of atoms before any message: those of the element plus a network of descriptors."""

    def __init__(self, facts: dict[str, NDArray[Any]], channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.elements = nn.Embedding(len(facts["elements"]) + 1, channels)
        descriptors = len(facts.get("descriptor_mean", ()))
        self.descriptors = (
            atomwise_network(descriptors, channels, channels) if descriptors else None
        )

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Scalars (B, A, C) of a minibatch of `DenseRegressor.tensors`."""
        scalars: Tensor = self.elements(batch["elements"])
        if self.descriptors is None:
            return scalars
        embedded: Tensor = scalars + self.descriptors(batch["descriptors"])
        return embedded


class PairGeometry(nn.Module):
    """Bessel functions, smooth envelope and directions of all pairs of atoms within a cutoff."""

    frequencies: Tensor

    def __init__(self, cutoff: float, radial_functions: int) -> None:
        super().__init__()
        self.cutoff, self.radial_functions = cutoff, radial_functions
        frequencies = torch.arange(1, radial_functions + 1) * (math.pi / cutoff)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, real: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Radial functions (B, A, A, K), envelope (B, A, A, 1), directions (B, A, A, 3).

        Of pairs (target, source) among the atoms that are `real` (B, A), at `positions`
        (B, A, 3); envelopes and directions are 0 where there is no edge.
        """
        differences = positions.unsqueeze(1) - positions.unsqueeze(2)
        squares = differences.square().sum(dim=-1)
        paired = real.unsqueeze(1) & real.unsqueeze(2)
        paired = paired & (squares < self.cutoff**2) & (squares > 0)
        distances = torch.where(paired, squares, 1.0).sqrt().unsqueeze(-1)
        envelope = 0.5 * (torch.cos(distances * (math.pi / self.cutoff)) + 1.0)
        envelope = torch.where(paired.unsqueeze(-1), envelope, 0.0)
        radial = torch.sin(distances * self.frequencies) / distances
        return radial, envelope, differences / distances


def atomwise_network(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Two linear layers with SiLU between them."""
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))
