r"""Compute the kernel matrices or sums of a model's grid, which its selection and fits share.

example:
  qm7bench kernels results/qm7/features/fchl19/metadata.json \
      --dataset results/qm7/dataset/metadata.json \
      --settings '{"module": "local_kernel_ridge", "parameters": {}, "grid": {"gamma": [0.125]}}' \
      --output results/qm7/kernels/fchl19/local_kernel_ridge/metadata.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qm7bench.artefacts.artefact import sha256_of, write_artefact, write_json
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ModelError
from qm7bench.fitting.baseline import with_baseline
from qm7bench.fitting.job import cost_of_this_process
from qm7bench.layouts.loading import load_features
from qm7bench.models.interface import SharesKernels, SharesSums
from qm7bench.registry.modules import load
from qm7bench.registry.parameters import grid_points


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("feature", type=Path, help="its metadata.json")
    _options.add_dataset(parser)
    parser.add_argument("--baseline", type=Path, help="metadata.json of energies to correct")
    _model_options.add_settings(parser, "models", "grid")
    _options.add_output(parser)


def run(options: argparse.Namespace) -> None:
    """Compute and write, and what it cost beside it."""
    settings = options.settings
    model_class = load("models", settings["module"])
    points = grid_points(settings["parameters"], settings["grid"])
    features = load_features(options.feature, [])
    if issubclass(model_class, SharesKernels):
        arrays = model_class.shared_arrays(points, features)
    elif issubclass(model_class, SharesSums):
        dataset = with_baseline(read_dataset(options.dataset), options.baseline)
        arrays = model_class.shared_sums(points, features, dataset.targets, dataset.folds)
    else:
        raise ModelError(
            f"{settings['module']} has no kernel matrices to share; remove `share_kernels` from "
            "the models of this module"
        )
    metadata = {"kind": "kernels", "feature_sha256": sha256_of(options.feature)}
    write_artefact(options.output, arrays, metadata)
    write_json(options.output.with_name("cost.json"), cost_of_this_process())
