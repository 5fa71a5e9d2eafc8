"""Predict the atomization energies of molecules in an XYZ file.

Coordinates are in Angstrom; extended or plain XYZ, one or many molecules. The output's ending says
its form: .csv, .parquet or .xyz (extended). Without --output, CSV goes to the terminal.

Without --model, a model that ships with the package predicts: qm7 (PBE0; H C N O S) or qm9 (B3LYP
at 0 K; H C N O F), the one that knows the elements of most molecules of the file. Their energies
are of different methods, so that one model predicts the whole file. What its energies are, which
geometry it expects and how large its error is goes to stderr. qm7_gfn2_xtb and qm9_gfn2_xtb correct
the energies of GFN2-xTB and err less; they need tblite (pip install "qm7bench[xtb]").

Columns `lower` and `upper` are the ends of the 90 % prediction interval, calibrated on molecules
that the model had not seen. A molecule unlike the training molecules (unseen element, more atoms,
an atom or the whole far from all of them) gets a warning; its interval then promises nothing. A
molecule that the model cannot predict, for its elements or its size, has energy NaN and a warning
that says why.

With --model, a model of your own: the folder of a fit, such as
results/qm7/models/fchl19_extended_huckel/electronic_kernel_ridge/fold0.

example:
  qm7bench predict molecules.xyz --output predictions.csv
"""

from __future__ import annotations

import argparse
import csv
import io
import logging
import sys
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.parquet import write_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.extended_xyz import load_molecules
from qm7bench.errors import UserError
from qm7bench.installation import require, version
from qm7bench.prediction import FittedEnsemble, FittedModel, Predictions
from qm7bench.shipped.choice import chosen_for, in_words, load_shipped
from qm7bench.shipped.files import MODELS, ShippedFiles
from qm7bench.shipped.model import ShippedModel

VERSION = "qm7bench_version"
"""Name of the version in the metadata of Parquet files and in the comment lines of XYZ files."""

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("molecules", type=Path, help="XYZ file, Angstrom")
    parser.add_argument(
        "--model",
        help=f"name of a model that ships ({', '.join(MODELS)}) or folder of a fitted one",
    )
    parser.add_argument(
        "--uncertainty",
        action="store_true",
        help="the model's own, and intervals that scale with it; may take a minute",
    )
    parser.add_argument(
        "--dataset", type=Path, help="training data's metadata.json, if not in the same results"
    )
    parser.add_argument("--output", type=Path, help="file to write: .csv, .parquet or .xyz")


def run(options: argparse.Namespace) -> None:
    """Predict and write."""
    _refuse_output(options)
    molecules = load_molecules(options.molecules)
    model = _model(options, molecules)
    _tell(options, model)
    predictions = model.predict(molecules, options.uncertainty)
    columns = _columns(predictions)
    for number, warning in enumerate(predictions.warnings):
        if warning:
            logger.info("molecule %d is outside the applicability domain: %s", number, warning)
    if options.output is None:
        sys.stdout.write(_csv(columns))
    elif options.output.suffix == ".parquet":
        write_table(options.output, columns, {VERSION: version()})
    else:
        text = _csv(columns) if options.output.suffix == ".csv" else _xyz(predictions, columns)
        with atomic_path(options.output) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _model(
    options: argparse.Namespace, molecules: Dataset
) -> ShippedModel | FittedModel | FittedEnsemble:
    """Return the model that is named, or the one of the package that suits the molecules."""
    named = options.model
    if named is None or named in MODELS or ShippedFiles(Path(named)).is_there():
        if options.dataset is not None:
            raise UserError("--dataset is for folders of fitted models; a model that ships has all")
        if named is None or named in MODELS:
            return load_shipped(chosen_for(molecules) if named is None else named)
        return ShippedModel.load(Path(named))
    return FittedModel.load(named, options.dataset)


def _tell(options: argparse.Namespace, model: ShippedModel | FittedModel | FittedEnsemble) -> None:
    """Say what the energies are, or what a fitted model lacks beside it."""
    logger.info("qm7bench %s", version())
    if isinstance(model, ShippedModel):
        for line in in_words(model):
            logger.info("%s", line)
        return
    for note in model.notes:
        logger.info("%s: %s", options.model, note)


def _refuse_output(options: argparse.Namespace) -> None:
    """Raise a UserError if the output has no known ending or is a file of the fitted model."""
    output = options.output
    if output is None:
        return
    if output.suffix not in (".csv", ".parquet", ".xyz"):
        raise UserError(f"--output {output}: the ending must be .csv, .parquet or .xyz")
    if output.suffix == ".parquet":
        require("pyarrow")
    if options.model is None:
        return
    files = FitFiles(Path(options.model))
    kept = (files.predictions, files.history, files.inner)
    if output.exists() and any(path.exists() and path.samefile(output) for path in kept):
        raise UserError(f"--output {output} is a file of the fitted model; give another path")


def _columns(predictions: Predictions) -> dict[str, Any]:
    columns = {
        "molecule": predictions.molecules.ids,
        "formula": predictions.molecules.formulas(),
        "energy_kcal_per_mol": predictions.energies,
    }
    if predictions.uncertainties is not None:
        columns["uncertainty_kcal_per_mol"] = predictions.uncertainties
    if predictions.half_widths is not None:
        columns["lower_kcal_per_mol"] = predictions.energies - predictions.half_widths
        columns["upper_kcal_per_mol"] = predictions.energies + predictions.half_widths
    return {**columns, "warning": predictions.warnings}


def _csv(columns: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _xyz(predictions: Predictions, columns: dict[str, Any]) -> str:
    from ase import Atoms
    from ase.io import write

    frames = []
    for i, size in enumerate(predictions.molecules.sizes):
        frame = Atoms(
            numbers=predictions.molecules.charges[i, :size],
            positions=predictions.molecules.positions[i, :size],
        )
        frame.info = {name: values[i] for name, values in columns.items() if name != "molecule"}
        frame.info[VERSION] = version()
        frames.append(frame)
    text = io.StringIO()
    write(text, frames, format="extxyz")
    return text.getvalue()
