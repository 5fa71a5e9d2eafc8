"""The training loop: interruption, schedules, clipping, decay, averages, errors."""

from __future__ import annotations

import dataclasses
import logging
import math
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
from qm7bench.training.batches import shuffled
from qm7bench.training.loop import CHECKPOINT, History, train
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


@pytest.mark.parametrize(
    ("schedule", "monitor"),
    [
        ("cosine_with_warmup", "held_out_mae"),
        ("linear", "training_loss"),
        ("reduce_on_plateau", "training_loss"),
        ("reduce_on_plateau", "held_out_mae"),
    ],
)
@pytest.mark.parametrize("step", [0, 1, 7, 20])
def test_a_training_interrupted_at_any_step_ends_with_the_same_bits(
    tmp_path, step, monitor, schedule
):
    plan = dataclasses.replace(PLAN, monitor=monitor, schedule=schedule, plateau_patience=0)
    network, task = problem()
    history = train(network, plan, task)
    interrupted, interrupted_task = problem(fail_at_step=step)
    with pytest.raises(KeyboardInterrupt):
        train(interrupted, plan, interrupted_task, tmp_path)
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


def test_training_does_not_resume_from_the_checkpoint_of_a_different_plan(tmp_path, caplog):
    network, task = problem()
    train(network, PLAN, task, tmp_path)
    other, task = problem()
    history = train(other, dataclasses.replace(PLAN, epochs=2), task, tmp_path)
    assert len(history) == 2
    assert "of a different training; starting from scratch" in caplog.text


def test_training_does_not_resume_from_a_damaged_checkpoint(tmp_path):
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


def test_training_stops_when_patience_is_exhausted():
    network, task = problem()
    plan = dataclasses.replace(PLAN, epochs=50, learning_rate=1e-12, stopping_patience=2)
    assert len(train(network, plan, task)) < 10


def line(plan: TrainingPlan, slopes: tuple[float, ...]) -> tuple[nn.Linear, History]:
    """Train w x + b with w = b = 5 and the loss |slope (w + b)|, a step for each slope."""
    network = nn.Linear(1, 1)
    nn.init.constant_(network.weight, 5.0)
    nn.init.constant_(network.bias, 5.0)
    task = Task(
        batches=lambda rng: [np.array([i]) for i in range(len(slopes))],
        residuals=lambda n, rows, rng: slopes[rows[0]] * n(torch.ones(1, 1))[:, 0],
    )
    return network, train(network, plan, task)


def rates(history: History) -> list[float]:
    """Learning rate of the last step of each epoch."""
    return [row["learning_rate"] for row in history]


def test_the_cosine_ends_at_zero_after_the_last_step_and_warms_up_in_a_tenth_of_the_training():
    plan = TrainingPlan(epochs=20, learning_rate=0.01, schedule="cosine_with_warmup")
    _, history = line(dataclasses.replace(plan, warmup_epochs=1.0), (1.0, 1.0))
    expected = [0.005 * (1 + math.cos(math.pi * k / 19)) for k in range(20)]
    np.testing.assert_allclose(rates(history), expected, atol=1e-12)
    assert rates(history)[-1] == 0.0
    _, short = line(dataclasses.replace(plan, warmup_epochs=9.0), (1.0, 1.0))
    assert rates(short)[0] == pytest.approx(0.005)
    assert max(rates(short)) == rates(short)[1] == 0.01


def test_the_rate_changes_with_every_step():
    """The gradient is the same in every step, so Adam moves by the rates' sum."""
    plan = TrainingPlan(epochs=4, learning_rate=0.01, schedule="cosine_with_warmup")
    network, _ = line(plan, (1.0, 1.0, 1.0))
    done = [0.01 * 0.5 * (1 + math.cos(math.pi * k / 12)) for k in range(1, 13)]
    assert 5.0 - network.weight.item() == pytest.approx(sum(done), rel=1e-4)


def test_the_line_decays_to_its_floor_and_stays_there():
    plan = TrainingPlan(epochs=6, learning_rate=0.01, schedule="linear", decay_epochs=4.0)
    _, history = line(dataclasses.replace(plan, smallest_factor=0.1), (1.0,))
    expected = [0.0075, 0.005, 0.0025, 0.001, 0.001, 0.001]
    np.testing.assert_allclose(rates(history), expected, rtol=1e-12)


