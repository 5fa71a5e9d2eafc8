r"""Fit a network to another data set, for fits that begin with its weights.

example:
  qm7bench pretrain --dataset results/qm9large/dataset/metadata.json --model painn_pretrained \
      --feature results/qm9large/features/radius_graph/metadata.json --feature-name radius_graph \
      --settings '{"module": "painn", "parameters": {"epochs": 1}, "molecules": 1000, "seed": 0}' \
      --output pretrained
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.storage import read_dataset
from qm7bench.fitting.job import Row, provenance_of
from qm7bench.fitting.pretraining import pretrain
from qm7bench.layouts.loading import load_features


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature", type=Path, required=True, help="its metadata.json")
    parser.add_argument("--feature-name", required=True)
    parser.add_argument("--model", required=True, help="name of the model's entry")
    parser.add_argument("--settings", type=json.loads, required=True, help="the model, as JSON")
    parser.add_argument("--output", type=Path, required=True, help="folder to write into")


def run(options: argparse.Namespace) -> None:
    """Fit and write."""
    dataset, settings = read_dataset(options.dataset), options.settings
    row = Row.of(dataset, options.feature_name, options.model, settings)
    facts = pretrain(
        row,
        dataset,
        load_features(options.feature, []),
        settings["molecules"],
        FitFiles(options.output),
        provenance_of(options.dataset, dataset, options.feature),
    )
    print(
        f"{row.model}: pretrained on {facts['molecules']} molecules of {dataset.name} in "
        f"{facts['cpu_seconds']:.0f} CPU s",
        file=sys.stderr,
    )
