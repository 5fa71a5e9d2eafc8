"""Exponential moving average of a network's weights, by torch's `AveragedModel`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """Average w <- d w + (1 - d) weights, to be updated after every step.

    After t steps d = min(decay, (1 + t) / (10 + t)), so that the initial weights are soon
    forgotten: torch's own average with a constant d would still hold 37 % of them after
    1 / (1 - decay) steps. Buffers, as those of batch normalisation, are the network's.
    """

    def update(averages: Any, weights: Any, averaged: Tensor | int) -> None:
        number = int(averaged)
        with torch.no_grad():
            torch._foreach_lerp_(averages, weights, 1.0 - min(decay, number / (9 + number)))

    average = AveragedModel(network, multi_avg_fn=update)
    average.update_parameters(network)
    return average
