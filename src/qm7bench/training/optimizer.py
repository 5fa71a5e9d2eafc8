"""The optimiser of all networks, and its state as arrays and JSON."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qm7bench.training.plan import TrainingPlan
from qm7bench.training.weights import Arrays


def adamw(network: nn.Module, plan: TrainingPlan) -> torch.optim.AdamW:
    """AdamW with weight decay on parameters of two or more dimensions."""
    decayed = [p for p in network.parameters() if p.ndim >= 2]
    others = [p for p in network.parameters() if p.ndim < 2]
    groups: list[dict[str, Any]] = [{"params": decayed}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=plan.learning_rate,
        weight_decay=plan.weight_decay,
        fused=True,
    )


def optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[list[dict[str, Any]], Arrays]:
    """Return settings of the parameter groups, and arrays of every parameter."""
    state = optimizer.state_dict()
    arrays = {
        f"{i}.{name}": tensor.cpu().numpy()
        for i, tensors in state["state"].items()
        for name, tensor in tensors.items()
    }
    return state["param_groups"], arrays


def restore_optimizer(
    optimizer: torch.optim.Optimizer, groups: list[dict[str, Any]], arrays: Arrays
) -> None:
    """Restore what `optimizer_state` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, array in arrays.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = torch.from_numpy(array)
    optimizer.load_state_dict({"state": state, "param_groups": groups})
