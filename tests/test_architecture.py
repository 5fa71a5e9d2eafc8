"""The house rules: who may import whom, and how large a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from qm7bench.documentation.imports import (
    PACKAGE,
    modules_imported,
    room_of,
    rooms_imported,
    source_files,
)
from qm7bench.documentation.rooms import ANYWHERE, LOOSE, ROOMS

FILES = source_files()
LARGEST_FILE = 320
NUMPY_ONLY = """
import sys
import numpy as np
from qm7bench.registry.modules import load
x = np.random.default_rng(0).normal(size=(20, 3))
for name in "mean_predictor linear_regression ridge k_nearest_neighbours kernel_ridge".split():
    model = load("models", name)().fit(x, x[:, 0])
    load("models", name)().restore(model.state()).predict(x)
for name in "atom_counts eigenspectrum sorted_coulomb_matrix random_coulomb_matrix".split():
    load("features", name)()
unwanted = {"sklearn", "torch", "torch_geometric", "numba", "pyarrow", "ase", "yaml"}
print(sorted(unwanted & set(sys.modules)))
"""

JOBS = """
import json, sys
from pathlib import Path
import numpy as np
from qm7bench.cli import main
from qm7bench.datasets.dataset import Dataset
from qm7bench.datasets.storage import write_dataset
n, dataset, feature = 40, "dataset/metadata.json", "feature/metadata.json"
positions = np.random.default_rng(0).normal(size=(n, 2, 3))
molecules = Dataset("d", np.arange(n), np.ones((n, 2), int), positions, positions[:, 0, 0],
                    np.arange(n) % 5)
write_dataset(Path(dataset), molecules, {"sha256": "0"})
settings = {"module": "eigenspectrum", "parameters": {}}
model = {"module": "ridge", "parameters": {}, "grid": {"alpha": [0.1, 1.0]}, "seed": 0}
common = ["--dataset", dataset, "--feature", feature, "--settings", json.dumps(model)]
jobs = [
    ["feature", dataset, "--name", "e", "--settings", json.dumps(settings),
     "--output", feature],
    ["select", *common, "--folds", *"01234", "--output", "row/selection.parquet",
     "--inner", "row/inner.parquet", "--cost", "row/selection.json"],
    ["fit", *common, "--feature-name", "e", "--model", "ridge", "--fold", "0",
     "--selection", "row/selection.parquet", "--output", "row/fold0"],
]
for words in jobs:
    assert main(words) == 0, words
print(sorted({"pandas", "pydantic", "jinja2", "matplotlib", "numba", "torch"} & set(sys.modules)))
"""

NETWORKS = """
import sys
from qm7bench.registry.modules import load
for name in sys.argv[1:]:
    load("models", name)()
print(sorted({"torch_geometric", "sklearn", "pandas", "matplotlib"} & set(sys.modules)))
"""


def importers(package):
    """Files that import a package, or anything in it."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        if any(n == package or n.startswith(package + ".") for n in modules_imported(path))
    }


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_the_rooms_that_the_plan_allows(room):
    for path in FILES:
        if room_of(path) == room:
            assert rooms_imported(path) <= {*ROOMS[room].may_import.split(), *ANYWHERE}, path


def test_rooms_import_only_rooms_above_them_in_the_plan():
    names = list(ROOMS)
    for i, room in enumerate(names):
        assert set(ROOMS[room].may_import.split()) - set(LOOSE) <= set(names[:i]), room


def test_only_the_modules_of_the_plan_are_in_no_room():
    loose = {path.stem for path in FILES if path.parent == PACKAGE}
    assert loose == set(LOOSE)
    assert {room_of(path) for path in FILES if path.parent != PACKAGE} == set(ROOMS)


def test_nothing_else_imports_the_command_line():
    assert importers("qm7bench.cli") == {"__main__.py"}
    assert {name.split("/")[0] for name in importers("qm7bench.commands")} == {"commands"}


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("sklearn", {"models", "testing"}),
        ("torch", {"models", "regression", "training"}),
        ("torch_geometric", {"models"}),
        ("pyarrow", {"artefacts"}),
        ("snakemake", set()),
        ("ase", {"beyond", "chemistry", "commands", "datasets", "report", "shipped", "testing"}),
        ("matplotlib", {"documentation", "report"}),
        ("numba", {"compiled_functions.py", "features", "regression"}),
        ("pandas", {"commands", "leaderboard", "report"}),
        ("pickle", set()),
    ],
)
def test_heavy_packages_are_imported_only_in_the_rooms_that_need_them(package, rooms):
    assert {name.split("/")[0] for name in importers(package)} <= rooms


def test_package_files_are_empty_but_the_first():
    for path in FILES:
        if path.name == "__init__.py" and path.parent != PACKAGE:
            assert path.read_text() == "", path


def test_importing_the_package_imports_nothing_else():
    code = "import sys; old = set(sys.modules); import qm7bench; print(*set(sys.modules) - old)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(found.stdout.split()) <= {"qm7bench", "__future__"}


def test_no_file_is_longer_than_about_300_lines():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {path: n for path, n in lengths.items() if n > LARGEST_FILE}


def test_every_module_says_in_its_first_line_what_it_is_for():
    for path in FILES:
        if path.name != "__init__.py":
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            assert text, path
            assert text.splitlines()[0].endswith((".", ":")) or "\n\n" not in text, path


def test_models_of_arrays_alone_import_neither_scikit_learn_nor_torch():
    found = subprocess.run(
        [sys.executable, "-c", NUMPY_ONLY], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_jobs_of_a_fit_on_arrays_import_neither_pandas_nor_pydantic(tmp_path):
    """Each costs more processor time than such a job takes to start without them."""
    found = subprocess.run(
        [sys.executable, "-c", JOBS], capture_output=True, text=True, cwd=tmp_path
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip().splitlines()[-1] == "[]"


def test_networks_that_need_no_torch_geometric_do_not_import_it():
    needed = {path for path in importers("torch_geometric") if path.startswith("models/")}
    assert needed == {"models/_custom_gnn_network.py", "models/_dimenet_network.py"}
    found = subprocess.run(
        [sys.executable, "-c", NETWORKS, "multilayer_perceptron", "painn"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"
