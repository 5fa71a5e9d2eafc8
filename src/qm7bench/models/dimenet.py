"""DimeNet++: directional message passing with angles between edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qm7bench.errors import ModelError
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.models._dimenet_network import DirectionalNetwork, Shape, batch_tensors
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveInt
from qm7bench.training.batches import Indices
from qm7bench.training.compilation import compile_if_possible
from qm7bench.training.graph_regressor import AdjustableGraphRegressor


@dataclass
class Dimenet(AdjustableGraphRegressor, Model):
    """DimeNet++ of PyTorch Geometric's building blocks on our own edges, evaluated faster.

    Reads graphs of `radius_graph`, whose cutoff is the network's; triplets of atoms follow from the
    edges and need not be in the graph. Distances enter only divided by the cutoff, so the unit does
    not matter: the replicated study's cutoff of 4.0 Bohr is `radius_graph` with cutoff 2.11671.

    Parameters
    ----------
    hidden_channels, blocks, out_emb_channels, int_emb_size, basis_emb_size
        Sizes of the network, named as in PyTorch Geometric.
    num_spherical, num_radial
        Angular and radial basis functions.
    precision
        Of matrix products during training: float32, or bfloat16 by autocast, which is faster on
        processors with instructions for it (AVX512-BF16, AMX) and many times slower on others.
        Predictions are made in float32.
    compiled
        Whether to train with torch.compile, where a C++ compiler is found: a minute of preparation
        and then 15 to 25 % less time for each step.
    reference, shuffle and the rest
        See `AdjustableGraphRegressor`, `LossAndSchedule` and `TrainingParameters`.

    Notes
    -----
    Invariant to rotation, reflection, translation and the order of atoms.

    References
    ----------
    Gasteiger, Giri, Margraf & Guennemann, arXiv:2011.14115 (2020).
    """

    family: ClassVar[str] = "network"
    hidden_channels: PositiveInt = 64
    blocks: PositiveInt = 3
    out_emb_channels: PositiveInt = 128
    int_emb_size: PositiveInt = 32
    basis_emb_size: PositiveInt = 8
    num_spherical: PositiveInt = 7
    num_radial: PositiveInt = 6
    precision: Literal["float32", "bfloat16"] = "float32"
    compiled: bool = True

    def facts(self, graphs: MoleculeGraphs) -> dict[str, NDArray[Any]]:
        """Elements and cutoff of the training graphs."""
        if graphs.cutoff is None:
            raise ModelError(
                "Dimenet needs graphs that join all atoms within a cutoff; use the feature"
                " radius_graph"
            )
        return super().facts(graphs) | {"cutoff": np.asarray(graphs.cutoff)}

    def build(self, facts: dict[str, NDArray[Any]]) -> DirectionalNetwork:
        """Network with initial weights."""
        shape = Shape(
            hidden_channels=self.hidden_channels,
            blocks=self.blocks,
            int_emb_size=self.int_emb_size,
            basis_emb_size=self.basis_emb_size,
            out_emb_channels=self.out_emb_channels,
            num_spherical=self.num_spherical,
            num_radial=self.num_radial,
            cutoff=float(facts["cutoff"][0]),
        )
        return DirectionalNetwork(shape)

    def tensors(self, graphs: MoleculeGraphs, indices: Indices) -> dict[str, Tensor]:
        """Minibatch as `DirectionalNetwork` reads it."""
        return batch_tensors(graphs.batch(indices), float(self.facts_["cutoff"][0]))

    def training_forward(self, network: nn.Module) -> Callable[[dict[str, Tensor]], Tensor]:
        """Evaluate the network compiled and in reduced precision, as asked for."""
        called = compile_if_possible(network) if self.compiled else network
        reduced = self.precision == "bfloat16"

        def forward(batch: dict[str, Tensor]) -> Tensor:
            with torch.autocast(batch["zeros"].device.type, torch.bfloat16, enabled=reduced):
                return called(batch)  # type: ignore[no-any-return]

        return forward
