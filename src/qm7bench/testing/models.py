"""What every model must do: a suite to run over one's own.

example:
    from qm7bench.features.radius_graph import RadiusGraph
    from qm7bench.testing.models import Candidate, check_model
    check_model(Candidate(MyNetwork, {"epochs": 2}, RadiusGraph()))

Each check takes a candidate, returns nothing, and raises an AssertionError that says what it found.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.dataset import Dataset, repadded
from qm7bench.errors import ModelError, UserError
from qm7bench.features.interface import Feature
from qm7bench.layouts.atoms import ChosenRows
from qm7bench.layouts.loading import wrap
from qm7bench.models.interface import (
    GivesDistances,
    GivesUncertainty,
    Model,
    MoleculesInFolds,
    SharesCrossValidation,
    SharesSums,
    TrainsInEpochs,
)
from qm7bench.testing.expectations import expect, expect_close
from qm7bench.testing.memory import shares_what_it_says, tells_what_its_jobs_take
from qm7bench.testing.molecules import (
    COPIES,
    FOLDS,
    joined,
    molecules_with_sulfur,
    molecules_without_neighbours,
    symmetric_molecules,
    training_molecules,
)
from qm7bench.testing.parts import predicts_from_parts_as_alone

Floats = NDArray[np.float64]

SULFUR = 16


@dataclass(frozen=True)
class Candidate:
    """A model to check, and what it is given.

    Attributes
    ----------
    model : type
        Its class.
    parameters : dict
        Small ones, so that a fit to some fifty molecules takes a second at most.
    feature : Feature
        Of the layout that the model reads.
    tolerance : float
        Of predictions, in kcal/mol; networks compute in single precision.
    """

    model: type[Model]
    parameters: dict[str, Any]
    feature: Feature
    tolerance: float = 0.02
    data: Dataset = field(default_factory=training_molecules)

    @property
    def name(self) -> str:
        """Name of the class, which begins every message."""
        return self.model.__name__

    def build(self) -> Model:
        """Return an unfitted model."""
        return self.model(**self.parameters)

    def features(self, dataset: Dataset) -> Any:
        """What the model reads of molecules, with the columns of the training molecules."""
        room = max(self.data.charges.shape[1], dataset.charges.shape[1])
        return wrap(self.feature.layout, self.pinned.compute(repadded(dataset, room)))

    @property
    def pinned(self) -> Feature:
        """The feature, with room for every example, sulfur too."""
        return self.feature.pinned(joined(self.data, molecules_with_sulfur()))

    def fitted(self) -> Model:
        """Return a model fitted to the training molecules."""
        return self.build().fit(self.features(self.data), self.data.energies)


def check_model(candidate: Candidate) -> None:
    """Run all checks; the first that fails raises an AssertionError."""
    for check in MODEL_CHECKS:
        check(candidate)


def stores_its_parameters(candidate: Candidate) -> None:
    """The constructor stores its arguments unmodified, so that scikit-learn can clone the model."""
    from sklearn.base import clone

    model = candidate.build()
    expect(isinstance(model, Model), f"{candidate.name} lacks a member of models.interface.Model")
    parameters = model.get_params()
    for name, value in candidate.parameters.items():
        expect(parameters.get(name) is value, f"{candidate.name}: parameter {name} is modified")
    copy = clone(model)
    expect(copy is not model and type(copy) is type(model), f"{candidate.name} cannot be cloned")
    expect(copy.get_params() == parameters, f"{candidate.name}: its clone has other parameters")
    changed = model.set_params(**parameters).get_params()
    expect(changed == parameters, f"{candidate.name}.set_params changes other parameters")


def fits_and_predicts(candidate: Candidate) -> None:
    """`fit` returns the model, predictions are finite, the input is kept, a repetition is equal."""
    features, energies = candidate.features(candidate.data), candidate.data.energies
    before, model = _bytes_of(features), candidate.build()
    expect(model.fit(features, energies) is model, f"{candidate.name}.fit does not return itself")
    predictions = model.predict(features)
    expect(predictions.shape == energies.shape, f"{candidate.name}: shape {predictions.shape}")
    expect(predictions.dtype == np.float64, f"{candidate.name}: dtype {predictions.dtype}")
    expect(bool(np.isfinite(predictions).all()), f"{candidate.name}: predictions are not finite")
    expect(_bytes_of(features) == before, f"{candidate.name} modifies its features")
    # Libraries of linear algebra round by where an array lies in memory.
    again, what = candidate.fitted().predict(features), f"{candidate.name}, fitted once more"
    expect_close(again, predictions, candidate.tolerance / 1000, what)
    for name, value in candidate.parameters.items():
        expect(model.get_params()[name] is value, f"{candidate.name}.fit modifies {name}")


def survives_as_arrays(candidate: Candidate) -> None:
    """`restore` makes of `state` a model with the same predictions; no pickle is needed."""
    features, model = candidate.features(candidate.data), candidate.fitted()
    file = io.BytesIO()
    np.savez(file, **model.state())  # type: ignore[arg-type]
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        restored = candidate.build().restore(dict(arrays))
    expected, what = model.predict(features), f"{candidate.name}, restored from its state"
    expect_close(restored.predict(features), expected, candidate.tolerance, what)
    numbers = model.number_of_parameters, restored.number_of_parameters
    expect(numbers[0] == numbers[1] > 0, f"{what}: {numbers[1]} parameters instead of {numbers[0]}")
    if isinstance(model, GivesUncertainty) and isinstance(restored, GivesUncertainty):
        expected = model.uncertainty(features)
        expect_close(restored.uncertainty(features), expected, candidate.tolerance, what)


def predicts_one_molecule_as_many(candidate: Candidate) -> None:
    """A molecule alone gets the prediction that it gets among others."""
    model = candidate.fitted()
    if "others" in model.depends_on | candidate.feature.depends_on:
        return
    features = candidate.features(candidate.data)
    together = model.predict(features)
    for i in (0, len(together) - 1):
        alone = model.predict(features[i : i + 1])
        what = f"{candidate.name}: energy of molecule {i} alone"
        expect_close(alone, together[i : i + 1], candidate.tolerance, what)


def predicts_copies_alike(candidate: Candidate) -> None:
    """Rotated, translated, reordered and padded copies have one energy; symmetric molecules too."""
    model, generator = candidate.fitted(), np.random.default_rng(3)
    depends_on = model.depends_on | candidate.feature.depends_on
    for dataset, kind in ((candidate.data, ""), (symmetric_molecules(), "symmetric ")):
        if kind and "ties" in depends_on:
            continue
        expected = model.predict(candidate.features(dataset))
        for copy in COPIES:
            tabular_padding = copy.differs_in == "padding" and candidate.feature.layout == "tabular"
            if copy.differs_in in depends_on or tabular_padding:
                continue
            found = model.predict(candidate.features(copy.make(dataset, generator)))
            what = f"{candidate.name}: energies of {kind}molecules after a change of "
            expect_close(found, expected, candidate.tolerance, what + copy.differs_in)


def handles_an_element_that_it_never_saw(candidate: Candidate) -> None:
    """A number if the model says that it can, else a number or a ModelError that names it."""
    model, features = candidate.fitted(), candidate.features(molecules_with_sulfur())
    try:
        predictions = model.predict(features)
    except ModelError as error:
        symbol = SYMBOLS[SULFUR]
        refused = f"{candidate.name} refuses a new element"
        expect(not model.predicts_unknown_elements, f"{refused}, which it says it predicts")
        expect(symbol in str(error), f"{refused} without naming {symbol}: {error}")
        return
    except Exception as error:
        raise AssertionError(
            f"{candidate.name}: an element without training molecules ends in "
            f"{type(error).__name__}: {error}; raise a ModelError that names the element"
        ) from error
    finite = bool(np.isfinite(predictions).all()) or not model.predicts_unknown_elements
    expect(finite, f"{candidate.name}: predictions of a new element are not finite")


def handles_atoms_without_neighbours(candidate: Candidate) -> None:
    """Single atoms and atoms far from all others are predicted, one by one, and learned from."""
    model, lonely = candidate.fitted(), molecules_without_neighbours()
    for i in range(len(lonely)):
        what = f"{candidate.name}: molecule {i} of atoms without neighbours"
        predictions = _predicted(model, candidate.features(lonely[i : i + 1]), what)
        expect(bool(np.isfinite(predictions).all()), f"{what} has no finite energy")
    mixed = joined(candidate.data, lonely)
    features = candidate.features(mixed)
    predictions = candidate.build().fit(features, mixed.energies).predict(features)
    expect(bool(np.isfinite(predictions).all()), f"{candidate.name}: not finite after such a fit")


def learns_from_few_molecules(candidate: Candidate) -> None:
    """One or two training molecules give finite predictions or a UserError."""
    features = candidate.features(candidate.data)
    for number in (1, 2):
        what = f"{candidate.name} fitted to {number} molecules"
        try:
            model = candidate.build().fit(features[:number], candidate.data.energies[:number])
        except UserError:
            continue
        predictions = _predicted(model, features[:number], what)
        expect(bool(np.isfinite(predictions).all()), f"{what}: predictions are not finite")


def keeps_to_the_optional_protocols(candidate: Candidate) -> None:
    """Cross-validation equals refits, uncertainties are not negative, epochs are recorded."""
    data, features = candidate.data, candidate.features(candidate.data)
    model = candidate.fitted()
    if isinstance(model, GivesUncertainty):
        spread = model.uncertainty(features)
        what = f"{candidate.name}.uncertainty"
        expect(spread.shape == data.energies.shape, f"{what} has shape {spread.shape}")
        expect(bool((spread >= 0).all()), f"{what} is negative or not a number somewhere")
    if isinstance(model, GivesDistances):
        energies, distances = model.predict_with_distances(features)
        what = f"{candidate.name}.predict_with_distances"
        expect_close(energies, model.predict(features), candidate.tolerance, what)
        expect(bool((distances >= 0).all()), f"{what}: distances are negative or not numbers")
    if isinstance(model, TrainsInEpochs):
        seconds = [record["seconds"] for record in model.history]
        expect(bool(seconds) and min(seconds) >= 0, f"{candidate.name}.history lacks seconds")
        watching = candidate.build()
        assert isinstance(watching, TrainsInEpochs)  # it is of the same class
        watching.watch = (features[:3], data.energies[:3])
        found = watching.fit(features, data.energies).predict(features)
        what = f"{candidate.name} that watches molecules"
        expect_close(found, model.predict(features), candidate.tolerance / 1000, what)
    if issubclass(candidate.model, SharesSums):
        # With the sums of all folds, as in a run: what they share is chosen once for all.
        sums = candidate.model.shared_sums(
            [candidate.parameters], features, data.energies, data.folds, {}
        )
        features = replace(features, matrices=sums)
    if issubclass(candidate.model, SharesCrossValidation):
        training = tuple(range(1, FOLDS))
        inside = np.isin(data.folds, training)
        molecules = MoleculesInFolds(features, data.energies, data.folds, [training])
        (found,) = candidate.model.cross_validate([candidate.parameters], molecules)[training]
        refit = candidate.build().fit(features[inside], data.energies[inside])
        expected = refit.predict(features[~inside])
        what = f"{candidate.name}.cross_validate, against a refit"
        expect_close(found[~inside], expected, candidate.tolerance, what)
        expect(bool(np.isnan(found[inside]).all()), f"{what}: training molecules are not NaN")


MODEL_CHECKS = (
    stores_its_parameters,
    fits_and_predicts,
    survives_as_arrays,
    predicts_one_molecule_as_many,
    predicts_copies_alike,
    handles_an_element_that_it_never_saw,
    handles_atoms_without_neighbours,
    learns_from_few_molecules,
    keeps_to_the_optional_protocols,
    tells_what_its_jobs_take,
    shares_what_it_says,
    predicts_from_parts_as_alone,
)


def _predicted(model: Model, features: Any, what: str) -> Floats:
    try:
        return model.predict(features)
    except Exception as error:
        raise AssertionError(f"{what} ends in {type(error).__name__}: {error}") from error


def _bytes_of(features: Any) -> list[bytes]:
    """Contents of all arrays of what a model reads."""
    if isinstance(features, np.ndarray):
        return [features.tobytes()]
    values = [getattr(features, each.name) for each in fields(features)]
    arrays = [np.asarray(value) for value in values if isinstance(value, np.ndarray | ChosenRows)]
    return [array.tobytes() for array in arrays]
