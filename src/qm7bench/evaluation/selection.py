"""Choice of hyper-parameters: nested in the training folds, and the optimistic best on test.

For test fold k, every grid point is fitted with each other fold j left out of the training folds in
turn; its inner error is the mean over j of the error on fold j. The fit without k and j serves test
fold j as well, so ten pairs of folds give all twenty combinations. One fit without k alone gives
the error on the test fold, which only the column "best on test (optimistic)" uses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import canonical_json
from qm7bench.errors import ModelError, counted
from qm7bench.evaluation.metrics import mean_absolute_error, root_mean_squared_error
from qm7bench.evaluation.unknown_elements import have_known_elements
from qm7bench.models.interface import Model, MoleculesInFolds, SharesCrossValidation

Floats = NDArray[np.float64]
Folds = tuple[int, ...]

FLAT = 0.005
"""Errors that differ by less than this fraction are taken to be equally good."""


def needed_training_sets(all_folds: Sequence[int], test_folds: Sequence[int]) -> list[Folds]:
    """Return the sets of training folds that nested selection for the test folds needs."""
    pairs = {tuple(sorted((k, j))) for k in test_folds for j in all_folds if j != k}
    left_out = sorted(pairs) + [(k,) for k in sorted(test_folds)]
    return [tuple(f for f in sorted(all_folds) if f not in out) for out in left_out]


@dataclass(frozen=True)
class CrossValidation:
    """The points of a model's grid, and the molecules in folds that they are fitted to.

    Attributes
    ----------
    model_class : type of Model
    points : list of dict
        Parameters of every grid point.
    features : object that can be indexed by molecule
        Of n molecules.
    energies : float64 array of shape (n,)
        In kcal/mol.
    folds : int64 array of shape (n,)
    charges : int64 array of shape (n, A), optional
        Nuclear charges. Where they are given, a molecule with an element that the training
        molecules lack has no prediction, unless the model can predict it.
    """

    model_class: type[Model]
    points: list[dict[str, Any]]
    features: Any
    energies: Floats
    folds: NDArray[np.int64]
    charges: NDArray[np.int64] | None = None

    @property
    def all_folds(self) -> Folds:
        """Folds that the molecules belong to, in ascending order."""
        return tuple(int(f) for f in np.unique(self.folds))

    def predictions(self, training_sets: Sequence[Folds]) -> dict[Folds, Floats]:
        """Predictions (points, n) for molecules outside each training set.

        NaN for those inside, and for those that cannot be predicted. A model class that shares work
        between folds or grid points does it by itself.
        """
        if not issubclass(self.model_class, SharesCrossValidation):
            return {training_set: self._refitted(training_set) for training_set in training_sets}
        molecules = MoleculesInFolds(self.features, self.energies, self.folds, list(training_sets))
        shared = self.model_class.cross_validate(self.points, molecules)
        for training_set, found in shared.items():
            found[:, ~self._predictable(training_set)] = np.nan
        return shared

    def _refitted(self, training_set: Folds) -> Floats:
        inside, predictable = np.isin(self.folds, training_set), self._predictable(training_set)
        training, others = self.features[inside], self.features[predictable]
        found = np.full((len(self.points), len(self.energies)), np.nan)
        for i, point in enumerate(self.points):
            model = self.model_class(**point).fit(training, self.energies[inside])
            if predictable.any():
                found[i, predictable] = model.predict(others)
        return found

    def _predictable(self, training_set: Folds) -> NDArray[np.bool_]:
        """Molecules outside a training set that a model fitted to it can predict."""
        inside = np.isin(self.folds, training_set)
        if self.charges is None or self.model_class.predicts_unknown_elements:
            return ~inside
        return ~inside & have_known_elements(self.charges, self.charges[inside])

    def nested_predictions(self, test_folds: Sequence[int]) -> dict[Folds, Floats]:
        """Predictions for every training set that nested selection for the test folds needs."""
        return self.predictions(needed_training_sets(self.all_folds, test_folds))

    def records(
        self, predictions: dict[Folds, Floats], test_folds: Sequence[int]
    ) -> list[dict[str, Any]]:
        """Inner and test error of every grid point for every test fold.

        Parameters
        ----------
        predictions : dict
            Of `nested_predictions`.

        Returns
        -------
        list of dict
            fold, point (number), parameters (canonical JSON), inner_mae (mean over the inner
            folds), test_mae and test_rmse, in kcal/mol; infinite where a fit failed, NaN where no
            molecule can be predicted.
        """
        records = []
        for fold in test_folds:
            training_folds = tuple(f for f in self.all_folds if f != fold)
            inner = self.inner_errors(predictions, training_folds)
            test = (self.folds == fold) & self._predictable(training_folds)
            for i, point in enumerate(self.points):
                tested = (self.energies[test], predictions[training_folds][i, test])
                records.append(
                    {
                        "fold": int(fold),
                        "point": i,
                        "parameters": canonical_json(point),
                        "inner_mae": float(inner[i]),
                        "test_mae": _error(mean_absolute_error, *tested),
                        "test_rmse": _error(root_mean_squared_error, *tested),
                    }
                )
        return records

    def inner_errors(self, predictions: dict[Folds, Floats], training_folds: Folds) -> Floats:
        """Error (points,) in kcal/mol of every grid point inside the training folds.

        It is the mean over the folds j of the MAE on j, fitted to the others; infinite where a fit
        failed, NaN where no molecule can be predicted.
        """
        errors = []
        for j, others in _each_left_out(training_folds).items():
            own = (self.folds == j) & self._predictable(others)
            if own.any():
                energies, found = self.energies[own], predictions[others][:, own]
                errors.append([_error(mean_absolute_error, energies, one) for one in found])
        if not errors:
            return np.full(len(self.points), np.nan)
        return np.asarray(np.mean(errors, axis=0))

    def chosen(self) -> dict[str, Any]:
        """Parameters of the smallest inner error inside all of the folds.

        Raises
        ------
        ModelError
            If no grid point could be fitted.
        """
        predictions = self.predictions(list(_each_left_out(self.all_folds).values()))
        errors = self.inner_errors(predictions, self.all_folds)
        return self.points[_smallest(errors, f"to {counted(len(self.energies), 'molecule')}")]


def _each_left_out(folds: Folds) -> dict[int, Folds]:
    """Each fold with the others, to which the fit that it is left out of is made."""
    return {j: tuple(f for f in folds if f != j) for j in folds}


def _error(measure: Callable[[Floats, Floats], float], energies: Floats, found: Floats) -> float:
    """Error of predictions; NaN of none, infinite if one of them is not finite."""
    if not len(found):
        return math.nan
    error = measure(energies, found)
    return error if math.isfinite(error) else math.inf


def _smallest(errors: Floats, fitted: str) -> int:
    """Place of the smallest error; the first of equals, and where no molecule was predicted.

    Raises
    ------
    ModelError
        If every fit failed.
    """
    if np.isnan(errors).all():
        return 0
    if not np.isfinite(errors).any():
        raise ModelError(f"no grid point could be fitted {fitted}; change the grid")
    return int(np.argmin(np.where(np.isfinite(errors), errors, np.inf)))


def chosen_record(records: list[dict[str, Any]], fold: int) -> dict[str, Any]:
    """Record with the smallest inner error for the test fold; the first grid point of equals.

    Raises
    ------
    ModelError
        If no grid point could be fitted.
    """
    own = sorted((r for r in records if r["fold"] == fold), key=lambda r: int(r["point"]))
    return own[_smallest(np.array([r["inner_mae"] for r in own]), f"for test fold {fold}")]


def chosen_parameters(records: list[dict[str, Any]], fold: int) -> dict[str, Any]:
    """Parameters of `chosen_record`."""
    parameters: dict[str, Any] = json.loads(chosen_record(records, fold)["parameters"])
    return parameters


def best_on_test(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Grid point with the smallest mean test error over the folds: its errors and parameters.

    This is the optimistic figure, as it looks at the test molecules. Empty if no test molecule can
    be predicted.
    """
    by_point: dict[int, list[dict[str, Any]]] = {}
    for record in (r for r in records if not math.isnan(r["test_mae"])):
        by_point.setdefault(int(record["point"]), []).append(record)
    if not by_point:
        return {}
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
