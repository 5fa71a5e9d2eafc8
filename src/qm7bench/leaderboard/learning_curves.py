"""Learning curves: error against the number of training molecules, and the law that it follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import CURVE_POINT_NAME, EntryFiles, filled
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.columns import plain_records
from qm7bench.leaderboard.markdown import table

Record = dict[str, Any]
NAMES = ("dataset", "feature", "model", "folds", "fitted_sizes")
"""Columns that are texts."""


@dataclass(frozen=True)
class PowerLaw:
    """Error = prefactor * n**-exponent, by least squares of the logarithms.

    Attributes
    ----------
    prefactor : float
        In the unit of the errors.
    exponent : float
    standard_error : float or None
        Of the exponent, from the residuals; None with two sizes, which leave none.
    """

    prefactor: float
    exponent: float
    standard_error: float | None

    @classmethod
    def fitted(cls, sizes: Sequence[float], errors: Sequence[float]) -> PowerLaw | None:
        """Fit to errors at each size; None with fewer than two sizes, or an error of zero."""
        from scipy.stats import linregress

        if len(set(sizes)) < 2 or min(errors) <= 0:
            return None
        line = linregress(np.log(sizes), np.log(errors))
        spread = float(line.stderr) if len(sizes) > 2 else None
        return cls(float(np.exp(line.intercept)), -float(line.slope), spread)


def curve_records(
    dataset: str, sha256: str, models: Path, folder: Path, curve: dict[str, Any]
) -> list[Record]:
    """Errors of one entry at each size, the last of them on all training molecules.

    Parameters
    ----------
    sha256 : str
        Checksum of the data set's metadata, which every point must have been made from.
    models, folder : Path
        Folders of all fits and of all points.
    curve : dict
        `CurveEntry.for_table`.

    Returns
    -------
    list of dict
        One for each size that is smaller than the training set, with means and population standard
        deviations over folds and draws in kcal/mol, then one of the entry's own fits on the same
        folds, which has no draws. All carry the fitted law and the sizes that it was fitted to.
        Points and fits that predict no molecule do not count; empty if no fit predicts any.

    Raises
    ------
    ArtefactError
        If a point or a fit is missing or was made from other molecules.
    """
    records = []
    for size in curve["sizes"]:
        names = [
            filled(CURVE_POINT_NAME, fold=k, size=size, draw=i)
            for k in curve["folds"]
            for i in range(curve["draws"])
        ]
        points = [_of(sha256, folder / curve["row"] / name) for name in names]
        known = [p for p in points if not p["left_out"] and p["mae"] is not None]
        if known:
            records.append(_record(dataset, curve["row"], size, curve["draws"], known))
    fits = _fits(sha256, EntryFiles(models / curve["row"]), curve["folds"])
    if not fits:
        return []
    whole = round(float(np.mean([m["training_molecules"] for m in fits])))
    records.append(_record(dataset, curve["row"], whole, 0, fits))
    law = PowerLaw.fitted([r["training_molecules"] for r in records], [r["mae"] for r in records])
    for record in records:
        record["exponent"] = law.exponent if law else None
        record["exponent_error"] = law.standard_error if law else None
        record["prefactor"] = law.prefactor if law else None
        record["fitted_sizes"] = " ".join(str(r["training_molecules"]) for r in records)
    return records


def _of(sha256: str, path: Path) -> dict[str, Any]:
    """Read a JSON file that was made from the data set."""
    found = read_json(path)
    if found["dataset"]["sha256"] != sha256:
        raise ArtefactError(f"{path}: made from other molecules; run the workflow again")
    return found


def _fits(sha256: str, files: EntryFiles, folds: list[int]) -> list[dict[str, Any]]:
    """Metrics of an entry's own fits with a prediction, each with its share of the selection."""
    shared = read_json(files.selection_cost) if files.selection_cost.is_file() else {}
    seconds = shared.get("cpu_seconds", 0.0) / max(1, len(files.finished_folds()))
    fits = []
    for fold in folds:
        _of(sha256, files.fit(fold).model)
        own = read_json(files.fit(fold).metrics)
        own["cpu_seconds"] += seconds
        own["peak_memory_mb"] = max(own["peak_memory_mb"], shared.get("peak_memory_mb", 0.0))
        if own["mae"] is not None:
            fits.append(own)
    return fits


