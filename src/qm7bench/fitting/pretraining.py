"""Networks that learn from another data set before they see the training folds.

Only molecules of other sizes than the predicted ones may be learnt from, so that no test molecule
can be among them: QM7 and qm9small have at most seven heavy atoms, qm9large has eight and nine.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from qm7bench.artefacts.parquet import write_records
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.datasets.dataset import Dataset
from qm7bench.fitting.initial_weights import refuse_unless_it_can_start
from qm7bench.fitting.job import Row, cost_of_this_process, seconds_before, workspace, write_model


def pretrain(
    row: Row,
    dataset: Dataset,
    features: Any,
    molecules: int,
    files: FitFiles,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Fit to a data set without leaving anything out; write and return `model.json`'s facts.

    Parameters
    ----------
    molecules : int
        Learn from so many, drawn at random; 0 for all.
    """
    rows = np.arange(len(dataset))
    if 0 < molecules < len(dataset):
        rows = np.sort(np.random.default_rng(row.seed).choice(rows, molecules, replace=False))
    model = row.build(row.parameters, "pretraining")
    refuse_unless_it_can_start(model, row.module)
    model.workspace = workspace(files, [asdict(row), provenance, molecules])
    started = time.process_time()
    model.fit(features[rows], dataset.energies[rows])
    earlier = seconds_before(model.history, time.process_time() - started)
    heavy_atoms = (dataset.charges > 1).sum(axis=1)
    facts = {
        **provenance,
        "molecules": len(rows),
        "heavy_atoms": [int(heavy_atoms.min()), int(heavy_atoms.max())],
        **cost_of_this_process(earlier),
    }
    write_records(files.history, model.history)
    write_model(files, model, row, row.parameters, facts)
    shutil.rmtree(files.checkpoints, ignore_errors=True)
    return facts
