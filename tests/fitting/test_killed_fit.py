"""A fit job that is killed at random moments, run again until it is done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from qm7bench.artefacts.results_tree import FitFiles

pytestmark = pytest.mark.slow

FIT = """
import dataclasses, sys, time
from pathlib import Path
import numpy as np
from qm7bench.layouts.graphs import MoleculeGraphs
from qm7bench.datasets.qm9 import load_qm9small
from qm7bench.fitting.fold import fit_fold
from qm7bench.fitting.job import Entry, FitInputs
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.training import graph_regressor, loop

def slowly(network, plan, task, workspace, label):
    # A checkpoint after every step, and steps slow enough to be killed in.
    def slow(*arguments):
        print("ready", flush=True)
        time.sleep(0.05)
        return task.residuals(*arguments)

    often = dataclasses.replace(plan, checkpoint_seconds=0.0)
    return loop.train(network, often, dataclasses.replace(task, residuals=slow), workspace)

graph_regressor.train = slowly
dataset = load_qm9small()[0]
dataset = dataset[np.linspace(0, len(dataset) - 1, 60).astype(int)]
graphs = MoleculeGraphs.from_arrays(RadiusGraph(cutoff=4.0).compute(dataset))
parameters = dict(channels=8, layers=2, epochs=6, batch_size=8, compiled=False)
entry = Entry("small", "radius_graph", "painn", "painn", parameters, {}, seed=0)
inputs = FitInputs(entry, dataset, graphs, {"dataset": {}})
fit_fold(inputs, parameters, 0, FitFiles(Path(sys.argv[1])))
"""


def start(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", FIT, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_fit_killed_five_times_writes_the_predictions_of_one_left_alone(tmp_path):
    assert start(tmp_path / "alone").wait() == 0
    moments = random.Random(7)
    killed = 0
    while killed < 5:
        process = start(tmp_path / "killed")
        time.sleep(moments.uniform(0.05, 0.35))
        assert process.poll() is None, "the fit ended before it was killed; make its steps slower"
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        assert not FitFiles(tmp_path / "killed").metrics.exists()
    assert list(FitFiles(tmp_path / "killed").checkpoints.glob("*/checkpoint.npz"))
    assert start(tmp_path / "killed").wait() == 0
    alone, resumed = (FitFiles(tmp_path / name) for name in ("alone", "killed"))
    assert resumed.predictions.read_bytes() == alone.predictions.read_bytes()
    assert resumed.arrays.read_bytes() == alone.arrays.read_bytes()
