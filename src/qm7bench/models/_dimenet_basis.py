"""Radial part of DimeNet's spherical Bessel basis, tabulated once and looked up.

The basis depends on one number, the distance divided by the cutoff, so a table holds it for every
edge of every epoch. With 16,384 intervals linear interpolation is as exact as float32.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

ENVELOPE_EXPONENT = 6
"""The p of the envelope u(x); PyTorch Geometric's `envelope_exponent` is p - 1."""

INTERVALS = 16384


def bessel_zeros(orders: int, number: int) -> NDArray[np.float64]:
    """First positive zeros z_ln of the spherical Bessel functions j_l: (orders, number).

    The zeros of j_l lie between those of j_(l-1), and those of j_0 are multiples of pi.
    """
    from scipy.optimize import brentq
    from scipy.special import spherical_jn

    between = np.arange(1, number + orders) * math.pi
    zeros = [between[:number]]
    for order in range(1, orders):
        between = np.array(
            [
                brentq(lambda x: spherical_jn(order, x), low, high, xtol=1e-14)  # noqa: B023
                for low, high in itertools.pairwise(between)
            ]
        )
        zeros.append(between[:number])
    return np.array(zeros)


def spherical_bessel_basis(
    scaled: NDArray[np.float64], orders: int, number: int
) -> NDArray[np.float64]:
    """X u(x) sqrt(2) j_l(z_ln x) / |j_(l+1)(z_ln)|, where u is the envelope of DimeNet.

    Parameters
    ----------
    scaled : float array of shape (m,)
        x, the distance divided by the cutoff.

    Returns
    -------
    float64 array of shape (m, orders, number)
        The basis times x, which unlike the basis is finite at x = 0; 0 from x = 1 on.
    """
    from scipy.special import spherical_jn

    zeros = bessel_zeros(orders, number)
    p = ENVELOPE_EXPONENT
    envelope = 1.0 - (p + 1) * (p + 2) / 2 * scaled**p
    envelope += p * (p + 2) * scaled ** (p + 1) - p * (p + 1) / 2 * scaled ** (p + 2)
    envelope = np.where(scaled < 1.0, envelope, 0.0)
    values = np.empty((len(scaled), orders, number))
    for order in range(orders):
        norms = math.sqrt(2.0) / np.abs(spherical_jn(order + 1, zeros[order]))
        arguments = zeros[order][None, :] * scaled[:, None]
        values[:, order] = envelope[:, None] * norms * spherical_jn(order, arguments)
    return values


@lru_cache(maxsize=4)
def basis_table(orders: int, number: int) -> torch.Tensor:
    """Basis times x at x = 0, 1/INTERVALS, .. 1: float32 (INTERVALS + 1, orders * number)."""
    grid = np.linspace(0.0, 1.0, INTERVALS + 1)
    values = spherical_bessel_basis(grid, orders, number)
    return torch.from_numpy(values.reshape(len(grid), -1).astype(np.float32))


def look_up(table: torch.Tensor, scaled: torch.Tensor) -> torch.Tensor:
    """Basis at scaled distances (m,) in (0, 1]: (m, orders * number)."""
    place = scaled * INTERVALS
    below = place.long().clamp(max=INTERVALS - 1)
    fraction = (place - below).unsqueeze(1)
    return torch.lerp(table[below], table[below + 1], fraction) / scaled.unsqueeze(1)
