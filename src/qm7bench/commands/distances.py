r"""Compute the distance matrix of a tabular feature, which folds and models share.

example:
  qm7bench distances results/qm7/features/eigenspectrum/metadata.json --metric manhattan \
      --output results/qm7/distances/eigenspectrum/manhattan/metadata.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import read_artefact, sha256_of, write_artefact
from qm7bench.commands import _options
from qm7bench.errors import ArtefactError
from qm7bench.layouts.table import METRICS, distances


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("feature", type=Path, help="metadata.json of the feature")
    parser.add_argument("--metric", choices=METRICS, required=True)
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Compute and write."""
    values = read_artefact(options.feature).arrays.get("values")
    if values is None or values.ndim != 2:
        raise ArtefactError(
            f"{options.feature}: shared distances need a table of one vector for each molecule; "
            "remove `distances` from the models that use this feature"
        )
    array = values[:]
    matrix = distances(array, array, options.metric)
    metadata = {
        "kind": "distances",
        "metric": options.metric,
        "feature_sha256": sha256_of(options.feature),
    }
    write_artefact(options.output, {options.metric: matrix}, metadata)
