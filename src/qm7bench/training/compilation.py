"""torch.compile where it can work."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

logger = logging.getLogger(__name__)


def compile_if_possible(network: nn.Module) -> Callable[..., Any]:
    """Network compiled for tensors of any size, or the network itself without a C++ compiler.

    The weights are shared, so the network itself remains usable.
    """
    if any(map(shutil.which, (os.environ.get("CXX", ""), "g++", "clang++", "c++"))):
        return torch.compile(network, dynamic=True)
    logger.warning("no C++ compiler found: training without torch.compile")
    return network
