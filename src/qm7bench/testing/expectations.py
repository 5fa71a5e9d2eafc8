"""How a check says what it expected and what it found."""

from __future__ import annotations

from typing import Any

import numpy as np


def expect(condition: bool, message: str) -> None:
    """Raise an AssertionError with the message unless the condition holds.

    An `assert` would be left out by `python -O`.
    """
    if not condition:
        raise AssertionError(message)


def expect_close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Raise an AssertionError unless two arrays have one shape and are equal within the tolerance.

    Parameters
    ----------
    tolerance : float
        Absolute, in the unit of the arrays.
    what : str
        Begins the message.
    """
    found, expected = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    expect(
        found.shape == expected.shape, f"{what}: shape {found.shape} instead of {expected.shape}"
    )
    errors = np.abs(found - expected)
    expect(
        bool((errors <= tolerance).all()),
        f"{what}: differ by up to {errors.max(initial=0.0):.3g}, more than {tolerance:.3g}",
    )
