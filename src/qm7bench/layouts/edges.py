"""Edges and triplets of all molecules of a data set, without a loop over molecules.

Molecules are taken in chunks, as dense (molecules, atoms, atoms) arrays in float64, and only what
is an edge is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.size import Size
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset, largest_part, parts_of
from qm7bench.layouts.graphs import offsets_of
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of

CHUNK = 128
PAIRS = 2**17
"""Molecules and pairs of atoms at a time; larger chunks fall out of the processor's cache."""

DENSEST = 0.18
"""Atoms in a cubic Angstrom of diamond; molecules have fewer."""

Chooser = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]
"""From distances and Coulomb forces, (m, A, A) with [target, source], to what is an edge."""


def graph_arrays(
    dataset: Dataset, choose: Chooser, *, padding_kept: bool = False, coulomb: bool = False
) -> dict[str, NDArray[Any]]:
    """Arrays of `MoleculeGraphs`, without triplets, of the edges that `choose` takes.

    `choose` sees distance inf and force -inf where there can be no edge: from an atom to itself and
    at padding that is not kept.
    """
    present = (dataset.charges > 0) | padding_kept
    parts = [
        _edges(part, choose, padding_kept)
        for _, part in parts_of(dataset, PAIRS, CHUNK, trimmed=not padding_kept)
    ]
    edges = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if not coulomb:
        del edges["coulomb"]
    return {
        "charges": dataset.charges[present],
        "positions": dataset.positions[present].astype(np.float32),
        "atom_offsets": offsets_of(present.sum(axis=1)),
        "edge_offsets": offsets_of(edges.pop("edge_counts")),
        **edges,
    }


def graph_shapes(
    atoms: int, molecules: int, edges: int, *, coulomb: bool = False, triplets: int | None = None
) -> dict[str, Shape]:
    """Shapes of the arrays of graphs with so many atoms, molecules, edges and triplets."""
    shapes = {
        "charges": Shape((atoms,)),
        "positions": Shape((atoms, 3), entry=4),
        "atom_offsets": Shape((molecules + 1,)),
        "edge_offsets": Shape((molecules + 1,)),
    }
    names = ["sources", "targets", "distances", *(["coulomb"] if coulomb else [])]
    shapes |= {name: Shape((edges,), entry=4) for name in names}
    if triplets is not None:
        names = ["triplet_in", "triplet_out", "angles"]
        shapes |= {name: Shape((triplets,), entry=4) for name in names}
        shapes["triplet_offsets"] = Shape((molecules + 1,))
    return shapes


def graph_working_memory(size: Size, shapes: Shapes) -> int:
    """Bytes that `graph_arrays` takes beside its arrays: edges of parts, and matrices of one."""
    return nbytes_of(shapes) + 16 * 8 * largest_part(size, PAIRS, CHUNK)


def most_neighbours(cutoff: float) -> int:
    """Atoms within a cutoff in Angstrom of an atom, at most: those of `DENSEST`."""
    return math.ceil(DENSEST * 4.0 / 3.0 * math.pi * cutoff**3) + 1


def _edges(dataset: Dataset, choose: Chooser, padding_kept: bool) -> dict[str, NDArray[Any]]:
    charges = dataset.charges
    as_if_real = np.ones_like(charges) if padding_kept else charges
    distances = pair_distances(as_if_real, dataset.positions)
    forces = _coulomb_forces(charges, distances)
    chosen = np.isfinite(distances) & choose(distances, forces)
    _, targets, sources = np.nonzero(chosen)
    return {
        "sources": sources.astype(np.int32),
        "targets": targets.astype(np.int32),
        "distances": distances[chosen].astype(np.float32),
        "coulomb": forces[chosen].astype(np.float32),
        "edge_counts": chosen.sum(axis=(1, 2)),
    }


def _coulomb_forces(
    charges: NDArray[np.int64], distances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Z_i Z_j / d_ij**2 in atomic units; 0 at kept padding, even where it coincides."""
    products = (charges[:, :, None] * charges[:, None, :]).astype(np.float64)
    squares = (distances / ANGSTROM_PER_BOHR) ** 2
    forces = np.divide(products, squares, where=products > 0, out=np.zeros_like(products))
    return np.where(np.isfinite(distances), forces, -np.inf)


def nearest(scores: NDArray[np.float64], neighbours: int) -> NDArray[np.bool_]:
    """Mark the `neighbours` smallest scores of each last axis; ties go to the first."""
    ranks = np.argsort(np.argsort(scores, axis=-1, kind="stable"), axis=-1, kind="stable")
    return ranks < neighbours


def triplet_arrays(graph: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Triplets k -> j -> i, k != i, of given edges, sorted by the edge j -> i, with their angles.

    Each edge j -> i meets the block of edges into j, which is contiguous as edges are sorted by
    target; so the pairs of edges are ranges of numbers.
    """
    edge_counts = np.diff(graph["edge_offsets"])
    parts = []
    for start in range(0, len(edge_counts), CHUNK):
        parts.append(_triplets(graph, start, min(start + CHUNK, len(edge_counts))))
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {"triplet_offsets": offsets_of(arrays.pop("triplet_counts")), **arrays}


def _triplets(graph: dict[str, NDArray[Any]], start: int, stop: int) -> dict[str, NDArray[Any]]:
    atom_offsets, edge_offsets = graph["atom_offsets"], graph["edge_offsets"]
    edges = slice(edge_offsets[start], edge_offsets[stop])
    edge_counts = np.diff(edge_offsets[start : stop + 1])
    shifts = np.repeat(atom_offsets[start:stop] - atom_offsets[start], edge_counts)
    sources, targets = graph["sources"][edges] + shifts, graph["targets"][edges] + shifts
    into = offsets_of(np.bincount(targets, minlength=atom_offsets[stop] - atom_offsets[start]))

    lengths = into[sources + 1] - into[sources]
    outgoing = np.repeat(np.arange(len(sources)), lengths)
    incoming = np.repeat(into[sources] - offsets_of(lengths)[:-1], lengths)
    incoming += np.arange(len(incoming))
    no_return = sources[incoming] != targets[outgoing]
    incoming, outgoing = incoming[no_return], outgoing[no_return]

    positions = graph["positions"][atom_offsets[start] : atom_offsets[stop]].astype(np.float64)
    directions = positions[targets] - positions[sources]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    first = np.repeat(edge_offsets[start:stop] - edge_offsets[start], edge_counts)[outgoing]
    molecule = np.repeat(np.arange(stop - start), edge_counts)
    return {
        "triplet_in": (incoming - first).astype(np.int32),
        "triplet_out": (outgoing - first).astype(np.int32),
        "angles": _angles(directions, incoming, outgoing).astype(np.float32),
        "triplet_counts": np.bincount(molecule[outgoing], minlength=stop - start),
    }


def _angles(
    directions: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    cosines = sum(directions[first, axis] * directions[second, axis] for axis in range(3))
    return np.asarray(np.arccos(np.clip(cosines, -1.0, 1.0)))
