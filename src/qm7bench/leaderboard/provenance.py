"""Settings that made a fold of an entry, as far as all its folds must agree on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.results_tree import ENSEMBLE, FitFiles
from qm7bench.registry.modules import Kind, known, parameters_of


def settings_of(made_by: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    """Everything that was set for a fold, by names for people; nothing chosen, learned or drawn.

    Parameters
    ----------
    made_by, metrics : dict
        The fold's `model.json` and `metrics.json`. For another fold of the same entry, `model.json`
        may be that of the first.

    Returns
    -------
    dict
        Checksum of the data set; feature and model with their parameters, those that a file does
        not name at their defaults; grid, budget, pretrained network and baseline. Of an ensemble,
        the members' in their place.
    """
    found = {"data set": made_by["dataset"]["sha256"], "model": made_by["module"]}
    if made_by["module"] == ENSEMBLE:
        own = made_by["parameters"]
        found |= {"weights": own["weights"], "inner folds": len(own["inner_folds"])}
        settings = {m["row"]: m.get("settings", {}) for m in made_by["members"]}
        found["members"] = " ".join(settings)
        for entry, its_own in settings.items():
            found |= {f"{entry} {name}": value for name, value in its_own.items()}
        return found
    # Without a seed in the configuration each fold draws its own.
    differ = set(made_by["chosen"]) | {"seed"} - set(metrics["parameters"])
    feature = made_by["feature"]
    found |= {"feature": feature["module"], "budget": made_by["budget"], "grid": metrics["grid"]}
    if "pretraining" in made_by:
        found["pretrained network"] = made_by["pretraining"]["sha256"]
    if "baseline" in made_by:
        found["baseline"] = f"{made_by['baseline']['module']} {made_by['baseline']['parameters']}"
    of_feature = _with_defaults("features", feature["module"], feature["parameters"])
    of_model = _with_defaults("models", made_by["module"], made_by["parameters"])
    found |= {f"feature's {name}": value for name, value in of_feature.items()}
    found |= {name: value for name, value in of_model.items() if name not in differ}
    return found


def _with_defaults(kind: Kind, module: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters, with those that were not there yet when the fold was made."""
    declared = parameters_of(kind, module) if module in known(kind) else {}
    return {p.name: p.default for p in declared.values() if not p.required} | parameters


def differences(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Name the settings in which the first differs from the other, both values with each."""
    names = [n for n in {**other, **one} if one.get(n) != other.get(n)]
    return ", ".join(f"{n} {_short(one.get(n))} and not {_short(other.get(n))}" for n in names)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def made_by_of(folder: Path) -> dict[str, Any]:
    """Read a fold's `model.json`; of an ensemble, with what its members' folds were set to."""
    made_by = read_json(FitFiles(folder).model)
    for member in made_by.get("members", []):
        own = FitFiles(folder / member["folder"])
        member["settings"] = settings_of(read_json(own.model), read_json(own.metrics))
    return made_by
