"""A network's weights among the arrays of a fitted model, and where it computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

Arrays = dict[str, NDArray[Any]]


def flattened(**groups: Arrays) -> Arrays:
    """Return the arrays of all groups in one, each named "group.name"."""
    return {f"{group}.{name}": a for group, arrays in groups.items() for name, a in arrays.items()}


def named(group: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return the arrays of one group of `flattened`, under their own names."""
    prefix = group + "."
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}


def weights_of(network: nn.Module) -> Arrays:
    """Return weights and buffers of a network by name."""
    return {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}


def load_weights(network: nn.Module, weights: Arrays) -> None:
    """Give a network the arrays of `weights_of`."""
    network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})


def device() -> torch.device:
    """Return the GPU if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
