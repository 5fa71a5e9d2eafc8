"""Learning rates over time, by torch's schedulers.

The factors are closed forms in a `LambdaLR`. torch's own `LinearLR` and `CosineAnnealingLR` compute
each rate from the one before, with rounding that adds up, and cannot change within a step.
"""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from qm7bench.errors import ModelError
from qm7bench.training.plan import TrainingPlan


def cosine_with_warmup(epoch: float, epochs: float, warmup_epochs: float) -> float:
    """Factor of the learning rate after `epoch` epochs, a fraction within an epoch included.

    Rises linearly to 1 during the warm-up, then decays as half a cosine to 0 at `epochs`. The
    warm-up is at most a tenth of the training, so that very short trainings still learn.
    """
    warmup = min(warmup_epochs, epochs / 10)
    if epoch < warmup:
        return epoch / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


def linear_to_floor(epoch: float, decay_epochs: float, floor: float) -> float:
    """Factor of the learning rate after `epoch` epochs: decays from 1 towards 0 at `decay_epochs`.

    It stays at `floor` once it has reached it.
    """
    return max(1.0 - epoch / decay_epochs, floor)


def step_scheduler(
    optimizer: Optimizer, plan: TrainingPlan, steps_per_epoch: int
) -> LambdaLR | None:
    """Scheduler to be called after every step; None if the rate does not depend on the step."""

    def epochs_done(step: int) -> float:
        epoch, batch = divmod(step, steps_per_epoch)
        return epoch + (batch + 1) / steps_per_epoch

    def cosine(step: int) -> float:
        return cosine_with_warmup(epochs_done(step), plan.epochs, plan.warmup_epochs)

    def linear(step: int) -> float:
        return linear_to_floor(epochs_done(step), plan.decay_epochs, plan.smallest_factor)

    if plan.schedule == "cosine_with_warmup":
        return LambdaLR(optimizer, cosine)
    return LambdaLR(optimizer, linear) if plan.schedule == "linear" else None


def plateau_scheduler(optimizer: Optimizer, plan: TrainingPlan) -> ReduceLROnPlateau | None:
    """Scheduler to be called with the monitored value after an epoch; None for other schedules.

    Raises
    ------
    ModelError
        If the factor would not reduce the rate.
    """
    if plan.schedule != "reduce_on_plateau":
        return None
    if plan.plateau_factor >= 1:
        raise ModelError(f"plateau_factor is {plan.plateau_factor}; give a number below 1")
    return ReduceLROnPlateau(
        optimizer, factor=plan.plateau_factor, patience=plan.plateau_patience, eps=0.0
    )
