"""The house rules: who may import whom, and how large a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import qm7bench

PACKAGE = Path(qm7bench.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = {
    "artefacts": "",
    "chemistry": "",
    "registry": "",
    "configuration": "artefacts registry",
    "datasets": "artefacts chemistry",
    "layouts": "artefacts chemistry datasets",
    "planning": "artefacts configuration datasets layouts registry",
    "regression": "layouts",
    "features": "chemistry datasets layouts registry",
    "training": "artefacts chemistry layouts registry regression",
    "models": "chemistry layouts registry regression training",
    "evaluation": "artefacts chemistry datasets models registry",
    "fitting": "artefacts datasets evaluation models registry",
    "ensembles": "artefacts datasets evaluation fitting",
    "leaderboard": "artefacts datasets evaluation fitting registry",
    "report": "artefacts chemistry datasets evaluation fitting leaderboard registry",
    "commands": "artefacts datasets ensembles evaluation features fitting layouts leaderboard "
    "models registry report prediction",
}
"""Every room with those that it may import, in the order of the plan."""
LOOSE = {"prediction", "cli", "__main__", "errors", "seeds"}
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
print(sorted({"sklearn", "torch", "torch_geometric", "pyarrow", "ase", "yaml"} & set(sys.modules)))
"""

NETWORKS = """
import sys
from qm7bench.registry.modules import load
for name in sys.argv[1:]:
    load("models", name)()
print(sorted({"torch_geometric", "sklearn", "pandas", "matplotlib"} & set(sys.modules)))
"""


def room_of(path):
    """First folder inside the package, or the file's own name at its top."""
    return path.relative_to(PACKAGE).parts[0]


def imports_of(path):
    """Every module that a file imports, inside functions too, with names imported from it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path):
    """Rooms and top-level modules of the package that a file imports."""
    split = [name.split(".") for name in imports_of(path)]
    return {parts[1] for parts in split if parts[0] == "qm7bench" and len(parts) > 1}


def importers(package):
    """Files that import a package, or anything in it."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        if any(name == package or name.startswith(package + ".") for name in imports_of(path))
    }


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_the_rooms_that_the_plan_allows(room):
    for path in FILES:
        if room_of(path) == room:
            found = rooms_imported(path) & {*ROOMS, *LOOSE}
            assert found <= {*ROOMS[room].split(), room, "errors", "seeds"}, path


def test_rooms_import_only_rooms_above_them_in_the_plan():
    names = list(ROOMS)
    for i, room in enumerate(names):
        assert set(ROOMS[room].split()) - LOOSE <= set(names[:i]), room


def test_only_five_modules_are_in_no_room():
    loose = {path.stem for path in FILES if path.parent == PACKAGE} - {"__init__"}
    assert loose == LOOSE
    assert {room_of(path) for path in FILES if path.parent != PACKAGE} == set(ROOMS)


def test_nothing_imports_the_command_line():
    assert importers("qm7bench.cli") == {"__main__.py"}
    assert importers("qm7bench.commands") == set()


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("sklearn", {"models"}),
        ("torch", {"models", "training"}),
        ("torch_geometric", {"models"}),
        ("snakemake", set()),
        ("ase", {"chemistry", "commands", "datasets", "report"}),
        ("matplotlib", {"report"}),
        ("pandas", {"commands", "leaderboard", "report"}),
        ("pickle", set()),
    ],
)
def test_heavy_packages_are_imported_only_in_the_rooms_that_need_them(package, rooms):
    assert {name.split("/")[0] for name in importers(package)} <= rooms


def test_package_files_are_empty():
    for path in FILES:
        if path.name == "__init__.py":
            assert path.read_text() == "", path


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
