"""Learning rates over time, and the patience that ends or slows a training."""

from __future__ import annotations

import math
from dataclasses import dataclass


def cosine_with_warmup(epoch: float, epochs: float, warmup_epochs: float) -> float:
    """Factor of the learning rate after `epoch` epochs, a fraction within an epoch included.

    Rises linearly to 1 over the warm-up, then falls as half a cosine to 0 at `epochs`. A warm-up
    is cut to a tenth of the training, so that very short trainings still learn.
    """
    warmup = min(warmup_epochs, epochs / 10)
    if epoch < warmup:
        return epoch / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


def linear_to_floor(epoch: float, decay_epochs: float, floor: float) -> float:
    """Factor of the learning rate after `epoch` epochs: falls from 1 towards 0 at `decay_epochs`.

    It stays at `floor` once it is there.
    """
    return max(1.0 - epoch / decay_epochs, floor)


@dataclass
class Patience:
    """Counts epochs without improvement, as torch's ReduceLROnPlateau does.

    Parameters
    ----------
    epochs
        Patience is lost when more than this number of epochs in sequence brought no improvement.
    threshold
        A value is an improvement when it is below the best one by this fraction of it.
    """

    epochs: int
    threshold: float = 1.0e-4
    best: float = math.inf
    waited: int = 0

    def lost(self, value: float) -> bool:
        """Take an epoch's value; whether patience is lost, in which case counting starts anew."""
        improved = value < self.best * (1.0 - self.threshold)
        self.best = min(self.best, value) if improved else self.best
        self.waited = 0 if improved else self.waited + 1
        if self.waited <= self.epochs:
            return False
        self.waited = 0
        return True
