"""The configuration resolved: the entries of the leaderboard that it asks for, and what they need.

Read while the workflow is planned, so it imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from qm7bench.artefacts.results_tree import ENSEMBLE, quick_name
from qm7bench.configuration.available import Available, TooLarge, fits
from qm7bench.configuration.entries import CurveEntry, EnsembleEntry, Entry, ModelEntry
from qm7bench.configuration.schema_errors import schema_errors, without_errors
from qm7bench.configuration.sections import (
    Configuration,
    CurveSection,
    CurveSizes,
    FeatureSection,
    GeometrySection,
)
from qm7bench.configuration.semantic_errors import semantic_errors
from qm7bench.errors import ConfigurationError


@dataclass(frozen=True)
class Settings:
    """What a run needs of the validated configuration.

    Attributes
    ----------
    left_out : dict
        Names of models and ensembles that the run would have if they applied to the data set, and
        why they do not.
    """

    dataset: str
    datasets: dict[str, dict[str, Any]]
    budget: str
    quick_molecules: int
    folds: tuple[int, ...]
    seed: int
    features: dict[str, FeatureSection]
    models: dict[str, ModelEntry]
    ensembles: dict[str, EnsembleEntry]
    curves: list[CurveEntry]
    geometry: GeometrySection
    left_out: dict[str, str]

    def entries(self) -> list[tuple[str, str]]:
        """Feature and model of every entry of a single model, in the configuration's order."""
        return [(feature, m.name) for m in self.models.values() for feature in m.features]

    def folds_of(self, model: str) -> tuple[int, ...]:
        """Test folds of a model's entries, or of an ensemble."""
        own = self.models[model].folds if model in self.models else None
        return tuple(fold for fold in self.folds if own is None or fold in own)

    def ensemble_entries(self) -> list[tuple[str, str]]:
        """Return ("ensemble", name) of every entry that combines others."""
        return [(ENSEMBLE, name) for name in self.ensembles]


def load_settings(config: Any, too_large: TooLarge = fits) -> Settings:
    """Validate a configuration and resolve defaults and budget.

    Parameters
    ----------
    too_large : callable
        Says which entries need more memory than there is.

    Raises
    ------
    ConfigurationError
        With one line for each error.
    """
    valid = validated(config)
    available = Available.of(valid, too_large)
    _refuse(list(available.errors()))
    models, ensembles = _run(valid, available)
    folds = valid.folds_of_run
    entries = [(feature, m.name) for m in models for feature in m.features]
    return Settings(
        dataset=valid.dataset,
        datasets={name: own.given() for name, own in valid.datasets.items()},
        budget=valid.budget,
        quick_molecules=valid.quick_molecules,
        folds=folds,
        seed=valid.seed,
        features=valid.features,
        models={entry.name: entry for entry in models},
        ensembles={entry.name: entry for entry in ensembles},
        curves=_curves(valid, entries, folds, {m.name: m.folds for m in models}),
        geometry=valid.geometry,
        left_out=available.left_out(),
    )


def validated(config: Any) -> Configuration:
    """Check a configuration in every way that needs no knowledge of what is run.

    Raises
    ------
    ConfigurationError
        With one line for each error.
    """
    errors: list[str] = []
    valid: Configuration | None
    try:
        valid = Configuration.model_validate(config)
    except ValidationError as error:
        errors += schema_errors(error)
        valid = without_errors(config, error)
    _refuse([*errors, *(semantic_errors(valid) if valid else [])])
    assert valid is not None  # or there was an error
    return valid


def _refuse(errors: list[str]) -> None:
    if errors:
        raise ConfigurationError("\n".join(f"config.yaml: {line}" for line in errors))


def _run(
    config: Configuration, available: Available
) -> tuple[list[ModelEntry], list[EnsembleEntry]]:
    """Models and ensembles that are run; ensembles bring their members."""
    described = {n: ModelEntry.of(n, m, config.budget) for n, m in available.models.items()}
    ensembles, brought = [], set()
    for name, own in config.ensembles.items():
        if available.runs(name):
            entries = available.members[name]
            brought |= set(entries)
            members = tuple((feature, described[model].name) for feature, model in entries)
            if any(described[model].budget == "quick" for _, model in entries):
                name = quick_name(name)
            ensembles.append(EnsembleEntry(name, members, own.weights, own.inner_pairs))
    models = []
    for name, model in described.items():
        asked = available.runs(name)
        features = [
            feature
            for feature in model.features
            if (asked and (feature, name) not in available.too_large) or (feature, name) in brought
        ]
        if features:
            models.append(model.model_copy(update={"features": features}))
    return models, ensembles


def _curves(
    config: Configuration,
    entries: list[Entry],
    folds: tuple[int, ...],
    folds_of: dict[str, list[int] | None],
) -> list[CurveEntry]:
    """Curves of the entries that are run, in their order.

    The quick budget has the curves that `quick` describes, none without it. Models with a quick
    budget of their own have other names there, so that they have no curves.
    """
    section, quick = config.learning_curves, CurveSizes()
    if config.budget == "quick":
        if section.quick is None:
            return []
        quick = section.quick
    shared = {k: v for k, v in section.given().items() if k in CurveSection.model_fields}
    found = []
    for feature, model in entries:
        if own := section.rows.get(f"{feature}/{model}"):
            given = {**shared, **own.given(), **quick.given()}
            curve = CurveEntry(feature=feature, model=model, **given)
            own_folds = folds_of[model] or folds
            chosen = [k for k in folds if k in curve.folds and k in own_folds]
            if chosen:
                changed = {"sizes": sorted(curve.sizes), "folds": chosen}
                found.append(curve.model_copy(update=changed))
    return found
