r"""Prepare the parts of a model's kernel of one fold: draw molecules, turn vectors.

example:
  qm7bench prepare_parts --dataset results/qm9/dataset/metadata.json \
      --feature results/qm9/features/fchl19/metadata.json --feature-name fchl19 \
      --model large_local_kernel_ridge --fold 0 \
      --settings '{"module": "large_local_kernel_ridge", "parameters": {}, "seed": 0}' \
      --output results/qm9/parts/fchl19/large_local_kernel_ridge/fold0/prepared/metadata.json
"""

from __future__ import annotations

import argparse

import numpy as np

from qm7bench.artefacts.artefact import sha256_of, write_artefact, write_json
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ModelError
from qm7bench.fitting.job import Entry, cost_of_this_process
from qm7bench.layouts.loading import load_features
from qm7bench.models.interface import SharesParts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _model_options.add_entry(parser)
    _options.add_test_fold(parser)
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Prepare and write, and what it cost beside it."""
    dataset = read_dataset(options.dataset)
    _options.refuse_unknown_folds([options.fold], dataset.folds)
    entry = Entry.of(dataset, options.feature_name, options.model, options.settings)
    # With the parameters of a fit, so that a seed that is derived from the fold is the same.
    model = entry.build(entry.parameters, options.fold)
    if not isinstance(model, SharesParts):
        raise ModelError(f"{entry.module} computes its kernel as a whole; use `qm7bench kernels`")
    test = dataset.folds == options.fold
    arrays = model.prepare_parts(
        load_features(options.feature, []), np.flatnonzero(~test), np.flatnonzero(test)
    )
    metadata = {
        "kind": "prepared parts",
        "feature_sha256": sha256_of(options.feature),
        "module": entry.module,
        "parameters": entry.parameters,
    }
    write_artefact(options.output, arrays, metadata)
    write_json(options.output.with_name("cost.json"), cost_of_this_process())
