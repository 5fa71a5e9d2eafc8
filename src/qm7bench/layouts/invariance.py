"""What an array or an energy may depend on besides the molecule, and must say so if it does."""

from __future__ import annotations

from typing import Literal

Dependence = Literal["rotation", "translation", "order", "ties", "padding", "others"]
"""One thing that a representation or a model is not invariant to.

- rotation, translation: of the whole molecule
- order: of the atoms in the file
- ties: rotation, translation or order, but only where atoms are equivalent by symmetry, or so
  nearly equivalent that rounding decides between them
- padding: places without an atom behind the last one
- others: the molecules that are computed together with this one, or their order
"""

INVARIANT: frozenset[Dependence] = frozenset()
"""Depends on the molecule alone: what is expected of everything that does not say otherwise."""
