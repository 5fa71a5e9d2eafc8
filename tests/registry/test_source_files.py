"""Which source files a job's rule lists, so that an edit re-runs exactly what it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from qm7bench.registry import source_files as module
from qm7bench.registry.modules import known
from qm7bench.registry.source_files import source_files

INTERFACE = "models/interface.py"
"""What all models have in common, which is no model itself."""


def names(*modules):
    """Paths relative to the package."""
    return {
        Path(p).relative_to(module.SOURCE_ROOT / "qm7bench").as_posix()
        for p in source_files(*modules)
    }


def test_a_model_depends_on_itself_and_on_the_helpers_that_it_imports():
    found = names("qm7bench.models.ridge")
    assert {"models/ridge.py", "regression/least_squares.py", "registry/parameters.py"} <= found
    assert "regression/fold_blocks.py" not in found
    assert "models/kernel_ridge.py" not in found
    assert "regression/least_squares.py" not in names("qm7bench.models.kernel_ridge")


def test_the_packages_around_a_module_count_as_they_run_on_import():
    assert {"__init__.py", "models/__init__.py"} <= names("qm7bench.models.ridge")


@pytest.mark.parametrize("kind", ["features", "models"])
def test_no_feature_or_model_depends_on_the_workflow_around_it(kind):
    for name in known(kind):
        rooms = {path.split("/")[0] for path in names(f"qm7bench.{kind}.{name}")}
        assert not rooms & {
            "commands",
            "evaluation",
            "fitting",
            "leaderboard",
            "report",
            "configuration",
            "cli.py",
        }


def test_fitting_depends_on_no_model_and_no_report():
    found = names("qm7bench.commands.fit")
    assert "fitting/fold.py" in found
    assert {p for p in found if p.startswith("models/")} <= {"models/__init__.py", INTERFACE}
    assert not [p for p in found if p.startswith(("report/", "leaderboard/"))]


def test_paths_are_sorted_and_each_there_once():
    found = source_files("qm7bench.models.ridge", "qm7bench.models.kernel_ridge")
    assert found == sorted(set(found))
    assert all(Path(path).is_file() for path in found)


def test_a_module_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match=r"no source file for module 'qm7bench.models.nothing'"):
        source_files("qm7bench.models.nothing")


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package made of the given files; return the files that its modules reach."""
    monkeypatch.setattr(module, "SOURCE_ROOT", tmp_path)
    module.path_of.cache_clear()
    module._imports_of.cache_clear()

    def of(files, *modules):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {Path(p).relative_to(tmp_path).as_posix() for p in source_files(*modules)}

    yield of
    module.path_of.cache_clear()
    module._imports_of.cache_clear()


FILES = {"p/__init__.py": "", "p/b.py": "X = 1", "p/q/__init__.py": "", "p/q/c.py": ""}


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("import p.b", {"p/b.py"}),
        ("import p.b as b, numpy", {"p/b.py"}),
        ("from p import b", {"p/b.py"}),
        ("from p.b import X", {"p/b.py"}),
        ("from . import b", {"p/b.py"}),
        ("from .b import X", {"p/b.py"}),
        ("from .q import c", {"p/q/__init__.py", "p/q/c.py"}),
        ("from p.q.c import anything", {"p/q/__init__.py", "p/q/c.py"}),
        ("def f():\n    from p.b import X", {"p/b.py"}),
        ("if TYPE_CHECKING:\n    import p.b", {"p/b.py"}),
        ("import numpy", set()),
        ("# import p.b", set()),
    ],
)
def test_every_form_of_import_is_followed(house, text, reached):
    assert house({**FILES, "p/a.py": text}, "p.a") == {"p/__init__.py", "p/a.py"} | reached


def test_imports_are_followed_through_packages_and_in_circles(house):
    files = {
        **FILES,
        "p/a.py": "import p.q",
        "p/q/__init__.py": "from .c import X",
        "p/q/c.py": "from .. import b",
        "p/b.py": "import p.a",
    }
    everything = {"p/__init__.py", "p/a.py", "p/b.py", "p/q/__init__.py", "p/q/c.py"}
    assert house(files, "p.a") == everything
