"""What the commands that fit read before they start."""

from __future__ import annotations

import argparse
from dataclasses import replace

from qm7bench.artefacts.artefact import read_json
from qm7bench.commands import _options
from qm7bench.datasets.storage import read_dataset
from qm7bench.fitting.baseline import baseline_facts, with_baseline
from qm7bench.fitting.initial_weights import pretraining_facts
from qm7bench.fitting.job import Entry, FitInputs, provenance_of
from qm7bench.layouts.loading import load_features


def read_fit_inputs(options: argparse.Namespace) -> FitInputs:
    """Read data set, features and what else the options name.

    Raises
    ------
    ArtefactError
        If one of them is missing or damaged.
    ModelError
        If the pretrained model may have seen a molecule of the data set.
    UserError
        If no molecule is in the test fold.
    """
    dataset = with_baseline(read_dataset(options.dataset), options.baseline)
    _options.refuse_unknown_folds([options.fold], dataset.folds)
    features = load_features(options.feature, [*options.distances, *options.parts])
    entry = Entry.of(dataset, options.feature_name, options.model, options.settings)
    provenance = {
        **provenance_of(options.dataset, dataset, options.feature),
        **baseline_facts(options.baseline),
        "budget": entry.budget,
    }
    if options.pretrained:
        entry = replace(entry, pretrained=str(options.pretrained))
        provenance["pretraining"] = pretraining_facts(options.pretrained, dataset)
    costs = [read_json(path.with_name("cost.json")) for path in options.parts]
    parts_cost = {
        "cpu_seconds": sum(cost["cpu_seconds"] for cost in costs),
        "peak_memory_mb": max((cost["peak_memory_mb"] for cost in costs), default=0.0),
    }
    return FitInputs(entry, dataset, features, provenance, parts_cost)
