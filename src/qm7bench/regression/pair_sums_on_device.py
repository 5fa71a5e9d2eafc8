"""Sums of the similarities of atoms on a GPU: what `local_kernel` does block by block, by PyTorch.

All of it is in double precision. Products are rounded and sums are added up differently than on the
processor; tests hold kernels to 1e-10, relative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qm7bench.installation import has_gpu
from qm7bench.regression.pair_sums import Kernel

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WORTH_DEVICE = 10**8
"""Pairs in one call from which on a GPU is used: about a second of one core."""
ATOMS_AT_ONCE = 4096
"""Of either side: their similarities, and what they are computed from, take 0.6 GB."""


def device_for(pairs: int) -> torch.device | None:
    """GPU for this number of pairs, if PyTorch sees one; it is imported only where there may be."""
    if pairs < WORTH_DEVICE or not has_gpu():
        return None
    try:
        import torch
    except ModuleNotFoundError:
        return None
    return torch.device("cuda") if torch.cuda.is_available() else None


def add_element(
    device: torch.device,
    matrices: Sequence[Floats],
    rows: tuple[Floats, Integers],
    columns: tuple[Floats, Integers],
    kernel: Kernel,
    gammas: Sequence[float],
) -> None:
    """Add the similarities of one element's atoms to kernel matrices, one for each gamma.

    Parameters
    ----------
    matrices : sequence of float64 arrays of shape (n, m)
    rows, columns : tuple of float64 array of shape (N, k) and int64 array of shape (N,)
        The product of both arrays is minus the squared distances, as of `negated_squares`; the
        molecules that the atoms belong to, in ascending order.
    """
    import torch

    right = [
        (own, torch.from_numpy(columns[0][own]).to(device), _places(columns[1][own], device))
        for own in _runs(len(columns[0]))
    ]
    for own in _runs(len(rows[0])):
        left, molecules = torch.from_numpy(rows[0][own]).to(device), rows[1][own]
        places = _places(molecules, device)
        for other, vectors, other_places in right:
            distances = (-(left @ vectors.T)).clamp_(min=0.0).sqrt_()
            where = np.ix_(np.unique(molecules), np.unique(columns[1][other]))
            for matrix, gamma in zip(matrices, gammas, strict=True):
                sums = _summed(_similarities(distances, kernel, gamma), places, other_places)
                matrix[where] += sums.cpu().numpy()


def _runs(atoms: int) -> Iterator[slice]:
    for start in range(0, atoms, ATOMS_AT_ONCE):
        yield slice(start, min(start + ATOMS_AT_ONCE, atoms))


def _places(molecules: Integers, device: torch.device) -> torch.Tensor:
    """Number of each atom's molecule among those of its run, from 0."""
    import torch

    return torch.from_numpy(np.unique(molecules, return_inverse=True)[1]).to(device)


def _similarities(distances: torch.Tensor, kernel: Kernel, gamma: float) -> torch.Tensor:
    if kernel == "gaussian":
        return (-gamma * distances * distances).exp_()
    t = float(np.sqrt(10.0 * gamma)) * distances
    return (1.0 + t + t * t / 3.0) * (-t).exp_()


def _summed(
    similarities: torch.Tensor, places: torch.Tensor, other_places: torch.Tensor
) -> torch.Tensor:
    """Sums over the pairs of each two molecules."""
    by_row = similarities.new_zeros(int(places[-1]) + 1, similarities.shape[1])
    by_row.index_add_(0, places, similarities)
    sums = by_row.new_zeros(len(by_row), int(other_places[-1]) + 1)
    return sums.index_add_(1, other_places, by_row)
