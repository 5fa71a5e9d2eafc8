"""Atoms along their axes as arrays, in which fitted models and parts of a kernel are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.regression.local_kernel import Axes, ElementAtoms, LocalAtoms


def arrays_of_atoms(axes: Mapping[int, Axes], atoms: LocalAtoms) -> dict[str, NDArray[Any]]:
    """Arrays from which `atoms_of_arrays` makes the same."""
    by_element = atoms.by_element
    arrays: dict[str, NDArray[Any]] = {"elements": np.array(sorted(by_element), dtype=np.int64)}
    for charge, own in by_element.items():
        arrays[f"centre_{charge}"] = axes[charge].centre
        arrays[f"directions_{charge}"] = axes[charge].directions
        arrays[f"values_{charge}"] = own.values
        arrays[f"molecules_{charge}"] = own.molecules
        # The atoms that the axes were fitted to have nothing outside them.
        if own.outside.any():
            arrays[f"outside_{charge}"] = own.outside
    return arrays


def atoms_of_arrays(
    arrays: Mapping[str, NDArray[Any]], molecules: int
) -> tuple[dict[int, Axes], LocalAtoms]:
    """Axes and atoms, of so many molecules, of arrays that may be memory-mapped.

    Arrays of other names are left alone.
    """
    axes, by_element = {}, {}
    for charge in arrays["elements"].tolist():
        axes[charge] = Axes(arrays[f"centre_{charge}"], arrays[f"directions_{charge}"])
        values, own = arrays[f"values_{charge}"], arrays[f"molecules_{charge}"]
        outside = arrays.get(f"outside_{charge}", np.zeros(len(values)))
        by_element[charge] = ElementAtoms(values, outside, own)
    return axes, LocalAtoms(molecules, by_element)
