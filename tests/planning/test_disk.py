"""A run says before it begins that it may take more of the disk than is free."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
import yaml

from qm7bench.planning.disk import disk_notes, disk_of_run
from qm7bench.planning.jobs import Plan

Usage = namedtuple("Usage", "total used free")
MOLECULES = 130_831

CONFIGURATION = """
dataset: qm9
features: {atom_counts: , eigenspectrum: , fchl19: , gfn2_xtb: {module: xtb}}
models:
  ridge: {features: [eigenspectrum]}
  also_ridge: {module: ridge, features: [eigenspectrum]}
  sparse: {module: sparse_local_kernel_ridge, features: [fchl19], share_kernels: true,
    baseline: gfn2_xtb}
"""


@pytest.fixture
def settings():
    """Settings of the configuration above, with changed keys."""

    def of(**changes):
        return Plan({**yaml.safe_load(CONFIGURATION), **changes}).settings

    return of


@pytest.fixture
def free(monkeypatch):
    """Lets the disk have so many bytes free."""

    def set_to(nbytes):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, nbytes))

    return set_to


def test_a_representation_is_counted_once_and_a_baseline_too(settings):
    eigenspectrum = 8 * 29 * MOLECULES
    assert disk_of_run(settings(only=["*ridge"]), "qm9") == eigenspectrum
    own = settings(only=["sparse"])
    with_baseline = disk_of_run(own, "qm9")
    assert with_baseline - disk_of_run(without_baseline(own), "qm9") == 8 * MOLECULES


def without_baseline(settings):
    model = settings.models["sparse"].model_copy(update={"baseline": ""})
    settings.models["sparse"] = model
    return settings


def test_rows_that_share_distances_count_them_once(settings):
    own = {"module": "kernel_ridge", "features": ["atom_counts"], "distances": ["manhattan"]}
    one, two = (dict.fromkeys(names, own) for names in (["a"], ["a", "b"]))
    few = {"dataset": "qm9small"}
    counted = [disk_of_run(settings(models=own, **few), "qm9small") for own in (one, two)]
    assert counted[0] == counted[1] > 8 * 3900**2


@pytest.mark.parametrize(("gigabytes", "said"), [(5, True), (500, False)])
def test_it_is_said_where_less_is_free(settings, free, tmp_path, gigabytes, said):
    free(gigabytes * 10**9)
    notes = disk_notes(settings(), "qm9", tmp_path / "not" / "there")
    assert bool(notes) == said
    assert not said or "5 GB are free or used by it: run some models at a time" in notes[0]


def test_what_an_earlier_run_left_counts_as_free(settings, free, tmp_path):
    needed = disk_of_run(settings(only=["*ridge"]), "qm9")
    free(needed - 1000)
    only = settings(only=["*ridge"])
    assert len(disk_notes(only, "qm9", tmp_path)) == 1
    (tmp_path / "qm9" / "features").mkdir(parents=True)
    (tmp_path / "qm9" / "features" / "values.npy").write_bytes(b"0" * 1000)
    assert disk_notes(only, "qm9", tmp_path) == []


def test_of_molecules_that_nobody_counted_nothing_is_said(settings, free, tmp_path):
    free(0)
    (tmp_path / "mine.xyz").write_text("not a file of molecules")
    own = settings(dataset="mine", datasets={"mine": {"file": str(tmp_path / "mine.xyz")}})
    assert disk_notes(own, "mine", tmp_path) == []
