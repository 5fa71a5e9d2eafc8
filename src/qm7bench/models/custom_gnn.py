"""The replicated study's three message-passing networks, and what correcting them gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.errors import ModelError
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.layouts.invariance import INVARIANT, Dependence
from qm7bench.models._custom_gnn_network import MessagePassingNetwork, Shape
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat, PositiveInt
from qm7bench.training.batches import Indices
from qm7bench.training.graph_regressor import AdjustableGraphRegressor


@dataclass
class CustomGnn(AdjustableGraphRegressor, Model):
    """Energies from messages MLP([x_i, x_j, r_j - r_i]) summed over atoms; a predictor on top.

    An atom's input is its charge, divided by the L2 norm of the charges of its molecule, and the
    one-hot encoding of its element. `arrangement` sequential, parallel and averaged are the
    replicated study's CustomGNN_1, _2 and _3.

    Parameters
    ----------
    arrangement
        Of the convolutions; see `MessagePassingNetwork`.
    hidden_channels
        Width of every layer.
    convolutions
        In sequence, side by side, or how often the second one is applied.
    position_dimension
        3: messages see the vector r_j - r_i, so a rotation changes the energy; 1: its length.
    length_unit
        Of vectors and distances as the network sees them.
    coulomb
        Whether messages also see the Coulomb force of the edge, which the graph must have.
    batch_norm
        In the predictor. Without it, all its units may die early and stay so; with it and raw
        energies, each minibatch is normalised by its own mean, which puts noise of tens of kcal/mol
        on the training loss. Averaged weights do not go with it.
    reference, shuffle and the rest
        See `AdjustableGraphRegressor`, `LossAndSchedule` and `TrainingParameters`.

    Notes
    -----
    Invariant to translation and to the order of atoms, as far as the graph is; to rotation with
    `position_dimension` 1 only.
    """

    family: ClassVar[str] = "network"
    arrangement: Literal["sequential", "parallel", "averaged"] = "sequential"
    hidden_channels: PositiveInt = 128
    convolutions: PositiveInt = 2
    position_dimension: Literal[1, 3] = 1
    length_unit: Literal["angstrom", "bohr"] = "angstrom"
    coulomb: bool = False
    batch_norm: bool = True
    learning_rate: PositiveFloat = 0.005
    decay_epochs: PositiveFloat = 50.0
    smallest_factor: NonNegativeFloat = 0.01
    average_decay: NonNegativeFloat = 0.0

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """The orientation, where messages see vectors."""
        return frozenset({"rotation"}) if self.position_dimension == 3 else INVARIANT

    def facts(self, graphs: MoleculeGraphs) -> dict[str, NDArray[Any]]:
        """Elements of the training graphs."""
        if self.batch_norm and len(graphs) < 2:
            raise ModelError(
                "CustomGnn with batch_norm: true needs two training molecules, as it divides by "
                "their spread; give more molecules or set batch_norm to false"
            )
        return super().facts(graphs)

    def build(self, facts: dict[str, NDArray[Any]]) -> MessagePassingNetwork:
        """Network with initial weights."""
        shape = Shape(
            arrangement=self.arrangement,
            node_channels=1 + len(facts["elements"]),
            edge_channels=self.position_dimension,
            extra_edge_channels=int(self.coulomb),
            hidden_channels=self.hidden_channels,
            convolutions=self.convolutions,
            batch_norm=self.batch_norm,
        )
        return MessagePassingNetwork(shape)

    def tensors(self, graphs: MoleculeGraphs, indices: Indices) -> dict[str, Tensor]:
        """Minibatch as `MessagePassingNetwork` reads it."""
        batch = graphs.batch(indices)
        charges, sources, targets = batch["charges"], batch["sources"], batch["targets"]
        unit = ANGSTROM_PER_BOHR if self.length_unit == "bohr" else 1.0
        vectors = (batch["positions"][sources] - batch["positions"][targets]) / unit
        lengths = batch["distances"][:, None] / unit
        forces = self._forces(batch)
        geometry = vectors if self.position_dimension == 3 else lengths
        norms = np.sqrt(np.bincount(batch["molecule"], charges.astype(np.float64) ** 2))
        scaled = charges / norms[batch["molecule"]]
        one_hot = charges[:, None] == self.facts_["elements"]
        arrays = {
            "nodes": np.concatenate([scaled[:, None], one_hot], axis=1),
            "geometry": np.concatenate([geometry, forces], axis=1),
            "lengths": np.concatenate([lengths, forces], axis=1),
            "degrees": np.bincount(targets, minlength=len(charges))[:, None],
            "zeros": np.zeros(len(indices)),
        }
        tensors = {name: torch.from_numpy(a.astype(np.float32)) for name, a in arrays.items()}
        tensors["edges"] = torch.from_numpy(np.stack([sources, targets]))
        tensors["molecule"] = torch.from_numpy(batch["molecule"])
        return tensors

    def _forces(self, batch: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        if not self.coulomb:
            return np.empty((len(batch["sources"]), 0), dtype=np.float32)
        if "coulomb" not in batch:
            raise ModelError(
                "CustomGnn with coulomb: true needs a graph whose edges carry Coulomb forces;"
                " give the graph feature coulomb: true or use coulomb_force_graph"
            )
        return np.asarray(batch["coulomb"])[:, None]
