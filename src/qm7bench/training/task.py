"""What a network learns from, as the training loop reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from qm7bench.training.batches import Indices


@dataclass(frozen=True)
class Task:
    """What a network learns from: the data's side of a training.

    Parameters
    ----------
    batches
        From the epoch's generator to the epoch's minibatches, each the indices of its
        molecules; see `qm7bench.training.batches`.
    residuals
        From the network, the indices of a minibatch and the step's generator to predictions minus
        targets, a tensor (m,) with gradient. The generator serves whatever else is random, a
        fresh realisation of the input for example; torch's own generator is seeded for each step.
    evaluate
        From the network, with averaged weights and in evaluation mode, to figures for the history,
        `held_out_mae` and `test_mae` for example, in kcal/mol.
    """

    batches: Callable[[np.random.Generator], list[Indices]]
    residuals: Callable[[nn.Module, Indices, np.random.Generator], Tensor]
    evaluate: Callable[[nn.Module], dict[str, float]] | None = None
