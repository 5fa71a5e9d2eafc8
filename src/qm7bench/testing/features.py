"""What every representation must do: a suite to run over one's own.

example:
    from qm7bench.testing.features import check_feature
    check_feature(MyFeature(cutoff=3.0))

Each check takes a feature, returns nothing, and raises an AssertionError that says what it found.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import UserError
from qm7bench.features.interface import Feature
from qm7bench.layouts.loading import LAYOUT_MODULES, wrap
from qm7bench.testing.expectations import expect, expect_close
from qm7bench.testing.memory import tells_what_its_arrays_take
from qm7bench.testing.molecules import (
    COPIES,
    molecules_with_sulfur,
    molecules_without_neighbours,
    symmetric_molecules,
    training_molecules,
)

Arrays = dict[str, NDArray[Any]]

TOLERANCE = 1.0e-5
"""Of an array, relative to its largest entry: single precision, with the noise of some sums."""


def check_feature(feature: Feature) -> None:
    """Run all checks; the first that fails raises an AssertionError."""
    for check in FEATURE_CHECKS:
        check(feature)


def declares_what_the_protocol_asks_for(feature: Feature) -> None:
    """A frozen dataclass with a known layout, units, and parameters that JSON can hold."""
    name = _name(feature)
    expect(isinstance(feature, Feature), f"{name} lacks a member of features.interface.Feature")
    expect(dataclasses.is_dataclass(feature), f"{name} is not a dataclass")
    expect(type(feature).__dataclass_params__.frozen, f"{name} is not frozen")  # type: ignore[attr-defined]
    expect(feature.layout in LAYOUT_MODULES, f"{name}.layout is {feature.layout!r}, not known")
    expect(bool(feature.units), f"{name}.units is empty")
    pinned: Any = feature.pinned(training_molecules())
    again = type(pinned)(**json.loads(json.dumps(dataclasses.asdict(pinned))))
    expect(again == pinned, f"{name}: its parameters do not survive as JSON")


def gives_numbers_for_every_molecule(feature: Feature) -> None:
    """Finite arrays, wrapped to as many molecules as there are, the same when computed again."""
    dataset = training_molecules()
    arrays = feature.compute(dataset)
    number = len(wrap(feature.layout, arrays))
    expect(number == len(dataset), f"{_name(feature)}: {number} of {len(dataset)} molecules")
    for name, array in arrays.items():
        where = f"{_name(feature)}: array {name}"
        expect(array.dtype.kind in "iuf", f"{where} has dtype {array.dtype}; numbers are needed")
        expect(bool(np.isfinite(array).all()), f"{where} is not finite everywhere")
    for name, array in feature.compute(dataset).items():
        expect(np.array_equal(array, arrays[name]), f"{_name(feature)}: {name} differs next time")


def leaves_its_input_alone(feature: Feature) -> None:
    """The data set is not modified."""
    dataset = training_molecules()
    before = dataset.charges.copy(), dataset.positions.copy()
    charges, positions = before[0].copy(), before[1].copy()
    feature.compute(dataclasses.replace(dataset, charges=charges, positions=positions))
    same = np.array_equal(charges, before[0]) and np.array_equal(positions, before[1])
    expect(same, f"{_name(feature)} modifies the data set")


def is_invariant(feature: Feature) -> None:
    """The same for rotated, translated, reordered and padded copies, symmetric molecules too."""
    generator = np.random.default_rng(2)
    for dataset, kind in ((training_molecules(), ""), (symmetric_molecules(), "symmetric ")):
        if kind and "ties" in feature.depends_on:
            continue
        pinned = feature.pinned(dataset)
        expected = _invariants(feature.layout, pinned.compute(dataset))
        for copy in COPIES:
            if copy.differs_in in feature.depends_on:
                continue
            found = _invariants(feature.layout, pinned.compute(copy.make(dataset, generator)))
            for name, (values, others) in _paired(expected, found).items():
                what = f"{_name(feature)}: {name} of {kind}molecules after a change of "
                scale = max(1.0, float(np.abs(values).max(initial=0.0)))
                expect_close(others, values, TOLERANCE * scale, what + copy.differs_in)


def gives_one_molecule_what_it_gives_many(feature: Feature) -> None:
    """A molecule alone has the arrays that it has among others, with columns pinned."""
    if "others" in feature.depends_on:
        return
    dataset = training_molecules()
    pinned = feature.pinned(dataset)
    together = _invariants(feature.layout, pinned.compute(dataset))
    for i in (0, len(dataset) - 1):
        alone = _invariants(feature.layout, pinned.compute(dataset[i : i + 1]))
        for name, (values, others) in _paired(_row(together, i), alone).items():
            what = f"{_name(feature)}: {name} of molecule {i} alone"
            scale = max(1.0, float(np.abs(values).max(initial=0.0)))
            expect_close(others, values, TOLERANCE * scale, what)


def survives_what_it_has_not_seen(feature: Feature) -> None:
    """Single atoms, atoms without neighbours, new elements: finite arrays or a UserError."""
    pinned = feature.pinned(training_molecules())
    unusual = {
        "atoms without neighbours": molecules_without_neighbours(),
        "a new element": molecules_with_sulfur(),
    }
    for what, dataset in unusual.items():
        for i in range(len(dataset)):
            arrays = _computed(pinned, dataset[i : i + 1], what)
            finite = all(np.isfinite(array).all() for array in arrays.values())
            expect(finite, f"{_name(feature)}: not finite for {what}, molecule {i}")


FEATURE_CHECKS = (
    declares_what_the_protocol_asks_for,
    gives_numbers_for_every_molecule,
    leaves_its_input_alone,
    is_invariant,
    gives_one_molecule_what_it_gives_many,
    survives_what_it_has_not_seen,
    tells_what_its_arrays_take,
)


def _computed(feature: Feature, dataset: Dataset, what: str) -> Arrays:
    """Arrays of the feature; none where it refuses the molecules as it should."""
    try:
        return feature.compute(dataset)
    except UserError as error:
        expect(bool(str(error)), f"{_name(feature)}: {what} is refused without a message")
        return {}
    except Exception as error:
        raise AssertionError(
            f"{_name(feature)}: {what} ends in {type(error).__name__}: {error}; give finite arrays "
            "or raise a UserError that names what it cannot represent"
        ) from error


def _name(feature: Feature) -> str:
    return type(feature).__name__


def _invariants(layout: str, arrays: Arrays) -> dict[str, list[NDArray[np.float64]]]:
    """What must not change, for each molecule: arrays in which the order of atoms is lost."""
    if layout == "tabular":
        return {"values": [np.asarray(row, dtype=np.float64) for row in arrays["values"]]}
    found: dict[str, list[NDArray[np.float64]]] = {}
    features = wrap(layout, arrays)
    for i in range(len(features)):
        for name, values in _of_molecule(layout, features[i : i + 1]).items():
            found.setdefault(name, []).append(values)
    return found


def _of_molecule(layout: str, one: Any) -> dict[str, NDArray[np.float64]]:
    if layout == "atoms":
        totals = {"compositions": one.compositions[0], "totals": one.totals[0]}
        return {**totals, **_sorted_by_kind(one.charges, {"values": np.asarray(one.values)})}
    arrays = one.arrays()
    pairs = 1000 * one.charges[one.sources] + one.charges[one.targets]
    of_edges = {n: arrays[n] for n in ("distances", "coulomb") if n in arrays}
    of_atoms = {n: arrays[n] for n in ("descriptors",) if n in arrays}
    of_triplets = {n: np.sort(arrays[n]) for n in ("angles",) if n in arrays}
    return {
        **_sorted_by_kind(pairs, of_edges),
        **_sorted_by_kind(one.charges, of_atoms),
        **of_triplets,
    }


def _sorted_by_kind(kinds: NDArray[Any], arrays: Arrays) -> dict[str, NDArray[np.float64]]:
    """Kinds in ascending order, and each column of the arrays in ascending order of a kind."""
    result = {"kinds": np.sort(kinds).astype(np.float64)}
    for name, array in arrays.items():
        columns = array[:, None] if array.ndim == 1 else array
        parts = [np.sort(columns[kinds == kind], axis=0) for kind in np.unique(kinds)]
        result[name] = np.concatenate([*parts, columns[:0]]).astype(np.float64)
    return result


def _row(
    invariants: dict[str, list[NDArray[np.float64]]], molecule: int
) -> dict[str, list[NDArray[np.float64]]]:
    return {name: values[molecule : molecule + 1] for name, values in invariants.items()}


def _paired(
    expected: dict[str, list[NDArray[np.float64]]], found: dict[str, list[NDArray[np.float64]]]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Flat arrays of the same name, of all molecules; tabular values of other widths by size.

    Padding may add columns of zeros anywhere in a table.
    """
    pairs = {}
    for name in expected:
        one, other = (np.concatenate([v.ravel() for v in d[name]]) for d in (expected, found))
        if one.shape != other.shape:
            one, other = (np.sort(values[np.abs(values) > 1e-12]) for values in (one, other))
        pairs[name] = one, other
    return pairs
