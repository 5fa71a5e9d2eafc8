"""Sections and parameters of docstrings in NumPy form."""

from __future__ import annotations

import pytest

from qm7bench.registry.docstrings import class_docstring, parameter_meanings, sections

TEXT = """What it is.

Parameters
----------
alpha : float
    Of the penalty,
    in two lines.
beta, gamma and the rest
    Shared.

Notes
-----
Invariant.
"""


def test_sections_have_their_titles_and_what_stands_before_has_none():
    found = sections(TEXT)
    assert list(found) == ["", "Parameters", "Notes"]
    assert found[""][0] == "What it is."
    assert found["Notes"] == ["Invariant."]


def test_parameters_have_their_descriptions_and_may_share_one():
    assert parameter_meanings(TEXT) == {
        "alpha": "Of the penalty, in two lines.",
        "beta": "Shared.",
        "gamma": "Shared.",
    }
    assert parameter_meanings("Nothing else.") == parameter_meanings("") == {}


def test_a_class_that_is_not_there_is_said(tmp_path):
    file = tmp_path / "module.py"
    file.write_text('class A:\n    """Text."""\n')
    assert class_docstring(file, "A") == "Text."
    with pytest.raises(ValueError, match="no class B"):
        class_docstring(file, "B")
