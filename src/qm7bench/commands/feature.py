r"""Compute a representation of all molecules of a data set.

example:
  qm7bench feature results/qm7/dataset/metadata.json --name eigenspectrum \
      --settings '{"module": "eigenspectrum", "parameters": {}}' \
      --output results/qm7/features/eigenspectrum/metadata.json
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import sha256_of, write_artefact
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.features.interface import Feature
from qm7bench.registry.modules import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("dataset", type=Path, help="metadata.json of the data set")
    parser.add_argument("--name", required=True, help="name of the feature")
    _model_options.add_settings(parser, "features")
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Compute and write."""
    dataset = read_dataset(options.dataset)
    module = options.settings["module"]
    chosen: Feature = load("features", module)(**options.settings["parameters"])
    # Columns that follow from the data set are fixed, so that other molecules get the same.
    feature: Any = chosen.pinned(dataset)
    metadata = {
        "kind": "feature",
        "name": options.name,
        "module": module,
        "parameters": dataclasses.asdict(feature),
        "layout": feature.layout,
        "units": feature.units,
        "dataset": {"name": dataset.name, "sha256": sha256_of(options.dataset)},
        **({"also_uses": feature.also_uses} if feature.also_uses else {}),
    }
    write_artefact(options.output, feature.compute(dataset), metadata)
