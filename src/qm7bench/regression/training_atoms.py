"""Training atoms along their axes, as the arrays that a fitted model is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.regression.local_kernel import Axes, ElementAtoms, LocalAtoms


def arrays_of_training(axes: Mapping[int, Axes], training: LocalAtoms) -> dict[str, NDArray[Any]]:
    """Arrays of the atoms of each element and of their axes."""
    by_element = training.by_element
    arrays: dict[str, NDArray[Any]] = {"elements": np.array(sorted(by_element), dtype=np.int64)}
    for charge, atoms in by_element.items():
        arrays[f"centre_{charge}"] = axes[charge].centre
        arrays[f"directions_{charge}"] = axes[charge].directions
        arrays[f"values_{charge}"] = atoms.values
        arrays[f"molecules_{charge}"] = atoms.molecules
    return arrays


def training_of_arrays(
    arrays: Mapping[str, NDArray[Any]], molecules: int
) -> tuple[dict[int, Axes], LocalAtoms]:
    """Axes and training atoms, of so many molecules, from what `arrays_of_training` made."""
    axes, by_element = {}, {}
    for charge in arrays["elements"].tolist():
        axes[charge] = Axes(arrays[f"centre_{charge}"], arrays[f"directions_{charge}"])
        values, own = arrays[f"values_{charge}"], arrays[f"molecules_{charge}"]
        by_element[charge] = ElementAtoms(values, np.zeros(len(values)), own)
    return axes, LocalAtoms(molecules, by_element)
