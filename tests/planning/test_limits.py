"""What needs more memory than there is, or too much of the disk, is left out and named."""

from __future__ import annotations

import re

import pytest
import yaml

from qm7bench.errors import ConfigurationError
from qm7bench.planning.disk import disk_of_run
from qm7bench.planning.jobs import Plan
from qm7bench.planning.limits import DISK

LAPTOP = 22_000
"""MB that a machine of 24 GB lends to jobs."""
NODE = 2_000_000

CONFIGURATION = """
dataset: qm9
features: {sorted_coulomb_matrix: , fchl19: , eigenspectrum: , radius_graph: }
models:
  ridge: {features: [sorted_coulomb_matrix], grid: {alpha: [0.1, 1.0]}}
  kernel_ridge: {features: [sorted_coulomb_matrix, eigenspectrum]}
  small_sparse: {module: sparse_local_kernel_ridge, features: [fchl19], share_kernels: true}
  local_kernel_ridge: {features: [fchl19], share_kernels: true}
  painn: {features: [radius_graph]}
ensembles:
  both: {members: ["*/ridge", eigenspectrum/kernel_ridge]}
"""


@pytest.fixture
def plan():
    """A plan of the configuration above, with changed keys."""

    def of(memory=LAPTOP, **changes):
        return Plan({**yaml.safe_load(CONFIGURATION), **changes}, memory=memory)

    return of


@pytest.fixture
def shipped(repository):
    """A plan of the repository's own configuration."""

    def of(dataset, memory, **changes):
        text = (repository / "config.yaml").read_text(encoding="utf-8")
        return Plan({**yaml.safe_load(text), "dataset": dataset, **changes}, memory=memory)

    return of


@pytest.mark.parametrize(("folds", "left_out"), [([0], False), ([0, 1], True)])
def test_parts_of_a_kernel_take_disk_for_each_fold(plan, folds, left_out):
    entry = {"module": "large_local_kernel_ridge", "features": ["fchl19"], "share_kernels": True}
    models = {"large": {**entry, "parameters": {"molecules": 60_000}, "folds": folds}}
    notes = plan(models=models, ensembles={}).notes()
    assert bool(notes) == left_out
    assert not left_out or re.search(r"take 5\d.\d GB of the disk, 50.0 GB may be used", notes[0])


def test_what_does_not_fit_is_left_out_by_name_with_the_row_to_take_instead(plan):
    reason = r"\(needs 3\d\d GB of memory for 130,831 molecules, 23.1 GB can be used"
    *large, combined = plan().notes()
    for name, note in zip(["kernel_ridge", "local_kernel_ridge"], large, strict=True):
        assert re.fullmatch(rf"left out: {name} {reason}; take small_sparse instead\)", note)
    assert combined == "left out: both (combines kernel_ridge, which is left out)"
    assert list(plan().settings.models) == ["ridge", "small_sparse", "painn"]


def test_asked_for_by_name_it_is_an_error(plan):
    with pytest.raises(ConfigurationError) as caught:
        plan(only=["ridge", "kernel_ridge"])
    assert str(caught.value).startswith("config.yaml: only[1]: kernel_ridge cannot be run: needs 3")
    assert str(caught.value).endswith("take small_sparse instead")


@pytest.mark.parametrize("changes", [{"memory": None}, {"memory": NODE}, {"dataset": "qm9small"}])
def test_where_it_fits_or_nobody_knows_nothing_is_left_out(plan, changes):
    models = yaml.safe_load(CONFIGURATION)["models"]
    del models["local_kernel_ridge"]  # its matrices take too much of the disk anyway
    assert plan(models=models, **changes).notes() == []


def test_the_disk_is_spared_whatever_the_memory(plan):
    (note,) = plan(memory=NODE).notes()
    assert note == (
        "left out: local_kernel_ridge (its matrices for 130,831 molecules take 137 GB of the "
        "disk, 50.0 GB may be used; take small_sparse instead)"
    )


def test_a_setting_of_a_users_own_is_believed(plan):
    own = {"kernel_ridge": {"features": ["eigenspectrum"], "resources": {"mem_mb": 20_000}}}
    assert plan(models=own, ensembles={}).notes() == []
    own["kernel_ridge"]["resources"]["mem_mb"] = 30_000
    assert len(plan(models=own, ensembles={}).notes()) == 1


def test_a_model_is_run_on_the_features_on_which_it_fits(plan):
    ridge = {"features": ["eigenspectrum", "sorted_coulomb_matrix"]}
    made = plan(memory=3000, models={"ridge": ridge}, ensembles={})
    assert made.settings.entries() == [("eigenspectrum", "ridge")]
    (note,) = made.notes()
    assert note.startswith("left out: sorted_coulomb_matrix/ridge (needs 4.6 GB of memory")


def test_a_few_molecules_of_a_large_data_set_fit(plan):
    assert plan(budget="quick", quick_molecules=1000).notes() == []


def test_a_users_molecules_are_counted(plan, tmp_path):
    file = tmp_path / "mine.xyz"
    file.write_text("1\nenergy=-1\nC 0 0 0\n" * 20_000)
    own = {"dataset": "mine", "datasets": {"mine": {"file": str(file)}}}
    (first, *_) = plan(memory=4000, **own).notes()
    assert "for 20,000 molecules" in first


def test_the_shipped_configuration_on_all_of_qm9_fits_a_laptop_and_its_disk(shipped):
    made = shipped("qm9", LAPTOP)
    entries = made.settings.entries()
    assert ("fchl19_extended_huckel", "sparse_electronic_kernel_ridge") in entries
    assert ("radius_graph", "painn") in entries
    assert ("sorted_coulomb_matrix", "ridge") in entries
    assert not [m for _, m in entries if m.startswith(("kernel_ridge", "local", "electronic_k"))]
    left_out = [n for n in made.notes() if "take sparse_electronic_kernel_ridge instead" in n]
    assert len(left_out) > 12


@pytest.mark.parametrize("memory", [LAPTOP, NODE])
def test_a_run_on_qm9_never_needs_more_than_50_gb_of_disk(shipped, memory):
    settings = shipped("qm9", memory).settings
    assert 10e9 < disk_of_run(settings, "qm9") < DISK == 50e9