def _record(
    dataset: str, entry: str, size: int, draws: int, points: list[dict[str, Any]]
) -> Record:
    mae, rmse = ([p[name] for p in points] for name in ("mae", "rmse"))
    feature, _, model = entry.partition("/")
    return {
        "dataset": dataset,
        "feature": feature,
        "model": model,
        "training_molecules": size,
        "all_molecules": int(draws == 0),
        "folds": " ".join(str(k) for k in sorted({p["fold"] for p in points})),
        "draws": draws,
        "points": len(points),
        "mae": float(np.mean(mae)),
        "mae_std": float(np.std(mae)),
        "rmse": float(np.mean(rmse)),
        "rmse_std": float(np.std(rmse)),
        "cpu_seconds": float(sum(p["cpu_seconds"] for p in points)),
        "peak_memory_mb": float(max(p["peak_memory_mb"] for p in points)),
    }


def by_entry(records: list[Record]) -> list[list[Record]]:
    """Records of each entry, by ascending size; the entry with the smallest last error first."""
    entries: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda r: r["training_molecules"]):
        entries.setdefault((record["feature"], record["model"]), []).append(record)
    return sorted(entries.values(), key=lambda r: (r[-1]["mae"], r[-1]["feature"], r[-1]["model"]))


def to_markdown(records: list[Record]) -> str:
    """Table with one line for each entry: its error at each size, and the fitted exponent."""
    if not records:
        return "No curve: no point has a prediction.\n"
    entries = by_entry(records)
    sizes = sorted({r["training_molecules"] for r in records if not r["all_molecules"]})
    head = ["feature", "model", *(f"{n:,}" for n in sizes), "all", "exponent"]
    body = []
    for entry in entries:
        errors = {r["training_molecules"]: error(r) for r in entry if not r["all_molecules"]}
        whole = next(error(r) for r in entry if r["all_molecules"])
        names = [entry[0]["feature"], entry[0]["model"]]
        body.append([*names, *(errors.get(n, "") for n in sizes), whole, exponent(entry[0])])
    return "\n".join([*table(head, body), "", _legend(entries)]) + "\n"


def _legend(entries: list[list[Record]]) -> str:
    whole = sorted({entry[-1]["training_molecules"] for entry in entries})
    span = f"{whole[0]:,}" if len(whole) == 1 else f"{whole[0]:,} to {whole[-1]:,}"
    return (
        "MAE in kcal/mol on the whole test fold after training on that many molecules: mean ± "
        "standard deviation over test folds and random draws (the CSV has their numbers). "
        "Draws are stratified by energy and the same for all entries. All: the entry itself "
        f"({span} molecules), on the same folds. Hyper-parameters are chosen inside the molecules "
        "that a point is trained on. Exponent: b of MAE = a n^-b by least squares of the "
        "logarithms over all sizes in the line, all molecules among them, with its standard error."
    )


def error(record: Record) -> str:
    """MAE with its standard deviation, as a cell of a table; without, if it is of one point."""
    digits = 2 if record["mae"] < 100 else 1
    if record["points"] == 1:
        return f"{record['mae']:.{digits + 1}f}"
    return f"{record['mae']:.{digits}f} ± {record['mae_std']:.{digits}f}"


def exponent(record: Record) -> str:
    """Fitted exponent with its standard error, empty where there is none."""
    if record["exponent"] is None:
        return ""
    spread = record["exponent_error"]
    return f"{record['exponent']:.2f}" + ("" if spread is None else f" ± {spread:.2f}")


def read_curves(path: Path) -> list[Record]:
    """Read records from the table of a run, Parquet, or the published one, CSV."""
    if path.suffix == ".csv":
        return plain_records(pd.read_csv(path, dtype=dict.fromkeys(NAMES, "string")))
    return plain_records(pd.DataFrame(read_table(path)))


def merged(published: list[Record], records: list[Record]) -> list[Record]:
    """Published curves with those of a run, which replace those of the same entries as a whole."""
    own = {(r["feature"], r["model"]) for r in records}
    kept = [r for r in published if (r["feature"], r["model"]) not in own]
    key = ("feature", "model", "training_molecules")
    return sorted([*kept, *records], key=lambda r: tuple(r[name] for name in key))
