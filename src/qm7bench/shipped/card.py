"""The card of a shipped model, in Markdown, made from its description."""

from __future__ import annotations

import textwrap
from typing import Any

from qm7bench.chemistry.elements import SYMBOLS

WIDTH = 120


def model_card(described: dict[str, Any], size: int) -> str:
    """Text of the card.

    Parameters
    ----------
    described : dict
        The model's `model.json`.
    size : int
        Bytes of the model's arrays.
    """
    data, origin, errors = described["dataset"], described["energies"], described["errors"]
    symbols = " ".join(SYMBOLS[z] for z in data["elements"])
    name, method = data["name"], origin["energies"].split(" atomization")[0]
    parts = [
        f"# Model card: {described['name']}",
        "<!-- made by `make models` -->",
        f"Predicts atomization energies in kcal/mol of molecules of {symbols} from their geometry.",
        _facts(described, size),
        "## Errors",
        _errors(described),
        "These are the errors of models of the same kind, each fitted to four fifths of the "
        "molecules and tested on the others; alpha was chosen for each by cross-validation inside "
        "its four fifths (nested). The model that ships is fitted to all molecules, with the alpha "
        "of the smallest error over the folds, so that no molecule is left to test it on. The "
        f"largest of all errors is {errors['largest']:.1f} kcal/mol.",
        "## Intervals and warnings",
        _intervals(described["intervals"]),
        "The distance is that to the nearest inducing atom of the same element. The intervals are "
        f"quantiles of the nested errors on {name}, by classes of the distance to atoms of other "
        "molecules. Calibrated on four folds they hold "
        f"{100 * described['intervals']['coverage']:.1f} % of the fifth's molecules; their mean "
        f"width is {described['intervals']['mean_width']:.2f} kcal/mol.",
        "## Limits",
        f"**Geometry.** {origin['geometry_details']} The same molecule in the geometry of another "
        "method is another molecule to the model; the interval does not hold what that adds.",
        "**Molecules.** Neutral, all electrons paired, near a minimum of energy. Charges, "
        "radicals, excited states, transition states and complexes are outside, and not every one "
        "of them gets a warning. Molecules with other elements get no energy.",
        f"**Method.** Errors are those against {method}, not against experiment.",
        "## What is in it, and what is not",
        "Representations of some inducing atoms along principal axes, one weight for each of them, "
        "one for each total of a molecule, one energy per element, and the quantiles above. No "
        "energy, prediction or error of a molecule is in it, nor the weights of an exact kernel, "
        f"which would be one number for each training molecule. {origin['licence']}",
        "## Cite",
        f"qm7bench (`CITATION.cff`), and the data: {origin['citation']}",
    ]
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def _wrapped(part: str) -> str:
    """Lines of a paragraph; tables and titles stay."""
    return part if part.startswith(("|", "#", "<")) else textwrap.fill(part, WIDTH)


def _facts(described: dict[str, Any], size: int) -> str:
    data, origin = described["dataset"], described["energies"]
    rows = {
        "Energies": f"{origin['energies']}; relative to {origin['free_atoms']}",
        "Model": f"`{described['module']}` on `{described['feature']['module']}`: a local kernel "
        f"with {described['inducing_atoms']:,} inducing atoms; "
        f"{described['number_of_parameters']:,} fitted numbers",
        "Parameters": _parameters(described["parameters"]),
        **_baseline(described),
        "Training data": f"all {data['molecules']:,} molecules of {data['name']}, at most "
        f"{data['largest_molecule']} atoms",
        "Expected geometry": origin["geometry"],
        "Size": f"{size / 1e6:.1f} MB",
    }
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _baseline(described: dict[str, Any]) -> dict[str, str]:
    if "baseline" not in described:
        return {}
    method = described["baseline"]["method"]
    return {
        "Baseline": f"learns the difference to {method}, which it computes for your molecules; "
        'needs tblite, as of `pip install "qm7bench[xtb]"`'
    }


def _parameters(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(parameters.items()))


def _errors(described: dict[str, Any]) -> str:
    own, exact = described["errors"], described["exact"]
    lines = [
        f"| nested, {own['folds']} folds | MAE (kcal/mol) | RMSE (kcal/mol) |",
        "|---|---|---|",
        f"| this kind of model | {own['mae']:.3f} ± {own['mae_std']:.3f} | {own['rmse']:.3f} |",
    ]
    if exact:
        lines.append(
            f"| exact kernel, `{exact['entry']}`, same folds | {exact['mae']:.3f} ± "
            f"{exact['mae_std']:.3f} | {exact['rmse']:.3f} |"
        )
    else:
        lines.append("| exact kernel | not run on all folds of this data set | |")
    return "\n".join(lines)


def _intervals(intervals: dict[str, Any]) -> str:
    edges, half_widths = intervals["edges"], intervals["half_widths"]
    lines = [
        "| distance of a molecule's farthest atom | 90 % interval (kcal/mol) |",
        "|---|---|",
    ]
    for edge, half_width in zip(edges, half_widths, strict=False):
        lines.append(f"| at most {edge:.3f} | ± {half_width:.2f} |")
    return "\n".join([*lines, f"| more: gets a warning | ± {half_widths[-1]:.2f} |"])
