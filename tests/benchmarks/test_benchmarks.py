"""The benchmarks run, on small settings, and what they compare is the same computation."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset


@pytest.fixture
def benchmark(repository):
    """Run one, and return what it prints."""

    def run(name, *options):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(repository / "src"), *sys.path[1:]]),
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, repository / "benchmarks" / f"{name}.py", *options],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.slow
@pytest.mark.needs_qm7
def test_nested_selection_finds_the_inner_errors_of_scikit_learn(benchmark, qm7_file):
    text = benchmark("nested_kernel_ridge", "--molecules", "300", "--kernel", "laplacian")
    (difference,) = re.findall(r"largest difference of inner MAE: +(\S+) kcal/mol", text)
    assert float(difference) < 1e-6
    assert len(re.findall(r"times less", text)) == 2


@pytest.mark.slow
def test_a_step_of_dimenet_gives_the_energies_of_pytorch_geometric(benchmark):
    small = ["--dataset", "qm9small", "--channels", "16", "--batch", "4", "--steps", "1"]
    text = benchmark("dimenet_step", *small, "--no-compile", "--no-bfloat16")
    (share,) = re.findall(r", (\S+) of their standard deviation", text)
    assert float(share) < 1e-3
    assert "ours, float32" in text


@pytest.mark.slow
def test_planning_is_timed_for_each_number_of_jobs(benchmark):
    lines = benchmark("dag_size", "--jobs", "30").splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == ["no", "yes"]


@pytest.mark.slow
def test_each_cutoff_has_an_error_on_the_held_out_fold(benchmark):
    text = benchmark(
        "dimenet_cutoff", "--dataset", "qm9small", "--cutoffs", "1.6", "--seconds", "1"
    )
    (error,) = re.findall(r"cutoff 1.60 Angstrom: (\S+) kcal/mol on the held-out fold", text)
    assert 0 < float(error) < 100


@pytest.mark.slow
def test_pairs_of_atoms_are_as_similar_as_step_by_step(benchmark):
    small = ["--dataset", "qm9small", "--molecules", "60", "--repeats", "1"]
    text = benchmark("local_kernel_pairs", *small)
    differences = re.findall(r"largest relative difference: (\S+)", text)
    assert len(differences) == 2
    assert max(map(float, differences)) < 1e-10


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("chemicals") is None,
    reason="needs the experimental values: pip install --no-deps chemicals==1.5.2",
)
def test_the_table_of_heats_of_formation_is_what_the_packages_give(benchmark):
    assert "38 molecules" in benchmark("heats_of_formation", "--check")


@pytest.mark.slow
def test_the_large_kernel_has_an_error_for_each_regularisation(
    benchmark, small_molecules, tmp_path
):
    write_dataset(tmp_path / "dataset" / "metadata.json", small_molecules[::4], {"sha256": "0"})
    dataset = str(tmp_path / "dataset" / "metadata.json")
    modules = {"fchl19": '{"module": "fchl19", "parameters": {"centres": "heavy"}}'}
    modules["gfn2_xtb"] = '{"module": "xtb", "parameters": {}}'
    for name, settings in modules.items():
        output = str(tmp_path / "features" / name / "metadata.json")
        words = ["--name", name, "--output", output, "--settings", settings]
        assert main(["feature", dataset, *words]) == 0
    options = ["--results", tmp_path, "--feature", "fchl19", "--linear", "0", "--gamma", "0.1"]
    few = ["--training", "40", "--test", "10", "--alphas", "1e-6", "10.0"]
    found = []
    for baseline in ([], ["--baseline", "gfn2_xtb"]):
        lines = benchmark("large_kernel_alpha", *map(str, options), *few, *baseline).splitlines()
        found.append([float(line.split(" | ")[1]) for line in lines[-2:]])
    assert all(0 < small < large for small, large in found)
    assert found[0] != found[1]


@pytest.mark.slow
def test_fitted_constants_have_an_error_for_each_weight(benchmark):
    small = ["--dataset", "qm9small", "--every", "2", "--evaluations", "1", "--alpha", "1e-6"]
    lines = benchmark("huckel_constants", *small, "--weights", "0.5").splitlines()
    textbooks, fitted = (float(line.split(" | ")[2]) for line in lines[-2:])
    assert 0.0 < fitted != textbooks < 5.0


@pytest.mark.slow
@pytest.mark.needs_qm7
def test_the_best_combination_is_no_worse_than_the_best_entry(benchmark, qm7_file):
    text = benchmark("best_combination")
    alone, combined = map(float, re.findall(r"(?:alone|hindsight) ([\d.]+)", text)[:2])
    assert 0.9 * alone < combined <= alone
    weights = [float(weight) for weight in re.findall(r"^ +(\S+) \S+/", text, re.M)]
    assert 0.95 < sum(weights) <= 1.001


@pytest.mark.slow
@pytest.mark.needs_qm7
def test_representations_are_those_of_the_earlier_commit(benchmark, qm7_file, repository):
    known = ["git", "-C", str(repository), "cat-file", "-e", "6de23e0"]
    if subprocess.run(known, capture_output=True).returncode:
        pytest.skip("this checkout has no history")
    text = benchmark(
        "representations", "--molecules", "60", "--repeats", "1", "--commit", "6de23e0"
    )
    differences = [float(value) for value in re.findall(r"values (\S+)$", text, re.M)]
    assert len(differences) == 4
    assert max(differences) < 1e-6
