"""Parts of a fold's training molecules: the same for entries and learning curves."""

from __future__ import annotations

import numpy as np

from qm7bench.artefacts.parquet import read_table
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.fitting.fold import fit_fold
from qm7bench.fitting.job import Entry, FitInputs
from qm7bench.fitting.training_subset import training_subset
from qm7bench.models.ridge import Ridge


def test_a_model_of_some_molecules_learns_from_those_of_the_learning_curve(
    small_molecules, tmp_path
):
    features = Eigenspectrum().compute(small_molecules)["values"]
    entry = Entry("mine", "eigenspectrum", "my_ridge", "ridge", {}, {}, seed=5, molecules=60)
    inputs = FitInputs(entry, small_molecules, features, {"dataset": {"name": "x"}})
    files = FitFiles(tmp_path / "fold2")
    metrics = fit_fold(inputs, {"alpha": 0.1}, 2, files)
    test = small_molecules.folds == 2
    chosen = training_subset(small_molecules, np.flatnonzero(~test), 2, 60, 0, entry.seed)
    model = Ridge(alpha=0.1).fit(features[chosen], small_molecules.energies[chosen])
    predictions = read_table(files.predictions)["prediction"]
    np.testing.assert_allclose(predictions, model.predict(features[test]), rtol=1e-12)
    assert (metrics["training_molecules"], metrics["test_molecules"]) == (60, test.sum())
