"""Small molecules to try a representation or a model on, and copies of them that are the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset, pad, repadded
from qm7bench.layouts.invariance import Dependence

SYMMETRIC = (
    *("H2", "N2", "CO2", "H2O", "NH3", "CH4", "C2H2", "C2H4", "C2H6", "HCN", "NCCN", "C3H4_D2d"),
    *("C3H6_D3h", "C3H8", "C6H6", "2-butyne", "butadiene", "bicyclobutane", "cyclobutane"),
    *("cyclobutene", "methylenecyclopropane", "isobutane", "C3H9N", "H2O2"),
)
"""Molecules of ASE's g2 collection with atoms that are equivalent by symmetry."""

PLAIN = (
    *("CH3CHO", "HCOOH", "CH3CH2OH", "CH3CONH2", "CH3ONO", "H2CCHCN", "CH3OH", "CH3COOH", "N2O"),
    *("H2CO", "CH3CN", "CH3NO2", "C4H4O", "C4H4NH", "C5H5N", "H3CNH2", "CH3CH2NH2", "HCOOCH3"),
    *("H2CCO", "CH3COCH3", "C2H6NH", "CH3OCH3", "OCHCHO", "CH2OCH2", "C3H6_Cs", "isobutene"),
)
"""More of them, to learn from."""

WITH_SULFUR = ("CH3SH", "C4H4S")

FOLDS = 4


@cache
def molecules(names: Sequence[str]) -> Dataset:
    """Molecules of ASE's g2 collection, with made-up energies in kcal/mol, smooth in positions."""
    from ase.build import molecule

    atoms = [molecule(name) for name in names]  # type: ignore[no-untyped-call]
    return dataset_of([(a.numbers.astype(np.int64), a.positions) for a in atoms])


def dataset_of(pairs: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> Dataset:
    """Make a data set of charges (A,) and positions (A, 3) in Angstrom; its arrays are read-only.

    Energies are made up, folds are dealt out in turn.
    """
    charges, positions = pad(pairs)
    number = np.arange(len(pairs))
    energies = np.array([_made_up_energy(*pair) for pair in pairs])
    dataset = Dataset("examples", number, charges, positions, energies, number % FOLDS)
    for array in (charges, positions, energies, number, dataset.folds):
        array.flags.writeable = False
    return dataset


def joined(one: Dataset, other: Dataset) -> Dataset:
    """All molecules of two data sets."""
    every = [
        (charges[:size], positions[:size])
        for dataset in (one, other)
        for charges, positions, size in zip(
            dataset.charges, dataset.positions, dataset.sizes, strict=True
        )
    ]
    return dataset_of(every)


def symmetric_molecules() -> Dataset:
    """Molecules with atoms that are equivalent by symmetry."""
    return molecules(SYMMETRIC)


def training_molecules() -> Dataset:
    """All molecules of H, C, N and O, slightly distorted, so that no two atoms are equivalent."""
    exact, generator = molecules(SYMMETRIC + PLAIN), np.random.default_rng(1)
    real = exact.charges[:, :, None] > 0
    noise = generator.normal(scale=0.03, size=exact.positions.shape)
    return _from_positions(exact, np.where(real, exact.positions + noise, 0.0))


def molecules_without_neighbours() -> Dataset:
    """Single atoms, and atoms of which none has a neighbour within 12 Angstrom."""
    apart = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 12.5]])
    return dataset_of(
        [
            (np.array([6]), apart[:1]),
            (np.array([1]), apart[:1] + 1.0),
            (np.array([6, 6]), apart),
            (np.array([8, 1]), apart),
        ]
    )


def molecules_with_sulfur() -> Dataset:
    """Molecules with an element that no other example has."""
    return molecules(WITH_SULFUR)


@dataclass(frozen=True)
class Copy:
    """Copies of molecules that differ in nothing that matters, and what they differ in.

    Attributes
    ----------
    differs_in : str
        What an array may depend on if it is not the same for the copies.
    make : callable
        From a data set and a random generator to the data set of the copies.
    """

    differs_in: Dependence
    make: Callable[[Dataset, np.random.Generator], Dataset]


def rotated(dataset: Dataset, generator: np.random.Generator) -> Dataset:
    """Each molecule turned at random about the origin."""
    gaussian = generator.normal(size=(len(dataset), 3, 3))
    turns = np.linalg.qr(gaussian)[0]
    turns *= np.linalg.det(turns)[:, None, None]
    return _from_positions(dataset, np.einsum("nax,nxy->nay", dataset.positions, turns))


def translated(dataset: Dataset, generator: np.random.Generator) -> Dataset:
    """Each molecule moved by some Angstrom."""
    shifts = generator.normal(scale=3.0, size=(len(dataset), 1, 3))
    real = dataset.charges[:, :, None] > 0
    return _from_positions(dataset, np.where(real, dataset.positions + shifts, 0.0))


def reordered(dataset: Dataset, generator: np.random.Generator) -> Dataset:
    """Atoms of each molecule in another order, padding last."""
    places = generator.random(dataset.charges.shape) + (dataset.charges == 0)
    order = np.argsort(places, axis=1)
    charges = np.take_along_axis(dataset.charges, order, axis=1)
    positions = np.take_along_axis(dataset.positions, order[:, :, None], axis=1)
    return replace(dataset, charges=charges, positions=positions)


def padded(dataset: Dataset, generator: np.random.Generator) -> Dataset:
    """Places without an atom behind the last one of every molecule."""
    return repadded(dataset, dataset.charges.shape[1] + 3)


COPIES = (
    Copy("rotation", rotated),
    Copy("translation", translated),
    Copy("order", reordered),
    Copy("padding", padded),
)


def _from_positions(dataset: Dataset, positions: NDArray[np.float64]) -> Dataset:
    return replace(dataset, positions=positions)


def _made_up_energy(charges: NDArray[np.int64], positions: NDArray[np.float64]) -> float:
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    pairs = np.sqrt(np.outer(charges, charges)) * np.exp(-distances)
    return float(-20.0 * np.sqrt(charges).sum() - 10.0 * pairs.sum())
