"""Imports between rooms, as the architecture page shows them."""

from __future__ import annotations

import pytest

from qm7bench.documentation.architecture_figure import drawing
from qm7bench.documentation.imports import arrows, lines, modules_imported, without_implied


def test_imports_inside_functions_and_of_names_are_found(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("import a.b\ndef f():\n    from c import d\n")
    assert modules_imported(file) == {"a.b", "c", "c.d"}


def test_a_relative_import_is_refused(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("\nfrom . import other\n")
    with pytest.raises(ValueError, match="relative import in line 2"):
        modules_imported(file)


def test_arrows_are_those_of_the_package():
    found = arrows()
    assert found["__main__"] == {"cli"}
    assert found["chemistry"] <= {"errors"}
    assert {"artefacts", "chemistry"} <= found["datasets"]
    assert "datasets" not in found["datasets"]


def test_lines_of_all_files_of_a_room_are_counted():
    found = lines()
    assert found["__main__"] == 6
    assert found["models"] > found["registry"] > found["errors"]


def test_an_arrow_that_a_longer_way_implies_is_left_out():
    graph = {"top": set(), "middle": {"top"}, "low": {"middle", "top"}, "side": {"top"}}
    assert without_implied(graph) == graph | {"low": {"middle"}}


def test_the_drawing_has_every_name_and_one_arrow_for_each_import():
    graph = {"top": set(), "middle": {"top"}, "low": {"middle", "top"}}
    text = drawing(graph)
    assert all(f">{name}</text>" in text for name in graph)
    arrows = text.count("stroke-linecap") - len(graph)
    alone = drawing({name: set() for name in graph}).count("stroke-linecap") - len(graph)
    assert arrows > alone
    assert drawing(graph) == text
