"""Shapes of a representation's arrays, known before they are computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Shape of an array, with the bytes of an entry."""

    sizes: tuple[int, ...]
    entry: int = 8

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return math.prod(self.sizes) * self.entry


Shapes = Mapping[str, Shape]
"""Of a representation's arrays, by name."""


def nbytes_of(shapes: Shapes) -> int:
    """Bytes of all arrays."""
    return sum(shape.nbytes for shape in shapes.values())