def test_a_plateau_multiplies_the_rate_by_its_factor_when_patience_is_exhausted():
    plan = TrainingPlan(
        epochs=7,
        learning_rate=1e-9,
        schedule="reduce_on_plateau",
        plateau_factor=0.3,
        plateau_patience=1,
    )
    _, history = line(plan, (1.0,))
    expected = [1e-9] * 3 + [0.3e-9] * 2 + [0.09e-9] * 2
    np.testing.assert_allclose(rates(history), expected, rtol=1e-12)


def test_a_constant_rate_stays():
    _, history = line(TrainingPlan(epochs=3, learning_rate=0.01), (1.0, 2.0))
    assert rates(history) == [0.01] * 3


def test_a_plateau_factor_that_would_not_reduce_the_rate_is_refused():
    plan = TrainingPlan(epochs=1, schedule="reduce_on_plateau", plateau_factor=1.0)
    with pytest.raises(ModelError, match=r"plateau_factor is 1.0; give a number below 1"):
        line(plan, (1.0,))


def test_clipped_gradients_count_alike_whatever_their_size():
    """Adam moves by the rate at every step if all gradients have one size, and by less if not."""
    plan = TrainingPlan(epochs=1, learning_rate=0.01)
    clipped, _ = line(dataclasses.replace(plan, gradient_clip=1e-3), (1.0, 1000.0, 1.0))
    assert 5.0 - clipped.weight.item() == pytest.approx(0.03, rel=1e-3)
    free, _ = line(plan, (1.0, 1000.0, 1.0))
    assert 5.0 - free.weight.item() < 0.027
    below, _ = line(dataclasses.replace(plan, gradient_clip=1e6), (1.0, 1000.0, 1.0))
    assert below.weight.item() == free.weight.item()


def test_weights_decay_and_biases_do_not():
    plan = TrainingPlan(epochs=10, learning_rate=0.1, weight_decay=0.2)
    network, _ = line(plan, (0.0,))
    assert network.weight.item() == pytest.approx(5.0 * (1 - 0.1 * 0.2) ** 10, rel=1e-6)
    assert network.bias.item() == 5.0


@pytest.mark.parametrize("decay", [0.25, 0.999])
def test_the_average_forgets_the_initial_weights_at_first_and_then_decays_as_asked(decay):
    """Adam moves the weight by 0.1 at every step; the average follows by the recursion."""
    plan = TrainingPlan(epochs=5, learning_rate=0.1, average_decay=decay)
    network, _ = line(plan, (-1.0,))
    weight = average = 5.0
    for step in range(5):
        weight -= 0.1
        of_step = min(decay, (1 + step) / (10 + step))
        average = of_step * average + (1 - of_step) * weight
    assert network.weight.item() == pytest.approx(average, abs=1e-4)


def test_the_average_is_evaluated_with_the_networks_own_buffers():
    network = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
    seen = []
    task = Task(
        batches=lambda rng: [np.arange(4)],
        residuals=lambda n, rows, rng: n(torch.tensor([[10.0], [11.0], [12.0], [13.0]]))[:, 0],
        evaluate=lambda n: seen.append(n[0].running_mean.item()) or {},
    )
    train(network, TrainingPlan(epochs=2, average_decay=0.9), task)
    np.testing.assert_allclose(seen, [1.15, 2.185], rtol=1e-6)


def test_a_loss_that_is_not_finite_is_said_to_have_diverged():
    network, task = problem()
    bad = dataclasses.replace(task, residuals=lambda n, rows, rng: task.residuals(n, rows, rng) / 0)
    with pytest.raises(ModelError, match="smaller learning_rate"):
        train(network, PLAN, bad)


def test_without_a_terminal_progress_is_logged(caplog, tmp_path):
    caplog.set_level(logging.INFO, "qm7bench")
    interrupted, task = problem(fail_at_step=15)
    with pytest.raises(KeyboardInterrupt):
        train(interrupted, PLAN, task, tmp_path, label="toy")
    network, task = problem()
    train(network, PLAN, task, tmp_path, label="toy")
    assert caplog.messages[0] == "toy: resumes after epoch 2 of 6"
    assert caplog.messages[-1].startswith("toy: epoch 6 of 6, training_loss ")


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
