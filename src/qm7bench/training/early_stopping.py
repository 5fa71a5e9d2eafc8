"""The patience that ends a training early, for which torch has nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Patience:
    """Counts epochs without improvement, as torch's ReduceLROnPlateau does.

    Parameters
    ----------
    epochs
        Patience is exhausted when more than this number of consecutive epochs did not improve.
    threshold
        A value is an improvement when it is below the best one by this fraction of it.
    """

    epochs: int
    threshold: float = 1.0e-4
    best: float = math.inf
    waited: int = 0

    def exhausted(self, value: float) -> bool:
        """Count an epoch's value; return whether patience is exhausted."""
        improved = value < self.best * (1.0 - self.threshold)
        self.best = value if improved else self.best
        self.waited = 0 if improved else self.waited + 1
        return self.waited > self.epochs
