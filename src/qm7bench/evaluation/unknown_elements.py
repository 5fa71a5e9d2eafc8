"""Molecules with an element that no training molecule has, which most models cannot predict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def have_known_elements(charges: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each molecule has no element but the known ones, shape (n,).

    Parameters
    ----------
    charges : int64 array of shape (n, A)
        Nuclear charges; 0 marks padding.
    known : int64 array of any shape
        Nuclear charges of the training molecules.
    """
    return np.asarray(np.isin(charges, np.append(np.unique(known), 0)).all(axis=1))
