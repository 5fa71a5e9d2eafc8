r"""Fit a network to another data set, for fits that start from its weights.

example:
  qm7bench pretrain --dataset results/qm9large/dataset/metadata.json --model painn_pretrained \
      --feature results/qm9large/features/radius_graph/metadata.json --feature-name radius_graph \
      --settings '{"module": "painn", "parameters": {"epochs": 1}, "molecules": 1000, "seed": 0}' \
      --output pretrained
"""

from __future__ import annotations

import argparse
import logging

from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.fitting.job import Entry, FitInputs, provenance_of
from qm7bench.fitting.pretraining import pretrain
from qm7bench.layouts.loading import load_features

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _model_options.add_entry(parser, "molecules")
    _options.add_output(parser, "folder to write into")


def run(options: argparse.Namespace) -> None:
    """Fit and write."""
    dataset, settings = read_dataset(options.dataset), options.settings
    entry = Entry.of(dataset, options.feature_name, options.model, settings)
    features = load_features(options.feature, [])
    provenance = provenance_of(options.dataset, dataset, options.feature)
    inputs = FitInputs(entry, dataset, features, provenance)
    facts = pretrain(inputs, settings["molecules"], FitFiles(options.output))
    logger.info(
        "%s: pretrained on %d molecules of %s in %.0f CPU s",
        *(entry.model, facts["molecules"], dataset.name, facts["cpu_seconds"]),
    )
