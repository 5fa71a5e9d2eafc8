"""How far a training has come: a bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from tqdm import tqdm

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Shows the epochs of one training: a bar if stderr is a terminal, else log lines.

    Parameters
    ----------
    label
        What is trained, in a word or two.
    epochs
        Number of epochs planned.
    done
        Number of epochs that an earlier, interrupted run has done.
    """

    def __init__(self, label: str, epochs: int, done: int) -> None:
        self.label, self.epochs = label, epochs
        self.bar = None
        if sys.stderr.isatty():
            self.bar = tqdm(total=epochs, initial=done, desc=label, unit="epoch", leave=False)
        elif done:
            logger.info("%s: resumes after epoch %d of %d", label, done, epochs)
        self.last_line = time.monotonic()

    def epoch(self, record: dict[str, Any]) -> None:
        """Show an epoch's record of the history."""
        figures = {k: f"{v:.4g}" for k, v in record.items() if k != "epoch" and v is not None}
        if self.bar is not None:
            self.bar.set_postfix(figures, refresh=False)
            self.bar.update()
        elif self._line_is_due(record["epoch"]):
            text = ", ".join(f"{name} {figure}" for name, figure in figures.items())
            logger.info("%s: epoch %d of %d, %s", self.label, record["epoch"], self.epochs, text)
            self.last_line = time.monotonic()

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()

    def _line_is_due(self, epoch: int) -> bool:
        waited = time.monotonic() - self.last_line
        return epoch == self.epochs or waited >= SECONDS_BETWEEN_LINES
