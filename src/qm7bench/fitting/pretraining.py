"""Networks that are fitted to another data set before they see the training folds.

Only molecules of other sizes than the predicted ones may be used, so that no test molecule can be
among them: QM7 and qm9small have at most seven heavy atoms, qm9large has eight and nine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.artefacts.parquet import write_records
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.fitting.initial_weights import able_to_start
from qm7bench.fitting.job import FitInputs, write_model
from qm7bench.fitting.training_run import TrainingRun, remove_checkpoints


def pretrain(inputs: FitInputs, molecules: int, files: FitFiles) -> dict[str, Any]:
    """Fit to a data set without leaving anything out; write and return `model.json`'s facts.

    Parameters
    ----------
    molecules : int
        Number of molecules to fit to, drawn at random; 0 for all.

    Raises
    ------
    ModelError
        If no fit could begin with the weights of such a model.
    """
    entry, dataset = inputs.entry, inputs.dataset
    able_to_start(entry.build(entry.parameters, "pretraining"), entry.module)
    drawn = np.arange(len(dataset))
    if 0 < molecules < len(dataset):
        drawn = np.sort(np.random.default_rng(entry.seed).choice(drawn, molecules, replace=False))
    identity = [inputs.provenance, molecules]
    run = TrainingRun(inputs, entry.parameters, "pretraining", drawn, files, identity)
    trained = run.train()
    heavy_atoms = (dataset.charges > 1).sum(axis=1)
    facts = {
        **inputs.provenance_of(drawn),
        "molecules": len(drawn),
        "heavy_atoms": [int(heavy_atoms.min()), int(heavy_atoms.max())],
        **trained.costs(),
    }
    write_records(files.history, trained.history)
    write_model(files, trained.model, entry, entry.parameters, facts)
    remove_checkpoints(files)
    return facts
