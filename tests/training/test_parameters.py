"""What networks inherit: every parameter of the training reaches the plan."""

from __future__ import annotations

import pytest

from qm7bench.registry.modules import load
from qm7bench.training.plan import TrainingPlan

SHARED = {
    "epochs": 7,
    "learning_rate": 0.03,
    "warmup_epochs": 0.7,
    "weight_decay": 0.2,
    "gradient_clip": 0.3,
    "average_decay": 0.4,
    "evaluate_every": 3,
    "seed": 11,
}
SCHEDULED = {
    "loss": "smooth_l1",
    "schedule": "linear",
    "plateau_factor": 0.6,
    "plateau_patience": 9,
}
OWN = {
    "custom_gnn": {**SCHEDULED, "decay_epochs": 5.0, "smallest_factor": 0.2},
    "dimenet": SCHEDULED,
    "multilayer_perceptron": {**SCHEDULED, "stopping_patience": 4},
    "painn": {},
    "tensornet": {},
}


@pytest.mark.parametrize("name", OWN)
def test_a_networks_parameters_are_those_of_its_training(name):
    parameters = {**SHARED, **OWN[name]}
    fixed = {} if OWN[name] else {"loss": "l1", "schedule": "cosine_with_warmup"}
    assert load("models", name)(**parameters).plan() == TrainingPlan(**parameters, **fixed)
