"""The configuration of the repository on a user's molecules and on every built-in data set."""

from __future__ import annotations

import re
import shutil

import pytest

LEFT_OUT = re.compile(r"^left out: painn_pretrained \(pretrained on qm9large, .*$", re.M)
TOO_LARGE = re.compile(r"^left out: (\w+) \(needs .* of memory for 130,831 molecules, .*$", re.M)


@pytest.fixture(scope="module")
def shipped(nothing_run, repository, tmp_path_factory):
    """The workflow with the shipped configuration; a user's file has blanks, dots and an @."""
    workflow = nothing_run.copy_to(tmp_path_factory.mktemp("shipped") / "with blanks")
    text = (repository / "config.yaml").read_text(encoding="utf-8")
    text, number = re.subn(r"^# (datasets:|  my_molecules:.*)$", r"\1", text, flags=re.M)
    assert number == 2
    name = "my molecules v1.0@home.xyz"
    text = text.replace("file: data/my_molecules.xyz", f"file: data/{name}")
    (workflow.folder / "config.yaml").write_text(text, encoding="utf-8")
    shutil.move(workflow.folder / "data" / "my_molecules.xyz", workflow.folder / "data" / name)
    return workflow


@pytest.mark.parametrize(
    ("dataset", "budget"),
    [
        ("my_molecules", "full"),
        ("qm9", "full"),
        pytest.param("qm9large", "full", marks=pytest.mark.slow),
        pytest.param("my_molecules", "quick", marks=pytest.mark.slow),
    ],
)
def test_every_entry_that_applies_to_a_data_set_is_planned(shipped, dataset, budget):
    memory = ("--resources", "mem_mb=23000")
    asked = (f"dataset={dataset}", f"budget={budget}")
    run = shipped.snakemake("-n", "--quiet", "rules", *memory, "--config", *asked)
    assert run.status == 0, run.text
    counts = dict(re.findall(r"^(\w+) +(\d+)$", run.text, re.M))
    assert int(counts["total"]) > 100
    assert "pretrain_gpu" not in counts
    assert len(LEFT_OUT.findall(run.text)) == (budget == "full")
    assert ("kernel_ridge_laplacian" in TOO_LARGE.findall(run.text)) == (dataset == "qm9")


@pytest.mark.needs_qm7
@pytest.mark.parametrize(
    ("file", "fits", "kernels", "points"),
    [
        ("qm9.yaml", 6 * 5 + 3, 3, 12),
        ("ablation.yaml", 9 * 5, 9, 0),
        ("qm7_by_size.yaml", 15, 5, 0),
        ("qm9_by_size.yaml", 8, 2, 0),
    ],
)
def test_configurations_that_add_to_it_are_planned(
    shipped, repository, file, fits, kernels, points
):
    shutil.copy(repository / file, shipped.folder)
    memory = ("--resources", "mem_mb=23000")
    run = shipped.snakemake("-n", "--quiet", "rules", *memory, "--configfile", file)
    assert run.status == 0, run.text
    assert "left out" not in run.text
    counts = dict(re.findall(r"^(\w+) +(\d+)$", run.text, re.M))
    numbers = {rule: int(counts.get(rule, 0)) for rule in ("fit", "kernels", "curve_point")}
    for rule in ("fit", "curve_point"):
        numbers[rule] += int(counts.get(f"{rule}_gpu", 0))
    assert list(numbers.values()) == [fits, kernels, points]


@pytest.mark.slow
def test_on_small_molecules_nothing_is_left_out(shipped):
    run = shipped.snakemake("-n", "--quiet", "rules", "--config", "dataset=qm9small")
    assert run.status == 0, run.text
    assert "pretrain_gpu" in run.text
    assert "left out" not in run.text


def test_a_model_that_does_not_apply_is_an_error_when_asked_for_by_name(shipped):
    asked = ("dataset=my_molecules", "only=[ridge,painn_pretrained]")
    run = shipped.snakemake("-n", "--config", *asked)
    assert run.status == 1
    line = "config.yaml: only[1]: painn_pretrained cannot be run: pretrained on qm9large"
    assert line in run.text
    assert "Traceback" not in run.text


def test_a_users_molecules_are_run_to_the_end(shipped, tmp_path):
    workflow = shipped.copy_to(tmp_path / "own")
    asked = ("dataset=my_molecules", "budget=quick", "quick_molecules=60", "only=[mean*,ridge]")
    run = workflow.snakemake("--cores", "2", "--show-failed-logs", "--config", *asked)
    assert run.status == 0, run.text
    results = workflow.results.with_name("my_molecules-quick")
    assert (results / "report.html").is_file()
    lines = (results / "summary.csv").read_text().splitlines()
    assert len(lines) == 1 + 3


def test_what_is_too_large_is_an_error_when_asked_for_by_name(shipped):
    asked = ("dataset=qm9", "only=[electronic_kernel_ridge]")
    run = shipped.snakemake("-n", "--resources", "mem_mb=23000", "--config", *asked)
    assert run.status == 1
    assert "only[0]: electronic_kernel_ridge cannot be run: needs " in run.text
    assert "take sparse_electronic_kernel_ridge instead" in run.text
    assert "Traceback" not in run.text


def test_on_a_cluster_the_memory_of_its_nodes_counts(shipped):
    asked = ("-n", "--quiet", "rules", "--executor", "slurm", "--jobs", "9")
    nodes = ("--resources", "node_mem_mb=90000")
    run = shipped.snakemake(*asked, *nodes, "--config", "dataset=qm9", 'only=["*kernel_ridge"]')
    assert run.status == 0, run.text
    assert "94.4 GB can be used" in run.text
