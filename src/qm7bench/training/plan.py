"""What a training does: everything that decides its result, apart from the network and the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Loss = Literal["l1", "l2", "smooth_l1"]
Schedule = Literal["cosine_with_warmup", "reduce_on_plateau", "linear", "constant"]
Monitor = Literal["training_loss", "held_out_mae"]


@dataclass(frozen=True)
class TrainingPlan:
    """Settings of `qm7bench.training.loop.train`.

    Parameters
    ----------
    epochs
        Largest number of epochs; the cosine schedule reaches zero after the last one.
    loss
        Mean over the minibatch of a function of the residuals: absolute, squared, or squared below
        one and absolute above (torch's smooth L1).
    learning_rate
        Of AdamW, which without weight decay is Adam.
    schedule
        `cosine_with_warmup` rises linearly over `warmup_epochs`, then decays to zero as half a
        cosine; `reduce_on_plateau` multiplies the rate by `plateau_factor` when `monitor` has not
        improved for more than `plateau_patience` epochs; `linear` decays as a straight line that
        would reach zero at `decay_epochs` and stays at `smallest_factor` of the rate.
    warmup_epochs, decay_epochs, smallest_factor, plateau_factor, plateau_patience
        Of the learning rate's `schedule`.
    monitor
        What plateau and early stopping look at. With `held_out_mae`, which `evaluate` must give,
        the network ends with the weights of the best epoch instead of the last.
    stopping_patience
        Training ends when `monitor` has not improved for more than this number of epochs; 0: never.
    weight_decay
        Decoupled, on parameters with two or more dimensions only.
    gradient_clip
        Largest norm of the gradient; 0 does not clip.
    average_decay
        Decay per step of the exponential moving average of the weights that the network is
        evaluated with and ends with; 0 averages nothing.
    evaluate_every
        Epochs from one call of `evaluate` to the next; the last epoch is always evaluated.
    maximum_seconds
        Training ends with the epoch in which it has used so much processor time; 0 never. Results
        then depend on the machine.
    checkpoint_seconds
        Longest time between checkpoints, apart from the length of one step or evaluation.
    seed
        Of everything random during training; the caller seeds the initial weights.
    """

    epochs: int
    loss: Loss = "l1"
    learning_rate: float = 1.0e-3
    schedule: Schedule = "constant"
    warmup_epochs: float = 0.0
    decay_epochs: float = 50.0
    smallest_factor: float = 0.01
    plateau_factor: float = 0.25
    plateau_patience: int = 3
    monitor: Monitor = "training_loss"
    stopping_patience: int = 0
    weight_decay: float = 0.0
    gradient_clip: float = 0.0
    average_decay: float = 0.0
    evaluate_every: int = 1
    maximum_seconds: float = 0.0
    checkpoint_seconds: float = 60.0
    seed: int = 0
