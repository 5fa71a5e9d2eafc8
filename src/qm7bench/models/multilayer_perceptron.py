"""Multilayer perceptron on eigenspectra and on sorted or randomly sorted Coulomb matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qm7bench.errors import counted
from qm7bench.layouts.invariance import INVARIANT, Dependence
from qm7bench.models._perceptron_inputs import (
    FixedRealisations,
    FreshRealisations,
    InputEncoding,
    Source,
    Thresholds,
    Values,
)
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import (
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)
from qm7bench.training.batches import shuffled
from qm7bench.training.loop import train
from qm7bench.training.memory import keep_freed_memory
from qm7bench.training.parameters import LossAndSchedule, TrainingParameters
from qm7bench.training.task import Task
from qm7bench.training.weights import Arrays, device, flattened, load_weights, named, weights_of

Floats = NDArray[np.float64]

REALISATIONS_FOR_THRESHOLDS = 10
"""Realisations of the training molecules in which the largest value of each column is sought."""


class ScaledTanh(nn.Module):
    """1.5 tanh(x / 1.5), of slope 1 at zero."""

    def forward(self, values: Tensor) -> Tensor:
        """Apply it to each value."""
        return 1.5 * torch.tanh(values / 1.5)


ACTIVATIONS = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "scaled_tanh": ScaledTanh,
    "silu": nn.SiLU,
}


@dataclass
class MultilayerPerceptron(LossAndSchedule, TrainingParameters, Model):
    """Two hidden layers and one linear output, trained by Adam in minibatches.

    Parameters
    ----------
    first_hidden, second_hidden
        Units of the hidden layers.
    activation
        `scaled_tanh` is 1.5 tanh(x / 1.5), that of Montavon et al.
    realisations
        `fixed` learns from the feature as it is; of several realisations each minibatch takes one
        at random and a prediction is the mean over all. `fresh` takes the feature's columns for
        the upper triangle of a Coulomb matrix and draws a new random order of the atoms for every
        molecule of every minibatch.
    noise
        Of fresh realisations, in Hartree: standard deviation added to the row norms.
    test_realisations
        Fresh realisations that a prediction is the mean of.
    binarize, binarisation_step, drop_last_threshold
        Inputs tanh((x - k) / step) instead of x; the replicated study lacks the last threshold.
    normalisation
        After centring each input, divide by one standard deviation of all or by each one's own.
    standardize_targets
        Learn (energies - mean) / standard deviation, or energies in kcal/mol.
    epochs, batch_size, learning_rate and the rest
        See `LossAndSchedule` and `TrainingParameters`; residuals are in kcal/mol.

    Notes
    -----
    As invariant as the feature: to rotation, translation and, where no two rows have the same
    norm, to the order of the atoms. The random orders of a prediction depend on the place of a
    molecule among those that are predicted together.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012).
    """

    family: ClassVar[str] = "network"
    first_hidden: PositiveInt = 400
    second_hidden: PositiveInt = 100
    activation: Literal["relu", "sigmoid", "tanh", "scaled_tanh", "silu"] = "silu"
    realisations: Literal["fixed", "fresh"] = "fixed"
    noise: NonNegativeFloat = 1.0
    test_realisations: PositiveInt = 10
    binarize: bool = True
    binarisation_step: PositiveFloat = 1.0
    drop_last_threshold: bool = False
    normalisation: Literal["global", "per_input"] = "global"
    standardize_targets: bool = True
    epochs: PositiveInt = 200
    batch_size: PositiveInt = 64
    warmup_epochs: NonNegativeFloat = 0.0
    stopping_patience: NonNegativeInt = 0
    gradient_clip: NonNegativeFloat = 0.0
    average_decay: NonNegativeFloat = 0.995
    evaluate_every: PositiveInt = 5

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """The place among other molecules and the order of atoms, for which noise is drawn."""
        return (
            frozenset({"order", "padding", "others", "ties"})
            if self.realisations == "fresh"
            else INVARIANT
        )

    def fit(self, features: Values, energies: Floats) -> MultilayerPerceptron:
        """Fit to features (n, d) or (n, r, d) and energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If fresh realisations are wanted of what is not a Coulomb matrix, or training diverges.
        """
        keep_freed_memory()
        source = self._source(features)
        self.encoding_ = self._fitted_encoding(source)
        self.mean_, self.scale_ = 0.0, 1.0
        if self.standardize_targets:
            # Energies that are all the same leave nothing to scale by.
            self.mean_, self.scale_ = float(energies.mean()), float(energies.std()) or 1.0
        self.network_ = self._network(self.encoding_.number_of_inputs)
        task = self._task(source, energies)
        label = f"multilayer perceptron on {counted(len(source), 'molecule')}"
        self.history = train(self.network_, self.plan(), task, self.workspace, label)
        return self

    def predict(self, features: Values) -> Floats:
        """Energies (n,) in kcal/mol: the mean over realisations."""
        self.network_.eval()
        return self._predicted(self.network_, self._source(features), self.test_realisations)

    def state(self) -> Arrays:
        """Arrays from which `restore` makes the fitted model."""
        groups = flattened(network=weights_of(self.network_), encoding=self.encoding_.state())
        return {**groups, "mean": np.array(self.mean_), "scale": np.array(self.scale_)}

    def restore(self, arrays: Arrays) -> MultilayerPerceptron:
        """Become the fitted model whose `state` these arrays are."""
        self.encoding_ = InputEncoding.restored(named("encoding", arrays))
        self.mean_, self.scale_ = float(arrays["mean"]), float(arrays["scale"])
        self.network_ = self._network(self.encoding_.number_of_inputs)
        load_weights(self.network_, named("network", arrays))
        return self

    @property
    def number_of_parameters(self) -> int:
        """Weights and biases."""
        return sum(p.numel() for p in self.network_.parameters())

    def _source(self, features: Values) -> Source:
        if self.realisations == "fresh":
            return FreshRealisations(features, self.noise)
        return FixedRealisations(features)

    def _fitted_encoding(self, source: Source) -> InputEncoding:
        generator = np.random.default_rng(self.seed)
        thresholds = None
        if self.binarize:
            passes = range(source.available(REALISATIONS_FOR_THRESHOLDS))
            largest = [c.max(axis=0) for i in passes for c in source.chunks(i, generator)]
            thresholds = Thresholds.up_to(
                np.max(largest, axis=0), self.binarisation_step, self.drop_last_threshold
            )
        return InputEncoding.fitted(source.chunks(0, generator), thresholds, self.normalisation)

    def _network(self, inputs: int) -> nn.Sequential:
        activation = ACTIVATIONS[self.activation]
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(self.seed)
            network = nn.Sequential(
                nn.Linear(inputs, self.first_hidden),
                activation(),
                nn.Linear(self.first_hidden, self.second_hidden),
                activation(),
                nn.Linear(self.second_hidden, 1),
                nn.Flatten(start_dim=0),
            )
        return network.to(device())

    def _task(self, source: Source, energies: Floats) -> Task:
        targets = torch.from_numpy(energies - self.mean_).float()
        encoding, scale = self.encoding_, self.scale_

        def residuals(
            network: nn.Module, indices: NDArray[np.int64], generator: np.random.Generator
        ) -> Tensor:
            outputs: Tensor = network(encoding(source.draw(indices, generator)))
            return scale * outputs - targets[torch.from_numpy(indices)].to(outputs.device)

        return Task(
            batches=lambda generator: shuffled(len(source), self.batch_size, generator),
            residuals=residuals,
            evaluate=None if self.watch is None else self._watched,
        )

    def _watched(self, network: nn.Module) -> dict[str, float]:
        """Error of the watched molecules in one realisation, which costs little."""
        assert self.watch is not None
        features, energies = self.watch
        predictions = self._predicted(network, self._source(features), 1)
        return {"test_mae": float(np.abs(predictions - energies).mean())}

    def _predicted(self, network: nn.Module, source: Source, realisations: int) -> Floats:
        generator = np.random.default_rng(self.seed)
        number, total = source.available(realisations), np.zeros(len(source))
        with torch.no_grad():
            for i in range(number):
                chunks = source.chunks(i, generator)
                total += np.concatenate([network(self.encoding_(c)).cpu().numpy() for c in chunks])
        return self.mean_ + self.scale_ * total / number
