"""A small drawing of a molecule: its geometry seen along the axis in which it is thinnest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import bonds
from qm7bench.chemistry.elements import SYMBOLS

ATOM_COLOURS = {
    1: "#f4f4f4",
    6: "#565a61",
    7: "#3d6fd1",
    8: "#d0402e",
    9: "#3f9b58",
    15: "#d97b1f",
    16: "#d6ad10",
    17: "#3f9b58",
    35: "#9c4a33",
}
OTHER_COLOUR = "#b07ab8"
"""Near the usual ones; heavy atoms other than carbon carry their letter too."""
DARK_LETTERS = frozenset({1, 15, 16})

Floats = NDArray[np.float64]


def on_principal_axes(positions: Floats) -> Floats:
    """Positions about their centre along their principal axes, the longest first.

    The result is the same for every rotation of the molecule, up to mirror images.
    """
    centred = positions - positions.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=True)
    turned = centred @ axes.T
    for axis in range(3):
        # The sign of an axis is free; the atom farthest along it decides.
        farthest = int(np.argmax(np.abs(turned[:, axis]).round(6)))
        if turned[farthest, axis] < 0:
            turned[:, axis] *= -1
    return np.asarray(turned)


@dataclass(frozen=True)
class Ball:
    """An atom: centre, radius, colour, and its letter if it carries one."""

    x: float
    y: float
    radius: float
    colour: str
    letter: str
    dark: bool


@dataclass(frozen=True)
class Stick:
    """A bond, from the surface of one ball to that of another."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Drawing:
    """A molecule in 200 by 140 units, as `molecule` of `templates/macros.html` draws it.

    Attributes
    ----------
    title : str
        For those who hear the page.
    shapes : tuple of Ball and Stick
        From back to front, so that depth is shown by what covers what.
    """

    title: str
    shapes: tuple[Ball | Stick, ...]


def draw_molecule(charges: NDArray[np.int64], positions: Floats, title: str) -> Drawing:
    """Drawing of one molecule.

    Parameters
    ----------
    charges, positions : arrays of shape (A,) and (A, 3)
        As a data set has them: in Angstrom, padded with zeros.
    title : str
        As in `Drawing`.
    """
    real = charges > 0
    charges, places = charges[real], on_principal_axes(positions[real])
    span = np.maximum(np.ptp(places[:, :2], axis=0) + 1.6, 2.0)
    scale = min(200 / span[0], 140 / span[1], 34.0)
    middle = (places[:, :2].max(axis=0) + places[:, :2].min(axis=0)) / 2
    x = 100 + scale * (places[:, 0] - middle[0])
    y = 70 - scale * (places[:, 1] - middle[1])
    shapes: list[tuple[float, Ball | Stick]] = []
    for pair in bonds(charges, positions[real]):
        # Just after the atom behind, and only from surface to surface.
        back, front = sorted(pair, key=lambda atom: float(places[atom, 2]))
        apart = float(np.linalg.norm(places[back] - places[front]))
        ends = [0.9 * _radius(int(charges[back])) / apart]
        ends.append(1 - 0.9 * _radius(int(charges[front])) / apart)
        (x0, x1), (y0, y1) = ([a[back] + t * (a[front] - a[back]) for t in ends] for a in (x, y))
        shapes.append((float(places[back, 2]) + 1e-6, Stick(*map(float, (x0, y0, x1, y1)))))
    for i, charge in enumerate(charges):
        shapes.append((float(places[i, 2]), _ball(int(charge), float(x[i]), float(y[i]), scale)))
    return Drawing(title, tuple(s for _, s in sorted(shapes, key=lambda pair: pair[0])))


def _radius(charge: int) -> float:
    """Radius of the drawn ball, in Angstrom."""
    return 0.24 if charge == 1 else 0.26 + 0.16 * float(covalent_radii[charge])


def _ball(charge: int, x: float, y: float, scale: float) -> Ball:
    letter = "" if charge in (1, 6) else SYMBOLS[charge]
    colour = ATOM_COLOURS.get(charge, OTHER_COLOUR)
    return Ball(x, y, float(scale) * _radius(charge), colour, letter, charge in DARK_LETTERS)
