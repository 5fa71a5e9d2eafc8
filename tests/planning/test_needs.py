"""What jobs ask a cluster for: memory, time, GPUs, and which of them share a Slurm job."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.planning.needs import Needs, growing

CONFIGURATION = """
features: {eigenspectrum: }
models:
  linear_regression: {features: [eigenspectrum], resources: {mem_mb: 300}}
  ridge: {features: [eigenspectrum], grid: {alpha: [0.1, 1.0]}}
  kernel_ridge: {features: [eigenspectrum], resources: {runtime: 11}}
  multilayer_perceptron:
    features: [eigenspectrum]
    resources: {runtime: 5, gpu: true}
    budgets: {quick: {}, full: {}}
"""


@pytest.fixture
def needs():
    """Make the needs, with changes to the configuration."""

    def make(**changes):
        settings = load_settings({**yaml.safe_load(CONFIGURATION), **changes})
        return Needs.of(settings)

    return make


def job(model, dataset="qm7"):
    """Wildcards of a model's job."""
    return SimpleNamespace(dataset=dataset, model=model, feature="eigenspectrum")


def test_each_further_attempt_asks_for_as_much_again(needs):
    memory = needs().fit_memory
    assert [memory(job("linear_regression"), attempt) for attempt in (1, 2, 3)] == [300, 600, 900]
    once = memory(job("kernel_ridge"), 1)
    assert [memory(job("kernel_ridge"), attempt) for attempt in (2, 3)] == [2 * once, 3 * once]
    assert [growing(40)(None, attempt) for attempt in (1, 2)] == [40, 80]


def test_only_models_tagged_with_a_gpu_match_the_gpu_rules(needs):
    pattern = needs().gpu_models()
    assert re.fullmatch(pattern, "multilayer_perceptron")
    assert not re.fullmatch(pattern, "kernel_ridge")


def test_the_quick_budget_of_a_tagged_model_asks_for_a_gpu_too(needs):
    assert re.fullmatch(needs(budget="quick").gpu_models(), "multilayer_perceptron-quick")


def test_without_tagged_models_nothing_matches_the_gpu_rules(needs):
    pattern = needs(only=["ridge"]).gpu_models()
    assert not re.search(pattern, "ridge")
    assert not re.search(pattern, "")


def test_light_jobs_are_grouped_by_whether_they_have_a_grid(needs):
    assert needs().group(job("linear_regression")) == "light_fits"
    assert needs().group(job("ridge")) == "light_rows"


def test_long_jobs_and_gpu_jobs_are_not_grouped(needs):
    assert needs().group(job("kernel_ridge")) is None
    assert needs().group(job("multilayer_perceptron")) is None


def point(model, size):
    """Wildcards of a point of a learning curve."""
    return SimpleNamespace(dataset="qm7", model=model, feature="eigenspectrum", size=str(size))


def test_small_points_are_light_and_share_slurm_jobs(needs):
    asked = needs().point_runtime
    assert [asked(point("kernel_ridge", 2000), attempt) for attempt in (1, 2)] == [10, 20]
    assert asked(point("kernel_ridge", 2001), 1) == 11
    assert needs().point_group(point("kernel_ridge", 2000)) == "light_points"
    assert needs().point_group(point("kernel_ridge", 2001)) is None


def test_a_networks_points_ask_for_what_its_fits_do(needs):
    assert needs().point_runtime(point("multilayer_perceptron", 100), 1) == 5
    assert needs().point_group(point("multilayer_perceptron", 100)) is None


def test_more_molecules_ask_for_more_memory(needs):
    memory = needs().fit_memory
    assert memory(job("kernel_ridge", "qm9"), 1) > 100 * memory(job("kernel_ridge", "qm7"), 1)
    assert memory(job("ridge", "qm9"), 1) < 3 * memory(job("ridge", "qm7"), 1)


def test_a_model_of_some_molecules_asks_for_their_kernel(needs):
    def model(molecules):
        kept = {"training_molecules": molecules, "parameters": {"gamma": 1e-3, "alpha": 1e-6}}
        given = needs(models={"kernel_ridge": {"features": ["eigenspectrum"], **kept}})
        return given.fit_memory(job("kernel_ridge", "qm9"), 1)

    # Three times a double for each pair of a training molecule with the others.
    assert model(1000) * 2**20 == pytest.approx(3 * 8 * 1000 * (1000 + 26_166), rel=0.9)
    assert model(1000) < model(2000) < model(104_665) / 50 == model(0) / 50


def test_a_point_of_a_curve_asks_for_its_own_molecules(needs):
    asked = needs().point_memory
    few, many = (asked(point("kernel_ridge", size), 1) for size in (500, 5000))
    assert few == 1000 < many <= needs().select_memory(job("kernel_ridge"), 1)


def test_a_light_points_memory_is_bounded_where_it_is_set(needs):
    given = {"kernel_ridge": {"features": ["eigenspectrum"], "resources": {"mem_mb": 9000}}}
    asked = needs(models=given).point_memory
    assert [asked(point("kernel_ridge", size), 1) for size in (2000, 2001)] == [2000, 9000]


def test_of_a_data_set_whose_size_cannot_be_told_jobs_ask_for_a_fixed_amount(needs):
    unknown = SimpleNamespace(dataset="gone", model="ridge", feature="eigenspectrum", metric="x")
    made = needs()
    asked = (made.dataset_memory, made.feature_memory, made.distances_memory, made.fit_memory)
    assert [memory(unknown, 2) for memory in asked] == [8000] * 4
