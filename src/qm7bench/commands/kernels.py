r"""Compute the kernel matrices or sums of a model's grid, which its selection and fits share.

What an earlier job of the same feature and code left beside the output is not computed again: one
more grid point costs one more matrix.

example:
  qm7bench kernels results/qm7/features/fchl19/metadata.json \
      --dataset results/qm7/dataset/metadata.json \
      --settings '{"module": "local_kernel_ridge", "parameters": {}, "grid": {"gamma": [0.125]}}' \
      --output results/qm7/kernels/fchl19/local_kernel_ridge/metadata.json
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import sha256_of
from qm7bench.commands import _model_options, _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import ModelError
from qm7bench.fitting.baseline import with_baseline
from qm7bench.fitting.shared_kernels import KnownArrays
from qm7bench.layouts.loading import load_features
from qm7bench.models.interface import SharesKernels, SharesSums
from qm7bench.registry.modules import load
from qm7bench.registry.parameters import grid_points

logger = logging.getLogger(__name__)


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
    made_from: dict[str, Any] = {"feature_sha256": sha256_of(options.feature)}
    if issubclass(model_class, SharesKernels):
        known = KnownArrays.of(options.output, settings["module"], made_from)
        arrays = model_class.shared_arrays(points, features, known.arrays)
    elif issubclass(model_class, SharesSums):
        energies = (options.dataset, options.baseline)
        made_from["energies_sha256"] = [sha256_of(path) for path in energies if path]
        known = KnownArrays.of(options.output, settings["module"], made_from)
        dataset = with_baseline(read_dataset(options.dataset), options.baseline)
        own = (dataset.targets, dataset.folds)
        arrays = model_class.shared_sums(points, features, *own, known.arrays)
    else:
        raise ModelError(
            f"{settings['module']} has no kernel matrices to share; remove `share_kernels` from "
            "the models of this module"
        )
    kept = known.write(arrays, {"kind": "kernels", **made_from})
    logger.info("%d of %d arrays were there from an earlier run", len(kept), len(arrays))
