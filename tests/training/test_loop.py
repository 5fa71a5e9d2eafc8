from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from qm7bench.errors import ModelError
from qm7bench.training.batches import in_order, of_similar_size, shuffled
from qm7bench.training.loop import CHECKPOINT, train
from qm7bench.training.plan import TrainingPlan
from qm7bench.training.task import Task

PLAN = TrainingPlan(
    epochs=6,
    learning_rate=0.01,
    schedule="cosine_with_warmup",
    warmup_epochs=1,
    weight_decay=0.01,
    gradient_clip=1.0,
    average_decay=0.9,
    checkpoint_seconds=0.0,
    seed=3,
)


def problem(fail_at_step: int | None = None) -> tuple[nn.Module, Task]:
    """A small network with dropout, on noisy inputs: every kind of randomness there is."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Dropout(0.2), nn.Linear(8, 1))
    inputs = np.random.default_rng(1).normal(size=(50, 3))
    targets = torch.tensor(inputs.sum(axis=1), dtype=torch.float32)
    steps = 0

    def residuals(network: nn.Module, rows: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
        nonlocal steps
        if steps == fail_at_step:
            raise KeyboardInterrupt
        steps += 1
        noisy = inputs[rows] + 0.1 * rng.normal(size=(len(rows), 3))
        return network(torch.tensor(noisy, dtype=torch.float32))[:, 0] - targets[rows]

    def evaluate(network: nn.Module) -> dict[str, float]:
        errors = network(torch.tensor(inputs, dtype=torch.float32))[:, 0] - targets
        return {"held_out_mae": errors.abs().mean().item()}

    return network, Task(lambda rng: shuffled(50, 8, rng), residuals, evaluate)


def weights(network: nn.Module) -> list[np.ndarray]:
    return [p.detach().numpy() for p in network.parameters()]


@pytest.mark.parametrize("monitor", ["training_loss", "held_out_mae"])
@pytest.mark.parametrize("step", [0, 1, 7, 20])
def test_a_training_broken_off_at_any_step_ends_with_the_same_bits(tmp_path, step, monitor):
    plan = dataclasses.replace(
        PLAN, monitor=monitor, schedule="reduce_on_plateau", plateau_patience=0
    )
    network, task = problem()
    history = train(network, plan, task)
    broken, broken_task = problem(fail_at_step=step)
    with pytest.raises(KeyboardInterrupt):
        train(broken, plan, broken_task, tmp_path)
    resumed, task = problem()
    resumed_history = train(resumed, plan, task, tmp_path)
    for a, b in zip(weights(network), weights(resumed), strict=True):
        np.testing.assert_array_equal(a, b)
    seconds = [row.pop("seconds") for row in resumed_history]
    assert seconds == sorted(seconds)
    assert resumed_history == [{k: v for k, v in r.items() if k != "seconds"} for r in history]


def test_a_finished_training_is_not_trained_again(tmp_path):
    network, task = problem()
    train(network, PLAN, task, tmp_path)
    again, task = problem(fail_at_step=0)
    train(again, PLAN, task, tmp_path)
    for a, b in zip(weights(network), weights(again), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_checkpoint_of_another_plan_is_not_gone_on_from(tmp_path, capsys):
    network, task = problem()
    train(network, PLAN, task, tmp_path)
    other, task = problem()
    history = train(other, dataclasses.replace(PLAN, epochs=2), task, tmp_path)
    assert len(history) == 2
    assert "starting anew" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_not_gone_on_from(tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 and then nothing")
    network, task = problem()
    assert len(train(network, PLAN, task, tmp_path)) == PLAN.epochs


def test_the_network_learns_and_the_global_random_state_is_left_alone():
    network, task = problem()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    history = train(network, dataclasses.replace(PLAN, epochs=60, learning_rate=0.03), task)
    assert history[-1]["held_out_mae"] < 0.3 * history[0]["held_out_mae"]
    assert torch.equal(before, torch.get_rng_state())
    assert not network.training


def test_the_weights_of_the_best_epoch_are_kept():
    network, task = problem()
    plan = dataclasses.replace(PLAN, epochs=15, learning_rate=0.3, monitor="held_out_mae")
    history = train(network, dataclasses.replace(plan, schedule="constant"), task)
    best = min(row["held_out_mae"] for row in history)
    assert best < history[-1]["held_out_mae"]
    assert task.evaluate(network)["held_out_mae"] == best


def test_training_stops_when_patience_is_lost():
    network, task = problem()
    plan = dataclasses.replace(PLAN, epochs=50, learning_rate=1e-12, stopping_patience=2)
    assert len(train(network, plan, task)) < 10


def test_a_loss_that_is_not_finite_is_said_to_have_diverged():
    network, task = problem()
    bad = dataclasses.replace(task, residuals=lambda n, rows, rng: task.residuals(n, rows, rng) / 0)
    with pytest.raises(ModelError, match="smaller learning_rate"):
        train(network, PLAN, bad)


def test_a_log_file_gets_plain_lines(capsys):
    network, task = problem()
    train(network, PLAN, task, label="toy")
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("toy: epoch 6 of 6, training_loss ")


@pytest.mark.parametrize("number", [1, 31, 64])
def test_every_molecule_is_in_one_batch(number):
    rng = np.random.default_rng(0)
    sizes = rng.integers(3, 20, number)
    for batches in (
        in_order(number, 8),
        shuffled(number, 8, rng),
        of_similar_size(sizes, 8, rng),
    ):
        assert sorted(np.concatenate(batches)) == list(range(number))
        assert max(map(len, batches)) <= 8


def test_batches_of_similar_size_waste_little_padding():
    rng = np.random.default_rng(0)
    sizes = rng.integers(4, 24, 2000)
    batches = of_similar_size(sizes, 32, rng)
    padded = sum(len(rows) * sizes[rows].max() for rows in batches)
    assert padded < 1.1 * sizes.sum()


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_loop
network, task = test_loop.problem()
slow = test_loop.Task(task.batches, lambda *a: time.sleep(0.02) or task.residuals(*a))
test_loop.train(network, test_loop.PLAN, slow, Path({workspace!r}))
"""


def test_a_training_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    network, task = problem()
    train(network, PLAN, dataclasses.replace(task, evaluate=None))
    code = KILLED.format(tests=str(Path(__file__).parent), workspace=str(tmp_path))
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
        steps_seen, deadline = _step(tmp_path), time.monotonic() + 60
        while _step(tmp_path) == steps_seen and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    resumed, task = problem()
    train(resumed, PLAN, dataclasses.replace(task, evaluate=None), tmp_path)
    for a, b in zip(weights(network), weights(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


def _step(workspace: Path) -> bytes:
    path = workspace / CHECKPOINT
    return path.read_bytes() if path.exists() else b""
