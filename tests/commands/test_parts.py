"""A kernel in parts, from the command line: prepared, computed, and put together by the fit."""

from __future__ import annotations

import json

import pytest

from qm7bench.artefacts.artefact import read_artefact, read_json
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset

FCHL19 = {"two_body_functions": 8, "three_body_functions": 6, "centres": "heavy"}
ENTRY = {"module": "large_local_kernel_ridge", "parameters": {"molecules": 20}, "seed": 0}
PARTS = 3


def run(*words):
    return main(list(map(str, words)))


@pytest.fixture(scope="module")
def folder(small_molecules, tmp_path_factory):
    """Data set, representation, and all parts of the kernel of fold 0."""
    folder = tmp_path_factory.mktemp("results")
    write_dataset(folder / "dataset.json", small_molecules[::6], {"sha256": "0" * 64})
    settings = json.dumps({"module": "fchl19", "parameters": FCHL19})
    words = ["feature", folder / "dataset.json", "--name", "fchl19", "--settings", settings]
    assert run(*words, "--output", feature(folder)) == 0
    assert run(*prepare(folder), "--output", prepared(folder)) == 0
    for number in range(PARTS):
        words = ["part", prepared(folder), "--number", number, "--parts", PARTS]
        assert run(*words, "--output", part(folder, number)) == 0
    return folder


def feature(folder):
    return folder / "fchl19" / "metadata.json"


def prepared(folder):
    return folder / "prepared" / "metadata.json"


def part(folder, number):
    return folder / f"part{number}" / "metadata.json"


def entry(folder, **changes):
    words = ["--dataset", folder / "dataset.json", "--feature", feature(folder)]
    words += ["--feature-name", "fchl19", "--model", "large", "--fold", 0]
    return [*words, "--settings", json.dumps({**ENTRY, **changes})]


def prepare(folder, **changes):
    return ["prepare_parts", *entry(folder, **changes)]


def test_parts_hold_the_rows_of_the_drawn_and_the_test_molecules(folder, small_molecules):
    test = (small_molecules[::6].folds == 0).sum()
    rows = [read_artefact(part(folder, number)).arrays for number in range(PARTS)]
    shapes = [array.shape for arrays in rows for array in arrays.values()]
    assert sum(height for height, _ in shapes) == 20 + test
    assert shapes[-1][1] == 20
    molecules = read_artefact(prepared(folder)).arrays
    assert (len(molecules["training"]), len(molecules["others"])) == (20, test)


def test_a_fit_of_parts_predicts_as_one_without_them_and_has_their_cost(folder, tmp_path):
    paths = [prepared(folder), *(part(folder, number) for number in range(PARTS))]
    assert run("fit", *entry(folder), "--output", tmp_path / "alone") == 0
    assert run("fit", *entry(folder), "--parts", *paths, "--output", tmp_path / "parts") == 0
    alone, parts = (read_json(tmp_path / name / "metrics.json") for name in ("alone", "parts"))
    assert parts["mae"] == pytest.approx(alone["mae"], abs=1e-6)
    assert parts["training_molecules"] == alone["training_molecules"] == 20
    costs = [read_json(path.with_name("cost.json")) for path in paths]
    assert parts["cpu_seconds"] > sum(cost["cpu_seconds"] for cost in costs)
    assert parts["peak_memory_mb"] >= max(cost["peak_memory_mb"] for cost in costs)


def test_a_model_without_parts_is_an_error(folder, tmp_path, capsys):
    words = prepare(folder, module="local_kernel_ridge", parameters={})
    assert run(*words, "--output", tmp_path / "metadata.json") == 1
    assert "local_kernel_ridge computes its kernel as a whole; use" in capsys.readouterr().err


@pytest.mark.parametrize("number", [-1, PARTS])
def test_a_part_that_there_is_not_is_an_error(folder, tmp_path, capsys, number):
    words = ["part", prepared(folder), "--number", number, "--parts", PARTS]
    assert run(*words, "--output", tmp_path / "metadata.json") == 1
    assert f"--number {number}: give one from 0 to 2" in capsys.readouterr().err


def test_parts_of_something_else_are_an_error(folder, tmp_path, capsys):
    words = ["part", feature(folder), "--number", 0, "--parts", PARTS]
    assert run(*words, "--output", tmp_path / "metadata.json") == 1
    assert "give the metadata.json that `prepare_parts` wrote" in capsys.readouterr().err
