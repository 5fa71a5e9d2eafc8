"""Parameters that several networks share, as dataclasses from which their models derive.

A model states a default of its own by declaring the parameter again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.registry.parameters import (
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)
from qm7bench.training.plan import TrainingPlan


@dataclass
class TrainingParameters:
    """What every network trained by `qm7bench.training.loop.train` has.

    Parameters
    ----------
    batch_size
        Molecules in a minibatch.
    seed
        Of the initial weights and of everything random during training.
    epochs, learning_rate and the rest
        See `qm7bench.training.plan.TrainingPlan`.

    Attributes
    ----------
    workspace
        Folder for the checkpoint; None writes none.
    history
        What `train` returned.
    watch
        Features and energies (n,) in kcal/mol of molecules whose error the history records; it
        does not influence the training.
    """

    epochs: PositiveInt = 100
    batch_size: PositiveInt = 32
    learning_rate: PositiveFloat = 0.002
    warmup_epochs: NonNegativeFloat = 2.0
    weight_decay: NonNegativeFloat = 0.0
    gradient_clip: NonNegativeFloat = 1.0
    average_decay: NonNegativeFloat = 0.999
    evaluate_every: PositiveInt = 1
    seed: int = 0
    workspace: Path | None = field(default=None, init=False, repr=False)
    history: list[dict[str, Any]] = field(default_factory=list, init=False, repr=False)
    watch: tuple[Any, NDArray[np.float64]] | None = field(default=None, init=False, repr=False)

    def plan(self) -> TrainingPlan:
        """Settings of the training: every parameter that `TrainingPlan` has too."""
        settings = {f.name for f in dataclasses.fields(TrainingPlan)}
        own = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return TrainingPlan(**{name: own[name] for name in settings & own.keys()})


@dataclass
class LossAndSchedule:
    """Choice of the loss and of the learning rate's schedule; see `TrainingPlan`."""

    loss: Literal["l1", "l2", "smooth_l1"] = "l1"
    schedule: Literal["cosine_with_warmup", "reduce_on_plateau", "linear", "constant"] = (
        "cosine_with_warmup"
    )
    plateau_factor: PositiveFloat = 0.25
    plateau_patience: NonNegativeInt = 3
