"""How many molecules a long job has done, in its log."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

SECONDS_BETWEEN_LINES = 30.0


@dataclass
class Tally:
    """Counts molecules, and says every half minute how many are done; short jobs say nothing.

    Attributes
    ----------
    total : int
        Number of all molecules.
    logger : Logger
        Of the module that does the work.
    """

    total: int
    logger: logging.Logger
    done: int = 0
    last_line: float = field(default_factory=time.monotonic)

    def add(self, number: int) -> None:
        """So many more are done."""
        self.done += number
        now = time.monotonic()
        if now - self.last_line >= SECONDS_BETWEEN_LINES:
            self.logger.info("%s of %s molecules done", f"{self.done:,}", f"{self.total:,}")
            self.last_line = now
