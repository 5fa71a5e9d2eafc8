"""Choice of hyper-parameters: nested inside the training folds, and best on test beside it.

For test fold k, every grid point is fitted with each other fold j left out of the training folds in
turn; its inner error is the mean over j of the error on fold j. The fit without k and j serves test
fold j as well, so ten pairs of folds give all twenty combinations. One fit without k alone gives
the error on the test fold, which only the column "best on test" looks at.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import canonical_json
from qm7bench.errors import ModelError
from qm7bench.evaluation.metrics import mean_absolute_error, root_mean_squared_error

Floats = NDArray[np.float64]
Folds = tuple[int, ...]

FLAT = 0.005
"""Errors that differ by less than this fraction are taken to be equally good."""


def grid_points(parameters: dict[str, Any], grid: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Every combination of the grid's values, each with the fixed parameters."""
    names = sorted(grid)
    combinations = itertools.product(*(grid[name] for name in names))
    return [{**parameters, **dict(zip(names, values, strict=True))} for values in combinations]


def needed_training_sets(all_folds: Sequence[int], test_folds: Sequence[int]) -> list[Folds]:
    """Return the sets of training folds that nested selection for the test folds needs."""
    pairs = {tuple(sorted((k, j))) for k in test_folds for j in all_folds if j != k}
    left_out = sorted(pairs) + [(k,) for k in sorted(test_folds)]
    return [tuple(f for f in sorted(all_folds) if f not in out) for out in left_out]


def cross_validate(
    model_class: type[Any],
    points: list[dict[str, Any]],
    features: Any,
    energies: Floats,
    folds: NDArray[np.int64],
    training_sets: list[Folds],
) -> dict[Folds, Floats]:
    """Predictions (points, n) for molecules outside each training set; NaN for those inside.

    A model class that shares work between folds or grid points has a method of this name.
    """
    if hasattr(model_class, "cross_validate"):
        shared: dict[Folds, Floats] = model_class.cross_validate(
            points, features, energies, folds, training_sets
        )
        return shared
    result = {}
    for training_set in training_sets:
        inside = np.isin(folds, training_set)
        training, others = features[inside], features[~inside]
        found = np.full((len(points), len(energies)), np.nan)
        for i, point in enumerate(points):
            model = model_class(**point).fit(training, energies[inside])
            found[i, ~inside] = model.predict(others)
        result[training_set] = found
    return result


def selection_records(
    model_class: type[Any],
    points: list[dict[str, Any]],
    features: Any,
    energies: Floats,
    folds: NDArray[np.int64],
    test_folds: Sequence[int],
) -> list[dict[str, Any]]:
    """Inner and test error of every grid point for every test fold.

    Returns
    -------
    list of dict
        fold, point (number), parameters (canonical JSON), inner_mae (mean over the inner folds),
        test_mae and test_rmse, in kcal/mol; infinite where a fit failed.
    """
    predictions = nested_predictions(model_class, points, features, energies, folds, test_folds)
    return records_of(points, predictions, energies, folds, test_folds)


def nested_predictions(
    model_class: type[Any],
    points: list[dict[str, Any]],
    features: Any,
    energies: Floats,
    folds: NDArray[np.int64],
    test_folds: Sequence[int],
) -> dict[Folds, Floats]:
    """Return what `cross_validate` gives for every training set that the test folds need."""
    sets = needed_training_sets(_numbers(folds), test_folds)
    return cross_validate(model_class, points, features, energies, folds, sets)


def records_of(
    points: list[dict[str, Any]],
    predictions: dict[Folds, Floats],
    energies: Floats,
    folds: NDArray[np.int64],
    test_folds: Sequence[int],
) -> list[dict[str, Any]]:
    """As `selection_records`, of the predictions that `nested_predictions` gave."""
    all_folds, records = _numbers(folds), []
    for fold in test_folds:
        inner_folds = [j for j in all_folds if j != fold]
        whole = tuple(inner_folds)
        test = folds == fold
        for i, point in enumerate(points):
            inner = []
            for j in inner_folds:
                without = tuple(f for f in inner_folds if f != j)
                rows = folds == j
                inner.append(_mae(energies[rows], predictions[without][i, rows]))
            tested = predictions[whole][i, test]
            finite = bool(np.isfinite(tested).all())
            records.append(
                {
                    "fold": int(fold),
                    "point": i,
                    "parameters": canonical_json(point),
                    "inner_mae": float(np.mean(inner)),
                    "test_mae": _mae(energies[test], tested),
                    "test_rmse": root_mean_squared_error(energies[test], tested)
                    if finite
                    else math.inf,
                }
            )
    return records


def _numbers(folds: NDArray[np.int64]) -> list[int]:
    return [int(f) for f in np.unique(folds)]


def _mae(energies: Floats, predictions: Floats) -> float:
    error = mean_absolute_error(energies, predictions)
    return error if math.isfinite(error) else math.inf


def chosen_record(records: list[dict[str, Any]], fold: int) -> dict[str, Any]:
    """Record with the smallest inner error for the test fold; the first of equals.

    Raises
    ------
    ModelError
        If no grid point could be fitted.
    """
    own = [r for r in records if r["fold"] == fold and math.isfinite(r["inner_mae"])]
    if not own:
        raise ModelError(f"no grid point could be fitted for test fold {fold}; change the grid")
    return min(own, key=lambda r: (r["inner_mae"], r["point"]))


def chosen_parameters(records: list[dict[str, Any]], fold: int) -> dict[str, Any]:
    """Parameters of `chosen_record`."""
    parameters: dict[str, Any] = json.loads(chosen_record(records, fold)["parameters"])
    return parameters


def best_on_test(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Grid point with the smallest mean test error over the folds: its errors and parameters.

    This is the optimistic figure, as it looks at the test molecules.
    """
    by_point: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        by_point.setdefault(int(record["point"]), []).append(record)
    means = {i: float(np.mean([r["test_mae"] for r in group])) for i, group in by_point.items()}
    best = min(means, key=lambda i: (means[i], i))
    return {
        "mae": means[best],
        "mae_std": float(np.std([r["test_mae"] for r in by_point[best]])),
        "rmse": float(np.mean([r["test_rmse"] for r in by_point[best]])),
        "parameters": json.loads(by_point[best][0]["parameters"]),
    }


def grid_edges(records: list[dict[str, Any]], grid: dict[str, list[Any]]) -> list[str]:
    """Numeric parameters whose choice, for any test fold, is a real optimum on a grid's edge.

    A choice on an edge counts where it is better than its neighbour inside the grid by more than
    0.5 %: towards vanishing regularisation, for example, errors become flat and no edge is wrong.
    """
    edges = set()
    for fold in {r["fold"] for r in records}:
        own = {r["parameters"]: r["inner_mae"] for r in records if r["fold"] == fold}
        chosen = chosen_parameters(records, fold)
        best = own[canonical_json(chosen)]
        for name, values in grid.items():
            inside = _value_beside_edge(chosen[name], values)
            if inside is not None:
                beside = own[canonical_json({**chosen, name: inside})]
                if beside > best * (1 + FLAT):
                    edges.add(name)
    return sorted(edges)


def _value_beside_edge(value: Any, values: list[Any]) -> Any:
    """Next value inside a numeric grid of three or more if the value is on its edge, else None."""
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    ordered = sorted(values) if numeric else []
    if len(ordered) < 3 or value not in (ordered[0], ordered[-1]):
        return None
    return ordered[1] if value == ordered[0] else ordered[-2]
