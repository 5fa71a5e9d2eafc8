"""Exponential moving average of a network's weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class WeightAverage:
    """Moving average w <- d w + (1 - d) weights, with d rising from 0.1 to `decay` over the steps.

    After t steps d = min(decay, (1 + t) / (10 + t)), so that the initial weights are soon
    forgotten. With decay 0 the average is the weights themselves.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: list[Tensor] = list(network.parameters())
        self.averages = [w.detach().clone() for w in self.weights] if decay else []

    def update(self, step: int) -> None:
        """Take in the weights after step number `step`, counted from 0."""
        if self.averages:
            decay = min(self.decay, (1 + step) / (10 + step))
            with torch.no_grad():
                torch._foreach_lerp_(self.averages, self.weights, 1.0 - decay)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block, the network has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def keep(self) -> None:
        """Give the network the averaged weights for good."""
        for weight, average in zip(self.weights, self.averages, strict=False):
            weight.data.copy_(average)

    def tensors(self) -> dict[str, Tensor]:
        """Averages by number, for a checkpoint; they are changed in place on restoring."""
        return {str(i): average for i, average in enumerate(self.averages)}

    def _swap(self) -> None:
        for i, average in enumerate(self.averages):
            weight = self.weights[i]
            self.averages[i], weight.data = weight.data, average
