"""What models that train a network on molecular graphs have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.errors import ModelError, counted
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.regression.least_squares import LinearFit
from qm7bench.training.batches import Indices, in_order, shuffled
from qm7bench.training.energy_reference import fit_reference, reference_columns
from qm7bench.training.loop import train
from qm7bench.training.parameters import LossAndSchedule, TrainingParameters
from qm7bench.training.task import Task
from qm7bench.training.weights import Arrays, device, flattened, load_weights, named, weights_of

PREDICTED_AT_A_TIME = 64
"""Molecules of a minibatch where nothing is learnt."""


@dataclass
class GraphRegressor(TrainingParameters):
    """Fits a network to energies of molecules and predicts, for graphs of any kind.

    A model derives from this class and says by `facts`, `build` and `tensors` what of the training
    graphs it must remember, and how network and minibatches are made.
    """

    reference = "per_element"
    """"per_element": energies are learnt relative to `fit_reference`, in units of the mean
    absolute residual; "none": as they are. A model may make it a parameter."""
    shuffle = "every_epoch"
    """"every_epoch", or "once": the same minibatches in every epoch. A model may make it one."""
    element_weights: ClassVar[tuple[str, ...]] = ()
    """Weights with a row for each element of the training molecules, from row 1 on; a network that
    names none cannot begin with the weights of another."""
    _initial: Arrays | None = field(default=None, init=False, repr=False)

    def facts(self, graphs: MoleculeGraphs) -> Arrays:
        """Tell what `build` and `tensors` need of the training graphs; kept with the weights."""
        return {"elements": np.unique(graphs.charges)}

    def build(self, facts: Arrays) -> nn.Module:
        """Network with initial weights."""
        raise NotImplementedError

    def tensors(self, graphs: MoleculeGraphs, indices: Indices) -> dict[str, Tensor]:
        """Minibatch as the network's `forward` reads it."""
        raise NotImplementedError

    def training_forward(self, network: nn.Module) -> Any:
        """Callable for training; it may be compiled or compute in lower precision."""
        return network

    def fit(self, graphs: MoleculeGraphs, energies: NDArray[np.float64]) -> Any:
        """Fit to graphs of n molecules and their energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If a watched molecule has an element without training molecules, or training diverges.
        """
        self.facts_ = self.facts(graphs)
        if self.watch is not None:
            self.refuse_unknown_elements(self.watch[0])
        self._fit_reference(graphs, energies)
        self.network_ = self._network()
        if self._initial:
            self._take_over(self._initial)
        targets = (energies - self._references(graphs)) / self.scale_
        task = self._task(graphs, torch.from_numpy(targets).float().to(device()))
        label = f"{type(self).__name__} on {counted(len(graphs), 'molecule')}"
        self.history = train(self.network_, self.plan(), task, self.workspace, label)
        return self

    def start_from(self, arrays: Arrays) -> None:
        """Let `fit` begin with the weights in another fitted model's `state`."""
        self._initial = arrays

    def predict(self, graphs: MoleculeGraphs) -> NDArray[np.float64]:
        """Energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If a molecule has an element that the training molecules had not.
        """
        self.refuse_unknown_elements(graphs)
        self.network_.eval()
        with torch.no_grad():
            return self._predicted(self.network_, graphs)

    def state(self) -> Arrays:
        """Arrays from which `restore` makes the fitted model."""
        groups = flattened(
            network=weights_of(self.network_),
            facts=self.facts_,
            reference=self.reference_.state(),
        )
        return {**groups, "scale": np.array(self.scale_)}

    def restore(self, arrays: Arrays) -> Any:
        """Become the fitted model whose `state` these arrays are."""
        self.facts_ = named("facts", arrays)
        self.reference_ = LinearFit.from_state(named("reference", arrays))
        self.scale_ = float(arrays["scale"])
        self.network_ = self._network()
        load_weights(self.network_, named("network", arrays))
        return self

    @property
    def number_of_parameters(self) -> int:
        """Trained numbers."""
        return sum(p.numel() for p in self.network_.parameters())

    def _network(self) -> nn.Module:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(self.seed)
            return self.build(self.facts_).to(device())

    def _take_over(self, arrays: Arrays) -> None:
        """Begin with these weights, and their unit; new elements keep their own.

        Raises
        ------
        ModelError
            If the weights are those of another network.
        """
        weights, theirs = named("network", arrays), arrays["facts.elements"]
        own = weights_of(self.network_)
        others = own.keys() - set(self.element_weights)
        if {n: own[n].shape for n in others} != {
            n: w.shape for n, w in weights.items() if n not in self.element_weights
        }:
            raise ModelError(
                f"{type(self).__name__}: the pretrained network is of another shape than this one; "
                "give both the same layers and channels"
            )
        # Row 0 is that of padding.
        _, rows, their_rows = np.intersect1d(self.facts_["elements"], theirs, return_indices=True)
        rows, their_rows = np.append(rows + 1, 0), np.append(their_rows + 1, 0)
        for name in self.element_weights:
            mixed = own[name].copy()
            mixed[rows] = weights[name][their_rows]
            weights[name] = mixed
        load_weights(self.network_, weights)
        self.scale_ = float(arrays["scale"])

    def _fit_reference(self, graphs: MoleculeGraphs, energies: NDArray[np.float64]) -> None:
        self.scale_ = 1.0
        if self.reference == "none":
            self.reference_ = LinearFit(np.zeros(self._reference_columns(graphs).shape[1]), 0.0)
            return
        self.reference_ = fit_reference(graphs, self._known_elements(), energies)
        residuals = energies - self._references(graphs)
        # Molecules that the reference alone explains leave nothing to scale by.
        self.scale_ = float(np.abs(residuals).mean()) or 1.0

    def _known_elements(self) -> NDArray[np.int64]:
        elements: NDArray[np.int64] = self.facts_["elements"]
        return elements[elements > 0]

    def _reference_columns(self, graphs: MoleculeGraphs) -> NDArray[np.float64]:
        return reference_columns(graphs, self._known_elements())

    def _references(self, graphs: MoleculeGraphs) -> NDArray[np.float64]:
        return self.reference_.predict(self._reference_columns(graphs))

    def refuse_unknown_elements(self, graphs: MoleculeGraphs) -> None:
        """Raise a ModelError if a molecule has an element that the training molecules had not."""
        unknown = np.setdiff1d(graphs.charges, self.facts_["elements"])
        if len(unknown):
            names = ", ".join(SYMBOLS[charge] for charge in unknown)
            raise ModelError(
                f"{type(self).__name__} was trained on molecules without {names}; leave such"
                " molecules out or train on molecules that have it"
            )

    def _task(self, graphs: MoleculeGraphs, targets: Tensor) -> Task:
        forward = self.training_forward(self.network_)
        fixed = self.shuffle == "once"
        first = self._minibatches(len(graphs), np.random.default_rng(self.seed))
        cached: dict[int, dict[str, Tensor]] = {}

        def batches(generator: np.random.Generator) -> list[Indices]:
            return first if fixed else self._minibatches(len(graphs), generator)

        def residuals(
            network: nn.Module, indices: Indices, generator: np.random.Generator
        ) -> Tensor:
            tensors = cached.get(int(indices[0])) if fixed else None
            if tensors is None:
                tensors = self._on_device(graphs, indices)
            if fixed:
                cached[int(indices[0])] = tensors
            return forward(tensors) - targets[torch.from_numpy(indices)]  # type: ignore[no-any-return]

        return Task(batches, residuals, None if self.watch is None else self._watched)

    def _minibatches(self, number: int, generator: np.random.Generator) -> list[Indices]:
        """Shuffle; no minibatch of one molecule, which batch normalisation could not take."""
        batches = shuffled(number, self.batch_size, generator)
        if len(batches) > 1 and len(batches[-1]) == 1:
            batches[-2:] = [np.concatenate(batches[-2:])]
        return batches

    def _watched(self, network: nn.Module) -> dict[str, float]:
        assert self.watch is not None
        graphs, energies = self.watch
        return {"test_mae": float(np.abs(self._predicted(network, graphs) - energies).mean())}

    def _predicted(self, network: nn.Module, graphs: MoleculeGraphs) -> NDArray[np.float64]:
        outputs = np.empty(len(graphs))
        # Molecules of a size together leave few empty places in dense arrays.
        by_size = np.argsort(graphs.atom_counts, kind="stable")
        for places in in_order(len(graphs), PREDICTED_AT_A_TIME):
            indices = by_size[places]
            outputs[indices] = network(self._on_device(graphs, indices)).cpu().numpy()
        return self._references(graphs) + self.scale_ * outputs

    def _on_device(self, graphs: MoleculeGraphs, indices: Indices) -> dict[str, Tensor]:
        return {name: t.to(device()) for name, t in self.tensors(graphs, indices).items()}


@dataclass
class AdjustableGraphRegressor(LossAndSchedule, GraphRegressor):
    """Graph regressor with more choices, as the replicated study made them.

    Parameters
    ----------
    reference
        Learn energies as they are, or relative to per-element least-squares references.
    shuffle
        Draw minibatches in every epoch, or once before training.
    """

    reference: Literal["none", "per_element"] = "per_element"
    shuffle: Literal["every_epoch", "once"] = "every_epoch"
