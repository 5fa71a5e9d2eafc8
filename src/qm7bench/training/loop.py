"""The one training loop of all neural models.

A training is a sequence of steps, numbered by epoch and minibatch. Whatever is random in a step is
drawn from generators seeded by (seed, epoch, minibatch), so the state of a training is its weights,
its optimiser's and schedulers' state and a few numbers: a training that was killed resumes from its
last checkpoint and ends, on one thread, with the same bits as an uninterrupted one. Optimiser,
schedulers and average are torch's; the loop is our own because it resumes at any step.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from qm7bench.errors import ModelError
from qm7bench.training.batches import Indices
from qm7bench.training.checkpoint import read_checkpoint, write_checkpoint
from qm7bench.training.early_stopping import Patience
from qm7bench.training.optimizer import adamw, optimizer_state, restore_optimizer
from qm7bench.training.plan import TrainingPlan
from qm7bench.training.progress import Progress
from qm7bench.training.schedules import plateau_scheduler, step_scheduler
from qm7bench.training.task import Task
from qm7bench.training.weight_averaging import moving_average
from qm7bench.training.weights import Arrays, flattened, load_weights, named, weights_of

logger = logging.getLogger(__name__)

History = list[dict[str, Any]]

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "l1": lambda residuals: residuals.abs().mean(),
    "l2": lambda residuals: residuals.square().mean(),
    "smooth_l1": lambda residuals: nn.functional.smooth_l1_loss(
        residuals, torch.zeros_like(residuals)
    ),
}
CHECKPOINT = "checkpoint.npz"
FORMAT = 2
"""Of checkpoints; those of another format are not resumed from."""


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
        Folder for the checkpoint. Training resumes from a checkpoint found there if it belongs to
        the same plan and the same shapes; a finished one is reused unchanged.
    label
        What progress is reported as.

    Returns
    -------
    list of dict
        A record per epoch: `epoch` from 1, `training_loss` (the mean over molecules, in the unit of
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
    loss_sum: float = 0.0
    molecules: int = 0
    learning_rate: float = 0.0
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
        self.optimizer = adamw(network, plan)
        steps_per_epoch = len(task.batches(np.random.default_rng(plan.seed)))
        self.by_step = step_scheduler(self.optimizer, plan, steps_per_epoch)
        self.on_plateau = plateau_scheduler(self.optimizer, plan)
        self.stopping = Patience(plan.stopping_patience)
        self.average = moving_average(network, plan.average_decay) if plan.average_decay else None
        self.best_weights: Arrays = {}
        self.started = time.process_time()
        self.last_checkpoint = time.monotonic()

    def run(self, label: str) -> None:
        progress = Progress(label, self.plan.epochs, self.state.epoch)
        while not self.state.finished:
            self._epoch()
            record = self._end_epoch()
            progress.epoch(record)
            if self._is_over(record):
                self._finish()
            self._write_when_due(force=self.state.finished)
        progress.close()

    def _epoch(self) -> None:
        """Take the epoch's steps, from the one after the last that was taken."""
        state = self.state
        self.network.train()
        batches = self.task.batches(np.random.default_rng([self.plan.seed, state.epoch]))
        for batch in range(state.batch, len(batches)):
            self._step(batches[batch])
            state.batch = batch + 1
            self._write_when_due()

    def _step(self, indices: Indices) -> None:
        state = self.state
        seeds = np.random.SeedSequence([self.plan.seed, state.epoch, state.batch])
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        residuals = self.task.residuals(self.network, indices, np.random.default_rng(seeds))
        loss = LOSSES[self.plan.loss](residuals)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.plan.gradient_clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.gradient_clip)
        self.optimizer.step()
        if self.average:
            self.average.update_parameters(self.network)
        state.learning_rate = self.optimizer.param_groups[0]["lr"]
        if self.by_step:
            self.by_step.step()
        state.loss_sum += loss.item() * len(indices)
        state.molecules += len(indices)

    def _end_epoch(self) -> dict[str, Any]:
        """Add the epoch's record to the history, and keep the weights if they are the best."""
        state, plan = self.state, self.plan
        loss = state.loss_sum / state.molecules
        if not math.isfinite(loss):
            raise ModelError(
                f"training diverged: the loss of epoch {state.epoch + 1} is {loss}; give a smaller "
                "learning_rate"
            )
        state.epoch += 1
        record: dict[str, Any] = {
            "epoch": state.epoch,
            "training_loss": loss,
            "learning_rate": state.learning_rate,
            "seconds": self._seconds(),
        }
        is_last = state.epoch == plan.epochs
        if self.task.evaluate and (is_last or state.epoch % plan.evaluate_every == 0):
            record |= self._evaluated(self.task.evaluate)
        state.history.append(record)
        state.batch, state.loss_sum, state.molecules = 0, 0.0, 0
        return record

    @property
    def _result(self) -> nn.Module:
        """Network with averaged weights, if they are averaged."""
        return self.average.module if self.average else self.network

    def _evaluated(self, evaluate: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
        network = self._result.eval()
        with torch.no_grad():
            figures = evaluate(network)
        if self.plan.monitor == "held_out_mae" and figures["held_out_mae"] < self.state.best:
            self.state.best = figures["held_out_mae"]
            self.best_weights = {n: w.copy() for n, w in weights_of(network).items()}
        return figures

    def _is_over(self, record: dict[str, Any]) -> bool:
        """Whether this was the last epoch; also lowers the learning rate on a plateau."""
        plan, monitored = self.plan, record.get(self.plan.monitor)
        if monitored is not None:
            if self.on_plateau:
                self.on_plateau.step(monitored)
            if plan.stopping_patience and self.stopping.exhausted(monitored):
                return True
        out_of_time = 0 < plan.maximum_seconds <= self._seconds()
        return self.state.epoch >= plan.epochs or out_of_time

    def _finish(self) -> None:
        load_weights(self.network, self.best_weights or weights_of(self._result))
        self.state.finished = True

    def _seconds(self) -> float:
        """Processor time of the training so far, interrupted runs included."""
        return self.state.seconds + time.process_time() - self.started

    def _write_when_due(self, force: bool = False) -> None:
        if self.checkpoint is None:
            return
        if not force and time.monotonic() - self.last_checkpoint < self.plan.checkpoint_seconds:
            return
        groups, moments = optimizer_state(self.optimizer)
        facts = dataclasses.asdict(self.state) | {
            "seconds": self._seconds(),
            "identity": self._identity(),
            "groups": groups,
            "stopping": dataclasses.asdict(self.stopping),
            "schedulers": [s.state_dict() for s in self._schedulers],
        }
        arrays = flattened(
            network=weights_of(self.network),
            average=weights_of(self.average) if self.average else {},
            best=self.best_weights,
            optimizer=moments,
        )
        write_checkpoint(self.checkpoint, arrays, facts)
        self.last_checkpoint = time.monotonic()

    def restore(self) -> None:
        """Resume from the checkpoint, if there is one of this training."""
        found = None if self.checkpoint is None else read_checkpoint(self.checkpoint)
        if found is None:
            return
        arrays, facts = found
        if facts.pop("identity") != self._identity():
            logger.warning("%s: of a different training; starting from scratch", self.checkpoint)
            return
        load_weights(self.network, named("network", arrays))
        if self.average:
            load_weights(self.average, named("average", arrays))
        self.best_weights = named("best", arrays)
        restore_optimizer(self.optimizer, facts.pop("groups"), named("optimizer", arrays))
        for scheduler, state in zip(self._schedulers, facts.pop("schedulers"), strict=True):
            scheduler.load_state_dict(state)
        self.stopping = Patience(**facts.pop("stopping"))
        self.state = _State(**facts)

    @property
    def _schedulers(self) -> list[LRScheduler]:
        return [s for s in (self.by_step, self.on_plateau) if s is not None]

    def _identity(self) -> dict[str, Any]:
        """What must agree for a checkpoint to be this training's, as JSON would return it."""
        shapes = {name: list(t.shape) for name, t in self.network.state_dict().items()}
        return {"format": FORMAT, "plan": dataclasses.asdict(self.plan), "shapes": shapes}
