"""Which shipped model predicts a file: one for all of its molecules, chosen by their elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError
from qm7bench.evaluation.unknown_elements import have_known_elements
from qm7bench.shipped.files import MODELS, PREFERRED, files_of, names
from qm7bench.shipped.model import ShippedModel


def load_shipped(name: str) -> ShippedModel:
    """Load a model of the package by its name.

    Raises
    ------
    ArtefactError
        If this package does not have it, or it is damaged.
    """
    there = ", ".join(names()) or "none"
    if name not in MODELS:
        raise ArtefactError(f"{name}: no such model; there are: {there}")
    if name not in names():
        raise ArtefactError(
            f"the model {name} is not in this package (there: {there}); make it with `make models`"
        )
    return ShippedModel.load(files_of(name).folder)


def chosen_for(molecules: Dataset) -> str:
    """Name of the shipped model that knows the elements of most molecules.

    Energies of two models are of different methods and never stand side by side.

    Raises
    ------
    ArtefactError
        If no model is in this package, or one is damaged.
    """
    there = [name for name in names() if name in PREFERRED]
    if not there:
        raise ArtefactError("no model is in this package; make them with `make models`")
    known = {name: files_of(name).read_description()["dataset"]["elements"] for name in there}
    return knowing_most(molecules, known)


def knowing_most(molecules: Dataset, known: Mapping[str, Sequence[int]]) -> str:
    """Name with the elements of most molecules; the first of equals."""

    def number(name: str) -> int:
        return int(have_known_elements(molecules.charges, np.array(known[name])).sum())

    return max(known, key=number)


def in_words(model: ShippedModel) -> list[str]:
    """What a user must know to use the model's energies, a line each."""
    known = model.description
    data, energies, errors = known["dataset"], known["energies"], known["errors"]
    symbols = " ".join(SYMBOLS[z] for z in data["elements"])
    baselines = [known["baseline"]] if "baseline" in known else []
    return [
        f"model {known['name']}, fitted to {data['molecules']:,} molecules of {symbols}: "
        f"{energies['energies']}, relative to {energies['free_atoms']}",
        *(f"corrects the energies of {own['method']}" for own in baselines),
        f"expected geometry: {energies['geometry']}",
        f"nested error on {errors['folds']} folds: MAE {errors['mae']:.3f}, RMSE "
        f"{errors['rmse']:.3f} kcal/mol",
    ]
