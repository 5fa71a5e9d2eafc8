"""torch.compile where it can work."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def compile_if_possible(network: nn.Module) -> Callable[..., Any]:
    """Network compiled for tensors of any size, or the network itself without a C++ compiler.

    The weights are shared, so the network goes on to be usable as it is.
    """
    if any(map(shutil.which, (os.environ.get("CXX", ""), "g++", "clang++", "c++"))):
        return torch.compile(network, dynamic=True)
    print("no C++ compiler found: training goes on without torch.compile", file=sys.stderr)
    return network
