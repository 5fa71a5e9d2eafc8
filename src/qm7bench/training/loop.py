"""The one training loop of all neural models.

A training is a sequence of steps, numbered by epoch and minibatch. Whatever is random in a step is
drawn from generators seeded by (seed, epoch, minibatch), so the state of a training is its weights,
its optimiser's moments and a few numbers: a training that was killed goes on from its last
checkpoint and ends, on one thread, with the same bits as one left alone.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from qm7bench.errors import ModelError
from qm7bench.training.checkpoint import read_checkpoint, write_checkpoint
from qm7bench.training.plan import TrainingPlan
from qm7bench.training.progress import Progress
from qm7bench.training.schedules import Patience, cosine_with_warmup, linear_to_floor
from qm7bench.training.task import Rows, Task
from qm7bench.training.weight_averaging import WeightAverage

History = list[dict[str, Any]]

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "l1": lambda residuals: residuals.abs().mean(),
    "l2": lambda residuals: residuals.square().mean(),
    "smooth_l1": lambda residuals: nn.functional.smooth_l1_loss(
        residuals, torch.zeros_like(residuals)
    ),
}
CHECKPOINT = "checkpoint.npz"


def train(
    network: nn.Module,
    plan: TrainingPlan,
    task: Task,
    workspace: Path | None = None,
    label: str = "training",
) -> History:
    """Train a network in place; it ends in evaluation mode.

    Parameters
    ----------
    network
        With initial weights, on the device where it is to be trained.
    workspace
        Folder for the checkpoint. A checkpoint found there that belongs to the same plan and the
        same shapes is gone on from, and a finished one is taken as it is.
    label
        What progress is reported as.

    Returns
    -------
    list of dict
        A row per epoch: `epoch` from 1, `training_loss` (the mean over molecules, in the unit of
        the residuals or its square), `learning_rate`, `seconds` of processor time since the start
        and what `evaluate` gave, all numbers.

    Raises
    ------
    ModelError
        If the loss is not finite.
    """
    training = _Training(network, plan, task, None if workspace is None else workspace / CHECKPOINT)
    training.restore()
    devices = range(torch.cuda.device_count())
    with torch.random.fork_rng(devices=devices):
        training.run(label)
    network.eval()
    return training.state.history


@dataclass
class _State:
    """The numbers of a training that a checkpoint holds beside its tensors."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    molecules: int = 0
    plateau_factor: float = 1.0
    seconds: float = 0.0
    finished: bool = False
    best: float = math.inf
    history: History = field(default_factory=list)


class _Training:
    def __init__(
        self, network: nn.Module, plan: TrainingPlan, task: Task, checkpoint: Path | None
    ) -> None:
        self.network, self.plan, self.task, self.checkpoint = network, plan, task, checkpoint
        self.state = _State()
        self.plateau = Patience(plan.plateau_patience)
        self.stopping = Patience(plan.stopping_patience)
        self.average = WeightAverage(network, plan.average_decay)
        self.best_weights: list[Tensor] = []
        decayed = [p for p in network.parameters() if p.ndim >= 2]
        others = [p for p in network.parameters() if p.ndim < 2]
        groups: list[dict[str, Any]] = [
            {"params": decayed},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(
            [group for group in groups if group["params"]],
            lr=plan.learning_rate,
            weight_decay=plan.weight_decay,
            fused=True,
        )
        self.started = time.process_time()
        self.last_checkpoint = time.monotonic()

    def run(self, label: str) -> None:
        progress = Progress(label, self.plan.epochs, self.state.epoch)
        while not self.state.finished:
            self._epoch()
            row = self._end_epoch()
            progress.epoch(row)
            if self._is_over(row):
                self._finish()
            self._write_when_due(force=self.state.finished)
        progress.close()

    def _epoch(self) -> None:
        """Take the epoch's steps, from the one after the last that was taken."""
        state = self.state
        self.network.train()
        batches = self.task.batches(np.random.default_rng([self.plan.seed, state.epoch]))
        for batch in range(state.batch, len(batches)):
            self._set_learning_rate(state.epoch + (batch + 1) / len(batches))
            self._step(batches[batch])
            state.batch = batch + 1
            self._write_when_due()

    def _step(self, rows: Rows) -> None:
        state = self.state
        seeds = np.random.SeedSequence([self.plan.seed, state.epoch, state.batch])
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        residuals = self.task.residuals(self.network, rows, np.random.default_rng(seeds))
        loss = LOSSES[self.plan.loss](residuals)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.plan.gradient_clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.gradient_clip)
        self.optimizer.step()
        self.average.update(state.step)
        state.step += 1
        state.loss_sum += loss.item() * len(rows)
        state.molecules += len(rows)

    def _set_learning_rate(self, epochs_done: float) -> None:
        plan, factor = self.plan, self.state.plateau_factor
        if plan.schedule == "cosine_with_warmup":
            factor = cosine_with_warmup(epochs_done, plan.epochs, plan.warmup_epochs)
        if plan.schedule == "linear":
            factor = linear_to_floor(epochs_done, plan.decay_epochs, plan.smallest_factor)
        for group in self.optimizer.param_groups:
            group["lr"] = plan.learning_rate * factor

    def _end_epoch(self) -> dict[str, Any]:
        """Add the epoch's row to the history, and keep the weights if they are the best."""
        state, plan = self.state, self.plan
        loss = state.loss_sum / state.molecules
        if not math.isfinite(loss):
            raise ModelError(
                f"training diverged: the loss of epoch {state.epoch + 1} is {loss}; give a smaller "
                "learning_rate"
            )
        state.epoch += 1
        row: dict[str, Any] = {
            "epoch": state.epoch,
            "training_loss": loss,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "seconds": self._seconds(),
        }
        is_last = state.epoch == plan.epochs
        if self.task.evaluate and (is_last or state.epoch % plan.evaluate_every == 0):
            row |= self._evaluated(self.task.evaluate)
        state.history.append(row)
        state.batch, state.loss_sum, state.molecules = 0, 0.0, 0
        return row

    def _evaluated(self, evaluate: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
        self.network.eval()
        with self.average.applied(), torch.no_grad():
            figures = evaluate(self.network)
            if self.plan.monitor == "held_out_mae" and figures["held_out_mae"] < self.state.best:
                self.state.best = figures["held_out_mae"]
                self.best_weights = [p.detach().clone() for p in self.network.parameters()]
        return figures

    def _is_over(self, row: dict[str, Any]) -> bool:
        """Whether this was the last epoch; also lowers the learning rate on a plateau."""
        plan, monitored = self.plan, row.get(self.plan.monitor)
        if monitored is not None:
            if plan.schedule == "reduce_on_plateau" and self.plateau.lost(monitored):
                self.state.plateau_factor *= plan.plateau_factor
            if plan.stopping_patience and self.stopping.lost(monitored):
                return True
        out_of_time = 0 < plan.maximum_seconds <= self._seconds()
        return self.state.epoch >= plan.epochs or out_of_time

    def _finish(self) -> None:
        self.average.keep()
        for weight, best in zip(self.network.parameters(), self.best_weights, strict=False):
            weight.data.copy_(best)
        self.state.finished = True

    def _seconds(self) -> float:
        """Processor time of the training so far, runs that were broken off included."""
        return self.state.seconds + time.process_time() - self.started

    def _write_when_due(self, force: bool = False) -> None:
        if self.checkpoint is None:
            return
        if not force and time.monotonic() - self.last_checkpoint < self.plan.checkpoint_seconds:
            return
        facts = dataclasses.asdict(self.state) | {
            "seconds": self._seconds(),
            "identity": self._identity(),
            "plateau": dataclasses.asdict(self.plateau),
            "stopping": dataclasses.asdict(self.stopping),
            "best_weights": len(self.best_weights),
        }
        arrays = {name: tensor.cpu().numpy() for name, tensor in self._tensors().items()}
        write_checkpoint(self.checkpoint, arrays, facts)
        self.last_checkpoint = time.monotonic()

    def restore(self) -> None:
        """Go on from the checkpoint, if there is one and it is this training's."""
        found = None if self.checkpoint is None else read_checkpoint(self.checkpoint)
        if found is None:
            return
        arrays, facts = found
        if facts.pop("identity") != self._identity():
            print(f"{self.checkpoint}: of another training; starting anew", file=sys.stderr)
            return
        self.plateau = Patience(**facts.pop("plateau"))
        self.stopping = Patience(**facts.pop("stopping"))
        self._make_moments(arrays)
        if facts.pop("best_weights"):
            self.best_weights = [p.detach().clone() for p in self.network.parameters()]
        for name, tensor in self._tensors().items():
            tensor.copy_(torch.from_numpy(arrays[name]))
        self.state = _State(**facts)

    def _tensors(self) -> dict[str, Tensor]:
        """Every tensor of the training by name; restoring fills them in place."""
        tensors = {f"network.{n}": t for n, t in self.network.state_dict().items()}
        tensors |= {f"average.{i}": t for i, t in enumerate(self.average.averages)}
        tensors |= {f"best.{i}": t for i, t in enumerate(self.best_weights)}
        for i, parameter in enumerate(self.network.parameters()):
            moments = self.optimizer.state.get(parameter, {})
            tensors |= {f"optimizer.{i}.{name}": t for name, t in moments.items()}
        return tensors

    def _make_moments(self, names: Iterable[str]) -> None:
        """Let the optimiser make its moments, by a step without gradient, to be filled."""
        for i, parameter in enumerate(self.network.parameters()):
            if f"optimizer.{i}.step" in names:
                parameter.grad = torch.zeros_like(parameter)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _identity(self) -> dict[str, Any]:
        """What must agree for a checkpoint to be this training's, as JSON would return it."""
        shapes = {name: list(t.shape) for name, t in self.network.state_dict().items()}
        return {"plan": dataclasses.asdict(self.plan), "shapes": shapes}
